/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last refusal and the last stop of each pen, for who asks "why?".
 *
 * Kept by the pen's name, so that a pen that was pulled out can still be asked
 * about; the oldest is forgotten first.
 */
#ifndef MNPEND_WHY_H
#define MNPEND_WHY_H

#include "daemon/mnpend/pen.h"

struct why_book;

struct why_book *why_new(void);
void why_free(struct why_book *book);

/*
 * A call was answered with an error. Kept if it named a pen and the reason is
 * one of this interface: not, say, that a parameter was misspelt.
 */
void why_refused(struct why_book *book, const struct varlink_call *call,
		 const char *error, const json_t *parameters);

/* A run ended, or a fault was latched, for this reason. */
void why_stopped(struct why_book *book, const struct pen *pen,
		 enum safety_reason reason);

/*
 * The reply of Why for a pen, or for the one of which something was kept last
 * (NULL). A new reference; NULL: of such a pen nothing is known.
 */
json_t *why_json(const struct why_book *book, const char *pen_id);

#endif /* MNPEND_WHY_H */
