/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw telemetry, for clinics that want more of a run than its summary: every
 * record of the pen as a line of text, some seconds of them to a compressed
 * block of the record. Off unless asked for; what is older than was asked for
 * is dropped after a row of the record has said so. It is the first thing that
 * is given up when the disk is full.
 */
#ifndef MNPEND_RAW_H
#define MNPEND_RAW_H

#include <event2/event.h>
#include <linux/mnpen.h>
#include <stdbool.h>
#include <stddef.h>

#define RAW_RECORDS	512	/* of a block: four seconds of a pen */
#define RAW_LINE_MAX	128
#define RAW_DAYS_MAX	36500

/* What the numbers of a line are. times: the host's monotonic, the pen's own. */
#define RAW_COLUMNS \
	"timeMicroseconds,penMicroseconds,penSequence,depthSetMicrometres," \
	"depthMicrometres,rateSetStrokesPerMinute,rateStrokesPerMinute," \
	"currentMilliamps,motorTemperatureMillidegrees,strokes"

/* What one pen said since the last block; all zero: nothing. */
struct raw {
	char text[RAW_RECORDS * RAW_LINE_MAX];
	size_t len;
	unsigned int records;
};

void raw_add(struct raw *raw, const struct mnpen_record *r);
bool raw_full(const struct raw *raw);
void raw_clear(struct raw *raw);

struct raw_keeper;
struct recorder;

/*
 * Drops what is older than days, now and every hour. *out is owned by the
 * caller; rec has to outlive it. -ENOMEM.
 */
int raw_keeper_new(struct event_base *base, struct recorder *rec,
		   unsigned int days, struct raw_keeper **out);
void raw_keeper_free(struct raw_keeper *keeper);

#endif /* MNPEND_RAW_H */
