/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SQLite file: opened once, by one thread, on one connection that locks
 * everybody else out. (SQLite before 3.51.3 can corrupt a WAL file when two
 * connections write or checkpoint at the same time.)
 *
 * Order: store_open, then store_create or (after a verify) store_use, with
 * store_migrate for an older file, then any number of transactions:
 * store_begin, store_put..., store_checkpoint, store_commit or store_rollback.
 * Functions return 0 or negative errno.
 */
#ifndef MNPEN_RECORD_STORE_H
#define MNPEN_RECORD_STORE_H

#include "daemon/record/anchor.h"
#include "daemon/record/key.h"
#include "daemon/record/row.h"

struct sqlite3;
struct sqlite3_stmt;

/* Where the chain ends. */
struct store_end {
	int64_t rows;
	uint8_t head[RECORD_HASH_LEN]; /* hash of the last row */
	int64_t checkpoint;	       /* the newest one's id; 0: none */
	int64_t signed_rows;	       /* its row */
};

struct store {
	struct sqlite3 *db;
	struct sqlite3_stmt *insert;
	struct key key;
	struct anchor anchor;
	struct checkpoint signed_end;  /* to be anchored; id 0: none */
	struct checkpoint signed_next; /* with the open transaction */
	int64_t version;	      /* of the file, before any migration */
	struct store_end end;	      /* committed */
	struct store_end next;	      /* with the open transaction */
	bool unsure;		      /* a commit failed: ask the file again */
};

/*
 * Opens or makes the file (mode 0600) and locks it. fresh: it holds no record
 * yet. -EPROTO: from a newer version, untouched. On failure error holds one
 * sentence and store_close() must still be called. The key is the caller's to
 * set before anything is written.
 */
int store_open(struct store *s, const char *path, bool *fresh,
	       char error[RECORD_ERROR_LEN]);

/* Makes tables, first row and first checkpoint in one transaction. */
int store_create(struct store *s, struct row *genesis);

/* Continues a file whose chain ends there. */
int store_use(struct store *s, const struct store_end *end);

/* The same for an older file: new tables, row, checkpoint; all or nothing. */
int store_migrate(struct store *s, const struct store_end *end,
		  struct row *migrated, int64_t open_row);

int store_begin(struct store *s);
/* Gives the row its number and its place in the chain. */
int store_put(struct store *s, struct row *row);
/* Signs what was put so far; 0 rows since the last one: nothing to do. */
int store_checkpoint(struct store *s, int64_t open_row);
/* On success every row put since store_begin() is on the disk. */
int store_commit(struct store *s);
void store_rollback(struct store *s);

/*
 * Notes the newest checkpoint beside the record. Not urgent: without it only
 * a record cut short goes unnoticed. A failure is tried again with the next.
 */
int store_anchor(struct store *s);

/* Accepts a store that was not opened or only half. */
void store_close(struct store *s);

/* Negative errno for the failure of the last call on db. */
int store_errno(struct sqlite3 *db, int rc);

#endif /* MNPEN_RECORD_STORE_H */
