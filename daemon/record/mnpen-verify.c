// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpen-verify: says whether a record is intact. Needs no daemon. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/record/beside.h"
#include "daemon/record/chain.h"
#include "daemon/record/exported.h"
#include "daemon/record/readonly.h"
#include "daemon/record/schema.h"
#include "daemon/record/verify.h"

#define HEAD_DIGITS_MIN 16 /* as printed */

enum { EXIT_INTACT, EXIT_BROKEN, EXIT_USAGE, EXIT_CANNOT_OPEN };

static const char usage_text[] =
	"usage: mnpen-verify [--json] [--head HEX] [--key HEX] FILE\n"
	"Says whether a record of mnpend is intact.\n"
	"  --head HEX  the row with this hash (16 to 64 digits) must be there\n"
	"  --key HEX   this public key must have signed it\n"
	"  --json      one JSON object instead of a sentence\n"
	"Exit status: 0 intact, 1 broken, 2 usage, 3 cannot open\n";

struct options {
	bool json;
	char head[CHAIN_HEX_LEN]; /* empty: none */
	uint8_t key[CHECKPOINT_KEY_LEN];
	bool has_key;
	const char *file;
};

static int cannot_open(const struct options *opt, const char *why)
{
	json_t *json;

	if (!opt->json) {
		fprintf(stderr, "mnpen-verify: cannot open %s: %s\n", opt->file,
			why);
		return EXIT_CANNOT_OPEN;
	}
	json = json_pack("{s:s}", "error", why);
	json_dumpf(json, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(json);
	return EXIT_CANNOT_OPEN;
}

static void print_sentence(const struct verify_report *rep)
{
	char head[CHAIN_HEX_LEN];

	chain_hex(rep->head, head);
	if (!rep->damage)
		printf("intact: %" PRId64 " rows, %" PRId64
		       " signed, head %.16s\n", rep->rows, rep->signed_rows,
		       head);
	else if (rep->bad_row)
		printf("broken at row %" PRId64 ": %s\n", rep->bad_row,
		       rep->text);
	else
		printf("broken: %s\n", rep->text);
}

static int report(const struct options *opt, const struct verify_report *rep)
{
	char *text;

	if (opt->json) {
		text = verify_json(rep);
		puts(text ? text : "{\"error\":\"out of memory\"}");
		free(text);
	} else {
		print_sentence(rep);
	}
	if (fflush(stdout) || ferror(stdout))
		return EXIT_CANNOT_OPEN;
	return rep->damage ? EXIT_BROKEN : EXIT_INTACT;
}

static int verify_file(const struct options *opt)
{
	struct schema_marks marks;
	struct beside beside;
	struct verify v;
	char error[256];
	sqlite3 *db;
	int ret;

	ret = beside_read(opt->file, &beside);
	if (ret == -ENOMEM)
		return cannot_open(opt, "out of memory");
	if (readonly_open(opt->file, &db, error, sizeof(error)))
		return cannot_open(opt, error);
	if (schema_marks(db, &marks) == SQLITE_OK &&
	    marks.application_id == SCHEMA_APPLICATION_ID &&
	    marks.version > SCHEMA_VERSION) {
		sqlite3_close(db);
		return cannot_open(opt, "written by a newer version, use its "
					"mnpen-verify");
	}
	verify_init(&v, db);
	if (opt->head[0])
		verify_expect(&v, opt->head);
	if (opt->has_key)
		verify_key(&v, opt->key);
	beside_expect(&v, &beside);
	while (verify_walk(&v, 0))
		;
	verify_finish(&v);
	verify_database(&v, true);
	beside_finish(&v, &beside);
	ret = report(opt, &v.report);
	sqlite3_close(db);
	return ret;
}

static int usage(const char *why)
{
	fprintf(stderr, "mnpen-verify: %s\n%s", why, usage_text);
	return EXIT_USAGE;
}

/* Rows that somebody was given, by what they carry themselves. */
static int verify_export(const struct options *opt)
{
	char key[2 * CHECKPOINT_KEY_LEN + 1];
	struct exported e;
	int ret = exported_check(opt->file, &e);

	if (ret)
		return cannot_open(opt, strerror(-ret));
	if (opt->head[0])
		return usage("--head is for a record, this is an export");
	if (e.good && opt->has_key && memcmp(opt->key, e.key, sizeof(e.key))) {
		e.good = false;
		snprintf(e.why, sizeof(e.why), "signed by another key");
	}
	sodium_bin2hex(key, sizeof(key), e.key, sizeof(e.key));
	if (opt->json)
		printf("{\"intact\":%s,\"pages\":%" PRId64 ",\"rows\":%" PRId64
		       ",\"firstBadLine\":%" PRId64 ",\"damage\":\"%s\","
		       "\"publicKey\":\"%s\"}\n",
		       e.good ? "true" : "false", e.pages, e.rows, e.bad_line,
		       e.why, key);
	else if (e.good)
		printf("intact: an export of %" PRId64 " rows, signed by %s\n",
		       e.rows, key);
	else
		printf("broken at line %" PRId64 ": %s\n", e.bad_line, e.why);
	if (fflush(stdout) || ferror(stdout))
		return EXIT_CANNOT_OPEN;
	return e.good ? EXIT_INTACT : EXIT_BROKEN;
}

/* As printed on a sheet, in groups, or as mnpen-verify prints it. */
static bool read_head(struct options *opt, const char *text)
{
	size_t n = 0;

	for (; *text && n < sizeof(opt->head) - 1; text++) {
		if (*text != '-')
			opt->head[n++] = *text;
	}
	opt->head[n] = '\0';
	return !*text && n >= HEAD_DIGITS_MIN &&
	       strspn(opt->head, "0123456789abcdef") == n;
}

static bool read_key(struct options *opt, const char *text)
{
	size_t len;

	opt->has_key = true;
	return !sodium_hex2bin(opt->key, sizeof(opt->key), text, strlen(text),
			       NULL, &len, NULL) && len == sizeof(opt->key);
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "head", required_argument, NULL, 'H' },
		{ "key", required_argument, NULL, 'K' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	struct options opt = { 0 };
	int c;

	while ((c = getopt_long(argc, argv, "hV", longs, NULL)) != -1) {
		switch (c) {
		case 'j':
			opt.json = true;
			break;
		case 'H':
			if (!read_head(&opt, optarg))
				return usage("--head wants 16 to 64 lower-case "
					     "hex digits");
			break;
		case 'K':
			if (!read_key(&opt, optarg))
				return usage("--key wants 64 hex digits");
			break;
		case 'h':
			fputs(usage_text, stdout);
			return EXIT_INTACT;
		case 'V':
			puts("mnpen-verify " MNPEN_VERSION);
			return EXIT_INTACT;
		default:
			return usage("unknown option");
		}
	}
	if (argc - optind != 1)
		return usage("name one file");
	opt.file = argv[optind];
	return exported_looks_so(opt.file) ? verify_export(&opt) :
					     verify_file(&opt);
}
