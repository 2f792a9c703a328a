/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Extends the pen's 16-bit packet counter to 32 bit and tells repeats, gaps
 * and restarts apart. Pure; also compiled by the unit tests.
 */
#ifndef MNPEN_SEQ_H
#define MNPEN_SEQ_H

#include <linux/types.h>

#ifndef __KERNEL__
#include <stdbool.h>
#endif

/* So many old numbers in a row are a pen that started over. */
#define MNPEN_SEQ_OLD_MAX	8

struct mnpen_seq {
	bool valid;
	bool forget;		/* the next number starts over, whatever it is */
	__u8 old;		/* packets in a row that were not newer */
	__u32 seq;		/* last accepted, extended */
};

enum mnpen_seq_verdict {
	MNPEN_SEQ_NEXT,
	MNPEN_SEQ_GAP,		/* accepted, some were lost before */
	MNPEN_SEQ_RESTART,	/* accepted, the numbering started over */
	MNPEN_SEQ_OLD,		/* a repeat: to be dropped, proves no life */
};

/* Accepts @seq even if old: the pen is known to have rebooted. */
static inline void mnpen_seq_restart(struct mnpen_seq *s, __u16 seq)
{
	/* Next block of 2^16, so that the 32-bit number never goes back. */
	if (s->valid)
		s->seq = (s->seq | 0xffff) + 1 + seq;
	else
		s->seq = seq;
	s->valid = true;
	s->forget = false;
	s->old = 0;
}

/* The pen was reset: its numbering goes on from anywhere. */
static inline void mnpen_seq_forget(struct mnpen_seq *s)
{
	s->forget = s->valid;
}

static inline enum mnpen_seq_verdict mnpen_seq_extend(struct mnpen_seq *s,
						      __u16 seq)
{
	__s16 step = (__s16)(__u16)(seq - (__u16)s->seq);

	if (!s->valid) {
		mnpen_seq_restart(s, seq);
		return MNPEN_SEQ_NEXT;
	}
	if (s->forget) {
		mnpen_seq_restart(s, seq);
		return MNPEN_SEQ_RESTART;
	}
	if (step <= 0) {
		if (++s->old < MNPEN_SEQ_OLD_MAX)
			return MNPEN_SEQ_OLD;
		mnpen_seq_restart(s, seq);
		return MNPEN_SEQ_RESTART;
	}
	s->old = 0;
	s->seq += step;
	return step == 1 ? MNPEN_SEQ_NEXT : MNPEN_SEQ_GAP;
}

#endif /* MNPEN_SEQ_H */
