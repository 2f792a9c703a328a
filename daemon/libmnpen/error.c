// SPDX-License-Identifier: LGPL-2.1-or-later
/* Errors the daemon answered with. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	enum mnpen_error_kind kind;
} errors[] = {
	{ "io.mnpen.Pen.NoSuchPen", MNPEN_E_NO_SUCH_PEN },
	{ "io.mnpen.Pen.PenGone", MNPEN_E_PEN_GONE },
	{ "io.mnpen.Pen.PenBusy", MNPEN_E_PEN_BUSY },
	{ "io.mnpen.Pen.NotController", MNPEN_E_NOT_CONTROLLER },
	{ "io.mnpen.Pen.WrongState", MNPEN_E_WRONG_STATE },
	{ "io.mnpen.Pen.LimitExceeded", MNPEN_E_LIMIT_EXCEEDED },
	{ "io.mnpen.Pen.InterlockOpen", MNPEN_E_INTERLOCK_OPEN },
	{ "io.mnpen.Pen.SessionNotFound", MNPEN_E_SESSION_NOT_FOUND },
	{ "io.mnpen.Pen.StorageFailed", MNPEN_E_STORAGE_FAILED },
	{ "io.mnpen.Pen.DeviceFailed", MNPEN_E_DEVICE_FAILED },
	{ "io.mnpen.Pen.RateLimited", MNPEN_E_RATE_LIMITED },
	{ "io.mnpen.Pen.Lagged", MNPEN_E_LAGGED },
	{ "org.varlink.service.InvalidParameter", MNPEN_E_INVALID_PARAMETER },
	{ "org.varlink.service.PermissionDenied", MNPEN_E_PERMISSION_DENIED },
	{ "org.varlink.service.MethodNotFound", MNPEN_E_METHOD_NOT_FOUND },
};

void mnpen_error_clear(struct mnpen_error *error)
{
	if (!error)
		return;
	free(error->parameters);
	error->parameters = NULL;
	error->name[0] = '\0';
}

void error_set(struct mnpen_error *error, const char *name, char *parameters)
{
	if (!error) {
		free(parameters);
		return;
	}
	mnpen_error_clear(error);
	strncpy(error->name, name, sizeof(error->name) - 1);
	error->name[sizeof(error->name) - 1] = '\0';
	error->parameters = parameters;
}

enum mnpen_error_kind mnpen_error_kind(const struct mnpen_error *error)
{
	size_t i;

	if (!error || !error->name[0])
		return MNPEN_E_NONE;
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (!strcmp(errors[i].name, error->name))
			return errors[i].kind;
	return MNPEN_E_OTHER;
}
