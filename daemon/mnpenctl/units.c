// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers with their units, for people; whole numbers from people. */
#include "daemon/mnpenctl/mnpenctl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *units_depth(units_text out, int64_t depth_um)
{
	snprintf(out, UNITS_LEN, "%" PRId64 " um", depth_um);
	return out;
}

const char *units_rate(units_text out, int64_t rate_spm)
{
	int64_t tenths = (rate_spm * 10 + 30) / 60; /* of Hz, rounded */

	if (tenths % 10)
		snprintf(out, UNITS_LEN,
			 "%" PRId64 "/min (%" PRId64 ".%" PRId64 " Hz)",
			 rate_spm, tenths / 10, tenths % 10);
	else
		snprintf(out, UNITS_LEN, "%" PRId64 "/min (%" PRId64 " Hz)",
			 rate_spm, tenths / 10);
	return out;
}

const char *units_duration(units_text out, int64_t ms)
{
	int64_t s = ms / 1000;

	if (ms < 1000)
		snprintf(out, UNITS_LEN, "%" PRId64 " ms", ms);
	else if (s < 60 && ms % 1000 >= 100)
		snprintf(out, UNITS_LEN, "%" PRId64 ".%" PRId64 " s", s,
			 ms % 1000 / 100);
	else if (s < 60)
		snprintf(out, UNITS_LEN, "%" PRId64 " s", s);
	else if (s % 60)
		snprintf(out, UNITS_LEN, "%" PRId64 " min %" PRId64 " s",
			 s / 60, s % 60);
	else
		snprintf(out, UNITS_LEN, "%" PRId64 " min", s / 60);
	return out;
}

const char *units_clock(units_text out, int64_t ms)
{
	int64_t s = ms > 0 ? (ms + 999) / 1000 : 0;

	snprintf(out, UNITS_LEN, "%" PRId64 ":%02" PRId64, s / 60, s % 60);
	return out;
}

const char *units_when(units_text out, int64_t unix_ms)
{
	time_t t = (time_t)(unix_ms / 1000);
	struct tm local;

	if (!localtime_r(&t, &local) ||
	    !strftime(out, UNITS_LEN, "%Y-%m-%d %H:%M:%S", &local))
		snprintf(out, UNITS_LEN, "%" PRId64 " ms", unix_ms);
	return out;
}

const char *units_limit(units_text out, const char *limit, int64_t value)
{
	if (!strcmp(limit, "depth"))
		return units_depth(out, value);
	if (!strcmp(limit, "rate") || !strcmp(limit, "rateMinimum"))
		return units_rate(out, value);
	if (!strcmp(limit, "run") || !strcmp(limit, "session") ||
	    !strcmp(limit, "contact") || !strcmp(limit, "duty") ||
	    !strcmp(limit, "cartridgeTime"))
		return units_duration(out, value);
	if (!strcmp(limit, "interval"))
		snprintf(out, UNITS_LEN, _("%" PRId64 " days"), value);
	else if (!strcmp(limit, "density"))
		snprintf(out, UNITS_LEN, _("%" PRId64 " per cm2"), value);
	else if (!strcmp(limit, "temperature"))
		snprintf(out, UNITS_LEN, "%" PRId64 ".%" PRId64 " C",
			 value / 1000,
			 (value < 0 ? -value : value) % 1000 / 100);
	else
		snprintf(out, UNITS_LEN, "%" PRId64 "%s", value,
			 strcmp(limit, "current") ? "" : " mA");
	return out;
}

bool units_parse(const char *text, uint32_t max, uint32_t *out)
{
	uint64_t value = 0;

	if (!*text || strlen(text) > 10 ||
	    strspn(text, "0123456789") != strlen(text))
		return false;
	for (; *text; text++)
		value = value * 10 + (uint64_t)(*text - '0');
	if (!value || value > max)
		return false;
	*out = (uint32_t)value;
	return true;
}

int units_option(struct ctl *ctl, const char *option, const char *text,
		 uint32_t max, uint32_t *out)
{
	if (!text || units_parse(text, max, out))
		return EXIT_DONE;
	return explain(
		ctl, EXIT_USAGE, "Usage",
		_("--%s takes a whole number from 1 to %u; \"%s\" is not one"),
		option, max, text);
}
