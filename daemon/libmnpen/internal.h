/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of libmnpen share; nothing here is visible outside. */
#ifndef LIBMNPEN_INTERNAL_H
#define LIBMNPEN_INTERNAL_H

#include "libmnpen.h"

#include <jansson.h>
#include <stdint.h>
#include <sys/types.h>

/* ---- buffer.c: bytes waiting, bounded --------------------------------- */

struct buffer {
	char *data;
	size_t start, end, cap;		/* the bytes are [start, end) */
	size_t scanned;			/* no NUL in [start, scanned) */
};

void buffer_free(struct buffer *b);
static inline size_t buffer_len(const struct buffer *b)
{
	return b->end - b->start;
}
/* At least n free bytes behind end. Moves the data. -ENOMEM. */
int buffer_reserve(struct buffer *b, size_t n);
/* -ENOBUFS when more than max would wait; then nothing was added. */
int buffer_append(struct buffer *b, const char *data, size_t n, size_t max);
/* Sends without waiting: 0 when empty or the socket is full. */
int buffer_send(struct buffer *b, int fd);
/* One recv without waiting: bytes, 0 for end of file, negative errno. */
ssize_t buffer_recv(struct buffer *b, int fd);
/*
 * Takes one frame out: 1, *frame NUL-terminated and valid until the buffer is
 * touched again; 0: not yet complete; -EMSGSIZE: longer than max.
 */
int buffer_frame(struct buffer *b, size_t max, char **frame, size_t *len);

/* ---- message.c: one JSON text and its meaning -------------------------- */

enum message_kind { MESSAGE_CALL, MESSAGE_MORE, MESSAGE_ONEWAY };

/*
 * The text of a call; parameters NULL for {}. *text to be freed. -EINVAL: not
 * an object, or not one that may be sent; -EMSGSIZE, -ENOMEM.
 */
int message_call(enum message_kind kind, const char *method,
		 const char *parameters, char **text, size_t *len);

struct message_reply {
	char *parameters;		/* to be freed */
	bool continues;
	char error[128];		/* "" for none */
};

/* -EBADMSG: the peer does not keep the rules; -ENOMEM. */
int message_reply(const char *text, size_t len, struct message_reply *out);

/* ---- error.c ----------------------------------------------------------- */

/* Steals parameters, which may be NULL. error NULL: frees it. */
void error_set(struct mnpen_error *error, const char *name, char *parameters);

/* ---- socket.c ---------------------------------------------------------- */

/*
 * Connects to path, or with path NULL to the role's socket. Returns a
 * non-blocking, close-on-exec fd, or a negative errno. *opened gets the role.
 */
int socket_open(const char *path, enum mnpen_role role, bool wait,
		enum mnpen_role *opened);

/* ---- client.c ---------------------------------------------------------- */

struct call {
	mnpen_reply_fn fn;	/* NULL: timed out, the reply is dropped */
	void *ctx;
	int64_t deadline_ms;	/* -1: none */
	bool more;
};

struct mnpen_client {
	int fd;				/* -1: broken */
	enum mnpen_role role;
	struct buffer in, out;
	struct call calls[MNPEN_CALLS_MAX];	/* ring, oldest at first */
	unsigned int first, n;
	bool streaming;
	bool in_callback;
};

/* As mnpen_client_open(), without waiting if not wait. */
int client_open(const char *path, enum mnpen_role role, bool wait,
		struct mnpen_client **out);
/* Queues; fn NULL for MESSAGE_ONEWAY only. Errors as mnpen_call_async(). */
int client_queue(struct mnpen_client *c, enum message_kind kind,
		 const char *method, const char *parameters, int timeout_ms,
		 mnpen_reply_fn fn, void *ctx);

int64_t clock_ms(void);

/* ---- call.c ------------------------------------------------------------ */

/*
 * mnpen_call() of io.mnpen.Pen.<method>; steals parameters. NULL parameters
 * (a json_pack() that failed) is -EINVAL.
 */
int call_json(struct mnpen_client *c, const char *method, json_t *parameters,
	      int timeout_ms, char **reply, struct mnpen_error *error);

#endif /* LIBMNPEN_INTERNAL_H */
