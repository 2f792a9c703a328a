/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A capture as curves one below the other, with limits, trigger and events:
 * where lines and texts go. mnpenctl writes them as SVG into a page (HTML),
 * mnpen-plot draws them (PNG). Coordinates are whole pixels from the top left.
 */
#ifndef MNPENCTL_CHART_H
#define MNPENCTL_CHART_H

#include "daemon/mnpenctl/samples.h"

#define CHART_WIDTH	1000
#define CHART_HEIGHT	1020

enum chart_style {
	CHART_FRAME,
	CHART_CURVE,
	CHART_LIMIT,		/* broken */
	CHART_TRIGGER,		/* dotted */
	CHART_EVENT,
};

enum chart_align {
	CHART_LEFT,
	CHART_RIGHT,
};

struct chart {
	void (*line)(void *ctx, enum chart_style style, int x1, int y1, int x2,
		     int y2);
	void (*text)(void *ctx, enum chart_align align, int x, int y,
		     const char *text);
	void *ctx;
};

void chart_draw(const struct samples *samples, const struct chart *to);

/* The curves, in their order; NULL ends. */
struct chart_curve {
	enum sample_field field;
	const char *name;	/* with its unit */
};

extern const struct chart_curve chart_curves[];
extern const int chart_n_curves;

#endif /* MNPENCTL_CHART_H */
