/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pen that lies: broken descriptors and answers out of a table, or random
 * behaviour from a seed. The firmware below it stays what it is; this stands
 * between it and the wire.
 *
 * In pen->hostile, guarded by pen->lock like the rest. Every function takes
 * NULL for a pen that behaves.
 */
#ifndef MNPEN_EMULATOR_HOSTILE_H
#define MNPEN_EMULATOR_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/emulator/firmware.h"

struct hostile;
struct pen;

#define HOSTILE_REPLY_MAX	4096	/* room that a reply must have */
#define HOSTILE_SILENT		(-115)	/* -EINPROGRESS: no answer, ever */

/* One table entry for each; what it breaks in one sentence. */
void hostile_list(FILE *out);

/*
 * @what: number or name of a set, or "random", which unplugs and replugs by
 * itself. 0, -EINVAL (no such set), or -errno. Takes effect with the next
 * transfer; unplug first to have the descriptors read.
 */
int hostile_create(struct hostile **out, struct pen *pen, const char *what,
		   uint64_t seed);
void hostile_destroy(struct hostile *h);

/* A host begins to talk to the pen: a new cable, a new story. */
void hostile_plugged(struct hostile *h);

/*
 * What becomes of the answer to a control request. @n: length of the true
 * answer in @data, or negative; returns the length to send, a negative errno
 * as the status of the transfer (-EPIPE: STALL), or HOSTILE_SILENT.
 */
int hostile_control(struct hostile *h, const struct fw_setup *s, uint8_t *data,
		    int n);

struct hostile_in {
	uint8_t data[MNP_PACKET_LEN];
	size_t len;
	int status;		/* not 0: the transfer fails with it */
};

/*
 * What becomes of an IN packet of up to MNP_PACKET_LEN bytes. False: it is not sent
 * at all.
 */
bool hostile_in(struct hostile *h, const uint8_t *packet, size_t len,
		struct hostile_in *in);
/* Answer the host's next IN transfer at once, with whatever is at hand? */
bool hostile_flood(struct hostile *h);

/* Shared by hostile.c and hostile_sets.c. */
struct hostile_set;
const struct hostile_set *hostile_set_find(const char *what);
const struct hostile_set *hostile_set_at(unsigned int index);
unsigned int hostile_set_count(void);
const char *hostile_set_name(const struct hostile_set *set);
int hostile_set_apply(const struct hostile_set *set, const struct fw_setup *s,
		      uint8_t *data, int n);
/* Makes the checksum of an answer or a packet right, if it has one. */
void hostile_seal(const struct fw_setup *s, uint8_t *data, int n);

#endif /* MNPEN_EMULATOR_HOSTILE_H */
