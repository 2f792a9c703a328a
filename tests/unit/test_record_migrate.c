// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of every version that was released are opened, kept row by row and
 * brought to this version; those of a newer one are left alone.
 */
#include "tests/unit/recordtest.h"

#include <errno.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/record/readonly.h"
#include "daemon/record/schema.h"
#include "tests/unit/faultvfs.h"

/* Made by the daemon of that version: two starts, one session left open. */
#define GOLDEN_1 "tests/unit/record-v1.db"
#define GOLDEN_1_ROWS 16
#define ENDED	    "11111111-2222-4333-8444-555555555555"
#define INTERRUPTED "22222222-2222-4333-8444-555555555555"
#define OPEN	    "33333333-2222-4333-8444-555555555555"

/* The tests are run from the top of the tree. */
static void copy_golden(const struct place *p)
{
	char buffer[65536];
	FILE *from = fopen(GOLDEN_1, "r"), *to = fopen(p->path, "w");
	size_t n;

	assert_non_null(from);
	assert_non_null(to);
	n = fread(buffer, 1, sizeof(buffer), from);
	assert_in_range(n, 4096, sizeof(buffer) - 1);
	assert_int_equal(fwrite(buffer, n, 1, to), 1);
	fclose(from);
	assert_int_equal(fclose(to), 0);
	assert_int_equal(chmod(p->path, 0600), 0);
}

/* Every hash of the first rows, one after the other. */
static char *hashes(const char *path)
{
	char error[100], *all = calloc(GOLDEN_1_ROWS, 65);
	sqlite3_stmt *stmt;
	sqlite3 *db;

	assert_int_equal(readonly_open(path, &db, error, sizeof(error)), 0);
	assert_int_equal(sqlite3_prepare_v2(db,
					    "SELECT hex(hash) FROM record "
					    "ORDER BY row LIMIT 16",
					    -1, &stmt, NULL),
			 SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		strcat(all, (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return all;
}

static void a_version_1_file_is_verified_before_and_whole_after(void **state)
{
	struct place *p = *state;
	char *before, *after;
	struct verify_report rep;
	struct record_info info;
	struct record *r;
	json_t *list, *one;

	copy_golden(p);
	verify_path(p->path, NULL, &rep);
	assert_int_equal(rep.damage, VERIFY_INTACT);
	assert_int_equal(rep.rows, GOLDEN_1_ROWS);
	assert_int_equal(rep.signed_rows, 0);
	before = hashes(p->path);

	r = open_ok(p, &info);
	assert_int_equal(info.migrated_from, 1);
	assert_int_equal(info.interrupted, 1);
	assert_false(info.created);
	/* One row tells of the migration, one closes the open session. */
	assert_int_equal(info.rows, GOLDEN_1_ROWS + 2);
	list = answer_to(r, record_list(r, 1, 10));
	one = json_array_get(json_object_get(list, "sessions"), 0);
	assert_string_equal(json_string_value(
				    json_object_get(one, "sessionId")), OPEN);
	assert_string_equal(json_string_value(json_object_get(one, "state")),
			    "interrupted");
	one = json_array_get(json_object_get(list, "sessions"), 2);
	assert_string_equal(json_string_value(
				    json_object_get(one, "sessionId")), ENDED);
	assert_int_equal(json_integer_value(json_object_get(one, "strokes")),
			 420);
	json_decref(list);
	record_close(r);

	verify_path(p->path, NULL, &rep);
	assert_int_equal(rep.damage, VERIFY_INTACT);
	assert_int_equal(rep.signed_rows, GOLDEN_1_ROWS + 2);
	after = hashes(p->path);
	assert_string_equal(before, after);
	free(before);
	free(after);
	r = open_ok(p, &info);
	assert_int_equal(info.migrated_from, 0);
	record_close(r);
}

static void old_sessions_are_found_by_the_new_questions(void **state)
{
	struct place *p = *state;
	struct record *r;
	json_t *answer, *one;

	copy_golden(p);
	r = open_ok(p, NULL);
	answer = answer_to(r, record_treatments(r, 1, "P-17"));
	assert_int_equal(json_array_size(json_object_get(answer,
							 "treatments")), 1);
	one = json_array_get(json_object_get(answer, "treatments"), 0);
	assert_string_equal(json_string_value(json_object_get(one, "area")),
			    "cheek");
	json_decref(answer);
	answer = answer_to(r, record_treatments(r, 1, "P-18"));
	one = json_array_get(json_object_get(answer, "treatments"), 0);
	assert_string_equal(json_string_value(
				    json_object_get(one, "sessionId")),
			    INTERRUPTED);
	json_decref(answer);
	record_close(r);
}

static void sql(const char *path, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE,
					 "unix"), SQLITE_OK);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	assert_int_equal(sqlite3_exec(db, text, 0, 0, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void a_damaged_old_file_is_not_migrated(void **state)
{
	struct place *p = *state;
	char error[RECORD_ERROR_LEN];
	struct verify_report rep;
	struct record *r;

	copy_golden(p);
	sql(p->path, "UPDATE record SET body = '{}' WHERE row = 5");
	assert_int_equal(record_open(p->path, &r, NULL, error), -EUCLEAN);
	assert_non_null(strstr(error, "broken at row 5, row edited"));
	verify_path(p->path, NULL, &rep);
	assert_int_equal(rep.bad_row, 5);
}

/* Any write of the migration fails: the old file is as it was, or the new. */
static void a_migration_is_whole_or_not_at_all(void **state)
{
	struct place *p = *state;
	char error[RECORD_ERROR_LEN];
	struct verify_report rep;
	struct record_info info;
	unsigned int failed = 0;
	struct record *r;

	for (unsigned int n = 1;; n++) {
		unsigned int fired;

		copy_golden(p);
		memset(&info, 0, sizeof(info));
		fault_set(FAULT_WRITE | FAULT_SYNC | FAULT_TRUNCATE, n, true,
			  ENOSPC);
		if (!record_open(p->path, &r, &info, error))
			record_close(r);
		else
			failed++;
		fired = fault_fired();
		fault_set(0, 0, false, 0);
		verify_path(p->path, NULL, &rep);
		assert_int_equal(rep.damage, VERIFY_INTACT);
		assert_true(rep.rows >= GOLDEN_1_ROWS);
		assert_true(rep.rows == GOLDEN_1_ROWS || rep.signed_rows);
		record_close(open_ok(p, &info));
		/* A third may tell what the failure left behind. */
		assert_in_range(info.rows, GOLDEN_1_ROWS + 2,
				GOLDEN_1_ROWS + 3);
		remove_record(p);
		if (!fired)
			break;
	}
	assert_in_range(failed, 5, 1000);
}

static void a_newer_version_in_the_log_alone_is_seen(void **state)
{
	struct place *p = *state;
	char error[RECORD_ERROR_LEN];
	struct record *r;
	sqlite3 *db;

	record_close(open_ok(p, NULL));
	assert_int_equal(sqlite3_open_v2(p->path, &db, SQLITE_OPEN_READWRITE,
					 "unix"), SQLITE_OK);
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 3", 0, 0,
				      NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(record_open(p->path, &r, NULL, error), -EPROTO);
	assert_non_null(strstr(error, "install a newer mnpen"));
}

static int well_setup(void **state)
{
	fault_set(0, 0, false, 0);
	return place_setup(state);
}

static int teardown(void **state)
{
	const struct place *p = *state;
	char name[128];

	snprintf(name, sizeof(name), "%s-shm", p->path);
	unlink(name);
	return place_teardown(state);
}

#define T(name) cmocka_unit_test_setup_teardown(name, well_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_version_1_file_is_verified_before_and_whole_after),
		T(old_sessions_are_found_by_the_new_questions),
		T(a_damaged_old_file_is_not_migrated),
		T(a_migration_is_whole_or_not_at_all),
		T(a_newer_version_in_the_log_alone_is_seen),
	};

	fault_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
