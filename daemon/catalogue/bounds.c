// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What no file may loosen.
 *
 * The built-in set is the floor: a file may forbid more, ask more, wait longer
 * and go less deep, never the other way round. So whatever is lost with a file
 * that is refused was on the careful side, and whatever a file brings is.
 */
#include <string.h>

#include "daemon/catalogue/draft.h"
#include "daemon/catalogue/set.h"

static bool above(struct draft *d, enum catalogue_kind kind,
		  const struct draft_entry *e, const char *key, uint32_t value,
		  uint32_t most)
{
	if (value <= most)
		return true;
	return draft_fail_key(d, kind, e, key,
			      "%u is more than the built-in %u; a file can only be more careful",
			      value, most);
}

static bool below(struct draft *d, enum catalogue_kind kind,
		  const struct draft_entry *e, const char *key, uint32_t value,
		  uint32_t least)
{
	if (value >= least)
		return true;
	return draft_fail_key(d, kind, e, key,
			      "%u is less than the built-in %u; a file can only be more careful",
			      value, least);
}

/* What is "yes" as built in must stay so. */
static bool still(struct draft *d, enum catalogue_kind kind,
		  const struct draft_entry *e, const char *key, bool value,
		  bool was)
{
	if (value || !was)
		return true;
	return draft_fail_key(d, kind, e, key,
			      "built in as yes; a file can only be more careful");
}

/* --- areas and concerns ------------------------------------------------------ */

/* A site nobody looked at gets no more than the most delicate of the others. */
static uint32_t least_hard_um(void)
{
	const struct catalogue_area *a;
	uint32_t least = CATALOGUE_DEPTH_MAX_UM;
	size_t i;

	for (i = 0; (a = set_at(&builtin_catalogue, CATALOGUE_AREA, i)); i++)
		if (!catalogue_area_forbidden(a) && a->depth_hard_um < least)
			least = a->depth_hard_um;
	return least;
}

static bool bound_area(struct draft *d, const struct draft_entry *e,
		       const struct catalogue_area *was)
{
	const struct catalogue_area *a = e->data;
	const enum catalogue_kind kind = CATALOGUE_AREA;
	uint32_t hard = was ? was->depth_hard_um : least_hard_um();
	uint32_t most = was ? was->depth_abs_um : hard;
	uint32_t soft = was ? was->depth_soft_um : hard;

	return above(d, kind, e, "depth_absolute", a->depth_abs_um, most) &&
	       above(d, kind, e, "depth_hard", a->depth_hard_um, hard) &&
	       above(d, kind, e, "depth_soft", a->depth_soft_um, soft);
}

static bool listed(const char *const *ids, const char *id)
{
	for (; *ids; ids++)
		if (!strcmp(*ids, id))
			return true;
	return false;
}

static bool bound_concern(struct draft *d, const struct draft_entry *e,
			  const struct catalogue_concern *was)
{
	const struct catalogue_concern *c = e->data;
	const enum catalogue_kind kind = CATALOGUE_CONCERN;
	const char *const *id;

	if (!was)
		return true;
	for (id = c->areas; *id; id++)
		if (set_find(&builtin_catalogue, CATALOGUE_AREA, *id) &&
		    !listed(was->areas, *id))
			return draft_fail_key(d, kind, e, "areas",
					      "'%s' is not built in for it; a file can only be more careful",
					      *id);
	return above(d, kind, e, "depth_cap", c->depth_cap_um,
		     was->depth_cap_um) &&
	       above(d, kind, e, "sessions_max", c->sessions_max,
		     was->sessions_max) &&
	       below(d, kind, e, "interval_min", c->interval_min_days,
		     was->interval_min_days) &&
	       still(d, kind, e, "off_label", c->off_label, was->off_label) &&
	       still(d, kind, e, "pigment", c->pigment, was->pigment);
}

/* --- questions, steps, modifiers, stops --------------------------------------- */

static bool bound_screening(struct draft *d, const struct draft_entry *e,
			    const struct catalogue_screening *was)
{
	const struct catalogue_screening *q = e->data;

	if (!was)
		return true;
	if (q->verdict > was->verdict)
		return draft_fail_key(d, CATALOGUE_SCREENING, e, "verdict",
				      "'%s' is built in; a file can only be more careful",
				      catalogue_verdict_name(was->verdict));
	return below(d, CATALOGUE_SCREENING, e, "look_back", q->days,
		     was->days);
}

static bool bound_modifier(struct draft *d, const struct draft_entry *e,
			   const struct catalogue_modifier *was)
{
	const struct catalogue_modifier *m = e->data;
	const enum catalogue_kind kind = CATALOGUE_MODIFIER;

	if (!was)
		return true;
	if (m->condition != was->condition)
		return draft_fail_key(d, kind, e, "condition",
				      "'%s' is built in and cannot be changed",
				      catalogue_condition_name(was->condition));
	if (was->pigment_cap_um && !m->pigment_cap_um)
		return draft_fail_key(d, kind, e, "pigment_cap",
				      "is built in and cannot be left out");
	return above(d, kind, e, "from", m->from, was->from) &&
	       below(d, kind, e, "until", m->until, was->until) &&
	       still(d, kind, e, "soft_cap", m->soft_cap, was->soft_cap) &&
	       below(d, kind, e, "depth_less", m->depth_less_um,
		     was->depth_less_um) &&
	       (!was->pigment_cap_um ||
		above(d, kind, e, "pigment_cap", m->pigment_cap_um,
		      was->pigment_cap_um)) &&
	       still(d, kind, e, "acknowledge", m->acknowledge,
		     was->acknowledge);
}

static bool bound_stop(struct draft *d, const struct draft_entry *e,
		       const struct catalogue_stop *was)
{
	const struct catalogue_stop *s = e->data;

	if (!was)
		return true;
	if (s->alarm < was->alarm)
		return draft_fail_key(d, CATALOGUE_STOP, e, "alarm",
				      "'%s' is built in; a file can only be more careful",
				      catalogue_alarm_name(was->alarm));
	return still(d, CATALOGUE_STOP, e, "resume", !s->resume, !was->resume);
}

static bool bound_entry(struct draft *d, enum catalogue_kind kind,
			const struct draft_entry *e, const void *was)
{
	const struct catalogue_preparation *step = e->data, *step_was = was;

	switch (kind) {
	case CATALOGUE_AREA:
		return bound_area(d, e, was);
	case CATALOGUE_CONCERN:
		return bound_concern(d, e, was);
	case CATALOGUE_SCREENING:
		return bound_screening(d, e, was);
	case CATALOGUE_PREPARATION:
		return !was || still(d, kind, e, "required", step->required,
				     step_was->required);
	case CATALOGUE_MODIFIER:
		return bound_modifier(d, e, was);
	case CATALOGUE_STOP:
		return bound_stop(d, e, was);
	case CATALOGUE_SOURCE:
	case CATALOGUE_INTERVAL:
	case CATALOGUE_DENSITY:
	case CATALOGUE_PATTERN:
	case CATALOGUE_COURSE:
	case CATALOGUE_AFTERCARE:
	case CATALOGUE_KINDS:
		break;
	}
	return true;
}

/* --- tables by depth ----------------------------------------------------------- */

/*
 * Rows may be called and cut otherwise than the built-in ones. Between two
 * bounds of either table nothing changes, so the bounds are all there is to
 * compare. Both tables are in order and reach the deepest setting.
 */
static bool bound_interval(struct draft *d, const struct draft_entry *e,
			   const struct catalogue_interval *was)
{
	const struct catalogue_interval *r = e->data;

	return below(d, CATALOGUE_INTERVAL, e, "min", r->min_days,
		     was->min_days);
}

static bool bound_density(struct draft *d, const struct draft_entry *e,
			  const struct catalogue_density *was)
{
	const struct catalogue_density *r = e->data;
	const enum catalogue_kind kind = CATALOGUE_DENSITY;

	return above(d, kind, e, "absolute", r->abs_permille,
		     was->abs_permille) &&
	       above(d, kind, e, "hard", r->hard_permille,
		     was->hard_permille) &&
	       above(d, kind, e, "soft", r->soft_permille,
		     was->soft_permille) &&
	       above(d, kind, e, "most", r->abs_per_cm2, was->abs_per_cm2);
}

static const struct draft_entry *row_at(struct draft *d,
					enum catalogue_kind kind,
					uint32_t depth_um)
{
	const struct draft_kind *k = &d->kind[kind];
	size_t i;

	for (i = 0; i < k->count; i++)
		if (depth_um <= draft_row_depth_um(kind, k->entry[i].data))
			return &k->entry[i];
	return NULL;
}

static const void *built_in_row_at(enum catalogue_kind kind, uint32_t depth_um)
{
	const void *row;
	size_t i;

	for (i = 0; (row = set_at(&builtin_catalogue, kind, i)); i++)
		if (depth_um <= draft_row_depth_um(kind, row))
			return row;
	return NULL;
}

static bool bound_row(struct draft *d, enum catalogue_kind kind,
		      uint32_t depth_um)
{
	const struct draft_entry *e = row_at(d, kind, depth_um);
	const void *was = built_in_row_at(kind, depth_um);

	/* A table without that row is refused for it elsewhere. */
	if (!e || !was)
		return true;
	return kind == CATALOGUE_INTERVAL ? bound_interval(d, e, was) :
					    bound_density(d, e, was);
}

static bool bound_rows(struct draft *d, enum catalogue_kind kind)
{
	const struct draft_kind *k = &d->kind[kind];
	const void *row;
	size_t i;

	for (i = 0; (row = set_at(&builtin_catalogue, kind, i)); i++)
		if (!bound_row(d, kind, draft_row_depth_um(kind, row)))
			return false;
	for (i = 0; i < k->count; i++)
		if (!bound_row(d, kind,
			       draft_row_depth_um(kind, k->entry[i].data)))
			return false;
	return true;
}

bool bounds_check(struct draft *d)
{
	size_t k, i;

	for (k = 0; k < CATALOGUE_KINDS; k++)
		for (i = 0; i < d->kind[k].count; i++) {
			const struct draft_entry *e = &d->kind[k].entry[i];

			if (!bound_entry(d, k, e, set_find(&builtin_catalogue,
							   k, draft_id(e))))
				return false;
		}
	return bound_rows(d, CATALOGUE_INTERVAL) &&
	       bound_rows(d, CATALOGUE_DENSITY);
}
