// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/methods.h"

#include "daemon/catalogue/catalogue.h"
#include "daemon/mnpend/log.h"
#include "daemon/mnpend/monitor.h"
#include "daemon/mnpend/pen.h"
#include "daemon/mnpend/recorder.h"
#include "daemon/mnpend/service.h"
#include "daemon/mnpend/why.h"

#include <string.h>

/* --- parameters ----------------------------------------------------------- */

bool methods_text(struct varlink_call *call, json_t *p, const char *name,
		  bool required, size_t max, const char **out)
{
	json_t *value = json_object_get(p, name);

	*out = NULL;
	if (!value || json_is_null(value)) {
		if (!required)
			return true;
	} else if (json_is_string(value) && json_string_length(value) <= max &&
		   (!required || json_string_length(value) > 0)) {
		*out = json_string_value(value);
		return true;
	}
	varlink_invalid_parameter(call, name);
	return false;
}

bool methods_u32(struct varlink_call *call, json_t *p, const char *name,
		 uint32_t *out)
{
	json_t *value = json_object_get(p, name);

	if (json_is_integer(value) && json_integer_value(value) >= 0 &&
	    json_integer_value(value) <= UINT32_MAX) {
		*out = (uint32_t)json_integer_value(value);
		return true;
	}
	varlink_invalid_parameter(call, name);
	return false;
}

static void methods_no_such_pen(struct varlink_call *call, const char *id)
{
	varlink_error(call, "io.mnpen.Pen.NoSuchPen",
		      json_pack("{ssss}", "penId", id, "message",
				"No pen of this name is plugged in. ListPens names those that are."));
}

struct pen *methods_pen(struct varlink_call *call, json_t *p, void *ctx)
{
	struct pen *pen;
	const char *id;

	if (!methods_text(call, p, "penId", true, 64, &id))
		return NULL;
	pen = pen_by_id(ctx, id);
	if (!pen)
		methods_no_such_pen(call, id);
	return pen;
}

/* --- requests that are one event ------------------------------------------ */

static void methods_as(struct varlink_call *call, json_t *p, void *ctx,
		       enum safety_event_kind kind, uint32_t owner)
{
	struct safety_event ev = { .kind = kind, .owner = owner };
	struct pen *pen = methods_pen(call, p, ctx);
	struct pen_answer answer;

	if (!pen)
		return;
	answer = pen_request(pen, varlink_call_peer(call), &ev);
	if (answer.refused)
		pen_refuse(call, pen, &answer.refusal);
	else
		varlink_reply(call, NULL);
}

static void methods_simple(struct varlink_call *call, json_t *p, void *ctx,
			   enum safety_event_kind kind)
{
	methods_as(call, p, ctx, kind, varlink_call_peer(call)->number);
}

static void method_list_pens(struct varlink_call *call, json_t *p, void *ctx)
{
	struct mnpend *daemon = ctx;
	json_t *list = json_array();
	struct pen *pen;

	(void)p;
	LIST_FOREACH(pen, &daemon->pens, next)
		json_array_append_new(list, pen_json(pen));
	varlink_reply(call, json_pack("{so}", "pens", list));
}

static void method_monitor(struct varlink_call *call, json_t *p, void *ctx)
{
	struct mnpend *daemon = ctx;
	const char *id;

	if (!methods_text(call, p, "penId", false, 64, &id))
		return;
	if (id && !pen_by_id(daemon, id)) {
		methods_no_such_pen(call, id);
		return;
	}
	monitor_add(daemon->monitor, call, id);
}

/* The motor first, everything else after it. */
static void method_stop(struct varlink_call *call, json_t *p, void *ctx)
{
	const struct varlink_peer *peer = varlink_call_peer(call);
	struct safety_event ev = { .kind = SAFETY_EV_STOP,
				   .owner = peer->number };
	struct mnpend *daemon = ctx;
	json_t *stopped;
	struct pen *pen;
	const char *id;

	if (!methods_text(call, p, "penId", false, 64, &id))
		return;
	if (id && !pen_by_id(daemon, id)) {
		methods_no_such_pen(call, id);
		return;
	}
	LIST_FOREACH(pen, &daemon->pens, next)
		if (!id || strcmp(pen->id, id) == 0)
			pen_request(pen, peer, &ev);
	stopped = json_array();
	LIST_FOREACH(pen, &daemon->pens, next) {
		if (id && strcmp(pen->id, id) != 0)
			continue;
		json_array_append_new(stopped, json_string(pen->id));
		log_info("pen %s: STOP asked for by uid %u pid %d", pen->id,
			 peer->uid, peer->pid);
		if (pen_has_session(pen))
			pen_record_stop(pen, peer);
	}
	varlink_reply(call, json_pack("{so}", "stopped", stopped));
}

static void method_acquire_control(struct varlink_call *call, json_t *p,
				   void *ctx)
{
	const struct varlink_peer *peer = varlink_call_peer(call);
	struct safety_event ev = { .kind = SAFETY_EV_ACQUIRE,
				   .owner = peer->number };
	struct mnpend *daemon = ctx;
	struct pen *pen = methods_pen(call, p, ctx);
	struct pen_answer answer;

	if (!pen)
		return;
	answer = pen_request(pen, peer, &ev);
	if (answer.refused) {
		pen_refuse(call, pen, &answer.refusal);
		return;
	}
	pen->controller = *peer;
	log_info("pen %s: controlled by uid %u pid %d", pen->id, peer->uid,
		 peer->pid);
	varlink_reply(call,
		      json_pack("{sI}", "heartbeatMilliseconds",
				(json_int_t)daemon->config.heartbeat_max_ms));
	monitor_pen(daemon->monitor, pen);
}

static void pen_release_control(struct pen *pen,
				const struct varlink_peer *peer)
{
	struct safety_event ev = { .kind = SAFETY_EV_RELEASE,
				   .owner = peer->number };

	pen_request(pen, peer, &ev);
	memset(&pen->controller, 0, sizeof(pen->controller));
	monitor_pen(pen->daemon->monitor, pen);
}

static void method_release_control(struct varlink_call *call, json_t *p,
				   void *ctx)
{
	const struct varlink_peer *peer = varlink_call_peer(call);
	struct pen *pen = methods_pen(call, p, ctx);

	if (!pen)
		return;
	if (pen->core.owner != peer->number) {
		struct safety_action no = { .reason = SAFETY_REFUSE_NOT_OWNER };

		pen_refuse(call, pen, &no);
		return;
	}
	pen_release_control(pen, peer);
	varlink_reply(call, NULL);
}

void methods_gone(const struct varlink_peer *peer, void *ctx)
{
	struct mnpend *daemon = ctx;
	struct pen *pen;

	LIST_FOREACH(pen, &daemon->pens, next)
		if (pen->core.owner == peer->number)
			pen_release_control(pen, peer);
}

void methods_refused(const struct varlink_call *call, const char *error,
		     const json_t *parameters, void *ctx)
{
	struct mnpend *daemon = ctx;

	why_refused(daemon->why, call, error, parameters);
}

void methods_changed(const struct varlink_call *call, void *ctx)
{
	const json_t *p = varlink_call_parameters(call);
	const char *id = json_string_value(json_object_get(p, "penId"));
	const char *method = strrchr(varlink_call_method(call), '.');
	const json_t *page = json_object_get(p, "page");
	struct mnpend *daemon = ctx;
	struct pen *pen = id ? pen_by_id(daemon, id) : NULL;

	/* Nothing of an import is taken before its last page. */
	if (page && !json_is_true(json_object_get(page, "last")))
		return;
	recorder_append(daemon->recorder, RECORD_CALL, NULL,
			json_pack("{ss ss* ss* so}", "method",
				  method ? method + 1 : "", "pen",
				  pen ? pen->id : NULL, "sessionId",
				  pen && pen_has_session(pen) ?
					  pen->session.id : NULL,
				  "peer",
				  pen_peer_json(varlink_call_peer(call))),
			NULL);
}

static void method_heartbeat(struct varlink_call *call, json_t *p, void *ctx)
{
	methods_simple(call, p, ctx, SAFETY_EV_HEARTBEAT);
}

static void method_pause_run(struct varlink_call *call, json_t *p, void *ctx)
{
	methods_simple(call, p, ctx, SAFETY_EV_PAUSE);
}

/* An administrator may, even while somebody else controls. */
static void methods_or_admin(struct varlink_call *call, json_t *p, void *ctx,
			     enum safety_event_kind kind)
{
	const struct varlink_peer *peer = varlink_call_peer(call);

	methods_as(call, p, ctx, kind,
		   peer->role == VARLINK_ADMIN ? 0 : peer->number);
}

static void method_acknowledge_alarms(struct varlink_call *call, json_t *p,
				      void *ctx)
{
	methods_or_admin(call, p, ctx, SAFETY_EV_ALARM_ACK);
}

static void method_pause_audio(struct varlink_call *call, json_t *p, void *ctx)
{
	methods_or_admin(call, p, ctx, SAFETY_EV_AUDIO_PAUSE);
}

static void method_set_points(struct varlink_call *call, json_t *p, void *ctx)
{
	const struct varlink_peer *peer = varlink_call_peer(call);
	struct safety_event ev = { .kind = SAFETY_EV_SET,
				   .owner = peer->number };
	struct pen *pen = methods_pen(call, p, ctx);
	struct pen_answer answer;

	if (!pen ||
	    !methods_u32(call, p, "depthMicrometres", &ev.set.depth_um) ||
	    !methods_u32(call, p, "rateStrokesPerMinute", &ev.set.rate_spm))
		return;
	answer = pen_request(pen, peer, &ev);
	if (answer.refused) {
		pen_refuse(call, pen, &answer.refusal);
		return;
	}
	log_info("pen %s: set to %u um, %u strokes per minute", pen->id,
		 ev.set.depth_um, ev.set.rate_spm);
	pen_record_set(pen);
	varlink_reply(call,
		      json_pack("{so}", "session", pen_session_json(pen)));
}

/* What the clock says now is right, says who may know. */
static void method_confirm_clock(struct varlink_call *call, json_t *p,
				 void *ctx)
{
	struct mnpend *daemon = ctx;

	(void)p;
	recorder_append(daemon->recorder, RECORD_CLOCK, NULL,
			json_pack("{so}", "peer",
				  pen_peer_json(varlink_call_peer(call))),
			NULL);
	varlink_reply(call, NULL);
}

/* --- preparation, start, end ----------------------------------------------- */

/*
 * Every required step must be named, in the catalogue's order; steps that are
 * not required may be left out. Answers NULL when all is well, else the code
 * of the step that is missing or out of order.
 */
static const char *methods_preparation_gap(json_t *steps)
{
	const struct catalogue_preparation *step;
	size_t i, at = 0;

	for (i = 0; (step = catalogue_preparation_at(i)); i++) {
		const char *code =
			json_string_value(json_array_get(steps, at));

		if (code && strcmp(code, step->code) == 0)
			at++;
		else if (step->required)
			return step->code;
	}
	if (at < json_array_size(steps))
		return json_string_value(json_array_get(steps, at)) ?: "?";
	return NULL;
}

static void method_confirm_preparation(struct varlink_call *call, json_t *p,
				       void *ctx)
{
	const struct varlink_peer *peer = varlink_call_peer(call);
	struct safety_event ev = { .kind = SAFETY_EV_PREPARED,
				   .owner = peer->number };
	struct pen *pen = methods_pen(call, p, ctx);
	json_t *steps = json_object_get(p, "steps");
	struct pen_answer answer;
	const char *gap;
	char interlock[80];

	if (!pen)
		return;
	if (!json_is_array(steps)) {
		varlink_invalid_parameter(call, "steps");
		return;
	}
	gap = methods_preparation_gap(steps);
	if (gap) {
		snprintf(interlock, sizeof(interlock), "preparation:%.*s",
			 methods_code_len(gap), gap);
		varlink_error(call, "io.mnpen.Pen.InterlockOpen",
			      json_pack("{ssss}", "interlock", interlock,
					"message",
					"Preparation is not complete: this step is missing or out of order."));
		return;
	}
	ev.area = pen_area_number(pen->session.area);
	answer = pen_request(pen, peer, &ev);
	if (answer.refused) {
		pen_refuse(call, pen, &answer.refusal);
		return;
	}
	json_decref(pen->session.preparation);
	pen->session.preparation = json_incref(steps);
	pen_record_consent(pen, peer);
	varlink_reply(call, NULL);
}

/* StartRun and EndSession are answered later: at most one of each per pen. */
static struct varlink_call **methods_slot(struct pen *pen,
					  enum safety_event_kind kind)
{
	return kind == SAFETY_EV_START ? &pen->start_call : &pen->end_call;
}

static void methods_held_ended(struct varlink_call *call, void *ctx)
{
	struct pen *pen = ctx;

	if (pen->start_call == call)
		pen->start_call = NULL;
	if (pen->end_call == call)
		pen->end_call = NULL;
}

static void methods_held(struct varlink_call *call, json_t *p, void *ctx,
			 enum safety_event_kind kind)
{
	const struct varlink_peer *peer = varlink_call_peer(call);
	struct safety_event ev = { .kind = kind, .owner = peer->number };
	struct pen *pen = methods_pen(call, p, ctx);
	struct pen_answer answer;

	if (!pen)
		return;
	if (*methods_slot(pen, kind)) {
		struct safety_action no = { .reason = SAFETY_REFUSE_STATE };

		pen_refuse(call, pen, &no);
		return;
	}
	*methods_slot(pen, kind) = call;
	varlink_call_on_end(call, methods_held_ended, pen);
	answer = pen_request(pen, peer, &ev);
	if (answer.refused)
		pen_refuse(call, pen, &answer.refusal);
}

static void method_start_run(struct varlink_call *call, json_t *p, void *ctx)
{
	methods_held(call, p, ctx, SAFETY_EV_START);
}

static void method_end_session(struct varlink_call *call, json_t *p, void *ctx)
{
	methods_held(call, p, ctx, SAFETY_EV_END);
}

#define PEN "io.mnpen.Pen."
#define DRIVERS (VARLINK_OPERATE | VARLINK_ADMIN)
#define CHANGES (VARLINK_MUTATES | VARLINK_RECORDED)

/*
 * Which method needs which role; nothing else in the daemon decides it.
 * CHANGES: a row of the record says who called. Stop, BeginSession and
 * ConfirmClock have rows of their own that say it.
 */
const struct varlink_method methods[] = {
	{ PEN "ListPens", VARLINK_ANYBODY, 0, "", method_list_pens },
	{ PEN "Monitor", VARLINK_ANYBODY, VARLINK_STREAM, "penId",
	  method_monitor },
	{ PEN "Stop", VARLINK_ANYBODY, VARLINK_URGENT, "penId", method_stop },
	{ PEN "GetCatalogue", VARLINK_ANYBODY, 0, "", method_get_catalogue },
	{ PEN "JudgeScreening", VARLINK_ANYBODY, 0, "screening",
	  method_judge_screening },
	{ PEN "PlanCourse", VARLINK_ANYBODY, 0,
	  "concern areas skinType ageYears treatedBefore thinSkin needles "
	  "needleMicrometres needleLengthMicrometres previous",
	  method_plan_course },
	{ PEN "GetAftercare", VARLINK_ANYBODY, 0, "sessionId calendar",
	  method_get_aftercare },
	{ PEN "Why", VARLINK_ANYBODY, 0, "penId", method_why },
	{ PEN "AcquireControl", DRIVERS, CHANGES, "penId",
	  method_acquire_control },
	{ PEN "ReleaseControl", DRIVERS, CHANGES, "penId",
	  method_release_control },
	{ PEN "Heartbeat", DRIVERS, VARLINK_URGENT, "penId",
	  method_heartbeat },
	{ PEN "BeginSession", DRIVERS, VARLINK_MUTATES,
	  "penId area concern depthMicrometres rateStrokesPerMinute "
	  "plannedMilliseconds screening patient operator cartridge "
	  "facts override consent courseSessions",
	  method_begin_session },
	{ PEN "ConfirmPreparation", DRIVERS, CHANGES, "penId steps",
	  method_confirm_preparation },
	{ PEN "StartRun", DRIVERS, CHANGES, "penId",
	  method_start_run },
	{ PEN "PauseRun", DRIVERS, VARLINK_URGENT | VARLINK_RECORDED, "penId",
	  method_pause_run },
	{ PEN "EndSession", DRIVERS, CHANGES, "penId",
	  method_end_session },
	{ PEN "ResetFault", DRIVERS, CHANGES, "penId",
	  method_reset_fault },
	{ PEN "SetPoints", DRIVERS, CHANGES,
	  "penId depthMicrometres rateStrokesPerMinute", method_set_points },
	{ PEN "AcknowledgeAlarms", DRIVERS, CHANGES, "penId",
	  method_acknowledge_alarms },
	{ PEN "PauseAudio", DRIVERS, CHANGES, "penId",
	  method_pause_audio },
	{ PEN "WhoAmI", VARLINK_ANYBODY, 0, "", method_who_am_i },
	{ PEN "GetCapabilities", VARLINK_ANYBODY, 0, "penId",
	  method_get_capabilities },
	{ PEN "Identify", DRIVERS, CHANGES, "penId", method_identify },
	{ PEN "SelfTest", DRIVERS, CHANGES, "penId tests", method_self_test },
	/* They ask the pen: counted, but they change nothing. */
	{ PEN "GetCalibration", DRIVERS, VARLINK_MUTATES, "penId of",
	  method_get_calibration },
	{ PEN "GetCartridge", DRIVERS, VARLINK_MUTATES, "penId",
	  method_get_cartridge },
	{ PEN "GetFaultBundle", DRIVERS, VARLINK_MUTATES, "penId",
	  method_get_fault_bundle },
	{ PEN "ConfirmClock", VARLINK_ADMIN, VARLINK_MUTATES, "",
	  method_confirm_clock },
	{ PEN "ListRecord", VARLINK_ANYBODY, 0, "limit", method_list_record },
	{ PEN "GetRecord", VARLINK_ANYBODY, 0, "sessionId",
	  method_get_record },
	{ PEN "VerifyRecord", VARLINK_ANYBODY, 0, "", method_verify_record },
	{ PEN "GetTelemetry", VARLINK_ANYBODY, 0, "row",
	  method_get_telemetry },
	{ PEN "GetHead", VARLINK_ANYBODY, 0, "", method_get_head },
	{ PEN "ListDue", VARLINK_ANYBODY, 0, "", method_list_due },
	/* Rows that name their peer themselves. */
	{ PEN "AddFollowUp", DRIVERS, VARLINK_MUTATES,
	  "sessionId promptHours happened code severity outcome detail "
	  "operator", method_add_follow_up },
	{ PEN "AmendRow", DRIVERS, VARLINK_MUTATES,
	  "sessionId row instead reason operator", method_amend_row },
	{ PEN "ExportRecord", VARLINK_ANYBODY, 0,
	  "sessionId fromUnixMilliseconds untilUnixMilliseconds afterRow",
	  method_export_record },
	/* Comes in hundreds of pages. */
	{ PEN "ImportRecord", VARLINK_ADMIN, VARLINK_RECORDED, "page key",
	  method_import_record },
	{ PEN "BackupRecord", VARLINK_ADMIN, CHANGES, "path",
	  method_backup_record },
	{ NULL, 0, 0, NULL, NULL },
};
