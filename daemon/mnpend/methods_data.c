// SPDX-License-Identifier: GPL-2.0-or-later
/* Methods that only read: the catalogue and the record. */
#include "daemon/catalogue/catalogue.h"
#include "daemon/mnpend/clinic.h"
#include "daemon/mnpend/methods.h"
#include "daemon/mnpend/pen.h"
#include "daemon/mnpend/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define LIST_LIMIT_DEFAULT	20
#define LIST_LIMIT_MAX		1000

/* --- catalogue -------------------------------------------------------------- */

static json_t *areas_json(void)
{
	const struct catalogue_area *a;
	json_t *list = json_array();
	size_t i;

	for (i = 0; (a = catalogue_area_at(i)); i++)
		json_array_append_new(
			list,
			json_pack("{sssssIsIsIssss}", "areaId", a->id, "name",
				  a->name, "defaultMicrometres",
				  (json_int_t)a->depth_default_um,
				  "softMicrometres",
				  (json_int_t)a->depth_soft_um,
				  "hardMicrometres",
				  (json_int_t)a->depth_hard_um, "source",
				  a->basis.sources, "confidence",
				  catalogue_confidence_name(
					  a->basis.confidence)));
	return list;
}

static json_t *concerns_json(void)
{
	const struct catalogue_concern *c;
	json_t *list = json_array(), *areas;
	size_t i, k;

	for (i = 0; (c = catalogue_concern_at(i)); i++) {
		areas = json_array();
		for (k = 0; c->areas[k]; k++)
			json_array_append_new(areas, json_string(c->areas[k]));
		json_array_append_new(
			list, json_pack("{sssssIsIsossss}", "concernId", c->id,
					"name", c->name, "defaultMicrometres",
					(json_int_t)c->depth_default_um,
					"maximumMicrometres",
					(json_int_t)c->depth_cap_um, "areas",
					areas, "source", c->basis.sources,
					"confidence",
					catalogue_confidence_name(
						c->basis.confidence)));
	}
	return list;
}

static json_t *screening_json(void)
{
	const struct catalogue_screening *q;
	json_t *list = json_array();
	size_t i;

	for (i = 0; (q = catalogue_screening_at(i)); i++)
		json_array_append_new(
			list, json_pack("{ssssssss}", "code", q->code, "text",
					q->question, "kind",
					catalogue_verdict_name(q->verdict),
					"group",
					catalogue_group_name(q->group)));
	return list;
}

static json_t *preparation_json(void)
{
	const struct catalogue_preparation *s;
	json_t *list = json_array();
	size_t i;

	for (i = 0; (s = catalogue_preparation_at(i)); i++)
		json_array_append_new(list,
				      json_pack("{sssssb}", "code", s->code,
						"text", s->step, "required",
						s->required));
	return list;
}

void method_get_catalogue(struct varlink_call *call, json_t *p, void *ctx)
{
	struct mnpend *daemon = ctx;

	(void)p;
	varlink_reply(call, json_pack("{sososososs*}", "areas", areas_json(),
				      "concerns", concerns_json(), "screening",
				      screening_json(), "preparation",
				      preparation_json(), "problem",
				      clinic_problem(daemon->clinic)));
}

/* --- record ------------------------------------------------------------------ */

/* A question to the record outlives its call when the client leaves. */
struct question {
	struct varlink_call *call;	/* NULL: nobody waits any more */
	char session[RECORD_SESSION_LEN];
};

static void question_ended(struct varlink_call *call, void *ctx)
{
	struct question *q = ctx;

	(void)call;
	q->call = NULL;
}

void methods_no_such_session(struct varlink_call *call, const char *session)
{
	varlink_error(call, "io.mnpen.Pen.SessionNotFound",
		      json_pack("{ssss}", "sessionId", session, "message",
				"The record holds no such session. ListRecord names those it holds."));
}

static void question_answered(int error, json_t *json, uint32_t tag, void *ctx)
{
	struct question *q = ctx;
	struct varlink_call *call = q->call;

	(void)tag;
	if (call && error == -ENOENT)
		methods_no_such_session(call, q->session);
	else if (call && error)
		pen_storage_failed(call, "read the record", error);
	else if (call)
		varlink_reply(call, json_incref(json));
	free(q);
}

static struct recorder_then question_new(struct varlink_call *call)
{
	struct recorder_then then = { .fn = question_answered };
	struct question *q = calloc(1, sizeof(*q));

	if (q) {
		q->call = call;
		then.ctx = q;
		varlink_call_on_end(call, question_ended, q);
	} else {
		pen_storage_failed(call, "read the record", -ENOMEM);
	}
	return then;
}

void method_list_record(struct varlink_call *call, json_t *p, void *ctx)
{
	struct mnpend *daemon = ctx;
	uint32_t limit = LIST_LIMIT_DEFAULT;
	struct recorder_then then;

	if (json_object_get(p, "limit") &&
	    !json_is_null(json_object_get(p, "limit")) &&
	    !methods_u32(call, p, "limit", &limit))
		return;
	if (limit < 1 || limit > LIST_LIMIT_MAX) {
		varlink_invalid_parameter(call, "limit");
		return;
	}
	then = question_new(call);
	if (then.ctx)
		recorder_list(daemon->recorder, limit, &then);
}

void method_get_record(struct varlink_call *call, json_t *p, void *ctx)
{
	struct mnpend *daemon = ctx;
	struct recorder_then then;
	const char *session;

	if (!methods_text(call, p, "sessionId", true, RECORD_SESSION_LEN - 1,
			  &session))
		return;
	then = question_new(call);
	if (!then.ctx)
		return;
	snprintf(((struct question *)then.ctx)->session, RECORD_SESSION_LEN,
		 "%s", session);
	recorder_session(daemon->recorder, session, &then);
}

void method_get_head(struct varlink_call *call, json_t *p, void *ctx)
{
	struct mnpend *daemon = ctx;
	struct recorder_then then = question_new(call);

	(void)p;
	if (then.ctx)
		recorder_head(daemon->recorder, &then);
}

/* A row that holds none is a mistake of the caller's. */
static void telemetry_answered(int error, json_t *json, uint32_t tag, void *ctx)
{
	struct question *q = ctx;

	if (error == -EINVAL && q->call) {
		varlink_invalid_parameter(q->call, "row");
		free(q);
		return;
	}
	question_answered(error, json, tag, ctx);
}

void method_get_telemetry(struct varlink_call *call, json_t *p, void *ctx)
{
	struct mnpend *daemon = ctx;
	struct recorder_then then;
	uint32_t row;

	if (!methods_u32(call, p, "row", &row))
		return;
	then = question_new(call);
	then.fn = telemetry_answered;
	if (then.ctx)
		recorder_telemetry(daemon->recorder, row, &then);
}

void method_verify_record(struct varlink_call *call, json_t *p, void *ctx)
{
	struct mnpend *daemon = ctx;
	struct recorder_then then = question_new(call);

	(void)p;
	if (then.ctx)
		recorder_verify(daemon->recorder, &then);
}
