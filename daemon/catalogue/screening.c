// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Screening questions and preparation steps.
 *
 * Where sources disagree on a waiting time, the longest from a credible
 * source blocks and the longest from any source warns; such pairs are two
 * questions. A prescribed drug is never to be stopped on our account: those
 * ask for the prescriber.
 */
#include "daemon/catalogue/set.h"

#define ASK(code_, group_, verdict_, days_, sources_, confidence_, question_) \
	{								\
		.code = code_, .question = question_,			\
		.group = CATALOGUE_GROUP_##group_,			\
		.verdict = CATALOGUE_##verdict_, .days = days_,		\
		.basis = BUILTIN_BASIS(sources_,			\
				       CATALOGUE_##confidence_)		\
	}

static const struct catalogue_screening screening_table[] = {
	/* the patient as a whole */
	ASK("age-minor", PERSON, BLOCK, 0, "C66", MEDIUM,
	    "Is the patient under 18 without a guardian's written consent?"),
	ASK("age-under-22", PERSON, WARN, 0, "R8", HIGH,
	    "Is the patient under 22, and so outside what was authorised?"),
	ASK("pregnant-nursing", PERSON, BLOCK, 0, "D6 C46", MEDIUM,
	    "Is the patient pregnant or breast-feeding?"),
	ASK("bleeding-disorder", HEALTH, BLOCK, 0, "D6 D12 D25", MEDIUM,
	    "Does the patient have a bleeding disorder?"),
	ASK("anticoagulant", MEDICINES, OVERRIDE, 0, "D12 D8", MEDIUM,
	    "Does the patient take blood thinners, aspirin included?"),
	ASK("nsaid", MEDICINES, WARN, 3, "C50", LOW,
	    "Any anti-inflammatory painkillers in the last 3 days?"),
	ASK("isotretinoin", MEDICINES, BLOCK, 0, "D6 D7", MEDIUM,
	    "Does the patient take isotretinoin now?"),
	ASK("isotretinoin-180d", MEDICINES, OVERRIDE, 180, "C25 C26 C27", MEDIUM,
	    "Was isotretinoin taken in the last 180 days?"),
	ASK("isotretinoin-365d", MEDICINES, WARN, 365, "C47 C48", LOW,
	    "Was isotretinoin taken in the last 365 days?"),
	ASK("keloid", PERSON, BLOCK, 0, "D12 D8", MEDIUM,
	    "Has the patient ever had keloids, or is the tendency known?"),
	ASK("hypertrophic-scar", PERSON, WARN, 0, "C61", LOW,
	    "Do the patient's wounds tend to heal with raised scars?"),
	ASK("metal-allergy", HEALTH, BLOCK, 0, "D6 C19", MEDIUM,
	    "Is the patient allergic to steel, nickel or other metals?"),
	ASK("anaesthetic-allergy", HEALTH, OVERRIDE, 0, "D6 D12", MEDIUM,
	    "Is the patient allergic to a numbing agent?"),
	ASK("autoimmune-skin", HEALTH, OVERRIDE, 0, "D7 D25", MEDIUM,
	    "Scleroderma, collagen-vascular or autoimmune skin disease?"),
	ASK("diabetes-uncontrolled", HEALTH, BLOCK, 0, "D12", MEDIUM,
	    "Does the patient have diabetes that is not under control?"),
	ASK("diabetes", HEALTH, OVERRIDE, 0, "D12", MEDIUM,
	    "Does the patient have diabetes under control?"),
	ASK("immunosuppression", HEALTH, OVERRIDE, 0, "D12", MEDIUM,
	    "Weakened immune system, HIV, hepatitis or a general infection?"),
	ASK("chemo-radio-steroid", MEDICINES, BLOCK, 28, "D12", MEDIUM,
	    "Chemotherapy, radiotherapy or high-dose steroids within 4 weeks before or after today?"),
	ASK("cardiac", HEALTH, OVERRIDE, 0, "D7 C47", LOW,
	    "Does the patient have a heart condition or a pacemaker?"),
	ASK("photosensitising-drug", MEDICINES, WARN, 0, "C47 C51", LOW,
	    "Does the patient take a drug that makes skin sensitive to light?"),
	ASK("hsv-history", HEALTH, WARN, 0, "C44", MEDIUM,
	    "Has the patient ever had cold sores? Ask the prescriber about prevention."),
	ASK("skin-type-v-vi", PERSON, WARN, 0, "D10 D11 D16 C19", MEDIUM,
	    "Is the skin type V or VI on the Fitzpatrick scale?"),
	ASK("alcohol-24h", MEDICINES, WARN, 1, "C51", LOW,
	    "Any alcohol in the last 24 hours?"),

	/* the area to be treated */
	ASK("skin-cancer", AREA, BLOCK, 0, "D6 D12", MEDIUM,
	    "Skin cancer, or a lesion nobody has explained, in the area?"),
	ASK("open-wound", AREA, BLOCK, 0, "D6", MEDIUM,
	    "Is there an open wound, a sore or irritated skin in the area?"),
	ASK("infection", AREA, BLOCK, 14, "D12 D7 D25", ENGINEERING,
	    "An infection in the area, now or healed less than 14 days ago?"),
	ASK("active-acne", AREA, BLOCK, 0, "D12 D25 C44", MEDIUM,
	    "Is there active acne in the area?"),
	ASK("inflamed-skin", AREA, BLOCK, 0, "D12 D25 D8", MEDIUM,
	    "Active rosacea, eczema, psoriasis or a rash in the area?"),
	ASK("solar-keratosis", AREA, BLOCK, 0, "D12 D25", MEDIUM,
	    "Is there a solar keratosis or raised mole to be crossed?"),
	ASK("tattoo-in-area", AREA, BLOCK, 0, "C49", LOW,
	    "Is there a tattoo or permanent make-up to be crossed?"),
	ASK("irradiated-field", AREA, OVERRIDE, 0, "D12", ENGINEERING,
	    "Has the area ever been irradiated?"),
	ASK("scar-under-180d", AREA, OVERRIDE, 180, "D12 C15", MEDIUM,
	    "Is there a scar younger than 180 days in the area?"),
	ASK("scar-under-365d", AREA, WARN, 365, "D8 C46", MEDIUM,
	    "Is there a scar younger than 365 days in the area?"),
	ASK("surgery-365d", TREATMENTS, OVERRIDE, 365, "D12 C46", MEDIUM,
	    "Any surgery in the area in the last 365 days?"),
	ASK("filler-180d", TREATMENTS, OVERRIDE, 180, "D12 C45", MEDIUM,
	    "Any filler in the area in the last 180 days?"),
	ASK("filler-365d", TREATMENTS, WARN, 365, "C46", LOW,
	    "Any filler in the area in the last 365 days?"),
	ASK("botulinum-14d", TREATMENTS, OVERRIDE, 14, "C47 C48 C53", LOW,
	    "Any botulinum toxin in the area in the last 14 days?"),
	ASK("botulinum-180d", TREATMENTS, WARN, 180, "C45 C46", LOW,
	    "Any botulinum toxin in the area in the last 180 days?"),
	ASK("peel-28d", TREATMENTS, OVERRIDE, 28, "C48 C52", LOW,
	    "Any chemical peel of the area in the last 28 days?"),
	ASK("deep-peel-90d", TREATMENTS, OVERRIDE, 90, "C45", LOW,
	    "Any medium or deep peel of the area in the last 90 days?"),
	ASK("laser-28d", TREATMENTS, OVERRIDE, 28, "C45", ENGINEERING,
	    "Any laser treatment of the area in the last 28 days?"),
	ASK("ablative-90d", TREATMENTS, OVERRIDE, 90, "C45", LOW,
	    "Any ablative laser or dermabrasion of the area in the last 90 days?"),
	ASK("needling-28d", TREATMENTS, OVERRIDE, 28, "C40 C41 D9", ENGINEERING,
	    "Any microneedling of the area in the last 28 days that is not in this record?"),
	ASK("sunburn", AREA, BLOCK, 0, "C45 C51", LOW,
	    "Is the area sunburnt?"),
	ASK("tan-14d", AREA, OVERRIDE, 14, "C45", LOW,
	    "Has the area been tanned, by sun or lamp, in the last 14 days?"),
	ASK("self-tanner-14d", TREATMENTS, OVERRIDE, 14, "C45 C51", LOW,
	    "Any self-tanner on the area in the last 14 days?"),
	ASK("retinoid-7d", TREATMENTS, OVERRIDE, 7, "C48 C51", LOW,
	    "Any prescribed retinoid on the area in the last 7 days?"),
	ASK("acids-7d", TREATMENTS, WARN, 7, "C48 C49 C51", LOW,
	    "Any acid, peroxide or retinol on the area in the last 7 days?"),
	ASK("hair-removal-7d", TREATMENTS, WARN, 7, "C48 C50", LOW,
	    "Was the area waxed, shaved or depilated in the last 7 days?"),
};
const struct catalogue_table builtin_screening = BUILTIN_TABLE(screening_table);

#define STEP(code_, required_, sources_, confidence_, step_)		\
	{								\
		.code = code_, .step = step_, .required = required_,	\
		.basis = BUILTIN_BASIS(sources_,			\
				       CATALOGUE_##confidence_)		\
	}

static const struct catalogue_preparation preparation_table[] = {
	STEP("identity-consent", true, "M1", ENGINEERING,
	     "Patient identified; consent signed."),
	STEP("screening-today", true, "M1", ENGINEERING,
	     "Screening answered today."),
	STEP("area-concern-read-back", true, "M1", ENGINEERING,
	     "Area, concern and skin type read back to the patient."),
	STEP("photo", false, "M1", ENGINEERING,
	     "Photograph taken before treatment."),
	STEP("skin-cleansed", true, "D25", MEDIUM,
	     "Make-up off, skin cleansed and disinfected."),
	STEP("anaesthetic-removed", true, "D32 C43", LOW,
	     "No numbing product on the skin, or all of it removed."),
	STEP("sleeve-new", true, "D1 D16", MEDIUM,
	     "New sleeve on the handpiece."),
	STEP("cartridge-new", true, "D3 D10", MEDIUM,
	     "New sterile cartridge: pack intact, not expired, never used."),
	STEP("gloves-eyes", true, "M1", ENGINEERING,
	     "Gloves on; eyes protected."),
	/* Only recorded: nothing may run the motor before preparation ends. */
	STEP("run-in", false, "M1", ENGINEERING,
	     "Run in air at depth 0: read-back agrees with the set points."),
	STEP("gel-drug-free", true, "D1 C22", MEDIUM,
	     "Skin kept moist with sterile gel that holds no drug or cosmetic."),
};
const struct catalogue_table builtin_preparation = BUILTIN_TABLE(preparation_table);
