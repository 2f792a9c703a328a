// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpenctl/trigger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The longer ones first: ">=" begins like ">". */
static const struct {
	const char *text;
	enum trigger_sign sign;
} signs[] = {
	{ ">=", TRIGGER_AT_LEAST }, { "<=", TRIGGER_AT_MOST },
	{ "!=", TRIGGER_UNEQUAL },  { ">", TRIGGER_ABOVE },
	{ "<", TRIGGER_BELOW },	    { "=", TRIGGER_EQUAL },
};

static bool take_word(struct trigger *t, const char *text, char why[160])
{
	if (t->sign != TRIGGER_EQUAL && t->sign != TRIGGER_UNEQUAL) {
		snprintf(why, 160, "words are compared with = or !=");
		return false;
	}
	if (!*text || strlen(text) >= sizeof(t->word)) {
		snprintf(why, 160, "a word is missing behind the sign");
		return false;
	}
	memcpy(t->word, text, strlen(text) + 1);
	return true;
}

static bool take_number(struct trigger *t, const char *text, char why[160])
{
	char *end;

	errno = 0;
	t->value = strtoll(text, &end, 10);
	if (end != text && !*end && !errno)
		return true;
	snprintf(why, 160, "\"%.60s\" is no whole number", text);
	return false;
}

bool trigger_parse(const char *text, struct trigger *out, char why[160])
{
	size_t n = strcspn(text, "<>=!"), i;
	int field;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (!strncmp(text + n, signs[i].text, strlen(signs[i].text)))
			break;
	if (i == sizeof(signs) / sizeof(signs[0])) {
		snprintf(why, 160, "it has none of the signs > >= < <= = !=");
		return false;
	}
	out->sign = signs[i].sign;
	field = sample_field_find(text, n);
	out->kind = TRIGGER_FIELD;
	if (n == 5 && !strncmp(text, "state", n))
		out->kind = TRIGGER_STATE;
	else if (n == 5 && !strncmp(text, "event", n))
		out->kind = TRIGGER_EVENT;
	else if (field < 0) {
		snprintf(why, 160, "no field is called \"%.*s\"",
			 n > 60 ? 60 : (int)n, text);
		return false;
	}
	text += n + strlen(signs[i].text);
	if (out->kind != TRIGGER_FIELD)
		return take_word(out, text, why);
	out->field = (enum sample_field)field;
	return take_number(out, text, why);
}

static bool compare(enum trigger_sign sign, int64_t have, int64_t want)
{
	switch (sign) {
	case TRIGGER_ABOVE:
		return have > want;
	case TRIGGER_BELOW:
		return have < want;
	case TRIGGER_AT_LEAST:
		return have >= want;
	case TRIGGER_AT_MOST:
		return have <= want;
	case TRIGGER_EQUAL:
		return have == want;
	case TRIGGER_UNEQUAL:
		return have != want;
	}
	return false;
}

/* An event is a moment: it fires each time. */
static bool event_fires(const struct trigger *t, const struct sample *s)
{
	bool same = !strncmp(s->event, t->word, strlen(t->word));

	return *s->event && same == (t->sign == TRIGGER_EQUAL);
}

bool trigger_fires(struct trigger *t, const struct sample *s)
{
	bool holds, fires;

	if (t->kind == TRIGGER_EVENT)
		return event_fires(t, s);
	if (*s->event || (t->kind == TRIGGER_FIELD && !sample_knows(s, t->field)))
		return false;
	if (t->kind == TRIGGER_STATE)
		holds = !strcmp(s->state, t->word) == (t->sign == TRIGGER_EQUAL);
	else
		holds = compare(t->sign, s->value[t->field], t->value);
	fires = holds && t->seen_false;
	t->seen_false = !holds;
	return fires;
}
