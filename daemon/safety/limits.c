// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ceilings and fixed figures.
 *
 * "E" marks a figure that was worked out for this project and measured on
 * no patient; the others name what they follow. Codes of documents are those
 * of the catalogue.
 */
#include <string.h>

#include "daemon/safety/core.h"

/* Deepest setting of the devices authorised so far (D19). */
#define DEPTH_MAX_UM		2500
/* 50 to 150 strokes per second (D10). */
#define RATE_MIN_SPM		3000
#define RATE_MAX_SPM		9000
/* E: no load is sensed, so this is a bound of time, not of dose. */
#define RUN_MAX_MS		(10u * 60u * 1000u)
/* Upper end of the sessions described (30 to 60 minutes). */
#define SESSION_MAX_MS		(60u * 60u * 1000u)
/* E: four times what a free-running motor of this size draws. */
#define CURRENT_MAX_MA		800
/* E: a handle this warm is about to hurt the hand that holds it. */
#define TEMP_MAX_MDEGC		51000
/* E: no sensor tells whether the pen moves on, so contact itself is bounded. */
#define CONTACT_MAX_MS		30000
/*
 * E: nobody published a density that harms; 250 to 300 are aimed at (C17),
 * and at this one needles of 0.25 mm have gone over everything twice.
 */
#define DENSITY_MAX_CM2		5000
/* E: an hour at the highest rate of the pens described, about 1900/s. */
#define PUNCTURES_MAX		7000000
/* E: small handles warm up in a quarter of an hour without a break. */
#define DUTY_MAX_MS		(15u * 60u * 1000u)
/* E: an open cartridge stays sterile no longer than its session. */
#define CARTRIDGE_MAX_MS	(120u * 60u * 1000u)
/* The shortest interval that any source gives for the shallowest setting. */
#define INTERVAL_MIN_DAYS	14

void safety_limits_absolute(struct safety_limits *l)
{
	static const uint32_t value[SAFETY_LIMITS] = {
		[SAFETY_LIMIT_DEPTH_MAX] = DEPTH_MAX_UM,
		[SAFETY_LIMIT_RATE_MIN] = RATE_MIN_SPM,
		[SAFETY_LIMIT_RATE_MAX] = RATE_MAX_SPM,
		[SAFETY_LIMIT_RUN_MAX] = RUN_MAX_MS,
		[SAFETY_LIMIT_SESSION_MAX] = SESSION_MAX_MS,
		[SAFETY_LIMIT_CURRENT_MAX] = CURRENT_MAX_MA,
		[SAFETY_LIMIT_TEMP_MAX] = TEMP_MAX_MDEGC,
		[SAFETY_LIMIT_CONTACT_MAX] = CONTACT_MAX_MS,
		[SAFETY_LIMIT_DENSITY_MAX] = DENSITY_MAX_CM2,
		[SAFETY_LIMIT_PUNCTURES_MAX] = PUNCTURES_MAX,
		[SAFETY_LIMIT_DUTY_MAX] = DUTY_MAX_MS,
		[SAFETY_LIMIT_CARTRIDGE_MAX] = CARTRIDGE_MAX_MS,
		[SAFETY_LIMIT_INTERVAL_MIN] = INTERVAL_MIN_DAYS,
	};
	uint32_t id;

	for (id = 0; id < SAFETY_LIMITS; id++) {
		l->limit[id].value = value[id];
		l->limit[id].source = SAFETY_BY_ABSOLUTE;
	}
}

bool safety_limit_is_minimum(enum safety_limit_id id)
{
	return id == SAFETY_LIMIT_RATE_MIN || id == SAFETY_LIMIT_INTERVAL_MIN;
}

/* For a floor "tighter" means more. */
static bool tighter(enum safety_limit_id id, uint32_t a, uint32_t b)
{
	return safety_limit_is_minimum(id) ? a > b : a < b;
}

void safety_limits_tighten(struct safety_limits *l, enum safety_limit_id id,
			   uint32_t value, enum safety_source source)
{
	if ((uint32_t)id >= SAFETY_LIMITS ||
	    !tighter(id, value, l->limit[id].value))
		return;
	l->limit[id].value = value;
	l->limit[id].source = source;
}

void core_limits_merge(struct safety_limits *l, const struct safety_limits *by)
{
	uint32_t id;

	for (id = 0; id < SAFETY_LIMITS; id++)
		safety_limits_tighten(l, (enum safety_limit_id)id,
				      by->limit[id].value,
				      by->limit[id].source);
}

bool core_limit_allows(const struct safety_limits *l, enum safety_limit_id id,
		       uint32_t value, struct core_refusal *why)
{
	const struct safety_limit *limit = &l->limit[id];

	if (value == limit->value || tighter(id, value, limit->value))
		return true;
	why->reason = SAFETY_REFUSE_LIMIT;
	why->limit = id;
	why->source = limit->source;
	why->requested = value;
	why->allowed = limit->value;
	return false;
}

void safety_config_default(struct safety_config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	/* Twelve records of 8 ms; the driver's own bound is the same. */
	cfg->telemetry_max_age_ms = 100;
	/* E: strokes alone change every 20 ms at the slowest rate. */
	cfg->frozen_max_ms = 2000;
	/* A quarter of the lease of 200 ms: three may get lost. */
	cfg->renew_ms = 50;
	/* E: a person whose screen froze is no longer in control. */
	cfg->heartbeat_max_ms = 500;
	cfg->stop_repeat_ms = 20;
	/* The driver climbs from STOP to a reset of the port in that time. */
	cfg->stop_confirm_max_ms = 1000;
	/* E: ARM and RUN are a handful of transfers. */
	cfg->start_max_ms = 1000;
	/* E: ramp of 300 ms at most, and some. */
	cfg->spin_up_ms = 400;
	/* The only tolerance of a depth dial ever published (D10). */
	cfg->depth_tolerance_um = 150;
	/* E */
	cfg->rate_tolerance_permille = 200;
	cfg->debounce_ms = 500;
	cfg->mismatch_max_ms = 200;
	cfg->invalid_max = 5;
	/* E: far above what a bus can delay, far below what a person notices. */
	cfg->future_max_ms = 500;
	/* E: 25 strokes at the slowest rate. */
	cfg->stroke_max_ms = 500;
	cfg->contact_alert_ms = 10000;
	/* E: long enough to have lifted the pen and set it down elsewhere. */
	cfg->contact_gap_ms = 1000;
	cfg->warm_mdegc = 3000;
	/* Longest pause of an alarm's sound. */
	cfg->audio_pause_ms = 120000;
	/* E: one step of the coarsest depth dial, a tenth of the rate's range. */
	cfg->rise_um = 100;
	cfg->rise_spm = 600;
	cfg->rise_ms = 100;
	cfg->jump_max_s = 300;
}
