// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of commands, and help made of it. */
#include "daemon/mnpenctl/mnpenctl.h"

#include <stdio.h>
#include <string.h>

const struct verb verbs[] = {
	{ "list", "", 0, 0, 0, verb_list, "pens, their state and session" },
	{ "monitor", "[PEN]", 0, 1, 0, verb_monitor,
	  "what happens, as it happens, until interrupted" },
	{ "session run",
	  "--area A --concern C --depth UM --rate SPM --minutes N", 0, 0,
	  OPT_SESSION, verb_session_run,
	  "one guarded session from screening to record" },
	{ "session aftercare", "SESSION|last [--ical]", 1, 1, OPT_CARE,
	  verb_aftercare, "what the patient is told, as list or calendar" },
	{ "plan", "--concern C [--area A,B] ...", 0, 0, OPT_PLAN, verb_plan,
	  "what the catalogue proposes; permits nothing" },
	{ "why", "[PEN]", 0, 1, 0, verb_why,
	  "the last refusal and the last stop, and the way on" },
	{ "stop", "[PEN]", 0, 1, 0, verb_stop,
	  "stop one pen or all, at once; never asks" },
	{ "record list", "[--limit N]", 0, 0, OPT_LIST, verb_record_list,
	  "sessions in the record, newest first" },
	{ "record show", "SESSION|last", 1, 1, 0, verb_record_show,
	  "one session as a sheet, with its rows" },
	{ "record sheet", "SESSION|last [--pdf --output FILE]", 1, 1, OPT_SHEET,
	  verb_record_sheet, "one session on paper, with plot and aftercare" },
	{ "record export", "[SESSION|last] [--format json|csv|fhir] ...", 0, 1,
	  OPT_EXPORT, verb_record_export, "rows for others, signed" },
	{ "record import", "FILE [--key HEX]", 1, 1, OPT_IMPORT,
	  verb_record_import, "another kiosk's export, checked whole" },
	{ "record verify", "", 0, 0, 0, verb_record_verify,
	  "check every row's hash and signature" },
	{ "record backup", "[PATH]", 0, 1, 0, verb_record_backup,
	  "a copy of all, also while a session runs" },
	{ "catalogue check", "[FILE...]", 0, 16, 0, verb_catalogue_check,
	  "would mnpend take these files?" },
	{ "catalogue diff", "[FILE...]", 0, 16, 0, verb_catalogue_diff,
	  "what they change of what is built in" },
	{ "catalogue show", "AREA|CONCERN", 1, 1, 0, verb_catalogue_show,
	  "one entry with its sources" },
	{ "catalogue", "", 0, 0, 0, verb_catalogue,
	  "areas, concerns, screening and preparation" },
	{ "reset", "PEN", 1, 1, 0, verb_reset,
	  "leave a fault whose cause is gone" },
	{ "help", "", 0, 2, 0, verb_help, "this text" },
	{ 0 },
};

static int words_of(const char *name)
{
	return strchr(name, ' ') ? 2 : 1;
}

static bool verb_is(const struct verb *verb, char **argv, int argc)
{
	size_t first = strcspn(verb->name, " ");

	if (words_of(verb->name) > argc ||
	    strncmp(argv[0], verb->name, first) || argv[0][first])
		return false;
	return words_of(verb->name) == 1 ||
	       !strcmp(argv[1], verb->name + first + 1);
}

const struct verb *verbs_find(char **argv, int argc, int *words)
{
	const struct verb *verb;

	for (verb = verbs; verb->name; verb++) {
		if (!verb_is(verb, argv, argc))
			continue;
		*words = words_of(verb->name);
		return verb;
	}
	return NULL;
}

static void help_text(void)
{
	const struct verb *verb;

	puts("usage: mnpenctl [--json] [--socket-dir DIR] COMMAND\n");
	for (verb = verbs; verb->name; verb++) {
		char left[80];

		/* The options of session run have lines of their own below. */
		snprintf(left, sizeof(left), "%s %s", verb->name,
			 verb->options ? "..." : verb->args);
		printf("  %-26s %s\n", left, verb->summary);
	}
	puts("\nsession run takes\n"
	     "  --area A --concern C       ids of mnpenctl catalogue\n"
	     "  --depth UM                 whole micrometres: 1500\n"
	     "  --rate SPM                 strokes per minute: 6000 is 100 Hz\n"
	     "  --minutes N | --seconds N  motor time\n"
	     "  --pen ID                   needed with more than one pen\n"
	     "  --screening clear          every question was answered with no\n"
	     "  --preparation done         every step was done, in order\n"
	     "  --patient P --operator O   pseudonyms for the record\n"
	     "  --cartridge UDI            what the scanner reads on its pack\n"
	     "  --needles N --needle-width UM --needle-length UM\n"
	     "On a terminal it asks; space, q or Ctrl-C stop at once.\n\n"
	     "  --skin-type N --age N --treated-before --thin-skin: the patient\n"
	     "plan takes, beside --concern, --area and the patient\n"
	     "  --last-date 2026-11-20 --last-depth UM --sessions N\n"
	     "  --needles N --needle-width UM --needle-length UM\n"
	     "What is left out counts as the most careful answer.\n\n"
	     "record list takes --limit N; record export takes\n"
	     "  --format json|csv|fhir     signed JSON lines, table, FHIR R4\n"
	     "  --from, --until 2026-11-20 both days included, in local time\n"
	     "  --output FILE              a new file instead of stdout\n"
	     "record sheet takes --pdf and --output FILE, record import takes\n"
	     "  --key HEX                  the public key you vouch for\n\n"
	     "examples\n"
	     "  mnpenctl session run --area cheek --concern acne-scar \\\n"
	     "      --depth 1000 --rate 6000 --minutes 5\n"
	     "  mnpenctl stop\n"
	     "  mnpenctl record show last\n\n"
	     "Exit codes and everything else: man mnpenctl");
}

static void help_json(void)
{
	json_t *list = json_array();
	const struct verb *verb;
	json_t *all;

	for (verb = verbs; verb->name; verb++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s}", "name", verb->name,
					"arguments", verb->args, "summary",
					verb->summary));
	all = json_pack("{s:o}", "commands", list);
	ctl_print_json(all);
	json_decref(all);
}

int verb_help(struct ctl *ctl)
{
	if (ctl->json)
		help_json();
	else
		help_text();
	return EXIT_DONE;
}
