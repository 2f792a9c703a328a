// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "daemon/catalogue/recall.h"

/* An empty value on the pack excludes nothing. */
static bool recall_fits(const struct recall *r, const struct udi *udi)
{
	if (strcmp(r->gtin, udi->gtin))
		return false;
	switch (r->which) {
	case RECALL_LOT:
		return !udi->lot[0] || !strcmp(udi->lot, r->value);
	case RECALL_LOT_BEGINS:
		return !udi->lot[0] ||
		       !strncmp(udi->lot, r->value, strlen(r->value));
	case RECALL_SERIAL:
		return !udi->serial[0] || !strcmp(udi->serial, r->value);
	case RECALL_ALL:
		break;
	}
	return true;
}

const struct recall *recall_find(const struct recall_list *list,
				 const struct udi *udi)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (recall_fits(&list->recall[i], udi))
			return &list->recall[i];
	return NULL;
}
