/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pen's USB gadget in configfs, and its functionfs mount.
 *
 * Needs root, and the modules libcomposite and usb_f_fs. 0 or -errno; what
 * failed is printed to standard error with what to do about it.
 */
#ifndef MNPEN_EMULATOR_GADGET_H
#define MNPEN_EMULATOR_GADGET_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct gadget {
	int lock;			/* one pen for each serial */
	bool mounted_configfs;
	char name[64];
	char udc[64];
	char dir[PATH_MAX / 4];		/* in configfs */
	char mount[PATH_MAX / 4];	/* functionfs */
};

struct gadget_options {
	const char *serial;	/* names the gadget and its lock */
	const char *usb_serial;	/* what the host reads */
	const char *udc;	/* NULL: the first one there is */
	const char *product;
};

/*
 * Name of the controller @want, or of the first by name if that is NULL, into
 * @udc.
 */
int gadget_find_udc(char *udc, size_t size, const char *want);

/*
 * Builds the gadget and mounts its functionfs; removes first what a killed
 * run with the same serial left behind. The host sees nothing yet.
 */
int gadget_create(struct gadget *g, const struct gadget_options *options);
/* Undoes gadget_create(); every file of the mount must be closed. */
void gadget_remove(struct gadget *g);

/* Cable in and out. The functionfs descriptors must have been written. */
int gadget_bind(struct gadget *g);
int gadget_unbind(struct gadget *g);
bool gadget_bound(const struct gadget *g);

#endif /* MNPEN_EMULATOR_GADGET_H */
