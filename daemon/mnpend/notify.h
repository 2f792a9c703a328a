/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service manager: sockets it passes in, readiness, its watchdog. Built
 * without libsystemd, or run without a manager, every call does nothing.
 */
#ifndef MNPEND_NOTIFY_H
#define MNPEND_NOTIFY_H

#include <stdint.h>

void notify_ready(void);
void notify_stopping(void);
void notify_watchdog(void);
/* How often the watchdog wants to hear from us; 0: it does not. */
uint64_t notify_watchdog_ms(void);

/*
 * Calls fn for each socket that was passed in, with its FileDescriptorName=.
 * Returns how many there were, or negative errno.
 */
int notify_sockets(int (*fn)(int fd, const char *name, void *ctx), void *ctx);

#endif /* MNPEND_NOTIFY_H */
