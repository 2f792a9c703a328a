// SPDX-License-Identifier: GPL-2.0-or-later
/* From StartRun to motor off. */
#include "daemon/mnpenctl/session.h"
#include "daemon/mnpenctl/now.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_MS	1000	/* and whoever waits is told why */

/* ---- what the monitor tells --------------------------------------------- */

static void run_stopped(struct session *s, const char *reason,
			const char *text)
{
	if (s->stopped)
		return;
	s->stopped = true;
	s->gone = s->gone || !strcmp(reason, "faultPenGone");
	snprintf(s->reason, sizeof(s->reason), "%s", reason);
	snprintf(s->text, sizeof(s->text), "%s", text);
}

static bool run_state_is_off(const char *state)
{
	return !strcmp(state, "paused") || !strcmp(state, "fault") ||
	       !strcmp(state, "hardFault") || !strcmp(state, "closed") ||
	       !strcmp(state, "idle");
}

/* The most urgent one stays in sight until it is over or acknowledged. */
static void run_alarms(struct session *s, const json_t *alarms)
{
	static const char *const priorities[] = { "low", "medium", "high" };
	struct progress *p = &s->progress;
	json_t *alarm;
	size_t i, k;

	p->alarm[0] = '\0';
	for (k = 0; k < 3; k++) {
		json_array_foreach(alarms, i, alarm) {
			if (strcmp(js_string(alarm, "priority"), priorities[k]) ||
			    json_is_true(json_object_get(alarm, "acknowledged")))
				continue;
			snprintf(p->alarm, sizeof(p->alarm), "%s",
				 js_string(alarm, "reason"));
			snprintf(p->alarm_text, sizeof(p->alarm_text), "%s",
				 tr(js_string(alarm, "text")));
			p->alarm_colour = terminal_colour(priorities[k]);
		}
	}
}

/* News of before the start say nothing of this run; a snapshot is new. */
static bool run_news(const struct session *s, bool snapshot)
{
	return s->running && (snapshot || s->was_active || !s->resumed);
}

static void run_pens(struct session *s, const json_t *pens, bool snapshot)
{
	bool found = false;
	json_t *pen;
	size_t i;

	json_array_foreach(pens, i, pen) {
		if (strcmp(js_string(pen, "penId"), s->pen))
			continue;
		found = true;
		snprintf(s->state, sizeof(s->state), "%s",
			 js_string(pen, "state"));
		run_alarms(s, json_object_get(pen, "alarms"));
		s->was_active = s->was_active || !strcmp(s->state, "active");
		if (run_news(s, snapshot) && run_state_is_off(s->state))
			run_stopped(s, js_string(pen, "reason"),
				    js_string(pen, "reasonText"));
	}
	/* After a gap: it went while nobody looked. */
	if (!found && s->running && !json_array_size(pens))
		run_stopped(s, "faultPenGone", N_("the pen is not there any more"));
}

static void run_event(struct session *s, const json_t *e)
{
	const char *kind = js_string(e, "kind");
	const char *text = js_string(e, "text");

	if (*js_string(e, "penId") && strcmp(js_string(e, "penId"), s->pen))
		return;
	if (s->ctl->json) {
		json_t *line = json_pack("{s:O}", "event", e);

		progress_json(s, line);
		json_decref(line);
	}
	if (!strcmp(kind, "alarm")) {
		if (!s->progress.alarm[0])
			s->progress.alarm_colour = terminal_colour("high");
		snprintf(s->progress.alarm, sizeof(s->progress.alarm), "%s",
			 js_string(e, "reason"));
		snprintf(s->progress.alarm_text, sizeof(s->progress.alarm_text),
			 "%s", tr(text));
		progress_note(s, _("%sALARM: %s (%s)%s"),
			      s->progress.alarm_colour, s->progress.alarm_text,
			      s->progress.alarm, terminal_plain());
	} else if (!strcmp(kind, "stopped")) {
		if (s->running)
			run_stopped(s, js_string(e, "reason"), text);
	} else if (!strcmp(kind, "penRemoved")) {
		run_stopped(s, "faultPenGone", N_("the pen was unplugged"));
		s->gone = true;
	}
}

void run_told(const struct mnpen_monitor_event *event, void *ctx)
{
	struct session *s = ctx;
	const json_t *e;
	json_t *u;

	if (event->kind == MNPEN_MONITOR_GAP) {
		s->blind_since_ms = now_ms();
		return;
	}
	s->blind_since_ms = 0;
	s->snapshot = true;
	u = json_loads(event->parameters, 0, NULL);
	if (json_is_array(json_object_get(u, "pens")))
		run_pens(s, json_object_get(u, "pens"),
			 event->kind == MNPEN_MONITOR_SNAPSHOT);
	if (json_is_object(json_object_get(u, "telemetry")) &&
	    !strcmp(js_string(u, "penId"), s->pen))
		progress_telemetry(s, json_object_get(u, "telemetry"));
	e = json_object_get(u, "event");
	if (json_is_object(e))
		run_event(s, e);
	json_decref(u);
}

/* ---- start and stop -------------------------------------------------------- */

static char *run_pen_parameters(const struct session *s)
{
	json_t *p = json_pack("{s:s}", "penId", s->pen);
	char *text = json_dumps(p, JSON_COMPACT);

	json_decref(p);
	return text;
}

static void run_start_answered(const struct mnpen_reply *reply, void *ctx)
{
	struct session *s = ctx;

	s->start_pending = false;
	if (!reply->status) {
		s->started = true;
		return;
	}
	/* We stopped it ourselves before it started. */
	if (s->stop_asked && reply->status == -EREMOTEIO) {
		run_stopped(s, "stopRequest", N_("stopped before the motor ran"));
		return;
	}
	/* A broken connection is told once, by the end of the loop. */
	if (reply->status != -EREMOTEIO && reply->status != -ETIMEDOUT)
		return;
	progress_end(s);
	s->start_result = explain_call(s->ctl, "StartRun", reply->status,
				       reply->error);
}

int run_start(struct session *s)
{
	char *p = run_pen_parameters(s);
	int r;

	r = mnpen_call_async(s->client, MNPEN_INTERFACE ".StartRun", p,
			     CALL_MS, run_start_answered, s);
	free(p);
	if (r < 0)
		return explain_call(s->ctl, "StartRun", r, NULL);
	s->start_pending = true;
	s->running = true;
	s->was_active = false;
	s->beat_at_ms = 0;
	return EXIT_DONE;
}

static void run_stop_answered(const struct mnpen_reply *reply, void *ctx)
{
	struct session *s = ctx;

	s->stop_answered = !reply->status;
}

void run_stop(struct session *s, const char *why)
{
	bool queued_behind = mnpen_pending(s->client) > 0;
	char *p;

	if (s->stop_asked)
		return;
	s->stop_asked = true;
	s->stop_ms = now_ms();
	s->beating = false;
	p = run_pen_parameters(s);
	mnpen_call_async(s->client, MNPEN_INTERFACE ".Stop", p, CALL_MS,
			 run_stop_answered, s);
	free(p);
	/* Replies come in order: do not wait behind a slow StartRun. */
	if (queued_behind && !mnpen_stop_all(s->pen, STOP_MS, NULL, NULL))
		s->stop_answered = true;
	progress_note(s, _("STOP: %s"), why);
}

void run_look(struct session *s, bool input)
{
	int64_t now = now_ms();

	if (input && terminal_stop_key())
		run_stop(s, _("key pressed"));
	if (s->signal)
		run_stop(s, strsignal(s->signal));
	if (s->blind_since_ms && now > s->blind_since_ms + SESSION_BLIND_MS)
		run_stop(s, _("no live data"));
	if (now > s->progress.writable_ms + SESSION_BLIND_MS)
		run_stop(s, _("nobody reads what this command prints"));
}

/*
 * Over when StartRun is answered and the daemon says that the motor stopped.
 * It may never say so: a stop that was asked for is given STOP_MS.
 */
static bool run_over(const struct session *s)
{
	if (s->lost || s->start_result)
		return true;
	if (s->stop_asked && now_ms() > s->stop_ms + STOP_MS)
		return true;
	return s->stopped && !s->start_pending &&
	       (!s->stop_asked || s->stop_answered);
}

static int run_lost(struct session *s)
{
	return explain(s->ctl, EXIT_CONNECT, "ConnectionLost",
		       _("connection to mnpend lost: the pen stops by itself within its lease. Look at the pen: if it runs, pull its cable"));
}

/* The record comes before the motor; a slow disk is told of. */
static void run_patience(struct session *s)
{
	if (s->patience_told || s->stopped ||
	    now_ms() < s->progress.begun_ms + PATIENCE_MS)
		return;
	s->patience_told = true;
	progress_note(s, _("the motor starts as soon as that is in the record..."));
}

int run_motor(struct session *s)
{
	int r;

	/* What went before took its time. */
	s->progress.begun_ms = s->progress.writable_ms = now_ms();
	r = run_start(s);
	if (r)
		return r;
	if (s->asks)
		terminal_keys();
	while (!run_over(s)) {
		run_look(s, session_turn(s, 50));
		if (s->started)
			progress_draw(s);
		else
			run_patience(s);
	}
	s->running = false;
	s->beating = false;
	s->progress.drawn_ms = 0;
	if (s->started && !s->start_result)
		progress_draw(s);
	progress_end(s);
	terminal_restore();
	if (s->lost)
		return run_lost(s);
	if (s->stop_asked && !s->stop_answered && !s->stopped)
		return explain(s->ctl, EXIT_CONNECT, "TimedOut",
			       _("mnpend did not answer Stop. Look at the pen: if it runs, pull its cable"));
	return s->start_result;
}
