// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CSV and FHIR of one session (session.json) are what the files beside it say.
 * After a wanted change: MNPEN_GOLDEN=write, and look at the difference.
 */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/record/export_csv.h"
#include "daemon/record/export_fhir.h"
#include "daemon/record/export_time.h"

#define DIR "tests/unit/"

static json_t *rows_get(void)
{
	json_t *all = json_load_file(DIR "session.json", 0, NULL), *row;
	json_t *rows = json_incref(json_object_get(all, "rows"));
	size_t i;

	assert_non_null(rows);
	json_array_foreach(rows, i, row)
		json_object_set(row, "bodyObject",
				json_object_get(row, "body"));
	json_decref(all);
	return rows;
}

static char *file_get(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = calloc(1, 1 << 20);

	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	return text;
}

static void compare(const char *path, const char *text)
{
	const char *golden = getenv("MNPEN_GOLDEN");
	char *want;
	FILE *f;

	if (golden && !strcmp(golden, "write")) {
		f = fopen(path, "we");
		assert_non_null(f);
		fputs(text, f);
		fclose(f);
	}
	want = file_get(path);
	assert_string_equal(text, want);
	free(want);
}

static void the_table_is_what_it_was(void **state)
{
	json_t *rows = rows_get(), *row;
	char *text;
	size_t i, len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	csv_head(f);
	json_array_foreach(rows, i, row)
		csv_row(f, row, json_object_get(row, "bodyObject"));
	fclose(f);
	compare(DIR "session.csv.txt", text);
	free(text);
	json_decref(rows);
}

static char *bundle(const json_t *rows)
{
	struct fhir f;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	fhir_begin(&f, out, "00ff", "2026-11-20T12:00:00.000+00:00");
	assert_int_equal(fhir_session(&f,
				      "0b9f2c1e-5a77-4c1e-9d35-6f2f0a9f1c44",
				      rows), 0);
	fhir_end(&f);
	fclose(out);
	return text;
}

static void the_bundle_is_what_it_was(void **state)
{
	json_t *rows = rows_get();
	char *text = bundle(rows);

	(void)state;
	compare(DIR "session.fhir.json", text);
	free(text);
	json_decref(rows);
}

/* What R4 demands of every such resource, and nothing else: its own members. */
static const struct shape {
	const char *type, *must, *may;
} shapes[] = {
	{ "Device", "type",
	  "identifier serialNumber modelNumber version lotNumber expirationDate udiCarrier note" },
	{ "CarePlan", "status intent subject",
	  "identifier created description" },
	{ "Procedure", "status subject",
	  "identifier code performedPeriod bodySite reasonCode statusReason "
	  "performer usedReference" },
	{ "DeviceUseStatement", "status subject device", "timingPeriod" },
	{ "Observation", "status code",
	  "subject partOf effectivePeriod effectiveDateTime method device "
	  "valueQuantity dataAbsentReason component" },
	{ "QuestionnaireResponse", "status",
	  "questionnaire subject authored item" },
	{ "Consent", "status scope category policyRule",
	  "patient dateTime sourceAttachment" },
	{ "DetectedIssue", "status",
	  "code severity patient identifiedDateTime implicated mitigation" },
	{ "AdverseEvent", "actuality subject",
	  "event recordedDate severity outcome suspectEntity" },
};

static bool is_word(const char *list, const char *word)
{
	size_t len = strlen(word);
	const char *p = list;

	while ((p = strstr(p, word))) {
		if ((p == list || p[-1] == ' ') &&
		    (p[len] == ' ' || !p[len]))
			return true;
		p += len;
	}
	return false;
}

static void check_shape(json_t *resource)
{
	const char *type = json_string_value(
		json_object_get(resource, "resourceType"));
	const char *key;
	json_t *value;
	char must[64];

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const struct shape *s = &shapes[i];

		if (strcmp(type, s->type))
			continue;
		json_object_foreach(resource, key, value)
			if (strcmp(key, "resourceType") &&
			    !is_word(s->must, key) && !is_word(s->may, key))
				fail_msg("%s.%s", type, key);
		for (const char *p = s->must; *p; p += strspn(p, " ")) {
			snprintf(must, sizeof(must), "%.*s",
				 (int)strcspn(p, " "), p);
			if (!json_object_get(resource, must))
				fail_msg("%s lacks %s", type, must);
			p += strlen(must);
		}
		return;
	}
	fail_msg("%s", type);
}

/* Codes are HL7's or ours: nobody else's were invented or borrowed. */
static void check_systems(json_t *value)
{
	const char *system = json_string_value(json_object_get(value,
							       "system"));
	const char *key;
	json_t *member;
	size_t i;

	if (system && strncmp(system, "urn:x-mnpen:", 12) &&
	    strncmp(system, "http://terminology.hl7.org/CodeSystem/", 38) &&
	    strcmp(system, "http://unitsofmeasure.org"))
		fail_msg("%s", system);
	assert_false(json_is_real(value));
	/* R4 has no empty list, text or object. */
	if (json_is_array(value) || json_is_object(value))
		assert_true(json_array_size(value) + json_object_size(value));
	/* Nor a list of lists. */
	if (json_is_array(value))
		assert_false(json_is_array(json_array_get(value, 0)));
	json_object_foreach(value, key, member)
		check_systems(member);
	json_array_foreach(value, i, member)
		check_systems(member);
}

static void the_bundle_has_the_shape_of_r4(void **state)
{
	json_t *rows = rows_get(), *all, *entry, *seen = json_object();
	char *text = bundle(rows);
	const char *url;
	size_t i;

	(void)state;
	all = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(all);
	json_array_foreach(json_object_get(all, "entry"), i, entry) {
		check_shape(json_object_get(entry, "resource"));
		url = json_string_value(json_object_get(entry, "fullUrl"));
		assert_null(json_object_get(seen, url));
		json_object_set_new(seen, url, json_true());
	}
	assert_true(i > 12);
	check_systems(all);
	/* Whatever is referred to within the bundle is in it. */
	for (const char *p = text; (p = strstr(p, "\"reference\":\"")); p++) {
		char target[64];

		snprintf(target, sizeof(target), "%.45s", p + 13);
		if (!json_object_get(seen, target))
			fail_msg("not in the bundle: %s", target);
	}
	json_decref(seen);
	json_decref(all);
	free(text);
	json_decref(rows);
}

/* What was not used is not said to have been. */
static void a_session_that_never_ran_used_nothing(void **state)
{
	json_t *rows = json_loads(
		"[{\"kind\":\"sessionBegin\",\"bodyObject\":{\"pen\":\"a\"}},"
		"{\"kind\":\"sessionEnd\",\"bodyObject\":{}}]", 0, NULL);
	char *text = bundle(rows);

	(void)state;
	assert_non_null(strstr(text, "\"not-done\""));
	assert_null(strstr(text, "usedReference"));
	assert_null(strstr(text, "DeviceUseStatement"));
	assert_null(strstr(text, "Observation"));
	free(text);
	json_decref(rows);
}

static const char *status_after(const char *kind, const char *reason)
{
	static char status[32];
	json_t *rows = json_loads(
		"[{\"kind\":\"sessionBegin\",\"bodyObject\":{}}]", 0, NULL);
	char *text, *at;

	if (strcmp(kind, "none"))
		json_array_append_new(
			rows, json_pack("{ss s{}}", "kind", "runIntent",
					"bodyObject"));
	if (reason)
		json_array_append_new(
			rows, json_pack("{ss s{ss}}", "kind",
					strcmp(kind, "none") ? kind :
							       "sessionEnd",
					"bodyObject", "reason", reason));
	text = bundle(rows);
	at = strstr(text, "\"Procedure\"");
	at = strstr(at, "\"status\":\"") + 10;
	snprintf(status, sizeof(status), "%.*s", (int)strcspn(at, "\""), at);
	free(text);
	json_decref(rows);
	return status;
}

static void a_session_cut_short_is_not_called_completed(void **state)
{
	(void)state;
	assert_string_equal(status_after("sessionEnd", "stopEnd"),
			    "completed");
	assert_string_equal(status_after("sessionEnd", "stopRequest"),
			    "stopped");
	assert_string_equal(status_after("interrupted", "interrupted"),
			    "stopped");
	assert_string_equal(status_after("sessionEnd", NULL), "in-progress");
	assert_string_equal(status_after("none", "stopEnd"), "not-done");
}

static void times_keep_the_offset_of_their_day(void **state)
{
	char out[EXPORT_TIME_LEN];

	(void)state;
	assert_string_equal(export_time_of(1795168800125, 60, out),
			    "2026-11-20T11:00:00.125+01:00");
	assert_string_equal(export_time_of(1795168800000, -210, out),
			    "2026-11-20T06:30:00.000-03:30");
	assert_string_equal(export_time_of(-1, 0, out),
			    "1969-12-31T23:59:59.999+00:00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_what_it_was),
		cmocka_unit_test(the_bundle_is_what_it_was),
		cmocka_unit_test(the_bundle_has_the_shape_of_r4),
		cmocka_unit_test(a_session_cut_short_is_not_called_completed),
		cmocka_unit_test(a_session_that_never_ran_used_nothing),
		cmocka_unit_test(times_keep_the_offset_of_their_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
