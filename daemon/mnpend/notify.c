// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/notify.h"

#ifdef HAVE_SYSTEMD

#include <stdlib.h>
#include <systemd/sd-daemon.h>

void notify_ready(void)
{
	sd_notify(0, "READY=1\nSTATUS=Serving.");
}

void notify_stopping(void)
{
	sd_notify(0, "STOPPING=1\nSTATUS=Stopping pens, closing sessions.");
}

void notify_watchdog(void)
{
	sd_notify(0, "WATCHDOG=1");
}

uint64_t notify_watchdog_ms(void)
{
	uint64_t us = 0;

	return sd_watchdog_enabled(0, &us) > 0 ? us / 1000 : 0;
}

int notify_sockets(int (*fn)(int fd, const char *name, void *ctx), void *ctx)
{
	char **names = NULL;
	int i, ret, n = sd_listen_fds_with_names(1, &names);

	for (i = 0, ret = 0; i < n; i++) {
		if (ret == 0)
			ret = fn(SD_LISTEN_FDS_START + i, names[i], ctx);
		free(names[i]);
	}
	free(names);
	return ret < 0 ? ret : n;
}

#else

void notify_ready(void)
{
}

void notify_stopping(void)
{
}

void notify_watchdog(void)
{
}

uint64_t notify_watchdog_ms(void)
{
	return 0;
}

int notify_sockets(int (*fn)(int fd, const char *name, void *ctx), void *ctx)
{
	(void)fn;
	(void)ctx;
	return 0;
}

#endif
