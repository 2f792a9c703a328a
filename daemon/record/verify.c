// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/record/block.h"
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

void verify_anchor(struct verify *v, const struct checkpoint *cp)
{
	v->anchor = cp;
}

void verify_key(struct verify *v, const uint8_t key[CHECKPOINT_KEY_LEN])
{
	v->expect_key = key;
}

void verify_from(struct verify *v, const struct checkpoint *cp)
{
	struct verify_report *rep = &v->report;

	rep->rows = rep->signed_rows = cp->row;
	rep->checkpoints = cp->id;
	rep->has_key = true;
	memcpy(rep->head, cp->hash, sizeof(rep->head));
	memcpy(rep->key, cp->key, sizeof(rep->key));
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

	if (!v->db ||
	    sqlite3_prepare_v2(v->db, "SELECT row FROM record", -1, &stmt,
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

/* Rows that bring the key which signs from there on. */
static bool learn_key(struct verify *v, const struct row *row)
{
	struct verify_report *rep = &v->report;
	enum record_kind kind = row_kind(row);
	const char *hex;
	size_t len = 0;
	json_t *body;

	if (kind != RECORD_GENESIS && kind != RECORD_MIGRATED &&
	    kind != RECORD_KEY)
		return true;
	body = json_loadb(row->body.s, row->body.len, 0, NULL);
	hex = json_string_value(json_object_get(body, "publicKey"));
	if (hex && (sodium_hex2bin(rep->key, sizeof(rep->key), hex, strlen(hex),
				   NULL, &len, NULL) ||
		    len != sizeof(rep->key)))
		damaged(v, VERIFY_CHECKPOINT, row->row,
			"checkpoint: the key of this row is malformed");
	rep->has_key |= hex != NULL;
	json_decref(body);
	return !rep->damage;
}

static void check_row(struct verify *v, const struct row *row,
		      uint8_t hash[RECORD_HASH_LEN])
{
	struct verify_report *rep = &v->report;
	int64_t want = rep->rows + 1;

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
	if (memcmp(hash, row->hash, RECORD_HASH_LEN)) {
		name_bad_hash(v, row);
		return;
	}
	if (memcmp(row->prev, rep->head, sizeof(rep->head))) {
		damaged(v, VERIFY_UNLINKED, want,
			"row replaced: it does not follow row %" PRId64,
			want - 1);
		return;
	}
	if (want == 1 && row_kind(row) != RECORD_GENESIS)
		damaged(v, VERIFY_UNLINKED, want,
			"row replaced: the first row is no genesis row");
}

static void check_expected(struct verify *v)
{
	char hex[CHAIN_HEX_LEN];

	if (!v->expect || v->expect_found)
		return;
	chain_hex(v->report.head, hex);
	v->expect_found = !strncmp(hex, v->expect, strlen(v->expect));
}

/* Sound in itself, but the daemon's own note of it says otherwise. */
static void check_anchor(struct verify *v)
{
	struct verify_report *rep = &v->report;

	if (!v->anchor || v->anchor->row != rep->rows ||
	    !memcmp(v->anchor->hash, rep->head, sizeof(rep->head)))
		return;
	if (memcmp(v->anchor->key, rep->key, sizeof(rep->key)))
		damaged(v, VERIFY_REPLACED, 1,
			"rows replaced: the head file names another key");
	else
		damaged(v, VERIFY_REPLACED, rep->signed_rows + 1,
			"rows replaced: row %" PRId64
			" is not the one the head file names", rep->rows);
}

bool verify_row(struct verify *v, const struct row *row)
{
	struct verify_report *rep = &v->report;
	uint8_t hash[RECORD_HASH_LEN];

	check_row(v, row, hash);
	if (rep->damage || !learn_key(v, row))
		return false;
	rep->rows = row->row;
	memcpy(rep->head, hash, sizeof(hash));
	check_anchor(v);
	if (rep->damage)
		return false;
	check_expected(v);
	if (v->seen)
		v->seen(v->arg, row);
	return true;
}

bool verify_checkpoint(struct verify *v, const struct checkpoint *cp)
{
	struct verify_report *rep = &v->report;
	long long id = cp->id;

	if (cp->id != rep->checkpoints + 1) {
		damaged(v, VERIFY_CHECKPOINT, rep->signed_rows + 1,
			"checkpoint %lld missing",
			(long long)rep->checkpoints + 1);
	} else if (!rep->has_key ||
		   memcmp(cp->key, rep->key, sizeof(rep->key))) {
		damaged(v, VERIFY_CHECKPOINT, rep->signed_rows + 1,
			"checkpoint %lld: not made with the record's key", id);
	} else if (!checkpoint_signed(cp)) {
		damaged(v, VERIFY_CHECKPOINT, rep->signed_rows + 1,
			"checkpoint %lld: its signature does not hold", id);
	} else if (cp->row < rep->rows) {
		damaged(v, VERIFY_CHECKPOINT, rep->signed_rows + 1,
			"checkpoint %lld: in the wrong place", id);
	} else if (memcmp(cp->hash, rep->head, sizeof(rep->head))) {
		damaged(v, VERIFY_REPLACED, rep->signed_rows + 1,
			"rows replaced: %" PRId64 " to %" PRId64
			" are not those that were signed",
			rep->signed_rows + 1, cp->row);
	} else {
		rep->checkpoints = cp->id;
		rep->signed_rows = cp->row;
	}
	return !rep->damage;
}

void verify_left_over(struct verify *v, const struct checkpoint *cp)
{
	if (cp && v->report.rows && !v->report.damage)
		damaged(v, VERIFY_TRUNCATED, v->report.rows + 1,
			"truncated: checkpoint %" PRId64 " names row %" PRId64,
			cp->id, cp->row);
}

bool verify_end(struct verify *v)
{
	struct verify_report *rep = &v->report;

	if (rep->damage)
		return false;
	if (v->anchor && (v->anchor->row > rep->rows ||
			  v->anchor->id > rep->checkpoints))
		damaged(v, VERIFY_TRUNCATED, rep->rows + 1,
			"truncated: the head file names row %" PRId64
			", checkpoint %" PRId64, v->anchor->row, v->anchor->id);
	else if (v->expect && !v->expect_found)
		damaged(v, VERIFY_TRUNCATED, rep->rows + 1,
			"truncated or replaced: no row has the expected hash");
	else if (v->expect_key &&
		 (!rep->has_key ||
		  memcmp(v->expect_key, rep->key, sizeof(rep->key))))
		damaged(v, VERIFY_CHECKPOINT, 0,
			"checkpoint: signed with another key than expected");
	return !rep->damage;
}

static void sqlite_failed(struct verify *v)
{
	damaged(v, VERIFY_UNREADABLE, v->report.rows + 1, "unreadable: %s",
		sqlite3_errmsg(v->db));
}

/* Both tables side by side, each in its own order. */
struct walk {
	sqlite3_stmt *rows, *points, *block;
	struct checkpoint next;
	bool has_next;
};

static bool take_checkpoint(struct verify *v, struct walk *w)
{
	int rc;

	w->has_next = false;
	if (!w->points)
		return true;
	rc = sqlite3_step(w->points);
	if (rc == SQLITE_DONE)
		return true;
	if (rc != SQLITE_ROW)
		sqlite_failed(v);
	else if (!checkpoint_read(w->points, &w->next))
		damaged(v, VERIFY_CHECKPOINT, v->report.signed_rows + 1,
			"checkpoint %" PRId64 ": malformed",
			v->report.checkpoints + 1);
	else
		w->has_next = true;
	return w->has_next;
}

static bool prepare(struct verify *v, sqlite3_stmt **stmt, const char *sql,
		    int64_t first)
{
	if (sqlite3_prepare_v2(v->db, sql, -1, stmt, NULL) != SQLITE_OK) {
		sqlite_failed(v);
		return false;
	}
	sqlite3_bind_int64(*stmt, 1, first);
	return true;
}

static bool walk_start(struct verify *v, struct walk *w)
{
	const struct verify_report *rep = &v->report;
	struct schema_marks marks;

	memset(w, 0, sizeof(*w));
	if (!v->marked && schema_marks(v->db, &marks) != SQLITE_OK) {
		sqlite_failed(v);
		return false;
	}
	if (!v->marked)
		v->version = marks.version;
	v->marked = true;
	if (!prepare(v, &w->rows,
		     "SELECT " ROW_COLUMNS " FROM record "
		     "WHERE row >= ?1 ORDER BY row",
		     rep->rows ? rep->rows + 1 : INT64_MIN))
		return false;
	if (v->version < SCHEMA_CHECKPOINTS)
		return true;
	return prepare(v, &w->points,
		       "SELECT " CHECKPOINT_COLUMNS " FROM checkpoint "
		       "WHERE id >= ?1 ORDER BY id",
		       rep->checkpoints ? rep->checkpoints + 1 : INT64_MIN) &&
	       prepare(v, &w->block, BLOCK_SELECT, 0) && take_checkpoint(v, w);
}

static void walk_stop(struct walk *w)
{
	sqlite3_finalize(w->rows);
	sqlite3_finalize(w->points);
	sqlite3_finalize(w->block);
}

static bool walk_row(struct verify *v, struct walk *w)
{
	const char *wrong;
	struct row row;

	wrong = row_read(w->rows, &row);
	if (wrong) {
		damaged(v, VERIFY_EDITED, v->report.rows + 1,
			"row edited: it %s", wrong);
		return false;
	}
	if (!verify_row(v, &row))
		return false;
	if (w->block && row_kind(&row) == RECORD_BLOCK) {
		wrong = block_check(v->db, w->block, &row);
		if (wrong) {
			damaged(v, VERIFY_BLOCK, row.row, "raw telemetry: %s",
				wrong);
			return false;
		}
	}
	while (w->has_next && w->next.row <= v->report.rows) {
		if (!verify_checkpoint(v, &w->next) || !take_checkpoint(v, w))
			return !v->report.damage;
	}
	return true;
}

bool verify_walk(struct verify *v, unsigned int max)
{
	unsigned int walked = 0;
	struct walk w;
	int rc = SQLITE_DONE;

	if (walk_start(v, &w)) {
		do {
			rc = sqlite3_step(w.rows);
			if (rc != SQLITE_ROW || !walk_row(v, &w))
				break;
		} while (++walked != max);
		if (rc != SQLITE_ROW && rc != SQLITE_DONE)
			sqlite_failed(v);
		else if (rc == SQLITE_DONE && !v->report.damage)
			verify_left_over(v, w.has_next ? &w.next : NULL);
	}
	walk_stop(&w);
	return rc == SQLITE_ROW && !v->report.damage;
}

bool verify_database(struct verify *v, bool thorough)
{
	const char *sql = thorough ? "PRAGMA integrity_check(1)"
				   : "PRAGMA quick_check(1)";
	sqlite3_stmt *stmt;
	const char *text;
	int rc;

	if (v->report.damage)
		return true;
	rc = sqlite3_prepare_v2(v->db, sql, -1, &stmt, NULL);
	if (rc == SQLITE_OK) {
		rc = sqlite3_step(stmt);
		text = (const char *)sqlite3_column_text(stmt, 0);
		if (rc == SQLITE_ROW && text && strcmp(text, "ok"))
			damaged(v, VERIFY_DATABASE, 0, "database: %s", text);
	}
	if (rc != SQLITE_ROW && rc != SQLITE_INTERRUPT)
		damaged(v, VERIFY_DATABASE, 0, "database: %s",
			sqlite3_errmsg(v->db));
	sqlite3_finalize(stmt);
	/* SQLite's text has line breaks; a report is one line. */
	for (char *p = v->report.text; *p; p++) {
		if (*p == '\n')
			*p = ' ';
	}
	return rc != SQLITE_INTERRUPT;
}

/* What only the newer tables have; each row of a block is the walk's. */
static void check_tables(struct verify *v)
{
	int64_t stray = 0;

	if (!v->report.checkpoints)
		damaged(v, VERIFY_CHECKPOINT, 1, "checkpoint 1 missing");
	else if (block_stray(v->db, &stray))
		damaged(v, VERIFY_DATABASE, 0, "database: %s",
			sqlite3_errmsg(v->db));
	else if (stray)
		damaged(v, VERIFY_BLOCK, stray,
			"raw telemetry: this row has none");
}

void verify_finish(struct verify *v)
{
	struct schema_marks marks;
	char text[80] = "";

	if (v->report.damage)
		return;
	if (!v->report.rows) {
		damaged(v, VERIFY_MISSING, 1, "row missing: there is no row");
	} else if (!verify_end(v)) {
		return;
	} else if (schema_marks(v->db, &marks) != SQLITE_OK ||
		   schema_compare(v->db, marks.version, text, sizeof(text)) !=
			   SQLITE_OK) {
		damaged(v, VERIFY_DATABASE, 0, "database: %s",
			sqlite3_errmsg(v->db));
	} else if (marks.application_id != SCHEMA_APPLICATION_ID) {
		damaged(v, VERIFY_FOREIGN, 0,
			"header: the mark of a record is not there");
	} else if (marks.version < 1 || marks.version > SCHEMA_VERSION) {
		damaged(v, VERIFY_SCHEMA, 0,
			"header: version %" PRId64 ", known are 1 to %d",
			marks.version, SCHEMA_VERSION);
	} else if (text[0]) {
		damaged(v, VERIFY_SCHEMA, 0, "tables changed: %s", text);
	} else if (marks.version >= SCHEMA_CHECKPOINTS) {
		check_tables(v);
	}
}

static json_t *hex_json(bool there, const uint8_t *data, size_t len)
{
	char hex[2 * CHECKPOINT_SIGNATURE_LEN + 1];

	if (!there)
		return json_null();
	return json_string(sodium_bin2hex(hex, sizeof(hex), data, len));
}

char *verify_json(const struct verify_report *rep)
{
	char *text;
	json_t *json;

	json = json_pack(
		"{s:b, s:I, s:o, s:o, s:o, s:I, s:I, s:o}", "intact",
		rep->damage == VERIFY_INTACT, "rows", (json_int_t)rep->rows,
		"head", hex_json(true, rep->head, sizeof(rep->head)),
		"firstBadRow",
		rep->bad_row ? json_integer(rep->bad_row) : json_null(),
		"damage", rep->damage ? json_string(rep->text) : json_null(),
		"checkpoints", (json_int_t)rep->checkpoints, "signedRows",
		(json_int_t)rep->signed_rows, "publicKey",
		hex_json(rep->has_key, rep->key, sizeof(rep->key)));
	text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	return text;
}
