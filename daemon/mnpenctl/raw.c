// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mnpenctl raw: every record of a pen as it comes, decoded, with what was lost
 * before it. How much was lost in all stands at the end.
 */
#include "daemon/mnpenctl/source.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

#define WAIT_MS 1000

struct raw {
	struct ctl *ctl;
	uint32_t count;		/* 0: until interrupted */
	uint64_t records, lost, gaps, discontinuities;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

static json_t *values_json(const struct sample *s)
{
	json_t *values = json_object();
	int i;

	for (i = 0; i < SAMPLE_N_FIELDS; i++)
		if (sample_knows(s, i))
			json_object_set_new(values, sample_field_name(i),
					    json_integer(s->value[i]));
	return values;
}

static void put_json(const struct sample *s)
{
	json_t *line = json_pack(
		"{s:I, s:I, s:s, s:s?, s:I, s:b, s:b, s:o}", "timeMicroseconds",
		(json_int_t)s->time_us, "penSequence", (json_int_t)s->seq,
		"state", s->state, "event", *s->event ? s->event : NULL, "lost",
		(json_int_t)s->lost, "gap", !!(s->flags & SAMPLE_F_GAP),
		"discontinuity", !!(s->flags & SAMPLE_F_DISCONT), "values",
		values_json(s));

	ctl_print_json(line);
	json_decref(line);
}

/* A value, or a question mark where the pen does not know it. */
static void put(const char *name, const struct sample *s, enum sample_field f,
		const char *unit)
{
	if (sample_knows(s, f))
		printf("  %s%" PRId64 "%s", name, s->value[f], unit);
	else
		printf("  %s?%s", name, unit);
}

static void put_flags(const struct sample *s)
{
	if (s->flags & SAMPLE_F_LOST)
		printf("  LOST %" PRIu32, s->lost);
	if (s->flags & SAMPLE_F_GAP)
		printf("  GAP");
	if (s->flags & SAMPLE_F_DISCONT)
		printf("  RESET");
}

static void put_text(const struct sample *s)
{
	char faults[128];

	printf("%" PRId64 ".%06" PRId64 "  #%" PRId64 "  %-8s",
	       s->time_us / 1000000, s->time_us % 1000000, s->seq, s->state);
	if (*s->event) {
		printf("  %s", s->event);
	} else {
		put("set ", s, SAMPLE_depth_set_um, " um");
		put("is ", s, SAMPLE_depth_um, " um");
		put("set ", s, SAMPLE_rate_set_spm, "/min");
		put("is ", s, SAMPLE_rate_spm, "/min");
		put("", s, SAMPLE_motor_ma, " mA");
		put("", s, SAMPLE_temp_motor_mdegc, " mC");
		put("lease ", s, SAMPLE_lease_ms, " ms");
		put("strokes ", s, SAMPLE_strokes, "");
	}
	if (s->value[SAMPLE_fault_latched])
		printf("  FAULT %s",
		       name_faults((uint32_t)s->value[SAMPLE_fault_latched],
				   faults, sizeof(faults)));
	put_flags(s);
	putchar('\n');
	fflush(stdout);
}

static void take(struct raw *r, const struct sample *s)
{
	r->records++;
	r->lost += s->lost;
	r->gaps += !!(s->flags & SAMPLE_F_GAP);
	r->discontinuities += !!(s->flags & SAMPLE_F_DISCONT);
	if (r->ctl->json)
		put_json(s);
	else
		put_text(s);
}

static void put_sums(const struct raw *r)
{
	json_t *line;

	if (!r->ctl->json) {
		fprintf(stderr,
			_("%" PRIu64 " records, %" PRIu64 " lost by this reader, %" PRIu64 " gaps of the pen, %" PRIu64 " resets\n"),
			r->records, r->lost, r->gaps, r->discontinuities);
		return;
	}
	line = json_pack("{s:I, s:I, s:I, s:I}", "records",
			 (json_int_t)r->records, "lost", (json_int_t)r->lost,
			 "gaps", (json_int_t)r->gaps, "discontinuities",
			 (json_int_t)r->discontinuities);
	ctl_print_json(line);
	json_decref(line);
}

static int parse_count(struct raw *r)
{
	if (!r->ctl->count || units_parse(r->ctl->count, 1000000000, &r->count))
		return EXIT_DONE;
	return explain(r->ctl, EXIT_USAGE, "Usage",
		       _("--%s takes a whole number from 1 to %u; \"%s\" is not one"),
		       "count", 1000000000u, r->ctl->count);
}

int verb_raw(struct ctl *ctl)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct raw r = { .ctl = ctl };
	struct source *source;
	struct sample s;
	int ret, got = 0;

	ret = parse_count(&r);
	if (ret)
		return ret;
	ret = source_open(ctl, ctl->n_args ? ctl->args[0] : NULL, &source);
	if (ret)
		return ret;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	while (!interrupted && !ferror(stdout) && got >= 0 &&
	       (!r.count || r.records < r.count)) {
		got = source_next(source, WAIT_MS, &s);
		if (got > 0)
			take(&r, &s);
	}
	/* An error is the last thing on stdout, and says enough. */
	if (got >= 0)
		put_sums(&r);
	ret = got < 0 ? source_result(source) : EXIT_DONE;
	source_close(source);
	return ret;
}
