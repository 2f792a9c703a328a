/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the core share; nobody else includes this.
 *
 * safety.c    one step: time, order of judgement, actions
 * requests.c  what clients ask
 * begin.c     what a session needs to be opened
 * reports.c   what record, driver and shell report
 * telemetry.c what the pen says
 * measure.c   what one record says, held against limits and set points
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
/* The same for a limit that was reached. */
void core_stop_limit(struct core_step *st, enum safety_reason reason,
		     enum safety_limit_id id, uint32_t value);
void core_note_why(struct core_step *st, const struct core_refusal *why);
/* Latches @reason if it is the first, then core_stop(). */
void core_fault(struct core_step *st, enum safety_reason reason);
/* Answers a START that has not been answered yet. */
void core_refuse_start(struct core_step *st, const struct core_refusal *why);
void core_drop_start(struct core_step *st, enum safety_reason reason);
/* Where a pen belongs whose motor is off. */
void core_settle(struct core_step *st);
void core_close_run(struct core_step *st);
/* A session is open. */
void core_close_session(struct core_step *st, enum safety_reason reason);

/* requests.c */
void core_request(struct core_step *st);
void core_accept(struct core_step *st);
void core_refuse(struct core_step *st, const struct core_refusal *why);

/* begin.c */
void core_begin(struct core_step *st);

/* reports.c */
void core_report(struct core_step *st);

/* telemetry.c */
void core_telemetry(struct core_step *st);
void core_telemetry_invalid(struct core_step *st);
/* A leaky counter at this level is full. */
uint32_t core_leak_full(const struct core_step *st);

/* measure.c */
bool core_too_hot(const struct safety *s, const struct safety_telemetry *t);
bool core_too_strong(const struct safety *s, const struct safety_telemetry *t);
/* Something that must be known before a run is not. */
bool core_blind(const struct safety_telemetry *t);
bool core_deeper_than(const struct core_step *st,
		      const struct safety_telemetry *t, uint32_t depth_um);
bool core_too_deep(const struct core_step *st,
		   const struct safety_telemetry *t);
bool core_too_shallow(const struct core_step *st,
		      const struct safety_telemetry *t);
bool core_rate_off(const struct core_step *st,
		   const struct safety_telemetry *t);
bool core_spun_up(const struct core_step *st);
bool core_moving(const struct safety_telemetry *t);
bool core_pen_off(const struct safety_telemetry *t);
void core_note_peaks(struct safety *s, const struct safety_telemetry *t);

/* deadlines.c */
/* Every deadline that may have passed; before the event. */
void core_deadlines(struct core_step *st);
bool core_telemetry_fresh(const struct core_step *st);
/* Keeps the lease alive if everything is well. */
void core_renew(struct core_step *st);

/* ready.c */
/* The pen is off, healthy and heard of: enough for BEGIN and RESET. */
bool core_healthy(const struct core_step *st, struct core_refusal *why);
/* All that a START needs besides. */
bool core_may_run(const struct core_step *st, struct core_refusal *why);

/* dose.c */
/* Counts @strokes more, between the last record and @t. */
void core_dose(struct core_step *st, const struct safety_telemetry *t,
	       uint32_t strokes);
void core_dose_limits(struct safety_limits *l, const struct safety_begin *b,
		      uint32_t depth_um);
/* What to aim at and from where to warn, by set depth and limits. */
void core_dose_aims(struct safety *s);
void core_dose_begin(struct safety *s);
bool core_area_full(const struct safety *s);
/* Charges time to run, session, contact and duty. */
void core_charge(struct core_step *st, uint64_t elapsed_ms);
/* Fixes how long the run that starts now may last. */
void core_run_limit(struct core_step *st);
/* Stops a run that has used up its punctures, or its time. */
bool core_dose_spent(struct core_step *st);
bool core_time_spent(struct core_step *st);

/* set.c */
/* Limits that depend on the depth set. */
void core_depth_limits(struct safety_limits *l, uint32_t depth_um);
bool core_set_points_allow(const struct safety_limits *l, uint32_t depth_um,
			   uint32_t rate_spm, struct core_refusal *why);
bool core_set(struct core_step *st, struct core_refusal *why);
/* What a pen with such steps makes of a set point. */
uint32_t core_rounded(uint32_t value, uint32_t step);
/* The pen starts with the set points wanted. */
void core_set_begin(struct core_step *st);
void core_follow(struct core_step *st);

/* alarms.c */
/* Why a run ended without a fault: over as soon as it happened. */
bool core_is_stop(enum safety_reason reason);
/* @reason holds from now on; telling it twice is telling it once. */
void core_raise(struct core_step *st, enum safety_reason reason);
void core_over(struct core_step *st, enum safety_reason reason);
void core_faults_over(struct core_step *st);
/* An operator has taken note: of everything, or of why the last run ended. */
void core_noted(struct core_step *st);
void core_stops_noted(struct core_step *st);
bool core_must_sound(const struct safety *s);
void core_audio_pause(struct core_step *st);
void core_audio_deadline(struct core_step *st);
/* @alarms, @acked: before this step. */
void core_alarms_told(struct core_step *st, uint64_t alarms, uint64_t acked);
void core_note_warmth(struct core_step *st, const struct safety_telemetry *t);

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

static inline uint64_t core_since(const struct core_step *st, uint64_t then_ms)
{
	return st->now - then_ms;
}

static inline uint32_t core_limit(const struct safety *s,
				  enum safety_limit_id id)
{
	return s->limits.limit[id].value;
}

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
