/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Token bucket: so many calls per second after a burst. Pure. */
#ifndef MNPEN_VARLINK_BUCKET_H
#define MNPEN_VARLINK_BUCKET_H

#include <stdint.h>

struct bucket {
	uint64_t credit_us;	/* each call costs 1 s / VARLINK_CALLS_PER_S */
	uint64_t at_us;		/* monotonic, when credit_us was right */
};

void bucket_init(struct bucket *bucket, uint64_t now_us);
/* 0: take it. Otherwise the milliseconds until the next one, at least 1. */
uint32_t bucket_take(struct bucket *bucket, uint64_t now_us);

#endif /* MNPEN_VARLINK_BUCKET_H */
