/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of a JSON object, whatever it is. */
#ifndef MNPENCTL_JS_H
#define MNPENCTL_JS_H

#include <jansson.h>
#include <stdint.h>

/* "" and 0 when missing, or of another type. Strings are borrowed. */
const char *js_string(const json_t *object, const char *key);
int64_t js_int(const json_t *object, const char *key);

#endif /* MNPENCTL_JS_H */
