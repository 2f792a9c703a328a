// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sheet of one session, from its rows in the record and nothing else: it
 * reads the same on the day and ten years later.
 */
#include "daemon/mnpenctl/mnpenctl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LABEL	"  %-10s "

const char *sheet_source(const char *source)
{
	static const char *const words[][2] = {
		{ "absolute", N_("compiled in, fixed") },
		{ "pen", N_("what the pen can do") },
		{ "label", N_("most ever evaluated") },
		{ "area", N_("this area's ceiling") },
		{ "concern", N_("this concern's ceiling") },
		{ "patient", N_("skin type, age or first session") },
		{ "cartridge", N_("its needles") },
		{ "depth", N_("deep settings allow less") },
		{ "operator", N_("asked for this session") },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i][0], source))
			return _(words[i][1]);
	return _("unknown");
}

void sheet_limits(const json_t *limits)
{
	units_text value;
	json_t *l;
	size_t i;

	json_array_foreach(limits, i, l) {
		const char *name = js_string(l, "name");
		bool minimum = !strcmp(name, "rateMinimum");

		printf("  %-11s %s %-18s %s (%s)\n",
		       tr(minimum ? "rate" : name),
		       minimum ? _("at least") : _("at most "),
		       units_limit(value, name, js_int(l, "value")),
		       js_string(l, "source"),
		       sheet_source(js_string(l, "source")));
	}
}

/* Body of the last row of that kind; NULL if there is none. */
static const json_t *sheet_body(const json_t *rows, const char *kind)
{
	const json_t *body = NULL;
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
		if (!strcmp(js_string(row, "kind"), kind))
			body = json_object_get(row, "body");
	return body;
}

/* Newest counters of the session, whichever row holds them. */
static const json_t *sheet_totals(const json_t *rows)
{
	const json_t *totals = NULL;
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
		if (json_object_get(json_object_get(row, "body"),
				    "motorMilliseconds"))
			totals = json_object_get(row, "body");
	return totals;
}

static void sheet_plan(const json_t *rows, const json_t *begin,
		       const json_t *totals)
{
	units_text when, set, peak, rate, rate_peak, planned, motor;

	printf(LABEL "%s\n", "begun",
	       units_when(when, js_int(json_array_get(rows, 0),
				       "unixMilliseconds")));
	printf(LABEL "%s\n", "pen", js_string(begin, "pen"));
	printf(LABEL "%s\n", "area", js_string(begin, "area"));
	printf(LABEL "%s\n", "concern", js_string(begin, "concern"));
	if (*js_string(begin, "patient"))
		printf(LABEL "%s\n", "patient", js_string(begin, "patient"));
	if (*js_string(begin, "operator"))
		printf(LABEL "%s\n", "operator", js_string(begin, "operator"));
	printf(LABEL "set %s, peak %s\n", "depth",
	       units_depth(set, js_int(begin, "depthMicrometres")),
	       units_depth(peak, js_int(totals, "depthPeakMicrometres")));
	printf(LABEL "set %s, peak %s\n", "rate",
	       units_rate(rate, js_int(begin, "rateStrokesPerMinute")),
	       units_rate(rate_peak,
			  js_int(totals, "ratePeakStrokesPerMinute")));
	printf(LABEL "%" PRId64 "\n", "strokes", js_int(totals, "strokes"));
	printf(LABEL "%s of %s planned\n", "motor",
	       units_duration(motor, js_int(totals, "motorMilliseconds")),
	       units_duration(planned, js_int(begin, "plannedMilliseconds")));
}

static void sheet_run(const json_t *body)
{
	units_text motor;

	printf(LABEL "%" PRId64 ": %s, %" PRId64 " strokes, stopped by %s\n",
	       "run", js_int(body, "run"),
	       units_duration(motor, js_int(body, "runMilliseconds")),
	       js_int(body, "runStrokes"), js_string(body, "reason"));
}

static void sheet_events(const json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		const char *kind = js_string(row, "kind");
		const json_t *body = json_object_get(row, "body");

		if (!strcmp(kind, "runEnd"))
			sheet_run(body);
		else if (!strcmp(kind, "fault"))
			printf(LABEL "%s\n", "FAULT",
			       js_string(body, "reason"));
		else if (!strcmp(kind, "interrupted"))
			printf(LABEL "mnpend ended without closing this session\n",
			       "INTERRUPTED");
	}
}

void sheet_print(const json_t *reply)
{
	const json_t *rows = json_object_get(reply, "rows");
	const json_t *begin = sheet_body(rows, "sessionBegin");
	const json_t *end = sheet_body(rows, "sessionEnd");
	const json_t *first = json_array_get(rows, 0);
	const json_t *last =
		json_array_get(rows, json_array_size(rows) ?
					     json_array_size(rows) - 1 : 0);

	printf("session %s\n", js_string(reply, "sessionId"));
	sheet_plan(rows, begin, sheet_totals(rows));
	sheet_events(rows);
	if (end)
		printf(LABEL "%s\n", "ended by", js_string(end, "reason"));
	printf(LABEL "%zu rows, %" PRId64 " to %" PRId64 ", head %.16s...\n",
	       "record", json_array_size(rows), js_int(first, "row"),
	       js_int(last, "row"), js_string(last, "hash"));
}
