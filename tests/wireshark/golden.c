// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes golden.pcapng: one packet of every type of the wire protocol, some
 * of them damaged, at fixed times. The same bytes on every run.
 *
 *   golden [OPTION]... FILE   without options, the file as it is committed
 *     --flip        one bit wrong in everything that has a checksum
 *     --torn N      nothing longer than N bytes
 *     --product N   a product ID that is not the test ID
 *     --subclass N  an interface that is not a pen's
 *     --bare        no descriptors
 */
#include <endian.h>
#include <errno.h>
#include <getopt.h>
#include <linux/mnpen.h>
#include <linux/usb/ch9.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/proto.h"
#include "tests/emulator/pcap.h"

#define START_S		1790000000	/* some day of 2026 */
#define STEP_US		1000
#define BUS		3
#define DEVICE		7
#define TYPE_OUT	0x21
#define TYPE_IN		0xa1
#define TYPE_QUERY	0xc1

static struct {
	const char *path;
	bool flip, bare;
	size_t torn;
	uint16_t product;
	uint8_t subclass;
} options = {
	.torn = SIZE_MAX, .product = MNP_TEST_PID, .subclass = MNP_IF_SUBCLASS,
};

static struct pcap_writer *file;
static bool ours;		/* the pen's protocol, not USB's own */
static uint64_t id;
static int64_t now_us;

static void put(uint8_t type, uint8_t transfer, uint8_t endpoint,
		const uint8_t *setup, const void *data, size_t len, int status,
		uint32_t length)
{
	struct usbmon_header h = {
		.id = id,
		.type = type,
		.transfer = transfer,
		.endpoint = endpoint,
		.device = DEVICE,
		.bus = BUS,
		.setup_flag = setup ? USBMON_PRESENT : USBMON_NO_SETUP,
		.sec = START_S + now_us / 1000000,
		.usec = (int32_t)(now_us % 1000000),
		.status = status,
		.length = length,
		.captured = (uint32_t)len,
	};

	now_us += STEP_US;
	if (ours && h.captured > options.torn)
		h.captured = (uint32_t)options.torn;
	if (setup)
		memcpy(h.setup, setup, sizeof(h.setup));
	if (!len && endpoint & USB_DIR_IN && type == USBMON_SUBMIT)
		h.data_flag = USBMON_IN_PENDING;
	else if (!len && type == USBMON_COMPLETE)
		h.data_flag = USBMON_OUT_DONE;
	pcap_write(file, &h, data);
}

/* A copy of @data, with a bit flipped if that was asked for. */
static const void *damaged(const void *data, size_t len, bool sealed)
{
	static uint8_t copy[MNP_CAPS_MAX_LEN];

	memcpy(copy, data, len);
	if (options.flip && sealed && len > 8)
		copy[len / 2] ^= 0x10;
	else if (options.flip && sealed)
		copy[0] ^= 0x10;
	return copy;
}

static void in_packet(const uint8_t *buf, size_t len)
{
	ours = true;
	id++;
	put(USBMON_SUBMIT, USBMON_INTERRUPT, MNP_EP_IN, NULL, NULL, 0,
	    -EINPROGRESS, MNP_PACKET_LEN);
	put(USBMON_COMPLETE, USBMON_INTERRUPT, MNP_EP_IN, NULL,
	    damaged(buf, len, len == MNP_PACKET_LEN), len, 0, (uint32_t)len);
}

static void out_packet(const uint8_t *buf, size_t len)
{
	ours = true;
	id++;
	put(USBMON_SUBMIT, USBMON_INTERRUPT, MNP_EP_OUT, NULL,
	    damaged(buf, len, true), len, -EINPROGRESS, (uint32_t)len);
	put(USBMON_COMPLETE, USBMON_INTERRUPT, MNP_EP_OUT, NULL, NULL, 0, 0,
	    (uint32_t)len);
}

/* @status: 0, or -EPIPE for a refusal. @wanted: wLength of a question. */
static void control(uint8_t type, uint8_t request, uint16_t value,
		    uint16_t wanted, const void *data, size_t len, int status)
{
	bool in = type & USB_DIR_IN;
	/* The first bytes of caps are read alone, without the end. */
	bool sealed = type & USB_TYPE_MASK &&
		!(request == MNP_REQ_GET_CAPS && len == MNP_CAPS_HEAD_LEN);
	uint8_t endpoint = type & USB_DIR_IN;
	uint16_t length = in ? wanted : (uint16_t)len;
	const uint8_t setup[8] = {
		type, request, value & 0xff, value >> 8, 0, 0, length & 0xff,
		length >> 8,
	};

	data = damaged(data ? data : "", len, sealed);
	ours = type & USB_TYPE_MASK;
	id++;
	put(USBMON_SUBMIT, USBMON_CONTROL, endpoint, setup, data,
	    in ? 0 : len, -EINPROGRESS, length);
	put(USBMON_COMPLETE, USBMON_CONTROL, endpoint, NULL, data,
	    in && !status ? len : 0, status, (uint32_t)len);
}

static void enumeration(void)
{
	const struct usb_device_descriptor device = {
		.bLength = USB_DT_DEVICE_SIZE,
		.bDescriptorType = USB_DT_DEVICE,
		.bcdUSB = htole16(0x0200),
		.bMaxPacketSize0 = 64,
		.idVendor = htole16(MNP_TEST_VID),
		.idProduct = htole16(options.product),
		.bcdDevice = htole16(0x0100),
		.iSerialNumber = 3,
		.bNumConfigurations = 1,
	};
	const uint8_t config[] = {
		9, USB_DT_CONFIG, 32, 0, 1, 1, 0, 0xc0, 250,
		9, USB_DT_INTERFACE, 0, 0, 2, MNP_IF_CLASS, options.subclass,
		MNP_PROTO_MAJOR, 0,
		7, USB_DT_ENDPOINT, MNP_EP_IN, USB_ENDPOINT_XFER_INT, 64, 0, 4,
		7, USB_DT_ENDPOINT, MNP_EP_OUT, USB_ENDPOINT_XFER_INT, 64, 0, 1,
	};

	control(USB_DIR_IN, USB_REQ_GET_DESCRIPTOR, USB_DT_DEVICE << 8,
		sizeof(device), &device, USB_DT_DEVICE_SIZE, 0);
	control(USB_DIR_IN, USB_REQ_GET_DESCRIPTOR, USB_DT_CONFIG << 8, 255,
		config, sizeof(config), 0);
	control(0, USB_REQ_SET_CONFIGURATION, 1, 0, NULL, 0, 0);
}

static void result(uint16_t seq, uint16_t code)
{
	const struct mnp_result r = { seq, code };
	uint8_t buf[MNP_RESULT_LEN];

	mnp_result_encode(&r, buf);
	control(TYPE_IN, MNP_REQ_GET_CMD_RESULT, 0, sizeof(buf), buf,
		sizeof(buf), 0);
}

static void caps(void)
{
	const struct mnp_caps c = {
		.major = MNP_PROTO_MAJOR, .minor = 1,
		.boot_id = 0x5eed, .device_wd_ms = MNP_DEVICE_WD_MS,
		.features = MNPEN_CAP_DEPTH | MNPEN_CAP_BATTERY,
		.depth_min_um = 0, .depth_max_um = 2500, .depth_step_um = 50,
		.rate_min_spm = 3000, .rate_max_spm = 9000, .rate_step_spm = 60,
		.lease_min_ms = 100, .lease_max_ms = 1000,
		.telemetry_period_us = 8000,
		.fw_version = "1.0.0", .hw_model = "GOLDEN",
	};
	uint8_t buf[MNP_CAPS_LEN];

	mnp_caps_encode(&c, buf);
	control(TYPE_IN, MNP_REQ_GET_CAPS, 0, MNP_CAPS_HEAD_LEN, buf,
		MNP_CAPS_HEAD_LEN, 0);
	control(TYPE_QUERY, MNP_REQ_GET_CAPS, 0, sizeof(buf), buf, sizeof(buf),
		0);
}

static uint32_t limits(void)
{
	struct mnp_limits l = {
		.generation = 3, .depth_max_um = 1500, .rate_max_spm = 7200,
		.run_max_ms = 120000, .strokes_max = 1000000,
		.current_max_ma = 900, .temp_max_mdegc = 48000,
		.lease_max_ms = 300,
	};
	uint8_t buf[MNP_LIMITS_LEN];

	mnp_limits_encode(&l, buf);
	control(TYPE_IN, MNP_REQ_GET_LIMITS, MNP_LIMITS_LATCHED, sizeof(buf),
		buf, sizeof(buf), 0);
	control(TYPE_QUERY, MNP_REQ_GET_LIMITS, MNP_LIMITS_ABSOLUTE,
		sizeof(buf), buf, sizeof(buf), 0);
	control(TYPE_OUT, MNP_REQ_LOWER_LIMITS,
		MNPEN_LIMIT_DEPTH | MNPEN_LIMIT_TEMP, 0, buf, sizeof(buf), 0);
	result(0, MNP_RESULT_OK);
	return l.crc32;
}

static void arm(uint32_t limits_crc32)
{
	const struct mnp_arm a = {
		.nonce = 0xdeadbeef, .limits_crc32 = limits_crc32,
		.feed_ms = 50, .flags = MNP_ARM_F_PEDAL,
	};
	const struct mnp_arm_reply r = { .nonce = a.nonce, .token = 0xbeef };
	uint8_t buf[MNP_ARM_LEN];

	mnp_arm_encode(&a, buf);
	control(TYPE_OUT, MNP_REQ_ARM, 0, 0, buf, MNP_ARM_LEN, 0);
	mnp_arm_reply_encode(&r, buf);
	control(TYPE_IN, MNP_REQ_GET_ARM, 0, MNP_ARM_REPLY_LEN, buf,
		MNP_ARM_REPLY_LEN, 0);
}

static void run(uint16_t seq, uint8_t flags, int status)
{
	const struct mnp_run r = {
		.token = 0xbeef, .seq = seq, .valid_until_us = 150000,
		.rate_spm = 6000, .depth_um = 750, .run_ms = 60000,
		.flags = flags,
	};
	uint8_t buf[MNP_RUN_LEN];

	mnp_run_encode(&r, buf);
	control(TYPE_OUT, MNP_REQ_RUN, 0, 0, buf, sizeof(buf), status);
	result(seq, status ? MNP_RESULT_LATE : MNP_RESULT_OK);
}

static void calibration(void)
{
	struct mnp_calib c = {
		.version = 1, .date = 20260930, .jig = 17, .count = 3,
	};
	uint8_t buf[MNP_CALIB_LEN];
	uint16_t record;
	int i;

	for (record = MNP_CALIB_DEPTH; record <= MNP_CALIB_MOTOR; record++) {
		c.record = record;
		for (i = 0; i < c.count; i++) {
			c.point[i][0] = (uint16_t)(1000 * i);
			c.point[i][1] = (uint16_t)(300 * i + record);
			c.point[i][2] = (uint16_t)(12 + i);
		}
		mnp_calib_encode(&c, buf);
		control(TYPE_QUERY, MNP_REQ_GET_CALIB, record, sizeof(buf),
			buf, sizeof(buf), 0);
	}
}

static void cartridge(void)
{
	const struct mnp_cartridge c = {
		.version = 1, .type = 2, .needles = 16, .length_um = 2500,
		.lot = 4711, .unit = 12, .expiry = 20280131, .uses = 1,
		.flags = MNP_CARTRIDGE_PRESENT | MNP_CARTRIDGE_USED,
	};
	const struct mnp_mark m = { .token = 0xbeef };
	uint8_t buf[MNP_CARTRIDGE_LEN];

	mnp_mark_encode(&m, buf);
	control(TYPE_OUT, MNP_REQ_MARK_CARTRIDGE, 0, 0, buf, MNP_MARK_LEN, 0);
	mnp_cartridge_encode(&c, buf);
	control(TYPE_IN, MNP_REQ_GET_CARTRIDGE, 0, sizeof(buf), buf,
		sizeof(buf), 0);
}

static void service(void)
{
	const struct mnp_self_test t = {
		.asked = MNP_TEST_ALL,
		.done = MNP_TEST_ALL & ~MNP_TEST_WATCHDOG,
		.failed = MNP_TEST_STOP_PATH, .watchdog_ms = 50,
		.stop_us = 1250, .detail = 0x42,
	};
	const struct mnp_clear c = { .mask = MNPEN_FAULT_STALL };
	uint8_t buf[MNP_SELF_TEST_LEN];

	calibration();
	cartridge();
	control(TYPE_OUT, MNP_REQ_SELF_TEST, MNP_TEST_ALL, 0, NULL, 0, 0);
	mnp_self_test_encode(&t, buf);
	control(TYPE_QUERY, MNP_REQ_GET_SELF_TEST, 0, sizeof(buf), buf,
		sizeof(buf), 0);
	mnp_clear_encode(&c, buf);
	control(TYPE_OUT, MNP_REQ_CLEAR_FAULT, 0, 0, buf, MNP_CLEAR_LEN, 0);
	control(TYPE_OUT, MNP_REQ_IDENTIFY, 0, 0, NULL, 0, 0);
	control(TYPE_OUT, MNP_REQ_TELEMETRY_RATE, 20, 0, NULL, 0, 0);
}

static uint16_t in_seq = 65534;		/* it wraps here */

static void encode_telemetry(uint8_t *buf, uint8_t state, uint32_t faults)
{
	bool runs = state == MNPEN_STATE_RUNNING;
	struct mnp_telemetry t = {
		.seq = in_seq++, .dev_time_us = 0xfffffff0, .state = state,
		.stop_reason = faults ? MNPEN_STOP_FAULT : MNPEN_STOP_NONE,
		.token = runs ? 0xbeef : 0,
		.fault_active = faults, .fault_latched = faults,
		.rate_set_spm = runs ? 6000 : 0,
		.rate_spm = runs ? 5987 : 0xffff,
		.depth_set_um = runs ? 750 : 0,
		.depth_um = runs ? 748 : 0xffff,
		.motor_ma = runs ? 183 : INT16_MIN,
		.bus_mv = 5021, .battery_mv = runs ? 3712 : 0xffff,
		.temp_motor_cdegc = runs ? 3145 : -50,
		.temp_board_cdegc = runs ? 2950 : INT16_MIN,
		.battery_pct = runs ? 81 : 255, .power_flags = runs ? 3 : 0,
		.strokes = runs ? 123456789 : 0,
		.feed_left_ms = runs ? 187 : 0, .limits_generation = 3,
		.limits_crc32 = 0x618cb91d, .last_cmd_seq = 77,
		.last_cmd_status = runs ? MNP_RESULT_OK : MNP_RESULT_LATE,
		.boot_id = 0x5eed, .rx_crc_errors = 2,
	};

	mnp_telemetry_encode(&t, buf);
}

static void telemetry(void)
{
	uint8_t buf[MNP_PACKET_LEN];

	encode_telemetry(buf, MNPEN_STATE_IDLE, 0);
	in_packet(buf, sizeof(buf));
	encode_telemetry(buf, MNPEN_STATE_RUNNING, 0);
	in_packet(buf, sizeof(buf));
	encode_telemetry(buf, MNPEN_STATE_FAULT, 0x800001ff);
	in_packet(buf, sizeof(buf));
	control(TYPE_QUERY, MNP_REQ_GET_STATUS, 0, sizeof(buf), buf,
		sizeof(buf), 0);
}

static void events(void)
{
	static const struct {
		uint32_t code, arg0, arg1;
	} list[] = {
		{ MNPEN_EV_STATE, MNPEN_STATE_ARMED, 0 },
		{ MNPEN_EV_STOPPED, MNPEN_STOP_DEVICE, 5000 },
		{ MNPEN_EV_FAULT_SET, MNPEN_FAULT_STALL | MNPEN_FAULT_DEPTH, 0 },
		{ MNPEN_EV_FAULT_CLEARED, MNPEN_FAULT_OVERTEMP, 0 },
		{ MNPEN_EV_CARTRIDGE, 1, 0 },
		{ MNPEN_EV_PEDAL, 1, 0 },
		{ MNPEN_EV_BUTTON, 2, 1 },
		{ MNPEN_EV_LIMITS, 4, 0 },
		{ MNPEN_EV_BOOT, 1, 0 },
		{ MNPEN_EV_LOW_BATTERY, 9, 0 },
		{ MNPEN_EV_WATCHDOG, 2, 0 },
		{ MNPEN_EV_STALL, 812, 740 },
		{ 99, 1, 2 },
	};
	uint8_t buf[MNP_PACKET_LEN];
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		struct mnp_event e = {
			.seq = in_seq++, .dev_time_us = 1000000,
			.event_seq = (uint16_t)(4 + i),
			.state = MNPEN_STATE_IDLE,
			.stop_reason = MNPEN_STOP_DEVICE,
			.code = list[i].code,
			.arg = { list[i].arg0, list[i].arg1 },
		};

		mnp_event_encode(&e, buf);
		in_packet(buf, sizeof(buf));
	}
}

static void feed_and_stop(void)
{
	struct mnp_out o = {
		.cmd = MNP_OUT_FEED, .seq = 513, .token = 0xbeef,
		.valid_until_us = 200000,
	};
	uint8_t buf[MNP_OUT_LEN];

	mnp_out_encode(&o, buf);
	out_packet(buf, sizeof(buf));
	o = (struct mnp_out) { .cmd = MNP_OUT_STOP, .reason = MNPEN_STOP_CLOSE };
	mnp_out_encode(&o, buf);
	out_packet(buf, sizeof(buf));
	control(TYPE_OUT, MNP_REQ_STOP, MNPEN_STOP_USER, 0, NULL, 0, 0);
	control(TYPE_OUT, MNP_REQ_DISARM, 0, 0, NULL, 0, 0);
}

/* What must be shown as what it is: damage, and what nobody knows. */
static void damage(void)
{
	struct mnp_out o = { .cmd = MNP_OUT_FEED, .seq = 514, .token = 1 };
	uint8_t buf[MNP_PACKET_LEN];
	uint16_t crc;

	in_seq += 5;			/* a gap */
	encode_telemetry(buf, MNPEN_STATE_RUNNING, 0);
	buf[26] ^= 1;			/* depth; the checksum is old */
	in_packet(buf, sizeof(buf));
	in_packet(buf, sizeof(buf) - 1);	/* too short */
	encode_telemetry(buf, MNPEN_STATE_RUNNING, 0);
	buf[0] = 3;			/* a type of the future */
	crc = htole16(mnp_crc16(buf, sizeof(buf) - 2));
	memcpy(buf + sizeof(buf) - 2, &crc, sizeof(crc));
	in_packet(buf, sizeof(buf));
	mnp_out_encode(&o, buf);
	buf[15] ^= 0x80;
	out_packet(buf, MNP_OUT_LEN);
	control(TYPE_OUT, 0x7f, 0, 0, NULL, 0, -EPIPE);	/* no such request */
}

static void parse_options(int argc, char **argv)
{
	static const struct option list[] = {
		{ "flip", no_argument, NULL, 'f' },
		{ "bare", no_argument, NULL, 'b' },
		{ "torn", required_argument, NULL, 't' },
		{ "product", required_argument, NULL, 'p' },
		{ "subclass", required_argument, NULL, 's' },
		{ NULL },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", list, NULL)) != -1) {
		switch (c) {
		case 'f':
			options.flip = true;
			break;
		case 'b':
			options.bare = true;
			break;
		case 't':
			options.torn = strtoul(optarg, NULL, 0);
			break;
		case 'p':
			options.product = (uint16_t)strtoul(optarg, NULL, 0);
			break;
		case 's':
			options.subclass = (uint8_t)strtoul(optarg, NULL, 0);
			break;
		default:
			exit(2);
		}
	}
	options.path = argv[optind];
	if (argc - optind != 1) {
		fputs("golden: expected one FILE\n", stderr);
		exit(2);
	}
}

static void everything(void)
{
	uint32_t crc32;

	if (!options.bare)
		enumeration();
	caps();
	crc32 = limits();
	arm(crc32);
	run(512, 0, 0);
	run(513, MNP_RUN_F_UPDATE, -EPIPE);
	telemetry();
	events();
	feed_and_stop();
	service();
	damage();
}

int main(int argc, char **argv)
{
	int err;

	parse_options(argc, argv);
	err = pcap_create(&file, options.path, "mnpen golden");
	if (!err) {
		everything();
		err = pcap_finish(file);
	}
	if (err)
		fprintf(stderr, "golden: %s: %s\n", options.path,
			strerror(-err));
	return err ? 1 : 0;
}
