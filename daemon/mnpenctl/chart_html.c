// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mnpenctl plot: a capture as a page that needs nothing but itself, or as a
 * picture by mnpen-plot.
 */
#include "daemon/mnpenctl/chart.h"
#include "daemon/mnpenctl/mnpenctl.h"

#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DRAWER "mnpen-plot"

static void put_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			putc((unsigned char)*text < ' ' ? ' ' : *text, out);
		}
	}
}

static void svg_line(void *ctx, enum chart_style style, int x1, int y1, int x2,
		     int y2)
{
	static const char *const class[] = {
		[CHART_FRAME] = "f", [CHART_CURVE] = "c", [CHART_LIMIT] = "l",
		[CHART_TRIGGER] = "t", [CHART_EVENT] = "e",
	};

	fprintf(ctx, "<path class=\"%s\" d=\"M%d %dL%d %d\"/>\n", class[style],
		x1, y1, x2, y2);
}

static void svg_text(void *ctx, enum chart_align align, int x, int y,
		     const char *text)
{
	fprintf(ctx, "<text x=\"%d\" y=\"%d\"%s>", x, y,
		align == CHART_RIGHT ? " text-anchor=\"end\"" : "");
	put_escaped(ctx, text);
	fputs("</text>\n", ctx);
}

/* Least, most and last of each column that was measured. */
static void put_table(FILE *out, const struct samples *s)
{
	size_t i;
	int f;

	fputs("<table><tr><th>field<th>least<th>most<th>last<th>limit</tr>\n",
	      out);
	for (f = 0; f < SAMPLE_N_FIELDS; f++) {
		int64_t least = INT64_MAX, most = INT64_MIN, last = 0;

		for (i = 0; i < s->n; i++) {
			if (!sample_knows(&s->list[i], f))
				continue;
			last = s->list[i].value[f];
			least = last < least ? last : least;
			most = last > most ? last : most;
		}
		if (least > most)
			continue;
		fprintf(out,
			"<tr><td>%s<td>%" PRId64 "<td>%" PRId64 "<td>%" PRId64
			"<td>",
			sample_field_name(f), least, most, last);
		if (s->head.limited >> f & 1)
			fprintf(out, "%" PRId64, s->head.limit[f]);
		fputs("</tr>\n", out);
	}
	fputs("</table>\n", out);
}

static void put_page(FILE *out, const struct samples *s)
{
	const struct chart to = { svg_line, svg_text, out };

	fputs("<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>",
	      out);
	put_escaped(out, s->head.pen);
	fputs("</title>\n<style>body{font:13px sans-serif}text{font:12px sans-serif}"
	      "path{fill:none;stroke:#000;stroke-linecap:round}"
	      ".f{stroke:#999}.c{stroke-width:1.5}.l{stroke-dasharray:8 4}"
	      ".t{stroke-dasharray:2 4}.e{stroke:#aaa}"
	      "td,th{text-align:right;padding:0 8px}</style>\n",
	      out);
	fprintf(out, "<svg width=\"%d\" height=\"%d\" role=\"img\">\n",
		CHART_WIDTH, CHART_HEIGHT);
	chart_draw(s, &to);
	fputs("</svg>\n", out);
	put_table(out, s);
	fputs("</html>\n", out);
}

/* ---- PNG: a program apart, since nothing else needs its library ------------- */

static void drawer_run(const char *file, FILE *out)
{
	char self[PATH_MAX], path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = '\0';
	if (dup2(fileno(out), STDOUT_FILENO) < 0)
		_exit(126);
	if (snprintf(path, sizeof(path), "%s/" DRAWER, dirname(self)) <
	    (int)sizeof(path))
		execl(path, DRAWER, file, (char *)NULL);
	execlp(DRAWER, DRAWER, file, (char *)NULL);
	_exit(127);
}

static int put_picture(struct ctl *ctl, const char *file, FILE *out)
{
	int status = 0;
	pid_t pid;

	fflush(out);
	pid = fork();
	if (!pid)
		drawer_run(file, out);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid > 0 && WIFEXITED(status) && !WEXITSTATUS(status))
		return EXIT_DONE;
	if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return explain(ctl, EXIT_REMOTE, "NoDrawer",
			       _("PNG needs the program %s, which is not installed"),
			       DRAWER);
	return explain(ctl, EXIT_REMOTE, "DrawerFailed",
		       _("%s could not draw it"), DRAWER);
}

/* ---- the verb ----------------------------------------------------------------- */

static bool ends_in(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);

	return n > m && !strcmp(path + n - m, end);
}

static int load(struct ctl *ctl, const char *file, struct samples *s)
{
	int r = samples_load(file, s);

	if (r == -EBADMSG)
		return explain(ctl, EXIT_USAGE, "BadCapture",
			       _("%s: line %zu is not of a capture"), file,
			       s->bad_line);
	if (r)
		return explain(ctl, EXIT_USAGE, "BadCapture", "%s: %s", file,
			       strerror(-r));
	return EXIT_DONE;
}

static int draw(struct ctl *ctl, const char *file, const struct samples *s)
{
	bool page = ends_in(ctl->output, ".html");
	FILE *out;
	int r = output_open(ctl, &out);

	if (r)
		return r;
	if (page)
		put_page(out, s);
	else
		r = put_picture(ctl, file, out);
	return output_close(ctl, out, r);
}

int verb_plot(struct ctl *ctl)
{
	const char *file = ctl->args[0];
	struct samples s;
	json_t *line;
	int r;

	if (!ctl->output ||
	    !(ends_in(ctl->output, ".html") || ends_in(ctl->output, ".png")))
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("say --output FILE.png or --output FILE.html"));
	r = load(ctl, file, &s);
	if (!r)
		r = draw(ctl, file, &s);
	if (!r && ctl->json) {
		line = json_pack("{s:s, s:I}", "path", ctl->output, "records",
				 (json_int_t)s.n);
		ctl_print_json(line);
		json_decref(line);
	} else if (!r) {
		printf(_("%zu records drawn in %s\n"), s.n, ctl->output);
	}
	samples_free(&s);
	return r;
}
