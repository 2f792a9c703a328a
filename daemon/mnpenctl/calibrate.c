// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mnpenctl calibrate: what a gauge measures beside what the pen was set to. A
 * pen's table is written in the factory and no request changes it, so that
 * nothing is written here: what comes out is a report, and the table that the
 * readings ask for.
 */
#include "daemon/mnpenctl/service.h"
#include "daemon/mnpenctl/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/mnpen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define POINTS		8	/* in a pen's table */
#define READINGS	32
#define DEPTH_MAX_UM	10000
#define TOLERANCE_UM	50
#define TABLE_VERSION	1	/* of the layout that is read here */

struct reading {
	int64_t set_um, gauge_um;
};

struct calibration {
	struct ctl *ctl;
	char pen[64];
	int64_t point[POINTS][3];	/* depth, encoder counts, backlash */
	int n_points;
	struct reading reading[READINGS];
	int n;
	uint32_t tolerance_um;
	int64_t offset_um, slope_ppm, worst_um;
};

/* ---- the table of the pen ---------------------------------------------------- */

static int64_t le16(const uint8_t *p)
{
	return p[0] | p[1] << 8;
}

/* As mnpen-protocol.rst has it: 16 bytes of head, then rows of three. */
static void take_blob(struct calibration *c, const struct mnpen_blob *b)
{
	int i, k;

	if (b->version != TABLE_VERSION)
		return;
	c->n_points = b->data[6] > POINTS ? POINTS : b->data[6];
	for (i = 0; i < c->n_points; i++)
		for (k = 0; k < 3; k++)
			c->point[i][k] = le16(b->data + 16 + 6 * i + 2 * k);
}

static int table_of_node(struct calibration *c, const char *path)
{
	struct mnpen_blob blob = { .id = MNPEN_CALIB_DEPTH };
	struct mnpen_caps caps;
	int fd, r;

	r = node_open(c->ctl, path, O_RDONLY, &fd);
	if (r)
		return r;
	if (ioctl(fd, MNPEN_IOC_GET_CAPS, &caps)) {
		r = node_explain(c->ctl, path, "GET_CAPS", errno);
	} else {
		snprintf(c->pen, sizeof(c->pen), "%.*s", MNPEN_STR_LEN,
			 caps.serial);
		if (!ioctl(fd, MNPEN_IOC_GET_CALIB, &blob))
			take_blob(c, &blob);
		else if (errno != EOPNOTSUPP && errno != ENODATA)
			r = node_explain(c->ctl, path, "GET_CALIB", errno);
	}
	close(fd);
	return r;
}

static int table_of_daemon(struct calibration *c)
{
	json_t *reply = NULL, *row, *ask = json_pack("{s:s}", "of", "depth");
	int r = service_ask(c->ctl, "GetCalibration", ask, &reply);
	size_t i, k;

	snprintf(c->pen, sizeof(c->pen), "%s", c->ctl->args[0]);
	json_array_foreach(json_object_get(reply, "points"), i, row) {
		if (i >= POINTS)
			break;
		for (k = 0; k < 3; k++)
			c->point[i][k] = json_integer_value(
				json_array_get(row, k));
		c->n_points = (int)i + 1;
	}
	json_decref(reply);
	return r;
}

/* ---- readings ------------------------------------------------------------------ */

static bool take_um(const char *text, size_t len, int64_t *out)
{
	char copy[16];
	uint32_t value;

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (!units_parse(copy, DEPTH_MAX_UM, &value))
		return false;
	*out = value;
	return true;
}

/* "500:512,1000:1008" */
static int take_readings(struct calibration *c, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, ","), colon = strcspn(text, ":");
		struct reading *r = &c->reading[c->n];

		if (c->n == READINGS || colon >= len ||
		    !take_um(text, colon, &r->set_um) ||
		    !take_um(text + colon + 1, len - colon - 1, &r->gauge_um))
			return explain(c->ctl, EXIT_USAGE, "Usage",
				       _("--readings takes pairs of micrometres: 500:512,1000:1008"));
		c->n++;
		text += len + (text[len] == ',');
	}
	return EXIT_DONE;
}

/* At the depths of the pen's own table; an empty line leaves one out. */
static int ask_readings(struct calibration *c)
{
	char line[64];
	int i;

	puts(_("Set each depth at the pen, let it rest, and type what the gauge reads, in\n"
	       "whole micrometres. An empty line leaves that depth out. Nothing is moved and\n"
	       "nothing is written to the pen."));
	for (i = 0; i < c->n_points; i++) {
		struct reading *r = &c->reading[c->n];

		do {
			printf(_("set %" PRId64 " um; the gauge reads: "),
			       c->point[i][0]);
			fflush(stdout);
			if (!fgets(line, sizeof(line), stdin))
				return EXIT_DONE;
			line[strcspn(line, "\n")] = '\0';
		} while (*line && !take_um(line, strlen(line), &r->gauge_um));
		if (!*line)
			continue;
		r->set_um = c->point[i][0];
		c->n++;
	}
	return EXIT_DONE;
}

/* ---- what they say ---------------------------------------------------------------- */

/* The straight line closest to them: gauge = offset + slope * set. */
static void fit(struct calibration *c)
{
	int64_t x = 0, y = 0, xx = 0, xy = 0, below, n = c->n;
	int i;

	for (i = 0; i < c->n; i++) {
		const struct reading *r = &c->reading[i];
		int64_t difference = llabs(r->gauge_um - r->set_um);

		x += r->set_um;
		y += r->gauge_um;
		xx += r->set_um * r->set_um;
		xy += r->set_um * r->gauge_um;
		if (difference > c->worst_um)
			c->worst_um = difference;
	}
	/* 32 readings up to 10 mm: below 2^40, times a million below 2^60. */
	below = n * xx - x * x;
	c->slope_ppm = below ? (n * xy - x * y) * 1000000 / below : 1000000;
	if (n)
		c->offset_um = (y - c->slope_ppm * x / 1000000) / n;
}

/* Encoder counts at a set depth, between or beyond the points of the table. */
static int64_t counts_at(const struct calibration *c, int64_t set_um)
{
	int i = 1;

	if (c->n_points < 2)
		return c->n_points ? c->point[0][1] : 0;
	while (i < c->n_points - 1 && c->point[i][0] < set_um)
		i++;
	if (c->point[i][0] == c->point[i - 1][0])
		return c->point[i][1];
	return c->point[i - 1][1] +
	       (set_um - c->point[i - 1][0]) *
		       (c->point[i][1] - c->point[i - 1][1]) /
		       (c->point[i][0] - c->point[i - 1][0]);
}

static bool within(const struct calibration *c)
{
	return c->worst_um <= c->tolerance_um;
}

static json_t *rows_json(const struct calibration *c, bool proposed)
{
	json_t *rows = json_array();
	int i;

	for (i = 0; i < (proposed ? c->n : c->n_points); i++)
		json_array_append_new(
			rows,
			proposed ? json_pack("[I, I]",
					     (json_int_t)c->reading[i].gauge_um,
					     (json_int_t)counts_at(
						     c, c->reading[i].set_um)) :
				   json_pack("[I, I, I]",
					     (json_int_t)c->point[i][0],
					     (json_int_t)c->point[i][1],
					     (json_int_t)c->point[i][2]));
	return rows;
}

static json_t *report(const struct calibration *c)
{
	json_t *readings = json_array();
	int i;

	for (i = 0; i < c->n; i++)
		json_array_append_new(
			readings,
			json_pack("{s:I, s:I, s:I}", "setMicrometres",
				  (json_int_t)c->reading[i].set_um,
				  "gaugeMicrometres",
				  (json_int_t)c->reading[i].gauge_um,
				  "differenceMicrometres",
				  (json_int_t)(c->reading[i].gauge_um -
					       c->reading[i].set_um)));
	return json_pack("{s:s, s:o, s:o, s:I, s:I, s:I, s:I, s:b, s:o, s:b}",
			 "penId", c->pen, "points", rows_json(c, false),
			 "readings", readings, "offsetMicrometres",
			 (json_int_t)c->offset_um, "slopePartsPerMillion",
			 (json_int_t)c->slope_ppm, "worstMicrometres",
			 (json_int_t)c->worst_um, "toleranceMicrometres",
			 (json_int_t)c->tolerance_um, "within", within(c),
			 "proposed", rows_json(c, true), "writtenToPen", 0);
}

static void print(const struct calibration *c)
{
	int i;

	printf(_("%s: table of the pen: depth um, encoder counts, backlash um\n"),
	       c->pen);
	for (i = 0; i < c->n_points; i++)
		printf("  %6" PRId64 " %8" PRId64 " %6" PRId64 "\n",
		       c->point[i][0], c->point[i][1], c->point[i][2]);
	if (!c->n_points)
		puts(_("  it has none"));
	if (!c->n)
		return;
	puts(_("set um, gauge um, difference, counts that belong to the gauge's depth"));
	for (i = 0; i < c->n; i++)
		printf("  %6" PRId64 " %6" PRId64 " %+6" PRId64 " %8" PRId64
		       "\n", c->reading[i].set_um, c->reading[i].gauge_um,
		       c->reading[i].gauge_um - c->reading[i].set_um,
		       counts_at(c, c->reading[i].set_um));
	printf(_("line through them: %" PRId64 " um + set x %" PRId64 " / 1000000\n"),
	       c->offset_um, c->slope_ppm);
	printf(within(c) ?
		       _("within %u um (worst %" PRId64 " um); nothing was written to the pen\n") :
		       _("BEYOND %u um (worst %" PRId64 " um): have the maker calibrate it; nothing was written to the pen\n"),
	       c->tolerance_um, c->worst_um);
}

static int put_report(struct calibration *c)
{
	struct ctl *ctl = c->ctl;
	json_t *all = report(c);
	int r = EXIT_DONE;
	FILE *out;

	if (ctl->json)
		ctl_print_json(all);
	else
		print(c);
	if (ctl->output && !(r = output_open(ctl, &out))) {
		json_dumpf(all, out, JSON_INDENT(1));
		putc('\n', out);
		r = output_close(ctl, out, EXIT_DONE);
	}
	json_decref(all);
	return r ? r : within(c) ? EXIT_DONE : EXIT_LIMIT;
}

int verb_calibrate(struct ctl *ctl)
{
	struct calibration c = { .ctl = ctl, .tolerance_um = TOLERANCE_UM,
				 .slope_ppm = 1000000 };
	int r = EXIT_DONE;

	if (ctl->tolerance &&
	    !units_parse(ctl->tolerance, DEPTH_MAX_UM, &c.tolerance_um))
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("--%s takes a whole number from 1 to %u; \"%s\" is not one"),
			       "tolerance", DEPTH_MAX_UM, ctl->tolerance);
	if (ctl->readings)
		r = take_readings(&c, ctl->readings);
	if (!r)
		r = strchr(ctl->args[0], '/') ?
			    table_of_node(&c, ctl->args[0]) :
			    table_of_daemon(&c);
	/* A person at a terminal is asked; nobody else ever is. */
	if (!r && !ctl->readings && !ctl->json && ctl->asks &&
	    isatty(STDOUT_FILENO))
		r = ask_readings(&c);
	if (r)
		return r;
	fit(&c);
	return put_report(&c);
}
