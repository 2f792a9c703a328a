/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which system calls this process may still make: those of its everyday work.
 * No new socket, no program, no other process, no executable memory, of the
 * ioctls those of the pens that it uses.
 */
#ifndef MNPEND_SECCOMP_H
#define MNPEND_SECCOMP_H

#include <stdbool.h>

struct seccomp_needs {
	bool reconnect;	/* connect(2), for the one socket to syslog */
	bool tell;	/* refusals go to the kernel's log */
};

/*
 * For all threads of the process and those to come; cannot be undone. What is
 * refused fails with EPERM. 0 or negative errno.
 */
int seccomp_confine(const struct seccomp_needs *needs);

#endif /* MNPEND_SECCOMP_H */
