// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Areas and concerns.
 *
 * Every depth is a proposal worked out from the sources named beside it and
 * wants a clinician's signature: hence ENGINEERING throughout, however good
 * the source. "M1" means that no source was found and the row was derived
 * from its neighbour.
 */
#include "daemon/catalogue/set.h"

#define AREA(id_, name_, default_, soft_, hard_, abs_, sources_)	\
	AREA_SIZED(id_, name_, default_, soft_, hard_, abs_, 0, sources_)
#define AREA_SIZED(id_, name_, default_, soft_, hard_, abs_, size_, sources_) \
	{								\
		.id = id_, .name = name_,				\
		.depth_default_um = default_,				\
		.depth_soft_um = soft_,					\
		.depth_hard_um = hard_,					\
		.depth_abs_um = abs_,					\
		.size_mm2 = size_,					\
		.basis = BUILTIN_BASIS(sources_, CATALOGUE_ENGINEERING) \
	}

static const struct catalogue_area areas_table[] = {
	/* 60 cm2 is assumed; no other area has a figure at all. */
	AREA_SIZED("forehead", "forehead", 300, 500, 750, 1000, 6000,
		   "D21 D28 C1"),
	AREA("glabella", "between the eyebrows", 300, 500, 750, 1000,
	     "D21 D28 C1"),
	AREA("temple", "temple", 300, 500, 500, 750, "C1"),
	AREA("periorbital", "around the eye, outside the orbital rim",
	     200, 300, 500, 500, "C36 C37 D28 C1"),
	AREA("nose", "nose", 300, 500, 750, 800, "D21"),
	AREA("cheekbone", "cheekbone", 500, 750, 1000, 1000, "D28 C1"),
	AREA("cheek", "cheek", 500, 1000, 1500, 1500, "D4 D10 C36"),
	AREA("perioral", "upper lip and around the mouth", 250, 500, 750, 750,
	     "C36 D28"),
	AREA("chin", "chin", 500, 1000, 1500, 1500, "C36 D28 D4"),
	AREA("jaw", "jaw and below it", 500, 750, 1000, 1000, "C1"),
	AREA("neck", "neck", 300, 500, 750, 1000, "C1 M1"),
	AREA("decolletage", "decolletage", 300, 500, 750, 1000, "M1"),
	AREA("arm", "arm", 500, 750, 1000, 1500, "M1"),
	AREA("hand", "back of the hand", 250, 500, 500, 750, "M1"),
	AREA("abdomen", "abdomen", 1000, 1500, 2000, 2500, "D19 D28"),
	AREA("thigh", "thigh, outer side", 1000, 1500, 2000, 2500, "C59 D28"),
	/* Thinner than the outer side: 500 um less throughout. */
	AREA("thigh-inner", "thigh, inner side", 500, 1000, 1500, 2000,
	     "C59 D28"),
	AREA("buttock", "buttock", 1000, 1500, 2000, 2500, "C59 D28"),
	AREA("back", "back", 500, 1000, 1500, 2000, "D9"),
	AREA("scalp", "scalp", 500, 600, 1200, 1500, "C5 C6"),

	/* Never, whatever the concern, the pen or the operator's role. */
	AREA("eyelid", "eyelid, inside the orbital rim", 0, 0, 0, 0, "D6"),
	AREA("lips", "lips (vermilion)", 0, 0, 0, 0, "M1"),
	AREA("nostril", "inside the nostril", 0, 0, 0, 0, "M1"),
	AREA("ear-canal", "ear canal", 0, 0, 0, 0, "M1"),
	AREA("mole", "mole", 0, 0, 0, 0, "D12"),
	AREA("tattoo", "tattoo or permanent make-up", 0, 0, 0, 0, "C49"),
	AREA("active-lesion", "open, infected or unexplained lesion",
	     0, 0, 0, 0, "D12 D6"),
};
const struct catalogue_table builtin_areas = BUILTIN_TABLE(areas_table);

#define FACE								\
	"forehead", "glabella", "temple", "periorbital", "nose",	\
	"cheekbone", "cheek", "perioral", "chin", "jaw"

static const char *const face[] = { FACE, NULL };
static const char *const face_neck[] = { FACE, "neck", NULL };
static const char *const face_hand[] = { FACE, "hand", NULL };
static const char *const texture[] = {
	FACE, "neck", "decolletage", "arm", "hand", NULL
};
static const char *const sun[] = {
	FACE, "decolletage", "arm", "hand", NULL
};
static const char *const acne_scar[] = { "cheek", "chin", "back", NULL };
static const char *const body[] = {
	"abdomen", "thigh", "thigh-inner", "buttock", "back", "arm", NULL
};
static const char *const striae[] = {
	"abdomen", "thigh", "thigh-inner", "buttock", "arm", NULL
};
static const char *const pores[] = { "cheek", "nose", "chin", NULL };
static const char *const scalp[] = { "scalp", NULL };

#define BASIS(sources_) BUILTIN_BASIS(sources_, CATALOGUE_ENGINEERING)

static const struct catalogue_concern concerns_table[] = {
	{
		.id = "fine-lines", .name = "fine lines",
		.depth_default_um = 300, .depth_cap_um = 500,
		.sessions_min = 3, .sessions_max = 4,
		.interval_recommended_days = 28, .interval_min_days = 14,
		.areas = face_neck, .basis = BASIS("C16 C38"),
	}, {
		.id = "wrinkles", .name = "wrinkles",
		.depth_default_um = 500, .depth_cap_um = 1500,
		.sessions_min = 3, .sessions_max = 4,
		.interval_recommended_days = 30, .interval_min_days = 28,
		.areas = face_neck, .basis = BASIS("D11 D14 D16 D2"),
	}, {
		.id = "laxity", .name = "loss of firmness",
		.depth_default_um = 500, .depth_cap_um = 1500,
		.sessions_min = 4, .sessions_max = 6,
		.interval_recommended_days = 30, .interval_min_days = 28,
		.areas = face_neck, .off_label = true,
		.basis = BASIS("D14 D20"),
	}, {
		.id = "texture-tone", .name = "uneven texture or tone",
		.depth_default_um = 300, .depth_cap_um = 500,
		.sessions_min = 3, .sessions_max = 6,
		.interval_recommended_days = 28, .interval_min_days = 14,
		.areas = texture, .off_label = true, .basis = BASIS("D14"),
	}, {
		.id = "sun-damage", .name = "sun damage",
		.depth_default_um = 300, .depth_cap_um = 500,
		.sessions_min = 3, .sessions_max = 6,
		.interval_recommended_days = 28, .interval_min_days = 14,
		.areas = sun, .off_label = true, .pigment = true,
		.note = "Look for lesions that need a diagnosis first.",
		.basis = BASIS("C8"),
	}, {
		.id = "acne-scar", .name = "atrophic acne scars",
		.depth_default_um = 1000, .depth_cap_um = 1500,
		.sessions_min = 3, .sessions_max = 6,
		.interval_recommended_days = 30, .interval_min_days = 28,
		.areas = acne_scar,
		.note = "Authorised for some pens on the face only.",
		.basis = BASIS("D9 D10 D15 C9 C10"),
	}, {
		.id = "scar-other", .name = "surgical or injury scars",
		.depth_default_um = 1000, .depth_cap_um = 1500,
		.sessions_min = 3, .sessions_max = 6,
		.interval_recommended_days = 42, .interval_min_days = 28,
		.areas = body,
		.note = "Authorised for one pen on the abdomen only.",
		.basis = BASIS("D19 C14 C15"),
	}, {
		.id = "stretch-marks", .name = "stretch marks",
		.depth_default_um = 1500, .depth_cap_um = 2000,
		.sessions_min = 3, .sessions_max = 6,
		.interval_recommended_days = 42, .interval_min_days = 28,
		.areas = striae, .off_label = true,
		.basis = BASIS("C11 C12 C13"),
	}, {
		.id = "enlarged-pores", .name = "enlarged pores",
		.depth_default_um = 500, .depth_cap_um = 1000,
		.sessions_min = 3, .sessions_max = 6,
		.interval_recommended_days = 28, .interval_min_days = 28,
		.areas = pores, .off_label = true, .basis = BASIS("C38 C39"),
	}, {
		.id = "hyperpigmentation", .name = "dark spots",
		.depth_default_um = 300, .depth_cap_um = 500,
		.sessions_min = 3, .sessions_max = 6,
		.interval_recommended_days = 42, .interval_min_days = 28,
		.areas = face_hand, .off_label = true, .pigment = true,
		.note = "Needling can itself leave dark spots.",
		.basis = BASIS("C19 C39"),
	}, {
		.id = "melasma", .name = "melasma",
		.depth_default_um = 300, .depth_cap_um = 500,
		.sessions_min = 2, .sessions_max = 6,
		.interval_recommended_days = 42, .interval_min_days = 28,
		.areas = face, .off_label = true, .pigment = true,
		.note = "Needling can itself leave dark spots; sun protection must be settled first.",
		.basis = BASIS("C3 C4"),
	}, {
		.id = "product-absorption", .name = "product absorption",
		.depth_default_um = 250, .depth_cap_um = 300,
		.sessions_min = 1, .sessions_max = 6,
		.interval_recommended_days = 28, .interval_min_days = 14,
		.areas = face, .off_label = true,
		.note = "Not a purpose of such pens; only drug-free sterile gel.",
		.basis = BASIS("R1 C22"),
	}, {
		.id = "hair-scalp", .name = "thinning hair",
		.depth_default_um = 500, .depth_cap_um = 600,
		.sessions_min = 6, .sessions_max = 12,
		.interval_recommended_days = 14, .interval_min_days = 14,
		.areas = scalp, .off_label = true, .basis = BASIS("C5 C6"),
	},
};
const struct catalogue_table builtin_concerns = BUILTIN_TABLE(concerns_table);
