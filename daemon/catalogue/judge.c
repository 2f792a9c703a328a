// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "daemon/catalogue/judge.h"

struct judging {
	struct judge_reason *reasons;
	size_t max, found;
	enum judge_verdict worst;
};

static void judge_add(struct judging *j, enum judge_verdict verdict,
		      enum judge_cause cause, const char *code,
		      const struct catalogue_screening *question)
{
	if (verdict > j->worst)
		j->worst = verdict;
	if (j->found < j->max)
		j->reasons[j->found] = (struct judge_reason){
			.verdict = verdict,
			.cause = cause,
			.code = code,
			.question = question,
		};
	j->found++;
}

static enum judge_verdict judge_yes(enum catalogue_verdict verdict)
{
	switch (verdict) {
	case CATALOGUE_WARN:
		return JUDGE_WARN;
	case CATALOGUE_OVERRIDE:
		return JUDGE_OVERRIDE;
	case CATALOGUE_BLOCK:
	case CATALOGUE_VERDICTS:
		break;
	}
	return JUDGE_BLOCK;
}

static void judge_question(struct judging *j,
			   const struct catalogue_screening *q,
			   const struct judge_answer *answers, size_t n)
{
	bool yes = false;
	size_t i, given = 0;

	for (i = 0; i < n; i++)
		if (answers[i].code && !strcmp(answers[i].code, q->code)) {
			given++;
			yes |= answers[i].yes;
		}
	if (!given)
		judge_add(j, JUDGE_INCOMPLETE, JUDGE_MISSING, q->code, q);
	if (given > 1)
		judge_add(j, JUDGE_INCOMPLETE, JUDGE_TWICE, q->code, q);
	if (yes)
		judge_add(j, judge_yes(q->verdict), JUDGE_YES, q->code, q);
}

static bool judge_asked(const char *code)
{
	const struct catalogue_screening *q;
	size_t i;

	for (i = 0; code && (q = catalogue_screening_at(i)); i++)
		if (!strcmp(q->code, code))
			return true;
	return false;
}

enum judge_verdict judge_screening(const struct judge_answer *answers,
				   size_t n, struct judge_reason *reasons,
				   size_t max, size_t *found)
{
	struct judging j = { .reasons = reasons, .max = max };
	const struct catalogue_screening *q;
	size_t i;

	for (i = 0; (q = catalogue_screening_at(i)); i++)
		judge_question(&j, q, answers, n);
	for (i = 0; i < n; i++)
		if (!judge_asked(answers[i].code))
			judge_add(&j, JUDGE_INCOMPLETE, JUDGE_UNKNOWN,
				  answers[i].code ? answers[i].code : "", NULL);
	*found = j.found;
	return j.worst;
}

bool judge_permits(enum judge_verdict verdict)
{
	return verdict == JUDGE_CLEAR || verdict == JUDGE_WARN;
}

const char *judge_verdict_name(enum judge_verdict verdict)
{
	switch (verdict) {
	case JUDGE_CLEAR:
		return "clear";
	case JUDGE_WARN:
		return "warn";
	case JUDGE_OVERRIDE:
		return "override";
	case JUDGE_BLOCK:
		return "block";
	case JUDGE_INCOMPLETE:
	case JUDGE_VERDICTS:
		break;
	}
	return "incomplete";
}

const char *judge_cause_name(enum judge_cause cause)
{
	switch (cause) {
	case JUDGE_YES:
		return "yes";
	case JUDGE_MISSING:
		return "missing";
	case JUDGE_TWICE:
		return "twice";
	case JUDGE_UNKNOWN:
		break;
	}
	return "unknown";
}

const char *judge_reason_text(const struct judge_reason *reason)
{
	switch (reason->cause) {
	case JUDGE_MISSING:
		return "This screening question is not answered (once, with yes or no).";
	case JUDGE_TWICE:
		return "This screening question is answered more than once.";
	case JUDGE_UNKNOWN:
		return "An answer was given to a question that the catalogue does not have.";
	case JUDGE_YES:
		break;
	}
	if (reason->verdict == JUDGE_WARN)
		return "No obstacle, but to be borne in mind; it is kept in the record.";
	if (reason->verdict == JUDGE_OVERRIDE)
		return "The answer to this screening question rules the session out until a physician has given a reason to go on.";
	return "The answer to this screening question rules the session out.";
}
