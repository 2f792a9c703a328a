// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * FAILNTH: in each call, and in binding the driver, the first allocation or
 * copy fails, then the second, and so on until there is none left. Nothing may
 * be left behind by halves; that nothing is lost, the test bed sees (--leaks).
 *
 * MNPEN_FAULT_STEP in the environment: not each, but each so many.
 *
 * Wants a kernel with fault injection, and dummy_hcd: vhci_hcd itself does not
 * survive that.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "bench.h"

#define FAULTS_MAX	3000

FIXTURE(failnth) {
	int fd;
	uint32_t session;
};

/* Also those that may sleep, and without a stack trace for each. */
static int inject_everything(void)
{
	return file_write("/sys/kernel/debug/failslab/ignore-gfp-wait", "N") ||
	       file_write("/sys/kernel/debug/failslab/verbose", "0") ||
	       file_write("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N") ||
	       file_write("/sys/kernel/debug/fail_page_alloc/min-order", "0") ||
	       file_write("/sys/kernel/debug/fail_page_alloc/verbose", "0") ||
	       file_write("/sys/kernel/debug/fail_usercopy/verbose", "0") ? -1 : 0;
}

FIXTURE_SETUP(failnth)
{
	ASSERT_EQ(0, inject_everything())
		TH_LOG("a kernel without fault injection");
	ASSERT_EQ(0, node_reboot());
	self->fd = node_open(O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
}

FIXTURE_TEARDOWN(failnth)
{
	int fd;

	close(self->fd);
	fd = node_open(O_RDWR);
	EXPECT_LE(0, fd);
	EXPECT_EQ(0, start_motor(fd, &self->session, 1000));
	close(fd);
}

static int nth = -1;

/* Of this thread, from the next system call on. */
static void fail(int n)
{
	char text[16];

	if (nth < 0)
		nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	snprintf(text, sizeof(text), "%d", n);
	if (pwrite(nth, text, strlen(text), 0) < 0)
		perror("# fail-nth");
}

/* True: there was such an allocation, and it failed. */
static bool failed(void)
{
	char text[16] = "";

	if (pread(nth, text, sizeof(text) - 1, 0) < 0)
		perror("# fail-nth");
	fail(0);
	return atoi(text) == 0;
}

/*
 * @call returns 0 or errno and is called again and again. Each time it fails
 * by the next reason, and in the end it works. Returns one more than there
 * were, or -1.
 */
static int each_fault(int (*call)(FIXTURE_DATA(failnth) *self),
		      int (*before)(FIXTURE_DATA(failnth) *self),
		      FIXTURE_DATA(failnth) *self)
{
	const char *text = getenv("MNPEN_FAULT_STEP");
	int step = text ? atoi(text) : 1;
	int n, err;

	for (n = 1; n < FAULTS_MAX; n += step) {
		bool injected;

		if (before && before(self))
			return -1;
		fail(n);
		err = call(self);
		injected = failed();
		if (!injected)
			break;
		if (err && err != ENOMEM && err != EFAULT && err != EIO &&
		    err != EPROTO && err != ECANCELED && err != ENODEV &&
		    err != ESTALE && err != ENOTCONN) {
			fprintf(stderr, "# fault %d: %s\n", n, strerror(err));
			return -1;
		}
	}
	fprintf(stderr, "# up to %d faults, each %d.\n", n - 1, step);
	if (err)
		fprintf(stderr, "# without a fault: %s\n", strerror(err));
	return err ? -1 : n;
}

static char path[80];

static int open_close(FIXTURE_DATA(failnth) *self)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

TEST_F_TIMEOUT(failnth, open, 600)
{
	snprintf(path, sizeof(path), "/dev/%s", node_name());
	EXPECT_LT(0, each_fault(open_close, NULL, self));
}

static int bind_pen(FIXTURE_DATA(failnth) *self)
{
	/* Its errno is that of the driver core: EPROBE..., never ours alone. */
	return node_bind() ? ENOMEM : 0;
}

/* Names in a directory that begin with mnpen */
static int pens_in(const char *dir)
{
	struct dirent *e;
	DIR *d = opendir(dir);
	int n = 0;

	while (d && (e = readdir(d)))
		n += !strncmp(e->d_name, "mnpen", 5);
	if (d)
		closedir(d);
	return n;
}

/* Unbound, and nothing is there: neither class device nor node. */
static int unbind_pen(FIXTURE_DATA(failnth) *self)
{
	if (node_name() && node_unbind())
		return -1;
	if (pens_in("/sys/class/mnpen") || pens_in("/dev")) {
		fprintf(stderr, "# half a device is left\n");
		return -1;
	}
	return 0;
}

TEST_F_TIMEOUT(failnth, bind, 1200)
{
	close(self->fd);
	self->fd = -1;
	EXPECT_LT(20, each_fault(bind_pen, unbind_pen, self));
}

static char module[256];

static int find_module(void)
{
	FILE *f = popen("modinfo -n mnpen", "re");
	int err = f && fscanf(f, "%250s", module) == 1 ? 0 : -1;

	if (f)
		pclose(f);
	return err;
}

static int load(FIXTURE_DATA(failnth) *self)
{
	int fd = open(module, O_RDONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return errno;
	/* Its errno is the loader's: whatever it could not do. */
	if (syscall(SYS_finit_module, fd, "", 0))
		err = ENOMEM;
	close(fd);
	return err;
}

static int unload(FIXTURE_DATA(failnth) *self)
{
	if (syscall(SYS_delete_module, "mnpen", 0) && errno != ENOENT) {
		perror("# delete_module");
		return -1;
	}
	return 0;
}

TEST_F_TIMEOUT(failnth, load, 1200)
{
	close(self->fd);
	self->fd = -1;
	ASSERT_EQ(0, find_module());
	EXPECT_LT(20, each_fault(load, unload, self));
}

/* The state that each ioctl wants, whatever the fault before it did. */
static int idle(FIXTURE_DATA(failnth) *self)
{
	ioctl(self->fd, MNPEN_IOC_DISARM);
	return wait_state(self->fd, MNPEN_STATE_IDLE) ||
	       do_acquire(self->fd, &self->session) ? -1 : 0;
}

static int armed(FIXTURE_DATA(failnth) *self)
{
	if (idle(self))
		return -1;
	return do_arm(self->fd, self->session, 1000);
}

static int arm(FIXTURE_DATA(failnth) *self)
{
	return do_arm(self->fd, self->session, 1000) ? errno : 0;
}

static int run(FIXTURE_DATA(failnth) *self)
{
	return do_run(self->fd, self->session, 6000, 500, 0) ? errno : 0;
}

static int keepalive(FIXTURE_DATA(failnth) *self)
{
	return do_keepalive(self->fd, self->session) ? errno : 0;
}

static int acquire(FIXTURE_DATA(failnth) *self)
{
	return do_acquire(self->fd, &self->session) ? errno : 0;
}

static int disarm(FIXTURE_DATA(failnth) *self)
{
	return ioctl(self->fd, MNPEN_IOC_DISARM) ? errno : 0;
}

static int subscribe(FIXTURE_DATA(failnth) *self)
{
	return do_subscribe(self->fd, MNPEN_SUB_TELEMETRY, 0) ? errno : 0;
}

static int lower(FIXTURE_DATA(failnth) *self)
{
	struct mnpen_limits l = { .valid = MNPEN_LIMIT_STROKES };
	struct mnpen_limits now;

	if (ioctl(self->fd, MNPEN_IOC_GET_LIMITS, &now))
		return errno;
	l.strokes_max = now.strokes_max - 1;
	return ioctl(self->fd, MNPEN_IOC_LOWER_LIMITS, &l) ? errno : 0;
}

static int ask(FIXTURE_DATA(failnth) *self)
{
	struct mnpen_caps caps;
	struct mnpen_status status;

	return ioctl(self->fd, MNPEN_IOC_GET_CAPS, &caps) ||
	       ioctl(self->fd, MNPEN_IOC_GET_STATUS, &status) ? errno : 0;
}

static int cartridge(FIXTURE_DATA(failnth) *self)
{
	struct mnpen_blob b = { 0 };

	return ioctl(self->fd, MNPEN_IOC_GET_CARTRIDGE, &b) ? errno : 0;
}

static int calib(FIXTURE_DATA(failnth) *self)
{
	struct mnpen_blob b = { .id = MNPEN_CALIB_DEPTH };

	return ioctl(self->fd, MNPEN_IOC_GET_CALIB, &b) ? errno : 0;
}

static int identify(FIXTURE_DATA(failnth) *self)
{
	return ioctl(self->fd, MNPEN_IOC_IDENTIFY) ? errno : 0;
}

static int mark(FIXTURE_DATA(failnth) *self)
{
	struct mnpen_mark m = { .session = self->session };

	return ioctl(self->fd, MNPEN_IOC_MARK_CARTRIDGE, &m) ? errno : 0;
}

static int self_test(FIXTURE_DATA(failnth) *self)
{
	struct mnpen_self_test t = { .session = self->session, .test_mask = 15 };

	return ioctl(self->fd, MNPEN_IOC_SELF_TEST, &t) ? errno : 0;
}

/* One that was given up halfway the pen finishes all the same. */
static int tested(FIXTURE_DATA(failnth) *self)
{
	usleep(600000);
	return idle(self);
}

static int read_record(FIXTURE_DATA(failnth) *self)
{
	struct mnpen_record rec;

	return read(self->fd, &rec, sizeof(rec)) < 0 ? errno : 0;
}

static int subscribed(FIXTURE_DATA(failnth) *self)
{
	return do_subscribe(self->fd, MNPEN_SUB_TELEMETRY, 0) ||
	       wait_poll(self->fd, POLLIN, 5000) < 0 ? -1 : 0;
}

#define IOCTL_TEST(call, before) \
TEST_F_TIMEOUT(failnth, call, 600) \
{ \
	ASSERT_EQ(0, idle(self)); \
	EXPECT_LT(0, each_fault(call, before, self)); \
}

IOCTL_TEST(acquire, NULL)
IOCTL_TEST(arm, idle)
IOCTL_TEST(run, armed)
IOCTL_TEST(keepalive, armed)
IOCTL_TEST(disarm, armed)
IOCTL_TEST(subscribe, NULL)
IOCTL_TEST(lower, NULL)
IOCTL_TEST(ask, NULL)
IOCTL_TEST(cartridge, NULL)
IOCTL_TEST(calib, NULL)
IOCTL_TEST(identify, idle)
IOCTL_TEST(mark, armed)
IOCTL_TEST(self_test, tested)
IOCTL_TEST(read_record, subscribed)

TEST_HARNESS_MAIN
