// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/record/record.h"
#include "daemon/record/unused.h"

/* The file itself last: until then opening it is still refused. */
static const char *const tails[] = { "-wal", "-head", "" };

static int in_use(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK), ret;

	if (fd < 0)
		return -errno;
	ret = unused_check(fd);
	close(fd);
	return ret;
}

int record_set_aside(const char *path, char *out, size_t len)
{
	char from[PATH_MAX], to[PATH_MAX], stamp[32];
	time_t now = time(NULL);
	struct tm utc;
	int ret;

	ret = in_use(path);
	if (ret)
		return ret;
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
	if (snprintf(out, len, "%s.aside-%s", path, stamp) >= (int)len ||
	    len > PATH_MAX)
		return -ENAMETOOLONG;
	if (!access(out, F_OK))
		return -EEXIST;
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		if (snprintf(from, sizeof(from), "%s%s", path, tails[i]) >=
			    (int)sizeof(from) ||
		    snprintf(to, sizeof(to), "%s%s", out, tails[i]) >=
			    (int)sizeof(to))
			return -ENAMETOOLONG;
		if (rename(from, to) && (errno != ENOENT || !tails[i][0]))
			return -errno;
	}
	return 0;
}
