/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks a record without changing it: every row's hash, the order and
 * completeness of the rows, the tables, and what SQLite itself can check.
 * Shared by the daemon and mnpen-verify; single-threaded.
 *
 * Not visible to it: rows cut off at the end. Only a hash kept elsewhere shows
 * that; see verify_expect().
 */
#ifndef MNPEN_RECORD_VERIFY_H
#define MNPEN_RECORD_VERIFY_H

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
	VERIFY_SCHEMA,	   /* tables or triggers were changed */
	VERIFY_DATABASE,   /* rows are good, SQLite's own check is not */
	VERIFY_TRUNCATED   /* the expected hash is not there */
};

struct verify_report {
	enum verify_damage damage;
	int64_t rows;		       /* good rows before any damage */
	uint8_t head[RECORD_HASH_LEN]; /* hash of the last good row */
	int64_t bad_row;	       /* 0: not a matter of one row */
	char text[160];		       /* what is wrong; empty if intact */
};

/* Fields below report are private. */
struct verify {
	struct verify_report report;
	struct sqlite3 *db;
	const char *expect; /* hex digits, or NULL */
	bool expect_found;
	/* Called for each good row, in order. */
	void (*seen)(void *arg, const struct row *row);
	void *arg;
};

void verify_init(struct verify *v, struct sqlite3 *db);

/* A row whose hash starts with these lower-case hex digits must be there. */
void verify_expect(struct verify *v, const char *hex);

/* Walks at most max rows further (0: all). True while there is more to do. */
bool verify_walk(struct verify *v, unsigned int max);

/* After the walk: expected hash, tables, SQLite's quick_check. */
void verify_finish(struct verify *v);

/* The report as one JSON object; free() it. NULL without memory. */
char *verify_json(const struct verify_report *report);

#endif /* MNPEN_RECORD_VERIFY_H */
