// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What must be well before a run: every check must pass at that moment, which
 * is more than "has not failed yet".
 */
#include "daemon/safety/core.h"

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

	if (s->p.limp)
		return refuse(why, SAFETY_REFUSE_LIMP);
	if (s->p.record_failed)
		return refuse(why, SAFETY_REFUSE_RECORD);
	if (!core_telemetry_fresh(st))
		return refuse(why, SAFETY_REFUSE_TELEMETRY);
	if (t->pen_state == CORE_PEN_LIMP)
		return refuse(why, SAFETY_REFUSE_LIMP);
	if (t->fault_latched)
		return refuse(why, SAFETY_REFUSE_FAULT);
	if (t->rate_spm || (t->pen_state != CORE_PEN_IDLE &&
			    t->pen_state != CORE_PEN_ARMED))
		return refuse(why, SAFETY_REFUSE_STATE);
	if (core_blind(t))
		return refuse(why, SAFETY_REFUSE_TELEMETRY);
	if (core_too_strong(s, t))
		return refuse_limit(s, why, SAFETY_LIMIT_CURRENT_MAX,
				    positive(t->motor_ma));
	if (core_too_hot(s, t))
		return refuse_limit(s, why, SAFETY_LIMIT_TEMP_MAX,
				    positive(t->temp_motor_mdegc));
	return true;
}

/* What adds up over runs must leave something for this one. */
static bool something_left(const struct core_step *st,
			   struct core_refusal *why)
{
	const struct safety *s = st->s;
	uint32_t open_ms = core_add(0, core_since(st, s->p.open_ms));

	if (!core_limit(s, SAFETY_LIMIT_RUN_MAX))
		return refuse_limit(s, why, SAFETY_LIMIT_RUN_MAX, 0);
	if (s->motor_ms >= core_limit(s, SAFETY_LIMIT_SESSION_MAX))
		return refuse_limit(s, why, SAFETY_LIMIT_SESSION_MAX,
				    s->motor_ms);
	if (s->contact_ms >= core_limit(s, SAFETY_LIMIT_CONTACT_MAX))
		return refuse_limit(s, why, SAFETY_LIMIT_CONTACT_MAX,
				    s->contact_ms);
	if (s->duty_ms >= core_limit(s, SAFETY_LIMIT_DUTY_MAX))
		return refuse_limit(s, why, SAFETY_LIMIT_DUTY_MAX, s->duty_ms);
	if (open_ms >= core_limit(s, SAFETY_LIMIT_CARTRIDGE_MAX))
		return refuse_limit(s, why, SAFETY_LIMIT_CARTRIDGE_MAX,
				    open_ms);
	if (core_area_full(s))
		return refuse_limit(s, why, SAFETY_LIMIT_DENSITY_MAX,
				    s->density_cm2);
	if (s->punctures >= core_limit(s, SAFETY_LIMIT_PUNCTURES_MAX))
		return refuse_limit(s, why, SAFETY_LIMIT_PUNCTURES_MAX,
				    s->punctures);
	return true;
}

bool core_may_run(const struct core_step *st, struct core_refusal *why)
{
	const struct safety *s = st->s;
	uint32_t full = core_leak_full(st);

	if (!core_healthy(st, why))
		return false;
	/* These two fill at rest as well; a full one wants time to drain. */
	if (s->p.current_leak >= full || s->p.temp_leak >= full)
		return refuse(why, SAFETY_REFUSE_FAULT);
	if (s->p.cartridge_void)
		return refuse(why, SAFETY_REFUSE_CARTRIDGE_UNKNOWN);
	if (!core_set_points_allow(&s->limits, s->depth_um, s->rate_spm, why))
		return false;
	/* Needles that already stand out too far would start in the skin. */
	if (core_deeper_than(st, &s->last, s->depth_um))
		return refuse_limit(s, why, SAFETY_LIMIT_DEPTH_MAX,
				    s->last.depth_um);
	return something_left(st, why);
}
