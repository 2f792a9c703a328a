// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/pen.h"

#include <errno.h>
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
}

static void power_up(struct pen *pen)
{
	struct fw_power_up up = {
		.now_us = pen_now_us(pen),
		.random = pen->fw.random,
	};

	firmware_init(&pen->fw, &up, on_note, pen);
}

int pen_init(struct pen *pen, struct journal *journal,
	     const struct pen_options *options)
{
	int err;

	*pen = (struct pen) {
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.journal = journal,
		.clock_offset_us = options->clock_start_us - monotonic_us(),
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
	pen->fw.random = options->random;
	power_up(pen);
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

/* One turn of the firmware; packets that are due; when to wake up again. */
static void turn(struct pen *pen)
{
	uint8_t packet[MNP_PACKET_LEN];
	uint64_t now_us, due_us, next_us;
	bool open = !pen->frozen;

	firmware_step(&pen->fw, pen_now_us(pen));
	for (;;) {
		now_us = pen_now_us(pen);
		due_us = in_due_us(pen);
		open = open && pen->transport &&
		       pen->transport->ops->in_ready(pen->transport);
		if (!open || due_us > now_us)
			break;
		next_in(pen, now_us, packet);
		if (pen->transport->ops->in_send(pen->transport, packet))
			open = false;
		else
			capture_in(pen->capture, packet, MNP_PACKET_LEN);
	}
	next_us = firmware_next_us(&pen->fw);
	if (open && due_us < next_us)
		next_us = due_us;
	set_timer(pen, next_us);
}

int pen_run(struct pen *pen)
{
	int err = 0;

	while (!pen->quit && !err) {
		pthread_mutex_lock(&pen->lock);
		turn(pen);
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
	pen_bus(pen, FW_BUS_DETACH);
}

void pen_reboot(struct pen *pen)
{
	bool plugged = pen->plugged;

	if (plugged)
		pen_unplug(pen);
	power_up(pen);
	if (plugged)
		pen_plug(pen);
}

void pen_bus(struct pen *pen, enum fw_bus what)
{
	uint64_t now_us = pen_now_us(pen);

	capture_bus(pen->capture, what);
	if (pen->replay)
		replay_bus(pen->replay, now_us, what);
	firmware_bus(&pen->fw, now_us, what);
}

void pen_out(struct pen *pen, const uint8_t *buf, size_t len)
{
	capture_out(pen->capture, buf, len);
	if (!pen->replay)
		firmware_out(&pen->fw, pen_now_us(pen), buf, len);
}

int pen_setup(struct pen *pen, const struct fw_setup *s)
{
	uint64_t now_us = pen_now_us(pen);
	int n = pen->replay ? replay_setup(pen->replay, now_us, s) :
			      firmware_setup(&pen->fw, now_us, s);

	if (n)
		capture_control(pen->capture, s, NULL, 0, n);
	return n;
}

int pen_request(struct pen *pen, const struct fw_setup *s, uint8_t *data,
		size_t len)
{
	uint64_t now_us = pen_now_us(pen);
	int n = pen->replay ? replay_request(pen->replay, now_us, s, data) :
			      firmware_request(&pen->fw, now_us, s, data, len);

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
