// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl record export: rows of the record for others, a page at a time. */
#include "daemon/mnpenctl/mnpenctl.h"

#include "daemon/record/export_csv.h"
#include "daemon/record/export_fhir.h"
#include "daemon/record/export_time.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ORIGIN_LEN 65

enum format { FORMAT_JSON, FORMAT_CSV, FORMAT_FHIR };

struct export {
	struct ctl *ctl;
	struct mnpen_client *client;
	enum format format;
	char session[64];	/* empty: all */
	int64_t from_ms, until_ms;
	FILE *out;
	int64_t rows;
	struct fhir fhir;
	json_t *sessions;	/* FHIR: those that begin in the selection */
};

/* --- pages -------------------------------------------------------------------- */

typedef int page_fn(struct export *e, json_t *page, void *arg);

static int each_page(struct export *e, const char *session, page_fn *fn,
		     void *arg)
{
	json_t *reply, *page;
	int64_t after = 0;
	bool last = false;
	int r = EXIT_DONE;

	while (!r && !last) {
		r = ctl_call(e->ctl, e->client, "ExportRecord",
			     json_pack("{ss* sI sI sI}", "sessionId",
				       *session ? session : NULL,
				       "fromUnixMilliseconds",
				       (json_int_t)e->from_ms,
				       "untilUnixMilliseconds",
				       (json_int_t)e->until_ms, "afterRow",
				       (json_int_t)after),
			     &reply);
		if (r)
			break;
		page = json_object_get(reply, "page");
		last = !json_is_false(json_object_get(page, "last"));
		after = js_int(page, "throughRow");
		r = fn(e, page, arg);
		json_decref(reply);
	}
	return r;
}

static json_t *body_of(const json_t *row)
{
	json_t *body = json_loads(js_string(row, "body"), 0, NULL);

	return body ? body : json_object();
}

/* --- formats --------------------------------------------------------------------- */

static void put_line(FILE *out, const json_t *value)
{
	json_dumpf(value, out, JSON_COMPACT);
	fputc('\n', out);
}

/* A row a line, and under the rows of a page the page without them. */
static int put_json(struct export *e, json_t *page, void *arg)
{
	json_t *row, *rows = json_object_get(page, "rows");
	size_t i;

	(void)arg;
	json_array_foreach(rows, i, row)
		put_line(e->out, row);
	e->rows += (int64_t)i;
	json_object_del(page, "rows");
	put_line(e->out, page);
	return EXIT_DONE;
}

static int put_csv(struct export *e, json_t *page, void *arg)
{
	json_t *row, *body;
	size_t i;

	(void)arg;
	json_array_foreach(json_object_get(page, "rows"), i, row) {
		body = body_of(row);
		csv_row(e->out, row, body);
		json_decref(body);
	}
	e->rows += (int64_t)i;
	return EXIT_DONE;
}

static int gather_rows(struct export *e, json_t *page, void *arg)
{
	json_t *row, *rows = arg;
	size_t i;

	json_array_foreach(json_object_get(page, "rows"), i, row) {
		json_object_set_new(row, "bodyObject", body_of(row));
		json_array_append(rows, row);
	}
	e->rows += (int64_t)i;
	return EXIT_DONE;
}

static int gather_sessions(struct export *e, json_t *page, void *arg)
{
	json_t *row;
	size_t i;

	snprintf(arg, ORIGIN_LEN, "%s", js_string(page, "origin"));
	json_array_foreach(json_object_get(page, "rows"), i, row)
		if (!strcmp(js_string(row, "kind"), "sessionBegin"))
			json_array_append(e->sessions,
					  json_object_get(row, "session"));
	return EXIT_DONE;
}

/* Whole sessions: those that begin within the time asked for. */
static int export_fhir(struct export *e)
{
	char origin[ORIGIN_LEN] = "", now[EXPORT_TIME_LEN];
	json_t *id, *rows;
	size_t i;
	int r;

	e->sessions = json_array();
	r = each_page(e, e->session, gather_sessions, origin);
	if (!r && !json_array_size(e->sessions))
		r = explain(e->ctl, EXIT_REMOTE, "NoSession",
			    _("no session begins in that time"));
	e->from_ms = 0;
	e->until_ms = MNPENCTL_TIME_MAX;
	export_time_of((int64_t)time(NULL) * 1000, 0, now);
	if (!r)
		fhir_begin(&e->fhir, e->out, origin, now);
	json_array_foreach(e->sessions, i, id) {
		if (r)
			break;
		rows = json_array();
		r = each_page(e, json_string_value(id), gather_rows, rows);
		if (!r)
			fhir_session(&e->fhir, json_string_value(id), rows);
		json_decref(rows);
	}
	if (!r)
		fhir_end(&e->fhir);
	json_decref(e->sessions);
	return r;
}

static int export_run(struct export *e)
{
	switch (e->format) {
	case FORMAT_JSON:
		return each_page(e, e->session, put_json, NULL);
	case FORMAT_CSV:
		csv_head(e->out);
		return each_page(e, e->session, put_csv, NULL);
	case FORMAT_FHIR:
		return export_fhir(e);
	}
	return EXIT_USAGE;
}

/* --- where to -------------------------------------------------------------------------- */

int output_open(struct ctl *ctl, FILE **out)
{
	int fd;

	*out = stdout;
	if (!ctl->output)
		return EXIT_DONE;
	/* Readable by its owner alone: it is about patients. */
	fd = open(ctl->output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	*out = fd < 0 ? NULL : fdopen(fd, "w");
	if (*out)
		return EXIT_DONE;
	return explain(ctl, EXIT_USAGE, "Usage", _("cannot make %s: %s"),
		       ctl->output, strerror(errno));
}

int output_close(struct ctl *ctl, FILE *out, int r)
{
	bool bad = fflush(out) || ferror(out);

	if (!r && ctl->output && fsync(fileno(out)))
		bad = true;
	if (ctl->output)
		bad |= fclose(out) != 0;
	if (bad && !r)
		r = explain(ctl, EXIT_STORAGE, "WriteFailed",
			    _("cannot write %s: %s"),
			    ctl->output ? ctl->output : "-", strerror(errno));
	/* Half of it would look like all of it. */
	if (r && ctl->output)
		unlink(ctl->output);
	return r;
}

static void say_done(const struct export *e)
{
	const char *path = e->ctl->output;
	json_t *line;

	if (!path)
		return;
	if (!e->ctl->json) {
		printf(_("%" PRId64 " rows written to %s\n"), e->rows, path);
		return;
	}
	line = json_pack("{ss sI}", "path", path, "rows", (json_int_t)e->rows);
	ctl_print_json(line);
	json_decref(line);
}

/* --- the command line -------------------------------------------------------------------- */

static int parse_format(struct ctl *ctl, enum format *out)
{
	static const char *const names[] = { "json", "csv", "fhir" };
	size_t i;

	*out = FORMAT_JSON;
	if (!ctl->format)
		return EXIT_DONE;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(ctl->format, names[i])) {
			*out = (enum format)i;
			return EXIT_DONE;
		}
	}
	return explain(ctl, EXIT_USAGE, "Usage",
		       _("--format takes json, csv or fhir, not %s"),
		       ctl->format);
}

/* Local midnight at which the day begins, or the one after it. */
static int parse_day(struct ctl *ctl, const char *option, const char *text,
		     int days_later, int64_t *out)
{
	struct tm tm = { .tm_isdst = -1 }, same;
	const char *end = strptime(text, "%Y-%m-%d", &tm);
	time_t t;

	tm.tm_mday += days_later;
	same = tm;
	t = mktime(&tm);
	if (!end || *end || strlen(text) != 10 || t < 0 ||
	    (!days_later && tm.tm_mday != same.tm_mday))
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("--%s takes a day like 2026-11-20, not %s"),
			       option, text);
	*out = (int64_t)t * 1000;
	return EXIT_DONE;
}

static int parse(struct ctl *ctl, struct export *e)
{
	int r = parse_format(ctl, &e->format);

	e->until_ms = MNPENCTL_TIME_MAX;
	if (!r && ctl->from)
		r = parse_day(ctl, "from", ctl->from, 0, &e->from_ms);
	if (!r && ctl->until)
		r = parse_day(ctl, "until", ctl->until, 1, &e->until_ms);
	if (!r && e->from_ms >= e->until_ms)
		r = explain(ctl, EXIT_USAGE, "Usage",
			    _("--until is before --from"));
	if (!r && ctl->n_args && (ctl->from || ctl->until))
		r = explain(ctl, EXIT_USAGE, "Usage",
			    _("a session or a time, not both"));
	if (!r && ctl->json && !ctl->output && e->format != FORMAT_JSON)
		r = explain(ctl, EXIT_USAGE, "Usage",
			    _("with --json and this format, --output is needed"));
	return r;
}

static int which_session(struct ctl *ctl, struct export *e)
{
	if (!ctl->n_args)
		return EXIT_DONE;
	if (!strcmp(ctl->args[0], "last"))
		return record_last(ctl, e->client, e->session,
				   sizeof(e->session));
	snprintf(e->session, sizeof(e->session), "%s", ctl->args[0]);
	return EXIT_DONE;
}

int verb_record_export(struct ctl *ctl)
{
	struct export e = { .ctl = ctl };
	int r = parse(ctl, &e);

	if (!r)
		r = ctl_open(ctl, MNPEN_ANY, &e.client);
	if (r)
		return r;
	r = which_session(ctl, &e);
	if (!r)
		r = output_open(ctl, &e.out);
	if (!r)
		r = output_close(ctl, e.out, export_run(&e));
	mnpen_client_close(e.client);
	if (!r)
		say_done(&e);
	return r;
}
