// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Disks that are full, broken or slow. Invariants 33 to 35: nothing is
 * acknowledged before it is durable, nothing acknowledged is lost, a failure
 * is reported and passes.
 */
#include "tests/unit/recordtest.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/record/readonly.h"
#include "daemon/record/store.h"
#include "tests/unit/faultvfs.h"

static void a_failed_write_is_reported_and_passes(void **state)
{
	static const struct {
		unsigned int ops;
		int err, want;
	} cases[] = {
		{ FAULT_WRITE, ENOSPC, -ENOSPC },
		{ FAULT_WRITE, EIO, -EIO },
		{ FAULT_WRITE, EROFS, -EROFS },
		{ FAULT_WRITE, EDQUOT, -EDQUOT },
		{ FAULT_SYNC, EIO, -EIO },
		{ FAULT_SYNC, ENOSPC, -ENOSPC },
		/* Nonsense left in errno says nothing. */
		{ FAULT_WRITE, ENOENT, -EIO },
	};
	struct place *p = *state;
	struct record *r = open_ok(p, NULL);
	struct verify_report rep;
	int rows = 1;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		append_ok(r, RECORD_STOP, NULL, "{\"good\":1}");
		assert_true(record_writable(r));
		fault_set(cases[i].ops, 1, true, cases[i].err);
		for (int n = 0; n < 3; n++) {
			assert_int_equal(
				append(r, RECORD_STOP, NULL, "{\"lost\":1}"),
				cases[i].want);
			assert_false(record_writable(r));
		}
		assert_true(fault_fired() >= 3);
		fault_set(0, 0, false, 0);
		assert_false(record_writable(r));
		append_ok(r, RECORD_STOP, NULL, "{\"good\":2}");
		assert_true(record_writable(r));
		rows += 2;
	}
	record_close(r);
	verify_path(p->path, NULL, &rep);
	assert_int_equal(rep.damage, VERIFY_INTACT);
	assert_int_equal(rep.rows, rows);
}

static void quiet(const struct record *r)
{
	struct pollfd fd = { .fd = record_fd(r), .events = POLLIN };

	assert_int_equal(poll(&fd, 1, 0), 0);
}

static void nothing_is_acknowledged_before_its_sync(void **state)
{
	struct place *p = *state;
	struct record_row row = { RECORD_RUN_INTENT, NULL, "{}" };
	struct record *r = open_ok(p, NULL);
	struct record_result res;

	append_ok(r, RECORD_STOP, NULL, "{}");
	fault_set(0, 0, false, 0);
	fault_hold();
	assert_int_equal(record_append(r, 1, &row), 0);
	assert_true(fault_await_held());
	/* The disk hangs. The caller does not, and gets no result. */
	assert_false(record_next(r, &res));
	quiet(r);
	for (int i = 2; i <= 100; i++)
		assert_int_equal(record_append(r, i, &row), 0);
	assert_int_equal(record_verify(r, 101), 0);
	quiet(r);
	assert_int_equal(fault_syncs(), 1);
	fault_release();
	for (int i = 1; i <= 100; i++) {
		res = next_result(r);
		assert_int_equal(res.id, i);
		assert_int_equal(res.error, 0);
	}
	/* All that came meanwhile went into one transaction. */
	assert_int_equal(fault_syncs(), 2);
	res = next_result(r);
	assert_int_equal(res.id, 101);
	free(res.json);
	record_close(r);
}

static int64_t now_ms(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* The times of the row that had to wait. */
static void read_times(const char *path, int64_t *wall, int64_t *boot)
{
	sqlite3_stmt *stmt;
	char error[100];
	sqlite3 *db;

	assert_int_equal(readonly_open(path, &db, error, sizeof(error)), 0);
	sqlite3_prepare_v2(db,
			   "SELECT unix_ms, monotonic_ms, utc_offset_min, "
			   "boot_id FROM record WHERE body = '{\"late\":1}'",
			   -1, &stmt, NULL);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	*wall = sqlite3_column_int64(stmt, 0);
	*boot = sqlite3_column_int64(stmt, 1);
	assert_int_equal(sqlite3_column_int(stmt, 2), 330);
	assert_true(row_session_valid((void *)sqlite3_column_text(stmt, 3)));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

static void times_are_taken_when_it_happened_not_when_written(void **state)
{
	struct place *p = *state;
	struct record_row row = { RECORD_STOP, NULL, "{}" };
	struct record *r = open_ok(p, NULL);
	int64_t wall, boot, wall_row, boot_row, wall_end, boot_end;

	setenv("TZ", "XXX-5:30", 1);
	tzset();
	fault_hold();
	assert_int_equal(record_append(r, 1, &row), 0);
	assert_true(fault_await_held());
	wall = now_ms(CLOCK_REALTIME);
	boot = now_ms(CLOCK_BOOTTIME);
	row.body = "{\"late\":1}";
	assert_int_equal(record_append(r, 2, &row), 0);
	wall_end = now_ms(CLOCK_REALTIME);
	boot_end = now_ms(CLOCK_BOOTTIME);
	unsetenv("TZ");
	tzset();
	while (now_ms(CLOCK_BOOTTIME) < boot_end + 3)
		;
	fault_release();
	assert_int_equal(next_result(r).error, 0);
	assert_int_equal(next_result(r).error, 0);
	record_close(r);
	read_times(p->path, &wall_row, &boot_row);
	assert_in_range(wall_row, wall, wall_end);
	assert_in_range(boot_row, boot, boot_end);
}

static void one_failure_fails_the_whole_group(void **state)
{
	struct place *p = *state;
	struct record_row row = { RECORD_PROGRESS, NULL, "{}" };
	struct record *r = open_ok(p, NULL);
	struct verify_report rep;

	fault_set(0, 0, false, 0);
	fault_hold();
	assert_int_equal(record_append(r, 1, &row), 0);
	assert_true(fault_await_held());
	for (int i = 2; i <= 50; i++)
		assert_int_equal(record_append(r, i, &row), 0);
	fault_set(FAULT_SYNC, 1, false, EIO);
	fault_release();
	assert_int_equal(next_result(r).error, 0);
	for (int i = 2; i <= 50; i++)
		assert_int_equal(next_result(r).error, -EIO);
	assert_false(record_writable(r));
	append_ok(r, RECORD_STOP, NULL, "{}");
	record_close(r);
	verify_path(p->path, NULL, &rep);
	assert_int_equal(rep.damage, VERIFY_INTACT);
	assert_int_equal(rep.rows, 3);
}

/*
 * A COMMIT that says it failed and did not: the store must look where the
 * chain ends, or no row would ever fit again.
 */
static void a_commit_that_lied_does_not_break_the_chain(void **state)
{
	char body[128] = "{\"publicKey\":\"", *hex = body + strlen(body);
	struct row row = { .kind = row_text("genesis") };
	char error[RECORD_ERROR_LEN];
	struct place *p = *state;
	struct verify_report rep;
	struct store s, before;
	bool fresh;

	row_stamp(&row, "boot");
	assert_int_equal(store_open(&s, p->path, &fresh, error), 0);
	assert_true(fresh);
	assert_int_equal(key_load(p->path, &s.key, error), 0);
	sodium_bin2hex(hex, KEY_HEX_LEN, s.key.public, sizeof(s.key.public));
	strcat(body, "\"}");
	row.body = row_text(body);
	assert_int_equal(store_create(&s, &row), 0);
	before = s;
	row.kind = row_text("stop");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_begin(&s), 0);
		assert_int_equal(store_put(&s, &row), 0);
		assert_int_equal(store_commit(&s), 0);
		if (i)
			break;
		s = before;
		store_rollback(&s);
	}
	assert_int_equal(s.end.rows, 3);
	store_close(&s);
	verify_path(p->path, NULL, &rep);
	assert_int_equal(rep.damage, VERIFY_INTACT);
	assert_int_equal(rep.rows, 3);
}

/* Reads back which of the numbered bodies are there. */
static void read_back(const char *path, bool *there, int max)
{
	sqlite3_stmt *stmt;
	char error[100];
	sqlite3 *db;

	memset(there, 0, max * sizeof(*there));
	assert_int_equal(readonly_open(path, &db, error, sizeof(error)), 0);
	assert_int_equal(sqlite3_prepare_v2(db,
					    "SELECT body FROM record "
					    "WHERE kind = 'progress'",
					    -1, &stmt, NULL),
			 SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		int n;

		assert_int_equal(sscanf((void *)sqlite3_column_text(stmt, 0),
					"{\"n\":%d", &n),
				 1);
		assert_in_range(n, 0, max - 1);
		assert_false(there[n]);
		there[n] = true;
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

#define STEPS 6

/* Opens, writes some rows, closes; notes which rows were acknowledged. */
static void scenario(const struct place *p, bool *acked)
{
	char error[RECORD_ERROR_LEN], body[2100];
	struct record_info info;
	struct record *r;

	memset(acked, 0, STEPS * sizeof(*acked));
	if (record_open(p->path, &r, &info, error)) {
		assert_true(error[0]);
		return;
	}
	for (int i = 0; i < STEPS; i++) {
		snprintf(body, sizeof(body), "{\"n\":%d,\"pad\":\"%02000d\"}",
			 i, i);
		acked[i] =
			!append(r, i ? RECORD_PROGRESS : RECORD_SESSION_BEGIN,
				AN_ID, body);
	}
	record_close(r);
}

/*
 * The nth write, sync or truncation fails, once or for ever, for every n
 * until none fires. Then the disk is well again.
 */
static void a_fault_anywhere_loses_no_acknowledged_row(void **state)
{
	struct place *p = *state;
	bool acked[STEPS], there[STEPS];
	unsigned int total = 0, all_acked = 0, opened = 0;

	for (int mode = 0; mode < 4; mode++) {
		for (unsigned int n = 1;; n++) {
			struct record_info info;
			unsigned int fired;

			fault_set(FAULT_WRITE | FAULT_SYNC | FAULT_TRUNCATE, n,
				  mode & 1, mode & 2 ? ENOSPC : EIO);
			scenario(p, acked);
			fired = fault_fired();
			fault_set(0, 0, false, 0);
			record_close(open_ok(p, &info));
			read_back(p->path, there, STEPS);
			for (int i = 1; i < STEPS; i++)
				assert_true(there[i] || !acked[i]);
			assert_true(info.interrupted || !acked[0]);
			opened += acked[0];
			all_acked += acked[0] && acked[STEPS - 1];
			remove_record(p);
			if (!fired)
				break;
			total++;
		}
	}
	print_message(
		"faults: %u, of them %u after the first row, %u survived\n",
		total, opened, all_acked);
	assert_true(total > 100);
	assert_true(opened > 20);
}

/* A real limit of the kernel, with a signal whose default is death. */
static void a_file_size_limit_fails_rows_and_kills_nobody(void **state)
{
	struct place *p = *state;
	struct rlimit before, tight;
	struct verify_report rep;
	struct record *r = open_ok(p, NULL);
	char wal[128], body[9000];
	struct stat st;
	int n = 0;

	signal(SIGXFSZ, SIG_DFL);
	memset(body, 'x', sizeof(body));
	memcpy(body, "{\"a\":\"", 6);
	strcpy(body + sizeof(body) - 3, "\"}");
	append_ok(r, RECORD_STOP, NULL, body);
	snprintf(wal, sizeof(wal), "%s-wal", p->path);
	assert_int_equal(stat(wal, &st), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	tight = before;
	tight.rlim_cur = st.st_size + 5000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	assert_int_equal(append(r, RECORD_STOP, NULL, body), -EFBIG);
	assert_false(record_writable(r));
	assert_int_equal(append(r, RECORD_STOP, NULL, body), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	while (n++ < 10)
		append_ok(r, RECORD_STOP, NULL, body);
	assert_true(record_writable(r));
	record_close(r);
	verify_path(p->path, NULL, &rep);
	assert_int_equal(rep.damage, VERIFY_INTACT);
	assert_int_equal(rep.rows, 12);
}

static int well_setup(void **state)
{
	fault_set(0, 0, false, 0);
	fault_release();
	return place_setup(state);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, well_setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_failed_write_is_reported_and_passes),
		T(nothing_is_acknowledged_before_its_sync),
		T(times_are_taken_when_it_happened_not_when_written),
		T(one_failure_fails_the_whole_group),
		T(a_commit_that_lied_does_not_break_the_chain),
		T(a_fault_anywhere_loses_no_acknowledged_row),
		T(a_file_size_limit_fails_rows_and_kills_nobody),
	};

	fault_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
