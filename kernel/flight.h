/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The flight recorder: the last seconds before a stop that nobody wanted, to
 * be read in debugfs afterwards, also when the program that ran the pen died.
 *
 * Memory is there from probe on. A cause (a fault, or a stop other than USER
 * and DURATION) lets it run MNPEN_FLIGHT_TAIL_MS longer, so that the end of
 * the motion is in it, then it stands still until the next ARM. Packets and
 * notes have a ring each: no program can push packets out by making notes.
 *
 * Those that begin with __ want state_lock held. All do nothing if there is no
 * recorder: without debugfs, or when there was no memory.
 */
#ifndef MNPEN_FLIGHT_H
#define MNPEN_FLIGHT_H

#include <linux/kref.h>
#include <linux/types.h>

#include "proto.h"

struct file;
struct inode;
struct mnpen;

#define MNPEN_FLIGHT_PACKETS	1024	/* 4 s at the pen's fastest, 4 ms */
#define MNPEN_FLIGHT_NOTES	512
#define MNPEN_FLIGHT_TAIL_MS	500	/* the stop ladder takes 300 */
#define MNPEN_FLIGHT_LAST	8	/* packets for last_packets */

enum mnpen_note {
	MNPEN_NOTE_STATE,	/* from, to, reason */
	MNPEN_NOTE_STOP,	/* reason, stage, us since the cause */
	MNPEN_NOTE_FEED,	/* seq, valid_until_us, err */
	MNPEN_NOTE_STOP_OUT,	/* seq, reason, err */
	MNPEN_NOTE_OUT_DONE,	/* 1: STOP, 0: FEED; status */
	MNPEN_NOTE_IN_ERROR,	/* status */
	MNPEN_NOTE_KEEPALIVE,	/* session, lease_ms; many in a row are one */
	MNPEN_NOTE_CMD,		/* request, wValue, err, us */
	MNPEN_NOTE_LIMIT,	/* bit, old, new */
	MNPEN_NOTE_RESET,
};

/* One IN transfer as it came, well formed or not */
struct mnpen_flight_packet {
	u64 ns;			/* CLOCK_MONOTONIC, here and below */
	s16 type;		/* of mnp_packet_type() */
	u16 len;
	u8 raw[MNP_PACKET_LEN];
};

struct mnpen_flight_note {
	u64 ns;
	u16 what;		/* enum mnpen_note */
	u16 again;		/* so many more followed, the last at .ns */
	u32 arg[4];
};

/* What a reader looks at; it does not change. Ends with mnpen_flight_put(). */
struct mnpen_flight_copy {
	struct kref ref;
	int pen;
	u32 reason;		/* enum mnpen_stop_reason, if cause_ns */
	u64 cause_ns;		/* 0: nothing happened since ARM */
	bool ended;		/* nothing is added any more */
	unsigned int packets;
	unsigned int notes;
	struct mnpen_flight_packet packet[MNPEN_FLIGHT_PACKETS];
	struct mnpen_flight_note note[MNPEN_FLIGHT_NOTES];
};

#if IS_ENABLED(CONFIG_DEBUG_FS)
void mnpen_flight_alloc(struct mnpen *m);
void mnpen_flight_free(struct mnpen *m);
void __mnpen_flight_packet(struct mnpen *m, u64 now, const u8 *buf, size_t len,
			   int type);
void __mnpen_flight_note(struct mnpen *m, u64 now, enum mnpen_note what, u32 a,
			 u32 b, u32 c, u32 d);
void __mnpen_flight_trigger(struct mnpen *m, u32 reason, u64 now);
void __mnpen_flight_rearm(struct mnpen *m);
/* NULL: no memory, or no recorder */
struct mnpen_flight_copy *mnpen_flight_get(struct mnpen *m);
void mnpen_flight_put(struct mnpen_flight_copy *copy);
/*
 * The last packet but @back, also when the recorder stands still. False: there
 * were not so many.
 */
bool mnpen_flight_last(struct mnpen *m, unsigned int back,
		       struct mnpen_flight_packet *out);

/* flight_text.c: the file, of @copy, which it takes over */
int mnpen_flight_open(struct file *file, struct mnpen_flight_copy *copy);
int mnpen_flight_release(struct inode *inode, struct file *file);
#else
static inline void mnpen_flight_alloc(struct mnpen *m)
{
}

static inline void mnpen_flight_free(struct mnpen *m)
{
}

static inline void __mnpen_flight_packet(struct mnpen *m, u64 now,
					 const u8 *buf, size_t len, int type)
{
}

static inline void __mnpen_flight_note(struct mnpen *m, u64 now,
				       enum mnpen_note what, u32 a, u32 b,
				       u32 c, u32 d)
{
}

static inline void __mnpen_flight_trigger(struct mnpen *m, u32 reason, u64 now)
{
}

static inline void __mnpen_flight_rearm(struct mnpen *m)
{
}
#endif

#endif /* MNPEN_FLIGHT_H */
