/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The body of a row: one JSON object, at most BODY_DEPTH levels deep, no
 * duplicate keys, no fractions (every number of the record is an integer with
 * its unit in the name). Stored compact and with sorted keys, so that equal
 * bodies are equal bytes.
 */
#ifndef MNPEN_RECORD_BODY_H
#define MNPEN_RECORD_BODY_H

#define BODY_DEPTH 16

/* The stored form of text; the caller frees it. NULL if text is no body. */
char *body_normal(const char *text);

#endif /* MNPEN_RECORD_BODY_H */
