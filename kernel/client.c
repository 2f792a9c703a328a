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
	kvfree(c);
	put_device(&m->dev);
}

long mnpen_client_subscribe(struct mnpen_client *c,
			    const struct mnpen_subscribe *arg)
{
	if (arg->mask & ~(__u32)(MNPEN_SUB_TELEMETRY | MNPEN_SUB_EVENTS))
		return -EINVAL;

	mnpen_watch_client(c->m, MNPEN_CLIENT_SUBSCRIBE, arg->mask);
	spin_lock_irq(&c->lock);
	c->mask = arg->mask;
	c->period_ns = mnpen_ms_ns(arg->period_ms);
	c->due_ns = 0;
	if (!(c->mask & MNPEN_SUB_TELEMETRY)) {
		kfifo_reset(&c->telemetry);
		c->held_flags = 0;
	}
	if (!(c->mask & MNPEN_SUB_EVENTS))
		kfifo_reset(&c->events);
	if (!c->mask)
		c->lost = 0;
	spin_unlock_irq(&c->lock);
	return 0;
}

/* Both return false if the client does not want this record. */

static bool put_event(struct mnpen_client *c, const struct mnpen_record *rec)
{
	if (!(c->mask & MNPEN_SUB_EVENTS))
		return false;
	if (kfifo_is_full(&c->events)) {
		kfifo_skip(&c->events);
		c->lost++;
	}
	kfifo_put(&c->events, *rec);
	return true;
}

static bool put_telemetry(struct mnpen_client *c,
			  const struct mnpen_record *rec, bool urgent)
{
	struct mnpen_record copy = *rec;

	if (!(c->mask & MNPEN_SUB_TELEMETRY))
		return false;
	copy.flags |= c->held_flags;
	if (c->period_ns && !urgent && rec->time_ns < c->due_ns) {
		c->held_flags = copy.flags;
		return false;
	}
	c->held_flags = 0;
	c->due_ns = rec->time_ns + c->period_ns;
	if (kfifo_is_full(&c->telemetry)) {
		kfifo_skip(&c->telemetry);
		c->lost++;
	}
	kfifo_put(&c->telemetry, copy);
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
		if (rec->type == MNPEN_REC_EVENT)
			wake = put_event(c, rec);
		else
			wake = put_telemetry(c, rec, urgent);
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
	bool got;

	spin_lock_irq(&c->lock);
	got = kfifo_get(&c->events, rec) || kfifo_get(&c->telemetry, rec);
	if (got && c->lost) {
		rec->flags |= MNPEN_REC_F_LOST;
		rec->lost = c->lost;
		c->lost = 0;
	}
	spin_unlock_irq(&c->lock);
	return got;
}

/* The last record popped did not reach its reader. */
void mnpen_client_lost(struct mnpen_client *c, const struct mnpen_record *rec)
{
	spin_lock_irq(&c->lock);
	c->lost += rec->lost + 1;
	spin_unlock_irq(&c->lock);
}

void mnpen_client_pending(struct mnpen_client *c, bool *telemetry, bool *events)
{
	spin_lock_irq(&c->lock);
	*telemetry = !kfifo_is_empty(&c->telemetry);
	*events = !kfifo_is_empty(&c->events);
	spin_unlock_irq(&c->lock);
}
