// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "daemon/record/chain.h"
#include "daemon/record/page.h"

#define LABEL	    "mnpen export 1"
#define LABEL_LEN   (sizeof(LABEL) - 1)
#define SESSION_LEN (RECORD_SESSION_LEN - 1)
#define MESSAGE_LEN (LABEL_LEN + RECORD_HASH_LEN + SESSION_LEN + 6 * 8 + \
		     1 + RECORD_HASH_LEN)

static_assert(MESSAGE_LEN == 163, "as the header says");

/* --- signature -------------------------------------------------------------- */

static uint8_t *put_number(uint8_t *p, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		p[i] = value >> (56 - 8 * i);
	return p + 8;
}

static void message(const struct page *page, uint8_t out[MESSAGE_LEN])
{
	uint8_t *p = out;

	memset(out, 0, MESSAGE_LEN);
	memcpy(p, LABEL, LABEL_LEN);
	p += LABEL_LEN;
	memcpy(p, page->origin, RECORD_HASH_LEN);
	p += RECORD_HASH_LEN;
	memcpy(p, page->session, strlen(page->session));
	p += SESSION_LEN;
	p = put_number(p, page->from_ms);
	p = put_number(p, page->until_ms);
	p = put_number(p, page->after_row);
	p = put_number(p, page->through_row);
	p = put_number(p, page->count);
	p = put_number(p, page->last);
	p++;
	crypto_hash_sha256(p, page->hashes[0],
			   (size_t)page->count * RECORD_HASH_LEN);
}

void page_sign(struct page *page, const uint8_t secret[CHECKPOINT_SECRET_LEN])
{
	uint8_t bytes[MESSAGE_LEN];

	message(page, bytes);
	crypto_sign_detached(page->signature, NULL, bytes, sizeof(bytes),
			     secret);
}

static bool is_signed(const struct page *page)
{
	uint8_t bytes[MESSAGE_LEN];

	message(page, bytes);
	return !crypto_sign_verify_detached(page->signature, bytes,
					    sizeof(bytes), page->key);
}

/* --- as JSON ------------------------------------------------------------------ */

json_t *page_json(const struct page *page, json_t *rows)
{
	char origin[CHAIN_HEX_LEN], key[2 * CHECKPOINT_KEY_LEN + 1];
	char signature[2 * CHECKPOINT_SIGNATURE_LEN + 1];

	chain_hex(page->origin, origin);
	sodium_bin2hex(key, sizeof(key), page->key, sizeof(page->key));
	sodium_bin2hex(signature, sizeof(signature), page->signature,
		       sizeof(page->signature));
	return json_pack("{ss s{ss sI sI} sI sI sb so ss ss}", "origin",
			 origin, "selection", "sessionId", page->session,
			 "fromUnixMilliseconds", (json_int_t)page->from_ms,
			 "untilUnixMilliseconds", (json_int_t)page->until_ms,
			 "afterRow", (json_int_t)page->after_row, "throughRow",
			 (json_int_t)page->through_row, "last", page->last,
			 "rows", rows, "key", key, "signature", signature);
}

json_t *page_row_json(const struct row *row)
{
	char prev[CHAIN_HEX_LEN], hash[CHAIN_HEX_LEN];
	json_t *session = json_null();

	chain_hex(row->prev, prev);
	chain_hex(row->hash, hash);
	if (row->session.s)
		session = json_stringn(row->session.s, row->session.len);
	return json_pack("{sI so ss% sI sI ss% sI ss% ss ss}", "row",
			 (json_int_t)row->row, "session", session, "kind",
			 row->kind.s, row->kind.len, "unixMilliseconds",
			 (json_int_t)row->unix_ms, "utcOffsetMinutes",
			 (json_int_t)row->utc_offset_min, "bootId",
			 row->boot_id.s, row->boot_id.len,
			 "monotonicMilliseconds", (json_int_t)row->monotonic_ms,
			 "body", row->body.s, row->body.len, "prev", prev,
			 "hash", hash);
}

static bool get_text(const json_t *json, const char *key, struct row_text *out)
{
	const json_t *text = json_object_get(json, key);

	out->s = json_string_value(text);
	out->len = json_string_length(text);
	return out->s;
}

static bool get_number(const json_t *json, const char *key, int64_t *out)
{
	const json_t *number = json_object_get(json, key);

	*out = json_integer_value(number);
	return json_is_integer(number);
}

static bool get_hex(const json_t *json, const char *key, uint8_t *out,
		    size_t len)
{
	const char *hex = json_string_value(json_object_get(json, key));
	size_t n;

	/* One spelling only: what is compared as text must be the same text. */
	return hex && strlen(hex) == 2 * len &&
	       strspn(hex, "0123456789abcdef") == 2 * len &&
	       !sodium_hex2bin(out, len, hex, 2 * len, NULL, &n, NULL) &&
	       n == len;
}

bool page_row_read(const json_t *json, struct row *out,
		   uint8_t prev[RECORD_HASH_LEN], uint8_t hash[RECORD_HASH_LEN])
{
	memset(out, 0, sizeof(*out));
	out->prev = prev;
	out->hash = hash;
	if (!json_is_null(json_object_get(json, "session")) &&
	    (!get_text(json, "session", &out->session) ||
	     !row_session_valid(out->session.s)))
		return false;
	return json_object_get(json, "session") &&
	       get_number(json, "row", &out->row) && out->row > 0 &&
	       get_text(json, "kind", &out->kind) &&
	       get_number(json, "unixMilliseconds", &out->unix_ms) &&
	       get_number(json, "utcOffsetMinutes", &out->utc_offset_min) &&
	       get_text(json, "bootId", &out->boot_id) &&
	       get_number(json, "monotonicMilliseconds", &out->monotonic_ms) &&
	       get_text(json, "body", &out->body) &&
	       get_hex(json, "prev", prev, RECORD_HASH_LEN) &&
	       get_hex(json, "hash", hash, RECORD_HASH_LEN);
}

/* --- checking ------------------------------------------------------------------- */

static int faulty(struct page_fault *fault, int index, const char *why)
{
	fault->index = index;
	snprintf(fault->why, sizeof(fault->why), "%s", why);
	return -EBADMSG;
}

static bool read_page(const json_t *json, struct page *out)
{
	const json_t *selection = json_object_get(json, "selection");
	const json_t *last = json_object_get(json, "last");
	struct row_text session;

	memset(out, 0, sizeof(*out));
	if (!get_text(selection, "sessionId", &session) ||
	    (session.len && !row_session_valid(session.s)))
		return false;
	strcpy(out->session, session.s);
	out->last = json_is_true(last);
	return get_hex(json, "origin", out->origin, sizeof(out->origin)) &&
	       get_number(selection, "fromUnixMilliseconds", &out->from_ms) &&
	       get_number(selection, "untilUnixMilliseconds",
			  &out->until_ms) &&
	       get_number(json, "afterRow", &out->after_row) &&
	       get_number(json, "throughRow", &out->through_row) &&
	       json_is_boolean(last) &&
	       get_hex(json, "key", out->key, sizeof(out->key)) &&
	       get_hex(json, "signature", out->signature,
		       sizeof(out->signature));
}

/* A row, what it says of itself, and that it belongs into this page. */
static const char *check_row(const struct page *page, const struct row *row,
			     const struct row *before)
{
	uint8_t hash[RECORD_HASH_LEN];

	chain_hash(row, hash);
	if (memcmp(hash, row->hash, sizeof(hash)))
		return "was changed: its hash does not fit";
	if (row->row <= (before ? before->row : page->after_row) ||
	    row->row > page->through_row)
		return "is out of order";
	if (before && row->row == before->row + 1 &&
	    memcmp(row->prev, before->hash, RECORD_HASH_LEN))
		return "does not follow the row before it";
	if (page->session[0] &&
	    (!row->session.s || strcmp(row->session.s, page->session)))
		return "is of another session";
	if (row->unix_ms < page->from_ms || row->unix_ms >= page->until_ms)
		return "is of another time";
	return NULL;
}

static int check_rows(const json_t *rows, struct page *page,
		      struct page_fault *fault)
{
	uint8_t prev[2][RECORD_HASH_LEN], hash[2][RECORD_HASH_LEN];
	struct row row[2];
	const char *wrong;

	for (size_t i = 0; i < json_array_size(rows); i++) {
		struct row *now = &row[i % 2];

		if (!page_row_read(json_array_get(rows, i), now, prev[i % 2],
				   hash[i % 2]))
			return faulty(fault, (int)i, "is no row of a record");
		wrong = check_row(page, now, i ? &row[(i + 1) % 2] : NULL);
		if (wrong)
			return faulty(fault, (int)i, wrong);
		memcpy(page->hashes[i], now->hash, RECORD_HASH_LEN);
	}
	page->count = (int64_t)json_array_size(rows);
	return 0;
}

int page_check(const json_t *json, struct page *out, struct page_fault *fault)
{
	const json_t *rows = json_object_get(json, "rows");
	int ret;

	if (!json_is_array(rows) || json_array_size(rows) > PAGE_ROWS_MAX ||
	    !read_page(json, out))
		return faulty(fault, PAGE_ITSELF, "is no page of an export");
	ret = check_rows(rows, out, fault);
	if (ret)
		return ret;
	if (!is_signed(out))
		return faulty(fault, PAGE_ITSELF,
			      "has a signature that does not fit: rows are missing, or it was changed");
	return 0;
}
