// SPDX-License-Identifier: LGPL-2.1-or-later
/* Bytes on their way in or out, and frames among them. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define CHUNK	(16 * 1024)	/* one recv */
#define KEEP	(64 * 1024)	/* an empty buffer larger than that is freed */

void buffer_free(struct buffer *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}

static void buffer_consume(struct buffer *b, size_t n)
{
	b->start += n;
	if (b->start < b->end)
		return;
	b->start = 0;
	b->end = 0;
	b->scanned = 0;
}

int buffer_reserve(struct buffer *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 4096;
	char *data;

	if (b->start) {
		memmove(b->data, b->data + b->start, buffer_len(b));
		b->end -= b->start;
		b->scanned -= b->scanned < b->start ? b->scanned : b->start;
		b->start = 0;
	}
	if (!b->end && b->cap > KEEP)
		buffer_free(b);
	if (b->cap - b->end >= n)
		return 0;
	while (cap - b->end < n)
		cap *= 2;
	data = realloc(b->data, cap);
	if (!data)
		return -ENOMEM;
	b->data = data;
	b->cap = cap;
	return 0;
}

int buffer_append(struct buffer *b, const char *data, size_t n, size_t max)
{
	int r;

	if (buffer_len(b) + n > max)
		return -ENOBUFS;
	r = buffer_reserve(b, n);
	if (r < 0)
		return r;
	memcpy(b->data + b->end, data, n);
	b->end += n;
	return 0;
}

int buffer_send(struct buffer *b, int fd)
{
	while (buffer_len(b)) {
		ssize_t n = send(fd, b->data + b->start, buffer_len(b),
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		buffer_consume(b, (size_t)n);
	}
	return 0;
}

ssize_t buffer_recv(struct buffer *b, int fd)
{
	ssize_t n;
	int r;

	r = buffer_reserve(b, CHUNK);
	if (r < 0)
		return r;
	do
		n = recv(fd, b->data + b->end, CHUNK, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	b->end += (size_t)n;
	return n;
}

int buffer_frame(struct buffer *b, size_t max, char **frame, size_t *len)
{
	char *nul = NULL;

	if (b->scanned < b->start)
		b->scanned = b->start;
	if (b->scanned < b->end)
		nul = memchr(b->data + b->scanned, 0, b->end - b->scanned);
	if (!nul) {
		b->scanned = b->end;
		return buffer_len(b) > max ? -EMSGSIZE : 0;
	}
	*frame = b->data + b->start;
	*len = (size_t)(nul - *frame);
	buffer_consume(b, *len + 1);
	return *len > max ? -EMSGSIZE : 1;
}
