// SPDX-License-Identifier: GPL-2.0-or-later
/* libmnpen's monitor: what is not known is told, and it comes back. */
#include "tests/unit/libmnpen_peer.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct watched {
	int n;
	enum mnpen_monitor_kind kind[32];
	int error[32];
	bool restarted[32];
	uint32_t gaps[32];
	char text[32][96];
	char remote[128];
};

struct daemon {
	char *directory, path[SCRATCH_LEN + 16];
	int listener, fd;		/* -1: none */
	struct mnpen_monitor *monitor;
	struct watched seen;
};

static void watched_one(const struct mnpen_monitor_event *e, void *ctx)
{
	struct watched *w = ctx;

	assert_in_range(w->n, 0, 31);
	w->kind[w->n] = e->kind;
	w->error[w->n] = e->error;
	w->restarted[w->n] = e->restarted;
	w->gaps[w->n] = e->gaps;
	snprintf(w->text[w->n], sizeof(w->text[0]), "%s",
		 e->parameters ? e->parameters : "");
	if (e->remote)
		snprintf(w->remote, sizeof(w->remote), "%s", e->remote->name);
	w->n++;
}

static void daemon_listen(struct daemon *d)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	d->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	strcpy(addr.sun_path, d->path);
	assert_int_equal(bind(d->listener, (struct sockaddr *)&addr,
			      sizeof(addr)), 0);
	assert_int_equal(listen(d->listener, 4), 0);
}

static void daemon_hang_up(struct daemon *d)
{
	close(d->fd);
	d->fd = -1;
}

static void daemon_die(struct daemon *d)
{
	if (d->fd >= 0)
		daemon_hang_up(d);
	if (d->listener >= 0)
		close(d->listener);
	d->listener = -1;
	unlink(d->path);
}

static int daemon_setup(void **state)
{
	struct daemon *d = calloc(1, sizeof(*d));

	*state = d;
	d->listener = -1;
	d->fd = -1;
	d->directory = scratch_make("libmnpen");
	if (!d->directory)
		return -1;
	snprintf(d->path, sizeof(d->path), "%s/observe", d->directory);
	return mnpen_monitor_open(d->path, MNPEN_ANY, "MN-1", watched_one,
				  &d->seen, &d->monitor);
}

static int daemon_teardown(void **state)
{
	struct daemon *d = *state;

	mnpen_monitor_close(d->monitor);
	daemon_die(d);
	scratch_remove(d->directory);
	free(d);
	return 0;
}

/* One turn of a loop: as long as the library itself wants to wait. */
static void turn(struct daemon *d)
{
	struct pollfd fd = { .fd = mnpen_monitor_get_fd(d->monitor),
			     .events = mnpen_monitor_get_events(d->monitor) };
	int timeout = mnpen_monitor_get_timeout(d->monitor);

	/* It never wants to wait for nothing. */
	assert_true(fd.fd >= 0 || timeout >= 0);
	assert_true(timeout <= 5000);
	poll(&fd, 1, timeout);
	assert_int_equal(mnpen_monitor_process(d->monitor), 0);
}

static void turn_until(struct daemon *d, int n)
{
	while (d->seen.n < n)
		turn(d);
}

/* Takes the connection that is made now or soon; checks the call on it. */
static void daemon_accept(struct daemon *d)
{
	struct peer p;
	char *text;

	while (mnpen_monitor_get_fd(d->monitor) < 0)
		turn(d);
	d->fd = accept(d->listener, NULL, NULL);
	assert_true(d->fd >= 0);
	p.fd = d->fd;
	text = peer_call_text(&p);
	assert_string_equal(text, "{\"method\":\"io.mnpen.Pen.Monitor\",\"more\":true,\"parameters\":{\"penId\":\"MN-1\"}}");
	free(text);
}

static void daemon_send(struct daemon *d, const char *text)
{
	struct peer p = { .fd = d->fd };

	peer_send(&p, text);
}

static const char first[] = "{\"continues\":true,\"parameters\":{\"bootId\":\"a\",\"pens\":[],\"sequence\":4}}";
static const char second[] = "{\"continues\":true,\"parameters\":{\"bootId\":\"b\",\"pens\":[],\"sequence\":0}}";
static const char update[] = "{\"continues\":true,\"parameters\":{\"sequence\":5}}";

static void the_first_reply_is_the_snapshot(void **state)
{
	struct daemon *d = *state;

	daemon_listen(d);
	daemon_accept(d);
	daemon_send(d, first);
	daemon_send(d, update);
	turn_until(d, 2);
	assert_int_equal(d->seen.kind[0], MNPEN_MONITOR_SNAPSHOT);
	assert_false(d->seen.restarted[0]);
	assert_int_equal(d->seen.kind[1], MNPEN_MONITOR_UPDATE);
	assert_string_equal(d->seen.text[1], "{\"sequence\":5}");
	assert_int_equal(d->seen.gaps[1], 0);
}

static void a_restart_is_a_gap_and_then_a_new_snapshot(void **state)
{
	struct daemon *d = *state;

	daemon_listen(d);
	daemon_accept(d);
	daemon_send(d, first);
	turn_until(d, 1);
	daemon_die(d);
	turn_until(d, 2);
	assert_int_equal(d->seen.kind[1], MNPEN_MONITOR_GAP);
	assert_int_equal(d->seen.error[1], -ECONNRESET);
	assert_int_equal(d->seen.gaps[1], 1);
	daemon_listen(d);
	daemon_accept(d);
	daemon_send(d, second);
	turn_until(d, 3);
	assert_int_equal(d->seen.kind[2], MNPEN_MONITOR_SNAPSHOT);
	assert_true(d->seen.restarted[2]);
	assert_int_equal(d->seen.gaps[2], 1);
}

static void the_same_daemon_again_is_no_restart(void **state)
{
	struct daemon *d = *state;

	daemon_listen(d);
	daemon_accept(d);
	daemon_send(d, first);
	turn_until(d, 1);
	daemon_hang_up(d);
	turn_until(d, 2);
	daemon_accept(d);
	daemon_send(d, first);
	turn_until(d, 3);
	assert_int_equal(d->seen.kind[2], MNPEN_MONITOR_SNAPSHOT);
	assert_false(d->seen.restarted[2]);
}

static void a_gap_is_told_once_however_long(void **state)
{
	struct daemon *d = *state;
	int i;

	turn_until(d, 1);
	assert_int_equal(d->seen.kind[0], MNPEN_MONITOR_GAP);
	assert_int_equal(d->seen.error[0], -ENOENT);
	/* Between two attempts it waits, and ever longer */
	assert_in_range(mnpen_monitor_get_timeout(d->monitor), 50, 100);
	turn(d);
	assert_in_range(mnpen_monitor_get_timeout(d->monitor), 101, 200);
	for (i = 0; i < 50; i++)
		mnpen_monitor_process(d->monitor);
	assert_int_equal(d->seen.n, 1);
	daemon_listen(d);
	daemon_accept(d);
	/* Accepted, then thrown out before the snapshot: the same gap */
	daemon_hang_up(d);
	while (mnpen_monitor_get_fd(d->monitor) >= 0)
		turn(d);
	assert_int_equal(d->seen.n, 1);
	daemon_accept(d);
	daemon_send(d, first);
	turn_until(d, 2);
	assert_int_equal(d->seen.kind[1], MNPEN_MONITOR_SNAPSHOT);
}

static void a_refusal_is_told_in_the_gap(void **state)
{
	struct daemon *d = *state;

	daemon_listen(d);
	daemon_accept(d);
	daemon_send(d, "{\"error\":\"io.mnpen.Pen.NoSuchPen\"}");
	turn_until(d, 1);
	assert_int_equal(d->seen.kind[0], MNPEN_MONITOR_GAP);
	assert_int_equal(d->seen.error[0], -EREMOTEIO);
	assert_string_equal(d->seen.remote, "io.mnpen.Pen.NoSuchPen");
}

static void garbage_is_a_gap(void **state)
{
	struct daemon *d = *state;

	daemon_listen(d);
	daemon_accept(d);
	daemon_send(d, first);
	daemon_send(d, "{\"continues\":true,\"parameters\":{\"n\":0.5}}");
	turn_until(d, 2);
	assert_int_equal(d->seen.kind[1], MNPEN_MONITOR_GAP);
	assert_int_equal(d->seen.error[1], -EBADMSG);
}

static void a_stream_that_ends_is_a_gap(void **state)
{
	struct daemon *d = *state;

	daemon_listen(d);
	daemon_accept(d);
	daemon_send(d, first);
	daemon_send(d, "{\"parameters\":{\"sequence\":5}}");
	turn_until(d, 3);
	assert_int_equal(d->seen.kind[1], MNPEN_MONITOR_UPDATE);
	assert_int_equal(d->seen.kind[2], MNPEN_MONITOR_GAP);
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, daemon_setup, daemon_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_reply_is_the_snapshot),
		TEST(a_restart_is_a_gap_and_then_a_new_snapshot),
		TEST(the_same_daemon_again_is_no_restart),
		TEST(a_gap_is_told_once_however_long),
		TEST(a_refusal_is_told_in_the_gap),
		TEST(garbage_is_a_gap),
		TEST(a_stream_that_ends_is_a_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
