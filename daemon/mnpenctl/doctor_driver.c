// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor: is the driver there, for this kernel, and loaded? */
#include "daemon/mnpenctl/doctor.h"

#include <dirent.h>
#include <fts.h>
#include <string.h>

/* The module's file below a directory, however it is compressed. */
static bool module_below(const char *top)
{
	char *path[] = { (char *)top, NULL };
	FTS *tree = fts_open(path, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	bool found = false;
	FTSENT *e;

	while (tree && !found && (e = fts_read(tree))) {
		/* "build" and "source" lead out of it; links are not followed. */
		if (e->fts_info == FTS_F && !strncmp(e->fts_name, "mnpen.ko", 8))
			found = true;
	}
	if (tree)
		fts_close(tree);
	return found;
}

static bool module_for(const struct doctor *d, const char *release)
{
	static const char *const places[] = { "updates", "extra", "kernel" };
	char top[PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (module_below(doctor_path(d, top, "/lib/modules/%s/%s",
					     release, places[i])))
			return true;
	return false;
}

static bool module_for_any(const struct doctor *d)
{
	char top[PATH_MAX];
	DIR *dir = opendir(doctor_path(d, top, "/lib/modules"));
	struct dirent *e;
	bool found = false;

	while (dir && !found && (e = readdir(dir)))
		found = e->d_name[0] != '.' && module_for(d, e->d_name);
	if (dir)
		closedir(dir);
	return found;
}

/* Built by DKMS where it is installed: its source is there. */
static bool source_installed(const struct doctor *d)
{
	char top[PATH_MAX];
	DIR *dir = opendir(doctor_path(d, top, "/usr/src"));
	struct dirent *e;
	bool found = false;

	while (dir && !found && (e = readdir(dir)))
		found = !strncmp(e->d_name, "mnpen-", 6);
	if (dir)
		closedir(dir);
	return found;
}

static bool secure_boot(const struct doctor *d)
{
	char path[PATH_MAX];
	unsigned char value[5] = { 0 };
	FILE *f = fopen(doctor_path(d, path,
				    "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"),
			"re");
	bool on;

	if (!f)
		return false;
	/* Four bytes of attributes, then the value. */
	on = fread(value, 1, sizeof(value), f) == sizeof(value) && value[4] == 1;
	fclose(f);
	return on;
}

static void not_loaded(struct doctor *d)
{
	char build[PATH_MAX];
	bool here = module_for(d, d->release);

	if (here && secure_boot(d)) {
		doctor_find(d, "secure-boot", NULL, NULL);
		return;
	}
	if (here) {
		doctor_find(d, "driver-not-loaded", NULL, NULL);
		return;
	}
	snprintf(build, sizeof(build), "/lib/modules/%s/build", d->release);
	if (!module_for_any(d) && !source_installed(d))
		doctor_find(d, "driver-missing", NULL, NULL);
	else if (!doctor_exists(d, build))
		doctor_find(d, "headers-missing", d->release, NULL);
	else
		doctor_find(d, "driver-other-kernel", d->release, NULL);
}

static bool rule_installed(const struct doctor *d)
{
	static const char *const places[] = {
		"/etc/udev/rules.d/60-mnpen.rules",
		"/usr/lib/udev/rules.d/60-mnpen.rules",
		"/usr/local/lib/udev/rules.d/60-mnpen.rules",
		"/lib/udev/rules.d/60-mnpen.rules",
	};
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (doctor_exists(d, places[i]))
			return true;
	return false;
}

void doctor_driver(struct doctor *d)
{
	if (doctor_exists(d, "/sys/module/mnpen"))
		doctor_find(d, "driver-loaded", NULL, NULL);
	else
		not_loaded(d);
	if (!rule_installed(d))
		doctor_find(d, "udev-rule-missing", NULL, NULL);
}
