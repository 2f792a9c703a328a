// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The deadlines of all connections, on one timer. It is set for the nearest one
 * and never put off: when it fires early it looks again, so that traffic costs
 * no timer.
 */
#include "daemon/varlink/internal.h"

uint64_t deadline_after(uint64_t since_us, uint32_t ms)
{
	return since_us + ms * 1000ull;
}

static void deadline_earlier(uint64_t *when_us, uint64_t other_us)
{
	if (*when_us == 0 || other_us < *when_us)
		*when_us = other_us;
}

/* When the oldest event that could not be sent yet has to be given up. */
static uint64_t deadline_of_event(const struct conn *conn,
				    struct varlink_call **late)
{
	struct varlink_call *call;
	uint64_t when_us = 0, since_us;

	TAILQ_FOREACH(call, &conn->calls, link) {
		since_us = outq_oldest_us(&call->q, OUTQ_EVENT);
		if (since_us == 0)
			continue;
		since_us = deadline_after(since_us,
				      conn->server->times.event_age_ms);
		if (when_us == 0 || since_us < when_us) {
			when_us = since_us;
			*late = call;
		}
	}
	return when_us;
}

/* The next moment at which something has to be given up; 0: none. */
static uint64_t deadline_next(const struct conn *conn)
{
	const struct varlink_times *times = &conn->server->times;
	struct varlink_call *late;
	uint64_t when_us = 0;

	if (conn->state == CONN_LINGER)
		return conn->linger_us;
	if (conn->partial_us != 0 && !conn->paused)
		deadline_earlier(&when_us,
			     deadline_after(conn->partial_us, times->frame_ms));
	if (conn->n_calls == 0)
		deadline_earlier(&when_us,
			     deadline_after(conn->active_us, times->idle_ms));
	if (conn->reserved && !conn->used)
		deadline_earlier(&when_us,
			     deadline_after(conn->since_us, times->reserved_ms));
	if (conn->n_calls > 0) {
		uint64_t event_us = deadline_of_event(conn, &late);

		if (event_us != 0)
			deadline_earlier(&when_us, event_us);
	}
	return when_us;
}

void deadline_set(struct conn *conn)
{
	struct varlink_server *server = conn->server;
	uint64_t when_us = deadline_next(conn), now_us;

	if (when_us == 0 ||
	    (server->timer_us != 0 && server->timer_us <= when_us))
		return;
	now_us = server_now_us();
	if (timer_in(server->timer, when_us > now_us ? when_us - now_us : 0) ==
	    0)
		server->timer_us = when_us;
}

static void deadline_look(struct conn *conn)
{
	const struct varlink_times *times = &conn->server->times;
	struct varlink_call *late = NULL;
	uint64_t now_us = server_now_us(), event_us;

	if (conn->state == CONN_DOOMED || conn->state == CONN_CLOSED)
		return;
	if (conn->state == CONN_LINGER) {
		if (now_us >= conn->linger_us)
			conn_close(conn);
		else
			deadline_set(conn);
		return;
	}
	event_us = deadline_of_event(conn, &late);
	if (event_us != 0 && now_us >= event_us)
		call_lagged(late);
	else if (conn->partial_us != 0 && !conn->paused &&
		 now_us >= deadline_after(conn->partial_us, times->frame_ms))
		conn_protocol_error(conn, "message never completed");
	else if (conn->reserved && !conn->used &&
		 now_us >= deadline_after(conn->since_us, times->reserved_ms))
		conn_end(conn, false);
	else if (conn->n_calls == 0 &&
		 now_us >= deadline_after(conn->active_us, times->idle_ms))
		conn_end(conn, false);
	else
		deadline_set(conn);
}

void deadline_on_timer(void *arg)
{
	struct varlink_server *server = arg;
	struct conn *conn;

	server->timer_us = 0;
	/* None is freed here, only closed: the reap event does that. */
	TAILQ_FOREACH(conn, &server->conns, link)
		deadline_look(conn);
}
