// SPDX-License-Identifier: GPL-2.0-or-later
/* What a pen can do, who may do what, and what the pen answers by itself. */
#include "daemon/mnpend/methods.h"
#include "daemon/mnpend/pen.h"
#include "daemon/mnpend/service.h"

#include <endian.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* --- who may what ------------------------------------------------------------- */

static json_t *allowed_json(enum varlink_role role)
{
	const struct varlink_method *m;
	json_t *list = json_array();

	for (m = methods; m->name; m++)
		if (m->roles & role)
			json_array_append_new(
				list, json_string(strrchr(m->name, '.') + 1));
	return list;
}

void method_who_am_i(struct varlink_call *call, json_t *p, void *ctx)
{
	const struct varlink_peer *peer = varlink_call_peer(call);
	json_t *reply = pen_peer_json(peer);

	(void)p;
	(void)ctx;
	if (reply)
		json_object_set_new(reply, "methods", allowed_json(peer->role));
	varlink_reply(call, reply);
}

/* --- capabilities and limits ---------------------------------------------------- */

static json_t *features_json(uint64_t features)
{
	static const char *const names[] = { "depth", "battery", "cartridge",
					     "pedal", "selfTest", "update" };
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (features >> i & 1)
			json_array_append_new(list, json_string(names[i]));
	return list;
}

static json_t *capabilities_json(const struct pen *pen)
{
	static const struct mnpen_caps none;
	const struct mnpen_caps *c = pen->device ? device_caps(pen->device) :
						   &none;

	return json_pack(
		"{ss ss ss sI sI so sI sI sI sI sI sI sI sI sI sI}", "penId",
		pen->id, "model", c->hw_model, "firmware", c->fw_version,
		"protocolMajor", (json_int_t)c->proto_major, "protocolMinor",
		(json_int_t)c->proto_minor, "features",
		features_json(c->features), "depthMinimumMicrometres",
		(json_int_t)c->depth_min_um, "depthMaximumMicrometres",
		(json_int_t)c->depth_max_um, "depthStepMicrometres",
		(json_int_t)c->depth_step_um, "rateMinimumStrokesPerMinute",
		(json_int_t)c->rate_min_spm, "rateMaximumStrokesPerMinute",
		(json_int_t)c->rate_max_spm, "rateStepStrokesPerMinute",
		(json_int_t)c->rate_step_spm, "leaseMinimumMilliseconds",
		(json_int_t)c->lease_min_ms, "leaseMaximumMilliseconds",
		(json_int_t)c->lease_max_ms, "ownDeadlineMilliseconds",
		(json_int_t)c->device_wd_ms, "telemetryPeriodMicroseconds",
		(json_int_t)c->telemetry_period_us);
}

json_t *methods_limits_json(const struct pen *pen)
{
	struct safety_limits limits = pen->core.limits;
	json_t *list = json_array();
	int i;

	if (!pen_has_session(pen))
		pen_base_limits(pen, &limits);
	for (i = 0; i < SAFETY_LIMITS; i++)
		json_array_append_new(
			list,
			json_pack("{ss sI ss sb ss ss}", "name",
				  safety_limit_name(i), "value",
				  (json_int_t)limits.limit[i].value, "unit",
				  safety_limit_unit(i), "minimum",
				  (int)safety_limit_is_minimum(i), "source",
				  safety_source_name(limits.limit[i].source),
				  "remedy", safety_limit_remedy(i)));
	return list;
}

void method_get_capabilities(struct varlink_call *call, json_t *p, void *ctx)
{
	struct pen *pen = methods_pen(call, p, ctx);

	if (pen)
		varlink_reply(call, json_pack("{so so}", "capabilities",
					      capabilities_json(pen), "limits",
					      methods_limits_json(pen)));
}

/* --- may it be asked now? ----------------------------------------------------------- */

/*
 * A request to the pen itself waits on the same wire as new set points: not
 * while the motor runs. False: the call was answered.
 */
static bool service_may(struct varlink_call *call, struct pen *pen, bool idle)
{
	const struct varlink_peer *peer = varlink_call_peer(call);
	struct safety_action no = { .reason = SAFETY_REFUSE_STATE };
	enum safety_state state = pen->core.state;

	if (idle && pen->core.owner && pen->core.owner != peer->number)
		no.reason = SAFETY_REFUSE_OWNED;
	else if (state != SAFETY_ACTIVE && state != SAFETY_STOPPING &&
		 !pen->start_call && (!idle || !pen_has_session(pen)))
		return true;
	pen_refuse(call, pen, &no);
	return false;
}

static void identify_done(struct varlink_call *call, struct pen *pen, int error,
			  const struct device_service *answer)
{
	(void)pen;
	(void)answer;
	if (error)
		service_failed(call, "identify", error);
	else
		varlink_reply(call, NULL);
}

void method_identify(struct varlink_call *call, json_t *p, void *ctx)
{
	struct device_service ask = { .kind = DEVICE_IDENTIFY };
	struct pen *pen = methods_pen(call, p, ctx);

	if (pen && service_may(call, pen, false))
		service_ask(call, pen, &ask, identify_done);
}

/* --- self test --------------------------------------------------------------------------- */

static const char *const test_names[] = { "memory", "sensors", "watchdog",
					  "stopPath" };
#define TESTS	(sizeof(test_names) / sizeof(test_names[0]))
#define TEST_ALL ((1u << TESTS) - 1)

static void self_test_done(struct varlink_call *call, struct pen *pen,
			   int error, const struct device_service *answer)
{
	const struct mnpen_self_test *t = &answer->test;
	json_t *list;
	size_t i;

	(void)pen;
	if (error) {
		service_failed(call, "self test", error);
		return;
	}
	list = json_array();
	for (i = 0; i < TESTS; i++)
		if (t->test_mask >> i & 1)
			json_array_append_new(
				list, json_pack("{ss sb}", "name",
						test_names[i], "passed",
						(int)(t->result_mask >> i & 1)));
	varlink_reply(call,
		      json_pack("{sb so sI sI sI}", "passed",
				t->result_mask == t->test_mask, "tests", list,
				"failureCode",
				(json_int_t)t->detail[MNPEN_DETAIL_CODE],
				"watchdogMilliseconds",
				(json_int_t)t->detail[MNPEN_DETAIL_WATCHDOG],
				"stopMicroseconds",
				(json_int_t)t->detail[MNPEN_DETAIL_STOP]));
}

/* The bit of a name, 0: there is no such test. */
static uint32_t test_bit(const char *name)
{
	size_t i;

	for (i = 0; name && i < TESTS; i++)
		if (!strcmp(name, test_names[i]))
			return 1u << i;
	return 0;
}

static bool tests_asked(struct varlink_call *call, json_t *p, uint32_t *mask)
{
	json_t *tests = json_object_get(p, "tests"), *name;
	size_t i;

	*mask = TEST_ALL;
	if (!tests || json_is_null(tests))
		return true;
	*mask = 0;
	json_array_foreach(tests, i, name) {
		uint32_t bit = test_bit(json_string_value(name));

		if (!bit)
			*mask = 0;
		if (!bit)
			break;
		*mask |= bit;
	}
	if (!*mask)
		varlink_invalid_parameter(call, "tests");
	return *mask;
}

void method_self_test(struct varlink_call *call, json_t *p, void *ctx)
{
	struct device_service ask = { .kind = DEVICE_SELF_TEST };
	struct pen *pen = methods_pen(call, p, ctx);

	if (!pen || !tests_asked(call, p, &ask.test.test_mask) ||
	    !service_may(call, pen, true))
		return;
	service_ask(call, pen, &ask, self_test_done);
}

/* --- what the pen keeps --------------------------------------------------------------------- */

static uint32_t get16(const struct mnpen_blob *blob, size_t at)
{
	return blob->data[at] | (uint32_t)blob->data[at + 1] << 8;
}

static uint32_t get32(const struct mnpen_blob *blob, size_t at)
{
	return get16(blob, at) | get16(blob, at + 2) << 16;
}

/* Empty: the pen does not know. */
static json_t *date_json(uint32_t yyyymmdd)
{
	char text[16] = "";

	if (yyyymmdd >= 10000101 && yyyymmdd <= 99991231)
		snprintf(text, sizeof(text), "%04u-%02u-%02u",
			 yyyymmdd / 10000, yyyymmdd / 100 % 100,
			 yyyymmdd % 100);
	return json_string(text);
}

static json_t *base64_json(const struct mnpen_blob *blob)
{
	char text[sodium_base64_ENCODED_LEN(MNPEN_BLOB_LEN,
					    sodium_base64_VARIANT_ORIGINAL)];

	if (blob->length > MNPEN_BLOB_LEN)
		return json_string("");
	sodium_bin2base64(text, sizeof(text), blob->data, blob->length,
			  sodium_base64_VARIANT_ORIGINAL);
	return json_string(text);
}

#define CALIB_HEAD	16
#define CALIB_COLUMNS	3

/* Layout 1 is in the protocol's document; of any other only the bytes. */
static json_t *points_json(const struct mnpen_blob *blob)
{
	json_t *rows = json_array(), *row;
	size_t at = CALIB_HEAD, i;
	unsigned int n = blob->length >= CALIB_HEAD ? blob->data[6] : 0;

	for (; n > 0 && at + 2 * CALIB_COLUMNS <= blob->length; n--) {
		row = json_array();
		for (i = 0; i < CALIB_COLUMNS; i++, at += 2)
			json_array_append_new(row,
					      json_integer(get16(blob, at)));
		json_array_append_new(rows, row);
	}
	return rows;
}

static void calibration_done(struct varlink_call *call, struct pen *pen,
			     int error, const struct device_service *answer)
{
	const struct mnpen_blob *blob = &answer->blob;
	bool known = blob->version == 1 && blob->length >= CALIB_HEAD;

	(void)pen;
	if (error) {
		service_failed(call, "read the calibration", error);
		return;
	}
	varlink_reply(call, json_pack("{sI so sI so so}", "version",
				      (json_int_t)blob->version, "date",
				      date_json(known ? get32(blob, 8) : 0),
				      "jig",
				      (json_int_t)(known ? get32(blob, 12) : 0),
				      "points",
				      known ? points_json(blob) : json_array(),
				      "data", base64_json(blob)));
}

void method_get_calibration(struct varlink_call *call, json_t *p, void *ctx)
{
	struct device_service ask = { .kind = DEVICE_CALIBRATION };
	struct pen *pen = methods_pen(call, p, ctx);
	const char *of;

	if (!pen || !methods_text(call, p, "of", true, 16, &of))
		return;
	if (!strcmp(of, "depth")) {
		ask.blob.id = MNPEN_CALIB_DEPTH;
	} else if (!strcmp(of, "motor")) {
		ask.blob.id = MNPEN_CALIB_MOTOR;
	} else {
		varlink_invalid_parameter(call, "of");
		return;
	}
	if (service_may(call, pen, false))
		service_ask(call, pen, &ask, calibration_done);
}

#define CARTRIDGE_LEN		24
#define CARTRIDGE_PRESENT	1u
#define CARTRIDGE_SIGNED	2u
#define CARTRIDGE_USED		4u
#define CARTRIDGE_EXPIRED	8u

static json_t *cartridge_json(const struct mnpen_blob *blob)
{
	uint32_t flags = get16(blob, 22);

	return json_pack(
		"{sI sI sI sI sI so sI sb sb sb sb}", "type",
		(json_int_t)blob->data[4], "needles",
		(json_int_t)blob->data[5], "lengthMicrometres",
		(json_int_t)get16(blob, 6), "lot", (json_int_t)get32(blob, 8),
		"unit", (json_int_t)get32(blob, 12), "expiryDate",
		date_json(get32(blob, 16)), "uses",
		(json_int_t)get16(blob, 20), "present",
		!!(flags & CARTRIDGE_PRESENT), "signed",
		!!(flags & CARTRIDGE_SIGNED), "used",
		!!(flags & CARTRIDGE_USED), "expired",
		!!(flags & CARTRIDGE_EXPIRED));
}

static void cartridge_done(struct varlink_call *call, struct pen *pen,
			   int error, const struct device_service *answer)
{
	const struct mnpen_blob *blob = &answer->blob;
	bool known = blob->version == 1 && blob->length >= CARTRIDGE_LEN;

	(void)pen;
	if (error)
		service_failed(call, "read the cartridge", error);
	else
		varlink_reply(call, json_pack("{sI so* so}", "version",
					      (json_int_t)blob->version,
					      "cartridge",
					      known ? cartridge_json(blob) :
						      NULL,
					      "data", base64_json(blob)));
}

void method_get_cartridge(struct varlink_call *call, json_t *p, void *ctx)
{
	struct device_service ask = { .kind = DEVICE_CARTRIDGE };
	struct pen *pen = methods_pen(call, p, ctx);

	if (pen && service_may(call, pen, false))
		service_ask(call, pen, &ask, cartridge_done);
}
