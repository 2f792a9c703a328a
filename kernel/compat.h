/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between kernel versions, all of them, so that the rest reads
 * like a driver for one kernel. Not for submission upstream. The Makefile
 * looks into the kernel's headers, because backports make versions lie.
 *
 * Compiled against 6.1.192, 6.12.107, 6.12.117 and 7.3.4 of Debian, plain and
 * PREEMPT_RT; Documentation/mnpen.rst has the list.
 */
#ifndef MNPEN_COMPAT_H
#define MNPEN_COMPAT_H

#include <linux/hrtimer.h>

/* 6.2 made the device argument of the class callbacks const. */
#ifdef MNPEN_HAVE_CLASS_CONST
#define MNPEN_CLASS_CONST const
#else
#define MNPEN_CLASS_CONST
#endif

/* 6.13 sets function and clock in one call; 6.15 dropped hrtimer_init(). */
#ifndef MNPEN_HAVE_HRTIMER_SETUP
static inline void
hrtimer_setup(struct hrtimer *timer,
	      enum hrtimer_restart (*function)(struct hrtimer *),
	      clockid_t clock_id, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock_id, mode);
	timer->function = function;
}
#endif

/* 6.12 moved it. */
#ifdef MNPEN_HAVE_LINUX_UNALIGNED
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#endif /* MNPEN_COMPAT_H */
