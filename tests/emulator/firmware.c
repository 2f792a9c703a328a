// SPDX-License-Identifier: GPL-2.0-or-later
/* Motion, stops, faults, packets. Control requests are in requests.c. */
#include "tests/emulator/firmware.h"

#include <linux/mnpen.h>

#define STEP_US			1000
#define CATCH_UP_MAX_US		1000000
#define TELEMETRY_US		(MNP_TELEMETRY_PERIOD_MS * 1000)
#define DEVICE_WD_US		(MNP_DEVICE_WD_MS * 1000)

/* When a reading is a fault. */
#define OVERCURRENT_MS		20
#define STALL_MS		150	/* longer than a spin-up */
#define DEPTH_BAND_UM		150

#define POWER_F_BUS		0x01
#define POWER_F_CHARGING	0x02

static const struct mnp_caps profile = {
	.major = MNP_PROTO_MAJOR,
	.minor = MNP_PROTO_MINOR,
	.device_wd_ms = MNP_DEVICE_WD_MS,
	.features = MNPEN_CAP_DEPTH | MNPEN_CAP_BATTERY,
	.depth_min_um = 0,
	.depth_max_um = 2500,
	.depth_step_um = 50,
	.rate_min_spm = 3000,
	.rate_max_spm = 9000,
	.rate_step_spm = 60,
	.lease_min_ms = 100,
	.lease_max_ms = 1000,
	.telemetry_period_us = TELEMETRY_US,
	.fw_version = MNPEN_VERSION,
	.hw_model = "MNPEN-EMU 1",
};

static const struct mnp_limits profile_limits = {
	.depth_max_um = 2500,
	.rate_max_spm = 9000,
	.run_max_ms = 600000,
	.strokes_max = 5000000,
	.current_max_ma = 1200,
	.temp_max_mdegc = 60000,
	.lease_max_ms = 1000,
};

/* splitmix64: any seed will do, also 0. */
uint16_t fw_random16(struct firmware *fw)
{
	uint64_t z = fw->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint16_t)(z >> 48);
}

static struct fw_note note_start(const struct firmware *fw, uint64_t now_us,
				 enum fw_note_kind kind)
{
	return (struct fw_note) {
		.kind = kind,
		.t_us = now_us,
		.last_feed_us = fw->last_feed_us,
		.deadline_us = fw->deadline_us,
		.strokes = fw->physics.strokes,
		.state = fw->state,
		.reason = fw->stop_reason,
		.on = fw->drive.on,
	};
}

void fw_note_simple(struct firmware *fw, uint64_t now_us,
		    enum fw_note_kind kind, uint32_t value, uint32_t detail,
		    enum fw_source source)
{
	struct fw_note n = note_start(fw, now_us, kind);

	n.value = value;
	n.detail = detail;
	n.source = source;
	fw->sink(fw->sink_ctx, &n);
}

void fw_event(struct firmware *fw, uint64_t now_us, uint32_t code,
	      uint32_t arg0, uint32_t arg1)
{
	struct fw_event_slot *slot;

	/* Full: the oldest goes, and the gap in event_seq tells. */
	if (fw->events_count == FW_EVENTS) {
		fw->events_head = (fw->events_head + 1) % FW_EVENTS;
		fw->events_count--;
	}
	slot = &fw->events[(fw->events_head + fw->events_count) % FW_EVENTS];
	fw->events_count++;
	*slot = (struct fw_event_slot) {
		.event = {
			.dev_time_us = (uint32_t)now_us,
			.event_seq = fw->event_seq++,
			.state = fw->state,
			.stop_reason = fw->stop_reason,
			.code = code,
			.arg = { arg0, arg1 },
		},
	};
}

void fw_set_state(struct firmware *fw, uint64_t now_us, uint8_t state)
{
	uint8_t before = fw->state;

	if (state == before)
		return;
	fw->state = state;
	fw_note_simple(fw, now_us, FW_NOTE_STATE, before, 0, FW_FROM_NONE);
	fw_event(fw, now_us, MNPEN_EV_STATE, before, 0);
}

/*
 * Everything that ends motion ends here. The drive is off before anything is
 * told or counted. In a state without motion or token it changes nothing, so
 * that the first cause is kept.
 */
void fw_stop(struct firmware *fw, uint64_t now_us, uint16_t reason,
	     enum fw_source source)
{
	bool was_on = fw->drive.on;
	bool effect = was_on || fw->token;
	struct fw_note n;

	fw->drive.on = false;
	fw->token = 0;
	/* A reason we do not know is still a stop. */
	if (!reason || reason > MNPEN_STOP_DEVICE)
		reason = MNPEN_STOP_FORCED;
	if (effect)
		fw->stop_reason = (uint8_t)reason;
	n = note_start(fw, now_us, FW_NOTE_MOTOR);
	n.source = source;
	n.value = physics_rate_spm(&fw->physics);
	n.detail = fw->drive.depth_um;
	if (was_on)
		fw->sink(fw->sink_ctx, &n);
	n.kind = FW_NOTE_STOP;
	n.reason = (uint8_t)reason;
	n.value = effect;
	n.detail = 0;
	fw->sink(fw->sink_ctx, &n);
	fw->deadline_us = 0;
	if (!effect)
		return;
	fw_set_state(fw, now_us, fw->fault_latched ? MNPEN_STATE_FAULT :
						     MNPEN_STATE_IDLE);
	fw_event(fw, now_us, MNPEN_EV_STOPPED, reason, fw->physics.strokes);
}

/* A fault is sticky: only the next power-up forgets it. */
static void fault(struct firmware *fw, uint64_t now_us, uint32_t bits)
{
	uint32_t fresh = bits & ~fw->fault_latched;

	fw->fault_active |= bits;
	if (!fresh)
		return;
	fw->fault_latched |= fresh;
	if (!fw->first_fault)
		fw->first_fault = fresh;
	if (fw->drive.on || fw->token)
		fw_stop(fw, now_us, MNPEN_STOP_FAULT, FW_FROM_SELF);
	fw_note_simple(fw, now_us, FW_NOTE_FAULT, fresh, fw->first_fault,
		       FW_FROM_SELF);
	fw_event(fw, now_us, MNPEN_EV_FAULT_SET, fresh, 0);
	if (fresh & MNPEN_FAULT_STALL)
		fw_event(fw, now_us, MNPEN_EV_STALL,
			 (uint32_t)fw->physics.current_ma,
			 physics_depth_um(&fw->physics));
	fw_set_state(fw, now_us, MNPEN_STATE_FAULT);
}

void fw_limits_seal(struct firmware *fw)
{
	uint8_t image[MNP_LIMITS_LEN];
	int i;

	mnp_limits_encode(&fw->limits, image);
	for (i = 0; i < MNP_LIMITS_LEN; i++)
		fw->limits_inverse[i] = (uint8_t)~image[i];
}

bool fw_limits_intact(const struct firmware *fw)
{
	struct mnp_limits copy = fw->limits;
	uint8_t image[MNP_LIMITS_LEN];
	int i;

	mnp_limits_encode(&copy, image);
	if (copy.crc32 != fw->limits.crc32)
		return false;
	for (i = 0; i < MNP_LIMITS_LEN; i++)
		if ((image[i] ^ fw->limits_inverse[i]) != 0xff)
			return false;
	return true;
}

static void check_motor(struct firmware *fw, uint64_t t_us)
{
	uint32_t rate_spm = physics_rate_spm(&fw->physics);
	bool over = fw->physics.current_ma > (int32_t)fw->limits.current_max_ma;
	bool slow = rate_spm < fw->drive.rate_spm / 4;

	fw->over_ms = over ? fw->over_ms + 1 : 0;
	fw->slow_ms = fw->drive.on && slow ? fw->slow_ms + 1 : 0;
	if (fw->over_ms >= OVERCURRENT_MS)
		fault(fw, t_us, MNPEN_FAULT_OVERCURRENT);
	if (fw->slow_ms >= STALL_MS)
		fault(fw, t_us, MNPEN_FAULT_STALL);
}

/* By the time of the sample, which is earlier than @t_us in a late turn. */
static void check_depth(struct firmware *fw, uint64_t t_us)
{
	int32_t off = (int32_t)physics_depth_um(&fw->physics) -
		      (int32_t)fw->drive.depth_um;

	if (!fw->drive.on || fw->physics_us < fw->depth_settled_us)
		return;
	if (off > DEPTH_BAND_UM || off < -DEPTH_BAND_UM)
		fault(fw, t_us, MNPEN_FAULT_DEPTH);
}

/* Rule 1: looked at in every turn of the loop, not only at RUN. */
static void check_sensors(struct firmware *fw, uint64_t t_us)
{
	fw->fault_active = 0;
	check_motor(fw, t_us);
	check_depth(fw, t_us);
	if (physics_temp_motor_mdegc(&fw->physics) > fw->limits.temp_max_mdegc)
		fault(fw, t_us, MNPEN_FAULT_OVERTEMP);
}

/* The world moves on to @until_us; what it shows is noticed at @now_us. */
static void physics_catch_up(struct firmware *fw, uint64_t until_us,
			     uint64_t now_us)
{
	/* After a long sleep only the last second can still matter. */
	if (until_us > fw->physics_us + CATCH_UP_MAX_US)
		fw->physics_us = until_us - CATCH_UP_MAX_US;
	while (fw->physics_us + STEP_US <= until_us) {
		fw->physics_us += STEP_US;
		physics_step(&fw->physics, &fw->drive);
		check_sensors(fw, now_us);
	}
}

static uint64_t run_ends_us(const struct firmware *fw)
{
	uint64_t limit_us = fw->run_start_us +
			    (uint64_t)fw->limits.run_max_ms * 1000;

	return fw->run_end_us && fw->run_end_us < limit_us ? fw->run_end_us :
							     limit_us;
}

void firmware_step(struct firmware *fw, uint64_t now_us)
{
	/*
	 * In the order in which things were due: what is measured behind the
	 * deadline must not become the reason of the stop.
	 */
	if (fw->deadline_us && now_us >= fw->deadline_us) {
		physics_catch_up(fw, fw->deadline_us, now_us);
		fw_stop(fw, now_us, MNPEN_STOP_DEVICE, FW_FROM_SELF);
	}
	physics_catch_up(fw, now_us, now_us);
	if (!fw_limits_intact(fw))
		fault(fw, now_us, MNPEN_FAULT_LIMITS);
	if (fw->state != MNPEN_STATE_RUNNING)
		return;
	if (now_us >= run_ends_us(fw))
		fw_stop(fw, now_us, MNPEN_STOP_DURATION, FW_FROM_SELF);
	else if (fw->physics.strokes >= fw->limits.strokes_max)
		fw_stop(fw, now_us, MNPEN_STOP_LIMIT, FW_FROM_SELF);
}

uint64_t firmware_next_us(const struct firmware *fw)
{
	uint64_t next_us = UINT64_MAX;
	uint64_t end_us;

	if (fw->drive.on || !physics_at_rest(&fw->physics))
		next_us = fw->physics_us + STEP_US;
	if (fw->deadline_us && fw->deadline_us < next_us)
		next_us = fw->deadline_us;
	if (fw->state == MNPEN_STATE_RUNNING) {
		end_us = run_ends_us(fw);
		if (end_us < next_us)
			next_us = end_us;
	}
	return next_us;
}

void firmware_bus(struct firmware *fw, uint64_t now_us, enum fw_bus what)
{
	firmware_step(fw, now_us);
	fw_note_simple(fw, now_us, FW_NOTE_BUS, what, 0, FW_FROM_BUS);
	switch (what) {
	case FW_BUS_ATTACH:
		break;
	case FW_BUS_CONFIGURED:
		/* SET_CONFIGURATION is a fresh start for the host, too. */
		fw_stop(fw, now_us, MNPEN_STOP_RESET, FW_FROM_BUS);
		fw->configured = true;
		fw->suspended = false;
		fw->telemetry_due_us = now_us;
		break;
	case FW_BUS_RESET:
		fw_stop(fw, now_us, MNPEN_STOP_RESET, FW_FROM_BUS);
		fw->configured = false;
		fw->suspended = false;
		break;
	case FW_BUS_SUSPEND:
		fw_stop(fw, now_us, MNPEN_STOP_PM, FW_FROM_BUS);
		fw->suspended = true;
		break;
	case FW_BUS_RESUME:
		/* Who did not hear of the suspend hears of it now. */
		fw_stop(fw, now_us, MNPEN_STOP_PM, FW_FROM_BUS);
		fw->suspended = false;
		fw->telemetry_due_us = now_us;
		break;
	case FW_BUS_DETACH:
		fw_stop(fw, now_us, MNPEN_STOP_UNBIND, FW_FROM_BUS);
		fw->configured = false;
		fw->suspended = false;
		break;
	}
}

int fw_check_grant(const struct firmware *fw, uint64_t now_us, uint16_t token,
		   uint16_t seq, uint32_t valid_until_us)
{
	int32_t left_us = mnp_time_diff_us(valid_until_us, (uint32_t)now_us);

	if (fw->fault_latched)
		return MNP_RESULT_FAULT;
	/* Token 0 is "not armed" and matches nothing. */
	if (!fw->token || token != fw->token)
		return MNP_RESULT_TOKEN;
	if (fw->have_seq && !mnp_seq_newer(seq, fw->last_seq))
		return MNP_RESULT_SEQUENCE;
	if (left_us <= 0 || left_us > DEVICE_WD_US)
		return MNP_RESULT_LATE;
	return MNP_RESULT_OK;
}

void fw_take_grant(struct firmware *fw, uint64_t now_us, uint16_t seq,
		   uint32_t valid_until_us)
{
	uint64_t until_us = now_us + (uint64_t)
		mnp_time_diff_us(valid_until_us, (uint32_t)now_us);

	fw->have_seq = true;
	fw->last_seq = seq;
	fw->last_feed_us = now_us;
	/* Only a stop takes back what was granted. */
	if (until_us > fw->deadline_us)
		fw->deadline_us = until_us;
}

static void reject(struct firmware *fw, uint64_t now_us, int code, uint8_t cmd)
{
	fw->rejects++;
	fw_note_simple(fw, now_us, FW_NOTE_REJECT, (uint32_t)code, cmd,
		       FW_FROM_OUT);
}

static int out_damage(struct firmware *fw, int err)
{
	if (err == MNP_ERR_LENGTH)
		return MNP_RESULT_LENGTH;
	if (err != MNP_ERR_CRC)
		return MNP_RESULT_UNKNOWN;
	fw->rx_crc_errors++;
	return MNP_RESULT_CRC;
}

void firmware_out(struct firmware *fw, uint64_t now_us, const uint8_t *buf,
		  size_t len)
{
	struct mnp_out out;
	int err, code;

	firmware_step(fw, now_us);
	err = mnp_out_decode(buf, len, &out);
	if (err) {
		reject(fw, now_us, out_damage(fw, err), len > 2 ? buf[2] : 0);
		return;
	}
	if (out.cmd == MNP_OUT_STOP) {
		fw_stop(fw, now_us, out.reason, FW_FROM_OUT);
		return;
	}
	code = fw_check_grant(fw, now_us, out.token, out.seq,
			      out.valid_until_us);
	if (code)
		reject(fw, now_us, code, out.cmd);
	else
		fw_take_grant(fw, now_us, out.seq, out.valid_until_us);
}

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
		.motor_ma = (int16_t)p->current_ma,
		.bus_mv = (uint16_t)physics_bus_mv(p),
		.battery_mv = (uint16_t)physics_battery_mv(p),
		.temp_motor_cdegc =
			(int16_t)(physics_temp_motor_mdegc(p) / 10),
		.temp_board_cdegc =
			(int16_t)(physics_temp_board_mdegc(p) / 10),
		.battery_pct = 84,
		.power_flags = POWER_F_BUS | POWER_F_CHARGING,
		.strokes = p->strokes,
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
	fw->telemetry_due_us += TELEMETRY_US;
	/* Late by more than a period: keep the pace, do not make up. */
	if (fw->telemetry_due_us <= now_us)
		fw->telemetry_due_us = now_us + TELEMETRY_US;
}

void firmware_init(struct firmware *fw, const struct fw_power_up *up,
		   fw_sink_fn sink, void *sink_ctx)
{
	*fw = (struct firmware) {
		.sink = sink,
		.sink_ctx = sink_ctx,
		.caps = profile,
		.physics_us = up->now_us,
		.random = up->random,
		.state = MNPEN_STATE_IDLE,
		.limits = profile_limits,
		.absolute = profile_limits,
	};
	fw->caps.boot_id = fw_random16(fw);
	physics_init(&fw->physics);
	fw_limits_seal(fw);
	fw->absolute.crc32 = fw->limits.crc32;
	fw_note_simple(fw, up->now_us, FW_NOTE_BOOT, fw->caps.boot_id, 0,
		       FW_FROM_NONE);
	fw_event(fw, up->now_us, MNPEN_EV_BOOT, 0, 0);
}
