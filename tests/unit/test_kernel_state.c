// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Proves that the driver's transition function does what its document says in
 * every state for every event, and the rules that make it safe.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/mnpenctl/source.h"
#include "kernel/state.h"

#define FIRST	MNPEN_STATE_IDLE
#define LAST	MNPEN_STATE_GONE

/*
 * One letter for a state, in the order of their numbers; "." is "stays".
 * Idle Armed Running Stopping Fault sUspended resetting(Z) Limp upDate Gone
 */
static const char state_letters[] = "-IARSFUZLDG";

/* Letters of the actions, in the order of their bits. */
static const char action_letters[] = "ldsoctex";

struct row {
	enum mnpen_state_event event;
	const char *name;
	const char *cell[LAST];		/* for IDLE ... GONE */
};

#define ROW(name, ...) { MNPEN_E_##name, #name, { __VA_ARGS__ } }

/*
 * l latch the reason, d disarm, s session stale, o STOP on the OUT endpoint,
 * c wait for confirmation, t settled, e STOP on EP0, x reset
 */
static const struct row table[] = {
	/*             I         A         R         S        F       U      Z      L       D      G */
	ROW(ARM,       "A",      ".",      ".",      ".",     ".",    ".",   ".",   ".",    ".",   "."),
	ROW(ARM_FAILED, ".",     "S doc",  ".",      ".",     ".",    ".",   ".",   ".",    ".",   "."),
	ROW(RUN,       ".",      "R",      ".",      ".",     ".",    ".",   ".",   ".",    ".",   "."),
	ROW(RUN_REFUSED, ".",    ".",      "A",      ".",     ".",    ".",   ".",   ".",    ".",   "."),
	ROW(STOP,      ". o",    "S ldsoc", "S ldsoc", ". o", ". o",  ".",   ".",   ". o",  ".",   "."),
	ROW(UNEXPECTED, "S ldsoc", "S ldsoc", "S ldsoc", ". o", ". oc", ".", ".",   ". o",  ".",   "."),
	ROW(SETTLED,   ".",      ".",      ".",      "I t",   ". t",  ".",   ".",   ".",    ".",   "."),
	ROW(UNCONFIRMED, ".",    ".",      ".",      ". oe",  ". oe", ".",   ".",   ".",    ".",   "."),
	ROW(DEFIANT,   ".",      ".",      ".",      ". x",   ". x",  ".",   ".",   ".",    ".",   "."),
	ROW(FAULT,     "F so",   "F ldsoc", "F ldsoc", "F so", ".",   ".",   ".",   ".",    ".",   "."),
	ROW(FAULT_CLEARED, ".",  ".",      ".",      ".",     "I",    ".",   ".",   ".",    ".",   "."),
	ROW(MISMATCH,  "L dsot", "L ldsot", "L ldsot", "L dsot", "L dsot", "L dst", "L dst", ".", "L dst", "."),
	ROW(SUSPEND,   "U dsot", "U ldsot", "U ldsot", "U dsot", "U dsot", ".", "U dst", "U dsot", "U dst", "."),
	ROW(RESET,     "Z dsot", "Z ldsot", "Z ldsot", "Z dsot", "Z dsot", "Z dst", ".", "Z dsot", "Z dst", "."),
	ROW(RETURN,    ".",      ".",      ".",      ".",     ".",    "I",   "I",   ".",    ".",   "."),
	ROW(DETACH,    "D s",    ".",      ".",      ".",     ".",    ".",   ".",   ".",    ".",   "."),
	ROW(DISCONNECT, "G dst", "G ldst", "G ldst", "G dst", "G dst", "G dst", "G dst", "G dst", "G dst", "."),
};

static void describe(struct mnpen_step step, enum mnpen_state from,
		     char out[16])
{
	unsigned int bit;
	char *p = out;

	*p++ = step.state == from ? '.' : state_letters[step.state];
	if (step.actions)
		*p++ = ' ';
	for (bit = 0; action_letters[bit]; bit++)
		if (step.actions & 1u << bit)
			*p++ = action_letters[bit];
	*p = '\0';
}

static void every_pair_does_what_the_table_says(void **unused)
{
	unsigned int event, state, wrong = 0;
	char got[16];

	(void)unused;
	assert_int_equal(sizeof(table) / sizeof(table[0]), MNPEN_E_COUNT);
	for (event = 0; event < MNPEN_E_COUNT; event++) {
		assert_int_equal(table[event].event, event);
		for (state = FIRST; state <= LAST; state++) {
			const char *want = table[event].cell[state - FIRST];

			describe(mnpen_next(state, event), state, got);
			if (!strcmp(want, got))
				continue;
			wrong++;
			fprintf(stderr, "# %s in %s: '%s', not '%s'\n",
				table[event].name, mnpen_state_name(state),
				got, want);
		}
	}
	assert_int_equal(wrong, 0);
}

/* Calls @check for every pair. */
static void each(void (*check)(enum mnpen_state from,
			       enum mnpen_state_event event,
			       struct mnpen_step step))
{
	unsigned int event, state;

	for (event = 0; event < MNPEN_E_COUNT; event++)
		for (state = FIRST; state <= LAST; state++)
			check(state, event, mnpen_next(state, event));
}

static void entry(enum mnpen_state from, enum mnpen_state_event event,
		  struct mnpen_step step)
{
	if (step.state == from)
		return;
	if (step.state == MNPEN_STATE_RUNNING)
		assert_true(from == MNPEN_STATE_ARMED && event == MNPEN_E_RUN);
	if (step.state == MNPEN_STATE_ARMED)
		assert_true((from == MNPEN_STATE_IDLE &&
			     event == MNPEN_E_ARM) ||
			    (from == MNPEN_STATE_RUNNING &&
			     event == MNPEN_E_RUN_REFUSED));
}

static void only_arm_and_run_lead_to_motion(void **unused)
{
	(void)unused;
	each(entry);
}

static void exit_from_live(enum mnpen_state from, enum mnpen_state_event event,
			   struct mnpen_step step)
{
	(void)event;
	if (!mnpen_state_live(from) || mnpen_state_live(step.state))
		return;
	assert_true(step.actions & MNPEN_A_DISARM);
	/* After disconnect there is no endpoint; it sends STOP before. */
	if (step.state != MNPEN_STATE_GONE)
		assert_true(step.actions & MNPEN_A_STOP);
}

static void whatever_ends_motion_disarms_and_sends_stop(void **unused)
{
	(void)unused;
	each(exit_from_live);
}

static void stop(enum mnpen_state from, enum mnpen_state_event event,
		 struct mnpen_step step)
{
	if (event != MNPEN_E_STOP)
		return;
	assert_false(mnpen_state_live(step.state));
	switch (from) {
	case MNPEN_STATE_IDLE:
	case MNPEN_STATE_ARMED:
	case MNPEN_STATE_RUNNING:
	case MNPEN_STATE_STOPPING:
	case MNPEN_STATE_FAULT:
	case MNPEN_STATE_LIMP:
		assert_true(step.actions & MNPEN_A_STOP);
		break;
	case MNPEN_STATE_SUSPENDED:
	case MNPEN_STATE_RESETTING:
	case MNPEN_STATE_UPDATE:
	case MNPEN_STATE_GONE:
		break;
	}
}

static void stop_is_sent_wherever_a_pen_can_hear_it(void **unused)
{
	(void)unused;
	each(stop);
}

static void latch(enum mnpen_state from, enum mnpen_state_event event,
		  struct mnpen_step step)
{
	(void)event;
	if (step.actions & MNPEN_A_LATCH)
		assert_true(mnpen_state_live(from) ||
			    from == MNPEN_STATE_IDLE);
}

static void a_second_cause_never_replaces_the_first(void **unused)
{
	(void)unused;
	each(latch);
}

static void gone(enum mnpen_state from, enum mnpen_state_event event,
		 struct mnpen_step step)
{
	(void)event;
	if (from != MNPEN_STATE_GONE)
		return;
	assert_int_equal(step.state, MNPEN_STATE_GONE);
	assert_int_equal(step.actions, 0);
}

static void gone_is_final(void **unused)
{
	(void)unused;
	each(gone);
}

static void only_foreseen_stops_keep_the_session(void **unused)
{
	__u32 reason;

	(void)unused;
	for (reason = 0; reason < 32; reason++)
		assert_int_equal(mnpen_stop_keeps_session(reason),
				 reason == MNPEN_STOP_USER ||
				 reason == MNPEN_STOP_DURATION);
}

static void every_state_and_reason_has_a_name_of_its_own(void **unused)
{
	__u32 i, j;

	(void)unused;
	for (i = FIRST; i <= LAST; i++) {
		assert_string_not_equal(mnpen_state_name(i), "unknown");
		for (j = FIRST; j < i; j++)
			assert_string_not_equal(mnpen_state_name(i),
						mnpen_state_name(j));
	}
	for (i = 0; i <= MNPEN_STOP_DEVICE; i++) {
		assert_string_not_equal(mnpen_stop_reason_name(i), "unknown");
		for (j = 0; j < i; j++)
			assert_string_not_equal(mnpen_stop_reason_name(i),
						mnpen_stop_reason_name(j));
	}
	assert_string_equal(mnpen_state_name(0), "unknown");
	assert_string_equal(mnpen_state_name(LAST + 1), "unknown");
	assert_string_equal(mnpen_state_name(UINT32_MAX), "unknown");
	assert_string_equal(mnpen_stop_reason_name(MNPEN_STOP_DEVICE + 1),
			    "unknown");
}

/* The client cannot link the driver; it says the same words all the same. */
static void mnpenctl_says_the_drivers_words(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i <= LAST + 1; i++)
		assert_string_equal(name_state(i), mnpen_state_name(i));
	for (i = 0; i <= MNPEN_STOP_DEVICE + 1; i++)
		assert_string_equal(name_stop_reason(i),
				    mnpen_stop_reason_name(i));
	assert_string_equal(name_state(UINT32_MAX), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_does_what_the_table_says),
		cmocka_unit_test(only_arm_and_run_lead_to_motion),
		cmocka_unit_test(whatever_ends_motion_disarms_and_sends_stop),
		cmocka_unit_test(stop_is_sent_wherever_a_pen_can_hear_it),
		cmocka_unit_test(a_second_cause_never_replaces_the_first),
		cmocka_unit_test(gone_is_final),
		cmocka_unit_test(only_foreseen_stops_keep_the_session),
		cmocka_unit_test(every_state_and_reason_has_a_name_of_its_own),
		cmocka_unit_test(mnpenctl_says_the_drivers_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
