// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Proves that the software pen's world behaves as a world does: things take
 * time, get warm, wear on the battery; that a broken sensor lies and the
 * truth stays; and that the same seed gives the same world.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/emulator/physics.h"

#define MINUTE_MS	60000

static const struct physics_drive running = {
	.on = true, .rate_spm = 6000, .depth_um = 1000,
};
static const struct physics_drive off;

static void pass(struct physics *p, const struct physics_drive *d,
		 unsigned int ms)
{
	while (ms--)
		physics_step(p, d);
}

static struct physics started(void)
{
	struct physics p;

	physics_init(&p, 1);
	pass(&p, &running, 1000);
	return p;
}

static void motor_has_inertia_and_reaches_its_rate(void **state)
{
	struct physics p;

	(void)state;
	physics_init(&p, 1);
	pass(&p, &running, 10);
	assert_in_range(physics_rate_spm(&p), 1000, 3000);
	pass(&p, &running, 990);
	assert_int_equal(physics_rate_spm(&p), 6000);
	pass(&p, &off, 5);
	assert_in_range(physics_rate_spm(&p), 1000, 5000);
	pass(&p, &off, 55);
	assert_int_equal(physics_rate_spm(&p), 0);
}

static void strokes_are_counted_one_by_one(void **state)
{
	struct physics p = started();
	uint32_t before = p.strokes;

	(void)state;
	pass(&p, &running, MINUTE_MS);
	assert_int_equal(p.strokes - before, 6000);
}

static void contact_loads_the_motor_and_lifting_frees_it(void **state)
{
	struct physics p = started();
	int32_t free_ma = p.current_ma;
	uint32_t lowest = 6000;
	int i;

	(void)state;
	p.contact = (struct physics_contact) { 1000, 300, 100 };
	for (i = 0; i < 290; i++) {
		physics_step(&p, &running);
		if (physics_rate_spm(&p) < lowest)
			lowest = physics_rate_spm(&p);
	}
	assert_in_range(lowest, 5000, 5900);
	assert_in_range(physics_rate_spm(&p), 5950, 6000);
	assert_in_range(p.current_ma - free_ma, 200, 300);
	pass(&p, &running, 60);
	assert_in_range(p.current_ma - free_ma, 0, 30);
	pass(&p, &running, 100);
	assert_in_range(p.current_ma - free_ma, 200, 300);
}

static void too_much_load_makes_it_crawl_at_the_current_limit(void **state)
{
	struct physics p = started();

	(void)state;
	p.contact.load_permille = 5000;
	pass(&p, &running, 1000);
	assert_in_range(physics_rate_spm(&p), 1, 1499);
	assert_int_equal(p.current_ma, 1000);
}

static void a_blocked_shaft_stands_and_draws_all_it_can(void **state)
{
	struct physics p = started();

	(void)state;
	p.causes = PHYSICS_STALL;
	pass(&p, &running, 100);
	assert_int_equal(physics_rate_spm(&p), 0);
	assert_int_equal(p.current_ma, 1000);
}

/* A session of ten minutes: warm, not hot; and it cools down again. */
static void motor_and_case_warm_up_and_cool_down(void **state)
{
	struct physics p = started();
	int32_t warm;
	int i;

	(void)state;
	p.contact.load_permille = 500;
	pass(&p, &running, 10 * MINUTE_MS);
	warm = physics_temp_motor_mdegc(&p);
	assert_in_range(warm, 32000, 48000);
	assert_true(physics_temp_board_mdegc(&p) < warm);
	assert_in_range(physics_temp_board_mdegc(&p), 27000, 40000);
	pass(&p, &off, 1000);
	assert_true(physics_at_rest(&p));
	for (i = 0; i < 3600; i++)
		physics_rest(&p, PHYSICS_REST_MS);
	assert_in_range(physics_temp_motor_mdegc(&p), 23900, 25500);
}

static void depth_travels_at_its_speed_with_play(void **state)
{
	struct physics_drive back = running;
	struct physics p;

	(void)state;
	physics_init(&p, 7);
	pass(&p, &running, 100);
	assert_int_equal(physics_depth_um(&p), 100 * PHYSICS_DEPTH_UM_PER_MS);
	pass(&p, &running, 200);
	assert_int_equal(physics_depth_um(&p), 1000);
	/* out: behind by the play; in again: not at once */
	assert_in_range(1000 - physics_needle_um(&p), 0, 24);
	back.depth_um = 990;
	pass(&p, &back, 10);
	assert_int_equal(physics_depth_um(&p), 990);
	assert_in_range(physics_needle_um(&p), 970, 1000);
}

static void units_differ_by_seed_within_their_tolerance(void **state)
{
	struct physics p;
	uint64_t seed;
	int different = 0;

	(void)state;
	for (seed = 0; seed < 100; seed++) {
		physics_init(&p, seed);
		assert_in_range(p.gain_off_permille + 4, 0, 8);
		assert_in_range(p.backlash_um, 8, 15);
		pass(&p, &running, 500);
		different += physics_needle_um(&p) != 990;
		assert_in_range(physics_needle_um(&p), 970, 1010);
	}
	assert_true(different > 50);
}

static void battery_drains_alone_and_charges_on_the_bus(void **state)
{
	struct physics p;
	uint32_t before;
	int i;

	(void)state;
	physics_init(&p, 1);
	assert_int_equal(physics_battery_pct(&p), 84);
	assert_int_equal(physics_bus_mv(&p), 0);
	for (i = 0; i < 7200; i++)
		physics_rest(&p, PHYSICS_REST_MS);
	/* 2 h at 45 mA of 600 mAh */
	assert_in_range(physics_battery_pct(&p), 68, 70);
	before = physics_battery_mv(&p);
	pass(&p, &running, 500);
	assert_true(physics_battery_mv(&p) < before - 10);
	pass(&p, &off, 500);
	p.on_bus = true;
	assert_in_range(physics_bus_mv(&p), 5000, 5050);
	for (i = 0; i < 3600; i++)
		physics_rest(&p, PHYSICS_REST_MS);
	assert_int_equal(physics_battery_pct(&p), 100);
}

static void gauge_agrees_with_the_charge(void **state)
{
	struct physics p;
	uint32_t percent;

	(void)state;
	physics_init(&p, 1);
	for (percent = 0; percent <= 100; percent++) {
		physics_charge(&p, percent);
		assert_in_range(physics_battery_pct(&p) + 1, percent,
				percent + 2);
	}
}

static void a_frozen_sensor_keeps_its_last_reading(void **state)
{
	struct physics p = started();

	(void)state;
	p.sensors[SENSOR_RATE].frozen = true;
	p.sensors[SENSOR_DEPTH].frozen = true;
	pass(&p, &running, 1);
	pass(&p, &off, 1000);
	assert_int_equal(physics_rate_spm(&p), 6000);
	assert_int_equal(physics_depth_um(&p), 1000);
	assert_int_equal(p.rate_mspm, 0);
	p.sensors[SENSOR_RATE].frozen = false;
	assert_int_equal(physics_rate_spm(&p), 0);
}

static void a_lying_sensor_scales_and_shifts(void **state)
{
	struct physics p = started();

	(void)state;
	p.sensors[SENSOR_DEPTH].offset = -100;
	p.sensors[SENSOR_DEPTH].gain_off_permille = 500;
	assert_int_equal(physics_depth_um(&p), 1400);
	p.sensors[SENSOR_DEPTH].gain_off_permille = -1000;
	assert_int_equal(physics_depth_um(&p), 0);	/* no negative one */
	p.sensors[SENSOR_RATE].offset = 1000000;
	assert_int_equal(physics_rate_spm(&p), 65534);	/* as far as it goes */
}

static void a_drifting_sensor_wanders_at_its_pace(void **state)
{
	struct physics p = started();
	int i;

	(void)state;
	p.sensors[SENSOR_TEMP_BOARD].drift_per_s = 500;
	p.sensors[SENSOR_STROKES].drift_per_s = -1;
	pass(&p, &off, 1000);
	for (i = 0; i < 9; i++)
		physics_rest(&p, PHYSICS_REST_MS);
	assert_in_range(physics_temp_board_mdegc(&p), 30500, 31600);
	assert_int_equal(physics_strokes(&p), p.strokes - 10);
}

static void same_seed_same_world(void **state)
{
	struct physics a, b, c;

	(void)state;
	physics_init(&a, 42);
	physics_init(&b, 42);
	physics_init(&c, 43);
	a.contact = b.contact = c.contact =
		(struct physics_contact) { 700, 250, 130 };
	pass(&a, &running, 20000);
	pass(&b, &running, 20000);
	pass(&c, &running, 20000);
	assert_int_equal(a.random, b.random);
	assert_int_equal(a.temp_motor_ndegc, b.temp_motor_ndegc);
	assert_int_equal(a.charge_uas, b.charge_uas);
	assert_int_equal(a.noise_ma, b.noise_ma);
	assert_int_equal(a.strokes, b.strokes);
	assert_int_not_equal(a.random, c.random);
}

#define T(f)	cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(motor_has_inertia_and_reaches_its_rate),
		T(strokes_are_counted_one_by_one),
		T(contact_loads_the_motor_and_lifting_frees_it),
		T(too_much_load_makes_it_crawl_at_the_current_limit),
		T(a_blocked_shaft_stands_and_draws_all_it_can),
		T(motor_and_case_warm_up_and_cool_down),
		T(depth_travels_at_its_speed_with_play),
		T(units_differ_by_seed_within_their_tolerance),
		T(battery_drains_alone_and_charges_on_the_bus),
		T(gauge_agrees_with_the_charge),
		T(a_frozen_sensor_keeps_its_last_reading),
		T(a_lying_sensor_scales_and_shifts),
		T(a_drifting_sensor_wanders_at_its_pace),
		T(same_seed_same_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
