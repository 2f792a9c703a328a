/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the driver counts of one pen since it was plugged in; state_lock guards
 * all of it. debugfs.c prints it, nothing in the driver decides by it.
 */
#ifndef MNPEN_STATS_H
#define MNPEN_STATS_H

#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>
#include <linux/types.h>

#define MNPEN_LATENCY_BUCKETS	16
#define MNPEN_LATENCY_SHIFT	6	/* the first bucket: below 64 us */

/* Bucket n > 0: 2^(n + 5) us or more, less than twice that; the last: more. */
struct mnpen_latency {
	u32 count;
	u32 min_us;
	u32 max_us;
	u32 bucket[MNPEN_LATENCY_BUCKETS];
};

struct mnpen_stats {
	/* from the pen */
	u32 telemetry;		/* packets, well formed */
	u32 events;		/* packets, repeats of an event counted too */
	u32 bad_crc;
	u32 bad_form;		/* length or type */
	u32 gaps;		/* jumps of the sequence number */
	u32 lost;		/* packets that are missing in them */
	u32 repeats;		/* numbers that were not new */
	u32 in_errors;		/* IN transfers that failed, -EPROTO counted too */
	u32 in_eproto;
	/* to the pen */
	u32 feeds;
	u32 late_feeds;		/* the one before was still under way */
	u32 out_errors;		/* OUT transfers that failed */
	u32 commands;		/* control transfers */
	u32 command_errors;
	u32 command_max_us;
	/* stops, and how far up the ladder they went */
	u32 stops;
	u32 stops_by_ep0;
	u32 stops_by_reset;
	u32 resets;		/* of the pen, begun by whomever */
	u64 cause_ns;		/* of the last stop; 0: STOP was seen off */
	u64 rest_cause_ns;	/* the same; 0: the pen reported rest */
	struct mnpen_latency stop_out;	/* cause to STOP on the wire */
	struct mnpen_latency stop_rest;	/* cause to rest reported */
};

static inline u32 mnpen_us_since(u64 begin_ns, u64 now_ns)
{
	return min_t(u64, div_u64(now_ns - begin_ns, NSEC_PER_USEC), U32_MAX);
}

static inline void mnpen_latency_add(struct mnpen_latency *l, u32 us)
{
	unsigned int n = us >> MNPEN_LATENCY_SHIFT;

	n = n ? ilog2(n) + 1 : 0;
	l->bucket[min(n, MNPEN_LATENCY_BUCKETS - 1U)]++;
	if (!l->count++ || us < l->min_us)
		l->min_us = us;
	if (us > l->max_us)
		l->max_us = us;
}

#endif /* MNPEN_STATS_H */
