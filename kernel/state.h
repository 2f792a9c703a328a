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

/* X(name, text): the uAPI numbers, the text in sysfs */
#define MNPEN_STATES(X) \
	X(IDLE, "idle") \
	X(ARMED, "armed") \
	X(RUNNING, "running") \
	X(STOPPING, "stopping") \
	X(FAULT, "fault") \
	X(SUSPENDED, "suspended") \
	X(RESETTING, "resetting") \
	X(LIMP, "limp") \
	X(UPDATE, "update") \
	X(GONE, "gone")

#define MNPEN_STOP_REASONS(X) \
	X(NONE, "none") \
	X(USER, "user") \
	X(DURATION, "duration") \
	X(LEASE, "lease") \
	X(CLOSE, "close") \
	X(PM, "pm") \
	X(RESET, "reset") \
	X(UNBIND, "unbind") \
	X(TELEMETRY, "telemetry") \
	X(FAULT, "fault") \
	X(LIMIT, "limit") \
	X(FORCED, "forced") \
	X(SHUTDOWN, "shutdown") \
	X(PROTOCOL, "protocol") \
	X(DEVICE, "device")

/* X(name, what happened) */
#define MNPEN_EVENTS(X) \
	X(ARM, "the controller asks to arm; sent to the pen after this") \
	X(ARM_FAILED, "the pen refused or did not answer") \
	X(RUN, "the controller asks to run; sent to the pen after this") \
	X(RUN_REFUSED, "the pen refused; the motor stayed off") \
	X(STOP, "any cause to stop, see enum mnpen_stop_reason") \
	X(UNEXPECTED, "the pen is armed or turns though nobody asked") \
	X(SETTLED, "the pen reports token 0 and a motor at rest") \
	X(UNCONFIRMED, "no report of rest within the first time limit") \
	X(DEFIANT, "no report of rest after the second STOP either") \
	X(FAULT, "the pen reports a fault") \
	X(FAULT_CLEARED, "the pen reports none any more") \
	X(MISMATCH, "the pen speaks a protocol that we do not") \
	X(SUSPEND, "the bus goes to sleep") \
	X(RESET, "a USB reset begins") \
	X(RETURN, "resumed or reset, and it is the same pen") \
	X(DETACH, "the pen leaves for its boot loader") \
	X(DISCONNECT, "unplugged or unbound")

enum mnpen_state_event {
#define X(name, what) MNPEN_E_##name,
	MNPEN_EVENTS(X)
#undef X
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
