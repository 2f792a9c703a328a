// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpenctl/doctor.h"

#include "daemon/mnpenctl/first_line.h"

#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_LEN 1024

const char *doctor_path(const struct doctor *d, char out[PATH_MAX],
			const char *format, ...)
{
	int n = snprintf(out, PATH_MAX, "%s", d->root);
	va_list ap;

	if (n < 0 || n >= PATH_MAX)
		n = 0;
	va_start(ap, format);
	vsnprintf(out + n, PATH_MAX - (size_t)n, format, ap);
	va_end(ap);
	return out;
}

bool doctor_exists(const struct doctor *d, const char *path)
{
	char full[PATH_MAX];

	return !access(doctor_path(d, full, "%s", path), F_OK);
}

bool doctor_line(const struct doctor *d, const char *path, char *out,
		 size_t size)
{
	char full[PATH_MAX];

	return first_line(doctor_path(d, full, "%s", path), out, size);
}

long doctor_group(const struct doctor *d, const char *name, char *users,
		  size_t size)
{
	char full[PATH_MAX], line[4096];
	FILE *f = fopen(doctor_path(d, full, "/etc/group"), "re");
	size_t n = strlen(name);
	long gid = -1;

	while (f && gid < 0 && fgets(line, sizeof(line), f)) {
		char *at = line, *end;

		if (strncmp(line, name, n) || line[n] != ':')
			continue;
		strsep(&at, ":");
		strsep(&at, ":");
		gid = at ? strtol(at, &end, 10) : -1;
		if (gid >= 0 && users)
			snprintf(users, size, "%.*s",
				 (int)strcspn(end + (*end == ':'), "\n"),
				 end + (*end == ':'));
	}
	if (f)
		fclose(f);
	return gid;
}

/* ---- what was found --------------------------------------------------------- */

/* {} of text is what was found. */
static void fill(char *out, size_t size, const char *text, const char *found)
{
	size_t n = 0;

	for (; *text && n + 1 < size; text++) {
		if (strncmp(text, "{}", 2)) {
			out[n++] = *text;
			continue;
		}
		n += (size_t)snprintf(out + n, size - n, "%s",
				      found ? found : "");
		if (n >= size)
			n = size - 1;
		text++;
	}
	out[n] = '\0';
}

void doctor_find(struct doctor *d, const char *code, const char *found,
		 const char *type)
{
	static const char *const status[] = { "ok", "note", "problem" };
	const struct doctor_condition *c = doctor_conditions;
	char text[TEXT_LEN], command[TEXT_LEN];

	while (c->code && strcmp(c->code, code))
		c++;
	if (!c->code)
		abort(); /* a finding without a line in the table */
	fill(text, sizeof(text), _(c->text), found);
	fill(command, sizeof(command), c->type, type ? type : found);
	if (c->status == DOCTOR_PROBLEM)
		d->problem = true;
	json_array_append_new(
		d->findings,
		json_pack("{s:s, s:s, s:s, s:s}", "check", c->code, "status",
			  status[c->status], "text", text, "type", command));
}

static void print_findings(const struct doctor *d)
{
	json_t *f;
	size_t i;

	json_array_foreach(d->findings, i, f) {
		const char *status = js_string(f, "status");
		const char *command = js_string(f, "type");

		printf("%s  %s\n",
		       !strcmp(status, "problem") ? _("PROBLEM") :
		       !strcmp(status, "note")	  ? _("note   ") :
						    _("ok     "),
		       js_string(f, "text"));
		if (*command)
			printf(_("         type: %s\n"), command);
	}
	puts(d->problem ? _("Mend the first problem first; others may be gone then.") :
			  _("Nothing that would keep a session from running was found."));
}

/* ---- who asks, and where ------------------------------------------------------ */

static void take_groups(struct doctor_self *self, char *list)
{
	char *word, *rest = NULL;

	for (word = strtok_r(list, " \t\n", &rest);
	     word && self->n_groups < (int)(sizeof(self->groups) /
					    sizeof(self->groups[0]));
	     word = strtok_r(NULL, " \t\n", &rest))
		self->groups[self->n_groups++] = strtol(word, NULL, 10);
}

static void name_self(struct doctor *d)
{
	struct passwd *user = *d->root ? NULL : getpwuid((uid_t)d->self.uid);
	char full[PATH_MAX], line[1024];
	FILE *f;

	snprintf(d->self.name, sizeof(d->self.name), "%ld", d->self.uid);
	if (user)
		snprintf(d->self.name, sizeof(d->self.name), "%s",
			 user->pw_name);
	if (user || !*d->root)
		return;
	f = fopen(doctor_path(d, full, "/etc/passwd"), "re");
	while (f && fgets(line, sizeof(line), f)) {
		char *at = line, *name = strsep(&at, ":");

		strsep(&at, ":");
		if (at && strtol(at, NULL, 10) == d->self.uid)
			snprintf(d->self.name, sizeof(d->self.name), "%.60s",
				 name);
	}
	if (f)
		fclose(f);
}

/* From /proc/self/status, which a made-up root has, too. */
static void know_self(struct doctor *d)
{
	char full[PATH_MAX], line[4096];
	FILE *f = fopen(doctor_path(d, full, "/proc/self/status"), "re");

	while (f && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "Uid:", 4))
			sscanf(line + 4, "%*s %ld", &d->self.uid);
		else if (!strncmp(line, "Gid:", 4))
			d->self.groups[d->self.n_groups++] =
				strtol(line + 4, NULL, 10);
		else if (!strncmp(line, "Groups:", 7))
			take_groups(&d->self, line + 7);
	}
	if (f)
		fclose(f);
	name_self(d);
}

int verb_doctor(struct ctl *ctl)
{
	struct doctor d = { .ctl = ctl, .root = ctl->root ? ctl->root : "",
			    .findings = json_array() };
	json_t *all;

	if (!doctor_line(&d, "/proc/sys/kernel/osrelease", d.release,
			 sizeof(d.release)))
		snprintf(d.release, sizeof(d.release), "?");
	know_self(&d);
	doctor_driver(&d);
	doctor_bus(&d);
	doctor_daemon(&d);
	doctor_machine(&d);
	if (ctl->json) {
		all = json_pack("{s:b, s:O}", "healthy", !d.problem, "findings",
				d.findings);
		ctl_print_json(all);
		json_decref(all);
	} else {
		print_findings(&d);
	}
	json_decref(d.findings);
	return d.problem ? EXIT_REMOTE : EXIT_DONE;
}
