// SPDX-License-Identifier: GPL-2.0-only
/* The transition function of the driver; see state.h. */
#include "state.h"

/* Everything that a stop of a live pen needs. */
#define A_HALT (MNPEN_A_LATCH | MNPEN_A_DISARM | MNPEN_A_STALE | \
		MNPEN_A_STOP | MNPEN_A_CONFIRM)

static struct mnpen_step to(enum mnpen_state state, unsigned int actions)
{
	struct mnpen_step step = { .state = state, .actions = actions };

	return step;
}

/* STOP goes out in every state in which there is a pen to hear it. */
static struct mnpen_step on_stop(enum mnpen_state state)
{
	switch (state) {
	case MNPEN_STATE_ARMED:
	case MNPEN_STATE_RUNNING:
		return to(MNPEN_STATE_STOPPING, A_HALT);
	case MNPEN_STATE_IDLE:
	case MNPEN_STATE_STOPPING:
	case MNPEN_STATE_FAULT:
	case MNPEN_STATE_LIMP:
		return to(state, MNPEN_A_STOP);
	case MNPEN_STATE_SUSPENDED:
	case MNPEN_STATE_RESETTING:
	case MNPEN_STATE_UPDATE:
	case MNPEN_STATE_GONE:
		break;
	}
	return to(state, 0);
}

static struct mnpen_step on_unexpected(enum mnpen_state state)
{
	switch (state) {
	case MNPEN_STATE_IDLE:
	case MNPEN_STATE_ARMED:
	case MNPEN_STATE_RUNNING:
		return to(MNPEN_STATE_STOPPING, A_HALT);
	case MNPEN_STATE_FAULT:
		return to(state, MNPEN_A_STOP | MNPEN_A_CONFIRM);
	case MNPEN_STATE_STOPPING:
	case MNPEN_STATE_LIMP:
		return to(state, MNPEN_A_STOP);
	case MNPEN_STATE_SUSPENDED:
	case MNPEN_STATE_RESETTING:
	case MNPEN_STATE_UPDATE:
	case MNPEN_STATE_GONE:
		break;
	}
	return to(state, 0);
}

static struct mnpen_step on_fault(enum mnpen_state state)
{
	switch (state) {
	case MNPEN_STATE_ARMED:
	case MNPEN_STATE_RUNNING:
		return to(MNPEN_STATE_FAULT, A_HALT);
	case MNPEN_STATE_IDLE:
		return to(MNPEN_STATE_FAULT, MNPEN_A_STALE | MNPEN_A_STOP);
	case MNPEN_STATE_STOPPING:
		/* The wait for rest goes on, the first cause stays. */
		return to(MNPEN_STATE_FAULT, MNPEN_A_STALE | MNPEN_A_STOP);
	case MNPEN_STATE_FAULT:
	case MNPEN_STATE_SUSPENDED:
	case MNPEN_STATE_RESETTING:
	case MNPEN_STATE_LIMP:
	case MNPEN_STATE_UPDATE:
	case MNPEN_STATE_GONE:
		break;
	}
	return to(state, 0);
}

/* The stop ladder: what else to try while the pen does not report rest. */
static struct mnpen_step on_ladder(enum mnpen_state state, unsigned int rung)
{
	if (state == MNPEN_STATE_STOPPING || state == MNPEN_STATE_FAULT)
		return to(state, rung);
	return to(state, 0);
}

static struct mnpen_step on_settled(enum mnpen_state state)
{
	if (state == MNPEN_STATE_STOPPING)
		return to(MNPEN_STATE_IDLE, MNPEN_A_SETTLED);
	if (state == MNPEN_STATE_FAULT)
		return to(state, MNPEN_A_SETTLED);
	return to(state, 0);
}

/* Leaves the reach of the pen: stopped first, nothing to wait for after. */
static struct mnpen_step leave(enum mnpen_state from, enum mnpen_state target)
{
	unsigned int actions = MNPEN_A_DISARM | MNPEN_A_STALE | MNPEN_A_SETTLED;

	if (from == MNPEN_STATE_GONE)
		return to(from, 0);
	if (from == target)
		return to(from, 0);
	if (mnpen_state_live(from))
		actions |= MNPEN_A_LATCH;
	if (target != MNPEN_STATE_GONE && from != MNPEN_STATE_SUSPENDED &&
	    from != MNPEN_STATE_RESETTING && from != MNPEN_STATE_UPDATE)
		actions |= MNPEN_A_STOP;
	return to(target, actions);
}

static struct mnpen_step only_from(enum mnpen_state state,
				   enum mnpen_state from,
				   enum mnpen_state target, unsigned int actions)
{
	return state == from ? to(target, actions) : to(state, 0);
}

static struct mnpen_step on_return(enum mnpen_state state)
{
	if (state == MNPEN_STATE_SUSPENDED || state == MNPEN_STATE_RESETTING)
		return to(MNPEN_STATE_IDLE, 0);
	return to(state, 0);
}

struct mnpen_step mnpen_next(enum mnpen_state state,
			     enum mnpen_state_event event)
{
	switch (event) {
	case MNPEN_E_ARM:
		return only_from(state, MNPEN_STATE_IDLE,
				 MNPEN_STATE_ARMED, 0);
	case MNPEN_E_ARM_FAILED:
		/* The pen may hold a token all the same: stop, keep session. */
		return only_from(state, MNPEN_STATE_ARMED,
				 MNPEN_STATE_STOPPING,
				 A_HALT & ~(MNPEN_A_LATCH | MNPEN_A_STALE));
	case MNPEN_E_RUN:
		return only_from(state, MNPEN_STATE_ARMED,
				 MNPEN_STATE_RUNNING, 0);
	case MNPEN_E_RUN_REFUSED:
		return only_from(state, MNPEN_STATE_RUNNING,
				 MNPEN_STATE_ARMED, 0);
	case MNPEN_E_STOP:
		return on_stop(state);
	case MNPEN_E_UNEXPECTED:
		return on_unexpected(state);
	case MNPEN_E_SETTLED:
		return on_settled(state);
	case MNPEN_E_UNCONFIRMED:
		return on_ladder(state, MNPEN_A_EP0_STOP | MNPEN_A_STOP);
	case MNPEN_E_DEFIANT:
		return on_ladder(state, MNPEN_A_RESET);
	case MNPEN_E_FAULT:
		return on_fault(state);
	case MNPEN_E_FAULT_CLEARED:
		return only_from(state, MNPEN_STATE_FAULT,
				 MNPEN_STATE_IDLE, 0);
	case MNPEN_E_MISMATCH:
		return leave(state, MNPEN_STATE_LIMP);
	case MNPEN_E_SUSPEND:
		return leave(state, MNPEN_STATE_SUSPENDED);
	case MNPEN_E_RESET:
		return leave(state, MNPEN_STATE_RESETTING);
	case MNPEN_E_RETURN:
		return on_return(state);
	case MNPEN_E_DETACH:
		return only_from(state, MNPEN_STATE_IDLE,
				 MNPEN_STATE_UPDATE, MNPEN_A_STALE);
	case MNPEN_E_DISCONNECT:
		return leave(state, MNPEN_STATE_GONE);
	case MNPEN_E_COUNT:
		break;
	}
	return to(state, 0);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *mnpen_state_name(__u32 state)
{
	static const char * const names[] = {
		[MNPEN_STATE_IDLE]	= "idle",
		[MNPEN_STATE_ARMED]	= "armed",
		[MNPEN_STATE_RUNNING]	= "running",
		[MNPEN_STATE_STOPPING]	= "stopping",
		[MNPEN_STATE_FAULT]	= "fault",
		[MNPEN_STATE_SUSPENDED]	= "suspended",
		[MNPEN_STATE_RESETTING]	= "resetting",
		[MNPEN_STATE_LIMP]	= "limp",
		[MNPEN_STATE_UPDATE]	= "update",
		[MNPEN_STATE_GONE]	= "gone",
	};

	return state && state < COUNT(names) ? names[state] : "unknown";
}

const char *mnpen_stop_reason_name(__u32 reason)
{
	static const char * const names[] = {
		[MNPEN_STOP_NONE]	= "none",
		[MNPEN_STOP_USER]	= "user",
		[MNPEN_STOP_DURATION]	= "duration",
		[MNPEN_STOP_LEASE]	= "lease",
		[MNPEN_STOP_CLOSE]	= "close",
		[MNPEN_STOP_PM]		= "pm",
		[MNPEN_STOP_RESET]	= "reset",
		[MNPEN_STOP_UNBIND]	= "unbind",
		[MNPEN_STOP_TELEMETRY]	= "telemetry",
		[MNPEN_STOP_FAULT]	= "fault",
		[MNPEN_STOP_LIMIT]	= "limit",
		[MNPEN_STOP_FORCED]	= "forced",
		[MNPEN_STOP_SHUTDOWN]	= "shutdown",
		[MNPEN_STOP_PROTOCOL]	= "protocol",
		[MNPEN_STOP_DEVICE]	= "device",
	};

	return reason < COUNT(names) ? names[reason] : "unknown";
}
