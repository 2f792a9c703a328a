// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <string.h>

#include "daemon/record/kind.h"

enum type { TEXT, NUMBER, TRUTH, LIST, OBJECT };

static const struct rule {
	enum record_kind kind;
	const char *key;
	enum type type;
	const char *one_of; /* of a text: a|b|c; NULL: any that is not empty */
} rules[] = {
	{ RECORD_ALARM, "alarm", TEXT, NULL },
	{ RECORD_ALARM, "priority", TEXT, "low|medium|high" },
	{ RECORD_ALARM, "state", TEXT, "raised|acknowledged|silenced|cleared" },
	{ RECORD_OVERRIDE, "overridden", TEXT, NULL },
	{ RECORD_OVERRIDE, "reason", TEXT, NULL },
	{ RECORD_OVERRIDE, "operator", TEXT, NULL },
	{ RECORD_SCREENING, "answers", LIST, NULL },
	{ RECORD_CONSENT, "given", TRUTH, NULL },
	{ RECORD_CARTRIDGE, "singleUse", TEXT, "proven|counted|attested" },
	{ RECORD_COURSE, "course", TEXT, NULL },
	{ RECORD_COURSE, "patient", TEXT, NULL },
	{ RECORD_COURSE, "concern", TEXT, NULL },
	{ RECORD_COURSE, "plannedSessions", NUMBER, NULL },
	{ RECORD_TELEMETRY, "run", NUMBER, NULL },
	{ RECORD_TELEMETRY, "records", NUMBER, NULL },
	{ RECORD_TELEMETRY, "fields", OBJECT, NULL },
	{ RECORD_ADVERSE_EVENT, "promptHours", NUMBER, NULL },
	{ RECORD_ADVERSE_EVENT, "happened", TRUTH, NULL },
	{ RECORD_AMENDMENT, "amends", NUMBER, NULL },
	{ RECORD_AMENDMENT, "reason", TEXT, NULL },
	{ RECORD_AMENDMENT, "operator", TEXT, NULL },
};

/* An event that happened says what it was. */
static const struct rule event_rules[] = {
	{ RECORD_ADVERSE_EVENT, "code", TEXT, NULL },
	{ RECORD_ADVERSE_EVENT, "severity", TEXT, "mild|moderate|severe" },
	{ RECORD_ADVERSE_EVENT, "outcome", TEXT, NULL },
};

static const char *const forbidden[] = {
	"patientName", "firstName", "lastName", "surname",   "givenName",
	"familyName",  "birthDate", "dateOfBirth", "address", "phone",
	"email",       "insurance", "socialSecurityNumber",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

bool kind_is_own(enum record_kind kind)
{
	return kind == RECORD_GENESIS || kind == RECORD_MIGRATED ||
	       kind == RECORD_KEY || kind == RECORD_RECOVERED ||
	       kind == RECORD_BLOCK || kind == RECORD_RETENTION ||
	       kind == RECORD_IMPORT;
}

static bool is_one_of(const char *text, const char *list)
{
	size_t len = strlen(text);

	for (const char *p = list; p; p = strchr(p, '|')) {
		p += *p == '|';
		if (!strncmp(p, text, len) && (p[len] == '|' || !p[len]))
			return true;
	}
	return false;
}

static bool obeys(const json_t *body, const struct rule *rule)
{
	const json_t *value = json_object_get(body, rule->key);
	const char *text = json_string_value(value);

	switch (rule->type) {
	case TEXT:
		return text && text[0] &&
		       (!rule->one_of || is_one_of(text, rule->one_of));
	case NUMBER:
		return json_is_integer(value) && json_integer_value(value) >= 0;
	case TRUTH:
		return json_is_boolean(value);
	case LIST:
		return json_is_array(value);
	case OBJECT:
		return json_is_object(value);
	}
	return false;
}

/* At every level: a name in a note's member is still a name. */
static bool names_nobody(json_t *value)
{
	json_t *member;
	size_t i;

	for (i = 0; i < COUNT(forbidden); i++) {
		if (json_object_get(value, forbidden[i]))
			return false;
	}
	if (json_is_object(value)) {
		const char *key;

		json_object_foreach(value, key, member) {
			if (!names_nobody(member))
				return false;
		}
	}
	json_array_foreach(value, i, member) {
		if (!names_nobody(member))
			return false;
	}
	return true;
}

bool record_pseudonym_valid(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-_";
	size_t len = text ? strnlen(text, RECORD_PSEUDONYM_MAX + 1) : 0;

	return len >= 1 && len <= RECORD_PSEUDONYM_MAX &&
	       strspn(text, allowed) == len;
}

static bool patient_is_pseudonym(const json_t *body)
{
	const json_t *patient = json_object_get(body, "patient");

	return !patient || json_is_null(patient) ||
	       record_pseudonym_valid(json_string_value(patient));
}

static bool obeys_all(enum record_kind kind, const json_t *body)
{
	json_int_t hours;

	for (size_t i = 0; i < COUNT(rules); i++) {
		if (rules[i].kind == kind && !obeys(body, &rules[i]))
			return false;
	}
	if (kind != RECORD_ADVERSE_EVENT)
		return true;
	hours = json_integer_value(json_object_get(body, "promptHours"));
	if (hours && hours != RECORD_PROMPT_1 && hours != RECORD_PROMPT_2 &&
	    hours != RECORD_PROMPT_3)
		return false;
	for (size_t i = 0; i < COUNT(event_rules); i++) {
		if (json_is_true(json_object_get(body, "happened")) &&
		    !obeys(body, &event_rules[i]))
			return false;
	}
	return true;
}

bool kind_accepts(enum record_kind kind, const char *text)
{
	json_t *body = json_loads(text, 0, NULL);
	bool ok = body && names_nobody(body) && patient_is_pseudonym(body) &&
		  !json_object_get(body, "origin") && obeys_all(kind, body);

	json_decref(body);
	return ok;
}
