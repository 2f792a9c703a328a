/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clocks that the daemon reads. The safety core reads none. */
#ifndef MNPEND_CLOCK_H
#define MNPEND_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_read_ms(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Monotonic, counts while suspended: time cannot be won by closing a lid. */
static inline uint64_t clock_boot_ms(void)
{
	return clock_read_ms(CLOCK_BOOTTIME);
}

/* What the driver stamps its records with. */
static inline uint64_t clock_mono_ms(void)
{
	return clock_read_ms(CLOCK_MONOTONIC);
}

/* How long this machine has been suspended, of all the time since it booted. */
static inline uint64_t clock_asleep_ms(void)
{
	return clock_boot_ms() - clock_mono_ms();
}

static inline uint64_t clock_unix_ms(void)
{
	return clock_read_ms(CLOCK_REALTIME);
}

#endif /* MNPEND_CLOCK_H */
