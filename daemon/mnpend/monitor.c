// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/monitor.h"

#include <stdlib.h>
#include <string.h>

struct watcher {
	LIST_ENTRY(watcher) next;
	struct varlink_call *call;
	char pen_id[MNPEN_STR_LEN];	/* empty: all */
};

struct monitor {
	struct mnpend *daemon;
	LIST_HEAD(, watcher) watchers;
	uint64_t sequence;
};

struct monitor *monitor_new(struct mnpend *daemon)
{
	struct monitor *m = calloc(1, sizeof(*m));

	if (m) {
		m->daemon = daemon;
		LIST_INIT(&m->watchers);
	}
	return m;
}

void monitor_free(struct monitor *m)
{
	struct watcher *w;

	if (!m)
		return;
	while ((w = LIST_FIRST(&m->watchers))) {
		LIST_REMOVE(w, next);
		free(w);
	}
	free(m);
}

static void monitor_ended(struct varlink_call *call, void *ctx)
{
	struct watcher *w = ctx;

	(void)call;
	LIST_REMOVE(w, next);
	free(w);
}

static bool watcher_wants(const struct watcher *w, const struct pen *pen)
{
	return !pen || !w->pen_id[0] || strcmp(w->pen_id, pen->id) == 0;
}

static void monitor_share(struct monitor *m, const struct pen *pen,
			  struct varlink_share *share)
{
	struct watcher *w;

	/* One that lags is doomed below, and dropped on the next turn. */
	LIST_FOREACH(w, &m->watchers, next)
		if (watcher_wants(w, pen))
			varlink_share_with(w->call, share);
	varlink_share_free(share);
}

/*
 * Steals body. One sequence number per thing that happened, for everybody; the
 * text is made once.
 */
static void monitor_send(struct monitor *m, const struct pen *pen,
			 enum varlink_class class, json_t *body)
{
	m->sequence++;
	if (LIST_EMPTY(&m->watchers)) {
		json_decref(body);
		return;
	}
	json_object_set_new(body, "sequence",
			    json_integer((json_int_t)m->sequence));
	monitor_share(m, pen, varlink_share_new(class, body));
}

void monitor_add(struct monitor *m, struct varlink_call *call,
		 const char *pen_id)
{
	struct watcher *w = calloc(1, sizeof(*w));
	json_t *pens = json_array();
	const struct pen *pen;

	if (!w) {
		json_decref(pens);
		varlink_error(call, "io.mnpen.Pen.StorageFailed",
			      json_pack("{ssssss}", "operation", "watch",
					"errnoName", "ENOMEM", "message",
					"The daemon is out of memory."));
		return;
	}
	w->call = call;
	if (pen_id)
		snprintf(w->pen_id, sizeof(w->pen_id), "%s", pen_id);
	LIST_INSERT_HEAD(&m->watchers, w, next);
	varlink_call_on_end(call, monitor_ended, w);
	LIST_FOREACH(pen, &m->daemon->pens, next)
		if (watcher_wants(w, pen))
			json_array_append_new(pens, pen_json(pen));
	varlink_reply_more(call, VARLINK_EVENT,
			   json_pack("{sosssI}", "pens", pens, "bootId",
				     m->daemon->boot_id, "sequence",
				     (json_int_t)m->sequence));
}

void monitor_pen(struct monitor *m, const struct pen *pen)
{
	json_t *body = NULL;

	/* Nobody looks at most of what a pen does. */
	if (!LIST_EMPTY(&m->watchers))
		body = json_pack("{s[o]}", "pens", pen_json(pen));
	monitor_send(m, pen, VARLINK_EVENT, body);
}

void monitor_telemetry(struct monitor *m, const struct pen *pen)
{
	char text[PEN_TEXT_LEN];
	size_t len;

	if (LIST_EMPTY(&m->watchers))
		return;
	len = pen_telemetry_text(pen, m->sequence + 1, text);
	if (!len) {
		monitor_send(m, pen, VARLINK_TELEMETRY,
			     json_pack("{ssso}", "penId", pen->id, "telemetry",
				       pen_telemetry_json(pen)));
		return;
	}
	m->sequence++;
	monitor_share(m, pen,
		      varlink_share_text(VARLINK_TELEMETRY, text, len,
					 (int64_t)m->sequence));
}

void monitor_event(struct monitor *m, const struct pen *pen, const char *kind,
		   enum safety_reason reason)
{
	json_t *event;

	event = json_pack("{ssssssssss}", "kind", kind, "penId",
			  pen ? pen->id : "", "state",
			  pen ? safety_state_name(pen->core.state) : "",
			  "reason", safety_reason_name(reason), "text",
			  pen_reason_text(reason));
	monitor_send(m, pen, VARLINK_EVENT, json_pack("{so}", "event", event));
}
