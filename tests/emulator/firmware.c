// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Motion and stops. What is found by measuring is in firmware_check.c, IN
 * packets in firmware_in.c, control requests in requests.c and
 * firmware_service.c.
 */
#include "tests/emulator/firmware.h"

#include <linux/mnpen.h>

#define STEP_US			1000
#define CATCH_UP_MAX_US		1000000
#define TELEMETRY_US		(MNP_TELEMETRY_PERIOD_MS * 1000)
#define DEVICE_WD_US		(MNP_DEVICE_WD_MS * 1000)

static const struct mnp_caps profile = {
	.major = MNP_PROTO_MAJOR,
	.minor = MNP_PROTO_MINOR,
	.device_wd_ms = MNP_DEVICE_WD_MS,
	.features = MNPEN_CAP_DEPTH | MNPEN_CAP_BATTERY |
		    MNPEN_CAP_CARTRIDGE | MNPEN_CAP_PEDAL | MNPEN_CAP_SELF_TEST,
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

struct fw_note fw_note_start(const struct firmware *fw, uint64_t now_us,
			     enum fw_note_kind kind)
{
	return (struct fw_note) {
		.kind = kind,
		.t_us = now_us,
		.last_feed_us = fw->last_feed_us,
		.deadline_us = fw->deadline_us,
		.strokes = physics_strokes(&fw->physics),
		.state = fw->state,
		.reason = fw->stop_reason,
		.on = fw->drive.on,
	};
}

void fw_note_simple(struct firmware *fw, uint64_t now_us,
		    enum fw_note_kind kind, uint32_t value, uint32_t detail,
		    enum fw_source source)
{
	struct fw_note n = fw_note_start(fw, now_us, kind);

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
	n = fw_note_start(fw, now_us, FW_NOTE_MOTOR);
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
	fw_event(fw, now_us, MNPEN_EV_STOPPED, reason,
		 physics_strokes(&fw->physics));
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

/* At rest in long steps; a sensor still looks around in each. */
static void rest(struct firmware *fw, uint64_t until_us, uint64_t now_us)
{
	uint64_t ms;

	while (physics_at_rest(&fw->physics) && !fw->drive.on &&
	       fw->physics_us + STEP_US <= until_us) {
		ms = (until_us - fw->physics_us) / STEP_US;
		if (ms > PHYSICS_REST_MS)
			ms = PHYSICS_REST_MS;
		fw->physics_us += ms * STEP_US;
		physics_rest(&fw->physics, (uint32_t)ms);
		fw_check_sensors(fw, now_us, (uint32_t)ms);
	}
}

/* The world moves on to @until_us; what it shows is noticed at @now_us. */
static void physics_catch_up(struct firmware *fw, uint64_t until_us,
			     uint64_t now_us)
{
	rest(fw, until_us, now_us);
	/* Stopped for long in mid-motion: only the last second matters. */
	if (until_us > fw->physics_us + CATCH_UP_MAX_US)
		fw->physics_us = until_us - CATCH_UP_MAX_US;
	while (fw->physics_us + STEP_US <= until_us) {
		fw->physics_us += STEP_US;
		physics_step(&fw->physics, &fw->drive);
		fw_check_sensors(fw, now_us, 1);
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
	fw_check_world(fw, now_us);
	fw_self_test_step(fw, now_us);
	if (fw->state != MNPEN_STATE_RUNNING)
		return;
	if (now_us >= run_ends_us(fw))
		fw_stop(fw, now_us, MNPEN_STOP_DURATION, FW_FROM_SELF);
	else if (physics_strokes(&fw->physics) >= fw->limits.strokes_max)
		fw_stop(fw, now_us, MNPEN_STOP_LIMIT, FW_FROM_SELF);
}

uint64_t firmware_next_us(const struct firmware *fw)
{
	uint64_t next_us, end_us;

	if (fw->drive.on || !physics_at_rest(&fw->physics))
		next_us = fw->physics_us + STEP_US;
	else
		next_us = fw->physics_us + PHYSICS_REST_MS * STEP_US;
	if (fw->self_test_due_us && fw->self_test_due_us < next_us)
		next_us = fw->self_test_due_us;
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
		fw->physics.on_bus = true;
		break;
	case FW_BUS_CONFIGURED:
		/* SET_CONFIGURATION is a fresh start for the host, too. */
		fw_stop(fw, now_us, MNPEN_STOP_RESET, FW_FROM_BUS);
		fw->configured = true;
		fw->suspended = false;
		fw->physics.on_bus = true;
		fw->telemetry_due_us = now_us;
		fw->telemetry_period_us = fw->caps.telemetry_period_us;
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
		fw->physics.on_bus = false;
		fw->configured = false;
		fw->suspended = false;
		break;
	}
}

int fw_check_grant(const struct firmware *fw, uint64_t now_us, uint16_t token,
		   uint16_t seq, uint32_t valid_until_us)
{
	int32_t left_us = mnp_time_diff_us(valid_until_us, (uint32_t)now_us);

	if (fw->fault_latched || fw->fault_active)
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

static void see_the_world(struct firmware *fw, const struct fw_power_up *up)
{
	struct physics *p = &fw->physics;

	if (up->world)
		*p = *up->world;
	else
		physics_init(p, up->random);
	p->strokes = 0;
	fw->cartridge_seen = p->cartridge.present && !p->cartridge.loose;
	fw->cartridge_uses = p->cartridge.uses;
	fw->pedal_seen = p->pedal_down;
	fw->button_seen = p->button_down;
}

void firmware_init(struct firmware *fw, const struct fw_power_up *up,
		   fw_sink_fn sink, void *sink_ctx)
{
	struct physics world = up->world ? *up->world : (struct physics) { 0 };
	struct fw_power_up start = *up;

	/* The world may be that of the firmware that ends here. */
	if (up->world)
		start.world = &world;
	*fw = (struct firmware) {
		.sink = sink,
		.sink_ctx = sink_ctx,
		.caps = profile,
		.physics_us = up->now_us,
		.random = up->random,
		.state = MNPEN_STATE_IDLE,
		.limits = profile_limits,
		.absolute = profile_limits,
		.telemetry_period_us = TELEMETRY_US,
	};
	fw->caps.boot_id = fw_random16(fw);
	see_the_world(fw, &start);
	fw_limits_seal(fw);
	fw->absolute.crc32 = fw->limits.crc32;
	fw_note_simple(fw, up->now_us, FW_NOTE_BOOT, fw->caps.boot_id,
		       up->cause, FW_FROM_NONE);
	fw_event(fw, up->now_us, MNPEN_EV_BOOT, up->cause, 0);
}
