// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mnpen-plot: draws a capture as PNG on stdout. mnpenctl plot runs it. Legible
 * in black and white.
 */
#include "daemon/mnpenctl/chart.h"

#include <cairo.h>
#include <string.h>

static void line(void *ctx, enum chart_style style, int x1, int y1, int x2,
		 int y2)
{
	static const double limit[] = { 8, 4 }, trigger[] = { 2, 4 };
	static const double grey[] = {
		[CHART_FRAME] = 0.6, [CHART_CURVE] = 0, [CHART_LIMIT] = 0,
		[CHART_TRIGGER] = 0, [CHART_EVENT] = 0.7,
	};
	cairo_t *cr = ctx;

	cairo_set_dash(cr, style == CHART_LIMIT ? limit : trigger,
		       style == CHART_LIMIT || style == CHART_TRIGGER ? 2 : 0,
		       0);
	cairo_set_source_rgb(cr, grey[style], grey[style], grey[style]);
	cairo_set_line_width(cr, style == CHART_CURVE ? 1.5 : 1);
	cairo_move_to(cr, x1 + 0.5, y1 + 0.5);
	cairo_line_to(cr, x2 + 0.5, y2 + 0.5);
	cairo_stroke(cr);
}

static void text(void *ctx, enum chart_align align, int x, int y,
		 const char *words)
{
	cairo_text_extents_t e;
	cairo_t *cr = ctx;
	double left = x;

	cairo_text_extents(cr, words, &e);
	if (align == CHART_RIGHT)
		left -= e.x_advance;
	cairo_set_source_rgb(cr, 0, 0, 0);
	cairo_move_to(cr, left, y);
	cairo_show_text(cr, words);
}

static cairo_status_t put(void *closure, const unsigned char *data,
			  unsigned int len)
{
	return fwrite(data, 1, len, closure) == len ? CAIRO_STATUS_SUCCESS :
						      CAIRO_STATUS_WRITE_ERROR;
}

static int picture(const struct samples *samples)
{
	cairo_surface_t *surface = cairo_image_surface_create(
		CAIRO_FORMAT_RGB24, CHART_WIDTH, CHART_HEIGHT);
	cairo_t *cr = cairo_create(surface);
	const struct chart to = { line, text, cr };
	cairo_status_t status;

	cairo_set_source_rgb(cr, 1, 1, 1);
	cairo_paint(cr);
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
	cairo_select_font_face(cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
			       CAIRO_FONT_WEIGHT_NORMAL);
	cairo_set_font_size(cr, 12);
	chart_draw(samples, &to);
	status = cairo_status(cr);
	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_write_to_png_stream(surface, put, stdout);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
	if (status != CAIRO_STATUS_SUCCESS || fflush(stdout)) {
		fprintf(stderr, "mnpen-plot: %s\n",
			cairo_status_to_string(status));
		return 1;
	}
	return 0;
}

static int usage(FILE *to)
{
	fputs("usage: mnpen-plot CAPTURE > PNG; see man mnpen-plot and mnpenctl plot\n",
	      to);
	return to == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
	struct samples samples;
	int r;

	if (argc != 2)
		return usage(stderr);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return usage(stdout);
	r = samples_load(argv[1], &samples);
	if (r) {
		fprintf(stderr, "mnpen-plot: %s: %s\n", argv[1], strerror(-r));
		samples_free(&samples);
		return 2;
	}
	r = picture(&samples);
	samples_free(&samples);
	return r;
}
