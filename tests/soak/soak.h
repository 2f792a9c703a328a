/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Days of a clinic in minutes: the daemon's own loop, core, record and sockets
 * in one process with a pen made of arithmetic, clients, and a clock that goes
 * on when nobody has anything to do.
 *
 *   soak.c     the days, one process after the other for each life of the daemon
 *   script.c   what happens in them
 *   world.c    clock, waiting, disk: what libc would say
 *   pen.c      a pen in place of device.c and hotplug.c
 *   client.c   who treats, and who watches
 */
#ifndef SOAK_H
#define SOAK_H

#include "daemon/mnpend/mnpend.h"

#include <stdbool.h>
#include <stdint.h>

#define SOAK_LIVES_MAX	64
#define SOAK_NAMES_MAX	24

struct soak_name {
	char text[64];
	unsigned int count;
};

struct soak_life {
	uint64_t hours;			/* awake, of the samples */
	uint64_t heap_first, heap_last, heap_most;	/* bytes, not SQLite's */
	uint64_t cache_first, cache_most, rss_last;
	unsigned int samples, fds_first, fds_last, fds_most;
};

/* Shared by all lives: survives SIGKILL of one. */
struct soak {
	/* the world */
	uint64_t mono_ns, boot_extra_ns;
	int64_t real_extra_ns;
	uint64_t random;
	bool disk_full;

	/* the script */
	unsigned int days, day;
	uint64_t day_began_ns;		/* mono_ns */
	uint64_t next_session_ns, mischief_ns, disk_full_until_ns, sample_ns;
	unsigned int told;		/* bits: what this day has had */
	unsigned int mischief;		/* enum, for the next run */
	bool done;

	/* what came of it */
	unsigned int begun, ended, runs, refused, unplugs, suspends, steps;
	unsigned int suspended_runs, full, stopped, killed, life;
	unsigned int expired;		/* leases that ran out: none should */
	unsigned int unsupervised;	/* motor on in a pen nobody treats with */
	uint64_t motor_ms;
	struct soak_name names[SOAK_NAMES_MAX];
	struct soak_life lives[SOAK_LIVES_MAX];
};

extern struct soak *soak;
extern const char *soak_sockets;
extern struct mnpend *soak_daemon;	/* NULL before it watches for pens */

uint32_t soak_random(uint32_t below);
void soak_count(const char *name);	/* of an error or an end */
uint64_t soak_day_s(void);		/* awake seconds of this day */

/* script.c */
void script_open(struct event_base *base);

/* pen.c */
void pen_unplug(void);
void pen_plug(void);
void pen_slept(void);
bool pen_motor(void);

/* client.c */
void client_open(struct event_base *base);
bool client_busy(void);
void client_treat(unsigned int seconds);
void client_confirm_clock(void);

#endif /* SOAK_H */
