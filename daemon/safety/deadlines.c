// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What was not said or done in time, and the lease that lives only while
 * everything was.
 */
#include "daemon/safety/core.h"

bool core_telemetry_fresh(const struct core_step *st)
{
	const struct safety *s = st->s;

	return s->p.have_telemetry && !s->p.invalid &&
	       core_since(st, s->p.telemetry_ms) <=
		       st->cfg->telemetry_max_age_ms;
}

/* A motor that turns makes strokes, and a pen that lives has noise. */
static bool frozen(const struct core_step *st)
{
	const struct safety *s = st->s;

	if (core_since(st, s->p.changed_ms) > st->cfg->frozen_max_ms)
		return true;
	return core_spun_up(st) && s->last.rate_spm &&
	       core_since(st, s->p.stroke_ms) > st->cfg->stroke_max_ms;
}

/*
 * Telemetry may wait while the driver is busy starting; from then on silence
 * counts, from the later of the two. Renewal never waives it.
 */
static enum safety_reason overdue(const struct core_step *st)
{
	const struct safety_config *cfg = st->cfg;
	const struct safety *s = st->s;

	if (!s->p.started)
		return SAFETY_OK;
	if (core_since(st, s->p.telemetry_ms) > cfg->telemetry_max_age_ms &&
	    core_since(st, s->p.started_ms) > cfg->telemetry_max_age_ms)
		return SAFETY_FAULT_TELEMETRY_SILENT;
	if (frozen(st))
		return SAFETY_FAULT_TELEMETRY_FROZEN;
	if (s->p.mismatch &&
	    core_since(st, s->p.mismatch_ms) > cfg->mismatch_max_ms)
		return SAFETY_FAULT_MISMATCH;
	return SAFETY_OK;
}

static void deadlines_active(struct core_step *st)
{
	const struct safety_config *cfg = st->cfg;
	struct safety *s = st->s;
	enum safety_reason reason = overdue(st);

	if (reason != SAFETY_OK)
		core_fault(st, reason);
	else if (core_time_spent(st))
		return;
	else if (core_since(st, s->p.heartbeat_ms) > cfg->heartbeat_max_ms)
		core_stop(st, SAFETY_STOP_OWNER_SILENT);
	else if (!s->p.started &&
		 core_since(st, s->p.active_ms) > cfg->start_max_ms)
		core_stop(st, SAFETY_STOP_START_FAILED);
}

/* The pen does not obey: the last thing left is to close the device. */
static void give_up(struct core_step *st)
{
	struct safety *s = st->s;

	if (s->fault == SAFETY_OK)
		s->fault = SAFETY_FAULT_STOP_UNCONFIRMED;
	core_send_stop(st, SAFETY_FAULT_STOP_UNCONFIRMED);
	core_do(st, SAFETY_DO_HARD_STOP)->reason = SAFETY_FAULT_STOP_UNCONFIRMED;
	core_do(st, SAFETY_DO_RECORD_FAULT)->reason =
		SAFETY_FAULT_STOP_UNCONFIRMED;
	core_raise(st, SAFETY_FAULT_STOP_UNCONFIRMED);
	core_close_run(st);
	if (s->p.ending)
		core_close_session(st, SAFETY_FAULT_STOP_UNCONFIRMED);
	s->state = SAFETY_HARD_FAULT;
}

static void deadlines_stopping(struct core_step *st)
{
	struct safety *s = st->s;

	/* The very first stop: nothing was heard from the pen yet. */
	if (!s->p.have_telemetry)
		s->p.stop_first_ms = st->now;
	if (core_since(st, s->p.stop_first_ms) > st->cfg->stop_confirm_max_ms)
		give_up(st);
	else if (core_since(st, s->p.stop_ms) >= st->cfg->stop_repeat_ms)
		core_send_stop(st, s->last_stop ? s->last_stop :
						  SAFETY_STOP_REQUEST);
}

void core_deadlines(struct core_step *st)
{
	core_audio_deadline(st);
	switch (st->s->state) {
	case SAFETY_ACTIVE:
		deadlines_active(st);
		break;
	case SAFETY_STOPPING:
		deadlines_stopping(st);
		break;
	case SAFETY_IDLE:
	case SAFETY_SCREENED:
	case SAFETY_READY:
	case SAFETY_PAUSED:
	case SAFETY_CLOSED:
	case SAFETY_FAULT:
	case SAFETY_HARD_FAULT:
	case SAFETY_STATES:
		break;
	}
}

void core_renew(struct core_step *st)
{
	struct safety *s = st->s;

	if (st->ev->kind != SAFETY_EV_TICK &&
	    st->ev->kind != SAFETY_EV_TELEMETRY)
		return;
	if (s->state != SAFETY_ACTIVE || !s->p.started || s->p.depth_over ||
	    !core_telemetry_fresh(st))
		return;
	if (core_since(st, s->p.renew_ms) < st->cfg->renew_ms)
		return;
	s->p.renew_ms = st->now;
	core_do(st, SAFETY_DO_RENEW);
}
