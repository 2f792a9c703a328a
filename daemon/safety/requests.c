// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What clients ask. Total: every request is answered in every state.
 */
#include "daemon/safety/core.h"

void core_accept(struct core_step *st)
{
	core_do(st, SAFETY_DO_ACCEPT);
}

void core_refuse(struct core_step *st, const struct core_refusal *why)
{
	struct safety_action *a = core_do(st, SAFETY_DO_REFUSE);

	a->reason = why->reason;
	a->limit = why->limit;
	a->source = why->source;
	a->requested = why->requested;
	a->allowed = why->allowed;
	core_note_why(st, why);
}

static void refuse(struct core_step *st, enum safety_reason reason)
{
	const struct core_refusal why = { .reason = reason };

	core_refuse(st, &why);
}

static bool faulty(const struct safety *s)
{
	return s->fault != SAFETY_OK;
}

/* The owner speaks: that is a sign of life too. Others are refused. */
static bool by_owner(struct core_step *st)
{
	if (!st->ev->owner || st->ev->owner != st->s->owner) {
		refuse(st, SAFETY_REFUSE_NOT_OWNER);
		return false;
	}
	st->s->p.heartbeat_ms = st->now;
	return true;
}

static void acquire(struct core_step *st)
{
	struct safety *s = st->s;

	if (!st->ev->owner) {
		refuse(st, SAFETY_REFUSE_NOT_OWNER);
	} else if (s->owner && s->owner != st->ev->owner) {
		refuse(st, SAFETY_REFUSE_OWNED);
	} else {
		s->owner = st->ev->owner;
		core_accept(st);
	}
}

static void release(struct core_step *st)
{
	struct safety *s = st->s;

	if (s->state == SAFETY_ACTIVE)
		core_stop(st, SAFETY_STOP_OWNER_GONE);
	else
		core_drop_start(st, SAFETY_STOP_OWNER_GONE);
	s->owner = 0;
	core_accept(st);
}

static void prepared(struct core_step *st)
{
	struct safety *s = st->s;

	if (s->state != SAFETY_SCREENED) {
		refuse(st, faulty(s) ? SAFETY_REFUSE_FAULT :
				       SAFETY_REFUSE_STATE);
	} else if (st->ev->area != s->area) {
		refuse(st, SAFETY_REFUSE_AREA);
	} else {
		s->p.prepared = true;
		s->state = SAFETY_READY;
		core_accept(st);
	}
}

/* Answered later, see safety.h: here it only gets its ticket. */
static void start(struct core_step *st)
{
	struct core_refusal why = { .reason = SAFETY_OK };
	struct safety *s = st->s;

	if (faulty(s)) {
		refuse(st, SAFETY_REFUSE_FAULT);
	} else if (s->state == SAFETY_SCREENED) {
		refuse(st, SAFETY_REFUSE_PREPARATION);
	} else if ((s->state != SAFETY_READY && s->state != SAFETY_PAUSED) ||
		   s->p.start_ticket || s->p.start_outstanding) {
		refuse(st, SAFETY_REFUSE_STATE);
	} else if (!core_may_run(st, &why)) {
		core_refuse(st, &why);
	} else {
		core_stops_noted(st);
		s->intent_ticket = core_new_ticket(st);
		s->p.start_ticket = s->intent_ticket;
		core_do(st, SAFETY_DO_INTENT)->ticket = s->intent_ticket;
	}
}

static void pause_run(struct core_step *st)
{
	struct safety *s = st->s;

	if (s->state == SAFETY_ACTIVE)
		core_stop(st, SAFETY_STOP_PAUSE);
	else if (s->p.start_ticket)
		core_drop_start(st, SAFETY_STOP_PAUSE);
	else if (s->state != SAFETY_PAUSED && s->state != SAFETY_STOPPING) {
		refuse(st, SAFETY_REFUSE_STATE);
		return;
	}
	core_accept(st);
}

/* From anybody, always: there is no path through here that refuses. */
static void stop(struct core_step *st)
{
	if (st->s->state == SAFETY_ACTIVE)
		core_stop(st, SAFETY_STOP_REQUEST);
	core_drop_start(st, SAFETY_STOP_REQUEST);
	core_send_stop(st, SAFETY_STOP_REQUEST);
	core_accept(st);
}

static void end(struct core_step *st)
{
	struct safety *s = st->s;

	if (!s->p.session_open) {
		refuse(st, SAFETY_REFUSE_STATE);
		return;
	}
	core_accept(st);
	core_drop_start(st, SAFETY_STOP_END);
	if (s->state == SAFETY_ACTIVE)
		core_stop(st, SAFETY_STOP_END);
	if (s->state == SAFETY_STOPPING) {
		s->p.ending = true;
		return;
	}
	core_close_session(st, faulty(s) ? s->fault : SAFETY_STOP_END);
	if (s->state != SAFETY_HARD_FAULT)
		core_settle(st);
}

/*
 * Not while the driver is busy starting: it would run with set points that
 * nobody wants any more.
 */
static void set(struct core_step *st)
{
	struct core_refusal why = { .reason = SAFETY_OK };
	struct safety *s = st->s;

	if (faulty(s))
		refuse(st, SAFETY_REFUSE_FAULT);
	else if (!s->p.session_open || s->state == SAFETY_STOPPING ||
		 s->p.start_ticket || s->p.start_outstanding)
		refuse(st, SAFETY_REFUSE_STATE);
	else if (!core_set(st, &why))
		core_refuse(st, &why);
	else
		core_accept(st);
}

static void alarm_ack(struct core_step *st)
{
	if (core_must_sound(st->s)) {
		refuse(st, SAFETY_REFUSE_STATE);
		return;
	}
	core_noted(st);
	core_accept(st);
}

static void audio_pause(struct core_step *st)
{
	if (core_must_sound(st->s)) {
		refuse(st, SAFETY_REFUSE_STATE);
		return;
	}
	core_audio_pause(st);
	core_accept(st);
}

static void reset(struct core_step *st)
{
	struct core_refusal why = { .reason = SAFETY_OK };
	struct safety *s = st->s;

	if (s->state != SAFETY_FAULT) {
		refuse(st, faulty(s) ? SAFETY_REFUSE_FAULT :
				       SAFETY_REFUSE_STATE);
		return;
	}
	if (!core_healthy(st, &why)) {
		core_refuse(st, &why);
		return;
	}
	s->fault = SAFETY_OK;
	s->p.rate_leak = 0;
	s->p.depth_leak = 0;
	s->p.current_leak = 0;
	s->p.temp_leak = 0;
	core_faults_over(st);
	core_settle(st);
	core_accept(st);
}

/* What only the owner may ask for; some of it also an administrator. */
static void owner_asks(struct core_step *st)
{
	enum safety_event_kind kind = st->ev->kind;

	if (kind == SAFETY_EV_HEARTBEAT)
		core_accept(st);
	else if (kind == SAFETY_EV_RELEASE)
		release(st);
	else if (kind == SAFETY_EV_BEGIN)
		core_begin(st);
	else if (kind == SAFETY_EV_PREPARED)
		prepared(st);
	else if (kind == SAFETY_EV_START)
		start(st);
	else if (kind == SAFETY_EV_PAUSE)
		pause_run(st);
	else if (kind == SAFETY_EV_END)
		end(st);
	else if (kind == SAFETY_EV_SET)
		set(st);
	else if (kind == SAFETY_EV_ALARM_ACK)
		alarm_ack(st);
	else if (kind == SAFETY_EV_AUDIO_PAUSE)
		audio_pause(st);
	else
		reset(st);
}

static bool administrator(const struct safety_event *ev)
{
	return !ev->owner && (ev->kind == SAFETY_EV_RESET ||
			      ev->kind == SAFETY_EV_ALARM_ACK ||
			      ev->kind == SAFETY_EV_AUDIO_PAUSE);
}

void core_request(struct core_step *st)
{
	if (st->ev->kind == SAFETY_EV_STOP)
		stop(st);
	else if (st->ev->kind == SAFETY_EV_ACQUIRE)
		acquire(st);
	else if (administrator(st->ev) || by_owner(st))
		owner_asks(st);
}
