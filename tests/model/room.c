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
	r->now = room_random(r, UINT32_MAX);
	r->now <<= room_random(r, 33);
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

static uint32_t limit(const struct room *r, enum safety_limit_id id)
{
	return r->s.limits.limit[id].value;
}

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
		{ age->stroke, c->stroke_max_ms },
		{ age->set, c->rise_ms },
		{ age->set, c->spin_up_ms },
		{ age->lifted, c->contact_gap_ms },
		{ age->paused, c->audio_pause_ms },
		{ r->o.contact_ms, c->contact_alert_ms },
		{ r->o.contact_ms, limit(r, SAFETY_LIMIT_CONTACT_MAX) },
		{ r->o.duty_ms, limit(r, SAFETY_LIMIT_DUTY_MAX) },
		{ age->opened, limit(r, SAFETY_LIMIT_CARTRIDGE_MAX) },
		{ r->o.run_ms, r->o.run_limit_ms },
	};
	uint32_t which = room_random(r, sizeof(line) / sizeof(line[0]));
	uint64_t at = line[which].max + room_random(r, 3);

	return at > line[which].age + 1 ? at - 1 - line[which].age : 0;
}

static uint64_t elapse(struct room *r)
{
	/* A jump leaves little alive: rarely where the motor runs. */
	if (once_in(r, r->s.state == SAFETY_ACTIVE ? 60 : 24))
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
	t->rate_set_spm = on ? r->s.rate_now_spm : 0;
	t->depth_set_um = on ? r->s.depth_now_um : 0;
	t->rate_spm = on ? r->s.rate_now_spm + room_random(r, 21) : 0;
	t->depth_um = on ? r->s.depth_now_um + room_random(r, 21) : 0;
	t->motor_ma = on ? 190 + (int32_t)room_random(r, 21) : 0;
	t->temp_motor_mdegc = 30000;
	t->fault_latched = 0;
	t->strokes += on;
	t->dev_time_us = r->pen_us;
}

/* At the bound and just beyond it. */
static void off_by(struct room *r, uint32_t *value, uint32_t bound)
{
	*value = bound + 1 - room_random(r, 3);
	if (once_in(r, 4))
		*value = bound + room_random(r, 1000);
}

static void pen_suffers_most(struct room *r)
{
	struct safety_telemetry *t = &r->pen;

	/* The needles take their time to follow new set points. */
	if (r->trouble == LAGS && r->pen_told &&
	    r->o.age.set <= r->cfg.spin_up_ms + room_random(r, 100)) {
		t->depth_um = r->o.from_um;
		t->rate_spm = r->o.from_spm;
	}
	if (r->trouble == TINY_LIMITS && once_in(r, 3)) {
		t->motor_ma = (int32_t)room_random(r, 5) - 1;
		t->temp_motor_mdegc = (int32_t)room_random(r, 5) - 1;
	}
	if (troubled(r, NO_STROKES) && r->pen_told)
		t->strokes--;
	if (troubled(r, MANY_STROKES) && r->pen_told)
		t->strokes += room_random(r, 5000);
	if (troubled(r, TIME_WARP) && once_in(r, 3))
		t->dev_time_us += once_in(r, 2) ? 1000 * room_random(r, 700) :
						  -room_random(r, 60000);
	if (troubled(r, PEN_LIMP) && once_in(r, 8))
		t->pen_state = MNPEN_STATE_LIMP;
	if (troubled(r, NOISE)) {
		t->pen_state = (uint8_t)room_random(r, 12);
		t->strokes += once_in(r, 8) ? room_random(r, UINT32_MAX) : 0;
		if (once_in(r, 8))
			t->depth_um = UINT16_MAX - room_random(r, 2);
		if (once_in(r, 8))
			t->rate_spm = UINT16_MAX - room_random(r, 2);
	}
}

static void pen_suffers_more(struct room *r)
{
	struct safety_telemetry *t = &r->pen;

	if (troubled(r, FROZEN)) {
		t->rate_spm = r->pen_told ? r->s.rate_now_spm : 0;
		t->depth_um = r->pen_told ? r->s.depth_now_um : 0;
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
		t->pen_state = (uint8_t)room_random(r, 10);
		t->pen_stop_reason = (uint8_t)room_random(r, 4);
		t->rate_spm = 0;
		r->pen_told = false;
	}
	pen_suffers_most(r);
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
		off_by(r, &t->depth_um, (once_in(r, 2) ? r->s.depth_now_um :
			r->s.limits.limit[SAFETY_LIMIT_DEPTH_MAX].value) +
			r->cfg.depth_tolerance_um);
	if (troubled(r, TOO_SHALLOW) &&
	    r->s.depth_now_um > r->cfg.depth_tolerance_um)
		off_by(r, &t->depth_um,
		       r->s.depth_now_um - r->cfg.depth_tolerance_um - 1);
	if (troubled(r, TOO_SLOW) && r->pen_told)
		off_by(r, &t->rate_spm,
		       r->s.rate_now_spm - r->s.rate_now_spm / 5 - 1);
	if (troubled(r, TOO_FAST) && r->pen_told)
		off_by(r, &t->rate_spm,
		       r->s.rate_now_spm + r->s.rate_now_spm / 5);
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

/* A time that may begin today, and one of its figures off. */
static void make_when(struct room *r, struct safety_when *w)
{
	const int64_t now = 1795000000;

	w->wall_s = now + room_random(r, 86400);
	w->durable_s = now - 3600;
	w->since_s = 3600;
	if (!once_in(r, 10))
		return;
	w->utc_offset_s = (int32_t)room_random(r, 172800) - 86400;
	w->since_exact = once_in(r, 2);
	w->confirmed = once_in(r, 4);
	w->last_open = once_in(r, 2);
	switch (room_random(r, 6)) {
	case 0:
		w->wall_s = (int64_t)room_random(r, UINT32_MAX);
		w->wall_s *= once_in(r, 2) ? -1 : 200;
		break;
	case 1:
		w->durable_s += (int64_t)room_random(r, 4000000);
		break;
	case 2:
		w->since_s = (int64_t)room_random(r, UINT32_MAX) -
			     (1ll << 31);
		break;
	case 3:
		w->wall_s = w->durable_s + w->since_s + r->cfg.jump_max_s +
			    room_random(r, 3) - 1;
		break;
	default:
		w->last_end_s = w->wall_s + 86400 -
				(int64_t)room_random(r, 86400 * 30);
		break;
	}
}

static void make_cartridge(struct room *r, struct safety_cartridge *c)
{
	c->id = 1 + room_random(r, UINT32_MAX);
	c->proof = SAFETY_PROOF_PROVEN;
	c->needles = 1 + room_random(r, 36);
	c->needle_um = 150 + room_random(r, 200);
	c->expiry_day = 21000;
	c->open_ms = 0;
	switch (room_random(r, 80)) {
	case 0:
		c->id = once_in(r, 2) ? 0 : r->s.p.burned_id;
		break;
	case 1:
		c->proof = (enum safety_proof)room_random(r, 5);
		c->id = once_in(r, 2) ? 0 : c->id;
		break;
	case 2:
		c->needles = once_in(r, 2) ? 0 : 63 + room_random(r, 3);
		break;
	case 3:
		c->needle_um = once_in(r, 2) ? 0 : 999 + room_random(r, 3);
		break;
	case 4:
		c->expiry_day = 20774 + (int32_t)room_random(r, 5);
		break;
	case 5:
		c->expiry_day = SAFETY_DAY_NONE;
		c->proof = (enum safety_proof)room_random(r, 5);
		break;
	case 6:
		c->used = true;
		break;
	case 7:
		c->recalled = true;
		break;
	case 8:
		c->length_um = room_random(r, 3000);
		break;
	case 9:
		c->open_ms = 7199000 + room_random(r, 2000);
		break;
	}
}

static void make_dose(struct room *r, struct safety_dose *d)
{
	d->basis = once_in(r, 2) ? SAFETY_DOSE_ALL : SAFETY_DOSE_LOADED;
	d->loaded_ma = once_in(r, 2) ? 0 : 190 + room_random(r, 21);
	d->area_mm2 = 10000;
	d->density_override = once_in(r, 4);
	d->punctures_before = once_in(r, 2) ? 0 : room_random(r, 1000);
	if (once_in(r, 60))
		d->basis = (enum safety_dose_basis)room_random(r, 4);
	if (once_in(r, 16))
		d->area_mm2 = room_random(r, 200);
	if (once_in(r, 16))
		d->punctures_before = room_random(r, 200000);
}

/* Small enough to be reached in a sequence. */
static void make_limits(struct room *r, struct safety_begin *b)
{
	const enum safety_limit_id small[] = {
		SAFETY_LIMIT_RUN_MAX, SAFETY_LIMIT_CONTACT_MAX,
		SAFETY_LIMIT_DUTY_MAX, SAFETY_LIMIT_CARTRIDGE_MAX,
		SAFETY_LIMIT_PUNCTURES_MAX, SAFETY_LIMIT_DENSITY_MAX,
	};
	uint32_t what = room_random(r, 16);
	uint32_t any = room_random(r, SAFETY_LIMITS);

	safety_limits_absolute(&b->limits);
	safety_limits_tighten(&b->limits, SAFETY_LIMIT_DEPTH_MAX,
			      once_in(r, 4) ? 2500 : 1500, SAFETY_BY_AREA);
	if (what < 6)
		safety_limits_tighten(&b->limits, small[what],
				      room_random(r, 1500), SAFETY_BY_PEN);
	else if (what == 6)
		safety_limits_tighten(&b->limits, (enum safety_limit_id)any,
				      room_random(r, 60000), SAFETY_BY_CONCERN);
	else if (what == 7)
		b->limits.limit[any].value = room_random(r, UINT32_MAX);
	if (r->trouble != TINY_LIMITS)
		return;
	b->limits.limit[SAFETY_LIMIT_CURRENT_MAX].value = room_random(r, 3);
	b->limits.limit[SAFETY_LIMIT_TEMP_MAX].value = room_random(r, 3);
}

static void make_begin(struct room *r)
{
	const uint32_t um[] = { 0, 1, 2, 50, 100, 250 };
	const uint32_t spm[] = { 0, 1, 2, 60, 600, 1000 };
	struct safety_begin *b = &r->ev.begin;
	uint32_t what = room_random(r, 24);

	memset(b, 0, sizeof(*b));
	r->ev.kind = SAFETY_EV_BEGIN;
	make_limits(r, b);
	make_when(r, &b->when);
	make_cartridge(r, &b->cartridge);
	make_dose(r, &b->dose);
	b->depth_um = once_in(r, 4) ? 1500 : 100 * room_random(r, 16);
	b->rate_spm = 3000 + room_random(r, 6001);
	b->depth_step_um = um[room_random(r, 6)];
	b->rate_step_spm = spm[room_random(r, 6)];
	b->motor_ms = 1800000;
	b->area = 5;
	b->screening_clear = true;
	b->consent = true;
	if (what == 0)
		b->depth_um = 1501 + room_random(r, 2000);
	else if (what == 1)
		b->rate_spm = once_in(r, 2) ? 2999 - room_random(r, 2999) : 9001;
	else if (what == 2)
		b->screening_clear = false;
	else if (what == 3)
		b->consent = false;
	else if (what < 7)
		b->motor_ms = room_random(r, 1000);
	else if (what == 7)
		b->motor_ms = 3600000 + room_random(r, 2);
	else if (what == 8)
		b->depth_um = 1999 + room_random(r, 3);
}

static void make_set(struct room *r)
{
	r->ev.kind = SAFETY_EV_SET;
	memset(&r->ev.set, 0, sizeof(r->ev.set));
	r->ev.set.depth_um = once_in(r, 6) ? r->s.depth_um :
					     100 * room_random(r, 16);
	r->ev.set.rate_spm = once_in(r, 6) ? r->s.rate_spm :
					     3000 + room_random(r, 6001);
	if (once_in(r, 12))
		r->ev.set.depth_um = (once_in(r, 2) ? 999 : 1999) +
				     room_random(r, 3);
	if (once_in(r, 24))
		r->ev.set.rate_spm = once_in(r, 2) ? 2999 : 9001;
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
		r->ev.area = once_in(r, 16) ? 6 : 5;
		break;
	case SAFETY_READY:
	case SAFETY_PAUSED:
		r->ev.kind = once_in(r, 24) ? SAFETY_EV_END : SAFETY_EV_START;
		break;
	case SAFETY_FAULT:
		r->ev.kind = once_in(r, 8) ? SAFETY_EV_END : SAFETY_EV_RESET;
		break;
	case SAFETY_ACTIVE:
		if (once_in(r, r->trouble == RESTLESS || r->trouble == LAGS ? 2 : 12)) {
			make_set(r);
			break;
		}
		r->ev.kind = SAFETY_EV_HEARTBEAT;
		break;
	case SAFETY_STOPPING:
	case SAFETY_CLOSED:
	case SAFETY_HARD_FAULT:
	case SAFETY_STATES:
		if (once_in(r, 12)) {
			r->ev.kind = SAFETY_EV_END;
			break;
		}
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
	if ((r->ev.kind == SAFETY_EV_PEN_GONE ||
	     r->ev.kind == SAFETY_EV_PEN_LIMP) && !once_in(r, 8))
		r->ev.kind = SAFETY_EV_TICK;
	if (r->ev.kind == SAFETY_EV_BEGIN)
		make_begin(r);
	if (r->ev.kind == SAFETY_EV_SET)
		make_set(r);
	if (r->ev.kind == SAFETY_EV_PREPARED)
		r->ev.area = 5;
	if (r->ev.kind == SAFETY_EV_CARTRIDGE)
		r->ev.present = !once_in(r, 4);
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
	case CARTRIDGE_OUT:
		r->ev.kind = SAFETY_EV_CARTRIDGE;
		r->ev.present = once_in(r, 2);
		break;
	case PEN_LIMP:
		if (once_in(r, 4))
			r->ev.kind = SAFETY_EV_PEN_LIMP;
		break;
	case ALARMING:
		r->ev.kind = once_in(r, 2) ? SAFETY_EV_ALARM_ACK :
					     SAFETY_EV_AUDIO_PAUSE;
		r->ev.owner = once_in(r, 2) ? OWNER : 0;
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
	uint64_t ms = elapse(r);

	memset(&r->ev, 0, offsetof(struct safety_event, telemetry));
	r->now += ms;
	r->pen_us += (uint32_t)ms * 1000 + 1;
	r->ev.kind = SAFETY_EV_TICK;
	if (r->driver_busy && what < (r->trouble == SLOW_DRIVER ? 4 : 50))
		driver_answers(r);
	else if ((r->intent || r->close) && what < 50)
		record_answers(r);
	else if (r->step >= r->at && what >= (r->trouble == ALARMING ? 80 : 97))
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
