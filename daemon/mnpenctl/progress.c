// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is seen while the motor runs: one line redrawn in place, or plain
 * lines, or JSON lines. Nothing here may wait: what stdout does not take now
 * is left out, and who reads nothing for too long stops the pen (run.c).
 */
#include "daemon/mnpenctl/session.h"
#include "daemon/mnpenctl/now.h"

#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STALE_MS	500	/* older values are not shown as if live */
#define LINE_MAX_LEN	1024
#define BAR_MIN		10
#define BAR_MAX		120
#define BAR_LEN		(BAR_MAX + 32)	/* with its colours */

static bool progress_writable(struct session *s)
{
	struct pollfd fd = { .fd = STDOUT_FILENO, .events = POLLOUT };

	if (poll(&fd, 1, 0) < 1 || !(fd.revents & POLLOUT) ||
	    (fd.revents & POLLERR))
		return false;
	s->progress.writable_ms = now_ms();
	return true;
}

static void progress_write(struct session *s, const char *text, size_t len)
{
	fflush(stdout);
	if (!progress_writable(s))
		return;
	while (len) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

void progress_start(struct session *s)
{
	struct progress *p = &s->progress;

	memset(p, 0, sizeof(*p));
	p->begun_ms = now_ms();
	p->writable_ms = p->begun_ms;
	p->alarm_colour = "";
}

void progress_telemetry(struct session *s, const json_t *t)
{
	struct progress *p = &s->progress;

	p->telemetry_ms = now_ms();
	p->depth_um = js_int(t, "depthMicrometres");
	p->rate_spm = js_int(t, "rateStrokesPerMinute");
	p->motor_ms = js_int(t, "motorMilliseconds");
	p->strokes = js_int(t, "strokes");
	/* The pen counts since it was plugged in; here the session counts. */
	if (!p->have_strokes)
		p->strokes_before = p->strokes;
	p->have_strokes = true;
}

static int64_t progress_left_ms(const struct session *s)
{
	int64_t left = (int64_t)s->planned_ms - s->progress.motor_ms;

	return left > 0 ? left : 0;
}

static bool progress_live(const struct session *s)
{
	return s->progress.telemetry_ms &&
	       now_ms() - s->progress.telemetry_ms < STALE_MS;
}

/* "[#####.....]", or the alarm where the bar was. */
static void progress_bar(const struct session *s, char *out, size_t width)
{
	const struct progress *p = &s->progress;
	size_t full = 0, i;

	if (p->alarm[0]) {
		full = strlen(p->alarm_text);
		/* Whole characters. */
		for (full = full < width - 2 ? full : width - 2;
		     full && (p->alarm_text[full] & 0xc0) == 0x80; full--)
			;
		snprintf(out, BAR_LEN, "%s! %-*.*s%s", p->alarm_colour,
			 (int)width - 2, (int)full, p->alarm_text,
			 terminal_plain());
		return;
	}
	if (s->planned_ms && width > 2)
		full = (size_t)(p->motor_ms * (int64_t)(width - 2) /
				(int64_t)s->planned_ms);
	out[0] = '[';
	for (i = 1; i < width - 1; i++)
		out[i] = i <= full ? '#' : '.';
	out[width - 1] = ']';
	out[width] = '\0';
}

static size_t progress_line(const struct session *s, char *out, size_t size)
{
	const struct progress *p = &s->progress;
	units_text left, rate;
	char values[160], bar[BAR_LEN];
	size_t width, columns = terminal_columns() - 1;

	if (progress_live(s))
		snprintf(values, sizeof(values),
			 _("%5" PRId64 " um  %18s %8" PRId64 " strokes"),
			 p->depth_um, units_rate(rate, p->rate_spm),
			 p->strokes - p->strokes_before);
	else
		snprintf(values, sizeof(values), _("%5s um  %18s %8s strokes"),
			 "--", _("-- no live data --"), "--");
	units_clock(left, progress_left_ms(s));
	width = strlen(values) + strlen(left) + 1 + strlen(_(" left  "));
	width = columns > width + BAR_MIN ? columns - width : BAR_MIN;
	progress_bar(s, bar, width < BAR_MAX ? width : BAR_MAX);
	return (size_t)snprintf(out, size, "\r%s %s%s%s\033[K", bar, left,
				_(" left  "), values);
}

static size_t progress_plain(const struct session *s, char *out, size_t size)
{
	const struct progress *p = &s->progress;
	units_text ran, left, depth, rate;
	const char *alarm = p->alarm[0] ? "  ALARM: " : "";

	units_duration(ran, p->motor_ms);
	units_clock(left, progress_left_ms(s));
	if (!progress_live(s))
		return (size_t)snprintf(out, size, _("ran %s, left %s, no live data%s%s\n"),
					ran, left, alarm, p->alarm_text);
	return (size_t)snprintf(
		out, size,
		_("ran %s, left %s, %s, %s, %" PRId64 " strokes%s%s\n"),
		ran, left, units_depth(depth, p->depth_um),
		units_rate(rate, p->rate_spm), p->strokes - p->strokes_before,
		alarm, p->alarm_text);
}

void progress_json(struct session *s, const json_t *value)
{
	char text[LINE_MAX_LEN];
	size_t n = json_dumpb(value, text, sizeof(text) - 1, JSON_COMPACT);

	if (!n || n >= sizeof(text))
		return;
	text[n] = '\n';
	progress_write(s, text, n + 1);
}

static void progress_object(struct session *s)
{
	const struct progress *p = &s->progress;
	json_t *o = json_pack(
		"{s:{s:b, s:I, s:I, s:I, s:I, s:I, s:s?}}", "progress", "live",
		progress_live(s), "depthMicrometres", (json_int_t)p->depth_um,
		"rateStrokesPerMinute", (json_int_t)p->rate_spm, "strokes",
		(json_int_t)(p->strokes - p->strokes_before),
		"motorMilliseconds", (json_int_t)p->motor_ms,
		"remainingMilliseconds", (json_int_t)progress_left_ms(s),
		"alarm", p->alarm[0] ? p->alarm : NULL);

	progress_json(s, o);
	json_decref(o);
}

void progress_draw(struct session *s)
{
	int every = s->draws || s->ctl->json ? SESSION_DRAW_MS :
					       SESSION_PLAIN_MS;
	int64_t now = now_ms();
	char text[LINE_MAX_LEN];
	size_t n;

	if (now < s->progress.drawn_ms + every)
		return;
	/* The first sample is on its way. */
	if (!s->progress.telemetry_ms && now < s->progress.begun_ms + STALE_MS)
		return;
	s->progress.drawn_ms = now;
	if (s->ctl->json) {
		progress_object(s);
		return;
	}
	n = s->draws ? progress_line(s, text, sizeof(text)) :
		       progress_plain(s, text, sizeof(text));
	progress_write(s, text, n);
	s->progress.on_line = s->draws;
}

void progress_end(struct session *s)
{
	if (s->progress.on_line)
		progress_write(s, "\n", 1);
	s->progress.on_line = false;
}

void progress_note(struct session *s, const char *format, ...)
{
	char text[LINE_MAX_LEN];
	size_t n = 0;
	va_list ap;

	if (s->ctl->json)
		return;
	if (s->progress.on_line)
		n = (size_t)snprintf(text, sizeof(text), "\r\033[K");
	va_start(ap, format);
	n += (size_t)vsnprintf(text + n, sizeof(text) - n - 1, format, ap);
	va_end(ap);
	if (n > sizeof(text) - 2)
		n = sizeof(text) - 2;
	text[n++] = '\n';
	progress_write(s, text, n);
	s->progress.on_line = false;
	s->progress.drawn_ms = 0;
}
