/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks a record without changing it: every row's hash, the order and
 * completeness of the rows, every checkpoint's signature, the blocks of raw
 * telemetry, the tables, and what SQLite itself can check. Shared by the
 * daemon and mnpen-verify; single-threaded.
 *
 * Not visible to it: rows cut off behind the last checkpoint. Only a hash or
 * an anchor kept elsewhere shows that; see verify_expect(), verify_anchor().
 */
#ifndef MNPEN_RECORD_VERIFY_H
#define MNPEN_RECORD_VERIFY_H

#include "daemon/record/checkpoint.h"
#include "daemon/record/row.h"

struct sqlite3;

enum verify_damage {
	VERIFY_INTACT,
	VERIFY_EDITED,	   /* a row does not match its own hash */
	VERIFY_MISSING,	   /* a row number is not there */
	VERIFY_ORDER,	   /* a row stands where another stood */
	VERIFY_UNLINKED,   /* a row follows another one than it says */
	VERIFY_UNREADABLE, /* SQLite cannot read the row */
	VERIFY_FOREIGN,	   /* this is no record */
	VERIFY_SCHEMA,	   /* tables, triggers or indexes were changed */
	VERIFY_DATABASE,   /* rows are good, SQLite's own check is not */
	VERIFY_TRUNCATED,  /* what must be there, signed or expected, is not */
	VERIFY_REPLACED,   /* sound rows, but not those that were signed */
	VERIFY_CHECKPOINT, /* a checkpoint is not the daemon's */
	VERIFY_BLOCK	   /* raw telemetry is missing or changed */
};

struct verify_report {
	enum verify_damage damage;
	int64_t rows;		       /* good rows before any damage */
	uint8_t head[RECORD_HASH_LEN]; /* hash of the last good row */
	int64_t bad_row;	       /* 0: not a matter of one row */
	int64_t checkpoints;	       /* good ones */
	int64_t signed_rows;	       /* rows below the last of them */
	bool has_key;
	uint8_t key[CHECKPOINT_KEY_LEN]; /* public, the latest */
	char text[160];		       /* what is wrong; empty if intact */
};

/* Fields below report are private. */
struct verify {
	struct verify_report report;
	struct sqlite3 *db;
	int64_t version;
	bool marked; /* marks were looked at */
	const char *expect; /* hex digits, or NULL */
	bool expect_found;
	const struct checkpoint *anchor;
	const uint8_t *expect_key;
	/* Called for each good row, in order. */
	void (*seen)(void *arg, const struct row *row);
	void *arg;
};

void verify_init(struct verify *v, struct sqlite3 *db);

/* A row whose hash starts with these lower-case hex digits must be there. */
void verify_expect(struct verify *v, const char *hex);
/* This checkpoint must be there. Borrowed. */
void verify_anchor(struct verify *v, const struct checkpoint *cp);
/* The last checkpoint must be signed by this key. Borrowed. */
void verify_key(struct verify *v, const uint8_t key[CHECKPOINT_KEY_LEN]);

/*
 * Starts behind a checkpoint that was found sound, instead of at row 1:
 * nothing below it is looked at.
 */
void verify_from(struct verify *v, const struct checkpoint *cp);

/* Walks at most max rows further (0: all). True while there is more to do. */
bool verify_walk(struct verify *v, unsigned int max);

/*
 * After the walk: what was expected, and the tables. Then SQLite's own check,
 * which reads the whole file: thorough adds whether every index agrees with
 * its table. False: that check was interrupted; call it again.
 */
void verify_finish(struct verify *v);
bool verify_database(struct verify *v, bool thorough);

/* One step of the walk, for rows from elsewhere. False: damage. */
bool verify_row(struct verify *v, const struct row *row);
bool verify_checkpoint(struct verify *v, const struct checkpoint *cp);
/* A checkpoint of a row that never came. */
void verify_left_over(struct verify *v, const struct checkpoint *cp);
/* After the last of both, before verify_finish(). */
bool verify_end(struct verify *v);

/* The report as one JSON object; free() it. NULL without memory. */
char *verify_json(const struct verify_report *report);

#endif /* MNPEN_RECORD_VERIFY_H */
