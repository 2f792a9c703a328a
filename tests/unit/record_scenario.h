/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One session recorded by a process that something happens to, and what has to
 * be true of its record afterwards. For tests that are no cmocka programs: they
 * kill, starve and fork.
 */
#ifndef RECORD_SCENARIO_H
#define RECORD_SCENARIO_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#define SCENARIO_ROWS 9 /* begin, intent, six of progress, end of the run */

/* In memory that both processes see. */
struct told {
	atomic_bool acked[SCENARIO_ROWS];
	char session[37]; /* set before the first row */
	atomic_bool opened, ended; /* ended: the end of the session is acked */
};

struct told *told_new(void);

/* A fresh directory, and the path of a record in it. */
void scenario_place(char *path, size_t len);
/* Empties it. */
void scenario_clear(const char *path);
void scenario_remove(const char *path);

/*
 * Opens, writes, closes; whatever fails is passed over. Never waits for more
 * than a few seconds.
 */
void scenario_run(const char *path, struct told *told);

/*
 * Opens what is left. True: it opens and verifies, what was acknowledged is
 * there, a session that did not end is closed as interrupted with counters at
 * least the acknowledged ones. Else says what is wrong.
 */
bool scenario_holds(const char *path, const struct told *told);

#endif /* RECORD_SCENARIO_H */
