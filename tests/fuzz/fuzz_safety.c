// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any events at all, as bytes: whatever they are, the core stays within its
 * memory and its invariants, as the oracle sees them. Built with libFuzzer and,
 * without it, into tests/fuzz/replay.c.
 *
 * Two bytes per event, kind and how long after the last; most kinds take more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/model/oracle.h"

struct input {
	const uint8_t *at;
	size_t left;
};

struct body {
	struct safety_config cfg;
	struct safety s;
	struct oracle o;
	struct safety_actions out;
	uint64_t now;
};

static uint8_t byte(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

static uint64_t number(struct input *in, uint32_t bytes)
{
	uint64_t n = 0;

	while (bytes--)
		n = n << 8 | byte(in);
	return n;
}

/* A small change to @value, or any other. */
static uint32_t near(struct input *in, uint32_t value)
{
	uint8_t how = byte(in);

	return how < 0xf0 ? value + how - 0x78 : (uint32_t)number(in, 4);
}

static void take_telemetry(struct input *in, const struct body *b,
			   struct safety_telemetry *t)
{
	uint8_t what = byte(in);

	*t = b->s.last;
	t->seq++;
	t->dev_time_us += 1000;
	t->strokes += what & 1;
	t->pen_state = what >> 4;
	if (what & 2) {
		t->rate_set_spm = t->rate_spm = b->s.rate_now_spm;
		t->depth_set_um = t->depth_um = b->s.depth_now_um;
	}
	if (what & 4) {
		t->motor_ma = (int32_t)near(in, (uint32_t)t->motor_ma);
		t->temp_motor_mdegc =
			(int32_t)near(in, (uint32_t)t->temp_motor_mdegc);
		t->depth_um = near(in, t->depth_um);
		t->rate_spm = near(in, t->rate_spm);
	}
	if (what & 8) {
		t->seq = near(in, t->seq);
		t->strokes = near(in, t->strokes);
		t->dev_time_us = near(in, t->dev_time_us);
		t->boot_id = near(in, t->boot_id);
		t->fault_latched = byte(in);
		t->pen_stop_reason = byte(in);
	}
}

static void take_limits(struct input *in, struct safety_limits *l)
{
	uint8_t n = byte(in) % 8;

	safety_limits_absolute(l);
	while (n--) {
		uint32_t which = byte(in) % SAFETY_LIMITS;

		l->limit[which].value = near(in, l->limit[which].value);
		l->limit[which].source = (enum safety_source)
			(byte(in) % SAFETY_SOURCES);
	}
}

static void take_begin(struct input *in, struct safety_begin *b)
{
	uint8_t odd = byte(in);

	take_limits(in, &b->limits);
	b->depth_um = 100u * byte(in);
	b->rate_spm = 3000 + 32u * byte(in);
	b->motor_ms = 1000;
	b->depth_step_um = odd & 8 ? byte(in) : 50;
	b->rate_step_spm = odd & 8 ? near(in, 60) : 60;
	b->area = 1;
	b->screening_clear = !(odd & 1);
	b->consent = !(odd & 2);
	b->cartridge = (struct safety_cartridge){
		.id = odd & 4 ? number(in, 8) : 1u + (uint64_t)byte(in),
		.proof = (enum safety_proof)(odd & 4 ? byte(in) :
					     SAFETY_PROOF_PROVEN),
		.needles = odd & 8 ? near(in, 0) : 12,
		.needle_um = odd & 8 ? near(in, 0) : 250,
		.length_um = odd & 8 ? near(in, 0) : 0,
		.open_ms = odd & 8 ? near(in, 0) : 0,
		.expiry_day = odd & 16 ? (int32_t)number(in, 4) : 30000,
		.used = odd & 16 ? byte(in) & 1 : false,
		.recalled = odd & 16 ? byte(in) & 1 : false,
	};
	b->dose = (struct safety_dose){
		.basis = (enum safety_dose_basis)(byte(in) % 4),
		.loaded_ma = near(in, 100),
		.area_mm2 = odd & 32 ? near(in, 0) : 10000,
		.punctures_before = odd & 32 ? near(in, 0) : 0,
		.density_override = odd & 64,
	};
	b->when.wall_s = 1795000000;
	if (!(odd & 128))
		return;
	b->when = (struct safety_when){
		.wall_s = (int64_t)number(in, 8),
		.utc_offset_s = (int32_t)number(in, 4),
		.durable_s = (int64_t)number(in, 8),
		.since_s = (int64_t)number(in, 8),
		.since_exact = byte(in) & 1,
		.confirmed = byte(in) & 1,
		.last_end_s = (int64_t)number(in, 8),
		.last_open = byte(in) & 1,
	};
}

static void take_event(struct input *in, struct body *b,
		       struct safety_event *ev)
{
	uint8_t kind = byte(in), later = byte(in);

	memset(ev, 0, sizeof(*ev));
	ev->kind = (enum safety_event_kind)(kind % (SAFETY_EVENTS + 2));
	ev->owner = kind >= 0xc0 ? 9 : 7;
	ev->ticket = kind >= 0xe0 ? later : b->s.intent_ticket;
	if (ev->kind == SAFETY_EV_CLOSE_DURABLE)
		ev->ticket = b->s.close_ticket;
	ev->error = (int8_t)later;
	b->now += later < 0xf0 ? later : number(in, 8);
	switch (ev->kind) {
	case SAFETY_EV_TELEMETRY:
		take_telemetry(in, b, &ev->telemetry);
		break;
	case SAFETY_EV_BEGIN:
		take_begin(in, &ev->begin);
		break;
	case SAFETY_EV_SET:
		ev->set.depth_um = 100u * byte(in);
		ev->set.rate_spm = near(in, b->s.rate_spm);
		break;
	case SAFETY_EV_PREPARED:
		ev->area = later == 0xee ? 2 : 1;
		break;
	case SAFETY_EV_CARTRIDGE:
		ev->present = later & 1;
		break;
	case SAFETY_EV_RESET:
	case SAFETY_EV_ALARM_ACK:
	case SAFETY_EV_AUDIO_PAUSE:
		ev->owner = later & 1 ? 7 : 0;
		break;
	default:
		break;
	}
}

static void take_config(struct input *in, struct safety_config *cfg)
{
	uint32_t *figure = (uint32_t *)cfg;
	uint8_t n = byte(in) % 4;

	safety_config_default(cfg);
	while (n--) {
		uint8_t which = byte(in) % (sizeof(*cfg) / sizeof(*figure));

		figure[which] = near(in, figure[which]);
	}
}

int fuzz_safety(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct safety_event ev;
	struct safety before;
	const char *wrong;
	struct body b;

	memset(&b, 0, sizeof(b));
	take_config(&in, &b.cfg);
	safety_init(&b.s);
	oracle_init(&b.o, &b.cfg);
	while (in.left) {
		take_event(&in, &b, &ev);
		before = b.s;
		safety_step(&b.cfg, &b.s, &ev, b.now, &b.out);
		wrong = oracle_step(&b.o, &before, &ev, b.now, &b.s, &b.out);
		if (wrong) {
			fprintf(stderr, "WRONG: %s (event %d)\n", wrong,
				(int)ev.kind);
			abort();
		}
	}
	return 0;
}
