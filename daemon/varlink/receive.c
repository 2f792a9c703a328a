// SPDX-License-Identifier: GPL-2.0-or-later
/* From bytes to dispatched calls: how much, and when to leave off. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "daemon/varlink/frame.h"
#include "daemon/varlink/internal.h"

#define RECEIVE_BYTES	(16 * 1024)

bool receive_hung_up(const struct conn *conn)
{
	struct pollfd pfd = { .fd = conn->fd, .events = POLLRDHUP };

	return poll(&pfd, 1, 0) > 0;
}

bool receive_is_full(const struct conn *conn)
{
	const struct varlink_call *call;
	size_t replies = 0;

	if (conn->used || conn->n_calls >= VARLINK_PIPELINE_MAX)
		return true;
	TAILQ_FOREACH(call, &conn->calls, link)
		replies += call->q.bytes[OUTQ_REPLY];
	return replies > RECEIVE_REPLIES_MAX;
}

void receive_soon(struct conn *conn)
{
	/* A timer, not event_active(): the loop must look at others first. */
	static const struct timeval now;

	event_add(conn->resume, &now);
}

static void receive_frame(struct conn *conn, size_t len)
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
static ssize_t receive_bytes(struct conn *conn)
{
	size_t room = VARLINK_MESSAGE_MAX + 1 - evbuffer_get_length(conn->in);
	struct evbuffer_iovec vec;
	ssize_t n;

	if (room > RECEIVE_BYTES)
		room = RECEIVE_BYTES;
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
static bool receive_more(struct conn *conn)
{
	ssize_t n;

	if (conn->eof) {
		conn_end(conn, true);
		return false;
	}
	n = receive_bytes(conn);
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

void receive_run(struct conn *conn)
{
	unsigned int left = RECEIVE_TURN_FRAMES;
	size_t len;

	while (conn->state == CONN_OPEN) {
		if (receive_is_full(conn)) {
			conn->paused = true;
			if (conn->deaf || receive_hung_up(conn))
				conn_end(conn, false);
			return;
		}
		if (left == 0) {
			receive_soon(conn);
			return;
		}
		switch (frame_next(conn->in, &conn->scanned,
				   VARLINK_MESSAGE_MAX, &len)) {
		case FRAME_READY:
			left--;
			receive_frame(conn, len);
			break;
		case FRAME_TOO_LONG:
			conn_protocol_error(conn, "message too long");
			break;
		case FRAME_PARTIAL:
			if (!receive_more(conn))
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
		deadline_set(conn);
	}
}
