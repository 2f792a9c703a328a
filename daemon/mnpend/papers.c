// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/papers.h"

#include "daemon/catalogue/udi.h"
#include "daemon/mnpend/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* E: most needles of any pen described (D20), and their usual thickness. */
#define NEEDLES_UNKNOWN 16
#define NEEDLE_UNKNOWN_UM 250
#define LENGTH_MAX_UM 5000

/* --- cartridge -------------------------------------------------------------- */

/* FNV-1a, never 0. */
static uint64_t papers_number(const char *text)
{
	uint64_t n = 14695981039346656037u;

	while (*text)
		n = (n ^ (uint8_t)*text++) * 1099511628211u;
	return n ? n : 1;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static int32_t papers_day(const struct udi_date *date)
{
	struct tm noon = { .tm_year = date->year - 1900,
			   .tm_mon = date->month - 1,
			   .tm_mday = date->day, .tm_hour = 12 };

	return (int32_t)(timegm(&noon) / 86400);
}

static uint16_t papers_year(void)
{
	time_t now = time(NULL);
	struct tm local;

	return localtime_r(&now, &local) ? (uint16_t)(local.tm_year + 1900) :
					   2026;
}

static void papers_refuse(struct varlink_call *call, const char *message)
{
	varlink_error(call, "io.mnpen.Pen.InterlockOpen",
		      json_pack("{ssss}", "interlock", "cartridge", "message",
				message));
}

/* An optional number up to @max, 0 or absent: @otherwise. */
static bool papers_u32(struct varlink_call *call, json_t *o, const char *name,
		       uint32_t max, uint32_t otherwise, uint32_t *out)
{
	json_t *value = json_object_get(o, name);

	*out = otherwise;
	if (!value || json_is_null(value))
		return true;
	if (!json_is_integer(value) || json_integer_value(value) < 1 ||
	    json_integer_value(value) > max) {
		varlink_invalid_parameter(call, "cartridge");
		return false;
	}
	*out = (uint32_t)json_integer_value(value);
	return true;
}

/* Its lot alone proves nothing: nobody here counts the stock. */
static bool papers_scan(struct varlink_call *call, const char *text, size_t len,
			const struct clinic *clinic,
			struct safety_cartridge *c, char *key)
{
	enum udi_error error;
	struct udi udi;

	error = udi_parse(text, len, papers_year(), &udi);
	if (error != UDI_OK) {
		papers_refuse(call, udi_error_text(error));
		return false;
	}
	c->recalled = clinic_recall(clinic, &udi) != NULL;
	if (udi.expiry.year)
		c->expiry_day = papers_day(&udi.expiry);
	if (udi_single_use(&udi, false) == UDI_PROVEN) {
		snprintf(key, RECORD_ABOUT_LEN, "%s/%s", udi.gtin, udi.serial);
		c->proof = SAFETY_PROOF_PROVEN;
		c->id = papers_number(key);
	}
	return true;
}

bool papers_cartridge(struct varlink_call *call, json_t *p,
		      const struct clinic *clinic, struct safety_cartridge *c,
		      char key[RECORD_ABOUT_LEN])
{
	json_t *o = json_object_get(p, "cartridge"), *udi;

	memset(c, 0, sizeof(*c));
	key[0] = '\0';
	c->proof = SAFETY_PROOF_ATTESTED;
	c->expiry_day = SAFETY_DAY_NONE;
	if (o && !json_is_object(o) && !json_is_null(o)) {
		varlink_invalid_parameter(call, "cartridge");
		return false;
	}
	if (!papers_u32(call, o, "needles", SAFETY_NEEDLES_MAX,
			NEEDLES_UNKNOWN, &c->needles) ||
	    !papers_u32(call, o, "needleMicrometres", SAFETY_NEEDLE_MAX_UM,
			NEEDLE_UNKNOWN_UM, &c->needle_um) ||
	    !papers_u32(call, o, "lengthMicrometres", LENGTH_MAX_UM, 0,
			&c->length_um))
		return false;
	udi = json_object_get(o, "udi");
	if (!udi || json_is_null(udi))
		return true;
	if (json_is_string(udi))
		return papers_scan(call, json_string_value(udi),
				   json_string_length(udi), clinic, c, key);
	varlink_invalid_parameter(call, "cartridge");
	return false;
}

json_t *papers_cartridge_json(const struct safety_cartridge *c, const char *key)
{
	return json_pack("{sssIsIsIss*}", "proof", safety_proof_name(c->proof),
			 "needles", (json_int_t)c->needles, "needleMicrometres",
			 (json_int_t)c->needle_um, "lengthMicrometres",
			 (json_int_t)c->length_um, "key", key[0] ? key : NULL);
}

/* --- time of day ------------------------------------------------------------- */

static int64_t papers_ms(json_t *o, const char *name)
{
	return (int64_t)json_integer_value(json_object_get(o, name));
}

/*
 * The core takes one pair of "was then" and "has passed since". As a rule
 * that is the last time a session began, so that a clock put back gains
 * nothing. If the clock was put ahead within this boot, it is where the clock
 * should stand, so that the core sees the jump.
 */
static void papers_when(json_t *history, const struct safety_config *cfg,
			struct safety_when *when)
{
	json_t *offset = json_object_get(history, "offsetMilliseconds");
	json_t *accepted = json_object_get(history, "accepted");
	int64_t boot_ms = (int64_t)clock_boot_ms(), expected_s;
	time_t now = time(NULL);
	struct tm local;

	when->wall_s = now;
	if (localtime_r(&now, &local))
		when->utc_offset_s = (int32_t)local.tm_gmtoff;
	if (json_is_object(accepted)) {
		when->durable_s = papers_ms(accepted, "unixMilliseconds") / 1000;
		when->since_s = boot_ms / 1000;
		if (json_is_true(json_object_get(accepted, "sameBoot")))
			when->since_s -= papers_ms(accepted,
						   "monotonicMilliseconds") /
					 1000;
	}
	expected_s = (json_integer_value(offset) + boot_ms) / 1000;
	if (json_is_integer(offset) &&
	    when->wall_s - expected_s > (int64_t)cfg->jump_max_s) {
		when->durable_s = expected_s;
		when->since_s = 0;
		when->since_exact = true;
	}
}

/* --- what was done before ------------------------------------------------------ */

/* By its own end, by the motor's or by the area's: nothing is left to do. */
static bool papers_finished(const char *reason)
{
	static const char *const whole[] = { "stopEnd", "stopSessionTime",
					     "stopDensity" };
	size_t i;

	for (i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (!strcmp(whole[i], reason))
			return true;
	return false;
}

static int64_t papers_day_of(const struct safety_when *when, int64_t s)
{
	return (s + when->utc_offset_s) / 86400;
}

static bool papers_same_day(const struct safety_when *when, int64_t s)
{
	return papers_day_of(when, safety_now_s(when)) ==
	       papers_day_of(when, s);
}

/* What was done last, and how long skin of this depth and concern rests. */
static void papers_interval(json_t *session,
			    const struct catalogue_concern *concern,
			    struct safety_limits *limits)
{
	const struct catalogue_interval *interval = catalogue_interval_for(
		(uint32_t)papers_ms(session, "depthMicrometres"));

	safety_limits_tighten(limits, SAFETY_LIMIT_INTERVAL_MIN,
			      concern->interval_min_days, SAFETY_BY_CONCERN);
	if (interval)
		safety_limits_tighten(limits, SAFETY_LIMIT_INTERVAL_MIN,
				      interval->min_days, SAFETY_BY_DEPTH);
}

/*
 * What was cut short may go on the same day, unless the area was not rested
 * when it began: another kiosk had finished there, and nobody here knew.
 */
static bool papers_unrested(json_t *recent,
			    const struct catalogue_concern *concern,
			    struct safety_begin *begin)
{
	int64_t today = papers_day_of(&begin->when,
				      safety_now_s(&begin->when));
	json_t *session;
	size_t i;

	json_array_foreach(recent, i, session) {
		const char *reason = json_string_value(
			json_object_get(session, "endReason"));
		int64_t day = papers_day_of(
			&begin->when,
			papers_ms(session, "endUnixMilliseconds") / 1000);
		struct safety_limits limits = begin->limits;

		if (!reason || !papers_finished(reason))
			continue;
		papers_interval(session, concern, &limits);
		if (today - day >=
		    (int64_t)limits.limit[SAFETY_LIMIT_INTERVAL_MIN].value)
			continue;
		begin->limits = limits;
		return true;
	}
	return false;
}

void papers_history(json_t *history, const struct catalogue_concern *concern,
		    const struct safety_config *cfg, struct safety_begin *begin)
{
	json_t *last = json_object_get(history, "last");
	const char *reason =
		json_string_value(json_object_get(last, "endReason"));
	struct safety_when *when = &begin->when;

	papers_when(history, cfg, when);
	begin->cartridge.used =
		json_is_true(json_object_get(history, "cartridgeUsed"));
	if (!json_is_object(last) || !reason)
		return;
	when->last_end_s = papers_ms(last, "endUnixMilliseconds") / 1000;
	when->last_open = !papers_finished(reason);
	if (papers_same_day(when, when->last_end_s))
		begin->dose.punctures_before =
			(uint32_t)papers_ms(last, "areaPunctures");
	papers_interval(last, concern, &begin->limits);
	if (when->last_open &&
	    papers_unrested(json_object_get(history, "recent"), concern,
			    begin))
		when->last_open = false;
}
