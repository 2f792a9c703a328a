// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A session of two seconds, the way a kiosk runs one: every call before the
 * motor may wait, none may while it turns, since heartbeats have to leave.
 *
 *   cc example-session.c $(pkg-config --cflags --libs libmnpen)
 *   ./a.out PEN QUESTION... -- STEP...
 *
 * QUESTION: codes of the screening that were asked and answered with no; STEP:
 * codes of the preparation that were done. mnpenctl --json catalogue has both.
 */
#include "libmnpen.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RUN_MS	2000
#define CALL_MS	5000
#define CODES	128

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* 0: it went well. Says what did not, as the daemon puts it. */
static int failed(const char *what, int r, struct mnpen_error *error)
{
	if (r < 0)
		fprintf(stderr, "%s: %s %s\n", what, strerror(-r),
			error->parameters ? error->parameters : "");
	mnpen_error_clear(error);
	return r < 0;
}

static void started(const struct mnpen_reply *reply, void *ctx)
{
	int *state = ctx;	/* 0: not answered, 1: runs, -1: refused */

	*state = reply->status < 0 ? -1 : 1;
	if (reply->error)
		fprintf(stderr, "StartRun: %s\n", reply->error->parameters);
}

/* The motor turns while this does, and stops soon after it hangs. */
static int run(struct mnpen_client *client, const char *pen,
	       unsigned int heartbeat_ms)
{
	long end = now_ms() + RUN_MS, beat = 0;
	char parameters[160];
	int state = 0;

	snprintf(parameters, sizeof(parameters), "{\"penId\":\"%s\"}", pen);
	if (mnpen_call_async(client, MNPEN_INTERFACE ".StartRun", parameters,
			     CALL_MS, started, &state))
		return 1;
	while (state >= 0 && now_ms() < end) {
		struct pollfd fd = { mnpen_get_fd(client),
				     mnpen_get_events(client), 0 };

		if (now_ms() >= beat) {
			mnpen_control_heartbeat(client, pen);
			beat = now_ms() + heartbeat_ms / 3;
		}
		poll(&fd, 1, (int)heartbeat_ms / 3);
		if (mnpen_process(client) < 0)
			return 1;	/* the daemon has stopped the pen */
	}
	return state != 1;
}

int main(int argc, char **argv)
{
	struct mnpen_answer answers[CODES] = { 0 };
	struct mnpen_plan plan = { .area = "cheek", .concern = "acne-scar",
				   .depth_um = 800, .rate_spm = 6000,
				   .planned_ms = 60000, .screening = answers };
	struct mnpen_error error = { 0 };
	struct mnpen_client *client;
	uint32_t heartbeat_ms = 0;
	char *ended = NULL;
	int i, r;

	for (i = 2; i < argc && strcmp(argv[i], "--") && i < CODES; i++)
		answers[plan.answers++].code = argv[i];
	if (i >= argc)
		return 2;
	if (mnpen_client_open(NULL, MNPEN_OPERATE, &client))
		return 1;
	r = failed("AcquireControl", mnpen_control_acquire(
			client, argv[1], CALL_MS, &heartbeat_ms, &error), &error) ||
	    failed("BeginSession", mnpen_control_begin(
			client, argv[1], &plan, CALL_MS, NULL, &error), &error);
	if (!r) {
		r = failed("ConfirmPreparation", mnpen_control_prepare(
				client, argv[1],
				(const char *const *)argv + i + 1,
				(size_t)(argc - i - 1), CALL_MS, &error),
			   &error) || run(client, argv[1], heartbeat_ms);
		/* Whatever came of it: a session that was begun is ended. */
		r |= failed("EndSession", mnpen_control_end(client, argv[1], CALL_MS,
							    &ended, &error), &error);
	}
	if (ended)
		puts(ended);
	free(ended);
	mnpen_client_close(client);
	return r;
}
