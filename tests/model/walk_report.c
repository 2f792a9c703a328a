// SPDX-License-Identifier: GPL-2.0-or-later
/* A failed sequence, made short: every event that is not needed goes. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/model/walk.h"

struct kept {
	struct safety_event ev;
	uint64_t now;
	bool gone;
};

static uint32_t record(struct kept *kept, struct room *r)
{
	uint32_t i;

	for (i = 0; i < ROOM_EVENTS; i++) {
		const char *wrong;

		room_next(r);
		kept[i].ev = r->ev;
		kept[i].now = r->now;
		kept[i].gone = false;
		wrong = room_step(r);
		room_react(r);
		if (wrong)
			return i + 1;
	}
	return 0;
}

/* What is wrong when only the events that are kept happen; NULL: nothing. */
static const char *play(const struct kept *kept, uint32_t n,
			const struct safety_config *cfg, bool aloud)
{
	const char *wrong = NULL;
	struct room r;
	uint32_t i;

	memset(&r, 0, sizeof(r));
	r.cfg = *cfg;
	safety_init(&r.s);
	oracle_init(&r.o, cfg);
	for (i = 0; i < n && !wrong; i++) {
		if (kept[i].gone)
			continue;
		r.ev = kept[i].ev;
		r.now = kept[i].now;
		wrong = room_step(&r);
		if (!aloud)
			continue;
		printf("# %6" PRIu64 " ms event %2d owner %" PRIu32 " ticket %"
		       PRIu32 " -> %s", r.now - kept[0].now, (int)r.ev.kind,
		       r.ev.owner, r.ev.ticket, safety_state_name(r.s.state));
		if (r.s.fault != SAFETY_OK)
			printf(", %s", safety_reason_name(r.s.fault));
		for (uint32_t k = 0; k < r.out.n; k++)
			printf(" [%d %s]", (int)r.out.a[k].kind,
			       safety_reason_name(r.out.a[k].reason));
		printf("\n");
	}
	return wrong;
}

void walk_report(uint64_t seed, uint64_t n, bool shift, const char *wrong)
{
	struct kept kept[ROOM_EVENTS];
	const char *same;
	struct room r;
	uint32_t len, i;

	printf("# WRONG: %s\n# seed %" PRIu64 ", sequence %" PRIu64 "%s\n",
	       wrong, seed, n, shift ? ", shifted" : "");
	if (shift)
		return;
	room_init(&r, seed, n);
	len = record(kept, &r);
	for (i = len; i-- > 0;) {
		kept[i].gone = true;
		same = play(kept, len, &r.cfg, false);
		if (!same || strcmp(same, wrong))
			kept[i].gone = false;
	}
	play(kept, len, &r.cfg, true);
}
