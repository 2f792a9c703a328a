/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reader of proto-vectors.txt: holds kernel/proto.c against known bytes.
 *
 * Used by the unit tests and by the software pen's --self-check, so that both
 * ends of the wire are measured with the same rule.
 */
#ifndef MNPEN_TESTS_VECTORS_H
#define MNPEN_TESTS_VECTORS_H

#include <stdio.h>

/* Called for each line that does not hold; @line counts from 1. */
typedef void (*vectors_report_fn)(void *ctx, unsigned int line,
				  const char *what);

/*
 * Checks every line of @f, which the caller opened and closes. Stores how
 * many vectors were checked in *@checked. Returns how many of them failed;
 * a line that cannot be read counts as failed.
 */
unsigned int vectors_run(FILE *f, vectors_report_fn report, void *ctx,
			 unsigned int *checked);

#endif /* MNPEN_TESTS_VECTORS_H */
