// SPDX-License-Identifier: GPL-2.0-or-later
/* Only distances in time matter, and counters may wrap (20). */
#include <stddef.h>
#include <string.h>

#include "tests/model/walk.h"

void walk_twin_init(struct walk_twin *twin, struct room *r)
{
	/* Near the wraps of 32 and 64 bits, or anywhere. */
	const uint64_t where[] = { 0, 1ull << 32, 1ull << 63,
				   (uint64_t)room_random(r, UINT32_MAX) << 31 };

	safety_init(&twin->s);
	twin->later_ms = where[room_random(r, 4)] - r->now;
	twin->later_ms -= room_random(r, 4000);
	twin->seq = (uint32_t)-room_random(r, 100) - r->pen.seq;
	twin->strokes = (uint32_t)-room_random(r, 100) - r->pen.strokes;
	twin->dev_us = (uint32_t)-room_random(r, 1000000) - r->pen_us;
	twin->boot_id = room_random(r, UINT32_MAX);
}

static bool same_action(const struct safety_action *a,
			const struct safety_action *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* Everything but what was shifted. */
static bool same_state(struct walk_twin *twin, const struct safety *s)
{
	struct safety a = *s, b = twin->s;

	if (b.p.seen_ms - a.p.seen_ms != twin->later_ms)
		return false;
	if (s->p.have_telemetry &&
	    (b.last.seq - a.last.seq != twin->seq ||
	     b.last.strokes - a.last.strokes != twin->strokes))
		return false;
	memset(&a.last, 0, sizeof(a.last));
	memset(&b.last, 0, sizeof(b.last));
	a.p.seen_ms = 0;
	b.p.seen_ms = 0;
	return !memcmp(&a, &b, sizeof(a));
}

const char *walk_twin_step(struct walk_twin *twin, const struct room *r)
{
	struct safety_event ev = r->ev;
	uint32_t i;

	if (ev.kind == SAFETY_EV_TELEMETRY) {
		ev.telemetry.seq += twin->seq;
		ev.telemetry.strokes += twin->strokes;
		ev.telemetry.dev_time_us += twin->dev_us;
		ev.telemetry.boot_id ^= twin->boot_id;
	}
	safety_step(&r->cfg, &twin->s, &ev, r->now + twin->later_ms,
		    &twin->out);
	if (twin->out.n != r->out.n)
		return "20: another number of actions after a shift";
	for (i = 0; i < r->out.n; i++)
		if (!same_action(&twin->out.a[i], &r->out.a[i]))
			return "20: another action after a shift";
	return same_state(twin, &r->s) ? NULL :
					 "20: another state after a shift";
}
