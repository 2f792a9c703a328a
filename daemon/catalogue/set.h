/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set: one table for each kind of entry. For the catalogue's own files;
 * others go through catalogue.h and load.h.
 */
#ifndef MNPEN_CATALOGUE_SET_H
#define MNPEN_CATALOGUE_SET_H

#include "daemon/catalogue/catalogue.h"

/* @entries: an array of the struct that belongs to the kind. */
struct catalogue_table {
	const void *entries;
	size_t count;
};

struct catalogue {
	const struct catalogue_table *table[CATALOGUE_KINDS];
};

extern const struct catalogue builtin_catalogue;

extern const struct catalogue_table builtin_sources;
extern const struct catalogue_table builtin_areas;
extern const struct catalogue_table builtin_concerns;
extern const struct catalogue_table builtin_screening;
extern const struct catalogue_table builtin_preparation;
extern const struct catalogue_table builtin_modifiers;
extern const struct catalogue_table builtin_intervals;
extern const struct catalogue_table builtin_densities;
extern const struct catalogue_table builtin_patterns;
extern const struct catalogue_table builtin_stops;
extern const struct catalogue_table builtin_courses;
extern const struct catalogue_table builtin_aftercare;

/* Entry @i of a kind, NULL from the count on; and by id, NULL if none. */
const void *set_at(const struct catalogue *set, enum catalogue_kind kind,
		   size_t i);
const void *set_find(const struct catalogue *set, enum catalogue_kind kind,
		     const char *id);

#define BUILTIN_TABLE(array) \
	{ .entries = (array), .count = sizeof(array) / sizeof((array)[0]) }
#define BUILTIN_BASIS(src, conf) { .sources = (src), .confidence = (conf) }

#endif /* MNPEN_CATALOGUE_SET_H */
