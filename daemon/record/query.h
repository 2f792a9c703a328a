/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers to questions, as JSON text the caller frees. Writer's thread.
 * Each returns 0 or negative errno; *out is NULL on failure.
 */
#ifndef MNPEN_RECORD_QUERY_H
#define MNPEN_RECORD_QUERY_H

#include "daemon/record/sessions.h"

struct sqlite3;
struct store;

int query_list(struct sqlite3 *db, unsigned int limit, char **out);

/* Where the record ends, who signs it, how it began. */
int query_head(const struct store *s, char **out);

/* Lines of a block of raw telemetry, as record_telemetry(). */
int query_telemetry(struct sqlite3 *db, int64_t row, char **out);

/* -ENOENT: no such session. */
int query_session(struct sqlite3 *db, const char *id, char **out);

/*
 * Body of the row that closes a session which a crash left open: its last
 * durable counters, and whether the motor may have been on.
 */
int query_interrupted(struct sqlite3 *db, const struct session *s, char **out);

#endif /* MNPEN_RECORD_QUERY_H */
