// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One connection: how it begins, what wakes it, and how it ends.
 *
 * The descriptor is watched edge triggered. When too many calls wait, bytes
 * are left in the socket; level triggering would spin on them, and taking the
 * event out would hide that the peer is gone, which is what stops a pen.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/varlink/internal.h"

/* -- ending -- */

void conn_close(struct conn *conn)
{
	struct varlink_server *server = conn->server;

	event_del(conn->readable);
	event_del(conn->writable);
	event_del(conn->resume);
	close(conn->fd);
	conn->fd = -1;
	conn->state = CONN_CLOSED;
	outq_clear(&conn->tail);
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
	/* Before gone() may end calls: theirs are no answers to send. */
	if (linger)
		conn_collect_tail(conn);
	if (service->gone)
		service->gone(&conn->peer, service->ctx);

	event_del(conn->resume);
	/* Whoever is told of one end may answer another call: start over. */
	while ((call = TAILQ_FIRST(&conn->calls)) != NULL) {
		call_finish(call);
		call_free(call);
	}
	evbuffer_drain(conn->in, evbuffer_get_length(conn->in));
	conn->linger_us = deadline_after(server_now_us(),
				     conn->server->times.linger_ms);
	conn_flush_tail(conn);
	if (conn->state == CONN_LINGER)
		deadline_set(conn);
}

void conn_protocol_error(struct conn *conn, const char *what)
{
	conn->server->stats.protocol_errors++;
	server_log(conn->server,
		   "connection %u (uid %u, pid %d): protocol error: %s",
		   conn->peer.number, (unsigned int)conn->peer.uid,
		   (int)conn->peer.pid, what);
	conn_end(conn, true);
}

void conn_doom(struct conn *conn, bool linger)
{
	if (conn->state != CONN_OPEN)
		return;
	conn->state = CONN_DOOMED;
	conn->linger = linger;
	event_active(conn->server->reap, EV_TIMEOUT, 0);
}

void conn_deafen(struct conn *conn)
{
	struct varlink_call *call;

	conn->deaf = true;
	TAILQ_FOREACH(call, &conn->calls, link)
		outq_clear(&call->q);
	receive_soon(conn);
}

void conn_changed(struct conn *conn)
{
	if (conn->used && conn->n_calls == 0) {
		conn_doom(conn, true);
		return;
	}
	if (conn->paused && !receive_is_full(conn)) {
		conn->paused = false;
		conn->partial_us = 0;	/* not the peer's fault: starts anew */
		receive_soon(conn);
	}
	if (conn->n_calls == 0)
		deadline_set(conn);
}

/* -- events -- */

static void conn_on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;

	(void)fd;
	(void)what;
	switch (conn->state) {
	case CONN_OPEN:
		receive_run(conn);
		break;
	case CONN_LINGER:
		if (receive_hung_up(conn))
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
	receive_run(arg);
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
	if (!conn->in || !conn->readable || !conn->writable || !conn->resume)
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
	     bool reserved)
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
	deadline_set(conn);
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
