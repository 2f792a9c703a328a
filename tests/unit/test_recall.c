// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Recalled cartridges: what fits an entry does not pass, what cannot be told
 * apart does not pass either, and a list with one bad line is no list.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/catalogue/recall.h"

#define GTIN	"51022222233336"
#define OTHER	"00844588003288"
#define GOOD	"[recall a]\ngtin = " GTIN "\nlot = A213B1\n" \
		"reason = seal may leak\nsource = letter\n"

static char path[] = "/tmp/mnpen-recalls.XXXXXX";
static char error[RECALL_ERROR_LEN];

static void write_list(const void *text, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	fclose(f);
}

static struct recall_list load(const char *text)
{
	struct recall_list list;

	write_list(text, strlen(text));
	if (recall_load(path, &list, error))
		fail_msg("%s", error);
	return list;
}

static const char *found(const struct recall_list *list, const char *scan)
{
	const struct recall *r;
	struct udi udi;

	assert_int_equal(udi_parse(scan, strlen(scan), 2026, &udi), UDI_OK);
	r = recall_find(list, &udi);
	return r ? r->id : "";
}

static void an_entry_fits_what_it_names_and_nothing_else(void **state)
{
	struct recall_list list = load(
		"# ours\n" GOOD
		"\n[recall b]\ngtin = " GTIN "\nserial = 99\nreason = r\n"
		"source = s\n[recall c]\ngtin = " GTIN "\nlot_begins = B7\n"
		"reason = r\nsource = s\n");

	(void)state;
	assert_int_equal(list.count, 3);
	assert_string_equal(list.recall[0].reason, "seal may leak");
	assert_string_equal(list.recall[0].source, "letter");
	assert_string_equal(found(&list, "(01)" GTIN "(10)A213B1(21)1"), "a");
	assert_string_equal(found(&list, "(01)" GTIN "(10)A213B(21)1"), "");
	assert_string_equal(found(&list, "(01)" GTIN "(10)a213b1(21)1"), "");
	assert_string_equal(found(&list, "(01)" GTIN "(10)X(21)99"), "b");
	assert_string_equal(found(&list, "(01)" GTIN "(10)X(21)999"), "");
	assert_string_equal(found(&list, "(01)" GTIN "(10)B7(21)1"), "c");
	assert_string_equal(found(&list, "(01)" GTIN "(10)B71X(21)1"), "c");
	assert_string_equal(found(&list, "(01)" GTIN "(10)XB7(21)1"), "");
	assert_string_equal(found(&list, "(01)" OTHER "(10)A213B1(21)99"), "");
	recall_free(&list);
}

static void all_lots_means_all(void **state)
{
	struct recall_list list = load("[recall a]\ngtin = " GTIN
				       "\nlots = all\nreason = r\n"
				       "source = s\n");

	(void)state;
	assert_string_equal(found(&list, "(01)" GTIN "(10)X(21)1"), "a");
	assert_string_equal(found(&list, "(01)" GTIN), "a");
	assert_string_equal(found(&list, "(01)" OTHER), "");
	recall_free(&list);
}

/* Some of this product are recalled, and the pack does not say which it is. */
static void what_the_pack_does_not_say_does_not_excuse_it(void **state)
{
	struct recall_list list = load(GOOD);

	(void)state;
	assert_string_equal(found(&list, "(01)" GTIN "(21)1"), "a");
	recall_free(&list);
	list = load("[recall b]\ngtin = " GTIN "\nserial = 99\nreason = r\n"
		    "source = s\n");
	assert_string_equal(found(&list, "(01)" GTIN "(10)X"), "b");
	assert_string_equal(found(&list, "(01)" OTHER "(10)X"), "");
	recall_free(&list);
}

static void every_bad_line_refuses_the_list_and_is_named(void **state)
{
	static const struct { const char *text; int line; const char *words; }
	bad[] = {
		{ GOOD "nonsense\n", 6, "neither" },
		{ GOOD " lot = x\n", 6, "neither" },
		{ GOOD "colour = red\n", 6, "colour: unknown key" },
		{ GOOD "reason = again\n", 6, "reason: given twice" },
		{ GOOD "serial = 1\n", 6, "only one of" },
		{ GOOD "lots = all\n", 6, "only one of" },
		{ GOOD GOOD, 6, "[recall a]: given twice" },
		{ "gtin = " GTIN "\n", 1, "outside any entry" },
		{ "[recall]\n", 1, "not '[recall name]'" },
		{ "[recall a\n", 1, "not '[recall name]'" },
		{ "[area cheek]\n", 1, "not '[recall name]'" },
		{ "[recall ]\n", 1, "a name has" },
		{ "[recall A]\n", 1, "a name has" },
		{ "[recall a]\ngtin = 123\n", 2, "14 digits" },
		{ "[recall a]\ngtin = 51022222233337\n", 2, "check digit" },
		{ "[recall a]\ngtin = 5102222223333x\n", 2, "character" },
		{ "[recall a]\nlots = some\n", 2, "'some' is not 'all'" },
		{ "[recall a]\nlot =\n", 2, "1 to 20 bytes" },
		{ "[recall a]\nlot = 123456789012345678901\n", 2, "not 21" },
		{ "[recall a]\nlot = a\tb\n", 2, "byte 0x09" },
		{ "\n[recall a]\n", 2, "[recall a]: gtin is missing" },
		{ "[recall a]\ngtin = " GTIN "\n", 1, "one of lot, lot_begins" },
		{ "[recall a]\ngtin = " GTIN "\nlot = x\n", 1,
		  "reason is missing" },
		{ "[recall a]\ngtin = " GTIN "\nlot = x\nreason = r\n"
		  "[recall b]\n", 1, "source is missing" },
	};
	struct recall_list list;
	char at[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_list(bad[i].text, strlen(bad[i].text));
		if (recall_load(path, &list, error) != -EINVAL)
			fail_msg("accepted: %s", bad[i].text);
		assert_int_equal(list.count, 0);
		assert_null(list.recall);
		snprintf(at, sizeof(at), "%s:%d: ", path, bad[i].line);
		if (strncmp(error, at, strlen(at)) ||
		    !strstr(error, bad[i].words))
			fail_msg("'%s' instead of '%s...%s'", error, at,
				 bad[i].words);
	}
	write_list("[recall a]\nlot = a\0b\n", 21);
	assert_int_equal(recall_load(path, &list, error), -EINVAL);
}

static void no_file_is_an_empty_list_and_no_file_at_all_is_an_error(void **state)
{
	struct recall_list list;

	(void)state;
	assert_int_equal(recall_load("/nonexistent/recalls.conf", &list,
				     error), 0);
	assert_int_equal(list.count, 0);
	assert_string_equal(found(&list, "(01)" GTIN), "");
	assert_int_equal(recall_load("/tmp", &list, error), -EINVAL);
	assert_int_equal(recall_load("/dev/zero", &list, error), -EINVAL);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(recall_load(path, &list, error), -EINVAL);
	unlink(path);
	list = load("");
	assert_int_equal(list.count, 0);
}

static int make(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int clean(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_fits_what_it_names_and_nothing_else),
		cmocka_unit_test(all_lots_means_all),
		cmocka_unit_test(what_the_pack_does_not_say_does_not_excuse_it),
		cmocka_unit_test(every_bad_line_refuses_the_list_and_is_named),
		cmocka_unit_test(no_file_is_an_empty_list_and_no_file_at_all_is_an_error),
	};

	return cmocka_run_group_tests_name("recalls", tests, make, clean);
}
