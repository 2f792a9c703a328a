// SPDX-License-Identifier: GPL-2.0-only
/*
 * Carries out what the state machine decides, feeds the pen inside the lease,
 * and compares what the pen reports with what was asked of it.
 *
 * STOP has its own URB and buffer, made in probe: it waits neither for memory
 * nor for FEED, and it goes out from under state_lock wherever the cause
 * arises, also in the timer or in a completion.
 */
#include <linux/ktime.h>

#include "compat.h"
#include "inject.h"
#include "mnpen.h"
#include "watch.h"

#define REST_PACKETS	2	/* the first may have been queued before STOP */

static void queue_ladder(struct mnpen *m, unsigned int rungs)
{
	lockdep_assert_held(&m->state_lock);
	if (m->gone || m->parked)
		return;
	m->ladder |= rungs;
	queue_work(system_highpri_wq, &m->ladder_work);
}

/* -EBUSY: that URB is still under way. */
static int submit_out(struct mnpen *m, struct urb *urb, bool *busy,
		      struct mnp_out *out)
{
	int err = -EBUSY;

	lockdep_assert_held(&m->state_lock);
	if (!*busy) {
		out->seq = ++m->out_seq;
		mnp_out_encode(out, urb->transfer_buffer);
		err = mnpen_inject_submit();
		if (!err)
			err = usb_submit_urb(urb, GFP_ATOMIC);
		*busy = !err;
	}
	__mnpen_watch_out(m, out, err);
	return err;
}

static void send_stop(struct mnpen *m, u32 reason)
{
	struct mnp_out out = { .cmd = MNP_OUT_STOP, .reason = reason };
	u64 now;
	int err;

	if (m->gone || m->parked)
		return;
	err = submit_out(m, m->stop_urb, &m->stop_busy, &out);
	if (!err) {
		/* A pen that takes nothing on OUT may still listen to EP0. */
		now = ktime_get_ns();
		m->stop_due_ns = now + mnpen_ms_ns(MNPEN_OBEY_MS);
		__mnpen_start_tick(m, now);
	} else if (err == -EBUSY) {
		/* That one may have been overtaken by a RUN: say it again. */
		m->stop_again = true;
		m->stop_again_reason = reason;
	} else {
		queue_ladder(m, MNPEN_A_EP0_STOP);
	}
}

static void send_feed(struct mnpen *m)
{
	struct mnp_out out = { .cmd = MNP_OUT_FEED, .token = m->token };

	/* No number may overtake that of a RUN, see mnpen_cmd_run(). */
	if (!m->token || m->run_busy)
		return;
	if (!mnpen_feed_deadline(m->telemetry.dev_time_us, m->rx_ns,
				 m->lease_end_ns, m->caps.device_wd_ms,
				 &out.valid_until_us))
		return;
	/* If the last FEED is still under way, its deadline has to do. */
	submit_out(m, m->feed_urb, &m->feed_busy, &out);
}

static void push_state_event(struct mnpen *m, enum mnpen_state from)
{
	struct mnpen_record rec = {
		.time_ns = ktime_get_ns(),
		.seq = m->seq.seq,
		.dev_time_us = m->telemetry.dev_time_us,
		.type = MNPEN_REC_EVENT,
		.event = {
			.code = MNPEN_EV_DRIVER_STATE,
			.state = m->state,
			.stop_reason = m->stop_reason,
			.session = m->session,
			.arg = { from },
		},
	};

	mnpen_clients_push(m, &rec, true);
}

static void act(struct mnpen *m, unsigned int actions, u32 reason)
{
	u64 now = ktime_get_ns();

	if (actions & MNPEN_A_LATCH)
		m->stop_reason = reason;
	if (actions & MNPEN_A_DISARM) {
		m->gen++;
		m->token = 0;
		m->lease_end_ns = 0;
		m->run_end_ns = 0;
	}
	/* Without a reason nothing was stopped: it dozed off unused. */
	if (actions & MNPEN_A_STALE && reason != MNPEN_STOP_NONE &&
	    !mnpen_stop_keeps_session(reason))
		m->session_stale = true;
	if (actions & MNPEN_A_STOP)
		send_stop(m, reason);
	if (actions & MNPEN_A_CONFIRM) {
		m->stop_pending = true;
		m->stop_obeyed = false;
		m->rest_count = 0;
		m->rung = 0;
		m->confirm_ns = now + mnpen_ms_ns(MNPEN_OBEY_MS);
		m->stop_due_ns = 0;	/* EP0 follows anyway */
		__mnpen_start_tick(m, now);
	}
	if (actions & MNPEN_A_SETTLED) {
		m->stop_pending = false;
		m->confirm_ns = 0;
		__mnpen_pm_hold(m, false);
		wake_up_all(&m->change);
	}
	if (actions & (MNPEN_A_EP0_STOP | MNPEN_A_RESET))
		queue_ladder(m, actions & (MNPEN_A_EP0_STOP | MNPEN_A_RESET));
}

void __mnpen_event(struct mnpen *m, enum mnpen_state_event event, u32 reason)
{
	enum mnpen_state from = m->state;
	struct mnpen_step step = mnpen_next(from, event);

	lockdep_assert_held(&m->state_lock);
	__mnpen_watch_step(m, event, &step, reason);
	m->state = step.state;
	act(m, step.actions, reason);
	if (m->state == from)
		return;
	push_state_event(m, from);
	wake_up_all(&m->change);
}

void mnpen_stop(struct mnpen *m, u32 reason)
{
	unsigned long flags;

	spin_lock_irqsave(&m->state_lock, flags);
	__mnpen_event(m, MNPEN_E_STOP, reason);
	spin_unlock_irqrestore(&m->state_lock, flags);
}

bool __mnpen_fresh(const struct mnpen *m, u64 now)
{
	return m->rx_valid && now - m->rx_ns < mnpen_ms_ns(MNPEN_SILENCE_MS);
}

/* Also asked by KEEPALIVE and RUN: a late timer must not revive a lease. */
bool __mnpen_lease_over(struct mnpen *m, u64 now)
{
	lockdep_assert_held(&m->state_lock);
	if (!mnpen_state_live(m->state) || now < m->lease_end_ns)
		return false;
	__mnpen_event(m, MNPEN_E_STOP, MNPEN_STOP_LEASE);
	return true;
}

static void check_deadlines(struct mnpen *m, u64 now)
{
	if (__mnpen_lease_over(m, now))
		return;
	if (!__mnpen_fresh(m, now))
		__mnpen_event(m, MNPEN_E_STOP, MNPEN_STOP_TELEMETRY);
	else if (m->run_end_ns && now >= m->run_end_ns)
		__mnpen_event(m, MNPEN_E_STOP, MNPEN_STOP_DURATION);
}

static void climb(struct mnpen *m, u64 now)
{
	if (m->stop_due_ns && now >= m->stop_due_ns) {
		m->stop_due_ns = 0;
		queue_ladder(m, MNPEN_A_EP0_STOP);
	}
	if (!m->stop_pending || !m->confirm_ns || now < m->confirm_ns)
		return;
	if (!m->rung++) {
		m->confirm_ns = now + mnpen_ms_ns(MNPEN_CONFIRM_MS);
		__mnpen_event(m, MNPEN_E_UNCONFIRMED, m->stop_reason);
	} else {
		/* Nothing left to try; the pen's own deadline has long passed. */
		m->confirm_ns = 0;
		__mnpen_event(m, MNPEN_E_DEFIANT, m->stop_reason);
	}
}

/* (Re)starts the timer for the earliest deadline, if there is one. */
void __mnpen_start_tick(struct mnpen *m, u64 now)
{
	u64 next = U64_MAX;

	lockdep_assert_held(&m->state_lock);
	if (m->gone || m->parked)
		return;
	if (mnpen_state_live(m->state)) {
		next = now + mnpen_feed_period_ns(m->lease_ms);
		next = mnpen_earlier(next, m->lease_end_ns);
		next = mnpen_earlier(next, m->run_end_ns);
		next = mnpen_earlier(next, m->rx_ns +
				     mnpen_ms_ns(MNPEN_SILENCE_MS));
	}
	if (m->stop_pending)
		next = mnpen_earlier(next, m->confirm_ns);
	next = mnpen_earlier(next, m->stop_due_ns);
	if (next != U64_MAX)
		hrtimer_start(&m->tick, ns_to_ktime(next),
			      HRTIMER_MODE_ABS_SOFT);
}

static enum hrtimer_restart tick(struct hrtimer *timer)
{
	struct mnpen *m = container_of(timer, struct mnpen, tick);
	unsigned long flags;
	u64 now;

	spin_lock_irqsave(&m->state_lock, flags);
	now = ktime_get_ns();
	if (mnpen_state_live(m->state))
		check_deadlines(m, now);
	if (mnpen_state_live(m->state))
		send_feed(m);
	climb(m, now);
	/* Restarts itself: others start it too, while this function runs. */
	__mnpen_start_tick(m, now);
	spin_unlock_irqrestore(&m->state_lock, flags);
	return HRTIMER_NORESTART;
}

/* Completion of FEED and STOP. */
void mnpen_out_complete(struct urb *urb)
{
	struct mnpen *m = urb->context;
	bool stop = urb == m->stop_urb;
	unsigned long flags;

	spin_lock_irqsave(&m->state_lock, flags);
	if (stop) {
		m->stop_busy = false;
		m->stop_due_ns = 0;
	} else {
		m->feed_busy = false;
	}
	__mnpen_watch_out_done(m, stop, urb->status);
	if (m->gone)
		goto out;
	if (urb->status == -EPIPE)
		__mnpen_rx_mend_out(m);
	if (!stop)
		goto out;
	/* Packets that left the pen before it heard STOP prove nothing. */
	m->rest_count = 0;
	if (urb->status) {
		queue_ladder(m, MNPEN_A_EP0_STOP);
	} else if (m->stop_again) {
		m->stop_again = false;
		send_stop(m, m->stop_again_reason);
	}
	if (!m->stop_busy)
		wake_up_all(&m->change);
out:
	spin_unlock_irqrestore(&m->state_lock, flags);
}

/* STOP by the other pipe; then the last resort. */
static void ladder_work(struct work_struct *work)
{
	struct mnpen *m = container_of(work, struct mnpen, ladder_work);
	unsigned int rungs;
	u32 reason;

	spin_lock_irq(&m->state_lock);
	rungs = m->ladder;
	m->ladder = 0;
	reason = m->stop_reason;
	spin_unlock_irq(&m->state_lock);

	down_read(&m->io_rwsem);
	if (rungs & MNPEN_A_EP0_STOP) {
		/* Whatever the pen has not answered yet is in the way. */
		mnpen_ep0_abort(m);
		mnpen_ep0_stop(m, reason, MNPEN_EP0_MS);
	}
	if (m->udev && rungs & MNPEN_A_RESET) {
		dev_crit_ratelimited(&m->dev, "did not confirm STOP (%s), resetting it\n",
				     mnpen_stop_reason_name(reason));
		usb_queue_reset_device(m->intf);
	}
	up_read(&m->io_rwsem);
}

static bool at_rest(const struct mnp_telemetry *t)
{
	return t->rate_spm == 0 || t->rate_spm == 0xffff;
}

static bool obeys(const struct mnp_telemetry *t)
{
	return !t->token && !t->rate_set_spm &&
	       t->state != MNPEN_STATE_RUNNING;
}

/* A stop is out: does the pen report rest? */
static void check_rest(struct mnpen *m, const struct mnp_telemetry *t, u64 now)
{
	if (!obeys(t)) {
		m->rest_count = 0;
		return;
	}
	if (m->rest_count < REST_PACKETS && ++m->rest_count < REST_PACKETS)
		return;
	if (at_rest(t)) {
		__mnpen_event(m, MNPEN_E_SETTLED, m->stop_reason);
	} else if (!m->stop_obeyed) {
		/* It took the order; give the mechanism time to run out. */
		m->stop_obeyed = true;
		if (m->confirm_ns)
			m->confirm_ns = now + mnpen_ms_ns(MNPEN_SPINDOWN_MS);
	}
}

/* Why a pen that was armed is no longer. */
static u32 device_reason(const struct mnpen *m, const struct mnp_telemetry *t,
			 u64 now)
{
	if (t->stop_reason == MNPEN_STOP_DURATION)
		return MNPEN_STOP_DURATION;
	/*
	 * The pen's deadline is built to end just before the lease. When it
	 * does, the cause is the controller that did not renew.
	 */
	if (now + mnpen_ms_ns(MNPEN_FEED_PERIOD_MS) >= m->lease_end_ns)
		return MNPEN_STOP_LEASE;
	return MNPEN_STOP_DEVICE;
}

/* MNPEN_STOP_NONE: the pen does what it was told. */
static u32 check_live(struct mnpen *m, const struct mnp_telemetry *t, u64 now)
{
	u64 grace = mnpen_ms_ns(MNPEN_SILENCE_MS);

	if (!m->token)			/* ARM is still on EP0 */
		return MNPEN_STOP_NONE;
	if (t->token == m->token)
		m->token_seen = true;
	else if (t->token)
		return MNPEN_STOP_PROTOCOL;
	else if (m->token_seen)
		return device_reason(m, t, now);
	else if (now - m->armed_ns > grace)
		return MNPEN_STOP_PROTOCOL;

	if (m->state == MNPEN_STATE_ARMED || m->run_busy)
		return t->state == MNPEN_STATE_RUNNING && !m->run_busy ?
		       MNPEN_STOP_PROTOCOL : MNPEN_STOP_NONE;
	if (t->state == MNPEN_STATE_RUNNING)
		m->run_seen = true;
	else if (m->run_seen)
		return device_reason(m, t, now);
	else if (now - m->run_ns > grace)
		return MNPEN_STOP_PROTOCOL;
	return MNPEN_STOP_NONE;
}

/* A packet may be older than a change of the limits that we just made. */
static bool limits_agree(const struct mnpen *m, const struct mnp_telemetry *t,
			 u64 now)
{
	if (m->limits_busy || t->limits_crc32 == m->limits_crc32)
		return true;
	return t->limits_crc32 == m->limits_old_crc32 &&
	       now - m->limits_ns < mnpen_ms_ns(MNPEN_SILENCE_MS);
}

static bool faulty(const struct mnp_telemetry *t)
{
	return t->fault_latched || t->fault_active ||
	       t->state == MNPEN_STATE_FAULT;
}

/* Holds each telemetry packet against the driver's intent. */
void __mnpen_supervise(struct mnpen *m, const struct mnp_telemetry *t)
{
	u64 now = ktime_get_ns();
	u32 reason;

	lockdep_assert_held(&m->state_lock);
	if (faulty(t))
		__mnpen_event(m, MNPEN_E_FAULT, MNPEN_STOP_FAULT);

	if (mnpen_state_live(m->state)) {
		reason = check_live(m, t, now);
		if (!reason && !limits_agree(m, t, now))
			reason = MNPEN_STOP_PROTOCOL;
		if (reason)
			__mnpen_event(m, MNPEN_E_STOP, reason);
	} else if (m->stop_pending) {
		check_rest(m, t, now);
	} else if (m->state == MNPEN_STATE_IDLE ||
		   m->state == MNPEN_STATE_FAULT) {
		if (!obeys(t))
			__mnpen_event(m, MNPEN_E_UNEXPECTED,
				      MNPEN_STOP_PROTOCOL);
		else if (!faulty(t))
			__mnpen_event(m, MNPEN_E_FAULT_CLEARED,
				      m->stop_reason);
	}
}

void mnpen_ctl_init(struct mnpen *m)
{
	spin_lock_init(&m->state_lock);
	init_waitqueue_head(&m->change);
	INIT_WORK(&m->ladder_work, ladder_work);
	hrtimer_setup(&m->tick, tick, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	m->state = MNPEN_STATE_IDLE;
}
