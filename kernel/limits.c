// SPDX-License-Identifier: GPL-2.0-only
/* The ratchet of the limits; see limits.h. */
#ifdef __KERNEL__
#include <linux/errno.h>
#else
#include <errno.h>
#endif

#include "limits.h"

/* Adds @bit to @changed if the ceiling really comes down. */
static int lower(__u32 *cur, __u32 new, __u32 bit, __u32 valid, int *changed)
{
	if (!(valid & bit) || new == *cur)
		return 0;
	if (new > *cur)
		return -EPERM;
	*cur = new;
	*changed |= bit;
	return 0;
}

static int lower_signed(__s32 *cur, __s32 new, __u32 bit, __u32 valid,
			int *changed)
{
	if (!(valid & bit) || new == *cur)
		return 0;
	if (new > *cur)
		return -EPERM;
	*cur = new;
	*changed |= bit;
	return 0;
}

int mnpen_limits_lower(struct mnp_limits *cur, const struct mnpen_limits *req)
{
	struct mnp_limits new = *cur;
	__u32 valid = req->valid;
	int changed = 0;

	if (valid & ~(__u32)MNPEN_LIMIT_ALL)
		return -EINVAL;
	if (valid & MNPEN_LIMIT_LEASE && !req->lease_max_ms)
		return -EINVAL;
	if (lower(&new.depth_max_um, req->depth_max_um,
		  MNPEN_LIMIT_DEPTH, valid, &changed) ||
	    lower(&new.rate_max_spm, req->rate_max_spm,
		  MNPEN_LIMIT_RATE, valid, &changed) ||
	    lower(&new.run_max_ms, req->run_max_ms,
		  MNPEN_LIMIT_RUN, valid, &changed) ||
	    lower(&new.strokes_max, req->strokes_max,
		  MNPEN_LIMIT_STROKES, valid, &changed) ||
	    lower(&new.current_max_ma, req->current_max_ma,
		  MNPEN_LIMIT_CURRENT, valid, &changed) ||
	    lower_signed(&new.temp_max_mdegc, req->temp_max_mdegc,
			 MNPEN_LIMIT_TEMP, valid, &changed) ||
	    lower(&new.lease_max_ms, req->lease_max_ms,
		  MNPEN_LIMIT_LEASE, valid, &changed))
		return -EPERM;
	*cur = new;
	return changed;
}

void mnpen_limits_min(struct mnp_limits *cur, const struct mnp_limits *other)
{
	if (other->depth_max_um < cur->depth_max_um)
		cur->depth_max_um = other->depth_max_um;
	if (other->rate_max_spm < cur->rate_max_spm)
		cur->rate_max_spm = other->rate_max_spm;
	if (other->run_max_ms < cur->run_max_ms)
		cur->run_max_ms = other->run_max_ms;
	if (other->strokes_max < cur->strokes_max)
		cur->strokes_max = other->strokes_max;
	if (other->current_max_ma < cur->current_max_ma)
		cur->current_max_ma = other->current_max_ma;
	if (other->temp_max_mdegc < cur->temp_max_mdegc)
		cur->temp_max_mdegc = other->temp_max_mdegc;
	if (other->lease_max_ms < cur->lease_max_ms)
		cur->lease_max_ms = other->lease_max_ms;
}

int mnpen_limits_equal(const struct mnp_limits *a, const struct mnp_limits *b)
{
	return a->depth_max_um == b->depth_max_um &&
	       a->rate_max_spm == b->rate_max_spm &&
	       a->run_max_ms == b->run_max_ms &&
	       a->strokes_max == b->strokes_max &&
	       a->current_max_ma == b->current_max_ma &&
	       a->temp_max_mdegc == b->temp_max_mdegc &&
	       a->lease_max_ms == b->lease_max_ms;
}
