// SPDX-License-Identifier: GPL-2.0-or-later
/* GetAftercare: the timetable of one session, from its rows in the record. */
#include "daemon/catalogue/timetable.h"
#include "daemon/mnpend/methods.h"
#include "daemon/mnpend/pen.h"
#include "daemon/mnpend/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CALENDAR_MAX	(128 * 1024)

/* The question outlives its call when the client leaves. */
struct care {
	struct varlink_call *call;	/* NULL: nobody waits any more */
	bool calendar;
	char session[RECORD_SESSION_LEN];
};

/* What the rows say of the session. */
struct care_facts {
	int64_t end_ms;
	uint32_t depth_um;
};

static uint32_t care_depth(const json_t *body)
{
	json_int_t um = json_integer_value(
		json_object_get(body, "depthMicrometres"));

	return um > 0 && um <= CATALOGUE_DEPTH_MAX_UM ? (uint32_t)um : 0;
}

/* The deepest setting of any run, and when the session was last heard of. */
static struct care_facts care_read(const json_t *rows)
{
	struct care_facts f = { 0 };
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		const json_t *body = json_object_get(row, "body");
		json_t *happened =
			json_object_get(body, "happenedUnixMilliseconds");
		int64_t ms = json_integer_value(
			happened ? happened :
				   json_object_get(row, "unixMilliseconds"));

		if (care_depth(body) > f.depth_um)
			f.depth_um = care_depth(body);
		if (ms > f.end_ms)
			f.end_ms = ms;
	}
	return f;
}

static json_t *care_rules(const struct timetable_entry *entries, size_t n)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < n; i++) {
		const struct timetable_entry *e = &entries[i];

		json_array_append_new(
			list,
			json_pack("{sssssssssIsI}", "ruleId", e->rule->id,
				  "advice",
				  catalogue_advice_name(e->rule->advice),
				  "heading",
				  timetable_heading(e->rule->advice), "text",
				  e->rule->text, "fromUnixMilliseconds",
				  (json_int_t)e->from_s * 1000,
				  "untilUnixMilliseconds",
				  (json_int_t)e->until_s * 1000));
	}
	return list;
}

static json_t *care_calendar(const struct care *care,
			     const struct timetable_entry *entries, size_t n)
{
	char *text = malloc(CALENDAR_MAX);
	json_t *out = NULL;
	size_t len;

	if (!text)
		return NULL;
	len = timetable_ical(entries, n, care->session, time(NULL), text,
			     CALENDAR_MAX);
	if (len < CALENDAR_MAX)
		out = json_string(text);
	free(text);
	return out;
}

static void care_reply(const struct care *care, const json_t *json)
{
	struct timetable_entry entries[TIMETABLE_MAX];
	struct care_facts f = care_read(json_object_get(json, "rows"));
	size_t n = timetable_make(f.end_ms / 1000, f.depth_um, entries);
	json_t *reply;

	reply = json_pack("{sssIsIso}", "sessionId", care->session,
			  "endUnixMilliseconds", (json_int_t)f.end_ms,
			  "depthMicrometres", (json_int_t)f.depth_um, "rules",
			  care_rules(entries, n));
	if (care->calendar)
		json_object_set_new(reply, "calendar",
				    care_calendar(care, entries, n));
	varlink_reply(care->call, reply);
}

static void care_answered(int error, json_t *json, uint32_t tag, void *ctx)
{
	struct care *care = ctx;

	(void)tag;
	if (care->call && error == -ENOENT)
		methods_no_such_session(care->call, care->session);
	else if (care->call && error)
		pen_storage_failed(care->call, "read the record", error);
	else if (care->call)
		care_reply(care, json);
	free(care);
}

static void care_ended(struct varlink_call *call, void *ctx)
{
	struct care *care = ctx;

	(void)call;
	care->call = NULL;
}

void method_get_aftercare(struct varlink_call *call, json_t *p, void *ctx)
{
	json_t *calendar = json_object_get(p, "calendar");
	struct recorder_then then = { .fn = care_answered };
	struct mnpend *daemon = ctx;
	const char *session;
	struct care *care;

	if (!methods_text(call, p, "sessionId", true, RECORD_SESSION_LEN - 1,
			  &session))
		return;
	if (calendar && !json_is_boolean(calendar) && !json_is_null(calendar)) {
		varlink_invalid_parameter(call, "calendar");
		return;
	}
	care = calloc(1, sizeof(*care));
	if (!care) {
		pen_storage_failed(call, "read the record", -ENOMEM);
		return;
	}
	care->call = call;
	care->calendar = json_is_true(calendar);
	snprintf(care->session, sizeof(care->session), "%s", session);
	varlink_call_on_end(call, care_ended, care);
	then.ctx = care;
	recorder_session(daemon->recorder, session, &then);
}
