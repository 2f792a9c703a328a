// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl plan: what the catalogue proposes for one patient; permits nothing. */
#include "daemon/mnpenctl/mnpenctl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABEL	"  %-12s"

/* ---- the request ------------------------------------------------------------- */

/* Steals nothing; adds the number if the option was given. */
static int plan_number(struct ctl *ctl, json_t *p, const char *key,
		       const char *option, const char *text, uint32_t max)
{
	uint32_t n;

	if (!text)
		return EXIT_DONE;
	if (!units_parse(text, max, &n))
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("--%s takes a whole number from 1 to %u; \"%s\" is not one"),
			       option, max, text);
	json_object_set_new(p, key, json_integer(n));
	return EXIT_DONE;
}

static json_t *plan_areas(const char *list)
{
	json_t *areas = json_array();
	size_t len;

	for (; list && *list; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		json_array_append_new(areas, json_stringn(list, len));
	}
	return areas;
}

/* The same was done in every area that is named. */
static int plan_previous(struct ctl *ctl, json_t *p, const json_t *areas)
{
	json_t *list, *area, *one = json_object();
	size_t i;
	int r;

	json_object_set_new(one, "sessions", json_integer(1));
	json_object_set_new(one, "deepestMicrometres", json_integer(0));
	r = plan_number(ctl, one, "sessions", "sessions", ctl->sessions, 1000);
	if (!r)
		r = plan_number(ctl, one, "deepestMicrometres", "last-depth",
				ctl->last_depth, 2500);
	if (!r && !json_array_size(areas))
		r = explain(ctl, EXIT_USAGE, "Usage",
			    _("--last-date needs --area: where was it?"));
	list = json_array();
	json_array_foreach(areas, i, area) {
		json_t *previous = json_copy(one);

		json_object_set(previous, "area", area);
		json_object_set_new(previous, "lastDate",
				    json_string(ctl->last_date));
		json_array_append_new(list, previous);
	}
	json_object_set_new(p, "previous", list);
	json_decref(one);
	return r;
}

static int plan_request(struct ctl *ctl, json_t *p)
{
	json_t *areas = plan_areas(ctl->area);
	int r;

	json_object_set_new(p, "concern", json_string(ctl->concern));
	r = plan_number(ctl, p, "skinType", "skin-type", ctl->skin_type, 6);
	if (!r)
		r = plan_number(ctl, p, "ageYears", "age", ctl->age, 150);
	if (!r)
		r = plan_number(ctl, p, "needles", "needles", ctl->needles,
				64);
	if (!r)
		r = plan_number(ctl, p, "needleMicrometres", "needle-width",
				ctl->needle_width, 1000);
	if (!r)
		r = plan_number(ctl, p, "needleLengthMicrometres",
				"needle-length", ctl->needle_length, 5000);
	if (ctl->treated_before)
		json_object_set_new(p, "treatedBefore", json_true());
	if (ctl->thin_skin)
		json_object_set_new(p, "thinSkin", json_true());
	if (!r && ctl->last_date)
		r = plan_previous(ctl, p, areas);
	if (json_array_size(areas))
		json_object_set(p, "areas", areas);
	json_decref(areas);
	return r;
}

/* ---- the answer ---------------------------------------------------------------- */

static void plan_depth(const json_t *a)
{
	units_text start, soft, most;
	const char *source = js_string(a, "depthSource");
	const char *modifier = js_string(a, "modifier");

	printf(LABEL, _("depth"));
	printf(_("start with %s, confirm above %s, at most %s\n"),
	       units_depth(start, js_int(a, "depthStartMicrometres")),
	       units_depth(soft, js_int(a, "depthSoftMicrometres")),
	       units_depth(most, js_int(a, "depthMaximumMicrometres")));
	printf(LABEL, "");
	printf(_("set by %s (%s)\n"), source,
	       *modifier ? tr(modifier) : sheet_source(source));
}

static void plan_dose(const json_t *a)
{
	int64_t mm2 = js_int(a, "sizeSquareMillimetres");
	units_text rate;

	printf(LABEL "%s\n", _("rate"),
	       units_rate(rate, js_int(a, "rateStrokesPerMinute")));
	if (*js_string(a, "pattern"))
		printf(LABEL "%" PRId64 ", %s: %s\n", _("passes"),
		       js_int(a, "passes"), tr(js_string(a, "pattern")),
		       tr(js_string(a, "patternText")));
	printf(LABEL, _("density"));
	printf(_("aim at %" PRId64 " punctures per cm2, an estimated upper bound\n"),
	       js_int(a, "densityTarget"));
	if (js_int(a, "densityAbsolute")) {
		printf(LABEL, "");
		printf(_("confirm above %" PRId64 ", the motor stops at %" PRId64
			 ", never above %" PRId64 "\n"),
		       js_int(a, "densitySoft"), js_int(a, "densityHard"),
		       js_int(a, "densityAbsolute"));
	}
	printf(LABEL, _("size"));
	if (!mm2)
		puts(_("not known, to be measured by the clinic"));
	else
		printf(json_is_true(json_object_get(a, "sizeMeasured")) ?
			       _("%" PRId64 " cm2, measured\n") :
			       _("%" PRId64 " cm2, assumed\n"), mm2 / 100);
	if (js_int(a, "targetSeconds")) {
		printf(LABEL, _("time"));
		printf(_("about %" PRId64 " s on the skin\n"),
		       js_int(a, "targetSeconds"));
	}
}

static void plan_day(const json_t *a, const char *label, const char *date,
		     const char *why)
{
	const json_t *wait = json_object_get(a, why);

	printf(LABEL "%s", label, js_string(a, date));
	if (json_is_object(wait))
		printf(_(": %s %s asks for %" PRId64 " days"),
		       tr(js_string(wait, "kind")), js_string(wait, "id"),
		       js_int(wait, "days"));
	putchar('\n');
}

static void plan_course(const json_t *a)
{
	json_t *note;
	size_t i;

	printf(LABEL, _("sessions"));
	printf(_("%" PRId64 ", %" PRId64 " to go, every %" PRId64 " days\n"),
	       js_int(a, "sessions"), js_int(a, "sessionsLeft"),
	       js_int(a, "intervalDays"));
	plan_day(a, _("earliest"), "earliestDate", "earliestWhy");
	plan_day(a, _("better"), "recommendedDate", "recommendedWhy");
	json_array_foreach(json_object_get(a, "notes"), i, note)
		printf(LABEL "%s\n",
		       json_is_true(json_object_get(note, "acknowledge")) ?
			       _("CONFIRM") : _("note"),
		       tr(js_string(note, "text")));
}

void plan_print(const char *concern, const json_t *plans)
{
	json_t *a;
	size_t i;

	if (concern)
		printf(_("plan for %s: a proposal, it permits nothing\n"),
		       concern);
	else
		puts(_("what comes next: a proposal, it permits nothing"));
	json_array_foreach(plans, i, a) {
		printf("\n%s\n", js_string(a, "area"));
		plan_depth(a);
		plan_dose(a);
		plan_course(a);
	}
}

int verb_plan(struct ctl *ctl)
{
	json_t *p = json_object(), *reply;
	int r;

	if (!ctl->concern)
		r = explain(ctl, EXIT_USAGE, "Usage",
			    _("--%s is missing; mnpenctl catalogue lists what there is"),
			    "concern");
	else if ((ctl->last_depth || ctl->sessions) && !ctl->last_date)
		r = explain(ctl, EXIT_USAGE, "Usage",
			    _("--last-date is missing, for example --last-date 2026-11-20"));
	else
		r = plan_request(ctl, p);
	if (r) {
		json_decref(p);
		return r;
	}
	r = ctl_ask(ctl, "PlanCourse", p, &reply);
	if (!r && ctl->json)
		ctl_print_json(reply);
	else if (!r)
		plan_print(ctl->concern, json_object_get(reply, "plans"));
	json_decref(reply);
	return r;
}
