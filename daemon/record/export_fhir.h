/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions as a FHIR R4 Bundle of type collection: a file, not a server. What
 * is coded is coded by HL7's own code systems or by ours (urn:x-mnpen:...),
 * everything else is text; numbers are whole and in UCUM units. Patients and
 * operators are pseudonyms: logical references by identifier.
 *
 * Of a session: Procedure, Device (pen, cartridge), DeviceUseStatement,
 * Observation, QuestionnaireResponse, Consent, DetectedIssue (alarms, faults),
 * AdverseEvent; each only if the record holds it.
 */
#ifndef MNPEN_RECORD_EXPORT_FHIR_H
#define MNPEN_RECORD_EXPORT_FHIR_H

#include <jansson.h>
#include <stdio.h>

struct fhir {
	FILE *out;
	size_t entries;
};

/* origin names the record (page.h); time as export_time() writes it. */
void fhir_begin(struct fhir *f, FILE *out, const char *origin,
		const char *time);
/*
 * One session: its rows as in pages, with the parsed bodies as "bodyObject".
 * -EINVAL: there is no sessionBegin among them. -ENOMEM.
 */
int fhir_session(struct fhir *f, const char *session, const json_t *rows);
void fhir_end(struct fhir *f);

#endif /* MNPEN_RECORD_EXPORT_FHIR_H */
