/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libmnpen: talk to mnpend, the daemon that guards microneedling pens.
 *
 * The methods, their parameters and their errors are described in
 * share/mnpen/io.mnpen.Pen.varlink where mnpend is installed. This library
 * carries them: it connects, frames, bounds and pairs calls with replies. It
 * decides nothing: every limit and every interlock is the daemon's. JSON goes in
 * and comes out as text, so use the JSON library you have.
 *
 * Two ways to use it:
 *  - blocking: mnpen_client_open(), mnpen_call(), mnpen_client_close();
 *  - in your own loop: mnpen_call_async() or mnpen_stream(), then poll
 *    mnpen_get_fd() for mnpen_get_events() no longer than mnpen_get_timeout()
 *    and call mnpen_process().
 * example.c, example-watch.c and example-session.c show them, example.py and
 * example.sh do without.
 * Link with: pkg-config --cflags --libs libmnpen. A symbol keeps its version and
 * its meaning for as long as the library is called libmnpen.so.1.
 *
 * Errors: functions return 0 (or a count) or a negative errno; errno itself
 * means nothing. -EREMOTEIO: the daemon answered with an error, it is in
 * struct mnpen_error. Any other value: the request could not be made or its
 * answer not be had; -ETIMEDOUT and -ECONNRESET leave open whether the daemon
 * carried it out.
 *
 * Threads: none are started, no signal handler is installed, nothing is
 * global. One client (or monitor) may be used by one thread at a time;
 * different ones are independent.
 *
 * Signals and processes: no call raises SIGPIPE, and a signal that arrives ends
 * or shortens no wait. Descriptors are closed in a program that is begun. After
 * fork() one of the two processes uses a client and the other one only closes
 * it; control of a pen ends when both have.
 *
 * Units are in the names: _um micrometres of set needle protrusion, _spm
 * strokes per minute, _ms milliseconds. A timeout_ms of -1 waits for ever.
 */
#ifndef LIBMNPEN_H
#define LIBMNPEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MNPEN_API __attribute__((visibility("default")))

#define MNPEN_INTERFACE	"io.mnpen.Pen"

/* Bounds; what passes them is refused, nothing grows without end. */
#define MNPEN_CALL_MAX	(64 * 1024)	/* one call, bytes: -EMSGSIZE */
#define MNPEN_REPLY_MAX	(1024 * 1024)	/* one reply, bytes: -EMSGSIZE */
#define MNPEN_OUT_MAX	(256 * 1024)	/* calls not yet taken: -ENOBUFS */
#define MNPEN_CALLS_MAX	32		/* calls not yet answered: -ENOBUFS */
#define MNPEN_DEPTH_MAX	32		/* nesting of a reply: -EBADMSG */

/* ---- sockets ---------------------------------------------------------- */

/*
 * The socket a client connects to is its role. Everybody may watch and Stop;
 * sessions need MNPEN_OPERATE or MNPEN_ADMIN.
 */
enum mnpen_role {
	MNPEN_ANY,	/* operate, observe, admin: the first that opens */
	MNPEN_OBSERVE,
	MNPEN_OPERATE,
	MNPEN_ADMIN,
};

/*
 * Writes the path of a role's socket: $MNPEN_SOCKET_DIR (ignored in
 * set-user-id programs), else /run/mnpen, and the role's name. MNPEN_ANY
 * gives the one tried first. Returns 0 or -ENAMETOOLONG.
 */
MNPEN_API int mnpen_socket_path(enum mnpen_role role, char *path, size_t size);

/* ---- remote errors ---------------------------------------------------- */

/* The errors a program may want to tell apart; others are MNPEN_E_OTHER. */
enum mnpen_error_kind {
	MNPEN_E_NONE,
	MNPEN_E_OTHER,
	MNPEN_E_NO_SUCH_PEN,
	MNPEN_E_PEN_GONE,
	MNPEN_E_PEN_BUSY,
	MNPEN_E_NOT_CONTROLLER,
	MNPEN_E_WRONG_STATE,
	MNPEN_E_LIMIT_EXCEEDED,
	MNPEN_E_INTERLOCK_OPEN,
	MNPEN_E_SESSION_NOT_FOUND,
	MNPEN_E_STORAGE_FAILED,
	MNPEN_E_DEVICE_FAILED,
	MNPEN_E_RATE_LIMITED,
	MNPEN_E_LAGGED,
	/* org.varlink.service */
	MNPEN_E_INVALID_PARAMETER,
	MNPEN_E_PERMISSION_DENIED,
	MNPEN_E_METHOD_NOT_FOUND,
};

/*
 * Filled when a call returns -EREMOTEIO, emptied by every other outcome.
 * Start with "= { 0 }"; it may be passed again and again, what it held before
 * is freed. mnpen_error_clear() at the end. Wherever a function takes one,
 * NULL is allowed.
 */
struct mnpen_error {
	char name[128];		/* "io.mnpen.Pen.LimitExceeded" */
	char *parameters;	/* JSON object as text, owned by this struct */
};

MNPEN_API void mnpen_error_clear(struct mnpen_error *error);
MNPEN_API enum mnpen_error_kind
mnpen_error_kind(const struct mnpen_error *error);

/* ---- one connection --------------------------------------------------- */

struct mnpen_client;

/*
 * Connects. path NULL: the socket of the role (see mnpen_socket_path()); with
 * a path the role is only a word. Waits at most 2 s for a daemon with a full
 * backlog. *out is owned by the caller and must be destroyed with
 * mnpen_client_close().
 *
 * -ENOENT, -ECONNREFUSED: no daemon there; -EACCES: not in the group that may
 * open the socket; -EAGAIN: the daemon takes no connections now. With
 * MNPEN_ANY -EACCES wins over the others, since it says what to do.
 */
MNPEN_API int mnpen_client_open(const char *path, enum mnpen_role role,
				struct mnpen_client **out);

/*
 * The same on a connected stream socket, which the client owns from then on,
 * also when this fails; it becomes non-blocking and close-on-exec. -ENOMEM, or
 * what fcntl() says.
 */
MNPEN_API int mnpen_client_open_fd(int fd, struct mnpen_client **out);

/*
 * Closes and frees; NULL is allowed. If this connection controls a pen, the
 * pen stops. Calls still open end with -ECANCELED. Never from a callback.
 */
MNPEN_API void mnpen_client_close(struct mnpen_client *client);

/*
 * Which role's socket was opened; MNPEN_ANY when a path or an fd was given.
 */
MNPEN_API enum mnpen_role mnpen_client_role(const struct mnpen_client *client);

/* ---- calls ------------------------------------------------------------ */

/*
 * Calls and waits. method: fully qualified, "io.mnpen.Pen.ListPens".
 * parameters: JSON object as text, NULL for {}. *reply gets the reply's
 * parameters as text, to be freed with free(), and NULL with every error; reply
 * may be NULL.
 *
 * Replies and streams of other calls on this client are handed to their
 * callbacks meanwhile. After -ETIMEDOUT the connection still works; the late
 * reply is dropped.
 *
 * -EINVAL: parameters are no JSON object; -EMSGSIZE: too long a call or
 * reply; -EREMOTEIO: *error says what; -ETIMEDOUT; -EBADMSG: the peer does
 * not keep the protocol; -ECONNRESET: it closed; -ENOTCONN: it had closed
 * before; -EBUSY: a stream occupies this connection; -EDEADLK: called from a
 * callback; -ENOBUFS: too much is waiting; -ENOMEM.
 * After -EBADMSG, -ECONNRESET or a reply's -EMSGSIZE the connection is
 * closed and everything returns -ENOTCONN.
 */
MNPEN_API int mnpen_call(struct mnpen_client *client, const char *method,
			 const char *parameters, int timeout_ms, char **reply,
			 struct mnpen_error *error);

/*
 * Sends a call that is never answered (Heartbeat). Never waits: what the
 * socket does not take now goes out with mnpen_process(). Errors as above.
 */
MNPEN_API int mnpen_call_oneway(struct mnpen_client *client,
				const char *method, const char *parameters);

/* What a callback is told; it and all it points to die with the callback. */
struct mnpen_reply {
	/*
	 * 0, -EREMOTEIO (see error), -ETIMEDOUT, -ECANCELED (client closed),
	 * or the reason the connection broke.
	 */
	int status;
	bool continues;			/* more replies will follow */
	const char *parameters;		/* JSON object as text; NULL on error */
	const struct mnpen_error *error;	/* NULL but for -EREMOTEIO */
};

/*
 * Runs inside mnpen_process(), mnpen_call() or mnpen_client_close(), exactly
 * once with continues false. It may start calls, but neither wait nor close.
 */
typedef void (*mnpen_reply_fn)(const struct mnpen_reply *reply, void *ctx);

/*
 * Queues a call and returns. fn is called only if this returned 0. The
 * daemon answers calls in order. Errors as for mnpen_call().
 */
MNPEN_API int mnpen_call_async(struct mnpen_client *client, const char *method,
			       const char *parameters, int timeout_ms,
			       mnpen_reply_fn fn, void *ctx);

/*
 * The same for a method that streams ("more"). The timeout is for the first
 * reply. A stream occupies its connection and ends only with it.
 */
MNPEN_API int mnpen_stream(struct mnpen_client *client, const char *method,
			   const char *parameters, int timeout_ms,
			   mnpen_reply_fn fn, void *ctx);

/* Calls and streams that have not ended. */
MNPEN_API unsigned int mnpen_pending(const struct mnpen_client *client);

/* ---- in your own loop ------------------------------------------------- */

/* The socket, or -1 once the connection broke. Owned by the client. */
MNPEN_API int mnpen_get_fd(const struct mnpen_client *client);
/* POLLIN, with POLLOUT while something waits to be sent; ask each time. */
MNPEN_API short mnpen_get_events(const struct mnpen_client *client);
/* Milliseconds until mnpen_process() must run; -1: whenever the fd is ready */
MNPEN_API int mnpen_get_timeout(const struct mnpen_client *client);
/*
 * Sends and receives what is possible without waiting, ends calls that timed
 * out, runs callbacks. May be called at any time. Returns 0, or the reason
 * the connection broke (once; -ENOTCONN after that).
 */
MNPEN_API int mnpen_process(struct mnpen_client *client);

/* ---- watching, with reconnection -------------------------------------- */

enum mnpen_monitor_kind {
	/*
	 * The state of everything: first thing after every (re)connection.
	 * parameters has pens, bootId and sequence.
	 */
	MNPEN_MONITOR_SNAPSHOT,
	/* One change, telemetry sample or event; see Monitor in the file. */
	MNPEN_MONITOR_UPDATE,
	/*
	 * Connection lost, or never made: from here to the next snapshot
	 * nothing is known, and what is displayed is old. error says why. Told
	 * once per gap.
	 */
	MNPEN_MONITOR_GAP,
};

struct mnpen_monitor_event {
	enum mnpen_monitor_kind kind;
	const char *parameters;		/* JSON object as text; NULL in a gap */
	int error;			/* gap: negative errno, else 0 */
	const struct mnpen_error *remote;	/* gap by -EREMOTEIO, else NULL */
	uint32_t gaps;			/* since mnpen_monitor_open() */
	bool restarted;			/* snapshot of another daemon run */
};

typedef void (*mnpen_monitor_fn)(const struct mnpen_monitor_event *event,
				 void *ctx);

struct mnpen_monitor;

/*
 * Watches one pen, or all with pen_id NULL, until closed. path and role as in
 * mnpen_client_open(), but this never waits: when no daemon is there it keeps
 * trying every 100 ms to 2 s. fn runs inside mnpen_monitor_process().
 * Strings are copied. *out must be destroyed with mnpen_monitor_close().
 * Returns 0, -EINVAL or -ENOMEM.
 */
MNPEN_API int mnpen_monitor_open(const char *path, enum mnpen_role role,
				 const char *pen_id, mnpen_monitor_fn fn,
				 void *ctx, struct mnpen_monitor **out);
/* NULL is allowed. Never from its own callback. */
MNPEN_API void mnpen_monitor_close(struct mnpen_monitor *monitor);

/*
 * As for a client. The fd changes with every connection and is -1 between
 * two: ask before each poll. process returns 0, in a gap too.
 */
MNPEN_API int mnpen_monitor_get_fd(const struct mnpen_monitor *monitor);
MNPEN_API short mnpen_monitor_get_events(const struct mnpen_monitor *monitor);
MNPEN_API int mnpen_monitor_get_timeout(const struct mnpen_monitor *monitor);
MNPEN_API int mnpen_monitor_process(struct mnpen_monitor *monitor);

/* ---- stop ------------------------------------------------------------- */

/*
 * Stops a pen, or all with pen_id NULL. *stopped as *reply of mnpen_call().
 * On a connection with unanswered calls it would wait behind them: use
 * mnpen_stop_all() then.
 */
MNPEN_API int mnpen_stop(struct mnpen_client *client, const char *pen_id,
			 int timeout_ms, char **stopped,
			 struct mnpen_error *error);

/*
 * The same without a connection at hand: tries the sockets of operate,
 * observe and admin in this order until one daemon answered; timeout_ms is
 * for each. The last error is returned, but -EACCES before the others.
 */
MNPEN_API int mnpen_stop_all(const char *pen_id, int timeout_ms,
			     char **stopped, struct mnpen_error *error);

/* ---- a session -------------------------------------------------------- */

/*
 * The calls of a session in their order, each one mnpen_call(): errors as
 * there. Control belongs to the connection: when it closes the pen stops, and
 * while the motor runs so it does without a heartbeat in time.
 */

/* *heartbeat_ms (NULL is allowed): send several heartbeats in that time. */
MNPEN_API int mnpen_control_acquire(struct mnpen_client *client,
				    const char *pen_id, int timeout_ms,
				    uint32_t *heartbeat_ms,
				    struct mnpen_error *error);
MNPEN_API int mnpen_control_release(struct mnpen_client *client,
				    const char *pen_id, int timeout_ms,
				    struct mnpen_error *error);

/*
 * One question of GetCatalogue's screening, and whether the answer was yes.
 * detail: a word on it for the record, at most 200 bytes; may be NULL.
 */
struct mnpen_answer {
	const char *code;
	bool yes;
	const char *detail;
};

/*
 * Clear it whole ("= { 0 }") and fill in what is known. A release that adds
 * members gives mnpen_control_begin() a symbol version of its own for it.
 */
struct mnpen_plan {
	const char *area, *concern;	/* ids of GetCatalogue */
	uint32_t depth_um;
	uint32_t rate_spm;
	uint32_t planned_ms;		/* motor time */
	const struct mnpen_answer *screening;
	size_t answers;
	const char *patient, *operator_id;	/* pseudonyms; may be NULL */
	const char *cartridge;		/* as scanned from its pack, or NULL */
	uint32_t needles;		/* of it; 0: not known, as below */
	uint32_t needle_um;		/* diameter of one */
	uint32_t needle_length_um;
	/* The patient; if none is given only the screening is looked at. */
	uint32_t skin_type;		/* Fitzpatrick, 1 to 6 */
	uint32_t age;			/* years */
	bool treated_before, thin_skin;
	/* What a physician sets aside, on MNPEN_ADMIN only; 0: nothing. */
	const char *const *override_codes;
	size_t overrides;
	const char *override_reason, *physician;
	const char *consent, *consent_text; /* number, version; or NULL */
	uint32_t lot_stock;		/* pieces of the lot; 0: not counted */
	uint32_t course_sessions;	/* planned in all; 0: not said */
};

/* *session: {"session": Session} with the limits in force; may be NULL. */
MNPEN_API int mnpen_control_begin(struct mnpen_client *client,
				  const char *pen_id,
				  const struct mnpen_plan *plan,
				  int timeout_ms, char **session,
				  struct mnpen_error *error);

/* steps: codes of GetCatalogue's preparation that were done, in order. */
MNPEN_API int mnpen_control_prepare(struct mnpen_client *client,
				    const char *pen_id,
				    const char *const *steps, size_t n,
				    int timeout_ms, struct mnpen_error *error);

/*
 * The motor may turn before this returns. Who cannot send heartbeats in
 * another way should mnpen_call_async() StartRun instead.
 */
MNPEN_API int mnpen_control_start(struct mnpen_client *client,
				  const char *pen_id, int timeout_ms,
				  char **session, struct mnpen_error *error);
MNPEN_API int mnpen_control_heartbeat(struct mnpen_client *client,
				      const char *pen_id);
MNPEN_API int mnpen_control_pause(struct mnpen_client *client,
				  const char *pen_id, int timeout_ms,
				  struct mnpen_error *error);
/* *ended: {"session": Session, "endReason": text}; may be NULL. */
MNPEN_API int mnpen_control_end(struct mnpen_client *client,
				const char *pen_id, int timeout_ms,
				char **ended, struct mnpen_error *error);

#ifdef __cplusplus
}
#endif

#endif /* LIBMNPEN_H */
