// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpenctl/draw.h"

#include "daemon/mnpenctl/mnpenctl.h"

#include <cairo-pdf.h>
#include <stdio.h>
#include <string.h>

#define HEIGHT	842.0
#define TOP	56.0
#define BOTTOM	(HEIGHT - 56.0)
#define MIDDLE	100.0	/* from the left: where a row's text begins */
#define FURTHER 190.0	/* the same with a middle */

/* The closure that cairo gets: its function has another type than ours. */
static struct sink {
	draw_write_fn *write;
	void *closure;
} sink;

static cairo_status_t put(void *closure, const unsigned char *data,
			  unsigned int len)
{
	struct sink *s = closure;

	return s->write(s->closure, data, len) ? CAIRO_STATUS_SUCCESS :
						 CAIRO_STATUS_WRITE_ERROR;
}

static void font(struct draw *d, double size, bool bold)
{
	cairo_select_font_face(d->cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
			       bold ? CAIRO_FONT_WEIGHT_BOLD :
				      CAIRO_FONT_WEIGHT_NORMAL);
	cairo_set_font_size(d->cr, size);
	cairo_set_source_rgb(d->cr, 0, 0, 0);
}

void draw_text(struct draw *d, double x, double y, const char *text)
{
	cairo_move_to(d->cr, x, y);
	cairo_show_text(d->cr, text);
}

static double width_of(struct draw *d, const char *text)
{
	cairo_text_extents_t e;

	cairo_text_extents(d->cr, text, &e);
	return e.x_advance;
}

void draw_text_right(struct draw *d, double x, double y, const char *text)
{
	draw_text(d, x - width_of(d, text), y, text);
}

static void end_page(struct draw *d)
{
	char page[64];

	font(d, 7, false);
	snprintf(page, sizeof(page), _("page %d"), d->page);
	draw_text(d, DRAW_LEFT, HEIGHT - 32, d->foot);
	draw_text_right(d, DRAW_RIGHT, HEIGHT - 32, page);
	cairo_show_page(d->cr);
	font(d, DRAW_SIZE, false);
	d->page++;
	d->y = TOP;
}

void draw_begin(struct draw *d, draw_write_fn *write, void *closure)
{
	sink = (struct sink){ write, closure };
	memset(d, 0, sizeof(*d));
	d->surface = cairo_pdf_surface_create_for_stream(put, &sink, DRAW_WIDTH,
							 HEIGHT);
	cairo_pdf_surface_set_metadata(d->surface, CAIRO_PDF_METADATA_TITLE,
				       _("Session sheet"));
	d->cr = cairo_create(d->surface);
	d->page = 1;
	d->y = TOP;
	font(d, DRAW_SIZE, false);
}

int draw_end(struct draw *d)
{
	cairo_status_t status;

	end_page(d);
	status = cairo_status(d->cr);
	cairo_destroy(d->cr);
	cairo_surface_finish(d->surface);
	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_status(d->surface);
	cairo_surface_destroy(d->surface);
	return status == CAIRO_STATUS_SUCCESS ? 0 : -1;
}

void draw_need(struct draw *d, double height)
{
	if (d->y + height > BOTTOM)
		end_page(d);
}

void draw_title(struct draw *d, const char *text)
{
	font(d, 18, true);
	draw_text(d, DRAW_LEFT, d->y + 8, text);
	d->y += 34;
	font(d, DRAW_SIZE, false);
}

void draw_heading(struct draw *d, const char *text)
{
	draw_need(d, 60);
	d->y += 14;
	font(d, 12, true);
	draw_text(d, DRAW_LEFT, d->y, text);
	d->y += 18;
	font(d, DRAW_SIZE, false);
}

/* As many words as fit into width; at least one. Returns how many bytes. */
static size_t fit(struct draw *d, const char *text, double width)
{
	size_t end = 0, next = 0;
	char part[512];

	while (text[next]) {
		next += strspn(text + next, " ");
		next += strcspn(text + next, " ");
		snprintf(part, sizeof(part), "%.*s", (int)next, text);
		if (end && width_of(d, part) > width)
			break;
		end = next;
	}
	return end;
}

static void wrapped(struct draw *d, double x, const char *text)
{
	char part[512];
	size_t n;

	do {
		text += strspn(text, " ");
		n = fit(d, text, DRAW_RIGHT - x);
		snprintf(part, sizeof(part), "%.*s", (int)n, text);
		draw_text(d, x, d->y, part);
		d->y += DRAW_LINE;
		text += n;
	} while (*text);
}

void draw_row(struct draw *d, const char *left, const char *middle,
	      const char *text)
{
	draw_need(d, 2 * DRAW_LINE);
	cairo_set_source_rgb(d->cr, 0.35, 0.35, 0.35);
	draw_text(d, DRAW_LEFT, d->y, left);
	if (*middle)
		draw_text(d, DRAW_LEFT + MIDDLE, d->y, middle);
	cairo_set_source_rgb(d->cr, 0, 0, 0);
	wrapped(d, DRAW_LEFT + (*middle ? FURTHER : MIDDLE), text);
}
