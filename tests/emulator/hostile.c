// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/hostile.h"

#include <errno.h>
#include <linux/usb/ch9.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "tests/emulator/pen.h"

#define FLOOD_PACKETS	300	/* answered at once, then it breathes */

/* How it treats packets and requests until it changes its mind. */
enum mood {
	MOOD_GOOD,
	MOOD_LENGTH,		/* random lengths */
	MOOD_GARBAGE,		/* random bytes */
	MOOD_FORGED,		/* random bytes under a right checksum */
	MOOD_STATUS,		/* transfers fail */
	MOOD_SILENT,
	MOOD_FLOOD,		/* packets only: far too many */
};

static const char * const mood_names[] = {
	[MOOD_GOOD] = "good", [MOOD_LENGTH] = "length",
	[MOOD_GARBAGE] = "garbage", [MOOD_FORGED] = "forged",
	[MOOD_STATUS] = "status", [MOOD_SILENT] = "silent",
	[MOOD_FLOOD] = "flood",
};

struct hostile {
	struct pen *pen;
	const struct hostile_set *set;	/* NULL: none on this cable */
	bool random;
	uint64_t seed;
	enum mood packets;
	enum mood requests;
	unsigned int flood_left;
	struct loop_source timer;	/* of random behaviour only */
};

/* splitmix64: any seed is as good as any other. */
static uint64_t draw(struct hostile *h)
{
	uint64_t z = h->seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static unsigned int below(struct hostile *h, unsigned int n)
{
	return (unsigned int)(draw(h) % n);
}

static bool one_in(struct hostile *h, unsigned int n)
{
	return below(h, n) == 0;
}

static void say(struct hostile *h, const char *text, const char *more)
{
	char label[96];

	snprintf(label, sizeof(label), "hostile: %s%s", text, more);
	journal_mark(h->pen->journal, pen_now_us(h->pen), label);
}

static void change_mood(struct hostile *h)
{
	h->packets = one_in(h, 3) ? MOOD_GOOD : below(h, MOOD_FLOOD + 1);
	h->requests = one_in(h, 2) ? MOOD_GOOD : below(h, MOOD_SILENT + 1);
	h->flood_left = FLOOD_PACKETS;
	say(h, "packets ", mood_names[h->packets]);
	say(h, "requests ", mood_names[h->requests]);
}

static void next_change(struct hostile *h)
{
	struct itimerspec when = {
		.it_value.tv_nsec = 1000000 * (20 + below(h, 480)),
	};

	timerfd_settime(h->timer.fd, 0, &when, NULL);
}

static void timer_ready(void *ctx, uint32_t events)
{
	struct hostile *h = ctx;
	uint64_t count;

	(void)events;
	if (read(h->timer.fd, &count, sizeof(count)) < 0)
		return;
	next_change(h);
	if (!h->pen->plugged)
		pen_plug(h->pen);
	else if (one_in(h, 6))
		pen_unplug(h->pen);
	else
		change_mood(h);
}

static int start_random(struct hostile *h)
{
	h->random = true;
	h->timer.fd = timerfd_create(CLOCK_MONOTONIC,
				     TFD_NONBLOCK | TFD_CLOEXEC);
	if (h->timer.fd < 0)
		return -errno;
	next_change(h);
	return loop_add(&h->pen->loop, &h->timer, EPOLLIN);
}

int hostile_create(struct hostile **out, struct pen *pen, const char *what,
		   uint64_t seed)
{
	const struct hostile_set *set = hostile_set_find(what);
	bool random = !strcmp(what, "random");
	struct hostile *h;
	int err = 0;

	if (!set && !random)
		return -EINVAL;
	h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	h->pen = pen;
	h->set = set;
	h->seed = seed;
	h->timer = (struct loop_source) { -1, timer_ready, h };
	if (random)
		err = start_random(h);
	if (err) {
		hostile_destroy(h);
		return err;
	}
	*out = h;
	return 0;
}

void hostile_destroy(struct hostile *h)
{
	if (!h)
		return;
	if (h->timer.fd >= 0) {
		loop_remove(&h->pen->loop, &h->timer);
		close(h->timer.fd);
	}
	free(h);
}

void hostile_plugged(struct hostile *h)
{
	if (!h || !h->random)
		return;
	/* Most of the time good enough to be bound, or nothing else is met. */
	h->set = one_in(h, 6) ?
		 hostile_set_at(below(h, hostile_set_count())) : NULL;
	h->packets = MOOD_GOOD;
	h->requests = MOOD_GOOD;
	if (one_in(h, 4))
		change_mood(h);
	if (h->set)
		say(h, "set ", hostile_set_name(h->set));
}

static void scribble(struct hostile *h, uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = (uint8_t)draw(h);
}

/* A few bytes only: a field out of range in an answer that makes sense. */
static void forge(struct hostile *h, uint8_t *data, size_t len)
{
	unsigned int i;

	for (i = below(h, 6); i > 0 && len; i--)
		data[below(h, (unsigned int)len)] = (uint8_t)draw(h);
}

static int some_status(struct hostile *h)
{
	static const int all[] = {
		-EPROTO, -EILSEQ, -EPIPE, -EOVERFLOW, -ETIME, -ECOMM, -ENOSR,
		-EREMOTEIO, -ENOENT, -ECONNRESET, -ESHUTDOWN, -ENODEV, -EINVAL,
		-EXDEV, -ENOMEM, -4095,
	};

	return all[below(h, sizeof(all) / sizeof(all[0]))];
}

static int random_answer(struct hostile *h, const struct fw_setup *s,
			 uint8_t *data, int n)
{
	if (n < 0)
		return n;
	switch (h->requests) {
	case MOOD_GOOD:
	case MOOD_FLOOD:
		break;
	case MOOD_LENGTH:
		return s->type & USB_DIR_IN ? (int)below(h, n + 64) : n;
	case MOOD_GARBAGE:
		scribble(h, data, (size_t)n);
		break;
	case MOOD_FORGED:
		forge(h, data, (size_t)n);
		hostile_seal(s, data, n);
		break;
	case MOOD_STATUS:
		return one_in(h, 2) ? some_status(h) : n;
	case MOOD_SILENT:
		return HOSTILE_SILENT;
	}
	return n;
}

int hostile_control(struct hostile *h, const struct fw_setup *s, uint8_t *data,
		    int n)
{
	if (!h)
		return n;
	/* What lies behind a short answer is nobody's business. */
	if (n >= 0)
		memset(data + n, 0, HOSTILE_REPLY_MAX - (size_t)n);
	if (h->set)
		n = hostile_set_apply(h->set, s, data, n);
	if (h->random)
		n = random_answer(h, s, data, n);
	return n;
}

static void forge_packet(struct hostile *h, struct hostile_in *in)
{
	uint16_t crc;

	forge(h, in->data, MNP_PACKET_LEN - 2);
	crc = mnp_crc16(in->data, MNP_PACKET_LEN - 2);
	in->data[MNP_PACKET_LEN - 2] = (uint8_t)crc;
	in->data[MNP_PACKET_LEN - 1] = (uint8_t)(crc >> 8);
}

bool hostile_in(struct hostile *h, const uint8_t *packet, size_t len,
		struct hostile_in *in)
{
	memcpy(in->data, packet, len);
	in->len = len;
	in->status = 0;
	if (!h || !h->random)
		return true;
	switch (h->packets) {
	case MOOD_GOOD:
	case MOOD_FLOOD:
		break;
	case MOOD_LENGTH:
		in->len = below(h, MNP_PACKET_LEN + 1);
		break;
	case MOOD_GARBAGE:
		scribble(h, in->data, MNP_PACKET_LEN);
		break;
	case MOOD_FORGED:
		forge_packet(h, in);
		break;
	case MOOD_STATUS:
		in->status = one_in(h, 3) ? 0 : some_status(h);
		break;
	case MOOD_SILENT:
		return false;
	}
	return true;
}

bool hostile_flood(struct hostile *h)
{
	if (!h || !h->random || h->packets != MOOD_FLOOD || !h->flood_left)
		return false;
	h->flood_left--;
	return true;
}
