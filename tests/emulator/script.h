/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A script: control commands with a time, one JSON object per line.
 *
 *   {"at_ms":1500,"do":"fault","name":"stall","for_ms":500}
 *   {"after":"motor-on","at_ms":20,"do":"unplug"}
 *
 * at_ms counts from the start of the pen, by its own clock; with "after" from
 * the first such event. Empty lines and lines that start with # are skipped.
 * Called in the loop's thread with the pen locked.
 */
#ifndef MNPEN_EMULATOR_SCRIPT_H
#define MNPEN_EMULATOR_SCRIPT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct pen;
struct fw_note;
struct script;

/*
 * Reads all of it before anything happens: 0, or -EINVAL after one line on
 * standard error. @virtual: "host" lines are allowed.
 */
int script_open(struct script **out, const char *path, bool virtual);
void script_close(struct script *s);
/* The pen has started: its time is zero. */
void script_begin(struct script *s, uint64_t now_us);
/* Something happened that steps may wait for. */
void script_note(struct script *s, const struct fw_note *note);
/*
 * Does what is due. 0, or -1 after one line on standard error: a step was
 * refused. NULL is a script without steps.
 */
int script_run(struct script *s, struct pen *pen, uint64_t now_us);
/* UINT64_MAX: nothing is left but steps that wait for what may never come. */
uint64_t script_next_us(struct script *s);

#endif /* MNPEN_EMULATOR_SCRIPT_H */
