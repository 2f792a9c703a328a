// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * --wait: until mnpend answers, and has the pen that the command is about.
 * Whatever comes of it the command is tried then: it says best what is missing.
 */
#include "daemon/mnpenctl/mnpenctl.h"
#include "daemon/mnpenctl/now.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define TELL_MS		1000	/* whoever watches is told after that */

struct wait {
	const char *pen;	/* NULL: any */
	bool wants_pen;
	bool connected, over;
};

static bool wait_has(const struct wait *w, const json_t *pens)
{
	json_t *pen;
	size_t i;

	json_array_foreach(pens, i, pen)
		if (!w->pen || !strcmp(js_string(pen, "penId"), w->pen))
			return true;
	return false;
}

static void wait_told(const struct mnpen_monitor_event *e, void *ctx)
{
	struct wait *w = ctx;
	json_t *u;

	if (e->kind == MNPEN_MONITOR_GAP) {
		w->connected = false;
		/* That, and an answer of no, do not change by waiting. */
		w->over = e->remote || e->error == -EACCES;
		return;
	}
	w->connected = true;
	u = json_loads(e->parameters, 0, NULL);
	w->over = !w->wants_pen || wait_has(w, json_object_get(u, "pens"));
	json_decref(u);
}

static void wait_said(const struct ctl *ctl, const struct wait *w)
{
	if (ctl->quiet || !isatty(STDERR_FILENO))
		return;
	if (!w->connected)
		fprintf(stderr, _("waiting for mnpend, up to %u s\n"),
			ctl->wait_s);
	else if (w->pen)
		fprintf(stderr, _("waiting for pen %s, up to %u s\n"), w->pen,
			ctl->wait_s);
	else
		fprintf(stderr, _("waiting for a pen to be plugged in, up to %u s\n"),
			ctl->wait_s);
}

void ctl_wait(const struct ctl *ctl, const struct verb *verb)
{
	int64_t begin = now_ms(), left = (int64_t)ctl->wait_s * 1000;
	struct wait w = { .pen = ctl->pen };
	struct mnpen_monitor *m;
	bool said = false;

	if (!ctl->wait_s || verb->options & OPT_ALONE)
		return;
	if (strstr(verb->args, "PEN") && ctl->n_args &&
	    !strchr(ctl->args[0], '/'))
		w.pen = ctl->args[0];
	w.wants_pen = w.pen || verb->options & OPT_SESSION;
	if (mnpen_monitor_open(NULL, MNPEN_ANY, NULL, wait_told, &w, &m) < 0)
		return;
	while (!w.over && left > 0) {
		struct pollfd fd = { .fd = mnpen_monitor_get_fd(m),
				     .events = mnpen_monitor_get_events(m) };
		int ms = mnpen_monitor_get_timeout(m);

		if (!said && now_ms() >= begin + TELL_MS) {
			wait_said(ctl, &w);
			said = true;
		}
		if (!said && (ms < 0 || ms > TELL_MS))
			ms = TELL_MS;
		poll(&fd, 1, ms < 0 || ms > left ? (int)left : ms);
		mnpen_monitor_process(m);
		left = begin + (int64_t)ctl->wait_s * 1000 - now_ms();
	}
	mnpen_monitor_close(m);
}
