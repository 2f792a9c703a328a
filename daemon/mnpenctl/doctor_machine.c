// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor: clock, disk, and what helps in finding faults. */
#include "daemon/mnpenctl/doctor.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <time.h>

#define RECORD		"/var/lib/mnpen"
/* What mnpend keeps free for one session, and as much again to write in. */
#define ROOM_BYTES	(32LL * 1024 * 1024)
#define BEHIND_S	120

/* systemd-timesyncd touches it as time goes on; the record is as old. */
static bool clock_behind(const struct doctor *d)
{
	static const char *const seen[] = {
		"/var/lib/systemd/timesync/clock",
		RECORD "/record.db",
	};
	char path[PATH_MAX];
	struct stat st;
	size_t i;

	for (i = 0; i < sizeof(seen) / sizeof(seen[0]); i++)
		if (!stat(doctor_path(d, path, "%s", seen[i]), &st) &&
		    st.st_mtime > time(NULL) + BEHIND_S)
			return true;
	return false;
}

static bool clock_kept(const struct doctor *d)
{
	struct timex t = { 0 };

	if (doctor_exists(d, "/run/systemd/timesync/synchronized"))
		return true;
	return !*d->root && adjtimex(&t) >= 0 && !(t.status & STA_UNSYNC);
}

/* Options of the mount that path is on: the longest mount point wins. */
static bool mount_read_only(const struct doctor *d, const char *path)
{
	char file[PATH_MAX], line[4096], options[256], point[1024];
	FILE *f = fopen(doctor_path(d, file, "/proc/self/mounts"), "re");
	size_t longest = 0;
	bool read_only = false;

	while (f && fgets(line, sizeof(line), f)) {
		size_t n;

		if (sscanf(line, "%*s %1023s %*s %255s", point, options) != 2)
			continue;
		n = strlen(point);
		if (strncmp(point, path, n) || n < longest ||
		    (n > 1 && path[n] && path[n] != '/'))
			continue;
		longest = n;
		read_only = !strncmp(options, "ro", 2) &&
			    (!options[2] || options[2] == ',');
	}
	if (f)
		fclose(f);
	return read_only;
}

static bool mounted(const struct doctor *d, const char *type)
{
	char file[PATH_MAX], line[4096], got[64];
	FILE *f = fopen(doctor_path(d, file, "/proc/self/mounts"), "re");
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%*s %*s %63s", got) == 1 &&
			!strcmp(got, type);
	if (f)
		fclose(f);
	return found;
}

/* True: nothing was found. */
static bool disk(struct doctor *d)
{
	char path[PATH_MAX];
	struct statvfs v;

	if (statvfs(doctor_path(d, path, RECORD), &v)) {
		doctor_find(d, "record-directory-missing", RECORD, NULL);
		return false;
	}
	if (mount_read_only(d, RECORD)) {
		doctor_find(d, "disk-read-only", RECORD, NULL);
		return false;
	}
	if ((long long)v.f_bavail * (long long)v.f_frsize < ROOM_BYTES) {
		doctor_find(d, "disk-full", RECORD, NULL);
		return false;
	}
	return true;
}

void doctor_machine(struct doctor *d)
{
	bool behind = clock_behind(d);

	if (behind)
		doctor_find(d, "clock-behind", NULL, NULL);
	if (disk(d) && !behind)
		doctor_find(d, "machine-fit", NULL, NULL);
	if (!behind && !clock_kept(d))
		doctor_find(d, "clock-not-synchronised", NULL, NULL);
	if (!mounted(d, "debugfs"))
		doctor_find(d, "debugfs-not-mounted", NULL, NULL);
}
