// SPDX-License-Identifier: GPL-2.0-or-later
/* org.varlink.service: what every Varlink service answers about itself. */
#include <string.h>

#include "daemon/varlink/internal.h"

const char service_interface[] = "org.varlink.service";

static const char service_description[] =
	"# Who serves here and which interfaces it speaks.\n"
	"interface org.varlink.service\n"
	"\n"
	"method GetInfo() -> (\n"
	"  vendor: string,\n"
	"  product: string,\n"
	"  version: string,\n"
	"  url: string,\n"
	"  interfaces: []string\n"
	")\n"
	"\n"
	"# The text of one of these interfaces.\n"
	"method GetInterfaceDescription(interface: string) -> "
	"(description: string)\n"
	"\n"
	"error InterfaceNotFound (interface: string)\n"
	"error MethodNotFound (method: string)\n"
	"error MethodNotImplemented (method: string)\n"
	"error InvalidParameter (parameter: string)\n"
	"error PermissionDenied ()\n"
	"error ExpectedMore ()\n";

static void service_get_info(struct varlink_call *call, json_t *parameters,
			     void *ctx)
{
	const struct varlink_server *server = ctx;
	const struct varlink_service *service = server->service;

	(void)parameters;
	varlink_reply(call, json_pack("{s:s, s:s, s:s, s:s, s:[s, s]}",
				      "vendor", service->vendor,
				      "product", service->product,
				      "version", service->version,
				      "url", service->url,
				      "interfaces", service_interface,
				      service->interface));
}

static void service_describe(struct varlink_call *call, json_t *parameters,
			     void *ctx)
{
	const struct varlink_server *server = ctx;
	const char *interface =
		json_string_value(json_object_get(parameters, "interface"));
	const char *text;

	if (!interface) {
		varlink_invalid_parameter(call, "interface");
		return;
	}
	if (strcmp(interface, service_interface) == 0) {
		text = service_description;
	} else if (strcmp(interface, server->service->interface) == 0) {
		text = server->service->description;
	} else {
		varlink_error(call, "org.varlink.service.InterfaceNotFound",
			      json_pack("{s:s}", "interface", interface));
		return;
	}
	varlink_reply(call, json_pack("{s:s}", "description", text));
}

const struct varlink_method service_methods[] = {
	{
		.name = "org.varlink.service.GetInfo",
		.roles = VARLINK_ANYBODY,
		.fn = service_get_info,
	},
	{
		.name = "org.varlink.service.GetInterfaceDescription",
		.roles = VARLINK_ANYBODY,
		.parameters = "interface",
		.fn = service_describe,
	},
	{ .name = NULL },
};
