// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sheet of one session, from its rows in the record and nothing else: it
 * reads the same on the day and ten years later.
 */
#include "daemon/mnpenctl/sheet.h"

#include "daemon/mnpenctl/mnpenctl.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
	char label[64];
	json_t *l;
	size_t i;

	json_array_foreach(limits, i, l) {
		const char *name = js_string(l, "name");
		bool minimum = !strcmp(name, "rateMinimum");

		if (!strcmp(name, "cartridgeTime"))
			name = N_("cartridge time");
		wrap_pad(label, sizeof(label), tr(minimum ? "rate" : name), 14);
		printf("  %s %s %-18s %s (%s)\n", label,
		       minimum ? _("at least") : _("at most "),
		       units_limit(value, js_string(l, "name"),
				   js_int(l, "value")),
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

/* One line of it; @format is already in the reader's language. */
static void __attribute__((format(printf, 3, 4)))
line(const struct sheet_lines *to, const char *label, const char *format, ...)
{
	char text[SHEET_TEXT_LEN];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	to->line(to->ctx, label, text);
}

static void optional(const struct sheet_lines *to, const char *label,
		     const char *text)
{
	if (*text)
		line(to, label, "%s", text);
}

const char *sheet_words(const json_t *body, const char *words, const char *code)
{
	const char *text = js_string(body, words);

	return *text ? tr(text) : js_string(body, code);
}

/* What was answered with yes, and the word on it. */
static void sheet_screening(const struct sheet_lines *to, const json_t *answers)
{
	const char *detail;
	json_t *a;
	size_t i;

	json_array_foreach(answers, i, a) {
		detail = js_string(a, "detail");
		if (json_is_true(json_object_get(a, "yes")))
			line(to, _("yes to"), "%s%s%s", js_string(a, "code"),
			     *detail ? ": " : "", detail);
	}
}

static void sheet_cartridge(const struct sheet_lines *to, const json_t *pack)
{
	const char *expiry = js_string(pack, "expiryDate");
	int64_t nth = js_int(pack, "useOfLot");
	char of_lot[48] = "";

	if (!*js_string(pack, "cartridge"))
		return;
	if (nth)
		snprintf(of_lot, sizeof(of_lot),
			 _(", number %" PRId64 " of its lot"), nth);
	line(to, _("cartridge"), "%s%s%s (%s)%s",
	     js_string(pack, "cartridge"), *expiry ? _(", good until ") : "",
	     expiry, js_string(pack, "singleUse"), of_lot);
}

/* Earlier versions kept the answers and the cartridge in the first row. */
static void sheet_papers(const struct sheet_lines *to, const json_t *rows,
			 const json_t *begin)
{
	const json_t *screening = sheet_body(rows, "screening");
	const json_t *consent = sheet_body(rows, "consent");
	const json_t *course = sheet_body(rows, "course");
	const json_t *pack = sheet_body(rows, "cartridge");

	sheet_screening(to, json_object_get(screening ? screening : begin,
					    screening ? "answers" :
							"screening"));
	if (consent)
		line(to, _("consent"), _("given%s%s%s%s"),
		     *js_string(consent, "reference") ? ", " : "",
		     js_string(consent, "reference"),
		     *js_string(consent, "textVersion") ? _(", text ") : "",
		     js_string(consent, "textVersion"));
	if (course)
		line(to, _("course"), _("%" PRId64 " sessions planned"),
		     js_int(course, "plannedSessions"));
	if (pack)
		sheet_cartridge(to, pack);
	else
		optional(to, _("cartridge"),
			 js_string(json_object_get(begin, "cartridge"), "key"));
}

static void sheet_plan(const struct sheet_lines *to, const json_t *rows,
		       const json_t *begin, const json_t *totals)
{
	units_text when, set, peak, rate, rate_peak, planned, motor;

	line(to, _("begun"), "%s",
	     units_when(when,
			js_int(json_array_get(rows, 0), "unixMilliseconds")));
	line(to, _("pen"), "%s%s%s%s%s", js_string(begin, "pen"),
	     *js_string(begin, "model") ? ", " : "", js_string(begin, "model"),
	     *js_string(begin, "firmware") ? _(", firmware ") : "",
	     js_string(begin, "firmware"));
	line(to, _("area"), "%s", sheet_words(begin, "areaName", "area"));
	line(to, _("concern"), "%s",
	     sheet_words(begin, "concernName", "concern"));
	optional(to, _("patient"), js_string(begin, "patient"));
	optional(to, _("operator"), js_string(begin, "operator"));
	sheet_papers(to, rows, begin);
	line(to, _("depth"), _("set %s, peak %s"),
	     units_depth(set, js_int(begin, "depthMicrometres")),
	     units_depth(peak, js_int(totals, "depthPeakMicrometres")));
	line(to, _("rate"), _("set %s, peak %s"),
	     units_rate(rate, js_int(begin, "rateStrokesPerMinute")),
	     units_rate(rate_peak, js_int(totals, "ratePeakStrokesPerMinute")));
	line(to, _("strokes"), "%" PRId64, js_int(totals, "strokes"));
	if (js_int(totals, "densityPerSquareCentimetre"))
		line(to, _("density"),
		     _("%" PRId64 " punctures per cm2, estimated upper bound"),
		     js_int(totals, "densityPerSquareCentimetre"));
	line(to, _("motor"), _("%s of %s planned"),
	     units_duration(motor, js_int(totals, "motorMilliseconds")),
	     units_duration(planned, js_int(begin, "plannedMilliseconds")));
}

/* Three of them stand in a line. */
static const char *units_per_minute(units_text out, int64_t rate_spm)
{
	snprintf(out, UNITS_LEN, "%" PRId64 "/min", rate_spm);
	return out;
}

static const char *units_current(units_text out, int64_t ma)
{
	snprintf(out, UNITS_LEN, "%" PRId64 " mA", ma);
	return out;
}

static const char *units_temperature(units_text out, int64_t mdegc)
{
	int64_t tenths = ((mdegc < 0 ? -mdegc : mdegc) + 50) / 100;

	snprintf(out, UNITS_LEN, "%s%" PRId64 ".%" PRId64 " C",
		 mdegc < 0 && tenths ? "-" : "", tenths / 10, tenths % 10);
	return out;
}

/* Of the telemetry of run @run: a member of fields; NULL if there is none. */
static const json_t *sheet_field(const json_t *rows, int64_t run,
				 const char *name)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		const json_t *body = json_object_get(row, "body");

		if (!strcmp(js_string(row, "kind"), "telemetry") &&
		    js_int(body, "run") == run)
			return json_object_get(json_object_get(body, "fields"),
					       name);
	}
	return NULL;
}

/* What the pen measured while the motor ran, its start included. */
static void sheet_measured(const struct sheet_lines *to, const json_t *rows,
			   int64_t run)
{
	static const struct {
		const char *field, *label;
		const char *(*units)(units_text out, int64_t value);
	} lines[] = {
		{ "depthMicrometres", N_("depth"), units_depth },
		{ "rateStrokesPerMinute", N_("rate"), units_per_minute },
		{ "currentMilliamps", N_("current"), units_current },
		{ "motorTemperatureMillidegrees", N_("motor"),
		  units_temperature },
	};
	units_text least, mean, most;
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const json_t *f = sheet_field(rows, run, lines[i].field);

		if (f)
			line(to, _(lines[i].label),
			     _("measured %s to %s, mean %s"),
			     lines[i].units(least, js_int(f, "least")),
			     lines[i].units(most, js_int(f, "most")),
			     lines[i].units(mean, js_int(f, "mean")));
	}
}

static void sheet_run(const struct sheet_lines *to, const json_t *rows,
		      const json_t *body)
{
	units_text motor;

	line(to, _("run"), _("%" PRId64 ": %s, %" PRId64 " strokes. %s"),
	     js_int(body, "run"),
	     units_duration(motor, js_int(body, "runMilliseconds")),
	     js_int(body, "runStrokes"), sheet_words(body, "text", "reason"));
	sheet_measured(to, rows, js_int(body, "run"));
}

static const char *severity_word(const char *severity)
{
	return !strcmp(severity, "mild")     ? _("mild") :
	       !strcmp(severity, "moderate") ? _("moderate") :
	       !strcmp(severity, "severe")   ? _("severe") :
					       severity;
}

static void sheet_form(const struct sheet_lines *to, const json_t *body)
{
	int64_t hours = js_int(body, "promptHours");
	const char *detail = js_string(body, "detail");
	char label[32];

	snprintf(label, sizeof(label),
		 hours < 48 ? _("%" PRId64 " h after") : _("%" PRId64 " d after"),
		 hours < 48 ? hours : hours / 24);
	if (!hours)
		snprintf(label, sizeof(label), "%s", _("later"));
	if (!json_is_true(json_object_get(body, "happened")))
		line(to, label, "%s", _("nothing unusual"));
	else
		line(to, label, "%s, %s, %s", js_string(body, "code"),
		     severity_word(js_string(body, "severity")),
		     js_string(body, "outcome"));
	optional(to, "", detail);
}

static void sheet_events(const struct sheet_lines *to, const json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		const char *kind = js_string(row, "kind");
		const json_t *body = json_object_get(row, "body");

		if (!strcmp(kind, "runEnd"))
			sheet_run(to, rows, body);
		else if (!strcmp(kind, "fault"))
			line(to, _("FAULT"), "%s",
			     sheet_words(body, "text", "reason"));
		else if (!strcmp(kind, "alarm") &&
			 !strcmp(js_string(body, "state"), "raised"))
			line(to, _("alarm"), "%s (%s)",
			     sheet_words(body, "text", "alarm"),
			     tr(js_string(body, "priority")));
		else if (!strcmp(kind, "adverseEvent"))
			sheet_form(to, body);
		else if (!strcmp(kind, "override"))
			line(to, _("OVERRIDE"), "%s: %s (%s)",
			     js_string(body, "overridden"),
			     js_string(body, "reason"),
			     js_string(body, "operator"));
		else if (!strcmp(kind, "amendment"))
			line(to, _("AMENDED"), _("row %" PRId64 ": %s (%s, %s)"),
			     js_int(body, "amends"), js_string(body, "instead"),
			     js_string(body, "reason"),
			     js_string(body, "operator"));
		else if (!strcmp(kind, "interrupted"))
			line(to, _("INTERRUPTED"), "%s",
			     _("mnpend ended without closing this session"));
	}
}

/* Short enough to be read out: of the hash that all before it hangs on. */
static void sheet_code(const struct sheet_lines *to, const json_t *rows)
{
	size_t n = json_array_size(rows);
	const json_t *last = json_array_get(rows, n ? n - 1 : 0);
	const char *hash = js_string(last, "hash");

	line(to, _("record"), _("%zu rows, %" PRId64 " to %" PRId64 ", head %.4s-%.4s-%.4s-%.4s"),
	     n, js_int(json_array_get(rows, 0), "row"), js_int(last, "row"),
	     hash, strlen(hash) > 4 ? hash + 4 : "",
	     strlen(hash) > 8 ? hash + 8 : "",
	     strlen(hash) > 12 ? hash + 12 : "");
}

void sheet_make(const json_t *rows, const struct sheet_lines *to)
{
	const json_t *begin = sheet_body(rows, "sessionBegin");
	const json_t *end = sheet_body(rows, "sessionEnd");
	const json_t *origin = json_object_get(begin, "origin");

	sheet_plan(to, rows, begin, sheet_totals(rows));
	sheet_events(to, rows);
	if (end)
		line(to, _("ended"), "%s",
		     sheet_words(end, "text", "reason"));
	if (origin)
		line(to, _("made at"), _("another kiosk, %.16s"),
		     js_string(origin, "kiosk"));
	sheet_code(to, rows);
}

/* --- as text --------------------------------------------------------------------- */

void sheet_pad(const char *text, int width)
{
	const char *p;

	printf("  %s", text);
	for (p = text; *p; p++)
		width -= (*p & 0xc0) != 0x80;
	printf("%*s", width > 0 ? width : 0, "");
}

static void print_line(void *ctx, const char *label, const char *text)
{
	(void)ctx;
	sheet_pad(label, 10);
	printf(" %s\n", text);
}

void sheet_print(const json_t *reply)
{
	const struct sheet_lines to = { .line = print_line };
	const json_t *rows = json_object_get(reply, "rows");

	printf(_("session %s\n"), js_string(reply, "sessionId"));
	sheet_make(rows, &to);
	sheet_plot(rows);
}
