// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "daemon/record/export_time.h"

#define OFFSET_MAX_MIN (14 * 60)

const char *export_time_of(int64_t unix_ms, int64_t utc_offset_min,
			   char out[EXPORT_TIME_LEN])
{
	int64_t offset = utc_offset_min, ms = unix_ms % 1000;
	struct tm tm = { 0 };
	time_t local;

	if (offset > OFFSET_MAX_MIN || offset < -OFFSET_MAX_MIN)
		offset = 0;
	if (ms < 0)
		ms += 1000;
	local = (time_t)((unix_ms - ms) / 1000 + offset * 60);
	gmtime_r(&local, &tm);
	snprintf(out, EXPORT_TIME_LEN,
		 "%04d-%02d-%02dT%02d:%02d:%02d.%03d%c%02d:%02d",
		 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		 tm.tm_min, tm.tm_sec, (int)ms, offset < 0 ? '-' : '+',
		 (int)(offset < 0 ? -offset : offset) / 60,
		 (int)(offset < 0 ? -offset : offset) % 60);
	return out;
}

const char *export_time(const json_t *row, char out[EXPORT_TIME_LEN])
{
	return export_time_of(
		json_integer_value(json_object_get(row, "unixMilliseconds")),
		json_integer_value(json_object_get(row, "utcOffsetMinutes")),
		out);
}
