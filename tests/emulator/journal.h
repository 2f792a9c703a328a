/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Journal of the software pen: what the tests judge by.
 *
 * One JSON object per line, flushed, with the pen's own unwrapped clock. The
 * "motor" lines are the verdict: the drive is off at the t_us they name.
 */
#ifndef MNPEN_EMULATOR_JOURNAL_H
#define MNPEN_EMULATOR_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "tests/emulator/firmware.h"

struct journal;

/* A line as it was written; borrowed. */
typedef void (*journal_listen_fn)(void *ctx, json_t *line);
/* For journal_replay(): true ends it. */
typedef bool (*journal_match_fn)(void *ctx, json_t *line);

/* @path NULL: standard output. Returns 0 or -errno; close frees. */
int journal_open(struct journal **out, const char *path);
void journal_close(struct journal *j);
/* One listener; it may not write to the journal. */
void journal_listen(struct journal *j, journal_listen_fn fn, void *ctx);

void journal_note(struct journal *j, const struct fw_note *note);
void journal_mark(struct journal *j, uint64_t t_us, const char *label);
/* Any other line; takes @more, an object or NULL, and adds it. */
void journal_line(struct journal *j, uint64_t t_us, const char *ev,
		  json_t *more);
/* Adds what the sensors say to a line. */
void journal_readings(json_t *line, const struct mnp_telemetry *t);
/*
 * Shows the lines kept in memory (the last 256) that are not older than
 * @since_us, oldest first, until @fn says true. Returns whether it did.
 */
bool journal_replay(struct journal *j, uint64_t since_us, journal_match_fn fn,
		    void *ctx);

/* Names used in the journal and by the control socket; "?" if unknown. */
const char *journal_state_name(unsigned int state);
const char *journal_reason_name(unsigned int reason);
/* Of enum mnp_result_code, as it is or negated. */
const char *journal_result_name(int code);
/* New array with the names of the bits. */
json_t *journal_fault_names(uint32_t bits);

#endif /* MNPEN_EMULATOR_JOURNAL_H */
