// SPDX-License-Identifier: GPL-2.0-or-later
/* How connections and calls end, and who is told in which order. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/unit/varlink_world.h"

#define CALL(name)	"{\"method\":\"" T name "\"}"
#define DONE		"{\"parameters\":{}}"

#define S	1000000u	/* microseconds */

/* -- a clock that the test moves, and timers that it fires -- */

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

static void fire_timer(struct conn *conn)
{
	deadline_on_timer(conn->server);
	world_turn(conn->server->service->ctx);
}

/* -- the peer ends it -- */

static void gone_is_told_once_and_before_the_calls_end(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);

	client_call(client, CALL("Hold"));
	client_call(client, CALL("Hold"));
	world_turn(world);
	client_free(client);
	world_wait_gone(world, 1);
	world_turn(world);
	assert_string_equal(world->trace, "gone1 end0 end1 ");
}

static void a_stop_counts_although_its_sender_has_left(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);

	/* More than one turn takes. */
	for (int i = 0; i < 3 * RECEIVE_TURN_FRAMES; i++)
		client_call(client, CALL("Note"));
	client_call(client, CALL("Stop"));
	client_free(client);
	world_wait_gone(world, 1);
	/* The first reply told that it left: no other call is run. */
	assert_string_equal(world->trace, "? stop gone1 ");
}

static void one_way_calls_count_although_their_sender_has_left(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);

	for (int i = 0; i < 2; i++)
		client_call(client, "{\"method\":\"" T "Note\",\"oneway\":true}");
	client_free(client);
	world_wait_gone(world, 1);
	assert_string_equal(world->trace, "? ? gone1 ");
}

static void a_peer_that_closes_in_mid_message_is_gone(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);

	client_send(client, "{\"method\":", 10);
	world_turn(world);
	client_free(client);
	world_wait_gone(world, 1);
	assert_int_equal(world->server->stats.protocol_errors, 0);
}

static void a_peer_that_closes_its_sending_half_is_gone(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);

	client_call(client, CALL("Stop"));
	shutdown(client->fd, SHUT_WR);
	world_wait_gone(world, 1);
	client_expect(client, DONE);
	client_expect(client, NULL);
	client_free(client);
}

static void the_end_is_seen_although_nothing_is_read(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);

	for (int i = 0; i < VARLINK_PIPELINE_MAX + 8; i++)
		client_call(client, CALL("Hold"));
	world_turn(world);
	assert_true(world_newest(world)->paused);
	client_free(client);
	world_wait_gone(world, 1);
}

static void the_end_is_seen_although_replies_were_never_read(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);

	/* The kernel reports this one as an error, not as a hang-up. */
	client_call(client, CALL("Stop"));
	for (int i = 0; i < VARLINK_PIPELINE_MAX + 8; i++)
		client_call(client, CALL("Hold"));
	world_turn(world);
	assert_true(world_newest(world)->paused);
	client_free(client);
	world_wait_gone(world, 1);
}

static void a_peer_that_takes_no_replies_is_ended(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);

	shutdown(client->fd, SHUT_RD);
	client_call(client, CALL("Stop"));
	client_call(client, CALL("Note"));
	client_call(client, CALL("Stop"));
	world_wait_gone(world, 1);
	assert_string_equal(world->trace, "stop stop gone1 ");
	client_free(client);
}

static void a_paused_connection_costs_nothing(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);
	struct timeval soon = { .tv_usec = 50 * 1000 };
	unsigned int turns = 0;

	for (int i = 0; i < VARLINK_PIPELINE_MAX; i++)
		client_call(client, CALL("Hold"));
	world_turn(world);
	assert_true(world_newest(world)->paused);
	/* This stays in the socket. */
	client_call(client, CALL("Hold"));
	event_base_loopexit(world->base, &soon);
	while (!event_base_got_exit(world->base) && turns < 100) {
		event_base_loop(world->base, EVLOOP_ONCE);
		turns++;
	}
	assert_true(turns <= 3);
	client_free(client);
}

static void an_answer_after_the_peer_left_reaches_nobody(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);
	struct varlink_call *call;

	client_call(client, "{\"method\":\"" T "Watch\",\"more\":true}");
	world_turn(world);
	client_free(client);
	/* The server has not looked yet: this is what finds out. */
	call = world->held[0];
	varlink_reply_more(call, VARLINK_EVENT, json_object());
	assert_int_equal(world->n_gone, 0);
	varlink_reply_more(call, VARLINK_TELEMETRY, json_object());
	varlink_reply(call, NULL);
	assert_string_equal(world->trace, "end0 ");
	world_wait_gone(world, 1);
	assert_string_equal(world->trace, "end0 gone1 ");
}

static void calls_may_be_answered_from_within_gone(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);

	world->answer_in_gone = true;
	for (int i = 0; i < 3; i++)
		client_call(client, CALL("Hold"));
	world_turn(world);
	client_free(client);
	world_wait_gone(world, 1);
	assert_string_equal(world->trace, "gone1 end0 end1 end2 ");
}

static struct varlink_call *other_call;

static void answer_other(struct varlink_call *call, void *ctx)
{
	struct varlink_call *other = other_call;

	other_call = NULL;
	world_trace(ctx, "end ");
	varlink_reply(call, NULL);	/* too late, and harmless */
	if (other)
		varlink_reply(other, NULL);
}

static void calls_may_be_answered_from_within_the_end_of_another(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);

	for (int i = 0; i < 2; i++)
		client_call(client, CALL("Hold"));
	world_turn(world);
	varlink_call_on_end(world->held[0], answer_other, world);
	varlink_call_on_end(world->held[1], answer_other, world);
	other_call = world->held[1];
	client_free(client);
	world_wait_gone(world, 1);
	assert_string_equal(world->trace, "gone1 end end ");
}

static void a_protocol_error_ends_held_calls_too(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);

	client_call(client, CALL("Hold"));
	/* Answered, but it would be taken for the answer to the first. */
	client_call(client, CALL("Stop"));
	client_call(client, "!");
	client_expect(client, NULL);
	assert_string_equal(world->trace, "stop gone1 end0 ");
	client_free(client);
}

static void answers_given_in_gone_let_no_others_slip_past(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);

	world->answer_in_gone = true;
	client_call(client, CALL("Hold"));
	client_call(client, CALL("Stop"));
	client_call(client, "!");
	client_expect(client, NULL);
	client_free(client);
}

static void freeing_the_server_tells_everybody(void **state)
{
	struct world *world = *state;
	struct client *a = client_new(world), *b = client_new(world);

	client_call(a, CALL("Hold"));
	client_call(b, "{\"method\":\"" T "Watch\",\"more\":true}");
	world_turn(world);
	varlink_server_free(world->server);
	world->server = NULL;
	assert_string_equal(world->trace, "gone1 end0 gone2 end1 ");
	client_expect(a, NULL);
	client_expect(b, NULL);
	client_free(a);
	client_free(b);
}

static void connections_that_come_and_go_leave_nothing(void **state)
{
	struct world *world = *state;
	size_t before = 0;

	for (unsigned int i = 0; i < 200; i++) {
		struct client *client = client_new(world);

		client_call(client, CALL("Note"));
		client_send(client, "{", i % 2);
		client_free(client);
		world_wait_gone(world, i + 1);
		world_turn(world);
		world->trace[0] = '\0';
		if (i == 100)
			before = world_memory();
	}
	assert_true(world_memory() <= before);
	assert_int_equal(world->server->stats.connections, 0);
	assert_int_equal(world->server->stats.accepted, 200);
}

/* -- deadlines -- */

static void a_message_that_is_never_completed_closes(void **state)
{
	struct world *world = *state;
	struct client *client;

	world->server->times.frame_ms = 30;
	client = client_new(world);
	client_send(client, "{", 1);
	client_expect(client, NULL);
	assert_int_equal(world->server->stats.protocol_errors, 1);
	client_free(client);
}

static void single_bytes_do_not_put_the_deadline_off(void **state)
{
	struct world *world = *state;
	struct client *client;

	frozen_us = __real_server_now_us();
	client = client_new(world);
	for (int second = 0; second < 10; second++) {
		client_send(client, " ", 1);
		world_turn(world);
		fire_timer(world_newest(world));
		assert_int_equal(world->n_gone, 0);
		frozen_us += S;
	}
	fire_timer(world_newest(world));
	assert_int_equal(world->n_gone, 1);
	assert_int_equal(world->server->stats.protocol_errors, 1);
	client_free(client);
}

static void every_message_has_its_own_deadline(void **state)
{
	static const char call[] = CALL("Note") "\0{";
	struct world *world = *state;
	struct client *client;

	frozen_us = __real_server_now_us();
	client = client_new(world);
	client_send(client, call, 1);
	for (int i = 0; i < 3; i++) {
		world_turn(world);
		frozen_us += 9 * S;
		fire_timer(world_newest(world));
		assert_int_equal(world->n_gone, 0);
		/* Ends one and begins the next. */
		client_send(client, call + 1, sizeof(call) - 2);
	}
	world_turn(world);
	frozen_us += 10 * S;
	fire_timer(world_newest(world));
	assert_int_equal(world->n_gone, 1);
	client_free(client);
}

static void the_deadline_rests_while_nothing_is_read(void **state)
{
	static const char call[] = CALL("Stop");
	static char text[600 * 1000];
	struct world *world = *state;
	struct client *client;
	struct conn *conn;

	memset(text, 'x', sizeof(text) - 1);
	frozen_us = __real_server_now_us();
	client = client_new(world);
	conn = world_newest(world);
	for (int i = 0; i < 3; i++)
		client_call(client, CALL("Hold"));
	client_send(client, call, 1);
	world_turn(world);
	/* Answers pile up behind the first; it is not read any more. */
	varlink_reply(world->held[1], json_pack("{s:s}", "t", text));
	varlink_reply(world->held[2], json_pack("{s:s}", "t", text));
	client_send(client, call + 1, 1);
	world_turn(world);
	assert_true(conn->paused);
	frozen_us += 60 * S;
	fire_timer(conn);
	assert_int_equal(world->n_gone, 0);

	varlink_reply(world->held[0], NULL);
	for (int i = 0; i < 3; i++)
		free(client_wait(client));
	assert_false(conn->paused);
	fire_timer(conn);
	assert_int_equal(world->n_gone, 0);
	client_send(client, call + 2, sizeof(call) - 2);
	client_expect(client, DONE);
	client_free(client);
}

static void an_idle_connection_closes_and_a_stream_does_not(void **state)
{
	struct world *world = *state;
	struct client *idle, *stream;

	world->server->times.idle_ms = 30;
	stream = client_new(world);
	client_call(stream, "{\"method\":\"" T "Watch\",\"more\":true}");
	idle = client_new(world);
	client_expect(idle, NULL);
	assert_string_equal(world->trace, "gone2 ");
	/* Twice as long again. */
	client_free(idle);
	idle = client_new(world);
	client_expect(idle, NULL);
	client_read(stream);
	assert_false(stream->closed);
	varlink_reply(world->held[0], NULL);
	client_expect(stream, DONE);
	client_expect(stream, NULL);
	assert_string_equal(world->trace, "gone2 gone3 end0 gone1 ");
	client_free(idle);
	client_free(stream);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, world_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(gone_is_told_once_and_before_the_calls_end),
		TEST(a_stop_counts_although_its_sender_has_left),
		TEST(one_way_calls_count_although_their_sender_has_left),
		TEST(a_peer_that_closes_in_mid_message_is_gone),
		TEST(a_peer_that_closes_its_sending_half_is_gone),
		TEST(the_end_is_seen_although_nothing_is_read),
		TEST(the_end_is_seen_although_replies_were_never_read),
		TEST(a_peer_that_takes_no_replies_is_ended),
		TEST(a_paused_connection_costs_nothing),
		TEST(an_answer_after_the_peer_left_reaches_nobody),
		TEST(calls_may_be_answered_from_within_gone),
		TEST(calls_may_be_answered_from_within_the_end_of_another),
		TEST(a_protocol_error_ends_held_calls_too),
		TEST(answers_given_in_gone_let_no_others_slip_past),
		TEST(freeing_the_server_tells_everybody),
		TEST(connections_that_come_and_go_leave_nothing),
		TEST(a_message_that_is_never_completed_closes),
		TEST(single_bytes_do_not_put_the_deadline_off),
		TEST(every_message_has_its_own_deadline),
		TEST(the_deadline_rests_while_nothing_is_read),
		TEST(an_idle_connection_closes_and_a_stream_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
