/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the record share. Every function asserts. */
#ifndef RECORDTEST_H
#define RECORDTEST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <jansson.h>

#include "daemon/record/record.h"
#include "daemon/record/verify.h"

#define AN_ID "11111111-2222-4333-8444-555555555555"

/* A fresh directory; the path of a record in it that does not exist yet. */
struct place {
	char dir[64];
	char path[96];
};

int place_setup(void **state); /* *state: struct place */
int place_teardown(void **state);

/* The record and its head file, as if neither had ever been. */
void remove_record(const struct place *p);

struct record *open_ok(const struct place *p, struct record_info *info);
/* The next result; waits on record_fd() for at most ten seconds. */
struct record_result next_result(struct record *r);
/* Waits for what was posted (0, or it fails); the answer is the caller's. */
json_t *answer_to(struct record *r, int posted);
/* The integer behind a key; it has to be one. */
json_int_t number(const json_t *json, const char *key);
/* Posts and waits. The error of the result. */
int append(struct record *r, enum record_kind kind, const char *session,
	   const char *body);
void append_ok(struct record *r, enum record_kind kind, const char *session,
	       const char *body);
/* Verifies the closed file with what lies beside it, as mnpen-verify does. */
void verify_path(const char *path, const char *expect,
		 struct verify_report *out);

/* Runs a program; its standard output (cut to len) and exit status. */
int run_program(char *const argv[], char *out, size_t len);
/* A program that lies beside this one. */
void beside(const char *name, char *out, size_t len);

#endif /* RECORDTEST_H */
