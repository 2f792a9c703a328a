// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/vectors.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "kernel/proto.h"

#define LINE_MAX_LEN	4096
#define BYTES_MAX	512

union image {
	struct mnp_telemetry telemetry;
	struct mnp_event event;
	struct mnp_out out;
	struct mnp_arm arm;
	struct mnp_arm_reply arm_reply;
	struct mnp_run run;
	struct mnp_limits limits;
	struct mnp_result result;
	struct mnp_clear clear;
	struct mnp_mark mark;
	struct mnp_calib calib;
	struct mnp_cartridge cartridge;
	struct mnp_self_test self_test;
	struct mnp_caps caps;
};

enum field_type { F_UNSIGNED, F_SIGNED, F_STRING };

struct field {
	const char *name;
	size_t offset;
	size_t size;
	enum field_type type;
};

#define FIELD(s, f, t) \
	{ #f, offsetof(struct s, f), sizeof(((struct s *)0)->f), t }
#define U(s, f)		FIELD(s, f, F_UNSIGNED)
#define S(s, f)		FIELD(s, f, F_SIGNED)
#define T(s, f)		FIELD(s, f, F_STRING)
#define ARG(n) \
	{ "arg" #n, offsetof(struct mnp_event, arg) + 4 * (n), 4, F_UNSIGNED }
#define END		{ NULL }

static const struct field telemetry_fields[] = {
	U(mnp_telemetry, seq), U(mnp_telemetry, dev_time_us),
	U(mnp_telemetry, state), U(mnp_telemetry, stop_reason),
	U(mnp_telemetry, token), U(mnp_telemetry, fault_active),
	U(mnp_telemetry, fault_latched), U(mnp_telemetry, rate_set_spm),
	U(mnp_telemetry, rate_spm), U(mnp_telemetry, depth_set_um),
	U(mnp_telemetry, depth_um), S(mnp_telemetry, motor_ma),
	U(mnp_telemetry, bus_mv), U(mnp_telemetry, battery_mv),
	S(mnp_telemetry, temp_motor_cdegc), S(mnp_telemetry, temp_board_cdegc),
	U(mnp_telemetry, battery_pct), U(mnp_telemetry, power_flags),
	U(mnp_telemetry, strokes), U(mnp_telemetry, feed_left_ms),
	U(mnp_telemetry, limits_generation), U(mnp_telemetry, limits_crc32),
	U(mnp_telemetry, last_cmd_seq), U(mnp_telemetry, last_cmd_status),
	U(mnp_telemetry, boot_id), U(mnp_telemetry, rx_crc_errors), END
};

static const struct field event_fields[] = {
	U(mnp_event, seq), U(mnp_event, dev_time_us), U(mnp_event, event_seq),
	U(mnp_event, state), U(mnp_event, stop_reason), U(mnp_event, code),
	ARG(0), ARG(1), ARG(2), ARG(3), ARG(4), ARG(5), ARG(6), ARG(7), ARG(8),
	ARG(9), END
};

static const struct field out_fields[] = {
	U(mnp_out, cmd), U(mnp_out, reason), U(mnp_out, seq), U(mnp_out, token),
	U(mnp_out, valid_until_us), END
};

static const struct field arm_fields[] = {
	U(mnp_arm, nonce), U(mnp_arm, limits_crc32), U(mnp_arm, feed_ms),
	U(mnp_arm, flags), END
};

static const struct field arm_reply_fields[] = {
	U(mnp_arm_reply, nonce), U(mnp_arm_reply, token), END
};

static const struct field run_fields[] = {
	U(mnp_run, token), U(mnp_run, seq), U(mnp_run, valid_until_us),
	U(mnp_run, rate_spm), U(mnp_run, depth_um), U(mnp_run, run_ms),
	U(mnp_run, flags), END
};

static const struct field limits_fields[] = {
	U(mnp_limits, generation), U(mnp_limits, depth_max_um),
	U(mnp_limits, rate_max_spm), U(mnp_limits, run_max_ms),
	U(mnp_limits, strokes_max), U(mnp_limits, current_max_ma),
	S(mnp_limits, temp_max_mdegc), U(mnp_limits, lease_max_ms),
	U(mnp_limits, crc32), END
};

static const struct field result_fields[] = {
	U(mnp_result, seq), U(mnp_result, code), END
};

static const struct field clear_fields[] = {
	U(mnp_clear, mask), END
};

static const struct field mark_fields[] = {
	U(mnp_mark, token), END
};

#define POINT(n, column)						\
	{ "p" #n #column, offsetof(struct mnp_calib, point) +		\
	  6 * (n) + 2 * (column), 2, F_UNSIGNED }
#define ROW(n)	POINT(n, 0), POINT(n, 1), POINT(n, 2)

static const struct field calib_fields[] = {
	U(mnp_calib, version), U(mnp_calib, record), U(mnp_calib, date),
	U(mnp_calib, jig), U(mnp_calib, count), ROW(0), ROW(1), ROW(2), ROW(3),
	ROW(4), ROW(5), ROW(6), ROW(7), END
};

static const struct field cartridge_fields[] = {
	U(mnp_cartridge, version), U(mnp_cartridge, type),
	U(mnp_cartridge, needles), U(mnp_cartridge, length_um),
	U(mnp_cartridge, lot), U(mnp_cartridge, unit),
	U(mnp_cartridge, expiry), U(mnp_cartridge, uses),
	U(mnp_cartridge, flags), END
};

static const struct field self_test_fields[] = {
	U(mnp_self_test, asked), U(mnp_self_test, done),
	U(mnp_self_test, failed), U(mnp_self_test, watchdog_ms),
	U(mnp_self_test, stop_us), U(mnp_self_test, detail), END
};

static const struct field caps_fields[] = {
	U(mnp_caps, total_len), U(mnp_caps, major), U(mnp_caps, minor),
	U(mnp_caps, boot_id), U(mnp_caps, device_wd_ms), U(mnp_caps, features),
	U(mnp_caps, depth_min_um), U(mnp_caps, depth_max_um),
	U(mnp_caps, depth_step_um), U(mnp_caps, rate_min_spm),
	U(mnp_caps, rate_max_spm), U(mnp_caps, rate_step_spm),
	U(mnp_caps, lease_min_ms), U(mnp_caps, lease_max_ms),
	U(mnp_caps, telemetry_period_us), T(mnp_caps, fw_version),
	T(mnp_caps, hw_model), END
};

/* Bring the typed functions of proto.h to one shape. */
#define KIND_FUNCTIONS(k)						\
static int decode_##k(const uint8_t *buf, size_t len, union image *im)	\
{									\
	return mnp_##k##_decode(buf, len, &im->k);			\
}									\
static void encode_##k(union image *im, uint8_t *buf)			\
{									\
	mnp_##k##_encode(&im->k, buf);					\
}

KIND_FUNCTIONS(telemetry)
KIND_FUNCTIONS(event)
KIND_FUNCTIONS(out)
KIND_FUNCTIONS(arm)
KIND_FUNCTIONS(arm_reply)
KIND_FUNCTIONS(run)
KIND_FUNCTIONS(limits)
KIND_FUNCTIONS(result)
KIND_FUNCTIONS(clear)
KIND_FUNCTIONS(mark)
KIND_FUNCTIONS(calib)
KIND_FUNCTIONS(cartridge)
KIND_FUNCTIONS(self_test)
KIND_FUNCTIONS(caps)

struct kind {
	const char *name;
	const struct field *fields;
	size_t len;
	int (*decode)(const uint8_t *buf, size_t len, union image *im);
	void (*encode)(union image *im, uint8_t *buf);
};

#define KIND(k, l) { #k, k##_fields, l, decode_##k, encode_##k }

static const struct kind kinds[] = {
	KIND(telemetry, MNP_PACKET_LEN),
	KIND(event, MNP_PACKET_LEN),
	KIND(out, MNP_OUT_LEN),
	KIND(arm, MNP_ARM_LEN),
	KIND(arm_reply, MNP_ARM_REPLY_LEN),
	KIND(run, MNP_RUN_LEN),
	KIND(limits, MNP_LIMITS_LEN),
	KIND(result, MNP_RESULT_LEN),
	KIND(clear, MNP_CLEAR_LEN),
	KIND(mark, MNP_MARK_LEN),
	KIND(calib, MNP_CALIB_LEN),
	KIND(cartridge, MNP_CARTRIDGE_LEN),
	KIND(self_test, MNP_SELF_TEST_LEN),
	KIND(caps, MNP_CAPS_LEN),
};

struct vector {
	char *kind;
	char *result;
	uint8_t bytes[BYTES_MAX];
	size_t len;
	char *fields;
};

static bool parse_hex(const char *s, struct vector *v)
{
	unsigned int byte;

	v->len = 0;
	if (!strcmp(s, "-"))
		return true;
	for (; *s; s += 2) {
		if (v->len == BYTES_MAX || sscanf(s, "%2x", &byte) != 1 || !s[1])
			return false;
		v->bytes[v->len++] = (uint8_t)byte;
	}
	return true;
}

static bool parse_line(char *line, struct vector *v)
{
	char *save = NULL;
	char *hex;

	v->kind = strtok_r(line, " \n", &save);
	v->result = strtok_r(NULL, " \n", &save);
	hex = strtok_r(NULL, " \n", &save);
	v->fields = strtok_r(NULL, "\n", &save);
	return hex && parse_hex(hex, v);
}

static const struct field *field_find(const struct field *f, const char *name)
{
	for (; f->name; f++)
		if (!strcmp(f->name, name))
			return f;
	return NULL;
}

static uint64_t field_mask(const struct field *f)
{
	return f->size >= 8 ? UINT64_MAX : (UINT64_C(1) << 8 * f->size) - 1;
}

/* Stores the text as it would stand in memory of a little-endian machine. */
static bool field_set(const struct field *f, const char *text, union image *im)
{
	char *at = (char *)im + f->offset;
	uint64_t v, back;
	char *end;

	if (f->type == F_STRING) {
		if (strlen(text) >= f->size)
			return false;
		strcpy(at, text);
		return true;
	}
	v = f->type == F_SIGNED ? (uint64_t)strtoll(text, &end, 0) :
				  strtoull(text, &end, 0);
	if (*end || end == text)
		return false;
	switch (f->size) {
	case 1:
		*(uint8_t *)at = (uint8_t)v;
		break;
	case 2:
		*(uint16_t *)at = (uint16_t)v;
		break;
	case 4:
		*(uint32_t *)at = (uint32_t)v;
		break;
	case 8:
		*(uint64_t *)at = v;
		break;
	default:
		return false;
	}
	back = v & field_mask(f);
	return f->type == F_SIGNED || back == v;
}

/* Every field must be named once: a missing one would not be checked. */
static const char *parse_fields(const struct kind *k, char *text,
				union image *im)
{
	const struct field *f;
	char *save = NULL;
	size_t want = 0, got = 0;
	char *tok, *eq;

	memset(im, 0, sizeof(*im));
	for (f = k->fields; f->name; f++)
		want++;
	for (tok = text ? strtok_r(text, " ", &save) : NULL; tok;
	     tok = strtok_r(NULL, " ", &save)) {
		eq = strchr(tok, '=');
		if (!eq)
			return "field without value";
		*eq = '\0';
		f = field_find(k->fields, tok);
		if (!f || !field_set(f, eq + 1, im))
			return "unknown field or bad value";
		got++;
	}
	return got == want ? NULL : "not every field is given";
}

static const char *compare(const struct kind *k, const union image *a,
			   const union image *b)
{
	const struct field *f;

	for (f = k->fields; f->name; f++)
		if (memcmp((const char *)a + f->offset,
			   (const char *)b + f->offset, f->size))
			return f->name;
	return NULL;
}

static int result_number(const char *name)
{
	static const char *const names[] = {
		"ok", "length", "type", "crc", "reserved", "version",
	};
	int i;

	for (i = 0; i < 6; i++)
		if (!strcmp(name, names[i]))
			return -i;
	return strcmp(name, "in") ? 1 : 0;
}

static const char *check_image(const struct kind *k, struct vector *v)
{
	union image got, want;
	uint8_t bytes[BYTES_MAX];
	int expect = result_number(v->result);
	const char *err;

	if (expect > 0)
		return "unknown result";
	/* Not zero: a field the decoder forgets must show. */
	memset(&got, 0xa5, sizeof(got));
	if (k->decode(v->bytes, v->len, &got) != expect)
		return "decoder gives another result";
	if (expect)
		return v->fields ? "fields behind an error" : NULL;
	err = parse_fields(k, v->fields, &want);
	if (!err)
		err = compare(k, &got, &want);
	if (err || strcmp(v->result, "ok"))
		return err;
	if (v->len != k->len)
		return "length is not the one we write";
	memset(bytes, 0xa5, sizeof(bytes));
	k->encode(&want, bytes);
	return memcmp(bytes, v->bytes, k->len) ? "encoder gives other bytes" :
						 NULL;
}

static const char *check_vector(struct vector *v)
{
	uint32_t want = (uint32_t)strtoul(v->result, NULL, 16);
	size_t i;

	if (!strcmp(v->kind, "crc16"))
		return mnp_crc16(v->bytes, v->len) == want ? NULL : "crc16";
	if (!strcmp(v->kind, "crc32"))
		return mnp_crc32(v->bytes, v->len) == want ? NULL : "crc32";
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(v->kind, kinds[i].name))
			return check_image(&kinds[i], v);
	return "unknown kind";
}

unsigned int vectors_run(FILE *f, vectors_report_fn report, void *ctx,
			 unsigned int *checked)
{
	char line[LINE_MAX_LEN];
	unsigned int number = 0, failed = 0;
	struct vector v;
	const char *err;

	*checked = 0;
	while (fgets(line, sizeof(line), f)) {
		number++;
		if (line[0] == '#' || line[0] == '\n')
			continue;
		++*checked;
		err = parse_line(line, &v) ? check_vector(&v) : "unreadable";
		if (!err)
			continue;
		failed++;
		report(ctx, number, err);
	}
	return failed;
}
