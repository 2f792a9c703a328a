// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What adds up: punctures and their density, time on the skin, time of the
 * motor, time since the cartridge was opened.
 *
 * Punctures are an upper bound: not every needle that comes down gets
 * through. Without a sensor for load every stroke counts as one on the skin.
 */
#include "daemon/safety/core.h"

/* 4 * 10^8 / pi: circles of a diameter in um that cover one cm2. */
#define CM2_PER_CIRCLE_UM2	127323954u
/* E: above this depth half the punctures do the same harm. */
#define DEEP_UM			1000
/* What is aimed at is never below this (C17). */
#define TARGET_CM2		250
/* E: coverage in permille at which to aim, to warn, to stop. */
#define TARGET_PERMILLE		250
#define SOFT_PERMILLE		500
#define HARD_PERMILLE		1000
#define ABSOLUTE_PERMILLE	2000

uint32_t safety_density_cm2(uint32_t needle_um, uint32_t depth_um,
			    uint32_t permille)
{
	uint64_t circle = (uint64_t)needle_um * needle_um * 1000;

	if (depth_um > DEEP_UM)
		circle *= 2;
	if (!circle)
		return 0;
	return core_add(0, (uint64_t)CM2_PER_CIRCLE_UM2 * permille / circle);
}

/* Needles that are set deeper later may only lower what was allowed. */
void core_dose_limits(struct safety_limits *l, const struct safety_begin *b,
		      uint32_t depth_um)
{
	uint32_t permille = b->dose.density_override ? ABSOLUTE_PERMILLE :
						       HARD_PERMILLE;

	safety_limits_tighten(l, SAFETY_LIMIT_DENSITY_MAX,
			      safety_density_cm2(b->cartridge.needle_um,
						 depth_um, permille),
			      SAFETY_BY_CARTRIDGE);
}

void core_dose_aims(struct safety *s)
{
	uint32_t hard = core_limit(s, SAFETY_LIMIT_DENSITY_MAX);

	s->density_soft_cm2 =
		core_min(safety_density_cm2(s->cartridge.needle_um,
					    s->depth_um, SOFT_PERMILLE), hard);
	s->density_target_cm2 =
		core_max(safety_density_cm2(s->cartridge.needle_um,
					    s->depth_um, TARGET_PERMILLE),
			 TARGET_CM2);
	s->density_target_cm2 = core_min(s->density_target_cm2,
					 s->density_soft_cm2);
}

static void update_density(struct safety *s)
{
	s->density_cm2 = core_add(0, (uint64_t)s->dosed * 100 /
					     core_max(s->dose.area_mm2, 1));
}

void core_dose_begin(struct safety *s)
{
	s->punctures = 0;
	s->dosed = s->dose.punctures_before;
	s->p.target_told = false;
	s->p.loaded = false;
	update_density(s);
}

bool core_area_full(const struct safety *s)
{
	return (uint64_t)s->dosed * 100 >=
	       (uint64_t)core_limit(s, SAFETY_LIMIT_DENSITY_MAX) *
		       s->dose.area_mm2;
}

/* A current that is not known may be anything: it counts as load. */
static bool under_load(const struct safety *s, const struct safety_telemetry *t)
{
	return s->dose.basis != SAFETY_DOSE_LOADED ||
	       t->motor_ma <= INT16_MIN ||
	       (t->motor_ma > 0 &&
		(uint32_t)t->motor_ma >= s->dose.loaded_ma);
}

void core_dose(struct core_step *st, const struct safety_telemetry *t,
	       uint32_t strokes)
{
	struct safety *s = st->s;
	uint64_t punctures = (uint64_t)strokes * s->cartridge.needles;
	bool loaded = under_load(s, t);

	if (!s->p.session_open)
		return;
	s->strokes = core_add(s->strokes, strokes);
	if (s->p.run_open)
		s->run_strokes = core_add(s->run_strokes, strokes);
	s->punctures = core_add(s->punctures, punctures);
	/* Load may have come or gone between the two records. */
	if (loaded || s->p.loaded)
		s->dosed = core_add(s->dosed, punctures);
	s->p.loaded = loaded;
	update_density(s);
	if (!s->p.target_told && s->density_cm2 >= s->density_target_cm2) {
		s->p.target_told = true;
		core_raise(st, SAFETY_ALERT_TARGET);
	}
	if (s->density_cm2 >= s->density_soft_cm2)
		core_raise(st, SAFETY_ALERT_DENSITY);
}

/* At the limit the run ends in the step that reaches it. */
bool core_dose_spent(struct core_step *st)
{
	struct safety *s = st->s;

	if (core_area_full(s))
		core_stop_limit(st, SAFETY_STOP_DENSITY,
				SAFETY_LIMIT_DENSITY_MAX, s->density_cm2);
	else if (s->punctures >= core_limit(s, SAFETY_LIMIT_PUNCTURES_MAX))
		core_stop_limit(st, SAFETY_STOP_DENSITY,
				SAFETY_LIMIT_PUNCTURES_MAX, s->punctures);
	else
		return false;
	return true;
}

/* ---- time ---------------------------------------------------------------- */

static void charge_contact(struct core_step *st, uint32_t elapsed_ms)
{
	struct safety *s = st->s;
	bool on_skin = s->p.run_open && (s->dose.basis != SAFETY_DOSE_LOADED ||
					 s->p.loaded);

	if (on_skin) {
		s->contact_ms = core_add(s->contact_ms, elapsed_ms);
		s->p.touched_ms = st->now;
	} else if (core_since(st, s->p.touched_ms) >= st->cfg->contact_gap_ms) {
		s->contact_ms = 0;
	}
	if (!s->contact_ms)
		core_over(st, SAFETY_ALERT_CONTACT);
	else if (s->contact_ms >= st->cfg->contact_alert_ms)
		core_raise(st, SAFETY_ALERT_CONTACT);
}

void core_charge(struct core_step *st, uint64_t elapsed_ms)
{
	struct safety *s = st->s;
	uint32_t ms = core_add(0, elapsed_ms);

	/* Until the stop is confirmed the motor counts as running. */
	if (s->p.run_open) {
		s->run_ms = core_add(s->run_ms, ms);
		s->motor_ms = core_add(s->motor_ms, ms);
		s->duty_ms = core_add(s->duty_ms, ms);
	} else {
		s->duty_ms -= core_min(s->duty_ms, ms);
	}
	charge_contact(st, ms);
}

/* Only after core_may_run(): none of them is used up. */
static uint32_t left(const struct safety *s, enum safety_limit_id id,
		     uint64_t used)
{
	return core_limit(s, id) - (uint32_t)used;
}

/* How long this run may last, and what it will have reached then. */
void core_run_limit(struct core_step *st)
{
	struct safety *s = st->s;
	const struct {
		enum safety_limit_id id;
		enum safety_reason reason;
		uint64_t used;
		bool counts;
	} bound[] = {
		{ SAFETY_LIMIT_SESSION_MAX, SAFETY_STOP_SESSION_TIME,
		  s->motor_ms, true },
		{ SAFETY_LIMIT_RUN_MAX, SAFETY_STOP_RUN_TIME, 0, true },
		{ SAFETY_LIMIT_CONTACT_MAX, SAFETY_STOP_CONTACT, s->contact_ms,
		  s->dose.basis != SAFETY_DOSE_LOADED },
		{ SAFETY_LIMIT_DUTY_MAX, SAFETY_STOP_DUTY, s->duty_ms, true },
		{ SAFETY_LIMIT_CARTRIDGE_MAX, SAFETY_STOP_CARTRIDGE,
		  core_since(st, s->p.open_ms), true },
	};
	uint32_t i, ms;

	s->p.run_limit_ms = UINT32_MAX;
	for (i = 0; i < sizeof(bound) / sizeof(bound[0]); i++) {
		ms = left(s, bound[i].id, bound[i].used);
		if (!bound[i].counts || ms >= s->p.run_limit_ms)
			continue;
		s->p.run_limit_ms = ms;
		s->p.run_limit_reason = bound[i].reason;
		s->p.run_limit_id = bound[i].id;
	}
}

/* Both bounds of time that a run can reach. */
bool core_time_spent(struct core_step *st)
{
	struct safety *s = st->s;
	enum safety_limit_id id = s->p.run_limit_id;

	if (s->run_ms >= s->p.run_limit_ms)
		core_stop_limit(st, s->p.run_limit_reason, id,
				core_limit(s, id));
	else if (s->contact_ms >= core_limit(s, SAFETY_LIMIT_CONTACT_MAX))
		core_stop_limit(st, SAFETY_STOP_CONTACT,
				SAFETY_LIMIT_CONTACT_MAX, s->contact_ms);
	else
		return false;
	return true;
}
