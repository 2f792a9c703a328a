// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/varlink/bucket.h"

#include "daemon/varlink/server.h"

#define BUCKET_COST_US	(1000000u / VARLINK_CALLS_PER_S)
#define BUCKET_FULL_US	((uint64_t)BUCKET_COST_US * VARLINK_CALLS_BURST)

void bucket_init(struct bucket *bucket, uint64_t now_us)
{
	bucket->credit_us = BUCKET_FULL_US;
	bucket->at_us = now_us;
}

uint32_t bucket_take(struct bucket *bucket, uint64_t now_us)
{
	uint64_t passed_us = now_us - bucket->at_us;

	bucket->at_us = now_us;
	if (passed_us >= BUCKET_FULL_US - bucket->credit_us)
		bucket->credit_us = BUCKET_FULL_US;
	else
		bucket->credit_us += passed_us;
	if (bucket->credit_us >= BUCKET_COST_US) {
		bucket->credit_us -= BUCKET_COST_US;
		return 0;
	}
	return (uint32_t)((BUCKET_COST_US - bucket->credit_us + 999) / 1000);
}
