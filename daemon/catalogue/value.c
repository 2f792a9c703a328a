// SPDX-License-Identifier: GPL-2.0-or-later
/* From what stands behind "=" to a field; nothing is converted or guessed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/catalogue/draft.h"

#define DIGITS_MAX	9
#define REFS_MAX	64

static bool wrong(struct draft *d, struct place at,
		  const struct schema_field *f, const char *value,
		  const char *want)
{
	return draft_fail(d, -EINVAL, at, "[%s %s] %s: '%s' is not %s",
			  catalogue_schema[d->open_kind].name,
			  draft_id(d->open), f->key, value, want);
}

/* "300 um": digits, one blank, the unit in full and no other. */
static bool read_number(struct draft *d, struct place at,
			const struct schema_field *f, const char *value,
			uint32_t *out)
{
	size_t digits = strspn(value, "0123456789"), i;
	const char *unit = value + digits;
	char want[64];
	uint32_t n = 0;

	if (f->unit)
		snprintf(want, sizeof(want), "a whole number and '%s'",
			 f->unit);
	else
		snprintf(want, sizeof(want), "a whole number without a unit");
	if (!digits || digits > DIGITS_MAX ||
	    (f->unit ? *unit != ' ' || strcmp(unit + 1, f->unit) : *unit != 0))
		return wrong(d, at, f, value, want);
	for (i = 0; i < digits; i++)
		n = n * 10 + (uint32_t)(value[i] - '0');
	if (n < f->min || n > f->max) {
		snprintf(want, sizeof(want), "from %u to %u", f->min, f->max);
		return wrong(d, at, f, value, want);
	}
	*out = n;
	return true;
}

static bool read_flag(struct draft *d, struct place at,
		      const struct schema_field *f, const char *value,
		      bool *out)
{
	if (strcmp(value, "yes") && strcmp(value, "no"))
		return wrong(d, at, f, value, "yes or no");
	*out = value[0] == 'y';
	return true;
}

static bool read_choice(struct draft *d, struct place at,
			const struct schema_field *f, const char *value,
			unsigned int *out)
{
	char want[128] = "one of";
	size_t n = strlen(want);
	unsigned int i;

	for (i = 0; f->words[i]; i++) {
		if (!strcmp(f->words[i], value)) {
			*out = i;
			return true;
		}
		n += (size_t)snprintf(want + n, sizeof(want) - n, " %s",
				      f->words[i]);
	}
	return wrong(d, at, f, value, want);
}

/* Ids with one blank between, into a list that ends with NULL. */
static bool read_list(struct draft *d, struct place at,
		      const struct schema_field *f, const char *value,
		      const char *const **out)
{
	const char **list = draft_alloc(d, (REFS_MAX + 1) * sizeof(*list));
	const char *from = value;
	size_t n = 0, i;

	if (!list)
		return false;
	while (*from) {
		size_t len = strcspn(from, " ");

		if (!len || n == REFS_MAX || (from[len] && !from[len + 1]))
			return wrong(d, at, f, value,
				     "names with one blank between");
		list[n] = draft_copy(d, from, len);
		if (!list[n])
			return false;
		for (i = 0; i < n; i++)
			if (!strcmp(list[i], list[n]))
				return wrong(d, at, f, list[n],
					     "to be given twice");
		n++;
		from += len + (from[len] == ' ');
	}
	*out = list;
	return true;
}

bool value_read(struct draft *d, struct place at,
		const struct schema_field *f, const char *value)
{
	void *field = (char *)d->open->data + f->offset;
	const char *const *list;

	if (!*value)
		return wrong(d, at, f, value, "a value");
	switch (f->type) {
	case SCHEMA_NUMBER:
		return read_number(d, at, f, value, field);
	case SCHEMA_FLAG:
		return read_flag(d, at, f, value, field);
	case SCHEMA_CHOICE:
		return read_choice(d, at, f, value, field);
	case SCHEMA_REFS:
		return read_list(d, at, f, value, field);
	case SCHEMA_SOURCES:
		if (!read_list(d, at, f, value, &list))
			return false;
		break;
	case SCHEMA_TEXT:
	case SCHEMA_REF:
		break;
	}
	*(const char **)field = draft_copy(d, value, strlen(value));
	return *(const char **)field != NULL;
}
