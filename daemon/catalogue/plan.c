// SPDX-License-Identifier: GPL-2.0-or-later
/* Built-in modifiers, intervals, densities, patterns and courses. */
#include "daemon/catalogue/set.h"

#define WORKED_OUT(sources_) BUILTIN_BASIS(sources_, CATALOGUE_ENGINEERING)

/* One step of depth, the larger of the two that pens offer. */
#define STEP_UM 100

static const struct catalogue_modifier modifiers_table[] = {
	{
		.id = "first-session", .name = "first session ever",
		.condition = CATALOGUE_FIRST_SESSION, .soft_cap = true,
		.basis = WORKED_OUT("M1"),
	}, {
		.id = "skin-type-iv", .name = "skin type IV",
		.condition = CATALOGUE_SKIN_TYPE, .from = 4, .until = 4,
		.soft_cap = true, .basis = WORKED_OUT("C19"),
	}, {
		.id = "skin-type-v-vi", .name = "skin type V or VI",
		.condition = CATALOGUE_SKIN_TYPE, .from = 5, .until = 6,
		.soft_cap = true, .depth_less_um = STEP_UM,
		.pigment_cap_um = 500, .acknowledge = true,
		.note = "Dark spots are likelier: was a small patch tried first?",
		.basis = WORKED_OUT("C19 D10 D11 D16"),
	}, {
		.id = "age-65", .name = "65 years or older",
		.condition = CATALOGUE_AGE, .from = 65, .until = 150,
		.depth_less_um = STEP_UM, .basis = WORKED_OUT("C1"),
	}, {
		.id = "thin-skin", .name = "thin skin",
		.condition = CATALOGUE_THIN_SKIN, .depth_less_um = STEP_UM,
		.basis = WORKED_OUT("C1"),
	},
};
const struct catalogue_table builtin_modifiers = BUILTIN_TABLE(modifiers_table);

#define INTERVAL(id_, depth_, min_, recommended_)			\
	{								\
		.id = id_, .depth_up_to_um = depth_, .min_days = min_,	\
		.recommended_days = recommended_,			\
		.basis = WORKED_OUT("C40 C41 D9 D14")			\
	}

/* The stricter of clinics' habits and trials. */
static const struct catalogue_interval intervals_table[] = {
	INTERVAL("up-to-300", 300, 14, 14),
	INTERVAL("up-to-500", 500, 14, 28),
	INTERVAL("up-to-1000", 1000, 28, 42),
	INTERVAL("up-to-1500", 1500, 28, 42),
	INTERVAL("up-to-2500", 2500, 42, 56),
};
const struct catalogue_table builtin_intervals = BUILTIN_TABLE(intervals_table);

#define DENSITY(id_, depth_, soft_, hard_, abs_)			\
	{								\
		.id = id_, .depth_up_to_um = depth_,			\
		.target_permille = 250, .soft_permille = soft_,		\
		.hard_permille = hard_, .abs_permille = abs_,		\
		.abs_per_cm2 = 5000, .basis = WORKED_OUT("C17 M1")	\
	}

/* No source names a ceiling; deep punctures count double. */
static const struct catalogue_density densities_table[] = {
	DENSITY("up-to-1000", 1000, 500, 1000, 2000),
	DENSITY("up-to-2500", 2500, 250, 500, 1000),
};
const struct catalogue_table builtin_densities = BUILTIN_TABLE(densities_table);

static const char *const soft_parts[] = {
	"glabella", "cheek", "perioral", "chin", "neck", "decolletage", "arm",
	"abdomen", "thigh", "thigh-inner", "buttock", "back", NULL
};
static const char *const over_bone[] = {
	"forehead", "temple", "periorbital", "nose", "cheekbone", "jaw", "hand",
	"scalp", NULL
};

/* 250 to 300 per cm2 is the only target found; the lower end is taken. */
static const struct catalogue_pattern patterns_table[] = {
	{
		.id = "four-directions", .name = "four directions",
		.text = "Pen upright; straight strokes up and down, across, then along both diagonals. Never in circles.",
		.passes = 4, .target_per_cm2 = 250, .areas = soft_parts,
		.basis = WORKED_OUT("D20 C17"),
	}, {
		.id = "over-bone", .name = "four directions, light hand",
		.text = "As in four directions, but without pressure: the bone is close.",
		.passes = 4, .target_per_cm2 = 250, .areas = over_bone,
		.basis = WORKED_OUT("D20 C17 C33"),
	},
};
const struct catalogue_table builtin_patterns = BUILTIN_TABLE(patterns_table);

#define COURSE(id_, name_, concern_, sessions_, interval_, sources_)	\
	{								\
		.id = id_, .name = name_, .concern = concern_,		\
		.sessions = sessions_, .interval_days = interval_,	\
		.visit_min_minutes = 30, .visit_max_minutes = 60,	\
		.maintenance_days = 180, .basis = WORKED_OUT(sources_)	\
	}

/*
 * Sessions as in the trial named, where there is one; intervals no shorter
 * than the concern recommends. Upkeep after half a year at the earliest (C35).
 */
static const struct catalogue_course courses_table[] = {
	COURSE("fine-lines", "fine lines", "fine-lines", 4, 28, "C16 C35"),
	COURSE("wrinkles", "wrinkles", "wrinkles", 4, 30, "D14 C35"),
	COURSE("laxity", "firmness", "laxity", 4, 30, "D14 C35"),
	COURSE("texture-tone", "texture and tone", "texture-tone", 4, 30,
	       "D14 C35"),
	COURSE("sun-damage", "sun damage", "sun-damage", 6, 28, "C8 C35"),
	COURSE("acne-scar", "acne scars", "acne-scar", 4, 30, "D15 C35"),
	COURSE("acne-scar-short", "acne scars, short course", "acne-scar", 3,
	       30, "D9 C10 C35"),
	COURSE("scar-other", "surgical or injury scars", "scar-other", 3, 42,
	       "D19 C35"),
	COURSE("stretch-marks", "stretch marks", "stretch-marks", 5, 42,
	       "C12 C35"),
	COURSE("enlarged-pores", "enlarged pores", "enlarged-pores", 3, 28,
	       "M1 C35"),
	COURSE("hyperpigmentation", "dark spots", "hyperpigmentation", 3, 42,
	       "M1 C35"),
	COURSE("melasma", "melasma", "melasma", 3, 42, "C3 C4 C35"),
	COURSE("product-absorption", "product absorption", "product-absorption",
	       3, 28, "M1 C35"),
	COURSE("hair-scalp", "thinning hair", "hair-scalp", 6, 14, "C5 C35"),
};
const struct catalogue_table builtin_courses = BUILTIN_TABLE(courses_table);
