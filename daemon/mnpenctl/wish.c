// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is to be done, asked on a terminal where the options do not say it: the
 * catalogue's lists to choose from, and what it proposes as the answer that
 * Enter gives. It permits nothing: mnpend judges what comes of it.
 */
#include "daemon/mnpenctl/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number from the list, or an id as it stands there. False: neither. */
static bool wish_pick(const json_t *list, const char *key, const char *line,
		      const char **out)
{
	uint32_t number;
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one) {
		const char *id = key ? js_string(one, key) :
				       json_string_value(one);

		if (strcmp(line, id) && !(units_parse(line, 999, &number) &&
					  number == i + 1))
			continue;
		*out = id;
		return true;
	}
	return false;
}

static int wish_number_of(struct session *s, const json_t *list,
			  const char *key, const char **out)
{
	for (;;) {
		fputs(_("Its number: "), stderr);
		if (!ask_line(s, s->wish.line))
			return ask_given_up(s);
		if (wish_pick(list, key, s->wish.line, out))
			return EXIT_DONE;
		fprintf(stderr, _("  Please: a number from 1 to %zu.\n"),
			json_array_size(list));
	}
}

const char *wish_name(const struct session *s, const char *kind,
			     const char *key, const char *id)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(s->catalogue, kind), i, one)
		if (!strcmp(js_string(one, key), id))
			return js_string(one, "name");
	return id;
}

static int wish_concern(struct session *s)
{
	const json_t *list = json_object_get(s->catalogue, "concerns");
	json_t *one;
	size_t i;

	fputs(_("\nWhat is to be treated?\n"), stderr);
	json_array_foreach(list, i, one)
		ask_put(i + 1, tr(js_string(one, "name")));
	return wish_number_of(s, list, "concernId", &s->ctl->concern);
}

static int wish_area(struct session *s)
{
	const json_t *list = NULL;
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(s->catalogue, "concerns"), i, one)
		if (!strcmp(js_string(one, "concernId"), s->ctl->concern))
			list = json_object_get(one, "areas");
	if (!json_array_size(list))
		return EXIT_DONE;	/* mnpend will say what is wrong */
	fputs(_("\nWhere?\n"), stderr);
	json_array_foreach(list, i, one)
		ask_put(i + 1, tr(wish_name(s, "areas", "areaId",
					    json_string_value(one))));
	return wish_number_of(s, list, NULL, &s->ctl->area);
}

/* Of the catalogue, with what is known of the patient; 0 where it has none. */
static void wish_propose(struct session *s, int64_t *depth_um,
			 int64_t *rate_spm)
{
	struct ctl *ctl = s->ctl;
	struct mnpen_error error = { 0 };
	json_t *p, *reply, *plan;
	char *text, *answer = NULL;
	uint32_t n;

	p = json_pack("{s:s, s:[s], s:b, s:b}", "concern", ctl->concern,
		      "areas", ctl->area, "treatedBefore", ctl->treated_before,
		      "thinSkin", ctl->thin_skin);
	if (ctl->skin_type && units_parse(ctl->skin_type, 6, &n))
		json_object_set_new(p, "skinType", json_integer(n));
	if (ctl->age && units_parse(ctl->age, 150, &n))
		json_object_set_new(p, "ageYears", json_integer(n));
	text = json_dumps(p, JSON_COMPACT);
	mnpen_call(s->client, MNPEN_INTERFACE ".PlanCourse", text, CALL_MS,
		   &answer, &error);
	mnpen_error_clear(&error);
	reply = ctl_json(answer);
	plan = json_array_get(json_object_get(reply, "plans"), 0);
	*depth_um = js_int(plan, "depthStartMicrometres");
	*rate_spm = js_int(plan, "rateStrokesPerMinute");
	json_decref(p);
	json_decref(reply);
	free(text);
}

/* A whole number; Enter takes what is proposed, if anything is. */
static int wish_number(struct session *s, const char *question,
		       int64_t proposed, uint32_t max, char *text,
		       const char **out)
{
	bool again = false;
	uint32_t n;

	do {
		if (again)
			fprintf(stderr, _("  Please: a whole number from 1 to %u.\n"),
				max);
		again = true;
		if (proposed)
			fprintf(stderr, _("%s [%lld]: "), question,
				(long long)proposed);
		else
			fprintf(stderr, "%s: ", question);
		if (!ask_line(s, s->wish.line))
			return ask_given_up(s);
		if (!*s->wish.line && proposed)
			snprintf(s->wish.line, sizeof(s->wish.line), "%lld",
				 (long long)proposed);
	} while (!units_parse(s->wish.line, max, &n));
	snprintf(text, WISH_NUMBER_LEN, "%u", n);
	*out = text;
	return EXIT_DONE;
}

static int wish_numbers(struct session *s)
{
	struct ctl *ctl = s->ctl;
	int64_t depth_um, rate_spm;
	int r = EXIT_DONE;

	wish_propose(s, &depth_um, &rate_spm);
	fputs(_("\nHow? In brackets what the catalogue proposes: Enter takes it.\n"),
	      stderr);
	if (!ctl->depth)
		r = wish_number(s, _("  depth in um"), depth_um, 2500,
				s->wish.depth, &ctl->depth);
	if (!r && !ctl->rate)
		r = wish_number(s, _("  strokes per minute"), rate_spm, 9000,
				s->wish.rate, &ctl->rate);
	if (!r && !ctl->minutes && !ctl->seconds)
		r = wish_number(s, _("  motor time in minutes"), 0, 60,
				s->wish.minutes, &ctl->minutes);
	return r;
}

bool wish_is_open(const struct session *s)
{
	const struct ctl *ctl = s->ctl;

	return s->asks && (!ctl->area || !ctl->concern || !ctl->depth ||
			   !ctl->rate || (!ctl->minutes && !ctl->seconds));
}

int wish_ask(struct session *s)
{
	int r = EXIT_DONE;

	ask_begin();
	if (!s->ctl->concern)
		r = wish_concern(s);
	if (!r && !s->ctl->area)
		r = wish_area(s);
	if (!r && (!s->ctl->depth || !s->ctl->rate ||
		   (!s->ctl->minutes && !s->ctl->seconds)))
		r = wish_numbers(s);
	return r;
}

int wish_show(struct session *s)
{
	units_text depth, rate, planned;

	if (!s->asks || (s->ctl->screening && s->ctl->preparation))
		return EXIT_DONE;
	fprintf(stderr, _("\nPen %s: %s, %s, %s, %s, %s.\nCtrl-C gives up; nothing moves before you say so.\n"),
		s->pen, tr(wish_name(s, "areas", "areaId", s->ctl->area)),
		tr(wish_name(s, "concerns", "concernId", s->ctl->concern)),
		units_depth(depth, s->depth_um), units_rate(rate, s->rate_spm),
		units_duration(planned, s->planned_ms));
	return EXIT_DONE;
}

/* The last step of the preparation is no start: a hand may still be there. */
int wish_start(struct session *s)
{
	if (!s->asks || s->ctl->preparation)
		return EXIT_DONE;
	ask_begin();
	fputs(_("\nThe pen is at the skin? Enter starts the motor: "), stderr);
	return ask_line(s, s->wish.line) ? EXIT_DONE : ask_given_up(s);
}
