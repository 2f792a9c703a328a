// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/recorder.h"

#include "daemon/mnpend/clock.h"
#include "daemon/mnpend/log.h"
#include "daemon/mnpend/recent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define RECORDER_PROBE_MS	1000	/* while not writable */
#define RECORDER_LOOK_MS	250	/* how long the oldest row has waited */
#define RECORDER_STUCK_MS	1500	/* a disk that hangs: half a second is left of two */
#define RECORDER_KEPT_MAX	512	/* rows waiting for a writable record */
#define RECORDER_CALLS_MAX	256	/* beyond: no more of those any client can cause */

struct request {
	TAILQ_ENTRY(request) next;
	uint64_t id;		/* 0: waits to be written again */
	uint64_t posted_ms;
	bool append;
	enum record_kind kind;
	char session[RECORD_SESSION_LEN];
	char *body;
	struct recorder_then then;	/* fn NULL: nobody waits */
};

TAILQ_HEAD(request_list, request);

struct recorder {
	struct record *record;
	struct event_base *base;
	struct event *readable, *probe, *look;
	struct recorder_hooks hooks;
	struct request_list posted;	/* the writer has them */
	struct request_list kept;	/* to be written again, oldest first */
	unsigned int n_kept;
	struct recent recent;
	uint64_t next_id;
	bool ok;
	int error;		/* why not ok, negative errno */
};

static void request_free(struct request *q)
{
	free(q->body);
	free(q);
}

static void request_answer(struct request *q, int error, const char *text)
{
	json_t *json = NULL;

	if (q->then.fn) {
		if (text)
			json = json_loads(text, 0, NULL);
		q->then.fn(error, json, q->then.tag, q->then.ctx);
		json_decref(json);
	}
	request_free(q);
}

static void recorder_set_ok(struct recorder *rec, bool ok, int error)
{
	struct timeval interval = { .tv_sec = RECORDER_PROBE_MS / 1000 };

	if (ok == rec->ok)
		return;
	rec->ok = ok;
	rec->error = error;
	if (ok) {
		event_del(rec->probe);
		log_info("record: writable again");
		rec->hooks.recovered(rec->hooks.ctx);
	} else {
		event_add(rec->probe, &interval);
		log_error("record: cannot be written (%s); no motor starts until it can",
			  strerror(-error));
		rec->hooks.failed(error, rec->hooks.ctx);
	}
}

/* Marks when it happened, because the row will carry a later time. */
static void request_mark_late(struct request *q)
{
	json_t *body = json_loads(q->body, 0, NULL);
	char *text;

	if (!body)
		return;
	if (!json_object_get(body, "happenedUnixMilliseconds")) {
		json_object_set_new(body, "happenedUnixMilliseconds",
				    json_integer((json_int_t)clock_unix_ms()));
		text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
		if (text) {
			free(q->body);
			q->body = text;
		}
	}
	json_decref(body);
}

static void recorder_keep(struct recorder *rec, struct request *q)
{
	request_mark_late(q);
	q->id = 0;
	if (rec->n_kept >= RECORDER_KEPT_MAX ||
	    (q->kind == RECORD_CALL && rec->n_kept >= RECORDER_CALLS_MAX)) {
		log_error("record: row %s dropped, %u rows already wait",
			  record_kind_name(q->kind), rec->n_kept);
		request_answer(q, -ENOSPC, NULL);
		return;
	}
	TAILQ_INSERT_TAIL(&rec->kept, q, next);
	rec->n_kept++;
}

/*
 * A row that is not written again: somebody waits for it and can ask for it
 * again, or can do without.
 */
static bool kind_is_once(enum record_kind kind)
{
	return kind == RECORD_RUN_INTENT || kind == RECORD_OVERRIDE ||
	       kind == RECORD_ADVERSE_EVENT || kind == RECORD_AMENDMENT ||
	       kind == RECORD_BLOCK;
}

/* A row that failed: what was asked for fails, everything else is kept. */
static void recorder_failed(struct recorder *rec, struct request *q, int error)
{
	if (kind_is_once(q->kind))
		request_answer(q, error, NULL);
	else
		recorder_keep(rec, q);
	recorder_set_ok(rec, false, error);
}

/* Looks only while something waits: at rest nothing wakes us. */
static void recorder_posted(struct recorder *rec, struct request *q)
{
	const struct timeval look = { .tv_usec = RECORDER_LOOK_MS * 1000 };

	TAILQ_INSERT_TAIL(&rec->posted, q, next);
	if (!event_pending(rec->look, EV_TIMEOUT, NULL))
		event_add(rec->look, &look);
}

static int recorder_post(struct recorder *rec, struct request *q)
{
	struct record_row row = {
		.kind = q->kind,
		.session = q->session[0] ? q->session : NULL,
		.body = q->body,
	};
	int ret;

	q->id = ++rec->next_id;
	q->posted_ms = clock_boot_ms();
	ret = record_append(rec->record, q->id, &row);
	if (ret == 0)
		recorder_posted(rec, q);
	return ret;
}

/* Kept for ever it would keep all others from the record: told, and gone. */
static void recorder_malformed(struct request *q)
{
	log_error("record: row %s is malformed and was not written",
		  record_kind_name(q->kind));
	request_answer(q, -EINVAL, NULL);
}

/* The oldest of those that wait. False: the writer does not take it now. */
static bool recorder_post_first(struct recorder *rec)
{
	struct request *q = TAILQ_FIRST(&rec->kept);
	int ret;

	TAILQ_REMOVE(&rec->kept, q, next);
	rec->n_kept--;
	ret = recorder_post(rec, q);
	if (ret == -EINVAL) {
		recorder_malformed(q);
	} else if (ret < 0) {
		q->id = 0;
		TAILQ_INSERT_HEAD(&rec->kept, q, next);
		rec->n_kept++;
		return false;
	}
	return true;
}

static void recorder_post_kept(struct recorder *rec)
{
	while (!TAILQ_EMPTY(&rec->kept) && recorder_post_first(rec))
		;
}

static void recorder_result(struct recorder *rec,
			    const struct record_result *result)
{
	const char *text = result->json;
	struct request *q;
	char row[48];

	TAILQ_FOREACH(q, &rec->posted, next)
		if (q->id == result->id)
			break;
	if (!q)
		return;
	if (q->append) {
		snprintf(row, sizeof(row), "{\"row\":%lld}",
			 (long long)result->row);
		text = row;
	}
	TAILQ_REMOVE(&rec->posted, q, next);
	if (q->append && result->error) {
		recorder_failed(rec, q, result->error);
		return;
	}
	if (q->append && record_writable(rec->record))
		recorder_set_ok(rec, true, 0);
	/* Durable, but too late: the pens were told that nothing starts. */
	if (q->kind == RECORD_RUN_INTENT && q->append && !rec->ok)
		request_answer(q, rec->error, NULL);
	else
		request_answer(q, result->error, text);
}

static void recorder_readable(evutil_socket_t fd, short what, void *arg)
{
	struct recorder *rec = arg;
	struct record_result result;
	bool was_ok = rec->ok;

	(void)fd;
	(void)what;
	/* Before any intent is answered: the space for a session went. */
	if (!record_reserved(rec->record))
		recorder_set_ok(rec, false, -ENOSPC);
	while (record_next(rec->record, &result)) {
		recorder_result(rec, &result);
		free(result.json);
	}
	if (!was_ok && rec->ok)
		recorder_post_kept(rec);
}

static struct request *request_new(const char *session,
				   const struct recorder_then *then)
{
	struct request *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	if (session)
		snprintf(q->session, sizeof(q->session), "%s", session);
	if (then)
		q->then = *then;
	return q;
}

static void recorder_ask(struct recorder *rec, struct request *q, int posted)
{
	if (posted < 0)
		request_answer(q, posted, NULL);
	else
		recorder_posted(rec, q);
}

static struct request *question_new(struct recorder *rec,
				    const struct recorder_then *then)
{
	struct request *q = request_new(NULL, then);

	if (!q) {
		then->fn(-ENOMEM, NULL, then->tag, then->ctx);
		return NULL;
	}
	q->id = ++rec->next_id;
	q->posted_ms = clock_boot_ms();
	return q;
}

static uint64_t recorder_waits_ms(const struct recorder *rec)
{
	const struct request *q;

	/* A question may take long, a row may not. */
	TAILQ_FOREACH(q, &rec->posted, next)
		if (q->append)
			return clock_boot_ms() - q->posted_ms;
	return 0;
}

/* A disk that hangs reports no error. */
static void recorder_look(evutil_socket_t fd, short what, void *arg)
{
	struct recorder *rec = arg;

	(void)fd;
	(void)what;
	if (recorder_waits_ms(rec) > RECORDER_STUCK_MS)
		recorder_set_ok(rec, false, -ETIMEDOUT);
	if (TAILQ_EMPTY(&rec->posted))
		event_del(rec->look);
}

static void probed(int error, json_t *json, uint32_t tag, void *ctx)
{
	struct recorder *rec = ctx;

	(void)json;
	(void)tag;
	if (!error && record_writable(rec->record))
		recorder_set_ok(rec, true, 0);
}

/* Without rows that wait: first the space, then a row to try it with. */
static void recorder_probe_space(struct recorder *rec)
{
	struct recorder_then then = { .fn = probed, .ctx = rec };
	struct request *q;

	if (record_reserved(rec->record)) {
		recorder_append(rec, RECORD_FAULT, NULL,
				json_pack("{ss}", "reason", "recordFailed"),
				NULL);
		return;
	}
	q = question_new(rec, &then);
	if (q)
		recorder_ask(rec, q, record_probe(rec->record, q->id));
}

/* One row is tried per second until it gets through. */
static void recorder_probe(evutil_socket_t fd, short what, void *arg)
{
	struct recorder *rec = arg;

	(void)fd;
	(void)what;
	if (!TAILQ_EMPTY(&rec->posted))
		return;
	if (TAILQ_EMPTY(&rec->kept))
		recorder_probe_space(rec);
	else
		recorder_post_first(rec);
}

int recorder_open(struct event_base *base, const char *path,
		  const struct recorder_hooks *hooks, struct recorder **out,
		  struct record_info *info, char error[RECORD_ERROR_LEN])
{
	struct recorder *rec = calloc(1, sizeof(*rec));
	int ret = -ENOMEM;

	snprintf(error, RECORD_ERROR_LEN, "out of memory");
	if (!rec)
		return ret;
	TAILQ_INIT(&rec->posted);
	TAILQ_INIT(&rec->kept);
	rec->base = base;
	rec->hooks = *hooks;
	rec->ok = true;
	ret = record_open(path, &rec->record, info, error);
	if (ret < 0)
		goto fail;
	ret = -ENOMEM;
	rec->readable = event_new(base, record_fd(rec->record),
				  EV_READ | EV_PERSIST, recorder_readable, rec);
	rec->probe = event_new(base, -1, EV_PERSIST, recorder_probe, rec);
	rec->look = event_new(base, -1, EV_PERSIST, recorder_look, rec);
	if (!rec->readable || !rec->probe || !rec->look ||
	    event_add(rec->readable, NULL))
		goto fail;
	if (!record_reserved(rec->record))
		recorder_set_ok(rec, false, -ENOSPC);
	*out = rec;
	return 0;
fail:
	recorder_close(rec);
	return ret;
}

static void request_list_free(struct request_list *list)
{
	struct request *q;

	while ((q = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, q, next);
		request_free(q);
	}
}

void recorder_close(struct recorder *rec)
{
	if (!rec)
		return;
	if (rec->readable)
		event_free(rec->readable);
	if (rec->probe)
		event_free(rec->probe);
	if (rec->look)
		event_free(rec->look);
	record_close(rec->record);
	request_list_free(&rec->posted);
	request_list_free(&rec->kept);
	recent_clear(&rec->recent);
	free(rec);
}

void recorder_append(struct recorder *rec, enum record_kind kind,
		     const char *session, json_t *body,
		     const struct recorder_then *then)
{
	struct request *q = request_new(session, then);
	int ret;

	if (q && body)
		q->body = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(body);
	if (!q || !q->body) {
		free(q);
		recorder_set_ok(rec, false, -ENOMEM);
		if (then)
			then->fn(-ENOMEM, NULL, then->tag, then->ctx);
		return;
	}
	recent_note(&rec->recent, kind, session, q->body);
	q->append = true;
	q->kind = kind;
	if (kind_is_once(kind) && !rec->ok) {
		request_answer(q, rec->error, NULL);
		return;
	}
	/* Order matters: nothing overtakes rows that wait. */
	if (!TAILQ_EMPTY(&rec->kept) && !kind_is_once(kind)) {
		recorder_keep(rec, q);
		return;
	}
	ret = recorder_post(rec, q);
	/* What a client made up says nothing of the disk. */
	if (ret == -EINVAL && kind_is_once(kind)) {
		request_answer(q, ret, NULL);
	} else if (ret == -EINVAL) {
		recorder_malformed(q);
		recorder_set_ok(rec, false, ret);
	} else if (ret < 0) {
		recorder_failed(rec, q, ret);
	}
}

void recorder_block(struct recorder *rec, const char *session, json_t *body,
		    const void *data, size_t len)
{
	struct request *q = NULL;
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;

	json_decref(body);
	/* The space that is kept is not for this. */
	if (text && rec->ok && record_reserved(rec->record))
		q = request_new(session, NULL);
	if (q) {
		q->append = true;
		q->kind = RECORD_BLOCK;
		q->id = ++rec->next_id;
		q->posted_ms = clock_boot_ms();
		if (record_block(rec->record, q->id, session, text, data,
				 len)) {
			log_warning("record: raw telemetry left out");
			request_free(q);
		} else {
			recorder_posted(rec, q);
		}
	}
	free(text);
}

void recorder_retain(struct recorder *rec, int64_t before_unix_ms,
		     const struct recorder_then *then)
{
	struct request *q = question_new(rec, then);

	if (q)
		recorder_ask(rec, q,
			     record_retain(rec->record, q->id, before_unix_ms));
}

void recorder_telemetry(struct recorder *rec, int64_t row,
			const struct recorder_then *then)
{
	struct request *q = question_new(rec, then);

	if (q)
		recorder_ask(rec, q,
			     record_telemetry(rec->record, q->id, row));
}

void recorder_list(struct recorder *rec, unsigned int limit,
		   const struct recorder_then *then)
{
	struct request *q = question_new(rec, then);

	if (q)
		recorder_ask(rec, q, record_list(rec->record, q->id, limit));
}

void recorder_session(struct recorder *rec, const char *session,
		      const struct recorder_then *then)
{
	struct request *q = question_new(rec, then);

	if (q)
		recorder_ask(rec, q,
			     record_session(rec->record, q->id, session));
}

void recorder_history(struct recorder *rec, const struct record_about *about,
		      const struct recorder_then *then)
{
	struct request *q = question_new(rec, then);

	if (q)
		recorder_ask(rec, q,
			     record_history(rec->record, q->id, about));
}

void recorder_head(struct recorder *rec, const struct recorder_then *then)
{
	struct request *q = question_new(rec, then);

	if (q)
		recorder_ask(rec, q, record_head(rec->record, q->id));
}

void recorder_verify(struct recorder *rec, const struct recorder_then *then)
{
	struct request *q = question_new(rec, then);

	if (q)
		recorder_ask(rec, q, record_verify(rec->record, q->id));
}

void recorder_treatments(struct recorder *rec, const char *patient,
			 const struct recorder_then *then)
{
	struct request *q = question_new(rec, then);

	if (q)
		recorder_ask(rec, q,
			     record_treatments(rec->record, q->id, patient));
}

void recorder_due(struct recorder *rec, int64_t now_unix_ms,
		  const struct recorder_then *then)
{
	struct request *q = question_new(rec, then);

	if (q)
		recorder_ask(rec, q,
			     record_due(rec->record, q->id, now_unix_ms));
}

void recorder_backup(struct recorder *rec, const char *path,
		     const struct recorder_then *then)
{
	struct request *q = question_new(rec, then);

	if (q)
		recorder_ask(rec, q, record_backup(rec->record, q->id, path));
}

void recorder_export(struct recorder *rec, const struct record_selection *what,
		     int64_t after_row, const struct recorder_then *then)
{
	struct request *q = question_new(rec, then);

	if (q)
		recorder_ask(rec, q, record_export(rec->record, q->id, what,
						   after_row));
}

void recorder_import(struct recorder *rec, const char *page, const char *key,
		     const struct recorder_then *then)
{
	struct request *q = question_new(rec, then);

	if (q)
		recorder_ask(rec, q,
			     record_import(rec->record, q->id, page, key));
}

void recorder_forget(struct recorder *rec, const void *ctx)
{
	struct request *q;

	TAILQ_FOREACH(q, &rec->posted, next)
		if (q->then.ctx == ctx)
			q->then.fn = NULL;
	TAILQ_FOREACH(q, &rec->kept, next)
		if (q->then.ctx == ctx)
			q->then.fn = NULL;
}

bool recorder_ok(const struct recorder *rec)
{
	return rec->ok;
}

int recorder_error(const struct recorder *rec)
{
	return rec->ok ? 0 : rec->error;
}

bool recorder_idle(const struct recorder *rec)
{
	return TAILQ_EMPTY(&rec->posted);
}

uint64_t recorder_lag_ms(const struct recorder *rec)
{
	return recorder_waits_ms(rec);
}

json_t *recorder_recent(const struct recorder *rec)
{
	return recent_json(&rec->recent);
}
