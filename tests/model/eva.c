// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For Frama-C's EVA alone: the core under any configuration, for ever, with
 * any event at any time. No alarm means: no undefined behaviour for any input.
 */
#include <stdint.h>
#include <string.h>

#include "__fc_builtin.h"
#include "daemon/safety/safety.h"

extern volatile int nondet;

#define ANY_U32()	((uint32_t)Frama_C_unsigned_int_interval(0, UINT32_MAX))
#define ANY_U64()	((uint64_t)Frama_C_unsigned_long_long_interval( \
				0, UINT64_MAX))
#define ANY_I32()	((int32_t)Frama_C_interval(INT32_MIN, INT32_MAX))
#define ANY_I64()	((int64_t)Frama_C_long_long_interval(INT64_MIN, \
							     INT64_MAX))
#define ANY_BOOL()	((_Bool)Frama_C_interval(0, 1))
#define ANY_U8()	((uint8_t)Frama_C_interval(0, 255))

static struct safety_config cfg;
static struct safety s;
static struct safety_event ev;
static struct safety_actions out;

static void any_telemetry(struct safety_telemetry *t)
{
	t->seq = ANY_U32();
	t->dev_time_us = ANY_U32();
	t->boot_id = ANY_U32();
	t->strokes = ANY_U32();
	t->fault_latched = ANY_U32();
	t->rate_set_spm = ANY_U32();
	t->rate_spm = ANY_U32();
	t->depth_set_um = ANY_U32();
	t->depth_um = ANY_U32();
	t->motor_ma = ANY_I32();
	t->temp_motor_mdegc = ANY_I32();
	t->pen_state = ANY_U8();
	t->pen_stop_reason = ANY_U8();
}

static void any_begin(struct safety_begin *b)
{
	for (int i = 0; i < SAFETY_LIMITS; i++) {
		b->limits.limit[i].value = ANY_U32();
		b->limits.limit[i].source = (enum safety_source)ANY_U32();
	}
	b->depth_um = ANY_U32();
	b->rate_spm = ANY_U32();
	b->depth_step_um = ANY_U32();
	b->rate_step_spm = ANY_U32();
	b->motor_ms = ANY_U32();
	b->area = ANY_U32();
	b->screening_clear = ANY_BOOL();
	b->consent = ANY_BOOL();
	b->cartridge.id = ANY_U64();
	b->cartridge.proof = (enum safety_proof)ANY_U32();
	b->cartridge.needles = ANY_U32();
	b->cartridge.needle_um = ANY_U32();
	b->cartridge.length_um = ANY_U32();
	b->cartridge.open_ms = ANY_U32();
	b->cartridge.expiry_day = ANY_I32();
	b->cartridge.used = ANY_BOOL();
	b->cartridge.recalled = ANY_BOOL();
	b->dose.basis = (enum safety_dose_basis)ANY_U32();
	b->dose.loaded_ma = ANY_U32();
	b->dose.area_mm2 = ANY_U32();
	b->dose.punctures_before = ANY_U32();
	b->dose.density_override = ANY_BOOL();
	b->when.wall_s = ANY_I64();
	b->when.utc_offset_s = ANY_I32();
	b->when.durable_s = ANY_I64();
	b->when.since_s = ANY_I64();
	b->when.since_exact = ANY_BOOL();
	b->when.confirmed = ANY_BOOL();
	b->when.last_end_s = ANY_I64();
	b->when.last_open = ANY_BOOL();
}

static void any_config(void)
{
	uint32_t *figure = (uint32_t *)&cfg;

	for (unsigned int i = 0; i < sizeof(cfg) / sizeof(*figure); i++)
		figure[i] = ANY_U32();
}

static void step(enum safety_event_kind kind)
{
	ev.kind = kind;
	ev.owner = ANY_U32();
	ev.ticket = ANY_U32();
	ev.error = ANY_I32();
	safety_step(&cfg, &s, &ev, ANY_U64(), &out);
}

/* One at a time, so that a value and what it means stay together. */
static void any_event(void)
{
	switch (Frama_C_interval(0, 5)) {
	case 0:
		any_telemetry(&ev.telemetry);
		step(SAFETY_EV_TELEMETRY);
		break;
	case 1:
		any_begin(&ev.begin);
		step(SAFETY_EV_BEGIN);
		break;
	case 2:
		ev.set.depth_um = ANY_U32();
		ev.set.rate_spm = ANY_U32();
		step(SAFETY_EV_SET);
		break;
	case 3:
		ev.area = ANY_U32();
		step(SAFETY_EV_PREPARED);
		break;
	case 4:
		ev.present = ANY_BOOL();
		step(SAFETY_EV_CARTRIDGE);
		break;
	default:
		memset(&ev, 0, sizeof(ev));
		step((enum safety_event_kind)ANY_U32());
		break;
	}
}

static void any_name(void)
{
	uint32_t i = ANY_U32();

	(void)safety_state_name((enum safety_state)i);
	(void)safety_reason_name((enum safety_reason)i);
	(void)safety_reason_text((enum safety_reason)i);
	(void)safety_reason_remedy((enum safety_reason)i);
	(void)safety_priority_name((enum safety_priority)i);
	(void)safety_proof_name((enum safety_proof)i);
	(void)safety_dose_basis_name((enum safety_dose_basis)i);
	(void)safety_limit_name((enum safety_limit_id)i);
	(void)safety_limit_unit((enum safety_limit_id)i);
	(void)safety_limit_remedy((enum safety_limit_id)i);
	(void)safety_source_name((enum safety_source)i);
}

int main(void)
{
	any_config();
	safety_init(&s);
	while (nondet) {
		any_event();
		(void)safety_audio_pause_left_ms(&cfg, &s);
		(void)safety_why_has_limit(&s.why);
		any_name();
	}
	return 0;
}
