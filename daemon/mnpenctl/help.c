// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl help: the table of commands, for people and as JSON. */
#include "daemon/mnpenctl/mnpenctl.h"

#include <stdio.h>
#include <string.h>

#define WIDTH	78
#define LEFT	29	/* of what stands beside an option */

static void help_wrap(const char *text, int indent)
{
	wrap_put(stdout, 0, indent, WIDTH, text);
	putchar('\n');
}

/* Those of the verbs of mask. */
static void help_options(unsigned int mask, const char *heading)
{
	char left[48];
	size_t i;

	for (i = 0; i < ctl_options_n; i++) {
		const struct ctl_option *o = &ctl_options[i];

		if (!(o->verbs & mask))
			continue;
		if (heading)
			printf("\n%s\n", heading);
		heading = NULL;
		snprintf(left, sizeof(left), "--%s%s%s", o->name,
			 o->value && *o->value != '[' ? " " : "",
			 o->value ? o->value : "");
		wrap_put(stdout, printf("  %-26s ", left), LEFT, WIDTH,
			 o->summary);
		putchar('\n');
	}
}

static void help_examples(const char *examples)
{
	size_t len;

	if (examples)
		puts("\nexamples");
	for (; examples && *examples; examples += len + (examples[len] == '\n')) {
		len = strcspn(examples, "\n");
		printf("  mnpenctl %.*s\n", (int)len, examples);
	}
}

static json_t *json_options(unsigned int mask)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < ctl_options_n; i++) {
		const struct ctl_option *o = &ctl_options[i];

		if (o->verbs & mask)
			json_array_append_new(
				list, json_pack("{s:s, s:s?, s:s}", "name",
						o->name, "value", o->value,
						"summary", o->summary));
	}
	return list;
}

static json_t *json_verb(const struct verb *verb)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:s?, s:s?, s:s?}", "name",
			 verb->name, "arguments", verb->args, "summary",
			 verb->summary, "options", json_options(verb->options), "output",
			 verb->json, "text", verb->text, "examples",
			 verb->examples);
}

static void help_json(const struct verb *only)
{
	json_t *list = json_array(), *all;
	const struct verb *verb;

	for (verb = verbs; verb->name; verb++)
		if (!only || verb == only)
			json_array_append_new(list, json_verb(verb));
	all = json_pack("{s:o, s:o}", "commands", list, "options",
			json_options(OPT_EVERY));
	ctl_print_json(all);
	json_decref(all);
}

int help_all(struct ctl *ctl)
{
	const struct verb *verb;

	if (ctl->json) {
		help_json(NULL);
		return EXIT_DONE;
	}
	puts("usage: mnpenctl [OPTION...] COMMAND\n");
	for (verb = verbs; verb->name; verb++)
		printf("  %-20s %s\n", verb->name, verb->summary);
	help_options(OPT_EVERY, "options of every command");
	help_examples("session run --area cheek --concern acne-scar --depth 1000 --rate 6000 --minutes 5\n"
		      "stop\nrecord show last");
	puts("\nOne command: mnpenctl help COMMAND. Exit codes and the rest: man mnpenctl");
	return EXIT_DONE;
}

int help_one(struct ctl *ctl, const struct verb *verb)
{
	if (ctl->json) {
		help_json(verb);
		return EXIT_DONE;
	}
	printf("usage: mnpenctl %s%s%s\n\n", verb->name, *verb->args ? " " : "",
	       verb->args);
	help_wrap(verb->summary, 2);
	if (verb->text) {
		putchar('\n');
		help_wrap(verb->text, 2);
	}
	help_options(verb->options, "options");
	help_examples(verb->examples);
	return EXIT_DONE;
}

int verb_help(struct ctl *ctl)
{
	const struct verb *verb;
	int words;

	if (!ctl->n_args)
		return help_all(ctl);
	verb = verbs_find(ctl->args, ctl->n_args, &words);
	if (!verb || words != ctl->n_args)
		return guess_explain(ctl, ctl->args, ctl->n_args);
	return help_one(ctl, verb);
}
