// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Screening and preparation. What an answer means is the daemon's business:
 * every answer is passed on as given.
 *
 * Questions come in groups, a screen for each: one answer where nothing
 * applies, numbers where something does. No answer is no answer: it is asked
 * again, so that a thumb on the return key clears nobody.
 */
#include "daemon/mnpenctl/session.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define GROUPS_MAX	32
#define DETAIL_MAX	200	/* bytes, as the interface has it */

void ask_begin(void)
{
	fflush(stdout);
	tcflush(STDIN_FILENO, TCIFLUSH);
}

bool ask_line(struct session *s, char line[ASK_LINE_LEN])
{
	ssize_t n;

	fflush(stdout);
	while (!session_turn(s, 1000))
		if (s->signal || s->lost)
			return false;
	n = read(STDIN_FILENO, line, ASK_LINE_LEN - 1);
	if (n <= 0)
		return false;
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return true;
}

void ask_put(size_t number, const char *text)
{
	int column = fprintf(stderr, "  %2zu  ", number);

	wrap_put(stderr, column, column, (int)terminal_columns() - 1, text);
	fputc('\n', stderr);
}

/* 1: yes, 0: no (also for nothing at all), -1: given up. */
static int ask_step(struct session *s, const char *text, size_t i, size_t n)
{
	char line[ASK_LINE_LEN], question[512];
	const char *yes = _("yY");

	snprintf(question, sizeof(question), _("%zu of %zu: %s [y/N] "), i, n,
		 tr(text));
	wrap_put(stderr, 0, 2, (int)terminal_columns() - 3, question);
	fputc(' ', stderr);
	if (!ask_line(s, line))
		return -1;
	return line[0] && strchr(yes, line[0]);
}

int ask_given_up(struct session *s)
{
	fputc('\n', stderr);
	if (s->lost)
		return explain(s->ctl, EXIT_CONNECT, "ConnectionLost",
			       _("connection to mnpend lost; nothing was started"));
	return explain(s->ctl, EXIT_REMOTE, "GivenUp",
		       _("given up; nothing was started"));
}

/* ---- groups -------------------------------------------------------------------- */

struct group {
	const char *name;
	size_t *question;	/* indices into the catalogue */
	size_t n;
};

static const char *group_title(const char *name)
{
	static const char *const titles[][2] = {
		{ "person", N_("the person") },
		{ "medicines", N_("medicines and drink") },
		{ "health", N_("illnesses and allergies") },
		{ "area", N_("the skin to be treated") },
		{ "treatments", N_("what was done there lately") },
	};
	size_t i;

	for (i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		if (!strcmp(titles[i][0], name))
			return _(titles[i][1]);
	return *name ? name : _("other questions");
}

/* In the order in which the catalogue first speaks of them. */
static size_t group_all(const json_t *questions, struct group *groups)
{
	json_t *q;
	size_t i, g, n = 0;

	json_array_foreach(questions, i, q) {
		const char *name = js_string(q, "group");

		for (g = 0; g < n && strcmp(groups[g].name, name); g++)
			;
		/* What finds no room is asked with the last. */
		if (g == GROUPS_MAX)
			g--;
		if (g == n) {
			groups[n].name = name;
			groups[n++].question = calloc(
				json_array_size(questions) + 1, sizeof(size_t));
		}
		groups[g].question[groups[g].n++] = i;
	}
	return n;
}

static void group_show(const json_t *questions, const struct group *g,
		       size_t number, size_t of)
{
	size_t i;

	fprintf(stderr, _("\nScreening, %zu of %zu: %s\n"), number, of,
		group_title(g->name));
	for (i = 0; i < g->n; i++)
		ask_put(i + 1, tr(js_string(json_array_get(questions,
							   g->question[i]),
					    "text")));
}

/* "n", or numbers of the list with blanks or commas. False: neither. */
static bool group_numbers(const struct group *g, const char *line, bool *yes)
{
	const char *none = _("nN");
	bool any = false;

	memset(yes, 0, g->n * sizeof(*yes));
	line += strspn(line, " ");
	if (*line && strchr(none, *line))
		return !line[1 + strspn(line + 1, " ")];
	while (*line) {
		char *end;
		unsigned long n = strtoul(line, &end, 10);

		if (!isdigit((unsigned char)*line) || !n || n > g->n)
			return false;
		yes[n - 1] = any = true;
		line = end + strspn(end, " ,");
	}
	return any;
}

/* What was typed, if it is text; whole characters of at most 200 bytes. */
static char *ask_text(char *line)
{
	json_t *text;
	size_t len = strlen(line);

	if (len > DETAIL_MAX)
		for (len = DETAIL_MAX; len && (line[len] & 0xc0) == 0x80; len--)
			;
	line[len] = '\0';
	text = json_string(line);
	json_decref(text);
	return len && text ? strdup(line) : NULL;
}

/* What it means is said at once, and a word on it goes into the record. */
static bool group_detail(struct session *s, const json_t *q,
			 struct mnpen_answer *answer)
{
	const char *kind = js_string(q, "kind");
	char line[ASK_LINE_LEN];

	fprintf(stderr, "  * %s\n", tr(js_string(q, "text")));
	if (!strcmp(kind, "warn"))
		fprintf(stderr, "    %s\n",
			_("no obstacle, but to be borne in mind"));
	else if (!strcmp(kind, "override") && s->ctl->physician)
		fprintf(stderr, "    %s\n",
			_("a physician has to say why to go on; that is asked below"));
	else if (!strcmp(kind, "override"))
		fprintf(stderr, "    %s\n",
			_("no session without a physician's reason: an administrator gives it with --physician"));
	else
		fprintf(stderr, "    %s\n", _("no session today"));
	fputs(_("    a word on it for the record (or nothing): "), stderr);
	if (!ask_line(s, line))
		return false;
	answer->detail = ask_text(line);
	return true;
}

static bool rules_out(const struct session *s, const char *kind)
{
	return strcmp(kind, "warn") &&
	       !(s->ctl->physician && !strcmp(kind, "override"));
}

static bool group_ask(struct session *s, const json_t *questions,
		      const struct group *g, struct mnpen_answer *answers)
{
	bool *yes = calloc(g->n, sizeof(*yes));
	char line[ASK_LINE_LEN];
	bool going, again = false;
	size_t i;

	do {
		if (again)
			fprintf(stderr, _("  Please: numbers from 1 to %zu with blanks between them, or n.\n"),
				g->n);
		again = true;
		fputs(_("Does any of these apply? Their numbers, or n for none: "),
		      stderr);
		going = ask_line(s, line);
	} while (going && !group_numbers(g, line, yes));
	for (i = 0; going && i < g->n; i++) {
		const json_t *q = json_array_get(questions, g->question[i]);

		answers[g->question[i]].yes = yes[i];
		if (yes[i])
			going = group_detail(s, q, &answers[g->question[i]]);
		if (yes[i] && rules_out(s, js_string(q, "kind")))
			s->ruled_out = true;
	}
	free(yes);
	return going;
}

int ask_screening(struct session *s, struct mnpen_answer *answers)
{
	const json_t *questions = json_object_get(s->catalogue, "screening");
	struct group groups[GROUPS_MAX] = { 0 };
	bool going = true;
	size_t i, n;
	json_t *q;

	json_array_foreach(questions, i, q) {
		answers[i].code = js_string(q, "code");
		answers[i].yes = override_has(s, answers[i].code);
	}
	if (s->ctl->screening)
		return EXIT_DONE;
	n = group_all(questions, groups);
	ask_begin();
	for (i = 0; going && i < n; i++) {
		group_show(questions, &groups[i], i + 1, n);
		going = group_ask(s, questions, &groups[i], answers);
	}
	for (i = 0; i < n; i++)
		free(groups[i].question);
	return going ? EXIT_DONE : ask_given_up(s);
}

/* ---- preparation ------------------------------------------------------------------ */

int ask_preparation(struct session *s, const char **steps, size_t *n)
{
	const json_t *list = json_object_get(s->catalogue, "preparation");
	json_t *step;
	size_t i;

	*n = 0;
	if (!s->ctl->preparation) {
		ask_begin();
		fputs(_("\nPreparation, in this order: is it done?\n"), stderr);
	}
	json_array_foreach(list, i, step) {
		if (!s->ctl->preparation) {
			int yes = ask_step(s, js_string(step, "text"), i + 1,
					   json_array_size(list));

			if (yes < 0)
				return ask_given_up(s);
			if (!yes)
				continue;
		}
		steps[(*n)++] = js_string(step, "code");
	}
	return EXIT_DONE;
}
