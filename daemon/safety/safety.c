// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One step of the core.
 *
 * Time: the core keeps a clock of its own that adds up the distances between
 * calls. A caller's clock that goes back adds nothing and one that jumps
 * ahead adds the whole jump, so no jump lengthens a lease, a run or a
 * session; and since only distances enter, the caller's clock may wrap.
 * Telemetry is stamped with its arrival and may come after a later tick:
 * that is no clock going back, and must not make the time in between count
 * twice.
 *
 * Order: elapsed time is charged, deadlines are judged, then the event is
 * looked at. Actions collect in slots and leave in the order of their enum,
 * which puts STOP before everything else.
 */
#include <string.h>

#include "daemon/safety/core.h"

struct safety_action *core_do(struct core_step *st,
			      enum safety_action_kind kind)
{
	struct safety_action *a = &st->action[kind];

	a->kind = kind;
	st->wanted |= 1u << kind;
	return a;
}

uint32_t core_new_ticket(struct core_step *st)
{
	uint32_t ticket = st->s->next_ticket++;

	if (!st->s->next_ticket)
		st->s->next_ticket = 1;
	return ticket;
}

void core_send_stop(struct core_step *st, enum safety_reason reason)
{
	struct safety_action *a = core_do(st, SAFETY_DO_STOP);

	if (a->reason == SAFETY_OK)
		a->reason = reason;
	st->s->p.stop_ms = st->now;
}

void core_refuse_start(struct core_step *st, const struct core_refusal *why)
{
	struct safety *s = st->s;
	struct safety_action *a;

	if (!s->p.start_ticket)
		return;
	a = core_do(st, SAFETY_DO_REFUSE_START);
	a->ticket = s->p.start_ticket;
	a->reason = why->reason;
	a->limit = why->limit;
	a->source = why->source;
	a->requested = why->requested;
	a->allowed = why->allowed;
	core_note_why(st, why);
	s->p.start_ticket = 0;
	s->intent_ticket = 0;
}

void core_drop_start(struct core_step *st, enum safety_reason reason)
{
	const struct core_refusal why = { .reason = reason };

	core_refuse_start(st, &why);
}

void core_note_why(struct core_step *st, const struct core_refusal *why)
{
	struct safety_why *w = &st->s->why;

	w->reason = why->reason;
	w->limit = why->allowed || why->reason == SAFETY_REFUSE_LIMIT ?
			   why->limit : SAFETY_LIMITS;
	w->source = why->source;
	w->value = why->requested;
	w->allowed = why->allowed;
}

static void stop(struct core_step *st, const struct core_refusal *why)
{
	struct safety *s = st->s;

	core_drop_start(st, why->reason);
	core_send_stop(st, why->reason);
	if (s->state == SAFETY_STOPPING || s->state == SAFETY_HARD_FAULT)
		return;
	/* What somebody in the room asked for needs no alarm. */
	if (core_is_stop(why->reason) &&
	    safety_reason_priority(why->reason) != SAFETY_PRIORITY_NONE)
		core_raise(st, why->reason);
	core_note_why(st, why);
	s->last_stop = why->reason;
	s->state = SAFETY_STOPPING;
	s->p.stop_first_ms = st->now;
	s->p.still = 0;
}

void core_stop(struct core_step *st, enum safety_reason reason)
{
	const struct core_refusal why = { .reason = reason };

	stop(st, &why);
}

void core_stop_limit(struct core_step *st, enum safety_reason reason,
		     enum safety_limit_id id, uint32_t value)
{
	const struct safety_limit *l = &st->s->limits.limit[id];
	const struct core_refusal why = {
		.reason = reason,
		.limit = id,
		.source = l->source,
		.requested = value,
		.allowed = l->value,
	};

	stop(st, &why);
}

static void latch(struct core_step *st, enum safety_reason reason)
{
	struct safety *s = st->s;

	if (s->fault != SAFETY_OK)
		return;
	s->fault = reason;
	core_do(st, SAFETY_DO_RECORD_FAULT)->reason = reason;
}

void core_fault(struct core_step *st, enum safety_reason reason)
{
	latch(st, reason);
	core_raise(st, reason);
	core_stop(st, reason);
}

bool safety_why_has_limit(const struct safety_why *why)
{
	return why->reason != SAFETY_OK && why->limit < SAFETY_LIMITS;
}

void core_close_run(struct core_step *st)
{
	if (!st->s->p.run_open)
		return;
	st->s->p.run_open = false;
	core_do(st, SAFETY_DO_RECORD_RUN)->reason = st->s->last_stop;
}

void core_close_session(struct core_step *st, enum safety_reason reason)
{
	struct safety *s = st->s;
	struct safety_action *a;

	s->p.session_open = false;
	s->p.ending = false;
	s->p.close_reason = reason;
	s->close_ticket = core_new_ticket(st);
	a = core_do(st, SAFETY_DO_RECORD_CLOSE);
	a->reason = reason;
	a->ticket = s->close_ticket;
}

void core_settle(struct core_step *st)
{
	struct safety *s = st->s;

	if (s->fault != SAFETY_OK)
		s->state = SAFETY_FAULT;
	else if (!s->p.session_open)
		s->state = s->close_ticket ? SAFETY_CLOSED : SAFETY_IDLE;
	else
		s->state = s->p.prepared ? SAFETY_PAUSED : SAFETY_SCREENED;
}

/* Charges the time since the last step to the clock and all that it wears. */
static void advance(struct core_step *st, uint64_t now_ms)
{
	struct safety *s = st->s;
	uint64_t elapsed = now_ms - s->p.seen_ms;

	if (!s->p.have_step) {
		elapsed = 0;
	} else if (elapsed > INT64_MAX) {
		if (st->ev->kind == SAFETY_EV_TELEMETRY)
			st->late_ms = s->p.seen_ms - now_ms;
		elapsed = 0;
	}
	s->p.have_step = true;
	if (!st->late_ms)
		s->p.seen_ms = now_ms;
	s->p.clock_ms += elapsed;
	st->now = s->p.clock_ms;
	core_charge(st, elapsed);
}

void safety_init(struct safety *s)
{
	memset(s, 0, sizeof(*s));
	safety_limits_absolute(&s->limits);
	s->state = SAFETY_STOPPING;
	s->next_ticket = 1;
	/* Not 0: a record may have arrived before the first step. */
	s->p.clock_ms = 1ull << 40;
	s->why.limit = SAFETY_LIMITS;
}

static void finish(struct core_step *st, enum safety_state before,
		   struct safety_actions *out)
{
	const struct safety *s = st->s;
	struct safety_action *a;
	uint32_t kind;

	if (s->state != before) {
		a = core_do(st, SAFETY_DO_STATE);
		a->state = s->state;
		a->reason = s->fault != SAFETY_OK ? s->fault : s->last_stop;
	}
	out->n = 0;
	for (kind = 0; kind < SAFETY_ACTIONS; kind++)
		if (st->wanted & (1u << kind))
			out->a[out->n++] = st->action[kind];
}

static void event(struct core_step *st)
{
	enum safety_event_kind kind = st->ev->kind;

	if (kind == SAFETY_EV_TELEMETRY)
		core_telemetry(st);
	else if (kind == SAFETY_EV_TELEMETRY_INVALID)
		core_telemetry_invalid(st);
	else if (kind >= SAFETY_EV_ACQUIRE && kind <= SAFETY_EV_RESET)
		core_request(st);
	else
		core_report(st);
}

void safety_step(const struct safety_config *cfg, struct safety *s,
		 const struct safety_event *ev, uint64_t now_ms,
		 struct safety_actions *out)
{
	uint64_t alarms = s->alarms, acked = s->alarms_acked;
	enum safety_state before = s->state;
	bool first = !s->p.have_step;
	struct core_step st;

	/* All of it: an action that is half filled in must be 0 elsewhere. */
	memset(&st, 0, sizeof(st));
	st.cfg = cfg;
	st.s = s;
	st.ev = ev;
	advance(&st, now_ms);
	if (first)
		core_send_stop(&st, SAFETY_STOP_REQUEST);
	core_deadlines(&st);
	event(&st);
	core_follow(&st);
	core_renew(&st);
	core_alarms_told(&st, alarms, acked);
	finish(&st, before, out);
}
