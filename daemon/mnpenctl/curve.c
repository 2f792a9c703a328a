// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpenctl/curve.h"

#include "daemon/mnpenctl/mnpenctl.h"
#include "daemon/mnpenctl/sheet.h"

#include <string.h>

/* Less than this says nothing of a rate: a stroke takes up to 100 ms. */
#define RATE_LEAST_MS	500

struct builder {
	struct curve *c;
	int64_t depth_um, set_spm;	/* in force */
	int64_t run_ms, run_strokes;	/* at the last count of this run */
};

static int64_t row_ms(const json_t *row)
{
	const json_t *body = json_object_get(row, "body");

	/* The row itself may have been late. */
	return json_object_get(body, "happenedUnixMilliseconds") ?
		       js_int(body, "happenedUnixMilliseconds") :
		       js_int(row, "unixMilliseconds");
}

static struct curve_step *step(struct curve *c, int64_t at_ms, int64_t depth_um,
			       int64_t rate_spm)
{
	struct curve_step *s;

	if (c->n_steps == CURVE_STEPS_MAX)
		return &c->steps[c->n_steps - 1];
	s = &c->steps[c->n_steps++];
	s->at_ms = at_ms;
	s->depth_um = depth_um;
	s->rate_spm = rate_spm;
	return s;
}

/* What was counted since the last row says how fast it went until now. */
static void count(struct builder *b, const json_t *body)
{
	int64_t ms = js_int(body, "runMilliseconds") - b->run_ms;
	int64_t strokes = js_int(body, "runStrokes") - b->run_strokes;
	struct curve *c = b->c;

	if (ms < RATE_LEAST_MS || strokes < 0 || !c->n_steps)
		return;
	c->steps[c->n_steps - 1].rate_spm = strokes * 60000 / ms;
	b->run_ms += ms;
	b->run_strokes += strokes;
}

static void set(struct builder *b, const json_t *body)
{
	if (js_int(body, "depthMicrometres"))
		b->depth_um = js_int(body, "depthMicrometres");
	if (js_int(body, "rateStrokesPerMinute"))
		b->set_spm = js_int(body, "rateStrokesPerMinute");
}

static void limits(struct curve *c, const json_t *list)
{
	json_t *l;
	size_t i;

	json_array_foreach(list, i, l) {
		if (!strcmp(js_string(l, "name"), "depth"))
			c->depth_limit_um = js_int(l, "value");
		else if (!strcmp(js_string(l, "name"), "rate"))
			c->rate_limit_spm = js_int(l, "value");
	}
}

static void stop(struct curve *c, int64_t at_ms, const char *reason)
{
	if (c->n_stops == CURVE_STOPS_MAX)
		return;
	c->stops[c->n_stops].at_ms = at_ms;
	c->stops[c->n_stops++].reason = reason;
}

static void peaks(struct curve *c, const json_t *body)
{
	int64_t depth_um = js_int(body, "depthPeakMicrometres");
	int64_t rate_spm = js_int(body, "ratePeakStrokesPerMinute");

	if (depth_um > c->depth_peak_um)
		c->depth_peak_um = depth_um;
	if (rate_spm > c->rate_peak_spm)
		c->rate_peak_spm = rate_spm;
}

static void take(struct builder *b, const char *kind, const json_t *body,
		 int64_t at_ms)
{
	if (!strcmp(kind, "sessionBegin")) {
		limits(b->c, json_object_get(body, "limits"));
		set(b, body);
	} else if (!strcmp(kind, "runIntent")) {
		set(b, body);
		b->run_ms = b->run_strokes = 0;
		step(b->c, at_ms, b->depth_um, b->set_spm);
	} else if (!strcmp(kind, "progress")) {
		count(b, body);
		set(b, body);
		step(b->c, at_ms, b->depth_um, b->set_spm);
	} else if (!strcmp(kind, "runEnd")) {
		count(b, body);
		stop(b->c, at_ms, sheet_words(body, "text", "reason"));
		step(b->c, at_ms, 0, 0);
	} else if (!strcmp(kind, "interrupted")) {
		/* Found later: the last that is known is the last count. */
		stop(b->c, b->c->length_ms, kind);
		step(b->c, b->c->length_ms, 0, 0);
	}
	peaks(b->c, body);
}

void curve_make(const json_t *rows, struct curve *out)
{
	struct builder b = { .c = out };
	json_t *row;
	size_t i;

	memset(out, 0, sizeof(*out));
	json_array_foreach(rows, i, row) {
		int64_t ms = row_ms(row);

		if (!out->begin_unix_ms)
			out->begin_unix_ms = ms;
		/* Forms and amendments come days later. */
		if (!strcmp(js_string(row, "kind"), "adverseEvent") ||
		    !strcmp(js_string(row, "kind"), "amendment"))
			continue;
		ms -= out->begin_unix_ms;
		take(&b, js_string(row, "kind"), json_object_get(row, "body"),
		     ms);
		if (ms > out->length_ms &&
		    strcmp(js_string(row, "kind"), "interrupted"))
			out->length_ms = ms;
	}
}

const struct curve_step *curve_at(const struct curve *c, int64_t at_ms)
{
	const struct curve_step *found = NULL;
	int i;

	for (i = 0; i < c->n_steps && c->steps[i].at_ms <= at_ms; i++)
		found = &c->steps[i];
	return found;
}

int64_t curve_top(int64_t most)
{
	static const int64_t nice[] = { 1, 2, 5 };
	int64_t ten;
	int i;

	for (ten = 1; ten < most; ten *= 10)
		for (i = 0; i < 3; i++)
			if (nice[i] * ten >= most)
				return nice[i] * ten;
	return ten;
}
