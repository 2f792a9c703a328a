// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mnpenctl catalogue check | diff | show: files, read as mnpend reads them and
 * without asking it, so that a file can be tried before it is installed.
 */
#include "daemon/mnpenctl/files.h"

#include "daemon/catalogue/load.h"
#include "daemon/catalogue/schema.h"
#include "daemon/catalogue/set.h"
#include "daemon/mnpenctl/paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLINIC_CATALOGUE	"/etc/mnpen/catalogue.d"
#define DIRS_MAX		32
#define FIELD_LEN		1024

/* ---- reading -------------------------------------------------------------------- */

const char *files_clinic(void)
{
	const char *own = getenv("MNPEN_CATALOGUE_DIR");

	return own ? own : CLINIC_CATALOGUE;
}

int files_read(struct ctl *ctl, char **paths, int n, struct catalogue **set)
{
	const char *dirs[DIRS_MAX + 1] = { NULL };
	char error[CATALOGUE_ERROR_LEN];
	size_t count = 1;
	int i;

	for (i = 0; i < n && count <= DIRS_MAX; i++) {
		if (access(paths[i], R_OK) < 0)
			return explain(ctl, EXIT_USAGE, "Usage",
				       _("%s cannot be read"), paths[i]);
		dirs[count++] = paths[i];
	}
	if (!n) {
		if (access(MNPENCTL_CATALOGUE, F_OK) == 0)
			dirs[0] = MNPENCTL_CATALOGUE;
		dirs[count++] = files_clinic();
	}
	if (catalogue_load(dirs, count, set, error) < 0)
		return explain(ctl, EXIT_REMOTE, "CatalogueRefused",
			       _("refused: %s"), error);
	return EXIT_DONE;
}

/* ---- one key ---------------------------------------------------------------------- */

static const char *field_list(char *out, const char *const *ids)
{
	size_t len = 0;

	out[0] = '\0';
	for (; *ids && len + strlen(*ids) + 2 < FIELD_LEN; ids++)
		len += (size_t)sprintf(out + len, "%s%s", len ? " " : "",
				       *ids);
	return out;
}

/* As it would stand in a file; "" if it is not there. */
static const char *field_text(char out[FIELD_LEN],
			      const struct schema_field *f, const void *entry)
{
	const void *at = (const char *)entry + f->offset;
	const char *text = NULL;
	uint32_t number;

	switch (f->type) {
	case SCHEMA_NUMBER:
		number = *(const uint32_t *)at;
		if (!number && f->optional)
			return "";
		snprintf(out, FIELD_LEN, "%u%s%s", number, f->unit ? " " : "",
			 f->unit ? f->unit : "");
		return out;
	case SCHEMA_FLAG:
		return *(const bool *)at ? "yes" : "no";
	case SCHEMA_CHOICE:
		return f->words[*(const unsigned int *)at];
	case SCHEMA_REFS:
		return field_list(out, *(const char *const *const *)at);
	case SCHEMA_TEXT:
	case SCHEMA_SOURCES:
	case SCHEMA_REF:
		text = *(const char *const *)at;
		break;
	}
	return text ? text : "";
}

/* ---- what the clinic changed --------------------------------------------------------- */

static void diff_add(json_t *changes, const char *kind, const char *id,
		     const char *key, const char *was, const char *is)
{
	json_array_append_new(changes,
			      json_pack("{s:s, s:s, s:s, s:s, s:s}", "kind",
					kind, "id", id, "key", key, "builtIn",
					was, "now", is));
}

static void diff_entry(json_t *changes, const struct schema *s, const void *is,
		       const void *was)
{
	const char *id = *(const char *const *)(is ? is : was);
	char a[FIELD_LEN], b[FIELD_LEN];
	size_t i;

	for (i = 0; i < s->count; i++) {
		const char *old = was ? field_text(a, &s->fields[i], was) : "";
		const char *new = is ? field_text(b, &s->fields[i], is) : "";

		if (strcmp(old, new))
			diff_add(changes, s->name, id, s->fields[i].key, old,
				 new);
	}
}

json_t *files_changes(const struct catalogue *set)
{
	json_t *changes = json_array();
	const void *entry;
	size_t k, i;

	for (k = 0; k < CATALOGUE_KINDS; k++) {
		const struct schema *s = &catalogue_schema[k];

		for (i = 0; (entry = set_at(set, k, i)); i++)
			diff_entry(changes, s, entry,
				   set_find(&builtin_catalogue, k,
					    *(const char *const *)entry));
		for (i = 0; (entry = set_at(&builtin_catalogue, k, i)); i++)
			if (!set_find(set, k, *(const char *const *)entry))
				diff_entry(changes, s, NULL, entry);
	}
	return changes;
}

void files_changes_print(const json_t *changes)
{
	char entry[96], last[96] = "";
	json_t *c;
	size_t i;

	json_array_foreach(changes, i, c) {
		snprintf(entry, sizeof(entry), "[%s %s]", js_string(c, "kind"),
			 js_string(c, "id"));
		if (strcmp(entry, last))
			puts(entry);
		strcpy(last, entry);
		printf("  %s: %s -> %s\n", js_string(c, "key"),
		       *js_string(c, "builtIn") ? js_string(c, "builtIn") :
						  _("(none)"),
		       *js_string(c, "now") ? js_string(c, "now") :
					      _("(none)"));
	}
	if (!json_array_size(changes))
		puts(_("nothing differs from what is built in"));
}

static int files_diff(struct ctl *ctl, bool list)
{
	struct catalogue *set;
	json_t *changes, *line;
	int r;

	r = files_read(ctl, ctl->args, ctl->n_args, &set);
	if (r)
		return r;
	changes = files_changes(set);
	if (ctl->json) {
		line = json_pack("{s:b, s:O}", "good", true, "changes",
				 changes);
		ctl_print_json(line);
		json_decref(line);
	} else if (list) {
		files_changes_print(changes);
	} else {
		printf(_("good: %zu keys differ from what is built in\n"),
		       json_array_size(changes));
	}
	json_decref(changes);
	catalogue_free(set);
	return EXIT_DONE;
}

int verb_catalogue_check(struct ctl *ctl)
{
	return files_diff(ctl, false);
}

int verb_catalogue_diff(struct ctl *ctl)
{
	return files_diff(ctl, true);
}

/* ---- one entry ------------------------------------------------------------------------- */

static void show_sources(const struct catalogue *set, const char *codes)
{
	const struct catalogue_source *source;
	char code[32];
	size_t len;

	for (; *codes; codes += len + (codes[len] == ' ')) {
		len = strcspn(codes, " ");
		snprintf(code, sizeof(code), "%.*s", (int)len, codes);
		source = set_find(set, CATALOGUE_SOURCE, code);
		if (source)
			printf("    %-4s %s\n", code, tr(source->title));
	}
}

static void show_field(const struct catalogue *set,
		       const struct schema_field *f, const void *entry)
{
	char text[FIELD_LEN];
	const char *value = field_text(text, f, entry);

	if (!*value)
		return;
	printf("  %-20s %s\n", f->key, f->type == SCHEMA_TEXT ? tr(value) :
								value);
	if (f->type == SCHEMA_SOURCES)
		show_sources(set, value);
}

/* Where an area is treated, or a concern planned: by reference to it. */
static void show_users(const struct catalogue *set, enum catalogue_kind to,
		       const char *id)
{
	const struct catalogue_concern *c;
	const struct catalogue_course *course;
	const char *const *area;
	size_t i;

	for (i = 0; to == CATALOGUE_AREA &&
		    (c = set_at(set, CATALOGUE_CONCERN, i)); i++)
		for (area = c->areas; *area; area++)
			if (!strcmp(*area, id))
				printf(_("  treated for          %s, at most %u um\n"),
				       c->id, c->depth_cap_um);
	for (i = 0; to == CATALOGUE_CONCERN &&
		    (course = set_at(set, CATALOGUE_COURSE, i)); i++)
		if (!strcmp(course->concern, id))
			printf(_("  course               %s: %u sessions, every %u days\n"),
			       course->id, course->sessions,
			       course->interval_days);
}

static void show_entry(const struct catalogue *set, enum catalogue_kind kind,
		       const void *entry)
{
	const struct schema *s = &catalogue_schema[kind];
	const struct catalogue_area *area = entry;
	const char *id = *(const char *const *)entry;
	size_t i;

	printf("[%s %s]\n", s->name, id);
	for (i = 0; i < s->count; i++)
		show_field(set, &s->fields[i], entry);
	if (kind == CATALOGUE_AREA && area->depth_abs_um &&
	    !area->measured_by)
		puts(_("  The clinic has to measure this area before punctures can be counted against a budget."));
	show_users(set, kind, id);
}

static json_t *show_json(enum catalogue_kind kind, const void *entry)
{
	const struct schema *s = &catalogue_schema[kind];
	json_t *keys = json_object();
	char text[FIELD_LEN];
	size_t i;

	for (i = 0; i < s->count; i++)
		json_object_set_new(keys, s->fields[i].key,
				    json_string(field_text(text, &s->fields[i],
							   entry)));
	return json_pack("{s:s, s:s, s:o}", "kind", s->name, "id",
			 *(const char *const *)entry, "keys", keys);
}

int verb_catalogue_show(struct ctl *ctl)
{
	json_t *found = json_array(), *line;
	struct catalogue *set;
	const void *entry;
	size_t k;
	int r;

	r = files_read(ctl, NULL, 0, &set);
	if (r) {
		json_decref(found);
		return r;
	}
	for (k = 0; k < CATALOGUE_KINDS; k++) {
		entry = set_find(set, k, ctl->args[0]);
		if (!entry)
			continue;
		json_array_append_new(found, show_json(k, entry));
		if (!ctl->json)
			show_entry(set, k, entry);
	}
	line = json_pack("{s:O}", "entries", found);
	if (!json_array_size(found))
		r = explain(ctl, EXIT_REMOTE, "NoSuchEntry",
			    _("the catalogue has no entry %s; mnpenctl catalogue lists them"),
			    ctl->args[0]);
	else if (ctl->json)
		ctl_print_json(line);
	json_decref(line);
	json_decref(found);
	catalogue_free(set);
	return r;
}
