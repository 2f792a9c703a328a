/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where this process may still write: below the given directories and to
 * device nodes. Nothing can be executed any more. Reading is not touched.
 */
#ifndef MNPEND_LANDLOCK_H
#define MNPEND_LANDLOCK_H

#include <stddef.h>

/*
 * For the calling thread and all that it starts: to be called before there
 * are others. Cannot be undone. NULL entries and those
 * that are not there are skipped. 0; -EOPNOTSUPP: this
 * kernel has none; else negative errno.
 */
int landlock_confine(const char *const *writable, size_t count);

#endif /* MNPEND_LANDLOCK_H */
