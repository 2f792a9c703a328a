// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The one place where a session waits. Heartbeats leave from here and from
 * nowhere else: a mnpenctl that hangs elsewhere is silent, and the pen stops.
 */
#include "daemon/mnpenctl/session.h"
#include "daemon/mnpenctl/now.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

int session_catch_signals(struct session *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signals < 0)
		return explain(s->ctl, EXIT_REMOTE, "System",
			       _("cannot watch for signals: %m"));
	return EXIT_DONE;
}

static int sooner(int a, int b)
{
	if (a < 0)
		return b;
	return b < 0 || a < b ? a : b;
}

static int turn_timeout(const struct session *s, int max_ms)
{
	int64_t beat = s->beat_at_ms - now_ms();

	if (s->beating)
		max_ms = sooner(max_ms, beat > 0 ? (int)beat : 0);
	if (!s->lost)
		max_ms = sooner(max_ms, mnpen_get_timeout(s->client));
	if (s->monitor)
		max_ms = sooner(max_ms, mnpen_monitor_get_timeout(s->monitor));
	return max_ms;
}

static void turn_beat(struct session *s)
{
	int64_t now = now_ms();

	if (!s->beating || s->lost || now < s->beat_at_ms)
		return;
	s->beat_at_ms = now + (s->running ? s->beat_ms : SESSION_IDLE_BEAT_MS);
	mnpen_control_heartbeat(s->client, s->pen);
}

static void turn_signals(struct session *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == sizeof(info))
		s->signal = (int)info.ssi_signo;
}

bool session_turn(struct session *s, int max_ms)
{
	struct pollfd fds[4] = {
		{ .fd = mnpen_get_fd(s->client),
		  .events = mnpen_get_events(s->client) },
		{ .fd = s->signals, .events = POLLIN },
		{ .fd = s->asks ? STDIN_FILENO : -1, .events = POLLIN },
		{ .fd = s->monitor ? mnpen_monitor_get_fd(s->monitor) : -1,
		  .events = POLLIN },
	};
	int r;

	if (s->monitor)
		fds[3].events = mnpen_monitor_get_events(s->monitor);
	r = poll(fds, 4, turn_timeout(s, max_ms));
	turn_signals(s);
	turn_beat(s);
	if (!s->lost) {
		int error = mnpen_process(s->client);

		if (error < 0)
			s->lost = error;
	}
	if (s->monitor)
		mnpen_monitor_process(s->monitor);
	return r > 0 && fds[2].revents;
}

int session_watch(struct session *s)
{
	int64_t until = now_ms() + SESSION_BLIND_MS;

	if (mnpen_monitor_open(NULL, MNPEN_ANY, s->pen, run_told, s,
			       &s->monitor) < 0)
		return explain(s->ctl, EXIT_REMOTE, "System",
			       _("out of memory"));
	while (!s->snapshot && !s->lost && !s->signal &&
	       now_ms() < until)
		session_turn(s, 100);
	if (!s->snapshot)
		return explain(s->ctl, EXIT_CONNECT, "NoLiveData",
			       _("no live data from mnpend; nothing was started"));
	return EXIT_DONE;
}
