/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everybody who watches: the Monitor streams. */
#ifndef MNPEND_MONITOR_H
#define MNPEND_MONITOR_H

#include "daemon/mnpend/pen.h"

struct monitor;

struct monitor *monitor_new(struct mnpend *daemon);
void monitor_free(struct monitor *m);

/* Takes the call over; pen_id NULL: all pens. Sends the snapshot. */
void monitor_add(struct monitor *m, struct varlink_call *call,
		 const char *pen_id);

/* The pen changed: state, controller, session. */
void monitor_pen(struct monitor *m, const struct pen *pen);
void monitor_telemetry(struct monitor *m, const struct pen *pen);
/* kind as in the interface file; pen NULL: the daemon itself. */
void monitor_event(struct monitor *m, const struct pen *pen, const char *kind,
		   enum safety_reason reason);

#endif /* MNPEND_MONITOR_H */
