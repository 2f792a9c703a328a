/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wire protocol of the pen: layouts, encoders, decoders, checksums.
 *
 * Pure: no allocation, no locks, no kernel or libc call but memcpy. The
 * driver, the software pen, the fuzzers and the unit tests compile this very
 * file. Structs below are in host order and are never cast onto the wire;
 * the byte offsets live in proto.c and in Documentation/mnpen-protocol.rst,
 * and tests/unit/proto-vectors.txt pins them.
 *
 * Decoders return 0 or a negative enum mnp_error and write *out only on
 * success. All are safe for any length and any bytes.
 */
#ifndef MNPEN_PROTO_H
#define MNPEN_PROTO_H

#include <linux/types.h>

#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <stddef.h>
#include <string.h>
#endif

#define MNP_PROTO_MAJOR		1	/* also bInterfaceProtocol */
#define MNP_PROTO_MINOR		1

/* Interface 0 */
#define MNP_IF_CLASS		0xff
#define MNP_IF_SUBCLASS		0x4d
#define MNP_EP_IN		0x81	/* telemetry and events */
#define MNP_EP_OUT		0x02	/* FEED and STOP, nothing else */

/* Open test ID of pid.codes: never on a product (see the protocol document) */
#define MNP_TEST_VID		0x1209
#define MNP_TEST_PID		0x0001

#define MNP_PACKET_LEN		64	/* every IN packet */
#define MNP_OUT_LEN		16	/* every OUT packet */
#define MNP_RUN_LEN		20
#define MNP_ARM_LEN		16
#define MNP_ARM_REPLY_LEN	8
#define MNP_LIMITS_LEN		36
#define MNP_RESULT_LEN		8
#define MNP_CLEAR_LEN		6
#define MNP_MARK_LEN		4
#define MNP_CALIB_LEN		68
#define MNP_CALIB_POINTS	8
#define MNP_CARTRIDGE_LEN	28
#define MNP_SELF_TEST_LEN	24
#define MNP_CAPS_HEAD_LEN	4	/* read first: total length and version */
#define MNP_CAPS_LEN		128	/* what this minor version fills */
#define MNP_CAPS_MAX_LEN	256
#define MNP_STR_LEN		32

#define MNP_TELEMETRY_PERIOD_MS	8
#define MNP_TELEMETRY_MIN_MS	4	/* TELEMETRY_RATE: from .. to */
#define MNP_TELEMETRY_MAX_MS	100
#define MNP_IDENTIFY_MS		3000	/* how long the pen blinks */
#define MNP_DEVICE_WD_MS	200	/* furthest deadline the pen accepts */
#define MNP_OUT_MAGIC		0x4d4e

/* bRequest. Those that change something are class|interface: usbfs then
 * refuses them to strangers while the driver is bound.
 */
enum mnp_request {
	MNP_REQ_GET_CAPS	= 0x10,	/* IN  wValue 0 */
	MNP_REQ_GET_STATUS	= 0x11,	/* IN  one telemetry image */
	MNP_REQ_GET_LIMITS	= 0x12,	/* IN  wValue: enum mnp_limits_which */
	MNP_REQ_LOWER_LIMITS	= 0x20,	/* OUT wValue: MNPEN_LIMIT_* mask */
	MNP_REQ_ARM		= 0x21,	/* OUT struct mnp_arm */
	MNP_REQ_GET_ARM		= 0x22,	/* IN  struct mnp_arm_reply */
	MNP_REQ_RUN		= 0x23,	/* OUT struct mnp_run */
	MNP_REQ_STOP		= 0x24,	/* OUT wValue: reason, no data */
	MNP_REQ_DISARM		= 0x25,	/* OUT no data */
	MNP_REQ_CLEAR_FAULT	= 0x26,	/* OUT struct mnp_clear; since 1.1 */
	MNP_REQ_GET_CMD_RESULT	= 0x27,	/* IN  struct mnp_result */
	/* since 1.1 */
	MNP_REQ_GET_CALIB	= 0x30,	/* IN  wValue: enum mnp_calib_record */
	MNP_REQ_GET_CARTRIDGE	= 0x31,	/* IN  struct mnp_cartridge */
	MNP_REQ_MARK_CARTRIDGE	= 0x32,	/* OUT struct mnp_mark */
	MNP_REQ_SELF_TEST	= 0x33,	/* OUT wValue: MNP_TEST_* mask, no data */
	MNP_REQ_GET_SELF_TEST	= 0x34,	/* IN  struct mnp_self_test */
	MNP_REQ_IDENTIFY	= 0x35,	/* OUT no data */
	MNP_REQ_TELEMETRY_RATE	= 0x36,	/* OUT wValue: period in ms, no data */
};

enum mnp_limits_which {
	MNP_LIMITS_LATCHED	= 0,
	MNP_LIMITS_ABSOLUTE	= 1,
};

enum mnp_packet_type {
	MNP_PACKET_TELEMETRY	= 1,
	MNP_PACKET_EVENT	= 2,
};

enum mnp_out_cmd {
	MNP_OUT_FEED		= 1,
	MNP_OUT_STOP		= 2,
};

/* struct mnp_telemetry.power_flags */
#define MNP_POWER_BUS		0x01
#define MNP_POWER_CHARGING	0x02

#define MNP_RUN_F_UPDATE	0x01

#define MNP_ARM_F_PEDAL		0x0001	/* run only while the pedal is held */

enum mnp_calib_record {
	MNP_CALIB_DEPTH		= 0,	/* depth_um, encoder counts, backlash_um */
	MNP_CALIB_MOTOR		= 1,	/* rate_spm, duty in 1/1000, mA no load */
};

/* The pen's verdict on the cartridge, struct mnp_cartridge.flags */
#define MNP_CARTRIDGE_PRESENT	0x0001
#define MNP_CARTRIDGE_SIGNED	0x0002
#define MNP_CARTRIDGE_USED	0x0004
#define MNP_CARTRIDGE_EXPIRED	0x0008	/* before this firmware was built */

/* SELF_TEST: what to test */
#define MNP_TEST_MEMORY		0x0001	/* limits and their inverse */
#define MNP_TEST_SENSORS	0x0002	/* readings possible at rest */
#define MNP_TEST_WATCHDOG	0x0004	/* it bites, the pen knows it did */
#define MNP_TEST_STOP_PATH	0x0008	/* the enable line falls in time */
#define MNP_TEST_ALL		0x000f

/* Why the pen stalled the last request (struct mnp_result.code). */
enum mnp_result_code {
	MNP_RESULT_OK		= 0,
	MNP_RESULT_UNKNOWN	= 1,	/* no such request */
	MNP_RESULT_LENGTH	= 2,
	MNP_RESULT_CRC		= 3,
	MNP_RESULT_STATE	= 4,	/* not in this state */
	MNP_RESULT_TOKEN	= 5,
	MNP_RESULT_LATE		= 6,	/* deadline passed or too far ahead */
	MNP_RESULT_LIMIT	= 7,	/* above a limit, or a raise */
	MNP_RESULT_FAULT	= 8,	/* a fault is latched */
	MNP_RESULT_SEQUENCE	= 9,	/* not newer than the last one */
};

enum mnp_error {
	MNP_OK			= 0,
	MNP_ERR_LENGTH		= -1,
	MNP_ERR_TYPE		= -2,
	MNP_ERR_CRC		= -3,
	MNP_ERR_RESERVED	= -4,	/* OUT packets and requests only */
	MNP_ERR_VERSION		= -5,
};

/* One telemetry packet; "not available" is 0xffff, 0x8000 or 255. */
struct mnp_telemetry {
	__u16 seq;			/* counts all IN packets */
	__u32 dev_time_us;		/* of the sample, wraps */
	__u8 state;			/* enum mnpen_state of the pen */
	__u8 stop_reason;		/* enum mnpen_stop_reason */
	__u16 token;			/* 0: not armed */
	__u32 fault_active;
	__u32 fault_latched;
	__u16 rate_set_spm;
	__u16 rate_spm;
	__u16 depth_set_um;
	__u16 depth_um;
	__s16 motor_ma;
	__u16 bus_mv;
	__u16 battery_mv;
	__s16 temp_motor_cdegc;
	__s16 temp_board_cdegc;
	__u8 battery_pct;
	__u8 power_flags;		/* MNP_POWER_* */
	__u32 strokes;
	__u16 feed_left_ms;
	__u16 limits_generation;
	__u32 limits_crc32;		/* as in the limits image */
	__u16 last_cmd_seq;
	__u16 last_cmd_status;		/* enum mnp_result_code */
	__u16 boot_id;			/* random per power-up */
	__u16 rx_crc_errors;
};

struct mnp_event {
	__u16 seq;			/* same counter as telemetry */
	__u32 dev_time_us;
	__u16 event_seq;		/* own counter: a lost event shows */
	__u8 state;
	__u8 stop_reason;
	__u32 code;			/* MNPEN_EV_* below 0x100 */
	__u32 arg[10];
};

/* FEED and STOP */
struct mnp_out {
	__u8 cmd;			/* enum mnp_out_cmd */
	__u8 reason;			/* STOP: enum mnpen_stop_reason */
	__u16 seq;
	__u16 token;			/* STOP: ignored */
	__u32 valid_until_us;		/* FEED: the pen's own clock */
};

struct mnp_arm {
	__u32 nonce;
	__u32 limits_crc32;
	__u16 feed_ms;			/* how often the host will feed */
	__u16 flags;			/* MNP_ARM_F_* */
};

struct mnp_arm_reply {
	__u32 nonce;			/* echo */
	__u16 token;			/* never 0 when armed */
};

struct mnp_run {
	__u16 token;
	__u16 seq;			/* shared with FEED */
	__u32 valid_until_us;		/* first deadline, the pen's own clock */
	__u16 rate_spm;
	__u16 depth_um;
	__u16 run_ms;			/* 0: by the run limit only */
	__u8 flags;			/* MNP_RUN_F_* */
};

/* Limits image: 36 bytes, the CRC-32 over the first 32 names the set. */
struct mnp_limits {
	__u16 generation;
	__u32 depth_max_um;
	__u32 rate_max_spm;
	__u32 run_max_ms;
	__u32 strokes_max;
	__u32 current_max_ma;
	__s32 temp_max_mdegc;
	__u32 lease_max_ms;
	__u32 crc32;			/* filled by encode and decode */
};

struct mnp_caps {
	__u16 total_len;
	__u8 major;
	__u8 minor;
	__u16 boot_id;
	__u16 device_wd_ms;
	__u64 features;			/* MNPEN_CAP_* */
	__u32 depth_min_um;
	__u32 depth_max_um;
	__u32 depth_step_um;
	__u32 rate_min_spm;
	__u32 rate_max_spm;
	__u32 rate_step_spm;
	__u16 lease_min_ms;
	__u16 lease_max_ms;
	__u32 telemetry_period_us;
	char fw_version[MNP_STR_LEN];	/* always NUL terminated here */
	char hw_model[MNP_STR_LEN];
};

struct mnp_clear {
	__u32 mask;			/* MNPEN_FAULT_* bits */
};

struct mnp_mark {
	__u16 token;
};

/* One table of three columns; what they mean: enum mnp_calib_record */
struct mnp_calib {
	__u16 version;
	__u16 record;
	__u32 date;			/* YYYYMMDD in decimal */
	__u32 jig;			/* which device measured it */
	__u8 count;			/* rows in use */
	__u16 point[MNP_CALIB_POINTS][3];
};

struct mnp_cartridge {
	__u16 version;
	__u8 type;			/* 0: unknown */
	__u8 needles;
	__u16 length_um;
	__u32 lot;
	__u32 unit;			/* serial number within the lot */
	__u32 expiry;			/* YYYYMMDD in decimal, its last good day */
	__u16 uses;			/* one-way */
	__u16 flags;			/* MNP_CARTRIDGE_* */
};

struct mnp_self_test {
	__u32 asked;			/* MNP_TEST_* */
	__u32 done;
	__u32 failed;
	__u16 watchdog_ms;		/* how long it took to bite */
	__u16 stop_us;			/* from STOP to enable line low */
	__u32 detail;			/* of the first failure, maker's code */
};

struct mnp_result {
	__u16 seq;
	__u16 code;			/* enum mnp_result_code */
};

/* CRC-16/CCITT-FALSE: poly 0x1021, init 0xffff; "123456789" gives 0x29b1. */
__u16 mnp_crc16(const __u8 *buf, size_t len);
/* CRC-32/ISO-HDLC: "123456789" gives 0xcbf43926. */
__u32 mnp_crc32(const __u8 *buf, size_t len);

/* Type of an IN packet whose length and CRC are right, or enum mnp_error. */
int mnp_packet_type(const __u8 *buf, size_t len);

void mnp_telemetry_encode(const struct mnp_telemetry *t, __u8 *buf);
int mnp_telemetry_decode(const __u8 *buf, size_t len, struct mnp_telemetry *out);
void mnp_event_encode(const struct mnp_event *e, __u8 *buf);
int mnp_event_decode(const __u8 *buf, size_t len, struct mnp_event *out);
void mnp_out_encode(const struct mnp_out *o, __u8 *buf);
int mnp_out_decode(const __u8 *buf, size_t len, struct mnp_out *out);
void mnp_arm_encode(const struct mnp_arm *a, __u8 *buf);
int mnp_arm_decode(const __u8 *buf, size_t len, struct mnp_arm *out);
void mnp_arm_reply_encode(const struct mnp_arm_reply *r, __u8 *buf);
int mnp_arm_reply_decode(const __u8 *buf, size_t len, struct mnp_arm_reply *out);
void mnp_run_encode(const struct mnp_run *r, __u8 *buf);
int mnp_run_decode(const __u8 *buf, size_t len, struct mnp_run *out);
/* Encoding also stores the image's CRC-32 in l->crc32. */
void mnp_limits_encode(struct mnp_limits *l, __u8 *buf);
int mnp_limits_decode(const __u8 *buf, size_t len, struct mnp_limits *out);
void mnp_result_encode(const struct mnp_result *r, __u8 *buf);
int mnp_result_decode(const __u8 *buf, size_t len, struct mnp_result *out);
void mnp_clear_encode(const struct mnp_clear *c, __u8 *buf);
int mnp_clear_decode(const __u8 *buf, size_t len, struct mnp_clear *out);
void mnp_mark_encode(const struct mnp_mark *m, __u8 *buf);
int mnp_mark_decode(const __u8 *buf, size_t len, struct mnp_mark *out);
void mnp_calib_encode(const struct mnp_calib *c, __u8 *buf);
int mnp_calib_decode(const __u8 *buf, size_t len, struct mnp_calib *out);
void mnp_cartridge_encode(const struct mnp_cartridge *c, __u8 *buf);
int mnp_cartridge_decode(const __u8 *buf, size_t len,
			 struct mnp_cartridge *out);
void mnp_self_test_encode(const struct mnp_self_test *t, __u8 *buf);
int mnp_self_test_decode(const __u8 *buf, size_t len,
			 struct mnp_self_test *out);
/* Fills MNP_CAPS_LEN bytes and sets total_len accordingly. */
void mnp_caps_encode(const struct mnp_caps *c, __u8 *buf);
/*
 * A longer image than known is accepted (its tail is ignored), a shorter one
 * leaves missing fields 0; MNP_ERR_VERSION if the major differs from ours.
 */
int mnp_caps_decode(const __u8 *buf, size_t len, struct mnp_caps *out);

/* a is newer than b, for 16-bit counters that wrap */
static inline int mnp_seq_newer(__u16 a, __u16 b)
{
	return (__s16)(__u16)(a - b) > 0;
}

/* Signed distance from b to a on the pen's 32-bit microsecond clock. */
static inline __s32 mnp_time_diff_us(__u32 a, __u32 b)
{
	return (__s32)(a - b);
}

#endif /* MNPEN_PROTO_H */
