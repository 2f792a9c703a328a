/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MNPENCTL_NOW_H
#define MNPENCTL_NOW_H

#include <stdint.h>
#include <time.h>

/* Milliseconds to measure waiting by: nobody sets this clock. */
static inline int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#endif /* MNPENCTL_NOW_H */
