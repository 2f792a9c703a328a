/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A room around the core that makes up what happens next: a pen that follows
 * or has a trouble, a driver, a record, an owner and strangers. It knows the
 * state and mostly leads on, so that the motor really runs; and it likes to
 * let a deadline pass by one ms or not.
 *
 * Everything follows from the seed, on every machine.
 */
#ifndef MNPEN_TESTS_MODEL_ROOM_H
#define MNPEN_TESTS_MODEL_ROOM_H

#include "tests/model/oracle.h"

#define ROOM_EVENTS	100	/* in one sequence */

/* What goes wrong in a sequence, from some event on. */
enum room_trouble {
	NO_TROUBLE, HOT, CURRENT, TOO_DEEP, TOO_SHALLOW, TOO_SLOW, TOO_FAST,
	FROZEN, MISMATCH, LATCHED, REBOOT, SILENT, INVALID, UNCOMMANDED,
	DISOBEYS, RENEW_FAILS, RECORD_FAILS, GONE, OWNER_SLEEPS, OWNER_LEAVES,
	STOPS_ITSELF, START_FAILS, CLOCK_JUMPS, NOISE, NO_STROKES, TIME_WARP,
	CARTRIDGE_OUT, PEN_LIMP, MANY_STROKES, RESTLESS, ALARMING,
	SLOW_DRIVER, LAGS, TINY_LIMITS,
	ROOM_TROUBLES
};

struct room {
	struct safety_config cfg;
	struct safety s;
	struct safety_actions out;
	struct oracle o;
	struct safety_event ev;		/* the next one */
	uint64_t now;			/* and when */
	uint64_t random;
	struct safety_telemetry pen;
	enum room_trouble trouble;
	uint32_t at, step, pace;
	uint32_t pen_us;		/* the pen's own clock */
	uint32_t intent, close;		/* tickets not durable yet */
	bool driver_busy, pen_told;
};

/* Sequence number @n of @seed, before its first event. */
void room_init(struct room *r, uint64_t seed, uint64_t n);
/* Makes up r->ev and r->now. */
void room_next(struct room *r);
/* One step of the core; NULL or what the oracle found. */
const char *room_step(struct room *r);
/* Lets everybody react to what the core did. */
void room_react(struct room *r);
uint32_t room_random(struct room *r, uint32_t below);

#endif /* MNPEN_TESTS_MODEL_ROOM_H */
