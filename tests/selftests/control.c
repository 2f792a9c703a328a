// SPDX-License-Identifier: GPL-2.0-or-later
/* Who may do what when: sessions, arming, set points, STOP. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "bench.h"

#define ASSERT_ERRNO(want, call) do { \
	ASSERT_EQ(-1, call); \
	ASSERT_EQ(want, errno); \
} while (0)

FIXTURE(control) {
	int fd;
	int other;
	uint32_t session;
};

FIXTURE_SETUP(control)
{
	self->fd = node_open(O_RDWR);
	ASSERT_LE(0, self->fd);
	self->other = node_open(O_RDWR);
	ASSERT_LE(0, self->other);
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
}

FIXTURE_TEARDOWN(control)
{
	close(self->fd);
	close(self->other);
}

TEST_F(control, only_one_file_controls)
{
	uint32_t theirs;

	ASSERT_EQ(0, do_acquire(self->fd, &self->session));
	ASSERT_NE(0, self->session);
	ASSERT_ERRNO(EBUSY, do_acquire(self->other, &theirs));
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_RELEASE));
	ASSERT_EQ(0, do_acquire(self->other, &theirs));
	ASSERT_NE(self->session, theirs);
	ASSERT_ERRNO(EBUSY, do_acquire(self->fd, &self->session));
}

TEST_F(control, asked_twice_acquire_gives_the_same_session)
{
	uint32_t again;

	ASSERT_EQ(0, do_acquire(self->fd, &self->session));
	ASSERT_EQ(0, do_acquire(self->fd, &again));
	ASSERT_EQ(self->session, again);
}

TEST_F(control, status_tells_whose_session_it_is)
{
	struct mnpen_status s;

	ASSERT_EQ(0, do_acquire(self->fd, &self->session));
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_GET_STATUS, &s));
	EXPECT_EQ(1, s.session_is_mine);
	EXPECT_EQ(self->session, s.session);
	ASSERT_EQ(0, ioctl(self->other, MNPEN_IOC_GET_STATUS, &s));
	EXPECT_EQ(0, s.session_is_mine);
	EXPECT_EQ(self->session, s.session);
}

TEST_F(control, strangers_are_EPERM)
{
	ASSERT_EQ(0, do_acquire(self->fd, &self->session));
	ASSERT_ERRNO(EPERM, do_arm(self->other, self->session, LEASE_MS));
	ASSERT_ERRNO(EPERM, do_run(self->other, self->session, 6000, 500, 0));
	ASSERT_ERRNO(EPERM, do_keepalive(self->other, self->session));
	ASSERT_ERRNO(EPERM, ioctl(self->other, MNPEN_IOC_DISARM));
	ASSERT_ERRNO(EPERM, ioctl(self->other, MNPEN_IOC_RELEASE));
}

TEST_F(control, another_session_is_ESTALE)
{
	ASSERT_EQ(0, do_acquire(self->fd, &self->session));
	ASSERT_ERRNO(ESTALE, do_arm(self->fd, self->session + 1, LEASE_MS));
	ASSERT_ERRNO(ESTALE, do_run(self->fd, self->session + 1, 6000, 500, 0));
	ASSERT_ERRNO(ESTALE, do_keepalive(self->fd, self->session + 1));
	ASSERT_ERRNO(ESTALE, do_arm(self->fd, 0, LEASE_MS));
}

TEST_F(control, nothing_is_kept_alive_before_it_is_armed)
{
	ASSERT_EQ(0, do_acquire(self->fd, &self->session));
	ASSERT_ERRNO(ESTALE, do_keepalive(self->fd, self->session));
	ASSERT_ERRNO(ENOTCONN, do_run(self->fd, self->session, 6000, 500, 0));
}

TEST_F(control, lease_stays_within_caps)
{
	struct mnpen_caps caps;

	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_GET_CAPS, &caps));
	ASSERT_EQ(0, do_acquire(self->fd, &self->session));
	ASSERT_ERRNO(ERANGE, do_arm(self->fd, self->session, 0));
	ASSERT_ERRNO(ERANGE, do_arm(self->fd, self->session,
				    caps.lease_min_ms - 1));
	ASSERT_ERRNO(ERANGE, do_arm(self->fd, self->session,
				    caps.lease_max_ms + 1));
	ASSERT_ERRNO(ERANGE, do_arm(self->fd, self->session, UINT32_MAX));
	ASSERT_EQ(0, do_arm(self->fd, self->session, caps.lease_max_ms));
	ASSERT_ERRNO(EBUSY, do_arm(self->fd, self->session, LEASE_MS));
}

TEST_F(control, set_points_above_limits_are_ERANGE_and_leave_the_pen_armed)
{
	struct mnpen_limits l;
	struct mnpen_caps caps;

	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_GET_LIMITS, &l));
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_GET_CAPS, &caps));
	ASSERT_EQ(0, do_acquire(self->fd, &self->session));
	ASSERT_EQ(0, do_arm(self->fd, self->session, 1000));
	ASSERT_ERRNO(ERANGE, do_run(self->fd, self->session,
				    l.rate_max_spm + 1, 500, 0));
	ASSERT_ERRNO(ERANGE, do_run(self->fd, self->session,
				    caps.rate_min_spm - 1, 500, 0));
	ASSERT_ERRNO(ERANGE, do_run(self->fd, self->session, 6000,
				    l.depth_max_um + 1, 0));
	ASSERT_ERRNO(ERANGE, do_run(self->fd, self->session, 6000, 500,
				    l.run_max_ms + 1));
	ASSERT_EQ(MNPEN_STATE_ARMED, pen_state(self->fd));
	ASSERT_EQ(0, do_run(self->fd, self->session, 6000, 500, 0));
	ASSERT_EQ(MNPEN_STATE_RUNNING, pen_state(self->fd));
}

TEST_F(control, update_changes_only_a_running_motor)
{
	struct mnpen_run r = {
		.flags = MNPEN_RUN_F_UPDATE, .rate_spm = 3000, .depth_um = 250,
	};

	ASSERT_EQ(0, do_acquire(self->fd, &self->session));
	r.session = self->session;
	ASSERT_EQ(0, do_arm(self->fd, self->session, 1000));
	ASSERT_ERRNO(ENOTCONN, ioctl(self->fd, MNPEN_IOC_RUN, &r));
	ASSERT_EQ(0, do_run(self->fd, self->session, 6000, 500, 0));
	ASSERT_ERRNO(EBUSY, do_run(self->fd, self->session, 6000, 500, 0));
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_RUN, &r));
	ASSERT_LT(0, pen_do("wait",
		",\"ev\":\"run\",\"rate_spm\":3000,\"depth_um\":250,\"since_us\":0"));
	ASSERT_EQ(MNPEN_STATE_RUNNING, pen_state(self->fd));
}

TEST_F(control, run_ms_ends_the_run_and_keeps_the_session)
{
	long long t;

	ASSERT_EQ(0, do_acquire(self->fd, &self->session));
	ASSERT_EQ(0, do_arm(self->fd, self->session, 1000));
	t = pen_mark("run for 300 ms");
	ASSERT_EQ(0, do_run(self->fd, self->session, 6000, 500, 300));
	keep_alive_for(self->fd, self->session, 250);
	ASSERT_LE(t, t = pen_motor_off(t));
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
	ASSERT_EQ(MNPEN_STOP_DURATION, pen_reason(self->fd));
	ASSERT_EQ(0, do_arm(self->fd, self->session, LEASE_MS));
}

TEST_F(control, stop_by_the_controller_keeps_the_session)
{
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_STOP));
	ASSERT_EQ(0, pen_wait_motor(false));
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
	ASSERT_EQ(MNPEN_STOP_USER, pen_reason(self->fd));
	ASSERT_ERRNO(ESTALE, do_keepalive(self->fd, self->session));
	ASSERT_EQ(0, do_arm(self->fd, self->session, LEASE_MS));
}

TEST_F(control, stop_by_an_observer_ends_the_session)
{
	int observer = node_open(O_RDONLY);
	long long t, off;

	ASSERT_LE(0, observer);
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	t = pen_mark("STOP by an observer");
	ASSERT_EQ(0, ioctl(observer, MNPEN_IOC_STOP));
	off = pen_motor_off(t);
	ASSERT_LE(t, off);
	EXPECT_GE(SLACK_MS * 1000, off - t);
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
	EXPECT_EQ(MNPEN_STOP_FORCED, pen_reason(self->fd));
	ASSERT_ERRNO(ESTALE, do_arm(self->fd, self->session, LEASE_MS));
	/* A new session, and everything works again. */
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	close(observer);
}

TEST_F(control, stop_is_accepted_in_every_state)
{
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, ioctl(self->other, MNPEN_IOC_STOP));
	ASSERT_EQ(MNPEN_STATE_IDLE, pen_state(self->fd));
	ASSERT_EQ(0, do_acquire(self->fd, &self->session));
	ASSERT_EQ(0, do_arm(self->fd, self->session, 1000));
	for (i = 0; i < 100; i++)
		ASSERT_EQ(0, ioctl(self->other, MNPEN_IOC_STOP));
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	for (i = 0; i < 100; i++)
		ASSERT_EQ(0, ioctl(self->other, MNPEN_IOC_STOP));
	ASSERT_EQ(0, pen_wait_motor(false));
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
}

TEST_F(control, release_and_disarm_stop_the_motor)
{
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_DISARM));
	ASSERT_EQ(0, pen_wait_motor(false));
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
	ASSERT_EQ(0, do_arm(self->fd, self->session, 1000));
	ASSERT_EQ(0, do_run(self->fd, self->session, 6000, 500, 0));
	ASSERT_EQ(0, pen_wait_motor(true));
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_RELEASE));
	ASSERT_EQ(0, pen_wait_motor(false));
	ASSERT_ERRNO(EPERM, do_arm(self->fd, self->session, LEASE_MS));
}

TEST_F(control, a_fault_of_the_pen_stops_it_and_forbids_arming)
{
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	ASSERT_LT(0, pen_do("fault", ",\"name\":\"stall\""));
	keep_alive_for(self->fd, self->session, 400);
	ASSERT_EQ(0, pen_wait_motor(false));
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_FAULT));
	EXPECT_EQ(MNPEN_STOP_FAULT, pen_reason(self->fd));
	ASSERT_LT(0, pen_do("heal", ""));
	ASSERT_EQ(0, do_acquire(self->fd, &self->session));
	ASSERT_ERRNO(EIO, do_arm(self->fd, self->session, LEASE_MS));
	/* Only the loss of power clears it. */
	close(self->fd);
	close(self->other);
	ASSERT_EQ(0, node_reboot());
	self->fd = node_open(O_RDWR);
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
}

TEST_HARNESS_MAIN
