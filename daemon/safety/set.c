// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Set points that move while the needles do: up in small steps, down at once.
 */
#include "daemon/safety/core.h"

/* E: as a pen on the market does at its deepest, with its slowest rate. */
#define SLOW_FROM_UM	2000

void core_depth_limits(struct safety_limits *l, uint32_t depth_um)
{
	if (depth_um >= SLOW_FROM_UM)
		safety_limits_tighten(l, SAFETY_LIMIT_RATE_MAX,
				      l->limit[SAFETY_LIMIT_RATE_MIN].value,
				      SAFETY_BY_DEPTH);
}

bool core_set_points_allow(const struct safety_limits *l, uint32_t depth_um,
			   uint32_t rate_spm, struct core_refusal *why)
{
	return core_limit_allows(l, SAFETY_LIMIT_DEPTH_MAX, depth_um, why) &&
	       core_limit_allows(l, SAFETY_LIMIT_RATE_MIN, rate_spm, why) &&
	       core_limit_allows(l, SAFETY_LIMIT_RATE_MAX, rate_spm, why);
}

uint32_t core_rounded(uint32_t value, uint32_t step)
{
	return step > 1 ? value - value % step : value;
}

/* New set points for the session; its limits may only get tighter by them. */
bool core_set(struct core_step *st, struct core_refusal *why)
{
	const struct safety_set *set = &st->ev->set;
	struct safety *s = st->s;
	uint32_t depth_um = core_rounded(set->depth_um, s->p.depth_step_um);
	uint32_t rate_spm = core_rounded(set->rate_spm, s->p.rate_step_spm);
	struct safety_limits l = s->limits;
	const struct safety_begin as_begun = {
		.cartridge = s->cartridge,
		.dose = s->dose,
	};

	core_depth_limits(&l, depth_um);
	core_dose_limits(&l, &as_begun, depth_um);
	if (!core_set_points_allow(&l, set->depth_um, set->rate_spm, why) ||
	    !core_limit_allows(&l, SAFETY_LIMIT_RATE_MIN, rate_spm, why))
		return false;
	s->limits = l;
	s->depth_um = depth_um;
	s->rate_spm = rate_spm;
	core_dose_aims(s);
	return true;
}

void core_set_begin(struct core_step *st)
{
	struct safety *s = st->s;

	s->depth_now_um = s->depth_um;
	s->rate_now_spm = s->rate_spm;
	s->p.set_from_um = s->depth_um;
	s->p.set_from_spm = s->rate_spm;
	s->p.set_ms = st->now;
}

/* One step of the pen is the least there is. */
static uint32_t toward(uint32_t now, uint32_t wanted, uint32_t rise,
		       uint32_t step)
{
	if (wanted <= now || !rise)
		return core_min(wanted, now);
	rise = core_max(rise, step);
	return core_rounded(now + core_min(wanted - now, rise), step);
}

/* After a fall the needles must first have got there. */
static uint32_t rise_after_ms(const struct core_step *st)
{
	const struct safety *s = st->s;

	return s->p.set_from_um > s->depth_now_um ||
			       s->p.set_from_spm > s->rate_now_spm ?
		       core_max(st->cfg->spin_up_ms, st->cfg->rise_ms) :
		       st->cfg->rise_ms;
}

/* Brings the pen's set points closer to those wanted. */
void core_follow(struct core_step *st)
{
	const struct safety_config *cfg = st->cfg;
	struct safety *s = st->s;
	bool may_rise = core_since(st, s->p.set_ms) >= rise_after_ms(st);
	uint32_t depth_um, rate_spm;
	struct safety_action *a;

	if (s->state != SAFETY_ACTIVE || !s->p.started)
		return;
	depth_um = toward(s->depth_now_um, s->depth_um,
			  may_rise ? cfg->rise_um : 0, s->p.depth_step_um);
	rate_spm = toward(s->rate_now_spm, s->rate_spm,
			  may_rise ? cfg->rise_spm : 0, s->p.rate_step_spm);
	if (depth_um == s->depth_now_um && rate_spm == s->rate_now_spm)
		return;
	s->p.set_from_um = s->depth_now_um;
	s->p.set_from_spm = s->rate_now_spm;
	s->p.set_ms = st->now;
	s->depth_now_um = depth_um;
	s->rate_now_spm = rate_spm;
	a = core_do(st, SAFETY_DO_SET);
	a->depth_um = depth_um;
	a->rate_spm = rate_spm;
}
