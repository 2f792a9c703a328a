// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Invariant 36: whatever is done to the file is reported, with the row.
 * Every test starts from the same small record and damages it.
 */
#include "tests/unit/recordtest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/record/chain.h"
#include "daemon/record/readonly.h"

#define ROWS 12
#define PAGE 4096

static char long_body[6000];

/* Small, but with an inner page of the tree and an overflow chain. */
static void fill(const struct place *p)
{
	struct record *r = open_ok(p, NULL);
	char body[1000];

	memset(long_body, 'x', sizeof(long_body) - 1);
	memcpy(long_body, "{\"note\":\"", 9);
	strcpy(long_body + sizeof(long_body) - 3, "\"}");
	append_ok(r, RECORD_START, NULL, "{\"version\":\"0.1\"}");
	append_ok(r, RECORD_SESSION_BEGIN, AN_ID, "{\"area\":\"cheek\"}");
	append_ok(r, RECORD_FAULT, AN_ID, long_body);
	for (int i = 5; i < ROWS; i++) {
		snprintf(body, sizeof(body),
			 "{\"motorMilliseconds\":%d,\"pad\":\"%0600d\","
			 "\"strokes\":%d}",
			 i * 100, i, i * 10);
		append_ok(r, RECORD_PROGRESS, AN_ID, body);
	}
	append_ok(r, RECORD_SESSION_END, AN_ID, "{\"reason\":\"end\"}");
	record_close(r);
}

static int filled_setup(void **state)
{
	if (place_setup(state))
		return -1;
	fill(*state);
	return 0;
}

/* What somebody with the sqlite3 program and no scruples can do. */
static void tamper(const struct place *p, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	assert_int_equal(sqlite3_exec(db, "PRAGMA ignore_check_constraints=ON",
				      0, 0, NULL), SQLITE_OK);
	if (sqlite3_exec(db, sql, 0, 0, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* As the daemon would have computed it. */
static void rehash(const struct place *p, int64_t number)
{
	uint8_t hash[RECORD_HASH_LEN];
	char hex[CHAIN_HEX_LEN], sql[200];
	sqlite3_stmt *stmt;
	struct row row;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	sqlite3_prepare_v2(db,
			   "SELECT " ROW_COLUMNS " FROM record WHERE row = ?1",
			   -1, &stmt, NULL);
	sqlite3_bind_int64(stmt, 1, number);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_null(row_read(stmt, &row));
	chain_hash(&row, hash);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	chain_hex(hash, hex);
	snprintf(sql, sizeof(sql),
		 "UPDATE record SET hash = x'%s' WHERE row = %d", hex,
		 (int)number);
	tamper(p, sql);
}

static struct verify_report look(const struct place *p, const char *expect)
{
	struct verify_report rep;

	verify_path(p->path, expect, &rep);
	return rep;
}

static void expect(const struct place *p, enum verify_damage damage,
		   int64_t row)
{
	char error[RECORD_ERROR_LEN], at[64] = "";
	struct verify_report rep = look(p, NULL);
	struct record *r;

	if (rep.damage != damage || rep.bad_row != row)
		fail_msg("damage %d at row %d: %s", rep.damage,
			 (int)rep.bad_row, rep.text);
	/* The daemon refuses it, and says the same row. */
	assert_int_equal(record_open(p->path, &r, NULL, error), -EUCLEAN);
	if (row)
		snprintf(at, sizeof(at), "broken at row %d", (int)row);
	if (!strstr(error, at) || !strstr(error, "keep the damaged record"))
		fail_msg("%s", error);
}

static void an_edit_of_any_column_is_reported(void **state)
{
	static const char *const edits[] = {
		"session = '11111111-2222-4333-8444-555555555556'",
		"session = NULL",
		"kind = 'stop'",
		"unix_ms = unix_ms + 1",
		"utc_offset_min = utc_offset_min + 60",
		"boot_id = boot_id || ' '",
		"monotonic_ms = -monotonic_ms",
		"body = replace(body, '70', '71')",
		"body = body || char(0)",
		"prev = zeroblob(32)",
		"hash = zeroblob(32)",
		"hash = x''",
	};
	struct place *p = *state;
	char sql[200];

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		snprintf(sql, sizeof(sql), "UPDATE record SET %s WHERE row = 7",
			 edits[i]);
		tamper(p, sql);
		expect(p, VERIFY_EDITED, 7);
		remove_record(p);
		fill(p);
	}
}

static void an_edit_with_a_new_hash_breaks_the_next_row(void **state)
{
	struct place *p = *state;

	tamper(p, "UPDATE record SET body = '{}' WHERE row = 7");
	rehash(p, 7);
	expect(p, VERIFY_UNLINKED, 8);
}

static void a_new_first_row_is_reported(void **state)
{
	struct place *p = *state;

	tamper(p, "UPDATE record SET kind = 'start' WHERE row = 1");
	rehash(p, 1);
	expect(p, VERIFY_UNLINKED, 1);
}

static void remove_head_file(const struct place *p)
{
	char name[128];

	snprintf(name, sizeof(name), "%s-head", p->path);
	assert_int_equal(unlink(name), 0);
}

/* Who can compute hashes cannot sign them. */
static void a_rewritten_end_is_not_the_one_that_was_signed(void **state)
{
	struct place *p = *state;
	struct verify_report rep;

	tamper(p, "UPDATE record SET body = '{}' WHERE row = 12");
	rehash(p, ROWS);
	rep = look(p, NULL);
	assert_int_equal(rep.damage, VERIFY_REPLACED);
	assert_in_range(rep.bad_row, 2, ROWS);
	remove_head_file(p);
	assert_int_equal(look(p, NULL).damage, VERIFY_REPLACED);
	tamper(p, "UPDATE checkpoint SET hash = (SELECT hash FROM record "
		  "WHERE row = 12) WHERE row = 12");
	rep = look(p, NULL);
	assert_int_equal(rep.damage, VERIFY_CHECKPOINT);
	assert_non_null(strstr(rep.text, "signature does not hold"));
}

static void rows_cut_off_are_missed_by_their_checkpoint(void **state)
{
	struct place *p = *state;
	struct verify_report good = look(p, NULL), rep;
	char head[CHAIN_HEX_LEN];

	assert_int_equal(good.damage, VERIFY_INTACT);
	assert_int_equal(good.rows, ROWS);
	assert_int_equal(good.signed_rows, ROWS);
	chain_hex(good.head, head);
	assert_int_equal(look(p, head).damage, VERIFY_INTACT);

	tamper(p, "DELETE FROM record WHERE row >= 10");
	rep = look(p, NULL);
	assert_int_equal(rep.damage, VERIFY_TRUNCATED);
	assert_int_equal(rep.bad_row, 10);
	/* The checkpoints as well: the head file knows. */
	tamper(p, "DELETE FROM checkpoint WHERE row >= 10");
	rep = look(p, NULL);
	assert_int_equal(rep.damage, VERIFY_TRUNCATED);
	assert_int_equal(rep.bad_row, 10);
	/* That as well: only who noted a head elsewhere knows. */
	remove_head_file(p);
	rep = look(p, NULL);
	assert_int_equal(rep.damage, VERIFY_INTACT);
	assert_int_equal(rep.rows, 9);
	rep = look(p, head);
	assert_int_equal(rep.damage, VERIFY_TRUNCATED);
	assert_int_equal(rep.bad_row, 10);
	/* An older head is still good. */
	chain_hex(rep.head, head);
	head[16] = '\0';
	assert_int_equal(look(p, head).damage, VERIFY_INTACT);
}

static void changed_checkpoints_are_reported(void **state)
{
	static const char *const changes[] = {
		"DELETE FROM checkpoint WHERE id = 1",
		"DELETE FROM checkpoint",
		"UPDATE checkpoint SET id = 99 WHERE id = 2",
		"UPDATE checkpoint SET row = row + 1 WHERE id = 1",
		"UPDATE checkpoint SET unix_ms = unix_ms + 1 WHERE id = 2",
		"UPDATE checkpoint SET open_row = 1 WHERE id = 2",
		"UPDATE checkpoint SET key = zeroblob(32) WHERE id = 1",
		"UPDATE checkpoint SET signature = zeroblob(64) WHERE id = 1",
		("UPDATE checkpoint SET signature = (SELECT signature FROM "
		 "checkpoint WHERE id = 2) WHERE id = 1"),
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		tamper(p, changes[i]);
		remove_head_file(p);
		if (look(p, NULL).damage == VERIFY_INTACT)
			fail_msg("not seen: %s", changes[i]);
		assert_int_equal(unlink(p->path), 0);
		fill(p);
	}
}

/* The daemon's own start-up must not take a short record for a whole one. */
static void a_start_refuses_a_record_that_was_cut_or_emptied(void **state)
{
	struct place *p = *state;
	char error[RECORD_ERROR_LEN];
	struct record *r;

	tamper(p, "DELETE FROM record WHERE row >= 10;"
		  "DELETE FROM checkpoint WHERE row >= 10");
	assert_int_equal(record_open(p->path, &r, NULL, error), -EUCLEAN);
	assert_non_null(strstr(error, "broken at row 10, truncated"));
	assert_int_equal(truncate(p->path, 0), 0);
	assert_int_equal(record_open(p->path, &r, NULL, error), -EUCLEAN);
	assert_non_null(strstr(error, "it was emptied, it had 12 rows"));
	assert_int_equal(unlink(p->path), 0);
	assert_int_equal(record_open(p->path, &r, NULL, error), -EUCLEAN);
	assert_non_null(strstr(error, "it was emptied"));
}

static void a_deleted_row_is_reported(void **state)
{
	struct place *p = *state;

	for (int row = ROWS - 1; row >= 1; row--) {
		char sql[80];

		snprintf(sql, sizeof(sql), "DELETE FROM record WHERE row = %d",
			 row);
		tamper(p, sql);
		expect(p, VERIFY_MISSING, row);
	}
	tamper(p, "DELETE FROM record");
	expect(p, VERIFY_MISSING, 1);
}

/* Deleted, and the later ones moved up so that no number is missing. */
static void a_gap_closed_by_renumbering_is_reported(void **state)
{
	struct place *p = *state;

	tamper(p, "DELETE FROM record WHERE row = 5;"
		  "UPDATE record SET row = row - 1 WHERE row > 5");
	expect(p, VERIFY_ORDER, 5);
}

static void exchanged_rows_are_reported(void **state)
{
	struct place *p = *state;

	tamper(p, "UPDATE record SET row = 99 WHERE row = 4;"
		  "UPDATE record SET row = 4 WHERE row = 9;"
		  "UPDATE record SET row = 9 WHERE row = 99");
	expect(p, VERIFY_ORDER, 4);
	assert_string_equal(look(p, NULL).text, "wrong order: this was row 9");
}

#define MAKE_ROOM(at)                                                          \
	"UPDATE record SET row = -row - 1 WHERE row >= " at ";"                \
	"UPDATE record SET row = -row WHERE row < 0;"
#define FORGE(at, prev)                                                        \
	"INSERT INTO record SELECT " at ", session, 'stop', unix_ms, 0,"       \
	" boot_id, monotonic_ms, '{}', (SELECT hash FROM record"               \
	" WHERE row = " prev "), zeroblob(32) FROM record WHERE row = 3"

static void an_inserted_row_is_reported(void **state)
{
	struct place *p = *state;

	tamper(p, MAKE_ROOM("6") FORGE("6", "5"));
	expect(p, VERIFY_EDITED, 6);
	/* With a good hash the forged row passes; the moved one does not. */
	rehash(p, 6);
	expect(p, VERIFY_ORDER, 7);
}

static void a_row_before_the_first_or_after_a_gap_is_reported(void **state)
{
	struct place *p = *state;

	tamper(p, FORGE("14", "12"));
	expect(p, VERIFY_MISSING, 13);
	tamper(p, "UPDATE record SET row = 13 WHERE row = 14");
	expect(p, VERIFY_EDITED, 13);
	tamper(p, "UPDATE record SET row = 0 WHERE row = 13");
	expect(p, VERIFY_ORDER, 1);
	tamper(p, "UPDATE record SET row = -5 WHERE row = 0");
	expect(p, VERIFY_ORDER, 1);
}

static void plain_sql(const struct place *p, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, 0, 0, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void changed_tables_are_reported(void **state)
{
	static const char *const changes[] = {
		"DROP TRIGGER record_no_delete",
		"CREATE TABLE more(a)",
		"CREATE INDEX more ON record(kind)",
		("DROP TRIGGER record_at_end; CREATE TRIGGER record_at_end"
		 " BEFORE INSERT ON record BEGIN SELECT 1; END"),
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		plain_sql(p, changes[i]);
		expect(p, VERIFY_SCHEMA, 0);
		remove_record(p);
		fill(p);
	}
	plain_sql(p, "ALTER TABLE record RENAME TO other");
	expect(p, VERIFY_UNREADABLE, 1);
}

/* Which bytes of the file mean something: pages of the tree, cell by cell. */
static uint8_t *used;
static uint8_t *owner; /* which row of the record has this byte, or 0 */
static uint8_t owning;
static uint8_t *file_data;
static size_t file_len;

enum { FREE_SPACE, HEADER, TREE, CELL, ALIAS, KINDS };

static unsigned int be16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static void mark(size_t at, size_t len, uint8_t what)
{
	assert_true(at + len <= file_len);
	memset(used + at, what, len);
	memset(owner + at, owning, len);
}

static unsigned int varint(const uint8_t *p, uint64_t *out)
{
	unsigned int n = 0;

	*out = 0;
	do
		*out = *out << 7 | (p[n] & 0x7f);
	while (p[n++] & 0x80);
	return n;
}

static void mark_overflow(uint32_t page, uint64_t left)
{
	while (left) {
		size_t at = (size_t)(page - 1) * PAGE;
		size_t n = left < PAGE - 4 ? left : PAGE - 4;

		mark(at + 4, n, CELL);
		left -= n;
		page = be32(file_data + at);
		/* Structure: behind the last byte no row misses it. */
		used[at] = used[at + 1] = used[at + 2] = used[at + 3] = TREE;
	}
}

static void mark_leaf_cell(size_t at, bool of_record, bool aliased)
{
	uint64_t payload, rowid, local;
	const unsigned int min = (PAGE - 12) * 32 / 255 - 23, max = PAGE - 35;
	unsigned int n = varint(file_data + at, &payload);

	n += varint(file_data + at + n, &rowid);
	owning = of_record ? rowid : 0;
	local = payload;
	if (payload > max) {
		local = min + (payload - min) % (PAGE - 4);
		if (local > max)
			local = min;
		mark(at + n + local, 4, CELL);
		mark_overflow(be32(file_data + at + n + local),
			      payload - local);
	}
	mark(at, n + local, CELL);
	/*
	 * The stored form of a column that is the row number: SQLite writes
	 * "nothing" there and never looks at it again.
	 */
	if (aliased)
		used[at + n + 1] = ALIAS;
	owning = 0;
}

static void mark_page(uint32_t page, bool of_record)
{
	size_t start = (size_t)(page - 1) * PAGE;
	size_t at = start + (page == 1 ? 100 : 0);
	bool leaf = file_data[at] == 0x0d;
	unsigned int head = leaf ? 8 : 12, cells = be16(file_data + at + 3);

	assert_true(leaf || file_data[at] == 0x05);
	mark(at, head + 2 * cells, TREE);
	for (unsigned int i = 0; i < cells; i++) {
		size_t cell = start + be16(file_data + at + head + 2 * i);
		uint64_t key;

		if (leaf) {
			mark_leaf_cell(cell, of_record, page != 1);
			continue;
		}
		mark(cell, 4 + varint(file_data + cell + 4, &key), TREE);
		mark_page(be32(file_data + cell), of_record);
	}
	if (!leaf)
		mark_page(be32(file_data + at + 8), of_record);
}

static void load(const char *path)
{
	FILE *file = fopen(path, "r");
	struct stat st;
	sqlite3_stmt *stmt;
	sqlite3 *db;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &st), 0);
	file_len = st.st_size;
	file_data = malloc(file_len);
	used = calloc(1, file_len);
	owner = calloc(1, file_len);
	assert_int_equal(fread(file_data, file_len, 1, file), 1);
	fclose(file);
	mark(0, 100, HEADER);
	mark_page(1, false);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_prepare_v2(db,
			   "SELECT rootpage, name = 'record' "
			   "FROM sqlite_schema "
			   "WHERE name IN ('record', 'checkpoint')",
			   -1, &stmt, NULL);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		mark_page(sqlite3_column_int(stmt, 0),
			  sqlite3_column_int(stmt, 1));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

/*
 * Header fields that no reader of the rows ever looks at: write counter, size
 * and schema counters (SQLite falls back on the real size), cache hint, the
 * largest root and vacuum mode of another kind of file, reserved bytes and the
 * version of the last writer. Of the schema format and the text encoding it
 * looks at a few bits. Bytes 18 and 19 say which journal is used; there is
 * none beside a closed record.
 */
static bool header_byte_may_change(size_t at)
{
	return at == 18 || at == 19 || (at >= 24 && at < 32) ||
	       (at >= 40 && at < 52) || (at >= 56 && at < 60) ||
	       (at >= 64 && at < 68) || at >= 72;
}

struct flips {
	int done[KINDS], caught[KINDS];
};

static void check_flip(struct flips *flips, size_t at,
		       const struct verify_report *rep,
		       const struct verify_report *good)
{
	uint8_t kind = used[at];

	flips->done[kind]++;
	if (rep->damage) {
		flips->caught[kind]++;
		/* A page SQLite cannot read begins at its first row. */
		if (owner[at] && (rep->bad_row < 1 || rep->bad_row > owner[at]))
			fail_msg("flip in row %d: row %d, %s", owner[at],
				 (int)rep->bad_row, rep->text);
		return;
	}
	/* Intact must mean: nothing of the content changed. */
	assert_int_equal(rep->rows, good->rows);
	assert_memory_equal(rep->head, good->head, 32);
	if (kind == CELL || kind == TREE ||
	    (kind == HEADER && !header_byte_may_change(at)))
		fail_msg("flip at %zu (page %zu, byte %zu, kind %d) not seen",
			 at, at / PAGE + 1, at % PAGE, kind);
}

/* Without what lies beside it: an old copy has nothing there. */
static struct verify_report look_alone(const struct place *p)
{
	struct verify v;
	char error[256];
	sqlite3 *db;

	assert_int_equal(readonly_open(p->path, &db, error, sizeof(error)), 0);
	verify_init(&v, db);
	while (verify_walk(&v, 0))
		;
	verify_finish(&v);
	verify_database(&v, true);
	sqlite3_close(db);
	return v.report;
}

/* Flips bytes by one of the masks, in turn: of rows, one in step. */
static struct flips flip_all(struct place *p, const uint8_t *masks, int n,
			     int step)
{
	struct verify_report good = look(p, NULL), rep;
	struct flips flips = { 0 };
	unsigned int turn = 0;
	uint8_t flipped;
	int fd;

	load(p->path);
	fd = open(p->path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	for (size_t at = 0; at < file_len; at++) {
		/* A sample of what means nothing is enough. */
		if (at % (used[at] == FREE_SPACE ? 32 :
			  used[at] == CELL ? step : 1))
			continue;
		flipped = file_data[at] ^ masks[turn++ % n];
		assert_int_equal(pwrite(fd, &flipped, 1, at), 1);
		rep = look_alone(p);
		assert_int_equal(pwrite(fd, &file_data[at], 1, at), 1);
		check_flip(&flips, at, &rep, &good);
	}
	close(fd);
	assert_int_equal(look(p, NULL).damage, VERIFY_INTACT);
	print_message("flips reported: rows and schema %d/%d, tree %d/%d, "
		      "header %d/%d, unread column %d/%d, free space %d/%d\n",
		      flips.caught[CELL], flips.done[CELL], flips.caught[TREE],
		      flips.done[TREE], flips.caught[HEADER],
		      flips.done[HEADER], flips.caught[ALIAS],
		      flips.done[ALIAS], flips.caught[FREE_SPACE],
		      flips.done[FREE_SPACE]);
	free(file_data);
	free(used);
	free(owner);
	return flips;
}

static void flipped_bytes_that_mean_something_are_reported(void **state)
{
	static const uint8_t masks[] = { 0xff };
	struct flips flips = flip_all(*state, masks, sizeof(masks), 5);

	assert_true(flips.done[CELL] > 3000);
	assert_true(flips.done[TREE] > 50);
}

static void a_flipped_bit_of_any_byte_is_reported(void **state)
{
	static const uint8_t masks[] = { 1, 2, 4, 8, 16, 32, 64, 128 };
	struct place *p = *state;
	struct record *r;
	struct flips flips;

	remove_record(p);
	r = open_ok(p, NULL);
	append_ok(r, RECORD_START, NULL, "{}");
	append_ok(r, RECORD_STOP, AN_ID, "{\"pen\":\"MN-1\"}");
	record_close(r);
	flips = flip_all(p, masks, sizeof(masks), 1);
	assert_true(flips.done[CELL] > 4000);
}

static void a_shorter_file_is_reported(void **state)
{
	struct place *p = *state;
	struct stat st;

	assert_int_equal(stat(p->path, &st), 0);
	for (off_t len = st.st_size - 1; len > 100; len -= 997) {
		assert_int_equal(truncate(p->path, len), 0);
		assert_int_not_equal(look(p, NULL).damage, VERIFY_INTACT);
	}
}

static int verify_program(const char *a, const char *b, const char *c,
			  char *out, size_t len)
{
	char program[4096];
	char *argv[] = { program, (char *)a, (char *)b, (char *)c, NULL };

	beside("mnpen-verify", program, sizeof(program));
	return run_program(argv, out, len);
}

static void the_program_says_intact_or_broken(void **state)
{
	struct place *p = *state;
	struct verify_report rep = look(p, NULL);
	char out[1000], want[1000], head[CHAIN_HEX_LEN];

	chain_hex(rep.head, head);
	assert_int_equal(verify_program(p->path, NULL, NULL, out, sizeof(out)),
			 0);
	snprintf(want, sizeof(want), "intact: %d rows, %d signed, head %.16s\n",
		 ROWS, ROWS, head);
	assert_string_equal(out, want);
	assert_int_equal(
		verify_program("--json", p->path, NULL, out, sizeof(out)), 0);
	snprintf(want, sizeof(want),
		 "{\"intact\":true,\"rows\":%d,\"head\":\"%s\","
		 "\"firstBadRow\":null,\"damage\":null,\"checkpoints\":2,"
		 "\"signedRows\":%d,\"publicKey\":\"",
		 ROWS, head, ROWS);
	assert_memory_equal(out, want, strlen(want));
	assert_int_equal(
		verify_program("--head", head, p->path, out, sizeof(out)), 0);
	assert_int_equal(verify_program("--head", "0123456789abcdef", p->path,
					out, sizeof(out)),
			 1);
	assert_string_equal(out, "broken at row 13: truncated or replaced: no "
				 "row has the expected hash\n");

	tamper(p, "UPDATE record SET body = '{}' WHERE row = 5");
	assert_int_equal(verify_program(p->path, NULL, NULL, out, sizeof(out)),
			 1);
	assert_string_equal(out, "broken at row 5: row edited: its hash does "
				 "not match its content\n");
	assert_int_equal(
		verify_program("--json", p->path, NULL, out, sizeof(out)), 1);
	assert_non_null(strstr(out, "\"intact\":false,\"rows\":4,"));
	assert_non_null(strstr(out, "\"firstBadRow\":5,"));
	tamper(p, "CREATE TABLE more(a)");
	tamper(p, "DELETE FROM record WHERE row = 2");
	assert_int_equal(verify_program(p->path, NULL, NULL, out, sizeof(out)),
			 1);
	assert_string_equal(out, "broken at row 2: row missing\n");
}

static void the_program_tells_usage_from_files_it_cannot_open(void **state)
{
	struct place *p = *state;
	struct record *r;
	char out[1000];

	assert_int_equal(verify_program(NULL, NULL, NULL, out, sizeof(out)), 2);
	assert_int_equal(
		verify_program("--nonsense", p->path, NULL, out, sizeof(out)),
		2);
	assert_int_equal(
		verify_program("--head", "xyz", p->path, out, sizeof(out)), 2);
	assert_int_equal(
		verify_program(p->path, p->path, NULL, out, sizeof(out)), 2);
	assert_string_equal(out, "");
	assert_int_equal(verify_program("--help", NULL, NULL, out, sizeof(out)),
			 0);
	assert_non_null(strstr(out, "usage: mnpen-verify"));
	assert_int_equal(
		verify_program("/nonexistent", NULL, NULL, out, sizeof(out)),
		3);
	assert_int_equal(verify_program("--json", "/nonexistent", NULL, out,
					sizeof(out)),
			 3);
	assert_string_equal(out, "{\"error\":\"No such file or directory\"}\n");
	assert_int_equal(verify_program(p->dir, NULL, NULL, out, sizeof(out)),
			 3);
	/* In use: the daemon has to be asked. */
	r = open_ok(p, NULL);
	assert_int_equal(
		verify_program("--json", p->path, NULL, out, sizeof(out)), 3);
	assert_non_null(strstr(out, "mnpenctl record verify"));
	record_close(r);
	assert_int_equal(verify_program(p->path, NULL, NULL, out, sizeof(out)),
			 0);
	plain_sql(p, "PRAGMA user_version = 3");
	assert_int_equal(
		verify_program("--json", p->path, NULL, out, sizeof(out)), 3);
	assert_non_null(strstr(out, "newer version"));
}

static int directory_entries(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static uint64_t sum_of(const char *path, const char *tail)
{
	char name[128];
	uint64_t sum = 14695981039346656037u;
	FILE *file;
	int c;

	snprintf(name, sizeof(name), "%s%s", path, tail);
	file = fopen(name, "r");
	assert_non_null(file);
	while ((c = getc(file)) != EOF)
		sum = (sum ^ c) * 1099511628211u;
	fclose(file);
	return sum;
}

/* After a crash most rows are in the WAL; looking must not move them. */
static void verifying_a_crashed_record_changes_nothing(void **state)
{
	struct place *p = *state;
	struct verify_report rep;
	uint64_t main_sum, wal_sum;
	char out[1000];
	int status;
	pid_t pid;

	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		struct record *r = open_ok(p, NULL);

		for (int i = 0; i < 50; i++)
			append_ok(r, RECORD_STOP, NULL, "{\"a\":1}");
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(directory_entries(p->dir), 5);
	main_sum = sum_of(p->path, "");
	wal_sum = sum_of(p->path, "-wal");
	rep = look(p, NULL);
	assert_int_equal(rep.damage, VERIFY_INTACT);
	assert_int_equal(rep.rows, ROWS + 50);
	assert_int_equal(verify_program(p->path, NULL, NULL, out, sizeof(out)),
			 0);
	assert_true(main_sum == sum_of(p->path, ""));
	assert_true(wal_sum == sum_of(p->path, "-wal"));
	assert_int_equal(directory_entries(p->dir), 5);
}

static void verifying_makes_and_removes_no_files(void **state)
{
	struct place *p = *state;
	char wal[128];
	FILE *file;

	assert_int_equal(directory_entries(p->dir), 4);
	assert_int_equal(look(p, NULL).damage, VERIFY_INTACT);
	assert_int_equal(directory_entries(p->dir), 4);
	/* A WAL with nothing in it to write back: SQLite would delete it. */
	snprintf(wal, sizeof(wal), "%s-wal", p->path);
	file = fopen(wal, "w");
	assert_non_null(file);
	fputs("torn before its first commit", file);
	fclose(file);
	assert_int_equal(look(p, NULL).rows, ROWS);
	assert_int_equal(directory_entries(p->dir), 5);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, filled_setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_edit_of_any_column_is_reported),
		T(an_edit_with_a_new_hash_breaks_the_next_row),
		T(a_new_first_row_is_reported),
		T(a_rewritten_end_is_not_the_one_that_was_signed),
		T(rows_cut_off_are_missed_by_their_checkpoint),
		T(changed_checkpoints_are_reported),
		T(a_start_refuses_a_record_that_was_cut_or_emptied),
		T(a_deleted_row_is_reported),
		T(a_gap_closed_by_renumbering_is_reported),
		T(exchanged_rows_are_reported),
		T(an_inserted_row_is_reported),
		T(a_row_before_the_first_or_after_a_gap_is_reported),
		T(changed_tables_are_reported),
		T(flipped_bytes_that_mean_something_are_reported),
		T(a_flipped_bit_of_any_byte_is_reported),
		T(a_shorter_file_is_reported),
		T(the_program_says_intact_or_broken),
		T(the_program_tells_usage_from_files_it_cannot_open),
		T(verifying_a_crashed_record_changes_nothing),
		T(verifying_makes_and_removes_no_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
