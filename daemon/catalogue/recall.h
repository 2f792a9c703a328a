/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cartridges that were called back.
 *
 *   # /etc/mnpen/recalls.conf
 *   [recall 2026-11-a]
 *   gtin = 05102222233336
 *   lot_begins = A21
 *   reason = seal may leak
 *   source = maker's letter of 2 November 2026
 *
 * Which of a product: one of lot, lot_begins, serial, or "lots = all". A scan
 * that does not say what such an entry asks for (a recalled lot, and no lot on
 * the pack) is taken for recalled.
 *
 * recall_find() is pure. recall_load() reads a file and allocates; it refuses
 * the file as a whole. Whoever cannot read the list must let no cartridge pass.
 */
#ifndef MNPEN_CATALOGUE_RECALL_H
#define MNPEN_CATALOGUE_RECALL_H

#include "daemon/catalogue/udi.h"

#define RECALL_ERROR_LEN	320
#define RECALL_TEXT_MAX		160
#define RECALL_ID_MAX		31

enum recall_which {
	RECALL_LOT,
	RECALL_LOT_BEGINS,
	RECALL_SERIAL,
	RECALL_ALL
};

struct recall {
	char id[RECALL_ID_MAX + 1];
	char gtin[UDI_GTIN_LEN + 1];
	enum recall_which which;
	char value[UDI_VALUE_MAX + 1];	/* lot or serial; empty for all */
	char reason[RECALL_TEXT_MAX + 1];
	char source[RECALL_TEXT_MAX + 1];
};

struct recall_list {
	struct recall *recall;
	size_t count;
};

/* The first entry that fits; NULL: not recalled, as far as the list knows. */
const struct recall *recall_find(const struct recall_list *list,
				 const struct udi *udi);

/*
 * 0: @list is to be freed with recall_free(); a file that is not there is an
 * empty list. Else a negative errno (-EINVAL: the content), @list is empty and
 * @error holds "file:line: reason".
 */
int recall_load(const char *path, struct recall_list *list,
		char error[RECALL_ERROR_LEN]);
void recall_free(struct recall_list *list);

#endif /* MNPEN_CATALOGUE_RECALL_H */
