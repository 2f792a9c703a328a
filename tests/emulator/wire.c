// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/wire.h"

#include <string.h>

#include "kernel/proto.h"

void wire_init(struct wire *w, uint64_t seed)
{
	memset(w, 0, sizeof(*w));
	w->random = seed;
}

/* splitmix64, as the firmware's. */
static uint32_t next_random(struct wire *w)
{
	uint64_t z = w->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(z >> 32);
}

/* Full: the new one is lost, as in any queue of hardware. */
static void queue(struct wire_lane *lane, const struct wire_packet *p)
{
	if (lane->count < WIRE_QUEUE)
		lane->queue[(lane->head + lane->count++) % WIRE_QUEUE] = *p;
}

static void corrupt(struct wire *w, struct wire_packet *p, uint32_t ppm)
{
	size_t bit;

	for (bit = 0; bit < 8 * p->len; bit++)
		if (next_random(w) % 1000000 < ppm)
			p->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
}

static void tear(const struct wire_lane *lane, struct wire_packet *p)
{
	size_t from = p->len / 2;

	if (lane->before.len == p->len)
		memcpy(p->data + from, lane->before.data + from, p->len - from);
}

static void seal(struct wire_packet *p)
{
	uint16_t crc = mnp_crc16(p->data, p->len - 2);

	p->data[p->len - 2] = crc & 0xff;
	p->data[p->len - 1] = crc >> 8;
}

static void shift_seq(struct wire_packet *p, enum wire_pipe pipe, int32_t by)
{
	size_t at = pipe == WIRE_IN ? 2 : 4;
	uint16_t seq;

	if (p->len < at + 4)
		return;
	seq = (uint16_t)(p->data[at] | p->data[at + 1] << 8);
	seq = (uint16_t)(seq + by);
	p->data[at] = seq & 0xff;
	p->data[at + 1] = seq >> 8;
	seal(p);
}

static void set_length(struct wire_packet *p, size_t len)
{
	if (len > p->len)
		memset(p->data + p->len, 0, len - p->len);
	p->len = len;
}

/* Does it hit this packet? Draws only if it is on: seeds stay comparable. */
static bool hits(struct wire *w, enum wire_pipe pipe, enum wire_damage damage)
{
	const struct wire_fault *f = &w->lanes[pipe].faults[damage];

	return f->on && (f->percent >= 100 ||
			 next_random(w) % 100 < f->percent);
}

static void damage_bytes(struct wire *w, enum wire_pipe pipe,
			 struct wire_packet *p)
{
	struct wire_lane *lane = &w->lanes[pipe];
	struct wire_packet whole = *p;

	if (hits(w, pipe, WIRE_BAD_SEQ))
		shift_seq(p, pipe, lane->faults[WIRE_BAD_SEQ].amount);
	if (hits(w, pipe, WIRE_TEAR))
		tear(lane, p);
	if (hits(w, pipe, WIRE_CORRUPT))
		corrupt(w, p, (uint32_t)lane->faults[WIRE_CORRUPT].amount);
	if (hits(w, pipe, WIRE_BAD_CRC) && p->len)
		p->data[p->len - 1] ^= 0x55;
	if (hits(w, pipe, WIRE_LENGTH))
		set_length(p, (size_t)lane->faults[WIRE_LENGTH].amount);
	lane->before = whole;
}

void wire_put(struct wire *w, enum wire_pipe pipe, uint64_t now_us,
	      const uint8_t *data, size_t len)
{
	struct wire_lane *lane = &w->lanes[pipe];
	struct wire_packet p = { .due_us = now_us, .len = len };

	if (len > WIRE_PACKET_MAX)
		p.len = WIRE_PACKET_MAX;
	memcpy(p.data, data, p.len);
	if (hits(w, pipe, WIRE_DROP))
		return;
	damage_bytes(w, pipe, &p);
	if (hits(w, pipe, WIRE_DELAY))
		p.due_us += (uint64_t)lane->faults[WIRE_DELAY].amount * 1000;
	if (!lane->holding && hits(w, pipe, WIRE_REORDER)) {
		lane->held = p;
		lane->holding = true;
		return;
	}
	queue(lane, &p);
	if (hits(w, pipe, WIRE_DUPLICATE))
		queue(lane, &p);
	wire_settle(w, pipe, p.due_us);
}

void wire_settle(struct wire *w, enum wire_pipe pipe, uint64_t now_us)
{
	struct wire_lane *lane = &w->lanes[pipe];

	if (!lane->holding)
		return;
	lane->holding = false;
	if (lane->held.due_us < now_us)
		lane->held.due_us = now_us;
	queue(lane, &lane->held);
}

bool wire_get(struct wire *w, enum wire_pipe pipe, uint64_t now_us,
	      struct wire_packet *out)
{
	struct wire_lane *lane = &w->lanes[pipe];

	if (wire_due_us(w, pipe) > now_us)
		return false;
	*out = lane->queue[lane->head];
	lane->head = (lane->head + 1) % WIRE_QUEUE;
	lane->count--;
	return true;
}

/* In the order of the queue: what is late delays what is behind it. */
uint64_t wire_due_us(const struct wire *w, enum wire_pipe pipe)
{
	const struct wire_lane *lane = &w->lanes[pipe];

	return lane->count && !lane->blocked ? lane->queue[lane->head].due_us :
					       UINT64_MAX;
}

void wire_clear(struct wire *w)
{
	int i;

	for (i = 0; i < WIRE_PIPES; i++) {
		w->lanes[i].count = 0;
		w->lanes[i].holding = false;
	}
}
