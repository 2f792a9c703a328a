/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A varlink server with a small interface of its own, and clients that talk to
 * it, all in one thread: whoever waits for something runs the event loop.
 */
#ifndef TESTS_UNIT_VARLINK_WORLD_H
#define TESTS_UNIT_VARLINK_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <event2/event.h>
#include <jansson.h>
#include <stdbool.h>

#include "daemon/varlink/internal.h"

#define T "io.example.Test."

/*
 * Echo(text) answers {text}. Hold() and Watch() (a stream) keep the call in
 * world->held. Note(text) writes to the trace. Stop() is urgent and writes
 * "stop"; Halt() is urgent and is held. Change() counts against the rate. Operate() is not for observers.
 */
struct world {
	struct event_base *base;
	struct varlink_service service;
	struct varlink_server *server;
	char *dir;
	char path[108];		/* of the observe socket */
	char operate_path[108];
	char trace[8192];	/* words separated by blanks, in order */
	struct varlink_call *held[128];
	unsigned int n_held;	/* ended ones become NULL */
	unsigned int n_gone;
	unsigned int n_logged;
	char logged[256];	/* last line */
	bool answer_in_gone;	/* gone() answers every held call */
};

struct client {
	struct world *world;
	int fd;
	char *data;
	size_t len, size;
	bool closed;		/* the server did */
};

/* cmocka fixtures; the world is *state. */
int world_setup(void **state);
int world_teardown(void **state);

void world_trace(struct world *world, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Runs what is ready, never waits. */
void world_turn(struct world *world);
/* Waits for one thing to happen; fails the test after ten seconds. */
void world_wait(struct world *world);
/* Until the trace holds the words. */
void world_wait_trace(struct world *world, const char *words);
void world_wait_gone(struct world *world, unsigned int n);
/* The connection of the newest client that is still open. */
struct conn *world_newest(struct world *world);

struct client *client_new(struct world *world);
struct client *client_new_at(struct world *world, const char *path);
/* A socket that is not connected yet, and connecting it. */
struct client *client_alloc(struct world *world);
void client_connect(struct client *client, const char *path);
void client_free(struct client *client);
/* Writes all of it, running the loop when the socket is full. */
void client_send(struct client *client, const void *data, size_t len);
/* One call, its 0x00 added. */
void client_call(struct client *client, const char *json);
/* Reads what is there without running the loop. */
void client_read(struct client *client);
/* Takes the next complete reply out; NULL when there is none. Free it. */
char *client_take(struct client *client);
/* Waits for the next reply; NULL: the server closed. Free it. */
char *client_wait(struct client *client);
json_t *client_wait_json(struct client *client);
/* Waits for the next reply and compares it as text; NULL: closed. */
void client_expect(struct client *client, const char *json);

/* Bytes that malloc has given out, from the sanitizer. */
size_t world_memory(void);

#endif /* TESTS_UNIT_VARLINK_WORLD_H */
