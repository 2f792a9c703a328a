/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A directory of a test's own, gone with all that is in it when the test ends,
 * whether it passed or not. One that is killed leaves it below TMPDIR, which
 * tests/check removes.
 */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SCRATCH_LEN	80	/* the path of a socket in it has to fit as well */
#define SCRATCH_MAX	16	/* at one time */

static char scratch_dirs[SCRATCH_MAX][SCRATCH_LEN];

static inline int scratch_unlink(const char *path, const struct stat *st, int type,
			       struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	remove(path);
	return 0;
}

static inline void scratch_remove(char *dir)
{
	if (dir[0])
		nftw(dir, scratch_unlink, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	dir[0] = '\0';
}

static inline void scratch_remove_all(void)
{
	for (int i = 0; i < SCRATCH_MAX; i++)
		scratch_remove(scratch_dirs[i]);
}

/* Its path, or NULL; it is removed at exit, or before by scratch_remove(). */
static inline char *scratch_make(const char *name)
{
	static int registered;
	const char *top = getenv("TMPDIR");

	if (!registered++)
		atexit(scratch_remove_all);
	for (int i = 0; i < SCRATCH_MAX; i++) {
		if (scratch_dirs[i][0])
			continue;
		snprintf(scratch_dirs[i], SCRATCH_LEN, "%s/%s.XXXXXX",
			 top && *top ? top : "/tmp", name);
		if (mkdtemp(scratch_dirs[i]))
			return scratch_dirs[i];
		scratch_dirs[i][0] = '\0';
		break;
	}
	return NULL;
}

#endif /* TESTS_UNIT_SCRATCH_H */
