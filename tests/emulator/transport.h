/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the pen asks of a way to a host. Implemented by ffs.c, usbip.c,
 * rawgadget.c and virtual.c.
 *
 * All are called in the loop's thread with the pen locked. 0 or -errno.
 */
#ifndef MNPEN_EMULATOR_TRANSPORT_H
#define MNPEN_EMULATOR_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct transport;

struct transport_ops {
	/*
	 * Connect to the host, or get ready to be connected to. If that does
	 * not work, one line on standard error says why and what to do.
	 */
	int (*plug)(struct transport *t);
	/* Connection lost, as when the cable is pulled. */
	int (*unplug)(struct transport *t);
	/* True while a packet given to in_send() would leave at once. */
	bool (*in_ready)(struct transport *t);
	int (*in_send)(struct transport *t, const uint8_t *packet, size_t len);
	/*
	 * pen->identity has changed; the pen is unplugged. May let go of the
	 * lock meanwhile. NULL: it is looked at with each plug anyway.
	 */
	int (*identify)(struct transport *t);
	/* The OUT endpoint takes packets again. NULL: it never waited. */
	void (*unblock)(struct transport *t);
	/* Halts an endpoint until the host clears it. NULL: cannot. */
	int (*halt)(struct transport *t, bool in);
	/* Undo everything and free; the pen is unplugged already. */
	void (*destroy)(struct transport *t);
};

struct transport {
	const struct transport_ops *ops;
};

#endif /* MNPEN_EMULATOR_TRANSPORT_H */
