// SPDX-License-Identifier: GPL-2.0-or-later
/* Which cartridge: every scan is read right or refused, never half. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/catalogue/udi.h"

#define YEAR	2026
#define GTIN	"10857674002017"
#define SCAN	"]d20110857674002017" "17141120" "10NYFUL01\x1d" \
		"21192837\x1d" "713A1B2C3D4E5F6G"
#define PRINTED	"(01)00844588003288(17)141120(10)7654321D(21)10987654d321"
#define FACTORY	"(01)51022222233336(11)141231(17)150707(10)A213B1(21)1234"

/* From the heap at its exact size, so that a read beyond it is seen. */
static enum udi_error parse_n(const char *text, size_t len, struct udi *udi)
{
	char *copy = malloc(len ? len : 1);
	enum udi_error error;

	assert_non_null(copy);
	memcpy(copy, text, len);
	error = udi_parse(copy, len, YEAR, udi);
	free(copy);
	return error;
}

static enum udi_error parse(const char *text, struct udi *udi)
{
	return parse_n(text, strlen(text), udi);
}

static void check_date(const struct udi_date *d, int year, int month, int day)
{
	assert_int_equal(d->year, year);
	assert_int_equal(d->month, month);
	assert_int_equal(d->day, day);
}

static void refused(const char *text, enum udi_error error)
{
	static const struct udi nothing;
	struct udi udi;
	enum udi_error got = parse(text, &udi);

	if (got != error)
		fail_msg("%s: %s", text, udi_error_text(got));
	assert_memory_equal(&udi, &nothing, sizeof(udi));
}

static void a_scan_of_a_matrix_code_is_read(void **state)
{
	struct udi udi;

	(void)state;
	assert_int_equal(parse(SCAN, &udi), UDI_OK);
	assert_string_equal(udi.gtin, GTIN);
	check_date(&udi.expiry, 2014, 11, 20);
	assert_string_equal(udi.lot, "NYFUL01");
	assert_string_equal(udi.serial, "192837");
	assert_int_equal(udi.made.year, 0);
}

static void an_unknown_element_is_kept_as_it_was(void **state)
{
	const struct udi_element *e;
	struct udi udi;

	(void)state;
	assert_int_equal(parse(SCAN, &udi), UDI_OK);
	assert_int_equal(udi.elements, 5);
	e = &udi.element[4];
	assert_int_equal(e->id_len, 3);
	assert_memory_equal(&SCAN[e->id_at], "713", 3);
	assert_int_equal(e->value_len, 13);
	assert_memory_equal(&SCAN[e->value_at], "A1B2C3D4E5F6G", 13);
	/* 88 is not assigned: its length cannot be known, its end can. */
	assert_int_equal(parse("01" GTIN "88XY\x1d" "10A", &udi), UDI_OK);
	assert_int_equal(udi.element[1].id_len, 0);
	assert_int_equal(udi.element[1].value_len, 4);
	assert_string_equal(udi.lot, "A");
}

static void printed_identifiers_are_read(void **state)
{
	struct udi udi;

	(void)state;
	assert_int_equal(parse(PRINTED, &udi), UDI_OK);
	assert_string_equal(udi.gtin, "00844588003288");
	check_date(&udi.expiry, 2014, 11, 20);
	assert_string_equal(udi.lot, "7654321D");
	assert_string_equal(udi.serial, "10987654d321");
	assert_int_equal(parse(FACTORY, &udi), UDI_OK);
	assert_string_equal(udi.gtin, "51022222233336");
	check_date(&udi.made, 2014, 12, 31);
	check_date(&udi.expiry, 2015, 7, 7);
	assert_string_equal(udi.lot, "A213B1");
	assert_string_equal(udi.serial, "1234");
}

static void prefix_of_the_scanner_is_known_or_refused(void **state)
{
	static const char *const known[] = {
		"", "]C1", "]d2", "]Q3", "\x1d", "]d2\x1d",
	};
	char text[64];
	struct udi udi;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		snprintf(text, sizeof(text), "%s01" GTIN, known[i]);
		assert_int_equal(parse(text, &udi), UDI_OK);
		assert_string_equal(udi.gtin, GTIN);
	}
	refused("]d101" GTIN, UDI_SYMBOLOGY);
	refused("]C001" GTIN, UDI_SYMBOLOGY);
	refused("]", UDI_SYMBOLOGY);
	refused("]d2", UDI_EMPTY);
	refused("]d2\x1d", UDI_EMPTY);
	refused("\x1d\x1d" "01" GTIN, UDI_IDENTIFIER);
}

static void the_order_of_elements_does_not_matter(void **state)
{
	struct udi udi;

	(void)state;
	assert_int_equal(parse("21S1\x1d" "10L1\x1d" "1730063001" GTIN, &udi),
			 UDI_OK);
	assert_string_equal(udi.gtin, GTIN);
	assert_string_equal(udi.serial, "S1");
	assert_string_equal(udi.lot, "L1");
	check_date(&udi.expiry, 2030, 6, 30);
}

/* FNC1 ends what has no length of its own, and harms nothing elsewhere. */
static void fnc1_separates_and_is_optional_after_fixed_lengths(void **state)
{
	struct udi udi;

	(void)state;
	assert_int_equal(parse("01" GTIN "\x1d" "17300630\x1d" "10L1\x1d",
			       &udi), UDI_OK);
	assert_string_equal(udi.lot, "L1");
	/* Without it the lot swallows what looks like a serial number. */
	assert_int_equal(parse("01" GTIN "10L121S1", &udi), UDI_OK);
	assert_string_equal(udi.lot, "L121S1");
	assert_string_equal(udi.serial, "");
	refused("01" GTIN "\x1d\x1d" "10L1", UDI_IDENTIFIER);
	refused("01" GTIN "10\x1d" "21S1", UDI_LENGTH);
	refused("011085767400\x1d" "201717141120", UDI_LENGTH);
}

static void every_wrong_digit_of_a_gtin_is_refused(void **state)
{
	char text[] = "01" GTIN;
	size_t i;
	char c;

	(void)state;
	for (i = 2; text[i]; i++) {
		char right = text[i];

		for (c = '0'; c <= '9'; c++) {
			text[i] = c;
			if (c != right)
				refused(text, UDI_CHECK_DIGIT);
		}
		text[i] = 'x';
		refused(text, UDI_CHARACTER);
		text[i] = right;
	}
}

static void day_00_is_the_last_of_the_month(void **state)
{
	struct udi udi;

	(void)state;
	assert_int_equal(parse("01" GTIN "17270200", &udi), UDI_OK);
	check_date(&udi.expiry, 2027, 2, 28);
	assert_int_equal(parse("01" GTIN "17280200", &udi), UDI_OK);
	check_date(&udi.expiry, 2028, 2, 29);
	assert_int_equal(parse("01" GTIN "11261100", &udi), UDI_OK);
	check_date(&udi.made, 2026, 11, 30);
}

static void days_that_do_not_exist_are_refused(void **state)
{
	static const char *const dates[] = {
		"261301", "260001", "260230", "270229", "260431", "261232",
	};
	char text[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		snprintf(text, sizeof(text), "01" GTIN "17%s", dates[i]);
		refused(text, UDI_DATE);
	}
	refused("01" GTIN "1726O101", UDI_CHARACTER);
}

static void two_digits_of_a_year_mean_the_nearest(void **state)
{
	static const struct { uint16_t now; const char *yy; int year; } at[] = {
		{ 2026, "26", 2026 }, { 2026, "76", 2076 },
		{ 2026, "77", 1977 }, { 2026, "00", 2000 },
		{ 2026, "99", 1999 }, { 2051, "00", 2100 },
		{ 2051, "01", 2101 }, { 2051, "02", 2002 },
		{ 2099, "49", 2149 }, { 2099, "50", 2050 },
	};
	char text[64];
	struct udi udi;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		snprintf(text, sizeof(text), "01" GTIN "17%s0615", at[i].yy);
		assert_int_equal(udi_parse(text, strlen(text), at[i].now,
					   &udi), UDI_OK);
		check_date(&udi.expiry, at[i].year, 6, 15);
	}
}

static void expiry_lasts_to_the_end_of_its_day(void **state)
{
	const struct udi_date before = { 2026, 11, 19 }, day = { 2026, 11, 20 },
			      after = { 2026, 11, 21 }, year = { 2027, 1, 1 };
	struct udi udi;

	(void)state;
	assert_int_equal(parse("01" GTIN "17261120", &udi), UDI_OK);
	assert_int_equal(udi_shelf_life(&udi, &before), UDI_IN_DATE);
	assert_int_equal(udi_shelf_life(&udi, &day), UDI_IN_DATE);
	assert_int_equal(udi_shelf_life(&udi, &after), UDI_EXPIRED);
	assert_int_equal(udi_shelf_life(&udi, &year), UDI_EXPIRED);
	assert_int_equal(parse("01" GTIN, &udi), UDI_OK);
	assert_int_equal(udi_shelf_life(&udi, &day), UDI_NO_EXPIRY);
}

static void lengths_of_lot_and_serial_are_bounded(void **state)
{
	struct udi udi;

	(void)state;
	assert_int_equal(parse("01" GTIN "10ABCDEFGHIJ0123456789", &udi),
			 UDI_OK);
	assert_int_equal(strlen(udi.lot), 20);
	refused("01" GTIN "10ABCDEFGHIJ01234567890", UDI_LENGTH);
	refused("01" GTIN "21ABCDEFGHIJ01234567890", UDI_LENGTH);
	refused("01" GTIN "21", UDI_LENGTH);
	refused("(01)" GTIN "(21)", UDI_LENGTH);
	refused("(01)" GTIN "0(21)1", UDI_LENGTH);
	refused("(01)1085767400201(21)1", UDI_LENGTH);
}

static void only_the_82_characters_are_allowed(void **state)
{
	static const char set[] =
		"!\"%&'()*+,-./0123456789:;<=>?"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
	char text[] = "01" GTIN "10A?";
	struct udi udi;
	int c, allowed = 0;

	(void)state;
	for (c = 0; c < 256; c++) {
		bool want = c && strchr(set, c);

		text[sizeof(text) - 2] = (char)c;
		if (c == 0x1d)
			continue;
		assert_int_equal(parse_n(text, sizeof(text) - 1, &udi),
				 want ? UDI_OK : UDI_CHARACTER);
		allowed += want;
	}
	assert_int_equal(allowed, 82);
}

static void saying_it_twice_is_refused(void **state)
{
	(void)state;
	refused("01" GTIN "01" GTIN, UDI_DUPLICATE);
	refused("01" GTIN "1726010117260101", UDI_DUPLICATE);
	refused("01" GTIN "10A\x1d" "10A", UDI_DUPLICATE);
	refused("01" GTIN "713A\x1d" "713B", UDI_DUPLICATE);
	refused("(01)" GTIN "(10)A(10)B", UDI_DUPLICATE);
}

static void a_code_without_a_product_is_refused(void **state)
{
	(void)state;
	refused("", UDI_EMPTY);
	refused("17261120", UDI_NO_DEVICE);
	refused("(10)A", UDI_NO_DEVICE);
	refused("hello", UDI_IDENTIFIER);
	refused("(01" GTIN, UDI_IDENTIFIER);
	refused("(1)" GTIN, UDI_IDENTIFIER);
	refused("(017)" GTIN, UDI_IDENTIFIER);
	refused("01" GTIN "7", UDI_IDENTIFIER);
}

static void too_much_is_refused(void **state)
{
	char text[UDI_TEXT_MAX + 2] = "01" GTIN;
	struct udi udi;
	size_t i, at = 16;

	(void)state;
	memset(text + at, '\x1d', sizeof(text) - at);
	assert_int_equal(parse_n(text, sizeof(text) - 1, &udi), UDI_TOO_LONG);
	for (i = 0; i < UDI_ELEMENTS_MAX; i++)
		at += (size_t)sprintf(text + at, "%dx\x1d", 240 + (int)i);
	assert_int_equal(parse_n(text, at, &udi), UDI_TOO_LONG);
	assert_int_equal(parse_n(text, at - 5, &udi), UDI_OK);
	assert_int_equal(udi.elements, UDI_ELEMENTS_MAX);
}

/* What is read from a scan cut anywhere is read right, or not at all. */
static void every_truncation_is_refused_or_a_true_part(void **state)
{
	static const char *const texts[] = { SCAN, PRINTED, FACTORY };
	struct udi whole, part;
	size_t i, n, read = 0, refusals = 0;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(parse(texts[i], &whole), UDI_OK);
		for (n = 0; n < strlen(texts[i]); n++) {
			if (parse_n(texts[i], n, &part)) {
				refusals++;
				continue;
			}
			read++;
			assert_string_equal(part.gtin, whole.gtin);
			if (part.expiry.year)
				assert_memory_equal(&part.expiry, &whole.expiry,
						    sizeof(part.expiry));
			if (part.made.year)
				assert_memory_equal(&part.made, &whole.made,
						    sizeof(part.made));
			/* Printed, a bracket cut open belongs to the value. */
			assert_memory_equal(part.serial, whole.serial,
					    strcspn(part.serial, "("));
			assert_memory_equal(part.lot, whole.lot,
					    strcspn(part.lot, "("));
		}
	}
	assert_true(refusals > 50);
	assert_true(read > 20);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void check_parsed(const struct udi *udi, size_t len)
{
	size_t i;

	assert_int_equal(strlen(udi->gtin), UDI_GTIN_LEN);
	assert_true(strlen(udi->lot) <= UDI_VALUE_MAX);
	assert_true(strlen(udi->serial) <= UDI_VALUE_MAX);
	assert_in_range(udi->elements, 1, UDI_ELEMENTS_MAX);
	for (i = 0; i < udi->elements; i++)
		assert_true((size_t)udi->element[i].value_at +
			    udi->element[i].value_len <= len);
}

/* Bytes at random, and good scans with a few bytes changed. */
static void no_bytes_whatever_do_harm(void **state)
{
	static const char *const texts[] = { SCAN, PRINTED, FACTORY };
	static const struct udi nothing;
	char text[UDI_TEXT_MAX + 8];
	uint32_t seed = 20261120, round;
	size_t i, len, accepted = 0;
	struct udi udi;

	(void)state;
	for (round = 0; round < 200000; round++) {
		uint32_t r = next_random(&seed);

		if (r % 2) {
			len = next_random(&seed) % sizeof(text);
			for (i = 0; i < len; i++)
				text[i] = (char)next_random(&seed);
		} else {
			const char *from = texts[r / 2 % 3];

			len = strlen(from);
			memcpy(text, from, len);
			for (i = 0; i < 1 + r % 3; i++)
				text[next_random(&seed) % len] =
					(char)(next_random(&seed) % 128);
		}
		if (parse_n(text, len, &udi)) {
			assert_memory_equal(&udi, &nothing, sizeof(udi));
			continue;
		}
		accepted++;
		check_parsed(&udi, len);
	}
	assert_true(accepted > 1000);
}

static void proof_of_single_use_is_not_overstated(void **state)
{
	struct udi udi;

	(void)state;
	assert_int_equal(parse("01" GTIN "21S", &udi), UDI_OK);
	assert_int_equal(udi_single_use(&udi, false), UDI_PROVEN);
	assert_int_equal(parse("01" GTIN "10L", &udi), UDI_OK);
	assert_int_equal(udi_single_use(&udi, true), UDI_COUNTED);
	assert_int_equal(udi_single_use(&udi, false), UDI_ATTESTED);
	assert_int_equal(parse("01" GTIN, &udi), UDI_OK);
	assert_int_equal(udi_single_use(&udi, true), UDI_ATTESTED);
	assert_string_equal(udi_single_use_name(UDI_PROVEN), "proven");
	assert_string_equal(udi_single_use_name(UDI_COUNTED), "counted");
	assert_string_equal(udi_single_use_name(UDI_ATTESTED), "attested");
}

static void every_error_says_what_to_do(void **state)
{
	int a, b;

	(void)state;
	for (a = 0; a < UDI_ERRORS; a++)
		for (b = 0; b < a; b++)
			assert_string_not_equal(udi_error_text(a),
						udi_error_text(b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scan_of_a_matrix_code_is_read),
		cmocka_unit_test(an_unknown_element_is_kept_as_it_was),
		cmocka_unit_test(printed_identifiers_are_read),
		cmocka_unit_test(prefix_of_the_scanner_is_known_or_refused),
		cmocka_unit_test(the_order_of_elements_does_not_matter),
		cmocka_unit_test(fnc1_separates_and_is_optional_after_fixed_lengths),
		cmocka_unit_test(every_wrong_digit_of_a_gtin_is_refused),
		cmocka_unit_test(day_00_is_the_last_of_the_month),
		cmocka_unit_test(days_that_do_not_exist_are_refused),
		cmocka_unit_test(two_digits_of_a_year_mean_the_nearest),
		cmocka_unit_test(expiry_lasts_to_the_end_of_its_day),
		cmocka_unit_test(lengths_of_lot_and_serial_are_bounded),
		cmocka_unit_test(only_the_82_characters_are_allowed),
		cmocka_unit_test(saying_it_twice_is_refused),
		cmocka_unit_test(a_code_without_a_product_is_refused),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(every_truncation_is_refused_or_a_true_part),
		cmocka_unit_test(no_bytes_whatever_do_harm),
		cmocka_unit_test(proof_of_single_use_is_not_overstated),
		cmocka_unit_test(every_error_says_what_to_do),
	};

	return cmocka_run_group_tests_name("udi", tests, NULL, NULL);
}
