// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/pen.h"

#include <errno.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static uint64_t monotonic_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

uint64_t pen_now_us(const struct pen *pen)
{
	if (pen->virtual)
		return pen->virtual_us;
	return monotonic_us() + pen->clock_offset_us;
}

static void drain(int fd)
{
	uint64_t count;

	/* Non-blocking counters; what matters is that they were ready. */
	if (read(fd, &count, sizeof(count)) < 0)
		return;
}

static void timer_ready(void *ctx, uint32_t events)
{
	struct pen *pen = ctx;

	(void)events;
	drain(pen->timer.fd);
}

static void kick_ready(void *ctx, uint32_t events)
{
	struct pen *pen = ctx;

	(void)events;
	drain(pen->kick.fd);
}

static void on_note(void *ctx, const struct fw_note *note)
{
	struct pen *pen = ctx;

	journal_note(pen->journal, note);
	script_note(pen->script, note);
}

static void power_up(struct pen *pen, enum fw_boot cause,
		     const struct physics *world)
{
	struct fw_power_up up = {
		.now_us = pen_now_us(pen),
		.random = pen->fw.random,
		.cause = cause,
		.world = world,
	};

	firmware_init(&pen->fw, &up, on_note, pen);
	pen->fw.caps.major = pen->identity.caps_major;
}

void pen_power_up(struct pen *pen, enum fw_boot cause)
{
	wire_clear(&pen->wire);
	power_up(pen, cause, &pen->fw.physics);
}

int pen_init(struct pen *pen, struct journal *journal,
	     const struct pen_options *options)
{
	int err;

	*pen = (struct pen) {
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.journal = journal,
		.clock_offset_us = options->clock_start_us - monotonic_us(),
		.virtual = options->virtual,
		.virtual_us = options->clock_start_us,
		.own_serial = options->serial,
		.identity = {
			.interface_major = MNP_PROTO_MAJOR,
			.caps_major = MNP_PROTO_MAJOR,
		},
		.timer = { -1, timer_ready, pen },
		.kick = { -1, kick_ready, pen },
	};
	err = loop_init(&pen->loop);
	if (err)
		return err;
	pen->timer.fd = timerfd_create(CLOCK_MONOTONIC,
				       TFD_NONBLOCK | TFD_CLOEXEC);
	pen->kick.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (pen->timer.fd < 0 || pen->kick.fd < 0) {
		err = -errno;
		goto fail;
	}
	err = loop_add(&pen->loop, &pen->timer, EPOLLIN);
	if (!err)
		err = loop_add(&pen->loop, &pen->kick, EPOLLIN);
	if (err)
		goto fail;
	snprintf(pen->identity.serial, sizeof(pen->identity.serial), "%s",
		 options->serial);
	wire_init(&pen->wire, ~options->random);
	pen->fw.random = options->random;
	power_up(pen, FW_BOOT_POWER, NULL);
	return 0;
fail:
	pen_fini(pen);
	return err;
}

void pen_disconnect(struct pen *pen)
{
	pthread_mutex_lock(&pen->lock);
	if (pen->plugged)
		pen_unplug(pen);
	pthread_mutex_unlock(&pen->lock);
	if (pen->transport)
		pen->transport->ops->destroy(pen->transport);
	pen->transport = NULL;
}

void pen_fini(struct pen *pen)
{
	pen_disconnect(pen);
	hostile_destroy(pen->hostile);
	if (pen->kick.fd >= 0)
		close(pen->kick.fd);
	if (pen->timer.fd >= 0)
		close(pen->timer.fd);
	loop_fini(&pen->loop);
}

static uint64_t in_due_us(const struct pen *pen)
{
	return pen->replay ? replay_in_due_us(pen->replay) :
			     firmware_in_due_us(&pen->fw);
}

static void next_in(struct pen *pen, uint64_t now_us, uint8_t *packet)
{
	if (!pen->replay) {
		firmware_next_in(&pen->fw, now_us, packet);
		return;
	}
	replay_next_in(pen->replay, packet);
	if (replay_ended(pen->replay))
		journal_mark(pen->journal, now_us, "replay ended");
}

static void set_timer(struct pen *pen, uint64_t own_us)
{
	struct itimerspec when = { 0 };
	uint64_t us;

	if (own_us != UINT64_MAX) {
		us = own_us - pen->clock_offset_us;
		when.it_value.tv_sec = (time_t)(us / 1000000);
		when.it_value.tv_nsec = (long)(us % 1000000 * 1000);
	}
	timerfd_settime(pen->timer.fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/* A hung USB task moves nothing; the controller in front of it NAKs. */
static bool deaf(const struct pen *pen)
{
	return pen->fw.hung[FW_TASK_USB];
}

static bool in_open(struct pen *pen)
{
	return !deaf(pen) && !pen->wire.lanes[WIRE_IN].blocked &&
	       pen->transport && pen->transport->ops->in_ready(pen->transport);
}

/* The next packet into the wire, if one is due; false: none is. */
static bool fetch_in(struct pen *pen, uint64_t now_us)
{
	uint8_t packet[MNP_PACKET_LEN];

	if (in_due_us(pen) > now_us)
		return false;
	next_in(pen, now_us, packet);
	if (!pen->silent || packet[0] != MNP_PACKET_TELEMETRY)
		wire_put(&pen->wire, WIRE_IN, now_us, packet, sizeof(packet));
	return true;
}

/* Sends what is due; false: the transport takes no more now. */
static bool send_packets(struct pen *pen)
{
	struct wire_packet p;
	uint64_t now_us;

	while (in_open(pen)) {
		now_us = pen_now_us(pen);
		if (!wire_get(&pen->wire, WIRE_IN, now_us, &p)) {
			if (!fetch_in(pen, now_us))
				return true;
			continue;
		}
		if (pen->transport->ops->in_send(pen->transport, p.data, p.len))
			return false;
		capture_in(pen->capture, p.data, p.len);
	}
	return false;
}

static bool is_stop(const struct wire_packet *p)
{
	struct mnp_out o;

	return !mnp_out_decode(p->data, p->len, &o) && o.cmd == MNP_OUT_STOP;
}

/* Packets of the host that have arrived. */
static void take_packets(struct pen *pen)
{
	struct wire_packet p;

	while (wire_get(&pen->wire, WIRE_OUT, pen_now_us(pen), &p)) {
		if (deaf(pen) || (pen->wire.ignore_stop_out && is_stop(&p)))
			continue;
		firmware_out(&pen->fw, pen_now_us(pen), p.data, p.len);
	}
}

static uint64_t earlier(uint64_t a_us, uint64_t b_us)
{
	return a_us < b_us ? a_us : b_us;
}

uint64_t pen_turn(struct pen *pen)
{
	uint64_t now_us = pen_now_us(pen), next_us;
	bool open;

	firmware_step(&pen->fw, now_us);
	take_packets(pen);
	faults_run(pen, now_us);
	if (script_run(pen->script, pen, now_us)) {
		pen->failed = true;
		pen->quit = true;
	}
	open = send_packets(pen);
	next_us = firmware_next_us(&pen->fw);
	next_us = earlier(next_us, faults_next_us(&pen->faults));
	next_us = earlier(next_us, script_next_us(pen->script));
	next_us = earlier(next_us, wire_due_us(&pen->wire, WIRE_OUT));
	if (!open)
		return next_us;
	next_us = earlier(next_us, wire_due_us(&pen->wire, WIRE_IN));
	return earlier(next_us, in_due_us(pen));
}

int pen_run(struct pen *pen)
{
	int err = 0;

	while (!pen->quit && !err) {
		pthread_mutex_lock(&pen->lock);
		set_timer(pen, pen_turn(pen));
		pthread_mutex_unlock(&pen->lock);
		err = loop_wait(&pen->loop);
		pthread_mutex_lock(&pen->lock);
		/* The deadline before anything the host may have sent. */
		firmware_step(&pen->fw, pen_now_us(pen));
		loop_dispatch(&pen->loop);
		pthread_mutex_unlock(&pen->lock);
	}
	return err;
}

int pen_plug(struct pen *pen)
{
	int err;

	if (pen->plugged)
		return -EALREADY;
	hostile_plugged(pen->hostile);
	pen_bus(pen, FW_BUS_ATTACH);
	pen->plugged = true;
	err = pen->transport->ops->plug(pen->transport);
	if (err) {
		pen_bus(pen, FW_BUS_DETACH);
		pen->plugged = false;
	}
	return err;
}

int pen_unplug(struct pen *pen)
{
	if (!pen->plugged)
		return -EALREADY;
	/* The firmware sees the supply go before the host sees anything. */
	pen_lost(pen);
	return pen->transport->ops->unplug(pen->transport);
}

void pen_lost(struct pen *pen)
{
	pen->plugged = false;
	wire_clear(&pen->wire);
	pen_bus(pen, FW_BUS_DETACH);
}

void pen_reboot(struct pen *pen)
{
	bool plugged;

	/* May plug it in again, as itself. */
	faults_heal_all(pen);
	plugged = pen->plugged;
	if (plugged)
		pen_unplug(pen);
	wire_clear(&pen->wire);
	power_up(pen, FW_BOOT_POWER, NULL);
	if (plugged)
		pen_plug(pen);
}

int pen_become(struct pen *pen, const struct identity *who)
{
	bool plugged = pen->plugged;
	int err = 0;

	if (plugged)
		pen_unplug(pen);
	pen->identity = *who;
	pen->fw.caps.major = who->caps_major;
	if (pen->transport->ops->identify)
		err = pen->transport->ops->identify(pen->transport);
	if (!err && plugged)
		err = pen_plug(pen);
	return err;
}

/* Out and in: the firmware sees it go and sees another one come. */
void pen_cartridge(struct pen *pen, const struct cartridge *c)
{
	uint64_t now_us = pen_now_us(pen);

	pen->fw.physics.cartridge.present = false;
	firmware_step(&pen->fw, now_us);
	pen->fw.physics.cartridge = *c;
	firmware_step(&pen->fw, now_us);
}

void pen_bus(struct pen *pen, enum fw_bus what)
{
	uint64_t now_us = pen_now_us(pen);

	capture_bus(pen->capture, what);
	if (pen->replay)
		replay_bus(pen->replay, now_us, what);
	firmware_bus(&pen->fw, now_us, what);
}

bool pen_out_blocked(const struct pen *pen)
{
	return pen->wire.lanes[WIRE_OUT].blocked || deaf(pen);
}

void pen_out(struct pen *pen, const uint8_t *buf, size_t len)
{
	capture_out(pen->capture, buf, len);
	if (pen->replay)
		return;
	wire_put(&pen->wire, WIRE_OUT, pen_now_us(pen), buf, len);
	take_packets(pen);
}

/* What the wire makes of a request before the pen sees it. */
static int wire_answer(const struct pen *pen, const struct fw_setup *s)
{
	if (deaf(pen) || pen->wire.requests[s->request] == WIRE_NAK)
		return -WIRE_NAKED;
	return pen->wire.requests[s->request] == WIRE_STALL ? -WIRE_STALLED : 0;
}

int pen_setup(struct pen *pen, const struct fw_setup *s)
{
	uint64_t now_us = pen_now_us(pen);
	int n = wire_answer(pen, s);

	if (!n)
		n = pen->replay ? replay_setup(pen->replay, now_us, s) :
				  firmware_setup(&pen->fw, now_us, s);
	if (n)
		capture_control(pen->capture, s, NULL, 0, n);
	return n;
}

int pen_request(struct pen *pen, const struct fw_setup *s, uint8_t *data,
		size_t len)
{
	uint64_t now_us = pen_now_us(pen);
	int n;

	if (pen->replay)
		n = replay_request(pen->replay, now_us, s, data);
	else if (s->request == MNP_REQ_STOP && pen->wire.ignore_stop_ep0)
		n = 0;
	else
		n = firmware_request(&pen->fw, now_us, s, data, len);

	capture_control(pen->capture, s, data, len, n);
	return n;
}

void pen_lock(struct pen *pen)
{
	pthread_mutex_lock(&pen->lock);
}

void pen_unlock_and_kick(struct pen *pen)
{
	uint64_t one = 1;

	pthread_mutex_unlock(&pen->lock);
	/* Full is as good as written: the loop wakes up. */
	if (write(pen->kick.fd, &one, sizeof(one)) < 0)
		return;
}
