// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words for people and for the wire: what happened, what clears it, and how
 * loudly it must be told. Every list is indexed by its enum; a test looks for
 * holes.
 */
#include "daemon/safety/core.h"

struct words {
	const char *name;
	enum safety_priority priority;
	const char *text, *remedy;
};

static const struct words reasons[SAFETY_REASONS] = {
	[SAFETY_OK] = { "ok", SAFETY_PRIORITY_NONE,
		"Nothing is wrong.",
		"Nothing to do." },
	[SAFETY_STOP_REQUEST] = { "stopRequest", SAFETY_PRIORITY_NONE,
		"Stopped because somebody asked for it.",
		"The controller may resume." },
	[SAFETY_STOP_PAUSE] = { "stopPause", SAFETY_PRIORITY_NONE,
		"Paused by the controller.",
		"The controller may resume." },
	[SAFETY_STOP_END] = { "stopEnd", SAFETY_PRIORITY_NONE,
		"The controller ended the session.",
		"Begin the next session when it is due." },
	[SAFETY_STOP_RUN_TIME] = { "stopRunTime", SAFETY_PRIORITY_LOW,
		"Stopped because one run may not last longer.",
		"Start again to go on." },
	[SAFETY_STOP_SESSION_TIME] = { "stopSessionTime", SAFETY_PRIORITY_NONE,
		"Stopped because the planned motor time is used up.",
		"End the session." },
	[SAFETY_STOP_OWNER_GONE] = { "stopOwnerGone", SAFETY_PRIORITY_MEDIUM,
		"Stopped because the controller's connection closed.",
		"Take control to go on." },
	[SAFETY_STOP_OWNER_SILENT] = { "stopOwnerSilent", SAFETY_PRIORITY_MEDIUM,
		"Stopped because the controller went silent.",
		"The controller may resume when it is back." },
	[SAFETY_STOP_PEN] = { "stopPen", SAFETY_PRIORITY_MEDIUM,
		"The pen or its driver stopped by itself.",
		"Check the pen, then resume." },
	[SAFETY_STOP_START_FAILED] = { "stopStartFailed", SAFETY_PRIORITY_MEDIUM,
		"The driver did not start the motor.",
		"Check the pen and start again." },
	[SAFETY_STOP_CONTACT] = { "stopContact", SAFETY_PRIORITY_MEDIUM,
		"Stopped because the needles were on the skin for too long without a break.",
		"Lift the pen, move on, start again." },
	[SAFETY_STOP_DENSITY] = { "stopDensity", SAFETY_PRIORITY_MEDIUM,
		"Stopped because this area has had all the punctures it may have today.",
		"End the session; treat another area or come back when it is due." },
	[SAFETY_STOP_DUTY] = { "stopDuty", SAFETY_PRIORITY_MEDIUM,
		"Stopped because the handle needs a rest.",
		"Let it rest as long as it ran, then resume." },
	[SAFETY_STOP_CARTRIDGE] = { "stopCartridge", SAFETY_PRIORITY_MEDIUM,
		"Stopped because the cartridge has been open for too long.",
		"End the session; begin another with a new cartridge." },
	[SAFETY_FAULT_TELEMETRY_SILENT] = { "faultTelemetrySilent", SAFETY_PRIORITY_HIGH,
		"The pen sent no measurements while running.",
		"Reset when they are back." },
	[SAFETY_FAULT_TELEMETRY_FROZEN] = { "faultTelemetryFrozen", SAFETY_PRIORITY_HIGH,
		"The measurements did not change while running.",
		"Check the pen, then reset." },
	[SAFETY_FAULT_TELEMETRY_INVALID] = { "faultTelemetryInvalid", SAFETY_PRIORITY_HIGH,
		"Measurements were lost, damaged or of another time.",
		"Check the cable, then reset." },
	[SAFETY_FAULT_DEPTH] = { "faultDepth", SAFETY_PRIORITY_HIGH,
		"The measured depth left its band.",
		"Check cartridge and pen, then reset." },
	[SAFETY_FAULT_RATE] = { "faultRate", SAFETY_PRIORITY_HIGH,
		"The measured rate left its band.",
		"Check cartridge and pen, then reset." },
	[SAFETY_FAULT_CURRENT] = { "faultCurrent", SAFETY_PRIORITY_HIGH,
		"The motor drew too much current.",
		"Look for a snag, then reset." },
	[SAFETY_FAULT_TEMPERATURE] = { "faultTemperature", SAFETY_PRIORITY_HIGH,
		"The motor is too warm or cannot be measured.",
		"Let it cool, then reset." },
	[SAFETY_FAULT_UNCOMMANDED] = { "faultUncommanded", SAFETY_PRIORITY_HIGH,
		"The motor turned although nobody started it.",
		"Do not use this pen until it was checked." },
	[SAFETY_FAULT_MISMATCH] = { "faultMismatch", SAFETY_PRIORITY_HIGH,
		"The pen ran with other settings than ours.",
		"Check the pen, then reset." },
	[SAFETY_FAULT_PEN_LATCHED] = { "faultPenLatched", SAFETY_PRIORITY_HIGH,
		"The pen reports a fault of its own.",
		"Clear it at the pen, then reset." },
	[SAFETY_FAULT_PEN_GONE] = { "faultPenGone", SAFETY_PRIORITY_HIGH,
		"The pen was unplugged during a session.",
		"Plug it in and begin a new session." },
	[SAFETY_FAULT_PEN_REBOOTED] = { "faultPenRebooted", SAFETY_PRIORITY_MEDIUM,
		"The pen restarted during a session.",
		"Check its supply, then reset." },
	[SAFETY_FAULT_RECORD] = { "faultRecord", SAFETY_PRIORITY_MEDIUM,
		"The record could not be written.",
		"Make it writable, then reset." },
	[SAFETY_FAULT_RENEW] = { "faultRenew", SAFETY_PRIORITY_MEDIUM,
		"The driver refused to keep the motor running.",
		"Check the pen, then reset." },
	[SAFETY_FAULT_CARTRIDGE] = { "faultCartridge", SAFETY_PRIORITY_HIGH,
		"The cartridge was taken out within a session.",
		"End the session, reset, and begin another with a new cartridge." },
	[SAFETY_FAULT_LIMP] = { "faultLimp", SAFETY_PRIORITY_MEDIUM,
		"Pen and driver do not speak the same protocol: it can be watched, never started.",
		"Update the pen or the driver, then plug it in again." },
	[SAFETY_FAULT_STOP_UNCONFIRMED] = { "faultStopUnconfirmed", SAFETY_PRIORITY_HIGH,
		"The pen did not confirm a stop.",
		"Take it off the skin and unplug it." },
	[SAFETY_REFUSE_STATE] = { "refuseState", SAFETY_PRIORITY_NONE,
		"Not possible in the present state.",
		"See the state and what leads out of it." },
	[SAFETY_REFUSE_NOT_OWNER] = { "refuseNotOwner", SAFETY_PRIORITY_NONE,
		"Only the controller may do this.",
		"Take control first." },
	[SAFETY_REFUSE_OWNED] = { "refuseOwned", SAFETY_PRIORITY_NONE,
		"Somebody else controls this pen.",
		"Wait until they release it." },
	[SAFETY_REFUSE_LIMIT] = { "refuseLimit", SAFETY_PRIORITY_NONE,
		"Outside a limit in force.",
		"Ask for what the limit allows." },
	[SAFETY_REFUSE_SCREENING] = { "refuseScreening", SAFETY_PRIORITY_NONE,
		"The screening is not clear.",
		"Answer it again or see a physician." },
	[SAFETY_REFUSE_PREPARATION] = { "refusePreparation", SAFETY_PRIORITY_NONE,
		"The preparation is not confirmed.",
		"Complete the checklist." },
	[SAFETY_REFUSE_TELEMETRY] = { "refuseTelemetry", SAFETY_PRIORITY_NONE,
		"No fresh and complete measurements from the pen.",
		"Check the cable." },
	[SAFETY_REFUSE_FAULT] = { "refuseFault", SAFETY_PRIORITY_NONE,
		"A fault is latched.",
		"Remove its cause and reset." },
	[SAFETY_REFUSE_RECORD] = { "refuseRecord", SAFETY_PRIORITY_NONE,
		"The record cannot be written.",
		"Make it writable first." },
	[SAFETY_REFUSE_CONSENT] = { "refuseConsent", SAFETY_PRIORITY_NONE,
		"Consent or age is not confirmed.",
		"Have the consent signed first." },
	[SAFETY_REFUSE_AREA] = { "refuseArea", SAFETY_PRIORITY_NONE,
		"The area read back is not that of this session, or its size is not known.",
		"Read the area back as it was begun; give its size in the catalogue." },
	[SAFETY_REFUSE_CARTRIDGE_UNKNOWN] = { "refuseCartridgeUnknown", SAFETY_PRIORITY_NONE,
		"Nobody knows what cartridge this is.",
		"Scan its pack; if it cannot be read, take another one." },
	[SAFETY_REFUSE_CARTRIDGE_EXPIRED] = { "refuseCartridgeExpired", SAFETY_PRIORITY_NONE,
		"The cartridge is past its last day, or names none.",
		"Take one that is in date." },
	[SAFETY_REFUSE_CARTRIDGE_USED] = { "refuseCartridgeUsed", SAFETY_PRIORITY_NONE,
		"This cartridge served a session before.",
		"Take a new one." },
	[SAFETY_REFUSE_CARTRIDGE_RECALLED] = { "refuseCartridgeRecalled", SAFETY_PRIORITY_NONE,
		"This lot was recalled.",
		"Take one of another lot; set this one aside." },
	[SAFETY_REFUSE_CLOCK] = { "refuseClock", SAFETY_PRIORITY_NONE,
		"The clock cannot be right: it jumped ahead, or a session lies in the future.",
		"Set the clock; an administrator confirms it." },
	[SAFETY_REFUSE_LIMP] = { "refuseLimp", SAFETY_PRIORITY_NONE,
		"Pen and driver do not speak the same protocol: it can be watched, never started.",
		"Update the pen or the driver, then plug it in again." },
	[SAFETY_ALERT_TARGET] = { "alertTarget", SAFETY_PRIORITY_NONE,
		"The density aimed at is reached.",
		"Move on or end the session." },
	[SAFETY_ALERT_DENSITY] = { "alertDensity", SAFETY_PRIORITY_LOW,
		"The density is high for one day.",
		"Move on or end the session." },
	[SAFETY_ALERT_CONTACT] = { "alertContact", SAFETY_PRIORITY_LOW,
		"The needles have been on the skin for long without a break.",
		"Lift the pen." },
	[SAFETY_ALERT_WARM] = { "alertWarm", SAFETY_PRIORITY_MEDIUM,
		"The motor is getting too warm.",
		"Pause until it has cooled." },
	[SAFETY_ALERT_RECORD] = { "alertRecord", SAFETY_PRIORITY_MEDIUM,
		"The record cannot be written; nothing can be started.",
		"Look for a full or read-only disk." },
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

struct limit_words {
	const char *name, *unit, *remedy;
};

static const struct limit_words limits[SAFETY_LIMITS] = {
	[SAFETY_LIMIT_DEPTH_MAX] = { "depth", "um",
		"Ask for a shallower depth." },
	[SAFETY_LIMIT_RATE_MIN] = { "rateMinimum", "strokes per minute",
		"Ask for a faster rate." },
	[SAFETY_LIMIT_RATE_MAX] = { "rate", "strokes per minute",
		"Ask for a slower rate." },
	[SAFETY_LIMIT_RUN_MAX] = { "run", "ms",
		"Start again to go on." },
	[SAFETY_LIMIT_SESSION_MAX] = { "session", "ms",
		"Plan less motor time; end this session." },
	[SAFETY_LIMIT_CURRENT_MAX] = { "current", "mA",
		"Look for a snag." },
	[SAFETY_LIMIT_TEMP_MAX] = { "temperature", "mdegC",
		"Let the handle cool." },
	[SAFETY_LIMIT_CONTACT_MAX] = { "contact", "ms",
		"Lift the pen, then start again." },
	[SAFETY_LIMIT_DENSITY_MAX] = { "density", "punctures per cm2",
		"Nothing more in this area today." },
	[SAFETY_LIMIT_PUNCTURES_MAX] = { "punctures", "punctures",
		"End this session." },
	[SAFETY_LIMIT_DUTY_MAX] = { "duty", "ms",
		"Let the handle rest as long as it ran." },
	[SAFETY_LIMIT_CARTRIDGE_MAX] = { "cartridgeTime", "ms",
		"Begin another session with a new cartridge." },
	[SAFETY_LIMIT_INTERVAL_MIN] = { "interval", "days",
		"Come back when that many days have passed." },
};

static const char *const sources[SAFETY_SOURCES] = {
	[SAFETY_BY_ABSOLUTE] = "absolute",
	[SAFETY_BY_PEN] = "pen",
	[SAFETY_BY_LABEL] = "label",
	[SAFETY_BY_AREA] = "area",
	[SAFETY_BY_CONCERN] = "concern",
	[SAFETY_BY_PATIENT] = "patient",
	[SAFETY_BY_CARTRIDGE] = "cartridge",
	[SAFETY_BY_DEPTH] = "depth",
	[SAFETY_BY_OPERATOR] = "operator",
};

static const char *const priorities[SAFETY_PRIORITIES] = {
	[SAFETY_PRIORITY_NONE] = "none",
	[SAFETY_PRIORITY_LOW] = "low",
	[SAFETY_PRIORITY_MEDIUM] = "medium",
	[SAFETY_PRIORITY_HIGH] = "high",
};

static const char *const proofs[SAFETY_PROOFS] = {
	[SAFETY_PROOF_NONE] = "none",
	[SAFETY_PROOF_ATTESTED] = "attested",
	[SAFETY_PROOF_COUNTED] = "counted",
	[SAFETY_PROOF_PROVEN] = "proven",
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

const char *safety_reason_remedy(enum safety_reason reason)
{
	return (uint32_t)reason < SAFETY_REASONS ? reasons[reason].remedy :
						   "Unknown reason.";
}

enum safety_priority safety_reason_priority(enum safety_reason reason)
{
	return (uint32_t)reason < SAFETY_REASONS ? reasons[reason].priority :
						   SAFETY_PRIORITY_NONE;
}

const char *safety_limit_name(enum safety_limit_id id)
{
	return (uint32_t)id < SAFETY_LIMITS ? limits[id].name : "unknown";
}

const char *safety_limit_unit(enum safety_limit_id id)
{
	return (uint32_t)id < SAFETY_LIMITS ? limits[id].unit : "";
}

const char *safety_limit_remedy(enum safety_limit_id id)
{
	return (uint32_t)id < SAFETY_LIMITS ? limits[id].remedy :
					      "Unknown limit.";
}

const char *safety_source_name(enum safety_source source)
{
	return (uint32_t)source < SAFETY_SOURCES ? sources[source] : "unknown";
}

const char *safety_priority_name(enum safety_priority priority)
{
	return (uint32_t)priority < SAFETY_PRIORITIES ? priorities[priority] :
							"unknown";
}

const char *safety_proof_name(enum safety_proof proof)
{
	return (uint32_t)proof < SAFETY_PROOFS ? proofs[proof] : "unknown";
}

const char *safety_dose_basis_name(enum safety_dose_basis basis)
{
	return basis == SAFETY_DOSE_LOADED ? "loaded" : "all";
}
