// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <string.h>

#include "daemon/record/export_csv.h"
#include "daemon/record/export_time.h"

enum from { ROW, BODY, TIME, CARTRIDGE, KIOSK, FIELD, HISTOGRAM, YES };

static const struct column {
	const char *name;
	enum from from;
	const char *key;
} columns[] = {
	{ "row", ROW, "row" },
	{ "session_id", ROW, "session" },
	{ "kind", ROW, "kind" },
	{ "local_time", TIME, NULL },
	{ "unix_ms", ROW, "unixMilliseconds" },
	{ "utc_offset_min", ROW, "utcOffsetMinutes" },
	{ "boot_id", ROW, "bootId" },
	{ "monotonic_ms", ROW, "monotonicMilliseconds" },
	{ "happened_unix_ms", BODY, "happenedUnixMilliseconds" },
	{ "origin_kiosk", KIOSK, "kiosk" },
	{ "pen", BODY, "pen" },
	{ "patient", BODY, "patient" },
	{ "operator", BODY, "operator" },
	{ "area", BODY, "area" },
	{ "concern", BODY, "concern" },
	{ "area_mm2", BODY, "areaSquareMillimetres" },
	{ "cartridge", CARTRIDGE, "cartridge" },
	{ "reason", BODY, "reason" },
	{ "text", BODY, "text" },
	{ "run", BODY, "run" },
	{ "depth_um", BODY, "depthMicrometres" },
	{ "rate_spm", BODY, "rateStrokesPerMinute" },
	{ "planned_ms", BODY, "plannedMilliseconds" },
	{ "run_ms", BODY, "runMilliseconds" },
	{ "run_strokes", BODY, "runStrokes" },
	{ "runs", BODY, "runs" },
	{ "strokes", BODY, "strokes" },
	{ "motor_ms", BODY, "motorMilliseconds" },
	{ "depth_peak_um", BODY, "depthPeakMicrometres" },
	{ "rate_peak_spm", BODY, "ratePeakStrokesPerMinute" },
	{ "punctures", BODY, "punctures" },
	{ "area_punctures", BODY, "areaPunctures" },
	{ "density_per_cm2", BODY, "densityPerSquareCentimetre" },
	{ "telemetry_records", BODY, "records" },
	{ "depth_least_um", FIELD, "depthMicrometres.least" },
	{ "depth_mean_um", FIELD, "depthMicrometres.mean" },
	{ "depth_most_um", FIELD, "depthMicrometres.most" },
	{ "depth_histogram", HISTOGRAM, "depthMicrometres" },
	{ "rate_least_spm", FIELD, "rateStrokesPerMinute.least" },
	{ "rate_mean_spm", FIELD, "rateStrokesPerMinute.mean" },
	{ "rate_most_spm", FIELD, "rateStrokesPerMinute.most" },
	{ "rate_histogram", HISTOGRAM, "rateStrokesPerMinute" },
	{ "current_least_ma", FIELD, "currentMilliamps.least" },
	{ "current_mean_ma", FIELD, "currentMilliamps.mean" },
	{ "current_most_ma", FIELD, "currentMilliamps.most" },
	{ "current_histogram", HISTOGRAM, "currentMilliamps" },
	{ "temp_least_mdegc", FIELD, "motorTemperatureMillidegrees.least" },
	{ "temp_mean_mdegc", FIELD, "motorTemperatureMillidegrees.mean" },
	{ "temp_most_mdegc", FIELD, "motorTemperatureMillidegrees.most" },
	{ "temp_histogram", HISTOGRAM, "motorTemperatureMillidegrees" },
	{ "alarm", BODY, "alarm" },
	{ "priority", BODY, "priority" },
	{ "state", BODY, "state" },
	{ "code", BODY, "code" },
	{ "severity", BODY, "severity" },
	{ "outcome", BODY, "outcome" },
	{ "answered_yes", YES, NULL },
	{ "consent", BODY, "reference" },
	{ "consent_text", BODY, "textVersion" },
	{ "single_use", BODY, "singleUse" },
	{ "gtin", BODY, "gtin" },
	{ "lot", BODY, "lot" },
	{ "serial", BODY, "serial" },
	{ "expiry_date", BODY, "expiryDate" },
	{ "use_of_lot", BODY, "useOfLot" },
	{ "planned_sessions", BODY, "plannedSessions" },
	{ "model", BODY, "model" },
	{ "firmware", BODY, "firmware" },
	{ "software", BODY, "software" },
	{ "overridden", BODY, "overridden" },
	{ "old_density_per_cm2", BODY, "oldPerSquareCentimetre" },
	{ "new_density_per_cm2", BODY, "newPerSquareCentimetre" },
	{ "amends_row", BODY, "amends" },
	{ "prev_sha256", ROW, "prev" },
	{ "sha256", ROW, "hash" },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void put_text(FILE *out, const char *text)
{
	const char *formula = strchr("=+-@\t\r", *text) && *text ? "'" : "";

	if (!strpbrk(text, ",\"\r\n")) {
		fprintf(out, "%s%s", formula, text);
		return;
	}
	fprintf(out, "\"%s", formula);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static void put_value(FILE *out, const json_t *value)
{
	if (json_is_integer(value))
		fprintf(out, "%" JSON_INTEGER_FORMAT,
			json_integer_value(value));
	else if (json_is_boolean(value))
		fputs(json_is_true(value) ? "true" : "false", out);
	else if (json_is_string(value))
		put_text(out, json_string_value(value));
}

/* key: field.member */
static const json_t *value_of_field(const json_t *body, const char *key)
{
	const json_t *fields = json_object_get(body, "fields");
	const char *dot = strchr(key, '.');
	char field[40];

	snprintf(field, sizeof(field), "%.*s", (int)(dot - key), key);
	return json_object_get(json_object_get(fields, field), dot + 1);
}

/* Lower edge of the first bin, width of each, then the counts: 0:100:3 14 */
static void put_histogram(FILE *out, const json_t *body, const char *field)
{
	const json_t *fields = json_object_get(body, "fields");
	const json_t *h = json_object_get(json_object_get(fields, field),
					  "histogram");
	json_t *n;
	size_t i;

	if (!h)
		return;
	fprintf(out, "%" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT,
		json_integer_value(json_object_get(h, "from")),
		json_integer_value(json_object_get(h, "width")));
	json_array_foreach(json_object_get(h, "counts"), i, n)
		fprintf(out, "%c%" JSON_INTEGER_FORMAT, i ? ' ' : ':',
			json_integer_value(n));
}

/* Codes with blanks between; the rest was answered with no. */
static void put_yes(FILE *out, const json_t *body)
{
	const json_t *answers = json_object_get(body, "answers");
	const char *between = "";
	json_t *a;
	size_t i;

	if (!answers)
		answers = json_object_get(body, "screening");
	json_array_foreach(answers, i, a) {
		if (!json_is_true(json_object_get(a, "yes")))
			continue;
		fputs(between, out);
		put_value(out, json_object_get(a, "code"));
		between = " ";
	}
}

static const json_t *value_of(const struct column *c, const json_t *row,
			      const json_t *body)
{
	const json_t *value = NULL;

	switch (c->from) {
	case ROW:
		return json_object_get(row, c->key);
	case BODY:
		return json_object_get(body, c->key);
	case CARTRIDGE:
		value = json_object_get(body, c->key);
		return json_is_object(value) ? json_object_get(value, "key") :
					       value;
	case KIOSK:
		return json_object_get(json_object_get(body, "origin"), c->key);
	case FIELD:
		return value_of_field(body, c->key);
	case HISTOGRAM:
	case TIME:
	case YES:
		break;
	}
	return value;
}

void csv_head(FILE *out)
{
	for (size_t i = 0; i < COLUMNS; i++)
		fprintf(out, "%s%s", i ? "," : "", columns[i].name);
	fputs("\r\n", out);
}

void csv_row(FILE *out, const json_t *row, const json_t *body)
{
	char time[EXPORT_TIME_LEN];

	for (size_t i = 0; i < COLUMNS; i++) {
		if (i)
			fputc(',', out);
		if (columns[i].from == TIME)
			fputs(export_time(row, time), out);
		else if (columns[i].from == HISTOGRAM)
			put_histogram(out, body, columns[i].key);
		else if (columns[i].from == YES)
			put_yes(out, body);
		else
			put_value(out, value_of(&columns[i], row, body));
	}
	fputs("\r\n", out);
}
