// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl status and info: can a session be run now, and on what? */
#include "daemon/mnpenctl/mnpenctl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const roles[] = { "", "observe", "operate", "admin" };

struct status {
	const char *role;
	json_t *pens, *catalogue, *record;
};

static int status_ask(struct ctl *ctl, struct status *s)
{
	struct mnpen_client *client;
	int r;

	r = ctl_open(ctl, MNPEN_ANY, &client);
	if (r)
		return r;
	s->role = roles[mnpen_client_role(client)];
	r = ctl_call(ctl, client, "ListPens", NULL, &s->pens);
	if (!r)
		r = ctl_call(ctl, client, "GetCatalogue", NULL, &s->catalogue);
	if (!r)
		r = ctl_call(ctl, client, "ListRecord",
			     json_pack("{s:i}", "limit", 1), &s->record);
	mnpen_client_close(client);
	return r;
}

static void status_json(const struct status *s, const json_t *last)
{
	const char *problem = js_string(s->catalogue, "problem");
	json_t *line = json_pack("{s:s, s:O, s:s?, s:O?}", "role", s->role,
				 "pens", json_object_get(s->pens, "pens"),
				 "catalogueProblem", *problem ? problem : NULL,
				 "lastSession", last);

	ctl_print_json(line);
	json_decref(line);
}

static void status_print(const struct status *s, const json_t *last)
{
	const char *problem = js_string(s->catalogue, "problem");
	units_text when;
	json_t *pen;
	size_t i;

	printf(_("mnpend answers; this user's role is %s\n"), s->role);
	list_print(json_object_get(s->pens, "pens"));
	json_array_foreach(json_object_get(s->pens, "pens"), i, pen)
		alarm_print(pen, "    ");
	if (*problem)
		printf(_("no session can begin: %s\n"), problem);
	if (last)
		printf(_("last session: %s, %s, %s, %s\n"),
		       units_when(when, js_int(last, "beginUnixMilliseconds")),
		       js_string(last, "area"), js_string(last, "concern"),
		       js_string(last, "endReason"));
	else
		puts(_("no session in the record"));
}

int verb_status(struct ctl *ctl)
{
	struct status s = { 0 };
	json_t *last;
	int r = status_ask(ctl, &s);

	last = json_array_get(json_object_get(s.record, "sessions"), 0);
	if (!r && ctl->json)
		status_json(&s, last);
	else if (!r)
		status_print(&s, last);
	json_decref(s.pens);
	json_decref(s.catalogue);
	json_decref(s.record);
	return r;
}

/* ---- one pen ------------------------------------------------------------------ */

static void info_can(const json_t *c)
{
	json_t *feature;
	size_t i;

	printf(_("    steps of %" PRId64 " um and %" PRId64 "/min; its own deadline is %" PRId64 " ms; a sample every %" PRId64 " us\n"),
	       js_int(c, "depthStepMicrometres"),
	       js_int(c, "rateStepStrokesPerMinute"),
	       js_int(c, "ownDeadlineMilliseconds"),
	       js_int(c, "telemetryPeriodMicroseconds"));
	fputs(_("    it has"), stdout);
	json_array_foreach(json_object_get(c, "features"), i, feature)
		printf(" %s", json_string_value(feature));
	putchar('\n');
}

static void info_print(const json_t *pen, const json_t *can)
{
	json_t *one = json_pack("[O]", pen);

	list_print(one);
	json_decref(one);
	info_can(json_object_get(can, "capabilities"));
	if (json_is_integer(json_object_get(pen, "controller")))
		printf(_("    controlled by the user with id %lld\n"),
		       (long long)js_int(pen, "controller"));
	alarm_print(pen, "    ");
	puts(_("limits in force, and who set them"));
	sheet_limits(json_object_get(can, "limits"));
}

static int info_ask(struct ctl *ctl, json_t **pens, json_t **can)
{
	struct mnpen_client *client;
	int r = ctl_open(ctl, MNPEN_ANY, &client);

	if (r)
		return r;
	r = ctl_call(ctl, client, "GetCapabilities",
		     json_pack("{s:s}", "penId", ctl->args[0]), can);
	if (!r)
		r = ctl_call(ctl, client, "ListPens", NULL, pens);
	mnpen_client_close(client);
	return r;
}

int verb_info(struct ctl *ctl)
{
	json_t *pens = NULL, *can = NULL, *pen, *line, *found = NULL;
	size_t i;
	int r = info_ask(ctl, &pens, &can);

	json_array_foreach(json_object_get(pens, "pens"), i, pen)
		if (!strcmp(js_string(pen, "penId"), ctl->args[0]))
			found = pen;
	if (!r && !found)
		r = explain(ctl, EXIT_GONE, "NoPen",
			    _("no pen %s is plugged in"), ctl->args[0]);
	if (!r && ctl->json) {
		line = json_pack("{s:O, s:O, s:O}", "pen", found,
				 "capabilities",
				 json_object_get(can, "capabilities"), "limits",
				 json_object_get(can, "limits"));
		ctl_print_json(line);
		json_decref(line);
	} else if (!r) {
		info_print(found, can);
	}
	json_decref(pens);
	json_decref(can);
	return r;
}
