// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpenctl/chart.h"

#include <inttypes.h>

#define LEFT	150
#define RIGHT	(CHART_WIDTH - 30)
#define TOP	60
#define STRIP	128	/* of one curve, with the gap below it */
#define PLOT	100	/* the curve itself */
#define EVENTS_MAX 8	/* that are written out */

const struct chart_curve chart_curves[] = {
	{ SAMPLE_depth_um, "depth, um" },
	{ SAMPLE_rate_spm, "rate, strokes/min" },
	{ SAMPLE_motor_ma, "motor current, mA" },
	{ SAMPLE_temp_motor_mdegc, "motor, 1/1000 C" },
	{ SAMPLE_lease_ms, "lease left, ms" },
	{ SAMPLE_bus_mv, "supply, mV" },
};

const int chart_n_curves = sizeof(chart_curves) / sizeof(chart_curves[0]);

struct frame {
	const struct samples *samples;
	const struct chart *to;
	int64_t begin_us, length_us;
	int top;		/* of the strip, in pixels */
	int64_t low, high;	/* of the scale */
};

static int x_of(const struct frame *f, int64_t time_us)
{
	int64_t since = time_us - f->begin_us;

	if (since < 0)
		since = 0;
	if (since > f->length_us)
		since = f->length_us;
	return LEFT + (int)(since * (RIGHT - LEFT) / f->length_us);
}

static int y_of(const struct frame *f, int64_t value)
{
	return f->top + PLOT -
	       (int)((value - f->low) * PLOT / (f->high - f->low));
}

/* From the least to the most, limit included, with some air. */
static bool scale(struct frame *f, enum sample_field field)
{
	const struct samples *s = f->samples;
	bool any = false;
	size_t i;

	f->low = 0;
	f->high = 1;
	for (i = 0; i < s->n; i++) {
		int64_t v = s->list[i].value[field];

		if (!sample_knows(&s->list[i], field))
			continue;
		/* What no pen measures would leave no picture of the rest. */
		if (v > INT32_MAX || v < INT32_MIN)
			continue;
		any = true;
		if (v < f->low)
			f->low = v;
		if (v > f->high)
			f->high = v;
	}
	if (s->head.limited >> field & 1 && s->head.limit[field] > f->high &&
	    s->head.limit[field] < INT32_MAX)
		f->high = s->head.limit[field];
	f->high += (f->high - f->low) / 10 + 1;
	return any;
}

static void draw_frame(const struct frame *f, const char *name)
{
	const struct chart *to = f->to;
	int bottom = f->top + PLOT;
	char text[48];

	to->line(to->ctx, CHART_FRAME, LEFT, f->top, LEFT, bottom);
	to->line(to->ctx, CHART_FRAME, LEFT, bottom, RIGHT, bottom);
	to->text(to->ctx, CHART_LEFT, LEFT, f->top - 6, name);
	snprintf(text, sizeof(text), "%" PRId64, f->high);
	to->text(to->ctx, CHART_RIGHT, LEFT - 8, f->top + 10, text);
	snprintf(text, sizeof(text), "%" PRId64, f->low);
	to->text(to->ctx, CHART_RIGHT, LEFT - 8, bottom, text);
}

/* Joined, but not over a hole: what nobody measured is not drawn. */
static void draw_values(const struct frame *f, enum sample_field field)
{
	const struct chart *to = f->to;
	int x0 = -1, y0 = -1;
	size_t i;

	for (i = 0; i < f->samples->n; i++) {
		const struct sample *s = &f->samples->list[i];
		int64_t v = s->value[field];
		int x, y;

		if (*s->event)
			continue;
		if (!sample_knows(s, field) || v < f->low || v > f->high) {
			x0 = -1;
			continue;
		}
		x = x_of(f, s->time_us);
		y = y_of(f, v);
		if (x0 < 0 || s->flags & (SAMPLE_F_LOST | SAMPLE_F_DISCONT))
			to->line(to->ctx, CHART_CURVE, x, y, x, y);
		else if (x != x0 || y != y0)
			to->line(to->ctx, CHART_CURVE, x0, y0, x, y);
		x0 = x;
		y0 = y;
	}
}

static void draw_limit(const struct frame *f, enum sample_field field)
{
	const struct samples_head *h = &f->samples->head;
	const struct chart *to = f->to;
	char text[48];
	int y;

	if (!(h->limited >> field & 1) || h->limit[field] > f->high ||
	    h->limit[field] < f->low)
		return;
	y = y_of(f, h->limit[field]);
	to->line(to->ctx, CHART_LIMIT, LEFT, y, RIGHT, y);
	snprintf(text, sizeof(text), "limit %" PRId64, h->limit[field]);
	to->text(to->ctx, CHART_RIGHT, RIGHT, y - 4, text);
}

/* Vertical lines through all curves; the words at the foot. */
static void draw_events(const struct frame *f, int bottom)
{
	const struct chart *to = f->to;
	char text[SAMPLE_TEXT_LEN + 64];
	int n = 0;
	size_t i;

	for (i = 0; i < f->samples->n; i++) {
		const struct sample *s = &f->samples->list[i];
		int x = x_of(f, s->time_us);

		if (!*s->event)
			continue;
		to->line(to->ctx, CHART_EVENT, x, TOP, x, bottom);
		if (n++ >= EVENTS_MAX)
			continue;
		snprintf(text, sizeof(text), "%" PRId64 " ms: %s",
			 (s->time_us - f->begin_us) / 1000, s->event);
		to->text(to->ctx, CHART_LEFT, LEFT, bottom + 22 + 14 * n, text);
	}
	if (n > EVENTS_MAX) {
		snprintf(text, sizeof(text), "and %d events more",
			 n - EVENTS_MAX);
		to->text(to->ctx, CHART_LEFT, LEFT,
			 bottom + 22 + 14 * (EVENTS_MAX + 1), text);
	}
}

static void draw_title(const struct frame *f)
{
	const struct samples *s = f->samples;
	const struct chart *to = f->to;
	char text[200];
	uint64_t lost = 0;
	size_t i;

	for (i = 0; i < s->n; i++)
		lost += s->list[i].lost;
	snprintf(text, sizeof(text),
		 "pen %s: %zu records in %" PRId64 ".%03" PRId64
		 " s, %" PRIu64 " lost by the reader",
		 s->head.pen, s->n, f->length_us / 1000000,
		 f->length_us / 1000 % 1000, lost);
	to->text(to->ctx, CHART_LEFT, LEFT, 24, text);
	if (!s->head.triggered)
		return;
	snprintf(text, sizeof(text), "trigger after %" PRId64 " ms (dotted)",
		 (s->head.trigger_us - f->begin_us) / 1000);
	to->text(to->ctx, CHART_LEFT, LEFT, 40, text);
}

static void draw_time(const struct frame *f, int bottom)
{
	const struct chart *to = f->to;
	char text[48];

	to->text(to->ctx, CHART_LEFT, LEFT, bottom + 16, "0");
	snprintf(text, sizeof(text), "%" PRId64 " ms", f->length_us / 1000);
	to->text(to->ctx, CHART_RIGHT, RIGHT, bottom + 16, text);
}

void chart_draw(const struct samples *samples, const struct chart *to)
{
	struct frame f = { .samples = samples, .to = to, .length_us = 1,
			   .top = TOP };
	int i, bottom = TOP + STRIP * chart_n_curves - (STRIP - PLOT);

	if (samples->n) {
		f.begin_us = samples->list[0].time_us;
		f.length_us = samples->list[samples->n - 1].time_us -
			      f.begin_us;
	}
	if (f.length_us < 1)
		f.length_us = 1;
	draw_title(&f);
	for (i = 0; i < chart_n_curves; i++, f.top += STRIP) {
		bool any = scale(&f, chart_curves[i].field);

		draw_frame(&f, chart_curves[i].name);
		draw_values(&f, chart_curves[i].field);
		draw_limit(&f, chart_curves[i].field);
		if (!any)
			to->text(to->ctx, CHART_LEFT, LEFT + 20, f.top + 50,
				 "not measured");
	}
	draw_time(&f, bottom);
	draw_events(&f, bottom);
	if (samples->head.triggered) {
		int x = x_of(&f, samples->head.trigger_us);

		to->line(to->ctx, CHART_TRIGGER, x, TOP, x, bottom);
	}
}
