/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session over time, from its rows in the record: what was set, what the
 * stroke counter says of the rate, which limits held, where it stopped.
 */
#ifndef MNPENCTL_CURVE_H
#define MNPENCTL_CURVE_H

#include <jansson.h>
#include <stdint.h>

#define CURVE_STEPS_MAX 4096
#define CURVE_STOPS_MAX 64

/* What held from at_ms until the next step. Times are since the begin. */
struct curve_step {
	int64_t at_ms;
	int64_t depth_um; /* set; 0: the motor is off */
	int64_t rate_spm; /* by counted strokes; before any count as set */
};

struct curve_stop {
	int64_t at_ms;
	const char *reason; /* for people; borrowed from the rows */
};

struct curve {
	struct curve_step steps[CURVE_STEPS_MAX];
	int n_steps;
	struct curve_stop stops[CURVE_STOPS_MAX];
	int n_stops;
	int64_t begin_unix_ms, length_ms;
	int64_t depth_limit_um, rate_limit_spm; /* 0: none */
	int64_t depth_peak_um, rate_peak_spm;	/* measured */
};

/* rows: of GetRecord. */
void curve_make(const json_t *rows, struct curve *out);

/* At a moment; NULL before the first step. */
const struct curve_step *curve_at(const struct curve *c, int64_t at_ms);

/* A scale that ends at or above most: 1, 2 or 5 times a power of ten. */
int64_t curve_top(int64_t most);

#endif /* MNPENCTL_CURVE_H */
