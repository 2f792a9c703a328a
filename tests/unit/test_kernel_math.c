// SPDX-License-Identifier: GPL-2.0-or-later
/* Proves the driver's arithmetic: lease, packet numbers, limit ratchet. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/lease.h"
#include "kernel/limits.h"
#include "kernel/seq.h"

#define MS	MNPEN_NS_PER_MS

static void deadline_is_the_rest_of_the_lease_in_the_pens_clock(void **unused)
{
	uint32_t until = 0;

	(void)unused;
	assert_true(mnpen_feed_deadline(1000, 50 * MS, 150 * MS, 200, &until));
	assert_int_equal(until, 1000 + 100000);
}

static void deadline_stays_within_the_pens_horizon(void **unused)
{
	uint32_t until = 0;

	(void)unused;
	assert_true(mnpen_feed_deadline(0, 0, 900 * MS, 200, &until));
	assert_int_equal(until, 200000);
	/* A pen that claims to accept hours gets a second. */
	assert_true(mnpen_feed_deadline(0, 0, UINT64_MAX, UINT32_MAX, &until));
	assert_int_equal(until, MNPEN_HORIZON_MAX_MS * 1000);
}

static void deadline_wraps_with_the_pens_clock(void **unused)
{
	uint32_t until = 0;

	(void)unused;
	assert_true(mnpen_feed_deadline(UINT32_MAX - 999, 7, 7 + 100 * MS, 200,
					&until));
	assert_int_equal(until, 99000);
	assert_int_equal(mnp_time_diff_us(until, UINT32_MAX - 999), 100000);
}

static void nothing_is_fed_when_the_lease_is_over(void **unused)
{
	uint32_t until = 42;

	(void)unused;
	assert_false(mnpen_feed_deadline(0, 100, 100, 200, &until));
	assert_false(mnpen_feed_deadline(0, 101, 100, 200, &until));
	assert_false(mnpen_feed_deadline(0, 1, 0, 200, &until));
	assert_int_equal(until, 42);
}

/* splitmix64, seeded: the same numbers in every run */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/*
 * The pen's clock runs with the host's. Sample at s, arrival at s + delay:
 * when the host reaches the end of the lease the pen is past its deadline.
 */
static void deadline_never_outlives_the_lease(void **unused)
{
	uint64_t r = 1;
	int i;

	(void)unused;
	for (i = 0; i < 100000; i++) {
		uint64_t s_ns = next_random(&r) >> 16;
		uint64_t delay_ns = next_random(&r) % (100 * MS);
		uint64_t rx_ns = s_ns + delay_ns;
		uint64_t end_ns = rx_ns + next_random(&r) % (1000 * MS) + 1;
		uint32_t dev_us = (uint32_t)next_random(&r);
		uint32_t until = 0;
		int32_t runs_us;

		assert_true(mnpen_feed_deadline(dev_us, rx_ns, end_ns, 200,
						&until));
		runs_us = mnp_time_diff_us(until, dev_us);
		assert_true(runs_us >= 0 && runs_us <= 200000);
		assert_true(s_ns + (uint64_t)runs_us * 1000 <= end_ns);
	}
}

static void four_feeds_fit_into_any_lease(void **unused)
{
	uint32_t lease_ms;

	(void)unused;
	for (lease_ms = 4; lease_ms <= 1000; lease_ms++) {
		uint64_t period_ns = mnpen_feed_period_ns(lease_ms);

		assert_true(period_ns * 4 <= lease_ms * MS);
		assert_true(period_ns <= MNPEN_FEED_PERIOD_MS * MS);
		assert_true(period_ns >= MS);
	}
	assert_int_equal(mnpen_feed_period_ns(200), 50 * MS);
	assert_true(mnpen_feed_period_ns(0) >= MS);
}

static void an_unset_deadline_is_never_the_earlier_one(void **unused)
{
	(void)unused;
	assert_int_equal(mnpen_earlier(5, 0), 5);
	assert_int_equal(mnpen_earlier(5, 6), 5);
	assert_int_equal(mnpen_earlier(5, 4), 4);
}

static void packet_numbers_extend_across_the_wrap(void **unused)
{
	struct mnpen_seq s = { 0 };

	(void)unused;
	assert_int_equal(mnpen_seq_extend(&s, 0xfffe), MNPEN_SEQ_NEXT);
	assert_int_equal(mnpen_seq_extend(&s, 0xffff), MNPEN_SEQ_NEXT);
	assert_int_equal(mnpen_seq_extend(&s, 0x0000), MNPEN_SEQ_NEXT);
	assert_int_equal(s.seq, 0x10000);
	assert_int_equal(mnpen_seq_extend(&s, 0x0005), MNPEN_SEQ_GAP);
	assert_int_equal(s.seq, 0x10005);
}

static void a_packet_sent_again_is_no_sign_of_life(void **unused)
{
	struct mnpen_seq s = { 0 };
	int i;

	(void)unused;
	mnpen_seq_extend(&s, 100);
	assert_int_equal(mnpen_seq_extend(&s, 100), MNPEN_SEQ_OLD);
	assert_int_equal(mnpen_seq_extend(&s, 99), MNPEN_SEQ_OLD);
	assert_int_equal(mnpen_seq_extend(&s, 101), MNPEN_SEQ_NEXT);
	/* The count of old ones started over. */
	for (i = 1; i < MNPEN_SEQ_OLD_MAX; i++)
		assert_int_equal(mnpen_seq_extend(&s, 7), MNPEN_SEQ_OLD);
	assert_int_equal(mnpen_seq_extend(&s, 7), MNPEN_SEQ_RESTART);
	assert_int_equal(mnpen_seq_extend(&s, 8), MNPEN_SEQ_NEXT);
}

static void extended_numbers_never_go_back(void **unused)
{
	struct mnpen_seq s = { 0 };
	uint64_t r = 2;
	uint32_t last = 0;
	int i;

	(void)unused;
	for (i = 0; i < 100000; i++) {
		if (mnpen_seq_extend(&s, (uint16_t)next_random(&r)) ==
		    MNPEN_SEQ_OLD)
			continue;
		if (i && s.seq < UINT32_MAX - 0x20000)
			assert_true(s.seq > last);
		last = s.seq;
	}
}

static const struct mnp_limits in_force = {
	.generation = 3,
	.depth_max_um = 2000,
	.rate_max_spm = 9000,
	.run_max_ms = 60000,
	.strokes_max = 1000000,
	.current_max_ma = 1000,
	.temp_max_mdegc = 60000,
	.lease_max_ms = 500,
	.crc32 = 0x12345678,
};

/* All fields of @l as a request for the @valid ones, changed by @delta. */
static struct mnpen_limits ask(const struct mnp_limits *l, uint32_t valid,
			       int delta)
{
	uint32_t d = (uint32_t)delta;
	struct mnpen_limits req = {
		.valid = valid,
		.depth_max_um = l->depth_max_um + d,
		.rate_max_spm = l->rate_max_spm + d,
		.run_max_ms = l->run_max_ms + d,
		.strokes_max = l->strokes_max + d,
		.current_max_ma = l->current_max_ma + d,
		.temp_max_mdegc = l->temp_max_mdegc + delta,
		.lease_max_ms = l->lease_max_ms + d,
	};

	return req;
}

static void no_field_can_be_raised(void **unused)
{
	struct mnp_limits l = in_force;
	unsigned int bit;

	(void)unused;
	for (bit = 0; bit < 7; bit++) {
		struct mnpen_limits req = ask(&l, 1u << bit, 1);

		assert_int_equal(mnpen_limits_lower(&l, &req), -EPERM);
		assert_true(mnpen_limits_equal(&l, &in_force));
	}
}

static void each_field_can_be_lowered_alone(void **unused)
{
	unsigned int bit;

	(void)unused;
	for (bit = 0; bit < 7; bit++) {
		struct mnp_limits l = in_force;
		struct mnpen_limits req = ask(&l, 1u << bit, -1);
		struct mnp_limits all = l;
		struct mnpen_limits whole = ask(&l, MNPEN_LIMIT_ALL, -1);

		assert_int_equal(mnpen_limits_lower(&l, &req), 1 << bit);
		assert_false(mnpen_limits_equal(&l, &in_force));
		assert_int_equal(mnpen_limits_lower(&all, &whole),
				 MNPEN_LIMIT_ALL);
		/* Lowering the rest too leads to the same. */
		assert_int_equal(mnpen_limits_lower(&l, &whole),
				 MNPEN_LIMIT_ALL & ~(1u << bit));
		assert_true(mnpen_limits_equal(&l, &all));
	}
}

static void equal_values_succeed_and_change_nothing(void **unused)
{
	struct mnp_limits l = in_force;
	struct mnpen_limits req = ask(&l, MNPEN_LIMIT_ALL, 0);

	(void)unused;
	assert_int_equal(mnpen_limits_lower(&l, &req), 0);
	assert_true(mnpen_limits_equal(&l, &in_force));
}

static void one_raise_spoils_the_whole_request(void **unused)
{
	struct mnp_limits l = in_force;
	struct mnpen_limits req = ask(&l, MNPEN_LIMIT_ALL, -1);

	(void)unused;
	req.lease_max_ms = l.lease_max_ms + 1;
	assert_int_equal(mnpen_limits_lower(&l, &req), -EPERM);
	assert_true(mnpen_limits_equal(&l, &in_force));
}

static void unknown_bits_and_a_lease_of_zero_are_refused(void **unused)
{
	struct mnp_limits l = in_force;
	struct mnpen_limits req = ask(&l, MNPEN_LIMIT_ALL | 0x80, -1);

	(void)unused;
	assert_int_equal(mnpen_limits_lower(&l, &req), -EINVAL);
	req.valid = MNPEN_LIMIT_LEASE;
	req.lease_max_ms = 0;
	assert_int_equal(mnpen_limits_lower(&l, &req), -EINVAL);
	assert_true(mnpen_limits_equal(&l, &in_force));
}

static void temperature_limits_may_be_below_zero(void **unused)
{
	struct mnp_limits l = in_force;
	struct mnpen_limits req = { .valid = MNPEN_LIMIT_TEMP,
				    .temp_max_mdegc = -5000 };

	(void)unused;
	assert_int_equal(mnpen_limits_lower(&l, &req), MNPEN_LIMIT_TEMP);
	assert_int_equal(l.temp_max_mdegc, -5000);
	req.temp_max_mdegc = -4999;
	assert_int_equal(mnpen_limits_lower(&l, &req), -EPERM);
}

static void minimum_takes_the_lower_of_each_field(void **unused)
{
	struct mnp_limits a = in_force, b = in_force, low = in_force;
	struct mnpen_limits whole = ask(&low, MNPEN_LIMIT_ALL, -1);

	(void)unused;
	mnpen_limits_lower(&low, &whole);
	mnpen_limits_min(&a, &low);
	assert_true(mnpen_limits_equal(&a, &low));
	mnpen_limits_min(&low, &b);
	assert_true(mnpen_limits_equal(&a, &low));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			deadline_is_the_rest_of_the_lease_in_the_pens_clock),
		cmocka_unit_test(deadline_stays_within_the_pens_horizon),
		cmocka_unit_test(deadline_wraps_with_the_pens_clock),
		cmocka_unit_test(nothing_is_fed_when_the_lease_is_over),
		cmocka_unit_test(deadline_never_outlives_the_lease),
		cmocka_unit_test(four_feeds_fit_into_any_lease),
		cmocka_unit_test(an_unset_deadline_is_never_the_earlier_one),
		cmocka_unit_test(packet_numbers_extend_across_the_wrap),
		cmocka_unit_test(a_packet_sent_again_is_no_sign_of_life),
		cmocka_unit_test(extended_numbers_never_go_back),
		cmocka_unit_test(no_field_can_be_raised),
		cmocka_unit_test(each_field_can_be_lowered_alone),
		cmocka_unit_test(equal_values_succeed_and_change_nothing),
		cmocka_unit_test(one_raise_spoils_the_whole_request),
		cmocka_unit_test(unknown_bits_and_a_lease_of_zero_are_refused),
		cmocka_unit_test(temperature_limits_may_be_below_zero),
		cmocka_unit_test(minimum_takes_the_lower_of_each_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
