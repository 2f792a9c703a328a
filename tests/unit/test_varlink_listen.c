// SPDX-License-Identifier: GPL-2.0-or-later
/* Who may come in: limits, the slot kept for a Stop, sockets, descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/varlink_world.h"

#define CALL(name)	"{\"method\":\"" T name "\"}"
#define DONE		"{\"parameters\":{}}"
#define LATER		"{\"error\":\"" T "RateLimited\",\"parameters\":" \
			"{\"retryAfterMilliseconds\":1000}}"

/* -- what the kernel says, as the test wants it -- */

int __real_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
int __real_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags);
int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags);

int __real_chmod(const char *path, mode_t mode);
int __wrap_chmod(const char *path, mode_t mode);

static uid_t peer_uid;		/* of whom is accepted next */
static bool peer_unknown;
static unsigned int accepts, accept_failures;
static int accept_error;
static mode_t mode_before_chmod;

int __wrap_chmod(const char *path, mode_t mode)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	mode_before_chmod = st.st_mode;
	return __real_chmod(path, mode);
}

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	int r = __real_getsockopt(fd, level, name, value, len);

	if (r == 0 && name == SO_PEERCRED) {
		if (peer_unknown) {
			errno = ENOTCONN;
			return -1;
		}
		((struct ucred *)value)->uid = peer_uid;
	}
	return r;
}

int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	accepts++;
	if (accept_failures > 0) {
		accept_failures--;
		errno = accept_error;
		return -1;
	}
	return __real_accept4(fd, addr, len, flags);
}

static int setup(void **state)
{
	peer_uid = 1000;
	peer_unknown = false;
	accepts = 0;
	accept_failures = 0;
	mode_before_chmod = 0777;
	return world_setup(state);
}

/* Takes every ordinary slot, each uid as many as it may. */
static void fill(struct world *world, struct client **clients)
{
	for (int i = 0; i < VARLINK_CONNS_MAX; i++) {
		peer_uid = 1000 + (uid_t)i / VARLINK_CONNS_PER_UID;
		clients[i] = client_new(world);
		client_call(clients[i], CALL("Note"));
		client_expect(clients[i], DONE);
	}
	world->trace[0] = '\0';
	peer_uid = 2000;
}

static void empty(struct client **clients, int n)
{
	for (int i = 0; i < n; i++)
		client_free(clients[i]);
}

/* -- limits -- */

static void the_65th_connection_may_stop_and_nothing_else(void **state)
{
	struct client *clients[VARLINK_CONNS_MAX], *late;
	struct world *world = *state;

	fill(world, clients);
	late = client_new(world);
	client_call(late, CALL("Stop"));
	client_call(late, CALL("Stop"));
	client_expect(late, DONE);
	client_expect(late, NULL);
	assert_string_equal(world->trace, "stop gone65 ");
	client_free(late);

	late = client_new(world);
	client_call(late, CALL("Note"));
	client_expect(late, LATER);
	client_expect(late, NULL);
	client_free(late);

	late = client_new(world);
	client_call(late, "{\"method\":\"" T "Stop\",\"oneway\":true}");
	client_expect(late, NULL);
	assert_string_equal(world->trace, "stop gone65 gone66 stop gone67 ");
	client_free(late);

	/* Nobody who was there noticed. */
	for (int i = 0; i < VARLINK_CONNS_MAX; i++) {
		client_call(clients[i], CALL("Note"));
		client_expect(clients[i], DONE);
	}
	/* A free slot is an ordinary one again. */
	client_free(clients[0]);
	world_wait_gone(world, 4);
	late = client_new(world);
	clients[0] = late;
	client_call(late, CALL("Note"));
	client_expect(late, DONE);
	client_call(late, CALL("Note"));
	client_expect(late, DONE);
	assert_int_equal(world->server->stats.refused, 0);
	empty(clients, VARLINK_CONNS_MAX);
}

static void the_one_call_may_be_answered_late(void **state)
{
	struct client *clients[VARLINK_CONNS_MAX], *late;
	struct world *world = *state;

	fill(world, clients);
	late = client_new(world);
	client_call(late, CALL("Halt"));
	client_call(late, CALL("Stop"));
	world_turn(world);
	assert_int_equal(world->n_held, 1);
	assert_string_equal(world->trace, "");
	varlink_reply(world->held[0], NULL);
	client_expect(late, DONE);
	client_expect(late, NULL);
	assert_string_equal(world->trace, "end0 gone65 ");
	client_free(late);
	empty(clients, VARLINK_CONNS_MAX);
}

static void nobody_has_more_than_16_and_others_still_come_in(void **state)
{
	struct client *clients[VARLINK_CONNS_PER_UID], *late, *other;
	struct world *world = *state;

	for (int i = 0; i < VARLINK_CONNS_PER_UID; i++)
		clients[i] = client_new(world);
	late = client_new(world);
	client_call(late, CALL("Note"));
	client_expect(late, LATER);
	client_expect(late, NULL);
	client_free(late);
	late = client_new(world);
	client_call(late, CALL("Stop"));
	client_expect(late, DONE);
	client_expect(late, NULL);
	client_free(late);

	peer_uid = 1001;
	other = client_new(world);
	client_call(other, CALL("Note"));
	client_expect(other, DONE);
	client_free(other);
	empty(clients, VARLINK_CONNS_PER_UID);
}

/* However many sit there and say nothing: one who comes to stop gets in. */
static void the_slots_for_a_stop_cannot_be_sat_in(void **state)
{
	struct client *clients[VARLINK_CONNS_MAX];
	struct client *idlers[VARLINK_STOP_SLOTS], *late;
	struct world *world = *state;

	fill(world, clients);
	for (int i = 0; i < VARLINK_STOP_SLOTS; i++)
		idlers[i] = client_new(world);
	late = client_new(world);
	client_call(late, CALL("Stop"));
	client_expect(late, DONE);
	/* The one who sat there for longest made room. */
	client_expect(idlers[0], NULL);
	assert_int_equal(world->server->stats.refused, 0);
	client_free(late);
	empty(idlers, VARLINK_STOP_SLOTS);
	empty(clients, VARLINK_CONNS_MAX);
}

/* Somebody else's crowd does not push out a newcomer before he has spoken. */
static void the_slots_for_a_stop_are_shared_between_users(void **state)
{
	struct client *clients[VARLINK_CONNS_MAX], *crowd[50], *late;
	struct world *world = *state;

	fill(world, clients);
	peer_uid = 3000;
	late = client_new(world);
	for (int i = 0; i < 50; i++) {
		peer_uid = 2000 + (uid_t)i % 2;
		crowd[i] = client_new(world);
	}
	client_call(late, CALL("Stop"));
	client_expect(late, DONE);
	assert_int_equal(world->server->stats.refused, 0);
	client_free(late);
	empty(crowd, 50);
	empty(clients, VARLINK_CONNS_MAX);
}

static void the_slots_for_a_stop_are_taken_back_after_a_while(void **state)
{
	struct client *clients[VARLINK_CONNS_MAX], *idler;
	struct world *world = *state;

	fill(world, clients);
	world->server->times.reserved_ms = 30;
	idler = client_new(world);
	assert_int_equal(world->server->stats.connections,
			 VARLINK_CONNS_MAX + 1);
	client_expect(idler, NULL);
	assert_int_equal(world->server->stats.connections, VARLINK_CONNS_MAX);
	client_free(idler);
	empty(clients, VARLINK_CONNS_MAX);
}

static void a_peer_without_credentials_is_refused(void **state)
{
	struct world *world = *state;
	struct client *client;

	peer_unknown = true;
	client = client_new(world);
	client_expect(client, NULL);
	assert_int_equal(world->server->stats.refused, 1);
	assert_int_equal(world->server->stats.accepted, 0);
	assert_int_equal(world->n_gone, 0);
	client_free(client);
}

static void peers_are_told_apart(void **state)
{
	struct world *world = *state;
	struct client *a, *b;
	const struct varlink_peer *peer;

	a = client_new(world);
	peer_uid = 1234;
	b = client_new_at(world, world->operate_path);
	client_call(a, CALL("Hold"));
	client_call(b, CALL("Hold"));
	world_turn(world);
	peer = varlink_call_peer(world->held[1]);
	assert_int_equal(peer->number, 2);
	assert_int_equal(peer->uid, 1234);
	assert_int_equal(peer->pid, getpid());
	assert_int_equal(peer->role, VARLINK_OPERATE);
	peer = varlink_call_peer(world->held[0]);
	assert_int_equal(peer->number, 1);
	assert_int_equal(peer->role, VARLINK_OBSERVE);
	client_free(a);
	client_free(b);
}

static void connections_are_not_inherited_and_do_not_block(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);
	int fd = world_newest(world)->fd;

	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(world->server->spare_fd, F_GETFD) & FD_CLOEXEC);
	client_free(client);
}

/* -- no descriptors -- */

static void without_descriptors_accepting_pauses(void **state)
{
	static const int errors[] = { EMFILE, ENFILE };
	struct timeval soon = { .tv_usec = 20 * 1000 };
	struct world *world = *state;

	world->server->times.accept_pause_ms = 60;
	for (int i = 0; i < 2; i++) {
		struct client *client = client_alloc(world);

		accept_error = errors[i];
		accept_failures = 2;	/* the spare one does not help */
		accepts = 0;
		client_connect(client, world->path);
		event_base_loopexit(world->base, &soon);
		event_base_dispatch(world->base);
		assert_int_equal(accepts, 2);
		assert_int_equal(world->server->stats.connections, 0);
		/* After the pause it comes in, as an ordinary one. */
		client_call(client, CALL("Note"));
		client_expect(client, DONE);
		assert_false(world_newest(world)->reserved);
		client_free(client);
		world_wait_gone(world, (unsigned int)i + 1);
	}
	assert_non_null(strstr(world->logged, "descriptors"));
}

static void a_stop_gets_through_without_descriptors(void **state)
{
	struct world *world = *state;
	struct client *client = client_alloc(world);
	struct rlimit old, tight;
	int fds[256], n = 0;

	/* For real: not one more descriptor to be had. */
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	tight = old;
	tight.rlim_cur = 128;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	while (n < 256 && (fds[n] = dup(0)) >= 0)
		n++;
	assert_int_equal(errno, EMFILE);

	client_connect(client, world->path);
	client_call(client, CALL("Stop"));
	client_expect(client, DONE);
	client_expect(client, NULL);
	assert_string_equal(world->trace, "stop gone1 ");
	/* And there is one in hand for the next. */
	assert_true(world->server->spare_fd >= 0);

	while (n > 0)
		close(fds[--n]);
	setrlimit(RLIMIT_NOFILE, &old);
	client_free(client);
}

static void a_spare_descriptor_that_was_lost_is_replaced(void **state)
{
	struct world *world = *state;
	struct client *client;

	close(world->server->spare_fd);
	world->server->spare_fd = -1;
	world->server->times.accept_pause_ms = 1;
	accept_error = EMFILE;
	accept_failures = 1;
	client = client_new(world);
	while (world->server->stats.connections == 0)
		world_wait(world);
	assert_true(world->server->spare_fd >= 0);
	client_free(client);
}

/* -- sockets -- */

static int bind_at(struct world *world, const char *path)
{
	return varlink_server_bind(world->server, path, VARLINK_ADMIN,
				   (gid_t)-1);
}

static void remove_at(const char *path)
{
	char lock[128];

	snprintf(lock, sizeof(lock), "%s.lock", path);
	unlink(path);
	unlink(lock);
}

static void a_bound_socket_is_for_its_group_only(void **state)
{
	struct world *world = *state;
	struct stat st;

	assert_int_equal(stat(world->path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0660);
	/* Not for a moment was it open to others. */
	assert_int_equal(mode_before_chmod & 0077, 0);
}

static void a_socket_that_serves_is_never_replaced(void **state)
{
	struct world *world = *state;
	struct stat before, after;
	char lock[128];

	assert_int_equal(stat(world->path, &before), 0);
	assert_int_equal(bind_at(world, world->path), -EADDRINUSE);
	/* Nor when its owner knows nothing of the lock. */
	snprintf(lock, sizeof(lock), "%s.lock", world->path);
	unlink(lock);
	assert_int_equal(bind_at(world, world->path), -EADDRINUSE);
	assert_int_equal(stat(world->path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
}

static int listener_at(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(addr.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static void a_stale_socket_is_replaced(void **state)
{
	struct world *world = *state;
	struct client *client;
	char path[64];

	snprintf(path, sizeof(path), "%s/stale", world->dir);
	close(listener_at(path));
	assert_int_equal(bind_at(world, path), 0);
	client = client_new_at(world, path);
	client_call(client, CALL("Operate"));
	client_expect(client, DONE);
	client_free(client);
	varlink_server_free(world->server);
	world->server = NULL;
	assert_int_equal(access(path, F_OK), -1);
	remove_at(path);
}

static void a_file_that_is_no_socket_is_left_alone(void **state)
{
	struct world *world = *state;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/file", world->dir);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_int_equal(bind_at(world, path), -EEXIST);
	assert_int_equal(access(path, F_OK), 0);
	close(fd);
	remove_at(path);
}

static void a_path_that_is_too_long_is_an_error(void **state)
{
	char path[200];

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(bind_at(*state, path), -ENAMETOOLONG);
	assert_int_equal(bind_at(*state, "/nonexistent/socket"), -ENOENT);
}

static void a_socket_passed_in_serves_and_is_never_removed(void **state)
{
	struct world *world = *state;
	struct client *client;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/passed", world->dir);
	fd = listener_at(path);
	assert_int_equal(varlink_server_adopt(world->server, fd,
					      VARLINK_ADMIN), 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	client = client_new_at(world, path);
	client_call(client, CALL("Operate"));
	client_expect(client, DONE);
	client_free(client);
	varlink_server_free(world->server);
	world->server = NULL;
	assert_int_equal(access(path, F_OK), 0);
	remove_at(path);
}

static void only_listening_unix_streams_are_adopted(void **state)
{
	struct world *world = *state;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(varlink_server_adopt(world->server, pair[0],
					      VARLINK_ADMIN), -EINVAL);
	close(pair[0]);
	close(pair[1]);
	assert_int_equal(pipe(pair), 0);
	assert_int_equal(varlink_server_adopt(world->server, pair[0],
					      VARLINK_ADMIN), -ENOTSOCK);
	close(pair[0]);
	close(pair[1]);
	assert_int_equal(varlink_server_adopt(world->server, -1,
					      VARLINK_ADMIN), -EBADF);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, world_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_65th_connection_may_stop_and_nothing_else),
		TEST(the_one_call_may_be_answered_late),
		TEST(nobody_has_more_than_16_and_others_still_come_in),
		TEST(the_slots_for_a_stop_cannot_be_sat_in),
		TEST(the_slots_for_a_stop_are_shared_between_users),
		TEST(the_slots_for_a_stop_are_taken_back_after_a_while),
		TEST(a_peer_without_credentials_is_refused),
		TEST(peers_are_told_apart),
		TEST(connections_are_not_inherited_and_do_not_block),
		TEST(without_descriptors_accepting_pauses),
		TEST(a_stop_gets_through_without_descriptors),
		TEST(a_spare_descriptor_that_was_lost_is_replaced),
		TEST(a_bound_socket_is_for_its_group_only),
		TEST(a_socket_that_serves_is_never_replaced),
		TEST(a_stale_socket_is_replaced),
		TEST(a_file_that_is_no_socket_is_left_alone),
		TEST(a_path_that_is_too_long_is_an_error),
		TEST(a_socket_passed_in_serves_and_is_never_removed),
		TEST(only_listening_unix_streams_are_adopted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
