/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What clients may ask: the methods of io.mnpen.Pen and who may call them. */
#ifndef MNPEND_METHODS_H
#define MNPEND_METHODS_H

#include "daemon/catalogue/judge.h"
#include "daemon/mnpend/mnpend.h"
#include "daemon/varlink/server.h"

/* The table: ctx of every method is the struct mnpend. */
extern const struct varlink_method methods[];

/* A call was answered with an error: kept for Why. */
void methods_refused(const struct varlink_call *call, const char *error,
		     const json_t *parameters, void *ctx);

/* A call changed something: into the record with it, and with who called. */
void methods_changed(const struct varlink_call *call, void *ctx);

/* A connection is gone: whatever it controlled stops. */
void methods_gone(const struct varlink_peer *peer, void *ctx);

/* Methods of catalogue and record, in methods_data.c. */
void method_get_catalogue(struct varlink_call *call, json_t *p, void *ctx);
void method_list_record(struct varlink_call *call, json_t *p, void *ctx);
void method_get_record(struct varlink_call *call, json_t *p, void *ctx);
void method_get_head(struct varlink_call *call, json_t *p, void *ctx);
void method_get_telemetry(struct varlink_call *call, json_t *p, void *ctx);
void method_verify_record(struct varlink_call *call, json_t *p, void *ctx);

/* methods_record.c */
void method_export_record(struct varlink_call *call, json_t *p, void *ctx);
void method_import_record(struct varlink_call *call, json_t *p, void *ctx);
void method_backup_record(struct varlink_call *call, json_t *p, void *ctx);

/* methods_forms.c */
void method_list_due(struct varlink_call *call, json_t *p, void *ctx);
void method_add_follow_up(struct varlink_call *call, json_t *p, void *ctx);
void method_amend_row(struct varlink_call *call, json_t *p, void *ctx);

/* What changes nothing either: methods_plan.c, methods_care.c. */
void method_judge_screening(struct varlink_call *call, json_t *p, void *ctx);
void method_plan_course(struct varlink_call *call, json_t *p, void *ctx);
void method_why(struct varlink_call *call, json_t *p, void *ctx);
void method_get_aftercare(struct varlink_call *call, json_t *p, void *ctx);

/* BeginSession, in methods_begin.c. */
void method_begin_session(struct varlink_call *call, json_t *p, void *ctx);

struct pen;
/* []LimitInForce: of the session, else those that hold without one. */
json_t *methods_limits_json(const struct pen *pen);
/* The pen named by "penId", or NULL after answering the call. */
struct pen *methods_pen(struct varlink_call *call, json_t *p, void *ctx);
/*
 * Has the object no members but these, with blanks between? What the interface
 * does not know may be anything, and may not get into the record.
 */
bool methods_only(json_t *o, const char *names);
#define METHODS_CODE_MAX	48	/* bytes of a client's code in a refusal */
/* How many of them are whole characters: half a one is in no JSON. */
int methods_code_len(const char *code);
#define METHODS_ANSWERS_MAX	512

/*
 * Answers to screening questions, up to METHODS_ANSWERS_MAX; their codes are
 * borrowed. False: it is no list of such answers.
 */
bool methods_answers(const json_t *list, struct judge_answer *answers);
/*
 * skinType, ageYears, treatedBefore and thinSkin of @p; what is left out is
 * not known. False: the call was answered.
 */
bool methods_facts(struct varlink_call *call, json_t *p,
		   struct catalogue_patient *out);
/* Answers SessionNotFound. */
void methods_no_such_session(struct varlink_call *call, const char *session);
/* An integer parameter in 0..UINT32_MAX, or false after answering. */
bool methods_u32(struct varlink_call *call, json_t *p, const char *name,
		 uint32_t *out);
/* An optional text of at most max bytes; NULL if absent; false: answered. */
bool methods_text(struct varlink_call *call, json_t *p, const char *name,
		  bool required, size_t max, const char **out);

#endif /* MNPEND_METHODS_H */
