// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_walk [--sequences N] [--seed S] [--jobs J] [--only I]
 *                 [--shift] [--trace STEPS] [--bench]
 *
 * Random sequences of 100 events through the core, the oracle after each step.
 * Fails if it did not see enough: less than a tenth of the steps in ACTIVE, a
 * state or action never reached, a fault less often than 1,000 times in 10
 * million sequences. A sequence that fails is made as short as it goes and
 * printed; --only I with the same seed shows it again.
 *
 * --shift runs a second core beside the first, whose clock, record numbers
 * and strokes are shifted, and wants the same from both (20).
 * --trace prints one number for all actions of so many steps (46).
 * --bench prints how long a step takes.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/model/room.h"
#include "tests/model/walk.h"

#define JOBS_MAX	64

struct counts {
	uint64_t sequences, steps;
	uint64_t state[SAFETY_STATES], action[SAFETY_ACTIONS];
	uint64_t fault[SAFETY_REASONS], reason[SAFETY_REASONS];
	bool failed;			/* all before it are sums */
	uint64_t failed_at;
};

struct options {
	uint64_t sequences, seed, only, trace;
	uint32_t jobs;
	bool one, shift, bench;
};

static void count(struct counts *c, const struct room *r,
		  enum safety_reason fault_before)
{
	uint32_t i;

	c->steps++;
	c->state[r->s.state]++;
	if (fault_before == SAFETY_OK && r->s.fault != SAFETY_OK)
		c->fault[r->s.fault]++;
	for (i = 0; i < r->out.n; i++) {
		c->action[r->out.a[i].kind]++;
		c->reason[r->out.a[i].reason]++;
	}
}

/* ---- one sequence ------------------------------------------------------- */

static bool sequence(struct counts *c, uint64_t seed, uint64_t n, bool shift)
{
	const char *wrong = NULL;
	struct walk_twin twin;
	struct room r;
	uint32_t i;

	room_init(&r, seed, n);
	if (shift)
		walk_twin_init(&twin, &r);
	for (i = 0; i < ROOM_EVENTS && !wrong; i++) {
		enum safety_reason fault = r.s.fault;

		room_next(&r);
		wrong = room_step(&r);
		if (shift && !wrong)
			wrong = walk_twin_step(&twin, &r);
		count(c, &r, fault);
		room_react(&r);
	}
	c->sequences++;
	if (!wrong)
		return true;
	c->failed = true;
	c->failed_at = n;
	walk_report(seed, n, shift, wrong);
	return false;
}

static void share(struct counts *c, const struct options *opt, uint32_t job)
{
	uint64_t n;

	for (n = job; n < opt->sequences; n += opt->jobs)
		if (!sequence(c, opt->seed, n, opt->shift))
			return;
}

static void add(struct counts *sum, const struct counts *c)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *from = (const uint64_t *)c;
	uint32_t i;

	for (i = 0; i < offsetof(struct counts, failed) / sizeof(*to); i++)
		to[i] += from[i];
	sum->failed |= c->failed;
}

/* A process per job: a core that crashes ends only its own. */
static bool in_jobs(const struct options *opt, struct counts *sum)
{
	struct counts *c = mmap(NULL, sizeof(*c) * opt->jobs,
				PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool well = c != MAP_FAILED;
	uint32_t job;
	int status;

	if (!well)
		return false;
	fflush(stdout);
	for (job = 0; job < opt->jobs; job++) {
		pid_t pid = fork();

		if (pid < 0)
			return false;
		if (pid == 0) {
			share(&c[job], opt, job);
			fflush(stdout);
			_exit(0);
		}
	}
	for (job = 0; job < opt->jobs; job++) {
		if (wait(&status) < 0 || status) {
			printf("# a job ended with status %#x\n", status);
			well = false;
		}
	}
	/* Only now: they end in any order. */
	for (job = 0; job < opt->jobs; job++)
		add(sum, &c[job]);
	return well;
}

/* ---- what was seen ------------------------------------------------------ */

static void print_counts(const struct counts *c)
{
	uint64_t per_mille = c->steps ? c->state[SAFETY_ACTIVE] * 1000 /
					c->steps : 0;
	uint32_t i;

	printf("# %" PRIu64 " sequences, %" PRIu64 " steps, %" PRIu64 ".%"
	       PRIu64 " %% in active\n", c->sequences, c->steps,
	       per_mille / 10, per_mille % 10);
	for (i = 0; i < SAFETY_STATES; i++)
		printf("# state %-24s %12" PRIu64 "\n",
		       safety_state_name((enum safety_state)i), c->state[i]);
	for (i = 1; i < SAFETY_REASONS; i++)
		printf("# reason %-23s %12" PRIu64 " told %10" PRIu64
		       " latched\n", safety_reason_name((enum safety_reason)i),
		       c->reason[i], c->fault[i]);
}

static uint32_t tap_n;

static bool tap(bool well, const char *name)
{
	printf("%s %" PRIu32 " - %s\n", well ? "ok" : "not ok", ++tap_n, name);
	return well;
}

static bool is_fault(uint32_t reason)
{
	return reason >= SAFETY_FAULT_TELEMETRY_SILENT &&
	       reason <= SAFETY_FAULT_STOP_UNCONFIRMED;
}

static bool saw_enough(const struct counts *c)
{
	/* 1,000 of each in a full run, its share in a shorter one. */
	uint64_t each = c->sequences / 10000, faults_seen = 0;
	bool well = true, all = true;
	uint32_t i;

	/* So few cannot see everything, and nobody asks them. */
	if (each < 2)
		return tap(c->state[SAFETY_ACTIVE] * 10 >= c->steps &&
			   c->steps, "a_tenth_of_the_steps_is_active");
	for (i = 1; i < SAFETY_REASONS; i++) {
		uint64_t n = is_fault(i) ? c->fault[i] : c->reason[i];

		faults_seen += is_fault(i) && n >= each;
		if (n >= (is_fault(i) ? each : 1))
			continue;
		printf("# too rare: %s\n",
		       safety_reason_name((enum safety_reason)i));
		all = false;
	}
	well &= tap(all && faults_seen, "every_reason_and_fault_was_seen");
	well &= tap(c->state[SAFETY_ACTIVE] * 10 >= c->steps && c->steps,
		    "a_tenth_of_the_steps_is_active");
	for (all = true, i = 0; i < SAFETY_STATES; i++)
		all &= c->state[i] > 0;
	well &= tap(all, "every_state_was_seen");
	for (all = true, i = 0; i < SAFETY_ACTIONS; i++)
		all &= c->action[i] > 0;
	well &= tap(all, "every_action_was_seen");
	return well;
}

static int walk(const struct options *opt)
{
	struct counts sum = { 0 };
	bool well;

	printf("TAP version 13\n# seed %" PRIu64 ", %" PRIu32 " jobs%s\n",
	       opt->seed, opt->jobs, opt->shift ? ", shifted twin" : "");
	well = in_jobs(opt, &sum);
	print_counts(&sum);
	well &= tap(well && !sum.failed && sum.sequences == opt->sequences,
		    opt->shift ? "a_shift_in_time_changes_nothing" :
				 "all_invariants_hold_on_random_sequences");
	well &= saw_enough(&sum);
	printf("1..%" PRIu32 "\n", tap_n);
	return well ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- command line ------------------------------------------------------- */

static bool take(struct options *opt, const char *name, const char *value)
{
	uint64_t n = value ? strtoull(value, NULL, 0) : 0;

	if (!value || !*value)
		return false;
	if (!strcmp(name, "--sequences"))
		opt->sequences = n;
	else if (!strcmp(name, "--seed"))
		opt->seed = n;
	else if (!strcmp(name, "--jobs") && n && n <= JOBS_MAX)
		opt->jobs = (uint32_t)n;
	else if (!strcmp(name, "--trace"))
		opt->trace = n;
	else if (!strcmp(name, "--only")) {
		opt->only = n;
		opt->one = true;
	} else {
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct options opt = {
		.sequences = 60000, .seed = 20261120, .jobs = 1,
	};
	struct counts one = { 0 };
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--shift")) {
			opt.shift = true;
		} else if (!strcmp(argv[i], "--bench")) {
			opt.bench = true;
		} else if (take(&opt, argv[i], argv[i + 1])) {
			i++;
		} else {
			fprintf(stderr, "usage: see the top of walk.c\n");
			return 2;
		}
	}
	if (opt.bench)
		return walk_bench(opt.seed);
	if (opt.trace)
		return walk_trace(opt.seed, opt.trace);
	if (opt.one)
		return !sequence(&one, opt.seed, opt.only, opt.shift);
	return walk(&opt);
}
