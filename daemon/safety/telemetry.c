// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the pen says.
 *
 * Leaky counters: time over a bound fills a counter, time within it drains
 * the counter at a quarter of that speed, and they live on between runs. A
 * value that swings around its bound more than a fifth of the time is found
 * out in the end.
 */
#include "daemon/safety/core.h"

/* Filling by 4 and draining by 1 keeps the quarter exact in integers. */
#define LEAK_FILL		4
/* Records in a row that must show the motor off: one may be a leftover. */
#define STILL_RECORDS		2
/* Too deep for this many records in a row. */
#define DEPTH_RECORDS		2

uint32_t core_leak_full(const struct core_step *st)
{
	return core_max(core_add(0, (uint64_t)st->cfg->debounce_ms * LEAK_FILL),
			1);
}

static void leak(const struct core_step *st, uint32_t *level, bool bad,
		 uint32_t elapsed_ms)
{
	if (bad)
		*level = core_min(core_add(*level,
					   (uint64_t)elapsed_ms * LEAK_FILL),
				  core_leak_full(st));
	else
		*level -= core_min(*level, elapsed_ms);
}

/* When the record in this event arrived; never before the one before it. */
static uint64_t heard_ms(const struct core_step *st)
{
	uint64_t age_ms = core_since(st, st->s->p.telemetry_ms);

	return st->now - (st->late_ms < age_ms ? st->late_ms : age_ms);
}

static void fill_leaks(struct core_step *st, const struct safety_telemetry *t)
{
	struct safety *s = st->s;
	uint64_t elapsed = heard_ms(st) - s->p.telemetry_ms;
	uint32_t ms = st->cfg->telemetry_max_age_ms;

	/* A gap says nothing about what happened in it. */
	if (elapsed < ms)
		ms = (uint32_t)elapsed;
	leak(st, &s->p.rate_leak, core_rate_off(st, t), ms);
	leak(st, &s->p.depth_leak, core_too_shallow(st, t), ms);
	leak(st, &s->p.current_leak, core_too_strong(s, t), ms);
	leak(st, &s->p.temp_leak, core_too_hot(s, t), ms);
}

/*
 * The pen's own clock must go on, and not faster than ours: a record that is
 * older than the last one was kept somewhere, and one from the future was
 * made up.
 */
static bool plausible_time(const struct core_step *st,
			   const struct safety_telemetry *t)
{
	uint32_t pen_us = t->dev_time_us - st->s->last.dev_time_us;
	uint64_t our_ms = heard_ms(st) - st->s->p.telemetry_ms;

	return pen_us != 0 && pen_us <= INT32_MAX &&
	       pen_us / 1000 <= our_ms + st->cfg->future_max_ms;
}

/*
 * A record must be newer than the last one. Between runs any other number
 * will do, so that a counter which began anew does not lock us out.
 */
static bool plausible(const struct core_step *st,
		      const struct safety_telemetry *t)
{
	const struct safety *s = st->s;
	uint32_t ahead = t->seq - s->last.seq;
	uint32_t strokes = t->strokes - s->last.strokes;

	if (!s->p.run_open)
		return ahead != 0;
	return ahead != 0 && ahead <= INT32_MAX && strokes <= INT32_MAX &&
	       plausible_time(st, t);
}

static bool sensors_differ(const struct safety_telemetry *a,
			   const struct safety_telemetry *b)
{
	return a->rate_spm != b->rate_spm || a->depth_um != b->depth_um ||
	       a->motor_ma != b->motor_ma || a->strokes != b->strokes ||
	       a->temp_motor_mdegc != b->temp_motor_mdegc;
}

static void note_mismatch(struct core_step *st,
			  const struct safety_telemetry *t)
{
	struct safety *s = st->s;
	bool differ = s->p.started && (t->rate_set_spm != s->rate_now_spm ||
				       t->depth_set_um != s->depth_now_um);

	if (differ && !s->p.mismatch)
		s->p.mismatch_ms = st->now;
	s->p.mismatch = differ;
}

/* SAFETY_OK: nothing in this record forbids to go on. */
static enum safety_reason worst(const struct core_step *st,
				const struct safety_telemetry *t)
{
	const struct safety *s = st->s;
	uint32_t full = core_leak_full(st);

	if (t->fault_latched)
		return SAFETY_FAULT_PEN_LATCHED;
	if (core_deeper_than(st, t, core_limit(s, SAFETY_LIMIT_DEPTH_MAX)) ||
	    s->p.depth_over >= DEPTH_RECORDS || s->p.depth_leak >= full)
		return SAFETY_FAULT_DEPTH;
	if (s->p.current_leak >= full)
		return SAFETY_FAULT_CURRENT;
	if (s->p.temp_leak >= full)
		return SAFETY_FAULT_TEMPERATURE;
	if (s->p.rate_leak >= full)
		return SAFETY_FAULT_RATE;
	return SAFETY_OK;
}

static enum safety_reason pen_stop_reason(const struct safety *s,
					  const struct safety_telemetry *t)
{
	return t->pen_stop_reason == CORE_PEN_STOP_DURATION ?
		       s->p.run_limit_reason : SAFETY_STOP_PEN;
}

static void judge_active(struct core_step *st, const struct safety_telemetry *t)
{
	struct safety *s = st->s;
	enum safety_reason reason;

	s->p.depth_over = core_too_deep(st, t) ?
				  core_add(s->p.depth_over, 1) : 0;
	note_mismatch(st, t);
	reason = worst(st, t);
	if (reason != SAFETY_OK) {
		core_fault(st, reason);
		return;
	}
	if (core_dose_spent(st))
		return;
	if (t->pen_state == CORE_PEN_RUNNING)
		s->p.confirmed_running = true;
	else if (s->p.confirmed_running || core_spun_up(st))
		core_stop(st, pen_stop_reason(s, t));
}

static void judge_stopping(struct core_step *st,
			   const struct safety_telemetry *t)
{
	struct safety *s = st->s;

	s->p.still = core_pen_off(t) ? core_add(s->p.still, 1) : 0;
	if (s->p.still < STILL_RECORDS)
		return;
	core_close_run(st);
	if (s->p.ending)
		core_close_session(st, s->fault ? s->fault : s->last_stop);
	core_settle(st);
}

static void judge_resting(struct core_step *st,
			  const struct safety_telemetry *t)
{
	if (!core_moving(t))
		return;
	/* A start that was overtaken by a stop may still flare up. */
	if (st->s->p.start_outstanding)
		core_stop(st, st->s->last_stop);
	else
		core_fault(st, SAFETY_FAULT_UNCOMMANDED);
}

static void judge(struct core_step *st, const struct safety_telemetry *t)
{
	switch (st->s->state) {
	case SAFETY_ACTIVE:
		judge_active(st, t);
		break;
	case SAFETY_STOPPING:
		judge_stopping(st, t);
		break;
	case SAFETY_IDLE:
	case SAFETY_SCREENED:
	case SAFETY_READY:
	case SAFETY_PAUSED:
	case SAFETY_CLOSED:
	case SAFETY_FAULT:
		judge_resting(st, t);
		break;
	case SAFETY_HARD_FAULT:
	case SAFETY_STATES:
		break;
	}
}

/* Books that are kept from every valid record, whatever the state. */
static void note(struct core_step *st, const struct safety_telemetry *t,
		 bool known, bool rebooted)
{
	struct safety *s = st->s;
	uint32_t strokes = t->strokes - s->last.strokes;

	if (known && !rebooted && strokes <= INT32_MAX)
		core_dose(st, t, strokes);
	if (!known || strokes)
		s->p.stroke_ms = st->now;
	if (!known || sensors_differ(&s->last, t))
		s->p.changed_ms = st->now;
	if (known)
		fill_leaks(st, t);
	core_note_peaks(s, t);
	core_note_warmth(st, t);
	s->last = *t;
	s->p.telemetry_ms = heard_ms(st);
	s->p.have_telemetry = true;
	s->p.invalid = 0;
}

void core_telemetry(struct core_step *st)
{
	const struct safety_telemetry *t = &st->ev->telemetry;
	struct safety *s = st->s;
	bool known = s->p.have_telemetry;
	bool rebooted = known && t->boot_id != s->last.boot_id;

	if (s->p.gone)
		return;
	if (known && !rebooted && !plausible(st, t)) {
		core_telemetry_invalid(st);
		return;
	}
	note(st, t, known, rebooted);
	/* A pen that rebooted has forgotten the limits of this session. */
	if (rebooted && s->p.session_open)
		core_fault(st, SAFETY_FAULT_PEN_REBOOTED);
	if (t->pen_state == CORE_PEN_LIMP && s->fault == SAFETY_OK)
		core_fault(st, SAFETY_FAULT_LIMP);
	judge(st, t);
}

void core_telemetry_invalid(struct core_step *st)
{
	struct safety *s = st->s;

	s->p.invalid = core_add(s->p.invalid, 1);
	s->p.still = 0;
	if (s->state == SAFETY_ACTIVE && s->p.invalid >= st->cfg->invalid_max)
		core_fault(st, SAFETY_FAULT_TELEMETRY_INVALID);
}
