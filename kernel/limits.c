// SPDX-License-Identifier: GPL-2.0-only
/* The ratchet of the limits; see limits.h. */
#ifdef __KERNEL__
#include <linux/errno.h>
#else
#include <errno.h>
#endif

#include "limits.h"

/* X(bit, field of struct mnp_limits and of struct mnpen_limits) */
#define FIELDS(X) \
	X(MNPEN_LIMIT_DEPTH, depth_max_um) \
	X(MNPEN_LIMIT_RATE, rate_max_spm) \
	X(MNPEN_LIMIT_RUN, run_max_ms) \
	X(MNPEN_LIMIT_STROKES, strokes_max) \
	X(MNPEN_LIMIT_CURRENT, current_max_ma) \
	X(MNPEN_LIMIT_TEMP, temp_max_mdegc) \
	X(MNPEN_LIMIT_LEASE, lease_max_ms)

int mnpen_limits_lower(struct mnp_limits *cur, const struct mnpen_limits *req)
{
	struct mnp_limits new = *cur;
	int changed = 0;

	if (req->valid & ~(__u32)MNPEN_LIMIT_ALL)
		return -EINVAL;
	if (req->valid & MNPEN_LIMIT_LEASE && !req->lease_max_ms)
		return -EINVAL;
#define X(bit, field) \
	if (req->valid & (bit)) { \
		if (req->field > cur->field) \
			return -EPERM; \
		if (req->field < cur->field) \
			changed |= (bit); \
		new.field = req->field; \
	}
	FIELDS(X)
#undef X
	*cur = new;
	return changed;
}

void mnpen_limits_min(struct mnp_limits *cur, const struct mnp_limits *other)
{
#define X(bit, field) \
	if (other->field < cur->field) \
		cur->field = other->field;
	FIELDS(X)
#undef X
}

int mnpen_limits_equal(const struct mnp_limits *a, const struct mnp_limits *b)
{
#define X(bit, field) \
	if (a->field != b->field) \
		return 0;
	FIELDS(X)
#undef X
	return 1;
}
