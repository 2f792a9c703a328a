/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The catalogue: what may be treated where, how deep, after which questions.
 *
 * Pure data and lookups: no I/O, no allocation, nothing to initialise or
 * free. Everything returned is constant and lives as long as the program;
 * every call is safe from every thread. Units are in the names: _um
 * micrometres of set depth (needle protrusion, not depth reached in skin),
 * _spm strokes per minute, _ms milliseconds.
 *
 * The built-in table is a conservative proposal for a clinician to sign, not
 * evidence: each entry says where it comes from and how good that source is.
 */
#ifndef MNPEN_CATALOGUE_H
#define MNPEN_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
	struct catalogue_basis basis;
};

/* What a "yes" to a screening question means. */
enum catalogue_verdict {
	CATALOGUE_BLOCK,	/* no session */
	CATALOGUE_OVERRIDE,	/* no session without a physician's reason */
	CATALOGUE_WARN,		/* shown and recorded */
	CATALOGUE_VERDICTS
};

/* Every question is put so that "no" is the answer that clears it. */
struct catalogue_screening {
	const char *code;	/* kebab-case: "keloid" */
	const char *question;
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

/* Which entry a limit comes from. */
enum catalogue_origin {
	CATALOGUE_FROM_LABEL,	/* deepest setting ever evaluated */
	CATALOGUE_FROM_AREA,
	CATALOGUE_FROM_CONCERN,
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

size_t catalogue_area_count(void);
size_t catalogue_concern_count(void);
size_t catalogue_source_count(void);
size_t catalogue_screening_count(void);
size_t catalogue_preparation_count(void);

/* No depth above zero is allowed there, whatever the concern. */
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

const char *catalogue_confidence_name(enum catalogue_confidence confidence);
const char *catalogue_verdict_name(enum catalogue_verdict verdict);
const char *catalogue_origin_name(enum catalogue_origin origin);

#endif /* MNPEN_CATALOGUE_H */
