// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl session aftercare: what the patient is told, as list or calendar. */
#include "daemon/mnpenctl/care.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

const char *care_when(units_text out, int64_t unix_ms)
{
	time_t t = (time_t)(unix_ms / 1000);
	struct tm local;

	if (!localtime_r(&t, &local) ||
	    !strftime(out, UNITS_LEN, "%Y-%m-%d %H:%M", &local))
		snprintf(out, UNITS_LEN, "?");
	return out;
}

void care_print(const json_t *reply)
{
	int64_t end = js_int(reply, "endUnixMilliseconds");
	units_text from, until, depth;
	json_t *rule;
	size_t i;

	printf(_("aftercare of session %s, ended %s, set depth up to %s\n"),
	       js_string(reply, "sessionId"), care_when(from, end),
	       units_depth(depth, js_int(reply, "depthMicrometres")));
	json_array_foreach(json_object_get(reply, "rules"), i, rule) {
		care_when(from, js_int(rule, "fromUnixMilliseconds"));
		care_when(until, js_int(rule, "untilUnixMilliseconds"));
		printf(_("  %s to %s  %s: %s\n"), from, until,
		       tr(js_string(rule, "heading")),
		       tr(js_string(rule, "text")));
	}
}

static int care_get(struct ctl *ctl, struct mnpen_client *client,
		    json_t **reply)
{
	char id[64] = "";
	int r = EXIT_DONE;

	if (strcmp(ctl->args[0], "last"))
		snprintf(id, sizeof(id), "%s", ctl->args[0]);
	else
		r = record_last(ctl, client, id, sizeof(id));
	if (r)
		return r;
	return ctl_call(ctl, client, "GetAftercare",
			json_pack("{s:s, s:b}", "sessionId", id, "calendar",
				  ctl->ical), reply);
}

int verb_aftercare(struct ctl *ctl)
{
	struct mnpen_client *client;
	json_t *reply = NULL;
	int r;

	r = ctl_open(ctl, MNPEN_ANY, &client);
	if (r)
		return r;
	r = care_get(ctl, client, &reply);
	mnpen_client_close(client);
	if (!r && ctl->json)
		ctl_print_json(reply);
	else if (!r && ctl->ical)
		fputs(js_string(reply, "calendar"), stdout);
	else if (!r)
		care_print(reply);
	json_decref(reply);
	return r;
}
