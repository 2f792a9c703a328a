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
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "daemon/record/chain.h"
#include "daemon/record/schema.h"
#include "daemon/record/store.h"

#define HEADER_LEN     100 /* of an SQLite file */
#define HEADER_VERSION 60  /* user_version, big-endian */
#define HEADER_APP     68  /* application_id, big-endian */

/* After a big transaction SQLite cuts the WAL file back to this. */
#define WAL_KEEP_BYTES "4194304"

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

static int too_new(int64_t version, char *error)
{
	snprintf(error, RECORD_ERROR_LEN,
		 "install a newer mnpen: the record has version %" PRId64
		 ", this one knows up to %d",
		 version, SCHEMA_VERSION);
	return -EPROTO;
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

static int open_anchor(struct store *s, const char *path, char *error)
{
	int ret = anchor_open(&s->anchor, path);

	if (ret)
		snprintf(error, RECORD_ERROR_LEN,
			 "make %.150s-head readable and writable: %s", path,
			 strerror(-ret));
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
		      /* Indexes use json_extract; no other function is there. */
		      "PRAGMA trusted_schema=ON;"
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
	*fresh = false;
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
	s->version = marks.version;
	/* The newer version's mark may be in the WAL alone. */
	if (marks.application_id == SCHEMA_APPLICATION_ID &&
	    marks.version > SCHEMA_VERSION)
		return too_new(marks.version, error);
	if (marks.empty || marks.application_id == SCHEMA_APPLICATION_ID)
		return open_anchor(s, path, error);
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

static int make_tables(struct store *s, struct row *row, int64_t open_row)
{
	int ret;

	ret = store_begin(s);
	if (ret)
		return ret;
	ret = store_errno(s->db, schema_migrate(s->db, s->version));
	if (!ret)
		ret = prepare(s);
	if (!ret)
		ret = store_put(s, row);
	if (!ret)
		ret = store_checkpoint(s, open_row);
	if (!ret)
		ret = store_commit(s);
	if (ret)
		store_rollback(s);
	return ret;
}

int store_create(struct store *s, struct row *genesis)
{
	int ret;

	ret = run(s, "PRAGMA journal_mode=WAL");
	return ret ? ret : make_tables(s, genesis, 2);
}

int store_use(struct store *s, const struct store_end *end)
{
	int ret;

	s->end = *end;
	ret = run(s, "PRAGMA journal_mode=WAL");
	return ret ? ret : prepare(s);
}

int store_migrate(struct store *s, const struct store_end *end,
		  struct row *migrated, int64_t open_row)
{
	int ret;

	s->end = *end;
	ret = run(s, "PRAGMA journal_mode=WAL");
	return ret ? ret : make_tables(s, migrated, open_row);
}

/* Where the chain ends, by the file itself. */
static int reread_end(struct store *s)
{
	struct checkpoint cp;
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
	    sqlite3_column_bytes(stmt, 1) == sizeof(s->end.head)) {
		s->end.rows = sqlite3_column_int64(stmt, 0);
		memcpy(s->end.head, sqlite3_column_blob(stmt, 1),
		       sizeof(s->end.head));
	} else {
		rc = rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_CORRUPT
							   : rc;
	}
	sqlite3_finalize(stmt);
	if (rc == SQLITE_ROW)
		rc = checkpoint_get(s->db, 0, &cp);
	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? -EUCLEAN : store_errno(s->db, rc);
	s->end.checkpoint = cp.id;
	s->end.signed_rows = cp.row;
	s->unsure = false;
	return 0;
}

int store_begin(struct store *s)
{
	int ret;

	if (s->unsure) {
		ret = reread_end(s);
		if (ret)
			return ret;
	}
	s->next = s->end;
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

	row->row = s->next.rows + 1;
	row->prev = s->next.head;
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
	s->next.rows = row->row;
	memcpy(s->next.head, hash, sizeof(hash));
	return 0;
}

static int64_t unix_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int store_checkpoint(struct store *s, int64_t open_row)
{
	struct checkpoint cp = {
		.id = s->next.checkpoint + 1,
		.row = s->next.rows,
		.unix_ms = unix_ms(),
		.open_row = open_row,
	};
	int ret;

	if (s->next.rows == s->next.signed_rows)
		return 0;
	memcpy(cp.hash, s->next.head, sizeof(cp.hash));
	memcpy(cp.key, s->key.public, sizeof(cp.key));
	checkpoint_sign(&cp, s->key.secret);
	ret = store_errno(s->db, checkpoint_put(s->db, &cp));
	if (ret)
		return ret;
	s->next.checkpoint = cp.id;
	s->next.signed_rows = cp.row;
	s->signed_next = cp;
	return 0;
}

/*
 * On a file system that was made read-only under us ext4 still takes what is
 * written to open files, and its fdatasync() does nothing and says that it
 * succeeded.
 */
static int read_only(struct store *s)
{
	const char *path = sqlite3_db_filename(s->db, "main");
	struct statvfs fs;

	if (!path || statvfs(path, &fs))
		return 0;
	return fs.f_flag & ST_RDONLY ? -EROFS : 0;
}

int store_commit(struct store *s)
{
	int ret = read_only(s);

	if (!ret)
		ret = run(s, "COMMIT");
	/* In between: what was not acknowledged may yet be there, or twice. */
	if (!ret)
		ret = read_only(s);
	if (ret)
		return ret;
	if (s->next.checkpoint != s->end.checkpoint)
		s->signed_end = s->signed_next;
	s->end = s->next;
	return 0;
}

void store_rollback(struct store *s)
{
	/* A full disk or an I/O error may have rolled back already. */
	if (!sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	s->unsure = true;
}

int store_anchor(struct store *s)
{
	if (!s->signed_end.id || s->signed_end.id == s->anchor.id)
		return 0;
	return anchor_write(&s->anchor, &s->signed_end);
}

void store_close(struct store *s)
{
	anchor_close(&s->anchor);
	key_wipe(&s->key);
	sqlite3_finalize(s->insert);
	sqlite3_close(s->db);
	s->insert = NULL;
	s->db = NULL;
}
