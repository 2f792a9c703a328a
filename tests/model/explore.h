/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts of the exhaustive search, see explore.c.
 *
 * explore.c         the search: table of states seen, queue, figures
 * explore_node.c    when two nodes are the same
 * explore_events.c  what may happen in each part of the world
 */
#ifndef MNPEN_TESTS_MODEL_EXPLORE_H
#define MNPEN_TESTS_MODEL_EXPLORE_H

#include "tests/model/oracle.h"

#define EXPLORE_OWNER		7u
#define EXPLORE_STRANGER	9u

/* All there is to know: the rest of the world may do anything at any time. */
struct node {
	struct safety s;
	struct oracle o;
};

enum explore_event {
	X_TICK, X_MS, X_JUMP, X_BACK,
	/* records: the pen is off, runs, or is something else */
	X_OFF, X_RUN, X_RUN_SAME, X_RUN_LATE, X_RUN_LATER, X_DEEP, X_TOO_DEEP,
	X_SHALLOW, X_FAST, X_SLOW, X_STRONG, X_HOT, X_WARM, X_COLD, X_BLIND,
	X_LATCHED, X_OTHER_SET, X_REBOOT, X_OLD, X_FUTURE, X_COASTS, X_DURATION,
	X_STROKE, X_STROKE_LOADED, X_LIMP_RECORD, X_INVALID,
	X_GONE, X_LIMP,
	X_ACQUIRE, X_ACQUIRE_OTHER, X_RELEASE, X_RELEASE_OTHER, X_HEARTBEAT,
	X_BEGIN, X_BEGIN_USED, X_BEGIN_UNSCREENED, X_PREPARED, X_PREPARED_OTHER,
	X_START, X_PAUSE, X_STOP, X_STOP_LATE, X_END, X_SET_LOW, X_SET_HIGH,
	X_SET_BEYOND, X_ACK, X_SILENCE, X_RESET, X_RESET_ADMIN,
	X_INTENT, X_INTENT_WRONG, X_CLOSE, X_RECORD_FAILED, X_RECORD_OK,
	X_STARTED, X_START_FAILED, X_RENEW_FAILED, X_RENEW_STALE,
	X_CARTRIDGE_OUT, X_CARTRIDGE_IN,
	X_EVENTS
};

/*
 * Clocks that run in a part of the world. The others stand at 0: there that
 * deadline never passes, as if whatever it waits for were always in time.
 */
enum explore_clock {
	TOLD, CHANGED, OWNER, RENEWED, ACTIVE, STARTED, DIFFER, STOP, STOPPING,
	STROKE, SET, LIFTED, PAUSED, OPENED,
	USED,			/* time of the motor, the run, on the skin */
	CLOCKS
};

/* A part of the world: what may happen in it. */
struct part {
	const char *name;
	const enum explore_event *events;
	uint32_t n;
	uint32_t clocks;	/* bit per enum explore_clock */
	bool alarms;		/* tell states apart by the stops noted */
	bool loaded;		/* load is sensed */
};

extern const struct part explore_parts[];
extern const uint32_t explore_parts_n;

/* Makes the event and the time at which it happens; false: not now. */
bool explore_event(const struct part *part, const struct node *node,
		   enum explore_event x, struct safety_event *ev,
		   uint64_t *now);
void explore_config(struct safety_config *cfg);
/* One of all nodes that no future can tell apart. */
/* Puts back the clocks that stand in this part, and nothing else. */
void explore_hold(const struct part *part, struct node *node);
void explore_normalise(const struct part *part, struct node *node);

#endif /* MNPEN_TESTS_MODEL_EXPLORE_H */
