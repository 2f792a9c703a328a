// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mnpenctl course: a patient's sessions so far, out of the record, and what
 * the catalogue proposes next for each area. It permits nothing.
 */
#include "daemon/mnpenctl/mnpenctl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct course {
	struct ctl *ctl;
	struct mnpen_client *client;
	const char *patient;
	json_t *sessions;	/* of the patient, oldest first */
	json_t *planned;	/* what was said to be planned, oldest first */
	json_t *plans;
};

/* ---- what was done -------------------------------------------------------------- */

static json_t *course_session(const struct course *c, const char *id)
{
	json_t *session;
	size_t i;

	json_array_foreach(c->sessions, i, session)
		if (!strcmp(js_string(session, "sessionId"), id))
			return session;
	return NULL;
}

static void course_planned(struct course *c, const json_t *row,
			   const json_t *body)
{
	json_array_append_new(
		c->planned,
		json_pack("{s:I, s:s, s:s, s:I}", "unixMilliseconds",
			  js_int(row, "unixMilliseconds"), "area",
			  js_string(body, "area"), "concern",
			  js_string(body, "concern"), "plannedSessions",
			  js_int(body, "plannedSessions")));
}

/* A row of the export; body is the text of an object. */
static void course_row(struct course *c, const json_t *row)
{
	json_t *body = json_loads(js_string(row, "body"), 0, NULL);
	json_t *session = course_session(c, js_string(row, "session"));
	int64_t peak_um = js_int(body, "depthPeakMicrometres");

	if (!strcmp(js_string(row, "kind"), "sessionBegin") &&
	    !strcmp(js_string(body, "patient"), c->patient))
		json_array_append_new(
			c->sessions,
			json_pack("{s:s, s:I, s:s, s:s, s:i, s:i}", "sessionId",
				  js_string(row, "session"),
				  "beginUnixMilliseconds",
				  js_int(row, "unixMilliseconds"), "area",
				  js_string(body, "area"), "concern",
				  js_string(body, "concern"),
				  "depthPeakMicrometres", 0, "runs", 0));
	else if (!strcmp(js_string(row, "kind"), "course") &&
		 !strcmp(js_string(body, "patient"), c->patient))
		course_planned(c, row, body);
	else if (session && json_object_get(body, "runs")) {
		json_object_set_new(session, "depthPeakMicrometres",
				    json_integer(peak_um));
		json_object_set(session, "runs", json_object_get(body, "runs"));
	}
	json_decref(body);
}

static int course_gather(struct course *c)
{
	int64_t after = 0;
	bool last = false;
	int r = EXIT_DONE;

	while (!r && !last) {
		json_t *reply, *row, *page;
		size_t i;

		r = ctl_call(c->ctl, c->client, "ExportRecord",
			     json_pack("{s:I}", "afterRow", (json_int_t)after),
			     &reply);
		if (r)
			break;
		page = json_object_get(reply, "page");
		json_array_foreach(json_object_get(page, "rows"), i, row)
			course_row(c, row);
		last = !json_is_false(json_object_get(page, "last")) ||
		       js_int(page, "throughRow") <= after;
		after = js_int(page, "throughRow");
		json_decref(reply);
	}
	return r;
}

/* ---- what is next ----------------------------------------------------------------- */

static const char *course_date(units_text out, int64_t unix_ms)
{
	time_t t = (time_t)(unix_ms / 1000);
	struct tm local;

	if (!localtime_r(&t, &local) ||
	    !strftime(out, UNITS_LEN, "%Y-%m-%d", &local))
		snprintf(out, UNITS_LEN, "?");
	return out;
}

/* Sessions in this area in which the motor ran; *newest: the last of them. */
static int course_count(const struct course *c, const char *area,
			const json_t **newest)
{
	json_t *session;
	size_t i;
	int n = 0;

	json_array_foreach(c->sessions, i, session) {
		if (strcmp(js_string(session, "area"), area) ||
		    !js_int(session, "runs"))
			continue;
		*newest = session;
		n++;
	}
	return n;
}

static int course_plan_area(struct course *c, const char *area)
{
	const json_t *newest = NULL;
	json_t *p, *reply = NULL;
	units_text date;
	int r, n = course_count(c, area, &newest);

	if (!n)
		return EXIT_DONE;
	p = json_pack("{s:s, s:[s], s:b, s:[{s:s, s:i, s:I, s:s}]}", "concern",
		      c->ctl->concern ? c->ctl->concern :
					js_string(newest, "concern"),
		      "areas", area, "treatedBefore", true, "previous", "area",
		      area, "sessions", n, "deepestMicrometres",
		      js_int(newest, "depthPeakMicrometres"), "lastDate",
		      course_date(date,
				  js_int(newest, "beginUnixMilliseconds")));
	r = ctl_call(c->ctl, c->client, "PlanCourse", p, &reply);
	json_array_extend(c->plans, json_object_get(reply, "plans"));
	json_decref(reply);
	return r;
}

/* Each area once, in the order in which they were treated first. */
static int course_plan(struct course *c)
{
	json_t *session, *before;
	size_t i, k;
	int r = EXIT_DONE;

	json_array_foreach(c->sessions, i, session) {
		const char *area = js_string(session, "area");

		for (k = 0; k < i; k++) {
			before = json_array_get(c->sessions, k);
			if (!strcmp(js_string(before, "area"), area))
				break;
		}
		if (k == i && !r)
			r = course_plan_area(c, area);
	}
	return r;
}

/* ---- all of it ------------------------------------------------------------------- */

static void course_print(const struct course *c)
{
	units_text when, depth;
	json_t *session;
	size_t i;

	json_array_foreach(c->sessions, i, session)
		printf("%s  %s  %s, %s, %s\n",
		       units_when(when,
				  js_int(session, "beginUnixMilliseconds")),
		       js_string(session, "sessionId"),
		       js_string(session, "area"),
		       js_string(session, "concern"),
		       js_int(session, "runs") ?
			       units_depth(depth, js_int(session,
						"depthPeakMicrometres")) :
			       _("the motor never ran"));
	json_array_foreach(c->planned, i, session)
		printf(_("%s  planned: %lld sessions, %s, %s\n"),
		       units_when(when, js_int(session, "unixMilliseconds")),
		       (long long)js_int(session, "plannedSessions"),
		       js_string(session, "area"),
		       js_string(session, "concern"));
	if (json_array_size(c->plans)) {
		putchar('\n');
		plan_print(c->ctl->concern, c->plans);
	}
}

int verb_course(struct ctl *ctl)
{
	struct course c = { .ctl = ctl, .patient = ctl->args[0],
			    .sessions = json_array(), .planned = json_array(),
			    .plans = json_array() };
	json_t *line;
	int r = ctl_open(ctl, MNPEN_ANY, &c.client);

	if (!r)
		r = course_gather(&c);
	if (!r && !json_array_size(c.sessions))
		r = explain(ctl, EXIT_REMOTE, "NoSession",
			    _("the record holds no session of %s"), c.patient);
	if (!r)
		r = course_plan(&c);
	mnpen_client_close(c.client);
	line = json_pack("{s:s, s:O, s:O, s:O}", "patient", c.patient,
			 "sessions", c.sessions, "planned", c.planned, "plans",
			 c.plans);
	if (!r && ctl->json)
		ctl_print_json(line);
	else if (!r)
		course_print(&c);
	json_decref(line);
	json_decref(c.sessions);
	json_decref(c.planned);
	json_decref(c.plans);
	return r;
}
