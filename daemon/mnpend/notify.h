/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service manager: sockets it passes in, readiness, its watchdog. Speaks
 * the protocols of sd_notify(3) and sd_listen_fds(3) itself: they are small
 * and promised not to change, and libsystemd opens a new socket for each word,
 * which this daemon may not. Without a manager every call does nothing.
 *
 * One thread: the event loop's.
 */
#ifndef MNPEND_NOTIFY_H
#define MNPEND_NOTIFY_H

#include <stdint.h>

/* Before all others, once. Nothing else of the environment is looked at. */
void notify_open(void);
void notify_close(void);

void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);
/* What "systemctl status" shows; one line without a newline. */
void notify_status(const char *text);
void notify_watchdog(void);
/* How often the watchdog wants to hear from us; 0: it does not. */
uint64_t notify_watchdog_ms(void);

/*
 * Calls fn for each socket that was passed in, with its FileDescriptorName=.
 * Returns how many there were, or negative errno.
 */
int notify_sockets(int (*fn)(int fd, const char *name, void *ctx), void *ctx);

#endif /* MNPEND_NOTIFY_H */
