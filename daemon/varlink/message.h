/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One call as it came from the wire, parsed and checked. Strict on purpose:
 * whatever two JSON readers might understand differently is refused.
 */
#ifndef MNPEN_VARLINK_MESSAGE_H
#define MNPEN_VARLINK_MESSAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* The largest whole number that every JSON reader keeps exact. */
#define MESSAGE_INT_MAX	((json_int_t)9007199254740991)

struct message {
	json_t *root;		/* owned; the rest is borrowed from it */
	const char *method;
	json_t *parameters;	/* an object, never NULL */
	bool more, oneway, upgrade;
};

/*
 * Returns NULL and fills msg, or says in a few fixed words what is wrong; then
 * msg holds nothing. The words never contain what the peer sent.
 */
const char *message_parse(const char *data, size_t len, struct message *msg);
void message_clear(struct message *msg);

#endif /* MNPEN_VARLINK_MESSAGE_H */
