/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The writer: the only thread that touches the file. record.c posts requests
 * to it and takes results from it.
 *
 * Everything in struct record under "lock" is touched with the mutex held,
 * for a few instructions at a time and never across a call into SQLite.
 */
#ifndef MNPEN_RECORD_WRITER_H
#define MNPEN_RECORD_WRITER_H

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/record/backup.h"
#include "daemon/record/import.h"
#include "daemon/record/row.h"
#include "daemon/record/sessions.h"
#include "daemon/record/store.h"
#include "daemon/record/verify.h"

#define WRITER_BOOT_ID_LEN 37

enum request_type {
	REQUEST_APPEND,
	REQUEST_LIST,
	REQUEST_SESSION,
	REQUEST_VERIFY,
	REQUEST_HISTORY,
	REQUEST_TREATMENTS,
	REQUEST_CARTRIDGE,
	REQUEST_DUE,
	REQUEST_HEAD,
	REQUEST_TELEMETRY,
	REQUEST_BACKUP,
	REQUEST_RETAIN,
	REQUEST_EXPORT,
	REQUEST_IMPORT,
	REQUEST_PROBE
};

/* One request, later its result. Owns what its row points to. */
struct request {
	struct request *next;
	enum request_type type;
	struct row row;			  /* append */
	char *body; /* append; patient, cartridge, path, page of a question */
	char *key; /* import */
	uint8_t *data;			  /* append of a block */
	size_t data_len;
	int64_t unix_ms;		  /* due, retain */
	char session[RECORD_SESSION_LEN]; /* append, session */
	unsigned int limit;		  /* list */
	struct record_about about;	  /* history */
	struct record_selection what;	  /* export */
	int64_t after_row;		  /* export; the row: telemetry */
	struct record_result result;
};

/* First in, first out. */
struct request_queue {
	struct request *first;
	struct request **last;
};

struct record {
	/* constant while the writer runs */
	char *path;
	char boot_id[WRITER_BOOT_ID_LEN];
	int fd; /* eventfd: results wait */
	pthread_t thread;

	pthread_mutex_t lock;
	pthread_cond_t posted; /* work or quit; or opening is done */
	/* lock: */
	struct request_queue appends;
	struct request_queue questions;
	struct request_queue results;
	unsigned int waiting; /* requests posted, not collected */
	bool quit;
	bool opened; /* the four below are valid */
	int open_error;
	struct record_info info;
	char error[RECORD_ERROR_LEN];

	atomic_bool writable; /* the last write succeeded */
	atomic_bool reserved; /* there is space for a whole session */

	/* the writer's own */
	struct store store;
	struct sessions sessions;
	int64_t anchored_ms; /* when the head file was written */
	/* of the question being answered */
	struct verify verify;
	bool verifying;
	unsigned int interrupted; /* its last part, by rows */
	struct backup backup;
	bool backing_up;
	struct import *import; /* pages that have come so far */
};

void queue_init(struct request_queue *q);
void queue_put(struct request_queue *q, struct request *req);
struct request *queue_take(struct request_queue *q);
void request_free(struct request *req);

/* Thread function; arg is the struct record. */
void *writer_main(void *arg);

#endif /* MNPEN_RECORD_WRITER_H */
