/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an entry of each kind is made of: its keys, their units and ranges, and
 * where in the struct each belongs. Readers and tests walk this table, so that
 * a key is described once.
 */
#ifndef MNPEN_CATALOGUE_SCHEMA_H
#define MNPEN_CATALOGUE_SCHEMA_H

#include "daemon/catalogue/catalogue.h"

#define SCHEMA_FIELDS_MAX	16

enum schema_type {
	SCHEMA_TEXT,		/* const char * */
	SCHEMA_NUMBER,		/* uint32_t, min to max, in unit */
	SCHEMA_FLAG,		/* bool: yes or no */
	SCHEMA_CHOICE,		/* unsigned int or enum: index of a word */
	SCHEMA_SOURCES,		/* const char *: codes, one blank between */
	SCHEMA_REF,		/* const char *: id of an entry of kind @to */
	SCHEMA_REFS		/* const char *const *: ids, NULL terminated */
};

struct schema_field {
	const char *key;
	enum schema_type type;
	size_t offset;
	bool optional;		/* absent: zero, no, NULL */
	const char *unit;	/* NULL: a bare number */
	uint32_t min, max;
	const char *const *words;	/* NULL terminated */
	enum catalogue_kind to;
};

/* In every struct the first member is the id: a const char *. */
struct schema {
	const char *name;	/* of the kind */
	size_t size;		/* of the struct */
	const struct schema_field *fields;
	size_t count;
};

extern const struct schema catalogue_schema[CATALOGUE_KINDS];

/* Words of enums, NULL terminated. */
extern const char *const names_confidence[];
extern const char *const names_verdict[];
extern const char *const names_group[];
extern const char *const names_condition[];
extern const char *const names_alarm[];
extern const char *const names_advice[];

#endif /* MNPEN_CATALOGUE_SCHEMA_H */
