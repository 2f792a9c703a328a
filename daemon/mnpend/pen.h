/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One pen: its device, its safety core, its session.
 *
 * Everything that concerns a pen becomes an event of its core; the core's
 * actions are carried out here, in order. Nothing else in the daemon starts,
 * stops or renews anything.
 */
#ifndef MNPEND_PEN_H
#define MNPEND_PEN_H

#include "daemon/mnpend/device.h"
#include "daemon/mnpend/mnpend.h"
#include "daemon/mnpend/raw.h"
#include "daemon/mnpend/summary.h"
#include "daemon/record/record.h"
#include "daemon/safety/safety.h"
#include "daemon/varlink/server.h"

#include <jansson.h>

#define PEN_QUEUE	16

struct recorder_then;
struct service;

/* What the clinic said about the session; the core does not need it. */
struct pen_session {
	char id[RECORD_SESSION_LEN];	/* empty: none */
	char area[32], concern[32];
	char cartridge[RECORD_ABOUT_LEN]; /* empty: no serial number */
	uint32_t planned_ms;
	json_t *preparation;		/* codes confirmed, or NULL */
	/* Rows that are still to be written; NULL: they were. */
	json_t *consent, *pack;
};

/* What the record knows of the session's alarms. */
struct pen_alarms {
	uint64_t up, acked;	/* bit per reason */
	unsigned int rows;
	bool closing;		/* the session's last row is on its way */
};

/* How the core answered the request that is being handled. */
struct pen_answer {
	bool accepted, refused;
	struct safety_action refusal;
};

struct pen {
	LIST_ENTRY(pen) next;
	struct mnpend *daemon;
	char id[MNPEN_STR_LEN];
	char syspath[256];
	char node[64];

	struct device *device;		/* NULL after a hard stop */
	bool lost;			/* the device said that it is gone */
	struct event *readable, *start_done;
	uint32_t boot_id;
	struct mnpen_record record;	/* newest telemetry */
	uint8_t stop_reason;		/* enum mnpen_stop_reason, newest event */

	struct service *service;	/* NULL without a device */

	struct safety core;
	struct safety_event queue[PEN_QUEUE];
	unsigned int n_queue;
	bool stepping;
	struct pen_answer *answer;	/* of the request in this step */
	const struct varlink_peer *peer; /* who asked, during a request */

	struct pen_session session;
	struct varlink_peer controller;	/* number 0: nobody */
	struct varlink_call *start_call, *end_call;
	int start_error;		/* of the driver; 0: none */
	const char *start_step;
	uint32_t close_posted;		/* ticket of the closing row; 0: none */
	enum safety_reason close_reason; /* of that row */
	uint64_t shown_ms, progress_ms;
	struct pen_alarms alarms;
	struct summary summary;		/* of this run */
	struct raw *raw;		/* NULL: not wanted */
	bool alarms_changed;		/* in this step */
};

/*
 * Opens the node and adds the pen to the daemon's list. Negative errno as
 * device_open().
 */
int pen_add(struct mnpend *daemon, const char *syspath, const char *node);
/* The pen is gone or the daemon ends: closes its session, frees it. */
void pen_remove(struct pen *pen);

struct pen *pen_by_id(struct mnpend *daemon, const char *id);
struct pen *pen_by_syspath(struct mnpend *daemon, const char *syspath);

/* Every MNPEND_TICK_MS. */
void pen_tick(struct pen *pen);

/* Feeds one event to the core and carries out what it decides. */
void pen_event(struct pen *pen, const struct safety_event *ev);
/* The same for an event without data. */
void pen_event_kind(struct pen *pen, enum safety_event_kind kind);
/* The same for a client's request; returns how the core answered. */
struct pen_answer pen_request(struct pen *pen, const struct varlink_peer *peer,
			      const struct safety_event *ev);

/* Device ceilings, label, area and concern, tightened in that order. */
void pen_base_limits(const struct pen *pen, struct safety_limits *limits);

/* A number for an area's name, to compare by; FNV-1a. */
uint32_t pen_area_number(const char *area);

/* True while a session is open (not idle, not closed). */
bool pen_has_session(const struct pen *pen);

/* Rows of the record; see pen_record.c for what each body holds. */
void pen_record_event(struct pen *pen, const char *what);
void pen_record_begin(struct pen *pen, json_t *body);
/* What comes with a session: answers, a course, an override. Steals body. */
void pen_record_paper(struct pen *pen, enum record_kind kind, json_t *body,
		      const struct recorder_then *then);
/* The preparation was confirmed, consent with it. */
void pen_record_consent(struct pen *pen, const struct varlink_peer *peer);
/* Preparation and papers of a session that is over. */
void pen_session_clear(struct pen *pen);
void pen_record_intent(struct pen *pen, uint32_t ticket);
void pen_record_run(struct pen *pen, enum safety_reason reason);
void pen_record_progress(struct pen *pen);
/* Alarms that changed; before the actions of the step that changed them. */
void pen_record_alarms(struct pen *pen);
/* What was gathered of raw telemetry, if anything was. */
void pen_record_raw(struct pen *pen);
void pen_record_set(struct pen *pen);
void pen_record_fault(struct pen *pen, enum safety_reason reason);
void pen_record_close(struct pen *pen, enum safety_reason reason,
		      uint32_t ticket);
void pen_record_stop(struct pen *pen, const struct varlink_peer *peer);

/* JSON of the interface's types; new references, NULL when out of memory. */
json_t *pen_json(const struct pen *pen);
json_t *pen_session_json(const struct pen *pen);
json_t *pen_telemetry_json(const struct pen *pen);
/*
 * A whole reply of Monitor without "dropped"; its length, 0: not possible. All
 * keys and the longest numbers are 620 bytes.
 */
#define PEN_TEXT_LEN	1024
size_t pen_telemetry_text(const struct pen *pen, uint64_t sequence,
			  char out[PEN_TEXT_LEN]);
json_t *pen_limits_json(const struct safety_limits *limits);
json_t *pen_peer_json(const struct varlink_peer *peer);

/*
 * What happened and what clears it; valid until the next call but three.
 */
const char *pen_reason_text(enum safety_reason reason);

/* Final answers to a client; pen_errors.c. */
void pen_refuse(struct varlink_call *call, const struct pen *pen,
		const struct safety_action *refusal);
void pen_device_failed(struct varlink_call *call, const char *operation,
		       int error);
void pen_storage_failed(struct varlink_call *call, const char *operation,
			int error);

#endif /* MNPEND_PEN_H */
