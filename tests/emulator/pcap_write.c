// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/pcap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/emulator/pcapng.h"

struct pcap_writer {
	int fd;
	int err;	/* the first one; nothing is written any more */
	off_t end;	/* of the last whole block */
};

/* Blocks and options are padded to words with these. */
static const uint8_t padding[4];

static uint32_t padded(size_t len)
{
	return (uint32_t)(len + 3) & ~UINT32_C(3);
}

/* A block all or not at all: what was written of it is cut off again. */
static int append(struct pcap_writer *w, const struct iovec *parts, int count)
{
	size_t total = 0;
	ssize_t n;
	int i;

	if (w->err)
		return w->err;
	for (i = 0; i < count; i++)
		total += parts[i].iov_len;
	n = writev(w->fd, parts, count);
	if (n == (ssize_t)total) {
		w->end += n;
		return 0;
	}
	w->err = n < 0 ? -errno : -ENOSPC;
	if (n > 0 && ftruncate(w->fd, w->end))
		return w->err;		/* a reader copes with the rest */
	return w->err;
}

/* Block of a @head without its type and length, then options as they are. */
static int append_block(struct pcap_writer *w, uint32_t type,
			const void *head, size_t head_len, const void *options,
			size_t options_len)
{
	uint32_t total = (uint32_t)(12 + head_len + options_len);
	uint32_t start[2] = { type, total };
	const struct iovec parts[] = {
		{ start, sizeof(start) },
		{ (void *)head, head_len },
		{ (void *)options, options_len },
		{ &total, sizeof(total) },
	};

	return append(w, parts, 4);
}

/* Adds an option to @at; the length it has there. */
static size_t put_option(uint8_t *at, uint16_t code, const void *value,
			 size_t len)
{
	uint16_t head[2] = { code, (uint16_t)len };

	memcpy(at, head, sizeof(head));
	memset(at + sizeof(head), 0, padded(len));
	if (len)
		memcpy(at + sizeof(head), value, len);
	return sizeof(head) + padded(len);
}

static int start_section(struct pcap_writer *w, const char *writer)
{
	const struct {
		uint32_t order;
		uint16_t major, minor;
		uint64_t length;	/* unknown */
	} head = { PCAPNG_BYTE_ORDER, PCAPNG_MAJOR, 0, UINT64_MAX };
	uint8_t options[128];
	size_t len;

	len = put_option(options, PCAPNG_OPT_APPLICATION, writer,
			 strnlen(writer, 64));
	len += put_option(options + len, PCAPNG_OPT_END, NULL, 0);
	return append_block(w, PCAPNG_SECTION, &head, sizeof(head), options,
			    len);
}

static int describe_interface(struct pcap_writer *w)
{
	const struct {
		uint16_t link, reserved;
		uint32_t longest;
	} head = { PCAPNG_USB, 0, PCAP_DATA_MAX };
	const uint8_t resolution = PCAPNG_MICROSECONDS;
	static const char name[] = "mnpen";
	uint8_t options[32];
	size_t len;

	len = put_option(options, PCAPNG_OPT_NAME, name, strlen(name));
	len += put_option(options + len, PCAPNG_OPT_RESOLUTION, &resolution,
			  sizeof(resolution));
	len += put_option(options + len, PCAPNG_OPT_END, NULL, 0);
	return append_block(w, PCAPNG_INTERFACE, &head, sizeof(head), options,
			    len);
}

int pcap_create(struct pcap_writer **out, const char *path, const char *writer)
{
	struct pcap_writer *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return -ENOMEM;
	w->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	err = w->fd < 0 ? -errno : start_section(w, writer);
	if (!err)
		err = describe_interface(w);
	if (err) {
		pcap_finish(w);
		return err;
	}
	*out = w;
	return 0;
}

int pcap_write(struct pcap_writer *w, const struct usbmon_header *h,
	       const void *data)
{
	uint64_t time_us = (uint64_t)h->sec * 1000000 + (uint64_t)h->usec;
	uint32_t captured = h->captured + (uint32_t)sizeof(*h);
	uint32_t total = 32 + padded(captured);
	const uint32_t head[7] = {
		PCAPNG_PACKET, total, 0, (uint32_t)(time_us >> 32),
		(uint32_t)time_us, captured,
		/* How long it was; reads and writes without data are whole. */
		h->data_flag == USBMON_PRESENT && h->length > h->captured ?
			h->length + (uint32_t)sizeof(*h) : captured,
	};
	const struct iovec parts[] = {
		{ (void *)head, sizeof(head) },
		{ (void *)h, sizeof(*h) },
		{ (void *)data, h->captured },
		{ (void *)padding, padded(captured) - captured },
		{ &total, sizeof(total) },
	};

	if (h->captured > PCAP_DATA_MAX - sizeof(*h))
		return -EMSGSIZE;
	return append(w, parts, 5);
}

int pcap_finish(struct pcap_writer *w)
{
	int err;

	if (!w)
		return 0;
	err = w->err;
	if (w->fd >= 0 && close(w->fd) && !err)
		err = -errno;
	free(w);
	return err;
}
