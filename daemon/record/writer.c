// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/record/history.h"
#include "daemon/record/query.h"
#include "daemon/record/recover.h"
#include "daemon/record/writer.h"

/*
 * Rows checked between two looks at the queue: a verify of a long record
 * must not keep an intent waiting.
 */
#define VERIFY_SLICE 2048

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

static int put_all(struct record *r, struct request *list)
{
	size_t n = 0;
	int ret;

	for (struct request *req = list; req; req = req->next)
		n++;
	ret = sessions_reserve(&r->sessions, n);
	if (!ret)
		ret = store_begin(&r->store);
	if (ret)
		return ret;
	for (struct request *req = list; req && !ret; req = req->next)
		ret = store_put(&r->store, &req->row);
	if (!ret)
		ret = store_commit(&r->store);
	if (ret)
		store_rollback(&r->store);
	return ret;
}

/* One transaction, one sync; all of them or none. */
static void append(struct record *r, struct request *list)
{
	int ret = put_all(r, list);

	for (struct request *req = list; req; req = req->next) {
		req->result.error = ret;
		if (ret)
			continue;
		req->result.row = req->row.row;
		sessions_see(&r->sessions, &req->row);
	}
	atomic_store(&r->writable, !ret);
	publish(r, list);
}

/* True when the question is answered. */
static bool verify_some(struct record *r, struct request *req)
{
	if (!r->verifying) {
		/* Look at the file, not at what was read from it before. */
		sqlite3_db_release_memory(r->store.db);
		verify_init(&r->verify, r->store.db);
		r->verifying = true;
	}
	if (verify_walk(&r->verify, VERIFY_SLICE))
		return false;
	verify_finish(&r->verify);
	r->verifying = false;
	req->result.json = verify_json(&r->verify.report);
	req->result.error = req->result.json ? 0 : -ENOMEM;
	return true;
}

static bool answer(struct record *r, struct request *req)
{
	struct record_result *res = &req->result;

	switch (req->type) {
	case REQUEST_LIST:
		res->error = query_list(r->store.db, &r->sessions, req->limit,
					&res->json);
		return true;
	case REQUEST_SESSION:
		res->error = query_session(r->store.db, &r->sessions,
					   req->session, &res->json);
		return true;
	case REQUEST_HISTORY:
		res->error = history_json(r->store.db, &r->sessions,
					  &req->about, r->boot_id, &res->json);
		return true;
	case REQUEST_VERIFY:
		return verify_some(r, req);
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
	pthread_mutex_lock(&r->lock);
	r->opened = true;
	r->open_error = ret;
	r->info = info;
	memcpy(r->error, error, sizeof(r->error));
	pthread_cond_signal(&r->posted);
	pthread_mutex_unlock(&r->lock);
	return !ret;
}

void *writer_main(void *arg)
{
	struct record *r = arg;
	struct request *rows, *question;

	if (open_file(r)) {
		while (wait_for_work(r, &rows, &question)) {
			if (rows)
				append(r, rows);
			if (question)
				answer_some(r, question);
		}
	}
	store_close(&r->store);
	return NULL;
}
