/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MNPENCTL_FIRST_LINE_H
#define MNPENCTL_FIRST_LINE_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Of a file, without its end. False: it is not there, or empty. */
static inline bool first_line(const char *path, char *out, size_t size)
{
	FILE *f = fopen(path, "re");
	bool got;

	if (!f)
		return false;
	got = fgets(out, (int)size, f) != NULL;
	fclose(f);
	if (got)
		out[strcspn(out, "\n")] = '\0';
	return got;
}

#endif /* MNPENCTL_FIRST_LINE_H */
