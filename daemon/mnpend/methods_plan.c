// SPDX-License-Identifier: GPL-2.0-or-later
/* JudgeScreening, PlanCourse and Why: answers that change nothing. */
#include "daemon/catalogue/judge.h"
#include "daemon/catalogue/planning.h"
#include "daemon/mnpend/methods.h"
#include "daemon/mnpend/pen.h"
#include "daemon/mnpend/why.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define DETAIL_MAX	200	/* bytes */
#define AREAS_MAX	256
#define DATE_LEN	16

/* --- screening ------------------------------------------------------------------ */

static bool is_word(const char *list, const char *word)
{
	size_t len = strlen(word);
	const char *p;

	/* "yes detail" is no word, though the list has it. */
	if (strchr(word, ' '))
		return false;
	for (p = list; *p; p += strcspn(p, " "), p += strspn(p, " "))
		if (!strncmp(p, word, len) && (!p[len] || p[len] == ' '))
			return true;
	return false;
}

bool methods_only(json_t *o, const char *names)
{
	const char *name;
	json_t *value;

	json_object_foreach(o, name, value)
		if (!is_word(names, name))
			return false;
	return true;
}

int methods_code_len(const char *code)
{
	size_t n = strnlen(code, METHODS_CODE_MAX);

	while (n && (code[n] & 0xc0) == 0x80)
		n--;
	return (int)n;
}

/* What was said beside a "yes" is for the record; it changes nothing. */
static bool plan_detail(const json_t *answer)
{
	const json_t *detail = json_object_get(answer, "detail");

	return !detail || json_is_null(detail) ||
	       (json_is_string(detail) &&
		json_string_length(detail) <= DETAIL_MAX);
}

bool methods_answers(const json_t *list, struct judge_answer *answers)
{
	json_t *a;
	size_t i;

	if (!json_is_array(list) ||
	    json_array_size(list) > METHODS_ANSWERS_MAX)
		return false;
	json_array_foreach(list, i, a) {
		json_t *yes = json_object_get(a, "yes");

		answers[i].code = json_string_value(json_object_get(a, "code"));
		answers[i].yes = json_is_true(yes);
		if (!answers[i].code || !json_is_boolean(yes) ||
		    !plan_detail(a) || !methods_only(a, "code yes detail"))
			return false;
	}
	return true;
}

void method_judge_screening(struct varlink_call *call, json_t *p, void *ctx)
{
	json_t *list = json_object_get(p, "screening"), *findings;
	struct judge_reason reasons[METHODS_ANSWERS_MAX];
	struct judge_answer answers[METHODS_ANSWERS_MAX];
	enum judge_verdict verdict;
	size_t found, i;

	(void)ctx;
	if (!methods_answers(list, answers)) {
		varlink_invalid_parameter(call, "screening");
		return;
	}
	verdict = judge_screening(answers, json_array_size(list), reasons,
				  METHODS_ANSWERS_MAX, &found);
	findings = json_array();
	for (i = 0; i < found && i < METHODS_ANSWERS_MAX; i++)
		json_array_append_new(
			findings,
			json_pack("{ssssssss}", "code", reasons[i].code,
				  "verdict",
				  judge_verdict_name(reasons[i].verdict),
				  "cause", judge_cause_name(reasons[i].cause),
				  "text", judge_reason_text(&reasons[i])));
	varlink_reply(call, json_pack("{sssbso}", "verdict",
				      judge_verdict_name(verdict), "permits",
				      judge_permits(verdict), "findings",
				      findings));
}

/* --- days ------------------------------------------------------------------------ */

static int32_t plan_day(const struct tm *date)
{
	struct tm noon = { .tm_year = date->tm_year, .tm_mon = date->tm_mon,
			   .tm_mday = date->tm_mday, .tm_hour = 12 };

	return (int32_t)(timegm(&noon) / 86400);
}

/* The date on the clinic's wall. */
static int32_t plan_today(void)
{
	time_t now = time(NULL);
	struct tm local;

	return localtime_r(&now, &local) ? plan_day(&local) : 0;
}

static bool plan_date_text(int32_t day, char text[DATE_LEN])
{
	time_t noon = (time_t)day * 86400 + 43200;
	struct tm date;

	return gmtime_r(&noon, &date) &&
	       strftime(text, DATE_LEN, "%Y-%m-%d", &date);
}

/* Read back, so that 31 February is no day. */
static bool plan_date(const char *text, int32_t *day)
{
	struct tm date = { 0 };
	const char *end = text ? strptime(text, "%Y-%m-%d", &date) : NULL;
	char again[DATE_LEN];

	if (!end || *end)
		return false;
	*day = plan_day(&date);
	return plan_date_text(*day, again) && !strcmp(again, text);
}

static json_t *plan_date_json(int32_t day)
{
	char text[DATE_LEN];

	return plan_date_text(day, text) ? json_string(text) : json_null();
}

/* --- one area --------------------------------------------------------------------- */

static json_t *plan_wait_json(const struct planning_wait *w)
{
	if (!w->kind)
		return json_null();
	return json_pack("{sssssI}", "kind", w->kind, "id", w->id, "days",
			 (json_int_t)w->days);
}

static json_t *plan_notes_json(const struct planning_plan *plan)
{
	json_t *list = json_array();
	uint32_t i;

	for (i = 0; i < plan->n_notes; i++)
		json_array_append_new(list,
				      json_pack("{sssb}", "text",
						plan->notes[i].text,
						"acknowledge",
						plan->notes[i].acknowledge));
	return list;
}

static json_t *plan_depth_json(const struct planning_request *r,
			       const struct planning_plan *p)
{
	return json_pack("{sssIsIsIssss?sI}", "area", r->area->id,
			 "depthStartMicrometres",
			 (json_int_t)p->depth_start_um, "depthSoftMicrometres",
			 (json_int_t)p->depth_soft_um,
			 "depthMaximumMicrometres",
			 (json_int_t)p->depth_max_um, "depthSource",
			 catalogue_origin_name(p->depth_max_from), "modifier",
			 p->modifier ? p->modifier->name : NULL,
			 "rateStrokesPerMinute", (json_int_t)p->rate_spm);
}

static void plan_dose_json(json_t *o, const struct planning_plan *p)
{
	json_t *dose = json_pack(
		"{ss?ss?sIsIsIsIsIsIsbsI}", "pattern",
		p->pattern ? p->pattern->name : NULL, "patternText",
		p->pattern ? p->pattern->text : NULL, "passes",
		(json_int_t)(p->pattern ? p->pattern->passes : 0),
		"densityTarget", (json_int_t)p->density.target, "densitySoft",
		(json_int_t)p->density.soft, "densityHard",
		(json_int_t)p->density.hard, "densityAbsolute",
		(json_int_t)p->density.abs, "sizeSquareMillimetres",
		(json_int_t)p->size_mm2, "sizeMeasured", p->size_measured,
		"targetSeconds", (json_int_t)p->target_s);

	json_object_update_new(o, dose);
}

static void plan_course_json(json_t *o, const struct planning_plan *p)
{
	json_t *course = json_pack(
		"{ss?sIsIsbsIsososososo}", "course",
		p->course ? p->course->id : NULL, "sessions",
		(json_int_t)p->sessions, "sessionsLeft",
		(json_int_t)p->sessions_left, "review", p->review,
		"intervalDays", (json_int_t)p->interval_days, "earliestDate",
		plan_date_json(p->earliest_day), "earliestWhy",
		plan_wait_json(&p->earliest), "recommendedDate",
		plan_date_json(p->recommended_day), "recommendedWhy",
		plan_wait_json(&p->recommended), "notes", plan_notes_json(p));

	json_object_update_new(o, course);
}

/* --- the request -------------------------------------------------------------------- */

/* An optional number; false: answered. */
static bool plan_number(struct varlink_call *call, json_t *p, const char *name,
			uint32_t max, uint32_t *out)
{
	json_t *value = json_object_get(p, name);

	*out = 0;
	if (!value || json_is_null(value))
		return true;
	if (!methods_u32(call, p, name, out))
		return false;
	if (*out >= 1 && *out <= max)
		return true;
	varlink_invalid_parameter(call, name);
	return false;
}

static bool plan_flag(struct varlink_call *call, json_t *p, const char *name,
		      enum catalogue_known *out)
{
	json_t *value = json_object_get(p, name);

	*out = CATALOGUE_UNKNOWN;
	if (!value || json_is_null(value))
		return true;
	if (!json_is_boolean(value)) {
		varlink_invalid_parameter(call, name);
		return false;
	}
	*out = json_is_true(value) ? CATALOGUE_YES : CATALOGUE_NO;
	return true;
}

bool methods_facts(struct varlink_call *call, json_t *p,
		   struct catalogue_patient *out)
{
	enum catalogue_known before, thin;

	memset(out, 0, sizeof(*out));
	if (!plan_number(call, p, "skinType", 6, &out->skin_type) ||
	    !plan_number(call, p, "ageYears", 150, &out->age) ||
	    !plan_flag(call, p, "treatedBefore", &before) ||
	    !plan_flag(call, p, "thinSkin", &thin))
		return false;
	out->thin_skin = thin == CATALOGUE_YES;
	if (before == CATALOGUE_YES)
		out->first_session = CATALOGUE_NO;
	else if (before == CATALOGUE_NO)
		out->first_session = CATALOGUE_YES;
	return true;
}

static bool plan_patient(struct varlink_call *call, json_t *p,
			 struct planning_request *r)
{
	return methods_facts(call, p, &r->patient) &&
	       plan_number(call, p, "needles", 64, &r->needles.count) &&
	       plan_number(call, p, "needleMicrometres", 1000,
			   &r->needles.width_um) &&
	       plan_number(call, p, "needleLengthMicrometres", 5000,
			   &r->needles.length_um);
}

/* What was done in this area before. False: it makes no sense. */
static bool plan_history(json_t *previous, struct planning_request *r)
{
	json_t *item;
	size_t i;

	r->history = (struct planning_history){ .last_day = PLANNING_NO_DAY };
	json_array_foreach(previous, i, item) {
		const char *area =
			json_string_value(json_object_get(item, "area"));
		json_int_t sessions = json_integer_value(
			json_object_get(item, "sessions"));
		json_int_t deepest = json_integer_value(
			json_object_get(item, "deepestMicrometres"));

		if (!area || sessions < 1 || sessions > 1000 || deepest < 0 ||
		    deepest > CATALOGUE_DEPTH_MAX_UM)
			return false;
		if (strcmp(area, r->area->id))
			continue;
		r->history.sessions = (uint32_t)sessions;
		r->history.deepest_um = (uint32_t)deepest;
		if (!plan_date(json_string_value(
				       json_object_get(item, "lastDate")),
			       &r->history.last_day))
			return false;
		/* Whoever was treated here was treated before. */
		if (r->patient.first_session == CATALOGUE_UNKNOWN)
			r->patient.first_session = CATALOGUE_NO;
	}
	return true;
}

static void plan_refuse(struct varlink_call *call,
			const struct planning_request *r, int error)
{
	const char *message = error == -ERANGE ?
		"No depth is left for this patient in this area." :
		"This concern is not treated in this area, or the area is forbidden. The catalogue lists what goes together.";

	varlink_error(call, "io.mnpen.Pen.LimitExceeded",
		      json_pack("{sssssIsIss}", "limit", "depth", "source",
				error == -ERANGE ? "patient" : "area",
				"requested",
				(json_int_t)r->concern->depth_default_um,
				"maximum", (json_int_t)0, "message", message));
}

/* False: the call was answered. */
static bool plan_area(struct varlink_call *call, json_t *p, const char *id,
		      struct planning_request r, json_t *plans)
{
	struct planning_plan plan;
	json_t *o;
	int ret;

	r.area = catalogue_area(id);
	if (!r.area) {
		varlink_invalid_parameter(call, "areas");
		return false;
	}
	if (!plan_history(json_object_get(p, "previous"), &r)) {
		varlink_invalid_parameter(call, "previous");
		return false;
	}
	ret = planning_plan(&r, &plan);
	if (ret) {
		plan_refuse(call, &r, ret);
		return false;
	}
	o = plan_depth_json(&r, &plan);
	plan_dose_json(o, &plan);
	plan_course_json(o, &plan);
	json_array_append_new(plans, o);
	return true;
}

static bool plan_areas(struct varlink_call *call, json_t *p,
		       const struct planning_request *r, json_t *plans)
{
	json_t *areas = json_object_get(p, "areas"), *area;
	const char *const *id;
	size_t i;

	if (areas && !json_is_null(areas) &&
	    (!json_is_array(areas) || json_array_size(areas) > AREAS_MAX)) {
		varlink_invalid_parameter(call, "areas");
		return false;
	}
	if (!json_array_size(areas)) {
		for (id = r->concern->areas; *id; id++)
			if (!plan_area(call, p, *id, *r, plans))
				return false;
		return true;
	}
	json_array_foreach(areas, i, area)
		if (!plan_area(call, p, json_string_value(area), *r, plans))
			return false;
	return true;
}

void method_plan_course(struct varlink_call *call, json_t *p, void *ctx)
{
	struct planning_request r = { .today = plan_today() };
	const char *concern;
	json_t *plans;

	(void)ctx;
	if (!methods_text(call, p, "concern", true, 31, &concern) ||
	    !plan_patient(call, p, &r))
		return;
	r.concern = catalogue_concern(concern);
	if (!r.concern) {
		varlink_invalid_parameter(call, "concern");
		return;
	}
	plans = json_array();
	if (plan_areas(call, p, &r, plans))
		varlink_reply(call, json_pack("{sO}", "plans", plans));
	json_decref(plans);
}

/* --- why ------------------------------------------------------------------------------ */

void method_why(struct varlink_call *call, json_t *p, void *ctx)
{
	struct mnpend *daemon = ctx;
	json_t *reply;
	const char *id;

	if (!methods_text(call, p, "penId", false, 64, &id))
		return;
	reply = why_json(daemon->why, id);
	if (!reply && id && !methods_pen(call, p, ctx))
		return;
	if (!reply)
		reply = id ? json_pack("{ss}", "penId", id) : json_object();
	varlink_reply(call, reply);
}
