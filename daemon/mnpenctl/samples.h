/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a pen measured, sample by sample: in memory, as CSV, and back from it.
 *
 * The CSV begins with lines of remarks, which table programs are told to skip:
 *
 *   # mnpen samples 1
 *   # pen MN-00123
 *   # limit depth_um 1500
 *   # trigger_us 81234567
 *
 * then comes the line of column names, then one line for each sample or event.
 * A field that nobody knows is empty. flags holds letters: L records were lost
 * before this one (lost says how many), G the pen's counter jumped, D the pen
 * was reset or slept. Times are of the machine's monotonic clock.
 */
#ifndef MNPENCTL_SAMPLES_H
#define MNPENCTL_SAMPLES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The columns with a number; their units are in their names. */
#define SAMPLE_FIELDS(X) \
	X(depth_set_um) X(depth_um) X(rate_set_spm) X(rate_spm) X(motor_ma) \
	X(temp_motor_mdegc) X(temp_board_mdegc) X(lease_ms) X(strokes) \
	X(bus_mv) X(battery_mv) X(battery_pct) X(limits_generation) \
	X(fault_active) X(fault_latched)

enum sample_field {
#define X(name) SAMPLE_##name,
	SAMPLE_FIELDS(X)
#undef X
	SAMPLE_N_FIELDS
};

#define SAMPLE_F_LOST	1	/* the same bits as MNPEN_REC_F_* */
#define SAMPLE_F_GAP	2
#define SAMPLE_F_DISCONT 4

#define SAMPLE_TEXT_LEN	128
#define SAMPLE_LINE_MAX	1024	/* of CSV, with its end */

struct sample {
	int64_t time_us;
	int64_t seq;
	uint32_t flags;		/* SAMPLE_F_* */
	uint32_t lost;
	uint32_t known;		/* bit n: value[n] was measured */
	int64_t value[SAMPLE_N_FIELDS];
	char state[16];		/* of the pen, or "" */
	char event[SAMPLE_TEXT_LEN];	/* "": this is telemetry */
};

struct samples_head {
	char pen[64];
	uint32_t limited;	/* bit n: limit[n] was in force */
	int64_t limit[SAMPLE_N_FIELDS];
	bool triggered;
	int64_t trigger_us;
};

/* "depth_um"; -1: no such field. */
int sample_field_find(const char *name, size_t length);
const char *sample_field_name(enum sample_field field);

static inline bool sample_knows(const struct sample *s, enum sample_field f)
{
	return s->known >> f & 1;
}

void sample_set(struct sample *s, enum sample_field f, int64_t value);

/* From telemetry and event of io.mnpen.Pen.Monitor. */
void sample_from_telemetry(const json_t *telemetry, struct sample *out);
void sample_from_event(const json_t *event, int64_t time_us,
		       struct sample *out);
/* Limits of a Session or, where there is none, of the Pen itself. */
void samples_limits(const json_t *pen, struct samples_head *head);

/* ---- CSV ------------------------------------------------------------------ */

void samples_put_head(FILE *out, const struct samples_head *head);
void sample_put(FILE *out, const struct sample *s);

enum samples_line {
	SAMPLES_NOTHING,	/* a remark or the column names; head may know more */
	SAMPLES_SAMPLE,
	SAMPLES_BAD,
};

/*
 * One line, without its end; it is written on. Columns are taken as
 * samples_put_head() names them, in that order.
 */
enum samples_line samples_take_line(char *line, struct samples_head *head,
				    struct sample *out);

struct samples {
	struct samples_head head;
	struct sample *list;
	size_t n;
	size_t bad_line;	/* -EBADMSG: which */
};

/*
 * A whole file. -EBADMSG: not such a file, see bad_line; -E2BIG: more than
 * SAMPLES_MAX; else the system's. samples_free() always.
 */
#define SAMPLES_MAX	2000000
int samples_load(const char *path, struct samples *out);
void samples_free(struct samples *samples);

#endif /* MNPENCTL_SAMPLES_H */
