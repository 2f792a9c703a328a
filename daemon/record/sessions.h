/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sessions that have begun and not ended, kept in memory: what a crash
 * would leave open, and how far back a start-up has to look for it. Filled
 * from the file at start-up and from committed rows after that. Writer's
 * thread.
 */
#ifndef MNPEN_RECORD_SESSIONS_H
#define MNPEN_RECORD_SESSIONS_H

#include "daemon/record/row.h"

struct sqlite3;

struct session {
	char id[RECORD_SESSION_LEN];
	int64_t begin_row;    /* its SESSION_BEGIN */
	int64_t counters_row; /* its last row with counters; 0: none */
	bool run_open;	      /* a RUN_INTENT without its RUN_END */
};

struct sessions {
	struct session *list; /* in the order they began */
	size_t count;
	size_t room;
};

/* Makes room for n more sessions, so that sessions_see() cannot fail. */
int sessions_reserve(struct sessions *all, size_t n);

/* Takes note of a row that is in the file. Room must have been made. */
void sessions_see(struct sessions *all, const struct row *row);

/*
 * Finds those that began at open_row or later and did not end, by the indexes
 * of a version 2 file. Negative errno.
 */
int sessions_load(struct sessions *all, struct sqlite3 *db, int64_t open_row);

/* The first row of an open session, or row + 1. */
int64_t sessions_open_row(const struct sessions *all, int64_t row);

void sessions_free(struct sessions *all);

#endif /* MNPEN_RECORD_SESSIONS_H */
