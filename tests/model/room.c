// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <linux/mnpen.h>

#include "tests/model/room.h"

#define OWNER		7u
#define STRANGER	9u

/* xorshift64* */
uint32_t room_random(struct room *r, uint32_t below)
{
	r->random ^= r->random >> 12;
	r->random ^= r->random << 25;
	r->random ^= r->random >> 27;
	return (uint32_t)(((r->random * 2685821657736338717u >> 32) * below) >>
			  32);
}

static bool once_in(struct room *r, uint32_t n)
{
	return room_random(r, n) == 0;
}

static bool troubled(const struct room *r, enum room_trouble trouble)
{
	return r->trouble == trouble && r->step >= r->at;
}

/* ---- the beginning ------------------------------------------------------ */

/* splitmix64: neighbours in @n are strangers afterwards. */
static uint64_t scramble(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/* One sequence in eight has odd figures: the rules hold for all of them. */
static void odd_config(struct room *r)
{
	uint32_t *figure = (uint32_t *)&r->cfg;
	uint32_t n = sizeof(r->cfg) / sizeof(*figure), i;

	for (i = 0; i < 3; i++) {
		uint32_t which = room_random(r, n);

		switch (room_random(r, 4)) {
		case 0:
			figure[which] = room_random(r, 3);
			break;
		case 1:
			figure[which] = UINT32_MAX - room_random(r, 3);
			break;
		default:
			figure[which] = room_random(r, 2 * figure[which] + 1);
			break;
		}
	}
}

void room_init(struct room *r, uint64_t seed, uint64_t n)
{
	memset(r, 0, sizeof(*r));
	r->random = scramble(seed ^ scramble(n));
	if (!r->random)
		r->random = 1;
	safety_config_default(&r->cfg);
	if (once_in(r, 8))
		odd_config(r);
	safety_init(&r->s);
	oracle_init(&r->o, &r->cfg);
	r->now = (uint64_t)room_random(r, UINT32_MAX) << room_random(r, 33);
	r->pen.seq = room_random(r, UINT32_MAX);
	r->pen.strokes = room_random(r, UINT32_MAX);
	r->pen.boot_id = room_random(r, UINT32_MAX);
	r->pen.pen_state = MNPEN_STATE_IDLE;
	r->pen.temp_motor_mdegc = 30000;
	r->trouble = (enum room_trouble)room_random(r, ROOM_TROUBLES);
	r->at = room_random(r, ROOM_EVENTS);
	r->pace = room_random(r, 4);
}

/* ---- time --------------------------------------------------------------- */

/* Just before, at or just after a deadline that is running. */
static uint64_t to_a_deadline(struct room *r)
{
	const struct oracle_ages *age = &r->o.age;
	const struct safety_config *c = &r->cfg;
	const struct {
		uint64_t age, max;
	} line[] = {
		{ age->told, c->telemetry_max_age_ms },
		{ age->changed, c->frozen_max_ms },
		{ age->owner, c->heartbeat_max_ms },
		{ age->stop, c->stop_repeat_ms },
		{ age->stopping, c->stop_confirm_max_ms },
		{ age->active, c->start_max_ms },
		{ age->started, c->spin_up_ms },
		{ age->renewed, c->renew_ms },
		{ age->differ, c->mismatch_max_ms },
		{ r->o.run_ms, r->o.run_limit_ms },
	};
	uint32_t which = room_random(r, sizeof(line) / sizeof(line[0]));
	uint64_t at = line[which].max + room_random(r, 3);

	return at > line[which].age + 1 ? at - 1 - line[which].age : 0;
}

static uint64_t elapse(struct room *r)
{
	if (once_in(r, 24))
		return to_a_deadline(r);
	switch (r->pace) {
	case 0:
		return room_random(r, 12);
	case 1:
		return once_in(r, 20) ? 40 + room_random(r, 80) :
					1 + room_random(r, 8);
	case 2:
		return 10 + room_random(r, 80);
	default:
		return 1 + room_random(r, 40);
	}
}

/* ---- the pen ------------------------------------------------------------ */

static void pen_follows(struct room *r)
{
	struct safety_telemetry *t = &r->pen;
	bool on = r->pen_told || troubled(r, UNCOMMANDED);

	t->pen_state = on ? MNPEN_STATE_RUNNING : MNPEN_STATE_IDLE;
	t->pen_stop_reason = MNPEN_STOP_NONE;
	t->rate_set_spm = on ? r->s.rate_spm : 0;
	t->depth_set_um = on ? r->s.depth_um : 0;
	t->rate_spm = on ? r->s.rate_spm + room_random(r, 21) : 0;
	t->depth_um = on ? r->s.depth_um + room_random(r, 21) : 0;
	t->motor_ma = on ? 190 + (int32_t)room_random(r, 21) : 0;
	t->temp_motor_mdegc = 30000;
	t->fault_latched = 0;
	t->strokes += on;
}

/* At the bound and just beyond it. */
static void off_by(struct room *r, uint32_t *value, uint32_t bound)
{
	*value = bound + 1 - room_random(r, 3);
	if (once_in(r, 4))
		*value = bound + room_random(r, 1000);
}

static void pen_suffers_more(struct room *r)
{
	struct safety_telemetry *t = &r->pen;

	if (troubled(r, FROZEN)) {
		t->rate_spm = r->pen_told ? r->s.rate_spm : 0;
		t->depth_um = r->pen_told ? r->s.depth_um : 0;
		t->motor_ma = 200;
		t->strokes -= r->pen_told;
	}
	if (troubled(r, MISMATCH) && !once_in(r, 8))
		(*(once_in(r, 2) ? &t->rate_set_spm : &t->depth_set_um))++;
	if (troubled(r, LATCHED) && !once_in(r, 4))
		t->fault_latched = 1u << room_random(r, 32);
	if (troubled(r, REBOOT) && r->step >= r->at && once_in(r, 4))
		t->boot_id++;
	if (troubled(r, STOPS_ITSELF) && once_in(r, 4)) {
		t->pen_state = room_random(r, 10);
		t->pen_stop_reason = room_random(r, 4);
		t->rate_spm = 0;
		r->pen_told = false;
	}
	if (troubled(r, NOISE)) {
		t->pen_state = room_random(r, 12);
		t->strokes += once_in(r, 8) ? room_random(r, UINT32_MAX) : 0;
		if (once_in(r, 8))
			t->depth_um = UINT16_MAX - room_random(r, 2);
		if (once_in(r, 8))
			t->rate_spm = UINT16_MAX - room_random(r, 2);
	}
}

static void pen_suffers(struct room *r)
{
	struct safety_telemetry *t = &r->pen;
	uint32_t value;

	if (troubled(r, HOT) && !once_in(r, 6)) {
		off_by(r, &value, r->s.limits.limit[SAFETY_LIMIT_TEMP_MAX].value);
		t->temp_motor_mdegc = once_in(r, 6) ?
			-39999 - (int32_t)room_random(r, 3) : (int32_t)value;
	}
	if (troubled(r, CURRENT) && !once_in(r, 6)) {
		off_by(r, &value,
		       r->s.limits.limit[SAFETY_LIMIT_CURRENT_MAX].value);
		t->motor_ma = once_in(r, 6) ?
			INT16_MIN + 1 - (int32_t)room_random(r, 3) :
			(int32_t)value;
	}
	if (troubled(r, TOO_DEEP) && (r->pen_told || once_in(r, 4)))
		off_by(r, &t->depth_um, (once_in(r, 2) ? r->s.depth_um :
			r->s.limits.limit[SAFETY_LIMIT_DEPTH_MAX].value) +
			r->cfg.depth_tolerance_um);
	if (troubled(r, TOO_SHALLOW) && r->s.depth_um > r->cfg.depth_tolerance_um)
		off_by(r, &t->depth_um,
		       r->s.depth_um - r->cfg.depth_tolerance_um - 1);
	if (troubled(r, TOO_SLOW) && r->pen_told)
		off_by(r, &t->rate_spm, r->s.rate_spm - r->s.rate_spm / 5 - 1);
	if (troubled(r, TOO_FAST) && r->pen_told)
		off_by(r, &t->rate_spm, r->s.rate_spm + r->s.rate_spm / 5);
	pen_suffers_more(r);
}

static void pen_speaks(struct room *r)
{
	if (troubled(r, SILENT) && !once_in(r, 16)) {
		r->ev.kind = SAFETY_EV_TICK;
		return;
	}
	if (troubled(r, INVALID) && !once_in(r, 4)) {
		r->ev.kind = SAFETY_EV_TELEMETRY_INVALID;
		return;
	}
	pen_follows(r);
	pen_suffers(r);
	r->pen.seq++;
	if (once_in(r, 64) || (troubled(r, NOISE) && once_in(r, 2)))
		r->pen.seq += room_random(r, 2) ? room_random(r, UINT32_MAX) :
						  (uint32_t)-1;
	r->ev.kind = SAFETY_EV_TELEMETRY;
	r->ev.telemetry = r->pen;
	/* Read late: stamped with its arrival, before the last tick. */
	if (once_in(r, 6))
		r->now -= room_random(r, 40);
}

/* ---- the owner ---------------------------------------------------------- */

static void make_begin(struct room *r)
{
	struct safety_begin *b = &r->ev.begin;
	uint32_t what = room_random(r, 24);

	r->ev.kind = SAFETY_EV_BEGIN;
	safety_limits_absolute(&b->limits);
	safety_limits_tighten(&b->limits, SAFETY_LIMIT_DEPTH_MAX, 1500,
			      SAFETY_BY_AREA);
	b->depth_um = once_in(r, 4) ? 1500 : 100 * room_random(r, 16);
	b->rate_spm = 3000 + room_random(r, 6001);
	b->motor_ms = 1800000;
	b->screening_clear = true;
	if (what == 0)
		b->depth_um = 1501 + room_random(r, 2000);
	else if (what == 1)
		b->rate_spm = once_in(r, 2) ? 2999 - room_random(r, 2999) : 9001;
	else if (what == 2)
		b->screening_clear = false;
	else if (what < 7)
		b->motor_ms = room_random(r, 1000);
	else if (what < 10)
		safety_limits_tighten(&b->limits, SAFETY_LIMIT_RUN_MAX,
				      room_random(r, 800), SAFETY_BY_PEN);
	else if (what == 10)
		safety_limits_tighten(&b->limits,
				      (enum safety_limit_id)
				      room_random(r, SAFETY_LIMITS),
				      room_random(r, 60000), SAFETY_BY_CONCERN);
	else if (what == 11)
		b->limits.limit[room_random(r, SAFETY_LIMITS)].value =
			room_random(r, UINT32_MAX);
	else if (what == 12)
		b->motor_ms = 3600000 + room_random(r, 2);
}

/* The next thing an owner would ask for. */
static void lead_on(struct room *r)
{
	r->ev.owner = OWNER;
	if (r->s.owner != OWNER) {
		r->ev.kind = SAFETY_EV_ACQUIRE;
		return;
	}
	switch (r->s.state) {
	case SAFETY_IDLE:
		make_begin(r);
		break;
	case SAFETY_SCREENED:
		r->ev.kind = once_in(r, 16) ? SAFETY_EV_START :
					      SAFETY_EV_PREPARED;
		break;
	case SAFETY_READY:
	case SAFETY_PAUSED:
		r->ev.kind = once_in(r, 24) ? SAFETY_EV_END : SAFETY_EV_START;
		break;
	case SAFETY_FAULT:
		r->ev.kind = once_in(r, 8) ? SAFETY_EV_END : SAFETY_EV_RESET;
		break;
	case SAFETY_ACTIVE:
	case SAFETY_STOPPING:
	case SAFETY_CLOSED:
	case SAFETY_HARD_FAULT:
	case SAFETY_STATES:
		r->ev.kind = SAFETY_EV_HEARTBEAT;
		break;
	}
}

/* Anything at all, from anybody. */
static void anything(struct room *r)
{
	const uint32_t who[] = { 0, OWNER, STRANGER };
	const int32_t error[] = { ESTALE, -ESTALE, -EIO, 0 };

	r->ev.kind = (enum safety_event_kind)room_random(r, SAFETY_EVENTS + 1);
	if (r->ev.kind == SAFETY_EV_PEN_GONE && !once_in(r, 8))
		r->ev.kind = SAFETY_EV_TICK;
	if (r->ev.kind == SAFETY_EV_BEGIN)
		make_begin(r);
	if (r->ev.kind == SAFETY_EV_TELEMETRY)
		pen_speaks(r);
	r->ev.owner = who[room_random(r, 3)];
	r->ev.ticket = once_in(r, 2) ? r->s.intent_ticket : room_random(r, 8);
	r->ev.error = error[room_random(r, 4)];
}

/* ---- everybody else ----------------------------------------------------- */

static void driver_answers(struct room *r)
{
	r->driver_busy = false;
	r->ev.kind = troubled(r, START_FAILS) && once_in(r, 2) ?
			     SAFETY_EV_START_FAILED : SAFETY_EV_STARTED;
	if (r->ev.kind == SAFETY_EV_STARTED)
		r->pen_told = r->s.state == SAFETY_ACTIVE;
}

static void record_answers(struct room *r)
{
	r->ev.kind = r->intent ? SAFETY_EV_INTENT_DURABLE :
				 SAFETY_EV_CLOSE_DURABLE;
	r->ev.ticket = r->intent ? r->intent : r->close;
}

static void one_trouble(struct room *r)
{
	switch (r->trouble) {
	case RENEW_FAILS:
		r->ev.kind = SAFETY_EV_RENEW_FAILED;
		r->ev.error = once_in(r, 2) ? -EIO : -ESTALE;
		break;
	case RECORD_FAILS:
		r->ev.kind = once_in(r, 2) ? SAFETY_EV_RECORD_FAILED :
					     SAFETY_EV_RECORD_OK;
		break;
	case GONE:
		r->ev.kind = once_in(r, 4) ? SAFETY_EV_PEN_GONE :
					     SAFETY_EV_TICK;
		break;
	case OWNER_LEAVES:
		r->ev.kind = SAFETY_EV_RELEASE;
		r->ev.owner = OWNER;
		break;
	case CLOCK_JUMPS:
		r->now += once_in(r, 2) ? (uint64_t)-5000 :
					  room_random(r, 2000000);
		break;
	default:
		break;
	}
}

void room_next(struct room *r)
{
	uint32_t what = room_random(r, 100);
	bool active = r->s.state == SAFETY_ACTIVE;

	memset(&r->ev, 0, offsetof(struct safety_event, telemetry));
	r->now += elapse(r);
	r->ev.kind = SAFETY_EV_TICK;
	if (r->driver_busy && what < 50)
		driver_answers(r);
	else if ((r->intent || r->close) && what < 50)
		record_answers(r);
	else if (r->step >= r->at && what >= 97)
		one_trouble(r);
	else if (what >= 95)
		anything(r);
	else if (what >= 94) {
		r->ev.kind = once_in(r, 2) ? SAFETY_EV_STOP : SAFETY_EV_PAUSE;
		r->ev.owner = OWNER;
	} else if (what < (active ? 60 : 35))
		pen_speaks(r);
	else if (what < (active ? 80 : 45))
		r->ev.kind = SAFETY_EV_TICK;
	else if (!troubled(r, OWNER_SLEEPS))
		lead_on(r);
	r->step++;
}

const char *room_step(struct room *r)
{
	struct safety before = r->s;

	safety_step(&r->cfg, &r->s, &r->ev, r->now, &r->out);
	return oracle_step(&r->o, &before, &r->ev, r->now, &r->s, &r->out);
}

void room_react(struct room *r)
{
	uint32_t i;

	for (i = 0; i < r->out.n; i++) {
		const struct safety_action *a = &r->out.a[i];

		if (a->kind == SAFETY_DO_STOP && !troubled(r, DISOBEYS))
			r->pen_told = false;
		else if (a->kind == SAFETY_DO_START)
			r->driver_busy = true;
		else if (a->kind == SAFETY_DO_INTENT)
			r->intent = a->ticket;
		else if (a->kind == SAFETY_DO_RECORD_CLOSE)
			r->close = a->ticket;
	}
	if (!r->s.intent_ticket)
		r->intent = 0;
	if (!r->s.close_ticket)
		r->close = 0;
}
