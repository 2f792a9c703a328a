// SPDX-License-Identifier: GPL-2.0-or-later
/* When a run must end, and what else must follow from it. */
#include <errno.h>

#include <linux/mnpen.h>

#include "tests/model/oracle_internal.h"

#define UNKNOWN	65535u
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

static uint64_t faults_only(uint64_t reasons)
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
	if (o->started && o->age.changed > cfg->frozen_max_ms)
		why |= BIT(SAFETY_FAULT_TELEMETRY_FROZEN);	/* 26 */
	if (o->started && o->differs && o->age.differ > cfg->mismatch_max_ms)
		why |= BIT(SAFETY_FAULT_MISMATCH);		/* 28 */
	if (why)
		return why;
	if (o->run_ms >= o->run_limit_ms)
		why |= BIT(o->run_reason);			/* 22 */
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
		    faults_only(v->overdue);
	v->run_open = o->run_open;
	v->session = o->session;
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
	if (why || t->pen_state == MNPEN_STATE_RUNNING)
		return why;
	if (!o->confirmed && !oracle_spun_up(o))
		return 0;
	return BIT(t->pen_stop_reason == MNPEN_STOP_DURATION ?
			   o->run_reason : SAFETY_STOP_PEN);
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
	/* A stop came first, but the driver may have run after it. */
	if (v->ev->kind == SAFETY_EV_STARTED && o->outstanding) {
		v->again = !v->overdue;
		return v->overdue ? 0 : BIT(o->stop_reason);
	}
	if (!v->valid_record)
		return 0;
	if (v->rebooted && o->session)
		why |= BIT(SAFETY_FAULT_PEN_REBOOTED);
	else if (oracle_moving(&v->ev->telemetry) &&
		 v->before->state != SAFETY_STOPPING && !v->overdue) {
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
	else if (v->before->state != SAFETY_HARD_FAULT && !v->given_up)
		v->caused = resting_causes(v);
	else if (v->ev->kind == SAFETY_EV_PEN_GONE && v->o->session)
		v->caused = BIT(SAFETY_FAULT_PEN_GONE);
	/* A stop that begins here waits for records from here on. */
	if (v->caused && v->before->state != SAFETY_STOPPING && !v->overdue)
		v->o->off_records = v->rebooted &&
				    oracle_pen_off(&v->ev->telemetry);
}

/* ---- where the core must be afterwards ---------------------------------- */

static enum safety_state resting_place(const struct oracle *o, bool session,
				       bool closing)
{
	if (o->fault != SAFETY_OK)
		return SAFETY_FAULT;
	if (!session)
		return closing ? SAFETY_CLOSED : SAFETY_IDLE;
	return o->prepared ? SAFETY_PAUSED : SAFETY_SCREENED;
}

/* The pen is gone: nothing is left to wait for but the record. */
static enum safety_state after_loss(const struct view *v)
{
	const struct oracle *o = v->o;

	if (v->given_up)
		return SAFETY_HARD_FAULT;
	if (o->session && v->before->state != SAFETY_FAULT &&
	    v->before->state != SAFETY_HARD_FAULT)
		return SAFETY_CLOSED;
	if (v->before->state == SAFETY_STOPPING)
		return resting_place(o, false, o->close_ticket != 0);
	return v->before->state;
}

static enum safety_state after_request(const struct view *v)
{
	const struct oracle *o = v->o;
	bool yes = v->did[SAFETY_DO_ACCEPT] != NULL;

	switch (v->ev->kind) {
	case SAFETY_EV_BEGIN:
		return yes ? SAFETY_SCREENED : v->before->state;
	case SAFETY_EV_PREPARED:
		return yes ? SAFETY_READY : v->before->state;
	case SAFETY_EV_END:
		if (!yes || v->before->state == SAFETY_STOPPING ||
		    v->before->state == SAFETY_HARD_FAULT)
			return v->before->state;
		return resting_place(o, false, true);
	case SAFETY_EV_RESET:
		return yes ? resting_place(o, o->session,
					   o->close_ticket != 0) :
			     v->before->state;
	default:
		return v->before->state;
	}
}

static enum safety_state expected_state(const struct view *v)
{
	const struct oracle *o = v->o;

	if (v->before->state == SAFETY_HARD_FAULT || v->given_up)
		return SAFETY_HARD_FAULT;
	if (v->ev->kind == SAFETY_EV_PEN_GONE)
		return after_loss(v);
	if (v->overdue || v->caused || v->before->state == SAFETY_STOPPING) {
		if (o->off_records < 2)
			return SAFETY_STOPPING;
		return resting_place(o, o->session && !o->ending,
				     o->close_ticket || o->ending);
	}
	if (v->did[SAFETY_DO_START])
		return SAFETY_ACTIVE;
	if (v->ev->kind == SAFETY_EV_CLOSE_DURABLE &&
	    v->before->state == SAFETY_CLOSED && !o->close_ticket)
		return resting_place(o, false, false);
	return after_request(v);
}

/* ---- what else must follow ---------------------------------------------- */

/* 45: the first cause is kept, told and recorded; nothing else is latched. */
static const char *check_fault(const struct view *v)
{
	uint64_t why = faults_only(v->overdue ? v->overdue : v->caused);
	const struct safety_action *told = v->did[SAFETY_DO_RECORD_FAULT];
	const struct safety *s = v->after;

	if (v->again)
		why = 0;
	if (v->given_up)
		why = BIT(SAFETY_FAULT_STOP_UNCONFIRMED);
	else if (v->overdue)
		why |= faults_only(v->caused);
	if (v->before->fault != SAFETY_OK) {
		if (s->fault == SAFETY_OK)
			HOLDS(v->ev->kind == SAFETY_EV_RESET &&
			      v->did[SAFETY_DO_ACCEPT], "45: fault cleared");
		else
			HOLDS(s->fault == v->before->fault, "45: first cause");
		HOLDS(!told || v->given_up, "45: told twice");
		return NULL;
	}
	if (!why) {
		HOLDS(s->fault == SAFETY_OK, "45: a fault without cause");
		HOLDS(!told, "45: a fault told without cause");
		return NULL;
	}
	HOLDS(s->fault != SAFETY_OK, "17-28: a cause without fault");
	HOLDS(why & BIT(s->fault), "17-28: the wrong fault");
	HOLDS(told && told->reason == s->fault, "45: fault not recorded");
	HOLDS(v->did[SAFETY_DO_ALARM], "55: fault not announced");
	return NULL;
}

static const char *check_stop(const struct view *v)
{
	const struct safety_action *stop = v->did[SAFETY_DO_STOP];
	const struct oracle *o = v->o;
	bool leaves = v->before->state == SAFETY_ACTIVE &&
		      v->after->state != SAFETY_ACTIVE;

	if (v->first)
		HOLDS(stop, "3: STOP comes first");
	if (v->ev->kind == SAFETY_EV_STOP)
		HOLDS(stop && v->did[SAFETY_DO_ACCEPT], "5: stop refused");
	if (leaves || v->overdue || v->caused || v->given_up)
		HOLDS(stop, "6: no STOP");
	if (v->before->state == SAFETY_STOPPING && !stop)
		HOLDS(o->age.stop < o->cfg.stop_repeat_ms, "7: not repeated");
	if (stop && !v->first && !v->overdue && !v->caused && !v->given_up &&
	    v->ev->kind != SAFETY_EV_STOP &&
	    v->before->state != SAFETY_HARD_FAULT)
		HOLDS(v->before->state == SAFETY_STOPPING &&
		      o->age.stop >= o->cfg.stop_repeat_ms,
		      "6: STOP without cause");
	if (stop)
		HOLDS(stop == &v->out->a[0], "5: STOP is not first");
	HOLDS(!stop || v->after->state != SAFETY_ACTIVE, "6: STOP and ACTIVE");
	HOLDS(!v->did[SAFETY_DO_HARD_STOP] == !v->given_up, "7: HARD_STOP");
	if (leaves)
		HOLDS((v->overdue ? v->overdue : v->caused) &
		      BIT(v->after->last_stop), "6: reason of the stop");
	else if (v->before->state == SAFETY_STOPPING &&
		 v->after->state == SAFETY_STOPPING)
		HOLDS(v->after->last_stop == v->before->last_stop,
		      "6: first reason of the stop");
	return NULL;
}

/* 1: the lease lives on exactly as long as everything is well. */
static const char *check_renew(const struct view *v)
{
	const struct oracle *o = v->o;
	bool due = (v->ev->kind == SAFETY_EV_TICK ||
		    v->ev->kind == SAFETY_EV_TELEMETRY) &&
		   v->after->state == SAFETY_ACTIVE && o->started &&
		   oracle_fresh(o) && !o->deep_records &&
		   o->age.renewed >= o->cfg.renew_ms;

	HOLDS(due || !v->did[SAFETY_DO_RENEW], "1: lease renewed in doubt");
	HOLDS(!due || v->did[SAFETY_DO_RENEW], "1: lease not renewed");
	return NULL;
}

static const char *check_records(const struct view *v)
{
	const struct oracle *o = v->o;
	bool ended = v->run_open && v->after->state != SAFETY_ACTIVE &&
		     v->after->state != SAFETY_STOPPING;
	bool again = v->ev->kind == SAFETY_EV_RECORD_OK && o->close_ticket &&
		     v->before->state != SAFETY_ACTIVE;
	const struct safety_action *close = v->did[SAFETY_DO_RECORD_CLOSE];

	HOLDS(ended || !v->did[SAFETY_DO_RECORD_RUN], "37: run recorded");
	HOLDS(!ended || v->did[SAFETY_DO_RECORD_RUN], "37: run not recorded");
	if (ended)
		HOLDS(v->did[SAFETY_DO_RECORD_RUN]->reason ==
		      v->after->last_stop, "37: reason of the run's end");
	if (!close)
		return NULL;
	HOLDS(close->ticket, "34: ticket");
	if (again)
		HOLDS(close->ticket == o->close_ticket, "34: ticket again");
	else
		HOLDS(v->session, "37: closed without session");
	return NULL;
}

const char *oracle_motion(struct view *v)
{
	const char *wrong = check_fault(v);

	v->o->fault = v->after->fault;
	if (!wrong)
		wrong = check_stop(v);
	if (!wrong && v->after->state != expected_state(v))
		wrong = "47: not the state that was due";
	if (!wrong)
		wrong = check_renew(v);
	if (!wrong)
		wrong = check_records(v);
	return wrong;
}
