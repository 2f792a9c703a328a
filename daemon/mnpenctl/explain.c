// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Failures in words: what acted, its value, who set it, what to do. One
 * sentence on stderr, and with --json one object on stdout.
 */
#include "daemon/mnpenctl/mnpenctl.h"

#include <errno.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define TEXT_LEN	512

static const char *errno_name(int error)
{
	const char *name = strerrorname_np(error < 0 ? -error : error);

	return name ? name : "EIO";
}

static void explain_json(const char *name, json_t *parameters)
{
	json_t *o = json_pack("{s:s, s:o}", "error", name, "parameters",
			      parameters ? parameters : json_object());

	ctl_print_json(o);
	json_decref(o);
}

static int explain_own(struct ctl *ctl, enum exit_code code, const char *name,
		       int error, const char *text)
{
	char full[96];
	json_t *p;

	fflush(stdout);
	fprintf(stderr, "mnpenctl: %s\n", text);
	if (!ctl->json)
		return code;
	p = json_pack("{s:s}", "message", text);
	if (error)
		json_object_set_new(p, "errnoName",
				    json_string(errno_name(error)));
	snprintf(full, sizeof(full), "io.mnpen.ctl.%s", name);
	explain_json(full, p);
	return code;
}

int explain(struct ctl *ctl, enum exit_code code, const char *name,
	    const char *format, ...)
{
	char text[TEXT_LEN];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	return explain_own(ctl, code, name, 0, text);
}

/* The group that may pass: of the socket, or of a closed directory. */
static void group_needed(const char *path, char *out, size_t size)
{
	char copy[PATH_MAX];
	struct group *group;
	struct stat st;

	snprintf(copy, sizeof(copy), "%s", path);
	if (stat(path, &st) < 0 && stat(dirname(copy), &st) < 0) {
		snprintf(out, size, "that owns it");
		return;
	}
	group = getgrgid(st.st_gid);
	if (group)
		snprintf(out, size, "%s", group->gr_name);
	else
		snprintf(out, size, "%u", st.st_gid);
}

int explain_connect(struct ctl *ctl, enum mnpen_role role, int error)
{
	char path[PATH_MAX], group[64], text[TEXT_LEN + PATH_MAX];
	enum exit_code code = EXIT_CONNECT;
	int n;

	/* Where any socket will do, observe asks for the least. */
	if (role == MNPEN_ANY)
		role = MNPEN_OBSERVE;
	if (mnpen_socket_path(role, path, sizeof(path)) < 0)
		snprintf(path, sizeof(path), "the socket");
	n = snprintf(text, sizeof(text), _("cannot connect to %s: %s (%s): "),
		     path, strerror(-error), errno_name(error));
	if (error == -EACCES || error == -EPERM) {
		code = EXIT_ACCESS;
		group_needed(path, group, sizeof(group));
		snprintf(text + n, sizeof(text) - (size_t)n,
			 _("you must be in the group %s; after being added, log in again"),
			 group);
	} else if (error == -EAGAIN) {
		code = EXIT_RETRY;
		snprintf(text + n, sizeof(text) - (size_t)n,
			 _("mnpend takes no connections now; try again"));
	} else {
		snprintf(text + n, sizeof(text) - (size_t)n,
			 _("mnpend is not running: install mnpend, or see systemctl status mnpend"));
	}
	return explain_own(ctl, code, "ConnectFailed", error, text);
}

static int explain_transport(struct ctl *ctl, const char *what, int error)
{
	char text[TEXT_LEN];

	if (error == -ETIMEDOUT)
		snprintf(text, sizeof(text), _("mnpend did not answer %s in time"),
			 what);
	else if (error == -EBADMSG || error == -EMSGSIZE)
		snprintf(text, sizeof(text),
			 _("mnpend's answer to %s breaks the protocol (%s); do its version and mnpenctl's fit?"),
			 what, errno_name(error));
	else
		snprintf(text, sizeof(text),
			 _("connection to mnpend lost in %s: %s (%s)"), what,
			 strerror(-error), errno_name(error));
	return explain_own(ctl, EXIT_CONNECT,
			   error == -ETIMEDOUT ? "TimedOut" : "ConnectionLost",
			   error, text);
}

/* What may be asked for otherwise; the rest has to be waited or worked off. */
static bool limit_of_request(const char *limit)
{
	return strstr(limit, "inimum") || !strcmp(limit, "depth") ||
	       !strcmp(limit, "rate") || !strcmp(limit, "session");
}

static void text_of_limit(char *text, size_t size, const json_t *p)
{
	const char *limit = js_string(p, "limit");
	const char *source = js_string(p, "source");
	const char *remedy = js_string(p, "remedy");
	units_text asked, allowed;

	units_limit(asked, limit, js_int(p, "requested"));
	units_limit(allowed, limit, js_int(p, "maximum"));
	if (*remedy && (!limit_of_request(limit) || !js_int(p, "maximum"))) {
		snprintf(text, size,
			 _("%s: the %s limit is %s, set by %s (%s). %s"), asked,
			 tr(limit), allowed, source, sheet_source(source),
			 tr(remedy));
		return;
	}
	snprintf(text, size,
		 strstr(limit, "inimum") ?
			 _("%s is below the %s limit of %s, set by %s (%s). Ask for %s or more.") :
			 _("%s is above the %s limit of %s, set by %s (%s). Ask for %s or less."),
		 asked, tr(limit), allowed, source, sheet_source(source),
		 allowed);
}

/* Its own words first; a start may add what stopped it on its way. */
static void text_of_state(char *text, size_t size, const json_t *p)
{
	const char *state = js_string(p, "state");
	const char *message = js_string(p, "message");
	char plain[128];

	snprintf(plain, sizeof(plain),
		 "The pen is in state %s; that cannot be done now.", state);
	if (strncmp(message, plain, strlen(plain))) {
		snprintf(text, size, "%s", tr(message));
		return;
	}
	message += strlen(plain);
	message += strspn(message, " ");
	snprintf(text, size,
		 _("The pen is in state %s; that cannot be done now.%s%s"),
		 state, *message ? " " : "", tr(message));
}

/* What the daemon's message leaves open: what to do. */
static const char *hint_of(enum mnpen_error_kind kind, const json_t *p)
{
	const char *parameter = js_string(p, "parameter");

	if (kind == MNPEN_E_PERMISSION_DENIED)
		return _("This socket's role may not do that; see mnpenctl(1), ROLES.");
	if (kind == MNPEN_E_RATE_LIMITED)
		return _("Too many requests; try again in a moment.");
	if (kind == MNPEN_E_METHOD_NOT_FOUND)
		return _("This mnpend does not know the request; do the versions fit?");
	if (kind == MNPEN_E_SESSION_NOT_FOUND)
		return _("See: mnpenctl record list");
	if (kind == MNPEN_E_NO_SUCH_PEN)
		return _("See: mnpenctl list");
	if (kind == MNPEN_E_INVALID_PARAMETER &&
	    (!strcmp(parameter, "area") || !strcmp(parameter, "concern")))
		return !strcmp(parameter, "area") ?
			       _("The catalogue has no area of this name; mnpenctl catalogue lists them.") :
			       _("The catalogue has no concern of this name; mnpenctl catalogue lists them.");
	return "";
}

static enum exit_code code_of(enum mnpen_error_kind kind)
{
	switch (kind) {
	case MNPEN_E_NO_SUCH_PEN:
	case MNPEN_E_PEN_GONE:
	case MNPEN_E_DEVICE_FAILED:
		return EXIT_GONE;
	case MNPEN_E_PEN_BUSY:
	case MNPEN_E_RATE_LIMITED:
	case MNPEN_E_LAGGED:
		return EXIT_RETRY;
	case MNPEN_E_LIMIT_EXCEEDED:
	case MNPEN_E_INTERLOCK_OPEN:
		return EXIT_LIMIT;
	case MNPEN_E_STORAGE_FAILED:
		return EXIT_STORAGE;
	case MNPEN_E_PERMISSION_DENIED:
		return EXIT_ACCESS;
	case MNPEN_E_NONE:
	case MNPEN_E_OTHER:
	case MNPEN_E_NOT_CONTROLLER:
	case MNPEN_E_WRONG_STATE:
	case MNPEN_E_SESSION_NOT_FOUND:
	case MNPEN_E_INVALID_PARAMETER:
	case MNPEN_E_METHOD_NOT_FOUND:
		break;
	}
	return EXIT_REMOTE;
}

static void text_of(char *text, size_t size, enum mnpen_error_kind kind,
		    const char *what, const char *name, const json_t *p)
{
	const char *message = js_string(p, "message");
	const char *short_name = strrchr(name, '.');
	const char *interlock = js_string(p, "interlock");

	short_name = short_name ? short_name + 1 : name;
	if (kind == MNPEN_E_LIMIT_EXCEEDED)
		text_of_limit(text, size, p);
	else if (kind == MNPEN_E_NO_SUCH_PEN && *js_string(p, "penId"))
		snprintf(text, size, _("no pen %s is plugged in. %s"),
			 js_string(p, "penId"), hint_of(kind, p));
	else if (kind == MNPEN_E_WRONG_STATE)
		text_of_state(text, size, p);
	else if (kind == MNPEN_E_INVALID_PARAMETER &&
		 *hint_of(kind, p))
		snprintf(text, size, "%s", hint_of(kind, p));
	else if (kind == MNPEN_E_INVALID_PARAMETER)
		snprintf(text, size, _("mnpend does not accept %s's %s."),
			 what, js_string(p, "parameter"));
	else if (kind == MNPEN_E_INTERLOCK_OPEN)
		snprintf(text, size, "%s (%s)", tr(message), interlock);
	else if (*message)
		snprintf(text, size, "%s%s%s", tr(message),
			 *hint_of(kind, p) ? " " : "", hint_of(kind, p));
	else
		snprintf(text, size, _("%s was refused: %s. %s"), what,
			 short_name, hint_of(kind, p));
}

void explain_text(char *text, size_t size, const char *what, const char *name,
		  const json_t *parameters)
{
	struct mnpen_error error = { 0 };

	snprintf(error.name, sizeof(error.name), "%s", name);
	text_of(text, size, mnpen_error_kind(&error), what, name, parameters);
}

int explain_call(struct ctl *ctl, const char *what, int error,
		 const struct mnpen_error *remote)
{
	enum mnpen_error_kind kind = mnpen_error_kind(remote);
	char text[TEXT_LEN * 2];
	json_t *p;

	if (error != -EREMOTEIO || kind == MNPEN_E_NONE)
		return explain_transport(ctl, what, error);
	p = remote->parameters ? json_loads(remote->parameters, 0, NULL) : NULL;
	text_of(text, sizeof(text), kind, what, remote->name, p);
	fflush(stdout);
	fprintf(stderr, "mnpenctl: %s\n", text);
	if (ctl->json)
		explain_json(remote->name, p);
	else
		json_decref(p);
	return code_of(kind);
}
