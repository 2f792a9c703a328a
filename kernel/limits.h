/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ratchet: limits come down and never go up. Pure; also compiled by the
 * unit tests. struct mnp_limits is the host's copy in host order.
 */
#ifndef MNPEN_LIMITS_H
#define MNPEN_LIMITS_H

#include "proto.h"
#include <linux/mnpen.h>

#define MNPEN_LIMIT_ALL		(MNPEN_LIMIT_DEPTH | MNPEN_LIMIT_RATE | \
				 MNPEN_LIMIT_RUN | MNPEN_LIMIT_STROKES | \
				 MNPEN_LIMIT_CURRENT | MNPEN_LIMIT_TEMP | \
				 MNPEN_LIMIT_LEASE)

/**
 * mnpen_limits_lower - apply a LOWER_LIMITS request to a copy
 * @cur: limits in force; changed only on success
 * @req: fields named by @req->valid are the new ceilings
 *
 * Return: MNPEN_LIMIT_* bits that really came down (0: all were equal),
 * -EINVAL for an unknown bit or a lease of 0, -EPERM if any field would rise.
 */
int mnpen_limits_lower(struct mnp_limits *cur, const struct mnpen_limits *req);

/* Lowers each field of @cur to that of @other where @other is lower. */
void mnpen_limits_min(struct mnp_limits *cur, const struct mnp_limits *other);

/* Same ceilings; generation and checksum are not compared. */
int mnpen_limits_equal(const struct mnp_limits *a, const struct mnp_limits *b);

#endif /* MNPEN_LIMITS_H */
