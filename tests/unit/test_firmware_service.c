// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Proves what came with version 1.1: faults are cleared when they are over and
 * not before, cartridge, self test, calibration, pedal and button, supply and
 * watchdog; on the software pen, in virtual time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <linux/mnpen.h>

#include "tests/unit/firmware_bench.h"

static int clear_fault(struct bench *b, uint32_t mask)
{
	struct mnp_clear c = { .mask = mask };
	uint8_t buf[MNP_CLEAR_LEN];

	mnp_clear_encode(&c, buf);
	return bench_request(b, 0x21, MNP_REQ_CLEAR_FAULT, 0, buf, sizeof(buf));
}

static int mark(struct bench *b, uint16_t token)
{
	struct mnp_mark m = { .token = token };
	uint8_t buf[MNP_MARK_LEN];

	mnp_mark_encode(&m, buf);
	return bench_request(b, 0x21, MNP_REQ_MARK_CARTRIDGE, 0, buf,
			     sizeof(buf));
}

static struct mnp_cartridge cartridge(struct bench *b)
{
	uint8_t buf[MNP_CAPS_MAX_LEN];
	struct mnp_cartridge c;

	assert_int_equal(bench_request(b, 0xc1, MNP_REQ_GET_CARTRIDGE, 0, buf,
				       MNP_CARTRIDGE_LEN), MNP_CARTRIDGE_LEN);
	assert_int_equal(mnp_cartridge_decode(buf, MNP_CARTRIDGE_LEN, &c), 0);
	return c;
}

static struct mnp_self_test test_result(struct bench *b)
{
	uint8_t buf[MNP_CAPS_MAX_LEN];
	struct mnp_self_test t;

	assert_int_equal(bench_request(b, 0xa1, MNP_REQ_GET_SELF_TEST, 0, buf,
				       MNP_SELF_TEST_LEN), MNP_SELF_TEST_LEN);
	assert_int_equal(mnp_self_test_decode(buf, MNP_SELF_TEST_LEN, &t), 0);
	return t;
}

static int simple(struct bench *b, uint8_t request, uint16_t value)
{
	return bench_request(b, 0x21, request, value, NULL, 0);
}

/* Rule 7 */
static void a_fault_is_cleared_when_it_is_over_and_not_before(void **state)
{
	struct bench b;

	(void)state;
	bench_prepare_fault(&b);
	assert_int_equal(clear_fault(&b, MNPEN_FAULT_STALL), 0);
	assert_int_equal(b.fw.state, MNPEN_STATE_IDLE);
	assert_int_equal(b.fw.first_fault, 0);
	bench_assert_off(&b);
	b.fw.physics.causes = 0;
	bench_make_running(&b);
	bench_pass_fed(&b, 100);
	b.fw.physics.causes = PHYSICS_OVERTEMP;
	bench_pass_fed(&b, 400);
	assert_int_equal(clear_fault(&b, MNPEN_FAULT_OVERTEMP),
			 -MNP_RESULT_FAULT);
	assert_int_equal(b.fw.state, MNPEN_STATE_FAULT);
	/* cools by itself */
	b.fw.physics.causes = 0;
	bench_pass(&b, 3600 * 1000 * MS);
	assert_int_equal(bench_status(&b).fault_active, 0);
	assert_int_equal(clear_fault(&b, MNPEN_FAULT_OVERTEMP), 0);
	bench_make_running(&b);
}

static void clearing_takes_all_of_the_mask_or_nothing(void **state)
{
	struct bench b;

	(void)state;
	bench_prepare_fault(&b);
	assert_int_equal(clear_fault(&b, 0), -MNP_RESULT_UNKNOWN);
	assert_int_equal(clear_fault(&b, MNPEN_FAULT_STALL |
					 MNPEN_FAULT_DEPTH), -MNP_RESULT_FAULT);
	assert_int_equal(clear_fault(&b, MNPEN_FAULT_DEPTH), -MNP_RESULT_FAULT);
	assert_int_equal(b.fw.fault_latched, MNPEN_FAULT_STALL);
	assert_int_equal(bench_arm(&b), -MNP_RESULT_FAULT);
}

static void damaged_limits_are_never_cleared(void **state)
{
	struct bench b;

	(void)state;
	bench_prepare_idle(&b);
	b.fw.limits_inverse[4] ^= 1;
	bench_pass(&b, 2000 * MS);
	assert_int_equal(clear_fault(&b, MNPEN_FAULT_LIMITS),
			 -MNP_RESULT_FAULT);
}

static void the_first_fault_is_kept_with_what_was_measured(void **state)
{
	struct bench b;
	uint64_t before;

	(void)state;
	bench_prepare_running(&b);
	before = b.now_us;
	b.fw.physics.causes = PHYSICS_STALL;
	bench_pass_fed(&b, 400);
	assert_in_range(b.fw.first_fault_us, before, b.now_us);
	assert_int_equal(b.fw.first_seen.rate_spm, 0);
	assert_in_range(b.fw.first_seen.motor_ma, 990, 1010);
	assert_int_equal(b.fw.first_seen.state, MNPEN_STATE_RUNNING);
	before = b.fw.first_fault_us;
	b.fw.physics.causes = PHYSICS_OVERTEMP;
	bench_pass(&b, 2000 * MS);
	assert_int_equal(b.fw.fault_latched,
			 MNPEN_FAULT_STALL | MNPEN_FAULT_OVERTEMP);
	assert_int_equal(b.fw.first_fault, MNPEN_FAULT_STALL);
	assert_int_equal(b.fw.first_fault_us, before);
}

static void lost_cartridge_stops_and_latches(void **state)
{
	struct bench b;

	(void)state;
	bench_prepare_running(&b);
	b.fw.physics.cartridge.loose = true;
	bench_pass(&b, MS);
	bench_assert_off(&b);
	assert_int_equal(b.fw.fault_latched, MNPEN_FAULT_CARTRIDGE);
	assert_int_equal(cartridge(&b).flags, 0);
	assert_int_equal(clear_fault(&b, MNPEN_FAULT_CARTRIDGE),
			 -MNP_RESULT_FAULT);
	b.fw.physics.cartridge.loose = false;
	bench_pass(&b, 2000 * MS);
	assert_int_equal(clear_fault(&b, MNPEN_FAULT_CARTRIDGE), 0);
	bench_make_running(&b);
}

static void cartridge_may_be_exchanged_at_rest(void **state)
{
	struct bench b;

	(void)state;
	bench_prepare_idle(&b);
	b.fw.physics.cartridge.present = false;
	bench_pass(&b, 2000 * MS);
	assert_int_equal(bench_status(&b).fault_active, MNPEN_FAULT_CARTRIDGE);
	assert_int_equal(b.fw.fault_latched, 0);
	assert_int_equal(bench_arm(&b), -MNP_RESULT_FAULT);
	b.fw.physics.cartridge = CARTRIDGE_NEW;
	bench_pass(&b, 2000 * MS);
	bench_make_running(&b);
}

static void used_and_expired_cartridges_are_refused(void **state)
{
	struct bench b;

	(void)state;
	bench_prepare_idle(&b);
	b.fw.physics.cartridge.present = false;
	bench_pass(&b, 2 * MS);
	b.fw.physics.cartridge = CARTRIDGE_NEW;
	b.fw.physics.cartridge.uses = 1;
	bench_pass(&b, 2000 * MS);
	assert_true(cartridge(&b).flags & MNP_CARTRIDGE_USED);
	assert_int_equal(bench_arm(&b), -MNP_RESULT_FAULT);
	b.fw.physics.cartridge = CARTRIDGE_NEW;
	b.fw.physics.cartridge.expiry = FW_BUILD_DATE - 1;
	bench_pass(&b, 2000 * MS);
	assert_true(cartridge(&b).flags & MNP_CARTRIDGE_EXPIRED);
	assert_int_equal(bench_arm(&b), -MNP_RESULT_FAULT);
}

static void marking_is_one_way_and_counts_from_the_next_time(void **state)
{
	struct physics world;
	struct fw_power_up up;
	struct bench b;

	(void)state;
	bench_prepare_idle(&b);
	assert_int_equal(mark(&b, 0), -MNP_RESULT_TOKEN);
	bench_make_running(&b);
	assert_int_equal(mark(&b, (uint16_t)(b.fw.token + 1)),
			 -MNP_RESULT_TOKEN);
	assert_int_equal(cartridge(&b).uses, 0);
	assert_int_equal(mark(&b, b.fw.token), 0);
	assert_int_equal(cartridge(&b).uses, 1);
	assert_false(cartridge(&b).flags & MNP_CARTRIDGE_USED);
	bench_pass_fed(&b, 300);
	assert_true(b.fw.drive.on);
	/* The power goes, the cartridge stays and remembers. */
	world = b.fw.physics;
	up = (struct fw_power_up) { b.now_us, 1, FW_BOOT_RESET, &world };
	firmware_init(&b.fw, &up, b.fw.sink, &b);
	bench_plug(&b);
	assert_true(cartridge(&b).flags & MNP_CARTRIDGE_USED);
	bench_pass(&b, 100 * MS);
	assert_int_equal(bench_arm(&b), -MNP_RESULT_FAULT);
}

static void a_short_cartridge_refuses_what_is_deeper(void **state)
{
	struct mnp_run r;
	struct bench b;

	(void)state;
	bench_prepare_idle(&b);
	b.fw.physics.cartridge.length_um = 500;
	assert_int_equal(bench_arm(&b), 0);
	assert_int_equal(bench_run(&b), -MNP_RESULT_LIMIT);
	r = bench_good_run(&b);
	r.depth_um = 500;
	assert_int_equal(bench_send_run(&b, &r), 0);
}

static void pedal_bound_motion_ends_with_the_pedal(void **state)
{
	struct mnp_arm a = { .nonce = 7, .feed_ms = 50,
			     .flags = MNP_ARM_F_PEDAL };
	uint8_t buf[MNP_ARM_LEN];
	struct bench b;

	(void)state;
	bench_prepare_idle(&b);
	a.limits_crc32 = b.fw.limits.crc32;
	mnp_arm_encode(&a, buf);
	assert_int_equal(bench_request(&b, 0x21, MNP_REQ_ARM, 0, buf,
				       sizeof(buf)), 0);
	assert_int_equal(bench_run(&b), -MNP_RESULT_STATE);
	b.fw.physics.pedal_down = true;
	bench_pass(&b, MS);
	assert_int_equal(bench_run(&b), 0);
	bench_pass_fed(&b, 200);
	assert_true(b.fw.drive.on);
	b.fw.physics.pedal_down = false;
	bench_pass(&b, MS);
	bench_assert_off(&b);
	assert_int_equal(b.last_off.reason, MNPEN_STOP_DEVICE);
	/* pressing it again starts nothing */
	b.fw.physics.pedal_down = true;
	bench_pass(&b, 100 * MS);
	bench_assert_off(&b);
	/* unbound, the pedal is news and no more */
	bench_make_running(&b);
	b.fw.physics.pedal_down = false;
	bench_pass(&b, MS);
	assert_true(b.fw.drive.on);
}

static void the_button_stops(void **state)
{
	struct bench b;

	(void)state;
	bench_prepare_running(&b);
	b.fw.physics.button_down = true;
	bench_pass(&b, MS);
	bench_assert_off(&b);
	assert_int_equal(b.last_off.reason, MNPEN_STOP_DEVICE);
	b.fw.physics.button_down = false;
	bench_pass(&b, MS);
	bench_make_running(&b);
}

static void brown_out_is_a_fault_and_a_weak_battery_is_news(void **state)
{
	struct bench b;

	(void)state;
	bench_prepare_running(&b);
	b.fw.physics.brown_mv = 3000;
	bench_pass(&b, 10 * MS);
	bench_assert_off(&b);
	assert_int_equal(b.fw.fault_latched, MNPEN_FAULT_SUPPLY);
	bench_prepare_running(&b);
	physics_charge(&b.fw.physics, 10);
	bench_pass_fed(&b, 200);
	assert_true(b.fw.battery_low);
	assert_true(b.fw.drive.on);	/* the bus carries it */
	/* alone and empty: nothing runs */
	bench_bus(&b, FW_BUS_DETACH);
	physics_charge(&b.fw.physics, 0);
	b.fw.physics.brown_mv = 3100;
	bench_pass(&b, 2000 * MS);
	assert_int_equal(b.fw.fault_latched, MNPEN_FAULT_SUPPLY);
}

/* Rule 5 */
static void a_hung_task_stops_the_motor_by_the_watchdog(void **state)
{
	struct bench b;
	int task;

	(void)state;
	for (task = 0; task < FW_TASKS; task++) {
		bench_prepare_running(&b);
		bench_feed_good(&b);
		b.fw.hung[task] = true;
		bench_pass(&b, 49 * MS);
		assert_true(b.fw.drive.on);
		bench_pass(&b, 2 * MS);
		bench_assert_off(&b);
		assert_int_equal(b.fw.fault_latched, MNPEN_FAULT_WATCHDOG);
		assert_int_equal(clear_fault(&b, MNPEN_FAULT_WATCHDOG),
				 -MNP_RESULT_FAULT);
		b.fw.hung[task] = false;
		bench_pass(&b, 2000 * MS);
		assert_int_equal(clear_fault(&b, MNPEN_FAULT_WATCHDOG), 0);
	}
}

static void impossible_readings_are_a_sensor_fault(void **state)
{
	static const struct {
		enum sensor_id id;
		int32_t offset;
	} lies[] = {
		{ SENSOR_RATE, 30000 }, { SENSOR_DEPTH, 8000 },
		{ SENSOR_CURRENT, -6000 }, { SENSOR_TEMP_MOTOR, -80000 },
		{ SENSOR_TEMP_BOARD, 200000 }, { SENSOR_BATTERY, 2000 },
	};
	struct bench b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		bench_prepare_running(&b);
		b.fw.physics.sensors[lies[i].id].offset = lies[i].offset;
		bench_pass_fed(&b, 50);
		bench_assert_off(&b);
		assert_true(b.fw.fault_latched & MNPEN_FAULT_SENSOR);
	}
}

static void a_motor_faster_than_told_is_a_sensor_fault(void **state)
{
	struct bench b;

	(void)state;
	bench_prepare_running(&b);
	b.fw.physics.sensors[SENSOR_RATE].gain_off_permille = 300;
	bench_pass_fed(&b, 300);
	assert_int_equal(b.fw.fault_latched, MNPEN_FAULT_SENSOR);
	bench_assert_off(&b);
}

static void self_test_is_polled_and_blocks_arming(void **state)
{
	struct mnp_self_test t;
	struct bench b;

	(void)state;
	bench_prepare_idle(&b);
	bench_pass(&b, 100 * MS);
	assert_int_equal(simple(&b, MNP_REQ_SELF_TEST, 0), -MNP_RESULT_UNKNOWN);
	assert_int_equal(simple(&b, MNP_REQ_SELF_TEST, 0x10),
			 -MNP_RESULT_UNKNOWN);
	assert_int_equal(simple(&b, MNP_REQ_SELF_TEST, MNP_TEST_ALL), 0);
	assert_int_equal(simple(&b, MNP_REQ_SELF_TEST, MNP_TEST_ALL),
			 -MNP_RESULT_STATE);
	assert_int_equal(test_result(&b).done, 0);
	assert_int_equal(bench_arm(&b), -MNP_RESULT_STATE);
	bench_pass(&b, 45 * MS);
	assert_int_equal(test_result(&b).done, 3);
	bench_pass(&b, 40 * MS);
	t = test_result(&b);
	assert_int_equal(t.done, MNP_TEST_ALL);
	assert_int_equal(t.failed, 0);
	assert_int_equal(t.watchdog_ms, 52);
	assert_in_range(t.stop_us, 1, 1000);
	assert_int_equal(b.motor_on, 0);
	bench_make_running(&b);
	assert_int_equal(simple(&b, MNP_REQ_SELF_TEST, MNP_TEST_ALL),
			 -MNP_RESULT_STATE);
}

static void self_test_finds_a_bad_sensor(void **state)
{
	struct mnp_self_test t;
	struct bench b;

	(void)state;
	bench_prepare_idle(&b);
	b.fw.physics.sensors[SENSOR_DEPTH].offset = 300;
	assert_int_equal(simple(&b, MNP_REQ_SELF_TEST, MNP_TEST_ALL), 0);
	bench_pass(&b, 100 * MS);
	t = test_result(&b);
	assert_int_equal(t.failed, MNP_TEST_SENSORS);
	assert_int_equal(t.detail, MNP_TEST_SENSORS);
	assert_int_equal(t.done, MNP_TEST_ALL);
}

static void calibration_is_that_of_this_unit(void **state)
{
	uint8_t buf[MNP_CAPS_MAX_LEN];
	struct mnp_calib c;
	struct bench b;

	(void)state;
	bench_prepare_idle(&b);
	assert_int_equal(bench_request(&b, 0xc1, MNP_REQ_GET_CALIB,
				       MNP_CALIB_DEPTH, buf, MNP_CALIB_LEN),
			 MNP_CALIB_LEN);
	assert_int_equal(mnp_calib_decode(buf, MNP_CALIB_LEN, &c), 0);
	assert_int_equal(c.count, 6);
	assert_int_equal(c.point[2][0], 1000 + b.fw.physics.gain_off_permille);
	assert_int_equal(c.point[2][1], 1024);
	assert_int_equal(c.point[2][2], b.fw.physics.backlash_um);
	assert_int_equal(bench_request(&b, 0xa1, MNP_REQ_GET_CALIB,
				       MNP_CALIB_MOTOR, buf, MNP_CALIB_LEN),
			 MNP_CALIB_LEN);
	assert_int_equal(mnp_calib_decode(buf, MNP_CALIB_LEN, &c), 0);
	assert_int_equal(c.record, MNP_CALIB_MOTOR);
	assert_int_equal(c.point[5][0], 9000);
	assert_int_equal(bench_request(&b, 0xc1, MNP_REQ_GET_CALIB, 2, buf,
				       MNP_CALIB_LEN), -MNP_RESULT_UNKNOWN);
}

static void telemetry_rate_is_refused_while_armed(void **state)
{
	uint8_t packet[MNP_PACKET_LEN];
	struct bench b;
	uint64_t due_us;

	(void)state;
	bench_prepare_idle(&b);
	assert_int_equal(simple(&b, MNP_REQ_TELEMETRY_RATE, 3),
			 -MNP_RESULT_UNKNOWN);
	assert_int_equal(simple(&b, MNP_REQ_TELEMETRY_RATE, 101),
			 -MNP_RESULT_UNKNOWN);
	assert_int_equal(simple(&b, MNP_REQ_TELEMETRY_RATE, 50), 0);
	b.fw.events_count = 0;
	firmware_next_in(&b.fw, b.now_us, packet);
	due_us = firmware_in_due_us(&b.fw);
	assert_int_equal(due_us - b.now_us, 50000);
	assert_int_equal(bench_arm(&b), 0);
	assert_int_equal(simple(&b, MNP_REQ_TELEMETRY_RATE, 50),
			 -MNP_RESULT_STATE);
	/* a new host finds the usual pace */
	bench_bus(&b, FW_BUS_RESET);
	bench_bus(&b, FW_BUS_CONFIGURED);
	assert_int_equal(b.fw.telemetry_period_us, 8000);
}

static void identify_changes_nothing_else(void **state)
{
	struct bench b;

	(void)state;
	bench_prepare_running(&b);
	assert_int_equal(simple(&b, MNP_REQ_IDENTIFY, 0), 0);
	assert_true(b.fw.drive.on);
	assert_int_equal(b.fw.identify_until_us, b.now_us + 3000 * MS);
	assert_int_equal(simple(&b, MNP_REQ_IDENTIFY, 1), -MNP_RESULT_UNKNOWN);
}

#define T(f)	cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_fault_is_cleared_when_it_is_over_and_not_before),
		T(clearing_takes_all_of_the_mask_or_nothing),
		T(damaged_limits_are_never_cleared),
		T(the_first_fault_is_kept_with_what_was_measured),
		T(lost_cartridge_stops_and_latches),
		T(cartridge_may_be_exchanged_at_rest),
		T(used_and_expired_cartridges_are_refused),
		T(marking_is_one_way_and_counts_from_the_next_time),
		T(a_short_cartridge_refuses_what_is_deeper),
		T(pedal_bound_motion_ends_with_the_pedal),
		T(the_button_stops),
		T(brown_out_is_a_fault_and_a_weak_battery_is_news),
		T(a_hung_task_stops_the_motor_by_the_watchdog),
		T(impossible_readings_are_a_sensor_fault),
		T(a_motor_faster_than_told_is_a_sensor_fault),
		T(self_test_is_polled_and_blocks_arming),
		T(self_test_finds_a_bad_sensor),
		T(calibration_is_that_of_this_unit),
		T(telemetry_rate_is_refused_while_armed),
		T(identify_changes_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
