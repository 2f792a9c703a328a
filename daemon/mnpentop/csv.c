// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpentop --csv: the same numbers, for a table program. */
#include "daemon/mnpentop/top.h"

#include <poll.h>
#include <signal.h>
#include <string.h>

static volatile sig_atomic_t ended;

static void end(int number)
{
	(void)number;
	ended = 1;
}

void csv_update(const json_t *update, struct samples_head *head,
		bool *head_done)
{
	static int64_t last_us; /* events carry no time of their own */
	const json_t *telemetry = json_object_get(update, "telemetry");
	const json_t *event = json_object_get(update, "event");
	const json_t *pen =
		json_array_get(json_object_get(update, "pens"), 0);
	struct sample s;

	if (pen && (!*head->pen || !strcmp(head->pen, js_string(pen, "penId")))) {
		snprintf(head->pen, sizeof(head->pen), "%s",
			 js_string(pen, "penId"));
		samples_limits(pen, head);
	}
	if (telemetry && !*head_done) {
		samples_put_head(stdout, head);
		*head_done = true;
	}
	if (telemetry && !strcmp(head->pen, js_string(update, "penId"))) {
		sample_from_telemetry(telemetry, &s);
		s.lost = (uint32_t)json_integer_value(
			json_object_get(update, "dropped"));
		s.flags = s.lost ? SAMPLE_F_LOST : 0;
		last_us = s.time_us;
		sample_put(stdout, &s);
	}
	if (event && *head_done && !strcmp(head->pen, js_string(event, "penId"))) {
		sample_from_event(event, last_us, &s);
		sample_put(stdout, &s);
	}
}

struct csv {
	struct samples_head head;
	bool head_done, connected;
	int result;
};

static void told(const struct mnpen_monitor_event *e, void *ctx)
{
	struct csv *c = ctx;
	json_t *update;

	if (e->kind == MNPEN_MONITOR_GAP) {
		fprintf(stderr, _("mnpentop: no connection to mnpend: %s\n"),
			strerror(-e->error));
		if (!c->connected || e->remote) {
			c->result = e->remote ? 1 : 3;
			ended = 1;
		}
		return;
	}
	c->connected = true;
	update = json_loads(e->parameters, 0, NULL);
	csv_update(update, &c->head, &c->head_done);
	json_decref(update);
	if (fflush(stdout))
		ended = 1;
}

int csv_live(const char *pen_id)
{
	struct sigaction action = { .sa_handler = end };
	struct csv c = { 0 };
	struct mnpen_monitor *m;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (mnpen_monitor_open(NULL, MNPEN_ANY, pen_id, told, &c, &m) < 0)
		return 2;
	while (!ended) {
		struct pollfd fd = { .fd = mnpen_monitor_get_fd(m),
				     .events = mnpen_monitor_get_events(m) };

		poll(&fd, 1, mnpen_monitor_get_timeout(m));
		mnpen_monitor_process(m);
	}
	mnpen_monitor_close(m);
	return c.result;
}
