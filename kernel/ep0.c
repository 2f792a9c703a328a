// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control requests. Those that change something are class|interface, so that
 * usbfs refuses them to strangers while this driver is bound.
 *
 * Many device controllers acknowledge a request before its data was looked at
 * and can no longer stall it. So every command is followed by the question
 * what became of it.
 */
#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "compat.h"
#include "inject.h"
#include "mnpen.h"
#include "watch.h"

#define OUT_TYPE	(USB_DIR_OUT | USB_TYPE_CLASS | USB_RECIP_INTERFACE)
#define IN_TYPE		(USB_DIR_IN | USB_TYPE_CLASS | USB_RECIP_INTERFACE)
#define INTERFACE	0		/* wIndex; probe accepts no other */
#define PROBE_TRIES	3
#define BLOB_HEAD_LEN	4		/* version, length of all */
#define BLOB_CRC_LEN	4

struct transfer {
	struct usb_ctrlrequest *setup;
	void *buf;			/* setup and this are given to DMA */
	struct urb *urb;
	struct completion done;
};

static void transfer_done(struct urb *urb)
{
	struct transfer *t = urb->context;

	complete(&t->done);
}

/* Accepts one at any stage of construction. */
static void transfer_free(struct transfer *t)
{
	usb_free_urb(t->urb);
	kfree(t->buf);
	kfree(t->setup);
}

static int transfer_init(struct transfer *t, struct mnpen *m,
			 const struct usb_ctrlrequest *setup)
{
	bool in = setup->bRequestType & USB_DIR_IN;
	u16 len = le16_to_cpu(setup->wLength);

	t->setup = kmemdup(setup, sizeof(*setup), GFP_NOIO);
	t->buf = len ? kzalloc(len, GFP_NOIO) : NULL;
	t->urb = usb_alloc_urb(0, GFP_NOIO);
	if (!t->setup || !t->urb || (len && !t->buf)) {
		transfer_free(t);
		return -ENOMEM;
	}
	init_completion(&t->done);
	usb_fill_control_urb(t->urb, m->udev,
			     in ? usb_rcvctrlpipe(m->udev, 0) :
			     usb_sndctrlpipe(m->udev, 0), (u8 *)t->setup,
			     t->buf, len, transfer_done, t);
	return 0;
}

/* -ECANCELED: mnpen_ep0_abort() */
static int transfer_run(struct transfer *t, struct mnpen *m, int timeout_ms)
{
	int err;

	usb_anchor_urb(t->urb, &m->ep0_anchor);
	err = usb_submit_urb(t->urb, GFP_NOIO);
	if (err) {
		usb_unanchor_urb(t->urb);
		return err == -EPERM ? -ECANCELED : err;
	}
	if (!wait_for_completion_timeout(&t->done,
					 msecs_to_jiffies(timeout_ms))) {
		usb_kill_urb(t->urb);
		return -ETIMEDOUT;
	}
	err = t->urb->status;
	return err == -ENOENT || err == -ECONNRESET ? -ECANCELED : err;
}

/*
 * Like usb_control_msg_send() and _recv(): all of @len or an error. But a STOP
 * that needs the endpoint can take it away, see mnpen_ep0_abort().
 */
static int control(struct mnpen *m, const struct usb_ctrlrequest *setup,
		   void *buf, int timeout_ms)
{
	u16 len = le16_to_cpu(setup->wLength);
	struct transfer t;
	int err = transfer_init(&t, m, setup);

	if (err)
		return err;
	if (len && !(setup->bRequestType & USB_DIR_IN))
		memcpy(t.buf, buf, len);
	err = transfer_run(&t, m, timeout_ms);
	if (!err && t.urb->actual_length != len)
		err = -EREMOTEIO;
	if (!err && setup->bRequestType & USB_DIR_IN)
		memcpy(buf, t.buf, len);
	transfer_free(&t);
	return err;
}

/* Milliseconds that a transfer may take now, or negative errno. */
static int time_left(const struct mnpen *m)
{
	s64 left_ms;

	might_sleep();
	mnpen_inject_ep0();
	if (!m->udev || READ_ONCE(m->gone))
		return -ENODEV;
	left_ms = ktime_ms_delta(m->ep0_end, ktime_get());
	if (left_ms <= 0)
		return -ETIMEDOUT;
	return min_t(s64, left_ms, MNPEN_EP0_MS);
}

static int request(struct mnpen *m, u8 type, u8 req, u16 value, void *buf,
		   u16 len)
{
	struct usb_ctrlrequest setup = {
		.bRequestType = type,
		.bRequest = req,
		.wValue = cpu_to_le16(value),
		.wIndex = cpu_to_le16(INTERFACE),
		.wLength = cpu_to_le16(len),
	};
	u64 begin_ns = ktime_get_ns();
	int left_ms = time_left(m);
	int err;

	if (left_ms < 0)
		return left_ms;
	err = control(m, &setup, buf, left_ms);
	mnpen_watch_cmd(m, req, value, len, err, begin_ns);
	return err;
}

static int ep0_out(struct mnpen *m, u8 req, u16 value, void *buf, u16 len)
{
	return request(m, OUT_TYPE, req, value, buf, len);
}

/* Exactly @len bytes, or an error; -EPIPE: the pen does not know that. */
static int ep0_ask(struct mnpen *m, u8 req, u16 value, void *buf, u16 len)
{
	return request(m, IN_TYPE, req, value, buf, len);
}

/* A question that every pen answers, or it does not speak our protocol. */
static int ep0_in(struct mnpen *m, u8 req, u16 value, void *buf, u16 len)
{
	int err = ep0_ask(m, req, value, buf, len);

	return err == -EPIPE ? -EPROTO : err;
}

static bool passing(int err)
{
	return err == -ETIMEDOUT || err == -EPROTO || err == -EILSEQ;
}

static int result_to_errno(u16 code)
{
	switch ((enum mnp_result_code)code) {
	case MNP_RESULT_OK:
		return 0;
	case MNP_RESULT_LENGTH:
	case MNP_RESULT_CRC:
	case MNP_RESULT_SEQUENCE:
		return -EPROTO;
	case MNP_RESULT_UNKNOWN:
		return -EOPNOTSUPP;
	case MNP_RESULT_STATE:
		return -EBUSY;
	case MNP_RESULT_TOKEN:
	case MNP_RESULT_LATE:
		return -ECANCELED;
	case MNP_RESULT_LIMIT:
		return -ERANGE;
	case MNP_RESULT_FAULT:
		return -EIO;
	}
	return -EPROTO;
}

/*
 * Sends a command and asks for its result. @seq: the number in it, 0 if it has
 * none. Another number means that another request came between.
 */
static int command(struct mnpen *m, u8 req, u16 value, u16 seq,
		   void *data, u16 len)
{
	struct mnp_result result;
	u8 buf[MNP_RESULT_LEN];
	int err;

	lockdep_assert_held(&m->ctl_mutex);
	err = ep0_out(m, req, value, data, len);
	if (err && err != -EPIPE)
		return err;
	err = ep0_in(m, MNP_REQ_GET_CMD_RESULT, 0, buf, sizeof(buf));
	if (err)
		return err;
	if (mnp_result_decode(buf, sizeof(buf), &result))
		return -EPROTO;
	err = result_to_errno(result.code);
	if (!err && result.seq != seq)
		return -EPROTO;
	return err;
}

static int read_caps(struct mnpen *m, struct mnp_caps *caps)
{
	u8 buf[MNP_CAPS_MAX_LEN];
	u16 len;
	int err;

	err = ep0_in(m, MNP_REQ_GET_CAPS, 0, buf, MNP_CAPS_HEAD_LEN);
	if (err)
		return err;
	len = get_unaligned_le16(buf);
	if (len < MNP_CAPS_HEAD_LEN || len > sizeof(buf))
		return -EPROTO;
	err = ep0_in(m, MNP_REQ_GET_CAPS, 0, buf, len);
	if (err)
		return err;
	err = mnp_caps_decode(buf, len, caps);
	if (err == MNP_ERR_VERSION)
		return -EPROTONOSUPPORT;
	return err ? -EPROTO : 0;
}

/* -EPROTONOSUPPORT: another major version than ours. */
int mnpen_ep0_caps(struct mnpen *m, struct mnp_caps *caps)
{
	int tries = PROBE_TRIES;
	int err;

	do {
		err = read_caps(m, caps);
	} while (passing(err) && --tries);
	return err;
}

/* @which: enum mnp_limits_which */
int mnpen_ep0_limits(struct mnpen *m, u16 which, struct mnp_limits *limits)
{
	u8 buf[MNP_LIMITS_LEN];
	int tries = PROBE_TRIES;
	int err;

	do {
		err = ep0_in(m, MNP_REQ_GET_LIMITS, which, buf, sizeof(buf));
		if (!err && mnp_limits_decode(buf, sizeof(buf), limits))
			err = -EPROTO;
	} while (passing(err) && --tries);
	return err;
}

/* Sends all ceilings, then reads back what the pen now holds into @limits. */
int mnpen_ep0_lower(struct mnpen *m, struct mnp_limits *limits)
{
	u8 buf[MNP_LIMITS_LEN];
	int err;

	mnp_limits_encode(limits, buf);
	err = command(m, MNP_REQ_LOWER_LIMITS, MNPEN_LIMIT_ALL, 0, buf,
		      sizeof(buf));
	if (err)
		return err;
	err = ep0_in(m, MNP_REQ_GET_LIMITS, MNP_LIMITS_LATCHED, buf,
		     sizeof(buf));
	if (err)
		return err;
	return mnp_limits_decode(buf, sizeof(buf), limits) ? -EPROTO : 0;
}

/* The nonce ties the reply to this request, not to one that came too late. */
int mnpen_ep0_arm(struct mnpen *m, u32 limits_crc32, u16 feed_ms, u16 flags,
		  u16 *token)
{
	struct mnp_arm arm = {
		.nonce = get_random_u32(),
		.limits_crc32 = limits_crc32,
		.feed_ms = feed_ms,
		.flags = flags,
	};
	struct mnp_arm_reply reply;
	u8 buf[MNP_ARM_LEN];
	int err;

	mnp_arm_encode(&arm, buf);
	err = command(m, MNP_REQ_ARM, 0, 0, buf, MNP_ARM_LEN);
	/* The only limit in it is the checksum of the limits. */
	if (err)
		return err == -ERANGE ? -EPROTO : err;
	err = ep0_in(m, MNP_REQ_GET_ARM, 0, buf, MNP_ARM_REPLY_LEN);
	if (err)
		return err;
	if (mnp_arm_reply_decode(buf, MNP_ARM_REPLY_LEN, &reply) ||
	    reply.nonce != arm.nonce || !reply.token)
		return -EPROTO;
	*token = reply.token;
	return 0;
}

/* -ERANGE: refused, and nothing changed. Else it is not known what happened. */
int mnpen_ep0_run(struct mnpen *m, const struct mnp_run *run)
{
	u8 buf[MNP_RUN_LEN];

	mnp_run_encode(run, buf);
	return command(m, MNP_REQ_RUN, 0, run->seq, buf, sizeof(buf));
}

int mnpen_ep0_disarm(struct mnpen *m)
{
	lockdep_assert_held(&m->ctl_mutex);
	return ep0_out(m, MNP_REQ_DISARM, 0, NULL, 0);
}

/* -EIO: a bit is not latched, or its cause is still there. */
int mnpen_ep0_clear_fault(struct mnpen *m, u32 mask)
{
	struct mnp_clear clear = { .mask = mask };
	u8 buf[MNP_CLEAR_LEN];

	mnp_clear_encode(&clear, buf);
	return command(m, MNP_REQ_CLEAR_FAULT, 0, 0, buf, sizeof(buf));
}

/* -EBUSY: no cartridge. */
int mnpen_ep0_mark(struct mnpen *m, u16 token)
{
	struct mnp_mark mark = { .token = token };
	u8 buf[MNP_MARK_LEN];

	mnp_mark_encode(&mark, buf);
	return command(m, MNP_REQ_MARK_CARTRIDGE, 0, 0, buf, sizeof(buf));
}

int mnpen_ep0_identify(struct mnpen *m)
{
	return command(m, MNP_REQ_IDENTIFY, 0, 0, NULL, 0);
}

/* Only starts them. */
int mnpen_ep0_self_test(struct mnpen *m, u16 mask)
{
	return command(m, MNP_REQ_SELF_TEST, mask, 0, NULL, 0);
}

int mnpen_ep0_self_test_result(struct mnpen *m, struct mnp_self_test *t)
{
	u8 buf[MNP_SELF_TEST_LEN];
	int err;

	lockdep_assert_held(&m->ctl_mutex);
	err = ep0_in(m, MNP_REQ_GET_SELF_TEST, 0, buf, sizeof(buf));
	if (err)
		return err;
	return mnp_self_test_decode(buf, sizeof(buf), t) ? -EPROTO : 0;
}

/*
 * Fills all but the id of @blob. A layout that we do not know is passed on:
 * all have version and length in front and a CRC-32 at the end. -ENODATA: no
 * such record. -EBADMSG: damaged, or longer than a blob can be.
 */
int mnpen_ep0_blob(struct mnpen *m, u8 req, struct mnpen_blob *blob)
{
	u8 buf[MNPEN_BLOB_LEN + BLOB_CRC_LEN];
	u32 len;
	int err;

	lockdep_assert_held(&m->ctl_mutex);
	err = ep0_ask(m, req, blob->id, buf, BLOB_HEAD_LEN);
	if (err)
		return err == -EPIPE ? -ENODATA : err;
	len = get_unaligned_le16(buf + 2);
	if (len < BLOB_HEAD_LEN + BLOB_CRC_LEN || len > sizeof(buf))
		return -EBADMSG;
	err = ep0_in(m, req, blob->id, buf, len);
	if (err)
		return err;
	len -= BLOB_CRC_LEN;
	blob->version = get_unaligned_le16(buf);
	blob->length = len;
	blob->crc32 = get_unaligned_le32(buf + len);
	if (mnp_crc32(buf, len) != blob->crc32)
		return -EBADMSG;
	memcpy(blob->data, buf, len);
	memset(blob->data + len, 0, sizeof(blob->data) - len);
	return 0;
}

/* usb_clear_halt() would wait 5 s for a pen that does not answer. */
void mnpen_ep0_clear_halt(struct mnpen *m, unsigned int pipe)
{
	u16 ep = usb_pipeendpoint(pipe) | (usb_pipein(pipe) ? USB_DIR_IN : 0);
	struct usb_ctrlrequest setup = {
		.bRequestType = USB_RECIP_ENDPOINT,
		.bRequest = USB_REQ_CLEAR_FEATURE,
		.wValue = cpu_to_le16(USB_ENDPOINT_HALT),
		.wIndex = cpu_to_le16(ep),
	};

	might_sleep();
	if (!m->udev || READ_ONCE(m->gone))
		return;
	if (!control(m, &setup, NULL, MNPEN_EP0_MS))
		usb_reset_endpoint(m->udev, ep);
}

/* Ends what is under way, with -ECANCELED: STOP is next. */
void mnpen_ep0_abort(struct mnpen *m)
{
	usb_kill_anchored_urbs(&m->ep0_anchor);
}

/* Needs no ctl_mutex and no ep0_end: it may come between any two requests. */
int mnpen_ep0_stop(struct mnpen *m, u32 reason, int timeout_ms)
{
	u64 begin_ns = ktime_get_ns();
	int err;

	might_sleep();
	mnpen_inject_ep0();
	if (!m->udev || READ_ONCE(m->gone))
		return -ENODEV;
	err = usb_control_msg_send(m->udev, 0, MNP_REQ_STOP, OUT_TYPE, reason,
				   INTERFACE, NULL, 0, timeout_ms, GFP_NOIO);
	mnpen_watch_cmd(m, MNP_REQ_STOP, reason, 0, err, begin_ns);
	return err;
}
