/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_FUZZ_FUZZ_VARLINK_H
#define TESTS_FUZZ_FUZZ_VARLINK_H

#include <stddef.h>
#include <stdint.h>

/* Two bytes per step: one of these (modulo 8) and an argument. */
enum fuzz_step {
	FUZZ_SEND,	/* argument: how many of the following bytes */
	FUZZ_SEND_END,	/* a 0x00 */
	FUZZ_CALL,	/* argument: which ready-made call */
	FUZZ_ANSWER,	/* argument: how, and which held call */
	FUZZ_ANSWERS,	/* 64 of them */
	FUZZ_READ,
	FUZZ_CLOSE,	/* and come back */
	FUZZ_SHUT,	/* one direction */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* The server lives from one input to the next; this ends it. */
void fuzz_varlink_free(void);

#endif /* TESTS_FUZZ_FUZZ_VARLINK_H */
