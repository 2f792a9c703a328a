/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device side of endpoint 0: descriptors and standard requests, for
 * transports without a kernel that would answer them.
 */
#ifndef MNPEN_EMULATOR_USBDEV_H
#define MNPEN_EMULATOR_USBDEV_H

#include "tests/emulator/pen.h"

#define USBDEV_REPLY_MAX	256

struct usbdev {
	struct pen *pen;
	const char *serial;
	const char *product;
	bool high_speed;
	uint8_t configuration;
};

/*
 * Does one control transfer, pen locked. @data holds the @len bytes of an
 * OUT data stage, or takes up to USBDEV_REPLY_MAX bytes of an IN one. Returns
 * the number of bytes to send back, or -EPIPE to STALL.
 */
int usbdev_control(struct usbdev *d, const struct fw_setup *s, uint8_t *data,
		   size_t len);

#endif /* MNPEN_EMULATOR_USBDEV_H */
