// SPDX-License-Identifier: LGPL-2.1-or-later
/* Calls: waited for, answered by callback, streamed, or never answered. */
#include "internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

struct waited {
	bool done;
	int status;
	char *reply;
	struct mnpen_error *error;
};

static void call_answered(const struct mnpen_reply *reply, void *ctx)
{
	struct waited *w = ctx;

	w->done = true;
	w->status = reply->status;
	if (reply->error)
		error_set(w->error, reply->error->name,
			  strdup(reply->error->parameters));
	if (reply->parameters) {
		w->reply = strdup(reply->parameters);
		if (!w->reply)
			w->status = -ENOMEM;
	}
}

int mnpen_call(struct mnpen_client *client, const char *method,
	       const char *parameters, int timeout_ms, char **reply,
	       struct mnpen_error *error)
{
	struct waited w = { .error = error };
	int r;

	if (reply)
		*reply = NULL;
	mnpen_error_clear(error);
	if (client->in_callback)
		return -EDEADLK;
	r = client_queue(client, MESSAGE_CALL, method, parameters, timeout_ms,
			 call_answered, &w);
	if (r < 0)
		return r;
	while (!w.done) {
		struct pollfd fd = { .fd = mnpen_get_fd(client),
				     .events = mnpen_get_events(client) };

		poll(&fd, 1, mnpen_get_timeout(client));
		mnpen_process(client);
	}
	if (w.status < 0 || !reply)
		free(w.reply);
	else
		*reply = w.reply;
	return w.status;
}

int mnpen_call_oneway(struct mnpen_client *client, const char *method,
		      const char *parameters)
{
	return client_queue(client, MESSAGE_ONEWAY, method, parameters, -1,
			    NULL, NULL);
}

int mnpen_call_async(struct mnpen_client *client, const char *method,
		     const char *parameters, int timeout_ms, mnpen_reply_fn fn,
		     void *ctx)
{
	return client_queue(client, MESSAGE_CALL, method, parameters,
			    timeout_ms, fn, ctx);
}

int mnpen_stream(struct mnpen_client *client, const char *method,
		 const char *parameters, int timeout_ms, mnpen_reply_fn fn,
		 void *ctx)
{
	return client_queue(client, MESSAGE_MORE, method, parameters,
			    timeout_ms, fn, ctx);
}

int call_json(struct mnpen_client *c, const char *method, json_t *parameters,
	      int timeout_ms, char **reply, struct mnpen_error *error)
{
	char full[128] = MNPEN_INTERFACE ".";
	char *text;
	int r;

	if (reply)
		*reply = NULL;
	mnpen_error_clear(error);
	if (!parameters)
		return -EINVAL;
	text = json_dumps(parameters, JSON_COMPACT);
	json_decref(parameters);
	if (!text)
		return -ENOMEM;
	strncat(full, method, sizeof(full) - strlen(full) - 1);
	r = mnpen_call(c, full, text, timeout_ms, reply, error);
	free(text);
	return r;
}
