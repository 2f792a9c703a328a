// SPDX-License-Identifier: GPL-2.0-or-later
/* Which method a call means, and whether it may run. */
#include <string.h>

#include "daemon/varlink/internal.h"

/* What a call in the slot kept for a Stop is told: come back later. */
#define DISPATCH_RETRY_MS	1000

static const struct varlink_method *
dispatch_find(const struct varlink_method *methods, const char *name)
{
	for (; methods->name; methods++) {
		if (strcmp(methods->name, name) == 0)
			return methods;
	}
	return NULL;
}

/* Is name a method of interface, whether it exists or not? */
static bool dispatch_is_in(const char *interface, const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && strlen(interface) == (size_t)(dot - name) &&
	       memcmp(interface, name, (size_t)(dot - name)) == 0;
}

static void dispatch_unknown(struct varlink_call *call, const char *name)
{
	const struct varlink_service *service = call->conn->server->service;
	const char *dot = strrchr(name, '.');

	if (!dot || dispatch_is_in(service->interface, name) ||
	    dispatch_is_in(service_interface, name))
		varlink_error(call, "org.varlink.service.MethodNotFound",
			      json_pack("{s:s}", "method", name));
	else
		varlink_error(call, "org.varlink.service.InterfaceNotFound",
			      json_pack("{s:s%}", "interface", name,
					(size_t)(dot - name)));
}

/* Is name one of the space separated words? */
static bool dispatch_is_listed(const char *words, const char *name)
{
	size_t len = strlen(name);

	while (words && *words) {
		size_t word = strcspn(words, " ");

		if (word == len && memcmp(words, name, len) == 0)
			return true;
		words += word;
		words += strspn(words, " ");
	}
	return false;
}

static const char *dispatch_unlisted(const char *words, json_t *parameters)
{
	const char *key;
	json_t *value;

	json_object_foreach(parameters, key, value) {
		(void)value;
		if (*key == '\0' || !dispatch_is_listed(words, key))
			return key;
	}
	return NULL;
}

static void dispatch_rate_limited(struct varlink_call *call, uint32_t wait_ms)
{
	call_domain_error(call, "RateLimited",
			  json_pack("{s:I}", "retryAfterMilliseconds",
				    (json_int_t)wait_ms));
}

/* False: the call was answered with the reason and is gone. */
static bool dispatch_allowed(struct varlink_call *call,
			     const struct varlink_method *method,
			     const struct message *msg)
{
	struct conn *conn = call->conn;
	const char *unlisted;
	uint32_t wait_ms;

	/* Of a peer that has left, only what stops a pen still counts. */
	if (conn->deaf && !(method->flags & VARLINK_URGENT)) {
		varlink_reply(call, NULL);
		return false;
	}
	if (conn->reserved && !(method->flags & VARLINK_URGENT)) {
		dispatch_rate_limited(call, DISPATCH_RETRY_MS);
		return false;
	}
	if (msg->upgrade) {
		varlink_error(call, "org.varlink.service.MethodNotImplemented",
			      json_pack("{s:s}", "method", method->name));
		return false;
	}
	if (!(method->roles & conn->peer.role)) {
		varlink_error(call, "org.varlink.service.PermissionDenied",
			      NULL);
		return false;
	}
	if ((method->flags & VARLINK_STREAM) && !msg->more) {
		varlink_error(call, "org.varlink.service.ExpectedMore", NULL);
		return false;
	}
	unlisted = dispatch_unlisted(method->parameters, msg->parameters);
	if (unlisted) {
		varlink_invalid_parameter(call, unlisted);
		return false;
	}
	if ((method->flags & VARLINK_MUTATES) &&
	    !(method->flags & VARLINK_URGENT)) {
		wait_ms = bucket_take(&conn->bucket, server_now_us());
		if (wait_ms > 0) {
			dispatch_rate_limited(call, wait_ms);
			return false;
		}
	}
	return true;
}

void dispatch_call(struct varlink_call *call, const struct message *msg)
{
	struct varlink_server *server = call->conn->server;
	const struct varlink_method *method;
	void *ctx = server->service->ctx;

	call->conn->used = call->conn->reserved;
	method = dispatch_find(server->service->methods, msg->method);
	if (!method) {
		method = dispatch_find(service_methods, msg->method);
		ctx = server;
	}
	if (!method) {
		dispatch_unknown(call, msg->method);
		return;
	}
	if (!dispatch_allowed(call, method, msg))
		return;
	if (ctx != server) {
		call->method = method;
		call->parameters = json_incref(msg->parameters);
	}
	method->fn(call, msg->parameters, ctx);
}
