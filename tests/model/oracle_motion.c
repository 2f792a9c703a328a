// SPDX-License-Identifier: GPL-2.0-or-later
/* When a run must end: everything that has to stop it, and nothing else. */
#include <errno.h>

#include <linux/mnpen.h>

#include "tests/model/oracle_internal.h"

/* Below any room: a sensor off the rail. */
#define TOO_COLD	(-40000)

bool oracle_too_hot(const struct oracle *o, const struct safety_telemetry *t)
{
	return t->temp_motor_mdegc < TOO_COLD ||
	       (int64_t)t->temp_motor_mdegc >
		       oracle_limit(o, SAFETY_LIMIT_TEMP_MAX);
}

bool oracle_too_strong(const struct oracle *o, const struct safety_telemetry *t)
{
	return t->motor_ma <= INT16_MIN ||
	       (int64_t)t->motor_ma > oracle_limit(o, SAFETY_LIMIT_CURRENT_MAX);
}

bool oracle_moving(const struct safety_telemetry *t)
{
	return t->rate_spm || t->pen_state == MNPEN_STATE_RUNNING;
}

bool oracle_pen_off(const struct safety_telemetry *t)
{
	if (t->rate_spm)
		return false;
	return t->pen_state == MNPEN_STATE_IDLE ||
	       t->pen_state == MNPEN_STATE_ARMED ||
	       t->pen_state == MNPEN_STATE_FAULT ||
	       t->pen_state == MNPEN_STATE_LIMP ||
	       t->pen_state == MNPEN_STATE_UPDATE;
}

bool oracle_spun_up(const struct oracle *o)
{
	return o->started && o->age.started > o->cfg.spin_up_ms;
}

uint64_t oracle_faults(uint64_t reasons)
{
	uint64_t first = BIT(SAFETY_FAULT_TELEMETRY_SILENT);
	uint64_t last = BIT(SAFETY_FAULT_STOP_UNCONFIRMED);

	return reasons & ((last | (last - 1)) & ~(first - 1));
}

/* ---- causes ------------------------------------------------------------- */

static uint64_t active_overdue(const struct oracle *o)
{
	const struct safety_config *cfg = &o->cfg;
	uint64_t why = 0;

	if (o->started && o->age.told > cfg->telemetry_max_age_ms &&
	    o->age.started > cfg->telemetry_max_age_ms)
		why |= BIT(SAFETY_FAULT_TELEMETRY_SILENT);	/* 24 */
	if (o->started && (o->age.changed > cfg->frozen_max_ms ||
			   (oracle_spun_up(o) && o->last.rate_spm &&
			    o->age.stroke > cfg->stroke_max_ms)))
		why |= BIT(SAFETY_FAULT_TELEMETRY_FROZEN);	/* 26 */
	if (o->started && o->differs && o->age.differ > cfg->mismatch_max_ms)
		why |= BIT(SAFETY_FAULT_MISMATCH);		/* 28 */
	if (why)
		return why;
	if (o->run_ms >= o->run_limit_ms)
		why |= o->run_reasons;				/* 22 */
	else if (o->contact_ms >= oracle_limit(o, SAFETY_LIMIT_CONTACT_MAX))
		why |= BIT(SAFETY_STOP_CONTACT);
	if (o->age.owner > cfg->heartbeat_max_ms)
		why |= BIT(SAFETY_STOP_OWNER_SILENT);		/* 39 */
	if (!o->started && o->age.active > cfg->start_max_ms)
		why |= BIT(SAFETY_STOP_START_FAILED);
	return why;
}

void oracle_deadlines(struct view *v)
{
	struct oracle *o = v->o;

	if (v->before->state == SAFETY_ACTIVE) {
		v->overdue = active_overdue(o);
		if (v->overdue)
			o->off_records = 0;
	} else if (v->before->state == SAFETY_STOPPING) {
		if (!o->heard && !o->run_open)
			o->age.stopping = 0;
		v->given_up = o->age.stopping > o->cfg.stop_confirm_max_ms;
	}
	v->state = v->given_up ? SAFETY_HARD_FAULT :
		   v->overdue ? SAFETY_STOPPING : v->before->state;
	v->faulty = v->before->fault != SAFETY_OK || v->given_up ||
		    oracle_faults(v->overdue);
	v->run_open = o->run_open;
	v->session = o->session;
	if (v->given_up)
		oracle_raise(v, SAFETY_FAULT_STOP_UNCONFIRMED);
	else if (v->overdue & oracle_faults(BIT(v->after->last_stop)))
		oracle_raise(v, v->after->last_stop);
	else if (v->overdue & BIT(v->after->last_stop))
		oracle_raise_stop(v, v->after->last_stop);
	/* Giving up ends the run, and a session that was to end, at once. */
	if (v->given_up) {
		o->run_open = false;
		o->session = o->session && !o->ending;
	}
}

static uint64_t measured_causes(const struct view *v)
{
	const struct safety_telemetry *t = &v->ev->telemetry;
	const struct oracle *o = v->o;
	uint32_t full = oracle_leak_full(o);
	uint64_t why = 0;

	if (v->rebooted && o->session)
		return BIT(SAFETY_FAULT_PEN_REBOOTED);
	if (t->pen_state == MNPEN_STATE_LIMP)
		return BIT(SAFETY_FAULT_LIMP);
	if (t->fault_latched)
		why |= BIT(SAFETY_FAULT_PEN_LATCHED);
	if (oracle_deeper(o, t->depth_um,
			  oracle_limit(o, SAFETY_LIMIT_DEPTH_MAX)) ||
	    o->deep_records >= 2 || o->leak[LEAK_SHALLOW] >= full)
		why |= BIT(SAFETY_FAULT_DEPTH);			/* 17 */
	if (o->leak[LEAK_CURRENT] >= full)
		why |= BIT(SAFETY_FAULT_CURRENT);		/* 18 */
	if (o->leak[LEAK_TEMP] >= full)
		why |= BIT(SAFETY_FAULT_TEMPERATURE);
	if (o->leak[LEAK_RATE] >= full)
		why |= BIT(SAFETY_FAULT_RATE);
	if (why)
		return why;
	if (oracle_density_full(o) ||				/* 16 */
	    o->punctures >= oracle_limit(o, SAFETY_LIMIT_PUNCTURES_MAX))
		return BIT(SAFETY_STOP_DENSITY);
	if (t->pen_state == MNPEN_STATE_RUNNING)
		return 0;
	if (!o->confirmed && !oracle_spun_up(o))
		return 0;
	return t->pen_stop_reason == MNPEN_STOP_DURATION ?
		       o->run_reasons : BIT(SAFETY_STOP_PEN);
}

static uint64_t active_causes(const struct view *v)
{
	const struct oracle *o = v->o;
	bool by_owner = v->ev->owner && v->ev->owner == o->owner;

	switch (v->ev->kind) {
	case SAFETY_EV_TELEMETRY:
	case SAFETY_EV_TELEMETRY_INVALID:
		if (v->valid_record)
			return measured_causes(v);
		return o->bad_records >= o->cfg.invalid_max ?
			       BIT(SAFETY_FAULT_TELEMETRY_INVALID) : 0;
	case SAFETY_EV_PEN_GONE:
		return BIT(SAFETY_FAULT_PEN_GONE);
	case SAFETY_EV_RELEASE:
		return by_owner ? BIT(SAFETY_STOP_OWNER_GONE) : 0;
	case SAFETY_EV_PAUSE:
		return by_owner ? BIT(SAFETY_STOP_PAUSE) : 0;
	case SAFETY_EV_END:
		return by_owner ? BIT(SAFETY_STOP_END) : 0;
	case SAFETY_EV_STOP:
		return BIT(SAFETY_STOP_REQUEST);
	case SAFETY_EV_CARTRIDGE:
		return v->ev->present ? 0 : BIT(SAFETY_FAULT_CARTRIDGE);
	case SAFETY_EV_PEN_LIMP:
		return BIT(SAFETY_FAULT_LIMP);
	case SAFETY_EV_RECORD_FAILED:
		return BIT(SAFETY_FAULT_RECORD);
	case SAFETY_EV_START_FAILED:
		return o->outstanding ? BIT(SAFETY_STOP_START_FAILED) : 0;
	case SAFETY_EV_RENEW_FAILED:
		return v->ev->error == ESTALE || v->ev->error == -ESTALE ?
			       BIT(SAFETY_STOP_PEN) : BIT(SAFETY_FAULT_RENEW);
	default:
		return 0;
	}
}

/* Everywhere else only the pen itself can go wrong. */
static uint64_t resting_causes(struct view *v)
{
	const struct oracle *o = v->o;
	uint64_t why = 0;

	if (v->ev->kind == SAFETY_EV_PEN_GONE && o->session)
		return BIT(SAFETY_FAULT_PEN_GONE);
	if (v->ev->kind == SAFETY_EV_CARTRIDGE && !v->ev->present &&
	    o->session && o->prepared && v->state != SAFETY_HARD_FAULT)
		return BIT(SAFETY_FAULT_CARTRIDGE);		/* 30 */
	if (v->ev->kind == SAFETY_EV_PEN_LIMP && !v->faulty)
		return BIT(SAFETY_FAULT_LIMP);
	/* A stop came first, but the driver may have run after it. */
	if (v->ev->kind == SAFETY_EV_STARTED && o->outstanding) {
		v->again = !v->overdue;
		return v->overdue ? 0 : BIT(o->stop_reason);
	}
	if (!v->valid_record)
		return 0;
	if (v->rebooted && o->session)
		why |= BIT(SAFETY_FAULT_PEN_REBOOTED);
	else if (v->ev->telemetry.pen_state == MNPEN_STATE_LIMP && !v->faulty)
		why |= BIT(SAFETY_FAULT_LIMP);
	else if (oracle_moving(&v->ev->telemetry) &&
		 v->state != SAFETY_STOPPING && v->state != SAFETY_HARD_FAULT) {
		v->again = o->outstanding;
		why |= BIT(o->outstanding ? o->stop_reason :
					    SAFETY_FAULT_UNCOMMANDED); /* 27 */
	}
	return why;
}

void oracle_causes(struct view *v)
{
	if (v->before->state == SAFETY_ACTIVE && !v->overdue)
		v->caused = active_causes(v);
	else
		v->caused = resting_causes(v);
	/* A stop that begins here waits for records from here on. */
	if (v->caused && v->before->state != SAFETY_STOPPING && !v->overdue)
		v->o->off_records = v->valid_record &&
			(v->caused & (BIT(SAFETY_FAULT_PEN_REBOOTED) |
				      BIT(SAFETY_FAULT_LIMP))) &&
			oracle_pen_off(&v->ev->telemetry);
}
