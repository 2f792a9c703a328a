// SPDX-License-Identifier: GPL-2.0-or-later
/* Records: whole, in order, none missing unless it is said how many. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "bench.h"

#define RING		128	/* telemetry records that a file holds */
#define READERS		16
#define WRITERS		8

FIXTURE(readers) {
	int fd;
	struct mnpen_record rec;
};

FIXTURE_SETUP(readers)
{
	self->fd = node_open(O_RDONLY);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
}

FIXTURE_TEARDOWN(readers)
{
	close(self->fd);
}

static void nonblocking(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

static int next(int fd, struct mnpen_record *rec)
{
	return read(fd, rec, sizeof(*rec)) == sizeof(*rec) ? 0 : -1;
}

TEST_F(readers, less_than_a_record_is_EINVAL)
{
	char small[sizeof(struct mnpen_record) - 1];

	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_TELEMETRY, 0));
	ASSERT_EQ(-1, read(self->fd, small, sizeof(small)));
	ASSERT_EQ(EINVAL, errno);
	ASSERT_EQ(-1, read(self->fd, small, 0));
	ASSERT_EQ(EINVAL, errno);
}

TEST_F(readers, nothing_is_queued_for_who_did_not_subscribe)
{
	int other = node_open(O_RDONLY);
	int i;

	ASSERT_LE(0, other);
	ASSERT_EQ(0, do_subscribe(other, MNPEN_SUB_TELEMETRY, 0));
	for (i = 0; i < 10; i++)
		ASSERT_EQ(0, next(other, &self->rec));
	nonblocking(self->fd, true);
	ASSERT_EQ(-1, next(self->fd, &self->rec));
	ASSERT_EQ(EAGAIN, errno);
	close(other);
}

TEST_F(readers, unsubscribing_drops_what_is_queued)
{
	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_TELEMETRY, 0));
	ASSERT_LT(0, wait_poll(self->fd, POLLIN, 1000));
	ASSERT_EQ(0, do_subscribe(self->fd, 0, 0));
	nonblocking(self->fd, true);
	ASSERT_EQ(-1, next(self->fd, &self->rec));
	ASSERT_EQ(EAGAIN, errno);
}

TEST_F(readers, a_large_buffer_gets_whole_records)
{
	char buf[RING * 64 + 63];
	ssize_t n;

	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_TELEMETRY, 0));
	n = read(self->fd, buf, sizeof(buf));
	ASSERT_LT(0, n);
	ASSERT_EQ(0, n % 64);
}

TEST_F(readers, telemetry_is_in_order_and_true)
{
	struct mnpen_record last;
	int i;

	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_TELEMETRY, 0));
	ASSERT_EQ(0, next(self->fd, &last));
	for (i = 0; i < 100; i++) {
		ASSERT_EQ(0, next(self->fd, &self->rec));
		ASSERT_EQ(MNPEN_REC_TELEMETRY, self->rec.type);
		ASSERT_LT(last.seq, self->rec.seq);
		ASSERT_LT(last.time_ns, self->rec.time_ns);
		ASSERT_LT(0, (int32_t)(self->rec.dev_time_us -
				       last.dev_time_us));
		ASSERT_EQ(0, self->rec.flags & MNPEN_REC_F_LOST);
		ASSERT_EQ(0, self->rec.lost);
		ASSERT_EQ(MNPEN_STATE_IDLE, self->rec.telemetry.state);
		ASSERT_LT(10000, self->rec.telemetry.temp_motor_mdegc);
		last = self->rec;
	}
}

TEST_F(readers, decimation_thins_telemetry)
{
	uint64_t first;
	int i;

	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_TELEMETRY, 100));
	ASSERT_EQ(0, next(self->fd, &self->rec));
	first = self->rec.time_ns;
	for (i = 0; i < 5; i++)
		ASSERT_EQ(0, next(self->fd, &self->rec));
	ASSERT_LE(500000000, self->rec.time_ns - first);
}

TEST_F(readers, decimation_never_hides_a_change_of_state)
{
	int rw = node_open(O_RDWR);
	uint32_t session;

	ASSERT_LE(0, rw);
	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_TELEMETRY, 60000));
	ASSERT_EQ(0, next(self->fd, &self->rec));
	ASSERT_EQ(0, start_motor(rw, &session, 1000));
	do {
		ASSERT_EQ(0, next(self->fd, &self->rec));
	} while (self->rec.telemetry.state != MNPEN_STATE_RUNNING);
	close(rw);
	do {
		ASSERT_EQ(0, next(self->fd, &self->rec));
	} while (self->rec.telemetry.state == MNPEN_STATE_RUNNING);
}

TEST_F(readers, events_come_first_and_each_once)
{
	int rw = node_open(O_RDWR);
	uint32_t session;
	bool armed = false, running = false;
	unsigned int pen_stops = 0;

	ASSERT_LE(0, rw);
	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_EVENTS |
				  MNPEN_SUB_TELEMETRY, 0));
	ASSERT_EQ(0, start_motor(rw, &session, 1000));
	ASSERT_EQ(0, ioctl(rw, MNPEN_IOC_STOP));
	ASSERT_EQ(0, wait_state(rw, MNPEN_STATE_IDLE));
	/* All are queued: no telemetry before the last event. */
	ASSERT_EQ(0, wait_poll(self->fd, POLLPRI, 1000) & ~(POLLPRI));
	while (wait_poll(self->fd, POLLPRI, 0) > 0) {
		struct mnpen_event *e = &self->rec.event;

		ASSERT_EQ(0, next(self->fd, &self->rec));
		ASSERT_EQ(MNPEN_REC_EVENT, self->rec.type);
		armed |= e->code == MNPEN_EV_DRIVER_STATE &&
			 e->state == MNPEN_STATE_ARMED &&
			 e->session == session;
		running |= e->code == MNPEN_EV_DRIVER_STATE &&
			   e->state == MNPEN_STATE_RUNNING;
		pen_stops += e->code == MNPEN_EV_STOPPED;
	}
	EXPECT_TRUE(armed);
	EXPECT_TRUE(running);
	EXPECT_EQ(1, pen_stops);
	close(rw);
}

/*
 * A slow reader loses its own oldest records and learns exactly how many; a
 * fast one beside it sees them all.
 */
TEST_F(readers, lost_records_are_counted_exactly)
{
	int slow = node_open(O_RDONLY);
	uint32_t seen[3 * RING], first, lost, count = 0;
	unsigned int i;

	ASSERT_LE(0, slow);
	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_TELEMETRY, 0));
	ASSERT_EQ(0, do_subscribe(slow, MNPEN_SUB_TELEMETRY, 0));
	ASSERT_EQ(0, next(slow, &self->rec));
	first = self->rec.seq;
	for (i = 0; i < 2 * RING; i++) {
		ASSERT_EQ(0, next(self->fd, &self->rec));
		ASSERT_EQ(0, self->rec.lost);
		seen[i] = self->rec.seq;
	}
	ASSERT_EQ(0, next(slow, &self->rec));
	ASSERT_NE(0, self->rec.flags & MNPEN_REC_F_LOST);
	lost = self->rec.lost;
	for (i = 0; i < 2 * RING; i++)
		count += seen[i] > first && seen[i] < self->rec.seq;
	ASSERT_EQ(count, lost);
	ASSERT_EQ(0, next(slow, &self->rec));
	ASSERT_EQ(0, self->rec.flags & MNPEN_REC_F_LOST);
	close(slow);
}

TEST_F(readers, a_bad_buffer_costs_one_record_and_says_so)
{
	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_TELEMETRY, 0));
	/* The system call: the library's prototype forbids bad pointers. */
	ASSERT_EQ(-1, syscall(SYS_read, self->fd, NULL, 64));
	ASSERT_EQ(EFAULT, errno);
	ASSERT_EQ(0, next(self->fd, &self->rec));
	ASSERT_NE(0, self->rec.flags & MNPEN_REC_F_LOST);
	ASSERT_EQ(1, self->rec.lost);
}

TEST_F(readers, observers_are_capped_but_cannot_lock_out_the_controller)
{
	int fds[READERS + WRITERS], n = 0, w, extra;
	const char *name = node_name();
	char path[80];

	snprintf(path, sizeof(path), "/dev/%s", name);
	/* One is open already. */
	while (n < READERS - 1) {
		fds[n] = open(path, O_RDONLY);
		ASSERT_LE(0, fds[n++]);
	}
	ASSERT_EQ(-1, open(path, O_RDONLY));
	ASSERT_EQ(EBUSY, errno);
	for (w = 0; w < WRITERS; w++) {
		fds[n] = open(path, O_RDWR);
		ASSERT_LE(0, fds[n++]);
	}
	ASSERT_EQ(-1, open(path, O_RDWR));
	ASSERT_EQ(EBUSY, errno);
	close(fds[0]);
	extra = open(path, O_RDONLY);
	EXPECT_LE(0, extra);
	close(extra);
	for (w = 1; w < n; w++)
		close(fds[w]);
}

TEST_F(readers, poll_tells_telemetry_from_events)
{
	int rw = node_open(O_RDWR);
	uint32_t session;
	int got;

	ASSERT_LE(0, rw);
	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_TELEMETRY, 0));
	got = wait_poll(self->fd, POLLIN | POLLPRI, 1000);
	ASSERT_EQ(POLLIN, got);
	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_EVENTS, 0));
	ASSERT_EQ(-1, wait_poll(self->fd, POLLIN | POLLPRI, 100));
	ASSERT_EQ(0, do_acquire(rw, &session));
	ASSERT_EQ(0, do_arm(rw, session, LEASE_MS));
	got = wait_poll(self->fd, POLLIN | POLLPRI, 1000);
	ASSERT_EQ(POLLIN | POLLPRI, got);
	close(rw);
}

TEST_F(readers, edge_triggered_epoll_wakes_for_each_batch)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };
	int ep = epoll_create1(EPOLL_CLOEXEC), i;

	ASSERT_LE(0, ep);
	nonblocking(self->fd, true);
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->fd, &e));
	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_TELEMETRY, 0));
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(1, epoll_wait(ep, &e, 1, 1000));
		while (!next(self->fd, &self->rec))
			continue;
		ASSERT_EQ(EAGAIN, errno);
	}
	close(ep);
}

TEST_HARNESS_MAIN
