// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "daemon/catalogue/planning.h"

#define STEP_UM		50	/* set depths are rounded down to it */
#define DEEP_UM		2000	/* from here on the slowest rate only */

static uint32_t lower(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void note(struct planning_plan *p, const char *text, bool acknowledge)
{
	if (text && p->n_notes < PLANNING_NOTES_MAX)
		p->notes[p->n_notes++] = (struct planning_note){
			.text = text, .acknowledge = acknowledge };
}

/* --- how deep ----------------------------------------------------------------- */

static void plan_depth(const struct planning_request *r,
		       const struct catalogue_limits *l,
		       struct planning_plan *p)
{
	const struct catalogue_modifier *by;
	uint32_t patient_um = catalogue_patient_depth_um(r->area, r->concern,
							 &r->patient, &by);

	p->depth_max_um = l->depth_max_um;
	p->depth_max_from = l->depth_max_from;
	if (patient_um < p->depth_max_um) {
		p->depth_max_um = patient_um;
		p->depth_max_from = CATALOGUE_FROM_PATIENT;
		p->modifier = by;
	}
	if (r->needles.length_um && r->needles.length_um < p->depth_max_um) {
		p->depth_max_um = r->needles.length_um;
		p->depth_max_from = CATALOGUE_FROM_CARTRIDGE;
		p->modifier = NULL;
	}
	p->depth_max_um -= p->depth_max_um % STEP_UM;
	p->depth_soft_um = lower(l->depth_soft_um, p->depth_max_um);
	p->depth_start_um = lower(l->depth_default_um, p->depth_soft_um);
	p->depth_soft_um -= p->depth_soft_um % STEP_UM;
	p->depth_start_um -= p->depth_start_um % STEP_UM;
	p->rate_spm = p->depth_start_um >= DEEP_UM ? l->rate_min_spm :
						     l->rate_default_spm;
}

/* --- how much ------------------------------------------------------------------ */

static void plan_dose(const struct planning_request *r,
		      struct planning_plan *p)
{
	const struct planning_needles *n = &r->needles;

	p->pattern = catalogue_pattern_for(r->area);
	if (catalogue_budget(r->area, p->depth_start_um, n->width_um,
			     &p->density) && p->pattern)
		p->density.target = p->pattern->target_per_cm2;
	p->size_mm2 = r->area->size_mm2;
	p->size_measured = catalogue_area_measured_mm2(r->area) != 0;
	/* target per cm2 x cm2 / punctures per second, rounded up */
	if (p->size_mm2 && n->count && p->rate_spm) {
		uint64_t punctures = (uint64_t)p->density.target * p->size_mm2;
		uint64_t per_minute = (uint64_t)n->count * p->rate_spm * 100;

		p->target_s = (uint32_t)((punctures * 60 + per_minute - 1) /
					 per_minute);
	}
}

/* --- how often ----------------------------------------------------------------- */

static const struct catalogue_course *
course_for(const struct catalogue_concern *concern)
{
	const struct catalogue_course *c;
	size_t i;

	for (i = 0; (c = catalogue_course_at(i)); i++)
		if (!strcmp(c->concern, concern->id))
			return c;
	return NULL;
}

static void wait_longer(struct planning_wait *w, const char *kind,
			const char *id, uint32_t days)
{
	if (w->kind && days <= w->days)
		return;
	w->kind = kind;
	w->id = id;
	w->days = days;
}

/* The longest that anybody asks for, after a session as deep as @depth_um. */
static void waits(const struct planning_request *r,
		  const struct planning_plan *p, uint32_t depth_um,
		  struct planning_wait *least, struct planning_wait *usual)
{
	const struct catalogue_interval *row = catalogue_interval_for(depth_um);

	memset(least, 0, sizeof(*least));
	memset(usual, 0, sizeof(*usual));
	if (row) {
		wait_longer(least, "interval", row->id, row->min_days);
		wait_longer(usual, "interval", row->id,
			    row->recommended_days);
	}
	wait_longer(least, "concern", r->concern->id,
		    r->concern->interval_min_days);
	wait_longer(usual, "concern", r->concern->id,
		    r->concern->interval_recommended_days);
	if (p->course)
		wait_longer(usual, "course", p->course->id,
			    p->course->interval_days);
}

static int32_t day_after(const struct planning_request *r,
			 const struct planning_wait *wait)
{
	int64_t day = (int64_t)r->history.last_day + wait->days;

	if (day > INT32_MAX)
		return INT32_MAX;
	return day > r->today ? (int32_t)day : r->today;
}

static void plan_days(const struct planning_request *r,
		      struct planning_plan *p)
{
	struct planning_wait least;
	uint32_t last_um = r->history.deepest_um;

	waits(r, p, p->depth_start_um, &least, &p->recommended);
	p->interval_days = p->recommended.days;
	p->earliest_day = r->today;
	p->recommended_day = r->today;
	if (r->history.last_day == PLANNING_NO_DAY) {
		memset(&p->recommended, 0, sizeof(p->recommended));
		return;
	}
	/* A depth that nobody wrote down counts as the deepest there is. */
	waits(r, p, last_um ? last_um : CATALOGUE_DEPTH_MAX_UM, &p->earliest,
	      &p->recommended);
	if (r->history.last_day > r->today)
		note(p, "The last session lies in the future: check the clock first.",
		     true);
	p->earliest_day = day_after(r, &p->earliest);
	p->recommended_day = day_after(r, &p->recommended);
}

static void plan_course(const struct planning_request *r,
			struct planning_plan *p)
{
	uint32_t done = r->history.sessions;

	p->course = course_for(r->concern);
	p->sessions = p->course ? p->course->sessions :
				  r->concern->sessions_min;
	p->sessions_left = done < p->sessions ? p->sessions - done : 0;
	p->review = done >= PLANNING_REVIEW || done >= p->sessions;
}

/* --- what to know --------------------------------------------------------------- */

static void note_modifiers(const struct planning_request *r,
			   struct planning_plan *p)
{
	const struct catalogue_modifier *m;
	size_t i;

	if (!r->patient.skin_type)
		note(p, "Skin type not given: planned as for the most sensitive.",
		     false);
	if (!r->patient.age)
		note(p, "Age not given: planned as for the oldest.", false);
	if (r->patient.first_session == CATALOGUE_UNKNOWN)
		note(p, "Not said whether treated before: planned as a first session.",
		     false);
	for (i = 0; (m = catalogue_modifier_at(i)); i++)
		if (catalogue_modifier_applies(m, &r->patient))
			note(p, m->note, m->acknowledge);
}

static void plan_notes(const struct planning_request *r,
		       struct planning_plan *p)
{
	if (r->concern->off_label)
		note(p, "Off-label: authorised for this purpose nowhere that was checked.",
		     true);
	note(p, r->concern->note, false);
	note_modifiers(r, p);
	if (!p->size_mm2)
		note(p, "The size of this area is not known: the clinic has to measure it before punctures can be counted against a budget.",
		     false);
	else if (!p->size_measured)
		note(p, "The size of this area is assumed, not measured: times are rough.",
		     false);
	if (!r->needles.width_um)
		note(p, "Needle width not given: no limit of density can be worked out.",
		     false);
	if (p->review)
		note(p, "The course is complete: no further session before its result was reviewed.",
		     true);
}

int planning_plan(const struct planning_request *r, struct planning_plan *out)
{
	struct catalogue_limits limits;
	int ret;

	memset(out, 0, sizeof(*out));
	ret = catalogue_limits(r->area, r->concern, &limits);
	if (ret)
		return ret;
	plan_depth(r, &limits, out);
	if (!out->depth_start_um) {
		memset(out, 0, sizeof(*out));
		return -ERANGE;
	}
	plan_dose(r, out);
	plan_course(r, out);
	plan_days(r, out);
	plan_notes(r, out);
	return 0;
}
