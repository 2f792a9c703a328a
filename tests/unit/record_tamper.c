// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random tamperings with a record, by somebody who can compute hashes but has
 * not the key. Every one below the last checkpoint has to be found, and the
 * row that is named must not lie behind the first one that was touched.
 *
 *   record-tamper [--count N] [--seed N]
 */
#include <getopt.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/record/chain.h"
#include "daemon/record/key.h"
#include "daemon/record/verify.h"
#include "tests/unit/memdisk.h"

#define ROWS	    24	/* signed ones */
#define TAIL	    3	/* behind the last checkpoint */
#define CHECKPOINTS 3
#define ALL	    (ROWS + TAIL)

/* All of it in place, so that a random bit is a random bit of the content. */
struct stored {
	int64_t row, unix_ms, utc_offset_min, monotonic_ms;
	char session[40], kind[24], boot_id[40], body[120];
	uint8_t prev[RECORD_HASH_LEN], hash[RECORD_HASH_LEN];
};

struct file {
	struct stored rows[ALL + 1];
	int n;
	struct checkpoint points[CHECKPOINTS];
	int n_points;
	struct checkpoint anchor;
	bool has_anchor;
	int64_t touched; /* the first row that is not what it was */
};

static struct file good;
static struct key own, strangers;
static uint64_t seed;

static unsigned int dice(unsigned int sides)
{
	return memdisk_random(&seed) % sides;
}

static struct row row_of(const struct stored *s)
{
	return (struct row){
		.row = s->row,
		.session = row_text(s->session[0] ? s->session : NULL),
		.kind = row_text(s->kind),
		.unix_ms = s->unix_ms,
		.utc_offset_min = s->utc_offset_min,
		.boot_id = row_text(s->boot_id),
		.monotonic_ms = s->monotonic_ms,
		.body = row_text(s->body),
		.prev = s->prev,
		.hash = s->hash,
	};
}

static void rehash(struct stored *s)
{
	struct row row = row_of(s);

	chain_hash(&row, s->hash);
}

/* Numbers, links and hashes from row i on, as if all were in order. */
static void relink(struct file *f, int i)
{
	for (; i < f->n; i++) {
		f->rows[i].row = i + 1;
		memcpy(f->rows[i].prev, i ? f->rows[i - 1].hash : chain_zero,
		       RECORD_HASH_LEN);
		rehash(&f->rows[i]);
	}
}

static void make_row(struct stored *s, int i)
{
	static const char *const kinds[] = { "sessionBegin", "runIntent",
					     "progress", "runEnd",
					     "sessionEnd", "stop" };
	char hex[KEY_HEX_LEN];

	s->unix_ms = 1795000000000 + i * 1000;
	s->utc_offset_min = 60;
	s->monotonic_ms = 5000 + i * 1000;
	strcpy(s->boot_id, "6f1c7f0e-0000-4000-8000-0123456789ab");
	strcpy(s->kind, i ? kinds[i % 6] : "genesis");
	if (i)
		strcpy(s->session, "11111111-2222-4333-8444-555555555555");
	sodium_bin2hex(hex, sizeof(hex), own.public, sizeof(own.public));
	if (i)
		snprintf(s->body, sizeof(s->body),
			 "{\"motorMilliseconds\":%d,\"strokes\":%d}", i * 10,
			 i * 7);
	else
		snprintf(s->body, sizeof(s->body), "{\"publicKey\":\"%s\"}",
			 hex);
}

static void sign(struct checkpoint *cp, const struct key *key,
		 const struct stored *s)
{
	cp->row = s->row;
	cp->unix_ms = s->unix_ms;
	cp->open_row = s->row + 1;
	memcpy(cp->hash, s->hash, sizeof(cp->hash));
	memcpy(cp->key, key->public, sizeof(cp->key));
	checkpoint_sign(cp, key->secret);
}

static void make_good(void)
{
	uint8_t zeros[crypto_sign_SEEDBYTES] = { 1 }, ones[sizeof(zeros)] = { 2 };

	crypto_sign_seed_keypair(own.public, own.secret, zeros);
	crypto_sign_seed_keypair(strangers.public, strangers.secret, ones);
	good.n = ALL;
	for (int i = 0; i < ALL; i++)
		make_row(&good.rows[i], i);
	relink(&good, 0);
	good.n_points = CHECKPOINTS;
	for (int i = 0; i < CHECKPOINTS; i++) {
		good.points[i].id = i + 1;
		sign(&good.points[i], &own,
		     &good.rows[ROWS / CHECKPOINTS * (i + 1) - 1]);
	}
	good.anchor = good.points[CHECKPOINTS - 1];
	good.has_anchor = true;
}

/* --- what somebody may do to it ---------------------------------------------- */

static void flip(struct file *f, int i)
{
	struct stored *s = &f->rows[i];
	struct { void *at; size_t len; } fields[] = {
		{ &s->unix_ms, 8 },
		{ &s->utc_offset_min, 8 },
		{ &s->monotonic_ms, 8 },
		{ s->session, strlen(s->session) },
		{ s->kind, strlen(s->kind) },
		{ s->boot_id, strlen(s->boot_id) },
		{ s->body, strlen(s->body) },
		{ s->prev, sizeof(s->prev) },
		{ s->hash, sizeof(s->hash) },
	};
	unsigned int k, bit;

	do
		k = dice(9);
	while (!fields[k].len);
	bit = dice(fields[k].len * 8);
	((uint8_t *)fields[k].at)[bit / 8] ^= 1 << bit % 8;
}

/* Content alone: hashes are computed after it. */
static void edit(struct file *f, int i)
{
	struct stored *s = &f->rows[i];

	switch (dice(3)) {
	case 0:
		s->unix_ms += 1 + dice(100000);
		break;
	case 1:
		s->body[1 + dice(strlen(s->body) - 2)] ^= 1 << dice(5);
		break;
	default:
		s->monotonic_ms -= 1 + dice(1000);
		break;
	}
}

static void flip_row(struct file *f, int i)
{
	flip(f, i);
	if (dice(2) && i)
		rehash(&f->rows[i]);
}

static void edit_rehashed(struct file *f, int i)
{
	edit(f, i);
	relink(f, i);
}

static void take_out(struct file *f, int i)
{
	memmove(&f->rows[i], &f->rows[i + 1],
		(f->n - i - 1) * sizeof(f->rows[0]));
	f->n--;
}

static void delete_row(struct file *f, int i)
{
	take_out(f, i);
	if (dice(2))
		relink(f, i);
}

static void insert_row(struct file *f, int i)
{
	memmove(&f->rows[i + 1], &f->rows[i],
		(f->n - i) * sizeof(f->rows[0]));
	f->n++;
	edit(f, i);
	for (int k = i; k < f->n; k++)
		f->rows[k].row = k + 1;
	if (dice(2))
		relink(f, i);
	else if (dice(2))
		rehash(&f->rows[i]);
}

static void exchange(struct file *f, int i)
{
	int other = (i + 1 + dice(ROWS - 1)) % ROWS;
	struct stored s = f->rows[i];

	f->rows[i] = f->rows[other];
	f->rows[other] = s;
	if (i > other)
		i = other;
	f->touched = i + 1;
	for (int k = i; k < f->n; k++)
		f->rows[k].row = k + 1;
	if (dice(2))
		relink(f, i);
}

/* With its checkpoints or without them; the head file is there or is not. */
static void cut_off(struct file *f, int i)
{
	f->n = i;
	f->has_anchor = dice(2);
	if (f->has_anchor && dice(2)) {
		while (f->n_points && f->points[f->n_points - 1].row > i)
			f->n_points--;
	}
}

static void flip_point(struct file *f, int i)
{
	struct checkpoint *cp = &f->points[i % CHECKPOINTS];
	unsigned int bit = dice(sizeof(*cp) * 8);

	((uint8_t *)cp)[bit / 8] ^= 1 << bit % 8;
	f->touched = 0;
}

static void drop_point(struct file *f, int i)
{
	i %= CHECKPOINTS;
	memmove(&f->points[i], &f->points[i + 1],
		(f->n_points - i - 1) * sizeof(f->points[0]));
	f->n_points--;
	f->touched = 0;
}

/* Signs with a key of his own, and may even put that key into the record. */
static void sign_again(struct file *f, int i)
{
	edit(f, i);
	if (dice(2)) {
		sodium_bin2hex(f->rows[0].body + 14, KEY_HEX_LEN,
			       strangers.public, sizeof(strangers.public));
		strcat(f->rows[0].body, "\"}");
		i = 0;
	}
	f->touched = i + 1;
	relink(f, i);
	for (int k = 0; k < f->n_points; k++) {
		if (f->points[k].row > i)
			sign(&f->points[k], &strangers,
			     &f->rows[f->points[k].row - 1]);
	}
}

static const struct {
	const char *name;
	void (*fn)(struct file *f, int i);
} ways[] = {
	{ "bits flipped", flip_row },
	{ "rows edited, all hashes anew", edit_rehashed },
	{ "rows deleted", delete_row },
	{ "rows inserted", insert_row },
	{ "rows exchanged", exchange },
	{ "ends cut off", cut_off },
	{ "checkpoints flipped", flip_point },
	{ "checkpoints deleted", drop_point },
	{ "signed with another key", sign_again },
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* --- judging ------------------------------------------------------------------ */

static void look(const struct file *f, struct verify_report *out)
{
	struct verify v;
	int point = 0;

	verify_init(&v, NULL);
	if (f->has_anchor)
		verify_anchor(&v, &f->anchor);
	for (int i = 0; i < f->n && !v.report.damage; i++) {
		struct row row = row_of(&f->rows[i]);

		verify_row(&v, &row);
		while (!v.report.damage && point < f->n_points &&
		       f->points[point].row <= v.report.rows)
			verify_checkpoint(&v, &f->points[point++]);
	}
	verify_left_over(&v, point < f->n_points ? &f->points[point] : NULL);
	if (f->n)
		verify_end(&v);
	*out = v.report;
	if (!f->n)
		out->damage = VERIFY_MISSING;
}

static uint64_t done[WAYS], missed[WAYS], misplaced[WAYS];

static void tamper_once(void)
{
	struct verify_report rep;
	unsigned int way = dice(WAYS);
	struct file f;

	/* A flipped hash that is computed anew is no tampering. */
	do {
		int i = dice(ROWS);

		f = good;
		f.touched = i + 1;
		ways[way].fn(&f, i);
	} while (f.n == good.n && f.n_points == good.n_points &&
		 !memcmp(f.rows, good.rows, sizeof(f.rows)) &&
		 !memcmp(f.points, good.points, sizeof(f.points)));
	done[way]++;
	look(&f, &rep);
	if (!rep.damage) {
		missed[way]++;
		printf("# seed %" PRIu64 ": not found: %s, row %" PRId64 "\n",
		       seed, ways[way].name, f.touched);
	} else if (f.touched && rep.bad_row > f.touched + 1) {
		/* A row edited and rehashed is seen by the one behind it. */
		misplaced[way]++;
		printf("# %s: row %" PRId64 " touched, %" PRId64 " named: %s\n",
		       ways[way].name, f.touched, rep.bad_row, rep.text);
	}
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "count", required_argument, NULL, 'c' },
		{ "seed", required_argument, NULL, 's' },
		{ 0 },
	};
	uint64_t count = 20000, all_missed = 0, all_misplaced = 0, started;
	struct verify_report rep;
	int c;

	seed = time(NULL) * 1000003u + getpid();
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'c')
			count = strtoull(optarg, NULL, 0);
		else if (c == 's')
			seed = strtoull(optarg, NULL, 0);
		else
			return 2;
	}
	if (!seed || sodium_init() < 0)
		return 2;
	started = seed;
	make_good();
	look(&good, &rep);
	printf("%sok 1 - an_untouched_record_is_intact # %s\n",
	       rep.damage || rep.rows != ALL ? "not " : "", rep.text);
	for (uint64_t i = 0; i < count; i++)
		tamper_once();
	for (size_t i = 0; i < WAYS; i++) {
		printf("# %" PRIu64 " times %s\n", done[i], ways[i].name);
		all_missed += missed[i];
		all_misplaced += misplaced[i];
	}
	printf("# seed %" PRIu64 ": %" PRIu64 " tamperings, %" PRIu64
	       " not found\n", started, count, all_missed);
	printf("%sok 2 - every_tampering_is_found\n", all_missed ? "not " : "");
	printf("%sok 3 - no_row_behind_the_first_touched_one_is_named\n",
	       all_misplaced ? "not " : "");
	printf("1..3\n");
	return rep.damage || all_missed || all_misplaced;
}
