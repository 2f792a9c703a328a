// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Built-in reasons to stop, and aftercare.
 *
 * Sources disagree widely on aftercare; each rule takes the longest time that
 * any of them asks for, where one was found.
 */
#include "daemon/catalogue/set.h"

#define STOP(id_, alarm_, resume_, sources_, sign_, advice_)		\
	{								\
		.id = id_, .sign = sign_, .advice = advice_,		\
		.alarm = CATALOGUE_ALARM_##alarm_, .resume = resume_,	\
		.basis = BUILTIN_BASIS(sources_, CATALOGUE_ENGINEERING)	\
	}

static const struct catalogue_stop stops_table[] = {
	STOP("end-point", NONE, true, "C35 C58",
	     "Even redness or pinpoint bleeding.",
	     "This area is done for today; go on to the next."),
	STOP("running-blood", MEDIUM, false, "C35 C58",
	     "Blood runs instead of standing in points.",
	     "Press with sterile gauze. No more needling today."),
	STOP("pain", LOW, true, "M1",
	     "Pain above 6 of 10.",
	     "Pause. Go on only shallower, and only if the patient wants to."),
	STOP("blanching", MEDIUM, false, "M1",
	     "Skin turns white or grey.",
	     "No more needling today; watch it and call a physician."),
	STOP("allergic-reaction", HIGH, false, "M1",
	     "New swelling, hives or trouble breathing.",
	     "EMERGENCY: call for medical help at once. Do not leave the patient."),
	STOP("needle-caught", MEDIUM, false, "M1",
	     "A needle is caught or bent.",
	     "Lift the pen straight off, look for broken needles, use a new cartridge."),
	STOP("cartridge-loose", MEDIUM, false, "M1",
	     "The cartridge is loose.",
	     "Lift the pen off. The cartridge is waste; use a new one."),
	STOP("patient-asks", NONE, true, "M1",
	     "The patient asks to stop.",
	     "Pause. Go on only if the patient wants to."),
};
const struct catalogue_table builtin_stops = BUILTIN_TABLE(stops_table);

#define CARE(id_, advice_, from_, until_, sources_, confidence_, text_)	\
	CARE_DEPTH(id_, advice_, from_, until_, 0, 0, sources_,		\
		   confidence_, text_)
#define CARE_DEPTH(id_, advice_, from_, until_, over_, up_to_, sources_, \
		   confidence_, text_)					\
	{								\
		.id = id_, .advice = CATALOGUE_##advice_, .text = text_, \
		.from_hours = from_, .until_hours = until_,		\
		.depth_over_um = over_, .depth_up_to_um = up_to_,	\
		.basis = BUILTIN_BASIS(sources_,			\
				       CATALOGUE_##confidence_)		\
	}
#define DAY 24

static const struct catalogue_aftercare aftercare_table[] = {
	/* products */
	CARE("acids", AVOID, 0, 14 * DAY, "B2 C48 C55 C57", LOW,
	     "Acids (AHA, BHA), exfoliants, retinol and other vitamin A."),
	CARE("vitamin-c-peroxide", AVOID, 0, 7 * DAY, "B2 C57", LOW,
	     "Vitamin C and benzoyl peroxide."),
	CARE("perfume", AVOID, 0, 4 * DAY, "B2", LOW,
	     "Perfumed products and cosmetics."),
	CARE("make-up", AVOID, 0, 2 * DAY, "B3 C55 C56", LOW, "Make-up."),
	CARE("make-up-mineral", ONLY, 2 * DAY, 4 * DAY, "B2 C55", LOW,
	     "Plain mineral make-up without perfume."),
	CARE("wash-not", AVOID, 0, 8, "C56", LOW,
	     "Washing, and anything else on the skin."),
	CARE("wash-gentle", ONLY, 8, 3 * DAY, "B3 C55", LOW,
	     "Tepid water or a gentle cleanser."),
	CARE("soap", AVOID, 0, 7 * DAY, "B2 C55", LOW,
	     "Soap and foaming cleansers."),

	/* sun */
	CARE("shade", DO, 0, DAY, "C54 C55 C56", LOW,
	     "Stay in the shade, wear a hat; no sunscreen on the skin yet."),
	CARE("sunscreen", DO, DAY, 14 * DAY, "B1 B2 C55", LOW,
	     "Mineral sunscreen, SPF 30 or more, every day."),
	CARE("sun", AVOID, 0, 3 * DAY, "B1 C45 D12", LOW, "Sun."),
	CARE("sun-little", LIMIT, 3 * DAY, 14 * DAY, "C61", LOW, "Sun."),
	CARE("tanning-bed", AVOID, 0, 14 * DAY, "B2 C61", LOW, "Tanning beds."),
	CARE("self-tan", AVOID, 0, 3 * DAY, "B2 D12", LOW,
	     "Self-tanner and spray tan."),

	/* activities */
	CARE("exercise", AVOID, 0, 3 * DAY, "B2 C45", LOW,
	     "Hard exercise and heavy sweating."),
	CARE("sauna-pool", AVOID, 0, 3 * DAY, "B2 D12 C55", LOW,
	     "Sauna, steam, hot tub, pool and sea."),
	CARE_DEPTH("pool-deep", AVOID, 3 * DAY, 5 * DAY, 1000, 0, "C54", LOW,
		   "Pool and sea."),
	CARE("alcohol", AVOID, 0, DAY, "C54", LOW,
	     "Alcohol and supplements that thin the blood."),

	/* other treatments */
	CARE("shaving", AVOID, 0, DAY, "B2", LOW, "Shaving."),
	CARE("hair-removal", AVOID, 0, 3 * DAY, "D12", MEDIUM,
	     "Waxing, depilation and other hair removal."),
	CARE("peel-laser", AVOID, 0, 28 * DAY, "C67 D12", LOW,
	     "Peels, laser and other treatments of the area."),
	CARE("toxin", AVOID, 0, 14 * DAY, "C68", LOW, "Botulinum toxin."),
	CARE("permanent-make-up", AVOID, 0, 28 * DAY, "B2", ENGINEERING,
	     "Permanent make-up and tattoos of the area."),

	/* what is normal, and what is not */
	CARE_DEPTH("redness-shallow", EXPECT, 0, 3 * DAY, 0, 500, "D28 C19",
		   LOW, "Redness, fading day by day."),
	CARE_DEPTH("redness-middle", EXPECT, 0, 5 * DAY, 500, 1500, "D28 C19",
		   LOW, "Redness, fading day by day."),
	CARE_DEPTH("redness-deep", EXPECT, 0, 7 * DAY, 1500, 0, "D28 C19", LOW,
		   "Redness, fading day by day."),
	CARE("bleeding", CALL, 1, 14 * DAY, "M1", ENGINEERING,
	     "Points that still bleed."),
	CARE("pain-heat", CALL, DAY, 30 * DAY, "M1", ENGINEERING,
	     "Pain or heat that rises."),
	CARE("redness-long", CALL, 7 * DAY, 30 * DAY, "C19", ENGINEERING,
	     "Skin that is still red."),
	CARE("skin-change", CALL, 0, 30 * DAY, "C19", ENGINEERING,
	     "Pus, blisters, a change of colour or a raised line."),
	CARE("follow-up-day", ASK, DAY, 2 * DAY, "M1", ENGINEERING,
	     "How is the skin? Anything unexpected?"),
	CARE("follow-up-week", ASK, 7 * DAY, 8 * DAY, "M1", ENGINEERING,
	     "Still red or sore? Anything unexpected?"),
	CARE("follow-up-month", ASK, 30 * DAY, 32 * DAY, "M1", ENGINEERING,
	     "Any change of colour, any scar? Anything unexpected?"),
};
const struct catalogue_table builtin_aftercare = BUILTIN_TABLE(aftercare_table);
