// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl list */
#include "daemon/mnpenctl/mnpenctl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* There from when the driver is loaded, also before the first pen. */
#define DRIVER_CLASS	"/sys/class/mnpen"

static void list_session(const json_t *session)
{
	units_text depth, rate, used, planned;

	printf(_("    session %s: %s, %s, %s, %s, %s of %s\n"),
	       js_string(session, "sessionId"), js_string(session, "area"),
	       js_string(session, "concern"),
	       units_depth(depth, js_int(session, "depthMicrometres")),
	       units_rate(rate, js_int(session, "rateStrokesPerMinute")),
	       units_duration(used, js_int(session, "motorMilliseconds")),
	       units_duration(planned, js_int(session, "plannedMilliseconds")));
}

static void list_pen(const json_t *pen)
{
	const json_t *session = json_object_get(pen, "session");
	const char *reason = js_string(pen, "reason");
	const char *text = js_string(pen, "reasonText");

	printf(_("%-16s %-10s %s, firmware %s, %" PRId64 " to %" PRId64 " um, %" PRId64 " to %" PRId64 "/min\n"),
	       js_string(pen, "penId"), js_string(pen, "state"),
	       js_string(pen, "model"), js_string(pen, "firmware"),
	       js_int(pen, "depthMinimumMicrometres"),
	       js_int(pen, "depthMaximumMicrometres"),
	       js_int(pen, "rateMinimumStrokesPerMinute"),
	       js_int(pen, "rateMaximumStrokesPerMinute"));
	if (*reason && strcmp(reason, "ok"))
		printf("    %s: %s\n", reason, tr(text));
	if (json_is_object(session))
		list_session(session);
}

void list_print(const json_t *pens)
{
	json_t *pen;
	size_t i;

	json_array_foreach(pens, i, pen)
		list_pen(pen);
	if (!json_array_size(pens))
		puts(access(DRIVER_CLASS, F_OK) < 0 ?
			     _("no driver for pens is loaded: install mnpen-dkms, and see modprobe mnpen") :
			     _("no pen is plugged in"));
}

int verb_list(struct ctl *ctl)
{
	json_t *reply;
	int r = ctl_ask(ctl, "ListPens", NULL, &reply);

	if (r)
		return r;
	if (ctl->json)
		ctl_print_json(reply);
	else
		list_print(json_object_get(reply, "pens"));
	json_decref(reply);
	return EXIT_DONE;
}
