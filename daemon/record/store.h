/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SQLite file: opened once, by one thread, on one connection that locks
 * everybody else out. (SQLite before 3.51.3 can corrupt a WAL file when two
 * connections write or checkpoint at the same time.)
 *
 * Order: store_open, then store_create or (after a verify) store_use, then
 * any number of transactions: store_begin, store_put..., store_commit or
 * store_rollback. Functions return 0 or negative errno.
 */
#ifndef MNPEN_RECORD_STORE_H
#define MNPEN_RECORD_STORE_H

#include "daemon/record/row.h"

struct sqlite3;
struct sqlite3_stmt;

struct store {
	struct sqlite3 *db;
	struct sqlite3_stmt *insert;
	int64_t rows;		       /* committed */
	uint8_t head[RECORD_HASH_LEN]; /* hash of the last of them */
	int64_t next_rows;	       /* with the open transaction */
	uint8_t next_head[RECORD_HASH_LEN];
	bool unsure; /* a commit failed: ask the file again */
};

/*
 * Opens or makes the file (mode 0600) and locks it. fresh: it holds no record
 * yet. -EPROTO: from a newer version, untouched. On failure error holds one
 * sentence and store_close() must still be called.
 */
int store_open(struct store *s, const char *path, bool *fresh,
	       char error[RECORD_ERROR_LEN]);

/* Makes tables and first row in one transaction. */
int store_create(struct store *s, struct row *genesis);

/* Continues a file whose chain has this length and head. */
int store_use(struct store *s, int64_t rows,
	      const uint8_t head[RECORD_HASH_LEN]);

int store_begin(struct store *s);
/* Gives the row its number and its place in the chain. */
int store_put(struct store *s, struct row *row);
/* On success every row put since store_begin() is on the disk. */
int store_commit(struct store *s);
void store_rollback(struct store *s);

/* Accepts a store that was not opened or only half. */
void store_close(struct store *s);

/* Negative errno for the failure of the last call on db. */
int store_errno(struct sqlite3 *db, int rc);

#endif /* MNPEN_RECORD_STORE_H */
