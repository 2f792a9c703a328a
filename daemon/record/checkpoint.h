/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A checkpoint: the daemon's signature under the chain as it was at one row.
 * Who has no key can compute hashes, but cannot sign them.
 *
 * The signature is Ed25519 over 82 bytes: text "mnpen checkpoint 1" without a
 * length, id, row, unix_ms and open_row as eight bytes each, two's complement,
 * big-endian, and the hash of the row.
 */
#ifndef MNPEN_RECORD_CHECKPOINT_H
#define MNPEN_RECORD_CHECKPOINT_H

#include "daemon/record/row.h"

struct sqlite3;

#define CHECKPOINT_KEY_LEN	 32
#define CHECKPOINT_SIGNATURE_LEN 64
#define CHECKPOINT_SECRET_LEN	 64

struct checkpoint {
	int64_t id; /* 1, 2, 3... */
	int64_t row;
	int64_t unix_ms;
	/* No session that began before this row was open any more. */
	int64_t open_row;
	uint8_t hash[RECORD_HASH_LEN]; /* of the row */
	uint8_t key[CHECKPOINT_KEY_LEN]; /* public */
	uint8_t signature[CHECKPOINT_SIGNATURE_LEN];
};

#define CHECKPOINT_COLUMNS "id, row, unix_ms, open_row, hash, key, signature"

/* Sets the signature; everything else is set. */
void checkpoint_sign(struct checkpoint *cp,
		     const uint8_t secret[CHECKPOINT_SECRET_LEN]);
/* Whether key signed the rest. */
bool checkpoint_signed(const struct checkpoint *cp);

/* Out of a statement over CHECKPOINT_COLUMNS. False: a column is malformed. */
bool checkpoint_read(struct sqlite3_stmt *stmt, struct checkpoint *out);

/*
 * Newest one if id is 0. Returns an SQLite code: SQLITE_ROW, SQLITE_DONE if
 * there is none, SQLITE_CORRUPT if it is malformed.
 */
int checkpoint_get(struct sqlite3 *db, int64_t id, struct checkpoint *out);
/* Appends it. Inside the caller's transaction; an SQLite code. */
int checkpoint_put(struct sqlite3 *db, const struct checkpoint *cp);

#endif /* MNPEN_RECORD_CHECKPOINT_H */
