// SPDX-License-Identifier: GPL-2.0-or-later
/* Proves that the wire protocol's code neither drifts nor trusts a byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/proto.h"
#include "tests/unit/vectors.h"

#ifndef PROTO_VECTORS
#define PROTO_VECTORS "tests/unit/proto-vectors.txt"
#endif

#define LENGTHS	80
#define OUT_MAX	512

/* Every decoder in one shape; @out has OUT_MAX bytes. */
#define DECODER(k) \
static int d_##k(const uint8_t *b, size_t n, void *out) \
{ \
	return mnp_##k##_decode(b, n, out); \
}

DECODER(telemetry)
DECODER(event)
DECODER(out)
DECODER(arm)
DECODER(arm_reply)
DECODER(run)
DECODER(limits)
DECODER(result)
DECODER(caps)

struct shape {
	const char *name;
	int (*decode)(const uint8_t *buf, size_t len, void *out);
	size_t len;
	void (*sample)(uint8_t *buf);
};

static void s_telemetry(uint8_t *buf)
{
	struct mnp_telemetry t = { .seq = 7, .state = 3, .token = 0x1234,
				   .motor_ma = -5, .strokes = 99 };

	mnp_telemetry_encode(&t, buf);
}

static void s_event(uint8_t *buf)
{
	struct mnp_event e = { .seq = 8, .event_seq = 2, .code = 3,
			       .arg = { 1, 2, 3 } };

	mnp_event_encode(&e, buf);
}

static void s_out(uint8_t *buf)
{
	struct mnp_out o = { .cmd = MNP_OUT_FEED, .seq = 5, .token = 9,
			     .valid_until_us = 123456 };

	mnp_out_encode(&o, buf);
}

static void s_arm(uint8_t *buf)
{
	struct mnp_arm a = { .nonce = 0x12345678, .limits_crc32 = 0x9abcdef0,
			     .feed_ms = 50 };

	mnp_arm_encode(&a, buf);
}

static void s_arm_reply(uint8_t *buf)
{
	struct mnp_arm_reply r = { .nonce = 0x12345678, .token = 77 };

	mnp_arm_reply_encode(&r, buf);
}

static void s_run(uint8_t *buf)
{
	struct mnp_run r = { .token = 77, .seq = 1, .valid_until_us = 55555,
			     .rate_spm = 6000, .depth_um = 500 };

	mnp_run_encode(&r, buf);
}

static void s_limits(uint8_t *buf)
{
	struct mnp_limits l = { .generation = 1, .depth_max_um = 2500,
				.temp_max_mdegc = -1, .lease_max_ms = 200 };

	mnp_limits_encode(&l, buf);
}

static void s_result(uint8_t *buf)
{
	struct mnp_result r = { .seq = 4, .code = MNP_RESULT_LATE };

	mnp_result_encode(&r, buf);
}

static void s_caps(uint8_t *buf)
{
	struct mnp_caps c = { .major = MNP_PROTO_MAJOR, .boot_id = 3,
			      .fw_version = "1.0", .hw_model = "pen" };

	mnp_caps_encode(&c, buf);
}

static const struct shape shapes[] = {
	{ "telemetry", d_telemetry, MNP_PACKET_LEN, s_telemetry },
	{ "event", d_event, MNP_PACKET_LEN, s_event },
	{ "out", d_out, MNP_OUT_LEN, s_out },
	{ "arm", d_arm, MNP_ARM_LEN, s_arm },
	{ "arm_reply", d_arm_reply, MNP_ARM_REPLY_LEN, s_arm_reply },
	{ "run", d_run, MNP_RUN_LEN, s_run },
	{ "limits", d_limits, MNP_LIMITS_LEN, s_limits },
	{ "result", d_result, MNP_RESULT_LEN, s_result },
	{ "caps", d_caps, MNP_CAPS_LEN, s_caps },
};

#define FOR_EACH_SHAPE(s) \
	for (s = shapes; s < shapes + sizeof(shapes) / sizeof(*shapes); s++)

static void report(void *ctx, unsigned int line, const char *what)
{
	(void)ctx;
	print_error("%s:%u: %s\n", PROTO_VECTORS, line, what);
}

static void golden_vectors_hold(void **state)
{
	unsigned int checked;
	FILE *f = fopen(PROTO_VECTORS, "r");

	(void)state;
	assert_non_null(f);
	assert_int_equal(vectors_run(f, report, NULL, &checked), 0);
	assert_true(checked > 80);
	fclose(f);
}

/*
 * The bytes sit at the very end of a heap block, so that the sanitizer sees
 * one read too many, and *out must stay as it was.
 */
static void expect_refused(const struct shape *s, const uint8_t *src, size_t n)
{
	uint8_t out[OUT_MAX], before[OUT_MAX];
	uint8_t *b = malloc(n ? n : 1);

	assert_non_null(b);
	memcpy(b, src, n);
	memset(before, 0x5a, sizeof(before));
	memcpy(out, before, sizeof(out));
	if (s->decode(n ? b : b + 1, n, out) >= 0)
		fail_msg("%s: %zu bytes accepted", s->name, n);
	assert_memory_equal(out, before, sizeof(out));
	free(b);
}

static void every_other_length_is_refused(void **state)
{
	const struct shape *s;
	uint8_t buf[OUT_MAX] = { 0 };
	size_t n;

	(void)state;
	FOR_EACH_SHAPE(s) {
		memset(buf, 0, sizeof(buf));
		s->sample(buf);
		for (n = 0; n <= LENGTHS; n++)
			if (n != s->len)
				expect_refused(s, buf, n);
	}
}

static void all_zero_and_all_one_bytes_are_refused(void **state)
{
	const struct shape *s;
	uint8_t buf[OUT_MAX];
	size_t n;

	(void)state;
	FOR_EACH_SHAPE(s) {
		for (n = 0; n <= MNP_CAPS_MAX_LEN + 1; n++) {
			memset(buf, 0, sizeof(buf));
			expect_refused(s, buf, n);
			memset(buf, 0xff, sizeof(buf));
			expect_refused(s, buf, n);
		}
	}
}

static void every_flipped_bit_is_refused(void **state)
{
	const struct shape *s;
	uint8_t buf[OUT_MAX];
	size_t bit, second;

	(void)state;
	FOR_EACH_SHAPE(s) {
		memset(buf, 0, sizeof(buf));
		s->sample(buf);
		for (bit = 0; bit < 8 * s->len; bit++) {
			buf[bit / 8] ^= 1 << bit % 8;
			expect_refused(s, buf, s->len);
			/* and with it any neighbour: short bursts */
			for (second = bit + 1; second < bit + 16 &&
			     second < 8 * s->len; second++) {
				buf[second / 8] ^= 1 << second % 8;
				expect_refused(s, buf, s->len);
				buf[second / 8] ^= 1 << second % 8;
			}
			buf[bit / 8] ^= 1 << bit % 8;
		}
	}
}

static void samples_are_accepted(void **state)
{
	const struct shape *s;
	uint8_t buf[OUT_MAX], out[OUT_MAX];

	(void)state;
	FOR_EACH_SHAPE(s) {
		s->sample(buf);
		assert_int_equal(s->decode(buf, s->len, out), MNP_OK);
	}
}

static void packet_type_names_what_it_saw(void **state)
{
	uint8_t buf[MNP_PACKET_LEN];
	uint16_t crc;

	(void)state;
	s_telemetry(buf);
	assert_int_equal(mnp_packet_type(buf, sizeof(buf)),
			 MNP_PACKET_TELEMETRY);
	assert_int_equal(mnp_packet_type(buf, sizeof(buf) - 1), MNP_ERR_LENGTH);
	buf[5] ^= 1;
	assert_int_equal(mnp_packet_type(buf, sizeof(buf)), MNP_ERR_CRC);
	s_event(buf);
	assert_int_equal(mnp_packet_type(buf, sizeof(buf)), MNP_PACKET_EVENT);
	buf[0] = 9;
	crc = mnp_crc16(buf, sizeof(buf) - 2);
	buf[62] = crc & 0xff;
	buf[63] = crc >> 8;
	assert_int_equal(mnp_packet_type(buf, sizeof(buf)), MNP_ERR_TYPE);
}

/* Half of the circle is newer, the other half is not; equal is not newer. */
static void sequence_wraps(void **state)
{
	static const uint16_t at[] = { 0, 1, 0x7fff, 0x8000, 0xfffe, 0xffff };
	uint32_t d;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		for (d = 0; d < 0x10000; d++)
			assert_int_equal(mnp_seq_newer((uint16_t)(at[i] + d),
						       at[i]),
					 d > 0 && d < 0x8000);
	}
}

static void time_difference_wraps(void **state)
{
	(void)state;
	assert_int_equal(mnp_time_diff_us(0, 0), 0);
	assert_int_equal(mnp_time_diff_us(100, 0xffffff9c), 200);
	assert_int_equal(mnp_time_diff_us(0xffffff9c, 100), -200);
	assert_int_equal(mnp_time_diff_us(0x80000000, 1), 0x7fffffff);
	assert_int_equal(mnp_time_diff_us(0x80000001, 1), INT32_MIN);
}

static void strings_leak_nothing_behind_their_end(void **state)
{
	struct mnp_caps c = { .major = MNP_PROTO_MAJOR }, back;
	uint8_t buf[MNP_CAPS_LEN];
	size_t i;

	(void)state;
	memset(c.hw_model, 'x', sizeof(c.hw_model));
	memcpy(c.hw_model, "pen", 4);
	memset(c.fw_version, 'v', sizeof(c.fw_version));
	mnp_caps_encode(&c, buf);
	for (i = 3; i < MNP_STR_LEN; i++)
		assert_int_equal(buf[80 + i], 0);
	assert_int_equal(buf[48 + MNP_STR_LEN - 1], 0);
	assert_int_equal(mnp_caps_decode(buf, sizeof(buf), &back), MNP_OK);
	assert_int_equal(strlen(back.fw_version), MNP_STR_LEN - 1);
	assert_string_equal(back.hw_model, "pen");
}

static void encoding_limits_names_the_set(void **state)
{
	struct mnp_limits l = { .depth_max_um = 1000 }, back;
	uint8_t buf[MNP_LIMITS_LEN];

	(void)state;
	mnp_limits_encode(&l, buf);
	assert_int_equal(l.crc32, mnp_crc32(buf, MNP_LIMITS_LEN - 4));
	assert_int_equal(mnp_limits_decode(buf, sizeof(buf), &back), MNP_OK);
	assert_int_equal(back.crc32, l.crc32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_vectors_hold),
		cmocka_unit_test(samples_are_accepted),
		cmocka_unit_test(every_other_length_is_refused),
		cmocka_unit_test(all_zero_and_all_one_bytes_are_refused),
		cmocka_unit_test(every_flipped_bit_is_refused),
		cmocka_unit_test(packet_type_names_what_it_saw),
		cmocka_unit_test(sequence_wraps),
		cmocka_unit_test(time_difference_wraps),
		cmocka_unit_test(strings_leak_nothing_behind_their_end),
		cmocka_unit_test(encoding_limits_names_the_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
