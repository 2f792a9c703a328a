// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a request must be answered: for each the set of reasons that speak
 * against it at that moment. Empty: it must be granted. Else it must be
 * refused, for one of them.
 */
#include <linux/mnpen.h>

#include "tests/model/oracle_internal.h"

#define UNKNOWN		65535u
#define TOO_COLD	(-40000)

static uint64_t not_owner(const struct view *v)
{
	return !v->ev->owner || v->ev->owner != v->before->owner ?
		       BIT(SAFETY_REFUSE_NOT_OWNER) : 0;
}

/* 29: each check must pass now. */
uint64_t oracle_not_healthy(const struct oracle *o)
{
	const struct safety_telemetry *t = &o->last;
	uint64_t why = 0;

	if (o->limp)
		why |= BIT(SAFETY_REFUSE_LIMP);
	if (o->record_failed)
		why |= BIT(SAFETY_REFUSE_RECORD);		/* 35 */
	if (!oracle_fresh(o))
		return why | BIT(SAFETY_REFUSE_TELEMETRY);
	if (t->pen_state == MNPEN_STATE_LIMP)
		why |= BIT(SAFETY_REFUSE_LIMP);
	if (t->fault_latched)
		why |= BIT(SAFETY_REFUSE_FAULT);
	if (t->rate_spm || (t->pen_state != MNPEN_STATE_IDLE &&
			    t->pen_state != MNPEN_STATE_ARMED))
		why |= BIT(SAFETY_REFUSE_STATE);
	if (t->motor_ma <= INT16_MIN || t->temp_motor_mdegc < TOO_COLD ||
	    t->depth_um >= UNKNOWN)
		why |= BIT(SAFETY_REFUSE_TELEMETRY);
	if (oracle_too_strong(o, t) || oracle_too_hot(o, t))
		why |= BIT(SAFETY_REFUSE_LIMIT);
	return why;
}

static bool breaks(const struct safety_limits *l, enum safety_limit_id id,
		   uint32_t value)
{
	return oracle_tighter(id, l->limit[id].value, value);
}

uint64_t oracle_points_broken(const struct safety_limits *l, uint32_t depth_um,
			      uint32_t rate_spm)
{
	return breaks(l, SAFETY_LIMIT_DEPTH_MAX, depth_um) ||
	       breaks(l, SAFETY_LIMIT_RATE_MIN, rate_spm) ||
	       breaks(l, SAFETY_LIMIT_RATE_MAX, rate_spm) ?
		       BIT(SAFETY_REFUSE_LIMIT) : 0;
}

/* 12, 29: all that a START needs. */
static uint64_t may_not_run(const struct oracle *o)
{
	uint64_t why = oracle_not_healthy(o);
	uint32_t full = oracle_leak_full(o);

	if (o->leak[LEAK_CURRENT] >= full || o->leak[LEAK_TEMP] >= full)
		why |= BIT(SAFETY_REFUSE_FAULT);
	why |= oracle_points_broken(&o->limits, o->depth_um, o->rate_spm);
	if (o->cartridge_void)
		why |= BIT(SAFETY_REFUSE_CARTRIDGE_UNKNOWN);	/* 30 */
	if (oracle_deeper(o, o->last.depth_um, o->depth_um) ||
	    oracle_used_up(o))
		why |= BIT(SAFETY_REFUSE_LIMIT);
	return why;
}

static uint64_t fault_reason(const struct view *v)
{
	return v->after->fault == SAFETY_FAULT_LIMP ?
		       BIT(SAFETY_REFUSE_LIMP) | BIT(SAFETY_REFUSE_FAULT) :
		       BIT(SAFETY_REFUSE_FAULT);
}

static uint64_t no_begin(const struct view *v)
{
	uint64_t why = not_owner(v) | oracle_not_healthy(v->o) |
		       oracle_no_session(v->o, &v->ev->begin);

	if (v->faulty)
		why |= fault_reason(v);
	if (v->state != SAFETY_IDLE || v->o->close_ticket)
		why |= BIT(SAFETY_REFUSE_STATE);
	return why;
}

/* Set points may move in a session, but not under a start that is on its way. */
static uint64_t no_set(const struct view *v)
{
	const struct oracle *o = v->o;
	uint32_t um = oracle_rounded(v->ev->set.depth_um, o->step_um);
	uint32_t spm = oracle_rounded(v->ev->set.rate_spm, o->step_spm);
	struct safety_limits l = o->limits;
	uint64_t why = not_owner(v);

	if (v->faulty)
		why |= BIT(SAFETY_REFUSE_FAULT);
	if (!o->session || v->state == SAFETY_STOPPING || o->ticket ||
	    o->outstanding)
		why |= BIT(SAFETY_REFUSE_STATE);
	oracle_tighten_by_depth(&l, um, &o->cartridge, &o->dose);
	return why | oracle_points_broken(&l, v->ev->set.depth_um,
					  v->ev->set.rate_spm) |
	       oracle_points_broken(&l, um, spm);
}

/* Needles that may still move make a noise until they do not. */
static uint64_t no_silence(const struct view *v)
{
	return (v->ev->owner ? not_owner(v) : 0) |
	       (oracle_must_sound(v) ? BIT(SAFETY_REFUSE_STATE) : 0);
}

static uint64_t no_start(const struct view *v)
{
	const struct oracle *o = v->o;
	uint64_t why = not_owner(v) | may_not_run(o);

	if (v->faulty)
		why |= BIT(SAFETY_REFUSE_FAULT);
	if (v->state == SAFETY_SCREENED)
		why |= BIT(SAFETY_REFUSE_PREPARATION);
	else if ((v->state != SAFETY_READY &&
		  v->state != SAFETY_PAUSED) ||
		 o->ticket || o->outstanding)
		why |= BIT(SAFETY_REFUSE_STATE);
	return why;
}

static uint64_t no_reset(const struct view *v)
{
	uint64_t why = v->ev->owner ? not_owner(v) : 0;

	if (v->state != SAFETY_FAULT)
		return why | BIT(v->faulty ?
					 SAFETY_REFUSE_FAULT :
					 SAFETY_REFUSE_STATE);
	return why | oracle_not_healthy(v->o);
}

static uint64_t no_pause(const struct view *v)
{
	enum safety_state state = v->state;

	if (state == SAFETY_ACTIVE || state == SAFETY_PAUSED ||
	    state == SAFETY_STOPPING || v->o->ticket)
		return not_owner(v);
	return not_owner(v) | BIT(SAFETY_REFUSE_STATE);
}

static uint64_t no_acquire(const struct view *v)
{
	if (!v->ev->owner)
		return BIT(SAFETY_REFUSE_NOT_OWNER);
	return v->before->owner && v->before->owner != v->ev->owner ?
		       BIT(SAFETY_REFUSE_OWNED) : 0;
}

static uint64_t no_prepared(const struct view *v)
{
	if (v->state == SAFETY_SCREENED)
		return not_owner(v) | (v->ev->area == v->o->area ? 0 :
				       BIT(SAFETY_REFUSE_AREA));
	return not_owner(v) | BIT(v->faulty ?
					  SAFETY_REFUSE_FAULT :
					  SAFETY_REFUSE_STATE);
}

/* ---- the answers -------------------------------------------------------- */

static uint64_t against(const struct view *v)
{
	switch (v->ev->kind) {
	case SAFETY_EV_ACQUIRE:
		return no_acquire(v);
	case SAFETY_EV_RELEASE:
	case SAFETY_EV_HEARTBEAT:
		return not_owner(v);
	case SAFETY_EV_BEGIN:
		return no_begin(v);
	case SAFETY_EV_PREPARED:
		return no_prepared(v);
	case SAFETY_EV_START:
		return no_start(v);
	case SAFETY_EV_SET:
		return no_set(v);
	case SAFETY_EV_ALARM_ACK:
	case SAFETY_EV_AUDIO_PAUSE:
		return no_silence(v);
	case SAFETY_EV_PAUSE:
		return no_pause(v);
	case SAFETY_EV_END:
		return not_owner(v) |
		       (v->o->session ? 0 : BIT(SAFETY_REFUSE_STATE));
	case SAFETY_EV_RESET:
		return no_reset(v);
	default:
		return 0;
	}
}

/* 15: the limit that is named is in force and is broken. */
static const char *check_limit_named(const struct view *v,
				     const struct safety_action *no,
				     const struct safety_limits *l)
{
	/* What adds up is used up when it is reached. */
	bool spent = no->requested == no->allowed &&
		     (no->limit == SAFETY_LIMIT_SESSION_MAX ||
		      no->limit == SAFETY_LIMIT_RUN_MAX ||
		      no->limit == SAFETY_LIMIT_CONTACT_MAX ||
		      no->limit == SAFETY_LIMIT_DENSITY_MAX ||
		      no->limit == SAFETY_LIMIT_PUNCTURES_MAX ||
		      no->limit == SAFETY_LIMIT_DUTY_MAX ||
		      no->limit == SAFETY_LIMIT_CARTRIDGE_MAX);
	bool none = no->limit == SAFETY_LIMIT_SESSION_MAX && !no->requested;
	/* The needles stand out deeper than the set point. */
	bool deep = no->limit == SAFETY_LIMIT_DEPTH_MAX &&
		    no->requested == v->o->last.depth_um;

	if (no->reason != SAFETY_REFUSE_LIMIT)
		return NULL;
	HOLDS((uint32_t)no->limit < SAFETY_LIMITS, "15: which limit");
	HOLDS(no->allowed == l->limit[no->limit].value, "15: its value");
	HOLDS(no->source == l->limit[no->limit].source || none,
	      "15: who set it");
	HOLDS(oracle_tighter(no->limit, no->allowed, no->requested) || spent ||
	      none || deep, "15: it is not broken");
	return NULL;
}

static const char *check_answer(const struct view *v, uint64_t why)
{
	const struct safety_action *no = v->did[SAFETY_DO_REFUSE];
	struct safety_limits l = v->o->limits;
	const char *wrong;

	if (!why) {
		HOLDS(!no, "29: refused without cause");
		HOLDS(v->did[v->ev->kind == SAFETY_EV_START ?
				     SAFETY_DO_INTENT : SAFETY_DO_ACCEPT],
		      "every request is answered");
		return NULL;
	}
	HOLDS(no, "1, 12, 29, 31, 38: granted in spite of a cause");
	HOLDS(why & BIT(no->reason), "15: refused for the wrong reason");
	/* Health is judged by what is in force, the rest by what is asked. */
	wrong = check_limit_named(v, no, &l);
	if (wrong && v->ev->kind == SAFETY_EV_BEGIN) {
		l = oracle_merged(&v->ev->begin);
		wrong = check_limit_named(v, no, &l);
	} else if (wrong && v->ev->kind == SAFETY_EV_SET) {
		oracle_tighten_by_depth(&l,
					oracle_rounded(v->ev->set.depth_um,
						       v->o->step_um),
					&v->o->cartridge, &v->o->dose);
		wrong = check_limit_named(v, no, &l);
	}
	return wrong;
}

/* 2, 33: the one event that may start the motor. */
static const char *check_intent(const struct view *v)
{
	const struct safety_action *no = v->did[SAFETY_DO_REFUSE_START];
	const struct safety_action *start = v->did[SAFETY_DO_START];
	const struct oracle *o = v->o;
	uint64_t why = may_not_run(o);

	if (v->ev->kind != SAFETY_EV_INTENT_DURABLE || !o->intent_pending ||
	    v->ev->ticket != o->ticket) {
		HOLDS(!start, "2, 33: START out of turn");
		return NULL;
	}
	if (o->age.owner > o->cfg.heartbeat_max_ms)
		why |= BIT(SAFETY_STOP_OWNER_SILENT);
	if (why) {
		HOLDS(!start, "1, 29: START in spite of a cause");
		HOLDS(no && (why & BIT(no->reason)), "15: why not");
		return check_limit_named(v, no, &o->limits);
	}
	HOLDS(start, "29: no START and no cause");
	HOLDS(start->depth_um == o->depth_um && start->rate_spm == o->rate_spm,
	      "32: set points");
	return NULL;
}

static const char *check_tickets(const struct view *v)
{
	const struct safety_action *yes = v->did[SAFETY_DO_ACCEPT_START];
	const struct safety_action *no = v->did[SAFETY_DO_REFUSE_START];
	const struct safety_action *intent = v->did[SAFETY_DO_INTENT];
	const struct oracle *o = v->o;
	bool lost;

	HOLDS(!(yes && no), "one answer per ticket");
	if (yes || no)
		HOLDS(o->ticket && (yes ? yes : no)->ticket == o->ticket,
		      "an answer without question");
	if (yes)
		HOLDS(v->ev->kind == SAFETY_EV_STARTED && o->outstanding &&
		      v->after->state == SAFETY_ACTIVE, "33: yes too early");
	if (v->ev->kind == SAFETY_EV_STARTED && o->outstanding &&
	    v->after->state == SAFETY_ACTIVE)
		HOLDS(yes, "a start without answer");
	if (intent)
		HOLDS(intent->ticket && !o->ticket, "a ticket used twice");
	/* Whatever stops or pauses also drops the start that waits. */
	lost = o->ticket && !yes && v->before->state != SAFETY_HARD_FAULT &&
	       (v->ev->kind == SAFETY_EV_STOP ||
		v->ev->kind == SAFETY_EV_RECORD_FAILED ||
		(v->before->state == SAFETY_ACTIVE &&
		 v->after->state != SAFETY_ACTIVE) ||
		v->after->state == SAFETY_STOPPING);
	HOLDS(!lost || no, "2: a start survives a stop");
	return NULL;
}

const char *oracle_answer(struct view *v)
{
	const char *wrong = NULL;

	if (oracle_is_request(v->ev->kind))
		wrong = check_answer(v, against(v));
	else if (v->did[SAFETY_DO_ACCEPT] || v->did[SAFETY_DO_REFUSE])
		wrong = "an answer without request";
	if (!wrong)
		wrong = check_intent(v);
	if (!wrong)
		wrong = check_tickets(v);
	return wrong;
}
