// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every call of raw-gadget blocks, hence three threads: requests, packets in,
 * packets out. A signal without effect gets them out of the kernel.
 *
 * r->lock guards what the threads share with the loop. It is taken inside
 * pen->lock, never the other way round.
 */
#include "tests/emulator/rawgadget.h"

#include <asm/byteorder.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/raw_gadget.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/emulator/gadget.h"
#include "tests/emulator/usbdev.h"

/* The kernel's structs end in their data; here it is put behind them. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Wgnu-variable-sized-type-not-at-end"
#endif

#define NODE		"/dev/raw-gadget"
#define EP_LEN		64
#define WAKE		SIGUSR1
#define WAKE_NS		5000000		/* until a call that missed it gets one */
#define SILENCE_MS	600		/* the kernel knows no answer at all */

/* Of kernels after 6.1 */
enum { EVENT_SUSPEND = 3, EVENT_RESUME, EVENT_RESET, EVENT_DISCONNECT };

enum { REQUESTS, PACKETS_IN, PACKETS_OUT, THREADS };

struct rawgadget {
	struct transport base;
	struct pen *pen;
	char udc[64];
	char driver[64];
	bool high_speed;
	struct usbdev dev;
	int fd;				/* -1: not plugged */

	pthread_t threads[THREADS];
	unsigned int running;		/* that were started, in that order */
	pthread_mutex_t lock;
	pthread_cond_t change;
	bool quit;
	bool enabled;			/* configured, endpoints may be used */
	bool working[THREADS];		/* in a call on its endpoint */
	int in, out;			/* handles; -1: not enabled */
	bool in_full;
	struct hostile_in in_packet;
};

struct transfer {
	struct usb_raw_ep_io io;
	uint8_t data[USBDEV_REPLY_MAX];
};

static void nothing(int signum)
{
	(void)signum;
}

static struct timespec soon(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec += WAKE_NS;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_nsec -= 1000000000;
		ts.tv_sec++;
	}
	return ts;
}

/* Returns when no packet is under way; both threads wait for enable(). */
static void quiesce(struct rawgadget *r)
{
	struct timespec when;
	int i;

	pthread_mutex_lock(&r->lock);
	r->enabled = false;
	r->in_full = false;
	for (i = PACKETS_IN; i <= PACKETS_OUT; i++) {
		while (r->working[i]) {
			pthread_kill(r->threads[i], WAKE);
			when = soon();
			pthread_cond_timedwait(&r->change, &r->lock, &when);
		}
	}
	pthread_mutex_unlock(&r->lock);
}

static int enable_endpoint(struct rawgadget *r, uint8_t address)
{
	struct usb_endpoint_descriptor ep = {
		.bLength = USB_DT_ENDPOINT_SIZE,
		.bDescriptorType = USB_DT_ENDPOINT,
		.bEndpointAddress = address,
		.bmAttributes = USB_ENDPOINT_XFER_INT,
		.wMaxPacketSize = __cpu_to_le16(EP_LEN),
		.bInterval = 4,
	};

	return ioctl(r->fd, USB_RAW_IOCTL_EP_ENABLE, &ep);
}

static void disable(struct rawgadget *r)
{
	quiesce(r);
	if (r->in >= 0)
		ioctl(r->fd, USB_RAW_IOCTL_EP_DISABLE, r->in);
	if (r->out >= 0)
		ioctl(r->fd, USB_RAW_IOCTL_EP_DISABLE, r->out);
	r->in = r->out = -1;
}

/* Before the request is acknowledged: then the host uses them. */
static int configure(struct rawgadget *r, bool on)
{
	disable(r);
	if (!on)
		return 0;
	r->in = enable_endpoint(r, r->dev.ep_in);
	r->out = enable_endpoint(r, r->dev.ep_out);
	if (r->in < 0 || r->out < 0 ||
	    ioctl(r->fd, USB_RAW_IOCTL_VBUS_DRAW, 250) < 0 ||
	    ioctl(r->fd, USB_RAW_IOCTL_CONFIGURE, 0) < 0) {
		fprintf(stderr, "mnpen-emulator: %s has no endpoints for a pen: %s\n",
			r->udc, strerror(errno));
		disable(r);
		return -EPIPE;
	}
	pthread_mutex_lock(&r->lock);
	r->enabled = true;
	pthread_cond_broadcast(&r->change);
	pthread_mutex_unlock(&r->lock);
	return 0;
}

static int answer(struct rawgadget *r, const struct fw_setup *s,
		  uint8_t *data, size_t len)
{
	int n = -EPIPE;

	pen_lock(r->pen);
	/* What comes after an unplug is no news. */
	if (r->pen->plugged)
		n = usbdev_control(&r->dev, s, data, len);
	pen_unlock_and_kick(r->pen);
	return n;
}

/* The kernel stalls what comes in the meantime, as a pen without a tongue. */
static void be_silent(struct rawgadget *r)
{
	struct timespec when;
	int i;

	pthread_mutex_lock(&r->lock);
	for (i = 0; i < SILENCE_MS * 1000000 / WAKE_NS && !r->quit; i++) {
		when = soon();
		pthread_cond_timedwait(&r->change, &r->lock, &when);
	}
	pthread_mutex_unlock(&r->lock);
}

static void setup(struct rawgadget *r, const struct usb_ctrlrequest *c)
{
	struct fw_setup s = {
		.type = c->bRequestType,
		.request = c->bRequest,
		.value = __le16_to_cpu(c->wValue),
		.index = __le16_to_cpu(c->wIndex),
		.length = __le16_to_cpu(c->wLength),
	};
	bool in = s.type & USB_DIR_IN && s.length;
	struct transfer t = { .io.length = s.length };
	int n = 0;

	/* Data cannot be refused once it was read: as with functionfs. */
	if (!in && s.length) {
		n = s.length > sizeof(t.data) ? -1 :
		    ioctl(r->fd, USB_RAW_IOCTL_EP0_READ, &t);
		if (n >= 0)
			answer(r, &s, t.data, (size_t)n);
		else if (s.length > sizeof(t.data))
			ioctl(r->fd, USB_RAW_IOCTL_EP0_STALL, 0);
		return;
	}
	n = answer(r, &s, t.data, 0);
	if (n >= 0 && !(s.type & USB_TYPE_MASK) &&
	    s.request == USB_REQ_SET_CONFIGURATION)
		n = configure(r, s.value);
	if (n == HOSTILE_SILENT)
		be_silent(r);
	if (n < 0) {
		ioctl(r->fd, USB_RAW_IOCTL_EP0_STALL, 0);
		return;
	}
	t.io.length = in ? (uint32_t)n : 0;
	t.io.flags = in && n < s.length && n % EP_LEN == 0 ?
		     USB_RAW_IO_FLAGS_ZERO : 0;
	ioctl(r->fd, in ? USB_RAW_IOCTL_EP0_WRITE : USB_RAW_IOCTL_EP0_READ, &t);
}

static void bus(struct rawgadget *r, enum fw_bus what)
{
	if (what == FW_BUS_RESET)
		disable(r);
	pen_lock(r->pen);
	if (what == FW_BUS_RESET)
		r->dev.configuration = 0;
	if (r->pen->plugged)
		pen_bus(r->pen, what);
	pen_unlock_and_kick(r->pen);
}

static void event(struct rawgadget *r, unsigned int type, const void *data)
{
	switch (type) {
	case USB_RAW_EVENT_CONTROL:
		setup(r, data);
		break;
	case EVENT_SUSPEND:
		bus(r, FW_BUS_SUSPEND);
		break;
	case EVENT_RESUME:
		bus(r, FW_BUS_RESUME);
		break;
	case EVENT_RESET:
	case EVENT_DISCONNECT:
		bus(r, FW_BUS_RESET);
		break;
	}
}

static bool quitting(struct rawgadget *r)
{
	bool quit;

	pthread_mutex_lock(&r->lock);
	quit = r->quit;
	pthread_mutex_unlock(&r->lock);
	return quit;
}

static void *serve_requests(void *arg)
{
	struct rawgadget *r = arg;
	struct {
		struct usb_raw_event head;
		struct usb_ctrlrequest request;
	} e;

	while (!quitting(r)) {
		e.head.type = USB_RAW_EVENT_INVALID;
		e.head.length = sizeof(e.request);
		if (!ioctl(r->fd, USB_RAW_IOCTL_EVENT_FETCH, &e))
			event(r, e.head.type, &e.request);
		else if (errno != EINTR)
			break;		/* the controller is gone */
	}
	return NULL;
}

/* Waits until there is something to do; false: the end. */
static bool begin_work(struct rawgadget *r, int thread)
{
	pthread_mutex_lock(&r->lock);
	while (!r->quit && !(r->enabled && (thread != PACKETS_IN || r->in_full)))
		pthread_cond_wait(&r->change, &r->lock);
	r->working[thread] = !r->quit;
	pthread_mutex_unlock(&r->lock);
	return r->working[thread];
}

/* @failed: the host is away; nothing to do until it configures us again. */
static void end_work(struct rawgadget *r, int thread, bool failed)
{
	pthread_mutex_lock(&r->lock);
	r->working[thread] = false;
	if (thread == PACKETS_IN)
		r->in_full = false;
	if (failed)
		r->enabled = false;
	pthread_cond_broadcast(&r->change);
	pthread_mutex_unlock(&r->lock);
}

static bool gave_up(int ret)
{
	return ret < 0 && errno != EINTR && errno != EPIPE && errno != EAGAIN;
}

static void *send_packets(void *arg)
{
	struct rawgadget *r = arg;
	struct transfer t;
	int ret;

	while (begin_work(r, PACKETS_IN)) {
		t.io = (struct usb_raw_ep_io) {
			.ep = (uint16_t)r->in,
			.length = (uint32_t)r->in_packet.len,
		};
		memcpy(t.data, r->in_packet.data, r->in_packet.len);
		ret = r->in_packet.status ?
		      ioctl(r->fd, USB_RAW_IOCTL_EP_SET_HALT, r->in) :
		      ioctl(r->fd, USB_RAW_IOCTL_EP_WRITE, &t);
		end_work(r, PACKETS_IN, gave_up(ret));
		pen_lock(r->pen);
		pen_unlock_and_kick(r->pen);
	}
	return NULL;
}

static void *take_packets(void *arg)
{
	struct rawgadget *r = arg;
	struct transfer t;
	int ret;

	while (begin_work(r, PACKETS_OUT)) {
		t.io = (struct usb_raw_ep_io) {
			.ep = (uint16_t)r->out, .length = EP_LEN,
		};
		ret = ioctl(r->fd, USB_RAW_IOCTL_EP_READ, &t);
		end_work(r, PACKETS_OUT, gave_up(ret));
		if (ret < 0)
			continue;
		pen_lock(r->pen);
		if (r->pen->plugged)
			pen_out(r->pen, t.data, (size_t)ret);
		pen_unlock_and_kick(r->pen);
	}
	return NULL;
}

static int start_threads(struct rawgadget *r)
{
	static void *(* const mains[THREADS])(void *) = {
		[REQUESTS] = serve_requests, [PACKETS_IN] = send_packets,
		[PACKETS_OUT] = take_packets,
	};
	int err;

	/* The last one first: it may be the one that needs the others. */
	for (; r->running < THREADS; r->running++) {
		int i = THREADS - 1 - (int)r->running;

		err = pthread_create(&r->threads[i], NULL, mains[i], r);
		if (err)
			return -err;
	}
	return 0;
}

static void stop_threads(struct rawgadget *r)
{
	struct timespec when;
	int i;

	pthread_mutex_lock(&r->lock);
	r->quit = true;
	r->enabled = false;
	pthread_cond_broadcast(&r->change);
	pthread_mutex_unlock(&r->lock);
	for (; r->running > 0; r->running--) {
		/* Requests go first: they wait for the other two. */
		i = THREADS - (int)r->running;
		do {
			pthread_kill(r->threads[i], WAKE);
			when = soon();
		} while (pthread_timedjoin_np(r->threads[i], NULL, &when));
	}
}

/* Closing it takes the pen off the bus. */
static void hang_up(struct rawgadget *r)
{
	if (r->fd < 0)
		return;
	stop_threads(r);
	close(r->fd);
	r->fd = -1;
	r->in = r->out = -1;
	r->in_full = false;
	r->quit = false;
	r->dev.configuration = 0;
}

/* Address for an interrupt endpoint: @want if the controller can do that. */
static uint8_t choose_address(const struct usb_raw_eps_info *info, int count,
			      uint8_t want)
{
	bool in = want & USB_DIR_IN;
	uint8_t address = 0;
	int i;

	for (i = 0; i < count && i < USB_RAW_EPS_NUM_MAX; i++) {
		const struct usb_raw_ep_info *ep = &info->eps[i];

		if (!ep->caps.type_int || !(in ? ep->caps.dir_in :
						 ep->caps.dir_out))
			continue;
		if (ep->addr == USB_RAW_EP_ADDR_ANY ||
		    ep->addr == (want & USB_ENDPOINT_NUMBER_MASK))
			return want;
		if (!address)
			address = (uint8_t)(ep->addr | (want & USB_DIR_IN));
	}
	return address;
}

static int choose_endpoints(struct rawgadget *r)
{
	struct usb_raw_eps_info info;
	int count = ioctl(r->fd, USB_RAW_IOCTL_EPS_INFO, &info);

	if (count < 0)
		return -errno;
	r->dev.ep_in = choose_address(&info, count, MNP_EP_IN);
	r->dev.ep_out = choose_address(&info, count, MNP_EP_OUT);
	if (r->dev.ep_in && r->dev.ep_out)
		return 0;
	fprintf(stderr, "mnpen-emulator: UDC %s has no two interrupt endpoints\n",
		r->udc);
	return -ENXIO;
}

static int run(struct rawgadget *r)
{
	struct usb_raw_init init = {
		.speed = r->high_speed ? USB_SPEED_HIGH : USB_SPEED_FULL,
	};
	int err;

	strcpy((char *)init.driver_name, r->driver);
	strcpy((char *)init.device_name, r->udc);
	if (ioctl(r->fd, USB_RAW_IOCTL_INIT, &init) ||
	    ioctl(r->fd, USB_RAW_IOCTL_RUN, 0)) {
		err = -errno;
		if (err == -EBUSY)
			fprintf(stderr, "mnpen-emulator: UDC %s is in use; "
				"choose another one with --udc, or modprobe "
				"dummy_hcd num=2\n", r->udc);
		return err;
	}
	return choose_endpoints(r);
}

static int rawgadget_plug(struct transport *t)
{
	struct rawgadget *r = (struct rawgadget *)t;
	int err;

	r->fd = open(NODE, O_RDWR | O_CLOEXEC);
	if (r->fd < 0)
		err = -errno;
	else
		err = run(r);
	if (!err)
		err = start_threads(r);
	if (!err)
		return 0;
	hang_up(r);
	fprintf(stderr, "mnpen-emulator: cannot plug by " NODE ": %s; is the "
		"UDC in use?\n", strerror(-err));
	return err;
}

/* The threads may want the pen's lock before they hear of it. */
static int rawgadget_unplug(struct transport *t)
{
	struct rawgadget *r = (struct rawgadget *)t;

	pthread_mutex_unlock(&r->pen->lock);
	hang_up(r);
	pthread_mutex_lock(&r->pen->lock);
	return 0;
}

static bool rawgadget_in_ready(struct transport *t)
{
	struct rawgadget *r = (struct rawgadget *)t;
	bool ready;

	pthread_mutex_lock(&r->lock);
	ready = r->enabled && !r->in_full;
	pthread_mutex_unlock(&r->lock);
	return ready;
}

static int rawgadget_in_send(struct transport *t, const uint8_t *packet,
			     size_t len)
{
	struct rawgadget *r = (struct rawgadget *)t;
	struct hostile_in in;

	if (!hostile_in(r->pen->hostile, packet, len, &in))
		return 0;
	pthread_mutex_lock(&r->lock);
	r->in_packet = in;
	r->in_full = true;
	pthread_cond_broadcast(&r->change);
	pthread_mutex_unlock(&r->lock);
	return 0;
}

static void rawgadget_destroy(struct transport *t)
{
	struct rawgadget *r = (struct rawgadget *)t;

	hang_up(r);
	pthread_cond_destroy(&r->change);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static const struct transport_ops rawgadget_ops = {
	.plug = rawgadget_plug,
	.unplug = rawgadget_unplug,
	.in_ready = rawgadget_in_ready,
	.in_send = rawgadget_in_send,
	.destroy = rawgadget_destroy,
};

/* raw-gadget wants the controller's driver by name as well. */
static int find_driver(struct rawgadget *r)
{
	char path[128], line[128];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/udc/%s/uevent", r->udc);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "USB_UDC_NAME=%63s", r->driver);
	if (f)
		fclose(f);
	return *r->driver ? 0 : -ENODEV;
}

static int find_controller(struct rawgadget *r, const char *want)
{
	int err;

	if (access(NODE, R_OK | W_OK)) {
		err = -errno;
		fprintf(stderr, "mnpen-emulator: cannot use " NODE ": %s; run "
			"as root after modprobe raw_gadget (\"make raw-gadget\" "
			"builds it where the kernel has none)\n",
			strerror(-err));
		return err;
	}
	err = gadget_find_udc(r->udc, sizeof(r->udc), want);
	return err ? err : find_driver(r);
}

int rawgadget_create(struct transport **out, struct pen *pen,
		     const struct rawgadget_options *options)
{
	struct rawgadget *r = calloc(1, sizeof(*r));
	struct sigaction wake = { .sa_handler = nothing };
	int err;

	if (!r)
		return -ENOMEM;
	r->base.ops = &rawgadget_ops;
	r->pen = pen;
	r->fd = r->in = r->out = -1;
	r->high_speed = options->usb.high_speed;
	r->dev = (struct usbdev) {
		.pen = pen,
		.serial = options->usb.serial,
		.product = options->usb.product,
		.high_speed = options->usb.high_speed,
		.vid = options->usb.vid,
		.pid = options->usb.pid,
	};
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->change, NULL);
	sigaction(WAKE, &wake, NULL);
	err = find_controller(r, options->udc);
	if (err) {
		rawgadget_destroy(&r->base);
		return err;
	}
	*out = &r->base;
	return 0;
}
