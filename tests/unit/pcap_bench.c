// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/pcap_bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define START_S	1790000000

int pcap_bench_setup(void **state)
{
	struct pcap_bench *b = calloc(1, sizeof(*b));
	int fd;

	assert_non_null(b);
	strcpy(b->path, "/tmp/mnpen-pcap-XXXXXX");
	fd = mkstemp(b->path);
	assert_true(fd >= 0);
	close(fd);
	b->now_us = INT64_C(1000000) * START_S;
	b->device = BENCH_DEVICE;
	assert_int_equal(pcap_create(&b->writer, b->path, "bench"), 0);
	*state = b;
	return 0;
}

int pcap_bench_teardown(void **state)
{
	struct pcap_bench *b = *state;

	pcap_finish(b->writer);
	pcap_close(b->reader);
	unlink(b->path);
	free(b);
	return 0;
}

static struct usbmon_header header(struct pcap_bench *b, uint8_t type,
				   uint8_t transfer, uint8_t endpoint)
{
	return (struct usbmon_header) {
		.id = b->id,
		.type = type,
		.transfer = transfer,
		.endpoint = endpoint,
		.device = b->device,
		.bus = BENCH_BUS,
		.setup_flag = USBMON_NO_SETUP,
		.sec = b->now_us / 1000000,
		.usec = (int32_t)(b->now_us % 1000000),
	};
}

static void put(struct pcap_bench *b, struct usbmon_header *h,
		const void *data, size_t len)
{
	h->captured = (uint32_t)len;
	if (!h->length)
		h->length = (uint32_t)len;
	assert_int_equal(pcap_write(b->writer, h, data), 0);
}

void bench_in(struct pcap_bench *b, const void *data, size_t len)
{
	struct usbmon_header h;

	b->id++;
	h = header(b, USBMON_COMPLETE, USBMON_INTERRUPT, 0x81);
	h.status = b->status;
	put(b, &h, data, len);
}

void bench_control(struct pcap_bench *b, uint8_t type, uint8_t request,
		   uint16_t value, const void *data, size_t len, int status)
{
	const uint8_t setup[8] = {
		type, request, value & 0xff, value >> 8, 0, 0, len & 0xff,
		(uint8_t)(len >> 8),
	};
	bool in = type & 0x80;
	struct usbmon_header h;

	b->id++;
	h = header(b, USBMON_SUBMIT, USBMON_CONTROL, type & 0x80);
	h.setup_flag = USBMON_PRESENT;
	h.status = -EINPROGRESS;
	memcpy(h.setup, setup, sizeof(setup));
	put(b, &h, data, in ? 0 : len);
	h = header(b, USBMON_COMPLETE, USBMON_CONTROL, type & 0x80);
	h.status = status;
	put(b, &h, data, in && !status ? len : 0);
}

void bench_finish(struct pcap_bench *b)
{
	struct pcap_writer *w = b->writer;

	b->writer = NULL;
	assert_int_equal(pcap_finish(w), 0);
}

void bench_open(struct pcap_bench *b)
{
	pcap_close(b->reader);
	b->reader = NULL;
	assert_int_equal(pcap_open(&b->reader, b->path), 0);
}

int bench_next(struct pcap_bench *b)
{
	return pcap_next(b->reader, &b->h, b->data, &b->time_us);
}

void bench_take(struct pcap_bench *b)
{
	assert_int_equal(bench_next(b), 1);
}

uint8_t *bench_bytes(struct pcap_bench *b, size_t *len)
{
	FILE *f = fopen(b->path, "re");
	uint8_t *bytes = malloc(1 << 20);

	assert_non_null(f);
	assert_non_null(bytes);
	*len = fread(bytes, 1, 1 << 20, f);
	fclose(f);
	return bytes;
}

void bench_rewrite(struct pcap_bench *b, const void *bytes, size_t len)
{
	FILE *f = fopen(b->path, "we");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}
