// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/summary.h"

/* Wide enough for what the absolute limits allow, and somewhat more. */
static const struct range {
	const char *name;
	int32_t from, width;	/* of the first bin; of each */
} ranges[SUMMARY_FIELDS] = {
	[SUMMARY_DEPTH_UM] = { "depthMicrometres", 0, 100 },
	[SUMMARY_RATE_SPM] = { "rateStrokesPerMinute", 0, 250 },
	[SUMMARY_CURRENT_MA] = { "currentMilliamps", -200, 50 },
	[SUMMARY_TEMP_MDEGC] = { "motorTemperatureMillidegrees", -10000,
				 2000 },
};

static unsigned int bin_of(const struct range *r, int32_t value)
{
	int64_t bin = ((int64_t)value - r->from) / r->width;

	if (value < r->from)
		return 0;
	return bin < SUMMARY_BINS ? (unsigned int)bin : SUMMARY_BINS - 1;
}

void summary_add(struct summary *s, const int32_t values[SUMMARY_FIELDS])
{
	unsigned int i;

	for (i = 0; i < SUMMARY_FIELDS; i++) {
		struct summary_values *v = &s->field[i];

		if (!s->records || values[i] < v->least)
			v->least = values[i];
		if (!s->records || values[i] > v->most)
			v->most = values[i];
		v->sum += values[i];
		v->bin[bin_of(&ranges[i], values[i])]++;
	}
	s->records++;
}

/* The whole number next to it. */
static int64_t mean(int64_t sum, int64_t n)
{
	return (sum >= 0 ? sum + n / 2 : sum - n / 2) / n;
}

static json_t *histogram(const struct range *r, const uint32_t *bin)
{
	json_t *counts = json_array();
	unsigned int first = 0, last = SUMMARY_BINS - 1, i;

	while (first < last && !bin[first])
		first++;
	while (last > first && !bin[last])
		last--;
	for (i = first; i <= last; i++)
		json_array_append_new(counts, json_integer(bin[i]));
	return json_pack("{sI sI so}", "from",
			 (json_int_t)r->from + (json_int_t)first * r->width,
			 "width", (json_int_t)r->width, "counts", counts);
}

json_t *summary_json(const struct summary *s)
{
	json_t *fields = json_object();
	unsigned int i;

	for (i = 0; s->records && i < SUMMARY_FIELDS; i++) {
		const struct summary_values *v = &s->field[i];

		json_object_set_new(
			fields, ranges[i].name,
			json_pack("{sI sI sI so}", "least",
				  (json_int_t)v->least, "mean",
				  (json_int_t)mean(v->sum, s->records), "most",
				  (json_int_t)v->most, "histogram",
				  histogram(&ranges[i], v->bin)));
	}
	if (json_object_size(fields) == SUMMARY_FIELDS)
		return json_pack("{sI so}", "records",
				 (json_int_t)s->records, "fields", fields);
	json_decref(fields);
	return NULL;
}
