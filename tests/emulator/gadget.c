// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/gadget.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/proto.h"

#define CONFIGFS	"/sys/kernel/config"
#define GADGETS		CONFIGFS "/usb_gadget"
#define RUN_DIR		"/run/mnpen-emulator"
#define CONFIG		"configs/c.1"
#define LANGUAGE	"strings/0x409"

/* Joins base and a printf-like rest; too long is cut and fails later. */
__attribute__((format(printf, 4, 5)))
static const char *join(char *buf, size_t size, const char *base,
			const char *format, ...)
{
	size_t used = (size_t)snprintf(buf, size, "%s/", base);
	va_list ap;

	if (used >= size)
		return buf;
	va_start(ap, format);
	vsnprintf(buf + used, size - used, format, ap);
	va_end(ap);
	return buf;
}

static int write_file(const struct gadget *g, const char *file,
		      const char *text)
{
	char path[PATH_MAX];
	int fd = open(join(path, sizeof(path), g->dir, "%s", file),
		      O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int make_dir(const struct gadget *g, const char *dir)
{
	char path[PATH_MAX];

	return mkdir(join(path, sizeof(path), g->dir, "%s", dir), 0755) ?
	       -errno : 0;
}

static void remove_dir(const struct gadget *g, const char *dir)
{
	char path[PATH_MAX];

	rmdir(join(path, sizeof(path), g->dir, "%s", dir));
}

int gadget_find_udc(char *udc, size_t size, const char *want)
{
	DIR *dir = opendir("/sys/class/udc");
	struct dirent *entry;
	int err = -ENODEV;

	/* The first by name: the directory has no order of its own. */
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    (want && strcmp(want, entry->d_name)) ||
		    (!err && strcmp(entry->d_name, udc) > 0))
			continue;
		snprintf(udc, size, "%.63s", entry->d_name);
		err = 0;
	}
	if (dir)
		closedir(dir);
	if (err && want)
		fprintf(stderr, "mnpen-emulator: no UDC \"%s\"; ls "
			"/sys/class/udc shows those there are\n", want);
	else if (err)
		fprintf(stderr, "mnpen-emulator: no USB device controller; "
			"modprobe dummy_hcd makes one, or use --transport "
			"usbip\n");
	return err;
}

static int mount_configfs(struct gadget *g)
{
	if (!access(GADGETS, F_OK))
		return 0;
	g->mounted_configfs = !mount("none", CONFIGFS, "configfs", 0, NULL);
	if (!access(GADGETS, F_OK))
		return 0;
	fprintf(stderr, "mnpen-emulator: %s is not there; run as root after "
		"modprobe usb_f_fs\n", GADGETS);
	return -ENOENT;
}

static int fill(const struct gadget *g, const struct gadget_options *o)
{
	char id[16], function[128], link[PATH_MAX], target[PATH_MAX];
	int err;

	snprintf(function, sizeof(function), "functions/ffs.%s", g->name);
	err = make_dir(g, LANGUAGE);
	if (!err)
		err = write_file(g, LANGUAGE "/serialnumber", o->usb_serial);
	if (!err)
		err = write_file(g, LANGUAGE "/manufacturer", "mnpen");
	if (!err)
		err = write_file(g, LANGUAGE "/product", o->product);
	snprintf(id, sizeof(id), "0x%04x", MNP_TEST_VID);
	if (!err)
		err = write_file(g, "idVendor", id);
	snprintf(id, sizeof(id), "0x%04x", MNP_TEST_PID);
	if (!err)
		err = write_file(g, "idProduct", id);
	if (!err)
		err = write_file(g, "bcdUSB", "0x0200");
	if (!err)
		err = make_dir(g, CONFIG);
	if (!err)
		err = write_file(g, CONFIG "/bmAttributes", "0xc0");
	if (!err)
		err = make_dir(g, function);
	if (err)
		return err;
	join(target, sizeof(target), g->dir, "%s", function);
	join(link, sizeof(link), g->dir, CONFIG "/%s", function + 10);
	return symlink(target, link) ? -errno : 0;
}

static int mount_functions(const struct gadget *g)
{
	if (mkdir(g->mount, 0755) && errno != EEXIST)
		return -errno;
	return mount(g->name, g->mount, "functionfs", 0, NULL) ? -errno : 0;
}

/* Held as long as the gadget: what a killed run left may be taken down. */
static int lock(struct gadget *g)
{
	char path[PATH_MAX];

	if (mkdir(RUN_DIR, 0755) && errno != EEXIST)
		return -errno;
	g->lock = open(join(path, sizeof(path), RUN_DIR, "%s.lock", g->name),
		       O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (g->lock < 0)
		return -errno;
	return flock(g->lock, LOCK_EX | LOCK_NB) ? -errno : 0;
}

static int lock_or_explain(struct gadget *g)
{
	int err = lock(g);

	if (err == -EWOULDBLOCK)
		fprintf(stderr, "mnpen-emulator: a software pen %s runs "
			"already; end it or choose another --serial\n",
			g->name);
	else if (err)
		fprintf(stderr, "mnpen-emulator: cannot write to " RUN_DIR
			": %s; run as root\n", strerror(-err));
	return err;
}

static void clean_up(struct gadget *g);

static void let_go(struct gadget *g)
{
	if (g->lock >= 0)
		close(g->lock);
	g->lock = -1;
	if (g->mounted_configfs)
		umount(CONFIGFS);
	g->mounted_configfs = false;
}

static int create(struct gadget *g, const struct gadget_options *options)
{
	int err = lock_or_explain(g);

	if (err)
		return err;
	err = mount_configfs(g);
	if (err)
		return err;
	clean_up(g);
	if (mkdir(g->dir, 0755)) {
		err = -errno;
	} else {
		err = fill(g, options);
		if (!err)
			err = mount_functions(g);
	}
	if (!err)
		return 0;
	fprintf(stderr, "mnpen-emulator: cannot build gadget %s: %s; modprobe "
		"usb_f_fs may help\n", g->dir, strerror(-err));
	clean_up(g);
	return err;
}

int gadget_create(struct gadget *g, const struct gadget_options *options)
{
	int err;

	g->lock = -1;
	g->mounted_configfs = false;
	snprintf(g->name, sizeof(g->name), "mnpen-%.31s", options->serial);
	snprintf(g->dir, sizeof(g->dir), GADGETS "/%s", g->name);
	snprintf(g->mount, sizeof(g->mount), RUN_DIR "/%s", g->name);
	err = gadget_find_udc(g->udc, sizeof(g->udc), options->udc);
	if (!err)
		err = create(g, options);
	if (err)
		let_go(g);
	return err;
}

static void clean_up(struct gadget *g)
{
	char path[PATH_MAX];

	if (!access(g->dir, F_OK))
		gadget_unbind(g);
	umount(g->mount);
	rmdir(g->mount);
	unlink(join(path, sizeof(path), g->dir, CONFIG "/ffs.%s", g->name));
	remove_dir(g, CONFIG);
	join(path, sizeof(path), g->dir, "functions/ffs.%s", g->name);
	rmdir(path);
	remove_dir(g, LANGUAGE);
	rmdir(g->dir);
}

void gadget_remove(struct gadget *g)
{
	clean_up(g);
	let_go(g);
}

int gadget_bind(struct gadget *g)
{
	int err = write_file(g, "UDC", g->udc);

	if (err == -EBUSY)
		fprintf(stderr, "mnpen-emulator: UDC %s is in use; choose "
			"another one with --udc, or modprobe dummy_hcd "
			"num=2\n", g->udc);
	else if (err)
		fprintf(stderr, "mnpen-emulator: cannot use UDC %s: %s; "
			"choose another one with --udc\n", g->udc,
			strerror(-err));
	return err;
}

bool gadget_bound(const struct gadget *g)
{
	char path[PATH_MAX], text[4];
	int fd = open(join(path, sizeof(path), g->dir, "UDC"),
		      O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text));
	close(fd);
	return n > 1;
}

int gadget_unbind(struct gadget *g)
{
	int err = write_file(g, "UDC", "\n");

	return err == -ENODEV ? 0 : err;	/* was not bound */
}
