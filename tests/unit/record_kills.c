// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The writer is killed right before and right after each of its system calls,
 * from the first open to the last unlink, and starts again on what is there.
 * Invariants 33, 34, 37.
 *
 *   record-kills [--count N]   so many kills, over all boundaries in turn
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/record_scenario.h"
#include "tests/unit/steps.h"

static char path[128];
static struct told *told;

static enum step kill_at(void *arg, unsigned int n, uint64_t nr, int before)
{
	const unsigned int *want = arg;

	(void)nr;
	(void)before;
	return n == *want ? STEP_KILL : STEP_ON;
}

static void run(void *arg)
{
	(void)arg;
	scenario_run(path, told);
}

/* Boundary 0: none. True if it came to a kill. */
static bool kill_once(unsigned int n, unsigned int *boundaries,
		      unsigned int *bad)
{
	struct steps s = { .at = kill_at, .arg = &n };
	int status;

	memset(told, 0, sizeof(*told));
	status = steps_run(&s, run, NULL);
	if (boundaries)
		*boundaries = s.n;
	/* Not every run has as many: threads meet at other moments. */
	if ((status && status != -SIGKILL) || !scenario_holds(path, told)) {
		printf("# boundary %u: status %d\n", n, status);
		(*bad)++;
	}
	return status == -SIGKILL;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "count", required_argument, NULL, 'c' },
		{ 0 },
	};
	unsigned int count = 150, first = 0, again = 0, done = 0, bad = 0;
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c != 'c')
			return 2;
		count = atoi(optarg);
	}
	told = told_new();
	if (!told)
		return 2;
	scenario_place(path, sizeof(path));
	/* A record that is new, and one that is there already. */
	kill_once(0, &first, &bad);
	kill_once(0, &again, &bad);
	for (unsigned int i = 0; done < count && i < 2 * count; i++) {
		unsigned int span = i % 2 ? again : first;

		if (i % 2 == 0)
			scenario_clear(path);
		done += kill_once(1 + (uint64_t)(i / 2) * 7 % span, NULL, &bad);
	}
	printf("# %u kills at %u and %u boundaries of a new record and one "
	       "that was there\n", done, first, again);
	printf("%sok 1 - a_kill_at_any_boundary_loses_nothing_acknowledged\n",
	       bad ? "not " : "");
	printf("%sok 2 - there_were_boundaries\n",
	       first > 100 && again > 60 && done == count ? "" : "not ");
	printf("1..2\n");
	scenario_remove(path);
	return bad || done < count;
}
