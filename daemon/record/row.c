// SPDX-License-Identifier: GPL-2.0-or-later
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/record/row.h"

static const char *const kind_names[RECORD_KINDS] = {
	[RECORD_GENESIS] = "genesis",
	[RECORD_START] = "start",
	[RECORD_PEN] = "pen",
	[RECORD_SESSION_BEGIN] = "sessionBegin",
	[RECORD_RUN_INTENT] = "runIntent",
	[RECORD_RUN_END] = "runEnd",
	[RECORD_PROGRESS] = "progress",
	[RECORD_STOP] = "stop",
	[RECORD_FAULT] = "fault",
	[RECORD_SESSION_END] = "sessionEnd",
	[RECORD_INTERRUPTED] = "interrupted",
	[RECORD_CLOCK] = "clock",
	[RECORD_MIGRATED] = "migrated",
	[RECORD_KEY] = "key",
	[RECORD_RECOVERED] = "recovered",
	[RECORD_BLOCK] = "telemetryBlock",
	[RECORD_RETENTION] = "retention",
	[RECORD_ALARM] = "alarm",
	[RECORD_OVERRIDE] = "override",
	[RECORD_SCREENING] = "screening",
	[RECORD_CONSENT] = "consent",
	[RECORD_CARTRIDGE] = "cartridge",
	[RECORD_COURSE] = "course",
	[RECORD_TELEMETRY] = "telemetry",
	[RECORD_ADVERSE_EVENT] = "adverseEvent",
	[RECORD_AMENDMENT] = "amendment",
	[RECORD_IMPORT] = "import",
	[RECORD_CALL] = "call",
};

const char *record_kind_name(enum record_kind kind)
{
	return (unsigned int)kind < RECORD_KINDS ? kind_names[kind] : "unknown";
}

enum record_kind row_kind(const struct row *row)
{
	for (int i = 0; i < RECORD_KINDS; i++) {
		if (row->kind.len == strlen(kind_names[i]) &&
		    !memcmp(row->kind.s, kind_names[i], row->kind.len))
			return i;
	}
	return RECORD_KINDS;
}

struct row_text row_text(const char *s)
{
	return (struct row_text){ s, s ? strlen(s) : 0 };
}

static int64_t ms_of(const struct timespec *ts)
{
	return (int64_t)ts->tv_sec * 1000 + ts->tv_nsec / 1000000;
}

void row_stamp(struct row *row, const char *boot_id)
{
	struct timespec wall, boot;
	struct tm local;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	row->unix_ms = ms_of(&wall);
	row->monotonic_ms = ms_of(&boot);
	row->utc_offset_min =
		localtime_r(&wall.tv_sec, &local) ? local.tm_gmtoff / 60 : 0;
	row->boot_id = row_text(boot_id);
}

static bool read_text(sqlite3_stmt *stmt, int column, struct row_text *out)
{
	*out = (struct row_text){ NULL, 0 };
	if (sqlite3_column_type(stmt, column) != SQLITE_TEXT)
		return false;
	/* The order matters: text first, then its length in bytes. */
	out->s = (const char *)sqlite3_column_text(stmt, column);
	out->len = sqlite3_column_bytes(stmt, column);
	return out->s;
}

static bool read_int(sqlite3_stmt *stmt, int column, int64_t *out)
{
	*out = sqlite3_column_int64(stmt, column);
	return sqlite3_column_type(stmt, column) == SQLITE_INTEGER;
}

static bool read_hash(sqlite3_stmt *stmt, int column, const uint8_t **out)
{
	*out = NULL;
	if (sqlite3_column_type(stmt, column) != SQLITE_BLOB)
		return false;
	*out = sqlite3_column_blob(stmt, column);
	return *out && sqlite3_column_bytes(stmt, column) == RECORD_HASH_LEN;
}

const char *row_read(struct sqlite3_stmt *stmt, struct row *out)
{
	memset(out, 0, sizeof(*out));
	if (!read_int(stmt, 0, &out->row))
		return "has no row number";
	if (sqlite3_column_type(stmt, 1) != SQLITE_NULL &&
	    !read_text(stmt, 1, &out->session))
		return "has a session that is not text";
	if (!read_text(stmt, 2, &out->kind))
		return "has a kind that is not text";
	if (!read_int(stmt, 3, &out->unix_ms) ||
	    !read_int(stmt, 4, &out->utc_offset_min) ||
	    !read_int(stmt, 6, &out->monotonic_ms))
		return "has a time that is not a number";
	if (!read_text(stmt, 5, &out->boot_id))
		return "has a boot id that is not text";
	if (!read_text(stmt, 7, &out->body))
		return "has a body that is not text";
	if (!read_hash(stmt, 8, &out->prev) || !read_hash(stmt, 9, &out->hash))
		return "has a hash that is not 32 bytes";
	return NULL;
}

bool row_session_valid(const char *session)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (!session ||
	    strnlen(session, RECORD_SESSION_LEN) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i]; i++) {
		if (form[i] == '-' ? session[i] != '-'
				   : !strchr("0123456789abcdef", session[i]))
			return false;
	}
	return true;
}

void record_new_session(char out[RECORD_SESSION_LEN])
{
	uint8_t id[16];

	/* Aborts the program if the system has no random numbers. */
	if (sodium_init() < 0)
		sodium_misuse();
	randombytes_buf(id, sizeof(id));
	id[6] = (id[6] & 0x0f) | 0x40;
	id[8] = (id[8] & 0x3f) | 0x80;
	snprintf(out, RECORD_SESSION_LEN,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
		 "%02x%02x%02x%02x%02x%02x",
		 id[0], id[1], id[2], id[3], id[4], id[5], id[6], id[7], id[8],
		 id[9], id[10], id[11], id[12], id[13], id[14], id[15]);
}
