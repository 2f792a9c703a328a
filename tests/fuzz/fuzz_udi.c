// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any scan: what is refused leaves nothing behind, what is taken is complete,
 * lies within the text, and reads the same a second time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/catalogue/udi.h"
#include "tests/fuzz/fuzz.h"

#define MUST(what)							\
	do {								\
		if (!(what)) {						\
			fprintf(stderr, "not so: %s\n", #what);		\
			abort();					\
		}							\
	} while (0)

static bool date_is_sane(const struct udi_date *d)
{
	if (!d->year)
		return !d->month && !d->day;
	return d->year >= 1900 && d->year < 2200 && d->month >= 1 &&
	       d->month <= 12 && d->day >= 1 && d->day <= 31;
}

static void check_taken(const struct udi *udi, size_t size)
{
	uint32_t i;

	MUST(strlen(udi->gtin) == UDI_GTIN_LEN);
	MUST(strspn(udi->gtin, "0123456789") == UDI_GTIN_LEN);
	MUST(strlen(udi->lot) <= UDI_VALUE_MAX);
	MUST(strlen(udi->serial) <= UDI_VALUE_MAX);
	MUST(date_is_sane(&udi->made) && date_is_sane(&udi->expiry));
	MUST(udi->elements >= 1 && udi->elements <= UDI_ELEMENTS_MAX);
	for (i = 0; i < udi->elements; i++)
		MUST((size_t)udi->element[i].value_at +
			     udi->element[i].value_len <= size);
}

int fuzz_udi(const uint8_t *data, size_t size)
{
	static const struct udi nothing;
	const struct udi_date today = { 2026, 11, 20 };
	struct udi udi, again;
	enum udi_error error;
	char *text = malloc(size ? size : 1);

	/* A copy of its own: one byte beyond it is noticed. */
	MUST(text);
	if (size)
		memcpy(text, data, size);
	error = udi_parse(text, size, 2026, &udi);
	MUST(error < UDI_ERRORS && udi_error_text(error));
	if (error != UDI_OK)
		MUST(!memcmp(&udi, &nothing, sizeof(udi)));
	else
		check_taken(&udi, size);
	MUST(udi_parse(text, size, 2026, &again) == error);
	MUST(!memcmp(&udi, &again, sizeof(udi)));
	MUST(udi_shelf_life(&udi, &today) <= UDI_NO_EXPIRY);
	MUST(udi_single_use_name(udi_single_use(&udi, size & 1)));
	free(text);
	return 0;
}
