// SPDX-License-Identifier: GPL-2.0-or-later
/* libmnpen's calls: pairing, framing, bounds, and peers that misbehave. */
#include "tests/unit/libmnpen_peer.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LIST "io.mnpen.Pen.ListPens"

/* ---- calls and replies ----------------------------------------------------- */

static void a_call_is_one_object_and_a_nul(void **state)
{
	struct peer *p = *state;
	char *reply, *text;

	peer_send(p, "{\"parameters\":{\"pens\":[]}}");
	assert_int_equal(mnpen_call(p->client, LIST, "{\"a\":1}", 1000, &reply,
				    NULL), 0);
	assert_string_equal(reply, "{\"pens\":[]}");
	free(reply);
	text = peer_call_text(p);
	assert_string_equal(text, "{\"method\":\"" LIST "\",\"parameters\":{\"a\":1}}");
	free(text);
	assert_true(peer_quiet(p));
}

static void a_reply_without_parameters_is_empty(void **state)
{
	struct peer *p = *state;
	char *reply;

	peer_send(p, "{}");
	assert_int_equal(mnpen_call(p->client, LIST, NULL, 1000, &reply, NULL),
			 0);
	assert_string_equal(reply, "{}");
	free(reply);
}

static void replies_belong_to_calls_in_order(void **state)
{
	static const char three[] = "{\"parameters\":{\"n\":1}}\0"
				    "{\"parameters\":{\"n\":2}}\0"
				    "{\"parameters\":{\"n\":3}}";
	struct seen a = { 0 }, b = { 0 }, c = { 0 };
	struct peer *p = *state;

	assert_int_equal(mnpen_call_async(p->client, LIST, NULL, -1, peer_seen,
					  &a), 0);
	assert_int_equal(mnpen_call_async(p->client, LIST, NULL, -1, peer_seen,
					  &b), 0);
	assert_int_equal(mnpen_call_async(p->client, LIST, NULL, -1, peer_seen,
					  &c), 0);
	assert_int_equal(mnpen_pending(p->client), 3);
	peer_send_bytes(p, three, sizeof(three));
	/* All three that are there, not one per wake-up */
	assert_int_equal(mnpen_process(p->client), 0);
	assert_int_equal(mnpen_pending(p->client), 0);
	assert_string_equal(a.text[0], "{\"n\":1}");
	assert_string_equal(b.text[0], "{\"n\":2}");
	assert_string_equal(c.text[0], "{\"n\":3}");
}

static void a_frame_may_come_byte_by_byte(void **state)
{
	static const char text[] = "{\"parameters\":{\"n\":1}}\0{\"parameters\":{\"n\":2}}";
	struct seen s = { 0 };
	struct peer *p = *state;
	size_t i;

	mnpen_call_async(p->client, LIST, NULL, -1, peer_seen, &s);
	mnpen_call_async(p->client, LIST, NULL, -1, peer_seen, &s);
	for (i = 0; i < sizeof(text); i++) {
		peer_send_bytes(p, text + i, 1);
		assert_int_equal(mnpen_process(p->client), 0);
		assert_int_equal(s.n, i == sizeof(text) - 1 ? 2 :
				      i >= strlen(text)	    ? 1 : 0);
	}
	assert_string_equal(s.text[1], "{\"n\":2}");
}

/* Feeds a reply of len bytes in pieces; returns what the last turn said. */
static int feed_reply(struct peer *p, size_t len)
{
	static const char head[] = "{\"parameters\":{\"x\":\"";
	static const char tail[] = "\"}}";
	char *text = malloc(len + 1);
	size_t at = 0;
	int r = 0;

	memset(text, 'a', len);
	memcpy(text, head, strlen(head));
	memcpy(text + len - strlen(tail), tail, sizeof(tail));
	while (!r && at <= len) {
		ssize_t n = send(p->fd, text + at,
				 len + 1 - at < 14300 ? len + 1 - at : 14300,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0)
			at += (size_t)n;
		r = mnpen_process(p->client);
	}
	while (!r && mnpen_pending(p->client))
		r = mnpen_process(p->client);
	free(text);
	return r;
}

static void the_longest_reply_is_taken(void **state)
{
	struct seen s = { 0 };
	struct peer *p = *state;

	mnpen_call_async(p->client, LIST, NULL, -1, peer_seen, &s);
	assert_int_equal(feed_reply(p, MNPEN_REPLY_MAX), 0);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.status[0], 0);
}

static void a_longer_reply_ends_the_connection(void **state)
{
	struct seen s = { 0 };
	struct peer *p = *state;

	mnpen_call_async(p->client, LIST, NULL, -1, peer_seen, &s);
	assert_int_equal(feed_reply(p, MNPEN_REPLY_MAX + 1), -EMSGSIZE);
	assert_int_equal(s.status[0], -EMSGSIZE);
	assert_int_equal(mnpen_get_fd(p->client), -1);
	assert_int_equal(mnpen_call(p->client, LIST, NULL, 0, NULL, NULL),
			 -ENOTCONN);
}

static void an_error_is_named_and_its_parameters_kept(void **state)
{
	struct mnpen_error e = { 0 };
	struct peer *p = *state;
	char *reply = (char *)1;

	peer_send(p, "{\"error\":\"io.mnpen.Pen.LimitExceeded\",\"parameters\":{\"limit\":\"depth\",\"maximum\":1500}}");
	assert_int_equal(mnpen_call(p->client, LIST, NULL, 1000, &reply, &e),
			 -EREMOTEIO);
	assert_null(reply);
	assert_string_equal(e.name, "io.mnpen.Pen.LimitExceeded");
	assert_string_equal(e.parameters,
			    "{\"limit\":\"depth\",\"maximum\":1500}");
	assert_int_equal(mnpen_error_kind(&e), MNPEN_E_LIMIT_EXCEEDED);
	/* The next outcome empties it */
	peer_send(p, "{}");
	assert_int_equal(mnpen_call(p->client, LIST, NULL, 1000, NULL, &e), 0);
	assert_string_equal(e.name, "");
	assert_null(e.parameters);
	assert_int_equal(mnpen_error_kind(&e), MNPEN_E_NONE);
	peer_send(p, "{\"error\":\"com.example.New\"}");
	assert_int_equal(mnpen_call(p->client, LIST, NULL, 1000, NULL, &e),
			 -EREMOTEIO);
	assert_int_equal(mnpen_error_kind(&e), MNPEN_E_OTHER);
	mnpen_error_clear(&e);
}

static void oneway_expects_no_reply(void **state)
{
	struct peer *p = *state;
	char *text;

	assert_int_equal(mnpen_control_heartbeat(p->client, "MN-1"), 0);
	assert_int_equal(mnpen_pending(p->client), 0);
	text = peer_call_text(p);
	assert_string_equal(text, "{\"method\":\"io.mnpen.Pen.Heartbeat\",\"oneway\":true,\"parameters\":{\"penId\":\"MN-1\"}}");
	free(text);
}

/* ---- streams ------------------------------------------------------------------ */

static void a_stream_goes_on_until_its_last_reply(void **state)
{
	struct seen s = { 0 };
	struct peer *p = *state;
	json_t *call;

	assert_int_equal(mnpen_stream(p->client, "io.mnpen.Pen.Monitor", NULL,
				      1000, peer_seen, &s), 0);
	call = peer_call(p);
	assert_true(json_is_true(json_object_get(call, "more")));
	json_decref(call);
	/* It occupies its connection: nothing could be answered behind it */
	assert_int_equal(mnpen_call(p->client, LIST, NULL, 0, NULL, NULL),
			 -EBUSY);
	peer_send(p, "{\"continues\":true,\"parameters\":{\"n\":1}}");
	peer_send(p, "{\"continues\":true,\"parameters\":{\"n\":2}}");
	mnpen_process(p->client);
	assert_int_equal(s.n, 2);
	assert_true(s.continues[1]);
	/* The timeout was for the first reply */
	assert_int_equal(mnpen_get_timeout(p->client), -1);
	peer_send(p, "{\"parameters\":{\"n\":3}}");
	mnpen_process(p->client);
	assert_int_equal(s.n, 3);
	assert_false(s.continues[2]);
	peer_send(p, "{}");
	assert_int_equal(mnpen_call(p->client, LIST, NULL, 1000, NULL, NULL),
			 0);
}

/* ---- peers that misbehave ------------------------------------------------------- */

static void what_is_no_reply_ends_the_connection(void **state)
{
	static const char *const bad[] = {
		"", "[]", "7", "null", "{", "{}x", "{}{}", "\xef\xbb\xbf{}",
		"{\"parameters\":[]}", "{\"parameters\":null}",
		"{\"parameters\":{\"n\":1.5}}", "{\"parameters\":{\"n\":1e3}}",
		"{\"parameters\":{\"n\":NaN}}",
		"{\"parameters\":{\"n\":9007199254740992}}",
		"{\"parameters\":{\"n\":-9007199254740992}}",
		"{\"parameters\":{\"n\":99999999999999999999}}",
		"{\"parameters\":{\"a\":1,\"a\":2}}",
		"{\"parameters\":{\"s\":\"\xff\"}}",
		"{\"parameters\":{},\"unknown\":1}",
		"{\"continues\":1}", "{\"continues\":true}", "{\"error\":7}",
		"{\"error\":\"\"}", "{\"error\":\"a.B\",\"continues\":true}",
		"{\"parameters\":{\"d\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct seen s = { 0 };
		struct peer *p;

		assert_int_equal(peer_setup((void **)&p), 0);
		mnpen_call_async(p->client, LIST, NULL, -1, peer_seen, &s);
		peer_send(p, bad[i]);
		if (mnpen_process(p->client) != -EBADMSG)
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(s.n, 1);
		assert_int_equal(s.status[0], -EBADMSG);
		assert_int_equal(mnpen_get_fd(p->client), -1);
		assert_int_equal(mnpen_process(p->client), -ENOTCONN);
		peer_teardown((void **)&p);
	}
}

static void vendor_keys_and_large_integers_are_fine(void **state)
{
	struct peer *p = *state;

	peer_send(p, "{\"com.example.trace\":[],\"parameters\":{\"n\":9007199254740991}}");
	assert_int_equal(mnpen_call(p->client, LIST, NULL, 1000, NULL, NULL),
			 0);
}

static void a_reply_nobody_asked_for_ends_the_connection(void **state)
{
	struct peer *p = *state;

	peer_send(p, "{}");
	assert_int_equal(mnpen_process(p->client), -EBADMSG);
}

static void hanging_up_ends_all_calls_once(void **state)
{
	struct seen a = { 0 }, b = { 0 };
	struct peer *p = *state;

	mnpen_call_async(p->client, LIST, NULL, -1, peer_seen, &a);
	mnpen_call_async(p->client, LIST, NULL, -1, peer_seen, &b);
	peer_send(p, "{\"parameters\":{\"n\":1}}");
	peer_send_bytes(p, "{\"par", 5);
	peer_hang_up(p);
	while (!mnpen_process(p->client))
		;
	assert_int_equal(a.n, 1);
	assert_string_equal(a.text[0], "{\"n\":1}");
	assert_int_equal(b.n, 1);
	assert_int_equal(b.status[0], -ECONNRESET);
	assert_int_equal(mnpen_get_fd(p->client), -1);
}

static void hanging_up_ends_a_waiting_call(void **state)
{
	struct peer *p = *state;

	shutdown(p->fd, SHUT_WR);
	assert_int_equal(mnpen_call(p->client, LIST, NULL, -1, NULL, NULL),
			 -ECONNRESET);
	assert_int_equal(mnpen_control_heartbeat(p->client, "MN-1"),
			 -ENOTCONN);
}

static void a_late_reply_is_not_taken_for_the_next(void **state)
{
	struct peer *p = *state;
	char *reply;

	assert_int_equal(mnpen_call(p->client, LIST, NULL, 0, NULL, NULL),
			 -ETIMEDOUT);
	peer_send(p, "{\"parameters\":{\"late\":true}}");
	peer_send(p, "{\"parameters\":{\"late\":false}}");
	assert_int_equal(mnpen_call(p->client, LIST, NULL, 1000, &reply, NULL),
			 0);
	assert_string_equal(reply, "{\"late\":false}");
	free(reply);
}

static void the_timeout_to_wait_is_the_nearest(void **state)
{
	struct seen s = { 0 };
	struct peer *p = *state;

	assert_int_equal(mnpen_get_timeout(p->client), -1);
	mnpen_call_async(p->client, LIST, NULL, 60000, peer_seen, &s);
	assert_in_range(mnpen_get_timeout(p->client), 50000, 60000);
	mnpen_call_async(p->client, LIST, NULL, 0, peer_seen, &s);
	assert_int_equal(mnpen_get_timeout(p->client), 0);
	mnpen_process(p->client);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.status[0], -ETIMEDOUT);
	assert_int_equal(mnpen_pending(p->client), 2);
}

/* ---- bounds ----------------------------------------------------------------------- */

static void parameters_must_be_one_object(void **state)
{
	static const char *const bad[] = {
		"", "[]", "1", "{", "{}{}", "{\"a\":1,\"a\":2}", "{\"a\":1.5}",
		"{\"a\":\"\xff\"}",
	};
	struct peer *p = *state;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(mnpen_call_oneway(p->client, LIST, bad[i]),
				 -EINVAL);
	assert_int_equal(mnpen_stop(p->client, "\xff", 0, NULL, NULL), -EINVAL);
	assert_true(peer_quiet(p));
}

static void too_long_a_call_is_refused_here(void **state)
{
	char *text = malloc(MNPEN_CALL_MAX + 16);
	struct peer *p = *state;

	sprintf(text, "{\"a\":\"%0*d\"}", MNPEN_CALL_MAX, 0);
	assert_int_equal(mnpen_call_oneway(p->client, LIST, text), -EMSGSIZE);
	assert_true(peer_quiet(p));
	free(text);
}

static void calls_waiting_for_an_answer_are_bounded(void **state)
{
	struct seen s = { 0 };
	struct peer *p = *state;
	int i;

	for (i = 0; i < MNPEN_CALLS_MAX; i++)
		assert_int_equal(mnpen_call_async(p->client, LIST, NULL, -1,
						  peer_seen, &s), 0);
	assert_int_equal(mnpen_call_async(p->client, LIST, NULL, -1, peer_seen,
					  &s), -ENOBUFS);
	/* Ending them all at once is in order, too */
	mnpen_client_close(p->client);
	p->client = NULL;
	assert_int_equal(s.n, MNPEN_CALLS_MAX);
	assert_int_equal(s.status[s.n - 1], -ECANCELED);
}

static void a_daemon_that_does_not_read_costs_bounded_memory(void **state)
{
	struct peer *p = *state;
	int i, r = 0;

	for (i = 0; i < 100000 && !r; i++)
		r = mnpen_control_heartbeat(p->client, "MN-1");
	assert_int_equal(r, -ENOBUFS);
	assert_true(mnpen_get_events(p->client) & POLLOUT);
	/* Nothing is torn: all that was accepted arrives whole */
	while (i-- > 1) {
		json_decref(peer_call(p));
		mnpen_process(p->client);
	}
	assert_true(peer_quiet(p));
	assert_int_equal(mnpen_get_events(p->client), POLLIN);
}

/* ---- callbacks ----------------------------------------------------------------------- */

struct chain {
	struct peer *p;
	struct seen next;
	int wait, process;
};

static void chain_on(const struct mnpen_reply *reply, void *ctx)
{
	struct chain *c = ctx;

	assert_int_equal(reply->status, 0);
	c->wait = mnpen_call(c->p->client, LIST, NULL, 0, NULL, NULL);
	c->process = mnpen_process(c->p->client);
	assert_int_equal(mnpen_call_async(c->p->client, LIST, NULL, -1,
					  peer_seen, &c->next), 0);
}

static void a_callback_may_call_but_not_wait(void **state)
{
	struct chain c = { .p = *state };

	mnpen_call_async(c.p->client, LIST, NULL, -1, chain_on, &c);
	peer_send(c.p, "{}");
	mnpen_process(c.p->client);
	assert_int_equal(c.wait, -EDEADLK);
	assert_int_equal(c.process, -EDEADLK);
	peer_send(c.p, "{}");
	mnpen_process(c.p->client);
	assert_int_equal(c.next.n, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, peer_setup, peer_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_is_one_object_and_a_nul),
		TEST(a_reply_without_parameters_is_empty),
		TEST(replies_belong_to_calls_in_order),
		TEST(a_frame_may_come_byte_by_byte),
		TEST(the_longest_reply_is_taken),
		TEST(a_longer_reply_ends_the_connection),
		TEST(an_error_is_named_and_its_parameters_kept),
		TEST(oneway_expects_no_reply),
		TEST(a_stream_goes_on_until_its_last_reply),
		cmocka_unit_test(what_is_no_reply_ends_the_connection),
		TEST(vendor_keys_and_large_integers_are_fine),
		TEST(a_reply_nobody_asked_for_ends_the_connection),
		TEST(hanging_up_ends_all_calls_once),
		TEST(hanging_up_ends_a_waiting_call),
		TEST(a_late_reply_is_not_taken_for_the_next),
		TEST(the_timeout_to_wait_is_the_nearest),
		TEST(parameters_must_be_one_object),
		TEST(too_long_a_call_is_refused_here),
		TEST(calls_waiting_for_an_answer_are_bounded),
		TEST(a_daemon_that_does_not_read_costs_bounded_memory),
		TEST(a_callback_may_call_but_not_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
