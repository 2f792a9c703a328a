// SPDX-License-Identifier: GPL-2.0-or-later
/* From thousandths of a surface to punctures per cm2, without fractions. */
#include <errno.h>
#include <string.h>

#include "daemon/catalogue/catalogue.h"

#define NEEDLE_MAX_UM	1000

/* pi / 4, in millionths: what a round needle covers of its square. */
#define ROUND_MILLIONTHS	785398ull

static const struct catalogue_density *row_for(uint32_t depth_um)
{
	const struct catalogue_density *row;
	size_t i;

	for (i = 0; (row = catalogue_density_at(i)); i++)
		if (depth_um <= row->depth_up_to_um)
			return row;
	return NULL;
}

/* 1 cm2 is 1e8 um2. Rounded down; at most 2000 permille, so it fits. */
static uint32_t per_cm2(uint32_t permille, uint32_t needle_um)
{
	return (uint32_t)(permille * 100000000000ull /
			  (ROUND_MILLIONTHS * needle_um * needle_um));
}

static uint32_t lower(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

const struct catalogue_interval *catalogue_interval_for(uint32_t depth_um)
{
	const struct catalogue_interval *row;
	size_t i;

	for (i = 0; (row = catalogue_interval_at(i)); i++)
		if (depth_um <= row->depth_up_to_um)
			return row;
	return NULL;
}

const struct catalogue_pattern *
catalogue_pattern_for(const struct catalogue_area *area)
{
	const struct catalogue_pattern *p;
	const char *const *id;
	size_t i;

	for (i = 0; area && (p = catalogue_pattern_at(i)); i++)
		for (id = p->areas; *id; id++)
			if (!strcmp(*id, area->id))
				return p;
	return NULL;
}

int catalogue_budget(const struct catalogue_area *area, uint32_t depth_um,
		     uint32_t needle_um, struct catalogue_budget *out)
{
	const struct catalogue_pattern *pattern = catalogue_pattern_for(area);
	const struct catalogue_density *row = row_for(depth_um);

	memset(out, 0, sizeof(*out));
	if (!area || !row || !needle_um || needle_um > NEEDLE_MAX_UM)
		return -EINVAL;
	out->abs = lower(per_cm2(row->abs_permille, needle_um),
			 row->abs_per_cm2);
	out->hard = lower(per_cm2(row->hard_permille, needle_um), out->abs);
	out->soft = lower(per_cm2(row->soft_permille, needle_um), out->hard);
	/* Whichever is larger, but never beyond what has to be confirmed. */
	out->target = per_cm2(row->target_permille, needle_um);
	if (pattern && pattern->target_per_cm2 > out->target)
		out->target = pattern->target_per_cm2;
	out->target = lower(out->target, out->soft);
	return 0;
}
