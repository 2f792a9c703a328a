/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The catalogue: what may be treated where, how deep, after which questions.
 *
 * Pure data and lookups: no I/O, no allocation. Everything returned is
 * constant and lives as long as the set it comes from; every call is safe from
 * every thread, but catalogue_use(), which comes before all others. Units are
 * in the names: _um micrometres of set depth (needle protrusion, not depth
 * reached in skin), _spm strokes per minute, _ms milliseconds.
 *
 * The built-in set is a conservative proposal for a clinician to sign, not
 * evidence: each entry says where it comes from and how good that source is.
 * A set from files (load.h) may take its place.
 */
#ifndef MNPEN_CATALOGUE_H
#define MNPEN_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nobody sets more, whatever a file says and the mechanism reaches. */
#define CATALOGUE_DEPTH_MAX_UM	2500

/* What a set is made of; the order in which files are read does not matter. */
enum catalogue_kind {
	CATALOGUE_SOURCE,
	CATALOGUE_AREA,
	CATALOGUE_CONCERN,
	CATALOGUE_SCREENING,
	CATALOGUE_PREPARATION,
	CATALOGUE_MODIFIER,
	CATALOGUE_INTERVAL,
	CATALOGUE_DENSITY,
	CATALOGUE_PATTERN,
	CATALOGUE_STOP,
	CATALOGUE_COURSE,
	CATALOGUE_AFTERCARE,
	CATALOGUE_KINDS
};

/* How much an entry may be trusted. */
enum catalogue_confidence {
	CATALOGUE_HIGH,		/* official or peer-reviewed, read directly */
	CATALOGUE_MEDIUM,	/* maker's manual or clearance summary, copied */
	CATALOGUE_LOW,		/* clinic leaflet or marketing */
	CATALOGUE_ENGINEERING,	/* worked out here; nobody published it */
	CATALOGUE_CONFIDENCES
};

/*
 * Where an entry comes from. @sources: codes separated by single spaces; each
 * is known to catalogue_source(). @confidence: of the weakest step taken from
 * the sources to the entry.
 */
struct catalogue_basis {
	const char *sources;
	enum catalogue_confidence confidence;
};

struct catalogue_source {
	const char *code;	/* "D4" */
	const char *title;	/* document, for a reference list */
};

/*
 * A body site. default <= soft <= hard <= abs. Above soft an operator must
 * confirm; above hard the request is refused; above abs nobody can allow it.
 * A forbidden site has zero everywhere.
 */
struct catalogue_area {
	const char *id;		/* kebab-case: "cheek" */
	const char *name;	/* for people: "cheek" */
	uint32_t depth_default_um;
	uint32_t depth_soft_um;
	uint32_t depth_hard_um;
	uint32_t depth_abs_um;
	uint32_t size_mm2;	/* 0: no figure was found */
	const char *measured_by; /* NULL: the size is a placeholder */
	struct catalogue_basis basis;
};

/* What the treatment is for. */
struct catalogue_concern {
	const char *id;		/* kebab-case: "acne-scar" */
	const char *name;
	uint32_t depth_default_um;
	uint32_t depth_cap_um;
	uint32_t sessions_min, sessions_max;	/* of one course */
	uint32_t interval_recommended_days, interval_min_days;
	const char *const *areas;	/* area ids, NULL terminated */
	const char *note;		/* shown before the session, or NULL */
	bool off_label;			/* authorised nowhere that was checked */
	bool pigment;			/* see catalogue_modifier */
	struct catalogue_basis basis;
};

/* What a "yes" to a screening question means. */
enum catalogue_verdict {
	CATALOGUE_BLOCK,	/* no session */
	CATALOGUE_OVERRIDE,	/* no session without a physician's reason */
	CATALOGUE_WARN,		/* shown and recorded */
	CATALOGUE_VERDICTS
};

/* What a question is about; those of one group are asked together. */
enum catalogue_group {
	CATALOGUE_GROUP_PERSON,
	CATALOGUE_GROUP_MEDICINES,
	CATALOGUE_GROUP_HEALTH,
	CATALOGUE_GROUP_AREA,		/* the skin there, today */
	CATALOGUE_GROUP_TREATMENTS,	/* what was done to it lately */
	CATALOGUE_GROUPS
};

/* Every question is put so that "no" is the answer that clears it. */
struct catalogue_screening {
	const char *code;	/* kebab-case: "keloid" */
	const char *question;
	enum catalogue_group group;
	enum catalogue_verdict verdict;
	uint32_t days;		/* looks back this far; 0: now or ever */
	struct catalogue_basis basis;
};

/* One step before the motor may run, in the order to be done. */
struct catalogue_preparation {
	const char *code;	/* kebab-case: "cartridge-new" */
	const char *step;
	bool required;		/* false: the answer is only recorded */
	struct catalogue_basis basis;
};

/* What about the patient a modifier looks at. */
enum catalogue_condition {
	CATALOGUE_FIRST_SESSION,	/* never treated with such a pen */
	CATALOGUE_SKIN_TYPE,		/* Fitzpatrick, 1 to 6 */
	CATALOGUE_AGE,			/* years */
	CATALOGUE_THIN_SKIN,		/* said by the operator */
	CATALOGUE_CONDITIONS
};

/* Makes every area shallower for some patients; never deeper. */
struct catalogue_modifier {
	const char *id;
	const char *name;
	enum catalogue_condition condition;
	uint32_t from, until;		/* type or years, both included */
	bool soft_cap;			/* the area's soft depth is the limit */
	uint32_t depth_less_um;		/* taken off that limit, or the hard */
	uint32_t pigment_cap_um;	/* for concerns of pigment; 0: none */
	bool acknowledge;		/* the note must be acknowledged */
	const char *note;		/* or NULL */
	struct catalogue_basis basis;
};

/*
 * Days from one session to the next in the same area. The row that counts is
 * the first whose depth_up_to_um is not below the deepest used last time.
 */
struct catalogue_interval {
	const char *id;
	uint32_t depth_up_to_um;
	uint32_t min_days, recommended_days;
	struct catalogue_basis basis;
};

/*
 * How much of a surface may be hit in one session, as the share that all
 * punctures cover if none overlaps, in thousandths: punctures per cm2 times
 * the cross-section of a needle. Needles taper, so it overstates the wound.
 * The row that counts is the first whose depth_up_to_um is not below the
 * depth set. At soft an operator must confirm, at hard the motor stops, at abs
 * (or at abs_per_cm2, whichever comes first) the area is done for the day.
 */
struct catalogue_density {
	const char *id;
	uint32_t depth_up_to_um;
	uint32_t target_permille, soft_permille, hard_permille, abs_permille;
	uint32_t abs_per_cm2;
	struct catalogue_basis basis;
};

/* How the pen is led over an area. Each area is in one pattern at most. */
struct catalogue_pattern {
	const char *id;
	const char *name;
	const char *text;
	uint32_t passes;
	uint32_t target_per_cm2;	/* punctures, estimated upper bound */
	const char *const *areas;	/* area ids, NULL terminated */
	struct catalogue_basis basis;
};

/* How loud a reason to stop is. */
enum catalogue_alarm {
	CATALOGUE_ALARM_NONE,
	CATALOGUE_ALARM_LOW,
	CATALOGUE_ALARM_MEDIUM,
	CATALOGUE_ALARM_HIGH,
	CATALOGUE_ALARMS
};

/* What an operator sees and has to stop for. */
struct catalogue_stop {
	const char *id;
	const char *sign;
	const char *advice;
	enum catalogue_alarm alarm;
	bool resume;		/* the session may go on after it */
	struct catalogue_basis basis;
};

/* A plan of sessions for one concern, within the concern's own bounds. */
struct catalogue_course {
	const char *id;
	const char *name;
	const char *concern;	/* its id */
	uint32_t sessions;
	uint32_t interval_days;
	uint32_t visit_min_minutes, visit_max_minutes;
	uint32_t maintenance_days;	/* after the last; 0: none planned */
	struct catalogue_basis basis;
};

enum catalogue_advice {
	CATALOGUE_AVOID,	/* not at all */
	CATALOGUE_LIMIT,	/* little of it */
	CATALOGUE_ONLY,		/* this and nothing else of the kind */
	CATALOGUE_DO,
	CATALOGUE_EXPECT,	/* normal so long */
	CATALOGUE_CALL,		/* the clinic, if it happens in this time */
	CATALOGUE_ASK,		/* the clinic asks the patient */
	CATALOGUE_ADVICES
};

/*
 * Aftercare: @text holds from @from_hours until @until_hours after the end of
 * the session, if the deepest setting was above @depth_over_um and not above
 * @depth_up_to_um (0: no such bound).
 */
struct catalogue_aftercare {
	const char *id;
	enum catalogue_advice advice;
	const char *text;
	uint32_t from_hours, until_hours;
	uint32_t depth_over_um, depth_up_to_um;
	struct catalogue_basis basis;
};

/* Which entry a limit comes from. */
enum catalogue_origin {
	CATALOGUE_FROM_LABEL,	/* deepest setting ever evaluated */
	CATALOGUE_FROM_AREA,
	CATALOGUE_FROM_CONCERN,
	CATALOGUE_FROM_PATIENT,	/* a modifier */
	CATALOGUE_FROM_CARTRIDGE, /* the length of its needles */
	CATALOGUE_FROM_PROJECT,	/* applies to every treatment */
	CATALOGUE_ORIGINS
};

/*
 * The limits of one area and concern. The caller tightens with all three
 * depth ceilings, area first, so that a refusal names the right one;
 * @depth_max_um is the lowest of them and @depth_max_from whose it is (area
 * before concern before label where equal).
 */
struct catalogue_limits {
	uint32_t depth_area_um;		/* the area's hard ceiling */
	uint32_t depth_concern_um;
	uint32_t depth_label_um;
	uint32_t depth_max_um;
	enum catalogue_origin depth_max_from;
	uint32_t depth_soft_um;		/* confirm above; <= depth_max_um */
	uint32_t depth_default_um;	/* <= depth_soft_um */
	uint32_t rate_min_spm, rate_max_spm, rate_default_spm;
	uint32_t session_max_ms;	/* motor time */
};

/*
 * What modifiers look at. What is not known counts as the most careful answer:
 * a skin type, an age, or whether it is the first session.
 */
enum catalogue_known { CATALOGUE_UNKNOWN, CATALOGUE_NO, CATALOGUE_YES };

struct catalogue_patient {
	uint32_t skin_type;	/* Fitzpatrick, 1 to 6; 0: not known */
	uint32_t age;		/* years; 0: not known */
	enum catalogue_known first_session;
	bool thin_skin;
};

/*
 * Puts @set in force for every call below; NULL: the built-in one. Once, at
 * start, before there are other threads; @set must live as long as it is used.
 */
struct catalogue;
void catalogue_use(const struct catalogue *set);

/* By id; NULL if there is none, also for a NULL id. */
const struct catalogue_area *catalogue_area(const char *id);
const struct catalogue_concern *catalogue_concern(const char *id);
const struct catalogue_source *catalogue_source(const char *code);

/* Number @i in the order to be shown; NULL from the count on. */
const struct catalogue_area *catalogue_area_at(size_t i);
const struct catalogue_concern *catalogue_concern_at(size_t i);
const struct catalogue_source *catalogue_source_at(size_t i);
const struct catalogue_screening *catalogue_screening_at(size_t i);
const struct catalogue_preparation *catalogue_preparation_at(size_t i);
const struct catalogue_modifier *catalogue_modifier_at(size_t i);
const struct catalogue_interval *catalogue_interval_at(size_t i);
const struct catalogue_density *catalogue_density_at(size_t i);
const struct catalogue_pattern *catalogue_pattern_at(size_t i);
const struct catalogue_stop *catalogue_stop_at(size_t i);
const struct catalogue_course *catalogue_course_at(size_t i);
const struct catalogue_aftercare *catalogue_aftercare_at(size_t i);

size_t catalogue_area_count(void);
size_t catalogue_concern_count(void);
size_t catalogue_source_count(void);
size_t catalogue_screening_count(void);
size_t catalogue_preparation_count(void);

/* The sites that are compiled in as forbidden, by number; NULL from the end. */
const char *catalogue_forbidden_at(size_t i);

/*
 * No depth above zero is allowed there, whatever the concern. A compiled-in
 * site is forbidden whatever the set in force says.
 */
bool catalogue_area_forbidden(const struct catalogue_area *area);

/* The concern lists the area and the area is not forbidden. */
bool catalogue_allows(const struct catalogue_area *area,
		      const struct catalogue_concern *concern);

/*
 * Fills @out and returns 0. -EINVAL: a NULL argument. -EPERM: not allowed
 * (see catalogue_allows()); @out is then all zero, so that using it by
 * mistake permits nothing.
 */
int catalogue_limits(const struct catalogue_area *area,
		     const struct catalogue_concern *concern,
		     struct catalogue_limits *out);

/*
 * Size of the area in mm2 if somebody measured it, else 0: a placeholder is
 * good enough for an estimate of time, never for a budget of punctures.
 */
uint32_t catalogue_area_measured_mm2(const struct catalogue_area *area);

/* Punctures per cm2; all zero if nothing is known. */
struct catalogue_budget {
	uint32_t target, soft, hard, abs;
};

/*
 * What @needle_um wide needles set to @depth_um may do to @area. -EINVAL, and
 * all zero: no area or no row, or a needle of 0 or above 1000 um.
 */
int catalogue_budget(const struct catalogue_area *area, uint32_t depth_um,
		     uint32_t needle_um, struct catalogue_budget *out);

/* The pattern that names the area, and the row for a depth; NULL if none. */
const struct catalogue_pattern *
catalogue_pattern_for(const struct catalogue_area *area);
const struct catalogue_interval *catalogue_interval_for(uint32_t depth_um);

/* Does the modifier apply? Also if it might, for all that is known. */
bool catalogue_modifier_applies(const struct catalogue_modifier *modifier,
				const struct catalogue_patient *patient);

/*
 * The depth that the modifiers leave, at most area->depth_hard_um: the area's
 * soft depth if any of them says so, less what each of them takes off, and the
 * lowest cap for pigment. @by: the one that took most, or NULL if none did.
 */
uint32_t catalogue_patient_depth_um(const struct catalogue_area *area,
				    const struct catalogue_concern *concern,
				    const struct catalogue_patient *patient,
				    const struct catalogue_modifier **by);

const char *catalogue_confidence_name(enum catalogue_confidence confidence);
const char *catalogue_verdict_name(enum catalogue_verdict verdict);
const char *catalogue_group_name(enum catalogue_group group);
const char *catalogue_origin_name(enum catalogue_origin origin);
const char *catalogue_condition_name(enum catalogue_condition condition);
const char *catalogue_alarm_name(enum catalogue_alarm alarm);
const char *catalogue_advice_name(enum catalogue_advice advice);
/* As in the heading of an entry: "area", "concern". */
const char *catalogue_kind_name(enum catalogue_kind kind);

#endif /* MNPEN_CATALOGUE_H */
