// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every system call of the writer fails once, in turn: nothing crashes, nothing
 * is acknowledged that is not there. Invariants 34, 35.
 *
 *   record-errors [--stride N]   only every Nth call
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "tests/unit/record_scenario.h"
#include "tests/unit/steps.h"

static char path[128];
static struct told *told;

struct fault {
	unsigned int nth;   /* among the calls that may fail */
	unsigned int calls; /* seen so far */
	uint64_t nr;	    /* the one that failed */
};

/* What the C library itself does not survive, or has no answer to. */
static int may_fail(uint64_t nr)
{
	switch (nr) {
	case SYS_futex:
	case SYS_exit:
	case SYS_exit_group:
	case SYS_rt_sigprocmask:
	case SYS_rt_sigreturn:
	case SYS_set_robust_list:
	case SYS_munmap:
	case SYS_madvise:
	case SYS_close:
	case SYS_getrandom: /* nor does the kernel ever refuse it */
	case SYS_gettid:
	case SYS_getpid:
#ifdef SYS_rseq
	case SYS_rseq:
#endif
		return 0;
	}
	return 1;
}

static enum step fail_at(void *arg, unsigned int n, uint64_t nr, int before)
{
	struct fault *f = arg;

	(void)n;
	if (!before || !may_fail(nr) || ++f->calls != f->nth)
		return STEP_ON;
	f->nr = nr;
	return STEP_FAIL;
}

static void run(void *arg)
{
	(void)arg;
	scenario_run(path, told);
}

/* False: there is no such call any more. */
static bool fail_once(unsigned int nth, int error, unsigned int *bad)
{
	struct fault f = { .nth = nth };
	struct steps s = { .at = fail_at, .arg = &f, .error = error };
	int status;

	memset(told, 0, sizeof(*told));
	status = steps_run(&s, run, NULL);
	if (status || !scenario_holds(path, told)) {
		printf("# call %u (number %u) failed with %s: status %d\n",
		       nth, (unsigned int)f.nr, strerror(error), status);
		(*bad)++;
	}
	return f.nr || f.calls >= nth;
}

int main(int argc, char **argv)
{
	static const int errors[] = { EIO, ENOSPC, EROFS };
	static const struct option longs[] = {
		{ "stride", required_argument, NULL, 's' },
		{ 0 },
	};
	unsigned int stride = 1, done = 0, bad = 0, nth;
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c != 's' || atoi(optarg) < 1)
			return 2;
		stride = atoi(optarg);
	}
#ifndef __x86_64__
	printf("ok 1 - no_failed_call_is_acknowledged # SKIP x86-64 only\n");
	printf("1..1\n");
	return 0;
#endif
	told = told_new();
	if (!told)
		return 2;
	scenario_place(path, sizeof(path));
	for (int i = 0; i < 3; i++) {
		for (nth = 1 + i % stride;; nth += stride) {
			scenario_clear(path);
			if (!fail_once(nth, errors[i], &bad))
				break;
			done++;
		}
	}
	printf("# %u system calls failed, each once\n", done);
	printf("%sok 1 - no_failed_call_is_acknowledged\n", bad ? "not " : "");
	printf("%sok 2 - there_were_calls\n",
	       done * stride > 150 ? "" : "not ");
	printf("1..2\n");
	scenario_remove(path);
	return bad || done * stride <= 150;
}
