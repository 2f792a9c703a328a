// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>

#include "daemon/catalogue/schema.h"

#define DAYS_MAX	730
#define HOURS_MAX	8760

/* All take the struct's name without "catalogue_", the key and the member. */
#define AT(s, member)	.offset = offsetof(struct catalogue_##s, member)
#define TEXT(s, k, m)	{ .key = k, .type = SCHEMA_TEXT, AT(s, m) }
#define NOTE(s, k, m)	{ .key = k, .type = SCHEMA_TEXT, AT(s, m), \
			  .optional = true }
#define FLAG(s, k, m)	{ .key = k, .type = SCHEMA_FLAG, AT(s, m) }
#define NUMBER(s, k, m, lo, hi, u) \
	{ .key = k, .type = SCHEMA_NUMBER, AT(s, m), \
	  .min = lo, .max = hi, .unit = u }
#define MAYBE(s, k, m, lo, hi, u) \
	{ .key = k, .type = SCHEMA_NUMBER, AT(s, m), .optional = true, \
	  .min = lo, .max = hi, .unit = u }
#define WORD(s, k, m, w) \
	{ .key = k, .type = SCHEMA_CHOICE, AT(s, m), .words = w }
#define REF(s, k, m, kind) \
	{ .key = k, .type = SCHEMA_REF, AT(s, m), .to = CATALOGUE_##kind }
#define REFS(s, k, m, kind) \
	{ .key = k, .type = SCHEMA_REFS, AT(s, m), .to = CATALOGUE_##kind }
#define DEPTH(s, k, m)	NUMBER(s, k, m, 0, CATALOGUE_DEPTH_MAX_UM, "um")
#define BASIS(s) \
	{ .key = "source", .type = SCHEMA_SOURCES, AT(s, basis.sources), \
	  .to = CATALOGUE_SOURCE }, \
	WORD(s, "confidence", basis.confidence, names_confidence)

static const struct schema_field sources[] = {
	TEXT(source, "title", title),
};

static const struct schema_field areas[] = {
	TEXT(area, "name", name),
	DEPTH(area, "depth_default", depth_default_um),
	DEPTH(area, "depth_soft", depth_soft_um),
	DEPTH(area, "depth_hard", depth_hard_um),
	DEPTH(area, "depth_absolute", depth_abs_um),
	MAYBE(area, "size", size_mm2, 100, 200000, "mm2"),
	NOTE(area, "measured_by", measured_by),
	BASIS(area),
};

static const struct schema_field concerns[] = {
	TEXT(concern, "name", name),
	DEPTH(concern, "depth_default", depth_default_um),
	DEPTH(concern, "depth_cap", depth_cap_um),
	NUMBER(concern, "sessions_min", sessions_min, 1, 12, NULL),
	NUMBER(concern, "sessions_max", sessions_max, 1, 12, NULL),
	NUMBER(concern, "interval_recommended", interval_recommended_days,
	       14, DAYS_MAX, "d"),
	NUMBER(concern, "interval_min", interval_min_days, 14, DAYS_MAX, "d"),
	REFS(concern, "areas", areas, AREA),
	FLAG(concern, "off_label", off_label),
	FLAG(concern, "pigment", pigment),
	NOTE(concern, "note", note),
	BASIS(concern),
};

static const struct schema_field screening[] = {
	TEXT(screening, "question", question),
	WORD(screening, "group", group, names_group),
	WORD(screening, "verdict", verdict, names_verdict),
	NUMBER(screening, "look_back", days, 0, DAYS_MAX, "d"),
	BASIS(screening),
};

static const struct schema_field preparation[] = {
	TEXT(preparation, "step", step),
	FLAG(preparation, "required", required),
	BASIS(preparation),
};

static const struct schema_field modifiers[] = {
	TEXT(modifier, "name", name),
	WORD(modifier, "condition", condition, names_condition),
	MAYBE(modifier, "from", from, 1, 150, NULL),
	MAYBE(modifier, "until", until, 1, 150, NULL),
	FLAG(modifier, "soft_cap", soft_cap),
	DEPTH(modifier, "depth_less", depth_less_um),
	MAYBE(modifier, "pigment_cap", pigment_cap_um, 50,
	      CATALOGUE_DEPTH_MAX_UM, "um"),
	FLAG(modifier, "acknowledge", acknowledge),
	NOTE(modifier, "note", note),
	BASIS(modifier),
};

static const struct schema_field intervals[] = {
	NUMBER(interval, "depth_up_to", depth_up_to_um, 50,
	       CATALOGUE_DEPTH_MAX_UM, "um"),
	NUMBER(interval, "min", min_days, 14, DAYS_MAX, "d"),
	NUMBER(interval, "recommended", recommended_days, 14, DAYS_MAX, "d"),
	BASIS(interval),
};

static const struct schema_field densities[] = {
	NUMBER(density, "depth_up_to", depth_up_to_um, 50,
	       CATALOGUE_DEPTH_MAX_UM, "um"),
	NUMBER(density, "target", target_permille, 1, 2000, "permille"),
	NUMBER(density, "soft", soft_permille, 1, 2000, "permille"),
	NUMBER(density, "hard", hard_permille, 1, 2000, "permille"),
	NUMBER(density, "absolute", abs_permille, 1, 2000, "permille"),
	NUMBER(density, "most", abs_per_cm2, 1, 5000, "/cm2"),
	BASIS(density),
};

static const struct schema_field patterns[] = {
	TEXT(pattern, "name", name),
	TEXT(pattern, "text", text),
	NUMBER(pattern, "passes", passes, 1, 12, NULL),
	NUMBER(pattern, "target", target_per_cm2, 1, 1000, "/cm2"),
	REFS(pattern, "areas", areas, AREA),
	BASIS(pattern),
};

static const struct schema_field stops[] = {
	TEXT(stop, "sign", sign),
	TEXT(stop, "advice", advice),
	WORD(stop, "alarm", alarm, names_alarm),
	FLAG(stop, "resume", resume),
	BASIS(stop),
};

static const struct schema_field courses[] = {
	TEXT(course, "name", name),
	REF(course, "concern", concern, CONCERN),
	NUMBER(course, "sessions", sessions, 3, 6, NULL),
	NUMBER(course, "interval", interval_days, 14, DAYS_MAX, "d"),
	NUMBER(course, "visit_min", visit_min_minutes, 15, 60, "min"),
	NUMBER(course, "visit_max", visit_max_minutes, 15, 60, "min"),
	MAYBE(course, "maintenance", maintenance_days, 28, DAYS_MAX, "d"),
	BASIS(course),
};

static const struct schema_field aftercare[] = {
	WORD(aftercare, "advice", advice, names_advice),
	TEXT(aftercare, "text", text),
	NUMBER(aftercare, "from", from_hours, 0, HOURS_MAX, "h"),
	NUMBER(aftercare, "until", until_hours, 1, HOURS_MAX, "h"),
	MAYBE(aftercare, "depth_over", depth_over_um, 50,
	      CATALOGUE_DEPTH_MAX_UM, "um"),
	MAYBE(aftercare, "depth_up_to", depth_up_to_um, 50,
	      CATALOGUE_DEPTH_MAX_UM, "um"),
	BASIS(aftercare),
};

#define SCHEMA(word, s, array) \
	{ .name = word, .size = sizeof(struct catalogue_##s), \
	  .fields = (array), .count = sizeof(array) / sizeof((array)[0]) }

const struct schema catalogue_schema[CATALOGUE_KINDS] = {
	[CATALOGUE_SOURCE] = SCHEMA("source", source, sources),
	[CATALOGUE_AREA] = SCHEMA("area", area, areas),
	[CATALOGUE_CONCERN] = SCHEMA("concern", concern, concerns),
	[CATALOGUE_SCREENING] = SCHEMA("screening", screening, screening),
	[CATALOGUE_PREPARATION] = SCHEMA("preparation", preparation,
					 preparation),
	[CATALOGUE_MODIFIER] = SCHEMA("modifier", modifier, modifiers),
	[CATALOGUE_INTERVAL] = SCHEMA("interval", interval, intervals),
	[CATALOGUE_DENSITY] = SCHEMA("density", density, densities),
	[CATALOGUE_PATTERN] = SCHEMA("pattern", pattern, patterns),
	[CATALOGUE_STOP] = SCHEMA("stop", stop, stops),
	[CATALOGUE_COURSE] = SCHEMA("course", course, courses),
	[CATALOGUE_AFTERCARE] = SCHEMA("aftercare", aftercare, aftercare),
};

#define ID_FIRST(s, member) \
	static_assert(offsetof(struct catalogue_##s, member) == 0, #s)
ID_FIRST(source, code);
ID_FIRST(area, id);
ID_FIRST(concern, id);
ID_FIRST(screening, code);
ID_FIRST(preparation, code);
ID_FIRST(modifier, id);
ID_FIRST(interval, id);
ID_FIRST(density, id);
ID_FIRST(pattern, id);
ID_FIRST(stop, id);
ID_FIRST(course, id);
ID_FIRST(aftercare, id);
/* A choice is stored as an unsigned int. */
static_assert(sizeof(enum catalogue_advice) == sizeof(unsigned int), "enum");
static_assert(sizeof(concerns) / sizeof(concerns[0]) <= SCHEMA_FIELDS_MAX,
	      "the longest of them");
