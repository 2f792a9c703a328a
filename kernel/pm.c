// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sleep, reset and shutdown of the machine. Each stops the motor first and
 * ends the session; none of them ever arms anything again.
 *
 * The motor rests before the freezer stops the program that could still have
 * something to say about it: hence the notifiers. The callbacks of usbcore
 * come later and exclude each other and disconnect, so that udev stays valid
 * in them without io_rwsem. They must not take it: a file that wakes the pen
 * waits for them with it held.
 */
#include <linux/reboot.h>
#include <linux/suspend.h>

#include "mnpen.h"
#include "watch.h"

#define AGAIN_MIN_MS	500	/* a pen that boots answers after a while */
#define AGAIN_MAX_MS	8000

/* Stops URBs, timer and work; what is not started again stays so. */
void mnpen_pm_park(struct mnpen *m)
{
	unsigned int n;

	spin_lock_irq(&m->state_lock);
	m->parked = true;
	spin_unlock_irq(&m->state_lock);

	/* Works submit URBs, so URBs first. No lock is held: all of it sleeps. */
	for (n = 0; n < MNPEN_IN_URBS; n++)
		usb_poison_urb(m->in_urb[n]);
	usb_poison_urb(m->feed_urb);
	usb_poison_urb(m->stop_urb);
	hrtimer_cancel(&m->tick);
	cancel_work_sync(&m->ladder_work);
	cancel_delayed_work_sync(&m->rx_work);
	cancel_delayed_work_sync(&m->intro_work);
}

/* The bus is back: listen to the pen again. */
static void listen(struct mnpen *m)
{
	unsigned int n;

	for (n = 0; n < MNPEN_IN_URBS; n++)
		usb_unpoison_urb(m->in_urb[n]);
	usb_unpoison_urb(m->feed_urb);
	usb_unpoison_urb(m->stop_urb);

	spin_lock_irq(&m->state_lock);
	m->parked = false;
	m->ladder = 0;
	m->stop_again = false;
	/* What it said before is of no use for ARM. */
	m->rx_valid = false;
	m->rec_flags |= MNPEN_REC_F_DISCONT;
	__mnpen_rx_queue(m);
	spin_unlock_irq(&m->state_lock);
}

/* It is known again, and at rest. */
static void welcome(struct mnpen *m)
{
	lockdep_assert_held(&m->state_lock);
	m->strange = false;
	__mnpen_event(m, MNPEN_E_RETURN, m->stop_reason);
	if (m->limp)
		__mnpen_event(m, MNPEN_E_MISMATCH, m->stop_reason);
	__mnpen_pm_hold(m, false);
}

static void ask_later(struct mnpen *m)
{
	lockdep_assert_held(&m->state_lock);
	__mnpen_pm_hold(m, true);
	m->intro_delay_ms = clamp(2 * m->intro_delay_ms, (u32)AGAIN_MIN_MS,
				  (u32)AGAIN_MAX_MS);
	queue_delayed_work(system_wq, &m->intro_work,
			   msecs_to_jiffies(m->intro_delay_ms));
}

/*
 * The pen was reset and may be another one, or have forgotten its limits.
 * Until it has answered the driver stays where it is and arms nothing; binding
 * anew instead would make it forget the limits as well.
 */
static int introduce(struct mnpen *m)
{
	int err = 0;

	lockdep_assert_held(&m->ctl_mutex);
	/* Else it never spoke a protocol of ours. */
	if (m->caps.proto_major)
		err = mnpen_intro_again(m, m->stop_reason);
	if (err == -EPROTONOSUPPORT)
		dev_err(&m->dev, "after a reset not the pen it was, read only\n");
	spin_lock_irq(&m->state_lock);
	if (err == -EPROTONOSUPPORT)
		m->limp = true;
	if (!err || m->limp)
		welcome(m);
	spin_unlock_irq(&m->state_lock);
	return m->limp ? 0 : err;
}

void mnpen_pm_intro_work(struct work_struct *work)
{
	struct mnpen *m = container_of(work, struct mnpen, intro_work.work);

	down_read(&m->io_rwsem);
	mutex_lock(&m->ctl_mutex);
	if (introduce(m)) {
		spin_lock_irq(&m->state_lock);
		if (!m->parked && !m->gone)
			ask_later(m);
		spin_unlock_irq(&m->state_lock);
	}
	mutex_unlock(&m->ctl_mutex);
	up_read(&m->io_rwsem);
}

/* Stops the motor and waits until it rests, or @ms; false if it does not. */
static bool stop_and_wait(struct mnpen *m, u32 reason, int ms)
{
	mnpen_stop(m, reason);
	return wait_event_timeout(m->change, !READ_ONCE(m->stop_pending),
				  msecs_to_jiffies(ms));
}

static void leave(struct mnpen *m, enum mnpen_state_event event, u32 reason)
{
	spin_lock_irq(&m->state_lock);
	__mnpen_event(m, event, reason);
	spin_unlock_irq(&m->state_lock);
	wait_event_timeout(m->change, !READ_ONCE(m->stop_busy),
			   msecs_to_jiffies(MNPEN_STOP_SENT_MS));
}

/* Nobody uses the pen: it may sleep, and nothing has ended by that. */
static int doze(struct mnpen *m)
{
	int err = 0;

	spin_lock_irq(&m->state_lock);
	if (mnpen_state_live(m->state) || m->stop_pending || m->stop_busy ||
	    m->feed_busy) {
		err = -EBUSY;
	} else {
		m->parked = true;
		__mnpen_event(m, MNPEN_E_SUSPEND, MNPEN_STOP_NONE);
	}
	spin_unlock_irq(&m->state_lock);
	if (!err)
		mnpen_pm_park(m);
	return err;
}

int mnpen_suspend(struct usb_interface *intf, pm_message_t message)
{
	struct mnpen *m = usb_get_intfdata(intf);

	if (PMSG_IS_AUTO(message))
		return doze(m);
	/* Long done by the notifier, unless only this pen is put to sleep. */
	stop_and_wait(m, MNPEN_STOP_PM, MNPEN_REST_MS);
	leave(m, MNPEN_E_SUSPEND, MNPEN_STOP_PM);
	mnpen_pm_park(m);
	/* A command that is under way ends by its own deadline. */
	mutex_lock(&m->ctl_mutex);
	mutex_unlock(&m->ctl_mutex);
	return 0;
}

int mnpen_resume(struct usb_interface *intf)
{
	struct mnpen *m = usb_get_intfdata(intf);

	listen(m);
	spin_lock_irq(&m->state_lock);
	if (m->strange)
		ask_later(m);
	else
		welcome(m);
	spin_unlock_irq(&m->state_lock);
	return 0;
}

/* Asks once; a pen that does not answer must not hold up the bus. */
static void come_back(struct mnpen *m)
{
	int err;

	lockdep_assert_held(&m->ctl_mutex);
	m->strange = true;
	err = introduce(m);
	listen(m);
	if (!err)
		return;
	dev_warn(&m->dev, "no answer after a reset: %d\n", err);
	spin_lock_irq(&m->state_lock);
	m->intro_delay_ms = 0;
	ask_later(m);
	spin_unlock_irq(&m->state_lock);
}

/* It lost power or was reset meanwhile. */
int mnpen_reset_resume(struct usb_interface *intf)
{
	struct mnpen *m = usb_get_intfdata(intf);

	mutex_lock(&m->ctl_mutex);
	come_back(m);
	mutex_unlock(&m->ctl_mutex);
	return 0;
}

int mnpen_pre_reset(struct usb_interface *intf)
{
	struct mnpen *m = usb_get_intfdata(intf);

	mnpen_stop(m, MNPEN_STOP_RESET);
	spin_lock_irq(&m->state_lock);
	__mnpen_watch_reset(m);
	spin_unlock_irq(&m->state_lock);
	leave(m, MNPEN_E_RESET, MNPEN_STOP_RESET);
	mnpen_pm_park(m);
	/* Until post_reset, which usbcore calls whatever comes of the reset. */
	mutex_lock(&m->ctl_mutex);
	return 0;
}

int mnpen_post_reset(struct usb_interface *intf)
{
	struct mnpen *m = usb_get_intfdata(intf);

	come_back(m);
	mutex_unlock(&m->ctl_mutex);
	return 0;
}

/* From now on ARM is refused; the motor rests when this returns. */
static void ground(struct mnpen *m, u32 reason)
{
	spin_lock_irq(&m->state_lock);
	m->grounded = true;
	spin_unlock_irq(&m->state_lock);
	/* Not a reason to stay awake: bus and deadline stop it as well. */
	if (!stop_and_wait(m, reason, MNPEN_REST_MS))
		dev_crit(&m->dev, "did not confirm STOP (%s)\n",
			 mnpen_stop_reason_name(reason));
}

static int on_sleep(struct notifier_block *nb, unsigned long action, void *data)
{
	struct mnpen *m = container_of(nb, struct mnpen, sleep_nb);

	switch (action) {
	case PM_HIBERNATION_PREPARE:
	case PM_SUSPEND_PREPARE:
	case PM_RESTORE_PREPARE:
		ground(m, MNPEN_STOP_PM);
		break;
	case PM_POST_HIBERNATION:
	case PM_POST_SUSPEND:
	case PM_POST_RESTORE:
		spin_lock_irq(&m->state_lock);
		m->grounded = false;
		spin_unlock_irq(&m->state_lock);
		break;
	}
	return NOTIFY_DONE;
}

static int on_reboot(struct notifier_block *nb, unsigned long action,
		     void *data)
{
	struct mnpen *m = container_of(nb, struct mnpen, reboot_nb);

	ground(m, MNPEN_STOP_SHUTDOWN);
	return NOTIFY_DONE;
}

int mnpen_pm_watch(struct mnpen *m)
{
	int err;

	m->sleep_nb.notifier_call = on_sleep;
	m->reboot_nb.notifier_call = on_reboot;
	err = register_pm_notifier(&m->sleep_nb);
	if (err)
		return err;
	return register_reboot_notifier(&m->reboot_nb);
}

/* Also if they were never registered. */
void mnpen_pm_unwatch(struct mnpen *m)
{
	unregister_reboot_notifier(&m->reboot_nb);
	unregister_pm_notifier(&m->sleep_nb);
}

/* Wakes the pen and keeps it awake; may sleep. */
int mnpen_pm_get(struct mnpen *m)
{
	int err = -ENODEV;

	down_read(&m->io_rwsem);
	if (m->intf)
		err = usb_autopm_get_interface(m->intf);
	if (!err)
		atomic_inc(&m->awake);
	up_read(&m->io_rwsem);
	return err;
}

/* After disconnect there is nothing left to put. */
void mnpen_pm_put(struct mnpen *m)
{
	down_read(&m->io_rwsem);
	if (m->intf) {
		atomic_dec(&m->awake);
		usb_autopm_put_interface_async(m->intf);
	}
	up_read(&m->io_rwsem);
}

/*
 * At the end of disconnect. Usbcore does not do it, and the next driver of the
 * interface would never see it sleep.
 */
void mnpen_pm_put_all(struct mnpen *m)
{
	int n = atomic_read(&m->awake) + m->held_awake;

	while (n--)
		usb_autopm_put_interface_no_suspend(m->intf);
}

/* A pen that is armed, or not known to rest, stays awake. */
void __mnpen_pm_hold(struct mnpen *m, bool hold)
{
	lockdep_assert_held(&m->state_lock);
	if (m->held_awake == hold || m->gone)
		return;
	m->held_awake = hold;
	if (hold)
		usb_autopm_get_interface_no_resume(m->intf);
	else
		usb_autopm_put_interface_async(m->intf);
}
