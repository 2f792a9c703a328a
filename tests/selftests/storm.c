// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * UNPLUG and OPENSTORM: eight threads do everything while the pen comes and
 * goes, by the cable at random moments, and by bind and unbind. Each time the
 * next pen must be found; after it the pen must work; and the kernel's log,
 * which the test bed reads, must have nothing to say.
 *
 * MNPEN_UNPLUGS, MNPEN_BINDS and MNPEN_SEED in the environment: how often,
 * and which moments. With MNPEN_VIRTUAL time is the guest's own, and a departure
 * must not take a second; else that says more of the host than of the driver.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "bench.h"
#include "crowd.h"

#define DISCONNECT_MS	1000

FIXTURE(storm) {
	struct crowd crowd;
	unsigned int seed;
	long long worst_ms;
};

static long number(const char *name, long otherwise)
{
	const char *text = getenv(name);

	return text && *text ? atol(text) : otherwise;
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Waits for a pen, and shows it to the others. */
static int pen_there(void)
{
	int fd = node_open(O_RDONLY);

	if (fd < 0)
		return -1;
	close(fd);
	if (node_name())
		crowd_node(atoi(node_name() + strlen("mnpen")));
	return 0;
}

FIXTURE_SETUP(storm)
{
	self->seed = number("MNPEN_SEED", 20261120);
	self->worst_ms = 0;
	ASSERT_EQ(0, pen_there());
	ASSERT_EQ(0, crowd_start(&self->crowd));
}

/*
 * In real time a slow guest may lose 100 ms while it arms, and is then refused
 * for the pen's silence, as it should be. Nothing else is a reason.
 */
static int works(int fd)
{
	long long end = now_ms() + 60000;
	uint32_t session;

	while (start_motor(fd, &session, 1000)) {
		if (number("MNPEN_VIRTUAL", 0) || now_ms() >= end ||
		    pen_reason(fd) != MNPEN_STOP_TELEMETRY)
			return -1;
	}
	return 0;
}

FIXTURE_TEARDOWN(storm)
{
	int fd;

	/* One last departure: somebody sleeps in read(). */
	EXPECT_EQ(0, node_unbind());
	EXPECT_EQ(0, crowd_end(&self->crowd));
	EXPECT_EQ(0, node_bind());
	fd = node_open(O_RDWR);
	EXPECT_LE(0, fd);
	EXPECT_EQ(0, works(fd));
	close(fd);
}

/* Half of them while the pen is in use, the others while it is being found. */
static void some_moment(unsigned int *seed)
{
	usleep(rand_r(seed) % (rand_r(seed) % 2 ? 20000 : 200000));
}

TEST_F_TIMEOUT(storm, every_pen_pulled_at_a_random_moment_is_followed_by_the_next,
	       7200)
{
	long i, n = number("MNPEN_UNPLUGS", 40), cut = 0;

	for (i = 0; i < n; i++) {
		long long t;

		some_moment(&self->seed);
		t = now_ms();
		ASSERT_LT(0, pen_do("unplug", ""));
		ASSERT_EQ(0, node_wait_gone()) TH_LOG("unplug %ld", i);
		t = now_ms() - t;
		if (t > self->worst_ms)
			self->worst_ms = t;
		ASSERT_LT(0, pen_do("plug", ""));
		/* One in four is pulled again before it was found. */
		if (rand_r(&self->seed) % 4 == 0)
			cut++;
		else
			ASSERT_EQ(0, pen_there()) TH_LOG("unplug %ld", i);
	}
	ASSERT_EQ(0, pen_there());
	TH_LOG("%ld unplugs, %ld of them while it was being found, seed %ld, node gone after at most %lld ms",
	       n, cut, number("MNPEN_SEED", 20261120), self->worst_ms);
	if (number("MNPEN_VIRTUAL", 0))
		EXPECT_GT(DISCONNECT_MS, self->worst_ms);
}

TEST_F_TIMEOUT(storm, binding_and_unbinding_in_a_loop, 7200)
{
	long i, n = number("MNPEN_BINDS", 25);

	for (i = 0; i < n; i++) {
		long long t = now_ms();

		ASSERT_EQ(0, node_unbind()) TH_LOG("unbind %ld", i);
		t = now_ms() - t;
		if (t > self->worst_ms)
			self->worst_ms = t;
		ASSERT_EQ(0, node_bind());
		ASSERT_EQ(0, pen_there());
		usleep(rand_r(&self->seed) % 5000);
	}
	TH_LOG("%ld times, unbind took at most %lld ms", n, self->worst_ms);
	if (number("MNPEN_VIRTUAL", 0))
		EXPECT_GT(DISCONNECT_MS, self->worst_ms);
}

TEST_HARNESS_MAIN
