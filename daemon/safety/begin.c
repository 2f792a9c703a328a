// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a session needs to be opened. The shell says what was answered and
 * scanned; whether that is enough is decided here, and what it costs in
 * limits.
 */
#include "daemon/safety/core.h"

static bool refuse(struct core_refusal *why, enum safety_reason reason)
{
	why->reason = reason;
	return false;
}

static bool cartridge_known(const struct safety_cartridge *c)
{
	return c->proof > SAFETY_PROOF_NONE && c->proof < SAFETY_PROOFS &&
	       c->needles > 0 && c->needles <= SAFETY_NEEDLES_MAX &&
	       c->needle_um > 0 && c->needle_um <= SAFETY_NEEDLE_MAX_UM &&
	       (c->id != 0 || c->proof != SAFETY_PROOF_PROVEN);
}

/* Good to the end of its last day; no day is only good enough by word. */
static bool cartridge_in_date(const struct safety_cartridge *c, int32_t today)
{
	if (c->expiry_day == SAFETY_DAY_NONE)
		return c->proof == SAFETY_PROOF_ATTESTED;
	return today <= c->expiry_day;
}

static bool cartridge_allowed(const struct core_step *st,
			      struct core_refusal *why)
{
	const struct safety_cartridge *c = &st->ev->begin.cartridge;
	const struct safety *s = st->s;

	if (!cartridge_known(c))
		return refuse(why, SAFETY_REFUSE_CARTRIDGE_UNKNOWN);
	if (c->recalled)
		return refuse(why, SAFETY_REFUSE_CARTRIDGE_RECALLED);
	if (c->used || (c->id && c->id == s->p.burned_id))
		return refuse(why, SAFETY_REFUSE_CARTRIDGE_USED);
	if (!cartridge_in_date(c, core_today(&st->ev->begin.when)))
		return refuse(why, SAFETY_REFUSE_CARTRIDGE_EXPIRED);
	return true;
}

static bool eligible(const struct core_step *st, const struct safety_limits *l,
		     struct core_refusal *why)
{
	const struct safety_begin *b = &st->ev->begin;

	if (!b->consent)
		return refuse(why, SAFETY_REFUSE_CONSENT);
	if (!b->screening_clear)
		return refuse(why, SAFETY_REFUSE_SCREENING);
	if (!b->dose.area_mm2 ||
	    (uint32_t)b->dose.basis > SAFETY_DOSE_LOADED)
		return refuse(why, SAFETY_REFUSE_AREA);
	if (!core_clock_known(st, &b->when))
		return refuse(why, SAFETY_REFUSE_CLOCK);
	return cartridge_allowed(st, why) &&
	       core_interval_over(&b->when, l, why);
}

/* Nothing the caller brings can be wider than what is compiled in. */
static void session_limits(struct safety_limits *l,
			   const struct safety_begin *b)
{
	safety_limits_absolute(l);
	core_limits_merge(l, &b->limits);
	if (b->cartridge.length_um)
		safety_limits_tighten(l, SAFETY_LIMIT_DEPTH_MAX,
				      b->cartridge.length_um,
				      SAFETY_BY_CARTRIDGE);
	core_depth_limits(l, b->depth_um);
	core_dose_limits(l, b, b->depth_um);
}

static bool motor_time_allowed(const struct safety_limits *l, uint32_t motor_ms,
			       struct core_refusal *why)
{
	if (!core_limit_allows(l, SAFETY_LIMIT_SESSION_MAX, motor_ms, why))
		return false;
	if (motor_ms)
		return true;
	why->reason = SAFETY_REFUSE_LIMIT;
	why->limit = SAFETY_LIMIT_SESSION_MAX;
	why->source = SAFETY_BY_OPERATOR;
	why->requested = 0;
	why->allowed = l->limit[SAFETY_LIMIT_SESSION_MAX].value;
	return false;
}

static void clear_counters(struct core_step *st)
{
	struct safety *s = st->s;

	s->last_stop = SAFETY_OK;
	s->motor_ms = 0;
	s->run_ms = 0;
	s->runs = 0;
	s->strokes = 0;
	s->run_strokes = 0;
	s->depth_peak_um = 0;
	s->rate_peak_spm = 0;
	core_over(st, SAFETY_ALERT_DENSITY);
	core_stops_noted(st);
	core_dose_begin(s);
}

static void open_session(struct core_step *st, const struct safety_limits *l)
{
	const struct safety_begin *b = &st->ev->begin;
	struct safety *s = st->s;

	s->limits = *l;
	safety_limits_tighten(&s->limits, SAFETY_LIMIT_SESSION_MAX,
			      b->motor_ms, SAFETY_BY_OPERATOR);
	s->p.depth_step_um = b->depth_step_um;
	s->p.rate_step_spm = b->rate_step_spm;
	s->depth_um = core_rounded(b->depth_um, b->depth_step_um);
	s->rate_spm = core_rounded(b->rate_spm, b->rate_step_spm);
	s->area = b->area;
	s->cartridge = b->cartridge;
	s->dose = b->dose;
	s->p.open_ms = st->now - b->cartridge.open_ms;
	s->p.cartridge_void = false;
	s->p.session_open = true;
	s->p.prepared = false;
	s->state = SAFETY_SCREENED;
	core_set_begin(st);
	core_dose_aims(s);
	clear_counters(st);
	core_do(st, SAFETY_DO_RECORD_BEGIN);
}

/* What the area had today and the open cartridge count before the first run. */
static bool anything_left(const struct safety_limits *l,
			  const struct safety_begin *b,
			  struct core_refusal *why)
{
	uint64_t density = (uint64_t)b->dose.punctures_before * 100 /
			   core_max(b->dose.area_mm2, 1);

	why->reason = SAFETY_REFUSE_LIMIT;
	why->limit = SAFETY_LIMIT_DENSITY_MAX;
	why->requested = core_add(0, density);
	if (density < l->limit[why->limit].value) {
		why->limit = SAFETY_LIMIT_CARTRIDGE_MAX;
		why->requested = b->cartridge.open_ms;
		if (b->cartridge.open_ms < l->limit[why->limit].value)
			return true;
	}
	why->source = l->limit[why->limit].source;
	why->allowed = l->limit[why->limit].value;
	return false;
}

void core_begin(struct core_step *st)
{
	const struct safety_begin *b = &st->ev->begin;
	struct core_refusal why = { .reason = SAFETY_OK };
	struct safety_limits l;

	session_limits(&l, b);
	if (st->s->fault != SAFETY_OK) {
		why.reason = st->s->fault == SAFETY_FAULT_LIMP ?
				     SAFETY_REFUSE_LIMP : SAFETY_REFUSE_FAULT;
	} else if (st->s->state != SAFETY_IDLE) {
		why.reason = SAFETY_REFUSE_STATE;
	} else if (eligible(st, &l, &why) &&
		   core_set_points_allow(&l, b->depth_um, b->rate_spm, &why) &&
		   core_limit_allows(&l, SAFETY_LIMIT_RATE_MIN,
				     core_rounded(b->rate_spm, b->rate_step_spm),
				     &why) &&
		   motor_time_allowed(&l, b->motor_ms, &why) &&
		   anything_left(&l, b, &why) && core_healthy(st, &why)) {
		open_session(st, &l);
		core_accept(st);
		return;
	}
	core_refuse(st, &why);
}
