// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Plugs a USB/IP device that is reached over a byte stream (a virtio-serial
 * port, any character device or Unix socket) into vhci_hcd of this machine.
 *
 * So a pen can live outside of a guest, with its own time, while the guest
 * believes it on its bus: what it does when the whole guest freezes can be
 * seen from outside.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/usb/ch9.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/emulator/usbip_wire.h"
#include "tests/emulator/vhci.h"

#define CHUNK		65536
#define RETRY_MS	50	/* until somebody is at the far end */

struct options {
	const char *path;
	bool again;
};

static const char usage[] =
"Usage: mnpen-usbip-attach [--again] PATH\n"
"Plug the USB/IP device behind PATH into vhci_hcd of this machine.\n"
"\n"
"PATH is a character device (a virtio-serial port) or a Unix socket. Stays\n"
"until the device hangs up, which unplugs it; with --again it then waits for\n"
"the device to come back.\n"
"\n"
"      --again    do not end when the device hangs up\n"
"  -h, --help     show this and exit\n"
"  -V, --version  show the version and exit\n"
"\n"
"Exit status: 0 the device hung up, 1 it did not work, 2 wrong usage.\n";

static void parse_options(struct options *o, int argc, char **argv)
{
	static const struct option list[] = {
		{ "again", no_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*o = (struct options) { 0 };
	while ((c = getopt_long(argc, argv, "hV", list, NULL)) != -1) {
		if (c == 'h') {
			fputs(usage, stdout);
			exit(0);
		}
		if (c == 'V') {
			puts("mnpen-usbip-attach " MNPEN_VERSION);
			exit(0);
		}
		o->again = c == 'a';
		if (c != 'a')
			exit(2);
	}
	if (optind + 1 != argc) {
		fputs("mnpen-usbip-attach: expected one PATH; try --help\n",
		      stderr);
		exit(2);
	}
	o->path = argv[optind];
}

static int open_socket(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (const void *)&addr, sizeof(addr)))
		return fd;
	close(fd);
	return -errno;
}

static int open_far(const char *path)
{
	struct stat st;
	int fd;

	if (stat(path, &st))
		return -errno;
	if (S_ISSOCK(st.st_mode))
		return open_socket(path);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

static int write_all(int fd, const void *data, size_t len)
{
	const char *at = data;
	ssize_t n;

	while (len) {
		n = write(fd, at, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EPIPE;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A virtio port without a peer reports a hang-up, and reads end at once. */
static void await_peer(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	while (poll(&p, 1, -1) < 0 || p.revents & POLLHUP)
		poll(NULL, 0, RETRY_MS);
}

/*
 * Remains of an earlier session may still come out of the stream: looks for
 * the reply byte by byte, by its eight fixed bytes and its bus id.
 */
static int read_reply(int fd, struct usbip_rep_import *r)
{
	const struct usbip_op want = {
		htobe16(USBIP_VERSION), htobe16(USBIP_OP_REP_IMPORT), 0,
	};
	uint8_t *at = (uint8_t *)r;
	size_t used = 0;
	ssize_t n;

	for (;;) {
		n = read(fd, at + used, sizeof(*r) - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EPIPE;
		used += (size_t)n;
		while (used >= sizeof(want) && memcmp(at, &want, sizeof(want)))
			memmove(at, at + 1, --used);
		if (used < sizeof(*r))
			continue;
		if (!strncmp(r->busid, USBIP_BUSID, sizeof(r->busid)))
			return 0;
		memmove(at, at + 1, --used);
	}
}

static int import(int far, bool *high_speed)
{
	struct usbip_req_import q = {
		.op = { htobe16(USBIP_VERSION), htobe16(USBIP_OP_REQ_IMPORT) },
		.busid = USBIP_BUSID,
	};
	struct usbip_rep_import r;
	int err = write_all(far, &q, sizeof(q));

	if (!err)
		err = read_reply(far, &r);
	if (!err)
		*high_speed = be32toh(r.speed) == USB_SPEED_HIGH;
	return err;
}

static int pump(int from, int to)
{
	static char buf[CHUNK];
	ssize_t n = read(from, buf, sizeof(buf));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n <= 0)
		return -EPIPE;
	return write_all(to, buf, (size_t)n);
}

/* Until either side hangs up. */
static void relay(int far, int near)
{
	struct pollfd p[2] = {
		{ .fd = far, .events = POLLIN },
		{ .fd = near, .events = POLLIN },
	};
	const short any = POLLIN | POLLHUP | POLLERR;

	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return;
		if (p[0].revents & any && pump(far, near))
			return;
		if (p[1].revents & any && pump(near, far))
			return;
	}
}

static int attach(int far)
{
	bool high_speed;
	int fds[2], err;

	await_peer(far);
	err = import(far, &high_speed);
	if (err)
		return err;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return -errno;
	err = vhci_attach(fds[1], high_speed, 0);
	close(fds[1]);
	if (!err)
		relay(far, fds[0]);
	close(fds[0]);
	return err;
}

static const char *advice(int err)
{
	if (err == -ENODEV)
		return " (modprobe vhci-hcd)";
	return err == -ENOENT ? " (is the device or socket there?)" : "";
}

int main(int argc, char **argv)
{
	struct options o;
	int far, err;

	parse_options(&o, argc, argv);
	do {
		far = open_far(o.path);
		err = far < 0 ? far : attach(far);
		if (far >= 0)
			close(far);
		/* -EPIPE: went away in the middle of the import. */
	} while (o.again && (!err || err == -EPIPE));
	if (err)
		fprintf(stderr, "mnpen-usbip-attach: %s: %s%s\n", o.path,
			strerror(-err), advice(err));
	return err ? 1 : 0;
}
