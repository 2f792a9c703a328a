// SPDX-License-Identifier: GPL-2.0-or-later
/* In place of libc's: time that goes on only when there is nothing to do. */
#include "tests/soak/soak.h"

#include "daemon/mnpend/landlock.h"
#include "daemon/mnpend/recorder.h"
#include "daemon/mnpend/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND		1000000000ull
#define BEGAN_S		1795165200ull	/* a Friday */
#define WRITER_MS	1000		/* real time for the record's thread */

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	uint64_t ns = soak ? soak->mono_ns : 0;

	if (!soak || clock == CLOCK_PROCESS_CPUTIME_ID ||
	    clock == CLOCK_THREAD_CPUTIME_ID)
		return (int)syscall(SYS_clock_gettime, clock, ts);
	if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
		ns += BEGAN_S * SECOND + (uint64_t)soak->real_extra_ns;
	else if (clock == CLOCK_BOOTTIME)
		ns += soak->boot_extra_ns;
	ts->tv_sec = (time_t)(ns / SECOND);
	ts->tv_nsec = (long)(ns % SECOND);
	return 0;
}

time_t time(time_t *out)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (out)
		*out = ts.tv_sec;
	return ts.tv_sec;
}

int gettimeofday(struct timeval *tv, void *zone)
{
	struct timespec ts;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &ts);
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return 0;
}

/* libevent then gives its timeouts to epoll_wait, and so to us. */
int timerfd_create(clockid_t clock, int flags)
{
	(void)clock;
	(void)flags;
	errno = ENOSYS;
	return -1;
}

/*
 * Whatever is ready comes first. The record's thread lives in real time: while
 * it writes, time stands still. Then it goes on to the next timer.
 */
int epoll_wait(int fd, struct epoll_event *events, int max, int timeout)
{
	long n = syscall(SYS_epoll_pwait, fd, events, max, 0, NULL, 8);

	if (n != 0 || !soak)
		return (int)n;
	if (soak_daemon && !recorder_idle(soak_daemon->recorder)) {
		n = syscall(SYS_epoll_pwait, fd, events, max, WRITER_MS, NULL,
			    8);
		if (n != 0)
			return (int)n;
	}
	soak->mono_ns += (timeout < 0 ? 100u : (uint64_t)timeout) * 1000000u;
	return 0;
}

/* A full disk refuses what would make a file longer; so this refuses all. */
ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	if (soak && soak->disk_full) {
		errno = ENOSPC;
		return -1;
	}
	return syscall(SYS_pwrite64, fd, data, len, at);
}

int posix_fallocate(int fd, off_t at, off_t len)
{
	if (soak && soak->disk_full)
		return ENOSPC;
	return syscall(SYS_fallocate, fd, 0, at, len) ? errno : 0;
}

/* This process holds more than the daemon. */
int landlock_confine(const char *const *writable, size_t count)
{
	(void)writable;
	(void)count;
	return 0;
}

int seccomp_confine(const struct seccomp_needs *needs)
{
	(void)needs;
	return 0;
}

int mlockall(int flags)
{
	(void)flags;
	return 0;
}
