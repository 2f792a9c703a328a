// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The daemon's clinic: a file that is refused bars sessions until it is
 * mended; and its memory of why: the last refusal and stop of each pen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/catalogue/catalogue.h"
#include "daemon/mnpend/clinic.h"
#include "daemon/mnpend/clock.h"
#include "daemon/mnpend/why.h"
#include "tests/unit/scratch.h"

/* --- the server, as far as these two know it --------------------------------- */

struct varlink_call {
	const char *method;
	json_t *parameters;
};

static char answered[64];	/* error of the last call; empty: none */
static json_t *answer;

void varlink_error(struct varlink_call *call, const char *name,
		   json_t *parameters)
{
	(void)call;
	snprintf(answered, sizeof(answered), "%s", name);
	json_decref(answer);
	answer = parameters;
}

const char *varlink_call_method(const struct varlink_call *call)
{
	return call->method;
}

const json_t *varlink_call_parameters(const struct varlink_call *call)
{
	return call->parameters;
}

/* --- files -------------------------------------------------------------------- */

static char *dir;
static char file[64];

static void write_file(const char *text)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	fclose(f);
}

static int make(void **state)
{
	(void)state;
	dir = scratch_make("mnpen-clinic");
	if (!dir)
		return -1;
	snprintf(file, sizeof(file), "%s/a.conf", dir);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	json_decref(answer);
	scratch_remove(dir);
	return 0;
}

static struct clinic *open_clinic(void)
{
	const char *const dirs[] = { "daemon/catalogue/data", dir };
	struct clinic *clinic = clinic_open(dirs, 2);

	assert_non_null(clinic);
	answered[0] = '\0';
	return clinic;
}

static uint32_t cheek_hard_um(void)
{
	return catalogue_area("cheek")->depth_hard_um;
}

static void good_files_permit_and_are_in_force(void **state)
{
	struct varlink_call call = { 0 };
	struct clinic *clinic;

	(void)state;
	write_file("[area cheek]\ndepth_hard = 1200 um\n");
	clinic = open_clinic();
	assert_null(clinic_problem(clinic));
	assert_string_equal(clinic_catalogue(clinic), "files");
	assert_int_equal(cheek_hard_um(), 1200);
	assert_true(clinic_permits(clinic, &call));
	assert_string_equal(answered, "");
	clinic_close(clinic);
	assert_int_equal(cheek_hard_um(), 1500);
}

/* Invariant 14: the clinic's own limits must not be lost without a word. */
static void a_refused_file_bars_sessions_and_says_why(void **state)
{
	struct varlink_call call = { 0 };
	struct clinic *clinic;
	const char *message;

	(void)state;
	write_file("[area cheek]\ndepth_hard = 1200 um\ndepth_soft = 7 mm\n");
	clinic = open_clinic();
	assert_string_equal(clinic_catalogue(clinic), "builtIn");
	assert_int_equal(cheek_hard_um(), 1500);
	assert_non_null(strstr(clinic_problem(clinic), "a.conf:3: "));
	assert_false(clinic_permits(clinic, &call));
	assert_string_equal(answered, "io.mnpen.Pen.InterlockOpen");
	assert_string_equal(json_string_value(json_object_get(answer,
							      "interlock")),
			    "catalogue");
	message = json_string_value(json_object_get(answer, "message"));
	assert_non_null(strstr(message, "a.conf:3: [area cheek] depth_soft"));
	assert_non_null(strstr(message, "Mend or remove"));
	/* Asking again does not wear it down. */
	assert_false(clinic_permits(clinic, &call));
	clinic_close(clinic);
}

static void a_mended_file_counts_without_a_restart(void **state)
{
	struct varlink_call call = { 0 };
	struct clinic *clinic;

	(void)state;
	write_file("[screening keloid]\nverdict = warn\n");
	clinic = open_clinic();
	assert_false(clinic_permits(clinic, &call));
	write_file("[area cheek]\ndepth_hard = 1100 um\n");
	assert_true(clinic_permits(clinic, &call));
	assert_null(clinic_problem(clinic));
	assert_int_equal(cheek_hard_um(), 1100);
	clinic_close(clinic);

	write_file("nonsense\n");
	clinic = open_clinic();
	assert_false(clinic_permits(clinic, &call));
	unlink(file);
	assert_true(clinic_permits(clinic, &call));
	assert_int_equal(cheek_hard_um(), 1500);
	clinic_close(clinic);
}

/* --- why ----------------------------------------------------------------------- */

static void refuse(struct why_book *book, const char *pen, const char *error,
		   int n)
{
	struct varlink_call call = {
		.method = "io.mnpen.Pen.BeginSession",
		.parameters = json_pack("{s:s*}", "penId", pen),
	};
	json_t *p = json_pack("{s:i}", "maximum", n);

	why_refused(book, &call, error, p);
	json_decref(p);
	json_decref(call.parameters);
}

/* "" if nothing is kept, else the error and the figure in it. */
static const char *kept(const struct why_book *book, const char *pen)
{
	static char text[96];
	json_t *why = why_json(book, pen);
	json_t *refusal = json_object_get(why, "refusal");

	text[0] = '\0';
	if (refusal)
		snprintf(text, sizeof(text), "%s %s %d",
			 json_string_value(json_object_get(refusal, "method")),
			 json_string_value(json_object_get(refusal, "error")),
			 (int)json_integer_value(json_object_get(
				 json_object_get(refusal, "parameters"),
				 "maximum")));
	json_decref(why);
	return text;
}

static void the_last_refusal_of_each_pen_is_kept(void **state)
{
	struct why_book *book = why_new();

	(void)state;
	assert_null(why_json(book, NULL));
	refuse(book, "A", "io.mnpen.Pen.LimitExceeded", 1);
	refuse(book, "B", "io.mnpen.Pen.InterlockOpen", 2);
	refuse(book, "A", "io.mnpen.Pen.WrongState", 3);
	assert_string_equal(kept(book, "A"), "BeginSession WrongState 3");
	assert_string_equal(kept(book, "B"), "BeginSession InterlockOpen 2");
	assert_string_equal(kept(book, NULL), "BeginSession WrongState 3");
	assert_null(why_json(book, "C"));
	why_free(book);
}

/* A misspelt name must not push out what somebody will ask about. */
static void mistakes_of_the_caller_are_not_kept(void **state)
{
	struct why_book *book = why_new();

	(void)state;
	refuse(book, "A", "io.mnpen.Pen.LimitExceeded", 1);
	refuse(book, "A", "org.varlink.service.InvalidParameter", 2);
	refuse(book, "X", "io.mnpen.Pen.NoSuchPen", 3);
	refuse(book, NULL, "io.mnpen.Pen.LimitExceeded", 4);
	assert_string_equal(kept(book, "A"), "BeginSession LimitExceeded 1");
	assert_null(why_json(book, "X"));
	assert_string_equal(kept(book, NULL), "BeginSession LimitExceeded 1");
	why_free(book);
}

static void of_many_pens_the_oldest_is_forgotten(void **state)
{
	struct why_book *book = why_new();
	char name[16];
	int i;

	(void)state;
	for (i = 0; i < 17; i++) {
		snprintf(name, sizeof(name), "P%d", i);
		refuse(book, name, "io.mnpen.Pen.LimitExceeded", i);
		refuse(book, "P0", "io.mnpen.Pen.LimitExceeded", 99);
	}
	assert_string_equal(kept(book, "P0"), "BeginSession LimitExceeded 99");
	assert_null(why_json(book, "P1"));
	assert_string_equal(kept(book, "P16"), "BeginSession LimitExceeded 16");
	why_free(book);
}

static void a_stop_by_a_limit_says_which_and_what_clears_it(void **state)
{
	struct why_book *book = why_new();
	struct mnpend daemon = { .asleep_ms = clock_asleep_ms() };
	struct pen pen = { .id = "A", .daemon = &daemon };
	json_t *why, *stop;

	(void)state;
	pen.core.why = (struct safety_why){
		.reason = SAFETY_STOP_DENSITY,
		.limit = SAFETY_LIMIT_DENSITY_MAX,
		.source = SAFETY_BY_CARTRIDGE, .value = 2040, .allowed = 2037,
	};
	refuse(book, "A", "io.mnpen.Pen.LimitExceeded", 1);
	why_stopped(book, &pen, SAFETY_STOP_DENSITY);
	why = why_json(book, "A");
	stop = json_object_get(why, "stop");
	assert_non_null(json_object_get(why, "refusal"));
	assert_string_equal(json_string_value(json_object_get(stop, "limit")),
			    "density");
	assert_string_equal(json_string_value(json_object_get(stop, "source")),
			    "cartridge");
	assert_int_equal(json_integer_value(json_object_get(stop, "value")),
			 2040);
	assert_int_equal(json_integer_value(json_object_get(stop, "maximum")),
			 2037);
	assert_true(strlen(json_string_value(json_object_get(stop,
							     "remedy"))) > 5);
	json_decref(why);

	/* Another reason than the one the limit belongs to. */
	why_stopped(book, &pen, SAFETY_STOP_REQUEST);
	why = why_json(book, "A");
	stop = json_object_get(why, "stop");
	assert_string_equal(json_string_value(json_object_get(stop, "reason")),
			    "stopRequest");
	assert_null(json_object_get(stop, "limit"));
	json_decref(why);
	why_free(book);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_files_permit_and_are_in_force),
		cmocka_unit_test(a_refused_file_bars_sessions_and_says_why),
		cmocka_unit_test(a_mended_file_counts_without_a_restart),
		cmocka_unit_test(the_last_refusal_of_each_pen_is_kept),
		cmocka_unit_test(mistakes_of_the_caller_are_not_kept),
		cmocka_unit_test(of_many_pens_the_oldest_is_forgotten),
		cmocka_unit_test(a_stop_by_a_limit_says_which_and_what_clears_it),
	};

	return cmocka_run_group_tests_name("clinic and why", tests, make,
					   clean);
}
