// SPDX-License-Identifier: GPL-2.0-or-later
/* Refusals and failures as clients see them: named, with what to do. */
#include "daemon/mnpend/pen.h"
#include "daemon/mnpend/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ERROR_TEXT_LEN 256
#define TEXTS 4 /* in one message at most */

const char *pen_reason_text(enum safety_reason reason)
{
	static char texts[TEXTS][ERROR_TEXT_LEN];
	static unsigned int next;
	char *text = texts[next++ % TEXTS];

	snprintf(text, ERROR_TEXT_LEN, "%s %s", safety_reason_text(reason),
		 safety_reason_remedy(reason));
	return text;
}

static void refuse_limit(struct varlink_call *call,
			 const struct safety_action *a)
{
	bool minimum = safety_limit_is_minimum(a->limit);
	char text[ERROR_TEXT_LEN];

	snprintf(text, sizeof(text),
		 "%u %s: the %s limit is %u %s at %s, set by: %s. %s",
		 a->requested, safety_limit_unit(a->limit),
		 safety_limit_name(a->limit), a->allowed,
		 safety_limit_unit(a->limit), minimum ? "least" : "most",
		 safety_source_name(a->source), safety_limit_remedy(a->limit));
	varlink_error(call, "io.mnpen.Pen.LimitExceeded",
		      json_pack("{sssssIsIssss}", "limit",
				safety_limit_name(a->limit), "source",
				safety_source_name(a->source), "requested",
				(json_int_t)a->requested, "maximum",
				(json_int_t)a->allowed, "remedy",
				safety_limit_remedy(a->limit), "message",
				text));
}

/* A start may also be refused by what stopped it on its way. */
static void refuse_state(struct varlink_call *call, const struct pen *pen,
			 enum safety_reason reason)
{
	char text[ERROR_TEXT_LEN];

	snprintf(text, sizeof(text), "The pen is in state %s; that cannot be done now.%s%s",
		 safety_state_name(pen->core.state),
		 reason == SAFETY_REFUSE_STATE ? "" : " ",
		 reason == SAFETY_REFUSE_STATE ? "" :
						 pen_reason_text(reason));
	varlink_error(call, "io.mnpen.Pen.WrongState",
		      json_pack("{ssss}", "state",
				safety_state_name(pen->core.state), "message",
				text));
}

static void refuse_interlock(struct varlink_call *call, const char *interlock,
			     enum safety_reason reason)
{
	varlink_error(call, "io.mnpen.Pen.InterlockOpen",
		      json_pack("{ssss}", "interlock", interlock, "message",
				pen_reason_text(reason)));
}

static void refuse_busy(struct varlink_call *call, const struct pen *pen)
{
	varlink_error(call, "io.mnpen.Pen.PenBusy",
		      json_pack("{sssIsIss}", "penId", pen->id, "ownerUid",
				(json_int_t)pen->controller.uid, "ownerPid",
				(json_int_t)pen->controller.pid, "message",
				"Somebody else controls this pen; it is free when their connection ends."));
}

static void refuse_not_owner(struct varlink_call *call, const struct pen *pen)
{
	varlink_error(call, "io.mnpen.Pen.NotController",
		      json_pack("{ssss}", "penId", pen->id, "message",
				"This connection does not control the pen. Call AcquireControl first."));
}

static void refuse_fault(struct varlink_call *call, const struct pen *pen)
{
	/* None of ours: then it is one that the pen has latched itself. */
	enum safety_reason fault = pen->core.fault ? pen->core.fault :
						     SAFETY_FAULT_PEN_LATCHED;
	char interlock[64];

	snprintf(interlock, sizeof(interlock), "fault:%s",
		 safety_reason_name(fault));
	refuse_interlock(call, interlock, fault);
}

/* Which door stands open; NULL: the reason is no interlock. */
static const char *interlock_of(enum safety_reason reason)
{
	static const struct {
		enum safety_reason reason;
		const char *interlock;
	} doors[] = {
		{ SAFETY_REFUSE_SCREENING, "screening" },
		{ SAFETY_REFUSE_PREPARATION, "preparation" },
		{ SAFETY_REFUSE_TELEMETRY, "telemetry" },
		{ SAFETY_REFUSE_CONSENT, "consent" },
		{ SAFETY_REFUSE_AREA, "area" },
		{ SAFETY_REFUSE_CARTRIDGE_UNKNOWN, "cartridge:unknown" },
		{ SAFETY_REFUSE_CARTRIDGE_EXPIRED, "cartridge:expired" },
		{ SAFETY_REFUSE_CARTRIDGE_USED, "cartridge:used" },
		{ SAFETY_REFUSE_CARTRIDGE_RECALLED, "cartridge:recalled" },
		{ SAFETY_REFUSE_CLOCK, "clock" },
		{ SAFETY_REFUSE_LIMP, "limp" },
	};
	size_t i;

	for (i = 0; i < sizeof(doors) / sizeof(doors[0]); i++)
		if (doors[i].reason == reason)
			return doors[i].interlock;
	return NULL;
}

void pen_refuse(struct varlink_call *call, const struct pen *pen,
		const struct safety_action *a)
{
	const char *interlock = interlock_of(a->reason);

	if (interlock)
		refuse_interlock(call, interlock, a->reason);
	else if (a->reason == SAFETY_REFUSE_LIMIT)
		refuse_limit(call, a);
	else if (a->reason == SAFETY_REFUSE_NOT_OWNER)
		refuse_not_owner(call, pen);
	else if (a->reason == SAFETY_REFUSE_OWNED)
		refuse_busy(call, pen);
	else if (a->reason == SAFETY_REFUSE_FAULT)
		refuse_fault(call, pen);
	else if (a->reason == SAFETY_REFUSE_RECORD)
		pen_storage_failed(call, "write the record",
				   recorder_error(pen->daemon->recorder));
	else
		refuse_state(call, pen, a->reason);
}

void pen_device_failed(struct varlink_call *call, const char *operation,
		       int error)
{
	char text[ERROR_TEXT_LEN];

	snprintf(text, sizeof(text), "The pen did not take \"%s\" (%s); the motor is off.",
		 operation, strerror(-error));
	varlink_error(call, "io.mnpen.Pen.DeviceFailed",
		      json_pack("{ssssss}", "operation", operation, "errnoName",
				strerrorname_np(-error) ?: "EIO", "message",
				text));
}

void pen_storage_failed(struct varlink_call *call, const char *operation,
			int error)
{
	char text[ERROR_TEXT_LEN];
	bool reading = !strncmp(operation, "read", 4);

	if (reading)
		snprintf(text, sizeof(text),
			 "The record cannot be read now (%s). Try again; look at the disk if it stays so.",
			 strerror(-error));
	else
		snprintf(text, sizeof(text),
			 "The record cannot be written (%s); no motor starts until it can. Look for a full or read-only disk.",
		 strerror(-error));
	varlink_error(call, "io.mnpen.Pen.StorageFailed",
		      json_pack("{ssssss}", "operation", operation, "errnoName",
				strerrorname_np(-error) ?: "EIO", "message",
				text));
}
