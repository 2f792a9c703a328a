/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set while it is being read: entries that may still be wrong, and where
 * every part of them was written. For load.c, value.c and check.c.
 */
#ifndef MNPEN_CATALOGUE_DRAFT_H
#define MNPEN_CATALOGUE_DRAFT_H

#include "daemon/catalogue/load.h"
#include "daemon/catalogue/schema.h"

struct place {
	const char *file;	/* lives as long as the draft */
	unsigned int line;	/* 0: nowhere */
};

struct draft_entry {
	void *data;		/* the struct of its kind */
	struct place head;
	struct place at[SCHEMA_FIELDS_MAX];	/* by field */
	unsigned int layer;	/* the last directory that spoke of it */
	uint32_t seen;		/* fields given there, one bit each */
};

struct draft_kind {
	struct draft_entry *entry;
	size_t count, room;
};

struct draft_text {
	struct draft_text *next;
	char s[];
};

struct draft {
	struct draft_kind kind[CATALOGUE_KINDS];
	struct draft_text *texts;	/* all that entries and places point to */
	unsigned int layer;
	struct draft_entry *open;	/* the entry that keys belong to */
	enum catalogue_kind open_kind;
	struct place failed;		/* of the first error */
	int error;			/* negative errno of it, 0: none */
	char *why;			/* CATALOGUE_ERROR_LEN */
};

/* The first failure is kept. Always false, to be returned. */
bool draft_fail(struct draft *d, int error, struct place at,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same for a key of an entry: at its line, or that of the heading. */
bool draft_fail_key(struct draft *d, enum catalogue_kind kind,
		    const struct draft_entry *e, const char *key,
		    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Memory that lives as long as the draft and then the set; zeroed. */
void *draft_alloc(struct draft *d, size_t size);
const char *draft_copy(struct draft *d, const char *s, size_t len);

/* A heading without its brackets, and a key of the entry it opened. */
bool draft_heading(struct draft *d, struct place at, const char *s, size_t len);
bool draft_key(struct draft *d, struct place at, const char *key,
	       const char *value);

/* The built-in set as the first layer: every key of it is there. */
bool draft_built_in(struct draft *d);

struct draft_entry *draft_find(struct draft *d, enum catalogue_kind kind,
			       const char *id);
const char *draft_id(const struct draft_entry *e);
/* Of a row of a table by depth: an interval or a density. */
uint32_t draft_row_depth_um(enum catalogue_kind kind, const void *row);

/* value.c: reads @value into the field of the open entry. */
bool value_read(struct draft *d, struct place at,
		const struct schema_field *f, const char *value);

/* bounds.c: nothing is looser than built in. */
bool bounds_check(struct draft *d);

/* check.c: everything is there and fits together. @where: for what is not. */
bool check_draft(struct draft *d, const char *where);

/* Takes all out of the draft; NULL only without memory. */
struct catalogue *draft_finish(struct draft *d);
void draft_free(struct draft *d);

#endif /* MNPEN_CATALOGUE_DRAFT_H */
