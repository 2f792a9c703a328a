/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop's side of the record: continuations and retries.
 *
 * Rows that tell what happened are kept and written again once the record is
 * writable after a failure. An intent is not: its failure forbids the start and
 * is told at once; nor is an override, a form or an amendment, whose author is
 * told.
 */
#ifndef MNPEND_RECORDER_H
#define MNPEND_RECORDER_H

#include "daemon/record/record.h"

#include <event2/event.h>
#include <jansson.h>

struct recorder;

/*
 * What to do then. error: 0 or negative errno; json: the parsed answer of a
 * question, or {"row"} of a row that is durable, borrowed, else NULL; tag: as
 * given.
 */
struct recorder_then {
	void (*fn)(int error, json_t *json, uint32_t tag, void *ctx);
	void *ctx;
	uint32_t tag;
};

struct recorder_hooks {
	void (*failed)(int error, void *ctx);
	void (*recovered)(void *ctx);
	void *ctx;
};

/* As record_open(); hooks are copied. */
int recorder_open(struct event_base *base, const char *path,
		  const struct recorder_hooks *hooks, struct recorder **out,
		  struct record_info *info, char error[RECORD_ERROR_LEN]);
/* Writes what is queued and closes. Continuations are not called any more. */
void recorder_close(struct recorder *rec);

/* Steals body. session and then may be NULL. Never waits for the disk. */
void recorder_append(struct recorder *rec, enum record_kind kind,
		     const char *session, json_t *body,
		     const struct recorder_then *then);
/*
 * Raw telemetry: a row and, compressed, its data. Steals body. Nobody waits for
 * it, and where there is no room it is left out.
 */
void recorder_block(struct recorder *rec, const char *session, json_t *body,
		    const void *data, size_t len);
/* Drops raw telemetry that is older, as record_retain(). */
void recorder_retain(struct recorder *rec, int64_t before_unix_ms,
		     const struct recorder_then *then);
/* One block again, as record_telemetry(). */
void recorder_telemetry(struct recorder *rec, int64_t row,
			const struct recorder_then *then);
void recorder_list(struct recorder *rec, unsigned int limit,
		   const struct recorder_then *then);
void recorder_session(struct recorder *rec, const char *session,
		      const struct recorder_then *then);
void recorder_history(struct recorder *rec, const struct record_about *about,
		      const struct recorder_then *then);
void recorder_treatments(struct recorder *rec, const char *patient,
			 const struct recorder_then *then);
void recorder_due(struct recorder *rec, int64_t now_unix_ms,
		  const struct recorder_then *then);
void recorder_backup(struct recorder *rec, const char *path,
		     const struct recorder_then *then);
/* A signed page of an export, and one of another kiosk's: record.h. */
void recorder_export(struct recorder *rec, const struct record_selection *what,
		     int64_t after_row, const struct recorder_then *then);
void recorder_import(struct recorder *rec, const char *page, const char *key,
		     const struct recorder_then *then);
void recorder_head(struct recorder *rec, const struct recorder_then *then);
void recorder_verify(struct recorder *rec, const struct recorder_then *then);

/* Drops every continuation of ctx: its owner is about to go away. */
void recorder_forget(struct recorder *rec, const void *ctx);

/* The last rows given to it, written or not: recent.h. */
json_t *recorder_recent(const struct recorder *rec);

bool recorder_ok(const struct recorder *rec);
/* What it last failed with, negative errno; 0 while it is ok. */
int recorder_error(const struct recorder *rec);
/* Nothing that was handed to the writer waits for its answer. */
bool recorder_idle(const struct recorder *rec);
/* Age in ms of the oldest row the writer has not answered; 0: none. */
uint64_t recorder_lag_ms(const struct recorder *rec);

#endif /* MNPEND_RECORDER_H */
