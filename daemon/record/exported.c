// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/record/exported.h"

struct reader {
	struct exported *out;
	json_t *rows; /* of the page that is being read */
	int64_t line, first;
	struct page page; /* the one before */
	bool complete;
};

static void wrong(struct reader *r, int64_t line, const char *why)
{
	r->out->bad_line = line;
	snprintf(r->out->why, sizeof(r->out->why), "%s", why);
}

static bool follows(const struct reader *r, const struct page *page)
{
	const struct page *before = &r->page;

	if (!r->out->pages)
		return !page->after_row;
	return page->after_row == before->through_row &&
	       page->from_ms == before->from_ms &&
	       page->until_ms == before->until_ms &&
	       !strcmp(page->session, before->session) &&
	       !memcmp(page->origin, before->origin, sizeof(page->origin)) &&
	       !memcmp(page->key, before->key, sizeof(page->key));
}

static void take_page(struct reader *r, json_t *json)
{
	struct page_fault fault;
	struct page page;

	json_object_set_new(json, "rows", r->rows);
	r->rows = json_array();
	if (page_check(json, &page, &fault)) {
		wrong(r, fault.index < 0 ? r->line : r->first + fault.index,
		      fault.why);
	} else if (!follows(r, &page)) {
		wrong(r, r->line,
		      "does not follow the page before it: rows are missing");
	} else {
		r->out->pages++;
		r->out->rows += page.count;
		r->complete = page.last;
		r->page = page;
	}
}

static void take_line(struct reader *r, const char *text, size_t len)
{
	json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);

	if (!json_is_object(json) || r->complete) {
		wrong(r, r->line, r->complete ?
			      "is behind the end of the export" :
			      "is no line of an export");
	} else if (json_object_get(json, "signature")) {
		take_page(r, json);
	} else {
		if (!json_array_size(r->rows))
			r->first = r->line;
		if (json_array_size(r->rows) == PAGE_ROWS_MAX)
			wrong(r, r->line, "is a row in no page");
		json_array_append(r->rows, json);
	}
	json_decref(json);
}

bool exported_looks_so(const char *path)
{
	FILE *f = fopen(path, "re");
	int c = f ? fgetc(f) : EOF;

	if (f)
		fclose(f);
	return c == '{';
}

int exported_check(const char *path, struct exported *out)
{
	struct reader r = { .out = out, .rows = json_array() };
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;
	ssize_t len;
	int ret = f ? 0 : -errno;

	memset(out, 0, sizeof(*out));
	while (f && !out->bad_line && (len = getline(&text, &room, f)) > 0) {
		r.line++;
		take_line(&r, text, (size_t)len);
	}
	if (f && ferror(f))
		ret = -EIO;
	if (f)
		fclose(f);
	if (!out->bad_line && !r.complete)
		wrong(&r, r.line + 1, "the export ends before its last page");
	out->good = !out->bad_line && !ret;
	memcpy(out->origin, r.page.origin, sizeof(out->origin));
	memcpy(out->key, r.page.key, sizeof(out->key));
	json_decref(r.rows);
	free(text);
	return ret;
}
