// SPDX-License-Identifier: GPL-2.0-or-later
/* The pieces of the socket server that need no socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/varlink/bucket.h"
#include "daemon/varlink/encode.h"
#include "daemon/varlink/frame.h"
#include "daemon/varlink/interface.h"
#include "daemon/varlink/message.h"
#include "daemon/varlink/outq.h"
#include "daemon/varlink/server.h"
#include "daemon/varlink/timer.h"

#define LENGTH(a)	(sizeof(a) / sizeof((a)[0]))

/* -- frames -- */

static void frames_are_found_whatever_the_chunks(void **state)
{
	static const char text[] = "one\0\0three";	/* and its own 0x00 */
	static const size_t lens[] = { 3, 0, 5 };

	(void)state;
	for (size_t chunk = 1; chunk <= sizeof(text); chunk++) {
		struct evbuffer *in = evbuffer_new();
		size_t scanned = 0, found = 0, len;

		for (size_t at = 0; at < sizeof(text); at += chunk) {
			size_t n = sizeof(text) - at;

			evbuffer_add(in, text + at, n < chunk ? n : chunk);
			while (frame_next(in, &scanned, 8, &len) ==
			       FRAME_READY) {
				assert_int_equal(len, lens[found]);
				frame_drain(in, &scanned, len);
				found++;
			}
		}
		assert_int_equal(found, 3);
		assert_int_equal(evbuffer_get_length(in), 0);
		evbuffer_free(in);
	}
}

static void a_frame_may_be_as_long_as_the_limit_and_no_longer(void **state)
{
	struct evbuffer *in = evbuffer_new();
	size_t scanned = 0, len;

	(void)state;
	evbuffer_add(in, "12345678", 8);
	assert_int_equal(frame_next(in, &scanned, 8, &len), FRAME_PARTIAL);
	evbuffer_add(in, "", 1);
	assert_int_equal(frame_next(in, &scanned, 8, &len), FRAME_READY);
	assert_int_equal(len, 8);
	assert_int_equal(frame_next(in, &scanned, 7, &len), FRAME_TOO_LONG);
	frame_drain(in, &scanned, 8);
	evbuffer_add(in, "123456789", 9);
	assert_int_equal(frame_next(in, &scanned, 8, &len), FRAME_TOO_LONG);
	evbuffer_free(in);
}

/* -- messages -- */

static const char *parse(const char *text, struct message *msg)
{
	return message_parse(text, strlen(text), msg);
}

static void a_call_is_taken_apart(void **state)
{
	struct message msg;

	(void)state;
	assert_null(parse("{\"method\":\"a.B\",\"parameters\":{\"n\":-3},"
			  "\"more\":true,\"upgrade\":false,"
			  "\"org.example.id\":[1]}", &msg));
	assert_string_equal(msg.method, "a.B");
	assert_true(msg.more);
	assert_false(msg.oneway);
	assert_false(msg.upgrade);
	assert_int_equal(json_integer_value(json_object_get(msg.parameters,
							    "n")), -3);
	message_clear(&msg);
}

static void missing_parameters_are_an_empty_object(void **state)
{
	struct message msg;

	(void)state;
	assert_null(parse("{\"method\":\"a.B\",\"parameters\":null}", &msg));
	assert_int_equal(json_object_size(msg.parameters), 0);
	message_clear(&msg);
	assert_null(parse("{\"method\":\"a.B\"}", &msg));
	assert_true(json_is_object(msg.parameters));
	assert_int_equal(json_object_size(msg.parameters), 0);
	message_clear(&msg);
}

#define PARAM(value)	"{\"method\":\"a.B\",\"parameters\":{\"x\":" value "}}"

static void whole_numbers_up_to_2_53_are_accepted(void **state)
{
	static const char *const good[] = {
		PARAM("9007199254740991"),
		PARAM("-9007199254740991"),
		PARAM("0"),
		PARAM("\"1.5 NaN 99999999999999999999\""),
		PARAM("\"[[[[[[[[[[[[[[[[[[ \\\" {{{{{{{{{{{{{{{{{{\""),
		PARAM("\"\xc3\xa4\xf0\x9f\x98\x80\""),
	};
	struct message msg;

	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++) {
		const char *wrong = parse(good[i], &msg);

		if (wrong)
			fail_msg("%s: %s", good[i], wrong);
		message_clear(&msg);
	}
}

static void whatever_is_not_strict_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"{",
		"[]",
		"[{\"method\":\"a.B\"}]",
		"\"a.B\"",
		"null",
		"{}",
		"{\"method\":1}",
		"{\"method\":null}",
		"{\"method\":\"a.B\"}x",
		"{\"method\":\"a.B\"}{\"method\":\"a.B\"}",
		"\xef\xbb\xbf{\"method\":\"a.B\"}",
		"{'method':'a.B'}",
		"{\"method\":\"a.B\",}",
		"{\"method\":\"a.B\"/**/}",
		"{\"method\":\"a.B\",\"method\":\"a.C\"}",
		"{\"method\":\"a.B\",\"parameters\":[]}",
		"{\"method\":\"a.B\",\"parameters\":\"\"}",
		"{\"method\":\"a.B\",\"more\":1}",
		"{\"method\":\"a.B\",\"oneway\":\"true\"}",
		"{\"method\":\"a.B\",\"upgrade\":null}",
		"{\"method\":\"a.B\",\"more\":true,\"oneway\":true}",
		"{\"method\":\"a.B\",\"Parameters\":{}}",
		"{\"method\":\"a.B\",\"\":{}}",
		"{\"method\":\"a.B\",\"org.example\":1.5}",
		PARAM("1,\"x\":1"),
		PARAM("{\"y\":{},\"y\":{}}"),
		PARAM("1.0"),
		PARAM("1e3"),
		PARAM("[[0.5]]"),
		PARAM("9007199254740992"),
		PARAM("-9007199254740992"),
		PARAM("[{\"y\":9007199254740993}]"),
		PARAM("99999999999999999999"),
		PARAM("01"),
		PARAM("+1"),
		PARAM("0x10"),
		PARAM("NaN"),
		PARAM("Infinity"),
		PARAM("-Infinity"),
		PARAM("TRUE"),
		PARAM("\"\xc3\""),
		PARAM("\"\xc0\x80\""),
		PARAM("\"\xed\xa0\x80\""),
		PARAM("\"\xf4\x90\x80\x80\""),
		PARAM("\"\\u0000\""),
		PARAM("\"\\ud800\""),
		PARAM("\"\\x\""),
		PARAM("\"\t\""),
	};
	struct message msg;

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		if (!parse(bad[i], &msg))
			fail_msg("accepted: %s", bad[i]);
		assert_null(msg.root);
	}
}

static void nesting_ends_at_16(void **state)
{
	struct message msg;
	char text[256];

	(void)state;
	for (int arrays = 13; arrays <= 16; arrays++) {
		/* Two objects around the arrays. */
		bool good = arrays + 2 <= VARLINK_DEPTH_MAX;
		int n = sprintf(text, "{\"method\":\"a.B\",\"parameters\":"
				"{\"x\":");

		for (int i = 0; i < arrays; i++)
			text[n++] = '[';
		for (int i = 0; i < arrays; i++)
			text[n++] = ']';
		strcpy(text + n, "}}");
		assert_int_equal(parse(text, &msg) == NULL, good);
		message_clear(&msg);
	}
}

static void a_million_brackets_are_refused_before_parsing(void **state)
{
	char *text = malloc(1000000);
	struct message msg;

	(void)state;
	memset(text, '[', 1000000);
	assert_string_equal(message_parse(text, 1000000, &msg),
			    "nested too deep");
	free(text);
}

/* -- replies -- */

static void replies_are_compact_and_end_with_a_zero(void **state)
{
	struct encoder enc = { 0 };
	json_t *parameters = json_pack("{s:s, s:i}", "t", "\xc3\xa4\"\n", "n",
				       7);

	(void)state;
	assert_int_equal(encode_reply(&enc, parameters, false), 0);
	assert_string_equal(enc.data, "{\"parameters\":{\"t\":\"\xc3\xa4\\\"\\n"
				      "\",\"n\":7}}");
	assert_int_equal(enc.len, strlen(enc.data) + 1);
	assert_int_equal(encode_reply(&enc, NULL, true), 0);
	assert_string_equal(enc.data,
			    "{\"parameters\":{},\"continues\":true}");
	assert_int_equal(encode_error(&enc, "a.B", NULL), 0);
	assert_string_equal(enc.data, "{\"error\":\"a.B\",\"parameters\":{}}");
	json_decref(parameters);
	encode_free(&enc);
}

static void a_reply_over_one_mebibyte_is_not_made(void **state)
{
	struct encoder enc = { 0 };
	char *text = malloc(VARLINK_REPLY_MAX + 1);
	size_t around = strlen("{\"parameters\":{\"t\":\"\"}}") + 1;
	json_t *parameters;

	(void)state;
	for (int over = 0; over <= 1; over++) {
		size_t len = VARLINK_REPLY_MAX - around + (size_t)over;

		memset(text, 'x', len);
		text[len] = '\0';
		parameters = json_pack("{s:s}", "t", text);
		assert_int_equal(encode_reply(&enc, parameters, false),
				 over ? -EMSGSIZE : 0);
		json_decref(parameters);
	}
	encode_trim(&enc);
	assert_int_equal(enc.size, 0);
	free(text);
}

/* -- queues -- */

static void add(struct outq *q, enum outq_class class, const char *text,
		size_t sent, int64_t sequence, uint64_t now_us)
{
	assert_int_equal(outq_add(q, class, text, strlen(text), sent, sequence,
				  now_us), 0);
}

static void a_queue_counts_bytes_and_ages_by_class(void **state)
{
	struct iovec vec[2];
	int64_t sequence = OUTQ_NO_SEQUENCE;
	struct outq q;

	(void)state;
	outq_init(&q);
	add(&q, OUTQ_TELEMETRY, "abcde", 2, 10, 100);
	add(&q, OUTQ_EVENT, "fg", 0, 11, 200);
	add(&q, OUTQ_EVENT, "h", 0, OUTQ_NO_SEQUENCE, 300);
	assert_int_equal(outq_bytes(&q), 6);
	assert_int_equal(q.bytes[OUTQ_TELEMETRY], 3);
	assert_int_equal(outq_oldest_us(&q, OUTQ_EVENT), 200);
	assert_int_equal(outq_oldest_us(&q, OUTQ_REPLY), 0);
	assert_int_equal(outq_vectors(&q, vec, 2), 2);
	assert_memory_equal(vec[0].iov_base, "cde", 3);
	assert_int_equal(vec[1].iov_len, 2);

	outq_sent(&q, 2, &sequence);
	assert_int_equal(sequence, OUTQ_NO_SEQUENCE);
	outq_sent(&q, 2, &sequence);
	assert_int_equal(sequence, 10);
	assert_int_equal(outq_oldest_us(&q, OUTQ_TELEMETRY), 0);
	assert_int_equal(q.bytes[OUTQ_EVENT], 2);
	outq_sent(&q, 2, &sequence);
	assert_int_equal(sequence, 11);
	assert_true(outq_empty(&q));
	assert_int_equal(outq_bytes(&q), 0);
}

static void dropping_keeps_a_message_that_is_partly_out(void **state)
{
	int64_t sequence = 1;
	struct outq q;

	(void)state;
	outq_init(&q);
	add(&q, OUTQ_EVENT, "abc", 0, 2, 100);
	outq_drop(&q, &sequence);
	assert_true(outq_empty(&q));
	assert_int_equal(sequence, 1);

	add(&q, OUTQ_EVENT, "abc", 1, 2, 100);
	add(&q, OUTQ_EVENT, "def", 0, 3, 100);
	outq_drop(&q, &sequence);
	assert_int_equal(outq_bytes(&q), 2);
	assert_int_equal(sequence, 2);
	outq_clear(&q);
}

/* -- rate -- */

static void a_bucket_gives_100_at_once_then_one_every_50_ms(void **state)
{
	uint64_t now_us = 5000000;
	struct bucket bucket;

	(void)state;
	bucket_init(&bucket, now_us);
	for (int i = 0; i < VARLINK_CALLS_BURST; i++)
		assert_int_equal(bucket_take(&bucket, now_us), 0);
	assert_int_equal(bucket_take(&bucket, now_us), 50);
	assert_int_equal(bucket_take(&bucket, now_us + 49999), 1);
	assert_int_equal(bucket_take(&bucket, now_us + 50000), 0);
	assert_int_equal(bucket_take(&bucket, now_us + 50000), 50);

	/* However long it rests, no more than the burst. */
	now_us += 3600ull * 1000000;
	for (int i = 0; i < VARLINK_CALLS_BURST; i++)
		assert_int_equal(bucket_take(&bucket, now_us), 0);
	assert_int_equal(bucket_take(&bucket, now_us), 50);
}

/* -- interface text -- */

static void the_built_in_interface_is_the_file(void **state)
{
	FILE *file = fopen("daemon/varlink/io.mnpen.Pen.varlink", "r");
	size_t len = strlen(mnpen_interface_text);
	char *text = malloc(len + 2);

	(void)state;
	assert_non_null(file);
	assert_int_equal(fread(text, 1, len + 2, file), len);
	assert_memory_equal(text, mnpen_interface_text, len);
	fclose(file);
	free(text);
}

/* -- timers -- */

static bool no_timerfd;

int __real_timerfd_create(int clock, int flags);
int __wrap_timerfd_create(int clock, int flags);

int __wrap_timerfd_create(int clock, int flags)
{
	if (!no_timerfd)
		return __real_timerfd_create(clock, flags);
	errno = ENOSYS;
	return -1;
}

struct fires {
	struct event_base *base;
	unsigned int count, until;
};

static void fires_once_more(void *ctx)
{
	struct fires *fires = ctx;

	if (++fires->count == fires->until)
		event_base_loopbreak(fires->base);
}

static void timers(void)
{
	struct fires again = { .base = event_base_new(), .until = 5 };
	struct fires once = { .base = again.base }, off = once;
	struct timer *a = timer_new(again.base, fires_once_more, &again);
	struct timer *b = timer_new(again.base, fires_once_more, &once);
	struct timer *c = timer_new(again.base, fires_once_more, &off);

	assert_int_equal(timer_every(a, 20), 0);
	assert_int_equal(timer_in(b, 0), 0);
	assert_int_equal(timer_in(c, 1), 0);
	timer_off(c);
	event_base_dispatch(again.base);
	assert_int_equal(again.count, 5);
	assert_int_equal(once.count, 1);
	assert_int_equal(off.count, 0);
	/* What it is set to last, counts. */
	assert_int_equal(timer_in(b, 3600000000u), 0);
	assert_int_equal(timer_in(b, 1000), 0);
	once.until = 2;
	timer_off(a);
	event_base_dispatch(again.base);
	assert_int_equal(once.count, 2);
	assert_int_equal(again.count, 5);
	timer_free(a);
	timer_free(b);
	timer_free(c);
	event_base_free(again.base);
}

static void timers_fire_once_or_again_until_they_are_off(void **state)
{
	(void)state;
	timers();
}

static void a_kernel_without_timers_of_its_own_makes_no_difference(void **state)
{
	(void)state;
	no_timerfd = true;
	timers();
	no_timerfd = false;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_found_whatever_the_chunks),
		cmocka_unit_test(
			a_frame_may_be_as_long_as_the_limit_and_no_longer),
		cmocka_unit_test(a_call_is_taken_apart),
		cmocka_unit_test(missing_parameters_are_an_empty_object),
		cmocka_unit_test(whole_numbers_up_to_2_53_are_accepted),
		cmocka_unit_test(whatever_is_not_strict_is_refused),
		cmocka_unit_test(nesting_ends_at_16),
		cmocka_unit_test(a_million_brackets_are_refused_before_parsing),
		cmocka_unit_test(replies_are_compact_and_end_with_a_zero),
		cmocka_unit_test(a_reply_over_one_mebibyte_is_not_made),
		cmocka_unit_test(a_queue_counts_bytes_and_ages_by_class),
		cmocka_unit_test(dropping_keeps_a_message_that_is_partly_out),
		cmocka_unit_test(
			a_bucket_gives_100_at_once_then_one_every_50_ms),
		cmocka_unit_test(the_built_in_interface_is_the_file),
		cmocka_unit_test(timers_fire_once_or_again_until_they_are_off),
		cmocka_unit_test(
			a_kernel_without_timers_of_its_own_makes_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
