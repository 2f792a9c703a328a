// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/record/readonly.h"
#include "daemon/record/unused.h"

/* Says early and clearly what SQLite would say late and vaguely. */
static int check_file(const char *path, char *error, size_t len)
{
	struct stat st;
	int fd, ret;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ret = fd < 0 ? -errno : fstat(fd, &st) ? -errno : 0;
	if (!ret && !S_ISREG(st.st_mode))
		ret = -EINVAL;
	if (!ret)
		ret = unused_check(fd);
	if (fd >= 0)
		close(fd);
	if (ret == -EBUSY)
		snprintf(error, len,
			 "the daemon has it open: ask it with 'mnpenctl record "
			 "verify', or stop it first");
	else if (ret == -EINVAL)
		snprintf(error, len, "not a regular file");
	else if (ret)
		snprintf(error, len, "%s", strerror(-ret));
	return ret;
}

static bool has_wal(const char *path)
{
	char wal[PATH_MAX];
	struct stat st;

	return snprintf(wal, sizeof(wal), "%s-wal", path) < (int)sizeof(wal) &&
	       !stat(wal, &st) && st.st_size > 0;
}

/* file: address of path, with the three characters escaped that matter. */
static int make_uri(const char *path, const char *query, char *out, size_t len)
{
	size_t n = snprintf(out, len, "file:");

	for (; *path && n + 4 < len; path++) {
		if (strchr("%?#", *path))
			n += snprintf(out + n, len - n, "%%%02X",
				      (unsigned char)*path);
		else
			out[n++] = *path;
	}
	if (*path || n + strlen(query) >= len)
		return -ENAMETOOLONG;
	strcpy(out + n, query);
	return 0;
}

int readonly_open(const char *path, sqlite3 **out, char *error, size_t len)
{
	char uri[PATH_MAX + 64];
	int rc, ret;

	*out = NULL;
	ret = check_file(path, error, len);
	if (ret)
		return ret;
	/*
	 * Without a WAL file: immutable, or SQLite would make an empty one.
	 * With one: no locks are needed (nobody has it open), the index of
	 * the WAL stays in memory, and closing must not write it back.
	 */
	ret = make_uri(path,
		       has_wal(path) ? "?mode=ro&vfs=unix-none"
				     : "?mode=ro&immutable=1",
		       uri, sizeof(uri));
	if (ret) {
		snprintf(error, len, "%s", strerror(-ret));
		return ret;
	}
	rc = sqlite3_open_v2(uri, out,
			     SQLITE_OPEN_READONLY | SQLITE_OPEN_URI |
				     SQLITE_OPEN_NOMUTEX,
			     NULL);
	if (rc != SQLITE_OK) {
		snprintf(error, len, "%s", sqlite3_errstr(rc));
		sqlite3_close(*out);
		*out = NULL;
		return rc == SQLITE_NOMEM ? -ENOMEM : -EIO;
	}
	sqlite3_extended_result_codes(*out, 1);
	sqlite3_db_config(*out, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(*out, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_exec(*out,
		     "PRAGMA locking_mode=EXCLUSIVE;PRAGMA trusted_schema=ON;"
		     "PRAGMA cell_size_check=ON;PRAGMA mmap_size=0",
		     NULL, NULL, NULL);
	return 0;
}
