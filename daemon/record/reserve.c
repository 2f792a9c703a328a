// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/record/reserve.h"

static int open_reserve(const char *path)
{
	char name[PATH_MAX];
	int fd;

	if (snprintf(name, sizeof(name), "%s-reserve", path) >=
	    (int)sizeof(name))
		return -ENAMETOOLONG;
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : fd;
}

static int fill(int fd)
{
	struct stat st;
	int ret;

	if (!fstat(fd, &st) && st.st_blocks >= RESERVE_BYTES / 512)
		return 0;
	do
		ret = posix_fallocate(fd, 0, RESERVE_BYTES);
	while (ret == EINTR);
	/* What it got before it failed would be missing elsewhere. */
	if (ret && ftruncate(fd, 0))
		return -errno;
	return -ret;
}

int reserve_fill(const char *path)
{
	int fd = open_reserve(path), ret;

	if (fd < 0)
		return fd;
	ret = fill(fd);
	close(fd);
	return ret;
}

void reserve_release(const char *path)
{
	int fd = open_reserve(path);

	if (fd < 0)
		return;
	if (!ftruncate(fd, 0))
		fsync(fd); /* until then some file systems keep the blocks */
	close(fd);
}
