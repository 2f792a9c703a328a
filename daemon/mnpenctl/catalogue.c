// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl catalogue */
#include "daemon/mnpenctl/mnpenctl.h"

#include <inttypes.h>
#include <stdio.h>

#define NAME_COLUMNS	30

static void catalogue_area(const json_t *a)
{
	char name[128];

	wrap_pad(name, sizeof(name), tr(js_string(a, "name")), NAME_COLUMNS);
	if (!js_int(a, "hardMicrometres"))
		printf(_("  %-14s %s never\n"), js_string(a, "areaId"), name);
	else
		printf(_("  %-14s %s %5" PRId64 " um usual, %5" PRId64 " um at most\n"),
		       js_string(a, "areaId"), name,
		       js_int(a, "defaultMicrometres"),
		       js_int(a, "hardMicrometres"));
}

static void catalogue_concern(const json_t *c)
{
	const json_t *areas = json_object_get(c, "areas");
	char name[128];
	json_t *area;
	size_t i;

	wrap_pad(name, sizeof(name), tr(js_string(c, "name")), NAME_COLUMNS);
	printf(_("  %-14s %s %5" PRId64 " um usual, %5" PRId64 " um at most\n"),
	       js_string(c, "concernId"), name, js_int(c, "defaultMicrometres"),
	       js_int(c, "maximumMicrometres"));
	printf("  %-14s", "");
	json_array_foreach(areas, i, area)
		printf(" %s", json_string_value(area));
	putchar('\n');
}

static void catalogue_print(const json_t *reply)
{
	json_t *item;
	size_t i;

	puts(_("areas: set depth"));
	json_array_foreach(json_object_get(reply, "areas"), i, item)
		catalogue_area(item);
	puts(_("\nconcerns: set depth, and where"));
	json_array_foreach(json_object_get(reply, "concerns"), i, item)
		catalogue_concern(item);
	puts(_("\nscreening: \"no\" clears"));
	json_array_foreach(json_object_get(reply, "screening"), i, item)
		printf("  %-22s %-9s %s\n", js_string(item, "code"),
		       js_string(item, "kind"), tr(js_string(item, "text")));
	puts(_("\npreparation, in this order"));
	json_array_foreach(json_object_get(reply, "preparation"), i, item)
		printf("  %-22s %s\n", js_string(item, "code"),
		       tr(js_string(item, "text")));
	if (*js_string(reply, "problem"))
		fprintf(stderr, "mnpenctl: %s\n", js_string(reply, "problem"));
}

int verb_catalogue(struct ctl *ctl)
{
	json_t *reply;
	int r = ctl_ask(ctl, "GetCatalogue", NULL, &reply);

	if (r)
		return r;
	if (ctl->json)
		ctl_print_json(reply);
	else
		catalogue_print(reply);
	json_decref(reply);
	return EXIT_DONE;
}
