// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mnpen-sheet: draws the sheet of a session as PDF. mnpenctl record sheet --pdf
 * runs it: {"sheet", "aftercare"} comes in on stdin, the file goes to stdout.
 */
#include "daemon/mnpenctl/care.h"
#include "daemon/mnpenctl/draw.h"
#include "daemon/mnpenctl/sheet.h"

#include <stdio.h>
#include <string.h>

static void put_line(void *ctx, const char *label, const char *text)
{
	draw_row(ctx, label, "", text);
}

static void put_sheet(struct draw *d, const json_t *sheet)
{
	const struct sheet_lines to = { .line = put_line, .ctx = d };
	const json_t *rows = json_object_get(sheet, "rows");

	draw_title(d, _("Session sheet"));
	draw_row(d, _("session"), "", js_string(sheet, "sessionId"));
	sheet_make(rows, &to);
	draw_curves(d, rows);
}

static void put_care(struct draw *d, const json_t *care)
{
	units_text from, until;
	char text[512];
	json_t *rule;
	size_t i;

	draw_heading(d, _("Aftercare"));
	json_array_foreach(json_object_get(care, "rules"), i, rule) {
		care_when(from, js_int(rule, "fromUnixMilliseconds"));
		care_when(until, js_int(rule, "untilUnixMilliseconds"));
		snprintf(text, sizeof(text), "%s: %s",
			 tr(js_string(rule, "heading")),
			 tr(js_string(rule, "text")));
		draw_row(d, from, until, text);
	}
}

/* What stands at the foot of each page, so that none is taken for another's. */
static void put_foot(struct draw *d, const json_t *sheet)
{
	const json_t *rows = json_object_get(sheet, "rows");
	size_t n = json_array_size(rows);
	const char *hash = js_string(json_array_get(rows, n ? n - 1 : 0),
				     "hash");

	snprintf(d->foot, sizeof(d->foot), _("session %s, record head %.16s"),
		 js_string(sheet, "sessionId"), hash);
}

static int put(void *closure, const unsigned char *data, unsigned int len)
{
	return fwrite(data, 1, len, closure) == len;
}

static int usage(FILE *to)
{
	fputs("usage: mnpen-sheet < JSON > PDF; see man mnpen-sheet and mnpenctl record sheet\n",
	      to);
	return to == stdout ? EXIT_DONE : EXIT_USAGE;
}

int main(int argc, char **argv)
{
	json_error_t error;
	struct draw d;
	json_t *all;
	int r;

	i18n_begin();
	if (argc > 1)
		return usage(argc == 2 && (!strcmp(argv[1], "--help") ||
					   !strcmp(argv[1], "-h")) ?
				     stdout : stderr);
	all = json_loadf(stdin, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_array(json_object_get(json_object_get(all, "sheet"),
					   "rows"))) {
		fputs("mnpen-sheet: no sheet came in\n", stderr);
		json_decref(all);
		return EXIT_USAGE;
	}
	draw_begin(&d, put, stdout);
	put_foot(&d, json_object_get(all, "sheet"));
	put_sheet(&d, json_object_get(all, "sheet"));
	put_care(&d, json_object_get(all, "aftercare"));
	r = draw_end(&d);
	json_decref(all);
	if (r || fflush(stdout)) {
		fputs("mnpen-sheet: the PDF cannot be written\n", stderr);
		return EXIT_STORAGE;
	}
	return EXIT_DONE;
}
