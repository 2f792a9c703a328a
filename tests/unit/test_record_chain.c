// SPDX-License-Identifier: GPL-2.0-or-later
/* The bytes that are hashed, judged by a program that does not know us. */
#include "tests/unit/recordtest.h"

#include <stdio.h>
#include <string.h>

#include "daemon/record/chain.h"

/*
 * The bytes below are written by hand from the text in chain.h; sha256sum
 * knows nothing of this project. Proves the format and its documentation.
 */
static void hash_is_sha256_of_the_documented_bytes(void **state)
{
	static const char bytes[] =
		"t\0\0\0\0\0\0\0\016mnpen record 1"
		"i\0\0\0\0\0\0\0\002"
		"n"
		"t\0\0\0\0\0\0\0\005start"
		"i\0\0\001\234\0\0\0\007"
		"i\377\377\377\377\377\377\377\210"
		"t\0\0\0\0\0\0\0\003b-i"
		"i\0\0\0\0\0\0\001\002"
		"t\0\0\0\0\0\0\0\002{}"
		"b\0\0\0\0\0\0\0 \252\252\252\252\252\252\252\252\252\252\252"
		"\252\252\252\252\252\252\252\252\252\252\252\252\252\252\252"
		"\252\252\252\252\252\252";
	static const char golden[] = "4705e246c11ba9aa076222f3f0747cceefa1aee3e"
				     "237e31f93c4e0ff83098148";
	struct place *p = *state;
	uint8_t prev[32], hash[32];
	struct row row = {
		.row = 2,
		.kind = row_text("start"),
		.unix_ms = 0x19c00000007,
		.utc_offset_min = -120,
		.boot_id = row_text("b-i"),
		.monotonic_ms = 258,
		.body = row_text("{}"),
		.prev = prev,
	};
	char *argv[] = { "sha256sum", p->path, NULL };
	char hex[CHAIN_HEX_LEN], out[256];
	FILE *file;

	memset(prev, 0xaa, sizeof(prev));
	chain_hash(&row, hash);
	chain_hex(hash, hex);
	assert_string_equal(hex, golden);

	file = fopen(p->path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, sizeof(bytes) - 1, 1, file), 1);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(run_program(argv, out, sizeof(out)), 0);
	assert_memory_equal(out, hex, 64);
}

/* Two rows that differ only in where one text ends must differ in hash. */
static void no_two_rows_share_their_bytes(void **state)
{
	struct row a = { .row = 2, .prev = chain_zero }, b = a;
	uint8_t ha[32], hb[32];

	(void)state;
	a.session = row_text("ab");
	a.kind = row_text("c");
	b.session = row_text("a");
	b.kind = row_text("bc");
	a.boot_id = b.boot_id = a.body = b.body = row_text("");
	chain_hash(&a, ha);
	chain_hash(&b, hb);
	assert_memory_not_equal(ha, hb, 32);
	/* No session is not an empty session. */
	a.session = row_text("");
	a.kind = b.kind;
	b.session = row_text(NULL);
	chain_hash(&a, ha);
	chain_hash(&b, hb);
	assert_memory_not_equal(ha, hb, 32);
}

static void new_sessions_are_uuids_of_version_4(void **state)
{
	char id[RECORD_SESSION_LEN];

	(void)state;
	for (int i = 0; i < 100; i++) {
		record_new_session(id);
		assert_true(row_session_valid(id));
		assert_int_equal(id[14], '4');
		assert_non_null(strchr("89ab", id[19]));
	}
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(hash_is_sha256_of_the_documented_bytes),
		T(no_two_rows_share_their_bytes),
		T(new_sessions_are_uuids_of_version_4),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
