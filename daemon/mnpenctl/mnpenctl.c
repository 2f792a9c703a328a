// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl: main and its options. */
#include "daemon/mnpenctl/mnpenctl.h"

#include <assert.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>

enum {
	OPT_JSON = 256,
	OPT_SOCKET_DIR,
	OPT_VERSION,
	OPT_HELP,
	OPT_FIRST,		/* from here on: index into options[] */
};

/* An option that only some verbs take, and where its value goes. */
struct ctl_option {
	const char *name;
	unsigned int verbs;	/* mask of enum option_bit */
	size_t at;		/* in struct ctl: const char *, or bool */
	bool flag;
};

#define TEXT(name, verbs, member) \
	{ name, verbs, offsetof(struct ctl, member), false }
#define FLAG(name, verbs, member) \
	{ name, verbs, offsetof(struct ctl, member), true }

static const struct ctl_option options[] = {
	TEXT("area", OPT_SESSION | OPT_PLAN, area),
	TEXT("concern", OPT_SESSION | OPT_PLAN, concern),
	TEXT("depth", OPT_SESSION, depth),
	TEXT("rate", OPT_SESSION, rate),
	TEXT("minutes", OPT_SESSION, minutes),
	TEXT("seconds", OPT_SESSION, seconds),
	TEXT("pen", OPT_SESSION, pen),
	TEXT("screening", OPT_SESSION, screening),
	TEXT("preparation", OPT_SESSION, preparation),
	TEXT("patient", OPT_SESSION, patient),
	TEXT("operator", OPT_SESSION, operator_id),
	TEXT("cartridge", OPT_SESSION, cartridge),
	TEXT("skin-type", OPT_SESSION | OPT_PLAN, skin_type),
	TEXT("age", OPT_SESSION | OPT_PLAN, age),
	TEXT("needles", OPT_SESSION | OPT_PLAN, needles),
	TEXT("needle-width", OPT_SESSION | OPT_PLAN, needle_width),
	TEXT("needle-length", OPT_SESSION | OPT_PLAN, needle_length),
	TEXT("last-date", OPT_PLAN, last_date),
	TEXT("last-depth", OPT_PLAN, last_depth),
	TEXT("sessions", OPT_PLAN, sessions),
	FLAG("treated-before", OPT_SESSION | OPT_PLAN, treated_before),
	FLAG("thin-skin", OPT_SESSION | OPT_PLAN, thin_skin),
	FLAG("ical", OPT_CARE, ical),
	TEXT("format", OPT_EXPORT, format),
	TEXT("from", OPT_EXPORT, from),
	TEXT("until", OPT_EXPORT, until),
	TEXT("output", OPT_EXPORT | OPT_SHEET, output),
	TEXT("key", OPT_IMPORT, key),
	TEXT("limit", OPT_LIST, limit),
	FLAG("pdf", OPT_SHEET, pdf),
};

#define OPTIONS		(sizeof(options) / sizeof(options[0]))

static_assert(OPTIONS <= 32, "one bit each in struct parsed");

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
	uint32_t options;	/* that were given, by index */
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
	for (i = 0; i < OPTIONS; i++)
		*out++ = (struct option){
			.name = options[i].name,
			.has_arg = options[i].flag ? no_argument :
						     required_argument,
			.val = OPT_FIRST + (int)i,
		};
	memset(out, 0, sizeof(*out));
}

static void take_option(struct ctl *ctl, struct parsed *p, size_t i)
{
	void *at = (char *)ctl + options[i].at;

	if (options[i].flag)
		*(bool *)at = true;
	else
		*(const char **)at = optarg;
	p->options |= 1u << i;
}

static int parse_options(struct ctl *ctl, struct parsed *p, int argc,
			 char **argv)
{
	struct option longs[OPTIONS + 5];
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

	for (i = 0; i < OPTIONS; i++)
		if (p->options & 1u << i &&
		    !(options[i].verbs & p->verb->options))
			return options[i].name;
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
		return verb_help(&ctl);
	r = parse_verb(&ctl, &p, argc - optind, argv + optind);
	if (r)
		return r;
	r = p.help ? verb_help(&ctl) : p.verb->fn(&ctl);
	if (fflush(stdout) && !r)
		r = EXIT_REMOTE;
	return r;
}
