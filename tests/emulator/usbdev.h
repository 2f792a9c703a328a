/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device side of endpoint 0: descriptors and standard requests, for
 * transports without a kernel that would answer them.
 */
#ifndef MNPEN_EMULATOR_USBDEV_H
#define MNPEN_EMULATOR_USBDEV_H

#include "tests/emulator/hostile.h"
#include "tests/emulator/pen.h"

#define USBDEV_REPLY_MAX	HOSTILE_REPLY_MAX

struct usbdev {
	struct pen *pen;
	const char *serial;	/* without a pen */
	const char *product;
	bool high_speed;
	uint16_t vid, pid;	/* 0: the open test ID */
	uint8_t ep_in, ep_out;	/* addresses; 0: those of the protocol */
	uint8_t configuration;
	bool halted[2];		/* OUT, IN; until the host clears it */
};

/*
 * Does one control transfer, pen locked. @data holds the @len bytes of an
 * OUT data stage, or takes up to USBDEV_REPLY_MAX bytes of an IN one. Returns
 * the number of bytes to send back, -EPIPE to STALL, or what a hostile pen
 * makes of it: another -errno, or HOSTILE_SILENT.
 */
int usbdev_control(struct usbdev *d, const struct fw_setup *s, uint8_t *data,
		   size_t len);

/*
 * What a pen that behaves answers to GET_DESCRIPTOR; @d->pen may be NULL.
 * Returns as usbdev_control().
 */
int usbdev_describe(const struct usbdev *d, const struct fw_setup *s,
		    uint8_t *data);

#endif /* MNPEN_EMULATOR_USBDEV_H */
