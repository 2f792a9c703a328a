// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libmnpen inside a program that it does not know: signals, a closed pipe,
 * programs it starts, copies of itself.
 */
#include "tests/unit/libmnpen_peer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIST	MNPEN_INTERFACE ".ListPens"
#define ANSWER	"{\"parameters\":{\"pens\":[]}}"
#define SIGNALS	40	/* before the answer comes, one in a millisecond */

static volatile sig_atomic_t signals;
static int answer_to;

static void on_alarm(int number)
{
	(void)number;
	if (++signals == SIGNALS &&
	    write(answer_to, ANSWER, sizeof(ANSWER)) < 0)
		_exit(1);
}

static void every_ms(long us)
{
	const struct itimerval timer = { { 0, us }, { 0, us } };
	/* No SA_RESTART: every wait ends with EINTR. */
	const struct sigaction action = { .sa_handler = on_alarm };

	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

static void signals_do_not_disturb_a_call(void **state)
{
	struct peer *p = *state;
	char *reply;
	int r;

	signals = 0;
	answer_to = p->fd;
	every_ms(1000);
	r = mnpen_call(p->client, LIST, NULL, -1, &reply, NULL);
	every_ms(0);
	assert_int_equal(r, 0);
	assert_true(signals >= SIGNALS);
	assert_string_equal(reply, "{\"pens\":[]}");
	free(reply);
}

static void signals_do_not_put_off_a_timeout(void **state)
{
	struct peer *p = *state;
	char *reply = (char *)"not touched";
	int r;

	signals = SIGNALS;	/* so that no answer comes */
	every_ms(1000);
	r = mnpen_call(p->client, LIST, NULL, 50, &reply, NULL);
	every_ms(0);
	assert_int_equal(r, -ETIMEDOUT);
	assert_null(reply);
	assert_true(signals > SIGNALS);
}

static void a_daemon_that_went_raises_no_sigpipe(void **state)
{
	struct peer *p = *state;
	int r;

	assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
	peer_hang_up(p);
	r = mnpen_call(p->client, LIST, NULL, 1000, NULL, NULL);
	assert_int_equal(r, -ECONNRESET);
	assert_int_equal(mnpen_get_fd(p->client), -1);
	assert_int_equal(mnpen_control_heartbeat(p->client, "MN-1"), -ENOTCONN);
}

/* Or a program that was begun would hold control of a pen. */
static void no_program_that_is_begun_has_the_connection(void **state)
{
	struct mnpen_client *client;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(mnpen_client_open_fd(fds[1], &client), 0);
	assert_true(fcntl(mnpen_get_fd(client), F_GETFD) & FD_CLOEXEC);
	mnpen_client_close(client);
	close(fds[0]);
}

static void a_copy_that_closes_leaves_the_connection(void **state)
{
	struct peer *p = *state;
	int status;
	pid_t pid;

	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		mnpen_client_close(p->client);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	peer_send(p, ANSWER);
	assert_int_equal(mnpen_call(p->client, LIST, NULL, 1000, NULL, NULL), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, peer_setup, peer_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(signals_do_not_disturb_a_call),
		TEST(signals_do_not_put_off_a_timeout),
		TEST(a_daemon_that_went_raises_no_sigpipe),
		cmocka_unit_test(no_program_that_is_begun_has_the_connection),
		TEST(a_copy_that_closes_leaves_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
