// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wire protocol of the pen: layouts, encoders, decoders, checksums.
 *
 * Every byte offset of the protocol is in this file and in the document
 * beside it (Documentation/mnpen-protocol.rst), nowhere else. All integers
 * are little-endian. Decoders check length, then checksum, then what the
 * bytes say, so that damage is never reported as something else.
 */
#include "proto.h"

/* Distance of a CRC-16 from the end; it is always the last two bytes. */
#define CRC16_LEN		2

#define CAPS_FW_VERSION		48
#define CAPS_HW_MODEL		80

static void put16(__u8 *p, __u16 v)
{
	p[0] = v & 0xff;
	p[1] = v >> 8;
}

static void put32(__u8 *p, __u32 v)
{
	put16(p, v & 0xffff);
	put16(p + 2, v >> 16);
}

static void put64(__u8 *p, __u64 v)
{
	put32(p, v & 0xffffffff);
	put32(p + 4, v >> 32);
}

static __u16 get16(const __u8 *p)
{
	return p[0] | p[1] << 8;
}

static __u32 get32(const __u8 *p)
{
	return get16(p) | (__u32)get16(p + 2) << 16;
}

static __u64 get64(const __u8 *p)
{
	return get32(p) | (__u64)get32(p + 4) << 32;
}

/* Bit by bit: the longest packet has 64 bytes, a table would buy nothing. */
__u16 mnp_crc16(const __u8 *buf, size_t len)
{
	__u32 crc = 0xffff;
	int bit;

	while (len--) {
		crc ^= (__u32)*buf++ << 8;
		for (bit = 0; bit < 8; bit++)
			crc = crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1;
	}
	return crc & 0xffff;
}

__u32 mnp_crc32(const __u8 *buf, size_t len)
{
	__u32 crc = 0xffffffff;
	int bit;

	while (len--) {
		crc ^= *buf++;
		for (bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
	}
	return ~crc;
}

static void seal16(__u8 *buf, size_t len)
{
	put16(buf + len - CRC16_LEN, mnp_crc16(buf, len - CRC16_LEN));
}

static int check16(const __u8 *buf, size_t len, size_t want)
{
	if (len != want)
		return MNP_ERR_LENGTH;
	if (get16(buf + want - CRC16_LEN) != mnp_crc16(buf, want - CRC16_LEN))
		return MNP_ERR_CRC;
	return MNP_OK;
}

int mnp_packet_type(const __u8 *buf, size_t len)
{
	int err = check16(buf, len, MNP_PACKET_LEN);

	if (err)
		return err;
	if (buf[1] != MNP_PACKET_LEN)
		return MNP_ERR_LENGTH;
	if (buf[0] != MNP_PACKET_TELEMETRY && buf[0] != MNP_PACKET_EVENT)
		return MNP_ERR_TYPE;
	return buf[0];
}

static int packet_check(const __u8 *buf, size_t len, int want)
{
	int type = mnp_packet_type(buf, len);

	if (type < 0)
		return type;
	return type == want ? MNP_OK : MNP_ERR_TYPE;
}

void mnp_telemetry_encode(const struct mnp_telemetry *t, __u8 *buf)
{
	buf[0] = MNP_PACKET_TELEMETRY;
	buf[1] = MNP_PACKET_LEN;
	put16(buf + 2, t->seq);
	put32(buf + 4, t->dev_time_us);
	buf[8] = t->state;
	buf[9] = t->stop_reason;
	put16(buf + 10, t->token);
	put32(buf + 12, t->fault_active);
	put32(buf + 16, t->fault_latched);
	put16(buf + 20, t->rate_set_spm);
	put16(buf + 22, t->rate_spm);
	put16(buf + 24, t->depth_set_um);
	put16(buf + 26, t->depth_um);
	put16(buf + 28, (__u16)t->motor_ma);
	put16(buf + 30, t->bus_mv);
	put16(buf + 32, t->battery_mv);
	put16(buf + 34, (__u16)t->temp_motor_cdegc);
	put16(buf + 36, (__u16)t->temp_board_cdegc);
	buf[38] = t->battery_pct;
	buf[39] = t->power_flags;
	put32(buf + 40, t->strokes);
	put16(buf + 44, t->feed_left_ms);
	put16(buf + 46, t->limits_generation);
	put32(buf + 48, t->limits_crc32);
	put16(buf + 52, t->last_cmd_seq);
	put16(buf + 54, t->last_cmd_status);
	put16(buf + 56, t->boot_id);
	put16(buf + 58, t->rx_crc_errors);
	put16(buf + 60, 0);
	seal16(buf, MNP_PACKET_LEN);
}

int mnp_telemetry_decode(const __u8 *buf, size_t len, struct mnp_telemetry *out)
{
	int err = packet_check(buf, len, MNP_PACKET_TELEMETRY);

	if (err)
		return err;
	out->seq = get16(buf + 2);
	out->dev_time_us = get32(buf + 4);
	out->state = buf[8];
	out->stop_reason = buf[9];
	out->token = get16(buf + 10);
	out->fault_active = get32(buf + 12);
	out->fault_latched = get32(buf + 16);
	out->rate_set_spm = get16(buf + 20);
	out->rate_spm = get16(buf + 22);
	out->depth_set_um = get16(buf + 24);
	out->depth_um = get16(buf + 26);
	out->motor_ma = (__s16)get16(buf + 28);
	out->bus_mv = get16(buf + 30);
	out->battery_mv = get16(buf + 32);
	out->temp_motor_cdegc = (__s16)get16(buf + 34);
	out->temp_board_cdegc = (__s16)get16(buf + 36);
	out->battery_pct = buf[38];
	out->power_flags = buf[39];
	out->strokes = get32(buf + 40);
	out->feed_left_ms = get16(buf + 44);
	out->limits_generation = get16(buf + 46);
	out->limits_crc32 = get32(buf + 48);
	out->last_cmd_seq = get16(buf + 52);
	out->last_cmd_status = get16(buf + 54);
	out->boot_id = get16(buf + 56);
	out->rx_crc_errors = get16(buf + 58);
	return MNP_OK;
}

void mnp_event_encode(const struct mnp_event *e, __u8 *buf)
{
	int i;

	buf[0] = MNP_PACKET_EVENT;
	buf[1] = MNP_PACKET_LEN;
	put16(buf + 2, e->seq);
	put32(buf + 4, e->dev_time_us);
	put16(buf + 8, e->event_seq);
	buf[10] = e->state;
	buf[11] = e->stop_reason;
	put32(buf + 12, e->code);
	for (i = 0; i < 10; i++)
		put32(buf + 16 + 4 * i, e->arg[i]);
	put32(buf + 56, 0);
	put16(buf + 60, 0);
	seal16(buf, MNP_PACKET_LEN);
}

int mnp_event_decode(const __u8 *buf, size_t len, struct mnp_event *out)
{
	int err = packet_check(buf, len, MNP_PACKET_EVENT);
	int i;

	if (err)
		return err;
	out->seq = get16(buf + 2);
	out->dev_time_us = get32(buf + 4);
	out->event_seq = get16(buf + 8);
	out->state = buf[10];
	out->stop_reason = buf[11];
	out->code = get32(buf + 12);
	for (i = 0; i < 10; i++)
		out->arg[i] = get32(buf + 16 + 4 * i);
	return MNP_OK;
}

void mnp_out_encode(const struct mnp_out *o, __u8 *buf)
{
	put16(buf, MNP_OUT_MAGIC);
	buf[2] = o->cmd;
	buf[3] = o->reason;
	put16(buf + 4, o->seq);
	put16(buf + 6, o->token);
	put32(buf + 8, o->valid_until_us);
	put16(buf + 12, 0);
	seal16(buf, MNP_OUT_LEN);
}

int mnp_out_decode(const __u8 *buf, size_t len, struct mnp_out *out)
{
	int err = check16(buf, len, MNP_OUT_LEN);

	if (err)
		return err;
	if (get16(buf) != MNP_OUT_MAGIC)
		return MNP_ERR_TYPE;
	if (buf[2] != MNP_OUT_FEED && buf[2] != MNP_OUT_STOP)
		return MNP_ERR_TYPE;
	/* A newer host may say more in a STOP; it must still stop. */
	if (buf[2] == MNP_OUT_FEED && (buf[3] || get16(buf + 12)))
		return MNP_ERR_RESERVED;
	out->cmd = buf[2];
	out->reason = buf[3];
	out->seq = get16(buf + 4);
	out->token = get16(buf + 6);
	out->valid_until_us = get32(buf + 8);
	return MNP_OK;
}

void mnp_arm_encode(const struct mnp_arm *a, __u8 *buf)
{
	put32(buf, a->nonce);
	put32(buf + 4, a->limits_crc32);
	put16(buf + 8, a->feed_ms);
	put16(buf + 10, a->flags);
	put16(buf + 12, 0);
	seal16(buf, MNP_ARM_LEN);
}

int mnp_arm_decode(const __u8 *buf, size_t len, struct mnp_arm *out)
{
	int err = check16(buf, len, MNP_ARM_LEN);

	if (err)
		return err;
	if (get16(buf + 10) & ~MNP_ARM_F_PEDAL || get16(buf + 12))
		return MNP_ERR_RESERVED;
	out->nonce = get32(buf);
	out->limits_crc32 = get32(buf + 4);
	out->feed_ms = get16(buf + 8);
	out->flags = get16(buf + 10);
	return MNP_OK;
}

void mnp_arm_reply_encode(const struct mnp_arm_reply *r, __u8 *buf)
{
	put32(buf, r->nonce);
	put16(buf + 4, r->token);
	seal16(buf, MNP_ARM_REPLY_LEN);
}

int mnp_arm_reply_decode(const __u8 *buf, size_t len, struct mnp_arm_reply *out)
{
	int err = check16(buf, len, MNP_ARM_REPLY_LEN);

	if (err)
		return err;
	out->nonce = get32(buf);
	out->token = get16(buf + 4);
	return MNP_OK;
}

void mnp_run_encode(const struct mnp_run *r, __u8 *buf)
{
	put16(buf, r->token);
	put16(buf + 2, r->seq);
	put32(buf + 4, r->valid_until_us);
	put16(buf + 8, r->rate_spm);
	put16(buf + 10, r->depth_um);
	put16(buf + 12, r->run_ms);
	buf[14] = r->flags;
	buf[15] = 0;
	put16(buf + 16, 0);
	seal16(buf, MNP_RUN_LEN);
}

int mnp_run_decode(const __u8 *buf, size_t len, struct mnp_run *out)
{
	int err = check16(buf, len, MNP_RUN_LEN);

	if (err)
		return err;
	if (buf[14] & ~MNP_RUN_F_UPDATE || buf[15] || get16(buf + 16))
		return MNP_ERR_RESERVED;
	out->token = get16(buf);
	out->seq = get16(buf + 2);
	out->valid_until_us = get32(buf + 4);
	out->rate_spm = get16(buf + 8);
	out->depth_um = get16(buf + 10);
	out->run_ms = get16(buf + 12);
	out->flags = buf[14];
	return MNP_OK;
}

void mnp_limits_encode(struct mnp_limits *l, __u8 *buf)
{
	put16(buf, l->generation);
	put16(buf + 2, 0);
	put32(buf + 4, l->depth_max_um);
	put32(buf + 8, l->rate_max_spm);
	put32(buf + 12, l->run_max_ms);
	put32(buf + 16, l->strokes_max);
	put32(buf + 20, l->current_max_ma);
	put32(buf + 24, (__u32)l->temp_max_mdegc);
	put32(buf + 28, l->lease_max_ms);
	l->crc32 = mnp_crc32(buf, MNP_LIMITS_LEN - 4);
	put32(buf + 32, l->crc32);
}

int mnp_limits_decode(const __u8 *buf, size_t len, struct mnp_limits *out)
{
	if (len != MNP_LIMITS_LEN)
		return MNP_ERR_LENGTH;
	if (get32(buf + 32) != mnp_crc32(buf, MNP_LIMITS_LEN - 4))
		return MNP_ERR_CRC;
	out->generation = get16(buf);
	out->depth_max_um = get32(buf + 4);
	out->rate_max_spm = get32(buf + 8);
	out->run_max_ms = get32(buf + 12);
	out->strokes_max = get32(buf + 16);
	out->current_max_ma = get32(buf + 20);
	out->temp_max_mdegc = (__s32)get32(buf + 24);
	out->lease_max_ms = get32(buf + 28);
	out->crc32 = get32(buf + 32);
	return MNP_OK;
}

void mnp_result_encode(const struct mnp_result *r, __u8 *buf)
{
	put16(buf, r->seq);
	put16(buf + 2, r->code);
	put16(buf + 4, 0);
	seal16(buf, MNP_RESULT_LEN);
}

int mnp_result_decode(const __u8 *buf, size_t len, struct mnp_result *out)
{
	int err = check16(buf, len, MNP_RESULT_LEN);

	if (err)
		return err;
	out->seq = get16(buf);
	out->code = get16(buf + 2);
	return MNP_OK;
}

void mnp_clear_encode(const struct mnp_clear *c, __u8 *buf)
{
	put32(buf, c->mask);
	seal16(buf, MNP_CLEAR_LEN);
}

int mnp_clear_decode(const __u8 *buf, size_t len, struct mnp_clear *out)
{
	int err = check16(buf, len, MNP_CLEAR_LEN);

	if (err)
		return err;
	out->mask = get32(buf);
	return MNP_OK;
}

void mnp_mark_encode(const struct mnp_mark *m, __u8 *buf)
{
	put16(buf, m->token);
	seal16(buf, MNP_MARK_LEN);
}

int mnp_mark_decode(const __u8 *buf, size_t len, struct mnp_mark *out)
{
	int err = check16(buf, len, MNP_MARK_LEN);

	if (err)
		return err;
	out->token = get16(buf);
	return MNP_OK;
}

/* Records under a CRC-32: version, own length, contents. */
static void seal32(__u8 *buf, __u16 version, __u16 len)
{
	put16(buf, version);
	put16(buf + 2, len);
	put32(buf + len - 4, mnp_crc32(buf, len - 4));
}

static int check32(const __u8 *buf, size_t len, size_t want)
{
	if (len != want)
		return MNP_ERR_LENGTH;
	if (get32(buf + want - 4) != mnp_crc32(buf, want - 4))
		return MNP_ERR_CRC;
	return get16(buf + 2) == want ? MNP_OK : MNP_ERR_LENGTH;
}

void mnp_calib_encode(const struct mnp_calib *c, __u8 *buf)
{
	int i;

	put16(buf + 4, c->record);
	buf[6] = c->count;
	buf[7] = 0;
	put32(buf + 8, c->date);
	put32(buf + 12, c->jig);
	for (i = 0; i < 3 * MNP_CALIB_POINTS; i++)
		put16(buf + 16 + 2 * i, c->point[i / 3][i % 3]);
	seal32(buf, c->version, MNP_CALIB_LEN);
}

int mnp_calib_decode(const __u8 *buf, size_t len, struct mnp_calib *out)
{
	int err = check32(buf, len, MNP_CALIB_LEN);
	int i;

	if (err)
		return err;
	if (buf[6] > MNP_CALIB_POINTS)
		return MNP_ERR_LENGTH;
	out->version = get16(buf);
	out->record = get16(buf + 4);
	out->count = buf[6];
	out->date = get32(buf + 8);
	out->jig = get32(buf + 12);
	for (i = 0; i < 3 * MNP_CALIB_POINTS; i++)
		out->point[i / 3][i % 3] = get16(buf + 16 + 2 * i);
	return MNP_OK;
}

void mnp_cartridge_encode(const struct mnp_cartridge *c, __u8 *buf)
{
	buf[4] = c->type;
	buf[5] = c->needles;
	put16(buf + 6, c->length_um);
	put32(buf + 8, c->lot);
	put32(buf + 12, c->unit);
	put32(buf + 16, c->expiry);
	put16(buf + 20, c->uses);
	put16(buf + 22, c->flags);
	seal32(buf, c->version, MNP_CARTRIDGE_LEN);
}

int mnp_cartridge_decode(const __u8 *buf, size_t len, struct mnp_cartridge *out)
{
	int err = check32(buf, len, MNP_CARTRIDGE_LEN);

	if (err)
		return err;
	out->version = get16(buf);
	out->type = buf[4];
	out->needles = buf[5];
	out->length_um = get16(buf + 6);
	out->lot = get32(buf + 8);
	out->unit = get32(buf + 12);
	out->expiry = get32(buf + 16);
	out->uses = get16(buf + 20);
	out->flags = get16(buf + 22);
	return MNP_OK;
}

void mnp_self_test_encode(const struct mnp_self_test *t, __u8 *buf)
{
	put32(buf, t->asked);
	put32(buf + 4, t->done);
	put32(buf + 8, t->failed);
	put16(buf + 12, t->watchdog_ms);
	put16(buf + 14, t->stop_us);
	put32(buf + 16, t->detail);
	put16(buf + 20, 0);
	seal16(buf, MNP_SELF_TEST_LEN);
}

int mnp_self_test_decode(const __u8 *buf, size_t len, struct mnp_self_test *out)
{
	int err = check16(buf, len, MNP_SELF_TEST_LEN);

	if (err)
		return err;
	out->asked = get32(buf);
	out->done = get32(buf + 4);
	out->failed = get32(buf + 8);
	out->watchdog_ms = get16(buf + 12);
	out->stop_us = get16(buf + 14);
	out->detail = get32(buf + 16);
	return MNP_OK;
}

/* Nothing behind the terminating NUL goes onto the wire. */
static void put_str(__u8 *p, const char *s)
{
	int i;

	for (i = 0; i < MNP_STR_LEN - 1 && s[i]; i++)
		p[i] = (__u8)s[i];
	for (; i < MNP_STR_LEN; i++)
		p[i] = 0;
}

void mnp_caps_encode(const struct mnp_caps *c, __u8 *buf)
{
	put16(buf, MNP_CAPS_LEN);
	buf[2] = c->major;
	buf[3] = c->minor;
	put16(buf + 4, c->boot_id);
	put16(buf + 6, c->device_wd_ms);
	put64(buf + 8, c->features);
	put32(buf + 16, c->depth_min_um);
	put32(buf + 20, c->depth_max_um);
	put32(buf + 24, c->depth_step_um);
	put32(buf + 28, c->rate_min_spm);
	put32(buf + 32, c->rate_max_spm);
	put32(buf + 36, c->rate_step_spm);
	put16(buf + 40, c->lease_min_ms);
	put16(buf + 42, c->lease_max_ms);
	put32(buf + 44, c->telemetry_period_us);
	put_str(buf + CAPS_FW_VERSION, c->fw_version);
	put_str(buf + CAPS_HW_MODEL, c->hw_model);
	put64(buf + 112, 0);
	put32(buf + 120, 0);
	put16(buf + 124, 0);
	seal16(buf, MNP_CAPS_LEN);
}

/*
 * The fields the image holds, in front of @end; one that is cut off counts
 * as missing and stays 0, as does everything behind it.
 */
static void caps_fields(const __u8 *buf, size_t end, struct mnp_caps *out)
{
	const __u8 *u32_at = buf + 16;
	__u32 *u32_to[] = {
		&out->depth_min_um, &out->depth_max_um, &out->depth_step_um,
		&out->rate_min_spm, &out->rate_max_spm, &out->rate_step_spm,
	};
	size_t i;

	if (end >= 6)
		out->boot_id = get16(buf + 4);
	if (end >= 8)
		out->device_wd_ms = get16(buf + 6);
	if (end >= 16)
		out->features = get64(buf + 8);
	for (i = 0; i < 6 && end >= 20 + 4 * i; i++)
		*u32_to[i] = get32(u32_at + 4 * i);
	if (end >= 42)
		out->lease_min_ms = get16(buf + 40);
	if (end >= 44)
		out->lease_max_ms = get16(buf + 42);
	if (end >= 48)
		out->telemetry_period_us = get32(buf + 44);
	if (end >= CAPS_FW_VERSION + MNP_STR_LEN)
		memcpy(out->fw_version, buf + CAPS_FW_VERSION, MNP_STR_LEN - 1);
	if (end >= CAPS_HW_MODEL + MNP_STR_LEN)
		memcpy(out->hw_model, buf + CAPS_HW_MODEL, MNP_STR_LEN - 1);
}

int mnp_caps_decode(const __u8 *buf, size_t len, struct mnp_caps *out)
{
	static const struct mnp_caps none;
	size_t total;
	int err;

	if (len < MNP_CAPS_HEAD_LEN)
		return MNP_ERR_LENGTH;
	total = get16(buf);
	if (total < MNP_CAPS_HEAD_LEN + CRC16_LEN ||
	    total > MNP_CAPS_MAX_LEN || total > len)
		return MNP_ERR_LENGTH;
	err = check16(buf, total, total);
	if (err)
		return err;
	if (buf[2] != MNP_PROTO_MAJOR)
		return MNP_ERR_VERSION;
	*out = none;
	out->total_len = (__u16)total;
	out->major = buf[2];
	out->minor = buf[3];
	caps_fields(buf, total - CRC16_LEN, out);
	return MNP_OK;
}
