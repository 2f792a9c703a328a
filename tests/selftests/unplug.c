// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The pen goes while it is in use. Nobody who waits for it may keep it from
 * going, nor the next from coming: a hung hub worker shows as a pen that is
 * not enumerated again.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "bench.h"

#define DISCONNECT_MS	1000

FIXTURE(unplug) {
	int fd;
	uint32_t session;
};

FIXTURE_SETUP(unplug)
{
	self->fd = node_open(O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
}

FIXTURE_TEARDOWN(unplug)
{
	int fd;

	close(self->fd);
	/* Not by the node: that of a pen unplugged just now may still be there. */
	EXPECT_LT(0, pen_do("state", ""));
	if (!pen_reply("plugged")) {
		EXPECT_EQ(0, node_wait_gone());
		pen_do("plug", "");
		fd = node_open(O_RDWR);
		EXPECT_LE(0, fd);
		close(fd);
	}
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

struct reader {
	pthread_t thread;
	pid_t tid;
	int fd;
	long records;
	int err;
};

static void *read_to_the_end(void *arg)
{
	struct reader *r = arg;
	struct mnpen_record rec;

	__atomic_store_n(&r->tid, gettid(), __ATOMIC_RELEASE);
	while (read(r->fd, &rec, sizeof(rec)) == sizeof(rec))
		r->records++;
	r->err = errno;
	return NULL;
}

static FILE *open_task(pid_t tid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/%s", tid, name);
	return fopen(path, "re");
}

/* For kernels that do not tell the system call: read() is all it does. */
static bool sleeps(pid_t tid)
{
	FILE *f = open_task(tid, "stat");
	char state = 0;

	if (!f)
		return false;
	if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	fclose(f);
	return state == 'S';
}

/* "NUMBER FD ..." while a thread sleeps in a system call, else "running" */
static bool sleeps_in_read(const struct reader *r)
{
	pid_t tid = __atomic_load_n(&r->tid, __ATOMIC_ACQUIRE);
	unsigned int fd = 0;
	int number = -1;
	FILE *f;

	if (!tid)
		return false;
	f = open_task(tid, "syscall");
	if (!f)
		return errno == ENOENT && sleeps(tid);
	if (fscanf(f, "%d 0x%x", &number, &fd) != 2)
		number = -1;
	fclose(f);
	return number == SYS_read && fd == (unsigned int)r->fd;
}

/*
 * A reader that sleeps: it asked for events, and there are none. One that is
 * only about to would prove nothing, and no event tells when it does.
 */
static int sleeping_reader(struct reader *r)
{
	long long end = now_ms() + 10000;

	r->fd = node_open(O_RDONLY);
	if (r->fd < 0 || do_subscribe(r->fd, MNPEN_SUB_EVENTS, 0) ||
	    pthread_create(&r->thread, NULL, read_to_the_end, r))
		return -1;
	while (!sleeps_in_read(r)) {
		if (now_ms() >= end)
			return -1;
		usleep(1000);
	}
	return 0;
}

TEST_F(unplug, a_sleeping_reader_wakes_and_the_next_pen_is_found)
{
	struct reader r = { 0 };
	long long t;

	ASSERT_EQ(0, sleeping_reader(&r));
	t = now_ms();
	ASSERT_LT(0, pen_do("unplug", ""));
	ASSERT_EQ(0, pthread_join(r.thread, NULL));
	EXPECT_EQ(ENODEV, r.err);
	/* Its last record said that the pen is gone. */
	EXPECT_LE(1, r.records);
	ASSERT_EQ(0, node_wait_gone());
	EXPECT_GT(DISCONNECT_MS, now_ms() - t);
	ASSERT_LT(0, pen_do("plug", ""));
	t = node_open(O_RDONLY);
	EXPECT_LE(0, t);
	close(t);
	close(r.fd);
}

TEST_F(unplug, a_sleeping_reader_does_not_hold_up_unbind)
{
	struct reader r = { 0 };
	long long t;

	ASSERT_EQ(0, sleeping_reader(&r));
	t = now_ms();
	ASSERT_EQ(0, node_unbind());
	EXPECT_GT(DISCONNECT_MS, now_ms() - t);
	ASSERT_EQ(0, pthread_join(r.thread, NULL));
	EXPECT_EQ(ENODEV, r.err);
	ASSERT_EQ(0, node_bind());
	close(r.fd);
}

TEST_F(unplug, poll_reports_the_hangup)
{
	int got;

	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_EVENTS, 0));
	ASSERT_LT(0, pen_do("unplug", ""));
	got = wait_poll(self->fd, 0, 5000);
	EXPECT_EQ(POLLHUP | POLLERR, got);
	got = wait_poll(self->fd, POLLIN, 0);
	EXPECT_EQ(POLLIN | POLLHUP | POLLERR, got);
}

TEST_F(unplug, everything_on_a_dead_file_is_ENODEV)
{
	static const unsigned long plain[] = {
		MNPEN_IOC_GET_CAPS, MNPEN_IOC_GET_STATUS, MNPEN_IOC_GET_LIMITS,
		MNPEN_IOC_LOWER_LIMITS, MNPEN_IOC_SUBSCRIBE, MNPEN_IOC_STOP,
		MNPEN_IOC_ACQUIRE, MNPEN_IOC_RELEASE, MNPEN_IOC_KEEPALIVE,
		MNPEN_IOC_ARM, MNPEN_IOC_RUN, MNPEN_IOC_DISARM,
	};
	unsigned char buf[256] = { 0 };
	struct mnpen_record rec;
	size_t i;

	ASSERT_EQ(0, do_acquire(self->fd, &self->session));
	ASSERT_LT(0, pen_do("unplug", ""));
	ASSERT_EQ(0, node_wait_gone());
	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		EXPECT_EQ(-1, ioctl(self->fd, plain[i], buf));
		EXPECT_EQ(ENODEV, errno) TH_LOG("number %zu", i);
	}
	EXPECT_EQ(-1, ioctl(self->fd, _IO(MNPEN_IOC_MAGIC, 0x7f)));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(-1, read(self->fd, &rec, sizeof(rec)));
	EXPECT_EQ(ENODEV, errno);
}

TEST_F(unplug, what_was_queued_can_still_be_read)
{
	struct mnpen_record rec, last = { 0 };
	int n = 0;

	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_EVENTS |
				  MNPEN_SUB_TELEMETRY, 0));
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	ASSERT_LT(0, pen_do("unplug", ""));
	ASSERT_EQ(0, node_wait_gone());
	while (read(self->fd, &rec, sizeof(rec)) == sizeof(rec)) {
		if (rec.type == MNPEN_REC_EVENT &&
		    rec.event.code == MNPEN_EV_DRIVER_STATE)
			last = rec;
		n++;
	}
	EXPECT_EQ(ENODEV, errno);
	EXPECT_LE(4, n);
	EXPECT_EQ(MNPEN_STATE_GONE, last.event.state);
}

TEST_F(unplug, a_running_motor_stops_and_stays_off_after_the_replug)
{
	long long t, off;
	int fd;

	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	t = pen_mark("cable out");
	ASSERT_LT(0, pen_do("unplug", ""));
	off = pen_motor_off(t);
	ASSERT_LE(t, off);
	EXPECT_GE(SLACK_MS * 1000, off - t);
	ASSERT_EQ(0, node_wait_gone());
	ASSERT_LT(0, pen_do("plug", ""));
	fd = node_open(O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(MNPEN_STATE_IDLE, pen_state(fd));
	ASSERT_LT(0, pen_do("state", ""));
	EXPECT_EQ(0, pen_reply("motor"));
	close(fd);
}

TEST_F(unplug, unbind_stops_a_running_motor)
{
	long long t, off;

	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	t = pen_mark("unbind");
	ASSERT_EQ(0, node_unbind());
	off = pen_motor_off(t);
	ASSERT_LE(t, off);
	EXPECT_GE(SLACK_MS * 1000, off - t);
	ASSERT_EQ(0, node_bind());
}

TEST_F(unplug, the_module_stays_while_a_file_is_open)
{
	ASSERT_EQ(0, node_unbind());
	ASSERT_EQ(-1, syscall(SYS_delete_module, "mnpen", O_NONBLOCK));
	EXPECT_EQ(EWOULDBLOCK, errno);
	ASSERT_EQ(0, node_bind());
}

/* The emulator stopped as a process: a pen that answers on no endpoint */
TEST_F(unplug, a_pen_that_answers_nothing_delays_nobody)
{
	struct mnpen_limits l = { .valid = MNPEN_LIMIT_STROKES };
	pid_t pen = atoi(getenv("MNPEN_PEN_PID"));
	struct mnpen_limits now;
	long long t;

	ASSERT_LT(1, pen);
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_GET_LIMITS, &now));
	l.strokes_max = now.strokes_max - 1;
	ASSERT_EQ(0, do_acquire(self->fd, &self->session));
	ASSERT_EQ(0, kill(pen, SIGSTOP));
	t = now_ms();
	EXPECT_EQ(-1, ioctl(self->fd, MNPEN_IOC_LOWER_LIMITS, &l));
	EXPECT_EQ(ETIMEDOUT, errno);
	EXPECT_GT(DISCONNECT_MS, now_ms() - t);
	t = now_ms();
	EXPECT_EQ(0, ioctl(self->fd, MNPEN_IOC_STOP));
	EXPECT_GT(20, now_ms() - t);
	/* The host's ceiling holds even so, and without the pen no ARM. */
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_GET_LIMITS, &now));
	EXPECT_EQ(l.strokes_max, now.strokes_max);
	EXPECT_EQ(-1, do_arm(self->fd, self->session, LEASE_MS));
	EXPECT_EQ(EBUSY, errno);
	t = now_ms();
	EXPECT_EQ(0, node_unbind());
	EXPECT_GT(DISCONNECT_MS, now_ms() - t);
	ASSERT_EQ(0, kill(pen, SIGCONT));
	ASSERT_EQ(0, node_bind());
	close(self->fd);
	self->fd = node_open(O_RDWR);
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
}

TEST_HARNESS_MAIN
