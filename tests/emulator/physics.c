// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/physics.h"

#define SPIN_UP_TAU_MS		40
#define BRAKE_TAU_MS		8	/* shorted winding: 150 Hz to 0 in 40 ms */
#define CURRENT_TAU_MS		3
#define HEAT_TAU_MS		120000
#define HEAT_MDEGC_PER_MA	40
#define RUNAWAY_UDEGC_PER_MS	200000
#define RUNAWAY_MAX_UDEGC	95000000

#define NO_LOAD_MA		60
#define STALL_MA		1000	/* the drive limits it to this */
#define SHORT_MA		1400
#define CREEP_UM_PER_MS		3
#define CREEP_MAX_UM		800

#define RATE_READABLE_SPM	60
#define STROKE_MSPM_MS		60000000	/* one minute at 1 spm */

void physics_init(struct physics *p)
{
	*p = (struct physics) {
		.temp_motor_udegc = PHYSICS_AMBIENT_MDEGC * INT64_C(1000),
	};
}

static void step_motor(struct physics *p, const struct physics_drive *d)
{
	int32_t target = d->on ? (int32_t)d->rate_spm * 1000 : 0;
	int32_t tau = d->on && target > p->rate_mspm ? SPIN_UP_TAU_MS :
							BRAKE_TAU_MS;

	if (p->causes & PHYSICS_STALL)
		target = 0;
	p->rate_mspm += (target - p->rate_mspm) / tau;
	/* The integer filter stops short of its target; finish the way. */
	if (p->rate_mspm < target + tau && p->rate_mspm > target - tau)
		p->rate_mspm = target;
	p->phase += (uint32_t)p->rate_mspm;
	if (p->phase >= STROKE_MSPM_MS) {
		p->phase -= STROKE_MSPM_MS;
		p->strokes++;
	}
}

static void step_current(struct physics *p, const struct physics_drive *d)
{
	int32_t rate_spm = p->rate_mspm / 1000;
	int32_t target = 0;

	if (d->on) {
		target = NO_LOAD_MA + rate_spm / 60 + p->actuator_um / 25;
		if ((int32_t)d->rate_spm > rate_spm)
			target += ((int32_t)d->rate_spm - rate_spm) / 20;
		if (p->causes & PHYSICS_STALL)
			target = STALL_MA;
		if (p->causes & PHYSICS_OVERCURRENT)
			target += SHORT_MA;
	}
	p->current_ma += (target - p->current_ma) / CURRENT_TAU_MS;
	if (p->current_ma < target + CURRENT_TAU_MS &&
	    p->current_ma > target - CURRENT_TAU_MS)
		p->current_ma = target;
}

static void step_depth(struct physics *p, const struct physics_drive *d)
{
	int32_t target = d->on ? (int32_t)d->depth_um : 0;
	int32_t left = target - p->actuator_um;

	if (left > PHYSICS_DEPTH_UM_PER_MS)
		left = PHYSICS_DEPTH_UM_PER_MS;
	if (left < -PHYSICS_DEPTH_UM_PER_MS)
		left = -PHYSICS_DEPTH_UM_PER_MS;
	p->actuator_um += left;
	if (!(p->causes & PHYSICS_DEPTH))
		p->creep_um = 0;
	else if (d->on && p->creep_um < CREEP_MAX_UM)
		p->creep_um += CREEP_UM_PER_MS;
}

static void step_heat(struct physics *p)
{
	int64_t target = PHYSICS_AMBIENT_MDEGC * INT64_C(1000) +
			 p->current_ma * HEAT_MDEGC_PER_MA * INT64_C(1000);

	if (p->causes & PHYSICS_OVERTEMP) {
		if (p->temp_motor_udegc < RUNAWAY_MAX_UDEGC)
			p->temp_motor_udegc += RUNAWAY_UDEGC_PER_MS;
		return;
	}
	p->temp_motor_udegc += (target - p->temp_motor_udegc) / HEAT_TAU_MS;
}

void physics_step(struct physics *p, const struct physics_drive *d)
{
	step_motor(p, d);
	step_depth(p, d);
	step_current(p, d);
	step_heat(p);
}

bool physics_at_rest(const struct physics *p)
{
	return !p->rate_mspm && !p->actuator_um && !p->current_ma &&
	       !(p->causes & PHYSICS_OVERTEMP);
}

uint32_t physics_rate_spm(const struct physics *p)
{
	uint32_t rate_spm = (uint32_t)p->rate_mspm / 1000;

	return rate_spm < RATE_READABLE_SPM ? 0 : rate_spm;
}

uint32_t physics_depth_um(const struct physics *p)
{
	return (uint32_t)(p->actuator_um + p->creep_um);
}

int32_t physics_temp_motor_mdegc(const struct physics *p)
{
	return (int32_t)(p->temp_motor_udegc / 1000);
}

/* The board sits in the motor's warm air: a quarter of its rise. */
int32_t physics_temp_board_mdegc(const struct physics *p)
{
	int32_t rise = physics_temp_motor_mdegc(p) - PHYSICS_AMBIENT_MDEGC;

	return PHYSICS_AMBIENT_MDEGC + 2000 + rise / 4;
}

uint32_t physics_bus_mv(const struct physics *p)
{
	return 5040 - (uint32_t)p->current_ma / 20;
}

uint32_t physics_battery_mv(const struct physics *p)
{
	return 3960 - (uint32_t)p->current_ma / 8;
}
