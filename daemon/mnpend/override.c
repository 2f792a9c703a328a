// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/override.h"

#include "daemon/mnpend/methods.h"
#include "daemon/mnpend/pen.h"
#include "daemon/record/record.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define CODE_LEN	64
#define REASON_LEN	500
#define NOT_RAISED "Nothing of this name was refused in this session, so there is nothing to set aside. Name only what a physician has to decide."
#define NEVER "No physician can set this aside: it rules the session out."
#define NO_QUESTION "There is no screening question of this name; the catalogue lists them."

static size_t override_letters(const char *text)
{
	size_t n = 0;

	/* Of a character of several bytes the first one counts. */
	for (; *text; text++)
		n += (*text & 0xc0) != 0x80 && !isspace((unsigned char)*text);
	return n;
}

static bool override_code(struct override *o, const json_t *code)
{
	const char *text = json_string_value(code);

	if (!text || !*text || json_string_length(code) > CODE_LEN ||
	    override_names(o, text))
		return false;
	o->codes[o->n++] = text;
	return true;
}

static bool override_codes(struct override *o, const json_t *list)
{
	json_t *code;
	size_t i;

	if (!json_array_size(list) ||
	    json_array_size(list) > OVERRIDE_CODES_MAX)
		return false;
	json_array_foreach(list, i, code)
		if (!override_code(o, code))
			return false;
	return true;
}

bool override_read(struct varlink_call *call, json_t *p, struct override *o)
{
	json_t *given = json_object_get(p, "override"), *reason;

	memset(o, 0, sizeof(*o));
	if (!given || json_is_null(given))
		return true;
	if (!json_is_object(given) ||
	    !methods_only(given, "codes reason physician")) {
		varlink_invalid_parameter(call, "override");
		return false;
	}
	if (varlink_call_peer(call)->role != VARLINK_ADMIN) {
		varlink_error(call, "org.varlink.service.PermissionDenied",
			      NULL);
		return false;
	}
	reason = json_object_get(given, "reason");
	o->reason = json_string_value(reason);
	o->physician = json_string_value(json_object_get(given, "physician"));
	if (!override_codes(o, json_object_get(given, "codes")))
		varlink_invalid_parameter(call, "override.codes");
	else if (!o->reason || json_string_length(reason) > REASON_LEN ||
		 override_letters(o->reason) < OVERRIDE_REASON_MIN)
		varlink_invalid_parameter(call, "override.reason");
	else if (!record_pseudonym_valid(o->physician))
		varlink_invalid_parameter(call, "override.physician");
	else
		return true;
	return false;
}

bool override_names(const struct override *o, const char *code)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (!strcmp(o->codes[i], code))
			return true;
	return false;
}

static void override_refuse(struct varlink_call *call, const char *code,
			    const char *message)
{
	char interlock[CODE_LEN + 16];

	snprintf(interlock, sizeof(interlock), "override:%s", code);
	varlink_error(call, "io.mnpen.Pen.InterlockOpen",
		      json_pack("{ssss}", "interlock", interlock, "message",
				message));
}

static bool override_asked(const char *code)
{
	const struct catalogue_screening *q;
	size_t i;

	for (i = 0; (q = catalogue_screening_at(i)); i++)
		if (!strcmp(q->code, code))
			return true;
	return false;
}

static bool override_is_limit(const char *code)
{
	return !strcmp(code, OVERRIDE_DENSITY) ||
	       !strcmp(code, OVERRIDE_INTERVAL);
}

void override_refuse_needless(struct varlink_call *call, const char *code)
{
	override_refuse(call, code, NOT_RAISED);
}

/* NULL: the code is one that a physician decides. */
static const char *override_wrong(const char *code,
				  const struct judge_reason *reasons, size_t n)
{
	size_t i;

	if (override_is_limit(code))
		return NULL;
	for (i = 0; i < n; i++) {
		if (strcmp(reasons[i].code, code))
			continue;
		if (reasons[i].verdict == JUDGE_OVERRIDE)
			return NULL;
		if (reasons[i].verdict == JUDGE_BLOCK)
			return NEVER;
	}
	return override_asked(code) ? NOT_RAISED : NO_QUESTION;
}

bool override_fits(struct varlink_call *call, const struct override *o,
		   const struct judge_reason *reasons, size_t n)
{
	const char *wrong;
	size_t i;

	for (i = 0; i < o->n; i++) {
		wrong = override_wrong(o->codes[i], reasons, n);
		if (!wrong)
			continue;
		override_refuse(call, o->codes[i], wrong);
		return false;
	}
	return true;
}

json_t *override_body(const struct override *o, size_t i,
		      const struct varlink_peer *peer)
{
	bool limit = override_is_limit(o->codes[i]);
	char what[CODE_LEN + 16];

	snprintf(what, sizeof(what), "%s:%s", limit ? "limit" : "screening",
		 o->codes[i]);
	return json_pack("{ss ss ss so}", "overridden", what, "reason",
			 o->reason, "operator", o->physician, "peer",
			 pen_peer_json(peer));
}
