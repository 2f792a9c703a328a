// SPDX-License-Identifier: GPL-2.0-or-later
/* A timetable as iCalendar: lines of at most 75 bytes, ended by CR LF. */
#include <stdio.h>
#include <string.h>

#include "daemon/catalogue/timetable.h"

#define LINE_MAX_BYTES	75
#define DAY_S		86400

struct ical {
	char *out;
	size_t size, len;	/* len counts what did not fit as well */
	size_t column;		/* bytes in the present line */
};

static void put_byte(struct ical *c, char byte)
{
	if (c->len + 1 < c->size)
		c->out[c->len] = byte;
	c->len++;
	c->column++;
}

static void end_line(struct ical *c)
{
	put_byte(c, '\r');
	put_byte(c, '\n');
	c->column = 0;
}

/* A character is never cut in two; the blank belongs to the new line. */
static void put_character(struct ical *c, const char *bytes, size_t n)
{
	size_t i;

	if (c->column + n > LINE_MAX_BYTES) {
		end_line(c);
		put_byte(c, ' ');
	}
	for (i = 0; i < n; i++)
		put_byte(c, bytes[i]);
}

static size_t character_length(const char *p)
{
	size_t n = 1;

	while (((unsigned char)p[n] & 0xc0) == 0x80)
		n++;
	return n;
}

static void put(struct ical *c, const char *s)
{
	size_t n;

	for (; *s; s += n) {
		n = character_length(s);
		put_character(c, s, n);
	}
}

/* What is text and no part of the format. An escape is never cut either. */
static void put_text(struct ical *c, const char *s)
{
	char escaped[3] = "\\?";
	size_t n;

	for (; *s; s += n) {
		n = character_length(s);
		escaped[1] = *s == '\n' ? 'n' : *s;
		if (strchr("\\;,\n", *s))
			put_character(c, escaped, 2);
		else
			put_character(c, s, n);
	}
}

static void line(struct ical *c, const char *s)
{
	put(c, s);
	end_line(c);
}

/* Days since 1970 to a date of the Gregorian calendar, in years from March. */
static void civil(int64_t day, int64_t *y, unsigned int *m, unsigned int *d)
{
	int64_t era, of_era, year, of_year, month;

	day += 719468; /* from 0000-03-01 on */
	era = (day >= 0 ? day : day - 146096) / 146097;
	of_era = day - era * 146097;
	year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) /
	       365;
	of_year = of_era - (365 * year + year / 4 - year / 100);
	month = (5 * of_year + 2) / 153;
	*d = (unsigned int)(of_year - (153 * month + 2) / 5 + 1);
	*m = (unsigned int)(month < 10 ? month + 3 : month - 9);
	*y = year + era * 400 + (*m <= 2);
}

static void put_time(struct ical *c, const char *name, int64_t s)
{
	int64_t day = s / DAY_S - (s % DAY_S < 0), year;
	unsigned int of_day = (unsigned int)(s - day * DAY_S), month, mday;
	char text[64];

	civil(day, &year, &month, &mday);
	if (year < 0 || year > 9999)
		year = month = mday = of_day = 0;
	snprintf(text, sizeof(text), "%s:%04u%02u%02uT%02u%02u%02uZ", name,
		 (unsigned int)year, month, mday, of_day / 3600,
		 of_day / 60 % 60, of_day % 60);
	line(c, text);
}

static void put_event(struct ical *c, const struct timetable_entry *e,
		      const char *session, int64_t stamp_s)
{
	const char *heading = timetable_heading(e->rule->advice);

	line(c, "BEGIN:VEVENT");
	put(c, "UID:");
	put_text(c, session);
	put(c, "-");
	put_text(c, e->rule->id);
	line(c, "@mnpen.invalid");
	put_time(c, "DTSTAMP", stamp_s);
	put_time(c, "DTSTART", e->from_s);
	put_time(c, "DTEND", e->until_s);
	put(c, "SUMMARY:");
	put_text(c, heading);
	put(c, ": ");
	put_text(c, e->rule->text);
	end_line(c);
	line(c, "TRANSP:TRANSPARENT");
	if (e->rule->advice == CATALOGUE_ASK) {
		line(c, "BEGIN:VALARM");
		line(c, "ACTION:DISPLAY");
		line(c, "TRIGGER:PT0S");
		put(c, "DESCRIPTION:");
		put_text(c, e->rule->text);
		end_line(c);
		line(c, "END:VALARM");
	}
	line(c, "END:VEVENT");
}

size_t timetable_ical(const struct timetable_entry *entries, size_t n,
		      const char *session, int64_t stamp_s, char *out,
		      size_t size)
{
	struct ical c = { .out = out, .size = size };
	size_t i;

	line(&c, "BEGIN:VCALENDAR");
	line(&c, "VERSION:2.0");
	line(&c, "PRODID:-//mnpen//aftercare//EN");
	line(&c, "CALSCALE:GREGORIAN");
	for (i = 0; i < n; i++)
		put_event(&c, &entries[i], session, stamp_s);
	line(&c, "END:VCALENDAR");
	if (size)
		out[c.len < size ? c.len : size - 1] = '\0';
	return c.len;
}
