// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl alarm list, ack, pause. */
#include "daemon/mnpenctl/mnpenctl.h"

#include <stdio.h>
#include <string.h>

/* {"alarms": [{penId, audible, audioPausedMilliseconds, alarms}]} */
static json_t *alarm_of_pens(const json_t *pens, const char *only)
{
	json_t *list = json_array(), *pen;
	size_t i;

	json_array_foreach(pens, i, pen) {
		if (only && strcmp(only, js_string(pen, "penId")))
			continue;
		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:I, s:O}", "penId",
				  js_string(pen, "penId"), "audible",
				  js_string(pen, "audible"),
				  "audioPausedMilliseconds",
				  js_int(pen, "audioPausedMilliseconds"),
				  "alarms", json_object_get(pen, "alarms")));
	}
	return list;
}

void alarm_print(const json_t *pen, const char *indent)
{
	int64_t paused_ms = js_int(pen, "audioPausedMilliseconds");
	units_text left;
	json_t *alarm;
	size_t i;

	json_array_foreach(json_object_get(pen, "alarms"), i, alarm)
		printf("%s%-6s %s: %s%s\n", indent, js_string(alarm, "priority"),
		       js_string(alarm, "reason"),
		       tr(js_string(alarm, "text")),
		       json_is_true(json_object_get(alarm, "acknowledged")) ?
			       _(" (acknowledged)") : "");
	if (paused_ms)
		printf(_("%ssilent for another %s\n"), indent,
		       units_duration(left, paused_ms));
}

static void alarm_print_all(const json_t *list)
{
	bool any = false;
	json_t *pen;
	size_t i;

	json_array_foreach(list, i, pen) {
		if (!json_array_size(json_object_get(pen, "alarms")))
			continue;
		any = true;
		puts(js_string(pen, "penId"));
		alarm_print(pen, "    ");
	}
	if (!any)
		puts(_("no alarm"));
}

int verb_alarm_list(struct ctl *ctl)
{
	const char *only = ctl->n_args ? ctl->args[0] : NULL;
	json_t *reply, *list, *line;
	int r = ctl_ask(ctl, "ListPens", NULL, &reply);

	if (r)
		return r;
	list = alarm_of_pens(json_object_get(reply, "pens"), only);
	if (only && !json_array_size(list))
		r = explain(ctl, EXIT_GONE, "NoPen",
			    _("no pen %s is plugged in"), only);
	else if (!ctl->json)
		alarm_print_all(list);
	line = json_pack("{s:O}", "pens", list);
	if (!r && ctl->json)
		ctl_print_json(line);
	json_decref(line);
	json_decref(list);
	json_decref(reply);
	return r;
}

int verb_alarm_ack(struct ctl *ctl)
{
	return reset_call(ctl, "AcknowledgeAlarms", ctl->args[0],
			  _("alarms acknowledged"));
}

int verb_alarm_pause(struct ctl *ctl)
{
	return reset_call(ctl, "PauseAudio", ctl->args[0],
			  _("silent for at most two minutes, or until something more urgent happens"));
}
