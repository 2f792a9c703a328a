// SPDX-License-Identifier: GPL-2.0-or-later
/* Readers that are too slow, and those beside them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/varlink_world.h"

#define WATCH	"{\"method\":\"" T "Watch\",\"more\":true}"
#define PAD	"0123456789012345678901234567890123456789" \
		"0123456789012345678901234567890123456789"

/* A reply of about 200 bytes. */
static json_t *sample(int sequence)
{
	return json_pack("{s:i, s:s, s:s}", "sequence", sequence, "a", PAD,
			 "b", PAD);
}

static json_t *reply_of(struct client *client)
{
	char *reply = client_take(client);
	json_t *json;

	if (!reply)
		return NULL;
	json = json_loads(reply, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	free(reply);
	return json;
}

static json_int_t number(json_t *reply, const char *key)
{
	json_t *n = json_object_get(json_object_get(reply, "parameters"), key);

	assert_true(json_is_integer(n));
	return json_integer_value(n);
}

/* Reads all that has arrived; returns the number of replies that are new. */
static int read_without_loss(struct client *client, json_int_t *last)
{
	json_t *reply;
	int n = 0;

	client_read(client);
	while ((reply = reply_of(client)) != NULL) {
		assert_int_equal(number(reply, "sequence"), *last + 1);
		*last = number(reply, "sequence");
		if (json_object_get(json_object_get(reply, "parameters"),
				    "dropped"))
			assert_int_equal(number(reply, "dropped"), 0);
		assert_true(json_is_true(json_object_get(reply, "continues")));
		json_decref(reply);
		n++;
	}
	return n;
}

/* Reads on until the socket stays empty, the server sending meanwhile. */
static void read_conflated(struct client *client, json_int_t *last,
			   json_int_t *dropped)
{
	json_t *reply;
	bool some = true;

	while (some) {
		some = false;
		client_read(client);
		while ((reply = reply_of(client)) != NULL) {
			/* Every gap is announced, to the sample. */
			assert_int_equal(number(reply, "sequence") - *last - 1,
					 number(reply, "dropped"));
			*last = number(reply, "sequence");
			*dropped += number(reply, "dropped");
			json_decref(reply);
			some = true;
		}
		world_turn(client->world);
	}
}

static void slow_telemetry_is_conflated_and_every_loss_counted(void **state)
{
	const int n = 20000;
	struct world *world = *state;
	struct client *slow = client_new(world), *good = client_new(world);
	json_int_t slow_last = 0, good_last = 0, dropped = 0;
	size_t before, most = 0;

	client_call(slow, WATCH);
	client_call(good, WATCH);
	world_turn(world);
	client_read(good);
	before = world_memory();
	for (int i = 1; i <= n; i++) {
		varlink_reply_more(world->held[0], VARLINK_TELEMETRY,
				   sample(i));
		varlink_reply_more(world->held[1], VARLINK_TELEMETRY,
				   sample(i));
		world_turn(world);
		assert_int_equal(read_without_loss(good, &good_last), 1);
		if (world_memory() - before > most)
			most = world_memory() - before;
	}
	assert_int_equal(good_last, n);
	/* The queue, what malloc adds to it, and one sample. */
	assert_true(most < 2 * VARLINK_TELEMETRY_BYTES);
	read_conflated(slow, &slow_last, &dropped);
	assert_int_equal(slow_last, n);
	assert_true(dropped > n / 2);
	assert_int_equal(dropped, world->server->stats.conflated);
	assert_int_equal(world->n_gone, 0);

	/* Once it has caught up, nothing is lost any more. */
	varlink_reply_more(world->held[0], VARLINK_TELEMETRY, sample(n + 1));
	assert_int_equal(read_without_loss(slow, &slow_last), 1);
	client_free(slow);
	client_free(good);
}

static void stale_telemetry_is_conflated_before_the_queue_is_full(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);
	json_int_t last = 0, dropped = 0;
	struct varlink_call *call;
	size_t queued;
	int i = 0;

	world->server->times.telemetry_age_ms = 0;
	client_call(client, WATCH);
	world_turn(world);
	call = world->held[0];
	while (outq_empty(&call->q))
		varlink_reply_more(call, VARLINK_TELEMETRY, sample(++i));
	queued = outq_bytes(&call->q);
	for (int more = 0; more < 10; more++)
		varlink_reply_more(call, VARLINK_TELEMETRY, sample(++i));
	assert_int_equal(outq_bytes(&call->q), queued);
	read_conflated(client, &last, &dropped);
	assert_int_equal(last, i);
	assert_int_equal(dropped, 9);
	client_free(client);
}

static void an_event_never_overtakes_older_telemetry(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);
	json_int_t last = 0, seen = 0;
	struct varlink_call *call;
	json_t *reply;
	bool some;
	int i = 0;

	world->server->times.telemetry_age_ms = 0;
	client_call(client, WATCH);
	world_turn(world);
	call = world->held[0];
	while (!call->newest)
		varlink_reply_more(call, VARLINK_TELEMETRY, sample(++i));
	varlink_reply_more(call, VARLINK_TELEMETRY, sample(++i));
	varlink_reply_more(call, VARLINK_EVENT, sample(++i));
	varlink_reply_more(call, VARLINK_TELEMETRY, sample(++i));
	varlink_reply(call, sample(++i));
	do {
		some = false;
		client_read(client);
		while ((reply = reply_of(client)) != NULL) {
			assert_true(number(reply, "sequence") > last);
			last = number(reply, "sequence");
			seen++;
			some = true;
			json_decref(reply);
		}
		world_turn(world);
	} while (some);
	assert_int_equal(last, i);
	assert_int_equal(seen, i - 1);	/* one sample made room */
	client_free(client);
}

/* Reads events until the error comes; returns the last one before it. */
static json_int_t read_until_lagged(struct client *client)
{
	json_int_t last = 0;
	json_t *reply;

	for (;;) {
		reply = client_wait_json(client);
		if (json_object_get(reply, "error"))
			break;
		assert_int_equal(number(reply, "sequence"), last + 1);
		last++;
		json_decref(reply);
	}
	assert_string_equal(json_string_value(json_object_get(reply, "error")),
			    T "Lagged");
	assert_int_equal(number(reply, "lastSequence"), last);
	json_decref(reply);
	client_expect(client, NULL);
	return last;
}

static void slow_event_readers_are_told_where_they_were_and_closed(void **state)
{
	struct world *world = *state;
	struct client *slow = client_new(world), *good = client_new(world);
	json_int_t good_last = 0;
	size_t before, most = 0;
	int i = 0;

	client_call(slow, WATCH);
	client_call(good, WATCH);
	world_turn(world);
	client_read(good);
	before = world_memory();
	while (world->n_gone == 0) {
		i++;
		assert_true(i < 100000);
		varlink_reply_more(world->held[0], VARLINK_EVENT, sample(i));
		varlink_reply_more(world->held[1], VARLINK_EVENT, sample(i));
		if (world_memory() - before > most)
			most = world_memory() - before;
		world_turn(world);
		assert_int_equal(read_without_loss(good, &good_last), 1);
	}
	assert_string_equal(world->trace, "gone1 end0 ");
	assert_true(most > VARLINK_EVENT_BYTES);
	assert_true(most < 2 * VARLINK_EVENT_BYTES);
	assert_int_equal(world->server->stats.lagged, 1);
	assert_true(read_until_lagged(slow) < i);

	varlink_reply_more(world->held[1], VARLINK_EVENT, sample(i + 1));
	assert_int_equal(read_without_loss(good, &good_last), 1);
	client_free(slow);
	client_free(good);
}

static void events_that_nobody_takes_in_time_close_too(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);
	struct varlink_call *call;
	int i = 0;

	world->server->times.event_age_ms = 30;
	client_call(client, WATCH);
	world_turn(world);
	call = world->held[0];
	while (outq_empty(&call->q))
		varlink_reply_more(call, VARLINK_EVENT, sample(++i));
	world_wait_gone(world, 1);
	assert_int_equal(read_until_lagged(client), i - 1);
	client_free(client);
}

static void an_event_that_is_partly_out_is_completed_before_lagged(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);
	char *text = calloc(1, VARLINK_EVENT_BYTES);
	struct varlink_call *call;
	int i = 0;

	client_call(client, WATCH);
	world_turn(world);
	call = world->held[0];
	memset(text, 'x', VARLINK_EVENT_BYTES - 1000);
	varlink_reply_more(call, VARLINK_EVENT, json_pack("{s:i, s:s}",
			   "sequence", ++i, "text", text));
	assert_true(STAILQ_FIRST(&call->q.list)->sent > 0);
	while (world->n_gone == 0) {
		varlink_reply_more(call, VARLINK_EVENT, sample(++i));
		world_turn(world);
	}
	assert_true(i > 2);
	assert_int_equal(read_until_lagged(client), 1);
	client_free(client);
	free(text);
}

static void a_lagging_reader_that_stays_away_is_dropped(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);
	int i = 0;

	world->server->times.linger_ms = 30;
	client_call(client, WATCH);
	world_turn(world);
	while (world->n_gone == 0) {
		varlink_reply_more(world->held[0], VARLINK_EVENT, sample(++i));
		world_turn(world);
	}
	assert_int_equal(world->server->stats.connections, 1);
	while (world->server->stats.connections > 0)
		world_wait(world);
	assert_int_equal(world->n_gone, 1);
	client_free(client);
}

static void a_stream_behind_another_call_stays_bounded(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);
	json_int_t last = 0, dropped = 0;
	size_t before;
	char *reply;

	client_call(client, "{\"method\":\"" T "Hold\"}");
	client_call(client, WATCH);
	world_turn(world);
	before = world_memory();
	for (int i = 1; i <= 1000; i++)
		varlink_reply_more(world->held[1], VARLINK_TELEMETRY,
				   sample(i));
	assert_true(world_memory() - before < 4096);
	varlink_reply(world->held[0], NULL);
	reply = client_wait(client);
	assert_string_equal(reply, "{\"parameters\":{}}");
	free(reply);
	read_conflated(client, &last, &dropped);
	assert_int_equal(last, 1000);
	assert_int_equal(dropped, 999);
	client_free(client);
}

static void answers_that_are_never_taken_close_the_connection(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);
	char *text = calloc(1, VARLINK_REPLY_MAX);
	int i;

	memset(text, 'x', VARLINK_REPLY_MAX - 1000);
	for (i = 0; i < 8; i++)
		client_call(client, "{\"method\":\"" T "Hold\"}");
	world_turn(world);
	for (i = 0; i < 8 && world->n_gone == 0; i++) {
		varlink_reply(world->held[i], json_pack("{s:s}", "t", text));
		world_turn(world);
	}
	assert_true(i >= 2 && i <= 4);
	assert_int_equal(world->n_gone, 1);
	client_free(client);
	free(text);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

static void what_is_shared_counts_each_readers_loss_alone(void **state)
{
	const int n = 5000;
	struct world *world = *state;
	struct client *slow = client_new(world), *good = client_new(world);
	json_int_t slow_last = 0, good_last = 0, dropped = 0;
	struct varlink_share *share;
	size_t before;

	client_call(slow, WATCH);
	client_call(good, WATCH);
	world_turn(world);
	before = world_memory();
	for (int i = 1; i <= n; i++) {
		share = varlink_share_new(VARLINK_TELEMETRY, sample(i));
		assert_non_null(share);
		varlink_share_with(world->held[0], share);
		varlink_share_with(world->held[1], share);
		varlink_share_free(share);
		world_turn(world);
		assert_int_equal(read_without_loss(good, &good_last), 1);
	}
	assert_int_equal(good_last, n);
	assert_true(world_memory() - before < 3 * VARLINK_TELEMETRY_BYTES);
	read_conflated(slow, &slow_last, &dropped);
	assert_int_equal(slow_last, n);
	assert_true(dropped > n / 2);
	client_free(slow);
	client_free(good);
}

static void what_could_not_be_made_for_all_ends_the_stream(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);

	client_call(client, WATCH);
	world_turn(world);
	varlink_share_with(world->held[0], NULL);
	world_turn(world);
	client_expect(client, NULL);
	assert_int_equal(world->n_gone, 1);
	client_free(client);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(slow_telemetry_is_conflated_and_every_loss_counted),
		TEST(stale_telemetry_is_conflated_before_the_queue_is_full),
		TEST(an_event_never_overtakes_older_telemetry),
		TEST(slow_event_readers_are_told_where_they_were_and_closed),
		TEST(events_that_nobody_takes_in_time_close_too),
		TEST(an_event_that_is_partly_out_is_completed_before_lagged),
		TEST(a_lagging_reader_that_stays_away_is_dropped),
		TEST(a_stream_behind_another_call_stays_bounded),
		TEST(answers_that_are_never_taken_close_the_connection),
		TEST(what_is_shared_counts_each_readers_loss_alone),
		TEST(what_could_not_be_made_for_all_ends_the_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
