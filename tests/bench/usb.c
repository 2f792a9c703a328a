// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The same pen through libusb, without the driver, for tests/bench/driver:
 *
 *   bench-usb read COUNT       takes COUNT telemetry packets
 *   bench-usb control COUNT    COUNT rounds of FEED and of RUN, then feeds it
 *                              until it is killed or the pen reports a fault,
 *                              which it answers with STOP
 *
 * It does what a careful program would: two transfers always wait for the pen,
 * each packet's CRC is checked. One line of JSON for each result.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libusb.h>
#include <linux/mnpen.h>

#include "kernel/proto.h"
#include "timing.h"

#define OUT_TYPE 0x21 /* class, interface */
#define IN_TYPE	 0xa1
#define LIMIT_MS 1000

static libusb_device_handle *pen;
static struct libusb_transfer *in[2];
static struct mnp_telemetry last;
static long packets;
static uint16_t seq, token;

static void fail(const char *what, int err)
{
	fprintf(stderr, "bench-usb: %s: %s\n", what, libusb_error_name(err));
	exit(1);
}

static void send_out(uint8_t cmd)
{
	struct mnp_out out = { .cmd = cmd, .seq = ++seq };
	uint8_t buf[MNP_OUT_LEN];
	int done, err;

	if (cmd == MNP_OUT_STOP) {
		out.reason = MNPEN_STOP_USER;
	} else {
		out.token = token;
		out.valid_until_us = last.dev_time_us + MNP_DEVICE_WD_MS * 1000;
	}
	mnp_out_encode(&out, buf);
	err = libusb_interrupt_transfer(pen, MNP_EP_OUT, buf, sizeof(buf),
					&done, LIMIT_MS);
	if (err)
		fail("OUT", err);
}

static void LIBUSB_CALL received(struct libusb_transfer *t)
{
	int err;

	if (t->status != LIBUSB_TRANSFER_COMPLETED)
		fail("IN", LIBUSB_ERROR_IO);
	if (!mnp_telemetry_decode(t->buffer, t->actual_length, &last))
		packets++;
	err = libusb_submit_transfer(t);
	if (err)
		fail("IN again", err);
}

static void wait_packets(long count)
{
	int err;

	while (packets < count) {
		err = libusb_handle_events(NULL);
		if (err)
			fail("events", err);
	}
}

static void open_pen(void)
{
	static uint8_t buf[2][MNP_PACKET_LEN];
	int n, err = libusb_init(NULL);

	if (err)
		fail("init", err);
	pen = libusb_open_device_with_vid_pid(NULL, MNP_TEST_VID, MNP_TEST_PID);
	if (!pen)
		fail("open", LIBUSB_ERROR_NO_DEVICE);
	err = libusb_claim_interface(pen, 0);
	if (err)
		fail("claim", err);
	for (n = 0; n < 2; n++) {
		in[n] = libusb_alloc_transfer(0);
		libusb_fill_interrupt_transfer(in[n], pen, MNP_EP_IN, buf[n],
					       MNP_PACKET_LEN, received, NULL,
					       0);
		err = libusb_submit_transfer(in[n]);
		if (err)
			fail("IN", err);
	}
}

static void ep0(uint8_t type, uint8_t req, uint16_t value, uint8_t *buf,
		uint16_t len)
{
	int n = libusb_control_transfer(pen, type, req, value, 0, buf, len,
					LIMIT_MS);

	if (n != len)
		fail("request", n < 0 ? n : LIBUSB_ERROR_IO);
}

/* The pen says what became of the last command. */
static void expect_ok(void)
{
	struct mnp_result result;
	uint8_t buf[MNP_RESULT_LEN];

	ep0(IN_TYPE, MNP_REQ_GET_CMD_RESULT, 0, buf, sizeof(buf));
	if (mnp_result_decode(buf, sizeof(buf), &result) || result.code) {
		fprintf(stderr, "bench-usb: refused with %u\n", result.code);
		exit(1);
	}
}

static void arm(void)
{
	struct mnp_arm want = { .nonce = 4711, .feed_ms = 50 };
	struct mnp_arm_reply reply;
	struct mnp_limits limits;
	uint8_t buf[MNP_LIMITS_LEN];

	ep0(IN_TYPE, MNP_REQ_GET_LIMITS, MNP_LIMITS_LATCHED, buf, sizeof(buf));
	if (mnp_limits_decode(buf, sizeof(buf), &limits))
		fail("limits", LIBUSB_ERROR_IO);
	want.limits_crc32 = limits.crc32;
	mnp_arm_encode(&want, buf);
	ep0(OUT_TYPE, MNP_REQ_ARM, 0, buf, MNP_ARM_LEN);
	expect_ok();
	ep0(IN_TYPE, MNP_REQ_GET_ARM, 0, buf, MNP_ARM_REPLY_LEN);
	if (mnp_arm_reply_decode(buf, MNP_ARM_REPLY_LEN, &reply))
		fail("token", LIBUSB_ERROR_IO);
	token = reply.token;
}

static void run(uint8_t flags)
{
	struct mnp_run want = {
		.token = token,
		.seq = ++seq,
		.rate_spm = 6000,
		.depth_um = 1000,
		.flags = flags,
		.valid_until_us = last.dev_time_us + MNP_DEVICE_WD_MS * 1000,
	};
	uint8_t buf[MNP_RUN_LEN];

	mnp_run_encode(&want, buf);
	ep0(OUT_TYPE, MNP_REQ_RUN, 0, buf, sizeof(buf));
	expect_ok();
}

static int control(long count)
{
	long long *ns = calloc(count, sizeof(*ns)), begin;
	long n;

	if (!ns)
		return 1;
	arm();
	wait_packets(packets + 2);
	run(0);
	for (n = 0; n < count; n++) {
		wait_packets(packets + 1);
		begin = now_ns();
		send_out(MNP_OUT_FEED);
		ns[n] = now_ns() - begin;
	}
	print_spread("keepalive", ns, count);
	for (n = 0; n < count; n++) {
		wait_packets(packets + 1);
		send_out(MNP_OUT_FEED);
		begin = now_ns();
		run(MNP_RUN_F_UPDATE);
		ns[n] = now_ns() - begin;
	}
	print_spread("run", ns, count);
	puts("ready");
	fflush(stdout);
	free(ns);
	for (n = 0; !last.fault_active && !last.fault_latched; n++) {
		if (n % 6 == 0)
			send_out(MNP_OUT_FEED);
		wait_packets(packets + 1);
	}
	send_out(MNP_OUT_STOP);
	return 0;
}

int main(int argc, char **argv)
{
	long count = argc == 3 ? atol(argv[2]) : 0;
	long long begin;

	if (count <= 0) {
		fputs("usage: bench-usb read|control COUNT\n", stderr);
		return 2;
	}
	open_pen();
	wait_packets(5);
	if (!strcmp(argv[1], "control"))
		return control(count);
	puts("ready");
	fflush(stdout);
	packets = 0;
	begin = cpu_ns();
	wait_packets(count);
	printf("{\"what\":\"read\",\"n\":%ld,\"cpu_ns\":%lld}\n", count,
	       (cpu_ns() - begin) / count);
	return 0;
}
