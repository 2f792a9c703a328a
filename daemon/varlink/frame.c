// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/varlink/frame.h"

enum frame_state frame_next(struct evbuffer *in, size_t *scanned, size_t max,
			    size_t *len)
{
	size_t have = evbuffer_get_length(in);
	struct evbuffer_ptr from, at;

	if (have > *scanned) {
		if (evbuffer_ptr_set(in, &from, *scanned, EVBUFFER_PTR_SET) < 0)
			return FRAME_TOO_LONG;
		at = evbuffer_search(in, "", 1, &from);
		if (at.pos >= 0) {
			*len = (size_t)at.pos;
			return *len <= max ? FRAME_READY : FRAME_TOO_LONG;
		}
		*scanned = have;
	}
	return have <= max ? FRAME_PARTIAL : FRAME_TOO_LONG;
}

void frame_drain(struct evbuffer *in, size_t *scanned, size_t len)
{
	evbuffer_drain(in, len + 1);
	*scanned = 0;
}
