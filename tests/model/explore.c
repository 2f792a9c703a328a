// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_explore [--states N] [--part NAME] [--megabytes N]
 *
 * Exhaustive search over the real core: from every state that can be reached,
 * everything that may happen, the oracle after each step. Time and values are
 * quantised (explore_events.c), states that no future can tell apart are one
 * (explore_node.c). The world is searched in parts, each with the road from
 * idle to a run and back.
 *
 * Whether states that are taken for the same do the same is tried on a
 * sixteenth of them. From each state a way must lead back to IDLE or ACTIVE (47), unless the pen
 * is gone, will never run, or does not obey. All parts together must reach
 * every state, every stop and every fault, or nothing was proved.
 *
 * --states ends each part after so many; the figures then say "not all", and
 * nobody asks what was reached.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/model/explore.h"

#define TABLE_BITS	25
#define WAY_BACK_MAX	40
/* So many nodes are checked for being what they were taken for. */
#define ONE_IN		16

struct search {
	const struct part *part;
	struct safety_config cfg;
	uint64_t *seen;			/* hashes; 0: free */
	struct node *queue;		/* a ring */
	uint64_t first, last, size;
	uint64_t states, transitions, states_max, way_back, compared;
	uint64_t state[SAFETY_STATES], stop[SAFETY_REASONS];
	uint64_t fault[SAFETY_REASONS];
	const char *wrong;
};

/* Words at a time; a node has no padding that changes. */
static uint64_t hash_of(const struct node *node)
{
	uint64_t hash = 0x9e3779b97f4a7c15u, word;
	size_t i;

	for (i = 0; i + sizeof(word) <= sizeof(*node); i += sizeof(word)) {
		memcpy(&word, (const char *)node + i, sizeof(word));
		hash = (hash ^ word) * 0xff51afd7ed558ccdu;
		hash ^= hash >> 32;
	}
	return hash ? hash : 1;
}

/* true: not seen before. */
static bool remember(struct search *x, uint64_t hash)
{
	uint64_t mask = (1ull << TABLE_BITS) - 1, i = hash & mask;

	for (; x->seen[i]; i = (i + 1) & mask)
		if (x->seen[i] == hash)
			return false;
	x->seen[i] = hash;
	return true;
}

static const char *step(struct node *node, const struct safety_event *ev,
			uint64_t now, const struct safety_config *cfg)
{
	struct safety before = node->s;
	struct safety_actions out;

	safety_step(cfg, &node->s, ev, now, &out);
	return oracle_step(&node->o, &before, ev, now, &node->s, &out);
}

/* ---- 47: a way back ----------------------------------------------------- */

/* What a willing person would do next. */
static enum explore_event next_on_the_way(const struct node *node, uint32_t i)
{
	const struct safety *s = &node->s;

	if (i % 2 == 0)
		return X_OFF;
	if (s->p.record_failed)
		return X_RECORD_OK;
	if (s->p.start_outstanding)
		return X_START_FAILED;
	if (s->close_ticket)
		return X_CLOSE;
	if (!s->owner)
		return X_ACQUIRE;
	if (s->owner == EXPLORE_STRANGER)
		return X_RELEASE_OTHER;
	return s->state == SAFETY_FAULT ? X_RESET : X_END;
}

static bool way_back(struct search *x, const struct node *from)
{
	struct node node = *from;
	struct safety_event ev;
	uint64_t now;
	uint32_t i;

	if (node.s.state == SAFETY_HARD_FAULT || node.s.p.gone ||
	    node.s.p.limp)
		return true;
	for (i = 0; i < WAY_BACK_MAX; i++) {
		if (node.s.state == SAFETY_IDLE ||
		    node.s.state == SAFETY_ACTIVE)
			return true;
		if (!explore_event(x->part, &node, next_on_the_way(&node, i),
				   &ev, &now))
			continue;
		x->way_back++;
		if (step(&node, &ev, now, &x->cfg))
			return false;
	}
	return false;
}

/* ---- the search --------------------------------------------------------- */

static void visit(struct search *x, const struct node *node)
{
	x->state[node->s.state]++;
	x->stop[node->s.last_stop]++;
	x->fault[node->s.fault]++;
	x->states++;
	if (!way_back(x, node))
		x->wrong = "47: no way back";
	if (x->last - x->first >= x->size) {
		x->wrong = "the queue is full: --megabytes";
		return;
	}
	x->queue[x->last++ % x->size] = *node;
}

static void print_node(const struct node *node)
{
	printf("# in %s, fault %s, owner %" PRIu32 ", run %d, session %d\n",
	       safety_state_name(node->s.state),
	       safety_reason_name(node->s.fault), node->s.owner,
	       node->s.p.run_open, node->s.p.session_open);
}

/* The next one from @i on that is told apart in this part of the world. */
static uint32_t next_action(const struct safety_actions *a, uint32_t i,
			    bool alarms)
{
	while (i < a->n && !alarms && a->a[i].kind >= SAFETY_DO_ALARM &&
	       a->a[i].kind <= SAFETY_DO_AUDIO)
		i++;
	return i;
}

static bool same_actions(const struct safety_actions *a,
			 const struct safety_actions *b, bool alarms)
{
	uint32_t i = next_action(a, 0, alarms), j = next_action(b, 0, alarms);

	while (i < a->n && j < b->n) {
		const struct safety_action *one = &a->a[i], *two = &b->a[j];

		if (one->kind != two->kind || one->state != two->state ||
		    one->depth_um != two->depth_um ||
		    one->rate_spm != two->rate_spm)
			return false;
		i = next_action(a, i + 1, alarms);
		j = next_action(b, j + 1, alarms);
	}
	return i >= a->n && j >= b->n;
}

/*
 * Two nodes that are taken for the same must do the same whatever happens,
 * and be the same again afterwards.
 */
static const char *compare(struct search *x, const struct node *raw,
			   const struct node *same)
{
	struct safety_actions out[2];
	struct safety_event ev;
	struct node a, b;
	uint64_t now, later;
	uint32_t i;

	for (i = 0; i < x->part->n; i++) {
		if (!explore_event(x->part, same, x->part->events[i], &ev,
				   &now))
			continue;
		later = now - same->s.p.seen_ms;
		a = *same;
		safety_step(&x->cfg, &a.s, &ev, now, &out[0]);
		if (!explore_event(x->part, raw, x->part->events[i], &ev, &now))
			continue;
		b = *raw;
		safety_step(&x->cfg, &b.s, &ev, b.s.p.seen_ms + later, &out[1]);
		x->compared++;
		if (a.s.state != b.s.state || a.s.fault != b.s.fault ||
		    (x->part->alarms && a.s.alarms != b.s.alarms) ||
		    !same_actions(&out[0], &out[1], x->part->alarms)) {
			printf("# by event %d\n", (int)x->part->events[i]);
			print_node(same);
			return "20: two nodes were taken for the same";
		}
	}
	return NULL;
}

static void expand(struct search *x, const struct node *node)
{
	struct safety_event ev;
	struct node next, raw;
	uint64_t now;
	uint32_t i;

	for (i = 0; i < x->part->n && !x->wrong; i++) {
		if (!explore_event(x->part, node, x->part->events[i], &ev,
				   &now))
			continue;
		next = *node;
		x->transitions++;
		x->wrong = step(&next, &ev, now, &x->cfg);
		if (x->wrong) {
			printf("# event %d (kind %d)\n",
			       (int)x->part->events[i], (int)ev.kind);
			print_node(node);
			print_node(&next);
			return;
		}
		explore_hold(x->part, &next);
		raw = next;
		explore_normalise(x->part, &next);
		if (!remember(x, hash_of(&next)))
			continue;
		visit(x, &next);
		if (!x->wrong && x->states % ONE_IN == 0)
			x->wrong = compare(x, &raw, &next);
	}
}

static void search(struct search *x)
{
	struct node node;

	memset(&node, 0, sizeof(node));
	memset(x->seen, 0, sizeof(*x->seen) << TABLE_BITS);
	x->first = x->last = x->states = x->transitions = x->way_back = 0;
	safety_init(&node.s);
	oracle_init(&node.o, &x->cfg);
	visit(x, &node);
	while (x->first < x->last && !x->wrong && x->states < x->states_max) {
		node = x->queue[x->first++ % x->size];
		expand(x, &node);
	}
	printf("# %-8s %9" PRIu64 " states, %10" PRIu64 " transitions, %10"
	       PRIu64 " steps back%s\n", x->part->name, x->states,
	       x->transitions, x->way_back,
	       x->first < x->last ? ", not all" : "");
}

/* ---- what was seen ------------------------------------------------------ */

static bool reached_all(const struct search *x)
{
	bool all = true;
	uint32_t i;

	for (i = 0; i < SAFETY_STATES; i++)
		if (!x->state[i]) {
			printf("# never in %s\n",
			       safety_state_name((enum safety_state)i));
			all = false;
		}
	for (i = SAFETY_STOP_REQUEST; i <= SAFETY_FAULT_STOP_UNCONFIRMED; i++) {
		bool fault = i >= SAFETY_FAULT_TELEMETRY_SILENT;

		if (fault ? x->fault[i] : x->stop[i])
			continue;
		printf("# never %s\n",
		       safety_reason_name((enum safety_reason)i));
		all = false;
	}
	return all;
}

int main(int argc, char **argv)
{
	struct search x = { .states_max = 150000 };
	const char *only = NULL;
	uint64_t megabytes = 600, states = 0, transitions = 0;
	bool all, short_of = false;
	int i;

	for (i = 1; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--states"))
			x.states_max = strtoull(argv[i + 1], NULL, 0);
		else if (!strcmp(argv[i], "--megabytes"))
			megabytes = strtoull(argv[i + 1], NULL, 0);
		else if (!strcmp(argv[i], "--part"))
			only = argv[i + 1];
	}
	x.size = (megabytes << 20) / sizeof(*x.queue);
	x.queue = malloc(x.size * sizeof(*x.queue));
	x.seen = malloc(sizeof(*x.seen) << TABLE_BITS);
	if (!x.queue || !x.seen)
		return EXIT_FAILURE;
	explore_config(&x.cfg);
	printf("TAP version 13\n1..2\n");
	for (i = 0; i < (int)explore_parts_n && !x.wrong; i++) {
		x.part = &explore_parts[i];
		if (only && strcmp(only, x.part->name))
			continue;
		search(&x);
		short_of |= x.first < x.last;
		states += x.states;
		transitions += x.transitions;
	}
	if (x.wrong)
		printf("# WRONG: %s\n", x.wrong);
	printf("# all      %9" PRIu64 " states, %10" PRIu64 " transitions\n",
	       states, transitions);
	printf("%sok 1 - all_invariants_hold_in_every_state\n",
	       x.wrong || !states ? "not " : "");
	all = only || short_of || reached_all(&x);
	printf("%sok 2 - every_state_stop_and_fault_is_reached%s\n",
	       all ? "" : "not ", short_of ? " # not asked" : "");
	free(x.queue);
	free(x.seen);
	return x.wrong || !all ? EXIT_FAILURE : EXIT_SUCCESS;
}
