// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What one record says, held against the limits and set points of now.
 *
 * After set points moved the pen needs a moment to follow: until then the old
 * ones are as good as the new, in the direction the pen comes from.
 */
#include "daemon/safety/core.h"

/* Colder than any room: the sensor is off, or the value is "unknown". */
#define TEMP_MIN_MDEGC		(-40000)
/* What the uAPI gives for an unknown current. */
#define CURRENT_UNKNOWN_MA	INT16_MIN
/* The same for rate and depth. */
#define UNKNOWN_U16		UINT16_MAX

bool core_too_hot(const struct safety *s, const struct safety_telemetry *t)
{
	if (t->temp_motor_mdegc < TEMP_MIN_MDEGC)
		return true;
	return t->temp_motor_mdegc > 0 &&
	       (uint32_t)t->temp_motor_mdegc >
		       core_limit(s, SAFETY_LIMIT_TEMP_MAX);
}

bool core_too_strong(const struct safety *s, const struct safety_telemetry *t)
{
	if (t->motor_ma <= CURRENT_UNKNOWN_MA)
		return true;
	return t->motor_ma > 0 &&
	       (uint32_t)t->motor_ma > core_limit(s, SAFETY_LIMIT_CURRENT_MAX);
}

/* Rate is judged by the records themselves: unknown is far too fast. */
bool core_blind(const struct safety_telemetry *t)
{
	return t->motor_ma <= CURRENT_UNKNOWN_MA ||
	       t->temp_motor_mdegc < TEMP_MIN_MDEGC ||
	       t->depth_um >= UNKNOWN_U16;
}

bool core_deeper_than(const struct core_step *st,
		      const struct safety_telemetry *t, uint32_t depth_um)
{
	return t->depth_um > core_add(depth_um, st->cfg->depth_tolerance_um);
}

/* Set points moved so lately that the pen may still be on its way. */
static bool following(const struct core_step *st)
{
	return core_since(st, st->s->p.set_ms) <= st->cfg->spin_up_ms;
}

bool core_too_deep(const struct core_step *st, const struct safety_telemetry *t)
{
	uint32_t depth_um = st->s->depth_now_um;

	if (following(st))
		depth_um = core_max(depth_um, st->s->p.set_from_um);
	return core_deeper_than(st, t, depth_um);
}

/* Slow and shallow are excused until the motor had time to get there. */
bool core_spun_up(const struct core_step *st)
{
	const struct safety *s = st->s;

	return s->state == SAFETY_ACTIVE && s->p.started &&
	       core_since(st, s->p.started_ms) > st->cfg->spin_up_ms;
}

bool core_too_shallow(const struct core_step *st,
		      const struct safety_telemetry *t)
{
	uint32_t depth_um = st->s->depth_now_um;

	if (following(st))
		depth_um = core_min(depth_um, st->s->p.set_from_um);
	return core_spun_up(st) &&
	       core_add(t->depth_um, st->cfg->depth_tolerance_um) < depth_um;
}

static uint64_t tolerance_spm(const struct core_step *st, uint32_t rate_spm)
{
	return (uint64_t)rate_spm * st->cfg->rate_tolerance_permille / 1000;
}

bool core_rate_off(const struct core_step *st, const struct safety_telemetry *t)
{
	uint32_t high = st->s->rate_now_spm, low = high;

	if (st->s->state != SAFETY_ACTIVE)
		return false;
	if (following(st)) {
		high = core_max(high, st->s->p.set_from_spm);
		low = core_min(low, st->s->p.set_from_spm);
	}
	if (t->rate_spm > high)
		return t->rate_spm - high > tolerance_spm(st, high);
	return core_spun_up(st) && t->rate_spm < low &&
	       low - t->rate_spm > tolerance_spm(st, low);
}

bool core_moving(const struct safety_telemetry *t)
{
	return t->rate_spm != 0 || t->pen_state == CORE_PEN_RUNNING;
}

/* States in which the pen itself says that its motor is off. */
bool core_pen_off(const struct safety_telemetry *t)
{
	return t->rate_spm == 0 &&
	       (t->pen_state == CORE_PEN_IDLE ||
		t->pen_state == CORE_PEN_ARMED ||
		t->pen_state == CORE_PEN_FAULT ||
		t->pen_state == CORE_PEN_LIMP ||
		t->pen_state == CORE_PEN_UPDATE);
}

void core_note_peaks(struct safety *s, const struct safety_telemetry *t)
{
	if (!s->p.run_open)
		return;
	if (t->depth_um < UNKNOWN_U16)
		s->depth_peak_um = core_max(s->depth_peak_um, t->depth_um);
	if (t->rate_spm < UNKNOWN_U16)
		s->rate_peak_spm = core_max(s->rate_peak_spm, t->rate_spm);
}
