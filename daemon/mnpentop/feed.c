// SPDX-License-Identifier: GPL-2.0-or-later
/* What the daemon or a recording says, into what is shown. */
#include "daemon/mnpentop/top.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Printable, whatever a pen put into its name. */
static void copy(char *to, size_t size, const char *from)
{
	size_t i;

	snprintf(to, size, "%s", from);
	for (i = 0; to[i]; i++)
		if ((unsigned char)to[i] < ' ' || to[i] == 0x7f)
			to[i] = '?';
}

struct top_pen *feed_shown(struct top *t)
{
	return t->n_pens ? &t->pens[t->shown] : NULL;
}

int64_t feed_age_ms(const struct top_pen *pen, int64_t now_ms)
{
	return pen->heard_ms ? now_ms - pen->heard_ms : TOP_NONE;
}

static struct top_pen *pen_of(struct top *t, const char *id)
{
	struct top_pen *pen;
	int i;

	for (i = 0; i < t->n_pens; i++)
		if (!strcmp(t->pens[i].id, id))
			return &t->pens[i];
	if (t->n_pens == TOP_PENS || !*id)
		return NULL;
	pen = &t->pens[t->n_pens++];
	memset(pen, 0, sizeof(*pen));
	copy(pen->id, sizeof(pen->id), id);
	copy(pen->limits.pen, sizeof(pen->limits.pen), id);
	for (i = 0; i < TOP_ROWS; i++)
		pen->worst[i] = TOP_NONE;
	return pen;
}

void feed_event(struct top *t, const char *when, const char *text)
{
	struct top_event *e = &t->events[t->n_events++ % TOP_EVENTS];

	copy(e->when, sizeof(e->when), when);
	copy(e->text, sizeof(e->text), text);
}

static void clock_text(char out[40])
{
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(out, 40, "%H:%M:%S", &tm);
}

/* ---- the state of a pen --------------------------------------------------- */

static int urgency(const char *priority)
{
	if (!strcmp(priority, "high"))
		return 3;
	return !strcmp(priority, "medium") ? 2 : 1;
}

static void take_alarms(struct top_pen *pen, const json_t *alarms)
{
	json_t *a;
	size_t i;

	pen->alarms = json_array_size(alarms);
	pen->alarm[0] = pen->priority[0] = '\0';
	json_array_foreach(alarms, i, a) {
		const char *priority = js_string(a, "priority");

		if (pen->alarm[0] && urgency(priority) <= urgency(pen->priority))
			continue;
		copy(pen->priority, sizeof(pen->priority), priority);
		snprintf(pen->alarm, sizeof(pen->alarm), "%s%s",
			 tr(js_string(a, "text")),
			 json_is_true(json_object_get(a, "acknowledged")) ?
				 _(" (seen)") : "");
	}
}

static void take_pen(struct top *t, const json_t *o)
{
	struct top_pen *pen = pen_of(t, js_string(o, "penId"));
	const json_t *session = json_object_get(o, "session");

	if (!pen)
		return;
	pen->plugged = true;
	copy(pen->state, sizeof(pen->state), js_string(o, "state"));
	copy(pen->reason, sizeof(pen->reason), js_string(o, "reason"));
	copy(pen->text, sizeof(pen->text), js_string(o, "reasonText"));
	pen->controlled = json_is_integer(json_object_get(o, "controller"));
	pen->session[0] = '\0';
	if (json_is_object(session))
		snprintf(pen->session, sizeof(pen->session), "%s, %s",
			 js_string(session, "area"), js_string(session, "concern"));
	take_alarms(pen, json_object_get(o, "alarms"));
	samples_limits(o, &pen->limits);
}

static void unplug(struct top_pen *pen)
{
	pen->plugged = pen->controlled = false;
	pen->session[0] = '\0';
	copy(pen->state, sizeof(pen->state), _("unplugged"));
}

static void snapshot(struct top *t, const json_t *pens)
{
	json_t *o;
	size_t i;
	int k;

	for (k = 0; k < t->n_pens; k++) {
		unplug(&t->pens[k]);
	}
	json_array_foreach(pens, i, o)
		take_pen(t, o);
	if (!t->connected && t->gap[0])
		t->notice[0] = '\0';
	t->connected = true;
	t->gap[0] = '\0';
}

/* ---- measurements --------------------------------------------------------- */

static void worse(int64_t *worst, int64_t value, bool low_is_bad)
{
	if (*worst == TOP_NONE ||
	    (low_is_bad ? value < *worst : value > *worst))
		*worst = value;
}

static void take_sample(struct top_pen *pen, const struct sample *s,
			int64_t now_ms)
{
	static const enum sample_field field[] = {
		[ROW_DEPTH] = SAMPLE_depth_um,
		[ROW_RATE] = SAMPLE_rate_spm,
		[ROW_CURRENT] = SAMPLE_motor_ma,
		[ROW_TEMPERATURE] = SAMPLE_temp_motor_mdegc,
		[ROW_LEASE] = SAMPLE_lease_ms,
	};
	int64_t age = feed_age_ms(pen, now_ms);
	int i;

	pen->measured = 1u << ROW_AGE;
	for (i = 0; i <= ROW_LEASE; i++) {
		if (!sample_knows(s, field[i]))
			continue;
		pen->measured |= 1u << i;
		worse(&pen->worst[i], s->value[field[i]], i == ROW_LEASE);
	}
	if (age != TOP_NONE)
		worse(&pen->worst[ROW_AGE], age, false);
	pen->last = *s;
	pen->heard_ms = now_ms ? now_ms : 1;
}

void feed_sample(struct top *t, const struct samples_head *head,
		 const struct sample *s, int64_t now_ms)
{
	struct top_pen *pen = pen_of(t, *head->pen ? head->pen : "pen");
	char when[40], text[320];

	if (!pen)
		return;
	t->connected = pen->plugged = true;
	pen->limits = *head;
	if (*s->state)
		copy(pen->state, sizeof(pen->state), s->state);
	t->dropped += s->lost;
	if (!*s->event) {
		take_sample(pen, s, now_ms);
		return;
	}
	snprintf(when, sizeof(when), "%lld.%03lld s",
		 (long long)(now_ms / 1000), (long long)(now_ms % 1000));
	snprintf(text, sizeof(text), "%s  %s  %s", pen->id, s->event, s->state);
	feed_event(t, when, text);
}

static void take_event(struct top *t, const json_t *e)
{
	struct top_pen *pen = pen_of(t, js_string(e, "penId"));
	const char *reason = js_string(e, "reason");
	bool why = *reason && strcmp(reason, "ok");
	char text[320], when[40];

	snprintf(text, sizeof(text), "%s  %s%s%s%s%s  %s",
		 js_string(e, "penId"), js_string(e, "kind"), why ? " " : "",
		 why ? reason : "", why ? ": " : "",
		 why ? tr(js_string(e, "text")) : "", js_string(e, "state"));
	clock_text(when);
	if (t->replay)
		snprintf(when, sizeof(when), "%lld.%lld s",
			 (long long)(t->replay_ms / 1000),
			 (long long)(t->replay_ms % 1000 / 100));
	feed_event(t, when, text);
	if (pen && !strcmp(js_string(e, "kind"), "penRemoved")) {
		unplug(pen);
	}
}

void feed_update(struct top *t, const json_t *u, int64_t now_ms)
{
	const json_t *pens = json_object_get(u, "pens"), *gap;
	const json_t *telemetry = json_object_get(u, "telemetry");
	const json_t *event = json_object_get(u, "event");
	struct top_pen *pen;
	struct sample s;
	json_t *o;
	size_t i;

	t->dropped += (uint64_t)json_integer_value(json_object_get(u, "dropped"));
	if (json_object_get(u, "bootId"))
		snapshot(t, pens);
	else
		json_array_foreach(pens, i, o)
			take_pen(t, o);
	pen = pen_of(t, js_string(u, "penId"));
	if (pen && json_is_object(telemetry)) {
		sample_from_telemetry(telemetry, &s);
		take_sample(pen, &s, now_ms);
	}
	if (json_is_object(event))
		take_event(t, event);
	gap = json_object_get(u, "gap");
	if (json_is_object(gap))
		feed_gap(t, js_string(gap, "errnoName"), now_ms);
}

void feed_gap(struct top *t, const char *why, int64_t now_ms)
{
	if (!t->gap[0])
		t->gap_ms = now_ms;
	t->connected = false;
	snprintf(t->gap, sizeof(t->gap), "%s", *why ? why : _("lost"));
}

void feed_tick(struct top *t, int64_t now_ms)
{
	int i, row;

	for (i = 0; i < t->n_pens; i++) {
		struct top_pen *pen = &t->pens[i];
		int64_t age = feed_age_ms(pen, now_ms);
		uint64_t at = pen->ticks++ % TOP_HISTORY;

		if (age != TOP_NONE)
			worse(&pen->worst[ROW_AGE], age, false);
		for (row = 0; row < TOP_ROWS; row++) {
			/* Between two samples the last one holds a while. */
			if (pen->worst[row] == TOP_NONE && pen->ticks > 1 &&
			    pen->measured >> row & 1 && age < TOP_OLD_MS)
				pen->worst[row] = pen->history[row]
					[(pen->ticks - 2) % TOP_HISTORY];
			pen->history[row][at] = pen->worst[row];
			pen->worst[row] = TOP_NONE;
		}
	}
}
