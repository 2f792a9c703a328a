// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tests/emulator/commands.h"

#define CLIENTS		16
#define LINE_LEN	4096

struct client {
	struct control *control;
	struct loop_source source;	/* fd -1: slot is free */
	char line[LINE_LEN];
	size_t used;
	bool eof;			/* it asked all it wanted to ask */
	struct wait_for wait;		/* pattern NULL: not waiting */
	uint64_t wait_until_ms;
};

struct control {
	struct pen *pen;
	struct loop_source listener;
	struct loop_source timer;	/* time-outs, and to resume clients */
	struct client clients[CLIENTS];
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void wait_end(struct client *client)
{
	json_decref(client->wait.pattern);
	client->wait.pattern = NULL;
}

static void client_close(struct client *client)
{
	wait_end(client);
	loop_remove(&client->control->pen->loop, &client->source);
	close(client->source.fd);
	client->source.fd = -1;
}

/*
 * Replies are short and clients read them; one that lets its socket fill up
 * loses the reply and, by the error, the connection. Takes @reply.
 */
static void answer(struct client *client, json_t *reply)
{
	char *text = json_dumps(reply, JSON_COMPACT);
	size_t len;

	json_decref(reply);
	if (!text)
		return;
	len = strlen(text);
	text[len++] = '\n';
	if (send(client->source.fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL) !=
	    (ssize_t)len)
		shutdown(client->source.fd, SHUT_RDWR);
	free(text);
}

/* At once, if @ms is in the past. */
static void timer_at(struct control *c, uint64_t ms)
{
	struct itimerspec when = {
		.it_value.tv_sec = (time_t)(ms / 1000),
		.it_value.tv_nsec = (long)(ms % 1000 * 1000000) + 1,
	};

	timerfd_settime(c->timer.fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void timer_next(struct control *c)
{
	uint64_t next_ms = UINT64_MAX;
	int i;

	for (i = 0; i < CLIENTS; i++)
		if (c->clients[i].wait.pattern &&
		    c->clients[i].wait_until_ms < next_ms)
			next_ms = c->clients[i].wait_until_ms;
	if (next_ms != UINT64_MAX)
		timer_at(c, next_ms);
}

static void on_line(void *ctx, json_t *line)
{
	struct control *c = ctx;
	struct client *client;
	json_t *reply;

	for (client = c->clients; client < c->clients + CLIENTS; client++) {
		if (!client->wait.pattern ||
		    !commands_line_matches(client->wait.pattern, line))
			continue;
		wait_end(client);
		reply = json_pack("{s:b,s:I,s:O}", "ok", 1, "t_us",
				  (json_int_t)pen_now_us(c->pen), "line", line);
		answer(client, reply);
		/* What it sent in the meantime is done by the loop. */
		timer_at(c, 0);
	}
}

static void do_line(struct client *client, const char *text)
{
	struct control *c = client->control;
	json_error_t error;
	json_t *request = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	json_t *reply;

	if (json_is_object(request))
		reply = commands_do(c->pen, request, &client->wait);
	else if (request)
		reply = commands_error("expected a JSON object");
	else
		reply = commands_error("not JSON: %s at column %d", error.text,
				       error.column);
	json_decref(request);
	if (reply) {
		answer(client, reply);
		return;
	}
	client->wait_until_ms = now_ms() + client->wait.timeout_ms;
	timer_next(c);
}

static void do_lines(struct client *client)
{
	char *end;
	size_t len;

	while (!client->wait.pattern) {
		end = memchr(client->line, '\n', client->used);
		if (!end)
			break;
		*end++ = '\0';
		do_line(client, client->line);
		len = (size_t)(end - client->line);
		client->used -= len;
		memmove(client->line, end, client->used);
	}
	if (client->used == LINE_LEN && !client->wait.pattern) {
		answer(client, commands_error("line is longer than %d bytes",
					      LINE_LEN - 1));
		client_close(client);
	}
}

static void client_ready(void *ctx, uint32_t events)
{
	struct client *client = ctx;
	size_t room = LINE_LEN - client->used;
	ssize_t n;

	if (events & EPOLLHUP) {
		client_close(client);
		return;
	}
	/* Full while waiting: the rest stays in the socket. */
	if (!room)
		return;
	n = recv(client->source.fd, client->line + client->used, room,
		 MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0 || (!n && !client->wait.pattern)) {
		client_close(client);
		return;
	}
	/* "echo ... | socat": nothing more to read, but somebody listens. */
	if (!n) {
		client->eof = true;
		loop_modify(&client->control->pen->loop, &client->source, 0);
	}
	client->used += (size_t)n;
	do_lines(client);
}

static void client_tick(struct client *client, uint64_t ms)
{
	if (client->wait.pattern && client->wait_until_ms <= ms) {
		wait_end(client);
		answer(client, commands_error("timeout after %u ms: no such "
					      "journal line came",
					      client->wait.timeout_ms));
	}
	do_lines(client);
	if (client->source.fd >= 0 && client->eof && !client->wait.pattern)
		client_close(client);
}

static void timer_ready(void *ctx, uint32_t events)
{
	struct control *c = ctx;
	uint64_t ms = now_ms();
	uint64_t count;
	int i;

	(void)events;
	if (read(c->timer.fd, &count, sizeof(count)) < 0)
		return;
	for (i = 0; i < CLIENTS; i++)
		if (c->clients[i].source.fd >= 0)
			client_tick(&c->clients[i], ms);
	timer_next(c);
}

static struct client *free_client(struct control *c)
{
	int i;

	for (i = 0; i < CLIENTS; i++)
		if (c->clients[i].source.fd < 0)
			return &c->clients[i];
	return NULL;
}

static void listener_ready(void *ctx, uint32_t events)
{
	struct control *c = ctx;
	struct client *client = free_client(c);
	int fd = accept4(c->listener.fd, NULL, NULL,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0)
		return;
	if (!client) {
		close(fd);
		return;
	}
	client->used = 0;
	client->eof = false;
	client->source.fd = fd;
	if (loop_add(&c->pen->loop, &client->source, EPOLLIN)) {
		close(fd);
		client->source.fd = -1;
	}
}

/* A socket file without a server is left over and may go. */
static bool served(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool yes = fd >= 0 && !connect(fd, (const void *)addr, sizeof(*addr));

	if (fd >= 0)
		close(fd);
	return yes;
}

static int bind_path(struct control *c)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	strcpy(addr.sun_path, c->path);
	if (served(&addr))
		return -EADDRINUSE;
	unlink(c->path);
	c->listener.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
				SOCK_NONBLOCK, 0);
	if (c->listener.fd < 0 ||
	    bind(c->listener.fd, (const void *)&addr, sizeof(addr)) ||
	    listen(c->listener.fd, CLIENTS))
		return -errno;
	return 0;
}

static int start(struct control *c)
{
	int err = bind_path(c);

	if (err)
		return err;
	c->timer.fd = timerfd_create(CLOCK_MONOTONIC,
				     TFD_NONBLOCK | TFD_CLOEXEC);
	if (c->timer.fd < 0)
		return -errno;
	err = loop_add(&c->pen->loop, &c->listener, EPOLLIN);
	if (!err)
		err = loop_add(&c->pen->loop, &c->timer, EPOLLIN);
	return err;
}

int control_open(struct control **out, struct pen *pen, const char *path)
{
	struct control *c;
	int i, err;

	if (strlen(path) >= sizeof(c->path))
		return -ENAMETOOLONG;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->pen = pen;
	strcpy(c->path, path);
	c->listener = (struct loop_source) { -1, listener_ready, c };
	c->timer = (struct loop_source) { -1, timer_ready, c };
	for (i = 0; i < CLIENTS; i++) {
		c->clients[i].control = c;
		c->clients[i].source = (struct loop_source) {
			-1, client_ready, &c->clients[i],
		};
	}
	err = start(c);
	if (err) {
		control_close(c);
		return err;
	}
	journal_listen(pen->journal, on_line, c);
	*out = c;
	return 0;
}

void control_close(struct control *c)
{
	int i;

	if (!c)
		return;
	journal_listen(c->pen->journal, NULL, NULL);
	for (i = 0; i < CLIENTS; i++)
		if (c->clients[i].source.fd >= 0)
			client_close(&c->clients[i]);
	if (c->timer.fd >= 0)
		close(c->timer.fd);
	if (c->listener.fd >= 0) {
		close(c->listener.fd);
		unlink(c->path);
	}
	free(c);
}
