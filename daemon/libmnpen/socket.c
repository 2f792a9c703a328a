// SPDX-License-Identifier: LGPL-2.1-or-later
/* Where the daemon listens, and getting there. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_DIR	"/run/mnpen"
#define CONNECT_S	2	/* a daemon that lives accepts in milliseconds */

static const char *socket_name(enum mnpen_role role)
{
	switch (role) {
	case MNPEN_OBSERVE:
		return "observe";
	case MNPEN_ADMIN:
		return "admin";
	case MNPEN_ANY:
	case MNPEN_OPERATE:
		break;
	}
	return "operate";
}

int mnpen_socket_path(enum mnpen_role role, char *path, size_t size)
{
	const char *dir = secure_getenv("MNPEN_SOCKET_DIR");
	int n;

	if (!dir || !*dir)
		dir = SOCKET_DIR;
	n = snprintf(path, size, "%s/%s", dir, socket_name(role));
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

/*
 * connect() on a local socket is done at once or waits for room in the
 * backlog: a send timeout bounds that, O_NONBLOCK makes it -EAGAIN.
 */
static int socket_connect(const struct sockaddr_un *addr, bool wait)
{
	const struct timeval timeout = { .tv_sec = CONNECT_S };
	int fd, r;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (!wait && fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		goto fail;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout,
		       sizeof(timeout)) < 0)
		goto fail;
	do
		r = connect(fd, (const struct sockaddr *)addr, sizeof(*addr));
	while (r < 0 && errno == EINTR);
	if (r < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		goto fail;
	return fd;
fail:
	r = -errno;
	close(fd);
	return r;
}

static int socket_open_path(const char *path, bool wait)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	return socket_connect(&addr, wait);
}

static int socket_open_role(enum mnpen_role role, bool wait)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int r;

	r = mnpen_socket_path(role, path, sizeof(path));
	return r < 0 ? r : socket_open_path(path, wait);
}

int socket_open(const char *path, enum mnpen_role role, bool wait,
		enum mnpen_role *opened)
{
	static const enum mnpen_role order[] = { MNPEN_OPERATE, MNPEN_OBSERVE,
						 MNPEN_ADMIN };
	int r, error = 0;
	size_t i;

	if (path) {
		*opened = MNPEN_ANY;
		return socket_open_path(path, wait);
	}
	if (role != MNPEN_ANY) {
		*opened = role;
		return socket_open_role(role, wait);
	}
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		r = socket_open_role(order[i], wait);
		if (r >= 0) {
			*opened = order[i];
			return r;
		}
		if (error != -EACCES)
			error = r;
	}
	return error;
}
