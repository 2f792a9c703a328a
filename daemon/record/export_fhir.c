// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/record/export_fhir.h"
#include "daemon/record/export_time.h"

#define OURS	 "urn:x-mnpen:"
#define HL7	 "http://terminology.hl7.org/CodeSystem/"
#define UCUM	 "http://unitsofmeasure.org"
#define URL_LEN	 64
#define WITH_URN "urn:uuid:"

/* What several resources say of one session. */
struct session {
	struct fhir *f;
	const char *id;
	const json_t *rows, *begin, *totals;
	const json_t *end;	/* what ended it; NULL: it is open */
	const json_t *pack;	/* of the cartridge; NULL: not known */
	json_t *subject;	/* reference to the patient */
	bool ran, open;
	char started[EXPORT_TIME_LEN], ended[EXPORT_TIME_LEN];
	char pen[URL_LEN], cartridge[URL_LEN]; /* empty: none */
};

static const char *get_text(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "";
}

/* --- parts of resources ------------------------------------------------------- */

/* The same for the same thing each time: exports can be compared. */
static void url_of(const char *session, const char *what, size_t n,
		   char out[URL_LEN])
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	char name[160];

	snprintf(name, sizeof(name), "%s/%s/%zu", session, what, n);
	crypto_hash_sha256(hash, (const uint8_t *)name, strlen(name));
	hash[6] = (hash[6] & 0x0f) | 0x80; /* version 8: made our own way */
	hash[8] = (hash[8] & 0x3f) | 0x80;
	snprintf(out, URL_LEN,
		 WITH_URN "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
			  "%02x%02x%02x%02x%02x%02x",
		 hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6],
		 hash[7], hash[8], hash[9], hash[10], hash[11], hash[12],
		 hash[13], hash[14], hash[15]);
}

static json_t *concept(const char *system, const char *code, const char *text)
{
	return json_pack("{s[{ss ss}] ss}", "coding", "system", system, "code",
			 code, "text", text);
}

/* A code of @body, with its words where the record has them. */
static json_t *concept_of(const char *system, const json_t *body,
			  const char *code, const char *words)
{
	const char *text = get_text(body, words);

	return concept(system, get_text(body, code),
		       *text ? text : get_text(body, code));
}

static json_t *plain(const char *text)
{
	return json_pack("{ss}", "text", text);
}

static json_t *reference(const char *url)
{
	return json_pack("{ss}", "reference", url);
}

static json_t *by_identifier(const char *system, const char *value)
{
	return json_pack("{s{ss ss}}", "identifier", "system", system, "value",
			 value);
}

static json_t *period(const struct session *s)
{
	return json_pack("{ss ss*}", "start", s->started, "end",
			 s->ended[0] ? s->ended : NULL);
}

/* Steals resource. */
static void put(struct session *s, const char *url, json_t *resource)
{
	json_t *entry = json_pack("{ss so}", "fullUrl", url, "resource",
				  resource);

	fputs(s->f->entries++ ? ",\n" : "\n", s->f->out);
	json_dumpf(entry, s->f->out, JSON_COMPACT);
	json_decref(entry);
}

/* --- devices ------------------------------------------------------------------- */

static void put_pen(struct session *s)
{
	const char *pen = get_text(s->begin, "pen");
	const char *model = get_text(s->begin, "model");
	const char *firmware = get_text(s->begin, "firmware");

	if (!*pen)
		return;
	url_of(s->id, "pen", 0, s->pen);
	put(s, s->pen,
	    json_pack("{ss s[{ss ss}] ss ss* so* so}", "resourceType", "Device",
		      "identifier", "system", OURS "pen", "value", pen,
		      "serialNumber", pen, "modelNumber",
		      *model ? model : NULL, "version",
		      *firmware ? json_pack("[{so ss}]", "type",
					    plain("firmware"), "value",
					    firmware) : NULL, "type",
		      plain("Motorised microneedling pen")));
}

/* Known by what the pack says: key is GTIN/serial. */
static void put_cartridge(struct session *s)
{
	const json_t *c = json_object_get(s->begin, "cartridge");
	const char *key = get_text(c, "key");
	const char *serial = strchr(key, '/');
	const char *lot = get_text(s->pack, "lot");
	const char *expiry = get_text(s->pack, "expiryDate");
	char gtin[32];

	if (!json_is_object(c))
		return;
	url_of(s->id, "cartridge", 0, s->cartridge);
	snprintf(gtin, sizeof(gtin), "%.*s",
		 serial ? (int)(serial - key) : 31,
		 serial ? key : get_text(s->pack, "gtin"));
	put(s, s->cartridge,
	    json_pack("{ss so* ss* ss* ss* so s[{ss+}]}", "resourceType",
		      "Device", "udiCarrier",
		      *gtin ? json_pack("[{ss ss}]", "deviceIdentifier", gtin,
					 "issuer",
					 "http://hl7.org/fhir/NamingSystem/gs1") :
			       NULL,
		      "lotNumber", *lot ? lot : NULL, "expirationDate",
		      *expiry ? expiry : NULL, "serialNumber", serial ? serial + 1 : NULL, "type",
		      plain("Needle cartridge, single use"), "note", "text",
		      "Single use: ", get_text(c, "proof")));
}

static void put_use(struct session *s)
{
	char url[URL_LEN];

	if (!s->ran || !s->pen[0])
		return;
	url_of(s->id, "use", 0, url);
	put(s, url,
	    json_pack("{ss ss sO so so}", "resourceType", "DeviceUseStatement",
		      "status", s->open ? "active" : "completed", "subject",
		      s->subject, "timingPeriod", period(s), "device",
		      reference(s->pen)));
}

/* --- what was done ----------------------------------------------------------------- */

static const char *status_of(const struct session *s)
{
	static const char *const whole[] = { "stopEnd", "stopSessionTime",
					     "stopDensity" };

	if (s->open)
		return "in-progress";
	if (!s->ran)
		return "not-done";
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		if (!strcmp(get_text(s->end, "reason"), whole[i]))
			return "completed";
	}
	return "stopped";
}

static void put_procedure(struct session *s)
{
	const char *operator_id = get_text(s->begin, "operator");
	const char *status = status_of(s);
	json_t *used = json_array(), *p;
	char url[URL_LEN];

	if (s->pen[0])
		json_array_append_new(used, reference(s->pen));
	if (s->cartridge[0])
		json_array_append_new(used, reference(s->cartridge));
	p = json_pack("{ss s[{ss ss}] ss so sO so s[o] s[o]}", "resourceType",
		      "Procedure", "identifier", "system", OURS "session",
		      "value", s->id, "status", status, "code",
		      concept(OURS "procedure", "microneedling",
			      "Microneedling with a motorised pen"),
		      "subject", s->subject, "performedPeriod", period(s),
		      "bodySite",
		      concept_of(OURS "area", s->begin, "area", "areaName"),
		      "reasonCode",
		      concept_of(OURS "concern", s->begin, "concern",
				 "concernName"));
	if (*get_text(s->end, "reason"))
		json_object_set_new(p, "statusReason",
				    concept_of(OURS "reason", s->end, "reason",
					       "text"));
	if (*operator_id)
		json_object_set_new(p, "performer",
				    json_pack("[{so}]", "actor",
					      by_identifier(OURS "operator",
							    operator_id)));
	/* R4 allows no empty list. */
	if (json_array_size(used) && s->ran)
		json_object_set(p, "usedReference", used);
	json_decref(used);
	snprintf(url, sizeof(url), WITH_URN "%s", s->id);
	put(s, url, p);
}

static const struct measure {
	const char *key, *code, *text, *unit, *ucum, *method;
} measures[] = {
	{ "depthPeakMicrometres", "depth-peak",
	  "Greatest needle protrusion, not depth reached in skin", "um", "um",
	  NULL },
	{ "ratePeakStrokesPerMinute", "rate-peak", "Greatest stroke rate",
	  "strokes per minute", "/min", NULL },
	{ "strokes", "strokes", "Strokes of the needles", "strokes",
	  "{strokes}", NULL },
	{ "motorMilliseconds", "motor-time", "Time the motor ran", "ms", "ms",
	  NULL },
	{ "densityPerSquareCentimetre", "density", "Punctures per area",
	  "per cm2", "/cm2", "estimated upper bound" },
};

static void put_measure(struct session *s, const struct measure *m, size_t n)
{
	const json_t *value = json_object_get(s->totals, m->key);
	json_t *o;
	char url[URL_LEN];

	url_of(s->id, "observation", n, url);
	o = json_pack("{ss ss so sO s[o] so so*}", "resourceType",
		      "Observation", "status", s->open ? "preliminary" : "final",
		      "code", concept(OURS "measure", m->code, m->text),
		      "subject", s->subject, "partOf",
		      json_pack("{ss+}", "reference", WITH_URN, s->id),
		      "effectivePeriod", period(s), "method",
		      m->method ? plain(m->method) : NULL);
	if (s->pen[0])
		json_object_set_new(o, "device", reference(s->pen));
	if (json_is_integer(value))
		json_object_set_new(o, "valueQuantity",
				    json_pack("{sI ss ss ss}", "value",
					      json_integer_value(value), "unit",
					      m->unit, "system", UCUM, "code",
					      m->ucum));
	else
		json_object_set_new(o, "dataAbsentReason",
				    concept(HL7 "data-absent-reason", "unknown",
					    "not recorded"));
	put(s, url, o);
}

/* --- what a run's telemetry said ------------------------------------------------------- */

static const struct field {
	const char *key, *code, *text, *unit, *ucum;
} fields[] = {
	{ "depthMicrometres", "depth",
	  "Needle protrusion, not depth reached in skin", "um", "um" },
	{ "rateStrokesPerMinute", "rate", "Stroke rate", "strokes per minute",
	  "/min" },
	{ "currentMilliamps", "motor-current", "Motor current", "mA", "mA" },
	{ "motorTemperatureMillidegrees", "motor-temperature",
	  "Temperature of the motor", "millidegrees Celsius", "mCel" },
};

static const char *const kinds_of_value[] = { "least", "mean", "most" };

static json_t *part_concept(const struct field *f, const char *what)
{
	char code[64], text[96];

	snprintf(code, sizeof(code), "%s-%s", f->code, what);
	snprintf(text, sizeof(text), "%s: %s", f->text, what);
	return concept(OURS "measure", code, text);
}

/* R4 has no histogram: lower edge of the first bin, width, counts. */
static json_t *histogram_part(const struct field *f, const json_t *h)
{
	json_t *n, *counts = json_object_get(h, "counts");
	char text[640];
	size_t i;
	int len;

	len = snprintf(text, sizeof(text),
		       "from %" JSON_INTEGER_FORMAT " in steps of %"
		       JSON_INTEGER_FORMAT " %s:",
		       json_integer_value(json_object_get(h, "from")),
		       json_integer_value(json_object_get(h, "width")),
		       f->unit);
	json_array_foreach(counts, i, n)
		if (len < (int)sizeof(text))
			len += snprintf(text + len, sizeof(text) - (size_t)len,
					" %" JSON_INTEGER_FORMAT,
					json_integer_value(n));
	return json_pack("{so ss}", "code", part_concept(f, "histogram"),
			 "valueString", text);
}

static void add_parts(json_t *parts, const struct field *f, const json_t *of)
{
	for (size_t i = 0; i < 3; i++)
		json_array_append_new(
			parts,
			json_pack("{so s{sI ss ss ss}}", "code",
				  part_concept(f, kinds_of_value[i]),
				  "valueQuantity", "value",
				  json_integer_value(json_object_get(
					  of, kinds_of_value[i])),
				  "unit", f->unit, "system", UCUM, "code",
				  f->ucum));
	json_array_append_new(parts,
			      histogram_part(f, json_object_get(of,
								"histogram")));
}

static void put_telemetry(struct session *s, const json_t *body,
			  const char *time, size_t n)
{
	json_t *all = json_object_get(body, "fields");
	json_t *parts = json_array(), *o;
	char url[URL_LEN];

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (json_object_get(all, fields[i].key))
			add_parts(parts, &fields[i],
				  json_object_get(all, fields[i].key));
	if (!json_array_size(parts)) {
		json_decref(parts);
		return;
	}
	url_of(s->id, "telemetry", n, url);
	o = json_pack("{ss ss so sO s[o] ss so}", "resourceType",
		      "Observation", "status", "final", "code",
		      concept(OURS "measure", "run-telemetry",
			      "What the pen measured while the motor ran"),
		      "subject", s->subject, "partOf",
		      json_pack("{ss+}", "reference", WITH_URN, s->id),
		      "effectiveDateTime", time, "component", parts);
	if (s->pen[0])
		json_object_set_new(o, "device", reference(s->pen));
	put(s, url, o);
}

/* --- what was asked, and what went wrong ----------------------------------------------- */

static json_t *answer_json(const json_t *given)
{
	const char *code = get_text(given, "code");
	const char *detail = get_text(given, "detail");
	json_t *answer = json_pack(
		"{sb}", "valueBoolean",
		json_is_true(json_object_get(given, "yes")));

	if (*detail)
		json_object_set_new(
			answer, "item",
			json_pack("[{ss+ s[{ss}]}]", "linkId", code, ".detail",
				  "answer", "valueString", detail));
	return json_pack("{ss s[o]}", "linkId", code, "answer", answer);
}

static void put_screening(struct session *s, const json_t *answers, size_t n)
{
	json_t *items = json_array(), *given;
	char url[URL_LEN];
	size_t i;

	json_array_foreach(answers, i, given)
		json_array_append_new(items, answer_json(given));
	if (!i) {
		json_decref(items);
		return;
	}
	url_of(s->id, "screening", n, url);
	put(s, url,
	    json_pack("{ss ss ss sO ss so}", "resourceType",
		      "QuestionnaireResponse", "questionnaire",
		      OURS "questionnaire:screening", "status", "completed",
		      "subject", s->subject, "authored", s->started, "item",
		      items));
}

static void put_consent(struct session *s, const json_t *body, const char *time,
			size_t n)
{
	bool given = json_is_true(json_object_get(body, "given"));
	const char *number = get_text(body, "reference");
	const char *version = get_text(body, "textVersion");
	char url[URL_LEN], rule[160];

	snprintf(rule, sizeof(rule),
		 "As signed in the clinic%s%s; that it exists is recorded, not its validity",
		 *version ? ", text " : "", version);

	url_of(s->id, "consent", n, url);
	put(s, url,
	    json_pack("{ss ss so s[o] sO ss so so*}", "resourceType",
		      "Consent", "status", given ? "active" : "rejected",
		      "scope", concept(HL7 "consentscope", "treatment",
				       "Treatment"),
		      "category", plain("Consent to microneedling"), "patient",
		      s->subject, "dateTime", time, "policyRule",
		      plain(rule), "sourceAttachment",
		      *number ? json_pack("{ss}", "title", number) : NULL));
}

static void put_course(struct session *s, const json_t *body, const char *time,
		       size_t n)
{
	char url[URL_LEN], text[64];

	snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT " sessions planned",
		 json_integer_value(json_object_get(body, "plannedSessions")));
	url_of(s->id, "course", n, url);
	put(s, url,
	    json_pack("{ss s[{ss ss}] ss ss sO ss ss}", "resourceType",
		      "CarePlan", "identifier", "system", OURS "course",
		      "value", get_text(body, "course"), "status", "active",
		      "intent", "plan", "subject", s->subject, "created", time,
		      "description", text));
}

static const char *severity_of(const char *priority)
{
	return !strcmp(priority, "low")	   ? "low" :
	       !strcmp(priority, "medium") ? "moderate" :
					     "high";
}

/* @what: the key of its code */
static void put_issue(struct session *s, const json_t *body, const char *what,
		      const char *priority, const char *time, size_t n)
{
	char url[URL_LEN];
	json_t *o;

	url_of(s->id, "issue", n, url);
	o = json_pack("{ss ss so ss sO ss}", "resourceType", "DetectedIssue",
		      "status", "final", "code",
		      concept_of(OURS "alarm", body, what, "text"), "severity",
		      severity_of(priority), "patient", s->subject,
		      "identifiedDateTime", time);
	if (s->pen[0])
		json_object_set_new(o, "implicated",
				    json_pack("[o]", reference(s->pen)));
	put(s, url, o);
}

/* Why it went on nonetheless is what R4 calls a mitigation. */
static void put_override(struct session *s, const json_t *body,
			 const char *time, size_t n)
{
	const char *what = get_text(body, "overridden");
	char url[URL_LEN];

	url_of(s->id, "override", n, url);
	put(s, url,
	    json_pack("{ss ss so sO ss s[{so ss so}]}", "resourceType",
		      "DetectedIssue", "status", "final", "code",
		      concept(OURS "override", what, what), "patient",
		      s->subject, "identifiedDateTime", time, "mitigation",
		      "action", plain(get_text(body, "reason")), "date", time,
		      "author",
		      by_identifier(OURS "operator",
				    get_text(body, "operator"))));
}

static void put_event(struct session *s, const json_t *body, const char *time,
		      size_t n)
{
	const char *code = get_text(body, "code");
	char url[URL_LEN];
	json_t *o;

	if (!json_is_true(json_object_get(body, "happened")))
		return;
	url_of(s->id, "event", n, url);
	o = json_pack("{ss ss so sO ss so s{ss}}", "resourceType",
		      "AdverseEvent", "actuality", "actual", "event",
		      concept(OURS "event", code, code), "subject", s->subject,
		      "recordedDate", time, "severity",
		      concept(HL7 "adverse-event-severity",
			      get_text(body, "severity"),
			      get_text(body, "severity")),
		      "outcome", "text", get_text(body, "outcome"));
	if (s->pen[0])
		json_object_set_new(o, "suspectEntity",
				    json_pack("[{so}]", "instance",
					      reference(s->pen)));
	put(s, url, o);
}

static void put_rows(struct session *s)
{
	char time[EXPORT_TIME_LEN];
	json_t *row;
	size_t i;

	json_array_foreach(s->rows, i, row) {
		const char *kind = get_text(row, "kind");
		const json_t *body = json_object_get(row, "bodyObject");

		export_time(row, time);
		if (!strcmp(kind, "consent"))
			put_consent(s, body, time, i);
		else if (!strcmp(kind, "fault"))
			put_issue(s, body, "reason", "high", time, i);
		else if (!strcmp(kind, "alarm") &&
			 !strcmp(get_text(body, "state"), "raised"))
			put_issue(s, body, "alarm",
				  get_text(body, "priority"), time, i);
		else if (!strcmp(kind, "course"))
			put_course(s, body, time, i);
		else if (!strcmp(kind, "override"))
			put_override(s, body, time, i);
		else if (!strcmp(kind, "adverseEvent"))
			put_event(s, body, time, i);
		else if (!strcmp(kind, "telemetry"))
			put_telemetry(s, body, time, i);
		else if (!strcmp(kind, "screening"))
			put_screening(s, json_object_get(body, "answers"), i);
	}
}

/* --- the whole ---------------------------------------------------------------------------- */

static void look(struct session *s)
{
	json_t *row;
	size_t i;

	s->open = true;
	json_array_foreach(s->rows, i, row) {
		const char *kind = get_text(row, "kind");
		const json_t *body = json_object_get(row, "bodyObject");

		if (!strcmp(kind, "sessionBegin")) {
			s->begin = body;
			export_time(row, s->started);
		} else if (!strcmp(kind, "cartridge")) {
			s->pack = body;
		} else if (!strcmp(kind, "runIntent")) {
			s->ran = true;
		} else if (!strcmp(kind, "sessionEnd") ||
			   !strcmp(kind, "interrupted")) {
			s->end = body;
			s->open = false;
			export_time(row, s->ended);
		}
		if (json_object_get(body, "motorMilliseconds"))
			s->totals = body;
	}
}

void fhir_begin(struct fhir *f, FILE *out, const char *origin, const char *time)
{
	f->out = out;
	f->entries = 0;
	fprintf(out,
		"{\"resourceType\":\"Bundle\",\"type\":\"collection\","
		"\"timestamp\":\"%s\",\"identifier\":{\"system\":\"" OURS
		"record\",\"value\":\"%s\"},\"entry\":[",
		time, origin);
}

int fhir_session(struct fhir *f, const char *session, const json_t *rows)
{
	struct session s = { .f = f, .id = session, .rows = rows };

	look(&s);
	if (!s.begin)
		return -EINVAL;
	s.subject = *get_text(s.begin, "patient") ?
			    by_identifier(OURS "patient",
					  get_text(s.begin, "patient")) :
			    json_pack("{ss}", "display", "not recorded");
	if (!s.subject)
		return -ENOMEM;
	put_pen(&s);
	put_cartridge(&s);
	put_procedure(&s);
	put_use(&s);
	for (size_t i = 0; s.ran && i < sizeof(measures) / sizeof(measures[0]);
	     i++)
		put_measure(&s, &measures[i], i);
	put_screening(&s, json_object_get(s.begin, "screening"), 0);
	put_rows(&s);
	json_decref(s.subject);
	return 0;
}

void fhir_end(struct fhir *f)
{
	fputs("\n]}\n", f->out);
}
