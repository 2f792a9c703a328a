// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any file of a clinic, after a "+" on top of the delivered ones (which is
 * slow), else alone: it is taken as a whole or refused with its place and
 * reason, and what is taken is within the absolute ceilings.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/catalogue/load.h"
#include "tests/fuzz/fuzz.h"

#define DELIVERED	"daemon/catalogue/data"

static char dir[64], file[80];

static void must(int what, const char *text)
{
	if (what)
		return;
	fprintf(stderr, "not so: %s\n", text);
	abort();
}

static void gone(void)
{
	unlink(file);
	rmdir(dir);
}

static void make_place(void)
{
	if (dir[0])
		return;
	snprintf(dir, sizeof(dir), "%s/mnpen-fuzz-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	must(mkdtemp(dir) != NULL, "a directory");
	snprintf(file, sizeof(file), "%s/50-fuzz.conf", dir);
	atexit(gone);
}

static void put(const uint8_t *data, size_t size)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(fd >= 0, "a file");
	must(write(fd, data, size) == (ssize_t)size, "written");
	close(fd);
}

/* The ceilings that no file may raise; each pair of area and concern. */
static void check_limits(void)
{
	const struct catalogue_area *area;
	const struct catalogue_concern *concern;
	struct catalogue_limits l;
	size_t i, k;

	for (i = 0; (area = catalogue_area_at(i)); i++)
		for (k = 0; (concern = catalogue_concern_at(k)); k++) {
			bool allowed = !catalogue_limits(area, concern, &l);

			must(allowed == catalogue_allows(area, concern),
			     "allowed");
			must(l.depth_max_um <= (allowed ? 2500 : 0) &&
			     l.depth_soft_um <= l.depth_max_um &&
			     l.depth_default_um <= l.depth_soft_um, "depth");
			must(l.rate_max_spm <= 9000 &&
			     l.session_max_ms <= 3600000, "rate and time");
		}
}

int fuzz_catalogue(const uint8_t *data, size_t size)
{
	const char *dirs[] = { DELIVERED, dir };
	char error[CATALOGUE_ERROR_LEN] = "";
	struct catalogue *set = NULL;
	bool above = size && data[0] == '+';
	int ret;

	make_place();
	put(data + above, size - above);
	ret = catalogue_load(above ? dirs : dirs + 1, above ? 2 : 1, &set,
			     error);
	if (ret) {
		must(ret < 0 && !set, "refused as a whole");
		must(memchr(error, 0, sizeof(error)) != NULL, "an ended text");
		must(error[0], "a reason");
		return 0;
	}
	must(set != NULL, "taken");
	catalogue_use(set);
	check_limits();
	catalogue_use(NULL);
	catalogue_free(set);
	return 0;
}
