// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the wire protocol: known bytes, and what must be refused.
 *
 * Every input is copied into memory of exactly its length first, so that
 * KASAN sees a decoder that reads one byte too many.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "proto.h"

#define LENGTH_MAX	(2 * MNP_CAPS_MAX_LEN)
#define FILL		0xa5

union image {
	__u32 checksum;
	struct mnp_telemetry telemetry;
	struct mnp_event event;
	struct mnp_out out;
	struct mnp_arm arm;
	struct mnp_arm_reply arm_reply;
	struct mnp_run run;
	struct mnp_limits limits;
	struct mnp_result result;
	struct mnp_clear clear;
	struct mnp_mark mark;
	struct mnp_calib calib;
	struct mnp_cartridge cartridge;
	struct mnp_self_test self_test;
	struct mnp_caps caps;
};

/* The functions of proto.h in one shape */
struct kind {
	const char *name;
	size_t len;			/* of what our encoder writes */
	size_t image_len;
	int (*decode)(const __u8 *buf, size_t len, union image *im);
	void (*encode)(union image *im, __u8 *buf);
};

#define KIND(k, length)							\
static int decode_##k(const __u8 *buf, size_t len, union image *im)	\
{									\
	return mnp_##k##_decode(buf, len, &im->k);			\
}									\
static void encode_##k(union image *im, __u8 *buf)			\
{									\
	mnp_##k##_encode(&im->k, buf);					\
}									\
static const struct kind kind_##k = {					\
	.name = #k,							\
	.len = length,							\
	.image_len = sizeof(struct mnp_##k),				\
	.decode = decode_##k,						\
	.encode = encode_##k,						\
}

KIND(telemetry, MNP_PACKET_LEN);
KIND(event, MNP_PACKET_LEN);
KIND(out, MNP_OUT_LEN);
KIND(arm, MNP_ARM_LEN);
KIND(arm_reply, MNP_ARM_REPLY_LEN);
KIND(run, MNP_RUN_LEN);
KIND(limits, MNP_LIMITS_LEN);
KIND(result, MNP_RESULT_LEN);
KIND(clear, MNP_CLEAR_LEN);
KIND(mark, MNP_MARK_LEN);
KIND(calib, MNP_CALIB_LEN);
KIND(cartridge, MNP_CARTRIDGE_LEN);
KIND(self_test, MNP_SELF_TEST_LEN);
KIND(caps, MNP_CAPS_LEN);

/* A checksum has no codec: the number is in want.checksum. */
static const struct kind kind_crc16 = { .name = "crc16" };
static const struct kind kind_crc32 = { .name = "crc32" };

static const struct kind *const kinds[] = {
	&kind_telemetry, &kind_event, &kind_out, &kind_arm, &kind_arm_reply,
	&kind_run, &kind_limits, &kind_result, &kind_clear, &kind_mark,
	&kind_calib, &kind_cartridge, &kind_self_test, &kind_caps,
};

struct vector {
	unsigned int line;		/* of proto-vectors.txt */
	const struct kind *kind;
	int error;			/* what the decoder has to return */
	bool ours;			/* our encoder writes these bytes */
	const char *bytes;
	size_t len;
	union image want;
};

#define VECTOR(number, k, err, is_ours, data, ...) {			\
	.line = number,							\
	.kind = &kind_##k,						\
	.error = err,							\
	.ours = is_ours,						\
	.bytes = data,							\
	.len = sizeof(data) - 1,					\
	.want = { __VA_ARGS__ },					\
},
#define OK_VECTOR(number, k, data, ...) \
	VECTOR(number, k, MNP_OK, true, data, .k = { __VA_ARGS__ })
/* Somebody else's bytes: reserved ones are not 0, or it is a longer image. */
#define IN_VECTOR(number, k, data, ...) \
	VECTOR(number, k, MNP_OK, false, data, .k = { __VA_ARGS__ })
#define BAD_VECTOR(number, k, err, data) \
	VECTOR(number, k, err, false, data)
#define CRC16_VECTOR(number, sum, data) \
	VECTOR(number, crc16, MNP_OK, false, data, .checksum = sum)
#define CRC32_VECTOR(number, sum, data) \
	VECTOR(number, crc32, MNP_OK, false, data, .checksum = sum)

static const struct vector vectors[] = {
#include "proto_vectors.h"
};

static void describe(const struct vector *v, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s_line_%u", v->kind->name,
		 v->line);
}

KUNIT_ARRAY_PARAM(vector, vectors, describe);

/* Memory that ends where the bytes end. */
static __u8 *exactly(struct kunit *test, const void *bytes, size_t len)
{
	__u8 *buf = kunit_kzalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	memcpy(buf, bytes, len);
	return buf;
}

/* Decodes into memory full of @fill; nothing of it may change on error. */
static void expect_decode(struct kunit *test, const struct kind *kind,
			  const __u8 *buf, size_t len, int error,
			  union image *im, __u8 fill)
{
	size_t i;

	memset(im, fill, sizeof(*im));
	KUNIT_EXPECT_EQ_MSG(test, kind->decode(buf, len, im), error,
			    "%s of %zu bytes", kind->name, len);
	for (i = error ? 0 : kind->image_len; i < sizeof(*im); i++)
		KUNIT_ASSERT_EQ_MSG(test, ((__u8 *)im)[i], fill,
				    "%s wrote byte %zu", kind->name, i);
}

static void check_accepted(struct kunit *test, const struct vector *v,
			   const __u8 *buf)
{
	__u8 *mine = kunit_kzalloc(test, v->kind->len, GFP_KERNEL);
	__u8 *back = kunit_kzalloc(test, v->kind->len, GFP_KERNEL);
	union image im;

	KUNIT_ASSERT_NOT_NULL(test, mine);
	KUNIT_ASSERT_NOT_NULL(test, back);
	expect_decode(test, v->kind, buf, v->len, MNP_OK, &im, 0);
	KUNIT_EXPECT_EQ(test, memcmp(&im, &v->want, v->kind->image_len), 0);

	/* A field that the decoder forgets still has the fill in it. */
	memset(mine, FILL, v->kind->len);
	v->kind->encode(&im, mine);
	expect_decode(test, v->kind, buf, v->len, MNP_OK, &im, FILL);
	v->kind->encode(&im, back);
	KUNIT_EXPECT_EQ(test, memcmp(mine, back, v->kind->len), 0);
	if (!v->ours)
		return;
	KUNIT_ASSERT_EQ(test, v->len, v->kind->len);
	KUNIT_EXPECT_EQ(test, memcmp(mine, v->bytes, v->len), 0);
}

static void golden_vector_holds(struct kunit *test)
{
	const struct vector *v = test->param_value;
	__u8 *buf = exactly(test, v->bytes, v->len);
	union image im;

	if (v->kind == &kind_crc16)
		KUNIT_EXPECT_EQ(test, mnp_crc16(buf, v->len),
				v->want.checksum);
	else if (v->kind == &kind_crc32)
		KUNIT_EXPECT_EQ(test, mnp_crc32(buf, v->len),
				v->want.checksum);
	else if (v->error)
		expect_decode(test, v->kind, buf, v->len, v->error, &im, FILL);
	else
		check_accepted(test, v, buf);
}

/* Vectors that stopped being there would not fail by themselves. */
static void every_kind_and_error_has_a_vector(struct kunit *test)
{
	bool accepted[ARRAY_SIZE(kinds)] = { };
	bool refused[ARRAY_SIZE(kinds)] = { };
	bool errors[1 - MNP_ERR_VERSION] = { };
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		errors[-vectors[i].error] = true;
		for (k = 0; k < ARRAY_SIZE(kinds); k++) {
			if (vectors[i].kind != kinds[k])
				continue;
			if (vectors[i].error)
				refused[k] = true;
			else
				accepted[k] = true;
		}
	}
	for (k = 0; k < ARRAY_SIZE(kinds); k++)
		KUNIT_EXPECT_TRUE_MSG(test, accepted[k] && refused[k],
				      "%s", kinds[k]->name);
	for (i = 0; i < ARRAY_SIZE(errors); i++)
		KUNIT_EXPECT_TRUE_MSG(test, errors[i], "error -%zu", i);
}

/* @v or the next one behind it that we could have sent ourselves, or NULL */
static const struct vector *ours(const struct vector *v)
{
	for (; v < vectors + ARRAY_SIZE(vectors); v++)
		if (v->ours)
			return v;
	return NULL;
}

static void check_lengths(struct kunit *test, const struct vector *v)
{
	union image im;
	size_t len;
	__u8 *buf;

	for (len = 0; len <= LENGTH_MAX; len++) {
		/* What follows the capabilities belongs to a newer version. */
		if (len == v->len ||
		    (v->kind == &kind_caps && len > v->len))
			continue;
		buf = kzalloc(len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, buf);
		memcpy(buf, v->bytes, min(len, v->len));
		expect_decode(test, v->kind, buf, len, MNP_ERR_LENGTH, &im,
			      FILL);
		kfree(buf);
	}
}

static void every_other_length_is_refused(struct kunit *test)
{
	const struct vector *v;

	for (v = ours(vectors); v; v = ours(v + 1))
		check_lengths(test, v);
}

static void check_bits(struct kunit *test, const struct vector *v)
{
	__u8 *buf = exactly(test, v->bytes, v->len);
	union image im;
	size_t bit;

	for (bit = 0; bit < 8 * v->len; bit++) {
		buf[bit / 8] ^= 1 << bit % 8;
		memset(&im, FILL, sizeof(im));
		KUNIT_EXPECT_LT_MSG(test, v->kind->decode(buf, v->len, &im), 0,
				    "%s, bit %zu", v->kind->name, bit);
		buf[bit / 8] ^= 1 << bit % 8;
	}
	/* All of them are back: it was the bit that made the difference. */
	KUNIT_EXPECT_EQ(test, v->kind->decode(buf, v->len, &im), 0);
}

static void every_flipped_bit_is_refused(struct kunit *test)
{
	const struct vector *v;

	for (v = ours(vectors); v; v = ours(v + 1))
		check_bits(test, v);
}

static void check_type(struct kunit *test, const struct vector *v)
{
	__u8 *buf = exactly(test, v->bytes, v->len);
	int want = MNP_ERR_LENGTH;

	if (v->kind == &kind_telemetry)
		want = MNP_PACKET_TELEMETRY;
	else if (v->kind == &kind_event)
		want = MNP_PACKET_EVENT;
	KUNIT_EXPECT_EQ_MSG(test, mnp_packet_type(buf, v->len), want,
			    "%s", v->kind->name);
}

static void packets_are_told_apart(struct kunit *test)
{
	const struct vector *v;

	for (v = ours(vectors); v; v = ours(v + 1))
		check_type(test, v);
}

/* The longest text that fits ends in a NUL all the same. */
static void texts_end_within_their_field(struct kunit *test)
{
	struct mnp_caps caps = { .major = MNP_PROTO_MAJOR }, back;
	__u8 buf[MNP_CAPS_LEN];

	memset(caps.fw_version, 'f', MNP_STR_LEN);
	memset(caps.hw_model, 'h', MNP_STR_LEN);
	mnp_caps_encode(&caps, buf);
	KUNIT_ASSERT_EQ(test, mnp_caps_decode(buf, sizeof(buf), &back), 0);
	KUNIT_EXPECT_EQ(test, strnlen(back.fw_version, MNP_STR_LEN),
			MNP_STR_LEN - 1);
	KUNIT_EXPECT_EQ(test, strnlen(back.hw_model, MNP_STR_LEN),
			MNP_STR_LEN - 1);
}

static struct kunit_case proto_cases[] = {
	KUNIT_CASE_PARAM(golden_vector_holds, vector_gen_params),
	KUNIT_CASE(every_kind_and_error_has_a_vector),
	KUNIT_CASE(every_other_length_is_refused),
	KUNIT_CASE(every_flipped_bit_is_refused),
	KUNIT_CASE(packets_are_told_apart),
	KUNIT_CASE(texts_end_within_their_field),
	{ }
};

static struct kunit_suite proto_suite = {
	.name = "mnpen_proto",
	.test_cases = proto_cases,
};

kunit_test_suite(proto_suite);

MODULE_DESCRIPTION("KUnit tests of mnpen");
MODULE_LICENSE("GPL");
