// SPDX-License-Identifier: GPL-2.0-or-later
/* BeginSession: from what the clinic says to an event of the core. */
#include "daemon/catalogue/catalogue.h"
#include "daemon/mnpend/clock.h"
#include "daemon/mnpend/log.h"
#include "daemon/mnpend/methods.h"
#include "daemon/mnpend/pen.h"

#include <string.h>

#define TEXT_MAX 64
/* E: most needles of any pen described (D20), common thickness. */
#define NEEDLES_UNKNOWN 16
#define NEEDLE_UNKNOWN_UM 250
/* E: as small as the smallest part of a face that is treated by itself. */
#define AREA_UNKNOWN_MM2 2000

struct begin {
	const struct catalogue_area *area;
	const struct catalogue_concern *concern;
	uint32_t depth_um, rate_spm, planned_ms;
	const char *patient, *operator;
	json_t *screening;
};

static bool begin_parse(struct varlink_call *call, json_t *p, struct begin *b)
{
	const char *area, *concern;

	if (!methods_text(call, p, "area", true, 31, &area) ||
	    !methods_text(call, p, "concern", true, 31, &concern) ||
	    !methods_u32(call, p, "depthMicrometres", &b->depth_um) ||
	    !methods_u32(call, p, "rateStrokesPerMinute", &b->rate_spm) ||
	    !methods_u32(call, p, "plannedMilliseconds", &b->planned_ms) ||
	    !methods_text(call, p, "patient", false, TEXT_MAX, &b->patient) ||
	    !methods_text(call, p, "operator", false, TEXT_MAX, &b->operator))
		return false;
	b->area = catalogue_area(area);
	b->concern = catalogue_concern(concern);
	b->screening = json_object_get(p, "screening");
	if (!b->area)
		varlink_invalid_parameter(call, "area");
	else if (!b->concern)
		varlink_invalid_parameter(call, "concern");
	else if (b->planned_ms == 0)
		varlink_invalid_parameter(call, "plannedMilliseconds");
	else if (!json_is_array(b->screening))
		varlink_invalid_parameter(call, "screening");
	else
		return true;
	return false;
}

static void begin_interlock(struct varlink_call *call, const char *code,
			    const char *message)
{
	char interlock[80];

	snprintf(interlock, sizeof(interlock), "screening:%.48s", code);
	varlink_error(call, "io.mnpen.Pen.InterlockOpen",
		      json_pack("{ssss}", "interlock", interlock, "message",
				message));
}

/* The answer to one question: 1 yes, 0 no, -1 missing, given twice or not
 * a truth value.
 */
static int begin_answer(json_t *screening, const char *code)
{
	int found = -1;
	json_t *answer;
	size_t i;

	json_array_foreach(screening, i, answer) {
		json_t *yes = json_object_get(answer, "yes");
		const char *given =
			json_string_value(json_object_get(answer, "code"));

		if (!given || strcmp(given, code) != 0)
			continue;
		if (found >= 0 || !json_is_boolean(yes))
			return -1;
		found = json_is_true(yes);
	}
	return found;
}

/*
 * Every question answered, none beside them, and no "yes" but to a question
 * that only warns: the physician's override needs a role that this interface
 * does not have yet.
 */
static bool begin_screening(struct varlink_call *call, json_t *screening)
{
	const struct catalogue_screening *question;
	size_t i;

	for (i = 0; (question = catalogue_screening_at(i)); i++) {
		int yes = begin_answer(screening, question->code);

		if (yes < 0) {
			begin_interlock(call, question->code,
					"This screening question is not answered (once, with yes or no).");
			return false;
		}
		if (yes && question->verdict != CATALOGUE_WARN) {
			begin_interlock(call, question->code,
					"The answer to this screening question rules the session out.");
			return false;
		}
	}
	if (json_array_size(screening) != catalogue_screening_count()) {
		begin_interlock(call, "unknown",
				"An answer was given to a question that the catalogue does not have.");
		return false;
	}
	return true;
}

/* Area first, so that a refusal names the area where values are equal. */
static bool begin_limits(struct varlink_call *call, const struct pen *pen,
			 const struct begin *b, struct safety_limits *limits)
{
	struct catalogue_limits c;

	if (catalogue_limits(b->area, b->concern, &c) < 0) {
		varlink_error(call, "io.mnpen.Pen.LimitExceeded",
			      json_pack("{sssssIsIss}", "limit", "depth",
					"source", "area", "requested",
					(json_int_t)b->depth_um, "maximum",
					(json_int_t)0, "message",
					"This concern is not treated in this area, or the area is forbidden. The catalogue lists what goes together."));
		return false;
	}
	pen_base_limits(pen, limits);
	safety_limits_tighten(limits, SAFETY_LIMIT_DEPTH_MAX, c.depth_area_um,
			      SAFETY_BY_AREA);
	safety_limits_tighten(limits, SAFETY_LIMIT_DEPTH_MAX,
			      c.depth_concern_um, SAFETY_BY_CONCERN);
	safety_limits_tighten(limits, SAFETY_LIMIT_DEPTH_MAX, c.depth_label_um,
			      SAFETY_BY_LABEL);
	safety_limits_tighten(limits, SAFETY_LIMIT_RATE_MIN, c.rate_min_spm,
			      SAFETY_BY_ABSOLUTE);
	safety_limits_tighten(limits, SAFETY_LIMIT_RATE_MAX, c.rate_max_spm,
			      SAFETY_BY_ABSOLUTE);
	safety_limits_tighten(limits, SAFETY_LIMIT_SESSION_MAX,
			      c.session_max_ms, SAFETY_BY_ABSOLUTE);
	return true;
}

/* Not scanned: what the operator confirms in the preparation has to do. */
static void begin_cartridge(struct safety_cartridge *c)
{
	c->proof = SAFETY_PROOF_ATTESTED;
	c->needles = NEEDLES_UNKNOWN;
	c->needle_um = NEEDLE_UNKNOWN_UM;
	c->expiry_day = SAFETY_DAY_NONE;
}

static void begin_when(struct safety_when *when)
{
	when->wall_s = (int64_t)(clock_unix_ms() / 1000);
}

static json_t *begin_body(const struct pen *pen, const struct begin *b,
			  const struct varlink_peer *peer)
{
	return json_pack(
		"{sssssIsIsIsOsososs?ss?}", "area", b->area->id, "concern",
		b->concern->id, "depthMicrometres", (json_int_t)b->depth_um,
		"rateStrokesPerMinute", (json_int_t)b->rate_spm,
		"plannedMilliseconds", (json_int_t)b->planned_ms, "screening",
		b->screening, "limits", pen_limits_json(&pen->core.limits),
		"peer", pen_peer_json(peer), "patient", b->patient, "operator",
		b->operator);
}

void method_begin_session(struct varlink_call *call, json_t *p, void *ctx)
{
	const struct varlink_peer *peer = varlink_call_peer(call);
	struct safety_event ev = { .kind = SAFETY_EV_BEGIN,
				   .owner = peer->number };
	struct pen *pen = methods_pen(call, p, ctx);
	struct pen_answer answer;
	struct begin b;

	if (!pen || !begin_parse(call, p, &b) ||
	    !begin_limits(call, pen, &b, &ev.begin.limits) ||
	    !begin_screening(call, b.screening))
		return;
	ev.begin.depth_um = b.depth_um;
	ev.begin.rate_spm = b.rate_spm;
	ev.begin.motor_ms = b.planned_ms;
	ev.begin.area = pen_area_number(b.area->id);
	ev.begin.screening_clear = true;
	ev.begin.consent = true;
	begin_cartridge(&ev.begin.cartridge);
	ev.begin.dose.area_mm2 = b.area->size_mm2 ? b.area->size_mm2 :
						    AREA_UNKNOWN_MM2;
	begin_when(&ev.begin.when);
	answer = pen_request(pen, peer, &ev);
	if (answer.refused) {
		pen_refuse(call, pen, &answer.refusal);
		return;
	}
	record_new_session(pen->session.id);
	snprintf(pen->session.area, sizeof(pen->session.area), "%s",
		 b.area->id);
	snprintf(pen->session.concern, sizeof(pen->session.concern), "%s",
		 b.concern->id);
	pen->session.planned_ms = b.planned_ms;
	log_info("pen %s: session %s, %s, %s, %u um, %u strokes per minute",
		 pen->id, pen->session.id, b.area->id, b.concern->id,
		 b.depth_um, b.rate_spm);
	pen_record_begin(pen, begin_body(pen, &b, peer));
	varlink_reply(call,
		      json_pack("{so}", "session", pen_session_json(pen)));
}
