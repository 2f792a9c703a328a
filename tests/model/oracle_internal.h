/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the oracle share.
 *
 * oracle.c         books, order of judgement, form of the actions
 * oracle_answers.c what a request must be answered
 * oracle_motion.c  when a run must end
 * oracle_follow.c  what else must follow: states, stops, records, set points
 * oracle_begin.c   what a session needs and what limits it gets
 * oracle_dose.c    punctures, contact, duty
 * oracle_alarms.c  what must be told, and what sounds
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
	bool enters_stop;	/* by its event */
	bool stop_began;	/* by event or deadline */
	bool again;		/* a start that a stop overtook: no fault */
	uint64_t raised;	/* what is told for the first time */
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

/* The next value down that a pen with such steps can be set to. */
uint32_t oracle_rounded(uint32_t value, uint32_t step);

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

uint64_t oracle_faults(uint64_t reasons);

/* oracle_follow.c */
const char *oracle_follow(struct view *v);

/* oracle_answers.c */
const char *oracle_answer(struct view *v);
uint64_t oracle_not_healthy(const struct oracle *o);
uint64_t oracle_points_broken(const struct safety_limits *l, uint32_t depth_um,
			      uint32_t rate_spm);
/* Limits tightened by what depends on the depth set. */
void oracle_tighten_by_depth(struct safety_limits *l, uint32_t depth_um,
			     const struct safety_cartridge *c,
			     const struct safety_dose *d);

/* oracle_begin.c */
/* Reasons against a BEGIN that lie in what it brings. */
uint64_t oracle_no_session(const struct oracle *o,
			   const struct safety_begin *b);
struct safety_limits oracle_merged(const struct safety_begin *b);
void oracle_open_session(struct oracle *o, const struct safety_begin *b);
void oracle_open_run(struct oracle *o);
const char *oracle_check_aims(const struct oracle *o, const struct safety *s);

/* oracle_dose.c */
void oracle_charge(struct oracle *o, uint64_t ms);
void oracle_count(struct view *v, const struct safety_telemetry *t,
		  uint32_t strokes);
bool oracle_density_full(const struct oracle *o);
/* Limits that are used up, so that no run may begin: 16, 18, 22. */
bool oracle_used_up(const struct oracle *o);
const char *oracle_check_dose(const struct view *v);

/* oracle_alarms.c */
void oracle_raise(struct view *v, enum safety_reason reason);
/* The same for a stop that somebody must be told of. */
void oracle_raise_stop(struct view *v, enum safety_reason reason);
void oracle_over(struct oracle *o, enum safety_reason reason);
bool oracle_must_sound(const struct view *v);
void oracle_alarms_deadline(struct view *v);
void oracle_alarms_record(struct view *v, const struct safety_telemetry *t);
void oracle_alarms_event(struct view *v);
const char *oracle_check_alarms(struct view *v);

#endif /* MNPEN_TESTS_MODEL_ORACLE_INTERNAL_H */
