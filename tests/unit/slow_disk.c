// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Preloaded into the daemon: a disk that hangs and fails when a test says so.
 * The first byte of the file $SLOW_DISK: 0 it writes, 1 it hangs, 2 it fails.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static const volatile char *state;
static ssize_t (*real)(int fd, const void *data, size_t n, off64_t at);

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at);

__attribute__((constructor)) static void slow_disk_open(void)
{
	int fd = open(getenv("SLOW_DISK"), O_RDONLY | O_CLOEXEC);
	void *page = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);

	real = (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(
		RTLD_NEXT, "pwrite64");
	if (page == MAP_FAILED || !real)
		abort();
	close(fd);
	state = page;
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at)
{
	while (*state == '1')
		usleep(1000);
	if (*state != '2')
		return real(fd, data, n, at);
	errno = EIO;
	return -1;
}
