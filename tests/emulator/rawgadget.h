/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pen on a device controller of this machine through /dev/raw-gadget,
 * where nothing but usbdev.c answers the host: every descriptor can be wrong,
 * and every refused request is a STALL on the wire.
 *
 * Needs root and the module raw_gadget.
 */
#ifndef MNPEN_EMULATOR_RAWGADGET_H
#define MNPEN_EMULATOR_RAWGADGET_H

#include "tests/emulator/usbip.h"

struct rawgadget_options {
	const char *udc;		/* NULL: the first one there is */
	struct usbip_options usb;	/* speed, IDs and strings of it */
};

/* As ffs_create(). The strings must stay as long as the transport. */
int rawgadget_create(struct transport **out, struct pen *pen,
		     const struct rawgadget_options *options);

#endif /* MNPEN_EMULATOR_RAWGADGET_H */
