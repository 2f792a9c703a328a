// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Endpoints that the pen halts: telemetry comes back, STOP finds its way.
 * FunctionFS halts an endpoint when it is used in the wrong direction.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "bench.h"

FIXTURE(halt) {
	int fd;
	uint32_t session;
};

FIXTURE_SETUP(halt)
{
	self->fd = node_open(O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, wait_state(self->fd, MNPEN_STATE_IDLE));
}

FIXTURE_TEARDOWN(halt)
{
	close(self->fd);
}

/* While a packet is queued the IN endpoint cannot be halted: try again. */
static int halt_endpoint(const char *name, int mode)
{
	char path[128], byte;
	int fd, err = -1;
	long tries = 100000;

	snprintf(path, sizeof(path), "%s/%s", getenv("MNPEN_PEN_ENDPOINTS"),
		 name);
	fd = open(path, mode | O_CLOEXEC);
	while (fd >= 0 && err && tries--) {
		ssize_t n = mode == O_RDONLY ? read(fd, &byte, 1) :
					       write(fd, &byte, 1);

		err = n < 0 && errno == EBADMSG ? 0 : -1;
	}
	if (fd >= 0)
		close(fd);
	return err;
}

TEST_F(halt, telemetry_comes_back)
{
	struct mnpen_record rec;
	int i;

	ASSERT_EQ(0, do_subscribe(self->fd, MNPEN_SUB_TELEMETRY, 0));
	ASSERT_EQ(0, halt_endpoint("ep1", O_RDONLY));
	/* More than a ring can hold: they are new ones. */
	for (i = 0; i < 200; i++) {
		ASSERT_LT(0, wait_poll(self->fd, POLLIN, 1000));
		ASSERT_EQ(sizeof(rec), read(self->fd, &rec, sizeof(rec)));
	}
}

TEST_F(halt, stop_goes_by_the_other_pipe)
{
	long long t, off;

	ASSERT_EQ(0, start_motor(self->fd, &self->session, 1000));
	ASSERT_EQ(0, halt_endpoint("ep2", O_WRONLY));
	t = pen_mark("STOP, OUT endpoint halted");
	ASSERT_EQ(0, ioctl(self->fd, MNPEN_IOC_STOP));
	off = pen_motor_off(t);
	ASSERT_LE(t, off);
	EXPECT_GE(SLACK_MS * 1000, off - t);
	/* And the endpoint works again. */
	ASSERT_EQ(0, start_motor(self->fd, &self->session, LEASE_MS));
	ASSERT_EQ(0, keep_alive_for(self->fd, self->session, 1000));
}

TEST_F(halt, feeding_mends_the_endpoint_by_itself)
{
	ASSERT_EQ(0, start_motor(self->fd, &self->session, LEASE_MS));
	ASSERT_EQ(0, halt_endpoint("ep2", O_WRONLY));
	/* One FEED is lost, the next comes within the pen's horizon. */
	ASSERT_EQ(0, keep_alive_for(self->fd, self->session, 1000));
	ASSERT_EQ(MNPEN_STATE_RUNNING, pen_state(self->fd));
}

TEST_HARNESS_MAIN
