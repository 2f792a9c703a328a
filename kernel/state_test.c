// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the state machine. The table below is what the document
 * says, written by hand and without looking into state.c: each event in each
 * state, where it leads and what is done on the way.
 */
#include <kunit/test.h>

#include "state.h"

enum {
	NONE,
	IDLE = MNPEN_STATE_IDLE,
	ARMED = MNPEN_STATE_ARMED,
	RUNNING = MNPEN_STATE_RUNNING,
	STOPPING = MNPEN_STATE_STOPPING,
	FAULT = MNPEN_STATE_FAULT,
	SUSPENDED = MNPEN_STATE_SUSPENDED,
	RESETTING = MNPEN_STATE_RESETTING,
	LIMP = MNPEN_STATE_LIMP,
	UPDATE = MNPEN_STATE_UPDATE,
	GONE = MNPEN_STATE_GONE,
	STATES
};

#define A_LATCH		MNPEN_A_LATCH
#define A_DISARM	MNPEN_A_DISARM
#define A_STALE		MNPEN_A_STALE
#define A_STOP		MNPEN_A_STOP
#define A_CONFIRM	MNPEN_A_CONFIRM
#define A_SETTLED	MNPEN_A_SETTLED
#define A_EP0		MNPEN_A_EP0_STOP
#define A_USB		MNPEN_A_RESET

/* A motor that may turn is stopped, and rest is waited for. */
#define A_HALT	(A_LATCH | A_DISARM | A_STALE | A_STOP | A_CONFIRM)
/* The pen goes out of reach: it is told to stop, and nothing is awaited. */
#define A_LEAVE	(A_DISARM | A_STALE | A_STOP | A_SETTLED)
/* It is out of reach already: there is nobody to tell. */
#define A_FORGET	(A_DISARM | A_STALE | A_SETTLED)

struct cell {
	u8 to;
	u8 actions;
};

/* A state that is left out: it stays, and nothing is done. */
static const struct cell table[MNPEN_E_COUNT][STATES] = {
	[MNPEN_E_ARM] = { [IDLE] = { ARMED, 0 } },
	/* The session lives, the reason stays: nothing has moved yet. */
	[MNPEN_E_ARM_FAILED] = {
		[ARMED]		= { STOPPING, A_DISARM | A_STOP | A_CONFIRM },
	},
	[MNPEN_E_RUN] = { [ARMED] = { RUNNING, 0 } },
	[MNPEN_E_RUN_REFUSED] = { [RUNNING] = { ARMED, 0 } },
	/* Sent wherever somebody can hear it, also again and again. */
	[MNPEN_E_STOP] = {
		[IDLE]		= { IDLE, A_STOP },
		[ARMED]		= { STOPPING, A_HALT },
		[RUNNING]	= { STOPPING, A_HALT },
		[STOPPING]	= { STOPPING, A_STOP },
		[FAULT]		= { FAULT, A_STOP },
		[SUSPENDED]	= { SUSPENDED, 0 },
		[RESETTING]	= { RESETTING, 0 },
		[LIMP]		= { LIMP, A_STOP },
		[UPDATE]	= { UPDATE, 0 },
		[GONE]		= { GONE, 0 },
	},
	/* As STOP, but where nothing should move it is a stop of its own. */
	[MNPEN_E_UNEXPECTED] = {
		[IDLE]		= { STOPPING, A_HALT },
		[ARMED]		= { STOPPING, A_HALT },
		[RUNNING]	= { STOPPING, A_HALT },
		[STOPPING]	= { STOPPING, A_STOP },
		[FAULT]		= { FAULT, A_STOP | A_CONFIRM },
		[SUSPENDED]	= { SUSPENDED, 0 },
		[RESETTING]	= { RESETTING, 0 },
		[LIMP]		= { LIMP, A_STOP },
		[UPDATE]	= { UPDATE, 0 },
		[GONE]		= { GONE, 0 },
	},
	/* A fault outlives the motion that it ended. */
	[MNPEN_E_SETTLED] = {
		[STOPPING]	= { IDLE, A_SETTLED },
		[FAULT]		= { FAULT, A_SETTLED },
	},
	[MNPEN_E_UNCONFIRMED] = {
		[STOPPING]	= { STOPPING, A_STOP | A_EP0 },
		[FAULT]		= { FAULT, A_STOP | A_EP0 },
	},
	[MNPEN_E_DEFIANT] = {
		[STOPPING]	= { STOPPING, A_USB },
		[FAULT]		= { FAULT, A_USB },
	},
	/* The first cause stays when one was being stopped for already. */
	[MNPEN_E_FAULT] = {
		[IDLE]		= { FAULT, A_STALE | A_STOP },
		[ARMED]		= { FAULT, A_HALT },
		[RUNNING]	= { FAULT, A_HALT },
		[STOPPING]	= { FAULT, A_STALE | A_STOP },
	},
	[MNPEN_E_FAULT_CLEARED] = { [FAULT] = { IDLE, 0 } },
	[MNPEN_E_MISMATCH] = {
		[IDLE]		= { LIMP, A_LEAVE },
		[ARMED]		= { LIMP, A_LEAVE | A_LATCH },
		[RUNNING]	= { LIMP, A_LEAVE | A_LATCH },
		[STOPPING]	= { LIMP, A_LEAVE },
		[FAULT]		= { LIMP, A_LEAVE },
		[SUSPENDED]	= { LIMP, A_FORGET },
		[RESETTING]	= { LIMP, A_FORGET },
		[LIMP]		= { LIMP, 0 },
		[UPDATE]	= { LIMP, A_FORGET },
		[GONE]		= { GONE, 0 },
	},
	[MNPEN_E_SUSPEND] = {
		[IDLE]		= { SUSPENDED, A_LEAVE },
		[ARMED]		= { SUSPENDED, A_LEAVE | A_LATCH },
		[RUNNING]	= { SUSPENDED, A_LEAVE | A_LATCH },
		[STOPPING]	= { SUSPENDED, A_LEAVE },
		[FAULT]		= { SUSPENDED, A_LEAVE },
		[SUSPENDED]	= { SUSPENDED, 0 },
		[RESETTING]	= { SUSPENDED, A_FORGET },
		[LIMP]		= { SUSPENDED, A_LEAVE },
		[UPDATE]	= { SUSPENDED, A_FORGET },
		[GONE]		= { GONE, 0 },
	},
	[MNPEN_E_RESET] = {
		[IDLE]		= { RESETTING, A_LEAVE },
		[ARMED]		= { RESETTING, A_LEAVE | A_LATCH },
		[RUNNING]	= { RESETTING, A_LEAVE | A_LATCH },
		[STOPPING]	= { RESETTING, A_LEAVE },
		[FAULT]		= { RESETTING, A_LEAVE },
		[SUSPENDED]	= { RESETTING, A_FORGET },
		[RESETTING]	= { RESETTING, 0 },
		[LIMP]		= { RESETTING, A_LEAVE },
		[UPDATE]	= { RESETTING, A_FORGET },
		[GONE]		= { GONE, 0 },
	},
	/* To rest, whatever it did before. */
	[MNPEN_E_RETURN] = {
		[SUSPENDED]	= { IDLE, 0 },
		[RESETTING]	= { IDLE, 0 },
	},
	[MNPEN_E_DETACH] = { [IDLE] = { UPDATE, A_STALE } },
	/* The caller has sent STOP before; there is no endpoint any more. */
	[MNPEN_E_DISCONNECT] = {
		[IDLE]		= { GONE, A_FORGET },
		[ARMED]		= { GONE, A_FORGET | A_LATCH },
		[RUNNING]	= { GONE, A_FORGET | A_LATCH },
		[STOPPING]	= { GONE, A_FORGET },
		[FAULT]		= { GONE, A_FORGET },
		[SUSPENDED]	= { GONE, A_FORGET },
		[RESETTING]	= { GONE, A_FORGET },
		[LIMP]		= { GONE, A_FORGET },
		[UPDATE]	= { GONE, A_FORGET },
		[GONE]		= { GONE, 0 },
	},
};

struct event {
	enum mnpen_state_event event;
	const char *name;
};

#define EVENT(e) { MNPEN_E_##e, #e }

static const struct event events[] = {
	EVENT(ARM), EVENT(ARM_FAILED), EVENT(RUN), EVENT(RUN_REFUSED),
	EVENT(STOP), EVENT(UNEXPECTED), EVENT(SETTLED), EVENT(UNCONFIRMED),
	EVENT(DEFIANT), EVENT(FAULT), EVENT(FAULT_CLEARED), EVENT(MISMATCH),
	EVENT(SUSPEND), EVENT(RESET), EVENT(RETURN), EVENT(DETACH),
	EVENT(DISCONNECT),
};

static void describe(const struct event *e, char *desc)
{
	strscpy(desc, e->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(event, events, describe);

static void event_does_what_the_table_says(struct kunit *test)
{
	const struct event *e = test->param_value;
	unsigned int state;

	for (state = IDLE; state <= GONE; state++) {
		struct mnpen_step step = mnpen_next(state, e->event);
		struct cell want = table[e->event][state];

		if (want.to == NONE)
			want.to = state;
		KUNIT_EXPECT_EQ_MSG(test, (unsigned int)step.state,
				    (unsigned int)want.to,
				    "from %s", mnpen_state_name(state));
		KUNIT_EXPECT_EQ_MSG(test, step.actions,
				    (unsigned int)want.actions,
				    "from %s", mnpen_state_name(state));
	}
}

static void the_table_has_every_event(struct kunit *test)
{
	unsigned int i;

	KUNIT_ASSERT_EQ(test, ARRAY_SIZE(events), (size_t)MNPEN_E_COUNT);
	for (i = 0; i < ARRAY_SIZE(events); i++)
		KUNIT_EXPECT_EQ(test, (unsigned int)events[i].event, i);
}

/* What user space says nothing about, and numbers that are no event */
static void nonsense_changes_nothing(struct kunit *test)
{
	static const unsigned int numbers[] = { 0, STATES, 255 };
	struct mnpen_step step;
	unsigned int event, i;

	for (i = IDLE; i <= GONE; i++) {
		step = mnpen_next(i, MNPEN_E_COUNT);
		KUNIT_EXPECT_EQ(test, (unsigned int)step.state, i);
		KUNIT_EXPECT_EQ(test, step.actions, 0u);
	}
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		for (event = 0; event < MNPEN_E_COUNT; event++) {
			step = mnpen_next(numbers[i], event);
			KUNIT_EXPECT_FALSE(test, mnpen_state_live(step.state));
		}
	}
}

static void only_two_states_may_move(struct kunit *test)
{
	unsigned int state;

	for (state = 0; state <= STATES; state++)
		KUNIT_EXPECT_EQ(test, mnpen_state_live(state),
				state == ARMED || state == RUNNING);
}

/* Whatever two events come after a stop, only ARM leads back to a live one. */
static void nothing_starts_again_by_itself(struct kunit *test)
{
	unsigned int state, a, b;
	struct mnpen_step step;

	for (state = IDLE; state <= GONE; state++) {
		if (mnpen_state_live(state))
			continue;
		for (a = 0; a < MNPEN_E_COUNT; a++) {
			for (b = 0; b < MNPEN_E_COUNT; b++) {
				if (a == MNPEN_E_ARM || b == MNPEN_E_ARM)
					continue;
				step = mnpen_next(state, a);
				step = mnpen_next(step.state, b);
				KUNIT_ASSERT_FALSE(test,
						   mnpen_state_live(step.state));
			}
		}
	}
}

static void only_foreseen_stops_keep_the_session(struct kunit *test)
{
	u32 reason;

	for (reason = 0; reason < 64; reason++)
		KUNIT_EXPECT_EQ(test, mnpen_stop_keeps_session(reason),
				reason == MNPEN_STOP_USER ||
				reason == MNPEN_STOP_DURATION);
}

static void names_are_there_and_differ(struct kunit *test)
{
	u32 i, j;

	for (i = IDLE; i <= GONE; i++) {
		KUNIT_EXPECT_STRNEQ(test, mnpen_state_name(i), "unknown");
		for (j = IDLE; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, mnpen_state_name(i),
					    mnpen_state_name(j));
	}
	for (i = 0; i <= MNPEN_STOP_DEVICE; i++) {
		KUNIT_EXPECT_STRNEQ(test, mnpen_stop_reason_name(i), "unknown");
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, mnpen_stop_reason_name(i),
					    mnpen_stop_reason_name(j));
	}
	KUNIT_EXPECT_STREQ(test, mnpen_state_name(0), "unknown");
	KUNIT_EXPECT_STREQ(test, mnpen_state_name(STATES), "unknown");
	KUNIT_EXPECT_STREQ(test, mnpen_state_name(U32_MAX), "unknown");
	KUNIT_EXPECT_STREQ(test, mnpen_stop_reason_name(MNPEN_STOP_DEVICE + 1),
			   "unknown");
	KUNIT_EXPECT_STREQ(test, mnpen_stop_reason_name(U32_MAX), "unknown");
}

static struct kunit_case state_cases[] = {
	KUNIT_CASE(the_table_has_every_event),
	KUNIT_CASE_PARAM(event_does_what_the_table_says, event_gen_params),
	KUNIT_CASE(nonsense_changes_nothing),
	KUNIT_CASE(only_two_states_may_move),
	KUNIT_CASE(nothing_starts_again_by_itself),
	KUNIT_CASE(only_foreseen_stops_keep_the_session),
	KUNIT_CASE(names_are_there_and_differ),
	{ }
};

static struct kunit_suite state_suite = {
	.name = "mnpen_state",
	.test_cases = state_cases,
};

kunit_test_suite(state_suite);
