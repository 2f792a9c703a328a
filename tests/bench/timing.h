/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the driver's benchmark programs measure with. */
#ifndef BENCH_TIMING_H
#define BENCH_TIMING_H

#include <stddef.h>
#include <time.h>

static inline long long clock_of(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static inline long long now_ns(void)
{
	return clock_of(CLOCK_MONOTONIC);
}

/* User and kernel time of this process. */
static inline long long cpu_ns(void)
{
	return clock_of(CLOCK_PROCESS_CPUTIME_ID);
}

/* Sorts ns[n] and prints one line of JSON: minimum, median and maximum. */
void print_spread(const char *what, long long *ns, size_t n);

#endif
