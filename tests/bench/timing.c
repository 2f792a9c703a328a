// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>

#include "timing.h"

static int by_size(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;

	return (x > y) - (x < y);
}

void print_spread(const char *what, long long *ns, size_t n)
{
	qsort(ns, n, sizeof(*ns), by_size);
	printf("{\"what\":\"%s\",\"n\":%zu,\"min_us\":%lld,\"median_us\":%lld,"
	       "\"max_us\":%lld}\n",
	       what, n, ns[0] / 1000, ns[n / 2] / 1000, ns[n - 1] / 1000);
	fflush(stdout);
}
