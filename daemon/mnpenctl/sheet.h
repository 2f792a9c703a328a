/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sheet of a session, as lines of label and text: for text and for PDF. */
#ifndef MNPENCTL_SHEET_H
#define MNPENCTL_SHEET_H

#include <jansson.h>

#define SHEET_TEXT_LEN 256

struct sheet_lines {
	void (*line)(void *ctx, const char *label, const char *text);
	void *ctx;
};

/* rows: of GetRecord. */
void sheet_make(const json_t *rows, const struct sheet_lines *to);

/*
 * What a body says to people under the key words, in the reader's language;
 * its code, where an earlier version wrote no words.
 */
const char *sheet_words(const json_t *body, const char *words,
			const char *code);

/* Two blanks and a text of at least width characters, on stdout. */
void sheet_pad(const char *text, int width);

/* plot.c: depth and rate over time, on stdout. */
void sheet_plot(const json_t *rows);

#endif /* MNPENCTL_SHEET_H */
