// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl record import | backup: what changes files, for administrators. */
#include "daemon/mnpenctl/mnpenctl.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_LEN	(128 * 1024)
#define PAGE_ROWS	64	/* more are in no page */
#define SLOW_MS		600000	/* a backup copies half a gigabyte */

struct import {
	struct ctl *ctl;
	const char *path;
	FILE *in;
	struct mnpen_client *client;
	json_t *rows;		/* of the page that is being read */
	int64_t line, first;	/* now, and of the page's first row */
	json_t *final;		/* the last page: not before all was read */
};

static int refused(struct import *im, int64_t line, const char *why)
{
	return explain(im->ctl, EXIT_REMOTE, "ImportRefused",
		       _("%s, line %" PRId64 ": %s; nothing was taken"),
		       im->path, line, tr(why));
}

/* The daemon counts rows of a page; people count lines of a file. */
static int explain_refusal(struct import *im, const struct mnpen_error *error)
{
	json_t *p = error->parameters ? json_loads(error->parameters, 0, NULL) :
					NULL;
	int64_t index = js_int(p, "index");
	int r = refused(im, index < 0 ? im->line : im->first + index,
			js_string(p, "reason"));

	json_decref(p);
	return r;
}

static int send_page(struct import *im, json_t *page, json_t **reply)
{
	struct mnpen_error error = { 0 };
	char *text, *answer = NULL;
	json_t *call;
	int r;

	json_object_set_new(page, "rows", im->rows);
	im->rows = json_array();
	call = json_pack("{sO ss*}", "page", page, "key", im->ctl->key);
	text = json_dumps(call, JSON_COMPACT);
	r = mnpen_call(im->client, MNPEN_INTERFACE ".ImportRecord", text,
		       SLOW_MS, &answer, &error);
	*reply = ctl_json(answer);
	if (r < 0 && !strcmp(error.name, MNPEN_INTERFACE ".ImportRefused"))
		r = explain_refusal(im, &error);
	else if (r < 0)
		r = explain_call(im->ctl, "ImportRecord", r, &error);
	mnpen_error_clear(&error);
	json_decref(call);
	free(text);
	return r;
}

static int take_line(struct import *im, const char *text, size_t len,
		     json_t **reply)
{
	json_t *line = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	int r;

	if (!json_is_object(line)) {
		json_decref(line);
		return refused(im, im->line, N_("is no line of an export"));
	}
	if (json_object_get(line, "signature")) {
		json_decref(*reply);
		*reply = NULL;
		if (json_is_true(json_object_get(line, "last"))) {
			im->final = line;
			return EXIT_DONE;
		}
		r = send_page(im, line, reply);
		json_decref(line);
		return r;
	}
	if (json_array_size(im->rows) == PAGE_ROWS) {
		json_decref(line);
		return refused(im, im->line, N_("is a row in no page"));
	}
	if (!json_array_size(im->rows))
		im->first = im->line;
	json_array_append_new(im->rows, line);
	return EXIT_DONE;
}

static int read_lines(struct import *im, json_t **reply)
{
	char *text = NULL;
	size_t room = 0;
	ssize_t len;
	int r = EXIT_DONE;

	while (!r && (len = getline(&text, &room, im->in)) > 0) {
		if (im->final)
			r = refused(im, im->line + 1,
				    N_("is behind the end of the export"));
		else if (++im->line && len > LINE_MAX_LEN)
			r = refused(im, im->line, N_("is too long"));
		else
			r = take_line(im, text, (size_t)len, reply);
	}
	free(text);
	if (r)
		return r;
	if (!im->final)
		return refused(im, im->line + 1,
			       N_("the export ends before its last page"));
	return send_page(im, im->final, reply);
}

static void import_print(struct ctl *ctl, const json_t *reply)
{
	if (ctl->json)
		ctl_print_json(reply);
	else
		printf(_("%" PRId64 " rows taken, %" PRId64 " new sessions; %" PRId64 " rows were known\n"),
		       js_int(reply, "taken"), js_int(reply, "sessions"),
		       js_int(reply, "known"));
}

static bool key_is_hex(const char *key)
{
	return strlen(key) == 64 && strspn(key, "0123456789abcdef") == 64;
}

int verb_record_import(struct ctl *ctl)
{
	struct import im = { .ctl = ctl, .path = ctl->args[0] };
	json_t *reply = NULL;
	int r;

	if (ctl->key && !key_is_hex(ctl->key))
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("--key takes the 64 hex digits of a public key"));
	im.in = fopen(im.path, "re");
	if (!im.in)
		return explain(ctl, EXIT_USAGE, "Usage", _("%s: %s"), im.path,
			       strerror(errno));
	im.rows = json_array();
	r = ctl_open(ctl, MNPEN_ADMIN, &im.client);
	if (!r) {
		r = read_lines(&im, &reply);
		mnpen_client_close(im.client);
	}
	if (!r)
		import_print(ctl, reply);
	json_decref(reply);
	json_decref(im.final);
	json_decref(im.rows);
	fclose(im.in);
	return r;
}

/* --- backup --------------------------------------------------------------------- */

int verb_record_backup(struct ctl *ctl)
{
	struct mnpen_client *client;
	char path[PATH_MAX];
	json_t *reply = NULL;
	int r;

	/* mnpend stands elsewhere: only an absolute path means the same. */
	if (ctl->n_args && ctl->args[0][0] != '/')
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("the path of a backup begins with /, where mnpend may write"));
	snprintf(path, sizeof(path), "%s", ctl->n_args ? ctl->args[0] : "");
	r = ctl_open(ctl, MNPEN_ADMIN, &client);
	if (r)
		return r;
	r = ctl_call_within(ctl, client, "BackupRecord",
			    json_pack("{ss*}", "path", *path ? path : NULL),
			    SLOW_MS, &reply);
	mnpen_client_close(client);
	if (!r && ctl->json)
		ctl_print_json(reply);
	else if (!r)
		printf(_("%" PRId64 " rows, %" PRId64 " bytes in %s\nhead %s\n"),
		       js_int(reply, "rows"), js_int(reply, "bytes"),
		       js_string(reply, "path"), js_string(reply, "head"));
	json_decref(reply);
	return r;
}
