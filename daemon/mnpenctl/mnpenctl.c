// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl: main and its options. */
#include "daemon/mnpenctl/mnpenctl.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>

enum {
	OPT_JSON = 256,
	OPT_SOCKET_DIR,
	OPT_VERSION,
	OPT_HELP,
	/* from here on: of a session */
	OPT_AREA,
	OPT_CONCERN,
	OPT_DEPTH,
	OPT_RATE,
	OPT_MINUTES,
	OPT_SECONDS,
	OPT_PEN,
	OPT_SCREENING,
	OPT_PREPARATION,
	OPT_PATIENT,
	OPT_OPERATOR,
};

static const struct option options[] = {
	{ "json", no_argument, NULL, OPT_JSON },
	{ "socket-dir", required_argument, NULL, OPT_SOCKET_DIR },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "area", required_argument, NULL, OPT_AREA },
	{ "concern", required_argument, NULL, OPT_CONCERN },
	{ "depth", required_argument, NULL, OPT_DEPTH },
	{ "rate", required_argument, NULL, OPT_RATE },
	{ "minutes", required_argument, NULL, OPT_MINUTES },
	{ "seconds", required_argument, NULL, OPT_SECONDS },
	{ "pen", required_argument, NULL, OPT_PEN },
	{ "screening", required_argument, NULL, OPT_SCREENING },
	{ "preparation", required_argument, NULL, OPT_PREPARATION },
	{ "patient", required_argument, NULL, OPT_PATIENT },
	{ "operator", required_argument, NULL, OPT_OPERATOR },
	{ NULL, 0, NULL, 0 },
};

/* Where the value of a session's option goes; NULL for the others. */
static const char **option_slot(struct ctl *ctl, int option)
{
	switch (option) {
	case OPT_AREA:
		return &ctl->area;
	case OPT_CONCERN:
		return &ctl->concern;
	case OPT_DEPTH:
		return &ctl->depth;
	case OPT_RATE:
		return &ctl->rate;
	case OPT_MINUTES:
		return &ctl->minutes;
	case OPT_SECONDS:
		return &ctl->seconds;
	case OPT_PEN:
		return &ctl->pen;
	case OPT_SCREENING:
		return &ctl->screening;
	case OPT_PREPARATION:
		return &ctl->preparation;
	case OPT_PATIENT:
		return &ctl->patient;
	case OPT_OPERATOR:
		return &ctl->operator_id;
	default:
		return NULL;
	}
}

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
	unsigned int options;	/* that were given */
	bool version, help;
};

static int parse_options(struct ctl *ctl, struct parsed *p, int argc,
			 char **argv)
{
	const char **slot;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		slot = option_slot(ctl, option);
		if (slot) {
			*slot = optarg;
			p->options |= OPT_SESSION;
		} else if (option == OPT_SOCKET_DIR) {
			setenv("MNPEN_SOCKET_DIR", optarg, 1);
		} else if (option == OPT_VERSION) {
			p->version = true;
		} else if (option == OPT_HELP) {
			p->help = true;
		} else if (option != OPT_JSON) {
			return explain(ctl, EXIT_USAGE, "Usage",
				       "unknown option or missing value: %s; try mnpenctl help",
				       argv[optind - 1]);
		}
	}
	return EXIT_DONE;
}

static int parse_verb(struct ctl *ctl, struct parsed *p, int argc, char **argv)
{
	int words;

	if (!argc)
		return explain(ctl, EXIT_USAGE, "Usage",
			       "no command given; try mnpenctl help");
	p->verb = verbs_find(argv, argc, &words);
	if (!p->verb)
		return explain(ctl, EXIT_USAGE, "Usage",
			       "unknown command: %s; try mnpenctl help",
			       argv[0]);
	ctl->verb = p->verb->name;
	ctl->args = argv + words;
	ctl->n_args = argc - words;
	if (p->help)
		return EXIT_DONE;
	if (ctl->n_args < p->verb->min_args || ctl->n_args > p->verb->max_args)
		return explain(ctl, EXIT_USAGE, "Usage", "usage: mnpenctl %s %s",
			       p->verb->name, p->verb->args);
	if (p->options & ~p->verb->options)
		return explain(ctl, EXIT_USAGE, "Usage",
			       "mnpenctl %s takes no options of a session",
			       p->verb->name);
	return EXIT_DONE;
}

int main(int argc, char **argv)
{
	struct ctl ctl = { .json = asked_for_json(argv) };
	struct parsed p = { 0 };
	int r;

	/* A reader that goes away is an error of write(), not our death. */
	signal(SIGPIPE, SIG_IGN);
	r = parse_options(&ctl, &p, argc, argv);
	if (r)
		return r;
	if (p.version) {
		if (ctl.json)
			printf("{\"version\":\"%s\"}\n", MNPEN_VERSION);
		else
			printf("mnpenctl %s\n", MNPEN_VERSION);
		return EXIT_DONE;
	}
	if (p.help && optind == argc)
		return verb_help(&ctl);
	r = parse_verb(&ctl, &p, argc - optind, argv + optind);
	if (r)
		return r;
	r = p.help ? verb_help(&ctl) : p.verb->fn(&ctl);
	if (fflush(stdout) && !r)
		r = EXIT_REMOTE;
	return r;
}
