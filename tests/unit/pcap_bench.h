/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A capture file of its own for each test, and USB packets to put into it.
 * Everything fails the running test if it does not work.
 */
#ifndef MNPEN_TESTS_PCAP_BENCH_H
#define MNPEN_TESTS_PCAP_BENCH_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/emulator/pcap.h"

#define BENCH_BUS	3
#define BENCH_DEVICE	7

struct pcap_bench {
	char path[64];
	struct pcap_writer *writer;
	struct pcap_reader *reader;
	uint64_t id;
	int64_t now_us;		/* of the next packet, since 1970 */
	uint8_t device;
	int status;		/* of reads */
	/* of the last packet that was read */
	struct usbmon_header h;
	uint8_t data[PCAP_DATA_MAX];
	int64_t time_us;
};

int pcap_bench_setup(void **state);
int pcap_bench_teardown(void **state);

/* A completed read of the interrupt pipe. */
void bench_in(struct pcap_bench *b, const void *data, size_t len);
/* A control transfer; data as it went in its direction. */
void bench_control(struct pcap_bench *b, uint8_t type, uint8_t request,
		   uint16_t value, const void *data, size_t len, int status);
void bench_finish(struct pcap_bench *b);

void bench_open(struct pcap_bench *b);
/* As pcap_next(). */
int bench_next(struct pcap_bench *b);
/* Next packet, which must be there. */
void bench_take(struct pcap_bench *b);

/* The file's bytes; free() them. */
uint8_t *bench_bytes(struct pcap_bench *b, size_t *len);
void bench_rewrite(struct pcap_bench *b, const void *bytes, size_t len);

#endif /* MNPEN_TESTS_PCAP_BENCH_H */
