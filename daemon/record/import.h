/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes an export of another record in: its sessions become part of this one,
 * so that intervals and cartridges count wherever they happened.
 *
 * Pages are checked and kept in memory until the last one has come; then all
 * of it is written in one transaction, or nothing. Taken are rows of sessions
 * that are not here yet, but no raw telemetry; for each page one IMPORT row
 * keeps what proves them: {origin, key, signature, selection, afterRow,
 * throughRow, last, hashes: of all rows of the page, taken}. Writer's thread.
 */
#ifndef MNPEN_RECORD_IMPORT_H
#define MNPEN_RECORD_IMPORT_H

#include "daemon/record/store.h"

#define IMPORT_BYTES_MAX (32 * 1024 * 1024)
#define IMPORT_AHEAD_MS	 (10 * 60 * 1000) /* clocks of two kiosks differ */

struct import; /* what has come so far */

/*
 * One more page (see page.h) as JSON text; the first one has afterRow 0 and
 * drops what came before. key: NULL, or the public key in hex that the
 * administrator vouches for; else a kiosk that was here before must still have
 * its key. Answer: {"taken", "known" (rows, 0 before the last page),
 * "sessions", "complete"}, or {"refused": why, "index": of the row in the page
 * or -1}, and everything is dropped.
 * -EBUSY: a session is open here; -EFBIG: too much for one import; else the
 * system's.
 */
int import_page(struct import **im, struct store *s, const char *boot_id,
		int64_t open_row, const char *text, const char *key,
		char **answer);
void import_drop(struct import **im);

#endif /* MNPEN_RECORD_IMPORT_H */
