// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The picture. No colour says anything: state is in words, what is urgent is
 * inverse. Where there is less room the curves get lower, then the histogram
 * goes, then the curves, then events; the way to stop has the last line.
 */
#include "daemon/mnpentop/top.h"

#include <inttypes.h>
#include <langinfo.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#define LABEL		24	/* columns left of a curve */
#define HISTOGRAM_LINES	3
#define STRIP_MAX	CANVAS_LINES
#define NOTICE_MS	5000	/* so long a STOP that was answered is news */

struct strip {
	const char *name, *unit;
	enum sample_field limit;	/* SAMPLE_N_FIELDS: none */
	int64_t per_unit;		/* of the value in one unit shown */
	int64_t least_top;		/* the scale reaches at least there */
};

static const struct strip strips[TOP_ROWS] = {
	[ROW_DEPTH] = { N_("depth"), "um", SAMPLE_depth_um, 1, 500 },
	[ROW_RATE] = { N_("rate"), "/min", SAMPLE_rate_spm, 1, 600 },
	[ROW_CURRENT] = { N_("current"), "mA", SAMPLE_motor_ma, 1, 200 },
	[ROW_TEMPERATURE] = { N_("motor"), "C", SAMPLE_temp_motor_mdegc, 1000,
			      40000 },
	[ROW_LEASE] = { N_("lease left"), "ms", SAMPLE_N_FIELDS, 1, 200 },
	[ROW_AGE] = { N_("data age"), "ms", SAMPLE_N_FIELDS, 1, 200 },
};

static bool utf8;

int screen_begin(void)
{
	if (!terminal_draws())
		return -1;
	utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	if (!newterm(NULL, stdout, stdin))
		return -1;
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(25);
	curs_set(0);
	return 0;
}

void screen_end(void)
{
	endwin();
}

/* As much of text as fits into that many columns. */
static void put_at(int y, int x, const char *text, int columns)
{
	wchar_t wide[512];
	size_t n = mbstowcs(wide, text, 511), i;

	if (n == (size_t)-1) {	/* not of this terminal's letters */
		mvaddnstr(y, x, text, columns);
		return;
	}
	for (i = 0; i < n && columns >= wcwidth(wide[i]); i++)
		columns -= wcwidth(wide[i]) > 0 ? wcwidth(wide[i]) : 0;
	mvaddnwstr(y, x, wide, (int)i);
}

/* A whole line, filled with blanks. */
static void line_of(int y, attr_t how, const char *text)
{
	if (y < 0 || y >= LINES)
		return;
	attrset(how);
	mvhline(y, 0, ' ', COLS);
	put_at(y, 0, text, COLS);
	attrset(A_NORMAL);
}

static void put_title(const struct top *t, const struct top_pen *pen)
{
	char text[512];

	if (!pen)
		snprintf(text, sizeof(text), _("mnpentop  no pen"));
	else
		snprintf(text, sizeof(text),
			 _("%s  %s%s  %s%s%s%spen %d of %d%s"), pen->id,
			 pen->state, pen->controlled ? _(" (controlled)") : "",
			 pen->session, *pen->session ? "  " : "",
			 strcmp(pen->reason, "ok") ? pen->reason : "",
			 strcmp(pen->reason, "ok") ? "  " : "", t->shown + 1,
			 t->n_pens, t->paused ? _("  PAUSED") : "");
	line_of(0, A_BOLD, text);
}

static int urgency(const struct top_pen *pen)
{
	if (!*pen->alarm || !pen->plugged)
		return 0;
	if (!strcmp(pen->priority, "high"))
		return 3;
	return !strcmp(pen->priority, "medium") ? 2 : 1;
}

/* Of all pens, also those not shown; among equals the one shown. */
static const struct top_pen *most_urgent(const struct top *t,
					 const struct top_pen *shown)
{
	const struct top_pen *worst = shown;
	int i;

	for (i = 0; i < t->n_pens; i++)
		if (urgency(&t->pens[i]) > urgency(worst))
			worst = &t->pens[i];
	return worst && urgency(worst) ? worst : NULL;
}

/* What matters most, and it says so in words. */
static void put_alarm(const struct top *t, const struct top_pen *pen,
		      int64_t now_ms)
{
	const struct top_pen *urgent = most_urgent(t, pen);
	int64_t age = pen ? feed_age_ms(pen, now_ms) : TOP_NONE;
	char text[512];

	if (*t->notice && t->alarm_notice) {
		line_of(1, A_REVERSE | A_BOLD, t->notice);
	} else if (!t->connected && !t->replay_ended) {
		snprintf(text, sizeof(text),
			 _("NO CONNECTION to mnpend for %" PRId64 " s (%s): what is shown is old; trying again"),
			 (now_ms - t->gap_ms) / 1000, t->gap);
		line_of(1, A_REVERSE | A_BOLD, *t->gap ? text : _("connecting"));
	} else if (urgent) {
		snprintf(text, sizeof(text), _("ALARM %s, %s, %zu in all: %s"),
			 tr(urgent->priority), urgent->id, urgent->alarms,
			 urgent->alarm);
		line_of(1, A_REVERSE | A_BOLD, text);
	} else if (*t->notice && now_ms - t->notice_ms < NOTICE_MS) {
		line_of(1, A_BOLD, t->notice);
	} else if (pen && pen->plugged && age != TOP_NONE &&
		   age >= TOP_OLD_MS && !t->replay_ended) {
		snprintf(text, sizeof(text),
			 _("OLD DATA: nothing measured for %" PRId64 ".%" PRId64 " s"), age / 1000, age % 1000 / 100);
		line_of(1, A_REVERSE, text);
	} else if (pen && strcmp(pen->reason, "ok") && *pen->text) {
		snprintf(text, sizeof(text), _("no alarm. %s"), tr(pen->text));
		line_of(1, A_NORMAL, text);
	} else {
		line_of(1, A_NORMAL, _("no alarm"));
	}
}

/* ---- curves --------------------------------------------------------------- */

static int64_t value_at(const struct top_pen *pen, int row, int back)
{
	if ((uint64_t)back >= pen->ticks || back >= TOP_HISTORY)
		return TOP_NONE;
	return pen->history[row][(pen->ticks - 1 - (uint64_t)back) %
				 TOP_HISTORY];
}

/* A scale that shows all values, and the limit below its edge. */
static int64_t top_of(const struct top_pen *pen, int row, int64_t limit)
{
	int64_t top = strips[row].least_top;
	int back;

	if (limit != TOP_NONE && limit + limit / 8 > top)
		top = limit + limit / 8;
	for (back = 0; back < TOP_HISTORY; back++)
		if (value_at(pen, row, back) > top)
			top = value_at(pen, row, back);
	return top;
}

static int height_of(const struct canvas *c, int64_t value, int64_t top)
{
	if (value < 0)
		value = 0;
	return (int)(value * (c->height - 1) / top);
}

static void draw_curve(struct canvas *c, const struct top_pen *pen, int row,
		       int64_t top)
{
	int back, y, from, before = -1;

	for (back = 0; back < c->width; back++) {
		int64_t value = value_at(pen, row, back);

		if (value == TOP_NONE) {
			before = -1;
			continue;
		}
		y = height_of(c, value, top);
		from = before < 0 ? y : before;
		/* Joined, so that a step reads as one. */
		for (; from != y; from += from < y ? 1 : -1)
			canvas_dot(c, c->width - 1 - back, from);
		canvas_dot(c, c->width - 1 - back, y);
		before = y;
	}
}

static int64_t limit_of(const struct top_pen *pen, int row)
{
	enum sample_field f = strips[row].limit;

	if (row == ROW_AGE)
		return TOP_OLD_MS;
	return f < SAMPLE_N_FIELDS && pen->limits.limited >> f & 1 ?
		       pen->limits.limit[f] : TOP_NONE;
}

static void put_number(char *text, size_t size, const struct strip *s,
		       int64_t value)
{
	if (s->per_unit > 1)
		snprintf(text, size, "%" PRId64 ".%" PRId64 " %s",
			 value / s->per_unit, value % s->per_unit /
			 (s->per_unit / 10), s->unit);
	else
		snprintf(text, size, "%" PRId64 " %s", value, s->unit);
}

/* "depth  1004 um", and whether that is beyond its limit. */
static void put_label(int y, int lines, const struct top_pen *pen, int row,
		      bool old)
{
	int64_t value = row == ROW_AGE ? value_at(pen, row, 0) : TOP_NONE;
	int64_t limit = limit_of(pen, row);
	char number[64] = "?", text[128];
	bool beyond;

	if (row == ROW_AGE)
		old = false;
	else if (!old)
		value = value_at(pen, row, 0);
	if (value != TOP_NONE)
		put_number(number, sizeof(number), &strips[row], value);
	beyond = value != TOP_NONE && limit != TOP_NONE && value > limit;
	/* Names of at most ten columns, also in other languages. */
	snprintf(text, sizeof(text), "%-10s %s%s", _(strips[row].name), number,
		 beyond ? _(" OVER") : "");
	attrset(beyond ? A_REVERSE : old ? A_DIM : A_NORMAL);
	put_at(y, 0, text, LABEL < COLS ? LABEL : COLS);
	attrset(A_NORMAL);
	if (limit == TOP_NONE || lines < 2)
		return;
	put_number(number, sizeof(number), &strips[row], limit);
	snprintf(text, sizeof(text), "  %-8s %s", _("limit"), number);
	put_at(y + 1, 0, text, LABEL < COLS ? LABEL : COLS);
}

static void put_strip(int y, int lines, const struct top_pen *pen, int row,
		      bool old)
{
	char text[CANVAS_COLUMNS * 3 + 1];
	int64_t limit = limit_of(pen, row), top = top_of(pen, row, limit);
	struct canvas c;
	int i;

	put_label(y, lines, pen, row, old);
	if (COLS < LABEL + 10)
		return;
	canvas_clear(&c, utf8, COLS - LABEL - 1, lines);
	draw_curve(&c, pen, row, top);
	if (limit != TOP_NONE)
		canvas_limit(&c, height_of(&c, limit, top));
	for (i = 0; i < lines; i++) {
		canvas_text(&c, i, text);
		mvaddch(y + i, LABEL, '|');
		mvaddstr(y + i, LABEL + 1, text);
	}
}

/* ---- histogram, events ---------------------------------------------------- */

static void put_histogram(int y, const struct top *t)
{
	static const char *const label[TOP_BUCKETS] = {
		"<64", "<128", "<256", "<512", "<1m", "<2m", "<4m", "<8m",
		"<16m", "<33m", "<66m", "<131m", "<262m", "<524m", "<1s",
		"more",
	};
	const struct top_latency *l = latency_shown(t);
	char text[256];
	int i;

	if (!l->source) {
		line_of(y, A_NORMAL,
			_("stop latency: no stop measured yet (the driver's figures: as root)"));
		return;
	}
	snprintf(text, sizeof(text),
		 _("stop latency, %s: %u stops, %u to %u us"), _(l->source),
		 l->count, l->min_us, l->max_us);
	line_of(y, A_NORMAL, text);
	for (i = 0; i < TOP_BUCKETS && i * 5 + 5 <= COLS; i++) {
		mvprintw(y + 1, i * 5, "%-5.4s", label[i]);
		if (l->bucket[i])
			attrset(A_BOLD);
		mvprintw(y + 2, i * 5, l->bucket[i] ? "%-5u" : ".    ",
			 l->bucket[i]);
		attrset(A_NORMAL);
	}
}

static void put_events(int y, int lines, const struct top *t)
{
	char text[400];
	int i;

	for (i = 0; i < lines; i++) {
		uint64_t back = (uint64_t)(lines - i);
		const struct top_event *e;

		if (back > t->n_events || back > TOP_EVENTS)
			continue;
		e = &t->events[(t->n_events - back) % TOP_EVENTS];
		snprintf(text, sizeof(text), "%s  %s", e->when, e->text);
		line_of(y + i, A_NORMAL, text);
	}
}

static void put_foot(const struct top *t, int y)
{
	char text[256], left_out[64] = "";

	if (t->dropped)
		snprintf(left_out, sizeof(left_out),
			 _("%" PRIu64 " samples left out"), t->dropped);
	if (t->replay)
		snprintf(text, sizeof(text),
			 _("SPACE = STOP all  q quit  n pen  p pause  REPLAY %" PRId64 ".%" PRId64 " s%s  %s"),
			 t->replay_ms / 1000, t->replay_ms % 1000 / 100,
			 t->replay_ended ? _(", end") : "", t->replay);
	else
		snprintf(text, sizeof(text),
			 _("SPACE = STOP all pens  q quit  n next pen  p pause picture  %s"),
			 left_out);
	line_of(y, A_REVERSE, text);
}

/* ---- all of it ------------------------------------------------------------ */

struct layout {
	int strip_lines;	/* for each curve */
	int histogram, events;	/* lines */
};

/* Between title and alarm above, the foot below. */
static struct layout plan(int lines, bool stops)
{
	struct layout l = { 0 };
	int left = lines - 3;

	if (left >= TOP_ROWS)
		l.strip_lines = 1;
	if (left >= 2 * TOP_ROWS + 1)
		l.strip_lines = 2;
	left -= l.strip_lines * TOP_ROWS;
	if (left >= HISTOGRAM_LINES + 2) {
		l.histogram = stops ? HISTOGRAM_LINES : 1;
		left -= l.histogram;
	}
	while (l.strip_lines >= 2 && l.strip_lines < STRIP_MAX &&
	       left >= TOP_ROWS + 6) {
		l.strip_lines++;
		left -= TOP_ROWS;
	}
	l.events = left > 0 ? left : 0;
	return l;
}

void screen_draw(struct top *t, int64_t now_ms)
{
	const struct top_pen *pen = feed_shown(t);
	struct layout l = plan(LINES, latency_shown(t)->source != NULL);
	int64_t age = pen ? feed_age_ms(pen, now_ms) : TOP_NONE;
	bool old = !t->connected || age == TOP_NONE || age >= TOP_OLD_MS;
	int row, y = 2;

	erase();
	put_title(t, pen);
	if (LINES > 2)
		put_alarm(t, pen, now_ms);
	for (row = 0; row < TOP_ROWS && l.strip_lines; row++) {
		if (pen)
			put_strip(y, l.strip_lines, pen, row,
				  old && !t->replay_ended);
		y += l.strip_lines;
	}
	if (l.histogram)
		put_histogram(y, t);
	put_events(y + l.histogram, l.events, t);
	put_foot(t, LINES - 1);
	refresh();
}
