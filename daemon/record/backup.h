/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A copy of the record, made page by page while it is written on: what is
 * written meanwhile goes into the copy as well. Writer's thread, one at a time.
 *
 * The copy has its name only when it is whole and on the disk; before that it
 * is NAME.part. It needs no WAL and no head file beside it.
 */
#ifndef MNPEN_RECORD_BACKUP_H
#define MNPEN_RECORD_BACKUP_H

struct sqlite3;
struct sqlite3_backup;

struct backup {
	struct sqlite3 *to;
	struct sqlite3_backup *job;
	char *name;
	char *part;
};

/* Negative errno: -EEXIST there is something of that name. */
int backup_start(struct backup *b, struct sqlite3 *from, const char *path);
/* At most pages further: 1 there is more, 0 all copied, or negative errno. */
int backup_step(struct backup *b, int pages);
/* Gives it its name. *json: path, rows, head, bytes; free() it. */
int backup_finish(struct backup *b, char **json);
/* Also one that was not started or failed; then nothing is left of it. */
void backup_drop(struct backup *b);

#endif /* MNPEN_RECORD_BACKUP_H */
