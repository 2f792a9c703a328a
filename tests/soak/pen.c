// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A pen made of arithmetic, in place of device.c and hotplug.c. It is read in
 * every tick, so its descriptor never has to become readable. Like driver and
 * pen it lets a motor run only as long as its lease is renewed.
 */
#include "tests/soak/soak.h"

#include "daemon/mnpend/device.h"
#include "daemon/mnpend/hotplug.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SYSPATH		"/sys/devices/soak"
#define PERIOD_NS	8000000ull
#define LEASE_NS	200000000ull
#define BOOT_ID		4711u

struct device {
	int fd, start_fd, service_fd;
	struct mnpen_caps caps;
	struct mnpen_limits limits;
	int result;
	struct device_service service;
};

static struct {
	bool plugged, running;
	uint64_t sent_ns, lease_ns, since_ns;
	uint32_t seq, strokes, reason;
	uint64_t stroke_ns;		/* of motor time, not yet a stroke */
	struct device_start set;
	struct hotplug_hooks hooks;
} pen;

static void motor_off(uint32_t reason)
{
	if (!pen.running)
		return;
	soak->motor_ms += (soak->mono_ns - pen.since_ns) / 1000000;
	pen.running = false;
	pen.reason = reason;
}

bool pen_motor(void)
{
	return pen.running;
}

/* --- the kernel's part ------------------------------------------------------- */

void pen_plug(void)
{
	pen.plugged = true;
	pen.sent_ns = soak->mono_ns;
	pen.hooks.added(SYSPATH, "/dev/soak", pen.hooks.ctx);
}

void pen_unplug(void)
{
	motor_off(MNPEN_STOP_UNBIND);
	pen.plugged = false;
	pen.hooks.removed(SYSPATH, pen.hooks.ctx);
}

void pen_slept(void)
{
	motor_off(MNPEN_STOP_PM);
	pen.sent_ns = soak->mono_ns;
}

struct hotplug {
	int nothing;
};

int hotplug_open(struct event_base *base, const struct hotplug_hooks *hooks,
		 struct hotplug **out)
{
	static struct hotplug only;

	*out = &only;
	pen.hooks = *hooks;
	soak_daemon = hooks->ctx;
	client_open(base);
	script_open(base);
	pen_plug();
	return 0;
}

void hotplug_close(struct hotplug *hp)
{
	(void)hp;
	soak_daemon = NULL;
}

/* --- device.h ------------------------------------------------------------------ */

int device_open(const char *node, const struct mnpen_limits *ceiling,
		struct device **out, const char **step)
{
	struct device *d = calloc(1, sizeof(*d));

	(void)node;
	*step = "open";
	if (!d)
		return -ENOMEM;
	d->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	d->start_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	d->service_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	d->caps = (struct mnpen_caps){
		.features = MNPEN_CAP_DEPTH, .proto_major = 1,
		.boot_id = BOOT_ID, .depth_min_um = 200, .depth_max_um = 3000,
		.depth_step_um = 10, .rate_min_spm = 1000,
		.rate_max_spm = 12000, .rate_step_spm = 10, .lease_min_ms = 100,
		.lease_max_ms = 1000, .device_wd_ms = 200,
		.telemetry_period_us = 8000, .serial = "SOAK1",
		.fw_version = "0", .hw_model = "soak",
	};
	d->limits = *ceiling;
	d->limits.current_max_ma = 900;
	d->limits.temp_max_mdegc = 45000;
	d->limits.lease_max_ms = 1000;
	motor_off(MNPEN_STOP_USER);
	*out = d;
	return 0;
}

void device_close(struct device *d)
{
	if (!d)
		return;
	motor_off(MNPEN_STOP_USER);
	close(d->fd);
	close(d->start_fd);
	close(d->service_fd);
	free(d);
}

const struct mnpen_caps *device_caps(const struct device *d)
{
	return &d->caps;
}

const struct mnpen_limits *device_limits(const struct device *d)
{
	return &d->limits;
}

int device_fd(const struct device *d)
{
	return d->fd;
}

static void pen_turn(uint64_t ns)
{
	uint64_t stroke = pen.set.rate_spm ?
				  60000000000ull / pen.set.rate_spm : 0;

	if (!pen.running || !stroke)
		return;
	pen.stroke_ns += ns;
	pen.strokes += (uint32_t)(pen.stroke_ns / stroke);
	pen.stroke_ns %= stroke;
}

static struct mnpen_record pen_sample(void)
{
	bool on = pen.running;
	struct mnpen_record r = { .time_ns = pen.sent_ns, .seq = ++pen.seq,
				  .type = MNPEN_REC_TELEMETRY };

	r.dev_time_us = (uint32_t)(pen.sent_ns / 1000);
	r.telemetry = (struct mnpen_telemetry){
		.state = on ? MNPEN_STATE_RUNNING : MNPEN_STATE_IDLE,
		.battery_pct = 255,
		.feed_left_ms = on ? 200 : 0,
		.rate_set_spm = on ? (uint16_t)pen.set.rate_spm : 0,
		.rate_spm = on ? (uint16_t)pen.set.rate_spm : 0,
		.depth_set_um = (uint16_t)pen.set.depth_um,
		.depth_um = (uint16_t)pen.set.depth_um,
		.motor_ma = (int16_t)(on ? 180 + pen.seq % 7 : 0),
		.bus_mv = 5000,
		.battery_mv = 0xffff,
		.temp_motor_mdegc = 30000,
		.temp_board_mdegc = 28000,
		.strokes = pen.strokes,
	};
	return r;
}

int device_read(struct device *d, struct mnpen_record *records, size_t max)
{
	size_t n;

	(void)d;
	if (!pen.plugged)
		return -ENODEV;
	if (pen.running && soak->mono_ns - pen.lease_ns > LEASE_NS) {
		soak->expired++;
		motor_off(MNPEN_STOP_LEASE);
	}
	if (pen.running && !client_busy())
		soak->unsupervised++;
	for (n = 0; n < max && soak->mono_ns - pen.sent_ns >= PERIOD_NS; n++) {
		pen.sent_ns += PERIOD_NS;
		pen_turn(PERIOD_NS);
		records[n] = pen_sample();
	}
	return (int)n;
}

int device_stop(struct device *d)
{
	(void)d;
	motor_off(MNPEN_STOP_USER);
	return pen.plugged ? 0 : -ENODEV;
}

int device_renew(struct device *d)
{
	(void)d;
	if (!pen.running)
		return -ESTALE;
	pen.lease_ns = soak->mono_ns;
	return 0;
}

bool device_limp(struct device *d)
{
	(void)d;
	return false;
}

int64_t device_boot_id(struct device *d)
{
	(void)d;
	return BOOT_ID;
}

void device_release(struct device *d)
{
	(void)d;
}

void device_set(struct device *d, uint32_t depth_um, uint32_t rate_spm)
{
	(void)d;
	pen.set.depth_um = depth_um;
	pen.set.rate_spm = rate_spm;
}

int device_start(struct device *d, const struct device_start *start)
{
	const uint64_t one = 1;

	pen.set = *start;
	pen.running = true;
	pen.since_ns = pen.lease_ns = soak->mono_ns;
	pen.reason = MNPEN_STOP_NONE;
	soak->runs++;
	d->result = write(d->start_fd, &one, sizeof(one)) < 0 ? -errno : 0;
	return d->result;
}

int device_start_fd(const struct device *d)
{
	return d->start_fd;
}

int device_start_result(struct device *d, const char **step)
{
	uint64_t count;

	*step = "run";
	return read(d->start_fd, &count, sizeof(count)) < 0 ? -errno :
							      d->result;
}

/* Nothing to clear and nothing to ask. */
int device_service(struct device *d, const struct device_service *ask)
{
	const uint64_t one = 1;

	d->service = *ask;
	return write(d->service_fd, &one, sizeof(one)) < 0 ? -errno : 0;
}

int device_service_fd(const struct device *d)
{
	return d->service_fd;
}

int device_service_result(struct device *d, struct device_service *out)
{
	uint64_t count;

	*out = d->service;
	return read(d->service_fd, &count, sizeof(count)) < 0 ? -errno : 0;
}

int device_status(struct device *d, struct mnpen_status *out)
{
	(void)d;
	*out = (struct mnpen_status){
		.state = pen.running ? MNPEN_STATE_RUNNING : MNPEN_STATE_IDLE,
		.stop_reason = pen.reason, .boot_id = BOOT_ID,
		.telemetry_age_ms = 1,
	};
	return pen.plugged ? 0 : -ENODEV;
}
