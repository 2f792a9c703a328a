// SPDX-License-Identifier: GPL-2.0-or-later
/* The record as its callers see it: rows, answers, refusals. */
#include "tests/unit/recordtest.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static json_t *get_json(struct record *r, int posted)
{
	struct record_result res;
	json_t *json;

	assert_int_equal(posted, 0);
	res = next_result(r);
	assert_int_equal(res.error, 0);
	assert_non_null(res.json);
	json = json_loads(res.json, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	free(res.json);
	return json;
}

static const char *text(const json_t *json, const char *key)
{
	assert_true(json_is_string(json_object_get(json, key)));
	return json_string_value(json_object_get(json, key));
}

static void a_new_record_is_private_and_has_its_genesis(void **state)
{
	struct place *p = *state;
	struct verify_report rep;
	struct record_info info;
	struct record *r;
	struct stat st;
	mode_t before;

	before = umask(0);
	r = open_ok(p, &info);
	umask(before);
	assert_true(info.created);
	assert_int_equal(info.rows, 1);
	assert_int_equal(info.interrupted, 0);
	assert_true(record_writable(r));
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	record_close(r);
	verify_path(p->path, NULL, &rep);
	assert_int_equal(rep.damage, VERIFY_INTACT);
	assert_int_equal(rep.rows, 1);
	assert_memory_equal(rep.head, info.head, 32);
	r = open_ok(p, &info);
	assert_false(info.created);
	record_close(r);
}

static void results_come_in_order_with_their_rows(void **state)
{
	struct place *p = *state;
	struct record_row row = { RECORD_STOP, NULL, "{}" };
	struct pollfd fd = { .events = POLLIN };
	struct record_result res;
	struct record *r = open_ok(p, NULL);

	for (uint64_t i = 0; i < 100; i++)
		assert_int_equal(record_append(r, 1000 + i, &row), 0);
	for (uint64_t i = 0; i < 100; i++) {
		res = next_result(r);
		assert_int_equal(res.id, 1000 + i);
		assert_int_equal(res.error, 0);
		assert_int_equal(res.row, 2 + i);
	}
	assert_false(record_next(r, &res));
	fd.fd = record_fd(r);
	assert_int_equal(poll(&fd, 1, 0), 0);
	record_close(r);
}

static void close_writes_what_was_accepted(void **state)
{
	struct place *p = *state;
	struct record_row row = { RECORD_STOP, NULL, "{}" };
	struct record_info info;
	struct record *r = open_ok(p, NULL);

	for (int i = 0; i < 500; i++)
		assert_int_equal(record_append(r, i, &row), 0);
	record_close(r);
	r = open_ok(p, &info);
	assert_int_equal(info.rows, 501);
	record_close(r);
}

static void a_full_queue_refuses_and_then_takes_again(void **state)
{
	struct place *p = *state;
	struct record_row row = { RECORD_PROGRESS, NULL, "{}" };
	struct record *r = open_ok(p, NULL);
	int ret;

	/* Results count until they are collected, so this must fill it. */
	for (int i = 0; i < RECORD_QUEUE_MAX / 2; i++)
		assert_int_equal(record_append(r, i, &row), 0);
	/* Questions must leave room for rows. */
	assert_int_equal(record_list(r, 1, 1), -EAGAIN);
	assert_int_equal(record_session(r, 1, AN_ID), -EAGAIN);
	assert_int_equal(record_verify(r, 1), -EAGAIN);
	for (int i = 0; i < RECORD_QUEUE_MAX / 2; i++)
		assert_int_equal(record_append(r, i, &row), 0);
	assert_int_equal(record_append(r, 9, &row), -EAGAIN);
	for (int i = 0; i < RECORD_QUEUE_MAX; i++) {
		assert_int_equal(next_result(r).error, 0);
		if (i == 0) {
			ret = record_append(r, 9, &row);
			assert_int_equal(ret, 0);
		}
	}
	assert_int_equal(next_result(r).id, 9);
	record_close(r);
}

static void malformed_rows_are_refused_at_once(void **state)
{
	static const char *const bodies[] = {
		NULL,
		"",
		"[]",
		"1",
		"{",
		"{\"a\":1,\"a\":2}",
		"{\"a\":1.5}",
		"{\"a\":1e3}",
		"{\"a\":[{\"b\":0.0}]}",
		"{\"a\":NaN}",
		"{}{}",
		"{'a':1}",
		"{\"a\":\"\\u0000\"}",
		"{\"a\":\"\xff\"}",
		"{\"a\":9223372036854775808}",
		/* 17 levels */
		"{\"a\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}",
	};
	static const char *const ids[] = {
		"",
		"x",
		"11111111-2222-4333-8444-55555555555",
		"11111111-2222-4333-8444-5555555555555",
		"11111111-2222-4333-8444-55555555555G",
		"11111111-2222-4333-8444-55555555555A",
		"11111111x2222-4333-8444-555555555555",
	};
	struct place *p = *state;
	struct record_row row = { .kind = RECORD_STOP };
	struct record *r = open_ok(p, NULL);
	char *large = malloc(RECORD_BODY_MAX + 10);

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		row.body = bodies[i];
		assert_int_equal(record_append(r, 1, &row), -EINVAL);
	}
	memset(large, ' ', RECORD_BODY_MAX + 10);
	memcpy(large, "{}", 2);
	large[RECORD_BODY_MAX + 1] = '\0';
	row.body = large;
	assert_int_equal(record_append(r, 1, &row), -EINVAL);
	large[RECORD_BODY_MAX] = '\0';
	append_ok(r, RECORD_STOP, NULL, large);
	free(large);

	row.body = "{}";
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		row.session = ids[i];
		assert_int_equal(record_append(r, 1, &row), -EINVAL);
	}
	row.session = NULL;
	row.kind = RECORD_GENESIS;
	assert_int_equal(record_append(r, 1, &row), -EINVAL);
	row.kind = RECORD_KINDS;
	assert_int_equal(record_append(r, 1, &row), -EINVAL);
	/* 16 levels are allowed. */
	append_ok(r, RECORD_STOP, NULL,
		  "{\"a\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}");
	record_close(r);
}

static void bodies_are_stored_compact_and_sorted(void **state)
{
	struct place *p = *state;
	struct record *r = open_ok(p, NULL);
	sqlite3_stmt *stmt;
	sqlite3 *db;

	append_ok(r, RECORD_STOP, AN_ID, " { \"b\" : [1, 2],\n \"a\" : {} } ");
	record_close(r);
	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	sqlite3_prepare_v2(db, "SELECT body FROM record WHERE row = 2", -1,
			   &stmt, NULL);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(stmt, 0),
			    "{\"a\":{},\"b\":[1,2]}");
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

/* Two sessions, the rows of one among those of the other. */
static void two_sessions(struct record *r, const char *a, const char *b)
{
	append_ok(r, RECORD_SESSION_BEGIN, a,
		  "{\"area\":\"cheek\",\"concern\":\"acneScar\"}");
	append_ok(r, RECORD_RUN_INTENT, a, "{}");
	append_ok(r, RECORD_PROGRESS, a,
		  "{\"strokes\":10,\"motorMilliseconds\":100}");
	append_ok(r, RECORD_SESSION_BEGIN, b, "{\"area\":\"chin\"}");
	append_ok(r, RECORD_RUN_END, a,
		  "{\"strokes\":30,\"motorMilliseconds\":300}");
	append_ok(r, RECORD_RUN_INTENT, a, "{}");
	append_ok(r, RECORD_RUN_END, a,
		  "{\"strokes\":50,\"motorMilliseconds\":500}");
	/* An intent that came to nothing is no run. */
	append_ok(r, RECORD_RUN_INTENT, a, "{}");
	append_ok(r, RECORD_SESSION_END, a, "{\"reason\":\"end\",\"runs\":2}");
}

static void a_list_has_a_summary_of_each_session(void **state)
{
	struct place *p = *state;
	struct record *r = open_ok(p, NULL);
	char a[RECORD_SESSION_LEN], b[RECORD_SESSION_LEN];
	json_t *answer, *list, *one;

	record_new_session(a);
	record_new_session(b);
	two_sessions(r, a, b);
	answer = get_json(r, record_list(r, 1, 10));
	list = json_object_get(answer, "sessions");
	assert_int_equal(json_array_size(list), 2);
	one = json_array_get(list, 0);
	assert_string_equal(text(one, "sessionId"), b);
	assert_string_equal(text(one, "state"), "open");
	assert_string_equal(text(one, "concern"), "");
	assert_string_equal(text(one, "endReason"), "");
	one = json_array_get(list, 1);
	assert_string_equal(text(one, "sessionId"), a);
	assert_string_equal(text(one, "area"), "cheek");
	assert_string_equal(text(one, "concern"), "acneScar");
	assert_string_equal(text(one, "state"), "ended");
	assert_string_equal(text(one, "endReason"), "end");
	assert_int_equal(number(one, "runs"), 2);
	assert_int_equal(number(one, "strokes"), 50);
	assert_int_equal(number(one, "motorMilliseconds"), 500);
	assert_true(number(one, "beginUnixMilliseconds") > 1600000000000);
	json_decref(answer);

	answer = get_json(r, record_list(r, 1, 1));
	list = json_object_get(answer, "sessions");
	assert_int_equal(json_array_size(list), 1);
	json_decref(answer);
	record_close(r);
}

static json_t *history(struct record *r, const char *patient, const char *area,
		       const char *cartridge)
{
	struct record_about about = { .area = "" };

	snprintf(about.patient, sizeof(about.patient), "%s", patient);
	snprintf(about.area, sizeof(about.area), "%s", area);
	snprintf(about.cartridge, sizeof(about.cartridge), "%s", cartridge);
	return get_json(r, record_history(r, 9, &about));
}

static bool used(struct record *r, const char *cartridge)
{
	json_t *answer = history(r, "", "", cartridge);
	bool yes = json_is_true(json_object_get(answer, "cartridgeUsed"));

	json_decref(answer);
	return yes;
}

/* Invariant 30: an intent on disk uses the cartridge up. */
static void a_cartridge_is_used_from_its_first_intent_on(void **state)
{
	struct place *p = *state;
	struct record *r = open_ok(p, NULL);
	char a[RECORD_SESSION_LEN];

	record_new_session(a);
	append_ok(r, RECORD_SESSION_BEGIN, a, "{\"cartridge\":\"A/1\"}");
	assert_false(used(r, "A/1"));
	append_ok(r, RECORD_RUN_INTENT, a, "{\"cartridge\":\"A/1\"}");
	assert_true(used(r, "A/1"));
	assert_false(used(r, "A/2"));
	assert_false(used(r, ""));
	record_close(r);
	r = open_ok(p, NULL);
	assert_true(used(r, "A/1"));
	record_close(r);
}

/* Hazard H37: the newest of this patient and area that was to run. */
static void the_last_session_of_patient_and_area_is_found(void **state)
{
	struct place *p = *state;
	struct record *r = open_ok(p, NULL);
	json_t *answer, *last;
	char id[4][RECORD_SESSION_LEN];
	int i;

	answer = history(r, "P", "chin", "");
	assert_true(json_is_null(json_object_get(answer, "last")));
	assert_true(json_is_null(json_object_get(answer, "accepted")));
	assert_true(json_is_integer(json_object_get(answer,
						    "offsetMilliseconds")));
	json_decref(answer);
	for (i = 0; i < 4; i++)
		record_new_session(id[i]);
	append_ok(r, RECORD_SESSION_BEGIN, id[0],
		  "{\"patient\":\"P\",\"area\":\"chin\",\"depthMicrometres\":900}");
	append_ok(r, RECORD_RUN_INTENT, id[0], "{}");
	append_ok(r, RECORD_RUN_END, id[0],
		  "{\"areaPunctures\":700,\"depthPeakMicrometres\":950}");
	append_ok(r, RECORD_SESSION_END, id[0],
		  "{\"areaPunctures\":710,\"reason\":\"stopEnd\"}");
	/* Another area, another patient, and one that never ran. */
	append_ok(r, RECORD_SESSION_BEGIN, id[1],
		  "{\"patient\":\"P\",\"area\":\"nose\"}");
	append_ok(r, RECORD_RUN_INTENT, id[1], "{}");
	append_ok(r, RECORD_SESSION_BEGIN, id[2],
		  "{\"patient\":\"Q\",\"area\":\"chin\"}");
	append_ok(r, RECORD_RUN_INTENT, id[2], "{}");
	append_ok(r, RECORD_SESSION_BEGIN, id[3],
		  "{\"patient\":\"P\",\"area\":\"chin\"}");
	answer = history(r, "P", "chin", "");
	last = json_object_get(answer, "last");
	assert_string_equal(text(last, "sessionId"), id[0]);
	assert_string_equal(text(last, "endReason"), "stopEnd");
	assert_int_equal(number(last, "areaPunctures"), 710);
	assert_int_equal(number(last, "depthMicrometres"), 950);
	assert_true(number(last, "endUnixMilliseconds") > 1600000000000);
	assert_true(json_is_true(json_object_get(
		json_object_get(answer, "accepted"), "sameBoot")));
	json_decref(answer);
	answer = history(r, "Q", "chin", "");
	assert_string_equal(text(json_object_get(answer, "last"), "endReason"),
			    "open");
	json_decref(answer);
	record_close(r);
}

static void a_session_is_answered_with_its_own_rows(void **state)
{
	struct place *p = *state;
	struct record *r = open_ok(p, NULL);
	struct record_result res;
	json_t *answer, *rows, *one;
	char a[RECORD_SESSION_LEN];

	record_new_session(a);
	two_sessions(r, a, AN_ID);
	answer = get_json(r, record_session(r, 2, a));
	assert_string_equal(text(answer, "sessionId"), a);
	rows = json_object_get(answer, "rows");
	assert_int_equal(json_array_size(rows), 8);
	one = json_array_get(rows, 3);
	assert_int_equal(number(one, "row"), 6);
	assert_string_equal(text(one, "kind"), "runEnd");
	assert_int_equal(number(json_object_get(one, "body"), "strokes"), 30);
	assert_int_equal(strlen(text(one, "hash")), 64);
	json_decref(answer);

	record_new_session(a);
	assert_int_equal(record_session(r, 3, a), 0);
	res = next_result(r);
	assert_int_equal(res.error, -ENOENT);
	assert_null(res.json);
	assert_int_equal(record_session(r, 3, "no uuid"), 0);
	assert_int_equal(next_result(r).error, -ENOENT);
	record_close(r);
}

/* Invariant 37. */
static void an_open_session_is_closed_with_its_last_counters(void **state)
{
	struct place *p = *state;
	struct record_info info;
	struct record *r = open_ok(p, NULL);
	json_t *answer, *rows, *last;

	append_ok(r, RECORD_SESSION_BEGIN, AN_ID, "{\"area\":\"cheek\"}");
	append_ok(r, RECORD_RUN_INTENT, AN_ID, "{}");
	append_ok(r, RECORD_PROGRESS, AN_ID,
		  "{\"strokes\":7,\"motorMilliseconds\":70}");
	append_ok(r, RECORD_PROGRESS, AN_ID,
		  "{\"strokes\":9,\"motorMilliseconds\":90}");
	append_ok(r, RECORD_STOP, AN_ID, "{\"strokes\":0}");
	record_close(r);

	r = open_ok(p, &info);
	assert_int_equal(info.interrupted, 1);
	assert_int_equal(info.rows, 7);
	answer = get_json(r, record_session(r, 2, AN_ID));
	rows = json_object_get(answer, "rows");
	last = json_array_get(rows, json_array_size(rows) - 1);
	assert_string_equal(text(last, "kind"), "interrupted");
	last = json_object_get(last, "body");
	assert_int_equal(number(last, "strokes"), 9);
	assert_int_equal(number(last, "motorMilliseconds"), 90);
	assert_int_equal(number(last, "countersRow"), 5);
	assert_true(json_is_true(json_object_get(last, "motorMayHaveRun")));
	json_decref(answer);
	answer = get_json(r, record_list(r, 2, 1));
	last = json_array_get(json_object_get(answer, "sessions"), 0);
	assert_string_equal(text(last, "state"), "interrupted");
	assert_string_equal(text(last, "endReason"), "interrupted");
	assert_int_equal(number(last, "strokes"), 9);
	json_decref(answer);
	record_close(r);
	/* Once is enough. */
	r = open_ok(p, &info);
	assert_int_equal(info.interrupted, 0);
	assert_int_equal(info.rows, 7);
	record_close(r);
}

static void verify_answers_from_the_file_not_from_memory(void **state)
{
	struct place *p = *state;
	struct record *r = open_ok(p, NULL);
	char page[4096], *hit;
	json_t *answer;
	FILE *file;
	long at;

	append_ok(r, RECORD_STOP, NULL, "{\"who\":\"needle-in-hay\"}");
	record_close(r);
	r = open_ok(p, NULL);
	answer = get_json(r, record_verify(r, 1));
	assert_true(json_is_true(json_object_get(answer, "intact")));
	assert_int_equal(number(answer, "rows"), 2);
	assert_int_equal(strlen(text(answer, "head")), 64);
	assert_true(json_is_null(json_object_get(answer, "firstBadRow")));
	assert_true(json_is_null(json_object_get(answer, "damage")));
	json_decref(answer);

	file = fopen(p->path, "r+");
	assert_non_null(file);
	do {
		at = ftell(file);
		assert_int_equal(fread(page, sizeof(page), 1, file), 1);
		hit = memmem(page, sizeof(page), "needle-in-hay", 13);
	} while (!hit);
	assert_int_equal(fseek(file, at + (hit - page), SEEK_SET), 0);
	fputc('N', file);
	/* This closes a descriptor of the locked file: last thing we do. */
	fclose(file);
	answer = get_json(r, record_verify(r, 1));
	assert_false(json_is_true(json_object_get(answer, "intact")));
	assert_int_equal(number(answer, "firstBadRow"), 2);
	assert_string_equal(text(answer, "damage"),
			    "row edited: its hash does not match its content");
	json_decref(answer);
	record_close(r);
}

/* A verify of a long record is answered in slices between other work. */
static void verify_in_slices_sees_every_row(void **state)
{
	struct place *p = *state;
	struct record_row row = { RECORD_PROGRESS, NULL, "{}" };
	struct record *r = open_ok(p, NULL);
	struct record_result res;
	bool seen = false;
	json_t *answer;

	for (int n = 0; n < 6; n++) {
		for (int i = 0; i < 1000; i++)
			assert_int_equal(record_append(r, i, &row), 0);
		for (int i = 0; i < 1000; i++)
			assert_int_equal(next_result(r).error, 0);
	}
	assert_int_equal(record_verify(r, 5000), 0);
	for (int i = 0; i < 20; i++)
		assert_int_equal(record_append(r, i, &row), 0);
	for (int i = 0; i < 21; i++) {
		res = next_result(r);
		assert_int_equal(res.error, 0);
		if (!res.json)
			continue;
		answer = json_loads(res.json, 0, NULL);
		assert_true(json_is_true(json_object_get(answer, "intact")));
		assert_in_range(number(answer, "rows"), 6001, 6021);
		json_decref(answer);
		free(res.json);
		seen = true;
	}
	assert_true(seen);
	record_close(r);
}

static void rows_cannot_be_changed_through_sql(void **state)
{
	static const char *const attacks[] = {
		"UPDATE record SET body = '{}' WHERE row = 2",
		"UPDATE record SET row = 9 WHERE row = 2",
		"DELETE FROM record WHERE row = 2",
		"DELETE FROM record",
		"INSERT OR REPLACE INTO record SELECT 2, session, kind, "
		"unix_ms,"
		" 0, boot_id, monotonic_ms, body, prev, hash FROM record"
		" WHERE row = 3",
		"INSERT INTO record SELECT 9, session, kind, unix_ms, 0,"
		" boot_id, monotonic_ms, body, prev, hash FROM record"
		" WHERE row = 3",
		"INSERT INTO record SELECT NULL, session, kind, unix_ms, 0,"
		" boot_id, monotonic_ms, body, prev, hash FROM record"
		" WHERE row = 3",
	};
	struct place *p = *state;
	struct verify_report rep;
	struct record *r = open_ok(p, NULL);
	sqlite3 *db;

	append_ok(r, RECORD_STOP, NULL, "{\"a\":1}");
	append_ok(r, RECORD_STOP, NULL, "{\"a\":2}");
	record_close(r);
	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		assert_int_equal(sqlite3_exec(db, attacks[i], 0, 0, NULL),
				 SQLITE_CONSTRAINT);
		assert_string_equal(sqlite3_errmsg(db),
				    "the record is append-only");
	}
	sqlite3_close(db);
	verify_path(p->path, NULL, &rep);
	assert_int_equal(rep.damage, VERIFY_INTACT);
	assert_int_equal(rep.rows, 3);
}

static void expect_refusal(const char *path, int want, const char *says)
{
	char error[RECORD_ERROR_LEN];
	struct record_info info;
	struct record *r;

	assert_int_equal(record_open(path, &r, &info, error), want);
	assert_null(r);
	if (!strstr(error, says))
		fail_msg("error is: %s", error);
}

static char *slurp(const char *path, size_t *len)
{
	FILE *file = fopen(path, "r");
	char *data = malloc(1 << 20);

	assert_non_null(file);
	*len = fread(data, 1, 1 << 20, file);
	fclose(file);
	return data;
}

static void refused_untouched(const char *path, int want, const char *says)
{
	size_t before_len, after_len;
	char *before = slurp(path, &before_len), *after;

	expect_refusal(path, want, says);
	after = slurp(path, &after_len);
	assert_int_equal(before_len, after_len);
	assert_memory_equal(before, after, before_len);
	free(before);
	free(after);
}

static void sql(const char *path, const char *text_)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text_, 0, 0, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void other_files_are_refused_untouched(void **state)
{
	struct place *p = *state;
	FILE *file;

	record_close(open_ok(p, NULL));
	sql(p->path, "PRAGMA user_version = 3");
	refused_untouched(p->path, -EPROTO, "install a newer mnpend");
	remove_record(p);

	sql(p->path, "CREATE TABLE t(a); PRAGMA user_version = 1");
	refused_untouched(p->path, -EUCLEAN, "not a record");
	remove_record(p);

	file = fopen(p->path, "w");
	for (int i = 0; i < 1000; i++)
		fputs("this is no database\n", file);
	fclose(file);
	refused_untouched(p->path, -EUCLEAN, "put a good copy");
	remove_record(p);

	record_close(open_ok(p, NULL));
	sql(p->path, "DROP TRIGGER record_no_delete; DELETE FROM record");
	refused_untouched(p->path, -EUCLEAN, "broken at row 1, row missing");
}

static void a_missing_directory_and_a_second_daemon_are_named(void **state)
{
	struct place *p = *state;
	struct record *r = open_ok(p, NULL);

	expect_refusal(p->path, -EBUSY, "stop the other program");
	/* Nor did the refusal break the lock or the record. */
	append_ok(r, RECORD_STOP, NULL, "{}");
	record_close(r);
	expect_refusal("/nonexistent-dir/record.db", -ENOENT,
		       "create the directory /nonexistent-dir");
	expect_refusal(p->dir, -EISDIR, "Is a directory");
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_new_record_is_private_and_has_its_genesis),
		T(results_come_in_order_with_their_rows),
		T(close_writes_what_was_accepted),
		T(a_full_queue_refuses_and_then_takes_again),
		T(malformed_rows_are_refused_at_once),
		T(bodies_are_stored_compact_and_sorted),
		T(a_list_has_a_summary_of_each_session),
		T(a_cartridge_is_used_from_its_first_intent_on),
		T(the_last_session_of_patient_and_area_is_found),
		T(a_session_is_answered_with_its_own_rows),
		T(an_open_session_is_closed_with_its_last_counters),
		T(verify_answers_from_the_file_not_from_memory),
		T(verify_in_slices_sees_every_row),
		T(rows_cannot_be_changed_through_sql),
		T(other_files_are_refused_untouched),
		T(a_missing_directory_and_a_second_daemon_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
