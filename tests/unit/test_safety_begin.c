// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The safety core: what a session needs to be opened. Cartridge, consent,
 * area, time of day.
 */
#include "tests/unit/safety_world.h"

#define DAY_S	86400

static void refused(const struct safety_event *ev, enum safety_reason reason)
{
	struct world w;

	go(&w, SAFETY_IDLE);
	world_step(&w, ev);
	assert_refused(&w, reason);
	assert_state(&w, SAFETY_IDLE);
	assert_int_equal(w.s.why.reason, reason);
}

static void accepted(const struct safety_event *ev)
{
	struct world w;

	go(&w, SAFETY_IDLE);
	world_step(&w, ev);
	assert_accepted(&w);
	assert_state(&w, SAFETY_SCREENED);
}

/* Invariant 31, hazard H36 */
static void no_session_without_screening_consent_and_age(void **state)
{
	struct safety_event ev = begin_event();

	(void)state;
	ev.begin.consent = false;
	refused(&ev, SAFETY_REFUSE_CONSENT);
	ev = begin_event();
	ev.begin.screening_clear = false;
	refused(&ev, SAFETY_REFUSE_SCREENING);
}

/* Invariant 31: no size, no density, no session. */
static void an_area_of_unknown_size_is_refused(void **state)
{
	struct safety_event ev = begin_event();

	(void)state;
	ev.begin.dose.area_mm2 = 0;
	refused(&ev, SAFETY_REFUSE_AREA);
	ev = begin_event();
	ev.begin.dose.basis = (enum safety_dose_basis)2;
	refused(&ev, SAFETY_REFUSE_AREA);
}

/* Invariants 31 and 32, hazards H26 and H27 */
static void the_area_must_be_read_back_before_the_motor_may_run(void **state)
{
	struct safety_event ev = { .kind = SAFETY_EV_PREPARED, .owner = OWNER,
				   .area = AREA + 1 };
	struct world w;

	(void)state;
	go(&w, SAFETY_SCREENED);
	world_step(&w, &ev);
	assert_refused(&w, SAFETY_REFUSE_AREA);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_refused(&w, SAFETY_REFUSE_PREPARATION);
	send_by(&w, SAFETY_EV_PREPARED, OWNER);
	assert_state(&w, SAFETY_READY);
}

/* Hazard H27: a forbidden site has no depth at all. */
static void a_site_with_no_depth_permits_none(void **state)
{
	struct safety_event ev = begin_event();
	const struct safety_action *no;
	struct world w;

	(void)state;
	safety_limits_tighten(&ev.begin.limits, SAFETY_LIMIT_DEPTH_MAX, 0,
			      SAFETY_BY_AREA);
	ev.begin.depth_um = 100;
	go(&w, SAFETY_IDLE);
	world_step(&w, &ev);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
	no = did(&w, SAFETY_DO_REFUSE);
	assert_int_equal(no->limit, SAFETY_LIMIT_DEPTH_MAX);
	assert_int_equal(no->source, SAFETY_BY_AREA);
	assert_int_equal(no->allowed, 0);
}

/* ---- cartridge ----------------------------------------------------------- */

/* Invariant 30, hazard H33: unknown, unreadable, absurd. */
static void a_cartridge_that_nobody_knows_is_refused(void **state)
{
	struct safety_event ev = begin_event();

	(void)state;
	ev.begin.cartridge.proof = SAFETY_PROOF_NONE;
	refused(&ev, SAFETY_REFUSE_CARTRIDGE_UNKNOWN);
	ev.begin.cartridge.proof = SAFETY_PROOFS;
	refused(&ev, SAFETY_REFUSE_CARTRIDGE_UNKNOWN);
	ev.begin.cartridge.proof = SAFETY_PROOF_PROVEN;
	refused(&ev, SAFETY_REFUSE_CARTRIDGE_UNKNOWN);
	ev = begin_event();
	ev.begin.cartridge.needles = 0;
	refused(&ev, SAFETY_REFUSE_CARTRIDGE_UNKNOWN);
	ev.begin.cartridge.needles = SAFETY_NEEDLES_MAX + 1;
	refused(&ev, SAFETY_REFUSE_CARTRIDGE_UNKNOWN);
	ev.begin.cartridge.needles = SAFETY_NEEDLES_MAX;
	accepted(&ev);
	ev.begin.cartridge.needles = 1;
	accepted(&ev);
	ev.begin.cartridge.needle_um = 0;
	refused(&ev, SAFETY_REFUSE_CARTRIDGE_UNKNOWN);
	ev.begin.cartridge.needle_um = SAFETY_NEEDLE_MAX_UM + 1;
	refused(&ev, SAFETY_REFUSE_CARTRIDGE_UNKNOWN);
	ev.begin.cartridge.needle_um = SAFETY_NEEDLE_MAX_UM;
	accepted(&ev);
}

/* Invariant 30, hazard H33: to the end of its last day, clinic's time. */
static void a_cartridge_is_good_to_the_end_of_its_last_day(void **state)
{
	struct safety_event ev = begin_event();

	(void)state;
	ev.begin.when.utc_offset_s = 7200;
	ev.begin.when.wall_s = (int64_t)(TODAY + 1) * DAY_S - 7200 - 1;
	accepted(&ev);
	ev.begin.when.wall_s++;
	refused(&ev, SAFETY_REFUSE_CARTRIDGE_EXPIRED);
	ev.begin.when.utc_offset_s = 0;
	accepted(&ev);
	ev.begin.when.utc_offset_s = -7200;
	accepted(&ev);
}

/* Invariant 30: no date is a date only by the operator's word. */
static void a_cartridge_without_a_date_needs_the_operators_word(void **state)
{
	struct safety_event ev = begin_event();

	(void)state;
	ev.begin.cartridge.expiry_day = SAFETY_DAY_NONE;
	accepted(&ev);
	ev.begin.cartridge.proof = SAFETY_PROOF_COUNTED;
	refused(&ev, SAFETY_REFUSE_CARTRIDGE_EXPIRED);
	ev.begin.cartridge.proof = SAFETY_PROOF_PROVEN;
	ev.begin.cartridge.id = 1;
	refused(&ev, SAFETY_REFUSE_CARTRIDGE_EXPIRED);
}

/* Invariant 30, hazard H32 */
static void a_used_or_recalled_cartridge_is_refused(void **state)
{
	struct safety_event ev = begin_event();

	(void)state;
	ev.begin.cartridge.used = true;
	refused(&ev, SAFETY_REFUSE_CARTRIDGE_USED);
	ev.begin.cartridge.recalled = true;
	refused(&ev, SAFETY_REFUSE_CARTRIDGE_RECALLED);
}

static void end_session(struct world *w)
{
	send_by(w, SAFETY_EV_END, OWNER);
	settle(w);
	send_ticket(w, SAFETY_EV_CLOSE_DURABLE, w->s.close_ticket);
	assert_state(w, SAFETY_IDLE);
}

/* Invariant 30, hazard H32: also if the record has forgotten it. */
static void a_cartridge_that_ran_serves_no_second_session(void **state)
{
	struct safety_event ev = begin_event();
	struct world w;

	(void)state;
	ev.begin.cartridge.proof = SAFETY_PROOF_PROVEN;
	ev.begin.cartridge.id = 4711;
	go(&w, SAFETY_IDLE);
	world_step(&w, &ev);
	end_session(&w);
	/* It never ran. */
	world_step(&w, &ev);
	assert_accepted(&w);
	send_by(&w, SAFETY_EV_PREPARED, OWNER);
	run(&w);
	end_session(&w);
	world_step(&w, &ev);
	assert_refused(&w, SAFETY_REFUSE_CARTRIDGE_USED);
	ev.begin.cartridge.id = 4712;
	world_step(&w, &ev);
	assert_accepted(&w);
}

/* Invariant 12: needles are not longer than they are. */
static void depth_is_held_at_the_needles_length(void **state)
{
	struct safety_event ev = begin_event();
	const struct safety_action *no;
	struct world w;

	(void)state;
	ev.begin.cartridge.length_um = 999;
	go(&w, SAFETY_IDLE);
	world_step(&w, &ev);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
	no = did(&w, SAFETY_DO_REFUSE);
	assert_int_equal(no->source, SAFETY_BY_CARTRIDGE);
	assert_int_equal(no->allowed, 999);
	ev.begin.cartridge.length_um = 1000;
	accepted(&ev);
}

/* Invariant 12: the deepest settings only at the slowest rate. */
static void deep_settings_want_the_slowest_rate(void **state)
{
	struct safety_event ev = begin_event();
	const struct safety_action *no;
	struct world w;

	(void)state;
	safety_limits_absolute(&ev.begin.limits);
	ev.begin.depth_um = 1999;
	accepted(&ev);
	ev.begin.depth_um = 2000;
	go(&w, SAFETY_IDLE);
	world_step(&w, &ev);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
	no = did(&w, SAFETY_DO_REFUSE);
	assert_int_equal(no->limit, SAFETY_LIMIT_RATE_MAX);
	assert_int_equal(no->source, SAFETY_BY_DEPTH);
	assert_int_equal(no->allowed, 3000);
	ev.begin.rate_spm = 3000;
	accepted(&ev);
}

/* ---- time of day ----------------------------------------------------------- */

/* Invariant 23, hazard H37 */
static void the_interval_is_counted_in_the_clinics_days(void **state)
{
	struct safety_event ev = begin_event();
	const struct safety_action *no;
	struct world w;

	(void)state;
	safety_limits_tighten(&ev.begin.limits, SAFETY_LIMIT_INTERVAL_MIN, 28,
			      SAFETY_BY_CONCERN);
	/* Late in the evening, 28 days before. */
	ev.begin.when.last_end_s = (int64_t)(TODAY - 27) * DAY_S - 1;
	accepted(&ev);
	ev.begin.when.last_end_s++;
	go(&w, SAFETY_IDLE);
	world_step(&w, &ev);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
	no = did(&w, SAFETY_DO_REFUSE);
	assert_int_equal(no->limit, SAFETY_LIMIT_INTERVAL_MIN);
	assert_int_equal(no->source, SAFETY_BY_CONCERN);
	assert_int_equal(no->requested, 27);
	assert_int_equal(no->allowed, 28);
	ev.begin.when.utc_offset_s = 3600;
	refused(&ev, SAFETY_REFUSE_LIMIT);
	ev.begin.when.utc_offset_s = -3600;
	accepted(&ev);
}

/* Invariant 23: an interval that the caller forgot is not none. */
static void the_shortest_interval_is_compiled_in(void **state)
{
	struct safety_event ev = begin_event();

	(void)state;
	ev.begin.limits.limit[SAFETY_LIMIT_INTERVAL_MIN].value = 0;
	ev.begin.when.last_end_s = WALL_S - 13 * DAY_S;
	refused(&ev, SAFETY_REFUSE_LIMIT);
	ev.begin.when.last_end_s = WALL_S - 14 * DAY_S;
	accepted(&ev);
}

/* What was cut short may be finished the same day, and not the next. */
static void a_session_cut_short_may_go_on_the_same_day(void **state)
{
	struct safety_event ev = begin_event();

	(void)state;
	ev.begin.when.last_open = true;
	ev.begin.when.last_end_s = WALL_S - 600;
	accepted(&ev);
	ev.begin.when.last_end_s = WALL_S - DAY_S;
	refused(&ev, SAFETY_REFUSE_LIMIT);
	ev.begin.when.last_end_s = WALL_S - 600;
	ev.begin.when.last_open = false;
	refused(&ev, SAFETY_REFUSE_LIMIT);
}

/* Invariants 21 and 23, hazard H13 */
static void setting_the_clock_back_shortens_nothing(void **state)
{
	struct safety_event ev = begin_event();
	struct safety_when *when = &ev.begin.when;

	(void)state;
	/* What the record saw, and what has passed since, counts. */
	when->durable_s = WALL_S;
	when->since_s = 3600;
	when->wall_s = WALL_S - 400 * (int64_t)DAY_S;
	assert_int_equal(safety_now_s(when), WALL_S + 3600);
	when->last_end_s = WALL_S - 14 * DAY_S;
	accepted(&ev);
	/* Nor does it make a cartridge good again. */
	ev.begin.cartridge.expiry_day = TODAY - 1;
	refused(&ev, SAFETY_REFUSE_CARTRIDGE_EXPIRED);
	ev.begin.cartridge.expiry_day = TODAY;
	/* The last session lies ahead: one of the two is wrong. */
	when->last_end_s = WALL_S + 3601;
	refused(&ev, SAFETY_REFUSE_CLOCK);
	when->confirmed = true;
	refused(&ev, SAFETY_REFUSE_CLOCK);
}

/* Invariants 21 and 23, hazard H13: 5 minutes ahead, and one second more. */
static void a_jump_ahead_wants_an_administrators_word(void **state)
{
	struct safety_event ev = begin_event();
	struct safety_when *when = &ev.begin.when;

	(void)state;
	when->durable_s = WALL_S - 1000;
	when->since_s = 1000;
	when->since_exact = true;
	when->wall_s = WALL_S + 300;
	accepted(&ev);
	when->wall_s++;
	refused(&ev, SAFETY_REFUSE_CLOCK);
	when->confirmed = true;
	accepted(&ev);
	when->confirmed = false;
	/* The machine was off: nobody knows for how long. */
	when->since_exact = false;
	accepted(&ev);
}

/* Hazards H13 and H33: a clock that was never set. */
static void a_clock_that_cannot_be_right_is_refused(void **state)
{
	struct safety_event ev = begin_event();
	struct safety_when *when = &ev.begin.when;

	(void)state;
	ev.begin.cartridge.expiry_day = INT32_MAX;
	when->wall_s = 0;
	refused(&ev, SAFETY_REFUSE_CLOCK);
	when->wall_s = 1704067199;
	refused(&ev, SAFETY_REFUSE_CLOCK);
	when->wall_s = INT64_MIN;
	refused(&ev, SAFETY_REFUSE_CLOCK);
	when->wall_s = 253402300800;
	refused(&ev, SAFETY_REFUSE_CLOCK);
	when->wall_s = WALL_S;
	when->utc_offset_s = 18 * 3600 + 1;
	refused(&ev, SAFETY_REFUSE_CLOCK);
	when->utc_offset_s = -18 * 3600 - 1;
	refused(&ev, SAFETY_REFUSE_CLOCK);
	when->utc_offset_s = 18 * 3600;
	accepted(&ev);
	/* Durable times beyond reason count for nothing. */
	when->durable_s = INT64_MAX;
	when->since_s = INT64_MAX;
	accepted(&ev);
	when->durable_s = WALL_S;
	refused(&ev, SAFETY_REFUSE_CLOCK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_session_without_screening_consent_and_age),
		cmocka_unit_test(an_area_of_unknown_size_is_refused),
		cmocka_unit_test(the_area_must_be_read_back_before_the_motor_may_run),
		cmocka_unit_test(a_site_with_no_depth_permits_none),
		cmocka_unit_test(a_cartridge_that_nobody_knows_is_refused),
		cmocka_unit_test(a_cartridge_is_good_to_the_end_of_its_last_day),
		cmocka_unit_test(a_cartridge_without_a_date_needs_the_operators_word),
		cmocka_unit_test(a_used_or_recalled_cartridge_is_refused),
		cmocka_unit_test(a_cartridge_that_ran_serves_no_second_session),
		cmocka_unit_test(depth_is_held_at_the_needles_length),
		cmocka_unit_test(deep_settings_want_the_slowest_rate),
		cmocka_unit_test(the_interval_is_counted_in_the_clinics_days),
		cmocka_unit_test(the_shortest_interval_is_compiled_in),
		cmocka_unit_test(a_session_cut_short_may_go_on_the_same_day),
		cmocka_unit_test(setting_the_clock_back_shortens_nothing),
		cmocka_unit_test(a_jump_ahead_wants_an_administrators_word),
		cmocka_unit_test(a_clock_that_cannot_be_right_is_refused),
	};

	return cmocka_run_group_tests_name("safety_begin", tests, NULL, NULL);
}
