// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "daemon/record/block.h"
#include "daemon/record/body.h"
#include "daemon/record/kind.h"
#include "daemon/record/record.h"
#include "daemon/record/writer.h"

/* Which boot a row belongs to: monotonic times compare only within one. */
static void read_boot_id(char out[WRITER_BOOT_ID_LEN])
{
	ssize_t n = -1;
	int fd;

	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, out, WRITER_BOOT_ID_LEN - 1);
		close(fd);
	}
	out[n > 0 ? n : 0] = '\0';
	if (!row_session_valid(out))
		strcpy(out, "unknown");
}

static void init_locks(struct record *r)
{
	pthread_mutexattr_t attr;

	/* The event loop may run at real-time priority; the writer does not. */
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	pthread_mutex_init(&r->lock, &attr);
	pthread_mutexattr_destroy(&attr);
	pthread_cond_init(&r->posted, NULL);
}

static struct record *record_alloc(const char *path)
{
	struct record *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	r->path = strdup(path);
	queue_init(&r->appends);
	queue_init(&r->questions);
	queue_init(&r->results);
	init_locks(r);
	atomic_init(&r->writable, true);
	atomic_init(&r->reserved, false);
	read_boot_id(r->boot_id);
	tzset();
	return r;
}

static void drop_all(struct request_queue *q)
{
	struct request *req;

	while ((req = queue_take(q)))
		request_free(req);
}

static void record_free(struct record *r)
{
	drop_all(&r->appends);
	drop_all(&r->questions);
	drop_all(&r->results);
	sessions_free(&r->sessions);
	pthread_cond_destroy(&r->posted);
	pthread_mutex_destroy(&r->lock);
	if (r->fd >= 0)
		close(r->fd);
	free(r->path);
	free(r);
}

/* No signal is for the writer; SIGXFSZ blocked makes a write fail instead. */
static int start_writer(struct record *r)
{
	sigset_t all, before;
	int ret;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ret = -pthread_create(&r->thread, NULL, writer_main, r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ret;
}

static int await_opened(struct record *r, struct record_info *info, char *error)
{
	int ret;

	pthread_mutex_lock(&r->lock);
	while (!r->opened)
		pthread_cond_wait(&r->posted, &r->lock);
	ret = r->open_error;
	if (info)
		*info = r->info;
	memcpy(error, r->error, RECORD_ERROR_LEN);
	pthread_mutex_unlock(&r->lock);
	return ret;
}

int record_open(const char *path, struct record **out, struct record_info *info,
		char error[RECORD_ERROR_LEN])
{
	struct record *r;
	int ret;

	*out = NULL;
	error[0] = '\0';
	r = record_alloc(path);
	ret = !r || !r->path ? -ENOMEM : r->fd < 0 ? -EMFILE : start_writer(r);
	if (ret) {
		snprintf(error, RECORD_ERROR_LEN,
			 "give the daemon more memory, threads or files: %s",
			 strerror(-ret));
		if (r)
			record_free(r);
		return ret;
	}
	ret = await_opened(r, info, error);
	if (ret) {
		record_close(r);
		return ret;
	}
	*out = r;
	return 0;
}

void record_close(struct record *r)
{
	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	r->quit = true;
	pthread_cond_signal(&r->posted);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	record_free(r);
}

int record_fd(const struct record *r)
{
	return r->fd;
}

static struct request *request_new(enum request_type type, uint64_t id)
{
	struct request *req = calloc(1, sizeof(*req));

	if (req) {
		req->type = type;
		req->result.id = id;
	}
	return req;
}

/* Half of the queue is for rows alone: questions must not crowd them out. */
#define QUESTIONS_MAX (RECORD_QUEUE_MAX / 2)

/* Takes req, also when it fails. */
static int post(struct record *r, struct request *req)
{
	unsigned int max;
	int ret = 0;

	if (!req)
		return -ENOMEM;
	max = req->type == REQUEST_APPEND ? RECORD_QUEUE_MAX : QUESTIONS_MAX;
	pthread_mutex_lock(&r->lock);
	if (r->waiting >= max) {
		ret = -EAGAIN;
	} else {
		r->waiting++;
		queue_put(req->type == REQUEST_APPEND ? &r->appends
						      : &r->questions,
			  req);
		pthread_cond_signal(&r->posted);
	}
	pthread_mutex_unlock(&r->lock);
	if (ret)
		request_free(req);
	return ret;
}

/* Times, session and kind. Takes body. NULL without memory. */
static struct request *row_request(struct record *r, uint64_t id,
				   enum record_kind kind, const char *session,
				   char *body)
{
	struct request *req = body ? request_new(REQUEST_APPEND, id) : NULL;

	if (!req) {
		free(body);
		return NULL;
	}
	req->body = body;
	if (session) {
		strcpy(req->session, session);
		req->row.session = row_text(req->session);
	}
	req->row.kind = row_text(record_kind_name(kind));
	req->row.body = row_text(req->body);
	row_stamp(&req->row, r->boot_id);
	return req;
}

int record_append(struct record *r, uint64_t id, const struct record_row *row)
{
	char *body;

	if ((unsigned int)row->kind >= RECORD_KINDS || kind_is_own(row->kind))
		return -EINVAL;
	if (row->session && !row_session_valid(row->session))
		return -EINVAL;
	body = body_normal(row->body);
	if (!body || !kind_accepts(row->kind, body)) {
		free(body);
		return -EINVAL;
	}
	return post(r, row_request(r, id, row->kind, row->session, body));
}

int record_block(struct record *r, uint64_t id, const char *session,
		 const char *body, const void *data, size_t len)
{
	struct request *req;
	uint8_t *packed;
	char *complete;
	size_t n;
	int ret;

	if (session && !row_session_valid(session))
		return -EINVAL;
	ret = block_pack(body, data, len, &packed, &n, &complete);
	if (ret)
		return ret;
	req = row_request(r, id, RECORD_BLOCK, session, complete);
	if (!req) {
		free(packed);
		return -ENOMEM;
	}
	req->data = packed;
	req->data_len = n;
	return post(r, req);
}

int record_list(struct record *r, uint64_t id, unsigned int limit)
{
	struct request *req = request_new(REQUEST_LIST, id);

	if (req)
		req->limit = limit;
	return post(r, req);
}

int record_session(struct record *r, uint64_t id, const char *session)
{
	struct request *req = request_new(REQUEST_SESSION, id);

	/* A malformed id stays empty: no session has that one. */
	if (req && row_session_valid(session))
		strcpy(req->session, session);
	return post(r, req);
}

int record_history(struct record *r, uint64_t id,
		   const struct record_about *about)
{
	struct request *req = request_new(REQUEST_HISTORY, id);

	if (req)
		req->about = *about;
	return post(r, req);
}

int record_verify(struct record *r, uint64_t id)
{
	return post(r, request_new(REQUEST_VERIFY, id));
}

int record_head(struct record *r, uint64_t id)
{
	return post(r, request_new(REQUEST_HEAD, id));
}

static int ask_text(struct record *r, uint64_t id, enum request_type type,
		    const char *text)
{
	struct request *req = request_new(type, id);

	if (req) {
		req->body = strdup(text);
		if (!req->body) {
			request_free(req);
			req = NULL;
		}
	}
	return post(r, req);
}

int record_treatments(struct record *r, uint64_t id, const char *patient)
{
	return ask_text(r, id, REQUEST_TREATMENTS, patient);
}

int record_cartridge(struct record *r, uint64_t id, const char *cartridge)
{
	return ask_text(r, id, REQUEST_CARTRIDGE, cartridge);
}

int record_backup(struct record *r, uint64_t id, const char *path)
{
	return ask_text(r, id, REQUEST_BACKUP, path);
}

static int ask_time(struct record *r, uint64_t id, enum request_type type,
		    int64_t unix_ms)
{
	struct request *req = request_new(type, id);

	if (req)
		req->unix_ms = unix_ms;
	return post(r, req);
}

int record_due(struct record *r, uint64_t id, int64_t now_unix_ms)
{
	return ask_time(r, id, REQUEST_DUE, now_unix_ms);
}

int record_retain(struct record *r, uint64_t id, int64_t before_unix_ms)
{
	return ask_time(r, id, REQUEST_RETAIN, before_unix_ms);
}

int record_export(struct record *r, uint64_t id,
		  const struct record_selection *what, int64_t after_row)
{
	struct request *req;

	if (what->session[0] && !row_session_valid(what->session))
		return -EINVAL;
	req = request_new(REQUEST_EXPORT, id);
	if (req) {
		req->what = *what;
		req->after_row = after_row;
	}
	return post(r, req);
}

int record_import(struct record *r, uint64_t id, const char *page,
		  const char *key)
{
	struct request *req = request_new(REQUEST_IMPORT, id);

	if (req) {
		req->body = strdup(page);
		req->key = key ? strdup(key) : NULL;
		if (!req->body || (key && !req->key)) {
			request_free(req);
			req = NULL;
		}
	}
	return post(r, req);
}

int record_telemetry(struct record *r, uint64_t id, int64_t row)
{
	struct request *req = request_new(REQUEST_TELEMETRY, id);

	if (req)
		req->after_row = row;
	return post(r, req);
}

int record_probe(struct record *r, uint64_t id)
{
	return post(r, request_new(REQUEST_PROBE, id));
}

bool record_next(struct record *r, struct record_result *out)
{
	struct request *req;
	uint64_t count;

	pthread_mutex_lock(&r->lock);
	req = queue_take(&r->results);
	if (req)
		r->waiting--;
	else
		while (read(r->fd, &count, sizeof(count)) < 0 && errno == EINTR)
			;
	pthread_mutex_unlock(&r->lock);
	if (!req)
		return false;
	*out = req->result;
	req->result.json = NULL;
	request_free(req);
	return true;
}

bool record_writable(const struct record *r)
{
	return atomic_load(&r->writable) && atomic_load(&r->reserved);
}

bool record_reserved(const struct record *r)
{
	return atomic_load(&r->reserved);
}
