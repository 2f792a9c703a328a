// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "daemon/record/block.h"
#include "daemon/record/body.h"
#include "daemon/record/chain.h"
#include "daemon/record/store.h"

static void hash_hex(const void *data, size_t len, char out[CHAIN_HEX_LEN])
{
	uint8_t hash[RECORD_HASH_LEN];

	crypto_hash_sha256(hash, data, len);
	chain_hex(hash, out);
}

static char *complete(const char *text, size_t raw, const uint8_t *data,
		      size_t len)
{
	json_t *body = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL)
			    : NULL;
	char hex[CHAIN_HEX_LEN], *dump, *out = NULL;

	hash_hex(data, len, hex);
	if (json_is_object(body) &&
	    !json_object_set_new(body, "bytes", json_integer(raw)) &&
	    !json_object_set_new(body, "storedBytes", json_integer(len)) &&
	    !json_object_set_new(body, "sha256", json_string(hex))) {
		dump = json_dumps(body, JSON_COMPACT);
		out = body_normal(dump);
		free(dump);
	}
	json_decref(body);
	return out;
}

int block_pack(const char *body, const void *data, size_t len, uint8_t **out,
	       size_t *out_len, char **body_out)
{
	uLongf stored;

	*body_out = NULL;
	*out = NULL;
	if (!len || len > BLOCK_RAW_MAX)
		return -EINVAL;
	stored = compressBound(len);
	*out = malloc(stored);
	if (!*out)
		return -ENOMEM;
	if (compress2(*out, &stored, data, len, Z_DEFAULT_COMPRESSION) ==
	    Z_OK)
		*body_out = complete(body, len, *out, stored);
	*out_len = stored;
	if (*body_out)
		return 0;
	free(*out);
	*out = NULL;
	return -EINVAL;
}

int block_put(sqlite3 *db, int64_t row, const uint8_t *data, size_t len)
{
	sqlite3_stmt *stmt;
	int rc;

	rc = sqlite3_prepare_v2(db, "INSERT INTO block(row, data) VALUES(?,?)",
				-1, &stmt, NULL);
	if (rc != SQLITE_OK)
		return store_errno(db, rc);
	sqlite3_bind_int64(stmt, 1, row);
	sqlite3_bind_blob64(stmt, 2, data, len, SQLITE_STATIC);
	sqlite3_step(stmt);
	return store_errno(db, sqlite3_finalize(stmt));
}

static int get_number(sqlite3 *db, const char *sql, int64_t arg, int64_t *out)
{
	sqlite3_stmt *stmt;
	int rc;

	*out = 0;
	rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
	if (rc != SQLITE_OK)
		return store_errno(db, rc);
	sqlite3_bind_int64(stmt, 1, arg);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		*out = sqlite3_column_int64(stmt, 0);
	return store_errno(db, sqlite3_finalize(stmt));
}

int block_last_before(sqlite3 *db, int64_t unix_ms, int64_t *row)
{
	return get_number(db,
			  "SELECT coalesce(max(b.row), 0) FROM block b "
			  "JOIN record r ON r.row = b.row "
			  "WHERE r.unix_ms < ?1",
			  unix_ms, row);
}

int block_drop(sqlite3 *db, int64_t through_row)
{
	int64_t unused;

	return get_number(db, "DELETE FROM block WHERE row <= ?1", through_row,
			  &unused);
}

/* Up to which row a retention row allows blocks to be gone. */
static int64_t allowed_gone(sqlite3 *db)
{
	int64_t row;

	if (get_number(db,
		       "SELECT coalesce(max("
		       "json_extract(body, '$.throughRow')), 0) "
		       "FROM record WHERE kind = 'retention' AND row > ?1",
		       0, &row))
		return 0;
	return row;
}

int block_stray(sqlite3 *db, int64_t *row)
{
	return get_number(db,
			  "SELECT coalesce(min(b.row), 0) FROM block b "
			  "LEFT JOIN record r ON r.row = b.row "
			  "WHERE r.kind IS NOT 'telemetryBlock' AND b.row > ?1",
			  INT64_MIN, row);
}

static const char *agrees(const struct row *row, const void *data, size_t len)
{
	json_t *body = json_loadb(row->body.s, row->body.len, 0, NULL);
	const char *want = json_string_value(json_object_get(body, "sha256"));
	char hex[CHAIN_HEX_LEN];
	bool same;

	hash_hex(data, len, hex);
	same = want && !strcmp(want, hex);
	json_decref(body);
	return same ? NULL : "the block is not the one this row names";
}

const char *block_check(sqlite3 *db, sqlite3_stmt *stmt, const struct row *row)
{
	const char *wrong;
	int rc;

	sqlite3_bind_int64(stmt, 1, row->row);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		wrong = agrees(row, sqlite3_column_blob(stmt, 0),
			       sqlite3_column_bytes(stmt, 0));
	else if (rc != SQLITE_DONE)
		wrong = "the block cannot be read";
	else
		wrong = row->row <= allowed_gone(db)
				? NULL
				: "the block is missing";
	sqlite3_reset(stmt);
	return wrong;
}

static int inflate_block(const json_t *body, const void *data, size_t len,
			 uint8_t **out, size_t *out_len)
{
	json_int_t raw = json_integer_value(json_object_get(body, "bytes"));
	uLongf got = raw;

	if (raw < 1 || raw > BLOCK_RAW_MAX)
		return -EUCLEAN;
	*out = malloc(raw);
	if (!*out)
		return -ENOMEM;
	*out_len = raw;
	if (uncompress(*out, &got, data, len) == Z_OK && got == (uLongf)raw)
		return 0;
	free(*out);
	*out = NULL;
	return -EUCLEAN;
}

int block_unpack(sqlite3 *db, int64_t row, uint8_t **out, size_t *len)
{
	sqlite3_stmt *stmt;
	json_t *body;
	int rc, ret;

	*out = NULL;
	rc = sqlite3_prepare_v2(db,
				"SELECT r.body, b.data FROM block b JOIN "
				"record r ON r.row = b.row WHERE b.row = ?1",
				-1, &stmt, NULL);
	if (rc != SQLITE_OK)
		return store_errno(db, rc);
	sqlite3_bind_int64(stmt, 1, row);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		body = json_loads((const char *)sqlite3_column_text(stmt, 0), 0,
				  NULL);
		ret = inflate_block(body, sqlite3_column_blob(stmt, 1),
				    sqlite3_column_bytes(stmt, 1), out, len);
		json_decref(body);
	} else {
		ret = rc == SQLITE_DONE ? -ENOENT : store_errno(db, rc);
	}
	sqlite3_finalize(stmt);
	return ret;
}
