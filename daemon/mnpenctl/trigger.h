/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a capture begins: "motor_ma>600", "depth_um!=0", "state=running",
 * "event=stopped" (the event's words begin so). It fires where it becomes true,
 * not where it is true from the start.
 */
#ifndef MNPENCTL_TRIGGER_H
#define MNPENCTL_TRIGGER_H

#include "daemon/mnpenctl/samples.h"

enum trigger_sign {
	TRIGGER_ABOVE,
	TRIGGER_BELOW,
	TRIGGER_AT_LEAST,
	TRIGGER_AT_MOST,
	TRIGGER_EQUAL,
	TRIGGER_UNEQUAL,
};

enum trigger_kind {
	TRIGGER_FIELD,
	TRIGGER_STATE,
	TRIGGER_EVENT,
};

struct trigger {
	enum trigger_kind kind;
	enum trigger_sign sign;
	enum sample_field field;
	int64_t value;
	char word[64];
	bool seen_false;
};

/* False: it is not one; why is a sentence's middle: "no field is called x". */
bool trigger_parse(const char *text, struct trigger *out, char why[160]);

/* True once, at the sample where it became true. */
bool trigger_fires(struct trigger *t, const struct sample *s);

#endif /* MNPENCTL_TRIGGER_H */
