/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A disk in memory that SQLite writes to, and whose power can go at any moment.
 *
 * What was synced is there afterwards. Of what was not, each sector of each
 * write is there, not there, or there up to some byte; so is each change of a
 * file's size, and each file that was made or removed without a sync of its
 * directory. Sectors of 512 bytes change no byte outside the write (what SQLite
 * calls powersafe overwrite).
 */
#ifndef MEMDISK_H
#define MEMDISK_H

#include <stdbool.h>
#include <stdint.h>

struct memdisk;

/* Becomes SQLite's default from here on. */
void memdisk_install(void);

struct memdisk *memdisk_new(void);
void memdisk_free(struct memdisk *d);

/* Files opened from now on are on this disk. */
void memdisk_use(struct memdisk *d);

/* Called before every change of the disk and every sync. */
void memdisk_on_change(struct memdisk *d, void (*fn)(void *arg), void *arg);

/* What is left if the power goes now; seed decides what was lost. */
struct memdisk *memdisk_cut(const struct memdisk *d, uint64_t *seed);

/* xorshift64* over seed, which must not be 0. */
uint64_t memdisk_random(uint64_t *seed);

#endif /* MEMDISK_H */
