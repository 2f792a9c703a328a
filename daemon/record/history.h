/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the record knows that a session to be begun depends on. Writer's
 * thread.
 */
#ifndef MNPEN_RECORD_HISTORY_H
#define MNPEN_RECORD_HISTORY_H

#include "daemon/record/record.h"

struct sqlite3;

/*
 * 0 or negative errno; *out is JSON text the caller frees, see
 * record_history(); NULL on failure. @boot_id: of this boot.
 */
int history_json(struct sqlite3 *db, const struct record_about *about,
		 const char *boot_id, char **out);

#endif /* MNPEN_RECORD_HISTORY_H */
