// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the record costs, beside a bare write and fdatasync on the same disk in
 * the same run; and how fast a record of many sessions answers.
 *
 *   record-bench [--sessions N] DIRECTORY
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/record/record.h"

#define ROUNDS	   5
#define SINGLE	   100	/* rows of a round, one at a time */
#define GROUPED	   20000
#define QUESTIONS  50
#define GROUP	   512
#define PATIENTS   5000

static char path[256], raw_path[256];
static int failed;

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Of the processor: what a busy machine leaves alone. */
static double used_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void die(const char *what)
{
	fprintf(stderr, "record-bench: %s\n", what);
	exit(1);
}

static struct record *open_record(double *seconds)
{
	char error[RECORD_ERROR_LEN];
	double start = now_s();
	struct record *r;

	if (record_open(path, &r, NULL, error))
		die(error);
	if (seconds)
		*seconds = now_s() - start;
	return r;
}

static struct record_result take(struct record *r)
{
	struct pollfd fd = { .fd = record_fd(r), .events = POLLIN };
	struct record_result res;

	while (!record_next(r, &res))
		poll(&fd, 1, 1000);
	if (res.error)
		die(strerror(-res.error));
	return res;
}

static void post(struct record *r, enum record_kind kind, const char *session,
		 const char *body)
{
	struct record_row row = { kind, session, body };

	if (record_append(r, 1, &row))
		die("a row was refused");
}

/* As a run writes it every 1.5 seconds. */
static const char progress[] =
	"{\"areaPunctures\":12000,\"densityPerSquareCentimetre\":110,"
	"\"depthPeakMicrometres\":505,\"motorMilliseconds\":4200,"
	"\"pen\":\"MN-00123\",\"punctures\":5040,\"ratePeakStrokesPerMinute\":"
	"6010,\"run\":1,\"runMilliseconds\":4200,\"runStrokes\":420,\"runs\":1,"
	"\"strokes\":420}";

/* Rows per second. */
static double single(struct record *r)
{
	double start = now_s();

	for (int i = 0; i < SINGLE; i++) {
		post(r, RECORD_PROGRESS, NULL, progress);
		take(r);
	}
	return SINGLE / (now_s() - start);
}

static double grouped(struct record *r)
{
	double start = now_s();

	for (int i = 0; i < GROUPED; i += GROUP) {
		for (int k = 0; k < GROUP; k++)
			post(r, RECORD_PROGRESS, NULL, progress);
		for (int k = 0; k < GROUP; k++)
			take(r);
	}
	return GROUPED / (now_s() - start);
}

static double raw(int fd)
{
	double start = now_s();

	for (int i = 0; i < SINGLE; i++) {
		if (write(fd, progress, sizeof(progress)) < 0 || fdatasync(fd))
			die("the bare file cannot be written");
	}
	return SINGLE / (now_s() - start);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v)
{
	qsort(v, ROUNDS, sizeof(*v), by_value);
	return v[ROUNDS / 2];
}

static void judge(const char *what, double value, double limit, bool least)
{
	bool ok = least ? value >= limit : value <= limit;

	printf("%-42s %10.2f  (%s %.2f)%s\n", what, value,
	       least ? "at least" : "at most", limit, ok ? "" : "  TOO BAD");
	failed |= !ok;
}

static void writing(void)
{
	double one[ROUNDS], bare[ROUNDS], many[ROUNDS];
	struct record *r = open_record(NULL);
	double used = 0;
	int fd;

	fd = open(raw_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		die("the directory cannot be written");
	/* In turn, so that both see the same disk. */
	for (int i = 0; i < ROUNDS; i++) {
		bare[i] = raw(fd);
		one[i] = single(r);
		used -= used_s();
		many[i] = grouped(r);
		used += used_s();
	}
	close(fd);
	record_close(r);
	printf("medians of %d rounds\n", ROUNDS);
	printf("%-42s %10.2f\n", "bare write and fdatasync, 1/s", median(bare));
	printf("%-42s %10.2f\n", "durable rows one at a time, 1/s",
	       median(one));
	judge("one durable row, of a bare one", median(one) / median(bare), 0.4,
	      true);
	printf("%-42s %10.2f\n", "grouped rows, 1/s of processor time",
	       ROUNDS * GROUPED / used);
	judge("grouped rows, 1/s", median(many), 10000, true);
}

/* As long as a real one: forty answers. */
static void begin_body(char *out, size_t len, int i)
{
	int n = snprintf(out, len,
			 "{\"area\":\"cheek\",\"concern\":\"fine_lines\","
			 "\"patient\":\"P-%d\",\"operator\":\"O-1\",\"pen\":"
			 "\"MN-00123\",\"depthMicrometres\":500,"
			 "\"plannedMilliseconds\":600000,\"screening\":[",
			 i % PATIENTS);

	for (int k = 0; k < 40; k++)
		n += snprintf(out + n, len - n,
			      "%s{\"code\":\"question%d\",\"yes\":false}",
			      k ? "," : "", k);
	snprintf(out + n, len - n, "]}");
}

/* A session of eight rows; its id may be wanted again. */
static void fill(struct record *r, int sessions, char id[RECORD_SESSION_LEN])
{
	char begin[4096], intent[256];
	int waiting = 0;

	for (int i = 0; i < sessions; i++) {
		record_new_session(id);
		begin_body(begin, sizeof(begin), i);
		snprintf(intent, sizeof(intent),
			 "{\"cartridge\":\"01:%d\",\"depthMicrometres\":500,"
			 "\"pen\":\"MN-00123\",\"run\":1}", i);
		post(r, RECORD_SESSION_BEGIN, id, begin);
		post(r, RECORD_RUN_INTENT, id, intent);
		for (int k = 0; k < 4; k++)
			post(r, RECORD_PROGRESS, id, progress);
		post(r, RECORD_RUN_END, id, progress);
		post(r, RECORD_SESSION_END, id, progress);
		waiting += 8;
		if (waiting < GROUP)
			continue;
		for (; waiting; waiting--)
			take(r);
	}
	while (waiting--)
		take(r);
}

/* Says the slowest as well, which is the scheduler's on a busy machine. */
static void question(struct record *r, const char *what,
		     int (*ask)(struct record *r, int i))
{
	double ms[QUESTIONS], start;

	for (int i = 0; i < QUESTIONS; i++) {
		start = now_s();
		if (ask(r, i))
			die("a question was refused");
		free(take(r).json);
		ms[i] = (now_s() - start) * 1e3;
	}
	qsort(ms, QUESTIONS, sizeof(*ms), by_value);
	judge(what, ms[QUESTIONS / 2], 10, false);
	printf("%-42s %10.2f\n", "  slowest of fifty, ms", ms[QUESTIONS - 1]);
}

static char last_id[RECORD_SESSION_LEN];

static int ask_list(struct record *r, int i)
{
	return record_list(r, i, 20);
}

static int ask_show(struct record *r, int i)
{
	return record_session(r, i, last_id);
}

static int ask_history(struct record *r, int i)
{
	struct record_about about = { .area = "cheek" };

	snprintf(about.patient, sizeof(about.patient), "P-%d", i * 97);
	snprintf(about.cartridge, sizeof(about.cartridge), "01:%d", i * 1013);
	return record_history(r, i, &about);
}

static int ask_treatments(struct record *r, int i)
{
	char patient[32];

	snprintf(patient, sizeof(patient), "P-%d", i * 89);
	return record_treatments(r, i, patient);
}

static int ask_cartridge(struct record *r, int i)
{
	char name[32];

	snprintf(name, sizeof(name), "01:%d", i * 1777);
	return record_cartridge(r, i, name);
}

static void reading(int sessions)
{
	struct record *r = open_record(NULL);
	double seconds, start = now_s();

	fill(r, sessions, last_id);
	record_close(r);
	printf("%d sessions, %d rows written in %.1f s\n", sessions,
	       sessions * 8, now_s() - start);
	r = open_record(&seconds);
	judge("start-up, s", seconds, 1, false);
	question(r, "list of 20, ms", ask_list);
	question(r, "one session, ms", ask_show);
	question(r, "interval and cartridge, ms", ask_history);
	question(r, "treatments of a patient, ms", ask_treatments);
	question(r, "uses of a cartridge, ms", ask_cartridge);
	start = now_s();
	if (record_verify(r, 1))
		die("a question was refused");
	free(take(r).json);
	printf("%-42s %10.2f\n", "verify of all, s", now_s() - start);
	record_close(r);
}

static void clear(void)
{
	static const char *const tails[] = { "", "-wal", "-head", "-key",
					     "-reserve" };
	char name[300];

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, tails[i]);
		unlink(name);
	}
	unlink(raw_path);
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "sessions", required_argument, NULL, 's' },
		{ 0 },
	};
	int sessions = 100000, c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c != 's')
			return 2;
		sessions = atoi(optarg);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc - optind != 1 || sessions < 1)
		return 2;
	snprintf(path, sizeof(path), "%s/bench.db", argv[optind]);
	snprintf(raw_path, sizeof(raw_path), "%s/bench.raw", argv[optind]);
	clear();
	writing();
	clear();
	reading(sessions);
	clear();
	return failed;
}
