// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * POLL: epoll, edge and level triggered, and that everybody who waits learns
 * of the end: in poll(), epoll and read(), again and again.
 *
 * MNPEN_HANGUPS in the environment: how often.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "bench.h"

#define HANGUP_MS	100

FIXTURE(poll) {
	int fd;
	int ep;
};

FIXTURE_SETUP(poll)
{
	self->fd = node_open(O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, self->fd);
	self->ep = epoll_create1(EPOLL_CLOEXEC);
	ASSERT_LE(0, self->ep);
}

FIXTURE_TEARDOWN(poll)
{
	close(self->ep);
	close(self->fd);
}

static int drain(int fd)
{
	struct mnpen_record rec;
	int n = 0;

	while (read(fd, &rec, sizeof(rec)) == sizeof(rec))
		n++;
	return n;
}

static int watch(int ep, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.fd = fd };

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
}

TEST_F(poll, level_triggered_says_so_until_it_is_read)
{
	struct epoll_event e;
	int i;

	ASSERT_EQ(0, watch(self->ep, self->fd, EPOLLIN));
	ASSERT_EQ(0, epoll_wait(self->ep, &e, 1, 0));
	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_TELEMETRY, 0));
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(1, epoll_wait(self->ep, &e, 1, 1000));
		ASSERT_EQ(EPOLLIN, e.events);
		ASSERT_EQ(1, epoll_wait(self->ep, &e, 1, 0));
		ASSERT_LT(0, drain(self->fd));
	}
	ASSERT_EQ(0, do_subscribe(self->fd, 0, 0));
	ASSERT_EQ(0, epoll_wait(self->ep, &e, 1, 50));
}

TEST_F(poll, edge_triggered_says_so_once_for_each_arrival)
{
	struct epoll_event e;
	int i;

	ASSERT_EQ(0, watch(self->ep, self->fd, EPOLLIN | EPOLLET));
	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_TELEMETRY, 0));
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(1, epoll_wait(self->ep, &e, 1, 1000));
		ASSERT_LT(0, drain(self->fd));
		ASSERT_EQ(EAGAIN, errno);
	}
	ASSERT_EQ(0, do_subscribe(self->fd, 0, 0));
	drain(self->fd);
	epoll_wait(self->ep, &e, 1, 0);
	ASSERT_EQ(0, epoll_wait(self->ep, &e, 1, 50));
}

TEST_F(poll, events_are_urgent)
{
	struct epoll_event e;
	uint32_t session;
	int rw = node_open(O_RDWR);

	ASSERT_LE(0, rw);
	ASSERT_EQ(0, watch(self->ep, self->fd, EPOLLPRI));
	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_TELEMETRY |
				  MNPEN_SUB_EVENTS, 0));
	ASSERT_EQ(0, epoll_wait(self->ep, &e, 1, 100));
	ASSERT_EQ(0, start_motor(rw, &session, 1000));
	ASSERT_EQ(1, epoll_wait(self->ep, &e, 1, 1000));
	ASSERT_EQ(EPOLLPRI, e.events);
	close(rw);
}

static long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* Somebody who waits, and when he woke */
struct waiter {
	pthread_t thread;
	int fd;
	int how;		/* 0: poll(), 1: epoll, 2: epoll by edges, 3: read() */
	long long woke_ns;
	unsigned int got;
	int ready;
};

static void *wait_for_the_end(void *arg)
{
	struct waiter *w = arg;
	struct mnpen_record rec;
	struct epoll_event e;
	int ep;

	__atomic_store_n(&w->ready, 1, __ATOMIC_RELEASE);
	switch (w->how) {
	case 0:
		w->got = wait_poll(w->fd, 0, 10000);
		break;
	case 3:
		do_subscribe(w->fd, MNPEN_SUB_EVENTS, 0);
		while (read(w->fd, &rec, sizeof(rec)) > 0)
			continue;
		w->got = errno == ENODEV ? POLLHUP : 0;
		break;
	default:
		ep = epoll_create1(EPOLL_CLOEXEC);
		watch(ep, w->fd, w->how == 2 ? EPOLLET : 0);
		if (epoll_wait(ep, &e, 1, 10000) == 1)
			w->got = e.events;
		close(ep);
		break;
	}
	w->woke_ns = now_ns();
	return NULL;
}

#define WAITERS	4

static int start_waiters(struct waiter *w)
{
	int i;

	for (i = 0; i < WAITERS; i++) {
		w[i] = (struct waiter) { .how = i, .fd = node_open(O_RDONLY) };
		if (w[i].fd < 0 ||
		    pthread_create(&w[i].thread, NULL, wait_for_the_end, &w[i]))
			return -1;
	}
	for (i = 0; i < WAITERS; i++)
		while (!__atomic_load_n(&w[i].ready, __ATOMIC_ACQUIRE))
			usleep(100);
	return 0;
}

TEST_F_TIMEOUT(poll, everybody_learns_of_the_end, 3600)
{
	const char *text = getenv("MNPEN_HANGUPS");
	long i, n = text ? atol(text) : 50;
	struct waiter w[WAITERS];
	long long worst = 0;
	unsigned int seed = 1;
	int k;

	close(self->fd);
	for (i = 0; i < n; i++) {
		long long t;

		ASSERT_EQ(0, start_waiters(w));
		/* Sometimes they are only about to wait. */
		usleep(rand_r(&seed) % 2000);
		t = now_ns();
		ASSERT_EQ(0, node_unbind());
		for (k = 0; k < WAITERS; k++) {
			ASSERT_EQ(0, pthread_join(w[k].thread, NULL));
			ASSERT_NE(0, w[k].got & POLLHUP)
				TH_LOG("round %ld, waiter %d", i, k);
			if (w[k].woke_ns - t > worst)
				worst = w[k].woke_ns - t;
			close(w[k].fd);
		}
		ASSERT_EQ(0, node_bind());
	}
	TH_LOG("%ld hang-ups of %d waiters, woken after at most %lld us", n,
	       WAITERS, worst / 1000);
	EXPECT_GT(HANGUP_MS, worst / 1000000);
	self->fd = node_open(O_RDONLY);
}

TEST_HARNESS_MAIN
