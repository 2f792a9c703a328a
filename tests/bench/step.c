// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long one step of the safety core takes, with every check on: a session
 * is open, the motor runs, and the pen speaks every 8 ms between ticks, as in
 * the daemon. Prints one line of JSON; fails above 2 us in the middle.
 *
 * The middle of many is what it is about: on a machine that does other things
 * as well the longest one tells of the machine.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/mnpen.h>

#include "daemon/safety/safety.h"

#define STEPS		200000u
#define MEDIAN_MAX_NS	2000u
#define OWNER		7u

static struct safety_config config;
static struct safety core;
static struct safety_telemetry pen;
static struct safety_actions out;
static uint64_t now_ms = 1000;
static uint32_t step_ns[STEPS];

static uint64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void step(struct safety_event *ev)
{
	safety_step(&config, &core, ev, now_ms, &out);
}

static void say(struct safety_event *ev)
{
	pen.seq++;
	pen.dev_time_us += 8000;
	memset(ev, 0, sizeof(*ev));
	ev->kind = SAFETY_EV_TELEMETRY;
	ev->telemetry = pen;
}

static void send(enum safety_event_kind kind, uint32_t ticket)
{
	struct safety_event ev = { .kind = kind, .owner = OWNER,
				   .ticket = ticket };

	step(&ev);
}

static void begin(void)
{
	struct safety_event ev = { .kind = SAFETY_EV_BEGIN, .owner = OWNER };
	struct safety_begin *b = &ev.begin;

	safety_limits_absolute(&b->limits);
	b->depth_um = 1000;
	b->rate_spm = 6000;
	b->motor_ms = 3600000;
	b->screening_clear = true;
	b->consent = true;
	b->cartridge.proof = SAFETY_PROOF_ATTESTED;
	b->cartridge.needles = 12;
	b->cartridge.needle_um = 100;
	b->cartridge.expiry_day = SAFETY_DAY_NONE;
	b->dose.area_mm2 = 1000000;
	b->dose.basis = SAFETY_DOSE_LOADED;
	b->dose.loaded_ma = 500;
	b->when.wall_s = 1785499200;
	step(&ev);
}

/* From power-up to a motor that runs, as a user would. */
static bool start(void)
{
	struct safety_event ev;
	int i;

	safety_config_default(&config);
	safety_init(&core);
	pen.temp_motor_mdegc = 30000;
	pen.pen_state = MNPEN_STATE_IDLE;
	for (i = 0; i < 3; i++) {
		now_ms += 8;
		say(&ev);
		step(&ev);
	}
	send(SAFETY_EV_ACQUIRE, 0);
	begin();
	send(SAFETY_EV_PREPARED, 0);
	send(SAFETY_EV_START, 0);
	send(SAFETY_EV_INTENT_DURABLE, core.intent_ticket);
	send(SAFETY_EV_STARTED, 0);
	pen.pen_state = MNPEN_STATE_RUNNING;
	pen.rate_set_spm = pen.rate_spm = 6000;
	pen.depth_set_um = pen.depth_um = 1000;
	pen.motor_ma = 200;
	return core.state == SAFETY_ACTIVE;
}

/* Records and ticks in turn; the owner is alive. */
static void measure(uint32_t n)
{
	struct safety_event ev;
	uint64_t begun;

	now_ms += 4;
	if (n % 2) {
		memset(&ev, 0, sizeof(ev));
		ev.kind = SAFETY_EV_TICK;
	} else {
		pen.strokes++;
		pen.motor_ma = 200 + (int32_t)(n / 2 % 20);
		say(&ev);
	}
	begun = clock_ns();
	step(&ev);
	step_ns[n] = (uint32_t)(clock_ns() - begun);
	if (n % 40 == 0)
		send(SAFETY_EV_HEARTBEAT, 0);
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

int main(void)
{
	uint32_t n, active = 0;

	if (!start()) {
		fprintf(stderr, "the motor did not start: %s\n",
			safety_reason_name(core.why.reason));
		return 1;
	}
	for (n = 0; n < STEPS; n++) {
		/* A session lasts an hour; then another begins. */
		if (core.state != SAFETY_ACTIVE) {
			memset(&pen, 0, sizeof(pen));
			if (!start())
				return 1;
		}
		measure(n);
		active += core.state == SAFETY_ACTIVE;
	}
	qsort(step_ns, STEPS, sizeof(step_ns[0]), by_size);
	printf("{\"steps\": %u, \"active_permille\": %u, \"median_ns\": %u, \"p99_ns\": %u, \"max_ns\": %u}\n",
	       STEPS, (uint32_t)((uint64_t)active * 1000 / STEPS),
	       step_ns[STEPS / 2], step_ns[STEPS / 100 * 99],
	       step_ns[STEPS - 1]);
	return step_ns[STEPS / 2] > MEDIAN_MAX_NS || active < STEPS / 2;
}
