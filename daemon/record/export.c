// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sqlite3.h>
#include <string.h>

#include "daemon/record/export.h"
#include "daemon/record/page.h"
#include "daemon/record/store.h"

/* Rows looked at for one page: most of them may be of another time. */
#define SCAN_MAX 4096

static const char of_session[] = "SELECT " ROW_COLUMNS " FROM record "
				 "WHERE session = ?1 AND row > ?2 ORDER BY row";
static const char of_all[] = "SELECT " ROW_COLUMNS " FROM record "
			     "WHERE row > ?2 ORDER BY row LIMIT ?3";

int export_origin(sqlite3 *db, uint8_t out[RECORD_HASH_LEN])
{
	sqlite3_stmt *stmt;
	int rc, ret;

	rc = sqlite3_prepare_v2(db, "SELECT hash FROM record WHERE row = 1", -1,
				&stmt, NULL);
	if (rc != SQLITE_OK)
		return store_errno(db, rc);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW &&
	    sqlite3_column_bytes(stmt, 0) == RECORD_HASH_LEN) {
		memcpy(out, sqlite3_column_blob(stmt, 0), RECORD_HASH_LEN);
		ret = 0;
	} else {
		ret = rc == SQLITE_ROW || rc == SQLITE_DONE ?
			      -EUCLEAN : store_errno(db, rc);
	}
	sqlite3_finalize(stmt);
	return ret;
}

static bool chosen(const struct page *page, const struct row *row)
{
	return row->unix_ms >= page->from_ms && row->unix_ms < page->until_ms;
}

/* 1: added; 0: not of the selection. */
static int add(struct page *page, const struct row *row, json_t *rows)
{
	if (!chosen(page, row))
		return 0;
	memcpy(page->hashes[page->count++], row->hash, RECORD_HASH_LEN);
	return json_array_append_new(rows, page_row_json(row)) ? -ENOMEM : 1;
}

/* Until the page is full or nothing is left. */
static int collect(sqlite3_stmt *stmt, struct page *page, json_t *rows)
{
	size_t bytes = 0;
	int64_t seen = 0;
	struct row row;
	int rc, ret;

	page->through_row = page->after_row;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (row_read(stmt, &row))
			return -EUCLEAN;
		bytes += row.body.len + 400;
		if (page->count && (page->count == PAGE_ROWS_MAX ||
				    bytes > PAGE_BYTES))
			return 0;
		ret = add(page, &row, rows);
		if (ret < 0)
			return ret;
		page->through_row = row.row;
		bytes = ret ? bytes : bytes - row.body.len - 400;
		seen++;
	}
	page->last = page->session[0] || seen < SCAN_MAX;
	return store_errno(sqlite3_db_handle(stmt), rc);
}

static int fill(sqlite3 *db, struct page *page, json_t *rows)
{
	sqlite3_stmt *stmt;
	int rc, ret;

	rc = sqlite3_prepare_v2(db, page->session[0] ? of_session : of_all, -1,
				&stmt, NULL);
	if (rc != SQLITE_OK)
		return store_errno(db, rc);
	sqlite3_bind_text(stmt, 1, page->session, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, page->after_row);
	sqlite3_bind_int64(stmt, 3, SCAN_MAX);
	ret = collect(stmt, page, rows);
	sqlite3_finalize(stmt);
	return ret;
}

int export_page(sqlite3 *db, const struct key *key,
		const struct record_selection *what, int64_t after_row,
		char **out)
{
	struct page page = { .from_ms = what->from_unix_ms,
			     .until_ms = what->until_unix_ms,
			     .after_row = after_row };
	json_t *rows = json_array(), *json;
	int ret;

	*out = NULL;
	strcpy(page.session, what->session);
	memcpy(page.key, key->public, sizeof(page.key));
	ret = rows ? export_origin(db, page.origin) : -ENOMEM;
	if (!ret)
		ret = fill(db, &page, rows);
	if (!ret && page.session[0] && !after_row && !page.count)
		ret = -ENOENT;
	if (ret) {
		json_decref(rows);
		return ret;
	}
	page_sign(&page, key->secret);
	json = page_json(&page, rows);
	*out = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	return *out ? 0 : -ENOMEM;
}
