// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpentop: a pen at a glance, and a big key to stop it. */
#include "daemon/mnpentop/top.h"

#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STOP_MS		1000	/* for each socket that is tried */
#define LATENCY_TICKS	10	/* between two looks at the driver's figures */

static struct top top;

struct options {
	bool csv, help;
	const char *replay, *root, *pen;
	long speed;		/* of a replay; 0: as fast as it goes */
};

struct loop {
	const struct options *o;
	struct mnpen_monitor *monitor;	/* NULL in a replay */
	struct replay *replay;		/* NULL live */
	int64_t began_ms, next_tick_ms, ticks;
	int64_t replay_ms;
	bool quit;
};

static volatile sig_atomic_t killed;

static void on_signal(int number)
{
	(void)number;
	killed = 1;
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t now_ms(void)
{
	return now_us() / 1000;
}

static int usage(FILE *to)
{
	fputs("usage: mnpentop [--csv] [--replay FILE [--speed N]] [--socket-dir DIR] [PEN]\n",
	      to);
	fputs(_("Shows one pen live; space stops every pen. See man mnpentop.\n"),
	      to);
	return to == stdout ? 0 : 2;
}

/* ---- keys ----------------------------------------------------------------- */

/*
 * Through any socket that opens, every pen: who hits the bar in fright does
 * not choose. It is done before anything else, whatever is on the screen.
 */
static void stop_all(int64_t shown_now_ms)
{
	struct mnpen_error error = { 0 };
	int64_t begin = now_us();
	char *stopped = NULL;
	json_t *reply;
	size_t pens;
	int r = mnpen_stop_all(NULL, STOP_MS, &stopped, &error);

	if (r < 0) {
		top.alarm_notice = true;
		snprintf(top.notice, sizeof(top.notice),
			 _("STOP NOT CONFIRMED (%s): pull the cable; without mnpend a pen stops by itself"),
			 r == -EREMOTEIO ? error.name : strerror(-r));
	} else {
		latency_add(&top, (uint32_t)(now_us() - begin));
		reply = json_loads(stopped, 0, NULL);
		pens = json_array_size(json_object_get(reply, "stopped"));
		top.alarm_notice = false;
		if (pens)
			snprintf(top.notice, sizeof(top.notice),
				 _("STOP sent to %zu pen(s), answered after %lld us"),
				 pens, (long long)(now_us() - begin));
		else
			snprintf(top.notice, sizeof(top.notice), "%s",
				 _("STOP sent; no pen is plugged in"));
		json_decref(reply);
	}
	top.notice_ms = shown_now_ms;
	free(stopped);
	mnpen_error_clear(&error);
}

static void take_key(struct loop *l, int key)
{
	switch (key) {
	case ' ':
		stop_all(l->replay ? l->replay_ms : now_ms());
		break;
	case 'n':
		if (top.n_pens)
			top.shown = (top.shown + 1) % top.n_pens;
		break;
	case 'p':
		top.paused = !top.paused;
		break;
	case 'q':
	case 3: /* Ctrl-C, where the terminal sends it as a key */
		l->quit = true;
		break;
	}
}

/* ---- live ----------------------------------------------------------------- */

static void told(const struct mnpen_monitor_event *e, void *ctx)
{
	json_t *update;

	(void)ctx;
	if (e->kind == MNPEN_MONITOR_GAP) {
		feed_gap(&top,
			 e->remote ? e->remote->name : strerror(-e->error),
			 now_ms());
		feed_event(&top, "", _("connection to mnpend lost"));
		return;
	}
	update = json_loads(e->parameters, 0, NULL);
	if (e->kind == MNPEN_MONITOR_SNAPSHOT && e->gaps)
		feed_event(&top, "", e->restarted ?
			   _("connected again; mnpend was restarted") :
			   _("connected again"));
	feed_update(&top, update, now_ms());
	json_decref(update);
}

/* ---- the loop ------------------------------------------------------------- */

static int64_t shown_ms(const struct loop *l)
{
	return l->replay ? l->replay_ms : now_ms();
}

static void tick(struct loop *l)
{
	if (l->replay && !top.paused && !top.replay_ended) {
		l->replay_ms += TOP_TICK_MS;
		top.replay_ended = !replay_until(l->replay, &top, l->replay_ms);
		feed_tick(&top, l->replay_ms);
	} else if (!l->replay) {
		feed_tick(&top, now_ms());
	}
	if (!l->replay && l->ticks++ % LATENCY_TICKS == 0)
		latency_read(&top, l->o->root);
	if (!top.paused || l->replay)
		screen_draw(&top, shown_ms(l));
}

static int tick_every(const struct loop *l)
{
	if (l->replay && l->o->speed)
		return (int)(TOP_TICK_MS / l->o->speed);
	return TOP_TICK_MS;
}

/* Without a pace: all of it at once, and the last picture stays. */
static void rush(struct loop *l)
{
	while (!top.replay_ended) {
		l->replay_ms += TOP_TICK_MS;
		top.replay_ended = !replay_until(l->replay, &top, l->replay_ms);
		feed_tick(&top, l->replay_ms);
	}
}

static int wait_ms(const struct loop *l)
{
	int64_t left = l->next_tick_ms - now_ms();
	int monitor = l->monitor ? mnpen_monitor_get_timeout(l->monitor) : -1;

	if (left < 0)
		left = 0;
	return monitor >= 0 && monitor < left ? monitor : (int)left;
}

static void run(struct loop *l)
{
	int key;

	l->next_tick_ms = now_ms();
	while (!l->quit && !killed) {
		struct pollfd fd[2] = { { .fd = STDIN_FILENO,
					  .events = POLLIN },
					{ .fd = -1 } };

		if (l->monitor) {
			fd[1].fd = mnpen_monitor_get_fd(l->monitor);
			fd[1].events = mnpen_monitor_get_events(l->monitor);
		}
		poll(fd, 2, wait_ms(l));
		/* Keys first: nothing may come before a STOP. */
		while ((key = getch()) != ERR) {
			take_key(l, key);
			l->next_tick_ms = 0;
		}
		if (fd[0].revents & (POLLHUP | POLLERR))
			l->quit = true;
		if (l->monitor)
			mnpen_monitor_process(l->monitor);
		if (now_ms() >= l->next_tick_ms) {
			tick(l);
			l->next_tick_ms = now_ms() + tick_every(l);
		}
	}
}

static int show(const struct options *o, struct replay *replay)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct loop l = { .o = o, .replay = replay };

	top.replay = o->replay ? basename(o->replay) : NULL;
	if (!replay && mnpen_monitor_open(NULL, MNPEN_ANY, o->pen, told, NULL,
					  &l.monitor) < 0) {
		fprintf(stderr, "mnpentop: %s\n", _("not the name of a pen"));
		return 2;
	}
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	if (screen_begin()) {
		fprintf(stderr, "mnpentop: %s\n",
			_("it takes a terminal that can be drawn on, and TERM set to its kind; without one: mnpentop --csv, or mnpenctl monitor"));
		mnpen_monitor_close(l.monitor);
		return 1;
	}
	top.gap_ms = now_ms();
	if (replay && !o->speed)
		rush(&l);
	run(&l);
	screen_end();
	mnpen_monitor_close(l.monitor);
	return 0;
}

static bool take_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "csv", no_argument, NULL, 'c' },
		{ "replay", required_argument, NULL, 'r' },
		{ "speed", required_argument, NULL, 's' },
		{ "root", required_argument, NULL, 'R' },
		{ "socket-dir", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	char *end = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (option == 'c')
			o->csv = true;
		else if (option == 'r')
			o->replay = optarg;
		else if (option == 'h')
			o->help = true;
		else if (option == 'R')
			o->root = optarg;
		else if (option == 'd')
			setenv("MNPEN_SOCKET_DIR", optarg, 1);
		else if (option != 's')
			return false;
		else
			o->speed = strtol(optarg, &end, 10);
	}
	if ((end && *end) || o->speed < 0 || o->speed > 100)
		return false;
	if (optind < argc)
		o->pen = argv[optind++];
	return optind == argc && !(o->replay && o->pen);
}

int main(int argc, char **argv)
{
	struct options o = { .root = "", .speed = 1 };
	struct replay *replay = NULL;
	int r;

	signal(SIGPIPE, SIG_IGN);
	/* Translations are UTF-8; where that cannot be shown it is English. */
	setlocale(LC_CTYPE, "");
	if (!strcmp(nl_langinfo(CODESET), "UTF-8"))
		i18n_begin();
	if (!take_options(argc, argv, &o))
		return usage(stderr);
	if (o.help)
		return usage(stdout);
	if (o.replay) {
		replay = replay_open(o.replay);
		if (!replay)
			return 1;
	}
	if (!o.csv)
		r = show(&o, replay);
	else
		r = replay ? replay_to_csv(replay) : csv_live(o.pen);
	replay_close(replay);
	return r;
}
