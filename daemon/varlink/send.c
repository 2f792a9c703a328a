// SPDX-License-Identifier: GPL-2.0-or-later
/* Writing to a socket: never waits, never raises SIGPIPE. */
#include <errno.h>
#include <sys/socket.h>

#include "daemon/varlink/internal.h"

#define SEND_VECTORS	16

ssize_t send_bytes(int fd, const void *data, size_t len)
{
	ssize_t n;

	do
		n = send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return n;
	/* ENOBUFS: the kernel is short of memory for now, the peer is alive. */
	return errno == EAGAIN || errno == ENOBUFS ? 0 : -errno;
}

int send_queue(int fd, struct outq *q, int64_t *sequence)
{
	struct iovec vec[SEND_VECTORS];
	struct msghdr header = { .msg_iov = vec };
	ssize_t n;

	while (!outq_empty(q)) {
		header.msg_iovlen = (size_t)outq_vectors(q, vec, SEND_VECTORS);
		n = sendmsg(fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == ENOBUFS ? -EAGAIN : -errno;
		outq_sent(q, (size_t)n, sequence);
	}
	return 0;
}
