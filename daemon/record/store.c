// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/record/chain.h"
#include "daemon/record/schema.h"
#include "daemon/record/store.h"

#define HEADER_LEN     100 /* of an SQLite file */
#define HEADER_VERSION 60  /* user_version, big-endian */
#define HEADER_APP     68  /* application_id, big-endian */

/* After a big transaction SQLite cuts the WAL file back to this. */
#define WAL_KEEP_BYTES "4194304"

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

static int run(struct store *s, const char *sql)
{
	return store_errno(s->db, sqlite3_exec(s->db, sql, NULL, NULL, NULL));
}

static int check_directory(const char *path, char *error)
{
	char copy[PATH_MAX];
	struct stat st;
	const char *dir;

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy)) {
		snprintf(error, RECORD_ERROR_LEN,
			 "choose a shorter path for the record");
		return -ENAMETOOLONG;
	}
	dir = dirname(copy);
	if (!stat(dir, &st) && S_ISDIR(st.st_mode))
		return 0;
	snprintf(error, RECORD_ERROR_LEN,
		 "create the directory %.150s, writable for the daemon alone",
		 dir);
	return -ENOENT;
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/*
 * Reads the version before SQLite touches anything, so that a newer file is
 * left exactly as it was.
 */
static int check_header(int fd, char *error)
{
	uint8_t header[HEADER_LEN];

	if (pread(fd, header, sizeof(header), 0) != sizeof(header) ||
	    be32(header + HEADER_APP) != SCHEMA_APPLICATION_ID ||
	    be32(header + HEADER_VERSION) <= SCHEMA_VERSION)
		return 0;
	snprintf(error, RECORD_ERROR_LEN,
		 "install a newer mnpend: the record has version %" PRIu32
		 ", this one knows up to %d",
		 be32(header + HEADER_VERSION), SCHEMA_VERSION);
	return -EPROTO;
}

/* SQLite would make the file readable for everybody. */
static int make_file(const char *path, char *error)
{
	int fd, ret;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		ret = -errno;
		snprintf(error, RECORD_ERROR_LEN,
			 "make the record %.120s readable and writable: %s",
			 path, strerror(-ret));
		return ret;
	}
	ret = check_header(fd, error);
	close(fd);
	return ret;
}

static int configure(struct store *s)
{
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	/* Until store_use(): look, but change nothing, not even on close. */
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_extended_result_codes(s->db, 1);
	return run(s, "PRAGMA locking_mode=EXCLUSIVE;"
		      "PRAGMA mmap_size=0;"
		      "PRAGMA temp_store=MEMORY;"
		      "PRAGMA trusted_schema=OFF;"
		      "PRAGMA foreign_keys=ON;"
		      "PRAGMA cell_size_check=ON;"
		      "PRAGMA synchronous=FULL;"
		      "PRAGMA journal_size_limit=" WAL_KEEP_BYTES);
}

static void explain(struct store *s, const char *path, int ret, char *error)
{
	if (ret == -EBUSY)
		snprintf(error, RECORD_ERROR_LEN,
			 "stop the other program that uses the record %.150s",
			 path);
	else if (ret == -EUCLEAN)
		snprintf(error, RECORD_ERROR_LEN,
			 "keep the damaged record %.120s, put a good copy in "
			 "its place: %.60s",
			 path, sqlite3_errmsg(s->db));
	else
		snprintf(error, RECORD_ERROR_LEN,
			 "make the record %.120s readable and writable: %.60s",
			 path, strerror(-ret));
}

int store_open(struct store *s, const char *path, bool *fresh,
	       char error[RECORD_ERROR_LEN])
{
	struct schema_marks marks;
	int ret;

	memset(s, 0, sizeof(*s));
	ret = check_directory(path, error);
	if (!ret)
		ret = make_file(path, error);
	if (ret)
		return ret;
	ret = sqlite3_open_v2(path, &s->db,
			      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
				      SQLITE_OPEN_PRIVATECACHE,
			      NULL);
	ret = store_errno(s->db, ret);
	if (!ret)
		ret = configure(s);
	/* The first read takes the lock. */
	if (!ret)
		ret = store_errno(s->db, schema_marks(s->db, &marks));
	if (ret) {
		explain(s, path, ret, error);
		return ret;
	}
	*fresh = marks.empty;
	if (marks.empty || marks.application_id == SCHEMA_APPLICATION_ID)
		return 0;
	snprintf(error, RECORD_ERROR_LEN,
		 "move %.180s away: it is not a record of mnpend", path);
	return -EUCLEAN;
}

static int prepare(struct store *s)
{
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	return store_errno(
		s->db, sqlite3_prepare_v3(s->db,
					  "INSERT INTO record(" ROW_COLUMNS ") "
					  "VALUES(?,?,?,?,?,?,?,?,?,?)",
					  -1, SQLITE_PREPARE_PERSISTENT,
					  &s->insert, NULL));
}

int store_create(struct store *s, struct row *genesis)
{
	int ret;

	ret = run(s, "PRAGMA journal_mode=WAL");
	if (!ret)
		ret = store_begin(s);
	if (ret)
		return ret;
	ret = store_errno(s->db, schema_create(s->db));
	if (!ret)
		ret = prepare(s);
	if (!ret)
		ret = store_put(s, genesis);
	if (!ret)
		ret = store_commit(s);
	if (ret)
		store_rollback(s);
	return ret;
}

int store_use(struct store *s, int64_t rows,
	      const uint8_t head[RECORD_HASH_LEN])
{
	int ret;

	s->rows = rows;
	memcpy(s->head, head, sizeof(s->head));
	ret = run(s, "PRAGMA journal_mode=WAL");
	return ret ? ret : prepare(s);
}

/* Where the chain ends, by the file itself. */
static int reread_head(struct store *s)
{
	sqlite3_stmt *stmt;
	int rc;

	rc = sqlite3_prepare_v2(s->db,
				"SELECT row, hash FROM record "
				"ORDER BY row DESC LIMIT 1",
				-1, &stmt, NULL);
	if (rc != SQLITE_OK)
		return store_errno(s->db, rc);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW &&
	    sqlite3_column_bytes(stmt, 1) == sizeof(s->head)) {
		s->rows = sqlite3_column_int64(stmt, 0);
		memcpy(s->head, sqlite3_column_blob(stmt, 1), sizeof(s->head));
		s->unsure = false;
	}
	sqlite3_finalize(stmt);
	if (s->unsure)
		return rc == SQLITE_ROW || rc == SQLITE_DONE
			       ? -EUCLEAN
			       : store_errno(s->db, rc);
	return 0;
}

int store_begin(struct store *s)
{
	int ret;

	if (s->unsure) {
		ret = reread_head(s);
		if (ret)
			return ret;
	}
	s->next_rows = s->rows;
	memcpy(s->next_head, s->head, sizeof(s->head));
	return run(s, "BEGIN IMMEDIATE");
}

static void bind_text(sqlite3_stmt *stmt, int i, struct row_text text)
{
	if (text.s)
		sqlite3_bind_text(stmt, i, text.s, text.len, SQLITE_STATIC);
	else
		sqlite3_bind_null(stmt, i);
}

int store_put(struct store *s, struct row *row)
{
	uint8_t hash[RECORD_HASH_LEN];
	int rc;

	row->row = s->next_rows + 1;
	row->prev = s->next_head;
	chain_hash(row, hash);

	sqlite3_bind_int64(s->insert, 1, row->row);
	bind_text(s->insert, 2, row->session);
	bind_text(s->insert, 3, row->kind);
	sqlite3_bind_int64(s->insert, 4, row->unix_ms);
	sqlite3_bind_int64(s->insert, 5, row->utc_offset_min);
	bind_text(s->insert, 6, row->boot_id);
	sqlite3_bind_int64(s->insert, 7, row->monotonic_ms);
	bind_text(s->insert, 8, row->body);
	sqlite3_bind_blob(s->insert, 9, row->prev, RECORD_HASH_LEN,
			  SQLITE_STATIC);
	sqlite3_bind_blob(s->insert, 10, hash, RECORD_HASH_LEN, SQLITE_STATIC);
	sqlite3_step(s->insert);
	rc = sqlite3_reset(s->insert);
	row->prev = NULL;
	if (rc != SQLITE_OK)
		return store_errno(s->db, rc);
	s->next_rows = row->row;
	memcpy(s->next_head, hash, sizeof(hash));
	return 0;
}

int store_commit(struct store *s)
{
	int ret;

	ret = run(s, "COMMIT");
	if (ret)
		return ret;
	s->rows = s->next_rows;
	memcpy(s->head, s->next_head, sizeof(s->head));
	return 0;
}

void store_rollback(struct store *s)
{
	/* A full disk or an I/O error may have rolled back already. */
	if (!sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	s->unsure = true;
}

void store_close(struct store *s)
{
	sqlite3_finalize(s->insert);
	sqlite3_close(s->db);
	s->insert = NULL;
	s->db = NULL;
}
