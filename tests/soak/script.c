// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A day: eight hours awake with a session every 20 to 30 minutes, then sixteen
 * of suspend. What goes wrong comes at its hour, most of it into the next run;
 * the first day has all of it.
 */
#include "tests/soak/soak.h"

#include <dirent.h>
#include <malloc.h>
#include <sqlite3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SECOND		1000000000ull
#define HOUR_S		3600u
#define DAY_S		(8 * HOUR_S)
#define NIGHT_NS	(16ull * HOUR_S * SECOND)
#define LUNCH_NS	(1ull * HOUR_S * SECOND)
#define FULL_NS		(20 * SECOND)

enum mischief { NONE, UNPLUG, FULL, TERMINATE, KILL, SUSPEND };

static const struct {
	unsigned int hour, every, on;	/* of days */
	enum mischief what;
} plan[] = {
	{ 1, 4, 0, SUSPEND },
	{ 2, 2, 0, FULL },
	{ 3, 1, 0, UNPLUG },
	{ 5, 5, 0, TERMINATE },
	{ 6, 5, 0, KILL },
};

#define TOLD_LUNCH	(1u << 16)
#define TOLD_CLOCK	(1u << 17)

static struct event *second, *replug;

uint64_t soak_day_s(void)
{
	return (soak->mono_ns - soak->day_began_ns) / SECOND;
}

static void sleep_for(uint64_t ns)
{
	soak->boot_extra_ns += ns;
	soak->real_extra_ns += (int64_t)ns;
	soak->suspends++;
	pen_slept();
}

/* --- what is counted once an hour, with nothing going on ------------------------ */

static unsigned int descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static uint64_t resident(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long long all, pages = 0;

	if (f && fscanf(f, "%llu %llu", &all, &pages) != 2)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void sample(void)
{
	struct soak_life *life = &soak->lives[soak->life];
	uint64_t heap, cache = (uint64_t)sqlite3_memory_used();
	unsigned int fds;

	malloc_trim(0);
	/* SQLite keeps pages until it has 2 MB of them: judged on its own. */
	heap = mallinfo2().uordblks - cache;
	if (cache > life->cache_most)
		life->cache_most = cache;
	fds = descriptors();
	if (life->samples++ == 0) {
		life->heap_first = heap;
		life->cache_first = cache;
		life->fds_first = fds;
	}
	life->heap_last = heap;
	life->fds_last = fds;
	life->rss_last = resident();
	fprintf(stderr, "<7>soak: day %u, hour %u: heap %llu, SQLite %llu, descriptors %u\n",
		soak->day + 1, (unsigned int)(soak_day_s() / HOUR_S),
		(unsigned long long)heap, (unsigned long long)cache, fds);
	if (heap > life->heap_most)
		life->heap_most = heap;
	if (fds > life->fds_most)
		life->fds_most = fds;
}

/* --- the hours -------------------------------------------------------------------- */

static void new_day(void)
{
	sleep_for(NIGHT_NS);
	soak->day++;
	soak->day_began_ns = soak->mono_ns;
	soak->next_session_ns = soak->mono_ns + 60 * SECOND;
	soak->sample_ns = soak->mono_ns + HOUR_S * SECOND;
	soak->told = 0;
	if (soak->day >= soak->days) {
		soak->done = true;
		raise(SIGTERM);
	}
}

static void step_clock(void)
{
	/* Minutes, as a time server does; on some days an hour and back. */
	int64_t by_s = (int64_t)soak_random(600) - 300;

	if (soak->day % 4 == 2)
		by_s += soak->day % 8 == 2 ? 3600 : -3600;
	soak->real_extra_ns += by_s * (int64_t)SECOND;
	soak->steps++;
}

static void look_at_plan(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(plan) / sizeof(plan[0]); i++) {
		if (soak->told & (1u << i) ||
		    soak->day % plan[i].every != plan[i].on ||
		    soak_day_s() < plan[i].hour * HOUR_S)
			continue;
		soak->told |= 1u << i;
		soak->mischief = plan[i].what;
	}
	if (!(soak->told & TOLD_LUNCH) && soak_day_s() >= 4 * HOUR_S &&
	    !client_busy()) {
		soak->told |= TOLD_LUNCH;
		sleep_for(LUNCH_NS);
	}
	if (!(soak->told & TOLD_CLOCK) && soak_day_s() >= 7 * HOUR_S) {
		soak->told |= TOLD_CLOCK;
		step_clock();
	}
}

static void do_mischief(void)
{
	const struct timeval back = { .tv_sec = 5 };
	enum mischief what = soak->mischief;

	soak->mischief = NONE;
	switch (what) {
	case UNPLUG:
		soak->unplugs++;
		pen_unplug();
		event_add(replug, &back);
		break;
	case FULL:
		soak->full++;
		soak->disk_full = true;
		soak->disk_full_until_ns = soak->mono_ns + FULL_NS;
		break;
	case TERMINATE:
		soak->stopped++;
		raise(SIGTERM);
		break;
	case KILL:
		soak->killed++;
		kill(getpid(), SIGKILL);
		break;
	case SUSPEND:
		soak->suspended_runs++;
		sleep_for(LUNCH_NS);
		break;
	case NONE:
		break;
	}
}

/* In the middle of a run, not in its first second. */
static void maybe_mischief(void)
{
	if (!soak->mischief || !pen_motor()) {
		soak->mischief_ns = 0;
		return;
	}
	if (!soak->mischief_ns)
		soak->mischief_ns = soak->mono_ns +
				    (5 + soak_random(20)) * SECOND;
	else if (soak->mono_ns >= soak->mischief_ns)
		do_mischief();
}

static void script_second(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	if (soak->done)
		return;
	if (soak->disk_full && soak->mono_ns >= soak->disk_full_until_ns)
		soak->disk_full = false;
	maybe_mischief();
	look_at_plan();
	if (client_busy())
		return;
	if (soak->mono_ns >= soak->sample_ns && !soak->disk_full) {
		soak->sample_ns += HOUR_S * SECOND;
		soak->lives[soak->life].hours++;
		sample();
	}
	if (soak_day_s() >= DAY_S) {
		new_day();
	} else if (soak->mono_ns >= soak->next_session_ns) {
		soak->next_session_ns = soak->mono_ns +
					(1200 + soak_random(600)) * SECOND;
		client_treat(60 + soak_random(180));
	}
}

static void script_replug(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	pen_plug();
}

void script_open(struct event_base *base)
{
	const struct timeval tick = { .tv_sec = 1 };

	second = event_new(base, -1, EV_PERSIST, script_second, NULL);
	replug = event_new(base, -1, 0, script_replug, NULL);
	event_add(second, &tick);
}
