// SPDX-License-Identifier: GPL-2.0-or-later
/* Listening sockets, and who may come in. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/varlink/internal.h"

#define LISTEN_BACKLOG	64
#define LISTEN_TURN	16	/* connections accepted per loop turn */

struct listener {
	TAILQ_ENTRY(listener) link;
	struct varlink_server *server;
	enum varlink_role role;
	struct event *readable;
	int fd;
	int lock_fd;		/* -1: the socket was passed in */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

/* -- admission -- */

static bool listen_has_room(const struct varlink_server *server, uid_t uid)
{
	unsigned int all = 0, same = 0;
	const struct conn *conn;

	TAILQ_FOREACH(conn, &server->conns, link) {
		if (conn->reserved || conn->state == CONN_CLOSED)
			continue;
		all++;
		if (conn->peer.uid == uid)
			same++;
	}
	return all < VARLINK_CONNS_MAX && same < VARLINK_CONNS_PER_UID;
}

static void listen_refuse(struct varlink_server *server, int fd,
			  const char *why)
{
	close(fd);
	server->stats.refused++;
	server_log(server, "connection refused: %s", why);
}

/*
 * The slot over the limit: for one urgent call. Whoever sits in it silently
 * makes room for the next.
 */
static void listen_admit_reserved(struct varlink_server *server, int fd,
				  enum varlink_role role)
{
	struct conn *holder = server->reserved;

	if (holder && !holder->used &&
	    server_now_us() - holder->since_us >=
		    server->times.evict_ms * 1000ull) {
		server->reserved = NULL;
		conn_doom(holder, false);
	}
	if (server->reserved) {
		listen_refuse(server, fd, "too many connections");
		return;
	}
	if (conn_new(server, fd, role, true, &server->reserved) < 0)
		server->stats.refused++;
}

static void listen_admit(struct varlink_server *server, int fd,
			 enum varlink_role role)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0) {
		listen_refuse(server, fd, "peer unknown");
		return;
	}
	if (!listen_has_room(server, cred.uid))
		listen_admit_reserved(server, fd, role);
	else if (conn_new(server, fd, role, false, NULL) < 0)
		server->stats.refused++;
}

/* -- no descriptors left -- */

void listen_keep_spare(struct varlink_server *server)
{
	if (server->spare_fd < 0)
		server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void listen_resume(struct varlink_server *server)
{
	struct listener *listener;

	listen_keep_spare(server);
	TAILQ_FOREACH(listener, &server->listeners, link)
		event_add(listener->readable, NULL);
}

static int listen_accept(const struct listener *listener)
{
	return accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

/*
 * The kernel keeps whom we cannot accept in the queue and reports it again at
 * once: do not spin. One descriptor is kept for this: it lets one connection in
 * for a Stop.
 */
static void listen_exhausted(struct listener *listener)
{
	struct varlink_server *server = listener->server;
	struct timeval pause = {
		.tv_sec = server->times.accept_pause_ms / 1000,
		.tv_usec = server->times.accept_pause_ms % 1000 * 1000,
	};
	struct listener *other;
	int fd;

	server_log(server, "out of file descriptors, accepting is paused");
	if (server->spare_fd >= 0) {
		close(server->spare_fd);
		server->spare_fd = -1;
		fd = listen_accept(listener);
		if (fd >= 0)
			listen_admit_reserved(server, fd, listener->role);
		else
			listen_keep_spare(server);
	}
	TAILQ_FOREACH(other, &server->listeners, link)
		event_del(other->readable);
	event_add(server->accept_again, &pause);
}

static void listen_on_readable(evutil_socket_t sock, short what, void *arg)
{
	struct listener *listener = arg;

	(void)sock;
	(void)what;
	for (int i = 0; i < LISTEN_TURN; i++) {
		int fd = listen_accept(listener);

		if (fd >= 0) {
			listen_admit(listener->server, fd, listener->role);
			continue;
		}
		if (errno == EINTR || errno == ECONNABORTED)
			continue;
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			listen_exhausted(listener);
		return;
	}
}

/* -- sockets -- */

static void listen_free(struct listener *listener)
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

static int listen_add(struct listener *listener)
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

static struct listener *listen_new(struct varlink_server *server,
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

void listen_close_all(struct varlink_server *server)
{
	struct listener *listener;

	while ((listener = TAILQ_FIRST(&server->listeners)) != NULL) {
		TAILQ_REMOVE(&server->listeners, listener, link);
		listen_free(listener);
	}
}

static int listen_option(int fd, int option, int *value)
{
	socklen_t len = sizeof(*value);

	return getsockopt(fd, SOL_SOCKET, option, value, &len) < 0 ? -errno :
								       0;
}

/* Is it a listening Unix stream socket? */
static int listen_check(int fd)
{
	int domain, type, listening;
	int r = listen_option(fd, SO_DOMAIN, &domain);

	if (r == 0)
		r = listen_option(fd, SO_TYPE, &type);
	if (r == 0)
		r = listen_option(fd, SO_ACCEPTCONN, &listening);
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
	int flags, r = listen_check(fd);

	if (r < 0)
		return r;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	listener = listen_new(server, role);
	if (!listener)
		return -ENOMEM;
	listener->fd = fd;
	r = listen_add(listener);
	if (r < 0) {
		listener->fd = -1;	/* stays the caller's */
		listen_free(listener);
	}
	return r;
}

/* Negative errno; -EADDRINUSE when somebody else holds the lock. */
static int listen_lock(const char *path)
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
static int listen_remove_stale(const struct sockaddr_un *addr)
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

static int listen_bind(struct listener *listener,
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
	return listen(listener->fd, LISTEN_BACKLOG) < 0 ? -errno : 0;
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
	listener = listen_new(server, role);
	if (!listener)
		return -ENOMEM;
	r = listen_lock(path);
	if (r >= 0) {
		listener->lock_fd = r;
		r = listen_remove_stale(&addr);
	}
	if (r == 0)
		r = listen_bind(listener, &addr, gid);
	if (r == 0)
		r = listen_add(listener);
	if (r < 0)
		listen_free(listener);
	return r;
}
