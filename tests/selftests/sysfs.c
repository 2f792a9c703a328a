// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the driver shows in files: attributes, hwmon, battery, keys, debugfs,
 * tracepoints. None of it touches the pen or holds it up, and what is recorded
 * outlives the program that ran the motor.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "bench.h"

#define DEBUG	"/sys/kernel/debug"
#define TRACE	"/sys/kernel/tracing"
#define BLOCK_MS	100	/* longest time that a file may take */
#define READ_EVERY_MS	17	/* falls elsewhere in each coming and going */
#define REPLUGS	10
#define STALE_MS	1000
#define FLIGHT_S	2
#define PERIOD_MS	8

static char text[1 << 20];	/* of the file read last */

static long long now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

/* The file, or what fits, into @buf, NUL terminated: its length, or -errno. */
static ssize_t slurp(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 0;

	buf[0] = '\0';
	if (fd < 0)
		return -errno;
	while (len < size - 1 && (n = read(fd, buf + len, size - 1 - len)) > 0)
		len += n;
	n = n < 0 ? -errno : (ssize_t)len;
	close(fd);
	buf[len] = '\0';
	return n;
}

static int store(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	err = write(fd, value, strlen(value)) < 0 ? -errno : 0;
	close(fd);
	return err;
}

/* "/sys/class/mnpen/mnpenN/@name" */
static const char *attr(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "/sys/class/mnpen/%s/%s",
		 node_name() ? node_name() : "none", name);
	return path;
}

/* "/sys/kernel/debug/usb/mnpen/mnpenN/@name" */
static const char *debug(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), DEBUG "/usb/mnpen/%s/%s",
		 node_name() ? node_name() : "none", name);
	return path;
}

/* The one directory in @parent whose name begins with @prefix */
static const char *only_dir(const char *parent, const char *prefix)
{
	static char path[768];
	struct dirent *e;
	DIR *d = opendir(parent);

	path[0] = '\0';
	while (d && (e = readdir(d)))
		if (!strncmp(e->d_name, prefix, strlen(prefix)))
			snprintf(path, sizeof(path), "%s/%s", parent,
				 e->d_name);
	if (d)
		closedir(d);
	return path;
}

static ssize_t read_in(const char *dir, const char *name)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return slurp(path, text, sizeof(text));
}

static ssize_t read_hwmon(const char *name)
{
	return read_in(only_dir(attr("device/hwmon"), "hwmon"), name);
}

static ssize_t read_battery(const char *name)
{
	return read_in(only_dir(attr("device/power_supply"), "mnpen"), name);
}

static long stat_of(const char *key)
{
	char line[64];
	char *at;

	if (slurp(debug("stats"), text, sizeof(text)) < 0)
		return -1;
	snprintf(line, sizeof(line), "%s ", key);
	for (at = text; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (!strncmp(at, line, strlen(line)))
			return atol(at + strlen(line));
	}
	return -1;
}

FIXTURE(sysfs) {
	int fd;
	uint32_t session;
};

FIXTURE_SETUP(sysfs)
{
	mount("debugfs", DEBUG, "debugfs", 0, NULL);
	mount("tracefs", TRACE, "tracefs", 0, NULL);
	self->fd = node_open(O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
}

FIXTURE_TEARDOWN(sysfs)
{
	pen_do("heal", "");
	close(self->fd);
	if (pen_do("state", "") > 0 && !pen_reply("plugged"))
		pen_do("plug", "");
	node_reboot();
}

/* Attributes */

static bool is_hex(const char *s)
{
	char *end;

	strtoul(s, &end, 16);
	return !strncmp(s, "0x", 2) && end > s + 2 && !*end;
}

static bool is_number(const char *s)
{
	char *end;

	strtoul(s, &end, 10);
	return end > s && !*end;
}

static bool is_version(const char *s)
{
	unsigned int major, minor;
	char rest;

	return sscanf(s, "%u.%u%c", &major, &minor, &rest) == 2;
}

static bool is_word(const char *s)
{
	return *s && strspn(s, "abcdefghijklmnopqrstuvwxyz") == strlen(s);
}

static bool is_text(const char *s)
{
	return *s;
}

static const struct {
	const char *name;
	bool (*parses)(const char *s);
} attributes[] = {
	{ "state", is_word }, { "stop_reason", is_word },
	{ "fault_active", is_hex }, { "fault_latched", is_hex },
	{ "strokes", is_number }, { "limit_depth_um", is_number },
	{ "limit_rate_spm", is_number }, { "limits_generation", is_number },
	{ "serial", is_text }, { "fw_version", is_text },
	{ "protocol", is_version }, { "force_stop", NULL },
};

#define ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))

TEST_F(sysfs, every_attribute_reads_and_parses)
{
	struct stat st;
	ssize_t n;
	size_t i;

	for (i = 0; i < ATTRIBUTES; i++) {
		n = slurp(attr(attributes[i].name), text, sizeof(text));
		if (!attributes[i].parses) {
			EXPECT_EQ(-EACCES, n);
			ASSERT_EQ(0, stat(attr(attributes[i].name), &st));
			EXPECT_EQ(0200, st.st_mode & 0777);
			continue;
		}
		ASSERT_LT(0, n) TH_LOG("%s", attributes[i].name);
		EXPECT_EQ('\n', text[n - 1]);
		text[n - 1] = '\0';
		EXPECT_TRUE(attributes[i].parses(text))
			TH_LOG("%s: %s", attributes[i].name, text);
	}
}

TEST_F(sysfs, there_is_no_attribute_but_those)
{
	struct dirent *e;
	size_t i;
	DIR *d = opendir(attr(""));

	ASSERT_NE(NULL, d);
	while ((e = readdir(d))) {
		if (e->d_type != DT_REG || !strcmp(e->d_name, "uevent") ||
		    !strcmp(e->d_name, "dev"))
			continue;
		for (i = 0; i < ATTRIBUTES; i++)
			if (!strcmp(attributes[i].name, e->d_name))
				break;
		EXPECT_GT(ATTRIBUTES, i) TH_LOG("%s", e->d_name);
	}
	closedir(d);
}

TEST_F(sysfs, attributes_agree_with_the_ioctls)
{
	struct mnpen_limits l;
	struct mnpen_caps caps;

	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_GET_LIMITS, &l));
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_GET_CAPS, &caps));
	slurp(attr("limit_depth_um"), text, sizeof(text));
	EXPECT_EQ(l.depth_max_um, atol(text));
	slurp(attr("limit_rate_spm"), text, sizeof(text));
	EXPECT_EQ(l.rate_max_spm, atol(text));
	slurp(attr("state"), text, sizeof(text));
	EXPECT_STREQ("idle\n", text);
	slurp(attr("serial"), text, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	EXPECT_STREQ(caps.serial, text);
}

TEST_F(sysfs, udev_is_told_serial_protocol_and_capabilities)
{
	struct mnpen_caps caps;
	char line[64];

	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_GET_CAPS, &caps));
	ASSERT_LT(0, slurp(attr("uevent"), text, sizeof(text)));
	snprintf(line, sizeof(line), "MNPEN_SERIAL=%s\n", caps.serial);
	EXPECT_NE(NULL, strstr(text, line));
	snprintf(line, sizeof(line), "MNPEN_CAPS=%llx\n",
		 (unsigned long long)caps.features);
	EXPECT_NE(NULL, strstr(text, line));
	EXPECT_NE(NULL, strstr(text, "MNPEN_PROTO=1."));
}

/* By a file that never heard of ioctls, while somebody else controls. */
TEST_F(sysfs, force_stop_stops_the_motor_of_anybody)
{
	long long t, off;

	/* Once before it is measured: its pages may be on the host's disk. */
	ASSERT_EQ(0, store(attr("force_stop"), "now\n"));
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	t = pen_mark("force_stop");
	ASSERT_EQ(0, store(attr("force_stop"), "now\n"));
	off = pen_motor_off(t);
	ASSERT_LE(t, off);
	EXPECT_GE(SLACK_MS * 1000, off - t);
	EXPECT_EQ(MNPEN_STOP_FORCED, pen_reason(self->fd));
	slurp(attr("stop_reason"), text, sizeof(text));
	EXPECT_STREQ("forced\n", text);
}

/* Sensors */

TEST_F(sysfs, hwmon_has_what_it_promises_and_never_a_fan)
{
	static const char * const names[] = {
		"name", "temp1_input", "temp1_label", "temp1_max",
		"temp1_alarm", "temp2_input", "temp2_label", "in0_input",
		"in0_label", "in0_alarm", "in1_input", "in1_label",
		"in1_alarm", "curr1_input", "curr1_label", "curr1_max",
		"curr1_alarm",
	};
	struct dirent *e;
	size_t i;
	DIR *d;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		EXPECT_LT(0, read_hwmon(names[i])) TH_LOG("%zu", i);
	d = opendir(only_dir(attr("device/hwmon"), "hwmon"));
	ASSERT_NE(NULL, d);
	while ((e = readdir(d))) {
		struct stat st;

		EXPECT_NE(0, strncmp(e->d_name, "pwm", 3));
		EXPECT_NE(0, strncmp(e->d_name, "fan", 3));
		ASSERT_EQ(0, fstatat(dirfd(d), e->d_name, &st, 0));
		/* uevent is the kernel's own */
		if (S_ISREG(st.st_mode) && strcmp(e->d_name, "uevent"))
			EXPECT_EQ(0, st.st_mode & 0222) TH_LOG("%s", e->d_name);
	}
	closedir(d);
}

TEST_F(sysfs, hwmon_has_units_ceilings_and_alarms)
{
	struct mnpen_limits l;

	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_GET_LIMITS, &l));
	read_hwmon("name");
	EXPECT_STREQ("mnpen\n", text);
	read_hwmon("temp1_max");
	EXPECT_EQ(l.temp_max_mdegc, atol(text));
	read_hwmon("curr1_max");
	EXPECT_EQ(l.current_max_ma, atol(text));
	read_hwmon("temp1_input");
	EXPECT_LT(10000, atol(text));
	EXPECT_GT(50000, atol(text));
	read_hwmon("in0_input");
	EXPECT_LT(4000, atol(text));
	read_hwmon("temp1_alarm");
	EXPECT_EQ(0, atol(text));
	ASSERT_LT(0, pen_do("fault", ",\"name\":\"overtemp\""));
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_FAULT));
	read_hwmon("temp1_alarm");
	EXPECT_EQ(1, atol(text));
	read_hwmon("curr1_alarm");
	EXPECT_EQ(0, atol(text));
}

TEST_F(sysfs, the_battery_is_that_of_a_device)
{
	long mv;

	ASSERT_LT(0, read_battery("scope"));
	EXPECT_STREQ("Device\n", text);
	ASSERT_LT(0, read_battery("present"));
	EXPECT_STREQ("1\n", text);
	ASSERT_LT(0, read_battery("status"));
	EXPECT_STREQ("Charging\n", text);
	ASSERT_LT(0, read_battery("capacity"));
	EXPECT_LE(1, atol(text));
	EXPECT_GE(100, atol(text));
	ASSERT_LT(0, read_battery("temp"));
	EXPECT_LT(100, atol(text));
	EXPECT_GT(500, atol(text));
	ASSERT_LT(0, read_hwmon("in1_input"));
	mv = atol(text);
	ASSERT_LT(0, read_battery("voltage_now"));
	EXPECT_LT((mv - 100) * 1000, atol(text));
	EXPECT_GT((mv + 100) * 1000, atol(text));
}

TEST_F(sysfs, values_older_than_a_second_are_ENODATA)
{
	long long t, end;
	ssize_t n;

	ASSERT_LT(0, pen_do("fault", ",\"name\":\"silent\""));
	t = now_us();
	end = t + 10 * STALE_MS * 1000;
	/* Time has to pass, nothing else tells. */
	while ((n = read_hwmon("temp1_input")) > 0 && now_us() < end)
		usleep(10000);
	EXPECT_EQ(-ENODATA, n);
	EXPECT_LE((STALE_MS - PERIOD_MS) * 1000, now_us() - t);
	EXPECT_EQ(-ENODATA, read_hwmon("in0_input"));
	EXPECT_EQ(-ENODATA, read_hwmon("curr1_alarm"));
	EXPECT_EQ(-ENODATA, read_battery("voltage_now"));
	/* A ceiling does not depend on what the pen says. */
	EXPECT_LT(0, read_hwmon("temp1_max"));
	ASSERT_LT(0, pen_do("heal", ""));
	while ((n = read_hwmon("temp1_input")) < 0 && now_us() < end)
		usleep(10000);
	EXPECT_LT(0, n);
}

/* While they come and go */

static int stop_reading;
static char thread_text[1 << 20];

/* Everything in a directory, once; the longest time that a file took */
static long long read_all(const char *dir)
{
	long long t, longest = 0;
	char path[1024];
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d && (e = readdir(d))) {
		if (e->d_type != DT_REG)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		t = now_us();
		slurp(path, thread_text, sizeof(thread_text));
		t = now_us() - t;
		if (t > longest)
			longest = t;
	}
	if (d)
		closedir(d);
	return longest;
}

static void *read_for_ever(void *rounds)
{
	long long longest = 0, t;
	char dir[512];
	int n, i;

	while (!__atomic_load_n(&stop_reading, __ATOMIC_ACQUIRE)) {
		/* node_name() is not for threads; there is one pen. */
		static const char * const dirs[] = {
			"/sys/class/mnpen/mnpen%d",
			"/sys/class/power_supply/mnpen%d-battery",
			"/sys/class/hwmon/hwmon%d",
			DEBUG "/usb/mnpen/mnpen%d",
		};

		for (i = 0; i < 4; i++) {
			for (n = 0; n < 8; n++) {
				snprintf(dir, sizeof(dir), dirs[i], n);
				t = read_all(dir);
				if (t > longest)
					longest = t;
			}
		}
		++*(long *)rounds;
		/* On one processor, and in virtual time, others must live. */
		usleep(READ_EVERY_MS * 1000);
	}
	return (void *)(intptr_t)longest;
}

TEST_F(sysfs, no_file_blocks_while_the_pen_comes_and_goes)
{
	pthread_t thread;
	long rounds = 0;
	void *longest;
	int i;

	stop_reading = 0;
	ASSERT_EQ(0, pthread_create(&thread, NULL, read_for_ever, &rounds));
	for (i = 0; i < REPLUGS; i++) {
		EXPECT_LT(0, pen_do("unplug", ""));
		EXPECT_EQ(0, node_wait_gone());
		EXPECT_LT(0, pen_do("plug", ""));
		close(node_open(O_RDONLY));
	}
	__atomic_store_n(&stop_reading, 1, __ATOMIC_RELEASE);
	ASSERT_EQ(0, pthread_join(thread, &longest));
	EXPECT_GT(BLOCK_MS * 1000, (intptr_t)longest);
	EXPECT_LT(REPLUGS, rounds);
}

/* The flight recorder */

/* Seconds at the beginning of a line in microseconds; -1: a comment */
static long long line_us(const char *line)
{
	long long sec;
	char *end;

	/* Not sscanf(): that would measure the whole text each time. */
	sec = strtoll(line, &end, 10);
	if (end == line || *end != '.')
		return -1;
	return sec * 1000000 + strtoll(end + 1, NULL, 10);
}

/* How many lines have @word after the time, from @from_us to @to_us */
static int count_lines(const char *word, long long from_us, long long to_us)
{
	const char *line = text;
	long long t;
	int n = 0;

	for (; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		t = line_us(line);
		if (t < from_us || t > to_us)
			continue;
		line += strcspn(line, " \n");
		if (*line == ' ' && !strncmp(line + 1, word, strlen(word)))
			n++;
	}
	return n;
}

/* When the cause came by the head of the flight, or -1 */
static long long frozen_at(const char *reason)
{
	char head[64];
	const char *at;

	snprintf(head, sizeof(head), "\n# frozen %s at ", reason);
	at = strstr(text, head);
	return at ? line_us(at + strlen(head)) : -1;
}

/* Waits until the recorder stands still; the file is in text then. */
static long long wait_frozen(const char *path, const char *reason)
{
	long long end = now_us() + 10000000, at;

	do {
		usleep(50000);
		/* The head is enough to see it. */
		if (slurp(path, text, 128) < 0)
			return -1;
		at = frozen_at(reason);
	} while (at < 0 && now_us() < end);
	return slurp(path, text, sizeof(text)) < 0 ? -1 : at;
}

static pid_t run_for(int ms, int *ready)
{
	uint32_t session;
	pid_t child;
	int fd;

	if (pipe(ready))
		return -1;
	child = fork();
	if (child)
		return child;
	fd = node_open(O_RDWR);
	if (fd < 0 || start_motor(fd, &session, LEASE_MS) ||
	    keep_alive_for(fd, session, ms) || write(ready[1], "x", 1) != 1)
		_exit(1);
	keep_alive_for(fd, session, 60000);
	_exit(1);
}

TEST_F(sysfs, the_flight_recorder_outlives_its_owner)
{
	int ready[2], packets;
	long long at;
	pid_t child;
	char c;

	child = run_for(FLIGHT_S * 1000 + 100, ready);
	ASSERT_LT(0, child);
	ASSERT_EQ(1, read(ready[0], &c, 1));
	ASSERT_EQ(0, kill(child, SIGKILL));
	ASSERT_EQ(child, waitpid(child, NULL, 0));
	at = wait_frozen(debug("flight"), "close");
	ASSERT_LT(0, at);
	packets = count_lines("telemetry", at - FLIGHT_S * 1000000, at);
	EXPECT_LE(FLIGHT_S * 1000 / PERIOD_MS - 2, packets);
	EXPECT_LE(FLIGHT_S * 1000 / 50 - 2,
		  count_lines("feed", at - FLIGHT_S * 1000000, at));
	EXPECT_LE(30, count_lines("keepalive", at - FLIGHT_S * 1000000, at));
	EXPECT_EQ(1, count_lines("state from=running to=stopping", at, at));
	EXPECT_EQ(1, count_lines("stop reason=close stage=cause", at, at));
	EXPECT_EQ(1, count_lines("stop reason=close stage=out", at, INT64_MAX));
	EXPECT_EQ(1, count_lines("stop reason=close stage=rest", at, INT64_MAX));
	EXPECT_EQ(1, count_lines("command req=0x21", 0, at));
	EXPECT_EQ(1, count_lines("command req=0x23", 0, at));
	EXPECT_EQ(0, count_lines("bad", 0, INT64_MAX));
	/* And the next ARM begins another. */
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	ASSERT_LT(0, slurp(debug("flight"), text, sizeof(text)));
	EXPECT_NE(NULL, strstr(text, "\n# running\n"));
	EXPECT_EQ(0, count_lines("telemetry", 0, at));
}

TEST_F(sysfs, the_flight_recorder_stands_still_after_a_fault)
{
	static char before[sizeof(text)];
	long long at;

	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	ASSERT_LT(0, pen_do("fault", ",\"name\":\"stall\""));
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_FAULT));
	at = wait_frozen(debug("flight"), "fault");
	ASSERT_LT(0, at);
	EXPECT_LE(1, count_lines("event", at - 100000, INT64_MAX));
	EXPECT_LE(1, count_lines("state from=running to=fault", at, at));
	memcpy(before, text, sizeof(text));
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_STOP));
	ASSERT_LT(0, slurp(debug("flight"), text, sizeof(text)));
	EXPECT_STREQ(before, text);
	/* In order, whoever wrote it */
	at = 0;
	for (char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (line_us(line) < 0)
			continue;
		EXPECT_LE(at, line_us(line));
		at = line_us(line);
	}
}

TEST_F(sysfs, a_stop_that_was_asked_for_freezes_nothing)
{
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_STOP));
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
	ASSERT_LT(0, slurp(debug("flight"), text, sizeof(text)));
	EXPECT_NE(NULL, strstr(text, "\n# running\n"));
	EXPECT_EQ(1, count_lines("stop reason=user stage=rest", 0, INT64_MAX));
}

TEST_F(sysfs, the_flight_of_an_unplugged_pen_can_still_be_read)
{
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	ASSERT_EQ(0, keep_alive_for(self->fd, self->session, 200));
	ASSERT_LT(0, pen_do("unplug", ""));
	ASSERT_EQ(0, node_wait_gone());
	ASSERT_LT(0, slurp(DEBUG "/usb/mnpen/last_flight", text, sizeof(text)));
	EXPECT_EQ(1, count_lines("state from=running to=", 0, INT64_MAX));
	EXPECT_LE(10, count_lines("telemetry", 0, INT64_MAX));
	ASSERT_LT(0, pen_do("plug", ""));
}

/* Counters and traces */

TEST_F(sysfs, counters_tell_how_long_a_stop_took)
{
	long stops = stat_of("stops"), out = stat_of("stop_out_count");
	long rest = stat_of("stop_rest_count");

	ASSERT_LE(0, stops);
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_STOP));
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
	EXPECT_EQ(stops + 1, stat_of("stops"));
	EXPECT_EQ(out + 1, stat_of("stop_out_count"));
	EXPECT_EQ(rest + 1, stat_of("stop_rest_count"));
	EXPECT_EQ(0, stat_of("stops_by_ep0"));
	EXPECT_LT(0, stat_of("stop_rest_max_us"));
	EXPECT_GE(SLACK_MS * 1000, stat_of("stop_out_max_us"));
	EXPECT_LT(0, stat_of("feeds") + stat_of("commands"));
	EXPECT_EQ(0, stat_of("bad_crc"));
	EXPECT_LT(0, stat_of("telemetry"));
}

TEST_F(sysfs, counters_tell_damaged_packets)
{
	long bad = stat_of("bad_crc");
	long long end = now_us() + 5000000;

	ASSERT_LE(0, bad);
	ASSERT_LT(0, pen_do("fault", ",\"name\":\"bad-crc\",\"pipe\":\"in\""));
	while (stat_of("bad_crc") < bad + 10 && now_us() < end)
		usleep(10000);
	EXPECT_LE(bad + 10, stat_of("bad_crc"));
	ASSERT_LT(0, slurp(debug("last_packets"), text, sizeof(text)));
	EXPECT_NE(NULL, strstr(text, " -3 64 "));
	ASSERT_LT(0, slurp(debug("flight"), text, sizeof(text)));
	EXPECT_LE(10, count_lines("bad error=-3 len=64 raw=", 0, INT64_MAX));
}

TEST_F(sysfs, a_trace_names_who_stopped_but_not_the_pen)
{
	char line[128];

	if (access(TRACE "/events/mnpen/mnpen_stop", F_OK))
		SKIP(return, "this kernel has no tracepoints");
	ASSERT_EQ(0, store(TRACE "/events/mnpen/enable", "1"));
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	ASSERT_EQ(0, store(attr("force_stop"), "1"));
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
	ASSERT_EQ(0, store(TRACE "/events/mnpen/enable", "0"));
	ASSERT_LT(0, slurp(TRACE "/trace", text, sizeof(text)));
	snprintf(line, sizeof(line),
		 "forced, stage cause after 0 us, pid %d (sysfs)", getpid());
	EXPECT_NE(NULL, strstr(text, line));
	EXPECT_NE(NULL, strstr(text, "forced, stage rest after "));
	EXPECT_NE(NULL, strstr(text, "mnpen_state: "));
	EXPECT_NE(NULL, strstr(text, "armed -> running"));
	EXPECT_NE(NULL, strstr(text, "mnpen_cmd: "));
	EXPECT_NE(NULL, strstr(text, "mnpen_rx: "));
	EXPECT_NE(NULL, strstr(text, "mnpen_client: "));
	EXPECT_EQ(NULL, strstr(text, getenv("MNPEN_PEN_SERIAL")));
	store(TRACE "/trace", "");
}

/* Faults on purpose */

static int inject(const char *what, const char *name, const char *value)
{
	char path[160];

	snprintf(path, sizeof(path), DEBUG "/usb/mnpen/%s/%s", what, name);
	return store(path, value);
}

static int inject_all(const char *what, const char *times)
{
	inject(what, "verbose", "0");
	inject(what, "times", times);
	return inject(what, "probability", "100");
}

TEST_F(sysfs, injected_damage_and_loss_stop_the_motor)
{
	static const char * const whats[] = { "corrupt_in", "drop_in" };
	size_t i;

	if (inject("drop_in", "probability", "0"))
		SKIP(return, "this kernel injects no faults");
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
		EXPECT_EQ(0, inject_all(whats[i], "-1"));
		EXPECT_EQ(0, pen_wait_motor(false));
		EXPECT_EQ(MNPEN_STOP_TELEMETRY, pen_reason(self->fd))
			TH_LOG("%s", whats[i]);
		EXPECT_EQ(0, inject(whats[i], "probability", "0"));
		close(self->fd);
		ASSERT_EQ(0, node_reboot());
		self->fd = node_open(O_RDWR);
		ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
	}
}

/* STOP cannot be queued: the other pipe has to do. */
TEST_F(sysfs, an_injected_failure_of_STOP_goes_by_the_other_pipe)
{
	long long t, off;

	if (inject("fail_submit", "probability", "0"))
		SKIP(return, "this kernel injects no faults");
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	t = pen_mark("STOP without memory");
	ASSERT_EQ(0, inject_all("fail_submit", "-1"));
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_STOP));
	off = pen_motor_off(t);
	EXPECT_EQ(0, inject("fail_submit", "probability", "0"));
	ASSERT_LE(t, off);
	EXPECT_GE(SLACK_MS * 1000, off - t);
	EXPECT_LE(1, stat_of("out_errors"));
}

TEST_F(sysfs, an_injected_delay_holds_up_no_STOP)
{
	long long t, off;
	pid_t child;

	if (inject("delay_ep0", "probability", "0"))
		SKIP(return, "this kernel injects no faults");
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	ASSERT_EQ(0, inject_all("delay_ep0", "-1"));
	child = fork();
	if (!child) {
		struct mnpen_limits l = { .valid = MNPEN_LIMIT_STROKES };
		struct mnpen_limits now;

		ioctl(self->fd, MNPEN_IOC_GET_LIMITS, &now);
		l.strokes_max = now.strokes_max - 1;
		ioctl(self->fd, MNPEN_IOC_LOWER_LIMITS, &l);
		_exit(0);
	}
	t = pen_mark("STOP beside a slow command");
	ASSERT_EQ(0, store(attr("force_stop"), "1"));
	off = pen_motor_off(t);
	EXPECT_EQ(0, inject("delay_ep0", "probability", "0"));
	ASSERT_LE(t, off);
	EXPECT_GE(SLACK_MS * 1000, off - t);
	ASSERT_EQ(child, waitpid(child, NULL, 0));
}

/* Keys */

TEST_F(sysfs, the_pedal_is_a_key_that_means_nothing)
{
	struct input_event e[8];
	char path[300];
	const char *dir;
	ssize_t n;
	int fd;

	dir = only_dir(attr("device/input"), "input");
	if (!*dir)
		SKIP(return, "built without INPUT=1");
	snprintf(path, sizeof(path), "/dev/input/%s",
		 strrchr(only_dir(dir, "event"), '/') + 1);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd) TH_LOG("%s", path);
	ASSERT_LT(0, pen_do("pedal", ",\"down\":true"));
	ASSERT_LT(0, wait_poll(fd, POLLIN, 5000));
	n = read(fd, e, sizeof(e));
	ASSERT_LE((ssize_t)sizeof(e[0]), n);
	EXPECT_EQ(EV_KEY, e[0].type);
	EXPECT_EQ(BTN_TRIGGER_HAPPY1, e[0].code);
	EXPECT_EQ(1, e[0].value);
	close(fd);
	pen_do("pedal", ",\"down\":false");
}

TEST_HARNESS_MAIN
