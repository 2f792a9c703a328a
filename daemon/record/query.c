// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/record/block.h"
#include "daemon/record/chain.h"
#include "daemon/record/export.h"
#include "daemon/record/places.h"
#include "daemon/record/query.h"
#include "daemon/record/store.h"

static int prepare(sqlite3 *db, const char *sql, sqlite3_stmt **stmt)
{
	return store_errno(db, sqlite3_prepare_v2(db, sql, -1, stmt, NULL));
}

static const char *get_text(const json_t *body, const char *key)
{
	const char *text = json_string_value(json_object_get(body, key));

	return text ? text : "";
}

static json_int_t get_number(const json_t *body, const char *key)
{
	return json_integer_value(json_object_get(body, key));
}

/* Counters only grow within a session: the larger is the later. */
static json_int_t larger(const json_t *a, const json_t *b, const char *key)
{
	json_int_t x = get_number(a, key), y = get_number(b, key);

	return x > y ? x : y;
}

/*
 * An intent need not have become a run, which only the end of a session can
 * tell. Before that each one counts.
 */
static json_int_t runs(const struct places *at, const json_t *end)
{
	const json_t *told = json_object_get(end, "runs");

	if (at->ended && json_is_integer(told))
		return json_integer_value(told);
	return at->intents;
}

struct begin {
	char session[RECORD_SESSION_LEN];
	int64_t unix_ms;
	json_t *body;
};

static int summary(sqlite3 *db, const struct begin *begin, json_t **out)
{
	json_t *counters = NULL, *end = NULL;
	struct places at;
	int ret;

	*out = NULL;
	ret = places_find(db, begin->session, &at);
	if (!ret)
		ret = places_body(db, places_counters(&at), &counters, NULL);
	if (!ret)
		ret = places_body(db, places_end(&at), &end, NULL);
	if (ret)
		goto out;
	*out = json_pack(
		"{s:s, s:I, s:s, s:s, s:I, s:I, s:I, s:s, s:s}", "sessionId",
		begin->session, "beginUnixMilliseconds",
		(json_int_t)begin->unix_ms, "area",
		get_text(begin->body, "area"), "concern",
		get_text(begin->body, "concern"), "runs", runs(&at, end),
		"strokes", larger(counters, end, "strokes"),
		"motorMilliseconds",
		larger(counters, end, "motorMilliseconds"), "state",
		places_state(&at), "endReason", get_text(end, "reason"));
	if (!*out)
		ret = -ENOMEM;
out:
	json_decref(end);
	json_decref(counters);
	return ret;
}

/* Takes the only reference to answer. */
static int dump(json_t *answer, int ret, char **out)
{
	if (!ret) {
		*out = json_dumps(answer, JSON_COMPACT);
		if (!*out)
			ret = -ENOMEM;
	}
	json_decref(answer);
	return ret;
}

/* Columns: session, unix_ms, body. body is the caller's to release. */
static int read_begin(sqlite3_stmt *stmt, struct begin *out)
{
	const char *id = (const char *)sqlite3_column_text(stmt, 0);

	if (!row_session_valid(id))
		return -EUCLEAN;
	strcpy(out->session, id);
	out->unix_ms = sqlite3_column_int64(stmt, 1);
	out->body = json_loads((const char *)sqlite3_column_text(stmt, 2), 0,
			       NULL);
	return out->body ? 0 : -EUCLEAN;
}

int query_list(sqlite3 *db, unsigned int limit, char **out)
{
	json_t *list = json_array(), *one;
	json_t *answer = json_pack("{s:o}", "sessions", list);
	sqlite3_stmt *stmt = NULL;
	struct begin begin;
	int ret = answer ? 0 : -ENOMEM, rc = SQLITE_DONE;

	*out = NULL;
	if (!ret)
		ret = prepare(db,
			      "SELECT session, unix_ms, body FROM record "
			      "WHERE kind IN ('sessionBegin', 'clock') "
			      "AND +kind = 'sessionBegin' "
			      "AND session IS NOT NULL "
			      "ORDER BY unix_ms DESC, row DESC LIMIT ?1",
			      &stmt);
	sqlite3_bind_int64(stmt, 1, limit);
	while (!ret && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		ret = read_begin(stmt, &begin);
		if (ret)
			break;
		ret = summary(db, &begin, &one);
		json_decref(begin.body);
		if (!ret && json_array_append_new(list, one))
			ret = -ENOMEM;
	}
	sqlite3_finalize(stmt);
	return dump(answer, ret ? ret : store_errno(db, rc), out);
}

static int row_json(const struct row *row, json_t **out)
{
	char hex[CHAIN_HEX_LEN];
	json_t *body;

	*out = NULL;
	body = json_loadb(row->body.s, row->body.len, 0, NULL);
	if (!body)
		return -EUCLEAN;
	chain_hex(row->hash, hex);
	*out = json_pack(
		"{s:I, s:s%, s:I, s:I, s:o, s:s}", "row", (json_int_t)row->row,
		"kind", row->kind.s, row->kind.len, "unixMilliseconds",
		(json_int_t)row->unix_ms, "monotonicMilliseconds",
		(json_int_t)row->monotonic_ms, "body", body, "hash", hex);
	return *out ? 0 : -ENOMEM;
}

static int add_rows(sqlite3 *db, const char *id, json_t *rows)
{
	sqlite3_stmt *stmt;
	int rc = SQLITE_OK, ret;

	ret = prepare(db,
		      "SELECT " ROW_COLUMNS " FROM record "
		      "WHERE session = ?1 ORDER BY row",
		      &stmt);
	if (ret)
		return ret;
	sqlite3_bind_text(stmt, 1, id, -1, SQLITE_STATIC);
	while (!ret && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct row row;
		json_t *one;

		ret = row_read(stmt, &row) ? -EUCLEAN : row_json(&row, &one);
		if (!ret && json_array_append_new(rows, one))
			ret = -ENOMEM;
	}
	sqlite3_finalize(stmt);
	return ret ? ret : store_errno(db, rc);
}

int query_head(const struct store *s, char **out)
{
	char head[CHAIN_HEX_LEN], key[CHAIN_HEX_LEN], origin[CHAIN_HEX_LEN];
	uint8_t first[RECORD_HASH_LEN];
	json_t *answer;
	int ret = export_origin(s->db, first);

	*out = NULL;
	if (ret)
		return ret;
	chain_hex(s->end.head, head);
	chain_hex(s->key.public, key);
	chain_hex(first, origin);
	answer = json_pack("{sI ss sI ss ss}", "rows", (json_int_t)s->end.rows,
			   "head", head, "signedRows",
			   (json_int_t)s->end.signed_rows, "publicKey", key,
			   "origin", origin);
	if (answer)
		*out = json_dumps(answer, JSON_COMPACT);
	json_decref(answer);
	return *out ? 0 : -ENOMEM;
}

static int is_block(sqlite3 *db, int64_t row, bool *out)
{
	sqlite3_stmt *stmt;
	int ret = prepare(db,
			  "SELECT 1 FROM record WHERE row = ?1 AND "
			  "kind = 'telemetryBlock'",
			  &stmt);

	*out = false;
	if (ret)
		return ret;
	sqlite3_bind_int64(stmt, 1, row);
	*out = sqlite3_step(stmt) == SQLITE_ROW;
	return store_errno(db, sqlite3_finalize(stmt));
}

int query_telemetry(sqlite3 *db, int64_t row, char **out)
{
	uint8_t *data = NULL;
	json_t *answer, *lines;
	size_t len = 0;
	bool there;
	int ret = is_block(db, row, &there);

	*out = NULL;
	if (!ret && !there)
		ret = -EINVAL;
	if (!ret)
		ret = block_unpack(db, row, &data, &len);
	if (ret && ret != -ENOENT)
		return ret;
	lines = ret ? json_null() : json_stringn((char *)data, len);
	free(data);
	answer = json_pack("{sI so}", "row", (json_int_t)row, "lines", lines);
	if (answer)
		*out = json_dumps(answer, JSON_COMPACT);
	json_decref(answer);
	return *out ? 0 : lines ? -ENOMEM : -EILSEQ;
}

int query_session(sqlite3 *db, const char *id, char **out)
{
	json_t *answer, *rows;
	int ret;

	*out = NULL;
	rows = json_array();
	answer = json_pack("{s:s, s:o}", "sessionId", id, "rows", rows);
	ret = answer ? add_rows(db, id, rows) : -ENOMEM;
	if (!ret && !json_array_size(rows))
		ret = -ENOENT;
	return dump(answer, ret, out);
}

int query_interrupted(sqlite3 *db, const struct session *s, char **out)
{
	json_t *body;
	int ret;

	*out = NULL;
	ret = places_body(db, s->counters_row, &body, NULL);
	if (!ret &&
	    (json_object_set_new(body, "reason", json_string("interrupted")) ||
	     json_object_set_new(body, "countersRow",
				 json_integer(s->counters_row)) ||
	     json_object_set_new(body, "motorMayHaveRun",
				 json_boolean(s->run_open))))
		ret = -ENOMEM;
	if (!ret) {
		*out = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
		if (!*out)
			ret = -ENOMEM;
	}
	json_decref(body);
	return ret;
}
