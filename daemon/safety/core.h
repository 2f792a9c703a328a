/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the core share; nobody else includes this.
 *
 * safety.c    one step: time, order of judgement, actions
 * requests.c  what clients ask
 * begin.c     what a session needs to be opened
 * reports.c   what record, driver and shell report
 * telemetry.c what the pen says
 * deadlines.c what was not said or done in time; the lease
 * ready.c     what must be well before a run
 * dose.c      punctures, density, contact, duty
 * set.c       set points that move while the needles do
 * alarms.c    what must be told, and what sounds
 * when.c      the time of day
 * limits.c    ceilings and fixed figures
 * names.c     words for people and for the wire
 */
#ifndef MNPEN_SAFETY_CORE_H
#define MNPEN_SAFETY_CORE_H

#include "daemon/safety/safety.h"

/* States of the pen as in the uAPI; a unit test compares the two. */
enum core_pen_state {
	CORE_PEN_IDLE		= 1,
	CORE_PEN_ARMED		= 2,
	CORE_PEN_RUNNING	= 3,
	CORE_PEN_STOPPING	= 4,
	CORE_PEN_FAULT		= 5,
	CORE_PEN_LIMP		= 8,
	CORE_PEN_UPDATE		= 9,
};

/* Stop reasons of the pen that get a name of their own here. */
#define CORE_PEN_STOP_DURATION	2

/* Why a request cannot be granted; .reason SAFETY_OK: it can. */
struct core_refusal {
	enum safety_reason reason;
	enum safety_limit_id limit;
	enum safety_source source;
	uint32_t requested, allowed;
};

/* One step under way. */
struct core_step {
	const struct safety_config *cfg;
	struct safety *s;
	const struct safety_event *ev;
	uint64_t now;			/* s->p.clock_ms */
	uint64_t late_ms;		/* a record arrived this long before */
	uint32_t wanted;		/* bit per kind in @action */
	struct safety_action action[SAFETY_ACTIONS];
};

/* safety.c */
/* Adds an action, or returns the one of this kind that is already there. */
struct safety_action *core_do(struct core_step *st,
			      enum safety_action_kind kind);
uint32_t core_new_ticket(struct core_step *st);
/* DO_STOP without a change of state. */
void core_send_stop(struct core_step *st, enum safety_reason reason);
/* Stops, drops a pending start, and waits for the pen to confirm. */
void core_stop(struct core_step *st, enum safety_reason reason);
/* Latches @reason if it is the first, then core_stop(). */
void core_fault(struct core_step *st, enum safety_reason reason);
/* Answers a START that has not been answered yet. */
void core_refuse_start(struct core_step *st, const struct core_refusal *why);
void core_drop_start(struct core_step *st, enum safety_reason reason);
/* Where a pen belongs whose motor is off. */
void core_settle(struct core_step *st);
void core_close_run(struct core_step *st);
void core_close_session(struct core_step *st, enum safety_reason reason);

/* requests.c */
void core_event(struct core_step *st);

/* checks.c */
/* Every deadline that may have passed; before the event. */
void core_deadlines(struct core_step *st);
void core_telemetry(struct core_step *st);
void core_telemetry_invalid(struct core_step *st);
bool core_telemetry_fresh(const struct core_step *st);
/* The pen is off, healthy and heard of: enough for BEGIN and RESET. */
bool core_healthy(const struct core_step *st, struct core_refusal *why);
/* All that a START needs besides. */
bool core_may_run(const struct core_step *st, struct core_refusal *why);
/* Keeps the lease alive if everything is well. */
void core_renew(struct core_step *st);

/* when.c */
/* @when makes sense, and shows no jump that nobody vouches for. */
bool core_clock_known(const struct core_step *st,
		      const struct safety_when *when);
/* Number of the clinic's day, from 1970-01-01; clock known. */
int32_t core_today(const struct safety_when *when);
/* The interval since this area's last session is over; clock known. */
bool core_interval_over(const struct safety_when *when,
			const struct safety_limits *l,
			struct core_refusal *why);

/* limits.c */
void core_limits_merge(struct safety_limits *l, const struct safety_limits *by);
/* false: @value is outside; @why says which limit it broke. */
bool core_limit_allows(const struct safety_limits *l, enum safety_limit_id id,
		       uint32_t value, struct core_refusal *why);

static inline uint32_t core_min(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static inline uint32_t core_max(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* Counters stop at the top: a total never starts again from 0. */
static inline uint32_t core_add(uint32_t a, uint64_t b)
{
	return b > UINT32_MAX - a ? UINT32_MAX : a + (uint32_t)b;
}

#endif /* MNPEN_SAFETY_CORE_H */
