/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual host controller of this machine (vhci_hcd): hand it a stream
 * socket, and a USB device is plugged in whose other end speaks USB/IP.
 */
#ifndef MNPEN_EMULATOR_VHCI_H
#define MNPEN_EMULATOR_VHCI_H

#include <stdbool.h>

/*
 * Attaches @fd to a free port of @controller; there are as many as vhci_hcd was
 * built with, each a bus of its own. On success vhci_hcd holds its own
 * reference; the caller still closes @fd. Closing the other end unplugs. 0 or
 * -errno; -ENODEV: module not loaded or no such controller, -EBUSY: no free
 * port.
 */
int vhci_attach(int fd, bool high_speed, unsigned int controller);

#endif /* MNPEN_EMULATOR_VHCI_H */
