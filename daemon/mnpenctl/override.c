// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A physician's override: what the options say of it, and on a terminal where
 * a physician is named, the question why. Whether it holds is mnpend's to say.
 */
#include "daemon/mnpenctl/session.h"

#include <stdio.h>
#include <string.h>

bool override_given(const struct ctl *ctl)
{
	return ctl->override || ctl->override_reason || ctl->physician;
}

static int override_too_many(struct session *s)
{
	return explain(s->ctl, EXIT_USAGE, "Usage",
		       _("--override takes at most %d codes"), OVERRIDES_MAX);
}

/* The codes of --override, with commas between. */
static int override_split(struct session *s)
{
	char *code;

	if (!s->ctl->override)
		return EXIT_DONE;
	snprintf(s->override_line, sizeof(s->override_line), "%s",
		 s->ctl->override);
	for (code = strtok(s->override_line, ", "); code;
	     code = strtok(NULL, ", ")) {
		if (s->overrides == OVERRIDES_MAX)
			return override_too_many(s);
		s->override[s->overrides++] = code;
	}
	return EXIT_DONE;
}

int override_described(struct session *s)
{
	struct ctl *ctl = s->ctl;
	int r;

	if (!override_given(ctl))
		return EXIT_DONE;
	s->overrides = 0;
	r = override_split(s);
	if (r)
		return r;
	if (!ctl->physician)
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("an override needs --physician: who decides it, a pseudonym"));
	if (s->overrides && !ctl->override_reason && !s->asks)
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("an override needs --override-reason: why, in a sentence"));
	if (!s->overrides && !s->asks)
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("--override is missing: the codes that %s sets aside, as in the catalogue"),
			       ctl->physician);
	return EXIT_DONE;
}

bool override_has(const struct session *s, const char *code)
{
	size_t i;

	for (i = 0; i < s->overrides; i++)
		if (!strcmp(s->override[i], code))
			return true;
	return false;
}

/* What was answered so that a physician has to decide. */
static int override_answered(struct session *s,
			     const struct mnpen_answer *answers)
{
	const json_t *questions = json_object_get(s->catalogue, "screening");
	json_t *q;
	size_t i;

	json_array_foreach(questions, i, q) {
		if (!answers[i].yes ||
		    strcmp(js_string(q, "kind"), "override") ||
		    override_has(s, answers[i].code))
			continue;
		if (s->overrides == OVERRIDES_MAX)
			return override_too_many(s);
		s->override[s->overrides++] = answers[i].code;
	}
	return EXIT_DONE;
}

int override_ask(struct session *s, const struct mnpen_answer *answers)
{
	size_t i;
	int r;

	if (!s->ctl->physician || s->ruled_out)
		return EXIT_DONE;
	r = override_answered(s, answers);
	if (r || !s->overrides || s->ctl->override_reason)
		return r;
	fputs(_("\nA physician's override of:"), stderr);
	for (i = 0; i < s->overrides; i++)
		fprintf(stderr, " %s", s->override[i]);
	fprintf(stderr, _("\nWhy does %s go on nonetheless? It is kept in the record: "),
		s->ctl->physician);
	if (!ask_line(s, s->override_why))
		return ask_given_up(s);
	s->ctl->override_reason = s->override_why;
	return EXIT_DONE;
}
