/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the oracle share.
 *
 * oracle.c         books, order of judgement, form of the actions
 * oracle_answers.c what a request must be answered
 * oracle_motion.c  when a run must end, and what else must follow
 */
#ifndef MNPEN_TESTS_MODEL_ORACLE_INTERNAL_H
#define MNPEN_TESTS_MODEL_ORACLE_INTERNAL_H

#include <stddef.h>

#include "tests/model/oracle.h"

_Static_assert(SAFETY_REASONS <= 64, "a set of reasons is one word");
#define BIT(reason)	(1ull << (reason))

#define HOLDS(cond, what)			\
	do {					\
		if (!(cond))			\
			return what;		\
	} while (0)

/* One step as the oracle looks at it. */
struct view {
	struct oracle *o;
	const struct safety *before, *after;
	const struct safety_event *ev;
	const struct safety_action *did[SAFETY_ACTIONS];
	const struct safety_actions *out;
	uint64_t late_ms;
	enum safety_state state;	/* when the event was looked at */
	bool faulty;		/* the same */
	bool first;		/* step of this core */
	bool valid_record;	/* the event is a record that counts */
	bool rebooted;		/* and the pen began anew */
	bool given_up;		/* the stop was not obeyed in time */
	bool run_open, session;	/* before the step */
	bool again;		/* a start that a stop overtook: no fault */
	uint64_t overdue;	/* reasons to stop before the event was seen */
	uint64_t caused;	/* reasons to stop that lie in the event */
};

/* oracle.c */
bool oracle_fresh(const struct oracle *o);
bool oracle_is_request(enum safety_event_kind kind);
uint32_t oracle_limit(const struct oracle *o, enum safety_limit_id id);
bool oracle_tighter(enum safety_limit_id id, uint32_t a, uint32_t b);
uint32_t oracle_leak_full(const struct oracle *o);
bool oracle_deeper(const struct oracle *o, uint32_t measured, uint32_t than);

/* oracle_motion.c */
bool oracle_spun_up(const struct oracle *o);
bool oracle_too_hot(const struct oracle *o, const struct safety_telemetry *t);
bool oracle_too_strong(const struct oracle *o,
		       const struct safety_telemetry *t);
bool oracle_moving(const struct safety_telemetry *t);
bool oracle_pen_off(const struct safety_telemetry *t);
/* Fills .overdue and .given_up: before the event enters the books. */
void oracle_deadlines(struct view *v);
/* Fills .caused: after a record entered the books. */
void oracle_causes(struct view *v);
const char *oracle_motion(struct view *v);

/* oracle_answers.c */
const char *oracle_answer(struct view *v);

#endif /* MNPEN_TESTS_MODEL_ORACLE_INTERNAL_H */
