// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/ffs.h"

#include <asm/byteorder.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/functionfs.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/emulator/aio.h"

#define OUT_READS	2	/* so that a STOP never waits for us */
#define EP_LEN		64

struct ffs {
	struct transport base;
	struct pen *pen;
	struct gadget gadget;
	int ep0, ep_in, ep_out;
	pthread_t thread;
	bool thread_runs;
	bool unanswered;		/* the thread's own */
	int quit;			/* eventfd */
	int news;			/* eventfd: something is in ep0 */
	struct aio aio;
	struct loop_source completed;
	bool enabled;
	bool halt_in;			/* as soon as nothing is queued */
	struct gadget_options options;
	struct aio_transfer in;
	uint8_t in_buf[MNP_PACKET_LEN];
	struct aio_transfer out[OUT_READS];
	uint8_t out_buf[OUT_READS][EP_LEN];
};

struct function {
	struct usb_interface_descriptor intf;
	struct usb_endpoint_descriptor_no_audio in;
	struct usb_endpoint_descriptor_no_audio out;
} __attribute__((packed));

#define ENDPOINT(address, interval) {			\
	.bLength = USB_DT_ENDPOINT_SIZE,		\
	.bDescriptorType = USB_DT_ENDPOINT,		\
	.bEndpointAddress = address,			\
	.bmAttributes = USB_ENDPOINT_XFER_INT,		\
	.wMaxPacketSize = __cpu_to_le16(EP_LEN),		\
	.bInterval = interval,				\
}

#define FUNCTION(in_interval, out_interval) {		\
	.intf = {					\
		.bLength = USB_DT_INTERFACE_SIZE,	\
		.bDescriptorType = USB_DT_INTERFACE,	\
		.bNumEndpoints = 2,			\
		.bInterfaceClass = MNP_IF_CLASS,	\
		.bInterfaceSubClass = MNP_IF_SUBCLASS,	\
		.bInterfaceProtocol = MNP_PROTO_MAJOR,	\
		.iInterface = 1,			\
	},						\
	.in = ENDPOINT(MNP_EP_IN, in_interval),		\
	.out = ENDPOINT(MNP_EP_OUT, out_interval),	\
}

/* Intervals: 4 ms and 1 ms; high speed counts 2^(n-1) microframes. */
static const struct descriptors {
	struct usb_functionfs_descs_head_v2 head;
	__le32 eventfd;
	__le32 fs_count;
	__le32 hs_count;
	struct function fs, hs;
} __attribute__((packed)) descriptors = {
	.head = {
		.magic = __cpu_to_le32(FUNCTIONFS_DESCRIPTORS_MAGIC_V2),
		.length = __cpu_to_le32(sizeof(descriptors)),
		.flags = __cpu_to_le32(FUNCTIONFS_HAS_FS_DESC |
				 FUNCTIONFS_HAS_HS_DESC |
				 FUNCTIONFS_ALL_CTRL_RECIP |
				 FUNCTIONFS_EVENTFD),
	},
	.fs_count = __cpu_to_le32(3),
	.hs_count = __cpu_to_le32(3),
	.fs = FUNCTION(4, 1),
	.hs = FUNCTION(6, 4),
};

#define INTERFACE_NAME	"mnpen"

static const struct {
	struct usb_functionfs_strings_head head;
	__le16 language;
	char name[sizeof(INTERFACE_NAME)];
} __attribute__((packed)) strings = {
	.head = {
		.magic = __cpu_to_le32(FUNCTIONFS_STRINGS_MAGIC),
		.length = __cpu_to_le32(sizeof(strings)),
		.str_count = __cpu_to_le32(1),
		.lang_count = __cpu_to_le32(1),
	},
	.language = __cpu_to_le16(0x409),
	.name = INTERFACE_NAME,
};

/* While the endpoint shall NAK, nobody takes what arrives at it. */
static void read_out(struct ffs *f, int i)
{
	if (f->enabled && !f->out[i].busy && !pen_out_blocked(f->pen))
		aio_submit(&f->aio, &f->out[i], f->ep_out, false,
			   f->out_buf[i], EP_LEN);
}

static void out_done(struct ffs *f, int i, int64_t result)
{
	if (result >= 0)
		pen_out(f->pen, f->out_buf[i], (size_t)result);
	read_out(f, i);
}

static void completed_ready(void *ctx, uint32_t events)
{
	struct ffs *f = ctx;
	struct aio_transfer *t;
	uint64_t count;
	int64_t result;

	(void)events;
	if (read(f->aio.eventfd, &count, sizeof(count)) < 0)
		return;
	while ((t = aio_next(&f->aio, &result)))
		if (t != &f->in)
			out_done(f, (int)(t - f->out), result);
}

static void enable(struct ffs *f)
{
	int i;

	pen_bus(f->pen, FW_BUS_CONFIGURED);
	f->enabled = true;
	for (i = 0; i < OUT_READS; i++)
		read_out(f, i);
}

/* A STALL is asked for by I/O in the direction the request does not have. */
static void stall(struct ffs *f, bool in)
{
	ssize_t n = in ? read(f->ep0, NULL, 0) : write(f->ep0, NULL, 0);

	(void)n;	/* always fails: EL2HLT, or EIDRM if it was cancelled */
}

static int locked_setup(struct ffs *f, const struct fw_setup *s)
{
	int ret;

	pen_lock(f->pen);
	ret = pen_setup(f->pen, s);
	pen_unlock_and_kick(f->pen);
	return ret;
}

static int locked_request(struct ffs *f, const struct fw_setup *s,
			  uint8_t *data, size_t len)
{
	int ret;

	pen_lock(f->pen);
	ret = pen_request(f->pen, s, data, len);
	pen_unlock_and_kick(f->pen);
	return ret;
}

/*
 * The kernel acknowledges a data stage as soon as it was read, so that what
 * the data says can no longer be STALLed; the host has to ask with
 * GET_CMD_RESULT. Requests without data are judged before.
 */
static void handle_out(struct ffs *f, const struct fw_setup *s)
{
	uint8_t data[MNP_CAPS_MAX_LEN];
	ssize_t n = 0;

	if (!s->length) {
		if (locked_request(f, s, data, 0) < 0)
			stall(f, false);
		else if (read(f->ep0, data, 0) < 0)
			return;		/* EIDRM: the host gave up */
		return;
	}
	n = read(f->ep0, data, s->length);
	if (n >= 0)
		locked_request(f, s, data, (size_t)n);
}

static void handle_in(struct ffs *f, const struct fw_setup *s)
{
	uint8_t data[MNP_CAPS_MAX_LEN];
	int n = locked_request(f, s, data, 0);

	if (n < 0) {
		stall(f, true);
		return;
	}
	if (n > s->length)
		n = s->length;
	if (write(f->ep0, data, (size_t)n) < 0)
		return;			/* EIDRM: the host gave up */
}

static void handle_setup(struct ffs *f, const struct usb_ctrlrequest *c)
{
	struct fw_setup s = {
		.type = c->bRequestType,
		.request = c->bRequest,
		.value = le16toh(c->wValue),
		.index = le16toh(c->wIndex),
		.length = le16toh(c->wLength),
	};
	bool in = s.type & USB_DIR_IN;
	int n;

	n = locked_setup(f, &s);
	if (n == -WIRE_NAKED)
		f->unanswered = true;
	else if (n)
		stall(f, in);
	else if (in)
		handle_in(f, &s);
	else
		handle_out(f, &s);
}

/*
 * Somebody took the controller away; or it is late news of our own unplug,
 * and the pen is plugged in again.
 */
static void unbound(struct ffs *f)
{
	if (gadget_bound(&f->gadget))
		return;
	f->enabled = false;
	pen_lost(f->pen);
}

static void bus_event(struct ffs *f, unsigned int type)
{
	switch (type) {
	case FUNCTIONFS_ENABLE:
		enable(f);
		break;
	case FUNCTIONFS_DISABLE:
		f->enabled = false;
		pen_bus(f->pen, FW_BUS_RESET);
		break;
	case FUNCTIONFS_UNBIND:
		unbound(f);
		break;
	case FUNCTIONFS_SUSPEND:
		pen_bus(f->pen, FW_BUS_SUSPEND);
		break;
	case FUNCTIONFS_RESUME:
		pen_bus(f->pen, FW_BUS_RESUME);
		break;
	}
}

static void handle_bus(struct ffs *f, unsigned int type)
{
	pen_lock(f->pen);
	/* What comes out of the queue after an unplug is no news. */
	if (f->pen->plugged)
		bus_event(f, type);
	pen_unlock_and_kick(f->pen);
}

/* True if there may be more. */
static bool handle_events(struct ffs *f)
{
	struct usb_functionfs_event events[4];
	ssize_t n;
	size_t i;

	f->unanswered = false;
	/* EIDRM: a request was cancelled by a later event, which comes next. */
	do {
		n = read(f->ep0, events, sizeof(events));
	} while (n < 0 && errno == EIDRM);
	if (n < 0)
		return false;
	for (i = 0; i < (size_t)n / sizeof(events[0]); i++) {
		if (events[i].type == FUNCTIONFS_SETUP)
			handle_setup(f, &events[i].u.setup);
		else
			handle_bus(f, events[i].type);
	}
	return !f->unanswered;
}

/*
 * While a request is left unanswered, ep0 must not be touched: any read or
 * write would answer it. So news comes by a file of its own.
 */
static void handle_news(struct ffs *f)
{
	uint64_t count;

	if (read(f->news, &count, sizeof(count)) < 0)
		return;
	while (handle_events(f))
		;
}

/* Control requests block in the kernel, hence a thread of their own. */
static void *ep0_thread(void *ctx)
{
	struct ffs *f = ctx;
	struct pollfd fds[2] = {
		{ .fd = f->news, .events = POLLIN },
		{ .fd = f->quit, .events = POLLIN },
	};

	while (!fds[1].revents) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if (fds[0].revents)
			handle_news(f);
	}
	return NULL;
}

static int ffs_plug(struct transport *t)
{
	return gadget_bind(&((struct ffs *)t)->gadget);
}

static int ffs_unplug(struct transport *t)
{
	struct ffs *f = (struct ffs *)t;

	f->enabled = false;
	return gadget_unbind(&f->gadget);
}

/* Used in the wrong direction, an endpoint file halts its endpoint. */
static bool halted(int fd, bool in)
{
	uint8_t byte = 0;
	ssize_t n = in ? read(fd, &byte, 1) : write(fd, &byte, 1);

	return n < 0 && errno == EBADMSG;
}

static bool ffs_in_ready(struct transport *t)
{
	struct ffs *f = (struct ffs *)t;

	if (!f->enabled || f->in.busy)
		return false;
	if (f->halt_in && halted(f->ep_in, true))
		f->halt_in = false;
	return true;
}

static int ffs_in_send(struct transport *t, const uint8_t *packet, size_t len)
{
	struct ffs *f = (struct ffs *)t;

	memcpy(f->in_buf, packet, len);
	return aio_submit(&f->aio, &f->in, f->ep_in, true, f->in_buf, len);
}

static void ffs_unblock(struct transport *t)
{
	struct ffs *f = (struct ffs *)t;
	int i;

	for (i = 0; i < OUT_READS; i++)
		read_out(f, i);
}

static int ffs_halt(struct transport *t, bool in)
{
	struct ffs *f = (struct ffs *)t;

	if (!f->enabled)
		return -ENOTCONN;
	if (in) {
		f->halt_in = true;
		return 0;
	}
	return halted(f->ep_out, false) ? 0 : -EIO;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void stop(struct ffs *f)
{
	uint64_t one = 1;

	/* Ends what the thread may be blocked in, then asks it to go. */
	gadget_unbind(&f->gadget);
	if (f->thread_runs && write(f->quit, &one, sizeof(one)) > 0)
		pthread_join(f->thread, NULL);
	f->thread_runs = false;
	f->enabled = false;
	f->halt_in = false;
	if (f->completed.fd >= 0)
		loop_remove(&f->pen->loop, &f->completed);
	f->completed.fd = -1;
	aio_fini(&f->aio);
	f->in.busy = f->out[0].busy = f->out[1].busy = false;
	close_fd(&f->quit);
	close_fd(&f->news);
	close_fd(&f->ep_out);
	close_fd(&f->ep_in);
	close_fd(&f->ep0);
	gadget_remove(&f->gadget);
}

static void ffs_destroy(struct transport *t)
{
	stop((struct ffs *)t);
	free(t);
}

static int ffs_identify(struct transport *t);

static const struct transport_ops ffs_ops = {
	.plug = ffs_plug,
	.unplug = ffs_unplug,
	.in_ready = ffs_in_ready,
	.in_send = ffs_in_send,
	.identify = ffs_identify,
	.unblock = ffs_unblock,
	.halt = ffs_halt,
	.destroy = ffs_destroy,
};

static int open_endpoint(struct ffs *f, const char *name, int *fd)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", f->gadget.mount, name);
	*fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return *fd < 0 ? -errno : 0;
}

static int open_function(struct ffs *f)
{
	struct descriptors d;
	int err = open_endpoint(f, "ep0", &f->ep0);

	if (err)
		return err;
	f->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (f->news < 0)
		return -errno;
	d = descriptors;
	d.eventfd = __cpu_to_le32(f->news);
	d.fs.intf.bInterfaceProtocol = f->pen->identity.interface_major;
	d.hs.intf.bInterfaceProtocol = f->pen->identity.interface_major;
	if (write(f->ep0, &d, sizeof(d)) < 0 ||
	    write(f->ep0, &strings, sizeof(strings)) < 0)
		return -errno;
	/* Numbered in the order of the descriptors, not by address. */
	err = open_endpoint(f, "ep1", &f->ep_in);
	return err ? err : open_endpoint(f, "ep2", &f->ep_out);
}

static int start(struct ffs *f)
{
	int err = open_function(f);

	if (err)
		return err;
	f->quit = eventfd(0, EFD_CLOEXEC);
	if (f->quit < 0)
		return -errno;
	err = aio_init(&f->aio);
	if (err)
		return err;
	f->completed.fd = f->aio.eventfd;
	err = loop_add(&f->pen->loop, &f->completed, EPOLLIN);
	if (err)
		return err;
	err = pthread_create(&f->thread, NULL, ep0_thread, f);
	f->thread_runs = !err;
	return -err;
}

/* Gadget, endpoints and thread; on error all of it is undone. */
static int build(struct ffs *f)
{
	int err;

	f->options.usb_serial = f->pen->identity.serial;
	err = gadget_create(&f->gadget, &f->options);
	if (err)
		return err;
	err = start(f);
	if (err) {
		fprintf(stderr, "mnpen-emulator: cannot serve %s: %s\n",
			f->gadget.mount, strerror(-err));
		stop(f);
	}
	return err;
}

/*
 * Descriptors are written once in the life of a functionfs, so there is a new
 * one. The thread of the old one may be waiting for the lock.
 */
static int ffs_identify(struct transport *t)
{
	struct ffs *f = (struct ffs *)t;

	pthread_mutex_unlock(&f->pen->lock);
	stop(f);
	pthread_mutex_lock(&f->pen->lock);
	return build(f);
}

int ffs_create(struct transport **out, struct pen *pen,
	       const struct gadget_options *options)
{
	struct ffs *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	f->base.ops = &ffs_ops;
	f->pen = pen;
	f->options = *options;
	f->ep0 = f->ep_in = f->ep_out = f->quit = f->news = -1;
	f->aio.eventfd = -1;
	f->completed = (struct loop_source) { -1, completed_ready, f };
	err = build(f);
	if (err) {
		free(f);
		return err;
	}
	*out = &f->base;
	return 0;
}
