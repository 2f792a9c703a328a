// SPDX-License-Identifier: GPL-2.0-or-later
/* Recordings, as JSON lines or as CSV, fed at their own pace. */
#include "daemon/mnpentop/top.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX	2000000

struct replay {
	struct samples csv;
	struct moment {
		int64_t ms;
		json_t *update;
	} *list;		/* of JSON; else csv */
	size_t n, next;
};

/*
 * Only telemetry carries a time: what stands between two samples happened at
 * the time of the one before.
 */
static int take_line(struct replay *r, const char *line, int64_t *first_us)
{
	json_t *update = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	const json_t *telemetry = json_object_get(update, "telemetry");
	int64_t us = json_integer_value(
		json_object_get(telemetry, "timeMicroseconds"));
	struct moment *list;
	bool good = json_is_object(update);

	if (!good || r->n >= LINES_MAX) {
		json_decref(update);
		return good ? -E2BIG : -EBADMSG;
	}
	if (!(r->n & (r->n - 1))) {
		list = realloc(r->list, (r->n ? r->n * 2 : 1) * sizeof(*list));
		if (!list) {
			json_decref(update);
			return -ENOMEM;
		}
		r->list = list;
	}
	if (us && !*first_us)
		*first_us = us;
	r->list[r->n].ms = r->n ? r->list[r->n - 1].ms : 0;
	if (us && (us - *first_us) / 1000 > r->list[r->n].ms)
		r->list[r->n].ms = (us - *first_us) / 1000;
	r->list[r->n++].update = update;
	return 0;
}

static int load_json(struct replay *r, FILE *in, size_t *number)
{
	int64_t first_us = 0;
	char *line = NULL;
	size_t room = 0;
	int ret = 0;

	while (!ret && getline(&line, &room, in) > 0) {
		++*number;
		ret = take_line(r, line, &first_us);
	}
	free(line);
	return ret;
}

static int load(struct replay *r, const char *path, size_t *number)
{
	FILE *in = fopen(path, "re");
	int first, ret;

	if (!in)
		return -errno;
	first = getc(in);
	if (first == '#') {
		fclose(in);
		ret = samples_load(path, &r->csv);
		*number = r->csv.bad_line;
		r->n = r->csv.n;
		return ret;
	}
	ungetc(first, in);
	ret = load_json(r, in, number);
	fclose(in);
	return ret ? ret : r->n ? 0 : -EBADMSG;
}

struct replay *replay_open(const char *path)
{
	struct replay *r = calloc(1, sizeof(*r));
	size_t line = 0;
	int ret = r ? load(r, path, &line) : -ENOMEM;

	if (!ret)
		return r;
	if (ret == -EBADMSG)
		fprintf(stderr,
			_("mnpentop: %s: line %zu is neither of mnpenctl --json monitor nor of mnpentop --csv\n"),
			path, line);
	else
		fprintf(stderr, "mnpentop: %s: %s\n", path, strerror(-ret));
	replay_close(r);
	return NULL;
}

void replay_close(struct replay *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; r->list && i < r->n; i++)
		json_decref(r->list[i].update);
	free(r->list);
	samples_free(&r->csv);
	free(r);
}

static int64_t ms_of(const struct replay *r, size_t i)
{
	if (r->list)
		return r->list[i].ms;
	return (r->csv.list[i].time_us - r->csv.list[0].time_us) / 1000;
}

int64_t replay_next_ms(const struct replay *r)
{
	return r->next < r->n ? ms_of(r, r->next) : -1;
}

bool replay_until(struct replay *r, struct top *t, int64_t now_ms)
{
	for (; r->next < r->n && ms_of(r, r->next) <= now_ms; r->next++) {
		t->replay_ms = ms_of(r, r->next);
		if (r->list)
			feed_update(t, r->list[r->next].update, t->replay_ms);
		else
			feed_sample(t, &r->csv.head, &r->csv.list[r->next],
				    t->replay_ms);
	}
	return r->next < r->n;
}

int replay_to_csv(struct replay *r)
{
	struct samples_head head = { 0 };
	bool head_done = false;
	size_t i;

	if (!r->list) {
		samples_put_head(stdout, &r->csv.head);
		for (i = 0; i < r->n; i++)
			sample_put(stdout, &r->csv.list[i]);
	}
	for (i = 0; r->list && i < r->n; i++)
		csv_update(r->list[i].update, &head, &head_done);
	return fflush(stdout) ? 1 : 0;
}
