/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens to packets between firmware and host, on demand: lost, twice,
 * late, in the wrong order, damaged. And to requests: no answer, or a STALL.
 *
 * Pure: no clock, no I/O. Everything random comes from the seed. With no
 * fault set a packet comes out at once and as it went in.
 */
#ifndef MNPEN_EMULATOR_WIRE_H
#define MNPEN_EMULATOR_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_PACKET_MAX	64
#define WIRE_QUEUE	128

enum wire_pipe { WIRE_IN, WIRE_OUT, WIRE_PIPES };

enum wire_damage {
	WIRE_DROP,
	WIRE_DUPLICATE,
	WIRE_REORDER,		/* changes places with the next one */
	WIRE_DELAY,
	WIRE_CORRUPT,		/* bits flip */
	WIRE_TEAR,		/* front new, rest of the packet before */
	WIRE_BAD_CRC,
	WIRE_BAD_SEQ,		/* another sequence number, CRC right */
	WIRE_LENGTH,
	WIRE_DAMAGES,
};

struct wire_fault {
	bool on;
	uint32_t percent;	/* of the packets */
	int32_t amount;		/* DELAY ms, CORRUPT ppm, BAD_SEQ +, LENGTH */
};

struct wire_packet {
	uint64_t due_us;
	size_t len;
	uint8_t data[WIRE_PACKET_MAX];
};

struct wire_lane {
	struct wire_fault faults[WIRE_DAMAGES];
	struct wire_packet queue[WIRE_QUEUE];
	unsigned int head, count;
	bool holding;			/* REORDER: one waits for the next */
	struct wire_packet held;
	struct wire_packet before;	/* TEAR: what went last */
	bool blocked;			/* the endpoint NAKs */
};

enum wire_answer { WIRE_ANSWER, WIRE_NAK, WIRE_STALL };

/* Beside enum mnp_result_code, negated: what a request gets from the wire. */
#define WIRE_NAKED	1000	/* no answer at all */
#define WIRE_STALLED	1001

struct wire {
	uint64_t random;
	struct wire_lane lanes[WIRE_PIPES];
	uint8_t requests[256];		/* enum wire_answer by bRequest */
	bool ignore_stop_out;
	bool ignore_stop_ep0;
};

void wire_init(struct wire *w, uint64_t seed);
/* A packet goes in; what comes out, and when, is up to the faults. */
void wire_put(struct wire *w, enum wire_pipe pipe, uint64_t now_us,
	      const uint8_t *data, size_t len);
/* True and the packet, if one is due and the endpoint takes it. */
bool wire_get(struct wire *w, enum wire_pipe pipe, uint64_t now_us,
	      struct wire_packet *out);
/* When wire_get() will have something; UINT64_MAX: nothing on its way. */
uint64_t wire_due_us(const struct wire *w, enum wire_pipe pipe);
/* The cable is out: nothing is on its way any more. */
void wire_clear(struct wire *w);
/* Lets go of what waited for a next one; after a fault was taken away. */
void wire_settle(struct wire *w, enum wire_pipe pipe, uint64_t now_us);

#endif /* MNPEN_EMULATOR_WIRE_H */
