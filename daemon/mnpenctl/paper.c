// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpenctl record sheet: one session on paper. */
#include "daemon/mnpenctl/mnpenctl.h"
#include "daemon/mnpenctl/care.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DRAWER "mnpen-sheet"

/* Drawing takes a library that nothing else here needs: a program apart. */
static void drawer_run(int in, FILE *out)
{
	char self[PATH_MAX], path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = '\0';
	if (dup2(in, STDIN_FILENO) < 0 || dup2(fileno(out), STDOUT_FILENO) < 0)
		_exit(126);
	signal(SIGPIPE, SIG_DFL);
	if (snprintf(path, sizeof(path), "%s/" DRAWER, dirname(self)) <
	    (int)sizeof(path))
		execl(path, DRAWER, (char *)NULL);
	execlp(DRAWER, DRAWER, (char *)NULL);
	_exit(127);
}

static int drawer_end(struct ctl *ctl, pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return EXIT_DONE;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return explain(ctl, EXIT_REMOTE, "NoDrawer",
			       _("PDF needs the program %s, which is not installed"),
			       DRAWER);
	return explain(ctl, EXIT_REMOTE, "DrawerFailed",
		       _("%s could not draw the sheet"), DRAWER);
}

static int print_pdf(struct ctl *ctl, const json_t *sheet, FILE *out)
{
	int fds[2];
	FILE *to;
	pid_t pid;

	fflush(out);
	if (pipe(fds) < 0 || (pid = fork()) < 0)
		return explain(ctl, EXIT_REMOTE, "NoDrawer",
			       _("cannot run %s: %s"), DRAWER, strerror(errno));
	if (!pid) {
		close(fds[1]);
		drawer_run(fds[0], out);
	}
	close(fds[0]);
	to = fdopen(fds[1], "w");
	if (to) {
		json_dumpf(sheet, to, JSON_COMPACT);
		fclose(to);
	}
	return drawer_end(ctl, pid);
}

/* {"sheet": of GetRecord, "aftercare": of GetAftercare}, in one object. */
static int get_sheet(struct ctl *ctl, struct mnpen_client *client,
		     json_t **out)
{
	json_t *sheet = NULL, *care = NULL;
	char id[64];
	int r = EXIT_DONE;

	if (strcmp(ctl->args[0], "last"))
		snprintf(id, sizeof(id), "%s", ctl->args[0]);
	else
		r = record_last(ctl, client, id, sizeof(id));
	if (!r)
		r = ctl_call(ctl, client, "GetRecord",
			     json_pack("{s:s}", "sessionId", id), &sheet);
	if (!r)
		r = ctl_call(ctl, client, "GetAftercare",
			     json_pack("{s:s}", "sessionId", id), &care);
	*out = r ? NULL : json_pack("{sO sO}", "sheet", sheet, "aftercare",
				    care);
	json_decref(sheet);
	json_decref(care);
	return r;
}

/* Text goes to stdout by printf() as everywhere; a file takes its place. */
static int print_text(struct ctl *ctl, const json_t *all, FILE *out)
{
	if (out != stdout && dup2(fileno(out), STDOUT_FILENO) < 0)
		return explain(ctl, EXIT_STORAGE, "WriteFailed",
			       _("cannot write %s: %s"), ctl->output,
			       strerror(errno));
	sheet_print(json_object_get(all, "sheet"));
	puts("");
	care_print(json_object_get(all, "aftercare"));
	fflush(stdout);
	return EXIT_DONE;
}

int verb_record_sheet(struct ctl *ctl)
{
	struct mnpen_client *client;
	json_t *all = NULL;
	FILE *out;
	int r;

	if (ctl->pdf && !ctl->output && isatty(STDOUT_FILENO))
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("a PDF is nothing for a terminal; say --output FILE"));
	if (ctl->json && (ctl->pdf || ctl->output))
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("--json takes no --pdf and no --output here"));
	r = ctl_open(ctl, MNPEN_ANY, &client);
	if (r)
		return r;
	r = get_sheet(ctl, client, &all);
	mnpen_client_close(client);
	if (!r && ctl->json)
		ctl_print_json(all);
	else if (!r && !(r = output_open(ctl, &out)))
		r = output_close(ctl, out, ctl->pdf ? print_pdf(ctl, all, out) :
						      print_text(ctl, all, out));
	json_decref(all);
	return r;
}
