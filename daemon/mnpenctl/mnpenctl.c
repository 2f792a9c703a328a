// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl: main and its options. */
#include "daemon/mnpenctl/mnpenctl.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <unistd.h>

#define OPT_FIRST	256	/* from here on: index into ctl_options[] */

/* Known before parsing, so that a bad option is reported as JSON too. */
static bool asked_for_json(char **argv)
{
	for (argv++; *argv && strcmp(*argv, "--"); argv++)
		if (!strcmp(*argv, "--json"))
			return true;
	return false;
}

struct parsed {
	const struct verb *verb;
	bool given[OPTIONS_MAX];	/* by index into ctl_options[] */
};

static int wrong(struct ctl *ctl, const char *text)
{
	return explain(ctl, EXIT_USAGE, "Usage", "%s", text);
}

/* ---- options --------------------------------------------------------------- */

static void fill_options(struct option *out)
{
	size_t i;

	for (i = 0; i < ctl_options_n; i++) {
		const char *value = ctl_options[i].value;

		out[i] = (struct option){
			.name = ctl_options[i].name,
			.has_arg = !value ? no_argument :
				   *value == '[' ? optional_argument :
						   required_argument,
			.val = OPT_FIRST + (int)i,
		};
	}
	memset(&out[i], 0, sizeof(*out));
}

static void take_option(struct ctl *ctl, struct parsed *p, size_t i)
{
	void *at = (char *)ctl + ctl_options[i].at;

	if (ctl_options[i].value)
		*(const char **)at = optarg ? optarg : "";
	else
		*(bool *)at = true;
	p->given[i] = true;
}

/* getopt_long() did not take word. */
static int unknown_option(struct ctl *ctl, const char *word)
{
	char text[256], name[64];
	const char *meant;

	if (optopt >= OPT_FIRST) {
		const struct ctl_option *o = &ctl_options[optopt - OPT_FIRST];

		snprintf(text, sizeof(text),
			 o->value ? _("--%s wants a value: --%s %s") :
				    _("--%s takes no value"),
			 o->name, o->name, o->value);
		return wrong(ctl, text);
	}
	snprintf(name, sizeof(name), "%.*s",
		 (int)strcspn(word + strspn(word, "-"), "="),
		 word + strspn(word, "-"));
	meant = guess_option(name);
	if (meant)
		snprintf(text, sizeof(text),
			 _("unknown option: %.60s; did you mean --%s?"), word,
			 meant);
	else
		snprintf(text, sizeof(text),
			 _("unknown option: %.60s; try mnpenctl help"), word);
	return wrong(ctl, text);
}

static int seconds_of(struct ctl *ctl, const char *option, const char *text,
		      uint32_t *out)
{
	if (!text)
		return EXIT_DONE;
	if (!*text && !strcmp(option, "wait")) {
		*out = WAIT_S;
		return EXIT_DONE;
	}
	if (units_parse(text, TIMEOUT_MAX_S, out))
		return EXIT_DONE;
	return explain(ctl, EXIT_USAGE, "Usage",
		       _("--%s takes a whole number of seconds, 1 to %u; \"%s\" is not one"),
		       option, TIMEOUT_MAX_S, text);
}

static int parse_options(struct ctl *ctl, struct parsed *p, int argc,
			 char **argv)
{
	struct option longs[OPTIONS_MAX + 1];
	int option, r;

	fill_options(longs);
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		if (option >= OPT_FIRST)
			take_option(ctl, p, (size_t)(option - OPT_FIRST));
		else if (option == 'h')
			ctl->help = true;
		else
			return unknown_option(ctl, argv[optind - 1]);
	}
	r = seconds_of(ctl, "wait", ctl->wait, &ctl->wait_s);
	if (!r)
		r = seconds_of(ctl, "timeout", ctl->timeout, &ctl->timeout_s);
	if (ctl->socket_dir)
		setenv("MNPEN_SOCKET_DIR", ctl->socket_dir, 1);
	ctl->asks = isatty(STDIN_FILENO) && !ctl->no_input && !ctl->quiet;
	return r;
}

/* ---- the command ------------------------------------------------------------- */

/* The first option given that the verb does not take; NULL: none. */
static const char *misplaced(const struct parsed *p)
{
	size_t i;

	for (i = 0; i < ctl_options_n; i++)
		if (p->given[i] && !(ctl_options[i].verbs &
				     (p->verb->options | OPT_EVERY)))
			return ctl_options[i].name;
	return NULL;
}

static int parse_verb(struct ctl *ctl, struct parsed *p, int argc, char **argv)
{
	const char *option;
	int words;

	if (!argc)
		return wrong(ctl, _("no command given; try mnpenctl help"));
	p->verb = verbs_find(argv, argc, &words);
	if (!p->verb)
		return guess_explain(ctl, argv, argc);
	ctl->verb = p->verb->name;
	ctl->args = argv + words;
	ctl->n_args = argc - words;
	if (ctl->help)
		return EXIT_DONE;
	if (ctl->n_args < p->verb->min_args || ctl->n_args > p->verb->max_args)
		return explain(ctl, EXIT_USAGE, "Usage", _("usage: mnpenctl %s %s"),
			       p->verb->name, p->verb->args);
	option = misplaced(p);
	if (!option)
		return EXIT_DONE;
	return explain(ctl, EXIT_USAGE, "Usage",
		       _("mnpenctl %s does not take --%s"), p->verb->name,
		       option);
}

/* What was not written did not happen for whoever reads it. */
static int written(int r, const struct verb *verb)
{
	bool failed;

	errno = 0;
	failed = fflush(stdout) || ferror(stdout);
	if (!failed || r)
		return r;
	/* A reader that has read enough is told nothing. */
	if (errno != EPIPE)
		fprintf(stderr, "mnpenctl: %s\n",
			_("standard output cannot be written: what is there is not all"));
	/* Of a stop it matters whether the pen stopped. */
	return verb->fn == verb_stop ? EXIT_DONE : EXIT_REMOTE;
}

static int run_verb(struct ctl *ctl, const struct verb *verb)
{
	if (ctl->help)
		return help_one(ctl, verb);
	/* What is printed for people goes nowhere; failures are not printed. */
	if (ctl->quiet && !ctl->json && !freopen("/dev/null", "w", stdout))
		return EXIT_REMOTE;
	ctl_wait(ctl, verb);
	return written(verb->fn(ctl), verb);
}

static int print_version(const struct ctl *ctl)
{
	if (ctl->json)
		printf("{\"version\":\"%s\"}\n", MNPEN_VERSION);
	else
		printf("mnpenctl %s\n", MNPEN_VERSION);
	return EXIT_DONE;
}

int main(int argc, char **argv)
{
	struct ctl ctl = { .json = asked_for_json(argv) };
	struct parsed p = { 0 };
	int r;

	/* A reader that goes away is an error of write(), not our death. */
	signal(SIGPIPE, SIG_IGN);
	i18n_begin();
	r = parse_options(&ctl, &p, argc, argv);
	if (r)
		return r;
	if (ctl.version)
		return print_version(&ctl);
	if (ctl.help && optind == argc)
		return help_all(&ctl);
	r = parse_verb(&ctl, &p, argc - optind, argv + optind);
	return r ? r : run_verb(&ctl, p.verb);
}
