/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pen without USB and without waiting: the clock jumps from one thing that
 * is due to the next, and the host is a few lines of the script.
 *
 *   {"at_ms":100,"host":"arm"}
 *   {"at_ms":110,"host":"run","rate_spm":6000,"depth_um":1000}
 *   {"at_ms":110,"host":"feed","every_ms":50}
 *   {"at_ms":900,"host":"stop","pipe":"out"}
 *
 * Firmware, physics, faults and journal are those of the real pen.
 */
#ifndef MNPEN_EMULATOR_VIRTUAL_H
#define MNPEN_EMULATOR_VIRTUAL_H

#include <jansson.h>
#include <stddef.h>

struct pen;
struct transport;

/* As ffs_create(). */
int virtual_create(struct transport **out, struct pen *pen);
/* Until a "quit", or a second after the last step. 0 or -errno. */
int virtual_run(struct pen *pen);

/* 0, or -1 and in @why what is wrong with a "host" line. */
int virtual_check(json_t *request, char *why, size_t size);
/* Does a line that was checked; a reply as of commands_do(). */
json_t *virtual_do(struct pen *pen, json_t *request);

#endif /* MNPEN_EMULATOR_VIRTUAL_H */
