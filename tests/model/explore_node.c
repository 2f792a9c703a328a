// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When two nodes are the same.
 *
 * Only distances in time matter (the walk's shifted twin proves it), so the
 * present is put to one moment. An age beyond every figure it is held against
 * is as good as any older one. Numbers that only have to differ (tickets,
 * record numbers) get the same names everywhere. What the core only reports
 * or will set anew before it looks at it again is dropped; explore.c tries on
 * a part of the nodes whether that makes a difference.
 */
#include <stddef.h>
#include <string.h>

#include "tests/model/explore.h"

#define ORIGIN	(1ull << 40)

/* One ms beyond what each is compared with in explore_config(). */
static const struct {
	size_t core, oracle;
	uint64_t cap;
} ages[USED] = {
#define AGE(clock, mine, its, cap)				\
	[clock] = { offsetof(struct safety, p.mine),		\
		    offsetof(struct oracle, age.its), cap }
	AGE(TOLD, telemetry_ms, told, 3),
	AGE(CHANGED, changed_ms, changed, 4),
	AGE(OWNER, heartbeat_ms, owner, 4),
	AGE(RENEWED, renew_ms, renewed, 1),
	AGE(ACTIVE, active_ms, active, 3),
	AGE(STARTED, started_ms, started, 3),
	AGE(DIFFER, mismatch_ms, differ, 2),
	AGE(STOP, stop_ms, stop, 2),
	AGE(STOPPING, stop_first_ms, stopping, 4),
	AGE(STROKE, stroke_ms, stroke, 3),
	AGE(SET, set_ms, set, 2),
	AGE(LIFTED, touched_ms, lifted, 1),
	AGE(PAUSED, pause_ms, paused, 2),
	AGE(OPENED, open_ms, opened, 6),
#undef AGE
};

/* Clocks that are set before anybody looks at them again. */
static uint32_t dead(const struct node *node)
{
	const struct safety *s = &node->s;
	uint32_t clocks = 0;

	if (s->state != SAFETY_ACTIVE)
		clocks |= 1u << CHANGED | 1u << RENEWED | 1u << ACTIVE |
			  1u << STARTED | 1u << DIFFER | 1u << STROKE |
			  1u << SET;
	else if (!s->p.started)
		clocks |= 1u << CHANGED | 1u << RENEWED | 1u << STARTED |
			  1u << DIFFER | 1u << STROKE;
	else
		clocks |= 1u << ACTIVE;
	if (!s->p.mismatch)
		clocks |= 1u << DIFFER;
	if (s->state != SAFETY_ACTIVE && !s->intent_ticket)
		clocks |= 1u << OWNER;
	if (s->state != SAFETY_STOPPING)
		clocks |= 1u << STOP | 1u << STOPPING;
	if (!s->contact_ms)
		clocks |= 1u << LIFTED;
	if (!s->p.paused)
		clocks |= 1u << PAUSED;
	if (!s->p.session_open)
		clocks |= 1u << OPENED;
	return clocks;
}

static uint64_t *at(void *base, size_t offset)
{
	return (uint64_t *)((char *)base + offset);
}

static void cap32(uint32_t *a, uint64_t *b, uint32_t cap)
{
	if (*a > cap)
		*a = cap;
	if (*b > cap)
		*b = cap;
}

static void normalise_used(struct node *node, bool runs)
{
	struct safety *s = &node->s;
	struct oracle *o = &node->o;
	uint32_t cap = runs ? 6 : 0;

	cap32(&s->motor_ms, &o->motor_ms, s->p.session_open ? cap : 0);
	cap32(&s->run_ms, &o->run_ms, s->p.run_open ? cap : 0);
	s->duty_ms = s->duty_ms > cap ? cap : s->duty_ms;
	o->duty_ms = o->duty_ms > cap ? cap : o->duty_ms;
	s->contact_ms = s->contact_ms > cap ? cap : s->contact_ms;
	o->contact_ms = o->contact_ms > cap ? cap : o->contact_ms;
}

/* Clocks that do not @run go to 0, the others to their cap at most. */
static void hold(struct node *node, uint32_t run, bool capped)
{
	struct safety *s = &node->s;
	struct oracle *o = &node->o;
	uint32_t i;

	for (i = 0; i < USED; i++) {
		uint64_t *core = at(s, ages[i].core);
		uint64_t *oracle = at(o, ages[i].oracle);
		uint64_t age = s->p.clock_ms - *core;
		uint64_t cap = run & 1u << i ? ages[i].cap : 0;

		if (run & 1u << i && !capped)
			continue;
		*core = s->p.clock_ms - (age > cap ? cap : age);
		if (*oracle > cap)
			*oracle = cap;
	}
}

static void now_is_origin(struct node *node)
{
	struct safety *s = &node->s;
	uint32_t i;

	for (i = 0; i < USED; i++)
		*at(s, ages[i].core) += ORIGIN - s->p.clock_ms;
	s->p.clock_ms = ORIGIN;
	s->p.seen_ms = ORIGIN;
	node->o.seen = ORIGIN;
}

void explore_hold(const struct part *part, struct node *node)
{
	hold(node, part->clocks, false);
	if (!(part->clocks & 1u << USED))
		normalise_used(node, false);
}

static void same_record(struct safety_telemetry *t)
{
	t->seq = 1000;
	t->strokes = 1000;
	t->dev_time_us = 0;
	t->boot_id = 1;
	t->rate_set_spm = 0;
	t->depth_set_um = 0;
	t->pen_stop_reason = 0;
}

static void normalise_names(struct node *node)
{
	struct safety *s = &node->s;
	struct oracle *o = &node->o;

	s->next_ticket = 7;
	if (s->intent_ticket)
		s->intent_ticket = 5;
	if (s->p.start_ticket)
		s->p.start_ticket = 5;
	if (o->ticket)
		o->ticket = 5;
	if (s->close_ticket)
		s->close_ticket = 6;
	if (o->close_ticket)
		o->close_ticket = 6;
	same_record(&s->last);
	same_record(&o->last);
	if (s->state != SAFETY_ACTIVE) {
		s->p.depth_over = o->deep_records = 0;
		s->p.started = o->started = false;
		s->p.mismatch = o->differs = false;
		s->p.confirmed_running = o->confirmed = false;
	}
	if (s->state != SAFETY_STOPPING)
		s->p.still = o->off_records = 0;
	if (s->p.invalid > 2)
		s->p.invalid = 2;
	if (o->bad_records > 2)
		o->bad_records = 2;
	if (s->p.depth_over > 2)
		s->p.depth_over = 2;
	if (o->deep_records > 2)
		o->deep_records = 2;
	if (s->p.still > 2)
		s->p.still = 2;
	if (o->off_records > 2)
		o->off_records = 2;
}

/* Where alarms are not what it is about, only that of the fault is kept. */
static void one_alarm(struct node *node)
{
	struct safety *s = &node->s;
	struct oracle *o = &node->o;
	uint64_t fault = s->fault == SAFETY_OK ? 0 : 1ull << s->fault;

	s->alarms = s->alarms_present = fault;
	o->alarms = o->present = fault;
	s->alarms_acked = o->acked = 0;
	s->audible = SAFETY_PRIORITY_NONE;
}

static void drop_reports(struct node *node, bool alarms)
{
	struct safety *s = &node->s;
	struct oracle *o = &node->o;

	s->runs = 0;
	s->run_strokes = 0;
	s->depth_peak_um = 0;
	s->rate_peak_spm = 0;
	s->p.close_reason = SAFETY_OK;
	memset(&s->why, 0, sizeof(s->why));
	if (s->state != SAFETY_ACTIVE) {
		s->p.run_limit_ms = 0;
		s->p.run_limit_reason = SAFETY_OK;
		s->p.run_limit_id = SAFETY_LIMITS;
		o->run_limit_ms = 0;
		o->run_reasons = 0;
	}
	if (s->state != SAFETY_STOPPING && !s->p.run_open &&
	    !s->p.start_outstanding)
		s->last_stop = o->stop_reason = SAFETY_OK;
	if (!s->p.session_open) {
		s->strokes = o->strokes = 0;
		s->punctures = o->punctures = 0;
	}
	if (!alarms)
		one_alarm(node);
}

void explore_normalise(const struct part *part, struct node *node)
{
	hold(node, part->clocks & ~dead(node), true);
	now_is_origin(node);
	normalise_used(node, part->clocks & 1u << USED);
	normalise_names(node);
	drop_reports(node, part->alarms);
}
