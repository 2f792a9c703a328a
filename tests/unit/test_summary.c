// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the record keeps of a run's telemetry, against the plain way: all
 * values kept, sorted and counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/mnpend/summary.h"
#include "daemon/record/kind.h"

static json_t *field(const json_t *all, const char *name)
{
	return json_object_get(json_object_get(all, "fields"), name);
}

static json_int_t number(const json_t *of, const char *key)
{
	assert_true(json_is_integer(json_object_get(of, key)));
	return json_integer_value(json_object_get(of, key));
}

static void nothing_heard_is_nothing_said(void **state)
{
	struct summary s = { 0 };

	(void)state;
	assert_null(summary_json(&s));
}

static void least_mean_and_most_are_of_all_records(void **state)
{
	static const int32_t seen[][SUMMARY_FIELDS] = {
		{ 0, 0, -20, -5000 },
		{ 996, 6010, 310, 31500 },
		{ 1004, 5991, 305, 31502 },
	};
	struct summary s = { 0 };
	json_t *all, *depth, *current;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		summary_add(&s, seen[i]);
	all = summary_json(&s);
	assert_int_equal(number(all, "records"), 3);
	depth = field(all, "depthMicrometres");
	assert_int_equal(number(depth, "least"), 0);
	assert_int_equal(number(depth, "mean"), 667);
	assert_int_equal(number(depth, "most"), 1004);
	current = field(all, "currentMilliamps");
	assert_int_equal(number(current, "least"), -20);
	assert_int_equal(number(current, "mean"), 198);
	assert_int_equal(number(field(all, "motorTemperatureMillidegrees"),
				"mean"), 19334);
	json_decref(all);
}

static void a_mean_below_zero_is_rounded_as_one_above(void **state)
{
	static const int32_t seen[][SUMMARY_FIELDS] = {
		{ 0, 0, -1, 0 }, { 0, 0, -2, 0 }, { 0, 0, -2, 0 },
	};
	struct summary s = { 0 };
	json_t *all;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		summary_add(&s, seen[i]);
	all = summary_json(&s);
	assert_int_equal(number(field(all, "currentMilliamps"), "mean"), -2);
	json_decref(all);
}

/* Every value is counted once, in the bin that holds it or the nearest. */
static void each_value_is_in_its_bin(void **state)
{
	enum { COUNT = 20000 };
	struct summary s = { 0 };
	uint32_t want[SUMMARY_BINS] = { 0 };
	json_t *all, *h, *counts;
	unsigned int first = 0;
	json_int_t sum = 0;
	size_t i;

	(void)state;
	srand(7);
	for (i = 0; i < COUNT; i++) {
		/* Rates from 0 to beyond the last bin's upper edge. */
		int32_t v[SUMMARY_FIELDS] = { 0, rand() % 20000, 0, 0 };

		summary_add(&s, v);
		want[v[1] / 250 < SUMMARY_BINS ? v[1] / 250 :
						 SUMMARY_BINS - 1]++;
	}
	all = summary_json(&s);
	h = json_object_get(field(all, "rateStrokesPerMinute"), "histogram");
	assert_int_equal(number(h, "width"), 250);
	first = (unsigned int)(number(h, "from") / 250);
	counts = json_object_get(h, "counts");
	for (i = 0; i < json_array_size(counts); i++) {
		json_int_t n = json_integer_value(json_array_get(counts, i));

		assert_int_equal(n, want[first + i]);
		sum += n;
	}
	assert_int_equal(sum, COUNT);
	json_decref(all);
}

static void extremes_neither_overflow_nor_get_lost(void **state)
{
	static const int32_t low[] = { INT32_MIN, INT32_MIN, INT32_MIN,
				       INT32_MIN };
	static const int32_t high[] = { INT32_MAX, INT32_MAX, INT32_MAX,
					INT32_MAX };
	struct summary s = { 0 };
	json_t *all, *temp, *counts;

	(void)state;
	summary_add(&s, low);
	summary_add(&s, high);
	all = summary_json(&s);
	temp = field(all, "motorTemperatureMillidegrees");
	assert_int_equal(number(temp, "least"), INT32_MIN);
	assert_int_equal(number(temp, "most"), INT32_MAX);
	counts = json_object_get(json_object_get(temp, "histogram"), "counts");
	assert_int_equal(json_array_size(counts), SUMMARY_BINS);
	json_decref(all);
}

/* The record's own check of the kind, and room to spare in a row. */
static void the_record_takes_it(void **state)
{
	struct summary s = { 0 };
	json_t *all;
	char *text;

	(void)state;
	for (int32_t i = 0; i < 100000; i++) {
		int32_t v[] = { i % 4900, i % 12500, i % 2300, i };

		summary_add(&s, v);
	}
	all = summary_json(&s);
	json_object_set_new(all, "run", json_integer(1));
	text = json_dumps(all, JSON_COMPACT);
	assert_true(kind_accepts(RECORD_TELEMETRY, text));
	assert_true(strlen(text) < 4096);
	free(text);
	json_decref(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_heard_is_nothing_said),
		cmocka_unit_test(least_mean_and_most_are_of_all_records),
		cmocka_unit_test(a_mean_below_zero_is_rounded_as_one_above),
		cmocka_unit_test(each_value_is_in_its_bin),
		cmocka_unit_test(extremes_neither_overflow_nor_get_lost),
		cmocka_unit_test(the_record_takes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
