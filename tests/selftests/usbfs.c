// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * USBFS: a process that may write the pen's /dev/bus/usb node, beside the
 * driver. What would change the pen is refused, because the driver has claimed
 * the interface; what cannot be refused ends in a stop, never in motion.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "bench.h"

FIXTURE(usbfs) {
	int fd;
	int bus;
	uint32_t session;
};

FIXTURE_SETUP(usbfs)
{
	self->fd = node_open(O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	self->bus = usb_open();
	ASSERT_LE(0, self->bus);
}

FIXTURE_TEARDOWN(usbfs)
{
	int fd;

	close(self->bus);
	close(self->fd);
	fd = node_open(O_RDWR);
	EXPECT_LE(0, fd);
	EXPECT_EQ(0, start_motor(fd, &self->session, 1000));
	close(fd);
}

/* 0 or errno */
static int control(int bus, uint8_t type, uint8_t request, uint16_t value,
		   void *data, uint16_t len)
{
	struct usbdevfs_ctrltransfer t = {
		.bRequestType = type, .bRequest = request, .wValue = value,
		.wLength = len, .timeout = 500, .data = data,
	};

	return ioctl(bus, USBDEVFS_CONTROL, &t) < 0 ? errno : 0;
}

#define CLASS_OUT	0x21
#define CLASS_IN	0xa1
#define VENDOR_OUT	0x41
#define VENDOR_IN	0xc1
#define FIRST		0x10
#define LAST		0x36

TEST_F(usbfs, what_changes_the_pen_is_refused)
{
	long long journal;
	uint8_t data[64] = { 0 };
	int request;

	/* Whoever has not claimed the interface is asked to, and cannot. */
	for (request = FIRST; request <= LAST; request++) {
		EXPECT_EQ(EBUSY, control(self->bus, CLASS_OUT, request, 0, data, 0))
			TH_LOG("request 0x%x", request);
		EXPECT_EQ(EBUSY, control(self->bus, CLASS_IN, request, 0, data, 8))
			TH_LOG("request 0x%x", request);
	}
	request = 0;
	EXPECT_EQ(-1, ioctl(self->bus, USBDEVFS_CLAIMINTERFACE, &request));
	EXPECT_EQ(EBUSY, errno);
	journal = pen_journal_size();
	EXPECT_EQ(journal, pen_journal_size());
	EXPECT_EQ(0, keep_alive_for(self->fd, self->session, 200));
	EXPECT_EQ(MNPEN_STATE_RUNNING, pen_state(self->fd));
}

/* Vendor requests go past any driver: the pen knows none that moves. */
TEST_F(usbfs, vendor_requests_reach_the_pen_and_change_nothing)
{
	struct mnpen_limits before, after;
	uint8_t data[64] = { 0 };
	int request;

	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_GET_LIMITS, &before));
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_STOP));
	ASSERT_EQ(0, pen_wait_motor(false));
	for (request = FIRST; request <= LAST; request++) {
		control(self->bus, VENDOR_OUT, request, 0, data, 0);
		control(self->bus, VENDOR_OUT, request, 0xffff, data, 20);
		control(self->bus, VENDOR_IN, request, 0, data, sizeof(data));
	}
	ASSERT_LT(0, pen_do("state", ""));
	EXPECT_EQ(0, pen_reply("motor"));
	EXPECT_EQ(before.depth_max_um, pen_reply("depth_max_um"));
	EXPECT_EQ(before.rate_max_spm, pen_reply("rate_max_spm"));
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_GET_LIMITS, &after));
	EXPECT_EQ(before.generation, after.generation);
}

/* Milliseconds from @t until the motor is off */
static double off_after(long long t)
{
	long long off = pen_motor_off(t);

	return off < 0 ? 1e9 : (off - t) / 1000.0;
}

static void stopped(struct __test_metadata *_metadata, int fd, long long t)
{
	double ms = off_after(t);

	EXPECT_GE(SLACK_MS, ms) TH_LOG("motor off %.1f ms after", ms);
	usleep(300000);
	EXPECT_LT(0, pen_do("state", ""));
	EXPECT_EQ(0, pen_reply("motor"));
}

TEST_F(usbfs, a_reset_stops_the_motor)
{
	long long t = pen_mark("USBDEVFS_RESET");

	EXPECT_EQ(0, ioctl(self->bus, USBDEVFS_RESET));
	stopped(_metadata, self->fd, t);
	EXPECT_EQ(-1, do_keepalive(self->fd, self->session));
	/* The file may have outlived it, the session has not. */
	EXPECT_EQ(-1, do_arm(self->fd, self->session, LEASE_MS));
	EXPECT_TRUE(errno == ESTALE || errno == ENODEV);
}

TEST_F(usbfs, another_configuration_is_refused_or_stops_the_motor)
{
	long long t = pen_mark("USBDEVFS_SETCONFIGURATION");
	unsigned int value = 1;

	if (ioctl(self->bus, USBDEVFS_SETCONFIGURATION, &value)) {
		EXPECT_EQ(EBUSY, errno);
		EXPECT_EQ(0, keep_alive_for(self->fd, self->session, 200));
		EXPECT_EQ(MNPEN_STATE_RUNNING, pen_state(self->fd));
	} else {
		stopped(_metadata, self->fd, t);
	}
}

TEST_F(usbfs, taking_the_driver_away_stops_the_motor)
{
	struct usbdevfs_ioctl command = { .ioctl_code = USBDEVFS_DISCONNECT };
	long long t = pen_mark("USBDEVFS_DISCONNECT");

	ASSERT_LE(0, ioctl(self->bus, USBDEVFS_IOCTL, &command));
	stopped(_metadata, self->fd, t);
	EXPECT_EQ(-1, do_keepalive(self->fd, self->session));
	EXPECT_EQ(ENODEV, errno);
	command.ioctl_code = USBDEVFS_CONNECT;
	EXPECT_LE(0, ioctl(self->bus, USBDEVFS_IOCTL, &command));
}

TEST_F(usbfs, halting_an_endpoint_past_the_driver_is_refused)
{
	unsigned int ep;

	for (ep = 0x81; ep <= 0x81; ep++) {
		EXPECT_EQ(-1, ioctl(self->bus, USBDEVFS_CLEAR_HALT, &ep));
		EXPECT_EQ(EBUSY, errno);
		EXPECT_EQ(-1, ioctl(self->bus, USBDEVFS_RESETEP, &ep));
		EXPECT_EQ(EBUSY, errno);
	}
	EXPECT_EQ(0, keep_alive_for(self->fd, self->session, 200));
	EXPECT_EQ(MNPEN_STATE_RUNNING, pen_state(self->fd));
}

TEST_HARNESS_MAIN
