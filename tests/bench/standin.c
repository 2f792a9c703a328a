// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A pen without driver and USB, linked into the daemon in place of hot-plug:
 * build/bin/mnpend-standin is mnpend with everything else real, for tests of
 * its sockets on any machine. The node is a pipe that a thread fills with
 * telemetry; open() and ioctl() of device.c come here (--wrap).
 *
 * In the environment:
 *   MNPEN_STANDIN_US     between two records, 8000 by default; 0: no pen
 *   MNPEN_STANDIN_HANG   while this file exists, the disk finishes nothing
 *   MNPEN_STANDIN_STOPS  a file of at least 8 bytes: when the last STOP came,
 *                        CLOCK_MONOTONIC, ns
 * SIGUSR1: the pen latches a fault (stall). SIGUSR2: it is unplugged.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/mnpen.h>

#include "daemon/mnpend/hotplug.h"

#define NODE		"/dev/mnpen-standin"
#define SYSPATH		"/sys/devices/mnpen-standin"
#define BOOT_ID		4711u

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	int fd, feed;			/* the daemon's end and ours */
	unsigned int state, session, held, seq, strokes, latched, reason;
	struct mnpen_run set;
} pen = { .fd = -1, .feed = -1, .state = MNPEN_STATE_IDLE };
static struct mnpen_limits limits = {
	.valid = 0x7f, .generation = 1, .depth_max_um = 3000,
	.rate_max_spm = 12000, .run_max_ms = 600000, .strokes_max = ~0u,
	.current_max_ma = 900, .temp_max_mdegc = 45000, .lease_max_ms = 1000,
};
static _Atomic uint64_t *stopped_ns;
static atomic_bool stall, unplug;
static unsigned long period_us = 8000;
static sem_t named;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static struct mnpen_record standin_record(void)
{
	bool runs = pen.state == MNPEN_STATE_RUNNING;
	struct mnpen_record r = {
		.time_ns = now_ns(),
		.seq = ++pen.seq,
		.type = MNPEN_REC_TELEMETRY,
	};

	r.dev_time_us = (uint32_t)(r.time_ns / 1000);
	r.telemetry = (struct mnpen_telemetry){
		.state = (uint8_t)pen.state,
		.battery_pct = 255,
		.feed_left_ms = runs ? 200 : 0,
		.rate_set_spm = runs ? (uint16_t)pen.set.rate_spm : 0,
		.rate_spm = runs ? (uint16_t)pen.set.rate_spm : 0,
		.depth_set_um = (uint16_t)pen.set.depth_um,
		.depth_um = (uint16_t)pen.set.depth_um,
		.motor_ma = (int16_t)(runs ? 180 + pen.seq % 7 : 0),
		.bus_mv = 5000,
		.battery_mv = 0xffff,
		.limits_generation = (uint16_t)limits.generation,
		.temp_motor_mdegc = 30000,
		.temp_board_mdegc = 28000,
		.fault_latched = pen.latched,
		.strokes = pen.strokes += runs && pen.seq % 2,
	};
	return r;
}

static void *standin_feed(void *arg)
{
	uint64_t due_ns = now_ns();
	struct timespec when;
	struct mnpen_record r;

	(void)arg;
	pthread_setname_np(pthread_self(), "pen");
	sem_post(&named);
	while (!unplug) {
		due_ns += period_us * 1000;
		when.tv_sec = (time_t)(due_ns / 1000000000u);
		when.tv_nsec = (long)(due_ns % 1000000000u);
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
		pthread_mutex_lock(&lock);
		if (atomic_exchange(&stall, false)) {
			pen.latched |= MNPEN_FAULT_STALL;
			pen.state = MNPEN_STATE_FAULT;
		}
		r = standin_record();
		/* A full pipe drops it, as a slow reader loses it. */
		if (write(pen.feed, &r, sizeof(r)) < 0)
			pen.seq--;
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

int __wrap_open(const char *path, int flags, ...)
{
	pthread_t thread;
	int ends[2], ret;
	mode_t mode = 0;
	va_list args;

	va_start(args, flags);
	if (flags & (O_CREAT | O_TMPFILE))
		mode = va_arg(args, mode_t);
	va_end(args);
	if (strcmp(path, NODE))
		return __real_open(path, flags, mode);
	if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0)
		return -1;
	pen.fd = ends[0];
	pen.feed = ends[1];
	sem_init(&named, 0, 0);
	ret = pthread_create(&thread, NULL, standin_feed, NULL);
	if (ret) {
		errno = ret;
		return -1;
	}
	pthread_detach(thread);
	/* The daemon's filter will refuse it, and it tells who uses the CPU. */
	sem_wait(&named);
	return ends[0];
}

/* -- ioctls -- */

static int standin_stop(void)
{
	if (stopped_ns)
		*stopped_ns = now_ns();
	if (pen.state == MNPEN_STATE_RUNNING ||
	    pen.state == MNPEN_STATE_ARMED) {
		pen.state = MNPEN_STATE_IDLE;
		pen.reason = MNPEN_STOP_USER;
	}
	return 0;
}

static int standin_caps(struct mnpen_caps *caps)
{
	*caps = (struct mnpen_caps){
		.features = MNPEN_CAP_DEPTH | MNPEN_CAP_SELF_TEST,
		.proto_major = 1, .boot_id = BOOT_ID,
		.depth_min_um = 200, .depth_max_um = 3000, .depth_step_um = 10,
		.rate_min_spm = 1000, .rate_max_spm = 12000,
		.rate_step_spm = 10, .lease_min_ms = 100, .lease_max_ms = 1000,
		.device_wd_ms = 200,
		.telemetry_period_us = (uint32_t)period_us,
		.serial = "STANDIN1", .fw_version = "0", .hw_model = "stand-in",
	};
	return 0;
}

static int standin_status(struct mnpen_status *s)
{
	*s = (struct mnpen_status){
		.time_ns = now_ns(), .state = pen.state,
		.stop_reason = pen.reason, .fault_latched = pen.latched,
		.session = pen.held, .session_is_mine = pen.held != 0,
		.limits_generation = limits.generation, .boot_id = BOOT_ID,
		.telemetry_age_ms = 1,
	};
	return 0;
}

static int standin_arm(const struct mnpen_arm *arm)
{
	if (arm->session != pen.held || !pen.held)
		return -EPERM;
	if (pen.latched)
		return -EIO;
	if (pen.state != MNPEN_STATE_IDLE)
		return -EBUSY;
	pen.state = MNPEN_STATE_ARMED;
	pen.reason = MNPEN_STOP_NONE;
	return 0;
}

static int standin_run(const struct mnpen_run *run)
{
	unsigned int want = run->flags & MNPEN_RUN_F_UPDATE ?
				    MNPEN_STATE_RUNNING : MNPEN_STATE_ARMED;

	if (pen.state != want)
		return -ENOTCONN;
	pen.set = *run;
	pen.state = MNPEN_STATE_RUNNING;
	return 0;
}

static int standin_clear(const struct mnpen_clear_fault *clear)
{
	if (clear->session != pen.held || !pen.held)
		return -EPERM;
	if (!clear->mask || clear->mask & ~pen.latched)
		return -EINVAL;
	pen.latched &= ~clear->mask;
	if (!pen.latched)
		pen.state = MNPEN_STATE_IDLE;
	return 0;
}

static int standin_self_test(struct mnpen_self_test *test)
{
	if (test->session != pen.held || !pen.held)
		return -EPERM;
	if (pen.state != MNPEN_STATE_IDLE)
		return -EBUSY;
	test->result_mask = test->test_mask;
	test->detail[MNPEN_DETAIL_STOP] = 90;
	return 0;
}

static int standin_calibration(struct mnpen_blob *blob)
{
	if (blob->id > MNPEN_CALIB_MOTOR)
		return -ENODATA;
	blob->version = 1;
	blob->length = 3;
	memcpy(blob->data, "abc", 3);
	blob->crc32 = 0x352441c2;
	return 0;
}

static int standin_ioctl(unsigned long request, void *arg)
{
	struct mnpen_limits *lower = arg;

	switch (request) {
	case MNPEN_IOC_STOP:
		return standin_stop();
	case MNPEN_IOC_GET_CAPS:
		return standin_caps(arg);
	case MNPEN_IOC_GET_STATUS:
		return standin_status(arg);
	case MNPEN_IOC_GET_LIMITS:
		*lower = limits;
		return 0;
	case MNPEN_IOC_LOWER_LIMITS:
		limits.depth_max_um = lower->depth_max_um;
		limits.generation++;
		return 0;
	case MNPEN_IOC_ACQUIRE:
		if (!pen.held)
			pen.held = ++pen.session;
		((struct mnpen_acquire *)arg)->session = pen.held;
		return 0;
	case MNPEN_IOC_RELEASE:
		pen.held = 0;
		return standin_stop();
	case MNPEN_IOC_ARM:
		return standin_arm(arg);
	case MNPEN_IOC_RUN:
		return standin_run(arg);
	case MNPEN_IOC_KEEPALIVE:
		return pen.state == MNPEN_STATE_RUNNING ? 0 : -ESTALE;
	case MNPEN_IOC_CLEAR_FAULT:
		return standin_clear(arg);
	case MNPEN_IOC_SELF_TEST:
		return standin_self_test(arg);
	case MNPEN_IOC_GET_CALIB:
		return standin_calibration(arg);
	case MNPEN_IOC_GET_CARTRIDGE:
		return -EOPNOTSUPP;
	case MNPEN_IOC_SUBSCRIBE:
	case MNPEN_IOC_IDENTIFY:
		return 0;
	}
	return -ENOTTY;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	void *arg;
	va_list args;
	int ret;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (fd < 0 || fd != pen.fd)
		return __real_ioctl(fd, request, arg);
	pthread_mutex_lock(&lock);
	ret = unplug ? -ENODEV : standin_ioctl(request, arg);
	pthread_mutex_unlock(&lock);
	errno = -ret;
	return ret < 0 ? -1 : 0;
}

/* -- a disk that hangs: SQLite's calls come here as well -- */

static void standin_hang(void)
{
	const struct timespec look = { .tv_nsec = 20000000 };
	const char *hang = getenv("MNPEN_STANDIN_HANG");

	while (hang && access(hang, F_OK) == 0)
		nanosleep(&look, NULL);
}

int fsync(int fd)
{
	standin_hang();
	return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	standin_hang();
	return (int)syscall(SYS_fdatasync, fd);
}

/* -- hot-plug -- */

struct hotplug {
	struct hotplug_hooks hooks;
	struct event *gone;
};

static void standin_on_gone(evutil_socket_t sig, short what, void *arg)
{
	struct hotplug *hp = arg;

	(void)sig;
	(void)what;
	unplug = true;
	hp->hooks.removed(SYSPATH, hp->hooks.ctx);
}

static void standin_on_fault(int sig)
{
	(void)sig;
	stall = true;
}

int hotplug_open(struct event_base *base, const struct hotplug_hooks *hooks,
		 struct hotplug **out)
{
	const char *period = getenv("MNPEN_STANDIN_US");
	const char *stops = getenv("MNPEN_STANDIN_STOPS");
	struct hotplug *hp = calloc(1, sizeof(*hp));
	int fd = stops ? __real_open(stops, O_RDWR | O_CLOEXEC) : -1;

	if (!hp)
		return -ENOMEM;
	*out = hp;
	hp->hooks = *hooks;
	if (fd >= 0) {
		stopped_ns = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED,
				  fd, 0);
		close(fd);
		if (stopped_ns == MAP_FAILED)
			return -errno;
	}
	if (period)
		period_us = strtoul(period, NULL, 10);
	hp->gone = evsignal_new(base, SIGUSR2, standin_on_gone, hp);
	if (!hp->gone || event_add(hp->gone, NULL))
		return -ENOMEM;
	signal(SIGUSR1, standin_on_fault);
	return period_us ? hooks->added(SYSPATH, NODE, hooks->ctx) : 0;
}

void hotplug_close(struct hotplug *hp)
{
	if (!hp)
		return;
	if (hp->gone)
		event_free(hp->gone);
	free(hp);
}
