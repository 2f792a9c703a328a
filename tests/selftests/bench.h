/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests share: the driver's node and the software pen behind it.
 *
 * The pen is the judge. Times are of its own clock, in microseconds, as in
 * its journal. Nothing here sleeps for something to happen.
 *
 * Functions return -1 (with errno, or a line on standard error) if it did not
 * work out; none of them ends the program.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/types.h>

#include <linux/mnpen.h>

#define LEASE_MS	200
#define SLACK_MS	50	/* what the pen may run past lease or flush */

/* The software pen's control socket; the process keeps one connection. */

/* Sends {"do":"@what"@more}; the pen's clock, or -1. @more: ",\"key\":..." */
long long pen_do(const char *what, const char *more);
/* Integer or boolean behind "@key" in the last reply; -1 if there is none. */
long long pen_reply(const char *key);
/* True if the last reply has this text. */
bool pen_replied(const char *text);
/* A mark in the journal: the pen's clock */
long long pen_mark(const char *label);
/* Waits for the motor; -1 after 10 s. */
int pen_wait_motor(bool on);
/* When the motor went off at or after @since_us; waits 10 s for it. */
long long pen_motor_off(long long since_us);
/* Bytes in the journal: grows whenever the host says anything to the pen. */
long long pen_journal_size(void);

/* The driver */

/* Opens the pen's node, waits a minute for it to appear. */
int node_open(int flags);
/* Name of the node ("mnpen0"), or NULL if there is none now */
const char *node_name(void);
/* Waits until there is no node. */
int node_wait_gone(void);
/* Unbinds or binds the pen's interface through sysfs. */
int node_unbind(void);
int node_bind(void);
/* The pen's own /dev/bus/usb node, for reading and writing. */
int usb_open(void);
/* Back to power-up: a new pen as far as limits and faults are concerned. */
int node_reboot(void);

/* All of @text, into a file that is there. */
int file_write(const char *path, const char *text);

uint32_t pen_state(int fd);	/* enum mnpen_state of the driver, 0: error */
uint32_t pen_reason(int fd);	/* enum mnpen_stop_reason */
/* Waits for a state of the driver, 5 s; needs no subscription on @fd. */
int wait_state(int fd, uint32_t state);
/* Until poll() reports @events, or -1 after @ms. */
int wait_poll(int fd, short events, int ms);

int do_acquire(int fd, uint32_t *session);
int do_arm(int fd, uint32_t session, uint32_t lease_ms);
int do_run(int fd, uint32_t session, uint32_t rate_spm, uint32_t depth_um,
	   uint32_t run_ms);
int do_keepalive(int fd, uint32_t session);
int do_subscribe(int fd, uint32_t mask, uint32_t period_ms);
/* ACQUIRE, ARM and RUN; returns when the pen's motor is on. */
int start_motor(int fd, uint32_t *session, uint32_t lease_ms);
/* Renews for @ms; -1 if a renewal failed. */
int keep_alive_for(int fd, uint32_t session, unsigned int ms);

#endif /* BENCH_H */
