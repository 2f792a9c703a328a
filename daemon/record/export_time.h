/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The local time of a row, as ISO 8601 and FHIR write it. */
#ifndef MNPEN_RECORD_EXPORT_TIME_H
#define MNPEN_RECORD_EXPORT_TIME_H

#include <jansson.h>
#include <stdint.h>

#define EXPORT_TIME_LEN 64

/* 2026-11-20T16:03:07.125+01:00, by the row's own offset. Returns out. */
const char *export_time(const json_t *row, char out[EXPORT_TIME_LEN]);
const char *export_time_of(int64_t unix_ms, int64_t utc_offset_min,
			   char out[EXPORT_TIME_LEN]);

#endif /* MNPEN_RECORD_EXPORT_TIME_H */
