// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/papers.h"

#include "daemon/catalogue/udi.h"
#include "daemon/mnpend/clock.h"
#include "daemon/mnpend/methods.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* E: most needles of any pen described (D20), and their usual thickness. */
#define NEEDLES_UNKNOWN 16
#define NEEDLE_UNKNOWN_UM 250
#define LENGTH_MAX_UM 5000
#define LOT_STOCK_MAX 100000
#define COURSE_MAX 100	/* sessions */
#define CONSENT_LEN 64
#define CARTRIDGE "udi lotStock needles needleMicrometres lengthMicrometres"

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

/* What the pack says, as it goes into the record. */
static void papers_pack(const struct udi *udi, json_t *pack)
{
	const struct udi_date *date = &udi->expiry;
	char day[24];

	json_object_set_new(pack, "gtin", json_string(udi->gtin));
	if (udi->lot[0])
		json_object_set_new(pack, "lot", json_string(udi->lot));
	if (udi->serial[0])
		json_object_set_new(pack, "serial", json_string(udi->serial));
	if (!date->year)
		return;
	snprintf(day, sizeof(day), "%04u-%02u-%02u", date->year, date->month,
		 date->day);
	json_object_set_new(pack, "expiryDate", json_string(day));
}

/* A lot alone proves nothing, but where its stock is known it can be counted. */
static void papers_proof(const struct udi *udi, bool stock_kept,
			 struct safety_cartridge *c, struct record_about *about)
{
	switch (udi_single_use(udi, stock_kept)) {
	case UDI_PROVEN:
		snprintf(about->cartridge, sizeof(about->cartridge), "%s/%s",
			 udi->gtin, udi->serial);
		c->proof = SAFETY_PROOF_PROVEN;
		c->id = papers_number(about->cartridge);
		return;
	case UDI_COUNTED:
		c->proof = SAFETY_PROOF_COUNTED;
		break;
	case UDI_ATTESTED:
		break;
	}
	if (udi->lot[0])
		snprintf(about->lot, sizeof(about->lot), "%s/lot/%s",
			 udi->gtin, udi->lot);
}

static bool papers_scan(struct varlink_call *call, json_t *text,
			const struct clinic *clinic, uint32_t stock,
			struct safety_cartridge *c, struct record_about *about,
			json_t *pack)
{
	enum udi_error error;
	struct udi udi;

	error = udi_parse(json_string_value(text), json_string_length(text),
			  papers_year(), &udi);
	if (error != UDI_OK) {
		papers_refuse(call, udi_error_text(error));
		return false;
	}
	c->recalled = clinic_recall(clinic, &udi) != NULL;
	if (udi.expiry.year)
		c->expiry_day = papers_day(&udi.expiry);
	papers_proof(&udi, stock != 0, c, about);
	papers_pack(&udi, pack);
	json_object_set(pack, "udi", text);
	if (stock)
		json_object_set_new(pack, "lotStock", json_integer(stock));
	return true;
}

bool papers_cartridge(struct varlink_call *call, json_t *p,
		      const struct clinic *clinic, struct safety_cartridge *c,
		      struct record_about *about, json_t **pack)
{
	json_t *o = json_object_get(p, "cartridge"), *udi;
	uint32_t stock;

	memset(c, 0, sizeof(*c));
	*pack = json_object();
	c->proof = SAFETY_PROOF_ATTESTED;
	c->expiry_day = SAFETY_DAY_NONE;
	if (o && !json_is_null(o) &&
	    (!json_is_object(o) || !methods_only(o, CARTRIDGE))) {
		varlink_invalid_parameter(call, "cartridge");
		return false;
	}
	if (!papers_u32(call, o, "needles", SAFETY_NEEDLES_MAX,
			NEEDLES_UNKNOWN, &c->needles) ||
	    !papers_u32(call, o, "needleMicrometres", SAFETY_NEEDLE_MAX_UM,
			NEEDLE_UNKNOWN_UM, &c->needle_um) ||
	    !papers_u32(call, o, "lengthMicrometres", LENGTH_MAX_UM, 0,
			&c->length_um) ||
	    !papers_u32(call, o, "lotStock", LOT_STOCK_MAX, 0, &stock))
		return false;
	udi = json_object_get(o, "udi");
	if (udi && !json_is_null(udi) && !json_is_string(udi)) {
		varlink_invalid_parameter(call, "cartridge");
		return false;
	}
	if (json_is_string(udi) &&
	    !papers_scan(call, udi, clinic, stock, c, about, *pack))
		return false;
	json_object_set_new(*pack, "singleUse",
			    json_string(safety_proof_name(c->proof)));
	if (about->cartridge[0] || about->lot[0])
		json_object_set_new(*pack, "cartridge",
				    json_string(about->cartridge[0] ?
							about->cartridge :
							about->lot));
	return true;
}

void papers_lot(json_t *history, json_t *pack, struct safety_cartridge *c)
{
	json_int_t stock, uses = json_integer_value(
				  json_object_get(history, "lotUses"));

	if (json_object_get(pack, "serial") || !json_object_get(pack, "lot"))
		return;
	stock = json_integer_value(json_object_get(pack, "lotStock"));
	json_object_set_new(pack, "useOfLot", json_integer(uses + 1));
	if (stock && uses >= stock)
		c->used = true;
}

/* --- consent and course ------------------------------------------------------ */

static bool papers_text(struct varlink_call *call, json_t *o, const char *name,
			json_t *body)
{
	json_t *value = json_object_get(o, name);

	if (!value || json_is_null(value))
		return true;
	if (!json_is_string(value) || !json_string_length(value) ||
	    json_string_length(value) > CONSENT_LEN) {
		varlink_invalid_parameter(call, "consent");
		return false;
	}
	json_object_set(body, name, value);
	return true;
}

bool papers_consent(struct varlink_call *call, json_t *p, json_t **consent)
{
	json_t *o = json_object_get(p, "consent");

	*consent = json_pack("{sb}", "given", 1);
	if (o && !json_is_null(o) &&
	    (!json_is_object(o) || !methods_only(o, "reference textVersion"))) {
		varlink_invalid_parameter(call, "consent");
		return false;
	}
	if (!papers_text(call, o, "reference", *consent) ||
	    !papers_text(call, o, "textVersion", *consent))
		return false;
	json_object_set(*consent, "patient", json_object_get(p, "patient"));
	json_object_set(*consent, "operator", json_object_get(p, "operator"));
	return true;
}

bool papers_course(struct varlink_call *call, json_t *p, uint32_t *sessions)
{
	json_t *value = json_object_get(p, "courseSessions");

	*sessions = 0;
	if (!value || json_is_null(value))
		return true;
	if (!json_is_integer(value) || json_integer_value(value) < 1 ||
	    json_integer_value(value) > COURSE_MAX ||
	    !json_is_string(json_object_get(p, "patient"))) {
		varlink_invalid_parameter(call, "courseSessions");
		return false;
	}
	*sessions = (uint32_t)json_integer_value(value);
	return true;
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

bool papers_too_early(const struct safety_begin *begin, uint32_t *days,
		      uint32_t *wanted)
{
	const struct safety_when *when = &begin->when;

	*days = (uint32_t)(papers_day_of(when, safety_now_s(when)) -
			   papers_day_of(when, when->last_end_s));
	*wanted = begin->limits.limit[SAFETY_LIMIT_INTERVAL_MIN].value;
	return when->last_end_s > 0 && !(when->last_open && !*days) &&
	       *days < *wanted;
}
