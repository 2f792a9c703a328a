// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DEADMAN on a machine without a moment to spare: the lease is kept by a timer
 * of the kernel, which no program can starve. Not under UML, where a program
 * that spins keeps virtual time from passing.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "bench.h"

#define HOGS		16
#define BELOW_THE_PEN	49	/* the software pen runs at 50 */
#define JUDGE		51

FIXTURE(deadman_busy) {
	int watch;
	pid_t hogs[HOGS];
	pid_t child;
	int pipe[2];
};

FIXTURE_SETUP(deadman_busy)
{
	int i;

	self->watch = node_open(O_RDONLY);
	ASSERT_LE(0, self->watch);
	ASSERT_EQ(0, pipe(self->pipe));
	self->child = 0;
	for (i = 0; i < HOGS; i++)
		self->hogs[i] = 0;
}

static void end_hogs(FIXTURE_DATA(deadman_busy) *self)
{
	int i;

	for (i = 0; i < HOGS; i++)
		if (self->hogs[i] > 0)
			kill(self->hogs[i], SIGKILL);
}

FIXTURE_TEARDOWN(deadman_busy)
{
	end_hogs(self);
	if (self->child > 0)
		kill(self->child, SIGKILL);
	while (wait(NULL) > 0)
		continue;
	close(self->watch);
}

static void spin(void)
{
	for (;;)
		asm volatile("" ::: "memory");
}

static int set_fifo(int priority)
{
	struct sched_param p = { .sched_priority = priority };

	return sched_setscheduler(0, SCHED_FIFO, &p);
}

/*
 * Everything once before it counts: the first time, programs come from the host
 * while virtual time goes on.
 */
static int warm_up(FIXTURE_DATA(deadman_busy) *self)
{
	int fd = node_open(O_RDWR), i, err = -1;
	long long t = pen_mark("warm");
	uint32_t session;

	for (i = 0; i < 20 && err; i++) {
		err = start_motor(fd, &session, LEASE_MS);
		wait_state(self->watch, MNPEN_STATE_IDLE);
	}
	if (pen_motor_off(t) < 0)
		err = -1;
	close(fd);
	return err;
}

/* Runs the motor, says so, and then: renews, or spins. */
static int start_child(FIXTURE_DATA(deadman_busy) *self, bool spins)
{
	uint32_t session;
	char byte = 0;
	int fd;

	self->child = fork();
	if (!self->child) {
		fd = node_open(O_RDWR);
		if (fd < 0 || start_motor(fd, &session, LEASE_MS) ||
		    write(self->pipe[1], &byte, 1) != 1)
			_exit(1);
		if (set_fifo(BELOW_THE_PEN))
			_exit(1);
		if (spins)
			spin();
		while (!keep_alive_for(fd, session, 1000))
			continue;
		_exit(0);
	}
	close(self->pipe[1]);
	return read(self->pipe[0], &byte, 1) == 1 ? 0 : -1;
}

static void start_hogs(FIXTURE_DATA(deadman_busy) *self)
{
	int i;

	for (i = 0; i < HOGS; i++) {
		self->hogs[i] = fork();
		if (!self->hogs[i] && !set_fifo(BELOW_THE_PEN - 1))
			spin();
	}
}

static double off_after(long long t)
{
	long long off = pen_motor_off(t);

	fprintf(stderr, "# motor off %.1f ms after\n", (off - t) / 1000.0);
	return off < 0 ? 1e9 : (off - t) / 1000.0;
}

/*
 * Packets are starved as well: the driver may have found that out first. And on
 * a slow machine all of it comes after the pen's own deadline and our SIGKILL.
 */
static void expect_reason(struct __test_metadata *_metadata, int fd)
{
	uint32_t reason = pen_reason(fd);

	EXPECT_TRUE(reason == MNPEN_STOP_LEASE ||
		    reason == MNPEN_STOP_TELEMETRY ||
		    reason == MNPEN_STOP_PROTOCOL ||
		    reason == MNPEN_STOP_CLOSE)
		TH_LOG("reason %u", reason);
}

/* The judge must get to see it: before the one who spins. */
TEST_F(deadman_busy, a_controller_that_spins_at_real_time_loses_the_lease)
{
	long long t;

	ASSERT_EQ(0, warm_up(self));
	ASSERT_EQ(0, set_fifo(JUDGE));
	t = pen_mark("spins");
	ASSERT_EQ(0, start_child(self, true));
	/* From ARM on nothing is renewed; the rest is what ARM and RUN took. */
	EXPECT_GE((double)(LEASE_MS + SLACK_MS) + 100, off_after(t));
	/* It also keeps the kernel's own threads from telling. */
	kill(self->child, SIGKILL);
	EXPECT_EQ(0, wait_state(self->watch, MNPEN_STATE_IDLE));
	expect_reason(_metadata, self->watch);
}

TEST_F(deadman_busy, a_loaded_machine_changes_nothing_about_a_stopped_controller)
{
	long long t;

	ASSERT_EQ(0, warm_up(self));
	ASSERT_EQ(0, set_fifo(JUDGE));
	ASSERT_EQ(0, start_child(self, false));
	start_hogs(self);
	t = pen_mark("SIGSTOP, all CPUs busy");
	ASSERT_EQ(0, kill(self->child, SIGSTOP));
	EXPECT_GE((double)(LEASE_MS + SLACK_MS), off_after(t));
	end_hogs(self);
	EXPECT_EQ(0, wait_state(self->watch, MNPEN_STATE_IDLE));
	expect_reason(_metadata, self->watch);
}

TEST_HARNESS_MAIN
