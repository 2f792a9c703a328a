/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event loop of the software pen: epoll, sources embedded in their owners.
 *
 * One thread only. Functions return 0 or -errno.
 */
#ifndef MNPEN_EMULATOR_LOOP_H
#define MNPEN_EMULATOR_LOOP_H

#include <stdint.h>
#include <sys/epoll.h>

struct loop_source {
	int fd;			/* -1: not in the loop; the owner closes it */
	void (*ready)(void *ctx, uint32_t events);
	void *ctx;
};

#define LOOP_BATCH	16

struct loop {
	int fd;
	struct epoll_event batch[LOOP_BATCH];
	int batched;
};

int loop_init(struct loop *loop);
void loop_fini(struct loop *loop);
/* @source stays where it is until loop_remove(). */
int loop_add(struct loop *loop, struct loop_source *source, uint32_t events);
int loop_modify(struct loop *loop, struct loop_source *source,
		uint32_t events);
/* Safe from inside any ready(); a pending event of it is dropped. */
void loop_remove(struct loop *loop, struct loop_source *source);
/* Waits, without limit; then loop_dispatch() calls what became ready. */
int loop_wait(struct loop *loop);
void loop_dispatch(struct loop *loop);

#endif /* MNPEN_EMULATOR_LOOP_H */
