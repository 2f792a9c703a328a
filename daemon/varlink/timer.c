// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/varlink/timer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct timer {
	int fd;			/* -1: the kernel has none, libevent times */
	struct event *event;
	struct timeval every;	/* of libevent's; 0: once */
	void (*fn)(void *ctx);
	void *ctx;
};

static void timer_on_event(evutil_socket_t fd, short what, void *arg)
{
	struct timer *t = arg;
	uint64_t times;

	(void)what;
	/* Set anew since the loop saw it: not yet. */
	if (fd >= 0 && read(fd, &times, sizeof(times)) != sizeof(times))
		return;
	if (fd < 0 && evutil_timerisset(&t->every))
		event_add(t->event, &t->every);
	t->fn(t->ctx);
}

struct timer *timer_new(struct event_base *base, void (*fn)(void *ctx),
			void *ctx)
{
	struct timer *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->fn = fn;
	t->ctx = ctx;
	t->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (t->fd < 0 && errno != ENOSYS)
		goto failed;
	t->event = event_new(base, t->fd,
			     t->fd < 0 ? 0 : EV_READ | EV_PERSIST,
			     timer_on_event, t);
	if (t->event && (t->fd < 0 || event_add(t->event, NULL) == 0))
		return t;
failed:
	timer_free(t);
	return NULL;
}

static int timer_set(struct timer *t, uint64_t us, uint64_t every_us)
{
	struct itimerspec when = {
		.it_value = { (time_t)(us / 1000000),
			      (long)(us % 1000000 * 1000) },
		.it_interval = { (time_t)(every_us / 1000000),
				 (long)(every_us % 1000000 * 1000) },
	};
	struct timeval wait = { (time_t)(us / 1000000),
				(suseconds_t)(us % 1000000) };

	if (t->fd >= 0)
		return timerfd_settime(t->fd, 0, &when, NULL) < 0 ? -errno : 0;
	t->every.tv_sec = (time_t)(every_us / 1000000);
	t->every.tv_usec = (suseconds_t)(every_us % 1000000);
	return event_add(t->event, &wait) < 0 ? -ENOMEM : 0;
}

int timer_in(struct timer *t, uint64_t us)
{
	/* 0 would mean never. */
	return timer_set(t, us ? us : 1, 0);
}

int timer_every(struct timer *t, uint32_t ms)
{
	return timer_set(t, ms * 1000ull, ms * 1000ull);
}

void timer_off(struct timer *t)
{
	const struct itimerspec never = { 0 };

	if (t->fd >= 0)
		timerfd_settime(t->fd, 0, &never, NULL);
	else
		event_del(t->event);
}

void timer_free(struct timer *t)
{
	if (!t)
		return;
	if (t->event)
		event_free(t->event);
	if (t->fd >= 0)
		close(t->fd);
	free(t);
}
