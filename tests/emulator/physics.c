// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Figures marked E are estimates that give a pen of this class its usual
 * readings (100 to 300 mA, a case that gets hand-warm in a session); no data
 * sheet stands behind them.
 */
#include "tests/emulator/physics.h"

#include <stddef.h>

/* motor: E, a small brushed motor under a speed regulator */
#define SPIN_UP_TAU_MS		40	/* inertia: at speed in 0.2 s */
#define BRAKE_TAU_MS		8	/* shorted winding: 150 Hz to 0 in 40 ms */
#define CURRENT_TAU_MS		3
#define NO_LOAD_MA		60
#define LOAD_MA			250	/* at 1000 permille */
#define LIMIT_MA		1000	/* published: a 1 A motor in one pen */
#define SHORT_MA		1400
#define DIP_PERMILLE		80	/* of the rate, at a step of 1000 */

/* depth: E; a published scale has 150 um of tolerance in all */
#define GAIN_OFF_MAX_PERMILLE	4
#define BACKLASH_MIN_UM		8
#define BACKLASH_SPREAD_UM	8
#define WARM_UM_PER_DEGC_X100	30	/* 0.3 um per degree of the case */
#define CREEP_UM_PER_MS		3
#define CREEP_MAX_UM		800

/* heat: E; motor to case to air */
#define WINDING_MOHM		1500
#define IRON_UW_PER_SPM		12	/* 0.1 W at 9000 */
#define MOTOR_J_PER_K		8
#define MOTOR_K_PER_W		40
#define CASE_J_PER_K		30
#define CASE_K_PER_W		25
#define BOARD_UW		80000	/* electronics: 2 K above the room */
#define RUNAWAY_NDEGC_PER_MS	INT64_C(200000000)
#define RUNAWAY_MAX_NDEGC	INT64_C(95000000000)

/* supply: E; 600 mAh Li-ion cell, charged from the bus */
#define CAPACITY_UAS		(INT64_C(600) * 3600 * 1000)
#define START_PERMILLE		840
#define IDLE_MA			45
#define CHARGE_MA		350
#define BUS_MV			5040

#define RATE_READABLE_SPM	60
#define STROKE_MSPM_MS		60000000	/* one minute at 1 spm */

/* Open-circuit voltage of one cell by charge; typical for Li-ion. */
static const struct {
	int32_t permille, mv;
} cell[] = {
	{ 0, 3300 }, { 100, 3600 }, { 250, 3700 }, { 500, 3800 },
	{ 700, 3880 }, { 840, 3960 }, { 1000, 4180 },
};

#define CELL_POINTS	((int)(sizeof(cell) / sizeof(cell[0])))

/* splitmix64, as the firmware's; any seed will do. */
static uint32_t next_random(struct physics *p)
{
	uint64_t z = p->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(z >> 32);
}

void physics_init(struct physics *p, uint64_t seed)
{
	*p = (struct physics) {
		.random = seed,
		.temp_motor_ndegc = PHYSICS_AMBIENT_MDEGC * INT64_C(1000000),
		.temp_case_ndegc = PHYSICS_AMBIENT_MDEGC * INT64_C(1000000),
		.charge_uas = CAPACITY_UAS * START_PERMILLE / 1000,
		.cartridge = CARTRIDGE_NEW,
	};
	p->gain_off_permille = (int32_t)(next_random(p) %
		(2 * GAIN_OFF_MAX_PERMILLE + 1)) - GAIN_OFF_MAX_PERMILLE;
	p->backlash_um = BACKLASH_MIN_UM +
			 (int32_t)(next_random(p) % BACKLASH_SPREAD_UM);
}

/* One filter step; it stops short of its target, so finish the way. */
static int32_t approach(int32_t value, int32_t target, int32_t tau)
{
	value += (target - value) / tau;
	if (value < target + tau && value > target - tau)
		value = target;
	return value;
}

/* The hand presses and lifts; each change is a jolt to the motor. */
static void step_contact(struct physics *p)
{
	const struct physics_contact *c = &p->contact;
	uint32_t load = c->load_permille;
	int32_t jolt;

	if (c->off_ms) {
		p->contact_ms = (p->contact_ms + 1) % (c->on_ms + c->off_ms);
		if (p->contact_ms >= c->on_ms)
			load = 0;
	}
	jolt = (int32_t)load - (int32_t)p->load_permille;
	p->load_permille = load;
	if (jolt)
		p->rate_mspm -= (int32_t)((int64_t)p->rate_mspm * jolt *
					  DIP_PERMILLE / 1000000);
}

/* What it takes to hold @rate_spm against springs and skin. */
static int32_t needed_ma(const struct physics *p, int32_t rate_spm)
{
	return NO_LOAD_MA + rate_spm / 60 + p->actuator_um / 25 +
	       (int32_t)p->load_permille * LOAD_MA / 1000;
}

static void step_motor(struct physics *p, const struct physics_drive *d)
{
	int32_t target = d->on ? (int32_t)d->rate_spm * 1000 : 0;
	int32_t need = needed_ma(p, (int32_t)d->rate_spm);

	/* The drive limits its current: too much load, and it slows down. */
	if (need > LIMIT_MA)
		target = (int32_t)((int64_t)target * LIMIT_MA / need / 4);
	if (p->causes & PHYSICS_STALL)
		target = 0;
	p->rate_mspm = approach(p->rate_mspm, target,
				d->on && target > p->rate_mspm ?
				SPIN_UP_TAU_MS : BRAKE_TAU_MS);
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
		target = needed_ma(p, rate_spm);
		if ((int32_t)d->rate_spm > rate_spm)
			target += ((int32_t)d->rate_spm - rate_spm) / 20;
		if (p->causes & PHYSICS_STALL || target > LIMIT_MA)
			target = LIMIT_MA;
		if (p->causes & PHYSICS_OVERCURRENT)
			target += SHORT_MA;
	}
	p->current_ma = approach(p->current_ma, target, CURRENT_TAU_MS);
}

/* The needles follow the spindle with its play and its error of pitch. */
static void step_needle(struct physics *p)
{
	int32_t at = p->actuator_um + p->actuator_um * p->gain_off_permille /
		     1000;

	if (p->needle_um < at - p->backlash_um)
		p->needle_um = at - p->backlash_um;
	if (p->needle_um > at)
		p->needle_um = at;
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
	step_needle(p);
	if (!(p->causes & PHYSICS_DEPTH))
		p->creep_um = 0;
	else if (d->on && p->creep_um < CREEP_MAX_UM)
		p->creep_um += CREEP_UM_PER_MS;
}

/* Flows in microwatts; uW * ms / (J/K) is billionths of a degree. */
static void step_heat(struct physics *p, uint32_t ms)
{
	int64_t motor_uw, to_case_uw, to_air_uw;

	motor_uw = (int64_t)p->current_ma * p->current_ma * WINDING_MOHM /
		   1000 + p->rate_mspm / 1000 * IRON_UW_PER_SPM;
	to_case_uw = (p->temp_motor_ndegc - p->temp_case_ndegc) /
		     (1000 * MOTOR_K_PER_W);
	to_air_uw = (p->temp_case_ndegc - PHYSICS_AMBIENT_MDEGC *
		     INT64_C(1000000)) / (1000 * CASE_K_PER_W);
	p->temp_case_ndegc += (to_case_uw - to_air_uw) * ms / CASE_J_PER_K;
	if (!(p->causes & PHYSICS_OVERTEMP))
		p->temp_motor_ndegc += (motor_uw - to_case_uw) * ms /
				       MOTOR_J_PER_K;
	else if (p->temp_motor_ndegc < RUNAWAY_MAX_NDEGC)
		p->temp_motor_ndegc += RUNAWAY_NDEGC_PER_MS * ms;
}

static void step_battery(struct physics *p, uint32_t ms)
{
	int32_t draw_ma = p->on_bus ? -CHARGE_MA : IDLE_MA;

	/* The motor runs from the cell: 5 V bus and 3.9 V cell alike. */
	p->charge_uas -= (int64_t)(draw_ma + p->current_ma) * ms;
	if (p->charge_uas > CAPACITY_UAS)
		p->charge_uas = CAPACITY_UAS;
	if (p->charge_uas < 0)
		p->charge_uas = 0;
}

static int32_t spread(uint32_t bits, int32_t max)
{
	return (int32_t)(bits % (uint32_t)(2 * max + 1)) - max;
}

/* By charge; cell_mv() is the other way round of physics_battery_pct(). */
static int32_t cell_mv(int32_t permille)
{
	int i;

	for (i = 1; i < CELL_POINTS - 1 && permille > cell[i].permille; i++)
		;
	return cell[i - 1].mv + (cell[i].mv - cell[i - 1].mv) *
	       (permille - cell[i - 1].permille) /
	       (cell[i].permille - cell[i - 1].permille);
}

static int32_t battery_mv(const struct physics *p)
{
	int32_t mv = cell_mv((int32_t)(p->charge_uas * 1000 / CAPACITY_UAS)) -
		     p->current_ma / PHYSICS_BATTERY_OHM_INV;

	return p->brown_mv && mv > p->brown_mv ? p->brown_mv : mv;
}

/* The board warms itself a little and sits in the case. */
static int64_t board_mdegc(const struct physics *p)
{
	return p->temp_case_ndegc / 1000000 +
	       (int64_t)BOARD_UW * CASE_K_PER_W / 1000;
}

static void step_sensors(struct physics *p, uint32_t ms)
{
	const int64_t truth[SENSOR_COUNT] = {
		[SENSOR_RATE] = p->rate_mspm / 1000,
		[SENSOR_DEPTH] = p->actuator_um + p->creep_um,
		[SENSOR_CURRENT] = p->current_ma,
		[SENSOR_TEMP_MOTOR] = p->temp_motor_ndegc / 1000000,
		[SENSOR_TEMP_BOARD] = board_mdegc(p),
		[SENSOR_BATTERY] = battery_mv(p),
		[SENSOR_STROKES] = p->strokes,
	};
	uint32_t bits = next_random(p);
	int i;

	/* One count of the converter, more or less; none of a motor at rest. */
	p->noise_ma = p->current_ma ? spread(bits & 0xff, 2) : 0;
	p->noise_mdegc = spread(bits >> 8 & 0xff, 20);
	p->noise_mv = spread(bits >> 16 & 0xff, 3);
	for (i = 0; i < SENSOR_COUNT; i++)
		sensor_pass(&p->sensors[i], truth[i], ms);
}

void physics_step(struct physics *p, const struct physics_drive *d)
{
	step_contact(p);
	step_motor(p, d);
	step_depth(p, d);
	step_current(p, d);
	step_heat(p, 1);
	step_battery(p, 1);
	step_sensors(p, 1);
}

void physics_rest(struct physics *p, uint32_t ms)
{
	step_heat(p, ms);
	step_battery(p, ms);
	step_sensors(p, ms);
}

bool physics_at_rest(const struct physics *p)
{
	return !p->rate_mspm && !p->actuator_um && !p->current_ma &&
	       !(p->causes & PHYSICS_OVERTEMP);
}

void physics_charge(struct physics *p, uint32_t percent)
{
	p->charge_uas = CAPACITY_UAS * percent / 100;
}

int32_t physics_needle_um(const struct physics *p)
{
	int64_t warmer = (p->temp_case_ndegc - PHYSICS_AMBIENT_MDEGC *
			  INT64_C(1000000)) / 1000000;	/* mdegC */

	return p->needle_um + p->creep_um +
	       (int32_t)(warmer * WARM_UM_PER_DEGC_X100 / 100000);
}

static int64_t read_sensor(const struct physics *p, enum sensor_id id,
			   int64_t truth, int64_t min, int64_t max)
{
	int64_t value = sensor_reading(&p->sensors[id], truth);

	return value < min ? min : value > max ? max : value;
}

uint32_t physics_rate_spm(const struct physics *p)
{
	uint32_t rate_spm = (uint32_t)
		read_sensor(p, SENSOR_RATE, p->rate_mspm / 1000, 0, 65534);

	return rate_spm < RATE_READABLE_SPM ? 0 : rate_spm;
}

int32_t physics_depth_um(const struct physics *p)
{
	return (int32_t)read_sensor(p, SENSOR_DEPTH,
				    p->actuator_um + p->creep_um, 0, 65534);
}

int32_t physics_current_ma(const struct physics *p)
{
	return (int32_t)read_sensor(p, SENSOR_CURRENT, p->current_ma,
				    -32767, 32767) + p->noise_ma;
}

int32_t physics_temp_motor_mdegc(const struct physics *p)
{
	return (int32_t)read_sensor(p, SENSOR_TEMP_MOTOR,
				    p->temp_motor_ndegc / 1000000,
				    -327000, 327000) + p->noise_mdegc;
}

int32_t physics_temp_board_mdegc(const struct physics *p)
{
	return (int32_t)read_sensor(p, SENSOR_TEMP_BOARD, board_mdegc(p),
				    -327000, 327000) - p->noise_mdegc;
}

uint32_t physics_bus_mv(const struct physics *p)
{
	int32_t mv = p->on_bus ? BUS_MV - p->current_ma / 20 : 0;

	return (uint32_t)(p->brown_mv && mv > p->brown_mv ? p->brown_mv : mv);
}

uint32_t physics_battery_mv(const struct physics *p)
{
	return (uint32_t)(read_sensor(p, SENSOR_BATTERY, battery_mv(p), 3,
				      65530) + p->noise_mv);
}

uint32_t physics_battery_pct(const struct physics *p)
{
	int32_t mv = (int32_t)physics_battery_mv(p) - p->noise_mv +
		     p->current_ma / PHYSICS_BATTERY_OHM_INV;
	int32_t permille;
	int i;

	for (i = 1; i < CELL_POINTS - 1 && mv > cell[i].mv; i++)
		;
	permille = cell[i - 1].permille +
		   (cell[i].permille - cell[i - 1].permille) *
		   (mv - cell[i - 1].mv) / (cell[i].mv - cell[i - 1].mv);
	if (permille < 0)
		permille = 0;
	return (uint32_t)(permille > 1000 ? 100 : (permille + 5) / 10);
}

uint32_t physics_strokes(const struct physics *p)
{
	return (uint32_t)read_sensor(p, SENSOR_STROKES, p->strokes, 0,
				     UINT32_MAX);
}
