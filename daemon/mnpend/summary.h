/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the telemetry of one run said: of depth, rate, current and temperature
 * the least, mean and most, and a histogram. Integers only; a fixed size, so
 * that a run of hours costs what a run of seconds does.
 */
#ifndef MNPEND_SUMMARY_H
#define MNPEND_SUMMARY_H

#include <jansson.h>
#include <stdint.h>

#define SUMMARY_BINS	48

enum summary_field {
	SUMMARY_DEPTH_UM,
	SUMMARY_RATE_SPM,
	SUMMARY_CURRENT_MA,
	SUMMARY_TEMP_MDEGC,	/* of the motor */
	SUMMARY_FIELDS
};

struct summary_values {
	int32_t least, most;
	int64_t sum;
	uint32_t bin[SUMMARY_BINS];
};

/* All zero: a run of which nothing was heard yet. */
struct summary {
	uint32_t records;
	struct summary_values field[SUMMARY_FIELDS];
};

/* One record of telemetry; at most 2^32 of them, which is a year and more. */
void summary_add(struct summary *s, const int32_t values[SUMMARY_FIELDS]);

/*
 * {"records", "fields": {"depthMicrometres": {"least", "mean", "most",
 * "histogram": {"from", "width", "counts": [...]}}, "rateStrokesPerMinute",
 * "currentMilliamps", "motorTemperatureMillidegrees"}}. counts: bins of width,
 * the first one from; empty ones at both ends are left out. What lies outside
 * of a field's range is in the bin nearest to it. NULL: no records, or no
 * memory.
 */
json_t *summary_json(const struct summary *s);

#endif /* MNPEND_SUMMARY_H */
