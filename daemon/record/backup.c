// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <libgen.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/record/backup.h"
#include "daemon/record/chain.h"
#include "daemon/record/store.h"

static int make_part(struct backup *b, const char *path)
{
	int fd;

	b->name = strdup(path);
	if (!b->name || asprintf(&b->part, "%s.part", path) < 0) {
		b->part = NULL;
		return -ENOMEM;
	}
	if (!access(path, F_OK))
		return -EEXIST;
	/* Left by a crash: it never was a backup. */
	unlink(b->part);
	fd = open(b->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int backup_start(struct backup *b, sqlite3 *from, const char *path)
{
	int ret, rc;

	memset(b, 0, sizeof(*b));
	ret = make_part(b, path);
	if (ret)
		return ret;
	rc = sqlite3_open_v2(b->part, &b->to,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc == SQLITE_OK)
		b->job = sqlite3_backup_init(b->to, "main", from, "main");
	return b->job ? 0 : store_errno(b->to, rc ? rc
						  : sqlite3_errcode(b->to));
}

int backup_step(struct backup *b, int pages)
{
	int rc = sqlite3_backup_step(b->job, pages);

	if (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
		return 1;
	return rc == SQLITE_DONE ? 0 : store_errno(b->to, rc);
}

/* One file that can be read where nothing can be written. */
static int close_copy(struct backup *b, int64_t *rows, char head[CHAIN_HEX_LEN])
{
	sqlite3_stmt *stmt = NULL;
	int rc;

	rc = sqlite3_backup_finish(b->job);
	b->job = NULL;
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(b->to,
				  "PRAGMA locking_mode=EXCLUSIVE;"
				  "PRAGMA journal_mode=DELETE", NULL, NULL,
				  NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(b->to,
					"SELECT row, hash FROM record "
					"ORDER BY row DESC LIMIT 1",
					-1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW &&
	    sqlite3_column_bytes(stmt, 1) == RECORD_HASH_LEN) {
		*rows = sqlite3_column_int64(stmt, 0);
		chain_hex(sqlite3_column_blob(stmt, 1), head);
	} else if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
		rc = SQLITE_CORRUPT;
	}
	rc = store_errno(b->to, rc);
	sqlite3_finalize(stmt);
	sqlite3_close(b->to);
	b->to = NULL;
	return rc;
}

static int sync_path(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC), ret = 0;

	if (fd < 0 || fsync(fd))
		ret = -errno;
	if (fd >= 0)
		close(fd);
	return ret;
}

static int give_name(struct backup *b)
{
	char *copy;
	int ret;

	ret = sync_path(b->part, O_RDONLY);
	/* A link refuses to take the place of another file; a rename would. */
	if (!ret && link(b->part, b->name))
		ret = -errno;
	if (ret)
		return ret;
	copy = strdup(b->name);
	if (!copy)
		return -ENOMEM;
	ret = sync_path(dirname(copy), O_RDONLY | O_DIRECTORY);
	free(copy);
	return ret;
}

int backup_finish(struct backup *b, char **json)
{
	char head[CHAIN_HEX_LEN] = "";
	json_t *answer = NULL;
	int64_t rows = 0;
	struct stat st;
	int ret;

	*json = NULL;
	ret = close_copy(b, &rows, head);
	if (!ret && stat(b->part, &st))
		ret = -errno;
	if (!ret)
		ret = give_name(b);
	if (ret)
		return ret;
	answer = json_pack("{ss sI ss sI}", "path", b->name, "rows",
			   (json_int_t)rows, "head", head, "bytes",
			   (json_int_t)st.st_size);
	*json = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
	json_decref(answer);
	return *json ? 0 : -ENOMEM;
}

void backup_drop(struct backup *b)
{
	if (b->job)
		sqlite3_backup_finish(b->job);
	sqlite3_close(b->to);
	if (b->part)
		unlink(b->part);
	free(b->part);
	free(b->name);
	memset(b, 0, sizeof(*b));
}
