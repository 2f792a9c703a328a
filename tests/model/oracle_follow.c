// SPDX-License-Identifier: GPL-2.0-or-later
/* What must follow: where the core is then, what it says, and what it does. */
#include <stddef.h>

#include "tests/model/oracle_internal.h"

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
	/* Such a pen may never say a word: there is nothing to wait for. */
	if (v->ev->kind == SAFETY_EV_PEN_LIMP && !o->run_open &&
	    (v->caused || v->before->state == SAFETY_STOPPING))
		return resting_place(o, o->session && !o->ending,
				     o->close_ticket || o->ending);
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
	uint64_t why = oracle_faults(v->overdue ? v->overdue : v->caused);
	const struct safety_action *told = v->did[SAFETY_DO_RECORD_FAULT];
	const struct safety *s = v->after;

	if (v->again)
		why = 0;
	if (v->given_up)
		why = BIT(SAFETY_FAULT_STOP_UNCONFIRMED);
	else if (v->overdue)
		why |= oracle_faults(v->caused);
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
	/* An END that was accepted while stopping closes when that is over. */
	if (v->session && o->ending && v->before->state == SAFETY_STOPPING &&
	    v->after->state != SAFETY_STOPPING)
		HOLDS(close, "37: an end forgotten");
	if (!close)
		return NULL;
	HOLDS(close->ticket, "34: ticket");
	if (again)
		HOLDS(close->ticket == o->close_ticket, "34: ticket again");
	else
		HOLDS(v->session, "37: closed without session");
	return NULL;
}

/* 4: set points rise slowly and fall at once. */
static const char *check_set(const struct view *v)
{
	const struct safety_action *set = v->did[SAFETY_DO_SET];
	bool asked = v->ev->kind == SAFETY_EV_SET && v->did[SAFETY_DO_ACCEPT];
	const struct oracle *o = v->o;
	const struct safety_config *c = &o->cfg;
	uint32_t um = asked ? oracle_rounded(v->ev->set.depth_um, o->step_um) :
			      o->depth_um;
	uint32_t spm = asked ? oracle_rounded(v->ev->set.rate_spm,
					      o->step_spm) : o->rate_spm;
	/* One step of the pen is the least there is. */
	uint32_t rise_um = c->rise_um > o->step_um ? c->rise_um : o->step_um;
	uint32_t rise_spm = c->rise_spm > o->step_spm ? c->rise_spm :
							o->step_spm;
	bool running = v->after->state == SAFETY_ACTIVE && o->started &&
		       !v->did[SAFETY_DO_START];
	uint64_t wait = c->rise_ms;

	/* After a fall the needles must first have got there. */
	if ((o->from_um > o->now_um || o->from_spm > o->now_spm) &&
	    c->spin_up_ms > wait)
		wait = c->spin_up_ms;
	if (!set) {
		HOLDS(!running || (um >= o->now_um && spm >= o->now_spm),
		      "4: a fall delayed");
		HOLDS(!running || o->age.set < wait ||
		      ((um == o->now_um || !c->rise_um) &&
		       (spm == o->now_spm || !c->rise_spm)),
		      "4: a rise that never comes");
		return NULL;
	}
	HOLDS(running, "4: set points moved at rest");
	HOLDS(set->depth_um <= um && set->rate_spm <= spm, "12: beyond");
	HOLDS(um > o->now_um || set->depth_um == um, "4: depth falls at once");
	HOLDS(spm > o->now_spm || set->rate_spm == spm, "4: rate falls at once");
	if (o->age.set < wait)
		HOLDS(set->depth_um <= o->now_um && set->rate_spm <= o->now_spm,
		      "4: rises too soon");
	HOLDS((int64_t)set->depth_um - o->now_um <= (int64_t)rise_um &&
	      (int64_t)set->rate_spm - o->now_spm <= (int64_t)rise_spm,
	      "4: rises too far");
	HOLDS(oracle_rounded(set->depth_um, o->step_um) == set->depth_um &&
	      oracle_rounded(set->rate_spm, o->step_spm) == set->rate_spm,
	      "4: between two steps of the pen");
	return NULL;
}

const char *oracle_follow(struct view *v)
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
		wrong = check_set(v);
	if (!wrong)
		wrong = check_records(v);
	return wrong;
}
