// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When two nodes are the same.
 *
 * Only distances in time matter (the walk's shifted twin proves it), so the
 * present is put to one moment. An age beyond every figure it is held against
 * is as good as any older one. Numbers that only have to differ (tickets,
 * record numbers) get the same names everywhere. What the core only reports
 * and never reads again is dropped.
 */
#include <stddef.h>
#include <string.h>

#include "tests/model/explore.h"

#define ORIGIN	(1ull << 40)

/* One ms beyond what each is compared with in explore_config(). */
static const struct {
	size_t core, oracle;
	uint64_t cap;
} ages[] = {
#define AGE(mine, its, cap)					\
	{ offsetof(struct safety, p.mine),			\
	  offsetof(struct oracle, age.its), cap }
	AGE(telemetry_ms, told, 3),
	AGE(changed_ms, changed, 4),
	AGE(heartbeat_ms, owner, 4),
	AGE(renew_ms, renewed, 1),
	AGE(active_ms, active, 3),
	AGE(started_ms, started, 3),
	AGE(mismatch_ms, differ, 2),
	AGE(stop_ms, stop, 2),
	AGE(stop_first_ms, stopping, 4),
	AGE(stroke_ms, stroke, 3),
	AGE(set_ms, set, 2),
	AGE(touched_ms, lifted, 1),
	AGE(pause_ms, paused, 2),
	AGE(open_ms, opened, 6),
#undef AGE
};

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

static void normalise_time(struct node *node)
{
	struct safety *s = &node->s;
	struct oracle *o = &node->o;
	uint32_t i;

	for (i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
		uint64_t *core = at(s, ages[i].core);
		uint64_t *oracle = at(o, ages[i].oracle);
		uint64_t age = s->p.clock_ms - *core;

		*core = ORIGIN - (age > ages[i].cap ? ages[i].cap : age);
		if (*oracle > ages[i].cap)
			*oracle = ages[i].cap;
	}
	s->p.clock_ms = ORIGIN;
	s->p.seen_ms = ORIGIN;
	o->seen = ORIGIN;
	/* Bounded by stop_confirm_max_ms, but for jumps. */
	cap32(&s->motor_ms, &o->motor_ms, 9);
	cap32(&s->run_ms, &o->run_ms, 9);
	s->duty_ms = s->duty_ms > 9 ? 9 : s->duty_ms;
	o->duty_ms = o->duty_ms > 9 ? 9 : o->duty_ms;
	s->contact_ms = s->contact_ms > 9 ? 9 : s->contact_ms;
	o->contact_ms = o->contact_ms > 9 ? 9 : o->contact_ms;
}

static void same_record(struct safety_telemetry *t)
{
	t->seq = 1000;
	t->strokes = 1000;
	t->dev_time_us = 0;
	t->boot_id = 1;
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

static void drop_reports(struct node *node, bool alarms)
{
	const uint64_t stops = (2ull << SAFETY_STOP_CARTRIDGE) -
			       (1ull << SAFETY_STOP_REQUEST);
	struct safety *s = &node->s;

	s->runs = 0;
	s->run_strokes = 0;
	s->depth_peak_um = 0;
	s->rate_peak_spm = 0;
	s->p.close_reason = SAFETY_OK;
	memset(&s->why, 0, sizeof(s->why));
	if (alarms)
		return;
	s->alarms &= ~stops;
	s->alarms_acked &= ~stops;
	node->o.alarms &= ~stops;
	node->o.acked &= ~stops;
}

void explore_normalise(struct node *node, bool alarms)
{
	normalise_time(node);
	normalise_names(node);
	drop_reports(node, alarms);
}
