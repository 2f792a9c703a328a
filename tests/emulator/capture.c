// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/capture.h"

#include <errno.h>
#include <linux/usb/ch9.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/emulator/pcap.h"
#include "tests/emulator/usbdev.h"

/* Nobody outside tells the pen where it is plugged in. */
#define BUS		1
#define DEVICE		2

#define IN_INTERVAL	4
#define OUT_INTERVAL	1

struct capture {
	struct pcap_writer *file;
	struct usbdev dev;
	bool acks_data;
	bool complained;
	uint64_t id;		/* of the last transfer */
	uint64_t in_id;		/* of the read that waits; 0: none */
	struct timespec now;
};

static void look_at_clock(struct capture *c)
{
	clock_gettime(CLOCK_REALTIME, &c->now);
}

static struct usbmon_header header(const struct capture *c, uint64_t id,
				   uint8_t type, uint8_t transfer,
				   uint8_t endpoint)
{
	return (struct usbmon_header) {
		.id = id,
		.type = type,
		.transfer = transfer,
		.endpoint = endpoint,
		.device = DEVICE,
		.bus = BUS,
		.setup_flag = USBMON_NO_SETUP,
		.sec = c->now.tv_sec,
		.usec = (int32_t)(c->now.tv_nsec / 1000),
		.status = type == USBMON_SUBMIT ? -EINPROGRESS : 0,
	};
}

static void put(struct capture *c, const struct usbmon_header *h,
		const void *data)
{
	int err = pcap_write(c->file, h, data);

	if (!err || c->complained)
		return;
	c->complained = true;
	fprintf(stderr, "mnpen-emulator: the capture ends here: %s\n",
		strerror(-err));
}

/* No more than a file takes; the header still tells how long it was. */
static uint32_t clip(size_t len)
{
	return len < 4096 ? (uint32_t)len : 4096;
}

static void submit_in(struct capture *c)
{
	struct usbmon_header h;

	c->in_id = ++c->id;
	h = header(c, c->in_id, USBMON_SUBMIT, USBMON_INTERRUPT, MNP_EP_IN);
	h.data_flag = USBMON_IN_PENDING;
	h.length = MNP_PACKET_LEN;
	h.interval = IN_INTERVAL;
	put(c, &h, NULL);
}

static void complete_in(struct capture *c, int status, const uint8_t *buf,
			size_t len)
{
	struct usbmon_header h = header(c, c->in_id, USBMON_COMPLETE,
					USBMON_INTERRUPT, MNP_EP_IN);

	h.status = status;
	h.length = (uint32_t)len;
	h.captured = clip(len);
	h.interval = IN_INTERVAL;
	put(c, &h, buf);
	c->in_id = 0;
}

void capture_in(struct capture *c, const uint8_t *buf, size_t len)
{
	if (!c)
		return;
	look_at_clock(c);
	if (!c->in_id)
		submit_in(c);
	complete_in(c, 0, buf, len);
	submit_in(c);
}

void capture_out(struct capture *c, const uint8_t *buf, size_t len)
{
	struct usbmon_header h;

	if (!c)
		return;
	look_at_clock(c);
	h = header(c, ++c->id, USBMON_SUBMIT, USBMON_INTERRUPT, MNP_EP_OUT);
	h.length = (uint32_t)len;
	h.captured = clip(len);
	h.interval = OUT_INTERVAL;
	put(c, &h, buf);
	h.type = USBMON_COMPLETE;
	h.data_flag = USBMON_OUT_DONE;
	h.status = 0;
	h.captured = 0;
	put(c, &h, NULL);
}

static void put_setup(struct usbmon_header *h, const struct fw_setup *s)
{
	const uint8_t bytes[8] = {
		s->type, s->request, s->value & 0xff, s->value >> 8,
		s->index & 0xff, s->index >> 8, s->length & 0xff,
		s->length >> 8,
	};

	h->setup_flag = USBMON_PRESENT;
	memcpy(h->setup, bytes, sizeof(bytes));
}

static void control(struct capture *c, const struct fw_setup *s,
		    const uint8_t *data, size_t len, int result)
{
	bool in = s->type & USB_DIR_IN;
	uint8_t endpoint = in ? USB_DIR_IN : 0;
	struct usbmon_header h = header(c, ++c->id, USBMON_SUBMIT,
					USBMON_CONTROL, endpoint);

	put_setup(&h, s);
	h.length = s->length;
	h.data_flag = in ? USBMON_IN_PENDING : USBMON_PRESENT;
	h.captured = in ? 0 : clip(len);
	put(c, &h, data);

	h = header(c, c->id, USBMON_COMPLETE, USBMON_CONTROL, endpoint);
	h.data_flag = in ? USBMON_PRESENT : USBMON_OUT_DONE;
	if (result < 0) {
		h.status = -EPIPE;
	} else if (in) {
		h.length = (uint32_t)(result < s->length ? result : s->length);
		h.captured = clip(h.length);
	} else {
		h.length = s->length;
	}
	put(c, &h, data);
}

void capture_control(struct capture *c, const struct fw_setup *s,
		     const uint8_t *data, size_t len, int result)
{
	if (!c)
		return;
	look_at_clock(c);
	/* The host was told that all is well, and hears the truth later. */
	if (c->acks_data && len)
		result = 0;
	control(c, s, data, len, result);
}

static void describe(struct capture *c, uint16_t what, uint16_t language,
		     uint16_t length)
{
	const struct fw_setup s = {
		.type = USB_DIR_IN,
		.request = USB_REQ_GET_DESCRIPTOR,
		.value = what,
		.index = language,
		.length = length,
	};
	uint8_t data[USBDEV_REPLY_MAX];
	int n = usbdev_describe(&c->dev, &s, data);

	control(c, &s, data, 0, n);
}

/* What a host must have asked before it could configure the pen. */
static void enumeration(struct capture *c)
{
	const struct fw_setup configure = {
		.request = USB_REQ_SET_CONFIGURATION, .value = 1,
	};

	describe(c, USB_DT_DEVICE << 8, 0, USB_DT_DEVICE_SIZE);
	describe(c, USB_DT_CONFIG << 8, 0, USBDEV_REPLY_MAX);
	describe(c, USB_DT_STRING << 8 | 3, 0x0409, USBDEV_REPLY_MAX - 1);
	control(c, &configure, NULL, 0, 0);
}

void capture_bus(struct capture *c, enum fw_bus what)
{
	if (!c)
		return;
	look_at_clock(c);
	switch (what) {
	case FW_BUS_CONFIGURED:
		enumeration(c);
		break;
	case FW_BUS_ATTACH:
	case FW_BUS_DETACH:
	case FW_BUS_RESET:
		if (c->in_id)
			complete_in(c, -ESHUTDOWN, NULL, 0);
		break;
	case FW_BUS_SUSPEND:
	case FW_BUS_RESUME:
		break;		/* the bus is idle; nothing is transferred */
	}
}

int capture_create(struct capture **out, const struct capture_options *o)
{
	struct capture *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->acks_data = o->acks_data;
	c->dev = (struct usbdev) {
		.serial = o->serial,
		.product = o->product,
		.high_speed = o->high_speed,
	};
	err = pcap_create(&c->file, o->path, "mnpen-emulator");
	if (err) {
		free(c);
		return err;
	}
	*out = c;
	return 0;
}

void capture_finish(struct capture *c)
{
	if (!c)
		return;
	pcap_finish(c->file);
	free(c);
}
