// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/usbfind.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/proto.h"

#define DEVICES	"/sys/bus/usb/devices"

/* First line of a device's file; empty if it cannot be read. */
static void attribute(const char *device, const char *name, char *value,
		      size_t room)
{
	char path[512];
	FILE *f;

	value[0] = '\0';
	snprintf(path, sizeof(path), DEVICES "/%s/%s", device, name);
	f = fopen(path, "re");
	if (!f)
		return;
	if (!fgets(value, (int)room, f))
		value[0] = '\0';
	value[strcspn(value, "\n")] = '\0';
	fclose(f);
}

static unsigned int number(const char *device, const char *name, int base)
{
	char value[32];

	attribute(device, name, value, sizeof(value));
	return (unsigned int)strtoul(value, NULL, base);
}

/* @interface is "PORT:CONFIG.NUMBER" in sysfs. */
static bool is_pen(const char *interface)
{
	return strchr(interface, ':') &&
	       number(interface, "bInterfaceClass", 16) == MNP_IF_CLASS &&
	       number(interface, "bInterfaceSubClass", 16) == MNP_IF_SUBCLASS;
}

static void describe(struct usbfind *pen, const char *interface)
{
	snprintf(pen->port, sizeof(pen->port), "%.*s",
		 (int)strcspn(interface, ":"), interface);
	attribute(pen->port, "serial", pen->serial, sizeof(pen->serial));
	pen->bus = number(pen->port, "busnum", 10);
	pen->device = number(pen->port, "devnum", 10);
}

int usbfind_pen(struct usbfind *out, const char *serial)
{
	DIR *dir = opendir(DEVICES);
	struct usbfind pen;
	struct dirent *e;
	int found = 0;

	if (!dir)
		return -ENODEV;
	while ((e = readdir(dir))) {
		if (!is_pen(e->d_name))
			continue;
		describe(&pen, e->d_name);
		if (!pen.device || (serial && strcmp(serial, pen.serial)))
			continue;
		*out = pen;
		found++;
	}
	closedir(dir);
	if (!found)
		return -ENODEV;
	return found > 1 && !serial ? -ENOTUNIQ : 0;
}

bool usbfind_there(const struct usbfind *pen)
{
	return number(pen->port, "devnum", 10) == pen->device;
}
