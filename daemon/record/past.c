// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "daemon/record/past.h"
#include "daemon/record/record.h"
#include "daemon/record/store.h"

#define HOUR_MS	   INT64_C(3600000)
#define DUE_DAYS   60	/* a question nobody answered by then is no more asked */
#define TREATMENTS 1000 /* sessions of one patient, newest first */

static int finish(json_t *answer, int ret, char **out)
{
	*out = NULL;
	if (!ret) {
		*out = json_dumps(answer, JSON_COMPACT);
		if (!*out)
			ret = -ENOMEM;
	}
	json_decref(answer);
	return ret;
}

static int prepare(sqlite3 *db, const char *sql, sqlite3_stmt **stmt)
{
	*stmt = NULL;
	return store_errno(db, sqlite3_prepare_v2(db, sql, -1, stmt, NULL));
}

static const char *column_text(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return text ? text : "";
}

/*
 * Areas of one session's runs, with the deepest setting and the last moment of
 * each. A run is in the area its rows name, else in that of the session. The
 * intent counts: a crash may have kept the end of the run from the record.
 */
static const char runs_sql[] =
	"SELECT coalesce(json_extract(body, '$.area'), ?2), "
	"max(coalesce(json_extract(body, '$.depthMicrometres'), "
	"json_extract(body, '$.depthPeakMicrometres'), 0)), "
	"max(unix_ms), sum(kind = 'runIntent') "
	"FROM record WHERE session = ?1 AND kind IN "
	"('runIntent', 'runEnd', 'interrupted') GROUP BY 1 ORDER BY 1";

static int add_session(sqlite3_stmt *begin, sqlite3_stmt *runs, json_t *list)
{
	int rc, ret = 0;

	sqlite3_bind_text(runs, 1, column_text(begin, 0), -1,
			  SQLITE_TRANSIENT);
	sqlite3_bind_text(runs, 2, column_text(begin, 1), -1,
			  SQLITE_TRANSIENT);
	while (!ret && (rc = sqlite3_step(runs)) == SQLITE_ROW) {
		/* A session that never started its motor treated nothing. */
		if (!sqlite3_column_int64(runs, 3))
			continue;
		if (json_array_append_new(
			    list,
			    json_pack("{ss ss ss sI sI sI sI}", "sessionId",
				      column_text(begin, 0), "area",
				      column_text(runs, 0), "concern",
				      column_text(begin, 2),
				      "beginUnixMilliseconds",
				      sqlite3_column_int64(begin, 3),
				      "endUnixMilliseconds",
				      sqlite3_column_int64(runs, 2),
				      "deepestMicrometres",
				      sqlite3_column_int64(runs, 1), "runs",
				      sqlite3_column_int64(runs, 3))))
			ret = -ENOMEM;
	}
	rc = sqlite3_reset(runs);
	return ret ? ret : store_errno(sqlite3_db_handle(runs), rc);
}

int past_treatments(sqlite3 *db, const char *patient, char **out)
{
	json_t *list = json_array();
	json_t *answer = json_pack("{s:o}", "treatments", list);
	sqlite3_stmt *begin = NULL, *runs = NULL;
	int ret = answer ? 0 : -ENOMEM, rc = SQLITE_DONE;

	if (!ret)
		ret = prepare(db,
			      "SELECT session, "
			      "coalesce(json_extract(body, '$.area'), ''), "
			      "coalesce(json_extract(body, '$.concern'), ''), "
			      "unix_ms FROM record "
			      "WHERE json_extract(body, '$.patient') = ?1 "
			      "AND kind IN ('sessionBegin', 'consent', "
			      "'course', 'adverseEvent') "
			      "AND +kind = 'sessionBegin' "
			      "ORDER BY unix_ms DESC, row DESC LIMIT ?2",
			      &begin);
	if (!ret)
		ret = prepare(db, runs_sql, &runs);
	sqlite3_bind_text(begin, 1, patient, -1, SQLITE_STATIC);
	sqlite3_bind_int(begin, 2, TREATMENTS);
	while (!ret && (rc = sqlite3_step(begin)) == SQLITE_ROW)
		ret = add_session(begin, runs, list);
	sqlite3_finalize(runs);
	sqlite3_finalize(begin);
	return finish(answer, ret ? ret : store_errno(db, rc), out);
}

int past_cartridge(sqlite3 *db, const char *cartridge, char **out)
{
	json_t *list = json_array();
	json_t *answer = json_pack("{s:o}", "uses", list);
	sqlite3_stmt *stmt = NULL;
	int ret = answer ? 0 : -ENOMEM, rc = SQLITE_DONE;

	if (!ret)
		ret = prepare(db,
			      "SELECT row, session, unix_ms FROM record "
			      "WHERE kind IN ('cartridge', 'runIntent') AND "
			      "json_extract(body, '$.cartridge') = ?1 "
			      "ORDER BY row",
			      &stmt);
	sqlite3_bind_text(stmt, 1, cartridge, -1, SQLITE_STATIC);
	while (!ret && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (json_array_append_new(
			    list, json_pack("{sI ss sI}", "row",
					    sqlite3_column_int64(stmt, 0),
					    "sessionId", column_text(stmt, 1),
					    "unixMilliseconds",
					    sqlite3_column_int64(stmt, 2))))
			ret = -ENOMEM;
	}
	sqlite3_finalize(stmt);
	return finish(answer, ret ? ret : store_errno(db, rc), out);
}

static int answered(sqlite3_stmt *form, const char *session, int hours,
		    bool *out)
{
	int rc;

	sqlite3_bind_text(form, 1, session, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int(form, 2, hours);
	rc = sqlite3_step(form);
	*out = rc == SQLITE_ROW;
	rc = sqlite3_reset(form);
	return store_errno(sqlite3_db_handle(form), rc);
}

static int add_due(sqlite3_stmt *end, sqlite3_stmt *form, int64_t now,
		   json_t *list)
{
	static const int hours[] = { RECORD_PROMPT_1, RECORD_PROMPT_2,
				     RECORD_PROMPT_3 };
	int64_t ended = sqlite3_column_int64(end, 1);
	bool done;
	int ret = 0;

	for (size_t i = 0; i < 3 && !ret; i++) {
		int64_t due = ended + hours[i] * HOUR_MS;

		if (due > now)
			break;
		ret = answered(form, column_text(end, 0), hours[i], &done);
		if (ret || done)
			continue;
		if (json_array_append_new(
			    list, json_pack("{ss si sI ss ss sI}", "sessionId",
					    column_text(end, 0), "promptHours",
					    hours[i], "dueUnixMilliseconds",
					    (json_int_t)due, "patient",
					    column_text(end, 2), "area",
					    column_text(end, 3),
					    "endUnixMilliseconds",
					    (json_int_t)ended)))
			ret = -ENOMEM;
	}
	return ret;
}

#define BEGIN_OF_IT                                              \
	"FROM record b WHERE b.session = record.session AND " \
	"b.kind = 'sessionBegin' LIMIT 1"

/* Who was never touched is not asked. */
int past_due(sqlite3 *db, int64_t now, char **out)
{
	json_t *list = json_array();
	json_t *answer = json_pack("{s:o}", "prompts", list);
	sqlite3_stmt *end = NULL, *form = NULL;
	int ret = answer ? 0 : -ENOMEM, rc = SQLITE_DONE;

	if (!ret)
		ret = prepare(db,
			      "SELECT session, unix_ms, "
			      "(SELECT json_extract(body, '$.patient') "
			      BEGIN_OF_IT "), "
			      "(SELECT json_extract(body, '$.area') "
			      BEGIN_OF_IT ") FROM record "
			      "WHERE kind IN ('sessionEnd', 'interrupted') "
			      "AND unix_ms BETWEEN ?1 AND ?2 "
			      "AND EXISTS(SELECT 1 FROM record run WHERE "
			      "run.session = record.session "
			      "AND run.kind = 'runIntent') "
			      "ORDER BY unix_ms",
			      &end);
	if (!ret)
		ret = prepare(db,
			      "SELECT 1 FROM record WHERE session = ?1 AND "
			      "kind = 'adverseEvent' AND "
			      "json_extract(body, '$.promptHours') = ?2",
			      &form);
	sqlite3_bind_int64(end, 1, now - DUE_DAYS * 24 * HOUR_MS);
	sqlite3_bind_int64(end, 2, now - RECORD_PROMPT_1 * HOUR_MS);
	while (!ret && (rc = sqlite3_step(end)) == SQLITE_ROW)
		ret = add_due(end, form, now, list);
	sqlite3_finalize(form);
	sqlite3_finalize(end);
	return finish(answer, ret ? ret : store_errno(db, rc), out);
}
