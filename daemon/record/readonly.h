/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opens a record for reading, for sure: no byte of the file or of the files
 * next to it changes, and none is made. Understands a file that a crash left
 * with a WAL file beside it.
 */
#ifndef MNPEN_RECORD_READONLY_H
#define MNPEN_RECORD_READONLY_H

#include <stddef.h>

struct sqlite3;

/*
 * 0 or negative errno with one sentence in error. -EBUSY: a program has the
 * file open for writing. The caller closes *out with sqlite3_close().
 */
int readonly_open(const char *path, struct sqlite3 **out, char *error,
		  size_t len);

#endif /* MNPEN_RECORD_READONLY_H */
