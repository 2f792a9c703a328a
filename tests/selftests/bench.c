// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS		10000
#define NODE_WAIT_MS	60000	/* KCSAN in real time, and others at work */
#define STATE_MS	5000
#define KEEPALIVE_MS	50

static char reply[8192];

static const char *env(const char *name)
{
	const char *value = getenv(name);

	if (!value)
		fprintf(stderr, "# %s is not set: run in-guest\n", name);
	return value ? value : "";
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static int pen_connect(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s",
		 env("MNPEN_PEN_CONTROL"));
	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a))) {
		fprintf(stderr, "# %s: %m\n", a.sun_path);
		close(fd);
		return -1;
	}
	return fd;
}

/* One line without its blanks. */
static int read_line(int fd)
{
	size_t n = 0;
	char c;

	while (n < sizeof(reply) - 1) {
		if (read(fd, &c, 1) != 1)
			return -1;
		if (c == '\n')
			break;
		if (c != ' ')
			reply[n++] = c;
	}
	reply[n] = '\0';
	return 0;
}

long long pen_do(const char *what, const char *more)
{
	static int fd = -1;
	static pid_t owner;

	/* A forked test must not share its parent's connection. */
	if (fd < 0 || owner != getpid()) {
		fd = pen_connect();
		owner = getpid();
	}
	if (fd < 0)
		return -1;
	dprintf(fd, "{\"do\":\"%s\"%s}\n", what, more);
	if (read_line(fd) || !strstr(reply, "\"ok\":true")) {
		fprintf(stderr, "# pen: %s%s: %s\n", what, more, reply);
		return -1;
	}
	return pen_reply("t_us");
}

static long long number_after(const char *text, const char *key)
{
	char quoted[64];
	const char *p;

	snprintf(quoted, sizeof(quoted), "\"%s\":", key);
	p = strstr(text, quoted);
	if (!p)
		return -1;
	p += strlen(quoted);
	if (!strncmp(p, "true", 4))
		return 1;
	if (!strncmp(p, "false", 5))
		return 0;
	return strtoll(p, NULL, 10);
}

long long pen_reply(const char *key)
{
	return number_after(reply, key);
}

bool pen_replied(const char *text)
{
	return strstr(reply, text);
}

long long pen_mark(const char *label)
{
	char more[128];

	snprintf(more, sizeof(more), ",\"label\":\"%s\"", label);
	return pen_do("mark", more);
}

int pen_wait_motor(bool on)
{
	char more[96];

	snprintf(more, sizeof(more),
		 ",\"ev\":\"motor\",\"on\":%s,\"timeout_ms\":%d",
		 on ? "true" : "false", WAIT_MS);
	return pen_do("wait", more) < 0 ? -1 : 0;
}

long long pen_motor_off(long long since_us)
{
	const char *line;
	char more[128];

	snprintf(more, sizeof(more),
		 ",\"ev\":\"motor\",\"on\":false,\"since_us\":%lld,\"timeout_ms\":%d",
		 since_us, WAIT_MS);
	if (pen_do("wait", more) < 0)
		return -1;
	line = strstr(reply, "\"line\":");
	return line ? number_after(line, "t_us") : -1;
}

long long pen_journal_size(void)
{
	struct stat st;

	return stat(env("MNPEN_PEN_JOURNAL"), &st) ? -1 : st.st_size;
}

const char *node_name(void)
{
	static char name[64];
	struct dirent *e;
	DIR *d = opendir("/sys/class/mnpen");

	*name = '\0';
	while (d && (e = readdir(d)))
		if (!strncmp(e->d_name, "mnpen", 5))
			snprintf(name, sizeof(name), "%.60s", e->d_name);
	if (d)
		closedir(d);
	return *name ? name : NULL;
}

/* Calls @done whenever something happens in /dev, until it is true. */
static int wait_dev(bool (*done)(void *arg), void *arg)
{
	long long end = now_ms() + NODE_WAIT_MS;
	int in = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	struct pollfd p = { .fd = in, .events = POLLIN };
	char buf[4096];
	int err = -1;

	inotify_add_watch(in, "/dev", IN_CREATE | IN_DELETE | IN_ATTRIB);
	for (;;) {
		if (done(arg)) {
			err = 0;
			break;
		}
		if (now_ms() >= end || poll(&p, 1, end - now_ms()) <= 0)
			break;
		while (read(in, buf, sizeof(buf)) > 0)
			continue;
	}
	close(in);
	return err;
}

struct open_arg {
	int flags;
	int fd;
};

static bool try_open(void *arg)
{
	struct open_arg *a = arg;
	const char *name = node_name();
	char path[80];

	if (!name)
		return false;
	snprintf(path, sizeof(path), "/dev/%s", name);
	a->fd = open(path, a->flags | O_CLOEXEC);
	return a->fd >= 0;
}

int node_open(int flags)
{
	struct open_arg a = { .flags = flags, .fd = -1 };

	if (wait_dev(try_open, &a))
		fprintf(stderr, "# cannot open the pen's node: %m\n");
	return a.fd;
}

static bool no_node(void *path)
{
	return access(path, F_OK) != 0;
}

int node_wait_gone(void)
{
	const char *name = node_name();
	char path[80];

	/* Not in sysfs: there it goes a moment later, and nothing tells. */
	snprintf(path, sizeof(path), "/dev/%s", name ? name : "-");
	return wait_dev(no_node, path);
}

int file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -1;
	err = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
	close(fd);
	return err;
}

/* A number in the directory of the pen's USB device; -1: there is none. */
static int usb_number(const char *name)
{
	char path[128];
	int n = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/mnpen/%s/device/../%s",
		 node_name(), name);
	f = fopen(path, "re");
	if (f && fscanf(f, "%d", &n) != 1)
		n = -1;
	if (f)
		fclose(f);
	return n;
}

int usb_open(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/bus/usb/%03d/%03d",
		 usb_number("busnum"), usb_number("devnum"));
	return open(path, O_RDWR | O_CLOEXEC);
}

static char interface[64];

int node_unbind(void)
{
	char link[96], target[512];
	ssize_t n;

	if (!node_name())
		return -1;
	snprintf(link, sizeof(link), "/sys/class/mnpen/%s/device", node_name());
	n = readlink(link, target, sizeof(target) - 1);
	if (n < 0)
		return -1;
	target[n] = '\0';
	snprintf(interface, sizeof(interface), "%.60s",
		 strrchr(target, '/') + 1);
	return file_write("/sys/bus/usb/drivers/mnpen/unbind", interface);
}

int node_bind(void)
{
	return file_write("/sys/bus/usb/drivers/mnpen/bind", interface);
}

int node_reboot(void)
{
	int fd;

	if (pen_do("reboot", "") < 0)
		return -1;
	/* The old node may still be there: wait until a new one answers. */
	if (pen_do("wait", ",\"ev\":\"configured\",\"timeout_ms\":10000") < 0)
		return -1;
	fd = node_open(O_RDWR);
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int get_status(int fd, struct mnpen_status *s)
{
	return ioctl(fd, MNPEN_IOC_GET_STATUS, s);
}

uint32_t pen_state(int fd)
{
	struct mnpen_status s;

	return get_status(fd, &s) ? 0 : s.state;
}

uint32_t pen_reason(int fd)
{
	struct mnpen_status s;

	return get_status(fd, &s) ? UINT32_MAX : s.stop_reason;
}

int wait_poll(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	if (poll(&p, 1, ms) != 1)
		return -1;
	return p.revents;
}

int wait_state(int fd, uint32_t state)
{
	long long end = now_ms() + STATE_MS;
	struct mnpen_record rec;
	int watch = node_open(O_RDONLY | O_NONBLOCK);
	int err = -1;

	if (watch < 0 || do_subscribe(watch, MNPEN_SUB_EVENTS, 0))
		goto out;
	while (pen_state(fd) != state) {
		if (now_ms() >= end ||
		    wait_poll(watch, POLLIN, end - now_ms()) < 0) {
			fprintf(stderr, "# state %u, not %u, reason %u\n",
				pen_state(fd), state, pen_reason(fd));
			goto out;
		}
		if (read(watch, &rec, sizeof(rec)) < 0)
			goto out;
	}
	err = 0;
out:
	if (watch >= 0)
		close(watch);
	return err;
}

/* ARM wants a packet of the last 100 ms: after a sleep the last is older. */
static int wait_fresh(int fd)
{
	struct mnpen_status s = { 0 };
	struct mnpen_record rec;
	int watch, err = -1;

	if (!get_status(fd, &s) && s.telemetry_age_ms < 50)
		return 0;
	watch = node_open(O_RDONLY | O_NONBLOCK);
	if (watch >= 0 && !do_subscribe(watch, MNPEN_SUB_TELEMETRY, 0) &&
	    wait_poll(watch, POLLIN, STATE_MS) > 0 &&
	    read(watch, &rec, sizeof(rec)) > 0)
		err = 0;
	if (watch >= 0)
		close(watch);
	return err;
}

int do_acquire(int fd, uint32_t *session)
{
	struct mnpen_acquire a = { 0 };
	int err = ioctl(fd, MNPEN_IOC_ACQUIRE, &a);

	*session = a.session;
	return err;
}

int do_arm(int fd, uint32_t session, uint32_t lease_ms)
{
	struct mnpen_arm a = { .session = session, .lease_ms = lease_ms };

	return ioctl(fd, MNPEN_IOC_ARM, &a);
}

int do_run(int fd, uint32_t session, uint32_t rate_spm, uint32_t depth_um,
	   uint32_t run_ms)
{
	struct mnpen_run r = {
		.session = session,
		.rate_spm = rate_spm,
		.depth_um = depth_um,
		.run_ms = run_ms,
	};

	return ioctl(fd, MNPEN_IOC_RUN, &r);
}

int do_keepalive(int fd, uint32_t session)
{
	struct mnpen_keepalive k = { .session = session };

	return ioctl(fd, MNPEN_IOC_KEEPALIVE, &k);
}

int do_subscribe(int fd, uint32_t mask, uint32_t period_ms)
{
	struct mnpen_subscribe s = { .mask = mask, .period_ms = period_ms };

	return ioctl(fd, MNPEN_IOC_SUBSCRIBE, &s);
}

int start_motor(int fd, uint32_t *session, uint32_t lease_ms)
{
	const char *step = "wait for idle";
	int err = wait_state(fd, MNPEN_STATE_IDLE) || wait_fresh(fd);

	if (!err) {
		step = "ACQUIRE";
		err = do_acquire(fd, session);
	}
	if (!err) {
		step = "ARM";
		err = do_arm(fd, *session, lease_ms);
	}
	if (!err) {
		step = "RUN";
		err = do_run(fd, *session, 6000, 500, 0);
	}
	if (err) {
		fprintf(stderr, "# cannot start the motor: %s: %m, reason %u\n",
			step, pen_reason(fd));
		return -1;
	}
	return pen_wait_motor(true);
}

/* A timer, since the period matters, not the time that a call takes. */
int keep_alive_for(int fd, uint32_t session, unsigned int ms)
{
	struct itimerspec every = {
		.it_value.tv_nsec = KEEPALIVE_MS * 1000000,
		.it_interval.tv_nsec = KEEPALIVE_MS * 1000000,
	};
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	long long end = now_ms() + ms;
	uint64_t ticks;
	int err = 0;

	timerfd_settime(timer, 0, &every, NULL);
	do {
		err = do_keepalive(fd, session);
		if (!err && read(timer, &ticks, sizeof(ticks)) < 0)
			err = -1;
	} while (!err && now_ms() < end);
	close(timer);
	return err;
}
