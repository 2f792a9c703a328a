// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * org.varlink.certification with the client library, against servers that
 * nobody here wrote:
 *
 *   certification-client SOCKET
 *
 * Hands each test what the one before answered; says "all ok" if the server
 * says so. This build takes floating point numbers.
 */
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/libmnpen/libmnpen.h"

#define C		"org.varlink.certification."
#define PATIENCE_MS	10000

static char id[256];

static char *with_id(json_t *parameters)
{
	char *text;

	json_object_set_new(parameters, "client_id", json_string(id));
	text = json_dumps(parameters, JSON_COMPACT);
	json_decref(parameters);
	return text;
}

static json_t *call(struct mnpen_client *client, const char *name,
		    json_t *parameters)
{
	struct mnpen_error error = { 0 };
	char method[64], *text = with_id(parameters), *reply = NULL;
	json_t *out = NULL;
	int ret;

	snprintf(method, sizeof(method), C "%s", name);
	ret = mnpen_call(client, method, strcmp(name, "Start") ? text : NULL,
			 PATIENCE_MS, &reply, &error);
	printf("# %s: %s\n", name,
	       ret == -EREMOTEIO ? error.name :
	       ret < 0		 ? strerror(-ret) :
				   reply);
	if (ret == 0)
		out = json_loads(reply, 0, NULL);
	mnpen_error_clear(&error);
	free(reply);
	free(text);
	return out;
}

struct stream {
	json_t *strings;
	bool ended;
};

static void on_string(const struct mnpen_reply *reply, void *ctx)
{
	struct stream *stream = ctx;
	json_t *p;

	if (reply->parameters) {
		p = json_loads(reply->parameters, 0, NULL);
		json_array_append(stream->strings,
				  json_object_get(p, "string"));
		json_decref(p);
	}
	stream->ended = !reply->continues;
}

/* Test10: all strings of a stream. */
static json_t *collect(struct mnpen_client *client, json_t *parameters)
{
	struct stream stream = { .strings = json_array() };
	char *text = with_id(parameters);
	int ret = mnpen_stream(client, C "Test10", text, PATIENCE_MS,
			       on_string, &stream);

	free(text);
	while (ret == 0 && !stream.ended) {
		struct pollfd p = { .fd = mnpen_get_fd(client),
				    .events = mnpen_get_events(client) };

		if (poll(&p, 1, mnpen_get_timeout(client)) < 0)
			ret = -errno;
		else
			ret = mnpen_process(client);
	}
	printf("# Test10: %zu strings\n", json_array_size(stream.strings));
	return stream.strings;
}

static bool certify(struct mnpen_client *client)
{
	json_t *p = call(client, "Start", json_object());
	const char *got = json_string_value(json_object_get(p, "client_id"));
	char name[16], *text;
	bool good;
	int i;

	if (!got)
		return false;
	snprintf(id, sizeof(id), "%s", got);
	json_decref(p);
	p = json_object();
	for (i = 1; i <= 9 && p; i++) {
		snprintf(name, sizeof(name), "Test%02d", i);
		p = call(client, name, p);
	}
	if (!p)
		return false;
	text = with_id(json_pack("{so}", "last_more_replies",
				 collect(client, p)));
	if (mnpen_call_oneway(client, C "Test11", text) < 0)
		return false;
	free(text);
	p = call(client, "End", json_object());
	good = json_is_true(json_object_get(p, "all_ok"));
	json_decref(p);
	return good;
}

int main(int argc, char **argv)
{
	struct mnpen_client *client;
	bool good;

	if (argc != 2 || mnpen_client_open(argv[1], MNPEN_ANY, &client) < 0)
		return 2;
	good = certify(client);
	mnpen_client_close(client);
	puts(good ? "all ok" : "failed");
	return good ? 0 : 1;
}
