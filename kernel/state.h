/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the driver does next: (state, event) -> (state, actions).
 *
 * Pure and total: no locks, no clock, no device. ctl.c carries the actions
 * out; tests/unit/test_kernel_state.c walks every pair. The driver's state is
 * its intent; what the pen reports is the fact that the events are made of.
 */
#ifndef MNPEN_STATE_H
#define MNPEN_STATE_H

#include <linux/types.h>
#include <linux/mnpen.h>

#ifndef __KERNEL__
#include <stdbool.h>
#endif

enum mnpen_state_event {
	MNPEN_E_ARM,		/* to be asked of the pen right after */
	MNPEN_E_ARM_FAILED,	/* the pen refused or did not answer */
	MNPEN_E_RUN,		/* to be asked of the pen right after */
	MNPEN_E_RUN_REFUSED,	/* the pen refused; the motor stayed off */
	MNPEN_E_STOP,		/* any cause, see enum mnpen_stop_reason */
	MNPEN_E_UNEXPECTED,	/* the pen is armed or turns, nobody asked */
	MNPEN_E_SETTLED,	/* the pen reports token 0, motor at rest */
	MNPEN_E_UNCONFIRMED,	/* STOP went out, no such report in time */
	MNPEN_E_DEFIANT,	/* nor after STOP by the other pipe */
	MNPEN_E_FAULT,		/* the pen reports a fault */
	MNPEN_E_FAULT_CLEARED,	/* the pen reports none any more */
	MNPEN_E_MISMATCH,	/* the pen speaks a protocol we do not */
	MNPEN_E_SUSPEND,	/* the bus goes to sleep */
	MNPEN_E_RESET,		/* a USB reset begins */
	MNPEN_E_RETURN,		/* resumed or reset, the same pen */
	MNPEN_E_DETACH,		/* the pen leaves for its boot loader */
	MNPEN_E_DISCONNECT,	/* unplugged or unbound */
	MNPEN_E_COUNT
};

/* Actions, carried out in the order of the bits. */
#define MNPEN_A_LATCH	0x01	/* keep this stop reason: the first cause */
#define MNPEN_A_DISARM	0x02	/* token, lease and feed end; calls in flight are cancelled */
#define MNPEN_A_STALE	0x04	/* the session ends, unless the reason lets it live */
#define MNPEN_A_STOP	0x08	/* STOP on the interrupt OUT endpoint, now */
#define MNPEN_A_CONFIRM	0x10	/* start waiting for the report of rest */
#define MNPEN_A_SETTLED	0x20	/* wait no longer */
#define MNPEN_A_EP0_STOP 0x40	/* STOP on the control endpoint */
#define MNPEN_A_RESET	0x80	/* ask usbcore for a reset */

struct mnpen_step {
	enum mnpen_state state;
	unsigned int actions;
};

struct mnpen_step mnpen_next(enum mnpen_state state,
			     enum mnpen_state_event event);

/* The motor may turn only here. */
static inline bool mnpen_state_live(enum mnpen_state state)
{
	return state == MNPEN_STATE_ARMED || state == MNPEN_STATE_RUNNING;
}

/* Stops that the controller asked for or foresaw leave it its session. */
static inline bool mnpen_stop_keeps_session(__u32 reason)
{
	return reason == MNPEN_STOP_USER || reason == MNPEN_STOP_DURATION;
}

/* "unknown" for numbers that are none */
const char *mnpen_state_name(__u32 state);
const char *mnpen_stop_reason_name(__u32 reason);

#endif /* MNPEN_STATE_H */
