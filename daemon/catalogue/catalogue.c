// SPDX-License-Identifier: GPL-2.0-or-later
/* Lookups over the set in force, and what it allows. */
#include <errno.h>
#include <string.h>

#include "daemon/catalogue/set.h"

/* Deepest setting any such pen was evaluated at (D4); holds for every area. */
#define LABEL_DEPTH_UM		1500

/* 50 to 150 Hz, start at 100 Hz (D10): what cleared pens of this kind use. */
#define RATE_MIN_SPM		3000
#define RATE_MAX_SPM		9000
#define RATE_DEFAULT_SPM	6000

/* Upper end of the sessions described (30 to 60 minutes). */
#define SESSION_MAX_MS		(60u * 60u * 1000u)

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Never, whatever a file, the concern, the pen or the operator's role says. */
static const char *const forbidden[] = {
	"eyelid", "lips", "nostril", "ear-canal", "mole", "tattoo",
	"active-lesion",
};

static const struct catalogue *in_force = &builtin_catalogue;

void catalogue_use(const struct catalogue *set)
{
	in_force = set ? set : &builtin_catalogue;
}

const struct catalogue_area *catalogue_area(const char *id)
{
	return set_find(in_force, CATALOGUE_AREA, id);
}

const struct catalogue_concern *catalogue_concern(const char *id)
{
	return set_find(in_force, CATALOGUE_CONCERN, id);
}

const struct catalogue_source *catalogue_source(const char *code)
{
	return set_find(in_force, CATALOGUE_SOURCE, code);
}

const struct catalogue_area *catalogue_area_at(size_t i)
{
	return set_at(in_force, CATALOGUE_AREA, i);
}

const struct catalogue_concern *catalogue_concern_at(size_t i)
{
	return set_at(in_force, CATALOGUE_CONCERN, i);
}

const struct catalogue_source *catalogue_source_at(size_t i)
{
	return set_at(in_force, CATALOGUE_SOURCE, i);
}

const struct catalogue_screening *catalogue_screening_at(size_t i)
{
	return set_at(in_force, CATALOGUE_SCREENING, i);
}

const struct catalogue_preparation *catalogue_preparation_at(size_t i)
{
	return set_at(in_force, CATALOGUE_PREPARATION, i);
}

const struct catalogue_modifier *catalogue_modifier_at(size_t i)
{
	return set_at(in_force, CATALOGUE_MODIFIER, i);
}

const struct catalogue_interval *catalogue_interval_at(size_t i)
{
	return set_at(in_force, CATALOGUE_INTERVAL, i);
}

const struct catalogue_density *catalogue_density_at(size_t i)
{
	return set_at(in_force, CATALOGUE_DENSITY, i);
}

const struct catalogue_pattern *catalogue_pattern_at(size_t i)
{
	return set_at(in_force, CATALOGUE_PATTERN, i);
}

const struct catalogue_stop *catalogue_stop_at(size_t i)
{
	return set_at(in_force, CATALOGUE_STOP, i);
}

const struct catalogue_course *catalogue_course_at(size_t i)
{
	return set_at(in_force, CATALOGUE_COURSE, i);
}

const struct catalogue_aftercare *catalogue_aftercare_at(size_t i)
{
	return set_at(in_force, CATALOGUE_AFTERCARE, i);
}

size_t catalogue_area_count(void)
{
	return in_force->table[CATALOGUE_AREA]->count;
}

size_t catalogue_concern_count(void)
{
	return in_force->table[CATALOGUE_CONCERN]->count;
}

size_t catalogue_source_count(void)
{
	return in_force->table[CATALOGUE_SOURCE]->count;
}

size_t catalogue_screening_count(void)
{
	return in_force->table[CATALOGUE_SCREENING]->count;
}

size_t catalogue_preparation_count(void)
{
	return in_force->table[CATALOGUE_PREPARATION]->count;
}

const char *catalogue_forbidden_at(size_t i)
{
	return i < sizeof(forbidden) / sizeof(forbidden[0]) ? forbidden[i] :
							      NULL;
}

bool catalogue_area_forbidden(const struct catalogue_area *area)
{
	const char *id;
	size_t i;

	for (i = 0; (id = catalogue_forbidden_at(i)); i++)
		if (!strcmp(id, area->id))
			return true;
	return area->depth_abs_um == 0;
}

bool catalogue_allows(const struct catalogue_area *area,
		      const struct catalogue_concern *concern)
{
	const char *const *id;

	if (!area || !concern || catalogue_area_forbidden(area))
		return false;
	for (id = concern->areas; *id; id++)
		if (!strcmp(*id, area->id))
			return true;
	return false;
}

uint32_t catalogue_area_measured_mm2(const struct catalogue_area *area)
{
	return area && area->measured_by ? area->size_mm2 : 0;
}

static void lowest_depth(struct catalogue_limits *l)
{
	l->depth_max_um = l->depth_area_um;
	l->depth_max_from = CATALOGUE_FROM_AREA;
	if (l->depth_concern_um < l->depth_max_um) {
		l->depth_max_um = l->depth_concern_um;
		l->depth_max_from = CATALOGUE_FROM_CONCERN;
	}
	if (l->depth_label_um < l->depth_max_um) {
		l->depth_max_um = l->depth_label_um;
		l->depth_max_from = CATALOGUE_FROM_LABEL;
	}
}

int catalogue_limits(const struct catalogue_area *area,
		     const struct catalogue_concern *concern,
		     struct catalogue_limits *out)
{
	if (!out)
		return -EINVAL;
	memset(out, 0, sizeof(*out));
	if (!area || !concern)
		return -EINVAL;
	if (!catalogue_allows(area, concern))
		return -EPERM;

	out->depth_area_um = min_u32(area->depth_hard_um,
				     CATALOGUE_DEPTH_MAX_UM);
	out->depth_concern_um = min_u32(concern->depth_cap_um,
					CATALOGUE_DEPTH_MAX_UM);
	out->depth_label_um = LABEL_DEPTH_UM;
	lowest_depth(out);
	out->depth_soft_um = min_u32(area->depth_soft_um, out->depth_max_um);
	out->depth_default_um = min_u32(concern->depth_default_um,
					out->depth_soft_um);
	out->rate_min_spm = RATE_MIN_SPM;
	out->rate_max_spm = RATE_MAX_SPM;
	out->rate_default_spm = RATE_DEFAULT_SPM;
	out->session_max_ms = SESSION_MAX_MS;
	return 0;
}
