/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A physician's override: answers and limits that are set aside for one
 * session, by whom and why. Only what the catalogue lets a physician set aside,
 * only from the admin socket, and only what would have been refused.
 */
#ifndef MNPEND_OVERRIDE_H
#define MNPEND_OVERRIDE_H

#include "daemon/catalogue/judge.h"
#include "daemon/varlink/server.h"

#include <jansson.h>

#define OVERRIDE_CODES_MAX	16
#define OVERRIDE_REASON_MIN	10	/* characters that are no blanks */
/* Limits that can be set aside: up to those compiled in, which hold for all. */
#define OVERRIDE_DENSITY	"density"
#define OVERRIDE_INTERVAL	"interval"

/* Strings are borrowed from the request. n 0: nothing is set aside. */
struct override {
	const char *codes[OVERRIDE_CODES_MAX];
	size_t n;
	const char *reason, *physician;
};

/* Reads "override" of a request. False: the call was answered. */
bool override_read(struct varlink_call *call, json_t *p, struct override *o);

bool override_names(const struct override *o, const char *code);

/*
 * Does every name stand for a reason that a physician may decide? False: the
 * call was answered.
 */
bool override_fits(struct varlink_call *call, const struct override *o,
		   const struct judge_reason *reasons, size_t n);

/* Answers that there is nothing to set aside. */
void override_refuse_needless(struct varlink_call *call, const char *code);

/* Body of the row of code i. */
json_t *override_body(const struct override *o, size_t i,
		      const struct varlink_peer *peer);

#endif /* MNPEND_OVERRIDE_H */
