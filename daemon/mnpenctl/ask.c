// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Screening and preparation. What an answer means is the daemon's business:
 * every answer is passed on as given.
 */
#include "daemon/mnpenctl/session.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* What was typed before the first question was seen answers nothing. */
static void ask_begin(const char *title)
{
	fflush(stdout);
	tcflush(STDIN_FILENO, TCIFLUSH);
	fputs(title, stderr);
}

/*
 * A line of the terminal; the session goes on meanwhile. 1: yes, 0: no (also
 * for nothing at all), -1: given up.
 */
static int ask(struct session *s, const char *text)
{
	char line[64];
	ssize_t n;

	fflush(stdout);
	fprintf(stderr, "  %s [y/N] ", text);
	while (!session_turn(s, 1000))
		if (s->signal || s->lost)
			return -1;
	n = read(STDIN_FILENO, line, sizeof(line) - 1);
	if (n <= 0)
		return -1;
	return line[0] == 'y' || line[0] == 'Y';
}

static int ask_given_up(struct session *s)
{
	fputc('\n', stderr);
	if (s->lost)
		return explain(s->ctl, EXIT_CONNECT, "ConnectionLost",
			       "connection to mnpend lost; nothing was started");
	return explain(s->ctl, EXIT_REMOTE, "GivenUp",
		       "given up; nothing was started");
}

int ask_screening(struct session *s, struct mnpen_answer *answers)
{
	json_t *question;
	size_t i;

	if (!s->ctl->screening)
		ask_begin("Screening: does any of this apply?\n");
	json_array_foreach(json_object_get(s->catalogue, "screening"), i,
			   question) {
		answers[i].code = js_string(question, "code");
		answers[i].yes = false;
		if (!s->ctl->screening) {
			int yes = ask(s, js_string(question, "text"));

			if (yes < 0)
				return ask_given_up(s);
			answers[i].yes = yes > 0;
		}
	}
	return EXIT_DONE;
}

int ask_preparation(struct session *s, const char **steps, size_t *n)
{
	json_t *step;
	size_t i;

	*n = 0;
	if (!s->ctl->preparation)
		ask_begin("Preparation: is this done?\n");
	json_array_foreach(json_object_get(s->catalogue, "preparation"), i,
			   step) {
		if (!s->ctl->preparation) {
			int yes = ask(s, js_string(step, "text"));

			if (yes < 0)
				return ask_given_up(s);
			if (!yes)
				continue;
		}
		steps[(*n)++] = js_string(step, "code");
	}
	return EXIT_DONE;
}
