/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of the random walk, see walk.c. */
#ifndef MNPEN_TESTS_MODEL_WALK_H
#define MNPEN_TESTS_MODEL_WALK_H

#include "tests/model/room.h"

/* walk_twin.c: the same core with another clock and other counters. */
struct walk_twin {
	struct safety s;
	struct safety_actions out;
	uint64_t later_ms;
	uint32_t seq, strokes, boot_id, dev_us;
};

void walk_twin_init(struct walk_twin *twin, struct room *r);
/* The step that @r has just done; NULL or what differs. */
const char *walk_twin_step(struct walk_twin *twin, const struct room *r);

/* walk_report.c: makes the sequence short, prints it with @wrong. */
void walk_report(uint64_t seed, uint64_t n, bool shift, const char *wrong);

/* walk_trace.c */
int walk_trace(uint64_t seed, uint64_t steps);
int walk_bench(uint64_t seed);

#endif /* MNPEN_TESTS_MODEL_WALK_H */
