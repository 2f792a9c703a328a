/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of the file, and the marks that say it is a record.
 *
 * Versions only grow. Version 1: the table of rows. Version 2: checkpoints,
 * blocks of raw telemetry, indexes. A file of an older version is migrated
 * when it is opened for writing; one of a newer version is never touched.
 */
#ifndef MNPEN_RECORD_SCHEMA_H
#define MNPEN_RECORD_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sqlite3;

#define SCHEMA_APPLICATION_ID 0x6d6e7052 /* "mnpR" */
#define SCHEMA_VERSION	      2
#define SCHEMA_CHECKPOINTS    2 /* since this version there are checkpoints */

/* Of the file's first page: which program wrote it, in which version. */
struct schema_marks {
	int64_t application_id;
	int64_t version;
	bool empty; /* no table at all */
};

/* All of these return an SQLite result code. */
int schema_marks(struct sqlite3 *db, struct schema_marks *out);
/*
 * Makes what a file of version from lacks; 0: everything. Inside the caller's
 * transaction.
 */
int schema_migrate(struct sqlite3 *db, int64_t from);
/*
 * Compares every table, trigger and index with what schema_migrate() makes up
 * to this version. SQLITE_OK with an empty text if they are the same.
 */
int schema_compare(struct sqlite3 *db, int64_t version, char *text, size_t len);

#endif /* MNPEN_RECORD_SCHEMA_H */
