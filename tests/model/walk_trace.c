// SPDX-License-Identifier: GPL-2.0-or-later
/* One number for a million steps, and how long a step takes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/model/walk.h"

#define BENCH_EVENTS	1000000u
#define MEDIAN_MAX_NS	2000u

/* FNV-1a over numbers, not bytes: the same on every machine. */
static uint64_t mix(uint64_t hash, uint64_t number)
{
	uint32_t i;

	for (i = 0; i < 8; i++) {
		hash ^= number >> 8 * i & 0xff;
		hash *= 1099511628211u;
	}
	return hash;
}

static uint64_t mix_step(uint64_t hash, const struct room *r)
{
	uint32_t i;

	hash = mix(hash, r->ev.kind);
	hash = mix(hash, r->now);
	hash = mix(hash, r->s.state);
	hash = mix(hash, r->s.fault);
	hash = mix(hash, r->s.last_stop);
	hash = mix(hash, r->s.motor_ms);
	hash = mix(hash, r->s.strokes);
	hash = mix(hash, r->s.depth_peak_um);
	hash = mix(hash, r->s.rate_peak_spm);
	hash = mix(hash, r->s.density_cm2);
	hash = mix(hash, r->s.contact_ms);
	hash = mix(hash, r->s.duty_ms);
	hash = mix(hash, r->s.alarms);
	hash = mix(hash, r->s.alarms_acked);
	hash = mix(hash, r->s.audible);
	for (i = 0; i < r->out.n; i++) {
		const struct safety_action *a = &r->out.a[i];

		hash = mix(hash, a->kind);
		hash = mix(hash, a->reason);
		hash = mix(hash, a->state);
		hash = mix(hash, a->limit);
		hash = mix(hash, a->source);
		hash = mix(hash, a->priority);
		hash = mix(hash, a->requested);
		hash = mix(hash, a->allowed);
		hash = mix(hash, a->ticket);
		hash = mix(hash, a->depth_um);
		hash = mix(hash, a->rate_spm);
		hash = mix(hash, a->run_ms);
	}
	return hash;
}

int walk_trace(uint64_t seed, uint64_t steps)
{
	uint64_t hash = 14695981039346656037u, n, done = 0;
	const char *wrong;
	struct room r;
	uint32_t i;

	for (n = 0; done < steps; n++) {
		room_init(&r, seed, n);
		for (i = 0; i < ROOM_EVENTS; i++, done++) {
			room_next(&r);
			wrong = room_step(&r);
			if (wrong) {
				fprintf(stderr, "%s\n", wrong);
				return EXIT_FAILURE;
			}
			hash = mix_step(hash, &r);
			room_react(&r);
		}
	}
	printf("%016" PRIx64 "\n", hash);
	return EXIT_SUCCESS;
}

static uint32_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint32_t)((uint64_t)ts.tv_sec * 1000000000u +
			  (uint64_t)ts.tv_nsec);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Reading the clock is part of each figure. */
int walk_bench(uint64_t seed)
{
	uint32_t *took = calloc(BENCH_EVENTS, sizeof(*took));
	uint32_t done, before;
	struct room r;
	bool well;

	if (!took)
		return EXIT_FAILURE;
	for (done = 0; done < BENCH_EVENTS; done++) {
		if (done % ROOM_EVENTS == 0)
			room_init(&r, seed, done);
		room_next(&r);
		before = now_ns();
		safety_step(&r.cfg, &r.s, &r.ev, r.now, &r.out);
		took[done] = now_ns() - before;
		room_react(&r);
	}
	qsort(took, BENCH_EVENTS, sizeof(*took), by_value);
	printf("TAP version 13\n1..1\n# one step: median %" PRIu32
	       " ns, 99 %% %" PRIu32 " ns, 99.99 %% %" PRIu32 " ns, max %"
	       PRIu32 " ns, of %u\n", took[BENCH_EVENTS / 2],
	       took[BENCH_EVENTS / 100 * 99],
	       took[BENCH_EVENTS - BENCH_EVENTS / 10000],
	       took[BENCH_EVENTS - 1], BENCH_EVENTS);
	well = took[BENCH_EVENTS / 2] <= MEDIAN_MAX_NS;
	printf("%sok 1 - the_median_step_takes_at_most_2_us\n",
	       well ? "" : "not ");
	free(took);
	return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
