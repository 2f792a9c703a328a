/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads that do everything a program can do with the pen's node, as fast as
 * they can, while somebody else makes the pen come and go. Nothing of what
 * they get is judged: it must end, and the kernel must have nothing to say.
 */
#ifndef CROWD_H
#define CROWD_H

#define CROWD	8

struct crowd {
	long did[CROWD];	/* what succeeded, by thread */
	const char *role[CROWD];
};

/* The threads try this node; changes as the pen gets another. */
void crowd_node(int minor);
int crowd_start(struct crowd *c);
/*
 * The pen must have gone meanwhile, or one that sleeps in read() never ends.
 * 0, or -1 if some thread never got anything done.
 */
int crowd_end(struct crowd *c);

#endif /* CROWD_H */
