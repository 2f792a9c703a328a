/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw telemetry: compressed bytes in a table of their own, beside a row that
 * holds their SHA-256. The bytes may go after a while, once a retention row
 * has said so; what they were stays provable.
 */
#ifndef MNPEN_RECORD_BLOCK_H
#define MNPEN_RECORD_BLOCK_H

#include "daemon/record/row.h"

struct sqlite3;
struct sqlite3_stmt;

#define BLOCK_RAW_MAX (1024 * 1024) /* bytes, before compression */

/*
 * Compresses (zlib) and completes a body with bytes, storedBytes and sha256 of
 * the stored form. *out and *body_out are free()d by the caller. -EINVAL: the
 * body is no object or the data too long; -ENOMEM.
 */
int block_pack(const char *body, const void *data, size_t len, uint8_t **out,
	       size_t *out_len, char **body_out);

/* The raw bytes again. -ENOENT: gone; -EUCLEAN: not what the row says. */
int block_unpack(struct sqlite3 *db, int64_t row, uint8_t **out, size_t *len);

/* Beside the row appended last. Both: negative errno. */
int block_put(struct sqlite3 *db, int64_t row, const uint8_t *data, size_t len);
/* The last row that was made before unix_ms, or 0. */
int block_last_before(struct sqlite3 *db, int64_t unix_ms, int64_t *row);
int block_drop(struct sqlite3 *db, int64_t through_row);

/* The first block whose row is not one of raw telemetry, or 0. */
int block_stray(struct sqlite3 *db, int64_t *row);

#define BLOCK_SELECT "SELECT data FROM block WHERE row = ?1"
/*
 * Compares with its row; stmt is over BLOCK_SELECT. NULL if it agrees or was
 * dropped as a retention row says, else what is wrong.
 */
const char *block_check(struct sqlite3 *db, struct sqlite3_stmt *stmt,
			const struct row *row);

#endif /* MNPEN_RECORD_BLOCK_H */
