// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl why [PEN]: the last refusal and the last stop, and the way on. */
#include "daemon/mnpenctl/mnpenctl.h"

#include <stdio.h>
#include <string.h>

#define TEXT_LEN	1024

/* The question or step behind "screening:keloid"; "" if it is none. */
static const char *why_question(const json_t *catalogue, const char *interlock)
{
	const char *kind = !strncmp(interlock, "screening:", 10) ?
				   "screening" :
			   !strncmp(interlock, "preparation:", 12) ?
				   "preparation" : NULL;
	json_t *item;
	size_t i;

	if (!kind)
		return "";
	json_array_foreach(json_object_get(catalogue, kind), i, item)
		if (!strcmp(js_string(item, "code"),
			    interlock + strlen(kind) + 1))
			return js_string(item, "text");
	return "";
}

static void why_refusal(const json_t *refusal, const json_t *catalogue)
{
	const json_t *p = json_object_get(refusal, "parameters");
	const char *question = why_question(catalogue,
					    js_string(p, "interlock"));
	char name[96], text[TEXT_LEN];
	units_text when;

	snprintf(name, sizeof(name), "%s.%s", MNPEN_INTERFACE,
		 js_string(refusal, "error"));
	explain_text(text, sizeof(text), js_string(refusal, "method"), name,
		     p);
	printf(_("last refusal: %s, %s\n"), js_string(refusal, "method"),
	       units_when(when, js_int(refusal, "unixMilliseconds")));
	printf("  %s\n", text);
	if (*question)
		printf("  %s\n", tr(question));
}

static void why_stop(const json_t *stop)
{
	const char *limit = js_string(stop, "limit");
	const char *source = js_string(stop, "source");
	units_text when, value, maximum;

	printf(_("last stop: %s, %s\n"), js_string(stop, "reason"),
	       units_when(when, js_int(stop, "unixMilliseconds")));
	printf("  %s\n", tr(js_string(stop, "text")));
	if (*limit)
		printf(_("  the %s limit of %s was reached with %s; set by %s (%s)\n"),
		       tr(limit), units_limit(maximum, limit,
					      js_int(stop, "maximum")),
		       units_limit(value, limit, js_int(stop, "value")),
		       source, sheet_source(source));
	if (*js_string(stop, "remedy"))
		printf(_("  to go on: %s\n"), tr(js_string(stop, "remedy")));
}

static void why_limits(const json_t *pens, const char *pen_id)
{
	const json_t *limits;
	json_t *pen;
	size_t i;

	json_array_foreach(pens, i, pen) {
		limits = json_object_get(json_object_get(pen, "session"),
					 "limits");
		if (strcmp(js_string(pen, "penId"), pen_id) ||
		    !json_array_size(limits))
			continue;
		puts(_("limits in force, and who set them"));
		sheet_limits(limits);
	}
}

static void why_print(const json_t *why, const json_t *catalogue,
		      const json_t *pens)
{
	const json_t *refusal = json_object_get(why, "refusal");
	const json_t *stop = json_object_get(why, "stop");

	if (*js_string(why, "penId"))
		printf(_("pen %s\n"), js_string(why, "penId"));
	if (json_is_object(refusal))
		why_refusal(refusal, catalogue);
	if (json_is_object(stop))
		why_stop(stop);
	if (!json_is_object(refusal) && !json_is_object(stop))
		puts(_("nothing was refused or stopped since mnpend started"));
	why_limits(json_object_get(pens, "pens"), js_string(why, "penId"));
}

static int why_ask(struct ctl *ctl, struct mnpen_client *client,
		   json_t **why, json_t **catalogue, json_t **pens)
{
	json_t *p = ctl->n_args ? json_pack("{s:s}", "penId", ctl->args[0]) :
				  NULL;
	int r;

	r = ctl_call(ctl, client, "Why", p, why);
	if (!r && !ctl->json)
		r = ctl_call(ctl, client, "GetCatalogue", NULL, catalogue);
	if (!r && !ctl->json)
		r = ctl_call(ctl, client, "ListPens", NULL, pens);
	return r;
}

int verb_why(struct ctl *ctl)
{
	json_t *why = NULL, *catalogue = NULL, *pens = NULL;
	struct mnpen_client *client;
	int r;

	r = ctl_open(ctl, MNPEN_ANY, &client);
	if (r)
		return r;
	r = why_ask(ctl, client, &why, &catalogue, &pens);
	mnpen_client_close(client);
	if (!r && ctl->json)
		ctl_print_json(why);
	else if (!r)
		why_print(why, catalogue, pens);
	json_decref(why);
	json_decref(catalogue);
	json_decref(pens);
	return r;
}
