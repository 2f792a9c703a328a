// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A hostile daemon against the client library: the other role of the frame
 * layer. The input is a script of what arrives in which pieces and what the
 * client asks meanwhile. Whatever it does:
 *   - no sanitizer complains,
 *   - each call that was taken ends exactly once, at the latest when the
 *     client is closed, and none answers before it was made,
 *   - what a callback is given is a JSON object or an error with a name.
 * Built twice: with libFuzzer (make fuzz-reply) and into
 * tests/unit/test_reply_random.c, which makes up the scripts.
 */
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/libmnpen/libmnpen.h"
#include "tests/fuzz/fuzz_reply.h"

#define F	"io.example.Fuzz."

static unsigned int taken, ended;

#define MUST(what)                                                     \
	do {                                                           \
		if (!(what)) {                                         \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, \
				__LINE__, #what);                      \
			abort();                                       \
		}                                                      \
	} while (0)

static const char *const replies[] = {
	"{\"parameters\":{}}",
	"{\"parameters\":{\"a\":[1,{\"b\":null}],\"t\":\"\\u00e4\"}}",
	"{\"parameters\":{\"sequence\":7},\"continues\":true}",
	"{\"error\":\"" F "Bad\",\"parameters\":{\"message\":\"m\"}}",
	"{\"error\":\"org.varlink.service.PermissionDenied\"}",
	"{}",
	"{\"parameters\":{},\"continues\":false}",
	"{\"error\":\"\",\"parameters\":null}",
};

static void on_reply(const struct mnpen_reply *reply, void *ctx)
{
	json_t *json;

	MUST(ctx == &taken);
	MUST(ended < taken);
	if (!reply->continues)
		ended++;
	if (reply->status == 0) {
		json = json_loads(reply->parameters, 0, NULL);
		MUST(json_is_object(json));
		json_decref(json);
		MUST(!reply->error);
	} else if (reply->status == -EREMOTEIO) {
		MUST(reply->error);
		MUST(memchr(reply->error->name, 0,
			    sizeof(reply->error->name)));
	} else {
		MUST(reply->status < 0);
		MUST(!reply->continues);
	}
}

static void ask(struct mnpen_client *client, bool stream)
{
	int ret = stream ? mnpen_stream(client, F "Watch", NULL, 1000, on_reply,
					&taken) :
			   mnpen_call_async(client, F "Ask", "{\"a\":1}", 1000,
					    on_reply, &taken);

	MUST(ret <= 0);
	if (ret == 0)
		taken++;
}

static void arrive(int fd, const void *data, size_t len)
{
	/* What does not fit is lost: one more way to be wrong. */
	if (fd >= 0 && send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		errno = 0;
}

static void arrive_ready(int fd, unsigned int how)
{
	const char *text = replies[how % 8];
	size_t len = strlen(text) + 1;

	arrive(fd, text, how >= 224 ? how % len : len);
}

/* What the client sends is not looked at, only made room for. */
static void take_calls(int fd)
{
	char buf[4096];

	while (fd >= 0 && recv(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
}

static size_t step(struct mnpen_client *client, int *fd, uint8_t op,
		   uint8_t arg, const uint8_t *data, size_t left)
{
	size_t n = arg < left ? arg : left;

	switch (op % 8) {
	case REPLY_BYTES:
		arrive(*fd, data, n);
		return n;
	case REPLY_END:
		arrive(*fd, "", 1);
		break;
	case REPLY_GOOD:
		arrive_ready(*fd, arg);
		break;
	case REPLY_CALL:
	case REPLY_STREAM:
		ask(client, op % 8 == REPLY_STREAM);
		break;
	case REPLY_ONEWAY:
		MUST(mnpen_call_oneway(client, F "Tell", NULL) <= 0);
		break;
	case REPLY_PROCESS:
		MUST(mnpen_process(client) <= 0);
		take_calls(*fd);
		break;
	case REPLY_CLOSE:
		/* Rarely: most scripts are to go on. */
		if (*fd >= 0 && arg < 16) {
			close(*fd);
			*fd = -1;
		}
		break;
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mnpen_client *client;
	size_t at = 0;
	int pair[2];

	taken = ended = 0;
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	MUST(mnpen_client_open_fd(pair[1], &client) == 0);
	ask(client, false);
	while (at + 1 < size) {
		uint8_t op = data[at], arg = data[at + 1];

		at += 2;
		at += step(client, &pair[0], op, arg, data + at, size - at);
		MUST(taken - ended == mnpen_pending(client));
	}
	mnpen_process(client);
	mnpen_client_close(client);
	MUST(taken == ended);
	if (pair[0] >= 0)
		close(pair[0]);
	return 0;
}
