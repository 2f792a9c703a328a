/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the rows say about each session, kept in memory so that a question
 * need not search the whole file. Filled from verified rows at start-up and
 * from committed rows after that; never from anything else. Writer's thread.
 */
#ifndef MNPEN_RECORD_SESSIONS_H
#define MNPEN_RECORD_SESSIONS_H

#include "daemon/record/row.h"

enum session_state { SESSION_OPEN, SESSION_ENDED, SESSION_INTERRUPTED };

struct session {
	char id[RECORD_SESSION_LEN];
	enum session_state state;
	int64_t begin_unix_ms;
	int64_t begin_row; /* its SESSION_BEGIN; 0: there is none */
	int64_t first_row;
	int64_t last_row;
	int64_t counters_row; /* its last row with counters; 0: none */
	int64_t end_row;      /* 0: still open */
	uint32_t runs;	      /* RUN_INTENT rows */
	bool run_open;	      /* a RUN_INTENT without its RUN_END */
};

struct sessions {
	struct session *list; /* in the order of their first rows */
	size_t count;
	size_t room;
};

/* Makes room for n more sessions, so that sessions_see() cannot fail. */
int sessions_reserve(struct sessions *all, size_t n);

/* Takes note of a row that is in the file. Room must have been made. */
void sessions_see(struct sessions *all, const struct row *row);

/* NULL if no row has this session. Valid until the next reserve. */
const struct session *sessions_find(const struct sessions *all, const char *id);

void sessions_free(struct sessions *all);

#endif /* MNPEN_RECORD_SESSIONS_H */
