// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mnpenctl session steps: a session by a script, a step for each line of
 * standard input. Control belongs to this process: when it ends, or its input
 * does and no step is left, the motor stops and the session is ended.
 */
#include "daemon/mnpenctl/session.h"
#include "daemon/mnpenctl/now.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INPUT_LEN	4096
#define WORDS_MAX	40
#define ANSWERS_MAX	64

struct steps {
	struct session s;
	char input[INPUT_LEN];
	size_t len;		/* of what is in it */
	bool eof;
	struct mnpen_answer answer[ANSWERS_MAX];	/* owns its strings */
	size_t answers;
	bool begun;
	int worst;		/* exit code of the first step that failed */
};

struct step {
	const char *name;
	int min_words, max_words;	/* behind it */
	int (*fn)(struct steps *st, char **word, int n);
	const char *usage;
};

/* ---- waiting, with everything else going on ------------------------------------ */

static bool steps_over(const struct steps *st)
{
	return st->s.lost || st->s.signal;
}

static void steps_turn(struct steps *st, int max_ms)
{
	struct session *s = &st->s;
	ssize_t n;

	if (session_turn(s, max_ms) && st->len < INPUT_LEN) {
		n = read(STDIN_FILENO, st->input + st->len,
			 INPUT_LEN - st->len);
		if (n > 0)
			st->len += (size_t)n;
		else if (!n || errno != EAGAIN)
			st->eof = true;
	}
	/* Full or at its end it would be ready for ever. */
	s->asks = !st->eof && st->len < INPUT_LEN;
	if (!s->running)
		return;
	run_look(s, false);
	if (st->eof && !st->len)
		run_stop(s, _("the script ended"));
	if (s->started)
		progress_draw(s);
	if (s->stopped && !s->start_pending) {
		s->running = false;
		s->resumed = true;
		progress_end(s);
	}
}

/* What stopped it; a stop that nobody confirms within STOP_MS is told. */
static int steps_until_stopped(struct steps *st)
{
	struct session *s = &st->s;

	while (s->running && !s->lost &&
	       (!s->stop_asked || now_ms() < s->stop_ms + STOP_MS))
		steps_turn(st, 100);
	if (s->running && !s->lost)
		return explain(s->ctl, EXIT_CONNECT, "TimedOut",
			       _("mnpend did not answer Stop. Look at the pen: if it runs, pull its cable"));
	return EXIT_DONE;
}

/* ---- the steps -------------------------------------------------------------------- */

static int step_answer(struct steps *st, char **word, int n)
{
	struct mnpen_answer *a = &st->answer[st->answers];
	bool yes = !strcmp(word[1], "yes");
	char detail[256] = "";
	int i;

	if (!yes && strcmp(word[1], "no"))
		return explain(st->s.ctl, EXIT_USAGE, "Usage",
			       _("an answer is yes or no, not %s"), word[1]);
	if (st->answers == ANSWERS_MAX)
		return explain(st->s.ctl, EXIT_USAGE, "Usage",
			       _("more answers than there are questions"));
	for (i = 2; i < n; i++)
		snprintf(detail + strlen(detail),
			 sizeof(detail) - strlen(detail), "%s%s",
			 i > 2 ? " " : "", word[i]);
	*a = (struct mnpen_answer){ .code = strdup(word[0]), .yes = yes,
				    .detail = *detail ? strdup(detail) : NULL };
	st->answers++;
	return EXIT_DONE;
}

/*
 * --screening clear: every question that no step answered, with no; with yes
 * what a physician sets aside.
 */
static void answer_rest(struct steps *st)
{
	const json_t *questions = json_object_get(st->s.catalogue, "screening");
	json_t *q;
	size_t i, k;

	json_array_foreach(questions, i, q) {
		const char *code = js_string(q, "code");

		for (k = 0; k < st->answers; k++)
			if (!strcmp(st->answer[k].code, code))
				break;
		if (k == st->answers && k < ANSWERS_MAX)
			st->answer[st->answers++] = (struct mnpen_answer){
				.code = strdup(code),
				.yes = override_has(&st->s, code) };
	}
}

static int step_begin(struct steps *st, char **word, int n)
{
	int r;

	(void)word;
	(void)n;
	if (st->s.ctl->screening)
		answer_rest(st);
	r = session_begin(&st->s, st->answer, st->answers);
	st->begun = st->begun || !r;
	return r;
}

static int step_confirm(struct steps *st, char **word, int n)
{
	const json_t *list = json_object_get(st->s.catalogue, "preparation");
	const char **codes;
	json_t *step;
	size_t i;
	int r;

	if (n)
		return session_prepared(&st->s, (const char **)word, (size_t)n);
	if (!st->s.ctl->preparation)
		return explain(st->s.ctl, EXIT_USAGE, "Usage",
			       _("name the steps that were done, or give --preparation done"));
	codes = calloc(json_array_size(list) + 1, sizeof(*codes));
	json_array_foreach(list, i, step)
		codes[i] = js_string(step, "code");
	r = session_prepared(&st->s, codes, json_array_size(list));
	free(codes);
	return r;
}

static int step_start(struct steps *st, char **word, int n)
{
	struct session *s = &st->s;
	int r;

	(void)word;
	(void)n;
	s->started = s->stopped = s->stop_asked = s->stop_answered = false;
	s->start_result = 0;
	s->beating = true;
	if (!s->resumed)
		progress_start(s);
	s->progress.writable_ms = now_ms();
	r = run_start(s);
	while (!r && s->start_pending && !steps_over(st))
		steps_turn(st, 100);
	if (!r && s->start_result)
		s->running = false;
	return r ? r : s->start_result;
}

static int step_pause(struct steps *st, char **word, int n)
{
	struct session *s = &st->s;
	struct mnpen_error error = { 0 };
	int64_t until;
	int r;

	(void)word;
	(void)n;
	r = mnpen_control_pause(s->client, s->pen, CALL_MS, &error);
	if (r < 0)
		r = explain_call(s->ctl, "PauseRun", r, &error);
	mnpen_error_clear(&error);
	until = now_ms() + STOP_MS;
	while (!r && s->running && !s->lost && now_ms() < until)
		steps_turn(st, 100);
	if (!r && s->running)
		run_stop(s, _("the pause was not confirmed"));
	return r ? r : steps_until_stopped(st);
}

static int step_set(struct steps *st, char **word, int n)
{
	struct session *s = &st->s;
	uint32_t depth_um = s->depth_um, rate_spm = s->rate_spm;
	int i, r;

	for (i = 0; i < n; i += 2) {
		uint32_t *to = !strcmp(word[i], "depth") ? &depth_um :
			       !strcmp(word[i], "rate") ? &rate_spm : NULL;

		if (!to || i + 1 == n || !units_parse(word[i + 1], UINT32_MAX, to))
			return explain(s->ctl, EXIT_USAGE, "Usage",
				       _("set takes depth and rate with whole numbers: set depth 900 rate 5000"));
	}
	r = ctl_call(s->ctl, s->client, "SetPoints",
		     json_pack("{s:s, s:I, s:I}", "penId", s->pen,
			       "depthMicrometres", (json_int_t)depth_um,
			       "rateStrokesPerMinute", (json_int_t)rate_spm),
		     NULL);
	if (!r) {
		s->depth_um = depth_um;
		s->rate_spm = rate_spm;
	}
	return r;
}

static int step_wait(struct steps *st, char **word, int n)
{
	enum exit_code code;
	int r = steps_until_stopped(st);

	(void)word;
	(void)n;
	code = session_code(st->s.reason);
	if (r || !st->s.stopped || !code)
		return r;
	return explain(st->s.ctl, code, "Stopped", _("stopped by %s: %s"),
		       st->s.reason, tr(st->s.text));
}

static int step_stop(struct steps *st, char **word, int n)
{
	(void)word;
	(void)n;
	if (st->s.running)
		run_stop(&st->s, _("asked for by the script"));
	else
		mnpen_stop(st->s.client, st->s.pen, STOP_MS, NULL, NULL);
	return steps_until_stopped(st);
}

static int step_end(struct steps *st, char **word, int n)
{
	int r;

	(void)word;
	(void)n;
	r = session_end(&st->s);
	st->s.running = false;
	st->begun = st->begun && r;
	return r;
}

static const struct step steps[] = {
	{ "answer", 2, WORDS_MAX, step_answer, "answer CODE yes|no [WORDS]" },
	{ "begin", 0, 0, step_begin, "begin" },
	{ "confirm", 0, WORDS_MAX, step_confirm, "confirm [CODE...]" },
	{ "start", 0, 0, step_start, "start" },
	{ "pause", 0, 0, step_pause, "pause" },
	{ "set", 2, 4, step_set, "set [depth UM] [rate SPM]" },
	{ "wait", 0, 0, step_wait, "wait" },
	{ "stop", 0, 0, step_stop, "stop" },
	{ "end", 0, 0, step_end, "end" },
};

/* ---- the script ---------------------------------------------------------------------- */

static int steps_do(struct steps *st, char **word, int n)
{
	const struct step *step;
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		step = &steps[i];
		if (strcmp(word[0], step->name))
			continue;
		if (n - 1 < step->min_words || n - 1 > step->max_words)
			return explain(st->s.ctl, EXIT_USAGE, "Usage",
				       _("the step is: %s"), step->usage);
		return step->fn(st, word + 1, n - 1);
	}
	return explain(st->s.ctl, EXIT_USAGE, "Usage",
		       _("unknown step: %s; mnpenctl help session steps names them"),
		       word[0]);
}

static void steps_line(struct steps *st, char *line)
{
	char *word[WORDS_MAX + 1], *next, name[16];
	json_t *told;
	int n = 0, r;

	for (next = strtok(line, " \t"); next && n < WORDS_MAX;
	     next = strtok(NULL, " \t"))
		word[n++] = next;
	if (!n || word[0][0] == '#')
		return;
	snprintf(name, sizeof(name), "%s", word[0]);
	r = steps_do(st, word, n);
	st->worst = st->worst ? st->worst : r;
	if (st->s.ctl->json) {
		told = json_pack("{s:s, s:i}", "step", name, "exit", r);
		ctl_print_json(told);
		json_decref(told);
	} else if (!r) {
		printf(_("%s: done\n"), name);
		fflush(stdout);
	}
}

/* Takes a line from the input; false: there is none yet. */
static bool steps_next(struct steps *st)
{
	char line[INPUT_LEN + 1];
	char *end = memchr(st->input, '\n', st->len);
	size_t len = end ? (size_t)(end - st->input) : st->len;

	/* A last line need not be ended; one that is too long is cut. */
	if (!end && !(st->eof && st->len) && st->len < INPUT_LEN)
		return false;
	memcpy(line, st->input, len);
	line[len] = '\0';
	st->len -= len + (end ? 1 : 0);
	memmove(st->input, st->input + len + (end ? 1 : 0), st->len);
	steps_line(st, line);
	return true;
}

static int steps_run(struct steps *st)
{
	struct session *s = &st->s;

	while (!steps_over(st))
		if (!steps_next(st)) {
			if (st->eof)
				break;
			steps_turn(st, 1000);
		}
	if (s->lost)
		return explain(s->ctl, EXIT_CONNECT, "ConnectionLost",
			       _("connection to mnpend lost: the pen stops by itself within its lease. Look at the pen: if it runs, pull its cable"));
	if (s->running) {
		run_stop(s, s->signal ? strsignal(s->signal) :
					_("the script ended"));
		steps_until_stopped(st);
	}
	return st->begun ? session_end(s) : EXIT_DONE;
}

static int steps_prepare(struct session *s)
{
	int r = session_described(s);

	if (!r)
		r = session_take(s);
	return r ? r : session_watch(s);
}

int verb_session_steps(struct ctl *ctl)
{
	struct steps *st = calloc(1, sizeof(*st));
	size_t i;
	int r;

	st->s.ctl = ctl;
	st->s.signals = -1;
	r = steps_prepare(&st->s);
	st->s.asks = true;
	if (!r)
		r = steps_run(st);
	if (st->worst)
		r = st->worst;
	session_close(&st->s);
	for (i = 0; i < st->answers; i++) {
		free((char *)st->answer[i].code);
		free((char *)st->answer[i].detail);
	}
	free(st);
	return r;
}
