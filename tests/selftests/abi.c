// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The contract of every ioctl from one table: number, mode, pointer, reserved
 * bytes, flags. What is refused must not reach the pen.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "bench.h"

struct call {
	const char *name;
	unsigned long cmd;
	bool writer;			/* needs a file opened for writing */
	size_t reserved_at, reserved_len;
	long flags_at;			/* -1: has none */
	uint32_t flags_known;
};

#define RESERVED(type) offsetof(struct type, reserved), \
	sizeof(((struct type *)0)->reserved)
#define FLAGS(type) offsetof(struct type, flags)

static const struct call calls[] = {
	{ "GET_CAPS", MNPEN_IOC_GET_CAPS, false, 0, 0, -1, 0 },
	{ "GET_STATUS", MNPEN_IOC_GET_STATUS, false, 0, 0, -1, 0 },
	{ "GET_LIMITS", MNPEN_IOC_GET_LIMITS, false, 0, 0, -1, 0 },
	{ "LOWER_LIMITS", MNPEN_IOC_LOWER_LIMITS, true,
	  RESERVED(mnpen_limits), offsetof(struct mnpen_limits, valid), 0x7f },
	{ "SUBSCRIBE", MNPEN_IOC_SUBSCRIBE, false, RESERVED(mnpen_subscribe),
	  offsetof(struct mnpen_subscribe, mask), 3 },
	{ "STOP", MNPEN_IOC_STOP, false, 0, 0, -1, 0 },
	{ "ACQUIRE", MNPEN_IOC_ACQUIRE, true, RESERVED(mnpen_acquire),
	  FLAGS(mnpen_acquire), 0 },
	{ "RELEASE", MNPEN_IOC_RELEASE, true, 0, 0, -1, 0 },
	{ "KEEPALIVE", MNPEN_IOC_KEEPALIVE, true, RESERVED(mnpen_keepalive),
	  -1, 0 },
	{ "ARM", MNPEN_IOC_ARM, true, RESERVED(mnpen_arm), FLAGS(mnpen_arm),
	  MNPEN_ARM_F_PEDAL },
	{ "RUN", MNPEN_IOC_RUN, true, RESERVED(mnpen_run), FLAGS(mnpen_run),
	  MNPEN_RUN_F_UPDATE },
	{ "DISARM", MNPEN_IOC_DISARM, true, 0, 0, -1, 0 },
	{ "CLEAR_FAULT", MNPEN_IOC_CLEAR_FAULT, true,
	  RESERVED(mnpen_clear_fault), -1, 0 },
	{ "GET_CARTRIDGE", MNPEN_IOC_GET_CARTRIDGE, false, 0, 0, -1, 0 },
	{ "GET_CALIB", MNPEN_IOC_GET_CALIB, false, 0, 0, -1, 0 },
	{ "SELF_TEST", MNPEN_IOC_SELF_TEST, true,
	  offsetof(struct mnpen_self_test, result_mask), 24, -1, 0 },
	{ "IDENTIFY", MNPEN_IOC_IDENTIFY, false, 0, 0, -1, 0 },
	{ "MARK_CARTRIDGE", MNPEN_IOC_MARK_CARTRIDGE, true,
	  RESERVED(mnpen_mark), -1, 0 },
};

#define CALLS (sizeof(calls) / sizeof(calls[0]))

FIXTURE(abi) {
	int rw;
	int ro;
	unsigned char buf[256];
	long long journal;
};

FIXTURE_SETUP(abi)
{
	/* Tests before this one have lowered limits, for as long as it has power. */
	ASSERT_EQ(0, node_reboot());
	self->rw = node_open(O_RDWR);
	ASSERT_LE(0, self->rw);
	self->ro = node_open(O_RDONLY);
	ASSERT_LE(0, self->ro);
	memset(self->buf, 0, sizeof(self->buf));
	self->journal = pen_journal_size();
	ASSERT_LT(0, self->journal);
}

FIXTURE_TEARDOWN(abi)
{
	close(self->rw);
	close(self->ro);
}

/* errno of the call; 0 if it succeeded */
static int refusal(int fd, unsigned long cmd, void *arg)
{
	return ioctl(fd, cmd, arg) ? errno : 0;
}

static bool known(unsigned long cmd)
{
	size_t i;

	for (i = 0; i < CALLS; i++)
		if (calls[i].cmd == cmd)
			return true;
	return false;
}

TEST_F(abi, sizes_are_those_of_every_architecture)
{
	EXPECT_EQ(184, sizeof(struct mnpen_caps));
	EXPECT_EQ(64, sizeof(struct mnpen_limits));
	EXPECT_EQ(16, sizeof(struct mnpen_acquire));
	EXPECT_EQ(32, sizeof(struct mnpen_arm));
	EXPECT_EQ(32, sizeof(struct mnpen_run));
	EXPECT_EQ(16, sizeof(struct mnpen_keepalive));
	EXPECT_EQ(16, sizeof(struct mnpen_subscribe));
	EXPECT_EQ(72, sizeof(struct mnpen_status));
	EXPECT_EQ(64, sizeof(struct mnpen_record));
}

TEST_F(abi, unknown_numbers_are_ENOTTY)
{
	unsigned int nr, dir;

	for (nr = 0; nr < 256; nr++)
		for (dir = 0; dir < 4; dir++) {
			unsigned long cmd = _IOC(dir, MNPEN_IOC_MAGIC, nr, 16);

			if (!known(cmd))
				EXPECT_EQ(ENOTTY, refusal(self->rw, cmd,
							  self->buf));
		}
	EXPECT_EQ(ENOTTY, refusal(self->rw, _IO('x', 5), self->buf));
	EXPECT_EQ(self->journal, pen_journal_size());
}

TEST_F(abi, wrong_size_or_direction_is_ENOTTY)
{
	size_t i;

	for (i = 0; i < CALLS; i++) {
		unsigned long cmd = calls[i].cmd;
		unsigned int nr = _IOC_NR(cmd), size = _IOC_SIZE(cmd);

		EXPECT_EQ(ENOTTY, refusal(self->rw,
			_IOC(_IOC_DIR(cmd), MNPEN_IOC_MAGIC, nr, size + 8),
			self->buf));
		EXPECT_EQ(ENOTTY, refusal(self->rw,
			_IOC(_IOC_DIR(cmd) ^ _IOC_READ, MNPEN_IOC_MAGIC, nr,
			     size), self->buf));
	}
	EXPECT_EQ(self->journal, pen_journal_size());
}

TEST_F(abi, mutating_calls_need_a_file_opened_for_writing)
{
	size_t i;

	for (i = 0; i < CALLS; i++)
		if (calls[i].writer) {
			EXPECT_EQ(EBADF, refusal(self->ro, calls[i].cmd,
						 self->buf))
				TH_LOG("%s", calls[i].name);
		}
	EXPECT_EQ(self->journal, pen_journal_size());
}

TEST_F(abi, bad_pointers_are_EFAULT)
{
	size_t i;

	for (i = 0; i < CALLS; i++) {
		if (!_IOC_SIZE(calls[i].cmd))
			continue;
		EXPECT_EQ(EFAULT, refusal(self->rw, calls[i].cmd, NULL))
			TH_LOG("%s", calls[i].name);
	}
}

TEST_F(abi, every_reserved_byte_must_be_zero)
{
	size_t i, at;

	for (i = 0; i < CALLS; i++)
		for (at = 0; at < calls[i].reserved_len; at++) {
			memset(self->buf, 0, sizeof(self->buf));
			self->buf[calls[i].reserved_at + at] = 1;
			EXPECT_EQ(EINVAL, refusal(self->rw, calls[i].cmd,
						  self->buf))
				TH_LOG("%s byte %zu", calls[i].name, at);
		}
	EXPECT_EQ(self->journal, pen_journal_size());
}

TEST_F(abi, unknown_flags_are_EINVAL)
{
	unsigned int bit;
	size_t i;

	for (i = 0; i < CALLS; i++)
		for (bit = 0; bit < 32 && calls[i].flags_at >= 0; bit++) {
			uint32_t flag = 1u << bit;

			if (calls[i].flags_known & flag)
				continue;
			memset(self->buf, 0, sizeof(self->buf));
			memcpy(self->buf + calls[i].flags_at, &flag, 4);
			EXPECT_EQ(EINVAL, refusal(self->rw, calls[i].cmd,
						  self->buf))
				TH_LOG("%s bit %u", calls[i].name, bit);
		}
	EXPECT_EQ(self->journal, pen_journal_size());
}

TEST_F(abi, outputs_overwrite_the_buffer_and_keep_reserved_zero)
{
	struct mnpen_caps caps;
	struct mnpen_status status;
	struct mnpen_limits limits;
	static const uint32_t zero[8];

	memset(&caps, 0xff, sizeof(caps));
	memset(&status, 0xff, sizeof(status));
	memset(&limits, 0xff, sizeof(limits));
	ASSERT_EQ(0, ioctl(self->ro, MNPEN_IOC_GET_CAPS, &caps));
	ASSERT_EQ(0, ioctl(self->ro, MNPEN_IOC_GET_STATUS, &status));
	ASSERT_EQ(0, ioctl(self->ro, MNPEN_IOC_GET_LIMITS, &limits));
	EXPECT_EQ(0, memcmp(caps.reserved, zero, sizeof(caps.reserved)));
	EXPECT_EQ(0, memcmp(status.reserved, zero, sizeof(status.reserved)));
	EXPECT_EQ(0, memcmp(limits.reserved, zero, sizeof(limits.reserved)));
	EXPECT_EQ(0x7f, limits.valid);
	EXPECT_EQ(self->journal, pen_journal_size());
}

TEST_F(abi, caps_are_what_the_pen_says)
{
	struct mnpen_caps caps;

	/* What the pen calls depth_max_um may have been lowered before. */
	close(self->rw);
	close(self->ro);
	ASSERT_EQ(0, node_reboot());
	self->rw = node_open(O_RDWR);
	self->ro = node_open(O_RDONLY);
	ASSERT_EQ(0, ioctl(self->ro, MNPEN_IOC_GET_CAPS, &caps));
	ASSERT_LT(0, pen_do("state", ""));
	EXPECT_EQ(pen_reply("boot_id"), caps.boot_id);
	EXPECT_EQ(pen_reply("depth_max_um"), caps.depth_max_um);
	EXPECT_EQ(pen_reply("rate_max_spm"), caps.rate_max_spm);
	EXPECT_EQ(1, caps.proto_major);
	EXPECT_LT(0, caps.device_wd_ms);
	EXPECT_STREQ(getenv("MNPEN_PEN_SERIAL"), caps.serial);
}

TEST_F(abi, status_is_fresh_and_idle)
{
	struct mnpen_status s;

	ASSERT_EQ(0, wait_state(self->ro, MNPEN_STATE_IDLE));
	ASSERT_EQ(0, ioctl(self->ro, MNPEN_IOC_GET_STATUS, &s));
	EXPECT_EQ(0, s.session);
	EXPECT_EQ(0, s.session_is_mine);
	EXPECT_EQ(0, s.lease_deadline_ns);
	EXPECT_EQ(0, s.fault_latched);
	EXPECT_GT(1000, s.telemetry_age_ms);
}

TEST_HARNESS_MAIN
