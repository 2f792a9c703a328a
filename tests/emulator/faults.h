/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that can be made to go wrong with the pen, by name.
 *
 * One table (faults_table.c) has names, parameters, and how each fault starts
 * and ends; parser, list and manual page go by it. Requests are JSON objects:
 * {"do":"fault","name":"stall","for_ms":500} and {"do":"heal","name":"stall"}.
 * Called in the loop's thread with the pen locked.
 */
#ifndef MNPEN_EMULATOR_FAULTS_H
#define MNPEN_EMULATOR_FAULTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct pen;

#define FAULTS_PARAMS	4
#define FAULTS_TEXT	32
#define FAULTS_ACTIVE	64
#define FAULTS_FOR_MAX_MS	86400000	/* a day */

enum fault_param_type { FAULT_NUMBER, FAULT_CHOICE, FAULT_SERIAL };

struct fault_param {
	const char *name;	/* NULL: end of the list */
	enum fault_param_type type;
	const char *unit;	/* NUMBER */
	int64_t min, max;	/* NUMBER */
	const char *const *choices;	/* CHOICE: NULL-terminated */
	bool optional;		/* then @standard */
	int64_t standard;
};

/* Values in the order of the parameters; a CHOICE by its index. */
struct fault_values {
	int64_t n[FAULTS_PARAMS];
	char text[FAULTS_TEXT];
};

struct fault_kind {
	const char *name;
	const char *what;	/* one sentence */
	struct fault_param params[FAULTS_PARAMS + 1];
	/* Ends by itself after this; 0: stays until healed or for_ms. */
	uint32_t for_ms;
	/* NULL, or why it cannot be. stop NULL: nothing is left to undo. */
	const char *(*start)(struct pen *pen, const struct fault_values *v);
	const char *(*stop)(struct pen *pen, const struct fault_values *v);
};

extern const struct fault_kind fault_kinds[];	/* ends with name NULL */

struct fault_active {
	const struct fault_kind *kind;
	struct fault_values values;
	uint64_t until_us;	/* UINT64_MAX: until healed */
};

struct faults {
	struct fault_active active[FAULTS_ACTIVE];
	unsigned int count;
};

/*
 * All three: 0, or -1 and the reason in @why. _check only looks whether the
 * request is in order. _heal without "name" heals everything.
 */
int faults_check(json_t *request, char *why, size_t size);
int faults_start(struct pen *pen, json_t *request, char *why, size_t size);
int faults_heal(struct pen *pen, json_t *request, char *why, size_t size);
void faults_heal_all(struct pen *pen);

/* Ends what is over; when that happens next. */
void faults_run(struct pen *pen, uint64_t now_us);
uint64_t faults_next_us(const struct faults *f);

void faults_list(FILE *out);

#endif /* MNPEN_EMULATOR_FAULTS_H */
