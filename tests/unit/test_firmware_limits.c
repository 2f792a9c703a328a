// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Proves that limits only come down and that faults are found and stick, on
 * the software pen, in virtual time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <linux/mnpen.h>

#include "tests/unit/firmware_bench.h"

static void assert_limits(const struct bench *b, struct mnp_limits want)
{
	struct mnp_limits have = b->fw.limits;
	uint8_t x[MNP_LIMITS_LEN], y[MNP_LIMITS_LEN];

	mnp_limits_encode(&have, x);
	mnp_limits_encode(&want, y);
	assert_memory_equal(x, y, sizeof(x));
	assert_int_equal(b->fw.limits.crc32, want.crc32);
}

/* One lower and one higher image per field, all else as it is. */
static struct mnp_limits changed(const struct mnp_limits *from, int bit, int by)
{
	struct mnp_limits l = *from;

	switch (bit) {
	case 0:
		l.depth_max_um += (uint32_t)by;
		break;
	case 1:
		l.rate_max_spm += (uint32_t)by;
		break;
	case 2:
		l.run_max_ms += (uint32_t)by;
		break;
	case 3:
		l.strokes_max += (uint32_t)by;
		break;
	case 4:
		l.current_max_ma += (uint32_t)by;
		break;
	case 5:
		l.temp_max_mdegc += by;
		break;
	case 6:
		l.lease_max_ms += (uint32_t)by;
		break;
	}
	return l;
}

static void each_limit_goes_down_and_never_up(void **state)
{
	struct mnp_limits before, after;
	struct bench b;
	int bit;

	(void)state;
	for (bit = 0; bit < 7; bit++) {
		bench_prepare_idle(&b);
		before = b.fw.limits;
		assert_int_equal(bench_lower(&b, 1 << bit,
				       changed(&before, bit, -10)), 0);
		assert_int_equal(b.fw.limits.generation, 1);
		assert_int_not_equal(b.fw.limits.crc32, before.crc32);
		after = changed(&before, bit, -10);
		after.generation = 1;
		assert_limits(&b, after);
		assert_int_equal(bench_lower(&b, 1 << bit, before),
				 -MNP_RESULT_LIMIT);
		assert_int_equal(bench_lower(&b, 1 << bit,
				       changed(&after, bit, 1)),
				 -MNP_RESULT_LIMIT);
		/* equal is fine and changes nothing */
		assert_int_equal(bench_lower(&b, 1 << bit, after), 0);
		assert_limits(&b, after);
	}
}

static void one_raise_refuses_the_whole_image(void **state)
{
	struct mnp_limits before, want;
	struct bench b;
	int bit, other;

	(void)state;
	for (bit = 0; bit < 7; bit++) {
		bench_prepare_idle(&b);
		before = b.fw.limits;
		want = before;
		for (other = 0; other < 7; other++)
			want = changed(&want, other, other == bit ? 1 : -1);
		assert_int_equal(bench_lower(&b, 0x7f, want), -MNP_RESULT_LIMIT);
		assert_limits(&b, before);
	}
}

static void limits_outside_the_mask_do_not_matter(void **state)
{
	struct mnp_limits want = { .depth_max_um = 700 };
	struct bench b;

	(void)state;
	bench_prepare_idle(&b);
	assert_int_equal(bench_lower(&b, MNPEN_LIMIT_DEPTH, want), 0);
	assert_int_equal(b.fw.limits.depth_max_um, 700);
	assert_int_equal(b.fw.limits.rate_max_spm, 9000);
	assert_int_equal(bench_lower(&b, 0, want), -MNP_RESULT_UNKNOWN);
	assert_int_equal(bench_lower(&b, 0x80, want), -MNP_RESULT_UNKNOWN);
	assert_int_equal(bench_lower(&b, MNPEN_LIMIT_LEASE, want),
			 -MNP_RESULT_LIMIT);
}

static void damaged_limits_image_changes_nothing(void **state)
{
	struct mnp_limits l, before;
	uint8_t buf[MNP_LIMITS_LEN];
	struct bench b;
	int bit;

	(void)state;
	bench_prepare_idle(&b);
	before = b.fw.limits;
	l = changed(&before, 0, -100);
	mnp_limits_encode(&l, buf);
	for (bit = 0; bit < 8 * MNP_LIMITS_LEN; bit++) {
		buf[bit / 8] ^= 1 << bit % 8;
		assert_int_equal(bench_request(&b, 0x21, MNP_REQ_LOWER_LIMITS, 1,
					 buf, sizeof(buf)), -MNP_RESULT_CRC);
		buf[bit / 8] ^= 1 << bit % 8;
	}
	assert_limits(&b, before);
	assert_int_equal(b.fw.rx_crc_errors, 8 * MNP_LIMITS_LEN);
}

static void limits_live_until_power_off(void **state)
{
	struct mnp_limits want = { .depth_max_um = 700 };
	struct bench b;

	(void)state;
	bench_prepare_idle(&b);
	assert_int_equal(bench_lower(&b, MNPEN_LIMIT_DEPTH, want), 0);
	bench_bus(&b, FW_BUS_RESET);
	bench_bus(&b, FW_BUS_CONFIGURED);
	bench_bus(&b, FW_BUS_SUSPEND);
	bench_bus(&b, FW_BUS_RESUME);
	bench_bus(&b, FW_BUS_DETACH);
	bench_plug(&b);
	assert_int_equal(bench_arm(&b), 0);
	assert_int_equal(bench_run(&b), -MNP_RESULT_LIMIT);
	assert_int_equal(b.fw.limits.depth_max_um, 700);
	bench_power_up(&b, b.now_us);
	assert_int_equal(b.fw.limits.depth_max_um, 2500);
}

static void lowering_below_the_set_point_stops(void **state)
{
	struct mnp_limits want = { .depth_max_um = 950, .rate_max_spm = 5940 };
	struct bench b;

	(void)state;
	bench_prepare_running(&b);
	assert_int_equal(bench_lower(&b, MNPEN_LIMIT_DEPTH, want), 0);
	bench_assert_off(&b);
	assert_int_equal(b.last_off.reason, MNPEN_STOP_LIMIT);
	bench_prepare_running(&b);
	assert_int_equal(bench_lower(&b, MNPEN_LIMIT_RATE, want), 0);
	bench_assert_off(&b);
	bench_prepare_running(&b);
	want.depth_max_um = 1000;
	assert_int_equal(bench_lower(&b, MNPEN_LIMIT_DEPTH, want), 0);
	assert_true(b.fw.drive.on);
}

static void run_and_stroke_limits_end_a_run(void **state)
{
	struct mnp_limits want = { .run_max_ms = 1000, .strokes_max = 100 };
	struct bench b;

	(void)state;
	bench_prepare_idle(&b);
	assert_int_equal(bench_lower(&b, MNPEN_LIMIT_RUN, want), 0);
	bench_make_running(&b);
	bench_pass_fed(&b, 1200);
	bench_assert_off(&b);
	assert_int_equal(b.last_off.reason, MNPEN_STOP_DURATION);
	bench_prepare_idle(&b);
	assert_int_equal(bench_lower(&b, MNPEN_LIMIT_STROKES, want), 0);
	bench_make_running(&b);
	bench_pass_fed(&b, 2000);
	bench_assert_off(&b);
	assert_int_equal(b.last_off.reason, MNPEN_STOP_LIMIT);
	assert_int_equal(b.last_off.strokes, 100);
	/* used up for good */
	bench_pass(&b, 500 * MS);
	assert_int_equal(bench_arm(&b), 0);
	assert_int_equal(bench_run(&b), -MNP_RESULT_LIMIT);
}

/* Rule 8 */
static void damaged_limits_memory_is_a_fault(void **state)
{
	struct bench b;

	(void)state;
	bench_prepare_running(&b);
	b.fw.limits.depth_max_um ^= 1 << 20;
	bench_pass(&b, 2 * MS);
	bench_assert_off(&b);
	assert_int_equal(b.fw.fault_latched, MNPEN_FAULT_LIMITS);
	bench_prepare_running(&b);
	b.fw.limits_inverse[3] ^= 4;
	bench_pass(&b, 2 * MS);
	bench_assert_off(&b);
	assert_int_equal(b.fw.fault_latched, MNPEN_FAULT_LIMITS);
}

static const struct {
	enum physics_cause cause;
	uint32_t fault;
	unsigned int within_ms;
} found[] = {
	{ PHYSICS_STALL, MNPEN_FAULT_STALL, 250 },
	{ PHYSICS_OVERCURRENT, MNPEN_FAULT_OVERCURRENT, 50 },
	{ PHYSICS_OVERTEMP, MNPEN_FAULT_OVERTEMP, 300 },
	{ PHYSICS_DEPTH, MNPEN_FAULT_DEPTH, 150 },
};

/* Rule 7: found by measuring, stops, sticks until power-up. */
static void each_fault_stops_and_sticks(void **state)
{
	struct bench b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
		bench_prepare_running(&b);
		bench_pass_fed(&b, 500);
		assert_int_equal(b.fw.fault_latched, 0);
		b.fw.physics.causes = found[i].cause;
		bench_pass_fed(&b, found[i].within_ms);
		bench_assert_off(&b);
		assert_int_equal(b.last_off.reason, MNPEN_STOP_FAULT);
		assert_int_equal(b.fw.fault_latched, found[i].fault);
		assert_int_equal(b.fw.first_fault, found[i].fault);
		b.fw.physics.causes = 0;
		bench_stop_ep0(&b, MNPEN_STOP_USER);
		bench_bus(&b, FW_BUS_DETACH);
		bench_plug(&b);
		bench_pass(&b, 2000 * MS);
		assert_int_equal(b.fw.state, MNPEN_STATE_FAULT);
		assert_int_equal(bench_arm(&b), -MNP_RESULT_FAULT);
		assert_int_equal(bench_status(&b).fault_latched, found[i].fault);
		bench_power_up(&b, b.now_us);
		bench_plug(&b);
		bench_make_running(&b);
	}
}

static void first_fault_is_kept(void **state)
{
	struct bench b;

	(void)state;
	bench_prepare_running(&b);
	b.fw.physics.causes = PHYSICS_OVERCURRENT;
	bench_pass_fed(&b, 100);
	b.fw.physics.causes = PHYSICS_OVERTEMP;
	bench_pass(&b, 500 * MS);
	assert_int_equal(b.fw.fault_latched,
			 MNPEN_FAULT_OVERCURRENT | MNPEN_FAULT_OVERTEMP);
	assert_int_equal(b.fw.first_fault, MNPEN_FAULT_OVERCURRENT);
	assert_int_equal(b.last_off.reason, MNPEN_STOP_FAULT);
	assert_int_equal(b.motor_off, 1);
}

static void healthy_pen_runs_at_every_corner_without_fault(void **state)
{
	static const uint16_t rates[] = { 3000, 6000, 9000 };
	static const uint16_t depths[] = { 0, 250, 2500 };
	struct mnp_run r;
	struct bench b;
	size_t i;

	(void)state;
	bench_prepare_idle(&b);
	assert_int_equal(bench_arm(&b), 0);
	for (i = 0; i < 18; i++) {
		r = bench_good_run(&b);
		r.rate_spm = rates[i * 7 % 3];
		r.depth_um = depths[i * 5 / 3 % 3];
		assert_int_equal(bench_send_run(&b, &r), 0);
		bench_pass_fed(&b, 1000);
		assert_int_equal(b.fw.fault_latched, 0);
		assert_int_equal(bench_status(&b).rate_spm, r.rate_spm);
		assert_int_equal(bench_status(&b).depth_um, r.depth_um);
	}
	bench_stop_out(&b, MNPEN_STOP_USER);
	bench_pass(&b, 60 * MS);
	assert_int_equal(bench_status(&b).rate_spm, 0);
}

/* A turn that comes late looks at old samples with the time they had. */
static void late_turn_invents_no_fault(void **state)
{
	struct bench b;

	(void)state;
	bench_prepare_idle(&b);
	bench_make_running(&b);
	bench_pass(&b, 120 * MS);
	bench_feed_good(&b);
	/* the needles are on their way until 200 ms, judged from 300 ms on */
	b.now_us += 195 * MS;
	firmware_step(&b.fw, b.now_us);
	assert_int_equal(b.fw.fault_latched, 0);
	assert_true(b.fw.drive.on);
}

static void strokes_follow_the_rate(void **state)
{
	struct bench b;

	(void)state;
	bench_prepare_idle(&b);
	bench_make_running(&b);
	bench_pass_fed(&b, 10000);
	/* 6000 per minute for 10 s, less the spin-up of 40 ms */
	assert_in_range(b.fw.physics.strokes, 990, 1000);
}

#define T(f)	cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_limit_goes_down_and_never_up),
		T(one_raise_refuses_the_whole_image),
		T(limits_outside_the_mask_do_not_matter),
		T(damaged_limits_image_changes_nothing),
		T(limits_live_until_power_off),
		T(lowering_below_the_set_point_stops),
		T(run_and_stroke_limits_end_a_run),
		T(damaged_limits_memory_is_a_fault),
		T(each_fault_stops_and_sticks),
		T(first_fault_is_kept),
		T(healthy_pen_runs_at_every_corner_without_fault),
		T(late_turn_invents_no_fault),
		T(strokes_follow_the_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
