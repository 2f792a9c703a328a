// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/why.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WHY_PENS	16

struct why {
	char pen_id[MNPEN_STR_LEN];	/* empty: free */
	uint64_t used;			/* the higher, the later */
	json_t *refusal, *stop;		/* as the interface has them, or NULL */
};

struct why_book {
	uint64_t count;
	struct why pen[WHY_PENS];
};

static json_int_t why_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (json_int_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct why_book *why_new(void)
{
	return calloc(1, sizeof(struct why_book));
}

static void why_clear(struct why *w)
{
	json_decref(w->refusal);
	json_decref(w->stop);
	memset(w, 0, sizeof(*w));
}

void why_free(struct why_book *book)
{
	size_t i;

	for (i = 0; book && i < WHY_PENS; i++)
		why_clear(&book->pen[i]);
	free(book);
}

/* Its page, or the oldest one emptied for it. */
static struct why *why_of(struct why_book *book, const char *pen_id)
{
	struct why *w = &book->pen[0];
	size_t i;

	for (i = 0; i < WHY_PENS; i++) {
		if (!strcmp(book->pen[i].pen_id, pen_id)) {
			w = &book->pen[i];
			break;
		}
		if (book->pen[i].used < w->used)
			w = &book->pen[i];
	}
	if (i == WHY_PENS) {
		why_clear(w);
		snprintf(w->pen_id, sizeof(w->pen_id), "%s", pen_id);
	}
	w->used = ++book->count;
	return w;
}

/* Names of pens that do not exist are not kept: anybody could fill the book. */
static bool why_worth_it(const char *error)
{
	static const char *const worth[] = {
		"LimitExceeded", "InterlockOpen", "WrongState", "PenBusy",
		"NotController", "StorageFailed", "DeviceFailed", "PenGone",
	};
	static const char interface[] = "io.mnpen.Pen.";
	size_t i;

	if (strncmp(error, interface, strlen(interface)))
		return false;
	for (i = 0; i < sizeof(worth) / sizeof(worth[0]); i++)
		if (!strcmp(error + strlen(interface), worth[i]))
			return true;
	return false;
}

void why_refused(struct why_book *book, const struct varlink_call *call,
		 const char *error, const json_t *parameters)
{
	const char *pen_id = json_string_value(json_object_get(
		varlink_call_parameters(call), "penId"));
	const char *method = strrchr(varlink_call_method(call), '.');
	struct why *w;

	if (!pen_id || !method || !why_worth_it(error))
		return;
	w = why_of(book, pen_id);
	json_decref(w->refusal);
	w->refusal = json_pack("{sIssssso}", "unixMilliseconds", why_now_ms(),
			       "method", method + 1, "error",
			       strrchr(error, '.') + 1, "parameters",
			       json_deep_copy(parameters));
}

/* A stop by a limit says which, how far it came and who set it. */
static void why_limit(json_t *stop, const struct safety_why *why)
{
	json_object_set_new(stop, "limit", json_string(
			safety_limit_name(why->limit)));
	json_object_set_new(stop, "source", json_string(
			safety_source_name(why->source)));
	json_object_set_new(stop, "value", json_integer(why->value));
	json_object_set_new(stop, "maximum", json_integer(why->allowed));
}

/*
 * The driver stops before a suspend and says so. Who did not hear of it in time
 * finds, after it, a pen or an owner that was silent.
 */
static bool why_is_suspend(const struct pen *pen, enum safety_reason reason)
{
	if (reason == SAFETY_STOP_PEN && pen->stop_reason == MNPEN_STOP_PM)
		return true;
	return mnpend_suspended_ms(pen->daemon) &&
	       (reason == SAFETY_FAULT_TELEMETRY_SILENT ||
		reason == SAFETY_FAULT_RENEW || reason == SAFETY_STOP_PEN ||
		reason == SAFETY_STOP_OWNER_SILENT);
}

void why_stopped(struct why_book *book, const struct pen *pen,
		 enum safety_reason reason)
{
	const struct safety_why *why = &pen->core.why;
	struct why *w = why_of(book, pen->id);
	const char *text = safety_reason_text(reason);
	const char *remedy = safety_reason_remedy(reason);

	if (why_is_suspend(pen, reason)) {
		text = "The machine was suspended during a run; the driver stopped the motor before that.";
		remedy = "Look at the skin, then reset.";
	}
	json_decref(w->stop);
	w->stop = json_pack("{sIssssss}", "unixMilliseconds", why_now_ms(),
			    "reason", safety_reason_name(reason), "text", text,
			    "remedy", remedy);
	if (w->stop && why->reason == reason && safety_why_has_limit(why))
		why_limit(w->stop, why);
}

json_t *why_json(const struct why_book *book, const char *pen_id)
{
	const struct why *w, *found = NULL;
	size_t i;

	for (i = 0; i < WHY_PENS; i++) {
		w = &book->pen[i];
		if (!w->pen_id[0] || (pen_id && strcmp(w->pen_id, pen_id)))
			continue;
		if (!found || w->used > found->used)
			found = w;
	}
	if (!found)
		return NULL;
	return json_pack("{sssO*sO*}", "penId", found->pen_id, "refusal",
			 found->refusal, "stop", found->stop);
}
