/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of the file, and the marks that say it is a record. */
#ifndef MNPEN_RECORD_SCHEMA_H
#define MNPEN_RECORD_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sqlite3;

#define SCHEMA_APPLICATION_ID 0x6d6e7052 /* "mnpR" */
#define SCHEMA_VERSION	      1

/* Of the file's first page: which program wrote it, in which version. */
struct schema_marks {
	int64_t application_id;
	int64_t version;
	bool empty; /* no table at all */
};

/* All three return an SQLite result code. */
int schema_marks(struct sqlite3 *db, struct schema_marks *out);
/* Inside the caller's transaction. */
int schema_create(struct sqlite3 *db);
/*
 * Compares every table and trigger with what schema_create() makes.
 * SQLITE_OK with an empty text if they are the same.
 */
int schema_compare(struct sqlite3 *db, char *text, size_t len);

#endif /* MNPEN_RECORD_SCHEMA_H */
