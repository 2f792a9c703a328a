// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/varlink/outq.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void outq_init(struct outq *q)
{
	memset(q, 0, sizeof(*q));
	STAILQ_INIT(&q->list);
}

bool outq_empty(const struct outq *q)
{
	return STAILQ_EMPTY(&q->list);
}

size_t outq_bytes(const struct outq *q)
{
	size_t sum = 0;

	for (int i = 0; i < OUTQ_CLASSES; i++)
		sum += q->bytes[i];
	return sum;
}

int outq_add(struct outq *q, enum outq_class class, const char *data,
	     size_t len, size_t sent, int64_t sequence, uint64_t now_us)
{
	struct outq_msg *msg = malloc(sizeof(*msg) + len);

	if (!msg)
		return -ENOMEM;
	msg->class = class;
	msg->since_us = now_us;
	msg->sequence = sequence;
	msg->len = len;
	msg->sent = sent;
	memcpy(msg->data, data, len);
	STAILQ_INSERT_TAIL(&q->list, msg, link);
	q->bytes[class] += len - sent;
	return 0;
}

int outq_vectors(const struct outq *q, struct iovec *vec, int max)
{
	struct outq_msg *msg;
	int n = 0;

	STAILQ_FOREACH(msg, &q->list, link) {
		if (n == max)
			break;
		vec[n].iov_base = msg->data + msg->sent;
		vec[n].iov_len = msg->len - msg->sent;
		n++;
	}
	return n;
}

static void outq_pop(struct outq *q)
{
	struct outq_msg *msg = STAILQ_FIRST(&q->list);

	q->bytes[msg->class] -= msg->len - msg->sent;
	STAILQ_REMOVE_HEAD(&q->list, link);
	free(msg);
}

void outq_sent(struct outq *q, size_t n, int64_t *sequence)
{
	struct outq_msg *msg;

	while (n > 0) {
		msg = STAILQ_FIRST(&q->list);
		if (n < msg->len - msg->sent) {
			msg->sent += n;
			q->bytes[msg->class] -= n;
			return;
		}
		n -= msg->len - msg->sent;
		if (msg->sequence != OUTQ_NO_SEQUENCE)
			*sequence = msg->sequence;
		outq_pop(q);
	}
}

uint64_t outq_oldest_us(const struct outq *q, enum outq_class class)
{
	struct outq_msg *msg;

	if (q->bytes[class] == 0)
		return 0;
	STAILQ_FOREACH(msg, &q->list, link) {
		if (msg->class == class)
			return msg->since_us;
	}
	return 0;
}

void outq_move(struct outq *q, struct outq *from)
{
	STAILQ_CONCAT(&q->list, &from->list);
	for (int i = 0; i < OUTQ_CLASSES; i++) {
		q->bytes[i] += from->bytes[i];
		from->bytes[i] = 0;
	}
}

void outq_drop(struct outq *q, int64_t *sequence)
{
	struct outq_msg *partial = STAILQ_FIRST(&q->list);

	if (partial && partial->sent > 0) {
		STAILQ_REMOVE_HEAD(&q->list, link);
		q->bytes[partial->class] -= partial->len - partial->sent;
	} else {
		partial = NULL;
	}
	outq_clear(q);
	if (!partial)
		return;
	if (partial->sequence != OUTQ_NO_SEQUENCE)
		*sequence = partial->sequence;
	STAILQ_INSERT_HEAD(&q->list, partial, link);
	q->bytes[partial->class] += partial->len - partial->sent;
}

void outq_clear(struct outq *q)
{
	while (!outq_empty(q))
		outq_pop(q);
}
