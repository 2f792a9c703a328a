// SPDX-License-Identifier: GPL-2.0-or-later
/* Listening sockets: passed in, or bound by ourselves. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/varlink/internal.h"

#define SOCKET_BACKLOG	64

static void socket_free(struct listener *listener)
{
	if (listener->readable)
		event_free(listener->readable);
	/* Only what we bound is ours to remove, and only under the lock. */
	if (listener->lock_fd >= 0) {
		if (listener->path[0])
			unlink(listener->path);
		close(listener->lock_fd);
	}
	if (listener->fd >= 0)
		close(listener->fd);
	free(listener);
}

static int socket_add(struct listener *listener)
{
	struct varlink_server *server = listener->server;

	listener->readable = event_new(server->base, listener->fd,
				       EV_READ | EV_PERSIST,
				       listen_on_readable, listener);
	if (!listener->readable || event_add(listener->readable, NULL) < 0)
		return -ENOMEM;
	TAILQ_INSERT_TAIL(&server->listeners, listener, link);
	return 0;
}

static struct listener *socket_new(struct varlink_server *server,
				   enum varlink_role role)
{
	struct listener *listener = calloc(1, sizeof(*listener));

	if (!listener)
		return NULL;
	listener->server = server;
	listener->role = role;
	listener->fd = -1;
	listener->lock_fd = -1;
	return listener;
}

void socket_close_all(struct varlink_server *server)
{
	struct listener *listener;

	while ((listener = TAILQ_FIRST(&server->listeners)) != NULL) {
		TAILQ_REMOVE(&server->listeners, listener, link);
		socket_free(listener);
	}
}

static int socket_option(int fd, int option, int *value)
{
	socklen_t len = sizeof(*value);

	return getsockopt(fd, SOL_SOCKET, option, value, &len) < 0 ? -errno :
								       0;
}

/* Is it a listening Unix stream socket? */
static int socket_check(int fd)
{
	int domain, type, listening;
	int r = socket_option(fd, SO_DOMAIN, &domain);

	if (r == 0)
		r = socket_option(fd, SO_TYPE, &type);
	if (r == 0)
		r = socket_option(fd, SO_ACCEPTCONN, &listening);
	if (r < 0)
		return r;
	return domain == AF_UNIX && type == SOCK_STREAM && listening ?
		       0 :
		       -EINVAL;
}

int varlink_server_adopt(struct varlink_server *server, int fd,
			 enum varlink_role role)
{
	struct listener *listener;
	int flags, r = socket_check(fd);

	if (r < 0)
		return r;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	listener = socket_new(server, role);
	if (!listener)
		return -ENOMEM;
	listener->fd = fd;
	r = socket_add(listener);
	if (r < 0) {
		listener->fd = -1;	/* stays the caller's */
		socket_free(listener);
	}
	return r;
}

/* Negative errno; -EADDRINUSE when somebody else holds the lock. */
static int socket_lock(const char *path)
{
	char lock[sizeof(((struct sockaddr_un *)0)->sun_path) + 8];
	int fd, r;

	snprintf(lock, sizeof(lock), "%s.lock", path);
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	r = errno == EWOULDBLOCK ? -EADDRINUSE : -errno;
	close(fd);
	return r;
}

/*
 * Removes what a dead daemon left. Whoever does not take part in the locking
 * (a service manager's own listener) shows by accepting.
 */
static int socket_remove_stale(const struct sockaddr_un *addr)
{
	struct stat st;
	int fd, r;

	if (lstat(addr->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	r = connect(fd, (const struct sockaddr *)addr, sizeof(*addr));
	r = r == 0 || errno == EAGAIN ? -EADDRINUSE : -errno;
	close(fd);
	if (r != -ECONNREFUSED)
		return r;
	return unlink(addr->sun_path) < 0 ? -errno : 0;
}

static int socket_bind(struct listener *listener,
		       const struct sockaddr_un *addr, gid_t gid)
{
	mode_t mask;
	int r;

	listener->fd = socket(AF_UNIX,
			      SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd < 0)
		return -errno;
	/* Nobody but us until the group is right. */
	mask = umask(0177);
	r = bind(listener->fd, (const struct sockaddr *)addr, sizeof(*addr));
	r = r < 0 ? -errno : 0;
	umask(mask);
	if (r < 0)
		return r;
	memcpy(listener->path, addr->sun_path, sizeof(listener->path));
	if (gid != (gid_t)-1 && lchown(listener->path, (uid_t)-1, gid) < 0)
		return -errno;
	if (chmod(listener->path, 0660) < 0)
		return -errno;
	return listen(listener->fd, SOCKET_BACKLOG) < 0 ? -errno : 0;
}

int varlink_server_bind(struct varlink_server *server, const char *path,
			enum varlink_role role, gid_t gid)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct listener *listener;
	int r;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	listener = socket_new(server, role);
	if (!listener)
		return -ENOMEM;
	r = socket_lock(path);
	if (r >= 0) {
		listener->lock_fd = r;
		r = socket_remove_stale(&addr);
	}
	if (r == 0)
		r = socket_bind(listener, &addr, gid);
	if (r == 0)
		r = socket_add(listener);
	if (r < 0)
		socket_free(listener);
	return r;
}
