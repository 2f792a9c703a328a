/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a set from files. README.md says what they look like.
 *
 * All or nothing: whatever is unknown, missing, given twice, out of range or
 * refers to nothing makes the whole set refused, so that a mistake in one line
 * cannot leave half of a clinic's rules in force. Not for use from several
 * threads at once.
 */
#ifndef MNPEN_CATALOGUE_LOAD_H
#define MNPEN_CATALOGUE_LOAD_H

#include "daemon/catalogue/catalogue.h"

#define CATALOGUE_ERROR_LEN 320

/*
 * Reads every *.conf of each of @count directories, by name. The first has to
 * be complete or nearly so; the keys of a later one replace those of entries
 * before, or add entries, and it may be absent. NULL as the first stands for
 * the built-in set; a file in place of a directory is read by itself.
 *
 * Nothing may be looser than built in: no depth, density or session more, no
 * day less, no question, step or stop milder.
 *
 * 0: @set is a set for catalogue_use(), to be freed with catalogue_free().
 * Else a negative errno (-EINVAL: the content), @set is NULL, nothing has
 * changed and @error holds "file:line: reason".
 */
int catalogue_load(const char *const *dirs, size_t count,
		   struct catalogue **set, char error[CATALOGUE_ERROR_LEN]);

/* A set that was loaded, not in force any more; NULL is allowed. */
void catalogue_free(struct catalogue *set);

#endif /* MNPEN_CATALOGUE_LOAD_H */
