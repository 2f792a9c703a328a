// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/aio.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define DEPTH	8

int aio_init(struct aio *aio)
{
	int err;

	memset(aio, 0, sizeof(*aio));
	aio->eventfd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (aio->eventfd < 0)
		return -errno;
	if (!syscall(SYS_io_setup, DEPTH, &aio->ctx))
		return 0;
	err = -errno;
	close(aio->eventfd);
	aio->eventfd = -1;
	return err;
}

void aio_fini(struct aio *aio)
{
	if (aio->eventfd < 0)
		return;
	/* Waits for what is under way; the caller has unbound before. */
	syscall(SYS_io_destroy, aio->ctx);
	close(aio->eventfd);
	aio->eventfd = -1;
}

int aio_submit(struct aio *aio, struct aio_transfer *t, int fd, bool write,
	       void *buf, size_t len)
{
	struct iocb *list = &t->iocb;

	t->iocb = (struct iocb) {
		.aio_data = (uintptr_t)t,
		.aio_lio_opcode = write ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
		.aio_fildes = (uint32_t)fd,
		.aio_buf = (uintptr_t)buf,
		.aio_nbytes = len,
		.aio_flags = IOCB_FLAG_RESFD,
		.aio_resfd = (uint32_t)aio->eventfd,
	};
	if (syscall(SYS_io_submit, aio->ctx, 1, &list) != 1)
		return -errno;
	t->busy = true;
	return 0;
}

struct aio_transfer *aio_next(struct aio *aio, int64_t *result)
{
	struct timespec now = { 0 };
	struct aio_transfer *t;
	struct io_event ev;

	if (syscall(SYS_io_getevents, aio->ctx, 0, 1, &ev, &now) != 1)
		return NULL;
	t = (struct aio_transfer *)(uintptr_t)ev.data;
	t->busy = false;
	*result = ev.res;
	return t;
}
