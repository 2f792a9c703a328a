// SPDX-License-Identifier: GPL-2.0-or-later
#include "crowd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"

#define PAUSE_US	300	/* between two tries while there is no pen */

static atomic_int minor;
static atomic_bool over;
static pthread_t threads[CROWD];

void crowd_node(int n)
{
	minor = n;
}

/* A pen that is gone keeps its number for as long as a file is open. */
static int open_pen(int flags)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/dev/mnpen%d", minor);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		usleep(PAUSE_US);
	return fd;
}

static void *reads(void *arg)
{
	struct mnpen_record rec[4];
	long *did = arg;

	while (!over) {
		int fd = open_pen(O_RDONLY | O_NONBLOCK);

		if (fd < 0)
			continue;
		do_subscribe(fd, MNPEN_SUB_TELEMETRY | MNPEN_SUB_EVENTS, 0);
		wait_poll(fd, POLLIN, 12);
		while (read(fd, rec, sizeof(rec)) > 0)
			++*did;
		close(fd);
	}
	return NULL;
}

/* Sleeps in read() until the pen goes. */
static void *sleeps(void *arg)
{
	struct mnpen_record rec;
	long *did = arg;

	while (!over) {
		int fd = open_pen(O_RDONLY);

		if (fd < 0)
			continue;
		do_subscribe(fd, MNPEN_SUB_EVENTS, 0);
		while (read(fd, &rec, sizeof(rec)) > 0)
			continue;
		*did += errno == ENODEV;
		close(fd);
	}
	return NULL;
}

static void *polls(void *arg)
{
	long *did = arg;

	while (!over) {
		int fd = open_pen(O_RDONLY);

		if (fd < 0)
			continue;
		do_subscribe(fd, MNPEN_SUB_EVENTS, 0);
		*did += (wait_poll(fd, POLLIN | POLLPRI, 100) & POLLHUP) != 0;
		close(fd);
	}
	return NULL;
}

/* Controls as far as it gets; the others stop it all the time. */
static void *controls(void *arg)
{
	struct mnpen_limits l = { .valid = MNPEN_LIMIT_CURRENT,
				  .current_max_ma = 1200 };
	long *did = arg;
	uint32_t session;

	while (!over) {
		int fd = open_pen(O_RDWR);

		if (fd < 0)
			continue;
		*did += !do_acquire(fd, &session);
		*did += !do_arm(fd, session, 100);
		*did += !do_run(fd, session, 6000, 500, 50);
		*did += !do_keepalive(fd, session);
		*did += !ioctl(fd, MNPEN_IOC_LOWER_LIMITS, &l);
		*did += !ioctl(fd, MNPEN_IOC_DISARM);
		close(fd);
		usleep(PAUSE_US);
	}
	return NULL;
}

static void *asks(void *arg)
{
	struct mnpen_caps caps;
	struct mnpen_limits limits;
	struct mnpen_status status;
	long *did = arg;

	while (!over) {
		int fd = open_pen(O_RDONLY);

		if (fd < 0)
			continue;
		while (!over && !ioctl(fd, MNPEN_IOC_GET_STATUS, &status)) {
			*did += !ioctl(fd, MNPEN_IOC_GET_CAPS, &caps);
			*did += !ioctl(fd, MNPEN_IOC_GET_LIMITS, &limits);
			usleep(PAUSE_US);
		}
		close(fd);
	}
	return NULL;
}

static void *stops(void *arg)
{
	long *did = arg;

	while (!over) {
		int fd = open_pen(O_RDONLY);

		if (fd < 0)
			continue;
		*did += !ioctl(fd, MNPEN_IOC_STOP);
		close(fd);
		usleep(10 * PAUSE_US);
	}
	return NULL;
}

static const struct {
	const char *name;
	void *(*run)(void *did);
} roles[CROWD] = {
	{ "reads", reads }, { "reads, too", reads }, { "sleeps", sleeps },
	{ "polls", polls }, { "controls", controls },
	{ "controls, too", controls }, { "asks", asks }, { "stops", stops },
};

int crowd_start(struct crowd *c)
{
	int i;

	over = false;
	for (i = 0; i < CROWD; i++) {
		c->did[i] = 0;
		c->role[i] = roles[i].name;
		if (pthread_create(&threads[i], NULL, roles[i].run, &c->did[i]))
			return -1;
	}
	return 0;
}

int crowd_end(struct crowd *c)
{
	int i, err = 0;

	over = true;
	for (i = 0; i < CROWD; i++) {
		if (pthread_join(threads[i], NULL))
			err = -1;
		fprintf(stderr, "# %s: %ld\n", c->role[i], c->did[i]);
		if (!c->did[i])
			err = -1;
	}
	return err;
}
