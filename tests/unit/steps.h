/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process whose second thread is stopped at each system call, before and
 * after it (ptrace).
 */
#ifndef STEPS_H
#define STEPS_H

#include <stdint.h>

enum step {
	STEP_ON,   /* go on */
	STEP_KILL, /* SIGKILL, now */
	STEP_FAIL  /* before a call: do not do it, let it return -error */
};

struct steps {
	/* n: from 1; nr: of the system call; before: else after it. */
	enum step (*at)(void *arg, unsigned int n, uint64_t nr, int before);
	void *arg;
	int error;	/* for STEP_FAIL */
	unsigned int n; /* after steps_run(): how many there were */
};

/*
 * Runs fn(arg) in a child. Its exit status, or minus the signal it died of;
 * -1000 if it cannot be traced here.
 */
int steps_run(struct steps *s, void (*fn)(void *arg), void *arg);

#endif /* STEPS_H */
