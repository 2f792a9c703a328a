// SPDX-License-Identifier: GPL-2.0-or-later
/* Limits come down and never go up, not for root, not by any detour. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "bench.h"

#define BITS	7

FIXTURE(ratchet) {
	int fd;
	struct mnpen_limits l;
};

static int get(int fd, struct mnpen_limits *l)
{
	return ioctl(fd, MNPEN_IOC_GET_LIMITS, l);
}

static uint32_t *field(struct mnpen_limits *l, unsigned int bit)
{
	switch (1u << bit) {
	case MNPEN_LIMIT_DEPTH:
		return &l->depth_max_um;
	case MNPEN_LIMIT_RATE:
		return &l->rate_max_spm;
	case MNPEN_LIMIT_RUN:
		return &l->run_max_ms;
	case MNPEN_LIMIT_STROKES:
		return &l->strokes_max;
	case MNPEN_LIMIT_CURRENT:
		return &l->current_max_ma;
	case MNPEN_LIMIT_TEMP:
		return (uint32_t *)&l->temp_max_mdegc;
	default:
		return &l->lease_max_ms;
	}
}

/* Asks for one limit; returns errno, 0 if it was accepted. */
static int lower(int fd, unsigned int bit, uint32_t value)
{
	struct mnpen_limits l = { .valid = 1u << bit };

	*field(&l, bit) = value;
	return ioctl(fd, MNPEN_IOC_LOWER_LIMITS, &l) ? errno : 0;
}

static bool same(struct mnpen_limits *a, struct mnpen_limits *b)
{
	unsigned int bit;

	for (bit = 0; bit < BITS; bit++)
		if (*field(a, bit) != *field(b, bit))
			return false;
	return true;
}

FIXTURE_SETUP(ratchet)
{
	/* Each test begins with the limits of a pen just switched on. */
	ASSERT_EQ(0, node_reboot());
	self->fd = node_open(O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, get(self->fd, &self->l));
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
}

FIXTURE_TEARDOWN(ratchet)
{
	close(self->fd);
	node_reboot();
}

TEST_F(ratchet, no_field_can_be_raised)
{
	struct mnpen_limits now;
	unsigned int bit;

	for (bit = 0; bit < BITS; bit++) {
		EXPECT_EQ(EPERM, lower(self->fd, bit, *field(&self->l, bit) + 1))
			TH_LOG("bit %u", bit);
		EXPECT_EQ(EPERM, lower(self->fd, bit, 0x7fffffff));
	}
	ASSERT_EQ(0, get(self->fd, &now));
	EXPECT_TRUE(same(&now, &self->l));
	EXPECT_EQ(self->l.generation, now.generation);
}

TEST_F(ratchet, each_field_comes_down_in_driver_and_pen_and_stays)
{
	static const char * const names[BITS] = {
		"depth_max_um", "rate_max_spm", "run_max_ms", "strokes_max",
		"current_max_ma", "temp_max_mdegc", "lease_max_ms",
	};
	struct mnpen_limits now;
	unsigned int bit;

	for (bit = 0; bit < BITS; bit++) {
		uint32_t low = *field(&self->l, bit) - 1;

		ASSERT_EQ(0, lower(self->fd, bit, low)) TH_LOG("bit %u", bit);
		ASSERT_EQ(0, get(self->fd, &now));
		EXPECT_EQ(low, *field(&now, bit));
		EXPECT_EQ(self->l.generation + bit + 1, now.generation);
		ASSERT_LT(0, pen_do("state", ""));
		/* caps and limits have a name in common: look behind limits */
		EXPECT_EQ(low, pen_reply(names[bit])) TH_LOG("%s", names[bit]);
		EXPECT_EQ(EPERM, lower(self->fd, bit, low + 1));
	}
}

TEST_F(ratchet, equal_values_succeed_and_count_as_no_change)
{
	struct mnpen_limits again = self->l, now;

	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_LOWER_LIMITS, &again));
	ASSERT_EQ(0, get(self->fd, &now));
	EXPECT_TRUE(same(&now, &self->l));
	EXPECT_EQ(self->l.generation, now.generation);
}

TEST_F(ratchet, one_raise_spoils_the_whole_request)
{
	struct mnpen_limits mixed = self->l, now;

	mixed.depth_max_um -= 100;
	mixed.lease_max_ms += 1;
	ASSERT_EQ(-1, ioctl(self->fd, MNPEN_IOC_LOWER_LIMITS, &mixed));
	ASSERT_EQ(EPERM, errno);
	ASSERT_EQ(0, get(self->fd, &now));
	EXPECT_TRUE(same(&now, &self->l));
}

TEST_F(ratchet, a_lease_of_zero_is_refused)
{
	EXPECT_EQ(EINVAL, lower(self->fd, 6, 0));
}

TEST_F(ratchet, lowered_limits_survive_close_and_rebind)
{
	struct mnpen_limits now;

	ASSERT_EQ(0, lower(self->fd, 0, 1000));
	ASSERT_EQ(0, lower(self->fd, 1, 5000));
	close(self->fd);
	ASSERT_EQ(0, node_unbind());
	ASSERT_EQ(0, node_bind());
	self->fd = node_open(O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, get(self->fd, &now));
	EXPECT_EQ(1000, now.depth_max_um);
	EXPECT_EQ(5000, now.rate_max_spm);
	EXPECT_EQ(EPERM, lower(self->fd, 0, 1001));
}

TEST_F(ratchet, runs_and_leases_obey_lowered_limits)
{
	uint32_t session;

	ASSERT_EQ(0, lower(self->fd, 0, 400));
	ASSERT_EQ(0, lower(self->fd, 6, 300));
	ASSERT_EQ(0, do_acquire(self->fd, &session));
	ASSERT_EQ(-1, do_arm(self->fd, session, 301));
	ASSERT_EQ(ERANGE, errno);
	ASSERT_EQ(0, do_arm(self->fd, session, 300));
	ASSERT_EQ(-1, do_run(self->fd, session, 6000, 401, 0));
	ASSERT_EQ(ERANGE, errno);
	ASSERT_EQ(0, do_run(self->fd, session, 6000, 400, 0));
}

/* Only the pen counts strokes: its refusal must not be taken for a yes. */
TEST_F(ratchet, without_strokes_left_the_pen_refuses_to_run)
{
	uint32_t session;

	ASSERT_EQ(0, lower(self->fd, 3, 0));
	ASSERT_EQ(0, do_acquire(self->fd, &session));
	ASSERT_EQ(0, do_arm(self->fd, session, 1000));
	ASSERT_EQ(-1, do_run(self->fd, session, 6000, 500, 0));
	EXPECT_EQ(ERANGE, errno);
	EXPECT_EQ(MNPEN_STATE_ARMED, pen_state(self->fd));
	ASSERT_LT(0, pen_do("state", ""));
	EXPECT_EQ(0, pen_reply("motor"));
}

TEST_F(ratchet, a_limit_below_the_set_point_stops_the_motor)
{
	uint32_t session;
	long long t, off;

	ASSERT_EQ(0, start_motor(self->fd, &session, 1000));
	t = pen_mark("limit below set point");
	ASSERT_EQ(0, lower(self->fd, 0, 499));
	off = pen_motor_off(t);
	ASSERT_LE(t, off);
	EXPECT_GE(SLACK_MS * 1000, off - t);
	EXPECT_EQ(MNPEN_STOP_LIMIT, pen_reason(self->fd));
}

TEST_F(ratchet, a_limit_above_the_set_point_does_not)
{
	uint32_t session;

	ASSERT_EQ(0, start_motor(self->fd, &session, 1000));
	ASSERT_EQ(0, lower(self->fd, 0, 500));
	ASSERT_EQ(0, lower(self->fd, 1, 6000));
	/* Many packets with the new checksum go by. */
	ASSERT_EQ(0, keep_alive_for(self->fd, session, 300));
	EXPECT_EQ(MNPEN_STATE_RUNNING, pen_state(self->fd));
}

TEST_F(ratchet, another_file_open_for_writing_may_lower)
{
	int other = node_open(O_WRONLY);
	uint32_t session;

	ASSERT_LE(0, other);
	ASSERT_EQ(0, do_acquire(self->fd, &session));
	EXPECT_EQ(0, lower(other, 0, 800));
	EXPECT_EQ(EPERM, lower(self->fd, 0, 900));
	close(other);
}

TEST_HARNESS_MAIN
