// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the driver says in numbers, in words; see its uAPI header. States and
 * stop reasons are called as in kernel/state.c: test_kernel_state compares them.
 */
#include "daemon/mnpenctl/source.h"

#include <linux/mnpen.h>
#include <string.h>

const char *name_state(uint32_t state)
{
	static const char *const names[] = {
		[MNPEN_STATE_IDLE] = "idle",
		[MNPEN_STATE_ARMED] = "armed",
		[MNPEN_STATE_RUNNING] = "running",
		[MNPEN_STATE_STOPPING] = "stopping",
		[MNPEN_STATE_FAULT] = "fault",
		[MNPEN_STATE_SUSPENDED] = "suspended",
		[MNPEN_STATE_RESETTING] = "resetting",
		[MNPEN_STATE_LIMP] = "limp",
		[MNPEN_STATE_UPDATE] = "update",
		[MNPEN_STATE_GONE] = "gone",
	};

	if (state < sizeof(names) / sizeof(names[0]) && names[state])
		return names[state];
	return "unknown";
}

const char *name_stop_reason(uint32_t reason)
{
	static const char *const names[] = {
		[MNPEN_STOP_NONE] = "none",
		[MNPEN_STOP_USER] = "user",
		[MNPEN_STOP_DURATION] = "duration",
		[MNPEN_STOP_LEASE] = "lease",
		[MNPEN_STOP_CLOSE] = "close",
		[MNPEN_STOP_PM] = "pm",
		[MNPEN_STOP_RESET] = "reset",
		[MNPEN_STOP_UNBIND] = "unbind",
		[MNPEN_STOP_TELEMETRY] = "telemetry",
		[MNPEN_STOP_FAULT] = "fault",
		[MNPEN_STOP_LIMIT] = "limit",
		[MNPEN_STOP_FORCED] = "forced",
		[MNPEN_STOP_SHUTDOWN] = "shutdown",
		[MNPEN_STOP_PROTOCOL] = "protocol",
		[MNPEN_STOP_DEVICE] = "device",
	};

	return reason < sizeof(names) / sizeof(names[0]) ? names[reason] :
							   "unknown";
}

const char *name_faults(uint32_t faults, char *out, size_t size)
{
	static const char *const names[] = {
		"overcurrent", "overtemp", "stall", "depth", "supply",
		"sensor", "cartridge", "limits", "watchdog",
	};
	size_t i, n = 0;

	snprintf(out, size, "%s", faults ? "" : "none");
	for (i = 0; i < 32 && n < size; i++) {
		const char *gap = n ? " " : "";

		if (!(faults >> i & 1))
			continue;
		if (i < sizeof(names) / sizeof(names[0]))
			n += (size_t)snprintf(out + n, size - n, "%s%s", gap,
					      names[i]);
		else
			n += (size_t)snprintf(out + n, size - n, "%sbit%zu",
					      gap, i);
	}
	return out;
}

static void with_faults(char *out, size_t size, const char *what,
			uint32_t faults)
{
	char text[128];

	snprintf(out, size, "%s %s", what,
		 name_faults(faults, text, sizeof(text)));
}

void name_event(const struct mnpen_event *e, char *out, size_t size)
{
	switch (e->code) {
	case MNPEN_EV_STATE:
		snprintf(out, size, "state %s", name_state(e->state));
		break;
	case MNPEN_EV_STOPPED:
		snprintf(out, size, "stopped %s after %u strokes",
			 name_stop_reason(e->arg[0]), e->arg[1]);
		break;
	case MNPEN_EV_FAULT_SET:
		with_faults(out, size, "fault", e->arg[0]);
		break;
	case MNPEN_EV_FAULT_CLEARED:
		with_faults(out, size, "fault cleared", e->arg[0]);
		break;
	case MNPEN_EV_CARTRIDGE:
		snprintf(out, size, "cartridge %s, verdict %u",
			 e->arg[0] ? "in" : "out", e->arg[1]);
		break;
	case MNPEN_EV_PEDAL:
		snprintf(out, size, "pedal %s", e->arg[0] ? "down" : "up");
		break;
	case MNPEN_EV_BUTTON:
		snprintf(out, size, "button %u %s", e->arg[0],
			 e->arg[1] ? "down" : "up");
		break;
	case MNPEN_EV_LIMITS:
		snprintf(out, size, "limits generation %u", e->arg[0]);
		break;
	case MNPEN_EV_BOOT:
		snprintf(out, size, "boot cause %u", e->arg[0]);
		break;
	case MNPEN_EV_LOW_BATTERY:
		snprintf(out, size, "low battery %u %%", e->arg[0]);
		break;
	case MNPEN_EV_WATCHDOG:
		snprintf(out, size, "watchdog %u", e->arg[0]);
		break;
	case MNPEN_EV_STALL:
		snprintf(out, size, "stall at %u mA, %u um", e->arg[0],
			 e->arg[1]);
		break;
	case MNPEN_EV_DRIVER_STATE:
		snprintf(out, size, "driver %s to %s, stop reason %s",
			 name_state(e->arg[0]), name_state(e->state),
			 name_stop_reason(e->stop_reason));
		break;
	default:	/* a number of the wire, not an enum: newer drivers */
		snprintf(out, size, "event 0x%x", e->code);
	}
}
