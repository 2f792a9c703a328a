// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The safety core: states, requests, answers. Numbers are those of
 * daemon/safety/README.md; the oracle of safety_world.c checks the rest
 * after every step.
 */
#include <errno.h>

#include "daemon/safety/core.h"
#include "tests/unit/safety_world.h"

_Static_assert((int)CORE_PEN_IDLE == (int)MNPEN_STATE_IDLE, "uAPI");
_Static_assert((int)CORE_PEN_ARMED == (int)MNPEN_STATE_ARMED, "uAPI");
_Static_assert((int)CORE_PEN_RUNNING == (int)MNPEN_STATE_RUNNING, "uAPI");
_Static_assert((int)CORE_PEN_STOPPING == (int)MNPEN_STATE_STOPPING, "uAPI");
_Static_assert((int)CORE_PEN_FAULT == (int)MNPEN_STATE_FAULT, "uAPI");
_Static_assert((int)CORE_PEN_LIMP == (int)MNPEN_STATE_LIMP, "uAPI");
_Static_assert((int)CORE_PEN_UPDATE == (int)MNPEN_STATE_UPDATE, "uAPI");
_Static_assert((int)CORE_PEN_STOP_DURATION == (int)MNPEN_STOP_DURATION, "uAPI");

/*
 * One line per state, one word per event: the state afterwards and the
 * answer (a accepted, r refused, i intent, - none). I idle, S screened,
 * R ready, A active, P paused, T stopping, C closed, F fault, H hard fault.
 */
static const char letters[] = "ISRAPTCFH";
static const char *const events =
/* tick tele invl gone acqu rele hbea begi prep star paus
 * stop end  set  ack  audi rese inte clos rfai rok  star sfai rfai cart limp
 */
"   TI   TE   IN   PG   AC   RE   HB   BE   PR   ST   PA   SP   EN   SE   AK   AU   RS   ID   CD   RF   RO   SD   SF   NF   CA   LI";
static const char *const expected[SAFETY_STATES] = {
"   I-   I-   I-   I-   Ia   Ia   Ia   Sa   Ir   Ir   Ir   Ia   Ir   Ir   Ia   Ia   Ir   I-   I-   I-   I-   I-   I-   I-   I-   F-",
"   S-   S-   S-   C-   Sa   Sa   Sa   Sr   Ra   Sr   Sr   Sa   Ca   Sa   Sa   Sa   Sr   S-   S-   S-   S-   S-   S-   S-   S-   F-",
"   R-   R-   R-   C-   Ra   Ra   Ra   Rr   Rr   Ri   Rr   Ra   Ca   Ra   Ra   Ra   Rr   R-   R-   R-   R-   R-   R-   R-   T-   F-",
"   A-   A-   A-   C-   Aa   Ta   Aa   Ar   Ar   Ar   Ta   Ta   Ta   Aa   Aa   Aa   Ar   A-   A-   T-   A-   A-   A-   T-   T-   T-",
"   P-   P-   P-   C-   Pa   Pa   Pa   Pr   Pr   Pi   Pa   Pa   Ca   Pa   Pa   Pa   Pr   P-   P-   P-   P-   P-   P-   P-   T-   F-",
"   T-   T-   T-   C-   Ta   Ta   Ta   Tr   Tr   Tr   Ta   Ta   Ta   Tr   Ta   Ta   Tr   T-   T-   T-   T-   T-   T-   T-   T-   T-",
"   C-   C-   C-   C-   Ca   Ca   Ca   Cr   Cr   Cr   Cr   Ca   Cr   Cr   Ca   Ca   Cr   C-   C-   C-   C-   C-   C-   C-   C-   F-",
"   F-   F-   F-   F-   Fa   Fa   Fa   Fr   Fr   Fr   Fr   Fa   Fa   Fr   Fa   Fa   Pa   F-   F-   F-   F-   F-   F-   F-   T-   F-",
"   H-   H-   H-   H-   Ha   Ha   Ha   Hr   Hr   Hr   Hr   Ha   Ha   Hr   Hr   Hr   Hr   H-   H-   H-   H-   H-   H-   H-   H-   H-",
};

static char answer(const struct world *w)
{
	if (did(w, SAFETY_DO_ACCEPT))
		return 'a';
	if (did(w, SAFETY_DO_REFUSE))
		return 'r';
	return did(w, SAFETY_DO_INTENT) ? 'i' : '-';
}

static struct safety_event plausible(struct world *w,
				     enum safety_event_kind kind)
{
	struct safety_event ev = { .kind = kind };

	if (kind == SAFETY_EV_BEGIN)
		return begin_event();
	if (is_request(kind))
		ev.owner = OWNER;
	if (kind == SAFETY_EV_PREPARED)
		ev.area = AREA;
	if (kind == SAFETY_EV_SET) {
		ev.set.depth_um = DEPTH_UM;
		ev.set.rate_spm = RATE_SPM;
	}
	if (kind == SAFETY_EV_TELEMETRY) {
		w->pen.seq++;
		ev.telemetry = w->pen;
	}
	if (kind == SAFETY_EV_INTENT_DURABLE ||
	    kind == SAFETY_EV_CLOSE_DURABLE)
		ev.ticket = 4711;
	if (kind == SAFETY_EV_START_FAILED || kind == SAFETY_EV_RENEW_FAILED)
		ev.error = -EIO;
	return ev;
}

static void every_event_in_every_state_does_what_the_table_says(void **state)
{
	uint32_t st, kind;

	(void)state;
	assert_int_equal(strlen(events), 5 * SAFETY_EVENTS);
	for (st = 0; st < SAFETY_STATES; st++) {
		assert_int_equal(strlen(expected[st]), 5 * SAFETY_EVENTS);
		for (kind = 0; kind < SAFETY_EVENTS; kind++) {
			const char *cell = expected[st] + 5 * kind + 3;
			struct safety_event ev;
			struct world w;

			go(&w, (enum safety_state)st);
			ev = plausible(&w, (enum safety_event_kind)kind);
			world_step(&w, &ev);
			if (letters[w.s.state] != cell[0] ||
			    answer(&w) != cell[1])
				fail_msg("state %c event %.2s: want %.2s, got %c%c",
					 letters[st], events + 5 * kind + 3,
					 cell, letters[w.s.state], answer(&w));
		}
	}
}

static void unknown_events_change_nothing(void **state)
{
	uint32_t st;

	(void)state;
	for (st = 0; st < SAFETY_STATES; st++) {
		struct world w;

		go(&w, (enum safety_state)st);
		send(&w, SAFETY_EVENTS);
		assert_int_equal(w.out.n, 0);
		send(&w, (enum safety_event_kind)1000);
		assert_int_equal(w.out.n, 0);
		assert_state(&w, (enum safety_state)st);
	}
}

/* Invariant 5: also from somebody who controls nothing. */
static void stop_is_accepted_from_anybody_in_every_state(void **state)
{
	const uint32_t who[] = { 0, OWNER, STRANGER };
	uint32_t st, i;

	(void)state;
	for (st = 0; st < SAFETY_STATES; st++) {
		for (i = 0; i < 3; i++) {
			struct world w;

			go(&w, (enum safety_state)st);
			send_by(&w, SAFETY_EV_STOP, who[i]);
			assert_int_equal(w.out.a[0].kind, SAFETY_DO_STOP);
			assert_accepted(&w);
			send_by(&w, SAFETY_EV_STOP, who[i]);
			assert_int_equal(w.out.a[0].kind, SAFETY_DO_STOP);
			assert_accepted(&w);
		}
	}
}

static void kinds_are(const struct world *w, const char *what)
{
	static const char code[SAFETY_ACTIONS + 1] = "SHIDUKBFRCarAX!LPs";
	char got[SAFETY_ACTIONS + 1] = "";
	uint32_t i;

	for (i = 0; i < w->out.n; i++)
		got[i] = code[w->out.a[i].kind];
	assert_string_equal(got, what);
}

static void a_session_goes_from_idle_to_idle(void **state)
{
	const struct safety_action *a;
	struct world w;

	(void)state;
	go(&w, SAFETY_IDLE);
	begin(&w);
	kinds_are(&w, "Bas");
	send_by(&w, SAFETY_EV_PREPARED, OWNER);
	kinds_are(&w, "as");
	send_by(&w, SAFETY_EV_START, OWNER);
	kinds_are(&w, "I");
	send_ticket(&w, SAFETY_EV_INTENT_DURABLE, w.s.intent_ticket);
	kinds_are(&w, "Ds");
	a = did(&w, SAFETY_DO_START);
	assert_int_equal(a->depth_um, DEPTH_UM);
	assert_int_equal(a->rate_spm, RATE_SPM);
	assert_int_equal(a->run_ms, 30000);
	send(&w, SAFETY_EV_STARTED);
	kinds_are(&w, "A");
	w.pen_on = true;
	w.pen.pen_state = MNPEN_STATE_RUNNING;
	w.pen.rate_set_spm = w.pen.rate_spm = RATE_SPM;
	w.pen.depth_set_um = w.pen.depth_um = DEPTH_UM;
	live(&w, 1000);
	assert_state(&w, SAFETY_ACTIVE);
	send_by(&w, SAFETY_EV_PAUSE, OWNER);
	kinds_are(&w, "Sas");
	settle(&w);
	assert_state(&w, SAFETY_PAUSED);
	run(&w);
	live(&w, 800);
	assert_int_equal(w.s.runs, 2);
	assert_int_equal(w.s.strokes, 125 + 1 + 100);
	assert_int_equal(w.s.run_strokes, 1 + 100);
	assert_int_equal(w.s.depth_peak_um, DEPTH_UM);
	assert_int_equal(w.s.rate_peak_spm, RATE_SPM);
	send_by(&w, SAFETY_EV_END, OWNER);
	kinds_are(&w, "Sas");
	w.pen.pen_state = MNPEN_STATE_IDLE;
	w.pen.rate_spm = 0;
	w.pen_on = false;
	say(&w);
	kinds_are(&w, "");
	say(&w);
	kinds_are(&w, "RCs");
	assert_int_equal(did(&w, SAFETY_DO_RECORD_RUN)->reason,
			 SAFETY_STOP_END);
	assert_state(&w, SAFETY_CLOSED);
	send_ticket(&w, SAFETY_EV_CLOSE_DURABLE, w.s.close_ticket);
	kinds_are(&w, "s");
	assert_state(&w, SAFETY_IDLE);
}

/* Invariant 3: whatever the pen did before we came must end first. */
static void the_first_action_is_stop_and_the_first_state_stopping(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	assert_state(&w, SAFETY_STOPPING);
	send_by(&w, SAFETY_EV_ACQUIRE, OWNER);
	assert_int_equal(w.out.a[0].kind, SAFETY_DO_STOP);
	assert_accepted(&w);
	begin(&w);
	assert_refused(&w, SAFETY_REFUSE_STATE);
	settle(&w);
	assert_state(&w, SAFETY_IDLE);
	assert_int_equal(w.s.fault, SAFETY_OK);
}

static void a_pen_that_coasts_when_we_come_is_no_fault(void **state)
{
	struct world w;
	uint32_t rate;

	(void)state;
	world_init(&w);
	for (rate = 6000; rate; rate -= 1000) {
		w.pen.rate_spm = rate;
		w.pen.pen_state = MNPEN_STATE_STOPPING;
		w.now += 8;
		say(&w);
		assert_state(&w, SAFETY_STOPPING);
	}
	settle(&w);
	assert_state(&w, SAFETY_IDLE);
}

static void a_pen_that_says_nothing_at_first_is_waited_for(void **state)
{
	struct world w;
	uint32_t i;

	(void)state;
	world_init(&w);
	for (i = 0; i < 1000; i++) {
		w.now += 10;
		send(&w, SAFETY_EV_TICK);
	}
	assert_state(&w, SAFETY_STOPPING);
	settle(&w);
	assert_state(&w, SAFETY_IDLE);
}

static void a_pen_that_runs_on_when_we_come_is_given_up(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.pen.rate_spm = RATE_SPM;
	w.pen.pen_state = MNPEN_STATE_RUNNING;
	live(&w, w.cfg.stop_confirm_max_ms);
	assert_state(&w, SAFETY_STOPPING);
	live(&w, 16);
	assert_state(&w, SAFETY_HARD_FAULT);
}

/* Invariant 38 */
static void only_the_owner_may_ask_for_more_than_stop(void **state)
{
	uint32_t st, kind;

	(void)state;
	for (st = 0; st < SAFETY_STATES; st++) {
		for (kind = SAFETY_EV_RELEASE; kind <= SAFETY_EV_RESET; kind++) {
			struct safety_event ev;
			struct world w;

			if (kind == SAFETY_EV_STOP)
				continue;
			go(&w, (enum safety_state)st);
			ev = plausible(&w, (enum safety_event_kind)kind);
			ev.owner = STRANGER;
			world_step(&w, &ev);
			assert_refused(&w, SAFETY_REFUSE_NOT_OWNER);
			assert_state(&w, (enum safety_state)st);
			if (kind >= SAFETY_EV_ALARM_ACK)
				continue;	/* an administrator may */
			ev.owner = 0;
			world_step(&w, &ev);
			assert_refused(&w, SAFETY_REFUSE_NOT_OWNER);
		}
	}
}

/* Invariant 45 */
static void a_fault_is_left_only_by_reset_with_its_cause_gone(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_FAULT);
	assert_int_equal(w.s.fault, SAFETY_FAULT_PEN_LATCHED);
	live(&w, 5000);
	assert_state(&w, SAFETY_FAULT);
	w.pen.fault_latched = 1;
	say(&w);
	send_by(&w, SAFETY_EV_RESET, OWNER);
	assert_refused(&w, SAFETY_REFUSE_FAULT);
	w.pen.fault_latched = 0;
	say(&w);
	w.now += w.cfg.telemetry_max_age_ms + 1;
	send_by(&w, SAFETY_EV_RESET, OWNER);
	assert_refused(&w, SAFETY_REFUSE_TELEMETRY);
	w.pen.temp_motor_mdegc = 60000;
	say(&w);
	send_by(&w, SAFETY_EV_RESET, OWNER);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
	assert_int_equal(did(&w, SAFETY_DO_REFUSE)->limit,
			 SAFETY_LIMIT_TEMP_MAX);
	w.pen.temp_motor_mdegc = 30000;
	say(&w);
	send_by(&w, SAFETY_EV_RESET, 0);
	assert_accepted(&w);
	assert_state(&w, SAFETY_PAUSED);
	assert_int_equal(w.s.fault, SAFETY_OK);
}

/* Invariant 45 */
static void the_first_cause_is_kept(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	w.pen.depth_um = 3000;
	say(&w);
	assert_fault(&w, SAFETY_FAULT_DEPTH);
	w.pen.fault_latched = 1;
	say(&w);
	send(&w, SAFETY_EV_RECORD_FAILED);
	settle(&w);
	w.pen.rate_spm = 500;
	say(&w);
	assert_state(&w, SAFETY_STOPPING);
	assert_int_equal(w.s.fault, SAFETY_FAULT_DEPTH);
	settle(&w);
	assert_state(&w, SAFETY_FAULT);
	assert_int_equal(w.s.fault, SAFETY_FAULT_DEPTH);
}

static void a_session_can_be_ended_out_of_a_fault(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_FAULT);
	send_by(&w, SAFETY_EV_END, OWNER);
	assert_accepted(&w);
	assert_int_equal(did(&w, SAFETY_DO_RECORD_CLOSE)->reason,
			 SAFETY_FAULT_PEN_LATCHED);
	assert_state(&w, SAFETY_FAULT);
	send_by(&w, SAFETY_EV_END, OWNER);
	assert_refused(&w, SAFETY_REFUSE_STATE);
	say(&w);
	send_by(&w, SAFETY_EV_RESET, OWNER);
	assert_state(&w, SAFETY_CLOSED);
	send_ticket(&w, SAFETY_EV_CLOSE_DURABLE, w.s.close_ticket);
	assert_state(&w, SAFETY_IDLE);
	begin(&w);
	assert_accepted(&w);
}

static void a_pen_that_leaves_closes_run_and_session(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	send(&w, SAFETY_EV_PEN_GONE);
	assert_int_equal(w.out.a[0].kind, SAFETY_DO_STOP);
	assert_int_equal(did(&w, SAFETY_DO_RECORD_RUN)->reason,
			 SAFETY_FAULT_PEN_GONE);
	assert_int_equal(did(&w, SAFETY_DO_RECORD_CLOSE)->reason,
			 SAFETY_FAULT_PEN_GONE);
	assert_state(&w, SAFETY_CLOSED);
	send(&w, SAFETY_EV_PEN_GONE);
	assert_int_equal(w.out.n, 0);
	say(&w);
	assert_int_equal(w.out.n, 0);
	send_ticket(&w, SAFETY_EV_CLOSE_DURABLE, w.s.close_ticket);
	assert_state(&w, SAFETY_FAULT);
	send_by(&w, SAFETY_EV_RESET, OWNER);
	assert_refused(&w, SAFETY_REFUSE_TELEMETRY);

	/* Nobody was treated: nothing happened. */
	go(&w, SAFETY_IDLE);
	send(&w, SAFETY_EV_PEN_GONE);
	assert_int_equal(w.s.fault, SAFETY_OK);
	world_init(&w);
	send(&w, SAFETY_EV_PEN_GONE);
	assert_state(&w, SAFETY_IDLE);
}

/* Invariants 7 and 47: the one state without a way out says so. */
static void a_stop_that_is_not_obeyed_ends_in_hard_fault(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_STOPPING);
	send_by(&w, SAFETY_EV_END, OWNER);
	w.now += w.cfg.stop_confirm_max_ms;
	send(&w, SAFETY_EV_TICK);
	assert_state(&w, SAFETY_STOPPING);
	w.now += 1;
	send(&w, SAFETY_EV_TICK);
	kinds_are(&w, "SHFRC!LPs");
	assert_state(&w, SAFETY_HARD_FAULT);
	assert_int_equal(w.s.fault, SAFETY_FAULT_STOP_UNCONFIRMED);
	assert_int_equal(did(&w, SAFETY_DO_RECORD_RUN)->reason,
			 SAFETY_STOP_PAUSE);
	settle(&w);
	send_by(&w, SAFETY_EV_RESET, 0);
	assert_refused(&w, SAFETY_REFUSE_FAULT);
	begin(&w);
	assert_refused(&w, SAFETY_REFUSE_FAULT);
	assert_state(&w, SAFETY_HARD_FAULT);
}

/* Invariant 7: neither asking again nor new faults postpone it. */
static void nothing_postpones_the_last_resort(void **state)
{
	struct world w;
	uint64_t begun;

	(void)state;
	go(&w, SAFETY_STOPPING);
	begun = w.now;
	while (w.now < begun + w.cfg.stop_confirm_max_ms) {
		w.now += 8;
		w.pen.boot_id++;
		say(&w);
		send_by(&w, SAFETY_EV_STOP, 0);
		send_by(&w, SAFETY_EV_PAUSE, OWNER);
		assert_state(&w, SAFETY_STOPPING);
	}
	assert_int_equal(w.s.last_stop, SAFETY_STOP_PAUSE);
	assert_int_equal(w.s.fault, SAFETY_FAULT_PEN_REBOOTED);
	w.now++;
	say(&w);
	assert_state(&w, SAFETY_HARD_FAULT);
	assert_int_equal(did(&w, SAFETY_DO_ALARM)->reason,
			 SAFETY_FAULT_STOP_UNCONFIRMED);
}

static void each_resting_state_of_the_pen_confirms_a_stop(void **state)
{
	const uint8_t rest[] = { MNPEN_STATE_IDLE, MNPEN_STATE_ARMED,
				 MNPEN_STATE_FAULT, MNPEN_STATE_UPDATE };
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(rest); i++) {
		struct world w;

		go(&w, SAFETY_STOPPING);
		w.pen.rate_spm = 0;
		w.pen.pen_state = rest[i];
		say(&w);
		say(&w);
		assert_state(&w, SAFETY_PAUSED);
	}
}

/* A leftover record from before the run must not pass for a confirmation. */
static void two_records_at_rest_confirm_a_stop(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_STOPPING);
	w.pen.pen_state = MNPEN_STATE_IDLE;
	w.pen.rate_spm = 0;
	say(&w);
	assert_state(&w, SAFETY_STOPPING);
	w.pen.rate_spm = 1;
	say(&w);
	w.pen.rate_spm = 0;
	say(&w);
	assert_state(&w, SAFETY_STOPPING);
	send(&w, SAFETY_EV_TELEMETRY_INVALID);
	say(&w);
	assert_state(&w, SAFETY_STOPPING);
	w.pen.pen_state = MNPEN_STATE_STOPPING;
	say(&w);
	say(&w);
	assert_state(&w, SAFETY_STOPPING);
	w.pen.pen_state = 0;
	say(&w);
	say(&w);
	assert_state(&w, SAFETY_STOPPING);
	w.pen.pen_state = MNPEN_STATE_IDLE;
	say(&w);
	say(&w);
	assert_state(&w, SAFETY_PAUSED);
	assert_int_equal(did(&w, SAFETY_DO_RECORD_RUN)->reason,
			 SAFETY_STOP_PAUSE);
}

static void init_starts_from_nothing(void **state)
{
	struct safety_config c, d;
	struct safety a, b;

	(void)state;
	memset(&c, 0, sizeof(c));
	memset(&d, 0xff, sizeof(d));
	safety_config_default(&c);
	safety_config_default(&d);
	assert_memory_equal(&c, &d, sizeof(c));
	memset(&a, 0, sizeof(a));
	memset(&b, 0xff, sizeof(b));
	safety_init(&a);
	safety_init(&b);
	assert_memory_equal(&a, &b, sizeof(a));
}

static void every_name_and_sentence_is_there_and_unique(void **state)
{
	int i, k;

	(void)state;
	for (i = 0; i < SAFETY_REASONS; i++) {
		assert_non_null(safety_reason_name(i));
		assert_non_null(safety_reason_text(i));
		for (k = 0; k < i; k++)
			assert_string_not_equal(safety_reason_name(i),
						safety_reason_name(k));
	}
	for (i = 0; i < SAFETY_STATES; i++)
		for (k = 0; k < i; k++)
			assert_string_not_equal(safety_state_name(i),
						safety_state_name(k));
	for (i = 0; i < SAFETY_LIMITS; i++)
		assert_string_not_equal(safety_limit_name(i), "unknown");
	for (i = 0; i < SAFETY_SOURCES; i++)
		assert_string_not_equal(safety_source_name(i), "unknown");
	assert_string_equal(safety_state_name(SAFETY_STATES), "unknown");
	assert_string_equal(safety_reason_name(-1), "unknown");
	assert_string_equal(safety_reason_text(SAFETY_REASONS),
			    "Unknown reason.");
	assert_string_equal(safety_limit_name(SAFETY_LIMITS), "unknown");
	assert_string_equal(safety_source_name(SAFETY_SOURCES), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_in_every_state_does_what_the_table_says),
		cmocka_unit_test(unknown_events_change_nothing),
		cmocka_unit_test(stop_is_accepted_from_anybody_in_every_state),
		cmocka_unit_test(a_session_goes_from_idle_to_idle),
		cmocka_unit_test(the_first_action_is_stop_and_the_first_state_stopping),
		cmocka_unit_test(a_pen_that_coasts_when_we_come_is_no_fault),
		cmocka_unit_test(a_pen_that_says_nothing_at_first_is_waited_for),
		cmocka_unit_test(a_pen_that_runs_on_when_we_come_is_given_up),
		cmocka_unit_test(only_the_owner_may_ask_for_more_than_stop),
		cmocka_unit_test(a_fault_is_left_only_by_reset_with_its_cause_gone),
		cmocka_unit_test(the_first_cause_is_kept),
		cmocka_unit_test(a_session_can_be_ended_out_of_a_fault),
		cmocka_unit_test(a_pen_that_leaves_closes_run_and_session),
		cmocka_unit_test(a_stop_that_is_not_obeyed_ends_in_hard_fault),
		cmocka_unit_test(two_records_at_rest_confirm_a_stop),
		cmocka_unit_test(nothing_postpones_the_last_resort),
		cmocka_unit_test(each_resting_state_of_the_pen_confirms_a_stop),
		cmocka_unit_test(init_starts_from_nothing),
		cmocka_unit_test(every_name_and_sentence_is_there_and_unique),
	};

	return cmocka_run_group_tests_name("safety", tests, NULL, NULL);
}
