// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Telemetry as it goes to everybody who watches, written without a tree of
 * objects: most of what the daemon says. The same as pen_telemetry_json().
 */
#include "daemon/mnpend/pen.h"

#include <string.h>

struct text {
	char *at;
};

static void text_add(struct text *t, const char *s)
{
	size_t len = strlen(s);

	memcpy(t->at, s, len);
	t->at += len;
}

/* key: with all that stands before the number. */
static void text_number(struct text *t, const char *key, int64_t value)
{
	uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char digits[24];
	size_t n = sizeof(digits);

	text_add(t, key);
	do
		digits[--n] = (char)('0' + rest % 10);
	while ((rest /= 10) != 0);
	if (value < 0)
		digits[--n] = '-';
	memcpy(t->at, digits + n, sizeof(digits) - n);
	t->at += sizeof(digits) - n;
}

/* The driver lets nothing else into a serial number; what it let in, we name. */
static bool text_is_plain(const char *s)
{
	for (; *s; s++)
		if (*s < ' ' || *s > '~' || *s == '"' || *s == '\\')
			return false;
	return true;
}

size_t pen_telemetry_text(const struct pen *pen, uint64_t sequence,
			  char out[PEN_TEXT_LEN])
{
	const struct mnpen_telemetry *r = &pen->record.telemetry;
	struct text t = { out };

	if (!text_is_plain(pen->id))
		return 0;
	text_add(&t, "{\"penId\":\"");
	text_add(&t, pen->id);
	text_number(&t, "\",\"telemetry\":{\"timeMicroseconds\":",
		    (int64_t)(pen->record.time_ns / 1000));
	text_number(&t, ",\"penSequence\":", pen->record.seq);
	text_add(&t, r->state == MNPEN_STATE_RUNNING || r->rate_spm > 0 ?
			     ",\"motor\":true" : ",\"motor\":false");
	text_number(&t, ",\"depthSetMicrometres\":", r->depth_set_um);
	text_number(&t, ",\"depthMicrometres\":", r->depth_um);
	text_number(&t, ",\"rateSetStrokesPerMinute\":", r->rate_set_spm);
	text_number(&t, ",\"rateStrokesPerMinute\":", r->rate_spm);
	text_number(&t, ",\"currentMilliamps\":", r->motor_ma);
	text_number(&t, ",\"motorTemperatureMillidegrees\":",
		    r->temp_motor_mdegc);
	text_number(&t, ",\"strokes\":", r->strokes);
	text_number(&t, ",\"leaseMilliseconds\":", r->feed_left_ms);
	text_number(&t, ",\"motorMilliseconds\":", pen->core.motor_ms);
	text_number(&t, "},\"sequence\":", (int64_t)sequence);
	text_add(&t, "}");
	return (size_t)(t.at - out);
}
