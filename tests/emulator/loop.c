// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/loop.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

int loop_init(struct loop *loop)
{
	loop->batched = 0;
	loop->fd = epoll_create1(EPOLL_CLOEXEC);
	return loop->fd < 0 ? -errno : 0;
}

void loop_fini(struct loop *loop)
{
	if (loop->fd >= 0)
		close(loop->fd);
	loop->fd = -1;
}

static int control(struct loop *loop, int op, struct loop_source *source,
		   uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = source };

	return epoll_ctl(loop->fd, op, source->fd, &ev) ? -errno : 0;
}

int loop_add(struct loop *loop, struct loop_source *source, uint32_t events)
{
	return control(loop, EPOLL_CTL_ADD, source, events);
}

int loop_modify(struct loop *loop, struct loop_source *source, uint32_t events)
{
	return control(loop, EPOLL_CTL_MOD, source, events);
}

void loop_remove(struct loop *loop, struct loop_source *source)
{
	int i;

	control(loop, EPOLL_CTL_DEL, source, 0);
	for (i = 0; i < loop->batched; i++)
		if (loop->batch[i].data.ptr == source)
			loop->batch[i].data.ptr = NULL;
}

int loop_wait(struct loop *loop)
{
	int n = epoll_wait(loop->fd, loop->batch, LOOP_BATCH, -1);

	loop->batched = n < 0 ? 0 : n;
	return n < 0 && errno != EINTR ? -errno : 0;
}

void loop_dispatch(struct loop *loop)
{
	struct loop_source *source;
	int i;

	for (i = 0; i < loop->batched; i++) {
		source = loop->batch[i].data.ptr;
		if (source)
			source->ready(source->ctx, loop->batch[i].events);
	}
	loop->batched = 0;
}
