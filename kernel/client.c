// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open files: each has a ring for telemetry and one for events. A reader that
 * is too slow loses its own oldest records and is told how many.
 */
#include <linux/slab.h>

#include "mnpen.h"
#include "watch.h"

static unsigned int *counter(struct mnpen_client *c)
{
	return c->writer ? &c->m->writers : &c->m->readers;
}

static int enlist(struct mnpen_client *c)
{
	unsigned int max = c->writer ? MNPEN_WRITERS_MAX : MNPEN_READERS_MAX;
	struct mnpen *m = c->m;
	int err = 0;

	spin_lock_irq(&m->clients_lock);
	/*
	 * disconnect sets gone before it takes this lock to wake the listed,
	 * so a file is either listed in time or refused here.
	 */
	if (READ_ONCE(m->gone)) {
		err = -ENODEV;
	} else if (*counter(c) >= max) {
		err = -EBUSY;
	} else {
		++*counter(c);
		list_add_tail(&c->node, &m->clients);
	}
	spin_unlock_irq(&m->clients_lock);
	return err;
}

int mnpen_client_open(struct mnpen *m, bool writer, struct mnpen_client **out)
{
	struct mnpen_client *c = kvzalloc(sizeof(*c), GFP_KERNEL_ACCOUNT);
	int err;

	if (!c)
		return -ENOMEM;
	c->m = m;
	c->writer = writer;
	mutex_init(&c->read_mutex);
	init_waitqueue_head(&c->wait);
	spin_lock_init(&c->lock);
	INIT_KFIFO(c->telemetry);
	INIT_KFIFO(c->events);
	get_device(&m->dev);
	err = enlist(c);
	if (err) {
		put_device(&m->dev);
		kvfree(c);
		return err;
	}
	mnpen_watch_client(m, MNPEN_CLIENT_OPEN, writer);
	*out = c;
	return 0;
}

void mnpen_client_close(struct mnpen_client *c)
{
	struct mnpen *m = c->m;

	mnpen_watch_client(m, MNPEN_CLIENT_CLOSE, c->writer);
	spin_lock_irq(&m->clients_lock);
	list_del(&c->node);
	--*counter(c);
	spin_unlock_irq(&m->clients_lock);
	if (c->mask)
		mnpen_pm_put(m);
	kvfree(c);
	put_device(&m->dev);
}

long mnpen_client_subscribe(struct mnpen_client *c,
			    const struct mnpen_subscribe *arg)
{
	bool awake;
	int err;

	if (arg->mask & ~(__u32)(MNPEN_SUB_TELEMETRY | MNPEN_SUB_EVENTS))
		return -EINVAL;
	/* Somebody listens: the pen stays awake. */
	if (arg->mask) {
		err = mnpen_pm_get(c->m);
		if (err)
			return err;
	}

	mnpen_watch_client(c->m, MNPEN_CLIENT_SUBSCRIBE, arg->mask);
	spin_lock_irq(&c->lock);
	awake = c->mask;
	c->mask = arg->mask;
	c->period_ns = mnpen_ms_ns(arg->period_ms);
	c->due_ns = 0;
	if (!(c->mask & MNPEN_SUB_TELEMETRY)) {
		kfifo_reset(&c->telemetry);
		c->telemetry_loss = (struct mnpen_loss){ };
	}
	if (!(c->mask & MNPEN_SUB_EVENTS)) {
		kfifo_reset(&c->events);
		c->event_loss = (struct mnpen_loss){ };
	}
	if (!c->mask)
		c->held_flags = 0;
	spin_unlock_irq(&c->lock);
	if (awake)
		mnpen_pm_put(c->m);
	return 0;
}

static void note_loss(struct mnpen_loss *loss, const struct mnpen_record *rec)
{
	loss->lost += rec->lost + 1;
	loss->flags |= rec->flags & ~MNPEN_REC_F_LOST;
}

static void tell_loss(struct mnpen_loss *loss, struct mnpen_record *rec)
{
	rec->flags |= loss->flags;
	rec->lost = loss->lost;
	if (rec->lost)
		rec->flags |= MNPEN_REC_F_LOST;
	*loss = (struct mnpen_loss){ };
}

static bool wants(const struct mnpen_client *c, const struct mnpen_record *rec,
		  bool urgent)
{
	if (rec->type == MNPEN_REC_EVENT)
		return c->mask & MNPEN_SUB_EVENTS;
	return c->mask & MNPEN_SUB_TELEMETRY &&
	       (urgent || !c->period_ns || rec->time_ns >= c->due_ns);
}

/*
 * False if the client does not want this record. What it says about those
 * before it then waits for one that it does want.
 */
static bool put(struct mnpen_client *c, const struct mnpen_record *rec,
		bool urgent)
{
	struct mnpen_record copy = *rec, oldest;

	if (!c->mask)
		return false;
	copy.flags |= c->held_flags;
	if (!wants(c, rec, urgent)) {
		c->held_flags = copy.flags;
		return false;
	}
	c->held_flags = 0;
	if (rec->type == MNPEN_REC_EVENT) {
		if (kfifo_is_full(&c->events) &&
		    kfifo_get(&c->events, &oldest))
			note_loss(&c->event_loss, &oldest);
		kfifo_put(&c->events, copy);
	} else {
		c->due_ns = rec->time_ns + c->period_ns;
		if (kfifo_is_full(&c->telemetry) &&
		    kfifo_get(&c->telemetry, &oldest))
			note_loss(&c->telemetry_loss, &oldest);
		kfifo_put(&c->telemetry, copy);
	}
	return true;
}

/* @urgent: no decimation, the state changed */
void mnpen_clients_push(struct mnpen *m, const struct mnpen_record *rec,
			bool urgent)
{
	struct mnpen_client *c;
	unsigned long flags;
	bool wake;

	spin_lock_irqsave(&m->clients_lock, flags);
	list_for_each_entry(c, &m->clients, node) {
		spin_lock(&c->lock);
		wake = put(c, rec, urgent);
		spin_unlock(&c->lock);
		if (wake)
			wake_up_interruptible(&c->wait);
	}
	spin_unlock_irqrestore(&m->clients_lock, flags);
}

/* gone is set: readers drain what they have, then get -ENODEV. */
void mnpen_clients_hangup(struct mnpen *m)
{
	struct mnpen_client *c;

	spin_lock_irq(&m->clients_lock);
	list_for_each_entry(c, &m->clients, node)
		wake_up_all(&c->wait);
	spin_unlock_irq(&m->clients_lock);
}

/* Takes the next record, events first; false if there is none. */
bool mnpen_client_pop(struct mnpen_client *c, struct mnpen_record *rec)
{
	bool got = true;

	spin_lock_irq(&c->lock);
	if (kfifo_get(&c->events, rec))
		tell_loss(&c->event_loss, rec);
	else if (kfifo_get(&c->telemetry, rec))
		tell_loss(&c->telemetry_loss, rec);
	else
		got = false;
	spin_unlock_irq(&c->lock);
	return got;
}

/* The last record popped did not reach its reader. */
void mnpen_client_lost(struct mnpen_client *c, const struct mnpen_record *rec)
{
	spin_lock_irq(&c->lock);
	note_loss(rec->type == MNPEN_REC_EVENT ? &c->event_loss :
		  &c->telemetry_loss, rec);
	spin_unlock_irq(&c->lock);
}

void mnpen_client_pending(struct mnpen_client *c, bool *telemetry, bool *events)
{
	spin_lock_irq(&c->lock);
	*telemetry = !kfifo_is_empty(&c->telemetry);
	*events = !kfifo_is_empty(&c->events);
	spin_unlock_irq(&c->lock);
}
