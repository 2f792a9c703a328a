// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/record/chain.h"
#include "daemon/record/schema.h"
#include "daemon/record/verify.h"

void verify_init(struct verify *v, struct sqlite3 *db)
{
	memset(v, 0, sizeof(*v));
	v->db = db;
}

void verify_expect(struct verify *v, const char *hex)
{
	v->expect = hex;
}

__attribute__((format(printf, 4, 5))) static void
damaged(struct verify *v, enum verify_damage damage, int64_t bad_row,
	const char *fmt, ...)
{
	va_list ap;

	v->report.damage = damage;
	v->report.bad_row = bad_row;
	va_start(ap, fmt);
	vsnprintf(v->report.text, sizeof(v->report.text), fmt, ap);
	va_end(ap);
}

/* The number a row had when it was written, or 0 if nothing tells. */
static int64_t original_number(struct verify *v, const struct row *row)
{
	struct row copy = *row;
	uint8_t hash[RECORD_HASH_LEN];
	sqlite3_stmt *stmt;
	int64_t found = 0;

	if (sqlite3_prepare_v2(v->db, "SELECT row FROM record", -1, &stmt,
			       NULL) != SQLITE_OK)
		return 0;
	while (!found && sqlite3_step(stmt) == SQLITE_ROW) {
		copy.row = sqlite3_column_int64(stmt, 0);
		chain_hash(&copy, hash);
		if (!memcmp(hash, row->hash, sizeof(hash)))
			found = copy.row;
	}
	sqlite3_finalize(stmt);
	return found;
}

static void name_bad_hash(struct verify *v, const struct row *row)
{
	int64_t original = original_number(v, row);

	if (original)
		damaged(v, VERIFY_ORDER, row->row,
			"wrong order: this was row %" PRId64, original);
	else
		damaged(v, VERIFY_EDITED, row->row,
			"row edited: its hash does not match its content");
}

static void check_row(struct verify *v, const struct row *row)
{
	struct verify_report *rep = &v->report;
	int64_t want = rep->rows + 1;
	uint8_t hash[RECORD_HASH_LEN];

	if (row->row > want) {
		damaged(v, VERIFY_MISSING, want, "row missing");
		return;
	}
	if (row->row < want) {
		damaged(v, VERIFY_ORDER, want,
			"wrong order: row %" PRId64 " stands here", row->row);
		return;
	}
	chain_hash(row, hash);
	if (memcmp(hash, row->hash, sizeof(hash))) {
		name_bad_hash(v, row);
		return;
	}
	if (memcmp(row->prev, rep->head, sizeof(rep->head))) {
		damaged(v, VERIFY_UNLINKED, want,
			"row replaced: it does not follow row %" PRId64,
			want - 1);
		return;
	}
	if (want == 1 && row_kind(row) != RECORD_GENESIS) {
		damaged(v, VERIFY_UNLINKED, want,
			"row replaced: the first row is no genesis row");
		return;
	}
	rep->rows = want;
	memcpy(rep->head, hash, sizeof(hash));
}

static void check_expected(struct verify *v)
{
	char hex[CHAIN_HEX_LEN];

	if (!v->expect || v->expect_found)
		return;
	chain_hex(v->report.head, hex);
	v->expect_found = !strncmp(hex, v->expect, strlen(v->expect));
}

static void sqlite_failed(struct verify *v)
{
	damaged(v, VERIFY_UNREADABLE, v->report.rows + 1, "unreadable: %s",
		sqlite3_errmsg(v->db));
}

bool verify_walk(struct verify *v, unsigned int max)
{
	int64_t first = v->report.rows ? v->report.rows + 1 : INT64_MIN;
	unsigned int walked = 0;
	sqlite3_stmt *stmt;
	int rc;

	if (sqlite3_prepare_v2(v->db,
			       "SELECT " ROW_COLUMNS " FROM record "
			       "WHERE row >= ?1 ORDER BY row",
			       -1, &stmt, NULL) != SQLITE_OK) {
		sqlite_failed(v);
		return false;
	}
	sqlite3_bind_int64(stmt, 1, first);
	do {
		struct row row;
		const char *wrong;

		rc = sqlite3_step(stmt);
		if (rc != SQLITE_ROW)
			break;
		wrong = row_read(stmt, &row);
		if (wrong)
			damaged(v, VERIFY_EDITED, v->report.rows + 1,
				"row edited: it %s", wrong);
		else
			check_row(v, &row);
		if (v->report.damage)
			break;
		check_expected(v);
		if (v->seen)
			v->seen(v->arg, &row);
	} while (++walked != max);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		sqlite_failed(v);
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW && !v->report.damage;
}

static void check_database(struct verify *v)
{
	sqlite3_stmt *stmt;
	const char *text;
	int rc;

	rc = sqlite3_prepare_v2(v->db, "PRAGMA quick_check(1)", -1, &stmt,
				NULL);
	if (rc == SQLITE_OK) {
		rc = sqlite3_step(stmt);
		text = (const char *)sqlite3_column_text(stmt, 0);
		if (rc == SQLITE_ROW && text && strcmp(text, "ok"))
			damaged(v, VERIFY_DATABASE, 0, "database: %s", text);
	}
	if (rc != SQLITE_ROW)
		damaged(v, VERIFY_DATABASE, 0, "database: %s",
			sqlite3_errmsg(v->db));
	sqlite3_finalize(stmt);
	/* SQLite's text has line breaks; a report is one line. */
	for (char *p = v->report.text; *p; p++) {
		if (*p == '\n')
			*p = ' ';
	}
}

void verify_finish(struct verify *v)
{
	struct schema_marks marks;
	char text[64] = "";

	if (v->report.damage)
		return;
	if (!v->report.rows) {
		damaged(v, VERIFY_MISSING, 1, "row missing: there is no row");
	} else if (v->expect && !v->expect_found) {
		damaged(v, VERIFY_TRUNCATED, v->report.rows + 1,
			"truncated or replaced: no row has the expected hash");
	} else if (schema_marks(v->db, &marks) != SQLITE_OK ||
		   schema_compare(v->db, text, sizeof(text)) != SQLITE_OK) {
		damaged(v, VERIFY_DATABASE, 0, "database: %s",
			sqlite3_errmsg(v->db));
	} else if (marks.application_id != SCHEMA_APPLICATION_ID) {
		damaged(v, VERIFY_FOREIGN, 0,
			"header: the mark of a record is not there");
	} else if (marks.version != SCHEMA_VERSION) {
		damaged(v, VERIFY_SCHEMA, 0,
			"header: version %" PRId64 " instead of %d",
			marks.version, SCHEMA_VERSION);
	} else if (text[0]) {
		damaged(v, VERIFY_SCHEMA, 0, "tables changed: %s", text);
	} else {
		check_database(v);
	}
}

char *verify_json(const struct verify_report *rep)
{
	char head[CHAIN_HEX_LEN];
	char *text;
	json_t *json;

	chain_hex(rep->head, head);
	json = json_pack(
		"{s:b, s:I, s:s, s:o, s:o}", "intact",
		rep->damage == VERIFY_INTACT, "rows", (json_int_t)rep->rows,
		"head", head, "firstBadRow",
		rep->bad_row ? json_integer(rep->bad_row) : json_null(),
		"damage", rep->damage ? json_string(rep->text) : json_null());
	text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	return text;
}
