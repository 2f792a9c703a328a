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
 * the most needles that are sold. @key: what the record knows this piece by,
 * empty unless it has a serial number. False: the call was answered.
 */
bool papers_cartridge(struct varlink_call *call, json_t *p,
		      const struct clinic *clinic, struct safety_cartridge *c,
		      char key[RECORD_ABOUT_LEN]);

/*
 * Fills @begin->when and what the area had today from the answer to
 * recorder_history(), and tightens the interval by what was done last.
 */
void papers_history(json_t *history, const struct catalogue_concern *concern,
		    const struct safety_config *cfg,
		    struct safety_begin *begin);

/* The cartridge as the record and the interface spell it; new reference. */
json_t *papers_cartridge_json(const struct safety_cartridge *c,
			      const char *key);

#endif /* MNPEND_PAPERS_H */
