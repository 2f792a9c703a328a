// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/record/beside.h"
#include "daemon/record/query.h"
#include "daemon/record/recover.h"
#include "daemon/record/schema.h"
#include "daemon/record/verify.h"

/*
 * A start-up verifies at least these many rows (0.1 s), so that a small record
 * is always verified whole; of a larger one, what no checkpoint covers.
 */
#define VERIFY_ROWS 50000

struct recovery {
	struct store *s;
	struct sessions *all;
	const char *path;
	const char *boot_id;
	struct record_info *info;
	char *error;
	struct beside beside;
	struct verify verify;
	bool no_memory;
};

static void collect(void *arg, const struct row *row)
{
	struct recovery *r = arg;

	if (sessions_reserve(r->all, 1))
		r->no_memory = true;
	else
		sessions_see(r->all, row);
}

static void own_row(struct recovery *r, struct row *row, enum record_kind kind,
		    const char *body)
{
	memset(row, 0, sizeof(*row));
	row->kind = row_text(record_kind_name(kind));
	row->body = row_text(body);
	row_stamp(row, r->boot_id);
}

static char *dump(json_t *json)
{
	char *text = json ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS)
			  : NULL;

	json_decref(json);
	return text;
}

static char *version_body(struct recovery *r, int64_t from)
{
	char hex[KEY_HEX_LEN];
	json_t *json;

	sodium_bin2hex(hex, sizeof(hex), r->s->key.public,
		       sizeof(r->s->key.public));
	json = json_pack("{ss ss sI}", "version", MNPEN_VERSION, "publicKey",
			 hex, "schema", (json_int_t)SCHEMA_VERSION);
	if (json && from)
		json_object_set_new(json, "fromSchema", json_integer(from));
	return dump(json);
}

static int broken(struct recovery *r, const char *what)
{
	snprintf(r->error, RECORD_ERROR_LEN,
		 "keep the damaged record %.80s (mnpend --set-aside-record "
		 "moves it): %.110s",
		 r->path, what);
	return -EUCLEAN;
}

static int broken_at(struct recovery *r)
{
	const struct verify_report *rep = &r->verify.report;
	char what[192];

	if (!rep->bad_row)
		return broken(r, rep->text);
	snprintf(what, sizeof(what), "broken at row %" PRId64 ", %.90s",
		 rep->bad_row, rep->text);
	return broken(r, what);
}

static int create(struct recovery *r)
{
	struct row row;
	char what[64], *body;
	int ret = -ENOMEM;

	/* A file that was there and is empty now is no new one. */
	if (r->beside.has_anchor) {
		snprintf(what, sizeof(what),
			 "it was emptied, it had %" PRId64 " rows",
			 r->beside.anchor.row);
		return broken(r, what);
	}
	body = version_body(r, 0);
	own_row(r, &row, RECORD_GENESIS, body);
	if (body)
		ret = store_create(r->s, &row);
	free(body);
	return ret;
}

static int verified(struct recovery *r)
{
	while (verify_walk(&r->verify, 0))
		;
	verify_finish(&r->verify);
	verify_database(&r->verify, false);
	if (r->no_memory)
		return -ENOMEM;
	return r->verify.report.damage ? broken_at(r) : 0;
}

static struct store_end verified_end(const struct recovery *r)
{
	const struct verify_report *rep = &r->verify.report;
	struct store_end end = {
		.rows = rep->rows,
		.checkpoint = rep->checkpoints,
		.signed_rows = rep->signed_rows,
	};

	memcpy(end.head, rep->head, sizeof(end.head));
	return end;
}

static int migrate(struct recovery *r)
{
	struct store_end end;
	struct row row;
	char *body;
	int ret;

	r->verify.seen = collect;
	r->verify.arg = r;
	ret = verified(r);
	if (ret)
		return ret;
	end = verified_end(r);
	body = version_body(r, r->s->version);
	if (!body)
		return -ENOMEM;
	own_row(r, &row, RECORD_MIGRATED, body);
	ret = store_migrate(r->s, &end, &row,
			    sessions_open_row(r->all, end.rows));
	free(body);
	if (!ret)
		r->info->migrated_from = r->s->version;
	return ret;
}

/* The newest checkpoint with VERIFY_ROWS rows behind it. False: none. */
static bool far_enough_back(struct recovery *r, struct checkpoint *out)
{
	sqlite3_stmt *stmt;
	bool found = false;

	if (sqlite3_prepare_v2(r->s->db,
			       "SELECT " CHECKPOINT_COLUMNS " FROM checkpoint "
			       "WHERE row <= (SELECT max(row) FROM record) - ?1"
			       " ORDER BY id DESC LIMIT 1",
			       -1, &stmt, NULL) != SQLITE_OK)
		return false;
	sqlite3_bind_int64(stmt, 1, VERIFY_ROWS);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		found = checkpoint_read(stmt, out) && checkpoint_signed(out);
	sqlite3_finalize(stmt);
	return found;
}

/* Whether row and checkpoint of the head file are in the record. */
static int check_anchor(struct recovery *r, const struct checkpoint *from)
{
	struct checkpoint same = { 0 };

	if (!r->beside.has_anchor)
		return 0;
	if (!from || r->beside.anchor.id > from->id) {
		verify_anchor(&r->verify, &r->beside.anchor);
		return 0;
	}
	if (checkpoint_get(r->s->db, r->beside.anchor.id, &same) == SQLITE_ROW &&
	    same.row == r->beside.anchor.row &&
	    !memcmp(same.hash, r->beside.anchor.hash, sizeof(same.hash)))
		return 0;
	return broken(r, "the head file names a checkpoint it does not have");
}

static int check(struct recovery *r)
{
	struct checkpoint newest, from;
	struct store_end end;
	int64_t open_row = 1;
	bool back;
	int ret;

	back = far_enough_back(r, &from);
	if (back)
		verify_from(&r->verify, &from);
	ret = check_anchor(r, back ? &from : NULL);
	if (!ret)
		ret = verified(r);
	if (ret)
		return ret;
	if (checkpoint_get(r->s->db, 0, &newest) == SQLITE_ROW)
		open_row = newest.open_row;
	end = verified_end(r);
	ret = store_use(r->s, &end);
	return ret ? ret : sessions_load(r->all, r->s->db, open_row);
}

static int put_interrupted(struct recovery *r, const struct session *open)
{
	struct row row;
	char *body;
	int ret;

	ret = query_interrupted(r->s->db, open, &body);
	if (ret)
		return ret;
	own_row(r, &row, RECORD_INTERRUPTED, body);
	row.session = row_text(open->id);
	ret = store_put(r->s, &row);
	free(body);
	return ret;
}

/* What was found when opening, if it is worth a row. */
static int put_recovered(struct recovery *r, bool was_there)
{
	bool lost_head = was_there && !r->beside.has_anchor &&
			 r->s->version >= SCHEMA_CHECKPOINTS;
	struct row row;
	char *body;
	int ret = -ENOMEM;

	r->info->discarded_frames = r->beside.wal.discarded;
	if (!lost_head && !r->beside.wal.discarded)
		return 0;
	body = dump(json_pack("{sI sb}", "discardedFrames",
			      (json_int_t)r->beside.wal.discarded, "headFileMissing",
			      lost_head));
	own_row(r, &row, RECORD_RECOVERED, body);
	if (body)
		ret = store_put(r->s, &row);
	free(body);
	return ret;
}

/* The old key is lost: say so, in the chain, before the new one signs. */
static int put_key(struct recovery *r, bool was_there)
{
	const struct verify_report *rep = &r->verify.report;
	struct row row;
	char *body;
	int ret = -ENOMEM;

	if (!was_there || r->s->version < SCHEMA_CHECKPOINTS ||
	    !memcmp(rep->key, r->s->key.public, sizeof(rep->key)))
		return 0;
	body = version_body(r, 0);
	own_row(r, &row, RECORD_KEY, body);
	if (body)
		ret = store_put(r->s, &row);
	free(body);
	return ret;
}

/* One transaction for all that opening has to say. */
static int put_findings(struct recovery *r, bool was_there)
{
	struct store *s = r->s;
	int ret;

	ret = store_begin(s);
	if (ret)
		return ret;
	ret = put_key(r, was_there);
	if (!ret)
		ret = put_recovered(r, was_there);
	for (size_t i = 0; i < r->all->count && !ret; i++)
		ret = put_interrupted(r, &r->all->list[i]);
	if (!ret)
		ret = store_checkpoint(s, s->next.rows + 1);
	if (!ret)
		ret = store_commit(s);
	if (ret) {
		store_rollback(s);
		return ret;
	}
	r->info->interrupted = r->all->count;
	r->all->count = 0;
	return store_anchor(s);
}

static int open_or_create(struct recovery *r, bool *fresh)
{
	int ret;

	ret = beside_read(r->path, &r->beside);
	if (!ret && r->beside.wal.damaged)
		return broken(r, "its write-ahead log lost rows it had");
	if (!ret)
		ret = store_open(r->s, r->path, fresh, r->error);
	if (!ret)
		ret = key_load(r->path, &r->s->key, r->error);
	if (ret)
		return ret;
	verify_init(&r->verify, r->s->db);
	if (*fresh)
		return create(r);
	return r->s->version < SCHEMA_CHECKPOINTS ? migrate(r) : check(r);
}

int recover_open(struct store *s, struct sessions *all, const char *path,
		 const char *boot_id, struct record_info *info,
		 char error[RECORD_ERROR_LEN])
{
	struct recovery r = {
		.s = s,
		.all = all,
		.path = path,
		.boot_id = boot_id,
		.info = info,
		.error = error,
	};
	bool fresh = false;
	int ret;

	memset(s, 0, sizeof(*s));
	ret = open_or_create(&r, &fresh);
	if (!ret)
		ret = put_findings(&r, !fresh);
	if (ret) {
		if (!error[0])
			snprintf(error, RECORD_ERROR_LEN,
				 "make the record %.120s writable: %s", path,
				 strerror(-ret));
		return ret;
	}
	info->created = fresh;
	info->rows = s->end.rows;
	memcpy(info->head, s->end.head, sizeof(info->head));
	return 0;
}
