// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Options that only some verbs take. Each is one line here: its name, which
 * verbs take it, where its value goes, what stands for the value in help, and
 * what it is. What stands for the value also says how shells complete it
 * (completion.c): FILE, PEN, AREA, CONCERN, SESSION, or the words themselves.
 */
#include "daemon/mnpenctl/mnpenctl.h"

#include <assert.h>
#include <stddef.h>

#define TEXT(name, verbs, member, value, summary) \
	{ name, verbs, offsetof(struct ctl, member), value, summary }
#define FLAG(name, verbs, member, summary) \
	{ name, verbs, offsetof(struct ctl, member), NULL, summary }

const struct ctl_option ctl_options[] = {
	TEXT("area", OPT_SESSION | OPT_PLAN, area, "AREA",
	     "area of the body, an id of mnpenctl catalogue; a plan takes several, with commas"),
	TEXT("concern", OPT_SESSION | OPT_PLAN | OPT_COURSE, concern, "CONCERN",
	     "what is treated, an id of mnpenctl catalogue"),
	TEXT("depth", OPT_SESSION, depth, "UM",
	     "needle protrusion in whole micrometres: 1000"),
	TEXT("rate", OPT_SESSION, rate, "SPM",
	     "strokes per minute: 6000 is 100 Hz"),
	TEXT("minutes", OPT_SESSION, minutes, "N", "motor time in minutes"),
	TEXT("seconds", OPT_SESSION, seconds, "N",
	     "motor time in seconds, instead of --minutes"),
	TEXT("pen", OPT_SESSION, pen, "PEN",
	     "which pen; needed with more than one"),
	TEXT("screening", OPT_SESSION, screening, "clear",
	     "every screening question was asked and answered with no"),
	TEXT("preparation", OPT_SESSION, preparation, "done",
	     "every preparation step was done, in order"),
	TEXT("patient", OPT_SESSION, patient, "P",
	     "the patient's pseudonym for the record; never a name"),
	TEXT("operator", OPT_SESSION | OPT_FORM | OPT_AMEND, operator_id, "O",
	     "the operator's pseudonym for the record"),
	TEXT("cartridge", OPT_SESSION, cartridge, "UDI",
	     "what a scanner reads on the cartridge's pack"),
	TEXT("needles", OPT_SESSION | OPT_PLAN, needles, "N",
	     "needles of the cartridge"),
	TEXT("needle-width", OPT_SESSION | OPT_PLAN, needle_width, "UM",
	     "diameter of one needle in micrometres"),
	TEXT("needle-length", OPT_SESSION | OPT_PLAN, needle_length, "UM",
	     "length of the needles in micrometres"),
	TEXT("skin-type", OPT_SESSION | OPT_PLAN, skin_type, "N",
	     "the patient's skin type after Fitzpatrick, 1 to 6"),
	TEXT("age", OPT_SESSION | OPT_PLAN, age, "YEARS", "the patient's age"),
	FLAG("treated-before", OPT_SESSION | OPT_PLAN, treated_before,
	     "it is not the patient's first session"),
	FLAG("thin-skin", OPT_SESSION | OPT_PLAN, thin_skin,
	     "the patient's skin is thin"),
	TEXT("last-date", OPT_PLAN, last_date, "YYYY-MM-DD",
	     "when the areas were treated last"),
	TEXT("last-depth", OPT_PLAN, last_depth, "UM", "how deep then"),
	TEXT("sessions", OPT_PLAN, sessions, "N",
	     "how many sessions there were"),
	FLAG("ical", OPT_CARE, ical, "as a calendar (RFC 5545)"),
	TEXT("format", OPT_EXPORT, format, "json|csv|fhir",
	     "signed JSON lines (default), a table, or FHIR R4"),
	TEXT("from", OPT_EXPORT, from, "YYYY-MM-DD",
	     "first day, in local time"),
	TEXT("until", OPT_EXPORT, until, "YYYY-MM-DD",
	     "last day, in local time"),
	TEXT("output", OPT_EXPORT | OPT_SHEET | OPT_BUNDLE | OPT_CAPTURE |
		     OPT_PLOT | OPT_REPORT | OPT_CALIBRATE | OPT_BLOCKS,
	     output, "FILE",
	     "a new file that only you can read, instead of stdout"),
	TEXT("key", OPT_IMPORT | OPT_VERIFY, key, "HEX",
	     "the public key that you vouch for"),
	TEXT("limit", OPT_LIST, limit, "N", "so many at most, up to 1000"),
	TEXT("after", OPT_FORM, after, "24|168|720",
	     "hours after the session's end: which form it answers"),
	FLAG("nothing", OPT_FORM, nothing, "nothing unusual happened"),
	TEXT("event", OPT_FORM, event, "CODE",
	     "what happened, in a word of the clinic's: redness"),
	TEXT("severity", OPT_FORM, severity, "mild|moderate|severe",
	     "how bad it was"),
	TEXT("outcome", OPT_FORM, outcome, "TEXT", "what became of it"),
	TEXT("detail", OPT_FORM, detail, "TEXT", "more of it, without names"),
	TEXT("instead", OPT_AMEND, instead, "TEXT",
	     "what the row should have said"),
	TEXT("reason", OPT_AMEND, reason, "TEXT", "why it said otherwise"),
	FLAG("pdf", OPT_SHEET, pdf, "drawn on A4 pages"),
	TEXT("speed", OPT_REPLAY, speed, "N", "so many times as fast"),
	FLAG("csv", OPT_TELEMETRY, csv, "as CSV with a line of names"),
	TEXT("fields", OPT_TELEMETRY, fields, "A,B",
	     "only these, in this order"),
	TEXT("every", OPT_TELEMETRY, every, "MS",
	     "at most one sample of a pen in so many ms"),
	TEXT("root", OPT_DOCTOR, root, "DIR",
	     "look below this directory instead of /, for tests"),
	TEXT("trigger", OPT_CAPTURE, trigger, "CONDITION",
	     "begin where this becomes true: motor_ma>600, state=running, event=stopped"),
	TEXT("pre", OPT_CAPTURE, pre, "MS",
	     "so much from before the trigger; 200"),
	TEXT("post", OPT_CAPTURE, post, "MS",
	     "so much from behind it; 1000"),
	TEXT("timeout", OPT_CAPTURE, timeout, "MS",
	     "wait no longer for the trigger; for ever"),
	TEXT("key-file", OPT_REPORT, key_file, "FILE",
	     "the key that signs, 32 bytes; made if there is none"),
	TEXT("readings", OPT_CALIBRATE, readings, "SET:GAUGE,...",
	     "what the gauge read at which depth, in micrometres: 500:512,1000:1008"),
	TEXT("tolerance", OPT_CALIBRATE, tolerance, "UM",
	     "how far a reading may be off; 50"),
	TEXT("count", OPT_TELEMETRY | OPT_RAW, count, "N", "end after so many samples"),
};

static_assert(sizeof(ctl_options) / sizeof(ctl_options[0]) <= OPTIONS_MAX,
	      "one bit each of what was given");

const size_t ctl_options_n = sizeof(ctl_options) / sizeof(ctl_options[0]);
