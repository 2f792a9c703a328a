// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IOCTL: every field that can be wrong, by everybody who may ask. Who has no
 * right is told so before what is wrong; what is wrong is never sent to the
 * pen; and a buffer that changes while it is read is read once. Numbers,
 * sizes, modes, pointers, reserved bytes and flags are in abi.c. Both are
 * built for 32 bits, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "bench.h"

/* A word at an offset, and what the owner of an idle pen is told. */
struct bad {
	const char *name;
	unsigned long cmd;
	size_t at;
	uint32_t value;
	int err;
};

#define SESSION(type, cmd) \
	{ #cmd " session 0", MNPEN_IOC_##cmd, \
	  offsetof(struct type, session), 0, ESTALE }, \
	{ #cmd " session wrong", MNPEN_IOC_##cmd, \
	  offsetof(struct type, session), 0xdeadbeef, ESTALE }
#define BAD(type, cmd, field, value, err) \
	{ #cmd " " #field " " #value, MNPEN_IOC_##cmd, \
	  offsetof(struct type, field), value, err }

static const struct bad bads[] = {
	SESSION(mnpen_arm, ARM), SESSION(mnpen_run, RUN),
	SESSION(mnpen_keepalive, KEEPALIVE),
	SESSION(mnpen_clear_fault, CLEAR_FAULT),
	SESSION(mnpen_self_test, SELF_TEST), SESSION(mnpen_mark, MARK_CARTRIDGE),
	BAD(mnpen_arm, ARM, lease_ms, 0, ERANGE),
	BAD(mnpen_arm, ARM, lease_ms, 99, ERANGE),
	BAD(mnpen_arm, ARM, lease_ms, 1001, ERANGE),
	BAD(mnpen_arm, ARM, lease_ms, 0xffffffff, ERANGE),
	BAD(mnpen_run, RUN, rate_spm, 0, ENOTCONN),
	BAD(mnpen_clear_fault, CLEAR_FAULT, mask, 0, EINVAL),
	BAD(mnpen_clear_fault, CLEAR_FAULT, mask, 1, EINVAL),
	BAD(mnpen_clear_fault, CLEAR_FAULT, mask, 0x80000000, EINVAL),
	BAD(mnpen_self_test, SELF_TEST, test_mask, 0, EINVAL),
	BAD(mnpen_self_test, SELF_TEST, test_mask, 0x10, EINVAL),
	BAD(mnpen_self_test, SELF_TEST, test_mask, 0xffffffff, EINVAL),
	BAD(mnpen_limits, LOWER_LIMITS, valid, 0x80, EINVAL),
	BAD(mnpen_limits, LOWER_LIMITS, depth_max_um, 0x7fffffff, EPERM),
	BAD(mnpen_limits, LOWER_LIMITS, rate_max_spm, 0x7fffffff, EPERM),
	BAD(mnpen_limits, LOWER_LIMITS, run_max_ms, 0xffffffff, EPERM),
	BAD(mnpen_limits, LOWER_LIMITS, strokes_max, 0xffffffff, EPERM),
	BAD(mnpen_limits, LOWER_LIMITS, current_max_ma, 0xffffffff, EPERM),
	BAD(mnpen_limits, LOWER_LIMITS, temp_max_mdegc, 0x7fffffff, EPERM),
	BAD(mnpen_limits, LOWER_LIMITS, lease_max_ms, 0xffffffff, EPERM),
	BAD(mnpen_limits, LOWER_LIMITS, lease_max_ms, 0, EINVAL),
	BAD(mnpen_blob, GET_CARTRIDGE, id, 1, ENODATA),
	BAD(mnpen_blob, GET_CALIB, id, 0xffffffff, ENODATA),
	BAD(mnpen_subscribe, SUBSCRIBE, mask, 4, EINVAL),
};

#define BADS (sizeof(bads) / sizeof(bads[0]))

/* Set points, of an armed pen */
static const struct bad bad_runs[] = {
	BAD(mnpen_run, RUN, rate_spm, 0, ERANGE),
	BAD(mnpen_run, RUN, rate_spm, 0xffffffff, ERANGE),
	BAD(mnpen_run, RUN, rate_spm, 0x10000 + 6000, ERANGE),
	BAD(mnpen_run, RUN, depth_um, 0xffffffff, ERANGE),
	BAD(mnpen_run, RUN, depth_um, 0x10000 + 500, ERANGE),
	BAD(mnpen_run, RUN, run_ms, 0xffffffff, ERANGE),
};

union any {
	struct mnpen_arm arm;
	struct mnpen_run run;
	struct mnpen_keepalive keepalive;
	struct mnpen_clear_fault clear;
	struct mnpen_self_test test;
	struct mnpen_mark mark;
	struct mnpen_limits limits;
	struct mnpen_blob blob;
	struct mnpen_subscribe subscribe;
	uint8_t bytes[256];
};

FIXTURE(ioctl) {
	int owner, stranger, reader;
	uint32_t session;
	struct mnpen_limits limits;
};

FIXTURE_SETUP(ioctl)
{
	self->owner = node_open(O_RDWR);
	self->stranger = node_open(O_RDWR);
	self->reader = node_open(O_RDONLY);
	ASSERT_LE(0, self->reader);
	ASSERT_EQ(0, wait_state(self->owner, MNPEN_STATE_IDLE));
	ASSERT_EQ(0, do_acquire(self->owner, &self->session));
	ASSERT_EQ(0, ioctl(self->owner, MNPEN_IOC_GET_LIMITS, &self->limits));
}

FIXTURE_TEARDOWN(ioctl)
{
	close(self->owner);
	close(self->stranger);
	close(self->reader);
}

/* All is right but one word. */
static void fill(union any *a, FIXTURE_DATA(ioctl) *self, const struct bad *b)
{
	memset(a, 0, sizeof(*a));
	switch (b->cmd) {
	case MNPEN_IOC_ARM:
		a->arm.session = self->session;
		a->arm.lease_ms = LEASE_MS;
		break;
	case MNPEN_IOC_RUN:
		a->run.session = self->session;
		a->run.rate_spm = 6000;
		a->run.depth_um = 500;
		break;
	case MNPEN_IOC_SELF_TEST:
		a->test.session = self->session;
		a->test.test_mask = 1;
		break;
	case MNPEN_IOC_KEEPALIVE:
		a->keepalive.session = self->session;
		break;
	case MNPEN_IOC_CLEAR_FAULT:
		a->clear.session = self->session;
		a->clear.mask = 1;
		break;
	case MNPEN_IOC_MARK_CARTRIDGE:
		a->mark.session = self->session;
		break;
	case MNPEN_IOC_LOWER_LIMITS:
		a->limits = self->limits;
		a->limits.generation = 0;
		break;
	}
	memcpy(a->bytes + b->at, &b->value, sizeof(b->value));
}

static bool for_the_controller(unsigned long cmd)
{
	return cmd == MNPEN_IOC_ARM || cmd == MNPEN_IOC_RUN ||
	       cmd == MNPEN_IOC_KEEPALIVE || cmd == MNPEN_IOC_CLEAR_FAULT ||
	       cmd == MNPEN_IOC_SELF_TEST || cmd == MNPEN_IOC_MARK_CARTRIDGE;
}

static int refusal(int fd, const struct bad *b, union any *a)
{
	return ioctl(fd, b->cmd, a) ? errno : 0;
}

TEST_F(ioctl, each_bad_field_has_its_error_and_is_not_sent)
{
	long long journal = pen_journal_size();
	union any a;
	size_t i;

	for (i = 0; i < BADS; i++) {
		fill(&a, self, &bads[i]);
		EXPECT_EQ(bads[i].err, refusal(self->owner, &bads[i], &a))
			TH_LOG("%s", bads[i].name);
	}
	EXPECT_EQ(journal, pen_journal_size());
}

TEST_F(ioctl, who_may_not_is_told_that_first)
{
	long long journal = pen_journal_size();
	union any a;
	size_t i;

	for (i = 0; i < BADS; i++) {
		if (!for_the_controller(bads[i].cmd))
			continue;
		fill(&a, self, &bads[i]);
		EXPECT_EQ(EBADF, refusal(self->reader, &bads[i], &a))
			TH_LOG("%s", bads[i].name);
		fill(&a, self, &bads[i]);
		EXPECT_TRUE(refusal(self->stranger, &bads[i], &a) == EPERM ||
			    bads[i].err == EINVAL)
			TH_LOG("%s", bads[i].name);
	}
	EXPECT_EQ(journal, pen_journal_size());
}

TEST_F(ioctl, each_bad_set_point_of_an_armed_pen)
{
	long long journal;
	union any a;
	size_t i;

	ASSERT_EQ(0, do_arm(self->owner, self->session, 1000));
	journal = pen_journal_size();
	for (i = 0; i < sizeof(bad_runs) / sizeof(bad_runs[0]); i++) {
		fill(&a, self, &bad_runs[i]);
		EXPECT_EQ(ERANGE, refusal(self->owner, &bad_runs[i], &a))
			TH_LOG("%s", bad_runs[i].name);
	}
	EXPECT_EQ(journal, pen_journal_size());
	EXPECT_EQ(MNPEN_STATE_ARMED, pen_state(self->owner));
}

static union any shared;
static atomic_bool enough;

/* A depth, a reserved word and flags go from right to wrong and back. */
static void *rewrites(void *arg)
{
	volatile struct mnpen_run *r = &shared.run;
	uint32_t n = 0;

	while (!enough) {
		n++;
		r->depth_um = n & 1 ? 0x20000 : 500;
		r->reserved[0] = n & 2;
		r->flags = n & 4 ? 0x100 : MNPEN_RUN_F_UPDATE;
		if (!(n & 0xfff))
			usleep(1);
	}
	return NULL;
}

TEST_F(ioctl, a_buffer_that_changes_meanwhile_is_read_once)
{
	static const struct bad none = { "", MNPEN_IOC_RUN, 0, 0, 0 };
	long counts[200] = { 0 };
	pthread_t thread;
	int i, err;

	ASSERT_EQ(0, do_arm(self->owner, self->session, 1000));
	ASSERT_EQ(0, do_run(self->owner, self->session, 6000, 500, 0));
	fill(&shared, self, &none);
	shared.run.session = self->session;
	shared.run.flags = MNPEN_RUN_F_UPDATE;
	enough = false;
	ASSERT_EQ(0, pthread_create(&thread, NULL, rewrites, NULL));
	for (i = 0; i < 300; i++) {
		err = refusal(self->owner, &none, &shared);
		counts[err < 200 ? err : 199]++;
		if (err)
			do_keepalive(self->owner, self->session);
		usleep(50);
	}
	enough = true;
	ASSERT_EQ(0, pthread_join(thread, NULL));
	/* Nothing but: all right, wrong form, or over a limit. */
	EXPECT_EQ(300, counts[0] + counts[EINVAL] + counts[ERANGE])
		TH_LOG("ok %ld, EINVAL %ld, ERANGE %ld, EBUSY %ld", counts[0],
		       counts[EINVAL], counts[ERANGE], counts[EBUSY]);
	EXPECT_EQ(MNPEN_STATE_RUNNING, pen_state(self->owner));
	ASSERT_LT(0, pen_do("state", ""));
	EXPECT_EQ(1, pen_reply("motor"));
}

TEST_HARNESS_MAIN
