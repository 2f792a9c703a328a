/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds pens among the USB devices of this machine, by sysfs. */
#ifndef MNPEN_EMULATOR_USBFIND_H
#define MNPEN_EMULATOR_USBFIND_H

#include <stdbool.h>

struct usbfind {
	unsigned int bus;
	unsigned int device;
	char serial[64];
	char port[64];		/* name in sysfs: where it is plugged in */
};

/*
 * Finds the pen with this @serial; NULL: the only one there is. 0, -ENODEV if
 * there is none, -ENOTUNIQ if @serial is NULL and there are several.
 */
int usbfind_pen(struct usbfind *out, const char *serial);
/* True while it is plugged in, not left and come back. */
bool usbfind_there(const struct usbfind *pen);

#endif /* MNPEN_EMULATOR_USBFIND_H */
