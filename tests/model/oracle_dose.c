// SPDX-License-Identifier: GPL-2.0-or-later
/* Punctures, contact, duty (16, 18, 22). */
#include <stddef.h>

#include "tests/model/oracle_internal.h"

static uint32_t top(uint64_t n)
{
	return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* Without a sensor for load the needles are on the skin all the time. */
static bool on_skin(const struct oracle *o)
{
	return o->run_open &&
	       (o->dose.basis == SAFETY_DOSE_ALL || o->loaded);
}

void oracle_charge(struct oracle *o, uint64_t ms)
{
	if (o->run_open) {
		o->motor_ms += ms;
		o->run_ms += ms;
		o->duty_ms = top(o->duty_ms + (ms >> 32 ? UINT32_MAX : ms));
	} else {
		o->duty_ms = o->duty_ms > ms ? o->duty_ms - (uint32_t)ms : 0;
	}
	if (on_skin(o)) {
		o->contact_ms = top(o->contact_ms +
				    (ms >> 32 ? UINT32_MAX : ms));
		o->age.lifted = 0;
	} else if (o->age.lifted >= o->cfg.contact_gap_ms) {
		o->contact_ms = 0;
	}
}

void oracle_count(struct view *v, const struct safety_telemetry *t,
		  uint32_t strokes)
{
	struct oracle *o = v->o;
	uint64_t more = (uint64_t)strokes * o->cartridge.needles;
	bool loaded = o->dose.basis == SAFETY_DOSE_ALL ||
		      t->motor_ma == INT16_MIN || t->motor_ma < INT16_MIN ||
		      (t->motor_ma > 0 &&
		       (int64_t)t->motor_ma >= o->dose.loaded_ma);

	if (!o->session)
		return;
	o->strokes = top((uint64_t)o->strokes + strokes);
	o->punctures = top(o->punctures + more);
	if (loaded || o->loaded)
		o->dosed = top(o->dosed + more);
	o->loaded = loaded;
}

bool oracle_density_full(const struct oracle *o)
{
	if (!o->dose.area_mm2)
		return true;
	return (uint64_t)o->dosed * 100 / o->dose.area_mm2 >=
	       oracle_limit(o, SAFETY_LIMIT_DENSITY_MAX);
}

bool oracle_used_up(const struct oracle *o)
{
	return !oracle_limit(o, SAFETY_LIMIT_RUN_MAX) ||
	       o->motor_ms >= oracle_limit(o, SAFETY_LIMIT_SESSION_MAX) ||
	       o->contact_ms >= oracle_limit(o, SAFETY_LIMIT_CONTACT_MAX) ||
	       o->duty_ms >= oracle_limit(o, SAFETY_LIMIT_DUTY_MAX) ||
	       o->age.opened >= oracle_limit(o, SAFETY_LIMIT_CARTRIDGE_MAX) ||
	       o->punctures >= oracle_limit(o, SAFETY_LIMIT_PUNCTURES_MAX) ||
	       oracle_density_full(o);
}

const char *oracle_check_dose(const struct view *v)
{
	const struct oracle *o = v->o;
	const struct safety *s = v->after;

	HOLDS(s->strokes == o->strokes, "16: strokes");
	HOLDS(s->punctures == o->punctures, "16: punctures");
	HOLDS(s->dosed == o->dosed, "16: dose");
	if (o->dose.area_mm2)
		HOLDS(s->density_cm2 == top((uint64_t)o->dosed * 100 /
					    o->dose.area_mm2), "16: density");
	HOLDS(s->contact_ms == o->contact_ms, "22: contact");
	HOLDS(s->duty_ms == o->duty_ms, "22: duty");
	HOLDS(s->motor_ms == top(o->motor_ms), "22: motor time");
	HOLDS(s->run_ms == top(o->run_ms), "22: time of the run");
	return NULL;
}
