// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What may happen in each part of the world.
 *
 * Every figure is a handful of ms, um or punctures, so that all ages fit in
 * a few values and every deadline can pass. Time passes in X_MS, X_JUMP and in
 * the events that are late; all others happen at the same moment, in any order.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <linux/mnpen.h>

#include "tests/model/explore.h"

#define DEPTH_UM	3u
#define RATE_SPM	5000u

void explore_config(struct safety_config *cfg)
{
	*cfg = (struct safety_config){
		.telemetry_max_age_ms = 2,
		.frozen_max_ms = 3,
		.renew_ms = 1,
		.heartbeat_max_ms = 3,
		.stop_repeat_ms = 2,
		.stop_confirm_max_ms = 3,
		.start_max_ms = 2,
		.spin_up_ms = 1,
		.depth_tolerance_um = 1,
		.rate_tolerance_permille = 100,
		.debounce_ms = 1,
		.mismatch_max_ms = 1,
		.invalid_max = 2,
		.future_max_ms = 1,
		.stroke_max_ms = 2,
		.contact_alert_ms = 2,
		.contact_gap_ms = 1,
		.warm_mdegc = 1000,
		.audio_pause_ms = 2,
		.rise_um = 1,
		.rise_spm = 1000,
		.rise_ms = 1,
	};
}

/* ---- events ------------------------------------------------------------- */

static void make_begin(const struct part *part, const struct node *node,
		       struct safety_begin *b)
{
	const struct {
		enum safety_limit_id id;
		uint32_t value;
	} tight[] = {
		{ SAFETY_LIMIT_DEPTH_MAX, DEPTH_UM + 1 },
		{ SAFETY_LIMIT_RUN_MAX, 3 },
		{ SAFETY_LIMIT_CONTACT_MAX, 3 },
		{ SAFETY_LIMIT_DUTY_MAX, 4 },
		{ SAFETY_LIMIT_PUNCTURES_MAX, 3 },
		{ SAFETY_LIMIT_CARTRIDGE_MAX, 5 },
	};
	uint32_t i;

	safety_limits_absolute(&b->limits);
	for (i = 0; i < sizeof(tight) / sizeof(tight[0]); i++)
		safety_limits_tighten(&b->limits, tight[i].id, tight[i].value,
				      SAFETY_BY_AREA);
	b->depth_um = DEPTH_UM;
	b->rate_spm = RATE_SPM;
	b->motor_ms = 5;
	b->area = 1;
	b->screening_clear = true;
	b->consent = true;
	b->cartridge.proof = SAFETY_PROOF_PROVEN;
	b->cartridge.id = node->s.p.burned_id == 1 ? 2 : 1;
	b->cartridge.needles = 1;
	b->cartridge.needle_um = 250;
	b->cartridge.expiry_day = 30000;
	b->dose.basis = part->loaded ? SAFETY_DOSE_LOADED : SAFETY_DOSE_ALL;
	b->dose.loaded_ma = 100;
	b->dose.area_mm2 = 10000;
	b->when.wall_s = 1795000000;
}

static void make_record(const struct node *node, struct safety_telemetry *t,
			bool on)
{
	*t = node->s.last;
	t->seq++;
	t->dev_time_us++;
	t->fault_latched = 0;
	t->pen_stop_reason = MNPEN_STOP_NONE;
	t->pen_state = on ? MNPEN_STATE_RUNNING : MNPEN_STATE_IDLE;
	t->rate_set_spm = on ? node->s.rate_now_spm : 0;
	t->rate_spm = t->rate_set_spm;
	t->depth_set_um = on ? node->s.depth_now_um : 0;
	t->depth_um = t->depth_set_um;
	t->temp_motor_mdegc = 30000;
	/* Two values, so that it can be another than the last. */
	t->motor_ma = on ? 50 + (node->s.last.motor_ma == 50) : 0;
}

static bool strange_record(const struct node *node, enum explore_event x,
			   struct safety_telemetry *t)
{
	switch (x) {
	case X_STRONG:
		t->motor_ma = 801;
		break;
	case X_HOT:
		t->temp_motor_mdegc = 51001;
		break;
	case X_WARM:
		t->temp_motor_mdegc = 50500;
		break;
	case X_COLD:
		t->temp_motor_mdegc = -40001;
		break;
	case X_BLIND:
		t->depth_um = UINT16_MAX;
		break;
	case X_LATCHED:
		t->fault_latched = 1;
		break;
	case X_OTHER_SET:
		t->depth_set_um++;
		break;
	case X_REBOOT:
		t->boot_id++;
		break;
	case X_OLD:
		t->seq -= 2;
		break;
	case X_FUTURE:
		t->dev_time_us += 1000000;
		break;
	case X_COASTS:
		t->pen_state = MNPEN_STATE_STOPPING;
		break;
	case X_DURATION:
		t->pen_state = MNPEN_STATE_STOPPING;
		t->pen_stop_reason = MNPEN_STOP_DURATION;
		break;
	case X_STROKE_LOADED:
		t->motor_ma = 100;
		t->strokes++;
		return node->s.punctures < 5;
	case X_STROKE:
		t->strokes++;
		return node->s.punctures < 5;
	case X_LIMP_RECORD:
		t->pen_state = MNPEN_STATE_LIMP;
		t->rate_spm = 0;
		break;
	default:
		break;
	}
	return true;
}

static bool make_telemetry(const struct node *node, enum explore_event x,
			   struct safety_event *ev, uint64_t *now)
{
	struct safety_telemetry *t = &ev->telemetry;
	uint32_t cap = node->s.limits.limit[SAFETY_LIMIT_DEPTH_MAX].value;

	ev->kind = SAFETY_EV_TELEMETRY;
	make_record(node, t, x != X_OFF && x != X_LIMP_RECORD &&
			     x != X_REBOOT);
	switch (x) {
	case X_RUN_SAME:
		t->motor_ma = node->s.last.motor_ma;
		break;
	case X_RUN_LATE:
		*now -= 1;
		break;
	case X_RUN_LATER:
		*now += 1;
		break;
	case X_DEEP:
		t->depth_um += 2;
		break;
	case X_TOO_DEEP:
		t->depth_um = cap + 2;
		break;
	case X_SHALLOW:
		t->depth_um = 0;
		break;
	case X_FAST:
		t->rate_spm += t->rate_spm / 5;
		break;
	case X_SLOW:
		t->rate_spm -= t->rate_spm / 5;
		break;
	default:
		return strange_record(node, x, t);
	}
	return true;
}

static void make_set(const struct node *node, enum explore_event x,
		     struct safety_set *set)
{
	set->rate_spm = RATE_SPM;
	set->depth_um = x == X_SET_LOW ? 1 : x == X_SET_HIGH ? DEPTH_UM + 1 :
					 DEPTH_UM + 2;
	if (x == X_SET_HIGH)
		set->rate_spm = RATE_SPM + 1000;
	(void)node;
}

/* Events that need no more than a kind, and perhaps the owner. */
static const struct {
	uint8_t kind;
	uint32_t owner;
} plain[X_EVENTS] = {
	[X_INVALID] = { SAFETY_EV_TELEMETRY_INVALID, 0 },
	[X_GONE] = { SAFETY_EV_PEN_GONE, 0 },
	[X_LIMP] = { SAFETY_EV_PEN_LIMP, 0 },
	[X_ACQUIRE] = { SAFETY_EV_ACQUIRE, EXPLORE_OWNER },
	[X_ACQUIRE_OTHER] = { SAFETY_EV_ACQUIRE, EXPLORE_STRANGER },
	[X_RELEASE] = { SAFETY_EV_RELEASE, EXPLORE_OWNER },
	[X_RELEASE_OTHER] = { SAFETY_EV_RELEASE, EXPLORE_STRANGER },
	[X_HEARTBEAT] = { SAFETY_EV_HEARTBEAT, EXPLORE_OWNER },
	[X_START] = { SAFETY_EV_START, EXPLORE_OWNER },
	[X_PAUSE] = { SAFETY_EV_PAUSE, EXPLORE_OWNER },
	[X_STOP] = { SAFETY_EV_STOP, 0 },
	[X_STOP_LATE] = { SAFETY_EV_STOP, EXPLORE_STRANGER },
	[X_END] = { SAFETY_EV_END, EXPLORE_OWNER },
	[X_ACK] = { SAFETY_EV_ALARM_ACK, EXPLORE_OWNER },
	[X_SILENCE] = { SAFETY_EV_AUDIO_PAUSE, 0 },
	[X_RESET] = { SAFETY_EV_RESET, EXPLORE_OWNER },
	[X_RESET_ADMIN] = { SAFETY_EV_RESET, 0 },
	[X_RECORD_FAILED] = { SAFETY_EV_RECORD_FAILED, 0 },
	[X_RECORD_OK] = { SAFETY_EV_RECORD_OK, 0 },
	[X_STARTED] = { SAFETY_EV_STARTED, 0 },
	[X_START_FAILED] = { SAFETY_EV_START_FAILED, 0 },
};

bool explore_event(const struct part *part, const struct node *node,
		   enum explore_event x, struct safety_event *ev,
		   uint64_t *now)
{
	const struct safety *s = &node->s;

	memset(ev, 0, sizeof(*ev));
	*now = s->p.seen_ms;
	if (x >= X_OFF && x <= X_LIMP_RECORD)
		return make_telemetry(node, x, ev, now);
	ev->kind = (enum safety_event_kind)plain[x].kind;
	ev->owner = plain[x].owner;
	switch (x) {
	case X_MS:
	case X_STOP_LATE:
		*now += 1;
		break;
	case X_JUMP:
		*now += 100;
		break;
	case X_BACK:
		*now -= 100;
		break;
	case X_BEGIN:
	case X_BEGIN_USED:
	case X_BEGIN_UNSCREENED:
		ev->kind = SAFETY_EV_BEGIN;
		ev->owner = EXPLORE_OWNER;
		make_begin(part, node, &ev->begin);
		if (x == X_BEGIN_USED)
			ev->begin.cartridge.id = s->p.burned_id;
		ev->begin.screening_clear = x != X_BEGIN_UNSCREENED;
		break;
	case X_PREPARED:
	case X_PREPARED_OTHER:
		ev->kind = SAFETY_EV_PREPARED;
		ev->owner = EXPLORE_OWNER;
		ev->area = x == X_PREPARED ? 1 : 2;
		break;
	case X_SET_LOW:
	case X_SET_HIGH:
	case X_SET_BEYOND:
		ev->kind = SAFETY_EV_SET;
		ev->owner = EXPLORE_OWNER;
		make_set(node, x, &ev->set);
		break;
	case X_INTENT:
	case X_INTENT_WRONG:
		ev->kind = SAFETY_EV_INTENT_DURABLE;
		ev->ticket = x == X_INTENT ? s->intent_ticket : 4;
		return s->intent_ticket;
	case X_CLOSE:
		ev->kind = SAFETY_EV_CLOSE_DURABLE;
		ev->ticket = s->close_ticket;
		return s->close_ticket;
	case X_RENEW_FAILED:
	case X_RENEW_STALE:
		ev->kind = SAFETY_EV_RENEW_FAILED;
		ev->error = x == X_RENEW_STALE ? -ESTALE : -EIO;
		break;
	case X_CARTRIDGE_OUT:
	case X_CARTRIDGE_IN:
		ev->kind = SAFETY_EV_CARTRIDGE;
		ev->present = x == X_CARTRIDGE_IN;
		break;
	default:
		break;
	}
	return true;
}

/* ---- parts -------------------------------------------------------------- */

/* The road to a run and back is in each of them. */
#define ROAD	X_MS, X_OFF, X_RUN, X_ACQUIRE, X_BEGIN, X_PREPARED, X_START, \
		X_INTENT, X_STARTED, X_PAUSE, X_END, X_CLOSE, X_RESET
#define STOPS	(1u << STOP | 1u << STOPPING)

static const enum explore_event session[] = {
	ROAD, X_ACQUIRE_OTHER, X_RELEASE, X_RELEASE_OTHER, X_HEARTBEAT,
	X_BEGIN_USED, X_BEGIN_UNSCREENED, X_PREPARED_OTHER, X_STOP,
	X_RESET_ADMIN, X_INTENT_WRONG, X_RECORD_FAILED, X_RECORD_OK,
	X_START_FAILED,
};
static const enum explore_event losses[] = {
	ROAD, X_RENEW_FAILED, X_RENEW_STALE, X_CARTRIDGE_OUT, X_CARTRIDGE_IN,
	X_GONE, X_LIMP, X_LATCHED, X_INVALID, X_STOP, X_START_FAILED,
};
static const enum explore_event silence[] = {
	ROAD, X_TICK, X_JUMP, X_BACK, X_RUN_LATE, X_RUN_LATER, X_STOP_LATE,
	X_OLD, X_FUTURE, X_INVALID, X_START_FAILED, X_REBOOT,
};
static const enum explore_event owner[] = {
	ROAD, X_JUMP, X_HEARTBEAT, X_RELEASE, X_ACQUIRE_OTHER, X_RELEASE_OTHER,
	X_STOP, X_START_FAILED,
};
static const enum explore_event frozen[] = {
	ROAD, X_JUMP, X_RUN_SAME, X_STROKE, X_OTHER_SET, X_COASTS, X_DURATION,
};
static const enum explore_event depth[] = {
	ROAD, X_DEEP, X_TOO_DEEP, X_SHALLOW, X_BLIND, X_RUN_LATER, X_REBOOT,
};
static const enum explore_event rate[] = {
	ROAD, X_FAST, X_SLOW, X_RUN_LATER, X_COASTS, X_LIMP_RECORD,
};
static const enum explore_event motor[] = {
	ROAD, X_STRONG, X_HOT, X_COLD, X_WARM, X_LATCHED, X_RUN_LATER,
};
static const enum explore_event used[] = {
	ROAD, X_JUMP, X_DURATION, X_STOP,
};
static const enum explore_event contact[] = {
	ROAD, X_STROKE, X_STROKE_LOADED, X_JUMP,
};
static const enum explore_event dose[] = {
	ROAD, X_STROKE, X_STROKE_LOADED, X_STOP, X_REBOOT, X_SET_LOW,
};
static const enum explore_event set[] = {
	ROAD, X_SET_LOW, X_SET_HIGH, X_SET_BEYOND, X_DEEP, X_SHALLOW, X_FAST,
	X_OTHER_SET,
};
static const enum explore_event alarms[] = {
	ROAD, X_ACK, X_SILENCE, X_WARM, X_RECORD_FAILED, X_RECORD_OK,
	X_LATCHED, X_RELEASE, X_COASTS, X_STOP, X_JUMP,
};

#define PART(what, ...)							\
	{ .name = #what, .events = what,				\
	  .n = sizeof(what) / sizeof(what[0]), .clocks = __VA_ARGS__ }

const struct part explore_parts[] = {
	PART(session, STOPS | 1u << ACTIVE),
	PART(losses, STOPS),
	PART(silence, STOPS | 1u << TOLD | 1u << STARTED | 1u << RENEWED |
		      1u << ACTIVE),
	PART(owner, STOPS | 1u << OWNER | 1u << ACTIVE | 1u << TOLD),
	PART(frozen, STOPS | 1u << CHANGED | 1u << STROKE | 1u << STARTED |
		     1u << DIFFER),
	PART(depth, STOPS | 1u << TOLD | 1u << STARTED | 1u << RENEWED),
	PART(rate, STOPS | 1u << TOLD | 1u << STARTED),
	PART(motor, STOPS | 1u << TOLD),
	PART(used, STOPS | 1u << USED | 1u << OPENED),
	PART(contact, STOPS | 1u << USED | 1u << LIFTED, .loaded = true),
	PART(dose, STOPS | 1u << STARTED, .loaded = true),
	PART(set, STOPS | 1u << SET | 1u << STARTED | 1u << TOLD | 1u << DIFFER),
	PART(alarms, STOPS | 1u << PAUSED | 1u << STARTED, .alarms = true),
};
const uint32_t explore_parts_n =
	sizeof(explore_parts) / sizeof(explore_parts[0]);
