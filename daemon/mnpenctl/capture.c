// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mnpenctl capture: what happened around a moment, as a file that plot,
 * mnpentop and any table program open. What came before the trigger waits in
 * a ring; the file is written when all of it is there, or not at all.
 */
#include "daemon/mnpenctl/source.h"
#include "daemon/mnpenctl/now.h"
#include "daemon/mnpenctl/trigger.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define PRE_MS	200
#define POST_MS	1000
#define TIME_MAX_MS	60000
#define WITHIN_MAX_MS	3600000
#define PER_MS		2	/* twice as many records as packets come */
#define WAIT_MS		200

struct capture {
	struct ctl *ctl;
	struct trigger trigger;
	uint32_t pre_ms, post_ms, within_ms;
	struct sample *list;	/* until the trigger a ring of room */
	size_t room, n, first;
	struct samples_head head;
	uint64_t lost;
	int64_t began_ms;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

static int parse_ms(struct ctl *ctl, const char *option, const char *text,
		    uint32_t max, uint32_t *out)
{
	if (!text || units_parse(text, max, out))
		return EXIT_DONE;
	return explain(ctl, EXIT_USAGE, "Usage",
		       _("--%s takes a whole number from 1 to %u; \"%s\" is not one"),
		       option, max, text);
}

static int parse(struct capture *c)
{
	struct ctl *ctl = c->ctl;
	char why[160];
	int r;

	if (!ctl->output)
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("say --output FILE.csv"));
	if (ctl->trigger && !trigger_parse(ctl->trigger, &c->trigger, why))
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("--trigger \"%s\": %s; mnpenctl help capture tells more"),
			       ctl->trigger, why);
	r = parse_ms(ctl, "pre", ctl->pre, TIME_MAX_MS, &c->pre_ms);
	if (!r)
		r = parse_ms(ctl, "post", ctl->post, TIME_MAX_MS,
			     &c->post_ms);
	if (!r)
		r = parse_ms(ctl, "within", ctl->within, WITHIN_MAX_MS,
			     &c->within_ms);
	return r;
}

static struct sample *at(struct capture *c, size_t i)
{
	return &c->list[(c->first + i) % c->room];
}

/* What is older than the ring is to be, or than it has room for, goes. */
static void keep(struct capture *c, const struct sample *s)
{
	int64_t begin_us;

	if (c->n == c->room) {
		c->first = (c->first + 1) % c->room;
		c->n--;
	}
	*at(c, c->n) = *s;
	c->n++;
	c->lost += s->lost;
	begin_us = (c->head.triggered ? c->head.trigger_us : s->time_us) -
		   (int64_t)c->pre_ms * 1000;
	while (c->n > 1 && at(c, 0)->time_us < begin_us) {
		c->lost -= at(c, 0)->lost;
		c->first = (c->first + 1) % c->room;
		c->n--;
	}
}

static void fire(struct capture *c, const struct sample *s)
{
	c->head.triggered = true;
	c->head.trigger_us = s->time_us;
}

/* True: it is complete. */
static bool take(struct capture *c, const struct sample *s)
{
	if (!c->head.triggered &&
	    (!c->ctl->trigger || trigger_fires(&c->trigger, s)))
		fire(c, s);
	if (c->head.triggered &&
	    s->time_us > c->head.trigger_us + (int64_t)c->post_ms * 1000)
		return true;
	keep(c, s);
	return false;
}

static int collect(struct capture *c, struct source *source)
{
	struct sample s;
	int got;

	c->began_ms = now_ms();
	for (;;) {
		got = source_next(source, WAIT_MS, &s);
		if (got < 0 && c->head.triggered)
			return EXIT_DONE; /* what led to it is wanted */
		if (got < 0)
			return source_result(source);
		if (got && take(c, &s))
			return EXIT_DONE;
		if (interrupted && c->head.triggered)
			return EXIT_DONE;
		if (interrupted || (!c->head.triggered && c->within_ms &&
				    now_ms() > c->began_ms + c->within_ms))
			return explain(c->ctl, EXIT_RETRY, "NotTriggered",
				       _("the trigger did not fire; nothing was written"));
	}
}

static void put_file(struct capture *c, FILE *out)
{
	size_t i;

	samples_put_head(out, &c->head);
	for (i = 0; i < c->n; i++)
		sample_put(out, at(c, i));
}

static void say_done(const struct capture *c)
{
	json_t *line;

	if (!c->ctl->json) {
		printf(_("%zu records written to %s, %" PRIu64 " lost by this reader\n"),
		       c->n, c->ctl->output, c->lost);
		return;
	}
	line = json_pack("{s:s, s:s, s:I, s:I, s:I}", "path", c->ctl->output,
			 "penId", c->head.pen, "records", (json_int_t)c->n,
			 "lost", (json_int_t)c->lost, "triggerMicroseconds",
			 (json_int_t)c->head.trigger_us);
	ctl_print_json(line);
	json_decref(line);
}

int verb_capture(struct ctl *ctl)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct capture c = { .ctl = ctl, .pre_ms = PRE_MS,
			     .post_ms = POST_MS };
	struct source *source;
	FILE *out;
	int r = parse(&c);

	if (r)
		return r;
	c.room = (size_t)(c.pre_ms + c.post_ms) * PER_MS + 1000;
	c.list = calloc(c.room, sizeof(*c.list));
	if (!c.list)
		return explain(ctl, EXIT_REMOTE, "NoMemory", "out of memory");
	r = source_open(ctl, ctl->n_args ? ctl->args[0] : NULL, &source);
	if (!r && !(r = output_open(ctl, &out))) {
		sigaction(SIGINT, &action, NULL);
		sigaction(SIGTERM, &action, NULL);
		c.head = *source_head(source);
		r = collect(&c, source);
		if (!r)
			put_file(&c, out);
		r = output_close(ctl, out, r);
	}
	source_close(source);
	if (!r)
		say_done(&c);
	free(c.list);
	return r;
}
