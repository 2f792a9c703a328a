// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor: may this user talk to mnpend, and what does it say? */
#include "daemon/mnpenctl/doctor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ASK_MS 2000

static const char *const roles[] = { "operate", "observe", "admin" };
#define ROLES (sizeof(roles) / sizeof(roles[0]))

static void socket_directory(const struct doctor *d, char out[PATH_MAX])
{
	const char *dir = getenv("MNPEN_SOCKET_DIR");

	if (dir)
		snprintf(out, PATH_MAX, "%s", dir);
	else
		doctor_path(d, out, "/run/mnpen");
}

static bool in_group(const struct doctor_self *self, long gid)
{
	int i;

	for (i = 0; i < self->n_groups; i++)
		if (self->groups[i] == gid)
			return true;
	return false;
}

/* As the kernel would decide it, with the groups that count now. */
static bool may_write(const struct doctor_self *self, const struct stat *st)
{
	if (!self->uid)
		return true;
	if ((long)st->st_uid == self->uid)
		return st->st_mode & S_IWUSR;
	if (in_group(self, (long)st->st_gid))
		return st->st_mode & S_IWGRP;
	return st->st_mode & S_IWOTH;
}

/* Named in /etc/group, whatever this login knows. */
static bool named_in_group(const struct doctor *d)
{
	char users[4096], group[64], *word, *rest = NULL;
	size_t i;

	for (i = 0; i < ROLES; i++) {
		snprintf(group, sizeof(group), "mnpen-%s", roles[i]);
		if (doctor_group(d, group, users, sizeof(users)) < 0)
			continue;
		for (word = strtok_r(users, ",", &rest); word;
		     word = strtok_r(NULL, ",", &rest))
			if (!strcmp(word, d->self.name))
				return true;
	}
	return false;
}

/* A reply, or NULL: *error says why. */
static json_t *ask(struct mnpen_client *client, const char *method, int *error)
{
	char *text = NULL;
	json_t *reply;

	*error = mnpen_call(client, method, NULL, ASK_MS, &text, NULL);
	reply = text ? json_loads(text, 0, NULL) : NULL;
	free(text);
	return reply;
}

static void look_at_version(struct doctor *d, struct mnpen_client *client)
{
	int error;
	json_t *info = ask(client, "org.varlink.service.GetInfo", &error);
	const char *version = js_string(info, "version");

	if (*version && strcmp(version, MNPEN_VERSION))
		doctor_find(d, "version-differs", version, NULL);
	json_decref(info);
}

static void look_at_catalogue(struct doctor *d, struct mnpen_client *client)
{
	int error;
	json_t *reply = ask(client, MNPEN_INTERFACE ".GetCatalogue", &error);
	const char *problem = js_string(reply, "problem");

	if (*problem)
		doctor_find(d, "catalogue-refused", problem, NULL);
	json_decref(reply);
}

static void look_at_pens(struct doctor *d, const json_t *reply)
{
	const json_t *pens = json_object_get(reply, "pens");
	json_t *pen;
	size_t i;

	if (json_array_size(pens) < (size_t)d->nodes)
		doctor_find(d, "pen-not-taken", NULL, NULL);
	json_array_foreach(pens, i, pen) {
		const char *state = js_string(pen, "state");

		if (!strcmp(state, "fault") || !strcmp(state, "hardFault"))
			doctor_find(d, "pen-in-fault", js_string(pen, "penId"),
				    NULL);
	}
}

static void talk(struct doctor *d, const char *path)
{
	struct mnpen_client *client;
	int r = mnpen_client_open(path, MNPEN_ANY, &client);
	json_t *pens;

	if (r < 0) {
		doctor_find(d, "daemon-not-running", path, NULL);
		return;
	}
	pens = ask(client, MNPEN_INTERFACE ".ListPens", &r);
	if (!pens) {
		doctor_find(d, "daemon-hangs", path, NULL);
	} else {
		doctor_find(d, "daemon-answers", path, NULL);
		look_at_version(d, client);
		look_at_catalogue(d, client);
		look_at_pens(d, pens);
	}
	json_decref(pens);
	mnpen_client_close(client);
}

void doctor_daemon(struct doctor *d)
{
	char dir[PATH_MAX], path[PATH_MAX + 16], open_path[PATH_MAX + 16] = "";
	bool any = false;
	struct stat st;
	size_t i;

	if (doctor_group(d, "mnpen-operate", NULL, 0) < 0)
		doctor_find(d, "groups-missing", NULL, NULL);
	socket_directory(d, dir);
	for (i = 0; i < ROLES; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, roles[i]);
		if (stat(path, &st))
			continue;
		any = true;
		if (!*open_path && may_write(&d->self, &st))
			memcpy(open_path, path, sizeof(path));
	}
	if (!any)
		doctor_find(d, "socket-missing", dir, NULL);
	else if (*open_path)
		talk(d, open_path);
	else if (named_in_group(d))
		doctor_find(d, "group-not-effective", d->self.name, NULL);
	else
		doctor_find(d, "group-missing", d->self.name, NULL);
}
