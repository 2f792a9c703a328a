// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PM, part one: a pen that nobody uses sleeps, one that somebody watches or
 * arms does not, and a reset of the bus ends a session for good. Sleep of the
 * whole machine is in pm_sleep.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "bench.h"

FIXTURE(pm) {
	int fd;
	uint32_t session;
};

static void power_path(char *path, size_t len, const char *name)
{
	snprintf(path, len, "/sys/class/mnpen/%s/device/../%s", node_name(),
		 name);
}

static int put(const char *name, const char *text)
{
	char path[128];

	power_path(path, sizeof(path), name);
	return file_write(path, text);
}

static bool status_is(const char *wanted)
{
	char path[128], got[32] = "";
	int fd;

	power_path(path, sizeof(path), "power/runtime_status");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (read(fd, got, sizeof(got) - 1) < 0)
			got[0] = '\0';
		close(fd);
	}
	return !strncmp(got, wanted, strlen(wanted));
}

/* No event tells of it. */
static int wait_power(const char *wanted)
{
	int tries = 1000;

	while (!status_is(wanted) && tries--)
		usleep(10000);
	return status_is(wanted) ? 0 : -1;
}

FIXTURE_SETUP(pm)
{
	self->fd = node_open(O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
	ASSERT_EQ(0, put("power/autosuspend_delay_ms", "0"));
	ASSERT_EQ(0, put("power/control", "auto"));
}

FIXTURE_TEARDOWN(pm)
{
	EXPECT_EQ(0, put("power/control", "on"));
	EXPECT_EQ(0, wait_power("active"));
	EXPECT_EQ(0, start_motor(self->fd, &self->session, 1000));
	close(self->fd);
}

TEST_F(pm, a_file_that_only_is_open_lets_the_pen_sleep)
{
	ASSERT_EQ(0, wait_power("suspended"));
	EXPECT_EQ(MNPEN_STATE_SUSPENDED, pen_state(self->fd));
	EXPECT_TRUE(pen_do("state", "") > 0);
}

TEST_F(pm, who_subscribes_wakes_it_and_keeps_it_awake)
{
	struct mnpen_record rec;
	int i;

	ASSERT_EQ(0, wait_power("suspended"));
	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_TELEMETRY, 0));
	ASSERT_EQ(0, wait_power("active"));
	for (i = 0; i < 50; i++)
		ASSERT_EQ(sizeof(rec), read(self->fd, &rec, sizeof(rec)));
	EXPECT_TRUE(status_is("active"));
	ASSERT_EQ(0, do_subscribe(self->fd, 0, 0));
	EXPECT_EQ(0, wait_power("suspended"));
}

TEST_F(pm, the_first_record_after_it_says_that_there_was_a_gap)
{
	struct mnpen_record rec;

	ASSERT_EQ(0, wait_power("suspended"));
	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_TELEMETRY, 0));
	ASSERT_EQ(sizeof(rec), read(self->fd, &rec, sizeof(rec)));
	EXPECT_NE(0, rec.flags & MNPEN_REC_F_DISCONT);
}

/* ARM may have to wake it first; once armed it must not fall asleep. */
TEST_F(pm, an_armed_pen_does_not_sleep)
{
	int tries = 100;

	ASSERT_EQ(0, wait_power("suspended"));
	ASSERT_EQ(0, do_acquire(self->fd, &self->session));
	while (do_arm(self->fd, self->session, 1000) && tries--) {
		ASSERT_EQ(EBUSY, errno);
		usleep(10000);
	}
	ASSERT_LT(0, tries);
	ASSERT_EQ(0, do_run(self->fd, self->session, 6000, 500, 0));
	ASSERT_EQ(0, keep_alive_for(self->fd, self->session, 1000));
	EXPECT_TRUE(status_is("active"));
	EXPECT_EQ(MNPEN_STATE_RUNNING, pen_state(self->fd));
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_DISARM));
	EXPECT_EQ(0, wait_power("suspended"));
}

TEST_F(pm, a_questions_answer_is_worth_waking_it)
{
	struct mnpen_limits l = { .valid = MNPEN_LIMIT_STROKES }, now;

	ASSERT_EQ(0, wait_power("suspended"));
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_GET_LIMITS, &now));
	l.strokes_max = now.strokes_max - 1;
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_LOWER_LIMITS, &l));
	EXPECT_EQ(0, wait_power("suspended"));
}

/* What files held awake must not outlive the driver. */
TEST_F(pm, unbound_while_it_is_watched_it_sleeps_again_later)
{
	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_TELEMETRY, 0));
	ASSERT_EQ(0, wait_power("active"));
	ASSERT_EQ(0, node_unbind());
	ASSERT_EQ(0, node_bind());
	close(self->fd);
	self->fd = node_open(O_RDWR);
	ASSERT_LE(0, self->fd);
	EXPECT_EQ(0, wait_power("suspended"));
}

TEST_F(pm, a_storm_of_waking_and_sleeping)
{
	struct mnpen_record rec;
	int i;

	for (i = 0; i < 60; i++) {
		int fd = node_open(O_RDONLY);

		ASSERT_LE(0, fd);
		ASSERT_EQ(0, do_subscribe(fd, MNPEN_SUB_TELEMETRY, 0));
		if (i % 3)
			ASSERT_EQ(sizeof(rec), read(fd, &rec, sizeof(rec)));
		close(fd);
		usleep(1000 * (i % 7));
		if (i % 5 == 0)
			ASSERT_EQ(0, wait_power("suspended"));
	}
}

static int reset(void)
{
	int fd = usb_open();
	int err = fd < 0 ? -1 : ioctl(fd, USBDEVFS_RESET);

	if (fd >= 0)
		close(fd);
	return err;
}

/* The file lives on; what it had of control does not. */
TEST_F(pm, a_reset_stops_and_makes_the_session_stale)
{
	struct mnpen_record rec = { 0 };
	long long t, off;
	int watch = node_open(O_RDONLY);

	ASSERT_LE(0, watch);
	ASSERT_EQ(0, do_subscribe(watch, MNPEN_SUB_TELEMETRY, 0));
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	t = pen_mark("reset");
	ASSERT_EQ(0, reset());
	off = pen_motor_off(t);
	ASSERT_LE(t, off);
	EXPECT_GE(SLACK_MS * 1000, off - t);
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
	EXPECT_EQ(MNPEN_STOP_RESET, pen_reason(self->fd));
	EXPECT_EQ(-1, do_keepalive(self->fd, self->session));
	EXPECT_EQ(ESTALE, errno);
	EXPECT_EQ(-1, do_arm(self->fd, self->session, 1000));
	EXPECT_EQ(ESTALE, errno);
	while (!(rec.flags & MNPEN_REC_F_DISCONT))
		ASSERT_EQ(sizeof(rec), read(watch, &rec, sizeof(rec)));
	ASSERT_LT(0, pen_do("state", ""));
	EXPECT_EQ(0, pen_reply("motor"));
	close(watch);
}

/* RATCHET: not by this detour either. */
TEST_F(pm, a_reset_or_a_sleep_raises_no_limit)
{
	struct mnpen_limits l = { .valid = MNPEN_LIMIT_DEPTH }, now;

	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_GET_LIMITS, &now));
	l.depth_max_um = now.depth_max_um - 1;
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_LOWER_LIMITS, &l));
	ASSERT_EQ(0, reset());
	ASSERT_EQ(0, wait_power("suspended"));
	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_TELEMETRY, 0));
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_GET_LIMITS, &now));
	EXPECT_EQ(l.depth_max_um, now.depth_max_um);
	l.depth_max_um++;
	EXPECT_EQ(-1, ioctl(self->fd, MNPEN_IOC_LOWER_LIMITS, &l));
	EXPECT_EQ(EPERM, errno);
	ASSERT_LT(0, pen_do("state", ""));
	EXPECT_EQ(now.depth_max_um, pen_reply("depth_max_um"));
}

/* BLOCKREAD: somebody sleeps in read() meanwhile. */
TEST_F(pm, a_reset_does_not_wait_for_a_reader)
{
	struct mnpen_record rec;
	int watch = node_open(O_RDONLY), status;
	pid_t child = fork();

	if (!child) {
		do_subscribe(watch, MNPEN_SUB_EVENTS, 0);
		while (read(watch, &rec, sizeof(rec)) > 0)
			continue;
		_exit(1);
	}
	usleep(50000);
	alarm(10);
	EXPECT_EQ(0, reset());
	alarm(30);
	EXPECT_EQ(0, kill(child, SIGKILL));
	EXPECT_EQ(child, waitpid(child, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	close(watch);
}

TEST_HARNESS_MAIN
