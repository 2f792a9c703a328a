/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page of an export: some rows of a record, and under them the signature of
 * the daemon whose record it is. Who has an export can check it without us:
 *
 *  - a row's hash is that of chain.h over its members; rows whose numbers
 *    follow each other are linked by prev;
 *  - the signature is Ed25519 by key over 163 bytes: text "mnpen export 1"
 *    and, numbers as eight bytes each, big-endian: origin (32 bytes, the hash
 *    of row 1: it names the record), the 36 bytes of selection.sessionId or
 *    zeros, fromUnixMilliseconds, untilUnixMilliseconds, afterRow, throughRow,
 *    the count of rows, last (0 or 1) and one zero byte, SHA-256 over the
 *    hashes of the rows one behind the other, as 32 bytes each;
 *  - pages follow each other: afterRow is the throughRow of the page before,
 *    0 in the first; last is true in the last. Nothing of the selection is
 *    missing.
 *
 *  {origin, selection: {sessionId: "" for all, fromUnixMilliseconds,
 *   untilUnixMilliseconds: the first moment that is not exported}, afterRow,
 *   throughRow, last, rows: [{row, session, kind, unixMilliseconds,
 *   utcOffsetMinutes, bootId, monotonicMilliseconds, body: JSON in a text, as
 *   it was hashed, prev, hash}], key, signature}
 */
#ifndef MNPEN_RECORD_PAGE_H
#define MNPEN_RECORD_PAGE_H

#include <jansson.h>

#include "daemon/record/checkpoint.h"
#include "daemon/record/row.h"

#define PAGE_ROWS_MAX	64
#define PAGE_BYTES	(24 * 1024) /* of rows, about: fits a client's call */
#define PAGE_TIME_MAX	INT64_C(9007199254740991)

/* Everything but the rows. */
struct page {
	uint8_t origin[RECORD_HASH_LEN];
	char session[RECORD_SESSION_LEN]; /* empty: all */
	int64_t from_ms, until_ms;
	int64_t after_row, through_row;
	int64_t count;
	bool last;
	uint8_t hashes[PAGE_ROWS_MAX][RECORD_HASH_LEN];
	uint8_t key[CHECKPOINT_KEY_LEN];
	uint8_t signature[CHECKPOINT_SIGNATURE_LEN];
};

#define PAGE_WHY_LEN 160
#define PAGE_ITSELF  (-1)

/* What is wrong with a page and where. */
struct page_fault {
	int index; /* of the row, from 0; PAGE_ITSELF: none of them */
	char why[PAGE_WHY_LEN]; /* the end of a sentence: "was changed" */
};

void page_sign(struct page *page, const uint8_t secret[CHECKPOINT_SECRET_LEN]);
/* Steals rows. NULL without memory. */
json_t *page_json(const struct page *page, json_t *rows);

json_t *page_row_json(const struct row *row);
/*
 * The other way round. prev and hash are buffers for what row points to; texts
 * belong to json. False: a member is missing or malformed.
 */
bool page_row_read(const json_t *json, struct row *out,
		   uint8_t prev[RECORD_HASH_LEN], uint8_t hash[RECORD_HASH_LEN]);

/*
 * Reads a page and checks all of the above but that it follows the one before.
 * 0, or -EBADMSG with fault.
 */
int page_check(const json_t *json, struct page *out, struct page_fault *fault);

#endif /* MNPEN_RECORD_PAGE_H */
