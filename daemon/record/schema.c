// SPDX-License-Identifier: GPL-2.0-or-later
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "daemon/record/schema.h"

#define STRING_(x) #x
#define STRING(x)  STRING_(x)

static const struct object {
	const char *type;
	const char *name;
	int rootpage; /* of a file nobody else made tables in */
	const char *sql;
} objects[] = {
	{ "table", "record", 2,
	  "CREATE TABLE record(\n"
	  "  row INTEGER PRIMARY KEY,\n"
	  "  session TEXT,\n"
	  "  kind TEXT NOT NULL,\n"
	  "  unix_ms INTEGER NOT NULL,\n"
	  "  utc_offset_min INTEGER NOT NULL,\n"
	  "  boot_id TEXT NOT NULL,\n"
	  "  monotonic_ms INTEGER NOT NULL,\n"
	  "  body TEXT NOT NULL,\n"
	  "  prev BLOB NOT NULL CHECK(length(prev) = 32),\n"
	  "  hash BLOB NOT NULL CHECK(length(hash) = 32)\n"
	  ") STRICT" },
	{ "trigger", "record_no_update", 0,
	  "CREATE TRIGGER record_no_update BEFORE UPDATE ON record BEGIN\n"
	  "  SELECT RAISE(ABORT, 'the record is append-only');\n"
	  "END" },
	{ "trigger", "record_no_delete", 0,
	  "CREATE TRIGGER record_no_delete BEFORE DELETE ON record BEGIN\n"
	  "  SELECT RAISE(ABORT, 'the record is append-only');\n"
	  "END" },
	/* INSERT OR REPLACE deletes without firing the trigger above. */
	{ "trigger", "record_at_end", 0,
	  "CREATE TRIGGER record_at_end BEFORE INSERT ON record\n"
	  "WHEN NEW.row IS NOT (SELECT coalesce(max(row), 0) + 1 FROM record)\n"
	  "BEGIN\n"
	  "  SELECT RAISE(ABORT, 'the record is append-only');\n"
	  "END" },
};

#define OBJECTS (sizeof(objects) / sizeof(objects[0]))

static int get_number(sqlite3 *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *stmt;
	int rc;

	rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
	if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		*out = sqlite3_column_int64(stmt, 0);
	if (rc == SQLITE_OK)
		rc = sqlite3_finalize(stmt);
	return rc;
}

int schema_marks(sqlite3 *db, struct schema_marks *out)
{
	int64_t tables = 0;
	int rc;

	memset(out, 0, sizeof(*out));
	rc = get_number(db, "PRAGMA application_id", &out->application_id);
	if (rc == SQLITE_OK)
		rc = get_number(db, "PRAGMA user_version", &out->version);
	if (rc == SQLITE_OK)
		rc = get_number(db, "SELECT count(*) FROM sqlite_schema",
				&tables);
	out->empty = !tables && !out->application_id && !out->version;
	return rc;
}

int schema_create(sqlite3 *db)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; i < OBJECTS && rc == SQLITE_OK; i++)
		rc = sqlite3_exec(db, objects[i].sql, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc =
			sqlite3_exec(
				db,
				"PRAGMA application_id=" STRING(
					SCHEMA_APPLICATION_ID) ";PRAGMA "
							       "user_"
							       "version"
							       "=" STRING(SCHEMA_VERSION),
				NULL, NULL, NULL);
	return rc;
}

static bool number_is(sqlite3_stmt *stmt, int column, int want)
{
	return sqlite3_column_type(stmt, column) == SQLITE_INTEGER &&
	       sqlite3_column_int64(stmt, column) == want;
}

static bool text_is(sqlite3_stmt *stmt, int column, const char *want)
{
	const char *have;

	/* Asked before the conversion: a flipped bit makes text a blob. */
	if (sqlite3_column_type(stmt, column) != SQLITE_TEXT)
		return false;
	have = (const char *)sqlite3_column_text(stmt, column);
	return have && !strcmp(have, want);
}

int schema_compare(sqlite3 *db, char *text, size_t len)
{
	sqlite3_stmt *stmt;
	size_t i = 0;
	int rc;

	text[0] = '\0';
	rc = sqlite3_prepare_v2(db,
				"SELECT type, name, tbl_name, rootpage, sql, "
				"rowid "
				"FROM sqlite_schema ORDER BY rowid",
				-1, &stmt, NULL);
	if (rc != SQLITE_OK)
		return rc;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (i == OBJECTS || !text_is(stmt, 0, objects[i].type) ||
		    !text_is(stmt, 1, objects[i].name) ||
		    !text_is(stmt, 2, "record") ||
		    !number_is(stmt, 3, objects[i].rootpage) ||
		    !text_is(stmt, 4, objects[i].sql) ||
		    !number_is(stmt, 5, i + 1))
			break;
		i++;
	}
	if (rc == SQLITE_ROW)
		snprintf(text, len, "table or trigger %zu is not the record's",
			 i + 1);
	else if (rc == SQLITE_DONE && i < OBJECTS)
		snprintf(text, len, "%s %s is missing", objects[i].type,
			 objects[i].name);
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}
