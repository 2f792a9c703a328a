// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls and their replies: order, queues, slow readers. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/varlink/internal.h"

#define CALL_NAME_MAX	128	/* interface and name of an error */

struct varlink_call *call_new(struct conn *conn, const struct message *msg)
{
	struct varlink_call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->conn = conn;
	call->more = msg->more;
	call->oneway = msg->oneway;
	call->sequence = OUTQ_NO_SEQUENCE;
	outq_init(&call->q);
	TAILQ_INSERT_TAIL(&conn->calls, call, link);
	conn->n_calls++;
	return call;
}

void call_finish(struct varlink_call *call)
{
	if (call->done)
		return;
	call->done = true;
	/* Its reply may wait for a slow reader: what it asked must not. */
	json_decref(call->parameters);
	call->parameters = NULL;
	if (call->on_end)
		call->on_end(call, call->on_end_ctx);
}

void call_free(struct varlink_call *call)
{
	TAILQ_REMOVE(&call->conn->calls, call, link);
	call->conn->n_calls--;
	outq_clear(&call->q);
	varlink_share_free(call->newest);
	json_decref(call->parameters);
	free(call);
}

static bool call_is_first(const struct varlink_call *call)
{
	return call == TAILQ_FIRST(&call->conn->calls);
}

static size_t call_reply_bytes(const struct conn *conn)
{
	const struct varlink_call *call;
	size_t sum = 0;

	TAILQ_FOREACH(call, &conn->calls, link)
		sum += call->q.bytes[OUTQ_REPLY];
	return sum;
}

/* Sends or queues a message, which is borrowed. */
static void call_put(struct varlink_call *call, enum outq_class class,
		     const char *data, size_t len, int64_t sequence)
{
	struct conn *conn = call->conn;
	ssize_t sent = 0;

	if (conn->state != CONN_OPEN || conn->deaf)
		return;
	if (call_is_first(call) && outq_empty(&call->q)) {
		sent = send_bytes(conn->fd, data, len);
		if (sent < 0) {
			conn_deafen(conn);
			return;
		}
		if ((size_t)sent == len) {
			if (sequence != OUTQ_NO_SEQUENCE)
				call->sequence = sequence;
			return;
		}
		event_add(conn->writable, NULL);
	}
	if (outq_add(&call->q, class, data, len, (size_t)sent, sequence,
		     server_now_us()) < 0)
		conn_doom(conn, false);
	else if (class == OUTQ_REPLY &&
		 call_reply_bytes(conn) > CONN_REPLIES_MAX)
		conn_doom(conn, false);
}

/* The same with what the encoder holds. */
static void call_put_encoded(struct varlink_call *call, enum outq_class class,
			     int64_t sequence)
{
	const struct encoder *enc = &call->conn->server->encoder;

	call_put(call, class, enc->data, enc->len, sequence);
}

/* The name of an error of the service's own interface. */
static void call_domain_name(const struct varlink_call *call, const char *name,
			     char *buf, size_t size)
{
	snprintf(buf, size, "%s.%s", call->conn->server->service->interface,
		 name);
}

static void call_send_final(struct varlink_call *call, int encoded)
{
	struct conn *conn = call->conn;

	if (encoded == -EMSGSIZE) {
		json_t *limit = json_pack("{s:i}", "maximumBytes",
					  VARLINK_REPLY_MAX);
		char name[CALL_NAME_MAX];

		call_domain_name(call, "ReplyTooLarge", name, sizeof(name));
		encoded = encode_error(&conn->server->encoder, name, limit);
		json_decref(limit);
	}
	if (encoded < 0)
		conn_doom(conn, false);
	else
		call_put_encoded(call, OUTQ_REPLY, OUTQ_NO_SEQUENCE);
	encode_trim(&conn->server->encoder);
}

/* Telemetry says how much was left out before it: most often nothing. */
static void call_put_telemetry(struct varlink_call *call,
			       const struct varlink_share *share)
{
	struct encoder *enc = &call->conn->server->encoder;

	if (!call->dropped)
		call_put(call, OUTQ_TELEMETRY, share->text, share->len,
			 share->sequence);
	else if (share_encode(share, call->dropped, enc) < 0)
		conn_doom(call->conn, false);
	else
		call_put_encoded(call, OUTQ_TELEMETRY, share->sequence);
	call->dropped = 0;
}

/* The sample that was kept back goes out, or at least into the queue. */
static void call_put_newest(struct varlink_call *call)
{
	struct varlink_share *share = call->newest;

	if (!share)
		return;
	call->newest = NULL;
	call_put_telemetry(call, share);
	varlink_share_free(share);
}

static bool call_has_room(const struct varlink_call *call)
{
	uint64_t oldest_us = outq_oldest_us(&call->q, OUTQ_TELEMETRY);

	if (call->newest)
		return false;
	if (!call_is_first(call))
		return false;
	if (oldest_us == 0)
		return true;
	return call->q.bytes[OUTQ_TELEMETRY] < VARLINK_TELEMETRY_BYTES &&
	       server_now_us() - oldest_us <
		       call->conn->server->times.telemetry_age_ms * 1000ull;
}

static void call_telemetry(struct varlink_call *call,
			   struct varlink_share *share)
{
	if (call_has_room(call)) {
		call_put_telemetry(call, share);
		return;
	}
	if (call->newest) {
		varlink_share_free(call->newest);
		call->dropped++;
		call->conn->server->stats.conflated++;
	}
	call->newest = share_ref(share);
}

static void call_event(struct varlink_call *call,
		       const struct varlink_share *share)
{
	/* Keeps the order: the sample is older than the event. */
	call_put_newest(call);
	if (call->conn->state == CONN_OPEN)
		call_put(call, OUTQ_EVENT, share->text, share->len,
			 share->sequence);
	if (call->conn->state != CONN_OPEN)
		return;
	if (outq_bytes(&call->q) > VARLINK_EVENT_BYTES)
		call_lagged(call);
	else if (!outq_empty(&call->q))
		deadline_set(call->conn);
}

void varlink_share_with(struct varlink_call *call, struct varlink_share *share)
{
	if (call->done || !call->more || call->conn->state != CONN_OPEN)
		return;
	if (!share) {
		conn_doom(call->conn, false);
		return;
	}
	switch (share->class) {
	case VARLINK_EVENT:
		call_event(call, share);
		break;
	case VARLINK_TELEMETRY:
		call_telemetry(call, share);
		break;
	}
}

void varlink_reply_more(struct varlink_call *call, enum varlink_class class,
			json_t *parameters)
{
	struct varlink_share *share;

	if (call->done || !call->more || call->conn->state != CONN_OPEN) {
		json_decref(parameters);
		return;
	}
	share = varlink_share_new(class, parameters);
	varlink_share_with(call, share);
	varlink_share_free(share);
}

void call_lagged(struct varlink_call *call)
{
	struct conn *conn = call->conn;
	json_t *parameters;
	char name[CALL_NAME_MAX];

	conn->server->stats.lagged++;
	server_log(conn->server, "connection %u (uid %u): reads too slowly",
		   conn->peer.number, (unsigned int)conn->peer.uid);
	varlink_share_free(call->newest);
	call->newest = NULL;
	outq_drop(&call->q, &call->sequence);
	parameters = json_pack("{s:I}", "lastSequence",
			       (json_int_t)(call->sequence < 0 ? 0 :
							call->sequence));
	call_domain_name(call, "Lagged", name, sizeof(name));
	if (encode_error(&conn->server->encoder, name, parameters) == 0)
		call_put_encoded(call, OUTQ_REPLY, OUTQ_NO_SEQUENCE);
	json_decref(parameters);
	conn_doom(conn, true);
}

/*
 * The final reply is queued. A call without anything left to send must not
 * stay in the list, wherever it stands: one-way calls behind a stream would
 * fill it.
 */
static void call_end(struct varlink_call *call)
{
	struct conn *conn = call->conn;

	call_finish(call);
	if (conn->state != CONN_OPEN)
		return;		/* conn_end() frees it */
	conn->active_us = server_now_us();
	if (call->oneway)
		call_free(call);
	call_flush(conn);
}

void call_flush(struct conn *conn)
{
	struct varlink_call *call;
	int r;

	while (conn->state == CONN_OPEN &&
	       (call = TAILQ_FIRST(&conn->calls)) != NULL) {
		r = send_queue(conn->fd, &call->q, &call->sequence);
		if (r == -EAGAIN) {
			event_add(conn->writable, NULL);
			break;
		}
		if (r < 0)
			conn_deafen(conn);
		if (call->done) {
			call_free(call);
			continue;
		}
		call_put_newest(call);
		break;
	}
	if (conn->state == CONN_OPEN)
		conn_changed(conn);
}

static bool call_is_open(struct varlink_call *call)
{
	return !call->done && !call->oneway && call->conn->state == CONN_OPEN;
}

static void call_tell_changed(struct varlink_call *call)
{
	const struct varlink_service *service = call->conn->server->service;

	if (service->changed && !call->done && call->method &&
	    (call->method->flags & VARLINK_RECORDED))
		service->changed(call, service->ctx);
}

void varlink_reply(struct varlink_call *call, json_t *parameters)
{
	if (call_is_open(call)) {
		call_put_newest(call);
		call_send_final(call,
				encode_reply(&call->conn->server->encoder,
					     parameters, false));
	}
	call_tell_changed(call);
	json_decref(parameters);
	if (!call->done)
		call_end(call);
}

void varlink_error(struct varlink_call *call, const char *name,
		   json_t *parameters)
{
	const struct varlink_service *service = call->conn->server->service;

	if (call_is_open(call)) {
		call_put_newest(call);
		call_send_final(call,
				encode_error(&call->conn->server->encoder, name,
					     parameters));
	}
	if (service->refused && call->method && !call->done && !call->oneway)
		service->refused(call, name, parameters, service->ctx);
	json_decref(parameters);
	if (!call->done)
		call_end(call);
}

void varlink_invalid_parameter(struct varlink_call *call, const char *name)
{
	varlink_error(call, "org.varlink.service.InvalidParameter",
		      json_pack("{s:s}", "parameter", name));
}

void call_domain_error(struct varlink_call *call, const char *name,
		       json_t *parameters)
{
	char full[CALL_NAME_MAX];

	call_domain_name(call, name, full, sizeof(full));
	varlink_error(call, full, parameters);
}

const struct varlink_peer *varlink_call_peer(const struct varlink_call *call)
{
	return &call->conn->peer;
}

const char *varlink_call_method(const struct varlink_call *call)
{
	return call->method ? call->method->name : "";
}

const json_t *varlink_call_parameters(const struct varlink_call *call)
{
	return call->parameters;
}

bool varlink_call_more(const struct varlink_call *call)
{
	return call->more;
}

void varlink_call_on_end(struct varlink_call *call,
			 void (*fn)(struct varlink_call *call, void *ctx),
			 void *ctx)
{
	call->on_end = fn;
	call->on_end_ctx = ctx;
}
