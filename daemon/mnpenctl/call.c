// SPDX-License-Identifier: GPL-2.0-or-later
/* Connecting, calling, and reading what came back. */
#include "daemon/mnpenctl/mnpenctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int ctl_open(struct ctl *ctl, enum mnpen_role role, struct mnpen_client **out)
{
	int r = mnpen_client_open(NULL, role, out);

	return r < 0 ? explain_connect(ctl, role, r) : EXIT_DONE;
}

int ctl_within_ms(const struct ctl *ctl, int ms)
{
	return ctl->timeout_s ? (int)ctl->timeout_s * 1000 : ms;
}

int ctl_call(struct ctl *ctl, struct mnpen_client *client, const char *method,
	     json_t *parameters, json_t **reply)
{
	return ctl_call_within(ctl, client, method, parameters, CALL_MS, reply);
}

int ctl_call_within(struct ctl *ctl, struct mnpen_client *client,
		    const char *method, json_t *parameters, int ms,
		    json_t **reply)
{
	char *text = parameters ? json_dumps(parameters, JSON_COMPACT) : NULL;
	struct mnpen_error error = { 0 };
	char full[96], *answer = NULL;
	int r;

	snprintf(full, sizeof(full), "%s.%s", MNPEN_INTERFACE, method);
	r = mnpen_call(client, full, text, ctl_within_ms(ctl, ms), &answer,
		       &error);
	if (reply)
		*reply = ctl_json(answer);
	else
		free(answer);
	if (r < 0)
		r = explain_call(ctl, method, r, &error);
	mnpen_error_clear(&error);
	json_decref(parameters);
	free(text);
	return r;
}

int ctl_ask(struct ctl *ctl, const char *method, json_t *parameters,
	    json_t **reply)
{
	return ctl_ask_as(ctl, MNPEN_ANY, method, parameters, reply);
}

int ctl_ask_as(struct ctl *ctl, enum mnpen_role role, const char *method,
	       json_t *parameters, json_t **reply)
{
	struct mnpen_client *client;
	int r;

	*reply = NULL;
	r = ctl_open(ctl, role, &client);
	if (r) {
		json_decref(parameters);
		return r;
	}
	r = ctl_call(ctl, client, method, parameters, reply);
	mnpen_client_close(client);
	return r;
}

json_t *ctl_json(char *text)
{
	json_t *value = text ? json_loads(text, 0, NULL) : NULL;

	free(text);
	return value;
}

void ctl_print_json(const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);

	if (text)
		puts(text);
	fflush(stdout);
	free(text);
}
