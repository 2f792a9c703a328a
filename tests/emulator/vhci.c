// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/vhci.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/usb/ch9.h>

#define DIR		"/sys/devices/platform/vhci_hcd.0"
#define PORT_FREE	4
#define DEVID		((1 << 16) | 2)		/* bus 1, device 2 */
#define TRIES		8	/* others may take the port we chose */

/* First free port for full and high speed ("hs"); -EBUSY if there is none. */
static int free_port(unsigned int controller)
{
	char path[64] = DIR "/status", line[256], hub[8];
	unsigned int port, status;
	int found = -EBUSY;
	FILE *f;

	if (controller)
		snprintf(path, sizeof(path), DIR "/status.%u", controller);
	f = fopen(path, "re");
	if (!f)
		return errno == ENOENT ? -ENODEV : -errno;
	while (found < 0 && fgets(line, sizeof(line), f))
		if (sscanf(line, "%7s %u %u", hub, &port, &status) == 3 &&
		    !strcmp(hub, "hs") && status == PORT_FREE)
			found = (int)port;
	fclose(f);
	return found;
}

static int write_attach(int port, int fd, bool high_speed)
{
	int file = open(DIR "/attach", O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (file < 0)
		return -errno;
	if (dprintf(file, "%d %d %d %d", port, fd, DEVID,
		    high_speed ? USB_SPEED_HIGH : USB_SPEED_FULL) < 0)
		err = -errno;
	close(file);
	return err;
}

int vhci_attach(int fd, bool high_speed, unsigned int controller)
{
	int err = -EBUSY;
	int port, i;

	for (i = 0; i < TRIES && err == -EBUSY; i++) {
		port = free_port(controller);
		if (port < 0)
			return port;
		err = write_attach(port, fd, high_speed);
	}
	return err;
}
