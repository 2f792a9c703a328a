// SPDX-License-Identifier: GPL-2.0-or-later
/* Depth and rate of a session over time, in letters. */
#include "daemon/mnpenctl/curve.h"
#include "daemon/mnpenctl/mnpenctl.h"
#include "daemon/mnpenctl/sheet.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH	54	/* with scale and limit: 80 columns */
#define HEIGHT	6

struct plot {
	const char *name;
	int64_t limit, top;
	char cells[HEIGHT][WIDTH + 1];
};

/* Moment in the middle of a column. */
static int64_t column_ms(const struct curve *c, int column)
{
	return (c->length_ms * (2 * column + 1)) / (2 * WIDTH);
}

static int row_of(const struct plot *p, int64_t value)
{
	int row = (int)((value * HEIGHT + p->top - 1) / p->top);

	return row > HEIGHT ? HEIGHT - 1 : row - 1; /* 0 is the lowest */
}

static void draw(struct plot *p, const struct curve *c, bool depth)
{
	int column, row;

	for (row = 0; row < HEIGHT; row++) {
		memset(p->cells[row], ' ', WIDTH);
		p->cells[row][WIDTH] = '\0';
	}
	if (p->limit)
		memset(p->cells[row_of(p, p->limit)], '-', WIDTH);
	for (column = 0; column < WIDTH; column++) {
		const struct curve_step *s = curve_at(c, column_ms(c, column));
		int64_t value = !s ? 0 : depth ? s->depth_um : s->rate_spm;

		for (row = 0; value > 0 && row <= row_of(p, value); row++)
			p->cells[row][column] = '#';
	}
}

static void print_plot(const struct plot *p)
{
	int row;

	printf("\n  %s\n", p->name);
	for (row = HEIGHT - 1; row >= 0; row--) {
		int64_t value = p->top * (row + 1) / HEIGHT;

		printf("  %6" PRId64 " |%s|", value, p->cells[row]);
		if (p->limit && row == row_of(p, p->limit))
			printf(_(" limit %" PRId64), p->limit);
		putchar('\n');
	}
}

/* Where it stopped, by number, under the axis. */
static void print_stops(const struct curve *c)
{
	char marks[WIDTH + 1], end[UNITS_LEN];
	units_text at;
	int i, column;

	memset(marks, ' ', WIDTH);
	marks[WIDTH] = '\0';
	for (i = 0; i < c->n_stops; i++) {
		column = (int)(c->stops[i].at_ms * WIDTH / (c->length_ms + 1));
		marks[column] = i < 9 ? (char)('1' + i) : '*';
	}
	printf("  %6s +%s+\n", "0", marks);
	units_clock(end, c->length_ms);
	printf("  %6s  0:00%*s\n", "", WIDTH - 4, end);
	for (i = 0; i < c->n_stops; i++)
		printf(_("  stop %d at %s: %s\n"), i + 1,
		       units_clock(at, c->stops[i].at_ms), c->stops[i].reason);
}

void sheet_plot(const json_t *rows)
{
	struct curve *c = malloc(sizeof(*c));
	struct plot p = { .name = _("depth set, um") };
	int i;
	int64_t depth = 0, rate = 0;

	if (!c)
		return;
	curve_make(rows, c);
	for (i = 0; i < c->n_steps; i++) {
		if (c->steps[i].depth_um > depth)
			depth = c->steps[i].depth_um;
		if (c->steps[i].rate_spm > rate)
			rate = c->steps[i].rate_spm;
	}
	if (depth && c->length_ms) {
		p.limit = c->depth_limit_um;
		p.top = curve_top(p.limit > depth ? p.limit : depth);
		draw(&p, c, true);
		print_plot(&p);
		p.name = _("rate by counted strokes, per minute");
		p.limit = c->rate_limit_spm;
		p.top = curve_top(p.limit > rate ? p.limit : rate);
		draw(&p, c, false);
		print_plot(&p);
		print_stops(c);
	}
	free(c);
}
