/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A timer of its own on the loop. Those of libevent are set in the kernel again
 * before every wait, whatever woke it: with them each message costs a timer.
 * This one is set when it changes. For the thread of the loop alone.
 */
#ifndef MNPEN_VARLINK_TIMER_H
#define MNPEN_VARLINK_TIMER_H

#include <event2/event.h>
#include <stdint.h>

struct timer;

/* Not set. NULL: no memory, no descriptor. */
struct timer *timer_new(struct event_base *base, void (*fn)(void *ctx),
			void *ctx);
/* Once, so long from now; instead of what it was set to. Negative errno. */
int timer_in(struct timer *t, uint64_t us);
/* Again and again, first after ms. Those that were missed are one. */
int timer_every(struct timer *t, uint32_t ms);
void timer_off(struct timer *t);
/* NULL is nothing. */
void timer_free(struct timer *t);

#endif /* MNPEN_VARLINK_TIMER_H */
