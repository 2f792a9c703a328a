// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/record/chain.h"
#include "daemon/record/import.h"
#include "daemon/record/kind.h"
#include "daemon/record/origin.h"
#include "daemon/record/page.h"

/* A row to be: with the way it came in its body. */
struct taken {
	struct taken *next;
	struct row row; /* texts are below */
	char session[RECORD_SESSION_LEN];
	char kind[32];
	char boot_id[RECORD_SESSION_LEN];
	char *body;
	uint8_t hash[RECORD_HASH_LEN]; /* where it comes from */
	uint8_t root[RECORD_HASH_LEN]; /* where it was first written */
};

struct leaf {
	struct leaf *next;
	json_t *proof; /* the IMPORT row's body, without "taken" */
	struct taken *rows, **last;
};

struct import {
	struct page page; /* the one before */
	struct leaf *leaves, **last;
	size_t bytes;
};

void import_drop(struct import **im)
{
	struct leaf *leaf;
	struct taken *t;

	if (!*im)
		return;
	while ((leaf = (*im)->leaves)) {
		(*im)->leaves = leaf->next;
		while ((t = leaf->rows)) {
			leaf->rows = t->next;
			free(t->body);
			free(t);
		}
		json_decref(leaf->proof);
		free(leaf);
	}
	free(*im);
	*im = NULL;
}

static int begin(struct import **im)
{
	import_drop(im);
	*im = calloc(1, sizeof(**im));
	if (!*im)
		return -ENOMEM;
	(*im)->last = &(*im)->leaves;
	return 0;
}

/* --- may it be taken? ------------------------------------------------------------- */

/* Pages of one export, in their order. */
static const char *follows(const struct import *im, const struct page *page)
{
	const struct page *before = &im->page;

	if (!im->leaves)
		return page->after_row ? "is not the first of an export" : NULL;
	if (page->after_row != before->through_row ||
	    memcmp(page->origin, before->origin, sizeof(page->origin)) ||
	    memcmp(page->key, before->key, sizeof(page->key)) ||
	    strcmp(page->session, before->session) ||
	    page->from_ms != before->from_ms ||
	    page->until_ms != before->until_ms)
		return "does not follow the page before it: rows are missing";
	return NULL;
}

static int known_key(sqlite3 *db, const char *origin, char *out, size_t len)
{
	sqlite3_stmt *stmt;
	const char *key;
	int rc;

	out[0] = '\0';
	rc = sqlite3_prepare_v2(db,
				"SELECT json_extract(body, '$.key') "
				"FROM record WHERE kind = 'import' AND "
				"json_extract(body, '$.origin') = ?1 "
				"ORDER BY row DESC LIMIT 1",
				-1, &stmt, NULL);
	if (rc != SQLITE_OK)
		return store_errno(db, rc);
	sqlite3_bind_text(stmt, 1, origin, -1, SQLITE_STATIC);
	rc = sqlite3_step(stmt);
	key = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) :
				 NULL;
	if (key)
		snprintf(out, len, "%s", key);
	sqlite3_finalize(stmt);
	return store_errno(db, rc);
}

/* Whoever holds a key can sign: it must be the kiosk's own. */
static int trusted(sqlite3 *db, const struct page *page, const char *key,
		   const char **why)
{
	char origin[CHAIN_HEX_LEN], is[2 * CHECKPOINT_KEY_LEN + 1];
	char want[2 * CHECKPOINT_KEY_LEN + 1];
	int ret = 0;

	chain_hex(page->origin, origin);
	sodium_bin2hex(is, sizeof(is), page->key, sizeof(page->key));
	if (key)
		snprintf(want, sizeof(want), "%s", key);
	else
		ret = known_key(db, origin, want, sizeof(want));
	if (ret || !want[0] || !strcmp(want, is))
		return ret;
	*why = key ? "is signed by another key than the one given" :
		     "is signed by another key than that kiosk had before; if it was replaced, give the new one with --key";
	return 0;
}

/* --- one page ------------------------------------------------------------------------ */

/* True: of a session, and of use here. */
static bool wanted(const struct row *row)
{
	return row->session.s && row_kind(row) != RECORD_BLOCK;
}

static const char *check_kind(const struct row *row, const char *innermost,
			      int64_t now_ms)
{
	enum record_kind kind = row_kind(row);

	if (kind == RECORD_KINDS)
		return "is of a kind this version does not know";
	if (row->unix_ms > now_ms + IMPORT_AHEAD_MS)
		return "is of a time to come: one of the two clocks is wrong";
	if (!kind_accepts(kind, innermost) || kind_is_own(kind))
		return "holds what no record may hold";
	return NULL;
}

static const char *take(struct leaf *leaf, const struct row *row,
			const struct page *page, int64_t now_ms)
{
	struct taken *t = calloc(1, sizeof(*t));
	char *innermost = NULL;
	const char *why = "does not fit into memory";

	if (!t)
		return why;
	*leaf->last = t;
	leaf->last = &t->next;
	t->body = origin_wrap(row, page->origin, t->root, &innermost, &why);
	if (t->body)
		why = check_kind(row, innermost, now_ms);
	free(innermost);
	snprintf(t->session, sizeof(t->session), "%s", row->session.s);
	snprintf(t->kind, sizeof(t->kind), "%s", row->kind.s);
	snprintf(t->boot_id, sizeof(t->boot_id), "%s", row->boot_id.s);
	memcpy(t->hash, row->hash, sizeof(t->hash));
	t->row = *row;
	t->row.session = row_text(t->session);
	t->row.kind = row_text(t->kind);
	t->row.boot_id = row_text(t->boot_id);
	t->row.body = row_text(t->body);
	if (!why && strlen(row->boot_id.s) >= sizeof(t->boot_id))
		why = "has a boot id that is too long";
	return why;
}

/* What was signed and nothing else that the page may hold. */
static json_t *proof_json(const struct page *page)
{
	json_t *hashes = json_array(), *proof = page_json(page, json_null());
	char hex[CHAIN_HEX_LEN];

	for (int64_t i = 0; i < page->count; i++) {
		chain_hex(page->hashes[i], hex);
		json_array_append_new(hashes, json_string(hex));
	}
	json_object_del(proof, "rows");
	json_object_set_new(proof, "hashes", hashes);
	return proof;
}

static const char *keep(struct import *im, const struct page *page,
			const json_t *json, int *index)
{
	const json_t *rows = json_object_get(json, "rows");
	uint8_t prev[RECORD_HASH_LEN], hash[RECORD_HASH_LEN];
	struct leaf *leaf = calloc(1, sizeof(*leaf));
	const char *why = NULL;
	struct row row, now;

	if (!leaf)
		return "does not fit into memory";
	leaf->last = &leaf->rows;
	leaf->proof = proof_json(page);
	*im->last = leaf;
	im->last = &leaf->next;
	row_stamp(&now, "");
	for (int64_t i = 0; i < page->count && !why; i++) {
		*index = (int)i;
		page_row_read(json_array_get(rows, (size_t)i), &row, prev,
			      hash);
		if (!wanted(&row))
			continue;
		why = take(leaf, &row, page, now.unix_ms);
		im->bytes += row.body.len + sizeof(struct taken);
	}
	im->page = *page;
	return why;
}

/* --- all of it -------------------------------------------------------------------------- */

static int is_here(sqlite3_stmt *stmt, const struct taken *t, bool *out)
{
	char root[CHAIN_HEX_LEN];
	int rc;

	chain_hex(t->root, root);
	sqlite3_bind_text(stmt, 1, t->session, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, t->kind, -1, SQLITE_STATIC);
	sqlite3_bind_blob(stmt, 3, t->root, RECORD_HASH_LEN, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 4, root, -1, SQLITE_STATIC);
	rc = sqlite3_step(stmt);
	*out = rc == SQLITE_ROW;
	rc = sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return store_errno(sqlite3_db_handle(stmt), rc);
}

struct counts {
	int64_t taken, known, sessions;
};

static int put_rows(struct store *s, sqlite3_stmt *stmt, struct leaf *leaf,
		    struct counts *n)
{
	bool here;
	int ret = 0;

	for (struct taken *t = leaf->rows; t && !ret; t = t->next) {
		ret = is_here(stmt, t, &here);
		if (!ret && !here)
			ret = store_put(s, &t->row);
		n->taken += !here;
		n->known += here;
		n->sessions += !here &&
			       row_kind(&t->row) == RECORD_SESSION_BEGIN;
	}
	return ret;
}

static int put_proof(struct store *s, struct leaf *leaf, const char *boot_id,
		     int64_t taken)
{
	struct row row = { .kind = row_text(record_kind_name(RECORD_IMPORT)) };
	char *body;
	int ret;

	json_object_set_new(leaf->proof, "taken", json_integer(taken));
	body = json_dumps(leaf->proof, JSON_COMPACT | JSON_SORT_KEYS);
	if (!body)
		return -ENOMEM;
	row.body = row_text(body);
	row_stamp(&row, boot_id);
	ret = store_put(s, &row);
	free(body);
	return ret;
}

static int put_all(struct import *im, struct store *s, const char *boot_id,
		   struct counts *n)
{
	sqlite3_stmt *stmt = NULL;
	int64_t before;
	int ret;

	ret = store_errno(s->db,
			  sqlite3_prepare_v2(
				  s->db,
				  "SELECT 1 FROM record WHERE session = ?1 "
				  "AND kind = ?2 AND (hash = ?3 OR "
				  "json_extract(body, '$.origin.root') = ?4)",
				  -1, &stmt, NULL));
	for (struct leaf *leaf = im->leaves; leaf && !ret; leaf = leaf->next) {
		before = n->taken;
		ret = put_rows(s, stmt, leaf, n);
		if (!ret && n->taken > before)
			ret = put_proof(s, leaf, boot_id, n->taken - before);
	}
	sqlite3_finalize(stmt);
	return ret;
}

static int commit(struct import *im, struct store *s, const char *boot_id,
		  int64_t open_row, struct counts *n)
{
	int ret = store_begin(s);

	if (ret)
		return ret;
	ret = put_all(im, s, boot_id, n);
	if (!ret && n->taken)
		ret = store_checkpoint(s, open_row);
	if (!ret && n->taken)
		ret = store_commit(s);
	/* Nothing new leaves nothing behind. */
	if (ret || !n->taken)
		store_rollback(s);
	return ret;
}

static int refuse(struct import **im, const struct page_fault *fault,
		  char **answer)
{
	json_t *json = json_pack("{ss si}", "refused", fault->why, "index",
				 fault->index);

	import_drop(im);
	*answer = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	return *answer ? 0 : -ENOMEM;
}

/* False: refused, fault says why. */
static int add_page(struct import *im, struct store *s, const json_t *json,
		    const char *key, struct page *page,
		    struct page_fault *fault)
{
	const char *why;
	int ret = page_check(json, page, fault);

	if (ret)
		return ret;
	fault->index = PAGE_ITSELF;
	why = follows(im, page);
	if (!why)
		ret = trusted(s->db, page, key, &why);
	if (!why && !ret)
		why = keep(im, page, json, &fault->index);
	if (why)
		snprintf(fault->why, sizeof(fault->why), "%s", why);
	return why ? -EBADMSG : ret;
}

static int finish(struct import **im, struct store *s, const char *boot_id,
		  int64_t open_row, bool last, char **answer)
{
	struct counts n = { 0 };
	int ret = 0;

	if (last) {
		ret = commit(*im, s, boot_id, open_row, &n);
		import_drop(im);
	}
	if (!ret && asprintf(answer,
			     "{\"taken\":%lld,\"known\":%lld,"
			     "\"sessions\":%lld,\"complete\":%s}",
			     (long long)n.taken, (long long)n.known,
			     (long long)n.sessions, last ? "true" : "false") < 0)
		ret = -ENOMEM;
	return ret;
}

int import_page(struct import **im, struct store *s, const char *boot_id,
		int64_t open_row, const char *text, const char *key,
		char **answer)
{
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	struct page_fault fault = { .index = PAGE_ITSELF };
	struct page page;
	int ret = 0;

	*answer = NULL;
	if (!*im || !json_integer_value(json_object_get(json, "afterRow")))
		ret = begin(im);
	if (!ret)
		ret = add_page(*im, s, json, key, &page, &fault);
	if (!ret && (*im)->bytes > IMPORT_BYTES_MAX)
		ret = -EFBIG;
	if (!ret)
		ret = finish(im, s, boot_id, open_row, page.last, answer);
	else if (ret == -EBADMSG)
		ret = refuse(im, &fault, answer);
	if (ret)
		import_drop(im);
	json_decref(json);
	return ret;
}
