// SPDX-License-Identifier: GPL-2.0-or-later
/* Words for people and for the wire. */
#include "daemon/safety/core.h"

struct words {
	const char *name;
	const char *text;
};

/* Indexed by enum safety_reason; a test looks for holes. */
static const struct words reasons[SAFETY_REASONS] = {
	[SAFETY_OK] = { "ok", "Nothing is wrong." },
	[SAFETY_STOP_REQUEST] = { "stopRequest",
		"Stopped because somebody asked for it; the controller may resume." },
	[SAFETY_STOP_PAUSE] = { "stopPause",
		"Paused by the controller, who may resume." },
	[SAFETY_STOP_END] = { "stopEnd",
		"The controller ended the session." },
	[SAFETY_STOP_RUN_TIME] = { "stopRunTime",
		"Stopped because one run may not last longer; start again to go on." },
	[SAFETY_STOP_SESSION_TIME] = { "stopSessionTime",
		"Stopped because the planned motor time is used up; end the session." },
	[SAFETY_STOP_OWNER_GONE] = { "stopOwnerGone",
		"Stopped because the controller's connection closed; take control to go on." },
	[SAFETY_STOP_OWNER_SILENT] = { "stopOwnerSilent",
		"Stopped because the controller went silent; it may resume when it is back." },
	[SAFETY_STOP_PEN] = { "stopPen",
		"The pen or its driver stopped by itself; check the pen, then resume." },
	[SAFETY_STOP_START_FAILED] = { "stopStartFailed",
		"The driver did not start the motor; check the pen and start again." },
	[SAFETY_FAULT_TELEMETRY_SILENT] = { "faultTelemetrySilent",
		"The pen sent no measurements while running; reset when they are back." },
	[SAFETY_FAULT_TELEMETRY_FROZEN] = { "faultTelemetryFrozen",
		"The measurements did not change while running; check the pen, then reset." },
	[SAFETY_FAULT_TELEMETRY_INVALID] = { "faultTelemetryInvalid",
		"Measurements were lost or damaged; check the cable, then reset." },
	[SAFETY_FAULT_DEPTH] = { "faultDepth",
		"The measured depth left its band; check cartridge and pen, then reset." },
	[SAFETY_FAULT_RATE] = { "faultRate",
		"The measured rate left its band; check cartridge and pen, then reset." },
	[SAFETY_FAULT_CURRENT] = { "faultCurrent",
		"The motor drew too much current; look for a snag, then reset." },
	[SAFETY_FAULT_TEMPERATURE] = { "faultTemperature",
		"The motor is too warm or cannot be measured; let it cool, then reset." },
	[SAFETY_FAULT_UNCOMMANDED] = { "faultUncommanded",
		"The motor turned although nobody started it; do not use this pen until it was checked." },
	[SAFETY_FAULT_MISMATCH] = { "faultMismatch",
		"The pen ran with other settings than ours; check the pen, then reset." },
	[SAFETY_FAULT_PEN_LATCHED] = { "faultPenLatched",
		"The pen reports a fault of its own; clear it at the pen, then reset." },
	[SAFETY_FAULT_PEN_GONE] = { "faultPenGone",
		"The pen was unplugged during a session; plug it in and begin a new one." },
	[SAFETY_FAULT_PEN_REBOOTED] = { "faultPenRebooted",
		"The pen restarted during a session; check its supply, then reset." },
	[SAFETY_FAULT_RECORD] = { "faultRecord",
		"The record could not be written; make it writable, then reset." },
	[SAFETY_FAULT_RENEW] = { "faultRenew",
		"The driver refused to keep the motor running; check the pen, then reset." },
	[SAFETY_FAULT_STOP_UNCONFIRMED] = { "faultStopUnconfirmed",
		"The pen did not confirm a stop: take it off the skin and unplug it." },
	[SAFETY_REFUSE_STATE] = { "refuseState",
		"Not possible in the present state." },
	[SAFETY_REFUSE_NOT_OWNER] = { "refuseNotOwner",
		"Only the controller may do this; take control first." },
	[SAFETY_REFUSE_OWNED] = { "refuseOwned",
		"Somebody else controls this pen until they release it." },
	[SAFETY_REFUSE_LIMIT] = { "refuseLimit",
		"Outside a limit in force." },
	[SAFETY_REFUSE_SCREENING] = { "refuseScreening",
		"The screening is not clear; answer it again or see a physician." },
	[SAFETY_REFUSE_PREPARATION] = { "refusePreparation",
		"The preparation is not confirmed; complete the checklist." },
	[SAFETY_REFUSE_TELEMETRY] = { "refuseTelemetry",
		"No fresh and complete measurements from the pen; check the cable." },
	[SAFETY_REFUSE_FAULT] = { "refuseFault",
		"A fault is latched; remove its cause and reset." },
	[SAFETY_REFUSE_RECORD] = { "refuseRecord",
		"The record cannot be written; make it writable first." },
};

static const char *const states[SAFETY_STATES] = {
	[SAFETY_IDLE] = "idle",
	[SAFETY_SCREENED] = "screened",
	[SAFETY_READY] = "ready",
	[SAFETY_ACTIVE] = "active",
	[SAFETY_PAUSED] = "paused",
	[SAFETY_STOPPING] = "stopping",
	[SAFETY_CLOSED] = "closed",
	[SAFETY_FAULT] = "fault",
	[SAFETY_HARD_FAULT] = "hardFault",
};

static const char *const limits[SAFETY_LIMITS] = {
	[SAFETY_LIMIT_DEPTH_MAX] = "depth",
	[SAFETY_LIMIT_RATE_MIN] = "rateMinimum",
	[SAFETY_LIMIT_RATE_MAX] = "rate",
	[SAFETY_LIMIT_RUN_MAX] = "run",
	[SAFETY_LIMIT_SESSION_MAX] = "session",
	[SAFETY_LIMIT_CURRENT_MAX] = "current",
	[SAFETY_LIMIT_TEMP_MAX] = "temperature",
};

static const char *const sources[SAFETY_SOURCES] = {
	[SAFETY_BY_ABSOLUTE] = "absolute",
	[SAFETY_BY_PEN] = "pen",
	[SAFETY_BY_LABEL] = "label",
	[SAFETY_BY_AREA] = "area",
	[SAFETY_BY_CONCERN] = "concern",
	[SAFETY_BY_OPERATOR] = "operator",
};

const char *safety_state_name(enum safety_state state)
{
	return (uint32_t)state < SAFETY_STATES ? states[state] : "unknown";
}

const char *safety_reason_name(enum safety_reason reason)
{
	return (uint32_t)reason < SAFETY_REASONS ? reasons[reason].name :
						   "unknown";
}

const char *safety_reason_text(enum safety_reason reason)
{
	return (uint32_t)reason < SAFETY_REASONS ? reasons[reason].text :
						   "Unknown reason.";
}

const char *safety_limit_name(enum safety_limit_id id)
{
	return (uint32_t)id < SAFETY_LIMITS ? limits[id] : "unknown";
}

const char *safety_source_name(enum safety_source source)
{
	return (uint32_t)source < SAFETY_SOURCES ? sources[source] : "unknown";
}
