// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PM, part two: the machine goes to sleep, as far as pm_test lets it, and
 * wakes again. The motor stops before programs are frozen, and nothing starts
 * it again. Not on a root over 9p, which does not survive that.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "bench.h"

#define INJECT "/sys/kernel/debug/notifier-error-inject/pm/actions/"

FIXTURE(pm_sleep) {
	int fd;
	int watch;
	uint32_t session;
};

FIXTURE_SETUP(pm_sleep)
{
	self->fd = node_open(O_RDWR);
	ASSERT_LE(0, self->fd);
	self->watch = node_open(O_RDONLY);
	ASSERT_LE(0, self->watch);
	ASSERT_EQ(0, file_write("/sys/module/suspend/parameters/pm_test_delay", "1"));
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	ASSERT_EQ(0, do_subscribe(self->watch, MNPEN_SUB_TELEMETRY |
				  MNPEN_SUB_EVENTS, 0));
}

FIXTURE_TEARDOWN(pm_sleep)
{
	close(self->watch);
	EXPECT_EQ(0, start_motor(self->fd, &self->session, 1000));
	close(self->fd);
}

static int sleep_as_far_as(const char *how)
{
	if (file_write("/sys/power/pm_test", how))
		return -1;
	return file_write("/sys/power/state", "freeze");
}

/* What each of them must find after waking up */
static void stopped(struct __test_metadata *_metadata,
		    FIXTURE_DATA(pm_sleep) *self, long long t)
{
	struct mnpen_record rec = { 0 };
	long long off = pen_motor_off(t);

	EXPECT_LE(t, off);
	/* Before the freezer: long before the second that the test lasts. */
	EXPECT_GE(SLACK_MS * 1000, off - t)
		TH_LOG("motor off %lld us after", off - t);
	EXPECT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
	EXPECT_EQ(MNPEN_STOP_PM, pen_reason(self->fd));
	EXPECT_EQ(-1, do_keepalive(self->fd, self->session));
	EXPECT_EQ(ESTALE, errno);
	EXPECT_EQ(-1, do_arm(self->fd, self->session, 1000));
	EXPECT_EQ(ESTALE, errno);
	EXPECT_LT(0, pen_do("state", ""));
	EXPECT_EQ(0, pen_reply("motor"));
	while (rec.type != MNPEN_REC_TELEMETRY ||
	       rec.telemetry.state == MNPEN_STATE_RUNNING)
		ASSERT_EQ(sizeof(rec), read(self->watch, &rec, sizeof(rec)));
}

TEST_F(pm_sleep, freezing_programs_finds_the_motor_off)
{
	long long t = pen_mark("freezer");

	ASSERT_EQ(0, sleep_as_far_as("freezer"));
	stopped(_metadata, self, t);
}

TEST_F(pm_sleep, suspending_devices_finds_the_motor_off)
{
	struct mnpen_record rec = { 0 };
	long long t = pen_mark("devices");

	ASSERT_EQ(0, sleep_as_far_as("devices"));
	stopped(_metadata, self, t);
	while (!(rec.flags & MNPEN_REC_F_DISCONT))
		ASSERT_EQ(sizeof(rec), read(self->watch, &rec, sizeof(rec)));
}

TEST_F(pm_sleep, again_and_again)
{
	int i;

	for (i = 0; i < 10; i++) {
		long long t = pen_mark("sleep");

		ASSERT_EQ(0, sleep_as_far_as(i % 2 ? "devices" : "freezer"));
		stopped(_metadata, self, t);
		ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	}
}

/* Somebody else does not let it: the pen stopped for nothing, no more. */
TEST_F(pm_sleep, a_sleep_that_fails_leaves_a_pen_that_can_be_armed)
{
	long long t = pen_mark("sleep refused");

	ASSERT_EQ(0, file_write(INJECT "PM_SUSPEND_PREPARE/error", "-22"));
	EXPECT_EQ(-1, sleep_as_far_as("devices"));
	EXPECT_EQ(0, file_write(INJECT "PM_SUSPEND_PREPARE/error", "0"));
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_STOP));
	EXPECT_LE(t, pen_motor_off(t));
	EXPECT_EQ(0, start_motor(self->fd, &self->session, 1000));
}

/* With a limit that was lowered, and a reader that sleeps */
TEST_F(pm_sleep, limits_outlive_the_sleep)
{
	struct mnpen_limits l = { .valid = MNPEN_LIMIT_DEPTH }, now;

	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_GET_LIMITS, &now));
	l.depth_max_um = now.depth_max_um - 1;
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_LOWER_LIMITS, &l));
	ASSERT_EQ(0, sleep_as_far_as("devices"));
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_GET_LIMITS, &now));
	EXPECT_EQ(l.depth_max_um, now.depth_max_um);
	ASSERT_LT(0, pen_do("state", ""));
	EXPECT_EQ(now.depth_max_um, pen_reply("depth_max_um"));
}

TEST_HARNESS_MAIN
