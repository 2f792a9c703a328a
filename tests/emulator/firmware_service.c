// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests of version 1.1: they clear, read, mark and test, and move nothing.
 */
#include "tests/emulator/firmware.h"

#include <linux/mnpen.h>

#define CALIB_VERSION		1
#define CALIB_DATE		20260901
#define CALIB_JIG		7
#define CALIB_ROWS		6
#define COUNTS_PER_MM		1024	/* of the spindle's encoder */
#define CARTRIDGE_VERSION	1

#define TEST_US			20000	/* each; E */
#define TEST_WATCHDOG_MS	52	/* 50 and a turn of the loop */
#define TEST_STOP_US		40	/* a gate's worth of time; E */

static int clear_fault(struct firmware *fw, uint64_t now_us,
		       const struct fw_setup *s, const uint8_t *data,
		       size_t len)
{
	struct mnp_clear c;
	int code = mnp_clear_decode(data, len, &c);

	code = code ? fw_damage(fw, code) :
		      fw_clear_fault(fw, now_us, c.mask);
	return fw_answer(fw, now_us, s, 0, code);
}

/* What the factory measured on this very unit. */
static int get_calib(const struct firmware *fw, uint16_t record, uint8_t *data)
{
	struct mnp_calib c = {
		.version = CALIB_VERSION,
		.record = record,
		.date = CALIB_DATE,
		.jig = CALIB_JIG,
		.count = CALIB_ROWS,
	};
	const struct physics *p = &fw->physics;
	uint16_t value, i;

	for (i = 0; i < CALIB_ROWS; i++) {
		if (record == MNP_CALIB_DEPTH) {
			value = (uint16_t)(500 * i);
			c.point[i][0] = (uint16_t)(value + value *
						   p->gain_off_permille / 1000);
			c.point[i][1] = (uint16_t)(value * COUNTS_PER_MM / 1000);
			c.point[i][2] = (uint16_t)p->backlash_um;
		} else {
			value = (uint16_t)(3000 + 1200 * i);
			c.point[i][0] = value;
			c.point[i][1] = (uint16_t)(100 + value / 12);
			c.point[i][2] = (uint16_t)(60 + value / 60);
		}
	}
	mnp_calib_encode(&c, data);
	return MNP_CALIB_LEN;
}

static int get_cartridge(const struct firmware *fw, uint8_t *data)
{
	const struct cartridge *have = &fw->physics.cartridge;
	struct mnp_cartridge c = { .version = CARTRIDGE_VERSION };

	c.flags = fw_cartridge_flags(fw);
	if (c.flags) {
		c.type = have->type;
		c.needles = have->needles;
		c.length_um = have->length_um;
		c.lot = have->lot;
		c.unit = have->unit;
		c.expiry = have->expiry;
		c.uses = have->uses;
	}
	mnp_cartridge_encode(&c, data);
	return MNP_CARTRIDGE_LEN;
}

static int mark_judge(const struct firmware *fw, const struct mnp_mark *m)
{
	if (!fw->token || m->token != fw->token)
		return MNP_RESULT_TOKEN;
	return fw_cartridge_flags(fw) ? MNP_RESULT_OK : MNP_RESULT_STATE;
}

/* One-way: the counter only grows. */
static int mark_cartridge(struct firmware *fw, uint64_t now_us,
			  const struct fw_setup *s, const uint8_t *data,
			  size_t len)
{
	struct cartridge *c = &fw->physics.cartridge;
	struct mnp_mark m;
	int code = mnp_mark_decode(data, len, &m);

	code = code ? fw_damage(fw, code) : mark_judge(fw, &m);
	if (!code) {
		if (c->uses < UINT16_MAX)
			c->uses++;
		fw_note_simple(fw, now_us, FW_NOTE_CARTRIDGE, 1,
			       fw_cartridge_flags(fw), FW_FROM_EP0);
	}
	return fw_answer(fw, now_us, s, 0, code);
}

static int self_test(struct firmware *fw, uint64_t now_us,
		     const struct fw_setup *s)
{
	if (!s->value || s->value & ~MNP_TEST_ALL)
		return fw_answer(fw, now_us, s, 0, MNP_RESULT_UNKNOWN);
	if (fw->token || fw->drive.on || fw->self_test_due_us ||
	    !physics_at_rest(&fw->physics))
		return fw_answer(fw, now_us, s, 0, MNP_RESULT_STATE);
	fw->self_test = (struct mnp_self_test) { .asked = s->value };
	fw->self_test_due_us = now_us + TEST_US;
	return fw_answer(fw, now_us, s, 0, MNP_RESULT_OK);
}

static bool test_passes(struct firmware *fw, uint32_t test)
{
	switch (test) {
	case MNP_TEST_MEMORY:
		return fw_limits_intact(fw);
	case MNP_TEST_SENSORS:
		return fw_readings_possible(fw) &&
		       !physics_rate_spm(&fw->physics) &&
		       physics_depth_um(&fw->physics) < 50;
	case MNP_TEST_WATCHDOG:
		fw->self_test.watchdog_ms = TEST_WATCHDOG_MS;
		return !fw->hung[FW_TASK_USB] && !fw->hung[FW_TASK_SENSOR];
	case MNP_TEST_STOP_PATH:
		fw->self_test.stop_us = TEST_STOP_US;
		return true;
	}
	return false;
}

/* One test at a time, the lowest bit first. */
void fw_self_test_step(struct firmware *fw, uint64_t now_us)
{
	struct mnp_self_test *t = &fw->self_test;
	uint32_t left, test;

	while (fw->self_test_due_us && now_us >= fw->self_test_due_us) {
		left = t->asked & ~t->done;
		test = left & -left;
		if (!test_passes(fw, test)) {
			if (!t->failed)
				t->detail = test;
			t->failed |= test;
		}
		t->done |= test;
		fw->self_test_due_us += TEST_US;
		if (t->done != t->asked)
			continue;
		fw->self_test_due_us = 0;
		fw_note_simple(fw, now_us, FW_NOTE_SELF_TEST, t->failed,
			       t->asked, FW_FROM_SELF);
	}
}

static int telemetry_rate(struct firmware *fw, uint64_t now_us,
			  const struct fw_setup *s)
{
	if (s->value < MNP_TELEMETRY_MIN_MS || s->value > MNP_TELEMETRY_MAX_MS)
		return fw_answer(fw, now_us, s, 0, MNP_RESULT_UNKNOWN);
	if (fw->token || fw->drive.on)
		return fw_answer(fw, now_us, s, 0, MNP_RESULT_STATE);
	fw->telemetry_period_us = s->value * UINT32_C(1000);
	fw->telemetry_due_us = now_us;
	fw_note_simple(fw, now_us, FW_NOTE_PERIOD, s->value, 0, FW_FROM_EP0);
	return fw_answer(fw, now_us, s, 0, MNP_RESULT_OK);
}

static int identify(struct firmware *fw, uint64_t now_us,
		    const struct fw_setup *s)
{
	fw->identify_until_us = now_us + MNP_IDENTIFY_MS * UINT64_C(1000);
	fw_note_simple(fw, now_us, FW_NOTE_IDENTIFY, 0, 0, FW_FROM_EP0);
	return fw_answer(fw, now_us, s, 0, MNP_RESULT_OK);
}

int fw_service(struct firmware *fw, uint64_t now_us, const struct fw_setup *s,
	       uint8_t *data, size_t len)
{
	switch (s->request) {
	case MNP_REQ_CLEAR_FAULT:
		return clear_fault(fw, now_us, s, data, len);
	case MNP_REQ_GET_CALIB:
		return get_calib(fw, s->value, data);
	case MNP_REQ_GET_CARTRIDGE:
		return get_cartridge(fw, data);
	case MNP_REQ_MARK_CARTRIDGE:
		return mark_cartridge(fw, now_us, s, data, len);
	case MNP_REQ_SELF_TEST:
		return self_test(fw, now_us, s);
	case MNP_REQ_GET_SELF_TEST:
		mnp_self_test_encode(&fw->self_test, data);
		return MNP_SELF_TEST_LEN;
	case MNP_REQ_IDENTIFY:
		return identify(fw, now_us, s);
	case MNP_REQ_TELEMETRY_RATE:
		return telemetry_rate(fw, now_us, s);
	}
	return fw_answer(fw, now_us, s, 0, MNP_RESULT_UNKNOWN);
}
