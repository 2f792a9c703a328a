/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mnpen: driver for microneedling pens on USB, what its parts share.
 *
 *   main.c   probe, disconnect, module       rx.c     packets from the pen
 *   ctl.c    state, lease, feed, stop ladder  ep0.c    control requests
 *   cmd.c    ARM, RUN, DISARM, limits         client.c readers and their rings
 *   cdev.c   file operations                  ioctl.c  ioctl table
 *   service.c faults, blobs, self test: moves nothing
 *   intro.c  getting to know a pen            pm.c     sleep, reset, shutdown
 *   sysfs.c  class attributes, uevent         sensors.c, hwmon.c, battery.c,
 *   watch.c  what is shown of all that, to    input.c: other subsystems
 *            trace.h, stats.h, flight.c       debugfs.c files; inject.c faults
 *   state.c, limits.c, lease.h, seq.h, proto.c: pure, tested in user space
 *
 * Locks, outermost first:
 *
 * ==================  ========================  =============================
 * io_rwsem            udev, intf are valid      read around every control
 *                                               transfer, write in disconnect
 *                                               only. Never held while waiting
 *                                               for data; read(), poll() and
 *                                               STOP do not take it.
 * ctl_mutex           order of the commands     held until ep0_end at most;
 *                     on EP0                    who waited longer gives up
 * state_lock          see the fields below      taken in completions and in
 * (spin, irqsave)                               the timer. URBs are submitted
 *                                               under it, never cancelled.
 * clients_lock        list of readers, counts   inside it only client->lock
 * (spin, irqsave)
 * client->lock        rings, lost, mask         wake up after it
 * (spin, irqsave)
 * client->read_mutex  one reader of a file at   taken alone, before
 *                     a time                    client->lock
 * ==================  ========================  =============================
 *
 * hrtimer_cancel(), cancel_work_sync() and usb_poison_urb() run with no lock
 * held. A helper whose name begins with __mnpen_ wants state_lock held.
 *
 * Lifetime: struct mnpen is its embedded device. References: probe (until the
 * end of disconnect), each open file, the cdev. URBs and buffers are freed in
 * the device's release; after disconnect they are poisoned.
 *
 * The pen is kept awake by each file that subscribed, each command, and from
 * ARM until it rests.
 */
#ifndef MNPEN_H
#define MNPEN_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/hrtimer.h>
#include <linux/kfifo.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/usb.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <linux/mnpen.h>

#include "lease.h"
#include "limits.h"
#include "proto.h"
#include "seq.h"
#include "state.h"
#include "stats.h"

#define MNPEN_MINORS		64
#define MNPEN_IN_URBS		2	/* one is queued while one completes */

#define MNPEN_EP0_MS		250	/* longest control transfer */
#define MNPEN_CMD_MS		600	/* longest command, with waiting for others */
#define MNPEN_PROBE_MS		2000	/* longest introduction */
#define MNPEN_POLL_MS		20	/* GET_SELF_TEST */
#define MNPEN_STOP_SENT_MS	100	/* ARM waits so long for a STOP to be out */
#define MNPEN_EP0_LAST_MS	100	/* the last STOP, in disconnect */
#define MNPEN_FIRST_PACKET_MS	200	/* probe waits so long for telemetry */
#define MNPEN_SILENCE_MS	100	/* without a valid packet: stop */
#define MNPEN_OBEY_MS		30	/* STOP obeyed, or by EP0: 3 packets */
#define MNPEN_CONFIRM_MS	250	/* and that, or a reset */
#define MNPEN_SPINDOWN_MS	1000	/* obeyed, and the motor really rests */
#define MNPEN_CLOSE_WAIT_MS	150	/* release() waits so long for rest */
#define MNPEN_REST_MS		200	/* and so do sleep and shutdown */

#define MNPEN_LEASE_MIN_MS	100
#define MNPEN_LEASE_MAX_MS	1000

#define MNPEN_TELEMETRY_RING	128	/* records; about a second */
#define MNPEN_EVENT_RING	32
#define MNPEN_READERS_MAX	16	/* files open for reading only */
#define MNPEN_WRITERS_MAX	8	/* counted apart: watching cannot lock out */

struct mnpen_battery;
struct mnpen_client;
struct mnpen_flight;

/* One pen. What guards a field stands behind it, or above its group. */
struct mnpen {
	struct device dev;
	struct cdev cdev;
	int id;					/* of mnpenN */

	struct rw_semaphore io_rwsem;
	struct usb_device *udev;		/* io_rwsem; NULL once gone */
	struct usb_interface *intf;		/* io_rwsem; NULL once gone */
	atomic_t awake;				/* by files; steady under io_rwsem */
	struct mutex ctl_mutex;			/* one command at a time */
	ktime_t ep0_end;			/* ctl_mutex; no transfer after this */

	/* Written in probe only. */
	struct mnpen_caps caps;			/* boot_id: state_lock */
	u32 lease_min_ms;
	struct usb_anchor ep0_anchor;		/* has its own lock */
	struct urb *in_urb[MNPEN_IN_URBS];
	struct urb *feed_urb;
	struct urb *stop_urb;
	unsigned int in_pipe;
	unsigned int out_pipe;

	spinlock_t state_lock;			/* all below, down to tick */
	enum mnpen_state state;
	u32 stop_reason;			/* first cause of the last stop */
	bool gone;				/* nothing is started after this */
	bool parked;				/* nor until it resumes */
	bool grounded;				/* the machine goes down: no ARM */
	bool held_awake;			/* armed, not at rest, or strange */
	bool strange;				/* it has to answer some questions */
	bool limp;				/* it answered them otherwise */
	u32 gen;				/* grows with each halt */

	struct mnpen_client *controller;
	fl_owner_t owner;			/* who feeds: a cookie, never followed */
	bool orphaned;				/* the owner closed; up for grabs */
	u32 session;				/* 0: none */
	u32 last_session;
	bool session_stale;

	u16 token;				/* 0: not armed */
	u16 out_seq;				/* of FEED, STOP and RUN */
	u32 lease_ms;
	u64 lease_end_ns;			/* 0: no lease */
	u64 run_end_ns;				/* 0: no end */
	u64 armed_ns;				/* token became known */
	u64 run_ns;				/* RUN was answered */
	bool run_busy;				/* RUN is on EP0: no FEED */
	bool pedal_bound;			/* it runs only with the pedal down */
	bool token_seen;			/* telemetry showed our token */
	bool run_seen;				/* telemetry showed RUNNING */
	u16 rate_set_spm;
	u32 depth_set_um;

	bool stop_pending;			/* the pen has not reported rest */
	bool stop_obeyed;			/* token 0 and set rate 0 reported */
	u8 rest_count;				/* such packets in a row */
	u8 rung;				/* of the stop ladder */
	u64 confirm_ns;				/* when the next rung is due */
	unsigned int ladder;			/* MNPEN_A_* left to ladder_work */

	struct mnp_limits limits;		/* ceilings in force, host copy */
	u32 limits_generation;
	u32 limits_crc32;			/* of the image the pen holds */
	u32 limits_old_crc32;			/* of the one before */
	u64 limits_ns;				/* when that changed */
	bool limits_match;			/* the pen holds our ceilings */
	bool limits_busy;			/* a change is on EP0 */

	bool rx_valid;				/* telemetry below is real */
	u64 rx_ns;				/* last valid telemetry packet */
	struct mnp_telemetry telemetry;
	struct mnpen_seq seq;
	u32 rec_flags;				/* for the next record */
	bool event_seen;
	u16 event_seq;				/* last event passed on */
	u8 in_idle;				/* bit n: in_urb[n] is not queued */
	bool in_halted;
	bool out_halted;
	bool reset_asked;
	u64 reset_ns;				/* when */
	u32 rx_delay_ms;			/* back-off after bus errors */
	u64 rx_fail_ns;				/* since when; 0: all is well */
	bool feed_busy;
	bool stop_busy;
	u64 stop_due_ns;			/* by EP0 if not out by then; 0: no */
	bool stop_again;			/* once more when this one is done */
	u32 stop_again_reason;

	struct mnpen_stats stats;
	struct mnpen_flight *flight;		/* contents; NULL: none */
	struct input_dev *input;		/* NULL: none */

	struct notifier_block sleep_nb;
	struct notifier_block reboot_nb;
	struct hrtimer tick;			/* lease, silence, feed, ladder */
	struct work_struct ladder_work;
	struct delayed_work rx_work;
	struct delayed_work intro_work;
	u32 intro_delay_ms;
	wait_queue_head_t change;		/* state, first packet, STOP out */

	/* Written in probe and disconnect only. */
	struct device *hwmon;
	struct mnpen_battery *battery;
	struct dentry *debugfs;

	spinlock_t clients_lock;		/* all below */
	struct list_head clients;
	unsigned int readers;
	unsigned int writers;
};

/* What the next record out of a ring has to tell about those before it. */
struct mnpen_loss {
	u32 lost;
	u16 flags;				/* MNPEN_REC_F_* of the lost */
};

/* One open file. */
struct mnpen_client {
	struct mnpen *m;
	struct list_head node;			/* m->clients_lock */
	bool writer;
	struct mutex read_mutex;		/* one reader at a time */
	wait_queue_head_t wait;

	spinlock_t lock;			/* all below */
	u32 mask;
	u64 period_ns;
	u64 due_ns;				/* next telemetry wanted */
	struct mnpen_loss telemetry_loss;
	struct mnpen_loss event_loss;
	u16 held_flags;				/* of records it did not want */
	DECLARE_KFIFO(telemetry, struct mnpen_record, MNPEN_TELEMETRY_RING);
	DECLARE_KFIFO(events, struct mnpen_record, MNPEN_EVENT_RING);
};

static inline u64 mnpen_ms_ns(u32 ms)
{
	return ms * MNPEN_NS_PER_MS;
}

/* ctl.c */
void mnpen_ctl_init(struct mnpen *m);
void __mnpen_event(struct mnpen *m, enum mnpen_state_event event, u32 reason);
void __mnpen_supervise(struct mnpen *m, const struct mnp_telemetry *t);
void __mnpen_start_tick(struct mnpen *m, u64 now);
bool __mnpen_fresh(const struct mnpen *m, u64 now);
bool __mnpen_lease_over(struct mnpen *m, u64 now);
void mnpen_stop(struct mnpen *m, u32 reason);
void mnpen_out_complete(struct urb *urb);

/* rx.c */
int mnpen_rx_start(struct mnpen *m);
void __mnpen_rx_queue(struct mnpen *m);
void mnpen_in_complete(struct urb *urb);
void mnpen_rx_work(struct work_struct *work);
void __mnpen_rx_mend_out(struct mnpen *m);

/*
 * ep0.c; the caller holds io_rwsem or is called by usbcore, and all but mnpen_ep0_stop() end when
 * ep0_end has come. -ENODEV, -ETIMEDOUT, -EPROTO and other errors of the bus.
 */
int mnpen_ep0_caps(struct mnpen *m, struct mnp_caps *caps);
int mnpen_ep0_limits(struct mnpen *m, u16 which, struct mnp_limits *limits);
int mnpen_ep0_lower(struct mnpen *m, struct mnp_limits *limits);
int mnpen_ep0_arm(struct mnpen *m, u32 limits_crc32, u16 feed_ms, u16 flags,
		  u16 *token);
int mnpen_ep0_run(struct mnpen *m, const struct mnp_run *run);
int mnpen_ep0_disarm(struct mnpen *m);
int mnpen_ep0_clear_fault(struct mnpen *m, u32 mask);
int mnpen_ep0_mark(struct mnpen *m, u16 token);
int mnpen_ep0_identify(struct mnpen *m);
int mnpen_ep0_self_test(struct mnpen *m, u16 mask);
int mnpen_ep0_self_test_result(struct mnpen *m, struct mnp_self_test *t);
int mnpen_ep0_blob(struct mnpen *m, u8 req, struct mnpen_blob *blob);
void mnpen_ep0_clear_halt(struct mnpen *m, unsigned int pipe);
void mnpen_ep0_abort(struct mnpen *m);
int mnpen_ep0_stop(struct mnpen *m, u32 reason, int timeout_ms);

/* cmd.c: commands of the controller */
int __mnpen_check_session(const struct mnpen *m, const struct mnpen_client *c,
			  u32 session);
long mnpen_cmd_acquire(struct mnpen_client *c, struct mnpen_acquire *arg);
long mnpen_cmd_release(struct mnpen_client *c);
long mnpen_cmd_keepalive(struct mnpen_client *c, struct mnpen_keepalive *arg);
long mnpen_cmd_arm(struct mnpen_client *c, const struct mnpen_arm *arg);
long mnpen_cmd_run(struct mnpen_client *c, const struct mnpen_run *arg);
long mnpen_cmd_disarm(struct mnpen_client *c);
long mnpen_cmd_disarm_pen(struct mnpen_client *c);
long mnpen_cmd_lower_limits(struct mnpen_client *c,
			    const struct mnpen_limits *arg);
int mnpen_cmd_sync_limits(struct mnpen *m);
long mnpen_cmd_write_limits(struct mnpen_client *c, struct mnpen_limits *out);
void mnpen_cmd_stop(struct mnpen_client *c);
void mnpen_cmd_flush(struct mnpen_client *c, fl_owner_t id);
void mnpen_cmd_close(struct mnpen_client *c);
void __mnpen_limits_out(const struct mnpen *m, struct mnpen_limits *out);

/* intro.c; nobody else is on EP0 */
int mnpen_intro_first(struct mnpen *m);
int mnpen_intro_again(struct mnpen *m, u32 reason);

/* pm.c */
int mnpen_suspend(struct usb_interface *intf, pm_message_t message);
int mnpen_resume(struct usb_interface *intf);
int mnpen_reset_resume(struct usb_interface *intf);
int mnpen_pre_reset(struct usb_interface *intf);
int mnpen_post_reset(struct usb_interface *intf);
void mnpen_pm_park(struct mnpen *m);
void mnpen_pm_intro_work(struct work_struct *work);
int mnpen_pm_watch(struct mnpen *m);
void mnpen_pm_unwatch(struct mnpen *m);
int mnpen_pm_get(struct mnpen *m);
void mnpen_pm_put(struct mnpen *m);
void mnpen_pm_put_all(struct mnpen *m);
void __mnpen_pm_hold(struct mnpen *m, bool hold);

/* service.c: what moves nothing */
long mnpen_service_clear_fault(struct mnpen_client *c,
			       const struct mnpen_clear_fault *arg);
long mnpen_service_cartridge(struct mnpen_client *c, struct mnpen_blob *blob);
long mnpen_service_calib(struct mnpen_client *c, struct mnpen_blob *blob);
long mnpen_service_self_test(struct mnpen_client *c,
			     struct mnpen_self_test *arg);
long mnpen_service_identify(struct mnpen_client *c);
long mnpen_service_mark(struct mnpen_client *c, const struct mnpen_mark *arg);

/* client.c */
int mnpen_client_open(struct mnpen *m, bool writer, struct mnpen_client **out);
void mnpen_client_close(struct mnpen_client *c);
long mnpen_client_subscribe(struct mnpen_client *c,
			    const struct mnpen_subscribe *arg);
bool mnpen_client_pop(struct mnpen_client *c, struct mnpen_record *rec);
void mnpen_client_lost(struct mnpen_client *c, const struct mnpen_record *rec);
void mnpen_client_pending(struct mnpen_client *c, bool *telemetry,
			  bool *events);
void mnpen_clients_push(struct mnpen *m, const struct mnpen_record *rec,
			bool urgent);
void mnpen_clients_hangup(struct mnpen *m);

/* cdev.c, ioctl.c, sysfs.c */
extern const struct file_operations mnpen_fops;
long mnpen_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
extern struct class mnpen_class;

#endif /* MNPEN_H */
