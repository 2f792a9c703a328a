// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/recordtest.h"

#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/record/beside.h"
#include "daemon/record/readonly.h"

int place_setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (!p)
		return -1;
	/* What is judged here needs no disk, and runs faster without. */
	strcpy(p->dir, "/dev/shm/mnpen-record-XXXXXX");
	if (!mkdtemp(p->dir)) {
		strcpy(p->dir, "/tmp/mnpen-record-XXXXXX");
		if (!mkdtemp(p->dir))
			return -1;
	}
	snprintf(p->path, sizeof(p->path), "%s/record.db", p->dir);
	*state = p;
	return 0;
}

int place_teardown(void **state)
{
	static const char *const tails[] = { "",      "-wal", "-copy",
					     "-head", "-key", "-reserve" };
	struct place *p = *state;
	char name[128];

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", p->path, tails[i]);
		unlink(name);
	}
	/* Fails if something was left that nobody expects. */
	if (rmdir(p->dir))
		return -1;
	free(p);
	return 0;
}

void remove_record(const struct place *p)
{
	char name[128];

	assert_int_equal(unlink(p->path), 0);
	snprintf(name, sizeof(name), "%s-head", p->path);
	unlink(name);
}

struct record *open_ok(const struct place *p, struct record_info *info)
{
	char error[RECORD_ERROR_LEN];
	struct record_info unused;
	struct record *r;
	int ret;

	ret = record_open(p->path, &r, info ? info : &unused, error);
	if (ret)
		fail_msg("record_open: %d: %s", ret, error);
	return r;
}

struct record_result next_result(struct record *r)
{
	struct pollfd fd = { .fd = record_fd(r), .events = POLLIN };
	struct record_result res;

	while (!record_next(r, &res))
		assert_int_equal(poll(&fd, 1, 10000), 1);
	return res;
}

json_t *answer_to(struct record *r, int posted)
{
	struct record_result res;
	json_t *json;

	assert_int_equal(posted, 0);
	res = next_result(r);
	assert_int_equal(res.error, 0);
	json = json_loads(res.json, 0, NULL);
	assert_non_null(json);
	free(res.json);
	return json;
}

json_int_t number(const json_t *json, const char *key)
{
	assert_true(json_is_integer(json_object_get(json, key)));
	return json_integer_value(json_object_get(json, key));
}

int append(struct record *r, enum record_kind kind, const char *session,
	   const char *body)
{
	struct record_row row = { kind, session, body };
	struct record_result res;

	assert_int_equal(record_append(r, 77, &row), 0);
	res = next_result(r);
	assert_int_equal(res.id, 77);
	assert_null(res.json);
	return res.error;
}

void append_ok(struct record *r, enum record_kind kind, const char *session,
	       const char *body)
{
	assert_int_equal(append(r, kind, session, body), 0);
}

void verify_path(const char *path, const char *expect,
		 struct verify_report *out)
{
	struct beside beside;
	struct verify v;
	char error[256];
	sqlite3 *db;
	int ret;

	assert_int_equal(beside_read(path, &beside), 0);
	ret = readonly_open(path, &db, error, sizeof(error));
	if (ret)
		fail_msg("readonly_open: %d: %s", ret, error);
	verify_init(&v, db);
	verify_expect(&v, expect);
	beside_expect(&v, &beside);
	while (verify_walk(&v, 0))
		;
	verify_finish(&v);
	assert_true(verify_database(&v, true));
	beside_finish(&v, &beside);
	*out = v.report;
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int run_program(char *const argv[], char *out, size_t len)
{
	int pipe_fd[2], status;
	size_t have = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe2(pipe_fd, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(pipe_fd[1], STDOUT_FILENO);
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(pipe_fd[1]);
	while ((n = read(pipe_fd[0], out + have, len - 1 - have)) > 0)
		have += n;
	out[have] = '\0';
	close(pipe_fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

void beside(const char *name, char *out, size_t len)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	assert_true(n > 0);
	self[n] = '\0';
	snprintf(out, len, "%s/%s", dirname(self), name);
}
