/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A second opinion on the safety core.
 *
 * The oracle keeps books of its own from events and actions, never from the
 * private part of struct safety, and after each step says whether the core did
 * what the invariants ask (numbers as in daemon/safety/README.md): both
 * ways, so that a core which stops or refuses without cause fails as well.
 *
 * Times are ages in ms, so its books can be part of a state that is compared
 * and kept (explore.c).
 */
#ifndef MNPEN_TESTS_MODEL_ORACLE_H
#define MNPEN_TESTS_MODEL_ORACLE_H

#include "daemon/safety/safety.h"

enum oracle_leak {
	LEAK_RATE, LEAK_SHALLOW, LEAK_CURRENT, LEAK_TEMP, LEAKS
};

/* Ages: how long ago it was, in ms. */
struct oracle_ages {
	uint64_t told;		/* last valid record arrived */
	uint64_t changed;	/* a sensor moved, or the run began */
	uint64_t owner;		/* the owner spoke */
	uint64_t stop;		/* DO_STOP */
	uint64_t stopping;	/* STOPPING began, or the pen was first heard */
	uint64_t active;	/* DO_START */
	uint64_t started;	/* STARTED */
	uint64_t renewed;	/* DO_RENEW or STARTED */
	uint64_t differ;	/* set points are not ours since */
	uint64_t stroke;	/* @strokes moved, or the run began */
	uint64_t set;		/* DO_SET, DO_START or the session began */
	uint64_t lifted;	/* needles last seen on the skin */
	uint64_t opened;	/* the cartridge's pack */
	uint64_t paused;	/* AUDIO_PAUSE */
};

struct oracle {
	struct safety_config cfg;
	struct safety_limits limits;	/* of the session */
	struct safety_telemetry last;	/* last valid record */
	struct oracle_ages age;
	uint64_t seen;			/* the caller's clock */
	uint64_t motor_ms, run_ms, run_limit_ms;
	uint32_t leak[LEAKS];		/* quarters of a ms */
	uint32_t bad_records, deep_records, off_records;
	uint32_t owner, ticket, close_ticket, area;
	uint32_t strokes, punctures, dosed;
	uint32_t contact_ms, duty_ms;
	uint32_t depth_um, rate_spm;	/* wanted */
	uint32_t now_um, now_spm, from_um, from_spm;
	uint32_t step_um, step_spm;	/* what the pen can tell apart */
	struct safety_cartridge cartridge;
	struct safety_dose dose;
	uint64_t burned_id;
	uint64_t run_reasons;		/* bits: why the run ends in time */
	uint64_t alarms, present, acked;
	enum safety_priority paused, audible;
	enum safety_reason fault, stop_reason;
	bool begun, heard, valid, session, prepared, ending;
	bool run_open, started, outstanding, confirmed, differs;
	bool intent_pending, record_failed, gone, limp;
	bool cartridge_void, loaded, target_told;
};

void oracle_init(struct oracle *o, const struct safety_config *cfg);
/*
 * To be told of every step, in order: the core before and after it. NULL: all
 * is well. Else what does not hold, beginning with the invariant's number.
 */
const char *oracle_step(struct oracle *o, const struct safety *before,
			const struct safety_event *ev, uint64_t now_ms,
			const struct safety *after,
			const struct safety_actions *out);

#endif /* MNPEN_TESTS_MODEL_ORACLE_H */
