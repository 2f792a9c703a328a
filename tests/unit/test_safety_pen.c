// SPDX-License-Identifier: GPL-2.0-or-later
/* The safety core and the pen: what is judged in each telemetry record. */
#include "tests/unit/safety_world.h"

/* A second of good running behind it: spun up, nothing pending. */
static void go_running(struct world *w)
{
	go(w, SAFETY_ACTIVE);
	live(w, 1000);
	assert_state(w, SAFETY_ACTIVE);
}

/* Records of 8 ms until the core stops, at most @max; how many it took. */
static uint32_t until_stopped(struct world *w, uint32_t max)
{
	uint32_t i;

	for (i = 0; i < max && w->s.state == SAFETY_ACTIVE; i++) {
		if (i % 16 == 0)
			send_by(w, SAFETY_EV_HEARTBEAT, OWNER);
		w->now += 8;
		say(w);
	}
	return i;
}

/* Invariant 17 */
static void one_sample_beyond_the_cap_is_a_fault(void **state)
{
	struct world w;

	(void)state;
	go_running(&w);
	w.pen.depth_um = 1500 + 150 + 1;
	say(&w);
	assert_fault(&w, SAFETY_FAULT_DEPTH);

	/* Also before the motor had time to settle. */
	go(&w, SAFETY_ACTIVE);
	w.pen.depth_um = 1651;
	say(&w);
	assert_fault(&w, SAFETY_FAULT_DEPTH);
}

/* Invariant 17 */
static void two_samples_in_a_row_beyond_the_set_depth_are_a_fault(void **state)
{
	struct world w;
	uint32_t i;

	(void)state;
	go_running(&w);
	w.pen.depth_um = 1500 + 150;
	for (i = 0; i < 5; i++) {
		w.pen.depth_um = 1650;
		say(&w);
		assert_state(&w, SAFETY_ACTIVE);
		w.pen.depth_um = DEPTH_UM + 150;
		say(&w);
		assert_state(&w, SAFETY_ACTIVE);
	}
	w.pen.depth_um = DEPTH_UM + 151;
	say(&w);
	assert_state(&w, SAFETY_ACTIVE);
	say(&w);
	assert_fault(&w, SAFETY_FAULT_DEPTH);
}

/* Invariant 1: doubt is no reason to go on. */
static void the_lease_is_not_renewed_while_in_doubt(void **state)
{
	struct world w;

	(void)state;
	go_running(&w);
	w.now += 50;
	w.pen.depth_um = DEPTH_UM + 151;
	say(&w);
	assert_null(did(&w, SAFETY_DO_RENEW));
	w.pen.depth_um = DEPTH_UM;
	say(&w);
	assert_non_null(did(&w, SAFETY_DO_RENEW));
	w.now += 50;
	send(&w, SAFETY_EV_TELEMETRY_INVALID);
	send(&w, SAFETY_EV_TICK);
	assert_null(did(&w, SAFETY_DO_RENEW));
	say(&w);
	assert_non_null(did(&w, SAFETY_DO_RENEW));
}

/* A depth sensor that is stuck near zero must not go unnoticed. */
static void too_shallow_for_long_is_a_fault(void **state)
{
	struct world w;

	(void)state;
	go_running(&w);
	w.pen.depth_um = DEPTH_UM - 150;
	assert_int_equal(until_stopped(&w, 200), 200);
	w.pen.depth_um = DEPTH_UM - 151;
	assert_int_equal(until_stopped(&w, 200), 63); /* 500 ms */
	assert_fault(&w, SAFETY_FAULT_DEPTH);
}

/* Invariant 18 */
static void current_over_its_limit_for_500_ms_is_a_fault(void **state)
{
	struct world w;

	(void)state;
	go_running(&w);
	w.pen.motor_ma = 800;
	assert_int_equal(until_stopped(&w, 200), 200);
	w.pen.motor_ma = 801;
	assert_int_equal(until_stopped(&w, 200), 63);
	assert_fault(&w, SAFETY_FAULT_CURRENT);
}

/* Invariant 18 */
static void temperature_over_its_limit_for_500_ms_is_a_fault(void **state)
{
	struct world w;

	(void)state;
	go_running(&w);
	w.pen.temp_motor_mdegc = 51000;
	assert_int_equal(until_stopped(&w, 200), 200);
	w.pen.temp_motor_mdegc = 51001;
	assert_int_equal(until_stopped(&w, 200), 63);
	assert_fault(&w, SAFETY_FAULT_TEMPERATURE);
}

/* A sensor that broke reads the impossible: that is not "cold". */
static void a_sensor_off_the_rail_is_a_fault(void **state)
{
	struct world w;

	(void)state;
	go_running(&w);
	w.pen.temp_motor_mdegc = -40000;
	assert_int_equal(until_stopped(&w, 200), 200);
	w.pen.temp_motor_mdegc = -40001;
	assert_int_equal(until_stopped(&w, 200), 63);
	assert_fault(&w, SAFETY_FAULT_TEMPERATURE);
	go_running(&w);
	w.pen.motor_ma = -32768;
	assert_int_equal(until_stopped(&w, 200), 63);
	assert_fault(&w, SAFETY_FAULT_CURRENT);
	go_running(&w);
	w.pen.depth_um = 0xffff;
	say(&w);
	assert_fault(&w, SAFETY_FAULT_DEPTH);
	assert_int_equal(w.s.depth_peak_um, DEPTH_UM);
	go_running(&w);
	w.pen.rate_spm = 0xffff;
	assert_int_equal(until_stopped(&w, 200), 63);
	assert_fault(&w, SAFETY_FAULT_RATE);
	assert_int_equal(w.s.rate_peak_spm, RATE_SPM);
}

/* Invariant 18: stall and over-speed */
static void rate_outside_20_percent_for_500_ms_is_a_fault(void **state)
{
	const uint32_t inside[] = { 4800, 7200 }, outside[] = { 4799, 7201 };
	uint32_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct world w;

		go_running(&w);
		w.pen.rate_spm = inside[i];
		assert_int_equal(until_stopped(&w, 200), 200);
		w.pen.rate_spm = outside[i];
		assert_int_equal(until_stopped(&w, 200), 63);
		assert_fault(&w, SAFETY_FAULT_RATE);
	}
}

/* Invariant 18: in and out of bounds half of the time is found out. */
static void toggling_around_a_bound_does_not_help(void **state)
{
	struct world w;
	uint32_t i;

	(void)state;
	go_running(&w);
	for (i = 0; i < 400 && w.s.state == SAFETY_ACTIVE; i++) {
		w.pen.motor_ma = i % 2 ? 801 : 200;
		w.now += 8;
		say(&w);
		if (i % 16 == 0)
			send_by(&w, SAFETY_EV_HEARTBEAT, OWNER);
	}
	assert_int_equal(w.s.fault, SAFETY_FAULT_CURRENT);
	/* +4 -1 per pair of records: 2000 / (4 * 8 - 8) pairs and a bit */
	assert_in_range(i, 160, 170);
}

/* Invariant 18: neither does pausing in between. */
static void pausing_does_not_empty_the_counters(void **state)
{
	struct world w;

	(void)state;
	go_running(&w);
	w.pen.motor_ma = 801;
	live(&w, 400);
	assert_state(&w, SAFETY_ACTIVE);
	send_by(&w, SAFETY_EV_PAUSE, OWNER);
	settle(&w);
	run(&w);
	w.pen.motor_ma = 801;
	assert_in_range(until_stopped(&w, 200), 10, 16);
	assert_fault(&w, SAFETY_FAULT_CURRENT);
	/* Time does, at a quarter of the speed, and so does RESET. */
	settle(&w);
	send_by(&w, SAFETY_EV_RESET, OWNER);
	run(&w);
	w.pen.motor_ma = 801;
	assert_in_range(until_stopped(&w, 200), 62, 63);
}

/* Each fault of a full counter can be left: RESET empties them all. */
static void reset_empties_every_counter(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct world w;

		go_running(&w);
		w.pen.temp_motor_mdegc = i == 0 ? 51001 : 30000;
		w.pen.motor_ma = i == 1 ? 801 : 200;
		w.pen.rate_spm = i == 2 ? 100 : RATE_SPM;
		w.pen.depth_um = i == 3 ? 100 : DEPTH_UM;
		assert_int_equal(until_stopped(&w, 200), 63);
		w.pen.temp_motor_mdegc = 30000;
		settle(&w);
		assert_state(&w, SAFETY_FAULT);
		send_by(&w, SAFETY_EV_RESET, OWNER);
		assert_state(&w, SAFETY_PAUSED);
		assert_int_equal(w.s.p.temp_leak, 0);
		assert_int_equal(w.s.p.current_leak, 0);
		assert_int_equal(w.s.p.rate_leak, 0);
		assert_int_equal(w.s.p.depth_leak, 0);
		run(&w);
	}
}

/* Invariant 29: cool for one sample is not cool. */
static void a_counter_that_filled_at_rest_wants_time_to_drain(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct world w;

		go(&w, SAFETY_READY);
		w.pen.temp_motor_mdegc = i ? 30000 : 51001;
		w.pen.motor_ma = i ? 801 : 0;
		live(&w, 600);
		w.pen.temp_motor_mdegc = 30000;
		w.pen.motor_ma = 0;
		say(&w);
		send_by(&w, SAFETY_EV_START, OWNER);
		assert_refused(&w, SAFETY_REFUSE_FAULT);
		live(&w, 8);
		send_by(&w, SAFETY_EV_START, OWNER);
		assert_non_null(did(&w, SAFETY_DO_INTENT));
	}
}

/* What the last run left behind must not end the next. */
static void a_run_begins_with_a_clean_slate(void **state)
{
	struct world w;

	(void)state;
	go_running(&w);
	w.pen.rate_set_spm++;
	w.pen.depth_um = DEPTH_UM + 151;
	say(&w);
	assert_state(&w, SAFETY_ACTIVE);
	send_by(&w, SAFETY_EV_PAUSE, OWNER);
	settle(&w);
	live(&w, 5000);
	send_by(&w, SAFETY_EV_START, OWNER);
	send_ticket(&w, SAFETY_EV_INTENT_DURABLE, w.s.intent_ticket);
	send(&w, SAFETY_EV_STARTED);
	send(&w, SAFETY_EV_TICK);
	assert_state(&w, SAFETY_ACTIVE); /* no mismatch, not frozen */
	w.pen.depth_um = DEPTH_UM + 151;
	w.pen.depth_set_um = DEPTH_UM;
	w.pen.rate_set_spm = RATE_SPM;
	w.pen.pen_state = MNPEN_STATE_ARMED;
	say(&w);
	assert_state(&w, SAFETY_ACTIVE); /* not running yet, once too deep */
}

static void a_slow_start_is_excused_for_400_ms(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_READY);
	send_by(&w, SAFETY_EV_START, OWNER);
	send_ticket(&w, SAFETY_EV_INTENT_DURABLE, w.s.intent_ticket);
	send(&w, SAFETY_EV_STARTED);
	w.pen_on = true;
	w.pen.pen_state = MNPEN_STATE_RUNNING;
	w.pen.rate_set_spm = RATE_SPM;
	w.pen.depth_set_um = DEPTH_UM;
	live(&w, 400);
	assert_int_equal(w.s.p.rate_leak, 0);
	live(&w, 8);
	assert_int_equal(w.s.p.rate_leak, 32);
	assert_int_equal(w.s.p.depth_leak, 32);
	w.pen.rate_spm = RATE_SPM;
	w.pen.depth_um = DEPTH_UM;
	live(&w, 1000);
	assert_int_equal(w.s.p.rate_leak, 0);
	assert_state(&w, SAFETY_ACTIVE);
}

static void over_speed_is_never_excused(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	w.pen.rate_spm = 7201;
	w.now += 8;
	say(&w);
	assert_int_equal(w.s.p.rate_leak, 32);
}

/* Invariant 25 */
static void five_invalid_records_in_a_row_are_a_fault(void **state)
{
	struct world w;
	uint32_t i;

	(void)state;
	go_running(&w);
	for (i = 0; i < 4; i++)
		send(&w, SAFETY_EV_TELEMETRY_INVALID);
	say(&w);
	for (i = 0; i < 4; i++)
		send(&w, SAFETY_EV_TELEMETRY_INVALID);
	assert_state(&w, SAFETY_ACTIVE);
	send(&w, SAFETY_EV_TELEMETRY_INVALID);
	assert_fault(&w, SAFETY_FAULT_TELEMETRY_INVALID);
}

static void say_as(struct world *w, uint32_t seq)
{
	struct safety_event ev = { .kind = SAFETY_EV_TELEMETRY };

	ev.telemetry = w->pen;
	ev.telemetry.seq = seq;
	world_step(w, &ev);
}

/* Invariant 25: repeated and reordered records are invalid. */
static void old_records_are_invalid_while_running(void **state)
{
	struct world w;
	uint32_t seq;

	(void)state;
	go_running(&w);
	seq = w.pen.seq;
	say_as(&w, seq);
	say_as(&w, seq - 1);
	say_as(&w, seq + 0x80000000u);
	say_as(&w, seq - 1000);
	assert_state(&w, SAFETY_ACTIVE);
	assert_int_equal(w.s.p.invalid, 4);
	say_as(&w, seq);
	assert_fault(&w, SAFETY_FAULT_TELEMETRY_INVALID);
}

/* A counter that began anew must not lock the pen out for ever. */
static void any_other_number_is_taken_between_runs(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_IDLE);
	w.pen.seq = 0;
	w.pen.strokes = 0;
	say(&w);
	say_as(&w, w.pen.seq);
	assert_int_equal(w.s.p.invalid, 1);
	w.pen.seq = UINT32_MAX - 50;
	say(&w);
	assert_int_equal(w.s.p.invalid, 0);
}

/* Invariant 16 */
static void strokes_that_run_backwards_are_invalid_and_not_counted(void **state)
{
	struct world w;
	uint32_t strokes;

	(void)state;
	go_running(&w);
	strokes = w.s.strokes;
	w.pen_on = false;
	w.pen.strokes -= 1;
	say(&w);
	assert_int_equal(w.s.p.invalid, 1);
	assert_int_equal(w.s.strokes, strokes);
	w.pen.strokes += 3;
	say(&w);
	assert_int_equal(w.s.strokes, strokes + 2);
}

/* Invariant 16: what happens while it coasts counts too. */
static void strokes_count_until_the_motor_is_off(void **state)
{
	struct world w;
	uint32_t strokes;

	(void)state;
	go_running(&w);
	strokes = w.s.strokes;
	send_by(&w, SAFETY_EV_PAUSE, OWNER);
	live(&w, 40);
	assert_int_equal(w.s.strokes, strokes + 5);
	assert_int_equal(w.s.run_strokes, w.s.strokes);
	w.pen.strokes += 2;
	settle(&w);
	assert_int_equal(w.s.strokes, strokes + 7);
	/* A counter that began anew at rest adds nothing. */
	w.pen.strokes = 0;
	say(&w);
	assert_int_equal(w.s.strokes, strokes + 7);
	w.pen.strokes = 1;
	say(&w);
	assert_int_equal(w.s.strokes, strokes + 8);
	assert_int_equal(w.s.run_strokes, strokes + 7);
	/* What happens after the session is not the session's. */
	send_by(&w, SAFETY_EV_END, OWNER);
	w.pen.strokes = 2;
	say(&w);
	assert_int_equal(w.s.strokes, strokes + 8);
}

static void peaks_are_those_of_the_runs(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_READY);
	w.pen.depth_um = 1400;
	say(&w);
	w.pen.depth_um = 0;
	run(&w);
	assert_int_equal(w.s.depth_peak_um, DEPTH_UM);
}

/* Invariant 27, in every state in which nobody asked for motion */
static void motion_nobody_asked_for_is_stopped_and_a_fault(void **state)
{
	const enum safety_state from[] = {
		SAFETY_IDLE, SAFETY_SCREENED, SAFETY_READY, SAFETY_PAUSED,
		SAFETY_CLOSED, SAFETY_FAULT,
	};
	uint32_t i, how;

	(void)state;
	for (i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		for (how = 0; how < 2; how++) {
			enum safety_reason first;
			struct world w;

			go(&w, from[i]);
			first = w.s.fault ? w.s.fault :
					    SAFETY_FAULT_UNCOMMANDED;
			if (how)
				w.pen.rate_spm = 1;
			else
				w.pen.pen_state = MNPEN_STATE_RUNNING;
			say(&w);
			assert_stopped(&w, SAFETY_FAULT_UNCOMMANDED);
			assert_non_null(did(&w, SAFETY_DO_ALARM));
			assert_int_equal(w.s.fault, first);
			settle(&w);
			assert_state(&w, SAFETY_FAULT);
		}
	}
}

static void a_fault_latched_in_the_pen_is_ours_too(void **state)
{
	struct safety_event ev = begin_event();
	struct world w;

	(void)state;
	go_running(&w);
	w.pen.fault_latched = 1u << 31; /* unknown bits count */
	w.pen.pen_state = MNPEN_STATE_FAULT;
	say(&w);
	assert_fault(&w, SAFETY_FAULT_PEN_LATCHED);
	go(&w, SAFETY_IDLE);
	w.pen.fault_latched = MNPEN_FAULT_DEPTH;
	say(&w);
	world_step(&w, &ev);
	assert_refused(&w, SAFETY_REFUSE_FAULT);
}

static void a_pen_that_stops_by_itself_pauses_the_session(void **state)
{
	const uint8_t off[] = { MNPEN_STATE_IDLE, MNPEN_STATE_ARMED,
				MNPEN_STATE_STOPPING };
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(off); i++) {
		struct world w;

		go_running(&w);
		w.pen.pen_state = off[i];
		w.pen.pen_stop_reason = MNPEN_STOP_DEVICE;
		say(&w);
		assert_stopped(&w, SAFETY_STOP_PEN);
		settle(&w);
		assert_state(&w, SAFETY_PAUSED);
		assert_int_equal(w.s.fault, SAFETY_OK);
	}
}

static void a_pen_that_never_starts_to_run_is_noticed(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_READY);
	send_by(&w, SAFETY_EV_START, OWNER);
	send_ticket(&w, SAFETY_EV_INTENT_DURABLE, w.s.intent_ticket);
	send(&w, SAFETY_EV_STARTED);
	w.pen.pen_state = MNPEN_STATE_ARMED;
	w.pen.rate_set_spm = RATE_SPM;
	w.pen.depth_set_um = DEPTH_UM;
	assert_int_equal(until_stopped(&w, 200), 51); /* 400 ms and one */
	assert_stopped(&w, SAFETY_STOP_PEN);
}

/* H19: a pen that rebooted has forgotten the limits of the session. */
static void a_reboot_in_a_session_is_a_fault(void **state)
{
	const enum safety_state from[] = {
		SAFETY_SCREENED, SAFETY_READY, SAFETY_ACTIVE, SAFETY_PAUSED,
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct world w;
		uint32_t strokes;

		go(&w, from[i]);
		strokes = w.s.strokes;
		w.pen.boot_id++;
		w.pen.strokes += 1000;
		say(&w);
		assert_fault(&w, SAFETY_FAULT_PEN_REBOOTED);
		assert_int_equal(w.s.strokes, strokes);
		settle(&w);
		send_by(&w, SAFETY_EV_RESET, OWNER);
		assert_accepted(&w);
	}
}

static void a_reboot_without_a_session_is_none(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_IDLE);
	w.pen.boot_id++;
	w.pen.seq = 0;
	say(&w);
	assert_state(&w, SAFETY_IDLE);
	assert_int_equal(w.s.fault, SAFETY_OK);
	begin(&w);
	assert_accepted(&w);
}

/* Bad values at rest close the door and nothing more. */
static void silence_at_rest_is_no_fault(void **state)
{
	struct world w;
	uint32_t i;

	(void)state;
	go(&w, SAFETY_PAUSED);
	for (i = 0; i < 100; i++) {
		w.now += 100;
		send(&w, SAFETY_EV_TICK);
		send(&w, SAFETY_EV_TELEMETRY_INVALID);
	}
	assert_state(&w, SAFETY_PAUSED);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_refused(&w, SAFETY_REFUSE_TELEMETRY);
	say(&w);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_non_null(did(&w, SAFETY_DO_INTENT));
}

/* A gap at rest says nothing about what happened in it. */
static void a_gap_at_rest_fills_no_counter(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_PAUSED);
	w.now += 60000;
	w.pen.temp_motor_mdegc = 51001;
	say(&w);
	assert_int_equal(w.s.p.temp_leak, 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_sample_beyond_the_cap_is_a_fault),
		cmocka_unit_test(two_samples_in_a_row_beyond_the_set_depth_are_a_fault),
		cmocka_unit_test(the_lease_is_not_renewed_while_in_doubt),
		cmocka_unit_test(too_shallow_for_long_is_a_fault),
		cmocka_unit_test(current_over_its_limit_for_500_ms_is_a_fault),
		cmocka_unit_test(temperature_over_its_limit_for_500_ms_is_a_fault),
		cmocka_unit_test(a_sensor_off_the_rail_is_a_fault),
		cmocka_unit_test(rate_outside_20_percent_for_500_ms_is_a_fault),
		cmocka_unit_test(toggling_around_a_bound_does_not_help),
		cmocka_unit_test(pausing_does_not_empty_the_counters),
		cmocka_unit_test(reset_empties_every_counter),
		cmocka_unit_test(a_counter_that_filled_at_rest_wants_time_to_drain),
		cmocka_unit_test(a_run_begins_with_a_clean_slate),
		cmocka_unit_test(peaks_are_those_of_the_runs),
		cmocka_unit_test(a_slow_start_is_excused_for_400_ms),
		cmocka_unit_test(over_speed_is_never_excused),
		cmocka_unit_test(five_invalid_records_in_a_row_are_a_fault),
		cmocka_unit_test(old_records_are_invalid_while_running),
		cmocka_unit_test(any_other_number_is_taken_between_runs),
		cmocka_unit_test(strokes_that_run_backwards_are_invalid_and_not_counted),
		cmocka_unit_test(strokes_count_until_the_motor_is_off),
		cmocka_unit_test(motion_nobody_asked_for_is_stopped_and_a_fault),
		cmocka_unit_test(a_fault_latched_in_the_pen_is_ours_too),
		cmocka_unit_test(a_pen_that_stops_by_itself_pauses_the_session),
		cmocka_unit_test(a_pen_that_never_starts_to_run_is_noticed),
		cmocka_unit_test(a_reboot_in_a_session_is_a_fault),
		cmocka_unit_test(a_reboot_without_a_session_is_none),
		cmocka_unit_test(silence_at_rest_is_no_fault),
		cmocka_unit_test(a_gap_at_rest_fills_no_counter),
	};

	return cmocka_run_group_tests_name("safety_pen", tests, NULL, NULL);
}
