/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between kernel versions, all of them, so that the rest reads
 * like a driver for one kernel. Not for submission upstream.
 */
#ifndef MNPEN_COMPAT_H
#define MNPEN_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/version.h>

/* 6.2 made the device argument of the class callbacks const. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define MNPEN_CLASS_CONST const
#else
#define MNPEN_CLASS_CONST
#endif

/* 6.13 sets function and clock in one call; 6.15 dropped hrtimer_init(). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void
hrtimer_setup(struct hrtimer *timer,
	      enum hrtimer_restart (*function)(struct hrtimer *),
	      clockid_t clock_id, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock_id, mode);
	timer->function = function;
}
#endif

#endif /* MNPEN_COMPAT_H */
