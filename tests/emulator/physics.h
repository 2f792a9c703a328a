/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the motor, the needles, the heat and the battery of the software pen
 * do, and the hand that holds it.
 *
 * Integer models in steps of one millisecond, of up to a second when nothing
 * moves. The firmware sees them only through the readings, as a real one sees
 * its sensors, so that a fault is found by measuring and not by being told.
 * The same seed and the same calls give the same world, bit by bit.
 */
#ifndef MNPEN_EMULATOR_PHYSICS_H
#define MNPEN_EMULATOR_PHYSICS_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/emulator/cartridge.h"
#include "tests/emulator/sensors.h"

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

/*
 * How the needles meet the skin: in contact for @on_ms, lifted for @off_ms,
 * and so on; @off_ms 0: always in contact. 1000 permille is firm pressure.
 */
struct physics_contact {
	uint32_t load_permille;
	uint32_t on_ms;
	uint32_t off_ms;
};

struct physics {
	unsigned int causes;
	uint64_t random;		/* of the noise */

	/* motor */
	int32_t rate_mspm;		/* strokes per minute / 1000 */
	uint32_t phase;			/* part of a stroke, mspm * ms */
	uint32_t strokes;		/* since power-up, wraps */
	int32_t current_ma;
	struct physics_contact contact;
	uint32_t contact_ms;		/* where in the profile */
	uint32_t load_permille;		/* now */

	/* depth */
	int32_t actuator_um;		/* where the spindle is */
	int32_t needle_um;		/* where the needles are: play, gain */
	int32_t creep_um;		/* error of PHYSICS_DEPTH */
	int32_t gain_off_permille;	/* of this unit's spindle */
	int32_t backlash_um;		/* of this unit */

	/* heat, in billionths of a degree Celsius */
	int64_t temp_motor_ndegc;
	int64_t temp_case_ndegc;

	/* supply */
	bool on_bus;
	int64_t charge_uas;		/* in the battery: mA * ms */
	int32_t brown_mv;		/* 0: no brown-out */

	/* hand and foot */
	bool pedal_down;
	bool button_down;
	struct cartridge cartridge;

	struct sensor sensors[SENSOR_COUNT];
	int32_t noise_ma;
	int32_t noise_mdegc;
	int32_t noise_mv;
};

#define PHYSICS_AMBIENT_MDEGC	24000
#define PHYSICS_DEPTH_UM_PER_MS	5	/* speed of the depth spindle */
#define PHYSICS_REST_MS		1000	/* longest step while at rest */
#define PHYSICS_BATTERY_OHM_INV	8	/* 1/8 ohm inside */

/* At rest, cold, needles retracted, battery at 84 %, a new cartridge. */
void physics_init(struct physics *p, uint64_t seed);
/* One millisecond passes while the drive is as told. */
void physics_step(struct physics *p, const struct physics_drive *d);
/* Up to PHYSICS_REST_MS pass; only while physics_at_rest(). */
void physics_rest(struct physics *p, uint32_t ms);
/* Nothing moves any more and nothing is about to. */
bool physics_at_rest(const struct physics *p);

/* Charges or drains the battery to this; 0..100. */
void physics_charge(struct physics *p, uint32_t percent);

/* How far the needles really stand out, whatever the sensors say. */
int32_t physics_needle_um(const struct physics *p);

/* Sensors. Below one needle per second the pick-up reads 0. */
uint32_t physics_rate_spm(const struct physics *p);
int32_t physics_depth_um(const struct physics *p);
int32_t physics_current_ma(const struct physics *p);
int32_t physics_temp_motor_mdegc(const struct physics *p);
int32_t physics_temp_board_mdegc(const struct physics *p);
uint32_t physics_bus_mv(const struct physics *p);
uint32_t physics_battery_mv(const struct physics *p);
/* What a fuel gauge makes of the battery's reading: 0..100 */
uint32_t physics_battery_pct(const struct physics *p);
uint32_t physics_strokes(const struct physics *p);

#endif /* MNPEN_EMULATOR_PHYSICS_H */
