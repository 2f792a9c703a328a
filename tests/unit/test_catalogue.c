// SPDX-License-Identifier: GPL-2.0-or-later
/* The built-in catalogue: every entry is sane, sourced and conservative. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/catalogue/catalogue.h"

#define ABSOLUTE_UM	2500
#define LABEL_UM	1500

/* kebab-case, so that it can be typed on a command line as it is */
static void check_id(const char *id)
{
	size_t n = strlen(id);

	assert_true(n > 0 && n < 32);
	assert_int_equal(strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-"), n);
	assert_true(id[0] != '-' && id[n - 1] != '-');
}

static void check_basis(const struct catalogue_basis *basis)
{
	char codes[64], *code, *rest = codes;
	unsigned int n = 0;

	assert_non_null(basis->sources);
	assert_true(strlen(basis->sources) < sizeof(codes));
	strcpy(codes, basis->sources);
	while ((code = strsep(&rest, " "))) {
		if (!catalogue_source(code))
			fail_msg("no source '%s'", code);
		n++;
	}
	assert_true(n > 0);
	assert_in_range(basis->confidence, 0, CATALOGUE_CONFIDENCES - 1);
}

static void every_area_has_id_name_source_and_confidence(void **state)
{
	const struct catalogue_area *a;
	size_t i;

	(void)state;
	assert_true(catalogue_area_count() >= 20);
	for (i = 0; (a = catalogue_area_at(i)); i++) {
		check_id(a->id);
		assert_true(strlen(a->name) > 0);
		check_basis(&a->basis);
	}
	assert_int_equal(i, catalogue_area_count());
}

static void every_concern_has_id_name_source_and_confidence(void **state)
{
	const struct catalogue_concern *c;
	size_t i;

	(void)state;
	assert_int_equal(catalogue_concern_count(), 13);
	for (i = 0; (c = catalogue_concern_at(i)); i++) {
		check_id(c->id);
		assert_true(strlen(c->name) > 0);
		check_basis(&c->basis);
	}
	assert_int_equal(i, catalogue_concern_count());
}

/* A lookup that finds the entry itself proves that its id is unique. */
static void ids_and_codes_are_unique(void **state)
{
	const struct catalogue_screening *q, *q2;
	const struct catalogue_preparation *p, *p2;
	size_t i, k;

	(void)state;
	for (i = 0; i < catalogue_area_count(); i++)
		assert_ptr_equal(catalogue_area(catalogue_area_at(i)->id),
				 catalogue_area_at(i));
	for (i = 0; i < catalogue_concern_count(); i++)
		assert_ptr_equal(catalogue_concern(catalogue_concern_at(i)->id),
				 catalogue_concern_at(i));
	for (i = 0; i < catalogue_source_count(); i++)
		assert_ptr_equal(catalogue_source(catalogue_source_at(i)->code),
				 catalogue_source_at(i));
	for (i = 0; (q = catalogue_screening_at(i)); i++)
		for (k = 0; k < i && (q2 = catalogue_screening_at(k)); k++)
			assert_string_not_equal(q->code, q2->code);
	for (i = 0; (p = catalogue_preparation_at(i)); i++)
		for (k = 0; k < i && (p2 = catalogue_preparation_at(k)); k++)
			assert_string_not_equal(p->code, p2->code);
}

static void area_depths_rise_from_default_to_absolute(void **state)
{
	const struct catalogue_area *a;
	size_t i;

	(void)state;
	for (i = 0; (a = catalogue_area_at(i)); i++) {
		assert_true(a->depth_default_um <= a->depth_soft_um);
		assert_true(a->depth_soft_um <= a->depth_hard_um);
		assert_true(a->depth_hard_um <= a->depth_abs_um);
		assert_true(a->depth_abs_um <= ABSOLUTE_UM);
	}
}

static void forbidden_sites_allow_nothing(void **state)
{
	static const char *const sites[] = {
		"eyelid", "lips", "nostril", "ear-canal", "mole", "tattoo",
		"active-lesion",
	};
	struct catalogue_limits l;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(sites) / sizeof(sites[0]); i++) {
		const struct catalogue_area *a = catalogue_area(sites[i]);

		assert_non_null(a);
		assert_true(catalogue_area_forbidden(a));
		assert_int_equal(a->depth_hard_um, 0);
		for (k = 0; k < catalogue_concern_count(); k++) {
			memset(&l, 0xff, sizeof(l));
			assert_int_equal(catalogue_limits(a,
					catalogue_concern_at(k), &l), -EPERM);
			assert_int_equal(l.depth_max_um, 0);
			assert_int_equal(l.rate_max_spm, 0);
		}
	}
}

static void every_other_site_allows_something(void **state)
{
	const struct catalogue_area *a;
	size_t i, k, open = 0;

	(void)state;
	for (i = 0; (a = catalogue_area_at(i)); i++) {
		bool used = false;

		if (catalogue_area_forbidden(a))
			continue;
		assert_true(a->depth_default_um > 0);
		for (k = 0; k < catalogue_concern_count(); k++)
			used |= catalogue_allows(a, catalogue_concern_at(k));
		assert_true(used);
		open++;
	}
	assert_int_equal(open, catalogue_area_count() - 7);
}

static void concerns_name_only_areas_that_exist(void **state)
{
	const struct catalogue_concern *c;
	const char *const *id;
	size_t i;

	(void)state;
	for (i = 0; (c = catalogue_concern_at(i)); i++) {
		assert_non_null(c->areas[0]);
		for (id = c->areas; *id; id++) {
			const struct catalogue_area *a = catalogue_area(*id);

			if (!a)
				fail_msg("%s: no area '%s'", c->id, *id);
			assert_false(catalogue_area_forbidden(a));
		}
	}
}

static void concern_figures_are_ordered(void **state)
{
	const struct catalogue_concern *c;
	size_t i;

	(void)state;
	for (i = 0; (c = catalogue_concern_at(i)); i++) {
		assert_true(c->depth_default_um > 0);
		assert_true(c->depth_default_um <= c->depth_cap_um);
		assert_true(c->depth_cap_um <= ABSOLUTE_UM);
		assert_true(c->sessions_min >= 1);
		assert_true(c->sessions_min <= c->sessions_max);
		assert_true(c->interval_min_days >= 14);
		assert_true(c->interval_min_days <=
			    c->interval_recommended_days);
	}
}

/* No pair of entries lets a set point past any ceiling (invariant 12). */
static void limits_never_exceed_area_concern_or_label(void **state)
{
	struct catalogue_limits l;
	size_t i, k, pairs = 0;

	(void)state;
	for (i = 0; i < catalogue_area_count(); i++) {
		for (k = 0; k < catalogue_concern_count(); k++) {
			const struct catalogue_area *a = catalogue_area_at(i);
			const struct catalogue_concern *c =
				catalogue_concern_at(k);

			if (!catalogue_allows(a, c))
				continue;
			assert_int_equal(catalogue_limits(a, c, &l), 0);
			assert_true(l.depth_max_um <= a->depth_hard_um);
			assert_true(l.depth_max_um <= c->depth_cap_um);
			assert_true(l.depth_max_um <= LABEL_UM);
			assert_true(l.depth_soft_um <= l.depth_max_um);
			assert_true(l.depth_default_um <= l.depth_soft_um);
			assert_true(l.depth_default_um > 0);
			assert_true(l.rate_min_spm <= l.rate_default_spm);
			assert_true(l.rate_default_spm <= l.rate_max_spm);
			assert_true(l.session_max_ms <= 3600000);
			pairs++;
		}
	}
	assert_true(pairs > 50);
}

static void cheek_acne_scar_is_1500_hard_1000_soft(void **state)
{
	struct catalogue_limits l;

	(void)state;
	assert_int_equal(catalogue_limits(catalogue_area("cheek"),
				catalogue_concern("acne-scar"), &l), 0);
	assert_int_equal(l.depth_max_um, 1500);
	assert_int_equal(l.depth_max_from, CATALOGUE_FROM_AREA);
	assert_int_equal(l.depth_soft_um, 1000);
	assert_int_equal(l.depth_default_um, 1000);
	assert_int_equal(l.rate_default_spm, 6000);
}

/* A refusal can name the right entry only if the origin is right (15). */
static void the_binding_entry_is_named(void **state)
{
	struct catalogue_limits l;

	(void)state;
	assert_int_equal(catalogue_limits(catalogue_area("abdomen"),
				catalogue_concern("stretch-marks"), &l), 0);
	assert_int_equal(l.depth_max_um, 1500);
	assert_int_equal(l.depth_max_from, CATALOGUE_FROM_LABEL);
	assert_int_equal(catalogue_limits(catalogue_area("cheek"),
				catalogue_concern("fine-lines"), &l), 0);
	assert_int_equal(l.depth_max_um, 500);
	assert_int_equal(l.depth_max_from, CATALOGUE_FROM_CONCERN);
	assert_int_equal(catalogue_limits(catalogue_area("periorbital"),
				catalogue_concern("wrinkles"), &l), 0);
	assert_int_equal(l.depth_max_um, 500);
	assert_int_equal(l.depth_max_from, CATALOGUE_FROM_AREA);
	assert_string_equal(catalogue_origin_name(l.depth_max_from), "area");
}

static void unknown_and_missing_entries_are_refused(void **state)
{
	const struct catalogue_area *cheek = catalogue_area("cheek");
	struct catalogue_limits l;

	(void)state;
	assert_null(catalogue_area("elbow"));
	assert_null(catalogue_area("Cheek"));
	assert_null(catalogue_area(""));
	assert_null(catalogue_area(NULL));
	assert_null(catalogue_concern("acne_scar"));
	assert_null(catalogue_concern(NULL));
	assert_null(catalogue_source(NULL));
	assert_null(catalogue_area_at(catalogue_area_count()));
	assert_int_equal(catalogue_limits(cheek, NULL, &l), -EINVAL);
	assert_int_equal(catalogue_limits(NULL, NULL, &l), -EINVAL);
	assert_int_equal(catalogue_limits(cheek, NULL, NULL), -EINVAL);
	assert_int_equal(catalogue_limits(catalogue_area("forehead"),
				catalogue_concern("acne-scar"), &l), -EPERM);
	assert_false(catalogue_allows(NULL, catalogue_concern("acne-scar")));
}

/* Invariant 31: what must be asked and done before READY is all there. */
static void screening_and_preparation_are_complete_and_sourced(void **state)
{
	static const char *const blocks[] = {
		"age-minor", "pregnant-nursing", "bleeding-disorder",
		"isotretinoin", "keloid", "metal-allergy", "skin-cancer",
		"open-wound", "infection", "active-acne", "inflamed-skin",
		"sunburn",
	};
	const struct catalogue_screening *q;
	const struct catalogue_preparation *p;
	size_t i, k, required = 0;

	(void)state;
	for (i = 0; (q = catalogue_screening_at(i)); i++) {
		check_id(q->code);
		check_basis(&q->basis);
		assert_int_equal(q->question[strlen(q->question) - 1] == '?' ||
				 q->question[strlen(q->question) - 1] == '.', 1);
		assert_in_range(q->verdict, 0, CATALOGUE_VERDICTS - 1);
		assert_true(q->days <= 365);
	}
	assert_int_equal(i, catalogue_screening_count());
	for (k = 0; k < sizeof(blocks) / sizeof(blocks[0]); k++) {
		for (i = 0; (q = catalogue_screening_at(i)); i++)
			if (!strcmp(q->code, blocks[k]))
				break;
		if (!q || q->verdict != CATALOGUE_BLOCK)
			fail_msg("'%s' does not block", blocks[k]);
	}
	for (i = 0; (p = catalogue_preparation_at(i)); i++) {
		check_id(p->code);
		check_basis(&p->basis);
		assert_true(strlen(p->step) > 0);
		required += p->required;
	}
	assert_int_equal(i, catalogue_preparation_count());
	assert_true(required >= 9);
}

static void every_value_has_a_name(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < CATALOGUE_CONFIDENCES; i++)
		assert_string_not_equal(catalogue_confidence_name(i), "unknown");
	for (i = 0; i < CATALOGUE_VERDICTS; i++)
		assert_string_not_equal(catalogue_verdict_name(i), "unknown");
	for (i = 0; i < CATALOGUE_ORIGINS; i++)
		assert_string_not_equal(catalogue_origin_name(i), "unknown");
	assert_string_equal(catalogue_origin_name(CATALOGUE_ORIGINS), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_area_has_id_name_source_and_confidence),
		cmocka_unit_test(every_concern_has_id_name_source_and_confidence),
		cmocka_unit_test(ids_and_codes_are_unique),
		cmocka_unit_test(area_depths_rise_from_default_to_absolute),
		cmocka_unit_test(forbidden_sites_allow_nothing),
		cmocka_unit_test(every_other_site_allows_something),
		cmocka_unit_test(concerns_name_only_areas_that_exist),
		cmocka_unit_test(concern_figures_are_ordered),
		cmocka_unit_test(limits_never_exceed_area_concern_or_label),
		cmocka_unit_test(cheek_acne_scar_is_1500_hard_1000_soft),
		cmocka_unit_test(the_binding_entry_is_named),
		cmocka_unit_test(unknown_and_missing_entries_are_refused),
		cmocka_unit_test(screening_and_preparation_are_complete_and_sourced),
		cmocka_unit_test(every_value_has_a_name),
	};

	return cmocka_run_group_tests_name("catalogue", tests, NULL, NULL);
}
