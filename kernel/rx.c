// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets from the pen: two interrupt IN URBs, sequence, records for readers.
 *
 * Only a packet with the right length, checksum and a new number counts as a
 * sign of life. Bus errors are retried after 13 ms, doubling to 104 ms; after
 * a second without success the pen is reset, once.
 */
#include <linux/ktime.h>

#include "inject.h"
#include "mnpen.h"
#include "sensors.h"
#include "watch.h"

#define BACK_OFF_MIN_MS		13
#define BACK_OFF_MAX_MS		104
#define GIVE_UP_MS		1000
#define RESET_AGAIN_MS		10000

static void back_off(struct mnpen *m, u64 now)
{
	lockdep_assert_held(&m->state_lock);
	if (m->gone || m->parked)
		return;
	if (!m->rx_fail_ns)
		m->rx_fail_ns = now;
	m->rx_delay_ms = clamp(m->rx_delay_ms * 2, (u32)BACK_OFF_MIN_MS,
			       (u32)BACK_OFF_MAX_MS);
	schedule_delayed_work(&m->rx_work, msecs_to_jiffies(m->rx_delay_ms));
}

/* The OUT endpoint is halted: mend it now, STOP may need it. */
void __mnpen_rx_mend_out(struct mnpen *m)
{
	lockdep_assert_held(&m->state_lock);
	if (m->gone || m->parked)
		return;
	m->out_halted = true;
	mod_delayed_work(system_wq, &m->rx_work, 0);
}

static void submit_in(struct mnpen *m, unsigned int n, u64 now)
{
	int err;

	lockdep_assert_held(&m->state_lock);
	m->in_idle |= BIT(n);
	if (m->gone || m->parked)
		return;
	err = mnpen_inject_submit();
	if (!err)
		err = usb_submit_urb(m->in_urb[n], GFP_ATOMIC);
	if (!err)
		m->in_idle &= ~BIT(n);
	else if (err != -ENODEV && err != -ESHUTDOWN)
		back_off(m, now);
}

static void submit_idle(struct mnpen *m)
{
	u64 now = ktime_get_ns();
	unsigned int n;

	for (n = 0; n < MNPEN_IN_URBS; n++)
		if (m->in_idle & BIT(n))
			submit_in(m, n, now);
}

/* A bus without a history: both IN URBs are queued. */
void __mnpen_rx_queue(struct mnpen *m)
{
	lockdep_assert_held(&m->state_lock);
	m->in_halted = false;
	m->out_halted = false;
	m->rx_delay_ms = 0;
	m->rx_fail_ns = 0;
	submit_idle(m);
}

static void take_flags(struct mnpen *m, struct mnpen_record *rec)
{
	rec->flags = m->rec_flags;
	m->rec_flags = 0;
}

static void push_telemetry(struct mnpen *m, const struct mnp_telemetry *t,
			   bool urgent)
{
	struct mnpen_record rec = {
		.time_ns = m->rx_ns,
		.seq = m->seq.seq,
		.dev_time_us = t->dev_time_us,
		.type = MNPEN_REC_TELEMETRY,
		.telemetry = {
			.state = t->state,
			.battery_pct = t->battery_pct,
			.feed_left_ms = t->feed_left_ms,
			.rate_set_spm = t->rate_set_spm,
			.rate_spm = t->rate_spm,
			.depth_set_um = t->depth_set_um,
			.depth_um = t->depth_um,
			.motor_ma = t->motor_ma,
			.bus_mv = t->bus_mv,
			.battery_mv = t->battery_mv,
			.limits_generation = t->limits_generation,
			.temp_motor_mdegc = t->temp_motor_cdegc * 10,
			.temp_board_mdegc = t->temp_board_cdegc * 10,
			.fault_active = t->fault_active,
			.fault_latched = t->fault_latched,
			.strokes = t->strokes,
		},
	};

	take_flags(m, &rec);
	mnpen_clients_push(m, &rec, urgent);
}

static void push_event(struct mnpen *m, const struct mnp_event *e, u64 now)
{
	struct mnpen_record rec = {
		.time_ns = now,
		.seq = m->seq.seq,
		.dev_time_us = e->dev_time_us,
		.type = MNPEN_REC_EVENT,
		.event = {
			.code = e->code,
			.state = e->state,
			.stop_reason = e->stop_reason,
			.session = m->session,
		},
	};

	BUILD_BUG_ON(sizeof(rec.event.arg) > sizeof(e->arg));
	memcpy(rec.event.arg, e->arg, sizeof(rec.event.arg));
	take_flags(m, &rec);
	mnpen_clients_push(m, &rec, true);
}

/* False: a repeat, which proves nothing. */
static bool accept_seq(struct mnpen *m, u16 seq)
{
	switch (mnpen_seq_extend(&m->seq, seq)) {
	case MNPEN_SEQ_NEXT:
		return true;
	case MNPEN_SEQ_GAP:
		m->rec_flags |= MNPEN_REC_F_GAP;
		return true;
	case MNPEN_SEQ_RESTART:
		/* Or a packet that is sent over and over: never run on it. */
		m->rec_flags |= MNPEN_REC_F_DISCONT;
		m->event_seen = false;
		if (mnpen_state_live(m->state))
			__mnpen_event(m, MNPEN_E_STOP, MNPEN_STOP_PROTOCOL);
		return true;
	case MNPEN_SEQ_OLD:
		break;
	}
	return false;
}

/* The pen lost power behind our back, and its limits with it. */
static void pen_rebooted(struct mnpen *m, const struct mnp_telemetry *t)
{
	mnpen_seq_restart(&m->seq, t->seq);
	m->rec_flags |= MNPEN_REC_F_DISCONT;
	m->event_seen = false;
	m->limits_match = false;
	m->caps.boot_id = t->boot_id;
	if (mnpen_state_live(m->state))
		__mnpen_event(m, MNPEN_E_STOP, MNPEN_STOP_PROTOCOL);
}

static bool differs(const struct mnp_telemetry *a, const struct mnp_telemetry *b)
{
	return a->state != b->state || a->stop_reason != b->stop_reason ||
	       a->fault_active != b->fault_active ||
	       a->fault_latched != b->fault_latched;
}

static void got_telemetry(struct mnpen *m, const struct mnp_telemetry *t,
			  u64 now)
{
	bool urgent = !m->rx_valid || differs(t, &m->telemetry);

	if (t->boot_id != m->caps.boot_id)
		pen_rebooted(m, t);
	else if (!accept_seq(m, t->seq))
		return;
	m->telemetry = *t;
	m->rx_ns = now;
	if (!m->rx_valid) {
		m->rx_valid = true;
		wake_up_all(&m->change);
	}
	__mnpen_supervise(m, t);
	push_telemetry(m, t, urgent);
}

static void got_event(struct mnpen *m, const struct mnp_event *e, u64 now)
{
	if (!accept_seq(m, e->seq))
		return;
	/* The pen repeats each event in case a packet is lost. */
	if (m->event_seen && !mnp_seq_newer(e->event_seq, m->event_seq))
		return;
	m->event_seen = true;
	m->event_seq = e->event_seq;
	__mnpen_input_event(m, e);
	push_event(m, e, now);
}

static void got_packet(struct mnpen *m, const u8 *buf, size_t len, u64 now)
{
	int type = mnp_packet_type(buf, len);
	struct mnp_telemetry t;
	struct mnp_event e;

	lockdep_assert_held(&m->state_lock);
	__mnpen_watch_packet(m, buf, len, type, now);
	switch (type) {
	case MNP_PACKET_TELEMETRY:
		if (!mnp_telemetry_decode(buf, len, &t))
			got_telemetry(m, &t, now);
		break;
	case MNP_PACKET_EVENT:
		if (!mnp_event_decode(buf, len, &e))
			got_event(m, &e, now);
		break;
	default:	/* damaged or of a kind we do not know: no sign of life */
		break;
	}
}

void mnpen_in_complete(struct urb *urb)
{
	u64 now = ktime_get_ns();
	struct mnpen *m = urb->context;
	unsigned int n = urb == m->in_urb[0] ? 0 : 1;
	unsigned long flags;

	spin_lock_irqsave(&m->state_lock, flags);
	switch (urb->status) {
	case 0:
		m->rx_delay_ms = 0;
		m->rx_fail_ns = 0;
		/* Long well: next time a reset may be worth another try. */
		if (now - m->reset_ns > mnpen_ms_ns(RESET_AGAIN_MS))
			m->reset_asked = false;
		if (!m->gone && !mnpen_inject_in(urb))
			got_packet(m, urb->transfer_buffer, urb->actual_length,
				   now);
		submit_in(m, n, now);
		break;
	case -ENOENT:
	case -ECONNRESET:
	case -ESHUTDOWN:
		m->in_idle |= BIT(n);
		break;
	case -EPIPE:
		m->in_halted = true;
		fallthrough;
	default:
		__mnpen_watch_in_error(m, urb->status);
		m->in_idle |= BIT(n);
		back_off(m, now);
		break;
	}
	spin_unlock_irqrestore(&m->state_lock, flags);
}

static void mend(struct mnpen *m, bool in_halted, bool out_halted, bool reset)
{
	down_read(&m->io_rwsem);
	if (out_halted)
		mnpen_ep0_clear_halt(m, m->out_pipe);
	if (in_halted)
		mnpen_ep0_clear_halt(m, m->in_pipe);
	if (m->udev && reset) {
		dev_err(&m->dev, "no packet for %u ms, resetting it\n",
			GIVE_UP_MS);
		usb_queue_reset_device(m->intf);
	}
	up_read(&m->io_rwsem);
}

/* Clears halts and queues the IN URBs again after an error. */
void mnpen_rx_work(struct work_struct *work)
{
	struct mnpen *m = container_of(work, struct mnpen, rx_work.work);
	bool in_halted, out_halted, reset;
	u64 now = ktime_get_ns();

	spin_lock_irq(&m->state_lock);
	in_halted = m->in_halted;
	out_halted = m->out_halted;
	m->in_halted = false;
	m->out_halted = false;
	reset = m->rx_fail_ns && !m->reset_asked &&
		now - m->rx_fail_ns >= mnpen_ms_ns(GIVE_UP_MS);
	if (reset) {
		m->reset_asked = true;
		m->reset_ns = now;
	}
	spin_unlock_irq(&m->state_lock);

	if (in_halted || out_halted || reset)
		mend(m, in_halted, out_halted, reset);

	spin_lock_irq(&m->state_lock);
	submit_idle(m);
	spin_unlock_irq(&m->state_lock);
}

/* Queues both IN URBs and waits a little for the first sign of life. */
int mnpen_rx_start(struct mnpen *m)
{
	spin_lock_irq(&m->state_lock);
	m->in_idle = BIT(MNPEN_IN_URBS) - 1;
	__mnpen_rx_queue(m);
	spin_unlock_irq(&m->state_lock);
	if (!wait_event_timeout(m->change, READ_ONCE(m->rx_valid),
				msecs_to_jiffies(MNPEN_FIRST_PACKET_MS)))
		return -ETIMEDOUT;
	return 0;
}
