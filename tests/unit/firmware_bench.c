// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <linux/mnpen.h>

#include "tests/unit/firmware_bench.h"

static void on_note(void *ctx, const struct fw_note *n)
{
	struct bench *b = ctx;

	if (n->kind == FW_NOTE_MOTOR && n->on)
		b->motor_on++;
	if (n->kind == FW_NOTE_MOTOR && !n->on) {
		b->motor_off++;
		b->last_off = *n;
	}
	if (n->kind == FW_NOTE_REJECT)
		b->rejects++;
}

void bench_power_up(struct bench *b, uint64_t now_us)
{
	struct fw_power_up up = { .now_us = now_us, .random = 42 };

	memset(b, 0, sizeof(*b));
	b->now_us = now_us;
	firmware_init(&b->fw, &up, on_note, b);
}

void bench_bus(struct bench *b, enum fw_bus what)
{
	firmware_bus(&b->fw, b->now_us, what);
}

void bench_plug(struct bench *b)
{
	bench_bus(b, FW_BUS_ATTACH);
	bench_bus(b, FW_BUS_CONFIGURED);
}

/* Time passes as the loop lets it: a turn whenever the firmware wants one. */
void bench_pass(struct bench *b, uint64_t us)
{
	uint64_t end_us = b->now_us + us, next_us;

	for (;;) {
		next_us = firmware_next_us(&b->fw);
		if (next_us > end_us)
			break;
		if (next_us > b->now_us)
			b->now_us = next_us;
		firmware_step(&b->fw, b->now_us);
		/* A turn that leaves work undone would make the loop spin. */
		assert_true(firmware_next_us(&b->fw) > b->now_us);
	}
	b->now_us = end_us;
	firmware_step(&b->fw, b->now_us);
}

int bench_request(struct bench *b, uint8_t type, uint8_t number,
		   uint16_t value, uint8_t *data, size_t len)
{
	struct fw_setup s = { type, number, value, 0, (uint16_t)len };
	int n = firmware_setup(&b->fw, b->now_us, &s);

	return n ? n : firmware_request(&b->fw, b->now_us, &s, data, len);
}

int bench_arm(struct bench *b)
{
	struct mnp_arm a = { .nonce = 7, .feed_ms = 50,
			     .limits_crc32 = b->fw.limits.crc32 };
	uint8_t buf[MNP_ARM_LEN];

	mnp_arm_encode(&a, buf);
	return bench_request(b, 0x21, MNP_REQ_ARM, 0, buf, sizeof(buf));
}

int bench_send_run(struct bench *b, const struct mnp_run *r)
{
	uint8_t buf[MNP_RUN_LEN];

	mnp_run_encode(r, buf);
	return bench_request(b, 0x21, MNP_REQ_RUN, 0, buf, sizeof(buf));
}

struct mnp_run bench_good_run(struct bench *b)
{
	return (struct mnp_run) {
		.token = b->fw.token,
		.seq = ++b->seq,
		.valid_until_us = (uint32_t)(b->now_us + WD_US),
		.rate_spm = 6000,
		.depth_um = 1000,
	};
}

int bench_run(struct bench *b)
{
	struct mnp_run r = bench_good_run(b);

	return bench_send_run(b, &r);
}

void bench_feed(struct bench *b, uint16_t token, uint16_t seq,
		 int64_t ahead_us)
{
	struct mnp_out o = {
		.cmd = MNP_OUT_FEED, .seq = seq, .token = token,
		.valid_until_us = (uint32_t)(b->now_us + (uint64_t)ahead_us),
	};
	uint8_t buf[MNP_OUT_LEN];

	mnp_out_encode(&o, buf);
	firmware_out(&b->fw, b->now_us, buf, sizeof(buf));
}

void bench_feed_good(struct bench *b)
{
	bench_feed(b, b->fw.token, ++b->seq, WD_US);
}

/* As bench_pass(), with a host that feeds every 50 ms. */
void bench_pass_fed(struct bench *b, uint64_t ms)
{
	uint64_t at;

	for (at = 0; at < ms; at += 50) {
		bench_feed_good(b);
		bench_pass(b, 50 * MS);
	}
}

void bench_stop_out(struct bench *b, uint8_t reason)
{
	struct mnp_out o = { .cmd = MNP_OUT_STOP, .reason = reason };
	uint8_t buf[MNP_OUT_LEN];

	mnp_out_encode(&o, buf);
	firmware_out(&b->fw, b->now_us, buf, sizeof(buf));
}

void bench_stop_ep0(struct bench *b, uint8_t reason)
{
	assert_int_equal(bench_request(b, 0x21, MNP_REQ_STOP, reason, NULL, 0), 0);
}

void bench_make_running(struct bench *b)
{
	assert_int_equal(bench_arm(b), 0);
	assert_int_equal(bench_run(b), 0);
	assert_true(b->fw.drive.on);
}

void bench_make_fault(struct bench *b)
{
	bench_make_running(b);
	b->fw.physics.causes = PHYSICS_STALL;
	bench_pass_fed(b, 400);
	assert_int_equal(b->fw.state, MNPEN_STATE_FAULT);
}

void bench_assert_off(const struct bench *b)
{
	assert_false(b->fw.drive.on);
	assert_int_equal(b->fw.token, 0);
	assert_true(b->fw.state == MNPEN_STATE_IDLE ||
		    b->fw.state == MNPEN_STATE_FAULT);
}

struct mnp_telemetry bench_status(struct bench *b)
{
	struct mnp_telemetry t;
	uint8_t buf[MNP_CAPS_MAX_LEN];
	int n = bench_request(b, 0xc1, MNP_REQ_GET_STATUS, 0, buf, MNP_PACKET_LEN);

	assert_int_equal(n, MNP_PACKET_LEN);
	assert_int_equal(mnp_telemetry_decode(buf, MNP_PACKET_LEN, &t), 0);
	return t;
}

int bench_result_code(struct bench *b)
{
	struct mnp_result r;
	uint8_t buf[MNP_CAPS_MAX_LEN];
	int n = bench_request(b, 0xc1, MNP_REQ_GET_CMD_RESULT, 0, buf,
			MNP_RESULT_LEN);

	assert_int_equal(n, MNP_RESULT_LEN);
	assert_int_equal(mnp_result_decode(buf, MNP_RESULT_LEN, &r), 0);
	return r.code;
}

void bench_prepare_bare(struct bench *b)
{
	bench_power_up(b, 5000000);
}

void bench_prepare_idle(struct bench *b)
{
	bench_prepare_bare(b);
	bench_plug(b);
}

void bench_prepare_armed(struct bench *b)
{
	bench_prepare_idle(b);
	assert_int_equal(bench_arm(b), 0);
}

void bench_prepare_running(struct bench *b)
{
	bench_prepare_idle(b);
	bench_make_running(b);
	bench_pass_fed(b, 300);
}

void bench_prepare_fault(struct bench *b)
{
	bench_prepare_idle(b);
	bench_make_fault(b);
}

void bench_prepare_suspended(struct bench *b)
{
	bench_prepare_running(b);
	bench_bus(b, FW_BUS_SUSPEND);
}

int bench_lower(struct bench *b, uint16_t mask, struct mnp_limits l)
{
	uint8_t buf[MNP_LIMITS_LEN];

	mnp_limits_encode(&l, buf);
	return bench_request(b, 0x21, MNP_REQ_LOWER_LIMITS, mask, buf, sizeof(buf));
}
