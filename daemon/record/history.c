// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two questions: when was this patient last treated in this area, and did
 * this cartridge ever run. The first looks at sessions from the newest back,
 * as long as any interval may reach. The second has to look at every start
 * there was: some tenths of a second in a record of ten busy years.
 */
#include <errno.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/record/history.h"
#include "daemon/record/store.h"

/* E: no interval between sessions is longer. */
#define BACK_MS (400LL * 24 * 60 * 60 * 1000)

static int prepare(sqlite3 *db, const char *sql, sqlite3_stmt **stmt)
{
	return store_errno(db, sqlite3_prepare_v2(db, sql, -1, stmt, NULL));
}

/* Body and wall time of a row; row 0 (none) gives an empty body and 0. */
static int get_row(sqlite3 *db, int64_t row, json_t **body, int64_t *unix_ms)
{
	sqlite3_stmt *stmt;
	const char *text;
	int rc, ret;

	*body = NULL;
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
		*unix_ms = sqlite3_column_int64(stmt, 1);
		ret = *body ? 0 : -EUCLEAN;
	} else {
		ret = rc == SQLITE_DONE ? -EUCLEAN : store_errno(db, rc);
	}
	sqlite3_finalize(stmt);
	return ret;
}

static bool is(const json_t *body, const char *key, const char *value)
{
	const char *text = json_string_value(json_object_get(body, key));

	return text && !strcmp(text, value);
}

static json_int_t number(const json_t *a, const json_t *b, const char *key)
{
	json_int_t x = json_integer_value(json_object_get(a, key));
	json_int_t y = json_integer_value(json_object_get(b, key));

	return x > y ? x : y;
}

static const char *ended_by(const struct session *s, const json_t *end)
{
	const char *reason = json_string_value(json_object_get(end, "reason"));

	if (s->state == SESSION_ENDED && reason)
		return reason;
	return s->state == SESSION_OPEN ? "open" : "interrupted";
}

/* The session as an answer, if it was of this patient, in this area. */
static int last_session(sqlite3 *db, const struct session *s,
			const struct record_about *about, json_t **out)
{
	json_t *begin = NULL, *counters = NULL, *end = NULL;
	int64_t begun_ms, counted_ms, ended_ms;
	json_int_t depth_um;
	int ret;

	ret = get_row(db, s->begin_row, &begin, &begun_ms);
	if (ret || !is(begin, "patient", about->patient) ||
	    !is(begin, "area", about->area))
		goto out;
	ret = get_row(db, s->counters_row, &counters, &counted_ms);
	if (!ret)
		ret = get_row(db, s->end_row, &end, &ended_ms);
	if (ret)
		goto out;
	if (counted_ms < begun_ms)
		counted_ms = begun_ms;
	depth_um = number(counters, end, "depthPeakMicrometres");
	if (depth_um < number(begin, NULL, "depthMicrometres"))
		depth_um = number(begin, NULL, "depthMicrometres");
	*out = json_pack(
		"{s:s, s:I, s:s, s:I, s:I}", "sessionId", s->id,
		"endUnixMilliseconds",
		(json_int_t)(ended_ms > counted_ms ? ended_ms : counted_ms),
		"endReason", ended_by(s, end), "depthMicrometres", depth_um,
		"areaPunctures", number(counters, end, "areaPunctures"));
	if (!*out)
		ret = -ENOMEM;
out:
	json_decref(end);
	json_decref(counters);
	json_decref(begin);
	return ret;
}

/* Only sessions in which the motor was about to run count as treatment. */
static int find_last(sqlite3 *db, const struct sessions *all,
		     const struct record_about *about, json_t **out)
{
	int64_t newest_ms = all->count ?
				    all->list[all->count - 1].begin_unix_ms : 0;
	int ret = 0;

	*out = NULL;
	if (!about->patient[0] || !about->area[0])
		return 0;
	for (size_t i = all->count; !ret && !*out && i-- > 0;) {
		const struct session *s = &all->list[i];

		if (s->begin_unix_ms < newest_ms - BACK_MS)
			break;
		if (s->runs)
			ret = last_session(db, s, about, out);
	}
	return ret;
}

static int find_cartridge(sqlite3 *db, const char *cartridge, bool *used)
{
	sqlite3_stmt *stmt;
	int rc, ret;

	*used = false;
	if (!cartridge[0])
		return 0;
	ret = prepare(db,
		      "SELECT 1 FROM record WHERE kind = 'runIntent' AND "
		      "json_extract(body, '$.cartridge') = ?1 LIMIT 1",
		      &stmt);
	if (ret)
		return ret;
	sqlite3_bind_text(stmt, 1, cartridge, -1, SQLITE_STATIC);
	rc = sqlite3_step(stmt);
	*used = rc == SQLITE_ROW;
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		ret = store_errno(db, rc);
	sqlite3_finalize(stmt);
	return ret;
}

/*
 * The latest wall time that was good enough to begin a session. Other rows
 * tell what the clock said, which may have been nonsense.
 */
static int accepted(sqlite3 *db, const char *boot_id, json_t *answer)
{
	sqlite3_stmt *stmt;
	const char *boot;
	json_t *at = NULL;
	int rc, ret;

	ret = prepare(db,
		      "SELECT unix_ms, monotonic_ms, boot_id FROM record "
		      "WHERE kind IN ('sessionBegin', 'clock') "
		      "ORDER BY unix_ms DESC LIMIT 1",
		      &stmt);
	if (ret)
		return ret;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		boot = (const char *)sqlite3_column_text(stmt, 2);
		at = json_pack("{s:I, s:I, s:b}", "unixMilliseconds",
			       (json_int_t)sqlite3_column_int64(stmt, 0),
			       "monotonicMilliseconds",
			       (json_int_t)sqlite3_column_int64(stmt, 1),
			       "sameBoot", boot && !strcmp(boot, boot_id));
	} else if (rc != SQLITE_DONE) {
		ret = store_errno(db, rc);
	}
	sqlite3_finalize(stmt);
	json_object_set_new(answer, "accepted", at ? at : json_null());
	return ret;
}

/* A wall clock that was put ahead stands further from the boot time. */
static int offset(sqlite3 *db, const char *boot_id, json_t *answer)
{
	json_t *least = NULL;
	sqlite3_stmt *stmt;
	int rc, ret;

	ret = prepare(db,
		      "SELECT min(unix_ms - monotonic_ms) FROM record "
		      "WHERE boot_id = ?1 AND row >= coalesce((SELECT max(row) "
		      "FROM record WHERE kind = 'clock'), 0)",
		      &stmt);
	if (ret)
		return ret;
	sqlite3_bind_text(stmt, 1, boot_id, -1, SQLITE_STATIC);
	rc = sqlite3_step(stmt);
	if (rc != SQLITE_ROW)
		ret = store_errno(db, rc);
	else if (sqlite3_column_type(stmt, 0) == SQLITE_INTEGER)
		least = json_integer(sqlite3_column_int64(stmt, 0));
	sqlite3_finalize(stmt);
	json_object_set_new(answer, "offsetMilliseconds",
			    least ? least : json_null());
	return ret;
}

int history_json(sqlite3 *db, const struct sessions *all,
		 const struct record_about *about, const char *boot_id,
		 char **out)
{
	json_t *answer = json_object(), *last = NULL;
	bool used = false;
	int ret;

	*out = NULL;
	if (!answer)
		return -ENOMEM;
	ret = accepted(db, boot_id, answer);
	if (!ret)
		ret = offset(db, boot_id, answer);
	if (!ret)
		ret = find_last(db, all, about, &last);
	if (!ret)
		ret = find_cartridge(db, about->cartridge, &used);
	if (!ret) {
		json_object_set_new(answer, "cartridgeUsed", json_boolean(used));
		json_object_set(answer, "last", last ? last : json_null());
		*out = json_dumps(answer, JSON_COMPACT);
		if (!*out)
			ret = -ENOMEM;
	}
	json_decref(last);
	json_decref(answer);
	return ret;
}
