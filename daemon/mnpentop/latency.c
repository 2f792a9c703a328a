// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long stops took. The driver knows best, from the cause to STOP on the
 * wire; its statistics are for root and only where debugfs is mounted. Else
 * what we measured of our own stops, which is longer: key to answer.
 */
#include "daemon/mnpentop/top.h"

#include "daemon/mnpenctl/first_line.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHIFT	6	/* the first bucket: below 64 us */

/* The driver's name of a pen: "mnpen0". */
static bool node_of(const char *root, const char *id, char *out, size_t size)
{
	char pattern[PATH_MAX], serial[64];
	bool found = false;
	glob_t g;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s/sys/class/mnpen/*/serial", root);
	if (glob(pattern, 0, NULL, &g))
		return false;
	for (i = 0; i < g.gl_pathc && !found; i++) {
		if (!first_line(g.gl_pathv[i], serial, sizeof(serial)) ||
		    strcmp(serial, id))
			continue;
		*strrchr(g.gl_pathv[i], '/') = '\0';
		snprintf(out, size, "%s", strrchr(g.gl_pathv[i], '/') + 1);
		found = true;
	}
	globfree(&g);
	return found;
}

/* " <64:0 <128:3 ... more:0" */
static void take_histogram(struct top_latency *l, char *text)
{
	char *word, *rest = NULL;
	int n = 0;

	for (word = strtok_r(text, " \n", &rest); word && n < TOP_BUCKETS;
	     word = strtok_r(NULL, " \n", &rest)) {
		const char *colon = strchr(word, ':');

		l->bucket[n++] =
			colon ? (uint32_t)strtoul(colon + 1, NULL, 10) : 0;
	}
}

static void take_line(struct top_latency *l, char *line)
{
	char *value = strchr(line, ' ');

	if (!value)
		return;
	*value++ = '\0';
	if (!strcmp(line, "stop_out_count"))
		l->count = (uint32_t)strtoul(value, NULL, 10);
	else if (!strcmp(line, "stop_out_min_us"))
		l->min_us = (uint32_t)strtoul(value, NULL, 10);
	else if (!strcmp(line, "stop_out_max_us"))
		l->max_us = (uint32_t)strtoul(value, NULL, 10);
	else if (!strcmp(line, "stop_out_histogram_us"))
		take_histogram(l, value);
}

void latency_read(struct top *t, const char *root)
{
	const struct top_pen *pen = feed_shown(t);
	char path[PATH_MAX], node[64], line[1024];
	struct top_latency l = { .source = N_("driver: cause to STOP on the wire") };
	FILE *f;

	memset(&t->driver, 0, sizeof(t->driver));
	if (!pen || !node_of(root, pen->id, node, sizeof(node)))
		return;
	snprintf(path, sizeof(path), "%s/sys/kernel/debug/usb/mnpen/%s/stats",
		 root, node);
	f = fopen(path, "re");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f))
		take_line(&l, line);
	fclose(f);
	t->driver = l;
}

void latency_add(struct top *t, uint32_t us)
{
	struct top_latency *l = &t->own;
	int n = 0;

	l->source = N_("here: key to the daemon's answer");
	while (n < TOP_BUCKETS - 1 && us >> (n + SHIFT))
		n++;
	l->bucket[n]++;
	if (!l->count++ || us < l->min_us)
		l->min_us = us;
	if (us > l->max_us)
		l->max_us = us;
}

const struct top_latency *latency_shown(const struct top *t)
{
	return t->driver.source ? &t->driver : &t->own;
}
