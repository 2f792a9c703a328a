// SPDX-License-Identifier: GPL-2.0-only
/* The flight recorder: two rings; see flight.h. */
#include <linux/ktime.h>
#include <linux/slab.h>

#include "flight.h"
#include "mnpen.h"

#define TAIL_NS		(MNPEN_FLIGHT_TAIL_MS * MNPEN_NS_PER_MS)

/*
 * Counters grow for ever; a record with number n is at n modulo the size. What
 * is older than _begin is of before the last ARM. state_lock guards all.
 */
struct mnpen_flight {
	u32 reason;
	u64 cause_ns;			/* 0: nothing happened */
	u32 packets, packets_begin;
	u32 notes, notes_begin;
	struct mnpen_flight_packet packet[MNPEN_FLIGHT_PACKETS];
	struct mnpen_flight_note note[MNPEN_FLIGHT_NOTES];

	/* These go on when the rest stands still. */
	u32 lasts;
	struct mnpen_flight_packet last[MNPEN_FLIGHT_LAST];
};

void mnpen_flight_alloc(struct mnpen *m)
{
	m->flight = kvzalloc(sizeof(*m->flight), GFP_KERNEL);
}

void mnpen_flight_free(struct mnpen *m)
{
	kvfree(m->flight);
}

static bool ended(const struct mnpen_flight *f, u64 now)
{
	return f->cause_ns && now - f->cause_ns >= TAIL_NS;
}

static void put_packet(struct mnpen_flight_packet *p, u64 now, const u8 *buf,
		       size_t len, int type)
{
	p->ns = now;
	p->type = type;
	p->len = min_t(size_t, len, sizeof(p->raw));
	memcpy(p->raw, buf, p->len);
}

void __mnpen_flight_packet(struct mnpen *m, u64 now, const u8 *buf, size_t len,
			   int type)
{
	struct mnpen_flight *f = m->flight;

	lockdep_assert_held(&m->state_lock);
	if (!f)
		return;
	put_packet(&f->last[f->lasts++ % MNPEN_FLIGHT_LAST], now, buf, len,
		   type);
	if (ended(f, now))
		return;
	put_packet(&f->packet[f->packets++ % MNPEN_FLIGHT_PACKETS], now, buf,
		   len, type);
}

/* A program that renews without pause must not push the rest out. */
static bool merge(struct mnpen_flight *f, u64 now, enum mnpen_note what,
		  u32 session)
{
	struct mnpen_flight_note *n;

	if (what != MNPEN_NOTE_KEEPALIVE || f->notes == f->notes_begin)
		return false;
	n = &f->note[(f->notes - 1) % MNPEN_FLIGHT_NOTES];
	if (n->what != what || n->arg[0] != session || n->again == U16_MAX)
		return false;
	n->again++;
	n->ns = now;
	return true;
}

void __mnpen_flight_note(struct mnpen *m, u64 now, enum mnpen_note what, u32 a,
			 u32 b, u32 c, u32 d)
{
	struct mnpen_flight *f = m->flight;
	struct mnpen_flight_note *n;

	lockdep_assert_held(&m->state_lock);
	if (!f || ended(f, now) || merge(f, now, what, a))
		return;
	n = &f->note[f->notes++ % MNPEN_FLIGHT_NOTES];
	n->ns = now;
	n->what = what;
	n->again = 0;
	n->arg[0] = a;
	n->arg[1] = b;
	n->arg[2] = c;
	n->arg[3] = d;
}

/* The first cause counts: what follows is often only its consequence. */
void __mnpen_flight_trigger(struct mnpen *m, u32 reason, u64 now)
{
	struct mnpen_flight *f = m->flight;

	lockdep_assert_held(&m->state_lock);
	if (!f || f->cause_ns)
		return;
	f->reason = reason;
	f->cause_ns = now;
}

void __mnpen_flight_rearm(struct mnpen *m)
{
	struct mnpen_flight *f = m->flight;

	lockdep_assert_held(&m->state_lock);
	if (!f || !f->cause_ns)
		return;
	f->cause_ns = 0;
	f->packets_begin = f->packets;
	f->notes_begin = f->notes;
}

/* Is number @i still there? Counters wrap, differences do not. */
static bool held(u32 i, u32 begin, u32 end, u32 size)
{
	return (s32)(i - begin) >= 0 && end - i - 1 < size;
}

static u32 oldest(u32 begin, u32 end, u32 size)
{
	return end - begin > size ? end - size : begin;
}

/*
 * One record at a time: the lock is that of the stop path, and a reader of
 * debugfs must not hold it for long. What is overwritten meanwhile is skipped.
 */
static void copy_packets(struct mnpen *m, struct mnpen_flight_copy *c, u32 i,
			 u32 end)
{
	struct mnpen_flight *f = m->flight;

	for (; i != end; i++) {
		spin_lock_irq(&m->state_lock);
		if (held(i, f->packets_begin, f->packets, MNPEN_FLIGHT_PACKETS))
			c->packet[c->packets++] =
				f->packet[i % MNPEN_FLIGHT_PACKETS];
		spin_unlock_irq(&m->state_lock);
	}
}

static void copy_notes(struct mnpen *m, struct mnpen_flight_copy *c, u32 i,
		       u32 end)
{
	struct mnpen_flight *f = m->flight;

	for (; i != end; i++) {
		spin_lock_irq(&m->state_lock);
		if (held(i, f->notes_begin, f->notes, MNPEN_FLIGHT_NOTES))
			c->note[c->notes++] = f->note[i % MNPEN_FLIGHT_NOTES];
		spin_unlock_irq(&m->state_lock);
	}
}

struct mnpen_flight_copy *mnpen_flight_get(struct mnpen *m)
{
	struct mnpen_flight *f = m->flight;
	u32 packet, packets, note, notes;
	struct mnpen_flight_copy *c;

	if (!f)
		return NULL;
	c = kvzalloc(sizeof(*c), GFP_KERNEL);
	if (!c)
		return NULL;
	kref_init(&c->ref);
	c->pen = m->id;
	spin_lock_irq(&m->state_lock);
	c->reason = f->reason;
	c->cause_ns = f->cause_ns;
	c->ended = ended(f, ktime_get_ns());
	packets = f->packets;
	packet = oldest(f->packets_begin, packets, MNPEN_FLIGHT_PACKETS);
	notes = f->notes;
	note = oldest(f->notes_begin, notes, MNPEN_FLIGHT_NOTES);
	spin_unlock_irq(&m->state_lock);
	copy_packets(m, c, packet, packets);
	copy_notes(m, c, note, notes);
	return c;
}

static void free_copy(struct kref *ref)
{
	kvfree(container_of(ref, struct mnpen_flight_copy, ref));
}

void mnpen_flight_put(struct mnpen_flight_copy *copy)
{
	if (copy)
		kref_put(&copy->ref, free_copy);
}

bool mnpen_flight_last(struct mnpen *m, unsigned int back,
		       struct mnpen_flight_packet *out)
{
	struct mnpen_flight *f = m->flight;
	bool there;

	if (!f)
		return false;
	spin_lock_irq(&m->state_lock);
	there = back < min_t(u32, f->lasts, MNPEN_FLIGHT_LAST);
	if (there)
		*out = f->last[(f->lasts - 1 - back) % MNPEN_FLIGHT_LAST];
	spin_unlock_irq(&m->state_lock);
	return there;
}
