// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl record due, follow-up, amend: what is added to sessions later. */
#include "daemon/mnpenctl/mnpenctl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HOURS_MAX	720

static const char *prompt_name(int64_t hours)
{
	return hours == 24  ? _("24 hours") :
	       hours == 168 ? _("7 days") :
			      _("30 days");
}

static void due_print(const json_t *prompts)
{
	units_text ended, due;
	json_t *p;
	size_t i;

	json_array_foreach(prompts, i, p) {
		const char *patient = js_string(p, "patient");

		printf(_("%s  after %s, due since %s\n    %s, %s, ended %s\n"),
		       js_string(p, "sessionId"),
		       prompt_name(js_int(p, "promptHours")),
		       units_when(due, js_int(p, "dueUnixMilliseconds")),
		       *patient ? patient : _("no patient named"),
		       js_string(p, "area"),
		       units_when(ended, js_int(p, "endUnixMilliseconds")));
	}
	if (!json_array_size(prompts))
		puts(_("nobody is to be asked today"));
}

int verb_record_due(struct ctl *ctl)
{
	json_t *reply;
	int r = ctl_ask(ctl, "ListDue", NULL, &reply);

	if (r)
		return r;
	if (ctl->json)
		ctl_print_json(reply);
	else
		due_print(json_object_get(reply, "prompts"));
	json_decref(reply);
	return EXIT_DONE;
}

/* The row's number, or why there is none. */
static int forms_put(struct ctl *ctl, const char *method, json_t *parameters)
{
	json_t *reply;
	int r = ctl_ask_as(ctl, MNPEN_OPERATE, method, parameters, &reply);

	if (r)
		return r;
	if (ctl->json)
		ctl_print_json(reply);
	else
		printf(_("in the record as row %" PRId64 "\n"),
		       js_int(reply, "row"));
	json_decref(reply);
	return EXIT_DONE;
}

int verb_record_follow_up(struct ctl *ctl)
{
	uint32_t hours = 0;

	if (ctl->nothing == (ctl->event != NULL) ||
	    (ctl->event && (!ctl->severity || !ctl->outcome)))
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("say --nothing, or --event with --severity and --outcome"));
	if (ctl->after && strcmp(ctl->after, "0") &&
	    (!units_parse(ctl->after, HOURS_MAX, &hours) ||
	     (hours != 24 && hours != 168 && hours != 720)))
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("--after takes 24, 168 or 720 hours, not %s"),
			       ctl->after);
	return forms_put(ctl, "AddFollowUp",
			 json_pack("{ss sI sb ss* ss* ss* ss* ss*}",
				   "sessionId", ctl->args[0], "promptHours",
				   (json_int_t)hours, "happened", !ctl->nothing,
				   "code", ctl->event, "severity",
				   ctl->severity, "outcome", ctl->outcome,
				   "detail", ctl->detail, "operator",
				   ctl->operator_id));
}

int verb_record_amend(struct ctl *ctl)
{
	uint32_t row;

	if (!units_parse(ctl->args[1], UINT32_MAX, &row))
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("%s is not the number of a row; record show lists them"),
			       ctl->args[1]);
	if (!ctl->instead || !ctl->reason || !ctl->operator_id)
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("--instead, --reason and --operator are needed"));
	return forms_put(ctl, "AmendRow",
			 json_pack("{ss sI ss ss ss}", "sessionId",
				   ctl->args[0], "row", (json_int_t)row,
				   "instead", ctl->instead, "reason",
				   ctl->reason, "operator", ctl->operator_id));
}
