// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * org.varlink.certification on the daemon's socket server, for clients that
 * nobody here wrote:
 *
 *   certification-server SOCKET
 *
 * Each test is given what the one before answered. The interface has floating
 * point numbers, which the daemon refuses: this build takes them.
 */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "daemon/varlink/server.h"

#define C		"org.varlink.certification."
#define CLIENTS_MAX	64
#define MORE_REPLIES	10

/* What a test must be called with beside client_id, and what it answers. */
static const struct test {
	const char *name, *wants, *answer;
} tests[] = {
	{ "Test01", "{}", "{\"bool\":true}" },
	{ "Test02", "{\"bool\":true}", "{\"int\":1}" },
	{ "Test03", "{\"int\":1}", "{\"float\":1.0}" },
	{ "Test04", "{\"float\":1.0}", "{\"string\":\"ping\"}" },
	{ "Test05", "{\"string\":\"ping\"}",
	  "{\"bool\":false,\"int\":2,\"float\":3.141592653589793,"
	  "\"string\":\"a lot of string\"}" },
	{ "Test06",
	  "{\"bool\":false,\"int\":2,\"float\":3.141592653589793,"
	  "\"string\":\"a lot of string\"}",
	  "{\"struct\":{\"bool\":false,\"int\":2,"
	  "\"float\":3.141592653589793,\"string\":\"a lot of string\"}}" },
	{ "Test07",
	  "{\"struct\":{\"bool\":false,\"int\":2,"
	  "\"float\":3.141592653589793,\"string\":\"a lot of string\"}}",
	  "{\"map\":{\"foo\":\"Foo\",\"bar\":\"Bar\"}}" },
	{ "Test08", "{\"map\":{\"foo\":\"Foo\",\"bar\":\"Bar\"}}",
	  "{\"set\":{\"one\":{},\"two\":{},\"three\":{}}}" },
	{ "Test09", "{\"set\":{\"one\":{},\"two\":{},\"three\":{}}}",
	  "{\"mytype\":{\"object\":{\"method\":\"" C "Test09\","
	  "\"parameters\":{\"map\":{\"foo\":\"Foo\",\"bar\":\"Bar\"}}},"
	  "\"enum\":\"two\",\"struct\":{\"first\":1,\"second\":\"2\"},"
	  "\"array\":[\"one\",\"two\",\"three\"],"
	  "\"dictionary\":{\"foo\":\"Foo\",\"bar\":\"Bar\"},"
	  "\"stringset\":{\"one\":{},\"two\":{},\"three\":{}},"
	  "\"nullable\":null,\"nullable_array_struct\":null,"
	  "\"interface\":{\"foo\":[null,{\"Foo\":\"foo\",\"Bar\":\"bar\"},"
	  "null,{\"one\":\"foo\",\"two\":\"bar\"}],"
	  "\"anon\":{\"foo\":true,\"bar\":false}}}}" },
	{ "Test10", NULL, NULL },	/* what Test09 answered */
	{ "Test11", NULL, NULL },
};

#define TESTS	(sizeof(tests) / sizeof(tests[0]))

/* Of each client: how many tests went well, in their order. */
static size_t passed[CLIENTS_MAX];
static unsigned int clients;
static int status = 1;

static bool same(const json_t *want, const json_t *got);

/* A member that is null may as well be left out. */
static bool same_members(const json_t *want, json_t *got)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)want, key, value) {
		const json_t *other = json_object_get(got, key);

		if (!same(value, other ? other : json_null()))
			return false;
	}
	json_object_foreach(got, key, value)
		if (!json_object_get(want, key) && !json_is_null(value))
			return false;
	return true;
}

/* 1 and 1.0 are the same: some write one, some the other. */
static bool same(const json_t *want, const json_t *got)
{
	size_t i;

	if (json_is_number(want))
		return json_is_number(got) &&
		       json_number_value(want) == json_number_value(got);
	if (json_is_object(want))
		return json_is_object(got) &&
		       same_members(want, (json_t *)got);
	if (!json_is_array(want))
		return json_equal(want, got);
	if (json_array_size(want) != json_array_size(got))
		return false;
	for (i = 0; i < json_array_size(want); i++)
		if (!same(json_array_get(want, i), json_array_get(got, i)))
			return false;
	return true;
}

/* Its number, or -1 after answering. */
static int client_of(struct varlink_call *call, json_t *parameters)
{
	const char *id = json_string_value(
		json_object_get(parameters, "client_id"));
	unsigned int n;

	if (id && sscanf(id, "client-%u", &n) == 1 && n < clients)
		return (int)n;
	varlink_error(call, C "ClientIdError", NULL);
	return -1;
}

static void start(struct varlink_call *call, json_t *parameters, void *ctx)
{
	char id[32];

	(void)parameters;
	(void)ctx;
	if (clients == CLIENTS_MAX) {
		varlink_error(call, C "ClientIdError", NULL);
		return;
	}
	snprintf(id, sizeof(id), "client-%u", clients++);
	varlink_reply(call, json_pack("{ss}", "client_id", id));
}

static json_t *more_reply(int i)
{
	char text[32];

	snprintf(text, sizeof(text), "Reply number %d", i);
	return json_string(text);
}

static json_t *wanted(size_t i)
{
	json_t *list = json_array(), *want;
	int n;

	if (i < TESTS - 2)
		want = json_loads(tests[i].wants, 0, NULL);
	else if (i == TESTS - 2)
		want = json_loads(tests[i - 1].answer, 0, NULL);
	else {
		for (n = 1; n <= MORE_REPLIES; n++)
			json_array_append_new(list, more_reply(n));
		want = json_pack("{sO}", "last_more_replies", list);
	}
	json_decref(list);
	return want;
}

static void answer(struct varlink_call *call, size_t i)
{
	int n;

	if (i == TESTS - 1) {
		varlink_reply(call, NULL);
	} else if (i == TESTS - 2) {
		for (n = 1; n < MORE_REPLIES; n++)
			varlink_reply_more(call, VARLINK_EVENT,
					   json_pack("{so}", "string",
						     more_reply(n)));
		varlink_reply(call, json_pack("{so}", "string",
					      more_reply(MORE_REPLIES)));
	} else {
		varlink_reply(call, json_loads(tests[i].answer, 0, NULL));
	}
}

static void test(struct varlink_call *call, json_t *parameters, void *ctx)
{
	const char *name = strrchr(varlink_call_method(call), '.') + 1;
	int client = client_of(call, parameters);
	json_t *want, *got;
	size_t i = 0;

	(void)ctx;
	if (client < 0)
		return;
	while (strcmp(tests[i].name, name))
		i++;
	want = wanted(i);
	got = json_copy(parameters);
	json_object_del(got, "client_id");
	if (passed[client] == i && same(want, got)) {
		passed[client]++;
		answer(call, i);
	} else {
		printf("# %s: %s\n", name, json_dumps(got, JSON_COMPACT));
		varlink_error(call, C "CertificationError",
			      json_pack("{sOsO}", "wants", want, "got", got));
	}
	json_decref(want);
	json_decref(got);
}

static void end(struct varlink_call *call, json_t *parameters, void *ctx)
{
	int client = client_of(call, parameters);

	(void)ctx;
	if (client < 0)
		return;
	if (passed[client] == TESTS)
		status = 0;
	varlink_reply(call, json_pack("{sb}", "all_ok",
				      passed[client] == TESTS));
}

#define TEST(n, p) { C "Test" n, VARLINK_ANYBODY, 0, "client_id " p, test }

static const struct varlink_method methods[] = {
	{ C "Start", VARLINK_ANYBODY, 0, "", start },
	TEST("01", ""), TEST("02", "bool"), TEST("03", "int"),
	TEST("04", "float"), TEST("05", "string"),
	TEST("06", "bool int float string"), TEST("07", "struct"),
	TEST("08", "map"), TEST("09", "set"),
	{ C "Test10", VARLINK_ANYBODY, VARLINK_STREAM, "client_id mytype",
	  test },
	TEST("11", "last_more_replies"),
	{ C "End", VARLINK_ANYBODY, 0, "client_id", end },
	{ NULL },
};

static const struct varlink_service service = {
	.vendor = "mnpen",
	.product = "certification-server",
	.version = MNPEN_VERSION,
	.url = "https://example.invalid/mnpen",
	.interface = "org.varlink.certification",
	.description = "interface org.varlink.certification\n\n"
		       "method Start() -> (client_id: string)\n"
		       "method End(client_id: string) -> (all_ok: bool)\n",
	.methods = methods,
};

static void on_term(evutil_socket_t sig, short what, void *base)
{
	(void)sig;
	(void)what;
	event_base_loopbreak(base);
}

/* Exit status 0: somebody passed all of it. */
int main(int argc, char **argv)
{
	struct event_base *base = event_base_new();
	struct event *term = evsignal_new(base, SIGTERM, on_term, base);
	struct varlink_server *server = varlink_server_new(base, &service);

	if (argc != 2 ||
	    varlink_server_bind(server, argv[1], VARLINK_OBSERVE,
				(gid_t)-1) < 0 ||
	    event_add(term, NULL) < 0)
		return 2;
	puts("ready");
	fflush(stdout);
	event_base_dispatch(base);
	event_free(term);
	varlink_server_free(server);
	event_base_free(base);
	return status;
}
