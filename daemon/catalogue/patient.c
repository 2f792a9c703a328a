// SPDX-License-Identifier: GPL-2.0-or-later
/* Modifiers: how much less deep for whom. */
#include "daemon/catalogue/catalogue.h"

static bool in_range(const struct catalogue_modifier *m, uint32_t value)
{
	return !value || (value >= m->from && value <= m->until);
}

bool catalogue_modifier_applies(const struct catalogue_modifier *m,
				const struct catalogue_patient *p)
{
	switch (m->condition) {
	case CATALOGUE_FIRST_SESSION:
		return p->first_session != CATALOGUE_NO;
	case CATALOGUE_SKIN_TYPE:
		return in_range(m, p->skin_type);
	case CATALOGUE_AGE:
		return in_range(m, p->age);
	case CATALOGUE_THIN_SKIN:
		return p->thin_skin;
	case CATALOGUE_CONDITIONS:
		break;
	}
	return true;
}

/* What one modifier leaves of @from_um, for itself. */
static uint32_t left_by(const struct catalogue_modifier *m,
			const struct catalogue_area *area,
			const struct catalogue_concern *concern,
			uint32_t from_um)
{
	if (m->soft_cap && area->depth_soft_um < from_um)
		from_um = area->depth_soft_um;
	from_um -= m->depth_less_um < from_um ? m->depth_less_um : from_um;
	if (concern->pigment && m->pigment_cap_um &&
	    m->pigment_cap_um < from_um)
		from_um = m->pigment_cap_um;
	return from_um;
}

/* Soft depths first, then what is taken off, then caps: never the other way. */
uint32_t catalogue_patient_depth_um(const struct catalogue_area *area,
				    const struct catalogue_concern *concern,
				    const struct catalogue_patient *patient,
				    const struct catalogue_modifier **by)
{
	uint32_t depth = area->depth_hard_um, less = 0, least = depth;
	uint32_t cap = UINT32_MAX;
	const struct catalogue_modifier *m;
	size_t i;

	*by = NULL;
	for (i = 0; (m = catalogue_modifier_at(i)); i++) {
		uint32_t left;

		if (!catalogue_modifier_applies(m, patient))
			continue;
		left = left_by(m, area, concern, area->depth_hard_um);
		if (left < least) {
			least = left;
			*by = m;
		}
		if (m->soft_cap && area->depth_soft_um < depth)
			depth = area->depth_soft_um;
		less += m->depth_less_um;
		if (concern->pigment && m->pigment_cap_um &&
		    m->pigment_cap_um < cap)
			cap = m->pigment_cap_um;
	}
	depth -= less < depth ? less : depth;
	return cap < depth ? cap : depth;
}
