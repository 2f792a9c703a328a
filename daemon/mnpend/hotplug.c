// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/hotplug.h"

#include "daemon/mnpend/log.h"

#include <errno.h>
#include <libudev.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define HOTPLUG_SUBSYSTEM	"mnpen"
#define HOTPLUG_RETRY_FIRST_MS	20
#define HOTPLUG_RETRY_MAX_MS	2000
#define HOTPLUG_RETRIES		16	/* about 20 s in all */

/* A pen that udev knows. */
struct known {
	LIST_ENTRY(known) next;
	struct hotplug *hp;
	char *syspath, *node;
	struct event *retry;
	unsigned int tries;
	bool up;		/* added() succeeded */
};

struct hotplug {
	struct event_base *base;
	struct hotplug_hooks hooks;
	struct udev *udev;
	struct udev_monitor *monitor;
	struct event *readable;
	LIST_HEAD(, known) known;
};

static void known_free(struct known *k)
{
	LIST_REMOVE(k, next);
	if (k->retry)
		event_free(k->retry);
	free(k->syspath);
	free(k->node);
	free(k);
}

static bool hotplug_worth_retry(int error)
{
	return error == -EACCES || error == -EPERM || error == -ENODEV ||
	       error == -ENOENT || error == -ENXIO || error == -EBUSY ||
	       error == -ETIMEDOUT;
}

static void known_try(struct known *k)
{
	unsigned int shift = k->tries < 7 ? k->tries : 7;
	unsigned int wait_ms = HOTPLUG_RETRY_FIRST_MS << shift;
	struct timeval wait;
	int ret = k->hp->hooks.added(k->syspath, k->node, k->hp->hooks.ctx);

	k->up = ret == 0;
	if (k->up)
		return;
	if (!hotplug_worth_retry(ret) || ++k->tries > HOTPLUG_RETRIES) {
		log_error("%s: given up: %s", k->node, strerror(-ret));
		return;
	}
	if (k->tries == 4)
		log_warning("%s: %s; still trying (is this user in the group of the node?)",
			    k->node, strerror(-ret));
	if (wait_ms > HOTPLUG_RETRY_MAX_MS)
		wait_ms = HOTPLUG_RETRY_MAX_MS;
	wait.tv_sec = wait_ms / 1000;
	wait.tv_usec = (wait_ms % 1000) * 1000;
	event_add(k->retry, &wait);
}

static void known_retry(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	known_try(arg);
}

static struct known *hotplug_find(struct hotplug *hp, const char *syspath)
{
	struct known *k;

	LIST_FOREACH(k, &hp->known, next)
		if (strcmp(k->syspath, syspath) == 0)
			return k;
	return NULL;
}

static void hotplug_remove(struct hotplug *hp, const char *syspath)
{
	struct known *k = hotplug_find(hp, syspath);

	if (!k)
		return;
	if (k->up)
		hp->hooks.removed(syspath, hp->hooks.ctx);
	known_free(k);
}

/* The monitor and the enumeration may both report it: once is enough. */
static void hotplug_add(struct hotplug *hp, struct udev_device *dev)
{
	const char *syspath = udev_device_get_syspath(dev);
	const char *node = udev_device_get_devnode(dev);
	struct known *k;

	if (!syspath || !node || hotplug_find(hp, syspath))
		return;
	k = calloc(1, sizeof(*k));
	if (!k)
		goto oom;
	k->hp = hp;
	LIST_INSERT_HEAD(&hp->known, k, next);
	k->syspath = strdup(syspath);
	k->node = strdup(node);
	k->retry = event_new(hp->base, -1, 0, known_retry, k);
	if (!k->syspath || !k->node || !k->retry) {
		known_free(k);
		goto oom;
	}
	known_try(k);
	return;
oom:
	log_error("%s: out of memory, pen ignored", node);
}

static void hotplug_enumerate(struct hotplug *hp)
{
	struct udev_enumerate *list = udev_enumerate_new(hp->udev);
	struct udev_list_entry *entry;

	if (!list)
		return;
	udev_enumerate_add_match_subsystem(list, HOTPLUG_SUBSYSTEM);
	udev_enumerate_scan_devices(list);
	udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(list)) {
		struct udev_device *dev = udev_device_new_from_syspath(
			hp->udev, udev_list_entry_get_name(entry));

		if (dev)
			hotplug_add(hp, dev);
		udev_device_unref(dev);
	}
	udev_enumerate_unref(list);
}

/* Events were lost: whatever is known but no longer there is gone. */
static void hotplug_rescan(struct hotplug *hp)
{
	struct known *k = LIST_FIRST(&hp->known);

	log_warning("udev: events lost, scanning again");
	while (k) {
		struct known *next = LIST_NEXT(k, next);
		struct udev_device *dev =
			udev_device_new_from_syspath(hp->udev, k->syspath);

		if (!dev)
			hotplug_remove(hp, k->syspath);
		udev_device_unref(dev);
		k = next;
	}
	hotplug_enumerate(hp);
}

static void hotplug_readable(evutil_socket_t fd, short what, void *arg)
{
	struct hotplug *hp = arg;
	struct udev_device *dev;
	const char *action;

	(void)fd;
	(void)what;
	errno = 0;
	while ((dev = udev_monitor_receive_device(hp->monitor))) {
		action = udev_device_get_action(dev);
		if (action && strcmp(action, "remove") == 0)
			hotplug_remove(hp, udev_device_get_syspath(dev));
		else if (action && strcmp(action, "add") == 0)
			hotplug_add(hp, dev);
		udev_device_unref(dev);
		errno = 0;
	}
	if (errno == ENOBUFS)
		hotplug_rescan(hp);
}

int hotplug_open(struct event_base *base, const struct hotplug_hooks *hooks,
		 struct hotplug **out)
{
	struct hotplug *hp = calloc(1, sizeof(*hp));
	int ret = -ENOMEM;

	if (!hp)
		return ret;
	LIST_INIT(&hp->known);
	hp->base = base;
	hp->hooks = *hooks;
	hp->udev = udev_new();
	if (!hp->udev)
		goto fail;
	ret = -EIO;
	/*
	 * What the kernel says, not what udevd passes on: that does not reach
	 * a service without a network (PrivateNetwork=), and a small system
	 * has no udevd. A node that is not yet ours is tried again.
	 */
	hp->monitor = udev_monitor_new_from_netlink(hp->udev, "kernel");
	if (!hp->monitor)
		goto fail;
	ret = udev_monitor_filter_add_match_subsystem_devtype(
		hp->monitor, HOTPLUG_SUBSYSTEM, NULL);
	if (ret < 0)
		goto fail;
	ret = udev_monitor_enable_receiving(hp->monitor);
	if (ret < 0)
		goto fail;
	ret = -ENOMEM;
	hp->readable = event_new(base, udev_monitor_get_fd(hp->monitor),
				 EV_READ | EV_PERSIST, hotplug_readable, hp);
	if (!hp->readable || event_add(hp->readable, NULL))
		goto fail;
	*out = hp;
	hotplug_enumerate(hp);
	return 0;
fail:
	hotplug_close(hp);
	return ret;
}

void hotplug_close(struct hotplug *hp)
{
	struct known *k;

	if (!hp)
		return;
	while ((k = LIST_FIRST(&hp->known)))
		known_free(k);
	if (hp->readable)
		event_free(hp->readable);
	udev_monitor_unref(hp->monitor);
	udev_unref(hp->udev);
	free(hp);
}
