// SPDX-License-Identifier: GPL-2.0-or-later
/* Kinds of rows, what rules ask of the past, raw telemetry, backups. */
#include "tests/unit/recordtest.h"

#include <errno.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/record/block.h"
#include "daemon/record/readonly.h"
#include "daemon/record/reserve.h"

static void bodies_of_each_kind_hold_what_they_must(void **state)
{
	static const struct {
		enum record_kind kind;
		const char *good, *bad;
	} cases[] = {
		{ RECORD_ALARM,
		  "{\"alarm\":\"stall\",\"priority\":\"high\",\"state\":"
		  "\"raised\"}",
		  "{\"alarm\":\"stall\",\"priority\":\"loud\",\"state\":"
		  "\"raised\"}" },
		{ RECORD_OVERRIDE,
		  "{\"overridden\":\"hard density\",\"reason\":\"scar\","
		  "\"operator\":\"dr-1\",\"oldValue\":1,\"newValue\":2}",
		  "{\"overridden\":\"hard density\",\"reason\":\"\","
		  "\"operator\":\"dr-1\"}" },
		{ RECORD_SCREENING, "{\"answers\":[]}", "{\"answers\":{}}" },
		{ RECORD_CONSENT,
		  "{\"patient\":\"P-1\",\"reference\":\"C-7\",\"given\":true}",
		  "{\"patient\":\"P-1\",\"reference\":\"C-7\"}" },
		{ RECORD_CARTRIDGE,
		  "{\"cartridge\":\"01\",\"singleUse\":\"proven\"}",
		  "{\"cartridge\":\"01\",\"singleUse\":\"sure\"}" },
		{ RECORD_COURSE,
		  "{\"course\":\"c\",\"patient\":\"P-1\",\"concern\":"
		  "\"fine_lines\",\"plannedSessions\":4}",
		  "{\"course\":\"c\",\"patient\":\"P-1\",\"concern\":"
		  "\"fine_lines\",\"plannedSessions\":-1}" },
		{ RECORD_TELEMETRY,
		  "{\"run\":1,\"records\":9,\"fields\":{}}",
		  "{\"run\":1,\"records\":9}" },
		{ RECORD_ADVERSE_EVENT,
		  "{\"promptHours\":24,\"happened\":false}",
		  "{\"promptHours\":25,\"happened\":false}" },
		{ RECORD_ADVERSE_EVENT,
		  "{\"promptHours\":0,\"happened\":true,\"code\":\"redness\","
		  "\"severity\":\"mild\",\"outcome\":\"gone\"}",
		  "{\"promptHours\":0,\"happened\":true}" },
		{ RECORD_AMENDMENT,
		  "{\"amends\":3,\"reason\":\"typo\",\"operator\":\"a\"}",
		  "{\"amends\":3,\"operator\":\"a\"}" },
		/* Nothing that is made here says it was made elsewhere. */
		{ RECORD_SESSION_BEGIN, "{\"concern\":\"origin\"}",
		  "{\"origin\":{\"kiosk\":\"00\"}}" },
		/* Patients are pseudonyms, whatever the kind. */
		{ RECORD_SESSION_BEGIN, "{\"patient\":\"P-1\"}",
		  "{\"patient\":\"Jane Doe\"}" },
		{ RECORD_SESSION_BEGIN, "{\"patient\":null}",
		  "{\"patient\":\"jane@example\"}" },
		{ RECORD_STOP, "{\"peer\":{\"uid\":1}}",
		  "{\"peer\":{\"lastName\":\"Doe\"}}" },
	};
	static const enum record_kind own[] = {
		RECORD_GENESIS,	  RECORD_MIGRATED, RECORD_KEY,
		RECORD_RECOVERED, RECORD_BLOCK,	   RECORD_RETENTION,
	};
	struct place *p = *state;
	struct record *r = open_ok(p, NULL);
	struct record_row row = { .session = AN_ID };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		append_ok(r, cases[i].kind, AN_ID, cases[i].good);
		row.kind = cases[i].kind;
		row.body = cases[i].bad;
		if (record_append(r, 1, &row) != -EINVAL)
			fail_msg("accepted: %s", cases[i].bad);
	}
	row.body = "{}";
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		row.kind = own[i];
		assert_int_equal(record_append(r, 1, &row), -EINVAL);
	}
	record_close(r);
}

static void treated(struct record *r, const char *id, const char *area,
		    const char *patient, int depth_um)
{
	char body[200];

	snprintf(body, sizeof(body),
		 "{\"area\":\"%s\",\"concern\":\"texture_tone\","
		 "\"patient\":\"%s\"}", area, patient);
	append_ok(r, RECORD_SESSION_BEGIN, id, body);
	snprintf(body, sizeof(body), "{\"depthMicrometres\":%d}", depth_um);
	append_ok(r, RECORD_RUN_INTENT, id, body);
}

static void treatments_name_each_area_and_its_deepest_run(void **state)
{
	struct place *p = *state;
	struct record *r = open_ok(p, NULL);
	char b[RECORD_SESSION_LEN], c[RECORD_SESSION_LEN];
	json_t *answer, *list;

	record_new_session(b);
	record_new_session(c);
	treated(r, AN_ID, "cheek", "P-1", 300);
	append_ok(r, RECORD_RUN_INTENT, AN_ID,
		  "{\"area\":\"chin\",\"depthMicrometres\":200}");
	append_ok(r, RECORD_RUN_INTENT, AN_ID, "{\"depthMicrometres\":500}");
	append_ok(r, RECORD_SESSION_END, AN_ID, "{}");
	treated(r, b, "cheek", "P-2", 900);
	/* Begun, never run: no treatment. */
	append_ok(r, RECORD_SESSION_BEGIN, c,
		  "{\"area\":\"cheek\",\"patient\":\"P-1\"}");
	answer = answer_to(r, record_treatments(r, 1, "P-1"));
	list = json_object_get(answer, "treatments");
	assert_int_equal(json_array_size(list), 2);
	assert_int_equal(number(json_array_get(list, 0), "deepestMicrometres"),
			 500);
	assert_int_equal(number(json_array_get(list, 0), "runs"), 2);
	assert_int_equal(number(json_array_get(list, 1), "deepestMicrometres"),
			 200);
	json_decref(answer);
	answer = answer_to(r, record_treatments(r, 1, "P-3"));
	assert_int_equal(json_array_size(json_object_get(answer,
							 "treatments")), 0);
	json_decref(answer);
	record_close(r);
}

#define HOUR INT64_C(3600000)

static void follow_up_forms_are_due_until_they_are_filled(void **state)
{
	struct place *p = *state;
	struct record *r = open_ok(p, NULL);
	int64_t ended = 0;
	json_t *answer, *list;

	treated(r, AN_ID, "cheek", "P-1", 300);
	append_ok(r, RECORD_SESSION_END, AN_ID, "{}");
	answer = answer_to(r, record_session(r, 1, AN_ID));
	ended = number(json_array_get(json_object_get(answer, "rows"), 2),
		       "unixMilliseconds");
	json_decref(answer);

	for (int n = 0; n <= 3; n++) {
		static const int hours[] = { 23, 24, 168, 720 };

		answer = answer_to(r, record_due(r, 1, ended + hours[n] * HOUR));
		list = json_object_get(answer, "prompts");
		assert_int_equal(json_array_size(list), n);
		json_decref(answer);
	}
	append_ok(r, RECORD_ADVERSE_EVENT, AN_ID,
		  "{\"promptHours\":168,\"happened\":false}");
	answer = answer_to(r, record_due(r, 1, ended + 720 * HOUR));
	list = json_object_get(answer, "prompts");
	assert_int_equal(json_array_size(list), 2);
	assert_int_equal(number(json_array_get(list, 0), "promptHours"), 24);
	assert_int_equal(number(json_array_get(list, 1), "promptHours"), 720);
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(list, 0), "patient")),
			    "P-1");
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(list, 0), "area")),
			    "cheek");
	assert_int_equal(number(json_array_get(list, 0),
				"endUnixMilliseconds"), ended);
	json_decref(answer);
	record_close(r);
}

/* What is to be noted elsewhere is what the checker finds. */
static void the_head_is_the_one_that_verifies(void **state)
{
	struct place *p = *state;
	struct record *r = open_ok(p, NULL);
	json_t *head, *verdict, *first;

	treated(r, AN_ID, "cheek", "P-1", 300);
	append_ok(r, RECORD_SESSION_END, AN_ID, "{}");
	head = answer_to(r, record_head(r, 1));
	verdict = answer_to(r, record_verify(r, 1));
	assert_int_equal(number(head, "rows"), number(verdict, "rows"));
	assert_int_equal(number(head, "signedRows"), number(head, "rows"));
	assert_true(json_equal(json_object_get(head, "head"),
			       json_object_get(verdict, "head")));
	assert_true(json_equal(json_object_get(head, "publicKey"),
			       json_object_get(verdict, "publicKey")));
	first = answer_to(r, record_export(r, 1, &(struct record_selection){
					  .until_unix_ms = INT64_MAX }, 0));
	assert_true(json_equal(json_object_get(head, "origin"),
			       json_object_get(first, "origin")));
	json_decref(first);
	json_decref(verdict);
	json_decref(head);
	record_close(r);
}

static int block(struct record *r, const char *data, size_t len)
{
	struct record_result res;
	int ret = record_block(r, 5, AN_ID, "{\"run\":1}", data, len);

	if (ret)
		return ret;
	res = next_result(r);
	assert_int_equal(res.error, 0);
	return (int)res.row;
}

static void check_block(const struct place *p, int row, const char *want,
			size_t len)
{
	char error[100];
	uint8_t *data;
	sqlite3 *db;
	size_t got;
	int ret;

	assert_int_equal(readonly_open(p->path, &db, error, sizeof(error)), 0);
	ret = block_unpack(db, row, &data, &got);
	assert_int_equal(ret, want ? 0 : -ENOENT);
	if (want) {
		assert_int_equal(got, len);
		assert_memory_equal(data, want, len);
		free(data);
	}
	sqlite3_close(db);
}

static void raw_telemetry_goes_when_it_may_and_no_sooner(void **state)
{
	static char raw[20000];
	struct place *p = *state;
	struct record *r = open_ok(p, NULL);
	struct verify_report rep;
	json_t *answer;
	sqlite3 *db;
	int row;

	memset(raw, 'r', sizeof(raw));
	assert_int_equal(block(r, raw, 0), -EINVAL);
	row = block(r, raw, sizeof(raw));
	record_close(r);
	check_block(p, row, raw, sizeof(raw));
	verify_path(p->path, NULL, &rep);
	assert_int_equal(rep.damage, VERIFY_INTACT);

	/* Not by SQL, before a row of the record says so. */
	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "DELETE FROM block", 0, 0, NULL),
			 SQLITE_CONSTRAINT);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	assert_int_equal(sqlite3_exec(db, "UPDATE block SET data = x'00'", 0,
				      0, NULL), SQLITE_OK);
	sqlite3_close(db);
	verify_path(p->path, NULL, &rep);
	assert_int_equal(rep.damage, VERIFY_BLOCK);
	assert_int_equal(rep.bad_row, row);
	remove_record(p);

	r = open_ok(p, NULL);
	row = block(r, raw, sizeof(raw));
	answer = answer_to(r, record_retain(r, 1, 1000));
	assert_int_equal(number(answer, "throughRow"), 0);
	json_decref(answer);
	answer = answer_to(r, record_retain(r, 1, INT64_MAX));
	assert_int_equal(number(answer, "throughRow"), row);
	json_decref(answer);
	record_close(r);
	check_block(p, row, NULL, 0);
	verify_path(p->path, NULL, &rep);
	assert_int_equal(rep.damage, VERIFY_INTACT);
}

static void raw_telemetry_is_read_again_while_it_is_there(void **state)
{
	static const char lines[] = "1,2,3\n4,5,6\n";
	struct record *r = open_ok(*state, NULL);
	int row = block(r, lines, sizeof(lines) - 1);
	struct record_result res;
	json_t *answer;

	answer = answer_to(r, record_telemetry(r, 1, row));
	assert_string_equal(json_string_value(json_object_get(answer,
							      "lines")),
			    lines);
	json_decref(answer);
	/* No block: the first row. */
	assert_int_equal(record_telemetry(r, 1, 1), 0);
	res = next_result(r);
	assert_int_equal(res.error, -EINVAL);
	assert_null(res.json);
	answer = answer_to(r, record_retain(r, 1, INT64_MAX));
	json_decref(answer);
	answer = answer_to(r, record_telemetry(r, 1, row));
	assert_true(json_is_null(json_object_get(answer, "lines")));
	json_decref(answer);
	/* Bytes that are no text. */
	row = block(r, "\xff\xfe", 2);
	assert_int_equal(record_telemetry(r, 1, row), 0);
	res = next_result(r);
	assert_int_equal(res.error, -EILSEQ);
	record_close(r);
}

static void a_backup_made_while_rows_come_is_whole(void **state)
{
	struct place *p = *state;
	struct record *r = open_ok(p, NULL);
	struct record_row row = { RECORD_PROGRESS, NULL, "{}" };
	struct record_result res;
	struct verify_report rep;
	struct record_info info;
	json_t *answer = NULL;
	char copy[128];

	for (int n = 0; n < 5; n++) {
		for (int i = 0; i < 1000; i++)
			assert_int_equal(record_append(r, i, &row), 0);
		for (int i = 0; i < 1000; i++)
			assert_int_equal(next_result(r).error, 0);
	}
	snprintf(copy, sizeof(copy), "%s-copy", p->path);
	assert_int_equal(record_backup(r, 5000, copy), 0);
	for (int i = 0; i < 200; i++)
		assert_int_equal(record_append(r, i, &row), 0);
	for (int i = 0; i < 201; i++) {
		res = next_result(r);
		assert_int_equal(res.error, 0);
		if (res.id == 5000)
			answer = json_loads(res.json, 0, NULL);
		free(res.json);
	}
	assert_in_range(number(answer, "rows"), 5001, 5201);
	verify_path(copy, json_string_value(json_object_get(answer, "head")),
		    &rep);
	assert_int_equal(rep.damage, VERIFY_INTACT);
	assert_int_equal(rep.rows, number(answer, "rows"));
	assert_true(rep.signed_rows >= 5001);
	json_decref(answer);
	/* Nothing is ever overwritten. */
	assert_int_equal(record_backup(r, 1, copy), 0);
	assert_int_equal(next_result(r).error, -EEXIST);
	record_close(r);

	/* Restored as the manual says: set aside, copied, opened. */
	remove_record(p);
	snprintf(copy, sizeof(copy), "%s-copy", p->path);
	assert_int_equal(rename(copy, p->path), 0);
	r = open_ok(p, &info);
	assert_false(info.created);
	/* That the head file was missing is in the record now. */
	assert_int_equal(info.rows, rep.rows + 1);
	record_close(r);
}

static void a_record_in_use_is_not_set_aside(void **state)
{
	struct place *p = *state;
	struct record *r = open_ok(p, NULL);
	struct record_info info;
	char name[200], tail[210];
	struct stat st;
	pid_t pid;

	/* Locks are between processes. */
	pid = fork();
	if (!pid)
		_exit(-record_set_aside(p->path, name, sizeof(name)));
	assert_true(pid > 0);
	{
		int status;

		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(WEXITSTATUS(status), EBUSY);
	}
	append_ok(r, RECORD_STOP, NULL, "{}");
	record_close(r);
	assert_int_equal(record_set_aside(p->path, name, sizeof(name)), 0);
	assert_int_equal(stat(p->path, &st), -1);
	assert_int_equal(stat(name, &st), 0);
	record_close(open_ok(p, &info));
	assert_true(info.created);
	assert_int_equal(unlink(name), 0);
	snprintf(tail, sizeof(tail), "%s-head", name);
	assert_int_equal(unlink(tail), 0);
}

static void a_session_needs_its_space(void **state)
{
	struct place *p = *state;
	struct record *r = open_ok(p, NULL);
	char name[128];
	struct stat st;

	assert_true(record_reserved(r));
	snprintf(name, sizeof(name), "%s-reserve", p->path);
	assert_int_equal(stat(name, &st), 0);
	assert_true(st.st_blocks >= RESERVE_BYTES / 512);
	record_close(r);
}

/* The key is the daemon's alone; a lost one is admitted, an open one refused. */
static void the_key_is_private_and_its_loss_is_recorded(void **state)
{
	struct place *p = *state;
	char name[128], error[RECORD_ERROR_LEN];
	struct verify_report first, rep;
	struct record_info info;
	struct record *r;
	struct stat st;

	record_close(open_ok(p, NULL));
	verify_path(p->path, NULL, &first);
	snprintf(name, sizeof(name), "%s-key", p->path);
	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(chmod(name, 0640), 0);
	assert_int_equal(record_open(p->path, &r, NULL, error), -EPERM);
	assert_int_equal(unlink(name), 0);
	record_close(open_ok(p, &info));
	assert_int_equal(info.rows, 2);
	verify_path(p->path, NULL, &rep);
	assert_int_equal(rep.damage, VERIFY_INTACT);
	assert_memory_not_equal(rep.key, first.key, sizeof(rep.key));
	assert_int_equal(rep.signed_rows, 2);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(bodies_of_each_kind_hold_what_they_must),
		T(treatments_name_each_area_and_its_deepest_run),
		T(follow_up_forms_are_due_until_they_are_filled),
		T(the_head_is_the_one_that_verifies),
		T(raw_telemetry_goes_when_it_may_and_no_sooner),
		T(raw_telemetry_is_read_again_while_it_is_there),
		T(a_backup_made_while_rows_come_is_whole),
		T(a_record_in_use_is_not_set_aside),
		T(a_session_needs_its_space),
		T(the_key_is_private_and_its_loss_is_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
