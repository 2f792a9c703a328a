// SPDX-License-Identifier: GPL-2.0-or-later
/* The types of io.mnpen.Pen, as the interface file spells them. */
#include "daemon/mnpend/pen.h"

json_t *pen_peer_json(const struct varlink_peer *peer)
{
	const char *role = "operate";

	if (peer->role == VARLINK_OBSERVE)
		role = "observe";
	if (peer->role == VARLINK_ADMIN)
		role = "admin";
	return json_pack("{sssIsI}", "role", role, "uid",
			 (json_int_t)peer->uid, "pid", (json_int_t)peer->pid);
}

json_t *pen_limits_json(const struct safety_limits *limits)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < SAFETY_LIMITS; i++)
		json_array_append_new(
			list,
			json_pack("{sssIss}", "name",
				  safety_limit_name((enum safety_limit_id)i),
				  "value", (json_int_t)limits->limit[i].value,
				  "source",
				  safety_source_name(limits->limit[i].source)));
	return list;
}

json_t *pen_session_json(const struct pen *pen)
{
	const struct safety *s = &pen->core;

	if (!pen_has_session(pen))
		return json_null();
	return json_pack(
		"{sssssssIsIsIsIsIsIsIsIso}", "sessionId", pen->session.id,
		"area", pen->session.area, "concern", pen->session.concern,
		"depthMicrometres", (json_int_t)s->depth_um,
		"rateStrokesPerMinute", (json_int_t)s->rate_spm,
		"plannedMilliseconds", (json_int_t)pen->session.planned_ms,
		"motorMilliseconds", (json_int_t)s->motor_ms, "runs",
		(json_int_t)s->runs, "strokes", (json_int_t)s->strokes,
		"depthPeakMicrometres", (json_int_t)s->depth_peak_um,
		"ratePeakStrokesPerMinute", (json_int_t)s->rate_peak_spm,
		"limits", pen_limits_json(&s->limits));
}

/* The fault that is latched, else why the motor last stopped. */
static enum safety_reason pen_reason(const struct pen *pen)
{
	return pen->core.fault ? pen->core.fault : pen->core.last_stop;
}

json_t *pen_json(const struct pen *pen)
{
	static const struct mnpen_caps none;
	const struct mnpen_caps *caps =
		pen->device ? device_caps(pen->device) : &none;
	enum safety_reason reason = pen_reason(pen);

	return json_pack(
		"{sssssssssssssosIsIsIsIso}", "penId", pen->id, "model",
		caps->hw_model, "firmware", caps->fw_version, "state",
		safety_state_name(pen->core.state), "reason",
		safety_reason_name(reason), "reasonText",
		pen_reason_text(reason), "controller",
		pen->controller.number ?
			json_integer((json_int_t)pen->controller.uid) :
			json_null(),
		"depthMinimumMicrometres", (json_int_t)caps->depth_min_um,
		"depthMaximumMicrometres", (json_int_t)caps->depth_max_um,
		"rateMinimumStrokesPerMinute", (json_int_t)caps->rate_min_spm,
		"rateMaximumStrokesPerMinute", (json_int_t)caps->rate_max_spm,
		"session", pen_session_json(pen));
}

json_t *pen_telemetry_json(const struct pen *pen)
{
	const struct mnpen_record *r = &pen->record;
	const struct mnpen_telemetry *t = &r->telemetry;

	return json_pack(
		"{sIsIsbsIsIsIsIsIsIsIsIsI}", "timeMicroseconds",
		(json_int_t)(r->time_ns / 1000), "penSequence",
		(json_int_t)r->seq, "motor",
		t->state == MNPEN_STATE_RUNNING || t->rate_spm > 0,
		"depthSetMicrometres", (json_int_t)t->depth_set_um,
		"depthMicrometres", (json_int_t)t->depth_um,
		"rateSetStrokesPerMinute", (json_int_t)t->rate_set_spm,
		"rateStrokesPerMinute", (json_int_t)t->rate_spm,
		"currentMilliamps", (json_int_t)t->motor_ma,
		"motorTemperatureMillidegrees",
		(json_int_t)t->temp_motor_mdegc, "strokes",
		(json_int_t)t->strokes, "leaseMilliseconds",
		(json_int_t)t->feed_left_ms, "motorMilliseconds",
		(json_int_t)pen->core.motor_ms);
}
