/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows for somebody else, a signed page at a time: see page.h. Asked page by
 * page, so that nothing is held here between two of them and a long export
 * never keeps a row waiting. Writer's thread.
 */
#ifndef MNPEN_RECORD_EXPORT_H
#define MNPEN_RECORD_EXPORT_H

#include "daemon/record/key.h"

struct sqlite3;

/* The page behind after_row, as JSON text the caller frees. Negative errno. */
int export_page(struct sqlite3 *db, const struct key *key,
		const struct record_selection *what, int64_t after_row,
		char **out);

/* Hash of row 1, by which other kiosks know this record. */
int export_origin(struct sqlite3 *db, uint8_t out[RECORD_HASH_LEN]);

#endif /* MNPEN_RECORD_EXPORT_H */
