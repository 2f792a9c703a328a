// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define NOTIFY_FIRST_FD		3	/* SD_LISTEN_FDS_START */
#define NOTIFY_FDS_MAX		16

static int notify_fd = -1;
static uint64_t notify_every_ms;

/* A positive number in the environment, else 0. */
static unsigned long long notify_number(const char *name)
{
	const char *text = getenv(name);
	unsigned long long value;
	char *end;

	if (!text || *text < '0' || *text > '9')
		return 0;
	errno = 0;
	value = strtoull(text, &end, 10);
	return errno || *end ? 0 : value;
}

/* Absent: meant for us as well. */
static bool notify_is_ours(const char *name)
{
	return !getenv(name) ||
	       notify_number(name) == (unsigned long long)getpid();
}

void notify_open(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;

	if (notify_is_ours("WATCHDOG_PID"))
		notify_every_ms = notify_number("WATCHDOG_USEC") / 1000;
	if (len < 2 || len >= sizeof(addr.sun_path) ||
	    (*path != '/' && *path != '@'))
		return;
	memcpy(addr.sun_path, path, len);
	if (*path == '@')
		addr.sun_path[0] = '\0';
	notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (notify_fd >= 0 &&
	    connect(notify_fd, (const struct sockaddr *)&addr,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)))
		notify_close();
}

void notify_close(void)
{
	if (notify_fd >= 0)
		close(notify_fd);
	notify_fd = -1;
}

/* A manager that does not read must not hold up the loop. */
static void notify_send(const char *text)
{
	if (notify_fd >= 0 && send(notify_fd, text, strlen(text),
				   MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		errno = 0; /* the watchdog will tell */
}

void notify_ready(void)
{
	notify_send("READY=1\nSTATUS=Serving.");
}

/* The time tells the manager which reload this is the beginning of. */
void notify_reloading(void)
{
	struct timespec ts;
	char text[80];

	clock_gettime(CLOCK_MONOTONIC, &ts);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%llu",
		 (unsigned long long)ts.tv_sec * 1000000ULL +
			 (unsigned long long)ts.tv_nsec / 1000ULL);
	notify_send(text);
}

void notify_stopping(void)
{
	notify_send("STOPPING=1\nSTATUS=Stopping pens, closing sessions.");
}

void notify_status(const char *text)
{
	char line[256];

	snprintf(line, sizeof(line), "STATUS=%s", text);
	notify_send(line);
}

void notify_watchdog(void)
{
	notify_send("WATCHDOG=1");
}

uint64_t notify_watchdog_ms(void)
{
	return notify_fd >= 0 ? notify_every_ms : 0;
}

int notify_sockets(int (*fn)(int fd, const char *name, void *ctx), void *ctx)
{
	unsigned long long count = notify_number("LISTEN_FDS");
	const char *env = getenv("LISTEN_FDNAMES");
	char *names, *rest, *name;
	int i, n, ret = 0;

	if (!getenv("LISTEN_PID") || !notify_is_ours("LISTEN_PID") || !count)
		return 0;
	if (count > NOTIFY_FDS_MAX)
		return -E2BIG;
	n = (int)count;
	names = rest = strdup(env ? env : "");
	if (!names)
		return -ENOMEM;
	for (i = 0; i < n && ret >= 0; i++) {
		name = strsep(&rest, ":");
		if (fcntl(NOTIFY_FIRST_FD + i, F_SETFD, FD_CLOEXEC) < 0)
			ret = -errno;
		else
			ret = fn(NOTIFY_FIRST_FD + i, name ? name : "", ctx);
	}
	free(names);
	return ret < 0 ? ret : n;
}
