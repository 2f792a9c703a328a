/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Varlink server: NUL-framed JSON calls on Unix stream sockets.
 *
 * It frames, checks, dispatches, answers and bounds; it knows nothing of
 * pens. Everything runs in the libevent thread that called varlink_server_new.
 *
 * Lifetimes: a call lives until its final reply, its error, or until the
 * connection is gone; after that a held pointer must not be used. Whoever
 * keeps a call for later learns of the end through varlink_call_on_end().
 * Nothing is ever freed below the caller: connections that end inside a
 * callback are reaped on the next loop turn.
 */
#ifndef MNPEN_VARLINK_SERVER_H
#define MNPEN_VARLINK_SERVER_H

#include <event2/event.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Limits; every one has a test that goes one past it. */
#define VARLINK_MESSAGE_MAX	(64 * 1024)	/* client to daemon, bytes */
#define VARLINK_REPLY_MAX	(1024 * 1024)
#define VARLINK_DEPTH_MAX	16		/* nesting of a call */
#define VARLINK_PIPELINE_MAX	32		/* calls waiting on one connection */
#define VARLINK_CONNS_MAX	64
#define VARLINK_CONNS_PER_UID	16
#define VARLINK_STOP_SLOTS	8	/* over these: for one urgent call each */
#define VARLINK_TELEMETRY_BYTES	(64 * 1024)	/* then conflate */
#define VARLINK_EVENT_BYTES	(256 * 1024)	/* then Lagged and close */
#define VARLINK_CALLS_PER_S	20		/* mutating ones, burst 100 */
#define VARLINK_CALLS_BURST	100

/* The role is the listener a connection came in on; bits for method masks. */
enum varlink_role {
	VARLINK_OBSERVE	= 1,
	VARLINK_OPERATE	= 2,
	VARLINK_ADMIN	= 4,
	VARLINK_ANYBODY	= 7,
};

struct varlink_peer {
	enum varlink_role role;
	uid_t uid;
	pid_t pid;
	uint32_t number;	/* of the connection, unique, never 0 */
};

struct varlink_server;
struct varlink_call;

/* Method flags */
#define VARLINK_STREAM		1	/* refuses calls without "more" */
#define VARLINK_MUTATES		2	/* counts against the rate limit */
/*
 * Never rate limited; the only calls that the slot over VARLINK_CONNS_MAX takes
 * and that still count after their sender left: Stop, Heartbeat.
 */
#define VARLINK_URGENT		4
/* service.changed() is told of each call to it that was not refused. */
#define VARLINK_RECORDED	8

struct varlink_method {
	const char *name;	/* fully qualified: io.mnpen.Pen.Stop */
	unsigned int roles;	/* mask of enum varlink_role */
	unsigned int flags;
	/*
	 * Allowed parameter names, space separated; anything else is answered
	 * InvalidParameter before fn runs (a mistyped limit must not be
	 * ignored).
	 */
	const char *parameters;
	/* parameters is borrowed until fn returns, an object, maybe empty. */
	void (*fn)(struct varlink_call *call, json_t *parameters, void *ctx);
};

struct varlink_service {
	const char *vendor, *product, *version, *url;
	const char *interface;		/* io.mnpen.Pen */
	const char *description;	/* text of the interface file */
	const struct varlink_method *methods;	/* ends with name NULL */
	/*
	 * Optional. The connection is gone: first thing that happens, once,
	 * before any of its calls is told. peer is valid until it returns. A
	 * peer that closes only its sending half is gone as well.
	 */
	void (*gone)(const struct varlink_peer *peer, void *ctx);
	/*
	 * Optional. One of the methods answered a call that wants an answer
	 * with an error. Everything is borrowed until it returns; it must not
	 * answer anything itself.
	 */
	void (*refused)(const struct varlink_call *call, const char *error,
			const json_t *parameters, void *ctx);
	/*
	 * Optional. A method with VARLINK_RECORDED was answered, not with an
	 * error, oneway calls as well. As for refused().
	 */
	void (*changed)(const struct varlink_call *call, void *ctx);
	/* Optional. Protocol errors and full tables, at most one per second. */
	void (*log)(const char *text, void *ctx);
	void *ctx;
};

/* service is borrowed and must outlive the server. NULL and errno on error. */
struct varlink_server *varlink_server_new(struct event_base *base,
					  const struct varlink_service *service);
/*
 * Closes listeners and connections; calls gone() for each of them. Never below
 * a callback of this server.
 */
void varlink_server_free(struct varlink_server *server);

/* Takes over a listening socket passed in (systemd); never unlinks it. */
int varlink_server_adopt(struct varlink_server *server, int fd,
			 enum varlink_role role);
/*
 * Binds path itself, mode 0660, group gid ((gid_t)-1: leave). Replaces a
 * stale socket only when it holds the lock path.lock. Negative errno;
 * -EADDRINUSE when another daemon serves there.
 */
int varlink_server_bind(struct varlink_server *server, const char *path,
			enum varlink_role role, gid_t gid);

const struct varlink_peer *varlink_call_peer(const struct varlink_call *call);
/* Fully qualified, and what it was called with; "" and NULL: not ours. */
const char *varlink_call_method(const struct varlink_call *call);
const json_t *varlink_call_parameters(const struct varlink_call *call);
bool varlink_call_more(const struct varlink_call *call);
/* fn runs once when the call ends in any way; use it to forget the pointer. */
void varlink_call_on_end(struct varlink_call *call,
			 void (*fn)(struct varlink_call *call, void *ctx),
			 void *ctx);

/*
 * Final reply; steals parameters (NULL: {}). For oneway calls sends nothing.
 * Replies leave in call order, whatever order they are given in. One that is
 * longer than VARLINK_REPLY_MAX becomes <interface>.ReplyTooLarge.
 */
void varlink_reply(struct varlink_call *call, json_t *parameters);
/* Final error; name is fully qualified; steals parameters. */
void varlink_error(struct varlink_call *call, const char *name,
		   json_t *parameters);
/* org.varlink.service.InvalidParameter */
void varlink_invalid_parameter(struct varlink_call *call, const char *name);

enum varlink_class {
	VARLINK_EVENT,		/* never lost: too slow a reader is closed */
	VARLINK_TELEMETRY,	/* newest wins: too slow a reader sees "dropped" */
};
/*
 * One reply of a stream, "continues": true; ignored when the call has no "more".
 * An integer "sequence" in it is what Lagged names later. Steals parameters, an
 * object that nobody else uses. For
 * VARLINK_TELEMETRY the server sets "dropped" to the number of telemetry
 * replies it left out since the last one sent.
 */
void varlink_reply_more(struct varlink_call *call, enum varlink_class class,
			json_t *parameters);

/*
 * The same for many calls: the text is made once, however many get it. NULL
 * when out of memory. varlink_share_with() is varlink_reply_more() with what is
 * in it; it may doom the call, not end it. NULL dooms it: nothing is lost in
 * silence.
 */
struct varlink_share;
/* Steals parameters. */
struct varlink_share *varlink_share_new(enum varlink_class class,
					json_t *parameters);
/*
 * Of text that is already there: an object as jansson prints it compactly, for
 * VARLINK_TELEMETRY without "dropped". Copies it.
 */
struct varlink_share *varlink_share_text(enum varlink_class class,
					 const char *text, size_t len,
					 int64_t sequence);
void varlink_share_with(struct varlink_call *call, struct varlink_share *share);
void varlink_share_free(struct varlink_share *share);

/* For tests and doctor. */
struct varlink_stats {
	uint64_t accepted, refused, protocol_errors, lagged, conflated;
	uint32_t connections;
};
void varlink_server_stats(const struct varlink_server *server,
			  struct varlink_stats *out);

#endif /* MNPEN_VARLINK_SERVER_H */
