/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of an export as a table (RFC 4180): one line a row, units in the names
 * of the columns, whole numbers, empty where a row has nothing to say. A text
 * that a spreadsheet would take for a formula gets an apostrophe before it.
 */
#ifndef MNPEN_RECORD_EXPORT_CSV_H
#define MNPEN_RECORD_EXPORT_CSV_H

#include <jansson.h>
#include <stdio.h>

void csv_head(FILE *out);
/* row: as in a page (page.h), with the parsed body beside it. */
void csv_row(FILE *out, const json_t *row, const json_t *body);

#endif /* MNPEN_RECORD_EXPORT_CSV_H */
