// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Places that chance hardly ever finds: coverage and surviving mutants named
 * them, and each is said here once.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/mnpen.h>

#include "tests/model/world.h"

/* ---- what was done ------------------------------------------------------ */

static const struct safety_action *did(const struct world *w,
				       enum safety_action_kind kind)
{
	uint32_t i;

	for (i = 0; i < w->out.n; i++)
		if (w->out.a[i].kind == kind)
			return &w->out.a[i];
	return NULL;
}

static bool refused(const struct world *w, enum safety_limit_id id,
		    uint32_t requested, uint32_t allowed)
{
	const struct safety_action *no = did(w, SAFETY_DO_REFUSE);

	return no && no->reason == SAFETY_REFUSE_LIMIT && no->limit == id &&
	       no->requested == requested && no->allowed == allowed;
}

static void set(struct world *w, uint32_t depth_um, uint32_t rate_spm)
{
	struct safety_event ev = { .kind = SAFETY_EV_SET, .owner = OWNER };

	ev.set.depth_um = depth_um;
	ev.set.rate_spm = rate_spm;
	world_send(w, &ev);
}

/* ---- the edges ---------------------------------------------------------- */

/* 22: a stop that is obeyed late wears the handle as well. */
static bool a_handle_that_needs_rest_does_not_start(void)
{
	struct safety_event begin = world_begin_event();
	struct world w;

	safety_limits_tighten(&begin.begin.limits, SAFETY_LIMIT_DUTY_MAX, 100,
			      SAFETY_BY_PEN);
	world_go_with(&w, ACTIVE, &begin);
	world_ask(&w, SAFETY_EV_PAUSE);
	while (w.s.duty_ms < 300)
		world_say(&w, true);
	world_say(&w, false);
	world_say(&w, false);
	if (w.s.state != SAFETY_PAUSED || w.s.duty_ms < 300)
		return false;
	world_ask(&w, SAFETY_EV_START);
	if (!refused(&w, SAFETY_LIMIT_DUTY_MAX, w.s.duty_ms, 100))
		return false;
	while (w.s.duty_ms >= 100)
		world_say(&w, false);
	world_ask(&w, SAFETY_EV_START);
	return did(&w, SAFETY_DO_INTENT);
}

static bool an_armed_pen_may_begin_and_start(void)
{
	struct safety_event begin = world_begin_event();
	struct safety_event ev = { .kind = SAFETY_EV_TELEMETRY };
	struct world w;

	world_go(&w, IDLE);
	w.pen.seq++;
	w.pen.pen_state = MNPEN_STATE_ARMED;
	ev.telemetry = w.pen;
	world_send(&w, &ev);
	world_send(&w, &begin);
	return w.s.state == SAFETY_SCREENED;
}

static bool a_rate_rounded_below_its_floor_is_refused(void)
{
	struct safety_event begin = world_begin_event();
	struct world w;

	safety_limits_tighten(&begin.begin.limits, SAFETY_LIMIT_RATE_MIN, 3500,
			      SAFETY_BY_PEN);
	begin.begin.rate_step_spm = 1000;
	world_go_with(&w, READY, &begin);
	set(&w, 1000, 3600);
	if (!refused(&w, SAFETY_LIMIT_RATE_MIN, 3000, 3500))
		return false;
	set(&w, 1000, 4000);
	return did(&w, SAFETY_DO_ACCEPT) && w.s.rate_spm == 4000;
}

/* 4: the needles must first have got there, also if only the rate fell. */
static bool after_a_fall_of_the_rate_a_rise_waits(void)
{
	uint64_t fell;
	struct world w;

	world_go(&w, ACTIVE);
	set(&w, 1000, 5000);
	if (!did(&w, SAFETY_DO_SET))
		return false;
	fell = w.now;
	set(&w, 1000, 6000);
	while (!did(&w, SAFETY_DO_SET) && w.now < fell + 1000) {
		world_ask(&w, SAFETY_EV_HEARTBEAT);
		w.pen.motor_ma ^= 1;
		world_say(&w, true);
		if (w.s.state != SAFETY_ACTIVE)
			return false;
	}
	return w.now - fell >= w.cfg.spin_up_ms &&
	       w.now - fell < w.cfg.spin_up_ms + 16 &&
	       did(&w, SAFETY_DO_SET)->rate_spm == 5600;
}

/* 23: days are those of the clinic, from the first one on. */
static bool days_begin_in_1970(void)
{
	struct safety_event begin = world_begin_event();
	struct world w;

	begin.begin.when.last_end_s = 1;
	begin.begin.when.utc_offset_s = -18 * 3600;
	world_go(&w, IDLE);
	world_send(&w, &begin);
	return w.s.state == SAFETY_SCREENED;
}

/* The record is all that knows the time. */
static bool the_record_may_be_the_only_clock(void)
{
	struct safety_event begin = world_begin_event();
	struct safety_when *when = &begin.begin.when;

	*when = (struct safety_when){ .durable_s = 1795000000 };
	if (safety_now_s(when) != 1795000000)
		return false;
	when->since_s = -1;
	if (safety_now_s(when) != 1795000000)
		return false;
	when->since_s = 1;
	if (safety_now_s(when) != 1795000001)
		return false;
	when->durable_s = 0;
	if (safety_now_s(when) != 0)
		return false;
	when->durable_s = 1;
	when->since_s = 253402300799;
	return safety_now_s(when) == 253402300800;
}

/* 51: asked with a shorter pause than the core was stepped with. */
static bool a_pause_of_sound_is_never_negative(void)
{
	struct world w;
	bool well;

	world_go(&w, FAULT);
	world_ask(&w, SAFETY_EV_AUDIO_PAUSE);
	well = safety_audio_pause_left_ms(&w.cfg, &w.s) ==
	       w.cfg.audio_pause_ms;
	w.now += 1000;
	world_ask(&w, SAFETY_EV_TICK);
	well &= safety_audio_pause_left_ms(&w.cfg, &w.s) ==
		w.cfg.audio_pause_ms - 1000;
	w.cfg.audio_pause_ms = 1000;
	well &= safety_audio_pause_left_ms(&w.cfg, &w.s) == 0;
	w.cfg.audio_pause_ms = 500;
	well &= safety_audio_pause_left_ms(&w.cfg, &w.s) == 0;
	world_go(&w, IDLE);
	return well && !safety_audio_pause_left_ms(&w.cfg, &w.s);
}

/* Memory may be hit: a state that is none starts nothing. */
static bool a_state_that_is_none_starts_nothing(void)
{
	const enum safety_state none[] = { SAFETY_STATES,
					   (enum safety_state)1000 };
	struct world w;
	uint32_t i;

	for (i = 0; i < 2; i++) {
		world_go(&w, ACTIVE);
		w.s.state = none[i];
		world_say(&w, false);
		if (did(&w, SAFETY_DO_START) || did(&w, SAFETY_DO_RENEW))
			return false;
		world_ask(&w, SAFETY_EV_START);
		if (did(&w, SAFETY_DO_INTENT))
			return false;
		world_ask(&w, SAFETY_EV_STOP);
		if (!did(&w, SAFETY_DO_STOP))
			return false;
	}
	return true;
}

/* 29: no record leads here, and it is asked all the same. */
static bool a_motor_that_turns_is_not_started(void)
{
	const struct safety_action *no;
	struct world w;

	world_go(&w, READY);
	w.s.last.rate_spm = 1;
	world_ask(&w, SAFETY_EV_START);
	no = did(&w, SAFETY_DO_REFUSE);
	return no && no->reason == SAFETY_REFUSE_STATE;
}

/* 30: the thinnest needle there is, and the smallest area. */
static bool the_smallest_figures_are_figures(void)
{
	struct safety_event begin = world_begin_event();
	struct world w;

	begin.begin.cartridge.needle_um = 1;
	world_go(&w, IDLE);
	world_send(&w, &begin);
	if (w.s.state != SAFETY_SCREENED)
		return false;
	begin = world_begin_event();
	begin.begin.dose.area_mm2 = 1;
	begin.begin.dose.punctures_before = 30;
	world_go(&w, IDLE);
	world_send(&w, &begin);
	return refused(&w, SAFETY_LIMIT_DENSITY_MAX, 3000,
		       safety_density_cm2(250, 1000, 1000));
}

/* A little cooler than where it began, or it would come and go. */
static bool warmth_lasts_until_it_is_cooler(void)
{
	struct safety_event begin = world_begin_event();
	struct world w;

	safety_limits_tighten(&begin.begin.limits, SAFETY_LIMIT_TEMP_MAX, 30001,
			      SAFETY_BY_PEN);
	world_go_with(&w, READY, &begin);
	w.cfg.warm_mdegc = 30000;
	w.pen.temp_motor_mdegc = 2;
	world_say(&w, false);
	if (!(w.s.alarms & 1ull << SAFETY_ALERT_WARM))
		return false;
	w.pen.temp_motor_mdegc = 1;
	world_say(&w, false);
	if (!(w.s.alarms & 1ull << SAFETY_ALERT_WARM))
		return false;
	w.pen.temp_motor_mdegc = 0;
	world_say(&w, false);
	return !(w.s.alarms & 1ull << SAFETY_ALERT_WARM);
}

/* Written out a second time: nobody changes a figure by a slip. */
static bool the_figures_are_these(void)
{
	static const uint32_t limit[SAFETY_LIMITS] = {
		2500, 3000, 9000, 600000, 3600000, 800, 51000, 30000, 5000,
		7000000, 900000, 7200000, 14,
	};
	const struct safety_config cfg = {
		.telemetry_max_age_ms = 100, .frozen_max_ms = 2000,
		.renew_ms = 50, .heartbeat_max_ms = 500, .stop_repeat_ms = 20,
		.stop_confirm_max_ms = 1000, .start_max_ms = 1000,
		.spin_up_ms = 400, .depth_tolerance_um = 150,
		.rate_tolerance_permille = 200, .debounce_ms = 500,
		.mismatch_max_ms = 200, .invalid_max = 5, .future_max_ms = 500,
		.stroke_max_ms = 500, .contact_alert_ms = 10000,
		.contact_gap_ms = 1000, .warm_mdegc = 3000,
		.audio_pause_ms = 120000, .rise_um = 100, .rise_spm = 600,
		.rise_ms = 100, .jump_max_s = 300,
	};
	struct safety_config is;
	struct safety_limits l;
	bool well = true;
	uint32_t i;

	safety_config_default(&is);
	safety_limits_absolute(&l);
	for (i = 0; i < SAFETY_LIMITS; i++)
		well &= l.limit[i].value == limit[i] &&
			l.limit[i].source == SAFETY_BY_ABSOLUTE;
	return well && !memcmp(&is, &cfg, sizeof(cfg));
}

static bool a_run_of_no_time_is_refused(void)
{
	struct safety_event begin = world_begin_event();
	struct world w;

	safety_limits_tighten(&begin.begin.limits, SAFETY_LIMIT_RUN_MAX, 0,
			      SAFETY_BY_PEN);
	world_go_with(&w, READY, &begin);
	world_ask(&w, SAFETY_EV_START);
	return refused(&w, SAFETY_LIMIT_RUN_MAX, 0, 0);
}

/* @ms of a pen that stays at 1000 um whatever it is told. */
static void lag(struct world *w, uint32_t ms)
{
	struct safety_event ev = { .kind = SAFETY_EV_TELEMETRY };
	uint64_t until = w->now + ms;

	while (w->now < until && w->s.state == SAFETY_ACTIVE) {
		world_ask(w, SAFETY_EV_HEARTBEAT);
		w->now += 8;
		w->pen.seq++;
		w->pen.strokes++;
		w->pen.dev_time_us += 8000;
		w->pen.depth_set_um = w->s.depth_now_um;
		ev.telemetry = w->pen;
		world_send(w, &ev);
	}
}

/* 18: needles that are on their way deeper are not too shallow yet. */
static bool a_rise_is_given_time(void)
{
	struct safety_event begin = world_begin_event();
	struct world w;

	begin.begin.depth_step_um = 500;
	world_go_with(&w, ACTIVE, &begin);
	w.cfg.debounce_ms = 40;
	lag(&w, 800);
	set(&w, 1500, 6000);
	lag(&w, 384);
	if (w.s.state != SAFETY_ACTIVE || w.s.depth_now_um != 1500)
		return false;
	lag(&w, 100);
	return w.s.fault == SAFETY_FAULT_DEPTH;
}

/* 25: of what wraps, half is ahead and the other half is behind. */
static bool half_a_wrap_is_ahead(void)
{
	struct safety_event ev = { .kind = SAFETY_EV_TELEMETRY };
	struct world w;
	bool well = true;
	uint32_t i;

	for (i = 0; i < 6; i++) {
		uint32_t by = (uint32_t)INT32_MAX + i % 2;

		world_go(&w, ACTIVE);
		w.cfg.future_max_ms = UINT32_MAX;
		ev.telemetry = w.pen;
		ev.telemetry.seq += i / 2 == 0 ? by : 1;
		ev.telemetry.strokes += i / 2 == 1 ? by : 1;
		ev.telemetry.dev_time_us += i / 2 == 2 ? by : 1;
		world_send(&w, &ev);
		well &= (w.s.last.seq == ev.telemetry.seq) == (i % 2 == 0);
		well &= i != 2 || w.s.strokes >= by;
	}
	return well;
}

/* 21: ahead by half of all time counts in full, by more it is behind. */
static bool half_of_all_time_is_ahead(void)
{
	struct world w;

	world_go(&w, ACTIVE);
	w.now += INT64_MAX;
	world_ask(&w, SAFETY_EV_TICK);
	if (w.s.fault != SAFETY_FAULT_TELEMETRY_SILENT)
		return false;
	world_go(&w, ACTIVE);
	w.now += (uint64_t)INT64_MAX + 1;
	world_ask(&w, SAFETY_EV_TICK);
	return w.s.state == SAFETY_ACTIVE;
}

#define NOON	1795000000
#define LATEST	253402300799

/* 23: a row each for the first and the last second that will do. */
static bool the_time_of_day_has_bounds(void)
{
	static const struct {
		struct safety_when when;
		uint32_t interval_days;
		enum safety_reason reason;
	} row[] = {
		{ { .wall_s = 1704067199 }, 0, SAFETY_REFUSE_CLOCK },
		{ { .wall_s = 1704067200 }, 0, SAFETY_OK },
		{ { .wall_s = LATEST - 1 }, 0, SAFETY_OK },
		{ { .wall_s = LATEST }, 0, SAFETY_REFUSE_CLOCK },
		{ { .since_s = NOON }, 0, SAFETY_REFUSE_CLOCK },
		{ { .durable_s = 1, .since_s = NOON }, 0, SAFETY_OK },
		{ { .wall_s = NOON, .durable_s = LATEST }, 0,
		  SAFETY_REFUSE_CLOCK },
		{ { .wall_s = NOON, .durable_s = LATEST + 1 }, 0, SAFETY_OK },
		{ { .wall_s = NOON, .last_end_s = NOON, .last_open = true }, 0,
		  SAFETY_OK },
		{ { .wall_s = NOON, .last_end_s = NOON + 1, .last_open = true },
		  0, SAFETY_REFUSE_CLOCK },
		{ { .wall_s = NOON, .last_end_s = 1 }, 30000,
		  SAFETY_REFUSE_LIMIT },
		{ { .wall_s = NOON, .last_end_s = 1, .utc_offset_s = -64800 },
		  20774, SAFETY_OK },
		{ { .wall_s = NOON, .last_end_s = 1, .utc_offset_s = -64800 },
		  20775, SAFETY_REFUSE_LIMIT },
		{ { .wall_s = NOON, .utc_offset_s = -64801 }, 0,
		  SAFETY_REFUSE_CLOCK },
		{ { .wall_s = NOON, .utc_offset_s = 64800 }, 0, SAFETY_OK },
		{ { .wall_s = NOON, .utc_offset_s = 64801 }, 0,
		  SAFETY_REFUSE_CLOCK },
	};
	bool well = true;
	struct world w;
	uint32_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct safety_event begin = world_begin_event();
		const struct safety_action *no;

		begin.begin.when = row[i].when;
		begin.begin.cartridge.expiry_day = INT32_MAX;
		safety_limits_tighten(&begin.begin.limits,
				      SAFETY_LIMIT_INTERVAL_MIN,
				      row[i].interval_days, SAFETY_BY_AREA);
		world_go(&w, IDLE);
		world_send(&w, &begin);
		no = did(&w, SAFETY_DO_REFUSE);
		if ((no ? no->reason : SAFETY_OK) == row[i].reason)
			continue;
		printf("# row %" PRIu32 "\n", i);
		well = false;
	}
	return well;
}

/* ---- all of them -------------------------------------------------------- */

#define EDGE(name) { #name, name }

int main(void)
{
	static const struct {
		const char *name;
		bool (*holds)(void);
	} edges[] = {
		EDGE(a_handle_that_needs_rest_does_not_start),
		EDGE(an_armed_pen_may_begin_and_start),
		EDGE(a_rate_rounded_below_its_floor_is_refused),
		EDGE(after_a_fall_of_the_rate_a_rise_waits),
		EDGE(days_begin_in_1970),
		EDGE(the_record_may_be_the_only_clock),
		EDGE(a_pause_of_sound_is_never_negative),
		EDGE(a_state_that_is_none_starts_nothing),
		EDGE(a_motor_that_turns_is_not_started),
		EDGE(the_smallest_figures_are_figures),
		EDGE(the_figures_are_these),
		EDGE(a_run_of_no_time_is_refused),
		EDGE(a_rise_is_given_time),
		EDGE(half_a_wrap_is_ahead),
		EDGE(the_time_of_day_has_bounds),
		EDGE(half_of_all_time_is_ahead),
		EDGE(warmth_lasts_until_it_is_cooler),
	};
	const uint32_t n = sizeof(edges) / sizeof(edges[0]);
	int status = EXIT_SUCCESS;
	uint32_t i;

	printf("TAP version 13\n1..%" PRIu32 "\n", n);
	for (i = 0; i < n; i++) {
		bool well = edges[i].holds();

		printf("%sok %" PRIu32 " - %s\n", well ? "" : "not ", i + 1,
		       edges[i].name);
		if (!well)
			status = EXIT_FAILURE;
	}
	return status;
}
