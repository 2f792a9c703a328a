// SPDX-License-Identifier: GPL-2.0-or-later
/* What was meant by a command or an option that does not exist. */
#include "daemon/mnpenctl/mnpenctl.h"

#include <stdio.h>
#include <string.h>

#define WORD_MAX	40

static size_t least(size_t a, size_t b, size_t c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

/* Letters to put in, take out, change or swap with the next. */
static size_t distance(const char *a, const char *b)
{
	size_t row[3][WORD_MAX + 1], n = strlen(a), m = strlen(b), i, k;

	if (n > WORD_MAX || m > WORD_MAX)
		return WORD_MAX;
	for (k = 0; k <= m; k++)
		row[0][k] = k;
	for (i = 1; i <= n; i++) {
		size_t *now = row[i % 3], *before = row[(i + 2) % 3];

		now[0] = i;
		for (k = 1; k <= m; k++) {
			now[k] = least(before[k] + 1, now[k - 1] + 1,
				       before[k - 1] + (a[i - 1] != b[k - 1]));
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] &&
			    a[i - 2] == b[k - 1])
				now[k] = least(now[k], now[k],
					       row[(i + 1) % 3][k - 2] + 1);
		}
	}
	return row[n % 3][m];
}

/* So far off, and it is another word. */
static size_t allowed(const char *word)
{
	size_t len = strlen(word);

	return len < 3 ? 0 : len < 6 ? 1 : len / 3;
}

/* Of len letters of name; too far off: WORD_MAX. */
static size_t distance_to(const char *typed, const char *name, size_t len)
{
	char word[WORD_MAX + 1];
	size_t d;

	snprintf(word, sizeof(word), "%.*s", (int)len, name);
	d = distance(typed, word);
	return d > allowed(typed) ? WORD_MAX : d;
}

/* The command, or its first word, most like what was typed. False: none. */
static bool guess_verb(char **argv, int argc, char *meant, size_t size)
{
	const struct verb *verb;
	size_t least_so_far = WORD_MAX;

	for (verb = verbs; verb->name; verb++) {
		size_t len = strcspn(verb->name, " "), d;
		const char *second = verb->name[len] ? verb->name + len + 1 :
						       "";
		/* "verify" for "record verify". */
		bool rest = !strcmp(argv[0], second);

		d = rest ? 0 : distance_to(argv[0], verb->name, len);
		if (*second && argc > 1 && !rest)
			d += distance_to(argv[1], second, strlen(second));
		if (d >= least_so_far)
			continue;
		least_so_far = d;
		snprintf(meant, size, "%.*s",
			 (int)(rest || argc > 1 ? strlen(verb->name) : len),
			 verb->name);
	}
	return least_so_far < WORD_MAX;
}

const char *guess_option(const char *name)
{
	size_t i, least_so_far = allowed(name) + 1;
	const char *best = NULL;

	for (i = 0; i < ctl_options_n; i++) {
		size_t d = distance(name, ctl_options[i].name);

		if (d >= least_so_far)
			continue;
		least_so_far = d;
		best = ctl_options[i].name;
	}
	return best;
}

/* Is it the first word of commands of two? Their second words then. */
static bool guess_group(const char *word, char *seconds, size_t size)
{
	const struct verb *verb;
	size_t len = strlen(word), n = 0;

	seconds[0] = '\0';
	for (verb = verbs; verb->name && n < size; verb++)
		if (!strncmp(verb->name, word, len) && verb->name[len] == ' ')
			n += (size_t)snprintf(seconds + n, size - n, "%s%s",
					      n ? ", " : "",
					      verb->name + len + 1);
	return n > 0;
}

int guess_explain(struct ctl *ctl, char **argv, int argc)
{
	char seconds[256], meant[64], typed[96];
	bool group = guess_group(argv[0], seconds, sizeof(seconds));

	snprintf(typed, sizeof(typed), "%.40s%s%.40s", argv[0],
		 group && argc > 1 ? " " : "", group && argc > 1 ? argv[1] : "");
	if (!(group && argc == 1) &&
	    guess_verb(argv, argc, meant, sizeof(meant)))
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("unknown command: %s; did you mean mnpenctl %s?"),
			       typed, meant);
	if (group)
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("behind mnpenctl %s comes one of: %s"),
			       argv[0], seconds);
	return explain(ctl, EXIT_USAGE, "Usage",
		       _("unknown command: %s; try mnpenctl help"), typed);
}
