// SPDX-License-Identifier: GPL-2.0-or-later
/* Lookups over the built-in tables. */
#include <errno.h>
#include <string.h>

#include "daemon/catalogue/builtin.h"

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

const struct catalogue_area *catalogue_area(const char *id)
{
	size_t i;

	for (i = 0; id && i < builtin_area_count; i++)
		if (!strcmp(builtin_areas[i].id, id))
			return &builtin_areas[i];
	return NULL;
}

const struct catalogue_concern *catalogue_concern(const char *id)
{
	size_t i;

	for (i = 0; id && i < builtin_concern_count; i++)
		if (!strcmp(builtin_concerns[i].id, id))
			return &builtin_concerns[i];
	return NULL;
}

const struct catalogue_source *catalogue_source(const char *code)
{
	size_t i;

	for (i = 0; code && i < builtin_source_count; i++)
		if (!strcmp(builtin_sources[i].code, code))
			return &builtin_sources[i];
	return NULL;
}

const struct catalogue_area *catalogue_area_at(size_t i)
{
	return i < builtin_area_count ? &builtin_areas[i] : NULL;
}

const struct catalogue_concern *catalogue_concern_at(size_t i)
{
	return i < builtin_concern_count ? &builtin_concerns[i] : NULL;
}

const struct catalogue_source *catalogue_source_at(size_t i)
{
	return i < builtin_source_count ? &builtin_sources[i] : NULL;
}

const struct catalogue_screening *catalogue_screening_at(size_t i)
{
	return i < builtin_screening_count ? &builtin_screening[i] : NULL;
}

const struct catalogue_preparation *catalogue_preparation_at(size_t i)
{
	return i < builtin_preparation_count ? &builtin_preparation[i] : NULL;
}

size_t catalogue_area_count(void)
{
	return builtin_area_count;
}

size_t catalogue_concern_count(void)
{
	return builtin_concern_count;
}

size_t catalogue_source_count(void)
{
	return builtin_source_count;
}

size_t catalogue_screening_count(void)
{
	return builtin_screening_count;
}

size_t catalogue_preparation_count(void)
{
	return builtin_preparation_count;
}

bool catalogue_area_forbidden(const struct catalogue_area *area)
{
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

	out->depth_area_um = area->depth_hard_um;
	out->depth_concern_um = concern->depth_cap_um;
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

const char *catalogue_confidence_name(enum catalogue_confidence confidence)
{
	switch (confidence) {
	case CATALOGUE_HIGH:
		return "high";
	case CATALOGUE_MEDIUM:
		return "medium";
	case CATALOGUE_LOW:
		return "low";
	case CATALOGUE_ENGINEERING:
		return "engineering";
	case CATALOGUE_CONFIDENCES:
		break;
	}
	return "unknown";
}

const char *catalogue_verdict_name(enum catalogue_verdict verdict)
{
	switch (verdict) {
	case CATALOGUE_BLOCK:
		return "block";
	case CATALOGUE_OVERRIDE:
		return "override";
	case CATALOGUE_WARN:
		return "warn";
	case CATALOGUE_VERDICTS:
		break;
	}
	return "unknown";
}

const char *catalogue_origin_name(enum catalogue_origin origin)
{
	switch (origin) {
	case CATALOGUE_FROM_LABEL:
		return "label";
	case CATALOGUE_FROM_AREA:
		return "area";
	case CATALOGUE_FROM_CONCERN:
		return "concern";
	case CATALOGUE_FROM_PROJECT:
		return "project";
	case CATALOGUE_ORIGINS:
		break;
	}
	return "unknown";
}
