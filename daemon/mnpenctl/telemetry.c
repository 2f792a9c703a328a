// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mnpenctl telemetry: samples and nothing else, as columns, CSV or JSON. What
 * was left out because this reader was slow is in every form: "dropped".
 */
#include "daemon/mnpenctl/mnpenctl.h"
#include "daemon/mnpenctl/now.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

/* Of the interface's type Telemetry; how wide the column is for people. */
static const struct {
	const char *name, *head;
	int width;
} fields[] = {
	{ "timeMicroseconds", "time us", 12 },
	{ "penSequence", "packet", 8 },
	{ "motor", "motor", 5 },
	{ "depthSetMicrometres", "set um", 6 },
	{ "depthMicrometres", "um", 6 },
	{ "rateSetStrokesPerMinute", "set /min", 8 },
	{ "rateStrokesPerMinute", "/min", 6 },
	{ "currentMilliamps", "mA", 5 },
	{ "motorTemperatureMillidegrees", "mC", 6 },
	{ "strokes", "strokes", 10 },
	{ "leaseMilliseconds", "lease ms", 8 },
	{ "motorMilliseconds", "run ms", 8 },
};

#define FIELDS		(sizeof(fields) / sizeof(fields[0]))
#define HEAD_EVERY	20

struct stream {
	struct ctl *ctl;
	size_t field[FIELDS];	/* those asked for, in their order */
	size_t n;
	uint32_t every_ms, count;	/* 0: all, for ever */
	uint32_t told;
	int64_t dropped;	/* since the last sample told */
	int64_t told_ms;
	char told_pen[64];
	bool connected, done;
	int result;
};

/* ---- the options -------------------------------------------------------------- */

static int field_of(struct stream *s, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < FIELDS; i++)
		if (strlen(fields[i].name) == len &&
		    !strncmp(fields[i].name, name, len) && s->n < FIELDS) {
			s->field[s->n++] = i;
			return EXIT_DONE;
		}
	return explain(s->ctl, EXIT_USAGE, "Usage",
		       _("there is no field %.*s; mnpenctl help telemetry names them"),
		       (int)len, name);
}

static int parse_fields(struct stream *s)
{
	const char *name = s->ctl->fields;
	size_t len;
	int r = EXIT_DONE;

	for (; !name && s->n < FIELDS; s->n++)
		s->field[s->n] = s->n;
	for (; name && *name && !r; name += len + (name[len] == ',')) {
		len = strcspn(name, ",");
		r = field_of(s, name, len);
	}
	return r;
}

static int parse(struct stream *s)
{
	int r = parse_fields(s);

	if (!r && s->ctl->csv && s->ctl->json)
		r = explain(s->ctl, EXIT_USAGE, "Usage",
			    _("--csv or --json, not both"));
	if (!r)
		r = units_option(s->ctl, "every", s->ctl->every, 60000,
				 &s->every_ms);
	return r ? r :
		   units_option(s->ctl, "count", s->ctl->count, 1000000000,
				&s->count);
}

/* ---- the forms ---------------------------------------------------------------- */

static void put_head(const struct stream *s)
{
	size_t i;

	if (s->ctl->json || (s->told && (s->ctl->csv || s->told % HEAD_EVERY)))
		return;
	if (s->ctl->csv)
		fputs("penId,dropped", stdout);
	else
		printf("%-16s %7s", "pen", "dropped");
	for (i = 0; i < s->n; i++) {
		if (s->ctl->csv)
			printf(",%s", fields[s->field[i]].name);
		else
			printf(" %*s", fields[s->field[i]].width,
			       fields[s->field[i]].head);
	}
	putchar('\n');
}

static void put_line(const struct stream *s, const char *pen, const json_t *t)
{
	size_t i;

	printf(s->ctl->csv ? "%s,%" PRId64 : "%-16s %7" PRId64, pen, s->dropped);
	for (i = 0; i < s->n; i++) {
		const json_t *value = json_object_get(t, fields[s->field[i]].name);

		int64_t n = json_is_boolean(value) ? json_is_true(value) :
						     json_integer_value(value);

		if (s->ctl->csv)
			printf(",%" PRId64, n);
		else
			printf(" %*" PRId64, fields[s->field[i]].width, n);
	}
	putchar('\n');
}

static void put_json(const struct stream *s, const char *pen, const json_t *t)
{
	json_t *some = json_object(), *line;
	size_t i;

	for (i = 0; i < s->n; i++)
		json_object_set(some, fields[s->field[i]].name,
				json_object_get(t, fields[s->field[i]].name));
	line = json_pack("{s:s, s:I, s:o}", "penId", pen, "dropped",
			 (json_int_t)s->dropped, "telemetry", some);
	ctl_print_json(line);
	json_decref(line);
}

static void stream_sample(struct stream *s, const char *pen, const json_t *t)
{
	int64_t now = now_ms();

	if (s->every_ms && !strcmp(pen, s->told_pen) &&
	    now < s->told_ms + s->every_ms)
		return;
	s->told_ms = now;
	snprintf(s->told_pen, sizeof(s->told_pen), "%s", pen);
	put_head(s);
	if (s->ctl->json)
		put_json(s, pen, t);
	else
		put_line(s, pen, t);
	s->dropped = 0;
	s->done = ++s->told == s->count || fflush(stdout) || ferror(stdout);
}

static void stream_gap(struct stream *s, const struct mnpen_monitor_event *e)
{
	if (s->connected && !e->remote) {
		watch_gap_told(s->ctl, e, stderr);
		return;
	}
	s->done = true;
	s->result = watch_never(s->ctl, e);
}

static void stream_told(const struct mnpen_monitor_event *e, void *ctx)
{
	struct stream *s = ctx;
	const json_t *t;
	json_t *u;

	if (s->done)
		return;
	if (e->kind == MNPEN_MONITOR_GAP) {
		stream_gap(s, e);
		return;
	}
	s->connected = true;
	u = json_loads(e->parameters, 0, NULL);
	t = json_object_get(u, "telemetry");
	s->dropped += js_int(u, "dropped");
	if (json_is_object(t))
		stream_sample(s, js_string(u, "penId"), t);
	json_decref(u);
}

int verb_telemetry(struct ctl *ctl)
{
	struct stream s = { .ctl = ctl };
	struct mnpen_monitor *m;
	int r = parse(&s);

	if (r)
		return r;
	r = mnpen_monitor_open(NULL, MNPEN_ANY, ctl->n_args ? ctl->args[0] : NULL,
			       stream_told, &s, &m);
	if (r < 0)
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("not the name of a pen"));
	while (!s.done) {
		struct pollfd fd = { .fd = mnpen_monitor_get_fd(m),
				     .events = mnpen_monitor_get_events(m) };

		poll(&fd, 1, mnpen_monitor_get_timeout(m));
		mnpen_monitor_process(m);
	}
	mnpen_monitor_close(m);
	return s.result;
}
