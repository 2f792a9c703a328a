/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening: make or check the file, then close what a crash left open. */
#ifndef MNPEN_RECORD_RECOVER_H
#define MNPEN_RECORD_RECOVER_H

#include "daemon/record/sessions.h"
#include "daemon/record/store.h"

/*
 * As record_open() promises. Nothing is changed in a file that does not
 * verify. store_close() and sessions_free() are the caller's, in any case.
 */
int recover_open(struct store *s, struct sessions *all, const char *path,
		 const char *boot_id, struct record_info *info,
		 char error[RECORD_ERROR_LEN]);

#endif /* MNPEN_RECORD_RECOVER_H */
