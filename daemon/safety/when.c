// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The time of day, for intervals and expiry: the one thing the core cannot
 * measure by itself. It takes the later of what the wall clock says and of
 * what must at least have passed, and wants an administrator's word for a
 * jump ahead that it can see.
 */
#include "daemon/safety/core.h"

#define DAY_S	86400
/* The clocks of clinics: nobody lives further from UTC. */
#define OFFSET_MAX_S	(18 * 3600)
/* 2024-01-01: before this project existed, so the clock is not set. */
#define EARLIEST_S	1704067200
/* Year 9999: beyond it the sums below might not fit. */
#define LATEST_S	253402300799

static int64_t passed_s(const struct safety_when *when)
{
	if (when->durable_s <= 0 || when->durable_s > LATEST_S)
		return 0;
	if (when->since_s <= 0)
		return when->durable_s;
	if (when->since_s > LATEST_S)
		return LATEST_S;
	return when->durable_s + when->since_s;
}

int64_t safety_now_s(const struct safety_when *when)
{
	int64_t passed = passed_s(when);

	return when->wall_s > passed ? when->wall_s : passed;
}

static int64_t day_of(const struct safety_when *when, int64_t s)
{
	/* Wraps where a signed sum must not; core_clock_known() bounds both. */
	int64_t local = (int64_t)((uint64_t)s + (uint64_t)when->utc_offset_s);

	/* An end in the first hours of 1970, west of there. */
	return local > 0 ? local / DAY_S : 0;
}

bool core_clock_known(const struct core_step *st,
		      const struct safety_when *when)
{
	int64_t now = safety_now_s(when);

	if (now < EARLIEST_S || now >= LATEST_S ||
	    when->utc_offset_s > OFFSET_MAX_S ||
	    when->utc_offset_s < -OFFSET_MAX_S)
		return false;
	/* The last session has not happened yet: one of the two is wrong. */
	if (when->last_end_s > now)
		return false;
	if (!when->since_exact || when->confirmed)
		return true;
	return now - passed_s(when) <= (int64_t)st->cfg->jump_max_s;
}

int32_t core_today(const struct safety_when *when)
{
	return (int32_t)day_of(when, safety_now_s(when));
}

bool core_interval_over(const struct safety_when *when,
			const struct safety_limits *l,
			struct core_refusal *why)
{
	int64_t days;

	if (when->last_end_s <= 0)
		return true;
	days = day_of(when, safety_now_s(when)) -
	       day_of(when, when->last_end_s);
	if (when->last_open && days == 0)
		return true;
	return core_limit_allows(l, SAFETY_LIMIT_INTERVAL_MIN, (uint32_t)days,
				 why);
}
