// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the firmware finds by measuring, and what it does about it. Rule 1 and
 * rule 7: looked at in every turn of the loop, not only at RUN.
 */
#include "tests/emulator/firmware.h"

#include <linux/mnpen.h>

/* When a reading is a fault. */
#define OVERCURRENT_MS		20
#define STALL_MS		150	/* longer than a spin-up */
#define FAST_MS			200	/* longer than braking to a lower rate */
#define FAST_PERCENT		120
#define DEPTH_BAND_UM		150
#define SUPPLY_MIN_MV		3200	/* the larger of bus and battery */
#define SUPPLY_MS		5
#define WATCHDOG_MS		50
#define LOW_BATTERY_PCT		15
#define LOW_BATTERY_OVER_PCT	20	/* told anew only after this */

/* Readings that no working sensor of this pen gives. */
#define RATE_POSSIBLE_SPM	15000
#define DEPTH_POSSIBLE_UM	4000
#define COLD_POSSIBLE_MDEGC	(-20000)
#define HOT_POSSIBLE_MDEGC	150000
#define BATTERY_POSSIBLE_MV	4600
#define CURRENT_POSSIBLE_MA	5000

static void fault_event(struct firmware *fw, uint64_t now_us, uint32_t bits,
			const struct mnp_telemetry *t)
{
	struct mnp_event *e;

	fw_event(fw, now_us, MNPEN_EV_FAULT_SET, bits, t->rate_spm);
	e = &fw->events[(fw->events_head + fw->events_count - 1) %
			FW_EVENTS].event;
	e->arg[2] = t->depth_um;
	e->arg[3] = (uint32_t)t->motor_ma;
	e->arg[4] = (uint32_t)(t->temp_motor_cdegc * 10);
	e->arg[5] = (uint32_t)(t->temp_board_cdegc * 10);
}

void fw_fault(struct firmware *fw, uint64_t now_us, uint32_t bits)
{
	uint32_t fresh = bits & ~fw->fault_latched;
	struct mnp_telemetry seen;
	struct fw_note n;

	fw->fault_active |= bits;
	if (!fresh)
		return;
	/* Before the stop: what was measured when it was found. */
	fw_telemetry(fw, now_us, &seen);
	fw->fault_latched |= fresh;
	if (!fw->first_fault) {
		fw->first_fault = fresh;
		fw->first_fault_us = now_us;
		fw->first_seen = seen;
	}
	if (fw->drive.on || fw->token)
		fw_stop(fw, now_us, MNPEN_STOP_FAULT, FW_FROM_SELF);
	n = fw_note_start(fw, now_us, FW_NOTE_FAULT);
	n.value = fresh;
	n.detail = fw->first_fault;
	n.source = FW_FROM_SELF;
	n.seen = &seen;
	fw->sink(fw->sink_ctx, &n);
	fault_event(fw, now_us, fresh, &seen);
	if (fresh & MNPEN_FAULT_STALL)
		fw_event(fw, now_us, MNPEN_EV_STALL, (uint32_t)seen.motor_ma,
			 seen.depth_um);
	fw_set_state(fw, now_us, MNPEN_STATE_FAULT);
}

int fw_clear_fault(struct firmware *fw, uint64_t now_us, uint32_t mask)
{
	if (!mask)
		return MNP_RESULT_UNKNOWN;
	if (mask & ~fw->fault_latched || mask & fw->fault_active)
		return MNP_RESULT_FAULT;
	fw->fault_latched &= ~mask;
	if (!fw->fault_latched) {
		fw->first_fault = 0;
		fw->first_fault_us = 0;
	}
	fw_note_simple(fw, now_us, FW_NOTE_CLEARED, mask, fw->fault_latched,
		       FW_FROM_EP0);
	fw_event(fw, now_us, MNPEN_EV_FAULT_CLEARED, mask, 0);
	if (!fw->fault_latched)
		fw_set_state(fw, now_us, MNPEN_STATE_IDLE);
	return MNP_RESULT_OK;
}

/* Counts how long something lasts. */
static uint32_t lasting(uint32_t so_far_ms, bool now, uint32_t ms)
{
	return now ? so_far_ms + ms : 0;
}

static void check_motor(struct firmware *fw, uint64_t t_us, uint32_t ms)
{
	const struct physics *p = &fw->physics;
	uint32_t rate_spm = physics_rate_spm(p);
	uint32_t told_spm = fw->drive.rate_spm;
	bool on = fw->drive.on;

	fw->over_ms = lasting(fw->over_ms, physics_current_ma(p) >
			      (int32_t)fw->limits.current_max_ma, ms);
	fw->slow_ms = lasting(fw->slow_ms, on && rate_spm < told_spm / 4, ms);
	fw->fast_ms = lasting(fw->fast_ms, on &&
			      rate_spm > told_spm * FAST_PERCENT / 100, ms);
	if (fw->over_ms >= OVERCURRENT_MS)
		fw_fault(fw, t_us, MNPEN_FAULT_OVERCURRENT);
	if (fw->slow_ms >= STALL_MS)
		fw_fault(fw, t_us, MNPEN_FAULT_STALL);
	/* A regulated motor cannot; so the pick-up or the regulator is bad. */
	if (fw->fast_ms >= FAST_MS)
		fw_fault(fw, t_us, MNPEN_FAULT_SENSOR);
}

/* By the time of the sample, which is earlier than @t_us in a late turn. */
static void check_depth(struct firmware *fw, uint64_t t_us)
{
	int32_t off = physics_depth_um(&fw->physics) -
		      (int32_t)fw->drive.depth_um;

	if (!fw->drive.on || fw->physics_us < fw->depth_settled_us)
		return;
	if (off > DEPTH_BAND_UM || off < -DEPTH_BAND_UM)
		fw_fault(fw, t_us, MNPEN_FAULT_DEPTH);
}

static void check_supply(struct firmware *fw, uint64_t t_us, uint32_t ms)
{
	uint32_t bus_mv = physics_bus_mv(&fw->physics);
	uint32_t battery_mv = physics_battery_mv(&fw->physics);
	uint32_t pct = physics_battery_pct(&fw->physics);

	fw->supply_ms = lasting(fw->supply_ms, bus_mv < SUPPLY_MIN_MV &&
				battery_mv < SUPPLY_MIN_MV, ms);
	if (fw->supply_ms >= SUPPLY_MS)
		fw_fault(fw, t_us, MNPEN_FAULT_SUPPLY);
	if (pct > LOW_BATTERY_OVER_PCT)
		fw->battery_low = false;
	if (pct > LOW_BATTERY_PCT || fw->battery_low)
		return;
	fw->battery_low = true;
	fw_note_simple(fw, t_us, FW_NOTE_BATTERY, pct, 0, FW_FROM_SELF);
	fw_event(fw, t_us, MNPEN_EV_LOW_BATTERY, pct, 0);
}

static bool temp_possible(int32_t mdegc)
{
	return mdegc > COLD_POSSIBLE_MDEGC && mdegc < HOT_POSSIBLE_MDEGC;
}

bool fw_readings_possible(const struct firmware *fw)
{
	const struct physics *p = &fw->physics;
	int32_t ma = physics_current_ma(p);

	return physics_rate_spm(p) < RATE_POSSIBLE_SPM &&
	       physics_depth_um(p) < DEPTH_POSSIBLE_UM &&
	       ma < CURRENT_POSSIBLE_MA && ma > -CURRENT_POSSIBLE_MA &&
	       temp_possible(physics_temp_motor_mdegc(p)) &&
	       temp_possible(physics_temp_board_mdegc(p)) &&
	       physics_battery_mv(p) < BATTERY_POSSIBLE_MV;
}

/* Rule 5: the loop kicks the watchdog only while both tasks move on. */
static void check_tasks(struct firmware *fw, uint64_t t_us, uint32_t ms)
{
	int task;

	for (task = 0; task < FW_TASKS; task++) {
		fw->hung_ms[task] = lasting(fw->hung_ms[task], fw->hung[task],
					    ms);
		if (fw->hung_ms[task] < WATCHDOG_MS)
			continue;
		if (!(fw->fault_latched & MNPEN_FAULT_WATCHDOG))
			fw_event(fw, t_us, MNPEN_EV_WATCHDOG, (uint32_t)task, 0);
		fw_fault(fw, t_us, MNPEN_FAULT_WATCHDOG);
	}
}

static bool cartridge_there(const struct firmware *fw)
{
	const struct cartridge *c = &fw->physics.cartridge;

	return c->present && !c->loose;
}

uint16_t fw_cartridge_flags(const struct firmware *fw)
{
	const struct cartridge *c = &fw->physics.cartridge;
	uint16_t flags = MNP_CARTRIDGE_PRESENT;

	if (!cartridge_there(fw))
		return 0;
	if (c->signature_good)
		flags |= MNP_CARTRIDGE_SIGNED;
	if (fw->cartridge_uses)
		flags |= MNP_CARTRIDGE_USED;
	if (c->expiry < FW_BUILD_DATE)
		flags |= MNP_CARTRIDGE_EXPIRED;
	return flags;
}

/* Bad at rest: it may be exchanged. Bad while it could move: latched. */
static void check_cartridge(struct firmware *fw, uint64_t now_us)
{
	if (fw_cartridge_flags(fw) ==
	    (MNP_CARTRIDGE_PRESENT | MNP_CARTRIDGE_SIGNED))
		return;
	fw->fault_active |= MNPEN_FAULT_CARTRIDGE;
	if (fw->drive.on || fw->token)
		fw_fault(fw, now_us, MNPEN_FAULT_CARTRIDGE);
}

void fw_check_sensors(struct firmware *fw, uint64_t t_us, uint32_t ms)
{
	fw->fault_active = 0;
	check_motor(fw, t_us, ms);
	check_depth(fw, t_us);
	check_supply(fw, t_us, ms);
	check_tasks(fw, t_us, ms);
	check_cartridge(fw, t_us);
	if (!fw_readings_possible(fw))
		fw_fault(fw, t_us, MNPEN_FAULT_SENSOR);
	if (physics_temp_motor_mdegc(&fw->physics) > fw->limits.temp_max_mdegc)
		fw_fault(fw, t_us, MNPEN_FAULT_OVERTEMP);
}

static void see_cartridge(struct firmware *fw, uint64_t now_us)
{
	bool there = cartridge_there(fw);

	if (there == fw->cartridge_seen)
		return;
	fw->cartridge_seen = there;
	/* What it was used before it came counts as used. */
	fw->cartridge_uses = fw->physics.cartridge.uses;
	fw_note_simple(fw, now_us, FW_NOTE_CARTRIDGE, there,
		       fw_cartridge_flags(fw), FW_FROM_SELF);
	fw_event(fw, now_us, MNPEN_EV_CARTRIDGE, there, fw_cartridge_flags(fw));
	/* Not in the next turn: needles without a hold must not move. */
	fw->fault_active &= ~MNPEN_FAULT_CARTRIDGE;
	check_cartridge(fw, now_us);
}

static void see_pedal(struct firmware *fw, uint64_t now_us)
{
	bool down = fw->physics.pedal_down;

	if (down == fw->pedal_seen)
		return;
	fw->pedal_seen = down;
	fw_note_simple(fw, now_us, FW_NOTE_PEDAL, down, 0, FW_FROM_SELF);
	if (!down && fw->pedal_bound && fw->drive.on)
		fw_stop(fw, now_us, MNPEN_STOP_DEVICE, FW_FROM_SELF);
	fw_event(fw, now_us, MNPEN_EV_PEDAL, down, 0);
}

/* The one button of this pen: pressing it stops. */
static void see_button(struct firmware *fw, uint64_t now_us)
{
	bool down = fw->physics.button_down;

	if (down == fw->button_seen)
		return;
	fw->button_seen = down;
	fw_note_simple(fw, now_us, FW_NOTE_BUTTON, down, 0, FW_FROM_SELF);
	if (down)
		fw_stop(fw, now_us, MNPEN_STOP_DEVICE, FW_FROM_SELF);
	fw_event(fw, now_us, MNPEN_EV_BUTTON, 0, down);
}

void fw_check_world(struct firmware *fw, uint64_t now_us)
{
	if (!fw_limits_intact(fw))
		fw_fault(fw, now_us, MNPEN_FAULT_LIMITS);
	see_cartridge(fw, now_us);
	see_pedal(fw, now_us);
	see_button(fw, now_us);
}
