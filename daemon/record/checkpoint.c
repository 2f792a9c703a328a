// SPDX-License-Identifier: GPL-2.0-or-later
#include <sodium.h>
#include <sqlite3.h>
#include <string.h>

#include "daemon/record/checkpoint.h"

#define LABEL	  "mnpen checkpoint 1"
#define LABEL_LEN (sizeof(LABEL) - 1)
#define MESSAGE_LEN (LABEL_LEN + 4 * 8 + RECORD_HASH_LEN)

static uint8_t *put_number(uint8_t *p, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		p[i] = value >> (56 - 8 * i);
	return p + 8;
}

static void message(const struct checkpoint *cp, uint8_t out[MESSAGE_LEN])
{
	uint8_t *p = out;

	memcpy(p, LABEL, LABEL_LEN);
	p = put_number(p + LABEL_LEN, cp->id);
	p = put_number(p, cp->row);
	p = put_number(p, cp->unix_ms);
	p = put_number(p, cp->open_row);
	memcpy(p, cp->hash, RECORD_HASH_LEN);
}

void checkpoint_sign(struct checkpoint *cp,
		     const uint8_t secret[CHECKPOINT_SECRET_LEN])
{
	uint8_t bytes[MESSAGE_LEN];

	message(cp, bytes);
	crypto_sign_detached(cp->signature, NULL, bytes, sizeof(bytes), secret);
}

bool checkpoint_signed(const struct checkpoint *cp)
{
	uint8_t bytes[MESSAGE_LEN];

	message(cp, bytes);
	return !crypto_sign_verify_detached(cp->signature, bytes, sizeof(bytes),
					    cp->key);
}

static bool read_blob(sqlite3_stmt *stmt, int column, uint8_t *out, int len)
{
	const void *data = sqlite3_column_blob(stmt, column);

	if (sqlite3_column_type(stmt, column) != SQLITE_BLOB || !data ||
	    sqlite3_column_bytes(stmt, column) != len)
		return false;
	memcpy(out, data, len);
	return true;
}

bool checkpoint_read(sqlite3_stmt *stmt, struct checkpoint *out)
{
	for (int i = 0; i < 4; i++) {
		if (sqlite3_column_type(stmt, i) != SQLITE_INTEGER)
			return false;
	}
	out->id = sqlite3_column_int64(stmt, 0);
	out->row = sqlite3_column_int64(stmt, 1);
	out->unix_ms = sqlite3_column_int64(stmt, 2);
	out->open_row = sqlite3_column_int64(stmt, 3);
	return read_blob(stmt, 4, out->hash, sizeof(out->hash)) &&
	       read_blob(stmt, 5, out->key, sizeof(out->key)) &&
	       read_blob(stmt, 6, out->signature, sizeof(out->signature));
}

int checkpoint_get(sqlite3 *db, int64_t id, struct checkpoint *out)
{
	sqlite3_stmt *stmt;
	int rc;

	rc = sqlite3_prepare_v2(db,
				"SELECT " CHECKPOINT_COLUMNS " FROM checkpoint "
				"WHERE id = ?1 OR ?1 = 0 "
				"ORDER BY id DESC LIMIT 1",
				-1, &stmt, NULL);
	if (rc != SQLITE_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, id);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW && !checkpoint_read(stmt, out))
		rc = SQLITE_CORRUPT;
	sqlite3_finalize(stmt);
	return rc;
}

int checkpoint_put(sqlite3 *db, const struct checkpoint *cp)
{
	sqlite3_stmt *stmt;
	int rc;

	rc = sqlite3_prepare_v2(db,
				"INSERT INTO checkpoint(" CHECKPOINT_COLUMNS
				") VALUES(?,?,?,?,?,?,?)",
				-1, &stmt, NULL);
	if (rc != SQLITE_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, cp->id);
	sqlite3_bind_int64(stmt, 2, cp->row);
	sqlite3_bind_int64(stmt, 3, cp->unix_ms);
	sqlite3_bind_int64(stmt, 4, cp->open_row);
	sqlite3_bind_blob(stmt, 5, cp->hash, sizeof(cp->hash), SQLITE_STATIC);
	sqlite3_bind_blob(stmt, 6, cp->key, sizeof(cp->key), SQLITE_STATIC);
	sqlite3_bind_blob(stmt, 7, cp->signature, sizeof(cp->signature),
			  SQLITE_STATIC);
	sqlite3_step(stmt);
	return sqlite3_finalize(stmt);
}
