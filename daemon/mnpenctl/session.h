/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One session on the command line: session.c has the order of its steps,
 * steps.c takes them one by one from a script, turn.c is the one place that
 * waits, wish.c, ask.c, override.c and scan.c have the questions, run.c the motor time,
 * progress.c and terminal.c what is seen of it.
 */
#ifndef MNPENCTL_SESSION_H
#define MNPENCTL_SESSION_H

#include "daemon/mnpenctl/mnpenctl.h"

#define SESSION_BEAT_MS		100	/* or a third of what is allowed */
#define SESSION_IDLE_BEAT_MS	1000	/* motor off: keeps the connection */
#define SESSION_DRAW_MS		200
#define SESSION_PLAIN_MS	1000	/* not on a terminal */
#define SESSION_BLIND_MS	2000	/* no live data, or nobody reads: stop */

#define ASK_LINE_LEN		256
#define OVERRIDES_MAX		16	/* as many as mnpend takes */

/* What is shown while the motor runs. */
struct progress {
	int64_t begun_ms, drawn_ms;
	int64_t writable_ms;		/* stdout last took something */
	int64_t telemetry_ms;		/* arrived; 0: none yet */
	int64_t depth_um, rate_spm, strokes, strokes_before, motor_ms;
	bool have_strokes;
	char alarm[128];		/* its code; "" for none */
	char alarm_text[192];
	const char *alarm_colour;	/* of its priority */
	bool on_line;			/* the cursor is behind the bar */
};

/* What was asked for on the terminal; the options point here then. */
#define WISH_NUMBER_LEN		12
struct wish {
	char line[ASK_LINE_LEN];
	char depth[WISH_NUMBER_LEN], rate[WISH_NUMBER_LEN];
	char minutes[WISH_NUMBER_LEN];
};

struct session {
	struct ctl *ctl;
	struct mnpen_client *client;	/* control */
	struct mnpen_monitor *monitor;	/* live data, own connection */
	char pen[64], id[64];
	json_t *catalogue;
	uint32_t needles, needle_um, needle_length_um; /* 0: not told */
	uint32_t depth_um, rate_spm, planned_ms;
	uint32_t skin_type, age;	/* 0: not said */
	uint32_t lot_stock, course_sessions;

	struct wish wish;
	char scan[ASK_LINE_LEN];	/* ctl->cartridge, if it was scanned */

	/* Codes a physician sets aside: of the options, then of the answers. */
	const char *override[OVERRIDES_MAX];
	size_t overrides;
	char override_line[1024], override_why[ASK_LINE_LEN];

	bool ruled_out;		/* by an answer; mnpend will say so */
	bool asks;		/* stdin is a terminal */
	bool draws;		/* stdout is a terminal, and not --json */
	int signals;		/* signalfd, -1 until signals are blocked */
	int signal;		/* that came, 0 none */
	int lost;		/* why the control connection broke, 0 none */

	uint32_t beat_ms;
	bool running;		/* from StartRun sent to stopped */
	bool resumed;		/* it ran before: older news may be on the way */
	bool was_active;	/* since StartRun was sent */
	bool beating;
	int64_t beat_at_ms;

	bool snapshot;		/* the monitor has answered */
	int64_t blind_since_ms;	/* 0: it works */

	bool start_pending, started, patience_told;
	int start_result;	/* exit code of StartRun */
	bool stop_asked, stop_answered;
	int64_t stop_ms;
	bool stopped;		/* the daemon says the motor stopped */
	bool gone;		/* the pen was unplugged */
	char reason[48], text[192];	/* why */
	char state[24];		/* of the pen, newest */
	struct progress progress;
};

/* ---- session.c: the steps, each an exit code, explained -------------------- */

/* Options that describe a session into numbers. */
int session_described(struct session *s);
/*
 * Connects to operate or admin, whichever this user may open, takes control of
 * the pen, reads the catalogue and catches the signals.
 */
int session_take(struct session *s);
int session_begin(struct session *s, const struct mnpen_answer *answers,
		  size_t n);
int session_prepared(struct session *s, const char *const *steps, size_t n);
/* Ends what was begun; what stopped it before keeps its code. */
int session_end(struct session *s);
void session_show_sheet(struct session *s);
/* Stops that nobody wanted; every other reason is a good end. */
enum exit_code session_code(const char *reason);
void session_close(struct session *s);

/* ---- turn.c ------------------------------------------------------------- */

/* Blocks SIGINT, SIGTERM, SIGHUP and reads them from a file instead. */
int session_catch_signals(struct session *s);
/*
 * Waits for something to happen, at most max_ms, and carries it out:
 * heartbeats, replies, live data, signals. True: stdin has something to read.
 */
bool session_turn(struct session *s, int max_ms);
/* Opens the second connection and waits for its first answer. */
int session_watch(struct session *s);

/* ---- ask.c ---------------------------------------------------------------- */

/*
 * Answers to the screening questions and steps done, from the terminal or
 * from the options. The arrays have one entry per catalogue entry and belong
 * to the caller; strings belong to the catalogue, but details are to be freed.
 * Not 0: given up, explained.
 */
int ask_screening(struct session *s, struct mnpen_answer *answers);
int ask_preparation(struct session *s, const char **steps, size_t *n);
/* What was typed before the first question was seen answers nothing. */
void ask_begin(void);
/* One of several that have numbers, in lines that fit the terminal. */
void ask_put(size_t number, const char *text);
/* A line of the terminal; the session goes on meanwhile. False: given up. */
bool ask_line(struct session *s, char line[ASK_LINE_LEN]);
int ask_given_up(struct session *s);

/* ---- override.c ------------------------------------------------------------ */

/* Does any option speak of one? Then the admin socket is needed. */
bool override_given(const struct ctl *ctl);
/* Options into codes; an exit code, explained. */
int override_described(struct session *s);
bool override_has(const struct session *s, const char *code);
/* Adds what the answers leave to a physician, and asks why. */
int override_ask(struct session *s, const struct mnpen_answer *answers);

/* ---- scan.c --------------------------------------------------------------- */

/* What the scanner reads on the cartridge's pack, into ctl->cartridge. */
int ask_cartridge(struct session *s);

/* ---- wish.c: what is to be done, and when ---------------------------------- */

/*
 * What the catalogue calls id, whose list is kind ("areas") and whose key is
 * key ("areaId"); the id itself where it does not know.
 */
const char *wish_name(const struct session *s, const char *kind,
		      const char *key, const char *id);
/* Is there something that a person can be asked for? */
bool wish_is_open(const struct session *s);
/* Asks for it; wants control and the catalogue. */
int wish_ask(struct session *s);
/* Says what is about to be done, before anything is asked about the patient. */
int wish_show(struct session *s);
/* The word to start, where a person went through the preparation. */
int wish_start(struct session *s);

/* ---- run.c ---------------------------------------------------------------- */

/* StartRun to motor off. Returns an exit code. */
int run_motor(struct session *s);
/* Sends StartRun; its answer comes with a turn. Of steps.c. */
int run_start(struct session *s);
/* Stop first, talk later. */
void run_stop(struct session *s, const char *why);
/* Stops for signals, without live data, and if nobody reads. */
void run_look(struct session *s, bool input);
/* One message of the monitor. */
void run_told(const struct mnpen_monitor_event *event, void *ctx);

/* ---- progress.c ----------------------------------------------------------- */

void progress_start(struct session *s);
void progress_telemetry(struct session *s, const json_t *telemetry);
/* Draws if it is time to. */
void progress_draw(struct session *s);
/* One line of JSON, without waiting. */
void progress_json(struct session *s, const json_t *value);
/* Ends the bar's line, if there is one. */
void progress_end(struct session *s);
/* A line of its own for people; nothing with --json. */
void progress_note(struct session *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- terminal.c ------------------------------------------------------------ */

/* Single keys without echo; until terminal_restore(). */
void terminal_keys(void);
void terminal_restore(void);
unsigned int terminal_columns(void);
/* Starts and ends a colour; "" where there is none (dumb, NO_COLOR). */
const char *terminal_colour(const char *priority);
const char *terminal_plain(void);
/* True if a key that stops was pressed, or the terminal is gone. */
bool terminal_stop_key(void);

#endif /* MNPENCTL_SESSION_H */
