// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpenctl/samples.h"

#include "daemon/mnpenctl/js.h"

#include <string.h>

static const char *const names[SAMPLE_N_FIELDS] = {
#define X(name) #name,
	SAMPLE_FIELDS(X)
#undef X
};

/* How the interface names what it tells of a sample. */
static const struct {
	const char *json;
	enum sample_field field;
} told[] = {
	{ "depthSetMicrometres", SAMPLE_depth_set_um },
	{ "depthMicrometres", SAMPLE_depth_um },
	{ "rateSetStrokesPerMinute", SAMPLE_rate_set_spm },
	{ "rateStrokesPerMinute", SAMPLE_rate_spm },
	{ "currentMilliamps", SAMPLE_motor_ma },
	{ "motorTemperatureMillidegrees", SAMPLE_temp_motor_mdegc },
	{ "leaseMilliseconds", SAMPLE_lease_ms },
	{ "strokes", SAMPLE_strokes },
};

static const struct {
	const char *limit;
	enum sample_field field;
} limits[] = {
	{ "depth", SAMPLE_depth_um },
	{ "rate", SAMPLE_rate_spm },
	{ "current", SAMPLE_motor_ma },
	{ "temperature", SAMPLE_temp_motor_mdegc },
};

#define N_OF(table)	(sizeof(table) / sizeof((table)[0]))

/* "0xffff: unknown" in the contract with the driver. */
#define UNKNOWN_16	0xffff

int sample_field_find(const char *name, size_t length)
{
	int i;

	for (i = 0; i < SAMPLE_N_FIELDS; i++)
		if (strlen(names[i]) == length &&
		    !strncmp(names[i], name, length))
			return i;
	return -1;
}

const char *sample_field_name(enum sample_field field)
{
	return names[field];
}

void sample_set(struct sample *s, enum sample_field f, int64_t value)
{
	bool measured_16 = f == SAMPLE_depth_um || f == SAMPLE_rate_spm ||
			   f == SAMPLE_battery_mv;

	if (measured_16 && value == UNKNOWN_16)
		return;
	if (f == SAMPLE_battery_pct && value == 255)
		return;
	s->value[f] = value;
	s->known |= 1u << f;
}

void sample_from_telemetry(const json_t *telemetry, struct sample *out)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	out->time_us = js_int(telemetry, "timeMicroseconds");
	out->seq = js_int(telemetry, "penSequence");
	for (i = 0; i < N_OF(told); i++) {
		const json_t *v = json_object_get(telemetry, told[i].json);

		if (json_is_integer(v))
			sample_set(out, told[i].field, json_integer_value(v));
	}
	snprintf(out->state, sizeof(out->state), "%s",
		 json_is_true(json_object_get(telemetry, "motor")) ?
			 "running" : "rest");
}

void sample_from_event(const json_t *event, int64_t time_us,
		       struct sample *out)
{
	const char *reason = js_string(event, "reason");
	const char *text = js_string(event, "text");
	bool why = *reason && strcmp(reason, "ok");

	memset(out, 0, sizeof(*out));
	out->time_us = time_us;
	snprintf(out->state, sizeof(out->state), "%s", js_string(event, "state"));
	snprintf(out->event, sizeof(out->event), "%s%s%s%s%s",
		 js_string(event, "kind"), why ? " " : "", why ? reason : "",
		 why && *text ? ": " : "", why ? text : "");
}

static void set_limit(struct samples_head *head, enum sample_field f,
		      const json_t *value)
{
	if (!json_is_integer(value))
		return;
	head->limit[f] = json_integer_value(value);
	head->limited |= 1u << f;
}

void samples_limits(const json_t *pen, struct samples_head *head)
{
	const json_t *list =
		json_object_get(json_object_get(pen, "session"), "limits");
	json_t *limit;
	size_t i, k;

	head->limited = 0;
	set_limit(head, SAMPLE_depth_um,
		  json_object_get(pen, "depthMaximumMicrometres"));
	set_limit(head, SAMPLE_rate_spm,
		  json_object_get(pen, "rateMaximumStrokesPerMinute"));
	json_array_foreach(list, i, limit)
		for (k = 0; k < N_OF(limits); k++)
			if (!strcmp(js_string(limit, "name"), limits[k].limit))
				set_limit(head, limits[k].field,
					  json_object_get(limit, "value"));
}
