// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <linux/close_range.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/record/block.h"
#include "daemon/record/export.h"
#include "daemon/record/history.h"
#include "daemon/record/past.h"
#include "daemon/record/query.h"
#include "daemon/record/recover.h"
#include "daemon/record/reserve.h"
#include "daemon/record/writer.h"

/*
 * Rows checked between two looks at the queue: a verify of a long record
 * must not keep an intent waiting.
 */
#define VERIFY_SLICE 2048
#define BACKUP_SLICE 256 /* pages */

/* SQLite's own check cannot be cut in slices, only begun again. */
#define INTERRUPTED_MAX	  16
#define INTERRUPT_LOOK	  20000 /* SQLite's steps between two looks */

/* Rows between two signatures, if no session ends. */
#define CHECKPOINT_ROWS 256

void queue_init(struct request_queue *q)
{
	q->first = NULL;
	q->last = &q->first;
}

void queue_put(struct request_queue *q, struct request *req)
{
	req->next = NULL;
	*q->last = req;
	q->last = &req->next;
}

struct request *queue_take(struct request_queue *q)
{
	struct request *req = q->first;

	if (req) {
		q->first = req->next;
		if (!q->first)
			q->last = &q->first;
	}
	return req;
}

void request_free(struct request *req)
{
	free(req->body);
	free(req->key);
	free(req->data);
	free(req->result.json);
	free(req);
}

/* Hands out a list of finished requests and wakes the event loop once. */
static void publish(struct record *r, struct request *list)
{
	uint64_t one = 1;
	struct request *next;

	pthread_mutex_lock(&r->lock);
	for (; list; list = next) {
		next = list->next;
		queue_put(&r->results, list);
	}
	/* With the lock, or record_next() could leave it readable for nothing. */
	while (write(r->fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	pthread_mutex_unlock(&r->lock);
}

/* Between two writes of the head file, unless a session ends. */
#define ANCHOR_MS 1000

static int64_t monotonic_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void anchor(struct record *r, bool session_ended)
{
	int64_t now_ms = monotonic_ms();

	if (!session_ended && now_ms - r->anchored_ms < ANCHOR_MS)
		return;
	if (!store_anchor(&r->store))
		r->anchored_ms = now_ms;
}

static bool wants_checkpoint(const struct store *s, const struct row *row)
{
	return row_kind(row) == RECORD_SESSION_END ||
	       s->next.rows - s->next.signed_rows >= CHECKPOINT_ROWS;
}

static int put_one(struct record *r, struct request *req)
{
	int ret = store_put(&r->store, &req->row);

	if (!ret && req->data)
		ret = block_put(r->store.db, req->row.row, req->data,
				req->data_len);
	return ret;
}

static int put_all(struct record *r, struct request *list)
{
	bool checkpoint = false;
	size_t n = 0;
	int ret;

	for (struct request *req = list; req; req = req->next)
		n++;
	ret = sessions_reserve(&r->sessions, n);
	if (!ret)
		ret = store_begin(&r->store);
	if (ret)
		return ret;
	for (struct request *req = list; req && !ret; req = req->next) {
		ret = put_one(r, req);
		checkpoint |= wants_checkpoint(&r->store, &req->row);
	}
	/* Sessions of this group are not in the list yet: look behind it. */
	if (!ret && checkpoint)
		ret = store_checkpoint(&r->store,
				       sessions_open_row(&r->sessions,
							 r->store.end.rows));
	if (!ret)
		ret = store_commit(&r->store);
	if (ret)
		store_rollback(&r->store);
	return ret;
}

static bool is_full(int ret)
{
	return ret == -ENOSPC || ret == -EDQUOT;
}

/* One transaction, one sync; all of them or none. */
static void append(struct record *r, struct request *list)
{
	int ret = put_all(r, list);
	bool ended = false;

	/* The space kept for this moment: what has begun gets recorded. */
	if (is_full(ret) && atomic_load(&r->reserved)) {
		atomic_store(&r->reserved, false);
		reserve_release(r->path);
		ret = put_all(r, list);
	} else if (!ret && !atomic_load(&r->reserved)) {
		atomic_store(&r->reserved, !reserve_fill(r->path));
	}
	for (struct request *req = list; req; req = req->next) {
		req->result.error = ret;
		if (ret)
			continue;
		req->result.row = req->row.row;
		sessions_see(&r->sessions, &req->row);
		ended |= row_kind(&req->row) == RECORD_SESSION_END;
	}
	atomic_store(&r->writable, !ret);
	publish(r, list);
	anchor(r, ended);
}

/* SQLite asks now and then during a long check: nonzero stops it. */
static int rows_wait(void *arg)
{
	struct record *r = arg;
	bool wait;

	pthread_mutex_lock(&r->lock);
	wait = r->appends.first || r->quit;
	pthread_mutex_unlock(&r->lock);
	return wait;
}

static void verify_begin(struct record *r)
{
	/* Look at the file, not at what was read from it before. */
	sqlite3_db_release_memory(r->store.db);
	verify_init(&r->verify, r->store.db);
	if (r->store.signed_end.id && r->store.signed_end.id ==
					      r->store.anchor.id)
		verify_anchor(&r->verify, &r->store.signed_end);
	r->verifying = true;
	r->interrupted = 0;
}

/* True when the question is answered. */
static bool verify_some(struct record *r, struct request *req)
{
	bool done;

	if (!r->verifying)
		verify_begin(r);
	if (verify_walk(&r->verify, VERIFY_SLICE))
		return false;
	verify_finish(&r->verify);
	sqlite3_progress_handler(r->store.db, INTERRUPT_LOOK, rows_wait, r);
	done = verify_database(&r->verify, true);
	sqlite3_progress_handler(r->store.db, 0, NULL, NULL);
	if (!done && ++r->interrupted < INTERRUPTED_MAX)
		return false;
	r->verifying = false;
	req->result.error = -EBUSY;
	if (!done)
		return true;
	req->result.json = verify_json(&r->verify.report);
	req->result.error = req->result.json ? 0 : -ENOMEM;
	return true;
}

/* Signs what there is, so that a copy ends with a signature. */
static int sign_end(struct record *r)
{
	struct store *s = &r->store;
	int ret;

	if (s->end.rows == s->end.signed_rows && !s->unsure)
		return 0;
	ret = store_begin(s);
	if (ret)
		return ret;
	ret = store_checkpoint(s, sessions_open_row(&r->sessions,
						    s->end.rows));
	if (!ret)
		ret = store_commit(s);
	if (ret)
		store_rollback(s);
	else
		store_anchor(s);
	return ret;
}

static bool backup_some(struct record *r, struct request *req)
{
	int ret = 0;

	if (!r->backing_up) {
		ret = sign_end(r);
		if (!ret)
			ret = backup_start(&r->backup, r->store.db, req->body);
		r->backing_up = !ret;
	}
	if (!ret) {
		ret = backup_step(&r->backup, BACKUP_SLICE);
		if (ret > 0)
			return false;
	}
	req->result.error = ret ? ret : backup_finish(&r->backup,
						      &req->result.json);
	backup_drop(&r->backup);
	r->backing_up = false;
	return true;
}

static int retain(struct record *r, struct request *req)
{
	struct row row = { .kind = row_text("retention") };
	char body[128];
	int64_t through;
	int ret;

	ret = block_last_before(r->store.db, req->unix_ms, &through);
	if (ret || !through)
		goto out;
	snprintf(body, sizeof(body),
		 "{\"beforeUnixMilliseconds\":%" PRId64
		 ",\"throughRow\":%" PRId64 "}",
		 req->unix_ms, through);
	row.body = row_text(body);
	row_stamp(&row, r->boot_id);
	ret = store_begin(&r->store);
	if (ret)
		return ret;
	ret = store_put(&r->store, &row);
	if (!ret)
		ret = block_drop(r->store.db, through);
	if (!ret)
		ret = store_commit(&r->store);
	if (ret)
		store_rollback(&r->store);
out:
	if (!ret && asprintf(&req->result.json, "{\"throughRow\":%" PRId64 "}",
			     through) < 0) {
		req->result.json = NULL;
		ret = -ENOMEM;
	}
	return ret;
}

static int import(struct record *r, struct request *req)
{
	/* Long enough a transaction to keep an intent waiting. */
	if (r->sessions.count)
		return -EBUSY;
	return import_page(&r->import, &r->store, r->boot_id,
			   sessions_open_row(&r->sessions, r->store.end.rows),
			   req->body, req->key, &req->result.json);
}

static int probe(struct record *r)
{
	int ret = reserve_fill(r->path);

	atomic_store(&r->reserved, !ret);
	return ret;
}

static bool answer(struct record *r, struct request *req)
{
	struct record_result *res = &req->result;
	sqlite3 *db = r->store.db;

	switch (req->type) {
	case REQUEST_LIST:
		res->error = query_list(db, req->limit, &res->json);
		return true;
	case REQUEST_SESSION:
		res->error = query_session(db, req->session, &res->json);
		return true;
	case REQUEST_HISTORY:
		res->error = history_json(db, &req->about, r->boot_id,
					  &res->json);
		return true;
	case REQUEST_TREATMENTS:
		res->error = past_treatments(db, req->body, &res->json);
		return true;
	case REQUEST_CARTRIDGE:
		res->error = past_cartridge(db, req->body, &res->json);
		return true;
	case REQUEST_DUE:
		res->error = past_due(db, req->unix_ms, &res->json);
		return true;
	case REQUEST_HEAD:
		res->error = query_head(&r->store, &res->json);
		return true;
	case REQUEST_TELEMETRY:
		res->error = query_telemetry(db, req->after_row, &res->json);
		return true;
	case REQUEST_RETAIN:
		res->error = retain(r, req);
		return true;
	case REQUEST_PROBE:
		res->error = probe(r);
		return true;
	case REQUEST_EXPORT:
		res->error = export_page(db, &r->store.key, &req->what,
					 req->after_row, &res->json);
		return true;
	case REQUEST_IMPORT:
		res->error = import(r, req);
		return true;
	case REQUEST_VERIFY:
		return verify_some(r, req);
	case REQUEST_BACKUP:
		return backup_some(r, req);
	case REQUEST_APPEND:
		break;
	}
	res->error = -EINVAL;
	return true;
}

/*
 * Waits for work. False: asked to quit and every accepted row is written.
 * The question stays in its queue until it is answered.
 */
static bool wait_for_work(struct record *r, struct request **rows,
			  struct request **question)
{
	bool more;

	pthread_mutex_lock(&r->lock);
	while (!r->appends.first && !r->questions.first && !r->quit)
		pthread_cond_wait(&r->posted, &r->lock);
	*rows = r->appends.first;
	*question = r->quit ? NULL : r->questions.first;
	queue_init(&r->appends);
	more = *rows || !r->quit;
	pthread_mutex_unlock(&r->lock);
	return more;
}

static void answer_some(struct record *r, struct request *question)
{
	if (!answer(r, question))
		return;
	pthread_mutex_lock(&r->lock);
	queue_take(&r->questions);
	pthread_mutex_unlock(&r->lock);
	question->next = NULL;
	publish(r, question);
}

static bool open_file(struct record *r)
{
	struct record_info info = { 0 };
	char error[RECORD_ERROR_LEN] = "";
	int ret;

	ret = recover_open(&r->store, &r->sessions, r->path, r->boot_id, &info,
			   error);
	if (!ret)
		probe(r);
	pthread_mutex_lock(&r->lock);
	r->opened = true;
	r->open_error = ret;
	r->info = info;
	memcpy(r->error, error, sizeof(r->error));
	pthread_cond_signal(&r->posted);
	pthread_mutex_unlock(&r->lock);
	return !ret;
}

/*
 * A table of descriptors of its own, with nothing of the daemon's in it. Only
 * the end of the last thread that shares a table closes what is in it, and this
 * thread can be long in the kernel, for the disk: a pen must not wait for that
 * to learn that the daemon was killed. SQLite's locks belong to a table too.
 */
static void keep_own_descriptors(const struct record *r)
{
	/* Where it is refused, only a killed daemon's stop comes later. */
	if (!close_range(r->fd + 1, ~0U, CLOSE_RANGE_UNSHARE) && r->fd > 3)
		close_range(3, r->fd - 1, 0);
}

void *writer_main(void *arg)
{
	struct record *r = arg;
	struct request *rows, *question;

	keep_own_descriptors(r);
	if (open_file(r)) {
		while (wait_for_work(r, &rows, &question)) {
			if (rows)
				append(r, rows);
			if (question)
				answer_some(r, question);
		}
		sign_end(r);
	}
	backup_drop(&r->backup);
	import_drop(&r->import);
	store_close(&r->store);
	return NULL;
}
