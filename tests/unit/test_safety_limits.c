// SPDX-License-Identifier: GPL-2.0-or-later
/* The safety core: limits, their sources, and refusals that name them. */
#include "tests/unit/safety_world.h"

static const uint32_t absolute[SAFETY_LIMITS] = {
	2500, 3000, 9000, 600000, 3600000, 800, 51000,
	30000, 5000, 7000000, 900000, 7200000, 14,
};

static void refused_limit(const struct world *w, enum safety_limit_id id,
			  enum safety_source source, uint32_t requested,
			  uint32_t allowed)
{
	const struct safety_action *no = did(w, SAFETY_DO_REFUSE);

	assert_refused(w, SAFETY_REFUSE_LIMIT);
	assert_string_equal(safety_limit_name(no->limit),
			    safety_limit_name(id));
	assert_string_equal(safety_source_name(no->source),
			    safety_source_name(source));
	assert_int_equal(no->requested, requested);
	assert_int_equal(no->allowed, allowed);
	assert_state(w, SAFETY_IDLE);
}

static void absolute_limits_are_the_documented_ones(void **state)
{
	struct safety_limits l;
	uint32_t id;

	(void)state;
	safety_limits_absolute(&l);
	for (id = 0; id < SAFETY_LIMITS; id++) {
		assert_int_equal(l.limit[id].value, absolute[id]);
		assert_int_equal(l.limit[id].source, SAFETY_BY_ABSOLUTE);
	}
}

/* Invariant 13: the only setter there is cannot loosen. */
static void tighten_only_tightens(void **state)
{
	struct safety_limits l, before;
	uint32_t id;

	(void)state;
	safety_limits_absolute(&l);
	for (id = 0; id < SAFETY_LIMITS; id++) {
		bool floor = safety_limit_is_minimum(id);
		uint32_t tighter = floor ? absolute[id] + 1 : absolute[id] - 1;
		uint32_t looser = floor ? absolute[id] - 1 : absolute[id] + 1;

		before = l;
		safety_limits_tighten(&l, id, looser, SAFETY_BY_PEN);
		safety_limits_tighten(&l, id, absolute[id], SAFETY_BY_PEN);
		assert_memory_equal(&l, &before, sizeof(l));
		safety_limits_tighten(&l, id, tighter, SAFETY_BY_AREA);
		assert_int_equal(l.limit[id].value, tighter);
		assert_int_equal(l.limit[id].source, SAFETY_BY_AREA);
	}
	before = l;
	safety_limits_tighten(&l, SAFETY_LIMITS, 0, SAFETY_BY_PEN);
	assert_memory_equal(&l, &before, sizeof(l));
}

/* Invariants 12 and 15, one above and one at each boundary */
static void set_points_are_held_at_each_limit(void **state)
{
	struct safety_event ev;
	struct world w;

	(void)state;
	go(&w, SAFETY_IDLE);
	ev = begin_event();
	ev.begin.depth_um = 1501;
	world_step(&w, &ev);
	refused_limit(&w, SAFETY_LIMIT_DEPTH_MAX, SAFETY_BY_AREA, 1501, 1500);
	ev = begin_event();
	ev.begin.rate_spm = 9001;
	world_step(&w, &ev);
	refused_limit(&w, SAFETY_LIMIT_RATE_MAX, SAFETY_BY_ABSOLUTE, 9001, 9000);
	ev.begin.rate_spm = 2999;
	world_step(&w, &ev);
	refused_limit(&w, SAFETY_LIMIT_RATE_MIN, SAFETY_BY_ABSOLUTE, 2999, 3000);
	ev.begin.rate_spm = 0;
	world_step(&w, &ev);
	refused_limit(&w, SAFETY_LIMIT_RATE_MIN, SAFETY_BY_ABSOLUTE, 0, 3000);
	ev = begin_event();
	ev.begin.motor_ms = 3600001;
	world_step(&w, &ev);
	refused_limit(&w, SAFETY_LIMIT_SESSION_MAX, SAFETY_BY_ABSOLUTE,
		      3600001, 3600000);
	ev.begin.motor_ms = 0;
	world_step(&w, &ev);
	refused_limit(&w, SAFETY_LIMIT_SESSION_MAX, SAFETY_BY_OPERATOR, 0,
		      3600000);
	ev = begin_event();
	ev.begin.depth_um = 1500;
	ev.begin.rate_spm = 9000;
	ev.begin.motor_ms = 3600000;
	world_step(&w, &ev);
	assert_accepted(&w);
}

static void the_lowest_values_are_accepted(void **state)
{
	struct safety_event ev = begin_event();
	struct world w;

	(void)state;
	go(&w, SAFETY_IDLE);
	ev.begin.depth_um = 0;
	ev.begin.rate_spm = 3000;
	ev.begin.motor_ms = 1;
	world_step(&w, &ev);
	assert_accepted(&w);
	assert_int_equal(w.s.limits.limit[SAFETY_LIMIT_SESSION_MAX].value, 1);
	assert_int_equal(w.s.limits.limit[SAFETY_LIMIT_SESSION_MAX].source,
			 SAFETY_BY_OPERATOR);
}

/* Invariant 14: a caller who filled in too much gains nothing. */
static void nobody_can_begin_above_the_absolute_limits(void **state)
{
	struct safety_event ev = begin_event();
	struct world w;
	uint32_t id;

	(void)state;
	for (id = 0; id < SAFETY_LIMITS; id++) {
		ev.begin.limits.limit[id].value = UINT32_MAX;
		ev.begin.limits.limit[id].source = SAFETY_BY_PEN;
	}
	ev.begin.limits.limit[SAFETY_LIMIT_RATE_MIN].value = 0;
	ev.begin.limits.limit[SAFETY_LIMIT_INTERVAL_MIN].value = 0;
	go(&w, SAFETY_IDLE);
	ev.begin.depth_um = 2501;
	world_step(&w, &ev);
	refused_limit(&w, SAFETY_LIMIT_DEPTH_MAX, SAFETY_BY_ABSOLUTE, 2501,
		      2500);
	/* So thin that they cover nothing; so deep that they must be slow. */
	ev.begin.cartridge.needle_um = 50;
	ev.begin.depth_um = 2500;
	ev.begin.rate_spm = 3000;
	world_step(&w, &ev);
	assert_accepted(&w);
	for (id = 0; id < SAFETY_LIMITS; id++)
		if (id != SAFETY_LIMIT_SESSION_MAX &&
		    id != SAFETY_LIMIT_RATE_MAX)
			assert_int_equal(w.s.limits.limit[id].value,
					 absolute[id]);
}

/* Invariant 14: forgotten limits permit nothing. */
static void limits_left_at_zero_permit_no_session(void **state)
{
	struct safety_event ev = begin_event();
	struct world w;

	(void)state;
	memset(&ev.begin.limits, 0, sizeof(ev.begin.limits));
	go(&w, SAFETY_IDLE);
	world_step(&w, &ev);
	refused_limit(&w, SAFETY_LIMIT_DEPTH_MAX, SAFETY_BY_ABSOLUTE, DEPTH_UM,
		      0);
	ev.begin.depth_um = 0;
	world_step(&w, &ev);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
}

/* Invariant 32: a new session takes nothing over from the last. */
static void each_session_has_its_own_limits(void **state)
{
	struct safety_event ev = begin_event();
	struct world w;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	send_by(&w, SAFETY_EV_END, OWNER);
	settle(&w);
	send_ticket(&w, SAFETY_EV_CLOSE_DURABLE, w.s.close_ticket);
	assert_state(&w, SAFETY_IDLE);
	safety_limits_tighten(&ev.begin.limits, SAFETY_LIMIT_DEPTH_MAX, 500,
			      SAFETY_BY_CONCERN);
	world_step(&w, &ev);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
	assert_int_equal(did(&w, SAFETY_DO_REFUSE)->source, SAFETY_BY_CONCERN);
	ev.begin.depth_um = 500;
	world_step(&w, &ev);
	assert_accepted(&w);
	assert_int_equal(w.s.depth_um, 500);
	assert_int_equal(w.s.motor_ms, 0);
	assert_int_equal(w.s.strokes, 0);
	assert_int_equal(w.s.runs, 0);
	assert_int_equal(w.s.depth_peak_um, 0);
	assert_int_equal(w.s.rate_peak_spm, 0);
	assert_int_equal(w.s.run_ms, 0);
	assert_int_equal(w.s.run_strokes, 0);
	assert_int_equal(w.s.last_stop, SAFETY_OK);

	/* Nor the confirmed checklist, nor the wish to end. */
	w.pen.rate_spm = 1;
	say(&w);
	settle(&w);
	send_by(&w, SAFETY_EV_RESET, OWNER);
	assert_state(&w, SAFETY_SCREENED);
}

/* The last moment of a session is no run of zero length. */
static void used_up_motor_time_permits_no_run(void **state)
{
	const struct safety_action *no;
	struct world w;

	(void)state;
	go(&w, SAFETY_PAUSED);
	w.s.motor_ms = 1800000;
	w.books.active_ms = 1800000;
	say(&w);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
	no = did(&w, SAFETY_DO_REFUSE);
	assert_int_equal(no->limit, SAFETY_LIMIT_SESSION_MAX);
	assert_int_equal(no->source, SAFETY_BY_OPERATOR);
	assert_int_equal(no->requested, 1800000);
	assert_int_equal(no->allowed, 1800000);
}

static void start_is_refused_while_hot_or_drawing_current(void **state)
{
	const struct safety_action *no;
	struct world w;

	(void)state;
	go(&w, SAFETY_READY);
	w.pen.temp_motor_mdegc = 51000;
	w.pen.motor_ma = 800;
	say(&w);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_non_null(did(&w, SAFETY_DO_INTENT));
	send_by(&w, SAFETY_EV_STOP, 0);
	w.pen.temp_motor_mdegc = 51001;
	say(&w);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
	no = did(&w, SAFETY_DO_REFUSE);
	assert_int_equal(no->limit, SAFETY_LIMIT_TEMP_MAX);
	assert_int_equal(no->requested, 51001);
	assert_int_equal(no->allowed, 51000);
	w.pen.temp_motor_mdegc = 30000;
	w.pen.motor_ma = 801;
	say(&w);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
	assert_int_equal(did(&w, SAFETY_DO_REFUSE)->limit,
			 SAFETY_LIMIT_CURRENT_MAX);
}

/* Needles that stand out further than asked would start in the skin. */
static void start_is_refused_while_needles_stand_out(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_READY);
	w.pen.depth_um = DEPTH_UM + 150;
	say(&w);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_non_null(did(&w, SAFETY_DO_INTENT));
	send_by(&w, SAFETY_EV_STOP, 0);
	w.pen.depth_um = DEPTH_UM + 151;
	say(&w);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
	assert_int_equal(did(&w, SAFETY_DO_REFUSE)->requested, DEPTH_UM + 151);
}

static void a_pen_that_cannot_measure_does_not_start(void **state)
{
	struct world w;

	(void)state;
	go(&w, SAFETY_READY);
	w.pen.depth_um = 0xffff;
	say(&w);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_refused(&w, SAFETY_REFUSE_TELEMETRY);
	w.pen.depth_um = 0;
	w.pen.temp_motor_mdegc = -327680;
	say(&w);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_refused(&w, SAFETY_REFUSE_TELEMETRY);
	w.pen.temp_motor_mdegc = 30000;
	w.pen.motor_ma = -32768;
	say(&w);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_refused(&w, SAFETY_REFUSE_TELEMETRY);
	w.pen.motor_ma = -5;
	w.pen.temp_motor_mdegc = -40000;
	say(&w);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_non_null(did(&w, SAFETY_DO_INTENT));
}

static void a_run_limit_of_zero_permits_no_run(void **state)
{
	struct safety_event ev = begin_event();
	struct world w;

	(void)state;
	go(&w, SAFETY_IDLE);
	safety_limits_tighten(&ev.begin.limits, SAFETY_LIMIT_RUN_MAX, 0,
			      SAFETY_BY_PEN);
	world_step(&w, &ev);
	send_by(&w, SAFETY_EV_PREPARED, OWNER);
	send_by(&w, SAFETY_EV_START, OWNER);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
	assert_int_equal(did(&w, SAFETY_DO_REFUSE)->limit,
			 SAFETY_LIMIT_RUN_MAX);
	assert_int_equal(did(&w, SAFETY_DO_REFUSE)->source, SAFETY_BY_PEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absolute_limits_are_the_documented_ones),
		cmocka_unit_test(tighten_only_tightens),
		cmocka_unit_test(set_points_are_held_at_each_limit),
		cmocka_unit_test(the_lowest_values_are_accepted),
		cmocka_unit_test(nobody_can_begin_above_the_absolute_limits),
		cmocka_unit_test(limits_left_at_zero_permit_no_session),
		cmocka_unit_test(each_session_has_its_own_limits),
		cmocka_unit_test(used_up_motor_time_permits_no_run),
		cmocka_unit_test(start_is_refused_while_hot_or_drawing_current),
		cmocka_unit_test(start_is_refused_while_needles_stand_out),
		cmocka_unit_test(a_pen_that_cannot_measure_does_not_start),
		cmocka_unit_test(a_run_limit_of_zero_permits_no_run),
	};

	return cmocka_run_group_tests_name("safety_limits", tests, NULL, NULL);
}
