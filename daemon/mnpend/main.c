// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpend: finds pens, guards sessions, keeps the record. See mnpend(8). */
#include "daemon/mnpend/mnpend.h"

#include "daemon/mnpend/clinic.h"
#include "daemon/mnpend/clock.h"
#include "daemon/mnpend/hotplug.h"
#include "daemon/mnpend/landlock.h"
#include "daemon/mnpend/listen.h"
#include "daemon/mnpend/log.h"
#include "daemon/mnpend/methods.h"
#include "daemon/mnpend/monitor.h"
#include "daemon/mnpend/notify.h"
#include "daemon/mnpend/paths.h"
#include "daemon/mnpend/pen.h"
#include "daemon/mnpend/raw.h"
#include "daemon/mnpend/recorder.h"
#include "daemon/mnpend/seccomp.h"
#include "daemon/mnpend/why.h"
#include "daemon/varlink/interface.h"
#include "daemon/varlink/timer.h"

#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define RECORD_PATH		"/var/lib/mnpen/record.db"
#define LOCKED_MAX		(32 << 20)	/* bytes: two stacks, heap and pages */
#define RECORD_LAG_MAX_MS	10000	/* beyond: the watchdog is not fed */

struct options {
	const char *catalogue[CLINIC_DIRS_MAX];
	size_t catalogues;
	const char *record;
	const char *socket_dir;
	const char *backup_dir;
	bool set_aside, syslog, verbose;
	unsigned long raw_days;	/* 0: none is kept */
};

/* --- hooks ------------------------------------------------------------------ */

static void daemon_rest(struct mnpend *daemon)
{
	timer_off(daemon->tick);
	daemon->ticking = false;
	daemon->tick_ms = 0;
}

/* It ticks only while there is a pen: without one nothing wakes us. */
static int daemon_wake(struct mnpend *daemon)
{
	int ret = 0;

	if (daemon->ticking)
		return ret;
	daemon->asleep_ms = clock_asleep_ms();
	ret = timer_every(daemon->tick, MNPEND_TICK_MS);
	daemon->ticking = ret == 0;
	return ret;
}

static int hook_added(const char *syspath, const char *node, void *ctx)
{
	struct mnpend *daemon = ctx;
	int ret = daemon_wake(daemon);

	if (ret < 0)
		return ret;
	ret = pen_add(daemon, syspath, node);
	if (LIST_EMPTY(&daemon->pens) && !daemon->stopping)
		daemon_rest(daemon);
	return ret;
}

static void hook_removed(const char *syspath, void *ctx)
{
	struct pen *pen = pen_by_syspath(ctx, syspath);
	struct mnpend *daemon = ctx;

	if (pen)
		pen_remove(pen);
	if (LIST_EMPTY(&daemon->pens) && !daemon->stopping)
		daemon_rest(daemon);
}

static void hook_record_failed(int error, void *ctx)
{
	struct mnpend *daemon = ctx;
	struct pen *pen;

	(void)error;
	LIST_FOREACH(pen, &daemon->pens, next)
		pen_event_kind(pen, SAFETY_EV_RECORD_FAILED);
	monitor_event(daemon->monitor, NULL, "recordFailed",
		      SAFETY_FAULT_RECORD);
}

static void hook_record_recovered(void *ctx)
{
	struct mnpend *daemon = ctx;
	struct pen *pen;

	LIST_FOREACH(pen, &daemon->pens, next)
		pen_event_kind(pen, SAFETY_EV_RECORD_OK);
	monitor_event(daemon->monitor, NULL, "recordRecovered", SAFETY_OK);
}

/* --- the tick ---------------------------------------------------------------- */

static bool daemon_sessions_open(const struct mnpend *daemon)
{
	const struct pen *pen;

	LIST_FOREACH(pen, &daemon->pens, next)
		if (pen_has_session(pen))
			return true;
	return false;
}

/* Of a tick that comes late: the machine slept, or others had it. */
static void daemon_late(struct mnpend *daemon, uint64_t ms)
{
	uint64_t slept_ms = mnpend_suspended_ms(daemon);

	if (slept_ms) {
		log_info("the machine was suspended for %llu ms",
			 (unsigned long long)slept_ms);
		monitor_event(daemon->monitor, NULL, "suspended", SAFETY_OK);
	}
	if (ms > slept_ms + MNPEND_LATE_MS)
		log_warning("the daemon was kept from running for %llu ms",
			    (unsigned long long)(ms - slept_ms));
}

/* Pens are stepped here; the watchdog hears of it only if they were. */
static void daemon_tick(void *arg)
{
	struct mnpend *daemon = arg;
	uint64_t now_ms = clock_boot_ms();
	struct pen *pen;

	if (daemon->tick_ms && now_ms - daemon->tick_ms > MNPEND_LATE_MS)
		daemon_late(daemon, now_ms - daemon->tick_ms);
	daemon->tick_ms = now_ms;
	LIST_FOREACH(pen, &daemon->pens, next)
		pen_tick(pen);
	/* What a suspend did to them is known by now. */
	daemon->asleep_ms = clock_asleep_ms();
	daemon->ticked = true;
	if (daemon->stopping && (!daemon_sessions_open(daemon) ||
				 now_ms - daemon->stopping_ms >
					 MNPEND_SHUTDOWN_MS))
		event_base_loopbreak(daemon->base);
}

/*
 * Fed only for progress: the loop turns, every pen was stepped since the last
 * time, and no row has been waiting for the record's thread for long.
 */
static void daemon_watchdog(void *arg)
{
	struct mnpend *daemon = arg;

	if ((daemon->ticked || LIST_EMPTY(&daemon->pens)) &&
	    recorder_lag_ms(daemon->recorder) < RECORD_LAG_MAX_MS)
		notify_watchdog();
	daemon->ticked = false;
}

/*
 * Reads the catalogue again, now or when it is nobody's: no session is open,
 * and no question is out whose asker holds an entry of it.
 */
static void daemon_reload(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval again = { .tv_usec = MNPEND_RELOAD_MS * 1000 };
	struct mnpend *daemon = arg;

	(void)fd;
	(void)what;
	if (daemon_sessions_open(daemon) || !recorder_idle(daemon->recorder)) {
		event_add(daemon->reload, &again);
		return;
	}
	clinic_reload(daemon->clinic);
	notify_ready();
}

/* Whoever asked waits until it is done, but not for a session to end. */
static void daemon_hangup(evutil_socket_t sig, short what, void *arg)
{
	struct mnpend *daemon = arg;

	(void)sig;
	(void)what;
	if (daemon->stopping)
		return;
	notify_reloading();
	if (daemon_sessions_open(daemon)) {
		log_info("catalogue: read again when no session is open");
		notify_ready();
		notify_status("Serving. The catalogue is read again when no session is open.");
	}
	event_active(daemon->reload, EV_TIMEOUT, 0);
}

/* Stops every pen at once, then gives sessions the time to be closed. */
static void daemon_stop(evutil_socket_t sig, short what, void *arg)
{
	struct mnpend *daemon = arg;
	struct pen *pen;

	(void)what;
	log_info("%s: stopping pens, closing sessions", strsignal((int)sig));
	notify_stopping();
	daemon->stopping = true;
	daemon->stopping_ms = clock_boot_ms();
	LIST_FOREACH(pen, &daemon->pens, next)
		pen_event_kind(pen, SAFETY_EV_STOP);
	LIST_FOREACH(pen, &daemon->pens, next) {
		struct safety_event end = { .kind = SAFETY_EV_END,
					    .owner = pen->core.owner };

		if (pen_has_session(pen) && pen->core.owner)
			pen_event(pen, &end);
	}
	if (!daemon_sessions_open(daemon))
		event_base_loopbreak(daemon->base);
}

static void daemon_libevent_log(int severity, const char *text)
{
	if (severity >= EVENT_LOG_WARN)
		log_warning("libevent: %s", text);
	else
		log_debug("libevent: %s", text);
}

/* --- start-up ---------------------------------------------------------------- */

static void daemon_boot_id(struct mnpend *daemon)
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!f || !fgets(daemon->boot_id, sizeof(daemon->boot_id), f))
		daemon->boot_id[0] = '\0';
	if (f)
		fclose(f);
}

static int daemon_open_record(struct mnpend *daemon, const char *path)
{
	const struct recorder_hooks hooks = {
		.failed = hook_record_failed,
		.recovered = hook_record_recovered,
		.ctx = daemon,
	};
	char error[RECORD_ERROR_LEN];
	struct record_info info;
	int ret;

	daemon->record_path = path;
	ret = recorder_open(daemon->base, path, &hooks, &daemon->recorder,
			    &info, error);
	if (ret < 0) {
		log_error("record %s: %s", path, error);
		return ret;
	}
	log_info("record %s: %s, %lld rows", path,
		 info.created ? "created" : "intact", (long long)info.rows);
	if (info.migrated_from)
		log_info("record: tables brought from version %lld",
			 (long long)info.migrated_from);
	if (info.discarded_frames)
		log_warning("record: %lld pages of a write that a crash tore were discarded; nothing acknowledged was in them",
			    (long long)info.discarded_frames);
	if (info.interrupted)
		log_warning("record: %u session(s) had been interrupted; closed as such",
			    info.interrupted);
	recorder_append(daemon->recorder, RECORD_START, NULL,
			json_pack("{ssss}", "version", MNPEN_VERSION,
				  "catalogue", clinic_catalogue(daemon->clinic)),
			NULL);
	return 0;
}

/* A kernel without it is no reason not to guard pens; somebody is told. */
static void daemon_confine_files(const struct options *opt)
{
	const char *writable[3] = {
		opt->socket_dir ? opt->socket_dir : LISTEN_DIR,
		opt->backup_dir,
	};
	char record[PATH_MAX];
	int ret;

	snprintf(record, sizeof(record), "%s", opt->record);
	writable[2] = dirname(record);
	ret = landlock_confine(writable, 3);
	if (ret < 0)
		log_warning("files: not confined to those that are needed: %s",
			    ret == -EOPNOTSUPP ? "no Landlock in this kernel" :
						 strerror(-ret));
}

static void daemon_confine_calls(const struct options *opt)
{
	const struct seccomp_needs needs = { .reconnect = opt->syslog,
					     .tell = opt->verbose };
	int ret = seccomp_confine(&needs);

	if (ret < 0)
		log_warning("system calls: not confined to those that are needed: %s",
			    strerror(-ret));
}

/*
 * What was used once stays in memory: a stop must not wait for a page to come
 * back from a slow disk. Without the right to, go on; where the limit is too
 * low for all that is to come, threads and pages would be refused later.
 */
static void lock_memory(void)
{
	void *all = MAP_FAILED;

	if (!mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT))
		all = mmap(NULL, LOCKED_MAX, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);
	if (all == MAP_FAILED) {
		log_warning("memory cannot be locked: %s; LimitMEMLOCK=64M or ulimit -l 65536 helps",
			    strerror(errno));
		munlockall();
		return;
	}
	munmap(all, LOCKED_MAX);
}

static int daemon_open(struct mnpend *daemon, const struct options *opt)
{
	static struct varlink_service service = {
		.vendor = "mnpen",
		.product = "mnpend",
		.version = MNPEN_VERSION,
		.url = "https://example.invalid/mnpen",
		.interface = "io.mnpen.Pen",
		.methods = methods,
		.gone = methods_gone,
		.refused = methods_refused,
		.changed = methods_changed,
	};
	const struct hotplug_hooks hooks = {
		.added = hook_added,
		.removed = hook_removed,
		.ctx = daemon,
	};
	int ret;

	/* A mistake in a file does not keep the daemon from guarding pens. */
	daemon->clinic = clinic_open(opt->catalogues ? opt->catalogue : NULL,
				     opt->catalogues);
	daemon->why = why_new();
	daemon->monitor = monitor_new(daemon);
	if (!daemon->monitor || !daemon->clinic || !daemon->why)
		return -ENOMEM;
	service.description = mnpen_interface_text;
	service.ctx = daemon;
	daemon->server = varlink_server_new(daemon->base, &service);
	if (!daemon->server)
		return -errno;
	ret = listen_open(daemon->server, opt->socket_dir);
	if (ret < 0)
		return ret;
	/* Behind the last bind(2), before the record has a thread. */
	daemon_confine_files(opt);
	ret = daemon_open_record(daemon, opt->record);
	if (ret < 0)
		return ret;
	if (opt->raw_days)
		ret = raw_keeper_new(daemon->base, daemon->recorder,
				     opt->raw_days, &daemon->raw);
	if (ret < 0)
		return ret;
	daemon->tick = timer_new(daemon->base, daemon_tick, daemon);
	daemon->reload = event_new(daemon->base, -1, 0, daemon_reload, daemon);
	if (!daemon->tick || !daemon->reload)
		return -ENOMEM;
	ret = hotplug_open(daemon->base, &hooks, &daemon->hotplug);
	if (ret < 0)
		log_error("udev: cannot watch for pens: %s", strerror(-ret));
	else
		daemon_confine_calls(opt);
	/* Catalogue and filter needed more than they leave: locked, it stays. */
	malloc_trim(0);
	lock_memory();
	return ret;
}

/* Pens first: nothing may run without us. */
static void daemon_close(struct mnpend *daemon)
{
	struct pen *pen;

	hotplug_close(daemon->hotplug);
	while ((pen = LIST_FIRST(&daemon->pens)))
		pen_remove(pen);
	timer_free(daemon->tick);
	if (daemon->reload)
		event_free(daemon->reload);
	varlink_server_free(daemon->server);
	monitor_free(daemon->monitor);
	raw_keeper_free(daemon->raw);
	recorder_close(daemon->recorder);
	why_free(daemon->why);
	clinic_close(daemon->clinic);
}

static int daemon_run(struct mnpend *daemon)
{
	struct event *term, *interrupt, *hangup;
	struct timer *watchdog;
	uint32_t ms = (uint32_t)(notify_watchdog_ms() / 2);
	int ret = -ENOMEM;

	term = evsignal_new(daemon->base, SIGTERM, daemon_stop, daemon);
	interrupt = evsignal_new(daemon->base, SIGINT, daemon_stop, daemon);
	hangup = evsignal_new(daemon->base, SIGHUP, daemon_hangup, daemon);
	watchdog = timer_new(daemon->base, daemon_watchdog, daemon);
	if (term && interrupt && hangup && watchdog && !event_add(term, NULL) &&
	    !event_add(interrupt, NULL) && !event_add(hangup, NULL) &&
	    (!ms || !timer_every(watchdog, ms))) {
		notify_ready();
		log_info("ready");
		ret = event_base_dispatch(daemon->base) < 0 ? -EIO : 0;
	}
	if (term)
		event_free(term);
	if (interrupt)
		event_free(interrupt);
	if (hangup)
		event_free(hangup);
	timer_free(watchdog);
	return ret;
}

static void usage(FILE *out)
{
	fputs("Usage: mnpend [OPTION]...\n"
	      "Finds microneedling pens, guards sessions, keeps the record.\n\n"
	      "  -b, --backup-dir=DIR   backups may go there, too (else only beside\n"
	      "                         the record)\n"
	      "  -c, --catalogue=DIR    read it from there; again: changes to it\n"
	      "                         (default " MNPEND_CATALOGUE "\n"
	      "                         and " CLINIC_CATALOGUE ")\n"
	      "  -r, --record=FILE      the record (default " RECORD_PATH ")\n"
	      "      --raw-telemetry=DAYS\n"
	      "                         keep every record of a run, so long\n"
	      "      --set-aside-record rename the record that is there and exit;\n"
	      "                         the next start makes a new one\n"
	      "  -s, --socket-dir=DIR   bind observe, operate and admin there\n"
	      "                         (default: sockets passed in, else " LISTEN_DIR ")\n"
	      "  -l, --syslog           log there, not to standard error\n"
	      "  -v, --verbose          say more\n"
	      "  -V, --version\n"
	      "  -h, --help\n",
	      out);
}

/* 0: not so many days. */
static unsigned long days_of(const char *text)
{
	unsigned long days = 0;

	if (strlen(text) == strspn(text, "0123456789"))
		days = strtoul(text, NULL, 10);
	return days <= RAW_DAYS_MAX ? days : 0;
}

static int parse(int argc, char **argv, struct options *opt)
{
	static const struct option longs[] = {
		{ "backup-dir", required_argument, NULL, 'b' },
		{ "catalogue", required_argument, NULL, 'c' },
		{ "record", required_argument, NULL, 'r' },
		{ "raw-telemetry", required_argument, NULL, 'w' },
		{ "set-aside-record", no_argument, NULL, 'a' },
		{ "socket-dir", required_argument, NULL, 's' },
		{ "syslog", no_argument, NULL, 'l' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "b:c:r:s:lvVh", longs, NULL)) != -1) {
		if (c == 'c' && opt->catalogues < CLINIC_DIRS_MAX)
			opt->catalogue[opt->catalogues++] = optarg;
		else if (c == 'r')
			opt->record = optarg;
		else if (c == 'w' && days_of(optarg))
			opt->raw_days = days_of(optarg);
		else if (c == 'a')
			opt->set_aside = true;
		else if (c == 'b')
			opt->backup_dir = optarg;
		else if (c == 'l')
			opt->syslog = true;
		else if (c == 's')
			opt->socket_dir = optarg;
		else if (c == 'v')
			opt->verbose = true;
		else if (c == 'V')
			return puts("mnpend " MNPEN_VERSION) < 0 ? -1 : 1;
		else if (c == 'h')
			return usage(stdout), 1;
		else
			return usage(stderr), -1;
	}
	if (optind < argc) {
		fprintf(stderr, "mnpend: unexpected argument: %s\n",
			argv[optind]);
		return -1;
	}
	return 0;
}

/* A damaged record is kept; that it goes out of the way is an admin's word. */
static int set_aside(const char *path)
{
	char name[PATH_MAX];
	int ret = record_set_aside(path, name, sizeof(name));

	if (ret) {
		fprintf(stderr, "mnpend: %s was not set aside: %s\n", path,
			ret == -EBUSY ? "stop the daemon first"
				      : strerror(-ret));
		return 1;
	}
	printf("%s is now %s\n", path, name);
	return 0;
}

int main(int argc, char **argv)
{
	struct options opt = { .record = RECORD_PATH };
	struct mnpend daemon = { 0 };
	int ret = parse(argc, argv, &opt);

	if (ret)
		return ret < 0 ? 2 : 0;
	if (opt.set_aside)
		return set_aside(opt.record);
	signal(SIGPIPE, SIG_IGN);
	log_set_verbose(opt.verbose);
	ret = opt.syslog ? log_to_syslog() : 0;
	if (ret < 0)
		log_warning("syslog: %s", strerror(-ret));
	notify_open();
	event_set_log_callback(daemon_libevent_log);
	LIST_INIT(&daemon.pens);
	safety_config_default(&daemon.config);
	daemon_boot_id(&daemon);
	daemon.base = event_base_new();
	if (!daemon.base) {
		log_error("cannot set up the event loop");
		return 1;
	}
	ret = daemon_open(&daemon, &opt);
	if (ret == 0)
		ret = daemon_run(&daemon);
	daemon_close(&daemon);
	event_base_free(daemon.base);
	notify_close();
	log_info("stopped");
	return ret < 0 ? 1 : 0;
}
