// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The safety core: set points that move while the needles do, and what else
 * may happen in the middle of a session.
 */
#include "tests/unit/safety_world.h"

static void set(struct world *w, uint32_t depth_um, uint32_t rate_spm)
{
	struct safety_event ev = { .kind = SAFETY_EV_SET, .owner = OWNER };

	ev.set.depth_um = depth_um;
	ev.set.rate_spm = rate_spm;
	world_step(w, &ev);
}

/* The pen does as it was told, at once. */
static void obey(struct world *w)
{
	w->pen.depth_set_um = w->pen.depth_um = w->s.depth_now_um;
	w->pen.rate_set_spm = w->pen.rate_spm = w->s.rate_now_spm;
	live(w, 8);
}

/* Invariant 4 */
static void set_points_fall_at_once(void **state)
{
	const struct safety_action *a;
	struct world w;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	live(&w, 600);
	set(&w, 200, 3000);
	assert_accepted(&w);
	a = did(&w, SAFETY_DO_SET);
	assert_int_equal(a->depth_um, 200);
	assert_int_equal(a->rate_spm, 3000);
	/* The pen needs its time to get there, and no more. */
	w.pen.depth_set_um = 200;
	w.pen.rate_set_spm = 3000;
	live(&w, 400);
	assert_state(&w, SAFETY_ACTIVE);
	w.pen.depth_um = 351;
	w.now += 8;
	say(&w);
	w.now += 8;
	say(&w);
	assert_fault(&w, SAFETY_FAULT_DEPTH);
}

/* Invariant 4: 100 um and 600 strokes per minute in 100 ms. */
static void set_points_rise_in_steps(void **state)
{
	uint32_t steps = 0, before_um, i;
	struct world w;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	live(&w, 600);
	set(&w, 1500, 9000);
	assert_accepted(&w);
	assert_int_equal(w.s.depth_now_um, 1100);
	assert_int_equal(w.s.rate_now_spm, 6600);
	for (i = 0; i < 200; i++) {
		before_um = w.s.depth_now_um;
		obey(&w);
		assert_true(w.s.depth_now_um - before_um <= 100);
		steps += w.s.depth_now_um != before_um;
	}
	assert_int_equal(steps, 4);
	assert_int_equal(w.s.depth_now_um, 1500);
	assert_int_equal(w.s.rate_now_spm, 9000);
	assert_state(&w, SAFETY_ACTIVE);
}

/* Invariant 4: after a fall the needles must first have got there. */
static void nothing_rises_before_a_fall_is_over(void **state)
{
	struct world w;
	uint64_t fell;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	live(&w, 600);
	set(&w, 300, RATE_SPM);
	fell = w.now;
	set(&w, 1000, RATE_SPM);
	while (w.s.depth_now_um == 300)
		obey(&w);
	assert_int_equal(w.s.depth_now_um, 400);
	assert_in_range(w.now - fell, 400, 408);
}

/* Invariants 12 and 15 */
static void set_points_are_held_at_the_limits_of_the_session(void **state)
{
	const struct safety_action *no;
	struct world w;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	set(&w, 1501, RATE_SPM);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
	no = did(&w, SAFETY_DO_REFUSE);
	assert_int_equal(no->limit, SAFETY_LIMIT_DEPTH_MAX);
	assert_int_equal(no->source, SAFETY_BY_AREA);
	assert_int_equal(no->allowed, 1500);
	set(&w, DEPTH_UM, 9001);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
	set(&w, DEPTH_UM, 2999);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
	assert_int_equal(w.s.depth_um, DEPTH_UM);
	assert_int_equal(w.s.rate_spm, RATE_SPM);
	assert_state(&w, SAFETY_ACTIVE);
}

/* Invariant 13: what a deeper setting costs stays paid. */
static void a_deeper_setting_tightens_for_the_rest_of_the_session(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_PAUSED);
	assert_int_equal(w.s.limits.limit[SAFETY_LIMIT_DENSITY_MAX].value, 2037);
	set(&w, 1100, RATE_SPM);
	assert_accepted(&w);
	assert_int_equal(w.s.limits.limit[SAFETY_LIMIT_DENSITY_MAX].value, 1018);
	set(&w, 500, RATE_SPM);
	assert_accepted(&w);
	assert_int_equal(w.s.limits.limit[SAFETY_LIMIT_DENSITY_MAX].value, 1018);
	assert_true(w.s.density_target_cm2 <= w.s.density_soft_cm2);
}

static void set_points_of_a_rest_count_from_the_next_run(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_READY);
	set(&w, 700, 5000);
	assert_accepted(&w);
	assert_null(did(&w, SAFETY_DO_SET));
	say(&w);
	send_by(&w, SAFETY_EV_START, OWNER);
	set(&w, 800, 5000);
	assert_refused(&w, SAFETY_REFUSE_STATE);
	send_ticket(&w, SAFETY_EV_INTENT_DURABLE, w.s.intent_ticket);
	assert_int_equal(did(&w, SAFETY_DO_START)->depth_um, 700);
	assert_int_equal(did(&w, SAFETY_DO_START)->rate_spm, 5000);
	set(&w, 600, 5000);
	assert_refused(&w, SAFETY_REFUSE_STATE);
}

/* A pen that tells apart less than we do must not be taken for a liar. */
static void set_points_are_rounded_to_the_steps_of_the_pen(void **state)
{
	struct safety_event ev = begin_event();
	struct world w;

	(void)state;
	ev.begin.depth_um = 1099;
	ev.begin.rate_spm = 6059;
	ev.begin.depth_step_um = 100;
	ev.begin.rate_step_spm = 60;
	go(&w, SAFETY_IDLE);
	world_step(&w, &ev);
	assert_int_equal(w.s.depth_um, 1000);
	assert_int_equal(w.s.rate_spm, 6000);
	send_by(&w, SAFETY_EV_PREPARED, OWNER);
	run(&w);
	live(&w, 600);
	set(&w, 349, 3999);
	assert_int_equal(did(&w, SAFETY_DO_SET)->depth_um, 300);
	assert_int_equal(did(&w, SAFETY_DO_SET)->rate_spm, 3960);
	obey(&w);
	live(&w, 600);
	set(&w, 1000, 6000);
	while (w.s.rate_now_spm < 6000) {
		obey(&w);
		assert_int_equal(w.s.rate_now_spm % 60, 0);
		assert_int_equal(w.s.depth_now_um % 100, 0);
	}
	assert_state(&w, SAFETY_ACTIVE);

	/* What is too deep stays too deep. */
	set(&w, 1501, 6000);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
	set(&w, 1000, 3010);
	assert_accepted(&w);
	assert_int_equal(w.s.rate_spm, 3000);

	/* Rounding down must not lead below the slowest rate. */
	ev.begin.rate_spm = 3050;
	ev.begin.rate_step_spm = 100;
	go(&w, SAFETY_IDLE);
	world_step(&w, &ev);
	assert_accepted(&w);
	assert_int_equal(w.s.rate_spm, 3000);
	ev.begin.rate_step_spm = 1600;
	go(&w, SAFETY_IDLE);
	world_step(&w, &ev);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
	assert_int_equal(did(&w, SAFETY_DO_REFUSE)->limit,
			 SAFETY_LIMIT_RATE_MIN);
	/* A step wider than the rise is one step. */
	ev = begin_event();
	ev.begin.depth_step_um = 250;
	go(&w, SAFETY_IDLE);
	world_step(&w, &ev);
	send_by(&w, SAFETY_EV_PREPARED, OWNER);
	run(&w);
	live(&w, 600);
	set(&w, 1500, RATE_SPM);
	assert_int_equal(w.s.depth_now_um, 1250);
}

/* Invariant 28: the pen must show the new ones soon. */
static void a_pen_that_ignores_new_set_points_is_a_fault(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	live(&w, 600);
	set(&w, 900, RATE_SPM);
	live(&w, 200);
	assert_state(&w, SAFETY_ACTIVE);
	live(&w, 16);
	assert_int_equal(w.s.fault, SAFETY_FAULT_MISMATCH);
}

/* ---- cartridge ---------------------------------------------------------------- */

static void cartridge(struct world *w, bool present)
{
	struct safety_event ev = { .kind = SAFETY_EV_CARTRIDGE };

	ev.present = present;
	world_step(w, &ev);
}

/* Invariant 30, hazard H34 */
static void a_cartridge_taken_out_in_a_session_ends_it(void **state)
{
	const enum safety_state from[] = { SAFETY_READY, SAFETY_ACTIVE,
					   SAFETY_PAUSED };
	uint32_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct world w;

		go(&w, from[i]);
		cartridge(&w, false);
		assert_fault(&w, SAFETY_FAULT_CARTRIDGE);
		settle(&w);
		cartridge(&w, true);
		say(&w);
		send_by(&w, SAFETY_EV_RESET, OWNER);
		assert_accepted(&w);
		/* Another one, or the same: nobody knows. */
		send_by(&w, SAFETY_EV_START, OWNER);
		assert_refused(&w, SAFETY_REFUSE_CARTRIDGE_UNKNOWN);
		send_by(&w, SAFETY_EV_END, OWNER);
		assert_accepted(&w);
		send_ticket(&w, SAFETY_EV_CLOSE_DURABLE, w.s.close_ticket);
		begin(&w);
		assert_accepted(&w);
		send_by(&w, SAFETY_EV_PREPARED, OWNER);
		run(&w);
	}
}

static void a_cartridge_may_be_put_in_before_the_preparation(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_SCREENED);
	cartridge(&w, false);
	cartridge(&w, true);
	assert_state(&w, SAFETY_SCREENED);
	go(&w, SAFETY_IDLE);
	cartridge(&w, false);
	assert_state(&w, SAFETY_IDLE);
	go(&w, SAFETY_ACTIVE);
	cartridge(&w, true);
	assert_state(&w, SAFETY_ACTIVE);
}

/* ---- pens that do not speak our language --------------------------------------- */

/* Hazard H49: it can be watched, and says why it cannot be used. */
static void a_limp_pen_is_refused_with_its_reason(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	send(&w, SAFETY_EV_PEN_LIMP);
	assert_int_equal(w.out.a[0].kind, SAFETY_DO_STOP);
	assert_state(&w, SAFETY_FAULT);
	assert_int_equal(w.s.fault, SAFETY_FAULT_LIMP);
	send_by(&w, SAFETY_EV_ACQUIRE, OWNER);
	begin(&w);
	assert_refused(&w, SAFETY_REFUSE_LIMP);
	settle(&w);
	send_by(&w, SAFETY_EV_RESET, OWNER);
	assert_refused(&w, SAFETY_REFUSE_LIMP);
	assert_state(&w, SAFETY_FAULT);
}

static void a_pen_that_goes_limp_is_a_fault(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_IDLE);
	w.pen.pen_state = MNPEN_STATE_LIMP;
	say(&w);
	say(&w);
	say(&w);
	assert_state(&w, SAFETY_FAULT);
	assert_int_equal(w.s.fault, SAFETY_FAULT_LIMP);
	send_by(&w, SAFETY_EV_RESET, OWNER);
	assert_refused(&w, SAFETY_REFUSE_LIMP);
	settle(&w);
	send_by(&w, SAFETY_EV_RESET, OWNER);
	assert_accepted(&w);
	assert_state(&w, SAFETY_IDLE);
	go(&w, SAFETY_ACTIVE);
	send(&w, SAFETY_EV_PEN_LIMP);
	assert_fault(&w, SAFETY_FAULT_LIMP);
}

/* ---- records of another time ------------------------------------------------------ */

/* Invariant 25, hazard H20: what was kept somewhere is no measurement. */
static void records_of_another_time_are_invalid(void **state)
{
	static const int32_t shift_us[] = {
		-8000,			/* the same moment again */
		-16000,			/* older than the last */
		1000001,		/* from the future */
	};
	uint32_t i, k;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct world w;

		go(&w, SAFETY_ACTIVE);
		live(&w, 600);
		for (k = 0; k < 5; k++) {
			assert_state(&w, SAFETY_ACTIVE);
			w.now += 8;
			w.pen_us += (uint32_t)shift_us[i];
			say(&w);
		}
		assert_fault(&w, SAFETY_FAULT_TELEMETRY_INVALID);
	}
}

/* A pen's clock may be half a second ahead of what a busy bus delivered. */
static void a_pen_clock_a_little_ahead_is_believed(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	live(&w, 600);
	w.pen_us += 500000;
	w.now += 8;
	say(&w);
	assert_int_equal(w.s.p.invalid, 0);
	w.pen_us += 501000;
	w.now += 8;
	say(&w);
	assert_int_equal(w.s.p.invalid, 1);
}

/* ---- why -------------------------------------------------------------------------- */

/* Invariant 15 */
static void why_holds_the_last_refusal_or_stop(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	assert_false(safety_why_has_limit(&w.s.why));
	go(&w, SAFETY_ACTIVE);
	set(&w, 1501, RATE_SPM);
	assert_true(safety_why_has_limit(&w.s.why));
	assert_int_equal(w.s.why.limit, SAFETY_LIMIT_DEPTH_MAX);
	assert_int_equal(w.s.why.value, 1501);
	assert_int_equal(w.s.why.allowed, 1500);
	assert_int_equal(w.s.why.source, SAFETY_BY_AREA);
	send_by(&w, SAFETY_EV_STOP, 0);
	assert_int_equal(w.s.why.reason, SAFETY_STOP_REQUEST);
	assert_false(safety_why_has_limit(&w.s.why));
	send_by(&w, SAFETY_EV_START, STRANGER);
	assert_int_equal(w.s.why.reason, SAFETY_REFUSE_NOT_OWNER);
	assert_false(safety_why_has_limit(&w.s.why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_points_fall_at_once),
		cmocka_unit_test(set_points_rise_in_steps),
		cmocka_unit_test(nothing_rises_before_a_fall_is_over),
		cmocka_unit_test(set_points_are_held_at_the_limits_of_the_session),
		cmocka_unit_test(a_deeper_setting_tightens_for_the_rest_of_the_session),
		cmocka_unit_test(set_points_of_a_rest_count_from_the_next_run),
		cmocka_unit_test(set_points_are_rounded_to_the_steps_of_the_pen),
		cmocka_unit_test(a_pen_that_ignores_new_set_points_is_a_fault),
		cmocka_unit_test(a_cartridge_taken_out_in_a_session_ends_it),
		cmocka_unit_test(a_cartridge_may_be_put_in_before_the_preparation),
		cmocka_unit_test(a_limp_pen_is_refused_with_its_reason),
		cmocka_unit_test(a_pen_that_goes_limp_is_a_fault),
		cmocka_unit_test(records_of_another_time_are_invalid),
		cmocka_unit_test(a_pen_clock_a_little_ahead_is_believed),
		cmocka_unit_test(why_holds_the_last_refusal_or_stop),
	};

	return cmocka_run_group_tests_name("safety_set", tests, NULL, NULL);
}
