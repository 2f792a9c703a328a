/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One row of the record, as it is hashed and stored.
 *
 * A struct row never owns what it points to: a request does, or an SQLite
 * statement until it is stepped again.
 */
#ifndef MNPEN_RECORD_ROW_H
#define MNPEN_RECORD_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/record/record.h"

struct sqlite3_stmt;

/* Text with its length: a damaged file may hold a NUL in the middle. */
struct row_text {
	const char *s; /* NULL: there is none */
	size_t len;
};

struct row {
	int64_t row; /* 1 is the genesis row */
	struct row_text session;
	struct row_text kind;
	int64_t unix_ms;	/* CLOCK_REALTIME */
	int64_t utc_offset_min; /* local time minus UTC */
	struct row_text boot_id;
	int64_t monotonic_ms; /* CLOCK_BOOTTIME */
	struct row_text body;
	const uint8_t *prev; /* RECORD_HASH_LEN bytes, as is hash */
	const uint8_t *hash;
};

/* Columns in the order row_read() expects them. */
#define ROW_COLUMNS                                                            \
	"row, session, kind, unix_ms, utc_offset_min, boot_id, "               \
	"monotonic_ms, body, prev, hash"

struct row_text row_text(const char *s);

/* Sets the four times to now. boot_id must outlive the row. */
void row_stamp(struct row *row, const char *boot_id);

/*
 * Takes a row out of a statement over ROW_COLUMNS. NULL if every column has
 * its type and length, else what is wrong, as the end of a sentence.
 */
const char *row_read(struct sqlite3_stmt *stmt, struct row *out);

/* RECORD_KINDS if the text is no kind this version knows. */
enum record_kind row_kind(const struct row *row);

/* Lower-case UUID text, as record_new_session() makes it. */
bool row_session_valid(const char *session);

#endif /* MNPEN_RECORD_ROW_H */
