// SPDX-License-Identifier: GPL-2.0-or-later
/* The safety core: what must be told, and what sounds. */
#include "tests/unit/safety_world.h"

static bool listed(const struct world *w, enum safety_reason reason)
{
	return w->s.alarms >> reason & 1;
}

static bool is_fault(uint32_t reason)
{
	return reason >= SAFETY_FAULT_TELEMETRY_SILENT &&
	       reason <= SAFETY_FAULT_STOP_UNCONFIRMED;
}

/* Hazards H51 and H55: every fault has a voice and a way out in words. */
static void every_fault_sounds_and_says_what_to_do(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < SAFETY_REASONS; i++) {
		const char *remedy = safety_reason_remedy(i);

		assert_non_null(remedy);
		assert_true(strlen(remedy) > 4);
		assert_true(remedy[strlen(remedy) - 1] == '.');
		if (is_fault(i))
			assert_true(safety_reason_priority(i) >=
				    SAFETY_PRIORITY_MEDIUM);
	}
	assert_int_equal(safety_reason_priority(SAFETY_REASONS),
			 SAFETY_PRIORITY_NONE);
	assert_string_equal(safety_reason_remedy(SAFETY_REASONS),
			    "Unknown reason.");
}

/* Hazard H55, invariant 45: in the list until the fault is reset. */
static void a_fault_is_listed_until_reset(void **state)
{
	const struct safety_action *a;
	struct world w;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	w.pen.fault_latched = 1;
	say(&w);
	a = did(&w, SAFETY_DO_ALARM);
	assert_int_equal(a->reason, SAFETY_FAULT_PEN_LATCHED);
	assert_int_equal(a->priority, SAFETY_PRIORITY_HIGH);
	assert_non_null(did(&w, SAFETY_DO_ALARMS));
	assert_int_equal(did(&w, SAFETY_DO_AUDIO)->priority,
			 SAFETY_PRIORITY_HIGH);
	w.pen.fault_latched = 0;
	settle(&w);
	live(&w, 1000);
	assert_true(listed(&w, SAFETY_FAULT_PEN_LATCHED));
	assert_int_equal(w.s.audible, SAFETY_PRIORITY_HIGH);
	/* Taking note makes it quiet, and does not make it go away. */
	send_by(&w, SAFETY_EV_ALARM_ACK, OWNER);
	assert_accepted(&w);
	assert_int_equal(did(&w, SAFETY_DO_AUDIO)->priority,
			 SAFETY_PRIORITY_NONE);
	assert_true(listed(&w, SAFETY_FAULT_PEN_LATCHED));
	assert_state(&w, SAFETY_FAULT);
	send_by(&w, SAFETY_EV_RESET, OWNER);
	assert_non_null(did(&w, SAFETY_DO_ALARMS));
	assert_false(listed(&w, SAFETY_FAULT_PEN_LATCHED));
}

/* Hazard H51: needles that may move make a noise until they do not. */
static void nothing_silences_a_pen_that_may_still_move(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	w.pen.fault_latched = 1;
	say(&w);
	assert_state(&w, SAFETY_STOPPING);
	send_by(&w, SAFETY_EV_AUDIO_PAUSE, OWNER);
	assert_refused(&w, SAFETY_REFUSE_STATE);
	send_by(&w, SAFETY_EV_ALARM_ACK, 0);
	assert_refused(&w, SAFETY_REFUSE_STATE);
	assert_int_equal(w.s.audible, SAFETY_PRIORITY_HIGH);
	go(&w, SAFETY_HARD_FAULT);
	send_by(&w, SAFETY_EV_AUDIO_PAUSE, 0);
	assert_refused(&w, SAFETY_REFUSE_STATE);
	assert_int_equal(w.s.audible, SAFETY_PRIORITY_HIGH);
}

/* Hazard H51: two minutes, and not a millisecond more. */
static void a_pause_of_sound_ends_by_itself(void **state)
{
	struct world w;
	uint64_t begun;

	(void)state;
	go(&w, SAFETY_FAULT);
	assert_int_equal(w.s.audible, SAFETY_PRIORITY_HIGH);
	assert_int_equal(safety_audio_pause_left_ms(&w.cfg, &w.s), 0);
	send_by(&w, SAFETY_EV_AUDIO_PAUSE, OWNER);
	assert_accepted(&w);
	begun = w.now;
	assert_int_equal(did(&w, SAFETY_DO_AUDIO)->priority,
			 SAFETY_PRIORITY_NONE);
	assert_int_equal(safety_audio_pause_left_ms(&w.cfg, &w.s), 120000);
	w.now = begun + 119999;
	say(&w);
	assert_int_equal(w.s.audible, SAFETY_PRIORITY_NONE);
	assert_int_equal(safety_audio_pause_left_ms(&w.cfg, &w.s), 1);
	w.now = begun + 120000;
	send(&w, SAFETY_EV_TICK);
	assert_int_equal(did(&w, SAFETY_DO_AUDIO)->priority,
			 SAFETY_PRIORITY_HIGH);
	assert_int_equal(safety_audio_pause_left_ms(&w.cfg, &w.s), 0);
}

/* Hazard H51: anything more urgent breaks the silence, nothing less does. */
static void something_more_urgent_ends_the_pause(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_PAUSED);
	w.pen.temp_motor_mdegc = 48500;
	say(&w);
	assert_int_equal(w.s.audible, SAFETY_PRIORITY_MEDIUM);
	send_by(&w, SAFETY_EV_AUDIO_PAUSE, OWNER);
	assert_int_equal(w.s.audible, SAFETY_PRIORITY_NONE);
	send(&w, SAFETY_EV_RECORD_FAILED);
	assert_true(listed(&w, SAFETY_ALERT_RECORD));
	assert_int_equal(w.s.audible, SAFETY_PRIORITY_NONE);
	w.pen.rate_spm = 500;
	say(&w);
	assert_true(listed(&w, SAFETY_FAULT_UNCOMMANDED));
	assert_int_equal(w.s.audible, SAFETY_PRIORITY_HIGH);
}

/* Hazard H52: what is over is quiet, and what comes back is heard again. */
static void an_alert_comes_and_goes_with_its_cause(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_PAUSED);
	w.pen.temp_motor_mdegc = 48000;
	say(&w);
	assert_false(listed(&w, SAFETY_ALERT_WARM));
	w.pen.temp_motor_mdegc = 48001;
	say(&w);
	assert_true(listed(&w, SAFETY_ALERT_WARM));
	/* A little cooler only: it would come and go. */
	w.pen.temp_motor_mdegc = 46501;
	say(&w);
	assert_true(listed(&w, SAFETY_ALERT_WARM));
	send_by(&w, SAFETY_EV_ALARM_ACK, OWNER);
	assert_true(listed(&w, SAFETY_ALERT_WARM));
	assert_int_equal(w.s.audible, SAFETY_PRIORITY_NONE);
	w.pen.temp_motor_mdegc = 46500;
	say(&w);
	assert_false(listed(&w, SAFETY_ALERT_WARM));
	w.pen.temp_motor_mdegc = 48001;
	say(&w);
	assert_int_equal(w.s.audible, SAFETY_PRIORITY_MEDIUM);
}

/* Hazards H05 and H55: a stop nobody asked for waits for somebody. */
static void a_stop_is_listed_until_somebody_takes_note(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	w.now += w.cfg.heartbeat_max_ms + 1;
	w.cfg.telemetry_max_age_ms = 10000;
	w.cfg.stroke_max_ms = 10000;
	say(&w);
	assert_stopped(&w, SAFETY_STOP_OWNER_SILENT);
	settle(&w);
	live(&w, 500);
	assert_true(listed(&w, SAFETY_STOP_OWNER_SILENT));
	assert_int_equal(w.s.audible, SAFETY_PRIORITY_MEDIUM);
	send_by(&w, SAFETY_EV_ALARM_ACK, OWNER);
	assert_false(listed(&w, SAFETY_STOP_OWNER_SILENT));

	/* To start again is to take note. */
	go(&w, SAFETY_ACTIVE);
	w.now += w.cfg.heartbeat_max_ms + 1;
	w.cfg.telemetry_max_age_ms = 10000;
	w.cfg.stroke_max_ms = 10000;
	say(&w);
	settle(&w);
	run(&w);
	assert_false(listed(&w, SAFETY_STOP_OWNER_SILENT));
	/* One that was asked for needs no alarm. */
	send_by(&w, SAFETY_EV_STOP, 0);
	assert_int_equal(w.s.alarms, 0);
	assert_null(did(&w, SAFETY_DO_ALARM));
}

/* Hazard H52: one line for the most urgent, the rest is in the list. */
static void the_most_urgent_is_told_first(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	send(&w, SAFETY_EV_RECORD_FAILED);
	assert_int_equal(did(&w, SAFETY_DO_ALARM)->reason,
			 SAFETY_FAULT_RECORD);
	assert_true(listed(&w, SAFETY_ALERT_RECORD));
	send(&w, SAFETY_EV_RECORD_OK);
	assert_false(listed(&w, SAFETY_ALERT_RECORD));
	assert_true(listed(&w, SAFETY_FAULT_RECORD));
}

static void only_owner_and_administrator_may_quiet_an_alarm(void **state)
{
	static const enum safety_event_kind kinds[] = {
		SAFETY_EV_ALARM_ACK, SAFETY_EV_AUDIO_PAUSE,
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct world w;

		go(&w, SAFETY_FAULT);
		send_by(&w, kinds[i], STRANGER);
		assert_refused(&w, SAFETY_REFUSE_NOT_OWNER);
		assert_int_equal(w.s.audible, SAFETY_PRIORITY_HIGH);
		send_by(&w, kinds[i], 0);
		assert_accepted(&w);
		assert_int_equal(w.s.audible, SAFETY_PRIORITY_NONE);
	}
}

static void every_priority_proof_and_basis_has_a_name(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < SAFETY_PRIORITIES; i++)
		assert_string_not_equal(safety_priority_name(i), "unknown");
	assert_string_equal(safety_priority_name(SAFETY_PRIORITIES), "unknown");
	for (i = 0; i < SAFETY_PROOFS; i++)
		assert_string_not_equal(safety_proof_name(i), "unknown");
	assert_string_equal(safety_proof_name(SAFETY_PROOFS), "unknown");
	assert_string_equal(safety_dose_basis_name(SAFETY_DOSE_ALL), "all");
	assert_string_equal(safety_dose_basis_name(SAFETY_DOSE_LOADED),
			    "loaded");
	for (i = 0; i < SAFETY_LIMITS; i++) {
		assert_true(strlen(safety_limit_unit(i)) > 0);
		assert_true(strlen(safety_limit_remedy(i)) > 4);
	}
	assert_string_equal(safety_limit_unit(SAFETY_LIMITS), "");
	assert_string_equal(safety_limit_remedy(SAFETY_LIMITS),
			    "Unknown limit.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault_sounds_and_says_what_to_do),
		cmocka_unit_test(a_fault_is_listed_until_reset),
		cmocka_unit_test(nothing_silences_a_pen_that_may_still_move),
		cmocka_unit_test(a_pause_of_sound_ends_by_itself),
		cmocka_unit_test(something_more_urgent_ends_the_pause),
		cmocka_unit_test(an_alert_comes_and_goes_with_its_cause),
		cmocka_unit_test(a_stop_is_listed_until_somebody_takes_note),
		cmocka_unit_test(the_most_urgent_is_told_first),
		cmocka_unit_test(only_owner_and_administrator_may_quiet_an_alarm),
		cmocka_unit_test(every_priority_proof_and_basis_has_a_name),
	};

	return cmocka_run_group_tests_name("safety_alarms", tests, NULL, NULL);
}
