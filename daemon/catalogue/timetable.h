/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Aftercare of one session: which rules hold, from when until when; as a list
 * and as a calendar.
 *
 * Pure: no I/O, no allocation, no clock; reads the catalogue in force. Times
 * are seconds of UTC since 1970.
 */
#ifndef MNPEN_CATALOGUE_TIMETABLE_H
#define MNPEN_CATALOGUE_TIMETABLE_H

#include "daemon/catalogue/catalogue.h"

#define TIMETABLE_MAX	256	/* as many as the catalogue may hold */

struct timetable_entry {
	const struct catalogue_aftercare *rule;
	int64_t from_s, until_s;
};

/*
 * Rules after a session that ended at @end_s with needles set to @depth_um at
 * the deepest, by time; of two that begin together the shorter first. Returns
 * their number, at most TIMETABLE_MAX.
 */
size_t timetable_make(int64_t end_s, uint32_t depth_um,
		      struct timetable_entry out[TIMETABLE_MAX]);

/* "Avoid", "Call the clinic if"...: what the text is to be read after. */
const char *timetable_heading(enum catalogue_advice advice);

/*
 * The same as iCalendar (RFC 5545): one event for each rule, a reminder for
 * each follow-up. @session: its id, makes the events' own; no patient is
 * named. @stamp_s: now.
 *
 * Returns the length, without the NUL that is always written if @size is not
 * 0; what does not fit is left out, as with snprintf().
 */
size_t timetable_ical(const struct timetable_entry *entries, size_t n,
		      const char *session, int64_t stamp_s, char *out,
		      size_t size);

#endif /* MNPEN_CATALOGUE_TIMETABLE_H */
