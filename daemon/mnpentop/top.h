/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mnpentop: what its files share.
 *
 * feed.c turns what the daemon or a recording says into struct top, screen.c
 * draws that and nothing else. Times are milliseconds of the monotonic clock;
 * a recording brings its own.
 */
#ifndef MNPENTOP_TOP_H
#define MNPENTOP_TOP_H

#include "daemon/libmnpen/libmnpen.h"
#include "daemon/mnpenctl/i18n.h"
#include "daemon/mnpenctl/js.h"
#include "daemon/mnpenctl/samples.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define TOP_PENS	8	/* more are not shown */
#define TOP_HISTORY	512	/* moments, TOP_TICK_MS apart */
#define TOP_TICK_MS	100
#define TOP_OLD_MS	500	/* a value older than that is not shown as one */
#define TOP_EVENTS	64
#define TOP_BUCKETS	16

/* What is drawn over time, in the order of the screen. */
enum top_row {
	ROW_DEPTH,
	ROW_RATE,
	ROW_CURRENT,
	ROW_TEMPERATURE,
	ROW_LEASE,
	ROW_AGE,
	TOP_ROWS
};

#define TOP_NONE	INT64_MIN	/* not known at that moment */

struct top_pen {
	char id[64], state[24], reason[48], text[160], session[96];
	char alarm[200];	/* the most urgent one, or "" */
	char priority[16];	/* of that */
	size_t alarms;
	bool plugged, controlled;
	struct samples_head limits;
	struct sample last;
	int64_t heard_ms;	/* when last arrived; 0: never */
	int64_t worst[TOP_ROWS]; /* since the last tick */
	unsigned int measured;	/* bit n: the last sample had row n */
	int64_t history[TOP_ROWS][TOP_HISTORY]; /* ring, ticks % TOP_HISTORY */
	uint64_t ticks;
};

struct top_event {
	char when[40];
	char text[320];
};

/* How long stops took, and who measured that. */
struct top_latency {
	const char *source;	/* in words; NULL: nobody did yet */
	uint32_t count, min_us, max_us;
	uint32_t bucket[TOP_BUCKETS];	/* n: below 64 << n us; the last: more */
};

struct top {
	struct top_pen pens[TOP_PENS];
	int n_pens, shown;
	struct top_event events[TOP_EVENTS]; /* ring, n_events % TOP_EVENTS */
	uint64_t n_events;
	struct top_latency driver, own;
	bool connected;
	char gap[160];		/* why not */
	int64_t gap_ms;		/* since when */
	uint64_t dropped;	/* samples that came too fast for us */
	char notice[256];	/* of the last STOP, or "" */
	int64_t notice_ms;	/* when that was */
	bool alarm_notice;	/* it is bad news */
	const char *replay;	/* file, or NULL */
	bool replay_ended, paused;
	int64_t replay_ms;	/* of the recording */
};

/* ---- feed.c --------------------------------------------------------------- */

/* Parameters of a reply of Monitor. */
void feed_update(struct top *t, const json_t *update, int64_t now_ms);
/* One line of a CSV. */
void feed_sample(struct top *t, const struct samples_head *head,
		 const struct sample *s, int64_t now_ms);
void feed_gap(struct top *t, const char *why, int64_t now_ms);
/* Every TOP_TICK_MS: a moment more of history. */
void feed_tick(struct top *t, int64_t now_ms);
void feed_event(struct top *t, const char *when, const char *text);
struct top_pen *feed_shown(struct top *t);
/* Since the last sample of the pen; TOP_NONE: there was none. */
int64_t feed_age_ms(const struct top_pen *pen, int64_t now_ms);

/* ---- latency.c ------------------------------------------------------------ */

/* The driver's statistics of the pen, if we may read them. root: "" or /fake. */
void latency_read(struct top *t, const char *root);
/* Our own: from the key to the daemon's answer. */
void latency_add(struct top *t, uint32_t us);
/* Which of the two is shown. */
const struct top_latency *latency_shown(const struct top *t);

/* ---- replay.c ------------------------------------------------------------- */

struct replay;

/*
 * A recording: lines of "mnpenctl --json monitor", or the CSV of "mnpentop
 * --csv" and "mnpenctl capture". NULL: it cannot be read, and stderr says why.
 */
struct replay *replay_open(const char *path);
void replay_close(struct replay *r);
/* Feeds what happened up to now_ms of the recording. False: it has ended. */
bool replay_until(struct replay *r, struct top *t, int64_t now_ms);
/* Every sample and event on stdout. 0, or an exit status. */
int replay_to_csv(struct replay *r);
/* Where the next thing is, in ms from the beginning; -1: nowhere. */
int64_t replay_next_ms(const struct replay *r);

/* ---- csv.c ---------------------------------------------------------------- */

/* Live, to stdout, until interrupted. */
int csv_live(const char *pen_id);
/* One reply of Monitor as lines; *head_done: the names of columns are out. */
void csv_update(const json_t *update, struct samples_head *head,
		bool *head_done);

/* ---- terminal.c ----------------------------------------------------------- */

/* Can a picture be drawn on standard output, and keys be read? */
bool terminal_draws(void);

/* ---- screen.c ------------------------------------------------------------- */

/* -1: this terminal cannot be drawn on. */
int screen_begin(void);
void screen_end(void);
void screen_draw(struct top *t, int64_t now_ms);

/* ---- canvas.c ------------------------------------------------------------- */

/*
 * A field of dots drawn with characters: 2 x 4 dots in each where the terminal
 * speaks UTF-8, else 1 x 3.
 */
#define CANVAS_COLUMNS	256	/* characters */
#define CANVAS_LINES	8

struct canvas {
	bool utf8;
	int columns, lines;	/* in characters */
	int width, height;	/* in dots */
	uint8_t dot[CANVAS_LINES][CANVAS_COLUMNS];
	bool limit[CANVAS_LINES][CANVAS_COLUMNS]; /* a limit's dot is in it */
};

void canvas_clear(struct canvas *c, bool utf8, int columns, int lines);
/* y from the bottom; what is outside is left out. */
void canvas_dot(struct canvas *c, int x, int y);
void canvas_limit(struct canvas *c, int y);
/* One line of it, 0 is the top; text has CANVAS_COLUMNS * 3 + 1 bytes. */
void canvas_text(const struct canvas *c, int line, char *text);

#endif /* MNPENTOP_TOP_H */
