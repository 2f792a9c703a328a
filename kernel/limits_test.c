// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of the ratchet: limits come down, and nothing takes them up. */
#include <kunit/test.h>
#include <linux/errno.h>

#include "limits.h"

/* One field of both structs */
struct field {
	const char *name;
	u32 bit;
	size_t held;			/* offset in struct mnp_limits */
	size_t asked;			/* offset in struct mnpen_limits */
	bool is_signed;
};

#define FIELD(f, b, s) {						\
	.name = #f,							\
	.bit = b,							\
	.held = offsetof(struct mnp_limits, f),				\
	.asked = offsetof(struct mnpen_limits, f),			\
	.is_signed = s,							\
}

static const struct field fields[] = {
	FIELD(depth_max_um, MNPEN_LIMIT_DEPTH, false),
	FIELD(rate_max_spm, MNPEN_LIMIT_RATE, false),
	FIELD(run_max_ms, MNPEN_LIMIT_RUN, false),
	FIELD(strokes_max, MNPEN_LIMIT_STROKES, false),
	FIELD(current_max_ma, MNPEN_LIMIT_CURRENT, false),
	FIELD(temp_max_mdegc, MNPEN_LIMIT_TEMP, true),
	FIELD(lease_max_ms, MNPEN_LIMIT_LEASE, false),
};

static void describe(const struct field *f, char *desc)
{
	strscpy(desc, f->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(field, fields, describe);

static const struct mnp_limits in_force = {
	.generation = 7,
	.depth_max_um = 1500,
	.rate_max_spm = 7200,
	.run_max_ms = 120000,
	.strokes_max = 1000000,
	.current_max_ma = 900,
	.temp_max_mdegc = 48000,
	.lease_max_ms = 300,
	.crc32 = 0x12345678,
};

static u32 *held(struct mnp_limits *l, const struct field *f)
{
	return (u32 *)((u8 *)l + f->held);
}

static u32 *asked(struct mnpen_limits *l, const struct field *f)
{
	return (u32 *)((u8 *)l + f->asked);
}

/* Every field as it is in force, changed by @delta; none is valid yet. */
static struct mnpen_limits request(s32 delta)
{
	struct mnp_limits now = in_force;
	struct mnpen_limits req = { };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		*asked(&req, &fields[i]) = *held(&now, &fields[i]) + delta;
	return req;
}

/* Bytes, so that generation and checksum are seen to stay too. */
static void expect_same(struct kunit *test, const struct mnp_limits *a,
			const struct mnp_limits *b)
{
	KUNIT_EXPECT_EQ(test, memcmp(a, b, sizeof(*a)), 0);
}

static void a_field_comes_down_alone(struct kunit *test)
{
	const struct field *f = test->param_value;
	struct mnp_limits cur = in_force, want = in_force;
	struct mnpen_limits req = request(-1);

	req.valid = f->bit;
	--*held(&want, f);
	KUNIT_EXPECT_EQ(test, mnpen_limits_lower(&cur, &req), (int)f->bit);
	expect_same(test, &cur, &want);
	/* Said again it is no change. */
	KUNIT_EXPECT_EQ(test, mnpen_limits_lower(&cur, &req), 0);
	expect_same(test, &cur, &want);
}

static void a_field_never_goes_up(struct kunit *test)
{
	const struct field *f = test->param_value;
	struct mnp_limits cur = in_force;
	struct mnpen_limits req = request(1);

	req.valid = f->bit;
	KUNIT_EXPECT_EQ(test, mnpen_limits_lower(&cur, &req), -EPERM);
	expect_same(test, &cur, &in_force);
	*asked(&req, f) = f->is_signed ? S32_MAX : U32_MAX;
	KUNIT_EXPECT_EQ(test, mnpen_limits_lower(&cur, &req), -EPERM);
	expect_same(test, &cur, &in_force);
}

static void one_raise_spoils_the_whole_request(struct kunit *test)
{
	const struct field *f = test->param_value;
	struct mnp_limits cur = in_force;
	struct mnpen_limits req = request(-1);

	req.valid = MNPEN_LIMIT_ALL;
	*asked(&req, f) = *held(&cur, f) + 1;
	KUNIT_EXPECT_EQ(test, mnpen_limits_lower(&cur, &req), -EPERM);
	expect_same(test, &cur, &in_force);
}

static void a_field_that_is_not_named_is_not_looked_at(struct kunit *test)
{
	const struct field *f = test->param_value;
	struct mnp_limits cur = in_force;
	struct mnpen_limits req = request(-1);

	req.valid = MNPEN_LIMIT_ALL & ~f->bit;
	*asked(&req, f) = *held(&cur, f) + 1;
	KUNIT_EXPECT_EQ(test, mnpen_limits_lower(&cur, &req), (int)req.valid);
	KUNIT_EXPECT_EQ(test, *held(&cur, f), *asked(&req, f) - 1);
}

static void a_field_comes_down_to_its_end(struct kunit *test)
{
	const struct field *f = test->param_value;
	struct mnp_limits cur = in_force;
	struct mnpen_limits req = request(0);
	u32 end = f->is_signed ? (u32)S32_MIN : 0;

	if (f->bit == MNPEN_LIMIT_LEASE)
		end = 1;
	req.valid = f->bit;
	*asked(&req, f) = end;
	KUNIT_EXPECT_EQ(test, mnpen_limits_lower(&cur, &req), (int)f->bit);
	KUNIT_EXPECT_EQ(test, *held(&cur, f), end);
	*asked(&req, f) = end + 1;
	KUNIT_EXPECT_EQ(test, mnpen_limits_lower(&cur, &req), -EPERM);
	KUNIT_EXPECT_EQ(test, *held(&cur, f), end);
}

static void equal_values_succeed_and_change_nothing(struct kunit *test)
{
	struct mnp_limits cur = in_force;
	struct mnpen_limits req = request(0);

	req.valid = MNPEN_LIMIT_ALL;
	KUNIT_EXPECT_EQ(test, mnpen_limits_lower(&cur, &req), 0);
	req.valid = 0;
	KUNIT_EXPECT_EQ(test, mnpen_limits_lower(&cur, &req), 0);
	expect_same(test, &cur, &in_force);
}

static void every_unknown_bit_is_refused(struct kunit *test)
{
	struct mnp_limits cur = in_force;
	struct mnpen_limits req = request(-1);
	u32 known = 0;
	unsigned int bit;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		known |= fields[i].bit;
	KUNIT_EXPECT_EQ(test, known, (u32)MNPEN_LIMIT_ALL);
	for (bit = 0; bit < 32; bit++) {
		if (known & 1u << bit)
			continue;
		req.valid = 1u << bit;
		KUNIT_EXPECT_EQ(test, mnpen_limits_lower(&cur, &req), -EINVAL);
		req.valid |= MNPEN_LIMIT_ALL;
		KUNIT_EXPECT_EQ(test, mnpen_limits_lower(&cur, &req), -EINVAL);
	}
	expect_same(test, &cur, &in_force);
}

static void a_lease_of_zero_is_refused(struct kunit *test)
{
	struct mnp_limits cur = in_force;
	struct mnpen_limits req = request(-1);

	req.valid = MNPEN_LIMIT_ALL;
	req.lease_max_ms = 0;
	KUNIT_EXPECT_EQ(test, mnpen_limits_lower(&cur, &req), -EINVAL);
	expect_same(test, &cur, &in_force);
	/* Nobody asked for one. */
	req.valid &= ~MNPEN_LIMIT_LEASE;
	KUNIT_EXPECT_EQ(test, mnpen_limits_lower(&cur, &req), (int)req.valid);
}

static void minimum_takes_the_lower_of_a_field(struct kunit *test)
{
	const struct field *f = test->param_value;
	struct mnp_limits cur = in_force, lower = in_force;

	--*held(&lower, f);
	lower.generation++;
	KUNIT_EXPECT_FALSE(test, mnpen_limits_equal(&cur, &lower));
	mnpen_limits_min(&lower, &cur);
	KUNIT_EXPECT_EQ(test, *held(&lower, f), *held(&cur, f) - 1);
	mnpen_limits_min(&cur, &lower);
	KUNIT_EXPECT_TRUE(test, mnpen_limits_equal(&cur, &lower));
	KUNIT_EXPECT_EQ(test, cur.generation, in_force.generation);
}

static void generation_and_checksum_are_not_compared(struct kunit *test)
{
	struct mnp_limits other = in_force;

	other.generation++;
	other.crc32++;
	KUNIT_EXPECT_TRUE(test, mnpen_limits_equal(&in_force, &other));
}

static struct kunit_case limits_cases[] = {
	KUNIT_CASE_PARAM(a_field_comes_down_alone, field_gen_params),
	KUNIT_CASE_PARAM(a_field_never_goes_up, field_gen_params),
	KUNIT_CASE_PARAM(one_raise_spoils_the_whole_request, field_gen_params),
	KUNIT_CASE_PARAM(a_field_that_is_not_named_is_not_looked_at,
			 field_gen_params),
	KUNIT_CASE_PARAM(a_field_comes_down_to_its_end, field_gen_params),
	KUNIT_CASE(equal_values_succeed_and_change_nothing),
	KUNIT_CASE(every_unknown_bit_is_refused),
	KUNIT_CASE(a_lease_of_zero_is_refused),
	KUNIT_CASE_PARAM(minimum_takes_the_lower_of_a_field, field_gen_params),
	KUNIT_CASE(generation_and_checksum_are_not_compared),
	{ }
};

static struct kunit_suite limits_suite = {
	.name = "mnpen_limits",
	.test_cases = limits_cases,
};

kunit_test_suite(limits_suite);
