// SPDX-License-Identifier: GPL-2.0-or-later
/* BeginSession: from what the clinic says to an event of the core. */
#include "daemon/catalogue/judge.h"
#include "daemon/mnpend/clinic.h"
#include "daemon/mnpend/log.h"
#include "daemon/mnpend/methods.h"
#include "daemon/mnpend/override.h"
#include "daemon/mnpend/papers.h"
#include "daemon/mnpend/pen.h"
#include "daemon/mnpend/recorder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 64
#define BEGIN_NOWHERE "This concern is not treated in this area, or the area is forbidden. The catalogue lists what goes together."
#define FACTS "skinType ageYears treatedBefore thinSkin"
#define NOT_ASKED UINT32_MAX	/* within no modifier's range */
/* E: as small as the smallest part of a face that is treated by itself. */
#define AREA_UNKNOWN_MM2 2000

/* What is asked for; lives until the record has answered. */
struct begin {
	struct mnpend *daemon;
	struct varlink_call *call;	/* NULL: nobody waits any more */
	char pen_id[MNPEN_STR_LEN];
	const struct catalogue_area *area;
	const struct catalogue_concern *concern;
	uint32_t depth_um, rate_spm, planned_ms;
	uint32_t course_sessions;	/* 0: not said */
	json_t *pack, *consent;		/* rows; NULL: given to the pen */
	const char *patient, *operator;	/* in @parameters */
	json_t *screening;		/* in @parameters */
	json_t *parameters;
	struct record_about about;
	struct override override;
	uint32_t density_usual_cm2;	/* limit without an override; 0: none */
	uint32_t days_passed, days_wanted; /* of an interval set aside */
	char session[RECORD_SESSION_LEN]; /* while its overrides are written */
	size_t unwritten;
	int error;			/* of one of them */
	struct safety_event ev;
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
	/* The record refuses names; so does its door. */
	else if (b->patient && !record_pseudonym_valid(b->patient))
		varlink_invalid_parameter(call, "patient");
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

	snprintf(interlock, sizeof(interlock), "screening:%.*s",
		 methods_code_len(code), code);
	varlink_error(call, "io.mnpen.Pen.InterlockOpen",
		      json_pack("{ssss}", "interlock", interlock, "message",
				message));
}

/*
 * Every question answered, none beside them, and no "yes" but to a question
 * that only warns or that a physician sets aside. The worst reason is the one
 * that is told.
 */
static bool begin_screening(struct varlink_call *call, const struct begin *b)
{
	struct judge_answer answers[METHODS_ANSWERS_MAX];
	struct judge_reason reasons[METHODS_ANSWERS_MAX];
	const struct judge_reason *worst = NULL, *r;
	size_t found;

	if (!methods_answers(b->screening, answers)) {
		varlink_invalid_parameter(call, "screening");
		return false;
	}
	judge_screening(answers, json_array_size(b->screening), reasons,
			METHODS_ANSWERS_MAX, &found);
	if (found > METHODS_ANSWERS_MAX)
		found = METHODS_ANSWERS_MAX;
	if (!override_fits(call, &b->override, reasons, found))
		return false;
	for (r = reasons; r < reasons + found; r++) {
		if (judge_permits(r->verdict) ||
		    (r->verdict == JUDGE_OVERRIDE &&
		     override_names(&b->override, r->code)))
			continue;
		if (!worst || r->verdict > worst->verdict)
			worst = r;
	}
	if (worst)
		begin_interlock(call, worst->code, judge_reason_text(worst));
	return !worst;
}

/* Area first, so that a refusal names the area where values are equal. */
static bool begin_limits(struct varlink_call *call, const struct pen *pen,
			 const struct begin *b, struct safety_limits *limits)
{
	struct catalogue_limits c;

	if (catalogue_limits(b->area, b->concern, &c) < 0) {
		varlink_error(call, "io.mnpen.Pen.LimitExceeded",
			      json_pack("{sssssIsIssss}", "limit", "depth",
					"source", "area", "requested",
					(json_int_t)b->depth_um, "maximum",
					(json_int_t)0, "remedy", BEGIN_NOWHERE,
					"message", BEGIN_NOWHERE));
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

static bool begin_said_yes(json_t *screening, const char *code)
{
	json_t *answer;
	size_t i;

	json_array_foreach(screening, i, answer)
		if (json_is_true(json_object_get(answer, "yes")) &&
		    !strcmp(json_string_value(json_object_get(answer, "code")),
			    code))
			return true;
	return false;
}

/* Skin, age and first session may leave less; the screening was judged. */
static bool begin_patient(struct varlink_call *call, json_t *p,
			  const struct begin *b, struct safety_limits *limits)
{
	struct catalogue_patient patient = {
		.skin_type = NOT_ASKED, .age = NOT_ASKED,
		.first_session = CATALOGUE_NO,
	};
	bool dark = begin_said_yes(b->screening, "skin-type-v-vi");
	json_t *facts = json_object_get(p, "facts");
	const struct catalogue_modifier *by;
	uint32_t depth_um;

	if (facts && !json_is_null(facts)) {
		if (!json_is_object(facts) || !methods_only(facts, FACTS)) {
			varlink_invalid_parameter(call, "facts");
			return false;
		}
		if (!methods_facts(call, facts, &patient))
			return false;
	}
	/* Of two answers that differ the more careful one counts. */
	if (dark && patient.skin_type)
		patient.skin_type = 5;
	depth_um = catalogue_patient_depth_um(b->area, b->concern, &patient,
					      &by);
	if (by)
		safety_limits_tighten(limits, SAFETY_LIMIT_DEPTH_MAX, depth_um,
				      SAFETY_BY_PATIENT);
	return true;
}

/*
 * How big it is, and what its skin bears of such needles. With a physician's
 * reason that is what nobody may exceed, instead of where a session ends else.
 */
static void begin_dose(struct begin *b)
{
	struct safety_begin *begin = &b->ev.begin;
	struct catalogue_budget budget;

	begin->dose.basis = SAFETY_DOSE_ALL;
	begin->dose.area_mm2 = catalogue_area_measured_mm2(b->area);
	if (!begin->dose.area_mm2)
		begin->dose.area_mm2 = AREA_UNKNOWN_MM2;
	begin->dose.density_override =
		override_names(&b->override, OVERRIDE_DENSITY);
	if (catalogue_budget(b->area, b->depth_um, begin->cartridge.needle_um,
			     &budget))
		return;
	b->density_usual_cm2 = budget.hard;
	safety_limits_tighten(&begin->limits, SAFETY_LIMIT_DENSITY_MAX,
			      begin->dose.density_override ? budget.abs :
							     budget.hard,
			      SAFETY_BY_AREA);
}

/* A sheet read years later tells what it was done with. */
static void begin_versions(const struct pen *pen, json_t *body)
{
	const struct mnpen_caps *caps;

	json_object_set_new(body, "software", json_string(MNPEN_VERSION));
	if (!pen->device)
		return;
	caps = device_caps(pen->device);
	json_object_set_new(body, "model", json_string(caps->hw_model));
	json_object_set_new(body, "firmware", json_string(caps->fw_version));
}

static json_t *begin_body(const struct pen *pen, const struct begin *b,
			  const struct varlink_peer *peer)
{
	json_t *body = json_pack(
		"{sssssIsIsIsososs?ss?}", "area", b->area->id, "concern",
		b->concern->id, "depthMicrometres", (json_int_t)b->depth_um,
		"rateStrokesPerMinute", (json_int_t)b->rate_spm,
		"plannedMilliseconds", (json_int_t)b->planned_ms, "limits",
		pen_limits_json(&pen->core.limits), "peer", pen_peer_json(peer),
		"patient", b->patient, "operator", b->operator);

	begin_versions(pen, body);
	json_object_set_new(body, "areaName", json_string(b->area->name));
	json_object_set_new(body, "concernName",
			    json_string(b->concern->name));
	json_object_set_new(body, "cartridge",
			    papers_cartridge_json(&pen->core.cartridge,
						  b->about.cartridge));
	if (json_is_object(json_object_get(b->parameters, "facts")))
		json_object_set(body, "facts",
				json_object_get(b->parameters, "facts"));
	json_object_set_new(body, "areaSquareMillimetres",
			    json_integer(pen->core.dose.area_mm2));
	json_object_set_new(body, "doseBasis",
			    json_string(safety_dose_basis_name(
				    pen->core.dose.basis)));
	return body;
}

static void begin_free(struct begin *b)
{
	json_decref(b->pack);
	json_decref(b->consent);
	json_decref(b->parameters);
	free(b);
}

static void begin_ended(struct varlink_call *call, void *ctx)
{
	struct begin *b = ctx;

	(void)call;
	b->call = NULL;
}

static json_t *begin_override(const struct pen *pen, const struct begin *b,
			      size_t i)
{
	json_t *body = override_body(&b->override, i,
				     varlink_call_peer(b->call));

	json_object_set_new(body, "pen", json_string(pen->id));
	if (!strcmp(b->override.codes[i], OVERRIDE_INTERVAL)) {
		json_object_set_new(body, "wantedDays",
				    json_integer(b->days_wanted));
		json_object_set_new(body, "passedDays",
				    json_integer(b->days_passed));
	}
	if (strcmp(b->override.codes[i], OVERRIDE_DENSITY))
		return body;
	json_object_set_new(body, "oldPerSquareCentimetre",
			    json_integer(b->density_usual_cm2));
	json_object_set_new(
		body, "newPerSquareCentimetre",
		json_integer(
			pen->core.limits.limit[SAFETY_LIMIT_DENSITY_MAX].value));
	return body;
}

static bool begin_still_open(const struct pen *pen, const struct begin *b)
{
	return pen && pen_has_session(pen) &&
	       !strcmp(pen->session.id, b->session);
}

/* Ended as whoever controls the pen; if they hung up, as who began it. */
static void begin_undo(struct pen *pen, const struct begin *b)
{
	uint32_t owner = pen->core.owner;
	struct safety_event ev = { .kind = SAFETY_EV_ACQUIRE,
				   .owner = owner ? owner : b->ev.owner };

	if (!owner)
		pen_request(pen, NULL, &ev);
	ev.kind = SAFETY_EV_END;
	pen_request(pen, NULL, &ev);
	ev.kind = SAFETY_EV_RELEASE;
	if (!owner)
		pen_request(pen, NULL, &ev);
}

/* What was set aside is on disk; if not, the session ends before it starts. */
static void begin_overridden(int error, json_t *json, uint32_t tag, void *ctx)
{
	struct begin *b = ctx;
	struct pen *pen = pen_by_id(b->daemon, b->pen_id);

	(void)json;
	(void)tag;
	if (error)
		b->error = error;
	if (--b->unwritten)
		return;
	if (b->error && begin_still_open(pen, b))
		begin_undo(pen, b);
	if (b->call && b->error)
		pen_storage_failed(b->call, "record the override", b->error);
	else if (b->call && begin_still_open(pen, b))
		varlink_reply(b->call, json_pack("{so}", "session",
						 pen_session_json(pen)));
	else if (b->call)
		varlink_error(b->call, "io.mnpen.Pen.PenGone",
			      json_pack("{ssss}", "penId", b->pen_id, "message",
					"The session ended before it was on disk."));
	begin_free(b);
}

/* The last one may be answered before this returns. */
static void begin_write_overrides(struct pen *pen, struct begin *b)
{
	struct recorder_then then = { .fn = begin_overridden, .ctx = b };
	json_t *bodies[OVERRIDE_CODES_MAX];
	size_t i, n = b->override.n;

	for (i = 0; i < n; i++) {
		log_info("pen %s: %s set aside by %s", pen->id,
			 b->override.codes[i], b->override.physician);
		bodies[i] = begin_override(pen, b, i);
	}
	snprintf(b->session, sizeof(b->session), "%s", pen->session.id);
	b->unwritten = n;
	for (i = 0; i < n; i++)
		pen_record_paper(pen, RECORD_OVERRIDE, bodies[i], &then);
}

/* A course that is new for this patient, area and concern, or changed. */
static void begin_course(struct pen *pen, const struct begin *b,
			 const json_t *history)
{
	json_t *before = json_object_get(history, "plannedSessions"), *body;
	char course[2 * TEXT_MAX];

	if (!b->course_sessions || json_integer_value(before) ==
					   (json_int_t)b->course_sessions)
		return;
	snprintf(course, sizeof(course), "%s/%s", b->concern->id, b->area->id);
	body = json_pack("{ss ss ss ss sI ss*}", "course", course, "patient",
			 b->patient, "area", b->area->id, "concern",
			 b->concern->id, "plannedSessions",
			 (json_int_t)b->course_sessions, "operator",
			 b->operator);
	if (json_is_integer(before))
		json_object_set(body, "plannedBefore", before);
	pen_record_paper(pen, RECORD_COURSE, body, NULL);
}

/* Rows of their own, given away together: as a rule one sync covers them. */
static void begin_papers(struct pen *pen, struct begin *b,
			 const json_t *history)
{
	pen->session.pack = b->pack;
	pen->session.consent = b->consent;
	b->pack = b->consent = NULL;
	pen_record_paper(pen, RECORD_SCREENING,
			 json_pack("{sO}", "answers", b->screening), NULL);
	begin_course(pen, b, history);
}

/* Takes b. */
static void begin_accepted(struct pen *pen, struct begin *b,
			   const json_t *history)
{
	record_new_session(pen->session.id);
	snprintf(pen->session.area, sizeof(pen->session.area), "%s",
		 b->area->id);
	snprintf(pen->session.concern, sizeof(pen->session.concern), "%s",
		 b->concern->id);
	snprintf(pen->session.cartridge, sizeof(pen->session.cartridge), "%s",
		 b->about.cartridge);
	pen->session.planned_ms = b->planned_ms;
	log_info("pen %s: session %s, %s, %s, %u um, %u strokes per minute",
		 pen->id, pen->session.id, b->area->id, b->concern->id,
		 b->depth_um, b->rate_spm);
	pen_record_begin(pen, begin_body(pen, b, varlink_call_peer(b->call)));
	begin_papers(pen, b, history);
	if (b->override.n) {
		begin_write_overrides(pen, b);
		return;
	}
	varlink_reply(b->call,
		      json_pack("{so}", "session", pen_session_json(pen)));
	begin_free(b);
}

/*
 * What the record knows, into the event. A physician may set the catalogue's
 * interval aside; the one compiled in is the core's. False: answered.
 */
static bool begin_past(struct begin *b, json_t *history)
{
	struct safety_limits before = b->ev.begin.limits;

	papers_history(history, b->concern, &b->daemon->config, &b->ev.begin);
	papers_lot(history, b->pack, &b->ev.begin.cartridge);
	if (!override_names(&b->override, OVERRIDE_INTERVAL))
		return true;
	if (!papers_too_early(&b->ev.begin, &b->days_passed,
			      &b->days_wanted)) {
		override_refuse_needless(b->call, OVERRIDE_INTERVAL);
		return false;
	}
	b->ev.begin.limits = before;
	return true;
}

/* The pen may have gone meanwhile, and so may whoever asked. */
static void begin_known(int error, json_t *history, uint32_t tag, void *ctx)
{
	struct begin *b = ctx;
	struct pen *pen = pen_by_id(b->daemon, b->pen_id);
	struct pen_answer answer;

	(void)tag;
	if (!b->call) {
		;
	} else if (error) {
		pen_storage_failed(b->call, "read the record", error);
	} else if (!pen) {
		varlink_error(b->call, "io.mnpen.Pen.PenGone",
			      json_pack("{ssss}", "penId", b->pen_id,
					"message", "The pen was unplugged."));
	} else if (begin_past(b, history)) {
		answer = pen_request(pen, varlink_call_peer(b->call), &b->ev);
		if (!answer.refused) {
			begin_accepted(pen, b, history);
			return;
		}
		pen_refuse(b->call, pen, &answer.refusal);
	}
	begin_free(b);
}

/* False: the call was answered. */
static bool begin_read(struct varlink_call *call, json_t *p, struct begin *b)
{
	struct pen *pen = methods_pen(call, p, b->daemon);
	struct safety_begin *begin = &b->ev.begin;

	if (!pen || !clinic_permits(b->daemon->clinic, call) ||
	    !begin_parse(call, p, b) ||
	    !override_read(call, p, &b->override) ||
	    !begin_limits(call, pen, b, &begin->limits) ||
	    !begin_screening(call, b) ||
	    !begin_patient(call, p, b, &begin->limits) ||
	    !papers_cartridge(call, p, b->daemon->clinic, &begin->cartridge,
			      &b->about, &b->pack) ||
	    !papers_consent(call, p, &b->consent) ||
	    !papers_course(call, p, &b->course_sessions))
		return false;
	snprintf(b->pen_id, sizeof(b->pen_id), "%s", pen->id);
	snprintf(b->about.patient, sizeof(b->about.patient), "%s",
		 b->patient ? b->patient : "");
	snprintf(b->about.area, sizeof(b->about.area), "%s", b->area->id);
	snprintf(b->about.concern, sizeof(b->about.concern), "%s",
		 b->concern->id);
	begin->depth_um = b->depth_um;
	begin->rate_spm = b->rate_spm;
	if (pen->device) {
		begin->depth_step_um = device_caps(pen->device)->depth_step_um;
		begin->rate_step_spm = device_caps(pen->device)->rate_step_spm;
	}
	begin->motor_ms = b->planned_ms;
	begin->area = pen_area_number(b->area->id);
	begin->screening_clear = true;
	/* Signed in the preparation, which comes before the motor. */
	begin->consent = true;
	begin_dose(b);
	return true;
}

void method_begin_session(struct varlink_call *call, json_t *p, void *ctx)
{
	struct recorder_then then = { .fn = begin_known };
	struct begin *b = calloc(1, sizeof(*b));

	if (!b) {
		pen_storage_failed(call, "begin", -ENOMEM);
		return;
	}
	b->daemon = ctx;
	b->ev.kind = SAFETY_EV_BEGIN;
	b->ev.owner = varlink_call_peer(call)->number;
	b->parameters = json_incref(p);
	if (!begin_read(call, p, b)) {
		begin_free(b);
		return;
	}
	b->call = call;
	varlink_call_on_end(call, begin_ended, b);
	then.ctx = b;
	recorder_history(b->daemon->recorder, &b->about, &then);
}
