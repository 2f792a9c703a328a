// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * soak DAYS DIRECTORY [SEED]: that many days of a clinic, TAP at the end. Every
 * life of the daemon is a process; what outlives them is in shared memory, and
 * the record is in DIRECTORY.
 */
#include "tests/soak/soak.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * Within a life: rings that fill, and what malloc has of its own (0.8 %) in the
 * pages that SQLite takes until it has enough.
 */
#define HEAP_GROWTH_MAX	(8 * 1024)
#define PAGES_SHARE	100
#define CACHE_MAX	(3 << 20)	/* SQLite's: 2 MB of pages, and tables */

struct soak *soak;
const char *soak_sockets;
struct mnpend *soak_daemon;

int mnpend_main(int argc, char **argv);

static unsigned int tests, failures;

/* xorshift64: the same seed, the same days. */
uint32_t soak_random(uint32_t below)
{
	soak->random ^= soak->random << 13;
	soak->random ^= soak->random >> 7;
	soak->random ^= soak->random << 17;
	return (uint32_t)(soak->random >> 33) % below;
}

void soak_count(const char *name)
{
	unsigned int i;

	for (i = 0; i < SOAK_NAMES_MAX - 1 && soak->names[i].count; i++)
		if (strcmp(soak->names[i].text, name) == 0)
			break;
	snprintf(soak->names[i].text, sizeof(soak->names[i].text), "%s", name);
	soak->names[i].count++;
}

static void ok(bool good, const char *name)
{
	tests++;
	failures += !good;
	printf("%s %u - %s\n", good ? "ok" : "not ok", tests, name);
}

/* One life of the daemon. False: it ended as it should not have. */
static bool live(const char *record, const char *sockets, const char *log)
{
	char *argv[] = { "mnpend", "--record", (char *)record, "--socket-dir",
			 (char *)sockets, NULL };
	unsigned int killed = soak->killed;
	pid_t pid;
	int status, fd;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
		dup2(fd, STDERR_FILENO);
		close(fd);
		_exit(mnpend_main(5, argv));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	soak->disk_full = false;
	soak->mischief_ns = 0;
	if (soak->killed != killed)
		return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static unsigned int rows_of(sqlite3 *db, const char *kind)
{
	sqlite3_stmt *s = NULL;
	unsigned int n = 0;

	sqlite3_prepare_v2(db, "SELECT count(*) FROM record WHERE kind = ?",
			   -1, &s, NULL);
	sqlite3_bind_text(s, 1, kind, -1, SQLITE_STATIC);
	if (sqlite3_step(s) == SQLITE_ROW)
		n = (unsigned int)sqlite3_column_int(s, 0);
	sqlite3_finalize(s);
	return n;
}

/* Rows of a fault that a suspend of an hour caused, to the second. */
static unsigned int suspended_of(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	unsigned int n = 0;

	sqlite3_prepare_v2(db, "SELECT count(*) FROM record WHERE kind = 'fault' "
			   "AND body ->> '$.suspendedMilliseconds' / 1000 "
			   "BETWEEN 3599 AND 3600", -1, &s, NULL);
	if (sqlite3_step(s) == SQLITE_ROW)
		n = (unsigned int)sqlite3_column_int(s, 0);
	sqlite3_finalize(s);
	return n;
}

static void judge_record(const char *path)
{
	unsigned int begun, ended, interrupted, intents, ends, suspended;
	sqlite3 *db = NULL;

	if (sqlite3_open(path, &db) != SQLITE_OK) {
		ok(false, "the record opens");
		return;
	}
	begun = rows_of(db, "sessionBegin");
	ended = rows_of(db, "sessionEnd");
	interrupted = rows_of(db, "interrupted");
	intents = rows_of(db, "runIntent");
	ends = rows_of(db, "runEnd");
	suspended = suspended_of(db);
	sqlite3_close(db);
	printf("# record: %u sessions begun, %u ended, %u interrupted, %u intents, %u ends of runs\n",
	       begun, ended, interrupted, intents, ends);
	ok(begun > 0 && begun == ended + interrupted,
	   "every_session_begun_is_closed_in_the_record");
	ok(begun >= soak->begun, "every_session_acknowledged_is_in_the_record");
	ok(interrupted == soak->killed, "only_kills_interrupt_sessions");
	ok(intents >= soak->runs, "no_run_without_an_intent_in_the_record");
	ok(ends + interrupted >= soak->runs, "every_run_has_an_end");
	ok(suspended && suspended == soak->suspended_runs,
	   "a_run_that_a_suspend_ended_says_so");
}

static void judge_lives(void)
{
	bool heap = true, fds = true;
	const struct soak_life *l;
	unsigned int i, seen = 0;
	uint64_t may;

	for (i = 0; i <= soak->life && i < SOAK_LIVES_MAX; i++) {
		l = &soak->lives[i];
		if (!l->samples)
			continue;
		seen++;
		printf("# life %u, %u hours awake: heap %llu to %llu bytes (most %llu), SQLite at most %llu, resident %llu KiB, descriptors %u to %u (most %u)\n",
		       i + 1, l->samples, (unsigned long long)l->heap_first,
		       (unsigned long long)l->heap_last,
		       (unsigned long long)l->heap_most,
		       (unsigned long long)l->cache_most,
		       (unsigned long long)l->rss_last / 1024, l->fds_first,
		       l->fds_last, l->fds_most);
		may = HEAP_GROWTH_MAX +
		      (l->cache_most - l->cache_first) / PAGES_SHARE;
		heap = heap && l->cache_most <= CACHE_MAX &&
		       l->heap_last <= l->heap_first + may;
		fds = fds && l->fds_most == l->fds_first;
	}
	ok(seen && heap, "memory_is_constant");
	ok(seen && fds, "descriptors_are_constant");
}

static void judge(const char *record, bool lived)
{
	unsigned int i;

	printf("# %u days: %u sessions begun, %u ended by who treats, %u runs, %llu s of motor; %u refusals\n",
	       soak->day, soak->begun, soak->ended, soak->runs,
	       (unsigned long long)soak->motor_ms / 1000, soak->refused);
	printf("# %u unplugs, %u suspends, %u full disks, %u stops and %u kills of the daemon, %u steps of the clock\n",
	       soak->unplugs, soak->suspends, soak->full, soak->stopped,
	       soak->killed, soak->steps);
	for (i = 0; i < SOAK_NAMES_MAX; i++)
		if (soak->names[i].count)
			printf("#   %s: %u\n", soak->names[i].text,
			       soak->names[i].count);
	ok(lived && soak->day == soak->days, "every_life_ends_as_it_was_told_to");
	ok(!soak->expired, "no_lease_runs_out");
	ok(!soak->unsupervised, "no_motor_without_somebody_who_treats");
	/* All but what the plan disturbs. */
	ok(soak->ended + soak->refused + soak->unplugs + soak->killed +
			   soak->stopped >= soak->begun &&
		   soak->ended * 10 >= soak->begun * 7,
	   "sessions_are_possible_to_the_end");
	judge_record(record);
	judge_lives();
}

/*
 * Each thread of glibc keeps up to seven freed pieces of each of 64 sizes, and
 * counts them as in use: up to 230 KiB that come one by one, for days, and look
 * like a leak. Without them the count is exact.
 */
static void count_exactly(char **argv)
{
	static const char name[] = "GLIBC_TUNABLES";

	if (getenv(name))
		return;
	setenv(name, "glibc.malloc.tcache_count=0", 1);
	execv("/proc/self/exe", argv);
	perror("soak: /proc/self/exe");
}

int main(int argc, char **argv)
{
	char record[256], sockets[256], log[256];
	struct timespec began, now;
	bool lived = true;

	if (argc < 3) {
		fprintf(stderr, "usage: soak DAYS DIRECTORY [SEED]\n");
		return 2;
	}
	count_exactly(argv);
	clock_gettime(CLOCK_MONOTONIC, &began);
	snprintf(record, sizeof(record), "%s/record.db", argv[2]);
	snprintf(sockets, sizeof(sockets), "%s/s", argv[2]);
	snprintf(log, sizeof(log), "%s/log", argv[2]);
	soak_sockets = sockets;
	soak = mmap(NULL, sizeof(*soak), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (soak == MAP_FAILED)
		return 1;
	soak->days = (unsigned int)atoi(argv[1]);
	soak->random = argc > 3 ? strtoull(argv[3], NULL, 10) | 1 : 4711;
	soak->mono_ns = soak->day_began_ns = 1000000000000ull;
	soak->next_session_ns = soak->mono_ns + 60000000000ull;
	soak->sample_ns = soak->mono_ns + 3600000000000ull;
	while (lived && !soak->done && soak->life < SOAK_LIVES_MAX) {
		lived = live(record, sockets, log);
		soak->life++;
	}
	soak->life--;
	judge(record, lived);
	munmap(soak, sizeof(*soak));
	soak = NULL;
	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("# %ld s\n1..%u\n", (long)(now.tv_sec - began.tv_sec), tests);
	return failures != 0;
}
