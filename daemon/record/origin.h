/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of another kiosk's record, as they stand in ours: session, kind and
 * times are the original's; so is the body, with one member added:
 *
 *  "origin": {"kiosk": hash of that record's row 1, "row", "prev", "hash": of
 *  the original row, "root": hash of the row where it was first written}
 *
 * Take "origin" away and the original is there again, to the byte, and its
 * hash fits. The body of a row that kiosk had imported itself has an "origin"
 * within "origin": the way it came.
 */
#ifndef MNPEN_RECORD_ORIGIN_H
#define MNPEN_RECORD_ORIGIN_H

#include <jansson.h>

#include "daemon/record/row.h"

#define ORIGIN_DEPTH_MAX 8 /* kiosks a row came by */

/* In SQL, of a row: whether it was made here. */
#define ORIGIN_IS_HERE "json_extract(body, '$.origin.kiosk') IS NULL"

/* Whether a body as it is stored says that its row is another kiosk's. */
bool origin_is_elsewhere(struct row_text body);

/*
 * The body with origin added, as it is stored; the caller frees it. root and
 * innermost (the body where it was first written; may be the same text) come
 * out of it. Checks the whole way: NULL with a reason in why.
 */
char *origin_wrap(const struct row *row, const uint8_t kiosk[RECORD_HASH_LEN],
		  uint8_t root[RECORD_HASH_LEN], char **innermost,
		  const char **why);

#endif /* MNPEN_RECORD_ORIGIN_H */
