// SPDX-License-Identifier: GPL-2.0-or-later
/* Books, order of judgement, form of the actions. */
#include <string.h>

#include <linux/mnpen.h>

#include "tests/model/oracle_internal.h"

void oracle_init(struct oracle *o, const struct safety_config *cfg)
{
	memset(o, 0, sizeof(*o));
	o->cfg = *cfg;
	safety_limits_absolute(&o->limits);
}

bool oracle_is_request(enum safety_event_kind kind)
{
	return kind >= SAFETY_EV_ACQUIRE && kind <= SAFETY_EV_RESET;
}

bool oracle_fresh(const struct oracle *o)
{
	return o->heard && o->valid &&
	       o->age.told <= o->cfg.telemetry_max_age_ms;
}

uint32_t oracle_limit(const struct oracle *o, enum safety_limit_id id)
{
	return o->limits.limit[id].value;
}

bool oracle_tighter(enum safety_limit_id id, uint32_t a, uint32_t b)
{
	if (id == SAFETY_LIMIT_RATE_MIN || id == SAFETY_LIMIT_INTERVAL_MIN)
		return a > b;
	return a < b;
}

uint32_t oracle_rounded(uint32_t value, uint32_t step)
{
	return step ? value / step * step : value;
}

/* ---- time --------------------------------------------------------------- */

static void grow_older(struct oracle *o, uint64_t ms)
{
	uint64_t *age = (uint64_t *)&o->age;
	uint32_t i;

	for (i = 0; i < sizeof(o->age) / sizeof(*age); i++)
		age[i] += ms;
}

/* 21: back counts as nothing, ahead in full; a late record is neither. */
static void take_time(struct view *v, uint64_t now_ms)
{
	struct oracle *o = v->o;
	uint64_t ms = now_ms - o->seen;

	v->first = !o->begun;
	if (v->first || ms >> 63)
		ms = 0;
	if (!v->first && now_ms != o->seen && (now_ms - o->seen) >> 63 &&
	    v->ev->kind == SAFETY_EV_TELEMETRY)
		v->late_ms = o->seen - now_ms;
	else
		o->seen = now_ms;
	o->begun = true;
	grow_older(o, ms);
	oracle_charge(o, ms);
}

/* ---- records ------------------------------------------------------------ */

uint32_t oracle_leak_full(const struct oracle *o)
{
	uint64_t full = (uint64_t)o->cfg.debounce_ms * 4;

	if (!full)
		return 1;
	return full > UINT32_MAX ? UINT32_MAX : (uint32_t)full;
}

static void leak(const struct oracle *o, uint32_t *level, bool bad,
		 uint64_t ms)
{
	uint64_t sum;

	if (!bad) {
		*level = *level > ms ? *level - (uint32_t)ms : 0;
		return;
	}
	sum = *level + ms * 4;
	*level = sum > oracle_leak_full(o) ? oracle_leak_full(o) :
					     (uint32_t)sum;
}

/* New set points: for a moment the old ones are as good. */
static bool moved_lately(const struct oracle *o)
{
	return o->age.set <= o->cfg.spin_up_ms;
}

static uint64_t band(const struct oracle *o, uint32_t rate_spm)
{
	return (uint64_t)rate_spm * o->cfg.rate_tolerance_permille / 1000;
}

static bool slow_or_fast(const struct oracle *o,
			 const struct safety_telemetry *t)
{
	uint32_t high = o->now_spm, low = o->now_spm;

	if (moved_lately(o) && o->from_spm > high)
		high = o->from_spm;
	if (moved_lately(o) && o->from_spm < low)
		low = o->from_spm;
	if (t->rate_spm > high + band(o, high))
		return true;
	return oracle_spun_up(o) && t->rate_spm + band(o, low) < low;
}

static bool shallow(const struct oracle *o, const struct safety_telemetry *t)
{
	uint32_t low = o->now_um;

	if (moved_lately(o) && o->from_um < low)
		low = o->from_um;
	return oracle_spun_up(o) &&
	       (uint64_t)t->depth_um + o->cfg.depth_tolerance_um < low;
}

static bool too_deep(const struct oracle *o, const struct safety_telemetry *t)
{
	uint32_t high = o->now_um;

	if (moved_lately(o) && o->from_um > high)
		high = o->from_um;
	return oracle_deeper(o, t->depth_um, high);
}

bool oracle_deeper(const struct oracle *o, uint32_t measured, uint32_t than)
{
	uint64_t bound = (uint64_t)than + o->cfg.depth_tolerance_um;

	return measured > (bound > UINT32_MAX ? UINT32_MAX : bound);
}

static bool same_sensors(const struct safety_telemetry *a,
			 const struct safety_telemetry *b)
{
	return a->rate_spm == b->rate_spm && a->depth_um == b->depth_um &&
	       a->motor_ma == b->motor_ma && a->strokes == b->strokes &&
	       a->temp_motor_mdegc == b->temp_motor_mdegc;
}

/* The pen's clock goes on, and not faster than ours. */
static bool timely(const struct view *v, const struct safety_telemetry *t)
{
	const struct oracle *o = v->o;
	uint32_t us = t->dev_time_us - o->last.dev_time_us;
	uint64_t ms = o->age.told;

	ms -= v->late_ms < ms ? v->late_ms : ms;
	return us && us >> 31 == 0 &&
	       us / 1000 <= ms + o->cfg.future_max_ms;
}

/* 25, 16: newer than the last; while the motor runs nothing goes back. */
static bool acceptable(const struct view *v, const struct safety_telemetry *t)
{
	const struct oracle *o = v->o;

	if (!o->heard || t->boot_id != o->last.boot_id)
		return true;
	if (t->seq == o->last.seq)
		return false;
	if (!o->run_open)
		return true;
	return (t->seq - o->last.seq) >> 31 == 0 &&
	       (t->strokes - o->last.strokes) >> 31 == 0 && timely(v, t);
}

static void note_measured(struct view *v, const struct safety_telemetry *t,
			  bool active)
{
	struct oracle *o = v->o;
	uint64_t ms = o->age.told;	/* since the record before */

	ms -= v->late_ms < ms ? v->late_ms : ms;
	if (ms > o->cfg.telemetry_max_age_ms)
		ms = o->cfg.telemetry_max_age_ms;
	leak(o, &o->leak[LEAK_RATE], active && slow_or_fast(o, t), ms);
	leak(o, &o->leak[LEAK_SHALLOW], active && shallow(o, t), ms);
	leak(o, &o->leak[LEAK_CURRENT], oracle_too_strong(o, t), ms);
	leak(o, &o->leak[LEAK_TEMP], oracle_too_hot(o, t), ms);
}

/* 16: told once where to aim at, and from where to be careful. */
static void note_density(struct view *v)
{
	struct oracle *o = v->o;

	if (!o->target_told &&
	    v->after->density_cm2 >= v->after->density_target_cm2) {
		o->target_told = true;
		oracle_raise(v, SAFETY_ALERT_TARGET);
	}
	if (v->after->density_cm2 >= v->after->density_soft_cm2)
		oracle_raise(v, SAFETY_ALERT_DENSITY);
}

static void note_record(struct view *v, bool active)
{
	const struct safety_telemetry *t = &v->ev->telemetry;
	struct oracle *o = v->o;
	uint32_t strokes = t->strokes - o->last.strokes;

	v->rebooted = o->heard && t->boot_id != o->last.boot_id;
	if (o->heard && !v->rebooted && strokes >> 31 == 0) {
		oracle_count(v, t, strokes);
		if (o->session)
			note_density(v);
	}
	if (!o->heard || strokes)
		o->age.stroke = 0;
	if (!o->heard || !same_sensors(t, &o->last))
		o->age.changed = 0;
	if (o->heard)
		note_measured(v, t, active);
	o->age.told = v->late_ms < o->age.told || !o->heard ?
			      v->late_ms : o->age.told;
	o->last = *t;
	o->heard = true;
	o->valid = true;
	o->bad_records = 0;
	v->valid_record = true;
	oracle_alarms_record(v, t);
	o->deep_records = too_deep(o, t) ? o->deep_records + 1 : 0;
	if (active) {
		bool differ = o->started && (t->rate_set_spm != o->now_spm ||
					     t->depth_set_um != o->now_um);

		if (differ && !o->differs)
			o->age.differ = 0;
		o->differs = differ;
	}
	o->off_records = oracle_pen_off(t) ? o->off_records + 1 : 0;
}

/* @active: as the state was when the event was looked at. */
static void note_event(struct view *v, bool active)
{
	struct oracle *o = v->o;

	if (v->ev->kind == SAFETY_EV_TELEMETRY && !o->gone &&
	    acceptable(v, &v->ev->telemetry)) {
		note_record(v, active);
	} else if ((v->ev->kind == SAFETY_EV_TELEMETRY && !o->gone) ||
		   v->ev->kind == SAFETY_EV_TELEMETRY_INVALID) {
		o->valid = false;
		o->off_records = 0;
		o->bad_records += o->bad_records < UINT32_MAX;
	} else if (v->ev->kind == SAFETY_EV_PEN_GONE) {
		o->gone = true;
		o->heard = false;
		o->outstanding = false;
	} else if (v->ev->kind == SAFETY_EV_RECORD_FAILED) {
		o->record_failed = true;
	} else if (v->ev->kind == SAFETY_EV_RECORD_OK) {
		o->record_failed = false;
	} else if (v->ev->kind == SAFETY_EV_PEN_LIMP) {
		o->limp = true;
	} else if (v->ev->kind == SAFETY_EV_CARTRIDGE && !v->ev->present &&
		   o->session && o->prepared) {
		o->cartridge_void = true;
	} else if (v->ev->kind == SAFETY_EV_CLOSE_DURABLE &&
		   v->ev->ticket == o->close_ticket) {
		o->close_ticket = 0;
	}
	if (oracle_is_request(v->ev->kind) && v->ev->owner &&
	    v->ev->owner == o->owner && v->ev->kind != SAFETY_EV_ACQUIRE &&
	    v->ev->kind != SAFETY_EV_STOP)
		o->age.owner = 0;
}

/* ---- after the step ----------------------------------------------------- */

static const char *index_actions(struct view *v)
{
	uint32_t i, last = 0;

	HOLDS(v->out->n <= SAFETY_ACTIONS_MAX, "bounded output");
	for (i = 0; i < v->out->n; i++) {
		uint32_t kind = v->out->a[i].kind;

		HOLDS(kind < SAFETY_ACTIONS, "an action that is none");
		HOLDS(!i || kind > last, "order of actions");
		v->did[kind] = &v->out->a[i];
		last = kind;
	}
	return NULL;
}

static void note_driver(struct view *v)
{
	struct oracle *o = v->o;

	if (v->ev->kind == SAFETY_EV_STARTED && o->outstanding) {
		o->outstanding = false;
		if (v->after->state == SAFETY_ACTIVE) {
			o->started = true;
			o->age.started = 0;
			o->age.renewed = 0;
			o->age.changed = 0;
			o->age.stroke = 0;
		}
	}
	if (v->ev->kind == SAFETY_EV_START_FAILED)
		o->outstanding = false;
	if (v->valid_record && v->after->state == SAFETY_ACTIVE &&
	    v->ev->telemetry.pen_state == MNPEN_STATE_RUNNING)
		o->confirmed = true;
}

static void note_tickets(struct view *v)
{
	struct oracle *o = v->o;

	if (v->did[SAFETY_DO_INTENT]) {
		o->ticket = v->did[SAFETY_DO_INTENT]->ticket;
		o->intent_pending = true;
	}
	if (v->did[SAFETY_DO_START])
		o->intent_pending = false;
	if (v->did[SAFETY_DO_ACCEPT_START] || v->did[SAFETY_DO_REFUSE_START]) {
		o->ticket = 0;
		o->intent_pending = false;
	}
	if (v->did[SAFETY_DO_RECORD_CLOSE]) {
		if (v->ev->kind != SAFETY_EV_RECORD_OK ||
		    v->did[SAFETY_DO_RECORD_CLOSE]->ticket != o->close_ticket) {
			o->session = false;
			o->ending = false;
		}
		o->close_ticket = v->did[SAFETY_DO_RECORD_CLOSE]->ticket;
	}
}

static void note_actions(struct view *v)
{
	struct oracle *o = v->o;
	bool stopping = v->after->state == SAFETY_STOPPING;

	if (v->did[SAFETY_DO_RECORD_BEGIN])
		oracle_open_session(o, &v->ev->begin);
	if (v->did[SAFETY_DO_START])
		oracle_open_run(o);
	if (v->did[SAFETY_DO_RECORD_RUN])
		o->run_open = false;
	if (v->did[SAFETY_DO_RENEW])
		o->age.renewed = 0;
	if (v->did[SAFETY_DO_SET]) {
		o->from_um = o->now_um;
		o->from_spm = o->now_spm;
		o->now_um = v->did[SAFETY_DO_SET]->depth_um;
		o->now_spm = v->did[SAFETY_DO_SET]->rate_spm;
		o->age.set = 0;
	}
	note_driver(v);
	note_tickets(v);
	if (v->ev->kind == SAFETY_EV_SET && v->did[SAFETY_DO_ACCEPT]) {
		o->depth_um = oracle_rounded(v->ev->set.depth_um, o->step_um);
		o->rate_spm = oracle_rounded(v->ev->set.rate_spm, o->step_spm);
		oracle_tighten_by_depth(&o->limits, o->depth_um, &o->cartridge,
					&o->dose);
	}
	if (v->ev->kind == SAFETY_EV_PREPARED && v->did[SAFETY_DO_ACCEPT])
		o->prepared = true;
	if (v->ev->kind == SAFETY_EV_END && v->did[SAFETY_DO_ACCEPT] &&
	    o->session)
		o->ending = true;
	if (v->ev->kind == SAFETY_EV_RESET && v->did[SAFETY_DO_ACCEPT])
		memset(o->leak, 0, sizeof(o->leak));
	if (v->did[SAFETY_DO_STOP])
		o->age.stop = 0;
	if (stopping && v->before->state != SAFETY_STOPPING) {
		o->age.stopping = 0;
		o->stop_reason = v->after->last_stop;
	}
	o->owner = v->after->owner;
}

static const char *check_owner(const struct view *v)
{
	uint32_t owner = v->before->owner;

	if (v->did[SAFETY_DO_ACCEPT] && v->ev->kind == SAFETY_EV_ACQUIRE)
		owner = v->ev->owner;
	if (v->did[SAFETY_DO_ACCEPT] && v->ev->kind == SAFETY_EV_RELEASE)
		owner = 0;
	HOLDS(v->after->owner == owner, "38: the owner changed");
	return NULL;
}

static const char *check_state_told(const struct view *v)
{
	const struct safety_action *told = v->did[SAFETY_DO_STATE];
	const struct safety *s = v->after;

	HOLDS(!told == (v->before->state == s->state), "state told");
	if (told)
		HOLDS(told->state == s->state && told->reason ==
		      (s->fault != SAFETY_OK ? s->fault : s->last_stop),
		      "state told right");
	return NULL;
}

/* 15: why the last request was refused, or the last run ended. */
static const char *check_why(const struct view *v)
{
	const struct safety_why *w = &v->after->why;
	const struct safety_action *no = v->did[SAFETY_DO_REFUSE];

	if (!no && !v->stop_began)
		no = v->did[SAFETY_DO_REFUSE_START];
	if (no) {
		HOLDS(w->reason == no->reason && w->value == no->requested &&
		      w->allowed == no->allowed, "15: why");
		HOLDS(safety_why_has_limit(w) ==
		      (no->reason == SAFETY_REFUSE_LIMIT), "15: why, a limit");
		HOLDS(!safety_why_has_limit(w) || (w->limit == no->limit &&
		      w->source == no->source), "15: why, which limit");
	} else if (v->stop_began) {
		HOLDS(w->reason == v->after->last_stop, "15: why it stopped");
	} else {
		HOLDS(!memcmp(w, &v->before->why, sizeof(*w)),
		      "15: why changed");
	}
	return NULL;
}

static const char *check_counters(const struct view *v)
{
	const struct oracle *o = v->o;
	const struct safety *s = v->after;
	uint32_t id;

	for (id = 0; id < SAFETY_LIMITS; id++)
		HOLDS(s->limits.limit[id].value == o->limits.limit[id].value &&
		      s->limits.limit[id].source == o->limits.limit[id].source,
		      "13: a limit changed");
	HOLDS(s->depth_um == o->depth_um && s->rate_spm == o->rate_spm,
	      "32: set points changed");
	if (o->session)
		HOLDS(s->depth_now_um == o->now_um &&
		      s->rate_now_spm == o->now_spm, "4: set points given");
	if (v->did[SAFETY_DO_RECORD_BEGIN] ||
	    (v->ev->kind == SAFETY_EV_SET && v->did[SAFETY_DO_ACCEPT]))
		HOLDS(!oracle_check_aims(o, s), "16: aims");
	return oracle_check_dose(v);
}

const char *oracle_step(struct oracle *o, const struct safety *before,
			const struct safety_event *ev, uint64_t now_ms,
			const struct safety *after,
			const struct safety_actions *out)
{
	struct view v = {
		.o = o, .before = before, .after = after, .ev = ev, .out = out,
	};
	const char *wrong = index_actions(&v);

	if (wrong)
		return wrong;
	take_time(&v, now_ms);
	oracle_alarms_deadline(&v);
	oracle_deadlines(&v);
	note_event(&v, before->state == SAFETY_ACTIVE && !v.overdue);
	oracle_causes(&v);
	v.enters_stop = v.caused && v.state != SAFETY_STOPPING &&
			v.state != SAFETY_HARD_FAULT;
	v.stop_began = v.enters_stop || v.overdue;
	wrong = oracle_answer(&v);
	if (!wrong)
		wrong = oracle_follow(&v);
	if (!wrong)
		wrong = check_why(&v);
	oracle_alarms_event(&v);
	if (!wrong)
		wrong = oracle_check_alarms(&v);
	if (!wrong)
		wrong = check_owner(&v);
	if (!wrong)
		wrong = check_state_told(&v);
	note_actions(&v);
	return wrong ? wrong : check_counters(&v);
}
