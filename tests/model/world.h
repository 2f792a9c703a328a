/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The core and a pen that behaves, for tests that say what happens. */
#ifndef MNPEN_TESTS_MODEL_WORLD_H
#define MNPEN_TESTS_MODEL_WORLD_H

#include "daemon/safety/safety.h"

#define OWNER		7u
#define STRANGER	9u

/* How things stand; the owner holds the pen. */
enum situation {
	IDLE, SCREENED, READY,
	WAITING,	/* READY, the intent to run is not durable yet */
	STARTING,	/* ACTIVE, the driver has not answered yet */
	ACTIVE, PAUSED, STOPPING, CLOSED, FAULT, HARD_FAULT,
	SITUATIONS
};

struct world {
	struct safety_config cfg;
	struct safety s;
	struct safety_actions out;
	struct safety_telemetry pen;
	uint64_t now;
};

void world_send(struct world *w, const struct safety_event *ev);
/* An event by the owner that needs nothing else. */
void world_ask(struct world *w, enum safety_event_kind kind);
/* 8 ms later the pen says that it runs, or that it is off. */
void world_say(struct world *w, bool on);
/* A BEGIN that is accepted: 1000 um, 6000 strokes a minute. */
struct safety_event world_begin_event(void);
void world_go(struct world *w, enum situation where);
/* The same with a BEGIN of the caller's. */
void world_go_with(struct world *w, enum situation where,
		   const struct safety_event *begin);

#endif /* MNPEN_TESTS_MODEL_WORLD_H */
