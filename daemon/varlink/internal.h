/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the server share. Not for the daemon; tests use it to
 * shorten the times.
 *
 * A connection goes OPEN -> DOOMED -> LINGER -> CLOSED -> freed.
 *   OPEN    reads, dispatches, sends.
 *   DOOMED  it is decided to end, but code of the daemon may be below us, so
 *           nobody was told yet: the reap event does it, still in this turn.
 *   LINGER  gone() was called and every call has ended; what was already owed
 *           to the peer is still being sent, for at most linger_ms.
 *   CLOSED  no descriptor, no events; memory is freed by the reap event.
 *
 * Calls hang on their connection in the order they came. Each holds its own
 * unsent replies; only the first call of the list may send, so replies leave
 * in call order whatever order the daemon answers in. Calls are dispatched as
 * they come, never held back for an earlier one: a Stop behind a slow call
 * takes effect at once, though its reply has to wait.
 */
#ifndef MNPEN_VARLINK_INTERNAL_H
#define MNPEN_VARLINK_INTERNAL_H

#include <event2/buffer.h>
#include <sys/queue.h>
#include <sys/un.h>

#include "daemon/varlink/bucket.h"
#include "daemon/varlink/encode.h"
#include "daemon/varlink/message.h"
#include "daemon/varlink/outq.h"
#include "daemon/varlink/server.h"
#include "daemon/varlink/timer.h"

/* Complete frames taken from one connection per loop turn. */
#define RECEIVE_TURN_FRAMES	64
/* Unsent final replies on one connection: past it no more calls are read, */
#define RECEIVE_REPLIES_MAX	VARLINK_REPLY_MAX
/* and past this (answers to calls that were held) it is closed. */
#define CONN_REPLIES_MAX	(2 * VARLINK_REPLY_MAX)

struct varlink_times {
	uint32_t frame_ms;		/* first byte to complete frame */
	uint32_t idle_ms;		/* without call or stream */
	uint32_t event_age_ms;		/* unsent event, then Lagged */
	uint32_t telemetry_age_ms;	/* unsent telemetry, then conflate */
	uint32_t linger_ms;		/* to a peer that was ended */
	uint32_t accept_pause_ms;	/* no descriptors left */
	uint32_t reserved_ms;		/* in a slot kept for a Stop */
};

enum conn_state {
	CONN_OPEN,
	CONN_DOOMED,
	CONN_LINGER,
	CONN_CLOSED,
};

/* What every sample looks at comes first, here and in struct conn. */
struct varlink_call {
	struct conn *conn;
	bool more, oneway;
	bool done;		/* ended; only its unsent replies are left */
	struct outq q;
	struct varlink_share *newest; /* telemetry for a slow reader, or NULL */
	uint64_t dropped;	/* telemetry left out since the last one sent */
	int64_t sequence;	/* of the last reply that went out */
	TAILQ_ENTRY(varlink_call) link;
	const struct varlink_method *method;	/* of the service, or NULL */
	json_t *parameters;	/* of a call to it */
	void (*on_end)(struct varlink_call *call, void *ctx);
	void *on_end_ctx;
};

struct conn {
	enum conn_state state;
	int fd;
	bool deaf;		/* it takes no bytes any more: send no more */
	TAILQ_HEAD(call_list, varlink_call) calls;
	unsigned int n_calls;
	struct varlink_server *server;
	TAILQ_ENTRY(conn) link;
	struct varlink_peer peer;
	struct event *readable, *writable;	/* both edge triggered */
	struct event *resume;	/* reads on, on the next turn */

	struct evbuffer *in;
	size_t scanned;
	uint64_t partial_us;	/* when the unfinished frame began; 0: none */
	bool paused;		/* too much unanswered: nothing is read */
	bool eof;

	struct outq tail;	/* what LINGER still sends */
	uint64_t linger_us;	/* until when */
	bool linger;		/* DOOMED: is there anything to linger for */

	struct bucket bucket;
	uint64_t since_us;	/* accepted */
	uint64_t active_us;	/* last complete frame or end of a call */
	bool reserved;		/* in a slot for a Stop: one call only */
	bool used;		/* and this was it */
};

struct listener {
	TAILQ_ENTRY(listener) link;
	struct varlink_server *server;
	enum varlink_role role;
	struct event *readable;
	int fd;
	int lock_fd;		/* -1: the socket was passed in */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

struct varlink_server {
	struct event_base *base;
	const struct varlink_service *service;
	struct varlink_times times;
	struct event *reap;
	struct event *accept_again;
	struct timer *timer;	/* the nearest deadline of all, or earlier */
	uint64_t timer_us;	/* when it fires; 0: not set */
	TAILQ_HEAD(conn_list, conn) conns;
	TAILQ_HEAD(listener_list, listener) listeners;
	struct encoder encoder;
	int spare_fd;		/* given up to accept a Stop without others */
	uint32_t last_number;
	struct varlink_stats stats;
	uint64_t log_us;	/* last line */
	uint32_t log_skipped;
};

/* server.c */
uint64_t server_now_us(void);	/* monotonic */
void server_log(struct varlink_server *server, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* conn.c */
/* Takes over fd, connected and non-blocking, also on error. */
int conn_new(struct varlink_server *server, int fd, enum varlink_role role,
	     bool reserved);
/* The end of LINGER. */
void conn_close(struct conn *conn);
/*
 * Sending failed. The peer may have sent a Stop before it left: this reads on
 * to the end without answering, and only urgent calls are still dispatched.
 */
void conn_deafen(struct conn *conn);
/* Ends it at once: never below code of the daemon. */
void conn_end(struct conn *conn, bool linger);
/* Ends it as soon as the present callback is over. */
void conn_doom(struct conn *conn, bool linger);
/* The peer broke a rule of the wire: counted, logged, ended. what is fixed. */
void conn_protocol_error(struct conn *conn, const char *what);
/* Calls may be read again, or nobody is waiting any more: look again. */
void conn_changed(struct conn *conn);
void conn_reap(struct varlink_server *server);
void conn_free_all(struct varlink_server *server);

/* receive.c */
/* Reads and dispatches until there is nothing, too much, or enough for now. */
void receive_run(struct conn *conn);
/* The same on the next turn, after others had theirs. */
void receive_soon(struct conn *conn);
/* Too much is unanswered to take another call. */
bool receive_is_full(const struct conn *conn);
/* Is the peer gone? For when nothing is read. */
bool receive_hung_up(const struct conn *conn);

/* deadline.c */
uint64_t deadline_after(uint64_t since_us, uint32_t ms);
/* Sets the timer when a deadline came nearer. */
void deadline_set(struct conn *conn);
/* Gives up what is due; arg is the server. */
void deadline_on_timer(void *arg);

/* call.c */
struct varlink_call *call_new(struct conn *conn, const struct message *msg);
/* Ends a call that gets no more replies: on_end, once. */
void call_finish(struct varlink_call *call);
void call_free(struct varlink_call *call);
/* The socket takes bytes again, or the first call has ended. */
void call_flush(struct conn *conn);
/* The event bound of its connection is exceeded. */
void call_lagged(struct varlink_call *call);
/* name without the interface, which is the service's own */
void call_domain_error(struct varlink_call *call, const char *name,
		       json_t *parameters);

/* share.c */
struct varlink_share {
	unsigned int refs;
	enum varlink_class class;
	int64_t sequence;
	size_t len;		/* of the message, with its 0x00 */
	size_t head;		/* telemetry: where the number dropped is */
	char text[];
};

struct varlink_share *share_ref(struct varlink_share *share);
/* The same message with another number dropped. Negative errno. */
int share_encode(const struct varlink_share *share, uint64_t dropped,
		 struct encoder *enc);

/* send.c */
/* Bytes the socket took, 0 when it is full, negative errno. */
ssize_t send_bytes(int fd, const void *data, size_t len);
/* 0: q is empty. -EAGAIN, or what is wrong with the connection. */
int send_queue(int fd, struct outq *q, int64_t *sequence);

/* dispatch.c */
void dispatch_call(struct varlink_call *call, const struct message *msg);

/* service.c: org.varlink.service itself */
extern const struct varlink_method service_methods[];
extern const char service_interface[];

/* socket.c */
void socket_close_all(struct varlink_server *server);

/* listen.c */
void listen_on_readable(evutil_socket_t fd, short what, void *arg);
/* Accepts again after a pause. */
void listen_resume(struct varlink_server *server);
/* A descriptor was closed: keep one in hand again. */
void listen_keep_spare(struct varlink_server *server);

#endif /* MNPEN_VARLINK_INTERNAL_H */
