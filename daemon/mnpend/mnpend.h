/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's parts and how they hang together. One thread: the event loop.
 *
 *   hotplug -> pen -> device        what the kernel says becomes events
 *              pen -> safety        events become actions
 *              pen -> recorder      what happened becomes rows
 *   server  -> methods -> pen       what clients ask becomes events
 *              pen -> monitor       what changed goes to whoever watches
 */
#ifndef MNPEND_H
#define MNPEND_H

#include "daemon/mnpend/clock.h"
#include "daemon/safety/safety.h"

#include <event2/event.h>
#include <stdbool.h>
#include <sys/queue.h>

#define MNPEND_TICK_MS		10
#define MNPEND_LATE_MS		80	/* between two ticks: worth a line */
#define MNPEND_LEASE_MS		200	/* four renewals of 50 ms */
#ifndef MNPEND_TELEMETRY_MS
#define MNPEND_TELEMETRY_MS	40	/* to clients: what an eye can follow */
#endif
/*
 * Counters made durable while running: this finds out that the disk is full,
 * and a run must end within two seconds of that.
 */
#define MNPEND_PROGRESS_MS	1500
#define MNPEND_RELOAD_MS	100	/* between looks whether it may be */
#define MNPEND_SHUTDOWN_MS	2000	/* for sessions to be closed in order */

struct clinic;
struct pen;
struct recorder;
struct hotplug;
struct varlink_server;
struct monitor;
struct raw_keeper;
struct why_book;

LIST_HEAD(pen_list, pen);

struct mnpend {
	struct event_base *base;
	struct safety_config config;
	struct recorder *recorder;
	struct raw_keeper *raw;		/* NULL: no raw telemetry is kept */
	const char *record_path;
	struct hotplug *hotplug;
	struct varlink_server *server;
	struct monitor *monitor;
	struct pen_list pens;
	struct timer *tick;
	bool ticking;
	uint64_t tick_ms;		/* the last one */
	uint64_t asleep_ms;		/* of this machine, by then */
	bool ticked;			/* since the watchdog was fed */
	struct event *reload;		/* of the catalogue */
	char boot_id[37];
	struct clinic *clinic;
	struct why_book *why;
	bool stopping;			/* shutting down */
	uint64_t stopping_ms;
};

/*
 * How long the machine was suspended since the last tick; 0: it was not. The
 * two clocks are read one after the other: a little is nothing.
 */
static inline uint64_t mnpend_suspended_ms(const struct mnpend *daemon)
{
	uint64_t ms = clock_asleep_ms() - daemon->asleep_ms;

	return ms > MNPEND_LATE_MS && ms < INT64_MAX ? ms : 0;
}

#endif /* MNPEND_H */
