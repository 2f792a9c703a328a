// SPDX-License-Identifier: GPL-2.0-or-later
/* A pen's node, /dev/mnpenN. */
#include "daemon/mnpenctl/source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mnpen.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int node_explain(struct ctl *ctl, const char *path, const char *what, int error)
{
	switch (error) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return explain(ctl, EXIT_GONE, "NoNode",
			       _("%s: there is no such pen; mnpenctl doctor looks why"),
			       path);
	case EACCES:
		return explain(ctl, EXIT_ACCESS, "NodeDenied",
			       _("%s: only root and the group mnpen may open a pen's node; name the pen instead to go through mnpend"),
			       path);
	case EBUSY:
		return explain(ctl, EXIT_RETRY, "NodeBusy",
			       _("%s: %s: the pen is busy, or somebody else controls it: end the session, or go through mnpend"),
			       path, what);
	case ENOTTY:
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("%s is not the node of a pen"), path);
	default:
		return explain(ctl, EXIT_GONE, "NodeFailed", "%s: %s: %s", path,
			       what, strerror(error));
	}
}

int node_open(struct ctl *ctl, const char *path, int flags, int *fd)
{
	*fd = open(path, flags | O_NONBLOCK | O_CLOEXEC);
	return *fd < 0 ? node_explain(ctl, path, "open", errno) : EXIT_DONE;
}

static void limit(struct samples_head *head, enum sample_field f, int64_t value)
{
	head->limit[f] = value;
	head->limited |= 1u << f;
}

int node_head(struct ctl *ctl, const char *path, int fd,
	      struct samples_head *head)
{
	struct mnpen_limits l = { 0 };
	struct mnpen_caps caps;

	memset(head, 0, sizeof(*head));
	if (ioctl(fd, MNPEN_IOC_GET_CAPS, &caps) ||
	    ioctl(fd, MNPEN_IOC_GET_LIMITS, &l))
		return node_explain(ctl, path, "GET_CAPS", errno);
	snprintf(head->pen, sizeof(head->pen), "%.*s", MNPEN_STR_LEN,
		 caps.serial);
	if (l.valid & MNPEN_LIMIT_DEPTH)
		limit(head, SAMPLE_depth_um, l.depth_max_um);
	if (l.valid & MNPEN_LIMIT_RATE)
		limit(head, SAMPLE_rate_spm, l.rate_max_spm);
	if (l.valid & MNPEN_LIMIT_CURRENT)
		limit(head, SAMPLE_motor_ma, l.current_max_ma);
	if (l.valid & MNPEN_LIMIT_TEMP)
		limit(head, SAMPLE_temp_motor_mdegc, l.temp_max_mdegc);
	return EXIT_DONE;
}

static void telemetry(const struct mnpen_telemetry *t, struct sample *out)
{
	snprintf(out->state, sizeof(out->state), "%s", name_state(t->state));
	sample_set(out, SAMPLE_depth_set_um, t->depth_set_um);
	sample_set(out, SAMPLE_depth_um, t->depth_um);
	sample_set(out, SAMPLE_rate_set_spm, t->rate_set_spm);
	sample_set(out, SAMPLE_rate_spm, t->rate_spm);
	sample_set(out, SAMPLE_motor_ma, t->motor_ma);
	sample_set(out, SAMPLE_temp_motor_mdegc, t->temp_motor_mdegc);
	sample_set(out, SAMPLE_temp_board_mdegc, t->temp_board_mdegc);
	sample_set(out, SAMPLE_lease_ms, t->feed_left_ms);
	sample_set(out, SAMPLE_strokes, t->strokes);
	sample_set(out, SAMPLE_bus_mv, t->bus_mv);
	sample_set(out, SAMPLE_battery_mv, t->battery_mv);
	sample_set(out, SAMPLE_battery_pct, t->battery_pct);
	sample_set(out, SAMPLE_limits_generation, t->limits_generation);
	sample_set(out, SAMPLE_fault_active, t->fault_active);
	sample_set(out, SAMPLE_fault_latched, t->fault_latched);
}

void node_sample(const struct mnpen_record *r, struct sample *out)
{
	memset(out, 0, sizeof(*out));
	out->time_us = (int64_t)(r->time_ns / 1000);
	out->seq = r->seq;
	out->flags = r->flags &
		     (SAMPLE_F_LOST | SAMPLE_F_GAP | SAMPLE_F_DISCONT);
	out->lost = r->flags & MNPEN_REC_F_LOST ? r->lost : 0;
	if (r->type == MNPEN_REC_TELEMETRY) {
		telemetry(&r->telemetry, out);
		return;
	}
	snprintf(out->state, sizeof(out->state), "%s",
		 name_state(r->event.state));
	if (r->type == MNPEN_REC_EVENT)
		name_event(&r->event, out->event, sizeof(out->event));
	else
		snprintf(out->event, sizeof(out->event), "record type %u",
			 r->type);
}
