// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "daemon/catalogue/schema.h"
#include "daemon/catalogue/set.h"

const struct catalogue builtin_catalogue = {
	.table = {
		[CATALOGUE_SOURCE] = &builtin_sources,
		[CATALOGUE_AREA] = &builtin_areas,
		[CATALOGUE_CONCERN] = &builtin_concerns,
		[CATALOGUE_SCREENING] = &builtin_screening,
		[CATALOGUE_PREPARATION] = &builtin_preparation,
		[CATALOGUE_MODIFIER] = &builtin_modifiers,
		[CATALOGUE_INTERVAL] = &builtin_intervals,
		[CATALOGUE_DENSITY] = &builtin_densities,
		[CATALOGUE_PATTERN] = &builtin_patterns,
		[CATALOGUE_STOP] = &builtin_stops,
		[CATALOGUE_COURSE] = &builtin_courses,
		[CATALOGUE_AFTERCARE] = &builtin_aftercare,
	},
};

const void *set_at(const struct catalogue *set, enum catalogue_kind kind,
		   size_t i)
{
	const struct catalogue_table *t = set->table[kind];

	if (i >= t->count)
		return NULL;
	return (const char *)t->entries + i * catalogue_schema[kind].size;
}

const void *set_find(const struct catalogue *set, enum catalogue_kind kind,
		     const char *id)
{
	const void *entry;
	size_t i;

	for (i = 0; id && (entry = set_at(set, kind, i)); i++)
		if (!strcmp(*(const char *const *)entry, id))
			return entry;
	return NULL;
}
