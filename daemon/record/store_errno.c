// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sqlite3.h>

#include "daemon/record/store.h"

/*
 * What the system said. sqlite3_system_errno() misses a failed COMMIT, so the
 * files are asked themselves: the WAL, where commits go, then the main one.
 */
static int last_errno(sqlite3 *db)
{
	sqlite3_file *wal = NULL;
	int err = 0;

	sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
	if (wal && wal->pMethods)
		wal->pMethods->xFileControl(wal, SQLITE_FCNTL_LAST_ERRNO, &err);
	if (!err)
		sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &err);
	return err ? err : sqlite3_system_errno(db);
}

/* Errors of the system that say something; others are -EIO. */
static int io_errno(sqlite3 *db)
{
	int err = last_errno(db);

	switch (err) {
	case EACCES:
	case EDQUOT:
	case EFBIG:
	case EMFILE:
	case ENFILE:
	case ENODEV:
	case ENOSPC:
	case EPERM:
	case EROFS:
		return -err;
	default:
		return -EIO;
	}
}

int store_errno(sqlite3 *db, int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EUCLEAN;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	default:
		return io_errno(db);
	}
}
