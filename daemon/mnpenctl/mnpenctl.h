/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mnpenctl: what its files share.
 *
 * Output is a contract: with --json there is nothing on stdout but one JSON
 * object per line, errors included; text for people about failures goes to
 * stderr. Verbs return an enum exit_code and have then said why.
 */
#ifndef MNPENCTL_H
#define MNPENCTL_H

#include "daemon/libmnpen/libmnpen.h"
#include "daemon/mnpenctl/i18n.h"
#include "daemon/mnpenctl/js.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Documented in mnpenctl.1; scripts depend on the numbers. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_REMOTE = 1,	/* the daemon refused, or a session went wrong */
	EXIT_USAGE = 2,
	EXIT_CONNECT = 3,	/* no daemon, or it was lost */
	EXIT_ACCESS = 4,
	EXIT_GONE = 5,		/* no such pen, unplugged, or it failed */
	EXIT_LIMIT = 6,		/* a limit or an interlock */
	EXIT_STORAGE = 7,	/* the record: cannot be written, or broken */
	EXIT_RETRY = 75,	/* busy: the same command may work later */
};

#define CALL_MS		5000	/* a living daemon answers in milliseconds */
#define TIMEOUT_MAX_S	86400	/* --timeout and --wait */
#define WAIT_S		60	/* --wait alone */
#define STOP_MS		1000	/* per socket; then try the next */

/* What the command line said; strings are argv's, NULL if absent. */
struct ctl {
	bool json, quiet, no_input, version, help;
	const char *socket_dir;
	const char *wait;	/* "" for --wait alone */
	const char *timeout;
	uint32_t wait_s, timeout_s; /* the same as numbers; 0: not given */
	bool asks;		/* there is somebody to ask, and it is allowed */
	const char *verb;
	char **args;		/* n_args of them, behind the verb */
	int n_args;
	const char *area, *concern, *depth, *rate, *minutes, *seconds;
	const char *pen, *screening, *preparation, *patient, *operator_id;
	const char *cartridge;	/* what the scanner reads on its pack */
	const char *skin_type, *age, *needles, *needle_width, *needle_length;
	const char *override, *override_reason, *physician;
	const char *consent, *consent_text, *lot_stock, *course_sessions;
	const char *last_date, *last_depth, *sessions;
	bool treated_before, thin_skin, ical;
	/* of the record's verbs */
	const char *format, *from, *until, *output, *key, *limit;
	const char *after, *event, *severity, *outcome, *detail;
	const char *instead, *reason;
	bool pdf, nothing;
	/* of telemetry */
	const char *fields, *every, *count;
	bool csv;
	const char *speed;	/* of replay */
	/* of doctor */
	const char *root;
	/* of capture */
	const char *trigger, *pre, *post, *within;
	/* of selftest and calibrate */
	const char *key_file, *readings, *tolerance;
};

/* ---- verbs.c ----------------------------------------------------------- */

enum option_bit {
	OPT_SESSION = 1,	/* all that describe a session */
	OPT_PLAN = 2,		/* a patient and what was done before */
	OPT_CARE = 4,
	OPT_EXPORT = 8,
	OPT_IMPORT = 16,
	OPT_SHEET = 32,
	OPT_LIST = 64,
	OPT_TELEMETRY = 128,
	OPT_FORM = 1024,	/* how a patient was afterwards */
	OPT_AMEND = 2048,
	OPT_BLOCKS = 1048576,
	OPT_DOCTOR = 256,
	OPT_BUNDLE = 16384,
	OPT_REPLAY = 262144,
	OPT_COURSE = 524288,
	OPT_RAW = 512,
	OPT_CAPTURE = 4096,
	OPT_PLOT = 8192,
	OPT_REPORT = 32768,
	OPT_VERIFY = 65536,
	OPT_CALIBRATE = 131072,
	OPT_ALONE = 2097152,	/* asks no daemon, or asks it at once: no --wait */
	OPT_EVERY = 4194304,	/* of an option: every verb takes it */
};

/* A command. How to add one: verbs.c. */
struct verb {
	const char *name;	/* one or two words */
	const char *args;	/* for help and completion: "[PEN]" */
	int min_args, max_args;
	unsigned int options;	/* beyond those every verb takes */
	int (*fn)(struct ctl *ctl);
	const char *summary;
	const char *json;	/* what --json prints, see verbs.c */
	const char *text;	/* help and man page; blank line: paragraph */
	const char *examples;	/* command lines behind "mnpenctl" */
};

/* An option that only some verbs take, and where its value goes. */
struct ctl_option {
	const char *name;
	unsigned int verbs;	/* mask of enum option_bit */
	size_t at;		/* in struct ctl: const char *, or bool */
	const char *value;	/* for help; NULL: a flag; "[...]" may be absent */
	const char *summary;
};

#define OPTIONS_MAX	128

/* ---- options.c ---------------------------------------------------------- */

extern const struct ctl_option ctl_options[];
extern const size_t ctl_options_n;

extern const struct verb verbs[];	/* ends with name NULL */

/* The verb argv begins with; *words gets how many of argv it took. */
const struct verb *verbs_find(char **argv, int argc, int *words);

/* ---- guess.c: what may have been meant ------------------------------------- */

/* argv begins with no command: says so, and what may have been meant. */
int guess_explain(struct ctl *ctl, char **argv, int argc);
/* The option most like what was typed; NULL: none. */
const char *guess_option(const char *name);

/* ---- help.c -------------------------------------------------------------- */

int verb_help(struct ctl *ctl);
int help_all(struct ctl *ctl);
int help_one(struct ctl *ctl, const struct verb *verb);

/* completion.c */
int verb_completion(struct ctl *ctl);

/* One file each: list.c, catalogue.c, watch.c, stop.c, reset.c, record.c */
int verb_list(struct ctl *ctl);
int verb_catalogue(struct ctl *ctl);
int verb_monitor(struct ctl *ctl);
int verb_stop(struct ctl *ctl);
/* reset.c */
int verb_reset(struct ctl *ctl);
int verb_clock_confirm(struct ctl *ctl);
/* alarm.c, status.c, telemetry.c */
int verb_alarm_list(struct ctl *ctl);
int verb_alarm_ack(struct ctl *ctl);
int verb_alarm_pause(struct ctl *ctl);
int verb_status(struct ctl *ctl);
int verb_info(struct ctl *ctl);
int verb_telemetry(struct ctl *ctl);
/* replay.c, course.c */
int verb_replay(struct ctl *ctl);
int verb_course(struct ctl *ctl);
/* service.c */
int verb_identify(struct ctl *ctl);
int verb_selftest(struct ctl *ctl);
int verb_cartridge(struct ctl *ctl);
int verb_bundle(struct ctl *ctl);
int verb_record_list(struct ctl *ctl);
int verb_record_show(struct ctl *ctl);
int verb_record_verify(struct ctl *ctl);
int verb_session_run(struct ctl *ctl);
int verb_session_steps(struct ctl *ctl);
/* export.c, import.c */
int verb_record_export(struct ctl *ctl);
int verb_record_import(struct ctl *ctl);
int verb_record_backup(struct ctl *ctl);
int verb_record_key(struct ctl *ctl);
/* blocks.c */
int verb_record_telemetry(struct ctl *ctl);
/* forms.c */
int verb_record_due(struct ctl *ctl);
int verb_record_follow_up(struct ctl *ctl);
int verb_record_amend(struct ctl *ctl);
/* sheet.c */
int verb_record_sheet(struct ctl *ctl);
/* why.c, plan.c, care.c */
int verb_why(struct ctl *ctl);
int verb_plan(struct ctl *ctl);
int verb_aftercare(struct ctl *ctl);
int verb_doctor(struct ctl *ctl);
/* raw.c, capture.c, chart_html.c */
int verb_raw(struct ctl *ctl);
int verb_capture(struct ctl *ctl);
int verb_plot(struct ctl *ctl);
/* selftest.c, calibrate.c */
int verb_selftest_verify(struct ctl *ctl);
int verb_calibrate(struct ctl *ctl);
int verb_config_check(struct ctl *ctl);
int verb_config_show(struct ctl *ctl);
/* files.c: without a daemon */
int verb_catalogue_check(struct ctl *ctl);
int verb_catalogue_diff(struct ctl *ctl);
int verb_catalogue_show(struct ctl *ctl);

/* ---- call.c: connect, call -------------------------------- */

/* Waits until there is what the verb needs, as long as --wait says; wait.c. */
void ctl_wait(const struct ctl *ctl, const struct verb *verb);
/* How long an answer may take: --timeout, or ms. */
int ctl_within_ms(const struct ctl *ctl, int ms);
/* Both explain what went wrong; *out is NULL then. */
int ctl_open(struct ctl *ctl, enum mnpen_role role, struct mnpen_client **out);
/* Steals parameters. *reply (NULL: unwanted) is owned by the caller. */
int ctl_call(struct ctl *ctl, struct mnpen_client *client, const char *method,
	     json_t *parameters, json_t **reply);
/* The same for what may take longer than CALL_MS. */
int ctl_call_within(struct ctl *ctl, struct mnpen_client *client,
		    const char *method, json_t *parameters, int ms,
		    json_t **reply);
/* Connects as role, calls, and closes. Steals parameters. */
int ctl_ask_as(struct ctl *ctl, enum mnpen_role role, const char *method,
	       json_t *parameters, json_t **reply);
/* The same as anybody may. */
int ctl_ask(struct ctl *ctl, const char *method, json_t *parameters,
	    json_t **reply);
/* Text of a reply as JSON; frees the text. NULL if text is NULL. */
json_t *ctl_json(char *text);
/* One line on stdout. */
void ctl_print_json(const json_t *value);

/* ---- explain.c: failures in words --------------------------------------- */

/* Could not connect to the socket of role. */
int explain_connect(struct ctl *ctl, enum mnpen_role role, int error);
/* A call returned error < 0; what: "BeginSession". */
int explain_call(struct ctl *ctl, const char *what, int error,
		 const struct mnpen_error *remote);
/* The sentence for an error of the interface by its full name. */
void explain_text(char *text, size_t size, const char *what, const char *name,
		  const json_t *parameters);
/* Anything of our own: name is put behind "io.mnpen.ctl." */
int explain(struct ctl *ctl, enum exit_code code, const char *name,
	    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* ---- units.c: numbers for people ----------------------------------------- */

#define UNITS_LEN	64
typedef char units_text[UNITS_LEN];

const char *units_depth(units_text out, int64_t depth_um);
const char *units_rate(units_text out, int64_t rate_spm); /* with Hz */
const char *units_duration(units_text out, int64_t ms);
const char *units_clock(units_text out, int64_t ms);	/* 1:05 */
const char *units_when(units_text out, int64_t unix_ms); /* local time */
/* A limit of the interface by name: "1500 um". */
const char *units_limit(units_text out, const char *limit, int64_t value);
/* Digits only, 1 to max. False: not so. */
bool units_parse(const char *text, uint32_t max, uint32_t *out);
/* The same of an option that may be absent; says what is wrong with it. */
int units_option(struct ctl *ctl, const char *option, const char *text,
		 uint32_t max, uint32_t *out);

/* ---- wrap.c ----------------------------------------------------------------- */

/*
 * Prints text from column on, in lines of at most width columns; the others
 * begin at indent. No newline at the end.
 */
void wrap_put(FILE *to, int column, int indent, int width, const char *text);

/* Text and blanks, width columns at least. */
void wrap_pad(char *out, size_t size, const char *text, int width);

/* ---- sheet.c -------------------------------------------------------------- */

/* reply: of GetRecord. Prints the session on one page. */
void sheet_print(const json_t *reply);
/* Limits in force and who set them, one line each. */
void sheet_limits(const json_t *limits);
const char *sheet_source(const char *source);

/* Id of the newest session in the record; record.c. Explains a failure. */
int record_last(struct ctl *ctl, struct mnpen_client *client, char *id,
		size_t size);

/* ---- export.c: where output goes ------------------------------------------ */

#define MNPENCTL_TIME_MAX	INT64_C(9007199254740991) /* exact in JSON */

/* The file of --output, made new and private, or stdout. Explains. */
int output_open(struct ctl *ctl, FILE **out);
/* r: how it went; a file that is not whole is removed. */
int output_close(struct ctl *ctl, FILE *out, int r);

/* Pens as a table; list.c. */
void list_print(const json_t *pens);
/* Plans for areas, of one concern or (NULL) of several; plan.c. */
void plan_print(const char *concern, const json_t *plans);
/* Alarms of a pen, a line each; alarm.c. */
void alarm_print(const json_t *pen, const char *indent);
/*
 * Calls a method of a pen that its controller or an administrator may call,
 * taking control if need be, and says done; reset.c.
 */
int reset_call(struct ctl *ctl, const char *method, const char *pen,
	       const char *done);

/* ---- watch.c: gaps of a monitor ------------------------------------------- */

/* Says that the connection broke: as JSON on stdout, or to people. */
void watch_gap_told(struct ctl *ctl, const struct mnpen_monitor_event *e,
		    FILE *people);
/* Shows a line of a recording, that is at_ms behind its beginning. */
void watch_recorded(struct ctl *ctl, const json_t *line, int64_t at_ms);
/* There never was a connection, or the daemon says no: explains. */
int watch_never(struct ctl *ctl, const struct mnpen_monitor_event *e);

#endif /* MNPENCTL_H */
