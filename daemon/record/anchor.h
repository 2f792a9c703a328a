/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The newest checkpoint, kept once more in a small file beside the record
 * (FILE-head), so that a record that was cut, emptied or replaced by an older
 * one is noticed. Never ahead of the record: it is written after the commit.
 *
 * Two slots, written in turn: a power cut can spoil one of them, and each
 * proves itself by its signature. Written through SQLite's VFS, so that what
 * breaks the record in a test breaks this file as well.
 */
#ifndef MNPEN_RECORD_ANCHOR_H
#define MNPEN_RECORD_ANCHOR_H

#include "daemon/record/checkpoint.h"

struct sqlite3_file;

struct anchor {
	struct sqlite3_file *file;
	char *name;	/* SQLite wants it as long as the file is open */
	int64_t id;	/* of the newest checkpoint in it; 0: none */
	int slot;	/* where that is */
};

/*
 * Looks at the file without making or changing it. 0, -ENOENT if there is no
 * sound checkpoint in it, -ENOMEM, -EIO.
 */
int anchor_read(const char *path, struct checkpoint *out);

/* Opens or makes it. anchor_close() in any case. */
int anchor_open(struct anchor *a, const char *path);
/* On the disk when this returns 0. */
int anchor_write(struct anchor *a, const struct checkpoint *cp);
void anchor_close(struct anchor *a);

#endif /* MNPEN_RECORD_ANCHOR_H */
