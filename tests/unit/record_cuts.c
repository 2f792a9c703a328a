// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Power cuts. A record is written on a disk in memory; before every single
 * change of that disk the power goes, a few times over with different losses,
 * and the record is opened again from what is left. While that recovers, the
 * power goes again.
 *
 * Judged after each: the record opens, everything in it verifies, and every row
 * that was acknowledged is there with the hash it had. Invariants 34, 36, 37.
 *
 *   record-cuts [--seconds N] [--seed N]
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/record/block.h"
#include "daemon/record/recover.h"
#include "daemon/record/verify.h"
#include "tests/unit/memdisk.h"

#define DEPTH_MAX    3	/* a cut while recovering from a cut while... */
#define LOSSES	     3	/* of one moment */
#define TRANSACTIONS 48
#define ACKED_MAX    512

static char path[96]; /* where nothing is: key and directory are real */
static uint64_t seed;
static struct timespec deadline;

static struct {
	uint64_t cuts, deep, rows, lost, unopened, torn, interrupted, fresh;
} count;

/* One record on one disk, and what its writer was told. */
struct world {
	struct memdisk *disk;
	struct store s;
	struct sessions sessions;
	int depth;
	int64_t acked;
	uint8_t hashes[ACKED_MAX][RECORD_HASH_LEN]; /* of rows from 1 */
};

static bool out_of_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > deadline.tv_sec ||
	       (now.tv_sec == deadline.tv_sec &&
		now.tv_nsec >= deadline.tv_nsec);
}

static unsigned int dice(unsigned int sides)
{
	return memdisk_random(&seed) % sides;
}

static void acknowledge(struct world *w)
{
	int64_t row = w->s.end.rows;

	if (row >= ACKED_MAX)
		abort();
	w->acked = row;
	memcpy(w->hashes[row], w->s.end.head, RECORD_HASH_LEN);
}

/* Rows in between were acknowledged with it: the chain holds them. */
static bool still_there(struct world *w, int64_t row,
			const uint8_t hash[RECORD_HASH_LEN])
{
	sqlite3_stmt *stmt;
	bool same = false;

	if (!row)
		return true;
	sqlite3_prepare_v2(w->s.db, "SELECT hash FROM record WHERE row = ?1",
			   -1, &stmt, NULL);
	sqlite3_bind_int64(stmt, 1, row);
	if (sqlite3_step(stmt) == SQLITE_ROW &&
	    sqlite3_column_bytes(stmt, 0) == RECORD_HASH_LEN)
		same = !memcmp(sqlite3_column_blob(stmt, 0), hash,
			       RECORD_HASH_LEN);
	sqlite3_finalize(stmt);
	return same;
}

static bool verifies(struct world *w)
{
	struct verify v;

	verify_init(&v, w->s.db);
	/* Opening has verified all rows but those it wrote itself. */
	if (dice(8)) {
		verify_database(&v, true);
		return !v.report.damage;
	}
	if (w->s.signed_end.id && w->s.signed_end.id == w->s.anchor.id)
		verify_anchor(&v, &w->s.signed_end);
	while (verify_walk(&v, 0))
		;
	verify_finish(&v);
	verify_database(&v, true);
	if (v.report.damage)
		printf("# not intact: %s\n", v.report.text);
	return !v.report.damage;
}

static void power_goes(void *arg);

static struct row row_of(enum record_kind kind, const char *session,
			 const char *body)
{
	struct row row = { .kind = row_text(record_kind_name(kind)),
			   .session = row_text(session),
			   .body = row_text(body) };

	row_stamp(&row, "00000000-0000-4000-8000-000000000000");
	return row;
}

static void must(int ret, const char *what)
{
	if (!ret)
		return;
	printf("Bail out! %s: %s\n", what, strerror(-ret));
	exit(1);
}

static bool open_world(struct world *w, char error[RECORD_ERROR_LEN])
{
	struct record_info info = { 0 };

	memdisk_use(w->disk);
	error[0] = '\0';
	if (recover_open(&w->s, &w->sessions, path,
			 "00000000-0000-4000-8000-000000000000", &info, error))
		return false;
	sqlite3_wal_autocheckpoint(w->s.db, 12);
	count.torn += info.discarded_frames > 0;
	count.interrupted += info.interrupted;
	count.fresh += info.created;
	return true;
}

static void close_world(struct world *w)
{
	memdisk_use(w->disk);
	store_close(&w->s);
	sessions_free(&w->sessions);
	memset(&w->s, 0, sizeof(w->s));
}

/* One transaction; what it commits is acknowledged. */
static void write_rows(struct world *w, const struct row *rows, int n,
		       bool checkpoint)
{
	memdisk_use(w->disk);
	must(sessions_reserve(&w->sessions, n), "reserve");
	must(store_begin(&w->s), "begin");
	for (int i = 0; i < n; i++) {
		struct row row = rows[i];

		must(store_put(&w->s, &row), "put");
		if (row_kind(&row) == RECORD_BLOCK)
			must(block_put(w->s.db, row.row, (uint8_t *)"xyz", 3),
			     "block");
	}
	if (checkpoint)
		must(store_checkpoint(&w->s,
				      sessions_open_row(&w->sessions,
							w->s.end.rows)),
		     "checkpoint");
	must(store_commit(&w->s), "commit");
	acknowledge(w);
	for (int i = 0; i < n; i++) {
		struct row row = rows[i];

		row.row = w->s.end.rows - n + 1 + i;
		sessions_see(&w->sessions, &row);
	}
	must(store_anchor(&w->s), "anchor");
	count.rows += n;
}

/* SHA-256 of "xyz", so that the block verifies. */
static const char block_body[] =
	"{\"bytes\":3,\"sha256\":\"3608bca1e44ea6c4d268eb6db02260269892c0b42b86bbf"
	"1e77a6fa16c3c9282\",\"storedBytes\":3}";

static const char *const ids[] = {
	"11111111-2222-4333-8444-555555555551",
	"11111111-2222-4333-8444-555555555552",
	"11111111-2222-4333-8444-555555555553",
};

static void write_some(struct world *w, int turn)
{
	const char *id = ids[turn / 16 % 3];
	struct row rows[8];
	int n = 1 + (dice(4) ? 0 : dice(7));
	bool end = turn % 16 == 15;

	if (turn % 16 == 0)
		rows[0] = row_of(RECORD_SESSION_BEGIN, id,
				 "{\"area\":\"cheek\",\"patient\":\"P-1\"}");
	else if (end)
		rows[0] = row_of(RECORD_SESSION_END, id, "{\"runs\":1}");
	else if (turn % 16 == 1)
		rows[0] = row_of(RECORD_RUN_INTENT, id,
				 "{\"cartridge\":\"C-1\"}");
	else if (turn % 16 == 7)
		rows[0] = row_of(RECORD_BLOCK, id, block_body);
	else
		rows[0] = row_of(RECORD_PROGRESS, id,
				 "{\"motorMilliseconds\":10,\"strokes\":1}");
	/* A block is stored beside the last row: it stays alone. */
	if (turn % 16 == 7)
		n = 1;
	for (int i = 1; i < n; i++)
		rows[i] = row_of(RECORD_STOP, NULL, "{}");
	write_rows(w, rows, n, end || !dice(20));
}

static void recovered(struct world *w, const struct world *before)
{
	if (!still_there(w, before->acked, before->hashes[before->acked])) {
		count.lost++;
		printf("# seed %" PRIu64 ": row %" PRId64 " is lost\n", seed,
		       before->acked);
	}
	if (!verifies(w))
		count.unopened++;
}

/* What is left is opened; with its own cuts if it is not too deep. */
static void recover(struct memdisk *left, const struct world *before)
{
	struct world *w = calloc(1, sizeof(*w));
	char error[RECORD_ERROR_LEN];

	if (!w)
		abort();
	w->disk = left;
	w->depth = before->depth + 1;
	w->acked = before->acked;
	memcpy(w->hashes, before->hashes, sizeof(w->hashes));
	if (w->depth < DEPTH_MAX && !dice(40))
		memdisk_on_change(left, power_goes, w);
	if (open_world(w, error)) {
		recovered(w, before);
		acknowledge(w);
		if (!dice(4))
			write_some(w, dice(48));
		w->disk = left;
	} else {
		count.unopened++;
		printf("# seed %" PRIu64 ", depth %d: not opened: %s\n", seed,
		       w->depth, error);
	}
	close_world(w);
	free(w);
}

static void power_goes(void *arg)
{
	struct world *w = arg;

	for (int i = 0; i < (w->depth ? 1 : LOSSES); i++) {
		struct memdisk *left = memdisk_cut(w->disk, &seed);

		count.cuts++;
		count.deep += w->depth > 0;
		recover(left, w);
		memdisk_free(left);
	}
	memdisk_use(w->disk);
}

/* From nothing to a closed record, twice opened. */
static void round_of_cuts(void)
{
	struct world *w = calloc(1, sizeof(*w));
	char error[RECORD_ERROR_LEN];

	if (!w)
		abort();
	w->disk = memdisk_new();
	memdisk_on_change(w->disk, power_goes, w);
	for (int part = 0; part < 2; part++) {
		if (!open_world(w, error)) {
			printf("Bail out! %s\n", error);
			exit(1);
		}
		acknowledge(w);
		for (int i = 0; i < TRANSACTIONS / 2 && !out_of_time(); i++)
			write_some(w, part * TRANSACTIONS / 2 + i);
		close_world(w);
	}
	memdisk_free(w->disk);
	free(w);
}

static void report(uint64_t started)
{
	bool ok = !count.lost && !count.unopened;

	printf("# seed %" PRIu64 ": %" PRIu64 " cuts, %" PRIu64
	       " of them while recovering, %" PRIu64 " rows acknowledged, "
	       "%" PRIu64 " torn tails discarded, %" PRIu64
	       " sessions closed as interrupted, %" PRIu64 " records begun "
	       "anew\n",
	       started, count.cuts, count.deep, count.rows, count.torn,
	       count.interrupted, count.fresh);
	printf("%sok 1 - no_acknowledged_row_is_lost_in_a_power_cut # %" PRIu64
	       " lost\n", count.lost ? "not " : "", count.lost);
	printf("%sok 2 - every_record_verifies_after_a_power_cut # %" PRIu64
	       " do not\n", count.unopened ? "not " : "", count.unopened);
	/* The test must have been where it matters. */
	ok = count.cuts > 500 && count.deep * 5 >= count.cuts && count.torn &&
	     count.interrupted;
	printf("%sok 3 - cuts_fell_into_writes_and_recoveries\n",
	       ok ? "" : "not ");
	printf("1..3\n");
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "seed", required_argument, NULL, 'r' },
		{ 0 },
	};
	char dir[] = "/dev/shm/mnpen-cuts-XXXXXX", name[128];
	uint64_t started;
	int seconds = 10, c;

	seed = time(NULL) * 1000003u + getpid();
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 's')
			seconds = atoi(optarg);
		else if (c == 'r')
			seed = strtoull(optarg, NULL, 0);
		else
			return 2;
	}
	if (!seed || !mkdtemp(dir))
		return 2;
	started = seed;
	snprintf(path, sizeof(path), "%s/record.db", dir);
	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += seconds;
	memdisk_install();
	while (!out_of_time())
		round_of_cuts();
	report(started);
	unlink(path);
	snprintf(name, sizeof(name), "%s-key", path);
	unlink(name);
	rmdir(dir);
	return count.lost || count.unopened;
}
