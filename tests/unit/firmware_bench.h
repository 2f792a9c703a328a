/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A software pen in virtual time, and a host to play with it. Helpers fail
 * the running test when what they prepare does not work.
 */
#ifndef MNPEN_TESTS_FIRMWARE_BENCH_H
#define MNPEN_TESTS_FIRMWARE_BENCH_H

#include "tests/emulator/firmware.h"

#define WD_US	(MNP_DEVICE_WD_MS * 1000)
#define MS	UINT64_C(1000)	/* in microseconds */

struct bench {
	struct firmware fw;
	uint64_t now_us;
	uint16_t seq;
	unsigned int motor_on, motor_off, rejects;
	struct fw_note last_off;
};

/* Power-up at that time of the own clock; not plugged. */
void bench_power_up(struct bench *b, uint64_t now_us);
void bench_bus(struct bench *b, enum fw_bus what);
void bench_plug(struct bench *b);
/* Time passes as the loop lets it: a turn whenever the firmware wants one. */
void bench_pass(struct bench *b, uint64_t us);
/* A control request, data stage included; as firmware_request(). */
int bench_request(struct bench *b, uint8_t type, uint8_t number,
		   uint16_t value, uint8_t *data, size_t len);
int bench_arm(struct bench *b);
int bench_send_run(struct bench *b, const struct mnp_run *r);
/* A RUN that will be accepted now; uses up a sequence number. */
struct mnp_run bench_good_run(struct bench *b);
int bench_run(struct bench *b);
void bench_feed(struct bench *b, uint16_t token, uint16_t seq,
		 int64_t ahead_us);
void bench_feed_good(struct bench *b);
/* As bench_pass(), with a host that feeds every 50 ms. */
void bench_pass_fed(struct bench *b, uint64_t ms);
void bench_stop_out(struct bench *b, uint8_t reason);
void bench_stop_ep0(struct bench *b, uint8_t reason);
void bench_make_running(struct bench *b);
void bench_make_fault(struct bench *b);
/* Drive off, token gone. */
void bench_assert_off(const struct bench *b);
struct mnp_telemetry bench_status(struct bench *b);
int bench_result_code(struct bench *b);
void bench_prepare_bare(struct bench *b);
void bench_prepare_idle(struct bench *b);
void bench_prepare_armed(struct bench *b);
void bench_prepare_running(struct bench *b);
void bench_prepare_fault(struct bench *b);
void bench_prepare_suspended(struct bench *b);
int bench_lower(struct bench *b, uint16_t mask, struct mnp_limits l);

#endif /* MNPEN_TESTS_FIRMWARE_BENCH_H */
