// SPDX-License-Identifier: GPL-2.0-or-later
/* Exports in signed pages, and what another record takes of them. */
#include "tests/unit/recordtest.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/record/chain.h"
#include "daemon/record/page.h"

/* Two kiosks of a clinic, and a third one. */
struct clinic {
	struct place *place;
	struct record *a, *b, *c;
};

static struct record *open_at(const struct place *p, const char *name)
{
	char path[200], error[RECORD_ERROR_LEN];
	struct record *r;

	snprintf(path, sizeof(path), "%s/%s", p->dir, name);
	if (record_open(path, &r, NULL, error))
		fail_msg("%s: %s", name, error);
	return r;
}

static struct clinic clinic_open(struct place *p)
{
	return (struct clinic){ p, open_at(p, "a.db"), open_at(p, "b.db"),
				open_at(p, "c.db") };
}

/* Checks the file and removes it with what lies beside it. */
static void check_intact(const struct place *p, const char *name)
{
	static const char *const tails[] = { "", "-head", "-key", "-reserve" };
	struct verify_report rep;
	char path[200], beside_it[220];

	snprintf(path, sizeof(path), "%s/%s", p->dir, name);
	verify_path(path, NULL, &rep);
	assert_int_equal(rep.damage, VERIFY_INTACT);
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		snprintf(beside_it, sizeof(beside_it), "%s%s", path, tails[i]);
		assert_int_equal(remove(beside_it), 0);
	}
}

static void clinic_close(struct clinic *all)
{
	record_close(all->a);
	record_close(all->b);
	record_close(all->c);
	check_intact(all->place, "a.db");
	check_intact(all->place, "b.db");
	check_intact(all->place, "c.db");
}

static const char *text(const json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
}

/* All pages of a selection. */
static json_t *pages_of(struct record *r, const char *session, int64_t from,
			int64_t until)
{
	struct record_selection what = { .from_unix_ms = from,
					 .until_unix_ms = until };
	json_t *pages = json_array(), *page;
	int64_t after = 0;
	bool last;

	snprintf(what.session, sizeof(what.session), "%s", session);
	do {
		page = answer_to(r, record_export(r, 1, &what, after));
		after = number(page, "throughRow");
		last = json_is_true(json_object_get(page, "last"));
		json_array_append_new(pages, page);
	} while (!last);
	return pages;
}

static json_t *export(struct record *r, const char *session)
{
	return pages_of(r, session, 0, PAGE_TIME_MAX);
}

/* The answer to the last page, or to the first that was refused. */
static json_t *import(struct record *r, const json_t *pages, const char *key)
{
	json_t *answer = NULL, *page;
	char *dumped;
	size_t i;

	json_array_foreach(pages, i, page) {
		json_decref(answer);
		dumped = json_dumps(page, JSON_COMPACT);
		answer = answer_to(r, record_import(r, 1, dumped, key));
		free(dumped);
		if (text(answer, "refused"))
			break;
	}
	return answer;
}

static json_int_t rows_of(struct record *r)
{
	json_t *answer = answer_to(r, record_verify(r, 1));
	json_int_t rows = number(answer, "rows");

	assert_true(json_is_true(json_object_get(answer, "intact")));
	json_decref(answer);
	return rows;
}

static void import_ok(struct record *r, json_t *pages, int taken, int known)
{
	json_t *answer = import(r, pages, NULL);

	if (text(answer, "refused"))
		fail_msg("refused: %s", text(answer, "refused"));
	assert_true(json_is_true(json_object_get(answer, "complete")));
	assert_int_equal(number(answer, "taken"), taken);
	assert_int_equal(number(answer, "known"), known);
	json_decref(answer);
}

static void import_refused(struct record *r, const json_t *pages,
			   const char *key, int index, const char *why)
{
	json_int_t before = rows_of(r);
	json_t *answer = import(r, pages, key);

	if (!text(answer, "refused"))
		fail_msg("taken, but it %s", why);
	if (!strstr(text(answer, "refused"), why))
		fail_msg("refused as: %s, not: %s", text(answer, "refused"),
			 why);
	assert_int_equal(number(answer, "index"), index);
	json_decref(answer);
	assert_int_equal(rows_of(r), before);
}

/* Four rows: a session that ran with a cartridge. */
static void treat(struct record *r, const char *id, const char *patient)
{
	char body[200];

	snprintf(body, sizeof(body),
		 "{\"area\":\"cheek\",\"concern\":\"texture_tone\","
		 "\"patient\":\"%s\",\"depthMicrometres\":700}", patient);
	append_ok(r, RECORD_SESSION_BEGIN, id, body);
	append_ok(r, RECORD_RUN_INTENT, id,
		  "{\"cartridge\":\"01/77\",\"depthMicrometres\":700}");
	append_ok(r, RECORD_RUN_END, id,
		  "{\"areaPunctures\":900,\"depthPeakMicrometres\":710,"
		  "\"strokes\":75}");
	append_ok(r, RECORD_SESSION_END, id,
		  "{\"reason\":\"stopEnd\",\"runs\":1}");
}

static json_t *history(struct record *r, const char *patient)
{
	struct record_about about = { .area = "cheek", .cartridge = "01/77" };

	snprintf(about.patient, sizeof(about.patient), "%s", patient);
	return answer_to(r, record_history(r, 1, &about));
}

static void sessions_of_another_kiosk_count_here(void **state)
{
	struct clinic all = clinic_open(*state);
	json_t *pages, *answer, *list;
	json_int_t before;

	treat(all.a, AN_ID, "P-1");
	answer = history(all.b, "P-1");
	assert_true(json_is_null(json_object_get(answer, "last")));
	assert_false(json_is_true(json_object_get(answer, "cartridgeUsed")));
	json_decref(answer);

	pages = export(all.a, AN_ID);
	before = rows_of(all.b);
	import_ok(all.b, pages, 4, 0);
	assert_int_equal(rows_of(all.b), before + 5);
	answer = history(all.b, "P-1");
	assert_string_equal(text(json_object_get(answer, "last"), "sessionId"),
			    AN_ID);
	assert_int_equal(number(json_object_get(answer, "last"),
				"areaPunctures"), 900);
	assert_true(json_is_true(json_object_get(answer, "cartridgeUsed")));
	/* What time it was there says nothing about the clock here. */
	assert_true(json_is_null(json_object_get(answer, "accepted")));
	json_decref(answer);
	answer = answer_to(all.b, record_list(all.b, 1, 9));
	list = json_object_get(answer, "sessions");
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(text(json_array_get(list, 0), "state"), "ended");
	json_decref(answer);

	/* The same once more changes nothing. */
	before = rows_of(all.b);
	import_ok(all.b, pages, 0, 4);
	assert_int_equal(rows_of(all.b), before);
	json_decref(pages);
	clinic_close(&all);
}

static json_t *body_of(struct record *r, const char *id)
{
	json_t *answer = answer_to(r, record_session(r, 1, id)), *body;

	body = json_incref(json_object_get(
		json_array_get(json_object_get(answer, "rows"), 0), "body"));
	json_decref(answer);
	return body;
}

static void rows_come_home_as_they_went_and_keep_their_way(void **state)
{
	struct clinic all = clinic_open(*state);
	char other[RECORD_SESSION_LEN];
	json_t *pages, *body, *origin;

	record_new_session(other);
	treat(all.a, AN_ID, "P-1");
	treat(all.b, other, "P-1");
	pages = export(all.a, "");
	import_ok(all.b, pages, 4, 0);
	json_decref(pages);
	/* B has both by now; A lacks but its own. */
	pages = export(all.b, "");
	import_ok(all.a, pages, 4, 4);
	import_ok(all.c, pages, 8, 0);
	json_decref(pages);
	body = body_of(all.c, AN_ID);
	origin = json_object_get(body, "origin");
	assert_string_not_equal(text(origin, "kiosk"),
				text(json_object_get(origin, "origin"),
				     "kiosk"));
	assert_string_equal(text(origin, "root"),
			    text(json_object_get(origin, "origin"), "hash"));
	json_decref(body);
	/* Known by where they were written, not by the way they came. */
	pages = export(all.c, "");
	import_ok(all.a, pages, 0, 8);
	import_ok(all.b, pages, 0, 8);
	json_decref(pages);
	clinic_close(&all);
}

/* One damage each; NULL: the row is taken away. */
static const struct damage {
	const char *key, *value, *why;
	int index;
} damages[] = {
	{ "body", "\"{}\"", "was changed", 2 },
	{ "unixMilliseconds", "5", "was changed", 2 },
	{ "session", "null", "was changed", 2 },
	{ "kind", "\"stop\"", "was changed", 2 },
	{ "hash", "\"00\"", "is no row", 2 },
	{ "prev", "7", "is no row", 2 },
	{ "row", "1", "was changed", 2 },
	{ NULL, NULL, "rows are missing", PAGE_ITSELF },
};

static void a_broken_export_is_refused_whole(void **state)
{
	struct clinic all = clinic_open(*state);
	json_t *good, *bad, *rows;

	treat(all.a, AN_ID, "P-1");
	good = export(all.a, AN_ID);
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		const struct damage *d = &damages[i];

		bad = json_deep_copy(good);
		rows = json_object_get(json_array_get(bad, 0), "rows");
		if (d->key)
			json_object_set_new(
				json_array_get(rows, 2), d->key,
				json_loads(d->value, JSON_DECODE_ANY, NULL));
		else
			json_array_remove(rows, 3);
		import_refused(all.b, bad, NULL, d->index, d->why);
		json_decref(bad);
	}
	bad = json_deep_copy(good);
	json_object_set_new(json_array_get(bad, 0), "throughRow",
			    json_integer(99));
	import_refused(all.b, bad, NULL, PAGE_ITSELF, "signature");
	json_decref(bad);
	import_ok(all.b, good, 4, 0);
	json_decref(good);
	clinic_close(&all);
}

/* Whatever byte of it changes: refused, or it means the same as before. */
static void every_flipped_bit_of_a_page_is_found(void **state)
{
	struct clinic all = clinic_open(*state);
	struct page_fault fault;
	json_t *pages, *bad;
	unsigned int tried = 0;
	struct page page;
	char *dumped;

	treat(all.a, AN_ID, "P-1");
	pages = export(all.a, AN_ID);
	assert_int_equal(page_check(json_array_get(pages, 0), &page, &fault),
			 0);
	dumped = json_dumps(json_array_get(pages, 0), JSON_COMPACT);
	for (size_t i = 0; dumped[i]; i++) {
		char was = dumped[i];

		dumped[i] ^= 1 << (i % 7);
		bad = json_loads(dumped, JSON_REJECT_DUPLICATES, NULL);
		if (bad && !json_equal(bad, json_array_get(pages, 0))) {
			tried++;
			if (!page_check(bad, &page, &fault))
				fail_msg("byte %zu (%c) changed unseen: %s", i,
					 was, dumped);
		}
		json_decref(bad);
		dumped[i] = was;
	}
	assert_true(tried > 1000);
	free(dumped);
	json_decref(pages);
	clinic_close(&all);
}

/* Enough rows for three pages. */
static json_t *long_export(struct record *r)
{
	treat(r, AN_ID, "P-1");
	for (int i = 0; i < 150; i++)
		append_ok(r, RECORD_PROGRESS, AN_ID, "{\"strokes\":5}");
	return export(r, "");
}

static void pages_follow_each_other_or_are_refused(void **state)
{
	struct clinic all = clinic_open(*state);
	json_t *good = long_export(all.a), *bad;
	json_int_t before = rows_of(all.b);

	assert_int_equal(json_array_size(good), 3);
	bad = json_copy(good);
	json_array_remove(bad, 1);
	import_refused(all.b, bad, NULL, PAGE_ITSELF, "does not follow");
	json_array_remove(bad, 0);
	import_refused(all.b, bad, NULL, PAGE_ITSELF, "not the first");
	json_decref(bad);
	/* Without its end nothing is taken, whatever comes next. */
	bad = json_copy(good);
	json_array_remove(bad, 2);
	json_decref(import(all.b, bad, NULL));
	assert_int_equal(rows_of(all.b), before);
	json_decref(bad);
	import_ok(all.b, good, 154, 0);
	json_decref(good);
	clinic_close(&all);
}

static void a_kiosk_keeps_its_key_or_somebody_vouches(void **state)
{
	struct clinic all = clinic_open(*state);
	char path[200], key[70], other[RECORD_SESSION_LEN];
	json_t *pages;

	record_new_session(other);
	treat(all.a, AN_ID, "P-1");
	pages = export(all.a, "");
	import_ok(all.b, pages, 4, 0);
	json_decref(pages);
	record_close(all.a);
	snprintf(path, sizeof(path), "%s/a.db-key", all.place->dir);
	assert_int_equal(remove(path), 0);
	all.a = open_at(all.place, "a.db");
	treat(all.a, other, "P-2");
	pages = export(all.a, "");
	import_refused(all.b, pages, NULL, PAGE_ITSELF, "another key");
	memset(key, '0', 64);
	key[64] = '\0';
	import_refused(all.c, pages, key, PAGE_ITSELF, "another key");
	snprintf(key, sizeof(key), "%s",
		 text(json_array_get(pages, 0), "key"));
	json_decref(import(all.b, pages, key));
	/* From here on this is its key. */
	import_ok(all.b, pages, 0, 8);
	json_decref(pages);
	clinic_close(&all);
}

/* Times are in milliseconds; of two sessions in the same one none is newer. */
static void next_millisecond(void)
{
	struct timespec begin, now;

	clock_gettime(CLOCK_REALTIME, &begin);
	do
		clock_gettime(CLOCK_REALTIME, &now);
	while (now.tv_sec == begin.tv_sec &&
	       now.tv_nsec / 1000000 == begin.tv_nsec / 1000000);
}

static void the_newest_session_counts_not_the_newest_row(void **state)
{
	struct clinic all = clinic_open(*state);
	char other[RECORD_SESSION_LEN];
	json_t *pages, *answer;

	record_new_session(other);
	treat(all.a, AN_ID, "P-1");
	pages = export(all.a, "");
	next_millisecond();
	treat(all.b, other, "P-1");
	import_ok(all.b, pages, 4, 0);
	json_decref(pages);
	answer = history(all.b, "P-1");
	assert_string_equal(text(json_object_get(answer, "last"), "sessionId"),
			    other);
	json_decref(answer);
	answer = answer_to(all.b, record_list(all.b, 1, 1));
	assert_string_equal(text(json_array_get(json_object_get(answer,
								"sessions"),
						0), "sessionId"), other);
	json_decref(answer);
	clinic_close(&all);
}

static void a_session_open_elsewhere_is_not_closed_here(void **state)
{
	struct clinic all = clinic_open(*state);
	json_t *pages, *answer;
	char *dumped;

	append_ok(all.a, RECORD_SESSION_BEGIN, AN_ID,
		  "{\"area\":\"cheek\",\"patient\":\"P-1\"}");
	append_ok(all.a, RECORD_RUN_INTENT, AN_ID, "{}");
	pages = export(all.a, "");
	import_ok(all.b, pages, 2, 0);
	json_decref(pages);
	record_close(all.b);
	all.b = open_at(all.place, "b.db");
	answer = history(all.b, "P-1");
	assert_string_equal(text(json_object_get(answer, "last"), "endReason"),
			    "open");
	json_decref(answer);
	append_ok(all.a, RECORD_SESSION_END, AN_ID, "{\"reason\":\"stopEnd\"}");
	pages = export(all.a, AN_ID);
	import_ok(all.b, pages, 1, 2);
	json_decref(pages);

	/* While one of our own is open, nothing may take the disk's time. */
	treat(all.a, "22222222-2222-4222-8222-222222222222", "P-2");
	append_ok(all.b, RECORD_SESSION_BEGIN,
		  "33333333-2222-4222-8222-222222222222", "{}");
	pages = export(all.a, "");
	dumped = json_dumps(json_array_get(pages, 0), 0);
	assert_int_equal(record_import(all.b, 1, dumped, NULL), 0);
	assert_int_equal(next_result(all.b).error, -EBUSY);
	free(dumped);
	json_decref(pages);
	clinic_close(&all);
}

/* --- a kiosk that lies: it has a key as well as any other -------------------- */

struct liar {
	struct page page;
	uint8_t secret[CHECKPOINT_SECRET_LEN];
	uint8_t hash[RECORD_HASH_LEN];
};

static struct liar liar_new(void)
{
	struct liar l = { .page = { .until_ms = PAGE_TIME_MAX, .last = true,
				    .through_row = 2 } };

	memset(l.page.origin, 0x77, sizeof(l.page.origin));
	crypto_sign_keypair(l.page.key, l.secret);
	return l;
}

static void lie(struct record *r, const char *kind, const char *body,
		int64_t unix_ms, const char *why)
{
	struct liar l = liar_new();
	struct row row = { .row = 2, .session = row_text(AN_ID),
			   .kind = row_text(kind), .unix_ms = unix_ms,
			   .boot_id = row_text("unknown"),
			   .body = row_text(body), .prev = chain_zero };
	json_t *pages;

	chain_hash(&row, l.hash);
	row.hash = l.hash;
	memcpy(l.page.hashes[0], l.hash, sizeof(l.hash));
	l.page.count = 1;
	page_sign(&l.page, l.secret);
	pages = json_pack("[o]", page_json(&l.page,
					   json_pack("[o]",
						     page_row_json(&row))));
	if (why)
		import_refused(r, pages, NULL, 0, why);
	else
		import_ok(r, pages, 1, 0);
	json_decref(pages);
}

#define FORGED                                                                 \
	"{\"origin\":{\"hash\":\"" ZEROS "\",\"kiosk\":\"" ZEROS "\","          \
	"\"prev\":\"" ZEROS "\",\"root\":\"" ZEROS "\",\"row\":2}}"
#define ZEROS                                                                  \
	"0000000000000000000000000000000000000000000000000000000000000000"

static void what_no_record_holds_is_not_taken_from_a_liar(void **state)
{
	struct clinic all = clinic_open(*state);
	struct record *b = all.b;
	struct row now;

	row_stamp(&now, "");
	lie(b, "sessionBegin", "{\"patient\":\"Jane Doe\"}", 5, "may hold");
	lie(b, "stop", "{\"lastName\":\"Doe\"}", 5, "may hold");
	lie(b, "retention", "{\"throughRow\":9}", 5, "may hold");
	lie(b, "import", "{}", 5, "may hold");
	lie(b, "frobnication", "{}", 5, "does not know");
	lie(b, "stop", "{}", now.unix_ms + 3600000, "time to come");
	lie(b, "stop", FORGED, 5, "names as its origin");
	lie(b, "stop", "{\"b\":1,\"a\":2}", 5, "no record holds");
	lie(b, "stop", "{\"a\":1.5}", 5, "no record holds");
	lie(b, "stop", "[]", 5, "no record holds");
	/* It is the lie that is refused. */
	lie(b, "stop", "{}", 5, NULL);
	clinic_close(&all);
}

/* More rows than are looked at for one page, none of them chosen. */
static void a_page_may_be_empty_and_not_the_last(void **state)
{
	struct clinic all = clinic_open(*state);
	struct record_row row = { RECORD_PROGRESS, NULL, "{}" };
	json_t *pages;

	for (int n = 0; n < 5; n++) {
		for (int i = 0; i < 1000; i++)
			assert_int_equal(record_append(all.a, i, &row), 0);
		for (int i = 0; i < 1000; i++)
			assert_int_equal(next_result(all.a).error, 0);
	}
	pages = pages_of(all.a, "", 0, 1000);
	assert_int_equal(json_array_size(pages), 2);
	import_ok(all.b, pages, 0, 0);
	json_decref(pages);
	pages = export(all.a, "");
	assert_in_range(json_array_size(pages), 5001 / PAGE_ROWS_MAX, 90);
	import_ok(all.b, pages, 0, 0);
	json_decref(pages);
	clinic_close(&all);
}

static void an_export_holds_its_selection_and_no_more(void **state)
{
	struct clinic all = clinic_open(*state);
	struct record_selection what = { .until_unix_ms = PAGE_TIME_MAX };
	json_t *pages, *rows, *row;
	int64_t second;
	size_t i;

	treat(all.a, AN_ID, "P-1");
	pages = export(all.a, AN_ID);
	rows = json_object_get(json_array_get(pages, 0), "rows");
	assert_int_equal(json_array_size(rows), 4);
	second = number(json_array_get(rows, 1), "unixMilliseconds");
	json_decref(pages);
	pages = pages_of(all.a, "", 0, second);
	rows = json_object_get(json_array_get(pages, 0), "rows");
	json_array_foreach(rows, i, row)
		assert_true(number(row, "unixMilliseconds") < second);
	json_decref(pages);
	strcpy(what.session, "44444444-2222-4222-8222-222222222222");
	assert_int_equal(record_export(all.a, 1, &what, 0), 0);
	assert_int_equal(next_result(all.a).error, -ENOENT);
	clinic_close(&all);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(sessions_of_another_kiosk_count_here),
		T(rows_come_home_as_they_went_and_keep_their_way),
		T(a_broken_export_is_refused_whole),
		T(every_flipped_bit_of_a_page_is_found),
		T(pages_follow_each_other_or_are_refused),
		T(a_kiosk_keeps_its_key_or_somebody_vouches),
		T(the_newest_session_counts_not_the_newest_row),
		T(a_session_open_elsewhere_is_not_closed_here),
		T(what_no_record_holds_is_not_taken_from_a_liar),
		T(a_page_may_be_empty_and_not_the_last),
		T(an_export_holds_its_selection_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
