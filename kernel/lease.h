/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arithmetic of the lease, the same in the driver and in the unit tests.
 *
 * Host times are CLOCK_MONOTONIC nanoseconds. The pen's clock counts
 * microseconds in 32 bit and wraps every 71 minutes.
 */
#ifndef MNPEN_LEASE_H
#define MNPEN_LEASE_H

#include <linux/types.h>

#ifndef __KERNEL__
#include <stdbool.h>
#endif

#define MNPEN_NS_PER_MS		1000000ULL
#define MNPEN_FEED_PERIOD_MS	50	/* 4 feeds within the pen's 200 ms */
#define MNPEN_HORIZON_MAX_MS	1000	/* whatever a pen claims to accept */

/**
 * mnpen_feed_deadline - how long the pen may run, in the pen's own clock
 * @dev_time_us: pen's clock in the last telemetry packet
 * @t_rx_ns: host time at which that packet arrived
 * @lease_end_ns: host time at which the lease ends
 * @horizon_ms: furthest deadline that the pen accepts
 * @valid_until_us: out: pen's clock at which the motor stops
 *
 * The sample was taken at or before @t_rx_ns, so the pen's clock reaches
 * @valid_until_us no later than the host's reaches @lease_end_ns. A packet
 * that is delivered late therefore never extends motion; a duration counted
 * from its arrival would.
 *
 * Return: false if nothing is left of the lease; then do not feed.
 */
static inline bool mnpen_feed_deadline(__u32 dev_time_us, __u64 t_rx_ns,
				       __u64 lease_end_ns, __u32 horizon_ms,
				       __u32 *valid_until_us)
{
	__u64 left_ns;

	if (lease_end_ns <= t_rx_ns)
		return false;
	if (horizon_ms > MNPEN_HORIZON_MAX_MS)
		horizon_ms = MNPEN_HORIZON_MAX_MS;
	left_ns = lease_end_ns - t_rx_ns;
	if (left_ns > horizon_ms * MNPEN_NS_PER_MS)
		left_ns = horizon_ms * MNPEN_NS_PER_MS;
	/* Fits 32 bit; rounding down is the safe direction. */
	*valid_until_us = dev_time_us + (__u32)left_ns / 1000;
	return true;
}

/*
 * Distance of two feeds. A short lease needs more of them: a controller that
 * renews at half the lease must not lose it because a feed just missed.
 */
static inline __u64 mnpen_feed_period_ns(__u32 lease_ms)
{
	__u32 period_ms = lease_ms / 4;

	if (period_ms > MNPEN_FEED_PERIOD_MS)
		period_ms = MNPEN_FEED_PERIOD_MS;
	if (!period_ms)
		period_ms = 1;
	return period_ms * MNPEN_NS_PER_MS;
}

/* Earlier of a deadline and another that may be unset (0). */
static inline __u64 mnpen_earlier(__u64 deadline_ns, __u64 other_ns)
{
	return other_ns && other_ns < deadline_ns ? other_ns : deadline_ns;
}

#endif /* MNPEN_LEASE_H */
