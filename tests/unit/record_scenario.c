// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/record_scenario.h"

#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/record/beside.h"
#include "daemon/record/readonly.h"
#include "daemon/record/record.h"
#include "daemon/record/verify.h"

#include <sqlite3.h>

#define WAIT_MS 4000

struct told *told_new(void)
{
	void *p = mmap(NULL, sizeof(struct told), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void scenario_place(char *path, size_t len)
{
	char dir[] = "/dev/shm/mnpen-steps-XXXXXX";

	if (!mkdtemp(dir))
		abort();
	snprintf(path, len, "%s/record.db", dir);
}

static const char *const tails[] = { "", "-wal", "-head", "-journal", "-key",
				     "-reserve", "-key.new" };

void scenario_clear(const char *path)
{
	char name[256];

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, tails[i]);
		unlink(name);
	}
}

void scenario_remove(const char *path)
{
	char dir[256];

	scenario_clear(path);
	snprintf(dir, sizeof(dir), "%s", path);
	*strrchr(dir, '/') = '\0';
	rmdir(dir);
}

/* Also when nothing wakes it: a lost wake-up is not what is tested here. */
static bool append(struct record *r, const char *session,
		   enum record_kind kind, const char *body)
{
	struct record_row row = { kind, session, body };
	struct pollfd fd = { .fd = record_fd(r), .events = POLLIN };
	struct record_result res;

	if (record_append(r, 1, &row))
		return false;
	for (int ms = 0; ms < WAIT_MS; ms += 20) {
		if (record_next(r, &res))
			return !res.error;
		poll(&fd, 1, 20);
	}
	return false;
}

void scenario_run(const char *path, struct told *told)
{
	static const enum record_kind kinds[SCENARIO_ROWS] = {
		[0] = RECORD_SESSION_BEGIN, [1] = RECORD_RUN_INTENT,
		[2 ... SCENARIO_ROWS - 2] = RECORD_PROGRESS,
		[SCENARIO_ROWS - 1] = RECORD_RUN_END,
	};
	char error[RECORD_ERROR_LEN], body[96];
	struct record *r;

	if (record_open(path, &r, NULL, error))
		return;
	record_new_session(told->session);
	atomic_store(&told->opened, true);
	for (int i = 0; i < SCENARIO_ROWS; i++) {
		snprintf(body, sizeof(body),
			 "{\"n\":%d,\"motorMilliseconds\":%d,\"strokes\":%d}",
			 i, i, i);
		atomic_store(&told->acked[i], append(r, told->session,
						   kinds[i], body));
	}
	atomic_store(&told->ended, append(r, told->session,
					  RECORD_SESSION_END,
					  "{\"n\":99,\"runs\":1}"));
	record_close(r);
}

static bool wrong(const char *what)
{
	printf("# %s\n", what);
	return false;
}

static json_int_t number(const json_t *row, const char *key)
{
	return json_integer_value(
		json_object_get(json_object_get(row, "body"), key));
}

static bool has_rows(const json_t *rows, const struct told *told)
{
	bool there[SCENARIO_ROWS] = { false };
	const char *last = "";
	json_int_t strokes = 0, acked = 0;
	json_t *row;
	size_t k;

	json_array_foreach(rows, k, row) {
		json_int_t n = number(row, "n");

		last = json_string_value(json_object_get(row, "kind"));
		strokes = number(row, "strokes");
		if (n < SCENARIO_ROWS && strcmp(last, "interrupted"))
			there[n] = true;
	}
	for (int i = 0; i < SCENARIO_ROWS; i++) {
		if (atomic_load(&told->acked[i]) && !there[i])
			return wrong("an acknowledged row is not there");
		if (atomic_load(&told->acked[i]) && i > 1)
			acked = i;
	}
	if (!strcmp(last, "sessionEnd"))
		return true;
	if (atomic_load(&told->ended))
		return wrong("the acknowledged end is not there");
	if (there[0] && strcmp(last, "interrupted"))
		return wrong("the session is not closed as interrupted");
	if (there[0] && strokes < acked)
		return wrong("the counters are less than the acknowledged");
	return true;
}

static bool answers(struct record *r, const struct told *told)
{
	struct pollfd fd = { .fd = record_fd(r), .events = POLLIN };
	struct record_result res;
	json_t *json;
	bool ok;

	if (!atomic_load(&told->opened))
		return true;
	if (record_session(r, 2, told->session))
		return wrong("it cannot be asked");
	while (!record_next(r, &res))
		poll(&fd, 1, 1000);
	json = res.json ? json_loads(res.json, 0, NULL) : NULL;
	ok = has_rows(json_object_get(json, "rows"), told);
	json_decref(json);
	free(res.json);
	return ok;
}

static bool intact(const char *path)
{
	struct beside beside;
	struct verify v;
	char error[256];
	sqlite3 *db;

	if (beside_read(path, &beside) ||
	    readonly_open(path, &db, error, sizeof(error)))
		return wrong("it cannot be read");
	verify_init(&v, db);
	beside_expect(&v, &beside);
	while (verify_walk(&v, 0))
		;
	verify_finish(&v);
	verify_database(&v, true);
	beside_finish(&v, &beside);
	sqlite3_close(db);
	return !v.report.damage || wrong(v.report.text);
}

bool scenario_holds(const char *path, const struct told *told)
{
	char error[RECORD_ERROR_LEN];
	struct record *r;
	bool ok;

	if (record_open(path, &r, NULL, error))
		return wrong(error);
	ok = answers(r, told);
	record_close(r);
	return ok && intact(path);
}
