// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every allocation of the writer's thread fails once, in turn: nothing crashes,
 * nothing is acknowledged that is not there.
 *
 *   record-mallocs [--stride N] [--from N]   only every Nth, from the Nth on
 *
 * The first ones, of opening a record, are all tried.
 */
#include <errno.h>
#include <getopt.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/record_scenario.h"

/* The C library's own, under names nothing else takes. */
void *__libc_malloc(size_t len);
void *__libc_calloc(size_t n, size_t len);
void *__libc_realloc(void *p, size_t len);

#define OPENING 40

static __thread bool is_main; /* the writer's thread never sets it */
static atomic_bool armed;
static struct { atomic_uint count, nth; } *at;

static bool fails(void)
{
	if (is_main || !atomic_load(&armed))
		return false;
	if (atomic_fetch_add(&at->count, 1) + 1 != atomic_load(&at->nth))
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t len)
{
	return fails() ? NULL : __libc_malloc(len);
}

void *calloc(size_t n, size_t len)
{
	return fails() ? NULL : __libc_calloc(n, len);
}

void *realloc(void *p, size_t len)
{
	return fails() ? NULL : __libc_realloc(p, len);
}

static char path[128];
static struct told *told;

/* False: there is no such allocation any more. */
static bool fail_once(unsigned int nth, unsigned int *bad)
{
	int status;
	pid_t pid;

	memset(told, 0, sizeof(*told));
	atomic_store(&at->count, 0);
	atomic_store(&at->nth, nth);
	pid = fork();
	if (!pid) {
		atomic_store(&armed, true);
		scenario_run(path, told);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		abort();
	if (status || !scenario_holds(path, told)) {
		printf("# allocation %u: status %#x\n", nth, status);
		(*bad)++;
	}
	return atomic_load(&at->count) >= nth;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "stride", required_argument, NULL, 's' },
		{ "from", required_argument, NULL, 'f' },
		{ 0 },
	};
	unsigned int stride = 1, from = 1, done = 0, bad = 0, nth;
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if ((c != 's' && c != 'f') || atoi(optarg) < 1)
			return 2;
		*(c == 's' ? &stride : &from) = atoi(optarg);
	}
	is_main = true;
	told = told_new();
	at = mmap(NULL, sizeof(*at), PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!told || at == MAP_FAILED)
		return 2;
	scenario_place(path, sizeof(path));
	for (nth = from;; nth += nth < OPENING ? 1 : stride) {
		scenario_clear(path);
		if (!fail_once(nth, &bad))
			break;
		done++;
	}
	printf("# %u allocations failed, each once\n", done);
	printf("%sok 1 - no_failed_allocation_is_acknowledged\n",
	       bad ? "not " : "");
	printf("%sok 2 - there_were_allocations\n",
	       nth > 500 ? "" : "not ");
	printf("1..2\n");
	scenario_remove(path);
	return bad || nth <= 500;
}
