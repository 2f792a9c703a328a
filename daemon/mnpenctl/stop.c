// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl stop: asks nothing, does nothing else. */
#include "daemon/mnpenctl/mnpenctl.h"

#include <errno.h>
#include <stdio.h>

static void stop_print(const json_t *stopped)
{
	json_t *pen;
	size_t i;

	json_array_foreach(stopped, i, pen)
		printf(_("%s: stop sent\n"), json_string_value(pen));
	if (!json_array_size(stopped))
		puts(_("no pen to stop"));
}

int verb_stop(struct ctl *ctl)
{
	const char *pen = ctl->n_args ? ctl->args[0] : NULL;
	struct mnpen_error error = { 0 };
	json_t *reply;
	char *text;
	int r;

	r = mnpen_stop_all(pen, STOP_MS, &text, &error);
	if (r == -EINVAL)
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("not the name of a pen; mnpenctl stop without one stops all"));
	if (r == -EREMOTEIO || r == -ETIMEDOUT || r == -EBADMSG ||
	    r == -ECONNRESET) {
		r = explain_call(ctl, "Stop", r, &error);
	} else if (r < 0) {
		r = explain_connect(ctl, MNPEN_ANY, r);
	}
	if (r)
		fputs(_("mnpenctl: the pen may still run: pull its cable; without mnpend it stops by itself within its lease\n"),
		      stderr);
	mnpen_error_clear(&error);
	if (r)
		return r;
	reply = ctl_json(text);
	if (ctl->json)
		ctl_print_json(reply);
	else
		stop_print(json_object_get(reply, "stopped"));
	json_decref(reply);
	return EXIT_DONE;
}
