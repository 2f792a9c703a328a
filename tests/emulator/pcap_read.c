// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/pcap.h"

#include <byteswap.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/emulator/pcapng.h"

#define BLOCK_MAX	(PCAP_DATA_MAX + 4096)	/* longer ones are skipped */
#define INTERFACES	16

struct interface {
	uint16_t link;
	uint64_t per_second;	/* units of its times */
};

struct pcap_reader {
	FILE *file;
	bool swapped;			/* section of another byte order */
	unsigned int interfaces;
	struct interface interface[INTERFACES];
	size_t len;			/* of the block's body */
	uint8_t body[BLOCK_MAX];
};

static uint16_t get16(const struct pcap_reader *r, const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return r->swapped ? bswap_16(v) : v;
}

static uint32_t get32(const struct pcap_reader *r, const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return r->swapped ? bswap_32(v) : v;
}

/* 1, 0 if the file ends there, or -errno. */
static int take(struct pcap_reader *r, void *to, size_t len)
{
	if (fread(to, 1, len, r->file) == len)
		return 1;
	return ferror(r->file) ? -EIO : 0;
}

static int skip(struct pcap_reader *r, size_t len)
{
	uint8_t away[4096];
	size_t part;
	int got = 1;

	while (len && got > 0) {
		part = len < sizeof(away) ? len : sizeof(away);
		got = take(r, away, part);
		len -= part;
	}
	return got;
}

/* A section starts: from here on its byte order holds. */
static int take_byte_order(struct pcap_reader *r, uint32_t *len)
{
	uint32_t order;
	int got = take(r, &order, sizeof(order));

	if (got <= 0)
		return got;
	if (order != PCAPNG_BYTE_ORDER && order != bswap_32(PCAPNG_BYTE_ORDER))
		return -EBADMSG;
	if (r->swapped != (order != PCAPNG_BYTE_ORDER)) {
		r->swapped = !r->swapped;
		*len = bswap_32(*len);
	}
	r->interfaces = 0;
	memcpy(r->body, &order, sizeof(order));
	return 1;
}

/* The next block of interest to us, its body in r->body; else as take(). */
static int next_block(struct pcap_reader *r, uint32_t *type)
{
	uint8_t head[8], end[4];
	uint32_t len;
	size_t have = 0;
	int got;

	for (;;) {
		got = take(r, head, sizeof(head));
		if (got <= 0)
			return got;
		*type = get32(r, head);
		len = get32(r, head + 4);
		if (*type == PCAPNG_SECTION) {
			got = take_byte_order(r, &len);
			if (got <= 0)
				return got;
			have = 4;
		}
		if (len < 12 + have || len % 4)
			return -EBADMSG;
		r->len = len - 12;
		if (r->len <= BLOCK_MAX)
			break;
		if (*type != PCAPNG_PACKET)
			got = skip(r, r->len - have + sizeof(end));
		else
			got = -EBADMSG;
		if (got <= 0)
			return got;
		have = 0;
	}
	got = take(r, r->body + have, r->len - have);
	if (got > 0)
		got = take(r, end, sizeof(end));
	if (got > 0 && get32(r, end) != len)
		return -EBADMSG;
	return got;
}

/* Units per second of times with this if_tsresol; 0 if we cannot count so. */
static uint64_t resolution(uint8_t code)
{
	uint64_t units = 1;
	unsigned int i;

	if (code & 0x80)
		return (code & 0x7f) < 63 ? units << (code & 0x7f) : 0;
	if (code > 18)
		return 0;
	for (i = 0; i < code; i++)
		units *= 10;
	return units;
}

static int take_interface(struct pcap_reader *r)
{
	struct interface *in = &r->interface[r->interfaces];
	size_t at = 8;
	uint16_t code, len;

	if (r->len < at)
		return -EBADMSG;
	if (r->interfaces == INTERFACES)
		return -ENOSPC;
	*in = (struct interface) { get16(r, r->body), 1000000 };
	while (r->len - at >= 4) {
		code = get16(r, r->body + at);
		len = get16(r, r->body + at + 2);
		at += 4;
		if (code == PCAPNG_OPT_END)
			break;
		if (len > r->len - at)
			return -EBADMSG;
		if (code == PCAPNG_OPT_RESOLUTION && len)
			in->per_second = resolution(r->body[at]);
		at += (len + 3u) & ~3u;
		if (at > r->len)
			return -EBADMSG;
	}
	if (!in->per_second)
		return -EBADMSG;
	r->interfaces++;
	return 0;
}

static void swap_header(struct usbmon_header *h)
{
	h->id = bswap_64(h->id);
	h->bus = bswap_16(h->bus);
	h->sec = (int64_t)bswap_64((uint64_t)h->sec);
	h->usec = (int32_t)bswap_32((uint32_t)h->usec);
	h->status = (int32_t)bswap_32((uint32_t)h->status);
	h->length = bswap_32(h->length);
	h->captured = bswap_32(h->captured);
	h->interval = (int32_t)bswap_32((uint32_t)h->interval);
	h->start_frame = (int32_t)bswap_32((uint32_t)h->start_frame);
	h->flags = bswap_32(h->flags);
	h->descriptors = bswap_32(h->descriptors);
}

static int64_t to_us(uint64_t units, uint64_t per_second)
{
	uint64_t sec = units / per_second % INT32_MAX;
	uint64_t rest = units % per_second;

	/* Fine resolutions: the product with a million would overflow. */
	if (per_second > UINT64_C(1000000000000))
		rest /= per_second / 1000000;
	else
		rest = rest * 1000000 / per_second;
	return (int64_t)(sec * 1000000 + rest);
}

static int take_packet(struct pcap_reader *r, struct usbmon_header *h,
		       uint8_t *data, int64_t *time_us)
{
	const struct interface *in;
	uint32_t number, captured;
	uint64_t units;

	if (r->len < 20)
		return -EBADMSG;
	number = get32(r, r->body);
	captured = get32(r, r->body + 12);
	if (number >= r->interfaces || captured > r->len - 20)
		return -EBADMSG;
	in = &r->interface[number];
	if (in->link != PCAPNG_USB)
		return -EPROTONOSUPPORT;
	if (captured < sizeof(*h))
		return -EBADMSG;
	units = (uint64_t)get32(r, r->body + 4) << 32 | get32(r, r->body + 8);
	*time_us = to_us(units, in->per_second);
	memcpy(h, r->body + 20, sizeof(*h));
	if (r->swapped)
		swap_header(h);
	/* A snapshot length may have cut it shorter than usbmon did. */
	if (h->captured > captured - sizeof(*h))
		h->captured = captured - (uint32_t)sizeof(*h);
	if (h->captured > PCAP_DATA_MAX)
		return -EBADMSG;
	memcpy(data, r->body + 20 + sizeof(*h), h->captured);
	return 1;
}

int pcap_open(struct pcap_reader **out, const char *path)
{
	struct pcap_reader *r = calloc(1, sizeof(*r));
	uint32_t type;
	int got;

	if (!r)
		return -ENOMEM;
	r->file = fopen(path, "re");
	if (!r->file) {
		got = -errno;
		free(r);
		return got;
	}
	got = next_block(r, &type);
	if (got > 0 && type == PCAPNG_SECTION) {
		*out = r;
		return 0;
	}
	pcap_close(r);
	return got < 0 ? got : -EBADMSG;
}

int pcap_next(struct pcap_reader *r, struct usbmon_header *h, uint8_t *data,
	      int64_t *time_us)
{
	uint32_t type;
	int got;

	for (;;) {
		got = next_block(r, &type);
		if (got <= 0)
			return got;
		if (type == PCAPNG_PACKET)
			return take_packet(r, h, data, time_us);
		if (type == PCAPNG_INTERFACE)
			got = take_interface(r);
		if (got < 0)
			return got;
	}
}

void pcap_close(struct pcap_reader *r)
{
	if (!r)
		return;
	fclose(r->file);
	free(r);
}
