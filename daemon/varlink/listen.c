// SPDX-License-Identifier: GPL-2.0-or-later
/* Who may come in, and what happens when nobody can. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/varlink/internal.h"

#define LISTEN_TURN	16	/* connections accepted per loop turn */

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

static bool listen_is_silent(const struct conn *conn)
{
	return conn->reserved && conn->state == CONN_OPEN && !conn->used;
}

/*
 * Who makes room: of the user who sits silently in most of the slots, the one
 * who has sat there for longest. So nobody pushes out another's newcomer, who
 * has not had the time to speak. NULL: nobody is silent.
 */
static struct conn *listen_victim(const struct varlink_server *server)
{
	struct conn *conn, *other, *victim = NULL;
	unsigned int most = 0, same;

	TAILQ_FOREACH(conn, &server->conns, link) {
		if (!listen_is_silent(conn))
			continue;
		same = 0;
		TAILQ_FOREACH(other, &server->conns, link)
			same += listen_is_silent(other) &&
				other->peer.uid == conn->peer.uid;
		if (same > most) {
			most = same;
			victim = conn;
		}
	}
	return victim;
}

/*
 * The slots over the limit: each for one urgent call. The newcomer always gets
 * one if anybody in them is silent. Whoever comes to stop says so at once, and
 * is heard before so many others of the same user have come.
 */
static void listen_admit_reserved(struct varlink_server *server, int fd,
				  enum varlink_role role)
{
	struct conn *conn, *victim = NULL;
	unsigned int taken = 0;

	TAILQ_FOREACH(conn, &server->conns, link)
		taken += conn->reserved && conn->state == CONN_OPEN;
	if (taken >= VARLINK_STOP_SLOTS) {
		victim = listen_victim(server);
		if (!victim) {
			listen_refuse(server, fd, "too many connections");
			return;
		}
		conn_doom(victim, false);
	}
	if (conn_new(server, fd, role, true) < 0)
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
	else if (conn_new(server, fd, role, false) < 0)
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

void listen_on_readable(evutil_socket_t sock, short what, void *arg)
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
