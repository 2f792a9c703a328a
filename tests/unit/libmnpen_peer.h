/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's side of a client under test, played by the test itself: one
 * process, a socketpair, nothing that has to be waited for.
 */
#ifndef TESTS_UNIT_LIBMNPEN_PEER_H
#define TESTS_UNIT_LIBMNPEN_PEER_H

#include "daemon/libmnpen/libmnpen.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

struct peer {
	int fd;				/* the daemon's end */
	struct mnpen_client *client;
};

/* A cmocka setup and teardown: *state is a struct peer. */
int peer_setup(void **state);
int peer_teardown(void **state);

/* Sends text and its NUL. */
void peer_send(const struct peer *p, const char *text);
void peer_send_bytes(const struct peer *p, const char *data, size_t len);
/* The next call the client sent, to be decref'd; fails when there is none. */
json_t *peer_call(const struct peer *p);
/* The same, as compact text with sorted keys; to be freed. */
char *peer_call_text(const struct peer *p);
/* True when the client has sent nothing (more). */
bool peer_quiet(const struct peer *p);
void peer_hang_up(struct peer *p);

/* What callbacks saw, in order. */
struct seen {
	int n;
	int status[64];
	bool continues[64];
	char text[64][128];	/* parameters, or the name of the error */
};
void peer_seen(const struct mnpen_reply *reply, void *ctx);

#endif /* TESTS_UNIT_LIBMNPEN_PEER_H */
