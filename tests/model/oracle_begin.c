// SPDX-License-Identifier: GPL-2.0-or-later
/* What a session needs (30, 31, 23) and what limits it gets (12 to 14). */
#include <stddef.h>

#include "tests/model/oracle_internal.h"

#define DAY_S		86400
#define SET_FROM_S	1704067200	/* 2024: clocks before it are not set */
#define SET_TO_S	253402300799	/* end of 9999 */
#define CM2_UM2		127323954u	/* 4 * 10^8 / pi */

static void tighten(struct safety_limits *l, enum safety_limit_id id,
		    uint32_t value, enum safety_source source)
{
	if (!oracle_tighter(id, value, l->limit[id].value))
		return;
	l->limit[id].value = value;
	l->limit[id].source = source;
}

/* Punctures per cm2 that cover so much of it, half of that when deep. */
static uint32_t covering(uint32_t needle_um, uint32_t depth_um,
			 uint32_t permille)
{
	uint64_t n = (uint64_t)CM2_UM2 * permille;

	n /= (uint64_t)needle_um * needle_um * (depth_um > 1000 ? 2000 : 1000);
	return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

void oracle_tighten_by_depth(struct safety_limits *l, uint32_t depth_um,
			     const struct safety_cartridge *c,
			     const struct safety_dose *d)
{
	if (depth_um >= 2000)
		tighten(l, SAFETY_LIMIT_RATE_MAX,
			l->limit[SAFETY_LIMIT_RATE_MIN].value, SAFETY_BY_DEPTH);
	tighten(l, SAFETY_LIMIT_DENSITY_MAX,
		c->needle_um ? covering(c->needle_um, depth_um,
					d->density_override ? 2000 : 1000) : 0,
		SAFETY_BY_CARTRIDGE);
}

/* The tightest in each place, whoever brings it. */
struct safety_limits oracle_merged(const struct safety_begin *b)
{
	struct safety_limits l;
	uint32_t id;

	safety_limits_absolute(&l);
	for (id = 0; id < SAFETY_LIMITS; id++)
		tighten(&l, (enum safety_limit_id)id,
			b->limits.limit[id].value, b->limits.limit[id].source);
	if (b->cartridge.length_um)
		tighten(&l, SAFETY_LIMIT_DEPTH_MAX, b->cartridge.length_um,
			SAFETY_BY_CARTRIDGE);
	oracle_tighten_by_depth(&l, b->depth_um, &b->cartridge, &b->dose);
	return l;
}

/* ---- time of day -------------------------------------------------------- */

static int64_t at_least_s(const struct safety_when *w)
{
	if (w->durable_s <= 0 || w->durable_s > SET_TO_S)
		return 0;
	if (w->since_s > SET_TO_S)
		return SET_TO_S;
	return w->durable_s + (w->since_s > 0 ? w->since_s : 0);
}

static int64_t now_s(const struct safety_when *w)
{
	return w->wall_s > at_least_s(w) ? w->wall_s : at_least_s(w);
}

static int64_t day(const struct safety_when *w, int64_t s)
{
	s += w->utc_offset_s;
	return s < 0 ? 0 : s / DAY_S;
}

static bool clock_known(const struct oracle *o, const struct safety_when *w)
{
	int64_t now = now_s(w);

	if (now < SET_FROM_S || now >= SET_TO_S || w->last_end_s > now)
		return false;
	if (w->utc_offset_s > 64800 || w->utc_offset_s < -64800)
		return false;
	return !w->since_exact || w->confirmed ||
	       now - at_least_s(w) <= (int64_t)o->cfg.jump_max_s;
}

/* 23 */
static bool too_soon(const struct safety_when *w, const struct safety_limits *l)
{
	int64_t days = day(w, now_s(w)) - day(w, w->last_end_s);

	if (w->last_end_s <= 0 || (w->last_open && !days))
		return false;
	return days < (int64_t)l->limit[SAFETY_LIMIT_INTERVAL_MIN].value;
}

/* ---- cartridge: 30 ------------------------------------------------------ */

static uint64_t no_cartridge(const struct oracle *o,
			     const struct safety_begin *b, bool clock)
{
	const struct safety_cartridge *c = &b->cartridge;
	uint64_t why = 0;

	if ((uint32_t)c->proof < SAFETY_PROOF_ATTESTED ||
	    (uint32_t)c->proof > SAFETY_PROOF_PROVEN || !c->needles ||
	    c->needles > 64 || !c->needle_um || c->needle_um > 1000 ||
	    (c->proof == SAFETY_PROOF_PROVEN && !c->id))
		why |= BIT(SAFETY_REFUSE_CARTRIDGE_UNKNOWN);
	if (c->recalled)
		why |= BIT(SAFETY_REFUSE_CARTRIDGE_RECALLED);
	if (c->used || (c->id && c->id == o->burned_id))
		why |= BIT(SAFETY_REFUSE_CARTRIDGE_USED);
	if (c->expiry_day == SAFETY_DAY_NONE ?
		    c->proof != SAFETY_PROOF_ATTESTED :
		    clock && day(&b->when, now_s(&b->when)) > c->expiry_day)
		why |= BIT(SAFETY_REFUSE_CARTRIDGE_EXPIRED);
	return why;
}

uint64_t oracle_no_session(const struct oracle *o, const struct safety_begin *b)
{
	struct safety_limits l = oracle_merged(b);
	bool clock = clock_known(o, &b->when);
	uint64_t why = no_cartridge(o, b, clock);

	if (!b->screening_clear)
		why |= BIT(SAFETY_REFUSE_SCREENING);		/* 31 */
	if (!b->consent)
		why |= BIT(SAFETY_REFUSE_CONSENT);
	if (!b->dose.area_mm2 || (b->dose.basis != SAFETY_DOSE_ALL &&
				  b->dose.basis != SAFETY_DOSE_LOADED))
		why |= BIT(SAFETY_REFUSE_AREA);
	if (!clock)
		why |= BIT(SAFETY_REFUSE_CLOCK);
	else if (too_soon(&b->when, &l))
		why |= BIT(SAFETY_REFUSE_LIMIT);
	why |= oracle_points_broken(&l, b->depth_um, b->rate_spm);
	why |= oracle_points_broken(&l, b->depth_um,
				    oracle_rounded(b->rate_spm,
						   b->rate_step_spm));
	if (!b->motor_ms ||
	    b->motor_ms > l.limit[SAFETY_LIMIT_SESSION_MAX].value ||
	    b->cartridge.open_ms >= l.limit[SAFETY_LIMIT_CARTRIDGE_MAX].value)
		why |= BIT(SAFETY_REFUSE_LIMIT);
	if (b->dose.area_mm2 && (uint64_t)b->dose.punctures_before * 100 >=
	    (uint64_t)l.limit[SAFETY_LIMIT_DENSITY_MAX].value *
		    b->dose.area_mm2)
		why |= BIT(SAFETY_REFUSE_LIMIT);
	return why;
}

/* ---- and then ----------------------------------------------------------- */

void oracle_open_session(struct oracle *o, const struct safety_begin *b)
{
	o->limits = oracle_merged(b);
	tighten(&o->limits, SAFETY_LIMIT_SESSION_MAX, b->motor_ms,
		SAFETY_BY_OPERATOR);
	o->step_um = b->depth_step_um;
	o->step_spm = b->rate_step_spm;
	o->depth_um = oracle_rounded(b->depth_um, o->step_um);
	o->rate_spm = oracle_rounded(b->rate_spm, o->step_spm);
	o->now_um = o->from_um = o->depth_um;
	o->now_spm = o->from_spm = o->rate_spm;
	o->age.set = 0;
	o->area = b->area;
	o->cartridge = b->cartridge;
	o->dose = b->dose;
	o->age.opened = b->cartridge.open_ms;
	o->cartridge_void = false;
	o->motor_ms = 0;
	o->run_ms = 0;
	o->strokes = 0;
	o->punctures = 0;
	o->dosed = b->dose.punctures_before;
	o->loaded = false;
	o->target_told = false;
	o->session = true;
	o->prepared = false;
	o->ending = false;
}

static void bound_run(struct oracle *o, enum safety_limit_id id, uint64_t used,
		      enum safety_reason reason)
{
	uint64_t left = oracle_limit(o, id) - used;

	if (left < o->run_limit_ms) {
		o->run_limit_ms = left;
		o->run_reasons = 0;
	}
	if (left == o->run_limit_ms)
		o->run_reasons |= BIT(reason);
}

void oracle_open_run(struct oracle *o)
{
	o->run_limit_ms = UINT64_MAX;
	bound_run(o, SAFETY_LIMIT_RUN_MAX, 0, SAFETY_STOP_RUN_TIME);
	bound_run(o, SAFETY_LIMIT_SESSION_MAX, o->motor_ms,
		  SAFETY_STOP_SESSION_TIME);
	bound_run(o, SAFETY_LIMIT_DUTY_MAX, o->duty_ms, SAFETY_STOP_DUTY);
	bound_run(o, SAFETY_LIMIT_CARTRIDGE_MAX, o->age.opened,
		  SAFETY_STOP_CARTRIDGE);
	if (o->dose.basis == SAFETY_DOSE_ALL)
		bound_run(o, SAFETY_LIMIT_CONTACT_MAX, o->contact_ms,
			  SAFETY_STOP_CONTACT);
	o->burned_id = o->cartridge.id;
	o->now_um = o->from_um = o->depth_um;
	o->now_spm = o->from_spm = o->rate_spm;
	o->age.set = 0;
	o->age.active = 0;
	o->run_ms = 0;
	o->deep_records = 0;
	o->differs = false;
	o->started = false;
	o->confirmed = false;
	o->outstanding = true;
	o->run_open = true;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

const char *oracle_check_aims(const struct oracle *o, const struct safety *s)
{
	uint32_t needle = o->cartridge.needle_um;
	uint32_t soft = least(covering(needle, o->depth_um, 500),
			      oracle_limit(o, SAFETY_LIMIT_DENSITY_MAX));
	uint32_t target = covering(needle, o->depth_um, 250);

	if (target < 250)
		target = 250;
	HOLDS(s->density_soft_cm2 == soft, "16: where to warn");
	HOLDS(s->density_target_cm2 == least(target, soft),
	      "16: what to aim at");
	return NULL;
}
