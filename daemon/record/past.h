/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rules ask of the past: treatments of a patient, uses of a cartridge,
 * follow-up questions that are due. As query.h.
 */
#ifndef MNPEN_RECORD_PAST_H
#define MNPEN_RECORD_PAST_H

#include <stdint.h>

struct sqlite3;

int past_treatments(struct sqlite3 *db, const char *patient, char **out);
int past_cartridge(struct sqlite3 *db, const char *cartridge, char **out);
int past_due(struct sqlite3 *db, int64_t now_unix_ms, char **out);

#endif /* MNPEN_RECORD_PAST_H */
