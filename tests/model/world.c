// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include <linux/mnpen.h>

#include "tests/model/world.h"

void world_send(struct world *w, const struct safety_event *ev)
{
	safety_step(&w->cfg, &w->s, ev, w->now, &w->out);
}

void world_ask(struct world *w, enum safety_event_kind kind)
{
	struct safety_event ev = { .kind = kind, .owner = OWNER };

	world_send(w, &ev);
}

void world_say(struct world *w, bool on)
{
	struct safety_event ev = { .kind = SAFETY_EV_TELEMETRY };
	uint32_t rate_spm = w->s.rate_now_spm ? w->s.rate_now_spm : 6000;
	uint32_t depth_um = w->s.depth_now_um ? w->s.depth_now_um : 1000;

	w->now += 8;
	w->pen.seq++;
	w->pen.dev_time_us += 8000;
	w->pen.strokes += on;
	w->pen.pen_state = on ? MNPEN_STATE_RUNNING : MNPEN_STATE_IDLE;
	w->pen.rate_set_spm = w->pen.rate_spm = on ? rate_spm : 0;
	w->pen.depth_set_um = w->pen.depth_um = on ? depth_um : 0;
	ev.telemetry = w->pen;
	world_send(w, &ev);
}

struct safety_event world_begin_event(void)
{
	struct safety_event ev = { .kind = SAFETY_EV_BEGIN, .owner = OWNER };
	struct safety_begin *b = &ev.begin;

	safety_limits_absolute(&b->limits);
	safety_limits_tighten(&b->limits, SAFETY_LIMIT_DEPTH_MAX, 1500,
			      SAFETY_BY_AREA);
	b->depth_um = 1000;
	b->rate_spm = 6000;
	b->motor_ms = 1800000;
	b->area = 3;
	b->screening_clear = true;
	b->consent = true;
	b->cartridge.id = 1;
	b->cartridge.proof = SAFETY_PROOF_PROVEN;
	b->cartridge.needles = 12;
	b->cartridge.needle_um = 250;
	b->cartridge.expiry_day = 30000;
	b->dose.area_mm2 = 10000;
	b->when.wall_s = 1795000000;
	return ev;
}

static void prepare(struct world *w)
{
	struct safety_event ev = {
		.kind = SAFETY_EV_PREPARED, .owner = OWNER, .area = 3,
	};

	world_send(w, &ev);
}

static void durable(struct world *w)
{
	struct safety_event ev = {
		.kind = SAFETY_EV_INTENT_DURABLE, .ticket = w->s.intent_ticket,
	};

	world_send(w, &ev);
}

/* From ACTIVE on, each by its own way. */
static void go_on(struct world *w, enum situation where)
{
	if (where == FAULT) {
		w->pen.fault_latched = 1;
		world_say(w, true);
		w->pen.fault_latched = 0;
	} else {
		world_ask(w, SAFETY_EV_PAUSE);
	}
	if (where == STOPPING)
		return;
	if (where == HARD_FAULT) {
		w->now += w->cfg.stop_confirm_max_ms + 1;
		world_ask(w, SAFETY_EV_TICK);
		return;
	}
	world_say(w, false);
	world_say(w, false);
	if (where == CLOSED)
		world_ask(w, SAFETY_EV_END);
}

void world_go_with(struct world *w, enum situation where,
		   const struct safety_event *begin)
{
	memset(w, 0, sizeof(*w));
	safety_config_default(&w->cfg);
	safety_init(&w->s);
	w->now = 5000;
	w->pen.temp_motor_mdegc = 30000;
	world_ask(w, SAFETY_EV_ACQUIRE);
	world_say(w, false);
	world_say(w, false);
	if (where >= SCREENED)
		world_send(w, begin);
	if (where >= READY)
		prepare(w);
	if (where >= WAITING)
		world_ask(w, SAFETY_EV_START);
	if (where >= STARTING)
		durable(w);
	if (where >= ACTIVE) {
		world_ask(w, SAFETY_EV_STARTED);
		world_say(w, true);
	}
	if (where > ACTIVE)
		go_on(w, where);
}

void world_go(struct world *w, enum situation where)
{
	const struct safety_event begin = world_begin_event();

	world_go_with(w, where, &begin);
}
