// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl session run: the steps of a session in their order. */
#include "daemon/mnpenctl/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY_MS	(24u * 60 * 60 * 1000)

/* ---- options --------------------------------------------------------------- */

static int session_number(struct ctl *ctl, const char *option,
			  const char *text, const char *unit,
			  const char *example, uint32_t max, uint32_t *out)
{
	if (!text)
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("--%s is missing: a whole number of %s, for example --%s %s"),
			       option, unit, option, example);
	if (!units_parse(text, max, out))
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("--%s takes a whole number of %s without a unit, for example --%s %s; \"%s\" is not one"),
			       option, unit, option, example, text);
	return EXIT_DONE;
}

static int session_time(struct session *s)
{
	struct ctl *ctl = s->ctl;
	uint32_t n = 0;
	int r;

	if (ctl->minutes && ctl->seconds)
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("give --minutes or --seconds, not both"));
	if (ctl->seconds) {
		r = session_number(ctl, "seconds", ctl->seconds, "seconds",
				   "30", DAY_MS / 1000, &n);
		s->planned_ms = n * 1000;
	} else {
		r = session_number(ctl, "minutes", ctl->minutes, "minutes",
				   "5", DAY_MS / 60000, &n);
		s->planned_ms = n * 60000;
	}
	return r;
}

/* Without a terminal nobody can be asked: then the options must say it. */
static int session_consent(struct session *s)
{
	struct ctl *ctl = s->ctl;
	const char *missing = "";

	if (ctl->screening && strcmp(ctl->screening, "clear"))
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("--screening takes only the word clear: every question was asked and answered with no"));
	if (ctl->preparation && strcmp(ctl->preparation, "done"))
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("--preparation takes only the word done: every step was done, in order"));
	if (s->asks)
		return EXIT_DONE;
	if (!ctl->screening && !ctl->preparation)
		missing = "--screening clear and --preparation done";
	else if (!ctl->screening)
		missing = "--screening clear";
	else if (!ctl->preparation)
		missing = "--preparation done";
	if (!*missing)
		return EXIT_DONE;
	return explain(ctl, EXIT_USAGE, "Usage",
		       _("nobody can be asked, without a terminal or with --no-input: add %s once that is true"),
		       missing);
}

/* What of the cartridge is known; what is left out stays 0. */
static int session_needles(struct session *s)
{
	struct ctl *ctl = s->ctl;
	int r = EXIT_DONE;

	if (ctl->needles)
		r = session_number(ctl, "needles", ctl->needles, "needles",
				   "12", 64, &s->needles);
	if (!r && ctl->needle_width)
		r = session_number(ctl, "needle-width", ctl->needle_width,
				   "micrometres (um)", "250", 1000,
				   &s->needle_um);
	if (!r && ctl->needle_length)
		r = session_number(ctl, "needle-length", ctl->needle_length,
				   "micrometres (um)", "2500", 5000,
				   &s->needle_length_um);
	return r;
}

static int session_facts(struct session *s)
{
	int r = units_option(s->ctl, "skin-type", s->ctl->skin_type, 6,
			     &s->skin_type);

	return r ? r : units_option(s->ctl, "age", s->ctl->age, 150, &s->age);
}

static int session_papers(struct session *s)
{
	struct ctl *ctl = s->ctl;
	int r = units_option(ctl, "lot-stock", ctl->lot_stock, 100000,
			     &s->lot_stock);

	if (!r)
		r = units_option(ctl, "course-sessions", ctl->course_sessions,
				 100, &s->course_sessions);
	if (!r && s->course_sessions && !ctl->patient)
		r = explain(ctl, EXIT_USAGE, "Usage",
			    _("--course-sessions belongs to a patient: add --patient"));
	return r;
}

int session_described(struct session *s)
{
	struct ctl *ctl = s->ctl;
	int r;

	if (!ctl->area || !ctl->concern)
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("--%s is missing; mnpenctl catalogue lists what there is"),
			       ctl->area ? "concern" : "area");
	r = session_number(ctl, "depth", ctl->depth, "micrometres (um)",
			   "1500", UINT32_MAX, &s->depth_um);
	if (!r)
		r = session_number(ctl, "rate", ctl->rate,
				   "strokes per minute", "6000", UINT32_MAX,
				   &s->rate_spm);
	if (!r)
		r = session_time(s);
	if (!r)
		r = session_facts(s);
	if (!r)
		r = override_described(s);
	if (!r)
		r = session_papers(s);
	return r ? r : session_needles(s);
}

/* ---- pen and control --------------------------------------------------------- */

static int session_connect(struct session *s)
{
	enum mnpen_role role = override_given(s->ctl) ? MNPEN_ADMIN :
							MNPEN_OPERATE;
	int r = mnpen_client_open(NULL, role, &s->client);

	if (r == -EACCES && role == MNPEN_OPERATE &&
	    !mnpen_client_open(NULL, MNPEN_ADMIN, &s->client))
		r = 0;
	return r < 0 ? explain_connect(s->ctl, role, r) : EXIT_DONE;
}

static int session_only_pen(struct session *s, const json_t *pens)
{
	char names[256] = "";
	json_t *pen;
	size_t i;

	if (json_array_size(pens) == 1) {
		snprintf(s->pen, sizeof(s->pen), "%s",
			 js_string(json_array_get(pens, 0), "penId"));
		return EXIT_DONE;
	}
	if (!json_array_size(pens))
		return explain(s->ctl, EXIT_GONE, "NoPen",
			       _("no pen is plugged in"));
	json_array_foreach(pens, i, pen) {
		size_t n = strlen(names);

		snprintf(names + n, sizeof(names) - n, " %s",
			 js_string(pen, "penId"));
	}
	return explain(s->ctl, EXIT_USAGE, "Usage",
		       _("several pens are plugged in; add --pen with one of:%s"),
		       names);
}

static int session_pick_pen(struct session *s)
{
	json_t *reply;
	int r;

	if (s->ctl->pen) {
		snprintf(s->pen, sizeof(s->pen), "%s", s->ctl->pen);
		return EXIT_DONE;
	}
	r = ctl_call(s->ctl, s->client, "ListPens", NULL, &reply);
	if (r)
		return r;
	r = session_only_pen(s, json_object_get(reply, "pens"));
	json_decref(reply);
	return r;
}

static int session_acquire(struct session *s)
{
	struct mnpen_error error = { 0 };
	uint32_t allowed_ms;
	int r;

	r = mnpen_control_acquire(s->client, s->pen,
				  ctl_within_ms(s->ctl, CALL_MS), &allowed_ms,
				  &error);
	if (r < 0) {
		r = explain_call(s->ctl, "AcquireControl", r, &error);
	} else {
		s->beat_ms = allowed_ms / 3 < SESSION_BEAT_MS ?
				     allowed_ms / 3 : SESSION_BEAT_MS;
		s->beating = true;
	}
	mnpen_error_clear(&error);
	return r;
}

/* ---- begin, prepare, end ------------------------------------------------------- */

static void session_show_begun(struct session *s, const json_t *reply)
{
	const json_t *session = json_object_get(reply, "session");
	units_text depth, rate, planned;

	snprintf(s->id, sizeof(s->id), "%s", js_string(session, "sessionId"));
	if (s->ctl->json) {
		ctl_print_json(reply);
		return;
	}
	printf(_("session %s\npen %s: %s, %s, %s, %s, %s\n"), s->id, s->pen,
	       tr(wish_name(s, "areas", "areaId", s->ctl->area)),
	       tr(wish_name(s, "concerns", "concernId", s->ctl->concern)),
	       units_depth(depth, s->depth_um),
	       units_rate(rate, s->rate_spm),
	       units_duration(planned, s->planned_ms));
	puts(_("limits in force, and who set them"));
	sheet_limits(json_object_get(session, "limits"));
	fflush(stdout);
}

int session_begin(struct session *s, const struct mnpen_answer *answers,
		  size_t n)
{
	struct mnpen_plan plan = {
		.area = s->ctl->area,
		.concern = s->ctl->concern,
		.depth_um = s->depth_um,
		.rate_spm = s->rate_spm,
		.planned_ms = s->planned_ms,
		.screening = answers,
		.answers = n,
		.patient = s->ctl->patient,
		.operator_id = s->ctl->operator_id,
		.cartridge = s->ctl->cartridge,
		.needles = s->needles,
		.needle_um = s->needle_um,
		.needle_length_um = s->needle_length_um,
		.skin_type = s->skin_type,
		.age = s->age,
		.treated_before = s->ctl->treated_before,
		.thin_skin = s->ctl->thin_skin,
		.override_codes = s->override,
		.overrides = s->overrides,
		.override_reason = s->ctl->override_reason,
		.physician = s->ctl->physician,
		.consent = s->ctl->consent,
		.consent_text = s->ctl->consent_text,
		.lot_stock = s->lot_stock,
		.course_sessions = s->course_sessions,
	};
	struct mnpen_error error = { 0 };
	json_t *reply;
	char *text;
	int r;

	r = mnpen_control_begin(s->client, s->pen, &plan, CALL_MS, &text,
				&error);
	reply = ctl_json(text);
	if (r < 0)
		r = explain_call(s->ctl, "BeginSession", r, &error);
	else
		session_show_begun(s, reply);
	json_decref(reply);
	mnpen_error_clear(&error);
	return r;
}

static int session_ask_and_begin(struct session *s)
{
	size_t n = json_array_size(json_object_get(s->catalogue, "screening"));
	struct mnpen_answer *answers = calloc(n + 1, sizeof(*answers));
	size_t i;
	int r;

	r = ask_screening(s, answers);
	if (!r)
		r = override_ask(s, answers);
	if (!r)
		r = ask_cartridge(s);
	if (!r)
		r = session_begin(s, answers, n);
	for (i = 0; i < n; i++)
		free((char *)answers[i].detail);
	free(answers);
	return r;
}

int session_prepared(struct session *s, const char *const *steps, size_t n)
{
	struct mnpen_error error = { 0 };
	int r = mnpen_control_prepare(s->client, s->pen, steps, n, CALL_MS,
				      &error);

	if (r < 0)
		r = explain_call(s->ctl, "ConfirmPreparation", r, &error);
	mnpen_error_clear(&error);
	return r;
}

static int session_prepare(struct session *s)
{
	size_t max =
		json_array_size(json_object_get(s->catalogue, "preparation"));
	const char **steps = calloc(max + 1, sizeof(*steps));
	size_t n;
	int r;

	r = ask_preparation(s, steps, &n);
	if (!r)
		r = session_prepared(s, steps, n);
	free(steps);
	return r;
}

int session_end(struct session *s)
{
	struct mnpen_error error = { 0 };
	json_t *reply;
	char *text;
	int r;

	/* The daemon closes the session of a pen that is gone. */
	if (s->gone)
		return EXIT_DONE;
	r = mnpen_control_end(s->client, s->pen, CALL_MS, &text, &error);
	reply = ctl_json(text);
	if (r < 0)
		r = explain_call(s->ctl, "EndSession", r, &error);
	else if (s->ctl->json)
		ctl_print_json(reply);
	json_decref(reply);
	mnpen_error_clear(&error);
	return r;
}

void session_show_sheet(struct session *s)
{
	json_t *reply, *line, *rows;

	if (ctl_call(s->ctl, s->client, "GetRecord",
		     json_pack("{s:s}", "sessionId", s->id), &reply))
		return;
	rows = json_object_get(reply, "rows");
	if (s->ctl->json) {
		line = json_pack("{s:{s:s, s:O}}", "record", "sessionId", s->id,
				 "rows", rows);
		ctl_print_json(line);
		json_decref(line);
	} else {
		puts("");
		sheet_print(reply);
	}
	json_decref(reply);
}

/* Stops that nobody wanted; every other reason is a good end. */
enum exit_code session_code(const char *reason)
{
	static const char *const bad[] = { "stopOwnerGone", "stopOwnerSilent",
					   "stopPen", "stopStartFailed" };
	size_t i;

	if (!strcmp(reason, "faultPenGone"))
		return EXIT_GONE;
	if (!strcmp(reason, "faultRecord"))
		return EXIT_STORAGE;
	if (!strncmp(reason, "fault", 5))
		return EXIT_REMOTE;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!strcmp(bad[i], reason))
			return EXIT_REMOTE;
	return EXIT_DONE;
}

static int session_verdict(struct session *s)
{
	enum exit_code code = session_code(s->reason);
	bool fault = !strncmp(s->reason, "fault", 5) && !s->gone;

	if (code)
		return explain(s->ctl, code, "Stopped",
			       _("%s (%s)%s%s"), tr(s->text), s->reason,
			       fault ? _(" Then: mnpenctl reset ") : "",
			       fault ? s->pen : "");
	if (s->stopped && !s->ctl->json)
		printf("%s (%s)\n", tr(s->text), s->reason);
	return EXIT_DONE;
}

/* From the session's beginning on: whatever happens, it is ended. */
static int session_begun(struct session *s)
{
	int r, ended;

	r = session_prepare(s);
	progress_start(s);
	if (!r)
		r = session_watch(s);
	if (!r)
		r = wish_start(s);
	if (!r && s->asks && !s->ctl->json)
		puts(_("space, q or Ctrl-C stop at once"));
	if (!r)
		r = run_motor(s);
	if (s->lost)
		return r;
	if (!r)
		r = session_verdict(s);
	ended = session_end(s);
	session_show_sheet(s);
	if (s->asks && !s->ctl->json && s->started)
		fputs(_("\nFor the patient: mnpenctl session aftercare last\nFor the file: mnpenctl record sheet last --pdf --output SHEET.pdf\n"),
		      stderr);
	return r ? r : ended;
}

/* What is wrong with the options is told before anybody is asked anything. */
static int session_know(struct session *s)
{
	int r = EXIT_DONE;

	if (!wish_is_open(s))
		r = session_described(s);
	return r ? r : session_consent(s);
}

int session_take(struct session *s)
{
	int r = session_connect(s);

	if (!r)
		r = session_pick_pen(s);
	if (!r)
		r = session_acquire(s);
	if (!r)
		r = ctl_call(s->ctl, s->client, "GetCatalogue", NULL,
			     &s->catalogue);
	return r ? r : session_catch_signals(s);
}

static int session_all(struct session *s)
{
	bool open = wish_is_open(s);
	int r = session_know(s);

	if (!r)
		r = session_take(s);
	if (!r && open)
		r = wish_ask(s);
	if (!r && open)
		r = session_described(s);
	if (!r)
		r = wish_show(s);
	if (!r)
		r = session_ask_and_begin(s);
	return r ? r : session_begun(s);
}

void session_close(struct session *s)
{
	mnpen_monitor_close(s->monitor);
	mnpen_client_close(s->client);
	if (s->signals >= 0)
		close(s->signals);
	json_decref(s->catalogue);
}

int verb_session_run(struct ctl *ctl)
{
	struct session s = {
		.ctl = ctl,
		.signals = -1,
		.asks = ctl->asks,
		.draws = !ctl->json && isatty(STDOUT_FILENO),
	};
	int r = session_all(&s);

	session_close(&s);
	return r;
}
