// SPDX-License-Identifier: LGPL-2.1-or-later
/* Stop: on a connection at hand, or by whichever socket opens. */
#include "internal.h"

#include <errno.h>

int mnpen_stop(struct mnpen_client *client, const char *pen_id, int timeout_ms,
	       char **stopped, struct mnpen_error *error)
{
	return call_json(client, "Stop",
			 pen_id ? json_pack("{s:s}", "penId", pen_id) :
				  json_object(),
			 timeout_ms, stopped, error);
}

int mnpen_stop_all(const char *pen_id, int timeout_ms, char **stopped,
		   struct mnpen_error *error)
{
	static const enum mnpen_role order[] = { MNPEN_OPERATE, MNPEN_OBSERVE,
						 MNPEN_ADMIN };
	struct mnpen_client *client;
	int r, result = 0;
	size_t i;

	if (stopped)
		*stopped = NULL;
	mnpen_error_clear(error);
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		r = mnpen_client_open(NULL, order[i], &client);
		if (!r) {
			r = mnpen_stop(client, pen_id, timeout_ms, stopped,
				       error);
			mnpen_client_close(client);
		}
		if (!r || r == -EREMOTEIO || r == -EINVAL)
			return r;
		if (result != -EACCES)
			result = r;
	}
	return result;
}
