/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last rows that were given to the record, kept in memory: who looks for a
 * fault wants them most when the disk is what fails.
 */
#ifndef MNPEND_RECENT_H
#define MNPEND_RECENT_H

#include "daemon/record/record.h"

#include <jansson.h>

#define RECENT_ROWS	48
#define RECENT_BODY_MAX	4096	/* bytes; a longer body is left out */

struct recent {
	struct recent_row {
		enum record_kind kind;
		int64_t unix_ms;
		char session[RECORD_SESSION_LEN];
		char *body;	/* JSON, or NULL */
	} row[RECENT_ROWS];
	unsigned int next, n;
};

/* session may be NULL; body is copied. */
void recent_note(struct recent *r, enum record_kind kind, const char *session,
		 const char *body);
void recent_clear(struct recent *r);
/* []RecentRow of the interface, oldest first. */
json_t *recent_json(const struct recent *r);

#endif /* MNPEND_RECENT_H */
