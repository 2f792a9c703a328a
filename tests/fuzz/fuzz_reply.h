/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_FUZZ_FUZZ_REPLY_H
#define TESTS_FUZZ_FUZZ_REPLY_H

#include <stddef.h>
#include <stdint.h>

/* Two bytes per step: one of these (modulo 8) and an argument. */
enum reply_step {
	REPLY_BYTES,	/* argument: how many of the following bytes */
	REPLY_END,	/* a 0x00 */
	REPLY_GOOD,	/* argument: which ready-made reply, whole or cut */
	REPLY_CALL,	/* the client calls: waits for an answer */
	REPLY_STREAM,	/* the client asks for a stream */
	REPLY_ONEWAY,
	REPLY_PROCESS,
	REPLY_CLOSE,	/* the server hangs up */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* TESTS_FUZZ_FUZZ_REPLY_H */
