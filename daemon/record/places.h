/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the rows of a session are that sum it up. Writer's thread. */
#ifndef MNPEN_RECORD_PLACES_H
#define MNPEN_RECORD_PLACES_H

#include <jansson.h>
#include <stdint.h>

struct sqlite3;

/* Row numbers; 0: there is none. */
struct places {
	int64_t ended, interrupted;
	int64_t progress, run_end; /* the last of each */
	int64_t intents;	   /* how many */
};

/* Looks into an index only. Negative errno. */
int places_find(struct sqlite3 *db, const char *session, struct places *out);

/* The last row with counters, and the one that ended the session. */
int64_t places_counters(const struct places *at);
int64_t places_end(const struct places *at);
const char *places_state(const struct places *at); /* open, ended, interrupted */

/*
 * Body of a row, the caller's to release, and its wall time if asked for. Row 0
 * has an empty one and time 0. Negative errno.
 */
int places_body(struct sqlite3 *db, int64_t row, json_t **body,
		int64_t *unix_ms);

#endif /* MNPEN_RECORD_PLACES_H */
