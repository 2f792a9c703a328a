/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which cartridge this is: the unique device identifier on its pack, in the
 * syntax of GS1, as a scanner delivers it or as it is printed for people.
 *
 * Pure: no I/O, no allocation, no clock, no globals; safe from every thread.
 * Every byte of the input is looked at and any input is allowed; nothing is
 * guessed: what does not fit exactly is refused as a whole.
 */
#ifndef MNPEN_CATALOGUE_UDI_H
#define MNPEN_CATALOGUE_UDI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UDI_TEXT_MAX		256	/* bytes of one scan */
#define UDI_ELEMENTS_MAX	16	/* in one scan */
#define UDI_GTIN_LEN		14
#define UDI_VALUE_MAX		20	/* of a lot or serial number */

enum udi_error {
	UDI_OK,
	UDI_EMPTY,
	UDI_TOO_LONG,		/* text, or more elements than are kept */
	UDI_SYMBOLOGY,		/* a code that does not carry GS1 data */
	UDI_IDENTIFIER,		/* no application identifier where one is due */
	UDI_CHARACTER,		/* one that the element must not hold */
	UDI_LENGTH,		/* element cut short, empty or too long */
	UDI_CHECK_DIGIT,
	UDI_DATE,		/* no such day */
	UDI_DUPLICATE,
	UDI_NO_DEVICE,		/* no GTIN */
	UDI_ERRORS
};

struct udi_date {
	uint16_t year;		/* four digits; 0: no date given */
	uint8_t month, day;	/* from 1 */
};

/* An element as it stood in the text: identifier (without "()") and value. */
struct udi_element {
	uint16_t id_at, value_at, value_len;	/* bytes from the start */
	uint8_t id_len;				/* 0: cannot be told apart */
};

/* Texts are NUL terminated; empty where the scan did not say. */
struct udi {
	char gtin[UDI_GTIN_LEN + 1];		/* (01) */
	char lot[UDI_VALUE_MAX + 1];		/* (10) */
	char serial[UDI_VALUE_MAX + 1];		/* (21) */
	struct udi_date made;			/* (11) */
	struct udi_date expiry;			/* (17) */
	struct udi_element element[UDI_ELEMENTS_MAX];	/* these and others */
	uint8_t elements;
};

enum udi_shelf_life {
	UDI_IN_DATE,
	UDI_EXPIRED,
	UDI_NO_EXPIRY		/* the scan names none: ask, do not assume */
};

/* How well a second use of the same cartridge would be noticed. */
enum udi_single_use {
	UDI_PROVEN,		/* by its own serial number */
	UDI_COUNTED,		/* by lot and the number of them in stock */
	UDI_ATTESTED		/* only by the operator's word */
};

/*
 * Reads @len bytes at @text, which need no NUL. @this_year has four digits
 * and turns the two of a date into the year nearest to it (49 back, 50 on).
 * On any error @out is all zero.
 *
 * Accepted: an optional prefix of the scanner (]C1, ]d2, ]Q3) and elements in
 * which FNC1 is the byte 0x1d; or elements with the identifier in brackets.
 * A lot or serial number at the very end has no mark of its own: a scan cut
 * there cannot be told from a shorter number.
 */
enum udi_error udi_parse(const char *text, size_t len, uint16_t this_year,
			 struct udi *out);

/* Good to the end of its last day; @today is the date on the clinic's wall. */
enum udi_shelf_life udi_shelf_life(const struct udi *udi,
				   const struct udi_date *today);

/* @stock_kept: somebody counts boxes of this lot in and cartridges out. */
enum udi_single_use udi_single_use(const struct udi *udi, bool stock_kept);

/* One sentence for the person with the scanner; never NULL. */
const char *udi_error_text(enum udi_error error);
/* "proven", "counted" or "attested". */
const char *udi_single_use_name(enum udi_single_use proof);

#endif /* MNPEN_CATALOGUE_UDI_H */
