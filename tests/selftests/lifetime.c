// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files come and go, with the pen and without it. What is freed twice or too
 * early shows in the kernel's taint, in the very test that did it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "bench.h"

#define FILES	8
#define ROUNDS	20

FIXTURE(lifetime) {
	long taint;
	int fd[FILES];
};

/* Of Documentation/admin-guide/tainted-kernels.rst */
#define TAINT_BAD_PAGE	(1 << 5)
#define TAINT_DIE	(1 << 7)
#define TAINT_WARN	(1 << 9)

static long taint(void)
{
	FILE *f = fopen("/proc/sys/kernel/tainted", "re");
	long bits = -1;

	if (f && fscanf(f, "%ld", &bits) != 1)
		bits = -1;
	if (f)
		fclose(f);
	return bits < 0 ? bits : bits & (TAINT_BAD_PAGE | TAINT_DIE |
					 TAINT_WARN);
}

FIXTURE_SETUP(lifetime)
{
	int fd = node_open(O_RDWR);

	ASSERT_LE(0, fd);
	close(fd);
	self->taint = taint();
}

FIXTURE_TEARDOWN(lifetime)
{
	EXPECT_EQ(0, self->taint);
	EXPECT_EQ(0, taint());
}

static int open_all(int *fd)
{
	int i;

	for (i = 0; i < FILES; i++) {
		fd[i] = node_open(i ? O_RDONLY : O_RDWR);
		if (fd[i] < 0)
			return -1;
	}
	return 0;
}

static void close_all(const int *fd)
{
	int i;

	for (i = 0; i < FILES; i++)
		close(fd[i]);
}

TEST_F(lifetime, closing_files_leaves_the_kernel_whole)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, open_all(self->fd));
		close_all(self->fd);
	}
}

TEST_F(lifetime, so_does_closing_them_after_the_pen_has_gone)
{
	int fd;

	ASSERT_EQ(0, open_all(self->fd));
	ASSERT_EQ(0, do_subscribe(self->fd[1], MNPEN_SUB_TELEMETRY, 0));
	ASSERT_LT(0, pen_do("unplug", ""));
	ASSERT_EQ(0, node_wait_gone());
	close_all(self->fd);
	ASSERT_LT(0, pen_do("plug", ""));
	fd = node_open(O_RDONLY);
	EXPECT_LE(0, fd);
	close(fd);
}

TEST_F(lifetime, so_does_closing_them_after_unbind)
{
	ASSERT_EQ(0, open_all(self->fd));
	ASSERT_EQ(0, node_unbind());
	close_all(self->fd);
	ASSERT_EQ(0, node_bind());
}

TEST_HARNESS_MAIN
