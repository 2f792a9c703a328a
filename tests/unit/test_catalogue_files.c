// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Catalogue files: those that are shipped say what is built in, and any
 * mistake in one line has all of them refused, with its place.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/catalogue/load.h"
#include "daemon/catalogue/schema.h"
#include "daemon/catalogue/set.h"
#include "tests/unit/scratch.h"

#define SHIPPED "daemon/catalogue/data"

static char *dir;
static char file[SCRATCH_LEN + 16];
static char error[CATALOGUE_ERROR_LEN];

/* --- a directory of overrides ------------------------------------------------ */

static void write_bytes(const void *text, size_t len)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static int load_file(struct catalogue **set)
{
	const char *const dirs[] = { SHIPPED, dir };

	return catalogue_load(dirs, 2, set, error);
}

static int load_text(const char *text, struct catalogue **set)
{
	write_bytes(text, strlen(text));
	return load_file(set);
}

/* Refused, at this line of the file, for a reason that has these words. */
static void refused_at(unsigned int line, const char *words)
{
	struct catalogue *set = (void *)&set;
	char at[sizeof(file) + 16];

	if (load_file(&set) != -EINVAL)
		fail_msg("not refused; expected: %s", words);
	assert_null(set);
	snprintf(at, sizeof(at), "%s:%u: ", file, line);
	if (strncmp(error, at, strlen(at)) || !strstr(error, words))
		fail_msg("'%s' instead of '%s...%s'", error, at, words);
}

static void refused(const char *text, unsigned int line, const char *words)
{
	write_bytes(text, strlen(text));
	refused_at(line, words);
}

static int make_dir(void **state)
{
	(void)state;
	dir = scratch_make("mnpen-catalogue");
	if (!dir)
		return -1;
	snprintf(file, sizeof(file), "%s/a.conf", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	catalogue_use(NULL);
	scratch_remove(dir);
	return 0;
}

static struct catalogue *load_good(const char *text)
{
	struct catalogue *set;

	if (load_text(text, &set))
		fail_msg("%s", error);
	return set;
}

/* --- shipped and built in ---------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_list(const char *const *a, const char *const *b)
{
	while (*a && same_text(*a, *b))
		a++, b++;
	return !*a && !*b;
}

static bool same_field(const struct schema_field *f, const void *a,
		       const void *b)
{
	a = (const char *)a + f->offset;
	b = (const char *)b + f->offset;
	switch (f->type) {
	case SCHEMA_NUMBER:
		return *(const uint32_t *)a == *(const uint32_t *)b;
	case SCHEMA_FLAG:
		return *(const bool *)a == *(const bool *)b;
	case SCHEMA_CHOICE:
		return *(const unsigned int *)a == *(const unsigned int *)b;
	case SCHEMA_REFS:
		return same_list(*(const char *const *const *)a,
				 *(const char *const *const *)b);
	case SCHEMA_TEXT:
	case SCHEMA_SOURCES:
	case SCHEMA_REF:
		break;
	}
	return same_text(*(const char *const *)a, *(const char *const *)b);
}

static void shipped_files_say_what_is_built_in(void **state)
{
	const char *const dirs[] = { SHIPPED };
	struct catalogue *set;
	size_t k, i, j, fields = 0;

	(void)state;
	if (catalogue_load(dirs, 1, &set, error))
		fail_msg("%s", error);
	for (k = 0; k < CATALOGUE_KINDS; k++) {
		const struct schema *s = &catalogue_schema[k];

		assert_true(set->table[k]->count > 0);
		assert_int_equal(set->table[k]->count,
				 builtin_catalogue.table[k]->count);
		for (i = 0; i < set->table[k]->count; i++) {
			const void *a = set_at(set, k, i);
			const void *b = set_at(&builtin_catalogue, k, i);
			const char *id = *(const char *const *)b;

			assert_string_equal(*(const char *const *)a, id);
			for (j = 0; j < s->count; j++, fields++)
				if (!same_field(&s->fields[j], a, b))
					fail_msg("[%s %s] %s", s->name, id,
						 s->fields[j].key);
		}
	}
	assert_true(fields > 1000);
	catalogue_free(set);
}

/* Every byte of every struct is described, or the test above proves little. */
static void the_schema_describes_whole_structs(void **state)
{
	size_t k, j, i;

	(void)state;
	for (k = 0; k < CATALOGUE_KINDS; k++) {
		const struct schema *s = &catalogue_schema[k];
		size_t bytes = sizeof(char *);

		for (j = 0; j < s->count; j++) {
			switch (s->fields[j].type) {
			case SCHEMA_NUMBER:
			case SCHEMA_CHOICE:
				bytes += 4;
				break;
			case SCHEMA_FLAG:
				bytes += 1;
				break;
			case SCHEMA_TEXT:
			case SCHEMA_SOURCES:
			case SCHEMA_REF:
			case SCHEMA_REFS:
				bytes += sizeof(char *);
				break;
			}
			for (i = 0; i < j; i++)
				assert_int_not_equal(s->fields[i].offset,
						     s->fields[j].offset);
		}
		/* What is left is padding. */
		assert_in_range(s->size - bytes, 0, 15);
	}
}

/* --- what is refused --------------------------------------------------------- */

static void unknown_words_are_refused(void **state)
{
	(void)state;
	refused("[area cheek]\ndepth_hrad = 1000 um\n", 2,
		"depth_hrad: unknown key");
	refused("[area cheek]\nDepth_hard = 1000 um\n", 2, "unknown key");
	refused("\n[site cheek]\n", 2, "unknown kind");
	refused("[area]\n", 1, "no name");
	refused("[area Cheek]\n", 1, "no name");
	refused("[area left cheek]\n", 1, "no name");
	refused("[area  cheek]\n", 1, "no name");
	refused("[source d4]\n", 1, "no name");
	refused("[]\n", 1, "unknown kind");
	refused("[screening keloid]\nverdict = maybe\n", 2,
		"one of block override warn");
	refused("[concern melasma]\noff_label = true\n", 2, "yes or no");
}

static void duplicates_are_refused(void **state)
{
	(void)state;
	refused("[area cheek]\ndepth_hard = 1000 um\ndepth_hard = 900 um\n", 3,
		"given twice, first in line 2");
	refused("[area cheek]\ndepth_hard = 1000 um\n[area chin]\n"
		"depth_hard = 900 um\n[area cheek]\nname = x\n", 5,
		"given twice, first at ");
	refused("[concern enlarged-pores]\nareas = cheek chin cheek\n", 2,
		"'cheek' is not to be given twice");
}

static void wrong_units_are_refused(void **state)
{
	(void)state;
	refused("[area cheek]\ndepth_hard = 1 mm\n", 2,
		"'1 mm' is not a whole number and 'um'");
	refused("[area cheek]\ndepth_hard = 1000\n", 2, "and 'um'");
	refused("[area cheek]\ndepth_hard = 1000um\n", 2, "and 'um'");
	refused("[area cheek]\ndepth_hard = 1000-um\n", 2, "and 'um'");
	refused("[area cheek]\ndepth_hard = 1000.5 um\n", 2, "and 'um'");
	refused("[area cheek]\ndepth_hard = -1 um\n", 2, "and 'um'");
	refused("[area cheek]\ndepth_hard = 1000 um um\n", 2, "and 'um'");
	refused("[area cheek]\ndepth_hard = um\n", 2, "and 'um'");
	refused("[area cheek]\ndepth_hard =\n", 2, "a value");
	refused("[screening nsaid]\nlook_back = 3 weeks\n", 2, "and 'd'");
	refused("[aftercare sun]\nuntil = 3 d\n", 2, "and 'h'");
	refused("[concern melasma]\nsessions_max = 4 sessions\n", 2,
		"without a unit");
}

static void figures_out_of_range_are_refused(void **state)
{
	(void)state;
	refused("[area abdomen]\ndepth_absolute = 2501 um\n", 2,
		"'2501 um' is not from 0 to 2500");
	refused("[area abdomen]\ndepth_absolute = 4294967297 um\n", 2,
		"is not a whole number");
	refused("[concern melasma]\nsessions_max = 13\n", 2, "from 1 to 12");
	refused("[concern melasma]\ninterval_min = 13 d\n", 2, "from 14");
	refused("[course melasma]\nsessions = 7\n", 2, "from 3 to 6");
}

static void every_disagreement_is_refused(void **state)
{
	static const struct { const char *text, *words; } bad[] = {
		{ "[area cheek]\ndepth_default = 1100 um\n",
		  "depth_default: is above depth_soft" },
		{ "[area cheek]\ndepth_hard = 1600 um\n",
		  "depth_hard: is above depth_absolute" },
		{ "[area cheek]\ndepth_default = 0 um\n", "0 means forbidden" },
		{ "[concern melasma]\ndepth_default = 600 um\n",
		  "is above depth_cap" },
		{ "[concern melasma]\ndepth_default = 0 um\n", "is 0" },
		{ "[concern melasma]\nsessions_min = 7\n",
		  "is above sessions_max" },
		{ "[concern melasma]\ninterval_min = 43 d\n",
		  "is above interval_recommended" },
		{ "[modifier age-65]\nfrom = 151\n", "from 1 to 150" },
		{ "[modifier skin-type-iv]\nfrom = 5\n", "is above until" },
		{ "[modifier skin-type-v-vi]\nuntil = 7\n", "six skin types" },
		{ "[modifier thin-skin]\nfrom = 1\n", "no from and until" },
		{ "[modifier age-65]\ndepth_less = 0 um\n", "changes nothing" },
		{ "[interval up-to-500]\nmin = 29 d\n", "is above recommended" },
		{ "[interval up-to-1000]\ndepth_up_to = 500 um\n",
		  "not above the row before" },
		{ "[interval up-to-2500]\nmin = 27 d\n", "below the row before" },
		{ "[interval up-to-2500]\ndepth_up_to = 2000 um\n",
		  "must reach 2500 um" },
		{ "[density up-to-1000]\ntarget = 501 permille\n",
		  "target: is above soft" },
		{ "[density up-to-1000]\nhard = 400 permille\n",
		  "soft: is above hard" },
		{ "[density up-to-1000]\nabsolute = 900 permille\n",
		  "hard: is above absolute" },
		{ "[density up-to-1000]\ndepth_up_to = 2500 um\n",
		  "not above the row before" },
		{ "[density up-to-2500]\ndepth_up_to = 2400 um\n",
		  "must reach 2500 um" },
		{ "[area forehead]\nsize = 5800 mm2\n",
		  "size: say who measured it" },
		{ "[area cheek]\nmeasured_by = Dr A\n",
		  "measured_by: there is no size" },
		{ "[course fine-lines]\nsessions = 5\n", "allows 3 to 4" },
		{ "[course wrinkles]\ninterval = 27 d\n", "interval_min" },
		{ "[course wrinkles]\nvisit_max = 29 min\n", "visit_min" },
		{ "[aftercare sun]\nfrom = 72 h\n", "is not before until" },
		{ "[aftercare redness-middle]\ndepth_over = 1500 um\n",
		  "is not below depth_up_to" },
		{ "[pattern over-bone]\nareas = forehead cheek\n",
		  "'cheek' is in another pattern" },
	};
	struct catalogue *set;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (load_text(bad[i].text, &set) != -EINVAL)
			fail_msg("accepted: %s", bad[i].text);
		if (!strstr(error, bad[i].words) || !strstr(error, ".conf:"))
			fail_msg("'%s' instead of '%s'", error, bad[i].words);
	}
}

/* The clinic's line is named, also where the other figure is not its own. */
static void the_fault_is_where_the_last_change_was(void **state)
{
	(void)state;
	refused("# ours\n[area cheek]\ndepth_hard = 900 um\n", 2,
		"[area cheek] depth_soft: is above depth_hard");
}

static void references_to_nothing_are_refused(void **state)
{
	(void)state;
	refused("[concern melasma]\nareas = cheek elbow\n", 2,
		"there is no area 'elbow'");
	refused("[area cheek]\nsource = D4 D99\n", 2, "no source 'D99'");
	refused("[area cheek]\nsource = D4  C1\n", 2, "one blank between");
	refused("[course melasma]\nconcern = freckles\n", 2,
		"no concern 'freckles'");
	refused("[concern melasma]\nareas = cheek lips\n", 2,
		"'lips' is a forbidden site");
}

static void missing_keys_and_sources_are_refused(void **state)
{
	(void)state;
	refused("[area elbow]\n", 1, "[area elbow] name: is missing");
	refused("[area elbow]\nname = elbow\ndepth_default = 100 um\n"
		"depth_soft = 100 um\ndepth_hard = 100 um\n"
		"depth_absolute = 100 um\nconfidence = low\n", 1,
		"source: is missing");
	refused("[screening tired]\nquestion = Tired?\nverdict = warn\n"
		"look_back = 0 d\ngroup = health\nsource = M1\n", 1,
		"confidence: is missing");
}

static void lines_that_are_no_lines_are_refused(void **state)
{
	char text[600];

	(void)state;
	refused("[area cheek]\nname\n", 2, "neither");
	refused("[area cheek\nname = x\n", 1, "no ']'");
	refused("[area cheek] name = x\n", 1, "something follows");
	refused("name = x\n", 1, "outside any entry");
	refused("[area cheek]\nname = a\n  b\n", 3, "begin with a blank");
	refused("[area cheek]\nnonsense\nname = a\nname = b\n", 2, "neither");
	refused("[area cheek]\nname = a\nname = b\nnonsense\n", 3, "twice");
	snprintf(text, sizeof(text), "[area cheek]\nname = %0400d\n", 0);
	refused(text, 2, "longer than");
	snprintf(text, sizeof(text), "[area %0100d]\n", 0);
	refused(text, 1, "no name");
	refused("\xef\xbb\xbf[area cheek]\n", 1, "byte 0xef");
	refused("[area cheek]\r\n", 1, "byte 0x0d");
	refused("[area cheek]\nname = a\xff\n", 2, "byte 0xff");
	refused("[area cheek]\nname = \xc0\x80\n", 2, "byte 0xc0");
	refused("[area cheek]\nname = \xed\xa0\x80\n", 2, "byte 0xed");
	refused("[area cheek]\nname = \x1b[2J\n", 2, "byte 0x1b");
	refused("[area cheek]\nname = \xc2\x9b" "2J\n", 2, "byte 0xc2");
	write_bytes("[area cheek]\nname = a\0b\n", 24);
	refused_at(2, "byte 0x00");
}

/* The parser's buffer has 200 bytes; a line takes two more than it is long. */
static void the_longest_line_is_read_whole(void **state)
{
	static const char key[] = "name = ";
	char text[256] = "[area cheek]\nname = ";
	size_t at = strlen(text), len = 198 - strlen(key);
	struct catalogue *set;

	(void)state;
	memset(text + at, 'x', len);
	set = load_good(text);
	catalogue_use(set);
	assert_int_equal(strlen(catalogue_area("cheek")->name), len);
	catalogue_use(NULL);
	catalogue_free(set);
	text[at + len] = 'x';
	refused(text, 2, "longer than 198 bytes");
}

/* Invariant 12: no file lets anybody past a compiled-in ceiling. */
static void forbidden_sites_stay_forbidden(void **state)
{
	const char *site;
	char text[200];
	size_t i;

	(void)state;
	for (i = 0; (site = catalogue_forbidden_at(i)); i++) {
		snprintf(text, sizeof(text),
			 "[area %s]\ndepth_default = 100 um\n"
			 "depth_soft = 100 um\ndepth_hard = 100 um\n"
			 "depth_absolute = 100 um\n", site);
		refused(text, 5, "this site is forbidden");
		snprintf(text, sizeof(text),
			 "[area %s]\ndepth_absolute = 100 um\n", site);
		refused(text, 2, "this site is forbidden");
	}
	assert_int_equal(i, 7);
}

/* Even a set that no reader has checked opens nothing. */
static void ceilings_hold_without_the_reader(void **state)
{
	static const char *const areas[] = { "lips", "deep", NULL };
	static const struct catalogue_area area[] = {
		{ .id = "lips", .depth_default_um = 100, .depth_soft_um = 100,
		  .depth_hard_um = 100, .depth_abs_um = 100 },
		{ .id = "deep", .depth_default_um = 9000,
		  .depth_soft_um = 9000, .depth_hard_um = 9000,
		  .depth_abs_um = 9000 },
	};
	static const struct catalogue_concern concern = {
		.id = "c", .depth_default_um = 9000, .depth_cap_um = 9000,
		.areas = areas,
	};
	struct catalogue_limits l;

	(void)state;
	assert_int_equal(catalogue_limits(&area[0], &concern, &l), -EPERM);
	assert_int_equal(catalogue_limits(&area[1], &concern, &l), 0);
	assert_true(l.depth_area_um <= CATALOGUE_DEPTH_MAX_UM);
	assert_true(l.depth_concern_um <= CATALOGUE_DEPTH_MAX_UM);
	assert_true(l.depth_max_um <= 1500);
	assert_true(l.depth_soft_um <= 1500);
	assert_true(l.depth_default_um <= 1500);
}

/* Each of these makes something looser than built in, and nothing else wrong. */
static void no_file_loosens_what_is_built_in(void **state)
{
	static const struct { const char *text, *words; } bad[] = {
		{ "[area cheek]\ndepth_absolute = 1600 um\n",
		  "depth_absolute: 1600 is more than the built-in 1500" },
		{ "[area neck]\ndepth_hard = 800 um\n",
		  "depth_hard: 800 is more than the built-in 750" },
		{ "[area neck]\ndepth_soft = 600 um\n",
		  "depth_soft: 600 is more than the built-in 500" },
		{ "[area elbow]\nname = elbow\ndepth_default = 100 um\n"
		  "depth_soft = 200 um\ndepth_hard = 501 um\n"
		  "depth_absolute = 501 um\nsource = M1\nconfidence = low\n",
		  "depth_absolute: 501 is more than the built-in 500" },
		{ "[concern melasma]\ndepth_cap = 600 um\n",
		  "depth_cap: 600 is more than the built-in 500" },
		{ "[concern melasma]\nsessions_max = 7\n",
		  "sessions_max: 7 is more" },
		{ "[concern melasma]\ninterval_min = 27 d\n",
		  "interval_min: 27 is less than the built-in 28" },
		{ "[concern melasma]\nareas = cheek neck\n",
		  "areas: 'neck' is not built in for it" },
		{ "[concern melasma]\noff_label = no\n",
		  "off_label: built in as yes" },
		{ "[concern melasma]\npigment = no\n",
		  "pigment: built in as yes" },
		{ "[screening keloid]\nverdict = override\n",
		  "verdict: 'block' is built in" },
		{ "[screening keloid]\nverdict = warn\n",
		  "verdict: 'block' is built in" },
		{ "[screening anticoagulant]\nverdict = warn\n",
		  "verdict: 'override' is built in" },
		{ "[screening tan-14d]\nlook_back = 7 d\n",
		  "look_back: 7 is less than the built-in 14" },
		{ "[preparation sleeve-new]\nrequired = no\n",
		  "required: built in as yes" },
		{ "[modifier skin-type-iv]\ncondition = age\nuntil = 65\n",
		  "condition: 'skin-type' is built in" },
		{ "[modifier age-65]\nfrom = 66\n", "from: 66 is more" },
		{ "[modifier age-65]\nuntil = 100\n", "until: 100 is less" },
		{ "[modifier skin-type-iv]\nsoft_cap = no\n"
		  "depth_less = 100 um\n", "soft_cap: built in as yes" },
		{ "[modifier age-65]\ndepth_less = 50 um\n",
		  "depth_less: 50 is less" },
		{ "[modifier skin-type-v-vi]\npigment_cap = 600 um\n",
		  "pigment_cap: 600 is more" },
		{ "[modifier skin-type-v-vi]\nacknowledge = no\n",
		  "acknowledge: built in as yes" },
		{ "[stop allergic-reaction]\nalarm = medium\n",
		  "alarm: 'high' is built in" },
		{ "[stop running-blood]\nresume = yes\n", "resume: " },
		{ "[interval up-to-1000]\nmin = 27 d\n",
		  "min: 27 is less than the built-in 28" },
		/* Cut otherwise: 301 to 1000 um would count as shallow. */
		{ "[interval up-to-500]\ndepth_up_to = 900 um\n",
		  "min: 14 is less than the built-in 28" },
		{ "[density up-to-1000]\nhard = 1100 permille\n",
		  "hard: 1100 is more than the built-in 1000" },
		{ "[density up-to-1000]\nsoft = 600 permille\n", "soft: 600" },
		{ "[density up-to-2500]\nabsolute = 1500 permille\n",
		  "absolute: 1500" },
		{ "[density up-to-1000]\ndepth_up_to = 1500 um\n",
		  "absolute: 2000 is more than the built-in 1000" },
	};
	struct catalogue *set;
	char at[sizeof(file) + 2];
	size_t i;

	(void)state;
	snprintf(at, sizeof(at), "%s:", file);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (load_text(bad[i].text, &set) != -EINVAL)
			fail_msg("accepted: %s", bad[i].text);
		assert_null(set);
		if (!strstr(error, bad[i].words) ||
		    strncmp(error, at, strlen(at)))
			fail_msg("'%s' instead of '%s'", error, bad[i].words);
	}
}

/* What is not built in has nothing to be measured by. */
static void a_clinic_can_add_entries_of_every_kind(void **state)
{
	struct catalogue *set = load_good(
		"[source X1]\ntitle = our notes\n"
		"[area elbow]\nname = elbow\ndepth_default = 200 um\n"
		"depth_soft = 300 um\ndepth_hard = 500 um\n"
		"depth_absolute = 500 um\nsource = X1\nconfidence = low\n"
		"[concern freckles]\nname = freckles\ndepth_default = 300 um\n"
		"depth_cap = 1500 um\nsessions_min = 3\nsessions_max = 12\n"
		"interval_recommended = 14 d\ninterval_min = 14 d\n"
		"areas = cheek elbow\noff_label = no\npigment = no\n"
		"source = X1\nconfidence = low\n"
		"[screening tired]\nquestion = Tired?\nverdict = warn\n"
		"look_back = 0 d\ngroup = person\nsource = X1\n"
		"confidence = low\n"
		"[preparation tea]\nstep = Tea offered.\nrequired = no\n"
		"source = X1\nconfidence = low\n"
		"[modifier child]\nname = child\ncondition = age\nfrom = 1\n"
		"until = 17\nsoft_cap = no\ndepth_less = 100 um\n"
		"acknowledge = no\nsource = X1\nconfidence = low\n"
		"[stop bored]\nsign = Bored.\nadvice = Talk.\nalarm = none\n"
		"resume = yes\nsource = X1\nconfidence = low\n");
	size_t k;

	(void)state;
	for (k = 0; k < CATALOGUE_KINDS; k++)
		switch ((enum catalogue_kind)k) {
		case CATALOGUE_SOURCE:
		case CATALOGUE_AREA:
		case CATALOGUE_CONCERN:
		case CATALOGUE_SCREENING:
		case CATALOGUE_PREPARATION:
		case CATALOGUE_MODIFIER:
		case CATALOGUE_STOP:
			assert_int_equal(set->table[k]->count,
				builtin_catalogue.table[k]->count + 1);
			break;
		case CATALOGUE_INTERVAL:
		case CATALOGUE_DENSITY:
		case CATALOGUE_PATTERN:
		case CATALOGUE_COURSE:
		case CATALOGUE_AFTERCARE:
		case CATALOGUE_KINDS:
			break;
		}
	catalogue_free(set);
}

/* The same the other way round is what files are for. */
static void every_table_can_be_tightened(void **state)
{
	struct catalogue *set = load_good(
		"[area neck]\ndepth_soft = 400 um\ndepth_hard = 500 um\n"
		"depth_absolute = 600 um\nsize = 8000 mm2\n"
		"measured_by = Dr A, 12 patients\n"
		"[area forehead]\ndepth_soft = 400 um\n"
		"[concern melasma]\nareas = cheek\ninterval_min = 30 d\n"
		"[screening nsaid]\nverdict = block\nlook_back = 7 d\n"
		"[preparation photo]\nrequired = yes\n"
		"[modifier age-65]\nfrom = 60\ndepth_less = 200 um\n"
		"[stop pain]\nalarm = high\nresume = no\n"
		"[interval up-to-1000]\nmin = 42 d\n"
		"[interval up-to-1500]\nmin = 42 d\n"
		"[density up-to-1000]\nsoft = 300 permille\n"
		"most = 4000 /cm2\n");

	(void)state;
	catalogue_use(set);
	assert_int_equal(catalogue_area_measured_mm2(catalogue_area("neck")),
			 8000);
	/* Ours is a placeholder, whoever changes the rest of the entry. */
	assert_int_equal(
		catalogue_area_measured_mm2(catalogue_area("forehead")), 0);
	assert_int_equal(catalogue_area("forehead")->size_mm2, 6000);
	assert_int_equal(catalogue_interval_for(1000)->min_days, 42);
	catalogue_use(NULL);
	catalogue_free(set);
}

/* To check a file it need not be installed, nor need what is shipped be. */
static void a_lone_file_is_read_on_top_of_what_is_built_in(void **state)
{
	const char *const dirs[] = { NULL, file };
	struct catalogue *set;

	(void)state;
	write_bytes("[area neck]\ndepth_hard = 500 um\n", 32);
	assert_int_equal(catalogue_load(dirs, 2, &set, error), 0);
	assert_int_equal(((const struct catalogue_area *)set_find(
				 set, CATALOGUE_AREA, "neck"))->depth_hard_um,
			 500);
	assert_int_equal(set->table[CATALOGUE_SCREENING]->count,
			 builtin_catalogue.table[CATALOGUE_SCREENING]->count);
	catalogue_free(set);
	assert_int_equal(catalogue_load(dirs, 1, &set, error), 0);
	catalogue_free(set);
	write_bytes("[area neck]\ndepth_hard = 900 um\n", 32);
	assert_int_equal(catalogue_load(dirs, 2, &set, error), -EINVAL);
	assert_non_null(strstr(error, ".conf:2: [area neck] depth_hard: 900"));
}

/* --- what is accepted -------------------------------------------------------- */

static void a_clinic_can_tighten(void **state)
{
	struct catalogue *set = load_good("# ours\n[area cheek] ; Dr A\n"
		"depth_soft = 700 um ; agreed in May\ndepth_hard = 800 um\n");
	struct catalogue_limits l;

	(void)state;
	catalogue_use(set);
	assert_int_equal(catalogue_limits(catalogue_area("cheek"),
				catalogue_concern("acne-scar"), &l), 0);
	assert_int_equal(l.depth_max_um, 800);
	assert_int_equal(l.depth_max_from, CATALOGUE_FROM_AREA);
	assert_int_equal(l.depth_soft_um, 700);
	/* The keys not named are as they were. */
	assert_int_equal(catalogue_area("cheek")->depth_default_um, 500);
	assert_string_equal(catalogue_area("cheek")->name, "cheek");
	assert_int_equal(catalogue_area("chin")->depth_hard_um, 1500);
	catalogue_use(NULL);
	assert_int_equal(catalogue_area("cheek")->depth_hard_um, 1500);
	catalogue_free(set);
}

static void a_clinic_can_add_and_translate(void **state)
{
	struct catalogue *set = load_good(
		"[area elbow]\nname = Ellenbeuge, au\xc3\x9f" "en\n"
		"depth_default = 200 um\ndepth_soft = 300 um\n"
		"depth_hard = 300 um\ndepth_absolute = 300 um\n"
		"source = X1\nconfidence = low\n"
		"[source X1]\ntitle = our own notes\n"
		"[concern texture-tone]\nareas = elbow\n");

	(void)state;
	catalogue_use(set);
	assert_string_equal(catalogue_area("elbow")->name,
			    "Ellenbeuge, au\xc3\x9f" "en");
	assert_true(catalogue_allows(catalogue_area("elbow"),
				     catalogue_concern("texture-tone")));
	assert_false(catalogue_allows(catalogue_area("cheek"),
				      catalogue_concern("texture-tone")));
	assert_string_equal(catalogue_source("X1")->title, "our own notes");
	catalogue_use(NULL);
	catalogue_free(set);
}

static void an_empty_or_absent_override_changes_nothing(void **state)
{
	const char *const dirs[] = { SHIPPED, "/nonexistent/catalogue.d" };
	struct catalogue *set = load_good("");

	(void)state;
	assert_int_equal(set->table[CATALOGUE_AREA]->count,
			 builtin_catalogue.table[CATALOGUE_AREA]->count);
	catalogue_free(set);
	assert_int_equal(catalogue_load(dirs, 2, &set, error), 0);
	catalogue_free(set);
}

static void only_conf_files_are_read(void **state)
{
	static const char *const others[] = {
		"a.conf~", ".a.conf", "a.conf.dpkg-old", "README",
	};
	struct catalogue *set;
	char path[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, others[i]);
		assert_int_equal(symlink("/dev/zero", path), 0);
	}
	i = (size_t)load_text("", &set);
	for (; i < sizeof(others) / sizeof(others[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, others[i]);
		unlink(path);
	}
	assert_non_null(set);
	catalogue_free(set);
}

/* --- files and directories --------------------------------------------------- */

static void without_the_first_directory_nothing_is_loaded(void **state)
{
	const char *const dirs[] = { "/nonexistent/catalogue", SHIPPED };
	struct catalogue *set;

	(void)state;
	assert_int_equal(catalogue_load(dirs, 2, &set, error), -ENOENT);
	assert_null(set);
	assert_non_null(strstr(error, "/nonexistent/catalogue: "));
	assert_int_equal(catalogue_load(dirs, 0, &set, error), -EINVAL);
}

/* A file that was forgotten must not loosen anything. */
static void every_shipped_file_is_needed(void **state)
{
	static const char *const names[] = {
		"areas", "concerns", "screening", "preparation", "modifiers",
		"intervals", "densities", "patterns", "stops", "courses",
		"aftercare", "sources",
	};
	const char *const dirs[] = { dir };
	char from[128], to[128];
	struct catalogue *set;
	size_t without, i;
	int ret;

	(void)state;
	unlink(file);
	for (without = 0; without <= sizeof(names) / sizeof(names[0]);
	     without++) {
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			char *cwd = getcwd(NULL, 0);

			snprintf(from, sizeof(from), "%s/" SHIPPED "/%s.conf",
				 cwd, names[i]);
			free(cwd);
			snprintf(to, sizeof(to), "%s/%s.conf", dir, names[i]);
			if (i != without)
				assert_int_equal(symlink(from, to), 0);
		}
		ret = catalogue_load(dirs, 1, &set, error);
		catalogue_free(set);
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			snprintf(to, sizeof(to), "%s/%s.conf", dir, names[i]);
			unlink(to);
		}
		assert_int_equal(ret, without < i ? -EINVAL : 0);
	}
}

/* All shipped files in one, but @heading has another name. */
static int load_without(const char *heading)
{
	const char *const dirs[] = { dir };
	struct catalogue *set;
	char command[256];
	int ret;

	snprintf(command, sizeof(command),
		 "cat " SHIPPED "/*.conf | sed '/^\\[%s\\]$/s/.$/-x]/' >%s",
		 heading, file);
	assert_int_equal(system(command), 0);
	ret = catalogue_load(dirs, 1, &set, error);
	catalogue_free(set);
	return ret;
}

static void what_protects_cannot_be_left_out(void **state)
{
	static const char *const needed[] = {
		"area eyelid", "area lips", "area nostril", "area ear-canal",
		"area mole", "area tattoo", "area active-lesion",
		"screening keloid", "screening anticoagulant",
		"preparation cartridge-new", "modifier skin-type-v-vi",
		"stop allergic-reaction",
	};
	char missing[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		assert_int_equal(load_without(needed[i]), -EINVAL);
		snprintf(missing, sizeof(missing), "[%s] is missing",
			 needed[i]);
		if (!strstr(error, missing))
			fail_msg("'%s' instead of '%s'", error, missing);
	}
	assert_int_equal(load_without("screening nsaid"), 0);
	assert_int_equal(load_without("preparation photo"), 0);
	assert_int_equal(load_without("nothing"), 0);
}

static void what_is_no_file_is_refused_at_once(void **state)
{
	struct catalogue *set;

	(void)state;
	unlink(file);
	assert_int_equal(mkfifo(file, 0600), 0);
	assert_int_equal(load_file(&set), -EINVAL);
	assert_non_null(strstr(error, "not a file"));
	unlink(file);
	assert_int_equal(symlink("/dev/zero", file), 0);
	assert_int_equal(load_file(&set), -EINVAL);
	unlink(file);
	assert_int_equal(symlink("nowhere", file), 0);
	assert_int_equal(load_file(&set), -ENOENT);
	unlink(file);
}

/* --- anything at all --------------------------------------------------------- */

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* Cut anywhere, and with bytes changed: refused, or still within ceilings. */
static void no_bytes_whatever_do_harm(void **state)
{
	static const char good[] =
		"[area cheek]\ndepth_default = 400 um\ndepth_soft = 500 um\n"
		"[concern melasma]\nareas = cheek chin\npigment = yes\n"
		"[screening nsaid]\nlook_back = 5 d\n";
	char text[sizeof(good)];
	struct catalogue *set;
	const struct catalogue_area *a;
	uint32_t seed = 20261120;
	size_t i, round, accepted = 0;
	int ret;

	(void)state;
	for (round = 0; round < 300 + sizeof(good); round++) {
		size_t len = sizeof(good) - 1;

		memcpy(text, good, len);
		if (round < sizeof(good))
			len = round;
		else
			for (i = 0; i < 1 + round % 3; i++)
				text[next_random(&seed) % len] =
					(char)next_random(&seed);
		write_bytes(text, len);
		ret = load_file(&set);
		assert_true((ret == 0) == (set != NULL));
		assert_true((ret == 0) == (error[0] == '\0'));
		accepted += ret == 0;
		for (i = 0; set && (a = set_at(set, CATALOGUE_AREA, i)); i++) {
			assert_true(a->depth_default_um <= a->depth_soft_um);
			assert_true(a->depth_hard_um <= 2500);
			assert_true(!catalogue_area_forbidden(a) ||
				    !a->depth_hard_um);
		}
		catalogue_free(set);
	}
	assert_in_range(accepted, 5, round - 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shipped_files_say_what_is_built_in),
		cmocka_unit_test(the_schema_describes_whole_structs),
		cmocka_unit_test(unknown_words_are_refused),
		cmocka_unit_test(duplicates_are_refused),
		cmocka_unit_test(wrong_units_are_refused),
		cmocka_unit_test(figures_out_of_range_are_refused),
		cmocka_unit_test(every_disagreement_is_refused),
		cmocka_unit_test(the_fault_is_where_the_last_change_was),
		cmocka_unit_test(references_to_nothing_are_refused),
		cmocka_unit_test(missing_keys_and_sources_are_refused),
		cmocka_unit_test(lines_that_are_no_lines_are_refused),
		cmocka_unit_test(the_longest_line_is_read_whole),
		cmocka_unit_test(forbidden_sites_stay_forbidden),
		cmocka_unit_test(ceilings_hold_without_the_reader),
		cmocka_unit_test(no_file_loosens_what_is_built_in),
		cmocka_unit_test(a_clinic_can_add_entries_of_every_kind),
		cmocka_unit_test(every_table_can_be_tightened),
		cmocka_unit_test(a_lone_file_is_read_on_top_of_what_is_built_in),
		cmocka_unit_test(a_clinic_can_tighten),
		cmocka_unit_test(a_clinic_can_add_and_translate),
		cmocka_unit_test(an_empty_or_absent_override_changes_nothing),
		cmocka_unit_test(only_conf_files_are_read),
		cmocka_unit_test(without_the_first_directory_nothing_is_loaded),
		cmocka_unit_test(every_shipped_file_is_needed),
		cmocka_unit_test(what_protects_cannot_be_left_out),
		cmocka_unit_test(what_is_no_file_is_refused_at_once),
		cmocka_unit_test(no_bytes_whatever_do_harm),
	};

	return cmocka_run_group_tests_name("catalogue files", tests, make_dir,
					   remove_dir);
}
