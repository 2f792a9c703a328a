// SPDX-License-Identifier: GPL-2.0-or-later
/* The safety core: what it takes to start, to own and to record a run. */
#include <errno.h>

#include "tests/unit/safety_world.h"

/* Invariants 2 and 33 */
static void start_waits_for_the_durable_intent_of_its_own_ticket(void **state)
{
	struct world w;
	uint32_t ticket;

	(void)state;
	go(&w, SAFETY_READY);
	send_by(&w, SAFETY_EV_START, OWNER);
	ticket = did(&w, SAFETY_DO_INTENT)->ticket;
	assert_int_equal(w.s.intent_ticket, ticket);
	send_ticket(&w, SAFETY_EV_INTENT_DURABLE, ticket + 1);
	send_ticket(&w, SAFETY_EV_INTENT_DURABLE, 0);
	send_ticket(&w, SAFETY_EV_CLOSE_DURABLE, ticket);
	assert_state(&w, SAFETY_READY);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_refused(&w, SAFETY_REFUSE_STATE);
	send_ticket(&w, SAFETY_EV_INTENT_DURABLE, ticket);
	assert_state(&w, SAFETY_ACTIVE);
	send_ticket(&w, SAFETY_EV_INTENT_DURABLE, ticket);
	assert_int_equal(w.out.n, 0);
}

static void refused_start(struct world *w, uint32_t ticket,
			  enum safety_reason reason)
{
	const struct safety_action *no = did(w, SAFETY_DO_REFUSE_START);

	assert_non_null(no);
	assert_int_equal(no->ticket, ticket);
	assert_string_equal(safety_reason_name(no->reason),
			    safety_reason_name(reason));
	send_ticket(w, SAFETY_EV_INTENT_DURABLE, ticket);
	assert_null(did(w, SAFETY_DO_START));
	assert_true(w->s.state != SAFETY_ACTIVE);
}

/* Invariant 2: what happens between the request and its durable intent. */
static void anything_in_between_cancels_a_pending_start(void **state)
{
	static const struct {
		enum safety_event_kind kind;
		uint32_t owner;
		enum safety_reason reason;
	} by[] = {
		{ SAFETY_EV_STOP, 0, SAFETY_STOP_REQUEST },
		{ SAFETY_EV_STOP, STRANGER, SAFETY_STOP_REQUEST },
		{ SAFETY_EV_PAUSE, OWNER, SAFETY_STOP_PAUSE },
		{ SAFETY_EV_END, OWNER, SAFETY_STOP_END },
		{ SAFETY_EV_RELEASE, OWNER, SAFETY_STOP_OWNER_GONE },
		{ SAFETY_EV_RECORD_FAILED, 0, SAFETY_REFUSE_RECORD },
		{ SAFETY_EV_PEN_GONE, 0, SAFETY_FAULT_PEN_GONE },
	};
	const enum safety_state from[] = { SAFETY_READY, SAFETY_PAUSED };
	uint32_t i, k;

	(void)state;
	for (i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
		for (k = 0; k < 2; k++) {
			struct world w;
			uint32_t ticket;

			go(&w, from[k]);
			send_by(&w, SAFETY_EV_START, OWNER);
			ticket = w.s.intent_ticket;
			send_by(&w, by[i].kind, by[i].owner);
			refused_start(&w, ticket, by[i].reason);
		}
	}
}

/* Invariant 29: passing when it was asked is not enough. */
static void all_checks_are_asked_again_when_the_intent_is_durable(void **state)
{
	struct world w;
	uint32_t ticket, i;

	(void)state;
	for (i = 0; i < 6; i++) {
		struct safety_event ev = begin_event();
		enum safety_reason reason = SAFETY_OK;

		go(&w, SAFETY_IDLE);
		safety_limits_tighten(&ev.begin.limits, SAFETY_LIMIT_TEMP_MAX,
				      45000, SAFETY_BY_PEN);
		world_step(&w, &ev);
		send_by(&w, SAFETY_EV_PREPARED, OWNER);
		send_by(&w, SAFETY_EV_START, OWNER);
		ticket = w.s.intent_ticket;
		switch (i) {
		case 0:
			w.now += w.cfg.telemetry_max_age_ms + 1;
			reason = SAFETY_REFUSE_TELEMETRY;
			break;
		case 1:
			send(&w, SAFETY_EV_TELEMETRY_INVALID);
			reason = SAFETY_REFUSE_TELEMETRY;
			break;
		case 2:
			w.pen.fault_latched = MNPEN_FAULT_STALL;
			say(&w);
			reason = SAFETY_REFUSE_FAULT;
			break;
		case 3:
			w.pen.temp_motor_mdegc = 45001;
			say(&w);
			reason = SAFETY_REFUSE_LIMIT;
			break;
		case 4:
			w.pen.pen_state = MNPEN_STATE_UPDATE;
			say(&w);
			reason = SAFETY_REFUSE_STATE;
			break;
		case 5:
			w.now += w.cfg.heartbeat_max_ms + 1;
			say(&w);
			reason = SAFETY_STOP_OWNER_SILENT;
			break;
		}
		send_ticket(&w, SAFETY_EV_INTENT_DURABLE, ticket);
		if (i == 3) {
			const struct safety_action *no =
				did(&w, SAFETY_DO_REFUSE_START);

			assert_int_equal(no->limit, SAFETY_LIMIT_TEMP_MAX);
			assert_int_equal(no->source, SAFETY_BY_PEN);
			assert_int_equal(no->requested, 45001);
			assert_int_equal(no->allowed, 45000);
		}
		refused_start(&w, ticket, reason);
		assert_state(&w, SAFETY_READY);
	}
}

/* Exactly as old as allowed is good enough, for pen and owner. */
static void a_start_at_the_edge_of_every_age_is_accepted(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_READY);
	w.now += w.cfg.telemetry_max_age_ms;
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_non_null(did(&w, SAFETY_DO_INTENT));
	w.now += w.cfg.heartbeat_max_ms;
	say(&w);
	send_ticket(&w, SAFETY_EV_INTENT_DURABLE, w.s.intent_ticket);
	assert_state(&w, SAFETY_ACTIVE);
}

/* Invariant 12: the set points are compared again, whatever happened. */
static void set_points_are_checked_at_every_start(void **state)
{
	const uint32_t bad[][2] = { { 1501, 6000 }, { 1000, 9001 },
				    { 1000, 2999 } };
	uint32_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct world w;

		go(&w, SAFETY_READY);
		w.s.depth_um = bad[i][0];
		w.s.rate_spm = bad[i][1];
		send_by(&w, SAFETY_EV_START, OWNER);
		assert_refused(&w, SAFETY_REFUSE_LIMIT);
	}
}

/* Invariant 38 */
static void the_first_to_acquire_controls_until_release(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_IDLE);
	send_by(&w, SAFETY_EV_ACQUIRE, STRANGER);
	assert_refused(&w, SAFETY_REFUSE_OWNED);
	send_by(&w, SAFETY_EV_ACQUIRE, 0);
	assert_refused(&w, SAFETY_REFUSE_NOT_OWNER);
	send_by(&w, SAFETY_EV_RELEASE, OWNER);
	assert_accepted(&w);
	send_by(&w, SAFETY_EV_ACQUIRE, STRANGER);
	assert_accepted(&w);
	assert_int_equal(w.s.owner, STRANGER);
}

/* Invariant 39: stop at once, resume only by a new owner's own request. */
static void an_owner_who_leaves_stops_the_pen_and_frees_the_session(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	send_by(&w, SAFETY_EV_RELEASE, OWNER);
	assert_stopped(&w, SAFETY_STOP_OWNER_GONE);
	assert_non_null(did(&w, SAFETY_DO_ALARM));
	assert_int_equal(w.s.owner, 0);
	settle(&w);
	assert_state(&w, SAFETY_PAUSED);
	send_by(&w, SAFETY_EV_START, STRANGER);
	assert_refused(&w, SAFETY_REFUSE_NOT_OWNER);
	send_by(&w, SAFETY_EV_ACQUIRE, STRANGER);
	assert_accepted(&w);
	assert_state(&w, SAFETY_PAUSED);
	send_by(&w, SAFETY_EV_START, STRANGER);
	assert_non_null(did(&w, SAFETY_DO_INTENT));
}

/* Invariant 31 */
static void no_start_before_screening_and_preparation(void **state)
{
	struct safety_event ev = begin_event();
	struct world w;

	(void)state;
	go(&w, SAFETY_IDLE);
	ev.begin.screening_clear = false;
	world_step(&w, &ev);
	assert_refused(&w, SAFETY_REFUSE_SCREENING);
	send_by(&w, SAFETY_EV_PREPARED, OWNER);
	assert_refused(&w, SAFETY_REFUSE_STATE);
	begin(&w);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_refused(&w, SAFETY_REFUSE_PREPARATION);
}

/* Invariant 31: a fault and its reset are no way round the checklist. */
static void a_fault_before_preparation_leads_back_before_preparation(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_SCREENED);
	w.pen.rate_spm = 1;
	say(&w);
	assert_fault(&w, SAFETY_FAULT_UNCOMMANDED);
	settle(&w);
	send_by(&w, SAFETY_EV_RESET, OWNER);
	assert_accepted(&w);
	assert_state(&w, SAFETY_SCREENED);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_refused(&w, SAFETY_REFUSE_PREPARATION);
}

static void a_failed_start_is_answered_and_stopped(void **state)
{
	struct world w;
	uint32_t ticket;

	(void)state;
	go(&w, SAFETY_READY);
	send_by(&w, SAFETY_EV_START, OWNER);
	ticket = w.s.intent_ticket;
	send_ticket(&w, SAFETY_EV_INTENT_DURABLE, ticket);
	send(&w, SAFETY_EV_START_FAILED);
	assert_stopped(&w, SAFETY_STOP_START_FAILED);
	assert_int_equal(did(&w, SAFETY_DO_REFUSE_START)->ticket, ticket);
	settle(&w);
	assert_state(&w, SAFETY_PAUSED);
	run(&w);
	assert_int_equal(w.s.last_stop, SAFETY_OK);
}

/* Invariant 6: RUN may reach the pen after the STOP that overtook it. */
static void a_start_that_comes_true_after_a_stop_is_stopped_again(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_READY);
	send_by(&w, SAFETY_EV_START, OWNER);
	send_ticket(&w, SAFETY_EV_INTENT_DURABLE, w.s.intent_ticket);
	send_by(&w, SAFETY_EV_STOP, 0);
	assert_stopped(&w, SAFETY_STOP_REQUEST);
	settle(&w);
	assert_state(&w, SAFETY_PAUSED);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_refused(&w, SAFETY_REFUSE_STATE);
	w.pen.pen_state = MNPEN_STATE_RUNNING;
	say(&w);
	assert_stopped(&w, SAFETY_STOP_REQUEST);
	assert_int_equal(w.s.fault, SAFETY_OK);
	settle(&w);
	send(&w, SAFETY_EV_STARTED);
	assert_stopped(&w, SAFETY_STOP_REQUEST);
	settle(&w);
	assert_state(&w, SAFETY_PAUSED);
	assert_int_equal(w.s.fault, SAFETY_OK);
	run(&w);

	/* After the pen has left, or was given up, it means nothing. */
	go(&w, SAFETY_READY);
	send_by(&w, SAFETY_EV_START, OWNER);
	send_ticket(&w, SAFETY_EV_INTENT_DURABLE, w.s.intent_ticket);
	send(&w, SAFETY_EV_PEN_GONE);
	send(&w, SAFETY_EV_STARTED);
	assert_state(&w, SAFETY_CLOSED);
	go(&w, SAFETY_READY);
	send_by(&w, SAFETY_EV_START, OWNER);
	send_ticket(&w, SAFETY_EV_INTENT_DURABLE, w.s.intent_ticket);
	send_by(&w, SAFETY_EV_STOP, 0);
	w.now += w.cfg.stop_confirm_max_ms + 1;
	send(&w, SAFETY_EV_TICK);
	assert_state(&w, SAFETY_HARD_FAULT);
	send(&w, SAFETY_EV_STARTED);
	assert_state(&w, SAFETY_HARD_FAULT);
	assert_non_null(did(&w, SAFETY_DO_STOP));
}

/* Invariant 35 */
static void a_failing_record_stops_the_run_and_bars_the_next(void **state)
{
	struct safety_event ev = begin_event();
	struct world w;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	send(&w, SAFETY_EV_RECORD_FAILED);
	assert_fault(&w, SAFETY_FAULT_RECORD);
	settle(&w);
	send_by(&w, SAFETY_EV_RESET, OWNER);
	assert_refused(&w, SAFETY_REFUSE_RECORD);
	send(&w, SAFETY_EV_RECORD_OK);
	say(&w);
	send_by(&w, SAFETY_EV_RESET, OWNER);
	assert_accepted(&w);
	assert_state(&w, SAFETY_PAUSED);

	go(&w, SAFETY_READY);
	send(&w, SAFETY_EV_RECORD_FAILED);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_refused(&w, SAFETY_REFUSE_RECORD);
	send_by(&w, SAFETY_EV_STOP, 0);
	assert_accepted(&w);

	go(&w, SAFETY_IDLE);
	send(&w, SAFETY_EV_RECORD_FAILED);
	world_step(&w, &ev);
	assert_refused(&w, SAFETY_REFUSE_RECORD);
}

/* Invariant 34: a close that may have been lost is asked for again. */
static void a_close_is_repeated_when_the_record_comes_back(void **state)
{
	struct world w;
	uint32_t ticket;

	(void)state;
	go(&w, SAFETY_PAUSED);
	send(&w, SAFETY_EV_RECORD_FAILED);
	send(&w, SAFETY_EV_RECORD_OK);
	assert_null(did(&w, SAFETY_DO_RECORD_CLOSE));
	go(&w, SAFETY_CLOSED);
	ticket = w.s.close_ticket;
	begin(&w);
	assert_refused(&w, SAFETY_REFUSE_STATE);
	send(&w, SAFETY_EV_RECORD_OK);
	assert_int_equal(w.out.n, 0);
	send(&w, SAFETY_EV_RECORD_FAILED);
	send(&w, SAFETY_EV_RECORD_OK);
	assert_int_equal(did(&w, SAFETY_DO_RECORD_CLOSE)->ticket, ticket);
	assert_int_equal(did(&w, SAFETY_DO_RECORD_CLOSE)->reason,
			 SAFETY_STOP_END);
	send_ticket(&w, SAFETY_EV_CLOSE_DURABLE, ticket + 1);
	assert_state(&w, SAFETY_CLOSED);
	send_ticket(&w, SAFETY_EV_CLOSE_DURABLE, ticket);
	assert_state(&w, SAFETY_IDLE);
}

static void a_refused_renewal_ends_the_run(void **state)
{
	struct safety_event ev = { .kind = SAFETY_EV_RENEW_FAILED };
	struct world w;
	int sign;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	ev.error = -EIO;
	world_step(&w, &ev);
	assert_fault(&w, SAFETY_FAULT_RENEW);
	for (sign = -1; sign <= 1; sign += 2) {
		go(&w, SAFETY_ACTIVE);
		ev.error = sign * ESTALE;
		world_step(&w, &ev);
		assert_stopped(&w, SAFETY_STOP_PEN);
		assert_int_equal(w.s.fault, SAFETY_OK);
	}
}

static void tickets_are_never_zero(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_READY);
	w.s.next_ticket = UINT32_MAX;
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_int_equal(w.s.intent_ticket, UINT32_MAX);
	send_by(&w, SAFETY_EV_STOP, 0);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_int_equal(w.s.intent_ticket, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_waits_for_the_durable_intent_of_its_own_ticket),
		cmocka_unit_test(anything_in_between_cancels_a_pending_start),
		cmocka_unit_test(all_checks_are_asked_again_when_the_intent_is_durable),
		cmocka_unit_test(a_start_at_the_edge_of_every_age_is_accepted),
		cmocka_unit_test(set_points_are_checked_at_every_start),
		cmocka_unit_test(the_first_to_acquire_controls_until_release),
		cmocka_unit_test(an_owner_who_leaves_stops_the_pen_and_frees_the_session),
		cmocka_unit_test(no_start_before_screening_and_preparation),
		cmocka_unit_test(a_fault_before_preparation_leads_back_before_preparation),
		cmocka_unit_test(a_failed_start_is_answered_and_stopped),
		cmocka_unit_test(a_start_that_comes_true_after_a_stop_is_stopped_again),
		cmocka_unit_test(a_failing_record_stops_the_run_and_bars_the_next),
		cmocka_unit_test(a_close_is_repeated_when_the_record_comes_back),
		cmocka_unit_test(a_refused_renewal_ends_the_run),
		cmocka_unit_test(tickets_are_never_zero),
	};

	return cmocka_run_group_tests_name("safety_requests", tests, NULL, NULL);
}
