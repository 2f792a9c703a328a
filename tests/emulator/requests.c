// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Control requests of the pen: who may ask what when, and the answers. Those
 * that move nothing and came later are in firmware_service.c.
 */
#include "tests/emulator/firmware.h"

#include <linux/mnpen.h>

#define TYPE_OUT	0x21	/* class, interface */
#define TYPE_IN		0xa1
#define TYPE_QUERY	0xc1	/* vendor: support tools beside the driver */

struct request {
	uint8_t number;
	bool in;
	bool query;		/* also as vendor request */
	uint16_t length;	/* OUT: exactly; IN: the most we send */
};

static const struct request requests[] = {
	{ MNP_REQ_GET_CAPS, true, true, MNP_CAPS_LEN },
	{ MNP_REQ_GET_STATUS, true, true, MNP_PACKET_LEN },
	{ MNP_REQ_GET_LIMITS, true, true, MNP_LIMITS_LEN },
	{ MNP_REQ_LOWER_LIMITS, false, false, MNP_LIMITS_LEN },
	{ MNP_REQ_ARM, false, false, MNP_ARM_LEN },
	{ MNP_REQ_GET_ARM, true, false, MNP_ARM_REPLY_LEN },
	{ MNP_REQ_RUN, false, false, MNP_RUN_LEN },
	{ MNP_REQ_STOP, false, false, 0 },
	{ MNP_REQ_DISARM, false, false, 0 },
	{ MNP_REQ_CLEAR_FAULT, false, false, MNP_CLEAR_LEN },
	{ MNP_REQ_GET_CMD_RESULT, true, true, MNP_RESULT_LEN },
	{ MNP_REQ_GET_CALIB, true, true, MNP_CALIB_LEN },
	{ MNP_REQ_GET_CARTRIDGE, true, true, MNP_CARTRIDGE_LEN },
	{ MNP_REQ_MARK_CARTRIDGE, false, false, MNP_MARK_LEN },
	{ MNP_REQ_SELF_TEST, false, false, 0 },
	{ MNP_REQ_GET_SELF_TEST, true, true, MNP_SELF_TEST_LEN },
	{ MNP_REQ_IDENTIFY, false, false, 0 },
	{ MNP_REQ_TELEMETRY_RATE, false, false, 0 },
};

static const struct request *request_find(uint8_t number)
{
	size_t i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (requests[i].number == number)
			return &requests[i];
	return NULL;
}

/* What telemetry and GET_CMD_RESULT tell about the last request. */
int fw_answer(struct firmware *fw, uint64_t now_us, const struct fw_setup *s,
	      uint16_t seq, int code)
{
	fw->result.seq = seq;
	fw->result.code = (uint16_t)code;
	if (!code)
		return 0;
	fw->rejects++;
	fw_note_simple(fw, now_us, FW_NOTE_REJECT, (uint32_t)code, s->request,
		       FW_FROM_EP0);
	return -code;
}

int fw_damage(struct firmware *fw, int err)
{
	if (err == MNP_ERR_LENGTH)
		return MNP_RESULT_LENGTH;
	if (err != MNP_ERR_CRC)
		return MNP_RESULT_UNKNOWN;
	fw->rx_crc_errors++;
	return MNP_RESULT_CRC;
}

static bool type_allowed(const struct request *r, uint8_t type)
{
	if (!r->in)
		return type == TYPE_OUT;
	return type == TYPE_IN || (r->query && type == TYPE_QUERY);
}

static bool value_allowed(const struct fw_setup *s)
{
	switch (s->request) {
	case MNP_REQ_GET_LIMITS:
		return s->value <= MNP_LIMITS_ABSOLUTE;
	case MNP_REQ_GET_CALIB:
		return s->value <= MNP_CALIB_MOTOR;
	case MNP_REQ_LOWER_LIMITS:
	case MNP_REQ_STOP:
	case MNP_REQ_SELF_TEST:
	case MNP_REQ_TELEMETRY_RATE:
		return true;
	default:
		return s->value == 0;
	}
}

int firmware_setup(struct firmware *fw, uint64_t now_us,
		   const struct fw_setup *s)
{
	const struct request *r = request_find(s->request);

	firmware_step(fw, now_us);
	if (!r || s->index || !type_allowed(r, s->type) || !value_allowed(s))
		return fw_answer(fw, now_us, s, 0, MNP_RESULT_UNKNOWN);
	if (!r->in && s->length != r->length)
		return fw_answer(fw, now_us, s, 0, MNP_RESULT_LENGTH);
	return 0;
}

/* The limits LOWER_LIMITS may name: where each lives in the image. */
#define LIMIT_FIELDS(X)					\
	X(MNPEN_LIMIT_DEPTH, depth_max_um)		\
	X(MNPEN_LIMIT_RATE, rate_max_spm)		\
	X(MNPEN_LIMIT_RUN, run_max_ms)			\
	X(MNPEN_LIMIT_STROKES, strokes_max)		\
	X(MNPEN_LIMIT_CURRENT, current_max_ma)		\
	X(MNPEN_LIMIT_TEMP, temp_max_mdegc)		\
	X(MNPEN_LIMIT_LEASE, lease_max_ms)

#define LIMIT_MASK	0x7f

static int limits_judge(const struct firmware *fw, uint16_t mask,
			const struct mnp_limits *want)
{
	if (!mask || mask & ~LIMIT_MASK)
		return MNP_RESULT_UNKNOWN;
	if (mask & MNPEN_LIMIT_LEASE && !want->lease_max_ms)
		return MNP_RESULT_LIMIT;
#define X(bit, field)							\
	if (mask & (bit) && want->field > fw->limits.field)		\
		return MNP_RESULT_LIMIT;
	LIMIT_FIELDS(X)
#undef X
	return MNP_RESULT_OK;
}

static int lower_limits(struct firmware *fw, uint64_t now_us,
			const struct fw_setup *s, const uint8_t *data,
			size_t len)
{
	struct mnp_limits before = fw->limits;
	struct mnp_limits want;
	bool changed = false;
	int code;

	code = mnp_limits_decode(data, len, &want);
	code = code ? fw_damage(fw, code) : limits_judge(fw, s->value, &want);
	if (code)
		return fw_answer(fw, now_us, s, 0, code);
#define X(bit, field)							\
	if (s->value & (bit)) {						\
		fw->limits.field = want.field;				\
		changed |= want.field != before.field;			\
	}
	LIMIT_FIELDS(X)
#undef X
	if (changed) {
		fw->limits.generation++;
		fw_limits_seal(fw);
		if (fw->drive.on &&
		    (fw->drive.rate_spm > fw->limits.rate_max_spm ||
		     fw->drive.depth_um > fw->limits.depth_max_um))
			fw_stop(fw, now_us, MNPEN_STOP_LIMIT, FW_FROM_SELF);
		fw_note_simple(fw, now_us, FW_NOTE_LIMITS,
			       fw->limits.generation, fw->limits.crc32,
			       FW_FROM_EP0);
		fw_event(fw, now_us, MNPEN_EV_LIMITS, fw->limits.generation, 0);
	}
	return fw_answer(fw, now_us, s, 0, MNP_RESULT_OK);
}

static int arm_judge(const struct firmware *fw, const struct mnp_arm *arm)
{
	if (fw->fault_latched || fw->fault_active)
		return MNP_RESULT_FAULT;
	if (fw->state != MNPEN_STATE_IDLE || !fw->configured || fw->suspended ||
	    fw->self_test_due_us)
		return MNP_RESULT_STATE;
	/* Host and pen must mean the same limits before anything moves. */
	if (arm->limits_crc32 != fw->limits.crc32)
		return MNP_RESULT_LIMIT;
	if (!arm->feed_ms || arm->feed_ms >= MNP_DEVICE_WD_MS)
		return MNP_RESULT_LIMIT;
	return MNP_RESULT_OK;
}

static uint16_t new_token(struct firmware *fw)
{
	uint16_t token;

	/* Never the one before: its late packets may still be on the way. */
	do {
		token = fw_random16(fw);
	} while (!token || token == fw->last_token);
	fw->last_token = token;
	return token;
}

static int arm(struct firmware *fw, uint64_t now_us, const struct fw_setup *s,
	       const uint8_t *data, size_t len)
{
	struct mnp_arm a;
	int code;

	code = mnp_arm_decode(data, len, &a);
	code = code ? fw_damage(fw, code) : arm_judge(fw, &a);
	if (code)
		return fw_answer(fw, now_us, s, 0, code);
	fw->nonce = a.nonce;
	fw->token = new_token(fw);
	fw->have_seq = false;
	fw->pedal_bound = a.flags & MNP_ARM_F_PEDAL;
	fw->deadline_us = 0;
	fw->last_feed_us = 0;
	fw->stop_reason = MNPEN_STOP_NONE;
	fw_note_simple(fw, now_us, FW_NOTE_ARM, fw->token, a.feed_ms,
		       FW_FROM_EP0);
	fw_set_state(fw, now_us, MNPEN_STATE_ARMED);
	return fw_answer(fw, now_us, s, 0, MNP_RESULT_OK);
}

static int run_judge(const struct firmware *fw, uint64_t now_us,
		     const struct mnp_run *r)
{
	int code = fw_check_grant(fw, now_us, r->token, r->seq,
				  r->valid_until_us);

	if (code)
		return code;
	if (r->flags & MNP_RUN_F_UPDATE && fw->state != MNPEN_STATE_RUNNING)
		return MNP_RESULT_STATE;
	if (r->rate_spm < fw->caps.rate_min_spm ||
	    r->rate_spm > fw->limits.rate_max_spm ||
	    r->depth_um < fw->caps.depth_min_um ||
	    r->depth_um > fw->limits.depth_max_um ||
	    r->depth_um > fw->physics.cartridge.length_um ||
	    physics_strokes(&fw->physics) >= fw->limits.strokes_max)
		return MNP_RESULT_LIMIT;
	if (fw->pedal_bound && !fw->physics.pedal_down)
		return MNP_RESULT_STATE;
	if (!fw_limits_intact(fw))
		return MNP_RESULT_LIMIT;
	return MNP_RESULT_OK;
}

/* Down to the next step the mechanism has: never above what was asked. */
static uint32_t step_down(uint32_t value, uint32_t min, uint32_t step)
{
	return value - (value - min) % step;
}

static void set_points(struct firmware *fw, uint64_t now_us,
		       const struct mnp_run *r)
{
	int32_t travel_um;

	fw->drive.rate_spm = step_down(r->rate_spm, fw->caps.rate_min_spm,
				       fw->caps.rate_step_spm);
	fw->drive.depth_um = step_down(r->depth_um, fw->caps.depth_min_um,
				       fw->caps.depth_step_um);
	travel_um = (int32_t)fw->drive.depth_um - fw->physics.actuator_um;
	if (travel_um < 0)
		travel_um = -travel_um;
	fw->depth_settled_us = now_us + FW_DEPTH_SETTLE_US +
		(uint64_t)travel_um / PHYSICS_DEPTH_UM_PER_MS * 1000;
}

static int run(struct firmware *fw, uint64_t now_us, const struct fw_setup *s,
	       const uint8_t *data, size_t len)
{
	bool start = fw->state != MNPEN_STATE_RUNNING;
	struct mnp_run r;
	uint64_t end_us;
	int code;

	code = mnp_run_decode(data, len, &r);
	if (code)
		return fw_answer(fw, now_us, s, 0, fw_damage(fw, code));
	code = run_judge(fw, now_us, &r);
	if (code)
		return fw_answer(fw, now_us, s, r.seq, code);
	fw_take_grant(fw, now_us, r.seq, r.valid_until_us);
	set_points(fw, now_us, &r);
	if (start) {
		fw->run_start_us = now_us;
		fw->run_end_us = 0;
	}
	/* An update may bring the end of a run nearer, never put it off. */
	end_us = now_us + r.run_ms * UINT64_C(1000);
	if (r.run_ms && (!fw->run_end_us || end_us < fw->run_end_us))
		fw->run_end_us = end_us;
	fw_note_simple(fw, now_us, FW_NOTE_RUN, fw->drive.rate_spm,
		       fw->drive.depth_um, FW_FROM_EP0);
	if (start) {
		fw->drive.on = true;
		fw_note_simple(fw, now_us, FW_NOTE_MOTOR,
			       physics_rate_spm(&fw->physics),
			       fw->drive.depth_um, FW_FROM_EP0);
		fw_set_state(fw, now_us, MNPEN_STATE_RUNNING);
	}
	return fw_answer(fw, now_us, s, r.seq, MNP_RESULT_OK);
}

static int get_caps(const struct firmware *fw, uint8_t *data)
{
	mnp_caps_encode(&fw->caps, data);
	return MNP_CAPS_LEN;
}

static int get_status(const struct firmware *fw, uint64_t now_us,
		      uint8_t *data)
{
	struct mnp_telemetry t;

	fw_telemetry(fw, now_us, &t);
	mnp_telemetry_encode(&t, data);
	return MNP_PACKET_LEN;
}

static int get_limits(const struct firmware *fw, uint16_t which, uint8_t *data)
{
	struct mnp_limits l = which == MNP_LIMITS_ABSOLUTE ? fw->absolute :
							     fw->limits;

	mnp_limits_encode(&l, data);
	return MNP_LIMITS_LEN;
}

static int get_arm(const struct firmware *fw, uint8_t *data)
{
	struct mnp_arm_reply r = { .nonce = fw->nonce, .token = fw->token };

	mnp_arm_reply_encode(&r, data);
	return MNP_ARM_REPLY_LEN;
}

int firmware_request(struct firmware *fw, uint64_t now_us,
		     const struct fw_setup *s, uint8_t *data, size_t len)
{
	firmware_step(fw, now_us);
	switch (s->request) {
	case MNP_REQ_GET_CAPS:
		return get_caps(fw, data);
	case MNP_REQ_GET_STATUS:
		return get_status(fw, now_us, data);
	case MNP_REQ_GET_LIMITS:
		return get_limits(fw, s->value, data);
	case MNP_REQ_LOWER_LIMITS:
		return lower_limits(fw, now_us, s, data, len);
	case MNP_REQ_ARM:
		return arm(fw, now_us, s, data, len);
	case MNP_REQ_GET_ARM:
		return get_arm(fw, data);
	case MNP_REQ_RUN:
		return run(fw, now_us, s, data, len);
	case MNP_REQ_STOP:
		fw_stop(fw, now_us, s->value, FW_FROM_EP0);
		return fw_answer(fw, now_us, s, 0, MNP_RESULT_OK);
	case MNP_REQ_DISARM:
		fw_stop(fw, now_us, MNPEN_STOP_USER, FW_FROM_EP0);
		return fw_answer(fw, now_us, s, 0, MNP_RESULT_OK);
	case MNP_REQ_GET_CMD_RESULT:
		mnp_result_encode(&fw->result, data);
		return MNP_RESULT_LEN;
	}
	return fw_service(fw, now_us, s, data, len);
}
