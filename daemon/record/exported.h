/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks the file of an export (JSON lines): every page, and their order. */
#ifndef MNPEN_RECORD_EXPORTED_H
#define MNPEN_RECORD_EXPORTED_H

#include <stdbool.h>

#include "daemon/record/page.h"

struct exported {
	bool good;
	int64_t pages, rows;
	int64_t bad_line; /* from 1 */
	char why[PAGE_WHY_LEN];
	uint8_t origin[RECORD_HASH_LEN];
	uint8_t key[CHECKPOINT_KEY_LEN];
};

/* Whether this is no record but may be an export: it begins with a brace. */
bool exported_looks_so(const char *path);

/* Negative errno if it cannot be read; what is wrong with it is in out. */
int exported_check(const char *path, struct exported *out);

#endif /* MNPEN_RECORD_EXPORTED_H */
