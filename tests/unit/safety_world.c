// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/safety_world.h"

/* The oracle says what it found and where; cmocka ends the test. */
#define HOLDS(w, cond, what)						\
	do {								\
		if (!(cond))						\
			fail_msg("invariant %s after step %llu, state %s", \
				 what, (unsigned long long)(w)->steps,	\
				 safety_state_name((w)->s.state));	\
	} while (0)

bool is_request(enum safety_event_kind kind)
{
	return kind >= SAFETY_EV_ACQUIRE && kind <= SAFETY_EV_RESET;
}

const struct safety_action *did(const struct world *w,
				enum safety_action_kind kind)
{
	uint32_t i;

	for (i = 0; i < w->out.n; i++)
		if (w->out.a[i].kind == kind)
			return &w->out.a[i];
	return NULL;
}

static bool stop_is_first(const struct world *w)
{
	return w->out.n && w->out.a[0].kind == SAFETY_DO_STOP;
}

static bool moving(const struct safety_telemetry *t)
{
	return t->rate_spm || t->pen_state == MNPEN_STATE_RUNNING;
}

/* ---- books: kept from events and actions alone -------------------------- */

static void note_time(struct world *w, uint64_t elapsed, bool motor_on)
{
	struct books *b = &w->books;

	b->clock_ms += elapsed;
	if (motor_on)
		b->active_ms += elapsed;
}

static void note_event(struct world *w, const struct safety *before,
		       const struct safety_event *ev, uint64_t late_ms)
{
	struct books *b = &w->books;

	switch (ev->kind) {
	case SAFETY_EV_TELEMETRY:
		if (b->gone)
			break;
		/* What the core took as valid it has kept. */
		b->last_valid = !memcmp(&w->s.last, &ev->telemetry,
					sizeof(ev->telemetry)) &&
				!w->s.p.invalid;
		if (b->last_valid) {
			b->last = ev->telemetry;
			b->telemetry_ms = b->clock_ms - late_ms >
						  b->telemetry_ms ?
					  b->clock_ms - late_ms :
					  b->telemetry_ms;
			b->have_telemetry = true;
		}
		break;
	case SAFETY_EV_TELEMETRY_INVALID:
		b->last_valid = false;
		break;
	case SAFETY_EV_PEN_GONE:
		b->gone = true;
		b->have_telemetry = false;
		b->outstanding = false;
		break;
	case SAFETY_EV_RECORD_FAILED:
		b->record_failed = true;
		break;
	case SAFETY_EV_RECORD_OK:
		b->record_failed = false;
		break;
	case SAFETY_EV_STARTED:
		if (b->outstanding && before->state == SAFETY_ACTIVE &&
		    w->s.state == SAFETY_ACTIVE) {
			b->started = true;
			b->started_ms = b->clock_ms;
			b->renew_ms = b->clock_ms;
		}
		b->outstanding = false;
		break;
	case SAFETY_EV_START_FAILED:
		b->outstanding = false;
		break;
	case SAFETY_EV_CLOSE_DURABLE:
		if (ev->ticket == b->close_ticket)
			b->close_ticket = 0;
		break;
	default:
		break;
	}
	if (is_request(ev->kind) && ev->owner && ev->owner == w->s.owner)
		b->heartbeat_ms = b->clock_ms;
}

/* ---- invariants --------------------------------------------------------- */

static void check_form(struct world *w, const struct safety *before,
		       const struct safety_event *ev)
{
	const struct safety_action *state = did(w, SAFETY_DO_STATE);
	bool answered = did(w, SAFETY_DO_ACCEPT) || did(w, SAFETY_DO_REFUSE);
	uint32_t i;

	HOLDS(w, w->out.n <= SAFETY_ACTIONS_MAX, "bounded output");
	for (i = 1; i < w->out.n; i++)
		HOLDS(w, w->out.a[i - 1].kind < w->out.a[i].kind,
		      "order of actions");
	HOLDS(w, !state == (before->state == w->s.state), "state told");
	if (state)
		HOLDS(w, state->state == w->s.state &&
		      state->reason == (w->s.fault ? w->s.fault :
						     w->s.last_stop),
		      "state told right");
	HOLDS(w, !(did(w, SAFETY_DO_ACCEPT) && did(w, SAFETY_DO_REFUSE)),
	      "one answer");
	if (!is_request(ev->kind))
		HOLDS(w, !answered, "no answer without request");
	else if (ev->kind == SAFETY_EV_START)
		HOLDS(w, !did(w, SAFETY_DO_ACCEPT) &&
		      !did(w, SAFETY_DO_REFUSE) != !did(w, SAFETY_DO_INTENT),
		      "START gets a ticket or a refusal");
	else
		HOLDS(w, answered, "every request is answered");
	HOLDS(w, did(w, SAFETY_DO_HARD_STOP) == NULL ||
	      w->s.state == SAFETY_HARD_FAULT, "hard stop");
}

static void check_stop(struct world *w, const struct safety *before,
		       const struct safety_event *ev)
{
	struct books *b = &w->books;

	if (ev->kind == SAFETY_EV_STOP) {
		HOLDS(w, stop_is_first(w), "5");
		HOLDS(w, did(w, SAFETY_DO_ACCEPT), "5");
		HOLDS(w, w->s.state != SAFETY_ACTIVE, "5");
	}
	if (before->state == SAFETY_ACTIVE && w->s.state != SAFETY_ACTIVE)
		HOLDS(w, stop_is_first(w), "6");
	if (before->state != SAFETY_STOPPING &&
	    w->s.state == SAFETY_STOPPING)
		HOLDS(w, stop_is_first(w), "6");
	if (stop_is_first(w))
		b->stop_ms = b->clock_ms;
	if (w->s.state == SAFETY_STOPPING && before->state == SAFETY_STOPPING)
		HOLDS(w, w->s.last_stop == before->last_stop,
		      "first cause of a stop");
	/* Nothing that happens meanwhile may postpone the last resort. */
	if (before->state != SAFETY_STOPPING ||
	    (!before->p.have_telemetry && !b->runs_open))
		b->stopping_ms = b->clock_ms;
	if (w->s.state == SAFETY_STOPPING) {
		HOLDS(w, b->clock_ms - b->stop_ms < w->cfg.stop_repeat_ms, "7");
		HOLDS(w, b->clock_ms - b->stopping_ms <=
		      w->cfg.stop_confirm_max_ms, "7");
	}
	if (before->state == SAFETY_STOPPING)
		HOLDS(w, !did(w, SAFETY_DO_START) && !did(w, SAFETY_DO_INTENT),
		      "8");
}

static bool within(const struct safety_limits *l, uint32_t depth_um,
		   uint32_t rate_spm)
{
	return depth_um <= l->limit[SAFETY_LIMIT_DEPTH_MAX].value &&
	       rate_spm >= l->limit[SAFETY_LIMIT_RATE_MIN].value &&
	       rate_spm <= l->limit[SAFETY_LIMIT_RATE_MAX].value;
}

/* Everything that must hold for the motor to be told on, or kept on. */
static void check_may_move(struct world *w)
{
	const struct books *b = &w->books;

	HOLDS(w, w->s.state == SAFETY_ACTIVE, "1");
	HOLDS(w, w->s.owner != 0, "1");
	HOLDS(w, w->s.fault == SAFETY_OK, "1");
	HOLDS(w, b->have_telemetry && b->last_valid, "1, 29");
	HOLDS(w, b->clock_ms - b->telemetry_ms <=
	      w->cfg.telemetry_max_age_ms, "1, 29");
	HOLDS(w, b->last.fault_latched == 0, "1, 29");
	HOLDS(w, !b->record_failed, "1, 35");
	HOLDS(w, !b->gone, "1");
	HOLDS(w, b->clock_ms - b->heartbeat_ms <= w->cfg.heartbeat_max_ms,
	      "39");
	HOLDS(w, b->sessions_open == 1, "1");
}

static void check_start(struct world *w, const struct safety *before,
			const struct safety_event *ev)
{
	const struct safety_action *start = did(w, SAFETY_DO_START);
	struct safety_limits absolute;
	struct books *b = &w->books;

	if (before->state != SAFETY_ACTIVE && w->s.state == SAFETY_ACTIVE)
		HOLDS(w, start, "2");
	if (start) {
		safety_limits_absolute(&absolute);
		HOLDS(w, ev->kind == SAFETY_EV_INTENT_DURABLE, "2, 33");
		HOLDS(w, ev->ticket && ev->ticket == b->open_ticket, "33");
		HOLDS(w, before->state == SAFETY_READY ||
		      before->state == SAFETY_PAUSED, "2");
		HOLDS(w, within(&absolute, start->depth_um, start->rate_spm),
		      "12");
		HOLDS(w, within(&w->s.limits, start->depth_um,
				start->rate_spm), "12");
		HOLDS(w, within(&w->asked, start->depth_um, start->rate_spm),
		      "12");
		HOLDS(w, start->run_ms && start->run_ms <=
		      w->s.limits.limit[SAFETY_LIMIT_RUN_MAX].value, "12");
		HOLDS(w, b->runs_open == 0, "one record per run");
		HOLDS(w, b->last.rate_spm == 0, "29");
		check_may_move(w);
		b->runs_open = 1;
		b->started = false;
		b->outstanding = true;
	}
	if (did(w, SAFETY_DO_RENEW)) {
		HOLDS(w, ev->kind == SAFETY_EV_TICK ||
		      ev->kind == SAFETY_EV_TELEMETRY, "1");
		HOLDS(w, b->started, "1");
		HOLDS(w, b->clock_ms - b->renew_ms >= w->cfg.renew_ms, "1");
		check_may_move(w);
		b->renew_ms = b->clock_ms;
	}
}

static void check_tickets(struct world *w, const struct safety_event *ev)
{
	const struct safety_action *intent = did(w, SAFETY_DO_INTENT);
	const struct safety_action *yes = did(w, SAFETY_DO_ACCEPT_START);
	const struct safety_action *no = did(w, SAFETY_DO_REFUSE_START);
	const struct safety_action *close = did(w, SAFETY_DO_RECORD_CLOSE);
	struct books *b = &w->books;

	HOLDS(w, !(yes && no), "one answer per ticket");
	if (yes || no) {
		HOLDS(w, (yes ? yes : no)->ticket == b->open_ticket &&
		      b->open_ticket, "one answer per ticket");
		b->open_ticket = 0;
	}
	if (yes)
		HOLDS(w, ev->kind == SAFETY_EV_STARTED, "answer after the driver");
	if (intent) {
		HOLDS(w, ev->kind == SAFETY_EV_START && ev->owner &&
		      ev->owner == w->s.owner, "2");
		HOLDS(w, !b->open_ticket && intent->ticket, "ticket");
		b->open_ticket = intent->ticket;
	}
	if (close && ev->kind == SAFETY_EV_RECORD_OK)
		HOLDS(w, close->ticket == b->close_ticket, "close again");
	else if (close) {
		HOLDS(w, b->sessions_open == 1, "one close per session");
		HOLDS(w, b->runs_open == 0 || did(w, SAFETY_DO_RECORD_RUN),
		      "no run outlives its session");
		b->sessions_open = 0;
		b->close_ticket = close->ticket;
	}
	if (did(w, SAFETY_DO_RECORD_RUN)) {
		HOLDS(w, b->runs_open == 1, "one record per run");
		HOLDS(w, w->s.state != SAFETY_ACTIVE, "record after the run");
		b->runs_open = 0;
	}
	if (did(w, SAFETY_DO_RECORD_BEGIN)) {
		HOLDS(w, b->sessions_open == 0, "one session");
		b->sessions_open = 1;
		b->active_ms = 0;
	}
}

static void check_limits(struct world *w, const struct safety *before,
			 const struct safety_event *ev)
{
	const struct safety_action *no = did(w, SAFETY_DO_REFUSE);
	uint32_t id;

	if (!no)
		no = did(w, SAFETY_DO_REFUSE_START);
	/* What adds up is refused at the limit, the rest beyond it. */
	if (no && no->reason == SAFETY_REFUSE_LIMIT)
		HOLDS(w, no->limit < SAFETY_LIMITS &&
		      (no->requested != no->allowed || no->requested == 0 ||
		       no->limit == SAFETY_LIMIT_SESSION_MAX ||
		       (no->limit >= SAFETY_LIMIT_CONTACT_MAX &&
			no->limit <= SAFETY_LIMIT_CARTRIDGE_MAX)), "15");
	if (did(w, SAFETY_DO_RECORD_BEGIN)) {
		HOLDS(w, ev->kind == SAFETY_EV_BEGIN &&
		      before->state == SAFETY_IDLE, "14");
		return;
	}
	for (id = 0; id < SAFETY_LIMITS; id++) {
		const struct safety_limit *was = &before->limits.limit[id];
		const struct safety_limit *is = &w->s.limits.limit[id];

		HOLDS(w, safety_limit_is_minimum((enum safety_limit_id)id) ?
		      is->value >= was->value : is->value <= was->value, "13");
		HOLDS(w, is->value == was->value ||
		      (ev->kind == SAFETY_EV_SET && did(w, SAFETY_DO_ACCEPT)),
		      "13");
	}
	if (ev->kind != SAFETY_EV_SET || !did(w, SAFETY_DO_ACCEPT))
		HOLDS(w, before->depth_um == w->s.depth_um &&
		      before->rate_spm == w->s.rate_spm, "32");
	HOLDS(w, before->area == w->s.area &&
	      !memcmp(&before->cartridge, &w->s.cartridge,
		      sizeof(w->s.cartridge)), "30, 32");
	HOLDS(w, w->s.strokes >= before->strokes, "16");
	HOLDS(w, w->s.motor_ms >= before->motor_ms, "22");
}

static void check_time(struct world *w)
{
	const struct books *b = &w->books;

	if (b->sessions_open)
		HOLDS(w, w->s.motor_ms == b->active_ms ||
		      w->s.motor_ms == UINT32_MAX, "22");
	if (w->s.state != SAFETY_ACTIVE)
		return;
	HOLDS(w, w->s.motor_ms <
	      w->s.limits.limit[SAFETY_LIMIT_SESSION_MAX].value, "22");
	HOLDS(w, w->s.run_ms <
	      w->s.limits.limit[SAFETY_LIMIT_RUN_MAX].value, "22");
	HOLDS(w, b->clock_ms - b->heartbeat_ms <= w->cfg.heartbeat_max_ms,
	      "39");
	HOLDS(w, !b->record_failed, "35");
	HOLDS(w, w->s.owner, "39");
	if (b->started)
		HOLDS(w, b->clock_ms - b->telemetry_ms <=
		      w->cfg.telemetry_max_age_ms ||
		      b->clock_ms - b->started_ms <=
		      w->cfg.telemetry_max_age_ms, "24");
}

static enum safety_priority loudest(uint64_t alarms)
{
	enum safety_priority most = SAFETY_PRIORITY_NONE;
	uint32_t i;

	for (i = 0; i < SAFETY_REASONS; i++)
		if ((alarms >> i & 1) &&
		    safety_reason_priority((enum safety_reason)i) > most)
			most = safety_reason_priority((enum safety_reason)i);
	return most;
}

static void check_faults(struct world *w, const struct safety *before,
			 const struct safety_event *ev)
{
	const struct books *b = &w->books;

	if (before->fault != SAFETY_OK && w->s.fault != before->fault) {
		HOLDS(w, w->s.fault == SAFETY_OK, "45: first cause");
		HOLDS(w, ev->kind == SAFETY_EV_RESET &&
		      did(w, SAFETY_DO_ACCEPT), "45");
		HOLDS(w, before->state == SAFETY_FAULT, "45");
		HOLDS(w, b->last_valid && !b->last.fault_latched &&
		      !b->last.rate_spm && !b->record_failed, "45: cause gone");
	}
	if (before->fault == SAFETY_OK && w->s.fault != SAFETY_OK) {
		HOLDS(w, did(w, SAFETY_DO_RECORD_FAULT), "45: logged");
		HOLDS(w, did(w, SAFETY_DO_ALARM), "every fault is announced");
		HOLDS(w, stop_is_first(w), "6");
	}
	if (w->s.fault != SAFETY_OK)
		HOLDS(w, w->s.state == SAFETY_STOPPING ||
		      w->s.state == SAFETY_FAULT ||
		      w->s.state == SAFETY_HARD_FAULT ||
		      w->s.state == SAFETY_CLOSED, "1");
	else
		HOLDS(w, w->s.state != SAFETY_FAULT &&
		      w->s.state != SAFETY_HARD_FAULT, "45");
	if (before->state == SAFETY_HARD_FAULT)
		HOLDS(w, w->s.state == SAFETY_HARD_FAULT, "hard fault is final");
	HOLDS(w, !(w->s.alarms_acked & ~w->s.alarms), "only alarms are noted");
	if (w->s.fault != SAFETY_OK)
		HOLDS(w, w->s.alarms >> w->s.fault & 1,
		      "a latched fault stays in the list");
	HOLDS(w, (before->alarms == w->s.alarms &&
		  before->alarms_acked == w->s.alarms_acked) ==
		 !did(w, SAFETY_DO_ALARMS), "a change of alarms is told");
	HOLDS(w, (before->audible == w->s.audible) == !did(w, SAFETY_DO_AUDIO),
	      "a change of sound is told");
	if (w->s.audible < loudest(w->s.alarms & ~w->s.alarms_acked))
		HOLDS(w, safety_audio_pause_left_ms(&w->cfg, &w->s) > 0,
		      "silence is timed");
	if (ev->kind == SAFETY_EV_TELEMETRY && b->last_valid && !b->gone &&
	    moving(&ev->telemetry) && w->s.state != SAFETY_ACTIVE &&
	    w->s.state != SAFETY_HARD_FAULT) {
		HOLDS(w, w->s.state == SAFETY_STOPPING, "27");
		if (before->state != SAFETY_STOPPING &&
		    before->state != SAFETY_ACTIVE && !b->outstanding)
			HOLDS(w, w->s.fault != SAFETY_OK, "27");
	}
}

/* Strokes from one valid record to the next; the books know both. */
static void check_dose(struct world *w, const struct safety *before,
		       const struct safety_event *ev)
{
	struct books *b = &w->books;
	uint32_t strokes = ev->telemetry.strokes - before->last.strokes;

	if (did(w, SAFETY_DO_RECORD_BEGIN)) {
		b->punctures = 0;
		return;
	}
	if (ev->kind == SAFETY_EV_TELEMETRY && before->p.session_open &&
	    before->p.have_telemetry && b->last_valid && !b->gone &&
	    before->last.seq != w->s.last.seq &&
	    before->last.boot_id == ev->telemetry.boot_id &&
	    strokes <= INT32_MAX)
		b->punctures += (uint64_t)strokes * w->s.cartridge.needles;
	HOLDS(w, w->s.punctures >= before->punctures, "16");
	HOLDS(w, w->s.punctures == b->punctures ||
	      w->s.punctures == UINT32_MAX, "16");
	HOLDS(w, w->s.dosed >= before->dosed, "16");
	if (w->s.state != SAFETY_ACTIVE)
		return;
	HOLDS(w, w->s.density_cm2 <
	      w->s.limits.limit[SAFETY_LIMIT_DENSITY_MAX].value ||
	      ev->kind != SAFETY_EV_TELEMETRY || !b->last_valid, "16");
	HOLDS(w, w->s.punctures <
	      w->s.limits.limit[SAFETY_LIMIT_PUNCTURES_MAX].value, "16");
	HOLDS(w, w->s.contact_ms <
	      w->s.limits.limit[SAFETY_LIMIT_CONTACT_MAX].value, "22");
	HOLDS(w, w->s.duty_ms <
	      w->s.limits.limit[SAFETY_LIMIT_DUTY_MAX].value, "22");
}

static uint32_t more(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* Set points given to the pen: up slowly, down at once. */
static void check_set(struct world *w, const struct safety *before)
{
	const struct safety_action *start = did(w, SAFETY_DO_START);
	const struct safety_action *set = did(w, SAFETY_DO_SET);
	struct books *b = &w->books;

	if (start) {
		b->depth_um = start->depth_um;
		b->rate_spm = start->rate_spm;
		b->given_ms = b->clock_ms;
	}
	if (set) {
		HOLDS(w, before->state == SAFETY_ACTIVE &&
		      w->s.state == SAFETY_ACTIVE && b->started, "4");
		HOLDS(w, within(&w->s.limits, set->depth_um, set->rate_spm),
		      "12");
		if (set->depth_um > b->depth_um || set->rate_spm > b->rate_spm)
			HOLDS(w, b->clock_ms - b->given_ms >= w->cfg.rise_ms,
			      "4");
		HOLDS(w, set->depth_um <= b->depth_um +
		      more(w->cfg.rise_um, w->s.p.depth_step_um), "4");
		HOLDS(w, set->rate_spm <= b->rate_spm +
		      more(w->cfg.rise_spm, w->s.p.rate_step_spm), "4");
		b->depth_um = set->depth_um;
		b->rate_spm = set->rate_spm;
		b->given_ms = b->clock_ms;
	}
	if (w->s.state == SAFETY_ACTIVE && b->started) {
		HOLDS(w, b->depth_um <= w->s.depth_um, "4: down at once");
		HOLDS(w, b->rate_spm <= w->s.rate_spm, "4: down at once");
	}
}

/* One cartridge, one session; none goes on after it was taken out. */
static void check_cartridge(struct world *w, const struct safety *before,
			    const struct safety_event *ev)
{
	struct books *b = &w->books;

	if (did(w, SAFETY_DO_RECORD_BEGIN)) {
		const struct safety_cartridge *c = &w->s.cartridge;

		HOLDS(w, c->proof != SAFETY_PROOF_NONE && !c->used &&
		      !c->recalled, "30");
		HOLDS(w, !c->id || c->id != b->burned, "30");
		HOLDS(w, ev->begin.consent && ev->begin.screening_clear &&
		      ev->begin.dose.area_mm2, "31");
		b->void_cartridge = false;
	}
	if (ev->kind == SAFETY_EV_CARTRIDGE && !ev->present &&
	    before->p.session_open && before->p.prepared)
		b->void_cartridge = true;
	if (did(w, SAFETY_DO_START)) {
		HOLDS(w, !b->void_cartridge, "30");
		b->burned = w->s.cartridge.id;
	}
}

static void check_owner(struct world *w, const struct safety *before,
			const struct safety_event *ev)
{
	if (before->owner != w->s.owner) {
		if (before->owner)
			HOLDS(w, ev->kind == SAFETY_EV_RELEASE &&
			      ev->owner == before->owner && !w->s.owner, "38");
		else
			HOLDS(w, ev->kind == SAFETY_EV_ACQUIRE &&
			      ev->owner == w->s.owner, "38");
	}
	if ((ev->kind == SAFETY_EV_ACQUIRE || ev->kind == SAFETY_EV_HEARTBEAT) &&
	    before->state != SAFETY_ACTIVE && before->state != SAFETY_STOPPING)
		HOLDS(w, before->state == w->s.state, "41");
	if (is_request(ev->kind) && ev->owner && ev->owner != before->owner &&
	    ev->kind != SAFETY_EV_ACQUIRE && ev->kind != SAFETY_EV_STOP)
		HOLDS(w, did(w, SAFETY_DO_REFUSE), "38");
}

void world_step(struct world *w, const struct safety_event *ev)
{
	struct safety before = w->s;
	uint64_t elapsed = 0, late_ms = 0;

	if (w->steps && w->now - w->books.seen_ms <= INT64_MAX)
		elapsed = w->now - w->books.seen_ms;
	else if (w->steps && ev->kind == SAFETY_EV_TELEMETRY)
		late_ms = w->books.seen_ms - w->now;
	if (!late_ms)
		w->books.seen_ms = w->now;
	if (late_ms > w->books.clock_ms)
		late_ms = w->books.clock_ms;
	if (ev->kind == SAFETY_EV_BEGIN)
		w->asked = ev->begin.limits;
	safety_step(&w->cfg, &w->s, ev, w->now, &w->out);
	w->steps++;
	note_time(w, elapsed, w->books.runs_open != 0);
	note_event(w, &before, ev, late_ms);
	check_form(w, &before, ev);
	check_stop(w, &before, ev);
	check_start(w, &before, ev);
	check_tickets(w, ev);
	check_limits(w, &before, ev);
	check_time(w);
	check_faults(w, &before, ev);
	check_owner(w, &before, ev);
	check_dose(w, &before, ev);
	check_set(w, &before);
	check_cartridge(w, &before, ev);
}

/* ---- moving about ------------------------------------------------------- */

void send(struct world *w, enum safety_event_kind kind)
{
	struct safety_event ev = { .kind = kind };

	world_step(w, &ev);
}

void send_by(struct world *w, enum safety_event_kind kind, uint32_t owner)
{
	struct safety_event ev = { .kind = kind, .owner = owner };

	if (kind == SAFETY_EV_PREPARED)
		ev.area = AREA;
	world_step(w, &ev);
}

void send_ticket(struct world *w, enum safety_event_kind kind, uint32_t ticket)
{
	struct safety_event ev = { .kind = kind, .ticket = ticket };

	world_step(w, &ev);
}

void say(struct world *w)
{
	struct safety_event ev = { .kind = SAFETY_EV_TELEMETRY };

	w->pen.seq++;
	w->pen_us += 8000;
	w->pen.dev_time_us = w->pen_us;
	if (w->pen_on)
		w->pen.strokes++;
	ev.telemetry = w->pen;
	world_step(w, &ev);
}

void live(struct world *w, uint32_t ms)
{
	uint32_t i;

	for (i = 0; i < ms; i += 8) {
		w->now += 8;
		say(w);
		if (w->s.owner && i % 104 == 0)
			send_by(w, SAFETY_EV_HEARTBEAT, w->s.owner);
	}
}

struct safety_event begin_event(void)
{
	struct safety_event ev = { .kind = SAFETY_EV_BEGIN, .owner = OWNER };

	safety_limits_absolute(&ev.begin.limits);
	safety_limits_tighten(&ev.begin.limits, SAFETY_LIMIT_DEPTH_MAX, 1500,
			      SAFETY_BY_AREA);
	ev.begin.depth_um = DEPTH_UM;
	ev.begin.rate_spm = RATE_SPM;
	ev.begin.motor_ms = 1800000;
	ev.begin.area = AREA;
	ev.begin.screening_clear = true;
	ev.begin.consent = true;
	ev.begin.cartridge = (struct safety_cartridge){
		.proof = SAFETY_PROOF_ATTESTED,
		.needles = NEEDLES,
		.needle_um = 250,
		.expiry_day = TODAY,
	};
	ev.begin.dose.area_mm2 = AREA_MM2;
	ev.begin.when.wall_s = WALL_S;
	return ev;
}

void begin(struct world *w)
{
	struct safety_event ev = begin_event();

	world_step(w, &ev);
}

static void pen_off(struct world *w)
{
	w->pen_on = false;
	w->pen.pen_state = MNPEN_STATE_IDLE;
	w->pen.rate_spm = 0;
	w->pen.rate_set_spm = 0;
	w->pen.depth_um = 0;
	w->pen.depth_set_um = 0;
	w->pen.motor_ma = 0;
}

static void pen_on(struct world *w)
{
	w->pen_on = true;
	w->pen.pen_state = MNPEN_STATE_RUNNING;
	w->pen.rate_set_spm = RATE_SPM;
	w->pen.rate_spm = RATE_SPM;
	w->pen.depth_set_um = DEPTH_UM;
	w->pen.depth_um = DEPTH_UM;
	w->pen.motor_ma = 200;
}

void settle(struct world *w)
{
	uint32_t i;

	pen_off(w);
	for (i = 0; i < 3; i++) {
		w->now += 8;
		say(w);
	}
}

void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	safety_config_default(&w->cfg);
	safety_init(&w->s);
	w->now = 1000000;
	w->pen.boot_id = 0x1234;
	w->pen.temp_motor_mdegc = 30000;
	pen_off(w);
}

void run(struct world *w)
{
	uint32_t ticket;

	w->now += 8;
	say(w);
	send_by(w, SAFETY_EV_START, OWNER);
	ticket = w->s.intent_ticket;
	assert_int_not_equal(ticket, 0);
	send_ticket(w, SAFETY_EV_INTENT_DURABLE, ticket);
	assert_state(w, SAFETY_ACTIVE);
	send(w, SAFETY_EV_STARTED);
	pen_on(w);
	w->now += 8;
	say(w);
	assert_state(w, SAFETY_ACTIVE);
}

void go_fault(struct world *w)
{
	w->pen.fault_latched = 1;
	say(w);
	w->pen.fault_latched = 0;
	settle(w);
	assert_state(w, SAFETY_FAULT);
}

/* Each state is reached from the one before it on the usual road. */
void go(struct world *w, enum safety_state state)
{
	world_init(w);
	send(w, SAFETY_EV_TICK);
	settle(w);
	send_by(w, SAFETY_EV_ACQUIRE, OWNER);
	if (state == SAFETY_IDLE)
		goto out;
	begin(w);
	if (state == SAFETY_SCREENED)
		goto out;
	send_by(w, SAFETY_EV_PREPARED, OWNER);
	if (state == SAFETY_READY)
		goto out;
	run(w);
	if (state == SAFETY_ACTIVE)
		goto out;
	if (state == SAFETY_FAULT) {
		go_fault(w);
		goto out;
	}
	send_by(w, SAFETY_EV_PAUSE, OWNER);
	if (state == SAFETY_STOPPING)
		goto out;
	if (state == SAFETY_HARD_FAULT) {
		w->now += w->cfg.stop_confirm_max_ms + 1;
		send(w, SAFETY_EV_TICK);
		goto out;
	}
	settle(w);
	if (state == SAFETY_PAUSED)
		goto out;
	send_by(w, SAFETY_EV_END, OWNER);
out:
	assert_state(w, state);
}

/* ---- words for tests ---------------------------------------------------- */

void assert_state(const struct world *w, enum safety_state state)
{
	assert_string_equal(safety_state_name(w->s.state),
			    safety_state_name(state));
}

void assert_refused(const struct world *w, enum safety_reason reason)
{
	const struct safety_action *no = did(w, SAFETY_DO_REFUSE);

	assert_non_null(no);
	assert_string_equal(safety_reason_name(no->reason),
			    safety_reason_name(reason));
}

void assert_accepted(const struct world *w)
{
	assert_non_null(did(w, SAFETY_DO_ACCEPT));
}

void assert_stopped(const struct world *w, enum safety_reason reason)
{
	assert_true(stop_is_first(w));
	assert_state(w, SAFETY_STOPPING);
	assert_string_equal(safety_reason_name(w->s.last_stop),
			    safety_reason_name(reason));
	assert_int_equal(w->out.a[0].reason, reason);
}

void assert_fault(const struct world *w, enum safety_reason reason)
{
	assert_stopped(w, reason);
	assert_string_equal(safety_reason_name(w->s.fault),
			    safety_reason_name(reason));
	assert_non_null(did(w, SAFETY_DO_RECORD_FAULT));
	assert_int_equal(did(w, SAFETY_DO_RECORD_FAULT)->reason, reason);
	assert_non_null(did(w, SAFETY_DO_ALARM));
	assert_int_equal(did(w, SAFETY_DO_ALARM)->reason, reason);
}
