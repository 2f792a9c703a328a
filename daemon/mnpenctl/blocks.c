// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl record telemetry: every record of a session's runs, as a table. */
#include "daemon/mnpenctl/mnpenctl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct blocks_out {
	struct ctl *ctl;
	struct mnpen_client *client;
	FILE *out;
	int64_t blocks, dropped;
};

/* Each line of a block, with the number of its run before it. */
static void put_lines(FILE *out, int64_t run, const char *lines)
{
	size_t len;

	for (; *lines; lines += len) {
		len = strcspn(lines, "\n");
		len += lines[len] == '\n';
		fprintf(out, "%" PRId64 ",%.*s", run, (int)len, lines);
	}
}

static int put_block(struct blocks_out *o, const json_t *row)
{
	const json_t *body = json_object_get(row, "body");
	json_t *reply;
	int r;

	r = ctl_call(o->ctl, o->client, "GetTelemetry",
		     json_pack("{sI}", "row", js_int(row, "row")), &reply);
	if (r)
		return r;
	if (json_is_null(json_object_get(reply, "lines"))) {
		o->dropped++;
	} else if (o->ctl->json) {
		json_object_set(reply, "run", json_object_get(body, "run"));
		json_object_set(reply, "columns",
				json_object_get(body, "columns"));
		json_dumpf(reply, o->out, JSON_COMPACT);
		fputc('\n', o->out);
	} else {
		if (o->blocks == o->dropped)
			fprintf(o->out, "run,%s\n", js_string(body, "columns"));
		put_lines(o->out, js_int(body, "run"),
			  js_string(reply, "lines"));
	}
	o->blocks++;
	json_decref(reply);
	return EXIT_DONE;
}

static int put_session(struct blocks_out *o, const char *session)
{
	json_t *reply, *row;
	size_t i;
	int r;

	r = ctl_call(o->ctl, o->client, "GetRecord",
		     json_pack("{ss}", "sessionId", session), &reply);
	if (r)
		return r;
	json_array_foreach(json_object_get(reply, "rows"), i, row) {
		if (!r && !strcmp(js_string(row, "kind"), "telemetryBlock"))
			r = put_block(o, row);
	}
	json_decref(reply);
	if (!r && o->blocks == o->dropped)
		r = explain(o->ctl, EXIT_REMOTE, "NoTelemetry",
			    o->dropped ?
				    _("its raw telemetry was dropped, as old as mnpend is told to keep it") :
				    _("no raw telemetry was kept of this session; see --raw-telemetry in mnpend(8)"));
	return r;
}

int verb_record_telemetry(struct ctl *ctl)
{
	struct blocks_out o = { .ctl = ctl };
	char id[64] = "";
	int r = ctl_open(ctl, MNPEN_ANY, &o.client);

	if (r)
		return r;
	if (strcmp(ctl->args[0], "last"))
		snprintf(id, sizeof(id), "%s", ctl->args[0]);
	else
		r = record_last(ctl, o.client, id, sizeof(id));
	if (!r)
		r = output_open(ctl, &o.out);
	if (!r)
		r = output_close(ctl, o.out, put_session(&o, id));
	mnpen_client_close(o.client);
	if (!r && o.dropped)
		fprintf(stderr, _("%" PRId64 " of %" PRId64 " blocks were dropped, being old\n"),
			o.dropped, o.blocks);
	return r;
}
