// SPDX-License-Identifier: GPL-2.0-or-later
/* The safety core: what adds up. Punctures, contact, duty, open cartridges. */
#include "tests/unit/safety_world.h"

static void begin_as(struct world *w, const struct safety_event *ev)
{
	go(w, SAFETY_IDLE);
	world_step(w, ev);
	assert_accepted(w);
	send_by(w, SAFETY_EV_PREPARED, OWNER);
	assert_state(w, SAFETY_READY);
}

static void stopped_by(const struct world *w, enum safety_reason reason,
		       enum safety_limit_id id)
{
	assert_stopped(w, reason);
	assert_true(safety_why_has_limit(&w->s.why));
	assert_int_equal(w->s.why.reason, reason);
	assert_string_equal(safety_limit_name(w->s.why.limit),
			    safety_limit_name(id));
	assert_int_equal(w->s.why.allowed, w->s.limits.limit[id].value);
	assert_true(w->s.why.value >= w->s.why.allowed);
}

static void start_refused_by(struct world *w, enum safety_limit_id id)
{
	const struct safety_action *no;

	say(w);
	send_by(w, SAFETY_EV_START, OWNER);
	assert_refused(w, SAFETY_REFUSE_LIMIT);
	no = did(w, SAFETY_DO_REFUSE);
	assert_string_equal(safety_limit_name(no->limit),
			    safety_limit_name(id));
}

/* ---- density ---------------------------------------------------------------- */

/* Area of circles: the figures of needles that are sold. */
static void density_is_coverage_by_the_needles_section(void **state)
{
	(void)state;
	assert_int_equal(safety_density_cm2(250, 1000, 1000), 2037);
	assert_int_equal(safety_density_cm2(250, 1001, 1000), 1018);
	assert_int_equal(safety_density_cm2(350, 500, 250), 259);
	assert_int_equal(safety_density_cm2(350, 500, 2000), 2078);
	assert_int_equal(safety_density_cm2(210, 0, 1000), 2887);
	assert_int_equal(safety_density_cm2(0, 0, 1000), 0);
	assert_int_equal(safety_density_cm2(1, 0, UINT32_MAX), UINT32_MAX);
}

/* Invariant 16, hazard H35 */
static void the_run_ends_in_the_step_that_reaches_the_density(void **state)
{
	struct safety_event ev = begin_event();
	struct world w;

	(void)state;
	/* 2037 per cm2 on 1 cm2 with 12 needles: 169.75 strokes. */
	ev.begin.dose.area_mm2 = 100;
	begin_as(&w, &ev);
	assert_int_equal(w.s.limits.limit[SAFETY_LIMIT_DENSITY_MAX].value, 2037);
	assert_int_equal(w.s.limits.limit[SAFETY_LIMIT_DENSITY_MAX].source,
			 SAFETY_BY_CARTRIDGE);
	run(&w);
	while (w.s.strokes < 169) {
		live(&w, 8);
		assert_state(&w, SAFETY_ACTIVE);
	}
	assert_int_equal(w.s.punctures, 169 * NEEDLES);
	live(&w, 8);
	assert_int_equal(w.s.punctures, 170 * NEEDLES);
	assert_int_equal(w.s.density_cm2, 2040);
	assert_state(&w, SAFETY_STOPPING);
	assert_int_equal(w.s.last_stop, SAFETY_STOP_DENSITY);
	assert_int_equal(w.s.why.limit, SAFETY_LIMIT_DENSITY_MAX);
	settle(&w);
	assert_state(&w, SAFETY_PAUSED);
	start_refused_by(&w, SAFETY_LIMIT_DENSITY_MAX);
}

/* Invariant 16: the area remembers what it had earlier that day. */
static void punctures_of_the_day_count_before_the_first_stroke(void **state)
{
	struct safety_event ev = begin_event();
	const struct safety_action *no;
	struct world w;

	(void)state;
	ev.begin.dose.area_mm2 = 100;
	ev.begin.dose.punctures_before = 2037;
	go(&w, SAFETY_IDLE);
	world_step(&w, &ev);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
	no = did(&w, SAFETY_DO_REFUSE);
	assert_int_equal(no->limit, SAFETY_LIMIT_DENSITY_MAX);
	assert_int_equal(no->requested, 2037);
	ev.begin.dose.punctures_before = 2036 - NEEDLES;
	begin_as(&w, &ev);
	assert_int_equal(w.s.dosed, 2036 - NEEDLES);
	assert_int_equal(w.s.punctures, 0);
	run(&w);
	assert_int_equal(w.s.strokes, 1);
	live(&w, 8);
	assert_int_equal(w.s.last_stop, SAFETY_STOP_DENSITY);
}

/* A physician may go on, and nobody beyond the absolute density. */
static void an_override_ends_at_the_absolute_density(void **state)
{
	struct safety_event ev = begin_event();
	struct world w;

	(void)state;
	ev.begin.dose.density_override = true;
	begin_as(&w, &ev);
	assert_int_equal(w.s.limits.limit[SAFETY_LIMIT_DENSITY_MAX].value, 4074);
	ev.begin.cartridge.needle_um = 100;
	begin_as(&w, &ev);
	assert_int_equal(w.s.limits.limit[SAFETY_LIMIT_DENSITY_MAX].value, 5000);
	assert_int_equal(w.s.limits.limit[SAFETY_LIMIT_DENSITY_MAX].source,
			 SAFETY_BY_ABSOLUTE);
}

/* What to aim at and where to warn, in order, whatever the needles. */
static void aims_are_below_the_limit(void **state)
{
	struct safety_event ev = begin_event();
	uint32_t needle_um;
	struct world w;

	(void)state;
	begin_as(&w, &ev);
	assert_int_equal(w.s.density_target_cm2, 509);
	assert_int_equal(w.s.density_soft_cm2, 1018);
	for (needle_um = 50; needle_um <= 1000; needle_um += 50) {
		ev.begin.cartridge.needle_um = needle_um;
		ev.begin.depth_um = 1500;
		begin_as(&w, &ev);
		assert_true(w.s.density_target_cm2 <= w.s.density_soft_cm2);
		assert_true(w.s.density_soft_cm2 <=
			    w.s.limits.limit[SAFETY_LIMIT_DENSITY_MAX].value);
	}
}

static void target_and_high_density_are_told_once(void **state)
{
	uint32_t target = 0, high = 0, i;
	struct safety_event ev = begin_event();
	const struct safety_action *a;
	struct world w;

	(void)state;
	ev.begin.dose.area_mm2 = 100;
	begin_as(&w, &ev);
	run(&w);
	for (i = 0; i < 150; i++) {
		w.now += 8;
		say(&w);
		a = did(&w, SAFETY_DO_ALARM);
		target += a && a->reason == SAFETY_ALERT_TARGET;
		high += a && a->reason == SAFETY_ALERT_DENSITY;
		send_by(&w, SAFETY_EV_HEARTBEAT, OWNER);
	}
	assert_int_equal(target, 1);
	assert_int_equal(high, 1);
	assert_true(w.s.alarms >> SAFETY_ALERT_DENSITY & 1);
	assert_false(w.s.alarms >> SAFETY_ALERT_TARGET & 1);
	assert_state(&w, SAFETY_ACTIVE);
}

/* Invariant 16: also what is not under load is counted as puncture. */
static void only_strokes_under_load_count_for_the_area(void **state)
{
	struct safety_event ev = begin_event();
	struct world w;

	(void)state;
	ev.begin.dose.basis = SAFETY_DOSE_LOADED;
	ev.begin.dose.loaded_ma = 200;
	begin_as(&w, &ev);
	run(&w);		/* draws 200 mA */
	w.pen.motor_ma = 199;
	live(&w, 8);		/* load may have gone in between */
	assert_int_equal(w.s.dosed, w.s.punctures);
	live(&w, 80);
	assert_int_equal(w.s.punctures - w.s.dosed, 10 * NEEDLES);
	w.pen.motor_ma = 200;
	live(&w, 80);
	assert_int_equal(w.s.punctures - w.s.dosed, 10 * NEEDLES);
	w.pen.motor_ma = INT16_MIN; /* not known */
	live(&w, 16);
	assert_int_equal(w.s.punctures - w.s.dosed, 10 * NEEDLES);
	assert_int_equal(w.s.punctures, w.s.strokes * NEEDLES);
}

/* Invariant 16 */
static void the_total_of_punctures_is_bounded(void **state)
{
	struct safety_event ev = begin_event();
	struct world w;

	(void)state;
	safety_limits_tighten(&ev.begin.limits, SAFETY_LIMIT_PUNCTURES_MAX,
			      20 * NEEDLES, SAFETY_BY_PEN);
	begin_as(&w, &ev);
	run(&w);
	while (w.s.state == SAFETY_ACTIVE) {
		w.now += 8;
		say(&w);
	}
	assert_int_equal(w.s.punctures, 20 * NEEDLES);
	stopped_by(&w, SAFETY_STOP_DENSITY, SAFETY_LIMIT_PUNCTURES_MAX);
	settle(&w);
	start_refused_by(&w, SAFETY_LIMIT_PUNCTURES_MAX);
}

/* ---- time on the skin -------------------------------------------------------- */

static void live_until(struct world *w, uint64_t until)
{
	while (w->now + 8 < until)
		live(w, 8);
	w->now = until;
	say(w);
}

/* Hazard H35: a pen that is parked on one spot. */
static void contact_is_told_after_10_s_and_ends_after_30(void **state)
{
	struct world w;
	uint64_t begun;

	(void)state;
	go(&w, SAFETY_ACTIVE);
	begun = w.now - 8;
	live_until(&w, begun + 9999);
	assert_false(w.s.alarms >> SAFETY_ALERT_CONTACT & 1);
	live_until(&w, begun + 10000);
	assert_true(w.s.alarms >> SAFETY_ALERT_CONTACT & 1);
	live_until(&w, begun + 29999);
	assert_state(&w, SAFETY_ACTIVE);
	live_until(&w, begun + 30000);
	stopped_by(&w, SAFETY_STOP_CONTACT, SAFETY_LIMIT_CONTACT_MAX);
	settle(&w);
	start_refused_by(&w, SAFETY_LIMIT_CONTACT_MAX);
	live(&w, 1008);
	assert_int_equal(w.s.contact_ms, 0);
	assert_false(w.s.alarms >> SAFETY_ALERT_CONTACT & 1);
	run(&w);
}

/* Lifting for less than a second is not lifting. */
static void a_short_lift_does_not_start_the_count_again(void **state)
{
	struct safety_event ev = begin_event();
	uint32_t i;
	struct world w;

	(void)state;
	ev.begin.dose.basis = SAFETY_DOSE_LOADED;
	ev.begin.dose.loaded_ma = 200;
	begin_as(&w, &ev);
	run(&w);
	for (i = 0; i < 35 && w.s.state == SAFETY_ACTIVE; i++) {
		w.pen.motor_ma = 200;
		live(&w, 1000);
		w.pen.motor_ma = 100;
		live(&w, 800);
	}
	assert_true(i > 25);
	assert_int_equal(w.s.last_stop, SAFETY_STOP_CONTACT);

	begin_as(&w, &ev);
	run(&w);
	for (i = 0; i < 40; i++) {
		w.pen.motor_ma = 200;
		live(&w, 1000);
		w.pen.motor_ma = 100;
		live(&w, 1104);
		assert_int_equal(w.s.contact_ms, 0);
	}
	assert_state(&w, SAFETY_ACTIVE);
}

/* Hazard H30: a small handle must rest as long as it ran. */
static void the_handle_rests_as_long_as_it_ran(void **state)
{
	struct safety_event ev = begin_event();
	struct world w;
	uint32_t duty;

	(void)state;
	safety_limits_tighten(&ev.begin.limits, SAFETY_LIMIT_DUTY_MAX, 4000,
			      SAFETY_BY_PEN);
	begin_as(&w, &ev);
	run(&w);
	live(&w, 3000);
	send_by(&w, SAFETY_EV_PAUSE, OWNER);
	settle(&w);
	duty = w.s.duty_ms;
	assert_in_range(duty, 3000, 3100);
	live(&w, 504);
	assert_int_equal(w.s.duty_ms, duty - 504);
	run(&w);
	while (w.s.state == SAFETY_ACTIVE)
		live(&w, 8);
	assert_int_equal(w.s.last_stop, SAFETY_STOP_DUTY);
	assert_int_equal(w.s.why.limit, SAFETY_LIMIT_DUTY_MAX);
	assert_in_range(w.s.run_ms, 1400, 1600);
	settle(&w);
	w.now += 4100;
	say(&w);
	assert_int_equal(w.s.duty_ms, 0);
}

/* Hazard H32: a cartridge that lies open for hours is not sterile. */
static void an_open_cartridge_serves_two_hours(void **state)
{
	struct safety_event ev = begin_event();
	const struct safety_action *no;
	struct world w;

	(void)state;
	ev.begin.cartridge.open_ms = 7200000;
	go(&w, SAFETY_IDLE);
	world_step(&w, &ev);
	assert_refused(&w, SAFETY_REFUSE_LIMIT);
	no = did(&w, SAFETY_DO_REFUSE);
	assert_int_equal(no->limit, SAFETY_LIMIT_CARTRIDGE_MAX);
	ev.begin.cartridge.open_ms = 7200000 - 2000;
	begin_as(&w, &ev);
	run(&w);
	while (w.s.state == SAFETY_ACTIVE)
		live(&w, 8);
	assert_int_equal(w.s.last_stop, SAFETY_STOP_CARTRIDGE);
	assert_in_range(w.s.run_ms, 1900, 2000);
	settle(&w);
	start_refused_by(&w, SAFETY_LIMIT_CARTRIDGE_MAX);
}

/* The pen is told the nearest of all bounds, so that it ends the run too. */
static void the_pen_is_told_the_nearest_bound(void **state)
{
	static const struct {
		enum safety_limit_id id;
		enum safety_reason reason;
	} by[] = {
		{ SAFETY_LIMIT_RUN_MAX, SAFETY_STOP_RUN_TIME },
		{ SAFETY_LIMIT_SESSION_MAX, SAFETY_STOP_SESSION_TIME },
		{ SAFETY_LIMIT_CONTACT_MAX, SAFETY_STOP_CONTACT },
		{ SAFETY_LIMIT_DUTY_MAX, SAFETY_STOP_DUTY },
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
		struct safety_event ev = begin_event();
		struct world w;

		ev.begin.motor_ms = 700;
		if (by[i].id != SAFETY_LIMIT_SESSION_MAX) {
			ev.begin.motor_ms = 10000;
			safety_limits_tighten(&ev.begin.limits, by[i].id, 700,
					      SAFETY_BY_PEN);
		}
		begin_as(&w, &ev);
		run(&w);
		assert_int_equal(w.s.p.run_limit_ms, 700);
		while (w.s.state == SAFETY_ACTIVE)
			live(&w, 8);
		assert_string_equal(safety_reason_name(w.s.last_stop),
				    safety_reason_name(by[i].reason));
		assert_int_equal(w.s.why.limit, by[i].id);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(density_is_coverage_by_the_needles_section),
		cmocka_unit_test(the_run_ends_in_the_step_that_reaches_the_density),
		cmocka_unit_test(punctures_of_the_day_count_before_the_first_stroke),
		cmocka_unit_test(an_override_ends_at_the_absolute_density),
		cmocka_unit_test(aims_are_below_the_limit),
		cmocka_unit_test(target_and_high_density_are_told_once),
		cmocka_unit_test(only_strokes_under_load_count_for_the_area),
		cmocka_unit_test(the_total_of_punctures_is_bounded),
		cmocka_unit_test(contact_is_told_after_10_s_and_ends_after_30),
		cmocka_unit_test(a_short_lift_does_not_start_the_count_again),
		cmocka_unit_test(the_handle_rests_as_long_as_it_ran),
		cmocka_unit_test(an_open_cartridge_serves_two_hours),
		cmocka_unit_test(the_pen_is_told_the_nearest_bound),
	};

	return cmocka_run_group_tests_name("safety_dose", tests, NULL, NULL);
}
