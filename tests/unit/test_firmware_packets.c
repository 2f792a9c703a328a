// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Proves what the software pen sends and what it makes of damaged, unknown
 * and random input, in virtual time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/mnpen.h>

#include "tests/unit/firmware_bench.h"

static void out_packet_with_bad_crc_is_counted_not_obeyed(void **state)
{
	struct mnp_out o = { .cmd = MNP_OUT_FEED };
	uint8_t buf[MNP_OUT_LEN];
	uint64_t deadline_us;
	struct bench b;
	int bit;

	(void)state;
	bench_prepare_running(&b);
	deadline_us = b.fw.deadline_us;
	o.token = b.fw.token;
	o.seq = b.seq + 1;
	o.valid_until_us = (uint32_t)(b.now_us + WD_US);
	mnp_out_encode(&o, buf);
	b.now_us += 1000;
	for (bit = 0; bit < 8 * MNP_OUT_LEN; bit++) {
		buf[bit / 8] ^= 1 << bit % 8;
		firmware_out(&b.fw, b.now_us, buf, sizeof(buf));
		buf[bit / 8] ^= 1 << bit % 8;
	}
	assert_int_equal(b.fw.deadline_us, deadline_us);
	assert_int_equal(bench_status(&b).rx_crc_errors, 8 * MNP_OUT_LEN);
	for (bit = 0; bit < 80; bit++)
		if (bit != MNP_OUT_LEN)
			firmware_out(&b.fw, b.now_us, (uint8_t[80]){ 0 },
				     (size_t)bit);
	assert_true(b.fw.drive.on);
}

static void wrong_requests_are_stalled_without_effect(void **state)
{
	uint8_t data[MNP_CAPS_MAX_LEN] = { 0 };
	struct firmware before;
	struct fw_setup s;
	struct bench b;
	unsigned int type, number;

	(void)state;
	bench_prepare_running(&b);
	for (type = 0; type < 256; type++) {
		for (number = 0; number < 256; number++) {
			s = (struct fw_setup) { (uint8_t)type, (uint8_t)number,
						0, 1, 4 };
			assert_true(firmware_setup(&b.fw, b.now_us, &s) < 0);
			if ((type == 0x21 || type == 0xa1 || type == 0xc1) &&
			    number >= 0x10 && number <= 0x36)
				continue;
			s.index = 0;
			assert_true(firmware_setup(&b.fw, b.now_us, &s) < 0);
		}
	}
	/* no OUT request by vendor type: usbfs would let it pass the driver */
	before = b.fw;
	assert_int_equal(bench_request(&b, 0x41, MNP_REQ_STOP, 0, data, 0),
			 -MNP_RESULT_UNKNOWN);
	assert_int_equal(bench_request(&b, 0x21, MNP_REQ_RUN, 0, data, 19),
			 -MNP_RESULT_LENGTH);
	assert_int_equal(bench_result_code(&b), MNP_RESULT_LENGTH);
	assert_true(b.fw.drive.on);
	assert_int_equal(before.deadline_us, b.fw.deadline_us);
}

/* Collects what goes out in @ms, as fast as it is due. */
static unsigned int collect(struct bench *b, unsigned int ms,
			    uint8_t (*packets)[MNP_PACKET_LEN],
			    unsigned int max)
{
	uint64_t end_us = b->now_us + ms * MS;
	unsigned int n = 0;

	for (; b->now_us < end_us; b->now_us += MS) {
		firmware_step(&b->fw, b->now_us);
		while (firmware_in_due_us(&b->fw) <= b->now_us) {
			assert_true(n < max);
			firmware_next_in(&b->fw, b->now_us, packets[n++]);
		}
	}
	return n;
}

static void telemetry_keeps_its_pace_and_counts(void **state)
{
	uint8_t packets[256][MNP_PACKET_LEN];
	unsigned int i, n, telemetry = 0, events = 0;
	struct mnp_telemetry t = { 0 };
	uint32_t last_us = 0;
	struct bench b;

	(void)state;
	bench_prepare_idle(&b);
	n = collect(&b, 800, packets, 256);
	for (i = 0; i < n; i++) {
		assert_int_equal(packets[i][2] | packets[i][3] << 8, i);
		if (mnp_telemetry_decode(packets[i], MNP_PACKET_LEN, &t)) {
			events++;
			continue;
		}
		if (telemetry++)
			assert_int_equal(t.dev_time_us - last_us, 8000);
		last_us = t.dev_time_us;
	}
	assert_int_equal(telemetry, 100);
	assert_int_equal(events, 2);	/* BOOT, twice */
}

/* Apart: with a telemetry packet in between. */
static void each_event_goes_out_twice_and_apart(void **state)
{
	uint8_t packets[256][MNP_PACKET_LEN];
	unsigned int i, n, telemetry = 0, count[64] = { 0 }, first[64] = { 0 };
	struct mnp_event e;
	struct bench b;

	(void)state;
	bench_prepare_idle(&b);
	bench_make_running(&b);
	bench_stop_out(&b, MNPEN_STOP_USER);
	n = collect(&b, 200, packets, 256);
	for (i = 0; i < n; i++) {
		if (mnp_event_decode(packets[i], MNP_PACKET_LEN, &e)) {
			telemetry++;
			continue;
		}
		assert_true(e.event_seq < 64);
		if (count[e.event_seq]++)
			assert_true(telemetry > first[e.event_seq]);
		first[e.event_seq] = telemetry;
	}
	/* BOOT, armed, running, idle, STOPPED */
	for (i = 0; i < 5; i++)
		assert_int_equal(count[i], 2);
	assert_int_equal(count[5], 0);
}

static void event_overflow_shows_as_a_gap(void **state)
{
	uint8_t packets[512][MNP_PACKET_LEN];
	unsigned int i, n;
	struct mnp_event e = { 0 };
	uint16_t lowest = UINT16_MAX;
	struct bench b;

	(void)state;
	bench_prepare_idle(&b);
	for (i = 0; i < 20; i++) {
		bench_make_running(&b);
		bench_stop_out(&b, MNPEN_STOP_USER);
	}
	n = collect(&b, 1000, packets, 512);
	for (i = 0; i < n; i++)
		if (!mnp_event_decode(packets[i], MNP_PACKET_LEN, &e) &&
		    e.event_seq < lowest)
			lowest = e.event_seq;
	assert_int_equal(lowest, 81 - FW_EVENTS);
}

static void nothing_is_sent_while_not_configured(void **state)
{
	struct bench b;

	(void)state;
	bench_prepare_bare(&b);
	assert_true(firmware_in_due_us(&b.fw) == UINT64_MAX);
	bench_plug(&b);
	assert_true(firmware_in_due_us(&b.fw) <= b.now_us);
	bench_bus(&b, FW_BUS_SUSPEND);
	assert_true(firmware_in_due_us(&b.fw) == UINT64_MAX);
}

static void check_invariants(const struct bench *b)
{
	const struct firmware *fw = &b->fw;

	assert_int_equal(fw->drive.on, fw->state == MNPEN_STATE_RUNNING);
	if (!fw->drive.on)
		return;
	assert_int_not_equal(fw->token, 0);
	assert_true(b->now_us < fw->deadline_us);
	assert_true(fw->deadline_us - b->now_us <= WD_US);
	assert_int_equal(fw->fault_latched, 0);
	assert_true(fw->configured && !fw->suspended);
	assert_true(fw->drive.rate_spm <= fw->limits.rate_max_spm);
	assert_true(fw->drive.depth_um <= fw->limits.depth_max_um);
}

static void random_action(struct bench *b, uint32_t r)
{
	struct mnp_limits l = b->fw.limits;
	uint8_t junk[80];
	unsigned int i;

	switch (r % 16) {
	case 0:
		bench_arm(b);
		break;
	case 1:
	case 2:
		bench_run(b);
		break;
	case 3:
		bench_stop_out(b, (uint8_t)(r >> 8));
		break;
	case 4:
		bench_bus(b, (enum fw_bus)((r >> 8) % 6));
		if (r >> 16 & 1)
			bench_bus(b, FW_BUS_CONFIGURED);
		break;
	case 5:
		l.depth_max_um -= (r >> 8) % 3;
		bench_lower(b, (uint16_t)(r >> 12), l);
		break;
	case 6:
		if ((r >> 8) % 64 == 0)
			b->fw.physics.causes ^= 1u << (r >> 20) % 4;
		break;
	case 7:
		for (i = 0; i < sizeof(junk); i++)
			junk[i] = (uint8_t)rand();
		firmware_out(&b->fw, b->now_us, junk, (r >> 8) % 80);
		break;
	case 8:
		bench_feed(b, b->fw.token, (uint16_t)(r >> 8),
		     (int64_t)(r >> 4) % (3 * WD_US) - WD_US);
		break;
	case 9:
		if ((r >> 8) % 32)
			break;
		bench_power_up(b, b->now_us);
		bench_plug(b);
		break;
	default:
		bench_feed_good(b);
	}
}

static void motion_always_has_its_reasons(void **state)
{
	struct bench b;
	uint32_t i, r, motion = 0;

	(void)state;
	srand(1);
	bench_power_up(&b, UINT32_MAX - 20000000);
	bench_plug(&b);
	for (i = 0; i < 100000; i++) {
		r = (uint32_t)rand() ^ (uint32_t)rand() << 16;
		random_action(&b, r);
		check_invariants(&b);
		bench_pass(&b, (r >> 16) % 4 ? 500 : 30000);
		check_invariants(&b);
		motion += b.fw.drive.on;
	}
	assert_true(motion > 1000);
}

#define T(f)	cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(out_packet_with_bad_crc_is_counted_not_obeyed),
		T(wrong_requests_are_stalled_without_effect),
		T(telemetry_keeps_its_pace_and_counts),
		T(each_event_goes_out_twice_and_apart),
		T(event_overflow_shows_as_a_gap),
		T(nothing_is_sent_while_not_configured),
		T(motion_always_has_its_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
