/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record: an append-only, hash-chained log of everything that mattered.
 *
 * One SQLite file, one connection, one writer thread. The event loop posts
 * requests and collects results; it never waits for a disk. A row is
 * acknowledged only after the commit that holds it was synced.
 *
 * Threads: every function here is called from one thread (the event loop's).
 * Strings passed in are copied; strings handed out belong to the caller.
 */
#ifndef MNPEN_RECORD_H
#define MNPEN_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_SESSION_LEN 37 /* UUID text and NUL */
#define RECORD_HASH_LEN	   32 /* SHA-256 */
#define RECORD_ERROR_LEN   256
#define RECORD_BODY_MAX	   (64 * 1024)
#define RECORD_QUEUE_MAX   1024 /* requests not yet collected */
#define RECORD_PSEUDONYM_MAX 64 /* characters: a code, never a name */

/* Hours after a session's end when its patient is asked how it went. */
#define RECORD_PROMPT_1 24
#define RECORD_PROMPT_2 168
#define RECORD_PROMPT_3 720

/* Kind of a row. Stored as text (record_kind_name), so it may only grow. */
enum record_kind {
	RECORD_GENESIS,	      /* row 1: when and by which version */
	RECORD_START,	      /* the daemon started */
	RECORD_PEN,	      /* a pen came or went */
	RECORD_SESSION_BEGIN, /* area, concern, set points, limits, screening */
	RECORD_RUN_INTENT,    /* the motor is about to be started */
	RECORD_RUN_END,	      /* the motor stopped: reason and counters */
	RECORD_PROGRESS,      /* counters while the motor runs */
	RECORD_STOP,	      /* somebody asked for STOP */
	RECORD_FAULT,
	RECORD_SESSION_END,
	RECORD_INTERRUPTED, /* a session found open at start-up */
	RECORD_CLOCK,	    /* an administrator vouches for the wall clock */

	/* The record's own: */
	RECORD_MIGRATED,  /* tables of a newer version were made */
	RECORD_KEY,	  /* from here on another key signs */
	RECORD_RECOVERED, /* what opening found and did: torn tail... */
	RECORD_BLOCK,	  /* raw telemetry: record_block() */
	RECORD_RETENTION, /* raw telemetry dropped: record_retain() */

	/* Bodies of these are checked, see kind.h: */
	RECORD_ALARM,
	RECORD_OVERRIDE,  /* a limit or answer set aside: who, why, old, new */
	RECORD_SCREENING, /* the answers, each as given */
	RECORD_CONSENT,
	RECORD_CARTRIDGE, /* a cartridge is used from here on */
	RECORD_COURSE,	  /* a plan of several sessions */
	RECORD_TELEMETRY, /* of a run: least, mean, most, histograms */
	RECORD_ADVERSE_EVENT, /* a form; also the one that says: nothing */
	RECORD_AMENDMENT, /* what an earlier row should have said */

	RECORD_IMPORT, /* the record's own: proof of rows from elsewhere */
	RECORD_CALL,   /* somebody's call changed something: which, and who */
	RECORD_KINDS
};

struct record;

/* What record_open() found. */
struct record_info {
	int64_t rows;
	uint8_t head[RECORD_HASH_LEN];
	uint32_t interrupted; /* sessions it closed as interrupted */
	bool created;
	int64_t migrated_from;	  /* schema version before; 0: none */
	int64_t discarded_frames; /* of a transaction a crash tore */
};

/*
 * Opens or creates the file, checks it, verifies the newest part of the chain
 * (all of a small record), makes what an older version lacks, closes sessions
 * that a crash left open, starts the writer. *out is owned by the caller.
 * Beside the file it keeps FILE-wal (SQLite's), FILE-key (see key.h), FILE-head
 * (anchor.h) and FILE-reserve (reserve.h).
 * Returns 0, or negative errno with one sentence in error:
 * -EUCLEAN the chain or the database is broken (nothing was changed),
 * -EPROTO it was written by a newer version, else the system's error.
 */
int record_open(const char *path, struct record **out, struct record_info *info,
		char error[RECORD_ERROR_LEN]);

/*
 * Renames a record nobody has open, with its WAL and head file, so that the
 * next record_open() makes a new one. Nothing is deleted; the key stays. out
 * is the new name of the file. -EBUSY: it is in use; else the system's error.
 */
int record_set_aside(const char *path, char *out, size_t len);

/* Writes what was accepted, joins the writer, frees. NULL is allowed. */
void record_close(struct record *r);

/* Becomes readable when record_next() has something. Owned by the record. */
int record_fd(const struct record *r);

/*
 * One row to append. session may be NULL; body is a JSON object in text: no
 * duplicate keys, no fractions, at most 16 levels. Its times are taken in
 * record_append().
 *
 * Of the older kinds the record itself reads only these keys: area, concern,
 * patient, depthMicrometres of SESSION_BEGIN; area, depthMicrometres, cartridge
 * of RUN_INTENT; areaPunctures, depthPeakMicrometres, strokes,
 * motorMilliseconds (totals of the session so far) of PROGRESS, RUN_END and
 * SESSION_END; runs, reason of SESSION_END. INTERRUPTED has the body of the
 * last PROGRESS or RUN_END and reason "interrupted", countersRow,
 * motorMayHaveRun.
 */
struct record_row {
	enum record_kind kind;
	const char *session;
	const char *body;
};

/*
 * Posts one row. id comes back in the result. Never blocks.
 * -EAGAIN: the queue is full: treat it as "the record is not writable".
 * -EINVAL: session or body malformed or too long; not what its kind must hold
 * (kind.h); a kind that is the record's own.
 */
int record_append(struct record *r, uint64_t id, const struct record_row *row);

#define RECORD_ABOUT_LEN 96

/* Who, where and with what; empty texts: not asked. */
struct record_about {
	char patient[RECORD_ABOUT_LEN];
	char area[RECORD_ABOUT_LEN];
	char concern[RECORD_ABOUT_LEN];
	char cartridge[RECORD_ABOUT_LEN]; /* as in bodies of RUN_INTENT */
	char lot[RECORD_ABOUT_LEN]; /* as cartridge in bodies of CARTRIDGE */
};

/*
 * Posts a question. -EAGAIN: more than half of the queue is taken; the rest
 * is for rows. The answer is JSON text in the result:
 *  list:    {"sessions":[{sessionId, beginUnixMilliseconds, area, concern,
 *           runs, strokes, motorMilliseconds, state, endReason}...]}
 *           newest first, at most limit; state: open, ended, interrupted
 *  session: {"sessionId":..., "rows":[{row, kind, unixMilliseconds,
 *           monotonicMilliseconds, body, hash}...]}; -ENOENT if unknown
 *  history: {"accepted": {unixMilliseconds, monotonicMilliseconds, sameBoot}:
 *           the latest time at which a session began or the clock was vouched
 *           for, or null; "offsetMilliseconds": least distance of wall clock
 *           and boot time in this boot, since the clock was vouched for;
 *           "cartridgeUsed":bool, says a RUN_INTENT or CARTRIDGE;
 *           "lotUses": CARTRIDGE rows of the lot; "plannedSessions": of the
 *           newest COURSE of this patient, area and concern, or null;
 *           "last": the newest session of this patient in
 *           this area in which the motor was to run: {sessionId,
 *           endUnixMilliseconds, endReason (also open or interrupted),
 *           depthMicrometres, areaPunctures}, or null; "recent": [it and those
 *           before it, at most eight]}
 *  head:    {"rows":n, "head":hex of the newest row, "signedRows":n,
 *           "publicKey":hex, "origin":hex of the first row}
 *  verify:  {"intact":bool, "rows":n, "head":hex, "firstBadRow":n|null,
 *           "damage":text|null, "checkpoints":n, "signedRows":n,
 *           "publicKey":hex}; -EBUSY: rows kept coming, ask again later
 */
int record_list(struct record *r, uint64_t id, unsigned int limit);
int record_session(struct record *r, uint64_t id, const char *session);
int record_history(struct record *r, uint64_t id,
		   const struct record_about *about);
int record_verify(struct record *r, uint64_t id);
int record_head(struct record *r, uint64_t id);

/*
 * What rules ask of the past, answered as above:
 *  treatments: {"treatments":[{sessionId, area, concern,
 *              beginUnixMilliseconds, endUnixMilliseconds,
 *              deepestMicrometres, runs}...]} of this patient, an entry for
 *              each session and area in which a motor was to start, newest
 *              session first
 *  cartridge:  {"uses":[{row, sessionId, unixMilliseconds}...]}: CARTRIDGE and
 *              RUN_INTENT rows that name it
 *  due:        {"prompts":[{sessionId, promptHours, dueUnixMilliseconds,
 *              patient, area, endUnixMilliseconds}...]}, oldest session first:
 *              follow-up forms (ADVERSE_EVENT with this promptHours) that are
 *              due at now and not there
 */
int record_treatments(struct record *r, uint64_t id, const char *patient);
int record_cartridge(struct record *r, uint64_t id, const char *cartridge);
int record_due(struct record *r, uint64_t id, int64_t now_unix_ms);

/*
 * Copies the record to a new file while it is written on. Answer: {"path",
 * "rows", "head", "bytes"}; -EEXIST: there is something of that name.
 */
int record_backup(struct record *r, uint64_t id, const char *path);

/*
 * Posts raw telemetry: a TELEMETRY_BLOCK row with this body (an object; bytes,
 * storedBytes and sha256 are added) and, beside it, the compressed data.
 */
int record_block(struct record *r, uint64_t id, const char *session,
		 const char *body, const void *data, size_t len);
/*
 * Drops raw telemetry older than that, after a RETENTION row that says so.
 * Answer: {"throughRow"}, 0 if there was none. Rows are never dropped.
 */
int record_retain(struct record *r, uint64_t id, int64_t before_unix_ms);

/*
 * What is in such a block, which has to be text. Answer: {"row", "lines":text,
 * or null if it was dropped}; -EINVAL: that row is none of raw telemetry.
 */
int record_telemetry(struct record *r, uint64_t id, int64_t row);

/* Rows to be exported. */
struct record_selection {
	char session[RECORD_SESSION_LEN]; /* empty: of all, and of none */
	int64_t from_unix_ms, until_unix_ms; /* from <= time < until */
};

/*
 * A signed page of them, those behind after_row (0: from the first); see
 * page.h. -ENOENT: no such session.
 */
int record_export(struct record *r, uint64_t id,
		  const struct record_selection *what, int64_t after_row);
/*
 * Takes in a page of another record's export; key may be NULL. Answer and
 * errors: import.h.
 */
int record_import(struct record *r, uint64_t id, const char *page,
		  const char *key);

/* Tries to make the record writable again: error of the result. */
int record_probe(struct record *r, uint64_t id);

struct record_result {
	uint64_t id;
	int error;   /* 0 or negative errno */
	int64_t row; /* of an append */
	char *json;  /* of a question; free() it; else NULL */
};

/* Takes one result. False: none left, record_fd() is quiet again. */
bool record_next(struct record *r, struct record_result *out);

/*
 * False after a failed write until a write succeeded again, and while there is
 * no space reserved for a whole session.
 */
bool record_writable(const struct record *r);
bool record_reserved(const struct record *r); /* the latter alone */

/* A fresh random session id (UUID version 4). */
void record_new_session(char out[RECORD_SESSION_LEN]);

/* 1 to RECORD_PSEUDONYM_MAX letters, digits, dots, dashes, underscores. */
bool record_pseudonym_valid(const char *text);

const char *record_kind_name(enum record_kind kind);

#endif /* MNPEN_RECORD_H */
