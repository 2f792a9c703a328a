// SPDX-License-Identifier: GPL-2.0-or-later
/* Proves what the wire's faults do to packets, and that nothing else does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/proto.h"
#include "tests/emulator/wire.h"

static struct wire wire;

static void put(uint16_t seq, uint64_t now_us)
{
	struct mnp_telemetry t = { .seq = seq, .strokes = seq * 1000u };
	uint8_t buf[MNP_PACKET_LEN];

	mnp_telemetry_encode(&t, buf);
	wire_put(&wire, WIRE_IN, now_us, buf, sizeof(buf));
}

/* Sequence number of the next packet; -1: none; -2: one that is broken. */
static int got(uint64_t now_us)
{
	struct mnp_telemetry t;
	struct wire_packet p;

	if (!wire_get(&wire, WIRE_IN, now_us, &p))
		return -1;
	return mnp_telemetry_decode(p.data, p.len, &t) ? -2 : t.seq;
}

static void prepare(enum wire_damage damage, uint32_t percent, int32_t amount)
{
	wire_init(&wire, 1);
	wire.lanes[WIRE_IN].faults[damage] = (struct wire_fault) {
		true, percent, amount,
	};
}

static void without_a_fault_all_comes_out_as_it_went_in(void **state)
{
	uint16_t i;

	(void)state;
	wire_init(&wire, 1);
	for (i = 0; i < 1000; i++) {
		put(i, i);
		assert_true(wire_due_us(&wire, WIRE_IN) == i);
		assert_int_equal(got(i), i);
		assert_int_equal(got(i), -1);
		assert_true(wire_due_us(&wire, WIRE_IN) == UINT64_MAX);
	}
}

static void drop_loses_them(void **state)
{
	int i, came = 0;

	(void)state;
	prepare(WIRE_DROP, 100, 0);
	put(1, 0);
	assert_int_equal(got(0), -1);
	prepare(WIRE_DROP, 30, 0);
	for (i = 0; i < 1000; i++) {
		put(1, 0);
		came += got(0) == 1;
	}
	assert_in_range(came, 650, 750);
}

static void duplicate_sends_them_twice(void **state)
{
	(void)state;
	prepare(WIRE_DUPLICATE, 100, 0);
	put(7, 0);
	assert_int_equal(got(0), 7);
	assert_int_equal(got(0), 7);
	assert_int_equal(got(0), -1);
}

static void reorder_swaps_neighbours_and_loses_none(void **state)
{
	static const int want[] = { 2, 1, 4, 3 };
	uint16_t i;

	(void)state;
	prepare(WIRE_REORDER, 100, 0);
	for (i = 1; i < 6; i++)
		put(i, i);
	for (i = 0; i < 4; i++)
		assert_int_equal(got(10), want[i]);
	assert_int_equal(got(10), -1);
	wire_settle(&wire, WIRE_IN, 10);
	assert_int_equal(got(10), 5);
}

static void delay_holds_them_for_its_time_in_order(void **state)
{
	(void)state;
	prepare(WIRE_DELAY, 100, 30);
	put(1, 1000);
	put(2, 2000);
	assert_true(wire_due_us(&wire, WIRE_IN) == 31000);
	assert_int_equal(got(30999), -1);
	assert_int_equal(got(31000), 1);
	assert_int_equal(got(31000), -1);
	assert_int_equal(got(32000), 2);
}

static void corrupt_flips_bits_at_its_rate(void **state)
{
	struct mnp_telemetry t = { .seq = 1 };
	uint8_t buf[MNP_PACKET_LEN];
	struct wire_packet p;
	int i, bit, flipped = 0;

	(void)state;
	mnp_telemetry_encode(&t, buf);
	prepare(WIRE_CORRUPT, 100, 10000);
	for (i = 0; i < 1000; i++) {
		wire_put(&wire, WIRE_IN, 0, buf, sizeof(buf));
		assert_true(wire_get(&wire, WIRE_IN, 0, &p));
		for (bit = 0; bit < 8 * MNP_PACKET_LEN; bit++)
			flipped += (p.data[bit / 8] ^ buf[bit / 8]) >>
				   bit % 8 & 1;
	}
	/* 1 % of 512000 */
	assert_in_range(flipped, 4700, 5500);
	prepare(WIRE_CORRUPT, 100, 1000000);
	put(1, 0);
	assert_int_equal(got(0), -2);
}

static void tear_mixes_two_packets(void **state)
{
	(void)state;
	prepare(WIRE_TEAR, 100, 0);
	put(1, 0);
	assert_int_equal(got(0), 1);	/* nothing to mix it with */
	put(2, 0);
	assert_int_equal(got(0), -2);
}

static void bad_crc_is_bad_and_bad_seq_has_a_good_crc(void **state)
{
	(void)state;
	prepare(WIRE_BAD_CRC, 100, 0);
	put(1, 0);
	assert_int_equal(got(0), -2);
	prepare(WIRE_BAD_SEQ, 100, -3);
	put(1, 0);
	assert_int_equal(got(0), 65534);
}

static void every_length_is_possible(void **state)
{
	struct wire_packet p;
	int len;

	(void)state;
	for (len = 0; len <= WIRE_PACKET_MAX; len++) {
		prepare(WIRE_LENGTH, 100, len);
		put(1, 0);
		assert_true(wire_get(&wire, WIRE_IN, 0, &p));
		assert_int_equal(p.len, len);
	}
	/* a short one of the host grows */
	wire_init(&wire, 1);
	wire.lanes[WIRE_OUT].faults[WIRE_LENGTH] = (struct wire_fault) {
		true, 100, 64,
	};
	wire_put(&wire, WIRE_OUT, 0, (uint8_t[16]){ 1 }, 16);
	assert_true(wire_get(&wire, WIRE_OUT, 0, &p));
	assert_int_equal(p.len, 64);
}

static void a_blocked_endpoint_gives_nothing_until_it_opens(void **state)
{
	(void)state;
	wire_init(&wire, 1);
	wire.lanes[WIRE_IN].blocked = true;
	put(1, 0);
	assert_int_equal(got(1000), -1);
	assert_true(wire_due_us(&wire, WIRE_IN) == UINT64_MAX);
	wire.lanes[WIRE_IN].blocked = false;
	assert_int_equal(got(1000), 1);
}

static void a_full_queue_loses_the_new_ones(void **state)
{
	uint16_t i;

	(void)state;
	prepare(WIRE_DELAY, 100, 400);
	for (i = 0; i < WIRE_QUEUE + 10; i++)
		put(i, 0);
	for (i = 0; i < WIRE_QUEUE; i++)
		assert_int_equal(got(400000), i);
	assert_int_equal(got(400000), -1);
}

static void the_other_pipe_is_left_alone(void **state)
{
	struct wire_packet p;

	(void)state;
	prepare(WIRE_DROP, 100, 0);
	wire_put(&wire, WIRE_OUT, 0, (uint8_t[16]){ 1 }, 16);
	assert_true(wire_get(&wire, WIRE_OUT, 0, &p));
}

static void same_seed_same_damage(void **state)
{
	uint8_t first[200], again[200];
	uint8_t *to[] = { first, again };
	int run, i;

	(void)state;
	for (run = 0; run < 2; run++) {
		prepare(WIRE_DROP, 50, 0);
		for (i = 0; i < 200; i++) {
			put(1, 0);
			to[run][i] = got(0) == 1;
		}
	}
	assert_memory_equal(first, again, sizeof(first));
}

#define T(f)	cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(without_a_fault_all_comes_out_as_it_went_in),
		T(drop_loses_them),
		T(duplicate_sends_them_twice),
		T(reorder_swaps_neighbours_and_loses_none),
		T(delay_holds_them_for_its_time_in_order),
		T(corrupt_flips_bits_at_its_rate),
		T(tear_mixes_two_packets),
		T(bad_crc_is_bad_and_bad_seq_has_a_good_crc),
		T(every_length_is_possible),
		T(a_blocked_endpoint_gives_nothing_until_it_opens),
		T(a_full_queue_loses_the_new_ones),
		T(the_other_pipe_is_left_alone),
		T(same_seed_same_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
