// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls over a real socket: framing, order, errors, roles, rate. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/unit/varlink_world.h"

#define CALL(name)	"{\"method\":\"" T name "\"}"
#define ECHO(text)	"{\"method\":\"" T "Echo\",\"parameters\":{\"text\":\"" \
			text "\"}}"
#define ECHOED(text)	"{\"parameters\":{\"text\":\"" text "\"}}"
#define DONE		"{\"parameters\":{}}"
#define ERROR(name)	"{\"error\":\"org.varlink.service." name \
			"\",\"parameters\":{}}"

/* -- a clock that the test moves, for the rate limit -- */

uint64_t __real_server_now_us(void);
uint64_t __wrap_server_now_us(void);
static uint64_t frozen_us;

uint64_t __wrap_server_now_us(void)
{
	return frozen_us ? frozen_us : __real_server_now_us();
}

static int setup(void **state)
{
	frozen_us = 0;
	return world_setup(state);
}

/* -- framing -- */

static void many_calls_in_one_write_get_as_many_replies_in_order(void **state)
{
	struct client *client = client_new(*state);
	char text[64], all[64 * 500];
	size_t len = 0;

	for (int i = 0; i < 500; i++)
		len += (size_t)sprintf(all + len, "{\"method\":\"" T "Echo\","
				       "\"parameters\":{\"text\":\"%d\"}}", i) +
		       1;
	client_send(client, all, len);
	for (int i = 0; i < 500; i++) {
		sprintf(text, "{\"parameters\":{\"text\":\"%d\"}}", i);
		client_expect(client, text);
	}
	client_free(client);
}

static void a_call_in_single_bytes_is_answered(void **state)
{
	static const char call[] = ECHO("a") "\0" ECHO("b");
	struct client *client = client_new(*state);

	for (size_t i = 0; i < sizeof(call); i++) {
		client_send(client, call + i, 1);
		world_turn(*state);
	}
	client_expect(client, ECHOED("a"));
	client_expect(client, ECHOED("b"));
	client_free(client);
}

static void a_flooder_does_not_hold_up_others(void **state)
{
	struct client *flooder = client_new(*state);
	struct client *other = client_new(*state);
	char one[] = "{\"method\":\"" T "Note\",\"oneway\":true}", all[40000];
	size_t len = 0;

	while (len + sizeof(one) <= sizeof(all)) {
		memcpy(all + len, one, sizeof(one));
		len += sizeof(one);
	}
	assert_true(len / sizeof(one) > 4 * RECEIVE_TURN_FRAMES);
	client_send(flooder, all, len);
	client_call(other, CALL("Stop"));
	world_wait_trace(*state, "stop ");
	/* One turn of the flooder at most came first. */
	assert_true(strlen(((struct world *)*state)->trace) <=
		    2 * RECEIVE_TURN_FRAMES + strlen("stop "));
	client_expect(other, DONE);
	client_free(flooder);
	client_free(other);
}

static void the_longest_message_is_taken_and_one_byte_more_closes(void **state)
{
	struct world *world = *state;
	char *call = malloc(VARLINK_MESSAGE_MAX + 2);

	for (int over = 0; over <= 1; over++) {
		struct client *client = client_new(world);
		size_t len = VARLINK_MESSAGE_MAX + (size_t)over;
		char *reply;

		memset(call, 'x', len);
		memcpy(call, ECHO(""), strlen(ECHO("")) - 3);
		memcpy(call + len - 3, "\"}}", 4);
		client_send(client, call, len + 1);
		reply = client_wait(client);
		assert_int_equal(reply == NULL, over);
		free(reply);
		client_free(client);
	}
	assert_int_equal(world->server->stats.protocol_errors, 1);
	free(call);
}

static void an_endless_message_is_cut_off_at_the_limit(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);
	char *x = malloc(VARLINK_MESSAGE_MAX + 1);

	memset(x, 'x', VARLINK_MESSAGE_MAX + 1);
	client_send(client, x, VARLINK_MESSAGE_MAX);
	world_turn(world);
	assert_int_equal(world->n_gone, 0);
	client_send(client, x, 1);
	client_expect(client, NULL);
	assert_int_equal(world->server->stats.protocol_errors, 1);
	client_free(client);
	free(x);
}

static void bad_messages_close_and_hurt_nobody_else(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{\"method\":\"a.B\"} x",
		"\xef\xbb\xbf{\"method\":\"a.B\"}",
		"{\"method\":\"a.B\",\"method\":\"a.B\"}",
		"{\"method\":\"a.B\",\"parameters\":{\"x\":NaN}}",
		"{\"method\":\"a.B\",\"parameters\":{\"x\":1.0}}",
		"{\"method\":\"a.B\",\"parameters\":{\"x\":9007199254740992}}",
		"{\"method\":\"a.B\",\"parameters\":{\"x\":\"\xff\"}}",
		("{\"method\":\"a.B\",\"parameters\":{\"x\":"
		 "[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}}"),
		"{\"method\":\"a.B\",\"more\":true,\"oneway\":true}",
		"{\"method\":\"a.B\",\"unknown\":1}",
		"{\"parameters\":{}}",
	};
	size_t n = sizeof(bad) / sizeof(bad[0]);
	struct world *world = *state;
	struct client *other = client_new(world);

	for (size_t i = 0; i < n; i++) {
		struct client *client = client_new(world);

		/* What came before is still answered, what follows is not. */
		client_call(client, ECHO("before"));
		client_call(client, bad[i]);
		client_call(client, "{\"method\":\"" T "Note\"}");
		client_expect(client, ECHOED("before"));
		client_expect(client, NULL);
		client_free(client);
		client_call(other, ECHO("still here"));
		client_expect(other, ECHOED("still here"));
	}
	assert_int_equal(world->server->stats.protocol_errors, n);
	assert_int_equal(world->n_gone, n);
	assert_null(strchr(world->trace, '?'));
	/* One line, however many errors in that second. */
	assert_true(world->n_logged >= 1 && world->n_logged < n);
	assert_non_null(strstr(world->logged, "protocol error"));
	client_free(other);
}

/* -- errors -- */

static void every_wrong_call_gets_its_own_error(void **state)
{
	static const struct {
		const char *call, *reply;
	} table[] = {
		{ CALL("Nothing"),
		  "{\"error\":\"org.varlink.service.MethodNotFound\","
		  "\"parameters\":{\"method\":\"" T "Nothing\"}}" },
		{ CALL(""),
		  "{\"error\":\"org.varlink.service.MethodNotFound\","
		  "\"parameters\":{\"method\":\"" T "\"}}" },
		{ "{\"method\":\"org.varlink.service.Nothing\"}",
		  "{\"error\":\"org.varlink.service.MethodNotFound\","
		  "\"parameters\":{\"method\":"
		  "\"org.varlink.service.Nothing\"}}" },
		{ "{\"method\":\"io.example.Tes.Echo\"}",
		  "{\"error\":\"org.varlink.service.InterfaceNotFound\","
		  "\"parameters\":{\"interface\":\"io.example.Tes\"}}" },
		{ "{\"method\":\".Echo\"}",
		  "{\"error\":\"org.varlink.service.InterfaceNotFound\","
		  "\"parameters\":{\"interface\":\"\"}}" },
		{ "{\"method\":\"Echo\"}",
		  "{\"error\":\"org.varlink.service.MethodNotFound\","
		  "\"parameters\":{\"method\":\"Echo\"}}" },
		{ CALL("Operate"), ERROR("PermissionDenied") },
		{ CALL("Watch"), ERROR("ExpectedMore") },
		{ "{\"method\":\"" T "Echo\",\"upgrade\":true}",
		  "{\"error\":\"org.varlink.service.MethodNotImplemented\","
		  "\"parameters\":{\"method\":\"" T "Echo\"}}" },
		{ "{\"method\":\"" T "Echo\",\"parameters\":{\"tex\":\"a\"}}",
		  "{\"error\":\"org.varlink.service.InvalidParameter\","
		  "\"parameters\":{\"parameter\":\"tex\"}}" },
		{ "{\"method\":\"" T "Watch\",\"more\":true,"
		  "\"parameters\":{\"penId since\":1}}",
		  "{\"error\":\"org.varlink.service.InvalidParameter\","
		  "\"parameters\":{\"parameter\":\"penId since\"}}" },
		{ "{\"method\":\"" T "Hold\",\"parameters\":{\"\":1}}",
		  "{\"error\":\"org.varlink.service.InvalidParameter\","
		  "\"parameters\":{\"parameter\":\"\"}}" },
		{ "{\"method\":\"" T "Change\",\"parameters\":{\"x\":1}}",
		  "{\"error\":\"org.varlink.service.InvalidParameter\","
		  "\"parameters\":{\"parameter\":\"x\"}}" },
		{ "{\"method\":\"" T "Echo\",\"parameters\":{\"text\":1}}",
		  "{\"error\":\"org.varlink.service.InvalidParameter\","
		  "\"parameters\":{\"parameter\":\"text\"}}" },
	};
	struct client *client = client_new(*state);

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		client_call(client, table[i].call);
		client_expect(client, table[i].reply);
	}
	client_call(client, ECHO("alive"));
	client_expect(client, ECHOED("alive"));
	assert_int_equal(((struct world *)*state)->n_held, 0);
	client_free(client);
}

static void the_socket_is_the_role(void **state)
{
	struct world *world = *state;
	struct client *client = client_new_at(world, world->operate_path);

	client_call(client, CALL("Operate"));
	client_expect(client, DONE);
	client_free(client);
}

static void one_way_calls_are_silent_even_when_wrong(void **state)
{
	struct client *client = client_new(*state);

	client_call(client, "{\"method\":\"" T "Note\",\"oneway\":true,"
			    "\"parameters\":{\"text\":\"heard\"}}");
	client_call(client, "{\"method\":\"" T "Nothing\",\"oneway\":true}");
	client_call(client, "{\"method\":\"" T "Operate\",\"oneway\":true}");
	client_call(client, "{\"method\":\"" T "Watch\",\"oneway\":true}");
	client_call(client, ECHO("next"));
	client_expect(client, ECHOED("next"));
	assert_string_equal(((struct world *)*state)->trace, "heard ");
	client_free(client);
}

static void told(const struct varlink_call *call, const char *error,
		 const json_t *parameters, void *ctx)
{
	world_trace(ctx, "%s %s %s %s; ", varlink_call_method(call),
		    json_string_value(json_object_get(
			    varlink_call_parameters(call), "other")) ?: "-",
		    error, json_string_value(json_object_get(
				   parameters, "parameter")) ?: "-");
}

/* So that somebody can answer "why?" later: with what the call had asked. */
static void every_error_of_a_method_is_told_with_its_call(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);

	world->service.refused = told;
	client_call(client, "{\"method\":\"" T "Echo\"}");
	free(client_wait(client));
	client_call(client, ECHO("good"));
	client_expect(client, ECHOED("good"));
	/* Not ours to explain: no method, no reader. */
	client_call(client, CALL("Nothing"));
	free(client_wait(client));
	client_call(client, "{\"method\":\"" T "Echo\",\"oneway\":true}");
	client_call(client, ECHO("next"));
	client_expect(client, ECHOED("next"));
	assert_string_equal(world->trace, T "Echo - "
			    "org.varlink.service.InvalidParameter text; ");
	client_free(client);
}

static void the_service_describes_itself(void **state)
{
	struct client *client = client_new(*state);
	json_t *reply;

	client_call(client, "{\"method\":\"org.varlink.service.GetInfo\"}");
	client_expect(client,
		      "{\"parameters\":{\"vendor\":\"Example\",\"product\":"
		      "\"Test\",\"version\":\"1\",\"url\":"
		      "\"https://example.org/\",\"interfaces\":"
		      "[\"org.varlink.service\",\"io.example.Test\"]}}");
	client_call(client,
		    "{\"method\":\"org.varlink.service."
		    "GetInterfaceDescription\",\"parameters\":"
		    "{\"interface\":\"io.example.Test\"}}");
	client_expect(client, "{\"parameters\":{\"description\":"
			      "\"interface io.example.Test\\n\"}}");
	client_call(client,
		    "{\"method\":\"org.varlink.service."
		    "GetInterfaceDescription\",\"parameters\":"
		    "{\"interface\":\"org.varlink.service\"}}");
	reply = client_wait_json(client);
	assert_non_null(strstr(json_string_value(json_object_get(
				       json_object_get(reply, "parameters"),
				       "description")),
			       "interface org.varlink.service\n"));
	json_decref(reply);
	client_call(client,
		    "{\"method\":\"org.varlink.service."
		    "GetInterfaceDescription\",\"parameters\":"
		    "{\"interface\":\"io.example\"}}");
	client_expect(client,
		      "{\"error\":\"org.varlink.service.InterfaceNotFound\","
		      "\"parameters\":{\"interface\":\"io.example\"}}");
	client_call(client, "{\"method\":\"org.varlink.service."
			    "GetInterfaceDescription\"}");
	client_expect(client,
		      "{\"error\":\"org.varlink.service.InvalidParameter\","
		      "\"parameters\":{\"parameter\":\"interface\"}}");
	client_free(client);
}

static void a_reply_that_is_too_long_becomes_an_error(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);
	char *text = calloc(1, VARLINK_REPLY_MAX + 1);

	client_call(client, CALL("Hold"));
	world_wait(world);
	memset(text, 'x', VARLINK_REPLY_MAX);
	varlink_reply(world->held[0], json_pack("{s:s}", "text", text));
	client_expect(client, "{\"error\":\"" T "ReplyTooLarge\",\"parameters\""
			      ":{\"maximumBytes\":1048576}}");
	free(text);
	client_free(client);
}

static void the_longest_reply_arrives_whole(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);
	size_t len = VARLINK_REPLY_MAX - strlen(ECHOED("")) - 1;
	char *text = calloc(1, len + 1), *reply;

	client_call(client, CALL("Hold"));
	client_call(client, ECHO("next"));
	world_wait(world);
	memset(text, 'x', len);
	varlink_reply(world->held[0], json_pack("{s:s}", "text", text));
	reply = client_wait(client);
	assert_non_null(reply);
	assert_int_equal(strlen(reply) + 1, VARLINK_REPLY_MAX);
	client_expect(client, ECHOED("next"));
	free(reply);
	free(text);
	client_free(client);
}

/* -- order -- */

static void replies_leave_in_call_order_however_they_are_given(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);

	client_call(client, CALL("Hold"));
	client_call(client, CALL("Hold"));
	client_call(client, ECHO("third"));
	world_turn(world);
	assert_int_equal(world->n_held, 2);
	varlink_reply(world->held[1], json_pack("{s:i}", "n", 1));
	client_read(client);
	assert_int_equal(client->len, 0);
	varlink_error(world->held[0], T "Late", json_pack("{s:i}", "n", 0));
	client_expect(client,
		      "{\"error\":\"" T "Late\",\"parameters\":{\"n\":0}}");
	client_expect(client, "{\"parameters\":{\"n\":1}}");
	client_expect(client, ECHOED("third"));
	assert_string_equal(world->trace, "end1 end0 ");
	client_free(client);
}

static void a_stop_behind_a_slow_call_takes_effect_at_once(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);

	client_call(client, CALL("Hold"));
	client_call(client, CALL("Stop"));
	world_turn(world);
	assert_string_equal(world->trace, "stop ");
	varlink_reply(world->held[0], NULL);
	client_expect(client, DONE);
	client_expect(client, DONE);
	client_free(client);
}

static void one_way_calls_behind_a_stream_never_fill_the_pipeline(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);

	client_call(client, "{\"method\":\"" T "Watch\",\"more\":true}");
	for (int i = 0; i < 3 * VARLINK_PIPELINE_MAX; i++)
		client_call(client, "{\"method\":\"" T "Note\",\"oneway\":true,"
				    "\"parameters\":{\"text\":\"b\"}}");
	client_call(client, CALL("Stop"));
	world_wait_trace(world, "b stop ");
	client_free(client);
}

static void no_more_than_32_calls_wait_on_one_connection(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);

	for (int i = 0; i < VARLINK_PIPELINE_MAX + 2; i++)
		client_call(client, CALL("Hold"));
	world_turn(world);
	assert_int_equal(world->n_held, VARLINK_PIPELINE_MAX);
	varlink_reply(world->held[5], NULL);	/* frees nothing yet */
	world_turn(world);
	assert_int_equal(world->n_held, VARLINK_PIPELINE_MAX);
	varlink_reply(world->held[0], NULL);
	world_turn(world);
	assert_int_equal(world->n_held, VARLINK_PIPELINE_MAX + 1);
	varlink_reply(world->held[1], NULL);
	world_turn(world);
	assert_int_equal(world->n_held, VARLINK_PIPELINE_MAX + 2);
	client_free(client);
}

static void a_client_that_never_reads_replies_is_no_longer_read(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);
	size_t before = world_memory();
	static char call[60000];
	unsigned int calls = 0;

	memset(call, 'x', sizeof(call));
	memcpy(call, ECHO(""), strlen(ECHO("")) - 3);
	memcpy(call + sizeof(call) - 4, "\"}}", 4);
	/* Until its own side of the socket is full as well. */
	while (calls < 10000 && send(client->fd, call, sizeof(call), 0) ==
					(ssize_t)sizeof(call)) {
		calls++;
		world_turn(world);
	}
	assert_true(calls < 10000);
	/* The first over the limit is the last that is read. */
	assert_true(world_memory() - before <
		    RECEIVE_REPLIES_MAX + 4 * sizeof(call));
	assert_int_equal(world->n_gone, 0);
	/* When it reads at last, nothing is missing. */
	for (unsigned int i = 0; i < calls; i++) {
		char *reply = client_wait(client);

		assert_non_null(reply);
		free(reply);
	}
	client_free(client);
}

/* -- rate -- */

static void changes_are_limited_and_stops_never(void **state)
{
	struct world *world = *state;
	struct client *client, *other;

	frozen_us = __real_server_now_us();
	client = client_new(world);
	other = client_new(world);
	for (int i = 0; i < VARLINK_CALLS_BURST; i++) {
		client_call(client, CALL("Change"));
		client_expect(client, DONE);
	}
	client_call(client, CALL("Change"));
	client_expect(client, "{\"error\":\"" T "RateLimited\",\"parameters\":"
			      "{\"retryAfterMilliseconds\":50}}");
	for (int i = 0; i < 2 * VARLINK_CALLS_BURST; i++) {
		client_call(client, CALL("Stop"));
		client_expect(client, DONE);
	}
	client_call(client, ECHO("asking is free"));
	client_expect(client, ECHOED("asking is free"));
	client_call(other, CALL("Change"));
	client_expect(other, DONE);
	frozen_us += 50 * 1000;
	client_call(client, CALL("Change"));
	client_expect(client, DONE);
	client_free(client);
	client_free(other);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, world_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(many_calls_in_one_write_get_as_many_replies_in_order),
		TEST(a_call_in_single_bytes_is_answered),
		TEST(a_flooder_does_not_hold_up_others),
		TEST(the_longest_message_is_taken_and_one_byte_more_closes),
		TEST(an_endless_message_is_cut_off_at_the_limit),
		TEST(bad_messages_close_and_hurt_nobody_else),
		TEST(every_wrong_call_gets_its_own_error),
		TEST(the_socket_is_the_role),
		TEST(one_way_calls_are_silent_even_when_wrong),
		TEST(every_error_of_a_method_is_told_with_its_call),
		TEST(the_service_describes_itself),
		TEST(a_reply_that_is_too_long_becomes_an_error),
		TEST(the_longest_reply_arrives_whole),
		TEST(replies_leave_in_call_order_however_they_are_given),
		TEST(a_stop_behind_a_slow_call_takes_effect_at_once),
		TEST(one_way_calls_behind_a_stream_never_fill_the_pipeline),
		TEST(no_more_than_32_calls_wait_on_one_connection),
		TEST(a_client_that_never_reads_replies_is_no_longer_read),
		TEST(changes_are_limited_and_stops_never),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
