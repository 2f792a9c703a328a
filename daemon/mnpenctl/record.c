// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl record list, show, verify. */
#include "daemon/mnpenctl/mnpenctl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RECORD_LIST_DEFAULT	20
#define RECORD_LIST_MAX		1000
#define VERIFY_MS		(15 * 60 * 1000) /* of years, on a slow disk */
#define MANY_ROWS		50000	/* fewer are checked at once */

static void record_list_print(const json_t *sessions)
{
	units_text when, motor;
	json_t *s;
	size_t i;

	json_array_foreach(sessions, i, s)
		printf(js_int(s, "runs") == 1 ?
			       _("%s  %s  %s\n    %s, %s, %" PRId64 " run, %" PRId64 " strokes, motor %s, %s\n") :
			       _("%s  %s  %s\n    %s, %s, %" PRId64 " runs, %" PRId64 " strokes, motor %s, %s\n"),
		       js_string(s, "sessionId"),
		       units_when(when, js_int(s, "beginUnixMilliseconds")),
		       js_string(s, "state"), js_string(s, "area"),
		       js_string(s, "concern"), js_int(s, "runs"),
		       js_int(s, "strokes"),
		       units_duration(motor, js_int(s, "motorMilliseconds")),
		       js_string(s, "endReason"));
	if (!json_array_size(sessions))
		puts(_("no session in the record"));
}

int verb_record_list(struct ctl *ctl)
{
	uint32_t limit = RECORD_LIST_DEFAULT;
	json_t *reply;
	int r;

	if (ctl->limit && !units_parse(ctl->limit, RECORD_LIST_MAX, &limit))
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("--limit takes a whole number from 1 to %d, not %s"),
			       RECORD_LIST_MAX, ctl->limit);
	r = ctl_ask(ctl, "ListRecord",
		    ctl->limit ? json_pack("{sI}", "limit",
					   (json_int_t)limit) : NULL,
		    &reply);
	if (r)
		return r;
	if (ctl->json)
		ctl_print_json(reply);
	else
		record_list_print(json_object_get(reply, "sessions"));
	json_decref(reply);
	return EXIT_DONE;
}

int record_last(struct ctl *ctl, struct mnpen_client *client, char *id,
		size_t size)
{
	json_t *reply, *first;
	int r;

	r = ctl_call(ctl, client, "ListRecord", json_pack("{s:i}", "limit", 1),
		     &reply);
	if (r)
		return r;
	first = json_array_get(json_object_get(reply, "sessions"), 0);
	if (first)
		snprintf(id, size, "%s", js_string(first, "sessionId"));
	else
		r = explain(ctl, EXIT_REMOTE, "NoSession",
			    "the record holds no session yet");
	json_decref(reply);
	return r;
}

/* One line per row, behind the sheet. */
static void record_rows(const json_t *rows)
{
	units_text when;
	json_t *row;
	size_t i;

	puts("");
	json_array_foreach(rows, i, row)
		printf("  row %-6" PRId64 " %s  %-13s %.16s\n",
		       js_int(row, "row"),
		       units_when(when, js_int(row, "unixMilliseconds")),
		       js_string(row, "kind"), js_string(row, "hash"));
}

int verb_record_show(struct ctl *ctl)
{
	struct mnpen_client *client;
	char id[64] = "";
	json_t *reply;
	int r;

	r = ctl_open(ctl, MNPEN_ANY, &client);
	if (r)
		return r;
	if (strcmp(ctl->args[0], "last"))
		snprintf(id, sizeof(id), "%s", ctl->args[0]);
	else
		r = record_last(ctl, client, id, sizeof(id));
	if (!r)
		r = ctl_call(ctl, client, "GetRecord",
			     json_pack("{s:s}", "sessionId", id), &reply);
	mnpen_client_close(client);
	if (r)
		return r;
	if (ctl->json) {
		ctl_print_json(reply);
	} else {
		sheet_print(reply);
		record_rows(json_object_get(reply, "rows"));
	}
	json_decref(reply);
	return EXIT_DONE;
}

/* Short enough to be compared by eye, or read out. */
static const char *record_code(units_text out, const char *hash)
{
	snprintf(out, UNITS_LEN, "%.4s-%.4s-%.4s-%.4s", hash, hash + 4,
		 hash + 8, hash + 12);
	return strlen(hash) < 16 ? hash : out;
}

int verb_record_key(struct ctl *ctl)
{
	units_text code;
	json_t *reply;
	int r = ctl_ask(ctl, "GetHead", NULL, &reply);

	if (r)
		return r;
	if (ctl->json) {
		ctl_print_json(reply);
	} else {
		printf(_("row        %" PRId64 ", %" PRId64 " signed\n"),
		       js_int(reply, "rows"), js_int(reply, "signedRows"));
		printf(_("head       %s\n           %s\n"),
		       record_code(code, js_string(reply, "head")),
		       js_string(reply, "head"));
		printf(_("public key %s\n"), js_string(reply, "publicKey"));
		printf(_("origin     %s\n"), js_string(reply, "origin"));
	}
	json_decref(reply);
	return EXIT_DONE;
}

static void record_intact(const json_t *reply)
{
	printf(_("record intact: %" PRId64 " rows, head %s\n"),
	       js_int(reply, "rows"), js_string(reply, "head"));
	if (js_int(reply, "checkpoints"))
		printf(_("  %" PRId64 " of them signed by key %s\n"),
		       js_int(reply, "signedRows"),
		       js_string(reply, "publicKey"));
}

/* How much there is to do, where a person waits for it. */
static int record_announce(struct ctl *ctl, struct mnpen_client *client)
{
	json_t *reply;
	int r;

	if (ctl->quiet || !isatty(STDERR_FILENO))
		return EXIT_DONE;
	r = ctl_call(ctl, client, "GetHead", NULL, &reply);
	if (r)
		return r;
	if (js_int(reply, "rows") >= MANY_ROWS)
		fprintf(stderr, _("checking %" PRId64 " rows...\n"),
			js_int(reply, "rows"));
	json_decref(reply);
	return EXIT_DONE;
}

int verb_record_verify(struct ctl *ctl)
{
	struct mnpen_client *client;
	json_t *reply = NULL;
	bool intact;
	int r;

	r = ctl_open(ctl, MNPEN_ANY, &client);
	if (r)
		return r;
	r = record_announce(ctl, client);
	if (!r)
		r = ctl_call_within(ctl, client, "VerifyRecord", NULL,
				    VERIFY_MS, &reply);
	mnpen_client_close(client);
	if (r)
		return r;
	intact = json_is_true(json_object_get(reply, "intact"));
	if (ctl->json)
		ctl_print_json(reply);
	else if (intact)
		record_intact(reply);
	else
		printf(_("record BROKEN at row %" PRId64 ": %s\n"),
		       js_int(reply, "firstBadRow"),
		       js_string(reply, "damage"));
	json_decref(reply);
	return intact ? EXIT_DONE : EXIT_STORAGE;
}
