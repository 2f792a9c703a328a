// SPDX-License-Identifier: GPL-2.0-or-later
/* libmnpen's helpers: sockets, stop, and what a session's calls look like. */
#include "tests/unit/libmnpen_peer.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- a session ------------------------------------------------------------- */

static void expect_call(struct peer *p, const char *expected)
{
	char *text = peer_call_text(p);

	assert_string_equal(text, expected);
	free(text);
}

static void acquire_tells_the_heartbeat(void **state)
{
	struct peer *p = *state;
	uint32_t ms = 0;

	peer_send(p, "{\"parameters\":{\"heartbeatMilliseconds\":250}}");
	assert_int_equal(mnpen_control_acquire(p->client, "MN-1", 1000, &ms,
					       NULL), 0);
	assert_int_equal(ms, 250);
	expect_call(p, "{\"method\":\"io.mnpen.Pen.AcquireControl\",\"parameters\":{\"penId\":\"MN-1\"}}");
}

static void acquire_without_a_heartbeat_is_no_answer(void **state)
{
	struct peer *p = *state;

	peer_send(p, "{\"parameters\":{}}");
	assert_int_equal(mnpen_control_acquire(p->client, "MN-1", 1000, NULL,
					       NULL), -EBADMSG);
	peer_send(p, "{\"parameters\":{\"heartbeatMilliseconds\":0}}");
	assert_int_equal(mnpen_control_acquire(p->client, "MN-1", 1000, NULL,
					       NULL), -EBADMSG);
}

static void begin_spells_every_parameter(void **state)
{
	const struct mnpen_answer answers[] = { { "keloid", false },
						{ "nsaid", true } };
	const struct mnpen_plan plan = {
		.area = "cheek",
		.concern = "acne-scar",
		.depth_um = 1000,
		.rate_spm = 4294967295u,
		.planned_ms = 300000,
		.screening = answers,
		.answers = 2,
		.operator_id = "O-7",
	};
	struct peer *p = *state;
	char *session;

	peer_send(p, "{\"parameters\":{\"session\":{}}}");
	assert_int_equal(mnpen_control_begin(p->client, "MN-1", &plan, 1000,
					     &session, NULL), 0);
	assert_string_equal(session, "{\"session\":{}}");
	free(session);
	expect_call(p, "{\"method\":\"io.mnpen.Pen.BeginSession\",\"parameters\":{"
		       "\"area\":\"cheek\",\"concern\":\"acne-scar\","
		       "\"depthMicrometres\":1000,\"operator\":\"O-7\","
		       "\"penId\":\"MN-1\",\"plannedMilliseconds\":300000,"
		       "\"rateStrokesPerMinute\":4294967295,\"screening\":["
		       "{\"code\":\"keloid\",\"yes\":false},"
		       "{\"code\":\"nsaid\",\"yes\":true}]}}");
}

/* Left out, its expiry would be looked at by nobody. */
static void begin_leaves_out_nothing_that_is_no_text(void **state)
{
	const char *codes[] = { "density", "\xff" };
	const struct mnpen_plan plain = { .area = "cheek", .concern = "scar" };
	struct mnpen_plan bad[] = { plain, plain, plain, plain };
	struct peer *p = *state;
	size_t i;

	bad[0].cartridge = "(01)\xff";
	bad[1].consent = "\xe4";
	bad[2].override_codes = codes;
	bad[2].overrides = 2;
	bad[3].override_codes = codes;
	bad[3].overrides = 1;
	bad[3].override_reason = "f\xfcr";
	for (i = 0; i < 4; i++)
		assert_int_equal(mnpen_control_begin(p->client, "MN-1", &bad[i],
						     100, NULL, NULL), -EINVAL);
}

static void begin_without_a_place_is_invalid(void **state)
{
	const struct mnpen_plan plan = { .concern = "acne-scar" };
	struct peer *p = *state;

	assert_int_equal(mnpen_control_begin(p->client, "MN-1", &plan, 1000,
					     NULL, NULL), -EINVAL);
	assert_true(peer_quiet(p));
}

static void preparation_keeps_the_order_of_steps(void **state)
{
	static const char *const steps[] = { "cartridge-new", "skin-clean" };
	static const char *const bad[] = { "cartridge-new", "\xff" };
	struct peer *p = *state;

	peer_send(p, "{}");
	assert_int_equal(mnpen_control_prepare(p->client, "MN-1", steps, 2,
					       1000, NULL), 0);
	expect_call(p, "{\"method\":\"io.mnpen.Pen.ConfirmPreparation\",\"parameters\":{\"penId\":\"MN-1\",\"steps\":[\"cartridge-new\",\"skin-clean\"]}}");
	assert_int_equal(mnpen_control_prepare(p->client, "MN-1", bad, 2, 1000,
					       NULL), -EINVAL);
}

static void start_pause_end_release_name_the_pen(void **state)
{
	struct peer *p = *state;
	char *text;

	peer_send(p, "{\"parameters\":{\"session\":{}}}");
	assert_int_equal(mnpen_control_start(p->client, "MN-1", 1000, NULL,
					     NULL), 0);
	peer_send(p, "{}");
	assert_int_equal(mnpen_control_pause(p->client, "MN-1", 1000, NULL),
			 0);
	peer_send(p, "{\"parameters\":{\"endReason\":\"stopEnd\"}}");
	assert_int_equal(mnpen_control_end(p->client, "MN-1", 1000, &text,
					   NULL), 0);
	assert_string_equal(text, "{\"endReason\":\"stopEnd\"}");
	free(text);
	peer_send(p, "{}");
	assert_int_equal(mnpen_control_release(p->client, "MN-1", 1000, NULL),
			 0);
	expect_call(p, "{\"method\":\"io.mnpen.Pen.StartRun\",\"parameters\":{\"penId\":\"MN-1\"}}");
	expect_call(p, "{\"method\":\"io.mnpen.Pen.PauseRun\",\"parameters\":{\"penId\":\"MN-1\"}}");
	expect_call(p, "{\"method\":\"io.mnpen.Pen.EndSession\",\"parameters\":{\"penId\":\"MN-1\"}}");
	expect_call(p, "{\"method\":\"io.mnpen.Pen.ReleaseControl\",\"parameters\":{\"penId\":\"MN-1\"}}");
}

static void stop_without_a_pen_stops_all(void **state)
{
	struct peer *p = *state;
	char *text;

	peer_send(p, "{\"parameters\":{\"stopped\":[\"MN-1\"]}}");
	assert_int_equal(mnpen_stop(p->client, NULL, 1000, &text, NULL), 0);
	assert_string_equal(text, "{\"stopped\":[\"MN-1\"]}");
	free(text);
	expect_call(p, "{\"method\":\"io.mnpen.Pen.Stop\",\"parameters\":{}}");
}

/* ---- sockets ------------------------------------------------------------------- */

static char *directory;

static int make_directory(void **state)
{
	(void)state;
	directory = scratch_make("libmnpen");
	if (!directory)
		return -1;
	return setenv("MNPEN_SOCKET_DIR", directory, 1);
}

static int remove_directory(void **state)
{
	(void)state;
	unsetenv("MNPEN_SOCKET_DIR");
	scratch_remove(directory);
	return 0;
}

/* Binds a role's socket; listens if it shall be alive. */
static int bind_socket(const char *name, bool alive)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s", directory,
		 name);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	if (alive)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void the_environment_moves_the_sockets(void **state)
{
	char path[64], expected[64], tiny[8];

	(void)state;
	snprintf(expected, sizeof(expected), "%s/admin", directory);
	assert_int_equal(mnpen_socket_path(MNPEN_ADMIN, path, sizeof(path)), 0);
	assert_string_equal(path, expected);
	assert_int_equal(mnpen_socket_path(MNPEN_ADMIN, tiny, sizeof(tiny)),
			 -ENAMETOOLONG);
	unsetenv("MNPEN_SOCKET_DIR");
	assert_int_equal(mnpen_socket_path(MNPEN_ANY, path, sizeof(path)), 0);
	assert_string_equal(path, "/run/mnpen/operate");
	setenv("MNPEN_SOCKET_DIR", directory, 1);
}

static void a_daemon_that_is_not_there_is_told_apart(void **state)
{
	struct mnpen_client *client = (void *)1;
	int fd;

	(void)state;
	assert_int_equal(mnpen_client_open(NULL, MNPEN_ANY, &client), -ENOENT);
	assert_null(client);
	fd = bind_socket("observe", false);
	assert_int_equal(mnpen_client_open(NULL, MNPEN_OBSERVE, &client),
			 -ECONNREFUSED);
	close(fd);
}

static void any_takes_the_first_socket_that_opens(void **state)
{
	struct mnpen_client *client;
	int fd = bind_socket("admin", true);

	(void)state;
	assert_int_equal(mnpen_client_open(NULL, MNPEN_ANY, &client), 0);
	assert_int_equal(mnpen_client_role(client), MNPEN_ADMIN);
	mnpen_client_close(client);
	assert_int_equal(mnpen_client_open(NULL, MNPEN_OPERATE, &client),
			 -ENOENT);
	close(fd);
}

/* A daemon of one answer, in a process of its own. */
static pid_t answer_once(int listener, const char *answer)
{
	char byte;
	int fd;
	pid_t pid = fork();

	if (pid)
		return pid;
	fd = accept(listener, NULL, NULL);
	while (recv(fd, &byte, 1, 0) == 1 && byte)
		;
	_exit(send(fd, answer, strlen(answer) + 1, MSG_NOSIGNAL) < 0);
}

static void stop_all_goes_on_to_the_next_socket(void **state)
{
	/* operate: nobody listens; observe: hangs; admin: lives */
	int operate = bind_socket("operate", false);
	int observe = bind_socket("observe", true);
	int admin = bind_socket("admin", true);
	pid_t pid = answer_once(admin, "{\"parameters\":{\"stopped\":[]}}");
	char *stopped;
	int status;

	(void)state;
	assert_int_equal(mnpen_stop_all(NULL, 20, &stopped, NULL), 0);
	assert_string_equal(stopped, "{\"stopped\":[]}");
	free(stopped);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(operate);
	close(observe);
	close(admin);
}

static void stop_all_believes_the_first_daemon_that_answers(void **state)
{
	int operate = bind_socket("operate", true);
	pid_t pid = answer_once(operate,
				"{\"error\":\"io.mnpen.Pen.NoSuchPen\"}");
	struct mnpen_error e = { 0 };
	int status;

	(void)state;
	assert_int_equal(mnpen_stop_all("MN-9", 5000, NULL, &e), -EREMOTEIO);
	assert_int_equal(mnpen_error_kind(&e), MNPEN_E_NO_SUCH_PEN);
	mnpen_error_clear(&e);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(operate);
}

#define PEER(f) cmocka_unit_test_setup_teardown(f, peer_setup, peer_teardown)
#define DIR(f) \
	cmocka_unit_test_setup_teardown(f, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER(acquire_tells_the_heartbeat),
		PEER(acquire_without_a_heartbeat_is_no_answer),
		PEER(begin_spells_every_parameter),
		PEER(begin_leaves_out_nothing_that_is_no_text),
		PEER(begin_without_a_place_is_invalid),
		PEER(preparation_keeps_the_order_of_steps),
		PEER(start_pause_end_release_name_the_pen),
		PEER(stop_without_a_pen_stops_all),
		DIR(the_environment_moves_the_sockets),
		DIR(a_daemon_that_is_not_there_is_told_apart),
		DIR(any_takes_the_first_socket_that_opens),
		DIR(stop_all_goes_on_to_the_next_socket),
		DIR(stop_all_believes_the_first_daemon_that_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
