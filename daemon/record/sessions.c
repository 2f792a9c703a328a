// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/record/origin.h"
#include "daemon/record/sessions.h"
#include "daemon/record/store.h"

int sessions_reserve(struct sessions *all, size_t n)
{
	size_t room = all->room ? all->room : 16;
	struct session *list;

	while (room < all->count + n)
		room *= 2;
	if (room == all->room)
		return 0;
	list = realloc(all->list, room * sizeof(*list));
	if (!list)
		return -ENOMEM;
	all->list = list;
	all->room = room;
	return 0;
}

static struct session *find(const struct sessions *all, struct row_text id)
{
	if (!id.s || id.len != RECORD_SESSION_LEN - 1)
		return NULL;
	for (size_t i = all->count; i-- > 0;) {
		if (!memcmp(all->list[i].id, id.s, id.len))
			return &all->list[i];
	}
	return NULL;
}

static void add(struct sessions *all, const struct row *row)
{
	struct session *s;

	if (!row->session.s || row->session.len != RECORD_SESSION_LEN - 1 ||
	    all->count == all->room || find(all, row->session))
		return;
	s = &all->list[all->count++];
	memset(s, 0, sizeof(*s));
	memcpy(s->id, row->session.s, RECORD_SESSION_LEN - 1);
	s->begin_row = row->row;
}

static void forget(struct sessions *all, struct session *s)
{
	size_t behind = all->count - (s - all->list) - 1;

	memmove(s, s + 1, behind * sizeof(*s));
	all->count--;
}

/* What a row of an open session changes; a new kind is a case to decide. */
static void see(struct sessions *all, struct session *s, enum record_kind kind,
		int64_t row)
{
	switch (kind) {
	case RECORD_RUN_INTENT:
		s->run_open = true;
		break;
	case RECORD_RUN_END:
		s->run_open = false;
		s->counters_row = row;
		break;
	case RECORD_PROGRESS:
		s->counters_row = row;
		break;
	case RECORD_SESSION_END:
	case RECORD_INTERRUPTED:
		forget(all, s);
		break;
	case RECORD_GENESIS:
	case RECORD_START:
	case RECORD_PEN:
	case RECORD_SESSION_BEGIN:
	case RECORD_STOP:
	case RECORD_FAULT:
	case RECORD_CLOCK:
	case RECORD_MIGRATED:
	case RECORD_KEY:
	case RECORD_RECOVERED:
	case RECORD_BLOCK:
	case RECORD_RETENTION:
	case RECORD_ALARM:
	case RECORD_OVERRIDE:
	case RECORD_SCREENING:
	case RECORD_CONSENT:
	case RECORD_CARTRIDGE:
	case RECORD_COURSE:
	case RECORD_TELEMETRY:
	case RECORD_ADVERSE_EVENT:
	case RECORD_AMENDMENT:
	case RECORD_IMPORT:
	case RECORD_CALL:
	case RECORD_KINDS:
		break;
	}
}

void sessions_see(struct sessions *all, const struct row *row)
{
	enum record_kind kind = row_kind(row);
	struct session *s;

	if (kind == RECORD_SESSION_BEGIN) {
		/* Another kiosk's session is not ours to close. */
		if (!origin_is_elsewhere(row->body))
			add(all, row);
		return;
	}
	s = find(all, row->session);
	if (s)
		see(all, s, kind, row->row);
}

/* A session's rows again, in order; it ends up in the list if it is open. */
static int replay(struct sessions *all, sqlite3 *db, const char *id)
{
	sqlite3_stmt *stmt;
	struct row row;
	int rc, ret;

	ret = sessions_reserve(all, 1);
	if (ret)
		return ret;
	rc = sqlite3_prepare_v2(db,
				"SELECT " ROW_COLUMNS " FROM record "
				"WHERE session = ?1 ORDER BY row",
				-1, &stmt, NULL);
	if (rc != SQLITE_OK)
		return store_errno(db, rc);
	sqlite3_bind_text(stmt, 1, id, -1, SQLITE_TRANSIENT);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (row_read(stmt, &row)) {
			rc = SQLITE_CORRUPT;
			break;
		}
		sessions_see(all, &row);
	}
	sqlite3_finalize(stmt);
	return store_errno(db, rc);
}

int sessions_load(struct sessions *all, sqlite3 *db, int64_t open_row)
{
	sqlite3_stmt *stmt;
	int rc, ret = 0;

	/* The plus sign keeps SQLite from reading every end there ever was. */
	rc = sqlite3_prepare_v2(
		db,
		"SELECT b.session FROM record b WHERE b.kind = 'sessionBegin' "
		"AND b.row >= ?1 AND b.session IS NOT NULL AND NOT EXISTS("
		"SELECT 1 FROM record e WHERE e.session = b.session "
		"AND e.row > b.row AND +e.kind IN ('sessionEnd', 'interrupted')) ORDER BY b.row",
		-1, &stmt, NULL);
	if (rc != SQLITE_OK)
		return store_errno(db, rc);
	sqlite3_bind_int64(stmt, 1, open_row);
	while (!ret && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		ret = replay(all, db,
			     (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	return ret ? ret : store_errno(db, rc);
}

int64_t sessions_open_row(const struct sessions *all, int64_t row)
{
	return all->count ? all->list[0].begin_row : row + 1;
}

void sessions_free(struct sessions *all)
{
	free(all->list);
	memset(all, 0, sizeof(*all));
}
