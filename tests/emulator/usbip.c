// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/usbip.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/ch9.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/emulator/usbdev.h"
#include "tests/emulator/usbip_wire.h"
#include "tests/emulator/vhci.h"

#define URBS		32	/* interrupt IN transfers waiting for a packet */
#define HELD		4	/* OUT transfers while the endpoint NAKs */
#define MUTED		16	/* control transfers that get no answer */
#define PAYLOAD_MAX	4096	/* longest OUT transfer anybody sends us */
#define RX_LEN		(4 * (USBIP_HEADER_LEN + PAYLOAD_MAX))
#define TX_LEN		65536

struct held {
	struct usbip_header header;
	uint8_t data[WIRE_PACKET_MAX];
};

struct usbip {
	struct transport base;
	struct pen *pen;
	struct usbip_options options;
	struct usbdev dev;
	struct loop_source listener;
	struct loop_source link;
	struct usbip_header urbs[URBS];		/* oldest first */
	unsigned int urb_count;
	struct held held[HELD];			/* oldest first */
	unsigned int held_count;
	uint32_t muted[MUTED];			/* their numbers, a ring */
	unsigned int muted_next;
	uint8_t rx[RX_LEN];
	size_t rx_used;
	uint8_t tx[TX_LEN];
	size_t tx_used;
};

static void hang_up(struct usbip *u)
{
	if (u->link.fd < 0)
		return;
	loop_remove(&u->pen->loop, &u->link);
	close(u->link.fd);
	u->link.fd = -1;
	u->urb_count = 0;
	u->held_count = 0;
	u->rx_used = 0;
	u->tx_used = 0;
	u->dev.configuration = 0;
	u->dev.halted[0] = u->dev.halted[1] = false;
}

/* The other end went away: for the pen the cable is out. */
static void lost(struct usbip *u)
{
	hang_up(u);
	if (u->options.link == USBIP_LINK_LISTEN)
		pen_bus(u->pen, FW_BUS_DETACH);
	else
		pen_lost(u->pen);
}

static void flush(struct usbip *u)
{
	ssize_t n;

	while (u->tx_used) {
		n = send(u->link.fd, u->tx, u->tx_used,
			 MSG_DONTWAIT | MSG_NOSIGNAL);
		/* A dead peer is noticed when it is read from. */
		if (n <= 0)
			break;
		u->tx_used -= (size_t)n;
		memmove(u->tx, u->tx + n, u->tx_used);
	}
	loop_modify(&u->pen->loop, &u->link,
		    EPOLLIN | (u->tx_used ? EPOLLOUT : 0));
}

/* What no longer fits was never asked for: the host takes what it submits. */
static void queue(struct usbip *u, const void *data, size_t len)
{
	if (len > TX_LEN - u->tx_used)
		return;
	memcpy(u->tx + u->tx_used, data, len);
	u->tx_used += len;
}

static void ret_submit(struct usbip *u, uint32_t seqnum, int status,
		       uint32_t actual, const uint8_t *data, size_t len)
{
	struct usbip_header h = {
		.command = htobe32(USBIP_RET_SUBMIT),
		.seqnum = htobe32(seqnum),
		.u = { htobe32((uint32_t)status), htobe32(actual) },
	};

	if (sizeof(h) + len > TX_LEN - u->tx_used)
		return;
	queue(u, &h, sizeof(h));
	if (len)
		queue(u, data, len);
	flush(u);
}

static void control_transfer(struct usbip *u, const struct usbip_header *h,
			     const uint8_t *payload)
{
	struct fw_setup s = {
		.type = h->setup[0],
		.request = h->setup[1],
		.value = (uint16_t)(h->setup[2] | h->setup[3] << 8),
		.index = (uint16_t)(h->setup[4] | h->setup[5] << 8),
		.length = (uint16_t)(h->setup[6] | h->setup[7] << 8),
	};
	bool in = s.type & USB_DIR_IN;
	uint8_t data[USBDEV_REPLY_MAX];
	uint32_t len = h->u[1];
	int n;

	/* Without data the direction of the transfer means nothing. */
	if (len && in != !!h->direction) {
		ret_submit(u, h->seqnum, -EPIPE, 0, NULL, 0);
		return;
	}
	if (!in)
		memcpy(data, payload, len);
	n = usbdev_control(&u->dev, &s, data, in ? 0 : len);
	if (n == HOSTILE_SILENT)
		u->muted[u->muted_next++ % MUTED] = h->seqnum;
	else if (n < 0)
		ret_submit(u, h->seqnum, n, 0, NULL, 0);
	else if (!in)
		ret_submit(u, h->seqnum, 0, len, NULL, 0);
	else if ((uint32_t)n > len)
		ret_submit(u, h->seqnum, -EOVERFLOW, 0, NULL, 0);
	else
		ret_submit(u, h->seqnum, 0, (uint32_t)n, data, (size_t)n);
}

static void send_in(struct usbip *u, const struct usbip_header *h,
		    const struct hostile_in *in)
{
	if (in->status)
		ret_submit(u, h->seqnum, in->status, 0, NULL, 0);
	else if (h->u[1] < in->len)
		ret_submit(u, h->seqnum, -EOVERFLOW, 0, NULL, 0);
	else
		ret_submit(u, h->seqnum, 0, (uint32_t)in->len, in->data,
			   in->len);
}

/* A packet nobody waited for: true if the pen is in that mood. */
static bool flood(struct usbip *u, const struct usbip_header *h)
{
	struct hostile_in in = { .len = MNP_PACKET_LEN };

	if (!hostile_flood(u->pen->hostile))
		return false;
	firmware_next_in(&u->pen->fw, pen_now_us(u->pen), in.data);
	send_in(u, h, &in);
	return true;
}

/* A packet of the host; its transfer ends when the endpoint took it. */
static void take_out(struct usbip *u, const struct usbip_header *h,
		     const uint8_t *payload)
{
	struct held *held;

	if (u->dev.halted[0]) {
		ret_submit(u, h->seqnum, -EPIPE, 0, NULL, 0);
		return;
	}
	if (pen_out_blocked(u->pen) && u->held_count < HELD &&
	    h->u[1] <= WIRE_PACKET_MAX) {
		held = &u->held[u->held_count++];
		held->header = *h;
		memcpy(held->data, payload, h->u[1]);
		return;
	}
	pen_out(u->pen, payload, h->u[1]);
	ret_submit(u, h->seqnum, 0, h->u[1], NULL, 0);
}

static void take_in(struct usbip *u, const struct usbip_header *h)
{
	if (u->dev.halted[1])
		ret_submit(u, h->seqnum, -EPIPE, 0, NULL, 0);
	else if (!flood(u, h))
		u->urbs[u->urb_count++] = *h;
}

static void submit(struct usbip *u, const struct usbip_header *h,
		   const uint8_t *payload)
{
	bool configured = u->dev.configuration;

	if (h->ep == 0) {
		control_transfer(u, h, payload);
	} else if (configured && h->direction && h->ep == (MNP_EP_IN & 0xf) &&
		   u->urb_count < URBS) {
		take_in(u, h);
	} else if (configured && !h->direction && h->ep == MNP_EP_OUT) {
		take_out(u, h, payload);
	} else {
		ret_submit(u, h->seqnum, -EPIPE, 0, NULL, 0);
	}
}

static void drop_urb(struct usbip *u, unsigned int i)
{
	u->urb_count--;
	memmove(u->urbs + i, u->urbs + i + 1,
		(u->urb_count - i) * sizeof(u->urbs[0]));
}

/* Was this transfer waiting for the endpoint? */
static bool unhold(struct usbip *u, uint32_t seqnum)
{
	unsigned int i;

	for (i = 0; i < u->held_count; i++) {
		if (u->held[i].header.seqnum != seqnum)
			continue;
		u->held_count--;
		memmove(u->held + i, u->held + i + 1,
			(u->held_count - i) * sizeof(u->held[0]));
		return true;
	}
	return false;
}

/* Was this transfer left without an answer? */
static bool unmute(struct usbip *u, uint32_t seqnum)
{
	unsigned int i;

	for (i = 0; i < MUTED; i++) {
		if (!u->muted[i] || u->muted[i] != seqnum)
			continue;
		u->muted[i] = 0;
		return true;
	}
	return false;
}

static void unlink_urb(struct usbip *u, const struct usbip_header *h)
{
	struct usbip_header ret = {
		.command = htobe32(USBIP_RET_UNLINK),
		.seqnum = htobe32(h->seqnum),
	};
	unsigned int i;

	for (i = 0; i < u->urb_count; i++) {
		if (u->urbs[i].seqnum != h->u[0])
			continue;
		drop_urb(u, i);
		ret.u[0] = htobe32((uint32_t)-ECONNRESET);
		break;
	}
	if (unhold(u, h->u[0]) || unmute(u, h->u[0]))
		ret.u[0] = htobe32((uint32_t)-ECONNRESET);
	queue(u, &ret, sizeof(ret));
	flush(u);
}

/* A host starts over, whatever was under way with the one before. */
static void import(struct usbip *u)
{
	struct usbip_rep_import r = {
		.op = { htobe16(USBIP_VERSION), htobe16(USBIP_OP_REP_IMPORT) },
		.path = "/mnpen-emulator",
		.busid = USBIP_BUSID,
		.busnum = htobe32(1),
		.devnum = htobe32(2),
		.speed = htobe32(u->options.high_speed ? USB_SPEED_HIGH :
							 USB_SPEED_FULL),
		.vendor = htobe16(u->options.vid),
		.product = htobe16(u->options.pid),
		.device = htobe16(0x0100),
		.configurations = 1,
		.interfaces = 1,
	};

	u->urb_count = 0;
	u->held_count = 0;
	u->tx_used = 0;
	u->dev.configuration = 0;
	pen_bus(u->pen, FW_BUS_RESET);
	queue(u, &r, sizeof(r));
	flush(u);
}

static void decode_header(struct usbip_header *h, const uint8_t *raw)
{
	unsigned int i;

	memcpy(h, raw, sizeof(*h));
	h->command = be32toh(h->command);
	h->seqnum = be32toh(h->seqnum);
	h->direction = be32toh(h->direction);
	h->ep = be32toh(h->ep);
	for (i = 0; i < 5; i++)
		h->u[i] = be32toh(h->u[i]);
}

/* Bytes of the frame at @raw that were used; 0: incomplete; < 0: nonsense. */
static ssize_t take_frame(struct usbip *u, const uint8_t *raw, size_t have)
{
	struct usbip_header h;
	size_t len = USBIP_HEADER_LEN;

	if (have >= sizeof(struct usbip_req_import) &&
	    raw[0] == USBIP_VERSION >> 8 && raw[1] == (USBIP_VERSION & 0xff)) {
		import(u);
		return sizeof(struct usbip_req_import);
	}
	if (have < len)
		return 0;
	decode_header(&h, raw);
	switch (h.command) {
	case USBIP_CMD_SUBMIT:
		/* IN may ask for more than there can ever be. */
		if (!h.direction && h.u[1] > PAYLOAD_MAX)
			return -EPROTO;
		len += h.direction ? 0 : h.u[1];
		if (have < len)
			return 0;
		submit(u, &h, raw + USBIP_HEADER_LEN);
		return (ssize_t)len;
	case USBIP_CMD_UNLINK:
		unlink_urb(u, &h);
		return (ssize_t)len;
	default:
		return -EPROTO;
	}
}

static int take_frames(struct usbip *u)
{
	size_t at = 0;
	ssize_t n;

	do {
		n = take_frame(u, u->rx + at, u->rx_used - at);
		if (n < 0)
			return -EPROTO;
		at += (size_t)n;
	} while (n);
	u->rx_used -= at;
	memmove(u->rx, u->rx + at, u->rx_used);
	return 0;
}

static void link_ready(void *ctx, uint32_t events)
{
	struct usbip *u = ctx;
	ssize_t n;

	if (events & EPOLLOUT)
		flush(u);
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	n = recv(u->link.fd, u->rx + u->rx_used, RX_LEN - u->rx_used,
		 MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		u->rx_used += (size_t)n;
	if (n <= 0 || take_frames(u))
		lost(u);
}

static int link_up(struct usbip *u, int fd)
{
	u->link.fd = fd;
	return loop_add(&u->pen->loop, &u->link, EPOLLIN);
}

static void listener_ready(void *ctx, uint32_t events)
{
	struct usbip *u = ctx;
	int fd = accept4(u->listener.fd, NULL, NULL, SOCK_CLOEXEC);

	(void)events;
	if (fd < 0)
		return;
	/* One host at a time, and none while the cable is out. */
	if (!u->pen->plugged || u->link.fd >= 0 || link_up(u, fd))
		close(fd);
	else
		pen_bus(u->pen, FW_BUS_ATTACH);
}

static int unix_address(struct sockaddr_un *addr, const char *path)
{
	*addr = (struct sockaddr_un) { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(addr->sun_path))
		return -ENAMETOOLONG;
	strcpy(addr->sun_path, path);
	return 0;
}

static int listen_at(struct usbip *u)
{
	struct sockaddr_un addr;
	int err = unix_address(&addr, u->options.path);

	if (err)
		return err;
	unlink(u->options.path);
	u->listener.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (u->listener.fd < 0 ||
	    bind(u->listener.fd, (const void *)&addr, sizeof(addr)) ||
	    listen(u->listener.fd, 1))
		return -errno;
	return loop_add(&u->pen->loop, &u->listener, EPOLLIN);
}

static int plug_vhci(struct usbip *u)
{
	int fds[2], err;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return -errno;
	err = vhci_attach(fds[1], u->options.high_speed,
			  u->options.controller);
	close(fds[1]);
	if (!err)
		err = link_up(u, fds[0]);
	if (err)
		close(fds[0]);
	if (err == -ENODEV)
		fprintf(stderr, "mnpen-emulator: no controller %u of vhci_hcd "
			"here; modprobe vhci-hcd\n", u->options.controller);
	else if (err)
		fprintf(stderr, "mnpen-emulator: cannot plug into vhci_hcd: %s; "
			"another --vhci=N may be free\n", strerror(-err));
	return err;
}

static int plug_connect(struct usbip *u)
{
	struct sockaddr_un addr;
	int err = unix_address(&addr, u->options.path);
	int fd;

	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const void *)&addr, sizeof(addr)))
		err = -errno;
	else
		err = link_up(u, fd);
	if (err)
		close(fd);
	if (err)
		fprintf(stderr, "mnpen-emulator: cannot connect to %s: %s; is "
			"a host there?\n", u->options.path, strerror(-err));
	return err;
}

static int plug_fd(struct usbip *u)
{
	int fd = u->options.fd;

	int err = fd < 0 ? -ENOTCONN : link_up(u, fd);

	u->options.fd = -1;
	if (err)
		fprintf(stderr, "mnpen-emulator: cannot use --fd %d: %s; it "
			"serves one plug\n", fd, strerror(-err));
	return err;
}

static int usbip_plug(struct transport *t)
{
	struct usbip *u = (struct usbip *)t;

	switch (u->options.link) {
	case USBIP_LINK_VHCI:
		return plug_vhci(u);
	case USBIP_LINK_LISTEN:
		return 0;
	case USBIP_LINK_CONNECT:
		return plug_connect(u);
	case USBIP_LINK_FD:
		return plug_fd(u);
	}
	return -EINVAL;
}

static int usbip_unplug(struct transport *t)
{
	hang_up((struct usbip *)t);
	return 0;
}

static bool usbip_in_ready(struct transport *t)
{
	const struct usbip *u = (const struct usbip *)t;

	return u->link.fd >= 0 && u->urb_count > 0;
}

static int usbip_in_send(struct transport *t, const uint8_t *packet,
			 size_t len)
{
	struct usbip *u = (struct usbip *)t;
	struct usbip_header h = u->urbs[0];
	struct hostile_in in;

	if (!hostile_in(u->pen->hostile, packet, len, &in))
		return 0;
	drop_urb(u, 0);
	send_in(u, &h, &in);
	return 0;
}

static void usbip_unblock(struct transport *t)
{
	struct usbip *u = (struct usbip *)t;
	struct held held;

	while (u->held_count && !pen_out_blocked(u->pen)) {
		held = u->held[0];
		unhold(u, held.header.seqnum);
		pen_out(u->pen, held.data, held.header.u[1]);
		ret_submit(u, held.header.seqnum, 0, held.header.u[1], NULL, 0);
	}
}

static int usbip_halt(struct transport *t, bool in)
{
	struct usbip *u = (struct usbip *)t;

	u->dev.halted[in] = true;
	while (in && u->urb_count) {
		ret_submit(u, u->urbs[0].seqnum, -EPIPE, 0, NULL, 0);
		drop_urb(u, 0);
	}
	return 0;
}

static void usbip_destroy(struct transport *t)
{
	struct usbip *u = (struct usbip *)t;

	hang_up(u);
	if (u->listener.fd >= 0) {
		loop_remove(&u->pen->loop, &u->listener);
		close(u->listener.fd);
		unlink(u->options.path);
	}
	free(u);
}

static const struct transport_ops usbip_ops = {
	.plug = usbip_plug,
	.unplug = usbip_unplug,
	.in_ready = usbip_in_ready,
	.in_send = usbip_in_send,
	.unblock = usbip_unblock,
	.halt = usbip_halt,
	.destroy = usbip_destroy,
};

int usbip_create(struct transport **out, struct pen *pen,
		 const struct usbip_options *options)
{
	struct usbip *u = calloc(1, sizeof(*u));
	int err = 0;

	if (!u)
		return -ENOMEM;
	u->base.ops = &usbip_ops;
	u->pen = pen;
	u->options = *options;
	if (!u->options.vid) {
		u->options.vid = MNP_TEST_VID;
		u->options.pid = MNP_TEST_PID;
	}
	u->dev = (struct usbdev) {
		.pen = pen,
		.serial = options->serial,
		.product = options->product,
		.high_speed = options->high_speed,
		.vid = u->options.vid,
		.pid = u->options.pid,
	};
	u->link = (struct loop_source) { -1, link_ready, u };
	u->listener = (struct loop_source) { -1, listener_ready, u };
	if (options->link == USBIP_LINK_LISTEN)
		err = listen_at(u);
	if (err) {
		fprintf(stderr, "mnpen-emulator: cannot listen on %s: %s\n",
			options->path, strerror(-err));
		usbip_destroy(&u->base);
		return err;
	}
	*out = &u->base;
	return 0;
}
