// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mnpenctl config check | show: all that a clinic sets. check needs no daemon;
 * show asks it, and says what it has not read yet.
 */
#include "daemon/mnpenctl/files.h"

#include "daemon/catalogue/recall.h"
#include "daemon/catalogue/set.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLINIC_RECALLS	"/etc/mnpen/recalls.conf"
#define FILES_MAX	16

static const char *recalls_path(void)
{
	const char *own = getenv("MNPEN_RECALLS");

	return own ? own : CLINIC_RECALLS;
}

/* How many are called back. A file that is not there has none. */
static int recalls_read(struct ctl *ctl, const char *path, size_t *count)
{
	char error[RECALL_ERROR_LEN];
	struct recall_list list;

	if (recall_load(path, &list, error) < 0)
		return explain(ctl, EXIT_REMOTE, "RecallsRefused",
			       _("refused: %s"), error);
	*count += list.count;
	recall_free(&list);
	return EXIT_DONE;
}

static bool is_recalls(const char *path)
{
	const char *slash = strrchr(path, '/');

	return !strcmp(slash ? slash + 1 : path, "recalls.conf");
}

/* Both kinds of files: those named, or those that mnpend reads. */
static int config_read(struct ctl *ctl, struct catalogue **set, size_t *recalls)
{
	char *catalogues[FILES_MAX];
	int i, n = 0, r = EXIT_DONE;

	*set = NULL;
	*recalls = 0;
	for (i = 0; !r && i < ctl->n_args; i++) {
		if (is_recalls(ctl->args[i]))
			r = recalls_read(ctl, ctl->args[i], recalls);
		else if (n < FILES_MAX)
			catalogues[n++] = ctl->args[i];
	}
	if (!r && !ctl->n_args)
		r = recalls_read(ctl, recalls_path(), recalls);
	if (!r && (n || !ctl->n_args))
		r = files_read(ctl, catalogues, n, set);
	return r;
}

int verb_config_check(struct ctl *ctl)
{
	struct catalogue *set;
	json_t *changes, *line;
	size_t recalls;
	int r = config_read(ctl, &set, &recalls);

	if (r)
		return r;
	changes = set ? files_changes(set) : json_array();
	if (ctl->json) {
		line = json_pack("{s:b, s:O, s:I}", "good", true, "changes",
				 changes, "recalls", (json_int_t)recalls);
		ctl_print_json(line);
		json_decref(line);
	} else {
		printf(_("good: %zu keys differ from what is built in; %zu recalls\n"),
		       json_array_size(changes), recalls);
	}
	json_decref(changes);
	catalogue_free(set);
	return EXIT_DONE;
}

/* ---- what mnpend has not read yet ------------------------------------------ */

struct pending {
	json_t *list;
	const char *kind, *id;
};

static void pending_number(struct pending *p, const char *key,
			   const json_t *in_force, const char *member,
			   uint32_t in_files)
{
	int64_t value = js_int(in_force, member);

	if (value == in_files)
		return;
	json_array_append_new(
		p->list, json_pack("{s:s, s:s, s:s, s:I, s:I}", "kind", p->kind,
				   "id", p->id, "key", key, "inForce",
				   (json_int_t)value, "inFiles",
				   (json_int_t)in_files));
}

static void pending_areas(struct pending *p, const struct catalogue *set,
			  const json_t *areas)
{
	const struct catalogue_area *a;
	json_t *one;
	size_t i;

	p->kind = "area";
	json_array_foreach(areas, i, one) {
		p->id = js_string(one, "areaId");
		a = set_find(set, CATALOGUE_AREA, p->id);
		if (!a)
			continue;
		pending_number(p, "depth_default", one, "defaultMicrometres",
			       a->depth_default_um);
		pending_number(p, "depth_soft", one, "softMicrometres",
			       a->depth_soft_um);
		pending_number(p, "depth_hard", one, "hardMicrometres",
			       a->depth_hard_um);
	}
}

static void pending_concerns(struct pending *p, const struct catalogue *set,
			     const json_t *concerns)
{
	const struct catalogue_concern *c;
	json_t *one;
	size_t i;

	p->kind = "concern";
	json_array_foreach(concerns, i, one) {
		p->id = js_string(one, "concernId");
		c = set_find(set, CATALOGUE_CONCERN, p->id);
		if (!c)
			continue;
		pending_number(p, "depth_default", one, "defaultMicrometres",
			       c->depth_default_um);
		pending_number(p, "depth_cap", one, "maximumMicrometres",
			       c->depth_cap_um);
	}
}

/* Depths, as the interface tells them; the rest is read at the same time. */
static json_t *pending_all(const struct catalogue *set, const json_t *reply)
{
	struct pending p = { .list = json_array() };

	pending_areas(&p, set, json_object_get(reply, "areas"));
	pending_concerns(&p, set, json_object_get(reply, "concerns"));
	return p.list;
}

static void show_print(const json_t *line)
{
	const char *problem = js_string(line, "problem");
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(line, "files"), i, one)
		printf(_("read: %s\n"), json_string_value(one));
	printf(_("recalls: %lld\n"), (long long)js_int(line, "recalls"));
	puts(_("set otherwise than built in"));
	files_changes_print(json_object_get(line, "changes"));
	if (*problem)
		printf(_("NOT IN FORCE, no session can begin: %s\n"), problem);
	json_array_foreach(json_object_get(line, "pending"), i, one)
		printf(_("not read yet: [%s %s] %s is %" PRId64 " um, the files say %" PRId64 " um\n"),
		       js_string(one, "kind"), js_string(one, "id"),
		       js_string(one, "key"), js_int(one, "inForce"),
		       js_int(one, "inFiles"));
	if (json_array_size(json_object_get(line, "pending")))
		puts(_("to have them read: systemctl reload mnpend"));
}

int verb_config_show(struct ctl *ctl)
{
	struct catalogue *set;
	json_t *reply, *line;
	size_t recalls;
	int r = config_read(ctl, &set, &recalls);

	if (r)
		return r;
	r = ctl_ask(ctl, "GetCatalogue", NULL, &reply);
	if (!r) {
		line = json_pack("{s:[s, s], s:I, s:o, s:O?, s:o}", "files",
				 files_clinic(), recalls_path(), "recalls",
				 (json_int_t)recalls, "changes",
				 files_changes(set), "problem",
				 json_object_get(reply, "problem"), "pending",
				 pending_all(set, reply));
		if (ctl->json)
			ctl_print_json(line);
		else
			show_print(line);
		json_decref(line);
	}
	json_decref(reply);
	catalogue_free(set);
	return r;
}
