// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands: who controls, arming, running, limits.
 *
 * ARM and RUN change the driver's state before they ask the pen. A cause to
 * stop that arises while the request is on its way then meets a live state,
 * sends STOP at once, and the command learns of it by the generation.
 */
#include <linux/fdtable.h>
#include <linux/ktime.h>
#include <linux/sched.h>

#include "mnpen.h"
#include "watch.h"

/* -EPERM: not the controller. -ESTALE: no longer. */
int __mnpen_check_session(const struct mnpen *m, const struct mnpen_client *c,
			  u32 session)
{
	lockdep_assert_held(&m->state_lock);
	if (m->gone)
		return -ENODEV;
	if (m->controller != c)
		return -EPERM;
	if (m->session != session || m->session_stale)
		return -ESTALE;
	return 0;
}

/* Whoever feeds is the owner: it moves with fork and with a passed file. */
static void take_ownership(struct mnpen *m)
{
	m->owner = current->files;
	m->orphaned = false;
}

static u64 renew_lease(struct mnpen *m, u64 now)
{
	m->lease_end_ns = now + mnpen_ms_ns(m->lease_ms);
	take_ownership(m);
	return m->lease_end_ns;
}

static void new_session(struct mnpen *m, struct mnpen_client *c)
{
	if (!++m->last_session)
		m->last_session = 1;
	m->session = m->last_session;
	m->session_stale = false;
	m->controller = c;
	mnpen_watch_client(m, MNPEN_CLIENT_ACQUIRE, m->session);
}

long mnpen_cmd_acquire(struct mnpen_client *c, struct mnpen_acquire *arg)
{
	struct mnpen *m = c->m;
	long ret = 0;

	spin_lock_irq(&m->state_lock);
	if (m->gone) {
		ret = -ENODEV;
	} else if (m->controller && m->controller != c && !m->orphaned) {
		ret = -EBUSY;
	} else {
		/* Asked twice, the same answer: the first may have got lost. */
		if (m->controller != c || m->session_stale)
			new_session(m, c);
		take_ownership(m);
		arg->session = m->session;
	}
	spin_unlock_irq(&m->state_lock);
	return ret;
}

static void drop_control(struct mnpen *m, u32 reason)
{
	if (mnpen_state_live(m->state))
		__mnpen_event(m, MNPEN_E_STOP, reason);
	mnpen_watch_client(m, MNPEN_CLIENT_RELEASE, m->session);
	m->controller = NULL;
	m->owner = NULL;
	m->orphaned = false;
	m->session = 0;
	m->session_stale = false;
}

long mnpen_cmd_release(struct mnpen_client *c)
{
	struct mnpen *m = c->m;
	long ret = 0;

	spin_lock_irq(&m->state_lock);
	if (m->gone)
		ret = -ENODEV;
	else if (m->controller != c)
		ret = -EPERM;
	else
		drop_control(m, MNPEN_STOP_USER);
	spin_unlock_irq(&m->state_lock);
	return ret;
}

long mnpen_cmd_keepalive(struct mnpen_client *c, struct mnpen_keepalive *arg)
{
	struct mnpen *m = c->m;
	u64 now;
	long ret;

	spin_lock_irq(&m->state_lock);
	now = ktime_get_ns();
	ret = __mnpen_check_session(m, c, arg->session);
	if (!ret && (__mnpen_lease_over(m, now) || !mnpen_state_live(m->state)))
		ret = -ESTALE;
	if (!ret) {
		arg->deadline_ns = renew_lease(m, now);
		__mnpen_watch_keepalive(m, now);
	}
	spin_unlock_irq(&m->state_lock);
	return ret;
}

static int may_arm(struct mnpen *m, struct mnpen_client *c,
		   const struct mnpen_arm *arg, u64 now)
{
	int err = __mnpen_check_session(m, c, arg->session);

	if (err)
		return err;
	if (m->state == MNPEN_STATE_LIMP)
		return -EPROTONOSUPPORT;
	if (m->state == MNPEN_STATE_FAULT)
		return -EIO;
	if (arg->lease_ms < m->caps.lease_min_ms ||
	    arg->lease_ms > m->caps.lease_max_ms ||
	    arg->lease_ms > m->limits.lease_max_ms)
		return -ERANGE;
	if (m->state != MNPEN_STATE_IDLE || m->stop_busy || m->grounded ||
	    !__mnpen_fresh(m, now))
		return -EBUSY;
	if (!m->limits_match)
		return -EPROTO;
	return 0;
}

static void begin_arm(struct mnpen *m, const struct mnpen_arm *arg, u64 now)
{
	m->lease_ms = arg->lease_ms;
	m->pedal_bound = arg->flags & MNPEN_ARM_F_PEDAL;
	m->stop_reason = MNPEN_STOP_NONE;
	m->token_seen = false;
	m->rate_set_spm = 0;
	m->depth_set_um = 0;
	renew_lease(m, now);
	__mnpen_watch_arm(m);
	__mnpen_pm_hold(m, true);
	__mnpen_event(m, MNPEN_E_ARM, MNPEN_STOP_NONE);
	__mnpen_start_tick(m, now);
}

/* -ECANCELED if a stop came while a request was on its way. */
static long still_meant(struct mnpen *m, u32 gen)
{
	lockdep_assert_held(&m->state_lock);
	if (m->gone)
		return -ENODEV;
	if (m->gen == gen)
		return 0;
	/* The pen may have got our request after that STOP: say it again. */
	__mnpen_event(m, MNPEN_E_STOP, m->stop_reason);
	return -ECANCELED;
}

long mnpen_cmd_arm(struct mnpen_client *c, const struct mnpen_arm *arg)
{
	struct mnpen *m = c->m;
	u32 gen, crc32, feed_ms;
	u16 flags = 0, token = 0;
	long ret;
	int err;

	if (arg->flags & MNPEN_ARM_F_PEDAL) {
		if (!(m->caps.features & MNPEN_CAP_PEDAL))
			return -EOPNOTSUPP;
		flags = MNP_ARM_F_PEDAL;
	}
	/* Just woken or reset, it may have a fault to tell first. */
	wait_event_timeout(m->change, READ_ONCE(m->rx_valid) ||
			   READ_ONCE(m->gone),
			   msecs_to_jiffies(MNPEN_FIRST_PACKET_MS));
	/* A STOP of before, still on its way, would hit what is armed now. */
	wait_event_timeout(m->change, !READ_ONCE(m->stop_busy),
			   msecs_to_jiffies(MNPEN_STOP_SENT_MS));

	spin_lock_irq(&m->state_lock);
	ret = may_arm(m, c, arg, ktime_get_ns());
	if (!ret)
		begin_arm(m, arg, ktime_get_ns());
	gen = m->gen;
	crc32 = m->limits_crc32;
	spin_unlock_irq(&m->state_lock);
	if (ret)
		return ret;

	feed_ms = mnpen_feed_period_ns(arg->lease_ms) / MNPEN_NS_PER_MS;
	err = mnpen_ep0_arm(m, crc32, feed_ms, flags, &token);

	spin_lock_irq(&m->state_lock);
	ret = still_meant(m, gen);
	if (!ret && err) {
		__mnpen_event(m, MNPEN_E_ARM_FAILED, MNPEN_STOP_PROTOCOL);
		ret = err;
	} else if (!ret) {
		m->armed_ns = ktime_get_ns();
		renew_lease(m, m->armed_ns);
		m->token = token;
	}
	spin_unlock_irq(&m->state_lock);
	return ret;
}

static bool within_limits(const struct mnpen *m, const struct mnpen_run *arg)
{
	if (arg->rate_spm < m->caps.rate_min_spm ||
	    arg->rate_spm > m->caps.rate_max_spm ||
	    arg->rate_spm > m->limits.rate_max_spm)
		return false;
	if (m->caps.features & MNPEN_CAP_DEPTH &&
	    arg->depth_um < m->caps.depth_min_um)
		return false;
	if (arg->depth_um > m->caps.depth_max_um ||
	    arg->depth_um > m->limits.depth_max_um)
		return false;
	return arg->run_ms <= m->limits.run_max_ms;
}

static int may_run(struct mnpen *m, struct mnpen_client *c,
		   const struct mnpen_run *arg, u64 now)
{
	bool update = arg->flags & MNPEN_RUN_F_UPDATE;
	int err = __mnpen_check_session(m, c, arg->session);

	if (err)
		return err;
	if (!mnpen_state_live(m->state))
		return -ENOTCONN;
	if (__mnpen_lease_over(m, now))
		return -ESTALE;
	if (update && m->state != MNPEN_STATE_RUNNING)
		return -ENOTCONN;
	if (!update && m->state == MNPEN_STATE_RUNNING)
		return -EBUSY;
	if (!within_limits(m, arg))
		return -ERANGE;
	return m->limits_match ? 0 : -EPROTO;
}

/* False: nothing is left of the lease. */
static bool begin_run(struct mnpen *m, const struct mnpen_run *arg,
		      struct mnp_run *run, u64 now)
{
	run->token = m->token;
	run->rate_spm = arg->rate_spm;
	run->depth_um = arg->depth_um;
	/* A longer run than the wire can say ends by run_end_ns below. */
	run->run_ms = arg->run_ms <= U16_MAX ? arg->run_ms : 0;
	run->flags = arg->flags & MNPEN_RUN_F_UPDATE ? MNP_RUN_F_UPDATE : 0;
	renew_lease(m, now);
	if (!mnpen_feed_deadline(m->telemetry.dev_time_us, m->rx_ns,
				 m->lease_end_ns, m->caps.device_wd_ms,
				 &run->valid_until_us))
		return false;
	/*
	 * FEED and RUN share a counter but not an endpoint. While RUN is under
	 * way nothing else takes a number, so none can overtake it.
	 */
	m->run_busy = true;
	run->seq = ++m->out_seq;
	if (m->state == MNPEN_STATE_ARMED) {
		m->run_seen = false;
		__mnpen_event(m, MNPEN_E_RUN, MNPEN_STOP_NONE);
	}
	return true;
}

static void run_accepted(struct mnpen *m, const struct mnpen_run *arg, u64 now)
{
	u32 run_ms = arg->run_ms ? arg->run_ms : m->limits.run_max_ms;
	u64 end_ns = now + mnpen_ms_ns(run_ms);

	m->rate_set_spm = arg->rate_spm;
	m->depth_set_um = arg->depth_um;
	if (!(arg->flags & MNPEN_RUN_F_UPDATE)) {
		m->run_ns = now;
		m->run_end_ns = end_ns;
	} else if (arg->run_ms) {
		/* An update may end a run earlier, never later. */
		m->run_end_ns = mnpen_earlier(end_ns, m->run_end_ns);
	}
}

/* The pen said no, or it is not known what it did. */
static long run_failed(struct mnpen *m, const struct mnpen_run *arg, int err)
{
	u32 reason = err == -EIO ? MNPEN_STOP_FAULT : MNPEN_STOP_PROTOCOL;
	bool update = arg->flags & MNPEN_RUN_F_UPDATE;

	if (err == -ERANGE && update)
		return err;
	/* The pedal is up: a start may be tried again when it is down. */
	if (!update && (err == -ERANGE || (err == -EBUSY && m->pedal_bound)))
		__mnpen_event(m, MNPEN_E_RUN_REFUSED, MNPEN_STOP_NONE);
	else
		__mnpen_event(m, MNPEN_E_STOP, reason);
	return err;
}

long mnpen_cmd_run(struct mnpen_client *c, const struct mnpen_run *arg)
{
	struct mnpen *m = c->m;
	struct mnp_run run = { };
	long ret;
	u32 gen;
	int err;

	spin_lock_irq(&m->state_lock);
	ret = may_run(m, c, arg, ktime_get_ns());
	if (!ret && !begin_run(m, arg, &run, ktime_get_ns()))
		ret = -ESTALE;
	gen = m->gen;
	spin_unlock_irq(&m->state_lock);
	if (ret)
		return ret;

	err = mnpen_ep0_run(m, &run);

	spin_lock_irq(&m->state_lock);
	m->run_busy = false;
	ret = still_meant(m, gen);
	if (!ret && err)
		ret = run_failed(m, arg, err);
	else if (!ret)
		run_accepted(m, arg, ktime_get_ns());
	spin_unlock_irq(&m->state_lock);
	return ret;
}

/* The motor stops at once; the rest waits for its turn on the bus. */
long mnpen_cmd_disarm(struct mnpen_client *c)
{
	struct mnpen *m = c->m;
	long ret = 0;

	spin_lock_irq(&m->state_lock);
	if (m->gone)
		ret = -ENODEV;
	else if (m->controller != c)
		ret = -EPERM;
	else
		__mnpen_event(m, MNPEN_E_STOP, MNPEN_STOP_USER);
	spin_unlock_irq(&m->state_lock);
	return ret;
}

long mnpen_cmd_disarm_pen(struct mnpen_client *c)
{
	return mnpen_ep0_disarm(c->m);
}

void mnpen_cmd_stop(struct mnpen_client *c)
{
	struct mnpen *m = c->m;

	spin_lock_irq(&m->state_lock);
	__mnpen_event(m, MNPEN_E_STOP, m->controller == c ?
		      MNPEN_STOP_USER : MNPEN_STOP_FORCED);
	spin_unlock_irq(&m->state_lock);
}

/* Also when a process is killed while a child still holds the file. */
void mnpen_cmd_flush(struct mnpen_client *c, fl_owner_t id)
{
	struct mnpen *m = c->m;

	spin_lock_irq(&m->state_lock);
	if (m->controller == c && m->owner == id) {
		if (mnpen_state_live(m->state))
			__mnpen_event(m, MNPEN_E_STOP, MNPEN_STOP_CLOSE);
		m->orphaned = true;
	}
	spin_unlock_irq(&m->state_lock);
}

void mnpen_cmd_close(struct mnpen_client *c)
{
	struct mnpen *m = c->m;
	bool wait = false;

	spin_lock_irq(&m->state_lock);
	if (m->controller == c) {
		drop_control(m, MNPEN_STOP_CLOSE);
		wait = m->state == MNPEN_STATE_STOPPING;
	}
	spin_unlock_irq(&m->state_lock);
	if (wait)
		wait_event_timeout(m->change, READ_ONCE(m->state) !=
				   MNPEN_STATE_STOPPING,
				   msecs_to_jiffies(MNPEN_CLOSE_WAIT_MS));
}

void __mnpen_limits_out(const struct mnpen *m, struct mnpen_limits *out)
{
	lockdep_assert_held(&m->state_lock);
	memset(out, 0, sizeof(*out));
	out->valid = MNPEN_LIMIT_ALL;
	out->generation = m->limits_generation;
	out->depth_max_um = m->limits.depth_max_um;
	out->rate_max_spm = m->limits.rate_max_spm;
	out->run_max_ms = m->limits.run_max_ms;
	out->strokes_max = m->limits.strokes_max;
	out->current_max_ma = m->limits.current_max_ma;
	out->temp_max_mdegc = m->limits.temp_max_mdegc;
	out->lease_max_ms = m->limits.lease_max_ms;
}

/* A set point or a lease that is in use and now above its ceiling */
static bool over_new_limits(const struct mnpen *m)
{
	return m->rate_set_spm > m->limits.rate_max_spm ||
	       m->depth_set_um > m->limits.depth_max_um ||
	       m->lease_ms > m->limits.lease_max_ms;
}

/*
 * The host's copy comes down first and stays down whatever the pen answers.
 * Until the pen is known to hold the same, ARM and RUN are refused; asking
 * again with the same values writes them again.
 */
long mnpen_cmd_lower_limits(struct mnpen_client *c,
			    const struct mnpen_limits *arg)
{
	struct mnpen *m = c->m;
	struct mnp_limits old;
	long ret;

	spin_lock_irq(&m->state_lock);
	old = m->limits;
	if (m->gone)
		ret = -ENODEV;
	else if (m->state == MNPEN_STATE_LIMP)
		ret = -EPROTONOSUPPORT;
	else
		ret = mnpen_limits_lower(&m->limits, arg);
	__mnpen_watch_limits(m, &old, ret);
	if (ret > 0) {
		m->limits_generation++;
		m->limits_match = false;
		if (mnpen_state_live(m->state) && over_new_limits(m))
			__mnpen_event(m, MNPEN_E_STOP, MNPEN_STOP_LIMIT);
	}
	spin_unlock_irq(&m->state_lock);
	return min(ret, 0L);
}

/* Takes what the pen says it holds now. */
static int limits_written(struct mnpen *m, const struct mnp_limits *held)
{
	lockdep_assert_held(&m->state_lock);
	m->limits_old_crc32 = m->limits_crc32;
	m->limits_crc32 = held->crc32;
	m->limits_ns = ktime_get_ns();
	m->limits_match = mnpen_limits_equal(held, &m->limits);
	if (held->generation > m->limits_generation)
		m->limits_generation = held->generation;
	return m->limits_match ? 0 : -EPROTO;
}

/* Makes the pen hold what the host holds. */
int mnpen_cmd_sync_limits(struct mnpen *m)
{
	struct mnp_limits image;
	bool write;
	int err = 0;

	spin_lock_irq(&m->state_lock);
	write = !m->limits_match;
	m->limits_busy = write;
	image = m->limits;
	spin_unlock_irq(&m->state_lock);

	if (write)
		err = mnpen_ep0_lower(m, &image);

	spin_lock_irq(&m->state_lock);
	m->limits_busy = false;
	if (write && !err)
		err = limits_written(m, &image);
	spin_unlock_irq(&m->state_lock);
	return err;
}

/* @out: what is in force then */
long mnpen_cmd_write_limits(struct mnpen_client *c, struct mnpen_limits *out)
{
	struct mnpen *m = c->m;
	int err = mnpen_cmd_sync_limits(m);

	spin_lock_irq(&m->state_lock);
	__mnpen_limits_out(m, out);
	spin_unlock_irq(&m->state_lock);
	return err;
}
