// SPDX-License-Identifier: GPL-2.0-or-later
/* Capture files: what was written is read, and any bytes can be read. */
#include <byteswap.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tests/emulator/pcapng.h"
#include "tests/unit/pcap_bench.h"

#define PACKETS	5

/* Packets of 0, 1, 2.. bytes, so that every padding occurs. */
static void write_some(struct pcap_bench *b)
{
	static const uint8_t data[PACKETS] = { 1, 2, 3, 4, 5 };
	size_t i;

	for (i = 0; i < PACKETS; i++) {
		bench_in(b, data, i);
		b->now_us += 8000;
	}
	bench_finish(b);
}

static void every_field_and_byte_comes_back(void **state)
{
	struct pcap_bench *b = *state;
	struct usbmon_header h;
	uint8_t data[300];
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	memset(&h, 0x5a, sizeof(h));
	h.sec = 1790000000;
	h.usec = 999999;
	for (i = 0; i <= sizeof(data); i++) {
		h.captured = (uint32_t)i;
		h.length = (uint32_t)i;
		assert_int_equal(pcap_write(b->writer, &h, data), 0);
	}
	bench_finish(b);
	bench_open(b);
	for (i = 0; i <= sizeof(data); i++) {
		h.captured = (uint32_t)i;
		h.length = (uint32_t)i;
		bench_take(b);
		assert_memory_equal(&b->h, &h, sizeof(h));
		assert_memory_equal(b->data, data, i);
		assert_true(b->time_us == INT64_C(1790000000999999));
	}
	assert_int_equal(bench_next(b), 0);
	assert_int_equal(bench_next(b), 0);
}

static void too_much_data_is_refused_and_the_next_is_not(void **state)
{
	struct pcap_bench *b = *state;
	static const uint8_t data[PCAP_DATA_MAX];
	struct usbmon_header h = { .captured = PCAP_DATA_MAX };

	assert_int_equal(pcap_write(b->writer, &h, data), -EMSGSIZE);
	h.captured = PCAP_DATA_MAX - sizeof(h);
	assert_int_equal(pcap_write(b->writer, &h, data), 0);
	bench_finish(b);
	bench_open(b);
	bench_take(b);
	assert_int_equal(b->h.captured, PCAP_DATA_MAX - sizeof(h));
}

/* Killed at any byte: whole packets are read, the torn one is the end. */
static void file_cut_anywhere_gives_the_whole_packets(void **state)
{
	struct pcap_bench *b = *state;
	unsigned int last = 0, count;
	size_t len, cut;
	uint8_t *bytes;
	int got;

	write_some(b);
	bytes = bench_bytes(b, &len);
	for (cut = 0; cut <= len; cut++) {
		bench_rewrite(b, bytes, cut);
		pcap_close(b->reader);
		b->reader = NULL;
		got = pcap_open(&b->reader, b->path);
		if (got) {
			assert_int_equal(got, -EBADMSG);
			assert_true(cut < 60);
			continue;
		}
		for (count = 0; (got = bench_next(b)) > 0; count++)
			assert_int_equal(b->h.captured, count);
		assert_int_equal(got, 0);
		assert_true(count == last || count == last + 1);
		last = count;
	}
	assert_int_equal(last, PACKETS);
	free(bytes);
}

static void any_wrong_byte_does_no_harm(void **state)
{
	struct pcap_bench *b = *state;
	unsigned int refused = 0;
	size_t len, at;
	uint8_t *bytes;
	int bit, got;

	write_some(b);
	bytes = bench_bytes(b, &len);
	for (at = 0; at < len; at++) {
		for (bit = 0; bit < 8; bit++) {
			bytes[at] ^= (uint8_t)(1 << bit);
			bench_rewrite(b, bytes, len);
			bytes[at] ^= (uint8_t)(1 << bit);
			pcap_close(b->reader);
			b->reader = NULL;
			got = pcap_open(&b->reader, b->path);
			while (!got && (got = bench_next(b)) == 1) {
				assert_true(b->h.captured <= PCAP_DATA_MAX);
				got = 0;
			}
			refused += got < 0;
		}
	}
	/* Lengths, types, link and byte order are all of them noticed. */
	assert_true(refused > 100);
	free(bytes);
}

static void swap32(uint8_t *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof(v));
	v = bswap_32(v);
	memcpy(at, &v, sizeof(v));
}

static void swap16(uint8_t *at)
{
	uint8_t first = at[0];

	at[0] = at[1];
	at[1] = first;
}

static uint32_t word(const uint8_t *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof(v));
	return v;
}

static void swap_options(uint8_t *at, const uint8_t *end)
{
	uint16_t len;

	while (at < end) {
		memcpy(&len, at + 2, sizeof(len));
		swap16(at);
		swap16(at + 2);
		at += 4 + ((len + 3u) & ~3u);
	}
}

static void reverse(uint8_t *at, size_t len)
{
	size_t i;
	uint8_t v;

	for (i = 0; i < len / 2; i++) {
		v = at[i];
		at[i] = at[len - 1 - i];
		at[len - 1 - i] = v;
	}
}

/* A block as a machine of the other byte order would have written it. */
static void swap_block(uint8_t *at)
{
	static const struct {
		uint8_t at, len;
	} fields[] = {
		{ 0, 8 }, { 12, 2 }, { 16, 8 }, { 24, 4 }, { 28, 4 },
		{ 32, 4 }, { 36, 4 }, { 48, 4 }, { 52, 4 }, { 56, 4 },
		{ 60, 4 },
	};
	uint32_t type = word(at), len = word(at + 4);
	size_t i;

	swap32(at);
	swap32(at + 4);
	swap32(at + len - 4);
	if (type == PCAPNG_SECTION) {
		swap32(at + 8);
		swap16(at + 12);
		swap_options(at + 24, at + len - 4);
	} else if (type == PCAPNG_INTERFACE) {
		swap16(at + 8);
		swap32(at + 12);
		swap_options(at + 16, at + len - 4);
	} else {
		for (i = 8; i < 28; i += 4)
			swap32(at + i);
		for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
			reverse(at + 28 + fields[i].at, fields[i].len);
	}
}

static void file_of_the_other_byte_order_reads_the_same(void **state)
{
	struct pcap_bench *b = *state;
	int64_t start_us = b->now_us;
	size_t len, at, step;
	uint8_t *bytes;
	int i;

	write_some(b);
	bytes = bench_bytes(b, &len);
	for (at = 0; at < len; at += step) {
		step = word(bytes + at + 4);
		swap_block(bytes + at);
	}
	bench_rewrite(b, bytes, len);
	free(bytes);
	bench_open(b);
	for (i = 0; i < PACKETS; i++) {
		bench_take(b);
		assert_int_equal(b->h.captured, i);
		assert_int_equal(b->h.bus, BENCH_BUS);
		assert_int_equal(b->h.id, i + 1);
		assert_true(b->time_us == start_us + 8000 * i);
		assert_true(b->h.sec * 1000000 + b->h.usec == b->time_us);
	}
	assert_int_equal(bench_next(b), 0);
}

/* Position of the interface's resolution, which is one byte. */
static uint8_t *resolution(uint8_t *bytes)
{
	uint8_t *interface = bytes + word(bytes + 4);

	assert_int_equal(word(interface), PCAPNG_INTERFACE);
	assert_int_equal(interface[28], PCAPNG_OPT_RESOLUTION);
	return interface + 32;
}

static void times_of_any_resolution_are_understood(void **state)
{
	struct pcap_bench *b = *state;
	static const struct {
		uint8_t code;
		uint64_t units;		/* of 1500 s and 250 ms */
	} cases[] = {
		{ 3, UINT64_C(1500250) },
		{ 6, UINT64_C(1500250000) },
		{ 9, UINT64_C(1500250000000) },
		{ 12, UINT64_C(1500250000000000) },
		{ 15, UINT64_C(1500250000000000000) },
		{ 0x80 | 10, 1500 * 1024 + 256 },
		{ 0x80 | 40, (UINT64_C(1500) << 40) + (UINT64_C(1) << 38) },
	};
	size_t len, i;
	uint8_t *bytes, *packet;
	uint32_t high, low;

	write_some(b);
	bytes = bench_bytes(b, &len);
	packet = bytes + word(bytes + 4);
	packet += word(packet + 4);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		*resolution(bytes) = cases[i].code;
		high = (uint32_t)(cases[i].units >> 32);
		low = (uint32_t)cases[i].units;
		memcpy(packet + 12, &high, sizeof(high));
		memcpy(packet + 16, &low, sizeof(low));
		bench_rewrite(b, bytes, len);
		bench_open(b);
		bench_take(b);
		assert_true(b->time_us == INT64_C(1500250000));
	}
	*resolution(bytes) = 0xff;
	bench_rewrite(b, bytes, len);
	bench_open(b);
	assert_int_equal(bench_next(b), -EBADMSG);
	free(bytes);
}

/* Two files, one behind the other: each has its own interfaces. */
static void second_section_starts_anew(void **state)
{
	struct pcap_bench *b = *state;
	int64_t start_us = b->now_us;
	uint8_t *bytes, *twice;
	size_t len;
	int i;

	write_some(b);
	bytes = bench_bytes(b, &len);
	twice = malloc(2 * len);
	assert_non_null(twice);
	memcpy(twice, bytes, len);
	*resolution(bytes) = 9;
	memcpy(twice + len, bytes, len);
	bench_rewrite(b, twice, 2 * len);
	free(twice);
	free(bytes);
	bench_open(b);
	for (i = 0; i < PACKETS; i++)
		bench_take(b);
	bench_take(b);
	assert_true(b->time_us == start_us / 1000);
}

/* First packet's block: type, length, then what struct usbmon_header has. */
static uint8_t *first_packet(uint8_t *bytes)
{
	uint8_t *interface = bytes + word(bytes + 4);

	return interface + word(interface + 4);
}

static void put_word(uint8_t *at, uint32_t v)
{
	memcpy(at, &v, sizeof(v));
}

static void lengths_that_disagree_are_noticed(void **state)
{
	struct pcap_bench *b = *state;
	uint8_t *bytes, *packet, *end;
	size_t len;

	write_some(b);
	bytes = bench_bytes(b, &len);
	packet = first_packet(bytes);
	end = packet + word(packet + 4) - 4;

	put_word(packet + 20, word(packet + 20) + 8);	/* beyond its block */
	bench_rewrite(b, bytes, len);
	bench_open(b);
	assert_int_equal(bench_next(b), -EBADMSG);
	put_word(packet + 20, word(packet + 20) - 8);

	put_word(end, word(end) + 4);			/* another at the end */
	bench_rewrite(b, bytes, len);
	bench_open(b);
	assert_int_equal(bench_next(b), -EBADMSG);
	put_word(end, word(end) - 4);

	/* Cut by a snapshot length: there is less than usbmon wrote. */
	put_word(packet + 28 + offsetof(struct usbmon_header, captured), 999);
	bench_rewrite(b, bytes, len);
	bench_open(b);
	bench_take(b);
	assert_int_equal(b->h.captured, 0);
	free(bytes);
}

static void other_packets_than_usb_are_named_as_such(void **state)
{
	struct pcap_bench *b = *state;
	uint8_t *bytes;
	size_t len;

	write_some(b);
	bytes = bench_bytes(b, &len);
	bytes[word(bytes + 4) + 8] = 1;		/* Ethernet */
	bench_rewrite(b, bytes, len);
	free(bytes);
	bench_open(b);
	assert_int_equal(bench_next(b), -EPROTONOSUPPORT);
}

/* Statistics, names, comments: whatever Wireshark adds when it saves. */
static void unknown_blocks_are_skipped_also_huge_ones(void **state)
{
	struct pcap_bench *b = *state;
	const uint32_t huge = 4 * PCAP_DATA_MAX;
	size_t len, first, more = 0;
	uint8_t *bytes, *out, *at;
	uint32_t sizes[2] = { 16, huge };
	uint32_t type = 5;
	int i;

	write_some(b);
	bytes = bench_bytes(b, &len);
	out = calloc(1, len + huge + 16);
	assert_non_null(out);
	first = word(bytes + 4);
	memcpy(out, bytes, first);
	for (i = 0; i < 2; i++) {
		at = out + first + more;
		memcpy(at, &type, sizeof(type));
		memcpy(at + 4, &sizes[i], sizeof(sizes[i]));
		memcpy(at + sizes[i] - 4, &sizes[i], sizeof(sizes[i]));
		more += sizes[i];
	}
	memcpy(out + first + more, bytes + first, len - first);
	bench_rewrite(b, out, len + more);
	bench_open(b);
	for (i = 0; i < PACKETS; i++)
		bench_take(b);
	assert_int_equal(bench_next(b), 0);
	free(out);
	free(bytes);
}

static void what_is_no_capture_is_refused(void **state)
{
	struct pcap_bench *b = *state;
	static const char text[] = "not a capture file at all, only text\n";

	bench_rewrite(b, text, sizeof(text));
	assert_int_equal(pcap_open(&b->reader, b->path), -EBADMSG);
	bench_rewrite(b, text, 0);
	assert_int_equal(pcap_open(&b->reader, b->path), -EBADMSG);
	assert_int_equal(pcap_open(&b->reader, "/nowhere"), -ENOENT);
	assert_int_equal(pcap_open(&b->reader, "/"), -EIO);
}

/* The file ends with a whole packet, and the error stays. */
static void full_disk_leaves_whole_packets(void **state)
{
	struct pcap_bench *b = *state;
	struct rlimit before, limit;
	struct usbmon_header h = { .captured = 0 };
	unsigned int written = 0, count;
	size_t len, at = 0;
	uint8_t *bytes;
	int err;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	limit.rlim_cur = 1000;
	setrlimit(RLIMIT_FSIZE, &limit);
	while (!(err = pcap_write(b->writer, &h, NULL)))
		written++;
	assert_true(err == -EFBIG || err == -ENOSPC);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(pcap_write(b->writer, &h, NULL), err);
	assert_int_equal(pcap_finish(b->writer), err);
	b->writer = NULL;
	bench_open(b);
	for (count = 0; bench_next(b) == 1; count++)
		continue;
	assert_int_equal(count, written);
	assert_true(written > 3);
	bytes = bench_bytes(b, &len);
	while (at < len)
		at += word(bytes + at + 4);
	assert_int_equal(at, len);
	free(bytes);
}

static void file_that_cannot_be_made_is_reported(void **state)
{
	struct pcap_writer *w = NULL;

	(void)state;
	assert_int_equal(pcap_create(&w, "/nowhere/x", "bench"), -ENOENT);
	assert_int_equal(pcap_create(&w, "/dev/full", "bench"), -ENOSPC);
	assert_null(w);
}

#define T(name) cmocka_unit_test_setup_teardown(name, pcap_bench_setup, \
						pcap_bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_field_and_byte_comes_back),
		T(too_much_data_is_refused_and_the_next_is_not),
		T(file_cut_anywhere_gives_the_whole_packets),
		T(any_wrong_byte_does_no_harm),
		T(file_of_the_other_byte_order_reads_the_same),
		T(times_of_any_resolution_are_understood),
		T(second_section_starts_anew),
		T(lengths_that_disagree_are_noticed),
		T(other_packets_than_usb_are_named_as_such),
		T(unknown_blocks_are_skipped_also_huge_ones),
		T(what_is_no_capture_is_refused),
		T(full_disk_leaves_whole_packets),
		T(file_that_cannot_be_made_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
