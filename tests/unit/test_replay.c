// SPDX-License-Identifier: GPL-2.0-or-later
/* A recorded pen replayed: the same bytes at the same distances, obeying none. */
#include <errno.h>
#include <linux/mnpen.h>
#include <linux/usb/ch9.h>
#include <string.h>

#include "tests/emulator/replay.h"
#include "tests/unit/pcap_bench.h"

#define OUT	0x21
#define IN	0xa1
#define QUERY	0xc1

#define PLUGGED_US	UINT64_C(5000000000)	/* own clock, of the replay */
#define PACKETS		6
#define PERIOD_US	8000

static struct mnp_telemetry sample(int i)
{
	return (struct mnp_telemetry) {
		.seq = (uint16_t)(100 + i),
		.state = MNPEN_STATE_RUNNING,
		.rate_spm = (uint16_t)(6000 + i),
		.strokes = (uint32_t)(10 * i),
	};
}

static void record_telemetry(struct pcap_bench *b, int i)
{
	const struct mnp_telemetry t = sample(i);
	uint8_t buf[MNP_PACKET_LEN];

	mnp_telemetry_encode(&t, buf);
	bench_in(b, buf, sizeof(buf));
}

static void record_limits(struct pcap_bench *b, uint16_t generation)
{
	struct mnp_limits l = { .generation = generation };
	uint8_t buf[MNP_LIMITS_LEN];

	mnp_limits_encode(&l, buf);
	bench_control(b, IN, MNP_REQ_GET_LIMITS, 0, buf, sizeof(buf), 0);
}

static void record_caps(struct pcap_bench *b, uint8_t type, size_t len)
{
	const struct mnp_caps c = { .major = MNP_PROTO_MAJOR, .minor = 1 };
	uint8_t buf[MNP_CAPS_LEN];

	mnp_caps_encode(&c, buf);
	bench_control(b, type, MNP_REQ_GET_CAPS, 0, buf, len, 0);
}

static void record_result(struct pcap_bench *b, uint16_t seq)
{
	const struct mnp_result r = { seq, MNP_RESULT_OK };
	uint8_t buf[MNP_RESULT_LEN];

	mnp_result_encode(&r, buf);
	bench_control(b, IN, MNP_REQ_GET_CMD_RESULT, 0, buf, sizeof(buf), 0);
}

static void record_configuration(struct pcap_bench *b)
{
	bench_control(b, 0, USB_REQ_SET_CONFIGURATION, 1, NULL, 0, 0);
}

/* Configured at 0; caps and limits at 1 ms; packets from 10 ms on. */
static void record_session(struct pcap_bench *b)
{
	int i;

	record_configuration(b);
	b->now_us += 1000;
	record_caps(b, IN, MNP_CAPS_HEAD_LEN);
	record_caps(b, QUERY, MNP_CAPS_LEN);
	record_limits(b, 1);
	b->now_us += 9000;
	for (i = 0; i < PACKETS; i++) {
		record_telemetry(b, i);
		if (i == 2) {
			record_limits(b, 2);
			record_result(b, 77);
		}
		b->now_us += PERIOD_US;
	}
}

static struct replay *open_as(struct pcap_bench *b, bool as_pen)
{
	struct replay *r = NULL;

	bench_finish(b);
	assert_int_equal(replay_open(&r, b->path, as_pen), 0);
	return r;
}

static struct replay *plugged(struct pcap_bench *b, bool as_pen)
{
	struct replay *r;

	record_session(b);
	r = open_as(b, as_pen);
	replay_bus(r, PLUGGED_US - 1, FW_BUS_ATTACH);
	replay_bus(r, PLUGGED_US, FW_BUS_CONFIGURED);
	return r;
}

/* Takes the packet that is due; it must be this one, bytes and all. */
static void expect(struct replay *r, int i, uint64_t due_us)
{
	const struct mnp_telemetry t = sample(i);
	uint8_t want[MNP_PACKET_LEN], buf[MNP_PACKET_LEN];

	assert_true(replay_in_due_us(r) == due_us);
	replay_next_in(r, buf);
	mnp_telemetry_encode(&t, want);
	assert_memory_equal(buf, want, sizeof(buf));
}

static int ask(struct replay *r, uint64_t now_us, uint8_t type,
	       uint8_t request, uint16_t value, uint8_t *data)
{
	const struct fw_setup s = {
		.type = type, .request = request, .value = value, .length = 256,
	};
	int n = replay_setup(r, now_us, &s);

	return n ? n : replay_request(r, now_us, &s, data);
}

static int tell(struct replay *r, uint8_t request, uint16_t length)
{
	const struct fw_setup s = {
		.type = OUT, .request = request, .length = length,
	};
	uint8_t data[MNP_CAPS_MAX_LEN] = { 0 };
	int n = replay_setup(r, PLUGGED_US, &s);

	return n ? n : replay_request(r, PLUGGED_US, &s, data);
}

static uint16_t result_code(struct replay *r)
{
	uint8_t data[MNP_CAPS_MAX_LEN];
	struct mnp_result result;

	assert_int_equal(ask(r, PLUGGED_US + 60000, IN, MNP_REQ_GET_CMD_RESULT,
			     0, data), MNP_RESULT_LEN);
	assert_int_equal(mnp_result_decode(data, MNP_RESULT_LEN, &result), 0);
	return result.code;
}

static void packets_come_with_their_bytes_and_distances(void **state)
{
	struct replay *r = plugged(*state, false);
	int i;

	for (i = 0; i < PACKETS; i++) {
		assert_false(replay_ended(r));
		expect(r, i, PLUGGED_US + 10000 + PERIOD_US * (uint64_t)i);
	}
	assert_true(replay_in_due_us(r) == UINT64_MAX);
	assert_true(replay_ended(r));
	assert_false(replay_ended(r));
	replay_close(r);
}

static void nothing_is_sent_before_it_is_configured(void **state)
{
	struct pcap_bench *b = *state;
	struct replay *r;

	record_session(b);
	r = open_as(b, false);
	assert_true(replay_in_due_us(r) == UINT64_MAX);
	replay_bus(r, PLUGGED_US, FW_BUS_ATTACH);
	assert_true(replay_in_due_us(r) == UINT64_MAX);
	replay_bus(r, PLUGGED_US, FW_BUS_RESUME);
	assert_true(replay_in_due_us(r) == UINT64_MAX);
	replay_close(r);
}

static void reset_and_suspend_hold_it_and_lose_nothing(void **state)
{
	struct replay *r = plugged(*state, false);
	uint64_t now_us = PLUGGED_US;

	expect(r, 0, now_us + 10000);
	replay_bus(r, now_us + 12000, FW_BUS_RESET);
	assert_true(replay_in_due_us(r) == UINT64_MAX);
	replay_bus(r, now_us + 112000, FW_BUS_CONFIGURED);
	now_us += 100000;
	expect(r, 1, now_us + 18000);
	replay_bus(r, now_us + 20000, FW_BUS_SUSPEND);
	assert_true(replay_in_due_us(r) == UINT64_MAX);
	replay_bus(r, now_us + 5020000, FW_BUS_RESUME);
	now_us += 5000000;
	expect(r, 2, now_us + 26000);
	/* A second SET_CONFIGURATION without a reset changes nothing. */
	replay_bus(r, now_us + 27000, FW_BUS_CONFIGURED);
	expect(r, 3, now_us + 34000);
	replay_close(r);
}

static void cable_pulled_and_put_back_starts_it_over(void **state)
{
	struct replay *r = plugged(*state, false);

	expect(r, 0, PLUGGED_US + 10000);
	replay_bus(r, PLUGGED_US + 11000, FW_BUS_DETACH);
	assert_true(replay_in_due_us(r) == UINT64_MAX);
	replay_bus(r, PLUGGED_US + 2000000, FW_BUS_ATTACH);
	replay_bus(r, PLUGGED_US + 3000000, FW_BUS_CONFIGURED);
	expect(r, 0, PLUGGED_US + 3010000);
	replay_close(r);
}

static void recording_without_a_start_begins_with_its_first_packet(void **state)
{
	struct pcap_bench *b = *state;
	struct replay *r;

	record_telemetry(b, 0);
	b->now_us += PERIOD_US;
	record_telemetry(b, 1);
	r = open_as(b, false);
	replay_bus(r, PLUGGED_US, FW_BUS_CONFIGURED);
	expect(r, 0, PLUGGED_US);
	expect(r, 1, PLUGGED_US + PERIOD_US);
	replay_close(r);
}

static void clock_set_back_in_the_recording_does_not_go_back(void **state)
{
	struct pcap_bench *b = *state;
	struct replay *r;

	record_telemetry(b, 0);
	b->now_us += PERIOD_US;
	record_telemetry(b, 1);
	b->now_us -= 3600000000;
	record_telemetry(b, 2);
	r = open_as(b, false);
	replay_bus(r, PLUGGED_US, FW_BUS_CONFIGURED);
	expect(r, 0, PLUGGED_US);
	expect(r, 1, PLUGGED_US + PERIOD_US);
	expect(r, 2, PLUGGED_US + PERIOD_US);
	replay_close(r);
}

static void damaged_packets_are_replayed_as_they_were(void **state)
{
	struct pcap_bench *b = *state;
	uint8_t bad[MNP_PACKET_LEN], buf[MNP_PACKET_LEN];
	struct replay *r;

	record_telemetry(b, 0);
	memset(bad, 0x77, sizeof(bad));
	bench_in(b, bad, sizeof(bad));
	bench_in(b, bad, sizeof(bad) - 1);	/* is left out, and said so */
	record_telemetry(b, 1);
	r = open_as(b, false);
	replay_bus(r, PLUGGED_US, FW_BUS_CONFIGURED);
	expect(r, 0, PLUGGED_US);
	replay_next_in(r, buf);
	assert_memory_equal(buf, bad, sizeof(bad));
	expect(r, 1, PLUGGED_US);
	replay_close(r);
}

static void other_devices_of_the_bus_are_not_the_pen(void **state)
{
	struct pcap_bench *b = *state;
	static const uint8_t keys[8], block[MNP_PACKET_LEN];
	struct replay *r;

	b->device = 2;
	bench_in(b, keys, sizeof(keys));
	bench_in(b, block, sizeof(block));
	b->device = BENCH_DEVICE;
	record_limits(b, 9);		/* before it is known as a pen */
	record_telemetry(b, 0);
	b->device = 2;
	bench_in(b, block, sizeof(block));
	b->device = BENCH_DEVICE;
	record_telemetry(b, 1);
	r = open_as(b, false);
	replay_bus(r, PLUGGED_US, FW_BUS_CONFIGURED);
	expect(r, 0, PLUGGED_US);
	expect(r, 1, PLUGGED_US);
	assert_int_equal(ask(r, PLUGGED_US, IN, MNP_REQ_GET_LIMITS, 0,
			     b->data), MNP_LIMITS_LEN);
	replay_close(r);
}

static void questions_get_the_answers_of_that_moment(void **state)
{
	struct replay *r = plugged(*state, false);
	static const struct {
		uint64_t at_us;
		uint16_t generation;
	} cases[] = {
		{ 0, 1 }, { 1000, 1 }, { 25999, 1 }, { 26000, 2 },
		{ 9000000, 2 },
	};
	uint8_t data[MNP_CAPS_MAX_LEN];
	struct mnp_limits l;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ask(r, PLUGGED_US + cases[i].at_us,
				     i % 2 ? IN : QUERY, MNP_REQ_GET_LIMITS, 0,
				     data), MNP_LIMITS_LEN);
		assert_int_equal(mnp_limits_decode(data, MNP_LIMITS_LEN, &l), 0);
		assert_int_equal(l.generation, cases[i].generation);
	}
	/* What was never asked then cannot be answered now. */
	assert_true(ask(r, PLUGGED_US, IN, MNP_REQ_GET_LIMITS, 1, data) < 0);
	assert_true(ask(r, PLUGGED_US, IN, MNP_REQ_GET_ARM, 0, data) < 0);
	assert_true(ask(r, PLUGGED_US, IN, 0x7f, 0, data) < 0);
	replay_close(r);
}

static void status_is_the_telemetry_sent_last(void **state)
{
	struct replay *r = plugged(*state, false);
	uint8_t data[MNP_CAPS_MAX_LEN], buf[MNP_PACKET_LEN];
	struct mnp_telemetry t;
	int i;

	for (i = 0; i < 3; i++) {
		assert_int_equal(ask(r, PLUGGED_US, IN, MNP_REQ_GET_STATUS, 0,
				     data), MNP_PACKET_LEN);
		assert_int_equal(mnp_telemetry_decode(data, MNP_PACKET_LEN, &t),
				 0);
		assert_int_equal(t.seq, 100 + (i ? i - 1 : 0));
		replay_next_in(r, buf);
	}
	replay_close(r);
}

static void caps_say_that_it_is_not_to_be_driven(void **state)
{
	struct replay *r = plugged(*state, false);
	uint8_t data[MNP_CAPS_MAX_LEN];
	struct mnp_caps caps;

	assert_int_equal(ask(r, PLUGGED_US, IN, MNP_REQ_GET_CAPS, 0, data),
			 MNP_CAPS_LEN);
	assert_int_equal(mnp_caps_decode(data, MNP_CAPS_LEN, &caps),
			 MNP_ERR_VERSION);
	replay_close(r);
}

static void caps_as_recorded_if_that_was_asked_for(void **state)
{
	struct replay *r = plugged(*state, true);
	uint8_t data[MNP_CAPS_MAX_LEN];
	struct mnp_caps caps;

	assert_int_equal(ask(r, PLUGGED_US, QUERY, MNP_REQ_GET_CAPS, 0, data),
			 MNP_CAPS_LEN);
	assert_int_equal(mnp_caps_decode(data, MNP_CAPS_LEN, &caps), 0);
	assert_int_equal(caps.minor, 1);
	replay_close(r);
}

static void every_request_but_stop_is_refused(void **state)
{
	struct replay *r = plugged(*state, true);
	unsigned int request, taken = 0;

	for (request = 0; request < 256; request++)
		taken += !tell(r, (uint8_t)request, 0);
	assert_int_equal(taken, 2);
	assert_int_equal(tell(r, MNP_REQ_STOP, 0), 0);
	assert_int_equal(result_code(r), MNP_RESULT_OK);
	assert_int_equal(tell(r, MNP_REQ_DISARM, 0), 0);
	assert_int_equal(result_code(r), MNP_RESULT_OK);
	assert_true(tell(r, MNP_REQ_ARM, MNP_ARM_LEN) < 0);
	assert_int_equal(result_code(r), MNP_RESULT_STATE);
	assert_true(tell(r, MNP_REQ_RUN, MNP_RUN_LEN) < 0);
	assert_true(tell(r, MNP_REQ_LOWER_LIMITS, MNP_LIMITS_LEN) < 0);
	assert_true(tell(r, MNP_REQ_STOP, 1) < 0);
	assert_int_equal(result_code(r), MNP_RESULT_LENGTH);
	replay_close(r);
}

/* A recorded token has the nonce of then; a host of today refuses it. */
static void token_is_only_one_that_was_recorded(void **state)
{
	struct pcap_bench *b = *state;
	const struct mnp_arm_reply reply = { .nonce = 4711, .token = 0xbeef };
	uint8_t buf[MNP_ARM_REPLY_LEN], data[MNP_CAPS_MAX_LEN];
	struct mnp_arm_reply got;
	struct replay *r;

	record_telemetry(b, 0);
	mnp_arm_reply_encode(&reply, buf);
	bench_control(b, IN, MNP_REQ_GET_ARM, 0, buf, sizeof(buf), 0);
	r = open_as(b, true);
	replay_bus(r, PLUGGED_US, FW_BUS_CONFIGURED);
	assert_true(tell(r, MNP_REQ_ARM, MNP_ARM_LEN) < 0);
	assert_int_equal(ask(r, PLUGGED_US, IN, MNP_REQ_GET_ARM, 0, data),
			 MNP_ARM_REPLY_LEN);
	assert_int_equal(mnp_arm_reply_decode(data, MNP_ARM_REPLY_LEN, &got),
			 0);
	assert_int_equal(got.nonce, 4711);
	replay_close(r);
}

static void wrong_types_and_indices_are_refused(void **state)
{
	struct replay *r = plugged(*state, true);
	struct fw_setup s = { .type = OUT, .request = MNP_REQ_STOP, .index = 1 };

	assert_true(replay_setup(r, PLUGGED_US, &s) < 0);
	s.index = 0;
	s.type = 0x41;		/* vendor OUT: strangers could send it */
	assert_true(replay_setup(r, PLUGGED_US, &s) < 0);
	s.type = OUT;
	assert_int_equal(replay_setup(r, PLUGGED_US, &s), 0);
	replay_close(r);
}

static void file_without_a_pen_is_refused(void **state)
{
	struct pcap_bench *b = *state;
	static const uint8_t block[MNP_PACKET_LEN];
	struct replay *r = NULL;

	record_configuration(b);
	bench_in(b, block, sizeof(block));
	bench_finish(b);
	assert_int_equal(replay_open(&r, b->path, false), -ENODATA);
	assert_int_equal(replay_open(&r, "/nowhere", false), -ENOENT);
	assert_null(r);
	replay_close(NULL);
}

static void failed_reads_and_stalled_answers_are_not_replayed(void **state)
{
	struct pcap_bench *b = *state;
	uint8_t data[MNP_CAPS_MAX_LEN];
	struct replay *r;

	record_telemetry(b, 0);
	b->status = -EPROTO;
	record_telemetry(b, 7);
	b->status = 0;
	record_telemetry(b, 1);
	bench_control(b, IN, MNP_REQ_GET_LIMITS, 0, data, 0, -EPIPE);
	record_limits(b, 5);
	bench_control(b, IN, MNP_REQ_GET_CARTRIDGE, 0, data, 0, -EPIPE);
	r = open_as(b, false);
	replay_bus(r, PLUGGED_US, FW_BUS_CONFIGURED);
	expect(r, 0, PLUGGED_US);
	expect(r, 1, PLUGGED_US);
	assert_int_equal(ask(r, PLUGGED_US, IN, MNP_REQ_GET_LIMITS, 0, data),
			 MNP_LIMITS_LEN);
	assert_true(ask(r, PLUGGED_US, IN, MNP_REQ_GET_CARTRIDGE, 0, data) < 0);
	replay_close(r);
}

/* More than the first room for packets and answers, and of questions. */
static void long_recordings_fit(void **state)
{
	struct pcap_bench *b = *state;
	struct replay *r;
	int i;

	for (i = 0; i < 1000; i++) {
		record_telemetry(b, i);
		record_limits(b, (uint16_t)i);
		b->now_us += PERIOD_US;
	}
	r = open_as(b, false);
	replay_bus(r, PLUGGED_US, FW_BUS_CONFIGURED);
	for (i = 0; i < 1000; i++)
		expect(r, i, PLUGGED_US + PERIOD_US * (uint64_t)i);
	assert_true(replay_ended(r));
	replay_close(r);
}

#define T(name) cmocka_unit_test_setup_teardown(name, pcap_bench_setup, \
						pcap_bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(packets_come_with_their_bytes_and_distances),
		T(nothing_is_sent_before_it_is_configured),
		T(reset_and_suspend_hold_it_and_lose_nothing),
		T(cable_pulled_and_put_back_starts_it_over),
		T(recording_without_a_start_begins_with_its_first_packet),
		T(clock_set_back_in_the_recording_does_not_go_back),
		T(damaged_packets_are_replayed_as_they_were),
		T(other_devices_of_the_bus_are_not_the_pen),
		T(questions_get_the_answers_of_that_moment),
		T(status_is_the_telemetry_sent_last),
		T(caps_say_that_it_is_not_to_be_driven),
		T(caps_as_recorded_if_that_was_asked_for),
		T(every_request_but_stop_is_refused),
		T(token_is_only_one_that_was_recorded),
		T(wrong_types_and_indices_are_refused),
		T(file_without_a_pen_is_refused),
		T(failed_reads_and_stalled_answers_are_not_replayed),
		T(long_recordings_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
