/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The built-in tables, for catalogue.c only; others go through catalogue.h. */
#ifndef MNPEN_CATALOGUE_BUILTIN_H
#define MNPEN_CATALOGUE_BUILTIN_H

#include "daemon/catalogue/catalogue.h"

extern const struct catalogue_area builtin_areas[];
extern const size_t builtin_area_count;

extern const struct catalogue_concern builtin_concerns[];
extern const size_t builtin_concern_count;

extern const struct catalogue_screening builtin_screening[];
extern const size_t builtin_screening_count;

extern const struct catalogue_preparation builtin_preparation[];
extern const size_t builtin_preparation_count;

extern const struct catalogue_source builtin_sources[];
extern const size_t builtin_source_count;

#define BUILTIN_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BUILTIN_BASIS(src, conf) { .sources = (src), .confidence = (conf) }

#endif /* MNPEN_CATALOGUE_BUILTIN_H */
