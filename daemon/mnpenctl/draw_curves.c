// SPDX-License-Identifier: GPL-2.0-or-later
/* Depth and rate of a session over time, with limits and stops. */
#include "daemon/mnpenctl/curve.h"
#include "daemon/mnpenctl/draw.h"
#include "daemon/mnpenctl/mnpenctl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define BOX_LEFT	(DRAW_LEFT + 40)
#define BOX_RIGHT	(DRAW_RIGHT - 70) /* names of lines stand behind it */
#define BOX_HEIGHT	110.0
#define GAP		34.0
#define TICKS		5

struct box {
	struct draw *d;
	const struct curve *c;
	bool depth;
	int64_t top;
	double y;	/* of its lower edge */
};

static double x_of(const struct box *b, int64_t at_ms)
{
	return BOX_LEFT + (BOX_RIGHT - BOX_LEFT) * (double)at_ms /
				  (double)b->c->length_ms;
}

static double y_of(const struct box *b, int64_t value)
{
	return b->y - BOX_HEIGHT * (double)value / (double)b->top;
}

static int64_t value_of(const struct box *b, int i)
{
	return b->depth ? b->c->steps[i].depth_um : b->c->steps[i].rate_spm;
}

static int64_t end_of(const struct curve *c, int i)
{
	return i + 1 < c->n_steps ? c->steps[i + 1].at_ms : c->length_ms;
}

static void path(const struct box *b)
{
	cairo_t *cr = b->d->cr;
	int i;

	cairo_new_path(cr);
	cairo_move_to(cr, BOX_LEFT, b->y);
	for (i = 0; i < b->c->n_steps; i++) {
		double from = x_of(b, b->c->steps[i].at_ms);

		if (!i)
			cairo_line_to(cr, from, b->y);
		cairo_line_to(cr, from, y_of(b, value_of(b, i)));
		cairo_line_to(cr, x_of(b, end_of(b->c, i)),
			      y_of(b, value_of(b, i)));
	}
	cairo_line_to(cr, x_of(b, b->c->length_ms), b->y);
}

static void axes(const struct box *b, const char *name)
{
	cairo_t *cr = b->d->cr;
	units_text text;
	int i;

	draw_text(b->d, DRAW_LEFT, b->y - BOX_HEIGHT - 17, name);
	cairo_set_line_width(cr, 0.4);
	for (i = 0; i <= TICKS; i++) {
		double y = b->y - BOX_HEIGHT * i / TICKS;
		double x = BOX_LEFT + (BOX_RIGHT - BOX_LEFT) * i / TICKS;

		cairo_set_source_rgb(cr, 0.8, 0.8, 0.8);
		cairo_move_to(cr, BOX_LEFT, y);
		cairo_line_to(cr, BOX_RIGHT, y);
		cairo_stroke(cr);
		cairo_set_source_rgb(cr, 0, 0, 0);
		snprintf(text, sizeof(text), "%" PRId64, b->top * i / TICKS);
		draw_text_right(b->d, BOX_LEFT - 5, y + 3, text);
		draw_text(b->d, x - 8, b->y + 13,
			  units_clock(text, b->c->length_ms * i / TICKS));
	}
	cairo_rectangle(cr, BOX_LEFT, b->y - BOX_HEIGHT, BOX_RIGHT - BOX_LEFT,
			BOX_HEIGHT);
	cairo_stroke(cr);
}

static void level(const struct box *b, int64_t value, const char *name,
		  double thick, double dash)
{
	cairo_t *cr = b->d->cr;
	char text[96];

	if (!value)
		return;
	cairo_set_line_width(cr, thick);
	cairo_set_dash(cr, &dash, dash > 0, 0);
	cairo_move_to(cr, BOX_LEFT, y_of(b, value));
	cairo_line_to(cr, BOX_RIGHT, y_of(b, value));
	cairo_stroke(cr);
	cairo_set_dash(cr, NULL, 0, 0);
	snprintf(text, sizeof(text), "%s %" PRId64, name, value);
	draw_text(b->d, BOX_RIGHT + 4, y_of(b, value) + 3, text);
}

static void stops(const struct box *b)
{
	static const double dash[] = { 1.5, 1.5 };
	cairo_t *cr = b->d->cr;
	char number[16];
	int i;

	cairo_set_line_width(cr, 0.7);
	cairo_set_dash(cr, dash, 2, 0);
	for (i = 0; i < b->c->n_stops; i++) {
		double x = x_of(b, b->c->stops[i].at_ms);

		cairo_move_to(cr, x, b->y);
		cairo_line_to(cr, x, b->y - BOX_HEIGHT - 4);
		cairo_stroke(cr);
		snprintf(number, sizeof(number), "%d", i + 1);
		draw_text_right(b->d, x + 2.5, b->y - BOX_HEIGHT - 6, number);
	}
	cairo_set_dash(cr, NULL, 0, 0);
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void draw_box(struct draw *d, const struct curve *c, bool depth)
{
	int64_t limit = depth ? c->depth_limit_um : c->rate_limit_spm;
	int64_t peak = depth ? c->depth_peak_um : c->rate_peak_spm;
	struct box b = { .d = d, .c = c, .depth = depth };
	int i;

	for (i = 0; i < c->n_steps; i++)
		b.top = larger(b.top, value_of(&b, i));
	b.top = curve_top(larger(b.top, larger(limit, peak)));
	draw_need(d, BOX_HEIGHT + 2 * GAP);
	b.y = d->y + GAP + BOX_HEIGHT - 10;
	axes(&b, depth ? _("depth set, um") :
			 _("rate by counted strokes, per minute"));
	path(&b);
	cairo_set_source_rgb(d->cr, 0.75, 0.75, 0.75);
	cairo_fill_preserve(d->cr);
	cairo_set_source_rgb(d->cr, 0, 0, 0);
	cairo_set_line_width(d->cr, 0.8);
	cairo_stroke(d->cr);
	level(&b, limit, _("limit"), 1.4, 0);
	/* Two names on one line would be none. */
	if (peak < limit * 9 / 10 || peak > limit * 11 / 10)
		level(&b, peak, _("peak"), 0.5, 3);
	stops(&b);
	d->y = b.y + GAP - 6;
}

static bool ever_ran(const struct curve *c)
{
	int i;

	for (i = 0; i < c->n_steps; i++)
		if (c->steps[i].depth_um)
			return c->length_ms > 0;
	return false;
}

void draw_curves(struct draw *d, const json_t *rows)
{
	struct curve *c = malloc(sizeof(*c));
	units_text at;
	char number[32];
	int i;

	if (!c)
		return;
	curve_make(rows, c);
	if (ever_ran(c)) {
		draw_box(d, c, true);
		draw_box(d, c, false);
		for (i = 0; i < c->n_stops; i++) {
			snprintf(number, sizeof(number), _("stop %d"), i + 1);
			draw_row(d, number,
				 units_clock(at, c->stops[i].at_ms),
				 c->stops[i].reason);
		}
	}
	free(c);
}
