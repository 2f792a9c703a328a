// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A pen through the driver, for tests/bench/driver:
 *
 *   bench-node read NODE COUNT       takes COUNT telemetry records
 *   bench-node hid NODE COUNT        the same number of reports of a hidraw
 *   bench-node control NODE COUNT    COUNT rounds of KEEPALIVE and of RUN, then
 *                                    holds the lease until it is killed
 *
 * One line of JSON for each result; "ready" before it begins to count.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/mnpen.h>

#include "timing.h"

static int fail(const char *what)
{
	fprintf(stderr, "bench-node: %s: %s\n", what, strerror(errno));
	return 1;
}

/* One record a call, as whoever wants them at once reads. */
static int take(int fd, long count)
{
	char record[64];
	long long begin = 0;
	long n;

	for (n = -5; n < count; n++) {
		if (!n) {
			puts("ready");
			fflush(stdout);
			begin = cpu_ns();
		}
		if (read(fd, record, sizeof(record)) != sizeof(record))
			return fail("read");
	}
	printf("{\"what\":\"read\",\"n\":%ld,\"cpu_ns\":%lld}\n", count,
	       (cpu_ns() - begin) / count);
	return 0;
}

static int read_node(int fd, long count)
{
	struct mnpen_subscribe want = { .mask = MNPEN_SUB_TELEMETRY };

	if (ioctl(fd, MNPEN_IOC_SUBSCRIBE, &want))
		return fail("SUBSCRIBE");
	return take(fd, count);
}

static int start(int fd, struct mnpen_run *run)
{
	struct mnpen_acquire mine = { 0 };
	struct mnpen_arm arm = { .lease_ms = 300 };

	if (ioctl(fd, MNPEN_IOC_ACQUIRE, &mine))
		return fail("ACQUIRE");
	arm.session = mine.session;
	if (ioctl(fd, MNPEN_IOC_ARM, &arm))
		return fail("ARM");
	run->session = mine.session;
	run->rate_spm = 6000;
	run->depth_um = 1000;
	if (ioctl(fd, MNPEN_IOC_RUN, run))
		return fail("RUN");
	return 0;
}

static int control(int fd, long count)
{
	struct mnpen_run run = { 0 };
	struct mnpen_keepalive alive = { 0 };
	long long *ns = calloc(count, sizeof(*ns)), begin;
	long n;

	if (!ns || start(fd, &run))
		return 1;
	alive.session = run.session;
	for (n = 0; n < count; n++) {
		begin = now_ns();
		if (ioctl(fd, MNPEN_IOC_KEEPALIVE, &alive))
			return fail("KEEPALIVE");
		ns[n] = now_ns() - begin;
	}
	print_spread("keepalive", ns, count);
	run.flags = MNPEN_RUN_F_UPDATE;
	for (n = 0; n < count; n++) {
		begin = now_ns();
		if (ioctl(fd, MNPEN_IOC_RUN, &run))
			return fail("RUN update");
		ns[n] = now_ns() - begin;
	}
	print_spread("run", ns, count);
	puts("ready");
	fflush(stdout);
	free(ns);
	while (!ioctl(fd, MNPEN_IOC_KEEPALIVE, &alive))
		usleep(50000);
	return 0; /* stopped by somebody else */
}

int main(int argc, char **argv)
{
	long count = argc == 4 ? atol(argv[3]) : 0;
	int fd;

	if (count <= 0) {
		fputs("usage: bench-node read|hid|control NODE COUNT\n",
		      stderr);
		return 2;
	}
	fd = open(argv[2], !strcmp(argv[1], "control") ? O_RDWR : O_RDONLY);
	if (fd < 0)
		return fail(argv[2]);
	if (!strcmp(argv[1], "control"))
		return control(fd, count);
	return !strcmp(argv[1], "hid") ? take(fd, count) : read_node(fd, count);
}
