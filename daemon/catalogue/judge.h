/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Screening: answers in, a verdict with every reason out.
 *
 * Pure: no I/O, no allocation, no clock; reads the catalogue in force.
 */
#ifndef MNPEN_CATALOGUE_JUDGE_H
#define MNPEN_CATALOGUE_JUDGE_H

#include "daemon/catalogue/catalogue.h"

struct judge_answer {
	const char *code;
	bool yes;
};

/* From the mildest to the worst; the worst reason is the verdict. */
enum judge_verdict {
	JUDGE_CLEAR,
	JUDGE_WARN,		/* shown and recorded */
	JUDGE_OVERRIDE,		/* not without a physician's reason */
	JUDGE_BLOCK,		/* no session */
	JUDGE_INCOMPLETE,	/* missing, twice, or not asked: no session */
	JUDGE_VERDICTS
};

enum judge_cause {
	JUDGE_YES,		/* answered with yes */
	JUDGE_MISSING,
	JUDGE_TWICE,
	JUDGE_UNKNOWN		/* there is no such question */
};

struct judge_reason {
	enum judge_verdict verdict;
	enum judge_cause cause;
	const char *code;	/* of the catalogue, or of the answer */
	const struct catalogue_screening *question;	/* NULL: unknown */
};

/*
 * Judges @n answers. Up to @max reasons go to @reasons in the order of the
 * catalogue, then those that nobody asked for; @found gets how many there are,
 * more than @max if the list was too short. The verdict looks at all of them.
 */
enum judge_verdict judge_screening(const struct judge_answer *answers,
				   size_t n, struct judge_reason *reasons,
				   size_t max, size_t *found);

/* May a session begin without anybody's override? */
bool judge_permits(enum judge_verdict verdict);

/* "clear", "warn", "override", "block" or "incomplete". */
const char *judge_verdict_name(enum judge_verdict verdict);
/* "yes", "missing", "twice" or "unknown". */
const char *judge_cause_name(enum judge_cause cause);
/* One sentence: what it means and what to do. */
const char *judge_reason_text(const struct judge_reason *reason);

#endif /* MNPEN_CATALOGUE_JUDGE_H */
