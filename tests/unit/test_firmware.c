// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Proves when the software pen may move and that it stops: the firmware rules
 * of kernel/Documentation/mnpen-protocol.rst, in virtual time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <linux/mnpen.h>

#include "tests/unit/firmware_bench.h"

static void (*const situations[])(struct bench *b) = {
	bench_prepare_bare, bench_prepare_idle, bench_prepare_armed, bench_prepare_running,
	bench_prepare_fault, bench_prepare_suspended,
};

#define SITUATIONS	(sizeof(situations) / sizeof(situations[0]))

/* Rule 3 */
static void stop_is_accepted_in_every_state_by_both_pipes(void **state)
{
	struct bench b;
	size_t i;

	(void)state;
	for (i = 0; i < SITUATIONS; i++) {
		situations[i](&b);
		bench_stop_out(&b, MNPEN_STOP_LEASE);
		bench_assert_off(&b);
		bench_stop_out(&b, MNPEN_STOP_LEASE);
		bench_assert_off(&b);
		situations[i](&b);
		bench_stop_ep0(&b, MNPEN_STOP_LEASE);
		bench_assert_off(&b);
		bench_stop_ep0(&b, MNPEN_STOP_LEASE);
		bench_assert_off(&b);
	}
}

static void stop_tells_its_reason_and_keeps_the_first(void **state)
{
	struct bench b;

	(void)state;
	bench_prepare_running(&b);
	bench_stop_out(&b, MNPEN_STOP_CLOSE);
	assert_int_equal(b.last_off.reason, MNPEN_STOP_CLOSE);
	assert_int_equal(b.last_off.source, FW_FROM_OUT);
	bench_stop_ep0(&b, MNPEN_STOP_USER);
	bench_bus(&b, FW_BUS_RESET);
	bench_bus(&b, FW_BUS_CONFIGURED);
	assert_int_equal(bench_status(&b).stop_reason, MNPEN_STOP_CLOSE);
	assert_int_equal(bench_arm(&b), 0);
	assert_int_equal(bench_status(&b).stop_reason, MNPEN_STOP_NONE);
}

static void stop_of_a_newer_host_still_stops(void **state)
{
	uint8_t buf[MNP_OUT_LEN] = { 0x4e, 0x4d, MNP_OUT_STOP, 200, 1, 2, 3, 4,
				     5, 6, 7, 8, 9, 10 };
	struct bench b;
	uint16_t crc = mnp_crc16(buf, MNP_OUT_LEN - 2);

	(void)state;
	buf[14] = crc & 0xff;
	buf[15] = crc >> 8;
	bench_prepare_running(&b);
	firmware_out(&b.fw, b.now_us, buf, sizeof(buf));
	bench_assert_off(&b);
	assert_int_equal(bench_status(&b).stop_reason, MNPEN_STOP_FORCED);
	bench_prepare_running(&b);
	assert_int_equal(bench_request(&b, 0x21, MNP_REQ_STOP, 0x1234, NULL, 0), 0);
	bench_assert_off(&b);
}

static void disarm_takes_the_token_back(void **state)
{
	struct bench b;

	(void)state;
	bench_prepare_running(&b);
	assert_int_equal(bench_request(&b, 0x21, MNP_REQ_DISARM, 0, NULL, 0), 0);
	bench_assert_off(&b);
}

/* Clock values of which the low 32 bits wrap inside the test. */
static const uint64_t starts[] = {
	5000000, UINT32_MAX - 100000, UINT32_MAX - 1000, UINT32_MAX,
	UINT64_C(7) << 32, (UINT64_C(9) << 32) - WD_US,
	(UINT64_C(1) << 31) - 100000,
};

#define STARTS	(sizeof(starts) / sizeof(starts[0]))

/* Rule 1: on until the microsecond before, off at the deadline. */
static void deadline_is_exact(void **state)
{
	struct bench b;
	uint64_t deadline_us;
	size_t i;

	(void)state;
	for (i = 0; i < STARTS; i++) {
		bench_power_up(&b, starts[i]);
		bench_plug(&b);
		bench_make_running(&b);
		deadline_us = b.now_us + WD_US;
		assert_int_equal(b.fw.deadline_us, deadline_us);
		bench_pass(&b, WD_US - 1);
		assert_true(b.fw.drive.on);
		assert_int_equal(firmware_next_us(&b.fw), deadline_us);
		bench_pass(&b, 1);
		bench_assert_off(&b);
		assert_int_equal(b.last_off.t_us, deadline_us);
		assert_int_equal(b.last_off.reason, MNPEN_STOP_DEVICE);
		assert_int_equal(b.last_off.deadline_us, deadline_us);
	}
}

/* A turn that comes late still stops before it obeys anything. */
static void late_turn_stops_before_it_listens(void **state)
{
	struct bench b;
	struct mnp_run r;

	(void)state;
	bench_prepare_running(&b);
	b.now_us += 5 * WD_US;
	bench_feed_good(&b);
	bench_assert_off(&b);
	bench_prepare_running(&b);
	r = bench_good_run(&b);
	b.now_us += 5 * WD_US;
	r.valid_until_us = (uint32_t)(b.now_us + 1000);
	assert_int_equal(bench_send_run(&b, &r), -MNP_RESULT_TOKEN);
	bench_assert_off(&b);
}

/* What turned until the deadline is counted, whoever noticed when. */
static void late_turn_counts_the_strokes_made(void **state)
{
	uint32_t before;
	struct bench b;

	(void)state;
	bench_prepare_running(&b);
	bench_feed_good(&b);
	before = b.fw.physics.strokes;
	b.now_us = b.fw.deadline_us + 40 * MS;
	firmware_step(&b.fw, b.now_us);
	bench_assert_off(&b);
	/* 6000 per minute for 200 ms */
	assert_in_range(b.last_off.strokes - before, 19, 21);
}

static void feeding_keeps_it_running(void **state)
{
	struct bench b;

	(void)state;
	bench_power_up(&b, UINT32_MAX - 3000000);
	bench_plug(&b);
	b.seq = 0xfff0;
	bench_make_running(&b);
	bench_pass_fed(&b, 10000);
	assert_true(b.fw.drive.on);
	assert_int_equal(b.motor_on, 1);
	assert_int_equal(b.motor_off, 0);
	assert_int_equal(b.rejects, 0);
}

/* Rule 2 */
static void feed_is_accepted_only_inside_the_horizon(void **state)
{
	static const struct {
		int64_t ahead_us;
		bool ok;
	} cases[] = {
		{ INT32_MIN, false }, { -WD_US, false }, { -1, false },
		{ 0, false }, { 1, true }, { WD_US - 1, true },
		{ WD_US, true }, { WD_US + 1, false }, { 1000000, false },
		{ INT32_MAX, false },
	};
	struct bench b;
	uint64_t before_us;
	size_t i, s;
	bool ok;

	(void)state;
	for (s = 0; s < STARTS; s++) {
		for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			bench_power_up(&b, starts[s]);
			bench_plug(&b);
			assert_int_equal(bench_arm(&b), 0);
			before_us = b.fw.last_feed_us;
			bench_feed(&b, b.fw.token, 1, cases[i].ahead_us);
			ok = b.fw.last_feed_us != before_us;
			assert_int_equal(ok, cases[i].ok);
			assert_int_equal(b.fw.deadline_us, ok ? b.now_us +
					 (uint64_t)cases[i].ahead_us : 0);
			assert_int_equal(b.rejects, !cases[i].ok);
		}
	}
}

static void feed_with_wrong_token_or_old_sequence_is_refused(void **state)
{
	struct bench b;
	uint64_t deadline_us;
	uint16_t token;

	(void)state;
	bench_prepare_running(&b);
	deadline_us = b.fw.deadline_us;
	token = b.fw.token;
	b.now_us += 1000;
	bench_feed(&b, 0, b.seq + 1, WD_US);
	bench_feed(&b, token ^ 1, b.seq + 1, WD_US);
	bench_feed(&b, token, b.seq, WD_US);
	bench_feed(&b, token, b.seq - 1, WD_US);
	bench_feed(&b, token, b.seq + 0x8000, WD_US);
	assert_int_equal(b.fw.deadline_us, deadline_us);
	assert_int_equal(b.rejects, 5);
	bench_feed(&b, token, b.seq + 0x7fff, WD_US);
	assert_int_equal(b.fw.deadline_us, b.now_us + WD_US);
}

/* Not armed: token 0 is no token. */
static void feed_with_token_zero_does_nothing_when_idle(void **state)
{
	struct bench b;

	(void)state;
	bench_prepare_idle(&b);
	bench_feed(&b, 0, 1, WD_US);
	assert_int_equal(b.fw.deadline_us, 0);
	assert_int_equal(b.rejects, 1);
}

static void deadline_never_moves_backwards(void **state)
{
	struct bench b;
	uint64_t deadline_us;

	(void)state;
	bench_prepare_running(&b);
	bench_feed_good(&b);
	deadline_us = b.fw.deadline_us;
	bench_feed(&b, b.fw.token, ++b.seq, 1000);
	assert_int_equal(b.fw.deadline_us, deadline_us);
}

/* Rule 4: every way to lose the bus, then every old packet once more. */
static void nothing_restarts_after_the_bus_was_lost(void **state)
{
	static const enum fw_bus ways[] = {
		FW_BUS_RESET, FW_BUS_SUSPEND, FW_BUS_DETACH,
		FW_BUS_CONFIGURED, FW_BUS_RESUME,
	};
	struct bench b;
	struct mnp_run old;
	uint16_t token;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		bench_prepare_running(&b);
		token = b.fw.token;
		old = bench_good_run(&b);
		bench_bus(&b, ways[i]);
		bench_assert_off(&b);
		bench_pass(&b, 50 * MS);
		bench_bus(&b, FW_BUS_ATTACH);
		bench_bus(&b, FW_BUS_RESUME);
		bench_bus(&b, FW_BUS_CONFIGURED);
		bench_feed(&b, token, old.seq, WD_US);
		assert_int_equal(bench_send_run(&b, &old), -MNP_RESULT_TOKEN);
		bench_pass(&b, 5000 * MS);
		bench_assert_off(&b);
		assert_int_equal(b.motor_on, 1);
		/* and the old token is worth nothing in a new session */
		assert_int_equal(bench_arm(&b), 0);
		assert_int_not_equal(b.fw.token, token);
		assert_int_equal(bench_send_run(&b, &old), -MNP_RESULT_TOKEN);
		assert_false(b.fw.drive.on);
	}
}

static void stop_by_each_bus_event_names_it(void **state)
{
	struct bench b;

	(void)state;
	bench_prepare_running(&b);
	bench_bus(&b, FW_BUS_RESET);
	assert_int_equal(b.last_off.reason, MNPEN_STOP_RESET);
	bench_prepare_running(&b);
	bench_bus(&b, FW_BUS_SUSPEND);
	assert_int_equal(b.last_off.reason, MNPEN_STOP_PM);
	bench_prepare_running(&b);
	bench_bus(&b, FW_BUS_DETACH);
	assert_int_equal(b.last_off.reason, MNPEN_STOP_UNBIND);
}

static void tokens_are_new_and_never_zero(void **state)
{
	struct mnp_arm_reply r;
	uint8_t buf[MNP_CAPS_MAX_LEN];
	uint16_t last = 0;
	struct bench b;
	int i, n;

	(void)state;
	bench_prepare_idle(&b);
	/* Often enough that chance alone would repeat one, or give a 0. */
	for (i = 0; i < 300000; i++) {
		assert_int_equal(bench_arm(&b), 0);
		assert_int_not_equal(b.fw.token, 0);
		assert_int_not_equal(b.fw.token, last);
		last = b.fw.token;
		bench_stop_out(&b, MNPEN_STOP_USER);
	}
	assert_int_equal(bench_arm(&b), 0);
	n = bench_request(&b, 0xa1, MNP_REQ_GET_ARM, 0, buf, MNP_ARM_REPLY_LEN);
	assert_int_equal(mnp_arm_reply_decode(buf, (size_t)n, &r), 0);
	assert_int_equal(r.nonce, 7);
	assert_int_equal(r.token, b.fw.token);
	bench_stop_out(&b, MNPEN_STOP_USER);
	n = bench_request(&b, 0xa1, MNP_REQ_GET_ARM, 0, buf, MNP_ARM_REPLY_LEN);
	assert_int_equal(mnp_arm_reply_decode(buf, (size_t)n, &r), 0);
	assert_int_equal(r.token, 0);
}

static void arm_is_refused_unless_all_is_well(void **state)
{
	struct mnp_arm a = { .nonce = 1, .feed_ms = 50 };
	uint8_t buf[MNP_ARM_LEN];
	struct bench b;

	(void)state;
	bench_prepare_bare(&b);
	assert_int_equal(bench_arm(&b), -MNP_RESULT_STATE);
	bench_prepare_armed(&b);
	assert_int_equal(bench_arm(&b), -MNP_RESULT_STATE);
	bench_prepare_running(&b);
	assert_int_equal(bench_arm(&b), -MNP_RESULT_STATE);
	assert_true(b.fw.drive.on);
	bench_prepare_fault(&b);
	assert_int_equal(bench_arm(&b), -MNP_RESULT_FAULT);
	assert_int_equal(bench_run(&b), -MNP_RESULT_FAULT);
	bench_prepare_idle(&b);
	a.limits_crc32 = b.fw.limits.crc32 ^ 1;
	mnp_arm_encode(&a, buf);
	assert_int_equal(bench_request(&b, 0x21, MNP_REQ_ARM, 0, buf, sizeof(buf)),
			 -MNP_RESULT_LIMIT);
	a.limits_crc32 = b.fw.limits.crc32;
	a.feed_ms = MNP_DEVICE_WD_MS;
	mnp_arm_encode(&a, buf);
	assert_int_equal(bench_request(&b, 0x21, MNP_REQ_ARM, 0, buf, sizeof(buf)),
			 -MNP_RESULT_LIMIT);
	assert_int_equal(b.fw.token, 0);
}

static void expect_run(void (*change)(struct mnp_run *r), int code)
{
	struct mnp_run r;
	struct bench b;

	bench_prepare_armed(&b);
	r = bench_good_run(&b);
	change(&r);
	assert_int_equal(bench_send_run(&b, &r), -code);
	assert_int_equal(bench_result_code(&b), code);
	assert_int_equal(b.fw.drive.on, !code);
}

static void no_change(struct mnp_run *r) { (void)r; }
static void wrong_token(struct mnp_run *r) { r->token ^= 0x100; }
static void zero_token(struct mnp_run *r) { r->token = 0; }
static void too_late(struct mnp_run *r) { r->valid_until_us -= WD_US; }
static void too_far(struct mnp_run *r) { r->valid_until_us += 1; }
static void too_fast(struct mnp_run *r) { r->rate_spm = 9001; }
static void too_slow(struct mnp_run *r) { r->rate_spm = 2999; }
static void too_deep(struct mnp_run *r) { r->depth_um = 2501; }
static void update(struct mnp_run *r) { r->flags = MNP_RUN_F_UPDATE; }

static void run_is_refused_for_each_reason(void **state)
{
	(void)state;
	expect_run(no_change, MNP_RESULT_OK);
	expect_run(wrong_token, MNP_RESULT_TOKEN);
	expect_run(zero_token, MNP_RESULT_TOKEN);
	expect_run(too_late, MNP_RESULT_LATE);
	expect_run(too_far, MNP_RESULT_LATE);
	expect_run(too_fast, MNP_RESULT_LIMIT);
	expect_run(too_slow, MNP_RESULT_LIMIT);
	expect_run(too_deep, MNP_RESULT_LIMIT);
	expect_run(update, MNP_RESULT_STATE);
}

static void refused_update_leaves_the_motor_as_it_was(void **state)
{
	struct mnp_run r;
	struct bench b;

	(void)state;
	bench_prepare_running(&b);
	r = bench_good_run(&b);
	r.flags = MNP_RUN_F_UPDATE;
	r.rate_spm = 9001;
	assert_int_equal(bench_send_run(&b, &r), -MNP_RESULT_LIMIT);
	assert_int_equal(b.fw.drive.rate_spm, 6000);
	r = bench_good_run(&b);
	r.flags = MNP_RUN_F_UPDATE;
	r.rate_spm = 9000;
	assert_int_equal(bench_send_run(&b, &r), 0);
	assert_int_equal(b.fw.drive.rate_spm, 9000);
	assert_int_equal(bench_send_run(&b, &r), -MNP_RESULT_SEQUENCE);
	assert_int_equal(b.motor_on, 1);
}

static void set_points_are_rounded_down(void **state)
{
	struct mnp_run r;
	struct bench b;

	(void)state;
	bench_prepare_armed(&b);
	r = bench_good_run(&b);
	r.rate_spm = 3119;
	r.depth_um = 1049;
	assert_int_equal(bench_send_run(&b, &r), 0);
	assert_int_equal(b.fw.drive.rate_spm, 3060);
	assert_int_equal(b.fw.drive.depth_um, 1000);
}

static void run_time_ends_the_run(void **state)
{
	struct mnp_run r;
	struct bench b;
	uint64_t start_us;

	(void)state;
	bench_prepare_armed(&b);
	start_us = b.now_us;
	r = bench_good_run(&b);
	r.run_ms = 730;
	assert_int_equal(bench_send_run(&b, &r), 0);
	bench_pass_fed(&b, 1000);
	bench_assert_off(&b);
	assert_int_equal(b.last_off.reason, MNPEN_STOP_DURATION);
	assert_int_equal(b.last_off.t_us, start_us + 730 * MS);
}

static void update_never_prolongs_a_run(void **state)
{
	struct mnp_run r;
	struct bench b;
	uint64_t start_us;

	(void)state;
	bench_prepare_armed(&b);
	start_us = b.now_us;
	r = bench_good_run(&b);
	r.run_ms = 1000;
	assert_int_equal(bench_send_run(&b, &r), 0);
	bench_pass_fed(&b, 500);
	r = bench_good_run(&b);
	r.flags = MNP_RUN_F_UPDATE;
	r.run_ms = 60000;
	assert_int_equal(bench_send_run(&b, &r), 0);
	bench_pass_fed(&b, 1000);
	bench_assert_off(&b);
	assert_int_equal(b.last_off.t_us, start_us + 1000 * MS);
}

#define T(f)	cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(stop_is_accepted_in_every_state_by_both_pipes),
		T(stop_tells_its_reason_and_keeps_the_first),
		T(stop_of_a_newer_host_still_stops),
		T(disarm_takes_the_token_back),
		T(deadline_is_exact),
		T(late_turn_stops_before_it_listens),
		T(late_turn_counts_the_strokes_made),
		T(feeding_keeps_it_running),
		T(feed_is_accepted_only_inside_the_horizon),
		T(feed_with_wrong_token_or_old_sequence_is_refused),
		T(feed_with_token_zero_does_nothing_when_idle),
		T(deadline_never_moves_backwards),
		T(nothing_restarts_after_the_bus_was_lost),
		T(stop_by_each_bus_event_names_it),
		T(tokens_are_new_and_never_zero),
		T(arm_is_refused_unless_all_is_well),
		T(run_is_refused_for_each_reason),
		T(refused_update_leaves_the_motor_as_it_was),
		T(set_points_are_rounded_down),
		T(run_time_ends_the_run),
		T(update_never_prolongs_a_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
