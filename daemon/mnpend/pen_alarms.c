// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Alarms of a session, in its record: a row when one is raised, acknowledged,
 * or over.
 *
 *  alarm  {pen, alarm, text, priority, state: raised|acknowledged|cleared; peer:
 *         who acknowledged; suppressed: no more alarms of this session are recorded}
 */
#include "daemon/mnpend/pen.h"

#include "daemon/mnpend/recorder.h"

/* A pen gone mad must not fill the disk; more than this nobody reads. */
#define ALARM_ROWS_MAX	1000

static void alarm_row(struct pen *pen, enum safety_reason reason,
		      const char *state)
{
	json_t *body;

	if (pen->alarms.rows >= ALARM_ROWS_MAX)
		return;
	pen->alarms.rows++;
	body = json_pack("{ss ss ss ss ss}", "pen", pen->id, "alarm",
			 safety_reason_name(reason), "text",
			 safety_reason_text(reason), "priority",
			 safety_priority_name(safety_reason_priority(reason)),
			 "state", state);
	if (body && pen->peer && state[0] == 'a')
		json_object_set_new(body, "peer", pen_peer_json(pen->peer));
	if (body && pen->alarms.rows == ALARM_ROWS_MAX)
		json_object_set_new(body, "suppressed", json_true());
	recorder_append(pen->daemon->recorder, RECORD_ALARM, pen->session.id,
			body, NULL);
}

static void alarm_rows(struct pen *pen, uint64_t reasons, const char *state)
{
	int i;

	for (i = 0; i < SAFETY_REASONS; i++)
		if (reasons >> i & 1)
			alarm_row(pen, (enum safety_reason)i, state);
}

void pen_record_alarms(struct pen *pen)
{
	uint64_t up = pen->core.alarms, acked = pen->core.alarms_acked;
	struct pen_alarms *was = &pen->alarms;

	if (!pen_has_session(pen) || was->closing ||
	    (up == was->up && acked == was->acked))
		return;
	/* One that sounds again is raised again. */
	alarm_rows(pen, (up & ~was->up) | (up & was->acked & ~acked),
		   "raised");
	alarm_rows(pen, up & acked & ~was->acked, "acknowledged");
	alarm_rows(pen, was->up & ~up, "cleared");
	was->up = up;
	was->acked = acked;
}
