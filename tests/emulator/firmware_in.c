// SPDX-License-Identifier: GPL-2.0-or-later
/* IN packets: telemetry at its pace, and events, each of them twice. */
#include "tests/emulator/firmware.h"

#include <linux/mnpen.h>

#define POWER_F_BUS		0x01
#define POWER_F_CHARGING	0x02

/*
 * The event to send now, or NULL. The first copy of each goes at once; the
 * second one behind a telemetry packet, so that one disturbance does not
 * swallow both. Second copies go in the order of the queue.
 */
static const struct fw_event_slot *event_due(const struct firmware *fw)
{
	const struct fw_event_slot *slot;
	unsigned int i;

	for (i = 0; i < fw->events_count; i++) {
		slot = &fw->events[(fw->events_head + i) % FW_EVENTS];
		if (!slot->sent)
			return slot;
	}
	slot = &fw->events[fw->events_head];
	if (fw->events_count && (int16_t)(fw->telemetry_seq - slot->sent_seq) > 0)
		return slot;
	return NULL;
}

uint64_t firmware_in_due_us(const struct firmware *fw)
{
	if (!fw->configured || fw->suspended)
		return UINT64_MAX;
	return event_due(fw) ? 0 : fw->telemetry_due_us;
}

static uint8_t power_flags(const struct physics *p)
{
	if (!p->on_bus)
		return 0;
	return POWER_F_BUS |
	       (physics_battery_pct(p) < 100 ? POWER_F_CHARGING : 0);
}

void fw_telemetry(const struct firmware *fw, uint64_t now_us,
		  struct mnp_telemetry *t)
{
	const struct physics *p = &fw->physics;
	bool running = fw->state == MNPEN_STATE_RUNNING;

	*t = (struct mnp_telemetry) {
		.seq = fw->in_seq,
		.dev_time_us = (uint32_t)now_us,
		.state = fw->state,
		.stop_reason = fw->stop_reason,
		.token = fw->token,
		.fault_active = fw->fault_active,
		.fault_latched = fw->fault_latched,
		.rate_set_spm = (uint16_t)(running ? fw->drive.rate_spm : 0),
		.rate_spm = (uint16_t)physics_rate_spm(p),
		.depth_set_um = (uint16_t)(running ? fw->drive.depth_um : 0),
		.depth_um = (uint16_t)physics_depth_um(p),
		.motor_ma = (int16_t)physics_current_ma(p),
		.bus_mv = (uint16_t)physics_bus_mv(p),
		.battery_mv = (uint16_t)physics_battery_mv(p),
		.temp_motor_cdegc =
			(int16_t)(physics_temp_motor_mdegc(p) / 10),
		.temp_board_cdegc =
			(int16_t)(physics_temp_board_mdegc(p) / 10),
		.battery_pct = (uint8_t)physics_battery_pct(p),
		.power_flags = power_flags(p),
		.strokes = physics_strokes(p),
		.limits_generation = fw->limits.generation,
		.limits_crc32 = fw->limits.crc32,
		.last_cmd_seq = fw->result.seq,
		.last_cmd_status = fw->result.code,
		.boot_id = fw->caps.boot_id,
		.rx_crc_errors = fw->rx_crc_errors,
	};
	if (running)
		t->feed_left_ms = (uint16_t)
			((fw->deadline_us - now_us) / 1000);
}

static void next_event(struct firmware *fw, struct fw_event_slot *slot,
		       uint8_t *buf)
{
	slot->event.seq = fw->in_seq;
	slot->sent_seq = fw->in_seq++;
	mnp_event_encode(&slot->event, buf);
	if (++slot->sent < 2)
		return;
	fw->events_head = (fw->events_head + 1) % FW_EVENTS;
	fw->events_count--;
}

void firmware_next_in(struct firmware *fw, uint64_t now_us, uint8_t *buf)
{
	const struct fw_event_slot *slot;
	struct mnp_telemetry t;

	firmware_step(fw, now_us);
	/* In turns when both are due: neither may starve the other. */
	slot = event_due(fw);
	if (slot && (now_us < fw->telemetry_due_us ||
		     fw->telemetry_seq == (uint16_t)(fw->in_seq - 1))) {
		next_event(fw, &fw->events[slot - fw->events], buf);
		return;
	}
	fw_telemetry(fw, now_us, &t);
	fw->telemetry_seq = fw->in_seq++;
	mnp_telemetry_encode(&t, buf);
	fw->telemetry_due_us += fw->telemetry_period_us;
	/* Late by more than a period: keep the pace, do not make up. */
	if (fw->telemetry_due_us <= now_us)
		fw->telemetry_due_us = now_us + fw->telemetry_period_us;
}
