// SPDX-License-Identifier: GPL-2.0-or-later
/* ListDue, AddFollowUp, AmendRow: what is added to sessions that are over. */
#include "daemon/mnpend/methods.h"
#include "daemon/mnpend/clock.h"
#include "daemon/mnpend/log.h"
#include "daemon/mnpend/pen.h"
#include "daemon/mnpend/recorder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CODE_LEN	64	/* bytes of what is told apart by it */
#define TEXT_LEN	500	/* bytes of what is written for people */

/*
 * A row for a session of the record: first the session is looked up, then the
 * row is written, then the call is answered. Outlives its call when the client
 * leaves; the row is written all the same.
 */
struct form {
	struct mnpend *daemon;
	struct varlink_call *call;	/* NULL: nobody waits any more */
	enum record_kind kind;
	char session[RECORD_SESSION_LEN];
	json_int_t amends;		/* a row of the session; 0: none */
	json_t *body;
};

static void form_free(struct form *f)
{
	json_decref(f->body);
	free(f);
}

static void form_ended(struct varlink_call *call, void *ctx)
{
	struct form *f = ctx;

	(void)call;
	f->call = NULL;
}

static void form_written(int error, json_t *json, uint32_t tag, void *ctx)
{
	struct form *f = ctx;

	(void)tag;
	if (!error)
		log_info("record: %s for session %s",
			 record_kind_name(f->kind), f->session);
	if (f->call && error)
		pen_storage_failed(f->call, "write the record", error);
	else if (f->call)
		varlink_reply(f->call, json_incref(json));
	form_free(f);
}

static bool has_row(const json_t *session, json_int_t row)
{
	json_t *r;
	size_t i;

	json_array_foreach(json_object_get(session, "rows"), i, r)
		if (json_integer_value(json_object_get(r, "row")) == row)
			return true;
	return false;
}

static void form_session_known(int error, json_t *json, uint32_t tag,
			       void *ctx)
{
	struct recorder_then then = { .fn = form_written, .ctx = ctx };
	struct form *f = ctx;

	(void)tag;
	if (!error && (!f->amends || has_row(json, f->amends))) {
		recorder_append(f->daemon->recorder, f->kind, f->session,
				json_incref(f->body), &then);
		return;
	}
	if (f->call && error == -ENOENT)
		methods_no_such_session(f->call, f->session);
	else if (f->call && error)
		pen_storage_failed(f->call, "read the record", error);
	else if (f->call)
		varlink_invalid_parameter(f->call, "row");
	form_free(f);
}

/* Steals body. */
static void form_put(struct varlink_call *call, struct mnpend *daemon,
		     enum record_kind kind, const char *session, json_t *body)
{
	struct recorder_then then = { .fn = form_session_known };
	struct form *f = calloc(1, sizeof(*f));

	if (!f || !body) {
		pen_storage_failed(call, "write the record", -ENOMEM);
		json_decref(body);
		free(f);
		return;
	}
	json_object_set_new(body, "peer",
			    pen_peer_json(varlink_call_peer(call)));
	f->daemon = daemon;
	f->kind = kind;
	f->amends = json_integer_value(json_object_get(body, "amends"));
	f->body = body;
	snprintf(f->session, sizeof(f->session), "%s", session);
	f->call = call;
	varlink_call_on_end(call, form_ended, f);
	then.ctx = f;
	recorder_session(daemon->recorder, session, &then);
}

/* --- ListDue ----------------------------------------------------------------- */

static void due_known(int error, json_t *json, uint32_t tag, void *ctx)
{
	struct form *f = ctx;

	(void)tag;
	if (f->call && error)
		pen_storage_failed(f->call, "read the record", error);
	else if (f->call)
		varlink_reply(f->call, json_incref(json));
	form_free(f);
}

void method_list_due(struct varlink_call *call, json_t *p, void *ctx)
{
	struct recorder_then then = { .fn = due_known };
	struct form *f = calloc(1, sizeof(*f));
	struct mnpend *daemon = ctx;

	(void)p;
	if (!f) {
		pen_storage_failed(call, "read the record", -ENOMEM);
		return;
	}
	f->call = call;
	varlink_call_on_end(call, form_ended, f);
	then.ctx = f;
	recorder_due(daemon->recorder, (int64_t)clock_unix_ms(), &then);
}

/* --- AddFollowUp --------------------------------------------------------------- */

static bool is_prompt(uint32_t hours)
{
	return !hours || hours == RECORD_PROMPT_1 || hours == RECORD_PROMPT_2 ||
	       hours == RECORD_PROMPT_3;
}

static bool is_severity(const char *text)
{
	return !strcmp(text, "mild") || !strcmp(text, "moderate") ||
	       !strcmp(text, "severe");
}

/* What happened, if anything did; false: answered. */
static bool follow_up_event(struct varlink_call *call, json_t *p, bool happened,
			    json_t *body)
{
	const char *code, *severity, *outcome, *detail, *by;

	if (!methods_text(call, p, "code", happened, CODE_LEN, &code) ||
	    !methods_text(call, p, "severity", happened, CODE_LEN,
			  &severity) ||
	    !methods_text(call, p, "outcome", happened, TEXT_LEN, &outcome) ||
	    !methods_text(call, p, "detail", false, TEXT_LEN, &detail) ||
	    !methods_text(call, p, "operator", false, CODE_LEN, &by))
		return false;
	if (severity && !is_severity(severity)) {
		varlink_invalid_parameter(call, "severity");
		return false;
	}
	/* Nothing happened, and this is what it was: which of both? */
	if (!happened && (code || severity || outcome)) {
		varlink_invalid_parameter(call, "happened");
		return false;
	}
	if (happened) {
		json_object_set_new(body, "code", json_string(code));
		json_object_set_new(body, "severity", json_string(severity));
		json_object_set_new(body, "outcome", json_string(outcome));
	}
	if (detail)
		json_object_set_new(body, "detail", json_string(detail));
	if (by)
		json_object_set_new(body, "operator", json_string(by));
	return true;
}

void method_add_follow_up(struct varlink_call *call, json_t *p, void *ctx)
{
	json_t *value = json_object_get(p, "happened"), *body;
	const char *session;
	uint32_t hours;

	if (!methods_text(call, p, "sessionId", true, RECORD_SESSION_LEN - 1,
			  &session) ||
	    !methods_u32(call, p, "promptHours", &hours))
		return;
	if (!is_prompt(hours) || !json_is_boolean(value)) {
		varlink_invalid_parameter(call, is_prompt(hours) ?
							"happened" :
							"promptHours");
		return;
	}
	body = json_pack("{sI sO}", "promptHours", (json_int_t)hours,
			 "happened", value);
	if (!follow_up_event(call, p, json_is_true(value), body))
		json_decref(body);
	else
		form_put(call, ctx, RECORD_ADVERSE_EVENT, session, body);
}

/* --- AmendRow -------------------------------------------------------------------- */

void method_amend_row(struct varlink_call *call, json_t *p, void *ctx)
{
	const char *session, *instead, *reason, *by;
	uint32_t row;

	if (!methods_text(call, p, "sessionId", true, RECORD_SESSION_LEN - 1,
			  &session) ||
	    !methods_u32(call, p, "row", &row) ||
	    !methods_text(call, p, "instead", true, TEXT_LEN, &instead) ||
	    !methods_text(call, p, "reason", true, TEXT_LEN, &reason) ||
	    !methods_text(call, p, "operator", true, CODE_LEN, &by))
		return;
	form_put(call, ctx, RECORD_AMENDMENT, session,
		 json_pack("{sI ss ss ss}", "amends", (json_int_t)row,
			   "instead", instead, "reason", reason, "operator",
			   by));
}
