// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Invariants 34 and 37: the writer is killed at a random moment, again and
 * again; what it acknowledged is there, the chain holds, and the session it
 * left open is closed with counters no lower than the acknowledged ones.
 */
#include "tests/unit/recordtest.h"

#include <jansson.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KILLS	    100
#define FILE_ROUNDS 20 /* rounds on one file: short chains, quick checks */

/* Written by the child, read by the parent after its death. */
struct shared {
	atomic_int acked; /* strokes of the last acknowledged row */
	atomic_bool begun;
	char session[RECORD_SESSION_LEN];
};

static struct shared *shared;

static void child(const struct place *p)
{
	struct record *r = open_ok(p, NULL);
	int posted = 0, done = 0;
	char body[64];

	record_new_session(shared->session);
	append_ok(r, RECORD_SESSION_BEGIN, shared->session, "{}");
	atomic_store(&shared->begun, true);
	for (;;) {
		struct record_row row = { RECORD_PROGRESS, shared->session,
					  body };

		/* Sometimes one row, sometimes a few in one transaction. */
		for (int n = posted % 4; n >= 0; n--) {
			snprintf(body, sizeof(body),
				 "{\"motorMilliseconds\":%d,\"strokes\":%d}",
				 posted, posted + 1);
			assert_int_equal(record_append(r, ++posted, &row), 0);
		}
		while (done < posted) {
			struct record_result res = next_result(r);

			assert_int_equal(res.error, 0);
			assert_int_equal(res.id, ++done);
			atomic_store(&shared->acked, done);
		}
	}
}

static void spin_us(long us)
{
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - start.tv_sec) * 1000000 +
		       (now.tv_nsec - start.tv_nsec) / 1000 <
	       us);
}

/* Waits for some acknowledgements and then a moment between two of them. */
static void kill_somewhere(pid_t pid, unsigned int *seed)
{
	int acks = rand_r(seed) % 12, status;

	if (rand_r(seed) % 8 == 0)
		acks = -1; /* while it opens */
	while (atomic_load(&shared->acked) < acks && acks >= 0 &&
	       !waitpid(pid, &status, WNOHANG))
		sched_yield();
	spin_us(rand_r(seed) % (acks < 0 ? 20000 : 1000));
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* Every acknowledged row of the session is there, in order, then its end. */
static void check_session(struct record *r, int acked)
{
	struct record_result res;
	json_t *answer, *rows, *body;
	int n, end;

	assert_int_equal(record_session(r, 1, shared->session), 0);
	res = next_result(r);
	assert_int_equal(res.error, 0);
	answer = json_loads(res.json, 0, NULL);
	free(res.json);
	rows = json_object_get(answer, "rows");
	end = json_array_size(rows) - 1;
	assert_true(end >= acked + 1);
	for (n = 1; n < end; n++) {
		body = json_object_get(json_array_get(rows, n), "body");
		assert_int_equal(number(body, "strokes"), n);
	}
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(rows, end), "kind")),
			    "interrupted");
	body = json_object_get(json_array_get(rows, end), "body");
	assert_int_equal(number(body, "strokes"), end - 1);
	json_decref(answer);
}

static void acknowledged_rows_survive_sigkill(void **state)
{
	struct place *p = *state;
	unsigned int seed = time(NULL) ^ getpid(), killed_open = 0, total = 0;

	print_message("seed %u\n", seed);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(shared != MAP_FAILED);
	for (int round = 0; round < KILLS; round++) {
		struct verify_report rep;
		struct record_info info;
		struct record *r;
		pid_t pid;
		int acked;

		memset(shared, 0, sizeof(*shared));
		pid = fork();
		assert_true(pid >= 0);
		if (!pid) {
			child(p);
			_exit(1);
		}
		kill_somewhere(pid, &seed);
		acked = atomic_load(&shared->acked);
		total += acked;
		killed_open += !atomic_load(&shared->begun);
		r = open_ok(p, &info);
		/* Begun but not yet acknowledged is allowed, lost is not. */
		assert_true(info.interrupted || !atomic_load(&shared->begun));
		if (atomic_load(&shared->begun))
			check_session(r, acked);
		record_close(r);
		if (round % FILE_ROUNDS < FILE_ROUNDS - 1)
			continue;
		verify_path(p->path, NULL, &rep);
		assert_int_equal(rep.damage, VERIFY_INTACT);
		assert_int_equal(rep.rows, info.rows);
		remove_record(p);
	}
	print_message("%d kills, %u while opening, %u rows acknowledged\n",
		      KILLS, killed_open, total);
	/* The test must have been where it matters. */
	assert_true(total > KILLS);
	assert_true(killed_open < KILLS / 2);
	munmap(shared, sizeof(*shared));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			acknowledged_rows_survive_sigkill, place_setup,
			place_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
