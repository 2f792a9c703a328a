// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/catalogue/timetable.h"

#define HOUR_S	3600

static bool holds(const struct catalogue_aftercare *rule, uint32_t depth_um)
{
	return depth_um > rule->depth_over_um &&
	       (!rule->depth_up_to_um || depth_um <= rule->depth_up_to_um);
}

static bool comes_later(const struct timetable_entry *a,
			const struct timetable_entry *b)
{
	return a->from_s > b->from_s ||
	       (a->from_s == b->from_s && a->until_s > b->until_s);
}

/* Equal ones stay in the catalogue's order. */
static void insert(struct timetable_entry *out, size_t n,
		   const struct timetable_entry *e)
{
	while (n && comes_later(&out[n - 1], e)) {
		out[n] = out[n - 1];
		n--;
	}
	out[n] = *e;
}

size_t timetable_make(int64_t end_s, uint32_t depth_um,
		      struct timetable_entry out[TIMETABLE_MAX])
{
	const struct catalogue_aftercare *rule;
	size_t i, n = 0;

	/* A depth that is not known counts as the shallowest there is. */
	if (!depth_um)
		depth_um = 1;
	for (i = 0; (rule = catalogue_aftercare_at(i)) && n < TIMETABLE_MAX;
	     i++) {
		struct timetable_entry e = {
			.rule = rule,
			.from_s = end_s + (int64_t)rule->from_hours * HOUR_S,
			.until_s = end_s + (int64_t)rule->until_hours * HOUR_S,
		};

		if (holds(rule, depth_um))
			insert(out, n++, &e);
	}
	return n;
}

const char *timetable_heading(enum catalogue_advice advice)
{
	switch (advice) {
	case CATALOGUE_AVOID:
		return "Avoid";
	case CATALOGUE_LIMIT:
		return "Only a little";
	case CATALOGUE_ONLY:
		return "Only";
	case CATALOGUE_DO:
		return "Do";
	case CATALOGUE_EXPECT:
		return "Normal";
	case CATALOGUE_CALL:
		return "Call the clinic if";
	case CATALOGUE_ASK:
	case CATALOGUE_ADVICES:
		break;
	}
	return "The clinic asks";
}
