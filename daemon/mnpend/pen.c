// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/pen.h"

#include "daemon/mnpend/clock.h"
#include "daemon/mnpend/log.h"
#include "daemon/mnpend/monitor.h"
#include "daemon/mnpend/recorder.h"
#include "daemon/mnpend/service.h"
#include "daemon/mnpend/why.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PEN_READ_RECORDS	32
#define PEN_READ_TURNS		4	/* then others get their turn */

struct pen *pen_by_id(struct mnpend *daemon, const char *id)
{
	struct pen *pen;

	LIST_FOREACH(pen, &daemon->pens, next)
		if (strcmp(pen->id, id) == 0)
			return pen;
	return NULL;
}

struct pen *pen_by_syspath(struct mnpend *daemon, const char *syspath)
{
	struct pen *pen;

	LIST_FOREACH(pen, &daemon->pens, next)
		if (strcmp(pen->syspath, syspath) == 0)
			return pen;
	return NULL;
}

bool pen_has_session(const struct pen *pen)
{
	return pen->session.id[0] != '\0';
}

void pen_session_clear(struct pen *pen)
{
	json_decref(pen->session.preparation);
	json_decref(pen->session.consent);
	json_decref(pen->session.pack);
	memset(&pen->session, 0, sizeof(pen->session));
}

/* --- actions of the core ------------------------------------------------ */

static void pen_do_start(struct pen *pen, const struct safety_action *a)
{
	struct device_start start = {
		.depth_um = a->depth_um,
		.rate_spm = a->rate_spm,
		.run_ms = a->run_ms,
		.lease_ms = MNPEND_LEASE_MS,
	};
	int ret = pen->device ? device_start(pen->device, &start) : -ENODEV;

	pen->start_error = ret;
	pen->start_step = "start";
	pen->progress_ms = clock_boot_ms();
	if (ret < 0) {
		struct safety_event ev = { .kind = SAFETY_EV_START_FAILED,
					   .error = -ret };

		pen_event(pen, &ev);
	}
}

static void pen_do_renew(struct pen *pen)
{
	int ret = pen->device ? device_renew(pen->device) : -ENODEV;

	if (ret < 0) {
		struct safety_event ev = { .kind = SAFETY_EV_RENEW_FAILED,
					   .error = -ret };

		pen_event(pen, &ev);
	}
}

static void pen_device_drop(struct pen *pen)
{
	if (pen->readable)
		event_free(pen->readable);
	if (pen->start_done)
		event_free(pen->start_done);
	pen->readable = NULL;
	pen->start_done = NULL;
	service_close(pen);
	device_close(pen->device);
	pen->device = NULL;
}

static void pen_do_state(struct pen *pen, const struct safety_action *a)
{
	log_info("pen %s: %s%s%s", pen->id, safety_state_name(a->state),
		 a->reason ? ", " : "",
		 a->reason ? safety_reason_name(a->reason) : "");
	monitor_event(pen->daemon->monitor, pen, "state", a->reason);
	monitor_pen(pen->daemon->monitor, pen);
}

static void pen_do_alarm(struct pen *pen, const struct safety_action *a)
{
	if (a->priority == SAFETY_PRIORITY_NONE)
		log_info("pen %s: %s", pen->id, pen_reason_text(a->reason));
	else
		log_warning("pen %s: alarm (%s): %s", pen->id,
			    safety_priority_name(a->priority),
			    pen_reason_text(a->reason));
	monitor_event(pen->daemon->monitor, pen,
		      a->priority == SAFETY_PRIORITY_NONE ? "notice" : "alarm",
		      a->reason);
}

static void pen_do_refuse(struct pen *pen, const struct safety_action *a)
{
	if (!pen->answer)
		return;
	pen->answer->refused = true;
	pen->answer->refusal = *a;
}

/* The answer to a StartRun that waited for its intent and for the driver. */
static void pen_do_answer_start(struct pen *pen, const struct safety_action *a)
{
	struct varlink_call *call = pen->start_call;

	if (!call)
		return;
	if (a->kind == SAFETY_DO_ACCEPT_START)
		varlink_reply(call, json_pack("{so}", "session",
					      pen_session_json(pen)));
	else if (pen->start_error)
		pen_device_failed(call, pen->start_step, pen->start_error);
	else
		pen_refuse(call, pen, a);
}

static void pen_do(struct pen *pen, const struct safety_action *a)
{
	switch (a->kind) {
	case SAFETY_DO_STOP:
		if (pen->device)
			device_stop(pen->device);
		break;
	case SAFETY_DO_HARD_STOP:
		log_error("pen %s: does not confirm its stop; giving the device up",
			  pen->id);
		pen_device_drop(pen);
		break;
	case SAFETY_DO_INTENT:
		pen_record_intent(pen, a->ticket);
		break;
	case SAFETY_DO_START:
		pen_do_start(pen, a);
		break;
	case SAFETY_DO_RENEW:
		pen_do_renew(pen);
		break;
	case SAFETY_DO_SET:
		if (pen->device)
			device_set(pen->device, a->depth_um, a->rate_spm);
		break;
	case SAFETY_DO_ALARMS:
	case SAFETY_DO_AUDIO:
		/* The list and what sounds go out together. */
		pen->alarms_changed = true;
		break;
	case SAFETY_DO_RECORD_BEGIN:
		/* The method that asked appends the row: it has the answers. */
		break;
	case SAFETY_DO_RECORD_RUN:
		why_stopped(pen->daemon->why, pen, a->reason);
		pen_record_run(pen, a->reason);
		monitor_event(pen->daemon->monitor, pen, "stopped", a->reason);
		break;
	case SAFETY_DO_RECORD_CLOSE:
		pen_record_close(pen, a->reason, a->ticket);
		break;
	case SAFETY_DO_RECORD_FAULT:
		why_stopped(pen->daemon->why, pen, a->reason);
		pen_record_fault(pen, a->reason);
		break;
	case SAFETY_DO_ALARM:
		pen_do_alarm(pen, a);
		break;
	case SAFETY_DO_ACCEPT:
		if (pen->answer)
			pen->answer->accepted = true;
		break;
	case SAFETY_DO_REFUSE:
		pen_do_refuse(pen, a);
		break;
	case SAFETY_DO_ACCEPT_START:
	case SAFETY_DO_REFUSE_START:
		pen_do_answer_start(pen, a);
		break;
	case SAFETY_DO_STATE:
		pen_do_state(pen, a);
		break;
	case SAFETY_ACTIONS:
		break;
	}
}

/* --- events to the core ------------------------------------------------- */

static void pen_event_at(struct pen *pen, const struct safety_event *ev,
			 uint64_t at_ms)
{
	struct safety_actions out;
	struct safety_event now;
	uint32_t i;

	/*
	 * Carrying out one event's actions may cause further events; they are
	 * queued so that every step sees a core at rest. A full queue can only
	 * lose a repeated complaint of the device.
	 */
	if (pen->n_queue < PEN_QUEUE)
		pen->queue[pen->n_queue++] = *ev;
	if (pen->stepping)
		return;
	pen->stepping = true;
	while (pen->n_queue) {
		now = pen->queue[0];
		pen->n_queue--;
		memmove(&pen->queue[0], &pen->queue[1],
			pen->n_queue * sizeof(pen->queue[0]));
		safety_step(&pen->daemon->config, &pen->core, &now, at_ms,
			    &out);
		pen_record_alarms(pen);
		for (i = 0; i < out.n; i++)
			pen_do(pen, &out.a[i]);
		if (pen->alarms_changed)
			monitor_pen(pen->daemon->monitor, pen);
		pen->alarms_changed = false;
		pen->answer = NULL;
	}
	pen->stepping = false;
}

void pen_event(struct pen *pen, const struct safety_event *ev)
{
	pen_event_at(pen, ev, clock_boot_ms());
}

void pen_event_kind(struct pen *pen, enum safety_event_kind kind)
{
	struct safety_event ev = { .kind = kind };

	pen_event(pen, &ev);
}

struct pen_answer pen_request(struct pen *pen, const struct varlink_peer *peer,
			      const struct safety_event *ev)
{
	struct pen_answer answer = { 0 };

	pen->answer = &answer;
	pen->peer = peer;
	pen_event(pen, ev);
	pen->answer = NULL;
	pen->peer = NULL;
	return answer;
}

/* --- what the device says ------------------------------------------------ */

/* Of the run as it was: the pen's own word that the motor is on counts. */
static void pen_summarise(struct pen *pen, const struct mnpen_record *r)
{
	const struct mnpen_telemetry *t = &r->telemetry;
	const int32_t values[SUMMARY_FIELDS] = {
		[SUMMARY_DEPTH_UM] = t->depth_um,
		[SUMMARY_RATE_SPM] = t->rate_spm,
		[SUMMARY_CURRENT_MA] = t->motor_ma,
		[SUMMARY_TEMP_MDEGC] = t->temp_motor_mdegc,
	};

	if (pen->core.state != SAFETY_ACTIVE || t->state != MNPEN_STATE_RUNNING)
		return;
	summary_add(&pen->summary, values);
	if (!pen->raw)
		return;
	raw_add(pen->raw, r);
	if (raw_full(pen->raw))
		pen_record_raw(pen);
}

static void pen_telemetry(struct pen *pen, const struct mnpen_record *r)
{
	const struct mnpen_telemetry *t = &r->telemetry;
	struct safety_event ev = {
		.kind = SAFETY_EV_TELEMETRY,
		.telemetry = {
			.seq = r->seq,
			.dev_time_us = r->dev_time_us,
			.boot_id = pen->boot_id,
			.strokes = t->strokes,
			.fault_latched = t->fault_latched,
			.rate_set_spm = t->rate_set_spm,
			.rate_spm = t->rate_spm,
			.depth_set_um = t->depth_set_um,
			.depth_um = t->depth_um,
			.motor_ma = t->motor_ma,
			.temp_motor_mdegc = t->temp_motor_mdegc,
			.pen_state = t->state,
			.pen_stop_reason = t->state == MNPEN_STATE_RUNNING ?
						   MNPEN_STOP_NONE :
						   pen->stop_reason,
		},
	};
	uint64_t now_ms = clock_boot_ms();

	pen->record = *r;
	/* Before it is judged: what stopped a run is part of it. */
	pen_summarise(pen, r);
	/*
	 * Judged at the time it arrived, not when we got round to it: a late
	 * wake-up of ours is not silence of the pen. The next tick judges now.
	 */
	pen_event_at(pen, &ev, now_ms - (clock_mono_ms() - r->time_ns / 1000000));
	if (now_ms - pen->shown_ms >= MNPEND_TELEMETRY_MS) {
		pen->shown_ms = now_ms;
		monitor_telemetry(pen->daemon->monitor, pen);
	}
}

static void pen_happened(struct pen *pen, const struct mnpen_event *e)
{
	struct safety_event ev = { .kind = SAFETY_EV_CARTRIDGE,
				   .present = e->arg[0] != 0 };

	pen->stop_reason = (uint8_t)e->stop_reason;
	if (e->code == MNPEN_EV_CARTRIDGE)
		pen_event(pen, &ev);
	else if (e->code == MNPEN_EV_DRIVER_STATE &&
		 e->state == MNPEN_STATE_LIMP)
		pen_event_kind(pen, SAFETY_EV_PEN_LIMP);
}

static void pen_gone(struct pen *pen, int error)
{
	log_warning("pen %s: gone (%s)", pen->id, strerror(-error));
	event_del(pen->readable);
	pen->lost = true;
	pen_event_kind(pen, SAFETY_EV_PEN_GONE);
}

static void pen_read(struct pen *pen)
{
	struct mnpen_record records[PEN_READ_RECORDS];
	int turn, n, i;

	for (turn = 0; turn < PEN_READ_TURNS && pen->device; turn++) {
		n = device_read(pen->device, records, PEN_READ_RECORDS);
		if (n < 0) {
			pen_gone(pen, n);
			return;
		}
		for (i = 0; i < n && pen->device; i++) {
			if (records[i].flags & MNPEN_REC_F_DISCONT)
				pen->boot_id = (uint32_t)device_boot_id(
					pen->device);
			if (records[i].type == MNPEN_REC_TELEMETRY)
				pen_telemetry(pen, &records[i]);
			else if (records[i].type == MNPEN_REC_EVENT)
				pen_happened(pen, &records[i].event);
		}
		if (n < PEN_READ_RECORDS)
			return;
	}
}

static void pen_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	pen_read(arg);
}

/*
 * Reads before it judges: after a late wake-up the timer may come first, and
 * telemetry that waits to be read is not telemetry that is missing.
 */
void pen_tick(struct pen *pen)
{
	uint64_t now_ms;

	if (pen->device && !pen->lost)
		pen_read(pen);
	pen_event_kind(pen, SAFETY_EV_TICK);
	now_ms = clock_boot_ms();
	if (pen->core.state == SAFETY_ACTIVE &&
	    now_ms - pen->progress_ms >= MNPEND_PROGRESS_MS)
		pen_record_progress(pen);
}

static void pen_start_done(evutil_socket_t fd, short what, void *arg)
{
	struct safety_event ev = { .kind = SAFETY_EV_STARTED };
	struct pen *pen = arg;
	int ret = device_start_result(pen->device, &pen->start_step);

	(void)fd;
	(void)what;
	/* A start that a stop overtook is not the device's failure. */
	pen->start_error = ret == -ECANCELED ? 0 : ret;
	if (ret < 0) {
		log_warning("pen %s: start failed at %s: %s", pen->id,
			    pen->start_step, strerror(-ret));
		ev.kind = SAFETY_EV_START_FAILED;
		ev.error = -ret;
	}
	pen_event(pen, &ev);
	pen->start_error = 0;
}

/* --- coming and going ---------------------------------------------------- */

static int pen_watch(struct pen *pen)
{
	struct event_base *base = pen->daemon->base;

	pen->readable = event_new(base, device_fd(pen->device),
				  EV_READ | EV_PERSIST, pen_readable, pen);
	pen->start_done = event_new(base, device_start_fd(pen->device),
				    EV_READ | EV_PERSIST, pen_start_done, pen);
	if (!pen->readable || !pen->start_done ||
	    event_add(pen->readable, NULL) || event_add(pen->start_done, NULL))
		return -ENOMEM;
	return service_open(pen);
}

/* Two pens must not answer to one name, even if their makers slipped. */
static void pen_name(struct pen *pen, struct mnpend *daemon)
{
	const char *serial = device_caps(pen->device)->serial;
	unsigned int n = 2;

	snprintf(pen->id, sizeof(pen->id), "%.*s", MNPEN_STR_LEN - 1,
		 serial[0] ? serial : "pen");
	while (pen_by_id(daemon, pen->id))
		snprintf(pen->id, sizeof(pen->id), "%.24s.%u", serial, n++);
}

int pen_add(struct mnpend *daemon, const char *syspath, const char *node)
{
	/*
	 * The pen's own ratchet gets only what no session may ever exceed: it
	 * cannot be raised again before the pen loses power.
	 */
	struct safety_limits absolute;
	struct mnpen_limits ceiling = {
		.valid = MNPEN_LIMIT_DEPTH | MNPEN_LIMIT_RATE | MNPEN_LIMIT_RUN,
	};
	struct pen *pen = calloc(1, sizeof(*pen));
	const char *step = "allocate";
	int ret = -ENOMEM;

	if (!pen)
		return ret;
	safety_limits_absolute(&absolute);
	ceiling.depth_max_um = absolute.limit[SAFETY_LIMIT_DEPTH_MAX].value;
	ceiling.rate_max_spm = absolute.limit[SAFETY_LIMIT_RATE_MAX].value;
	ceiling.run_max_ms = absolute.limit[SAFETY_LIMIT_RUN_MAX].value;
	pen->daemon = daemon;
	snprintf(pen->syspath, sizeof(pen->syspath), "%s", syspath);
	snprintf(pen->node, sizeof(pen->node), "%s", node);
	safety_init(&pen->core);
	if (daemon->raw)
		pen->raw = calloc(1, sizeof(*pen->raw));
	ret = device_open(node, &ceiling, &pen->device, &step);
	if (ret == 0) {
		pen_name(pen, daemon);
		step = "watch";
		ret = pen_watch(pen);
	}
	if (ret < 0) {
		log_debug("%s: %s: %s", node, step, strerror(-ret));
		pen_device_drop(pen);
		free(pen->raw);
		free(pen);
		return ret;
	}
	pen->boot_id = device_caps(pen->device)->boot_id;
	LIST_INSERT_HEAD(&daemon->pens, pen, next);
	if (!recorder_ok(daemon->recorder))
		pen_event_kind(pen, SAFETY_EV_RECORD_FAILED);
	if (device_limp(pen->device))
		pen_event_kind(pen, SAFETY_EV_PEN_LIMP);
	log_info("pen %s: %s, firmware %s, at %s", pen->id,
		 device_caps(pen->device)->hw_model,
		 device_caps(pen->device)->fw_version, node);
	pen_record_event(pen, "added");
	monitor_event(daemon->monitor, pen, "penAdded", SAFETY_OK);
	monitor_pen(daemon->monitor, pen);
	return 0;
}

static void pen_gone_answer(struct pen *pen, struct varlink_call *call)
{
	if (call)
		varlink_error(call, "io.mnpen.Pen.PenGone",
			      json_pack("{ssss}", "penId", pen->id, "message",
					"The pen was unplugged; its session is closed in the record."));
}

void pen_remove(struct pen *pen)
{
	struct mnpend *daemon = pen->daemon;

	pen_event_kind(pen, SAFETY_EV_PEN_GONE);
	pen_gone_answer(pen, pen->start_call);
	pen_gone_answer(pen, pen->end_call);
	LIST_REMOVE(pen, next);
	pen_record_event(pen, "removed");
	monitor_event(daemon->monitor, pen, "penRemoved", SAFETY_OK);
	log_info("pen %s: removed", pen->id);
	recorder_forget(daemon->recorder, pen);
	pen_device_drop(pen);
	pen_session_clear(pen);
	free(pen->raw);
	free(pen);
}

/* --- names ---------------------------------------------------------------- */

uint32_t pen_area_number(const char *area)
{
	uint32_t n = 2166136261u;

	while (*area)
		n = (n ^ (uint8_t)*area++) * 16777619u;
	return n;
}

/* --- limits --------------------------------------------------------------- */

void pen_base_limits(const struct pen *pen, struct safety_limits *limits)
{
	const struct mnpen_caps *caps;
	const struct mnpen_limits *latched;

	safety_limits_absolute(limits);
	if (!pen->device)
		return;
	caps = device_caps(pen->device);
	latched = device_limits(pen->device);
	safety_limits_tighten(limits, SAFETY_LIMIT_DEPTH_MAX,
			      caps->depth_max_um, SAFETY_BY_PEN);
	safety_limits_tighten(limits, SAFETY_LIMIT_DEPTH_MAX,
			      latched->depth_max_um, SAFETY_BY_PEN);
	safety_limits_tighten(limits, SAFETY_LIMIT_RATE_MIN,
			      caps->rate_min_spm, SAFETY_BY_PEN);
	safety_limits_tighten(limits, SAFETY_LIMIT_RATE_MAX,
			      caps->rate_max_spm, SAFETY_BY_PEN);
	safety_limits_tighten(limits, SAFETY_LIMIT_RATE_MAX,
			      latched->rate_max_spm, SAFETY_BY_PEN);
	safety_limits_tighten(limits, SAFETY_LIMIT_RUN_MAX,
			      latched->run_max_ms, SAFETY_BY_PEN);
	safety_limits_tighten(limits, SAFETY_LIMIT_CURRENT_MAX,
			      latched->current_max_ma, SAFETY_BY_PEN);
	safety_limits_tighten(limits, SAFETY_LIMIT_TEMP_MAX,
			      (uint32_t)latched->temp_max_mdegc, SAFETY_BY_PEN);
}
