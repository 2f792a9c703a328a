// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the record, the driver and the shell report. Reports are never
 * refused: each has an effect or is meaningless in this state and ignored.
 */
#include <errno.h>

#include "daemon/safety/core.h"

static void run(struct core_step *st)
{
	struct safety *s = st->s;
	struct safety_action *a = core_do(st, SAFETY_DO_START);

	core_run_limit(st);
	core_set_begin(st);
	s->state = SAFETY_ACTIVE;
	s->last_stop = SAFETY_OK;
	s->run_ms = 0;
	s->run_strokes = 0;
	s->runs = core_add(s->runs, 1);
	s->p.burned_id = s->cartridge.id;
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
	if (core_since(st, s->p.heartbeat_ms) > st->cfg->heartbeat_max_ms)
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
	s->p.stroke_ms = st->now;
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
	core_raise(st, SAFETY_ALERT_RECORD);
}

static void record_ok(struct core_step *st)
{
	struct safety *s = st->s;
	struct safety_action *a;

	if (!s->p.record_failed)
		return;
	s->p.record_failed = false;
	core_over(st, SAFETY_ALERT_RECORD);
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

/*
 * In the middle of a session a cartridge may neither be lent nor changed.
 * Before the preparation is confirmed it may still be put in.
 */
static void cartridge(struct core_step *st)
{
	struct safety *s = st->s;

	if (st->ev->present || !s->p.session_open || !s->p.prepared)
		return;
	s->p.cartridge_void = true;
	if (s->state != SAFETY_HARD_FAULT)
		core_fault(st, SAFETY_FAULT_CARTRIDGE);
}

/* Such a pen may never say a word: there is nothing to wait for. */
static void pen_limp(struct core_step *st)
{
	struct safety *s = st->s;

	s->p.limp = true;
	if (s->fault == SAFETY_OK)
		core_fault(st, SAFETY_FAULT_LIMP);
	if (s->state == SAFETY_STOPPING && !s->p.run_open) {
		if (s->p.ending)
			core_close_session(st, s->fault);
		core_settle(st);
	}
}

void core_report(struct core_step *st)
{
	switch (st->ev->kind) {
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
	case SAFETY_EV_PEN_GONE:
		pen_gone(st);
		break;
	case SAFETY_EV_CARTRIDGE:
		cartridge(st);
		break;
	case SAFETY_EV_PEN_LIMP:
		pen_limp(st);
		break;
	case SAFETY_EV_TICK:
	case SAFETY_EV_TELEMETRY:
	case SAFETY_EV_TELEMETRY_INVALID:
	case SAFETY_EV_ACQUIRE:
	case SAFETY_EV_RELEASE:
	case SAFETY_EV_HEARTBEAT:
	case SAFETY_EV_BEGIN:
	case SAFETY_EV_PREPARED:
	case SAFETY_EV_START:
	case SAFETY_EV_PAUSE:
	case SAFETY_EV_STOP:
	case SAFETY_EV_END:
	case SAFETY_EV_SET:
	case SAFETY_EV_ALARM_ACK:
	case SAFETY_EV_AUDIO_PAUSE:
	case SAFETY_EV_RESET:
	case SAFETY_EVENTS:
		break;
	}
}
