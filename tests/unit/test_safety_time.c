// SPDX-License-Identifier: GPL-2.0-or-later
/* The safety core and time: deadlines at their edges, jumps, shifts, wraps. */
#include "tests/unit/safety_world.h"

static void tick_at(struct world *w, uint64_t now)
{
	w->now = now;
	send(w, SAFETY_EV_TICK);
}

/* ---- edges: at the bound nothing, one past it the deadline --------------- */

/* Invariant 24 */
static void telemetry_may_be_100_ms_old_and_not_101(void **state)
{
	struct world w;
	uint64_t last;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	live(&w, 1000);
	last = w.now;
	tick_at(&w, last + 100);
	assert_state(&w, SAFETY_ACTIVE);
	tick_at(&w, last + 101);
	assert_fault(&w, SAFETY_FAULT_TELEMETRY_SILENT);
}

/* Invariant 24: what was damaged does not count as heard. */
static void invalid_records_do_not_refresh(void **state)
{
	struct world w;
	uint32_t i;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	live(&w, 1000);
	w.cfg.invalid_max = 1000;
	for (i = 0; i < 10; i++) {
		w.now += 10;
		send(&w, SAFETY_EV_TELEMETRY_INVALID);
		assert_state(&w, SAFETY_ACTIVE);
	}
	w.now += 1;
	send(&w, SAFETY_EV_TELEMETRY_INVALID);
	assert_fault(&w, SAFETY_FAULT_TELEMETRY_SILENT);
}

/* No event overtakes a deadline that has passed. */
static void a_record_that_comes_too_late_does_not_help(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	live(&w, 1000);
	w.now += 101;
	say(&w);
	assert_fault(&w, SAFETY_FAULT_TELEMETRY_SILENT);

	go(&w, SAFETY_ACTIVE);
	while (w.now - 1000000 < 400) {
		w.now += 8;
		say(&w);
	}
	w.now += w.cfg.heartbeat_max_ms + 1;
	w.cfg.telemetry_max_age_ms = 10000;
	w.cfg.stroke_max_ms = 10000;
	send_by(&w, SAFETY_EV_HEARTBEAT, OWNER);
	assert_stopped(&w, SAFETY_STOP_OWNER_SILENT);
}

static void only_running(struct world *w, uint64_t until)
{
	while (w->now + 8 <= until) {
		w->now += 8;
		say(w);
	}
	w->now = until;
	say(w);
}

/* Invariant 39 */
static void the_owner_may_be_silent_for_500_ms_and_not_501(void **state)
{
	struct world w;
	uint64_t last;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	send_by(&w, SAFETY_EV_HEARTBEAT, OWNER);
	last = w.now;
	only_running(&w, last + 500);
	assert_state(&w, SAFETY_ACTIVE);
	tick_at(&w, last + 501);
	assert_stopped(&w, SAFETY_STOP_OWNER_SILENT);
	assert_int_equal(w.s.fault, SAFETY_OK);
	settle(&w);
	assert_state(&w, SAFETY_PAUSED);
	assert_int_equal(w.s.owner, OWNER);

	/* Somebody else's sign of life is none. */
	go(&w, SAFETY_ACTIVE);
	send_by(&w, SAFETY_EV_HEARTBEAT, OWNER);
	last = w.now;
	only_running(&w, last + 500);
	send_by(&w, SAFETY_EV_HEARTBEAT, STRANGER);
	tick_at(&w, last + 501);
	assert_stopped(&w, SAFETY_STOP_OWNER_SILENT);
}

/* Invariant 26 */
static void sensors_may_stand_still_for_2_s_and_not_longer(void **state)
{
	struct world w;
	uint64_t last;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	live(&w, 1000);
	last = w.now;
	w.pen_on = false; /* strokes stand still too, only seq moves */
	w.cfg.stroke_max_ms = 10000;
	live(&w, 2000);
	assert_int_equal(w.now, last + 2000);
	assert_state(&w, SAFETY_ACTIVE);
	tick_at(&w, last + 2001);
	assert_fault(&w, SAFETY_FAULT_TELEMETRY_FROZEN);
}

/* Invariant 26, hazard H20: a motor that turns makes strokes. */
static void a_rate_without_strokes_is_frozen_after_500_ms(void **state)
{
	struct world w;
	uint64_t last;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	live(&w, 1000);
	last = w.now;
	w.pen_on = false;
	while (w.now < last + 496) {
		w.pen.motor_ma ^= 1;
		live(&w, 8);
	}
	tick_at(&w, last + 500);
	assert_state(&w, SAFETY_ACTIVE);
	tick_at(&w, last + 501);
	assert_fault(&w, SAFETY_FAULT_TELEMETRY_FROZEN);
}

/* Invariant 26: one live sensor is enough, each of the five. */
static void any_sensor_that_moves_is_life(void **state)
{
	uint32_t which;

	(void)state;
	for (which = 0; which < 5; which++) {
		struct world w;
		uint32_t i;

		go(&w, SAFETY_ACTIVE);
		w.pen_on = false;
		w.cfg.stroke_max_ms = 10000;
		for (i = 0; i < 30; i++) {
			live(&w, 104);
			w.pen.rate_spm += which == 0;
			w.pen.depth_um += which == 1;
			w.pen.motor_ma += which == 2;
			w.pen.temp_motor_mdegc += which == 3;
			w.pen.strokes += which == 4;
		}
		assert_state(&w, SAFETY_ACTIVE);
	}
}

/* Invariant 28 */
static void set_points_may_differ_for_200_ms_and_not_longer(void **state)
{
	struct world w;
	uint64_t last;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	live(&w, 1000);
	w.pen.depth_set_um++;
	say(&w);
	last = w.now;
	live(&w, 200);
	assert_state(&w, SAFETY_ACTIVE);
	tick_at(&w, last + 201);
	assert_fault(&w, SAFETY_FAULT_MISMATCH);

	go(&w, SAFETY_ACTIVE);
	live(&w, 1000);
	w.pen.rate_set_spm--;
	live(&w, 200);
	w.pen.rate_set_spm++;
	live(&w, 400);
	assert_state(&w, SAFETY_ACTIVE);
}

/* Invariant 22 */
static void a_run_ends_at_its_limit(void **state)
{
	struct safety_event ev = begin_event();
	struct world w;
	uint64_t begun;

	(void)state;
	go(&w, SAFETY_IDLE);
	safety_limits_tighten(&ev.begin.limits, SAFETY_LIMIT_RUN_MAX, 1000,
			      SAFETY_BY_PEN);
	world_step(&w, &ev);
	send_by(&w, SAFETY_EV_PREPARED, OWNER);
	run(&w);
	begun = w.now - 8;
	only_running(&w, begun + 500);
	send_by(&w, SAFETY_EV_HEARTBEAT, OWNER);
	only_running(&w, begun + 999);
	assert_state(&w, SAFETY_ACTIVE);
	tick_at(&w, begun + 1000);
	assert_stopped(&w, SAFETY_STOP_RUN_TIME);
	settle(&w);
	assert_state(&w, SAFETY_PAUSED);
	run(&w);
	assert_int_equal(w.s.run_ms, 8);
}

/* Invariant 22: over all runs, the time until the stop is confirmed too. */
static void motor_time_of_a_session_is_never_exceeded(void **state)
{
	struct safety_event ev = begin_event();
	struct world w;

	(void)state;
	go(&w, SAFETY_IDLE);
	ev.begin.motor_ms = 1000;
	world_step(&w, &ev);
	send_by(&w, SAFETY_EV_PREPARED, OWNER);
	run(&w);
	live(&w, 592);
	send_by(&w, SAFETY_EV_PAUSE, OWNER);
	live(&w, 96); /* it coasts: that counts */
	settle(&w);
	assert_state(&w, SAFETY_PAUSED);
	assert_int_equal(w.s.motor_ms, 8 + 592 + 96 + 16);
	live(&w, 5000); /* rest does not */
	assert_int_equal(w.s.motor_ms, 712);
	run(&w);
	live(&w, 272);
	tick_at(&w, w.now + 7);
	assert_state(&w, SAFETY_ACTIVE);
	tick_at(&w, w.now + 1);
	assert_stopped(&w, SAFETY_STOP_SESSION_TIME);
	settle(&w);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
	assert_int_equal(did(&w, SAFETY_DO_REFUSE)->limit,
			 SAFETY_LIMIT_SESSION_MAX);
}

static void the_session_limit_wins_over_an_equal_run_limit(void **state)
{
	struct safety_event ev = begin_event();
	struct world w;

	(void)state;
	go(&w, SAFETY_IDLE);
	safety_limits_tighten(&ev.begin.limits, SAFETY_LIMIT_RUN_MAX, 400,
			      SAFETY_BY_PEN);
	ev.begin.motor_ms = 400;
	world_step(&w, &ev);
	send_by(&w, SAFETY_EV_PREPARED, OWNER);
	run(&w);
	only_running(&w, w.now + 391);
	assert_state(&w, SAFETY_ACTIVE);
	tick_at(&w, w.now + 1);
	assert_stopped(&w, SAFETY_STOP_SESSION_TIME);
}

/* The pen's own timer may be a moment faster than ours. */
static void a_pen_that_ends_the_run_in_time_says_run_time(void **state)
{
	struct safety_event ev = begin_event();
	struct world w;

	(void)state;
	go(&w, SAFETY_IDLE);
	safety_limits_tighten(&ev.begin.limits, SAFETY_LIMIT_RUN_MAX, 1000,
			      SAFETY_BY_PEN);
	world_step(&w, &ev);
	send_by(&w, SAFETY_EV_PREPARED, OWNER);
	run(&w);
	live(&w, 96);
	w.pen.pen_state = MNPEN_STATE_IDLE;
	w.pen.pen_stop_reason = MNPEN_STOP_DURATION;
	say(&w);
	assert_stopped(&w, SAFETY_STOP_RUN_TIME);
}

static void a_driver_that_never_answers_a_start_is_stopped(void **state)
{
	struct world w;
	uint64_t begun;

	(void)state;
	go(&w, SAFETY_READY);
	send_by(&w, SAFETY_EV_START, OWNER);
	send_ticket(&w, SAFETY_EV_INTENT_DURABLE, w.s.intent_ticket);
	begun = w.now;
	live(&w, 1000);
	tick_at(&w, begun + 1000);
	assert_state(&w, SAFETY_ACTIVE);
	assert_null(did(&w, SAFETY_DO_RENEW));
	tick_at(&w, begun + 1001);
	assert_stopped(&w, SAFETY_STOP_START_FAILED);
	assert_non_null(did(&w, SAFETY_DO_REFUSE_START));
}

/* A blocking driver call must not look like a silent pen. */
static void silence_during_the_start_call_is_excused(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_READY);
	send_by(&w, SAFETY_EV_START, OWNER);
	send_ticket(&w, SAFETY_EV_INTENT_DURABLE, w.s.intent_ticket);
	w.now += 400;
	send(&w, SAFETY_EV_STARTED);
	assert_state(&w, SAFETY_ACTIVE);
	w.now += 60;
	send(&w, SAFETY_EV_TICK);
	assert_null(did(&w, SAFETY_DO_RENEW)); /* but never renewed */
	w.now += 40;
	send(&w, SAFETY_EV_TICK);
	assert_state(&w, SAFETY_ACTIVE);
	w.now += 1;
	send(&w, SAFETY_EV_TICK);
	assert_fault(&w, SAFETY_FAULT_TELEMETRY_SILENT);
}

/* Invariant 1 */
static void the_lease_is_renewed_every_50_ms_and_not_sooner(void **state)
{
	struct world w;
	uint64_t last;
	uint32_t i;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	last = w.now - 8;
	for (i = 0; i < 100; i++) {
		w.now = last + 49;
		say(&w);
		assert_null(did(&w, SAFETY_DO_RENEW));
		w.now = last + 50;
		send(&w, SAFETY_EV_TICK);
		assert_non_null(did(&w, SAFETY_DO_RENEW));
		send_by(&w, SAFETY_EV_HEARTBEAT, OWNER);
		last = w.now;
	}
}

/* Invariant 7 */
static void stop_is_repeated_every_20_ms(void **state)
{
	struct world w;
	uint32_t i, stops = 0;

	(void)state;
	go(&w, SAFETY_STOPPING);
	for (i = 0; i < 500; i++) {
		w.now++;
		send(&w, SAFETY_EV_TICK);
		stops += !!did(&w, SAFETY_DO_STOP);
		if (did(&w, SAFETY_DO_STOP))
			assert_int_equal(did(&w, SAFETY_DO_STOP)->reason,
					 SAFETY_STOP_PAUSE);
	}
	assert_int_equal(stops, 25);
}

/* ---- jumps, shifts, wraps ------------------------------------------------ */

/* Invariant 21: a clock that goes back gives no time away. */
static void a_clock_that_goes_back_adds_nothing_and_hides_nothing(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	live(&w, 400);
	w.now += 60;
	send(&w, SAFETY_EV_TICK);
	w.now -= 3600000;
	send(&w, SAFETY_EV_TICK);
	assert_state(&w, SAFETY_ACTIVE);
	w.now += 40;
	send(&w, SAFETY_EV_TICK);
	assert_state(&w, SAFETY_ACTIVE);
	w.now += 1;
	send(&w, SAFETY_EV_TICK);
	assert_fault(&w, SAFETY_FAULT_TELEMETRY_SILENT);
}

/* Records that are read after a tick carry an earlier time than it. */
static void late_records_do_not_make_time_count_twice(void **state)
{
	struct world w;
	uint64_t begun;
	uint32_t i;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	begun = w.now - 8;
	for (i = 0; i < 1000; i++) {
		w.now += 10;
		send(&w, SAFETY_EV_TICK);
		w.now -= 7;
		say(&w);
		w.now += 7;
		send_by(&w, SAFETY_EV_HEARTBEAT, OWNER);
	}
	assert_state(&w, SAFETY_ACTIVE);
	assert_int_equal(w.s.motor_ms, w.now - begun);
	assert_int_equal(w.s.p.rate_leak, 0);
	/* Nor do they fill a counter faster than the time that passed. */
	w.pen.motor_ma = 801;
	for (i = 0; i < 49; i++) {
		w.now += 10;
		send(&w, SAFETY_EV_TICK);
		w.now -= 7;
		say(&w);
		w.now += 7;
	}
	assert_int_equal(w.s.p.current_leak, 49 * 10 * 4);
	assert_state(&w, SAFETY_ACTIVE);
}

/* Invariant 24: a late record is as fresh as its arrival. */
static void a_late_record_counts_from_its_arrival(void **state)
{
	struct world w;
	uint64_t last;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	live(&w, 400);
	last = w.now;
	tick_at(&w, last + 90);
	w.now = last + 30;
	say(&w);
	assert_state(&w, SAFETY_ACTIVE);
	tick_at(&w, last + 130);
	assert_state(&w, SAFETY_ACTIVE);
	tick_at(&w, last + 131);
	assert_fault(&w, SAFETY_FAULT_TELEMETRY_SILENT);

	/* One that claims to be older than the last is no fresher than it. */
	go(&w, SAFETY_ACTIVE);
	live(&w, 400);
	last = w.now;
	tick_at(&w, last + 90);
	w.now = last - 5000;
	say(&w);
	tick_at(&w, last + 100);
	assert_state(&w, SAFETY_ACTIVE);
	tick_at(&w, last + 101);
	assert_fault(&w, SAFETY_FAULT_TELEMETRY_SILENT);
}

/* After a late wake-up the records are judged one by one, as they came. */
static void a_late_wake_up_of_ours_is_no_silence_of_the_pen(void **state)
{
	struct world w;
	uint64_t last;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	live(&w, 400);
	last = w.now;
	only_running(&w, last + 240);
	assert_state(&w, SAFETY_ACTIVE);
	tick_at(&w, last + 245);
	assert_state(&w, SAFETY_ACTIVE);
}

/* Invariant 21 and 22: suspend counts. */
static void a_clock_that_jumps_ahead_counts_in_full(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	live(&w, 400);
	w.now += 3600000;
	say(&w);
	assert_fault(&w, SAFETY_FAULT_TELEMETRY_SILENT);
	assert_true(w.s.motor_ms >= 3600000);

	go(&w, SAFETY_STOPPING);
	w.now += UINT64_C(5000000000); /* more than 32 bit */
	say(&w);
	assert_state(&w, SAFETY_HARD_FAULT);
	assert_int_equal(w.s.motor_ms, UINT32_MAX);
}

/* One scripted session, offset by @shift; the actions are its fingerprint. */
static uint64_t fingerprint(uint64_t shift, uint32_t seq, uint32_t strokes,
			    struct world *w)
{
	uint64_t sum = 14695981039346656037u;
	uint32_t i, k;

	world_init(w);
	w->now += shift;
	w->pen.seq = seq;
	w->pen.strokes = strokes;
	send(w, SAFETY_EV_TICK);
	settle(w);
	send_by(w, SAFETY_EV_ACQUIRE, OWNER);
	begin(w);
	send_by(w, SAFETY_EV_PREPARED, OWNER);
	for (i = 0; i < 3; i++) {
		run(w);
		for (k = 0; k < 100; k++) {
			w->now += 7;
			say(w);
			sum = (sum ^ w->out.n) * 1099511628211u;
			if (w->out.n)
				sum = (sum ^ w->out.a[0].kind) * 1099511628211u;
			if (k % 20 == 0)
				send_by(w, SAFETY_EV_HEARTBEAT, OWNER);
		}
		send_by(w, SAFETY_EV_PAUSE, OWNER);
		live(w, 40);
		settle(w);
	}
	sum = (sum ^ w->s.motor_ms) * 1099511628211u;
	sum = (sum ^ w->s.strokes) * 1099511628211u;
	assert_state(w, SAFETY_PAUSED);
	return sum;
}

/* Invariant 20: only distances matter; every counter may wrap. */
static void shifting_time_and_counters_changes_nothing(void **state)
{
	const uint64_t shifts[] = {
		1, UINT32_MAX - 1000000u, UINT64_C(1) << 40,
		UINT64_MAX - 1000000u - 500, UINT64_MAX - 1000000u - 2000,
		UINT64_C(1) << 63, INT64_MAX - UINT64_C(1001000),
	};
	struct world w;
	uint64_t want = fingerprint(0, 0, 0, &w);
	uint32_t i;

	(void)state;
	assert_int_equal(w.s.runs, 3);
	for (i = 0; i < sizeof(shifts) / sizeof(shifts[0]); i++)
		assert_int_equal(fingerprint(shifts[i], 0, 0, &w), want);
	assert_int_equal(fingerprint(0, UINT32_MAX - 100, 0, &w), want);
	assert_int_equal(fingerprint(0, 0, UINT32_MAX - 100, &w), want);
	assert_int_equal(fingerprint(0, INT32_MAX - 50, INT32_MAX - 50, &w),
			 want);
}

/* Invariant 46: nothing but the arguments enters. */
static void the_same_inputs_give_the_same_outputs(void **state)
{
	struct safety_event ev = { .kind = SAFETY_EV_TICK };
	struct safety_actions a, b;
	struct world w;
	struct safety s;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	s = w.s;
	memset(&a, 0x55, sizeof(a));
	memset(&b, 0xaa, sizeof(b));
	safety_step(&w.cfg, &w.s, &ev, w.now + 120, &a);
	safety_step(&w.cfg, &s, &ev, w.now + 120, &b);
	assert_memory_equal(&w.s, &s, sizeof(s));
	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.a, b.a, a.n * sizeof(a.a[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(telemetry_may_be_100_ms_old_and_not_101),
		cmocka_unit_test(invalid_records_do_not_refresh),
		cmocka_unit_test(a_record_that_comes_too_late_does_not_help),
		cmocka_unit_test(the_owner_may_be_silent_for_500_ms_and_not_501),
		cmocka_unit_test(sensors_may_stand_still_for_2_s_and_not_longer),
		cmocka_unit_test(any_sensor_that_moves_is_life),
		cmocka_unit_test(a_rate_without_strokes_is_frozen_after_500_ms),
		cmocka_unit_test(set_points_may_differ_for_200_ms_and_not_longer),
		cmocka_unit_test(a_run_ends_at_its_limit),
		cmocka_unit_test(motor_time_of_a_session_is_never_exceeded),
		cmocka_unit_test(the_session_limit_wins_over_an_equal_run_limit),
		cmocka_unit_test(a_pen_that_ends_the_run_in_time_says_run_time),
		cmocka_unit_test(a_driver_that_never_answers_a_start_is_stopped),
		cmocka_unit_test(silence_during_the_start_call_is_excused),
		cmocka_unit_test(the_lease_is_renewed_every_50_ms_and_not_sooner),
		cmocka_unit_test(stop_is_repeated_every_20_ms),
		cmocka_unit_test(a_clock_that_goes_back_adds_nothing_and_hides_nothing),
		cmocka_unit_test(late_records_do_not_make_time_count_twice),
		cmocka_unit_test(a_late_record_counts_from_its_arrival),
		cmocka_unit_test(a_late_wake_up_of_ours_is_no_silence_of_the_pen),
		cmocka_unit_test(a_clock_that_jumps_ahead_counts_in_full),
		cmocka_unit_test(shifting_time_and_counters_changes_nothing),
		cmocka_unit_test(the_same_inputs_give_the_same_outputs),
	};

	return cmocka_run_group_tests_name("safety_time", tests, NULL, NULL);
}
