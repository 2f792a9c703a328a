/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pen as a FunctionFS gadget on a USB device controller of this machine.
 */
#ifndef MNPEN_EMULATOR_FFS_H
#define MNPEN_EMULATOR_FFS_H

#include "tests/emulator/gadget.h"
#include "tests/emulator/pen.h"

/*
 * Builds the gadget; the pen is unplugged until plug(). 0 or -errno, with
 * the reason on standard error.
 */
int ffs_create(struct transport **out, struct pen *pen,
	       const struct gadget_options *options);

#endif /* MNPEN_EMULATOR_FFS_H */
