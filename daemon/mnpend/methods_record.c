// SPDX-License-Identifier: GPL-2.0-or-later
/* ExportRecord, ImportRecord, BackupRecord: the record's way out and in. */
#include "daemon/mnpend/methods.h"
#include "daemon/mnpend/log.h"
#include "daemon/mnpend/pen.h"
#include "daemon/mnpend/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TIME_MAX	INT64_C(9007199254740991) /* what JSON keeps exact */
#define PATH_LEN	4096
#define KEY_HEX		64

/* Outlives its call when the client leaves. */
struct request {
	struct varlink_call *call;	/* NULL: nobody waits any more */
	char session[RECORD_SESSION_LEN];
	char path[PATH_LEN];
};

static void request_ended(struct varlink_call *call, void *ctx)
{
	struct request *q = ctx;

	(void)call;
	q->call = NULL;
}

static struct request *request_new(struct varlink_call *call)
{
	struct request *q = calloc(1, sizeof(*q));

	if (!q) {
		pen_storage_failed(call, "read the record", -ENOMEM);
		return NULL;
	}
	q->call = call;
	varlink_call_on_end(call, request_ended, q);
	return q;
}

/* A whole number, or what is there without one; false: answered. */
static bool get_number(struct varlink_call *call, json_t *p, const char *name,
		       int64_t otherwise, int64_t *out)
{
	json_t *value = json_object_get(p, name);

	*out = otherwise;
	if (!value || json_is_null(value))
		return true;
	*out = json_integer_value(value);
	if (json_is_integer(value) && *out >= 0)
		return true;
	varlink_invalid_parameter(call, name);
	return false;
}

/* --- ExportRecord ------------------------------------------------------------- */

static void export_done(int error, json_t *json, uint32_t tag, void *ctx)
{
	struct request *q = ctx;

	(void)tag;
	if (q->call && (error == -ENOENT || error == -EINVAL))
		methods_no_such_session(q->call, q->session);
	else if (q->call && error)
		pen_storage_failed(q->call, "read the record", error);
	else if (q->call)
		varlink_reply(q->call,
			      json_pack("{sO}", "page", json));
	free(q);
}

void method_export_record(struct varlink_call *call, json_t *p, void *ctx)
{
	struct recorder_then then = { .fn = export_done };
	struct record_selection what = { .session = "" };
	struct mnpend *daemon = ctx;
	const char *session;
	struct request *q;
	int64_t after;

	if (!methods_text(call, p, "sessionId", false, RECORD_SESSION_LEN - 1,
			  &session) ||
	    !get_number(call, p, "fromUnixMilliseconds", 0,
			&what.from_unix_ms) ||
	    !get_number(call, p, "untilUnixMilliseconds", TIME_MAX,
			&what.until_unix_ms) ||
	    !get_number(call, p, "afterRow", 0, &after))
		return;
	snprintf(what.session, sizeof(what.session), "%s",
		 session ? session : "");
	q = request_new(call);
	if (!q)
		return;
	memcpy(q->session, what.session, sizeof(q->session));
	then.ctx = q;
	recorder_export(daemon->recorder, &what, after, &then);
}

/* --- ImportRecord ----------------------------------------------------------------- */

static void import_refused(struct varlink_call *call, json_int_t index,
			   const char *why)
{
	char text[256];

	snprintf(text, sizeof(text), "%s %s; nothing of it was taken.",
		 index < 0 ? "This page of the export" :
			     "A row of the export", why);
	varlink_error(call, "io.mnpen.Pen.ImportRefused",
		      json_pack("{sI ss ss}", "index", index, "reason", why,
				"message", text));
}

static void import_done(int error, json_t *json, uint32_t tag, void *ctx)
{
	const char *why = json_string_value(json_object_get(json, "refused"));
	struct request *q = ctx;
	struct varlink_call *call = q->call;

	(void)tag;
	if (json_is_true(json_object_get(json, "complete")))
		log_info("record: import complete, %lld rows taken, %lld known",
			 (long long)json_integer_value(
				 json_object_get(json, "taken")),
			 (long long)json_integer_value(
				 json_object_get(json, "known")));
	if (call && error == -EBUSY)
		varlink_error(call, "io.mnpen.Pen.WrongState",
			      json_pack("{ssss}", "state", "session", "message",
					"A session is open. Import when it has ended."));
	else if (call && error == -EFBIG)
		import_refused(call, -1, "makes it too large for one import");
	else if (call && error)
		pen_storage_failed(call, "write the record", error);
	else if (call && why)
		import_refused(call,
			       json_integer_value(json_object_get(json,
								  "index")),
			       why);
	else if (call)
		varlink_reply(call, json_incref(json));
	free(q);
}

void method_import_record(struct varlink_call *call, json_t *p, void *ctx)
{
	struct recorder_then then = { .fn = import_done };
	json_t *page = json_object_get(p, "page");
	struct mnpend *daemon = ctx;
	const char *key;
	char *text;

	if (!json_is_object(page)) {
		varlink_invalid_parameter(call, "page");
		return;
	}
	if (!methods_text(call, p, "key", false, KEY_HEX, &key))
		return;
	if (key && (strlen(key) != KEY_HEX ||
		    strspn(key, "0123456789abcdef") != KEY_HEX)) {
		varlink_invalid_parameter(call, "key");
		return;
	}
	text = json_dumps(page, JSON_COMPACT);
	then.ctx = text ? request_new(call) : NULL;
	if (then.ctx)
		recorder_import(daemon->recorder, text, key, &then);
	else if (!text)
		pen_storage_failed(call, "write the record", -ENOMEM);
	free(text);
}

/* --- BackupRecord -------------------------------------------------------------------- */

static void backup_done(int error, json_t *json, uint32_t tag, void *ctx)
{
	struct request *q = ctx;
	char text[PATH_LEN + 128];

	(void)tag;
	if (!error)
		log_info("record: backup %s", q->path);
	if (q->call && error) {
		snprintf(text, sizeof(text), "No backup at %s: %s. The record itself is as it was.",
			 q->path, strerror(-error));
		varlink_error(q->call, "io.mnpen.Pen.BackupFailed",
			      json_pack("{ssssss}", "path", q->path,
					"errnoName",
					strerrorname_np(-error) ?: "EIO",
					"message", text));
	} else if (q->call) {
		varlink_reply(q->call, json_incref(json));
	}
	free(q);
}

/* Beside the record, where the daemon may write whatever else it may not. */
static void backup_name(const struct mnpend *daemon, char out[PATH_LEN])
{
	time_t now = time(NULL);
	char stamp[32] = "";
	struct tm utc;

	if (gmtime_r(&now, &utc))
		strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &utc);
	snprintf(out, PATH_LEN, "%s-backup-%s", daemon->record_path, stamp);
}

void method_backup_record(struct varlink_call *call, json_t *p, void *ctx)
{
	struct recorder_then then = { .fn = backup_done };
	struct mnpend *daemon = ctx;
	const char *path;
	struct request *q;

	if (!methods_text(call, p, "path", false, PATH_LEN - 16, &path))
		return;
	if (path && path[0] != '/') {
		varlink_invalid_parameter(call, "path");
		return;
	}
	q = request_new(call);
	if (!q)
		return;
	if (path)
		snprintf(q->path, sizeof(q->path), "%s", path);
	else
		backup_name(daemon, q->path);
	then.ctx = q;
	recorder_backup(daemon->recorder, q->path, &then);
}
