// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SYZ: random sequences of calls, as the controller and as a stranger beside
 * it, from a seed (a generator of our own, not syzkaller, which does not run
 * without a network and a machine with KVM). No error number may come that
 * the interface does not name, and by the pen's own journal, which
 * journal-check holds against the list of calls made, the motor never ran
 * outside of lease and limits.
 *
 * MNPEN_SEQUENCES and MNPEN_SEED in the environment: how many, and which.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "bench.h"

#define OPS_MAX		12	/* in one sequence, on average half of that */
#define NEW_OWNER	40	/* sequences with one controller */
#define NEW_PEN		200	/* sequences with one power-up: limits only fall */

/* One open file, and what its user knows. */
struct user {
	int fd;
	uint32_t session;
	bool controls;
};

struct syz {
	uint64_t seed;
	FILE *calls;
	struct user owner, stranger;
	struct mnpen_limits limits;
	long errors[200];
	long count;
};

static uint64_t draw(struct syz *z)
{
	uint64_t x = z->seed += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static unsigned int below(struct syz *z, unsigned int n)
{
	return draw(z) % n;
}

static bool one_in(struct syz *z, unsigned int n)
{
	return below(z, n) == 0;
}

static long long now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

/* Mostly right, sometimes next to it, sometimes anything. */
static uint32_t value(struct syz *z, uint32_t right)
{
	static const uint32_t edges[] = { 0, 1, 0x7fffffff, 0x80000000, ~0u };

	switch (below(z, 24)) {
	case 0:
		return right + 1;
	case 1:
		return right - 1;
	case 2:
		return edges[below(z, sizeof(edges) / sizeof(edges[0]))];
	case 3:
		return draw(z);
	default:
		return right;
	}
}

/* Some bytes behind the last field that means anything are not zero. */
static void spoil(struct syz *z, void *arg, size_t at, size_t len)
{
	if (one_in(z, 40))
		((uint8_t *)arg)[at + below(z, len)] = 1 + below(z, 255);
}

#define SPOIL(z, arg) spoil(z, &(arg), \
	(char *)(arg).reserved - (char *)&(arg), sizeof((arg).reserved))

/* Makes the call and notes when; 0, or errno. */
static int call(struct syz *z, struct user *u, unsigned long cmd, void *arg,
		const char *note)
{
	long long before = now_us();
	int err = ioctl(u->fd, cmd, arg) ? errno : 0;

	z->count++;
	if (err < 200)
		z->errors[err]++;
	if (*note)
		fprintf(z->calls, "%lld %lld %d %s\n", before, now_us(), err,
			note);
	return err;
}

static void op_arm(struct syz *z, struct user *u)
{
	struct mnpen_arm a = { .session = value(z, u->session) };
	char note[64];

	a.lease_ms = value(z, 100 + below(z, 300));
	a.flags = one_in(z, 30) ? draw(z) : 0;
	SPOIL(z, a);
	snprintf(note, sizeof(note), "arm %u", a.lease_ms);
	call(z, u, MNPEN_IOC_ARM, &a, note);
}

static void op_run(struct syz *z, struct user *u)
{
	struct mnpen_run r = { .session = value(z, u->session) };
	char note[96];

	r.rate_spm = value(z, z->limits.rate_max_spm - below(z, 1000));
	r.depth_um = value(z, z->limits.depth_max_um - below(z, 500));
	r.run_ms = one_in(z, 3) ? value(z, below(z, 300)) : 0;
	r.flags = one_in(z, 3) ? MNPEN_RUN_F_UPDATE : value(z, 0);
	SPOIL(z, r);
	snprintf(note, sizeof(note), "run %u %u %u", r.rate_spm, r.depth_um,
		 (unsigned int)(r.flags & MNPEN_RUN_F_UPDATE));
	call(z, u, MNPEN_IOC_RUN, &r, note);
}

static void op_keepalive(struct syz *z, struct user *u)
{
	struct mnpen_keepalive k = { .session = value(z, u->session) };

	k.reserved = one_in(z, 40) ? 1 : 0;
	call(z, u, MNPEN_IOC_KEEPALIVE, &k, "keepalive");
}

static void op_acquire(struct syz *z, struct user *u)
{
	struct mnpen_acquire a = { .flags = one_in(z, 40) ? draw(z) : 0 };

	SPOIL(z, a);
	if (!call(z, u, MNPEN_IOC_ACQUIRE, &a, "acquire")) {
		u->session = a.session;
		u->controls = true;
	}
}

static void op_release(struct syz *z, struct user *u)
{
	if (!call(z, u, MNPEN_IOC_RELEASE, NULL, "halt release"))
		u->controls = false;
}

static void op_disarm(struct syz *z, struct user *u)
{
	call(z, u, MNPEN_IOC_DISARM, NULL, "halt disarm");
}

static void op_stop(struct syz *z, struct user *u)
{
	call(z, u, MNPEN_IOC_STOP, NULL, "halt stop");
}

static void op_lower(struct syz *z, struct user *u)
{
	struct mnpen_limits l = z->limits;
	char note[96];

	l.valid = value(z, 1u << below(z, 7));
	l.generation = 0;
	/* Lower by little: with a ceiling near zero nothing runs any more. */
	l.depth_max_um += below(z, 4) - 2;
	l.rate_max_spm += below(z, 4) - 2;
	if (one_in(z, 100)) {
		l.depth_max_um = value(z, l.depth_max_um);
		l.rate_max_spm = value(z, l.rate_max_spm);
		l.lease_max_ms = value(z, l.lease_max_ms);
	}
	SPOIL(z, l);
	snprintf(note, sizeof(note), "lower %u %u %u", l.valid, l.depth_max_um,
		 l.rate_max_spm);
	call(z, u, MNPEN_IOC_LOWER_LIMITS, &l, note);
}

static void op_ask(struct syz *z, struct user *u)
{
	static const unsigned long all[] = {
		MNPEN_IOC_GET_CAPS, MNPEN_IOC_GET_STATUS, MNPEN_IOC_GET_LIMITS,
		MNPEN_IOC_GET_CARTRIDGE, MNPEN_IOC_GET_CALIB,
		MNPEN_IOC_IDENTIFY,
	};
	union {
		struct mnpen_caps caps;
		struct mnpen_status status;
		struct mnpen_limits limits;
		struct mnpen_blob blob;
	} out = { .blob.id = value(z, below(z, 2)) };
	unsigned long cmd = all[below(z, sizeof(all) / sizeof(all[0]))];

	if (!call(z, u, cmd, &out, "") && cmd == MNPEN_IOC_GET_LIMITS)
		z->limits = out.limits;
}

static void op_service(struct syz *z, struct user *u)
{
	struct mnpen_clear_fault c = { .session = value(z, u->session),
				       .mask = draw(z) };
	struct mnpen_mark m = { .session = value(z, u->session) };
	struct mnpen_self_test t = { .session = value(z, u->session),
				     .test_mask = value(z, 15) };

	SPOIL(z, c);
	SPOIL(z, m);
	switch (below(z, 8)) {
	case 0:
		call(z, u, MNPEN_IOC_SELF_TEST, &t, "");
		break;
	case 1:
		call(z, u, MNPEN_IOC_MARK_CARTRIDGE, &m, "");
		break;
	default:
		call(z, u, MNPEN_IOC_CLEAR_FAULT, &c, "");
		break;
	}
}

/* Any number and any bytes, sometimes no memory at all. */
static void op_noise(struct syz *z, struct user *u)
{
	uint8_t buf[512];
	unsigned int i;
	unsigned long cmd = _IOC(below(z, 4), MNPEN_IOC_MAGIC, below(z, 40),
				 8 * below(z, 40));

	for (i = 0; i < sizeof(buf); i++)
		buf[i] = one_in(z, 3) ? draw(z) : 0;
	/* By chance a STOP is a STOP. */
	if (cmd != MNPEN_IOC_RUN && cmd != MNPEN_IOC_ARM)
		call(z, u, cmd, one_in(z, 4) ? NULL : buf, "");
}

static void op_read(struct syz *z, struct user *u)
{
	struct mnpen_record rec[8];
	struct mnpen_subscribe s = { .mask = value(z, below(z, 4)),
				     .period_ms = value(z, below(z, 20)) };

	SPOIL(z, s);
	if (one_in(z, 3))
		call(z, u, MNPEN_IOC_SUBSCRIBE, &s, "");
	wait_poll(u->fd, POLLIN | POLLPRI, below(z, 10));
	syscall(SYS_read, u->fd, one_in(z, 20) ? NULL : rec,
		below(z, sizeof(rec) + 1));
	z->count++;
}

static void op_other(struct syz *z, struct user *u)
{
	char c = 0;

	z->count++;
	switch (below(z, 4)) {
	case 0:
		if (write(u->fd, &c, below(z, 2)) >= 0)
			z->errors[199]++;	/* there is no write */
		break;
	case 1:
		lseek(u->fd, draw(z), SEEK_SET);
		break;
	case 2:
		if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, u->fd, 0) !=
		    MAP_FAILED)
			z->errors[199]++;
		break;
	case 3:
		fcntl(u->fd, F_SETFL, O_NONBLOCK);
		break;
	}
}

static void op_time(struct syz *z, struct user *u)
{
	usleep(1000 * below(z, one_in(z, 20) ? 400 : 12));
}

typedef void op(struct syz *z, struct user *u);

static op *some_op(struct syz *z)
{
	static op *const all[] = {
		op_arm, op_arm, op_run, op_run, op_run, op_keepalive,
		op_keepalive, op_acquire, op_acquire, op_ask, op_ask, op_read,
		op_read, op_time, op_time, op_noise, op_other, op_service,
		op_lower, op_stop, op_disarm, op_release,
	};

	return all[below(z, sizeof(all) / sizeof(all[0]))];
}

/* Mostly what one does to run a motor, in the order that works. */
static void act_as_owner(struct syz *z)
{
	if (!z->owner.controls)
		op_acquire(z, &z->owner);
	/* After a halt the pen needs two packets to show that it rests. */
	usleep(1000 * below(z, 30));
	op_arm(z, &z->owner);
	op_run(z, &z->owner);
	op_keepalive(z, &z->owner);
}

static char path[80];

static int open_user(struct user *u, int flags)
{
	u->session = 0;
	u->controls = false;
	u->fd = open(path, flags | O_NONBLOCK | O_CLOEXEC);
	return u->fd < 0 ? -1 : 0;
}

/* Noted as a halt only if it is known who had control. */
static void close_user(struct syz *z, struct user *u)
{
	struct mnpen_status s = { 0 };
	long long before;

	if (u->fd < 0)
		return;
	ioctl(u->fd, MNPEN_IOC_GET_STATUS, &s);
	before = now_us();
	close(u->fd);
	u->fd = -1;
	if (s.session_is_mine)
		fprintf(z->calls, "%lld %lld 0 halt close\n", before, now_us());
}

static void one_sequence(struct syz *z)
{
	unsigned int ops = 1 + below(z, OPS_MAX);

	if (open_user(&z->stranger, one_in(z, 3) ? O_RDONLY : O_RDWR))
		return;
	if (one_in(z, 3))
		act_as_owner(z);
	while (ops--)
		some_op(z)(z, one_in(z, 3) ? &z->owner : &z->stranger);
	close_user(z, &z->stranger);
}

static int new_pen(struct syz *z)
{
	close_user(z, &z->owner);
	if (node_reboot())
		return -1;
	snprintf(path, sizeof(path), "/dev/%s", node_name());
	if (open_user(&z->owner, O_RDWR) ||
	    ioctl(z->owner.fd, MNPEN_IOC_GET_LIMITS, &z->limits))
		return -1;
	fprintf(z->calls, "%lld %lld 0 reboot\n", now_us(), now_us());
	return wait_state(z->owner.fd, MNPEN_STATE_IDLE);
}

FIXTURE(syz) {
	struct syz z;
	char calls[128];
};

FIXTURE_SETUP(syz)
{
	const char *seed = getenv("MNPEN_SEED");

	memset(&self->z, 0, sizeof(self->z));
	self->z.seed = seed ? atol(seed) : 20261120;
	self->z.owner.fd = -1;
	snprintf(self->calls, sizeof(self->calls), "%s.calls",
		 getenv("MNPEN_PEN_JOURNAL"));
	self->z.calls = fopen(self->calls, "we");
	ASSERT_NE(NULL, self->z.calls);
}

FIXTURE_TEARDOWN(syz)
{
}

/* What no call of the interface may say */
static long unnamed_errors(const struct syz *z)
{
	static const int named[] = {
		0, EPERM, EBADF, EAGAIN, EFAULT, EBUSY, EINVAL, ENOTTY, ERANGE,
		EIO, EPROTO, ESTALE, ECANCELED, ENOTCONN, ENODATA, EBADMSG,
		EOPNOTSUPP, ETIMEDOUT,
	};
	long left = 0;
	size_t i, n;

	for (i = 0; i < sizeof(z->errors) / sizeof(z->errors[0]); i++) {
		for (n = 0; n < sizeof(named) / sizeof(named[0]); n++)
			if (named[n] == (int)i)
				break;
		if (z->errors[i])
			fprintf(stderr, "# %s: %ld\n", strerror(i), z->errors[i]);
		if (n == sizeof(named) / sizeof(named[0]))
			left += z->errors[i];
	}
	return left;
}

static int check_journal(const char *calls)
{
	char command[512];

	snprintf(command, sizeof(command), "%s/journal-check %s %s >&2",
		 getenv("MNPEN_TESTS"), getenv("MNPEN_PEN_JOURNAL"), calls);
	return system(command);
}

TEST_F_TIMEOUT(syz, no_sequence_of_calls_runs_the_motor_outside_lease_and_limits,
	       7200)
{
	const char *text = getenv("MNPEN_SEQUENCES");
	long i, n = text ? atol(text) : 500;
	struct syz *z = &self->z;
	long long before;

	ASSERT_EQ(0, new_pen(z));
	before = now_us();
	fprintf(z->calls, "%lld %lld 0 sync %lld\n", before, now_us(),
		pen_mark("syz"));
	for (i = 0; i < n; i++) {
		if (i % NEW_PEN == NEW_PEN - 1) {
			ASSERT_EQ(0, new_pen(z)) TH_LOG("sequence %ld", i);
		} else if (i % NEW_OWNER == NEW_OWNER - 1) {
			close_user(z, &z->owner);
			ASSERT_EQ(0, open_user(&z->owner, O_RDWR));
		}
		one_sequence(z);
		ASSERT_LE(0, z->stranger.fd + 1);
	}
	close_user(z, &z->owner);
	fclose(z->calls);
	ASSERT_EQ(0, pen_wait_motor(false));
	TH_LOG("%ld sequences, %ld calls", n, z->count);
	EXPECT_EQ(0, unnamed_errors(z));
	EXPECT_EQ(0, check_journal(self->calls));
}

TEST_HARNESS_MAIN
