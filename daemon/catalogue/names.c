// SPDX-License-Identifier: GPL-2.0-or-later
/* The words for values, the same in files, answers and on the wire. */
#include "daemon/catalogue/schema.h"

const char *const names_confidence[] = {
	[CATALOGUE_HIGH] = "high",
	[CATALOGUE_MEDIUM] = "medium",
	[CATALOGUE_LOW] = "low",
	[CATALOGUE_ENGINEERING] = "engineering",
	[CATALOGUE_CONFIDENCES] = NULL,
};

const char *const names_verdict[] = {
	[CATALOGUE_BLOCK] = "block",
	[CATALOGUE_OVERRIDE] = "override",
	[CATALOGUE_WARN] = "warn",
	[CATALOGUE_VERDICTS] = NULL,
};

const char *const names_group[] = {
	[CATALOGUE_GROUP_PERSON] = "person",
	[CATALOGUE_GROUP_MEDICINES] = "medicines",
	[CATALOGUE_GROUP_HEALTH] = "health",
	[CATALOGUE_GROUP_AREA] = "area",
	[CATALOGUE_GROUP_TREATMENTS] = "treatments",
	[CATALOGUE_GROUPS] = NULL,
};

const char *const names_condition[] = {
	[CATALOGUE_FIRST_SESSION] = "first-session",
	[CATALOGUE_SKIN_TYPE] = "skin-type",
	[CATALOGUE_AGE] = "age",
	[CATALOGUE_THIN_SKIN] = "thin-skin",
	[CATALOGUE_CONDITIONS] = NULL,
};

const char *const names_alarm[] = {
	[CATALOGUE_ALARM_NONE] = "none",
	[CATALOGUE_ALARM_LOW] = "low",
	[CATALOGUE_ALARM_MEDIUM] = "medium",
	[CATALOGUE_ALARM_HIGH] = "high",
	[CATALOGUE_ALARMS] = NULL,
};

const char *const names_advice[] = {
	[CATALOGUE_AVOID] = "avoid",
	[CATALOGUE_LIMIT] = "limit",
	[CATALOGUE_ONLY] = "only",
	[CATALOGUE_DO] = "do",
	[CATALOGUE_EXPECT] = "expect",
	[CATALOGUE_CALL] = "call",
	[CATALOGUE_ASK] = "ask",
	[CATALOGUE_ADVICES] = NULL,
};

static const char *const names_origin[] = {
	[CATALOGUE_FROM_LABEL] = "label",
	[CATALOGUE_FROM_AREA] = "area",
	[CATALOGUE_FROM_CONCERN] = "concern",
	[CATALOGUE_FROM_PATIENT] = "patient",
	[CATALOGUE_FROM_CARTRIDGE] = "cartridge",
	[CATALOGUE_FROM_PROJECT] = "project",
};

static const char *name(const char *const *names, unsigned int value,
			unsigned int count)
{
	return value < count ? names[value] : "unknown";
}

const char *catalogue_confidence_name(enum catalogue_confidence confidence)
{
	return name(names_confidence, confidence, CATALOGUE_CONFIDENCES);
}

const char *catalogue_verdict_name(enum catalogue_verdict verdict)
{
	return name(names_verdict, verdict, CATALOGUE_VERDICTS);
}

const char *catalogue_group_name(enum catalogue_group group)
{
	return name(names_group, group, CATALOGUE_GROUPS);
}

const char *catalogue_origin_name(enum catalogue_origin origin)
{
	return name(names_origin, origin, CATALOGUE_ORIGINS);
}

const char *catalogue_condition_name(enum catalogue_condition condition)
{
	return name(names_condition, condition, CATALOGUE_CONDITIONS);
}

const char *catalogue_alarm_name(enum catalogue_alarm alarm)
{
	return name(names_alarm, alarm, CATALOGUE_ALARMS);
}

const char *catalogue_advice_name(enum catalogue_advice advice)
{
	return name(names_advice, advice, CATALOGUE_ADVICES);
}

const char *catalogue_kind_name(enum catalogue_kind kind)
{
	return kind < CATALOGUE_KINDS ? catalogue_schema[kind].name : "unknown";
}
