// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/usbmon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>

#define RING_BYTES	(1024 * 1024)	/* 12 s of a pen and its host */

/* usbmon has no header for user space; see Documentation/usb/usbmon.rst. */
struct usbmon_get {
	struct usbmon_header *header;
	void *data;
	size_t room;
};

struct usbmon_stats {
	uint32_t queued;
	uint32_t dropped;
};

#define USBMON_GET_STATS	_IOR(0x92, 3, struct usbmon_stats)
#define USBMON_SET_RING		_IO(0x92, 4)
#define USBMON_GET_NEXT		_IOW(0x92, 10, struct usbmon_get)

int usbmon_open(unsigned int bus)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/dev/usbmon%u", bus);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* The default holds less; then events may be lost, which is said. */
	ioctl(fd, USBMON_SET_RING, RING_BYTES);
	return fd;
}

int usbmon_next(int fd, struct usbmon_header *h, void *data, size_t room)
{
	struct usbmon_get get = { h, data, room };

	if (!ioctl(fd, USBMON_GET_NEXT, &get))
		return 1;
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

unsigned int usbmon_lost(int fd)
{
	struct usbmon_stats stats = { 0, 0 };

	ioctl(fd, USBMON_GET_STATS, &stats);
	return stats.dropped;
}
