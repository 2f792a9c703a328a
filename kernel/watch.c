// SPDX-License-Identifier: GPL-2.0-only
/* What the driver shows of itself; see watch.h. */
#include <linux/ktime.h>

#include "compat.h"
#include "flight.h"
#include "mnpen.h"
#include "trace.h"
#include "watch.h"

static void stop_stage(struct mnpen *m, u32 reason, enum mnpen_stage stage,
		       u64 begin_ns, u64 now)
{
	u32 us = begin_ns ? mnpen_us_since(begin_ns, now) : 0;

	trace_mnpen_stop(m, reason, stage, us);
	__mnpen_flight_note(m, now, MNPEN_NOTE_STOP, reason, stage, us, 0);
}

static void stop_cause(struct mnpen *m, u32 reason, u64 now)
{
	m->stats.stops++;
	m->stats.cause_ns = now;
	m->stats.rest_cause_ns = now;
	stop_stage(m, reason, MNPEN_STAGE_CAUSE, now, now);
	if (!mnpen_stop_keeps_session(reason))
		__mnpen_flight_trigger(m, reason, now);
}

static void ladder(struct mnpen *m, unsigned int actions, u32 reason, u64 now)
{
	if (actions & MNPEN_A_EP0_STOP) {
		m->stats.stops_by_ep0++;
		stop_stage(m, reason, MNPEN_STAGE_EP0,
			   m->stats.rest_cause_ns, now);
	}
	if (actions & MNPEN_A_RESET) {
		m->stats.stops_by_reset++;
		stop_stage(m, reason, MNPEN_STAGE_RESET,
			   m->stats.rest_cause_ns, now);
	}
}

static void rest(struct mnpen *m, u64 now)
{
	u64 cause_ns = m->stats.rest_cause_ns;

	if (!cause_ns)
		return;
	m->stats.rest_cause_ns = 0;
	mnpen_latency_add(&m->stats.stop_rest, mnpen_us_since(cause_ns, now));
	stop_stage(m, m->stop_reason, MNPEN_STAGE_REST, cause_ns, now);
}

void __mnpen_watch_step(struct mnpen *m, enum mnpen_state_event event,
			const struct mnpen_step *step, u32 reason)
{
	u32 latched = m->stop_reason;
	u64 now;

	lockdep_assert_held(&m->state_lock);
	/* Most packets change nothing. */
	if (!step->actions && step->state == m->state)
		return;
	now = ktime_get_ns();
	if (step->actions & MNPEN_A_LATCH) {
		latched = reason;
		stop_cause(m, reason, now);
	}
	ladder(m, step->actions, latched, now);
	if (event == MNPEN_E_SETTLED)
		rest(m, now);
	if (step->state == m->state)
		return;
	trace_mnpen_state(m, m->state, step->state, latched);
	__mnpen_flight_note(m, now, MNPEN_NOTE_STATE, m->state, step->state,
			    latched, 0);
	/* A fault is worth keeping also when nothing ran. */
	if (step->state == MNPEN_STATE_FAULT)
		__mnpen_flight_trigger(m, MNPEN_STOP_FAULT, now);
}

void __mnpen_watch_out(struct mnpen *m, const struct mnp_out *out, int err)
{
	bool feed = out->cmd == MNP_OUT_FEED;
	u64 now = ktime_get_ns();
	s64 left_ns = m->lease_end_ns - now;

	lockdep_assert_held(&m->state_lock);
	/* A STOP that is under way already is as good. */
	if (err == -EBUSY)
		m->stats.late_feeds += feed;
	else if (err)
		m->stats.out_errors++;
	else if (feed)
		m->stats.feeds++;
	if (feed)
		trace_mnpen_feed(m, out->seq, out->valid_until_us,
				 div_s64(left_ns, NSEC_PER_USEC), err);
	/* Anybody may ask for STOP all day long, and push the rest out. */
	if (!feed && m->state == MNPEN_STATE_IDLE)
		return;
	__mnpen_flight_note(m, now, feed ? MNPEN_NOTE_FEED : MNPEN_NOTE_STOP_OUT,
			    out->seq, feed ? out->valid_until_us : out->reason,
			    err, 0);
}

void __mnpen_watch_out_done(struct mnpen *m, bool stop, int status)
{
	u64 now = ktime_get_ns(), cause_ns = m->stats.cause_ns;

	lockdep_assert_held(&m->state_lock);
	if (status)
		m->stats.out_errors++;
	if (status || (stop && m->state != MNPEN_STATE_IDLE))
		__mnpen_flight_note(m, now, MNPEN_NOTE_OUT_DONE, stop, status,
				    0, 0);
	if (!stop || status || !cause_ns)
		return;
	m->stats.cause_ns = 0;
	mnpen_latency_add(&m->stats.stop_out, mnpen_us_since(cause_ns, now));
	stop_stage(m, m->stop_reason, MNPEN_STAGE_OUT, cause_ns, now);
}

/* Returns how many packets are missing before this one. */
static u16 count_packet(struct mnpen *m, int type, u16 seq)
{
	s16 step = (s16)(u16)(seq - (u16)m->seq.seq);

	if (type == MNP_PACKET_TELEMETRY)
		m->stats.telemetry++;
	else if (type == MNP_PACKET_EVENT)
		m->stats.events++;
	else if (type == MNP_ERR_CRC)
		m->stats.bad_crc++;
	else
		m->stats.bad_form++;
	if (type <= 0 || !m->seq.valid)
		return 0;
	if (step <= 0)
		m->stats.repeats++;
	if (step <= 1)
		return 0;
	m->stats.gaps++;
	m->stats.lost += step - 1;
	return step - 1;
}

void __mnpen_watch_packet(struct mnpen *m, const u8 *buf, size_t len, int type,
			  u64 now)
{
	u16 seq = 0, gap;

	lockdep_assert_held(&m->state_lock);
	/* Where both kinds of packets have it; the type says that it is there. */
	if (type > 0)
		seq = get_unaligned_le16(buf + 2);
	gap = count_packet(m, type, seq);
	trace_mnpen_rx(m, type, seq, len, 0, gap);
	__mnpen_flight_packet(m, now, buf, len, type);
}

void __mnpen_watch_in_error(struct mnpen *m, int status)
{
	lockdep_assert_held(&m->state_lock);
	m->stats.in_errors++;
	if (status == -EPROTO)
		m->stats.in_eproto++;
	trace_mnpen_rx(m, 0, 0, 0, status, 0);
	__mnpen_flight_note(m, ktime_get_ns(), MNPEN_NOTE_IN_ERROR, status, 0,
			    0, 0);
}

void __mnpen_watch_arm(struct mnpen *m)
{
	lockdep_assert_held(&m->state_lock);
	/* Of a stop that nobody waited for: the pen went to sleep or away. */
	m->stats.cause_ns = 0;
	m->stats.rest_cause_ns = 0;
	__mnpen_flight_rearm(m);
}

void __mnpen_watch_keepalive(struct mnpen *m, u64 now)
{
	lockdep_assert_held(&m->state_lock);
	__mnpen_flight_note(m, now, MNPEN_NOTE_KEEPALIVE, m->session,
			    m->lease_ms, 0, 0);
}

void __mnpen_watch_reset(struct mnpen *m)
{
	lockdep_assert_held(&m->state_lock);
	m->stats.resets++;
	__mnpen_flight_note(m, ktime_get_ns(), MNPEN_NOTE_RESET, 0, 0, 0, 0);
}

void mnpen_watch_cmd(struct mnpen *m, u8 req, u16 value, u16 len, int err,
		     u64 begin_ns)
{
	u64 now = ktime_get_ns();
	u32 us = mnpen_us_since(begin_ns, now);
	unsigned long flags;

	trace_mnpen_cmd(m, req, len, err, us);
	spin_lock_irqsave(&m->state_lock, flags);
	m->stats.commands++;
	if (err)
		m->stats.command_errors++;
	m->stats.command_max_us = max(m->stats.command_max_us, us);
	__mnpen_flight_note(m, now, MNPEN_NOTE_CMD, req, value, err, us);
	spin_unlock_irqrestore(&m->state_lock, flags);
}

static u32 limit(const struct mnp_limits *l, u32 bit)
{
	switch (bit) {
	case MNPEN_LIMIT_DEPTH:
		return l->depth_max_um;
	case MNPEN_LIMIT_RATE:
		return l->rate_max_spm;
	case MNPEN_LIMIT_RUN:
		return l->run_max_ms;
	case MNPEN_LIMIT_STROKES:
		return l->strokes_max;
	case MNPEN_LIMIT_CURRENT:
		return l->current_max_ma;
	case MNPEN_LIMIT_TEMP:
		return l->temp_max_mdegc;
	case MNPEN_LIMIT_LEASE:
		return l->lease_max_ms;
	default:
		return 0;
	}
}

void __mnpen_watch_limits(struct mnpen *m, const struct mnp_limits *old,
			  int ret)
{
	u64 now = ktime_get_ns();
	u32 bit, was, is;

	lockdep_assert_held(&m->state_lock);
	if (ret < 0)
		trace_mnpen_limit(m, 0, 0, 0, ret);
	for (bit = 1; ret > 0 && bit <= MNPEN_LIMIT_ALL; bit <<= 1) {
		if (!(ret & bit))
			continue;
		was = limit(old, bit);
		is = limit(&m->limits, bit);
		trace_mnpen_limit(m, bit, was, is, 0);
		__mnpen_flight_note(m, now, MNPEN_NOTE_LIMIT, bit, was, is, 0);
	}
}

void mnpen_watch_client(struct mnpen *m, enum mnpen_client_op op, u32 flags)
{
	trace_mnpen_client(m, op, flags);
}
