// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/catalogue/draft.h"
#include "daemon/catalogue/set.h"

#define ENTRIES_MAX	256	/* of one kind */
#define ID_MAX		31

/* What catalogue_load() hands out; @set comes first. */
struct loaded {
	struct catalogue set;
	struct catalogue_table table[CATALOGUE_KINDS];
	void *entries[CATALOGUE_KINDS];
	struct draft_text *texts;
};

/* --- failures ---------------------------------------------------------------- */

static bool draft_vfail(struct draft *d, int error, struct place at,
			const char *prefix, const char *fmt, va_list args)
{
	int n;

	if (d->error)
		return false;
	d->error = error;
	d->failed = at;
	n = at.line ? snprintf(d->why, CATALOGUE_ERROR_LEN, "%s:%u: %s",
			       at.file, at.line, prefix) :
		      snprintf(d->why, CATALOGUE_ERROR_LEN, "%s: %s", at.file,
			       prefix);
	if (n >= 0 && n < CATALOGUE_ERROR_LEN)
		vsnprintf(d->why + n, CATALOGUE_ERROR_LEN - (size_t)n, fmt,
			  args);
	return false;
}

bool draft_fail(struct draft *d, int error, struct place at,
		const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	draft_vfail(d, error, at, "", fmt, args);
	va_end(args);
	return false;
}

static size_t field_index(enum catalogue_kind kind, const char *key)
{
	const struct schema *s = &catalogue_schema[kind];
	size_t i;

	for (i = 0; i < s->count; i++)
		if (!strcmp(s->fields[i].key, key))
			break;
	return i;
}

bool draft_fail_key(struct draft *d, enum catalogue_kind kind,
		    const struct draft_entry *e, const char *key,
		    const char *fmt, ...)
{
	size_t i = field_index(kind, key);
	struct place at = e->head;
	char prefix[96];
	va_list args;

	/* Where a later directory changed the rest, the fault is there. */
	if (i < catalogue_schema[kind].count && e->seen & 1u << i)
		at = e->at[i];
	snprintf(prefix, sizeof(prefix), "[%s %s] %s: ",
		 catalogue_schema[kind].name, draft_id(e), key);
	va_start(args, fmt);
	draft_vfail(d, -EINVAL, at, prefix, fmt, args);
	va_end(args);
	return false;
}

/* --- memory ------------------------------------------------------------------ */

void *draft_alloc(struct draft *d, size_t size)
{
	struct draft_text *t = calloc(1, sizeof(*t) + size);
	struct place nowhere = { .file = "catalogue" };

	if (!t) {
		draft_fail(d, -ENOMEM, nowhere, "out of memory");
		return NULL;
	}
	t->next = d->texts;
	d->texts = t;
	return t->s;
}

const char *draft_copy(struct draft *d, const char *s, size_t len)
{
	char *copy = draft_alloc(d, len + 1);

	return copy ? memcpy(copy, s, len) : NULL;
}

static void texts_free(struct draft_text *t)
{
	struct draft_text *next;

	for (; t; t = next) {
		next = t->next;
		free(t);
	}
}

void draft_free(struct draft *d)
{
	size_t k, i;

	for (k = 0; k < CATALOGUE_KINDS; k++) {
		for (i = 0; i < d->kind[k].count; i++)
			free(d->kind[k].entry[i].data);
		free(d->kind[k].entry);
	}
	texts_free(d->texts);
	memset(d, 0, sizeof(*d));
}

/* --- entries ----------------------------------------------------------------- */

const char *draft_id(const struct draft_entry *e)
{
	return *(const char *const *)e->data;
}

uint32_t draft_row_depth_um(enum catalogue_kind kind, const void *row)
{
	const struct catalogue_interval *interval = row;
	const struct catalogue_density *density = row;

	return kind == CATALOGUE_INTERVAL ? interval->depth_up_to_um :
					    density->depth_up_to_um;
}

struct draft_entry *draft_find(struct draft *d, enum catalogue_kind kind,
			       const char *id)
{
	struct draft_kind *k = &d->kind[kind];
	size_t i;

	for (i = 0; i < k->count; i++)
		if (!strcmp(draft_id(&k->entry[i]), id))
			return &k->entry[i];
	return NULL;
}

static struct draft_entry *draft_add(struct draft *d, struct place at,
				     enum catalogue_kind kind, const char *id)
{
	struct draft_kind *k = &d->kind[kind];
	struct draft_entry *e;

	if (k->count == ENTRIES_MAX) {
		draft_fail(d, -EINVAL, at, "more than %d entries of this kind",
			   ENTRIES_MAX);
		return NULL;
	}
	if (k->count == k->room) {
		size_t room = k->room ? k->room * 2 : 16;

		e = reallocarray(k->entry, room, sizeof(*e));
		if (!e)
			goto no_memory;
		k->entry = e;
		k->room = room;
	}
	e = &k->entry[k->count];
	memset(e, 0, sizeof(*e));
	e->data = calloc(1, catalogue_schema[kind].size);
	if (!e->data)
		goto no_memory;
	*(const char **)e->data = id;
	k->count++;
	return e;

no_memory:
	draft_fail(d, -ENOMEM, at, "out of memory");
	return NULL;
}

/* Codes of sources are words like "D4", all other ids like "acne-scar". */
static bool id_valid(enum catalogue_kind kind, const char *id)
{
	static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	static const char code[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t len = strlen(id);

	return len && len <= ID_MAX && id[0] != '-' && id[len - 1] != '-' &&
	       strspn(id, kind == CATALOGUE_SOURCE ? code : lower) == len;
}

static bool heading_split(struct draft *d, struct place at, const char *s,
			  size_t len, const char **id)
{
	const char *blank = memchr(s, ' ', len);
	size_t word = blank ? (size_t)(blank - s) : len;
	unsigned int k;

	for (k = 0; k < CATALOGUE_KINDS; k++)
		if (strlen(catalogue_schema[k].name) == word &&
		    !memcmp(catalogue_schema[k].name, s, word))
			break;
	if (k == CATALOGUE_KINDS)
		return draft_fail(d, -EINVAL, at, "[%.*s]: unknown kind of entry",
				  (int)word, s);
	d->open_kind = k;
	*id = blank ? draft_copy(d, blank + 1, len - word - 1) : "";
	if (!*id)
		return false;
	if (!id_valid(k, *id))
		return draft_fail(d, -EINVAL, at,
				  "[%.*s]: no name, or not one that an entry of this kind may have",
				  (int)len, s);
	return true;
}

bool draft_heading(struct draft *d, struct place at, const char *s, size_t len)
{
	struct draft_entry *e;
	const char *id = NULL;

	d->open = NULL;
	if (!heading_split(d, at, s, len, &id))
		return false;
	e = draft_find(d, d->open_kind, id);
	if (e && e->layer == d->layer)
		return draft_fail(d, -EINVAL, at,
				  "[%.*s]: given twice, first at %s:%u",
				  (int)len, s, e->head.file, e->head.line);
	if (!e)
		e = draft_add(d, at, d->open_kind, id);
	if (!e)
		return false;
	e->head = at;
	e->layer = d->layer;
	e->seen = 0;
	d->open = e;
	return true;
}

/* Lists and texts of the built-in set are constant: they can be shared. */
bool draft_built_in(struct draft *d)
{
	struct place at = { .file = "built-in", .line = 1 };
	const void *entry;
	size_t k, i, j;

	d->layer++;
	for (k = 0; k < CATALOGUE_KINDS; k++)
		for (i = 0; (entry = set_at(&builtin_catalogue, k, i)); i++) {
			struct draft_entry *e =
				draft_add(d, at, k, *(const char *const *)entry);

			if (!e)
				return false;
			memcpy(e->data, entry, catalogue_schema[k].size);
			e->head = at;
			e->layer = d->layer;
			for (j = 0; j < catalogue_schema[k].count; j++)
				e->at[j] = at;
		}
	return true;
}

bool draft_key(struct draft *d, struct place at, const char *key,
	       const char *value)
{
	struct draft_entry *e = d->open;
	size_t i;

	if (!e)
		return draft_fail(d, -EINVAL, at, "%s: outside any entry", key);
	i = field_index(d->open_kind, key);
	if (i == catalogue_schema[d->open_kind].count)
		return draft_fail(d, -EINVAL, at, "[%s %s] %s: unknown key",
				  catalogue_schema[d->open_kind].name,
				  draft_id(e), key);
	if (e->seen & 1u << i)
		return draft_fail(d, -EINVAL, at,
				  "[%s %s] %s: given twice, first in line %u",
				  catalogue_schema[d->open_kind].name,
				  draft_id(e), key, e->at[i].line);
	e->seen |= 1u << i;
	e->at[i] = at;
	return value_read(d, at, &catalogue_schema[d->open_kind].fields[i],
			  value);
}

/* --- the finished set -------------------------------------------------------- */

struct catalogue *draft_finish(struct draft *d)
{
	struct loaded *l = calloc(1, sizeof(*l));
	size_t k, i;

	if (!l)
		return NULL;
	for (k = 0; k < CATALOGUE_KINDS; k++) {
		size_t size = catalogue_schema[k].size;

		l->entries[k] = calloc(d->kind[k].count + 1, size);
		if (!l->entries[k]) {
			catalogue_free(&l->set);
			return NULL;
		}
		for (i = 0; i < d->kind[k].count; i++)
			memcpy((char *)l->entries[k] + i * size,
			       d->kind[k].entry[i].data, size);
		l->table[k].entries = l->entries[k];
		l->table[k].count = d->kind[k].count;
		l->set.table[k] = &l->table[k];
	}
	l->texts = d->texts;
	d->texts = NULL;
	return &l->set;
}

void catalogue_free(struct catalogue *set)
{
	struct loaded *l = (struct loaded *)set;
	size_t k;

	if (!l)
		return;
	for (k = 0; k < CATALOGUE_KINDS; k++)
		free(l->entries[k]);
	texts_free(l->texts);
	free(l);
}
