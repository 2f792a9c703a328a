// SPDX-License-Identifier: GPL-2.0-or-later
/* A scan is cut into elements first; then each element is judged. */
#include <string.h>

#include "daemon/catalogue/udi.h"

#define FNC1	'\x1d'

struct scan {
	const char *text;
	size_t len, at;
	uint16_t this_year;
	struct udi *out;
};

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static unsigned int two_digits(const char *p)
{
	return (unsigned int)(p[0] - '0') * 10 + (unsigned int)(p[1] - '0');
}

static bool all_digits(const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!digit(p[i]))
			return false;
	return true;
}

/* The 82 characters that a lot or serial number may be made of. */
static bool value_character(char c)
{
	static const char others[] = "!\"%&'()*+,-./_:;<=>?";

	return digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c && strchr(others, c));
}

/* --- where elements begin and end -------------------------------------------- */

/* Digits of an identifier, told by its first two; 0: not assigned. */
static uint8_t identifier_length(unsigned int prefix)
{
	if (prefix <= 4 || (prefix >= 10 && prefix <= 22) || prefix == 30 ||
	    prefix == 37 || prefix >= 90)
		return 2;
	if (prefix == 23 || prefix == 24 || prefix == 25 ||
	    (prefix >= 40 && prefix <= 42) || prefix == 71)
		return 3;
	if ((prefix >= 31 && prefix <= 36) || prefix == 39 || prefix == 43 ||
	    prefix == 70 || prefix == 72 || (prefix >= 80 && prefix <= 82))
		return 4;
	return 0;
}

/*
 * Length of identifier and value together where the first two digits fix it,
 * so that no FNC1 need follow; 0: up to the next FNC1 or the end.
 */
static size_t fixed_length(unsigned int prefix)
{
	if (prefix == 0)
		return 20;
	if (prefix >= 1 && prefix <= 3)
		return 16;
	if (prefix == 4)
		return 18;
	if (prefix >= 11 && prefix <= 19)
		return 8;
	if (prefix == 20)
		return 4;
	if (prefix >= 31 && prefix <= 36)
		return 10;
	if (prefix == 41)
		return 16;
	return 0;
}

/* One element of a scan, and the FNC1 behind it if there is one. */
static enum udi_error cut_scanned(struct scan *s, struct udi_element *e)
{
	const char *p = s->text + s->at, *end;
	size_t left = s->len - s->at, len;
	unsigned int prefix;

	if (left < 2 || !all_digits(p, 2))
		return UDI_IDENTIFIER;
	prefix = two_digits(p);
	end = memchr(p, FNC1, left);
	len = end ? (size_t)(end - p) : left;
	if (fixed_length(prefix)) {
		if (len < fixed_length(prefix))
			return UDI_LENGTH;
		len = fixed_length(prefix);
	}
	e->id_len = identifier_length(prefix);
	if (len <= e->id_len)
		return UDI_LENGTH;
	if (!all_digits(p, e->id_len))
		return UDI_IDENTIFIER;
	e->id_at = (uint16_t)s->at;
	e->value_at = (uint16_t)(s->at + e->id_len);
	e->value_len = (uint16_t)(len - e->id_len);
	s->at += len;
	if (s->at < s->len && s->text[s->at] == FNC1)
		s->at++;
	return UDI_OK;
}

/* Length of "(17)" and the like at @at, with its brackets; 0: none there. */
static size_t bracketed(const struct scan *s, size_t at)
{
	size_t n = 0;

	if (at >= s->len || s->text[at] != '(')
		return 0;
	while (n < 5 && at + 1 + n < s->len && digit(s->text[at + 1 + n]))
		n++;
	if (n < 2 || n > 4 || at + 1 + n >= s->len ||
	    s->text[at + 1 + n] != ')')
		return 0;
	return n + 2;
}

/* One element as printed; its value ends where the next bracket begins. */
static enum udi_error cut_printed(struct scan *s, struct udi_element *e)
{
	size_t id = bracketed(s, s->at), end;
	unsigned int prefix;

	if (!id)
		return UDI_IDENTIFIER;
	e->id_at = (uint16_t)(s->at + 1);
	e->id_len = (uint8_t)(id - 2);
	prefix = two_digits(s->text + e->id_at);
	if (identifier_length(prefix) &&
	    identifier_length(prefix) != e->id_len)
		return UDI_IDENTIFIER;
	e->value_at = (uint16_t)(s->at + id);
	for (end = e->value_at; end < s->len && !bracketed(s, end); end++)
		;
	e->value_len = (uint16_t)(end - e->value_at);
	if (!e->value_len || (fixed_length(prefix) &&
			      e->id_len + e->value_len != fixed_length(prefix)))
		return UDI_LENGTH;
	s->at = end;
	return UDI_OK;
}

/* --- what an element says ---------------------------------------------------- */

/* The digits count 3 and 1 by turns, the last but one counts 3. */
static bool check_digit_right(const char *gtin)
{
	unsigned int i, sum = 0;

	for (i = 0; i < UDI_GTIN_LEN; i++)
		sum += (unsigned int)(gtin[i] - '0') * (i % 2 ? 1 : 3);
	return sum % 10 == 0;
}

static uint8_t days_of(unsigned int year, unsigned int month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30,
					31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return (uint8_t)(days[month - 1] + (month == 2 && leap));
}

/* The year that ends in @yy and is nearest: 49 back to 50 ahead. */
static unsigned int full_year(unsigned int yy, unsigned int this_year)
{
	unsigned int year = this_year - this_year % 100 + yy;

	if (year > this_year + 50)
		return year - 100;
	if (year + 49 < this_year)
		return year + 100;
	return year;
}

static enum udi_error read_date(const struct scan *s, const char *p,
				struct udi_date *date)
{
	unsigned int year, month, day;

	if (!all_digits(p, 6))
		return UDI_CHARACTER;
	year = full_year(two_digits(p), s->this_year);
	month = two_digits(p + 2);
	day = two_digits(p + 4);
	if (month < 1 || month > 12 || day > days_of(year, month))
		return UDI_DATE;
	date->year = (uint16_t)year;
	date->month = (uint8_t)month;
	/* Day 00 leaves it open: the last of the month. */
	date->day = day ? (uint8_t)day : days_of(year, month);
	return UDI_OK;
}

static enum udi_error read_gtin(const char *p, char *gtin)
{
	if (!all_digits(p, UDI_GTIN_LEN))
		return UDI_CHARACTER;
	if (!check_digit_right(p))
		return UDI_CHECK_DIGIT;
	memcpy(gtin, p, UDI_GTIN_LEN);
	return UDI_OK;
}

static enum udi_error read_value(const char *p, size_t len, char *value)
{
	size_t i;

	if (len > UDI_VALUE_MAX)
		return UDI_LENGTH;
	for (i = 0; i < len; i++)
		if (!value_character(p[i]))
			return UDI_CHARACTER;
	memcpy(value, p, len);
	return UDI_OK;
}

/* Elements that say nothing here are kept as they are, if well formed. */
static enum udi_error read_other(const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!value_character(p[i]))
			return UDI_CHARACTER;
	return UDI_OK;
}

static enum udi_error read_element(const struct scan *s,
				   const struct udi_element *e)
{
	const char *p = s->text + e->value_at;
	struct udi *out = s->out;

	if (e->id_len != 2)
		return read_other(p, e->value_len);
	switch (two_digits(s->text + e->id_at)) {
	case 1:
		return read_gtin(p, out->gtin);
	case 10:
		return read_value(p, e->value_len, out->lot);
	case 11:
		return read_date(s, p, &out->made);
	case 17:
		return read_date(s, p, &out->expiry);
	case 21:
		return read_value(p, e->value_len, out->serial);
	default:
		return read_other(p, e->value_len);
	}
}

static bool seen_before(const struct scan *s, const struct udi_element *e)
{
	const struct udi_element *old = s->out->element;
	size_t i;

	for (i = 0; e->id_len && i < s->out->elements; i++)
		if (old[i].id_len == e->id_len &&
		    !memcmp(s->text + old[i].id_at, s->text + e->id_at,
			    e->id_len))
			return true;
	return false;
}

/* --- the whole --------------------------------------------------------------- */

/* Only these carry GS1 data; "]d1", say, is a matrix code of anything. */
static enum udi_error skip_prefix(struct scan *s)
{
	static const char *const known[] = { "]C1", "]d2", "]Q3" };
	size_t i;

	if (s->text[0] == ']') {
		for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (s->len >= 3 && !memcmp(s->text, known[i], 3))
				s->at = 3;
		if (!s->at)
			return UDI_SYMBOLOGY;
	}
	/* Some scanners pass on the FNC1 that marks the code as GS1. */
	if (s->at < s->len && s->text[s->at] == FNC1)
		s->at++;
	return s->at < s->len ? UDI_OK : UDI_EMPTY;
}

static enum udi_error read_elements(struct scan *s)
{
	enum udi_error error = skip_prefix(s);
	bool printed = !error && s->at == 0 && s->text[0] == '(';

	while (!error && s->at < s->len) {
		struct udi_element e = { 0 };

		if (s->out->elements == UDI_ELEMENTS_MAX)
			return UDI_TOO_LONG;
		error = printed ? cut_printed(s, &e) : cut_scanned(s, &e);
		if (!error && seen_before(s, &e))
			error = UDI_DUPLICATE;
		if (!error)
			error = read_element(s, &e);
		if (!error)
			s->out->element[s->out->elements++] = e;
	}
	if (!error && !s->out->gtin[0])
		error = UDI_NO_DEVICE;
	return error;
}

enum udi_error udi_parse(const char *text, size_t len, uint16_t this_year,
			 struct udi *out)
{
	struct scan s = { .text = text, .len = len, .this_year = this_year,
			  .out = out };
	enum udi_error error;

	memset(out, 0, sizeof(*out));
	if (!text || !len)
		return UDI_EMPTY;
	if (len > UDI_TEXT_MAX)
		return UDI_TOO_LONG;
	error = read_elements(&s);
	if (error)
		memset(out, 0, sizeof(*out));
	return error;
}

static uint32_t day_number(const struct udi_date *d)
{
	return (uint32_t)d->year * 10000 + d->month * 100u + d->day;
}

enum udi_shelf_life udi_shelf_life(const struct udi *udi,
				   const struct udi_date *today)
{
	if (!udi->expiry.year)
		return UDI_NO_EXPIRY;
	return day_number(today) > day_number(&udi->expiry) ? UDI_EXPIRED :
							      UDI_IN_DATE;
}

enum udi_single_use udi_single_use(const struct udi *udi, bool stock_kept)
{
	if (udi->serial[0])
		return UDI_PROVEN;
	return udi->lot[0] && stock_kept ? UDI_COUNTED : UDI_ATTESTED;
}

const char *udi_error_text(enum udi_error error)
{
	switch (error) {
	case UDI_OK:
		return "The code was read.";
	case UDI_EMPTY:
		return "Nothing was scanned.";
	case UDI_TOO_LONG:
		return "The code is longer than any on a cartridge.";
	case UDI_SYMBOLOGY:
		return "This is not a GS1 code; scan the one marked UDI.";
	case UDI_IDENTIFIER:
		return "An element of the code does not begin with a known number; scan again.";
	case UDI_CHARACTER:
		return "The code holds a character that it must not; scan again.";
	case UDI_LENGTH:
		return "An element of the code is too short or too long; scan again.";
	case UDI_CHECK_DIGIT:
		return "The check digit is wrong; scan again.";
	case UDI_DATE:
		return "A date in the code does not exist; scan again.";
	case UDI_DUPLICATE:
		return "The code says the same thing twice; scan one code at a time.";
	case UDI_NO_DEVICE:
		return "The code does not say which product it is; scan the one marked UDI.";
	case UDI_ERRORS:
		break;
	}
	return "The code was not read.";
}

const char *udi_single_use_name(enum udi_single_use proof)
{
	switch (proof) {
	case UDI_PROVEN:
		return "proven";
	case UDI_COUNTED:
		return "counted";
	case UDI_ATTESTED:
		break;
	}
	return "attested";
}
