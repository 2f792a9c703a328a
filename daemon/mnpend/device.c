// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/device.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define DEVICE_REST_MS		10
#define DEVICE_RESTS		50	/* half a second in all */

struct device {
	int fd;
	int done_fd;		/* eventfd: a start has ended */
	int service_fd;		/* eventfd: a service call has ended */
	struct mnpen_caps caps;
	struct mnpen_limits limits;

	pthread_t thread;
	bool have_thread;
	pthread_mutex_t lock;	/* guards everything below */
	pthread_cond_t wake;
	bool quit, busy, finished;
	struct device_start job;
	struct device_start set; /* set points to change to */
	bool set_wanted;
	struct device_service service;
	bool serving, served;	/* handed over; ended, not yet collected */
	bool release_later;	/* once that call has ended */
	int service_result;
	uint32_t stops;		/* how often STOP was called */
	uint32_t job_stops;	/* the same when the job was handed over */
	uint32_t session;	/* of the last ACQUIRE; 0: none */
	int result;
	const char *step;
};

static int device_ioctl(int fd, unsigned long request, void *arg)
{
	int ret;

	do {
		ret = ioctl(fd, request, arg);
	} while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : 0;
}

static bool device_stopped_since(struct device *d)
{
	bool stopped;

	pthread_mutex_lock(&d->lock);
	stopped = d->stops != d->job_stops;
	pthread_mutex_unlock(&d->lock);
	return stopped;
}

/*
 * Always acquires anew: after a stop the driver's session may be stale.
 *
 * A STOP may come at any moment from the loop thread. It counts itself
 * before its ioctl. One that came before ARM is seen by the test between ARM
 * and RUN; one that came after ARM makes the driver refuse or end the RUN.
 * So no STOP is lost between the two threads.
 */
static int device_do_start(struct device *d, const struct device_start *job,
			   const char **step)
{
	struct mnpen_acquire acquire = { 0 };
	struct mnpen_arm arm = { .lease_ms = job->lease_ms };
	struct mnpen_run run = {
		.depth_um = job->depth_um,
		.rate_spm = job->rate_spm,
		.run_ms = job->run_ms,
	};
	int ret;

	*step = "acquire";
	ret = device_ioctl(d->fd, MNPEN_IOC_ACQUIRE, &acquire);
	if (ret < 0)
		return ret;
	pthread_mutex_lock(&d->lock);
	d->session = acquire.session;
	pthread_mutex_unlock(&d->lock);

	*step = "arm";
	arm.session = acquire.session;
	ret = device_ioctl(d->fd, MNPEN_IOC_ARM, &arm);
	if (ret < 0)
		return ret;
	if (device_stopped_since(d)) {
		device_ioctl(d->fd, MNPEN_IOC_STOP, NULL);
		return -ECANCELED;
	}
	*step = "run";
	run.session = acquire.session;
	return device_ioctl(d->fd, MNPEN_IOC_RUN, &run);
}

/* Both with the lock held; it is given up for the ioctls. */
static void device_thread_start(struct device *d)
{
	struct device_start job = d->job;
	const char *step;
	uint64_t one = 1;
	int result;

	pthread_mutex_unlock(&d->lock);
	result = device_do_start(d, &job, &step);
	pthread_mutex_lock(&d->lock);
	d->result = result;
	d->step = step;
	d->finished = true;
	if (write(d->done_fd, &one, sizeof(one)) < 0)
		d->result = -errno;
}

/* The driver refuses it if the motor does not run any more. */
static void device_thread_set(struct device *d)
{
	struct mnpen_run run = {
		.session = d->session,
		.flags = MNPEN_RUN_F_UPDATE,
		.depth_um = d->set.depth_um,
		.rate_spm = d->set.rate_spm,
	};

	d->set_wanted = false;
	pthread_mutex_unlock(&d->lock);
	device_ioctl(d->fd, MNPEN_IOC_RUN, &run);
	pthread_mutex_lock(&d->lock);
}
/*
 * A session that just ended was stopped: the pen confirms it in some ms, and
 * its motor comes to rest some more after that. Until then it refuses.
 */
static int device_at_rest(struct device *d, unsigned long request, void *arg)
{
	const struct timespec wait = { .tv_nsec = DEVICE_REST_MS * 1000000 };
	int ret = device_ioctl(d->fd, request, arg);
	struct mnpen_status s;
	int i;

	for (i = 0; i < DEVICE_RESTS && ret == -EBUSY; i++) {
		if (device_status(d, &s) < 0 ||
		    (s.state != MNPEN_STATE_STOPPING &&
		     s.state != MNPEN_STATE_IDLE))
			break;
		nanosleep(&wait, NULL);
		ret = device_ioctl(d->fd, request, arg);
	}
	return ret;
}

/*
 * Only who controls may. A session that was there stays; a fault made it stale,
 * so the number may be another.
 */
static int device_as_controller(struct device *d, struct device_service *ask)
{
	struct mnpen_acquire acquire = { 0 };
	struct mnpen_clear_fault clear = { .mask = ask->mask };
	uint32_t before;
	int ret = device_ioctl(d->fd, MNPEN_IOC_ACQUIRE, &acquire);

	if (ret < 0)
		return ret;
	pthread_mutex_lock(&d->lock);
	before = d->session;
	if (before)
		d->session = acquire.session;
	pthread_mutex_unlock(&d->lock);
	clear.session = acquire.session;
	if (ask->kind == DEVICE_SELF_TEST)
		ask->test.session = acquire.session;
	ret = ask->kind == DEVICE_SELF_TEST ?
		      device_at_rest(d, MNPEN_IOC_SELF_TEST, &ask->test) :
		      device_ioctl(d->fd, MNPEN_IOC_CLEAR_FAULT, &clear);
	if (!before)
		device_ioctl(d->fd, MNPEN_IOC_RELEASE, NULL);
	return ret;
}

static int device_do_service(struct device *d, struct device_service *ask)
{
	switch (ask->kind) {
	case DEVICE_IDENTIFY:
		return device_ioctl(d->fd, MNPEN_IOC_IDENTIFY, NULL);
	case DEVICE_CALIBRATION:
		return device_ioctl(d->fd, MNPEN_IOC_GET_CALIB, &ask->blob);
	case DEVICE_CARTRIDGE:
		return device_ioctl(d->fd, MNPEN_IOC_GET_CARTRIDGE,
				    &ask->blob);
	case DEVICE_SELF_TEST:
	case DEVICE_CLEAR_FAULT:
		return device_as_controller(d, ask);
	}
	return -EINVAL;
}

static void device_thread_service(struct device *d)
{
	struct device_service ask = d->service;
	uint64_t one = 1;
	bool release;
	int result;

	pthread_mutex_unlock(&d->lock);
	result = device_do_service(d, &ask);
	pthread_mutex_lock(&d->lock);
	d->service = ask;
	d->service_result = result;
	release = d->release_later;
	d->release_later = false;
	if (release) {
		d->session = 0;
		pthread_mutex_unlock(&d->lock);
		device_ioctl(d->fd, MNPEN_IOC_RELEASE, NULL);
		pthread_mutex_lock(&d->lock);
	}
	d->served = true;
	/* An eventfd takes a one whenever it was read since. */
	if (write(d->service_fd, &one, sizeof(one)) < 0)
		d->service_result = -errno;
}

static void *device_thread(void *arg)
{
	struct device *d = arg;

	pthread_mutex_lock(&d->lock);
	while (!d->quit) {
		if (d->busy && !d->finished)
			device_thread_start(d);
		else if (d->serving && !d->served)
			device_thread_service(d);
		else if (d->set_wanted)
			device_thread_set(d);
		else
			pthread_cond_wait(&d->wake, &d->lock);
	}
	pthread_mutex_unlock(&d->lock);
	return NULL;
}

/* Signals belong to the loop thread. */
static int device_spawn(struct device *d)
{
	sigset_t all, old;
	int ret;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = pthread_create(&d->thread, NULL, device_thread, d);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	d->have_thread = ret == 0;
	return -ret;
}

static int device_setup(struct device *d, const char *node,
			const struct mnpen_limits *ceiling, const char **step)
{
	struct mnpen_subscribe sub = { .mask = MNPEN_SUB_TELEMETRY |
					       MNPEN_SUB_EVENTS };
	struct mnpen_limits lower = *ceiling;
	int ret;

	*step = "open";
	d->fd = open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (d->fd < 0)
		return -errno;
	*step = "stop";
	ret = device_ioctl(d->fd, MNPEN_IOC_STOP, NULL);
	if (ret < 0)
		return ret;
	*step = "read capabilities";
	ret = device_ioctl(d->fd, MNPEN_IOC_GET_CAPS, &d->caps);
	if (ret < 0)
		return ret;
	*step = "read limits";
	ret = device_ioctl(d->fd, MNPEN_IOC_GET_LIMITS, &d->limits);
	if (ret < 0)
		return ret;
	/* Only fields that would come down: the driver refuses a raise. */
	if (lower.depth_max_um >= d->limits.depth_max_um)
		lower.valid &= ~(uint32_t)MNPEN_LIMIT_DEPTH;
	if (lower.rate_max_spm >= d->limits.rate_max_spm)
		lower.valid &= ~(uint32_t)MNPEN_LIMIT_RATE;
	if (lower.run_max_ms >= d->limits.run_max_ms)
		lower.valid &= ~(uint32_t)MNPEN_LIMIT_RUN;
	*step = "lower limits";
	if (lower.valid) {
		ret = device_ioctl(d->fd, MNPEN_IOC_LOWER_LIMITS, &lower);
		if (ret < 0)
			return ret;
		ret = device_ioctl(d->fd, MNPEN_IOC_GET_LIMITS, &d->limits);
		if (ret < 0)
			return ret;
	}
	*step = "subscribe";
	return device_ioctl(d->fd, MNPEN_IOC_SUBSCRIBE, &sub);
}

int device_open(const char *node, const struct mnpen_limits *ceiling,
		struct device **out, const char **step)
{
	struct device *d = calloc(1, sizeof(*d));
	int ret;

	*step = "allocate";
	if (!d)
		return -ENOMEM;
	d->fd = -1;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->wake, NULL);
	d->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	d->service_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ret = d->done_fd < 0 || d->service_fd < 0 ?
		      -errno : device_setup(d, node, ceiling, step);
	if (ret == 0) {
		*step = "create thread";
		ret = device_spawn(d);
	}
	if (ret < 0) {
		device_close(d);
		return ret;
	}
	*out = d;
	return 0;
}

void device_close(struct device *d)
{
	if (!d)
		return;
	if (d->fd >= 0)
		device_stop(d);
	if (d->have_thread) {
		pthread_mutex_lock(&d->lock);
		d->quit = true;
		pthread_cond_signal(&d->wake);
		pthread_mutex_unlock(&d->lock);
		pthread_join(d->thread, NULL);
	}
	/* A start that was under way may have armed the pen again. */
	if (d->fd >= 0) {
		device_stop(d);
		close(d->fd);
	}
	if (d->done_fd >= 0)
		close(d->done_fd);
	if (d->service_fd >= 0)
		close(d->service_fd);
	pthread_cond_destroy(&d->wake);
	pthread_mutex_destroy(&d->lock);
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

int device_read(struct device *d, struct mnpen_record *records, size_t max)
{
	ssize_t n;

	do {
		n = read(d->fd, records, max * sizeof(*records));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	return (int)((size_t)n / sizeof(*records));
}

int device_stop(struct device *d)
{
	/* Held for a few instructions only, never over an ioctl. */
	pthread_mutex_lock(&d->lock);
	d->stops++;
	d->set_wanted = false;
	pthread_mutex_unlock(&d->lock);
	return device_ioctl(d->fd, MNPEN_IOC_STOP, NULL);
}

static uint32_t device_session(struct device *d)
{
	uint32_t session;

	pthread_mutex_lock(&d->lock);
	session = d->session;
	pthread_mutex_unlock(&d->lock);
	return session;
}

int device_renew(struct device *d)
{
	struct mnpen_keepalive keepalive = { .session = device_session(d) };

	return device_ioctl(d->fd, MNPEN_IOC_KEEPALIVE, &keepalive);
}

int device_status(struct device *d, struct mnpen_status *out)
{
	return device_ioctl(d->fd, MNPEN_IOC_GET_STATUS, out);
}

int64_t device_boot_id(struct device *d)
{
	struct mnpen_status status;
	int ret = device_status(d, &status);

	return ret < 0 ? ret : (int64_t)status.boot_id;
}

bool device_limp(struct device *d)
{
	struct mnpen_status status;

	return device_ioctl(d->fd, MNPEN_IOC_GET_STATUS, &status) == 0 &&
	       status.state == MNPEN_STATE_LIMP;
}

void device_release(struct device *d)
{
	bool release, serves;

	pthread_mutex_lock(&d->lock);
	serves = d->serving && !d->served;
	release = d->session && !d->busy && !serves;
	if (release)
		d->session = 0;
	d->release_later = d->session && serves;
	pthread_mutex_unlock(&d->lock);
	if (release)
		device_ioctl(d->fd, MNPEN_IOC_RELEASE, NULL);
}

void device_set(struct device *d, uint32_t depth_um, uint32_t rate_spm)
{
	pthread_mutex_lock(&d->lock);
	d->set.depth_um = depth_um;
	d->set.rate_spm = rate_spm;
	d->set_wanted = true;
	pthread_cond_signal(&d->wake);
	pthread_mutex_unlock(&d->lock);
}

int device_start(struct device *d, const struct device_start *start)
{
	int ret = 0;

	pthread_mutex_lock(&d->lock);
	if (d->busy || d->serving) {
		ret = -EBUSY;
	} else {
		d->job = *start;
		d->job_stops = d->stops;
		d->busy = true;
		d->finished = false;
		d->set_wanted = false;
		pthread_cond_signal(&d->wake);
	}
	pthread_mutex_unlock(&d->lock);
	return ret;
}

int device_start_fd(const struct device *d)
{
	return d->done_fd;
}

int device_start_result(struct device *d, const char **step)
{
	uint64_t count;
	int result;

	if (read(d->done_fd, &count, sizeof(count)) < 0) {
		*step = "start";
		return -errno;
	}
	pthread_mutex_lock(&d->lock);
	result = d->result;
	*step = d->step;
	d->busy = false;
	d->finished = false;
	pthread_mutex_unlock(&d->lock);
	return result;
}

int device_service(struct device *d, const struct device_service *ask)
{
	int ret = 0;

	pthread_mutex_lock(&d->lock);
	if (d->busy || d->serving) {
		ret = -EBUSY;
	} else {
		d->service = *ask;
		d->serving = true;
		d->served = false;
		pthread_cond_signal(&d->wake);
	}
	pthread_mutex_unlock(&d->lock);
	return ret;
}

int device_service_fd(const struct device *d)
{
	return d->service_fd;
}

int device_service_result(struct device *d, struct device_service *out)
{
	uint64_t count;
	int result;

	if (read(d->service_fd, &count, sizeof(count)) < 0)
		return -errno;
	pthread_mutex_lock(&d->lock);
	result = d->service_result;
	*out = d->service;
	d->serving = false;
	d->served = false;
	pthread_mutex_unlock(&d->lock);
	return result;
}
