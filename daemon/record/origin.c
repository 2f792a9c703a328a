// SPDX-License-Identifier: GPL-2.0-or-later
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/record/body.h"
#include "daemon/record/chain.h"
#include "daemon/record/origin.h"

#define STORED (JSON_COMPACT | JSON_SORT_KEYS)

bool origin_is_elsewhere(struct row_text body)
{
	/* Quotes within a text are escaped: this can only be a member. */
	static const char member[] = "\"origin\":{";

	return body.s && memmem(body.s, body.len, member, sizeof(member) - 1);
}

static bool get_hash(const json_t *origin, const char *key,
		     uint8_t out[RECORD_HASH_LEN])
{
	const char *hex = json_string_value(json_object_get(origin, key));
	size_t n;

	return hex && strlen(hex) == 2 * RECORD_HASH_LEN &&
	       strspn(hex, "0123456789abcdef") == 2 * RECORD_HASH_LEN &&
	       !sodium_hex2bin(out, RECORD_HASH_LEN, hex, strlen(hex), NULL, &n,
			       NULL) &&
	       n == RECORD_HASH_LEN;
}

/*
 * One step back: takes origin out of body and row becomes what it was there.
 * False: this is not what that record held.
 */
static bool step_back(json_t *body, const json_t *origin, struct row *row,
		      uint8_t prev[RECORD_HASH_LEN],
		      uint8_t hash[RECORD_HASH_LEN], char **text)
{
	uint8_t found[RECORD_HASH_LEN];
	json_t *inner = json_object_get(origin, "origin");

	if (inner)
		json_object_set(body, "origin", inner);
	else
		json_object_del(body, "origin");
	*text = json_dumps(body, STORED);
	if (!*text || !get_hash(origin, "prev", prev) ||
	    !get_hash(origin, "hash", hash))
		return false;
	row->row = json_integer_value(json_object_get(origin, "row"));
	row->body = row_text(*text);
	row->prev = prev;
	chain_hash(row, found);
	return !memcmp(found, hash, RECORD_HASH_LEN);
}

/* Back to where the row was first written; body is changed on the way. */
static const char *walk(json_t *body, struct row row,
			uint8_t root[RECORD_HASH_LEN], char **innermost)
{
	uint8_t prev[RECORD_HASH_LEN];
	json_t *origin;
	char *text;
	bool fits;

	memcpy(root, row.hash, RECORD_HASH_LEN);
	for (int i = 0; i <= ORIGIN_DEPTH_MAX; i++) {
		origin = json_incref(json_object_get(body, "origin"));
		if (!origin)
			return NULL;
		fits = step_back(body, origin, &row, prev, root, &text);
		json_decref(origin);
		free(*innermost);
		*innermost = text;
		if (!fits)
			return "is not what the kiosk wrote that it names as its origin";
	}
	return "came by too many kiosks";
}

static json_t *origin_json(const struct row *row,
			   const uint8_t kiosk[RECORD_HASH_LEN],
			   const uint8_t root[RECORD_HASH_LEN], json_t *inner)
{
	char k[CHAIN_HEX_LEN], p[CHAIN_HEX_LEN], h[CHAIN_HEX_LEN];
	char r[CHAIN_HEX_LEN];

	chain_hex(kiosk, k);
	chain_hex(row->prev, p);
	chain_hex(row->hash, h);
	chain_hex(root, r);
	return json_pack("{ss sI ss ss ss sO*}", "kiosk", k, "row",
			 (json_int_t)row->row, "prev", p, "hash", h, "root", r,
			 "origin", inner);
}

char *origin_wrap(const struct row *row, const uint8_t kiosk[RECORD_HASH_LEN],
		  uint8_t root[RECORD_HASH_LEN], char **innermost,
		  const char **why)
{
	json_t *body, *inner, *back;
	char *stored = NULL;

	*innermost = body_normal(row->body.s);
	body = *innermost ? json_loads(*innermost, 0, NULL) : NULL;
	inner = json_object_get(body, "origin");
	back = json_deep_copy(body);
	/* Stored bodies are normal; another one would not come out the same. */
	*why = "has a body that no record holds";
	if (back && !strcmp(*innermost, row->body.s))
		*why = walk(back, *row, root, innermost);
	json_decref(back);
	if (!*why) {
		json_object_set_new(body, "origin",
				    origin_json(row, kiosk, root, inner));
		stored = json_dumps(body, STORED);
		if (stored && strlen(stored) > RECORD_BODY_MAX) {
			free(stored);
			stored = NULL;
		}
		*why = stored ? NULL : "is too long to be imported";
	}
	json_decref(body);
	return stored;
}
