/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the bodies of the newer kinds must hold. The older ones (pens, sessions,
 * runs, stops, faults) are as their writer makes them.
 *
 * No body may name a patient: "patient" is a pseudonym of 1 to 64 letters,
 * digits, dots, dashes, underscores; keys that ask for more are refused. So is
 * "origin", which says that a row is another kiosk's (origin.h).
 */
#ifndef MNPEN_RECORD_KIND_H
#define MNPEN_RECORD_KIND_H

#include "daemon/record/record.h"

/* Rows that only the record itself makes. */
bool kind_is_own(enum record_kind kind);

/* A body as body_normal() made it. */
bool kind_accepts(enum record_kind kind, const char *body);

#endif /* MNPEN_RECORD_KIND_H */
