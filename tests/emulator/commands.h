/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the control socket can be asked to do, without the socket.
 */
#ifndef MNPEN_EMULATOR_COMMANDS_H
#define MNPEN_EMULATOR_COMMANDS_H

#include <jansson.h>

#include "tests/emulator/pen.h"

/* A condition on a journal line: every key of @pattern must be equal. */
struct wait_for {
	json_t *pattern;	/* owned */
	unsigned int timeout_ms;
};

/*
 * Does @request. Returns the reply (owned by the caller), or NULL if the
 * reply has to wait for a journal line; then *@wait is filled. @wait NULL: it
 * is a script that asks, and scripts cannot wait.
 */
json_t *commands_do(struct pen *pen, json_t *request, struct wait_for *wait);
/* 0, or -1 and in @why what is wrong with it; does nothing. */
int commands_check(json_t *request, char *why, size_t size);
bool commands_line_matches(json_t *pattern, json_t *line);
/* {"ok":false,"error":...}; printf-like. */
json_t *commands_error(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

#endif /* MNPEN_EMULATOR_COMMANDS_H */
