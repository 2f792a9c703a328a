// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/varlink_world.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define WORLD_PATIENCE_S	10

size_t __sanitizer_get_current_allocated_bytes(void);

size_t world_memory(void)
{
	return __sanitizer_get_current_allocated_bytes();
}

void world_trace(struct world *world, const char *format, ...)
{
	size_t len = strlen(world->trace);
	va_list args;

	va_start(args, format);
	vsnprintf(world->trace + len, sizeof(world->trace) - len, format, args);
	va_end(args);
}

/* -- the methods -- */

static void world_echo(struct varlink_call *call, json_t *parameters, void *ctx)
{
	json_t *text = json_object_get(parameters, "text");

	(void)ctx;
	if (json_is_string(text))
		varlink_reply(call, json_pack("{s:O}", "text", text));
	else
		varlink_invalid_parameter(call, "text");
}

static void world_on_end(struct varlink_call *call, void *ctx)
{
	struct world *world = ctx;

	for (unsigned int i = 0; i < world->n_held; i++) {
		if (world->held[i] == call) {
			world->held[i] = NULL;
			world_trace(world, "end%u ", i);
			return;
		}
	}
	fail_msg("a call ended that was not held, or twice");
}

static void world_hold(struct varlink_call *call, json_t *parameters, void *ctx)
{
	struct world *world = ctx;

	(void)parameters;
	assert_true(world->n_held < 128);
	world->held[world->n_held++] = call;
	varlink_call_on_end(call, world_on_end, world);
}

static void world_note(struct varlink_call *call, json_t *parameters, void *ctx)
{
	const char *text =
		json_string_value(json_object_get(parameters, "text"));

	world_trace(ctx, "%s ", text ? text : "?");
	varlink_reply(call, NULL);
}

static void world_stop(struct varlink_call *call, json_t *parameters, void *ctx)
{
	(void)parameters;
	world_trace(ctx, "stop ");
	varlink_reply(call, NULL);
}

static void world_nothing(struct varlink_call *call, json_t *parameters,
			  void *ctx)
{
	(void)parameters;
	(void)ctx;
	varlink_reply(call, NULL);
}

static const struct varlink_method world_methods[] = {
	{ T "Echo", VARLINK_ANYBODY, 0, "text", world_echo },
	{ T "Hold", VARLINK_ANYBODY, 0, "", world_hold },
	{ T "Watch", VARLINK_ANYBODY, VARLINK_STREAM, "penId since",
	  world_hold },
	{ T "Note", VARLINK_ANYBODY, 0, "text", world_note },
	{ T "Stop", VARLINK_ANYBODY, VARLINK_URGENT | VARLINK_MUTATES, "penId",
	  world_stop },
	{ T "Halt", VARLINK_ANYBODY, VARLINK_URGENT, "", world_hold },
	{ T "Change", VARLINK_ANYBODY, VARLINK_MUTATES, NULL, world_nothing },
	{ T "Operate", VARLINK_OPERATE | VARLINK_ADMIN, 0, NULL,
	  world_nothing },
	{ NULL },
};

static void world_gone(const struct varlink_peer *peer, void *ctx)
{
	struct world *world = ctx;

	world->n_gone++;
	world_trace(world, "gone%u ", peer->number);
	if (!world->answer_in_gone)
		return;
	for (unsigned int i = 0; i < world->n_held; i++) {
		if (world->held[i])
			varlink_reply(world->held[i], NULL);
	}
}

static void world_log(const char *text, void *ctx)
{
	struct world *world = ctx;

	world->n_logged++;
	snprintf(world->logged, sizeof(world->logged), "%s", text);
}

/* -- the world -- */

int world_setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct event_config *config = event_config_new();

	assert_non_null(world);
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	world->base = event_base_new_with_config(config);
	event_config_free(config);
	assert_non_null(world->base);
	world->dir = scratch_make("varlink");
	assert_non_null(world->dir);
	snprintf(world->path, sizeof(world->path), "%s/observe", world->dir);
	snprintf(world->operate_path, sizeof(world->operate_path),
		 "%s/operate", world->dir);
	world->service = (struct varlink_service){
		.vendor = "Example",
		.product = "Test",
		.version = "1",
		.url = "https://example.org/",
		.interface = "io.example.Test",
		.description = "interface io.example.Test\n",
		.methods = world_methods,
		.gone = world_gone,
		.log = world_log,
		.ctx = world,
	};
	world->server = varlink_server_new(world->base, &world->service);
	assert_non_null(world->server);
	assert_int_equal(varlink_server_bind(world->server, world->path,
					     VARLINK_OBSERVE, (gid_t)-1), 0);
	assert_int_equal(varlink_server_bind(world->server,
					     world->operate_path,
					     VARLINK_OPERATE, (gid_t)-1), 0);
	*state = world;
	return 0;
}

int world_teardown(void **state)
{
	struct world *world = *state;
	char lock[128];
	bool left;

	varlink_server_free(world->server);
	event_base_free(world->base);
	snprintf(lock, sizeof(lock), "%s.lock", world->path);
	unlink(lock);
	snprintf(lock, sizeof(lock), "%s.lock", world->operate_path);
	unlink(lock);
	/* Fails when the server left a socket behind. */
	left = rmdir(world->dir) < 0;
	scratch_remove(world->dir);
	free(world);
	return left ? -1 : 0;
}

void world_turn(struct world *world)
{
	event_base_loop(world->base, EVLOOP_NONBLOCK);
}

static void world_impatient(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	*(bool *)arg = true;
}

void world_wait(struct world *world)
{
	struct timeval patience = { .tv_sec = WORLD_PATIENCE_S };
	bool late = false;
	struct event *guard = evtimer_new(world->base, world_impatient, &late);

	event_add(guard, &patience);
	event_base_loop(world->base, EVLOOP_ONCE);
	event_free(guard);
	if (late)
		fail_msg("nothing happened; trace: %s", world->trace);
}

void world_wait_trace(struct world *world, const char *words)
{
	while (!strstr(world->trace, words))
		world_wait(world);
}

void world_wait_gone(struct world *world, unsigned int n)
{
	while (world->n_gone < n)
		world_wait(world);
}

struct conn *world_newest(struct world *world)
{
	return TAILQ_LAST(&world->server->conns, conn_list);
}

/* -- clients -- */

struct client *client_alloc(struct world *world)
{
	struct client *client = calloc(1, sizeof(*client));

	assert_non_null(client);
	client->world = world;
	/* Enough at once: the tests measure what the server allocates. */
	client->size = 512 * 1024;
	client->data = malloc(client->size);
	assert_non_null(client->data);
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_true(client->fd >= 0);
	return client;
}

void client_connect(struct client *client, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	strcpy(addr.sun_path, path);
	assert_int_equal(connect(client->fd, (struct sockaddr *)&addr,
				 sizeof(addr)), 0);
	world_turn(client->world);
}

struct client *client_new_at(struct world *world, const char *path)
{
	struct client *client = client_alloc(world);

	client_connect(client, path);
	return client;
}

struct client *client_new(struct world *world)
{
	return client_new_at(world, world->path);
}

void client_free(struct client *client)
{
	close(client->fd);
	free(client->data);
	free(client);
}

void client_send(struct client *client, const void *data, size_t len)
{
	const char *at = data;
	ssize_t n;

	while (len > 0) {
		n = send(client->fd, at, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN) {
			world_wait(client->world);
			continue;
		}
		if (n < 0)
			return;		/* closed: reading will tell */
		at += n;
		len -= (size_t)n;
	}
}

void client_call(struct client *client, const char *json)
{
	client_send(client, json, strlen(json) + 1);
}

void client_read(struct client *client)
{
	ssize_t n;

	for (;;) {
		if (client->size - client->len < 65536) {
			client->size *= 2;
			client->data = realloc(client->data, client->size);
			assert_non_null(client->data);
		}
		n = recv(client->fd, client->data + client->len,
			 client->size - client->len, 0);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			client->closed = true;
			return;
		}
		client->len += (size_t)n;
	}
}

char *client_take(struct client *client)
{
	char *end = client->len ? memchr(client->data, 0, client->len) : NULL;
	char *reply;
	size_t len;

	if (!end)
		return NULL;
	len = (size_t)(end - client->data) + 1;
	reply = malloc(len);
	assert_non_null(reply);
	memcpy(reply, client->data, len);
	client->len -= len;
	memmove(client->data, client->data + len, client->len);
	return reply;
}

char *client_wait(struct client *client)
{
	char *reply = client_take(client);

	while (!reply) {
		world_turn(client->world);
		client_read(client);
		reply = client_take(client);
		if (reply || client->closed)
			break;
		world_wait(client->world);
	}
	return reply;
}

json_t *client_wait_json(struct client *client)
{
	char *reply = client_wait(client);
	json_t *json;

	assert_non_null(reply);
	json = json_loads(reply, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	free(reply);
	return json;
}

void client_expect(struct client *client, const char *json)
{
	char *reply = client_wait(client);

	if (!json) {
		assert_null(reply);
		return;
	}
	assert_non_null(reply);
	assert_string_equal(reply, json);
	free(reply);
}
