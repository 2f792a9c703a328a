// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/raw.h"

#include "daemon/mnpend/clock.h"
#include "daemon/mnpend/log.h"
#include "daemon/mnpend/recorder.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEPER_S	3600
#define DAY_MS		INT64_C(86400000)

void raw_add(struct raw *raw, const struct mnpen_record *r)
{
	const struct mnpen_telemetry *t = &r->telemetry;
	size_t left = sizeof(raw->text) - raw->len;
	int len;

	if (raw_full(raw))
		return;
	len = snprintf(raw->text + raw->len, left,
		       "%" PRIu64 ",%" PRIu32 ",%" PRIu32 ",%u,%u,%u,%u,%d,%" PRId32
		       ",%" PRIu32 "\n",
		       (uint64_t)(r->time_ns / 1000), (uint32_t)r->dev_time_us,
		       (uint32_t)r->seq, t->depth_set_um, t->depth_um,
		       t->rate_set_spm, t->rate_spm, t->motor_ma,
		       (int32_t)t->temp_motor_mdegc, (uint32_t)t->strokes);
	if (len < 0 || (size_t)len >= left)
		return;
	raw->len += (size_t)len;
	raw->records++;
}

bool raw_full(const struct raw *raw)
{
	return raw->records >= RAW_RECORDS;
}

void raw_clear(struct raw *raw)
{
	raw->len = 0;
	raw->records = 0;
}

/* --- dropping what is old --------------------------------------------------- */

struct raw_keeper {
	struct event *timer;
	struct recorder *recorder;
	int64_t days;
};

static void keeper_done(int error, json_t *json, uint32_t tag, void *ctx)
{
	const struct raw_keeper *keeper = ctx;
	json_int_t row = json_integer_value(json_object_get(json,
							    "throughRow"));

	(void)tag;
	if (error)
		log_warning("record: old raw telemetry is still there: %s",
			    strerror(-error));
	else if (row)
		log_info("record: raw telemetry older than %lld days dropped, through row %lld",
			 (long long)keeper->days, (long long)row);
}

static void keeper_look(evutil_socket_t fd, short what, void *arg)
{
	struct raw_keeper *keeper = arg;
	struct recorder_then then = { .fn = keeper_done, .ctx = keeper };

	(void)fd;
	(void)what;
	recorder_retain(keeper->recorder,
			(int64_t)clock_unix_ms() - keeper->days * DAY_MS,
			&then);
}

int raw_keeper_new(struct event_base *base, struct recorder *rec,
		   unsigned int days, struct raw_keeper **out)
{
	struct timeval interval = { .tv_sec = KEEPER_S };
	struct raw_keeper *keeper = calloc(1, sizeof(*keeper));

	*out = keeper;
	if (!keeper)
		return -ENOMEM;
	keeper->recorder = rec;
	keeper->days = days;
	keeper->timer = event_new(base, -1, EV_PERSIST, keeper_look, keeper);
	if (!keeper->timer || event_add(keeper->timer, &interval))
		return -ENOMEM;
	keeper_look(-1, 0, keeper);
	return 0;
}

void raw_keeper_free(struct raw_keeper *keeper)
{
	if (!keeper)
		return;
	if (keeper->timer)
		event_free(keeper->timer);
	recorder_forget(keeper->recorder, keeper);
	free(keeper);
}
