// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Screening and planning: every reason comes out, whatever makes a plan
 * shallower or later does so, and what is not known counts as the worse.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/catalogue/judge.h"
#include "daemon/catalogue/planning.h"
#include "daemon/catalogue/set.h"

#define TODAY	20777	/* 2026-11-20 */

/* Somebody whom no modifier concerns. */
static const struct catalogue_patient easy = {
	.skin_type = 2, .age = 30, .first_session = CATALOGUE_NO,
};

static struct planning_request request(const char *area, const char *concern)
{
	return (struct planning_request){
		.area = catalogue_area(area),
		.concern = catalogue_concern(concern),
		.patient = easy,
		.history = { .last_day = PLANNING_NO_DAY },
		.today = TODAY,
	};
}

static struct planning_plan plan(const struct planning_request *r)
{
	struct planning_plan p;

	assert_int_equal(planning_plan(r, &p), 0);
	return p;
}

static bool has_note(const struct planning_plan *p, const char *words,
		     bool acknowledge)
{
	uint32_t i;

	for (i = 0; i < p->n_notes; i++)
		if (strstr(p->notes[i].text, words))
			return p->notes[i].acknowledge == acknowledge;
	return false;
}

/* --- screening ----------------------------------------------------------------- */

static struct judge_answer answers[256];
static struct judge_reason reasons[256];

static size_t all_no(void)
{
	const struct catalogue_screening *q;
	size_t i;

	for (i = 0; (q = catalogue_screening_at(i)); i++)
		answers[i] = (struct judge_answer){ .code = q->code };
	return i;
}

static struct judge_answer *answer_to(const char *code)
{
	size_t i;

	for (i = 0; answers[i].code; i++)
		if (!strcmp(answers[i].code, code))
			return &answers[i];
	return NULL;
}

static void all_no_is_clear(void **state)
{
	size_t n = all_no(), found;

	(void)state;
	assert_int_equal(judge_screening(answers, n, reasons, 256, &found),
			 JUDGE_CLEAR);
	assert_int_equal(found, 0);
	assert_true(judge_permits(JUDGE_CLEAR));
}

/* Each question by itself: the verdict is its own, and it is named. */
static void each_yes_has_the_verdict_of_its_question(void **state)
{
	static const enum judge_verdict want[] = {
		[CATALOGUE_BLOCK] = JUDGE_BLOCK,
		[CATALOGUE_OVERRIDE] = JUDGE_OVERRIDE,
		[CATALOGUE_WARN] = JUDGE_WARN,
	};
	const struct catalogue_screening *q;
	size_t i, n, found, seen[CATALOGUE_VERDICTS] = { 0 };

	(void)state;
	for (i = 0; (q = catalogue_screening_at(i)); i++) {
		n = all_no();
		answers[i].yes = true;
		assert_int_equal(judge_screening(answers, n, reasons, 256,
						 &found), want[q->verdict]);
		assert_int_equal(found, 1);
		assert_ptr_equal(reasons[0].question, q);
		assert_string_equal(reasons[0].code, q->code);
		assert_int_equal(reasons[0].cause, JUDGE_YES);
		assert_int_equal(judge_permits(want[q->verdict]),
				 q->verdict == CATALOGUE_WARN);
		seen[q->verdict]++;
	}
	for (i = 0; i < CATALOGUE_VERDICTS; i++)
		assert_true(seen[i] > 5);
}

static void every_reason_comes_out_and_the_worst_counts(void **state)
{
	size_t n = all_no(), found;

	(void)state;
	answer_to("nsaid")->yes = true;
	answer_to("anticoagulant")->yes = true;
	answer_to("keloid")->yes = true;
	assert_int_equal(judge_screening(answers, n, reasons, 256, &found),
			 JUDGE_BLOCK);
	assert_int_equal(found, 3);
	assert_string_equal(reasons[0].code, "anticoagulant");
	assert_string_equal(reasons[1].code, "nsaid");
	assert_string_equal(reasons[2].code, "keloid");
	/* A list that is too short hides nothing, and nothing goes beyond it. */
	memset(reasons, 0, sizeof(reasons));
	assert_int_equal(judge_screening(answers, n, reasons, 1, &found),
			 JUDGE_BLOCK);
	assert_int_equal(found, 3);
	assert_null(reasons[1].code);
}

static void gaps_doubles_and_strangers_permit_nothing(void **state)
{
	size_t n = all_no(), found;

	(void)state;
	assert_int_equal(judge_screening(answers, n - 1, reasons, 256, &found),
			 JUDGE_INCOMPLETE);
	assert_int_equal(found, 1);
	assert_int_equal(reasons[0].cause, JUDGE_MISSING);
	assert_int_equal(judge_screening(NULL, 0, reasons, 256, &found),
			 JUDGE_INCOMPLETE);
	assert_int_equal(found, catalogue_screening_count());

	answers[n] = (struct judge_answer){ .code = "keloid" };
	assert_int_equal(judge_screening(answers, n + 1, reasons, 256, &found),
			 JUDGE_INCOMPLETE);
	assert_int_equal(reasons[0].cause, JUDGE_TWICE);
	/* Yes and no to the same is a yes as well. */
	answers[n].yes = true;
	judge_screening(answers, n + 1, reasons, 256, &found);
	assert_int_equal(found, 2);
	assert_int_equal(reasons[1].verdict, JUDGE_BLOCK);

	answers[n].code = "tired";
	assert_int_equal(judge_screening(answers, n + 1, reasons, 256, &found),
			 JUDGE_INCOMPLETE);
	assert_int_equal(reasons[0].cause, JUDGE_UNKNOWN);
	assert_string_equal(reasons[0].code, "tired");
	answers[n].code = NULL;
	assert_int_equal(judge_screening(answers, n + 1, reasons, 256, &found),
			 JUDGE_INCOMPLETE);
	assert_false(judge_permits(JUDGE_INCOMPLETE));
	answers[n].yes = false;
}

static void verdicts_and_reasons_have_words(void **state)
{
	int v, c;

	(void)state;
	for (v = 0; v < JUDGE_VERDICTS; v++)
		assert_true(strlen(judge_verdict_name(v)) > 3);
	assert_non_null(strstr(judge_reason_text(&(struct judge_reason){
		.verdict = JUDGE_WARN }), "No obstacle"));
	assert_non_null(strstr(judge_reason_text(&(struct judge_reason){
		.verdict = JUDGE_OVERRIDE }), "until a physician"));
	assert_non_null(strstr(judge_reason_text(&(struct judge_reason){
		.verdict = JUDGE_BLOCK }), "rules the session out."));
	for (v = JUDGE_WARN; v < JUDGE_VERDICTS; v++)
		for (c = JUDGE_YES; c <= JUDGE_UNKNOWN; c++) {
			struct judge_reason r = { .verdict = v, .cause = c };

			assert_true(strlen(judge_reason_text(&r)) > 20);
			assert_true(strlen(judge_cause_name(c)) > 2);
		}
}

/* --- how deep ------------------------------------------------------------------ */

static void without_modifiers_the_catalogue_is_the_plan(void **state)
{
	struct planning_request r = request("cheek", "acne-scar");
	struct planning_plan p = plan(&r);

	(void)state;
	assert_int_equal(p.depth_start_um, 1000);
	assert_int_equal(p.depth_soft_um, 1000);
	assert_int_equal(p.depth_max_um, 1500);
	assert_int_equal(p.depth_max_from, CATALOGUE_FROM_AREA);
	assert_null(p.modifier);
	assert_int_equal(p.rate_spm, 6000);
	assert_string_equal(p.pattern->id, "four-directions");
	assert_string_equal(p.course->id, "acne-scar");
	assert_int_equal(p.sessions, 4);
	assert_int_equal(p.sessions_left, 4);
	assert_false(p.review);
}

struct modified {
	struct catalogue_patient patient;
	uint32_t max_um;
	const char *by;
};

/* Figures of the catalogue: cheek 1000 soft, 1500 hard. */
static void each_modifier_takes_its_part(void **state)
{
	static const struct modified cases[] = {
		{ { 2, 30, CATALOGUE_YES, false }, 1000, "first-session" },
		{ { 4, 30, CATALOGUE_NO, false }, 1000, "skin-type-iv" },
		{ { 5, 30, CATALOGUE_NO, false }, 900, "skin-type-v-vi" },
		{ { 6, 30, CATALOGUE_NO, false }, 900, "skin-type-v-vi" },
		{ { 3, 30, CATALOGUE_NO, false }, 1500, NULL },
		{ { 2, 64, CATALOGUE_NO, false }, 1500, NULL },
		{ { 2, 65, CATALOGUE_NO, false }, 1400, "age-65" },
		{ { 2, 30, CATALOGUE_NO, true }, 1400, "thin-skin" },
		{ { 2, 70, CATALOGUE_NO, true }, 1300, "age-65" },
		{ { 6, 70, CATALOGUE_YES, true }, 700, "skin-type-v-vi" },
		/* What is not known counts as the worse. */
		{ { 0, 30, CATALOGUE_NO, false }, 900, "skin-type-v-vi" },
		{ { 2, 0, CATALOGUE_NO, false }, 1400, "age-65" },
		{ { 2, 30, CATALOGUE_UNKNOWN, false }, 1000, "first-session" },
	};
	struct planning_request r = request("cheek", "acne-scar");
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct planning_plan p;

		r.patient = cases[i].patient;
		p = plan(&r);
		if (p.depth_max_um != cases[i].max_um)
			fail_msg("case %zu: %u um", i, p.depth_max_um);
		assert_true(p.depth_start_um <= p.depth_soft_um);
		assert_true(p.depth_soft_um <= p.depth_max_um);
		if (!cases[i].by) {
			assert_null(p.modifier);
			continue;
		}
		assert_int_equal(p.depth_max_from, CATALOGUE_FROM_PATIENT);
		assert_string_equal(p.modifier->id, cases[i].by);
	}
}

static void dark_skin_caps_pigment_and_wants_acknowledgement(void **state)
{
	struct planning_request r = request("cheek", "melasma");
	struct planning_plan p;

	(void)state;
	r.patient.skin_type = 5;
	p = plan(&r);
	assert_int_equal(p.depth_max_um, 500);
	assert_true(has_note(&p, "patch", true));
	assert_true(has_note(&p, "Off-label", true));
	r.patient.skin_type = 2;
	p = plan(&r);
	assert_false(has_note(&p, "patch", true));
}

/* No patient, area or concern makes a plan deeper than the catalogue's limit. */
static void no_plan_is_deeper_than_the_limits(void **state)
{
	const struct catalogue_concern *c;
	const struct catalogue_area *a;
	size_t i, k, plans = 0;
	uint32_t type, age, first;

	(void)state;
	for (i = 0; (a = catalogue_area_at(i)); i++)
		for (k = 0; (c = catalogue_concern_at(k)); k++)
			for (type = 0; type <= 6; type++)
				for (age = 0; age <= 90; age += 45)
					for (first = 0; first < 3; first++) {
						struct planning_request r =
							request(a->id, c->id);
						struct catalogue_limits l;
						struct planning_plan p;

						r.patient.skin_type = type;
						r.patient.age = age;
						r.patient.first_session = first;
						if (planning_plan(&r, &p)) {
							assert_int_equal(p.depth_max_um, 0);
							continue;
						}
						plans++;
						assert_int_equal(catalogue_limits(a, c, &l), 0);
						assert_true(p.depth_max_um <= l.depth_max_um);
						assert_true(p.depth_soft_um <= l.depth_soft_um);
						assert_true(p.depth_start_um <= l.depth_default_um);
						assert_true(p.depth_start_um > 0);
						assert_int_equal(p.depth_max_um % 50, 0);
						assert_true(p.rate_spm >= l.rate_min_spm);
						assert_true(p.n_notes < PLANNING_NOTES_MAX);
					}
	assert_true(plans > 5000);
}

static void short_needles_are_a_limit(void **state)
{
	struct planning_request r = request("cheek", "acne-scar");
	struct planning_plan p;

	(void)state;
	r.needles.length_um = 770;
	p = plan(&r);
	assert_int_equal(p.depth_max_um, 750);
	assert_int_equal(p.depth_max_from, CATALOGUE_FROM_CARTRIDGE);
	assert_int_equal(p.depth_start_um, 750);
}

static void what_is_not_treated_there_has_no_plan(void **state)
{
	struct planning_request r = request("lips", "acne-scar");
	struct planning_plan p;

	(void)state;
	assert_int_equal(planning_plan(&r, &p), -EPERM);
	assert_int_equal(p.depth_max_um, 0);
	r = request("forehead", "acne-scar");
	assert_int_equal(planning_plan(&r, &p), -EPERM);
	r.area = NULL;
	assert_int_equal(planning_plan(&r, &p), -EINVAL);
}

/* --- how much ------------------------------------------------------------------- */

/* The figures are those of the sources: 100 % is 2037 at 0.25 mm, 1039 at 0.35. */
static void budgets_follow_the_width_of_needles(void **state)
{
	const struct catalogue_area *cheek = catalogue_area("cheek");
	struct catalogue_budget b;

	(void)state;
	assert_int_equal(catalogue_budget(cheek, 1000, 250, &b), 0);
	assert_int_equal(b.hard, 2037);
	assert_int_equal(b.soft, 1018);
	assert_int_equal(b.abs, 4074);
	assert_int_equal(b.target, 509);
	assert_int_equal(catalogue_budget(cheek, 1000, 350, &b), 0);
	assert_int_equal(b.hard, 1039);
	assert_int_equal(b.target, 259);
	/* 250 at least is aimed at, and never beyond soft. */
	assert_int_equal(catalogue_budget(cheek, 1000, 400, &b), 0);
	assert_int_equal(b.target, 250);
	assert_int_equal(catalogue_budget(cheek, 1001, 350, &b), 0);
	assert_int_equal(b.hard, 519);
	assert_int_equal(b.soft, 259);
	assert_int_equal(b.target, 259);
	assert_int_equal(catalogue_budget(cheek, 1001, 400, &b), 0);
	assert_int_equal(b.target, b.soft);
	/* Thin needles end at the ceiling for all. */
	assert_int_equal(catalogue_budget(cheek, 500, 210, &b), 0);
	assert_int_equal(b.hard, 2887);
	assert_int_equal(b.abs, 5000);
	assert_int_equal(catalogue_budget(cheek, 500, 1, &b), 0);
	assert_int_equal(b.soft, 5000);
}

static void a_budget_of_nothing_permits_nothing(void **state)
{
	const struct catalogue_area *cheek = catalogue_area("cheek");
	struct catalogue_budget b = { .abs = 1 };

	(void)state;
	assert_int_equal(catalogue_budget(cheek, 1000, 0, &b), -EINVAL);
	assert_int_equal(b.abs, 0);
	assert_int_equal(catalogue_budget(cheek, 1000, 1001, &b), -EINVAL);
	assert_int_equal(catalogue_budget(cheek, 1000, 1000, &b), 0);
	assert_int_equal(catalogue_budget(cheek, 2501, 250, &b), -EINVAL);
	assert_int_equal(catalogue_budget(NULL, 1000, 250, &b), -EINVAL);
	assert_int_equal(b.abs, 0);
}

/* 60 cm2 to 250 per cm2 with 14 needles at 7000 per minute: 9.2 s. */
static void time_to_target_is_worked_out_and_said_to_be_rough(void **state)
{
	struct planning_request r = request("forehead", "wrinkles");
	struct planning_plan p;

	(void)state;
	r.needles = (struct planning_needles){ .count = 14, .width_um = 400 };
	p = plan(&r);
	assert_int_equal(p.density.target, 250);
	assert_int_equal(p.size_mm2, 6000);
	assert_false(p.size_measured);
	assert_int_equal(p.target_s, 11); /* at 6000 per minute: 10.7 */
	assert_true(has_note(&p, "assumed, not measured", false));
	r = request("cheek", "wrinkles");
	r.needles.count = 14;
	p = plan(&r);
	assert_int_equal(p.target_s, 0);
	assert_int_equal(p.density.target, 250);
	assert_int_equal(p.density.abs, 0);
	assert_true(has_note(&p, "has to measure it", false));
	assert_true(has_note(&p, "Needle width", false));
	/* Rounded up, but not beyond: 9e7 / 6e6 is 15. */
	r = request("forehead", "wrinkles");
	r.needles = (struct planning_needles){ .count = 10, .width_um = 400 };
	p = plan(&r);
	assert_int_equal(p.target_s, 15);
	assert_string_equal(p.pattern->id, "over-bone");
	assert_false(has_note(&p, "Needle width", false));
	r.needles.width_um = 250;
	p = plan(&r);
	assert_int_equal(p.density.target, 509);
}

/* A clinic may write 333 um; a pen is set in steps of 50, rounded down. */
static void odd_depths_are_rounded_down(void **state)
{
	struct catalogue_area cheek = *catalogue_area("cheek");
	const struct catalogue_table areas = { &cheek, 1 };
	struct catalogue set = builtin_catalogue;
	struct planning_request r;
	struct planning_plan p;

	(void)state;
	cheek.depth_soft_um = 333;
	cheek.depth_hard_um = 777;
	set.table[CATALOGUE_AREA] = &areas;
	catalogue_use(&set);
	r = request("cheek", "acne-scar");
	p = plan(&r);
	catalogue_use(NULL);
	assert_int_equal(p.depth_start_um, 300);
	assert_int_equal(p.depth_soft_um, 300);
	assert_int_equal(p.depth_max_um, 750);
}

static void what_was_not_said_is_noted(void **state)
{
	struct planning_request r = request("cheek", "acne-scar");
	struct planning_plan p = plan(&r);

	(void)state;
	assert_false(has_note(&p, "Skin type not given", false));
	assert_false(has_note(&p, "Age not given", false));
	assert_false(has_note(&p, "treated before", false));
	memset(&r.patient, 0, sizeof(r.patient));
	p = plan(&r);
	assert_true(has_note(&p, "Skin type not given", false));
	assert_true(has_note(&p, "Age not given", false));
	assert_true(has_note(&p, "treated before", false));
}

/* --- how often ------------------------------------------------------------------- */

static void a_first_session_may_be_today(void **state)
{
	struct planning_request r = request("cheek", "acne-scar");
	struct planning_plan p = plan(&r);

	(void)state;
	assert_int_equal(p.earliest_day, TODAY);
	assert_int_equal(p.recommended_day, TODAY);
	assert_null(p.earliest.kind);
	/* 501 to 1000 um: 42 days are recommended between sessions. */
	assert_int_equal(p.interval_days, 42);
}

struct wait {
	const char *area, *concern;
	uint32_t deepest_um, days;
	const char *kind, *id;
};

static void the_longest_wait_counts_and_is_named(void **state)
{
	static const struct wait waits[] = {
		{ "cheek", "acne-scar", 300, 28, "concern", "acne-scar" },
		{ "cheek", "acne-scar", 1000, 28, "interval", "up-to-1000" },
		{ "cheek", "acne-scar", 1500, 28, "interval", "up-to-1500" },
		{ "cheek", "acne-scar", 1501, 42, "interval", "up-to-2500" },
		{ "cheek", "acne-scar", 0, 42, "interval", "up-to-2500" },
		{ "cheek", "fine-lines", 300, 14, "interval", "up-to-300" },
		{ "cheek", "fine-lines", 501, 28, "interval", "up-to-1000" },
		{ "scalp", "hair-scalp", 500, 14, "interval", "up-to-500" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		const struct wait *w = &waits[i];
		struct planning_request r = request(w->area, w->concern);
		struct planning_plan p;

		r.history = (struct planning_history){
			.sessions = 1, .deepest_um = w->deepest_um,
			.last_day = TODAY - 3 };
		p = plan(&r);
		assert_int_equal(p.earliest_day, TODAY - 3 + (int)w->days);
		assert_string_equal(p.earliest.kind, w->kind);
		assert_string_equal(p.earliest.id, w->id);
		assert_int_equal(p.earliest.days, w->days);
		assert_true(p.recommended_day >= p.earliest_day);
		assert_int_equal(p.sessions_left, p.sessions - 1);
	}
}

static void a_wait_that_is_over_is_today(void **state)
{
	struct planning_request r = request("cheek", "acne-scar");
	struct planning_plan p;

	(void)state;
	r.history = (struct planning_history){ 1, 1000, TODAY - 28 };
	p = plan(&r);
	assert_int_equal(p.earliest_day, TODAY);
	assert_int_equal(p.recommended_day, TODAY + 14);
	r.history.last_day = TODAY - 27;
	p = plan(&r);
	assert_int_equal(p.earliest_day, TODAY + 1);
}

static void a_session_in_the_future_is_noted(void **state)
{
	struct planning_request r = request("cheek", "acne-scar");
	struct planning_plan p;

	(void)state;
	r.history = (struct planning_history){ 1, 1000, TODAY + 1 };
	p = plan(&r);
	assert_true(has_note(&p, "future", true));
	assert_int_equal(p.earliest_day, TODAY + 29);
	r.history.last_day = TODAY;
	p = plan(&r);
	assert_false(has_note(&p, "future", true));
	r.history.last_day = INT32_MAX;
	p = plan(&r);
	assert_int_equal(p.earliest_day, INT32_MAX);
	r.history.last_day = PLANNING_NO_DAY + 1;
	p = plan(&r);
	assert_int_equal(p.earliest_day, TODAY);
}

static void a_complete_course_is_reviewed(void **state)
{
	struct planning_request r = request("cheek", "acne-scar");
	struct planning_plan p;

	(void)state;
	r.history = (struct planning_history){ 3, 1000, TODAY - 60 };
	p = plan(&r);
	assert_false(p.review);
	assert_int_equal(p.sessions_left, 1);
	r.history.sessions = 4;
	p = plan(&r);
	assert_true(p.review);
	assert_int_equal(p.sessions_left, 0);
	assert_true(has_note(&p, "reviewed", true));
	/* A long course too, after six. */
	r = request("scalp", "hair-scalp");
	r.history = (struct planning_history){ 6, 500, TODAY - 60 };
	p = plan(&r);
	assert_true(p.review);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_no_is_clear),
		cmocka_unit_test(each_yes_has_the_verdict_of_its_question),
		cmocka_unit_test(every_reason_comes_out_and_the_worst_counts),
		cmocka_unit_test(gaps_doubles_and_strangers_permit_nothing),
		cmocka_unit_test(verdicts_and_reasons_have_words),
		cmocka_unit_test(without_modifiers_the_catalogue_is_the_plan),
		cmocka_unit_test(each_modifier_takes_its_part),
		cmocka_unit_test(dark_skin_caps_pigment_and_wants_acknowledgement),
		cmocka_unit_test(no_plan_is_deeper_than_the_limits),
		cmocka_unit_test(short_needles_are_a_limit),
		cmocka_unit_test(what_is_not_treated_there_has_no_plan),
		cmocka_unit_test(budgets_follow_the_width_of_needles),
		cmocka_unit_test(a_budget_of_nothing_permits_nothing),
		cmocka_unit_test(time_to_target_is_worked_out_and_said_to_be_rough),
		cmocka_unit_test(odd_depths_are_rounded_down),
		cmocka_unit_test(what_was_not_said_is_noted),
		cmocka_unit_test(a_first_session_may_be_today),
		cmocka_unit_test(the_longest_wait_counts_and_is_named),
		cmocka_unit_test(a_wait_that_is_over_is_today),
		cmocka_unit_test(a_session_in_the_future_is_noted),
		cmocka_unit_test(a_complete_course_is_reviewed),
	};

	return cmocka_run_group_tests_name("screening and planning", tests,
					   NULL, NULL);
}
