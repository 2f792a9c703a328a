// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What no single line shows: that nothing is missing, that references lead
 * somewhere and that figures agree.
 */
#include <errno.h>
#include <string.h>

#include "daemon/catalogue/draft.h"
#include "daemon/catalogue/set.h"

/* --- keys and references ----------------------------------------------------- */

static bool check_keys(struct draft *d, enum catalogue_kind kind,
		       const struct draft_entry *e)
{
	const struct schema *s = &catalogue_schema[kind];
	size_t i;

	for (i = 0; i < s->count; i++)
		if (!s->fields[i].optional && !e->at[i].line)
			return draft_fail_key(d, kind, e, s->fields[i].key,
					      "is missing");
	return true;
}

static bool check_ref(struct draft *d, enum catalogue_kind kind,
		      const struct draft_entry *e,
		      const struct schema_field *f, const char *id)
{
	const struct draft_entry *to = draft_find(d, f->to, id);

	if (!to)
		return draft_fail_key(d, kind, e, f->key, "there is no %s '%s'",
				      catalogue_schema[f->to].name, id);
	if (f->to == CATALOGUE_AREA && catalogue_area_forbidden(to->data))
		return draft_fail_key(d, kind, e, f->key,
				      "'%s' is a forbidden site", id);
	return true;
}

static bool check_sources(struct draft *d, enum catalogue_kind kind,
			  const struct draft_entry *e,
			  const struct schema_field *f, const char *codes)
{
	char code[32];
	size_t len;

	for (; *codes; codes += len + (codes[len] == ' ')) {
		len = strcspn(codes, " ");
		if (len >= sizeof(code))
			return draft_fail_key(d, kind, e, f->key,
					      "there is no source '%s'", codes);
		memcpy(code, codes, len);
		code[len] = '\0';
		if (!check_ref(d, kind, e, f, code))
			return false;
	}
	return true;
}

static bool check_refs(struct draft *d, enum catalogue_kind kind,
		       const struct draft_entry *e)
{
	const struct schema *s = &catalogue_schema[kind];
	const char *const *id;
	size_t i;

	for (i = 0; i < s->count; i++) {
		const struct schema_field *f = &s->fields[i];
		const void *field = (const char *)e->data + f->offset;

		switch (f->type) {
		case SCHEMA_REF:
			if (!check_ref(d, kind, e, f,
				       *(const char *const *)field))
				return false;
			break;
		case SCHEMA_REFS:
			id = *(const char *const *const *)field;
			for (; *id; id++)
				if (!check_ref(d, kind, e, f, *id))
					return false;
			break;
		case SCHEMA_SOURCES:
			if (!check_sources(d, kind, e, f,
					   *(const char *const *)field))
				return false;
			break;
		case SCHEMA_TEXT:
		case SCHEMA_NUMBER:
		case SCHEMA_FLAG:
		case SCHEMA_CHOICE:
			break;
		}
	}
	return true;
}

/* Not in the first layer, which is ours, but by whoever changed it last. */
static bool given_here(enum catalogue_kind kind, const struct draft_entry *e,
		       const char *key)
{
	const struct schema *s = &catalogue_schema[kind];
	size_t i;

	for (i = 0; i < s->count; i++)
		if (!strcmp(s->fields[i].key, key))
			return e->layer > 1 && e->seen & 1u << i;
	return false;
}

/* --- figures of one entry ---------------------------------------------------- */

static bool check_area(struct draft *d, const struct draft_entry *e)
{
	const struct catalogue_area *a = e->data;
	const enum catalogue_kind kind = CATALOGUE_AREA;

	if (a->depth_soft_um > a->depth_hard_um)
		return draft_fail_key(d, kind, e, "depth_soft",
				      "is above depth_hard");
	if (a->depth_hard_um > a->depth_abs_um)
		return draft_fail_key(d, kind, e, "depth_hard",
				      "is above depth_absolute");
	if (a->depth_default_um > a->depth_soft_um)
		return draft_fail_key(d, kind, e, "depth_default",
				      "is above depth_soft");
	if (catalogue_area_forbidden(a) && a->depth_abs_um)
		return draft_fail_key(d, kind, e, "depth_absolute",
				      "this site is forbidden, no file can allow it");
	/* A budget of punctures is only as good as the size behind it. */
	if (a->measured_by && !a->size_mm2)
		return draft_fail_key(d, kind, e, "measured_by",
				      "there is no size");
	if (given_here(kind, e, "size") && !a->measured_by)
		return draft_fail_key(d, kind, e, "size",
				      "say who measured it: measured_by is missing");
	if (!a->depth_default_um && a->depth_abs_um)
		return draft_fail_key(d, kind, e, "depth_default",
				      "0 means forbidden, then all four are 0");
	return true;
}

static bool check_concern(struct draft *d, const struct draft_entry *e)
{
	const struct catalogue_concern *c = e->data;
	const enum catalogue_kind kind = CATALOGUE_CONCERN;

	if (!c->depth_default_um)
		return draft_fail_key(d, kind, e, "depth_default", "is 0");
	if (c->depth_default_um > c->depth_cap_um)
		return draft_fail_key(d, kind, e, "depth_default",
				      "is above depth_cap");
	if (c->sessions_min > c->sessions_max)
		return draft_fail_key(d, kind, e, "sessions_min",
				      "is above sessions_max");
	if (c->interval_min_days > c->interval_recommended_days)
		return draft_fail_key(d, kind, e, "interval_min",
				      "is above interval_recommended");
	return true;
}

static bool check_modifier(struct draft *d, const struct draft_entry *e)
{
	const struct catalogue_modifier *m = e->data;
	const enum catalogue_kind kind = CATALOGUE_MODIFIER;
	bool range = m->condition == CATALOGUE_SKIN_TYPE ||
		     m->condition == CATALOGUE_AGE;

	if (range != (m->from != 0) || range != (m->until != 0))
		return draft_fail_key(d, kind, e, "condition",
				      range ? "needs from and until" :
					      "has no from and until");
	if (m->from > m->until)
		return draft_fail_key(d, kind, e, "from", "is above until");
	if (m->condition == CATALOGUE_SKIN_TYPE && m->until > 6)
		return draft_fail_key(d, kind, e, "until",
				      "there are six skin types");
	if (!m->soft_cap && !m->depth_less_um && !m->pigment_cap_um &&
	    !m->acknowledge)
		return draft_fail_key(d, kind, e, "soft_cap",
				      "the entry changes nothing");
	return true;
}

static bool check_course(struct draft *d, const struct draft_entry *e)
{
	const struct catalogue_course *p = e->data;
	const enum catalogue_kind kind = CATALOGUE_COURSE;
	const struct catalogue_concern *c =
		draft_find(d, CATALOGUE_CONCERN, p->concern)->data;

	if (p->sessions < c->sessions_min || p->sessions > c->sessions_max)
		return draft_fail_key(d, kind, e, "sessions",
				      "the concern allows %u to %u",
				      c->sessions_min, c->sessions_max);
	if (p->interval_days < c->interval_min_days)
		return draft_fail_key(d, kind, e, "interval",
				      "is below the concern's interval_min");
	if (p->visit_min_minutes > p->visit_max_minutes)
		return draft_fail_key(d, kind, e, "visit_min",
				      "is above visit_max");
	return true;
}

static bool check_aftercare(struct draft *d, const struct draft_entry *e)
{
	const struct catalogue_aftercare *a = e->data;
	const enum catalogue_kind kind = CATALOGUE_AFTERCARE;

	if (a->from_hours >= a->until_hours)
		return draft_fail_key(d, kind, e, "from", "is not before until");
	if (a->depth_up_to_um && a->depth_over_um >= a->depth_up_to_um)
		return draft_fail_key(d, kind, e, "depth_over",
				      "is not below depth_up_to");
	return true;
}

static bool check_interval(struct draft *d, const struct draft_entry *e)
{
	const struct catalogue_interval *r = e->data;

	if (r->min_days > r->recommended_days)
		return draft_fail_key(d, CATALOGUE_INTERVAL, e, "min",
				      "is above recommended");
	return true;
}

static bool check_density(struct draft *d, const struct draft_entry *e)
{
	const struct catalogue_density *r = e->data;
	const enum catalogue_kind kind = CATALOGUE_DENSITY;

	if (r->target_permille > r->soft_permille)
		return draft_fail_key(d, kind, e, "target", "is above soft");
	if (r->soft_permille > r->hard_permille)
		return draft_fail_key(d, kind, e, "soft", "is above hard");
	if (r->hard_permille > r->abs_permille)
		return draft_fail_key(d, kind, e, "hard", "is above absolute");
	return true;
}

static bool check_figures(struct draft *d, enum catalogue_kind kind,
			  const struct draft_entry *e)
{
	switch (kind) {
	case CATALOGUE_AREA:
		return check_area(d, e);
	case CATALOGUE_CONCERN:
		return check_concern(d, e);
	case CATALOGUE_MODIFIER:
		return check_modifier(d, e);
	case CATALOGUE_INTERVAL:
		return check_interval(d, e);
	case CATALOGUE_DENSITY:
		return check_density(d, e);
	case CATALOGUE_COURSE:
		return check_course(d, e);
	case CATALOGUE_AFTERCARE:
		return check_aftercare(d, e);
	case CATALOGUE_SOURCE:
	case CATALOGUE_SCREENING:
	case CATALOGUE_PREPARATION:
	case CATALOGUE_PATTERN:
	case CATALOGUE_STOP:
	case CATALOGUE_KINDS:
		break;
	}
	return true;
}

/* --- tables as a whole ------------------------------------------------------- */

/* Each row goes deeper than the one before, and the deepest setting has one. */
static bool check_depth_rows(struct draft *d, enum catalogue_kind kind)
{
	const struct draft_kind *k = &d->kind[kind];
	uint32_t depth_um, before_um = 0;
	size_t i;

	for (i = 0; i < k->count; i++, before_um = depth_um) {
		depth_um = draft_row_depth_um(kind, k->entry[i].data);
		if (depth_um <= before_um)
			return draft_fail_key(d, kind, &k->entry[i],
					      "depth_up_to",
					      "is not above the row before");
	}
	if (k->count && before_um != CATALOGUE_DEPTH_MAX_UM)
		return draft_fail_key(d, kind, &k->entry[k->count - 1],
				      "depth_up_to",
				      "the last row must reach %d um",
				      CATALOGUE_DEPTH_MAX_UM);
	return true;
}

/* Deeper never means sooner. */
static bool check_interval_rows(struct draft *d)
{
	const struct draft_kind *k = &d->kind[CATALOGUE_INTERVAL];
	const struct catalogue_interval *r, *before = NULL;
	size_t i;

	if (!check_depth_rows(d, CATALOGUE_INTERVAL))
		return false;
	for (i = 0; i < k->count; i++, before = r) {
		r = k->entry[i].data;
		if (before && r->min_days < before->min_days)
			return draft_fail_key(d, CATALOGUE_INTERVAL,
					      &k->entry[i], "min",
					      "is below the row before");
	}
	return true;
}

static bool has_area(const struct catalogue_pattern *p, const char *area)
{
	const char *const *id;

	for (id = p->areas; *id; id++)
		if (!strcmp(*id, area))
			return true;
	return false;
}

static bool check_pattern_areas(struct draft *d)
{
	const struct draft_kind *k = &d->kind[CATALOGUE_PATTERN];
	const struct catalogue_pattern *p;
	const char *const *id;
	size_t i, j;

	for (i = 0; i < k->count; i++) {
		p = k->entry[i].data;
		for (id = p->areas; *id; id++)
			for (j = 0; j < i; j++)
				if (has_area(k->entry[j].data, *id))
					return draft_fail_key(d,
						CATALOGUE_PATTERN, &k->entry[i],
						"areas",
						"'%s' is in another pattern",
						*id);
	}
	return true;
}

/*
 * A file that was forgotten must not loosen anything: these have to be there,
 * with whatever figures.
 */
static bool must_be_there(enum catalogue_kind kind, const void *entry)
{
	const struct catalogue_screening *q = entry;
	const struct catalogue_preparation *p = entry;

	switch (kind) {
	case CATALOGUE_AREA:
		return catalogue_area_forbidden(entry);
	case CATALOGUE_SCREENING:
		return q->verdict != CATALOGUE_WARN;
	case CATALOGUE_PREPARATION:
		return p->required;
	case CATALOGUE_MODIFIER:
	case CATALOGUE_STOP:
		return true;
	case CATALOGUE_SOURCE:
	case CATALOGUE_CONCERN:
	case CATALOGUE_INTERVAL:
	case CATALOGUE_DENSITY:
	case CATALOGUE_PATTERN:
	case CATALOGUE_COURSE:
	case CATALOGUE_AFTERCARE:
	case CATALOGUE_KINDS:
		break;
	}
	return false;
}

static bool check_missing(struct draft *d, enum catalogue_kind kind,
			  const char *where)
{
	struct place at = { .file = where };
	const void *entry;
	size_t i;

	if (!d->kind[kind].count)
		return draft_fail(d, -EINVAL, at, "no entry of kind [%s ...]",
				  catalogue_schema[kind].name);
	for (i = 0; (entry = set_at(&builtin_catalogue, kind, i)); i++) {
		const char *id = *(const char *const *)entry;

		if (must_be_there(kind, entry) && !draft_find(d, kind, id))
			return draft_fail(d, -EINVAL, at, "[%s %s] is missing",
					  catalogue_schema[kind].name, id);
	}
	return true;
}

typedef bool check_one(struct draft *d, enum catalogue_kind kind,
		       const struct draft_entry *e);

static bool check_each(struct draft *d, check_one *check)
{
	size_t k, i;

	for (k = 0; k < CATALOGUE_KINDS; k++)
		for (i = 0; i < d->kind[k].count; i++)
			if (!check(d, k, &d->kind[k].entry[i]))
				return false;
	return true;
}

/* In this order, so that no check meets what an earlier one would refuse. */
bool check_draft(struct draft *d, const char *where)
{
	size_t k;

	if (!check_each(d, check_keys) || !check_each(d, check_refs) ||
	    !check_each(d, check_figures) || !check_interval_rows(d) ||
	    !check_depth_rows(d, CATALOGUE_DENSITY) || !check_pattern_areas(d) ||
	    !bounds_check(d))
		return false;
	for (k = 0; k < CATALOGUE_KINDS; k++)
		if (!check_missing(d, k, where))
			return false;
	return true;
}
