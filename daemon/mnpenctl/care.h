/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The timetable after a session, of GetAftercare. */
#ifndef MNPENCTL_CARE_H
#define MNPENCTL_CARE_H

#include "daemon/mnpenctl/mnpenctl.h"

/* On stdout, for people. */
void care_print(const json_t *reply);
/* Local time to the minute: nobody needs the seconds of a shower. */
const char *care_when(units_text out, int64_t unix_ms);

#endif /* MNPENCTL_CARE_H */
