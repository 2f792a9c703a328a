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

static json_t *pen_alarms_json(const struct safety *s)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < SAFETY_REASONS; i++)
		if (s->alarms >> i & 1)
			json_array_append_new(
				list,
				json_pack("{sssssssb}", "reason",
					  safety_reason_name(i), "priority",
					  safety_priority_name(
						  safety_reason_priority(i)),
					  "text", pen_reason_text(i),
					  "acknowledged",
					  (int)(s->alarms_acked >> i & 1)));
	return list;
}

static void pen_dose_json(json_t *session, const struct safety *s)
{
	json_object_update_new(
		session,
		json_pack("{sIsIsIsIsIsssssI}", "punctures",
			  (json_int_t)s->punctures,
			  "densityPerSquareCentimetre",
			  (json_int_t)s->density_cm2,
			  "densityTargetPerSquareCentimetre",
			  (json_int_t)s->density_target_cm2,
			  "densityHighPerSquareCentimetre",
			  (json_int_t)s->density_soft_cm2,
			  "areaSquareMillimetres",
			  (json_int_t)s->dose.area_mm2, "doseBasis",
			  safety_dose_basis_name(s->dose.basis),
			  "cartridgeProof",
			  safety_proof_name(s->cartridge.proof),
			  "contactMilliseconds", (json_int_t)s->contact_ms));
}

json_t *pen_session_json(const struct pen *pen)
{
	const struct safety *s = &pen->core;

	json_t *session;

	if (!pen_has_session(pen))
		return json_null();
	session = json_pack(
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
	if (session)
		pen_dose_json(session, s);
	return session;
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
		"{sssssssssssssosIsIsIsIsososssI}", "penId", pen->id, "model",
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
		"session", pen_session_json(pen), "alarms",
		pen_alarms_json(&pen->core), "audible",
		safety_priority_name(pen->core.audible),
		"audioPausedMilliseconds",
		(json_int_t)safety_audio_pause_left_ms(&pen->daemon->config,
						       &pen->core));
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
