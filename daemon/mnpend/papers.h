/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes to a session on paper: the cartridge's pack, the day, and what
 * the record knows of the patient. Judged by the core, gathered here.
 */
#ifndef MNPEND_PAPERS_H
#define MNPEND_PAPERS_H

#include "daemon/catalogue/catalogue.h"
#include "daemon/mnpend/clinic.h"
#include "daemon/record/record.h"
#include "daemon/safety/safety.h"
#include "daemon/varlink/server.h"

#include <jansson.h>

/*
 * Reads "cartridge" of a request. Without one the operator's word counts, and
 * the most needles that are sold. @about: what the record knows this piece by
 * if it has a serial number, else its lot if there is one. @pack: body of its
 * row, a new reference. False: the call was answered.
 */
bool papers_cartridge(struct varlink_call *call, json_t *p,
		      const struct clinic *clinic, struct safety_cartridge *c,
		      struct record_about *about, json_t **pack);

/*
 * Reads "consent" of a request: body of its row, a new reference. False: the
 * call was answered.
 */
bool papers_consent(struct varlink_call *call, json_t *p, json_t **consent);
/*
 * Reads "courseSessions", 0: not asked for. It belongs to a patient. False: the
 * call was answered.
 */
bool papers_course(struct varlink_call *call, json_t *p, uint32_t *sessions);

/* Which piece of its lot it is; more than there were is one used again. */
void papers_lot(json_t *history, json_t *pack, struct safety_cartridge *c);

/*
 * Fills @begin->when and what the area had today from the answer to
 * recorder_history(), and tightens the interval by what was done last.
 */
void papers_history(json_t *history, const struct catalogue_concern *concern,
		    const struct safety_config *cfg,
		    struct safety_begin *begin);

/*
 * After papers_history(): would the interval refuse it? @days have passed since
 * the last session, @wanted have to.
 */
bool papers_too_early(const struct safety_begin *begin, uint32_t *days,
		      uint32_t *wanted);

/* The cartridge as the record and the interface spell it; new reference. */
json_t *papers_cartridge_json(const struct safety_cartridge *c,
			      const char *key);

#endif /* MNPEND_PAPERS_H */
