// SPDX-License-Identifier: GPL-2.0-or-later
/* Records what passes between a plugged-in pen and this machine. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/usb/ch9.h>
#include <linux/usbdevice_fs.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "kernel/proto.h"
#include "tests/emulator/pcap.h"
#include "tests/emulator/usbfind.h"
#include "tests/emulator/usbmon.h"

#define LOOK_MS		200	/* how often: is the pen still there */
#define ANSWER_MS	1000
#define QUERY		(USB_DIR_IN | USB_TYPE_VENDOR | USB_RECIP_INTERFACE)

struct options {
	const char *serial;
	const char *path;
	bool passive;
	unsigned long long count;	/* 0: no limit */
	unsigned long long seconds;
};

struct recording {
	struct usbfind pen;
	struct pcap_writer *file;
	int mon;
	int signals;
	unsigned long long count;
	unsigned long long lost;
};

static const char usage[] =
"Usage: mnpen-capture [OPTION]... FILE\n"
"Record the USB traffic of a pen in FILE, as pcapng.\n"
"\n"
"  -s, --serial SERIAL  of the pen (default: the only one that is plugged in)\n"
"  -p, --passive        ask the pen nothing, only listen\n"
"  -n, --count N        end after N packets\n"
"  -t, --seconds N      end after N seconds\n"
"  -h, --help           show this and exit\n"
"  -V, --version        show the version and exit\n"
"\n"
"Ends on Ctrl-C, and when the pen is unplugged. Needs root and usbmon.\n"
"Exit status: 0 done, 1 it did not work, 2 wrong usage.\n";

static const struct option long_options[] = {
	{ "serial", required_argument, NULL, 's' },
	{ "passive", no_argument, NULL, 'p' },
	{ "count", required_argument, NULL, 'n' },
	{ "seconds", required_argument, NULL, 't' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL },
};

__attribute__((format(printf, 1, 2)))
static int complain(const char *format, ...)
{
	va_list ap;

	fputs("mnpen-capture: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	return -1;
}

static unsigned long long number(const char *text)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || end == text || text[0] == '-' || !value) {
		complain("\"%s\" is not a number above 0", text);
		exit(2);
	}
	return value;
}

static void parse_options(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options) { .serial = NULL };
	while ((c = getopt_long(argc, argv, "s:pn:t:hV", long_options,
				NULL)) != -1) {
		switch (c) {
		case 's':
			o->serial = optarg;
			break;
		case 'p':
			o->passive = true;
			break;
		case 'n':
			o->count = number(optarg);
			break;
		case 't':
			o->seconds = number(optarg);
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		case 'V':
			puts("mnpen-capture " MNPEN_VERSION);
			exit(0);
		default:
			fputs("Try 'mnpen-capture --help'.\n", stderr);
			exit(2);
		}
	}
	if (optind != argc - 1) {
		complain("expected one FILE; try --help");
		exit(2);
	}
	o->path = argv[optind];
}

static int find_pen(struct recording *r, const struct options *o)
{
	switch (usbfind_pen(&r->pen, o->serial)) {
	case 0:
		return 0;
	case -ENOTUNIQ:
		return complain("more than one pen; which one? --serial");
	default:
		if (o->serial)
			return complain("no pen with the serial number %s",
					o->serial);
		return complain("no pen is plugged in");
	}
}

static int listen_to_bus(struct recording *r)
{
	r->mon = usbmon_open(r->pen.bus);
	switch (r->mon) {
	case -ENOENT:
	case -ENXIO:
	case -ENODEV:
		return complain("usbmon is not loaded: modprobe usbmon");
	case -EACCES:
	case -EPERM:
		return complain("may not read /dev/usbmon%u: run as root",
				r->pen.bus);
	default:
		break;
	}
	if (r->mon < 0)
		return complain("/dev/usbmon%u: %s", r->pen.bus,
				strerror(-r->mon));
	return 0;
}

static int catch_signals(struct recording *r)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	r->signals = signalfd(-1, &set, SFD_CLOEXEC);
	return r->signals < 0 ? complain("%s", strerror(errno)) : 0;
}

static int ask(int fd, uint8_t type, uint8_t request, uint16_t value,
	       uint16_t length)
{
	uint8_t data[MNP_CAPS_MAX_LEN];
	struct usbdevfs_ctrltransfer t = {
		.bRequestType = type,
		.bRequest = request,
		.wValue = value,
		.wLength = length,
		.timeout = ANSWER_MS,
		.data = data,
	};

	return ioctl(fd, USBDEVFS_CONTROL, &t);
}

/*
 * What a reader of the file wants to know and the driver has long asked: what
 * device this is, what it can do, and its limits. Questions only, which a pen
 * answers beside its driver; usbmon sees them like everything else.
 */
static void introduce(const struct usbfind *pen)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/bus/usb/%03u/%03u", pen->bus,
		 pen->device);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 ||
	    ask(fd, USB_DIR_IN, USB_REQ_GET_DESCRIPTOR, USB_DT_DEVICE << 8,
		USB_DT_DEVICE_SIZE) < 0 ||
	    ask(fd, USB_DIR_IN, USB_REQ_GET_DESCRIPTOR, USB_DT_CONFIG << 8,
		MNP_CAPS_MAX_LEN) < 0 ||
	    ask(fd, QUERY, MNP_REQ_GET_CAPS, 0, MNP_CAPS_MAX_LEN) < 0 ||
	    ask(fd, QUERY, MNP_REQ_GET_LIMITS, MNP_LIMITS_LATCHED,
		MNP_LIMITS_LEN) < 0 ||
	    ask(fd, QUERY, MNP_REQ_GET_LIMITS, MNP_LIMITS_ABSOLUTE,
		MNP_LIMITS_LEN) < 0)
		complain("the pen could not be asked about itself (%s);"
			 " the file will lack that", strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* All that usbmon has: 0, or -1 after saying why not. */
static int take_events(struct recording *r, const struct options *o)
{
	static uint8_t data[PCAP_DATA_MAX];
	const size_t room = sizeof(data) - sizeof(struct usbmon_header);
	struct usbmon_header h;
	int got, err;

	while (!o->count || r->count < o->count) {
		got = usbmon_next(r->mon, &h, data, room);
		if (!got)
			break;
		if (got < 0)
			return complain("usbmon: %s", strerror(-got));
		if (h.bus != r->pen.bus || h.device != r->pen.device)
			continue;
		err = pcap_write(r->file, &h, data);
		if (err)
			return complain("%s: %s", o->path, strerror(-err));
		r->count++;
	}
	r->lost += usbmon_lost(r->mon);
	return 0;
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static int record(struct recording *r, const struct options *o)
{
	struct pollfd p[2] = {
		{ .fd = r->mon, .events = POLLIN },
		{ .fd = r->signals, .events = POLLIN },
	};
	uint64_t start_ms = now_ms();
	bool there = true;
	int err = 0;

	while (!err && there && !p[1].revents &&
	       (!o->count || r->count < o->count) &&
	       (!o->seconds || now_ms() - start_ms < o->seconds * 1000)) {
		if (poll(p, 2, LOOK_MS) < 0 && errno != EINTR)
			return complain("%s", strerror(errno));
		/* Looked at first: its last words are taken as well. */
		there = usbfind_there(&r->pen);
		err = take_events(r, o);
	}
	return err;
}

static int run(struct recording *r, const struct options *o)
{
	int err;

	if (find_pen(r, o) || listen_to_bus(r) || catch_signals(r))
		return -1;
	err = pcap_create(&r->file, o->path, "mnpen-capture");
	if (err)
		return complain("%s: %s", o->path, strerror(-err));
	fprintf(stderr, "mnpen-capture: pen %s, bus %u device %u\n",
		r->pen.serial, r->pen.bus, r->pen.device);
	if (!o->passive)
		introduce(&r->pen);
	return record(r, o);
}

int main(int argc, char **argv)
{
	struct recording r = { .mon = -1, .signals = -1 };
	struct options o;
	int err;

	parse_options(&o, argc, argv);
	err = run(&r, &o);
	if (r.file)
		fprintf(stderr, "mnpen-capture: %llu packets, %llu lost\n",
			r.count, r.lost);
	if (pcap_finish(r.file) && !err)
		err = complain("%s: not everything was written", o.path);
	if (r.signals >= 0)
		close(r.signals);
	if (r.mon >= 0)
		close(r.mon);
	return err ? 1 : 0;
}
