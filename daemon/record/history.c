// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When was this patient last treated in this area, did this cartridge ever run,
 * and which time was it when that was certain. All by indexes.
 */
#include <errno.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/record/history.h"
#include "daemon/record/origin.h"
#include "daemon/record/places.h"
#include "daemon/record/store.h"

static int prepare(sqlite3 *db, const char *sql, sqlite3_stmt **stmt)
{
	return store_errno(db, sqlite3_prepare_v2(db, sql, -1, stmt, NULL));
}

static json_int_t number(const json_t *a, const json_t *b, const char *key)
{
	json_int_t x = json_integer_value(json_object_get(a, key));
	json_int_t y = json_integer_value(json_object_get(b, key));

	return x > y ? x : y;
}

static const char *ended_by(const struct places *at, const json_t *end)
{
	const char *reason = json_string_value(json_object_get(end, "reason"));

	if (at->ended && reason)
		return reason;
	return at->interrupted ? "interrupted" : "open";
}

static int last_json(sqlite3 *db, const char *session, int64_t begun_ms,
		     const struct places *at, const json_t *begin,
		     json_t **out)
{
	json_t *counters = NULL, *end = NULL;
	int64_t counted_ms, ended_ms;
	json_int_t depth_um;
	int ret;

	ret = places_body(db, places_counters(at), &counters, &counted_ms);
	if (!ret)
		ret = places_body(db, places_end(at), &end, &ended_ms);
	if (ret)
		goto out;
	if (counted_ms < begun_ms)
		counted_ms = begun_ms;
	depth_um = number(counters, end, "depthPeakMicrometres");
	if (depth_um < number(begin, NULL, "depthMicrometres"))
		depth_um = number(begin, NULL, "depthMicrometres");
	*out = json_pack(
		"{s:s, s:I, s:s, s:I, s:I}", "sessionId", session,
		"endUnixMilliseconds",
		(json_int_t)(ended_ms > counted_ms ? ended_ms : counted_ms),
		"endReason", ended_by(at, end), "depthMicrometres", depth_um,
		"areaPunctures", number(counters, end, "areaPunctures"));
	if (!*out)
		ret = -ENOMEM;
out:
	json_decref(end);
	json_decref(counters);
	return ret;
}

/* More sessions than this on one patient's cheek are none of today's rules. */
#define RECENT_MAX 8

/* Columns: session, unix_ms, row. */
static int add_session(sqlite3 *db, sqlite3_stmt *stmt, json_t *recent)
{
	const char *session = (const char *)sqlite3_column_text(stmt, 0);
	json_t *begin, *one = NULL;
	struct places at;
	int ret;

	if (!session)
		return 0;
	ret = places_find(db, session, &at);
	/* Only sessions in which the motor was about to run are treatment. */
	if (ret || !at.intents)
		return ret;
	ret = places_body(db, sqlite3_column_int64(stmt, 2), &begin, NULL);
	if (!ret)
		ret = last_json(db, session, sqlite3_column_int64(stmt, 1),
				&at, begin, &one);
	json_decref(begin);
	if (!ret && json_array_append_new(recent, one))
		ret = -ENOMEM;
	return ret;
}

static int find_recent(sqlite3 *db, const struct record_about *about,
		       json_t *recent)
{
	sqlite3_stmt *stmt;
	int ret, rc = SQLITE_DONE;

	if (!about->patient[0] || !about->area[0])
		return 0;
	ret = prepare(db,
		      "SELECT session, unix_ms, row FROM record "
		      "WHERE json_extract(body, '$.patient') = ?1 "
		      "AND kind IN ('sessionBegin', 'consent', 'course', "
		      "'adverseEvent') AND +kind = 'sessionBegin' "
		      "AND json_extract(body, '$.area') = ?2 "
		      "ORDER BY unix_ms DESC, row DESC",
		      &stmt);
	if (ret)
		return ret;
	sqlite3_bind_text(stmt, 1, about->patient, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, about->area, -1, SQLITE_STATIC);
	while (!ret && json_array_size(recent) < RECENT_MAX &&
	       (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		ret = add_session(db, stmt, recent);
	sqlite3_finalize(stmt);
	return ret ? ret : store_errno(db, rc);
}

static int find_cartridge(sqlite3 *db, const char *cartridge, bool *used)
{
	sqlite3_stmt *stmt;
	int rc, ret;

	*used = false;
	if (!cartridge[0])
		return 0;
	ret = prepare(db,
		      "SELECT 1 FROM record "
		      "WHERE kind IN ('cartridge', 'runIntent') AND "
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

/* Of a lot without serial numbers: how many pieces of it were used. */
static int add_lot(sqlite3 *db, const char *lot, json_t *answer)
{
	sqlite3_stmt *stmt;
	json_int_t uses = 0;
	int rc, ret;

	if (lot[0]) {
		ret = prepare(db,
			      "SELECT count(*) FROM record "
			      "WHERE kind IN ('cartridge', 'runIntent') AND "
			      "json_extract(body, '$.cartridge') = ?1 AND "
			      "+kind = 'cartridge'",
			      &stmt);
		if (ret)
			return ret;
		sqlite3_bind_text(stmt, 1, lot, -1, SQLITE_STATIC);
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW)
			uses = sqlite3_column_int64(stmt, 0);
		sqlite3_finalize(stmt);
		if (rc != SQLITE_ROW)
			return store_errno(db, rc);
	}
	return json_object_set_new(answer, "lotUses", json_integer(uses)) ?
		       -ENOMEM : 0;
}

/* What was last planned for this patient, area and concern. */
static int add_course(sqlite3 *db, const struct record_about *about,
		      json_t *answer)
{
	json_t *planned = json_null();
	sqlite3_stmt *stmt;
	int rc, ret;

	if (about->patient[0] && about->concern[0]) {
		ret = prepare(db,
			      "SELECT json_extract(body, '$.plannedSessions') "
			      "FROM record "
			      "WHERE json_extract(body, '$.patient') = ?1 "
			      "AND kind IN ('sessionBegin', 'consent', 'course', "
			      "'adverseEvent') AND +kind = 'course' "
			      "AND json_extract(body, '$.area') = ?2 "
			      "AND json_extract(body, '$.concern') = ?3 "
			      "ORDER BY unix_ms DESC, row DESC LIMIT 1",
			      &stmt);
		if (ret)
			return ret;
		sqlite3_bind_text(stmt, 1, about->patient, -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 2, about->area, -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 3, about->concern, -1, SQLITE_STATIC);
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW)
			planned = json_integer(sqlite3_column_int64(stmt, 0));
		sqlite3_finalize(stmt);
		if (rc != SQLITE_ROW && rc != SQLITE_DONE)
			return store_errno(db, rc);
	}
	return json_object_set_new(answer, "plannedSessions", planned) ?
		       -ENOMEM : 0;
}

/*
 * The latest wall time that was good enough to begin a session here. Other
 * rows tell what the clock said, or another kiosk's, which may be nonsense.
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
		      "AND " ORIGIN_IS_HERE " ORDER BY unix_ms DESC LIMIT 1",
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
		      "WHERE boot_id = ?1 AND kind IN "
		      "('genesis', 'start', 'sessionBegin', 'sessionEnd', 'clock') "
		      "AND row >= coalesce((SELECT max(c.row) FROM record c "
		      "WHERE c.kind = 'clock'), 0)",
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

int history_json(sqlite3 *db, const struct record_about *about,
		 const char *boot_id, char **out)
{
	json_t *answer = json_object(), *recent = json_array(), *last;
	bool used = false;
	int ret;

	*out = NULL;
	ret = answer && recent ? 0 : -ENOMEM;
	if (!ret)
		ret = accepted(db, boot_id, answer);
	if (!ret)
		ret = offset(db, boot_id, answer);
	if (!ret)
		ret = find_recent(db, about, recent);
	if (!ret)
		ret = find_cartridge(db, about->cartridge, &used);
	if (!ret)
		ret = add_lot(db, about->lot, answer);
	if (!ret)
		ret = add_course(db, about, answer);
	if (!ret) {
		json_object_set_new(answer, "cartridgeUsed", json_boolean(used));
		last = json_array_get(recent, 0);
		json_object_set(answer, "last", last ? last : json_null());
		json_object_set(answer, "recent", recent);
		*out = json_dumps(answer, JSON_COMPACT);
		if (!*out)
			ret = -ENOMEM;
	}
	json_decref(recent);
	json_decref(answer);
	return ret;
}
