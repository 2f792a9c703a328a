// SPDX-License-Identifier: GPL-2.0-or-later
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "daemon/record/schema.h"

#define STRING_(x) #x
#define STRING(x)  STRING_(x)

#define ONLY "BEGIN\n  SELECT RAISE(ABORT, 'the record is append-only');\nEND"

/* In the order they are made: new ones come last, old ones never change. */
static const struct object {
	int since;	/* version that made it */
	const char *type;
	const char *name;
	const char *table;
	int rootpage;	/* 0: none; -1: any; of a file nobody else uses */
	const char *sql;
} objects[] = {
	{ 1, "table", "record", "record", 2,
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
	{ 1, "trigger", "record_no_update", "record", 0,
	  "CREATE TRIGGER record_no_update BEFORE UPDATE ON record BEGIN\n"
	  "  SELECT RAISE(ABORT, 'the record is append-only');\n"
	  "END" },
	{ 1, "trigger", "record_no_delete", "record", 0,
	  "CREATE TRIGGER record_no_delete BEFORE DELETE ON record BEGIN\n"
	  "  SELECT RAISE(ABORT, 'the record is append-only');\n"
	  "END" },
	/* INSERT OR REPLACE deletes without firing the trigger above. */
	{ 1, "trigger", "record_at_end", "record", 0,
	  "CREATE TRIGGER record_at_end BEFORE INSERT ON record\n"
	  "WHEN NEW.row IS NOT (SELECT coalesce(max(row), 0) + 1 FROM record)\n"
	  "BEGIN\n"
	  "  SELECT RAISE(ABORT, 'the record is append-only');\n"
	  "END" },

	{ 2, "table", "checkpoint", "checkpoint", -1,
	  "CREATE TABLE checkpoint(\n"
	  "  id INTEGER PRIMARY KEY,\n"
	  "  row INTEGER NOT NULL,\n"
	  "  unix_ms INTEGER NOT NULL,\n"
	  "  open_row INTEGER NOT NULL,\n"
	  "  hash BLOB NOT NULL CHECK(length(hash) = 32),\n"
	  "  key BLOB NOT NULL CHECK(length(key) = 32),\n"
	  "  signature BLOB NOT NULL CHECK(length(signature) = 64)\n"
	  ") STRICT" },
	{ 2, "trigger", "checkpoint_no_update", "checkpoint", 0,
	  "CREATE TRIGGER checkpoint_no_update BEFORE UPDATE ON checkpoint\n"
	  ONLY },
	{ 2, "trigger", "checkpoint_no_delete", "checkpoint", 0,
	  "CREATE TRIGGER checkpoint_no_delete BEFORE DELETE ON checkpoint\n"
	  ONLY },
	{ 2, "trigger", "checkpoint_at_end", "checkpoint", 0,
	  "CREATE TRIGGER checkpoint_at_end BEFORE INSERT ON checkpoint\n"
	  "WHEN NEW.id IS NOT\n"
	  "  (SELECT coalesce(max(id), 0) + 1 FROM checkpoint)\n"
	  ONLY },

	/* The only rows that may go: what they held is hashed in the record. */
	{ 2, "table", "block", "block", -1,
	  "CREATE TABLE block(\n"
	  "  row INTEGER PRIMARY KEY,\n"
	  "  data BLOB NOT NULL\n"
	  ") STRICT" },
	{ 2, "trigger", "block_no_update", "block", 0,
	  "CREATE TRIGGER block_no_update BEFORE UPDATE ON block\n" ONLY },
	{ 2, "trigger", "block_once", "block", 0,
	  "CREATE TRIGGER block_once BEFORE INSERT ON block\n"
	  "WHEN NEW.row IS NOT (SELECT max(row) FROM record)\n" ONLY },
	{ 2, "trigger", "block_kept", "block", 0,
	  "CREATE TRIGGER block_kept BEFORE DELETE ON block\n"
	  "WHEN OLD.row > (SELECT coalesce(max("
	  "json_extract(body, '$.throughRow')), 0)\n"
	  "  FROM record WHERE kind = 'retention')\n" ONLY },

	{ 2, "index", "record_session", "record", -1,
	  "CREATE INDEX record_session ON record(session, kind)\n"
	  "WHERE session IS NOT NULL" },
	{ 2, "index", "record_begin", "record", -1,
	  "CREATE INDEX record_begin ON record(kind)\n"
	  "WHERE kind = 'sessionBegin'" },
	{ 2, "index", "record_end", "record", -1,
	  "CREATE INDEX record_end ON record(unix_ms)\n"
	  "WHERE kind IN ('sessionEnd', 'interrupted')" },
	{ 2, "index", "record_patient", "record", -1,
	  "CREATE INDEX record_patient\n"
	  "ON record(json_extract(body, '$.patient'))\n"
	  "WHERE kind IN "
	  "('sessionBegin', 'consent', 'course', 'adverseEvent')" },
	{ 2, "index", "record_cartridge", "record", -1,
	  "CREATE INDEX record_cartridge\n"
	  "ON record(json_extract(body, '$.cartridge'))\n"
	  "WHERE kind IN ('cartridge', 'runIntent')" },
	{ 2, "index", "record_clock", "record", -1,
	  "CREATE INDEX record_clock ON record(kind)\n"
	  "WHERE kind = 'clock'" },
	{ 2, "index", "record_accepted", "record", -1,
	  "CREATE INDEX record_accepted ON record(unix_ms)\n"
	  "WHERE kind IN ('sessionBegin', 'clock')" },
	{ 2, "index", "record_boot", "record", -1,
	  "CREATE INDEX record_boot\n"
	  "ON record(boot_id, unix_ms - monotonic_ms)\n"
	  "WHERE kind IN "
	  "('genesis', 'start', 'sessionBegin', 'sessionEnd', 'clock')" },
	{ 2, "index", "record_retention", "record", -1,
	  "CREATE INDEX record_retention ON record(kind)\n"
	  "WHERE kind = 'retention'" },
	{ 2, "index", "record_import", "record", -1,
	  "CREATE INDEX record_import\n"
	  "ON record(json_extract(body, '$.origin'))\n"
	  "WHERE kind = 'import'" },
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

int schema_migrate(sqlite3 *db, int64_t from)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; i < OBJECTS && rc == SQLITE_OK; i++) {
		if (objects[i].since > from)
			rc = sqlite3_exec(db, objects[i].sql, NULL, NULL, NULL);
	}
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db,
				  "PRAGMA application_id="
				  STRING(SCHEMA_APPLICATION_ID)
				  ";PRAGMA user_version="
				  STRING(SCHEMA_VERSION),
				  NULL, NULL, NULL);
	return rc;
}

static bool number_is(sqlite3_stmt *stmt, int column, int want)
{
	return sqlite3_column_type(stmt, column) == SQLITE_INTEGER &&
	       sqlite3_column_int64(stmt, column) == want;
}

static bool root_is(sqlite3_stmt *stmt, int column, int want)
{
	if (want >= 0)
		return number_is(stmt, column, want);
	return sqlite3_column_type(stmt, column) == SQLITE_INTEGER &&
	       sqlite3_column_int64(stmt, column) > 2;
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

static bool object_is(sqlite3_stmt *stmt, size_t i)
{
	return text_is(stmt, 0, objects[i].type) &&
	       text_is(stmt, 1, objects[i].name) &&
	       text_is(stmt, 2, objects[i].table) &&
	       root_is(stmt, 3, objects[i].rootpage) &&
	       text_is(stmt, 4, objects[i].sql) &&
	       number_is(stmt, 5, (int)i + 1);
}

int schema_compare(sqlite3 *db, int64_t version, char *text, size_t len)
{
	sqlite3_stmt *stmt;
	size_t i = 0, all = 0;
	int rc;

	while (all < OBJECTS && objects[all].since <= version)
		all++;
	text[0] = '\0';
	rc = sqlite3_prepare_v2(db,
				"SELECT type, name, tbl_name, rootpage, sql, "
				"rowid FROM sqlite_schema ORDER BY rowid",
				-1, &stmt, NULL);
	if (rc != SQLITE_OK)
		return rc;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (i == all || !object_is(stmt, i))
			break;
		i++;
	}
	if (rc == SQLITE_ROW)
		snprintf(text, len,
			 "table, trigger or index %zu is not the record's",
			 i + 1);
	else if (rc == SQLITE_DONE && i < all)
		snprintf(text, len, "%s %s is missing", objects[i].type,
			 objects[i].name);
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}
