/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pen as a USB/IP device at the end of a stream socket.
 *
 * Speaks the transfer phase of the protocol (48-byte headers) and answers an
 * import request in front of it, so that the other end can be vhci_hcd, a
 * relay into a guest, or anything else that talks USB/IP.
 */
#ifndef MNPEN_EMULATOR_USBIP_H
#define MNPEN_EMULATOR_USBIP_H

#include "tests/emulator/pen.h"

enum usbip_link {
	USBIP_LINK_VHCI,	/* vhci_hcd of this machine */
	USBIP_LINK_LISTEN,	/* the host connects to a Unix socket */
	USBIP_LINK_CONNECT,	/* we connect to it */
	USBIP_LINK_FD,		/* inherited; can be plugged only once */
};

struct usbip_options {
	enum usbip_link link;
	const char *path;
	int fd;
	unsigned int controller;	/* of vhci_hcd */
	bool high_speed;
	uint16_t vid, pid;	/* 0: the open test ID */
	const char *serial;
	const char *product;
};

/* As ffs_create(). The strings must stay as long as the transport. */
int usbip_create(struct transport **out, struct pen *pen,
		 const struct usbip_options *options);

#endif /* MNPEN_EMULATOR_USBIP_H */
