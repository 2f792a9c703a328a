// SPDX-License-Identifier: GPL-2.0-or-later
/* What the software pen's capture says of what passed the pen. */
#include <errno.h>
#include <linux/usb/ch9.h>
#include <string.h>

#include "tests/emulator/capture.h"
#include "tests/emulator/usbdev.h"
#include "tests/unit/pcap_bench.h"

#define SERIAL	"MNTEST000001"

/* The capture asks usbdev.c for descriptors, and that must not ask the pen. */

void pen_bus(struct pen *pen, enum fw_bus what)
{
	(void)pen;
	(void)what;
	fail();
}

int pen_setup(struct pen *pen, const struct fw_setup *s)
{
	(void)pen;
	(void)s;
	fail();
	return 0;
}

int pen_request(struct pen *pen, const struct fw_setup *s, uint8_t *data,
		size_t len)
{
	(void)pen;
	(void)s;
	(void)data;
	(void)len;
	fail();
	return 0;
}

int hostile_control(struct hostile *h, const struct fw_setup *s, uint8_t *data,
		    int n)
{
	(void)h;
	(void)s;
	(void)data;
	fail();
	return n;
}

static struct capture *start(struct pcap_bench *b, bool acks_data)
{
	const struct capture_options o = {
		.path = b->path,
		.serial = SERIAL,
		.product = "TEST",
		.acks_data = acks_data,
	};
	struct capture *c;

	bench_finish(b);
	assert_int_equal(capture_create(&c, &o), 0);
	return c;
}

static void finish(struct pcap_bench *b, struct capture *c)
{
	capture_finish(c);
	bench_open(b);
}

static void take(struct pcap_bench *b, uint8_t type, uint8_t transfer,
		 uint8_t endpoint, int status, size_t captured)
{
	bench_take(b);
	assert_int_equal(b->h.type, type);
	assert_int_equal(b->h.transfer, transfer);
	assert_int_equal(b->h.endpoint, endpoint);
	assert_int_equal(b->h.status, status);
	assert_int_equal(b->h.captured, captured);
}

static void nothing_is_captured_without_a_capture(void **state)
{
	const struct fw_setup s = { .type = 0xa1 };
	uint8_t data[64] = { 0 };

	(void)state;
	capture_bus(NULL, FW_BUS_CONFIGURED);
	capture_in(NULL, data, sizeof(data));
	capture_out(NULL, data, sizeof(data));
	capture_control(NULL, &s, data, 0, 8);
	capture_finish(NULL);
}

static void configuration_begins_with_the_descriptors(void **state)
{
	struct pcap_bench *b = *state;
	struct capture *c = start(b, false);
	size_t i;

	capture_bus(c, FW_BUS_ATTACH);
	capture_bus(c, FW_BUS_CONFIGURED);
	finish(b, c);
	take(b, 'S', USBMON_CONTROL, 0x80, -EINPROGRESS, 0);
	assert_int_equal(b->h.data_flag, USBMON_IN_PENDING);
	take(b, 'C', USBMON_CONTROL, 0x80, 0, USB_DT_DEVICE_SIZE);
	assert_int_equal(b->data[8] | b->data[9] << 8, MNP_TEST_VID);
	assert_int_equal(b->data[10] | b->data[11] << 8, MNP_TEST_PID);
	take(b, 'S', USBMON_CONTROL, 0x80, -EINPROGRESS, 0);
	take(b, 'C', USBMON_CONTROL, 0x80, 0, 32);
	assert_int_equal(b->data[14], MNP_IF_CLASS);
	assert_int_equal(b->data[15], MNP_IF_SUBCLASS);
	take(b, 'S', USBMON_CONTROL, 0x80, -EINPROGRESS, 0);
	take(b, 'C', USBMON_CONTROL, 0x80, 0, 2 + 2 * strlen(SERIAL));
	for (i = 0; i < strlen(SERIAL); i++)
		assert_int_equal(b->data[2 + 2 * i], SERIAL[i]);
	take(b, 'S', USBMON_CONTROL, 0x00, -EINPROGRESS, 0);
	assert_int_equal(b->h.setup[1], USB_REQ_SET_CONFIGURATION);
	assert_int_equal(b->h.setup[2], 1);
	take(b, 'C', USBMON_CONTROL, 0x00, 0, 0);
	assert_int_equal(bench_next(b), 0);
}

/* A read waits all the time; one packet completes it, an unplug cancels it. */
static void reads_are_submitted_and_completed_in_turn(void **state)
{
	struct pcap_bench *b = *state;
	struct capture *c = start(b, false);
	uint8_t data[MNP_PACKET_LEN];
	uint64_t first, second;

	memset(data, 0xa5, sizeof(data));
	capture_in(c, data, sizeof(data));
	capture_in(c, data, sizeof(data));
	capture_bus(c, FW_BUS_SUSPEND);
	capture_bus(c, FW_BUS_RESUME);
	capture_bus(c, FW_BUS_DETACH);
	capture_bus(c, FW_BUS_DETACH);
	finish(b, c);
	take(b, 'S', USBMON_INTERRUPT, MNP_EP_IN, -EINPROGRESS, 0);
	first = b->h.id;
	take(b, 'C', USBMON_INTERRUPT, MNP_EP_IN, 0, MNP_PACKET_LEN);
	assert_int_equal(b->h.id, first);
	assert_memory_equal(b->data, data, sizeof(data));
	take(b, 'S', USBMON_INTERRUPT, MNP_EP_IN, -EINPROGRESS, 0);
	second = b->h.id;
	assert_int_not_equal(second, first);
	take(b, 'C', USBMON_INTERRUPT, MNP_EP_IN, 0, MNP_PACKET_LEN);
	assert_int_equal(b->h.id, second);
	take(b, 'S', USBMON_INTERRUPT, MNP_EP_IN, -EINPROGRESS, 0);
	take(b, 'C', USBMON_INTERRUPT, MNP_EP_IN, -ESHUTDOWN, 0);
	assert_int_equal(bench_next(b), 0);
}

static void writes_have_their_data_in_the_submission(void **state)
{
	struct pcap_bench *b = *state;
	struct capture *c = start(b, false);
	const uint8_t data[5] = { 1, 2, 3, 4, 5 };

	capture_out(c, data, sizeof(data));
	capture_out(c, data, 0);
	finish(b, c);
	take(b, 'S', USBMON_INTERRUPT, MNP_EP_OUT, -EINPROGRESS, 5);
	assert_memory_equal(b->data, data, sizeof(data));
	take(b, 'C', USBMON_INTERRUPT, MNP_EP_OUT, 0, 0);
	assert_int_equal(b->h.length, 5);
	assert_int_equal(b->h.data_flag, USBMON_OUT_DONE);
	take(b, 'S', USBMON_INTERRUPT, MNP_EP_OUT, -EINPROGRESS, 0);
	take(b, 'C', USBMON_INTERRUPT, MNP_EP_OUT, 0, 0);
}

static void questions_and_answers_are_cut_to_what_was_asked(void **state)
{
	struct pcap_bench *b = *state;
	struct capture *c = start(b, false);
	const struct fw_setup s = {
		.type = 0xa1, .request = MNP_REQ_GET_CAPS, .length = 4,
	};
	uint8_t data[MNP_CAPS_LEN] = { 9, 8, 7, 6, 5 };

	capture_control(c, &s, data, 0, sizeof(data));
	finish(b, c);
	take(b, 'S', USBMON_CONTROL, 0x80, -EINPROGRESS, 0);
	assert_int_equal(b->h.setup_flag, USBMON_PRESENT);
	assert_int_equal(b->h.setup[0], 0xa1);
	assert_int_equal(b->h.setup[1], MNP_REQ_GET_CAPS);
	assert_int_equal(b->h.setup[6], 4);
	take(b, 'C', USBMON_CONTROL, 0x80, 0, 4);
	assert_int_equal(b->h.setup_flag, USBMON_NO_SETUP);
	assert_memory_equal(b->data, data, 4);
}

static void refusals_are_stalls(void **state)
{
	struct pcap_bench *b = *state;
	struct capture *c = start(b, false);
	const struct fw_setup arm = {
		.type = 0x21, .request = MNP_REQ_ARM, .length = MNP_ARM_LEN,
	};
	const uint8_t data[MNP_ARM_LEN] = { 1 };

	capture_control(c, &arm, data, sizeof(data), -MNP_RESULT_LIMIT);
	capture_control(c, &arm, NULL, 0, -MNP_RESULT_LENGTH);
	finish(b, c);
	take(b, 'S', USBMON_CONTROL, 0x00, -EINPROGRESS, MNP_ARM_LEN);
	take(b, 'C', USBMON_CONTROL, 0x00, -EPIPE, 0);
	take(b, 'S', USBMON_CONTROL, 0x00, -EINPROGRESS, 0);
	take(b, 'C', USBMON_CONTROL, 0x00, -EPIPE, 0);
}

/* FunctionFS: too late to STALL once the data was read. */
static void controller_that_acknowledges_data_is_shown_as_such(void **state)
{
	struct pcap_bench *b = *state;
	struct capture *c = start(b, true);
	const struct fw_setup arm = {
		.type = 0x21, .request = MNP_REQ_ARM, .length = MNP_ARM_LEN,
	};
	const uint8_t data[MNP_ARM_LEN] = { 1 };

	capture_control(c, &arm, data, sizeof(data), -MNP_RESULT_LIMIT);
	capture_control(c, &arm, NULL, 0, -MNP_RESULT_LENGTH);
	finish(b, c);
	take(b, 'S', USBMON_CONTROL, 0x00, -EINPROGRESS, MNP_ARM_LEN);
	take(b, 'C', USBMON_CONTROL, 0x00, 0, 0);
	take(b, 'S', USBMON_CONTROL, 0x00, -EINPROGRESS, 0);
	take(b, 'C', USBMON_CONTROL, 0x00, -EPIPE, 0);
}

static void huge_packets_are_cut_and_say_how_long_they_were(void **state)
{
	struct pcap_bench *b = *state;
	struct capture *c = start(b, false);
	static const uint8_t data[100000];

	capture_out(c, data, sizeof(data));
	capture_in(c, data, sizeof(data));
	finish(b, c);
	take(b, 'S', USBMON_INTERRUPT, MNP_EP_OUT, -EINPROGRESS, 4096);
	assert_int_equal(b->h.length, sizeof(data));
}

#define T(name) cmocka_unit_test_setup_teardown(name, pcap_bench_setup, \
						pcap_bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_is_captured_without_a_capture),
		T(configuration_begins_with_the_descriptors),
		T(reads_are_submitted_and_completed_in_turn),
		T(writes_have_their_data_in_the_submission),
		T(questions_and_answers_are_cut_to_what_was_asked),
		T(refusals_are_stalls),
		T(controller_that_acknowledges_data_is_shown_as_such),
		T(huge_packets_are_cut_and_say_how_long_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
