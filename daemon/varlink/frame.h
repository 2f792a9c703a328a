/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames: a message is the bytes up to one 0x00. Knows nothing of JSON, of
 * sockets or of time. One thread at a time.
 */
#ifndef MNPEN_VARLINK_FRAME_H
#define MNPEN_VARLINK_FRAME_H

#include <event2/buffer.h>
#include <stddef.h>

enum frame_state {
	FRAME_PARTIAL,		/* the terminating 0x00 has not come yet */
	FRAME_READY,
	FRAME_TOO_LONG,		/* more than max bytes before the 0x00 */
};

/*
 * Looks for the first frame in the buffer. *scanned is how many bytes from the
 * front are known to hold no 0x00: start with 0, keep it between calls, so that
 * a peer that sends single bytes costs no more than one that sends them all.
 * FRAME_READY sets *len to the bytes before the 0x00 and leaves all of them in
 * the buffer; take them out with frame_drain().
 */
enum frame_state frame_next(struct evbuffer *in, size_t *scanned, size_t max,
			    size_t *len);
/* Removes a frame that frame_next() found, with its 0x00. */
void frame_drain(struct evbuffer *in, size_t *scanned, size_t len);

#endif /* MNPEN_VARLINK_FRAME_H */
