// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl monitor: what happens, until interrupted. */
#include "daemon/mnpenctl/mnpenctl.h"
#include "daemon/mnpenctl/now.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TELEMETRY_MS	1000	/* between two lines for people, per pen */

struct watch {
	struct ctl *ctl;
	int64_t shown_ms;
	char shown_pen[64];
	bool recorded;		/* not live: at_ms is the time that it shows */
	int64_t at_ms;
	bool connected;		/* once; before that a gap is a failure */
	int result;
	bool done;
};

static void watch_stamp(const struct watch *w)
{
	struct timespec t;
	units_text when;

	if (w->recorded) {
		printf("%4" PRId64 ":%02" PRId64 ".%" PRId64 "  ",
		       w->at_ms / 60000, w->at_ms / 1000 % 60,
		       w->at_ms % 1000 / 100);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &t);
	printf("%s  ", units_when(when, (int64_t)t.tv_sec * 1000) + 11);
}

static void watch_telemetry(struct watch *w, const char *pen, const json_t *t)
{
	units_text depth, rate;
	int64_t now = w->recorded ? w->at_ms + TELEMETRY_MS : now_ms();

	if (now < w->shown_ms + TELEMETRY_MS && !strcmp(pen, w->shown_pen))
		return;
	w->shown_ms = now;
	snprintf(w->shown_pen, sizeof(w->shown_pen), "%s", pen);
	watch_stamp(w);
	printf("%s  motor %s  %s  %s  %" PRId64 " strokes  %" PRId64
	       " mA  %" PRId64 ".%" PRId64 " C  lease %" PRId64 " ms\n",
	       pen, json_is_true(json_object_get(t, "motor")) ? "on" : "off",
	       units_depth(depth, js_int(t, "depthMicrometres")),
	       units_rate(rate, js_int(t, "rateStrokesPerMinute")),
	       js_int(t, "strokes"), js_int(t, "currentMilliamps"),
	       js_int(t, "motorTemperatureMillidegrees") / 1000,
	       js_int(t, "motorTemperatureMillidegrees") % 1000 / 100,
	       js_int(t, "leaseMilliseconds"));
}

static void watch_event(const struct watch *w, const json_t *e)
{
	const char *reason = js_string(e, "reason");

	watch_stamp(w);
	printf("%s  %s  %s", js_string(e, "penId"), js_string(e, "kind"),
	       js_string(e, "state"));
	if (*reason && strcmp(reason, "ok"))
		printf("  %s: %s", reason, tr(js_string(e, "text")));
	putchar('\n');
}

static void watch_update(struct watch *w, const json_t *u)
{
	const json_t *pens = json_object_get(u, "pens");
	const json_t *telemetry = json_object_get(u, "telemetry");
	const json_t *event = json_object_get(u, "event");
	int64_t dropped = js_int(u, "dropped");

	if (dropped) {
		watch_stamp(w);
		printf(_("%" PRId64 " telemetry samples left out: this reader was slow\n"),
		       dropped);
	}
	if (json_is_array(pens))
		list_print(pens);
	if (json_is_object(telemetry))
		watch_telemetry(w, js_string(u, "penId"), telemetry);
	if (json_is_object(event))
		watch_event(w, event);
	fflush(stdout);
}

void watch_recorded(struct ctl *ctl, const json_t *line, int64_t at_ms)
{
	static struct watch w;

	w.ctl = ctl;
	w.recorded = true;
	w.at_ms = at_ms;
	if (json_object_get(line, "gap"))
		puts(_("the connection was lost here; what follows until the next state is unknown"));
	else
		watch_update(&w, line);
}

void watch_gap_told(struct ctl *ctl, const struct mnpen_monitor_event *e,
		    FILE *people)
{
	const char *name = strerrorname_np(-e->error);

	if (ctl->json)
		printf("{\"gap\":{\"errnoName\":\"%s\",\"gaps\":%" PRIu32 "}}\n",
		       name ? name : "EIO", e->gaps);
	else
		fputs(_("connection to mnpend lost; what follows until the next state is unknown; trying again\n"),
		      people);
	fflush(stdout);
}

int watch_never(struct ctl *ctl, const struct mnpen_monitor_event *e)
{
	if (e->remote || e->error == -ETIMEDOUT || e->error == -EBADMSG)
		return explain_call(ctl, "Monitor", e->error, e->remote);
	return explain_connect(ctl, MNPEN_ANY, e->error);
}

static void watch_gap(struct watch *w, const struct mnpen_monitor_event *e)
{
	/* Never there, or it says no: nothing to wait for. */
	if (w->connected && !e->remote) {
		watch_gap_told(w->ctl, e, stdout);
		return;
	}
	w->done = true;
	w->result = watch_never(w->ctl, e);
}

static void watch_told(const struct mnpen_monitor_event *e, void *ctx)
{
	struct watch *w = ctx;
	json_t *u;

	if (e->kind == MNPEN_MONITOR_GAP) {
		watch_gap(w, e);
		return;
	}
	w->connected = true;
	if (e->restarted && !w->ctl->json)
		puts(_("mnpend was restarted"));
	if (!w->ctl->json) {
		u = json_loads(e->parameters, 0, NULL);
		watch_update(w, u);
		json_decref(u);
	} else {
		puts(e->parameters);
		fflush(stdout);
	}
	/* The reader went away: SIGPIPE is ignored, so look. */
	if (ferror(stdout))
		w->done = true;
}

int verb_monitor(struct ctl *ctl)
{
	struct watch w = { .ctl = ctl };
	struct mnpen_monitor *m;
	int r;

	r = mnpen_monitor_open(NULL, MNPEN_ANY,
			       ctl->n_args ? ctl->args[0] : NULL, watch_told,
			       &w, &m);
	if (r < 0)
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("not the name of a pen"));
	while (!w.done) {
		struct pollfd fd = { .fd = mnpen_monitor_get_fd(m),
				     .events = mnpen_monitor_get_events(m) };

		poll(&fd, 1, mnpen_monitor_get_timeout(m));
		mnpen_monitor_process(m);
	}
	mnpen_monitor_close(m);
	return w.result;
}
