// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Everybody does everything while the pen comes and goes. There is nothing to
 * measure: it must end, the pen must work after it, and the kernel's log,
 * which the test bed reads, must have nothing to say.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "bench.h"

#define BIND_ROUNDS	40
#define PLUG_ROUNDS	4
#define MINORS		4

static atomic_bool over;

/* Opens whichever node there is; the pen may have any of the first few. */
static int open_any(int flags)
{
	static atomic_uint turn;
	char path[32];

	snprintf(path, sizeof(path), "/dev/mnpen%u", turn++ % MINORS);
	return open(path, flags | O_CLOEXEC);
}

static void *reads(void *arg)
{
	long *did = arg;
	struct mnpen_record rec;

	while (!over) {
		int fd = open_any(O_RDONLY | O_NONBLOCK);

		if (fd < 0)
			continue;
		do_subscribe(fd, MNPEN_SUB_TELEMETRY | MNPEN_SUB_EVENTS, 0);
		wait_poll(fd, POLLIN, 2);
		while (read(fd, &rec, sizeof(rec)) > 0)
			++*did;
		ioctl(fd, MNPEN_IOC_STOP);
		close(fd);
	}
	return NULL;
}

/* Controls as far as it gets; the others stop it all the time. */
static void *controls(void *arg)
{
	struct mnpen_limits l = { .valid = MNPEN_LIMIT_CURRENT,
				  .current_max_ma = 1200 };
	long *did = arg;
	uint32_t session;

	while (!over) {
		int fd = open_any(O_RDWR);

		if (fd < 0)
			continue;
		*did += !do_acquire(fd, &session);
		*did += !do_arm(fd, session, 100);
		*did += !do_run(fd, session, 6000, 500, 50);
		*did += !do_keepalive(fd, session);
		*did += !ioctl(fd, MNPEN_IOC_LOWER_LIMITS, &l);
		*did += !ioctl(fd, MNPEN_IOC_DISARM);
		close(fd);
	}
	return NULL;
}

/* Sleeps in read() until the pen goes. */
static void *sleeps(void *arg)
{
	long *did = arg;
	struct mnpen_record rec;

	while (!over) {
		int fd = open_any(O_RDONLY);

		if (fd < 0)
			continue;
		do_subscribe(fd, MNPEN_SUB_EVENTS, 0);
		while (read(fd, &rec, sizeof(rec)) > 0)
			continue;
		*did += errno == ENODEV;
		close(fd);
	}
	return NULL;
}

#define CROWD 5

FIXTURE(race) {
	pthread_t threads[CROWD];
	long did[CROWD];
};

FIXTURE_SETUP(race)
{
	static void *(*const roles[CROWD])(void *) = {
		reads, reads, controls, controls, sleeps,
	};
	int i, fd = node_open(O_RDONLY);

	ASSERT_LE(0, fd);
	close(fd);
	over = false;
	for (i = 0; i < CROWD; i++) {
		self->did[i] = 0;
		ASSERT_EQ(0, pthread_create(&self->threads[i], NULL, roles[i],
					    &self->did[i]));
	}
}

/* The sleeper needs one last departure to wake up. */
FIXTURE_TEARDOWN(race)
{
	int i, fd;
	uint32_t session;

	over = true;
	EXPECT_EQ(0, node_unbind());
	for (i = 0; i < CROWD; i++) {
		EXPECT_EQ(0, pthread_join(self->threads[i], NULL));
		EXPECT_LT(0, self->did[i]) TH_LOG("thread %d", i);
	}
	EXPECT_EQ(0, node_bind());
	fd = node_open(O_RDWR);
	EXPECT_LE(0, fd);
	EXPECT_EQ(0, wait_state(fd, MNPEN_STATE_IDLE));
	EXPECT_EQ(0, do_acquire(fd, &session));
	EXPECT_EQ(0, do_arm(fd, session, 1000));
	close(fd);
}

TEST_F(race, with_bind_and_unbind)
{
	int i;

	for (i = 0; i < BIND_ROUNDS; i++) {
		ASSERT_EQ(0, node_unbind());
		ASSERT_EQ(0, node_bind());
	}
}

TEST_F(race, with_the_cable)
{
	int i, fd;

	for (i = 0; i < PLUG_ROUNDS; i++) {
		ASSERT_LT(0, pen_do("unplug", ""));
		ASSERT_EQ(0, node_wait_gone());
		ASSERT_LT(0, pen_do("plug", ""));
		fd = node_open(O_RDONLY);
		ASSERT_LE(0, fd);
		close(fd);
	}
}

TEST_HARNESS_MAIN
