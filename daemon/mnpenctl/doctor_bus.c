// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor: is a pen on the bus, and does the driver have it? */
#include "daemon/mnpenctl/doctor.h"

#include "daemon/mnpenctl/first_line.h"

#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A line of an attribute in the directory of a device. */
static bool attribute(const char *directory, const char *name, char *out,
		      size_t size)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/%s", directory, name) <
		       (int)sizeof(path) &&
	       first_line(path, out, size);
}

/* What a pen's interface says of itself; the protocol may be a newer one. */
static bool is_pen(const char *interface)
{
	char class[8], subclass[8];

	return attribute(interface, "bInterfaceClass", class, sizeof(class)) &&
	       attribute(interface, "bInterfaceSubClass", subclass,
			 sizeof(subclass)) &&
	       !strcmp(class, "ff") && !strcmp(subclass, "4d");
}

static void without_driver(struct doctor *d, const char *interface)
{
	char vendor[16] = "?", product[16] = "?", id[64], device[PATH_MAX];
	char *colon;

	/* 1-1.2:1.0 is of the device 1-1.2, beside it. */
	snprintf(device, sizeof(device), "%s", interface);
	colon = strrchr(device, ':');
	if (colon)
		*colon = '\0';
	attribute(device, "idVendor", vendor, sizeof(vendor));
	attribute(device, "idProduct", product, sizeof(product));
	snprintf(id, sizeof(id), "%s %s", vendor, product);
	doctor_find(d, "pen-no-driver", id, id);
}

static void with_driver(struct doctor *d, const char *interface,
			const char *driver)
{
	const char *name = strrchr(interface, '/') + 1;
	char path[PATH_MAX];
	glob_t g;

	if (strcmp(driver, "mnpen")) {
		doctor_find(d, "pen-other-driver", driver, name);
		return;
	}
	if (snprintf(path, sizeof(path), "%s/mnpen/mnpen*", interface) >=
		    (int)sizeof(path) || glob(path, 0, NULL, &g)) {
		doctor_find(d, "pen-no-node", name, NULL);
		return;
	}
	globfree(&g);
}

static void look_at_interface(struct doctor *d, const char *interface)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t n;

	if (snprintf(path, sizeof(path), "%s/driver", interface) >=
	    (int)sizeof(path))
		return;
	n = readlink(path, target, sizeof(target) - 1);
	if (n <= 0) {
		without_driver(d, interface);
		return;
	}
	target[n] = '\0';
	with_driver(d, interface,
		    strrchr(target, '/') ? strrchr(target, '/') + 1 : target);
}

/* The driver's side of a pen: its node, and whether it may run. */
static void look_at_node(struct doctor *d, const char *directory)
{
	const char *name = strrchr(directory, '/') + 1;
	char serial[64] = "?", state[32] = "", path[PATH_MAX], node[80];
	long gid = doctor_group(d, "mnpen", NULL, 0);
	struct stat st;

	d->nodes++;
	attribute(directory, "serial", serial, sizeof(serial));
	attribute(directory, "state", state, sizeof(state));
	snprintf(node, sizeof(node), "/dev/%.60s", name);
	doctor_find(d, strcmp(state, "limp") ? "pen-bound" : "pen-limp",
		    serial, NULL);
	if (gid >= 0 && !stat(doctor_path(d, path, "%s", node), &st) &&
	    ((long)st.st_gid != gid || !(st.st_mode & S_IWGRP)))
		doctor_find(d, "node-not-mnpend", node, NULL);
}

void doctor_bus(struct doctor *d)
{
	char pattern[PATH_MAX];
	bool any = false;
	glob_t g;
	size_t i;

	doctor_path(d, pattern, "/sys/bus/usb/devices/*:*");
	if (!glob(pattern, 0, NULL, &g)) {
		for (i = 0; i < g.gl_pathc; i++) {
			if (!is_pen(g.gl_pathv[i]))
				continue;
			any = true;
			look_at_interface(d, g.gl_pathv[i]);
		}
		globfree(&g);
	}
	doctor_path(d, pattern, "/sys/class/mnpen/*");
	if (!glob(pattern, 0, NULL, &g)) {
		for (i = 0; i < g.gl_pathc; i++)
			look_at_node(d, g.gl_pathv[i]);
		globfree(&g);
	}
	if (!any && !d->nodes)
		doctor_find(d, "pen-absent", NULL, NULL);
}
