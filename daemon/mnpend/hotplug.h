/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds pens: the monitor is listening before the first enumeration, so that
 * no pen falls between the two. A pen is reported once per appearance. No
 * udevd is needed; where there is one it may be slower than we are.
 */
#ifndef MNPEND_HOTPLUG_H
#define MNPEND_HOTPLUG_H

#include <event2/event.h>

struct hotplug;

struct hotplug_hooks {
	/*
	 * 0, or negative errno: -EACCES, -ENODEV, -ENOENT, -EBUSY and
	 * -ETIMEDOUT are tried again with growing distance (udev may not have
	 * set the mode yet).
	 */
	int (*added)(const char *syspath, const char *node, void *ctx);
	void (*removed)(const char *syspath, void *ctx);
	void *ctx;
};

/* Negative errno on failure. hooks is copied; added() may run before it returns. */
int hotplug_open(struct event_base *base, const struct hotplug_hooks *hooks,
		 struct hotplug **out);
void hotplug_close(struct hotplug *hp);

#endif /* MNPEND_HOTPLUG_H */
