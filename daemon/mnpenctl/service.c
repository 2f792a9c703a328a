// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a service engineer asks a pen itself: mnpenctl identify, cartridge. And
 * bundle: all that is known about it, in one file.
 */
#include "daemon/mnpenctl/service.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SERVICE_MS	15000	/* a pen tests itself for seconds */

int service_ask(struct ctl *ctl, const char *method, json_t *parameters,
		json_t **reply)
{
	struct mnpen_client *client;
	int r = EXIT_DONE;

	*reply = NULL;
	if (!parameters)
		parameters = json_object();
	json_object_set_new(parameters, "penId", json_string(ctl->args[0]));
	if (mnpen_client_open(NULL, MNPEN_ADMIN, &client) < 0)
		r = ctl_open(ctl, MNPEN_OPERATE, &client);
	if (r) {
		json_decref(parameters);
		return r;
	}
	r = ctl_call_within(ctl, client, method, parameters, SERVICE_MS, reply);
	mnpen_client_close(client);
	return r;
}

int verb_identify(struct ctl *ctl)
{
	json_t *reply;
	int r = service_ask(ctl, "Identify", NULL, &reply);

	if (!r && ctl->json)
		ctl_print_json(reply);
	else if (!r)
		printf(_("%s blinks for some seconds\n"), ctl->args[0]);
	json_decref(reply);
	return r;
}

static void cartridge_print(const json_t *c)
{
	const char *until = js_string(c, "expiryDate");
	units_text length;

	printf(_("%" PRId64 " needles of %s, lot %" PRId64 ", number %" PRId64 ", good until %s, used %" PRId64 " times\n"),
	       js_int(c, "needles"),
	       units_depth(length, js_int(c, "lengthMicrometres")),
	       js_int(c, "lot"), js_int(c, "unit"), *until ? until : "?",
	       js_int(c, "uses"));
	if (!json_is_true(json_object_get(c, "signed")))
		puts(_("  its memory is not signed: anybody may have written it"));
	if (json_is_true(json_object_get(c, "used")))
		puts(_("  it was used before: take another one"));
	if (json_is_true(json_object_get(c, "expired")))
		puts(_("  it is past its day: take another one"));
}

int verb_cartridge(struct ctl *ctl)
{
	json_t *reply;
	int r = service_ask(ctl, "GetCartridge", NULL, &reply);

	if (!r && ctl->json)
		ctl_print_json(reply);
	else if (!r && json_is_object(json_object_get(reply, "cartridge")))
		cartridge_print(json_object_get(reply, "cartridge"));
	else if (!r)
		printf(_("written by version %" PRId64 " of the format, which this program does not know\n"),
		       js_int(reply, "version"));
	json_decref(reply);
	return r;
}

/* ---- bundle --------------------------------------------------------------------- */

/* Support need not know who was treated: what points to a person goes. */
static void bundle_redact(json_t *value)
{
	static const char *const personal[] = { "patient", "operator", "detail",
						"reference" };
	const char *key;
	json_t *item;
	size_t i, k;

	/* Why something was set aside is a remark on the patient. */
	if (json_object_get(value, "overridden"))
		json_object_set_new(value, "reason", json_string("(left out)"));

	json_array_foreach(value, i, item)
		bundle_redact(item);
	json_object_foreach(value, key, item) {
		for (k = 0; k < 4; k++)
			if (!strcmp(key, personal[k]) && json_is_string(item))
				json_string_set(item, "(left out)");
		bundle_redact(item);
	}
}

static int bundle_write(struct ctl *ctl, const json_t *all)
{
	FILE *out;
	int r = output_open(ctl, &out);

	if (r)
		return r;
	json_dumpf(all, out, JSON_INDENT(1));
	fputc('\n', out);
	r = output_close(ctl, out, EXIT_DONE);
	if (r || !ctl->output)
		return r;
	printf(_("written to %s; patients and operators are left out\n"),
	       ctl->output);
	return EXIT_DONE;
}

int verb_bundle(struct ctl *ctl)
{
	json_t *bundle, *why = NULL, *all;
	int r;

	if (ctl->json && ctl->output)
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("--json or --output, not both"));
	r = service_ask(ctl, "GetFaultBundle", NULL, &bundle);
	if (!r)
		r = ctl_ask(ctl, "Why",
			    json_pack("{s:s}", "penId", ctl->args[0]), &why);
	if (!r) {
		bundle_redact(json_object_get(bundle, "rows"));
		all = json_pack("{s:s, s:O, s:O}", "mnpenctl", MNPEN_VERSION,
				"bundle", bundle, "why", why);
		if (ctl->json)
			ctl_print_json(all);
		else
			r = bundle_write(ctl, all);
		json_decref(all);
	}
	json_decref(bundle);
	json_decref(why);
	return r;
}
