// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "daemon/record/chain.h"
#include "daemon/record/query.h"
#include "daemon/record/store.h"

static int prepare(sqlite3 *db, const char *sql, sqlite3_stmt **stmt)
{
	return store_errno(db, sqlite3_prepare_v2(db, sql, -1, stmt, NULL));
}

/* The body of one row. Row 0 (none) has an empty one. */
static int get_body(sqlite3 *db, int64_t row, json_t **out)
{
	sqlite3_stmt *stmt;
	const char *text;
	int rc, ret;

	*out = NULL;
	if (!row) {
		*out = json_object();
		return *out ? 0 : -ENOMEM;
	}
	ret = prepare(db, "SELECT body FROM record WHERE row = ?1", &stmt);
	if (ret)
		return ret;
	sqlite3_bind_int64(stmt, 1, row);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		text = (const char *)sqlite3_column_text(stmt, 0);
		*out = text ? json_loads(text, 0, NULL) : NULL;
		ret = *out ? 0 : -EUCLEAN;
	} else {
		ret = rc == SQLITE_DONE ? -EUCLEAN : store_errno(db, rc);
	}
	sqlite3_finalize(stmt);
	return ret;
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

static const char *state_name(enum session_state state)
{
	switch (state) {
	case SESSION_OPEN:
		return "open";
	case SESSION_ENDED:
		return "ended";
	case SESSION_INTERRUPTED:
		return "interrupted";
	}
	return "open";
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
static json_int_t runs(const struct session *s, const json_t *end)
{
	const json_t *told = json_object_get(end, "runs");

	if (s->state == SESSION_ENDED && json_is_integer(told))
		return json_integer_value(told);
	return s->runs;
}

static int summary(sqlite3 *db, const struct session *s, json_t **out)
{
	json_t *begin = NULL, *counters = NULL, *end = NULL;
	const char *reason;
	int ret;

	*out = NULL;
	ret = get_body(db, s->begin_row, &begin);
	if (!ret)
		ret = get_body(db, s->counters_row, &counters);
	if (!ret)
		ret = get_body(db, s->end_row, &end);
	if (ret)
		goto out;
	reason = s->state == SESSION_INTERRUPTED ? "interrupted"
						 : get_text(end, "reason");
	*out = json_pack(
		"{s:s, s:I, s:s, s:s, s:I, s:I, s:I, s:s, s:s}", "sessionId",
		s->id, "beginUnixMilliseconds", (json_int_t)s->begin_unix_ms,
		"area", get_text(begin, "area"), "concern",
		get_text(begin, "concern"), "runs", runs(s, end), "strokes",
		larger(counters, end, "strokes"), "motorMilliseconds",
		larger(counters, end, "motorMilliseconds"), "state",
		state_name(s->state), "endReason", reason);
	if (!*out)
		ret = -ENOMEM;
out:
	json_decref(end);
	json_decref(counters);
	json_decref(begin);
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

int query_list(sqlite3 *db, const struct sessions *all, unsigned int limit,
	       char **out)
{
	json_t *list = json_array();
	json_t *answer = json_pack("{s:o}", "sessions", list);
	int ret = answer ? 0 : -ENOMEM;

	*out = NULL;
	for (size_t i = all->count; !ret && i-- > 0 && limit--;) {
		json_t *one;

		ret = summary(db, &all->list[i], &one);
		if (!ret && json_array_append_new(list, one))
			ret = -ENOMEM;
	}
	return dump(answer, ret, out);
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

static int add_rows(sqlite3 *db, const struct session *s, json_t *rows)
{
	sqlite3_stmt *stmt;
	int rc = SQLITE_OK, ret;

	ret = prepare(db,
		      "SELECT " ROW_COLUMNS " FROM record "
		      "WHERE row BETWEEN ?1 AND ?2 AND session = ?3 "
		      "ORDER BY row",
		      &stmt);
	if (ret)
		return ret;
	sqlite3_bind_int64(stmt, 1, s->first_row);
	sqlite3_bind_int64(stmt, 2, s->last_row);
	sqlite3_bind_text(stmt, 3, s->id, -1, SQLITE_STATIC);
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

int query_session(sqlite3 *db, const struct sessions *all, const char *id,
		  char **out)
{
	const struct session *s = sessions_find(all, id);
	json_t *answer, *rows;
	int ret;

	*out = NULL;
	if (!s)
		return -ENOENT;
	rows = json_array();
	answer = json_pack("{s:s, s:o}", "sessionId", s->id, "rows", rows);
	ret = answer ? add_rows(db, s, rows) : -ENOMEM;
	return dump(answer, ret, out);
}

int query_interrupted(sqlite3 *db, const struct session *s, char **out)
{
	json_t *body;
	int ret;

	*out = NULL;
	ret = get_body(db, s->counters_row, &body);
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
