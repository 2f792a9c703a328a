/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control socket of the software pen: one JSON object per line in, one out.
 *
 * Replies are {"ok":true,...} or {"ok":false,"error":"..."}; mnpen-emulator(1)
 * lists the commands. Runs in the loop's thread with the pen locked; only the
 * answers to "wait" may be written by the transport's thread, pen locked too.
 */
#ifndef MNPEN_EMULATOR_CONTROL_H
#define MNPEN_EMULATOR_CONTROL_H

#include "tests/emulator/pen.h"

struct control;

/* Binds @path, replacing a socket nobody serves. 0 or -errno. */
int control_open(struct control **out, struct pen *pen, const char *path);
/* Says good-bye to waiting clients and removes the socket. */
void control_close(struct control *c);

#endif /* MNPEN_EMULATOR_CONTROL_H */
