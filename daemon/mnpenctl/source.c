// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpenctl/source.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/mnpen.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define QUEUE	256	/* replies that came in one go */
#define RECORDS 16

struct source {
	struct ctl *ctl;
	struct samples_head head;
	int result;		/* once it ended and was explained */
	int error;		/* errno of what ended it, not yet explained */
	bool ended;
	/* of a node */
	char path[64];
	int fd;
	struct mnpen_record records[RECORDS];
	/* of mnpend */
	struct mnpen_monitor *monitor;
	bool connected;
	char wanted[64];	/* the pen, "": the only one */
	int64_t last_us;	/* events have no time of their own there */
	/* of both */
	struct sample queue[QUEUE];
	size_t n, next;
};

const struct samples_head *source_head(const struct source *s)
{
	return &s->head;
}

/* Whoever has what it came for need not hear why there is no more. */
int source_result(struct source *s)
{
	if (s->error)
		s->result = s->monitor ? explain_connect(s->ctl, MNPEN_ANY,
							 -s->error) :
					 node_explain(s->ctl, s->path, "read",
						      s->error);
	s->error = 0;
	return s->result;
}

static int end_by(struct source *s, int error)
{
	s->error = error;
	s->ended = true;
	return -1;
}

static int end(struct source *s, int result)
{
	s->result = result;
	s->ended = true;
	return -1;
}

/* ---- node ------------------------------------------------------------------- */

static int open_node(struct source *s, const char *path)
{
	struct mnpen_subscribe want = { .mask = MNPEN_SUB_TELEMETRY |
						MNPEN_SUB_EVENTS };
	int r;

	snprintf(s->path, sizeof(s->path), "%s", path);
	r = node_open(s->ctl, path, O_RDONLY, &s->fd);
	if (!r)
		r = node_head(s->ctl, path, s->fd, &s->head);
	if (!r && ioctl(s->fd, MNPEN_IOC_SUBSCRIBE, &want))
		r = node_explain(s->ctl, path, "SUBSCRIBE", errno);
	return r;
}

static int read_node(struct source *s, int timeout_ms)
{
	struct pollfd fd = { .fd = s->fd, .events = POLLIN };
	ssize_t n, i;

	if (poll(&fd, 1, timeout_ms) <= 0)
		return 0;
	n = read(s->fd, s->records, sizeof(s->records));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0)
		return end_by(s, errno);
	s->n = s->next = 0;
	for (i = 0; i < n / (ssize_t)sizeof(s->records[0]); i++)
		node_sample(&s->records[i], &s->queue[s->n++]);
	return 0;
}

/* ---- mnpend ------------------------------------------------------------------ */

static void push(struct source *s, const struct sample *sample)
{
	if (s->next && s->next == s->n)
		s->n = s->next = 0;
	if (s->n < QUEUE) {
		s->queue[s->n++] = *sample;
	} else {
		s->queue[QUEUE - 1].lost++;
		s->queue[QUEUE - 1].flags |= SAMPLE_F_LOST;
	}
}

static void take_pens(struct source *s, const json_t *pens, bool all)
{
	json_t *pen;
	size_t i;

	if (all && !*s->wanted && json_array_size(pens) != 1) {
		end(s, explain(s->ctl, json_array_size(pens) ? EXIT_USAGE :
							       EXIT_GONE,
			       "WhichPen",
			       json_array_size(pens) ?
				       _("there are %zu pens: say which; mnpenctl list names them") :
				       _("mnpend has %zu pens; mnpenctl doctor looks why"),
			       json_array_size(pens)));
		return;
	}
	json_array_foreach(pens, i, pen) {
		if (all && !*s->wanted)
			snprintf(s->wanted, sizeof(s->wanted), "%s",
				 js_string(pen, "penId"));
		if (strcmp(js_string(pen, "penId"), s->wanted))
			continue;
		snprintf(s->head.pen, sizeof(s->head.pen), "%s", s->wanted);
		samples_limits(pen, &s->head);
	}
}

static void take_update(struct source *s, const json_t *u)
{
	const json_t *event = json_object_get(u, "event");
	struct sample sample;

	take_pens(s, json_object_get(u, "pens"),
		  json_object_get(u, "bootId") != NULL);
	if (json_object_get(u, "telemetry") &&
	    !strcmp(js_string(u, "penId"), s->wanted)) {
		sample_from_telemetry(json_object_get(u, "telemetry"), &sample);
		sample.lost = (uint32_t)js_int(u, "dropped");
		sample.flags = sample.lost ? SAMPLE_F_LOST : 0;
		s->last_us = sample.time_us;
		push(s, &sample);
	}
	if (event && !strcmp(js_string(event, "penId"), s->wanted)) {
		sample_from_event(event, s->last_us, &sample);
		push(s, &sample);
	}
}

static void told(const struct mnpen_monitor_event *e, void *ctx)
{
	struct source *s = ctx;
	json_t *update;

	if (e->kind == MNPEN_MONITOR_GAP) {
		/* A hole of unknown length: whoever measures begins anew. */
		if (!s->ended && s->connected)
			end_by(s, -e->error);
		else if (!s->ended)
			end(s, watch_never(s->ctl, e));
		return;
	}
	s->connected = true;
	update = json_loads(e->parameters, 0, NULL);
	take_update(s, update);
	json_decref(update);
}

static int open_monitor(struct source *s, const char *pen)
{
	if (pen)
		snprintf(s->wanted, sizeof(s->wanted), "%s", pen);
	if (mnpen_monitor_open(NULL, MNPEN_ANY, pen, told, s, &s->monitor) < 0)
		return explain(s->ctl, EXIT_USAGE, "Usage",
			       _("not the name of a pen"));
	/* Its limits are wanted before its first sample. */
	while (!s->connected && !s->ended) {
		struct pollfd fd = {
			.fd = mnpen_monitor_get_fd(s->monitor),
			.events = mnpen_monitor_get_events(s->monitor),
		};

		poll(&fd, 1, mnpen_monitor_get_timeout(s->monitor));
		mnpen_monitor_process(s->monitor);
	}
	return s->ended ? s->result : EXIT_DONE;
}

static int read_monitor(struct source *s, int timeout_ms)
{
	struct pollfd fd = { .fd = mnpen_monitor_get_fd(s->monitor),
			     .events = mnpen_monitor_get_events(s->monitor) };
	int own_ms = mnpen_monitor_get_timeout(s->monitor);

	if (own_ms >= 0 && (timeout_ms < 0 || own_ms < timeout_ms))
		timeout_ms = own_ms;
	poll(&fd, 1, timeout_ms);
	mnpen_monitor_process(s->monitor);
	return s->ended ? -1 : 0;
}

/* ---- either ------------------------------------------------------------------- */

/* Without mnpend: the only node there is. */
static int open_any(struct source *s)
{
	struct mnpen_client *client;
	int r = mnpen_client_open(NULL, MNPEN_ANY, &client);
	glob_t g;

	if (!r) {
		mnpen_client_close(client);
		return open_monitor(s, NULL);
	}
	if (glob("/dev/mnpen[0-9]*", 0, NULL, &g))
		return explain_connect(s->ctl, MNPEN_ANY, r);
	r = g.gl_pathc == 1 ?
		    open_node(s, g.gl_pathv[0]) :
		    explain(s->ctl, EXIT_USAGE, "WhichPen",
			    _("there are %zu pens: say which, as /dev/mnpen0"),
			    g.gl_pathc);
	globfree(&g);
	return r;
}

int source_open(struct ctl *ctl, const char *what, struct source **out)
{
	struct source *s = calloc(1, sizeof(*s));
	int r;

	*out = NULL;
	if (!s)
		return explain(ctl, EXIT_REMOTE, "NoMemory", "out of memory");
	s->ctl = ctl;
	s->fd = -1;
	if (!what)
		r = open_any(s);
	else
		r = strchr(what, '/') ? open_node(s, what) :
					open_monitor(s, what);
	if (r)
		source_close(s);
	else
		*out = s;
	return r;
}

void source_close(struct source *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	mnpen_monitor_close(s->monitor);
	free(s);
}

int source_next(struct source *s, int timeout_ms, struct sample *out)
{
	int r;

	if (s->next == s->n) {
		if (s->ended)
			return -1;
		r = s->monitor ? read_monitor(s, timeout_ms) :
				 read_node(s, timeout_ms);
		if (r < 0)
			return r;
	}
	if (s->next == s->n)
		return 0;
	*out = s->queue[s->next++];
	return 1;
}
