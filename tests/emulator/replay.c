// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/replay.h"

#include <errno.h>
#include <linux/usb/ch9.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/emulator/pcap.h"

#define TYPE_OUT	0x21	/* class, interface */
#define TYPE_IN		0xa1
#define TYPE_QUERY	0xc1	/* vendor, interface */

#define PENDING		32	/* questions under way at one moment */

/* What the pen sent, in the order of the recording. */
struct packet {
	int64_t at_us;		/* since 1970; later: since the start */
	uint8_t bytes[MNP_PACKET_LEN];
};

struct answer {
	int64_t at_us;
	uint8_t request;
	uint16_t value;
	uint16_t len;
	uint8_t bytes[MNP_CAPS_MAX_LEN];
};

struct replay {
	struct packet *packets;
	size_t packet_count, packet_room;
	struct answer *answers;
	size_t answer_count, answer_room;

	bool as_pen;
	bool playing;
	bool ended;		/* and nobody was told yet */
	uint64_t start_us;	/* own clock at position 0 */
	uint64_t position_us;	/* where it was held */
	size_t next;		/* packet */
	bool have_result;	/* of a request that was made now */
	struct mnp_result result;
};

/* While reading: which pen it is, and what it was asked. */
struct loader {
	struct replay *replay;
	bool have_pen;
	uint16_t bus;
	uint8_t device;
	bool have_start;
	int64_t start_us;	/* SET_CONFIGURATION, or the first packet */
	unsigned int odd_packets;
	struct usbmon_header asked[PENDING];
	unsigned int oldest;
};

static int grow(void *list, size_t *room, size_t count, size_t size)
{
	void **array = list;
	size_t more = *room ? 2 * *room : 256;
	void *bigger;

	if (count < *room)
		return 0;
	bigger = reallocarray(*array, more, size);
	if (!bigger)
		return -ENOMEM;
	*array = bigger;
	*room = more;
	return 0;
}

static int keep_packet(struct loader *l, int64_t at_us, const uint8_t *data,
		       size_t len)
{
	struct replay *r = l->replay;
	struct packet *p;
	int err;

	if (len != MNP_PACKET_LEN) {
		l->odd_packets++;
		return 0;
	}
	err = grow(&r->packets, &r->packet_room, r->packet_count, sizeof(*p));
	if (err)
		return err;
	p = &r->packets[r->packet_count++];
	p->at_us = at_us;
	memcpy(p->bytes, data, len);
	return 0;
}

static int keep_answer(struct loader *l, int64_t at_us, const uint8_t *setup,
		       const uint8_t *data, size_t len)
{
	struct replay *r = l->replay;
	struct answer *a;
	int err;

	if (len > MNP_CAPS_MAX_LEN)
		return 0;
	err = grow(&r->answers, &r->answer_room, r->answer_count, sizeof(*a));
	if (err)
		return err;
	a = &r->answers[r->answer_count++];
	*a = (struct answer) {
		.at_us = at_us,
		.request = setup[1],
		.value = (uint16_t)(setup[2] | setup[3] << 8),
		.len = (uint16_t)len,
	};
	memcpy(a->bytes, data, len);
	return 0;
}

/* The setup packet is in the submission only. */
static const struct usbmon_header *asked(const struct loader *l, uint64_t id)
{
	unsigned int i, at;

	/* The newest first: numbers are used again. */
	for (i = 1; i <= PENDING; i++) {
		at = (l->oldest + PENDING - i) % PENDING;
		if (l->asked[at].type && l->asked[at].id == id)
			return &l->asked[at];
	}
	return NULL;
}

static int take_control(struct loader *l, const struct usbmon_header *h,
			const uint8_t *data, int64_t at_us)
{
	const struct usbmon_header *q;

	if (h->type == USBMON_SUBMIT) {
		if (h->setup_flag == USBMON_PRESENT)
			l->asked[l->oldest++ % PENDING] = *h;
		l->oldest %= PENDING;
		return 0;
	}
	q = asked(l, h->id);
	if (!q || h->type != USBMON_COMPLETE || h->status)
		return 0;
	if (!q->setup[0] && q->setup[1] == USB_REQ_SET_CONFIGURATION &&
	    !l->have_start) {
		l->have_start = true;
		l->start_us = at_us;
	}
	if (q->setup[0] == TYPE_IN || q->setup[0] == TYPE_QUERY)
		return keep_answer(l, at_us, q->setup, data, h->captured);
	return 0;
}

static int take_event(struct loader *l, const struct usbmon_header *h,
		      const uint8_t *data, int64_t at_us)
{
	if (h->transfer == USBMON_CONTROL)
		return take_control(l, h, data, at_us);
	if (h->transfer != USBMON_INTERRUPT || h->type != USBMON_COMPLETE ||
	    !(h->endpoint & USB_DIR_IN) || h->status)
		return 0;
	return keep_packet(l, at_us, data, h->captured);
}

/*
 * Calls take_event() for the pen; before it is known, looks for the first
 * device whose packets are a pen's. 1, 0 at the end, or -errno.
 */
static int take_next(struct loader *l, struct pcap_reader *file)
{
	static uint8_t data[PCAP_DATA_MAX];
	struct usbmon_header h;
	int64_t at_us;
	int got = pcap_next(file, &h, data, &at_us);

	if (got <= 0)
		return got;
	if (!l->have_pen) {
		l->have_pen = h.type == USBMON_COMPLETE &&
			h.transfer == USBMON_INTERRUPT &&
			h.endpoint & USB_DIR_IN &&
			mnp_packet_type(data, h.captured) > 0;
		l->bus = h.bus;
		l->device = h.device;
		return 1;
	}
	if (h.bus != l->bus || h.device != l->device)
		return 1;
	got = take_event(l, &h, data, at_us);
	return got < 0 ? got : 1;
}

/* @find: only until it is known which device is the pen. */
static int read_through(struct loader *l, const char *path, bool find)
{
	struct pcap_reader *file;
	int got = pcap_open(&file, path);

	if (got)
		return got;
	do {
		got = take_next(l, file);
	} while (got > 0 && !(find && l->have_pen));
	pcap_close(file);
	return got < 0 ? got : 0;
}

/* Everything relative to the start; a clock that was set back stands still. */
static void relate(struct loader *l)
{
	struct replay *r = l->replay;
	int64_t before = 0;
	size_t i;

	if (!l->have_start && r->packet_count)
		l->start_us = r->packets[0].at_us;
	for (i = 0; i < r->packet_count; i++) {
		r->packets[i].at_us -= l->start_us;
		if (r->packets[i].at_us < before)
			r->packets[i].at_us = before;
		before = r->packets[i].at_us;
	}
	for (i = 0; i < r->answer_count; i++)
		r->answers[i].at_us -= l->start_us;
}

static const char *reason(int err)
{
	switch (err) {
	case -EBADMSG:
		return "not a capture file that this program understands";
	case -EPROTONOSUPPORT:
		return "holds other packets than those of Linux' usbmon";
	case -ENODATA:
		return "nothing that a pen sent is in it";
	default:
		return strerror(-err);
	}
}

static int load(struct loader *l, const char *path)
{
	int err = read_through(l, path, true);

	if (!err && l->have_pen)
		err = read_through(l, path, false);
	if (!err && !l->replay->packet_count)
		err = -ENODATA;
	if (err) {
		fprintf(stderr, "mnpen-emulator: %s: %s\n", path, reason(err));
		return err;
	}
	if (l->odd_packets)
		fprintf(stderr, "mnpen-emulator: %s: left out %u packets that"
			" have not %d bytes\n", path, l->odd_packets,
			MNP_PACKET_LEN);
	relate(l);
	return 0;
}

int replay_open(struct replay **out, const char *path, bool as_pen)
{
	struct loader *l = calloc(1, sizeof(*l));
	struct replay *r = calloc(1, sizeof(*r));
	int err = -ENOMEM;

	if (l && r) {
		l->replay = r;
		r->as_pen = as_pen;
		err = load(l, path);
	}
	free(l);
	if (err) {
		replay_close(r);
		return err;
	}
	*out = r;
	return 0;
}

void replay_close(struct replay *r)
{
	if (!r)
		return;
	free(r->answers);
	free(r->packets);
	free(r);
}

static void play(struct replay *r, uint64_t now_us)
{
	r->playing = true;
	r->start_us = now_us - r->position_us;
}

static void hold(struct replay *r, uint64_t now_us)
{
	if (r->playing)
		r->position_us = now_us - r->start_us;
	r->playing = false;
}

void replay_bus(struct replay *r, uint64_t now_us, enum fw_bus what)
{
	switch (what) {
	case FW_BUS_ATTACH:
		r->playing = false;
		r->position_us = 0;
		r->next = 0;
		r->ended = false;
		r->have_result = false;
		break;
	case FW_BUS_CONFIGURED:
		hold(r, now_us);
		play(r, now_us);
		break;
	case FW_BUS_RESUME:
		if (!r->playing && r->position_us)
			play(r, now_us);
		break;
	case FW_BUS_RESET:
	case FW_BUS_SUSPEND:
	case FW_BUS_DETACH:
		hold(r, now_us);
		break;
	}
}

uint64_t replay_in_due_us(const struct replay *r)
{
	if (!r->playing || r->next == r->packet_count)
		return UINT64_MAX;
	return r->start_us + (uint64_t)r->packets[r->next].at_us;
}

void replay_next_in(struct replay *r, uint8_t *buf)
{
	memcpy(buf, r->packets[r->next++].bytes, MNP_PACKET_LEN);
	r->ended = r->next == r->packet_count;
}

bool replay_ended(struct replay *r)
{
	bool ended = r->ended;

	r->ended = false;
	return ended;
}

static int settle(struct replay *r, uint16_t seq, uint16_t code)
{
	r->have_result = true;
	r->result = (struct mnp_result) { seq, code };
	return -code;
}

int replay_setup(struct replay *r, uint64_t now_us, const struct fw_setup *s)
{
	(void)now_us;
	if (s->index)
		return settle(r, 0, MNP_RESULT_UNKNOWN);
	/* Whether there is an answer to a question is seen later. */
	if (s->type == TYPE_IN || s->type == TYPE_QUERY)
		return 0;
	if (s->type != TYPE_OUT)
		return settle(r, 0, MNP_RESULT_UNKNOWN);
	if (s->request != MNP_REQ_STOP && s->request != MNP_REQ_DISARM)
		return settle(r, 0, MNP_RESULT_STATE);
	return s->length ? settle(r, 0, MNP_RESULT_LENGTH) : 0;
}

static bool answers(const struct answer *a, const struct fw_setup *s)
{
	return a->request == s->request && a->value == s->value;
}

/*
 * What was answered last at this point of the recording, else what will be
 * answered first. Only whole answers count: hosts read the first bytes of
 * caps alone, to learn how long they are.
 */
static const struct answer *recall(const struct replay *r, int64_t at_us,
				   const struct fw_setup *s)
{
	const struct answer *best = NULL, *a;
	const struct answer *end = r->answers + r->answer_count;
	uint16_t whole = 0;

	for (a = r->answers; a < end; a++)
		if (answers(a, s) && a->len > whole)
			whole = a->len;
	for (a = r->answers; a < end && (!best || a->at_us <= at_us); a++)
		if (answers(a, s) && a->len == whole)
			best = a;
	return best;
}

/* Telemetry is the status: the packet sent last, or the first to come. */
static int status(const struct replay *r, uint8_t *data)
{
	const struct packet *found = NULL;
	size_t i;

	for (i = 0; i < r->packet_count && (i < r->next || !found); i++)
		if (r->packets[i].bytes[0] == MNP_PACKET_TELEMETRY)
			found = &r->packets[i];
	if (!found)
		return -MNP_RESULT_UNKNOWN;
	memcpy(data, found->bytes, MNP_PACKET_LEN);
	return MNP_PACKET_LEN;
}

/* Another major version than any there is: look, but do not drive. */
static void disguise(uint8_t *caps, size_t len)
{
	size_t total = caps[0] | (size_t)caps[1] << 8;
	uint16_t crc;

	if (len < MNP_CAPS_HEAD_LEN)
		return;
	caps[2] = 0;
	if (total > len || total <= MNP_CAPS_HEAD_LEN + 2)
		return;
	crc = mnp_crc16(caps, total - 2);
	caps[total - 2] = crc & 0xff;
	caps[total - 1] = crc >> 8;
}

int replay_request(struct replay *r, uint64_t now_us, const struct fw_setup *s,
		   uint8_t *data)
{
	const struct answer *a;

	if (!(s->type & USB_DIR_IN))
		return settle(r, 0, MNP_RESULT_OK);
	if (s->request == MNP_REQ_GET_STATUS)
		return status(r, data);
	if (s->request == MNP_REQ_GET_CMD_RESULT && r->have_result) {
		mnp_result_encode(&r->result, data);
		return MNP_RESULT_LEN;
	}
	a = recall(r, (int64_t)(now_us - r->start_us), s);
	if (!a)
		return settle(r, 0, MNP_RESULT_UNKNOWN);
	memcpy(data, a->bytes, a->len);
	if (s->request == MNP_REQ_GET_CAPS && !r->as_pen)
		disguise(data, a->len);
	return a->len;
}
