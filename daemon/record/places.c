// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sqlite3.h>

#include "daemon/record/places.h"
#include "daemon/record/store.h"

static int prepare(sqlite3 *db, const char *sql, sqlite3_stmt **stmt)
{
	return store_errno(db, sqlite3_prepare_v2(db, sql, -1, stmt, NULL));
}

/* One number by the index over sessions and kinds; 0: there is none. */
static int get_row(sqlite3 *db, const char *sql, const char *session,
		   int64_t *out)
{
	sqlite3_stmt *stmt;
	int ret;

	*out = 0;
	ret = prepare(db, sql, &stmt);
	if (ret)
		return ret;
	sqlite3_bind_text(stmt, 1, session, -1, SQLITE_TRANSIENT);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		*out = sqlite3_column_int64(stmt, 0);
	return store_errno(db, sqlite3_finalize(stmt));
}

#define LAST_OF(kind)                                                          \
	"SELECT max(row) FROM record WHERE session = ?1 AND kind = '" kind "'"

int places_find(sqlite3 *db, const char *session, struct places *out)
{
	int ret;

	ret = get_row(db, LAST_OF("sessionEnd"), session, &out->ended);
	if (!ret)
		ret = get_row(db, LAST_OF("interrupted"), session,
			      &out->interrupted);
	if (!ret)
		ret = get_row(db, LAST_OF("progress"), session,
			      &out->progress);
	if (!ret)
		ret = get_row(db, LAST_OF("runEnd"), session, &out->run_end);
	if (!ret)
		ret = get_row(db,
			      "SELECT count(*) FROM record WHERE "
			      "session = ?1 AND kind = 'runIntent'",
			      session, &out->intents);
	return ret;
}

int64_t places_counters(const struct places *at)
{
	return at->progress > at->run_end ? at->progress : at->run_end;
}

int64_t places_end(const struct places *at)
{
	return at->ended ? at->ended : at->interrupted;
}

const char *places_state(const struct places *at)
{
	return at->ended ? "ended" : at->interrupted ? "interrupted" : "open";
}

int places_body(sqlite3 *db, int64_t row, json_t **body, int64_t *unix_ms)
{
	sqlite3_stmt *stmt;
	const char *text;
	int rc, ret;

	*body = NULL;
	if (unix_ms)
		*unix_ms = 0;
	if (!row) {
		*body = json_object();
		return *body ? 0 : -ENOMEM;
	}
	ret = prepare(db, "SELECT body, unix_ms FROM record WHERE row = ?1",
		      &stmt);
	if (ret)
		return ret;
	sqlite3_bind_int64(stmt, 1, row);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		text = (const char *)sqlite3_column_text(stmt, 0);
		*body = text ? json_loads(text, 0, NULL) : NULL;
		if (unix_ms)
			*unix_ms = sqlite3_column_int64(stmt, 1);
		ret = *body ? 0 : -EUCLEAN;
	} else {
		ret = rc == SQLITE_DONE ? -EUCLEAN : store_errno(db, rc);
	}
	sqlite3_finalize(stmt);
	return ret;
}
