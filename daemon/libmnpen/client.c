// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One connection: what is queued on it, what comes back, how it ends.
 *
 * Replies have no number: the daemon answers in order, so the oldest call in
 * the ring owns the next reply. That is why a call that timed out keeps its
 * place until its reply came.
 */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int client_open(const char *path, enum mnpen_role role, bool wait,
		struct mnpen_client **out)
{
	enum mnpen_role opened;
	int fd, r;

	*out = NULL;
	fd = socket_open(path, role, wait, &opened);
	if (fd < 0)
		return fd;
	r = mnpen_client_open_fd(fd, out);
	if (!r)
		(*out)->role = opened;
	return r;
}

int mnpen_client_open(const char *path, enum mnpen_role role,
		      struct mnpen_client **out)
{
	return client_open(path, role, true, out);
}

int mnpen_client_open_fd(int fd, struct mnpen_client **out)
{
	struct mnpen_client *c;
	int r;

	*out = NULL;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
		r = -errno;
		goto fail;
	}
	c = calloc(1, sizeof(*c));
	if (!c) {
		r = -ENOMEM;
		goto fail;
	}
	c->fd = fd;
	*out = c;
	return 0;
fail:
	close(fd);
	return r;
}

enum mnpen_role mnpen_client_role(const struct mnpen_client *client)
{
	return client->role;
}

static void client_tell(struct mnpen_client *c, const struct call *call,
			const struct mnpen_reply *reply)
{
	bool outer = c->in_callback;

	if (!call->fn)
		return;
	c->in_callback = true;
	call->fn(reply, call->ctx);
	c->in_callback = outer;
}

static struct call client_pop(struct mnpen_client *c)
{
	struct call call = c->calls[c->first];

	c->first = (c->first + 1) % MNPEN_CALLS_MAX;
	c->n--;
	if (call.more)
		c->streaming = false;
	return call;
}

/* The end of the connection: everything open ends with error. */
static int client_break(struct mnpen_client *c, int error)
{
	const struct mnpen_reply reply = { .status = error };

	close(c->fd);
	c->fd = -1;
	buffer_free(&c->in);
	buffer_free(&c->out);
	while (c->n) {
		const struct call call = client_pop(c);

		client_tell(c, &call, &reply);
	}
	return error;
}

void mnpen_client_close(struct mnpen_client *client)
{
	if (!client)
		return;
	if (client->fd >= 0)
		client_break(client, -ECANCELED);
	free(client);
}

int client_queue(struct mnpen_client *c, enum message_kind kind,
		 const char *method, const char *parameters, int timeout_ms,
		 mnpen_reply_fn fn, void *ctx)
{
	struct call *call;
	size_t len;
	char *text;
	int r;

	if (c->fd < 0)
		return -ENOTCONN;
	if (c->streaming)
		return -EBUSY;
	if (kind != MESSAGE_ONEWAY && c->n == MNPEN_CALLS_MAX)
		return -ENOBUFS;
	r = message_call(kind, method, parameters, &text, &len);
	if (r < 0)
		return r;
	r = buffer_append(&c->out, text, len + 1, MNPEN_OUT_MAX);
	free(text);
	if (r < 0)
		return r;
	if (kind != MESSAGE_ONEWAY) {
		call = &c->calls[(c->first + c->n++) % MNPEN_CALLS_MAX];
		call->fn = fn;
		call->ctx = ctx;
		call->more = kind == MESSAGE_MORE;
		call->deadline_ms = timeout_ms < 0 ? -1 :
						     clock_ms() + timeout_ms;
		c->streaming = call->more;
	}
	/* Out at once if it can; a failure shows in mnpen_process(). */
	buffer_send(&c->out, c->fd);
	return 0;
}

static int client_dispatch(struct mnpen_client *c, const char *frame,
			   size_t len)
{
	struct mnpen_reply reply = { 0 };
	struct mnpen_error error = { 0 };
	struct message_reply m;
	struct call call;
	int r;

	r = message_reply(frame, len, &m);
	if (r < 0)
		return r;
	/* An answer nobody asked for, or a stream nobody wanted */
	if (!c->n || (m.continues && !c->calls[c->first].more)) {
		free(m.parameters);
		return -EBADMSG;
	}
	c->calls[c->first].deadline_ms = -1;
	call = m.continues ? c->calls[c->first] : client_pop(c);
	reply.continues = m.continues;
	if (m.error[0]) {
		error_set(&error, m.error, m.parameters);
		reply.status = -EREMOTEIO;
		reply.error = &error;
		client_tell(c, &call, &reply);
		mnpen_error_clear(&error);
		return 0;
	}
	reply.parameters = m.parameters;
	client_tell(c, &call, &reply);
	free(m.parameters);
	return 0;
}

static int client_receive(struct mnpen_client *c)
{
	char *frame;
	ssize_t n;
	size_t len;
	int r;

	n = buffer_recv(&c->in, c->fd);
	if (n == -EAGAIN)
		return 0;
	if (n <= 0)
		return n < 0 ? (int)n : -ECONNRESET;
	while ((r = buffer_frame(&c->in, MNPEN_REPLY_MAX, &frame, &len)) > 0) {
		r = client_dispatch(c, frame, len);
		if (r < 0)
			return r;
	}
	return r;
}

static void client_expire(struct mnpen_client *c)
{
	const struct mnpen_reply reply = { .status = -ETIMEDOUT };
	int64_t now = clock_ms();
	unsigned int i;

	for (i = 0; i < c->n; i++) {
		struct call *call =
			&c->calls[(c->first + i) % MNPEN_CALLS_MAX];
		const struct call late = *call;

		if (late.deadline_ms < 0 || late.deadline_ms > now)
			continue;
		call->fn = NULL;
		call->deadline_ms = -1;
		client_tell(c, &late, &reply);
	}
}

unsigned int mnpen_pending(const struct mnpen_client *client)
{
	return client->n;
}

int mnpen_get_fd(const struct mnpen_client *client)
{
	return client->fd;
}

short mnpen_get_events(const struct mnpen_client *client)
{
	return (short)(buffer_len(&client->out) ? POLLIN | POLLOUT : POLLIN);
}

int mnpen_get_timeout(const struct mnpen_client *client)
{
	int64_t first = -1, left;
	unsigned int i;

	for (i = 0; i < client->n; i++) {
		int64_t d = client->calls[(client->first + i) %
					  MNPEN_CALLS_MAX].deadline_ms;

		if (d >= 0 && (first < 0 || d < first))
			first = d;
	}
	if (first < 0)
		return -1;
	left = first - clock_ms();
	return left > 0 ? (int)left : 0;
}

int mnpen_process(struct mnpen_client *client)
{
	int r;

	if (client->in_callback)
		return -EDEADLK;
	if (client->fd < 0)
		return -ENOTCONN;
	/* Read first: a peer that hangs up may have said why. */
	r = client_receive(client);
	if (r >= 0)
		r = buffer_send(&client->out, client->fd);
	if (r < 0)
		return client_break(client, r == -EPIPE ? -ECONNRESET : r);
	client_expire(client);
	return 0;
}
