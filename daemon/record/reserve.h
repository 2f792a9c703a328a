/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disk space for one whole session, held by a file beside the record
 * (FILE-reserve). When the disk is full it is let go, so that a session which
 * has begun can be recorded to its end; no session begins without it.
 */
#ifndef MNPEN_RECORD_RESERVE_H
#define MNPEN_RECORD_RESERVE_H

/*
 * A session of an hour: a progress row every 1.5 seconds is 2400 rows of at
 * most 4 kB with their indexes, and SQLite's log of 1000 pages before it is
 * written back. Raw telemetry is not in it: that is given up first.
 */
#define RESERVE_BYTES (16 * 1024 * 1024)

/* 0: it is there, all of it. Negative errno: it is not, and takes no space. */
int reserve_fill(const char *path);
/* Gives the space back. */
void reserve_release(const char *path);

#endif /* MNPEN_RECORD_RESERVE_H */
