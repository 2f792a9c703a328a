// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Aftercare of a session: the right rules at the right times, and a calendar
 * that keeps to RFC 5545.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/catalogue/timetable.h"

#define END_S	1795168800	/* 2026-11-20 10:00:00 UTC */
#define SESSION	"6f1c0a3e-0000-4000-8000-000000000001"

static struct timetable_entry table[TIMETABLE_MAX];
static char text[65536];

static const struct timetable_entry *rule(size_t n, const char *id)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(table[i].rule->id, id))
			return &table[i];
	return NULL;
}

static void holds(size_t n, const char *id, int from_h, int until_h)
{
	const struct timetable_entry *e = rule(n, id);

	if (!e)
		fail_msg("no rule '%s'", id);
	if (e->from_s != END_S + from_h * 3600LL ||
	    e->until_s != END_S + until_h * 3600LL)
		fail_msg("'%s' from %lld to %lld h", id,
			 (long long)(e->from_s - END_S) / 3600,
			 (long long)(e->until_s - END_S) / 3600);
}

/* --- the list ------------------------------------------------------------------- */

/* Sources disagree; the longest time counts. Hours after the end. */
static void the_merged_rules_hold_their_times(void **state)
{
	size_t n = timetable_make(END_S, 500, table);

	(void)state;
	holds(n, "acids", 0, 14 * 24);
	holds(n, "vitamin-c-peroxide", 0, 7 * 24);
	holds(n, "perfume", 0, 96);
	holds(n, "make-up", 0, 48);
	holds(n, "wash-not", 0, 8);
	holds(n, "wash-gentle", 8, 72);
	holds(n, "soap", 0, 7 * 24);
	holds(n, "shade", 0, 24);
	holds(n, "sunscreen", 24, 14 * 24);
	holds(n, "sun", 0, 72);
	holds(n, "sun-little", 72, 14 * 24);
	holds(n, "tanning-bed", 0, 14 * 24);
	holds(n, "exercise", 0, 72);
	holds(n, "sauna-pool", 0, 72);
	holds(n, "self-tan", 0, 72);
	holds(n, "permanent-make-up", 0, 28 * 24);
	holds(n, "shaving", 0, 24);
	holds(n, "hair-removal", 0, 72);
	holds(n, "peel-laser", 0, 28 * 24);
	holds(n, "toxin", 0, 14 * 24);
	holds(n, "alcohol", 0, 24);
	holds(n, "bleeding", 1, 14 * 24);
	holds(n, "redness-long", 7 * 24, 30 * 24);
	holds(n, "follow-up-day", 24, 48);
	holds(n, "follow-up-week", 7 * 24, 8 * 24);
	holds(n, "follow-up-month", 30 * 24, 32 * 24);
}

static void depth_chooses_what_to_expect(void **state)
{
	static const struct { uint32_t um; const char *yes, *no; } cases[] = {
		{ 1, "redness-shallow", "redness-middle" },
		{ 500, "redness-shallow", "redness-middle" },
		{ 501, "redness-middle", "redness-shallow" },
		{ 1000, "redness-middle", "pool-deep" },
		{ 1001, "pool-deep", "redness-deep" },
		{ 1500, "redness-middle", "redness-deep" },
		{ 1501, "redness-deep", "redness-middle" },
		{ 0, "redness-shallow", "pool-deep" },
	};
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		n = timetable_make(END_S, cases[i].um, table);
		if (!rule(n, cases[i].yes) || rule(n, cases[i].no))
			fail_msg("%u um", cases[i].um);
	}
}

static void the_list_is_in_the_order_of_time(void **state)
{
	size_t n = timetable_make(END_S, 1200, table), i;

	(void)state;
	assert_true(n > 25);
	/* Of equal length: as in the catalogue. */
	assert_true(rule(n, "acids") < rule(n, "tanning-bed"));
	assert_true(rule(n, "tanning-bed") < rule(n, "toxin"));
	for (i = 1; i < n; i++) {
		assert_true(table[i - 1].from_s <= table[i].from_s);
		if (table[i - 1].from_s == table[i].from_s)
			assert_true(table[i - 1].until_s <= table[i].until_s);
	}
	for (i = 0; i < CATALOGUE_ADVICES; i++)
		assert_true(strlen(timetable_heading(i)) > 1);
}

/* --- the calendar --------------------------------------------------------------- */

static size_t calendar(size_t n)
{
	size_t len = timetable_ical(table, n, SESSION, END_S + 60, text,
				    sizeof(text));

	assert_true(len < sizeof(text));
	assert_int_equal(strlen(text), len);
	return len;
}

static size_t count(const char *words)
{
	const char *p = text;
	size_t n = 0;

	while ((p = strstr(p, words))) {
		n++;
		p += strlen(words);
	}
	return n;
}

static void every_line_ends_in_cr_lf_and_has_75_bytes_at_most(void **state)
{
	size_t n = timetable_make(END_S, 1200, table), lines = 0;
	const char *p, *end;

	(void)state;
	calendar(n);
	for (p = text; *p; p = end + 2, lines++) {
		end = strchr(p, '\n');
		assert_non_null(end);
		assert_true(end > p && end[-1] == '\r');
		end--;
		assert_in_range(end - p, 1, 75);
		assert_null(memchr(p, '\r', (size_t)(end - p)));
	}
	assert_true(lines > n * 8);
}

static void every_rule_is_an_event_with_what_one_must_have(void **state)
{
	size_t n = timetable_make(END_S, 1200, table);

	(void)state;
	calendar(n);
	assert_memory_equal(text, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", 30);
	assert_non_null(strstr(text, "\r\nPRODID:"));
	assert_string_equal(strstr(text, "END:VCALENDAR"), "END:VCALENDAR\r\n");
	assert_int_equal(count("BEGIN:VEVENT\r\n"), n);
	assert_int_equal(count("END:VEVENT\r\n"), n);
	assert_int_equal(count("\r\nUID:" SESSION "-"), n);
	assert_int_equal(count("\r\nDTSTAMP:20261120T100100Z\r\n"), n);
	assert_int_equal(count("\r\nDTSTART:"), n);
	assert_int_equal(count("\r\nSUMMARY:"), n);
	assert_int_equal(count("BEGIN:VALARM"), 3);
	assert_int_equal(count("END:VALARM"), 3);
	assert_non_null(strstr(text, "UID:" SESSION "-acids@mnpen.invalid\r\n"
			"DTSTAMP:20261120T100100Z\r\n"
			"DTSTART:20261120T100000Z\r\n"
			"DTEND:20261204T100000Z\r\n"));
}

/* Also across months, years and 29 February. */
static void times_are_those_of_the_calendar(void **state)
{
	static const struct catalogue_aftercare r = {
		.id = "r", .text = "t", .until_hours = 1 };
	static const struct { int64_t s; const char *want; } cases[] = {
		{ 0, "DTSTART:19700101T000000Z" },
		{ 951782399, "DTSTART:20000228T235959Z" },
		{ 951782400, "DTSTART:20000229T000000Z" },
		{ 951868800, "DTSTART:20000301T000000Z" },
		{ 1798761599, "DTSTART:20261231T235959Z" },
		{ 1798761600, "DTSTART:20270101T000000Z" },
		{ 1835395200, "DTSTART:20280229T000000Z" },
		{ -1, "DTSTART:19691231T235959Z" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		table[0] = (struct timetable_entry){ &r, cases[i].s,
						     cases[i].s + 1 };
		calendar(1);
		if (!strstr(text, cases[i].want))
			fail_msg("no %s in %s", cases[i].want, text);
	}
}

static void texts_are_escaped_and_folded_between_characters(void **state)
{
	static struct catalogue_aftercare r = {
		.id = "r", .advice = CATALOGUE_DO, .until_hours = 1 };
	char long_text[400] = "";
	const char *p;
	size_t i;

	(void)state;
	table[0] = (struct timetable_entry){ &r, END_S, END_S + 3600 };
	r.text = "a, b; c\\d\ne";
	calendar(1);
	assert_non_null(strstr(text, "SUMMARY:Do: a\\, b\\; c\\\\d\\ne\r\n"));

	/* At every offset: no character and no escape is cut. */
	for (i = 0; i < 8; i++) {
		memset(long_text, 'x', i);
		long_text[i] = '\0';
		while (strlen(long_text) < 300)
			strcat(long_text, "\xc3\xa4,\xe2\x82\xac");
		r.text = long_text;
		calendar(1);
		for (p = text; (p = strstr(p, "\r\n ")); p += 3) {
			assert_int_not_equal((unsigned char)p[3] & 0xc0, 0x80);
			assert_true(p[-1] != '\\');
		}
		assert_true(count("\r\n ") >= 4);
	}
}

static void a_small_buffer_gets_a_beginning_and_the_length(void **state)
{
	size_t n = timetable_make(END_S, 500, table), len = calendar(n), i;
	char *whole = strdup(text), small[64];

	(void)state;
	for (i = 1; i <= sizeof(small); i++) {
		memset(small, '?', sizeof(small));
		assert_int_equal(timetable_ical(table, n, SESSION, END_S + 60,
						small, i), len);
		assert_int_equal(strlen(small), i - 1);
		assert_memory_equal(small, whole, i - 1);
	}
	assert_int_equal(timetable_ical(table, n, SESSION, END_S + 60, NULL, 0),
			 len);
	free(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_merged_rules_hold_their_times),
		cmocka_unit_test(depth_chooses_what_to_expect),
		cmocka_unit_test(the_list_is_in_the_order_of_time),
		cmocka_unit_test(every_line_ends_in_cr_lf_and_has_75_bytes_at_most),
		cmocka_unit_test(every_rule_is_an_event_with_what_one_must_have),
		cmocka_unit_test(times_are_those_of_the_calendar),
		cmocka_unit_test(texts_are_escaped_and_folded_between_characters),
		cmocka_unit_test(a_small_buffer_gets_a_beginning_and_the_length),
	};

	return cmocka_run_group_tests_name("aftercare", tests, NULL, NULL);
}
