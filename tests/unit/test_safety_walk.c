// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The safety core on a long random walk, with all invariants of the oracle
 * checked after every step.
 *
 * A uniform walk would hardly ever start the motor, so this one knows the
 * way: most events are those that lead on, the rest are anything at all, and
 * each life gets one trouble. It fails if it did not see enough: too little
 * time in ACTIVE, a state or a reason never reached.
 *
 * SAFETY_WALK_SEED and SAFETY_WALK_LIVES choose another walk.
 */
#include <errno.h>
#include <stdlib.h>

#include "tests/unit/safety_world.h"

#define STEPS_PER_LIFE	600

enum trouble {
	NO_TROUBLE, HOT, CURRENT, TOO_DEEP, TOO_SHALLOW, TOO_SLOW, FROZEN,
	MISMATCH, LATCHED, REBOOT, SILENT, INVALID, UNCOMMANDED, DISOBEYS,
	RENEW_FAILS, RECORD_FAILS, GONE, OWNER_SLEEPS, OWNER_LEAVES,
	STOPS_ITSELF, START_FAILS, CLOCK_JUMPS, LIMP, CARTRIDGE_OUT, WARM,
	TROUBLES
};

struct walk {
	struct world w;
	uint64_t random;
	enum trouble trouble;
	uint32_t at;			/* step at which it begins */
	uint32_t step;
	uint32_t intent, close;		/* tickets not durable yet */
	bool driver_busy;		/* DO_START, the driver has not spoken */
	bool pen_told;			/* the pen was told to run */
	uint64_t in_state[SAFETY_STATES];
	uint64_t reason[SAFETY_REASONS];
	uint64_t action[SAFETY_ACTIONS];
};

/* xorshift64* */
static uint32_t rnd(struct walk *k, uint32_t below)
{
	k->random ^= k->random >> 12;
	k->random ^= k->random << 25;
	k->random ^= k->random >> 27;
	return (uint32_t)((k->random * 2685821657736338717u) >> 33) % below;
}

static bool troubled(const struct walk *k, enum trouble trouble)
{
	return k->trouble == trouble && k->step >= k->at;
}

/* ---- the pen ------------------------------------------------------------- */

static void pen_follows(struct walk *k)
{
	struct safety_telemetry *t = &k->w.pen;
	bool on = k->pen_told || troubled(k, UNCOMMANDED);

	t->pen_state = on ? MNPEN_STATE_RUNNING : MNPEN_STATE_IDLE;
	t->pen_stop_reason = MNPEN_STOP_NONE;
	t->rate_set_spm = on ? k->w.s.rate_now_spm : 0;
	t->depth_set_um = on ? k->w.s.depth_now_um : 0;
	t->rate_spm = on ? k->w.s.rate_now_spm + rnd(k, 21) : 0;
	t->depth_um = on ? k->w.s.depth_now_um + rnd(k, 21) : 0;
	t->motor_ma = on ? 190 + (int32_t)rnd(k, 21) : 0;
	t->temp_motor_mdegc = 30000;
	t->fault_latched = 0;
	k->w.pen_on = on;
}

static void pen_suffers(struct walk *k)
{
	struct safety_telemetry *t = &k->w.pen;

	if (troubled(k, HOT))
		t->temp_motor_mdegc = 51001;
	if (troubled(k, WARM) && rnd(k, 2))
		t->temp_motor_mdegc = 46000 + (int32_t)rnd(k, 5000);
	if (troubled(k, CURRENT))
		t->motor_ma = 801;
	if (troubled(k, TOO_DEEP) && k->pen_told)
		t->depth_um += 151 + rnd(k, 700);
	if (troubled(k, TOO_SHALLOW))
		t->depth_um = 0;
	if (troubled(k, TOO_SLOW))
		t->rate_spm /= 2;
	if (troubled(k, MISMATCH))
		t->rate_set_spm++;
	if (troubled(k, LATCHED) && rnd(k, 4))
		t->fault_latched = 1u << rnd(k, 32);
	if (troubled(k, REBOOT) && k->step == k->at)
		t->boot_id++;
	if (troubled(k, STOPS_ITSELF) && rnd(k, 20) == 0) {
		t->pen_state = MNPEN_STATE_IDLE;
		t->rate_spm = 0;
		k->pen_told = false;
	}
	if (troubled(k, FROZEN)) {
		t->rate_spm = k->pen_told ? k->w.s.rate_spm : 0;
		t->depth_um = k->pen_told ? k->w.s.depth_um : 0;
		t->motor_ma = 200;
		k->w.pen_on = false;
	}
}

static void pen_speaks(struct walk *k)
{
	uint32_t late_ms;

	if (troubled(k, SILENT) && rnd(k, 16))
		return;
	if (troubled(k, INVALID) && rnd(k, 8)) {
		send(&k->w, SAFETY_EV_TELEMETRY_INVALID);
		return;
	}
	pen_follows(k);
	pen_suffers(k);
	/* Read late: stamped with its arrival, before the last tick. */
	late_ms = rnd(k, 4) ? 0 : rnd(k, 30);
	k->w.now -= late_ms;
	say(&k->w);
	k->w.now += late_ms;
}

/* ---- everybody else ------------------------------------------------------ */

/* What is scanned and known of the day; seldom wrong. */
static void random_papers(struct walk *k, struct safety_begin *b)
{
	switch (rnd(k, 40)) {
	case 0:
		b->cartridge.proof = SAFETY_PROOF_NONE;
		break;
	case 1:
		b->cartridge.expiry_day = TODAY - 1;
		break;
	case 2:
		b->cartridge.used = true;
		break;
	case 3:
		b->cartridge.recalled = true;
		break;
	case 4:
		b->consent = false;
		break;
	case 5:
		b->dose.area_mm2 = 0;
		break;
	case 6:
		b->when.wall_s = 0;
		break;
	case 7:
		b->when.last_end_s = WALL_S - 86400 * (int64_t)rnd(k, 30);
		break;
	case 8:
		b->cartridge.open_ms = 7190000 + rnd(k, 15000);
		break;
	case 9:
		b->dose.basis = SAFETY_DOSE_LOADED;
		b->dose.loaded_ma = 180 + rnd(k, 40);
		break;
	case 10:
		b->cartridge.proof = SAFETY_PROOF_PROVEN;
		b->cartridge.id = 1 + rnd(k, 3);
		break;
	default:
		break;
	}
}

static void random_dose(struct walk *k, struct safety_begin *b)
{
	uint32_t what = rnd(k, 12);

	if (what < 2)
		b->dose.area_mm2 = 1 + rnd(k, 60);
	else if (what == 2)
		safety_limits_tighten(&b->limits, SAFETY_LIMIT_PUNCTURES_MAX,
				      rnd(k, 1200), SAFETY_BY_AREA);
	else if (what == 3)
		safety_limits_tighten(&b->limits, SAFETY_LIMIT_CONTACT_MAX,
				      rnd(k, 800), SAFETY_BY_AREA);
	else if (what == 4)
		safety_limits_tighten(&b->limits, SAFETY_LIMIT_DUTY_MAX,
				      rnd(k, 800), SAFETY_BY_PEN);
	else if (what == 5)
		safety_limits_tighten(&b->limits, SAFETY_LIMIT_CARTRIDGE_MAX,
				      rnd(k, 1500), SAFETY_BY_CARTRIDGE);
}

static void random_set(struct walk *k)
{
	struct safety_event ev = { .kind = SAFETY_EV_SET, .owner = OWNER };

	ev.set.depth_um = 100 * rnd(k, 17);
	ev.set.rate_spm = 2900 + rnd(k, 6201);
	world_step(&k->w, &ev);
}

static void random_begin(struct walk *k)
{
	struct safety_event ev = begin_event();
	uint32_t what = rnd(k, 24);

	ev.begin.depth_um = 100 * rnd(k, 16);
	ev.begin.rate_spm = 3000 + rnd(k, 6001);
	if (what == 0)
		ev.begin.depth_um = 1501 + rnd(k, 2000);
	else if (what == 1)
		ev.begin.rate_spm = rnd(k, 2) ? rnd(k, 3000) : 9001;
	else if (what == 2)
		ev.begin.screening_clear = false;
	else if (what < 6)
		ev.begin.motor_ms = 1 + rnd(k, 1000);
	else if (what < 9)
		safety_limits_tighten(&ev.begin.limits, SAFETY_LIMIT_RUN_MAX,
				      rnd(k, 800), SAFETY_BY_PEN);
	random_papers(k, &ev.begin);
	random_dose(k, &ev.begin);
	world_step(&k->w, &ev);
}

/* The next thing an owner would ask for. */
static void lead_on(struct walk *k)
{
	struct world *w = &k->w;

	if (w->s.owner != OWNER) {
		send_by(w, SAFETY_EV_ACQUIRE, OWNER);
		return;
	}
	switch (w->s.state) {
	case SAFETY_IDLE:
		random_begin(k);
		break;
	case SAFETY_SCREENED:
		send_by(w, rnd(k, 10) ? SAFETY_EV_PREPARED : SAFETY_EV_START,
			OWNER);
		break;
	case SAFETY_READY:
	case SAFETY_PAUSED:
		if (rnd(k, 30) == 0)
			send_by(w, SAFETY_EV_END, OWNER);
		else
			send_by(w, SAFETY_EV_START, OWNER);
		break;
	case SAFETY_FAULT:
		if (rnd(k, 8) == 0)
			send_by(w, rnd(k, 2) ? SAFETY_EV_ALARM_ACK :
					       SAFETY_EV_AUDIO_PAUSE, OWNER);
		send_by(w, rnd(k, 8) ? SAFETY_EV_RESET : SAFETY_EV_END, OWNER);
		break;
	case SAFETY_ACTIVE:
		if (rnd(k, 30) == 0) {
			random_set(k);
			break;
		}
		send_by(w, SAFETY_EV_HEARTBEAT, OWNER);
		break;
	case SAFETY_STOPPING:
	case SAFETY_CLOSED:
	case SAFETY_HARD_FAULT:
	case SAFETY_STATES:
		send_by(w, SAFETY_EV_HEARTBEAT, OWNER);
		break;
	}
}

/* Anything at all, from anybody. */
static void anything(struct walk *k)
{
	const uint32_t who[] = { 0, OWNER, STRANGER };
	struct safety_event ev = {
		.kind = (enum safety_event_kind)rnd(k, SAFETY_EVENTS + 1),
		.owner = who[rnd(k, 3)],
		.ticket = rnd(k, 2) ? k->w.s.intent_ticket : rnd(k, 8),
		.error = -(int32_t)rnd(k, 200),
	};

	if (ev.kind == SAFETY_EV_PEN_GONE || ev.kind == SAFETY_EV_PEN_LIMP)
		return; /* have a trouble of their own */
	if (ev.kind == SAFETY_EV_BEGIN) {
		random_begin(k);
		return;
	}
	if (ev.kind == SAFETY_EV_TELEMETRY) {
		ev.telemetry.seq = rnd(k, 4) ? k->w.pen.seq - rnd(k, 4) :
					       (uint32_t)k->random;
		ev.telemetry.boot_id = k->w.pen.boot_id;
		ev.telemetry.strokes = k->w.pen.strokes;
		ev.telemetry.pen_state = (uint8_t)rnd(k, 12);
		ev.telemetry.temp_motor_mdegc = 30000;
	}
	world_step(&k->w, &ev);
}

static void driver_answers(struct walk *k)
{
	k->driver_busy = false;
	if (troubled(k, START_FAILS)) {
		send(&k->w, SAFETY_EV_START_FAILED);
		return;
	}
	k->pen_told = k->w.s.state == SAFETY_ACTIVE;
	send(&k->w, SAFETY_EV_STARTED);
}

static void one_trouble(struct walk *k)
{
	struct safety_event ev = { .kind = SAFETY_EV_RENEW_FAILED };
	const int32_t error[] = { ESTALE, -ESTALE, -EIO };

	if (troubled(k, RENEW_FAILS)) {
		ev.error = error[rnd(k, 3)];
		world_step(&k->w, &ev);
	} else if (troubled(k, RECORD_FAILS)) {
		send(&k->w, rnd(k, 3) ? SAFETY_EV_RECORD_FAILED :
					SAFETY_EV_RECORD_OK);
	} else if (troubled(k, GONE)) {
		send(&k->w, SAFETY_EV_PEN_GONE);
	} else if (troubled(k, OWNER_LEAVES)) {
		send_by(&k->w, SAFETY_EV_RELEASE, OWNER);
	} else if (troubled(k, CLOCK_JUMPS)) {
		k->w.now += rnd(k, 2) ? (uint64_t)-5000 : rnd(k, 2000000);
		send(&k->w, SAFETY_EV_TICK);
	} else if (troubled(k, LIMP)) {
		send(&k->w, SAFETY_EV_PEN_LIMP);
	} else if (troubled(k, CARTRIDGE_OUT)) {
		send(&k->w, SAFETY_EV_CARTRIDGE);
	}
}

static void record_answers(struct walk *k)
{
	if (k->intent)
		send_ticket(&k->w, SAFETY_EV_INTENT_DURABLE, k->intent);
	else if (k->close)
		send_ticket(&k->w, SAFETY_EV_CLOSE_DURABLE, k->close);
}

/* What the shell, the driver and the pen make of the actions. */
static void react(struct walk *k)
{
	const struct safety_action *a;
	uint32_t i;

	for (i = 0; i < k->w.out.n; i++) {
		a = &k->w.out.a[i];
		k->action[a->kind]++;
		if (a->kind != SAFETY_DO_STATE)
			k->reason[a->reason]++;
		if (a->kind == SAFETY_DO_STOP && !troubled(k, DISOBEYS))
			k->pen_told = false;
		if (a->kind == SAFETY_DO_START)
			k->driver_busy = true;
		if (a->kind == SAFETY_DO_INTENT)
			k->intent = a->ticket;
		if (a->kind == SAFETY_DO_RECORD_CLOSE)
			k->close = a->ticket;
	}
	if (!k->w.s.intent_ticket)
		k->intent = 0;
	if (!k->w.s.close_ticket)
		k->close = 0;
	k->in_state[k->w.s.state]++;
}

static void one_step(struct walk *k)
{
	uint32_t what = rnd(k, 1000);

	k->w.now += what < 900 ? 1 + rnd(k, 8) : rnd(k, 12);
	k->w.out.n = 0;
	if (what < 420)
		pen_speaks(k);
	else if (what < 560)
		send(&k->w, SAFETY_EV_TICK);
	else if (what < 680 && k->driver_busy)
		driver_answers(k);
	else if (what < 760)
		record_answers(k);
	else if (what < 985 && !troubled(k, OWNER_SLEEPS))
		lead_on(k);
	else if (what < 995)
		one_trouble(k);
	else if (what < 998)
		anything(k);
	else
		send_by(&k->w, rnd(k, 2) ? SAFETY_EV_STOP : SAFETY_EV_PAUSE,
			OWNER);
	react(k);
}

static void live_once(struct walk *k)
{
	world_init(&k->w);
	k->w.now = (uint64_t)rnd(k, UINT32_MAX) << rnd(k, 33);
	k->w.pen.seq = (uint32_t)k->random;
	k->w.pen.strokes = (uint32_t)(k->random >> 32);
	k->trouble = (enum trouble)rnd(k, TROUBLES);
	k->at = rnd(k, STEPS_PER_LIFE);
	k->intent = k->close = 0;
	k->driver_busy = k->pen_told = false;
	for (k->step = 0; k->step < STEPS_PER_LIFE; k->step++)
		one_step(k);
}

static uint64_t from_env(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 0) : otherwise;
}

static void all_invariants_hold_on_a_long_walk(void **state)
{
	uint64_t seed = from_env("SAFETY_WALK_SEED", 0x6d6e70656e);
	uint64_t lives = from_env("SAFETY_WALK_LIVES", 8000);
	struct walk *k = calloc(1, sizeof(*k));
	uint64_t i, steps = lives * STEPS_PER_LIFE, active;

	(void)state;
	assert_non_null(k);
	k->random = seed ? seed : 1;
	print_message("# seed %#llx, %llu lives of %d steps\n",
		      (unsigned long long)seed, (unsigned long long)lives,
		      STEPS_PER_LIFE);
	for (i = 0; i < lives; i++)
		live_once(k);

	active = k->in_state[SAFETY_ACTIVE] * 1000 / steps;
	print_message("# %llu steps, %llu.%llu %% in active\n",
		      (unsigned long long)steps,
		      (unsigned long long)active / 10,
		      (unsigned long long)active % 10);
	for (i = 0; i < SAFETY_STATES; i++)
		print_message("# %-10s %8llu\n", safety_state_name(i),
			      (unsigned long long)k->in_state[i]);
	for (i = 1; i < SAFETY_REASONS; i++)
		print_message("# %-24s %8llu\n", safety_reason_name(i),
			      (unsigned long long)k->reason[i]);
	assert_true(active >= 100);
	for (i = 0; i < SAFETY_STATES; i++)
		assert_true(k->in_state[i] > 0);
	for (i = 1; i < SAFETY_REASONS; i++)
		if (!k->reason[i])
			fail_msg("never reached: %s", safety_reason_name(i));
	for (i = 0; i < SAFETY_ACTIONS; i++)
		assert_true(k->action[i] > 0);
	free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_invariants_hold_on_a_long_walk),
	};

	return cmocka_run_group_tests_name("safety_walk", tests, NULL, NULL);
}
