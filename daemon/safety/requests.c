// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Events other than telemetry: what clients ask, what the record writer and
 * the driver report. Total: every event has an effect or a refusal, or is
 * meaningless and ignored, in every state.
 */
#include <errno.h>

#include "daemon/safety/core.h"

static void accept(struct core_step *st)
{
	core_do(st, SAFETY_DO_ACCEPT);
}

static void refuse_why(struct core_step *st, const struct core_refusal *why)
{
	struct safety_action *a = core_do(st, SAFETY_DO_REFUSE);

	a->reason = why->reason;
	a->limit = why->limit;
	a->source = why->source;
	a->requested = why->requested;
	a->allowed = why->allowed;
}

static void refuse(struct core_step *st, enum safety_reason reason)
{
	const struct core_refusal why = { .reason = reason };

	refuse_why(st, &why);
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
		accept(st);
	}
}

static void release(struct core_step *st)
{
	struct safety *s = st->s;

	if (!by_owner(st))
		return;
	if (s->state == SAFETY_ACTIVE)
		core_stop(st, SAFETY_STOP_OWNER_GONE);
	else
		core_drop_start(st, SAFETY_STOP_OWNER_GONE);
	s->owner = 0;
	accept(st);
}

static bool set_points_allowed(const struct safety_limits *l,
			       const struct safety_begin *b,
			       struct core_refusal *why)
{
	if (!core_limit_allows(l, SAFETY_LIMIT_DEPTH_MAX, b->depth_um, why) ||
	    !core_limit_allows(l, SAFETY_LIMIT_RATE_MIN, b->rate_spm, why) ||
	    !core_limit_allows(l, SAFETY_LIMIT_RATE_MAX, b->rate_spm, why) ||
	    !core_limit_allows(l, SAFETY_LIMIT_SESSION_MAX, b->motor_ms, why))
		return false;
	if (!b->motor_ms) {
		why->reason = SAFETY_REFUSE_LIMIT;
		why->limit = SAFETY_LIMIT_SESSION_MAX;
		why->source = SAFETY_BY_OPERATOR;
		why->requested = 0;
		why->allowed = l->limit[SAFETY_LIMIT_SESSION_MAX].value;
		return false;
	}
	return true;
}

static void open_session(struct core_step *st, const struct safety_limits *l)
{
	const struct safety_begin *b = &st->ev->begin;
	struct safety *s = st->s;

	s->limits = *l;
	safety_limits_tighten(&s->limits, SAFETY_LIMIT_SESSION_MAX,
			      b->motor_ms, SAFETY_BY_OPERATOR);
	s->depth_um = b->depth_um;
	s->rate_spm = b->rate_spm;
	s->last_stop = SAFETY_OK;
	s->motor_ms = 0;
	s->run_ms = 0;
	s->runs = 0;
	s->strokes = 0;
	s->run_strokes = 0;
	s->depth_peak_um = 0;
	s->rate_peak_spm = 0;
	s->p.session_open = true;
	s->p.prepared = false;
	s->state = SAFETY_SCREENED;
	core_do(st, SAFETY_DO_RECORD_BEGIN);
	accept(st);
}

static void begin(struct core_step *st)
{
	const struct safety_begin *b = &st->ev->begin;
	struct core_refusal why = { .reason = SAFETY_OK };
	struct safety_limits l;

	if (!by_owner(st))
		return;
	/* Nothing the caller brings can be wider than what is compiled in. */
	safety_limits_absolute(&l);
	core_limits_merge(&l, &b->limits);
	if (faulty(st->s))
		refuse(st, SAFETY_REFUSE_FAULT);
	else if (st->s->state != SAFETY_IDLE || st->s->close_ticket)
		refuse(st, SAFETY_REFUSE_STATE);
	else if (!b->screening_clear)
		refuse(st, SAFETY_REFUSE_SCREENING);
	else if (!set_points_allowed(&l, b, &why) || !core_healthy(st, &why))
		refuse_why(st, &why);
	else
		open_session(st, &l);
}

static void prepared(struct core_step *st)
{
	struct safety *s = st->s;

	if (!by_owner(st))
		return;
	if (s->state != SAFETY_SCREENED) {
		refuse(st, faulty(s) ? SAFETY_REFUSE_FAULT :
				       SAFETY_REFUSE_STATE);
		return;
	}
	s->p.prepared = true;
	s->state = SAFETY_READY;
	accept(st);
}

/* Answered later, see safety.h: here it only gets its ticket. */
static void start(struct core_step *st)
{
	struct core_refusal why = { .reason = SAFETY_OK };
	struct safety *s = st->s;

	if (!by_owner(st))
		return;
	if (faulty(s)) {
		refuse(st, SAFETY_REFUSE_FAULT);
	} else if (s->state == SAFETY_SCREENED) {
		refuse(st, SAFETY_REFUSE_PREPARATION);
	} else if ((s->state != SAFETY_READY && s->state != SAFETY_PAUSED) ||
		   s->p.start_ticket || s->p.start_outstanding) {
		refuse(st, SAFETY_REFUSE_STATE);
	} else if (!core_may_run(st, &why)) {
		refuse_why(st, &why);
	} else {
		s->intent_ticket = core_new_ticket(st);
		s->p.start_ticket = s->intent_ticket;
		core_do(st, SAFETY_DO_INTENT)->ticket = s->intent_ticket;
	}
}

static void run(struct core_step *st)
{
	struct safety *s = st->s;
	uint32_t session_left = s->limits.limit[SAFETY_LIMIT_SESSION_MAX].value -
				s->motor_ms;
	struct safety_action *a = core_do(st, SAFETY_DO_START);

	s->p.run_limit_ms = s->limits.limit[SAFETY_LIMIT_RUN_MAX].value;
	s->p.run_limit_reason = SAFETY_STOP_RUN_TIME;
	if (session_left <= s->p.run_limit_ms) {
		s->p.run_limit_ms = session_left;
		s->p.run_limit_reason = SAFETY_STOP_SESSION_TIME;
	}
	s->state = SAFETY_ACTIVE;
	s->last_stop = SAFETY_OK;
	s->run_ms = 0;
	s->run_strokes = 0;
	s->runs = core_add(s->runs, 1);
	s->p.active_ms = st->now;
	s->p.depth_over = 0;
	s->p.mismatch = false;
	s->p.started = false;
	s->p.confirmed_running = false;
	s->p.start_outstanding = true;
	s->p.run_open = true;
	a->depth_um = s->depth_um;
	a->rate_spm = s->rate_spm;
	a->run_ms = s->p.run_limit_ms;
}

/* The one place that leads to ACTIVE: everything is asked again. */
static void intent_durable(struct core_step *st)
{
	struct core_refusal why = { .reason = SAFETY_OK };
	struct safety *s = st->s;

	if (!s->intent_ticket || st->ev->ticket != s->intent_ticket)
		return;
	s->intent_ticket = 0;
	if (st->now - s->p.heartbeat_ms > st->cfg->heartbeat_max_ms)
		core_drop_start(st, SAFETY_STOP_OWNER_SILENT);
	else if (!core_may_run(st, &why))
		core_refuse_start(st, &why);
	else
		run(st);
}

static void started(struct core_step *st)
{
	struct safety *s = st->s;

	if (!s->p.start_outstanding)
		return;
	s->p.start_outstanding = false;
	if (s->state != SAFETY_ACTIVE) {
		/* A stop came first, but the driver may have run after it. */
		core_stop(st, s->last_stop);
		return;
	}
	s->p.started = true;
	s->p.started_ms = st->now;
	s->p.renew_ms = st->now;
	s->p.changed_ms = st->now;
	core_do(st, SAFETY_DO_ACCEPT_START)->ticket = s->p.start_ticket;
	s->p.start_ticket = 0;
}

static void start_failed(struct core_step *st)
{
	if (!st->s->p.start_outstanding)
		return;
	st->s->p.start_outstanding = false;
	if (st->s->state == SAFETY_ACTIVE)
		core_stop(st, SAFETY_STOP_START_FAILED);
}

/* ESTALE: the driver ended the run itself and is ahead of the telemetry. */
static void renew_failed(struct core_step *st)
{
	int32_t error = st->ev->error;

	if (st->s->state != SAFETY_ACTIVE)
		return;
	if (error == ESTALE || error == -ESTALE)
		core_stop(st, SAFETY_STOP_PEN);
	else
		core_fault(st, SAFETY_FAULT_RENEW);
}

static void pause_run(struct core_step *st)
{
	struct safety *s = st->s;

	if (!by_owner(st))
		return;
	if (s->state == SAFETY_ACTIVE)
		core_stop(st, SAFETY_STOP_PAUSE);
	else if (s->p.start_ticket)
		core_drop_start(st, SAFETY_STOP_PAUSE);
	else if (s->state != SAFETY_PAUSED && s->state != SAFETY_STOPPING) {
		refuse(st, SAFETY_REFUSE_STATE);
		return;
	}
	accept(st);
}

/* From anybody, always: there is no path through here that refuses. */
static void stop(struct core_step *st)
{
	if (st->s->state == SAFETY_ACTIVE)
		core_stop(st, SAFETY_STOP_REQUEST);
	core_drop_start(st, SAFETY_STOP_REQUEST);
	core_send_stop(st, SAFETY_STOP_REQUEST);
	accept(st);
}

static void end(struct core_step *st)
{
	struct safety *s = st->s;

	if (!by_owner(st))
		return;
	if (!s->p.session_open) {
		refuse(st, SAFETY_REFUSE_STATE);
		return;
	}
	accept(st);
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

static void reset(struct core_step *st)
{
	struct core_refusal why = { .reason = SAFETY_OK };
	struct safety *s = st->s;

	if (st->ev->owner && !by_owner(st))
		return;
	if (s->state != SAFETY_FAULT) {
		refuse(st, faulty(s) ? SAFETY_REFUSE_FAULT :
				       SAFETY_REFUSE_STATE);
		return;
	}
	if (!core_healthy(st, &why)) {
		refuse_why(st, &why);
		return;
	}
	s->fault = SAFETY_OK;
	s->p.rate_leak = 0;
	s->p.depth_leak = 0;
	s->p.current_leak = 0;
	s->p.temp_leak = 0;
	core_settle(st);
	accept(st);
}

static void close_durable(struct core_step *st)
{
	struct safety *s = st->s;

	if (!s->close_ticket || st->ev->ticket != s->close_ticket)
		return;
	s->close_ticket = 0;
	if (s->state == SAFETY_CLOSED)
		core_settle(st);
}

static void record_failed(struct core_step *st)
{
	st->s->p.record_failed = true;
	if (st->s->state == SAFETY_ACTIVE)
		core_fault(st, SAFETY_FAULT_RECORD);
	else
		core_drop_start(st, SAFETY_REFUSE_RECORD);
}

static void record_ok(struct core_step *st)
{
	struct safety *s = st->s;
	struct safety_action *a;

	if (!s->p.record_failed)
		return;
	s->p.record_failed = false;
	if (!s->close_ticket)
		return;
	a = core_do(st, SAFETY_DO_RECORD_CLOSE);
	a->ticket = s->close_ticket;
	a->reason = s->p.close_reason;
}

static void pen_gone(struct core_step *st)
{
	struct safety *s = st->s;
	enum safety_state state = s->state;

	s->p.gone = true;
	s->p.have_telemetry = false;
	s->p.start_outstanding = false;
	if (s->p.session_open) {
		core_fault(st, SAFETY_FAULT_PEN_GONE);
		core_close_run(st);
		core_close_session(st, s->fault);
		/* Nothing is left to wait for but the record. */
		s->state = state == SAFETY_FAULT || state == SAFETY_HARD_FAULT ?
				   state : SAFETY_CLOSED;
	} else if (state == SAFETY_STOPPING) {
		core_settle(st);
	}
}

void core_event(struct core_step *st)
{
	switch (st->ev->kind) {
	case SAFETY_EV_TICK:
		break;
	case SAFETY_EV_TELEMETRY:
		core_telemetry(st);
		break;
	case SAFETY_EV_TELEMETRY_INVALID:
		core_telemetry_invalid(st);
		break;
	case SAFETY_EV_PEN_GONE:
		pen_gone(st);
		break;
	case SAFETY_EV_ACQUIRE:
		acquire(st);
		break;
	case SAFETY_EV_RELEASE:
		release(st);
		break;
	case SAFETY_EV_HEARTBEAT:
		if (by_owner(st))
			accept(st);
		break;
	case SAFETY_EV_BEGIN:
		begin(st);
		break;
	case SAFETY_EV_PREPARED:
		prepared(st);
		break;
	case SAFETY_EV_START:
		start(st);
		break;
	case SAFETY_EV_PAUSE:
		pause_run(st);
		break;
	case SAFETY_EV_STOP:
		stop(st);
		break;
	case SAFETY_EV_END:
		end(st);
		break;
	case SAFETY_EV_SET:
	case SAFETY_EV_ALARM_ACK:
	case SAFETY_EV_AUDIO_PAUSE:
		refuse(st, SAFETY_REFUSE_STATE);
		break;
	case SAFETY_EV_RESET:
		reset(st);
		break;
	case SAFETY_EV_INTENT_DURABLE:
		intent_durable(st);
		break;
	case SAFETY_EV_CLOSE_DURABLE:
		close_durable(st);
		break;
	case SAFETY_EV_RECORD_FAILED:
		record_failed(st);
		break;
	case SAFETY_EV_RECORD_OK:
		record_ok(st);
		break;
	case SAFETY_EV_STARTED:
		started(st);
		break;
	case SAFETY_EV_START_FAILED:
		start_failed(st);
		break;
	case SAFETY_EV_RENEW_FAILED:
		renew_failed(st);
		break;
	case SAFETY_EV_CARTRIDGE:
	case SAFETY_EV_PEN_LIMP:
	case SAFETY_EVENTS:
		break;
	}
}
