/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages that the socket did not take at once, in order, with what the
 * bounds need: bytes and age per class. Holds memory, does no I/O.
 */
#ifndef MNPEN_VARLINK_OUTQ_H
#define MNPEN_VARLINK_OUTQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/uio.h>

enum outq_class {
	OUTQ_REPLY,		/* final replies and errors */
	OUTQ_EVENT,
	OUTQ_TELEMETRY,
	OUTQ_CLASSES
};

#define OUTQ_NO_SEQUENCE	(-1)

struct outq_msg {
	STAILQ_ENTRY(outq_msg) link;
	enum outq_class class;
	uint64_t since_us;	/* monotonic, when it was queued */
	int64_t sequence;	/* or OUTQ_NO_SEQUENCE */
	size_t len, sent;
	char data[];
};

struct outq {
	STAILQ_HEAD(outq_list, outq_msg) list;
	size_t bytes[OUTQ_CLASSES];	/* not yet sent */
};

void outq_init(struct outq *q);
bool outq_empty(const struct outq *q);
size_t outq_bytes(const struct outq *q);
/* Copies the message, of which the first sent bytes are out. 0 or -ENOMEM. */
int outq_add(struct outq *q, enum outq_class class, const char *data,
	     size_t len, size_t sent, int64_t sequence, uint64_t now_us);
/* Points up to max vectors at the oldest unsent bytes; returns how many. */
int outq_vectors(const struct outq *q, struct iovec *vec, int max);
/*
 * n bytes went out. *sequence becomes that of the last message that went out
 * whole and has one.
 */
void outq_sent(struct outq *q, size_t n, int64_t *sequence);
/* When the oldest unsent message of a class was queued; 0 when there is none. */
uint64_t outq_oldest_us(const struct outq *q, enum outq_class class);
/* Appends everything in from to q. */
void outq_move(struct outq *q, struct outq *from);
/*
 * Forgets all but a message that is partly out, which must be completed or the
 * stream loses its framing; *sequence as in outq_sent(), as if it were out.
 */
void outq_drop(struct outq *q, int64_t *sequence);
void outq_clear(struct outq *q);

#endif /* MNPEN_VARLINK_OUTQ_H */
