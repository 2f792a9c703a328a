// SPDX-License-Identifier: GPL-2.0-only
/*
 * Getting to know a pen: in probe, and again after anything that may have cost
 * it its memory. Nobody else talks to it meanwhile: probe, or ctl_mutex.
 */
#include <linux/ctype.h>
#include <linux/ktime.h>

#include "mnpen.h"

#define TRIES	3

/*
 * What the pen says of itself goes into logs, attributes and names of files: a
 * pen that lies must not forge a line there.
 */
static void copy_text(char *out, const char *in, bool name)
{
	size_t i;

	for (i = 0; i < MNPEN_STR_LEN - 1 && in[i]; i++) {
		if (!isascii(in[i]) || !isprint(in[i]))
			out[i] = '_';
		else if (name && !isalnum(in[i]) && in[i] != '-')
			out[i] = '_';
		else
			out[i] = in[i];
	}
	out[i] = '\0';
}

static void fill_caps(const struct mnpen *m, struct mnpen_caps *c,
		      const struct mnp_caps *from)
{
	c->features = from->features;
	c->proto_major = from->major;
	c->proto_minor = from->minor;
	c->boot_id = from->boot_id;
	c->depth_min_um = from->depth_min_um;
	/* Set points have 16 bit on the wire. */
	c->depth_max_um = min_t(u32, from->depth_max_um, U16_MAX);
	c->depth_step_um = from->depth_step_um;
	c->rate_min_spm = from->rate_min_spm;
	c->rate_max_spm = min_t(u32, from->rate_max_spm, U16_MAX);
	c->rate_step_spm = from->rate_step_spm;
	c->lease_min_ms = max_t(u32, from->lease_min_ms, MNPEN_LEASE_MIN_MS);
	c->lease_max_ms = min_t(u32, from->lease_max_ms, MNPEN_LEASE_MAX_MS);
	c->device_wd_ms = from->device_wd_ms;
	c->telemetry_period_us = from->telemetry_period_us;
	copy_text(c->fw_version, from->fw_version, false);
	copy_text(c->hw_model, from->hw_model, false);
	if (m->udev->serial)
		copy_text(c->serial, m->udev->serial, true);
}

/* Ceilings in force: the lowest of the mechanism's and those lowered before. */
static int read_limits(struct mnpen *m)
{
	struct mnp_limits absolute, latched;
	int err;

	err = mnpen_ep0_limits(m, MNP_LIMITS_ABSOLUTE, &absolute);
	if (!err)
		err = mnpen_ep0_limits(m, MNP_LIMITS_LATCHED, &latched);
	if (err)
		return err;
	m->limits = latched;
	mnpen_limits_min(&m->limits, &absolute);
	m->limits_generation = latched.generation;
	m->limits_crc32 = latched.crc32;
	m->limits_old_crc32 = latched.crc32;
	m->limits_match = mnpen_limits_equal(&m->limits, &latched);
	return 0;
}

/* A pen with a battery may have been running: STOP before any question. */
static int stop_and_ask(struct mnpen *m, u32 reason, int tries,
			struct mnp_caps *caps)
{
	int err;

	do {
		err = mnpen_ep0_stop(m, reason, MNPEN_EP0_MS);
	} while (err == -ETIMEDOUT && --tries);
	return err ? err : mnpen_ep0_caps(m, caps);
}

int mnpen_intro_first(struct mnpen *m)
{
	struct mnp_caps caps = { };
	int err;

	m->ep0_end = ktime_add_ms(ktime_get(), MNPEN_PROBE_MS);
	err = stop_and_ask(m, MNPEN_STOP_UNBIND, TRIES, &caps);
	if (err == -EPROTONOSUPPORT) {
		dev_err(&m->intf->dev, "descriptor and pen disagree about the protocol, read only\n");
		if (m->udev->serial)
			copy_text(m->caps.serial, m->udev->serial, true);
		m->limp = true;
		m->state = MNPEN_STATE_LIMP;
		return 0;
	}
	if (err)
		return err;
	fill_caps(m, &m->caps, &caps);
	return read_limits(m);
}

/*
 * Serial numbers are compared by usbcore before it calls us; here it is what
 * the pen can do. Only the boot may be another one.
 */
static bool same_pen(const struct mnpen *m, const struct mnp_caps *caps)
{
	struct mnpen_caps now = { };

	fill_caps(m, &now, caps);
	now.boot_id = m->caps.boot_id;
	return !memcmp(&now, &m->caps, sizeof(now));
}

/*
 * After a reset. What was lowered is lowered again; what was armed is not.
 * -EPROTONOSUPPORT: it is not the pen it was. Other errors: no answer yet.
 */
int mnpen_intro_again(struct mnpen *m, u32 reason)
{
	struct mnp_caps caps = { };
	int err;

	m->ep0_end = ktime_add_ms(ktime_get(), MNPEN_CMD_MS);
	err = stop_and_ask(m, reason, 1, &caps);
	if (err)
		return err;
	if (!same_pen(m, &caps))
		return -EPROTONOSUPPORT;

	spin_lock_irq(&m->state_lock);
	if (m->caps.boot_id != caps.boot_id)
		mnpen_seq_forget(&m->seq);
	m->caps.boot_id = caps.boot_id;
	m->limits_match = false;
	spin_unlock_irq(&m->state_lock);
	return mnpen_cmd_sync_limits(m);
}
