/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the motor, the needles and the battery of the software pen do.
 *
 * First-order integer models in steps of one millisecond. The firmware sees
 * them only through the readings, as a real one sees its sensors, so that a
 * fault is found by measuring and not by being told.
 */
#ifndef MNPEN_EMULATOR_PHYSICS_H
#define MNPEN_EMULATOR_PHYSICS_H

#include <stdbool.h>
#include <stdint.h>

/* Causes that can be injected, as a mask; they stay until healed. */
enum physics_cause {
	PHYSICS_STALL		= 1 << 0,	/* the shaft is blocked */
	PHYSICS_OVERCURRENT	= 1 << 1,	/* winding partly shorted */
	PHYSICS_OVERTEMP	= 1 << 2,	/* the motor heats by itself */
	PHYSICS_DEPTH		= 1 << 3,	/* the needles creep out */
};

/* What the firmware tells the drive. */
struct physics_drive {
	bool on;
	uint32_t rate_spm;
	uint32_t depth_um;
};

struct physics {
	unsigned int causes;
	int32_t rate_mspm;		/* strokes per minute / 1000 */
	uint32_t phase;			/* part of a stroke, mspm * ms */
	uint32_t strokes;		/* since power-up, wraps */
	int32_t actuator_um;		/* where the spindle is */
	int32_t creep_um;		/* error of PHYSICS_DEPTH */
	int32_t current_ma;
	int64_t temp_motor_udegc;	/* millionths of a degree Celsius */
};

#define PHYSICS_AMBIENT_MDEGC	24000
#define PHYSICS_DEPTH_UM_PER_MS	5	/* speed of the depth spindle */

/* At rest, cold, needles retracted. */
void physics_init(struct physics *p);
/* One millisecond passes while the drive is as told. */
void physics_step(struct physics *p, const struct physics_drive *d);
/* Nothing moves any more and nothing is about to. */
bool physics_at_rest(const struct physics *p);

/* Sensors. Below one needle per second the pick-up reads 0. */
uint32_t physics_rate_spm(const struct physics *p);
uint32_t physics_depth_um(const struct physics *p);
int32_t physics_temp_motor_mdegc(const struct physics *p);
int32_t physics_temp_board_mdegc(const struct physics *p);
uint32_t physics_bus_mv(const struct physics *p);
uint32_t physics_battery_mv(const struct physics *p);

#endif /* MNPEN_EMULATOR_PHYSICS_H */
