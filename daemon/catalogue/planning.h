/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Planning: concern, area, patient and history in; a plan out.
 *
 * Pure: no I/O, no allocation, no clock; reads the catalogue in force. A plan
 * is a proposal and permits nothing: what is enforced is decided when a
 * session begins. Days are counted from 1970-01-01 on the clinic's wall.
 */
#ifndef MNPEN_CATALOGUE_PLANNING_H
#define MNPEN_CATALOGUE_PLANNING_H

#include "daemon/catalogue/catalogue.h"

#define PLANNING_NO_DAY		INT32_MIN
#define PLANNING_NOTES_MAX	16
#define PLANNING_SESSIONS_MAX	12
#define PLANNING_REVIEW		6	/* sessions of one area and concern */

struct planning_history {
	uint32_t sessions;	/* of this area and concern so far */
	uint32_t deepest_um;	/* set in the last one; 0: not known */
	int32_t last_day;	/* PLANNING_NO_DAY: never */
};

/* Of the cartridge; 0: not known. */
struct planning_needles {
	uint32_t count;
	uint32_t width_um;	/* diameter of one */
	uint32_t length_um;
};

struct planning_request {
	const struct catalogue_area *area;
	const struct catalogue_concern *concern;
	struct catalogue_patient patient;
	struct planning_history history;
	struct planning_needles needles;
	int32_t today;
};

/* Something to be known before it begins. */
struct planning_note {
	const char *text;
	bool acknowledge;	/* by the operator, and recorded */
};

/* Why a day is the earliest: which entry asks for how many days. */
struct planning_wait {
	const char *kind, *id;	/* "interval", "up-to-1000"; NULL: no wait */
	uint32_t days;
};

struct planning_plan {
	uint32_t depth_start_um;	/* to begin with */
	uint32_t depth_soft_um;		/* above: to be confirmed */
	uint32_t depth_max_um;
	enum catalogue_origin depth_max_from;
	const struct catalogue_modifier *modifier;	/* if it is a patient's */
	uint32_t rate_spm;
	const struct catalogue_pattern *pattern;	/* or NULL */
	/* Punctures per cm2; only target is known without needles' width. */
	struct catalogue_budget density;
	uint32_t size_mm2;
	bool size_measured;
	uint32_t target_s;	/* on the skin until target; 0: not known */
	const struct catalogue_course *course;		/* or NULL */
	uint32_t sessions;	/* of the whole course */
	uint32_t sessions_left;
	bool review;		/* no further session before a review */
	int32_t earliest_day, recommended_day;
	struct planning_wait earliest, recommended;
	uint32_t interval_days;	/* recommended between the sessions to come */
	struct planning_note notes[PLANNING_NOTES_MAX];
	uint32_t n_notes;
};

/*
 * 0, or -EINVAL: nothing to plan for; -EPERM: this concern is not treated
 * there; -ERANGE: no depth is left for this patient. @out is then all zero: it
 * permits nothing.
 */
int planning_plan(const struct planning_request *request,
		  struct planning_plan *out);

#endif /* MNPEN_CATALOGUE_PLANNING_H */
