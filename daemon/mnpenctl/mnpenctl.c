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
	OPT_FIRST,		/* from here on: index into ctl_options[] */
};

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
	uint64_t options;	/* that were given, by index */
	bool version, help;
};

static void fill_options(struct option *out)
{
	static const struct option common[] = {
		{ "json", no_argument, NULL, OPT_JSON },
		{ "socket-dir", required_argument, NULL, OPT_SOCKET_DIR },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ "help", no_argument, NULL, OPT_HELP },
	};
	size_t i;

	memcpy(out, common, sizeof(common));
	out += sizeof(common) / sizeof(common[0]);
	for (i = 0; i < ctl_options_n; i++)
		*out++ = (struct option){
			.name = ctl_options[i].name,
			.has_arg = ctl_options[i].value ? required_argument :
							  no_argument,
			.val = OPT_FIRST + (int)i,
		};
	memset(out, 0, sizeof(*out));
}

static void take_option(struct ctl *ctl, struct parsed *p, size_t i)
{
	void *at = (char *)ctl + ctl_options[i].at;

	if (ctl_options[i].value)
		*(const char **)at = optarg;
	else
		*(bool *)at = true;
	p->options |= UINT64_C(1) << i;
}

static int parse_options(struct ctl *ctl, struct parsed *p, int argc,
			 char **argv)
{
	struct option longs[OPTIONS_MAX + 5];
	int option;

	fill_options(longs);
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (option >= OPT_FIRST) {
			take_option(ctl, p, (size_t)(option - OPT_FIRST));
		} else if (option == OPT_SOCKET_DIR) {
			setenv("MNPEN_SOCKET_DIR", optarg, 1);
		} else if (option == OPT_VERSION) {
			p->version = true;
		} else if (option == OPT_HELP) {
			p->help = true;
		} else if (option != OPT_JSON) {
			return explain(ctl, EXIT_USAGE, "Usage",
				       _("unknown option or missing value: %s; try mnpenctl help"),
				       argv[optind - 1]);
		}
	}
	return EXIT_DONE;
}

/* The first option given that the verb does not take; NULL: none. */
static const char *misplaced(const struct parsed *p)
{
	size_t i;

	for (i = 0; i < ctl_options_n; i++)
		if (p->options & UINT64_C(1) << i &&
		    !(ctl_options[i].verbs & p->verb->options))
			return ctl_options[i].name;
	return NULL;
}

static int parse_verb(struct ctl *ctl, struct parsed *p, int argc, char **argv)
{
	const char *wrong;
	int words;

	if (!argc)
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("no command given; try mnpenctl help"));
	p->verb = verbs_find(argv, argc, &words);
	if (!p->verb)
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("unknown command: %s; try mnpenctl help"),
			       argv[0]);
	ctl->verb = p->verb->name;
	ctl->args = argv + words;
	ctl->n_args = argc - words;
	if (p->help)
		return EXIT_DONE;
	if (ctl->n_args < p->verb->min_args || ctl->n_args > p->verb->max_args)
		return explain(ctl, EXIT_USAGE, "Usage", _("usage: mnpenctl %s %s"),
			       p->verb->name, p->verb->args);
	wrong = misplaced(p);
	if (wrong)
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("mnpenctl %s does not take --%s"),
			       p->verb->name, wrong);
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
	if (p.version) {
		if (ctl.json)
			printf("{\"version\":\"%s\"}\n", MNPEN_VERSION);
		else
			printf("mnpenctl %s\n", MNPEN_VERSION);
		return EXIT_DONE;
	}
	if (p.help && optind == argc)
		return help_all(&ctl);
	r = parse_verb(&ctl, &p, argc - optind, argv + optind);
	if (r)
		return r;
	r = p.help ? help_one(&ctl, p.verb) : p.verb->fn(&ctl);
	if (fflush(stdout) && !r)
		r = EXIT_REMOTE;
	return r;
}
