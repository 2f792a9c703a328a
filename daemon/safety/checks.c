// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the pen says, and what it fails to say.
 *
 * Two kinds of judgement: while ACTIVE a failed check ends the run; before a
 * run every check must pass at that moment ("passes now", which is more than
 * "has not failed yet").
 *
 * Leaky counters: time over a bound fills a counter, time within it drains
 * the counter at a quarter of that speed, and they live on between runs. A
 * value that swings around its bound more than a fifth of the time is found
 * out in the end.
 */
#include "daemon/safety/core.h"

/* Colder than any room: the sensor is off, or the value is "unknown". */
#define TEMP_MIN_MDEGC		(-40000)
/* What the uAPI gives for an unknown current. */
#define CURRENT_UNKNOWN_MA	INT16_MIN
/* The same for rate and depth. */
#define UNKNOWN_U16		UINT16_MAX
/* Filling by 4 and draining by 1 keeps the quarter exact in integers. */
#define LEAK_FILL		4
/* Records in a row that must show the motor off: one may be a leftover. */
#define STILL_RECORDS		2
/* Too deep for this many records in a row. */
#define DEPTH_RECORDS		2

static uint64_t since(const struct core_step *st, uint64_t then_ms)
{
	return st->now - then_ms;
}

static uint32_t limit(const struct safety *s, enum safety_limit_id id)
{
	return s->limits.limit[id].value;
}

/* ---- what was measured -------------------------------------------------- */

static bool too_hot(const struct safety *s, const struct safety_telemetry *t)
{
	if (t->temp_motor_mdegc < TEMP_MIN_MDEGC)
		return true;
	return t->temp_motor_mdegc > 0 &&
	       (uint32_t)t->temp_motor_mdegc > limit(s, SAFETY_LIMIT_TEMP_MAX);
}

static bool too_strong(const struct safety *s, const struct safety_telemetry *t)
{
	if (t->motor_ma <= CURRENT_UNKNOWN_MA)
		return true;
	return t->motor_ma > 0 &&
	       (uint32_t)t->motor_ma > limit(s, SAFETY_LIMIT_CURRENT_MAX);
}

static bool deeper_than(const struct core_step *st,
			const struct safety_telemetry *t, uint32_t depth_um)
{
	return t->depth_um > core_add(depth_um, st->cfg->depth_tolerance_um);
}

/* Slow and shallow are excused until the motor had time to get there. */
static bool spun_up(const struct core_step *st)
{
	const struct safety *s = st->s;

	return s->state == SAFETY_ACTIVE && s->p.started &&
	       since(st, s->p.started_ms) > st->cfg->spin_up_ms;
}

static bool too_shallow(const struct core_step *st,
			const struct safety_telemetry *t)
{
	return spun_up(st) &&
	       core_add(t->depth_um, st->cfg->depth_tolerance_um) <
		       st->s->depth_um;
}

static bool rate_off(const struct core_step *st,
		     const struct safety_telemetry *t)
{
	uint32_t set = st->s->rate_spm;
	uint64_t tolerance = (uint64_t)set * st->cfg->rate_tolerance_permille /
			     1000;

	if (st->s->state != SAFETY_ACTIVE)
		return false;
	if (t->rate_spm > set)
		return t->rate_spm - set > tolerance;
	return spun_up(st) && set - t->rate_spm > tolerance;
}

static bool moving(const struct safety_telemetry *t)
{
	return t->rate_spm != 0 || t->pen_state == CORE_PEN_RUNNING;
}

/* States in which the pen itself says that its motor is off. */
static bool pen_off(const struct safety_telemetry *t)
{
	return t->rate_spm == 0 &&
	       (t->pen_state == CORE_PEN_IDLE ||
		t->pen_state == CORE_PEN_ARMED ||
		t->pen_state == CORE_PEN_FAULT ||
		t->pen_state == CORE_PEN_LIMP ||
		t->pen_state == CORE_PEN_UPDATE);
}

/* ---- one record --------------------------------------------------------- */

static uint32_t leak_full(const struct core_step *st)
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
				  leak_full(st));
	else
		*level -= core_min(*level, elapsed_ms);
}

/* When the record in this event arrived; never before the one before it. */
static uint64_t heard_ms(const struct core_step *st)
{
	uint64_t age_ms = since(st, st->s->p.telemetry_ms);

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
	leak(st, &s->p.rate_leak, rate_off(st, t), ms);
	leak(st, &s->p.depth_leak, too_shallow(st, t), ms);
	leak(st, &s->p.current_leak, too_strong(s, t), ms);
	leak(st, &s->p.temp_leak, too_hot(s, t), ms);
}

/*
 * A record must be newer than the last one. Between runs any other number
 * will do, so that a counter which began anew does not lock us out.
 */
static bool plausible_order(const struct safety *s,
			    const struct safety_telemetry *t)
{
	uint32_t ahead = t->seq - s->last.seq;
	uint32_t strokes = t->strokes - s->last.strokes;

	if (!s->p.run_open)
		return ahead != 0;
	return ahead != 0 && ahead <= INT32_MAX && strokes <= INT32_MAX;
}

static void count_strokes(struct safety *s, const struct safety_telemetry *t)
{
	uint32_t strokes = t->strokes - s->last.strokes;

	if (!s->p.session_open || strokes > INT32_MAX)
		return;
	s->strokes = core_add(s->strokes, strokes);
	if (s->p.run_open)
		s->run_strokes = core_add(s->run_strokes, strokes);
}

static void note_peaks(struct safety *s, const struct safety_telemetry *t)
{
	if (!s->p.run_open)
		return;
	if (t->depth_um < UNKNOWN_U16)
		s->depth_peak_um = core_max(s->depth_peak_um, t->depth_um);
	if (t->rate_spm < UNKNOWN_U16)
		s->rate_peak_spm = core_max(s->rate_peak_spm, t->rate_spm);
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
	bool differ = s->p.started && (t->rate_set_spm != s->rate_spm ||
				       t->depth_set_um != s->depth_um);

	if (differ && !s->p.mismatch)
		s->p.mismatch_ms = st->now;
	s->p.mismatch = differ;
}

/* SAFETY_OK: nothing in this record forbids to go on. */
static enum safety_reason worst(const struct core_step *st,
				const struct safety_telemetry *t)
{
	const struct safety *s = st->s;

	if (t->fault_latched)
		return SAFETY_FAULT_PEN_LATCHED;
	if (deeper_than(st, t, limit(s, SAFETY_LIMIT_DEPTH_MAX)) ||
	    s->p.depth_over >= DEPTH_RECORDS ||
	    s->p.depth_leak >= leak_full(st))
		return SAFETY_FAULT_DEPTH;
	if (s->p.current_leak >= leak_full(st))
		return SAFETY_FAULT_CURRENT;
	if (s->p.temp_leak >= leak_full(st))
		return SAFETY_FAULT_TEMPERATURE;
	if (s->p.rate_leak >= leak_full(st))
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

	if (deeper_than(st, t, s->depth_um))
		s->p.depth_over = core_add(s->p.depth_over, 1);
	else
		s->p.depth_over = 0;
	note_mismatch(st, t);
	reason = worst(st, t);
	if (reason != SAFETY_OK) {
		core_fault(st, reason);
		return;
	}
	if (t->pen_state == CORE_PEN_RUNNING)
		s->p.confirmed_running = true;
	else if (s->p.confirmed_running || spun_up(st))
		core_stop(st, pen_stop_reason(s, t));
}

static void judge_stopping(struct core_step *st,
			   const struct safety_telemetry *t)
{
	struct safety *s = st->s;

	s->p.still = pen_off(t) ? core_add(s->p.still, 1) : 0;
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
	if (!moving(t))
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

void core_telemetry(struct core_step *st)
{
	const struct safety_telemetry *t = &st->ev->telemetry;
	struct safety *s = st->s;
	bool known = s->p.have_telemetry;
	bool rebooted = known && t->boot_id != s->last.boot_id;

	if (s->p.gone)
		return;
	if (known && !rebooted && !plausible_order(s, t)) {
		core_telemetry_invalid(st);
		return;
	}
	if (known && !rebooted)
		count_strokes(s, t);
	if (!known || sensors_differ(&s->last, t))
		s->p.changed_ms = st->now;
	if (known)
		fill_leaks(st, t);
	note_peaks(s, t);
	s->last = *t;
	s->p.telemetry_ms = heard_ms(st);
	s->p.have_telemetry = true;
	s->p.invalid = 0;
	/* A pen that rebooted has forgotten the limits of this session. */
	if (rebooted && s->p.session_open)
		core_fault(st, SAFETY_FAULT_PEN_REBOOTED);
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

/* ---- what was not said in time ------------------------------------------ */

bool core_telemetry_fresh(const struct core_step *st)
{
	const struct safety *s = st->s;

	return s->p.have_telemetry && !s->p.invalid &&
	       since(st, s->p.telemetry_ms) <= st->cfg->telemetry_max_age_ms;
}

/*
 * Telemetry may wait while the driver is busy starting; from then on silence
 * counts, from the later of the two. Renewal never waives it.
 */
static enum safety_reason overdue(const struct core_step *st)
{
	const struct safety_config *cfg = st->cfg;
	const struct safety *s = st->s;

	if (!s->p.started)
		return SAFETY_OK;
	if (since(st, s->p.telemetry_ms) > cfg->telemetry_max_age_ms &&
	    since(st, s->p.started_ms) > cfg->telemetry_max_age_ms)
		return SAFETY_FAULT_TELEMETRY_SILENT;
	if (since(st, s->p.changed_ms) > cfg->frozen_max_ms)
		return SAFETY_FAULT_TELEMETRY_FROZEN;
	if (s->p.mismatch && since(st, s->p.mismatch_ms) > cfg->mismatch_max_ms)
		return SAFETY_FAULT_MISMATCH;
	return SAFETY_OK;
}

static void deadlines_active(struct core_step *st)
{
	const struct safety_config *cfg = st->cfg;
	struct safety *s = st->s;
	enum safety_reason reason = overdue(st);

	if (reason != SAFETY_OK)
		core_fault(st, reason);
	else if (s->run_ms >= s->p.run_limit_ms)
		core_stop(st, s->p.run_limit_reason);
	else if (since(st, s->p.heartbeat_ms) > cfg->heartbeat_max_ms)
		core_stop(st, SAFETY_STOP_OWNER_SILENT);
	else if (!s->p.started &&
		 since(st, s->p.active_ms) > cfg->start_max_ms)
		core_stop(st, SAFETY_STOP_START_FAILED);
}

/* The pen does not obey: the last thing left is to close the device. */
static void give_up(struct core_step *st)
{
	struct safety *s = st->s;

	if (s->fault == SAFETY_OK)
		s->fault = SAFETY_FAULT_STOP_UNCONFIRMED;
	core_send_stop(st, SAFETY_FAULT_STOP_UNCONFIRMED);
	core_do(st, SAFETY_DO_HARD_STOP)->reason = SAFETY_FAULT_STOP_UNCONFIRMED;
	core_do(st, SAFETY_DO_RECORD_FAULT)->reason =
		SAFETY_FAULT_STOP_UNCONFIRMED;
	core_do(st, SAFETY_DO_ALARM)->reason = SAFETY_FAULT_STOP_UNCONFIRMED;
	core_close_run(st);
	if (s->p.ending)
		core_close_session(st, SAFETY_FAULT_STOP_UNCONFIRMED);
	s->state = SAFETY_HARD_FAULT;
}

static void deadlines_stopping(struct core_step *st)
{
	struct safety *s = st->s;

	/* The very first stop: nothing was heard from the pen yet. */
	if (!s->p.have_telemetry && !s->p.run_open)
		s->p.stop_first_ms = st->now;
	if (since(st, s->p.stop_first_ms) > st->cfg->stop_confirm_max_ms)
		give_up(st);
	else if (since(st, s->p.stop_ms) >= st->cfg->stop_repeat_ms)
		core_send_stop(st, s->last_stop ? s->last_stop :
						  SAFETY_STOP_REQUEST);
}

void core_deadlines(struct core_step *st)
{
	switch (st->s->state) {
	case SAFETY_ACTIVE:
		deadlines_active(st);
		break;
	case SAFETY_STOPPING:
		deadlines_stopping(st);
		break;
	case SAFETY_IDLE:
	case SAFETY_SCREENED:
	case SAFETY_READY:
	case SAFETY_PAUSED:
	case SAFETY_CLOSED:
	case SAFETY_FAULT:
	case SAFETY_HARD_FAULT:
	case SAFETY_STATES:
		break;
	}
}

void core_renew(struct core_step *st)
{
	struct safety *s = st->s;

	if (st->ev->kind != SAFETY_EV_TICK &&
	    st->ev->kind != SAFETY_EV_TELEMETRY)
		return;
	if (s->state != SAFETY_ACTIVE || !s->p.started || s->p.depth_over ||
	    !core_telemetry_fresh(st))
		return;
	if (since(st, s->p.renew_ms) < st->cfg->renew_ms)
		return;
	s->p.renew_ms = st->now;
	core_do(st, SAFETY_DO_RENEW);
}

/* ---- before a run ------------------------------------------------------- */

static bool refuse(struct core_refusal *why, enum safety_reason reason)
{
	why->reason = reason;
	return false;
}

static bool refuse_limit(const struct safety *s, struct core_refusal *why,
			 enum safety_limit_id id, uint32_t value)
{
	why->limit = id;
	why->source = s->limits.limit[id].source;
	why->requested = value;
	why->allowed = s->limits.limit[id].value;
	return refuse(why, SAFETY_REFUSE_LIMIT);
}

static uint32_t positive(int32_t value)
{
	return value > 0 ? (uint32_t)value : 0;
}

bool core_healthy(const struct core_step *st, struct core_refusal *why)
{
	const struct safety *s = st->s;
	const struct safety_telemetry *t = &s->last;

	if (s->p.record_failed)
		return refuse(why, SAFETY_REFUSE_RECORD);
	if (!core_telemetry_fresh(st))
		return refuse(why, SAFETY_REFUSE_TELEMETRY);
	if (t->fault_latched)
		return refuse(why, SAFETY_REFUSE_FAULT);
	if (t->rate_spm || (t->pen_state != CORE_PEN_IDLE &&
			    t->pen_state != CORE_PEN_ARMED))
		return refuse(why, SAFETY_REFUSE_STATE);
	if (t->motor_ma <= CURRENT_UNKNOWN_MA ||
	    t->temp_motor_mdegc < TEMP_MIN_MDEGC || t->depth_um >= UNKNOWN_U16)
		return refuse(why, SAFETY_REFUSE_TELEMETRY);
	if (too_strong(s, t))
		return refuse_limit(s, why, SAFETY_LIMIT_CURRENT_MAX,
				    positive(t->motor_ma));
	if (too_hot(s, t))
		return refuse_limit(s, why, SAFETY_LIMIT_TEMP_MAX,
				    positive(t->temp_motor_mdegc));
	return true;
}

bool core_may_run(const struct core_step *st, struct core_refusal *why)
{
	const struct safety *s = st->s;
	uint32_t full = leak_full(st);

	if (!core_healthy(st, why))
		return false;
	/* These two fill at rest as well; a full one wants time to drain. */
	if (s->p.current_leak >= full || s->p.temp_leak >= full)
		return refuse(why, SAFETY_REFUSE_FAULT);
	if (!core_limit_allows(&s->limits, SAFETY_LIMIT_DEPTH_MAX, s->depth_um,
			       why) ||
	    !core_limit_allows(&s->limits, SAFETY_LIMIT_RATE_MIN, s->rate_spm,
			       why) ||
	    !core_limit_allows(&s->limits, SAFETY_LIMIT_RATE_MAX, s->rate_spm,
			       why))
		return false;
	/* Needles that already stand out too far would start in the skin. */
	if (deeper_than(st, &s->last, s->depth_um))
		return refuse_limit(s, why, SAFETY_LIMIT_DEPTH_MAX,
				    s->last.depth_um);
	if (!limit(s, SAFETY_LIMIT_RUN_MAX))
		return refuse_limit(s, why, SAFETY_LIMIT_RUN_MAX, 0);
	if (s->motor_ms >= limit(s, SAFETY_LIMIT_SESSION_MAX))
		return refuse_limit(s, why, SAFETY_LIMIT_SESSION_MAX,
				    s->motor_ms);
	return true;
}
