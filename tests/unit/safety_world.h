/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A room around the safety core for its tests: a clock, a pen that behaves,
 * an owner, and an oracle that checks the invariants after every single step
 * from its own books. The oracle fails the running cmocka test.
 */
#ifndef MNPEN_TESTS_SAFETY_WORLD_H
#define MNPEN_TESTS_SAFETY_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <linux/mnpen.h>

#include "daemon/safety/safety.h"

#define OWNER		7u
#define STRANGER	9u
#define DEPTH_UM	1000u
#define RATE_SPM	6000u
#define NEEDLES		12u
#define AREA		17u
#define AREA_MM2	6000u
/* 2026-07-31 12:00 UTC, and that day. */
#define WALL_S		1785499200
#define TODAY		20665

/* What the oracle knows without looking into the core. */
struct books {
	uint64_t seen_ms;		/* w->now of the last step on time */
	uint64_t clock_ms;		/* elapsed, as the core should see it */
	uint64_t telemetry_ms, started_ms, heartbeat_ms, renew_ms, stop_ms;
	uint64_t active_ms;		/* time spent with the motor on */
	uint64_t stopping_ms;		/* STOPPING and the pen heard, since */
	uint32_t open_ticket;		/* DO_INTENT not answered */
	uint32_t close_ticket;
	uint32_t runs_open, sessions_open;
	uint64_t punctures;		/* strokes told x needles */
	uint32_t depth_um, rate_spm;	/* last given to the pen */
	uint64_t given_ms;		/* when */
	uint64_t burned;		/* cartridge that ran before */
	bool void_cartridge;
	struct safety_telemetry last;	/* last one that counts as valid */
	bool have_telemetry, last_valid, record_failed, gone, outstanding;
	bool started;
};

struct world {
	struct safety_config cfg;
	struct safety s;
	struct safety_actions out;
	struct safety_limits asked;	/* limits of the last BEGIN */
	uint64_t now;
	struct safety_telemetry pen;	/* what the pen will say next */
	bool pen_on;			/* makes strokes and follows set points */
	uint32_t pen_us;		/* its clock */
	struct books books;
	uint64_t steps;
};

void world_init(struct world *w);
/* Steps the core with @ev at w->now and checks all invariants. */
void world_step(struct world *w, const struct safety_event *ev);

/* One event without data, with .owner (PREPARED: with AREA), with .ticket. */
void send(struct world *w, enum safety_event_kind kind);
void send_by(struct world *w, enum safety_event_kind kind, uint32_t owner);
void send_ticket(struct world *w, enum safety_event_kind kind, uint32_t ticket);
/* What the pen says now; the sequence goes on, strokes grow with the time. */
void say(struct world *w);
/* Lets @ms pass in steps of 8 ms: the pen speaks, the owner is alive. */
void live(struct world *w, uint32_t ms);
/* A BEGIN that would be accepted. */
struct safety_event begin_event(void);
void begin(struct world *w);

/* Brings a new world into @state, by the road a user would take. */
void go(struct world *w, enum safety_state state);
/* Latches a fault that RESET can clear; ends in FAULT with a session open. */
void go_fault(struct world *w);
/* From READY or PAUSED to ACTIVE, the pen running and confirmed. */
void run(struct world *w);
/* The pen obeys a stop and says so until it is believed. */
void settle(struct world *w);

/* The action of that kind in the last step, or NULL. */
const struct safety_action *did(const struct world *w,
				enum safety_action_kind kind);
void assert_state(const struct world *w, enum safety_state state);
void assert_refused(const struct world *w, enum safety_reason reason);
void assert_accepted(const struct world *w);
/* In ACTIVE one step ago, now stopped for @reason with STOP first. */
void assert_stopped(const struct world *w, enum safety_reason reason);
void assert_fault(const struct world *w, enum safety_reason reason);

bool is_request(enum safety_event_kind kind);

#endif /* MNPEN_TESTS_SAFETY_WORLD_H */
