/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's asynchronous I/O, by system call: endpoint files of
 * functionfs cannot be polled, so this is how one thread serves them.
 */
#ifndef MNPEN_EMULATOR_AIO_H
#define MNPEN_EMULATOR_AIO_H

#include <linux/aio_abi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aio {
	aio_context_t ctx;
	int eventfd;		/* readable when something completed */
};

/* One transfer; stays where it is from submit until it completed. */
struct aio_transfer {
	struct iocb iocb;
	bool busy;
};

int aio_init(struct aio *aio);
void aio_fini(struct aio *aio);
int aio_submit(struct aio *aio, struct aio_transfer *t, int fd, bool write,
	       void *buf, size_t len);
/*
 * Next completed transfer with its result (bytes or -errno), no longer busy;
 * NULL when there is none.
 */
struct aio_transfer *aio_next(struct aio *aio, int64_t *result);

#endif /* MNPEN_EMULATOR_AIO_H */
