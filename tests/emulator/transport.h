/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the pen asks of a way to a host. Implemented by ffs.c and usbip.c.
 *
 * All are called in the loop's thread with the pen locked. 0 or -errno.
 */
#ifndef MNPEN_EMULATOR_TRANSPORT_H
#define MNPEN_EMULATOR_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>

struct transport;

struct transport_ops {
	/* Connect to the host, or get ready to be connected to. */
	int (*plug)(struct transport *t);
	/* Connection lost, as when the cable is pulled. */
	int (*unplug)(struct transport *t);
	/* True while a packet given to in_send() would leave at once. */
	bool (*in_ready)(struct transport *t);
	int (*in_send)(struct transport *t, const uint8_t *packet);
	/* Undo everything and free; the pen is unplugged already. */
	void (*destroy)(struct transport *t);
};

struct transport {
	const struct transport_ops *ops;
};

#endif /* MNPEN_EMULATOR_TRANSPORT_H */
