// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mnpenctl replay: a recording of "mnpenctl --json monitor", shown as monitor
 * shows what happens, at its own pace. No daemon is asked. Only telemetry
 * carries a time: what stands between two samples happened with the one before.
 */
#include "daemon/mnpenctl/mnpenctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SPEED_MAX	1000000
#define PAUSE_MAX_MS	3600000	/* a clock that leapt: go on */

struct replay {
	struct ctl *ctl;
	uint32_t speed;
	bool begun;
	int64_t first_us, at_ms;
	struct timespec start;
};

/* Sleeps until it is time for what happened at us. */
static void replay_wait(struct replay *r, int64_t us)
{
	int64_t due_ms;
	struct timespec until;

	if (!r->begun) {
		r->begun = true;
		r->first_us = us;
		clock_gettime(CLOCK_MONOTONIC, &r->start);
	}
	/* Another machine's clock, or that one's next start. */
	if (us < r->first_us + r->at_ms * 1000 ||
	    us > r->first_us + (r->at_ms + PAUSE_MAX_MS) * 1000)
		r->first_us = us - r->at_ms * 1000;
	r->at_ms = (us - r->first_us) / 1000;
	due_ms = r->at_ms / r->speed;
	until = r->start;
	until.tv_sec += due_ms / 1000;
	until.tv_nsec += due_ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) ==
	       EINTR)
		;
}

static bool replay_line(struct replay *r, const char *text)
{
	json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	const json_t *t = json_object_get(line, "telemetry");
	bool good = json_is_object(json_object_get(line, "gap")) ||
		    json_is_integer(json_object_get(line, "sequence"));

	if (good && json_is_integer(json_object_get(t, "timeMicroseconds")))
		replay_wait(r, js_int(t, "timeMicroseconds"));
	if (good && r->ctl->json)
		ctl_print_json(line);
	else if (good)
		watch_recorded(r->ctl, line, r->at_ms);
	json_decref(line);
	return good;
}

static int replay_file(struct replay *r, FILE *in)
{
	char *text = NULL;
	size_t room = 0;
	int number = 0, result = EXIT_DONE;

	while (!result && getline(&text, &room, in) > 0) {
		number++;
		if (!replay_line(r, text))
			result = explain(r->ctl, EXIT_USAGE, "BadRecording",
					 _("%s, line %d: not what mnpenctl --json monitor prints"),
					 r->ctl->args[0], number);
		if (ferror(stdout))
			break;
	}
	free(text);
	if (!result && !number)
		result = explain(r->ctl, EXIT_USAGE, "BadRecording",
				 _("%s is empty"), r->ctl->args[0]);
	return result;
}

int verb_replay(struct ctl *ctl)
{
	struct replay r = { .ctl = ctl, .speed = 1 };
	FILE *in;
	int result;

	if (ctl->speed && !units_parse(ctl->speed, SPEED_MAX, &r.speed))
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("--%s takes a whole number from 1 to %u; \"%s\" is not one"),
			       "speed", SPEED_MAX, ctl->speed);
	in = fopen(ctl->args[0], "re");
	if (!in)
		return explain(ctl, EXIT_USAGE, "Usage", _("%s: %s"),
			       ctl->args[0], strerror(errno));
	result = replay_file(&r, in);
	fclose(in);
	return result;
}
