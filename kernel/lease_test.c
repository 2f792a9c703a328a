// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the lease's arithmetic and of the counters that wrap: the
 * pen's microseconds after 71 minutes, its packet numbers after 9.
 */
#include <kunit/test.h>
#include <linux/limits.h>

#include "lease.h"
#include "proto.h"
#include "seq.h"

#define MS		MNPEN_NS_PER_MS
#define WD_MS		MNP_DEVICE_WD_MS
#define RANDOM_TRIES	20000

/* Not folded into constants: what is tested runs, and gcov can count it. */
static noinline __noclone bool feed_deadline(u32 dev_us, u64 rx_ns, u64 end_ns,
					     u32 horizon_ms, u32 *until_us)
{
	return mnpen_feed_deadline(dev_us, rx_ns, end_ns, horizon_ms,
				   until_us);
}

static noinline __noclone u64 feed_period_ns(u32 lease_ms)
{
	return mnpen_feed_period_ns(lease_ms);
}

static noinline __noclone u64 earlier(u64 deadline_ns, u64 other_ns)
{
	return mnpen_earlier(deadline_ns, other_ns);
}

/* Deadline minus sample, in the pen's clock; asserts that there is one. */
static s32 fed_us(struct kunit *test, u32 dev_us, u64 rx_ns, u64 end_ns,
		  u32 horizon_ms)
{
	u32 until = 0;

	KUNIT_ASSERT_TRUE(test, feed_deadline(dev_us, rx_ns, end_ns,
					      horizon_ms, &until));
	return mnp_time_diff_us(until, dev_us);
}

static void deadline_is_what_is_left_of_the_lease(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, fed_us(test, 0, 0, 150 * MS, WD_MS), 150000);
	KUNIT_EXPECT_EQ(test, fed_us(test, 7, 50 * MS, 150 * MS, WD_MS),
			100000);
	/* Rounded down: less than a microsecond is nothing. */
	KUNIT_EXPECT_EQ(test, fed_us(test, 7, 0, 999, WD_MS), 0);
	KUNIT_EXPECT_EQ(test, fed_us(test, 7, 0, 1000, WD_MS), 1);
	KUNIT_EXPECT_EQ(test, fed_us(test, 7, 0, 1999, WD_MS), 1);
}

static void deadline_stays_within_the_pens_horizon(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, fed_us(test, 5, 0, 200 * MS, 200), 200000);
	KUNIT_EXPECT_EQ(test, fed_us(test, 5, 0, 200 * MS + 1000, 200),
			200000);
	KUNIT_EXPECT_EQ(test, fed_us(test, 5, 0, 1000 * MS, 1), 1000);
	KUNIT_EXPECT_EQ(test, fed_us(test, 5, 0, 1000 * MS, 0), 0);
	/* Lies about the horizon buy a second. */
	KUNIT_EXPECT_EQ(test, fed_us(test, 5, 0, U64_MAX, U32_MAX), 1000000);
	KUNIT_EXPECT_EQ(test, fed_us(test, 5, 0, U64_MAX, 1001), 1000000);
}

static void deadline_wraps_with_the_pens_clock(struct kunit *test)
{
	static const u32 clocks[] = {
		0, 1, S32_MAX, (u32)S32_MAX + 1, U32_MAX - 199999,
		U32_MAX - 99999, U32_MAX - 1, U32_MAX,
	};
	u32 until;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(clocks); i++)
		KUNIT_EXPECT_EQ(test, fed_us(test, clocks[i], 3, 3 + 100 * MS,
					     WD_MS), 100000);
	KUNIT_ASSERT_TRUE(test, feed_deadline(U32_MAX, 0, 100 * MS, WD_MS,
					      &until));
	KUNIT_EXPECT_EQ(test, until, 99999u);
}

static void nothing_is_fed_when_the_lease_is_over(struct kunit *test)
{
	u32 until = 42;

	KUNIT_EXPECT_FALSE(test, feed_deadline(0, 100, 100, WD_MS, &until));
	KUNIT_EXPECT_FALSE(test, feed_deadline(0, 101, 100, WD_MS, &until));
	KUNIT_EXPECT_FALSE(test, feed_deadline(0, U64_MAX, 0, WD_MS, &until));
	KUNIT_EXPECT_EQ(test, until, 42u);
}

/* xorshift64, seeded: the same numbers in every run */
static u64 next_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/*
 * The sample was taken a while before it arrived, and both clocks run alike.
 * When the host's lease is over, the pen is past its deadline.
 */
static void deadline_never_outlives_the_lease(struct kunit *test)
{
	u64 random = 1;
	int i;

	for (i = 0; i < RANDOM_TRIES; i++) {
		u64 sample_ns = next_random(&random) >> 8;
		u64 rx_ns = sample_ns + (next_random(&random) & 0xfffffff);
		u64 end_ns = rx_ns + (next_random(&random) & 0x3fffffff) + 1;
		s32 runs_us = fed_us(test, (u32)next_random(&random), rx_ns,
				     end_ns, WD_MS);

		KUNIT_ASSERT_GE(test, runs_us, 0);
		KUNIT_ASSERT_LE(test, runs_us, 1000 * WD_MS);
		KUNIT_ASSERT_LE(test, sample_ns + runs_us * 1000ULL, end_ns);
	}
}

static void four_feeds_fit_into_any_lease(struct kunit *test)
{
	u32 lease_ms;

	for (lease_ms = 4; lease_ms <= 1000; lease_ms++) {
		u64 period_ns = feed_period_ns(lease_ms);

		KUNIT_ASSERT_LE(test, 4 * period_ns, lease_ms * MS);
		KUNIT_ASSERT_GE(test, period_ns, MS);
		KUNIT_ASSERT_LE(test, period_ns, MNPEN_FEED_PERIOD_MS * MS);
	}
	KUNIT_EXPECT_EQ(test, feed_period_ns(200), 50 * MS);
	KUNIT_EXPECT_EQ(test, feed_period_ns(U32_MAX), 50 * MS);
	/* A timer of period 0 would never let go of the processor. */
	for (lease_ms = 0; lease_ms < 4; lease_ms++)
		KUNIT_EXPECT_EQ(test, feed_period_ns(lease_ms), MS);
}

static void an_unset_deadline_is_never_the_earlier_one(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, earlier(5, 0), 5ULL);
	KUNIT_EXPECT_EQ(test, earlier(5, 4), 4ULL);
	KUNIT_EXPECT_EQ(test, earlier(5, 5), 5ULL);
	KUNIT_EXPECT_EQ(test, earlier(5, 6), 5ULL);
	KUNIT_EXPECT_EQ(test, earlier(U64_MAX, 1), 1ULL);
}

static void newer_and_older_hold_across_the_wrap(struct kunit *test)
{
	u32 a;

	for (a = 0; a <= U16_MAX; a++) {
		KUNIT_ASSERT_TRUE(test, mnp_seq_newer(a + 1, a));
		KUNIT_ASSERT_TRUE(test, mnp_seq_newer(a + 0x7fff, a));
		KUNIT_ASSERT_FALSE(test, mnp_seq_newer(a, a));
		KUNIT_ASSERT_FALSE(test, mnp_seq_newer(a - 1, a));
		KUNIT_ASSERT_FALSE(test, mnp_seq_newer(a + 0x8000, a));
	}
	KUNIT_EXPECT_EQ(test, mnp_time_diff_us(0, U32_MAX), 1);
	KUNIT_EXPECT_EQ(test, mnp_time_diff_us(U32_MAX, 0), -1);
	KUNIT_EXPECT_EQ(test, mnp_time_diff_us(99, U32_MAX - 100), 200);
}

static void packet_numbers_extend_across_the_wrap(struct kunit *test)
{
	struct mnpen_seq s = { };
	u32 i;

	KUNIT_EXPECT_EQ(test, mnpen_seq_extend(&s, 0xff00), MNPEN_SEQ_NEXT);
	KUNIT_EXPECT_EQ(test, s.seq, 0xff00u);
	for (i = 0xff01; i < 0x30000; i++) {
		KUNIT_ASSERT_EQ(test, mnpen_seq_extend(&s, i), MNPEN_SEQ_NEXT);
		KUNIT_ASSERT_EQ(test, s.seq, i);
	}
	/* 32,766 may be lost, over the wrap too, and no more. */
	KUNIT_EXPECT_EQ(test, mnpen_seq_extend(&s, 0x7ffe), MNPEN_SEQ_GAP);
	KUNIT_EXPECT_EQ(test, s.seq, 0x37ffeu);
	KUNIT_EXPECT_EQ(test, mnpen_seq_extend(&s, 0xfffe), MNPEN_SEQ_OLD);
	KUNIT_EXPECT_EQ(test, s.seq, 0x37ffeu);
	KUNIT_EXPECT_EQ(test, mnpen_seq_extend(&s, 0xfffd), MNPEN_SEQ_GAP);
	KUNIT_EXPECT_EQ(test, mnpen_seq_extend(&s, 0x0000), MNPEN_SEQ_GAP);
	KUNIT_EXPECT_EQ(test, s.seq, 0x40000u);
}

static void a_packet_sent_again_is_no_sign_of_life(struct kunit *test)
{
	struct mnpen_seq s = { };
	int i;

	mnpen_seq_extend(&s, 100);
	/* One that is newer forgives all repeats before it. */
	for (i = 1; i < MNPEN_SEQ_OLD_MAX; i++)
		KUNIT_ASSERT_EQ(test, mnpen_seq_extend(&s, 100),
				MNPEN_SEQ_OLD);
	KUNIT_EXPECT_EQ(test, mnpen_seq_extend(&s, 101), MNPEN_SEQ_NEXT);
	for (i = 1; i < MNPEN_SEQ_OLD_MAX; i++)
		KUNIT_ASSERT_EQ(test, mnpen_seq_extend(&s, 7), MNPEN_SEQ_OLD);
	KUNIT_EXPECT_EQ(test, s.seq, 101u);

	/* Too many of them: the pen has started over. */
	KUNIT_EXPECT_EQ(test, mnpen_seq_extend(&s, 7), MNPEN_SEQ_RESTART);
	KUNIT_EXPECT_EQ(test, s.seq, 0x10007u);
	KUNIT_EXPECT_EQ(test, mnpen_seq_extend(&s, 8), MNPEN_SEQ_NEXT);
}

static void a_restart_never_takes_the_number_back(struct kunit *test)
{
	struct mnpen_seq s = { };

	mnpen_seq_restart(&s, 9);
	KUNIT_EXPECT_EQ(test, s.seq, 9u);
	mnpen_seq_restart(&s, 9);
	KUNIT_EXPECT_EQ(test, s.seq, 0x10009u);
	mnpen_seq_restart(&s, 0);
	KUNIT_EXPECT_EQ(test, s.seq, 0x20000u);
	mnpen_seq_restart(&s, 0xffff);
	KUNIT_EXPECT_EQ(test, s.seq, 0x3ffffu);
	mnpen_seq_restart(&s, 0);
	KUNIT_EXPECT_EQ(test, s.seq, 0x40000u);
}

static void after_a_reset_any_number_is_the_first(struct kunit *test)
{
	static const u16 numbers[] = { 0, 99, 100, 101, 0x8064, 0xffff };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		struct mnpen_seq s = { };

		mnpen_seq_extend(&s, 100);
		mnpen_seq_forget(&s);
		KUNIT_EXPECT_EQ(test, mnpen_seq_extend(&s, numbers[i]),
				MNPEN_SEQ_RESTART);
		KUNIT_EXPECT_EQ(test, s.seq, 0x10000u + numbers[i]);
		/* Only that one. */
		KUNIT_EXPECT_EQ(test, mnpen_seq_extend(&s, numbers[i]),
				MNPEN_SEQ_OLD);
	}
}

static void what_was_never_known_cannot_be_forgotten(struct kunit *test)
{
	struct mnpen_seq s = { };

	mnpen_seq_forget(&s);
	KUNIT_EXPECT_EQ(test, mnpen_seq_extend(&s, 5), MNPEN_SEQ_NEXT);
	KUNIT_EXPECT_EQ(test, s.seq, 5u);
}

static struct kunit_case lease_cases[] = {
	KUNIT_CASE(deadline_is_what_is_left_of_the_lease),
	KUNIT_CASE(deadline_stays_within_the_pens_horizon),
	KUNIT_CASE(deadline_wraps_with_the_pens_clock),
	KUNIT_CASE(nothing_is_fed_when_the_lease_is_over),
	KUNIT_CASE(deadline_never_outlives_the_lease),
	KUNIT_CASE(four_feeds_fit_into_any_lease),
	KUNIT_CASE(an_unset_deadline_is_never_the_earlier_one),
	KUNIT_CASE(newer_and_older_hold_across_the_wrap),
	KUNIT_CASE(packet_numbers_extend_across_the_wrap),
	KUNIT_CASE(a_packet_sent_again_is_no_sign_of_life),
	KUNIT_CASE(a_restart_never_takes_the_number_back),
	KUNIT_CASE(after_a_reset_any_number_is_the_first),
	KUNIT_CASE(what_was_never_known_cannot_be_forgotten),
	{ }
};

static struct kunit_suite lease_suite = {
	.name = "mnpen_lease",
	.test_cases = lease_cases,
};

kunit_test_suite(lease_suite);
