/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a crash left in SQLite's write-ahead log. SQLite drops everything from
 * the first unsound frame on and says nothing; this says it.
 */
#ifndef MNPEN_RECORD_WAL_H
#define MNPEN_RECORD_WAL_H

#include <stdbool.h>
#include <stdint.h>

struct wal_state {
	int64_t frames;	   /* sound ones, up to the last commit */
	int64_t discarded; /* begun and never committed: the torn tail */
	/*
	 * Sound transactions lie behind an unsound frame. No power cut does
	 * that: only the last transaction can be torn. The medium lost data
	 * that was on it.
	 */
	bool damaged;
};

/* Looks at FILE-wal without changing it. No such file: all zero. */
int wal_inspect(const char *path, struct wal_state *out);

#endif /* MNPEN_RECORD_WAL_H */
