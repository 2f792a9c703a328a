/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the driver shows of itself. Each call stands where something happens
 * and feeds tracepoint, statistics and flight recorder; none can fail, and
 * nothing is decided by any of it.
 *
 * Those that begin with __ want state_lock held, the others take it.
 */
#ifndef MNPEN_WATCH_H
#define MNPEN_WATCH_H

#include <linux/types.h>

#include "limits.h"
#include "proto.h"
#include "state.h"

struct mnpen;

/* How far a stop got. */
enum mnpen_stage {
	MNPEN_STAGE_CAUSE,	/* the reason arose */
	MNPEN_STAGE_OUT,	/* STOP is on the wire */
	MNPEN_STAGE_EP0,	/* not obeyed: STOP by the control endpoint */
	MNPEN_STAGE_RESET,	/* nor that: a reset is asked for */
	MNPEN_STAGE_REST,	/* the pen reported rest */
};

enum mnpen_client_op {
	MNPEN_CLIENT_OPEN,
	MNPEN_CLIENT_CLOSE,
	MNPEN_CLIENT_SUBSCRIBE,
	MNPEN_CLIENT_ACQUIRE,
	MNPEN_CLIENT_RELEASE,
};

/* A step of the state machine that is about to be carried out */
void __mnpen_watch_step(struct mnpen *m, enum mnpen_state_event event,
			const struct mnpen_step *step, u32 reason);
/* FEED or STOP, handed to the bus (@err 0) or not */
void __mnpen_watch_out(struct mnpen *m, const struct mnp_out *out, int err);
/* ... and come back */
void __mnpen_watch_out_done(struct mnpen *m, bool stop, int status);
/* A packet, before anything is made of it. @type: of mnp_packet_type() */
void __mnpen_watch_packet(struct mnpen *m, const u8 *buf, size_t len, int type,
			  u64 now);
/* An IN transfer that failed */
void __mnpen_watch_in_error(struct mnpen *m, int status);
/* ARM begins: what was recorded of the last stop goes. */
void __mnpen_watch_arm(struct mnpen *m);
void __mnpen_watch_keepalive(struct mnpen *m, u64 now);
/* LOWER_LIMITS made @ret of @old: MNPEN_LIMIT_* bits, or negative errno. */
void __mnpen_watch_limits(struct mnpen *m, const struct mnp_limits *old,
			  int ret);
/* A reset of the pen begins. */
void __mnpen_watch_reset(struct mnpen *m);
/* A control transfer that began at @begin_ns is over. */
void mnpen_watch_cmd(struct mnpen *m, u8 req, u16 value, u16 len, int err,
		     u64 begin_ns);
void mnpen_watch_client(struct mnpen *m, enum mnpen_client_op op, u32 flags);

#endif /* MNPEN_WATCH_H */
