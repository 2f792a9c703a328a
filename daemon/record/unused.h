/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether some program has a record open: SQLite locks part of the file. */
#ifndef MNPEN_RECORD_UNUSED_H
#define MNPEN_RECORD_UNUSED_H

/* 0, -EBUSY, or negative errno. */
int unused_check(int fd);

#endif /* MNPEN_RECORD_UNUSED_H */
