// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Watching pens in a loop of one's own, here poll(): what is told is true until
 * a gap says that it is old. cc example-watch.c $(pkg-config --cflags --libs libmnpen)
 */
#include "libmnpen.h"
#include <poll.h>
#include <stdio.h>

static void told(const struct mnpen_monitor_event *event, void *ctx)
{
	(void)ctx;
	if (event->kind == MNPEN_MONITOR_GAP)
		printf("gap %u: what was shown is old\n", event->gaps);
	else
		printf("%s %s\n", event->kind == MNPEN_MONITOR_SNAPSHOT ?
					  "all" : "news", event->parameters);
	fflush(stdout);
}

int main(void)
{
	struct mnpen_monitor *monitor;

	if (mnpen_monitor_open(NULL, MNPEN_ANY, NULL, told, NULL, &monitor))
		return 1;
	for (;;) {
		struct pollfd fd = { mnpen_monitor_get_fd(monitor),
				     mnpen_monitor_get_events(monitor), 0 };

		poll(&fd, 1, mnpen_monitor_get_timeout(monitor));
		mnpen_monitor_process(monitor);
	}
}
