/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A4 pages of a sheet, drawn from the top down; a new page where one is full.
 * Legible in black and white. Lengths in points, 72 to the inch.
 */
#ifndef MNPENCTL_DRAW_H
#define MNPENCTL_DRAW_H

#include <cairo.h>
#include <jansson.h>

struct draw {
	cairo_surface_t *surface;
	cairo_t *cr;
	double y;	/* where the next thing goes */
	int page;
	char foot[160];
};

typedef int draw_write_fn(void *closure, const unsigned char *data,
			  unsigned int len);

void draw_begin(struct draw *d, draw_write_fn *write, void *closure);
/* 0, or -1 if anything of it failed. */
int draw_end(struct draw *d);

void draw_title(struct draw *d, const char *text);
void draw_heading(struct draw *d, const char *text);
/* Two short texts, the second may be "", and one that is wrapped. */
void draw_row(struct draw *d, const char *left, const char *middle,
	      const char *text);
/* draw_curves.c: depth and rate over time, with limits and stops. */
void draw_curves(struct draw *d, const json_t *rows);

/* --- for draw_curves.c --- */

#define DRAW_WIDTH	595.0
#define DRAW_LEFT	48.0
#define DRAW_RIGHT	(DRAW_WIDTH - 48.0)
#define DRAW_SIZE	9.0	/* of letters */
#define DRAW_LINE	13.0

/* Room for that much; else a new page. */
void draw_need(struct draw *d, double height);
void draw_text(struct draw *d, double x, double y, const char *text);
/* The same, ending at x. */
void draw_text_right(struct draw *d, double x, double y, const char *text);

#endif /* MNPENCTL_DRAW_H */
