// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One connection: reading, deadlines, and its end.
 *
 * The descriptor is watched edge triggered. When too many calls wait, bytes
 * are left in the socket; level triggering would spin on them, and taking the
 * event out would hide that the peer is gone, which is what stops a pen.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/varlink/frame.h"
#include "daemon/varlink/internal.h"

#define CONN_READ_BYTES	(16 * 1024)

static uint64_t conn_after(uint64_t since_us, uint32_t ms)
{
	return since_us + ms * 1000ull;
}

static void conn_earlier(uint64_t *when_us, uint64_t other_us)
{
	if (*when_us == 0 || other_us < *when_us)
		*when_us = other_us;
}

/* When the oldest event that could not be sent yet has to be given up. */
static uint64_t conn_event_deadline(const struct conn *conn,
				    struct varlink_call **late)
{
	struct varlink_call *call;
	uint64_t when_us = 0, since_us;

	TAILQ_FOREACH(call, &conn->calls, link) {
		since_us = outq_oldest_us(&call->q, OUTQ_EVENT);
		if (since_us == 0)
			continue;
		since_us = conn_after(since_us,
				      conn->server->times.event_age_ms);
		if (when_us == 0 || since_us < when_us) {
			when_us = since_us;
			*late = call;
		}
	}
	return when_us;
}

/* The next moment at which something has to be given up; 0: none. */
static uint64_t conn_deadline(const struct conn *conn)
{
	const struct varlink_times *times = &conn->server->times;
	struct varlink_call *late;
	uint64_t when_us = 0;

	if (conn->state == CONN_LINGER)
		return conn->linger_us;
	if (conn->partial_us != 0 && !conn->paused)
		conn_earlier(&when_us,
			     conn_after(conn->partial_us, times->frame_ms));
	if (conn->n_calls == 0)
		conn_earlier(&when_us,
			     conn_after(conn->active_us, times->idle_ms));
	if (conn->reserved && !conn->used)
		conn_earlier(&when_us,
			     conn_after(conn->since_us, times->reserved_ms));
	if (conn->n_calls > 0) {
		uint64_t event_us = conn_event_deadline(conn, &late);

		if (event_us != 0)
			conn_earlier(&when_us, event_us);
	}
	return when_us;
}

void conn_set_timer(struct conn *conn)
{
	uint64_t when_us = conn_deadline(conn), now_us, wait_us;
	struct timeval tv;

	if (when_us == 0 || (conn->timer_us != 0 && conn->timer_us <= when_us))
		return;
	now_us = server_now_us();
	wait_us = when_us > now_us ? when_us - now_us : 0;
	tv.tv_sec = (time_t)(wait_us / 1000000);
	tv.tv_usec = (suseconds_t)(wait_us % 1000000);
	if (event_add(conn->timer, &tv) == 0)
		conn->timer_us = when_us;
}

/* -- ending -- */

static void conn_close(struct conn *conn)
{
	struct varlink_server *server = conn->server;

	event_del(conn->readable);
	event_del(conn->writable);
	event_del(conn->resume);
	event_del(conn->timer);
	close(conn->fd);
	conn->fd = -1;
	conn->state = CONN_CLOSED;
	outq_clear(&conn->tail);
	if (server->reserved == conn)
		server->reserved = NULL;
	server->stats.connections--;
	listen_keep_spare(server);
	event_active(server->reap, EV_TIMEOUT, 0);
}

static void conn_flush_tail(struct conn *conn)
{
	int64_t sequence;
	int r = send_queue(conn->fd, &conn->tail, &sequence);

	if (r == -EAGAIN)
		event_add(conn->writable, NULL);
	else
		conn_close(conn);
}

/*
 * What may still be sent: the answers up to the first call that is not
 * answered, and of that one the replies that are on their way.
 */
static void conn_collect_tail(struct conn *conn)
{
	struct varlink_call *call;

	TAILQ_FOREACH(call, &conn->calls, link) {
		outq_move(&conn->tail, &call->q);
		if (!call->done)
			break;
	}
}

void conn_end(struct conn *conn, bool linger)
{
	const struct varlink_service *service = conn->server->service;
	struct varlink_call *call;

	if (conn->state >= CONN_LINGER)
		return;
	conn->state = CONN_LINGER;
	if (service->gone)
		service->gone(&conn->peer, service->ctx);

	event_del(conn->resume);
	if (linger)
		conn_collect_tail(conn);
	/* Whoever is told of one end may answer another call: start over. */
	while ((call = TAILQ_FIRST(&conn->calls)) != NULL) {
		call_finish(call);
		call_free(call);
	}
	evbuffer_drain(conn->in, evbuffer_get_length(conn->in));
	conn->linger_us = conn_after(server_now_us(),
				     conn->server->times.linger_ms);
	conn_flush_tail(conn);
	if (conn->state == CONN_LINGER)
		conn_set_timer(conn);
}

void conn_doom(struct conn *conn, bool linger)
{
	if (conn->state != CONN_OPEN)
		return;
	conn->state = CONN_DOOMED;
	conn->linger = linger;
	event_active(conn->server->reap, EV_TIMEOUT, 0);
}

static void conn_protocol_error(struct conn *conn, const char *what)
{
	conn->server->stats.protocol_errors++;
	server_log(conn->server,
		   "connection %u (uid %u, pid %d): protocol error: %s",
		   conn->peer.number, (unsigned int)conn->peer.uid,
		   (int)conn->peer.pid, what);
	conn_end(conn, true);
}

/* Is the peer gone although we are not reading? */
static bool conn_hung_up(const struct conn *conn)
{
	struct pollfd pfd = { .fd = conn->fd, .events = POLLRDHUP };

	return poll(&pfd, 1, 0) > 0;
}

/* -- reading -- */

static bool conn_is_full(const struct conn *conn)
{
	const struct varlink_call *call;
	size_t replies = 0;

	if (conn->used || conn->n_calls >= VARLINK_PIPELINE_MAX)
		return true;
	TAILQ_FOREACH(call, &conn->calls, link)
		replies += call->q.bytes[OUTQ_REPLY];
	return replies > CONN_REPLIES_PAUSE;
}

static void conn_resume_soon(struct conn *conn)
{
	/* A timer, not event_active(): the loop must look at others first. */
	static const struct timeval now;

	event_add(conn->resume, &now);
}

void conn_deafen(struct conn *conn)
{
	struct varlink_call *call;

	conn->deaf = true;
	TAILQ_FOREACH(call, &conn->calls, link)
		outq_clear(&call->q);
	conn_resume_soon(conn);
}

void conn_changed(struct conn *conn)
{
	if (conn->used && conn->n_calls == 0) {
		conn_doom(conn, true);
		return;
	}
	if (conn->paused && !conn_is_full(conn)) {
		conn->paused = false;
		conn->partial_us = 0;	/* not the peer's fault: starts anew */
		conn_resume_soon(conn);
	}
	if (conn->n_calls == 0)
		conn_set_timer(conn);
}

static void conn_frame(struct conn *conn, size_t len)
{
	const char *data = (char *)evbuffer_pullup(conn->in,
						   (ev_ssize_t)len + 1);
	struct varlink_call *call;
	struct message msg;
	const char *wrong;

	wrong = data ? message_parse(data, len, &msg) : "out of memory";
	frame_drain(conn->in, &conn->scanned, len);
	conn->partial_us = 0;
	if (wrong) {
		conn_protocol_error(conn, wrong);
		return;
	}
	conn->active_us = server_now_us();
	call = call_new(conn, &msg);
	if (call)
		dispatch_call(call, &msg);
	else
		conn_end(conn, false);
	message_clear(&msg);
}

/*
 * Bytes read, 0 at the end, negative errno. Never holds more than the one
 * byte over the limit that proves a frame too long.
 */
static ssize_t conn_read(struct conn *conn)
{
	size_t room = VARLINK_MESSAGE_MAX + 1 - evbuffer_get_length(conn->in);
	struct evbuffer_iovec vec;
	ssize_t n;

	if (room > CONN_READ_BYTES)
		room = CONN_READ_BYTES;
	if (evbuffer_reserve_space(conn->in, (ev_ssize_t)room, &vec, 1) != 1)
		return -ENOMEM;
	if (vec.iov_len > room)
		vec.iov_len = room;
	do
		n = recv(conn->fd, vec.iov_base, vec.iov_len, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		n = -errno;
	vec.iov_len = n > 0 ? (size_t)n : 0;
	if (evbuffer_commit_space(conn->in, &vec, 1) < 0)
		return -ENOMEM;
	return n;
}

/* There was no complete frame. False: wait for the socket, or it ended. */
static bool conn_get_more(struct conn *conn)
{
	ssize_t n;

	if (conn->eof) {
		conn_end(conn, true);
		return false;
	}
	n = conn_read(conn);
	if (n == -EAGAIN && !conn->deaf)
		return false;
	if (n < 0) {
		conn_end(conn, false);
		return false;
	}
	if (n == 0)
		conn->eof = true;
	return true;
}

/* Reads and dispatches until there is nothing, too much, or enough for now. */
static void conn_run(struct conn *conn)
{
	unsigned int left = CONN_TURN_FRAMES;
	size_t len;

	while (conn->state == CONN_OPEN) {
		if (conn_is_full(conn)) {
			conn->paused = true;
			if (conn->deaf || conn_hung_up(conn))
				conn_end(conn, false);
			return;
		}
		if (left == 0) {
			conn_resume_soon(conn);
			return;
		}
		switch (frame_next(conn->in, &conn->scanned,
				   VARLINK_MESSAGE_MAX, &len)) {
		case FRAME_READY:
			left--;
			conn_frame(conn, len);
			break;
		case FRAME_TOO_LONG:
			conn_protocol_error(conn, "message too long");
			break;
		case FRAME_PARTIAL:
			if (!conn_get_more(conn))
				goto waiting;
			break;
		}
	}
	return;
waiting:
	if (conn->state != CONN_OPEN)
		return;
	if (evbuffer_get_length(conn->in) > 0 && conn->partial_us == 0) {
		conn->partial_us = server_now_us();
		conn_set_timer(conn);
	}
}

/* -- events -- */

static void conn_on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;

	(void)fd;
	(void)what;
	switch (conn->state) {
	case CONN_OPEN:
		conn_run(conn);
		break;
	case CONN_LINGER:
		if (conn_hung_up(conn))
			conn_close(conn);
		break;
	case CONN_DOOMED:
	case CONN_CLOSED:
		break;
	}
}

static void conn_on_resume(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	conn_run(arg);
}

static void conn_on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;

	(void)fd;
	(void)what;
	switch (conn->state) {
	case CONN_OPEN:
		call_flush(conn);
		break;
	case CONN_LINGER:
		conn_flush_tail(conn);
		break;
	case CONN_DOOMED:
	case CONN_CLOSED:
		break;
	}
}

static void conn_on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;
	const struct varlink_times *times = &conn->server->times;
	struct varlink_call *late = NULL;
	uint64_t now_us = server_now_us(), event_us;

	(void)fd;
	(void)what;
	conn->timer_us = 0;
	if (conn->state == CONN_DOOMED || conn->state == CONN_CLOSED)
		return;
	if (conn->state == CONN_LINGER) {
		if (now_us >= conn->linger_us)
			conn_close(conn);
		else
			conn_set_timer(conn);
		return;
	}
	event_us = conn_event_deadline(conn, &late);
	if (event_us != 0 && now_us >= event_us)
		call_lagged(late);
	else if (conn->partial_us != 0 && !conn->paused &&
		 now_us >= conn_after(conn->partial_us, times->frame_ms))
		conn_protocol_error(conn, "message never completed");
	else if (conn->reserved && !conn->used &&
		 now_us >= conn_after(conn->since_us, times->reserved_ms))
		conn_end(conn, false);
	else if (conn->n_calls == 0 &&
		 now_us >= conn_after(conn->active_us, times->idle_ms))
		conn_end(conn, false);
	else
		conn_set_timer(conn);
}

/* -- beginning -- */

static int conn_make_events(struct conn *conn)
{
	struct event_base *base = conn->server->base;

	conn->in = evbuffer_new();
	conn->readable = event_new(base, conn->fd,
				   EV_READ | EV_PERSIST | EV_ET,
				   conn_on_readable, conn);
	conn->writable = event_new(base, conn->fd, EV_WRITE | EV_ET,
				   conn_on_writable, conn);
	conn->resume = evtimer_new(base, conn_on_resume, conn);
	conn->timer = evtimer_new(base, conn_on_timer, conn);
	if (!conn->in || !conn->readable || !conn->writable || !conn->resume ||
	    !conn->timer)
		return -ENOMEM;
	return event_add(conn->readable, NULL) < 0 ? -ENOMEM : 0;
}

static void conn_free(struct conn *conn)
{
	if (conn->readable)
		event_free(conn->readable);
	if (conn->writable)
		event_free(conn->writable);
	if (conn->resume)
		event_free(conn->resume);
	if (conn->timer)
		event_free(conn->timer);
	if (conn->in)
		evbuffer_free(conn->in);
	free(conn);
}

static int conn_get_peer(struct conn *conn, enum varlink_role role)
{
	struct varlink_server *server = conn->server;
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(conn->fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return -errno;
	if (++server->last_number == 0)
		server->last_number = 1;
	conn->peer.role = role;
	conn->peer.uid = cred.uid;
	conn->peer.pid = cred.pid;
	conn->peer.number = server->last_number;
	return 0;
}

int conn_new(struct varlink_server *server, int fd, enum varlink_role role,
	     bool reserved, struct conn **out)
{
	struct conn *conn = calloc(1, sizeof(*conn));
	int r = -ENOMEM;

	if (!conn)
		goto close_fd;
	conn->server = server;
	conn->fd = fd;
	conn->reserved = reserved;
	conn->since_us = server_now_us();
	conn->active_us = conn->since_us;
	bucket_init(&conn->bucket, conn->since_us);
	TAILQ_INIT(&conn->calls);
	outq_init(&conn->tail);
	r = conn_get_peer(conn, role);
	if (r == 0)
		r = conn_make_events(conn);
	if (r < 0)
		goto free_conn;
	TAILQ_INSERT_TAIL(&server->conns, conn, link);
	server->stats.connections++;
	server->stats.accepted++;
	conn_set_timer(conn);
	if (out)
		*out = conn;
	return 0;

free_conn:
	conn_free(conn);
close_fd:
	close(fd);
	return r;
}

void conn_reap(struct varlink_server *server)
{
	struct conn *conn, *next;

	/* Being told of one end may doom others: those activate us again. */
	TAILQ_FOREACH(conn, &server->conns, link) {
		if (conn->state == CONN_DOOMED)
			conn_end(conn, conn->linger);
	}
	for (conn = TAILQ_FIRST(&server->conns); conn; conn = next) {
		next = TAILQ_NEXT(conn, link);
		if (conn->state != CONN_CLOSED)
			continue;
		TAILQ_REMOVE(&server->conns, conn, link);
		conn_free(conn);
	}
}

void conn_free_all(struct varlink_server *server)
{
	struct conn *conn;

	TAILQ_FOREACH(conn, &server->conns, link) {
		conn_end(conn, false);
		if (conn->state == CONN_LINGER)
			conn_close(conn);
	}
	conn_reap(server);
}
