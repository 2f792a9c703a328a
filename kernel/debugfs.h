/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /sys/kernel/debug/usb/mnpen/: for people who bring a pen up. No program may
 * need it; what is there and how it looks may change.
 */
#ifndef MNPEN_DEBUGFS_H
#define MNPEN_DEBUGFS_H

#include "mnpen.h"

#if IS_ENABLED(CONFIG_DEBUG_FS)
void mnpen_debugfs_init(void);
void mnpen_debugfs_exit(void);
void mnpen_debugfs_add(struct mnpen *m);
/* What was recorded of a pen that went while it was needed stays readable. */
void mnpen_debugfs_remove(struct mnpen *m);
#else
static inline void mnpen_debugfs_init(void)
{
}

static inline void mnpen_debugfs_exit(void)
{
}

static inline void mnpen_debugfs_add(struct mnpen *m)
{
}

static inline void mnpen_debugfs_remove(struct mnpen *m)
{
}
#endif

#endif /* MNPEN_DEBUGFS_H */
