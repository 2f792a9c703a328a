// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a pen writes into the record, and what its bodies hold.
 *
 *  pen            {pen, what: added|removed, model, firmware}
 *  sessionBegin   {pen, model, firmware, software, area, concern, areaName, concernName,
 *                 depthMicrometres, ..., limits, cartridge,
 *                 areaSquareMillimetres, doseBasis, facts,
 *                 patient, operator, peer}
 *  screening      {pen, answers}
 *  course         {pen, course, patient, area, concern, plannedSessions,
 *                 plannedBefore, operator}, where it is new or changed
 *  override       {pen, overridden, reason, operator, peer}, of BeginSession
 *  consent        {pen, given, reference, textVersion, patient, operator, peer}
 *  runIntent      {pen, run, depthMicrometres, rateStrokesPerMinute,
 *                 preparation, cartridge: of one with a serial number}
 *  cartridge      {pen, singleUse, cartridge, udi, gtin, lot, serial,
 *                 expiryDate, lotStock, useOfLot}, with the first run
 *  telemetryBlock {pen, run, records, columns}, of every record, if wanted
 *  telemetry      {pen, run, records, fields}: of the run that ends with the
 *                 next row, as summary.h says; none if the pen said nothing
 *  runEnd         {pen, run, reason, text, runMilliseconds, runStrokes} +
 *                 totals
 *  progress       {pen, run, runMilliseconds, runStrokes} + totals; with
 *                 depthMicrometres, rateStrokesPerMinute where they changed
 *  stop           {pen, peer}
 *  fault          {pen, reason, text}; suspendedMilliseconds: of the machine,
 *                 just before
 *  sessionEnd     {pen, reason, text} + totals
 * totals:         runs, strokes, motorMilliseconds, depthPeakMicrometres,
 *                 ratePeakStrokesPerMinute, punctures: of the session so far;
 *                 areaPunctures, densityPerSquareCentimetre: of the area, today
 * text, areaName, concernName: for people. Whoever reads the record in years
 *                 has neither this version's words nor this clinic's catalogue.
 */
#include "daemon/mnpend/pen.h"

#include "daemon/mnpend/clock.h"
#include "daemon/mnpend/monitor.h"
#include "daemon/mnpend/recorder.h"

#include <string.h>

static const char *pen_session_id(const struct pen *pen)
{
	return pen_has_session(pen) ? pen->session.id : NULL;
}

static void pen_append(struct pen *pen, enum record_kind kind, json_t *body,
		       const struct recorder_then *then)
{
	if (body)
		json_object_set_new(body, "pen", json_string(pen->id));
	recorder_append(pen->daemon->recorder, kind, pen_session_id(pen), body,
			then);
}

static void body_reason(json_t *body, enum safety_reason reason)
{
	json_object_set_new(body, "reason",
			    json_string(safety_reason_name(reason)));
	json_object_set_new(body, "text",
			    json_string(safety_reason_text(reason)));
}

static json_t *pen_totals(const struct pen *pen)
{
	const struct safety *s = &pen->core;

	return json_pack("{sIsIsIsIsIsIsIsI}", "runs", (json_int_t)s->runs,
			 "strokes", (json_int_t)s->strokes, "motorMilliseconds",
			 (json_int_t)s->motor_ms, "depthPeakMicrometres",
			 (json_int_t)s->depth_peak_um,
			 "ratePeakStrokesPerMinute",
			 (json_int_t)s->rate_peak_spm, "punctures",
			 (json_int_t)s->punctures, "areaPunctures",
			 (json_int_t)s->dosed, "densityPerSquareCentimetre",
			 (json_int_t)s->density_cm2);
}

static json_t *pen_run_totals(const struct pen *pen)
{
	json_t *body = pen_totals(pen);

	json_object_set_new(body, "run", json_integer(pen->core.runs));
	json_object_set_new(body, "runMilliseconds",
			    json_integer(pen->core.run_ms));
	json_object_set_new(body, "runStrokes",
			    json_integer(pen->core.run_strokes));
	return body;
}

void pen_record_event(struct pen *pen, const char *what)
{
	json_t *body = json_pack("{ss}", "what", what);

	if (pen->device) {
		const struct mnpen_caps *caps = device_caps(pen->device);

		json_object_set_new(body, "model", json_string(caps->hw_model));
		json_object_set_new(body, "firmware",
				    json_string(caps->fw_version));
	}
	pen_append(pen, RECORD_PEN, body, NULL);
}

void pen_record_begin(struct pen *pen, json_t *body)
{
	pen_append(pen, RECORD_SESSION_BEGIN, body, NULL);
	memset(&pen->alarms, 0, sizeof(pen->alarms));
	pen_record_alarms(pen);
	monitor_event(pen->daemon->monitor, pen, "sessionBegun", SAFETY_OK);
	monitor_pen(pen->daemon->monitor, pen);
}

void pen_record_paper(struct pen *pen, enum record_kind kind, json_t *body,
		      const struct recorder_then *then)
{
	pen_append(pen, kind, body, then);
}

void pen_record_consent(struct pen *pen, const struct varlink_peer *peer)
{
	json_t *body = pen->session.consent;

	if (!body)
		return;
	pen->session.consent = NULL;
	json_object_set_new(body, "peer", pen_peer_json(peer));
	pen_append(pen, RECORD_CONSENT, body, NULL);
}

/* From here on it is used up, whether or not the motor starts. */
static void pen_record_cartridge(struct pen *pen)
{
	json_t *body = pen->session.pack;

	if (!body)
		return;
	pen->session.pack = NULL;
	pen_append(pen, RECORD_CARTRIDGE, body, NULL);
}

static void pen_intent_done(int error, json_t *json, uint32_t tag, void *ctx)
{
	struct safety_event ev = { .kind = SAFETY_EV_INTENT_DURABLE,
				   .ticket = tag };
	struct pen *pen = ctx;

	(void)json;
	if (error) {
		/* The recorder also tells every core that it cannot write. */
		if (pen->start_call)
			pen_storage_failed(pen->start_call, "record the start",
					   error);
		return;
	}
	pen_event(pen, &ev);
	pen_record_cartridge(pen);
}

void pen_record_intent(struct pen *pen, uint32_t ticket)
{
	struct recorder_then then = { .fn = pen_intent_done,
				      .ctx = pen,
				      .tag = ticket };
	json_t *body;

	memset(&pen->summary, 0, sizeof(pen->summary));
	if (pen->raw)
		raw_clear(pen->raw);
	body = json_pack("{sIsIsI}", "run", (json_int_t)pen->core.runs + 1,
			 "depthMicrometres", (json_int_t)pen->core.depth_um,
			 "rateStrokesPerMinute",
			 (json_int_t)pen->core.rate_spm);
	if (body && pen->session.preparation)
		json_object_set(body, "preparation", pen->session.preparation);
	/* With this row on disk the cartridge is used up. */
	if (body && pen->session.cartridge[0])
		json_object_set_new(body, "cartridge",
				    json_string(pen->session.cartridge));
	pen_append(pen, RECORD_RUN_INTENT, body, &then);
}

void pen_record_raw(struct pen *pen)
{
	struct raw *raw = pen->raw;
	json_t *body;

	if (!raw || !raw->records)
		return;
	body = json_pack("{ss sI sI ss}", "pen", pen->id, "run",
			 (json_int_t)pen->core.runs, "records",
			 (json_int_t)raw->records, "columns", RAW_COLUMNS);
	recorder_block(pen->daemon->recorder, pen_session_id(pen), body,
		       raw->text, raw->len);
	raw_clear(raw);
}

static void pen_record_summary(struct pen *pen)
{
	json_t *body = summary_json(&pen->summary);

	memset(&pen->summary, 0, sizeof(pen->summary));
	if (!body)
		return;
	json_object_set_new(body, "run", json_integer(pen->core.runs));
	pen_append(pen, RECORD_TELEMETRY, body, NULL);
}

void pen_record_run(struct pen *pen, enum safety_reason reason)
{
	json_t *body = pen_run_totals(pen);

	pen_record_raw(pen);
	pen_record_summary(pen);
	body_reason(body, reason);
	pen_append(pen, RECORD_RUN_END, body, NULL);
}

void pen_record_progress(struct pen *pen)
{
	pen->progress_ms = clock_boot_ms();
	pen_append(pen, RECORD_PROGRESS, pen_run_totals(pen), NULL);
}

/* New set points, with the counters up to them. */
void pen_record_set(struct pen *pen)
{
	json_t *body = pen_run_totals(pen);

	json_object_set_new(body, "depthMicrometres",
			    json_integer(pen->core.depth_um));
	json_object_set_new(body, "rateStrokesPerMinute",
			    json_integer(pen->core.rate_spm));
	pen_append(pen, RECORD_PROGRESS, body, NULL);
}

void pen_record_fault(struct pen *pen, enum safety_reason reason)
{
	json_t *body = json_object();
	uint64_t ms = mnpend_suspended_ms(pen->daemon);

	body_reason(body, reason);
	if (ms)
		json_object_set_new(body, "suspendedMilliseconds",
				    json_integer((json_int_t)ms));
	pen_append(pen, RECORD_FAULT, body, NULL);
}

void pen_record_stop(struct pen *pen, const struct varlink_peer *peer)
{
	pen_append(pen, RECORD_STOP,
		   json_pack("{so}", "peer", pen_peer_json(peer)), NULL);
}

/* The session is in the record for good: the pen is free for the next one. */
static void pen_close_done(int error, json_t *json, uint32_t tag, void *ctx)
{
	struct safety_event ev = { .kind = SAFETY_EV_CLOSE_DURABLE,
				   .ticket = tag };
	struct pen *pen = ctx;
	json_t *session;

	(void)json;
	if (error)
		return;
	session = pen_session_json(pen);
	pen_session_clear(pen);
	if (pen->device)
		device_release(pen->device);
	pen_event(pen, &ev);
	monitor_event(pen->daemon->monitor, pen, "sessionEnded",
		      pen->close_reason);
	monitor_pen(pen->daemon->monitor, pen);
	if (pen->end_call)
		varlink_reply(pen->end_call,
			      json_pack("{sOss}", "session", session,
					"endReason",
					safety_reason_name(
						pen->close_reason)));
	json_decref(session);
}

void pen_record_close(struct pen *pen, enum safety_reason reason,
		      uint32_t ticket)
{
	struct recorder_then then = { .fn = pen_close_done,
				      .ctx = pen,
				      .tag = ticket };
	json_t *body;

	/* The recorder keeps a row that failed; one is enough. */
	if (pen->close_posted == ticket)
		return;
	pen->close_posted = ticket;
	pen->close_reason = reason;
	pen->alarms.closing = true;
	body = pen_totals(pen);
	body_reason(body, reason);
	pen_append(pen, RECORD_SESSION_END, body, &then);
}
