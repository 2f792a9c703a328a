// SPDX-License-Identifier: LGPL-2.1-or-later
/* The calls of one session, with their parameters spelled out. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>

static json_t *control_pen(const char *pen_id)
{
	return json_pack("{s:s}", "penId", pen_id);
}

int mnpen_control_acquire(struct mnpen_client *client, const char *pen_id,
			  int timeout_ms, uint32_t *heartbeat_ms,
			  struct mnpen_error *error)
{
	json_int_t ms = 0;
	json_t *reply;
	char *text;
	int r;

	r = call_json(client, "AcquireControl", control_pen(pen_id),
		      timeout_ms, &text, error);
	if (r < 0)
		return r;
	reply = json_loads(text, 0, NULL);
	free(text);
	if (json_unpack(reply, "{s:I}", "heartbeatMilliseconds", &ms) < 0 ||
	    ms <= 0 || ms > UINT32_MAX)
		r = -EBADMSG;
	else if (heartbeat_ms)
		*heartbeat_ms = (uint32_t)ms;
	json_decref(reply);
	return r;
}

int mnpen_control_release(struct mnpen_client *client, const char *pen_id,
			  int timeout_ms, struct mnpen_error *error)
{
	return call_json(client, "ReleaseControl", control_pen(pen_id),
			 timeout_ms, NULL, error);
}

static json_t *control_answers(const struct mnpen_plan *plan)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < plan->answers; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:b, s:s*}", "code",
					plan->screening[i].code, "yes",
					plan->screening[i].yes, "detail",
					plan->screening[i].detail));
	if (json_array_size(list) == plan->answers)
		return list;
	json_decref(list);
	return NULL;
}

/* NULL: nothing is known of it. */
static json_t *control_cartridge(const struct mnpen_plan *plan)
{
	const struct {
		const char *name;
		uint32_t value;
	} number[] = {
		{ "needles", plan->needles },
		{ "needleMicrometres", plan->needle_um },
		{ "lengthMicrometres", plan->needle_length_um },
		{ "lotStock", plan->lot_stock },
	};
	json_t *o = json_pack("{s:s*}", "udi", plan->cartridge);
	size_t i;

	for (i = 0; i < sizeof(number) / sizeof(number[0]); i++)
		if (number[i].value)
			json_object_set_new(o, number[i].name,
					    json_integer(number[i].value));
	if (json_object_size(o))
		return o;
	json_decref(o);
	return NULL;
}

/* NULL if nothing is known. */
static json_t *control_facts(const struct mnpen_plan *plan)
{
	json_t *facts;

	if (!plan->skin_type && !plan->age && !plan->treated_before &&
	    !plan->thin_skin)
		return NULL;
	facts = json_object();
	if (plan->skin_type)
		json_object_set_new(facts, "skinType",
				    json_integer(plan->skin_type));
	if (plan->age)
		json_object_set_new(facts, "ageYears", json_integer(plan->age));
	if (plan->treated_before)
		json_object_set_new(facts, "treatedBefore", json_true());
	if (plan->thin_skin)
		json_object_set_new(facts, "thinSkin", json_true());
	return facts;
}

/* NULL: nothing is known of it but that it was given. */
static json_t *control_consent(const struct mnpen_plan *plan)
{
	if (!plan->consent && !plan->consent_text)
		return NULL;
	return json_pack("{s:s*, s:s*}", "reference", plan->consent,
			 "textVersion", plan->consent_text);
}

/* NULL: nothing is set aside. */
static json_t *control_override(const struct mnpen_plan *plan)
{
	json_t *codes;
	size_t i;

	if (!plan->overrides)
		return NULL;
	codes = json_array();
	for (i = 0; i < plan->overrides; i++)
		json_array_append_new(codes,
				      json_string(plan->override_codes[i]));
	return json_pack("{s:o, s:s*, s:s*}", "codes", codes, "reason",
			 plan->override_reason, "physician", plan->physician);
}

/* What is no UTF-8 is in no JSON: it must not pass for what was not said. */
static bool control_whole(const json_t *p, const struct mnpen_plan *plan)
{
	const json_t *o = json_object_get(p, "override");

	return (!plan->cartridge ||
		json_object_get(json_object_get(p, "cartridge"), "udi")) &&
	       json_array_size(json_object_get(o, "codes")) ==
		       plan->overrides &&
	       ((!plan->consent && !plan->consent_text) ||
		json_object_get(p, "consent"));
}

int mnpen_control_begin(struct mnpen_client *client, const char *pen_id,
			const struct mnpen_plan *plan, int timeout_ms,
			char **session, struct mnpen_error *error)
{
	json_t *p = json_pack(
		"{s:s, s:s, s:s, s:I, s:I, s:I, s:o, s:s*, s:s*, s:o*, s:o*, s:o*, s:o*}",
		"penId",
		pen_id, "area", plan->area, "concern", plan->concern,
		"depthMicrometres", (json_int_t)plan->depth_um,
		"rateStrokesPerMinute", (json_int_t)plan->rate_spm,
		"plannedMilliseconds", (json_int_t)plan->planned_ms,
		"screening", control_answers(plan), "patient", plan->patient,
		"operator", plan->operator_id, "cartridge",
		control_cartridge(plan), "facts", control_facts(plan),
		"override", control_override(plan), "consent",
		control_consent(plan));

	if (p && !control_whole(p, plan)) {
		json_decref(p);
		p = NULL;
	}
	if (p && plan->course_sessions)
		json_object_set_new(p, "courseSessions",
				    json_integer(plan->course_sessions));
	return call_json(client, "BeginSession", p, timeout_ms, session,
			 error);
}

int mnpen_control_prepare(struct mnpen_client *client, const char *pen_id,
			  const char *const *steps, size_t n, int timeout_ms,
			  struct mnpen_error *error)
{
	json_t *p = json_pack("{s:s, s:[]}", "penId", pen_id, "steps");
	size_t i;

	for (i = 0; i < n; i++) {
		if (!json_array_append_new(json_object_get(p, "steps"),
					   json_string(steps[i])))
			continue;
		json_decref(p);
		p = NULL;
		break;
	}
	return call_json(client, "ConfirmPreparation", p, timeout_ms, NULL,
			 error);
}

int mnpen_control_start(struct mnpen_client *client, const char *pen_id,
			int timeout_ms, char **session,
			struct mnpen_error *error)
{
	return call_json(client, "StartRun", control_pen(pen_id), timeout_ms,
			 session, error);
}

int mnpen_control_heartbeat(struct mnpen_client *client, const char *pen_id)
{
	json_t *p = control_pen(pen_id);
	char *text = p ? json_dumps(p, JSON_COMPACT) : NULL;
	int r = -EINVAL;

	if (text)
		r = mnpen_call_oneway(client, MNPEN_INTERFACE ".Heartbeat",
				      text);
	free(text);
	json_decref(p);
	return r;
}

int mnpen_control_pause(struct mnpen_client *client, const char *pen_id,
			int timeout_ms, struct mnpen_error *error)
{
	return call_json(client, "PauseRun", control_pen(pen_id), timeout_ms,
			 NULL, error);
}

int mnpen_control_end(struct mnpen_client *client, const char *pen_id,
		      int timeout_ms, char **ended, struct mnpen_error *error)
{
	return call_json(client, "EndSession", control_pen(pen_id), timeout_ms,
			 ended, error);
}
