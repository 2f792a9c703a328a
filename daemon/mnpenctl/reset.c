// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl reset PEN */
#include "daemon/mnpenctl/mnpenctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int reset_once(struct mnpen_client *client, const char *pen,
		      struct mnpen_error *error)
{
	json_t *p = json_pack("{s:s}", "penId", pen);
	char *text = p ? json_dumps(p, JSON_COMPACT) : NULL;
	int r = -EINVAL;

	if (text)
		r = mnpen_call(client, MNPEN_INTERFACE ".ResetFault", text,
			       CALL_MS, NULL, error);
	free(text);
	json_decref(p);
	return r;
}

int verb_reset(struct ctl *ctl)
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
	r = reset_once(client, ctl->args[0], &error);
	if (mnpen_error_kind(&error) == MNPEN_E_NOT_CONTROLLER) {
		r = mnpen_control_acquire(client, ctl->args[0], CALL_MS, NULL,
					  &error);
		if (!r)
			r = reset_once(client, ctl->args[0], &error);
	}
	if (r < 0)
		r = explain_call(ctl, "ResetFault", r, &error);
	else if (ctl->json)
		puts("{}");
	else
		printf("%s: fault cleared\n", ctl->args[0]);
	mnpen_error_clear(&error);
	mnpen_client_close(client);
	return r;
}
