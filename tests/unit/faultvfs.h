/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An SQLite VFS over the real one whose writes and syncs fail on command, or
 * wait. One set of faults for all files; may be set from any thread.
 */
#ifndef FAULTVFS_H
#define FAULTVFS_H

#include <stdbool.h>

enum fault_op { FAULT_WRITE = 1, FAULT_SYNC = 2, FAULT_TRUNCATE = 4 };

/* Becomes SQLite's default from here on. */
void fault_install(void);

/*
 * The nth operation (from 1) among ops fails with err, or every one from then
 * on. A failing write has written half. nth 0: nothing fails.
 */
void fault_set(unsigned int ops, unsigned int nth, bool forever, int err);
/* How many operations failed, and how many syncs were done, since set. */
unsigned int fault_fired(void);
unsigned int fault_syncs(void);

/* From here on every sync waits until fault_release(). */
void fault_hold(void);
bool fault_await_held(void); /* false: none came within ten seconds */
void fault_release(void);

#endif /* FAULTVFS_H */
