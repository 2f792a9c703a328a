// SPDX-License-Identifier: GPL-2.0-or-later
/* Options, signals, and the order in which the parts come and go. */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tests/emulator/control.h"
#include "tests/emulator/ffs.h"
#include "tests/emulator/rawgadget.h"
#include "tests/emulator/usbip.h"
#include "tests/emulator/virtual.h"
#include "tests/unit/vectors.h"

#define DEFAULT_SERIAL	"MNEMU00000001"
#define PRODUCT		"MNPEN-EMU 1"

/*
 * The own clock starts up to two minutes before its low 32 bits wrap, so
 * that every longer run sees the wrap and no test can rely on its value.
 */
#define CLOCK_BEFORE_WRAP_US	120000000

#define PRIORITY	50	/* as threaded interrupts have */

enum transport_kind { TRANSPORT_FFS, TRANSPORT_USBIP, TRANSPORT_RAW };

struct options {
	enum transport_kind transport;
	const char *hostile;
	bool have_seed;
	uint64_t seed;
	bool unplugged;
	const char *control;
	const char *journal;
	const char *self_check;
	const char *capture;
	const char *replay;
	const char *script;
	bool virtual;
	bool replay_as_pen;
	struct gadget_options gadget;
	struct usbip_options usb;
	bool have_clock;
	uint64_t clock_us;
};

struct program {
	struct pen pen;
	struct journal *journal;
	struct control *control;
	struct capture *capture;
	struct replay *replay;
	struct script *script;
	struct loop_source signals;
};

static const char usage[] =
"Usage: mnpen-emulator [OPTION]...\n"
"A software microneedling pen on the USB stack of this machine.\n"
"\n"
"  -t, --transport ffs|usbip|raw-gadget\n"
"                             how to reach the host (default ffs)\n"
"  -s, --serial SERIAL        8 to 31 of A-Z 0-9 (default " DEFAULT_SERIAL ")\n"
"  -c, --control PATH         serve the control socket there\n"
"  -j, --journal FILE         append the journal there (default: stdout)\n"
"  -u, --unplugged            start without being plugged in\n"
"      --clock-start US       value of the pen's own clock at start\n"
"      --seed N               of everything random (default: drawn anew)\n"
"      --script FILE          what happens when; one JSON object per line\n"
"      --virtual              no USB and no waiting; the script is the host\n"
"      --list-faults          show what can be made to go wrong and exit\n"
"      --capture FILE         record what is on the wire as pcapng\n"
"      --replay FILE          be the pen that was recorded there, to be watched\n"
"      --replay-as-pen        with its caps, so that drivers want to drive it\n"
"\n"
"With --transport ffs or raw-gadget:\n"
"      --udc NAME             device controller (default: the first one)\n"
"\n"
"With --transport usbip, one of:\n"
"      --vhci[=N]             plug into controller N (default 0) of this\n"
"                             machine's vhci_hcd; this is the default\n"
"      --listen PATH          wait for a host on this Unix socket\n"
"      --connect PATH         connect to a host on this Unix socket\n"
"      --fd N                 use this open stream socket\n"
"\n"
"With --transport usbip or raw-gadget:\n"
"      --speed full|high      (default full)\n"
"      --id VID:PID           other USB IDs than the open test ID\n"
"      --hostile WHAT         be broken: number or name of a set, or random;\n"
"                             \"list\" lists the sets and exits\n"
"\n"
"      --self-check FILE      hold the codec against these vectors and exit\n"
"  -h, --help                 show this and exit\n"
"  -V, --version              show the version and exit\n"
"\n"
"Exit status: 0 done, 1 it did not work, 2 wrong usage.\n"
"mnpen-emulator(1) describes the control commands and the journal.\n";

enum {
	OPT_UDC = 256, OPT_VHCI, OPT_LISTEN, OPT_CONNECT, OPT_FD, OPT_SPEED,
	OPT_CLOCK, OPT_SELF_CHECK, OPT_CAPTURE, OPT_REPLAY, OPT_REPLAY_AS_PEN, OPT_ID, OPT_HOSTILE,
	OPT_SEED, OPT_SCRIPT, OPT_VIRTUAL, OPT_LIST_FAULTS,
};

static const struct option long_options[] = {
	{ "transport", required_argument, NULL, 't' },
	{ "serial", required_argument, NULL, 's' },
	{ "control", required_argument, NULL, 'c' },
	{ "journal", required_argument, NULL, 'j' },
	{ "unplugged", no_argument, NULL, 'u' },
	{ "clock-start", required_argument, NULL, OPT_CLOCK },
	{ "udc", required_argument, NULL, OPT_UDC },
	{ "vhci", optional_argument, NULL, OPT_VHCI },
	{ "listen", required_argument, NULL, OPT_LISTEN },
	{ "connect", required_argument, NULL, OPT_CONNECT },
	{ "fd", required_argument, NULL, OPT_FD },
	{ "speed", required_argument, NULL, OPT_SPEED },
	{ "id", required_argument, NULL, OPT_ID },
	{ "hostile", required_argument, NULL, OPT_HOSTILE },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "script", required_argument, NULL, OPT_SCRIPT },
	{ "virtual", no_argument, NULL, OPT_VIRTUAL },
	{ "list-faults", no_argument, NULL, OPT_LIST_FAULTS },
	{ "self-check", required_argument, NULL, OPT_SELF_CHECK },
	{ "capture", required_argument, NULL, OPT_CAPTURE },
	{ "replay", required_argument, NULL, OPT_REPLAY },
	{ "replay-as-pen", no_argument, NULL, OPT_REPLAY_AS_PEN },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL },
};

__attribute__((format(printf, 1, 2), noreturn))
static void wrong(const char *format, ...)
{
	va_list ap;

	fputs("mnpen-emulator: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputs("\nTry 'mnpen-emulator --help'.\n", stderr);
	exit(2);
}

static bool serial_valid(const char *s)
{
	size_t len = strlen(s);

	return len >= 8 && len <= 31 &&
	       strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == len;
}

static uint64_t number(const char *option, const char *text)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || *end || end == text || text[0] == '-')
		wrong("--%s: \"%s\" is not a number", option, text);
	return value;
}

static void set_transport(struct options *o, const char *name)
{
	if (!strcmp(name, "ffs"))
		o->transport = TRANSPORT_FFS;
	else if (!strcmp(name, "usbip"))
		o->transport = TRANSPORT_USBIP;
	else if (!strcmp(name, "raw-gadget"))
		o->transport = TRANSPORT_RAW;
	else
		wrong("--transport: \"%s\" is none of ffs, usbip, raw-gadget",
		      name);
}

static void set_id(struct options *o, const char *text)
{
	int end = 0;

	if (sscanf(text, "%4hx:%4hx%n", &o->usb.vid, &o->usb.pid, &end) != 2 ||
	    text[end] || !o->usb.vid)
		wrong("--id: \"%s\" is not VID:PID in hexadecimal", text);
}

static void set_hostile(struct options *o, const char *what)
{
	if (!strcmp(what, "list")) {
		hostile_list(stdout);
		exit(0);
	}
	o->hostile = what;
}

static void set_speed(struct options *o, const char *name)
{
	o->usb.high_speed = !strcmp(name, "high");
	if (!o->usb.high_speed && strcmp(name, "full"))
		wrong("--speed: \"%s\" is neither full nor high", name);
}

static void set_link(struct options *o, enum usbip_link link, const char *path)
{
	o->usb.link = link;
	o->usb.path = path;
}

static void take_option(struct options *o, int c)
{
	switch (c) {
	case 't':
		set_transport(o, optarg);
		break;
	case 's':
		o->gadget.serial = optarg;
		break;
	case 'c':
		o->control = optarg;
		break;
	case 'j':
		o->journal = optarg;
		break;
	case 'u':
		o->unplugged = true;
		break;
	case OPT_CLOCK:
		o->have_clock = true;
		o->clock_us = number("clock-start", optarg);
		break;
	case OPT_UDC:
		o->gadget.udc = optarg;
		break;
	case OPT_VHCI:
		set_link(o, USBIP_LINK_VHCI, NULL);
		o->usb.controller = optarg ?
				    (unsigned int)number("vhci", optarg) : 0;
		break;
	case OPT_LISTEN:
		set_link(o, USBIP_LINK_LISTEN, optarg);
		break;
	case OPT_CONNECT:
		set_link(o, USBIP_LINK_CONNECT, optarg);
		break;
	case OPT_FD:
		set_link(o, USBIP_LINK_FD, NULL);
		o->usb.fd = (int)number("fd", optarg);
		break;
	case OPT_SPEED:
		set_speed(o, optarg);
		break;
	case OPT_ID:
		set_id(o, optarg);
		break;
	case OPT_HOSTILE:
		set_hostile(o, optarg);
		break;
	case OPT_SEED:
		o->seed = number("seed", optarg);
		o->have_seed = true;
		break;
	case OPT_SCRIPT:
		o->script = optarg;
		break;
	case OPT_VIRTUAL:
		o->virtual = true;
		break;
	case OPT_LIST_FAULTS:
		faults_list(stdout);
		exit(0);
	case OPT_SELF_CHECK:
		o->self_check = optarg;
		break;
	case OPT_CAPTURE:
		o->capture = optarg;
		break;
	case OPT_REPLAY:
		o->replay = optarg;
		break;
	case OPT_REPLAY_AS_PEN:
		o->replay_as_pen = true;
		break;
	case 'h':
		fputs(usage, stdout);
		exit(0);
	case 'V':
		puts("mnpen-emulator " MNPEN_VERSION);
		exit(0);
	default:
		fputs("Try 'mnpen-emulator --help'.\n", stderr);
		exit(2);
	}
}

static void parse_options(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options) {
		.seed = 1,
		.gadget = { .serial = DEFAULT_SERIAL, .product = PRODUCT },
	};
	while ((c = getopt_long(argc, argv, "t:s:c:j:uhV", long_options,
				NULL)) != -1)
		take_option(o, c);
	if (optind < argc)
		wrong("unexpected argument \"%s\"", argv[optind]);
	if (!serial_valid(o->gadget.serial))
		wrong("--serial: \"%s\" is not 8 to 31 of A-Z 0-9",
		      o->gadget.serial);
	if (o->transport == TRANSPORT_FFS && (o->hostile || o->usb.vid))
		wrong("--hostile and --id: functionfs has the kernel write "
		      "descriptors; use --transport usbip or raw-gadget");
	if (o->virtual && !o->script)
		wrong("--virtual needs a --script: nobody else would do "
		      "anything");
	if (o->virtual && (o->control || o->replay || o->hostile))
		wrong("--virtual goes without --control, --replay and "
		      "--hostile");
	o->usb.serial = o->gadget.serial;
	o->usb.product = o->gadget.product;
}

static void report_vector(void *ctx, unsigned int line, const char *what)
{
	fprintf(stderr, "%s:%u: %s\n", (const char *)ctx, line, what);
}

static int self_check(const char *path)
{
	unsigned int checked, failed;
	FILE *f = fopen(path, "re");

	if (!f) {
		fprintf(stderr, "mnpen-emulator: %s: %s\n", path,
			strerror(errno));
		return 1;
	}
	failed = vectors_run(f, report_vector, (void *)path, &checked);
	fclose(f);
	printf("%u vectors, %u failed\n", checked, failed);
	return failed || !checked;
}

static void signals_ready(void *ctx, uint32_t events)
{
	struct program *p = ctx;

	(void)events;
	p->pen.quit = true;
}

static int catch_signals(struct program *p)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	p->signals = (struct loop_source) {
		signalfd(-1, &set, SFD_CLOEXEC), signals_ready, p,
	};
	if (p->signals.fd < 0)
		return -errno;
	return loop_add(&p->pen.loop, &p->signals, EPOLLIN);
}

/*
 * A pen's control loop does not wait for the programs of its host. Where we
 * may not have that, deadlines can be noticed late; the journal shows it.
 */
static void run_like_hardware(void)
{
	struct sched_param param = { .sched_priority = PRIORITY };

	sched_setscheduler(0, SCHED_FIFO, &param);
}

static void pen_choices(const struct options *o, struct pen_options *pen)
{
	uint32_t before_wrap_us = 0;

	pen->serial = o->gadget.serial;
	pen->virtual = o->virtual;
	pen->random = o->seed;
	if (!o->have_seed && getrandom(&pen->random, sizeof(pen->random), 0) < 0)
		pen->random = (uint64_t)getpid();
	/* Small seeds, too, shall be far apart. */
	before_wrap_us = (uint32_t)((pen->random *
		UINT64_C(0x9e3779b97f4a7c15) >> 20) % CLOCK_BEFORE_WRAP_US);
	pen->clock_start_us = o->have_clock ? o->clock_us :
		(UINT64_C(1) << 32) - before_wrap_us;
}

static int complain(const char *what, const char *path, int err)
{
	fprintf(stderr, "mnpen-emulator: %s%s%s: %s\n", what,
		path ? " " : "", path ? path : "", strerror(-err));
	return err;
}

/* The wire's two witnesses: one writes down what passes, one repeats it. */
static int start_recorders(struct program *p, const struct options *o)
{
	const struct capture_options capture = {
		.path = o->capture,
		.serial = o->usb.serial,
		.product = o->usb.product,
		.high_speed = o->transport != TRANSPORT_FFS &&
			      o->usb.high_speed,
		.acks_data = o->transport != TRANSPORT_USBIP,
	};
	int err;

	if (o->replay && replay_open(&p->replay, o->replay, o->replay_as_pen))
		return -EINVAL;		/* it said why */
	if (o->capture) {
		err = capture_create(&p->capture, &capture);
		if (err)
			return complain("cannot write the capture", o->capture,
					err);
	}
	p->pen.replay = p->replay;
	p->pen.capture = p->capture;
	return 0;
}

static int create_transport(struct pen *pen, const struct options *o)
{
	const struct rawgadget_options raw = {
		.udc = o->gadget.udc,
		.usb = o->usb,
	};

	if (o->virtual)
		return virtual_create(&pen->transport, pen);
	switch (o->transport) {
	case TRANSPORT_FFS:
		return ffs_create(&pen->transport, pen, &o->gadget);
	case TRANSPORT_USBIP:
		return usbip_create(&pen->transport, pen, &o->usb);
	case TRANSPORT_RAW:
		return rawgadget_create(&pen->transport, pen, &raw);
	}
	return -EINVAL;
}

static int become_hostile(struct pen *pen, const struct options *o)
{
	int err = hostile_create(&pen->hostile, pen, o->hostile, o->seed);

	if (err == -EINVAL)
		fprintf(stderr, "mnpen-emulator: --hostile: no set \"%s\"; "
			"--hostile list shows them\n", o->hostile);
	return err;
}

static int start(struct program *p, const struct options *o)
{
	struct pen_options choices;
	int err;

	if (!o->virtual)
		run_like_hardware();
	/* Before anything happens: is the script in order? */
	if (o->script && script_open(&p->script, o->script, o->virtual))
		return -EINVAL;		/* it said why */
	err = journal_open(&p->journal, o->journal);
	if (err)
		return complain("cannot write the journal", o->journal, err);
	pen_choices(o, &choices);
	err = pen_init(&p->pen, p->journal, &choices);
	if (err)
		return complain("cannot start", NULL, err);
	p->pen.script = p->script;
	script_begin(p->script, pen_now_us(&p->pen));
	err = start_recorders(p, o);
	if (err)
		return err;
	err = catch_signals(p);
	if (err)
		return complain("cannot catch signals", NULL, err);
	if (o->control)
		err = control_open(&p->control, &p->pen, o->control);
	if (err == -EADDRINUSE) {
		fprintf(stderr, "mnpen-emulator: another software pen serves "
			"%s; end it or choose another --control\n", o->control);
		return err;
	}
	if (err)
		return complain("cannot serve the control socket", o->control,
				err);
	err = create_transport(&p->pen, o);
	if (!err && o->hostile)
		err = become_hostile(&p->pen, o);
	if (err)
		return err;
	if (o->unplugged)
		return 0;
	pthread_mutex_lock(&p->pen.lock);
	err = pen_plug(&p->pen);
	pthread_mutex_unlock(&p->pen.lock);
	return err;		/* the transport said why */
}

static void stop(struct program *p)
{
	/* Without a loop pen_init() was not reached, or cleaned up itself. */
	if (p->pen.loop.fd > 0) {
		pen_disconnect(&p->pen);
		control_close(p->control);
		pen_fini(&p->pen);
	}
	if (p->signals.fd > 0)
		close(p->signals.fd);
	capture_finish(p->capture);
	replay_close(p->replay);
	script_close(p->script);
	journal_close(p->journal);
}

int main(int argc, char **argv)
{
	static struct program program;
	struct options options;
	int err;

	parse_options(&options, argc, argv);
	if (options.self_check)
		return self_check(options.self_check);
	err = start(&program, &options);
	if (!err)
		err = options.virtual ? virtual_run(&program.pen) :
					pen_run(&program.pen);
	if (program.pen.failed)
		err = -EINVAL;
	stop(&program);
	return err ? 1 : 0;
}
