// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the one who controls a pen may do, or an administrator at any time:
 * mnpenctl reset, alarm ack, alarm pause. And what only an administrator may:
 * clock confirm.
 */
#include "daemon/mnpenctl/mnpenctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int reset_once(const struct ctl *ctl, struct mnpen_client *client,
		      const char *method, const char *pen,
		      struct mnpen_error *error)
{
	json_t *p = json_pack("{s:s}", "penId", pen);
	char *text = p ? json_dumps(p, JSON_COMPACT) : NULL;
	char full[96];
	int r = -EINVAL;

	snprintf(full, sizeof(full), "%s.%s", MNPEN_INTERFACE, method);
	if (text)
		r = mnpen_call(client, full, text, ctl_within_ms(ctl, CALL_MS),
			       NULL, error);
	free(text);
	json_decref(p);
	return r;
}

int reset_call(struct ctl *ctl, const char *method, const char *pen,
	       const char *done)
{
	struct mnpen_error error = { 0 };
	struct mnpen_client *client;
	int r;

	/* An administrator may do it as is, an operator has to take control. */
	if (mnpen_client_open(NULL, MNPEN_ADMIN, &client) < 0) {
		r = ctl_open(ctl, MNPEN_OPERATE, &client);
		if (r)
			return r;
	}
	r = reset_once(ctl, client, method, pen, &error);
	if (mnpen_error_kind(&error) == MNPEN_E_NOT_CONTROLLER) {
		r = mnpen_control_acquire(
			client, pen, ctl_within_ms(ctl, CALL_MS), NULL, &error);
		if (!r)
			r = reset_once(ctl, client, method, pen, &error);
	}
	if (r < 0)
		r = explain_call(ctl, method, r, &error);
	else if (ctl->json)
		puts("{}");
	else
		printf("%s: %s\n", pen, done);
	mnpen_error_clear(&error);
	mnpen_client_close(client);
	return r;
}

int verb_reset(struct ctl *ctl)
{
	return reset_call(ctl, "ResetFault", ctl->args[0], _("fault cleared"));
}

int verb_clock_confirm(struct ctl *ctl)
{
	json_t *reply;
	int r = ctl_ask_as(ctl, MNPEN_ADMIN, "ConfirmClock", NULL, &reply);

	json_decref(reply);
	if (!r && ctl->json)
		puts("{}");
	else if (!r)
		puts(_("the clock is confirmed; who did it is in the record"));
	return r;
}
