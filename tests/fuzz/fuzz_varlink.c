// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A hostile client against the socket server. The input is a script: what to
 * send in which pieces, when to read, when to hang up, and when the daemon
 * answers the calls it holds. Whatever the script does:
 *   - no sanitizer complains,
 *   - every reply is one JSON object with parameters and a 0x00,
 *   - gone() is told once per connection and every held call ends,
 *   - afterwards a well-behaved client is served.
 * Built twice: with libFuzzer (make fuzz-varlink) and into
 * tests/unit/test_varlink_random.c, which makes up the scripts.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/varlink/internal.h"
#include "tests/fuzz/fuzz_varlink.h"

#define F	"io.example.Fuzz."
#define HELD_MAX	64

static struct event_base *base;
static struct varlink_server *server;
static struct varlink_call *held[HELD_MAX];
static unsigned int gone, opened;
static int64_t sequence;

/* The reader of one client: checks what comes. */
static int client = -1;
static char *reply;
static size_t reply_len, reply_size;
static unsigned int replies;

#define MUST(what)                                                     \
	do {                                                           \
		if (!(what)) {                                         \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, \
				__LINE__, #what);                      \
			abort();                                       \
		}                                                      \
	} while (0)

static void fuzz_on_end(struct varlink_call *call, void *ctx)
{
	struct varlink_call **slot = ctx;

	MUST(*slot == call);
	*slot = NULL;
}

static void fuzz_hold(struct varlink_call *call, json_t *parameters, void *ctx)
{
	(void)parameters;
	(void)ctx;
	for (int i = 0; i < HELD_MAX; i++) {
		if (held[i])
			continue;
		held[i] = call;
		varlink_call_on_end(call, fuzz_on_end, &held[i]);
		return;
	}
	varlink_error(call, F "Busy", NULL);
}

static void fuzz_echo(struct varlink_call *call, json_t *parameters, void *ctx)
{
	(void)ctx;
	varlink_reply(call, json_incref(parameters));
}

static void fuzz_gone(const struct varlink_peer *peer, void *ctx)
{
	(void)peer;
	(void)ctx;
	gone++;
}

static const struct varlink_method methods[] = {
	{ F "Echo", VARLINK_ANYBODY, 0, "a b text", fuzz_echo },
	{ F "Hold", VARLINK_ANYBODY, 0, "", fuzz_hold },
	{ F "Watch", VARLINK_ANYBODY, VARLINK_STREAM, "a", fuzz_hold },
	{ F "Stop", VARLINK_ANYBODY, VARLINK_URGENT, "", fuzz_echo },
	{ F "Change", VARLINK_ANYBODY, VARLINK_MUTATES, "", fuzz_echo },
	{ F "Admin", VARLINK_ADMIN, 0, "", fuzz_echo },
	{ NULL },
};

static const struct varlink_service service = {
	.vendor = "v",
	.product = "p",
	.version = "1",
	.url = "u",
	.interface = "io.example.Fuzz",
	.description = "interface io.example.Fuzz\n",
	.methods = methods,
	.gone = fuzz_gone,
};

static const char *const calls[] = {
	"{\"method\":\"" F "Echo\",\"parameters\":{\"a\":1,\"b\":[{}]}}",
	"{\"method\":\"" F "Hold\"}",
	"{\"method\":\"" F "Watch\",\"more\":true}",
	"{\"method\":\"" F "Stop\",\"oneway\":true}",
	"{\"method\":\"" F "Change\"}",
	"{\"method\":\"" F "Hold\",\"oneway\":true}",
	"{\"method\":\"org.varlink.service.GetInfo\"}",
	"{\"method\":\"" F "Admin\"}",
};

static void fuzz_turn(void)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
}

/* -- the client -- */

static void fuzz_check_reply(const char *text, size_t len)
{
	json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	json_t *error = json_object_get(json, "error");

	MUST(json_is_object(json));
	MUST(json_is_object(json_object_get(json, "parameters")));
	MUST(!error || json_is_string(error));
	json_decref(json);
	replies++;
}

static void fuzz_read(void)
{
	char *end;
	ssize_t n;

	for (;;) {
		if (reply_size - reply_len < 4096) {
			reply_size = reply_size * 2 + 65536;
			reply = realloc(reply, reply_size);
			MUST(reply);
		}
		n = recv(client, reply + reply_len, reply_size - reply_len,
			 MSG_DONTWAIT);
		if (n <= 0)
			return;
		reply_len += (size_t)n;
		while ((end = memchr(reply, 0, reply_len)) != NULL) {
			size_t len = (size_t)(end - reply);

			fuzz_check_reply(reply, len);
			reply_len -= len + 1;
			memmove(reply, end + 1, reply_len);
		}
	}
}

static void fuzz_open(void)
{
	int pair[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
	MUST(conn_new(server, pair[1], VARLINK_OBSERVE, false) == 0);
	opened++;
	client = pair[0];
	reply_len = 0;
}

static void fuzz_close(void)
{
	close(client);
	client = -1;
}

static void fuzz_send(const void *data, size_t len)
{
	/* What does not fit is lost: one more way to be wrong. */
	if (send(client, data, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		errno = 0;
}

/* -- the daemon -- */

static void fuzz_answer(unsigned int what)
{
	struct varlink_call *call = held[what % HELD_MAX];
	static char text[5000];

	for (int i = 0; !call && i < HELD_MAX; i++)
		call = held[i];
	if (!call)
		return;
	memset(text, 'x', sizeof(text) - 1);
	switch (what >> 6 & 3) {
	case 0:
		varlink_reply(call, NULL);
		break;
	case 1:
		varlink_error(call, F "Error", json_object());
		break;
	case 2:
		varlink_reply_more(call, VARLINK_EVENT,
				   json_pack("{s:I, s:s}", "sequence",
					     (json_int_t)++sequence, "t",
					     text));
		break;
	case 3:
		varlink_reply_more(call, VARLINK_TELEMETRY,
				   json_pack("{s:I, s:s}", "sequence",
					     (json_int_t)++sequence, "t",
					     text));
		break;
	}
}

/* -- the script -- */

/* Once, more often than one turn of the server takes, or only a part of it. */
static void fuzz_call(const char *call, unsigned int how)
{
	size_t len = strlen(call) + 1;
	int times = (how >> 3 & 7) == 1 ? RECEIVE_TURN_FRAMES + 20 : 1;

	if (how >= 248)
		len = how % len;
	while (times-- > 0)
		fuzz_send(call, len);
}

static void fuzz_begin(void)
{
	if (base)
		return;
	base = event_base_new();
	MUST(base);
	server = varlink_server_new(base, &service);
	MUST(server);
}

/* Every end was told, and who comes next is served. */
static void fuzz_check_end(void)
{
	static const char call[] =
		"{\"method\":\"org.varlink.service.GetInfo\"}";

	for (int i = 0; i < 1000 && server->stats.connections > 0; i++)
		fuzz_turn();
	MUST(server->stats.connections == 0);
	MUST(gone == opened);
	for (int i = 0; i < HELD_MAX; i++)
		MUST(!held[i]);

	fuzz_open();
	replies = 0;
	fuzz_send(call, sizeof(call));
	fuzz_turn();
	fuzz_read();
	MUST(replies == 1);
	fuzz_close();
	for (int i = 0; i < 10 && server->stats.connections > 0; i++)
		fuzz_turn();
	MUST(gone == opened);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t at = 0, n;

	fuzz_begin();
	fuzz_open();
	while (at + 1 < size) {
		uint8_t op = data[at], arg = data[at + 1];

		at += 2;
		switch (op % 8) {
		case FUZZ_SEND:
			n = arg < size - at ? arg : size - at;
			fuzz_send(data + at, n);
			at += n;
			break;
		case FUZZ_SEND_END:
			fuzz_send("", 1);
			break;
		case FUZZ_CALL:
			fuzz_call(calls[arg % 8], arg);
			break;
		case FUZZ_ANSWER:
			fuzz_answer(arg);
			continue;	/* often several in one turn */
		case FUZZ_ANSWERS:
			for (int i = 0; i < 64; i++)
				fuzz_answer((unsigned int)arg + (unsigned)i);
			break;
		case FUZZ_READ:
			fuzz_read();
			break;
		case FUZZ_CLOSE:
			fuzz_close();
			fuzz_open();
			break;
		case FUZZ_SHUT:
			shutdown(client, arg % 2 ? SHUT_RD : SHUT_WR);
			break;
		}
		fuzz_turn();
	}
	fuzz_read();
	fuzz_close();
	fuzz_check_end();
	return 0;
}

void fuzz_varlink_free(void)
{
	varlink_server_free(server);
	event_base_free(base);
	free(reply);
	server = NULL;
	base = NULL;
	reply = NULL;
	reply_size = 0;
}
